/*
 * The stats file, /run/fairlead/stats: counters written by the data plane (one writer a cell, plain
 * stores of aligned 64-bit words) and read by anybody. Readers sum over the workers.
 *
 * Virtual servers and members have slots that mgmt hands out and that stay theirs from generation
 * to generation; the control thread clears a slot when its owner (a hash of the identity) changes.
 */
#ifndef FW_ABI_STATS_H
#define FW_ABI_STATS_H

#include <stdint.h>

#include "fw/abi/drops.h"
#include "fw/abi/limits.h"
#include "fw/abi/services.h"

enum counter {
#define X(name, unit, text) COUNTER_##name,
#include "fw/abi/counters.tbl"
	COUNTER_COUNT
};

enum vs_counter {
#define X(name, unit, text) VS_COUNTER_##name,
#include "fw/abi/vs_counters.tbl"
	VS_COUNTER_COUNT
};

enum member_counter {
#define X(name, unit, text) MEMBER_COUNTER_##name,
#include "fw/abi/member_counters.tbl"
	MEMBER_COUNTER_COUNT
};

enum port_counter {
#define X(name, unit, text) PORT_COUNTER_##name,
#include "fw/abi/port_counters.tbl"
	PORT_COUNTER_COUNT
};

enum punt_counter {
#define X(name, unit, text) PUNT_COUNTER_##name,
#include "fw/abi/punt_counters.tbl"
	PUNT_COUNTER_COUNT
};

enum memory {
#define X(name, text) MEMORY_##name,
#include "fw/abi/memory.tbl"
	MEMORY_COUNT
};

struct memory_info {
	const char *name, *text;
};

extern const struct memory_info memory_infos[MEMORY_COUNT];

struct counter_info {
	const char *name, *unit, *text;
};

extern const struct counter_info counter_infos[COUNTER_COUNT];
extern const struct counter_info vs_counter_infos[VS_COUNTER_COUNT];
extern const struct counter_info member_counter_infos[MEMBER_COUNTER_COUNT];
extern const struct counter_info port_counter_infos[PORT_COUNTER_COUNT];

/* A pool of a worker. */
struct stats_memory {
	uint64_t object_bytes; /* of one */
	uint64_t capacity;     /* objects */
	uint64_t used,
	    used_max; /* objects: now; at most so far, of packet buffers as seen each millisecond */
};

/* One worker's cells. Page-sized pieces, so that no two workers write to one cache line. */
struct __attribute__((aligned(4096))) stats_worker {
	uint64_t counter[COUNTER_COUNT];
	uint64_t drop[DROP_COUNT];
	uint64_t punt[SERVICE_COUNT][PUNT_COUNTER_COUNT];
	struct stats_memory memory[MEMORY_COUNT];
	uint64_t port[LIMIT_PORTS][PORT_COUNTER_COUNT];
	uint64_t vs[LIMIT_VIRTUAL_SERVERS][VS_COUNTER_COUNT];
	uint64_t member[LIMIT_MEMBERS][MEMBER_COUNTER_COUNT];
};

#define STATS_PORT_NAME_BYTES 16

/* Written by the control thread. */
struct stats_port {
	char name[STATS_PORT_NAME_BYTES]; /* as in the configuration; empty: no port here */
	char driver[24];                  /* "af_xdp", "memif", ... */
	uint8_t mac[6];
	uint8_t link_up;
	uint8_t pad;
	uint32_t mtu_bytes;
	uint32_t speed_mbps; /* 0: unknown */
	uint64_t link_changes;
	uint64_t errors;   /* frames that the device itself lost or refused */
	char offloads[64]; /* what the device does of our work: "rx-checksum,tso"; "-": nothing */
};

enum lacp_state {
#define X(name, text) LACP_STATE_##name,
#include "fw/abi/lacp_states.tbl"
	LACP_STATE_COUNT
};

struct lacp_state_info {
	const char *name, *text;
};

extern const struct lacp_state_info lacp_state_infos[LACP_STATE_COUNT];

struct stats_bond_member {
	char name[STATS_PORT_NAME_BYTES]; /* of the front-panel port */
	uint8_t link_up;
	uint8_t is_active; /* sends: of active-backup one, of LACP all that are aggregated */
	uint8_t lacp;      /* enum lacp_state */
	uint8_t pad;
};

/* What a port is put together of. Written by the control thread. */
struct stats_bond {
	uint32_t mode;      /* enum gen_bond_mode; 0: it is no bond, and all else is 0 */
	uint32_t takeovers; /* active-backup: how often another member became the one that sends */
	uint32_t member_count;
	struct stats_bond_member member[LIMIT_BOND_PORTS]; /* in the order of the configuration */
};

/* When packets were dropped for a reason. Written by the control thread, ten times a second. */
struct stats_drop {
	uint64_t last_unix_us; /* wall clock; 0: never */
	uint64_t per_second;   /* in the last full second */
};

/* How busy a worker was lately. Written by the control thread, once a second. */
struct stats_load {
	uint64_t busy_us; /* in turns that found something to do, */
	uint64_t of_us;   /* in so much time; 0: no second is over yet */
};

/* A generation that the data plane still has. Written by the control thread. */
struct stats_generation {
	uint64_t number;                          /* 0: no more behind this one */
	uint64_t created_unix_s, adopted_unix_us; /* wall clock */
	uint64_t sessions; /* that were decided under it and still need it, a moment ago */
};

struct stats {
	uint64_t magic;
	uint64_t layout_hash; /* of this file's structs and tables; a reader refuses another one */
	uint64_t incarnation; /* differs for each start of the data plane */
	uint64_t started_unix_s; /* wall clock */
	uint64_t started_us;     /* as now_us */
	uint64_t now_us;     /* the data plane's monotonic clock, refreshed by the control thread */
	uint64_t generation; /* number of the generation that new sessions use; 0: none yet */
	uint32_t pid;
	uint32_t workers;                                     /* how many of worker[] are in use */
	struct stats_generation live[LIMIT_GENERATIONS_LIVE]; /* oldest first; the last one runs */
	uint64_t vs_owner[LIMIT_VIRTUAL_SERVERS];             /* identity hash by slot, 0: free */
	uint64_t member_owner[LIMIT_MEMBERS];
	struct stats_port ports[LIMIT_PORTS];
	struct stats_bond bonds[LIMIT_PORTS]; /* of the same index */
	struct stats_drop drops[DROP_COUNT];
	struct stats_load load[LIMIT_WORKERS];
	struct stats_worker worker[LIMIT_WORKERS];
};

#define STATS_MAGIC 0x737461747366616cu /* "lafstats" */

/* The hash that this build expects in layout_hash. */
uint64_t stats_layout_hash(void);

/*
 * Sums over the workers in use (of unit "us at most": the highest); wraps for gauges, whose increments and decrements may be on
 * different workers.
 */
uint64_t stats_counter(const struct stats *stats, enum counter counter);
uint64_t stats_drop(const struct stats *stats, enum drop_reason reason);
/* Of all workers; object_bytes is the same for each. */
struct stats_memory stats_memory(const struct stats *stats, enum memory memory);
uint64_t stats_port_counter(const struct stats *stats, uint32_t port, enum port_counter counter);
uint64_t stats_punt(const struct stats *stats, enum service service, enum punt_counter counter);
uint64_t stats_vs(const struct stats *stats, uint32_t slot, enum vs_counter counter);
uint64_t stats_member(const struct stats *stats, uint32_t slot, enum member_counter counter);

#endif
