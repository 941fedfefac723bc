/*
 * A generation: the committed configuration, compiled by mgmt into one self-contained read-only
 * file, /run/fairlead/config/N. Plain structs, offsets instead of pointers, names in a string
 * table. The control thread checks it in full (generation_check) before any worker sees it; after
 * that it never changes.
 *
 * Objects refer to each other by index in their array. The text it was made from is not needed to
 * run it.
 */
#ifndef FW_ABI_GENERATION_H
#define FW_ABI_GENERATION_H

#include <stddef.h>
#include <stdint.h>

#include "fw/abi/limits.h"
#include "fw/base/addr.h"
#include "fw/base/err.h"
#include "fw/base/str.h"

#define GENERATION_MAGIC 0x67656e6572616c66u
#define GENERATION_NONE  UINT32_MAX /* an index that names nothing: no pool, no monitor */

struct gen_array {
	uint32_t offset; /* bytes from the start of the file, 8-byte aligned */
	uint32_t count;  /* elements */
};

struct gen_name {
	uint32_t offset; /* bytes from the start of the string table; a NUL follows the text */
	uint32_t len;    /* without the NUL */
};

/* How several ports are one. */
enum gen_bond_mode { GEN_BOND_NONE, GEN_BOND_ACTIVE_BACKUP, GEN_BOND_LACP, GEN_BOND_MODES };

/*
 * A front-panel port, a bond of several, or a VLAN on one: all have addresses, and everywhere else "port" is an
 * index of these rows. The front-panel ports come first, then the bonds, then the VLANs. A port that is in a bond has
 * neither addresses nor services nor VLANs.
 */
struct gen_port {
	struct gen_name name;
	uint32_t first_address, address_count; /* in addresses */
	uint32_t mtu_bytes;                    /* of IP packets: a tag does not count */
	uint32_t
	    parent; /* index of the port or bond that carries the VLAN; GENERATION_NONE: it is no VLAN */
	uint32_t tag;       /* of the VLAN, 1 to LIMIT_VLAN_TAG; 0: it is none */
	uint32_t services;  /* bit for each enum service that the kernel has on the own addresses */
	uint32_t bond_mode; /* enum gen_bond_mode; GEN_BOND_NONE: it is no bond */
	uint32_t member_count; /* of a bond, at least 2 */
	uint32_t members
	    [LIMIT_BOND_PORTS]; /* indexes of its ports in the order of the text; the rest is 0 */
};

struct gen_address {
	struct addr addr;
	uint32_t prefix_len;
	uint32_t port; /* index of the port it belongs to */
};

struct gen_gateway {
	struct addr addr; /* a neighbour on a connected prefix */
	uint32_t port;    /* where that is */
	uint32_t pad;
};

struct gen_route {
	struct addr to;
	uint32_t prefix_len; /* routes are sorted, longest first */
	uint32_t gateway_count;
	struct gen_gateway
	    gateways[LIMIT_GATEWAYS]; /* in the order of the text; the rest is zero */
};

/* An address of the management port, which the kernel has; no worker looks at it. */
struct gen_management_address {
	struct addr addr;
	struct addr gateway; /* the default route of its family goes there; addr_any: none */
	uint32_t prefix_len;
	uint32_t pad;
};

enum gen_monitor_type { GEN_MONITOR_TCP, GEN_MONITOR_HTTP };

enum gen_monitor_method { GEN_MONITOR_GET, GEN_MONITOR_HEAD, GEN_MONITOR_OPTIONS };

/* A set of HTTP statuses: bit n of the whole is status 100 + n. */
struct gen_statuses {
	uint64_t bits[8];
};

#define GEN_STATUS_MIN 100u
#define GEN_STATUS_MAX 599u

struct gen_monitor {
	struct gen_name name;
	struct gen_name path;    /* http: request target, "/" first */
	struct gen_name host;    /* http: Host field; empty: the member's address */
	struct gen_name headers; /* http: further fields, each "Name: value\r\n"; empty: none */
	struct gen_name body;    /* http: what the body must hold; empty: anything */
	uint32_t type;           /* enum gen_monitor_type */
	uint32_t method;         /* http: enum gen_monitor_method */
	uint32_t interval_ms;
	uint32_t
	    jitter_percent; /* each interval is longer or shorter by up to this much, by chance */
	uint32_t timeout_ms;
	uint32_t fall;                /* failures in a row that take a member down */
	uint32_t rise;                /* successes in a row that bring it up */
	struct gen_statuses statuses; /* http: those that count as success */
	uint64_t hash;                /* identity, see health.h */
};

enum gen_tcp_cc { GEN_TCP_CC_CUBIC, GEN_TCP_CC_NEWRENO, GEN_TCP_CC_COUNT };

/* How connections are handled: struct tcp_profile of the data plane, in the text's units. */
struct gen_tcp_profile {
	struct gen_name name;
	uint32_t receive_buffer_bytes, send_buffer_bytes;
	uint32_t delayed_ack_ms;            /* 0: each segment is acknowledged at once */
	uint32_t syn_retries, data_retries; /* retransmissions in a row before giving up */
	uint32_t max_segment_bytes;         /* MSS in either direction; 0: by the port's MTU */
	uint32_t user_timeout_ms;           /* data unacknowledged for so long ends it; 0: never */
	uint32_t keep_alive_idle_ms;        /* silent for so long: it is probed; 0: never */
	uint32_t keep_alive_interval_ms, keep_alive_probes;
	uint32_t congestion_control;            /* enum gen_tcp_cc */
	uint32_t ecn, nagle, pacing, fast_open; /* 0 or 1 */
	uint64_t hash; /* identity: the name. The data plane's number for it goes by that */
};

enum gen_method {
	GEN_METHOD_ROUND_ROBIN,       /* in turn, each as often as its weight */
	GEN_METHOD_LEAST_CONNECTIONS, /* fewest sessions open by weight */
	GEN_METHOD_RANDOM_OF_TWO,     /* of two by chance the one with fewer sessions by weight */
	GEN_METHOD_SOURCE_HASH,       /* by the client's address, over the configured members */
	GEN_METHOD_MAGLEV,            /* by the client's address, hardly moved by a changed pool */
	GEN_METHOD_COUNT
};

struct gen_pool {
	struct gen_name name;
	uint32_t method;      /* enum gen_method */
	uint32_t monitor;     /* index or GENERATION_NONE */
	uint32_t tcp_profile; /* of connections to members; index, GENERATION_NONE: the default */
	uint32_t pad;
	uint32_t first_member, member_count;
	uint32_t first_slot, slot_count; /* in maglev; 0 but for GEN_METHOD_MAGLEV */
	uint32_t keep_idle_max;        /* idle connections kept to each member, a worker; 0: none */
	uint32_t keep_idle_timeout_ms; /* then one is closed */
	uint32_t passive_fall; /* failed connections in a row that take a member down; 0: none */
	uint32_t passive_retry_ms; /* without a monitor: how long such a member is left alone */
};

struct gen_member {
	struct endpoint endpoint;
	uint32_t weight;           /* 1.. */
	uint32_t connection_limit; /* connections to it, all workers; 0: none */
	uint32_t backup;           /* 1: picked only when no other member can be */
	uint32_t pool;             /* index */
	uint32_t stats_slot;       /* in stats.h, kept from generation to generation */
	uint32_t pad;
	uint64_t owner; /* identity hash for stats_slot: pool name, address, port */
};

enum gen_vs_type { GEN_VS_TCP, GEN_VS_HTTP };

struct gen_virtual_server {
	struct gen_name name;
	struct endpoint endpoint;
	uint32_t type; /* enum gen_vs_type */
	uint32_t pool; /* index */
	uint32_t stats_slot;
	uint32_t idle_timeout_ms; /* client and server side without a byte */
	uint32_t tcp_profile;     /* of clients' connections; index, GENERATION_NONE: the default */
	uint32_t pad;
	uint64_t owner; /* identity hash for stats_slot: name */
};

/*
 * The head of the file. The arrays follow in the order of its fields, each at the next multiple of
 * 8, and nothing comes after them: the counts alone say where everything is.
 */
struct generation {
	uint64_t magic;
	uint64_t layout_hash;
	uint64_t number;         /* 1.. */
	uint64_t content_hash;   /* of the file but itself, number, created_unix_s, checksum */
	uint64_t created_unix_s; /* wall clock */
	uint64_t total_bytes;
	uint64_t checksum; /* of the file but itself; see generation_checksum */
	struct gen_array ports, addresses, routes, management_addresses, monitors, tcp_profiles,
	    pools, members, virtual_servers;
	struct gen_array maglev;  /* uint16_t: member, counted from its pool's first */
	struct gen_array strings; /* count is bytes */
};

uint64_t generation_layout_hash(void);
/*
 * What belongs into checksum and content_hash: the zero-key SipHash of the head, with what is left
 * out (and the field itself) as zero, and the SipHash of everything behind it. The caller has made
 * sure that total_bytes are there.
 */
uint64_t generation_checksum(const struct generation *gen);
uint64_t generation_content_hash(const struct generation *gen);
/*
 * Identities, never 0: what belongs into gen_monitor.hash, gen_tcp_profile.hash, gen_member.owner
 * and gen_virtual_server.owner.
 */
uint64_t generation_monitor_hash(const struct generation *gen, const struct gen_monitor *monitor);
uint64_t
generation_tcp_profile_hash(const struct generation *gen, const struct gen_tcp_profile *profile);
uint64_t generation_member_owner(const struct generation *gen, const struct gen_member *member);
uint64_t generation_vs_owner(const struct generation *gen, const struct gen_virtual_server *vs);
/* The row of the bond that a port is in, GENERATION_NONE: it is in none. */
uint32_t generation_bond_of(const struct generation *gen, uint32_t port);
/*
 * Gives each array its offset by the counts that are set, and total_bytes. ERR_too_long: a count is
 * over its limit, or the whole is over LIMIT_GENERATION_BYTES.
 */
enum err generation_lay_out(struct generation *gen) __attribute__((warn_unused_result));
/*
 * Checks everything that a reader relies on: sizes, magic, layout, checksum, each offset, index,
 * name and enum, the sort order of routes, and that no stats slot has two owners. ERR_version for
 * another layout, ERR_corrupt otherwise. *where lends a constant that names the first thing found
 * wrong. Borrows size_bytes bytes at data.
 */
enum err generation_check(const void *data, size_t size_bytes, const char **where)
    __attribute__((warn_unused_result));

static inline const void *
generation_at(const struct generation *gen, struct gen_array array)
{
	return (const uint8_t *)gen + array.offset;
}

static inline struct str
generation_str(const struct generation *gen, struct gen_name name)
{
	return (struct str){ (const char *)gen + gen->strings.offset + name.offset, name.len };
}

/* NUL-terminated; lends. */
static inline const char *
generation_text(const struct generation *gen, struct gen_name name)
{
	return (const char *)gen + gen->strings.offset + name.offset;
}

#define GENERATION_ARRAY(type, name)                                                               \
	static inline const struct type *generation_##name(const struct generation *gen)           \
	{                                                                                          \
		return generation_at(gen, gen->name);                                              \
	}
GENERATION_ARRAY(gen_port, ports)
GENERATION_ARRAY(gen_address, addresses)
GENERATION_ARRAY(gen_route, routes)
GENERATION_ARRAY(gen_management_address, management_addresses)
GENERATION_ARRAY(gen_monitor, monitors)
GENERATION_ARRAY(gen_tcp_profile, tcp_profiles)
GENERATION_ARRAY(gen_pool, pools)
GENERATION_ARRAY(gen_member, members)
GENERATION_ARRAY(gen_virtual_server, virtual_servers)
#undef GENERATION_ARRAY

static inline const uint16_t *
generation_maglev(const struct generation *gen)
{
	return generation_at(gen, gen->maglev);
}

/* status: GEN_STATUS_MIN to GEN_STATUS_MAX. */
static inline void
gen_statuses_add(struct gen_statuses *set, uint32_t status)
{
	set->bits[(status - GEN_STATUS_MIN) / 64] |= UINT64_C(1) << (status - GEN_STATUS_MIN) % 64;
}

static inline _Bool
gen_statuses_have(const struct gen_statuses *set, uint32_t status)
{
	return status >= GEN_STATUS_MIN && status <= GEN_STATUS_MAX &&
	       (set->bits[(status - GEN_STATUS_MIN) / 64] >> (status - GEN_STATUS_MIN) % 64 & 1);
}

#endif
