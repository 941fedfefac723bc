/*
 * fairlead-gen: load for a balancer, from clients and origin in one thread. See README.md for what it prints.
 *
 * A turn: what came in at either side, timers, what is due, what goes out. Time is read once a turn: a latency is that
 * between the beginnings of two turns, and so never shown smaller than it was by more than the turn in which a request went out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>

#include "test/bench/gen/client.h"
#include "test/bench/gen/flood.h"
#include "test/bench/gen/origin.h"
#include "test/bench/gen/result.h"
#include "test/bench/gen/start.h"

#define PROGRAM    "fairlead-gen"
#define SECOND_NS  1000000000ull
#define ASK_NS     100000000ull
#define LOOK_NS    SECOND_NS /* at the ports' state */
#define SPARE_S    30 /* beyond all that it was told to take: then it ends, whatever it waits for */
#define TIMERS_NS  1000000u
#define GOODBYE_NS 500000000ull /* at most, until the resets are out */
#define QUIET_NS   200000000ull

static struct gen_options options;
static struct side sides[2];
static struct client client;
static struct origin origin;
static struct flood flood;

static struct {
	uint64_t last_ns, ask_ns, look_ns, timers_ns;
	double ns_per_tick;
	uint64_t busy_ns;
	bool worked;
} turns;

static void
setup(struct port *const port[2], struct rte_mempool *mbufs)
{
	struct tcp_setup tcp = { .window_bytes = options.window_bytes,
				 .cwnd_max_bytes = options.cwnd_bytes,
				 .stamps = options.stamps };
	const struct side_net nobody = { 1, UINT32_MAX },
			      router = { options.client_address, UINT32_MAX };

	sides[0] = (struct side){ .net = { options.client_net, router },
				  .own = options.client_address,
				  .neighbour = options.via,
				  .check_every = options.check_every };
	sides[1] = (struct side){ .net = { options.server_net, nobody },
				  .own = options.server_address,
				  .except = options.server_except,
				  .check_every = options.check_every };
	for (unsigned i = 0; i < 2; i++)
		side_start(&sides[i], port[i], mbufs);
	source_start();
	tcp.side = &sides[0];
	tcp.conns = options.conns;
	client_init(&client, &tcp, &options);
	tcp.side = &sides[1];
	tcp.conns = options.origin_conns;
	origin_init(&origin, &tcp, options.workload == GEN_CONNECT_BOTH);
	flood_init(&flood, &sides[0], &options);
}

static void
now_and_then(uint64_t now_ns)
{
	struct port_info info;

	if (now_ns >= turns.timers_ns) {
		turns.timers_ns = now_ns + TIMERS_NS;
		tcp_timers(&client.tcp);
		tcp_timers(&origin.tcp);
	}
	if (!sides[0].peer_known && now_ns >= turns.ask_ns) {
		turns.ask_ns = now_ns + ASK_NS;
		side_ask(&sides[0]);
	}
	if (now_ns >= turns.look_ns) {
		turns.look_ns = now_ns + LOOK_NS;
		port_info(sides[0].port, &info);
		port_info(sides[1].port, &info);
	}
}

/*
 * Since the machine's start: sequence numbers and timestamps come from it, and must not go back from one run to the next,
 * which comes from the same addresses and ports.
 */
static uint64_t
now(void)
{
	return (uint64_t)((double)rte_rdtsc() * turns.ns_per_tick);
}

/* Returns the time at its beginning. */
static uint64_t
turn(void)
{
	uint64_t now_ns = now(), now_us = now_ns / 1000;

	turns.busy_ns += turns.worked ? now_ns - turns.last_ns : 0;
	turns.last_ns = now_ns;
	client_clock(&client, now_ns);
	tcp_clock(&client.tcp, now_us);
	tcp_clock(&origin.tcp, now_us);
	turns.worked = tcp_receive(&client.tcp, now_us) > 0;
	turns.worked |= tcp_receive(&origin.tcp, now_us) > 0;
	now_and_then(now_ns);
	if (sides[0].peer_known) {
		turns.worked |= client_turn(&client);
		turns.worked |= flood_turn(&flood, now_ns, client.counts.requests);
	}
	turns.worked |= tcp_flush(&client.tcp, now_us);
	turns.worked |= tcp_flush(&origin.tcp, now_us);
	return now_ns;
}

static void
result_now(struct result *out)
{
	struct timespec cpu;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
	*out = (struct result){
		.at_ns = turns.last_ns,
		.busy_ns = turns.busy_ns,
		.cpu_ns = (uint64_t)cpu.tv_sec * SECOND_NS + (uint64_t)cpu.tv_nsec,
		.client = client.counts,
		.client_tcp = client.tcp.counts,
		.origin = origin.counts,
		.flood_sent = flood.sent,
		.flood_answered = { flood.answered[0], flood.answered[1] },
		.origin_tcp = origin.tcp.counts,
		.side = { sides[0].counts, sides[1].counts },
	};
}

/* Turns for so many seconds; false: a signal came. */
static bool
turns_for(double seconds)
{
	uint64_t end_ns = turns.last_ns + (uint64_t)(seconds * 1e9);

	while (!start_stopped && turn() < end_ns)
		;
	return !start_stopped;
}

static bool
ready(void)
{
	uint64_t end_ns = turn() + (uint64_t)(options.ready_s * 1e9);

	while (client.phase == CLIENT_WAITS)
		if (turn() > end_ns || start_stopped)
			return false;
	/* Errors count from here on; the client has forgotten its own at the first answer. */
	memset(&origin.counts, 0, sizeof origin.counts);
	memset(&origin.tcp.counts, 0, sizeof origin.tcp.counts);
	for (unsigned i = 0; i < 2; i++)
		memset(&sides[i].counts, 0, sizeof sides[i].counts);
	return true;
}

/* All connections of the idle workload, each with its response; false: a signal came, or it takes too long. */
static bool
all_served(void)
{
	uint64_t end_ns =
	    turns.last_ns + (uint64_t)(options.ready_s * 1e9) + (uint64_t)options.conns * 100000;

	while (client.served < options.conns)
		if (turn() > end_ns || start_stopped)
			return false;
	return true;
}

/* Warm-up, the time that counts, the lines. False: a signal came first, and half a run is no result. */
static bool
measure(void)
{
	struct result before, after;

	if (!turns_for(options.warmup_s))
		return false;
	printf("measuring=1\n");
	fflush(stdout);
	histogram_clear(&client.latency);
	result_now(&before);
	if (!turns_for(options.run_s))
		return false;
	result_now(&after);
	after.overdue = client_overdue(&client);
	result_print(stdout, &options, &before, &after, &client.latency, client.served,
		     client_behind(&client));
	return true;
}

/*
 * Nobody may listen any more. What was said is taken before the ports go: memif's driver unmaps the memory under a reader at
 * the other end that is in the middle of it.
 */
static void
goodbye(void)
{
	uint64_t end_ns = turns.last_ns + GOODBYE_NS;

	while ((!client_end(&client) || sides[0].queued) && turn() < end_ns)
		;
	while ((!origin_end(&origin) || sides[1].queued) && turn() < end_ns)
		;
	end_ns = turns.last_ns + QUIET_NS;
	while (turn() < end_ns)
		;
}

int
main(int argc, char **argv)
{
	static const char *const name[2] = { "client", "server" };
	struct rte_mempool *mbufs;
	struct port *port[2];
	char why[256];
	bool measured;

	if (!options_parse(&options, argc, argv, why, sizeof why)) {
		fprintf(stderr, PROGRAM ": %s\n", why);
		options_usage(stderr);
		return 2;
	}
	mbufs = start_dpdk(PROGRAM, options.core, options.no_huge, options.mbufs);
	start_ports(PROGRAM, (const char *const[2]){ options.client_spec, options.server_spec },
		    name, mbufs, port);
	setup(port, mbufs);
	alarm((unsigned)(2 * options.ready_s + options.warmup_s + options.run_s + options.linger_s +
			 options.conns / 10000 + SPARE_S));
	if (!start_links(port, options.ready_s))
		start_die(PROGRAM, "ports", "no link");

	turns.ns_per_tick = 1e9 / (double)rte_get_tsc_hz();
	turns.last_ns = now();
	if (!ready())
		start_die(PROGRAM, "target",
			  sides[0].peer_known ? "does not answer with 200"
					      : "nobody answers ARP there");
	printf("ready=1\n");
	if (options.workload == GEN_IDLE && !all_served())
		start_die(PROGRAM, "idle", "not all connections were served");
	if (options.workload == GEN_IDLE)
		printf("idle_conns=%u\n", client.served);
	fflush(stdout);
	measured = measure();
	/* So that others, who look once a second, see the load, too. */
	turns_for(options.linger_s);
	goodbye();
	port_close(port[0]);
	port_close(port[1]);
	return measured ? 0 : 1;
}
