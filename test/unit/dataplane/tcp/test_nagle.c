/*
 * Nagle's algorithm (RFC 9293 3.7.4, Minshall's variant) and pushes.
 */
#include "test/unit/dataplane/tcp/tcp_fixture.h"

static void
nagle_established(void)
{
	start_defaults();
	settings.profile.nagle = true;
	start();
	established();
}

static void
small_segments_gather_until_the_acknowledgement(void)
{
	nagle_established();
	app_send(10);
	TX(ACK, 1, 10, 1); /* nothing is out: at once */
	app_send(20);
	TX_NONE();
	app_send(30);
	TX_NONE();
	RX(.ack = 11);
	TX(ACK, 11, 50, 1);
	finish_open();
}

static void
without_the_profile_nothing_waits(void)
{
	start();
	established();
	app_send(10);
	TX(ACK, 1, 10, 1);
	app_send(20);
	TX(ACK, 11, 20, 1);
	finish_open();
}

static void
full_segments_do_not_wait(void)
{
	nagle_established();
	app_send(10);
	TX(ACK, 1, 10, 1);
	app_send(1500);
	TX(ACK, 11, 1000, 1);
	TX_NONE(); /* its tail does */
	RX(.ack = 11);
	TX(ACK, 1011, 500, 1);
	finish_open();
}

/* Minshall: only small segments hold others back. */
static void
tail_of_a_message_does_not_wait_for_full_ones(void)
{
	nagle_established();
	app_send(2300);
	TX(ACK, 1, 1000, 1);
	TX(ACK, 1001, 1000, 1);
	TX(ACK, 2001, 300, 1);
	finish_open();
}

static void
pushed_bytes_do_not_wait(void)
{
	struct seg s;

	nagle_established();
	app_send(10);
	TX(ACK, 1, 10, 1);
	app_send(20);
	TX_NONE();
	tcp_push(tcp, id);
	s = tx();
	CU_ASSERT_EQUAL(s.len, 20);
	CU_ASSERT(s.flags & PSH);
	app_send(5); /* what comes after a push waits again */
	TX_NONE();
	RX(.ack = 31);
	TX(ACK, 31, 5, 1);
	finish_open();
}

static void
push_of_nothing_does_nothing(void)
{
	nagle_established();
	tcp_push(tcp, id);
	TX_NONE();
	finish_open();
}

/* RFC 9293 3.8.6.2.1: a pushed place within a longer segment is marked. */
static void
push_marks_the_segment_that_holds_its_end(void)
{
	nagle_established();
	app_send(1500);
	tcp_push(tcp, id);
	app_send(1000);
	CU_ASSERT(!(tx().flags & PSH));
	CU_ASSERT(tx().flags & PSH);
	finish_open();
}

static void
fin_takes_the_tail_with_it(void)
{
	nagle_established();
	app_send(10);
	TX(ACK, 1, 10, 1);
	app_send(20);
	TX_NONE();
	tcp_shutdown(tcp, id, now_us);
	TX(ACK | FIN, 11, 20, 1);
	finish_open();
}

/* A window smaller than a segment makes no segment a small one. */
static void
small_window_is_no_reason_to_wait(void)
{
	nagle_established();
	RX(.window = 400);
	conn()->snd_wnd_max = 400;
	app_send(1000);
	TX(ACK, 1, 400, 1);
	RX(.ack = 201, .window = 400);
	TX(ACK, 401, 200, 1);
	finish_open();
}

/* ---- the sender's PSH goes through the proxy ---- */

static void
relay_carries_the_push(void)
{
	nagle_established();
	app_send(10);
	TX(ACK, 1, 10, 1);
	RX(.flags = ACK, .len = 100);
	CU_ASSERT_EQUAL(tcp_relay(tcp, id, id, 100, now_us), 100); /* back to where it came from */
	CU_ASSERT(seq_leq(conn()->push_end, conn()->snd_nxt));
	RX(.flags = ACK | PSH, .len = 100);
	CU_ASSERT_EQUAL(tcp_relay(tcp, id, id, 40, now_us), 40); /* not as far as the push */
	CU_ASSERT(seq_leq(conn()->push_end, conn()->snd_nxt));
	CU_ASSERT_EQUAL(tcp_relay(tcp, id, id, 60, now_us), 60);
	CU_ASSERT_EQUAL(conn()->push_end, conn()->snd_nxt + 200);
	finish_open();
}

CU_TestInfo test_nagle[] = {
	{ "small_segments_gather_until_the_acknowledgement",
	  small_segments_gather_until_the_acknowledgement },
	{ "without_the_profile_nothing_waits", without_the_profile_nothing_waits },
	{ "full_segments_do_not_wait", full_segments_do_not_wait },
	{ "tail_of_a_message_does_not_wait_for_full_ones",
	  tail_of_a_message_does_not_wait_for_full_ones },
	{ "pushed_bytes_do_not_wait", pushed_bytes_do_not_wait },
	{ "push_of_nothing_does_nothing", push_of_nothing_does_nothing },
	{ "push_marks_the_segment_that_holds_its_end", push_marks_the_segment_that_holds_its_end },
	{ "fin_takes_the_tail_with_it", fin_takes_the_tail_with_it },
	{ "small_window_is_no_reason_to_wait", small_window_is_no_reason_to_wait },
	{ "relay_carries_the_push", relay_carries_the_push },
	CU_TEST_INFO_NULL,
};
