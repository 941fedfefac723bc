/*
 * Stories of paths: routers between the hosts, whose queues, delays and MTU the hosts must find out.
 */
#include "test/sim/chain.h"
#include "test/sim/stories.h"

#define FAST UINT64_C(1000000000)

static const struct stream_result *
transfer(struct chain *chain, uint32_t from, uint32_t to, struct stream_plan plan, bool v6,
	 uint64_t within_us)
{
	struct stream_client *client = chain_start(chain, from, to, plan, v6);
	const struct stream_result *result = stream_result(client);

	EXPECT(chain->world, world_run(chain->world, within_us, stream_done, client),
	       "%u of %u done, %llu bytes down", result->finished, plan.conns ? plan.conns : 1,
	       (unsigned long long)result->bytes_down);
	return result;
}

static uint64_t
happened(const struct world *world, enum event event)
{
	return world->status->event[event];
}

/* Two routers: 10 Mbit/s there, 1 Mbit/s and another delay back. */
void
story_path_asymmetric(struct world *world)
{
	struct chain_setup setup = {
		.routers = 2,
		.hosts = { 1, 1 },
		.there = { { .rate_bps = 10000000, .queue_bytes = 50000, .delay_us = 5000 } },
		.back = { { .rate_bps = 1000000, .queue_bytes = 15000, .delay_us = 40000 } },
		.fault_there = { "loss=0.1%,dir=rx" },
	};
	struct stream_plan plan = { .up_bytes = 2 * MB, .down_bytes = 100 * KB };
	uint64_t from_us = world->now_us;
	struct chain chain;

	chain_make(&chain, world, &setup);
	transfer(&chain, 0, 1, plan, false, 20 * SEC);
	transfer(&chain, 0, 1, plan, true, 20 * SEC);
	EXPECT(world, world->now_us - from_us < 12 * SEC, "%llu us for 4 MB at 10 Mbit/s",
	       (unsigned long long)(world->now_us - from_us));
	world_settle(world, 60 * SEC);
}

/* Three hosts with two bottlenecks between them, everybody to everybody. */
void
story_path_chain(struct world *world)
{
	struct chain_setup setup = {
		.routers = 4,
		.hosts = { 1, 1, 0, 1 },
		.there = { { .rate_bps = 20000000, .queue_bytes = 60000, .delay_us = 2000 },
			   { .rate_bps = FAST, .delay_us = 500 },
			   { .rate_bps = 10000000, .queue_frames = 40, .delay_us = 8000 } },
		.back = { { .rate_bps = 20000000, .queue_bytes = 60000, .delay_us = 2000 },
			  { .rate_bps = FAST, .delay_us = 500 },
			  { .rate_bps = 10000000, .queue_frames = 40, .delay_us = 8000 } },
	};
	struct stream_client *clients[6];
	unsigned count = 0;
	struct chain chain;

	chain_make(&chain, world, &setup);
	for (uint32_t from = 0; from < 3; from++)
		for (uint32_t to = 0; to < 3; to++)
			if (from != to)
				clients[count++] =
				    chain_start(&chain, from, to,
						(struct stream_plan){ .up_bytes = 500 * KB,
								      .down_bytes = 500 * KB },
						rng_below(&world->rng, 2));
	for (unsigned i = 0; i < count; i++)
		EXPECT(world, world_run(world, 60 * SEC, stream_done, clients[i]),
		       "client %u is not done", i);
	world_settle(world, 60 * SEC);
}

/* A path with a smaller MTU than either end: found by the ICMP errors, by IPv4 and IPv6. */
void
story_path_mtu(struct world *world)
{
	struct chain_setup setup = { .routers = 3, .hosts = { 1, 0, 1 } };
	struct stream_plan plan = { .up_bytes = MB, .down_bytes = MB, .conns = 3, .parallel = 3 };
	struct chain chain;

	setup.there[1].mtu_bytes = setup.back[0].mtu_bytes = 1300;
	setup.there[1].delay_us = setup.back[0].delay_us = 1000;
	chain_make(&chain, world, &setup);
	transfer(&chain, 0, 1, plan, false, 20 * SEC);
	EXPECT(world, happened(world, EVENT_too_big_told) > 0, "nothing was too big");
	transfer(&chain, 0, 1, plan, true, 20 * SEC);
	world_settle(world, 60 * SEC);
}

/*
 * A tunnel on the way that cuts IPv4 in pieces, whatever DF says, and loses some: transfers complete, and nothing stays
 * behind of datagrams that never became whole.
 */
void
story_path_fragments(struct world *world)
{
	struct chain_setup setup = { .routers = 2,
				     .hosts = { 1, 1 },
				     .fault_there = { "loss=1%,dir=rx" },
				     .fault_back = { "loss=1%,dir=rx" } };
	struct stream_plan plan = { .up_bytes = MB, .down_bytes = MB, .conns = 3, .parallel = 3 };
	struct chain chain;

	setup.there[0] = setup.back[0] = (struct router_egress){ .rate_bps = 50000000,
								 .queue_bytes = 100000,
								 .delay_us = 2000,
								 .mtu_bytes = 1400,
								 .fragments = true };
	chain_make(&chain, world, &setup);
	transfer(&chain, 0, 1, plan, false, 60 * SEC);
	EXPECT(world, happened(world, EVENT_fragmented) > 4000, "%llu cut in pieces",
	       (unsigned long long)happened(world, EVENT_fragmented));
	for (uint32_t i = 0; i < 2; i++) {
		const struct stats_worker *stats = chain.hosts[i]->stats;

		EXPECT(world, stats->counter[COUNTER_ip_datagrams_reassembled] > 2000,
		       "host %u: %llu whole", i,
		       (unsigned long long)stats->counter[COUNTER_ip_datagrams_reassembled]);
		EXPECT(world, stats->drop[DROP_ip_fragment_overlap] == 0, "host %u: overlaps", i);
	}
	transfer(&chain, 0, 1, plan, true, 60 * SEC); /* routers never cut IPv6 */
	world_run(world, 10 * SEC, NULL, NULL);
	for (uint32_t i = 0; i < 2; i++)
		EXPECT(world, chain.hosts[i]->stats->drop[DROP_ip_fragment_timeout] > 0,
		       "host %u: no piece was left alone", i);
	world_settle(world, 60 * SEC);
}

/* The MTU shrinks under a flow, several times, and the errors come ten a second, or not at all for a second. */
void
story_path_mtu_shrinks(struct world *world)
{
	struct chain_setup setup = { .routers = 2,
				     .hosts = { 1, 1 },
				     .there = { { .rate_bps = 20000000, .delay_us = 5000 } } };
	static const uint32_t mtus[] = { 1492, 1400, 1340, 1300, 1280 };
	struct stream_plan plan = { .up_bytes = 8 * MB, .conns = 2, .parallel = 2 };
	struct stream_client *clients[2];
	struct chain chain;

	chain_make(&chain, world, &setup);
	for (unsigned i = 0; i < 2; i++)
		clients[i] = chain_start(&chain, 0, 1, plan, i);
	for (unsigned i = 0; i < ARRAY_SIZE(mtus); i++) {
		struct router_egress egress = *router_egress(chain.routers[0], chain.there[0]);

		world_run(world, 500 * MS, NULL, NULL);
		router_mute(chain.routers[0], i % 2);
		egress.mtu_bytes = mtus[i];
		router_shape(chain.routers[0], chain.there[0], &egress);
		world_run(world, SEC, NULL, NULL);
		router_mute(chain.routers[0], false);
	}
	for (unsigned i = 0; i < 2; i++) {
		EXPECT(world, world_run(world, 120 * SEC, stream_done, clients[i]),
		       "client %u: %u done", i, stream_result(clients[i])->finished);
		EXPECT(world, stream_result(clients[i])->finished == 2, "broken");
	}
	EXPECT(world, happened(world, EVENT_too_big_told) >= 4, "%llu errors",
	       (unsigned long long)happened(world, EVENT_too_big_told));
	world_settle(world, 60 * SEC);
}

/* The largest packets that a host sends to its peers now; 0: it has no connections. */
static uint64_t
largest_packet(const struct host *host, uint64_t now_us)
{
	struct conn_fields fields;
	uint64_t most = 0;

	for (uint32_t id = 0; id < tcp_capacity(host->tcp); id++)
		if (tcp_fields(host->tcp, id, &fields, now_us) &&
		    fields.value[CONN_FIELD_path_mtu] != CONN_FIELD_NONE)
			most = max_u64(most, fields.value[CONN_FIELD_path_mtu]);
	return most;
}

static void
shrink(struct chain *chain, uint32_t mtu_bytes)
{
	struct router_egress there = *router_egress(chain->routers[0], chain->there[0]);
	struct router_egress back = *router_egress(chain->routers[1], chain->back[0]);

	there.mtu_bytes = back.mtu_bytes = mtu_bytes;
	router_shape(chain->routers[0], chain->there[0], &there);
	router_shape(chain->routers[1], chain->back[0], &back);
}

/*
 * The MTU shrinks to 1,280 in the middle of uploads and downloads, by both families, and nobody says so. Who comes later knows.
 */
void
story_path_black_hole(struct world *world)
{
	struct chain_setup setup = { .routers = 2,
				     .hosts = { 1, 1 },
				     .there = { { .rate_bps = 20000000, .delay_us = 5000 } },
				     .back = { { .rate_bps = 20000000, .delay_us = 5000 } } };
	struct stream_plan plans[] = { { .up_bytes = 3 * MB },
				       { .down_bytes = 3 * MB },
				       { .up_bytes = 2 * MB, .down_bytes = 2 * MB } };
	struct stream_client *clients[6];
	struct chain chain;
	uint64_t holes;

	chain_make(&chain, world, &setup);
	for (unsigned i = 0; i < 6; i++)
		clients[i] = chain_start(&chain, 0, 1, plans[i / 2], i % 2);
	world_run(world, SEC, NULL, NULL);
	router_mute(chain.routers[0], true);
	router_mute(chain.routers[1], true);
	shrink(&chain, 1280);
	for (unsigned i = 0; i < 6; i++) {
		EXPECT(world, world_run(world, 60 * SEC, stream_done, clients[i]),
		       "client %u: %u done", i, stream_result(clients[i])->finished);
		EXPECT(world, stream_result(clients[i])->finished == 1, "broken");
	}
	EXPECT(world, happened(world, EVENT_too_big_told) == 0, "somebody has said so");
	for (unsigned i = 0; i < 2; i++)
		EXPECT(world, chain.hosts[i]->stats->counter[COUNTER_tcp_black_holes] >= 4,
		       "host %u has found %llu black holes", i,
		       (unsigned long long)chain.hosts[i]->stats->counter[COUNTER_tcp_black_holes]);
	holes = chain.hosts[0]->stats->counter[COUNTER_tcp_black_holes];
	transfer(&chain, 0, 1, plans[0], false, 20 * SEC);
	transfer(&chain, 0, 1, plans[0], true, 20 * SEC);
	EXPECT(world, chain.hosts[0]->stats->counter[COUNTER_tcp_black_holes] == holes,
	       "found again");
	world_settle(world, 60 * SEC);
}

/* It is 1,280 for half a minute, told or not, and 1,500 again: within ten minutes that is found out, by those who live so long and by new ones. */
static void
grows_again(struct world *world, bool mute)
{
	struct chain_setup setup = { .routers = 2,
				     .hosts = { 1, 1 },
				     .there = { { .delay_us = 5000 } },
				     .back = { { .delay_us = 5000 } } };
	struct stream_plan plan = { .up_bytes = 70 * 20000,
				    .client_write = { .bytes = 20000, .every_us = 10 * SEC } };
	struct stream_client *clients[2];
	struct chain chain;

	chain_make(&chain, world, &setup);
	for (unsigned i = 0; i < 2; i++)
		clients[i] = chain_start(&chain, 0, 1, plan, i);
	world_run(world, 15 * SEC, NULL, NULL);
	router_mute(chain.routers[0], mute);
	shrink(&chain, 1280);
	world_run(world, 30 * SEC, NULL, NULL);
	EXPECT(world, largest_packet(chain.hosts[0], world->now_us) == 1280, "%llu bytes, not 1280",
	       (unsigned long long)largest_packet(chain.hosts[0], world->now_us));
	shrink(&chain, 1500);
	world_run(world, 300 * SEC, NULL, NULL);
	EXPECT(world, largest_packet(chain.hosts[0], world->now_us) == 1280, "too early");
	world_run(world, 310 * SEC, NULL, NULL);
	EXPECT(world, largest_packet(chain.hosts[0], world->now_us) == 1500, "%llu bytes, not 1500",
	       (unsigned long long)largest_packet(chain.hosts[0], world->now_us));
	for (unsigned i = 0; i < 2; i++)
		EXPECT(world, world_run(world, 60 * SEC, stream_done, clients[i]),
		       "client %u is not done", i);
	EXPECT(world, chain.hosts[0]->stats->counter[COUNTER_tcp_mtu_probes] >= 2, "no probes");
	world_settle(world, 60 * SEC);
}

void
story_path_mtu_grows(struct world *world)
{
	grows_again(world, false);
}

void
story_path_black_hole_grows(struct world *world)
{
	grows_again(world, true);
}

/* A router that forwards nothing for a while, and one that becomes slow, fast and far away. */
void
story_path_changes(struct world *world)
{
	struct chain_setup setup = {
		.routers = 2,
		.hosts = { 2, 1 },
		.there = { { .rate_bps = 20000000, .queue_bytes = 100000, .delay_us = 5000 } },
		.back = { { .rate_bps = 20000000, .queue_bytes = 100000, .delay_us = 5000 } }
	};
	struct stream_plan plan = {
		.up_bytes = 4 * MB, .down_bytes = 4 * MB, .conns = 2, .parallel = 2
	};
	struct stream_client *clients[2];
	struct chain chain;

	chain_make(&chain, world, &setup);
	for (uint32_t i = 0; i < 2; i++)
		clients[i] = chain_start(&chain, i, 2, plan, i);
	for (unsigned i = 0; i < 6; i++) {
		struct router_egress egress = setup.there[0];

		world_run(world, 700 * MS, NULL, NULL);
		egress.rate_bps = (1 + rng_below(&world->rng, 50)) * 1000000;
		egress.delay_us = 1000 + rng_below(&world->rng, 100000);
		router_shape(chain.routers[i % 2], i % 2 ? chain.back[0] : chain.there[0], &egress);
		router_swallow(chain.routers[i % 2], true);
		world_run(world, rng_below(&world->rng, 2000000), NULL, NULL);
		router_swallow(chain.routers[i % 2], false);
	}
	for (uint32_t i = 0; i < 2; i++) {
		EXPECT(world, world_run(world, 300 * SEC, stream_done, clients[i]),
		       "client %u: %u done", i, stream_result(clients[i])->finished);
		EXPECT(world, stream_result(clients[i])->finished == 2, "broken");
	}
	world_settle(world, 60 * SEC);
}

/* A queue that marks instead of dropping: with ECN on both ends nothing is lost. */
void
story_path_marks(struct world *world)
{
	struct chain_setup setup = {
		.routers = 2,
		.hosts = { 2, 1 },
		.there = { { .rate_bps = 20000000,
			     .queue_bytes = 150000,
			     .mark_bytes = 30000,
			     .delay_us = 10000 } },
	};
	struct stream_plan plan = { .up_bytes = 4 * MB };
	struct stream_client *clients[2];
	struct chain chain;

	for (unsigned i = 0; i < 3; i++) {
		setup.tcp[i] = host_tcp_settings();
		setup.tcp[i].profile.ecn = true;
	}
	chain_make(&chain, world, &setup);
	for (uint32_t i = 0; i < 2; i++)
		clients[i] = chain_start(&chain, i, 2, plan, i);
	for (uint32_t i = 0; i < 2; i++)
		EXPECT(world, world_run(world, 30 * SEC, stream_done, clients[i]),
		       "client %u: %u done", i, stream_result(clients[i])->finished);
	world_settle(world, 60 * SEC);
}
