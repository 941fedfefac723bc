/*
 * Stories of TCP profiles: who has which, and what a new configuration changes of connections that exist. Judged from
 * outside, by the windows that the box offers.
 */
#include "test/sim/stories.h"

#define WAN 0u
#define LAN 1u

/* The largest window that a host is offered in the next while, by any connection that is open. */
static uint32_t
offered(struct farm *farm, const struct host *host, uint64_t while_us)
{
	struct tcp_info info;
	uint32_t largest = 0;

	for (uint64_t end_us = farm->world->now_us + while_us; farm->world->now_us < end_us;) {
		world_run(farm->world, MS, NULL, NULL);
		for (uint32_t id = 0; id < tcp_capacity(host->tcp); id++)
			if (tcp_info(host->tcp, id, &info) && info.state == TCP_ESTABLISHED &&
			    info.send_window_bytes > largest)
				largest = info.send_window_bytes;
	}
	return largest;
}

/* The box offers as much as the buffer, less than a segment of which may not be worth saying. */
static void
expect_offers(struct farm *farm, uint32_t to_client, uint32_t to_server, const char *when)
{
	uint32_t client = offered(farm, farm->clients[0], 100 * MS);
	uint32_t server = offered(farm, farm->servers[0], 100 * MS);

	EXPECT(farm->world, client <= to_client && client + 1460 > to_client,
	       "%s, the client is offered %u", when, client);
	EXPECT(farm->world, server <= to_server && server + 1460 > to_server,
	       "%s, the member is offered %u", when, server);
}

static void
commit(struct farm *farm)
{
	farm->spec.number++;
	box_configure(farm->box, &farm->spec);
	world_run(farm->world, 300 * MS, NULL, NULL);
}

/*
 * Clients' connections have the virtual server's profile, members' the pool's; those that exist follow when it is
 * changed, and keep what they have when it is taken away.
 */
void
story_box_profiles(struct world *world)
{
	struct stream_plan plan = { .up_bytes = 12 * MB,
				    .down_bytes = 400 * KB,
				    .server_write = { .bytes = 1000, .every_us = 5000 } };
	struct farm_setup setup = { .servers = 1,
				    .client_cable = { .delay_us = 5000 },
				    .no_monitor = true };
	struct stream_client *first, *second;
	struct farm farm;

	farm_make(&farm, world, &setup);
	farm.spec.tcp_profiles[WAN].name = "wan";
	farm.spec.tcp_profiles[WAN].settings.receive_buffer_bytes = 20000;
	farm.spec.tcp_profiles[LAN].name = "lan";
	farm.spec.tcp_profiles[LAN].settings.receive_buffer_bytes = 8000;
	farm.spec.tcp_profile_count = 2;
	farm.spec.servers[FARM_VS_STREAMS].tcp_profile = "wan";
	farm.spec.pools[FARM_STREAMS].tcp_profile = "lan";
	commit(&farm);
	plan.to = farm_endpoint(FARM_VS_STREAMS);
	first = stream_client_new(farm.clients[0], &plan);
	world_run(world, 100 * MS, NULL, NULL);
	expect_offers(&farm, 20000, 8000, "at first");

	/* also at another place of the configuration */
	farm.spec.tcp_profiles[2] = farm.spec.tcp_profiles[WAN];
	farm.spec.tcp_profiles[2].settings.receive_buffer_bytes = 60000;
	farm.spec.tcp_profiles[WAN].name = "other";
	farm.spec.tcp_profiles[WAN].settings.receive_buffer_bytes = 30000;
	farm.spec.tcp_profiles[LAN].settings.receive_buffer_bytes = 5000;
	farm.spec.tcp_profile_count = 3;
	commit(&farm);
	expect_offers(&farm, 60000, 5000, "with changed profiles");

	farm.spec.servers[FARM_VS_STREAMS].tcp_profile = NULL;
	farm.spec.pools[FARM_STREAMS].tcp_profile = NULL;
	farm.spec.tcp_profiles[0].name = "another";
	farm.spec.tcp_profile_count = 1;
	commit(&farm);
	expect_offers(&farm, 60000, 5000, "without profiles");

	second = stream_client_new(farm.clients[0], &plan);
	world_run(world, 100 * MS, NULL, NULL);
	EXPECT(world, offered(&farm, farm.clients[0], 50 * MS) > 60000, "not the default");
	EXPECT(world, offered(&farm, farm.servers[0], 50 * MS) > 60000, "not the pool's default");
	EXPECT(world, world_run(world, 60 * SEC, stream_done, first), "the first has no end");
	EXPECT(world, world_run(world, 60 * SEC, stream_done, second), "the second has no end");
	farm_settle(&farm);
}
