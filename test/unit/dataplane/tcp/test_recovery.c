/*
 * Recovery in detail: what a peer sacks at other boundaries than ours, reductions one after the other, how much is sent
 * during recovery (RFC 9937), what peers that lie get out of it, and what is no congestion.
 */
#include "test/unit/dataplane/tcp/tcp_fixture.h"

#define RTT (100 * MS)

#define SACK(from, to) .sack_count = 1, .sack = { { (from), (to) } }

/* Data position behind n full segments. */
static uint32_t
at(uint32_t segments)
{
	return 1 + segments * 1000;
}

/* n segments fill cwnd and are out, more wait; a round trip of 100 ms is known. */
static void
out(unsigned n, uint8_t cc)
{
	syn_received();
	pass_us(RTT);
	RX();
	events();
	conn()->cc = cc;
	conn()->cwnd = conn()->ssthresh = n * 1000;
	app_send(60000);
	CU_ASSERT_EQUAL(tx_all(), n);
	pass_us(RTT);
}

/* ---- partial blocks ---- */

static void
partial_block_splits_the_record(void)
{
	start();
	out(10, TCP_CC_CUBIC);
	RX(.ack = at(1), SACK(at(2) + 100, at(4) + 500));
	CU_ASSERT_EQUAL(conn()->flight->sacked, 2400);
	/* one, half of one, what is sacked in one piece, half of one, five */
	CU_ASSERT_EQUAL(conn()->flight->sent_count, 9);
	RX(.ack = at(1), SACK(at(2), at(9)));
	CU_ASSERT_EQUAL(conn()->flight->sacked, 7000);
	RX(.ack = at(10));
	finish_open();
}

/* Only what is missing is sent again. */
static void
partial_block_repeats_only_the_hole(void)
{
	start();
	out(10, TCP_CC_CUBIC);
	RX(.ack = at(0), SACK(at(0) + 300, at(9)));
	TX(ACK, at(0), 300, 1);
	RX(.ack = at(10));
	CU_ASSERT_EQUAL(conn()->recovery, RECOVERY_NONE);
	finish_open();
}

/* A peer that sacks every other byte gets a bounded number of records. */
static void
partial_blocks_of_single_bytes_are_bounded(void)
{
	start();
	out(10, TCP_CC_CUBIC);
	for (uint32_t i = 0; i < 400; i++)
		RX(.ack = at(0), SACK(at(1) + 2 * i, at(1) + 2 * i + 1));
	CU_ASSERT(conn()->flight->sent_count <= 2 * 10 + 16 + 2);
	CU_ASSERT(conn()->flight->sacked > 0);
	finish_open();
}

/* ---- reductions ---- */

/* RFC 5681 4.3: the loss of a retransmission is a second indication of congestion. */
static void
retransmission_lost_reduces_again(void)
{
	start();
	out(20, TCP_CC_NEWRENO);
	RX(.ack = at(0), SACK(at(1), at(15)));
	CU_ASSERT_EQUAL(conn()->ssthresh, 10000);
	pass_us(MS);
	RX(.ack = at(0), SACK(at(1), at(20)));
	tx_all(); /* the retransmission and new data */
	pass_us(RTT);
	RX(.ack = at(0), SACK(at(1), at(22)));
	CU_ASSERT_EQUAL(conn()->ssthresh, 5000);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_recoveries), 1);
	TX(ACK, at(0), 1000, 1);
	/* once a round trip, however many were lost */
	RX(.ack = at(0), SACK(at(1), at(23)));
	CU_ASSERT_EQUAL(conn()->ssthresh, 5000);
	finish_open();
}

/* What recovery sent for the first time, and lost, belongs to the next window. */
static void
new_data_lost_in_recovery_reduces_after_it(void)
{
	unsigned n;

	start();
	out(20, TCP_CC_NEWRENO);
	RX(.ack = at(0), SACK(at(1), at(15)));
	n = tx_all();
	CU_ASSERT(n > 4); /* the first again, and 20, 21, 22... */
	pass_us(RTT);
	RX(.ack = at(0), .sack_count = 2, .sack = { { at(21), at(24) }, { at(1), at(20) } });
	CU_ASSERT_EQUAL(conn()->ssthresh, 10000 / 2); /* the first was lost again */
	tx_all();
	pass_us(RTT);
	RX(.ack = at(20), SACK(at(21), at(24)));
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_recoveries), 1);
	finish_open();
}

static void
loss_after_a_timeout_reduces_again(void)
{
	uint32_t ssthresh;

	start();
	out(20, TCP_CC_NEWRENO);
	pass_us(3 * SECOND);
	CU_ASSERT_EQUAL(conn()->recovery, RECOVERY_RTO);
	tx_all();
	ssthresh = conn()->ssthresh;
	CU_ASSERT_EQUAL(ssthresh, 10000);
	pass_us(10 * MS);
	RX(.ack = at(0)); /* really lost, says F-RTO */
	RX(.ack = at(1));
	tx_all();
	pass_us(10 * MS);
	RX(.ack = at(3));
	CU_ASSERT_EQUAL(tx_all(), 3);
	pass_us(RTT);
	RX(.ack = at(3), SACK(at(4), at(6)));
	CU_ASSERT_EQUAL(conn()->recovery, RECOVERY_FAST);
	CU_ASSERT(conn()->ssthresh < ssthresh);
	TX(ACK, at(3), 1000, 1);
	finish_open();
}

/* RFC 1191 6.4: what was too big for the path is no sign of congestion. */
static void
too_big_is_no_congestion(void)
{
	struct rte_mbuf *m;

	start();
	out(10, TCP_CC_CUBIC);
	m = rte_pktmbuf_alloc(unit_mbufs());
	*packet_of(m) = (struct packet){
		.src = peer.ours.addr,
		.dst = peer.theirs.addr,
		.src_port = peer.ours.port,
		.dst_port = peer.theirs.port,
		.icmp_kind = ICMP_KIND_TOO_BIG,
		.icmp_mtu = 740,
		.icmp_sequence = peer.irs + at(5),
	};
	CU_ASSERT_EQUAL(tcp_icmp_error(tcp, m, now_us), DROP_none);
	rte_pktmbuf_free(m);
	CU_ASSERT(conn()->flight->lost > 0);
	RX(.ack = at(1)); /* before anything was sent again */
	CU_ASSERT_EQUAL(conn()->recovery, RECOVERY_NONE);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_recoveries), 0);
	CU_ASSERT(conn()->cwnd >= 10000);
	TX(ACK, at(1), 700, 1);
	TX(ACK, at(1) + 700, 300, 1);
	finish_open();
}

/* ---- how much is sent in recovery, RFC 9937 6.2 ---- */

/* One loss: a segment for each two that arrive, so that at the end half of the window is out. */
static void
rate_falls_in_proportion(void)
{
	unsigned n;

	start();
	out(20, TCP_CC_NEWRENO);
	RX(.ack = at(0), SACK(at(1), at(2)));
	TX(ACK, at(20), 1000, 1); /* RFC 3042 */
	RX(.ack = at(0), SACK(at(1), at(3)));
	TX(ACK, at(21), 1000, 1);
	RX(.ack = at(0), SACK(at(1), at(4)));
	CU_ASSERT_EQUAL(conn()->flight->prr_flight,
			20000); /* 22 are out, two of them were sacked before */
	TX(ACK, at(0), 1000, 1);
	n = 1;
	for (unsigned i = 5; i <= 20; i++) {
		RX(.ack = at(0), SACK(at(1), at(i)));
		n += tx_all();
		if (i <= 18)
			CU_ASSERT_EQUAL(n, i < 7 ? 1 : (i - 3) / 2);
	}
	CU_ASSERT_EQUAL(conn()->flight->pipe, 10000);
	RX(.ack = at(22));
	CU_ASSERT_EQUAL(conn()->recovery, RECOVERY_NONE);
	CU_ASSERT_EQUAL(conn()->ssthresh, 10000);
	CU_ASSERT(conn()->cwnd - 10000 <= 1000);
	finish_open();
}

/* Most of the window lost: as many go out as arrive, one more with each sign of progress. */
static void
rate_below_the_target_is_bound_by_what_arrives(void)
{
	start();
	out(20, TCP_CC_NEWRENO);
	RX(.ack = at(0), SACK(at(15), at(20)));
	CU_ASSERT_EQUAL(tx_all(), 5); /* more was lost: the conservative bound */
	pass_us(RTT);
	RX(.ack = at(1), SACK(at(15), at(20)));
	CU_ASSERT_EQUAL(tx_all(), 2); /* progress: the slow start bound */
	finish_open();
}

/* Bytes that were sacked are not delivered once more when they are acknowledged. */
static void
rate_does_not_count_sacked_bytes_twice(void)
{
	uint32_t delivered;

	start();
	out(20, TCP_CC_NEWRENO);
	RX(.ack = at(0), .sack_count = 2, .sack = { { at(1), at(10) }, { at(11), at(15) } });
	delivered = conn()->flight->prr_delivered;
	CU_ASSERT_EQUAL(delivered, 13000);
	tx_all();
	pass_us(MS);
	RX(.ack = at(10), SACK(at(11), at(15)));
	CU_ASSERT_EQUAL(conn()->flight->prr_delivered - delivered, 1000);
	finish_open();
}

/* ---- without SACK ---- */

static void
limited_transmit_without_sack_sends_two(void)
{
	start();
	peer.sack = false;
	out(10, TCP_CC_NEWRENO);
	RX(.ack = at(0));
	TX(ACK, at(10), 1000, 1);
	TX_NONE();
	RX(.ack = at(0));
	TX(ACK, at(11), 1000, 1);
	TX_NONE();
	RX(.ack = at(0));
	TX(ACK, at(0), 1000, 1);
	finish_open();
}

/* ---- peers that lie (Savage et al. 1999) ---- */

/* ACK division: a segment acknowledged in a hundred pieces is worth one segment. */
static void
ack_division_gains_nothing(void)
{
	start();
	established();
	app_send(60000);
	tx_all();
	for (uint32_t i = 1; i <= 100; i++)
		RX(.ack = at(0) + i * 10);
	CU_ASSERT_EQUAL(conn()->cwnd, 11000);
	finish_open();
}

/* Duplicate acknowledgements without end: no more segments than were out. */
static void
duplicate_ack_spoofing_is_bounded(void)
{
	unsigned n = 0;

	start();
	peer.sack = false;
	out(10, TCP_CC_NEWRENO);
	for (unsigned i = 0; i < 1000; i++) {
		RX(.ack = at(0));
		n += tx_all();
	}
	CU_ASSERT(n <= 12);
	finish_open();
}

/* Optimistic ACK: of what was not sent yet it is refused, however near. */
static void
optimistic_ack_is_refused(void)
{
	uint32_t cwnd;

	start();
	established();
	app_send(60000);
	tx_all();
	cwnd = conn()->cwnd;
	CU_ASSERT_EQUAL(RX(.ack = at(10) + 1), DROP_tcp_ack_unacceptable);
	CU_ASSERT_EQUAL(RX(.ack = at(20)), DROP_tcp_ack_unacceptable);
	CU_ASSERT_EQUAL(conn()->cwnd, cwnd);
	CU_ASSERT_EQUAL(conn()->snd_una - conn()->iss, 1);
	finish_open();
}

/* ---- what many records cost ---- */

static void
what_is_sacked_in_one_piece_is_one_record(void)
{
	start();
	out(10, TCP_CC_CUBIC);
	RX(.ack = at(0), SACK(at(1), at(3)));
	RX(.ack = at(0), SACK(at(4), at(6)));
	CU_ASSERT_EQUAL(conn()->flight->sent_count, 8);
	RX(.ack = at(0), SACK(at(3), at(4)));
	CU_ASSERT_EQUAL(conn()->flight->sent_count, 6);
	CU_ASSERT_EQUAL(conn()->flight->sacked, 5000);
	CU_ASSERT_EQUAL(conn()->flight->sacked_segments, 5);
	RX(.ack = at(3), SACK(at(3), at(6)));
	CU_ASSERT_EQUAL(conn()->flight->sacked, 3000);
	RX(.ack = at(10));
	CU_ASSERT_EQUAL(conn()->flight->sacked_segments, 0);
	finish_open();
}

/* RFC 2018 8: the peer has thrown away what it had sacked in one piece. */
static void
reneged_piece_is_sent_again_in_segments(void)
{
	start();
	out(10, TCP_CC_CUBIC);
	RX(.ack = at(0), SACK(at(1), at(9)));
	tx_all();
	RX(.ack = at(1));
	tx_all();
	pass_us(conn()->rto_us + MS);
	TX(ACK, at(1), 1000, 1);
	CU_ASSERT_EQUAL(conn()->flight->sacked, 0);
	RX(.ack = at(2));
	TX(ACK, at(2), 1000, 1);
	RX(.ack = at(10));
	finish_open();
}

/* n segments of mss bytes are out. */
static void
many_out(unsigned n, uint16_t mss)
{
	start_defaults();
	settings.segments = 16384;
	start();
	peer.mss = mss;
	peer.scale = 7;
	syn_received();
	pass_us(RTT);
	RX();
	events();
	conn()->cwnd = conn()->ssthresh = 1u << 20;
	app_send(n * mss);
	CU_ASSERT_EQUAL(tx_all(), n);
	pass_us(RTT);
}

/* Every second segment is missing: the middle is not found by one look, but soon. */
static void
search_among_many_holes_is_bounded(void)
{
	uint32_t sacked, start = 1 + 64 * 1500;

	many_out(3000, 64);
	for (uint32_t i = 1; i < 3000; i += 2)
		RX(.ack = 1, SACK(1 + 64 * i, 1 + 64 * (i + 1)));
	CU_ASSERT_EQUAL(conn()->flight->sent_count, 3000);
	sacked = conn()->flight->sacked;
	CU_ASSERT_EQUAL(sacked, 64 * 1500);
	RX(.ack = 1, SACK(start, start + 64));
	CU_ASSERT_EQUAL(conn()->flight->sacked, sacked);
	RX(.ack = 1, SACK(start, start + 64));
	CU_ASSERT_EQUAL(conn()->flight->sacked, sacked + 64);
	finish_open();
}

/* None of those that RACK did not look at one by one is forgotten. */
static void
reordering_window_of_many_ends_for_all(void)
{
	many_out(500, 100);
	conn()->flags |= CONN_REORDERING;
	RX(.ack = 1, SACK(1 + 100 * 499, 1 + 100 * 500));
	CU_ASSERT_EQUAL(conn()->flight->lost, 0);
	CU_ASSERT_EQUAL(conn()->flight->reorder_due_us, now_us + RTT / 4);
	pass_us(RTT / 4 + MS);
	CU_ASSERT_EQUAL(conn()->flight->lost, 499 * 100);
	finish_open();
}

CU_TestInfo test_recovery[] = {
	{ "partial_block_splits_the_record", partial_block_splits_the_record },
	{ "partial_block_repeats_only_the_hole", partial_block_repeats_only_the_hole },
	{ "partial_blocks_of_single_bytes_are_bounded",
	  partial_blocks_of_single_bytes_are_bounded },
	{ "retransmission_lost_reduces_again", retransmission_lost_reduces_again },
	{ "new_data_lost_in_recovery_reduces_after_it",
	  new_data_lost_in_recovery_reduces_after_it },
	{ "loss_after_a_timeout_reduces_again", loss_after_a_timeout_reduces_again },
	{ "too_big_is_no_congestion", too_big_is_no_congestion },
	{ "rate_falls_in_proportion", rate_falls_in_proportion },
	{ "rate_below_the_target_is_bound_by_what_arrives",
	  rate_below_the_target_is_bound_by_what_arrives },
	{ "rate_does_not_count_sacked_bytes_twice", rate_does_not_count_sacked_bytes_twice },
	{ "limited_transmit_without_sack_sends_two", limited_transmit_without_sack_sends_two },
	{ "ack_division_gains_nothing", ack_division_gains_nothing },
	{ "duplicate_ack_spoofing_is_bounded", duplicate_ack_spoofing_is_bounded },
	{ "optimistic_ack_is_refused", optimistic_ack_is_refused },
	{ "what_is_sacked_in_one_piece_is_one_record", what_is_sacked_in_one_piece_is_one_record },
	{ "reneged_piece_is_sent_again_in_segments", reneged_piece_is_sent_again_in_segments },
	{ "search_among_many_holes_is_bounded", search_among_many_holes_is_bounded },
	{ "reordering_window_of_many_ends_for_all", reordering_window_of_many_ends_for_all },
	CU_TEST_INFO_NULL,
};
