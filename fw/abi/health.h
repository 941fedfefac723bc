/*
 * The health file, /run/fairlead/health: what is known of members beside the configuration, so that
 * it outlives a new generation and a restart of either process:
 *
 *   entry   what the monitors found out, keyed by member address, port and monitor
 *   admin   what an operator said of a member (drain, disable, force), keyed by the member's owner hash
 *   ledger  the last transitions of both, see ledger.h
 *
 * Only the data plane writes: the control thread claims entries and writes admin, the worker that
 * runs the monitor writes the rest of its entries.
 */
#ifndef FW_ABI_HEALTH_H
#define FW_ABI_HEALTH_H

#include <stdint.h>

#include "fw/abi/limits.h"
#include "fw/abi/ledger.h"
#include "fw/base/addr.h"

enum health_state {
	HEALTH_UNKNOWN, /* not enough probes yet; a member without a monitor counts as up then */
	HEALTH_UP,
	HEALTH_DOWN,
};

enum health_cause {
#define X(name, text) HEALTH_CAUSE_##name,
#include "fw/abi/health_causes.tbl"
	HEALTH_CAUSE_COUNT
};

/* What an operator said of a member. No commit changes it; it lasts until it is taken back. */
enum member_admin {
	MEMBER_ENABLED,
	MEMBER_DRAINED,   /* no new sessions but those bound to it by persistence; monitors go on */
	MEMBER_DISABLED,  /* no new sessions at all, and monitors rest; those in flight go on */
	MEMBER_FORCED_UP, /* counts as up whatever the monitor finds */
	MEMBER_FORCED_DOWN, /* counts as down whatever the monitor finds */
	MEMBER_ADMIN_COUNT
};

/* Twice as many: a commit may replace every member while the ones before are still watched. */
#define HEALTH_ENTRIES (2 * LIMIT_MEMBERS)
/* Stands for the monitor's hash in pools without one, whose members are judged by their traffic. */
#define HEALTH_PASSIVE_HASH UINT64_C(1)

enum health_use {
	HEALTH_USE_NEVER, /* ends a search */
	HEALTH_USE_CLAIMED,
	HEALTH_USE_RELEASED, /* in no generation any more; a search goes on behind it */
};

struct health_entry {
	struct addr address;
	uint16_t port;
	uint8_t used;  /* enum health_use; released only when it is in no generation any more */
	uint8_t state; /* enum health_state */
	uint8_t cause; /* enum health_cause of the last probe */
	uint8_t pad[3];
	uint32_t passive_failures; /* connections of sessions that failed, in a row */
	uint32_t pad2;
	uint64_t monitor_hash;    /* identity of the monitor: its name and what it asks for */
	uint32_t successes;       /* in a row */
	uint32_t failures;        /* in a row */
	uint64_t probes;          /* ever */
	uint64_t transitions;     /* ever */
	uint64_t changed_unix_us; /* wall clock of the last transition, 0: never */
	uint64_t probed_unix_us;  /* wall clock of the last probe's result */
};

struct health_admin {
	uint64_t owner;           /* of the member: gen_member.owner */
	uint64_t changed_unix_us; /* wall clock, 0: never */
	uint8_t used;             /* enum health_use */
	uint8_t state; /* enum member_admin; written by the control thread, read by workers */
	uint8_t pad[6];
};

struct health_table {
	uint64_t magic;
	uint64_t layout_hash;
	uint64_t incarnation;
	struct health_entry entry[HEALTH_ENTRIES];
	struct health_admin admin[HEALTH_ENTRIES];
	struct ledger ledger[LEDGER_WRITERS];
};

#define HEALTH_MAGIC 0x68656c74686c6166u

uint64_t health_layout_hash(void);
const char *health_state_text(enum health_state state); /* "up", "down", "unknown" */
const char *health_cause_text(enum health_cause cause);
/* Hash table search by key, linear probing; NULL if there is none. Lends. */
struct health_entry *health_find(struct health_table *table, const struct addr *address,
				 uint16_t port, uint64_t monitor_hash);
/* Finds or claims (state unknown); NULL when the table is full. Control thread only. */
struct health_entry *health_claim(struct health_table *table, const struct addr *address,
				  uint16_t port, uint64_t monitor_hash);
/* The same for what the operator said, by the member's owner hash. */
const char *member_admin_text(enum member_admin state); /* "enabled", "drained", "forced-up", ... */
struct health_admin *health_admin_find(struct health_table *table, uint64_t owner);
struct health_admin *health_admin_claim(struct health_table *table, uint64_t owner);
void health_admin_release(struct health_table *table, struct health_admin *admin);
/* Takes back a claimed entry. Control thread only, and only once no worker uses it. */
void health_release(struct health_table *table, struct health_entry *entry);

#endif
