/*
 * Model to generation: names become indexes, routes get their port and order, members and virtual
 * servers their stats slots. The same model after the same predecessor gives the same bytes but for
 * number and time, so that the content hash says whether anything changed.
 */
#include "mgmt/push/compile.h"

#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/push/maglev.h"
#include "mgmt/push/slots.h"

/* Writable views of the arrays while they are filled. */
struct target {
	struct generation *gen;
	struct gen_port *ports;
	struct gen_address *addresses;
	struct gen_route *routes;
	struct gen_management_address *management_addresses;
	struct gen_monitor *monitors;
	struct gen_tcp_profile *tcp_profiles;
	struct gen_pool *pools;
	struct gen_member *members;
	struct gen_virtual_server *virtual_servers;
	uint16_t *maglev;
	char *strings;
	uint32_t strings_used;
};

static uint32_t strings_bytes(const struct model *model);
static void fill_ports(struct target *target, const struct model *model);
static void fill_bonds(struct target *target, const struct model *model);
static void fill_row(struct target *target, const struct model *model, uint32_t row);
static void fill_routes(struct target *target, const struct model *model);
static void
fill_gateways(struct gen_route *route, const struct model *model, const struct model_gateways *via);
static int route_order(const void *a, const void *b);
static void fill_management(struct target *target, const struct model *model);
static void fill_monitors(struct target *target, const struct model *model);
static void fill_tcp_profiles(struct target *target, const struct model *model);
static uint32_t tcp_profile_index(const struct model *model, const char *name);
static void fill_pools(struct target *target, const struct model *model);
static void fill_members(struct target *target, const struct model *model,
			 const struct model_pool *pool, uint32_t pool_index);
static void fill_virtual_servers(struct target *target, const struct model *model);
static uint32_t maglev_slots(const struct model *model);
static uint32_t table_members(const struct model *model, const struct model_pool *pool);
static enum err fill_maglev(struct target *target, const struct generation *previous);
static bool
copy_table(struct target *target, const struct gen_pool *pool, const struct generation *previous);
static struct gen_name add_name(struct target *target, const char *text);

enum err
compile(const struct model *model, const struct generation *previous, uint64_t number,
	uint64_t created_unix_s, struct generation **out)
{
	struct generation head = {
		.magic = GENERATION_MAGIC,
		.layout_hash = generation_layout_hash(),
		.number = number,
		.created_unix_s = created_unix_s,
		.ports.count = model_row_count(model),
		.addresses.count = model->address_count,
		.routes.count = model->route_count,
		.management_addresses.count = model->management_address_count,
		.monitors.count = model->monitor_count,
		.tcp_profiles.count = model->tcp_profile_count,
		.pools.count = model->pool_count,
		.members.count = model->member_count,
		.virtual_servers.count = model->virtual_server_count,
		.maglev.count = maglev_slots(model),
		.strings.count = strings_bytes(model),
	};
	struct target target = { 0 };
	enum err err = generation_lay_out(&head);

	if (err != ERR_ok)
		return err;
	target.gen = calloc(1, head.total_bytes);
	if (!target.gen)
		return ERR_no_memory;
	*target.gen = head;
#define AT(array) target.array = (void *)((char *)target.gen + head.array.offset)
	AT(ports);
	AT(addresses);
	AT(routes);
	AT(management_addresses);
	AT(monitors);
	AT(tcp_profiles);
	AT(pools);
	AT(members);
	AT(virtual_servers);
	AT(maglev);
	AT(strings);
#undef AT
	fill_ports(&target, model);
	fill_routes(&target, model);
	fill_management(&target, model);
	fill_monitors(&target, model);
	fill_tcp_profiles(&target, model);
	fill_pools(&target, model);
	fill_virtual_servers(&target, model);
	ASSERT(target.strings_used == head.strings.count);
	err = fill_maglev(&target, previous);
	if (err == ERR_ok && !slots_assign(target.gen, previous))
		err = ERR_no_memory;
	if (err != ERR_ok) {
		free(target.gen);
		return err;
	}
	target.gen->content_hash = generation_content_hash(target.gen);
	target.gen->checksum = generation_checksum(target.gen);
	*out = target.gen;
	return ERR_ok;
}

static uint32_t
strings_bytes(const struct model *model)
{
	size_t bytes = 0;

	for (uint32_t row = 0; row < model_row_count(model); row++)
		bytes += strlen(model_row_name(model, row)) + 1;
	for (uint32_t i = 0; i < model->monitor_count; i++)
		bytes += strlen(model->monitors[i].name) + strlen(model->monitors[i].path) +
			 strlen(model->monitors[i].host) + strlen(model->monitors[i].headers) +
			 strlen(model->monitors[i].body) + 5;
	for (uint32_t i = 0; i < model->tcp_profile_count; i++)
		bytes += strlen(model->tcp_profiles[i].name) + 1;
	for (uint32_t i = 0; i < model->pool_count; i++)
		bytes += strlen(model->pools[i].name) + 1;
	for (uint32_t i = 0; i < model->virtual_server_count; i++)
		bytes += strlen(model->virtual_servers[i].name) + 1;
	return (uint32_t)bytes;
}

static void
fill_ports(struct target *target, const struct model *model)
{
	for (uint32_t i = 0; i < model->port_count; i++) {
		target->ports[i].mtu_bytes = model->ports[i].mtu_bytes;
		target->ports[i].services = model->ports[i].services;
		target->ports[i].parent = GENERATION_NONE;
	}
	fill_bonds(target, model);
	for (uint32_t i = 0; i < model->vlan_count; i++) {
		struct gen_port *vlan = &target->ports[model->port_count + model->bond_count + i];

		vlan->mtu_bytes = model->vlans[i].mtu_bytes;
		vlan->services = model->vlans[i].services;
		vlan->parent = model_find_carrier(model, model->vlans[i].port);
		vlan->tag = model->vlans[i].tag;
	}
	for (uint32_t row = 0; row < model_row_count(model); row++)
		fill_row(target, model, row);
}

static void
fill_bonds(struct target *target, const struct model *model)
{
	for (uint32_t i = 0; i < model->bond_count; i++) {
		const struct model_bond *from = &model->bonds[i];
		struct gen_port *bond = &target->ports[model->port_count + i];

		bond->mtu_bytes = from->mtu_bytes;
		bond->services = from->services;
		bond->parent = GENERATION_NONE;
		bond->bond_mode = GEN_BOND_NONE + 1 + from->mode;
		bond->member_count = from->ports.count;
		for (uint32_t m = 0; m < from->ports.count; m++)
			bond->members[m] = model_find_port(model, from->ports.name[m]);
	}
}

/* What ports, bonds and VLANs have alike. */
static void
fill_row(struct target *target, const struct model *model, uint32_t row)
{
	const struct model_span *span = model_row_addresses(model, row);

	target->ports[row].name = add_name(target, model_row_name(model, row));
	target->ports[row].first_address = span->first;
	target->ports[row].address_count = span->count;
	for (uint32_t a = span->first; a < span->first + span->count; a++) {
		target->addresses[a].addr = model->addresses[a].addr;
		target->addresses[a].prefix_len = model->addresses[a].len;
		target->addresses[a].port = row;
	}
}

static void
fill_routes(struct target *target, const struct model *model)
{
	for (uint32_t i = 0; i < model->route_count; i++) {
		target->routes[i].to = model->routes[i].to.addr;
		target->routes[i].prefix_len = model->routes[i].to.len;
		fill_gateways(&target->routes[i], model, &model->routes[i].via);
	}
	qsort(target->routes, model->route_count, sizeof *target->routes, route_order);
}

static void
fill_gateways(struct gen_route *route, const struct model *model, const struct model_gateways *via)
{
	route->gateway_count = via->count;
	for (uint32_t i = 0; i < via->count; i++)
		route->gateways[i] = (struct gen_gateway){
			.addr = via->address[i],
			.port = model_connected_port(model, &via->address[i]),
		};
}

/* Longest first; among equals by address, so that the order in the text makes no difference. */
static int
route_order(const void *a, const void *b)
{
	const struct gen_route *left = a, *right = b;

	if (left->prefix_len != right->prefix_len)
		return left->prefix_len > right->prefix_len ? -1 : 1;
	return memcmp(left->to.byte, right->to.byte, sizeof left->to.byte);
}

static void
fill_management(struct target *target, const struct model *model)
{
	for (uint32_t i = 0; i < model->management_address_count; i++) {
		const struct model_management_address *from = &model->management_addresses[i];

		target->management_addresses[i] = (struct gen_management_address){
			.addr = from->address.addr,
			.prefix_len = from->address.len,
			.gateway = from->gateway.count ? from->gateway.address[0] : addr_any,
		};
	}
}

static void
fill_monitors(struct target *target, const struct model *model)
{
	for (uint32_t i = 0; i < model->monitor_count; i++) {
		const struct model_monitor *from = &model->monitors[i];
		struct gen_monitor *to = &target->monitors[i];

		to->name = add_name(target, from->name);
		to->path = add_name(target, from->path);
		to->host = add_name(target, from->host);
		to->headers = add_name(target, from->headers);
		to->body = add_name(target, from->body);
		to->type = from->type;
		to->method = from->method;
		to->interval_ms = from->interval_ms;
		to->jitter_percent = from->jitter_percent;
		to->timeout_ms = from->timeout_ms;
		to->fall = from->fall;
		to->rise = from->rise;
		to->statuses = from->status;
		to->hash = generation_monitor_hash(target->gen, to);
	}
}

static void
fill_tcp_profiles(struct target *target, const struct model *model)
{
	for (uint32_t i = 0; i < model->tcp_profile_count; i++) {
		const struct model_tcp_profile *from = &model->tcp_profiles[i];
		struct gen_tcp_profile *to = &target->tcp_profiles[i];

		to->name = add_name(target, from->name);
		to->receive_buffer_bytes = from->receive_buffer_bytes;
		to->send_buffer_bytes = from->send_buffer_bytes;
		to->delayed_ack_ms = from->delayed_ack_ms;
		to->syn_retries = from->syn_retries;
		to->data_retries = from->data_retries;
		to->max_segment_bytes = from->max_segment_bytes;
		to->user_timeout_ms = from->user_timeout_ms;
		to->keep_alive_idle_ms = from->keep_alive_idle_ms;
		to->keep_alive_interval_ms = from->keep_alive_interval_ms;
		to->keep_alive_probes = from->keep_alive_probes;
		to->congestion_control = from->congestion_control;
		to->ecn = from->ecn;
		to->nagle = from->nagle;
		to->pacing = from->pacing;
		to->fast_open = from->fast_open;
		to->hash = generation_tcp_profile_hash(target->gen, to);
	}
}

static uint32_t
tcp_profile_index(const struct model *model, const char *name)
{
	return name[0] ? model_find_tcp_profile(model, name) : GENERATION_NONE;
}

static void
fill_pools(struct target *target, const struct model *model)
{
	for (uint32_t i = 0; i < model->pool_count; i++) {
		const struct model_pool *from = &model->pools[i];
		struct gen_pool *to = &target->pools[i];

		to->name = add_name(target, from->name);
		to->method = from->method;
		to->monitor =
		    from->monitor[0] ? model_find_monitor(model, from->monitor) : GENERATION_NONE;
		to->tcp_profile = tcp_profile_index(model, from->tcp_profile);
		to->first_member = from->first_member;
		to->member_count = from->member_count;
		to->keep_idle_max = from->keep_idle_max;
		to->keep_idle_timeout_ms = from->keep_idle_timeout_ms;
		to->passive_fall = from->passive_fall;
		to->passive_retry_ms = from->passive_retry_ms;
		fill_members(target, model, from, i);
	}
}

/* Field by field: an endpoint has padding, and what is in it must not reach the hash. */
static void
fill_members(struct target *target, const struct model *model, const struct model_pool *pool,
	     uint32_t pool_index)
{
	for (uint32_t i = pool->first_member; i < pool->first_member + pool->member_count; i++) {
		struct gen_member *to = &target->members[i];

		to->endpoint.addr = model->members[i].address;
		to->endpoint.port = (uint16_t)model->members[i].port;
		to->weight = model->members[i].weight;
		to->connection_limit = model->members[i].connection_limit;
		to->backup = model->members[i].backup;
		to->pool = pool_index;
		to->owner = generation_member_owner(target->gen, to);
	}
}

static void
fill_virtual_servers(struct target *target, const struct model *model)
{
	for (uint32_t i = 0; i < model->virtual_server_count; i++) {
		const struct model_virtual_server *from = &model->virtual_servers[i];
		struct gen_virtual_server *to = &target->virtual_servers[i];

		to->name = add_name(target, from->name);
		to->endpoint.addr = from->address;
		to->endpoint.port = (uint16_t)from->port;
		to->type = from->type;
		to->pool = model_find_pool(model, from->pool);
		to->tcp_profile = tcp_profile_index(model, from->tcp_profile);
		to->idle_timeout_ms = from->idle_timeout_ms;
		to->owner = generation_vs_owner(target->gen, to);
	}
}

/* All tables that a box may have (LIMIT_MEMBERS, LIMIT_POOLS) fit into LIMIT_GENERATION_BYTES. */
static uint32_t
maglev_slots(const struct model *model)
{
	uint32_t slots = 0;

	for (uint32_t i = 0; i < model->pool_count; i++)
		if (model->pools[i].method == GEN_METHOD_MAGLEV)
			slots += maglev_slot_count(table_members(model, &model->pools[i]));
	return slots;
}

/* How many members of a pool have a part in its table. */
static uint32_t
table_members(const struct model *model, const struct model_pool *pool)
{
	uint32_t primaries = 0;

	for (uint32_t i = 0; i < pool->member_count; i++)
		primaries += !model->members[pool->first_member + i].backup;
	return primaries > 0 ? primaries : pool->member_count;
}

static enum err
fill_maglev(struct target *target, const struct generation *previous)
{
	enum err err = ERR_ok;
	uint32_t next = 0;

	for (uint32_t i = 0; err == ERR_ok && i < target->gen->pools.count; i++) {
		struct gen_pool *pool = &target->pools[i];
		const struct gen_member *members = &target->members[pool->first_member];
		uint32_t in_table = 0;

		if (pool->method != GEN_METHOD_MAGLEV)
			continue;
		for (uint32_t m = 0; m < pool->member_count; m++)
			in_table += !members[m].backup;
		pool->first_slot = next;
		pool->slot_count = maglev_slot_count(in_table ? in_table : pool->member_count);
		next += pool->slot_count;
		if (!previous || !copy_table(target, pool, previous))
			err = maglev_build(members, pool->member_count,
					   &target->maglev[pool->first_slot], pool->slot_count);
	}
	return err;
}

/* From the previous generation, if the pool's members are the same: building takes its time. */
static bool
copy_table(struct target *target, const struct gen_pool *pool, const struct generation *previous)
{
	const struct gen_pool *old = generation_pools(previous);
	const struct gen_member *members = &target->members[pool->first_member], *old_members;
	struct str name = generation_str(target->gen, pool->name);
	uint32_t i = 0;

	while (i < previous->pools.count && !str_equal(generation_str(previous, old[i].name), name))
		i++;
	if (i == previous->pools.count)
		return false;
	old += i;
	old_members = &generation_members(previous)[old->first_member];
	if (old->slot_count != pool->slot_count || old->member_count != pool->member_count)
		return false;
	for (uint32_t m = 0; m < pool->member_count; m++)
		if (members[m].owner != old_members[m].owner ||
		    members[m].weight != old_members[m].weight ||
		    members[m].backup != old_members[m].backup)
			return false;
	memcpy(&target->maglev[pool->first_slot], &generation_maglev(previous)[old->first_slot],
	       pool->slot_count * sizeof *target->maglev);
	return true;
}

static struct gen_name
add_name(struct target *target, const char *text)
{
	struct gen_name name = { target->strings_used, (uint32_t)strlen(text) };

	memcpy(target->strings + name.offset, text, name.len + 1);
	target->strings_used += name.len + 1;
	return name;
}
