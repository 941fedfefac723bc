/*
 * Recoveries that were not needed are taken back, and only those: by timestamps, by reports of duplicates, by F-RTO.
 */
#include <string.h>

#include "test/unit/dataplane/tcp/tcp_fixture.h"

#define RTT (100 * MS)

#define SACK(from, to) .sack_count = 1, .sack = { { (from), (to) } }

static uint32_t
at(uint32_t segments)
{
	return 1 + segments * 1000;
}

/* Ten segments of 1,000 bytes fill cwnd and are out, in congestion avoidance; more wait. */
static void
ten_out(void)
{
	peer.mss = 1000 + (peer.ts ? TCP_TS_BYTES : 0);
	syn_received();
	pass_us(RTT);
	RX();
	events();
	CU_ASSERT_EQUAL(conn()->mss, 1000);
	conn()->ssthresh = 10000;
	conn()->flight->cubic.w_max = 0;
	app_send(40000);
	CU_ASSERT_EQUAL(tx_all(), 10);
}

/* The timeout comes, and no probe in its place. */
static void
pass_rto(void)
{
	conn()->flight->probe_due_us = TCP_NEVER;
	tcp_timer_retransmit(tcp, conn(), now_us);
	pass_us(conn()->rto_us + MS);
	CU_ASSERT_EQUAL(conn()->recovery, RECOVERY_RTO);
}

static uint32_t
stamp(void)
{
	return conn_ts_now(conn(), now_us);
}

static void
expect_undone(void)
{
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_recoveries_undone), 1);
	CU_ASSERT_EQUAL(conn()->recovery, RECOVERY_NONE);
	CU_ASSERT(conn()->cwnd >= 10000 && conn()->cwnd <= 11000);
	CU_ASSERT_EQUAL(conn()->ssthresh, 10000);
	CU_ASSERT_EQUAL(conn()->flight->lost, 0);
}

/* ---- timestamps, RFC 3522 ---- */

static void
old_echo_in_fast_recovery_undoes_it(void)
{
	uint32_t original;

	start();
	peer.ts = true;
	ten_out();
	original = stamp();
	pass_us(RTT);
	RX(.ack = at(0), .ecr = original, SACK(at(1), at(4)));
	CU_ASSERT_EQUAL(conn()->recovery, RECOVERY_FAST);
	CU_ASSERT_EQUAL(conn()->ssthresh, 7000);
	TX(ACK, at(0), 1000, 1);
	pass_us(10 * MS);
	RX(.ack = at(4), .ecr = original); /* the first one was only late */
	expect_undone();
	CU_ASSERT(conn()->flags & CONN_REORDERING || conn()->rack_multiplier == 0);
	finish_open();
}

static void
new_echo_in_fast_recovery_keeps_it(void)
{
	uint32_t original;

	start();
	peer.ts = true;
	ten_out();
	original = stamp();
	pass_us(RTT);
	RX(.ack = at(0), .ecr = original, SACK(at(1), at(4)));
	tx_all();
	pass_us(RTT);
	RX(.ack = at(4), .ecr = stamp() - 100);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_recoveries_undone), 0);
	CU_ASSERT_EQUAL(conn()->recovery, RECOVERY_FAST);
	CU_ASSERT_EQUAL(conn()->ssthresh, 7000);
	finish_open();
}

/* A delay longer than the timeout: everything comes, late. The timeout's own backoff goes as well. */
static void
old_echo_after_a_timeout_undoes_it(void)
{
	uint32_t original, rto_us;

	start();
	peer.ts = true;
	ten_out();
	original = stamp();
	rto_us = conn()->rto_us;
	pass_rto();
	CU_ASSERT_EQUAL(conn()->cwnd, 1000);
	TX(ACK, at(0), 1000, 1);
	TX_NONE();
	pass_us(10 * MS);
	RX(.ack = at(2), .ecr = original);
	expect_undone();
	CU_ASSERT(conn()->rto_us < 2 * rto_us + RTT);
	CU_ASSERT_EQUAL(conn()->flight->pipe, 8000);
	TX(ACK, at(10), 1000, 1); /* and not what is still on its way */
	finish_open();
}

/* ---- reports of duplicates ---- */

static void
all_duplicates_undo_the_recovery(void)
{
	start();
	ten_out();
	pass_us(RTT);
	RX(.ack = at(0), SACK(at(1), at(4)));
	TX(ACK, at(0), 1000, 1);
	pass_us(10 * MS);
	RX(.ack = at(10));
	CU_ASSERT(conn()->cwnd < 8000);
	tx_all();
	pass_us(RTT);
	RX(.ack = at(10), SACK(at(0), at(1)));
	expect_undone();
	finish_open();
}

static void
one_duplicate_of_two_keeps_the_recovery(void)
{
	start();
	ten_out();
	pass_us(RTT);
	RX(.ack = at(0), .sack_count = 2, .sack = { { at(1), at(4) }, { at(5), at(8) } });
	CU_ASSERT(tx_all() >= 2);
	pass_us(RTT);
	RX(.ack = at(10));
	tx_all();
	RX(.ack = at(10), SACK(at(0), at(1)));
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_recoveries_undone), 0);
	CU_ASSERT(conn()->cwnd < 8000);
	finish_open();
}

/* A round trip later such a report is about something else. */
static void
duplicate_long_after_recovery_undoes_nothing(void)
{
	start();
	ten_out();
	pass_us(RTT);
	RX(.ack = at(0), SACK(at(1), at(4)));
	tx_all();
	RX(.ack = at(10));
	tx_all();
	RX(.ack = at(12));
	tx_all();
	RX(.ack = at(18));
	RX(.ack = at(18), SACK(at(0), at(1)));
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_recoveries_undone), 0);
	finish_open();
}

/* ---- F-RTO, RFC 5682 ---- */

static void
frto_original_sacked_after_a_timeout_undoes_it(void)
{
	start();
	ten_out();
	pass_rto();
	TX(ACK, at(0), 1000, 1);
	RX(.ack = at(0), SACK(at(3), at(4)));
	expect_undone();
	finish_open();
}

/* 2.1: after the first acknowledgement two new segments, then the next one decides. */
static void
frto_without_sack_tries_new_data_first(void)
{
	start();
	peer.sack = false;
	ten_out();
	pass_rto();
	TX(ACK, at(0), 1000, 1);
	pass_us(10 * MS);
	RX(.ack = at(1));
	TX(ACK, at(10), 1000, 1);
	TX(ACK, at(11), 1000, 1);
	TX_NONE();
	RX(.ack = at(2));
	expect_undone();
	finish_open();
}

/* Nothing new to try it with: the next acknowledgement may be the retransmission's. */
static void
frto_without_new_data_decides_nothing(void)
{
	start();
	peer.sack = false;
	ten_out();
	conn()->snd_wnd = 10000;
	peer.window = 10000;
	pass_rto();
	TX(ACK, at(0), 1000, 1);
	pass_us(10 * MS);
	RX(.ack = at(4), .window = 6000);
	TX(ACK, at(4), 1000, 1);
	tx_all();
	RX(.ack = at(6), .window = 4000);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_recoveries_undone), 0);
	finish_open();
}

static void
frto_duplicate_means_that_it_was_lost(void)
{
	start();
	peer.sack = false;
	ten_out();
	pass_rto();
	TX(ACK, at(0), 1000, 1);
	pass_us(10 * MS);
	RX(.ack = at(1));
	CU_ASSERT_EQUAL(tx_all(), 2);
	RX(.ack = at(1));
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_recoveries_undone), 0);
	CU_ASSERT_EQUAL(conn()->recovery, RECOVERY_RTO);
	RX(.ack = at(1));
	finish_open();
}

/* Only the acknowledgements had been lost: says nothing about the first segment. */
static void
frto_acknowledgement_of_everything_undoes_nothing(void)
{
	start();
	ten_out();
	pass_rto();
	tx_all();
	pass_us(10 * MS);
	RX(.ack = at(10));
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_recoveries_undone), 0);
	CU_ASSERT_EQUAL(conn()->ssthresh, 7000);
	finish_open();
}

/* ---- what is restored ---- */

static void
undone_recovery_leaves_cubic_as_it_was(void)
{
	struct tcp_cc_cubic before;
	uint32_t original;

	start();
	peer.ts = true;
	ten_out();
	conn()->flight->cubic = (struct tcp_cc_cubic){ .w_max = 20000,
						       .w_est = 9000,
						       .cwnd_prior = 21000,
						       .k_ms = 1234,
						       .epoch_us = now_us - SECOND,
						       .counted_us = now_us };
	before = conn()->flight->cubic;
	original = stamp();
	pass_us(RTT);
	RX(.ack = at(0), .ecr = original, SACK(at(1), at(4)));
	CU_ASSERT_EQUAL(conn()->flight->cubic.epoch_us, 0);
	tx_all();
	pass_us(10 * MS);
	conn()->flags &= ~(uint32_t)CONN_CWND_LIMITED; /* or it grows on at once */
	before.epoch_us += now_us - before.counted_us;
	before.counted_us = now_us;
	RX(.ack = at(4), .ecr = original);
	expect_undone();
	CU_ASSERT(memcmp(&before, &conn()->flight->cubic, sizeof before) == 0);
	finish_open();
}

/* No duplicate of it would ever be reported, so that none being missing says nothing. */
static void
lost_fin_alone_undoes_nothing(void)
{
	start();
	fin_wait_1();
	pass_rto();
	TX(FIN | ACK, 1, 0, 1);
	RX(.ack = 1);
	CU_ASSERT_EQUAL(conn()->recovery, RECOVERY_RTO);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_recoveries_undone), 0);
	finish_open();
}

CU_TestInfo test_undo[] = {
	{ "old_echo_in_fast_recovery_undoes_it", old_echo_in_fast_recovery_undoes_it },
	{ "new_echo_in_fast_recovery_keeps_it", new_echo_in_fast_recovery_keeps_it },
	{ "old_echo_after_a_timeout_undoes_it", old_echo_after_a_timeout_undoes_it },
	{ "all_duplicates_undo_the_recovery", all_duplicates_undo_the_recovery },
	{ "one_duplicate_of_two_keeps_the_recovery", one_duplicate_of_two_keeps_the_recovery },
	{ "duplicate_long_after_recovery_undoes_nothing",
	  duplicate_long_after_recovery_undoes_nothing },
	{ "frto_original_sacked_after_a_timeout_undoes_it",
	  frto_original_sacked_after_a_timeout_undoes_it },
	{ "frto_without_sack_tries_new_data_first", frto_without_sack_tries_new_data_first },
	{ "frto_without_new_data_decides_nothing", frto_without_new_data_decides_nothing },
	{ "frto_duplicate_means_that_it_was_lost", frto_duplicate_means_that_it_was_lost },
	{ "frto_acknowledgement_of_everything_undoes_nothing",
	  frto_acknowledgement_of_everything_undoes_nothing },
	{ "undone_recovery_leaves_cubic_as_it_was", undone_recovery_leaves_cubic_as_it_was },
	{ "lost_fin_alone_undoes_nothing", lost_fin_alone_undoes_nothing },
	CU_TEST_INFO_NULL,
};
