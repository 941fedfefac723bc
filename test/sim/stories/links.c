/*
 * Stories of the links that a box is on: who else has its addresses there, and who leads further.
 */
#include "test/sim/stories.h"

#include <stdio.h>
#include <stdlib.h>

#include "test/sim/raw.h"
#include "test/sim/router.h"
#include "test/sim/switch.h"

#define FAR_HOSTS 4u
#define GATEWAYS  2u

static struct port *
attach(struct world *world, struct net_switch *sw, const char *name)
{
	struct world_link link = { .sim = {
				       .delay_us = 10, .queue_frames = 1000, .mtu_bytes = 1500 } };
	struct port *end, *other;
	char far[PORT_NAME_BYTES];

	snprintf(far, sizeof far, "sw-%s", name);
	world_link(world, name, far, &link, &end, &other);
	switch_attach(sw, other);
	return end;
}

static bool
is_duplicate(void *arg)
{
	return box_counter(arg, COUNTER_own_addresses_duplicate) > 0;
}

static bool
has_no_duplicate(void *arg)
{
	return !is_duplicate(arg);
}

/*
 * The line to the clients is plugged in late, and one of them has the web server's address: it is asked then, and the
 * address rests until the other one is gone.
 */
void
story_links_address_taken(struct world *world)
{
	struct http_client *client;
	struct port_info info;
	struct farm farm;
	struct raw *raw;

	farm_make(&farm, world, &(struct farm_setup){ .no_monitor = true });
	world_link_set(world, farm.box_ends[0], false);
	world_run(world, 10 * SEC, NULL, NULL);
	port_info(farm.box->ports[0], &info);
	raw = raw_new(world, "raw", attach(world, farm.client_switch, "raw"), "10.0.0.100",
		      "fd00::50", info.mac);
	world_link_set(world, farm.box_ends[0], true);
	worker_link_up(farm.box->workers[0], 0);
	EXPECT(world, world_run(world, 4 * SEC, is_duplicate, farm.box), "nobody has asked");
	raw->node.off = true;
	EXPECT(world, world_run(world, 90 * SEC, has_no_duplicate, farm.box),
	       "the address is never taken back");
	client = http_client_new(
	    farm.clients[0],
	    &(struct http_plan){ .to = farm_endpoint(FARM_VS_WEB), .conns = 2, .requests = 2 });
	EXPECT(world, world_run(world, 10 * SEC, http_client_done, client), "no end");
	EXPECT(world, http_client_result(client)->right == 4, "%llu right",
	       (unsigned long long)http_client_result(client)->right);
	/* which is no reason to give it up now */
	raw->node.off = false;
	worker_link_up(farm.box->workers[0], 0);
	world_run(world, 8 * SEC, NULL, NULL);
	EXPECT(world, !is_duplicate(farm.box), "given up");
	EXPECT(world, box_counter(farm.box, COUNTER_own_addresses_defended) > 0, "not defended");
	raw->node.off = true;
	farm_settle(&farm);
}

/*
 * Hosts far away: their packets come by a router of their own, the answers go by either of two gateways, to which each has a line
 * that may be cut.
 */
struct remote {
	struct farm farm;
	struct net_switch *far_switch;
	struct router *in, *gateways[GATEWAYS];
	struct port *lines[GATEWAYS];
	struct host *hosts[FAR_HOSTS];
	struct stream_client *clients[FAR_HOSTS][2];
};

static char *
text(const char *format, unsigned number)
{
	char *out = malloc(48);

	ASSERT(out);
	snprintf(out, 48, format, number);
	return out;
}

/* Between the clients' network and the far one, with address number there and here; answers its line to the clients' network. */
static struct router *
add_router(struct remote *remote, unsigned number, struct port **line)
{
	struct world *world = remote->farm.world;
	struct router *router = router_new(world, text("r%u", number));

	*line = attach(world, remote->farm.client_switch, text("r%u-here", number));
	router_attach(router, *line, text("10.0.0.%u/24", number), text("fd00::%u/64", number));
	router_attach(router, attach(world, remote->far_switch, text("r%u-far", number)),
		      text("10.9.0.%u/24", number), text("fd09::%u/64", number));
	return router;
}

static void
add_host(struct remote *remote, unsigned i)
{
	struct host_config config = { .name = text("far%u", i),
				      .v4 = text("10.9.0.%u/24", i + 2),
				      .v6 = text("fd09::%u/64", i + 2),
				      .gateway4 = "10.9.0.50",
				      .gateway6 = "fd09::50",
				      .tcp = host_tcp_settings() };
	struct host *host;
	struct port_info info;

	config.tcp.profile.keep_alive_idle_ms = 60000;
	config.tcp.profile.keep_alive_interval_ms = 5000;
	config.tcp.profile.keep_alive_probes = 9;
	host = host_new(remote->farm.world, &config,
			attach(remote->farm.world, remote->far_switch, config.name));
	port_info(host->port, &info);
	for (unsigned g = 0; g < GATEWAYS; g++) {
		router_neighbour(remote->gateways[g], 1, &host->v4, info.mac);
		router_neighbour(remote->gateways[g], 1, &host->v6, info.mac);
	}
	remote->hosts[i] = host;
}

static void
remote_make(struct remote *remote, struct world *world, uint32_t workers)
{
	static const enum farm_vs servers[] = { FARM_VS_STREAMS, FARM_VS_STREAMS6 };
	struct port *line;
	struct port_info info;

	farm_make(&remote->farm, world,
		  &(struct farm_setup){ .box.workers = workers, .no_monitor = true });
	remote->farm.lossy = true;
	remote->far_switch = switch_new(world, "sw-far");
	remote->in = add_router(remote, 50, &line);
	for (unsigned g = 0; g < GATEWAYS; g++)
		remote->gateways[g] = add_router(remote, 51 + g, &remote->lines[g]);
	port_info(remote->farm.box->ports[0], &info);
	for (unsigned v6 = 0; v6 < 2; v6++) {
		struct addr server = farm_endpoint(servers[v6]).addr;

		router_neighbour(remote->in, 0, &server, info.mac);
	}
	remote->farm.spec.number++;
	remote->farm.spec.routes[0].via = "10.0.0.51";
	remote->farm.spec.routes[0].via_too = "10.0.0.52";
	remote->farm.spec.routes[1].via = "fd00::51";
	remote->farm.spec.routes[1].via_too = "fd00::52";
	box_configure(remote->farm.box, &remote->farm.spec);
	for (unsigned i = 0; i < FAR_HOSTS; i++) {
		add_host(remote, i);
		for (unsigned v6 = 0; v6 < 2; v6++)
			remote->clients[i][v6] = stream_client_new(
			    remote->hosts[i],
			    &(struct stream_plan){ .to = farm_endpoint(servers[v6]),
						   .up_bytes = 2 * KB,
						   .down_bytes = 10 * KB,
						   .conns = 400,
						   .parallel = 8,
						   .gap_us = 500 * MS,
						   .flags = STREAM_MAY_FAIL });
	}
}

/* All that goes on does so by the gateways whose lines are not cut. */
static void
expect_progress(struct remote *remote, const char *when)
{
	struct world *world = remote->farm.world;
	uint32_t before[FAR_HOSTS][2];

	for (unsigned i = 0; i < FAR_HOSTS; i++)
		for (unsigned v6 = 0; v6 < 2; v6++)
			before[i][v6] = stream_result(remote->clients[i][v6])->finished;
	world_run(world, 6 * SEC, NULL, NULL);
	for (unsigned i = 0; i < FAR_HOSTS; i++)
		for (unsigned v6 = 0; v6 < 2; v6++)
			EXPECT(world,
			       stream_result(remote->clients[i][v6])->finished >= before[i][v6] + 5,
			       "host %u stands still over %s, %s", i, v6 ? "IPv6" : "IPv4", when);
}

static void
cut(struct remote *remote, bool first, bool second)
{
	world_link_set(remote->farm.world, remote->lines[0], !first);
	world_link_set(remote->farm.world, remote->lines[1], !second);
	/* five seconds until it is noticed, and retransmissions have become rare by then */
	world_run(remote->farm.world, 14 * SEC, NULL, NULL);
}

static void
play_gateways(struct world *world, uint32_t workers)
{
	struct remote remote = { 0 };

	remote_make(&remote, world, workers);
	world_run(world, 2 * SEC, NULL, NULL);
	expect_progress(&remote, "with both gateways");
	cut(&remote, true, false);
	expect_progress(&remote, "without the first");
	cut(&remote, false, true);
	expect_progress(&remote, "without the second, when the first is back");
	cut(&remote, true, true);
	EXPECT(world, workers == 1 || box_counter(remote.farm.box, COUNTER_resolutions_failed) > 0,
	       "no other worker was told");
	cut(&remote, true, false);
	expect_progress(&remote, "when only the second is back");
	cut(&remote, false, false);
	expect_progress(&remote, "when both are back");
	for (unsigned i = 0; i < FAR_HOSTS; i++)
		host_power_off(remote.hosts[i]);
	farm_settle(&remote.farm);
}

void
story_links_gateways(struct world *world)
{
	play_gateways(world, 1);
}

void
story_links_gateways_workers(struct world *world)
{
	play_gateways(world, 2);
}
