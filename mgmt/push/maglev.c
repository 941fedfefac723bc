/*
 * Building a Maglev table (Eisenbud et al.: Maglev: a fast and reliable software network load balancer, NSDI 2016,
 * section 3.4): each member has its own permutation of the slots, from two hashes of its identity,
 * and in turns takes the first slot of it that is still free. When a member goes, its slots are
 * shared out and few others change hands. Weights are kept as Katran and Envoy do: the heaviest has
 * a turn each time, others as often as their weight says.
 *
 * Sizes go in four steps, where the paper would take any prime of a hundred times the members: two
 * tables of different size agree in nothing, so that a pool that grows by a member should seldom
 * change its size. Each is at least a thousand times the members, as long as the largest one is.
 */
#include "mgmt/push/maglev.h"

#include <stdlib.h>

#include "fw/abi/limits.h"
#include "fw/base/assert.h"
#include "fw/base/siphash.h"

#define SLOT_FREE UINT16_MAX

struct entry {
	uint64_t owner;
	uint32_t next,
	    skip; /* its permutation: the slot to try next, and the way to the one after */
	uint32_t weight, credit;
	uint16_t member;
};

STATIC_ASSERT(LIMIT_MEMBERS < SLOT_FREE, "a slot holds a member's number");

static uint32_t list_entries(const struct gen_member *members, uint32_t count, uint32_t slot_count,
			     struct entry *entries);
static int by_owner(const void *a, const void *b);
static void take_slot(struct entry *entry, uint16_t *slots, uint32_t slot_count);

uint32_t
maglev_slot_count(uint32_t members)
{
	static const uint32_t primes[] = { 10007, 20011, 40009, LIMIT_MAGLEV_SLOTS };
	unsigned i = 0;

	while (i + 1 < ARRAY_SIZE(primes) && primes[i] < 1000 * (uint64_t)members)
		i++;
	return primes[i];
}

enum err
maglev_build(const struct gen_member *members, uint32_t count, uint16_t *slots, uint32_t slot_count)
{
	struct entry *entries = calloc(count, sizeof *entries);
	uint32_t used, heaviest = 0, left = slot_count;

	if (!entries)
		return ERR_no_memory;
	used = list_entries(members, count, slot_count, entries);
	for (uint32_t i = 0; i < used; i++)
		heaviest = entries[i].weight > heaviest ? entries[i].weight : heaviest;
	for (uint32_t i = 0; i < slot_count; i++)
		slots[i] = SLOT_FREE;
	for (uint32_t i = 0; left > 0; i = i + 1 < used ? i + 1 : 0) {
		entries[i].credit += entries[i].weight;
		if (entries[i].credit < heaviest)
			continue;
		entries[i].credit -= heaviest;
		take_slot(&entries[i], slots, slot_count);
		left--;
	}
	free(entries);
	return ERR_ok;
}

/* Those that have a part in the table, in an order that does not depend on that of members. */
static uint32_t
list_entries(const struct gen_member *members, uint32_t count, uint32_t slot_count,
	     struct entry *entries)
{
	static const struct siphash_key key_next = { 0x6d61676c6576u, 1 };
	static const struct siphash_key key_skip = { 0x6d61676c6576u, 2 };
	uint32_t used = 0, primaries = 0;

	for (uint32_t i = 0; i < count; i++)
		primaries += !members[i].backup;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t owner = members[i].owner;

		if (members[i].backup && primaries > 0)
			continue;
		entries[used++] = (struct entry){
			.owner = owner,
			.next = (uint32_t)(siphash(&key_next, &owner, sizeof owner) % slot_count),
			.skip =
			    (uint32_t)(siphash(&key_skip, &owner, sizeof owner) % (slot_count - 1) +
				       1),
			.weight = members[i].weight,
			.member = (uint16_t)i,
		};
	}
	qsort(entries, used, sizeof *entries, by_owner);
	return used;
}

static int
by_owner(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;

	return left->owner < right->owner ? -1 : left->owner > right->owner;
}

/* There is a free one; skip and the prime size see to it that all are tried. */
static void
take_slot(struct entry *entry, uint16_t *slots, uint32_t slot_count)
{
	uint32_t at;

	do {
		at = entry->next;
		entry->next += entry->skip;
		if (entry->next >= slot_count)
			entry->next -= slot_count;
	} while (slots[at] != SLOT_FREE);
	slots[at] = entry->member;
}
