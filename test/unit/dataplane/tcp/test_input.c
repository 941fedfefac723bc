/* Segments taken apart, and steps one to five of RFC 9293 3.10.7.4, with RFC 5961 and 7323. */
#include "test/unit/dataplane/tcp/tcp_fixture.h"

#include <stdio.h>
#include <string.h>

/* ---- what is no segment ---- */

static void
segment_shorter_than_header_is_dropped(void)
{
	start();
	established();
	CU_ASSERT_EQUAL(RX(.cut = 1), DROP_tcp_truncated);
	CU_ASSERT_EQUAL(RX(.data_offset = 4), DROP_tcp_truncated);
	CU_ASSERT_EQUAL(RX(.data_offset = 6), DROP_tcp_truncated);
	CU_ASSERT_EQUAL(RX(.data_offset = 15, .len = 39), DROP_tcp_truncated);
	finish_open();
}

static void
segment_with_wrong_checksum_is_dropped(void)
{
	uint64_t before;

	start();
	established();
	before = counter(COUNTER_tcp_segments_received);
	CU_ASSERT_EQUAL(RX(.len = 100, .bad_checksum = true), DROP_tcp_checksum);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_segments_received), before);
	CU_ASSERT_EQUAL(RX(.len = 100), DROP_none);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_segments_received), before + 1);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_bytes_received), 100);
	finish_open();
}

static void
segment_in_two_buffers_is_dropped(void)
{
	struct rte_mbuf *m, *second;

	start();
	m = rte_pktmbuf_alloc(unit_mbufs());
	second = rte_pktmbuf_alloc(unit_mbufs());
	rte_pktmbuf_append(m, 20);
	rte_pktmbuf_append(second, 20);
	CU_ASSERT_EQUAL(rte_pktmbuf_chain(m, second), 0);
	CU_ASSERT_EQUAL(tcp_input(tcp, m, now_us), DROP_tcp_truncated);
	rte_pktmbuf_free(m);
	finish();
}

static void
segment_with_port_zero_is_dropped(void)
{
	start();
	CU_ASSERT_EQUAL(RX(.flags = SYN, .port = 0xffff), DROP_tcp_port_zero);
	TX_NONE();
	finish();
}

static void
segment_with_impossible_flags_is_dropped(void)
{
	start();
	CU_ASSERT_EQUAL(RX(.flags = SYN | FIN), DROP_tcp_flags);
	CU_ASSERT_EQUAL(RX(.flags = SYN | RST), DROP_tcp_flags);
	established();
	CU_ASSERT_EQUAL(RX(.flags = NO_FLAGS, .len = 10), DROP_tcp_flags); /* no ACK */
	CU_ASSERT_EQUAL(RX(.flags = FIN), DROP_tcp_flags);
	TX_NONE();
	finish_open();
}

static void
urgent_data_is_read_in_line(void)
{
	start();
	established();
	CU_ASSERT_EQUAL(RX(.flags = ACK | URG, .len = 10), DROP_none);
	CU_ASSERT_EQUAL(got(), 10);
	finish_open();
}

/* ---- options ---- */

static const struct {
	uint8_t bytes[40];
	uint32_t len;
	bool good;
} option_cases[] = {
	{ { 1, 1, 1, 1 }, 4, true },
	{ { 0, 9, 9, 9 }, 4, true }, /* nothing counts behind the end */
	{ { 1, 1, 1, 0 }, 4, true },
	{ { 254, 4, 0, 0 }, 4, true }, /* unknown, passed over */
	{ { 254, 2, 1, 1 }, 4, true },
	{ { 254, 40 }, 40, true },
	{ { 1, 1, 1, 254 }, 4, false }, /* no length */
	{ { 254, 0, 1, 1 }, 4, false }, /* would never end */
	{ { 254, 1, 1, 1 }, 4, false },
	{ { 254, 5, 1, 1 }, 4, false }, /* goes past the header */
	{ { 254, 255, 1, 1 }, 4, false },
	{ { 2, 4, 5, 0xb4 }, 4, true },
	{ { 2, 3, 5, 1 }, 4, false },
	{ { 2, 5, 5, 0xb4, 1, 1, 1, 1 }, 8, false },
	{ { 3, 3, 7, 1 }, 4, true },
	{ { 3, 2, 1, 1 }, 4, false },
	{ { 3, 4, 7, 1 }, 4, false },
	{ { 4, 2, 1, 1 }, 4, true },
	{ { 4, 3, 1, 1 }, 4, false },
	{ { 4, 4, 1, 1 }, 4, false },
	{ { 5, 2, 1, 1 }, 4, false }, /* SACK without a block */
	{ { 5, 9, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1 }, 12, false },
	{ { 5, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 1 }, 12, true },
	{ { 5, 11, 0, 0, 0, 1, 0, 0, 0, 2, 1, 1 }, 12, false },
	{ { 5, 34, 0, 0, 0, 1 }, 36, true },
	{ { 5, 35, 0, 0, 0, 1 }, 36, false },
	{ { 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 1 }, 12, true },
	{ { 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2 }, 12, true },
	{ { 8, 9, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1 }, 12, false },
	{ { 8, 11, 0, 0, 0, 1, 0, 0, 0, 2, 1, 1 }, 12, false },
	{ { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 8, 10 }, 12, false },
};

static void
options_malformed_are_refused(void)
{
	start();
	established();
	for (unsigned i = 0; i < ARRAY_SIZE(option_cases); i++) {
		struct seg s = { .options_len = option_cases[i].len };
		enum drop_reason reason;

		memcpy(s.options, option_cases[i].bytes, s.options_len);
		reason = rx(s);
		if (reason != (option_cases[i].good ? DROP_none : DROP_tcp_options)) {
			printf("option case %u\n", i);
			CU_FAIL("a case of options is judged wrongly");
		}
	}
	finish_open();
}

/* ---- first: sequence number ---- */

static void
sequence_outside_the_window_is_answered(void)
{
	start();
	established();
	CU_ASSERT_EQUAL(RX(.seq = 1 + 65535, .len = 10), DROP_tcp_receive_buffer_full);
	TX(ACK, 1, 0, 1);
	CU_ASSERT_EQUAL(RX(.seq = 2 + 65535), DROP_tcp_sequence);
	TX(ACK, 1, 0, 1);
	CU_ASSERT_EQUAL(RX(.seq = 1u - 1000), DROP_tcp_sequence); /* a keep-alive of old kind */
	TX(ACK, 1, 0, 1);
	CU_ASSERT_EQUAL(RX(.seq = 1 + 65535), DROP_none); /* an ACK at the very end */
	TX_NONE();
	finish_open();
}

static void
sequence_repeated_is_answered_at_once(void)
{
	struct seg s;

	start();
	established();
	RX(.len = 10);
	RX(.len = 10);
	tx_all();
	for (unsigned i = 0; i < 20; i++) { /* not limited: the peer lost our ACK */
		CU_ASSERT_EQUAL(RX(.seq = 1, .len = 10), DROP_tcp_duplicate);
		s = tx();
		CU_ASSERT_EQUAL(s.flags, ACK);
		CU_ASSERT_EQUAL(s.ack, 21);
		CU_ASSERT_EQUAL(s.sack_count, 1); /* RFC 2883 */
		CU_ASSERT_EQUAL(s.sack[0].start, 1);
		CU_ASSERT_EQUAL(s.sack[0].end, 11);
	}
	CU_ASSERT_EQUAL(got(), 20);
	finish_open();
}

static void
sequence_partly_old_is_trimmed(void)
{
	start();
	established();
	RX(.len = 10);
	CU_ASSERT_EQUAL(RX(.seq = 5, .len = 20), DROP_none);
	CU_ASSERT_EQUAL(got(), 24);
	CU_ASSERT_EQUAL(conn()->rcv_nxt - conn()->irs, 25);
	finish_open();
}

static void
sequence_partly_beyond_is_trimmed(void)
{
	start();
	established();
	for (unsigned i = 0; i < 65; i++)
		CU_ASSERT_EQUAL(RX(.len = 1000), DROP_none);
	CU_ASSERT_EQUAL(RX(.flags = FIN | ACK, .len = 1000), DROP_none);
	CU_ASSERT_EQUAL(conn()->rcv_nxt - conn()->irs, 65536);
	CU_ASSERT(!tcp_at_eof(tcp, id)); /* the FIN was beyond */
	CU_ASSERT_EQUAL(got(), 65535);
	finish_open();
}

static void
sequence_wraps(void)
{
	start();
	peer.iss = UINT32_MAX - 1500;
	established();
	for (unsigned i = 0; i < 5; i++)
		CU_ASSERT_EQUAL(RX(.len = 1000), DROP_none);
	CU_ASSERT_EQUAL(got(), 5000);
	finish_open();
}

/* ---- PAWS ---- */

static void
timestamp_older_is_refused(void)
{
	start();
	peer.ts = true;
	peer.ts_now = 1000;
	established();
	CU_ASSERT_EQUAL(RX(.len = 10, .ts = 999), DROP_tcp_paws);
	TX(ACK, 1, 0, 1);
	CU_ASSERT_EQUAL(RX(.len = 10, .ts = 1000), DROP_none);
	CU_ASSERT_EQUAL(RX(.len = 10, .ts = 0x80000000u + 1001), DROP_tcp_paws);
	CU_ASSERT_EQUAL(got(), 10);
	finish_open();
}

static void
timestamp_older_counts_again_after_24_days(void)
{
	start();
	peer.ts = true;
	peer.ts_now = 1000;
	established();
	now_us += 25ull * 24 * 3600 * SECOND;
	CU_ASSERT_EQUAL(RX(.len = 10, .ts = 5), DROP_none);
	CU_ASSERT_EQUAL(conn()->ts_recent, 5);
	finish_open();
}

static void
timestamp_missing_is_refused_but_for_reset(void)
{
	start();
	peer.ts = true;
	established();
	CU_ASSERT_EQUAL(RX(.len = 10, .no_ts = true), DROP_tcp_timestamp_missing);
	TX_NONE();
	CU_ASSERT_EQUAL(RX(.flags = SYN, .no_ts = true), DROP_tcp_syn_in_window);
	CU_ASSERT_EQUAL(RX(.flags = RST, .no_ts = true), DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_CLOSED);
	tcp_release(tcp, id, now_us);
	finish();
}

/* RFC 7323 4.3 (2): with a delayed ACK the earliest segment's value is echoed. */
static void
timestamp_of_first_unacknowledged_is_echoed(void)
{
	struct seg s;

	start();
	peer.ts = true;
	established();
	RX(.len = 100, .ts = 2000000);
	RX(.len = 100, .ts = 2000005);
	RX(.seq = 1000, .len = 100, .ts = 2000009);
	s = tx();
	CU_ASSERT_EQUAL(s.ecr, 2000000);
	finish_open();
}

static void
timestamp_never_negotiated_is_ignored(void)
{
	start();
	established();
	peer.ts = true;
	CU_ASSERT_EQUAL(RX(.len = 10, .ts = 5), DROP_none);
	CU_ASSERT_EQUAL(RX(.len = 10, .ts = 1), DROP_none);
	CU_ASSERT(!tx().has_ts);
	finish_open();
}

/* ---- second: RST ---- */

static void
reset_exact_closes(void)
{
	start();
	established();
	CU_ASSERT_EQUAL(RX(.flags = RST), DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_CLOSED);
	CU_ASSERT_EQUAL(tcp_close_reason(tcp, id), TCP_CLOSE_RESET);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_resets_received), 1);
	TX_NONE();
	tcp_release(tcp, id, now_us);
	finish();
}

static void
reset_inexact_is_challenged(void)
{
	start();
	established();
	CU_ASSERT_EQUAL(RX(.flags = RST, .seq = 2), DROP_tcp_reset_inexact);
	TX(ACK, 1, 0, 1);
	CU_ASSERT_EQUAL(RX(.flags = RST, .seq = 65536), DROP_tcp_reset_inexact);
	TX(ACK, 1, 0, 1);
	CU_ASSERT_EQUAL(RX(.flags = RST, .seq = 65537), DROP_tcp_sequence);
	CU_ASSERT_EQUAL(RX(.flags = RST, .seq = 1u - 2), DROP_tcp_sequence);
	TX_NONE();
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	finish_open();
}

static void
reset_exact_with_closed_window_closes(void)
{
	start();
	established();
	for (unsigned i = 0; i < 66; i++)
		(void)RX(.len = 1000);
	peer.snd = 65536;
	CU_ASSERT_EQUAL(RX(.flags = RST), DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_READABLE | TCP_EVENT_CLOSED);
	CU_ASSERT_EQUAL(got(), 65535); /* what came before it can be read */
	tcp_release(tcp, id, now_us);
	finish();
}

static void
reset_in_every_state_frees(void)
{
	static void (*const factories[])(void) = { fin_wait_1, fin_wait_2, close_wait,
						   closing,    last_ack,   time_wait };

	for (unsigned i = 0; i < ARRAY_SIZE(factories); i++) {
		start();
		factories[i]();
		CU_ASSERT_EQUAL(RX(.flags = RST), DROP_none);
		CU_ASSERT_EQUAL(state(), TCP_CLOSED);
		CU_ASSERT_EQUAL(events(), factories[i] == time_wait ? 0 : TCP_EVENT_CLOSED);
		tcp_release(tcp, id, now_us);
		TX_NONE();
		finish();
	}
}

/* ---- fourth: SYN ---- */

static void
syn_on_open_connection_is_challenged(void)
{
	start();
	established();
	CU_ASSERT_EQUAL(RX(.flags = SYN), DROP_tcp_syn_in_window);
	TX(ACK, 1, 0, 1);
	CU_ASSERT_EQUAL(RX(.flags = SYN | ACK), DROP_tcp_syn_in_window);
	TX(ACK, 1, 0, 1);
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	/* The peer has restarted: it answers the challenge so. */
	CU_ASSERT_EQUAL(RX(.flags = RST, .seq = 1), DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_CLOSED);
	finish_open();
}

static void
challenges_are_limited_for_each_connection(void)
{
	unsigned sent = 0;

	start();
	established();
	for (unsigned i = 0; i < 50; i++) {
		CU_ASSERT_EQUAL(RX(.flags = SYN), DROP_tcp_syn_in_window);
		sent += tx_all();
	}
	CU_ASSERT_EQUAL(sent, 10);
	pass_us(SECOND);
	RX(.flags = SYN);
	CU_ASSERT_EQUAL(tx_all(), 1);
	finish_open();
}

/* ---- fifth: ACK ---- */

static void
ack_of_what_was_never_sent_is_challenged(void)
{
	start();
	established();
	app_send(100);
	tx();
	CU_ASSERT_EQUAL(RX(.ack = 102), DROP_tcp_ack_unacceptable);
	TX(ACK, 101, 0, 1);
	CU_ASSERT_EQUAL(RX(.ack = 102, .len = 10), DROP_tcp_ack_unacceptable);
	CU_ASSERT_EQUAL(tcp_received(tcp, id)->bytes, 0);
	finish_open();
}

static void
ack_too_old_is_challenged(void)
{
	start();
	peer.window = 1000;
	established();
	app_send(1000);
	tx_all();
	RX();
	CU_ASSERT_EQUAL(RX(.ack = 1), DROP_none); /* within the largest window: merely old */
	CU_ASSERT_EQUAL(conn()->snd_una - conn()->iss, 1001);
	CU_ASSERT_EQUAL(RX(.ack = 1u - 2), DROP_tcp_ack_unacceptable);
	TX(ACK, 1001, 0, 1);
	finish_open();
}

static void
ack_in_part_cuts_a_record(void)
{
	start();
	established();
	app_send(1000);
	tx();
	RX(.ack = 400);
	CU_ASSERT_EQUAL(tcp_send_queued(tcp, id), 601);
	pass_us(2 * SECOND);
	TX(ACK, 400, 601, 1);
	finish_open();
}

static void
ack_makes_room_and_says_so(void)
{
	uint32_t space;

	start();
	established();
	space = tcp_send_space(tcp, id);
	app_send(1000);
	tx_all();
	CU_ASSERT_EQUAL(tcp_send_space(tcp, id), space - 1000);
	CU_ASSERT_EQUAL(events(), 0);
	RX();
	CU_ASSERT_EQUAL(events(), TCP_EVENT_WRITABLE);
	CU_ASSERT_EQUAL(tcp_send_space(tcp, id), space);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_bytes_sent), 1000);
	finish_open();
}

/* The window of an older segment, or of an older ACK in the same segment, is not taken. */
static void
window_of_old_segment_is_not_taken(void)
{
	start();
	established();
	app_send(100);
	tx();
	RX(.len = 10, .window = 5000);
	RX(.len = 10, .window = 6000);
	CU_ASSERT_EQUAL(conn()->snd_wnd, 6000);
	RX(.seq = 11, .window = 7000); /* older: seq below */
	CU_ASSERT_EQUAL(conn()->snd_wnd, 6000);
	RX(.ack = 50, .window = 8000); /* older: ack below */
	CU_ASSERT_EQUAL(conn()->snd_wnd, 6000);
	RX(.window = 9000);
	CU_ASSERT_EQUAL(conn()->snd_wnd, 9000);
	finish_open();
}

CU_TestInfo test_input[] = {
	{ "segment_shorter_than_header_is_dropped", segment_shorter_than_header_is_dropped },
	{ "segment_with_wrong_checksum_is_dropped", segment_with_wrong_checksum_is_dropped },
	{ "segment_in_two_buffers_is_dropped", segment_in_two_buffers_is_dropped },
	{ "segment_with_port_zero_is_dropped", segment_with_port_zero_is_dropped },
	{ "segment_with_impossible_flags_is_dropped", segment_with_impossible_flags_is_dropped },
	{ "urgent_data_is_read_in_line", urgent_data_is_read_in_line },
	{ "options_malformed_are_refused", options_malformed_are_refused },
	{ "sequence_outside_the_window_is_answered", sequence_outside_the_window_is_answered },
	{ "sequence_repeated_is_answered_at_once", sequence_repeated_is_answered_at_once },
	{ "sequence_partly_old_is_trimmed", sequence_partly_old_is_trimmed },
	{ "sequence_partly_beyond_is_trimmed", sequence_partly_beyond_is_trimmed },
	{ "sequence_wraps", sequence_wraps },
	{ "timestamp_older_is_refused", timestamp_older_is_refused },
	{ "timestamp_older_counts_again_after_24_days",
	  timestamp_older_counts_again_after_24_days },
	{ "timestamp_missing_is_refused_but_for_reset",
	  timestamp_missing_is_refused_but_for_reset },
	{ "timestamp_of_first_unacknowledged_is_echoed",
	  timestamp_of_first_unacknowledged_is_echoed },
	{ "timestamp_never_negotiated_is_ignored", timestamp_never_negotiated_is_ignored },
	{ "reset_exact_closes", reset_exact_closes },
	{ "reset_inexact_is_challenged", reset_inexact_is_challenged },
	{ "reset_exact_with_closed_window_closes", reset_exact_with_closed_window_closes },
	{ "reset_in_every_state_frees", reset_in_every_state_frees },
	{ "syn_on_open_connection_is_challenged", syn_on_open_connection_is_challenged },
	{ "challenges_are_limited_for_each_connection",
	  challenges_are_limited_for_each_connection },
	{ "ack_of_what_was_never_sent_is_challenged", ack_of_what_was_never_sent_is_challenged },
	{ "ack_too_old_is_challenged", ack_too_old_is_challenged },
	{ "ack_in_part_cuts_a_record", ack_in_part_cuts_a_record },
	{ "ack_makes_room_and_says_so", ack_makes_room_and_says_so },
	{ "window_of_old_segment_is_not_taken", window_of_old_segment_is_not_taken },
	CU_TEST_INFO_NULL,
};
