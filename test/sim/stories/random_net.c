/*
 * Networks drawn at random for the soak: routers in a row, hosts at them, ways that change, and hosts that stall, jump in time,
 * lose power and come back. Content is right whatever happens, and everything comes to an end.
 */
#include <stdio.h>

#include "test/sim/chain.h"
#include "test/sim/stories/random.h"

#define CLIENTS_MAX 16u
#define FAULT_BYTES 200u

struct travel {
	struct world *world;
	struct chain chain;
	struct stream_client *clients[CLIENTS_MAX];
	bool slow[CLIENTS_MAX]; /* a client whose peer may let go of it before it has read all */
	uint32_t count;
	bool rough; /* something happened that connections need not survive */
};

static void set_up(struct travel *travel);
static struct router_egress draw_egress(struct world *world);
static void start_some(struct travel *travel);
static void something_happens(struct travel *travel);
static void way_event(struct travel *travel);
static void host_event(struct travel *travel, struct host *host);
static void power_up(struct travel *travel);
static bool all_done(void *arg);
static void expect_ends(struct travel *travel);

void
random_net(struct world *world)
{
	static struct travel travel;
	uint32_t phases = (uint32_t)between(world, 1, 3);

	travel.world = world;
	set_up(&travel);
	while (phases-- > 0) {
		uint32_t events = one_in(world, 2) ? 0 : (uint32_t)between(world, 1, 8);

		start_some(&travel);
		while (events-- > 0) {
			world_run(world, draw_magnitude(world, 10 * MS, 100 * SEC), NULL, NULL);
			something_happens(&travel);
		}
		world_run(world, draw_magnitude(world, SEC, HOUR), NULL, NULL);
		power_up(&travel);
	}
	expect_ends(&travel);
	world_settle(world, 24 * HOUR);
}

static void
set_up(struct travel *travel)
{
	static char faults[2 * CHAIN_ROUTERS_MAX][FAULT_BYTES];
	struct world *world = travel->world;
	struct chain_setup setup = { .routers = (uint32_t)between(world, 1, 4) };
	uint32_t hosts = 0;

	for (uint32_t i = 0; i < setup.routers; i++) {
		bool end = i == 0 || i + 1 == setup.routers;

		setup.hosts[i] = end ? (uint32_t)between(world, 1, 2) : one_in(world, 3);
		if (setup.routers == 1)
			setup.hosts[i] = (uint32_t)between(world, 2, 4);
		hosts += setup.hosts[i];
	}
	for (uint32_t i = 0; i + 1 < setup.routers; i++) {
		setup.there[i] = draw_egress(world);
		setup.back[i] = one_in(world, 2) ? setup.there[i] : draw_egress(world);
		draw_faults_rx(world, faults[2 * i], FAULT_BYTES);
		draw_faults_rx(world, faults[2 * i + 1], FAULT_BYTES);
		setup.fault_there[i] = one_in(world, 2) ? faults[2 * i] : NULL;
		setup.fault_back[i] = one_in(world, 2) ? faults[2 * i + 1] : NULL;
	}
	for (uint32_t i = 0; i < hosts; i++) {
		setup.tcp[i] = draw_tcp(world);
		/* Ten retries, our default, end within minutes at a queue that others keep full: seed 730237. */
		setup.tcp[i].profile.data_retries = 15;
		setup.claims[i] = draw_claims(world);
		travel->rough |= setup.tcp[i].profile.user_timeout_ms != 0;
		if (one_in(world, 6))
			setup.mbufs[i] = (uint32_t)between(world, 300, 1000);
	}
	chain_make(&travel->chain, world, &setup);
}

static struct router_egress
draw_egress(struct world *world)
{
	struct router_egress egress = {
		.rate_bps = one_in(world, 4) ? 0 : draw_magnitude(world, 300000, 1000000000),
		.delay_us = (uint32_t)draw_magnitude(world, 1, 200000),
		.mtu_bytes = one_in(world, 3) ? (uint32_t)between(world, 1280, 1499) : 1500,
	};

	if (one_in(world, 2))
		egress.queue_bytes = (uint32_t)draw_magnitude(world, 5000, 200000);
	else
		egress.queue_frames = (uint32_t)between(world, 5, 200);
	if (one_in(world, 3))
		egress.mark_bytes = (uint32_t)draw_magnitude(world, 3000, 60000);
	return egress;
}

static void
start_some(struct travel *travel)
{
	struct world *world = travel->world;
	uint32_t n = (uint32_t)between(world, 1, 5), hosts = travel->chain.host_count;

	while (n-- > 0 && travel->count < CLIENTS_MAX) {
		bool slow = travel->slow[travel->count] = one_in(world, 3);
		struct stream_plan plan = slow ? draw_slow_stream(world) : draw_stream(world);
		uint32_t from = rng_below(&world->rng, hosts);
		uint32_t to = (from + 1 + rng_below(&world->rng, hosts - 1)) % hosts;

		if (one_in(world, 10))
			plan.flags |= STREAM_ABORT;
		plan.flags |= STREAM_MAY_FAIL;
		travel->clients[travel->count++] =
		    chain_start(&travel->chain, from, to, plan, one_in(world, 2));
	}
}

static void
something_happens(struct travel *travel)
{
	struct world *world = travel->world;

	if (travel->chain.router_count > 1 && one_in(world, 2))
		way_event(travel);
	else
		host_event(travel,
			   travel->chain.hosts[rng_below(&world->rng, travel->chain.host_count)]);
}

static void
way_event(struct travel *travel)
{
	struct world *world = travel->world;
	uint32_t left = rng_below(&world->rng, travel->chain.router_count - 1);
	bool back = one_in(world, 2);
	struct router *router = travel->chain.routers[left + back];
	uint32_t port = back ? travel->chain.back[left] : travel->chain.there[left];
	struct router_egress egress = *router_egress(router, port);

	switch (rng_below(&world->rng, 4)) {
	case 0:
		egress.mtu_bytes = (uint32_t)between(world, 1280, 1500);
		router_shape(router, port, &egress);
		break;
	case 1:
		egress = draw_egress(world);
		router_shape(router, port, &egress);
		break;
	case 2:
		router_swallow(router, true);
		world_run(world, draw_magnitude(world, MS, 20 * SEC), NULL, NULL);
		router_swallow(router, false);
		break;
	default:
		router_mute(router, true);
		world_run(world, draw_magnitude(world, MS, 20 * SEC), NULL, NULL);
		router_mute(router, false);
		break;
	}
	travel->rough =
	    true; /* an MTU too small for what is out, and no error that says so, may take too long */
}

static void
host_event(struct travel *travel, struct host *host)
{
	struct world *world = travel->world;
	bool long_one = one_in(world, 3);
	uint64_t us = draw_magnitude(world, MS, long_one ? 2 * HOUR : 3 * SEC);

	travel->rough |= long_one;
	switch (rng_below(&world->rng, 5)) {
	case 0:
		world_stall(&host->node, us);
		break;
	case 1:
		world_clock_jump(&host->node, us);
		break;
	case 2:
		world_link_set(world, host->port, false);
		world_run(world, us, NULL, NULL);
		world_link_set(world, host->port, true);
		break;
	case 3:
		travel->rough = true;
		host_power_off(host);
		break;
	default:
		travel->rough = true;
		host_reboot(host);
		break;
	}
}

static void
power_up(struct travel *travel)
{
	for (uint32_t i = 0; i < travel->chain.host_count; i++)
		if (travel->chain.hosts[i]->node.off)
			host_reboot(travel->chain.hosts[i]);
}

static bool
all_done(void *arg)
{
	const struct travel *travel = arg;

	for (uint32_t i = 0; i < travel->count; i++)
		if (!stream_done(travel->clients[i]))
			return false;
	return true;
}

static void
expect_ends(struct travel *travel)
{
	struct world *world = travel->world;
	bool done = world_run(world, 24 * HOUR, all_done, travel);

	for (uint32_t i = 0; i < travel->count; i++) {
		const struct stream_result *result = stream_result(travel->clients[i]);

		EXPECT(world, done, "client %u: %u started, %u finished, %u failed", i,
		       result->started, result->finished, result->failed);
		EXPECT(world,
		       travel->rough || travel->slow[i] ||
			   result->failed == result->failed_by[TCP_CLOSE_UNREACHABLE],
		       "client %u: %u failed, %u unreachable, %u reset, %u timed out", i,
		       result->failed, result->failed_by[TCP_CLOSE_UNREACHABLE],
		       result->failed_by[TCP_CLOSE_RESET], result->failed_by[TCP_CLOSE_TIMEOUT]);
	}
}
