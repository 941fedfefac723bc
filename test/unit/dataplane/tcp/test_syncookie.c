/*
 * SYN cookies: when they begin and end, what they keep, which ACKs are believed, and what they cost.
 */
#include "test/unit/dataplane/tcp/tcp_fixture.h"

#define PERIOD (67108864ull) /* us: 2^24 ticks of 4 us */

/* A stack that a flood has brought to cookies: of four places two are taken. */
static void
flooded(void)
{
	start_defaults();
	settings.half_open_max = 4;
	start();
	RX(.flags = SYN, .port = 1);
	peer.snd = 0;
	RX(.flags = SYN, .port = 2);
	peer.snd = 0;
	tx_all();
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_cookies_sent), 0);
	peer.rcv = 0;
}

/* The peer's SYN and our cookie. */
static struct seg
cookie(void)
{
	uint32_t open = tcp_open_count(tcp);
	struct seg s;

	CU_ASSERT_EQUAL(RX(.flags = SYN), DROP_none);
	s = tx();
	CU_ASSERT_EQUAL(s.flags, SYN | ACK);
	CU_ASSERT_EQUAL(s.ack, 1);
	CU_ASSERT_EQUAL(tcp_open_count(tcp), open);
	return s;
}

static void
open_by_cookie(void)
{
	cookie();
	CU_ASSERT_EQUAL(RX(.flags = ACK), DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN);
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
}

static void
cookie_under_pressure_keeps_nothing(void)
{
	flooded();
	for (unsigned i = 0; i < 1000; i++) {
		RX(.flags = SYN, .port = (uint16_t)(100 + i));
		peer.snd = 0;
		CU_ASSERT_EQUAL(tx_all(), 1);
	}
	CU_ASSERT_EQUAL(tcp_open_count(tcp), 2);
	CU_ASSERT_EQUAL(tcp->half_open, 2);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_cookies_sent), 1000);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_cookies_accepted), 0);
	finish_open();
}

static void
cookie_keeps_all_options_with_timestamps(void)
{
	struct seg s;

	flooded();
	peer.scale = 7;
	peer.ts = true;
	peer.mss = 1400;
	s = cookie();
	CU_ASSERT_EQUAL(s.mss, 1460);
	CU_ASSERT_EQUAL(s.scale, 6);
	CU_ASSERT(s.sack_ok && s.has_ts);
	CU_ASSERT_EQUAL(s.ecr, (uint32_t)(now_us / 1000));
	CU_ASSERT_EQUAL(s.window, 65535);
	pass_us(20 * MS);
	CU_ASSERT_EQUAL(RX(.flags = ACK, .window = 1000), DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN);
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	CU_ASSERT_EQUAL(conn()->snd_wnd, 128000);
	CU_ASSERT_EQUAL(conn()->mss, 1388);
	CU_ASSERT_EQUAL(conn()->rcv_scale, 6);
	CU_ASSERT_EQUAL(conn()->rcv_adv - conn()->rcv_nxt, 65535);
	CU_ASSERT(conn()->flags & CONN_SACK);
	CU_ASSERT(conn()->flags & CONN_TIMESTAMPS);
	CU_ASSERT_EQUAL(conn()->srtt_us, 0); /* the echo is too coarse to measure by */
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_cookies_accepted), 1);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_conns_accepted), 1);
	CU_ASSERT_EQUAL(tcp->half_open, 2);
	/* and it works */
	app_send(100);
	s = tx();
	CU_ASSERT_EQUAL(s.len, 100);
	CU_ASSERT(s.has_ts);
	RX(.len = 50);
	CU_ASSERT_EQUAL(got(), 50);
	CU_ASSERT_EQUAL(tcp_send_queued(tcp, id), 0);
	finish_open();
}

/* What each option is without the others. */
static void
cookie_keeps_each_option_alone(void)
{
	flooded();
	peer.ts = true;
	peer.sack = false;
	peer.scale = -1;
	CU_ASSERT(!cookie().sack_ok);
	RX(.flags = ACK, .window = 500);
	events();
	CU_ASSERT_EQUAL(conn()->snd_wnd, 500);
	CU_ASSERT_EQUAL(conn()->flags & (CONN_SACK | CONN_SCALE), 0);
	CU_ASSERT_EQUAL(conn()->rcv_scale, 0);

	for (int scale = 0; scale <= 14; scale++) {
		id = TCP_NONE;
		peer.theirs.port++;
		peer.snd = peer.rcv = 0;
		peer.scale = scale;
		CU_ASSERT_EQUAL(cookie().scale, 6);
		pass_us(17 * MS); /* another clock each time */
		RX(.flags = ACK, .window = 3);
		events();
		CU_ASSERT_EQUAL(conn()->snd_wnd, 3u << scale);
		CU_ASSERT_EQUAL(conn()->flags & (CONN_SACK | CONN_SCALE), CONN_SCALE);
	}
	finish_open();
}

static void
ecn_cookie(bool wanted, uint8_t flags, bool timestamps, bool agreed)
{
	struct tcp_profile profile;

	flooded();
	profile = settings.profile;
	profile.ecn = wanted;
	tcp_set_profile(tcp, TCP_PROFILE_DEFAULT, &profile);
	peer.ts = timestamps;
	CU_ASSERT_EQUAL(RX(.flags = SYN, .ecn = flags), DROP_none);
	CU_ASSERT_EQUAL(tx().ecn, agreed ? SEG_ECE : 0);
	RX();
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN);
	CU_ASSERT_EQUAL(!!(conn()->flags & CONN_ECN), agreed);
	finish_open();
}

/* RFC 3168 6.1.1 */
static void
cookie_keeps_ecn_with_timestamps(void)
{
	ecn_cookie(true, SEG_ECE | SEG_CWR, true, true);
	ecn_cookie(true, 0, true, false);
	ecn_cookie(true, SEG_ECE, true, false);
	ecn_cookie(false, SEG_ECE | SEG_CWR, true, false);
	ecn_cookie(true, SEG_ECE | SEG_CWR, false, false);
}

/* Without timestamps there is no place for the scale: neither side has one. */
static void
cookie_without_timestamps_keeps_mss_only(void)
{
	struct seg s;

	flooded();
	peer.scale = 7;
	s = cookie();
	CU_ASSERT(!s.sack_ok && !s.has_ts && s.scale == -1);
	RX(.flags = ACK, .window = 1000);
	events();
	CU_ASSERT_EQUAL(conn()->snd_wnd, 1000);
	CU_ASSERT_EQUAL(conn()->rcv_scale, 0);
	CU_ASSERT_EQUAL(conn()->flags & (CONN_SACK | CONN_SCALE | CONN_TIMESTAMPS), 0);
	finish_open();
}

static void
cookie_mss_is_never_above_the_offer(void)
{
	static const uint16_t offered[] = { 0,    1,    64,   535,  536,  1219, 1220, 1299,
					    1300, 1359, 1399, 1400, 1439, 1452, 1460, 9000 };
	static const uint16_t kept[] = { 536,  64,   64,   64,   536,  536,  1220, 1220,
					 1300, 1300, 1360, 1400, 1400, 1440, 1460, 1460 };

	flooded();
	for (unsigned i = 0; i < ARRAY_SIZE(offered); i++) {
		id = TCP_NONE;
		peer.theirs.port++;
		peer.snd = peer.rcv = 0;
		peer.mss = offered[i];
		open_by_cookie();
		CU_ASSERT_EQUAL(conn()->mss, kept[i]);
	}
	finish_open();
}

static void
cookie_data_and_fin_with_last_ack_are_taken(void)
{
	flooded();
	cookie();
	CU_ASSERT_EQUAL(RX(.flags = FIN | ACK, .len = 100), DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN | TCP_EVENT_READABLE | TCP_EVENT_EOF);
	CU_ASSERT_EQUAL(got(), 100);
	TX(ACK, 1, 0, 102);
	CU_ASSERT_EQUAL(state(), TCP_CLOSE_WAIT);
	finish_open();
}

/* The ACK was lost: the first data carry the cookie as well. */
static void
cookie_of_late_data_is_good_for_two_periods(void)
{
	flooded();
	peer.ts = true;
	cookie();
	pass_us(PERIOD - SECOND);
	CU_ASSERT_EQUAL(RX(.len = 10), DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN | TCP_EVENT_READABLE);
	finish_open();
}

static void
cookie_is_too_old_after_two_periods(void)
{
	flooded();
	cookie();
	pass_us(PERIOD + SECOND);
	/* another one is out, so that ACKs are looked at */
	CU_ASSERT_EQUAL(tcp->half_open, 0);
	RX(.flags = SYN, .port = 11, .seq = 5000);
	RX(.flags = SYN, .port = 12, .seq = 5000);
	RX(.flags = SYN, .port = 13, .seq = 5000);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_cookies_sent), 2);
	CU_ASSERT(tcp_cookie_is_out(tcp, now_us));
	pass_us(PERIOD);
	CU_ASSERT(tcp_cookie_is_out(tcp, now_us));
	tcp->reset_count = tcp->cookie_count = 0;
	CU_ASSERT_EQUAL(RX(.flags = ACK), DROP_tcp_cookie_invalid);
	finish_open();
}

static void
cookie_wrong_in_anything_is_reset(void)
{
	flooded();
	peer.ts = true;
	cookie();
	CU_ASSERT_EQUAL(RX(.ack = 2), DROP_tcp_cookie_invalid);
	TX(RST, 2, 0, 0);
	CU_ASSERT_EQUAL(RX(.ack = 1 + (1u << 24)), DROP_tcp_cookie_invalid);
	CU_ASSERT_EQUAL(RX(.seq = 2), DROP_tcp_cookie_invalid);
	CU_ASSERT_EQUAL(RX(.port = 5001), DROP_tcp_cookie_invalid);
	CU_ASSERT_EQUAL(RX(.ecr = peer.ts_seen + 1000), DROP_tcp_cookie_invalid);
	CU_ASSERT_EQUAL(RX(.ecr = peer.ts_seen - 140000), DROP_tcp_cookie_invalid);
	CU_ASSERT_EQUAL(RX(.flags = SYN | ACK), DROP_tcp_no_connection);
	CU_ASSERT_EQUAL(tx_all(), 6);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_cookies_accepted), 0);
	CU_ASSERT_EQUAL(RX(.flags = ACK), DROP_none);
	finish_open();
}

/* Text from behind one that was lost: the peer repeats it from the beginning. */
static void
cookie_with_later_text_is_neither_believed_nor_reset(void)
{
	flooded();
	peer.ts = true;
	cookie();
	CU_ASSERT_EQUAL(RX(.seq = 101, .len = 100), DROP_tcp_cookie_invalid);
	CU_ASSERT_EQUAL(RX(.seq = 201, .flags = FIN | ACK), DROP_tcp_cookie_invalid);
	TX_NONE();
	CU_ASSERT_EQUAL(RX(.seq = 1, .len = 100), DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN | TCP_EVENT_READABLE);
	finish_open();
}

/* Of the 2^21 numbers from a good one to the next size's none is good. */
static void
cookie_neighbours_are_refused(void)
{
	flooded();
	cookie();
	for (uint32_t i = 1; i < 1u << 21; i = i < 100 ? i + 1 : i + 5003) {
		CU_ASSERT_EQUAL(RX(.ack = 1 + i), DROP_tcp_cookie_invalid);
		tcp->reset_count = 0;
	}
	finish_open();
}

/* Without a cookie out, a stray ACK is what it always was. */
static void
cookie_is_not_believed_when_none_was_sent(void)
{
	start();
	CU_ASSERT(!tcp_cookie_is_out(tcp, now_us));
	CU_ASSERT_EQUAL(RX(.flags = ACK, .ack = 77), DROP_tcp_no_connection);
	TX(RST, 77, 0, 0);
	finish();
	flooded();
	cookie();
	pass_us(2 * PERIOD + SECOND);
	tx_all();
	CU_ASSERT(!tcp_cookie_is_out(tcp, now_us));
	CU_ASSERT_EQUAL(RX(.flags = ACK), DROP_tcp_no_connection);
	finish_open();
}

static void
cookie_bad_acks_get_a_limited_number_of_resets(void)
{
	unsigned sent = 0;

	flooded();
	cookie();
	for (unsigned i = 0; i < 1500; i++) {
		CU_ASSERT_EQUAL(RX(.flags = ACK, .ack = 100000 + i), DROP_tcp_cookie_invalid);
		sent += tx_all();
	}
	CU_ASSERT_EQUAL(sent, 1000);
	finish_open();
}

static void
cookies_end_when_the_queue_is_nearly_empty(void)
{
	start_defaults();
	settings.half_open_max = 8;
	start();
	for (uint16_t port = 1; port <= 4; port++) {
		RX(.flags = SYN, .port = port);
		peer.snd = 0;
	}
	RX(.flags = SYN, .port = 5);
	peer.snd = 0;
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_cookies_sent), 1);
	tcp_conn_close(tcp, conn_at(tcp, 0), TCP_CLOSE_TIMEOUT);
	RX(.flags = SYN, .port = 6); /* three of eight: still */
	peer.snd = 0;
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_cookies_sent), 2);
	tcp_conn_close(tcp, conn_at(tcp, 1), TCP_CLOSE_TIMEOUT);
	RX(.flags = SYN, .port = 7);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_cookies_sent), 2);
	CU_ASSERT_EQUAL(tcp->half_open, 3);
	finish_open();
}

static void
flood_shortens_the_wait_of_the_half_open(void)
{
	flooded();
	pass_us(8 * SECOND); /* 1 + 2 + 4; then one is left, and the flood is over */
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_timeouts), 1);
	CU_ASSERT_EQUAL(tcp->half_open, 1);
	pass_us(56 * SECOND); /* 8 + 16 + 32 */
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_timeouts), 2);
	tx_all();
	finish();
}

/* The ring is drained with each turn; what does not fit is the sender's problem. */
static void
cookie_ring_full_refuses_syn(void)
{
	flooded();
	for (unsigned i = 0; i < TCP_COOKIES_QUEUED; i++) {
		CU_ASSERT_EQUAL(RX(.flags = SYN, .port = (uint16_t)(1000 + i)), DROP_none);
		peer.snd = 0;
	}
	CU_ASSERT(tcp_has_output(tcp));
	CU_ASSERT_EQUAL(RX(.flags = SYN), DROP_tcp_syn_queue_full);
	CU_ASSERT_EQUAL(tx_all(), TCP_COOKIES_QUEUED);
	CU_ASSERT(!tcp_has_output(tcp));
	CU_ASSERT_EQUAL(RX(.flags = SYN), DROP_none);
	finish_open();
}

static void
cookie_without_mbuf_waits(void)
{
	flooded();
	RX(.flags = SYN);
	pool_leave(0);
	TX_NONE();
	CU_ASSERT(tcp_has_output(tcp));
	pool_refill();
	CU_ASSERT_EQUAL(tx().flags, SYN | ACK);
	finish_open();
}

static unsigned spared;

static bool
spare(void *context)
{
	spared++;
	if (id == TCP_NONE)
		return false;
	tcp_abort(tcp, id, now_us);
	id = TCP_NONE;
	return true;
}

/* Nobody loses a connection to a SYN; to one that has proved its address, yes. */
static void
cookie_spares_others_until_it_is_returned(void)
{
	struct tcp_host host;

	start_defaults();
	settings.conns = 1;
	start();
	established();
	host = *tcp->host;
	host.spare = spare;
	tcp->host = &host;
	spared = 0;
	peer.theirs.port++;
	peer.snd = peer.rcv = 0;
	cookie();
	CU_ASSERT_EQUAL(spared, 0);
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	CU_ASSERT_EQUAL(RX(.flags = ACK), DROP_none);
	CU_ASSERT_EQUAL(spared, 1);
	CU_ASSERT_EQUAL(tcp_open_count(tcp), 1);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN);
	finish_open();
}

static void
cookie_returned_to_a_full_pool_waits(void)
{
	struct tcp_host host;

	start_defaults();
	settings.conns = 1;
	start();
	established();
	host = *tcp->host;
	host.spare = spare;
	tcp->host = &host;
	peer.theirs.port++;
	peer.snd = peer.rcv = 0;
	cookie();
	tcp_abort(tcp, id, now_us);
	tx_all();
	peer.theirs.port++;
	peer.snd = 0;
	id = TCP_NONE;
	RX(.flags = SYN); /* the last place is taken by another one */
	peer.theirs.port--;
	CU_ASSERT_EQUAL(RX(.flags = ACK, .seq = 1), DROP_tcp_conn_table_full);
	finish_open();
}

static uint32_t profile_number;

static uint32_t
profile_of(void *context, const struct endpoint *local)
{
	return profile_number;
}

static void
cookie_offers_what_the_profile_says(void)
{
	struct tcp_profile small;
	struct tcp_host host;
	struct seg s;

	flooded();
	host = *tcp->host;
	host.profile = profile_of;
	tcp->host = &host;
	profile_number = 3;
	small = settings.profile;
	small.receive_buffer_bytes = 16384;
	tcp_set_profile(tcp, 3, &small);
	peer.ts = true;
	peer.scale = 2;
	s = cookie();
	CU_ASSERT_EQUAL(s.window, 16384);
	CU_ASSERT_EQUAL(s.scale, 0);
	RX(.flags = ACK);
	events();
	CU_ASSERT_EQUAL(conn()->profile, 3);
	CU_ASSERT_EQUAL(conn()->rcv_scale, 0);
	CU_ASSERT_EQUAL(conn()->rcv_adv - conn()->rcv_nxt, 16384);
	finish_open();
}

/* The peer would read each window wrong: better none. */
static void
cookie_of_another_scale_is_refused(void)
{
	struct tcp_profile small;

	flooded();
	peer.ts = true;
	peer.scale = 2;
	cookie();
	small = settings.profile;
	small.receive_buffer_bytes = 16384;
	tcp_set_profile(tcp, TCP_PROFILE_DEFAULT, &small);
	CU_ASSERT_EQUAL(RX(.flags = ACK), DROP_tcp_cookie_invalid);
	finish_open();
}

/* One clock for both kinds of numbers, RFC 6528; a new period is a larger number. */
static void
cookie_numbers_grow_with_the_clock(void)
{
	uint32_t first, second, isn;

	flooded();
	cookie();
	first = peer.irs;
	isn = tcp_isn(tcp, &peer.ours, &peer.theirs, now_us);
	CU_ASSERT_EQUAL((isn - first + (1u << 24)) >> 25, 0);
	peer.snd = peer.rcv = 0;
	tcp->syn_flood = true;
	now_us += PERIOD;
	cookie();
	second = peer.irs;
	CU_ASSERT(seq_gt(second, first));
	CU_ASSERT((second - first) >> 25 == 0);
	finish_open();
}

static void
cookie_ts_is_never_ahead_of_the_clock(void)
{
	flooded();
	peer.ts = true;
	peer.scale = 14;
	for (unsigned i = 0; i < 130; i++) {
		uint32_t clock =
		    (uint32_t)(now_us / 1000) + tcp_ts_offset(tcp, &peer.ours, &peer.theirs);
		struct seg s = cookie();

		CU_ASSERT(clock - s.ts <= 64);
		peer.snd = peer.rcv = 0;
		now_us += MS;
	}
	finish_open();
}

/* A SYN that ends a TIME-WAIT must get a number above the old ones: never a cookie. */
static void
cookie_is_not_for_those_in_time_wait(void)
{
	start_defaults();
	settings.half_open_max = 4;
	start();
	time_wait();
	tcp_release(tcp, id, now_us);
	RX(.flags = SYN, .port = 1, .seq = 70000);
	RX(.flags = SYN, .port = 2, .seq = 70000);
	tx_all();
	CU_ASSERT(tcp_cookie_wanted(tcp));
	id = TCP_NONE;
	peer.snd = 70000;
	peer.iss += 70000;
	peer.snd = 0;
	RX(.flags = SYN);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_cookies_sent), 0);
	CU_ASSERT_EQUAL(tcp->half_open, 3);
	CU_ASSERT_EQUAL(tx().flags, SYN | ACK);
	finish_open();
}

/* With no place for half-open ones at all the old connection stays; its answer brings the peer's RST. */
static void
time_wait_stays_when_no_place_is_left(void)
{
	start_defaults();
	settings.half_open_max = 1;
	start();
	time_wait();
	tcp_release(tcp, id, now_us);
	RX(.flags = SYN, .port = 1, .seq = 70000);
	tx_all();
	RX(.flags = SYN, .seq = 70000);
	CU_ASSERT_EQUAL(tcp->half_open, 1);
	CU_ASSERT_EQUAL(state(), TCP_TIME_WAIT);
	finish_open();
}

/* A copy of the ACK that comes again finds the connection. */
static void
cookie_returned_twice_opens_once(void)
{
	flooded();
	open_by_cookie();
	RX(.flags = ACK, .seq = 1);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_cookies_accepted), 1);
	CU_ASSERT_EQUAL(tcp_open_count(tcp), 3);
	finish_open();
}

CU_TestInfo test_syncookie[] = {
	{ "cookie_under_pressure_keeps_nothing", cookie_under_pressure_keeps_nothing },
	{ "cookie_keeps_all_options_with_timestamps", cookie_keeps_all_options_with_timestamps },
	{ "cookie_keeps_each_option_alone", cookie_keeps_each_option_alone },
	{ "cookie_keeps_ecn_with_timestamps", cookie_keeps_ecn_with_timestamps },
	{ "cookie_without_timestamps_keeps_mss_only", cookie_without_timestamps_keeps_mss_only },
	{ "cookie_mss_is_never_above_the_offer", cookie_mss_is_never_above_the_offer },
	{ "cookie_data_and_fin_with_last_ack_are_taken",
	  cookie_data_and_fin_with_last_ack_are_taken },
	{ "cookie_of_late_data_is_good_for_two_periods",
	  cookie_of_late_data_is_good_for_two_periods },
	{ "cookie_is_too_old_after_two_periods", cookie_is_too_old_after_two_periods },
	{ "cookie_wrong_in_anything_is_reset", cookie_wrong_in_anything_is_reset },
	{ "cookie_with_later_text_is_neither_believed_nor_reset",
	  cookie_with_later_text_is_neither_believed_nor_reset },
	{ "cookie_neighbours_are_refused", cookie_neighbours_are_refused },
	{ "cookie_is_not_believed_when_none_was_sent", cookie_is_not_believed_when_none_was_sent },
	{ "cookie_bad_acks_get_a_limited_number_of_resets",
	  cookie_bad_acks_get_a_limited_number_of_resets },
	{ "cookies_end_when_the_queue_is_nearly_empty",
	  cookies_end_when_the_queue_is_nearly_empty },
	{ "flood_shortens_the_wait_of_the_half_open", flood_shortens_the_wait_of_the_half_open },
	{ "cookie_ring_full_refuses_syn", cookie_ring_full_refuses_syn },
	{ "cookie_without_mbuf_waits", cookie_without_mbuf_waits },
	{ "cookie_spares_others_until_it_is_returned", cookie_spares_others_until_it_is_returned },
	{ "cookie_returned_to_a_full_pool_waits", cookie_returned_to_a_full_pool_waits },
	{ "cookie_offers_what_the_profile_says", cookie_offers_what_the_profile_says },
	{ "cookie_of_another_scale_is_refused", cookie_of_another_scale_is_refused },
	{ "cookie_numbers_grow_with_the_clock", cookie_numbers_grow_with_the_clock },
	{ "cookie_ts_is_never_ahead_of_the_clock", cookie_ts_is_never_ahead_of_the_clock },
	{ "cookie_is_not_for_those_in_time_wait", cookie_is_not_for_those_in_time_wait },
	{ "time_wait_stays_when_no_place_is_left", time_wait_stays_when_no_place_is_left },
	{ "cookie_returned_twice_opens_once", cookie_returned_twice_opens_once },
	CU_TEST_INFO_NULL,
};
