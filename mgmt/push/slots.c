/*
 * Handing out stats slots. An owner that the previous generation knew keeps its slot. A new one
 * gets, in this order, a slot that neither generation uses, or one whose owner has just gone:
 * sessions of the old generation may still be counting in the latter, so it is taken only when
 * nothing else is left.
 */
#include "mgmt/push/slots.h"

#include <stdlib.h>
#include <string.h>

#include "fw/abi/limits.h"
#include "fw/base/assert.h"

#define SLOT_NONE UINT32_MAX

struct claim {
	uint64_t owner;
	uint32_t *slot; /* borrows the field in the generation */
};

enum slot_use { SLOT_FREE, SLOT_WAS_USED, SLOT_USED };

struct table {
	struct claim *claims, *previous;
	uint32_t count, previous_count;
	uint8_t *use; /* enum slot_use by slot */
	uint32_t limit;
};

static void assign(struct table *table);
static int by_owner(const void *a, const void *b);
static void keep(struct table *table);
static void hand_out(struct table *table);
static uint32_t next_slot(const struct table *table, enum slot_use use, uint32_t from);

#define FILL_CLAIMS(out, objects, n)                                                               \
	for (uint32_t i = 0; i < (n); i++)                                                         \
		(out)[i] =                                                                         \
		    (struct claim){ (objects)[i].owner, (uint32_t *)&(objects)[i].stats_slot };

bool
slots_assign(struct generation *gen, const struct generation *previous)
{
	static const struct generation none;
	struct table table = { 0 };
	bool ok;

	previous = previous ? previous : &none;
	table.claims = calloc(LIMIT_MEMBERS, sizeof *table.claims);
	table.previous = calloc(LIMIT_MEMBERS, sizeof *table.previous);
	table.use = malloc(LIMIT_MEMBERS);
	ok = table.claims && table.previous && table.use;
	if (ok) {
		table.count = gen->members.count;
		table.previous_count = previous->members.count;
		table.limit = LIMIT_MEMBERS;
		FILL_CLAIMS(table.claims, generation_members(gen), table.count);
		FILL_CLAIMS(table.previous, generation_members(previous), table.previous_count);
		assign(&table);
	}
	if (ok) {
		table.count = gen->virtual_servers.count;
		table.previous_count = previous->virtual_servers.count;
		table.limit = LIMIT_VIRTUAL_SERVERS;
		FILL_CLAIMS(table.claims, generation_virtual_servers(gen), table.count);
		FILL_CLAIMS(table.previous, generation_virtual_servers(previous),
			    table.previous_count);
		assign(&table);
	}
	free(table.claims);
	free(table.previous);
	free(table.use);
	return ok;
}

static void
assign(struct table *table)
{
	memset(table->use, SLOT_FREE, table->limit);
	for (uint32_t i = 0; i < table->previous_count; i++)
		table->use[*table->previous[i].slot] = SLOT_WAS_USED;
	qsort(table->previous, table->previous_count, sizeof *table->previous, by_owner);
	keep(table);
	hand_out(table);
}

static int
by_owner(const void *a, const void *b)
{
	const struct claim *left = a, *right = b;

	return left->owner < right->owner ? -1 : left->owner > right->owner;
}

static void
keep(struct table *table)
{
	for (uint32_t i = 0; i < table->count; i++) {
		const struct claim *found =
		    bsearch(&table->claims[i], table->previous, table->previous_count,
			    sizeof *table->previous, by_owner);

		*table->claims[i].slot = SLOT_NONE;
		if (!found || table->use[*found->slot] == SLOT_USED)
			continue;
		*table->claims[i].slot = *found->slot;
		table->use[*found->slot] = SLOT_USED;
	}
}

/*
 * There are as many slots as objects are allowed, so there is always one. Each owner begins its
 * search at a place of its own: handed out from the front, a slot that a member left two commits ago
 * would be the first to go, with connections of that member still counted in it.
 */
static void
hand_out(struct table *table)
{
	uint32_t free_count = 0, second = 0;

	for (uint32_t slot = 0; slot < table->limit; slot++)
		free_count += table->use[slot] == SLOT_FREE;

	for (uint32_t i = 0; i < table->count; i++) {
		uint32_t slot;

		if (*table->claims[i].slot != SLOT_NONE)
			continue;
		if (free_count > 0) {
			slot = next_slot(table, SLOT_FREE,
					 (uint32_t)(table->claims[i].owner % table->limit));
			if (slot == table->limit)
				slot = next_slot(table, SLOT_FREE, 0);
			free_count--;
		} else {
			slot = second = next_slot(table, SLOT_WAS_USED, second);
		}
		ASSERT(slot < table->limit);
		*table->claims[i].slot = slot;
		table->use[slot] = SLOT_USED;
	}
}

static uint32_t
next_slot(const struct table *table, enum slot_use use, uint32_t from)
{
	while (from < table->limit && table->use[from] != use)
		from++;
	return from;
}
