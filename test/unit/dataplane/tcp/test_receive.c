/*
 * Receiving: delayed ACKs, the offered window, reassembly, SACK blocks to report (RFC 2018,
 * 2883).
 */
#include "test/unit/dataplane/tcp/tcp_fixture.h"

/* Data position behind n full segments. */
static uint32_t
at(uint32_t segments)
{
	return 1 + segments * 1000;
}

/* A segment of mss bytes at place n. */
#define PIECE(n, ...) RX(.seq = at(n), .len = 1000, __VA_ARGS__)

static void
expect_sack(const struct seg *s, uint32_t count, const struct tcp_range *blocks)
{
	CU_ASSERT_EQUAL(s->sack_count, count);
	for (uint32_t i = 0; i < count; i++) {
		CU_ASSERT_EQUAL(s->sack[i].start, blocks[i].start);
		CU_ASSERT_EQUAL(s->sack[i].end, blocks[i].end);
	}
}

#define EXPECT_SACK(s, count, ...)                                                                 \
	expect_sack(&(s), count, (const struct tcp_range[]){ __VA_ARGS__ })

/* ---- when an ACK goes out ---- */

static void
ack_of_one_segment_is_delayed(void)
{
	start();
	established();
	RX(.len = 1000);
	TX_NONE();
	pass_us(settings.profile.delayed_ack_us - MS);
	TX_NONE();
	pass_us(2 * MS);
	TX(ACK, 1, 0, at(1));
	pass_us(SECOND);
	TX_NONE();
	finish_open();
}

static void
ack_of_two_full_segments_goes_at_once(void)
{
	start();
	established();
	for (unsigned i = 1; i <= 5; i++) {
		RX(.len = 1000);
		TX_NONE();
		RX(.len = 1000);
		TX(ACK, 1, 0, at(2 * i));
		TX_NONE();
	}
	finish_open();
}

static void
ack_of_small_segments_waits_until_they_fill_one(void)
{
	start();
	established();
	RX(.len = 1000);
	RX(.len = 1000);
	tx_all();
	for (unsigned i = 0; i < 10; i++) {
		RX(.len = 100);
		TX_NONE();
	}
	RX(.len = 1);
	TX(ACK, 1, 0, 3002);
	finish_open();
}

static void
ack_rides_on_data(void)
{
	start();
	established();
	RX(.len = 100);
	app_send(10);
	TX(ACK, 1, 10, 101);
	pass_us(settings.profile.delayed_ack_us + MS);
	TX_NONE();
	finish_open();
}

static void
ack_out_of_order_goes_at_once(void)
{
	start();
	established();
	PIECE(1);
	TX(ACK, 1, 0, 1);
	PIECE(0); /* fills the hole */
	TX(ACK, 1, 0, at(2));
	TX_NONE();
	finish_open();
}

static void
ack_beside_full_data_still_reports_blocks(void)
{
	struct seg s;

	start();
	established();
	app_send(1000);
	PIECE(1, .ack = 1);
	TX(ACK, 1, 1000, 1); /* no room for a block */
	s = tx();
	CU_ASSERT_EQUAL(s.len, 0);
	EXPECT_SACK(s, 1, { at(1), at(2) });
	TX_NONE();
	finish_open();
}

/* ---- the window ---- */

static void
window_shrinks_as_data_waits_and_never_moves_back(void)
{
	uint32_t edge = 1 + 65535;

	start();
	established();
	for (unsigned i = 0; i < 60; i++) {
		struct seg s;

		RX(.len = 1000);
		s = tx();
		if (s.flags)
			CU_ASSERT_EQUAL(s.ack + s.window, edge);
	}
	finish_open();
}

/* RFC 9293 3.8.6.2.2: nothing is offered until it is worth it. */
static void
window_opens_by_a_segment_at_least(void)
{
	struct seg s;

	start();
	established();
	for (unsigned i = 0; i < 66; i++)
		(void)RX(.len = 1000);
	peer.snd = 65536;
	tx_all();
	pass_us(SECOND);
	tx_all();
	CU_ASSERT_EQUAL(conn()->rcv_adv, conn()->rcv_nxt);
	tcp_receive_drop(tcp, id, 999, now_us);
	TX_NONE();
	(void)RX(.len = 1); /* a window probe is answered with what was offered */
	peer.snd = 65536;
	s = tx();
	CU_ASSERT_EQUAL(s.window, 0);
	tcp_receive_drop(tcp, id, 1001, now_us);
	s = tx();
	CU_ASSERT_EQUAL(s.flags, ACK);
	CU_ASSERT(s.window >= 2000 && s.window <= 65535);
	CU_ASSERT_EQUAL(RX(.len = 1000), DROP_none);
	finish_open();
}

static void
window_probe_beyond_is_dropped_but_its_ack_counts(void)
{
	start();
	established();
	app_send(100);
	tx();
	for (unsigned i = 0; i < 66; i++)
		(void)RX(.len = 1000, .ack = 1);
	peer.snd = 65536;
	tx_all();
	CU_ASSERT_EQUAL(RX(.len = 1), DROP_tcp_receive_buffer_full);
	CU_ASSERT_EQUAL(tx().flags, ACK);
	CU_ASSERT_EQUAL(tcp_send_queued(tcp, id), 0);
	CU_ASSERT_EQUAL(tcp_received(tcp, id)->bytes, 65535);
	finish_open();
}

static void
window_grows_for_a_fast_reader(void)
{
	start();
	peer.scale = 7;
	established();
	conn()->srtt_us = 100 * MS;
	CU_ASSERT_EQUAL(conn()->rcv_limit, 65535);
	for (unsigned i = 0; i < 300; i++) {
		RX(.len = 1000);
		got();
		tx_all();
		pass_us(MS);
	}
	CU_ASSERT(conn()->rcv_limit >= 2 * 65535);
	CU_ASSERT(conn()->rcv_limit <= settings.profile.receive_buffer_bytes);
	finish_open();
}

/*
 * Each round trip brings twice as much as the one before, in a burst somewhere in it: it must have found
 * the window open. A burst of 10 to 640 segments.
 */
static void
slow_start_in_step(uint64_t first_us)
{
	start_defaults();
	settings.conns = 16;
	settings.profile.receive_buffer_bytes = 2u << 20;
	start();
	peer.scale = 7;
	established();
	conn()->srtt_us = 100 * MS;
	pass_us(first_us);
	for (uint32_t burst = 10; burst <= 640; burst *= 2) {
		CU_ASSERT(conn()->rcv_adv - conn()->rcv_nxt >= burst * 1000);
		for (uint32_t i = 0; i < burst; i++) {
			RX(.len = 1000);
			got();
			tx_all();
			pass_us(60 * MS / burst);
		}
		pass_us(40 * MS);
	}
	finish_open();
}

static void
window_stays_ahead_of_slow_start(void)
{
	for (uint64_t first_us = 0; first_us < 200 * MS; first_us += 10 * MS)
		slow_start_in_step(first_us);
	start_defaults();
}

static void
window_stays_small_for_a_slow_reader(void)
{
	start();
	peer.scale = 7;
	established();
	conn()->srtt_us = 10 * MS;
	for (unsigned i = 0; i < 100; i++) {
		RX(.len = 1000);
		got();
		tx_all();
		pass_us(10 * MS);
	}
	CU_ASSERT_EQUAL(conn()->rcv_limit, 65535);
	finish_open();
}

/* He has let a whole window come, and takes it at once. */
static void
window_stays_small_for_who_reads_seldom(void)
{
	start();
	peer.scale = 7;
	established();
	conn()->srtt_us = 10 * MS;
	for (unsigned i = 0; i < 10; i++) {
		for (unsigned n = 0; n < 60; n++)
			RX(.len = 1000);
		tx_all();
		pass_us(100 * MS);
		CU_ASSERT_EQUAL(got(), 60000);
		tx_all();
	}
	CU_ASSERT_EQUAL(conn()->rcv_limit, 65535);
	finish_open();
}

static void
window_under_pressure_does_not_grow(void)
{
	start();
	peer.scale = 7;
	established();
	conn()->srtt_us = 100 * MS;
	tcp_set_pressure(tcp, 75);
	for (unsigned i = 0; i < 300; i++) {
		RX(.len = 1000);
		got();
		tx_all();
		pass_us(MS);
	}
	CU_ASSERT_EQUAL(conn()->rcv_limit, 65535);
	finish_open();
}

static void
window_under_high_pressure_is_two_segments(void)
{
	struct seg s = { 0 };

	start();
	established();
	tcp_set_pressure(tcp, 90);
	for (unsigned i = 0; i < 70; i++) { /* what was offered stays */
		CU_ASSERT_EQUAL(RX(.len = 1000), DROP_none);
		CU_ASSERT_EQUAL(got(), 1000);
		s = tx();
	}
	CU_ASSERT(s.window <= 2 * 1460);
	CU_ASSERT(tcp_send_space(tcp, id) <= 16384);
	tcp_set_pressure(tcp, 50);
	RX(.len = 1000);
	got();
	s = tx();
	CU_ASSERT(s.window > 60000);
	finish_open();
}

/* Until the pressure is measured again a stack takes no more of what is left than its share. */
static void
window_of_one_that_shares_buffers_leaves_the_others_theirs(void)
{
	start();
	established();
	for (uint32_t sharers = 1; sharers <= 4; sharers *= 2) {
		tcp->settings.mbuf_sharers = sharers;
		tcp_set_pressure(tcp, 50);
		CU_ASSERT(tcp->keep_left * sharers <= tcp->mbufs->size * 45 / 100);
		CU_ASSERT(tcp->keep_left * sharers > tcp->mbufs->size * 35 / 100);
	}
	tcp->settings.mbuf_sharers = 1;
	finish_open();
}

static void
window_at_the_last_buffers_takes_no_text(void)
{
	start();
	established();
	app_send(100);
	tx();
	tcp_set_pressure(tcp, 95);
	CU_ASSERT_EQUAL(RX(.len = 1000), DROP_tcp_receive_buffer_full);
	CU_ASSERT_EQUAL(tcp_send_queued(tcp, id), 0); /* but the ACK counts */
	tcp_set_pressure(tcp, 50);
	CU_ASSERT_EQUAL(RX(.len = 1000), DROP_none);
	CU_ASSERT_EQUAL(got(), 1000);
	finish_open();
}

/* ---- reassembly ---- */

static void
reassembly_one_hole_is_reported_and_filled(void)
{
	struct seg s;

	start();
	established();
	PIECE(1);
	s = tx();
	EXPECT_SACK(s, 1, { at(1), at(2) });
	PIECE(2);
	s = tx();
	EXPECT_SACK(s, 1, { at(1), at(3) });
	CU_ASSERT_EQUAL(got(), 0);
	PIECE(0);
	s = tx();
	CU_ASSERT_EQUAL(s.ack, at(3));
	EXPECT_SACK(s, 0, { 0, 0 });
	CU_ASSERT_EQUAL(got(), 3000);
	CU_ASSERT_EQUAL(conn()->flight->reassembly_bytes, 0);
	CU_ASSERT_EQUAL(conn()->flight->reassembly_bufs, 0);
	finish_open();
}

/* RFC 2018 4: the block of the segment that came last stands first. */
static void
reassembly_reports_the_latest_block_first(void)
{
	struct seg s;

	start();
	established();
	PIECE(2);
	tx();
	PIECE(8);
	tx();
	PIECE(4);
	tx();
	PIECE(6);
	s = tx();
	EXPECT_SACK(s, 4, { at(6), at(7) }, { at(4), at(5) }, { at(8), at(9) }, { at(2), at(3) });
	PIECE(10);
	s = tx();
	EXPECT_SACK(s, 4, { at(10), at(11) }, { at(6), at(7) }, { at(4), at(5) }, { at(8), at(9) });
	PIECE(7); /* joins two */
	s = tx();
	EXPECT_SACK(s, 3, { at(6), at(9) }, { at(10), at(11) }, { at(4), at(5) });
	finish_open();
}

static void
reassembly_reports_three_blocks_beside_timestamps(void)
{
	struct seg s = { 0 };

	start();
	peer.ts = true;
	established();
	for (unsigned i = 2; i <= 10; i += 2) {
		PIECE(i);
		s = tx();
	}
	CU_ASSERT_EQUAL(s.sack_count, 3);
	CU_ASSERT(s.has_ts);
	finish_open();
}

static void
reassembly_duplicate_is_reported_once(void)
{
	struct seg s;

	start();
	established();
	PIECE(2);
	tx();
	CU_ASSERT_EQUAL(PIECE(2), DROP_tcp_duplicate);
	s = tx();
	EXPECT_SACK(s, 2, { at(2), at(3) },
		    { at(2), at(3) }); /* RFC 2883: the duplicate, its block */
	PIECE(4);
	s = tx();
	EXPECT_SACK(s, 2, { at(4), at(5) }, { at(2), at(3) });
	finish_open();
}

/* Every way in which a segment may lie over two islands, against a map of bytes. */
static void
reassembly_overlaps_are_cut(void)
{
	for (uint32_t from = 50; from < 1000; from += 50) {
		for (uint32_t len = 50; len <= 1000; len += 50) {
			uint32_t end = from + len;

			start();
			established();
			RX(.seq = 1 + 200, .len = 200);
			RX(.seq = 1 + 600, .len = 200);
			(void)RX(.seq = 1 + from, .len = len);
			tx_all();
			RX(.seq = 1, .len = 1000);
			if (end > 1000) {
				CU_ASSERT_EQUAL(got(), end);
			} else {
				CU_ASSERT_EQUAL(got(), 1000);
			}
			CU_ASSERT_EQUAL(conn()->flight->reassembly_bytes, 0);
			tx_all();
			finish_open();
		}
	}
}

static void
reassembly_swallows_what_is_covered(void)
{
	struct seg s;

	start();
	established();
	for (unsigned i = 0; i < 8; i++)
		RX(.seq = 1 + 200 + i * 100, .len = 50);
	tx_all();
	CU_ASSERT_EQUAL(conn()->flight->islands_count, 8);
	CU_ASSERT_EQUAL(RX(.seq = 1 + 100, .len = 1000), DROP_none);
	CU_ASSERT_EQUAL(conn()->flight->islands_count, 1);
	s = tx();
	CU_ASSERT_EQUAL(s.sack[1].start, 101);
	CU_ASSERT_EQUAL(s.sack[1].end, 1101);
	CU_ASSERT_EQUAL(conn()->flight->reassembly_bytes, 1000);
	RX(.len = 100);
	CU_ASSERT_EQUAL(got(), 1100);
	finish_open();
}

static void
reassembly_many_islands_are_bounded(void)
{
	unsigned kept = 0;

	start();
	established();
	for (unsigned i = 0; i < 200; i++) {
		enum drop_reason reason = RX(.seq = 1 + 100 + i * 200, .len = 100);

		CU_ASSERT(reason == DROP_none || reason == DROP_tcp_reassembly_full);
		kept += reason == DROP_none;
		tx_all();
	}
	CU_ASSERT_EQUAL(kept, TCP_ISLANDS_MAX);
	/* What joins two is taken: it makes room. */
	CU_ASSERT_EQUAL(RX(.seq = 1 + 200, .len = 100), DROP_none);
	/* And what is in order, always. */
	CU_ASSERT_EQUAL(RX(.len = 100), DROP_none);
	CU_ASSERT_EQUAL(got(), 400);
	finish_open();
}

static void
reassembly_of_tiny_segments_pins_few_buffers(void)
{
	unsigned before;

	start();
	established();
	before = rte_mempool_avail_count(unit_mbufs());
	for (unsigned i = 0; i < 60000; i++)
		CU_ASSERT_EQUAL(RX(.seq = 2 + i, .len = 1), DROP_none);
	CU_ASSERT(before - rte_mempool_avail_count(unit_mbufs()) < 60);
	tx_all();
	RX(.len = 1);
	CU_ASSERT_EQUAL(got(), 60001);
	finish_open();
}

static void
reassembly_under_pressure_keeps_nothing(void)
{
	start();
	established();
	tcp_set_pressure(tcp, 90);
	CU_ASSERT_EQUAL(PIECE(1), DROP_tcp_receive_buffer_full);
	TX(ACK, 1, 0, 1);
	CU_ASSERT_EQUAL(PIECE(0), DROP_none);
	CU_ASSERT_EQUAL(got(), 1000);
	finish_open();
}

static void
reassembly_is_freed_with_the_connection(void)
{
	start();
	established();
	PIECE(1);
	PIECE(3);
	tx_all();
	RX(.flags = RST);
	tcp_release(tcp, id, now_us);
	finish();
}

static void
reassembly_fin_in_between_is_not_believed(void)
{
	start();
	established();
	PIECE(3);
	CU_ASSERT_EQUAL(RX(.seq = at(1), .len = 1000, .flags = FIN | ACK), DROP_none);
	PIECE(0);
	CU_ASSERT_EQUAL(got(), 2000);
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED); /* there is data behind that FIN */
	finish_open();
}

static void
receive_in_pieces_keeps_the_order(void)
{
	struct bufq out = { 0 };

	start();
	established();
	RX(.len = 1000);
	RX(.len = 500);
	CU_ASSERT_EQUAL(tcp_receive(tcp, id, &out, 300, now_us), 300);
	CU_ASSERT_EQUAL(tcp_receive(tcp, id, &out, 1200, now_us), 1200);
	CU_ASSERT_EQUAL(tcp_received(tcp, id)->bytes, 0);
	for (uint32_t i = 0; i < 1500; i++) {
		uint8_t byte;

		bufq_copy(&out, i, 1, &byte);
		if (byte != pattern(1 + i)) {
			CU_FAIL("out of order");
			break;
		}
	}
	bufq_clear(&out);
	finish_open();
}

CU_TestInfo test_receive[] = {
	{ "ack_of_one_segment_is_delayed", ack_of_one_segment_is_delayed },
	{ "ack_of_two_full_segments_goes_at_once", ack_of_two_full_segments_goes_at_once },
	{ "ack_of_small_segments_waits_until_they_fill_one",
	  ack_of_small_segments_waits_until_they_fill_one },
	{ "ack_rides_on_data", ack_rides_on_data },
	{ "ack_out_of_order_goes_at_once", ack_out_of_order_goes_at_once },
	{ "ack_beside_full_data_still_reports_blocks", ack_beside_full_data_still_reports_blocks },
	{ "window_shrinks_as_data_waits_and_never_moves_back",
	  window_shrinks_as_data_waits_and_never_moves_back },
	{ "window_opens_by_a_segment_at_least", window_opens_by_a_segment_at_least },
	{ "window_probe_beyond_is_dropped_but_its_ack_counts",
	  window_probe_beyond_is_dropped_but_its_ack_counts },
	{ "window_grows_for_a_fast_reader", window_grows_for_a_fast_reader },
	{ "window_stays_ahead_of_slow_start", window_stays_ahead_of_slow_start },
	{ "window_stays_small_for_a_slow_reader", window_stays_small_for_a_slow_reader },
	{ "window_stays_small_for_who_reads_seldom", window_stays_small_for_who_reads_seldom },
	{ "window_under_pressure_does_not_grow", window_under_pressure_does_not_grow },
	{ "window_under_high_pressure_is_two_segments",
	  window_under_high_pressure_is_two_segments },
	{ "window_of_one_that_shares_buffers_leaves_the_others_theirs",
	  window_of_one_that_shares_buffers_leaves_the_others_theirs },
	{ "window_at_the_last_buffers_takes_no_text", window_at_the_last_buffers_takes_no_text },
	{ "reassembly_one_hole_is_reported_and_filled",
	  reassembly_one_hole_is_reported_and_filled },
	{ "reassembly_reports_the_latest_block_first", reassembly_reports_the_latest_block_first },
	{ "reassembly_reports_three_blocks_beside_timestamps",
	  reassembly_reports_three_blocks_beside_timestamps },
	{ "reassembly_duplicate_is_reported_once", reassembly_duplicate_is_reported_once },
	{ "reassembly_overlaps_are_cut", reassembly_overlaps_are_cut },
	{ "reassembly_swallows_what_is_covered", reassembly_swallows_what_is_covered },
	{ "reassembly_many_islands_are_bounded", reassembly_many_islands_are_bounded },
	{ "reassembly_of_tiny_segments_pins_few_buffers",
	  reassembly_of_tiny_segments_pins_few_buffers },
	{ "reassembly_under_pressure_keeps_nothing", reassembly_under_pressure_keeps_nothing },
	{ "reassembly_is_freed_with_the_connection", reassembly_is_freed_with_the_connection },
	{ "reassembly_fin_in_between_is_not_believed", reassembly_fin_in_between_is_not_believed },
	{ "receive_in_pieces_keeps_the_order", receive_in_pieces_keeps_the_order },
	CU_TEST_INFO_NULL,
};
