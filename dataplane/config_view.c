/*
 * Making a view of a generation: everything that workers would otherwise have to search for. Runs
 * on the control thread, which may allocate; the workers only read.
 */
#include "dataplane/config_view.h"

#include <rte_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw/base/rng.h"
#include "fw/base/siphash.h"

STATIC_ASSERT(LIMIT_MTU_MAX <= PORT_MTU_MAX, "what can be configured can be opened");
STATIC_ASSERT(VIEW_NONE == UINT32_MAX, "bytes of 0xff are VIEW_NONE");
STATIC_ASSERT(VIEW_NONE == GENERATION_NONE,
	      "a target without a monitor has a pool's GENERATION_NONE");

static void *touched(size_t count, size_t bytes, int fill);
static enum err match_devices(struct config_view *view, const struct view_devices *devices,
			      char *why, unsigned why_bytes);
static void add_vlan(struct config_view *view, uint32_t row);
static bool mtu_is_carried(const char *name, const struct gen_port *port,
			   const struct port_info *info, char *why, unsigned why_bytes);
static enum err index_virtual_servers(struct config_view *view);
static enum err
find_targets(struct config_view *view, struct health_table *health, char *why, unsigned why_bytes);
static enum err index_slots(struct config_view *view);
static enum err
claim_admins(struct config_view *view, struct health_table *health, char *why, unsigned why_bytes);
static enum err make_balancers(struct config_view *view, const struct stats *stats);
static void claim_slots(const struct generation *gen, struct stats *stats);

/* Placement in our own hash tables only; an attacker has no say in what is configured. */
static const struct siphash_key table_key;

enum err
config_view_make(const struct generation *gen, size_t gen_bytes, const struct view_devices *devices,
		 struct stats *stats, struct health_table *health, struct config_view **out,
		 char *why, unsigned why_bytes)
{
	struct config_view *view = aligned_alloc(64, sizeof *view);
	enum err err;

	snprintf(why, why_bytes, "out of memory");
	if (!view)
		return ERR_no_memory;
	memset(view, 0, sizeof *view);
	view->gen = gen;
	view->gen_bytes = gen_bytes;
	err = match_devices(view, devices, why, why_bytes);
	if (!err)
		err = index_virtual_servers(view);
	if (!err)
		err = index_slots(view);
	if (!err)
		err = find_targets(view, health, why, why_bytes);
	if (!err)
		err = claim_admins(view, health, why, why_bytes);
	if (!err)
		err = make_balancers(view, stats);
	if (err) {
		config_view_free(view);
		return err;
	}
	claim_slots(gen, stats);
	*out = view;
	return ERR_ok;
}

/*
 * Every page of it is written to now: a worker that reads one for the first time must not have to
 * wait for the kernel.
 */
static void *
touched(size_t count, size_t bytes, int fill)
{
	void *memory = malloc(count * bytes);

	if (memory)
		memset(memory, fill, count * bytes);
	return memory;
}

void
config_view_free(struct config_view *view)
{
	free(view->target_of_entry);
	free(view->member_next);
	for (uint32_t w = 0; w < LIMIT_WORKERS; w++)
		free(view->lb[w]);
	free(view->net.own);
	free(view->vs_hash);
	free(view->member_health);
	free(view->member_admin);
	free(view->member_of_slot);
	free(view->targets);
	free(view);
}

static void
name_devices(const struct view_devices *devices, const char *missing, char *why, unsigned why_bytes)
{
	int len = snprintf(why, why_bytes,
			   "there is no port \"%s\"; the ports of this box are:", missing);

	for (uint32_t d = 0; d < devices->count && len > 0 && (unsigned)len < why_bytes; d++)
		if (devices->ports[d])
			len += snprintf(why + len, why_bytes - (unsigned)len, " %s",
					devices->ports[d]->name);
}

/*
 * Every port of the configuration must be there; a port of the box that the configuration leaves
 * out is not used.
 */
static enum err
match_devices(struct config_view *view, const struct view_devices *devices, char *why,
	      unsigned why_bytes)
{
	const struct gen_port *ports = generation_ports(view->gen);

	memset(view->device_of_port, 0xff, sizeof view->device_of_port);
	memset(view->port_of_device, 0xff, sizeof view->port_of_device);
	view->net.generation = view->gen;
	view->net.port_count = view->gen->ports.count;
	for (uint32_t p = 0; p < view->gen->ports.count; p++) {
		const char *name = generation_text(view->gen, ports[p].name);
		struct net_port *net_port = &view->net.ports[p];
		struct port_info info;

		if (ports[p].parent != GENERATION_NONE) {
			add_vlan(view, p);
			continue;
		}
		if (generation_bond_of(view->gen, p) != GENERATION_NONE)
			continue; /* its device is the bond's */
		for (uint32_t d = 0; d < devices->count; d++)
			if (devices->ports[d] && strcmp(devices->ports[d]->name, name) == 0)
				view->device_of_port[p] = d;
		if (view->device_of_port[p] == VIEW_NONE) {
			name_devices(devices, name, why, why_bytes);
			return ERR_not_found;
		}
		view->port_of_device[view->device_of_port[p]] = p;
		port_info(devices->ports[view->device_of_port[p]], &info);
		if (!mtu_is_carried(name, &ports[p], &info, why, why_bytes))
			return ERR_invalid;
		memcpy(net_port->mac, info.mac, sizeof net_port->mac);
		net_port->mtu_bytes =
		    (uint16_t)(ports[p].mtu_bytes < info.mtu_bytes ? ports[p].mtu_bytes
								   : info.mtu_bytes);
		net_port->offloads = info.offloads;
		net_port->usable = true;
	}
	return ERR_ok;
}

/* Its port came before it. */
static void
add_vlan(struct config_view *view, uint32_t row)
{
	const struct gen_port *vlan = &generation_ports(view->gen)[row];
	const struct net_port *port = &view->net.ports[vlan->parent];

	view->device_of_port[row] = view->device_of_port[vlan->parent];
	view->net.ports[row] = *port;
	view->net.ports[row].tag = (uint16_t)vlan->tag;
	if (vlan->mtu_bytes < port->mtu_bytes)
		view->net.ports[row].mtu_bytes = (uint16_t)vlan->mtu_bytes;
	net_config_vlan_add(&view->net, vlan->parent, vlan->tag, row);
}

/* What everybody has without asking, 1500, is cut down to what there is; more has been asked for. */
static bool
mtu_is_carried(const char *name, const struct gen_port *port, const struct port_info *info,
	       char *why, unsigned why_bytes)
{
	if (port->mtu_bytes <= info->mtu_bytes || port->mtu_bytes <= RTE_ETHER_MTU)
		return true;
	snprintf(why, why_bytes,
		 "port \"%s\" has mtu-bytes = %u, but carries packets of %u bytes: its device, or "
		 "the packet buffers, which are as large as the data plane's --port says (mtu=%u)",
		 name, port->mtu_bytes, info->mtu_bytes, port->mtu_bytes);
	return false;
}

static uint64_t
hash_target(const struct endpoint *e, uint64_t monitor_hash)
{
	uint64_t words[4] = { e->addr.word[0], e->addr.word[1], e->port, monitor_hash };

	uint64_t hash = siphash(&table_key, words, sizeof words);

	return hash ? hash : 1;
}

static uint32_t
hash_endpoint(const struct endpoint *e)
{
	uint64_t words[3] = { e->addr.word[0], e->addr.word[1], e->port };

	return (uint32_t)siphash(&table_key, words, sizeof words);
}

static enum err
index_virtual_servers(struct config_view *view)
{
	const struct gen_virtual_server *vs = generation_virtual_servers(view->gen);
	uint32_t count = view->gen->virtual_servers.count;
	uint32_t size = 8;

	while (size < 2 * count)
		size *= 2;
	view->vs_mask = size - 1;
	view->net.own_mask = size - 1;
	view->vs_hash = touched(size, sizeof *view->vs_hash, 0xff);
	view->net.own = touched(size, sizeof *view->net.own, 0);
	if (!view->vs_hash || !view->net.own)
		return ERR_no_memory;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = hash_endpoint(&vs[i].endpoint) & view->vs_mask;

		while (view->vs_hash[at] != VIEW_NONE)
			at = (at + 1) & view->vs_mask;
		view->vs_hash[at] = i;
		net_config_own_add(&view->net, &vs[i].endpoint.addr);
	}
	return ERR_ok;
}

static enum err
index_slots(struct config_view *view)
{
	const struct gen_member *members = generation_members(view->gen);

	view->member_of_slot = malloc(LIMIT_MEMBERS * sizeof *view->member_of_slot);
	if (!view->member_of_slot)
		return ERR_no_memory;
	for (uint32_t i = 0; i < LIMIT_MEMBERS; i++)
		view->member_of_slot[i] = VIEW_NONE;
	for (uint32_t i = 0; i < view->gen->members.count; i++)
		view->member_of_slot[members[i].stats_slot] = i;
	return ERR_ok;
}

uint32_t
config_view_vs(const struct config_view *view, const struct endpoint *local)
{
	const struct gen_virtual_server *vs = generation_virtual_servers(view->gen);

	for (uint32_t at = hash_endpoint(local) & view->vs_mask; view->vs_hash[at] != VIEW_NONE;
	     at = (at + 1) & view->vs_mask)
		if (endpoint_equal(&vs[view->vs_hash[at]].endpoint, local))
			return view->vs_hash[at];
	return VIEW_NONE;
}

/*
 * Members of several pools with one endpoint and one monitor are watched once: they share the
 * health entry.
 */
static void
add_target(struct config_view *view, uint32_t m, uint32_t monitor, struct health_entry *entry,
	   uint32_t index)
{
	const struct gen_member *member = &generation_members(view->gen)[m];
	uint32_t retry_ms = generation_pools(view->gen)[member->pool].passive_retry_ms;
	uint32_t *of_entry = &view->target_of_entry[index];
	struct view_target *target;

	view->member_health[m] = entry;
	if (*of_entry == VIEW_NONE) {
		*of_entry = view->target_count++;
		view->targets[*of_entry] = (struct view_target){
			.monitor = monitor,
			.member = VIEW_NONE,
			.health = entry,
			.hash = hash_target(&member->endpoint, entry->monitor_hash),
		};
	}
	target = &view->targets[*of_entry];
	if (target->passive_retry_ms < retry_ms)
		target->passive_retry_ms = retry_ms;
	view->member_next[m] = target->member;
	target->member = m;
}

static enum err
find_targets(struct config_view *view, struct health_table *health, char *why, unsigned why_bytes)
{
	const struct gen_pool *pools = generation_pools(view->gen);
	const struct gen_member *members = generation_members(view->gen);
	const struct gen_monitor *monitors = generation_monitors(view->gen);
	uint32_t count = view->gen->members.count;

	view->member_health = touched(count + 1, sizeof *view->member_health, 0);
	view->targets = touched(count + 1, sizeof *view->targets, 0);
	view->target_of_entry = touched(HEALTH_ENTRIES, sizeof *view->target_of_entry, 0xff);
	view->member_next = touched(count + 1, sizeof *view->member_next, 0xff);
	if (!view->member_health || !view->targets || !view->target_of_entry || !view->member_next)
		return ERR_no_memory;
	for (uint32_t m = 0; m < count; m++) {
		const struct gen_pool *pool = &pools[members[m].pool];
		const struct endpoint *e = &members[m].endpoint;
		uint64_t hash = HEALTH_PASSIVE_HASH;
		struct health_entry *entry;

		if (pool->monitor != GENERATION_NONE)
			hash = monitors[pool->monitor].hash;
		else if (pool->passive_fall == 0)
			continue;
		entry = health_claim(health, &e->addr, e->port, hash);
		if (!entry) {
			snprintf(why, why_bytes, "the health table is full (%u entries)",
				 HEALTH_ENTRIES);
			return ERR_no_memory;
		}
		add_target(view, m, pool->monitor, entry, (uint32_t)(entry - health->entry));
	}
	return ERR_ok;
}

/* What an operator said of a member lasts until he takes it back: also while it is in no generation. */
static enum err
claim_admins(struct config_view *view, struct health_table *health, char *why, unsigned why_bytes)
{
	const struct gen_member *members = generation_members(view->gen);
	uint32_t count = view->gen->members.count;

	view->member_admin = touched(count + 1, sizeof *view->member_admin, 0);
	if (!view->member_admin)
		return ERR_no_memory;
	for (uint32_t m = 0; m < count; m++) {
		view->member_admin[m] = health_admin_claim(health, members[m].owner);
		if (!view->member_admin[m]) {
			snprintf(why, why_bytes,
				 "the table of administrative states is full (%u entries)",
				 HEALTH_ENTRIES);
			return ERR_no_memory;
		}
	}
	return ERR_ok;
}

/* Elsewhere each time, so that a commit does not send everybody to the first members. */
static enum err
make_balancers(struct config_view *view, const struct stats *stats)
{
	struct lb_setup setup = {
		.gen = view->gen,
		.health = view->member_health,
		.admin = (const struct health_admin *const *)view->member_admin,
		.stats = stats->worker,
		.workers = stats->workers,
	};
	size_t bytes = (lb_memory_bytes(view->gen) + 63) & ~(size_t)63;
	struct rng rng;

	rng_init(&rng, stats->incarnation + view->gen->number);
	setup.seed = rng_next(&rng);
	for (setup.worker = 0; setup.worker < setup.workers; setup.worker++) {
		void *memory = aligned_alloc(64, bytes);

		if (!memory)
			return ERR_no_memory;
		view->lb[setup.worker] = lb_init(memory, &setup);
	}
	return ERR_ok;
}

void
config_view_release_health(const struct config_view *view, struct health_table *health)
{
	bool *is_used = calloc(HEALTH_ENTRIES, sizeof *is_used);

	for (uint32_t i = 0; i < HEALTH_ENTRIES; i++)
		if (view->target_of_entry[i] == VIEW_NONE &&
		    health->entry[i].used == HEALTH_USE_CLAIMED)
			health_release(health, &health->entry[i]);
	for (uint32_t m = 0; is_used && m < view->gen->members.count; m++)
		is_used[view->member_admin[m] - health->admin] = true;
	for (uint32_t i = 0; is_used && i < HEALTH_ENTRIES; i++)
		if (!is_used[i] && health->admin[i].used == HEALTH_USE_CLAIMED &&
		    health->admin[i].state == MEMBER_ENABLED)
			health_admin_release(health, &health->admin[i]);
	free(is_used);
}

/*
 * Counts of what is open now stay: connections of the last owner are still in them, and each will
 * take itself out.
 */
static void
claim_cells(uint64_t *owner_cell, uint64_t owner, struct stats *stats, size_t cells_offset,
	    unsigned cells, uint64_t open_cells)
{
	if (*owner_cell == owner)
		return;
	for (uint32_t w = 0; w < stats->workers; w++) {
		uint64_t *cell = (uint64_t *)((uint8_t *)&stats->worker[w] + cells_offset);

		for (unsigned i = 0; i < cells; i++)
			if (!(open_cells >> i & 1))
				cell[i] = 0;
	}
	*owner_cell = owner;
}

/* A slot that goes to another owner starts from zero. */
static void
claim_slots(const struct generation *gen, struct stats *stats)
{
	const struct gen_virtual_server *vs = generation_virtual_servers(gen);
	const struct gen_member *members = generation_members(gen);

	for (uint32_t i = 0; i < gen->virtual_servers.count; i++)
		claim_cells(&stats->vs_owner[vs[i].stats_slot], vs[i].owner, stats,
			    offsetof(struct stats_worker, vs[vs[i].stats_slot]), VS_COUNTER_COUNT,
			    UINT64_C(1) << VS_COUNTER_conns_open);
	for (uint32_t i = 0; i < gen->members.count; i++)
		claim_cells(&stats->member_owner[members[i].stats_slot], members[i].owner, stats,
			    offsetof(struct stats_worker, member[members[i].stats_slot]),
			    MEMBER_COUNTER_COUNT,
			    UINT64_C(1) << MEMBER_COUNTER_conns_open |
				UINT64_C(1) << MEMBER_COUNTER_sessions_open);
}
