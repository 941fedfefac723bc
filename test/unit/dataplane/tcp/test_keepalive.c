/* Peers that say nothing: keep-alive (RFC 9293 3.8.4) and the user timeout (3.8.3). */
#include "test/unit/dataplane/tcp/tcp_fixture.h"

static void
keep_alive(uint32_t idle_ms, uint32_t interval_ms, uint32_t probes)
{
	start_defaults();
	settings.profile.keep_alive_idle_ms = idle_ms;
	settings.profile.keep_alive_interval_ms = interval_ms;
	settings.profile.keep_alive_probes = probes;
	start();
}

static void
user_timeout(uint32_t timeout_ms)
{
	start_defaults();
	settings.profile.user_timeout_ms = timeout_ms;
	start();
}

static void
closed_by(enum counter why)
{
	CU_ASSERT_EQUAL(events() & TCP_EVENT_CLOSED, TCP_EVENT_CLOSED);
	CU_ASSERT_EQUAL(tcp_close_reason(tcp, id), TCP_CLOSE_TIMEOUT);
	CU_ASSERT_EQUAL(counter(why), 1);
	tcp_release(tcp, id, now_us);
	while (tx().flags)
		;
	finish();
}

static void
keep_alive_is_off_unless_asked_for(void)
{
	start();
	established();
	pass_us(7 * 24 * 3600 * SECOND);
	TX_NONE();
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	CU_ASSERT_EQUAL(tcp->wheel.armed, 0);
	finish_open();
}

static void
keep_alive_probes_an_idle_peer_and_gives_up(void)
{
	keep_alive(60000, 10000, 3);
	established();
	app_send(100);
	TX(ACK, 1, 100, 1);
	RX();
	pass_us(60 * SECOND - MS);
	TX_NONE();
	pass_us(2 * MS);
	TX(ACK, 100, 0, 1); /* the last byte's number, and no byte */
	TX_NONE();
	pass_us(9 * SECOND);
	TX_NONE();
	pass_us(SECOND + MS);
	TX(ACK, 100, 0, 1);
	pass_us(10 * SECOND);
	TX(ACK, 100, 0, 1);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_keep_alives_sent), 3);
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	pass_us(10 * SECOND);
	TX(RST | ACK, 101, 0, 1);
	CU_ASSERT_EQUAL(state(), TCP_CLOSED);
	closed_by(COUNTER_tcp_keep_alive_timeouts);
}

static void
keep_alive_of_a_dead_peer_is_not_put_off_by_strangers(void)
{
	keep_alive(60000, 10000, 1);
	established();
	app_send(100);
	TX(ACK, 1, 100, 1);
	RX();
	for (unsigned i = 0; i < 5; i++) {
		pass_us(11 * SECOND);
		CU_ASSERT_EQUAL(RX(.seq = 0x20000000), DROP_tcp_sequence);
		CU_ASSERT_EQUAL(RX(.ack = 0x20000000), DROP_tcp_ack_unacceptable);
		tx_all();
	}
	pass_us(5 * SECOND + MS);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_keep_alives_sent), 1);
	TX(ACK, 100, 0, 1);
	CU_ASSERT_EQUAL(RX(.seq = 0x20000000), DROP_tcp_sequence);
	tx_all();
	pass_us(10 * SECOND + MS);
	TX(RST | ACK, 101, 0, 1);
	closed_by(COUNTER_tcp_keep_alive_timeouts);
}

/* MUST-29: one answer is enough, whatever was lost before. */
static void
keep_alive_answered_late_goes_on(void)
{
	keep_alive(60000, 10000, 3);
	established();
	for (unsigned round = 0; round < 5; round++) {
		pass_us(60 * SECOND + MS);
		TX(ACK, 0, 0, 1);
		pass_us(10 * SECOND + MS);
		TX(ACK, 0, 0, 1);
		pass_us(10 * SECOND + MS);
		TX(ACK, 0, 0, 1);
		pass_us(SECOND);
		CU_ASSERT_EQUAL(RX(), DROP_none);
		pass_us(59 * SECOND);
		TX_NONE();
		pass_us(SECOND + MS);
		TX(ACK, 0, 0, 1);
		RX();
	}
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	finish_open();
}

static void
keep_alive_waits_as_long_as_the_peer_speaks(void)
{
	keep_alive(60000, 10000, 3);
	established();
	for (unsigned i = 0; i < 20; i++) {
		pass_us(50 * SECOND);
		CU_ASSERT_EQUAL(RX(.len = 10), DROP_none);
		pass_us(SECOND);
		TX(ACK, 1, 0, 11 + 10 * i);
		TX_NONE();
	}
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_keep_alives_sent), 0);
	finish_open();
}

/* MUST-26: what is out is asked for by its own timers. */
static void
keep_alive_waits_while_data_is_out(void)
{
	keep_alive(1000, 1000, 3);
	established();
	app_send(100);
	tx();
	for (unsigned i = 0; i < 20; i++) {
		struct seg s;

		pass_us(SECOND);
		while ((s = tx()).flags)
			CU_ASSERT_EQUAL(s.len, 100);
	}
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_keep_alives_sent), 0);
	RX(); /* acknowledged at last */
	pass_us(SECOND + MS);
	TX(ACK, 100, 0, 1);
	finish_open();
}

/* A window that stays closed has probes of its own. */
static void
keep_alive_waits_behind_a_closed_window(void)
{
	keep_alive(1000, 1000, 3);
	established();
	app_send(100);
	tx();
	RX(.window = ZERO_WINDOW);
	app_send(100);
	for (unsigned i = 0; i < 20; i++) {
		struct seg s;

		pass_us(SECOND);
		while ((s = tx()).flags) {
			CU_ASSERT_EQUAL(s.len, 1);
			RX(.ack = 101, .window = ZERO_WINDOW);
		}
	}
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_keep_alives_sent), 0);
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	finish_open();
}

static void
keep_alive_watches_a_half_closed_connection(void)
{
	void (*const factories[])(void) = { fin_wait_2, close_wait };

	for (unsigned i = 0; i < ARRAY_SIZE(factories); i++) {
		struct seg s;

		keep_alive(60000, 10000, 1);
		factories[i]();
		pass_us(60 * SECOND);
		s = tx();
		CU_ASSERT_EQUAL(s.flags, ACK);
		CU_ASSERT_EQUAL(s.seq, peer.rcv - 1);
		pass_us(10 * SECOND);
		closed_by(COUNTER_tcp_keep_alive_timeouts);
	}
}

static void
keep_alive_leaves_time_wait_alone(void)
{
	keep_alive(1000, 1000, 1);
	time_wait();
	pass_us(settings.time_wait_us - SECOND);
	TX_NONE();
	CU_ASSERT_EQUAL(state(), TCP_TIME_WAIT);
	pass_us(2 * SECOND);
	CU_ASSERT_EQUAL(state(), TCP_CLOSED);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_keep_alives_sent), 0);
	finish_open();
}

static void
keep_alive_of_a_changed_profile_begins_with_the_next_segment(void)
{
	struct tcp_profile profile;

	start();
	established();
	profile = settings.profile;
	profile.keep_alive_idle_ms = 5000;
	tcp_set_profile(tcp, 0, &profile);
	pass_us(10 * SECOND);
	TX_NONE();
	CU_ASSERT_EQUAL(RX(), DROP_none);
	pass_us(5 * SECOND + MS);
	TX(ACK, 0, 0, 1);
	profile.keep_alive_idle_ms = 0;
	tcp_set_profile(tcp, 0, &profile);
	pass_us(3600 * SECOND);
	TX_NONE();
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	CU_ASSERT_EQUAL(tcp->wheel.armed, 0);
	finish_open();
}

/* Not only when the deadline of the old one is over. */
static void
keep_alive_of_a_shortened_profile_counts_from_the_next_segment(void)
{
	struct tcp_profile profile;

	keep_alive(7200000, 10000, 3);
	established();
	profile = settings.profile;
	profile.keep_alive_idle_ms = 5000;
	tcp_set_profile(tcp, 0, &profile);
	RX();
	pass_us(5 * SECOND + MS);
	TX(ACK, 0, 0, 1);
	finish_open();
}

/* And without a buffer for the probe: it is sent when there is one. */
static void
no_mbuf_for_a_keep_alive_is_retried(void)
{
	keep_alive(60000, 10000, 3);
	established();
	pass_us(60 * SECOND + MS);
	pool_leave(0);
	TX_NONE();
	pool_refill();
	pass_us(TCP_RETRY_US + MS);
	TX(ACK, 0, 0, 1);
	finish_open();
}

/* What the peer's keep-alive gets, with and without a byte of garbage (RFC 9293 3.8.4). */
static void
keep_alive_of_the_peer_is_answered(void)
{
	start();
	established();
	RX(.len = 100);
	got();
	tx_all();
	CU_ASSERT_EQUAL(RX(.seq = 100), DROP_tcp_sequence);
	TX(ACK, 1, 0, 101);
	CU_ASSERT_EQUAL(RX(.seq = 100, .len = 1), DROP_tcp_duplicate);
	TX(ACK, 1, 0, 101);
	CU_ASSERT_EQUAL(got(), 0);
	finish_open();
}

/* ---- user timeout ---- */

static void
user_timeout_ends_what_is_not_acknowledged(void)
{
	user_timeout(5000);
	established();
	pass_us(100 * SECOND); /* idle: not meant */
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	app_send(1000);
	for (unsigned i = 0; i < 49; i++) {
		pass_us(100 * MS);
		tx_all();
	}
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	pass_us(101 * MS);
	CU_ASSERT_EQUAL(state(), TCP_CLOSED);
	TX(RST | ACK, 1001, 0, 1);
	closed_by(COUNTER_tcp_user_timeouts);
}

static void
user_timeout_starts_anew_with_each_acknowledged_byte(void)
{
	user_timeout(5000);
	established();
	app_send(3000);
	tx_all();
	for (unsigned i = 1; i <= 2; i++) {
		pass_us(4 * SECOND);
		tx_all();
		CU_ASSERT_EQUAL(RX(.ack = 1 + 1000 * i), DROP_none);
	}
	pass_us(4 * SECOND);
	tx_all();
	CU_ASSERT_EQUAL(RX(.ack = 2001), DROP_none); /* says nothing new */
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	pass_us(SECOND + MS);
	closed_by(COUNTER_tcp_user_timeouts);
}

/* The peer answers each probe, which without a user timeout is good for ever. */
static void
user_timeout_ends_a_window_that_stays_closed(void)
{
	user_timeout(60000);
	established();
	app_send(100);
	tx();
	RX(.window = ZERO_WINDOW);
	app_send(1000);
	for (unsigned i = 0; i < 59; i++) {
		pass_us(SECOND);
		if (tx_all())
			CU_ASSERT_EQUAL(RX(.ack = 101, .window = ZERO_WINDOW), DROP_none);
	}
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	pass_us(2 * SECOND);
	closed_by(COUNTER_tcp_user_timeouts);
}

static void
user_timeout_shortens_the_linger(void)
{
	user_timeout(5000);
	established();
	app_send(1000);
	tx();
	tcp_release(tcp, id, now_us);
	tx();
	pass_us(5 * SECOND + MS);
	CU_ASSERT_EQUAL(state(), TCP_CLOSED);
	tx_all();
	finish();
}

CU_TestInfo test_keepalive[] = {
	{ "keep_alive_is_off_unless_asked_for", keep_alive_is_off_unless_asked_for },
	{ "keep_alive_probes_an_idle_peer_and_gives_up",
	  keep_alive_probes_an_idle_peer_and_gives_up },
	{ "keep_alive_of_a_dead_peer_is_not_put_off_by_strangers",
	  keep_alive_of_a_dead_peer_is_not_put_off_by_strangers },
	{ "keep_alive_answered_late_goes_on", keep_alive_answered_late_goes_on },
	{ "keep_alive_waits_as_long_as_the_peer_speaks",
	  keep_alive_waits_as_long_as_the_peer_speaks },
	{ "keep_alive_waits_while_data_is_out", keep_alive_waits_while_data_is_out },
	{ "keep_alive_waits_behind_a_closed_window", keep_alive_waits_behind_a_closed_window },
	{ "keep_alive_watches_a_half_closed_connection",
	  keep_alive_watches_a_half_closed_connection },
	{ "keep_alive_leaves_time_wait_alone", keep_alive_leaves_time_wait_alone },
	{ "keep_alive_of_a_changed_profile_begins_with_the_next_segment",
	  keep_alive_of_a_changed_profile_begins_with_the_next_segment },
	{ "no_mbuf_for_a_keep_alive_is_retried", no_mbuf_for_a_keep_alive_is_retried },
	{ "keep_alive_of_the_peer_is_answered", keep_alive_of_the_peer_is_answered },
	{ "user_timeout_ends_what_is_not_acknowledged",
	  user_timeout_ends_what_is_not_acknowledged },
	{ "user_timeout_starts_anew_with_each_acknowledged_byte",
	  user_timeout_starts_anew_with_each_acknowledged_byte },
	{ "user_timeout_ends_a_window_that_stays_closed",
	  user_timeout_ends_a_window_that_stays_closed },
	{ "user_timeout_shortens_the_linger", user_timeout_shortens_the_linger },
	{ "keep_alive_of_a_shortened_profile_counts_from_the_next_segment",
	  keep_alive_of_a_shortened_profile_counts_from_the_next_segment },
	CU_TEST_INFO_NULL,
};
