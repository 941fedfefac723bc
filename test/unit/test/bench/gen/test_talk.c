/*
 * The generator's clients with its origin, over a wire that loses, doubles, swaps or spoils frames, in virtual time: every
 * checksum and byte of a body is looked at.
 */
#include <rte_mbuf.h>
#include <string.h>

#include "test/bench/gen/client.h"
#include "test/bench/gen/origin.h"
#include "test/unit/unit.h"

#define WIRE_FRAMES 1024u
#define TURN_US     50u
#define ORIGIN      0x0a00010bu

enum fault { FAULT_NONE, FAULT_LOSS, FAULT_DOUBLE, FAULT_SWAP, FAULT_SPOIL };

/* Frames on their way to one side. */
struct wire {
	struct port port;
	struct wire *other;
	struct rte_mbuf *frame[WIRE_FRAMES];
	uint32_t count;
	enum fault fault;
	uint32_t every, sent; /* one frame of so many suffers it */
};

static struct {
	struct gen_options options;
	struct wire wire[2];
	struct side side[2];
	struct client client;
	struct origin origin;
	uint64_t now_us;
} talk;

static uint16_t
wire_rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	struct wire *wire = port->state;
	uint16_t got = (uint16_t)(wire->count < n ? wire->count : n);

	memcpy(burst, wire->frame, got * sizeof *burst);
	wire->count -= got;
	memmove(wire->frame, wire->frame + got, wire->count * sizeof *burst);
	return got;
}

static void
put(struct wire *to, struct rte_mbuf *frame)
{
	if (to->count < WIRE_FRAMES)
		to->frame[to->count++] = frame;
	else
		rte_pktmbuf_free(frame);
}

static void
put_faulty(struct wire *to, struct rte_mbuf *frame, enum fault fault)
{
	struct rte_mbuf *before;

	switch (fault) {
	case FAULT_LOSS:
		rte_pktmbuf_free(frame);
		return;
	case FAULT_DOUBLE:
		put(to, rte_pktmbuf_copy(frame, unit_mbufs(), 0, UINT32_MAX));
		break;
	case FAULT_SWAP:
		before = to->count ? to->frame[--to->count] : NULL;
		put(to, frame);
		if (before)
			put(to, before);
		return;
	case FAULT_SPOIL:
		rte_pktmbuf_mtod(frame, uint8_t *)[frame->data_len - 1] ^= 0x10;
		break;
	case FAULT_NONE:
		break;
	}
	put(to, frame);
}

static uint16_t
wire_tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	struct wire *wire = port->state;

	for (uint16_t i = 0; i < n; i++) {
		bool suffers = wire->every && ++wire->sent % wire->every == 0;

		put_faulty(wire->other, burst[i], suffers ? wire->fault : FAULT_NONE);
	}
	return n;
}

static void
wire_info(struct port *port, struct port_info *info)
{
	memset(info, 0, sizeof *info);
	info->mac[0] = 2;
	info->mac[5] = port == &talk.wire[0].port ? 1 : 2;
	info->link_up = true;
}

static const struct port_ops wire_ops = { .rx = wire_rx, .tx = wire_tx, .info = wire_info };

static uint32_t connect_rate; /* 0: as many as there are slots */

/* Both ends of a wire, one frame of every of which suffers a fault. */
static void
talk_start(enum gen_workload workload, uint32_t conns, uint32_t pipeline, uint32_t object_bytes,
	   enum fault fault, uint32_t every)
{
	struct tcp_setup tcp = { .window_bytes = 1 << 18,
				 .cwnd_max_bytes = 1 << 17,
				 .conns = 2 * conns,
				 .stamps = true };

	memset(&talk, 0, sizeof talk);
	talk.options = (struct gen_options){ .workload = workload,
					     .client_net = { 0x0a020000, 0xffff0000 },
					     .target = ORIGIN,
					     .target_port = 80,
					     .host = "a",
					     .addresses = 16,
					     .rate = workload == GEN_OPEN ? 1000 : connect_rate,
					     .pipeline = pipeline,
					     .object_bytes = object_bytes,
					     .check_every = 1 };
	for (unsigned i = 0; i < 2; i++) {
		talk.wire[i] = (struct wire){ .port = { .ops = &wire_ops, .state = &talk.wire[i] },
					      .other = &talk.wire[!i],
					      .fault = fault,
					      .every = every };
		talk.side[i].check_every = 1;
	}
	talk.side[0].net[0] = talk.options.client_net;
	talk.side[0].net[1] = (struct side_net){ 0x0a000002, UINT32_MAX };
	talk.side[0].own = 0x0a000002;
	talk.side[0].neighbour = ORIGIN;
	talk.side[1].net[0] = (struct side_net){ 0x0a000100, 0xffffff00 };
	for (unsigned i = 0; i < 2; i++)
		side_start(&talk.side[i], &talk.wire[i].port, unit_mbufs());
	source_start();
	tcp.side = &talk.side[1];
	origin_init(&talk.origin, &tcp, workload == GEN_CONNECT_BOTH);
	tcp.side = &talk.side[0];
	tcp.conns = conns;
	client_init(&talk.client, &tcp, &talk.options);
	talk.now_us = 1000000;
	side_ask(&talk.side[0]);
}

static void
talk_turn(void)
{
	talk.now_us += TURN_US;
	client_clock(&talk.client, talk.now_us * 1000);
	tcp_clock(&talk.client.tcp, talk.now_us);
	tcp_clock(&talk.origin.tcp, talk.now_us);
	tcp_receive(&talk.client.tcp, talk.now_us);
	tcp_receive(&talk.origin.tcp, talk.now_us);
	tcp_timers(&talk.client.tcp);
	tcp_timers(&talk.origin.tcp);
	if (talk.side[0].peer_known)
		client_turn(&talk.client);
	else
		side_ask(&talk.side[0]);
	tcp_flush(&talk.client.tcp, talk.now_us);
	tcp_flush(&talk.origin.tcp, talk.now_us);
}

/* Until so many responses came, or a minute is over. */
static bool
talk_until(uint64_t requests)
{
	uint64_t end_us = talk.now_us + 60000000;

	while (talk.client.counts.requests < requests && talk.now_us < end_us)
		talk_turn();
	return talk.client.counts.requests >= requests;
}

/* All buffers are where they belong afterwards. */
static void
talk_end(void)
{
	for (unsigned i = 0; i < 10; i++) {
		client_end(&talk.client);
		talk_turn();
	}
	CU_ASSERT_EQUAL(talk.client.tcp.open_count, 0);
	CU_ASSERT_EQUAL(talk.origin.tcp.open_count, 0);
	for (unsigned i = 0; i < 2; i++) {
		rte_pktmbuf_free_bulk(talk.wire[i].frame, talk.wire[i].count);
		rte_pktmbuf_free_bulk(talk.side[i].queue, talk.side[i].queued);
		rte_pktmbuf_free_bulk(talk.side[i].spare, talk.side[i].spares);
	}
	CU_ASSERT_EQUAL(rte_mempool_in_use_count(unit_mbufs()), 0);
}

static uint64_t
errors_of_content(void)
{
	const struct client_counts *c = &talk.client.counts;

	return c->status_errors + c->head_errors + c->length_errors + c->body_errors +
	       c->short_bodies + c->unexpected + c->resets + c->gave_up +
	       talk.origin.counts.bad_requests;
}

static uint64_t
segments_again(void)
{
	return talk.client.tcp.counts.retransmits + talk.origin.tcp.counts.retransmits;
}

static void
clean(enum gen_workload workload, uint32_t pipeline, uint32_t object_bytes)
{
	talk_start(workload, 8, pipeline, object_bytes, FAULT_NONE, 0);
	CU_ASSERT_TRUE(talk_until(2000));
	CU_ASSERT_EQUAL(errors_of_content(), 0);
	CU_ASSERT_EQUAL(segments_again(), 0);
	CU_ASSERT_EQUAL(talk.side[0].counts.bad_sums + talk.side[1].counts.bad_sums, 0);
	CU_ASSERT_EQUAL(talk.client.tcp.counts.strays + talk.origin.tcp.counts.strays, 0);
	/* The first, for which the target was waited for, is no figure. */
	CU_ASSERT_EQUAL(talk.client.latency.count, talk.client.counts.requests + 1);
}

static void
keepalive_clean_uses_one_connection_each(void)
{
	clean(GEN_KEEPALIVE, 1, 1024);
	CU_ASSERT_EQUAL(talk.client.tcp.open_count, 8);
	CU_ASSERT_TRUE(talk.client.tcp.conns[0].flags & TCP_FLAG_STAMPED);
	CU_ASSERT_NOT_EQUAL(talk.client.tcp.conns[0].stamp, 0);
	CU_ASSERT_EQUAL(talk.origin.tcp.counts.opened, 8);
	talk_end();
}

static void
bulk_with_an_older_end_does_without_timestamps(void)
{
	talk_start(GEN_BULK, 4, 1, 100000, FAULT_NONE, 0);
	talk.client.tcp.setup.stamps = false;
	CU_ASSERT_TRUE(talk_until(100));
	CU_ASSERT_EQUAL(errors_of_content() + segments_again(), 0);
	CU_ASSERT_EQUAL(talk.client.tcp.conns[0].mss_bytes, TCP_MSS);
	CU_ASSERT_FALSE(talk.origin.tcp.conns[0].flags & TCP_FLAG_STAMPED);
	talk_end();
}

/* Heads lie across segments here, on both sides. */
static void
pipeline_clean_has_all_responses(void)
{
	clean(GEN_PIPELINE, 64, 100);
	talk_end();
}

static void
connect_clean_opens_one_for_each_request(void)
{
	clean(GEN_CONNECT, 1, 1024);
	CU_ASSERT_TRUE(talk.client.tcp.counts.opened >= 1990);
	CU_ASSERT_TRUE(talk.origin.counts.requests >= talk.client.counts.requests);
	talk_end();
}

static void
connect_both_clean_closes_at_the_origin(void)
{
	clean(GEN_CONNECT_BOTH, 1, 1024);
	CU_ASSERT_TRUE(talk.origin.tcp.counts.opened >= 1990);
	talk_end();
}

static void
open_clean_keeps_its_rate(void)
{
	clean(GEN_OPEN, 1, 1024);
	/* 2,000 of 1,000 a second. */
	CU_ASSERT_TRUE(talk.now_us > 2700000 && talk.now_us < 3300000);
	talk_end();
}

/* Nobody answers for a while: what was due meanwhile waits, and its latency says so. */
static void
connect_at_a_rate_is_held_up_and_counts_from_when_it_was_due(void)
{
	uint64_t before;

	connect_rate = 1000;
	talk_start(GEN_CONNECT, 8, 1, 1024, FAULT_NONE, 0);
	connect_rate = 0;
	CU_ASSERT_TRUE(talk_until(500));
	CU_ASSERT_TRUE(talk.client.latency.max_ns < 10000000);
	before = talk.now_us;
	talk.now_us += 1000000;
	CU_ASSERT_TRUE(talk_until(2500));
	CU_ASSERT_TRUE(talk.now_us - before > 1800000 && talk.now_us - before < 2300000);
	CU_ASSERT_TRUE(talk.client.latency.max_ns > 900000000);
	CU_ASSERT_EQUAL(errors_of_content(), 0);
	talk_end();
}

static void
idle_clean_serves_each_once(void)
{
	talk_start(GEN_IDLE, 500, 1, 1024, FAULT_NONE, 0);
	for (unsigned i = 0; i < 2000; i++)
		talk_turn();
	CU_ASSERT_EQUAL(talk.client.served, 500);
	CU_ASSERT_EQUAL(talk.client.tcp.open_count, 500);
	CU_ASSERT_EQUAL(talk.origin.counts.requests, 500);
	CU_ASSERT_EQUAL(errors_of_content(), 0);
	talk_end();
}

static void
talk_for_us(uint64_t us)
{
	for (uint64_t end_us = talk.now_us + us; talk.now_us < end_us;)
		talk_turn();
}

/* They reset before their delayed ACK: what the reset acknowledges was not lost. */
static void
origin_reset_behind_its_response_counts_no_error(void)
{
	talk_start(GEN_IDLE, 8, 1, 1024, FAULT_NONE, 0);
	while (talk.client.served < 8)
		talk_turn();
	CU_ASSERT_TRUE(client_end(&talk.client));
	talk_for_us(2 * TURN_US);
	CU_ASSERT_EQUAL(talk.origin.tcp.counts.resets, 8);
	CU_ASSERT_EQUAL(talk.origin.counts.resets, 0);
	talk_end();
}

static void
origin_reset_under_its_response_counts(void)
{
	talk_start(GEN_BULK, 2, 1, 300000, FAULT_NONE, 0);
	CU_ASSERT_TRUE(talk_until(2));
	talk_turn();
	CU_ASSERT_TRUE(client_end(&talk.client));
	talk_for_us(2 * TURN_US);
	CU_ASSERT_EQUAL(talk.origin.counts.resets, 2);
	talk_end();
}

/* Who is not answered any more does no harm to the figures of the others: it has to be said. */
static void
talk_without_answers_is_overdue(enum gen_workload workload, uint32_t expected)
{
	talk_start(workload, 8, 1, 1024, FAULT_LOSS, 0);
	CU_ASSERT_TRUE(talk_until(100));
	CU_ASSERT_EQUAL(client_overdue(&talk.client), 0);
	talk.wire[0].every = talk.wire[1].every = 1;
	talk_for_us(900000);
	CU_ASSERT_EQUAL(client_overdue(&talk.client), 0);
	talk_for_us(200000);
	CU_ASSERT_EQUAL(client_overdue(&talk.client), expected);
	talk.wire[0].every = talk.wire[1].every = 0;
	talk_end();
}

static void
keepalive_without_answers_is_overdue_after_a_second(void)
{
	talk_without_answers_is_overdue(GEN_KEEPALIVE, 8);
}

/* With one for the requests that wait for a connection. */
static void
open_without_answers_is_overdue_after_a_second(void)
{
	talk_without_answers_is_overdue(GEN_OPEN, 8 + 1);
}

/* Whatever happens on the way, what is delivered is right, and what it took is counted. */
static void
bulk_with(enum fault fault)
{
	talk_start(GEN_BULK, 2, 1, 300000, fault, 61);
	CU_ASSERT_TRUE(talk_until(20));
	CU_ASSERT_EQUAL(errors_of_content(), 0);
}

static void
bulk_with_loss_is_whole_and_counted(void)
{
	bulk_with(FAULT_LOSS);
	CU_ASSERT_TRUE(segments_again() > 0);
	CU_ASSERT_TRUE(talk.client.tcp.counts.out_of_order > 0);
	talk.wire[0].every = talk.wire[1].every = 0;
	talk_end();
}

static void
bulk_with_doubles_is_whole(void)
{
	bulk_with(FAULT_DOUBLE);
	talk.wire[0].every = talk.wire[1].every = 0;
	talk_end();
}

static void
bulk_with_swapped_segments_is_whole(void)
{
	bulk_with(FAULT_SWAP);
	CU_ASSERT_TRUE(talk.client.tcp.counts.out_of_order > 0);
	talk.wire[0].every = talk.wire[1].every = 0;
	talk_end();
}

static void
bulk_with_spoiled_segments_is_whole_and_counted(void)
{
	bulk_with(FAULT_SPOIL);
	CU_ASSERT_TRUE(talk.side[0].counts.bad_sums > 0);
	CU_ASSERT_TRUE(talk.side[1].counts.bad_sums > 0);
	talk.wire[0].every = talk.wire[1].every = 0;
	talk_end();
}

static void
connect_with_loss_comes_to_an_end_each_time(void)
{
	talk_start(GEN_CONNECT_BOTH, 8, 1, 5000, FAULT_LOSS, 37);
	CU_ASSERT_TRUE(talk_until(1000));
	CU_ASSERT_EQUAL(talk.client.counts.body_errors + talk.client.counts.length_errors, 0);
	CU_ASSERT_TRUE(segments_again() > 0);
	talk.wire[0].every = talk.wire[1].every = 0;
	talk_end();
}

CU_TestInfo test_talk[] = {
	{ "keepalive_clean_uses_one_connection_each", keepalive_clean_uses_one_connection_each },
	{ "bulk_with_an_older_end_does_without_timestamps",
	  bulk_with_an_older_end_does_without_timestamps },
	{ "pipeline_clean_has_all_responses", pipeline_clean_has_all_responses },
	{ "connect_clean_opens_one_for_each_request", connect_clean_opens_one_for_each_request },
	{ "connect_both_clean_closes_at_the_origin", connect_both_clean_closes_at_the_origin },
	{ "open_clean_keeps_its_rate", open_clean_keeps_its_rate },
	{ "connect_at_a_rate_is_held_up_and_counts_from_when_it_was_due",
	  connect_at_a_rate_is_held_up_and_counts_from_when_it_was_due },
	{ "idle_clean_serves_each_once", idle_clean_serves_each_once },
	{ "origin_reset_behind_its_response_counts_no_error",
	  origin_reset_behind_its_response_counts_no_error },
	{ "origin_reset_under_its_response_counts", origin_reset_under_its_response_counts },
	{ "keepalive_without_answers_is_overdue_after_a_second",
	  keepalive_without_answers_is_overdue_after_a_second },
	{ "open_without_answers_is_overdue_after_a_second",
	  open_without_answers_is_overdue_after_a_second },
	{ "bulk_with_loss_is_whole_and_counted", bulk_with_loss_is_whole_and_counted },
	{ "bulk_with_doubles_is_whole", bulk_with_doubles_is_whole },
	{ "bulk_with_swapped_segments_is_whole", bulk_with_swapped_segments_is_whole },
	{ "bulk_with_spoiled_segments_is_whole_and_counted",
	  bulk_with_spoiled_segments_is_whole_and_counted },
	{ "connect_with_loss_comes_to_an_end_each_time",
	  connect_with_loss_comes_to_an_end_each_time },
	CU_TEST_INFO_NULL,
};
