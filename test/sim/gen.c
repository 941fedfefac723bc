/*
 * The generation builder.
 */
#include "test/sim/gen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "fw/base/siphash.h"

#define STRINGS_BYTES 8192u

struct build {
	const struct gen_spec *spec;
	struct generation *gen;
	uint32_t used; /* bytes of the file */
};

static void *array_new(struct build *b, struct gen_array *array, uint32_t count, size_t size_bytes);
static struct gen_name name_add(struct build *b, const char *text);
static uint64_t identity(const char *kind, const char *name, const struct endpoint *endpoint);
static struct addr address(const char *text);
static void add_ports(struct build *b);
static void add_routes(struct build *b);
static void add_monitors(struct build *b);
static void add_pools(struct build *b);
static void add_servers(struct build *b);

struct generation *
gen_build(const struct gen_spec *spec, size_t *size_bytes)
{
	struct generation *gen = calloc(1, 1u << 20);
	struct build b = { .spec = spec, .gen = gen, .used = (sizeof *gen + 7) & ~7u };
	const char *where = "";

	ASSERT(gen);
	gen->magic = GENERATION_MAGIC;
	gen->layout_hash = generation_layout_hash();
	gen->number = spec->number ? spec->number : 1;
	gen->strings = (struct gen_array){ .offset = b.used, .count = 1 };
	b.used += STRINGS_BYTES;
	add_ports(&b);
	add_routes(&b);
	add_monitors(&b);
	add_pools(&b);
	add_servers(&b);
	gen->content_hash = gen->number;
	gen->total_bytes = b.used;
	gen->checksum = generation_checksum(gen);
	*size_bytes = b.used;
	if (generation_check(gen, b.used, &where)) {
		fprintf(stderr, "sim: generation: %s\n", where);
		abort();
	}
	return gen;
}

static void
add_ports(struct build *b)
{
	const struct gen_spec *spec = b->spec;
	struct gen_port *ports = array_new(b, &b->gen->ports, spec->port_count, sizeof *ports);
	struct gen_address *addresses =
	    array_new(b, &b->gen->addresses, spec->address_count, sizeof *addresses);

	for (uint32_t i = 0; i < spec->port_count; i++) {
		ports[i].name = name_add(b, spec->ports[i].name);
		ports[i].mtu_bytes = spec->ports[i].mtu_bytes ? spec->ports[i].mtu_bytes : 1500;
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
	struct gen_route *routes = array_new(b, &b->gen->routes, spec->route_count, sizeof *routes);

	for (uint32_t i = 0; i < spec->route_count; i++) {
		unsigned prefix_len = 0;

		ASSERT(addr_parse_prefix(spec->routes[i].to, &routes[i].to, &prefix_len));
		routes[i].prefix_len = prefix_len;
		routes[i].via = address(spec->routes[i].via);
		routes[i].port = spec->routes[i].port;
	}
}

static void
add_monitors(struct build *b)
{
	const struct gen_spec *spec = b->spec;
	struct gen_monitor *monitors =
	    array_new(b, &b->gen->monitors, spec->monitor_count, sizeof *monitors);

	for (uint32_t i = 0; i < spec->monitor_count; i++) {
		const char *path = spec->monitors[i].path ? spec->monitors[i].path : "/";

		monitors[i] = (struct gen_monitor){
			.name = name_add(b, spec->monitors[i].name),
			.path = name_add(b, path),
			.host = name_add(b, ""),
			.type = spec->monitors[i].type,
			.interval_ms = spec->monitors[i].interval_ms,
			.timeout_ms = spec->monitors[i].timeout_ms,
			.fall = spec->monitors[i].fall,
			.rise = spec->monitors[i].rise,
			.status_min = 200,
			.status_max = 299,
			.hash = identity(spec->monitors[i].name, path, NULL),
		};
	}
}

static void
add_pools(struct build *b)
{
	const struct gen_spec *spec = b->spec;
	struct gen_pool *pools = array_new(b, &b->gen->pools, spec->pool_count, sizeof *pools);
	struct gen_member *members =
	    array_new(b, &b->gen->members, spec->member_count, sizeof *members);
	uint32_t at = 0;

	for (uint32_t i = 0; i < spec->pool_count; i++) {
		pools[i].name = name_add(b, spec->pools[i].name);
		pools[i].method = GEN_METHOD_ROUND_ROBIN;
		pools[i].monitor = spec->pools[i].monitor;
		pools[i].first_member = at;
		pools[i].member_count = spec->pools[i].members;
		for (; at < pools[i].first_member + pools[i].member_count; at++) {
			ASSERT(at < spec->member_count);
			members[at].endpoint.addr = address(spec->members[at].address);
			members[at].endpoint.port = spec->members[at].port;
			members[at].weight =
			    spec->members[at].weight ? spec->members[at].weight : 1;
			members[at].pool = i;
			members[at].stats_slot = at;
			members[at].owner =
			    identity("member", spec->pools[i].name, &members[at].endpoint);
		}
	}
}

static void
add_servers(struct build *b)
{
	const struct gen_spec *spec = b->spec;
	struct gen_virtual_server *servers =
	    array_new(b, &b->gen->virtual_servers, spec->server_count, sizeof *servers);

	for (uint32_t i = 0; i < spec->server_count; i++)
		servers[i] = (struct gen_virtual_server){
			.name = name_add(b, spec->servers[i].name),
			.endpoint = { .addr = address(spec->servers[i].address),
				      .port = spec->servers[i].port },
			.type = spec->servers[i].type,
			.pool = spec->servers[i].pool,
			.stats_slot = i,
			.idle_timeout_ms = spec->servers[i].idle_timeout_ms
					       ? spec->servers[i].idle_timeout_ms
					       : 60000,
			.owner = identity("virtual-server", spec->servers[i].name, NULL),
		};
}

static void *
array_new(struct build *b, struct gen_array *array, uint32_t count, size_t size_bytes)
{
	void *at = (uint8_t *)b->gen + b->used;

	*array = (struct gen_array){ .offset = b->used, .count = count };
	b->used += (uint32_t)((count * size_bytes + 7) & ~(size_t)7);
	ASSERT(b->used <= 1u << 20);
	return at;
}

static struct gen_name
name_add(struct build *b, const char *text)
{
	struct gen_array *strings = &b->gen->strings;
	struct gen_name name = { .offset = strings->count, .len = (uint32_t)strlen(text) };

	ASSERT(name.offset + name.len + 1 <= STRINGS_BYTES);
	memcpy((char *)b->gen + strings->offset + name.offset, text, name.len + 1);
	strings->count += name.len + 1;
	return name;
}

static uint64_t
identity(const char *kind, const char *name, const struct endpoint *endpoint)
{
	char text[256], where[ENDPOINT_TEXT_MAX] = "";
	struct siphash_key key = { 0, 0 };

	if (endpoint)
		endpoint_format(endpoint, where);
	snprintf(text, sizeof text, "%s %s %s", kind, name, where);
	return siphash(&key, text, strlen(text)) | 1;
}

static struct addr
address(const char *text)
{
	struct addr addr;

	ASSERT(addr_parse(text, &addr));
	return addr;
}
