/*
 * Two workers over a port made for the test: who gets what a port received, what is counted, and what happens when a ring is
 * full. There is no configuration: each frame ends at its worker as one of a port that has no place in it.
 */
#include "dataplane/worker.h"

#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/handoff.h"
#include "dataplane/net/packet.h"
#include "dataplane/net/steer.h"
#include "drivers/port/port_sim.h"
#include "test/unit/unit.h"

#define WORKERS     2u
#define FRAME_BYTES (14u + 20u + 20u)

static struct rte_mbuf *waiting[WORKERS][PORT_BURST]; /* for port_rx, by queue */
static uint16_t waiting_count[WORKERS];

static struct worker *worker[WORKERS];
static struct stats *stats;
static struct health_table *health;
static struct handoff *handoff;
static void *neighbours;
static unsigned used_before;
static uint64_t now_us;
static bool hashes; /* the port says of itself that it does */

static uint16_t
rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now)
{
	uint16_t got = RTE_MIN(n, waiting_count[queue]);

	memcpy(burst, waiting[queue], got * sizeof *burst);
	waiting_count[queue] = (uint16_t)(waiting_count[queue] - got);
	memmove(waiting[queue], waiting[queue] + got, waiting_count[queue] * sizeof *burst);
	return got;
}

static uint16_t
tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now)
{
	rte_pktmbuf_free_bulk(burst, n);
	return n;
}

static void
info(struct port *port, struct port_info *out)
{
	out->queues = WORKERS;
	out->offloads = hashes ? PORT_OFFLOAD_RSS_HASH : 0;
}

static const struct port_ops ops = { .rx = rx, .tx = tx, .info = info };
static struct port port = { .ops = &ops };
static struct port *ports[] = { &port };

static void
begin(void)
{
	struct worker_setup setup = {
		.workers = WORKERS,
		.sessions = 16,
		.tcp = tcp_settings_default,
		.mbufs = unit_mbufs(),
		.ports = ports,
		.port_count = 1,
	};

	used_before = rte_mempool_in_use_count(setup.mbufs);
	now_us = 1000000;
	stats = aligned_alloc(4096, sizeof *stats);
	health = calloc(1, sizeof *health);
	CU_ASSERT_TRUE_FATAL(stats && health);
	memset(stats, 0, sizeof *stats);
	handoff = handoff_init(
	    rte_zmalloc(NULL, handoff_memory_bytes(WORKERS), RTE_CACHE_LINE_SIZE), WORKERS);
	setup.tcp.conns = 16;
	setup.tcp.segments = 64;
	setup.stats = stats;
	setup.health = health;
	setup.handoff = handoff;
	neighbours = aligned_alloc(64, neighbour_table_bytes());
	CU_ASSERT_PTR_NOT_NULL_FATAL(neighbours);
	setup.neighbours = neighbour_table_init(neighbours, 1);
	for (setup.index = 0; setup.index < WORKERS; setup.index++) {
		worker[setup.index] = worker_create(&setup, now_us);
		CU_ASSERT_PTR_NOT_NULL_FATAL(worker[setup.index]);
	}
}

static void
end(void)
{
	for (uint32_t w = 0; w < WORKERS; w++)
		worker_destroy(worker[w]);
	handoff_fini(handoff);
	rte_free(handoff);
	free(neighbours);
	free(health);
	free(stats);
	CU_ASSERT_EQUAL(rte_mempool_in_use_count(unit_mbufs()), used_before);
}

/* A SYN from 10.0.0.2 to 10.0.0.100:80 whose flow is this worker's, the n-th of them. */
static struct rte_mbuf *
segment_for(uint32_t owner, unsigned n)
{
	static const uint8_t head[] = { 2, 0, 0,    0, 1, 0,  2,  0, 0, 0,  0,  0x22,
					8, 0, 0x45, 0, 0, 40, 0,  0, 0, 0,  64, 6,
					0, 0, 10,   0, 0, 2,  10, 0, 0, 100 };
	struct endpoint remote = { addr_from_v4(be32_from(0x0a000002)), 1024 },
			local = { addr_from_v4(be32_from(0x0a000064)), 80 };
	struct rte_mbuf *m = rte_pktmbuf_alloc(unit_mbufs());
	uint8_t *frame;

	for (;; remote.port++)
		if (steer_worker(steer_hash(&remote, &local), WORKERS) == owner && n-- == 0)
			break;
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	m->data_len = FRAME_BYTES;
	m->pkt_len = FRAME_BYTES;
	frame = rte_pktmbuf_mtod(m, uint8_t *);
	memset(frame, 0, FRAME_BYTES);
	memcpy(frame, head, sizeof head);
	frame[34] = (uint8_t)(remote.port >> 8);
	frame[35] = (uint8_t)remote.port;
	frame[37] = 80;
	return m;
}

static void
arrive(uint32_t queue, struct rte_mbuf *m)
{
	CU_ASSERT_FATAL(waiting_count[queue] < PORT_BURST);
	waiting[queue][waiting_count[queue]++] = m;
}

static void
turn(uint32_t w)
{
	worker_turn(worker[w], now_us++);
}

static uint64_t
counter(uint32_t w, enum counter which)
{
	return stats->worker[w].counter[which];
}

static uint64_t
dropped(uint32_t w, enum drop_reason reason)
{
	return stats->worker[w].drop[reason];
}

static void
frames_of_another_worker_are_handed_over(void)
{
	begin();
	for (unsigned i = 0; i < 5; i++)
		arrive(0, segment_for(1, i));
	for (unsigned i = 0; i < 3; i++)
		arrive(0, segment_for(0, i));
	turn(0);
	CU_ASSERT_EQUAL(counter(0, COUNTER_handoffs_given), 5);
	CU_ASSERT_EQUAL(dropped(0, DROP_port_unconfigured), 3);
	CU_ASSERT_EQUAL(stats->worker[0].port[0][PORT_COUNTER_rx_packets], 8);
	CU_ASSERT_TRUE(worker_is_given(worker[1]));
	CU_ASSERT_EQUAL(worker_next_us(worker[1], now_us), now_us);
	turn(1);
	CU_ASSERT_EQUAL(counter(1, COUNTER_handoffs_taken), 5);
	CU_ASSERT_EQUAL(dropped(1, DROP_port_unconfigured), 5);
	CU_ASSERT_EQUAL(stats->worker[1].port[0][PORT_COUNTER_rx_packets], 0);
	CU_ASSERT_FALSE(worker_is_given(worker[1]));
	CU_ASSERT_EQUAL(counter(1, COUNTER_handoffs_given), 0);
	end();
}

/* The device's hash is believed, if it says that it is ours. */
static void
port_that_hashes_is_trusted(void)
{
	for (unsigned trusted = 0; trusted < 2; trusted++) {
		struct rte_mbuf *m;

		hashes = trusted;
		begin();
		m = segment_for(1, 0);
		m->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
		m->hash.rss = 0; /* which would be worker 0's */
		arrive(0, m);
		turn(0);
		CU_ASSERT_EQUAL(counter(0, COUNTER_handoffs_given), trusted ? 0 : 1);
		CU_ASSERT_EQUAL(dropped(0, DROP_port_unconfigured), trusted);
		end();
	}
	hashes = false;
}

static void
what_is_of_no_flow_is_worker_0s(void)
{
	struct rte_mbuf *m;

	begin();
	m = segment_for(1, 0);
	rte_pktmbuf_mtod(m, uint8_t *)[23] = 17; /* a datagram */
	arrive(1, m);
	arrive(1, segment_for(1, 0));
	turn(1);
	CU_ASSERT_EQUAL(counter(1, COUNTER_handoffs_given), 1);
	CU_ASSERT_EQUAL(dropped(1, DROP_port_unconfigured), 1);
	turn(0);
	CU_ASSERT_EQUAL(counter(0, COUNTER_handoffs_taken), 1);
	CU_ASSERT_EQUAL(dropped(0, DROP_port_unconfigured), 1);
	end();
}

static void
full_ring_drops_and_is_counted_by_the_giver(void)
{
	unsigned given = 0;

	begin();
	while (given < HANDOFF_PACKETS + 10) {
		for (unsigned i = 0; i < 40; i++, given++)
			arrive(0, segment_for(1, i));
		turn(0);
	}
	CU_ASSERT_EQUAL(counter(0, COUNTER_handoffs_given), HANDOFF_PACKETS);
	CU_ASSERT_EQUAL(dropped(0, DROP_handoff_full), given - HANDOFF_PACKETS);
	arrive(0, segment_for(0, 0)); /* its own go on */
	turn(0);
	CU_ASSERT_EQUAL(dropped(0, DROP_port_unconfigured), 1);
	turn(1); /* bounded: some are left */
	CU_ASSERT(counter(1, COUNTER_handoffs_taken) < HANDOFF_PACKETS);
	CU_ASSERT_TRUE(worker_is_given(worker[1]));
	for (unsigned i = 0; worker_is_given(worker[1]) && i < 100; i++)
		turn(1);
	CU_ASSERT_EQUAL(counter(1, COUNTER_handoffs_taken), HANDOFF_PACKETS);
	end();
}

/* What is handed over in the middle of its way, to a worker that has no configuration yet. */
static void
packets_before_the_first_view_are_dropped(void)
{
	begin();
	CU_ASSERT_TRUE(handoff_give(handoff, 0, 1, segment_for(1, 0), HANDOFF_PACKET));
	CU_ASSERT_TRUE(handoff_give(handoff, 1, 0, segment_for(1, 0), HANDOFF_RESOLVE));
	turn(0);
	turn(1);
	CU_ASSERT_EQUAL(dropped(0, DROP_port_unconfigured), 1);
	CU_ASSERT_EQUAL(dropped(1, DROP_port_unconfigured), 1);
	CU_ASSERT_EQUAL(counter(0, COUNTER_handoffs_taken), 0); /* a question, no hand-off */
	CU_ASSERT_EQUAL(counter(1, COUNTER_handoffs_taken), 1);
	end();
}

static void
undelivered_packet_ends_at_its_own_worker(void)
{
	struct rte_mbuf *m;

	begin();
	m = segment_for(1, 0);
	*packet_of(m) = (struct packet){ .worker = 1, .protocol = 6 };
	CU_ASSERT_TRUE(handoff_give(handoff, 0, 1, m, HANDOFF_UNREACHABLE));
	turn(1);
	CU_ASSERT_EQUAL(dropped(1, DROP_neighbour_unreachable), 1);
	end();
}

/* Flows of both workers by a simulated card; how many frames were handed over. */
static uint64_t
handed_over(uint32_t offloads)
{
	const struct port_sim_link link = { .queue_frames = 64, .mtu_bytes = 1500 };
	const struct port_sim_claims claims = { .offloads = offloads, .queues = WORKERS };
	struct port *inner, *plain;
	uint64_t given;

	CU_ASSERT_EQUAL_FATAL(port_sim_pair("card", "plain", &link, &inner, &plain), ERR_ok);
	CU_ASSERT_EQUAL_FATAL(port_sim_claim(inner, &claims, unit_mbufs(), &ports[0]), ERR_ok);
	begin();
	for (unsigned i = 0; i < 40; i++) {
		struct rte_mbuf *m = segment_for(i % 2, i / 2);

		CU_ASSERT_EQUAL_FATAL(port_tx(plain, 0, &m, 1, now_us), 1);
	}
	for (unsigned i = 0; i < 4; i++)
		turn(i % 2);
	CU_ASSERT_EQUAL(dropped(0, DROP_port_unconfigured), 20);
	CU_ASSERT_EQUAL(dropped(1, DROP_port_unconfigured), 20);
	given = counter(0, COUNTER_handoffs_given) + counter(1, COUNTER_handoffs_given);
	end();
	port_close(ports[0]);
	port_close(plain);
	ports[0] = &port;
	return given;
}

static void
nothing_is_handed_over_where_the_port_spreads(void)
{
	CU_ASSERT_EQUAL(handed_over(0), 20);
	CU_ASSERT_EQUAL(handed_over(PORT_OFFLOAD_RSS_HASH), 0);
	CU_ASSERT_EQUAL(handed_over(PORT_OFFLOADS_ALL), 0);
}

CU_TestInfo test_path[] = {
	{ "path_frames_of_another_worker_are_handed_over",
	  frames_of_another_worker_are_handed_over },
	{ "path_port_that_hashes_is_trusted", port_that_hashes_is_trusted },
	{ "path_what_is_of_no_flow_is_worker_0s", what_is_of_no_flow_is_worker_0s },
	{ "path_full_ring_drops_and_is_counted_by_the_giver",
	  full_ring_drops_and_is_counted_by_the_giver },
	{ "path_packets_before_the_first_view_are_dropped",
	  packets_before_the_first_view_are_dropped },
	{ "path_undelivered_packet_ends_at_its_own_worker",
	  undelivered_packet_ends_at_its_own_worker },
	{ "path_nothing_is_handed_over_where_the_port_spreads",
	  nothing_is_handed_over_where_the_port_spreads },
	CU_TEST_INFO_NULL,
};
