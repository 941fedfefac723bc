/*
 * Floods from addresses that do not answer, or answer nonsense: honest clients must not notice, and nothing may be left
 * of it afterwards.
 */
#include "test/sim/stories.h"

#include "test/sim/raw.h"
#include "test/sim/switch.h"

#define SOURCE_NET                                                                                 \
	0xc6120000u   /* 198.18.0.0/15: behind the box's gateway, which is nobody for them */
#define FLOOD_US 200u /* a burst each */
#define BURST    4u

struct flood {
	struct farm farm;
	struct raw *raw;
	struct addr own; /* of raw */
};

static void
flood_make(struct flood *flood, struct world *world)
{
	struct world_link link = { .sim = {
				       .delay_us = 10, .queue_frames = 1000, .mtu_bytes = 1500 } };
	struct port *end, *other;
	struct port_info info;

	farm_make(&flood->farm, world,
		  &(struct farm_setup){ .clients = 2, .idle_timeout_ms = 5000 });
	farm_wait_up(&flood->farm);
	world_link(world, "raw", "sw-raw", &link, &end, &other);
	switch_attach(flood->farm.client_switch, other);
	port_info(flood->farm.box->ports[0], &info);
	flood->raw = raw_new(world, "raw", end, "10.0.0.50", "fd00::50", info.mac);
	flood->own = flood->raw->v4;
}

/* A burst from strangers, or from raw's own address. */
static void
flood_burst(struct flood *flood, uint8_t flags, bool spoofed)
{
	struct world *world = flood->farm.world;
	struct addr to = farm_endpoint(FARM_VS_WEB).addr;
	struct frame f;

	for (unsigned i = 0; i < BURST; i++) {
		uint64_t random = world_seed(world);
		struct segment segment = {
			.seq = (uint32_t)random,
			.ack = flags & SEG_ACK ? (uint32_t)(random >> 7) : 0,
			.src_port = (uint16_t)(1024 + random % 60000),
			.dst_port = 80,
			.window = 30000,
			.flags = flags,
		};

		if (spoofed)
			flood->raw->v4 = addr_from_v4(
			    be32_from(SOURCE_NET + (uint32_t)(random >> 40) % 0x20000));
		frame_tcp(flood->raw, &f, &to, &segment);
		flood->raw->v4 = flood->own;
		raw_send(flood->raw, &f);
	}
}

/* Floods as long as honest clients open connections one after the other and ask; each must get what it wants. */
static void
flood_while_serving(struct flood *flood, uint8_t flags, bool spoofed)
{
	struct world *world = flood->farm.world;
	struct http_plan plan = { .to = farm_endpoint(FARM_VS_WEB),
				  .conns = 60,
				  .parallel = 3,
				  .requests = 2,
				  .down_max = 3000,
				  .gap_us = 4000 };
	struct http_client *client = http_client_new(flood->farm.clients[1], &plan);
	unsigned bursts = 0;

	while (!http_client_done(client)) {
		flood_burst(flood, flags, spoofed);
		world_run(world, FLOOD_US, http_client_done, client);
		EXPECT(world, ++bursts < 20000, "clients starve: %llu right",
		       (unsigned long long)http_client_result(client)->right);
	}
	EXPECT(world, http_client_result(client)->right == 120, "%llu right",
	       (unsigned long long)http_client_result(client)->right);
	EXPECT(world, bursts > 100, "the flood was over after %u bursts", bursts);
}

void
story_flood_syn(struct world *world)
{
	struct flood flood;
	struct box *box;

	flood_make(&flood, world);
	box = flood.farm.box;
	flood_while_serving(&flood, SEG_SYN, true);
	EXPECT(world, box_counter(box, COUNTER_tcp_cookies_sent) > 500, "%llu cookies",
	       (unsigned long long)box_counter(box, COUNTER_tcp_cookies_sent));
	EXPECT(world, box_counter(box, COUNTER_tcp_cookies_accepted) > 20, "%llu cookies accepted",
	       (unsigned long long)box_counter(box, COUNTER_tcp_cookies_accepted));
	/* one address that means harm is as little a reason to refuse others */
	flood_while_serving(&flood, SEG_SYN, false);
	farm_settle(&flood.farm);
}

void
story_flood_ack(struct world *world)
{
	struct flood flood;
	struct box *box;
	uint64_t resets;

	flood_make(&flood, world);
	box = flood.farm.box;
	flood_while_serving(&flood, SEG_ACK, true);
	EXPECT(world, box_dropped(box, DROP_tcp_no_connection) > 500, "not counted");
	/* the same while cookies are out */
	for (unsigned i = 0; i < 100; i++) {
		flood_burst(&flood, SEG_SYN, true);
		world_run(world, FLOOD_US, NULL, NULL);
	}
	resets = box_counter(box, COUNTER_tcp_resets_sent);
	flood_while_serving(&flood, SEG_ACK, true);
	EXPECT(world, box_dropped(box, DROP_tcp_cookie_invalid) > 500, "not counted");
	EXPECT(world, box_counter(box, COUNTER_tcp_cookies_accepted) > 20,
	       "honest clients were opened without cookies");
	EXPECT(world, box_counter(box, COUNTER_tcp_resets_sent) - resets <= 2000, "%llu resets",
	       (unsigned long long)(box_counter(box, COUNTER_tcp_resets_sent) - resets));
	farm_settle(&flood.farm);
}
