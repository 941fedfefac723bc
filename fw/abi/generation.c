/*
 * The generation's layout, its hashes, and the check that a reader's trust stands on: after
 * generation_check has said yes, every offset, index, name and enum in the file may be followed
 * without another look.
 *
 * What it leaves out: whether the configuration makes sense (that a pool is used, that routes lead
 * somewhere) is mgmt/model's business.
 */
#include "fw/abi/generation.h"

#include "fw/abi/layout.h"
#include "fw/abi/services.h"
#include "fw/base/assert.h"
#include "fw/base/siphash.h"

STATIC_ASSERT(LIMIT_INTERFACES == LIMIT_PORTS + LIMIT_BONDS + LIMIT_VLANS, "room for all of them");

#define TRY(condition, what)                                                                       \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			*where = (what);                                                           \
			return false;                                                              \
		}                                                                                  \
	} while (0)

static const struct siphash_key zero_key;

/* The arrays in file order. */
#define ARRAYS(X)                                                                                  \
	X(ports, struct gen_port, LIMIT_INTERFACES)                                                \
	X(addresses, struct gen_address, LIMIT_ADDRESSES)                                          \
	X(routes, struct gen_route, LIMIT_ROUTES)                                                  \
	X(management_addresses, struct gen_management_address, LIMIT_MANAGEMENT)                   \
	X(monitors, struct gen_monitor, LIMIT_MONITORS)                                            \
	X(tcp_profiles, struct gen_tcp_profile, LIMIT_TCP_PROFILES)                                \
	X(pools, struct gen_pool, LIMIT_POOLS)                                                     \
	X(members, struct gen_member, LIMIT_MEMBERS)                                               \
	X(virtual_servers, struct gen_virtual_server, LIMIT_VIRTUAL_SERVERS)                       \
	X(maglev, uint16_t, LIMIT_GENERATION_BYTES)                                                \
	X(strings, char, LIMIT_GENERATION_BYTES)

static enum err check_header(const struct generation *gen, size_t size_bytes, const char **where);
static bool check_arrays(const struct generation *gen, const char **where);
static bool check_ports(const struct generation *gen, const char **where);
static bool check_kind(const struct generation *gen, uint32_t row, const char **where);
static bool check_bond(const struct generation *gen, uint32_t row, const char **where);
static bool check_vlan(const struct generation *gen, uint32_t row, const char **where);
static bool check_routes(const struct generation *gen, const char **where);
static bool check_management(const struct generation *gen, const char **where);
static bool check_monitors(const struct generation *gen, const char **where);
static bool check_tcp_profiles(const struct generation *gen, const char **where);
static bool buffer_valid(uint32_t bytes);
static bool tcp_profile_known(const struct generation *gen, uint32_t profile);
static bool check_pools(const struct generation *gen, const char **where);
static bool check_maglev(const struct generation *gen, const char **where);
static bool check_members(const struct generation *gen, const char **where);
static bool check_virtual_servers(const struct generation *gen, const char **where);
static bool
check_gateways(const struct generation *gen, const struct gen_route *route, const char **where);
static bool is_connected(const struct generation *gen, const struct gen_gateway *gateway);
static bool statuses_valid(const struct gen_statuses *set);
static bool
text_valid(const struct generation *gen, struct gen_name name, uint32_t max_len, char lowest);
static bool headers_valid(const struct generation *gen, struct gen_name headers);
static bool name_valid(const struct generation *gen, struct gen_name name, uint32_t max_len);
static bool slot_take(uint64_t *taken, uint32_t slot, uint32_t limit);

uint64_t
generation_layout_hash(void)
{
	static const uint32_t numbers[] = {
		LAYOUT_SIZE(struct generation),
		LAYOUT_FIELD(struct generation, magic),
		LAYOUT_FIELD(struct generation, layout_hash),
		LAYOUT_FIELD(struct generation, number),
		LAYOUT_FIELD(struct generation, content_hash),
		LAYOUT_FIELD(struct generation, created_unix_s),
		LAYOUT_FIELD(struct generation, total_bytes),
		LAYOUT_FIELD(struct generation, checksum),
#define X(array, type, limit) LAYOUT_FIELD(struct generation, array), LAYOUT_SIZE(type), (limit),
		ARRAYS(X)
#undef X
		    LAYOUT_FIELD(struct gen_name, offset),
		LAYOUT_FIELD(struct gen_name, len),
		LAYOUT_FIELD(struct gen_port, name),
		LAYOUT_FIELD(struct gen_port, first_address),
		LAYOUT_FIELD(struct gen_port, address_count),
		LAYOUT_FIELD(struct gen_port, mtu_bytes),
		LAYOUT_FIELD(struct gen_port, parent),
		LAYOUT_FIELD(struct gen_port, tag),
		LAYOUT_FIELD(struct gen_port, services),
		LAYOUT_FIELD(struct gen_port, bond_mode),
		LAYOUT_FIELD(struct gen_port, member_count),
		LAYOUT_FIELD(struct gen_port, members),
		LAYOUT_FIELD(struct gen_address, addr),
		LAYOUT_FIELD(struct gen_address, prefix_len),
		LAYOUT_FIELD(struct gen_address, port),
		LAYOUT_FIELD(struct gen_route, to),
		LAYOUT_FIELD(struct gen_route, prefix_len),
		LAYOUT_FIELD(struct gen_route, gateway_count),
		LAYOUT_FIELD(struct gen_route, gateways),
		LAYOUT_SIZE(struct gen_gateway),
		LAYOUT_FIELD(struct gen_gateway, addr),
		LAYOUT_FIELD(struct gen_gateway, port),
		LAYOUT_FIELD(struct gen_management_address, addr),
		LAYOUT_FIELD(struct gen_management_address, gateway),
		LAYOUT_FIELD(struct gen_management_address, prefix_len),
		LAYOUT_FIELD(struct gen_monitor, name),
		LAYOUT_FIELD(struct gen_monitor, path),
		LAYOUT_FIELD(struct gen_monitor, host),
		LAYOUT_FIELD(struct gen_monitor, headers),
		LAYOUT_FIELD(struct gen_monitor, body),
		LAYOUT_FIELD(struct gen_monitor, type),
		LAYOUT_FIELD(struct gen_monitor, method),
		LAYOUT_FIELD(struct gen_monitor, interval_ms),
		LAYOUT_FIELD(struct gen_monitor, jitter_percent),
		LAYOUT_FIELD(struct gen_monitor, timeout_ms),
		LAYOUT_FIELD(struct gen_monitor, fall),
		LAYOUT_FIELD(struct gen_monitor, rise),
		LAYOUT_FIELD(struct gen_monitor, statuses),
		LAYOUT_FIELD(struct gen_monitor, hash),
		LAYOUT_FIELD(struct gen_tcp_profile, name),
		LAYOUT_FIELD(struct gen_tcp_profile, receive_buffer_bytes),
		LAYOUT_FIELD(struct gen_tcp_profile, send_buffer_bytes),
		LAYOUT_FIELD(struct gen_tcp_profile, delayed_ack_ms),
		LAYOUT_FIELD(struct gen_tcp_profile, syn_retries),
		LAYOUT_FIELD(struct gen_tcp_profile, data_retries),
		LAYOUT_FIELD(struct gen_tcp_profile, max_segment_bytes),
		LAYOUT_FIELD(struct gen_tcp_profile, user_timeout_ms),
		LAYOUT_FIELD(struct gen_tcp_profile, keep_alive_idle_ms),
		LAYOUT_FIELD(struct gen_tcp_profile, keep_alive_interval_ms),
		LAYOUT_FIELD(struct gen_tcp_profile, keep_alive_probes),
		LAYOUT_FIELD(struct gen_tcp_profile, congestion_control),
		LAYOUT_FIELD(struct gen_tcp_profile, ecn),
		LAYOUT_FIELD(struct gen_tcp_profile, nagle),
		LAYOUT_FIELD(struct gen_tcp_profile, pacing),
		LAYOUT_FIELD(struct gen_tcp_profile, fast_open),
		LAYOUT_FIELD(struct gen_tcp_profile, hash),
		LAYOUT_FIELD(struct gen_pool, name),
		LAYOUT_FIELD(struct gen_pool, method),
		LAYOUT_FIELD(struct gen_pool, monitor),
		LAYOUT_FIELD(struct gen_pool, tcp_profile),
		LAYOUT_FIELD(struct gen_pool, first_member),
		LAYOUT_FIELD(struct gen_pool, member_count),
		LAYOUT_FIELD(struct gen_pool, first_slot),
		LAYOUT_FIELD(struct gen_pool, slot_count),
		LAYOUT_FIELD(struct gen_pool, keep_idle_max),
		LAYOUT_FIELD(struct gen_pool, keep_idle_timeout_ms),
		LAYOUT_FIELD(struct gen_pool, passive_fall),
		LAYOUT_FIELD(struct gen_pool, passive_retry_ms),
		LAYOUT_FIELD(struct gen_member, endpoint),
		LAYOUT_FIELD(struct gen_member, weight),
		LAYOUT_FIELD(struct gen_member, connection_limit),
		LAYOUT_FIELD(struct gen_member, backup),
		LAYOUT_FIELD(struct gen_member, pool),
		LAYOUT_FIELD(struct gen_member, stats_slot),
		LAYOUT_FIELD(struct gen_member, owner),
		LAYOUT_FIELD(struct gen_virtual_server, name),
		LAYOUT_FIELD(struct gen_virtual_server, endpoint),
		LAYOUT_FIELD(struct gen_virtual_server, type),
		LAYOUT_FIELD(struct gen_virtual_server, pool),
		LAYOUT_FIELD(struct gen_virtual_server, stats_slot),
		LAYOUT_FIELD(struct gen_virtual_server, idle_timeout_ms),
		LAYOUT_FIELD(struct gen_virtual_server, tcp_profile),
		LAYOUT_FIELD(struct gen_virtual_server, owner),
		LAYOUT_FIELD(struct endpoint, addr),
		LAYOUT_FIELD(struct endpoint, port),
	};
	/* The values of the enums; most have no table. */
	static const char enums[] = "monitor tcp http GET HEAD OPTIONS "
				    "congestion-control cubic newreno method round-robin "
				    "least-connections random-of-two source-hash maglev "
				    "virtual-server tcp http bond none active-backup lacp services "
#define X(name, protocol, port, per_second, text) #name " "
#include "fw/abi/services.tbl"
	    ;

	return layout_hash(numbers, ARRAY_SIZE(numbers), enums, sizeof enums);
}

static uint64_t
hash_with_header(const struct generation *gen, struct generation header)
{
	uint64_t body = siphash(&zero_key, gen + 1, gen->total_bytes - sizeof *gen);
	uint8_t bytes[sizeof header + sizeof body];

	memcpy(bytes, &header, sizeof header);
	memcpy(bytes + sizeof header, &body, sizeof body);
	return siphash(&zero_key, bytes, sizeof bytes);
}

uint64_t
generation_checksum(const struct generation *gen)
{
	struct generation header = *gen;

	header.checksum = 0;
	return hash_with_header(gen, header);
}

uint64_t
generation_content_hash(const struct generation *gen)
{
	struct generation header = *gen;

	header.checksum = 0;
	header.content_hash = 0;
	header.number = 0;
	header.created_unix_s = 0;
	return hash_with_header(gen, header);
}

static uint64_t
identity(const uint64_t *parts, size_t count)
{
	uint64_t hash = siphash(&zero_key, parts, count * sizeof *parts);

	return hash ? hash : 1;
}

static uint64_t
name_hash(const struct generation *gen, struct gen_name name)
{
	return siphash(&zero_key, generation_text(gen, name), name.len);
}

/*
 * How often it asks is no part of what it asks: a changed interval keeps what is known of a
 * member.
 */
uint64_t
generation_monitor_hash(const struct generation *gen, const struct gen_monitor *monitor)
{
	const uint64_t parts[] = {
		name_hash(gen, monitor->name),
		name_hash(gen, monitor->path),
		name_hash(gen, monitor->host),
		name_hash(gen, monitor->headers),
		name_hash(gen, monitor->body),
		monitor->type,
		monitor->method,
		siphash(&zero_key, &monitor->statuses, sizeof monitor->statuses),
	};

	return identity(parts, ARRAY_SIZE(parts));
}

/* The name and nothing else: a changed profile is followed by the connections that have it. */
uint64_t
generation_tcp_profile_hash(const struct generation *gen, const struct gen_tcp_profile *profile)
{
	const uint64_t parts[] = { name_hash(gen, profile->name) };

	return identity(parts, ARRAY_SIZE(parts));
}

uint64_t
generation_member_owner(const struct generation *gen, const struct gen_member *member)
{
	const struct gen_pool *pool = &generation_pools(gen)[member->pool];
	const uint64_t parts[] = { name_hash(gen, pool->name), member->endpoint.addr.word[0],
				   member->endpoint.addr.word[1], member->endpoint.port };

	return identity(parts, ARRAY_SIZE(parts));
}

uint64_t
generation_vs_owner(const struct generation *gen, const struct gen_virtual_server *vs)
{
	const uint64_t parts[] = { name_hash(gen, vs->name) };

	return identity(parts, ARRAY_SIZE(parts));
}

enum err
generation_lay_out(struct generation *gen)
{
	uint64_t at = sizeof *gen;

#define X(array, type, limit)                                                                      \
	if (gen->array.count > (limit))                                                            \
		return ERR_too_long;                                                               \
	gen->array.offset = (uint32_t)at;                                                          \
	at = (at + (uint64_t)gen->array.count * sizeof(type) + 7) & ~(uint64_t)7;                  \
	if (at > LIMIT_GENERATION_BYTES)                                                           \
		return ERR_too_long;
	ARRAYS(X)
#undef X
	gen->total_bytes = at;
	return ERR_ok;
}

enum err
generation_check(const void *data, size_t size_bytes, const char **where)
{
	const struct generation *gen = data;
	enum err err = check_header(gen, size_bytes, where);

	if (err != ERR_ok)
		return err;
	if (!check_arrays(gen, where) || !check_ports(gen, where) || !check_routes(gen, where) ||
	    !check_management(gen, where) || !check_monitors(gen, where) ||
	    !check_tcp_profiles(gen, where) || !check_pools(gen, where) ||
	    !check_maglev(gen, where) || !check_members(gen, where) ||
	    !check_virtual_servers(gen, where))
		return ERR_corrupt;
	if (generation_content_hash(gen) != gen->content_hash) {
		*where = "content hash";
		return ERR_corrupt;
	}
	*where = "";
	return ERR_ok;
}

static enum err
check_header(const struct generation *gen, size_t size_bytes, const char **where)
{
	*where = "alignment in memory";
	if ((uintptr_t)gen % _Alignof(struct generation) != 0)
		return ERR_corrupt;
	*where = "size";
	if (size_bytes < sizeof *gen || size_bytes > LIMIT_GENERATION_BYTES)
		return ERR_corrupt;
	*where = "magic";
	if (gen->magic != GENERATION_MAGIC)
		return ERR_corrupt;
	*where = "layout";
	if (gen->layout_hash != generation_layout_hash())
		return ERR_version;
	*where = "total size";
	if (gen->total_bytes != size_bytes)
		return ERR_corrupt;
	*where = "checksum";
	if (generation_checksum(gen) != gen->checksum)
		return ERR_corrupt;
	*where = "number";
	return gen->number == 0 ? ERR_corrupt : ERR_ok;
}

/* The counts alone say where each array has to be. */
static bool
check_arrays(const struct generation *gen, const char **where)
{
	struct generation expected = *gen;

	TRY(generation_lay_out(&expected) == ERR_ok, "array counts");
	TRY(expected.total_bytes == gen->total_bytes, "array sizes");
#define X(array, type, limit) TRY(expected.array.offset == gen->array.offset, #array " offset");
	ARRAYS(X)
#undef X
	return true;
}

/* Ports share out the addresses among them, in order and without a rest. */
static bool
check_ports(const struct generation *gen, const char **where)
{
	const struct gen_port *ports = generation_ports(gen);
	const struct gen_address *addresses = generation_addresses(gen);
	uint32_t next = 0;

	for (uint32_t i = 0; i < gen->ports.count; i++) {
		TRY(name_valid(gen, ports[i].name, LIMIT_PORT_NAME_BYTES) && ports[i].name.len > 0,
		    "port name");
		TRY(ports[i].mtu_bytes >= LIMIT_MTU_MIN && ports[i].mtu_bytes <= LIMIT_MTU_MAX,
		    "port mtu");
		if (!check_kind(gen, i, where))
			return false;
		TRY((ports[i].services & ~SERVICES_ALL) == 0, "port services");
		TRY(ports[i].first_address == next, "port first address");
		TRY(ports[i].address_count <= gen->addresses.count - next, "port address count");
		next += ports[i].address_count;
		for (uint32_t a = ports[i].first_address; a < next; a++) {
			TRY(addresses[a].port == i, "address port");
			TRY(addresses[a].prefix_len >= 1 &&
				addresses[a].prefix_len <=
				    (addr_is_v4(&addresses[a].addr) ? 32 : 128),
			    "address prefix length");
		}
	}
	TRY(next == gen->addresses.count, "addresses without a port");
	return true;
}

enum kind { PORT, BOND, VLAN };

static enum kind
kind_of(const struct gen_port *port)
{
	if (port->parent != GENERATION_NONE)
		return VLAN;
	return port->bond_mode == GEN_BOND_NONE ? PORT : BOND;
}

/* Ports, bonds and VLANs one after the other, and no more of each than there may be. */
static bool
check_kind(const struct generation *gen, uint32_t row, const char **where)
{
	const struct gen_port *ports = generation_ports(gen), *own = &ports[row];
	enum kind kind = kind_of(own);
	uint32_t same = 0;

	for (uint32_t i = 0; i < row; i++) {
		TRY(kind_of(&ports[i]) <= kind, "port order");
		same += kind_of(&ports[i]) == kind;
	}
	TRY(same < (kind == PORT   ? LIMIT_PORTS
		    : kind == BOND ? LIMIT_BONDS
				   : LIMIT_VLANS),
	    "port count");
	TRY(kind != BOND || own->bond_mode < GEN_BOND_MODES, "bond mode");
	if (kind == VLAN)
		return check_vlan(gen, row, where);
	TRY(own->tag == 0, "port tag");
	return check_bond(gen, row, where);
}

/* Of ports that have nothing of their own and are in no bond before it. Other rows have no members. */
static bool
check_bond(const struct generation *gen, uint32_t row, const char **where)
{
	const struct gen_port *ports = generation_ports(gen), *own = &ports[row];
	bool is_bond = kind_of(own) == BOND;

	TRY(is_bond ? own->member_count >= 2 && own->member_count <= LIMIT_BOND_PORTS
		    : own->member_count == 0,
	    "bond members");
	for (uint32_t m = 0; m < LIMIT_BOND_PORTS; m++) {
		uint32_t member = own->members[m];

		if (m >= own->member_count) {
			TRY(member == 0, "bond members");
			continue;
		}
		TRY(member < row && kind_of(&ports[member]) == PORT, "bond member");
		TRY(ports[member].address_count == 0 && ports[member].services == 0,
		    "bond member in use");
		TRY(own->mtu_bytes <= ports[member].mtu_bytes, "bond mtu");
		TRY(generation_bond_of(gen, member) == row, "bond member twice");
		for (uint32_t i = 0; i < m; i++)
			TRY(own->members[i] != member, "bond member twice");
	}
	return true;
}

uint32_t
generation_bond_of(const struct generation *gen, uint32_t port)
{
	const struct gen_port *ports = generation_ports(gen);

	for (uint32_t i = 0; i < gen->ports.count; i++)
		for (uint32_t m = 0; m < ports[i].member_count && m < LIMIT_BOND_PORTS; m++)
			if (ports[i].members[m] == port)
				return i;
	return GENERATION_NONE;
}

/* On a port or bond that came before it, under a tag of its own. */
static bool
check_vlan(const struct generation *gen, uint32_t row, const char **where)
{
	const struct gen_port *ports = generation_ports(gen), *own = &ports[row];

	TRY(own->parent < row && kind_of(&ports[own->parent]) != VLAN, "vlan port");
	TRY(generation_bond_of(gen, own->parent) == GENERATION_NONE, "vlan port");
	TRY(own->bond_mode == GEN_BOND_NONE, "vlan bond");
	TRY(own->tag >= 1 && own->tag <= LIMIT_VLAN_TAG, "vlan tag");
	TRY(own->mtu_bytes <= ports[own->parent].mtu_bytes, "vlan mtu");
	for (uint32_t i = 0; i < row; i++)
		TRY(ports[i].parent != own->parent || ports[i].tag != own->tag, "vlan tag twice");
	return check_bond(gen, row, where);
}

static bool
check_routes(const struct generation *gen, const char **where)
{
	const struct gen_route *routes = generation_routes(gen);

	for (uint32_t i = 0; i < gen->routes.count; i++) {
		TRY(routes[i].prefix_len <= (addr_is_v4(&routes[i].to) ? 32 : 128),
		    "route prefix length");
		if (!check_gateways(gen, &routes[i], where))
			return false;
		TRY(i == 0 || routes[i - 1].prefix_len >= routes[i].prefix_len, "route order");
	}
	return true;
}

static bool
check_gateways(const struct generation *gen, const struct gen_route *route, const char **where)
{
	static const struct gen_gateway none;

	TRY(route->gateway_count >= 1 && route->gateway_count <= LIMIT_GATEWAYS, "route gateways");
	for (uint32_t i = 0; i < LIMIT_GATEWAYS; i++) {
		const struct gen_gateway *gateway = &route->gateways[i];

		if (i >= route->gateway_count) {
			TRY(memcmp(gateway, &none, sizeof none) == 0, "route gateways");
			continue;
		}
		TRY(gateway->port < gen->ports.count, "gateway port");
		TRY(addr_is_v4(&route->to) == addr_is_v4(&gateway->addr), "gateway family");
		TRY(is_connected(gen, gateway), "gateway address");
		for (uint32_t j = 0; j < i; j++)
			TRY(!addr_equal(&gateway->addr, &route->gateways[j].addr), "gateway twice");
	}
	return true;
}

static bool
check_management(const struct generation *gen, const char **where)
{
	const struct gen_management_address *own = generation_management_addresses(gen);

	for (uint32_t i = 0; i < gen->management_addresses.count; i++, own++) {
		bool v4 = addr_is_v4(&own->addr);

		TRY(own->prefix_len >= 1 && own->prefix_len <= (v4 ? 32 : 128),
		    "management prefix length");
		TRY(addr_equal(&own->gateway, &addr_any) || addr_is_v4(&own->gateway) == v4,
		    "management gateway family");
	}
	return true;
}

static bool
check_monitors(const struct generation *gen, const char **where)
{
	const struct gen_monitor *monitor = generation_monitors(gen);

	for (uint32_t i = 0; i < gen->monitors.count; i++, monitor++) {
		TRY(name_valid(gen, monitor->name, LIMIT_NAME_BYTES) && monitor->name.len > 0,
		    "monitor name");
		TRY(name_valid(gen, monitor->host, LIMIT_HOST_BYTES), "monitor host");
		TRY(monitor->type <= GEN_MONITOR_HTTP, "monitor type");
		TRY(name_valid(gen, monitor->path, LIMIT_PATH_BYTES) && monitor->path.len > 0 &&
			*generation_text(gen, monitor->path) == '/',
		    "monitor path");
		TRY(monitor->interval_ms >= 1 && monitor->interval_ms <= LIMIT_TIME_MS,
		    "monitor interval");
		TRY(monitor->timeout_ms >= 1 && monitor->timeout_ms <= monitor->interval_ms,
		    "monitor timeout");
		TRY(monitor->fall >= 1 && monitor->rise >= 1, "monitor fall or rise");
		TRY(monitor->jitter_percent <= 50, "monitor jitter");
		TRY(monitor->method <= GEN_MONITOR_OPTIONS, "monitor method");
		TRY(statuses_valid(&monitor->statuses), "monitor statuses");
		TRY(headers_valid(gen, monitor->headers), "monitor headers");
		TRY(text_valid(gen, monitor->body, LIMIT_BODY_MATCH_BYTES, 0x20), "monitor body");
		TRY(monitor->hash == generation_monitor_hash(gen, monitor), "monitor hash");
	}
	return true;
}

static bool
check_tcp_profiles(const struct generation *gen, const char **where)
{
	const struct gen_tcp_profile *profile = generation_tcp_profiles(gen);

	for (uint32_t i = 0; i < gen->tcp_profiles.count; i++, profile++) {
		TRY(name_valid(gen, profile->name, LIMIT_NAME_BYTES) && profile->name.len > 0,
		    "tcp profile name");
		TRY(buffer_valid(profile->receive_buffer_bytes), "tcp profile receive buffer");
		TRY(buffer_valid(profile->send_buffer_bytes), "tcp profile send buffer");
		TRY(profile->delayed_ack_ms <= LIMIT_DELAYED_ACK_MS, "tcp profile delayed ack");
		TRY(profile->syn_retries >= 1 && profile->syn_retries <= LIMIT_TCP_RETRIES,
		    "tcp profile syn retries");
		TRY(profile->data_retries >= 1 && profile->data_retries <= LIMIT_TCP_RETRIES,
		    "tcp profile data retries");
		TRY(profile->max_segment_bytes == 0 ||
			(profile->max_segment_bytes >= LIMIT_SEGMENT_MIN &&
			 profile->max_segment_bytes <= LIMIT_SEGMENT_MAX),
		    "tcp profile segment");
		TRY(profile->user_timeout_ms <= LIMIT_TIME_MS, "tcp profile user timeout");
		TRY(profile->keep_alive_idle_ms <= LIMIT_TIME_MS, "tcp profile keep-alive idle");
		TRY(profile->keep_alive_interval_ms >= LIMIT_KEEP_ALIVE_MIN &&
			profile->keep_alive_interval_ms <= LIMIT_TIME_MS,
		    "tcp profile keep-alive interval");
		TRY(profile->keep_alive_probes >= 1 &&
			profile->keep_alive_probes <= LIMIT_TCP_RETRIES,
		    "tcp profile keep-alive probes");
		TRY(profile->congestion_control < GEN_TCP_CC_COUNT,
		    "tcp profile congestion control");
		TRY(profile->ecn <= 1 && profile->nagle <= 1 && profile->pacing <= 1 &&
			profile->fast_open <= 1,
		    "tcp profile switch");
		TRY(profile->hash == generation_tcp_profile_hash(gen, profile), "tcp profile hash");
	}
	return true;
}

static bool
buffer_valid(uint32_t bytes)
{
	return bytes >= LIMIT_TCP_BUFFER_MIN && bytes <= LIMIT_TCP_BUFFER_MAX;
}

static bool
tcp_profile_known(const struct generation *gen, uint32_t profile)
{
	return profile == GENERATION_NONE || profile < gen->tcp_profiles.count;
}

/* Pools share out the members as ports do the addresses. */
static bool
check_pools(const struct generation *gen, const char **where)
{
	const struct gen_pool *pools = generation_pools(gen);
	uint32_t next = 0;

	for (uint32_t i = 0; i < gen->pools.count; i++) {
		TRY(name_valid(gen, pools[i].name, LIMIT_NAME_BYTES) && pools[i].name.len > 0,
		    "pool name");
		TRY(pools[i].method < GEN_METHOD_COUNT, "pool method");
		TRY(pools[i].keep_idle_max <= LIMIT_CONNECTIONS, "pool kept connections");
		TRY(pools[i].keep_idle_timeout_ms >= 1 &&
			pools[i].keep_idle_timeout_ms <= LIMIT_TIME_MS,
		    "pool kept connections' timeout");
		TRY(pools[i].passive_retry_ms >= 1 && pools[i].passive_retry_ms <= LIMIT_TIME_MS,
		    "pool passive retry");
		TRY(pools[i].monitor == GENERATION_NONE || pools[i].monitor < gen->monitors.count,
		    "pool monitor");
		TRY(tcp_profile_known(gen, pools[i].tcp_profile), "pool tcp profile");
		TRY(pools[i].first_member == next, "pool first member");
		TRY(pools[i].member_count >= 1 &&
			pools[i].member_count <= gen->members.count - next,
		    "pool member count");
		next += pools[i].member_count;
		for (uint32_t m = pools[i].first_member; m < next; m++)
			TRY(generation_members(gen)[m].pool == i, "member pool");
	}
	TRY(next == gen->members.count, "members without a pool");
	return true;
}

/* Pools of method maglev share out the slots; each slot names a member of its pool. */
static bool
check_maglev(const struct generation *gen, const char **where)
{
	const struct gen_pool *pools = generation_pools(gen);
	const uint16_t *slots = generation_maglev(gen);
	uint32_t next = 0;

	for (uint32_t i = 0; i < gen->pools.count; i++) {
		if (pools[i].method != GEN_METHOD_MAGLEV) {
			TRY(pools[i].first_slot == 0 && pools[i].slot_count == 0,
			    "pool with slots it has no use for");
			continue;
		}
		TRY(pools[i].first_slot == next, "pool first slot");
		TRY(pools[i].slot_count >= 1 && pools[i].slot_count <= LIMIT_MAGLEV_SLOTS &&
			pools[i].slot_count <= gen->maglev.count - next,
		    "pool slot count");
		next += pools[i].slot_count;
		for (uint32_t s = pools[i].first_slot; s < next; s++)
			TRY(slots[s] < pools[i].member_count, "maglev slot");
	}
	TRY(next == gen->maglev.count, "maglev slots without a pool");
	return true;
}

static bool
check_members(const struct generation *gen, const char **where)
{
	const struct gen_member *member = generation_members(gen);
	uint64_t taken[LIMIT_MEMBERS / 64] = { 0 };

	for (uint32_t i = 0; i < gen->members.count; i++, member++) {
		TRY(member->endpoint.port != 0, "member port");
		TRY(member->weight >= 1 && member->weight <= LIMIT_WEIGHT, "member weight");
		TRY(member->connection_limit <= LIMIT_CONNECTIONS, "member connection limit");
		TRY(member->backup <= 1, "member backup");
		TRY(slot_take(taken, member->stats_slot, LIMIT_MEMBERS), "member stats slot");
		TRY(member->owner == generation_member_owner(gen, member), "member owner");
	}
	return true;
}

static bool
check_virtual_servers(const struct generation *gen, const char **where)
{
	const struct gen_virtual_server *vs = generation_virtual_servers(gen);
	uint64_t taken[LIMIT_VIRTUAL_SERVERS / 64] = { 0 };

	for (uint32_t i = 0; i < gen->virtual_servers.count; i++, vs++) {
		TRY(name_valid(gen, vs->name, LIMIT_NAME_BYTES) && vs->name.len > 0,
		    "virtual server name");
		TRY(vs->endpoint.port != 0, "virtual server port");
		TRY(vs->type <= GEN_VS_HTTP, "virtual server type");
		TRY(vs->pool < gen->pools.count, "virtual server pool");
		TRY(tcp_profile_known(gen, vs->tcp_profile), "virtual server tcp profile");
		TRY(vs->idle_timeout_ms >= 1 && vs->idle_timeout_ms <= LIMIT_TIME_MS,
		    "virtual server idle timeout");
		TRY(slot_take(taken, vs->stats_slot, LIMIT_VIRTUAL_SERVERS),
		    "virtual server stats slot");
		TRY(vs->owner == generation_vs_owner(gen, vs), "virtual server owner");
	}
	return true;
}

static bool
is_connected(const struct generation *gen, const struct gen_gateway *gateway)
{
	const struct gen_port *port = &generation_ports(gen)[gateway->port];

	for (uint32_t a = 0; a < port->address_count; a++) {
		const struct gen_address *address =
		    &generation_addresses(gen)[port->first_address + a];

		if (addr_in_prefix(&gateway->addr, &address->addr, address->prefix_len))
			return true;
	}
	return false;
}

/* At least one, and none beyond the last. */
static bool
statuses_valid(const struct gen_statuses *set)
{
	uint64_t any = 0;

	for (uint32_t word = 0; word < ARRAY_SIZE(set->bits); word++)
		any |= set->bits[word];
	return any && set->bits[7] >> (GEN_STATUS_MAX + 1 - GEN_STATUS_MIN) % 64 == 0;
}

/* Whether the text lies in the string table and is of these characters. */
static bool
text_valid(const struct generation *gen, struct gen_name name, uint32_t max_len, char lowest)
{
	const char *text;

	if (name.len > max_len || name.offset >= gen->strings.count ||
	    name.len >= gen->strings.count - name.offset)
		return false;
	text = generation_text(gen, name);
	for (uint32_t i = 0; i < name.len; i++)
		if (text[i] < lowest || text[i] > 0x7e)
			return false;
	return text[name.len] == '\0';
}

/* Visible ASCII only: names reach terminals, and a monitor's path and host reach HTTP requests. */
static bool
name_valid(const struct generation *gen, struct gen_name name, uint32_t max_len)
{
	return text_valid(gen, name, max_len, 0x21);
}

/* Lines of printable ASCII, each with its CR LF and none of them empty: they reach HTTP requests. */
static bool
headers_valid(const struct generation *gen, struct gen_name headers)
{
	const char *text = generation_text(gen, headers);
	uint32_t line_len = 0;

	if (!text_valid(gen, headers, LIMIT_HEADERS_BYTES, '\n'))
		return false;
	for (uint32_t i = 0; i < headers.len; i++) {
		if (text[i] >= 0x20) {
			line_len++;
		} else if (text[i] == '\r' && text[i + 1] == '\n' && line_len > 0) {
			line_len = 0;
			i++;
		} else {
			return false;
		}
	}
	return line_len == 0;
}

static bool
slot_take(uint64_t *taken, uint32_t slot, uint32_t limit)
{
	uint64_t bit = UINT64_C(1) << slot % 64;

	if (slot >= limit || (taken[slot / 64] & bit))
		return false;
	taken[slot / 64] |= bit;
	return true;
}
