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

struct gen_port {
	struct gen_name name;
	uint32_t first_address, address_count; /* in addresses */
	uint32_t mtu_bytes;
	uint32_t pad;
};

struct gen_address {
	struct addr addr;
	uint32_t prefix_len;
	uint32_t port; /* index of the port it belongs to */
};

struct gen_route {
	struct addr to;
	struct addr via;     /* a neighbour on a connected prefix */
	uint32_t prefix_len; /* routes are sorted, longest first */
	uint32_t port;       /* where via is connected */
};

enum gen_monitor_type { GEN_MONITOR_TCP, GEN_MONITOR_HTTP };

struct gen_monitor {
	struct gen_name name;
	struct gen_name path; /* http: request target, "/" first */
	struct gen_name host; /* http: Host field; empty: the member's address */
	uint32_t type;        /* enum gen_monitor_type */
	uint32_t interval_ms;
	uint32_t timeout_ms;
	uint32_t fall;                   /* failures in a row that take a member down */
	uint32_t rise;                   /* successes in a row that bring it up */
	uint32_t status_min, status_max; /* http: range of statuses that count as success */
	uint32_t pad;
	uint64_t hash; /* identity, see health.h */
};

enum gen_method { GEN_METHOD_ROUND_ROBIN };

struct gen_pool {
	struct gen_name name;
	uint32_t method;  /* enum gen_method */
	uint32_t monitor; /* index or GENERATION_NONE */
	uint32_t first_member, member_count;
};

struct gen_member {
	struct endpoint endpoint;
	uint32_t weight;     /* 1.. */
	uint32_t pool;       /* index */
	uint32_t stats_slot; /* in stats.h, kept from generation to generation */
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
	uint64_t owner;           /* identity hash for stats_slot: name */
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
	struct gen_array ports, addresses, routes, monitors, pools, members, virtual_servers;
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
 * Identities, never 0: what belongs into gen_monitor.hash, gen_member.owner and
 * gen_virtual_server.owner.
 */
uint64_t generation_monitor_hash(const struct generation *gen, const struct gen_monitor *monitor);
uint64_t generation_member_owner(const struct generation *gen, const struct gen_member *member);
uint64_t generation_vs_owner(const struct generation *gen, const struct gen_virtual_server *vs);
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
GENERATION_ARRAY(gen_monitor, monitors)
GENERATION_ARRAY(gen_pool, pools)
GENERATION_ARRAY(gen_member, members)
GENERATION_ARRAY(gen_virtual_server, virtual_servers)
#undef GENERATION_ARRAY

#endif
