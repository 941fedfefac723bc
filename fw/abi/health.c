/*
 * The health table: a hash table with linear probing in a shared file. One process writes; a reader
 * in another one sees an entry's key complete once `used` says claimed, since `used` is stored
 * last. Released entries stay as stepping stones for searches, as long as there is something behind
 * them to be found, and are claimed again by whoever hashes near them.
 */
#include "fw/abi/health.h"

#include <string.h>

#include "fw/abi/layout.h"
#include "fw/base/assert.h"

static uint32_t first_index(const struct addr *address, uint16_t port, uint64_t monitor_hash);
static bool is_key(const struct health_entry *entry, const struct addr *address, uint16_t port,
		   uint64_t monitor_hash);
static void
claim(struct health_entry *entry, const struct addr *address, uint16_t port, uint64_t monitor_hash);

uint64_t
health_layout_hash(void)
{
	static const uint32_t numbers[] = {
		LAYOUT_SIZE(struct health_table),
		LAYOUT_FIELD(struct health_table, magic),
		LAYOUT_FIELD(struct health_table, layout_hash),
		LAYOUT_FIELD(struct health_table, incarnation),
		LAYOUT_FIELD(struct health_table, entry),
		LAYOUT_SIZE(struct health_entry),
		LAYOUT_FIELD(struct health_entry, address),
		LAYOUT_FIELD(struct health_entry, port),
		LAYOUT_FIELD(struct health_entry, used),
		LAYOUT_FIELD(struct health_entry, state),
		LAYOUT_FIELD(struct health_entry, cause),
		LAYOUT_FIELD(struct health_entry, passive_failures),
		LAYOUT_FIELD(struct health_entry, monitor_hash),
		LAYOUT_FIELD(struct health_entry, successes),
		LAYOUT_FIELD(struct health_entry, failures),
		LAYOUT_FIELD(struct health_entry, probes),
		LAYOUT_FIELD(struct health_entry, transitions),
		LAYOUT_FIELD(struct health_entry, changed_unix_us),
		LAYOUT_FIELD(struct health_entry, probed_unix_us),
		LAYOUT_FIELD(struct health_table, admin),
		LAYOUT_SIZE(struct health_admin),
		LAYOUT_FIELD(struct health_admin, owner),
		LAYOUT_FIELD(struct health_admin, changed_unix_us),
		LAYOUT_FIELD(struct health_admin, used),
		LAYOUT_FIELD(struct health_admin, state),
		LAYOUT_FIELD(struct health_table, ledger),
		LAYOUT_SIZE(struct ledger),
		LAYOUT_FIELD(struct ledger, written),
		LAYOUT_FIELD(struct ledger, record),
		LAYOUT_SIZE(struct ledger_record),
		LAYOUT_FIELD(struct ledger_record, sequence),
		LAYOUT_FIELD(struct ledger_record, unix_us),
		LAYOUT_FIELD(struct ledger_record, address),
		LAYOUT_FIELD(struct ledger_record, port),
		LAYOUT_FIELD(struct ledger_record, kind),
		LAYOUT_FIELD(struct ledger_record, from),
		LAYOUT_FIELD(struct ledger_record, to),
		LAYOUT_FIELD(struct ledger_record, cause),
		LAYOUT_FIELD(struct ledger_record, name),
	};
	static const char rows[] = "unknown up down; never claimed released; "
				   "enabled drained disabled forced-up forced-down; health admin; "
#define X(name, text) #name " "
#include "fw/abi/health_causes.tbl"
	    ;

	return layout_hash(numbers, ARRAY_SIZE(numbers), rows, sizeof rows);
}

const char *
health_state_text(enum health_state state)
{
	static const char *const texts[] = { "unknown", "up", "down" };

	return (unsigned)state < ARRAY_SIZE(texts) ? texts[state] : "unknown";
}

const char *
health_cause_text(enum health_cause cause)
{
	static const char *const texts[HEALTH_CAUSE_COUNT] = {
#define X(name, text) text,
#include "fw/abi/health_causes.tbl"
	};

	return (unsigned)cause < HEALTH_CAUSE_COUNT ? texts[cause] : "unknown cause";
}

struct health_entry *
health_find(struct health_table *table, const struct addr *address, uint16_t port,
	    uint64_t monitor_hash)
{
	uint32_t first = first_index(address, port, monitor_hash);

	for (uint32_t i = 0; i < HEALTH_ENTRIES; i++) {
		struct health_entry *entry = &table->entry[(first + i) % HEALTH_ENTRIES];
		uint8_t used = __atomic_load_n(&entry->used, __ATOMIC_ACQUIRE);

		if (used == HEALTH_USE_NEVER)
			return NULL;
		if (used == HEALTH_USE_CLAIMED && is_key(entry, address, port, monitor_hash))
			return entry;
	}
	return NULL;
}

struct health_entry *
health_claim(struct health_table *table, const struct addr *address, uint16_t port,
	     uint64_t monitor_hash)
{
	uint32_t first = first_index(address, port, monitor_hash);
	struct health_entry *found = health_find(table, address, port, monitor_hash);

	for (uint32_t i = 0; !found && i < HEALTH_ENTRIES; i++) {
		struct health_entry *entry = &table->entry[(first + i) % HEALTH_ENTRIES];

		if (entry->used != HEALTH_USE_CLAIMED) {
			claim(entry, address, port, monitor_hash);
			found = entry;
		}
	}
	return found;
}

/*
 * Of a row of entries: `used` is the first one's, the others' follow each stride bytes. One that
 * nothing stands behind ends searches again, and so do the released ones before it: otherwise each
 * member that was ever configured would make every later search longer.
 */
static void
release(uint8_t *used, size_t stride, uint32_t at)
{
	ASSERT(used[at * stride] == HEALTH_USE_CLAIMED);
	__atomic_store_n(&used[at * stride], HEALTH_USE_RELEASED, __ATOMIC_RELEASE);
	if (used[(at + 1) % HEALTH_ENTRIES * stride] != HEALTH_USE_NEVER)
		return;
	for (; used[at * stride] == HEALTH_USE_RELEASED;
	     at = (at + HEALTH_ENTRIES - 1) % HEALTH_ENTRIES)
		__atomic_store_n(&used[at * stride], HEALTH_USE_NEVER, __ATOMIC_RELEASE);
}

void
health_release(struct health_table *table, struct health_entry *entry)
{
	release(&table->entry[0].used, sizeof *entry, (uint32_t)(entry - table->entry));
}

static uint32_t
first_index(const struct addr *address, uint16_t port, uint64_t monitor_hash)
{
	static const struct siphash_key zero_key;
	const uint64_t key[] = { address->word[0], address->word[1], port, monitor_hash };

	return (uint32_t)(siphash(&zero_key, key, sizeof key) % HEALTH_ENTRIES);
}

static bool
is_key(const struct health_entry *entry, const struct addr *address, uint16_t port,
       uint64_t monitor_hash)
{
	return entry->port == port && entry->monitor_hash == monitor_hash &&
	       addr_equal(&entry->address, address);
}

static void
claim(struct health_entry *entry, const struct addr *address, uint16_t port, uint64_t monitor_hash)
{
	uint8_t used = entry->used;

	memset(entry, 0, sizeof *entry);
	entry->used = used; /* a search that passes by meanwhile must not end here */
	entry->address = *address;
	entry->port = port;
	entry->monitor_hash = monitor_hash;
	__atomic_store_n(&entry->used, HEALTH_USE_CLAIMED, __ATOMIC_RELEASE);
}

/* ---- what the operator said ---- */

const char *
member_admin_text(enum member_admin state)
{
	static const char *const texts[] = { "enabled", "drained", "disabled", "forced-up",
					     "forced-down" };

	return (unsigned)state < ARRAY_SIZE(texts) ? texts[state] : "unknown";
}

struct health_admin *
health_admin_find(struct health_table *table, uint64_t owner)
{
	for (uint32_t i = 0; i < HEALTH_ENTRIES; i++) {
		struct health_admin *admin = &table->admin[(owner + i) % HEALTH_ENTRIES];
		uint8_t used = __atomic_load_n(&admin->used, __ATOMIC_ACQUIRE);

		if (used == HEALTH_USE_NEVER)
			return NULL;
		if (used == HEALTH_USE_CLAIMED && admin->owner == owner)
			return admin;
	}
	return NULL;
}

struct health_admin *
health_admin_claim(struct health_table *table, uint64_t owner)
{
	struct health_admin *found = health_admin_find(table, owner);

	for (uint32_t i = 0; !found && i < HEALTH_ENTRIES; i++) {
		struct health_admin *admin = &table->admin[(owner + i) % HEALTH_ENTRIES];

		if (admin->used == HEALTH_USE_CLAIMED)
			continue;
		admin->owner = owner;
		admin->changed_unix_us = 0;
		admin->state = MEMBER_ENABLED;
		__atomic_store_n(&admin->used, HEALTH_USE_CLAIMED, __ATOMIC_RELEASE);
		found = admin;
	}
	return found;
}

void
health_admin_release(struct health_table *table, struct health_admin *admin)
{
	release(&table->admin[0].used, sizeof *admin, (uint32_t)(admin - table->admin));
}
