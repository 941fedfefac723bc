/*
 * What bench-instructions.sh counts: the box of the simulation (test/sim) under steady load from simulated clients, with
 * simulated servers behind it, in virtual time. callgrind counts from when the load is steady until so many units are done,
 * within worker_turn and outside of card_rx and card_tx (the simulated network cards). Nothing here depends on the machine.
 *
 *   bench-path --list              the scenarios: name and unit
 *   bench-path SCENARIO            plays one; prints: units, packets in, packets out, turns, turns that found work
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/callgrind.h>

#include "test/sim/topo.h"

#define SEED        1u
#define HOSTS       4u  /* clients, and servers */
#define CONNS_EACH  16u /* of a client, at the same time */
#define FOR_EVER    1000000000u
#define MBUF_CACHE  256u /* as the data plane has it */
#define TIME_WAIT   (20 * MS)
#define KILOBYTE    1024u
#define LIMIT_US    (100 * SEC) /* of virtual time; longer is a failure */
#define BULK_CONNS  2u          /* of a client */
#define IDLE_TURNS  10000u
#define PARTS_OF_MB 1000u
#define BOX_CONNS   8192u
#define BOX_MBUFS   16383u
#define NIC_OFFERS  PORT_OFFLOADS_ALL
#define CLIENT_PORT 0u
#define SERVER_PORT 1u

struct rig {
	const struct scenario *scenario;
	struct world world;
	struct farm farm;
	struct http_client *http[HOSTS];
	struct stream_client *streams[HOSTS];
	uint64_t until; /* parts of units */
};

struct counts {
	uint64_t units, rx, tx, turns, busy_turns;
};

struct scenario {
	const char *name, *unit;
	uint32_t parts; /* of a unit are counted, so that an end in the middle of one is; 0: one */
	uint64_t warm_up, counted; /* parts of units */
	bool offloads;             /* the box's network cards do what they can */
	bool keep_none;            /* connections to servers are not kept */
	uint32_t requests;         /* a connection of a client */
	uint64_t body_bytes;
	void (*start)(struct rig *rig);
	uint64_t (*units)(const struct rig *rig);
};

static void start_http(struct rig *rig);
static void start_relay(struct rig *rig);
static void start_nothing(struct rig *rig);
static uint64_t requests_done(const struct rig *rig);
static uint64_t megabytes_done(const struct rig *rig);
static uint64_t relays_done(const struct rig *rig);
static uint64_t turns_done(const struct rig *rig);

static const struct scenario scenarios[] = {
	{ .name = "keepalive-1k",
	  .unit = "request",
	  .warm_up = 2000,
	  .counted = 1000,
	  .requests = FOR_EVER,
	  .body_bytes = KILOBYTE,
	  .start = start_http,
	  .units = requests_done },
	{ .name = "keepalive-1k-nic",
	  .unit = "request",
	  .warm_up = 2000,
	  .counted = 1000,
	  .offloads = true,
	  .requests = FOR_EVER,
	  .body_bytes = KILOBYTE,
	  .start = start_http,
	  .units = requests_done },
	{ .name = "connect-pooled",
	  .unit = "request",
	  .warm_up = 3000,
	  .counted = 1000,
	  .requests = 1,
	  .body_bytes = KILOBYTE,
	  .start = start_http,
	  .units = requests_done },
	{ .name = "connect-both",
	  .unit = "request",
	  .warm_up = 3000,
	  .counted = 1000,
	  .keep_none = true,
	  .requests = 1,
	  .body_bytes = KILOBYTE,
	  .start = start_http,
	  .units = requests_done },
	{ .name = "bulk",
	  .unit = "MB",
	  .parts = PARTS_OF_MB,
	  .warm_up = 20000,
	  .counted = 6000,
	  .requests = FOR_EVER,
	  .body_bytes = MB,
	  .start = start_http,
	  .units = megabytes_done },
	{ .name = "bulk-nic",
	  .unit = "MB",
	  .parts = PARTS_OF_MB,
	  .warm_up = 20000,
	  .counted = 6000,
	  .offloads = true,
	  .requests = FOR_EVER,
	  .body_bytes = MB,
	  .start = start_http,
	  .units = megabytes_done },
	{ .name = "relay-connect",
	  .unit = "session",
	  .warm_up = 3000,
	  .counted = 1000,
	  .body_bytes = KILOBYTE,
	  .start = start_relay,
	  .units = relays_done },
	{ .name = "relay-bulk",
	  .unit = "MB",
	  .parts = PARTS_OF_MB,
	  .warm_up = 20000,
	  .counted = 6000,
	  .body_bytes = 100 * MB,
	  .start = start_relay,
	  .units = megabytes_done },
	{ .name = "idle-turn",
	  .unit = "turn",
	  .counted = IDLE_TURNS,
	  .start = start_nothing,
	  .units = turns_done },
};

static const struct scenario *find(const char *name);
static void arrange(struct rig *rig);
static void wrap_cards(struct box *box);
static void run_until(struct rig *rig, uint64_t units);
static void idle(struct rig *rig);
static struct counts count(const struct rig *rig);
static uint16_t
card_rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);
static uint16_t
card_tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);

static const struct port_ops *bare_card;

int
main(int argc, char **argv)
{
	static struct rig rig;
	static struct world_status status;
	struct counts before, after;

	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++)
			printf("%s %s\n", scenarios[i].name, scenarios[i].unit);
		return 0;
	}
	rig.scenario = argc == 2 ? find(argv[1]) : NULL;
	if (!rig.scenario) {
		fprintf(stderr, "usage: bench-path --list | SCENARIO\n");
		return 2;
	}
	world_init(&rig.world, SEED, &status, NULL);
	rig.world.pool_cache = MBUF_CACHE;
	arrange(&rig);
	rig.scenario->start(&rig);
	run_until(&rig, rig.scenario->warm_up);
	before = count(&rig);
	CALLGRIND_START_INSTRUMENTATION;
	run_until(&rig, before.units + rig.scenario->counted);
	CALLGRIND_STOP_INSTRUMENTATION;
	after = count(&rig);
	worker_check(rig.farm.box->workers[0], rig.world.now_us);
	printf("%.3f %llu %llu %llu %llu\n",
	       (double)(after.units - before.units) / (double)max_u64(rig.scenario->parts, 1u),
	       (unsigned long long)(after.rx - before.rx),
	       (unsigned long long)(after.tx - before.tx),
	       (unsigned long long)(after.turns - before.turns),
	       (unsigned long long)(after.busy_turns - before.busy_turns));
	fflush(stdout);
	_Exit(0);
}

static const struct scenario *
find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++)
		if (strcmp(scenarios[i].name, name) == 0)
			return &scenarios[i];
	return NULL;
}

/* Checks between turns cost more than what is measured, so there are none before the end. */
static void
arrange(struct rig *rig)
{
	struct farm_setup setup = { .clients = HOSTS, .servers = HOSTS, .no_monitor = true };
	struct farm *farm = &rig->farm;

	setup.box.tcp = box_tcp_settings();
	setup.box.tcp.conns = BOX_CONNS;
	setup.box.tcp.half_open_max = BOX_CONNS / 4;
	setup.box.tcp.time_wait_us = TIME_WAIT;
	setup.box.sessions = BOX_CONNS / 2;
	setup.box.mbufs = BOX_MBUFS;
	setup.tcp_clients = setup.tcp_servers = host_tcp_settings();
	setup.tcp_clients.time_wait_us = setup.tcp_servers.time_wait_us = TIME_WAIT;
	setup.tcp_clients.conns = setup.tcp_servers.conns = 2048;
	if (rig->scenario->offloads)
		setup.box.claims[CLIENT_PORT].offloads = setup.box.claims[SERVER_PORT].offloads =
		    NIC_OFFERS;
	farm_make(farm, &rig->world, &setup);
	for (uint32_t i = 0; i < rig->world.node_count; i++)
		rig->world.nodes[i]->check_every = rig->world.nodes[i]->check_left = UINT32_MAX;
	wrap_cards(farm->box);
	if (rig->scenario->keep_none) {
		farm->spec.number++;
		farm->spec.pools[FARM_WEB].keep_none = true;
		box_configure(farm->box, &farm->spec);
	}
}

/* The same cards, called by functions of a name that callgrind can be told. */
static void
wrap_cards(struct box *box)
{
	static struct port_ops ops;

	bare_card = box->ports[0]->ops;
	ops = *bare_card;
	ops.rx = card_rx;
	ops.tx = card_tx;
	for (uint32_t i = 0; i < box->port_count; i++)
		box->ports[i]->ops = &ops;
}

static void
start_http(struct rig *rig)
{
	const struct scenario *scenario = rig->scenario;
	struct http_plan plan = { .to = farm_endpoint(FARM_VS_WEB),
				  .conns = FOR_EVER,
				  .parallel = scenario->body_bytes >= MB ? BULK_CONNS : CONNS_EACH,
				  .requests = scenario->requests,
				  .mix = HTTP_MIX_CLOSE,
				  .down_min = scenario->body_bytes,
				  .down_max = scenario->body_bytes };

	for (uint32_t i = 0; i < HOSTS; i++)
		rig->http[i] = http_client_new(rig->farm.clients[i], &plan);
}

static void
start_relay(struct rig *rig)
{
	const struct scenario *scenario = rig->scenario;
	struct stream_plan plan = { .to = farm_endpoint(FARM_VS_STREAMS),
				    .conns = FOR_EVER,
				    .parallel =
					scenario->body_bytes >= MB ? BULK_CONNS : CONNS_EACH,
				    .down_bytes = scenario->body_bytes };

	for (uint32_t i = 0; i < HOSTS; i++)
		rig->streams[i] = stream_client_new(rig->farm.clients[i], &plan);
}

/* But for a while, in which neighbours are found. */
static void
start_nothing(struct rig *rig)
{
	world_run(&rig->world, SEC, NULL, NULL);
}

static uint64_t
requests_done(const struct rig *rig)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < HOSTS; i++)
		sum += http_client_result(rig->http[i])->right;
	return sum;
}

static uint64_t
relays_done(const struct rig *rig)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < HOSTS; i++)
		sum += stream_result(rig->streams[i])->finished;
	return sum;
}

/* From servers, headers included. */
static uint64_t
megabytes_done(const struct rig *rig)
{
	return stats_port_counter(rig->farm.box->stats, SERVER_PORT, PORT_COUNTER_rx_bytes) /
	       (MB / PARTS_OF_MB);
}

static uint64_t
turns_done(const struct rig *rig)
{
	return box_counter(rig->farm.box, COUNTER_turns_idle);
}

static bool
enough(void *arg)
{
	const struct rig *rig = arg;

	return rig->scenario->units(rig) >= rig->until;
}

static void
run_until(struct rig *rig, uint64_t units)
{
	rig->until = units;
	if (rig->scenario->start == start_nothing)
		idle(rig);
	else
		EXPECT(&rig->world, world_run(&rig->world, LIMIT_US, enough, rig),
		       "%llu of %llu units", (unsigned long long)rig->scenario->units(rig),
		       (unsigned long long)units);
}

/* As fast as virtual time goes: a turn each microsecond, in all of which nobody says anything. */
static void
idle(struct rig *rig)
{
	struct box *box = rig->farm.box;
	uint64_t now_us = rig->world.now_us;

	while (!enough(rig))
		worker_turn(box->workers[0], now_us++);
	rig->world.now_us = now_us;
}

static struct counts
count(const struct rig *rig)
{
	const struct box *box = rig->farm.box;
	struct counts counts = { .units = rig->scenario->units(rig),
				 .turns = box_counter(box, COUNTER_turns) };

	counts.busy_turns = counts.turns - box_counter(box, COUNTER_turns_idle);
	for (uint32_t i = 0; i < box->port_count; i++) {
		counts.rx += stats_port_counter(box->stats, i, PORT_COUNTER_rx_packets);
		counts.tx += stats_port_counter(box->stats, i, PORT_COUNTER_tx_packets);
	}
	return counts;
}

/* Not the last thing that it does, so that it is a call that callgrind sees the end of. */
static uint16_t
card_rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	uint16_t got = bare_card->rx(port, queue, burst, n, now_us);

	ASSERT(got <= n);
	return got;
}

static uint16_t
card_tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	uint16_t sent = bare_card->tx(port, queue, burst, n, now_us);

	ASSERT(sent <= n);
	return sent;
}
