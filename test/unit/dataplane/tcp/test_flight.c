/*
 * What a connection has only while something is under way, when there is less of it than of connections.
 */
#include "test/unit/dataplane/tcp/tcp_fixture.h"

static uint32_t ids[8];

/* n connections accepted from ports 4000 on, of a stack that has flights for two. */
static void
several(unsigned n)
{
	start_defaults();
	settings.flights = 2;
	start();
	for (unsigned i = 0; i < n; i++) {
		peer.theirs.port = (uint16_t)(4000 + i);
		peer.snd = peer.rcv = 0;
		id = TCP_NONE;
		established();
		ids[i] = id;
	}
}

/* From here on the conversation is with connection i. */
static void
turn_to(unsigned i)
{
	id = ids[i];
	peer.theirs.port = (uint16_t)(4000 + i);
	peer.irs = conn()->iss;
	peer.snd = peer.rcv = 1;
}

/* The first 1,000 bytes of connection id. */
static void
send_first(void)
{
	uint8_t bytes[1000];

	for (uint32_t i = 0; i < sizeof bytes; i++)
		bytes[i] = pattern(1 + i);
	CU_ASSERT_EQUAL(tcp_send_bytes(tcp, id, bytes, sizeof bytes, now_us), ERR_ok);
}

static void
idle_connections_have_none(void)
{
	several(4);
	for (unsigned i = 0; i < 4; i++)
		CU_ASSERT(!conn_has_flight(tcp, conn_at(tcp, ids[i])));
	CU_ASSERT_EQUAL(tcp->flights.used, 0);
	turn_to(0);
	send_first();
	TX(ACK, 1, 1000, 1);
	CU_ASSERT_EQUAL(tcp->flights.used, 1);
	finish_open();
}

static void
an_idle_one_gives_its_flight_to_the_next(void)
{
	several(3);
	for (unsigned i = 0; i < 3; i++) {
		turn_to(i);
		send_first();
		TX(ACK, 1, 1000, 1);
		RX(.ack = 1001);
		CU_ASSERT_EQUAL(conn()->snd_una, conn()->snd_nxt);
	}
	CU_ASSERT_EQUAL(tcp->flights.used, 2);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_flights_empty), 0);
	finish_open();
}

/* Two have something out, the third waits without losing a byte. */
static void
none_left_waits_and_goes_on(void)
{
	several(3);
	for (unsigned i = 0; i < 3; i++) {
		turn_to(i);
		send_first();
		if (i < 2)
			CU_ASSERT_EQUAL(tx().len, 1000);
	}
	TX_NONE();
	CU_ASSERT(counter(COUNTER_tcp_flights_empty) > 0);
	turn_to(0);
	RX(.ack = 1001);
	pass_us(TCP_RETRY_US + MS);
	turn_to(2);
	CU_ASSERT_EQUAL(tx().len, 1000);
	CU_ASSERT_EQUAL(conn()->flight->pipe, 1000);
	finish_open();
}

static void
none_left_drops_what_is_behind_a_hole(void)
{
	several(3);
	for (unsigned i = 0; i < 2; i++) {
		turn_to(i);
		send_first();
		CU_ASSERT_EQUAL(tx().len, 1000);
	}
	turn_to(2);
	CU_ASSERT_EQUAL(RX(.seq = 1001, .len = 1000), DROP_tcp_reassembly_full);
	CU_ASSERT_EQUAL(RX(.seq = 1, .len = 1000), DROP_none);
	CU_ASSERT_EQUAL(got(), 1000);
	finish_open();
}

/* Peers that only leave holes keep nobody from sending; what they lose they send again. */
static void
none_left_is_had_from_one_that_only_receives(void)
{
	uint32_t kept = 0;

	several(3);
	for (unsigned i = 0; i < 2; i++) {
		turn_to(i);
		CU_ASSERT_EQUAL(RX(.seq = 1001, .len = 1000), DROP_none);
		tx_all();
	}
	turn_to(2);
	send_first();
	TX(ACK, 1, 1000, 1);
	for (unsigned i = 0; i < 2; i++)
		kept += conn_at(tcp, ids[i])->flight->reassembly_bytes;
	CU_ASSERT_EQUAL(kept, 1000);
	RX(.ack = 1001);
	for (unsigned i = 0; i < 2; i++) {
		turn_to(i);
		CU_ASSERT_EQUAL(RX(.seq = 1, .len = 1000), DROP_none);
		RX(.seq = 1001, .len = 1000);
		CU_ASSERT_EQUAL(conn()->rcv_nxt - conn()->irs, 2001);
	}
	finish_open();
}

static void
closed_connections_give_it_back(void)
{
	several(2);
	for (unsigned i = 0; i < 2; i++) {
		turn_to(i);
		send_first();
		CU_ASSERT_EQUAL(tx().len, 1000);
		tcp_abort(tcp, ids[i], now_us);
		CU_ASSERT(tx().flags & RST);
	}
	CU_ASSERT_EQUAL(tcp->flights.used, 0);
	tx_all();
	finish();
}

/* What came twice is reported by SACK only; without it nothing would end the report. */
static void
duplicate_without_sack_takes_none(void)
{
	start_defaults();
	start();
	peer.sack = false;
	established();
	RX(.len = 100);
	CU_ASSERT_EQUAL(got(), 100);
	CU_ASSERT_EQUAL(RX(.seq = 1, .len = 100), DROP_tcp_duplicate);
	tx_all();
	CU_ASSERT_EQUAL(tcp->flights.used, 0);
	finish_open();
}

CU_TestInfo test_flight[] = {
	{ "idle_connections_have_none", idle_connections_have_none },
	{ "an_idle_one_gives_its_flight_to_the_next", an_idle_one_gives_its_flight_to_the_next },
	{ "none_left_waits_and_goes_on", none_left_waits_and_goes_on },
	{ "none_left_drops_what_is_behind_a_hole", none_left_drops_what_is_behind_a_hole },
	{ "none_left_is_had_from_one_that_only_receives",
	  none_left_is_had_from_one_that_only_receives },
	{ "closed_connections_give_it_back", closed_connections_give_it_back },
	{ "duplicate_without_sack_takes_none", duplicate_without_sack_takes_none },
	CU_TEST_INFO_NULL,
};
