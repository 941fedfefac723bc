/*
 * What is done about losses: SACK (RFC 2018, 6675), RACK and TLP (8985), RTO (6298), NewReno
 * (6582).
 */
#include "test/unit/dataplane/tcp/tcp_fixture.h"

#define RTT (100 * MS)

/* Data position behind n full segments. */
static uint32_t
at(uint32_t segments)
{
	return 1 + segments * 1000;
}

#define SACK(from, to) .sack_count = 1, .sack = { { (from), (to) } }

/* Ten segments are out, a round trip of 100 ms is known. */
static void
ten_out(void)
{
	syn_received();
	pass_us(RTT);
	RX();
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN);
	app_send(1000);
	tx();
	pass_us(RTT);
	RX();
	events();
	CU_ASSERT_EQUAL(conn()->srtt_us, RTT);
	app_send(10000);
	CU_ASSERT_EQUAL(tx_all(), 10);
	pass_us(RTT);
}

/* ---- SACK and RACK ---- */

static void
sack_of_three_marks_the_hole_lost(void)
{
	start();
	ten_out();
	RX(.ack = at(1), SACK(at(2), at(3)));
	TX_NONE();
	RX(.ack = at(1), SACK(at(2), at(4)));
	TX_NONE();
	RX(.ack = at(1), SACK(at(2), at(5)));
	TX(ACK, at(1), 1000, 1);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_recoveries), 1);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_retransmits), 1);
	CU_ASSERT_EQUAL(conn()->recovery, RECOVERY_FAST);
	RX(.ack = at(11));
	CU_ASSERT_EQUAL(conn()->recovery, RECOVERY_NONE);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_retransmit_timeouts), 0);
	CU_ASSERT_EQUAL(tcp_send_queued(tcp, id), 0);
	finish_open();
}

static void
sack_of_one_marks_lost_after_the_reordering_window(void)
{
	start();
	ten_out();
	RX(.ack = at(1), SACK(at(2), at(3)));
	TX_NONE();
	pass_us(RTT / 4 - MS);
	TX_NONE();
	pass_us(2 * MS);
	TX(ACK, at(1), 1000, 1);
	finish_open();
}

static void
sack_reordered_within_the_window_is_not_lost(void)
{
	start();
	ten_out();
	RX(.ack = at(1), SACK(at(2), at(3)));
	pass_us(10 * MS);
	RX(.ack = at(3));
	pass_us(RTT / 4);
	TX_NONE();
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_retransmits), 0);
	CU_ASSERT(conn()->flags & CONN_REORDERING);
	/* From now on three duplicates alone do not count. */
	RX(.ack = at(3), SACK(at(4), at(8)));
	TX_NONE();
	finish_open();
}

static void
sack_two_holes_are_both_sent_again(void)
{
	start();
	ten_out();
	RX(.ack = at(1), .sack_count = 2, .sack = { { at(5), at(8) }, { at(2), at(4) } });
	TX(ACK, at(1), 1000, 1);
	pass_us(MS);
	RX(.ack = at(1), .sack_count = 2, .sack = { { at(5), at(11) }, { at(2), at(4) } });
	TX(ACK, at(4), 1000, 1);
	TX_NONE();
	finish_open();
}

static void
sack_lost_retransmission_is_found(void)
{
	start();
	ten_out();
	app_send(10000);
	RX(.ack = at(1), SACK(at(2), at(9)));
	TX(ACK, at(1), 1000, 1);
	tx_all(); /* and new data */
	pass_us(RTT);
	RX(.ack = at(1), SACK(at(2), at(12)));
	TX(ACK, at(1), 1000, 1); /* what was sent later has arrived */
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_recoveries), 1);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_retransmit_timeouts), 0);
	finish_open();
}

static void
sack_nonsense_blocks_are_ignored(void)
{
	start();
	ten_out();
	RX(.ack = at(1), SACK(at(3), at(2)));              /* upside down */
	RX(.ack = at(1), SACK(at(5), at(12)));             /* beyond what was sent */
	RX(.ack = at(1), SACK(1u - 5000, 1u - 4000));      /* history */
	RX(.ack = at(1), SACK(at(5), at(5)));              /* empty */
	RX(.ack = at(1), SACK(at(5) + (1u << 31), at(6))); /* half the space away */
	CU_ASSERT_EQUAL(conn()->flight->sacked, 0);
	CU_ASSERT_EQUAL(conn()->flight->lost, 0);
	finish_open();
}

static void
sack_not_negotiated_is_ignored(void)
{
	start();
	peer.sack = false;
	ten_out();
	RX(.ack = at(1), SACK(at(2), at(8)));
	CU_ASSERT_EQUAL(conn()->flight->sacked, 0);
	finish_open();
}

/* RFC 2018 8: the peer may throw away what it has sacked; the timeout sends it all again. */
static void
sack_reneged_is_sent_again(void)
{
	start();
	ten_out();
	RX(.ack = at(1), SACK(at(2), at(11)));
	TX(ACK, at(1), 1000, 1);
	RX(.ack = at(2)); /* the sacked ones should have been acknowledged, too */
	CU_ASSERT_EQUAL(conn()->flight->sacked, 9000);
	pass_us(2 * SECOND);
	CU_ASSERT_EQUAL(conn()->flight->sacked, 0);
	for (uint32_t i = 2; i < 11; i++) {
		TX(ACK, at(i), 1000, 1);
		RX(.ack = at(i + 1));
	}
	CU_ASSERT_EQUAL(tcp_send_queued(tcp, id), 0);
	finish_open();
}

static void
dsack_widens_the_reordering_window(void)
{
	start();
	ten_out();
	CU_ASSERT_EQUAL(conn()->rack_multiplier, 0);
	RX(.ack = at(2), SACK(at(1), at(2)));
	CU_ASSERT_EQUAL(conn()->rack_multiplier, 1);
	RX(.ack = at(2), SACK(at(1), at(2))); /* once a round trip */
	CU_ASSERT_EQUAL(conn()->rack_multiplier, 1);
	finish_open();
}

static void
recovery_halves_and_ends_at_ssthresh(void)
{
	uint32_t cwnd;

	start();
	ten_out();
	cwnd = conn()->cwnd;
	RX(.ack = at(1), SACK(at(2), at(5)));
	CU_ASSERT_EQUAL(conn()->ssthresh, 7000); /* 0.7 of what was out */
	CU_ASSERT(conn()->cwnd <= cwnd);
	tx_all();
	RX(.ack = at(11));
	CU_ASSERT_EQUAL(conn()->cwnd, 7000);
	finish_open();
}

/* ---- tail loss probes ---- */

static void
tail_probe_after_two_round_trips_repeats_the_last(void)
{
	start();
	ten_out();
	RX(.ack = at(6));
	pass_us(2 * RTT - MS);
	TX_NONE();
	pass_us(2 * MS);
	TX(ACK, at(10), 1000, 1);
	TX_NONE();
	pass_us(RTT);
	RX(.ack = at(6), SACK(at(10), at(11)));
	TX(ACK, at(6), 1000, 1); /* now the others are known to be lost */
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_retransmit_timeouts), 0);
	finish_open();
}

static void
tail_probe_carries_new_data_if_it_can(void)
{
	start();
	ten_out();
	RX(.ack = at(10));
	conn()->cwnd = 1000; /* held back by it */
	app_send(1000);
	TX_NONE();
	pass_us(conn()->rto_us + MS); /* earlier than a probe is due: in place of the timeout */
	TX(ACK, at(11), 1000, 1);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_retransmits), 0);
	finish_open();
}

static void
tail_probe_of_a_single_segment_waits_for_a_delayed_ack(void)
{
	start();
	ten_out();
	RX(.ack = at(11));
	conn()->rto_us = SECOND;
	app_send(500);
	tx();
	pass_us(2 * RTT + 190 * MS);
	TX_NONE();
	pass_us(20 * MS);
	TX(ACK, at(11), 500, 1);
	finish_open();
}

/* One probe, then the timeout. */
static void
tail_probe_is_sent_once(void)
{
	start();
	ten_out();
	pass_us(RTT + MS);
	CU_ASSERT_EQUAL(tx_all(), 1);
	pass_us(conn()->rto_us - 2 * MS);
	CU_ASSERT_EQUAL(tx_all(), 0);
	pass_us(4 * MS);
	CU_ASSERT_EQUAL(tx_all(), 1);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_retransmit_timeouts), 1);
	finish_open();
}

/*
 * 7.4.2: it repaired a loss that nothing else tells about: react as to any other loss, by what
 * was in flight.
 */
static void
tail_probe_that_repaired_a_loss_counts_as_one(void)
{
	start();
	ten_out();
	pass_us(RTT + MS);
	TX(ACK, at(10), 1000, 1);
	RX(.ack = at(10));
	app_send(1000);
	tx();
	RX(.ack = at(12));
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_recoveries), 1);
	CU_ASSERT(conn()->cwnd < 10000);
	finish_open();
}

/*
 * The other end of it: a burst was out; what its loss costs is a share of the burst, not
 * everything.
 */
static void
tail_probe_that_repaired_a_loss_leaves_most_of_cwnd(void)
{
	start();
	ten_out();
	pass_us(RTT + MS);
	TX(ACK, at(10), 1000, 1);
	RX(.ack = at(10));
	app_send(8000);
	CU_ASSERT_EQUAL(tx_all(), 8);
	RX(.ack = at(19));
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_recoveries), 1);
	CU_ASSERT_EQUAL(conn()->cwnd, 6300); /* 0.7 of the 9,000 that were out */
	finish_open();
}

/*
 * Only the acknowledgement was late: the report of a duplicate says so, though nothing is out
 * any more.
 */
static void
tail_probe_for_nothing_costs_nothing(void)
{
	uint32_t cwnd;

	start();
	ten_out();
	pass_us(RTT + MS);
	TX(ACK, at(10), 1000, 1);
	RX(.ack = at(11));
	RX(.ack = at(11), SACK(at(10), at(11)));
	cwnd = conn()->cwnd;
	app_send(3000);
	CU_ASSERT_EQUAL(tx_all(), 3);
	pass_us(RTT);
	RX();
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_recoveries), 0);
	CU_ASSERT(conn()->cwnd >= cwnd);
	finish_open();
}

static void
tail_probe_without_sack_is_not_sent(void)
{
	start();
	peer.sack = false;
	ten_out();
	pass_us(RTT + 20 * MS);
	TX_NONE();
	finish_open();
}

/* ---- retransmission timeout ---- */

static void
rto_backs_off_and_gives_up(void)
{
	uint64_t last, gap = 0;
	unsigned times = 0;

	start();
	peer.sack = false; /* no probes */
	established();
	app_send(1000);
	tx();
	last = now_us;
	while (state() == TCP_ESTABLISHED && times < 50) {
		now_us = tcp_next_us(tcp);
		pass_us(1);
		if (tx().flags & ACK) {
			CU_ASSERT(now_us - last + MS >= gap);
			CU_ASSERT(now_us - last <= settings.rto_max_us + MS);
			gap = min_u32(2 * (uint32_t)(now_us - last), settings.rto_max_us);
			last = now_us;
			times++;
		}
	}
	CU_ASSERT_EQUAL(times, settings.profile.data_retries + 1); /* the last one is the RST */
	CU_ASSERT_EQUAL(events(), TCP_EVENT_CLOSED);
	CU_ASSERT_EQUAL(tcp_close_reason(tcp, id), TCP_CLOSE_TIMEOUT);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_timeouts), 1);
	tcp_release(tcp, id, now_us);
	tx_all();
	finish();
}

static void
rto_progress_makes_patience_new(void)
{
	start();
	peer.sack = false;
	established();
	app_send(3000);
	tx_all();
	for (unsigned i = 0; i < settings.profile.data_retries; i++)
		pass_us(conn()->rto_us + MS);
	tx_all();
	RX(.ack = at(1));
	CU_ASSERT_EQUAL(conn()->retries, 0);
	CU_ASSERT(conn()->due_us[TIMER_RETRANSMIT] != TCP_NEVER);
	finish_open();
}

/* RFC 6298 5.3: it runs from the last acknowledgement of something new. */
static void
rto_restarts_with_each_new_ack(void)
{
	start();
	peer.sack = false;
	ten_out();
	CU_ASSERT(conn()->rto_us < 400 * MS);
	RX(.ack = at(2));
	pass_us(conn()->rto_us - 2 * MS);
	TX_NONE();
	pass_us(4 * MS);
	TX(ACK, at(2), 1000, 1);
	finish_open();
}

static void
rto_begins_again_with_one_segment(void)
{
	start();
	peer.sack = false;
	ten_out();
	pass_us(SECOND);
	CU_ASSERT_EQUAL(conn()->cwnd, 1000);
	CU_ASSERT_EQUAL(tx_all(), 1);
	pass_us(10 * MS);
	RX(.ack = at(2));
	CU_ASSERT_EQUAL(tx_all(), 2); /* slow start */
	finish_open();
}

/*
 * The application had sent less than cwnd allowed. Slow start must not wait for that after a
 * timeout.
 */
static void
rto_slow_start_grows_whatever_was_before(void)
{
	unsigned round_trips = 0;

	start();
	ten_out();
	RX();
	conn()->flags &= ~(uint32_t)CONN_CWND_LIMITED;
	conn()->cwnd = 40000;
	app_send(20000);
	CU_ASSERT_EQUAL(tx_all(), 20);
	conn()->flight->probe_due_us = TCP_NEVER; /* not of interest here */
	pass_us(2 * SECOND);
	while (tcp_send_queued(tcp, id) && round_trips < 30) {
		unsigned n = 0;
		uint32_t ack = conn()->snd_una - conn()->iss;

		for (struct seg s = tx(); s.flags; s = tx(), n++)
			if (s.seq == ack)
				ack += s.len;
		pass_us(RTT);
		RX(.ack = ack);
		round_trips++;
	}
	CU_ASSERT(round_trips <= 8);
	finish_open();
}

/* Karn: no sample of what was sent twice, without timestamps; with them the echo tells. */
static void
rto_repeated_segment_is_no_sample(void)
{
	start();
	peer.sack = false;
	ten_out();
	RX();
	app_send(1000);
	tx();
	pass_us(conn()->rto_us + MS);
	tx();
	pass_us(10 * MS);
	RX();
	CU_ASSERT_EQUAL(conn()->srtt_us, RTT);
	CU_ASSERT(conn()->rto_us > 400 * MS); /* stays backed off */
	app_send(1000);
	tx();
	pass_us(RTT);
	RX();
	CU_ASSERT(conn()->rto_us < 400 * MS);
	finish_open();
}

static void
rto_repeated_segment_with_timestamp_is_a_sample(void)
{
	uint32_t rto_us;

	start();
	peer.ts = true;
	peer.sack = false;
	established();
	app_send(988);
	tx();
	pass_us(conn()->rto_us + MS);
	CU_ASSERT_EQUAL(tx().len, 988);
	rto_us = conn()->rto_us;
	pass_us(50 * MS);
	RX();
	CU_ASSERT(conn()->rto_us < rto_us);
	finish_open();
}

/* ---- NewReno ---- */

static void
newreno_third_duplicate_sends_the_first_again(void)
{
	start();
	peer.sack = false;
	ten_out();
	RX(.ack = at(2));
	RX(.ack = at(2));
	RX(.ack = at(2));
	TX_NONE();
	RX(.ack = at(2), .len = 10);     /* carries text: no duplicate */
	RX(.ack = at(2), .window = 900); /* changes the window: no duplicate */
	RX(.ack = at(2));
	CU_ASSERT_EQUAL(conn()->recovery, RECOVERY_NONE);
	tx_all();
	RX(.ack = at(2));
	CU_ASSERT_EQUAL(conn()->recovery, RECOVERY_FAST);
	TX(ACK, at(2), 1000, 11);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_recoveries), 1);
	finish_open();
}

static void
newreno_partial_ack_sends_the_next_hole(void)
{
	start();
	peer.sack = false;
	ten_out();
	RX(.ack = at(2));
	for (unsigned i = 0; i < 3; i++)
		RX(.ack = at(2));
	TX(ACK, at(2), 1000, 1);
	TX_NONE();
	RX(.ack = at(5));
	TX(ACK, at(5), 1000, 1);
	TX_NONE();
	RX(.ack = at(11));
	CU_ASSERT_EQUAL(conn()->recovery, RECOVERY_NONE);
	CU_ASSERT_EQUAL(conn()->cwnd, conn()->ssthresh);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_retransmits), 2);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_recoveries), 1);
	finish_open();
}

/* ---- congestion window ---- */

static void
cwnd_slow_start_doubles(void)
{
	start();
	established();
	CU_ASSERT_EQUAL(conn()->cwnd, 10000); /* RFC 6928 */
	app_send(60000);
	CU_ASSERT_EQUAL(tx_all(), 10);
	for (unsigned i = 1; i <= 10; i++)
		RX(.ack = at(i));
	CU_ASSERT_EQUAL(conn()->cwnd, 20000);
	CU_ASSERT_EQUAL(tx_all(), 20);
	finish_open();
}

static void
cwnd_unused_does_not_grow(void)
{
	start();
	established();
	for (unsigned i = 0; i < 20; i++) {
		app_send(1000);
		tx_all();
		RX();
	}
	CU_ASSERT_EQUAL(conn()->cwnd, 10000);
	finish_open();
}

static void
cwnd_one_ack_for_everything_adds_little(void)
{
	start();
	established();
	app_send(60000);
	tx_all();
	RX(.ack = at(10));
	CU_ASSERT_EQUAL(conn()->cwnd, 18000);
	finish_open();
}

static void
cwnd_idle_begins_anew(void)
{
	start();
	established();
	conn()->cwnd = 50000;
	app_send(1000);
	tx_all();
	RX();
	CU_ASSERT_EQUAL(conn()->cwnd, 50000);
	pass_us(2 * SECOND);
	app_send(20000);
	CU_ASSERT_EQUAL(tx_all(), 10); /* RFC 5681 4.1 */
	finish_open();
}

/* RFC 9438: concave up to where the loss was, then convex. */
static void
cwnd_cubic_returns_to_the_last_maximum(void)
{
	uint32_t after_half, after_k;
	uint64_t k_us;

	start();
	established();
	conn()->cwnd = conn()->ssthresh = 70000;
	CU_ASSERT_FATAL(tcp_flight_take(tcp, conn()));
	conn()->flight->cubic.w_max = 100000;
	conn()->srtt_us = RTT;
	conn()->flags |= CONN_CWND_LIMITED;
	conn()->flight->cwnd_limited_seq = conn()->snd_nxt + 1000000;
	/* K = cubic_root(30 segments / 0.4) = 4.2 s */
	k_us = 4217 * MS;
	for (uint64_t t = 0; t < k_us / 2; t += 10 * MS) {
		struct tcp_delivery d = { .now_us = now_us + t,
					  .acked = 7000,
					  .una_before = conn()->snd_una };

		tcp_cc_ack(conn(), &d);
	}
	after_half = conn()->cwnd;
	for (uint64_t t = k_us / 2; t < k_us; t += 10 * MS) {
		struct tcp_delivery d = { .now_us = now_us + t,
					  .acked = 7000,
					  .una_before = conn()->snd_una };

		tcp_cc_ack(conn(), &d);
	}
	after_k = conn()->cwnd;
	CU_ASSERT(after_half > 94000 && after_half < 99000); /* 7/8 of the way */
	CU_ASSERT(after_k > 98000 && after_k < 103000);
	finish_open();
}

static void
cwnd_newreno_grows_a_segment_a_round_trip_and_halves(void)
{
	start();
	established();
	conn()->cc = TCP_CC_NEWRENO;
	conn()->ssthresh = 10000;
	app_send(60000);
	CU_ASSERT_EQUAL(tx_all(), 10);
	for (unsigned i = 1; i < 10; i++)
		RX(.ack = at(i));
	CU_ASSERT_EQUAL(conn()->cwnd, 10000);
	RX(.ack = at(10));
	CU_ASSERT_EQUAL(conn()->cwnd, 11000);
	tx_all();
	RX(.ack = at(10), SACK(at(11), at(14)));
	CU_ASSERT_EQUAL(conn()->ssthresh, 5500);
	finish_open();
}

CU_TestInfo test_loss[] = {
	{ "sack_of_three_marks_the_hole_lost", sack_of_three_marks_the_hole_lost },
	{ "sack_of_one_marks_lost_after_the_reordering_window",
	  sack_of_one_marks_lost_after_the_reordering_window },
	{ "sack_reordered_within_the_window_is_not_lost",
	  sack_reordered_within_the_window_is_not_lost },
	{ "sack_two_holes_are_both_sent_again", sack_two_holes_are_both_sent_again },
	{ "sack_lost_retransmission_is_found", sack_lost_retransmission_is_found },
	{ "sack_nonsense_blocks_are_ignored", sack_nonsense_blocks_are_ignored },
	{ "sack_not_negotiated_is_ignored", sack_not_negotiated_is_ignored },
	{ "sack_reneged_is_sent_again", sack_reneged_is_sent_again },
	{ "dsack_widens_the_reordering_window", dsack_widens_the_reordering_window },
	{ "recovery_halves_and_ends_at_ssthresh", recovery_halves_and_ends_at_ssthresh },
	{ "tail_probe_after_two_round_trips_repeats_the_last",
	  tail_probe_after_two_round_trips_repeats_the_last },
	{ "tail_probe_carries_new_data_if_it_can", tail_probe_carries_new_data_if_it_can },
	{ "tail_probe_of_a_single_segment_waits_for_a_delayed_ack",
	  tail_probe_of_a_single_segment_waits_for_a_delayed_ack },
	{ "tail_probe_is_sent_once", tail_probe_is_sent_once },
	{ "tail_probe_that_repaired_a_loss_counts_as_one",
	  tail_probe_that_repaired_a_loss_counts_as_one },
	{ "tail_probe_that_repaired_a_loss_leaves_most_of_cwnd",
	  tail_probe_that_repaired_a_loss_leaves_most_of_cwnd },
	{ "tail_probe_for_nothing_costs_nothing", tail_probe_for_nothing_costs_nothing },
	{ "tail_probe_without_sack_is_not_sent", tail_probe_without_sack_is_not_sent },
	{ "rto_backs_off_and_gives_up", rto_backs_off_and_gives_up },
	{ "rto_progress_makes_patience_new", rto_progress_makes_patience_new },
	{ "rto_restarts_with_each_new_ack", rto_restarts_with_each_new_ack },
	{ "rto_begins_again_with_one_segment", rto_begins_again_with_one_segment },
	{ "rto_slow_start_grows_whatever_was_before", rto_slow_start_grows_whatever_was_before },
	{ "rto_repeated_segment_is_no_sample", rto_repeated_segment_is_no_sample },
	{ "rto_repeated_segment_with_timestamp_is_a_sample",
	  rto_repeated_segment_with_timestamp_is_a_sample },
	{ "newreno_third_duplicate_sends_the_first_again",
	  newreno_third_duplicate_sends_the_first_again },
	{ "newreno_partial_ack_sends_the_next_hole", newreno_partial_ack_sends_the_next_hole },
	{ "cwnd_slow_start_doubles", cwnd_slow_start_doubles },
	{ "cwnd_unused_does_not_grow", cwnd_unused_does_not_grow },
	{ "cwnd_one_ack_for_everything_adds_little", cwnd_one_ack_for_everything_adds_little },
	{ "cwnd_idle_begins_anew", cwnd_idle_begins_anew },
	{ "cwnd_cubic_returns_to_the_last_maximum", cwnd_cubic_returns_to_the_last_maximum },
	{ "cwnd_newreno_grows_a_segment_a_round_trip_and_halves",
	  cwnd_newreno_grows_a_segment_a_round_trip_and_halves },
	CU_TEST_INFO_NULL,
};
