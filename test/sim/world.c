/*
 * The scheduler of the simulation, the links, and how a run ends.
 */
#include "test/sim/world.h"

#include <rte_eal.h>
#include <rte_mbuf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dataplane/net/packet.h"
#include "drivers/port/port_fault.h"
#include "test/sim/pool_ops.h"

#define WIRE_MBUFS     8191u
#define BACKOFF_MAX_US 1000u
#define START_MAX_US   (UINT64_C(1) << 43) /* 101 days: 32-bit clocks of milliseconds wrap within */

static uint64_t due_us(const struct node *node, uint64_t now_us);
static uint64_t next_due_us(struct world *world);
static void turn_node(struct world *world, struct node *node);
static struct port *wrap_faults(struct world *world, struct port *port, const char *spec);
static struct port *wrap_pcap(struct world *world, struct port *port);

void
world_init(struct world *world, uint64_t seed, struct world_status *status, const char *pcap_dir)
{
	static char *args[] = { "sim",
				"--no-huge",
				"--no-pci",
				"--no-shconf",
				"--no-telemetry",
				"--log-level=error",
				"-m",
				"512",
				"-l",
				"0",
				NULL };

	*world = (struct world){ .seed = seed, .status = status, .pcap_dir = pcap_dir };
	rng_init(&world->rng, seed * UINT64_C(0x9e3779b97f4a7c15) + 1);
	/* Any time since the box was started is as good as another: wraps are met by chance. */
	world->now_us = SEC + world_seed(world) % START_MAX_US;
	status->now_us = status->start_us = world->now_us;
	status->hash = UINT64_C(0xcbf29ce484222325);
	if (rte_eal_init((int)ARRAY_SIZE(args) - 1, args) < 0)
		world_fail(world, "DPDK's environment does not start");
	world->buffer_bytes = RTE_MBUF_DEFAULT_BUF_SIZE;
	world->wire = world_pool(world, "wire", WIRE_MBUFS);
}

void
world_add(struct world *world, struct node *node, const char *name, const struct node_ops *ops)
{
	ASSERT(world->node_count < WORLD_NODES_MAX);
	node->ops = ops;
	node->world = world;
	node->id = world->node_count;
	node->check_every = 1;
	snprintf(node->name, sizeof node->name, "%s", name);
	world->nodes[world->node_count++] = node;
}

uint64_t
world_seed(struct world *world)
{
	return rng_next(&world->rng);
}

struct rte_mempool *
world_pool(struct world *world, const char *name, uint32_t mbufs)
{
	static unsigned made;
	char unique[RTE_MEMPOOL_NAMESIZE];
	struct rte_mempool *pool;

	snprintf(unique, sizeof unique, "%.12s%u", name, made++);
	pool =
	    rte_pktmbuf_pool_create_by_ops(unique, mbufs, world->pool_cache, PACKET_PRIVATE_BYTES,
					   world->buffer_bytes, SOCKET_ID_ANY, POOL_OPS_NAME);
	if (!pool)
		world_fail(world, "no memory for %u packet buffers of %s", mbufs, name);
	return pool;
}

void *
world_pages(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT(at != MAP_FAILED);
	return at;
}

uint32_t
world_pool_out(struct rte_mempool *pool)
{
	return rte_mempool_in_use_count(pool);
}

void
world_link(struct world *world, const char *name_a, const char *name_b,
	   const struct world_link *link, struct port **a, struct port **b)
{
	struct port_sim_link sim = link->sim;

	for (unsigned i = 0; i < 2; i++)
		memcpy(sim.mac[i],
		       (uint8_t[6]){ 2, 0, 0, 0, (uint8_t)(world->link_count), (uint8_t)(i + 1) },
		       6);
	world->link_count++;
	if (port_sim_pair(name_a, name_b, &sim, a, b))
		world_fail(world, "no link from %s to %s", name_a, name_b);
	*a = wrap_pcap(world, wrap_faults(world, *a, link->fault_a));
	*b = wrap_faults(world, *b, link->fault_b);
	ASSERT(world->closing_count + 2 <= ARRAY_SIZE(world->closing));
	world->closing[world->closing_count++] = *a;
	world->closing[world->closing_count++] = *b;
}

struct port *
world_claim(struct world *world, struct port *end, const struct port_sim_claims *claims)
{
	struct port *port;

	if (!claims->offloads && claims->queues <= 1)
		return end;
	if (port_sim_claim(end, claims, world->wire, &port))
		world_fail(world, "%s can't claim %#x on %u queues", end->name, claims->offloads,
			   claims->queues);
	for (uint32_t i = 0; i < world->closing_count; i++)
		if (world->closing[i] == end)
			world->closing[i] = port;
	return port;
}

void
world_mtu(struct world *world, uint16_t mtu_bytes)
{
	ASSERT(world->node_count == 0);
	rte_mempool_free(world->wire);
	world->buffer_bytes = port_buffer_bytes(mtu_bytes);
	world->wire = world_pool(world, "wire", WIRE_MBUFS);
}

static struct port *
wrap_faults(struct world *world, struct port *port, const char *spec)
{
	char seeded[256], why[256] = "";
	struct port *wrapped;

	if (!spec || !*spec)
		return port;
	snprintf(seeded, sizeof seeded, "%s,seed=%u", spec, rng_below(&world->rng, 1u << 30));
	if (port_fault_wrap(port, seeded, world->wire, &wrapped, why, sizeof why))
		world_fail(world, "faults '%s': %s", seeded, why);
	return wrapped;
}

/* One file a link, as its end a sees it: what it sends before the faults, what it gets after them. */
static struct port *
wrap_pcap(struct world *world, struct port *port)
{
	char path[256], why[256] = "";
	struct port *wrapped;

	if (!world->pcap_dir)
		return port;
	snprintf(path, sizeof path, "%s/%s.pcap", world->pcap_dir, port->name);
	if (port_pcap_wrap(port, path, &wrapped, why, sizeof why))
		world_fail(world, "%s: %s", path, why);
	return wrapped;
}

void
world_stall(struct node *node, uint64_t us)
{
	node->not_before_us = node->world->now_us + us;
	node->missed_us += us;
	world_event(node->world, EVENT_stall, 1);
}

void
world_clock_jump(struct node *node, uint64_t us)
{
	node->clock_us += us;
	node->missed_us += us;
	world_event(node->world, EVENT_clock_jump, 1);
}

void
world_link_set(struct world *world, struct port *end, bool up)
{
	port_sim_link_set(end, up);
	world_event(world, EVENT_link_down, !up);
}

void
world_event(struct world *world, enum event event, uint64_t times)
{
	world->status->event[event] += times;
}

bool
world_run(struct world *world, uint64_t us, bool (*done)(void *arg), void *arg)
{
	uint64_t end_us = world->now_us + us;

	for (;;) {
		uint64_t next_us;

		if (done && done(arg))
			return true;
		next_us = next_due_us(world);
		if (next_us > end_us)
			break;
		world->now_us = world->status->now_us = next_us;
		for (uint32_t i = 0; i < world->node_count; i++)
			if (due_us(world->nodes[i], next_us) <= next_us)
				turn_node(world, world->nodes[i]);
	}
	world->now_us = world->status->now_us = end_us;
	return done && done(arg);
}

static uint64_t
next_due_us(struct world *world)
{
	uint64_t next_us = UINT64_MAX;

	for (uint32_t i = 0; i < world->node_count; i++) {
		uint64_t node_us = due_us(world->nodes[i], world->now_us);

		next_us = min_u64(next_us, node_us);
	}
	return max_u64(next_us, world->now_us);
}

static uint64_t
due_us(const struct node *node, uint64_t now_us)
{
	uint64_t next_us;

	if (node->off)
		return UINT64_MAX;
	next_us = node->ops->next_us((struct node *)node, now_us + node->clock_us);
	if (next_us == UINT64_MAX)
		return next_us;
	return max_u64(max_u64(next_us, node->clock_us) - node->clock_us, node->not_before_us);
}

static void
turn_node(struct world *world, struct node *node)
{
	world->status->turns++;
	if (node->ops->turn(node, node_now_us(node))) {
		node->backoff_us = 1;
	} else {
		node->backoff_us = min_u64(max_u64(node->backoff_us, 1u) * 2, BACKOFF_MAX_US);
	}
	node->not_before_us = world->now_us + node->backoff_us;
	if (node->ops->check && (node->check_left == 0 || --node->check_left == 0)) {
		node->ops->check(node, node_now_us(node));
		node->check_left = node->check_every;
	}
}

struct settle {
	struct world *world;
	char why[WORLD_WHY_BYTES];
};

static bool
settled(void *arg)
{
	struct settle *settle = arg;
	struct world *world = settle->world;

	for (uint32_t i = 0; i < world->node_count; i++) {
		struct node *node = world->nodes[i];

		if (!node->off && !node->always_quiet && node->ops->quiet &&
		    !node->ops->quiet(node, settle->why, sizeof settle->why))
			return false;
	}
	return true;
}

void
world_tally_stack(struct world *world, const struct stats_worker *stats)
{
	static const struct {
		enum event event;
		enum counter counter;
	} pairs[] = { { EVENT_retransmit, COUNTER_tcp_retransmits },
		      { EVENT_timeout, COUNTER_tcp_retransmit_timeouts },
		      { EVENT_fast_recovery, COUNTER_tcp_fast_recoveries },
		      { EVENT_reset_sent, COUNTER_tcp_resets_sent },
		      { EVENT_reset_received, COUNTER_tcp_resets_received },
		      { EVENT_accepted, COUNTER_tcp_conns_accepted },
		      { EVENT_opened, COUNTER_tcp_conns_opened },
		      { EVENT_gave_up, COUNTER_tcp_timeouts } };

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		world_event(world, pairs[i].event, stats->counter[pairs[i].counter]);
	for (unsigned reason = 0; reason < DROP_COUNT; reason++)
		world->status->drop[reason] += stats->drop[reason];
}

/* What the links and the nodes have counted. */
static void
tally(struct world *world)
{
	for (uint32_t i = 0; i < world->closing_count; i++) {
		struct port_fault_stats faults;
		struct port_info info;

		port_fault_stats(world->closing[i], &faults);
		world_event(world, EVENT_lost, faults.rx.lost + faults.tx.lost);
		world_event(world, EVENT_reordered, faults.rx.reordered + faults.tx.reordered);
		world_event(world, EVENT_duplicated, faults.rx.duplicated + faults.tx.duplicated);
		world_event(world, EVENT_corrupted, faults.rx.corrupted + faults.tx.corrupted);
		port_info(world->closing[i], &info);
		world_event(world, EVENT_queue_full,
			    info.missed + faults.rx.queue_full + faults.tx.queue_full);
	}
	for (uint32_t i = 0; i < world->node_count; i++)
		if (world->nodes[i]->ops->tally)
			world->nodes[i]->ops->tally(world->nodes[i]);
}

void
world_settle(struct world *world, uint64_t us)
{
	struct settle settle = { .world = world };

	if (!world_run(world, us, settled, &settle))
		world_fail(world, "not at rest after %llu s: %s", (unsigned long long)(us / SEC),
			   settle.why);
	for (uint32_t i = 0; i < world->node_count; i++)
		if (!world->nodes[i]->off && world->nodes[i]->ops->check)
			world->nodes[i]->ops->check(world->nodes[i], node_now_us(world->nodes[i]));
	tally(world);
	for (uint32_t i = 0; i < world->closing_count; i++)
		port_close(world->closing[i]);
	world->closing_count = 0;
	world->node_count = 0;
	EXPECT(world, world_pool_out(world->wire) == 0, "%u frames never left the links",
	       world_pool_out(world->wire));
}

/* What each node still had in hand. */
static void
describe(struct world *world)
{
	char why[WORLD_WHY_BYTES];

	for (uint32_t i = 0; i < world->node_count; i++) {
		struct node *node = world->nodes[i];

		if (!node->off && node->ops->quiet && !node->ops->quiet(node, why, sizeof why))
			fprintf(stderr, "  %s\n", why);
	}
}

void
world_fail(struct world *world, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(world->status->why, sizeof world->status->why, format, args);
	va_end(args);
	for (char *at = world->status->why; *at; at++)
		if ((unsigned char)*at < ' ')
			*at = '.';
	describe(world);
	fflush(NULL); /* pcap files too */
	_exit(1);
}

void
world_note(struct world *world, const void *data, uint32_t len_bytes)
{
	const uint8_t *byte = data;
	uint64_t hash = world->status->hash;

	for (; len_bytes >= 8; len_bytes -= 8, byte += 8) {
		uint64_t word;

		memcpy(&word, byte, 8);
		hash = (hash ^ word) * UINT64_C(0x9fb21c651e98df25);
		hash ^= hash >> 29;
	}
	for (; len_bytes; len_bytes--, byte++)
		hash = (hash ^ *byte) * UINT64_C(0x100000001b3);
	world->status->hash = hash;
}
