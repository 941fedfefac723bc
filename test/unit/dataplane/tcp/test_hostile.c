/*
 * A peer, or somebody in its name, that wants to do harm: forged segments (RFC 5961), floods, bombs, data that changes.
 * What is merely malformed is in test_input.
 */
#include "test/unit/dataplane/tcp/tcp_fixture.h"

#include <string.h>

static void (*const open_states[])(void) = { established, fin_wait_1, fin_wait_2,
					     close_wait,  closing,    last_ack };

/* ---- segments forged blindly, RFC 5961 ---- */

static void
syn_in_every_open_state_is_challenged(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(open_states); i++) {
		start();
		open_states[i]();
		CU_ASSERT_EQUAL(RX(.flags = SYN), DROP_tcp_syn_in_window);
		CU_ASSERT_EQUAL(tx().flags, ACK);
		TX_NONE();
		CU_ASSERT_EQUAL(RX(.flags = SYN, .seq = peer.snd + 1000000), DROP_tcp_sequence);
		CU_ASSERT_EQUAL(tx().flags, ACK);
		CU_ASSERT_NOT_EQUAL(state(), TCP_CLOSED);
		finish_open();
	}
}

static void
reset_inexact_in_every_open_state_is_challenged(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(open_states); i++) {
		start();
		open_states[i]();
		CU_ASSERT_EQUAL(RX(.flags = RST, .seq = peer.snd + 1), DROP_tcp_reset_inexact);
		CU_ASSERT_EQUAL(tx().flags, ACK);
		CU_ASSERT_EQUAL(RX(.flags = RST, .seq = 1u - 1000), DROP_tcp_sequence);
		TX_NONE();
		CU_ASSERT_NOT_EQUAL(state(), TCP_CLOSED);
		finish_open();
	}
}

/* RFC 5961 5: in the window, but its ACK is none that the peer would send. */
static void
injected_data_needs_a_credible_ack(void)
{
	start();
	established();
	app_send(1000);
	tx();
	RX();
	CU_ASSERT_EQUAL(RX(.len = 100, .ack = 1002, .junk = true), DROP_tcp_ack_unacceptable);
	CU_ASSERT_EQUAL(RX(.len = 100, .ack = 1001u - 65536, .junk = true),
			DROP_tcp_ack_unacceptable);
	CU_ASSERT_EQUAL(RX(.len = 100, .ack = 1001 + (1u << 31), .junk = true),
			DROP_tcp_ack_unacceptable);
	CU_ASSERT_EQUAL(RX(.len = 100, .ack = 1001u - 65535), DROP_none);
	CU_ASSERT_EQUAL(got(), 100);
	finish_open();
}

static void
reset_carries_timestamps(void)
{
	struct seg s;

	start();
	peer.ts = true;
	peer.ts_now = 77;
	established();
	tcp_abort(tcp, id, now_us);
	s = tx();
	CU_ASSERT_EQUAL(s.flags, RST | ACK);
	CU_ASSERT(s.has_ts); /* RFC 7323 3.2 */
	CU_ASSERT_EQUAL(s.ts, peer.ts_seen);
	CU_ASSERT_EQUAL(s.ecr, 77);
	finish();
}

/* PAWS does not count for RST (RFC 7323 5.3), and an old SYN is a SYN. */
static void
timestamp_old_does_not_save_from_a_reset(void)
{
	start();
	peer.ts = true;
	peer.ts_now = 5000;
	established();
	CU_ASSERT_EQUAL(RX(.flags = SYN, .ts = 10), DROP_tcp_paws);
	TX(ACK, 1, 0, 1);
	CU_ASSERT_EQUAL(RX(.flags = RST, .ts = 10), DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_CLOSED);
	tcp_release(tcp, id, now_us);
	finish();
}

/* ---- the limits of challenges ---- */

static void
challenges_are_limited_for_all_connections_together(void)
{
	uint32_t conns = 200, sent = 0, again = 0;

	start_defaults();
	settings.conns = 256;
	start();
	for (uint32_t i = 0; i < conns; i++, peer.theirs.port++, id = TCP_NONE) {
		peer.snd = 0;
		established();
	}
	peer.snd = 1;
	for (unsigned round = 0; round < 20; round++) {
		for (uint32_t i = 0; i < conns; i++) {
			CU_ASSERT_EQUAL(RX(.flags = SYN, .port = (uint16_t)(5000 + i)),
					DROP_tcp_syn_in_window);
			sent += tx().flags == ACK;
		}
	}
	CU_ASSERT(sent >= conns + 500);
	CU_ASSERT(sent < conns + 1000);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_challenges_sent), sent);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_challenges_withheld), 20 * conns - sent);
	/* The next second has another limit. */
	pass_us(SECOND);
	for (unsigned round = 0; round < 20; round++)
		for (uint32_t i = 0; i < conns; i++) {
			RX(.flags = SYN, .port = (uint16_t)(5000 + i));
			again += tx().flags == ACK;
		}
	CU_ASSERT(again >= conns + 500 && again < conns + 1000);
	CU_ASSERT_NOT_EQUAL(again, sent);
	finish_open();
}

/* CVE-2016-5696: what is left for a stranger's own connections does not tell him whether he hit one of others. */
static void
challenges_first_of_a_connection_leave_no_trace(void)
{
	uint32_t sent[2] = { 0 };

	for (unsigned hit = 0; hit < 2; hit++) {
		start_defaults();
		settings.conns = 256;
		start();
		for (uint32_t i = 0; i < 201; i++, peer.theirs.port++, id = TCP_NONE) {
			peer.snd = 0;
			established();
		}
		peer.snd = 1;
		if (hit) { /* the guess, at the victim's port */
			RX(.flags = RST, .seq = 2, .port = 5200);
			CU_ASSERT_EQUAL(tx().flags, ACK);
		}
		for (unsigned round = 0; round < 10; round++)
			for (uint32_t i = 0; i < 200; i++) {
				RX(.flags = SYN, .port = (uint16_t)(5000 + i));
				sent[hit] += tx().flags == ACK;
			}
		if (!hit) { /* nor does the victim miss its challenge when all are spent */
			RX(.flags = RST, .seq = 2, .port = 5200);
			CU_ASSERT_EQUAL(tx().flags, ACK);
		}
		finish_open();
	}
	CU_ASSERT_EQUAL(sent[0], sent[1]);
}

/* ---- floods on a connection that is open ---- */

static void
flood(struct seg s, enum drop_reason reason, uint32_t answers_max)
{
	uint32_t answers = 0;

	start();
	established();
	app_send(500);
	tx();
	for (unsigned i = 0; i < 5000; i++) { /* in a second */
		CU_ASSERT_EQUAL(rx(s), reason);
		answers += tx_all();
		now_us += 200;
	}
	CU_ASSERT(answers <= answers_max);
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	RX(.len = 100, .ack = 501);
	CU_ASSERT_EQUAL(tcp_send_queued(tcp, id), 0);
	CU_ASSERT_EQUAL(got(), 100);
	finish_open();
}

/* Within 1 second and a bit, so twice the limit at most; the tail probe and timeouts of our 500 bytes beside. */
static void
floods_are_not_answered_and_disturb_nothing(void)
{
	flood((struct seg){ .flags = RST, .seq = 2 }, DROP_tcp_reset_inexact, 24);
	flood((struct seg){ .flags = RST, .seq = 100000 }, DROP_tcp_sequence, 4);
	flood((struct seg){ .flags = SYN }, DROP_tcp_syn_in_window, 24);
	flood((struct seg){ .flags = ACK, .ack = 10000 }, DROP_tcp_ack_unacceptable, 24);
	flood((struct seg){ .flags = ACK, .seq = 100000 }, DROP_tcp_sequence, 24);
	flood((struct seg){ .flags = FIN | ACK, .seq = 100000 }, DROP_tcp_sequence, 24);
	flood((struct seg){ .seq = 100000, .len = 100 }, DROP_tcp_receive_buffer_full, 24);
	flood((struct seg){ .flags = ACK, .ack = 1 }, DROP_none, 50);
}

/* An ACK for nobody: RST, but no more than the limit in a second. */
static void
flood_of_acks_to_no_connection_is_limited(void)
{
	uint32_t answers = 0;

	start();
	for (unsigned i = 0; i < 5000; i++) {
		CU_ASSERT_EQUAL(RX(.port = (uint16_t)(6000 + i), .ack = 1), DROP_tcp_no_connection);
		answers += tx_all();
	}
	CU_ASSERT_EQUAL(answers, 1000);
	finish();
}

static void
flags_of_scanners_are_refused(void)
{
	start();
	CU_ASSERT_EQUAL(RX(.flags = NO_FLAGS), DROP_tcp_flags);
	CU_ASSERT_EQUAL(RX(.flags = FIN), DROP_tcp_flags);
	CU_ASSERT_EQUAL(RX(.flags = FIN | PSH | URG), DROP_tcp_flags);
	CU_ASSERT_EQUAL(RX(.flags = 0x3f), DROP_tcp_flags);
	TX_NONE();
	established();
	CU_ASSERT_EQUAL(RX(.flags = NO_FLAGS), DROP_tcp_flags);
	CU_ASSERT_EQUAL(RX(.flags = FIN | PSH | URG), DROP_tcp_flags);
	CU_ASSERT_EQUAL(RX(.flags = 0x3f), DROP_tcp_flags);
	CU_ASSERT_EQUAL(RX(.flags = SYN | FIN | ACK), DROP_tcp_flags);
	TX_NONE();
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	finish_open();
}

/* ---- options ---- */

static enum drop_reason
rx_options(const uint8_t *bytes, uint32_t len)
{
	struct seg s = { .options_len = len };

	memcpy(s.options, bytes, len);
	return rx(s);
}

static void
option_bombs_are_read_through_or_refused(void)
{
	static const uint8_t all_nops[40] = { [0 ... 39] = 1 };
	static const uint8_t all_timestamps[40] = {
		8, 10, 0, 0, 0, 9, 0, 0, 0, 1, 8, 10, 0, 0, 0, 8, 0, 0, 0, 1,
		8, 10, 0, 0, 0, 7, 0, 0, 0, 1, 8, 10, 0, 0, 0, 6, 0, 0, 0, 1,
	};
	static const uint8_t two_sacks[20] = { 5, 10, 0, 0, 0, 9, 0, 0, 0, 1,
					       5, 10, 0, 0, 0, 8, 0, 0, 0, 1 };
	static const uint8_t unknown_pairs[40] = { [0] = 253, 2, 253, 2, 253, 2, [6 ... 39] = 0 };
	static const uint8_t too_long[40] = { 254, 41 };
	uint8_t last_is_cut[40] = { [0 ... 38] = 1, [39] = 8 };

	start();
	established();
	CU_ASSERT_EQUAL(rx_options(all_nops, 40), DROP_none);
	CU_ASSERT_EQUAL(rx_options(all_timestamps, 40), DROP_none);
	CU_ASSERT_EQUAL(rx_options(two_sacks, 20), DROP_none);
	CU_ASSERT_EQUAL(rx_options(unknown_pairs, 40), DROP_none);
	CU_ASSERT_EQUAL(rx_options(too_long, 40), DROP_tcp_options);
	CU_ASSERT_EQUAL(rx_options(last_is_cut, 40), DROP_tcp_options);
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	TX_NONE();
	finish_open();
}

/* What belongs on a SYN changes nothing later (RFC 9293 MUST-65, RFC 7323 2.2). */
static void
options_of_a_syn_count_only_there(void)
{
	static const uint8_t on_syn[12] = { 2, 4, 0, 100, 1, 3, 3, 14, 1, 1, 4, 2 };

	start();
	peer.sack = false;
	established();
	CU_ASSERT_EQUAL(rx_options(on_syn, 12), DROP_none);
	app_send(2000);
	TX(ACK, 1, 1000, 1);
	TX(ACK, 1001, 1000, 1);
	RX();
	CU_ASSERT_EQUAL(conn()->snd_wnd, 65535);
	RX(.seq = 1001, .len = 100);
	CU_ASSERT_EQUAL(tx().sack_count, 0);
	finish_open();
}

/* ---- data that changes: the first copy counts ---- */

static void
overlap_of_a_hole_keeps_the_first_copy(void)
{
	start();
	established();
	RX(.seq = 101, .len = 100);              /* first */
	RX(.seq = 301, .len = 100);              /* and another one */
	RX(.seq = 101, .len = 50, .junk = true); /* covered */
	RX(.seq = 151, .len = 50, .junk = true); /* covered to its end */
	CU_ASSERT_EQUAL(RX(.seq = 101, .len = 100, .junk = true), DROP_tcp_duplicate);
	RX(.seq = 1, .len = 100);
	CU_ASSERT_EQUAL(got(), 200);
	RX(.seq = 201, .len = 100);
	CU_ASSERT_EQUAL(got(), 200);
	finish_open();
}

/* One segment that covers two islands and the holes around them. The holes' bytes are its own. */
static void
overlap_that_swallows_keeps_the_first_copy(void)
{
	uint8_t byte;
	uint32_t wrong = 0;

	for (unsigned in_order = 0; in_order < 2; in_order++) {
		start();
		established();
		RX(.seq = 201, .len = 100);
		RX(.seq = 401, .len = 100);
		RX(.seq = in_order ? 1 : 101, .len = in_order ? 700 : 600, .junk = true);
		if (!in_order)
			RX(.seq = 1, .len = 100, .junk = true);
		CU_ASSERT_EQUAL(tcp_received(tcp, id)->bytes, 700);
		for (uint32_t i = 0; i < 700; i++) {
			bool first = (i >= 200 && i < 300) || (i >= 400 && i < 500);

			bufq_copy(tcp_received(tcp, id), i, 1, &byte);
			wrong += byte != (uint8_t)(pattern(1 + i) ^ (first ? 0 : 0xff));
		}
		CU_ASSERT_EQUAL(wrong, 0);
		finish_open();
	}
}

static void
overlap_of_what_was_taken_keeps_the_first_copy(void)
{
	start();
	established();
	RX(.len = 100);
	CU_ASSERT_EQUAL(RX(.seq = 1, .len = 100, .junk = true), DROP_tcp_duplicate);
	CU_ASSERT_EQUAL(RX(.seq = 51, .len = 50, .junk = true), DROP_tcp_duplicate);
	CU_ASSERT_EQUAL(got(), 100);
	finish_open();
}

/* A buffer that somebody else reads too is not written to: the segment ends where the first copy begins. */
static void
overlap_in_a_shared_buffer_is_cut(void)
{
	struct tcp_segment seg = { .seq = 0, .len = 300 };
	struct rte_mbuf *m;

	start();
	established();
	RX(.seq = 101, .len = 100);
	m = rte_pktmbuf_alloc(unit_mbufs());
	rte_pktmbuf_append(m, 300);
	rte_mbuf_refcnt_update(m, 1);
	seg.m = m;
	seg.seq = conn()->rcv_nxt;
	tcp_reassembly_first_wins(conn(), &seg);
	CU_ASSERT_EQUAL(seg.len, 100);
	CU_ASSERT_EQUAL(rte_pktmbuf_data_len(m), 100);
	rte_mbuf_refcnt_update(m, -1);
	rte_pktmbuf_free(m);
	finish_open();
}

/* A stranger has found the window, but no good acknowledgment. */
static void
timestamp_with_a_bad_acknowledgment_is_forgotten(void)
{
	start();
	peer.ts = true;
	established();
	CU_ASSERT_EQUAL(
	    RX(.len = 100, .seq = 1, .ack = 1u << 30, .ts = (uint32_t)(now_us / 1000) + (1u << 30)),
	    DROP_tcp_ack_unacceptable);
	tx_all();
	CU_ASSERT_EQUAL(RX(.len = 100, .seq = 1), DROP_none);
	CU_ASSERT_EQUAL(got(), 100);
	finish_open();
}

CU_TestInfo test_hostile[] = {
	{ "syn_in_every_open_state_is_challenged", syn_in_every_open_state_is_challenged },
	{ "reset_inexact_in_every_open_state_is_challenged",
	  reset_inexact_in_every_open_state_is_challenged },
	{ "injected_data_needs_a_credible_ack", injected_data_needs_a_credible_ack },
	{ "reset_carries_timestamps", reset_carries_timestamps },
	{ "timestamp_old_does_not_save_from_a_reset", timestamp_old_does_not_save_from_a_reset },
	{ "challenges_are_limited_for_all_connections_together",
	  challenges_are_limited_for_all_connections_together },
	{ "challenges_first_of_a_connection_leave_no_trace",
	  challenges_first_of_a_connection_leave_no_trace },
	{ "floods_are_not_answered_and_disturb_nothing",
	  floods_are_not_answered_and_disturb_nothing },
	{ "flood_of_acks_to_no_connection_is_limited", flood_of_acks_to_no_connection_is_limited },
	{ "flags_of_scanners_are_refused", flags_of_scanners_are_refused },
	{ "option_bombs_are_read_through_or_refused", option_bombs_are_read_through_or_refused },
	{ "options_of_a_syn_count_only_there", options_of_a_syn_count_only_there },
	{ "overlap_of_a_hole_keeps_the_first_copy", overlap_of_a_hole_keeps_the_first_copy },
	{ "overlap_that_swallows_keeps_the_first_copy",
	  overlap_that_swallows_keeps_the_first_copy },
	{ "overlap_of_what_was_taken_keeps_the_first_copy",
	  overlap_of_what_was_taken_keeps_the_first_copy },
	{ "overlap_in_a_shared_buffer_is_cut", overlap_in_a_shared_buffer_is_cut },
	{ "timestamp_with_a_bad_acknowledgment_is_forgotten",
	  timestamp_with_a_bad_acknowledgment_is_forgotten },
	CU_TEST_INFO_NULL,
};
