/*
 * Sending: segments and PSH, silly windows, closed windows and probes, what happens when a pool
 * is empty.
 */
#include "test/unit/dataplane/tcp/tcp_fixture.h"

static uint32_t
at(uint32_t segments)
{
	return 1 + segments * 1000;
}

/* Until a timer wants something to be sent. */
static void
wait_for_output(void)
{
	for (unsigned i = 0; i < 100 && !tcp_has_output(tcp) && tcp_next_us(tcp) != TCP_NEVER; i++)
		pass_us(tcp_next_us(tcp) - now_us);
	CU_ASSERT(tcp_has_output(tcp));
}

/* ---- segments ---- */

static void
send_cuts_into_full_segments(void)
{
	start();
	established();
	app_send(2500);
	for (unsigned i = 0; i < 3; i++) {
		struct seg s = tx();

		CU_ASSERT_EQUAL(s.seq, at(i));
		CU_ASSERT_EQUAL(s.len, i < 2 ? 1000 : 500);
		CU_ASSERT_EQUAL(!!(s.flags & PSH), i == 2); /* the last one */
	}
	TX_NONE();
	finish_open();
}

static void
send_small_pieces_at_once(void)
{
	start();
	established();
	app_send(10);
	TX(ACK, 1, 10, 1);
	app_send(10); /* no Nagle */
	TX(ACK, 11, 10, 1);
	finish_open();
}

static void
send_queue_and_relay_move_buffers(void)
{
	struct bufq q = { 0 };
	uint8_t bytes[1500];

	start();
	established();
	for (uint32_t i = 0; i < sizeof bytes; i++)
		bytes[i] = pattern(1 + i);
	CU_ASSERT(bufq_append_bytes(&q, unit_mbufs(), bytes, sizeof bytes));
	CU_ASSERT_EQUAL(tcp_send(tcp, id, &q, 1500, now_us), 1500);
	CU_ASSERT_EQUAL(q.bytes, 0);
	CU_ASSERT_EQUAL(tcp_send_queued(tcp, id), 1500);
	TX(ACK, 1, 1000, 1);
	TX(ACK, 1001, 500, 1);
	finish_open();
}

/* Back to where it came from: an echo. */
static void
relay_takes_what_there_is_room_for(void)
{
	struct tcp_conn *from;
	uint32_t from_id;

	start();
	established();
	from_id = id;
	from = conn();
	for (unsigned i = 0; i < 10; i++)
		RX(.len = 1000);
	tx_all();
	peer.theirs.port++;
	peer.snd = 0;
	id = TCP_NONE;
	established();
	CU_ASSERT_EQUAL(tcp_relay(tcp, from_id, id, 10000, now_us), 10000);
	CU_ASSERT_EQUAL(from->received.bytes, 0);
	CU_ASSERT_EQUAL(tx_all(), 10);
	finish_open();
}

static void
send_is_bounded_by_the_buffer(void)
{
	struct bufq q = { 0 };
	uint8_t bytes[1000] = { 0 };

	start_defaults();
	settings.profile.send_buffer_bytes = 10000;
	start();
	established();
	for (unsigned i = 0; i < 20; i++)
		CU_ASSERT(bufq_append_bytes(&q, unit_mbufs(), bytes, sizeof bytes));
	CU_ASSERT_EQUAL(tcp_send_space(tcp, id), 10000);
	CU_ASSERT_EQUAL(tcp_send(tcp, id, &q, 20000, now_us), 10000);
	CU_ASSERT_EQUAL(tcp_send_space(tcp, id), 0);
	CU_ASSERT_EQUAL(q.bytes, 10000);
	bufq_clear(&q);
	finish_open();
}

/* ---- the peer's window ---- */

static void
window_is_kept_to(void)
{
	start();
	peer.window = 3500;
	established();
	app_send(10000);
	TX(ACK, 1, 1000, 1);
	TX(ACK, at(1), 1000, 1);
	TX(ACK, at(2), 1000, 1);
	TX_NONE(); /* 500 more would be silly */
	RX(.ack = at(1));
	TX(ACK, at(3), 1000, 1);
	TX_NONE();
	finish_open();
}

static void
window_half_of_the_largest_is_used(void)
{
	start();
	peer.window = 1600;
	established();
	app_send(10000);
	TX(ACK, 1, 1000, 1);
	TX_NONE(); /* 600 */
	RX(.window = 900);
	TX(ACK, 1001, 900, 1);
	TX_NONE();
	finish_open();
}

static void
window_small_is_used_after_a_while(void)
{
	start();
	peer.window = 4000;
	established();
	app_send(10000);
	tx_all();
	RX(.window = 100);
	TX_NONE();
	pass_us(2 * SECOND);
	TX(ACK, at(4), 100, 1);
	finish_open();
}

static void
closed_window_is_probed_as_long_as_it_is_answered(void)
{
	uint64_t last, gap = 0;

	start();
	established();
	app_send(4000);
	tx_all();
	RX(.window = ZERO_WINDOW);
	app_send(2000);
	TX_NONE();
	last = now_us;
	for (unsigned i = 0; i < 50; i++) {
		struct seg s;

		wait_for_output();
		s = tx();
		CU_ASSERT_EQUAL(s.seq, at(4));
		CU_ASSERT_EQUAL(s.len, 1);
		TX_NONE();
		CU_ASSERT(now_us - last + MS >= gap);
		CU_ASSERT(now_us - last <= settings.rto_max_us + MS);
		gap = now_us - last;
		last = now_us;
		CU_ASSERT_EQUAL(RX(.ack = at(4), .window = ZERO_WINDOW), DROP_none);
		TX_NONE();
	}
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	CU_ASSERT_EQUAL(conn()->ssthresh, 1u << 30); /* not taken for congestion */
	RX(.ack = at(4));
	TX(ACK, at(4), 1000, 1); /* with the byte that was the probe */
	TX(ACK, at(5), 1000, 1);
	RX();
	CU_ASSERT(conn()->rto_us <= SECOND); /* the backoff was the probes' */
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_recoveries), 0);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_retransmit_timeouts), 0);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_bytes_sent), 6000);
	finish_open();
}

static void
closed_window_unanswered_gives_up(void)
{
	start();
	established();
	app_send(1000);
	tx_all();
	RX(.window = ZERO_WINDOW);
	app_send(2000);
	for (unsigned i = 0; i < 1000 && state() == TCP_ESTABLISHED; i++) {
		pass_us(SECOND);
		tx_all();
	}
	CU_ASSERT_EQUAL(events() & TCP_EVENT_CLOSED, TCP_EVENT_CLOSED);
	CU_ASSERT_EQUAL(tcp_close_reason(tcp, id), TCP_CLOSE_TIMEOUT);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_timeouts), 1);
	tcp_release(tcp, id, now_us);
	finish();
}

static void
closed_window_probe_that_is_taken_goes_on(void)
{
	start();
	established();
	app_send(1000);
	tx_all();
	RX(.window = ZERO_WINDOW);
	app_send(2000);
	TX_NONE();
	pass_us(2 * SECOND);
	TX(ACK, at(1), 1, 1);
	RX(.window = ZERO_WINDOW); /* took the byte, no more */
	CU_ASSERT_EQUAL(tcp_send_queued(tcp, id), 1999);
	pass_us(5 * SECOND);
	TX(ACK, at(1) + 1, 1, 1);
	RX();
	TX(ACK, at(1) + 2, 1000, 1);
	finish_open();
}

/* A peer that lies about the probe must neither stop it nor us. */
static void
closed_window_probe_that_is_sacked_goes_on(void)
{
	start();
	established();
	app_send(1000);
	tx_all();
	RX(.window = ZERO_WINDOW);
	app_send(2000);
	TX_NONE();
	pass_us(2 * SECOND);
	TX(ACK, at(1), 1, 1);
	RX(.ack = at(1), .window = ZERO_WINDOW, .sack_count = 1, .sack = { { at(1), at(1) + 1 } });
	pass_us(5 * SECOND);
	TX(ACK, at(1), 1, 1);
	RX(.ack = at(1), .sack_count = 1, .sack = { { at(1), at(1) + 1 } });
	TX(ACK, at(1), 1000, 1);
	finish_open();
}

static void
closed_window_holds_fin_back_and_probes_with_it(void)
{
	start();
	established();
	app_send(1000);
	tx_all();
	RX(.window = ZERO_WINDOW);
	tcp_shutdown(tcp, id, now_us);
	TX_NONE();
	for (unsigned i = 0; i < 30; i++) {
		wait_for_output();
		TX(FIN | ACK, at(1), 0, 1);
		RX(.ack = at(1), .window = ZERO_WINDOW);
		TX_NONE();
	}
	CU_ASSERT_EQUAL(state(), TCP_FIN_WAIT_1);
	RX(.ack = at(1));
	TX(FIN | ACK, at(1), 0, 1);
	RX();
	CU_ASSERT_EQUAL(state(), TCP_FIN_WAIT_2);
	finish_open();
}

static void
closed_window_full_by_one_keeps_fin_back(void)
{
	start();
	peer.window = 1000;
	established();
	app_send(1000);
	tcp_shutdown(tcp, id, now_us);
	TX(ACK, 1, 1000, 1);
	TX_NONE();
	RX();
	TX(FIN | ACK, at(1), 0, 1);
	finish_open();
}

/* A probe is out; an ACK of ours must stand inside of the peer's window all the same. */
static void
closed_window_acks_stand_inside(void)
{
	start();
	established();
	app_send(1000);
	tx_all();
	RX(.window = ZERO_WINDOW);
	app_send(2000);
	TX_NONE();
	pass_us(2 * SECOND);
	TX(ACK, at(1), 1, 1);
	peer.rcv = at(1);
	RX(.len = 1000, .window = ZERO_WINDOW);
	RX(.len = 1000, .window = ZERO_WINDOW);
	TX(ACK, at(1), 0, 2001);
	tcp_abort(tcp, id, now_us); /* with unread data; the RST has to be exact */
	TX(RST | ACK, at(1), 0, 2001);
	finish();
}

/*
 * RFC 9293 3.8.6: a peer that takes back what it offered; what is out is sent again, and its
 * answers keep the connection alive for as long as they come.
 */
static void
shrunk_window_does_not_end_the_connection(void)
{
	start();
	peer.sack = false;
	established();
	app_send(3000);
	tx_all();
	RX(.ack = at(1), .window = ZERO_WINDOW);
	TX_NONE();
	for (unsigned i = 0; i < 40; i++) {
		wait_for_output();
		CU_ASSERT(tx_all() >= 1);
		RX(.ack = at(1), .window = ZERO_WINDOW);
		tx_all();
	}
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	RX(.ack = at(1));
	pass_us(settings.rto_max_us + SECOND);
	CU_ASSERT(tx_all() >= 1);
	RX();
	CU_ASSERT_EQUAL(tcp_send_queued(tcp, id), 0);
	finish_open();
}

/* ---- nothing left ---- */

static void
no_mbuf_for_data_is_retried(void)
{
	start();
	established();
	app_send(1000);
	pool_leave(0);
	TX_NONE();
	CU_ASSERT(!tcp_has_output(tcp));
	CU_ASSERT(stats->drop[DROP_mbuf_empty] > 0);
	CU_ASSERT_EQUAL(conn()->snd_nxt, conn()->snd_una);
	CU_ASSERT_EQUAL(tcp_send_bytes(tcp, id, (uint8_t[4000]){ 0 }, 4000, now_us), ERR_no_memory);
	CU_ASSERT_EQUAL(tcp_send_queued(tcp, id), 1000); /* all or nothing */
	pool_refill();
	pass_us(TCP_RETRY_US + 200);
	TX(ACK, 1, 1000, 1);
	finish_open();
}

static void
no_mbuf_for_an_ack_is_retried(void)
{
	start();
	established();
	RX(.len = 1000);
	RX(.len = 1000);
	pool_leave(0);
	TX_NONE();
	pool_refill();
	pass_us(TCP_RETRY_US + 200);
	TX(ACK, 1, 0, 2001);
	finish_open();
}

static void
no_mbuf_for_a_retransmission_is_retried(void)
{
	start();
	established();
	app_send(1000);
	tx_all();
	pass_us(SECOND + MS);
	pool_leave(0);
	TX_NONE();
	pool_refill();
	pass_us(TCP_RETRY_US + 200);
	TX(ACK, 1, 1000, 1);
	finish_open();
}

static void
no_mbuf_for_a_window_probe_is_retried(void)
{
	start();
	established();
	app_send(1000);
	tx_all();
	RX(.window = ZERO_WINDOW);
	app_send(2000);
	TX_NONE();
	pass_us(SECOND + MS);
	pool_leave(0);
	TX_NONE();
	pool_refill();
	pass_us(TCP_RETRY_US + 200);
	TX(ACK, at(1), 1, 1);
	finish_open();
}

/* Records are for what is sent; an ACK needs none. */
static void
no_record_left_still_sends_acks(void)
{
	start_defaults();
	settings.segments = 2;
	start();
	established();
	app_send(5000);
	CU_ASSERT(tx_all() >= 1);
	CU_ASSERT(counter(COUNTER_tcp_records_empty) > 0);
	RX(.len = 1000, .ack = 1);
	RX(.len = 1000, .ack = 1);
	CU_ASSERT_EQUAL(tx().ack, 2001);
	TX_NONE();
	pass_us(TCP_RETRY_US + 200);
	RX();
	CU_ASSERT(tx_all() >= 1); /* those of what was acknowledged are free again */
	finish_open();
}

/* One connection with much to send leaves records for the others. */
static void
no_connection_takes_all_records(void)
{
	start_defaults();
	settings.segments = 64;
	start();
	established();
	conn()->cwnd = 1000000;
	app_send(64000);
	CU_ASSERT(tx_all() >= 16);
	CU_ASSERT(tcp->sent.used <= 32);
	for (unsigned i = 0; i < 8; i++) {
		peer.theirs.port++;
		peer.snd = 0;
		id = TCP_NONE;
		established();
		CU_ASSERT_EQUAL(tcp_send_bytes(tcp, id, "x", 1, now_us), ERR_ok);
		CU_ASSERT_EQUAL(tcp_output(tcp, &(struct rte_mbuf *){ NULL }, 0, now_us), 0);
		CU_ASSERT(tcp_has_output(tcp));
		{
			struct rte_mbuf *m;

			CU_ASSERT_EQUAL(tcp_output(tcp, &m, 1, now_us), 1);
			rte_pktmbuf_free(m);
		}
	}
	finish_open();
}

static void
bursts_are_shared_among_connections(void)
{
	struct rte_mbuf *burst[64];
	unsigned from[2] = { 0 };
	uint32_t ids[2];

	start();
	for (unsigned i = 0; i < 2; i++) {
		id = TCP_NONE;
		peer.snd = 0;
		peer.theirs.port = (uint16_t)(5000 + i);
		established();
		conn()->cwnd = 1000000;
		ids[i] = id;
	}
	for (unsigned i = 0; i < 2; i++)
		CU_ASSERT_EQUAL(tcp_send_bytes(tcp, ids[i], (uint8_t[50000]){ 0 }, 50000, now_us),
				ERR_ok);
	CU_ASSERT_EQUAL(tcp_output(tcp, burst, 64, now_us), 64);
	for (unsigned i = 0; i < 64; i++) {
		from[packet_of(burst[i])->dst_port - 5000]++;
		rte_pktmbuf_free(burst[i]);
	}
	CU_ASSERT_EQUAL(from[0], 32);
	CU_ASSERT_EQUAL(from[1], 32);
	finish_open();
}

static void
info_says_what_is(void)
{
	struct tcp_info info;

	start();
	established();
	tcp_set_user(tcp, id, 42);
	RX(.len = 100);
	RX(.seq = 200, .len = 50);
	app_send(500);
	tx_all();
	CU_ASSERT(tcp_info(tcp, id, &info));
	CU_ASSERT_EQUAL(info.state, TCP_ESTABLISHED);
	CU_ASSERT_STRING_EQUAL(tcp_state_text(info.state), "ESTABLISHED");
	CU_ASSERT_STRING_EQUAL(tcp_state_text(99), "?");
	CU_ASSERT(info.accepted && !info.released);
	CU_ASSERT_EQUAL(info.user, 42);
	CU_ASSERT_EQUAL(info.bytes_in, 100);
	CU_ASSERT_EQUAL(info.receive_queued_bytes, 100);
	CU_ASSERT_EQUAL(info.reassembly_bytes, 50);
	CU_ASSERT_EQUAL(info.send_queued_bytes, 500);
	CU_ASSERT_EQUAL(info.mss_bytes, 1000);
	CU_ASSERT_EQUAL(tcp_capacity(tcp), settings.conns);
	CU_ASSERT(!tcp_info(tcp, id + 1, &info));
	finish_open();
}

CU_TestInfo test_send[] = {
	{ "send_cuts_into_full_segments", send_cuts_into_full_segments },
	{ "send_small_pieces_at_once", send_small_pieces_at_once },
	{ "send_queue_and_relay_move_buffers", send_queue_and_relay_move_buffers },
	{ "relay_takes_what_there_is_room_for", relay_takes_what_there_is_room_for },
	{ "send_is_bounded_by_the_buffer", send_is_bounded_by_the_buffer },
	{ "window_is_kept_to", window_is_kept_to },
	{ "window_half_of_the_largest_is_used", window_half_of_the_largest_is_used },
	{ "window_small_is_used_after_a_while", window_small_is_used_after_a_while },
	{ "closed_window_is_probed_as_long_as_it_is_answered",
	  closed_window_is_probed_as_long_as_it_is_answered },
	{ "closed_window_unanswered_gives_up", closed_window_unanswered_gives_up },
	{ "closed_window_probe_that_is_taken_goes_on", closed_window_probe_that_is_taken_goes_on },
	{ "closed_window_probe_that_is_sacked_goes_on",
	  closed_window_probe_that_is_sacked_goes_on },
	{ "closed_window_holds_fin_back_and_probes_with_it",
	  closed_window_holds_fin_back_and_probes_with_it },
	{ "closed_window_full_by_one_keeps_fin_back", closed_window_full_by_one_keeps_fin_back },
	{ "closed_window_acks_stand_inside", closed_window_acks_stand_inside },
	{ "shrunk_window_does_not_end_the_connection", shrunk_window_does_not_end_the_connection },
	{ "no_mbuf_for_data_is_retried", no_mbuf_for_data_is_retried },
	{ "no_mbuf_for_an_ack_is_retried", no_mbuf_for_an_ack_is_retried },
	{ "no_mbuf_for_a_retransmission_is_retried", no_mbuf_for_a_retransmission_is_retried },
	{ "no_mbuf_for_a_window_probe_is_retried", no_mbuf_for_a_window_probe_is_retried },
	{ "no_record_left_still_sends_acks", no_record_left_still_sends_acks },
	{ "no_connection_takes_all_records", no_connection_takes_all_records },
	{ "bursts_are_shared_among_connections", bursts_are_shared_among_connections },
	{ "info_says_what_is", info_says_what_is },
	CU_TEST_INFO_NULL,
};
