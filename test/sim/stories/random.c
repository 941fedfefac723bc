/*
 * Worlds drawn at random for the soak: everything from the link's rate to who closes first comes from the seed.
 */
#include "test/sim/stories/random.h"

#include <stdio.h>
#include <string.h>

void
draw_faults(struct world *world, char *out, size_t out_bytes)
{
	size_t len = 0;

	out[0] = '\0';
	if (one_in(world, 4))
		return;
	if (!one_in(world, 3))
		len += (size_t)snprintf(out + len, out_bytes - len, "loss=%.2f%%,",
					(double)between(world, 1, 600) / 100);
	if (one_in(world, 4))
		len += (size_t)snprintf(out + len, out_bytes - len, "burst=%.2f%%:%u%%,",
					(double)between(world, 1, 50) / 100,
					(unsigned)between(world, 30, 90));
	if (one_in(world, 3))
		len += (size_t)snprintf(out + len, out_bytes - len, "duplicate=%.2f%%,",
					(double)between(world, 1, 500) / 100);
	if (one_in(world, 3))
		len += (size_t)snprintf(out + len, out_bytes - len, "reorder=%.2f%%,",
					(double)between(world, 1, 500) / 100);
	if (one_in(world, 2))
		len += (size_t)snprintf(out + len, out_bytes - len, "delay=%uus,jitter=%uus,",
					(unsigned)between(world, 100, 20000),
					(unsigned)between(world, 1, 5000));
	snprintf(out + len, out_bytes - len, "dir=%s",
		 (const char *[]){ "rx", "tx", "both" }[rng_below(&world->rng, 3)]);
}

/* Nothing on such a link lacks a checksum: between routers there is no ARP. */
void
draw_faults_rx(struct world *world, char *out, size_t out_bytes)
{
	char *dir;
	size_t len;

	draw_faults(world, out, out_bytes);
	dir = strstr(out, "dir=");
	if (!dir)
		return;
	len = (size_t)(dir - out);
	if (one_in(world, 3))
		len += (size_t)snprintf(out + len, out_bytes - len, "corrupt=%.2f%%,",
					(double)between(world, 1, 100) / 100);
	snprintf(out + len, out_bytes - len, "dir=rx");
}

struct stream_pace
draw_pace(struct world *world)
{
	if (!one_in(world, 3))
		return (struct stream_pace){ 0 };
	return (struct stream_pace){ .bytes = (uint32_t)between(world, 500, 20000),
				     .every_us = (uint32_t)between(world, 10, 20000) };
}

struct stream_plan
draw_stream(struct world *world)
{
	static const uint32_t flags[] = { 0,
					  STREAM_ECHO,
					  STREAM_CLIENT_FIRST,
					  STREAM_SERVER_FIRST,
					  STREAM_SERVER_LATE | STREAM_CLIENT_FIRST,
					  STREAM_CLIENT_LATE | STREAM_SERVER_FIRST };
	uint64_t most = one_in(world, 3)   ? 16 * MB
			: one_in(world, 3) ? 2 * MB
			: one_in(world, 2) ? 200 * KB
					   : 3 * KB;

	return (struct stream_plan){
		.up_bytes = between(world, 0, most),
		.down_bytes = between(world, 0, most),
		.flags = flags[rng_below(&world->rng, ARRAY_SIZE(flags))],
		.client_write = draw_pace(world),
		.client_read = draw_pace(world),
		.server_write = draw_pace(world),
		.server_read = draw_pace(world),
		.conns = (uint32_t)between(world, 1, most > MB ? 4 : 30),
		.parallel = (uint32_t)between(world, 1, 8),
		.gap_us = one_in(world, 2) ? between(world, 0, 500 * MS) : 0,
		.start_us = between(world, 0, SEC),
	};
}

struct stream_plan
draw_slow_stream(struct world *world)
{
	struct stream_plan plan = draw_stream(world);
	uint32_t rest_us = (uint32_t)draw_magnitude(world, SEC, 600 * SEC);
	uint32_t bytes = (uint32_t)between(world, 1, 20000);
	struct stream_pace pace = { .bytes = bytes, .every_us = rest_us };

	plan.up_bytes = between(world, 0, 12) * bytes;
	plan.down_bytes = between(world, 0, 12) * bytes;
	plan.client_read = one_in(world, 3) ? pace : (struct stream_pace){ 0 };
	plan.server_read = one_in(world, 3) ? pace : (struct stream_pace){ 0 };
	plan.client_write = one_in(world, 2) ? pace : (struct stream_pace){ 0 };
	plan.server_write = one_in(world, 2) ? pace : (struct stream_pace){ 0 };
	plan.conns = plan.parallel = (uint32_t)between(world, 1, 8);
	return plan;
}

uint64_t
draw_magnitude(struct world *world, uint64_t least, uint64_t most)
{
	unsigned doublings = 0;
	uint64_t from;

	while (least << (doublings + 1) <= most)
		doublings++;
	from = least << rng_below(&world->rng, doublings + 1);
	return between(world, from, min_u64(2 * from, most));
}

struct port_sim_claims
draw_claims(struct world *world)
{
	struct port_sim_claims claims = { 0 };

	if (one_in(world, 2))
		claims.offloads = rng_below(&world->rng, PORT_OFFLOADS_ALL + 1);
	if (claims.offloads & PORT_OFFLOAD_TSO)
		claims.offloads |= PORT_OFFLOAD_TX_CHECKSUM;
	return claims;
}

struct tcp_settings
draw_tcp(struct world *world)
{
	struct tcp_settings settings = host_tcp_settings();
	struct tcp_profile *profile = &settings.profile;

	profile->receive_buffer_bytes = (uint32_t)draw_magnitude(world, 4096, MB);
	profile->send_buffer_bytes = (uint32_t)draw_magnitude(world, 4096, MB);
	profile->delayed_ack_us = (uint32_t)between(world, 0, one_in(world, 4) ? 499999 : 40000);
	profile->cc = (uint8_t)rng_below(&world->rng, TCP_CC_COUNT);
	profile->ecn = one_in(world, 2);
	profile->nagle = one_in(world, 3);
	profile->pacing = one_in(world, 3);
	profile->fast_open = one_in(world, 3);
	profile->keep_alive_idle_ms = (uint32_t)draw_magnitude(world, 1000, 3600000);
	profile->keep_alive_interval_ms = (uint32_t)draw_magnitude(world, 1000, 75000);
	profile->keep_alive_probes = (uint32_t)between(world, 8, 15);
	if (one_in(world, 6))
		profile->user_timeout_ms = (uint32_t)draw_magnitude(world, 30000, 3600000);
	if (one_in(world, 8))
		settings.segments = (uint32_t)between(world, 64, 512);
	return settings;
}

void
story_random(struct world *world)
{
	static void (*const kinds[])(struct world *world) = { random_duo, random_box, random_net,
							      random_foe };

	kinds[rng_below(&world->rng, ARRAY_SIZE(kinds))](world);
}

/* What connections outlive. */
static void
disturb(struct world *world, struct duo *duo)
{
	switch (rng_below(&world->rng, 3)) {
	case 0:
		world_stall(&duo->a->node, between(world, 1, 2 * SEC));
		break;
	case 1:
		world_stall(&duo->b->node, between(world, 1, 2 * SEC));
		break;
	default:
		world_link_set(world, duo->a->port, false);
		world_run(world, between(world, 1, 2 * SEC), NULL, NULL);
		world_link_set(world, duo->a->port, true);
		break;
	}
}

void
random_duo(struct world *world)
{
	struct stream_client *clients[6];
	struct duo_setup setup = { .tcp_a = draw_tcp(world),
				   .tcp_b = draw_tcp(world),
				   .claims_a = draw_claims(world),
				   .claims_b = draw_claims(world) };
	unsigned plans = (unsigned)between(world, 1, ARRAY_SIZE(clients));
	bool slow[ARRAY_SIZE(clients)], touchy;
	char faults[200];
	struct duo duo;

	draw_faults(world, faults, sizeof faults);
	setup.cable =
	    (struct cable){ .delay_us =
				(uint32_t)between(world, 1, one_in(world, 3) ? 100000 : 5000),
			    .rate_bps = one_in(world, 3) ? 0 : between(world, 2000000, 1000000000),
			    .queue_frames = (uint32_t)between(world, 20, 1000),
			    .fault = faults };
	if (one_in(world, 3))
		setup.mtu_a = (uint32_t)between(world, 1280, 1500);
	if (one_in(world, 4))
		setup.mbufs_a = (uint32_t)between(world, 300, 2000);
	if (one_in(world, 4))
		setup.mbufs_b = (uint32_t)between(world, 300, 2000);
	touchy = setup.tcp_a.profile.user_timeout_ms || setup.tcp_b.profile.user_timeout_ms;
	duo_make(&duo, world, &setup);
	for (unsigned i = 0; i < plans; i++) {
		struct stream_plan plan;

		slow[i] = one_in(world, 3);
		plan = slow[i] ? draw_slow_stream(world) : draw_stream(world);

		plan.flags |= STREAM_MAY_FAIL;
		clients[i] = duo_start(&duo, plan, one_in(world, 2));
	}
	for (unsigned events = one_in(world, 2) ? 0 : (unsigned)between(world, 1, 8); events > 0;
	     events--) {
		world_run(world, between(world, 1, 3 * SEC), NULL, NULL);
		disturb(world, &duo);
	}
	for (unsigned i = 0; i < plans; i++)
		EXPECT(world, world_run(world, 24 * HOUR, stream_done, clients[i]),
		       "plan %u of %u with '%s': %u started, %u finished", i, plans, faults,
		       stream_result(clients[i])->started, stream_result(clients[i])->finished);
	for (unsigned i = 0; i < plans;
	     i++) { /* a neighbour may not be found; nothing else is an excuse */
		const struct stream_result *result = stream_result(clients[i]);
		uint32_t excused = result->failed_by[TCP_CLOSE_UNREACHABLE];

		/* The other end has let go and lingered long enough; nobody was heard, or acknowledged anything, for too long. */
		if (slow[i] || touchy)
			excused += result->failed_by[TCP_CLOSE_RESET] +
				   result->failed_by[TCP_CLOSE_TIMEOUT];

		EXPECT(world, result->failed == excused,
		       "plan %u with '%s': %u failed, %u unreachable, %u reset, %u timed out", i,
		       faults, result->failed, result->failed_by[TCP_CLOSE_UNREACHABLE],
		       result->failed_by[TCP_CLOSE_RESET], result->failed_by[TCP_CLOSE_TIMEOUT]);
	}
	world_settle(world, 24 * HOUR);
}
