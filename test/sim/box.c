/*
 * The box as a node.
 */
#include "test/sim/box.h"

#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/handoff.h"
#include "dataplane/places.h"
#include "test/sim/nic.h"
#include "test/sim/watch.h"

static void add_workers(struct box *box, struct worker_setup *setup);
static bool box_turn(struct node *node, uint64_t now_us);
static void control(const struct box *box, bool begins);
static bool turn_worker(const struct box *box, uint32_t index, uint64_t now_us);
static void free_views(struct box *box);
static uint64_t box_next_us(struct node *node, uint64_t now_us);
static void box_check(struct node *node, uint64_t now_us);
static void check_places(const struct box *box);
static bool box_quiet(struct node *node, char *why, unsigned why_bytes);
static void name_conns(const struct tcp *tcp, char *why, unsigned why_bytes);
static void box_tally(struct node *node);
static void name_port(struct port *port, const char *name);

static const struct node_ops box_ops = {
	.turn = box_turn,
	.next_us = box_next_us,
	.check = box_check,
	.quiet = box_quiet,
	.tally = box_tally,
};

struct tcp_settings
box_tcp_settings(void)
{
	struct tcp_settings settings = tcp_settings_default;

	settings.conns = 512;
	settings.half_open_max = 128;
	settings.time_wait_us = 2000000;
	return settings;
}

struct box *
box_new(struct world *world, const struct box_config *config, struct port *const *ends,
	uint32_t count)
{
	struct box *box = calloc(1, sizeof *box);
	struct worker_setup setup = { .workers = config->workers      ? config->workers
						 : world->box_workers ? world->box_workers
								      : 1,
				      .port_count = count };

	ASSERT(box && count <= BOX_PORTS_MAX && setup.workers <= BOX_WORKERS_MAX);
	world_add(world, &box->node, "box", &box_ops);
	box->node.check_every = 16;
	box->mbufs = world_pool(world, "box", config->mbufs ? config->mbufs : 8191);
	box->stats = world_pages(sizeof *box->stats);
	box->health = world_pages(sizeof *box->health);
	box->stats->workers = setup.workers;
	for (uint32_t i = 0; i < count; i++) {
		box->ports[i] = nic_new(&box->node, world_claim(world, ends[i], &config->claims[i]),
					box->mbufs);
		name_port(box->ports[i], (const char *[]){ "p0", "p1", "p2", "p3" }[i]);
	}
	box->port_count = count;
	setup.sessions = config->sessions ? config->sessions : 256;
	setup.tcp = config->tcp.conns ? config->tcp : box_tcp_settings();
	box->tcp = setup.tcp;
	box->tcp.profile.keep_alive_idle_ms = 0; /* as each virtual server's profile says */
	setup.mbufs = box->mbufs;
	setup.ports = box->ports;
	setup.stats = box->stats;
	setup.health = box->health;
	box->neighbours = world_pages(neighbour_table_bytes());
	setup.neighbours = neighbour_table_init(box->neighbours, 1);
	setup.key = (struct siphash_key){ world_seed(world), world_seed(world) };
	setup.seed = world_seed(world);
	setup.unix_offset_us = UINT64_C(1790000000) * SEC;
	add_workers(box, &setup);
	return box;
}

/* As the control thread makes them. */
static void
add_workers(struct box *box, struct worker_setup *setup)
{
	struct world *world = box->node.world;

	box->places = setup->places = world_pages(sizeof *box->places);
	if (setup->workers > 1) {
		size_t bytes = handoff_memory_bytes(setup->workers);

		rng_init(&box->turns, world_seed(world));
		box->handoff = handoff_init(world_pages(bytes), setup->workers);
		setup->handoff = box->handoff;
	}
	for (setup->index = 0; setup->index < setup->workers; setup->index++) {
		struct worker *worker = worker_create(setup, node_now_us(&box->node));

		if (!worker)
			world_fail(world, "no memory for worker %u", setup->index);
		box->workers[box->worker_count] = worker;
		box->watch[box->worker_count++] = watch_new(setup->tcp.conns);
		setup->seed++;
	}
}

static void
name_port(struct port *port, const char *name)
{
	snprintf(port->name, sizeof port->name, "%s", name);
}

void
box_configure(struct box *box, const struct gen_spec *spec)
{
	struct view_devices devices = { .ports = box->ports, .count = box->port_count };
	struct world *world = box->node.world;
	struct config_view *view;
	struct generation *gen;
	char why[200] = "";
	size_t size_bytes;

	gen = gen_build(spec, &size_bytes);
	control(box, true);
	if (config_view_make(gen, size_bytes, &devices, box->stats, box->health, &view, why,
			     sizeof why))
		world_fail(world, "the box refuses its configuration: %s", why);
	ASSERT(box->view_count < BOX_VIEWS_MAX);
	box->views[box->view_count++] = view;
	box->health_claimed = true;
	world_event(world, EVENT_generation, 1);
	for (uint32_t w = 0; w < box->worker_count; w++)
		worker_offer_view(box->workers[w], view);
	control(box, false);
	box->node.not_before_us = 0;
}

void
box_retire(struct box *box, const struct gen_spec *spec)
{
	struct gen_spec empty = *spec;

	empty.number = spec->number + 1000;
	empty.monitor_count = empty.pool_count = empty.member_count = empty.server_count = 0;
	box_configure(box, &empty);
}

void
box_destroy(struct box *box)
{
	box_tally(&box->node);
	for (uint32_t w = 0; w < box->worker_count; w++)
		worker_destroy(box->workers[w]);
	if (box->handoff)
		handoff_fini(box->handoff);
	box->node.off = true;
	EXPECT(box->node.world, world_pool_out(box->mbufs) == 0, "%u packet buffers are lost",
	       world_pool_out(box->mbufs));
}

static bool
box_turn(struct node *node, uint64_t now_us)
{
	struct box *box = (struct box *)node;
	uint32_t count = box->worker_count, order[BOX_WORKERS_MAX];
	bool moved = false;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = count > 1 ? rng_below(&box->turns, i + 1) : 0;

		order[i] = order[at];
		order[at] = i;
	}
	if (count > 1 && rng_chance(&box->turns, 250000))
		count = 1 + rng_below(&box->turns, count);
	for (uint32_t i = 0; i < count; i++)
		if (now_us >= box->rests_until_us[order[i]])
			moved |= turn_worker(box, order[i], now_us);
	if (now_us - box->watched_us > 100) {
		uint32_t out = world_pool_out(box->mbufs);

		box->mbufs_used_max = max_u64(box->mbufs_used_max, out);
		box->watched_us = now_us;
	}
	if (box->health_claimed) {
		control(box, true);
		free_views(box);
		control(box, false);
	}
	return moved;
}

static void
control(const struct box *box, bool begins)
{
	if (box->guard.control)
		box->guard.control(box->guard.context, begins);
}

static bool
turn_worker(const struct box *box, uint32_t index, uint64_t now_us)
{
	struct worker *worker = box->workers[index];
	bool adopting = worker_is_adopting(worker), moved;

	if (box->guard.turn)
		box->guard.turn(box->guard.context, index, true);
	if (adopting)
		worker_adopt(worker, now_us);
	moved = worker_turn(worker, now_us) || adopting;
	if (box->guard.turn)
		box->guard.turn(box->guard.context, index, false);
	return moved;
}

static bool
all_adopted(const struct box *box)
{
	for (uint32_t w = 0; w < box->worker_count; w++)
		if (worker_view(box->workers[w]) != box->views[box->view_count - 1])
			return false;
	return true;
}

static bool
is_held(const struct box *box, const struct config_view *view)
{
	uint64_t sessions = 0;

	for (uint32_t w = 0; w < box->worker_count; w++)
		sessions += view->refs[w].sessions;
	return sessions > 0;
}

/* As the control thread: an older view goes once all workers have another one and no session needs it. */
static void
free_views(struct box *box)
{
	uint32_t kept = 0;

	if (!all_adopted(box))
		return;
	for (uint32_t i = 0; i < box->view_count; i++) {
		struct config_view *view = box->views[i];
		const struct generation *gen = view->gen;

		if (i == box->view_count - 1 || is_held(box, view)) {
			box->views[kept++] = view;
			continue;
		}
		config_view_free(view);
		free((void *)(uintptr_t)gen);
		box->views_freed++;
	}
	box->view_count = kept;
	if (kept == 1) {
		config_view_release_health(box->views[0], box->health);
		box->health_claimed = false;
	}
}

static uint64_t
box_next_us(struct node *node, uint64_t now_us)
{
	struct box *box = (struct box *)node;
	uint64_t next_us = UINT64_MAX;

	if (box->view_count && !all_adopted(box))
		return now_us;
	for (uint32_t w = 0; w < box->worker_count; w++)
		next_us = min_u64(next_us, max_u64(worker_next_us(box->workers[w], now_us),
						   box->rests_until_us[w]));
	for (uint32_t i = 0; i < box->port_count; i++) {
		uint64_t port_us = port_next_us(box->ports[i]);

		next_us = min_u64(next_us, port_us);
	}
	return next_us;
}

static void
box_check(struct node *node, uint64_t now_us)
{
	struct box *box = (struct box *)node;

	for (uint32_t w = 0; w < box->worker_count; w++) {
		worker_check(box->workers[w], now_us);
		watch_check(box->watch[w], node, worker_tcp(box->workers[w]), &box->tcp, now_us);
	}
	for (uint32_t i = 0; i < box->port_count; i++) {
		const struct nic_stats *nic = nic_stats(box->ports[i]);

		ASSERT(stats_port_counter(box->stats, i, PORT_COUNTER_rx_packets) ==
		       nic->rx_frames);
		ASSERT(stats_port_counter(box->stats, i, PORT_COUNTER_tx_packets) ==
		       nic->tx_frames);
	}
	ASSERT(box_dropped(box, DROP_none) == 0);
	check_places(box);
}

/* The places that are taken are those of connections that there are. */
static void
check_places(const struct box *box)
{
	for (uint32_t slot = 0; slot < GEN_ITEMS_MAX; slot++) {
		uint32_t sum = 0;

		for (uint32_t w = 0; w < box->worker_count; w++)
			sum += worker_places(box->workers[w], slot);
		ASSERT(places_taken(box->places, slot) == sum);
	}
}

static bool
box_quiet(struct node *node, char *why, unsigned why_bytes)
{
	struct box *box = (struct box *)node;
	uint32_t conns = box_open_conns(box), sessions = box_open_sessions(box),
		 out = world_pool_out(box->mbufs);
	uint64_t kept = box_counter(box, COUNTER_http_server_conns_kept);

	if (!conns && !sessions && !out && !kept && box->view_count <= 1 &&
	    !box_counter(box, COUNTER_sessions_open) && !box_counter(box, COUNTER_tcp_conns_open)) {
		for (uint32_t i = 0; i < GEN_ITEMS_MAX; i++)
			ASSERT(box_member(box, i, MEMBER_COUNTER_conns_open) == 0 &&
			       box_server(box, i, VS_COUNTER_conns_open) == 0);
		return true;
	}
	snprintf(why, why_bytes,
		 "the box has %u connections, %u sessions, %u packet buffers in use, %u kept, %u "
		 "views; counted %llu sessions, %llu connections",
		 conns, sessions, out, (unsigned)kept, box->view_count,
		 (unsigned long long)box_counter(box, COUNTER_sessions_open),
		 (unsigned long long)box_counter(box, COUNTER_tcp_conns_open));
	for (uint32_t w = 0; w < box->worker_count; w++)
		name_conns(worker_tcp(box->workers[w]), why, why_bytes);
	return false;
}

static void
name_conns(const struct tcp *tcp, char *why, unsigned why_bytes)
{
	for (uint32_t id = 0, left = tcp_open_count(tcp); left && id < tcp_capacity(tcp); id++) {
		struct tcp_info info;
		size_t len = strlen(why);

		if (!tcp_info(tcp, id, &info))
			continue;
		snprintf(why + len, why_bytes - len, "; #%u %s%s rxq %u txq %u", id,
			 tcp_state_text(info.state), info.released ? " released" : "",
			 info.receive_queued_bytes, info.send_queued_bytes);
		left--;
	}
}

void
box_rest(struct box *box, uint32_t worker, uint64_t us)
{
	box->rests_until_us[worker] = node_now_us(&box->node) + us;
}

uint32_t
box_open_sessions(const struct box *box)
{
	uint32_t sum = 0;

	for (uint32_t w = 0; w < box->worker_count; w++)
		sum += worker_open_sessions(box->workers[w]);
	return sum;
}

uint32_t
box_open_conns(const struct box *box)
{
	uint32_t sum = 0;

	for (uint32_t w = 0; w < box->worker_count; w++)
		sum += tcp_open_count(worker_tcp(box->workers[w]));
	return sum;
}

uint64_t
box_counter(const struct box *box, enum counter counter)
{
	return stats_counter(box->stats, counter);
}

uint64_t
box_dropped(const struct box *box, enum drop_reason reason)
{
	return stats_drop(box->stats, reason);
}

uint64_t
box_member(const struct box *box, uint32_t member, enum member_counter counter)
{
	return stats_member(box->stats, member, counter);
}

uint64_t
box_server(const struct box *box, uint32_t server, enum vs_counter counter)
{
	return stats_vs(box->stats, server, counter);
}

enum health_state
box_health(const struct box *box, uint32_t member)
{
	const struct config_view *view = box->views[box->view_count - 1];

	return view->member_health[member] ? (enum health_state)view->member_health[member]->state
					   : HEALTH_UNKNOWN;
}

const struct health_entry *
box_health_entry(const struct box *box, uint32_t member)
{
	return box->views[box->view_count - 1]->member_health[member];
}

void
box_say(struct box *box, uint32_t member, enum member_admin state)
{
	control(box, true);
	box->views[box->view_count - 1]->member_admin[member]->state = (uint8_t)state;
	for (uint32_t w = 0; w < box->worker_count; w++)
		worker_look_again(box->workers[w]);
	control(box, false);
	box->node.not_before_us = 0;
}

static void
box_tally(struct node *node)
{
	struct box *box = (struct box *)node;

	if (node->off)
		return;
	for (uint32_t w = 0; w < box->worker_count; w++)
		world_tally_stack(node->world, &box->stats->worker[w]);
	for (uint32_t i = 0; i < box->port_count; i++)
		world_event(node->world, EVENT_pool_empty, nic_stats(box->ports[i])->missed);
}
