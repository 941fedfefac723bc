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

#include <immintrin.h>
#include <stdlib.h>
#include <string.h>

#include "fw/abi/limits.h"
#include "fw/base/assert.h"
#include "fw/base/siphash.h"

/*
 * With so few slots free a member does not walk its permutation until it meets one, which takes ever longer: how far each
 * of them is on its way is computed.
 */
#define FEW_FREE 256u
#define TRIES    8u /* slots that are looked at together */

struct entry {
	uint64_t owner;
	uint32_t next; /* its permutation: the slot to try next */
	uint32_t
	    ahead[TRIES + 1]; /* and how far on the next ones are: 0, its skip, twice that ... */
	uint32_t back;        /* inverse of skip modulo the slots; 0: not computed yet */
	uint32_t weight, credit;
	uint16_t member;
};

struct table {
	uint16_t *slots;
	uint32_t count, left;                       /* slots; those that are free */
	uint64_t inverse;                           /* 2^64 / count */
	uint32_t free[LIMIT_MAGLEV_SLOTS / 32 + 1]; /* a bit for each slot */
	uint32_t last[FEW_FREE];                    /* the free slots, once they are that few */
};

STATIC_ASSERT(LIMIT_MEMBERS <= UINT16_MAX, "a slot holds a member's number");

static enum err build(const struct gen_member *members, uint32_t count, uint16_t *slots,
		      uint32_t slot_count, void (*take)(struct table *table, struct entry *entry));
static uint32_t list_entries(const struct gen_member *members, uint32_t count, uint32_t slot_count,
			     struct entry *entries);
static int by_owner(const void *a, const void *b);
static void table_init(struct table *table, uint16_t *slots, uint32_t slot_count);
static inline uint32_t slot_after(const struct table *table, uint32_t slot, uint32_t ahead);
static void take_slot(struct table *table, struct entry *entry);
static void take_slot_avx2(struct table *table, struct entry *entry);
static inline void taken(struct table *table, const struct entry *entry, uint32_t at);
static void list_last(struct table *table);
static void take_last(struct table *table, struct entry *entry);
static uint32_t multiply(const struct table *table, uint32_t a, uint32_t b);
static uint32_t inverse_of(uint32_t number, uint32_t prime);

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
	return build(members, count, slots, slot_count,
		     __builtin_cpu_supports("avx2") ? take_slot_avx2 : take_slot);
}

enum err
maglev_build_scalar(const struct gen_member *members, uint32_t count, uint16_t *slots,
		    uint32_t slot_count)
{
	return build(members, count, slots, slot_count, take_slot);
}

static enum err
build(const struct gen_member *members, uint32_t count, uint16_t *slots, uint32_t slot_count,
      void (*take)(struct table *table, struct entry *entry))
{
	struct entry *entries = calloc(count, sizeof *entries);
	uint32_t used, heaviest = 0;
	struct table table;

	if (!entries)
		return ERR_no_memory;
	used = list_entries(members, count, slot_count, entries);
	for (uint32_t i = 0; i < used; i++)
		heaviest = entries[i].weight > heaviest ? entries[i].weight : heaviest;
	table_init(&table, slots, slot_count);
	for (uint32_t i = 0; table.left > 0; i = i + 1 < used ? i + 1 : 0) {
		entries[i].credit += entries[i].weight;
		if (entries[i].credit < heaviest)
			continue;
		entries[i].credit -= heaviest;
		if (table.left > FEW_FREE)
			take(&table, &entries[i]);
		else
			take_last(&table, &entries[i]);
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
		uint32_t skip =
		    (uint32_t)(siphash(&key_skip, &owner, sizeof owner) % (slot_count - 1) + 1);

		if (members[i].backup && primaries > 0)
			continue;
		entries[used++] = (struct entry){
			.owner = owner,
			.next = (uint32_t)(siphash(&key_next, &owner, sizeof owner) % slot_count),
			.weight = members[i].weight,
			.member = (uint16_t)i,
		};
		for (uint32_t step = 1; step <= TRIES; step++)
			entries[used - 1].ahead[step] =
			    (uint32_t)((uint64_t)skip * step % slot_count);
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

static void
table_init(struct table *table, uint16_t *slots, uint32_t slot_count)
{
	ASSERT(slot_count > FEW_FREE && slot_count <= LIMIT_MAGLEV_SLOTS);
	table->slots = slots;
	table->count = table->left = slot_count;
	table->inverse = UINT64_MAX / slot_count;
	memset(table->free, 0xff, sizeof table->free);
}

/* ahead is less than the number of slots. */
static inline uint32_t
slot_after(const struct table *table, uint32_t slot, uint32_t ahead)
{
	uint32_t sum = slot + ahead, over = sum - table->count;

	return sum >= table->count ? over : sum;
}

/* There is a free one; skip and the prime size see to it that all are tried. */
static void
take_slot(struct table *table, struct entry *entry)
{
	uint32_t at;

	do {
		at = entry->next;
		entry->next = slot_after(table, at, entry->ahead[1]);
	} while (!(table->free[at / 32] >> at % 32 & 1));
	taken(table, entry, at);
}

/*
 * The same with eight at a time: where the first free one is can't be foreseen, and a branch for each would be guessed wrong
 * once a slot.
 */
__attribute__((target("avx2"))) static void
take_slot_avx2(struct table *table, struct entry *entry)
{
	const __m256i ahead = _mm256_loadu_si256((const __m256i *)entry->ahead);
	const __m256i count = _mm256_set1_epi32((int)table->count);
	const __m256i low_bits = _mm256_set1_epi32(31);
	uint32_t first = entry->next, free, step, at;

	for (;;) {
		__m256i sum = _mm256_add_epi32(_mm256_set1_epi32((int)first), ahead);
		__m256i slot = _mm256_min_epu32(sum, _mm256_sub_epi32(sum, count));
		__m256i word =
		    _mm256_i32gather_epi32((const int *)table->free, _mm256_srli_epi32(slot, 5), 4);
		__m256i bit = _mm256_sllv_epi32(word, _mm256_andnot_si256(slot, low_bits));

		free = (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(bit));
		if (free)
			break;
		first = slot_after(table, first, entry->ahead[TRIES]);
	}
	step = (uint32_t)__builtin_ctz(free);
	at = slot_after(table, first, entry->ahead[step]);
	entry->next = slot_after(table, first, entry->ahead[step + 1]);
	taken(table, entry, at);
}

static inline void
taken(struct table *table, const struct entry *entry, uint32_t at)
{
	table->free[at / 32] &= ~(UINT32_C(1) << at % 32);
	table->slots[at] = entry->member;
	if (--table->left == FEW_FREE)
		list_last(table);
}

static void
list_last(struct table *table)
{
	uint32_t found = 0;

	for (uint32_t at = 0; at < table->count; at++)
		if (table->free[at / 32] >> at % 32 & 1)
			table->last[found++] = at;
}

/* The one that the walk would come to first: slot next + steps * skip after the fewest steps. */
static void
take_last(struct table *table, struct entry *entry)
{
	uint32_t fewest = UINT32_MAX, first = 0, at;

	if (!entry->back)
		entry->back = inverse_of(entry->ahead[1], table->count);
	for (uint32_t i = 0; i < table->left; i++) {
		uint32_t way = table->last[i] - entry->next, steps;

		if (table->last[i] < entry->next)
			way += table->count;
		steps = multiply(table, way, entry->back);
		if (steps < fewest) {
			fewest = steps;
			first = i;
		}
	}
	at = table->last[first];
	table->slots[at] = entry->member;
	table->last[first] = table->last[--table->left];
	entry->next = slot_after(table, at, entry->ahead[1]);
}

/* Modulo the number of slots; the quotient that is guessed is right or one too small. */
static uint32_t
multiply(const struct table *table, uint32_t a, uint32_t b)
{
	uint64_t product = (uint64_t)a * b;
	uint64_t quotient = (uint64_t)((unsigned __int128)product * table->inverse >> 64);
	uint64_t rest = product - quotient * table->count;

	return (uint32_t)(rest >= table->count ? rest - table->count : rest);
}

/* Modulo a prime, by the extended Euclidean algorithm. */
static uint32_t
inverse_of(uint32_t number, uint32_t prime)
{
	int64_t inverse = 1, other = 0;
	uint32_t left = number, right = prime;

	while (left > 1) {
		uint32_t quotient = right / left, rest = right % left;
		int64_t next = other - (int64_t)quotient * inverse;

		right = left;
		left = rest;
		other = inverse;
		inverse = next;
	}
	return (uint32_t)(inverse < 0 ? inverse + prime : inverse);
}
