/*
 * TCP Fast Open: who gets a cookie, whose text is taken early, what limits it, and how the handshake goes on.
 */
#include "test/unit/dataplane/tcp/tcp_fixture.h"

#define REQUEST 2 /* lengths of the option */
#define COOKIE  10
#define HOUR    (3600 * SECOND)

static void
start_fast(void)
{
	uint32_t half_open_max = settings.half_open_max;

	start_defaults();
	if (half_open_max)
		settings.half_open_max = half_open_max;
	settings.profile.fast_open = true;
	start();
	settings.half_open_max = 0;
}

/* The cookie that a handshake of this peer has brought. */
static uint64_t
learn(void)
{
	struct seg s;

	CU_ASSERT_EQUAL(RX(.flags = SYN, .fast_open_len = REQUEST, .port = 4999), DROP_none);
	s = tx();
	CU_ASSERT_EQUAL(s.flags, SYN | ACK);
	CU_ASSERT_EQUAL(s.fast_open_len, COOKIE);
	RX(.flags = RST, .port = 4999);
	peer.snd = peer.rcv = 0;
	return s.fast_open;
}

static void
fast_open_off_ignores_option_and_text(void)
{
	struct seg s;

	start();
	CU_ASSERT_EQUAL(RX(.flags = SYN, .fast_open_len = REQUEST, .len = 10), DROP_none);
	s = tx();
	CU_ASSERT_EQUAL(s.fast_open_len, 0);
	CU_ASSERT_EQUAL(s.ack, 1);
	CU_ASSERT(!tcp_has_news(tcp));
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_syn_text_ignored), 1);
	finish_open();
}

static void
fast_open_request_gives_cookie(void)
{
	uint64_t cookie;

	start_fast();
	cookie = learn();
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_open_cookies), 1);
	CU_ASSERT_EQUAL(learn(), cookie); /* one for each address */
	peer.theirs.addr = addr_from_v4(be32_from(0x0a000003u));
	CU_ASSERT_NOT_EQUAL(learn(), cookie);
	finish();
}

static void
fast_open_text_is_readable_before_the_handshake_ends(void)
{
	uint64_t cookie;
	struct seg s;

	start_fast();
	peer.ts = true;
	peer.scale = 7;
	cookie = learn();
	CU_ASSERT_EQUAL(RX(.flags = SYN, .fast_open_len = COOKIE, .fast_open = cookie, .len = 100),
			DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN | TCP_EVENT_READABLE);
	CU_ASSERT_EQUAL(state(), TCP_SYN_RECEIVED);
	CU_ASSERT_EQUAL(tcp->fast_open_pending, 1);
	s = tx();
	CU_ASSERT_EQUAL(s.flags, SYN | ACK);
	CU_ASSERT_EQUAL(s.ack, 101);
	CU_ASSERT_EQUAL(s.window, 65535 - 100); /* the right edge stays */
	CU_ASSERT_EQUAL(s.fast_open_len, 0);    /* the peer has it */
	CU_ASSERT(s.has_ts && s.sack_ok && s.scale == 6);
	TX_NONE();
	CU_ASSERT_EQUAL(got(), 100);
	app_send(50); /* waits for the handshake */
	tx_all();
	CU_ASSERT_EQUAL(RX(.flags = ACK, .ack = 1), DROP_none);
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	CU_ASSERT_EQUAL(events() & TCP_EVENT_OPEN, 0); /* once is enough */
	TX(ACK, 1, 50, 101);
	CU_ASSERT_EQUAL(tcp->fast_open_pending, 0);
	CU_ASSERT_EQUAL(tcp->half_open, 0);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_opens), 1);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_conns_accepted), 1);
	finish_open();
}

static void
fast_open_wrong_cookie_falls_back_and_gives_a_right_one(void)
{
	struct seg s;

	start_fast();
	CU_ASSERT_EQUAL(RX(.flags = SYN, .fast_open_len = COOKIE, .fast_open = 77, .len = 100),
			DROP_none);
	CU_ASSERT(!tcp_has_news(tcp));
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_opens_refused), 1);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_syn_text_ignored), 1);
	s = tx();
	CU_ASSERT_EQUAL(s.ack, 1);
	CU_ASSERT_EQUAL(s.fast_open_len, COOKIE);
	peer.snd = 1;
	CU_ASSERT_EQUAL(RX(.len = 100), DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN | TCP_EVENT_READABLE);
	CU_ASSERT_EQUAL(got(), 100);
	finish_open();
}

static void
fast_open_cookie_of_another_address_is_wrong(void)
{
	uint64_t cookie;

	start_fast();
	cookie = learn();
	peer.theirs.addr = addr_from_v4(be32_from(0x0a000003u));
	RX(.flags = SYN, .fast_open_len = COOKIE, .fast_open = cookie, .len = 100);
	CU_ASSERT(!tcp_has_news(tcp));
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_opens), 0);
	finish_open();
}

/* RFC 7413 4.1.1 */
static void
fast_open_option_of_odd_length_is_ignored(void)
{
	static const uint8_t bad[] = { 3, 4, 5, 7, 20 };

	start_fast();
	for (unsigned i = 0; i < sizeof bad; i++) {
		struct seg s = { .flags = SYN, .options = { 34, bad[i] }, .options_len = 20 };

		for (unsigned k = bad[i]; k < 20; k++)
			s.options[k] = 1;
		peer.theirs.port++;
		peer.snd = 0;
		CU_ASSERT_EQUAL(rx(s), DROP_none);
		CU_ASSERT_EQUAL(tx().fast_open_len, 0);
	}
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_open_cookies), 0);
	finish_open();
}

/* Cookies of other lengths than ours, and one without text. */
static void
fast_open_foreign_cookie_and_no_text(void)
{
	uint64_t cookie;

	start_fast();
	cookie = learn();
	RX(.flags = SYN, .options = { 34, 18 }, .options_len = 20);
	CU_ASSERT_EQUAL(tx().fast_open_len, COOKIE);
	peer.theirs.port++;
	peer.snd = peer.rcv = 0;
	RX(.flags = SYN, .fast_open_len = COOKIE, .fast_open = cookie);
	CU_ASSERT(!tcp_has_news(tcp));
	CU_ASSERT_EQUAL(tx().fast_open_len, 0);
	CU_ASSERT_EQUAL(tcp->fast_open_pending, 0);
	finish_open();
}

static void
fast_open_cookie_of_last_period_is_taken_and_replaced(void)
{
	uint64_t cookie, fresh;
	struct seg s;

	start_fast();
	cookie = learn();
	now_us += 12 * HOUR;
	RX(.flags = SYN, .fast_open_len = COOKIE, .fast_open = cookie, .len = 10);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN | TCP_EVENT_READABLE);
	s = tx();
	CU_ASSERT_EQUAL(s.ack, 11);
	CU_ASSERT_EQUAL(s.fast_open_len, COOKIE);
	fresh = s.fast_open;
	CU_ASSERT_NOT_EQUAL(fresh, cookie);
	now_us += 12 * HOUR;
	peer.theirs.port++;
	peer.snd = peer.rcv = 0;
	RX(.flags = SYN, .fast_open_len = COOKIE, .fast_open = cookie, .len = 10);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_opens), 1); /* two periods old */
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_opens_refused), 1);
	finish_open();
}

static void
fast_open_repeated_syn_takes_text_once(void)
{
	uint64_t cookie;

	start_fast();
	cookie = learn();
	RX(.flags = SYN, .fast_open_len = COOKIE, .fast_open = cookie, .len = 100);
	events();
	TX(SYN | ACK, 0, 0, 101);
	peer.snd = 0;
	CU_ASSERT_EQUAL(RX(.flags = SYN, .fast_open_len = COOKIE, .fast_open = cookie, .len = 100),
			DROP_tcp_duplicate);
	TX(SYN | ACK, 0, 0, 101);
	/* without text and option, as a peer does that fears for them */
	CU_ASSERT_EQUAL(RX(.flags = SYN), DROP_tcp_duplicate);
	TX(SYN | ACK, 0, 0, 101);
	peer.snd = 101;
	RX(.flags = ACK, .ack = 1);
	CU_ASSERT_EQUAL(events(), 0);
	CU_ASSERT_EQUAL(got(), 100);
	finish_open();
}

/* Text that a peer repeats although the SYN,ACK took it, with more behind it. */
static void
fast_open_text_again_after_the_handshake_is_taken_once(void)
{
	uint64_t cookie;

	start_fast();
	cookie = learn();
	RX(.flags = SYN, .fast_open_len = COOKIE, .fast_open = cookie, .len = 100);
	events();
	tx_all();
	RX(.seq = 1, .len = 150, .ack = 1);
	CU_ASSERT_EQUAL(got(), 150);
	finish_open();
}

static void
fast_open_lost_syn_ack_comes_without_option(void)
{
	struct seg s;

	start_fast();
	RX(.flags = SYN, .fast_open_len = REQUEST);
	CU_ASSERT_EQUAL(tx().fast_open_len, COOKIE);
	pass_us(SECOND + MS);
	s = tx();
	CU_ASSERT_EQUAL(s.flags, SYN | ACK);
	CU_ASSERT_EQUAL(s.fast_open_len, 0);
	finish_open();
}

static void
fast_open_unanswered_is_told_and_gives_its_place_back(void)
{
	uint64_t cookie;

	start_fast();
	cookie = learn();
	RX(.flags = SYN, .fast_open_len = COOKIE, .fast_open = cookie, .len = 100);
	events();
	got();
	for (unsigned i = 0; i < 70; i++) {
		pass_us(SECOND);
		tx_all();
	}
	CU_ASSERT_EQUAL(events(), TCP_EVENT_CLOSED);
	CU_ASSERT_EQUAL(tcp_close_reason(tcp, id), TCP_CLOSE_TIMEOUT);
	CU_ASSERT_EQUAL(tcp->fast_open_pending, 0);
	tcp_release(tcp, id, now_us);
	finish();
}

/* The application is quicker than the handshake. */
static void
fast_open_released_early_answers_and_closes(void)
{
	uint64_t cookie;

	start_fast();
	cookie = learn();
	RX(.flags = SYN, .fast_open_len = COOKIE, .fast_open = cookie, .len = 100);
	events();
	got();
	app_send(30);
	tcp_release(tcp, id, now_us);
	TX(SYN | ACK, 0, 0, 101);
	tx_all();
	RX(.flags = ACK, .ack = 1);
	TX(FIN | ACK, 1, 30, 101);
	RX(.flags = FIN | ACK, .ack = 32);
	TX(ACK, 32, 0, 102);
	pass_us(settings.time_wait_us + SECOND);
	finish();
}

static void
fast_open_aborted_early_is_reset(void)
{
	uint64_t cookie;

	start_fast();
	cookie = learn();
	RX(.flags = SYN, .fast_open_len = COOKIE, .fast_open = cookie, .len = 100);
	events();
	tx_all();
	tcp_abort(tcp, id, now_us);
	TX(RST | ACK, 1, 0, 101);
	CU_ASSERT_EQUAL(tcp->fast_open_pending, 0);
	finish();
}

/* RFC 7413 5.1: a quarter of the half-open ones; a reset one counts for another minute. */
static void
fast_open_limit_counts_reset_ones(void)
{
	uint64_t cookie;

	settings.half_open_max = 8;
	start_fast();
	cookie = learn();
	for (uint16_t port = 1; port <= 2; port++) {
		RX(.flags = SYN, .port = port, .fast_open_len = COOKIE, .fast_open = cookie,
		   .len = 10);
		tx_all();
		RX(.flags = RST, .seq = 11, .port = port);
		peer.snd = peer.rcv = 0;
	}
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_opens), 2);
	CU_ASSERT_EQUAL(tcp->fast_open_pending, 0);
	RX(.flags = SYN, .port = 3, .fast_open_len = COOKIE, .fast_open = cookie, .len = 10);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_opens), 2);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_opens_refused), 1);
	tx_all();
	RX(.flags = RST, .seq = 1, .port = 3);
	pass_us(72 * SECOND);
	peer.snd = peer.rcv = 0;
	RX(.flags = SYN, .port = 4, .fast_open_len = COOKIE, .fast_open = cookie, .len = 10);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_opens), 3);
	finish_open();
}

static void
fast_open_pending_are_limited(void)
{
	uint64_t cookie;

	settings.half_open_max = 8;
	start_fast();
	cookie = learn();
	for (uint16_t port = 1; port <= 3; port++) {
		RX(.flags = SYN, .port = port, .fast_open_len = COOKIE, .fast_open = cookie,
		   .len = 10);
		peer.snd = 0;
	}
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_opens), 2);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_opens_refused), 1);
	CU_ASSERT_EQUAL(tcp->half_open, 3);
	finish_open();
}

static void
fast_open_is_off_in_a_syn_flood(void)
{
	uint64_t cookie;
	struct seg s;

	settings.half_open_max = 4;
	start_fast();
	cookie = learn();
	RX(.flags = SYN, .port = 1);
	peer.snd = 0;
	RX(.flags = SYN, .port = 2);
	peer.snd = peer.rcv = 0;
	tx_all();
	RX(.flags = SYN, .fast_open_len = COOKIE, .fast_open = cookie, .len = 10);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_cookies_sent), 1);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_opens), 0);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_syn_text_ignored), 1);
	s = tx();
	CU_ASSERT_EQUAL(s.ack, 1);
	CU_ASSERT_EQUAL(s.fast_open_len, 0);
	peer.snd = 1;
	RX(.len = 10);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN | TCP_EVENT_READABLE);
	finish_open();
}

/* Text for which there is no buffer comes again. */
static void
fast_open_text_under_pressure_is_left(void)
{
	uint64_t cookie;

	start_fast();
	cookie = learn();
	tcp_set_pressure(tcp, 96);
	CU_ASSERT_EQUAL(RX(.flags = SYN, .fast_open_len = COOKIE, .fast_open = cookie, .len = 10),
			DROP_tcp_receive_buffer_full);
	TX(SYN | ACK, 0, 0, 1);
	tcp_set_pressure(tcp, 0);
	CU_ASSERT_EQUAL(RX(.seq = 1, .len = 10, .ack = 1), DROP_none);
	events();
	CU_ASSERT_EQUAL(got(), 10);
	finish_open();
}

CU_TestInfo test_fastopen[] = {
	{ "fast_open_off_ignores_option_and_text", fast_open_off_ignores_option_and_text },
	{ "fast_open_request_gives_cookie", fast_open_request_gives_cookie },
	{ "fast_open_text_is_readable_before_the_handshake_ends",
	  fast_open_text_is_readable_before_the_handshake_ends },
	{ "fast_open_wrong_cookie_falls_back_and_gives_a_right_one",
	  fast_open_wrong_cookie_falls_back_and_gives_a_right_one },
	{ "fast_open_cookie_of_another_address_is_wrong",
	  fast_open_cookie_of_another_address_is_wrong },
	{ "fast_open_option_of_odd_length_is_ignored", fast_open_option_of_odd_length_is_ignored },
	{ "fast_open_foreign_cookie_and_no_text", fast_open_foreign_cookie_and_no_text },
	{ "fast_open_cookie_of_last_period_is_taken_and_replaced",
	  fast_open_cookie_of_last_period_is_taken_and_replaced },
	{ "fast_open_repeated_syn_takes_text_once", fast_open_repeated_syn_takes_text_once },
	{ "fast_open_text_again_after_the_handshake_is_taken_once",
	  fast_open_text_again_after_the_handshake_is_taken_once },
	{ "fast_open_lost_syn_ack_comes_without_option",
	  fast_open_lost_syn_ack_comes_without_option },
	{ "fast_open_unanswered_is_told_and_gives_its_place_back",
	  fast_open_unanswered_is_told_and_gives_its_place_back },
	{ "fast_open_released_early_answers_and_closes",
	  fast_open_released_early_answers_and_closes },
	{ "fast_open_aborted_early_is_reset", fast_open_aborted_early_is_reset },
	{ "fast_open_limit_counts_reset_ones", fast_open_limit_counts_reset_ones },
	{ "fast_open_pending_are_limited", fast_open_pending_are_limited },
	{ "fast_open_is_off_in_a_syn_flood", fast_open_is_off_in_a_syn_flood },
	{ "fast_open_text_under_pressure_is_left", fast_open_text_under_pressure_is_left },
	CU_TEST_INFO_NULL,
};
