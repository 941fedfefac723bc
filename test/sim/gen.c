/*
 * The generation builder.
 */
#include "test/sim/gen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/push/maglev.h"

#define FILE_BYTES    (1u << 20)
#define STRINGS_BYTES 8192u

struct build {
	const struct gen_spec *spec;
	struct generation *gen;
	uint32_t strings_used; /* bytes */
};

static uint64_t member_slots[GEN_ITEMS_MAX + 1],
    server_slots[GEN_ITEMS_MAX + 1]; /* identities by slot */

static void *array_at(struct build *b, struct gen_array array);
static struct gen_name name_add(struct build *b, const char *text);
static uint32_t slot_of(uint64_t owners[], uint64_t owner);
static struct addr address(const char *text);
static void add_ports(struct build *b);
static void add_routes(struct build *b);
static void add_monitors(struct build *b);
static void add_tcp_profiles(struct build *b);
static uint32_t tcp_profile_of(const struct gen_spec *spec, const char *name);
static void add_pools(struct build *b);
static uint32_t slots_of(const struct gen_spec *spec, uint32_t pool);
static void add_servers(struct build *b);

struct generation *
gen_build(const struct gen_spec *spec, size_t *size_bytes)
{
	struct generation *gen = calloc(1, FILE_BYTES);
	struct build b = { .spec = spec, .gen = gen, .strings_used = 1 };
	const char *where = "";

	ASSERT(gen);
	gen->magic = GENERATION_MAGIC;
	gen->layout_hash = generation_layout_hash();
	gen->number = spec->number ? spec->number : 1;
	gen->ports.count = spec->port_count;
	gen->addresses.count = spec->address_count;
	gen->routes.count = spec->route_count;
	gen->monitors.count = spec->monitor_count;
	gen->tcp_profiles.count = spec->tcp_profile_count;
	gen->pools.count = spec->pool_count;
	gen->members.count = spec->member_count;
	gen->virtual_servers.count = spec->server_count;
	for (uint32_t i = 0; i < spec->pool_count; i++)
		gen->maglev.count += slots_of(spec, i);
	gen->strings.count = STRINGS_BYTES;
	ASSERT(generation_lay_out(gen) == ERR_ok && gen->total_bytes <= FILE_BYTES);
	add_ports(&b);
	add_routes(&b);
	add_monitors(&b);
	add_tcp_profiles(&b);
	add_pools(&b);
	add_servers(&b);
	gen->content_hash = generation_content_hash(gen);
	gen->checksum = generation_checksum(gen);
	*size_bytes = gen->total_bytes;
	if (generation_check(gen, gen->total_bytes, &where)) {
		fprintf(stderr, "sim: generation: %s\n", where);
		abort();
	}
	return gen;
}

static void
add_ports(struct build *b)
{
	const struct gen_spec *spec = b->spec;
	struct gen_port *ports = array_at(b, b->gen->ports);
	struct gen_address *addresses = array_at(b, b->gen->addresses);

	for (uint32_t i = 0; i < spec->port_count; i++) {
		ports[i].name = name_add(b, spec->ports[i].name);
		ports[i].mtu_bytes = spec->ports[i].mtu_bytes ? spec->ports[i].mtu_bytes : 1500;
		ports[i].parent = spec->ports[i].tag ? spec->ports[i].parent : GENERATION_NONE;
		ports[i].tag = spec->ports[i].tag;
		ports[i].services = spec->ports[i].services;
	}
	for (uint32_t i = 0; i < spec->address_count; i++) {
		uint32_t port = spec->addresses[i].port;
		unsigned prefix_len = 0;

		ASSERT(
		    addr_parse_prefix(spec->addresses[i].prefix, &addresses[i].addr, &prefix_len));
		addresses[i].prefix_len = prefix_len;
		addresses[i].port = port;
		if (ports[port].address_count++ == 0)
			ports[port].first_address = i;
	}
}

static void
add_routes(struct build *b)
{
	const struct gen_spec *spec = b->spec;
	struct gen_route *routes = array_at(b, b->gen->routes);

	for (uint32_t i = 0; i < spec->route_count; i++) {
		unsigned prefix_len = 0;

		ASSERT(addr_parse_prefix(spec->routes[i].to, &routes[i].to, &prefix_len));
		routes[i].prefix_len = prefix_len;
		routes[i].gateway_count = 1;
		routes[i].gateways[0].addr = address(spec->routes[i].via);
		routes[i].gateways[0].port = spec->routes[i].port;
		if (!spec->routes[i].via_too)
			continue;
		routes[i].gateway_count = 2;
		routes[i].gateways[1].addr = address(spec->routes[i].via_too);
		routes[i].gateways[1].port = spec->routes[i].port;
	}
}

static void
add_monitors(struct build *b)
{
	const struct gen_spec *spec = b->spec;
	struct gen_monitor *monitors = array_at(b, b->gen->monitors);

	for (uint32_t i = 0; i < spec->monitor_count; i++) {
		const char *path = spec->monitors[i].path ? spec->monitors[i].path : "/";

		monitors[i] = (struct gen_monitor){
			.name = name_add(b, spec->monitors[i].name),
			.path = name_add(b, path),
			.host = name_add(b, ""),
			.headers =
			    name_add(b, spec->monitors[i].headers ? spec->monitors[i].headers : ""),
			.body = name_add(b, spec->monitors[i].body ? spec->monitors[i].body : ""),
			.method = spec->monitors[i].method,
			.jitter_percent = spec->monitors[i].jitter_percent,
			.type = spec->monitors[i].type,
			.interval_ms = spec->monitors[i].interval_ms,
			.timeout_ms = spec->monitors[i].timeout_ms,
			.fall = spec->monitors[i].fall,
			.rise = spec->monitors[i].rise,
		};
		for (uint32_t status = 200; status < 300; status++)
			gen_statuses_add(&monitors[i].statuses, status);
		monitors[i].hash = generation_monitor_hash(b->gen, &monitors[i]);
	}
}

static void
add_tcp_profiles(struct build *b)
{
	struct gen_tcp_profile *profiles = array_at(b, b->gen->tcp_profiles);

	for (uint32_t i = 0; i < b->spec->tcp_profile_count; i++) {
		struct gen_tcp_profile *profile = &profiles[i];

		*profile = b->spec->tcp_profiles[i].settings;
		profile->name = name_add(b, b->spec->tcp_profiles[i].name);
#define USUAL(field, value) profile->field = profile->field ? profile->field : (value)
		USUAL(receive_buffer_bytes, 2u << 20);
		USUAL(send_buffer_bytes, 2u << 20);
		USUAL(delayed_ack_ms, 40);
		USUAL(syn_retries, 7);
		USUAL(data_retries, 10);
		USUAL(keep_alive_interval_ms, 75000);
		USUAL(keep_alive_probes, 9);
#undef USUAL
		profile->hash = generation_tcp_profile_hash(b->gen, profile);
	}
}

static uint32_t
tcp_profile_of(const struct gen_spec *spec, const char *name)
{
	uint32_t i = 0;

	if (!name)
		return GENERATION_NONE;
	while (strcmp(spec->tcp_profiles[i].name, name) != 0)
		ASSERT(++i < spec->tcp_profile_count);
	return i;
}

static void
add_pools(struct build *b)
{
	const struct gen_spec *spec = b->spec;
	struct gen_pool *pools = array_at(b, b->gen->pools);
	struct gen_member *members = array_at(b, b->gen->members);
	uint16_t *slots = array_at(b, b->gen->maglev);
	uint32_t at = 0, next_slot = 0;

	for (uint32_t i = 0; i < spec->pool_count; i++) {
		pools[i].name = name_add(b, spec->pools[i].name);
		pools[i].method = spec->pools[i].method;
		pools[i].keep_idle_max =
		    spec->pools[i].keep_idle_max ? spec->pools[i].keep_idle_max : 256;
		if (spec->pools[i].keep_none)
			pools[i].keep_idle_max = 0;
		pools[i].keep_idle_timeout_ms = spec->pools[i].keep_idle_timeout_ms
						    ? spec->pools[i].keep_idle_timeout_ms
						    : 15000;
		pools[i].passive_fall = spec->pools[i].passive_fall;
		pools[i].passive_retry_ms =
		    spec->pools[i].passive_retry_ms ? spec->pools[i].passive_retry_ms : 10000;
		pools[i].monitor = spec->pools[i].monitor;
		pools[i].tcp_profile = tcp_profile_of(spec, spec->pools[i].tcp_profile);
		pools[i].first_member = at;
		pools[i].member_count = spec->pools[i].members;
		for (; at < pools[i].first_member + pools[i].member_count; at++) {
			ASSERT(at < spec->member_count);
			members[at].endpoint.addr = address(spec->members[at].address);
			members[at].endpoint.port = spec->members[at].port;
			members[at].weight =
			    spec->members[at].weight ? spec->members[at].weight : 1;
			members[at].connection_limit = spec->members[at].connection_limit;
			members[at].backup = spec->members[at].backup;
			members[at].pool = i;
			members[at].owner = generation_member_owner(b->gen, &members[at]);
			members[at].stats_slot = slot_of(member_slots, members[at].owner);
		}
		pools[i].slot_count = slots_of(spec, i);
		if (pools[i].slot_count == 0)
			continue;
		pools[i].first_slot = next_slot;
		next_slot += pools[i].slot_count;
		ASSERT(maglev_build(&members[pools[i].first_member], pools[i].member_count,
				    &slots[pools[i].first_slot], pools[i].slot_count) == ERR_ok);
	}
}

static uint32_t
slots_of(const struct gen_spec *spec, uint32_t pool)
{
	return spec->pools[pool].method == GEN_METHOD_MAGLEV
		   ? maglev_slot_count(spec->pools[pool].members)
		   : 0;
}

static void
add_servers(struct build *b)
{
	const struct gen_spec *spec = b->spec;
	struct gen_virtual_server *servers = array_at(b, b->gen->virtual_servers);

	for (uint32_t i = 0; i < spec->server_count; i++) {
		uint32_t timeout_ms = spec->servers[i].idle_timeout_ms;

		servers[i].name = name_add(b, spec->servers[i].name);
		servers[i].endpoint.addr = address(spec->servers[i].address);
		servers[i].endpoint.port = spec->servers[i].port;
		servers[i].type = spec->servers[i].type;
		servers[i].pool = spec->servers[i].pool;
		servers[i].idle_timeout_ms = timeout_ms ? timeout_ms : 60000;
		servers[i].tcp_profile = tcp_profile_of(spec, spec->servers[i].tcp_profile);
		servers[i].owner = generation_vs_owner(b->gen, &servers[i]);
		servers[i].stats_slot = slot_of(server_slots, servers[i].owner);
	}
}

/* An array of the file, to be filled. */
static void *
array_at(struct build *b, struct gen_array array)
{
	return (uint8_t *)b->gen + array.offset;
}

static struct gen_name
name_add(struct build *b, const char *text)
{
	struct gen_name name = { .offset = b->strings_used, .len = (uint32_t)strlen(text) };

	ASSERT(name.offset + name.len + 1 <= STRINGS_BYTES);
	memcpy((char *)b->gen + b->gen->strings.offset + name.offset, text, name.len + 1);
	b->strings_used += name.len + 1;
	return name;
}

/* As mgmt does it: who had a slot once keeps it, whatever generations come. */
static uint32_t
slot_of(uint64_t owners[], uint64_t owner)
{
	uint32_t slot = 0;

	while (owners[slot] && owners[slot] != owner)
		slot++;
	ASSERT(slot < GEN_ITEMS_MAX);
	owners[slot] = owner;
	return slot;
}

static struct addr
address(const char *text)
{
	struct addr addr;

	ASSERT(addr_parse(text, &addr));
	return addr;
}
