/*
 * The usual arrangements.
 */
#include "test/sim/topo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/sim/switch.h"

#define STREAM_PORT 9000u
#define FARM_MBUFS  2047u /* of each host; a small pool is filled faster */

static struct world_link link_of(const struct cable *cable);
static void add_box(struct farm *farm, const struct farm_setup *setup);
static void add_clients(struct farm *farm, const struct farm_setup *setup);
static void add_servers(struct farm *farm, const struct farm_setup *setup);
static struct host *
add_host(struct farm *farm, struct net_switch *sw, const struct host_config *config);
static void fill_spec(struct farm *farm, const struct farm_setup *setup);

/* Texts that live as long as the process, as a configuration wants them. */
static char *
text(const char *format, unsigned number)
{
	char *out = malloc(48);

	ASSERT(out);
	snprintf(out, 48, format, number);
	return out;
}

static struct world_link
link_of(const struct cable *cable)
{
	return (struct world_link){
		.sim = { .delay_us = cable->delay_us ? cable->delay_us : 50,
			 .rate_bps = cable->rate_bps,
			 .queue_frames = cable->queue_frames ? cable->queue_frames : 2000,
			 .mtu_bytes = cable->mtu_bytes ? cable->mtu_bytes : 1500 },
		.fault_a = cable->fault,
	};
}

void
duo_make(struct duo *duo, struct world *world, const struct duo_setup *setup)
{
	struct world_link link = link_of(&setup->cable);
	struct host_config a = { .name = "a",
				 .v4 = "10.0.0.1/24",
				 .v6 = "fd00::1/64",
				 .mtu_bytes = setup->mtu_a,
				 .mbufs = setup->mbufs_a,
				 .claims = setup->claims_a,
				 .tcp = setup->tcp_a };
	struct host_config b = { .name = "b",
				 .v4 = "10.0.0.2/24",
				 .v6 = "fd00::2/64",
				 .mtu_bytes = setup->mtu_b,
				 .mbufs = setup->mbufs_b,
				 .claims = setup->claims_b,
				 .tcp = setup->tcp_b };
	struct port *end_a, *end_b;

	world_link(world, "a-b", "b-a", &link, &end_a, &end_b);
	*duo = (struct duo){ .world = world, .lossy = setup->cable.fault != NULL };
	duo->a = host_new(world, &a, end_a);
	duo->b = host_new(world, &b, end_b);
	duo->server = stream_server_new(duo->b, STREAM_PORT);
}

struct stream_client *
duo_start(struct duo *duo, struct stream_plan plan, bool v6)
{
	plan.to = host_endpoint(duo->b, v6, STREAM_PORT);
	return stream_client_new(duo->a, &plan);
}

void
duo_transfer(struct duo *duo, struct stream_plan plan, uint64_t within_us)
{
	duo_transfer_over(duo, plan, rng_below(&duo->world->rng, 2), within_us);
}

/* On a bad link a neighbour may not be found, which is no fault of TCP: those connections are made again. */
void
duo_transfer_over(struct duo *duo, struct stream_plan plan, bool v6, uint64_t within_us)
{
	uint32_t left = plan.conns ? plan.conns : 1;

	if (duo->lossy)
		plan.flags |= STREAM_MAY_FAIL;
	for (unsigned tries = 0; left > 0 && tries < 20; tries++) {
		const struct stream_result *result;
		struct stream_client *client;

		plan.conns = left;
		client = duo_start(duo, plan, v6);
		result = stream_result(client);
		EXPECT(duo->world, world_run(duo->world, within_us, stream_done, client),
		       "%u of %u connections done, %llu bytes up, %llu down", result->finished,
		       left, (unsigned long long)stream_server_result(duo->server)->bytes_up,
		       (unsigned long long)result->bytes_down);
		EXPECT(duo->world, result->failed == result->failed_by[TCP_CLOSE_UNREACHABLE],
		       "%u failed, %u reset, %u timed out, %u refused", result->failed,
		       result->failed_by[TCP_CLOSE_RESET], result->failed_by[TCP_CLOSE_TIMEOUT],
		       result->failed_by[TCP_CLOSE_REFUSED]);
		left -= result->finished;
		if (left)
			world_run(duo->world, 5 * SEC, NULL, NULL);
	}
	EXPECT(duo->world, left == 0, "%u connections never came about", left);
}

void
farm_make(struct farm *farm, struct world *world, const struct farm_setup *setup)
{
	*farm = (struct farm){ .world = world };
	farm->client_count = setup->clients ? setup->clients : 1;
	farm->server_count = setup->servers ? setup->servers : 3;
	ASSERT(farm->client_count <= FARM_CLIENTS_MAX && farm->server_count <= FARM_SERVERS_MAX);
	farm->lossy = setup->client_cable.fault || setup->server_cable.fault;
	farm->client_switch = switch_new(world, "sw0");
	farm->server_switch = setup->one_armed ? farm->client_switch : switch_new(world, "sw1");
	add_box(farm, setup);
	add_clients(farm, setup);
	add_servers(farm, setup);
	fill_spec(farm, setup);
	box_configure(farm->box, &farm->spec);
}

static void
add_box(struct farm *farm, const struct farm_setup *setup)
{
	struct world_link client_link = link_of(&setup->client_cable),
			  server_link = link_of(&setup->server_cable);
	struct port *ends[2], *other[2];

	if (setup->mtu_servers)
		server_link.sim.mtu_bytes = setup->mtu_servers;
	world_link(farm->world, "p0", "sw0-p0", &client_link, &ends[0], &other[0]);
	switch_attach(farm->client_switch, other[0]);
	if (!setup->one_armed) {
		world_link(farm->world, "p1", "sw1-p1", &server_link, &ends[1], &other[1]);
		switch_attach(farm->server_switch, other[1]);
	}
	farm->box = box_new(farm->world, &setup->box, ends, setup->one_armed ? 1 : 2);
	farm->box_ends[0] = farm->box->ports[0];
	farm->box_ends[1] = farm->box->ports[setup->one_armed ? 0 : 1];
}

/* Where a last word may be lost. */
static void
keep_alive(const struct farm *farm, struct tcp_settings *tcp)
{
	if (!farm->lossy || tcp->profile.keep_alive_idle_ms)
		return;
	tcp->profile.keep_alive_idle_ms = 60000;
	tcp->profile.keep_alive_interval_ms = 5000;
	tcp->profile.keep_alive_probes = 9;
}

static void
add_clients(struct farm *farm, const struct farm_setup *setup)
{
	for (uint32_t i = 0; i < farm->client_count; i++) {
		struct host_config config = { .name = text("c%u", i + 1),
					      .v4 = text("10.0.0.%u/24", i + 2),
					      .v6 = text("fd00::%x/64", i + 2),
					      .mbufs = setup->mbufs_hosts ? setup->mbufs_hosts
									  : FARM_MBUFS,
					      .tcp = setup->tcp_clients };

		if (!config.tcp.conns)
			config.tcp = host_tcp_settings();
		keep_alive(farm, &config.tcp);
		farm->clients[i] = add_host(farm, farm->client_switch, &config);
	}
}

static void
add_servers(struct farm *farm, const struct farm_setup *setup)
{
	for (uint32_t i = 0; i < farm->server_count; i++) {
		struct host_config config = { .name = text("s%u", i + 1),
					      .v4 = text("10.0.1.%u/24", i + 11),
					      .v6 = text("fd00:1::%u/64", i + 11),
					      .mtu_bytes = setup->mtu_servers,
					      .mbufs = setup->mbufs_hosts ? setup->mbufs_hosts
									  : FARM_MBUFS,
					      .vlan_tag = setup->one_armed ? FARM_TAG : 0,
					      .tcp = setup->tcp_servers };

		if (!config.tcp.conns) {
			config.tcp = host_tcp_settings();
			config.tcp.conns = 256;
		}
		keep_alive(farm, &config.tcp);
		farm->servers[i] = add_host(farm, farm->server_switch, &config);
		farm->web[i] = http_server_new(farm->servers[i], 80, config.name);
		farm->streams[i] = stream_server_new(farm->servers[i], STREAM_PORT);
	}
}

static struct host *
add_host(struct farm *farm, struct net_switch *sw, const struct host_config *config)
{
	struct cable cable = { .delay_us = 10, .mtu_bytes = (uint16_t)config->mtu_bytes };
	struct world_link link = link_of(&cable);
	struct port *end, *other;

	world_link(farm->world, config->name, text("sw-%u", farm->world->link_count), &link, &end,
		   &other);
	switch_attach(sw, other);
	return host_new(farm->world, config, end);
}

static void
fill_spec(struct farm *farm, const struct farm_setup *setup)
{
	struct gen_spec *spec = &farm->spec;
	uint32_t timeout = setup->idle_timeout_ms, web = setup->no_monitor ? GENERATION_NONE : 0;
	uint32_t n = farm->server_count;

	*spec = (struct gen_spec){
		.number = 1,
		.ports = { { .name = "p0", .mtu_bytes = 1500 },
			   { .name = "p1",
			     .mtu_bytes = setup->mtu_servers ? setup->mtu_servers : 1500 } },
		.port_count = 2,
		.addresses = { { "10.0.0.1/24", 0 },
			       { "fd00::1/64", 0 },
			       { "10.0.1.1/24", 1 },
			       { "fd00:1::1/64", 1 } },
		.address_count = 4,
		.routes = { { .to = "0.0.0.0/0", .via = "10.0.0.2", .port = 0 },
			    { .to = "::/0", .via = "fd00::2", .port = 0 } },
		.route_count = 2,
		.monitors = { { .name = "web-up",
				.path = "/",
				.type = GEN_MONITOR_HTTP,
				.interval_ms = 1000,
				.timeout_ms = 500,
				.fall = 2,
				.rise = 2 } },
		.monitor_count = 1,
		.pools = { { .name = "web", .monitor = web, .members = n },
			   { .name = "streams", .monitor = GENERATION_NONE, .members = n },
			   { .name = "web6", .monitor = web, .members = n },
			   { .name = "streams6", .monitor = GENERATION_NONE, .members = n } },
		.pool_count = 4,
		.member_count = 4 * n,
		.servers = { { "www", "10.0.0.100", 80, GEN_VS_HTTP, 0, timeout, NULL },
			     { "streams", "10.0.0.101", 80, GEN_VS_TCP, 1, timeout, NULL },
			     { "www6", "fd00::100", 80, GEN_VS_HTTP, 2, timeout, NULL },
			     { "streams6", "fd00::101", 80, GEN_VS_TCP, 3, timeout, NULL } },
		.server_count = 4,
	};
	if (setup->one_armed) {
		spec->ports[1].name = "v101";
		spec->ports[1].tag = FARM_TAG;
	}
	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t pool = 0; pool < 4; pool++) {
			spec->members[pool * n + i].address =
			    text(pool < 2 ? "10.0.1.%u" : "fd00:1::%u", i + 11);
			spec->members[pool * n + i].port = pool % 2 ? STREAM_PORT : 80;
		}
	}
}

struct endpoint
farm_endpoint(enum farm_vs vs)
{
	static const char *const addresses[] = { "10.0.0.100", "10.0.0.101", "fd00::100",
						 "fd00::101" };
	struct endpoint endpoint = { .port = 80 };

	ASSERT(addr_parse(addresses[vs], &endpoint.addr));
	return endpoint;
}

static bool
all_up(void *arg)
{
	struct farm *farm = arg;

	for (uint32_t i = 0; i < farm->server_count; i++)
		if (box_health(farm->box, i) != HEALTH_UP)
			return false;
	return true;
}

void
farm_wait_up(struct farm *farm)
{
	EXPECT(farm->world, world_run(farm->world, 10 * SEC, all_up, farm),
	       "the monitors do not find the servers up");
}

static bool
box_at_rest(void *arg)
{
	struct box *box = arg;
	char why[WORLD_WHY_BYTES];

	return box->node.ops->quiet(&box->node, why, sizeof why);
}

void
farm_settle(struct farm *farm)
{
	box_retire(farm->box, &farm->spec);
	EXPECT(farm->world, world_run(farm->world, 400 * SEC, box_at_rest, farm->box),
	       "the box is busy for ever");
	/* Keep-alive of hosts drawn at random may take its time. */
	world_settle(farm->world, farm->lossy ? 10000 * SEC : 400 * SEC);
}
