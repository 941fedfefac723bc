/*
 * Stories of how connections end that a box relays: who closes first, who waits, who resets, who vanishes. After each
 * order nothing of them is left in the box, in no pool.
 */
#include "test/sim/stories.h"

#define PARALLEL 50u

static const struct {
	const char *what;
	uint32_t flags;
} orders[] = {
	{ "the client first", STREAM_CLIENT_FIRST },
	{ "the server first", STREAM_SERVER_FIRST },
	{ "both at once", 0 },
	{ "half-closed by the client, the answer follows",
	  STREAM_CLIENT_FIRST | STREAM_SERVER_LATE },
	{ "half-closed by the server, the request follows",
	  STREAM_SERVER_FIRST | STREAM_CLIENT_LATE },
	{ "reset by the client", STREAM_ABORT | STREAM_MAY_FAIL },
	{ "reset by the server", STREAM_SERVER_ABORT | STREAM_SERVER_LATE | STREAM_MAY_FAIL },
};

static bool
is_empty(void *arg)
{
	struct box *box = arg;

	return box_open_sessions(box) == 0 && box_open_conns(box) == 0 &&
	       world_pool_out(box->mbufs) == 0;
}

/* TIME-WAIT included, which lasts half a minute. */
static void
balances(struct farm *farm, const char *what)
{
	struct box *box = farm->box;

	EXPECT(farm->world, world_run(farm->world, 200 * SEC, is_empty, box),
	       "%s: %u sessions, %u connections and %u buffers are left", what,
	       box_open_sessions(box), box_open_conns(box), world_pool_out(box->mbufs));
	EXPECT(farm->world, box_counter(box, COUNTER_tcp_conns_open) == 0, "%s: the gauge", what);
}

static void
close_in_order(struct farm *farm, const char *what, uint32_t flags, uint32_t conns)
{
	struct stream_plan plan = { .to = farm_endpoint(FARM_VS_STREAMS),
				    .up_bytes = 3000,
				    .down_bytes = 5000,
				    .flags = flags,
				    .conns = conns,
				    .parallel = PARALLEL };
	struct stream_client *client = stream_client_new(farm->clients[0], &plan);
	const struct stream_result *result = stream_result(client);
	uint32_t resets;

	EXPECT(farm->world, world_run(farm->world, 600 * SEC, stream_done, client),
	       "%s: %u of %u ended", what, result->finished + result->failed, conns);
	resets = result->failed_by[TCP_CLOSE_RESET];
	if (flags & STREAM_SERVER_ABORT)
		EXPECT(farm->world, resets == conns, "%s: the client saw %u resets", what, resets);
	else
		EXPECT(farm->world, result->finished == conns, "%s: %u of %u finished", what,
		       result->finished, conns);
	balances(farm, what);
}

/* All are open and idle when the client's power fails. */
static void
abandon(struct farm *farm, const char *what, uint32_t conns)
{
	struct stream_plan plan = { .to = farm_endpoint(FARM_VS_STREAMS),
				    .flags = STREAM_SILENT | STREAM_MAY_FAIL,
				    .conns = conns,
				    .parallel = conns,
				    .gap_us = 100 };

	stream_client_new(farm->clients[0], &plan);
	world_run(farm->world, conns * 100 + 500 * MS, NULL, NULL);
	EXPECT(farm->world, box_open_sessions(farm->box) == conns, "%s: %u sessions of %u", what,
	       box_open_sessions(farm->box), conns);
	host_power_off(farm->clients[0]);
	balances(farm, what);
	host_reboot(farm->clients[0]);
}

static void
close_orders(struct world *world, uint32_t conns)
{
	struct farm_setup setup = {
		.servers = 2,
		.no_monitor = true,
		.client_cable = { .delay_us = 500 },
		.idle_timeout_ms = 20000,
		.mbufs_hosts = 8191,
		.box = { .mbufs = 16383, .sessions = conns + 24, .tcp = box_tcp_settings() },
		.tcp_clients = host_tcp_settings(),
		.tcp_servers = host_tcp_settings()
	};
	struct farm farm;

	setup.box.tcp.conns = 4 * conns + 100;
	setup.tcp_clients.conns = setup.tcp_servers.conns = 2 * conns + 100;
	farm_make(&farm, world, &setup);
	world_run(world, SEC, NULL, NULL);
	for (unsigned i = 0; i < ARRAY_SIZE(orders); i++)
		close_in_order(&farm, orders[i].what, orders[i].flags, conns);
	abandon(&farm, "abandoned, with an idle timeout", conns);

	farm.spec.number++;
	farm.spec.tcp_profiles[0].name = "watched";
	farm.spec.tcp_profiles[0].settings.keep_alive_idle_ms = 5000;
	farm.spec.tcp_profiles[0].settings.keep_alive_interval_ms = 1000;
	farm.spec.tcp_profiles[0].settings.keep_alive_probes = 3;
	farm.spec.tcp_profile_count = 1;
	farm.spec.servers[FARM_VS_STREAMS].tcp_profile = "watched";
	farm.spec.servers[FARM_VS_STREAMS].idle_timeout_ms = 3600000;
	box_configure(farm.box, &farm.spec);
	world_run(world, SEC, NULL, NULL);
	abandon(&farm, "abandoned, with keep-alive", conns);
	EXPECT(world, box_counter(farm.box, COUNTER_tcp_keep_alive_timeouts) == conns,
	       "%llu ended by keep-alive",
	       (unsigned long long)box_counter(farm.box, COUNTER_tcp_keep_alive_timeouts));
	EXPECT(world, box_counter(farm.box, COUNTER_tcp_keep_alives_sent) == 3 * conns,
	       "%llu probes",
	       (unsigned long long)box_counter(farm.box, COUNTER_tcp_keep_alives_sent));
	close_in_order(&farm, "and as ever afterwards", 0, PARALLEL);
	farm_settle(&farm);
}

void
story_box_close_orders(struct world *world)
{
	close_orders(world, 50);
}

void
story_box_close_orders_1000(struct world *world)
{
	close_orders(world, 1000);
}
