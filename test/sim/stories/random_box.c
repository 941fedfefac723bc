/*
 * A box drawn at random for the soak: clients, members, faults on both sides, and things that happen meanwhile. Requests may
 * fail; wrong bytes, leaks, connections that never end and requests begun twice may not.
 */
#include "test/sim/stories/random.h"

#include "test/sim/switch.h"

#define HTTP_CLIENTS 5u
#define STREAMS      3u
#define EVENTS       12u
#define WORKERS_MAX  4u

struct drama {
	struct world *world;
	struct farm farm;
	struct http_client *http[HTTP_CLIENTS];
	struct stream_client *streams[STREAMS];
	struct adversary *foe; /* NULL: none */
	uint32_t http_count, stream_count;
	uint64_t number; /* of the generation */
};

static void set_up(struct drama *drama);
static void draw_workers(struct world *world, struct box_config *box);
static void draw_ends(struct world *world, struct http_server_manners *manners);
static void draw_balancing(struct world *world, struct gen_spec *spec);
static void add_foe(struct drama *drama);
static struct http_plan draw_http(struct world *world);
static void something_happens(struct drama *drama);
static void member_event(struct drama *drama, uint32_t server);
static void draw_manners(struct world *world, struct http_server_manners *manners);
static void new_generation(struct drama *drama);
static bool all_done(void *arg);

void
random_box(struct world *world)
{
	static struct drama drama;
	uint32_t events = one_in(world, 3) ? 0 : (uint32_t)between(world, 1, EVENTS);

	drama.world = world;
	set_up(&drama);
	if (one_in(world, 3))
		add_foe(&drama);
	if (one_in(world, 2))
		world_run(world, between(world, 0, 5 * SEC), NULL, NULL);
	while (events-- > 0 && !world_run(world, between(world, 1, 3 * SEC), all_done, &drama))
		something_happens(&drama);
	for (uint32_t i = 0; i < drama.farm.server_count; i++)
		if (drama.farm.servers[i]->node.off)
			host_reboot(drama.farm.servers[i]);
	EXPECT(world, world_run(world, 24 * HOUR, all_done, &drama), "a client has no end");
	for (uint32_t i = 0; i < drama.http_count; i++)
		http_client_stop(drama.http[i]);
	if (drama.foe)
		adversary_stop(drama.foe);
	farm_settle(&drama.farm);
}

static void
set_up(struct drama *drama)
{
	static char faults[2][200];
	struct world *world = drama->world;
	struct executions *book = executions_new(world);
	struct farm_setup setup = { .clients = (uint32_t)between(world, 1, 3),
				    .servers = (uint32_t)between(world, 1, 4) };

	draw_faults(world, faults[0], sizeof faults[0]);
	draw_faults(world, faults[1], sizeof faults[1]);
	setup.client_cable =
	    (struct cable){ .delay_us = (uint32_t)between(world, 1, 30000),
			    .rate_bps = one_in(world, 2) ? 0 : between(world, 5000000, 1000000000),
			    .queue_frames = (uint32_t)between(world, 30, 1000),
			    .fault = faults[0] };
	setup.server_cable = (struct cable){ .delay_us = (uint32_t)between(world, 1, 1000),
					     .fault = one_in(world, 2) ? faults[1] : NULL };
	setup.idle_timeout_ms = (uint32_t)between(world, 3000, 60000);
	setup.no_monitor = one_in(world, 4);
	setup.tcp_clients = draw_tcp(world);
	setup.tcp_servers = draw_tcp(world);
	setup.tcp_servers.conns = 256;
	setup.box.tcp = box_tcp_settings();
	setup.box.tcp.profile = draw_tcp(world).profile;
	setup.box.claims[0] = draw_claims(world);
	setup.box.claims[1] = draw_claims(world);
	draw_workers(world, &setup.box);
	if (one_in(world, 4))
		setup.box.mbufs = (uint32_t)between(world, 700, 3000);
	if (one_in(world, 4))
		setup.box.sessions = (uint32_t)between(world, 4, 30);
	farm_make(&drama->farm, world, &setup);
	for (uint32_t i = 0; i < setup.servers; i++) {
		struct http_server_manners *manners = http_server_manners(drama->farm.web[i]);

		manners->executions = book;
		if (one_in(world, 2))
			draw_ends(world, manners);
	}
	draw_balancing(world, &drama->farm.spec);
	drama->number = 2;
	drama->farm.spec.number = drama->number;
	box_configure(drama->farm.box, &drama->farm.spec);
	drama->http_count = (uint32_t)between(world, 1, HTTP_CLIENTS);
	drama->stream_count = (uint32_t)between(world, 0, STREAMS);
	for (uint32_t i = 0; i < drama->http_count; i++) {
		struct http_plan plan = draw_http(world);

		drama->http[i] = http_client_new(drama->farm.clients[i % setup.clients], &plan);
	}
	for (uint32_t i = 0; i < drama->stream_count; i++) {
		struct stream_plan plan = draw_stream(world);

		plan.to = farm_endpoint(one_in(world, 2) ? FARM_VS_STREAMS : FARM_VS_STREAMS6);
		plan.flags |= STREAM_MAY_FAIL;
		if (one_in(world, 8))
			plan.flags |= STREAM_ABORT;
		drama->streams[i] =
		    stream_client_new(drama->farm.clients[i % setup.clients], &plan);
	}
}

/* Who runs the soak may want a number of his own (--workers). A card spreads flows over all of them, or none. */
static void
draw_workers(struct world *world, struct box_config *box)
{
	uint32_t workers = (uint32_t)between(world, 1, WORKERS_MAX);

	if (world->box_workers)
		workers = world->box_workers;
	box->workers = workers;
	for (unsigned i = 0; i < 2; i++) {
		box->claims[i].queues = one_in(world, 2) ? (uint16_t)workers : 1;
		box->claims[i].in_turn = one_in(world, 2);
		box->claims[i].hashes_wrong = one_in(world, 8);
	}
}

static void
draw_ends(struct world *world, struct http_server_manners *manners)
{
	manners->ends = (uint32_t)between(world, 1, HTTP_END_ALL);
	manners->ends_after_us = between(world, 1, one_in(world, 2) ? 200 * MS : 10 * MS);
	manners->mid_request = one_in(world, 2);
	manners->drops_ppm = one_in(world, 3) ? 100000 : 0;
}

static void
draw_balancing(struct world *world, struct gen_spec *spec)
{
	for (uint32_t i = 0; i < spec->pool_count; i++) {
		spec->pools[i].method = (enum gen_method)rng_below(&world->rng, GEN_METHOD_COUNT);
		spec->pools[i].keep_none = one_in(world, 8);
		spec->pools[i].keep_idle_max = (uint32_t)between(world, 0, 5);
		spec->pools[i].keep_idle_timeout_ms = (uint32_t)between(world, 100, 3000);
	}
	for (uint32_t i = 0; i < spec->member_count; i++) {
		spec->members[i].weight = (uint32_t)between(world, 1, one_in(world, 2) ? 3 : 1000);
		spec->members[i].backup = one_in(world, 5);
		if (one_in(world, 4))
			spec->members[i].connection_limit = (uint32_t)between(world, 1, 10);
	}
}

/* Among the clients; or in place of the first member, whatever its pool is. */
static void
add_foe(struct drama *drama)
{
	struct world *world = drama->world;
	struct farm *farm = &drama->farm;
	bool member = one_in(world, 3), http = one_in(world, 2);
	struct adversary_plan plan = draw_foe(world, http);
	struct world_link link = { .sim = { .delay_us = (uint32_t)between(world, 1, 5000),
					    .queue_frames = 4000,
					    .mtu_bytes = 1500 } };
	struct port *end, *other;
	struct port_info info;

	for (uint32_t i = 0; i < farm->server_count; i++)
		stream_server_tolerate(farm->streams[i], 0);
	plan.to = farm_endpoint(http               ? one_in(world, 2) ? FARM_VS_WEB : FARM_VS_WEB6
				: one_in(world, 2) ? FARM_VS_STREAMS
						   : FARM_VS_STREAMS6);
	if (member)
		plan.conns = 0;
	world_link(world, "adv", "sw-adv", &link, &end, &other);
	switch_attach(member ? farm->server_switch : farm->client_switch, other);
	port_info(farm->box->ports[member], &info);
	drama->foe = adversary_new(world, "adv", end, member ? "10.0.1.66" : "10.0.0.66",
				   member ? "fd00:1::66" : "fd00::66", info.mac, &plan);
	if (!member)
		return;
	farm->spec.members[0].address = "10.0.1.66";
	farm->spec.number = ++drama->number;
	box_configure(farm->box, &farm->spec);
}

static struct http_plan
draw_http(struct world *world)
{
	uint32_t versions =
	    one_in(world, 5) ? HTTP_MIX_10 | (one_in(world, 2) ? HTTP_MIX_10_KEEP : 0u) : 0u;
	uint64_t most = one_in(world, 4) ? MB : 30 * KB;

	return (struct http_plan){
		.to = farm_endpoint(one_in(world, 2) ? FARM_VS_WEB : FARM_VS_WEB6),
		.mix = (rng_below(&world->rng, 512) & ~(uint32_t)(HTTP_MIX_10 | HTTP_MIX_10_KEEP)) |
		       versions,
		.conns = (uint32_t)between(world, 1, 20),
		.parallel = (uint32_t)between(world, 1, 6),
		.requests = (uint32_t)between(world, 1, 20),
		.down_max = between(world, 0, most),
		.up_max = between(world, 0, most),
		.read = draw_pace(world),
		.write = draw_pace(world),
		.think_us = one_in(world, 2) ? between(world, 0, 200 * MS) : 0,
		.start_us = between(world, 0, 2 * SEC),
		.abort_ppm = one_in(world, 4) ? 100000 : 0,
		.may_fail = true,
	};
}

static bool
all_done(void *arg)
{
	const struct drama *drama = arg;

	for (uint32_t i = 0; i < drama->http_count; i++)
		if (!http_client_done(drama->http[i]))
			return false;
	for (uint32_t i = 0; i < drama->stream_count; i++)
		if (!stream_done(drama->streams[i]))
			return false;
	return true;
}

static void
something_happens(struct drama *drama)
{
	struct world *world = drama->world;
	struct port *end = drama->farm.box_ends[rng_below(&world->rng, 2)];

	switch (rng_below(&world->rng, 5)) {
	case 0:
	case 1:
		member_event(drama, rng_below(&world->rng, drama->farm.server_count));
		break;
	case 2:
		new_generation(drama);
		break;
	case 3:
		world_stall(&drama->farm.box->node, between(world, 1, 3 * SEC));
		break;
	default:
		world_link_set(world, end, false);
		world_run(world, between(world, 1, 4 * SEC), NULL, NULL);
		world_link_set(world, end, true);
		break;
	}
}

static void
member_event(struct drama *drama, uint32_t server)
{
	struct world *world = drama->world;
	struct host *host = drama->farm.servers[server];

	if (host->node.off) {
		host_reboot(host);
		return;
	}
	switch (rng_below(&world->rng, 4)) {
	case 0:
		host_power_off(host);
		break;
	case 1:
		http_server_listen(drama->farm.web[server], one_in(world, 2));
		break;
	default:
		draw_manners(world, http_server_manners(drama->farm.web[server]));
		break;
	}
}

static void
draw_manners(struct world *world, struct http_server_manners *manners)
{
	*manners = (struct http_server_manners){
		.executions = manners->executions,
		.probes_fail = one_in(world, 8),
		.stall = one_in(world, 10),
		.garbage = one_in(world, 10),
		.closes_early = one_in(world, 8),
		.answers_early = one_in(world, 8),
		.close_after = one_in(world, 3) ? (uint32_t)between(world, 1, 5) : 0,
		.announces_close = one_in(world, 2),
		.read = draw_pace(world),
		.write = draw_pace(world),
	};
	if (one_in(world, 2))
		draw_ends(world, manners);
}

/* Pools lose their last members or get them back. */
static void
new_generation(struct drama *drama)
{
	struct gen_spec spec = drama->farm.spec;
	uint32_t n = drama->farm.server_count, keep = (uint32_t)between(drama->world, 1, n),
		 out = 0;

	for (uint32_t pool = 0; pool < spec.pool_count; pool++) {
		for (uint32_t i = 0; i < keep; i++)
			spec.members[out++] = drama->farm.spec.members[pool * n + i];
		spec.pools[pool].members = keep;
	}
	spec.member_count = out;
	spec.number = ++drama->number;
	box_configure(drama->farm.box, &spec);
}
