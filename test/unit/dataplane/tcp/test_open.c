/* How a connection begins: RFC 9293 3.5, 3.10.7.2, 3.10.7.3 and SYN-RECEIVED of 3.10.7.4. */
#include "test/unit/dataplane/tcp/tcp_fixture.h"

static void
accept_three_segments_opens(void)
{
	struct seg s;

	start();
	peer.scale = 7;
	peer.ts = true;
	CU_ASSERT_EQUAL(RX(.flags = SYN, .ts = 77), DROP_none);
	CU_ASSERT(!tcp_has_news(tcp));
	s = tx();
	CU_ASSERT_EQUAL(s.flags, SYN | ACK);
	CU_ASSERT_EQUAL(s.ack, 1);
	CU_ASSERT_EQUAL(s.mss, 1460);
	CU_ASSERT_EQUAL(s.scale, 6); /* 2 MB */
	CU_ASSERT(s.sack_ok && s.has_ts);
	CU_ASSERT_EQUAL(s.ecr, 77);
	CU_ASSERT_EQUAL(s.window, 65535);
	CU_ASSERT_EQUAL(RX(.flags = ACK, .window = 1000), DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN);
	CU_ASSERT_EQUAL(conn()->snd_wnd, 128000);
	CU_ASSERT_EQUAL(conn()->mss, 988); /* timestamps off the offer */
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_conns_accepted), 1);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_conns_open), 1);
	tcp_abort(tcp, id, now_us);
	TX(RST | ACK, 1, 0, 1);
	finish();
}

static void
accept_syn_without_options_negotiates_nothing(void)
{
	struct seg s;

	start();
	peer.mss = 0;
	peer.sack = false;
	RX(.flags = SYN);
	s = tx();
	CU_ASSERT(!s.sack_ok && !s.has_ts && s.scale == -1);
	RX(.flags = ACK, .window = 500);
	events();
	CU_ASSERT_EQUAL(conn()->mss, 536); /* RFC 9293 3.7.1 */
	CU_ASSERT_EQUAL(conn()->snd_wnd, 500);
	finish_open();
}

static void
accept_tiny_mss_is_raised(void)
{
	start();
	peer.mss = 1;
	established();
	CU_ASSERT_EQUAL(conn()->mss, 64);
	finish_open();
}

static void
accept_large_scale_is_capped(void)
{
	start();
	peer.scale = 15;
	established();
	CU_ASSERT_EQUAL(conn()->snd_scale, 14);
	finish_open();
}

static void
accept_data_with_last_ack_is_readable(void)
{
	start();
	syn_received();
	CU_ASSERT_EQUAL(RX(.len = 10), DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN | TCP_EVENT_READABLE);
	CU_ASSERT_EQUAL(got(), 10);
	finish_open();
}

static void
accept_data_beside_syn_comes_again(void)
{
	start();
	CU_ASSERT_EQUAL(RX(.flags = SYN, .len = 10), DROP_none);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_syn_text_ignored), 1);
	TX(SYN | ACK, 0, 0, 1);
	peer.snd = 1;
	RX(.len = 10);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN | TCP_EVENT_READABLE);
	CU_ASSERT_EQUAL(got(), 10);
	finish_open();
}

static void
accept_repeated_syn_repeats_syn_ack(void)
{
	start();
	syn_received();
	peer.snd = 0;
	CU_ASSERT_EQUAL(RX(.flags = SYN), DROP_tcp_duplicate);
	TX(SYN | ACK, 0, 0, 1);
	TX_NONE();
	CU_ASSERT_EQUAL(tcp_open_count(tcp), 1);
	finish_open();
}

/* Not both at once, which one full queue would swallow; and who has just spoken is not given up. */
static void
accept_repeated_syn_puts_off_our_own_repetition(void)
{
	uint64_t began_us;

	start();
	syn_received();
	peer.snd = 0;
	began_us = now_us;
	for (unsigned i = 0; i < TCP_SYN_ACK_RETRIES; i++) {
		pass_us(began_us + (SECOND << (i + 1)) - SECOND - MS - now_us);
		RX(.flags = SYN);
		TX(SYN | ACK, 0, 0, 1);
		pass_us((SECOND << i) - MS);
		TX_NONE();
		pass_us(2 * MS);
		TX(SYN | ACK, 0, 0, 1);
	}
	pass_us(began_us + 63 * SECOND - MS - now_us);
	RX(.flags = SYN);
	TX(SYN | ACK, 0, 0, 1);
	pass_us(31 * SECOND);
	peer.snd = 1;
	CU_ASSERT_EQUAL(RX(.len = 10), DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN | TCP_EVENT_READABLE);
	CU_ASSERT_EQUAL(got(), 10);
	finish_open();
}

static void
accept_repeated_syn_keeps_no_place_for_ever(void)
{
	start();
	syn_received();
	peer.snd = 0;
	for (unsigned i = 0; i < 2 * 95; i++) {
		pass_us(SECOND / 2);
		CU_ASSERT_EQUAL(RX(.flags = SYN), DROP_tcp_duplicate);
		tx_all();
	}
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_timeouts), 0);
	pass_us(SECOND);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_timeouts), 1);
	finish();
}

/* Karn: nobody knows which of the two SYN,ACKs was heard. */
static void
accept_repeated_syn_is_no_sample(void)
{
	start();
	peer.ts = false;
	syn_received();
	peer.snd = 0;
	pass_us(900 * MS);
	RX(.flags = SYN);
	TX(SYN | ACK, 0, 0, 1);
	pass_us(MS);
	peer.snd = 1;
	RX();
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN);
	CU_ASSERT_EQUAL(conn()->srtt_us, 0);
	finish_open();
}

static void
accept_lost_syn_ack_is_repeated_with_backoff(void)
{
	start();
	syn_received();
	for (unsigned i = 0; i < TCP_SYN_ACK_RETRIES; i++) {
		pass_us((SECOND << i) - MS);
		TX_NONE();
		pass_us(2 * MS);
		TX(SYN | ACK, 0, 0, 1);
		now_us -= MS;
	}
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_retransmits), TCP_SYN_ACK_RETRIES);
	pass_us(64 * SECOND);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_timeouts), 1);
	CU_ASSERT(!tcp_has_news(tcp)); /* nobody knew it */
	finish();
}

static void
accept_wrong_ack_is_reset(void)
{
	start();
	syn_received();
	CU_ASSERT_EQUAL(RX(.ack = 2), DROP_tcp_ack_unacceptable);
	TX(RST, 2, 0, 0);
	CU_ASSERT_EQUAL(tcp->half_open, 1);
	finish_open();
}

static void
accept_reset_in_syn_received_returns_to_listen(void)
{
	start();
	syn_received();
	CU_ASSERT_EQUAL(RX(.flags = RST), DROP_none);
	TX_NONE();
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_resets_received), 1);
	finish();
}

static void
accept_segment_without_ack_in_syn_received_is_refused(void)
{
	start();
	syn_received();
	CU_ASSERT_EQUAL(RX(.flags = NO_FLAGS, .len = 5), DROP_tcp_flags);
	finish_open();
}

/* A client that has restarted behind a half-open connection: the answer makes it send a RST. */
static void
accept_other_syn_in_syn_received_is_challenged(void)
{
	start();
	syn_received();
	CU_ASSERT_EQUAL(RX(.flags = SYN, .seq = 5000), DROP_tcp_syn_in_window);
	TX(ACK, 1, 0, 1);
	CU_ASSERT_EQUAL(RX(.flags = SYN, .seq = 500000), DROP_tcp_sequence);
	TX(ACK, 1, 0, 1);
	finish_open();
}

/* Beyond the limit nothing is kept: see test_syncookie. */
static void
accept_too_many_half_open_answers_by_cookie(void)
{
	start_defaults();
	settings.half_open_max = 2;
	start();
	RX(.flags = SYN, .port = 1);
	tx_all();
	peer.snd = 1;
	peer.rcv = 1;
	peer.irs = conn_at(tcp, 0)->iss;
	CU_ASSERT_EQUAL(RX(.flags = SYN, .seq = 5000, .port = 3), DROP_none);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_cookies_sent), 1);
	CU_ASSERT_EQUAL(tcp->half_open, 1);
	RX(.port = 1); /* it is open now */
	peer.snd = 0;
	CU_ASSERT_EQUAL(RX(.flags = SYN, .port = 3), DROP_none);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_cookies_sent), 1);
	CU_ASSERT_EQUAL(tcp->half_open, 1);
	finish_open();
}

static void
accept_no_conn_left_refuses_syn_until_one_is_free(void)
{
	start_defaults();
	settings.conns = 1;
	start();
	established();
	peer.snd = 0;
	CU_ASSERT_EQUAL(RX(.flags = SYN, .port = 9), DROP_tcp_conn_table_full);
	tcp_abort(tcp, id, now_us);
	tx_all();
	CU_ASSERT_EQUAL(RX(.flags = SYN, .port = 9), DROP_none);
	finish_open();
}

static void
listen_unwanted_segments_are_answered_or_ignored(void)
{
	start();
	CU_ASSERT_EQUAL(RX(.flags = RST), DROP_tcp_no_connection);
	TX_NONE();
	CU_ASSERT_EQUAL(RX(.flags = ACK, .ack = 77), DROP_tcp_no_connection);
	TX(RST, 77, 0, 0);
	CU_ASSERT_EQUAL(RX(.flags = SYN | ACK, .ack = 78), DROP_tcp_no_connection);
	TX(RST, 78, 0, 0);
	CU_ASSERT_EQUAL(RX(.flags = NO_FLAGS), DROP_tcp_flags);
	CU_ASSERT_EQUAL(RX(.flags = FIN), DROP_tcp_flags);
	TX_NONE();
	finish();
}

/* An attack of 1997: we would answer ourselves. */
static void
listen_segment_from_its_own_destination_is_dropped(void)
{
	start();
	peer.theirs = peer.ours;
	CU_ASSERT_EQUAL(RX(.flags = SYN), DROP_tcp_land);
	CU_ASSERT_EQUAL(RX(.flags = ACK), DROP_tcp_land);
	TX_NONE();
	finish();
}

/* ACKs to no connection: each counted, a limited number answered. */
static void
listen_ack_flood_gets_a_limited_number_of_resets(void)
{
	unsigned sent = 0;

	start();
	for (unsigned i = 0; i < 5000; i++) {
		CU_ASSERT_EQUAL(RX(.flags = ACK, .ack = i + 1, .port = (uint16_t)(1 + i)),
				DROP_tcp_no_connection);
		sent += tx_all();
	}
	CU_ASSERT_EQUAL(sent, 1000);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_resets_withheld), 4000);
	CU_ASSERT_EQUAL(tcp_open_count(tcp), 0);
	finish();
}

static void
closed_port_answers_reset(void)
{
	start();
	CU_ASSERT_EQUAL(RX(.flags = SYN, .to_port = 81, .len = 3), DROP_tcp_no_listener);
	TX(RST | ACK, 0, 0, 4);
	CU_ASSERT_EQUAL(RX(.flags = FIN, .to_port = 81), DROP_tcp_no_connection);
	TX(RST | ACK, 0, 0, 1);
	CU_ASSERT_EQUAL(RX(.flags = RST, .to_port = 81), DROP_tcp_no_connection);
	TX_NONE();
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_resets_sent), 2);
	finish();
}

static void
closed_port_limits_resets(void)
{
	unsigned sent = 0;

	start();
	for (unsigned i = 0; i < 1500; i++) {
		CU_ASSERT_EQUAL(RX(.flags = SYN, .to_port = 81), DROP_tcp_no_listener);
		sent += tx_all();
	}
	CU_ASSERT_EQUAL(sent, 1000);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_resets_withheld), 500);
	pass_us(SECOND);
	RX(.flags = SYN, .to_port = 81);
	CU_ASSERT_EQUAL(tx_all(), 1);
	for (unsigned i = 0; i < 500; i++) /* the ring is bounded too */
		RX(.flags = SYN, .to_port = 81);
	CU_ASSERT_EQUAL(tx_all(), TCP_RESETS_QUEUED);
	finish();
}

static void
connect_three_segments_opens(void)
{
	struct endpoint local = { .addr = peer.ours.addr };
	struct seg s;

	start();
	local.addr = peer.ours.addr;
	CU_ASSERT_EQUAL(tcp_connect(tcp, &local, &peer.theirs, TCP_PROFILE_DEFAULT, 7, now_us, &id),
			ERR_ok);
	s = tx();
	CU_ASSERT_EQUAL(s.flags, SYN);
	CU_ASSERT(s.sack_ok && s.has_ts && s.scale == 6 && s.mss == 1460);
	CU_ASSERT(tcp_local(tcp, id)->port >= TCP_PORT_MIN);
	CU_ASSERT(tcp_local(tcp, id)->port <= TCP_PORT_MAX);
	CU_ASSERT_EQUAL(tcp_user(tcp, id), 7);
	CU_ASSERT_EQUAL(tcp_remote(tcp, id)->port, 5000);
	pass_us(30 * MS);
	CU_ASSERT_EQUAL(RX(.flags = SYN | ACK), DROP_none);
	TX(ACK, 1, 0, 1);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN);
	CU_ASSERT_EQUAL(conn()->srtt_us, 30 * MS);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_conns_opened), 1);
	tcp_abort(tcp, id, now_us);
	tx_all();
	finish();
}

static void
connect_refused_is_told(void)
{
	start();
	syn_sent();
	CU_ASSERT_EQUAL(RX(.flags = RST | ACK, .ack = 1), DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_CLOSED);
	CU_ASSERT_EQUAL(tcp_close_reason(tcp, id), TCP_CLOSE_REFUSED);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_conns_failed), 1);
	CU_ASSERT_EQUAL(tcp_open_count(tcp), 1);
	tcp_release(tcp, id, now_us);
	finish();
}

static void
connect_blind_reset_is_ignored(void)
{
	start();
	syn_sent();
	CU_ASSERT_EQUAL(RX(.flags = RST), DROP_tcp_reset_inexact);
	CU_ASSERT_EQUAL(RX(.flags = RST | ACK, .ack = 2), DROP_tcp_ack_unacceptable);
	CU_ASSERT_EQUAL(RX(.flags = SYN | ACK, .ack = 2), DROP_tcp_ack_unacceptable);
	TX(RST, 2, 0, 0);
	TX_NONE();
	CU_ASSERT_EQUAL(RX(.flags = ACK, .ack = 1), DROP_tcp_flags);
	CU_ASSERT_EQUAL(state(), TCP_SYN_SENT);
	tcp_release(tcp, id, now_us);
	TX_NONE();
	finish();
}

static void
connect_unanswered_gives_up(void)
{
	unsigned syns = 0;

	start();
	syn_sent();
	for (unsigned i = 0; i < 180; i++) { /* MUST-23: three minutes at least */
		pass_us(SECOND);
		syns += tx_all();
	}
	CU_ASSERT_EQUAL(syns, settings.profile.syn_retries);
	CU_ASSERT_EQUAL(state(), TCP_SYN_SENT);
	pass_us(10 * SECOND);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_CLOSED);
	CU_ASSERT_EQUAL(tcp_close_reason(tcp, id), TCP_CLOSE_TIMEOUT);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_timeouts), 1);
	tcp_release(tcp, id, now_us);
	finish();
}

static void
connect_repeated_syn_measures_nothing(void)
{
	start();
	syn_sent();
	pass_us(SECOND + MS);
	CU_ASSERT_EQUAL(tx().flags, SYN);
	RX(.flags = SYN | ACK);
	CU_ASSERT_EQUAL(conn()->srtt_us, 0);
	CU_ASSERT_EQUAL(conn()->rto_us, 3 * SECOND); /* RFC 6298 5.7 */
	finish_open();
}

static void
connect_data_beside_syn_ack_is_taken(void)
{
	start();
	syn_sent();
	CU_ASSERT_EQUAL(RX(.flags = SYN | ACK, .len = 10), DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN | TCP_EVENT_READABLE);
	CU_ASSERT_EQUAL(got(), 10);
	TX(ACK, 1, 0, 11);
	finish_open();
}

static void
connect_queued_data_follows_the_handshake(void)
{
	start();
	syn_sent();
	app_send(1500);
	tcp_shutdown(tcp, id, now_us);
	TX_NONE();
	RX(.flags = SYN | ACK);
	CU_ASSERT_EQUAL(state(), TCP_FIN_WAIT_1);
	TX(ACK, 1, 1000, 1);
	TX(FIN | ACK, 1001, 500, 1);
	TX_NONE();
	finish_open();
}

static void
connect_taken_port_is_refused(void)
{
	struct endpoint local;
	uint32_t other;

	start();
	connected();
	local = *tcp_local(tcp, id);
	CU_ASSERT_EQUAL(
	    tcp_connect(tcp, &local, &peer.theirs, TCP_PROFILE_DEFAULT, 7, now_us, &other),
	    ERR_exists);
	finish_open();
}

static void
connect_no_conn_left_is_no_memory(void)
{
	struct endpoint local;
	uint32_t other;

	start_defaults();
	settings.conns = 1;
	start();
	connected();
	local = (struct endpoint){ .addr = peer.ours.addr };
	CU_ASSERT_EQUAL(
	    tcp_connect(tcp, &local, &peer.theirs, TCP_PROFILE_DEFAULT, 7, now_us, &other),
	    ERR_no_memory);
	tcp_abort(tcp, id, now_us);
	CU_ASSERT_EQUAL(tcp_connect(tcp, &local, &peer.theirs, TCP_PROFILE_DEFAULT, 7, now_us, &id),
			ERR_ok);
	tcp_release(tcp, id, now_us);
	tx_all();
	finish();
}

/* 59,976 ports towards one member. */
static void
connect_no_port_left_is_said(void)
{
	struct endpoint local = { 0 }, second;
	enum err err = ERR_ok;
	uint32_t opened = 0;

	start_defaults();
	settings.conns = 60100;
	settings.half_open_max = 1;
	start();
	local.addr = peer.ours.addr;
	while ((err = tcp_connect(tcp, &local, &peer.theirs, TCP_PROFILE_DEFAULT, 7, now_us,
				  &id)) == ERR_ok)
		opened++;
	CU_ASSERT_EQUAL(err, ERR_no_port);
	CU_ASSERT(opened > 59500 && opened <= TCP_PORT_MAX - TCP_PORT_MIN + 1);
	second = peer.theirs;
	second.port++;
	CU_ASSERT_EQUAL(tcp_connect(tcp, &local, &second, TCP_PROFILE_DEFAULT, 7, now_us, &id),
			ERR_ok);
	tcp_abort(tcp, id, now_us);
	for (id = 0; id < settings.conns; id++)
		if (tcp_open_count(tcp) && pool_is_used(&tcp->conns, id))
			tcp_abort(tcp, id, now_us);
	finish();
}

static void
simultaneous_open_opens(void)
{
	struct seg s;

	start();
	peer.scale = 7;
	syn_sent();
	CU_ASSERT_EQUAL(RX(.flags = SYN), DROP_none);
	CU_ASSERT_EQUAL(state(), TCP_SYN_RECEIVED);
	CU_ASSERT_EQUAL(tcp->half_open, 0); /* not one that a flood has made */
	s = tx();
	CU_ASSERT_EQUAL(s.flags, SYN | ACK);
	CU_ASSERT_EQUAL(s.seq, 0);
	peer.snd = 0;
	CU_ASSERT_EQUAL(RX(.flags = SYN | ACK, .window = 1000), DROP_none);
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	CU_ASSERT_EQUAL(conn()->snd_wnd, 1000 >> 7 << 7); /* that of a SYN is never scaled */
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN);
	finish_open();
}

static void
simultaneous_open_refused_is_told(void)
{
	start();
	syn_sent();
	RX(.flags = SYN);
	tx_all();
	CU_ASSERT_EQUAL(RX(.flags = RST), DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_CLOSED);
	CU_ASSERT_EQUAL(tcp_close_reason(tcp, id), TCP_CLOSE_REFUSED);
	tcp_release(tcp, id, now_us);
	finish();
}

static void
no_mbuf_for_syn_is_retried(void)
{
	struct endpoint local;

	start();
	local = (struct endpoint){ .addr = peer.ours.addr };
	pool_leave(0);
	CU_ASSERT_EQUAL(tcp_connect(tcp, &local, &peer.theirs, TCP_PROFILE_DEFAULT, 7, now_us, &id),
			ERR_ok);
	TX_NONE();
	CU_ASSERT(!tcp_has_output(tcp));
	CU_ASSERT_EQUAL(stats->drop[DROP_mbuf_empty], 1);
	pool_refill();
	pass_us(TCP_RETRY_US + 200);
	CU_ASSERT_EQUAL(tx().flags, SYN);
	tcp_abort(tcp, id, now_us);
	finish();
}

static void
initial_numbers_grow_and_differ(void)
{
	uint32_t first, second;

	start();
	syn_received();
	first = peer.irs;
	RX(.flags = RST);
	pass_us(SECOND);
	peer.snd = 0;
	syn_received();
	second = peer.irs;
	CU_ASSERT_EQUAL(second - first, 250000); /* a tick each 4 us, RFC 6528 */
	RX(.flags = RST);
	peer.snd = 0;
	peer.theirs.port++;
	syn_received();
	CU_ASSERT_NOT_EQUAL(peer.irs, second);
	finish_open();
}

CU_TestInfo test_open[] = {
	{ "accept_three_segments_opens", accept_three_segments_opens },
	{ "accept_syn_without_options_negotiates_nothing",
	  accept_syn_without_options_negotiates_nothing },
	{ "accept_tiny_mss_is_raised", accept_tiny_mss_is_raised },
	{ "accept_large_scale_is_capped", accept_large_scale_is_capped },
	{ "accept_data_with_last_ack_is_readable", accept_data_with_last_ack_is_readable },
	{ "accept_data_beside_syn_comes_again", accept_data_beside_syn_comes_again },
	{ "accept_repeated_syn_repeats_syn_ack", accept_repeated_syn_repeats_syn_ack },
	{ "accept_repeated_syn_puts_off_our_own_repetition",
	  accept_repeated_syn_puts_off_our_own_repetition },
	{ "accept_repeated_syn_keeps_no_place_for_ever",
	  accept_repeated_syn_keeps_no_place_for_ever },
	{ "accept_repeated_syn_is_no_sample", accept_repeated_syn_is_no_sample },
	{ "accept_lost_syn_ack_is_repeated_with_backoff",
	  accept_lost_syn_ack_is_repeated_with_backoff },
	{ "accept_wrong_ack_is_reset", accept_wrong_ack_is_reset },
	{ "accept_reset_in_syn_received_returns_to_listen",
	  accept_reset_in_syn_received_returns_to_listen },
	{ "accept_segment_without_ack_in_syn_received_is_refused",
	  accept_segment_without_ack_in_syn_received_is_refused },
	{ "accept_other_syn_in_syn_received_is_challenged",
	  accept_other_syn_in_syn_received_is_challenged },
	{ "accept_too_many_half_open_answers_by_cookie",
	  accept_too_many_half_open_answers_by_cookie },
	{ "accept_no_conn_left_refuses_syn_until_one_is_free",
	  accept_no_conn_left_refuses_syn_until_one_is_free },
	{ "listen_unwanted_segments_are_answered_or_ignored",
	  listen_unwanted_segments_are_answered_or_ignored },
	{ "listen_segment_from_its_own_destination_is_dropped",
	  listen_segment_from_its_own_destination_is_dropped },
	{ "listen_ack_flood_gets_a_limited_number_of_resets",
	  listen_ack_flood_gets_a_limited_number_of_resets },
	{ "closed_port_answers_reset", closed_port_answers_reset },
	{ "closed_port_limits_resets", closed_port_limits_resets },
	{ "connect_three_segments_opens", connect_three_segments_opens },
	{ "connect_refused_is_told", connect_refused_is_told },
	{ "connect_blind_reset_is_ignored", connect_blind_reset_is_ignored },
	{ "connect_unanswered_gives_up", connect_unanswered_gives_up },
	{ "connect_repeated_syn_measures_nothing", connect_repeated_syn_measures_nothing },
	{ "connect_data_beside_syn_ack_is_taken", connect_data_beside_syn_ack_is_taken },
	{ "connect_queued_data_follows_the_handshake", connect_queued_data_follows_the_handshake },
	{ "connect_taken_port_is_refused", connect_taken_port_is_refused },
	{ "connect_no_conn_left_is_no_memory", connect_no_conn_left_is_no_memory },
	{ "connect_no_port_left_is_said", connect_no_port_left_is_said },
	{ "simultaneous_open_opens", simultaneous_open_opens },
	{ "simultaneous_open_refused_is_told", simultaneous_open_refused_is_told },
	{ "no_mbuf_for_syn_is_retried", no_mbuf_for_syn_is_retried },
	{ "initial_numbers_grow_and_differ", initial_numbers_grow_and_differ },
	CU_TEST_INFO_NULL,
};
