/*
 * What is taken back of a connection that its peer has ended: the proof that the peer got nothing
 * (RFC 9293 3.10.7.1), and how long it has been silent about what is queued.
 */
#include "test/unit/dataplane/tcp/tcp_fixture.h"

static uint64_t mark;
static struct bufq out;

/* The first 500 bytes are a former request, acknowledged; behind the mark come len bytes. */
static void
queued_behind_the_mark(uint32_t len)
{
	start();
	established();
	app_send(500);
	tx_all();
	RX(.ack = 501);
	events();
	mark = tcp_send_mark(tcp, id);
	app_send(len);
}

static void
expect_taken(uint32_t from, uint32_t len)
{
	CU_ASSERT(tcp_take_unacked(tcp, id, mark, &out));
	CU_ASSERT_EQUAL(out.bytes, len);
	for (uint32_t i = 0; i < out.bytes; i++) {
		uint8_t byte;

		bufq_copy(&out, i, 1, &byte);
		CU_ASSERT_EQUAL(byte, pattern(from + i));
	}
	CU_ASSERT_EQUAL(tcp_send_queued(tcp, id), 0);
	bufq_clear(&out);
	tcp_check(tcp, now_us);
	tcp_abort(tcp, id, now_us);
}

static void
expect_refused(void)
{
	CU_ASSERT(!tcp_take_unacked(tcp, id, mark, &out));
	CU_ASSERT_EQUAL(out.bytes, 0);
	tcp_check(tcp, now_us);
	tcp_abort(tcp, id, now_us);
}

static void
end_with(unsigned segments)
{
	CU_ASSERT_EQUAL(tx_all(), segments);
	finish();
}

static void
unacked_after_fin_is_taken_back(void)
{
	queued_behind_the_mark(2500);
	CU_ASSERT_EQUAL(tx_all(), 3);
	RX(.flags = FIN | ACK, .ack = 501);
	expect_taken(501, 2500);
	end_with(1); /* the reset */
}

static void
unacked_and_unsent_is_taken_back(void)
{
	queued_behind_the_mark(2500);
	RX(.flags = FIN | ACK, .ack = 501);
	expect_taken(501, 2500);
	end_with(1);
}

static void
unacked_of_a_former_request_stays(void)
{
	start();
	established();
	app_send(500);
	mark = tcp_send_mark(tcp, id);
	app_send(300);
	tx_all();
	RX(.flags = FIN | ACK, .ack = 201);
	expect_taken(501, 300);
	end_with(1);
}

static void
unacked_without_an_end_is_refused(void)
{
	queued_behind_the_mark(100);
	tx_all();
	expect_refused();
	end_with(1);
}

static void
acked_by_the_fin_is_refused(void)
{
	queued_behind_the_mark(2500);
	tx_all();
	RX(.flags = FIN | ACK, .ack = 502); /* one byte is enough */
	expect_refused();
	end_with(1);
}

static void
acked_behind_the_fin_is_refused(void)
{
	queued_behind_the_mark(2500);
	tx_all();
	RX(.flags = FIN | ACK, .ack = 501);
	RX(.ack = 1501);
	expect_refused();
	end_with(1);
}

static void
unacked_after_reset_with_ack_is_taken_back(void)
{
	queued_behind_the_mark(2500);
	tx_all();
	RX(.flags = RST | ACK, .ack = 501);
	CU_ASSERT(events() & TCP_EVENT_CLOSED);
	expect_taken(501, 2500);
	end_with(0);
}

static void
acked_by_the_reset_is_refused(void)
{
	queued_behind_the_mark(2500);
	tx_all();
	RX(.flags = RST | ACK, .ack = 1501);
	expect_refused();
	end_with(0);
}

/* The member's connection is gone: its answer to our first segment. */
static void
unacked_after_bare_reset_is_taken_back(void)
{
	queued_behind_the_mark(800);
	tx_all();
	RX(.flags = RST);
	expect_taken(501, 800);
	end_with(0);
}

/* The first one may have been taken, and what became of it lost. */
static void
two_segments_before_bare_reset_are_refused(void)
{
	queued_behind_the_mark(1001);
	CU_ASSERT_EQUAL(tx_all(), 2);
	RX(.flags = RST);
	expect_refused();
	end_with(0);
}

/* The same for the first copy. */
static void
sent_twice_before_bare_reset_is_refused(void)
{
	queued_behind_the_mark(800);
	tx_all();
	pass_us(2 * SECOND);
	CU_ASSERT(tx_all() > 0);
	RX(.flags = RST);
	expect_refused();
	end_with(0);
}

static void
sent_twice_before_fin_is_taken_back(void)
{
	queued_behind_the_mark(800);
	tx_all();
	pass_us(2 * SECOND);
	CU_ASSERT(tx_all() > 0);
	RX(.flags = FIN | ACK, .ack = 501);
	expect_taken(501, 800);
	end_with(1);
}

static void
unacked_at_timeout_is_refused(void)
{
	queued_behind_the_mark(800);
	for (unsigned i = 0; i < 10000 && tcp_close_reason(tcp, id) == TCP_CLOSE_NONE; i++) {
		pass_us(SECOND);
		tx_all();
	}
	CU_ASSERT_EQUAL(tcp_close_reason(tcp, id), TCP_CLOSE_TIMEOUT);
	expect_refused();
	end_with(0);
}

/* Its FIN and our timeout are news of one turn: the bytes are gone with the connection. */
static void
unacked_at_timeout_after_fin_is_refused(void)
{
	queued_behind_the_mark(800);
	tx_all();
	RX(.flags = FIN | ACK, .ack = 501);
	for (unsigned i = 0; i < 10000 && tcp_close_reason(tcp, id) == TCP_CLOSE_NONE; i++) {
		pass_us(SECOND);
		tx_all();
	}
	CU_ASSERT_EQUAL(tcp_close_reason(tcp, id), TCP_CLOSE_TIMEOUT);
	expect_refused();
	end_with(0);
}

static void
reset_frees_the_queue_with_the_connection(void)
{
	queued_behind_the_mark(2500);
	tx_all();
	RX(.flags = RST | ACK, .ack = 501);
	CU_ASSERT_EQUAL(tcp_send_queued(tcp, id), 2500);
	tcp_release(tcp, id, now_us);
	finish();
}

/* ---- silence ---- */

static void
stuck_since_the_last_acknowledgment(void)
{
	uint64_t queued_us;

	start();
	established();
	CU_ASSERT_EQUAL(tcp_send_stuck_us(tcp, id), UINT64_MAX);
	pass_us(SECOND);
	queued_us = now_us;
	app_send(1000);
	tx_all();
	pass_us(MS);
	app_send(1000); /* more of it does not count */
	tx_all();
	CU_ASSERT_EQUAL(tcp_send_stuck_us(tcp, id), queued_us);
	pass_us(MS);
	RX(.ack = 11);
	CU_ASSERT_EQUAL(tcp_send_stuck_us(tcp, id), now_us);
	RX(.ack = 2001);
	CU_ASSERT_EQUAL(tcp_send_stuck_us(tcp, id), UINT64_MAX);
	CU_ASSERT_EQUAL(tcp_send_active_us(tcp, id), now_us);
	finish_open();
}

/* Who tries in vain every few milliseconds must not look busy for ever. */
static void
active_does_not_mind_what_found_no_buffer(void)
{
	struct bufq q = { 0 };
	uint64_t active_us;

	queued_behind_the_mark(0);
	active_us = tcp_send_active_us(tcp, id);
	CU_ASSERT(bufq_append_bytes(&q, unit_mbufs(), "abc", 3));
	pass_us(5 * MS);
	pool_leave(0);
	CU_ASSERT_EQUAL(tcp_send_bytes(tcp, id, "abc", 3, now_us), ERR_no_memory);
	CU_ASSERT_EQUAL(tcp_send(tcp, id, &q, 2, now_us),
			0); /* the rest needs a buffer of its own */
	CU_ASSERT_EQUAL(tcp_send_active_us(tcp, id), active_us);
	CU_ASSERT_EQUAL(tcp_send_stuck_us(tcp, id), UINT64_MAX);
	pool_refill();
	CU_ASSERT_EQUAL(tcp_send(tcp, id, &q, 2, now_us), 2);
	CU_ASSERT_EQUAL(tcp_send_active_us(tcp, id), now_us);
	CU_ASSERT_EQUAL(tcp_send_stuck_us(tcp, id), now_us);
	bufq_clear(&q);
	tcp_abort(tcp, id, now_us);
	end_with(1);
}

static void
stuck_does_not_mind_empty_acknowledgments(void)
{
	uint64_t queued_us;

	start();
	established();
	queued_us = now_us;
	app_send(1000);
	tx_all();
	pass_us(MS);
	RX(.ack = 1, .window = ZERO_WINDOW);
	CU_ASSERT_EQUAL(tcp_send_stuck_us(tcp, id), queued_us);
	finish_open();
}

/* As if 3 GB of a body had gone out behind the mark: more than sequence numbers can tell apart. */
static void
acked_gigabytes_ago_is_refused(void)
{
	queued_behind_the_mark(2500);
	tx_all();
	conn()->bytes_out += 3ull << 30;
	mark = tcp_send_mark(tcp, id) - (3ull << 30);
	RX(.flags = RST | ACK, .ack = 501);
	CU_ASSERT(tcp_send_acked(tcp, id, mark));
	expect_refused();
	end_with(0);
}

/* Who has been told of a queue that nobody sends any more must not make it a sender. */
static void
push_of_a_reset_connection_sends_nothing(void)
{
	queued_behind_the_mark(2500);
	tx_all();
	RX(.flags = RST | ACK, .ack = 501);
	CU_ASSERT(tcp_send_queued(tcp, id) > 0);
	tcp_push(tcp, id);
	CU_ASSERT(!tcp_has_output(tcp));
	tcp_abort(tcp, id, now_us);
	end_with(0);
}

CU_TestInfo test_unacked[] = {
	{ "unacked_after_fin_is_taken_back", unacked_after_fin_is_taken_back },
	{ "unacked_and_unsent_is_taken_back", unacked_and_unsent_is_taken_back },
	{ "unacked_of_a_former_request_stays", unacked_of_a_former_request_stays },
	{ "unacked_without_an_end_is_refused", unacked_without_an_end_is_refused },
	{ "acked_by_the_fin_is_refused", acked_by_the_fin_is_refused },
	{ "acked_behind_the_fin_is_refused", acked_behind_the_fin_is_refused },
	{ "unacked_after_reset_with_ack_is_taken_back",
	  unacked_after_reset_with_ack_is_taken_back },
	{ "acked_by_the_reset_is_refused", acked_by_the_reset_is_refused },
	{ "unacked_after_bare_reset_is_taken_back", unacked_after_bare_reset_is_taken_back },
	{ "two_segments_before_bare_reset_are_refused",
	  two_segments_before_bare_reset_are_refused },
	{ "sent_twice_before_bare_reset_is_refused", sent_twice_before_bare_reset_is_refused },
	{ "sent_twice_before_fin_is_taken_back", sent_twice_before_fin_is_taken_back },
	{ "unacked_at_timeout_is_refused", unacked_at_timeout_is_refused },
	{ "unacked_at_timeout_after_fin_is_refused", unacked_at_timeout_after_fin_is_refused },
	{ "reset_frees_the_queue_with_the_connection", reset_frees_the_queue_with_the_connection },
	{ "stuck_since_the_last_acknowledgment", stuck_since_the_last_acknowledgment },
	{ "stuck_does_not_mind_empty_acknowledgments", stuck_does_not_mind_empty_acknowledgments },
	{ "active_does_not_mind_what_found_no_buffer", active_does_not_mind_what_found_no_buffer },
	{ "acked_gigabytes_ago_is_refused", acked_gigabytes_ago_is_refused },
	{ "push_of_a_reset_connection_sends_nothing", push_of_a_reset_connection_sends_nothing },
	CU_TEST_INFO_NULL,
};
