/*
 * CUBIC by the sections of RFC 9438, and what a window that is not used is worth.
 */
#include "test/unit/dataplane/tcp/tcp_fixture.h"

#define RTT (100 * MS)

#define CUBIC (&conn()->flight->cubic)

/* In congestion avoidance with a window of n segments; text is out. */
static void
avoiding(unsigned n)
{
	start();
	established();
	app_send(1000);
	tx_all();
	conn()->cwnd = conn()->ssthresh = n * 1000;
	conn()->srtt_us = RTT;
	conn()->rto_us = 3 * RTT;
}

/* bytes of a flight that filled cwnd are acknowledged. */
static void
acked(uint32_t bytes)
{
	struct tcp_delivery d = { .now_us = now_us, .acked = bytes, .una_before = conn()->snd_una };

	conn()->flags |= CONN_CWND_LIMITED;
	conn()->flight->cwnd_limited_seq = conn()->snd_nxt;
	tcp_cc_ack(conn(), &d);
}

/* A window's worth of acknowledgements, in ten pieces over a round trip. */
static void
round_trip(void)
{
	for (unsigned i = 0; i < 10; i++) {
		now_us += RTT / 10;
		acked(conn()->cwnd / 10);
	}
}

static void
lose(void)
{
	conn()->flags |= CONN_CWND_LIMITED;
	conn()->flight->reduced_end = conn()->snd_una; /* of an earlier window */
	tcp_cc_enter(conn(), conn()->cwnd);
	tcp_cc_exit(conn());
}

/* 4.6 and 4.7: 0.7; W_max is where it was, or less if that was below the last W_max. */
static void
loss_keeps_seven_tenths(void)
{
	avoiding(100);
	lose();
	CU_ASSERT_EQUAL(conn()->cwnd, 70000);
	CU_ASSERT_EQUAL(CUBIC->w_max, 100000);
	CU_ASSERT_EQUAL(CUBIC->cwnd_prior, 100000);
	lose(); /* before it was reached again: fast convergence */
	CU_ASSERT_EQUAL(conn()->cwnd, 49000);
	CU_ASSERT_EQUAL(CUBIC->w_max, 59500);
	CU_ASSERT_EQUAL(CUBIC->cwnd_prior, 70000);
	finish_open();
}

/* 4.6: no less than two segments. */
static void
loss_leaves_two_segments(void)
{
	avoiding(2);
	lose();
	CU_ASSERT_EQUAL(conn()->cwnd, 2000);
	finish_open();
}

/* 4.3: alpha is 9/17 up to cwnd_prior, though W_max is lower, and 1 from there on. */
static void
reno_region_grows_by_nine_seventeenths_up_to_the_prior_window(void)
{
	uint32_t before;

	avoiding(10);
	CUBIC->w_max = 8500;
	CUBIC->cwnd_prior = 12000;
	round_trip();
	before = CUBIC->w_est;
	CU_ASSERT(before > 10400 && before < 10600);
	for (unsigned i = 0; i < 6; i++)
		round_trip();
	CU_ASSERT(CUBIC->w_est >= 12000);
	before = CUBIC->w_est;
	round_trip();
	CU_ASSERT(CUBIC->w_est - before > 900 && CUBIC->w_est - before < 1100);
	CU_ASSERT(conn()->cwnd >= CUBIC->w_est);
	finish_open();
}

/* 4.2: in one round trip no more than half of cwnd is added. */
static void
growth_is_bound_by_half_a_window(void)
{
	uint32_t before;

	avoiding(10);
	acked(1000);
	CUBIC->epoch_us -= 90 * SECOND;
	before = conn()->cwnd;
	acked(before);
	CU_ASSERT(conn()->cwnd > before && conn()->cwnd <= before + before / 2);
	finish_open();
}

/* 4.8: after a timeout the curve begins flat, where slow start ended. */
static void
timeout_forgets_the_maximum(void)
{
	avoiding(100);
	conn()->flags |= CONN_CWND_LIMITED;
	tcp_cc_rto(conn(), true);
	CU_ASSERT_EQUAL(conn()->cwnd, 1000);
	CU_ASSERT_EQUAL(conn()->ssthresh, 70000);
	CU_ASSERT_EQUAL(CUBIC->w_max, 0);
	conn()->cwnd = 70000;
	acked(1000);
	CU_ASSERT_EQUAL(CUBIC->k_ms, 0);
	CU_ASSERT_EQUAL(CUBIC->w_max, 70000);
	finish_open();
}

/* 4.2, 5.8: a pause is no time in which the curve goes on. */
static void
idle_time_does_not_count(void)
{
	uint32_t before;

	avoiding(100);
	round_trip();
	before = conn()->cwnd;
	now_us += 60 * SECOND;
	acked(1000);
	CU_ASSERT(conn()->cwnd < before + 1000);
	finish_open();
}

/* Nor is a time in which the window was not filled. */
static void
unused_time_does_not_count(void)
{
	uint32_t before;

	avoiding(100);
	round_trip();
	before = conn()->cwnd;
	for (unsigned i = 0; i < 600; i++) {
		struct tcp_delivery d = { .now_us = now_us += RTT,
					  .acked = 1000,
					  .una_before = conn()->snd_una };

		conn()->flags &= ~(uint32_t)CONN_CWND_LIMITED;
		tcp_cc_ack(conn(), &d);
	}
	CU_ASSERT_EQUAL(conn()->cwnd, before);
	acked(1000);
	CU_ASSERT(conn()->cwnd < before + 1000);
	finish_open();
}

/* RFC 7661 4.4: what was used counts at a loss, not what would have been allowed. */
static void
loss_of_an_unused_window_counts_what_was_used(void)
{
	avoiding(100);
	conn()->flags &= ~(uint32_t)CONN_CWND_LIMITED;
	tcp_cc_enter(conn(), 20000);
	CU_ASSERT_EQUAL(conn()->ssthresh, 14000);
	finish_open();
}

/* RFC 5681 equation 4. */
static void
newreno_halves(void)
{
	avoiding(100);
	conn()->cc = TCP_CC_NEWRENO;
	lose();
	CU_ASSERT_EQUAL(conn()->cwnd, 50000);
	finish_open();
}

CU_TestInfo test_cc[] = {
	{ "loss_keeps_seven_tenths", loss_keeps_seven_tenths },
	{ "loss_leaves_two_segments", loss_leaves_two_segments },
	{ "reno_region_grows_by_nine_seventeenths_up_to_the_prior_window",
	  reno_region_grows_by_nine_seventeenths_up_to_the_prior_window },
	{ "growth_is_bound_by_half_a_window", growth_is_bound_by_half_a_window },
	{ "timeout_forgets_the_maximum", timeout_forgets_the_maximum },
	{ "idle_time_does_not_count", idle_time_does_not_count },
	{ "unused_time_does_not_count", unused_time_does_not_count },
	{ "loss_of_an_unused_window_counts_what_was_used",
	  loss_of_an_unused_window_counts_what_was_used },
	{ "newreno_halves", newreno_halves },
	CU_TEST_INFO_NULL,
};
