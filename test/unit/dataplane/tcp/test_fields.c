/*
 * What is told of a connection, in the states and moments where it says something.
 */
#include "test/unit/dataplane/tcp/tcp_fixture.h"

static struct conn_fields fields;

static uint64_t
field(enum conn_field which)
{
	CU_ASSERT_TRUE(tcp_fields(tcp, id, &fields, now_us));
	return fields.value[which];
}

static const char *
text(enum conn_field which)
{
	static char out[CONN_FIELD_TEXT_BYTES];

	CU_ASSERT_TRUE(tcp_fields(tcp, id, &fields, now_us));
	return conn_field_format(&fields, which, out);
}

#define FIELD(name) field(CONN_FIELD_##name)
#define TEXT(name)  text(CONN_FIELD_##name)

static void
fields_of_an_established_connection_are_relative_and_in_units(void)
{
	start();
	established();
	RX(.len = 1000);
	app_send(2500);
	CU_ASSERT_TRUE(tx_all() >= 2);
	CU_ASSERT_STRING_EQUAL(TEXT(state), "ESTABLISHED");
	CU_ASSERT_STRING_EQUAL(TEXT(snd_una), "1");
	CU_ASSERT_STRING_EQUAL(TEXT(snd_nxt), "2501");
	CU_ASSERT_STRING_EQUAL(TEXT(rcv_nxt), "1001");
	CU_ASSERT_EQUAL((uint32_t)FIELD(irs), ISS_PEER);
	CU_ASSERT_EQUAL(FIELD(pipe), 2500);
	CU_ASSERT_EQUAL(FIELD(send_queued), 2500);
	CU_ASSERT_EQUAL(FIELD(unsent), 0);
	CU_ASSERT_EQUAL(FIELD(receive_queued), 1000);
	CU_ASSERT_EQUAL(FIELD(mss_option), 1000);
	CU_ASSERT_EQUAL(FIELD(option_sack), 1);
	CU_ASSERT_EQUAL(FIELD(accepted), 1);
	CU_ASSERT_EQUAL(FIELD(ssthresh), CONN_FIELD_NONE);
	CU_ASSERT_STRING_EQUAL(TEXT(ssthresh), "");
	CU_ASSERT_STRING_EQUAL(TEXT(recovery), "slow-start");
	CU_ASSERT_STRING_EQUAL(TEXT(congestion_control), "cubic");
	CU_ASSERT_STRING_EQUAL(TEXT(close_reason), "");
	got();
	finish_open();
}

static void
timers_tell_what_for_and_how_long(void)
{
	uint64_t left_us;

	start();
	established();
	CU_ASSERT_EQUAL(FIELD(timer_retransmit), CONN_FIELD_NONE);
	CU_ASSERT_EQUAL(FIELD(timer_retransmit_for), CONN_FIELD_NONE);
	app_send(1000);
	CU_ASSERT_EQUAL(tx_all(), 1);
	CU_ASSERT_STRING_EQUAL(TEXT(timer_retransmit_for), "tail-probe");
	left_us = FIELD(timer_retransmit);
	CU_ASSERT_EQUAL(left_us, RTE_MIN(FIELD(timer_tail_probe), FIELD(timer_rto)));
	now_us += 1000;
	CU_ASSERT_EQUAL(FIELD(timer_retransmit), left_us - 1000);
	CU_ASSERT_EQUAL(FIELD(age), FIELD(received_ago));
	pass_us(SECOND);
	tx_all();
	pass_us(2 * SECOND);
	tx_all();
	CU_ASSERT_STRING_EQUAL(TEXT(timer_retransmit_for), "retransmission");
	CU_ASSERT_STRING_EQUAL(TEXT(recovery), "timeout-recovery");
	CU_ASSERT_TRUE(FIELD(retries) > 0 && FIELD(retransmits) > 0);
	CU_ASSERT_NOT_EQUAL(FIELD(ssthresh), CONN_FIELD_NONE);
	finish_open();
}

static void
data_behind_a_hole_and_closed_windows_are_told(void)
{
	start();
	established();
	RX(.window = ZERO_WINDOW);
	RX(.seq = 2001, .len = 500, .window = ZERO_WINDOW);
	CU_ASSERT_EQUAL(FIELD(islands), 1);
	CU_ASSERT_EQUAL(FIELD(island_bytes), 500);
	app_send(1000);
	tx_all();
	CU_ASSERT_EQUAL(FIELD(snd_wnd), 0);
	CU_ASSERT_EQUAL(FIELD(unsent), 1000);
	CU_ASSERT_STRING_EQUAL(TEXT(timer_retransmit_for), "window-probe");
	finish_open();
}

static void
nothing_is_told_of_the_peer_before_its_syn(void)
{
	start();
	syn_sent();
	CU_ASSERT_STRING_EQUAL(TEXT(state), "SYN-SENT");
	CU_ASSERT_STRING_EQUAL(TEXT(rcv_nxt), "");
	CU_ASSERT_EQUAL(FIELD(irs), CONN_FIELD_NONE);
	CU_ASSERT_EQUAL(FIELD(accepted), 0);
	CU_ASSERT_STRING_EQUAL(TEXT(snd_una), "0");
	CU_ASSERT_STRING_EQUAL(TEXT(congestion_control), "");
	CU_ASSERT_STRING_EQUAL(TEXT(recovery), "");
	CU_ASSERT_EQUAL(FIELD(cwnd), CONN_FIELD_NONE);
	CU_ASSERT_EQUAL(FIELD(ssthresh), CONN_FIELD_NONE);
	RX(.flags = RST | ACK); /* nor when it will never come */
	CU_ASSERT_STRING_EQUAL(TEXT(close_reason), "refused");
	CU_ASSERT_STRING_EQUAL(TEXT(rcv_nxt), "");
	CU_ASSERT_EQUAL(FIELD(irs), CONN_FIELD_NONE);
	finish_open();
}

static void
end_of_time_wait_is_told_and_no_connection_has_no_fields(void)
{
	start();
	time_wait();
	CU_ASSERT_STRING_EQUAL(TEXT(state), "TIME-WAIT");
	CU_ASSERT_EQUAL(FIELD(fin_received), 1);
	CU_ASSERT_TRUE(FIELD(timer_life) <= settings.time_wait_us);
	CU_ASSERT_EQUAL(FIELD(released), 0);
	tcp_release(tcp, id, now_us);
	CU_ASSERT_EQUAL(FIELD(released), 1);
	pass_us(settings.time_wait_us + SECOND);
	CU_ASSERT_FALSE(tcp_fields(tcp, id, &fields, now_us));
	finish();
}

CU_TestInfo test_fields[] = {
	{ "fields_of_an_established_connection_are_relative_and_in_units",
	  fields_of_an_established_connection_are_relative_and_in_units },
	{ "timers_tell_what_for_and_how_long", timers_tell_what_for_and_how_long },
	{ "data_behind_a_hole_and_closed_windows_are_told",
	  data_behind_a_hole_and_closed_windows_are_told },
	{ "nothing_is_told_of_the_peer_before_its_syn",
	  nothing_is_told_of_the_peer_before_its_syn },
	{ "end_of_time_wait_is_told_and_no_connection_has_no_fields",
	  end_of_time_wait_is_told_and_no_connection_has_no_fields },
	CU_TEST_INFO_NULL,
};
