/*
 * The balancer's entry: its memory, picking, and keeping up with what others write.
 *
 * A pick asks the pool's method for a member of the best tier and looks at that member once more:
 * if it has left the tier, it is moved and the method asked again. Members that the session has
 * tried are taken out meanwhile, so that no method needs to know of them. Each step costs the same
 * for any number of members; all but one: when nobody can be picked, up to RESCAN_MAX members of
 * the pool are looked at, at most once a millisecond.
 *
 * Stands on fw/abi alone, so that TCP, HTTP and later packet forwarding share it. Persistence is
 * not in here.
 */
#include "dataplane/lb/lb_priv.h"

#include <string.h>

#define RESCAN_PERIOD_US 1000u
#define RESCAN_MAX       1024u

/* Memory of the parts, one behind the other, each at a multiple of 8. */
struct layout {
	size_t pools, groups, members, buckets, order, dense, bits, total;
	uint32_t group_count;
};

/* Members of a pool by kind and weight class. */
struct census {
	uint32_t count[2][CLASSES];
};

static void init_pool(struct lb *lb, uint32_t index, uint32_t *next_group, uint32_t *next_order,
		      uint64_t **next_bits);
static void init_group(struct lb *lb, struct lb_group *group, uint32_t size, uint64_t **next_bits);
static void init_members(struct lb *lb, const struct lb_pool *pool);
static uint32_t pick(struct lb *lb, struct lb_pool *pool, const struct lb_request *request);
static uint32_t
choose(struct lb *lb, struct lb_pool *pool, enum place tier, const struct addr *client);
static bool refresh(struct lb *lb, uint32_t index);

static uint32_t
class_of(uint32_t weight)
{
	return 31 - (uint32_t)__builtin_clz(weight);
}

static struct census
take_census(const struct generation *gen, const struct gen_pool *pool)
{
	const struct gen_member *members = &generation_members(gen)[pool->first_member];
	struct census census = { 0 };

	for (uint32_t i = 0; i < pool->member_count; i++)
		census.count[members[i].backup][class_of(members[i].weight)]++;
	return census;
}

static size_t
place(size_t *total, size_t bytes)
{
	size_t at = *total;

	*total = (at + bytes + 7) & ~(size_t)7;
	return at;
}

static struct layout
layout_of(const struct generation *gen)
{
	uint32_t members = gen->members.count;
	size_t words = 0;
	struct layout l = { 0 };

	for (uint32_t p = 0; p < gen->pools.count; p++) {
		struct census census = take_census(gen, &generation_pools(gen)[p]);

		for (uint32_t i = 0; i < 2 * CLASSES; i++) {
			uint32_t size = census.count[i / CLASSES][i % CLASSES];

			l.group_count += size > 0;
			words += STATES * (size_t)bits_words(size);
		}
	}
	place(&l.total, sizeof(struct lb));
	l.pools = place(&l.total, sizeof(struct lb_pool) * gen->pools.count);
	l.groups = place(&l.total, sizeof(struct lb_group) * l.group_count);
	l.members = place(&l.total, sizeof(struct lb_member) * members);
	l.buckets = place(&l.total, sizeof(struct lb_bucket) * members);
	l.order = place(&l.total, sizeof(uint32_t) * members);
	l.dense = place(&l.total, sizeof(uint32_t) * members);
	l.bits = place(&l.total, sizeof(uint64_t) * words);
	return l;
}

size_t
lb_memory_bytes(const struct generation *gen)
{
	return layout_of(gen).total;
}

struct lb *
lb_init(void *memory, const struct lb_setup *setup)
{
	struct layout l = layout_of(setup->gen);
	uint32_t next_group = 0, next_order = 0;
	uint8_t *at = memory;
	struct lb *lb = memory;
	uint64_t *next_bits;

	memset(memory, 0, l.total);
	lb->setup = *setup;
	lb->gen_members = generation_members(setup->gen);
	lb->pool_count = setup->gen->pools.count;
	lb->group_count = l.group_count;
	lb->member_count = setup->gen->members.count;
	rng_init(&lb->rng, setup->seed + setup->worker);
	lb->pools = (struct lb_pool *)(at + l.pools);
	lb->groups = (struct lb_group *)(at + l.groups);
	lb->members = (struct lb_member *)(at + l.members);
	lb->buckets = (struct lb_bucket *)(at + l.buckets);
	lb->order = (uint32_t *)(at + l.order);
	lb->dense = (uint32_t *)(at + l.dense);
	next_bits = (uint64_t *)(at + l.bits);
	for (uint32_t p = 0; p < lb->pool_count; p++)
		init_pool(lb, p, &next_group, &next_order, &next_bits);
	ASSERT(next_group == lb->group_count && (uint8_t *)next_bits == at + l.total);
	for (uint32_t m = 0; m < lb->member_count; m++)
		refresh(lb, m);
	return lb;
}

static void
init_pool(struct lb *lb, uint32_t index, uint32_t *next_group, uint32_t *next_order,
	  uint64_t **next_bits)
{
	const struct gen_pool *from = &generation_pools(lb->setup.gen)[index];
	struct census census = take_census(lb->setup.gen, from);
	struct lb_pool *pool = &lb->pools[index];

	ASSERT(from->method < GEN_METHOD_COUNT);
	pool->method = from->method;
	pool->first_member = from->first_member;
	pool->member_count = from->member_count;
	pool->first_group = *next_group;
	pool->slots = generation_maglev(lb->setup.gen) + from->first_slot;
	pool->slot_count = from->slot_count;
	for (uint32_t i = 0; i < 2 * CLASSES; i++) {
		struct lb_group *group = &lb->groups[*next_group];
		uint32_t size = census.count[i / CLASSES][i % CLASSES];

		if (size == 0)
			continue;
		(*next_group)++;
		pool->group_count[i / CLASSES]++;
		group->class = i % CLASSES;
		group->first = *next_order;
		*next_order += size;
		init_group(lb, group, size, next_bits);
	}
	init_members(lb, pool);
}

/* Workers begin spread over the members, so that they do not all go to the same ones at once. */
static uint32_t
first_cursor(const struct lb_setup *setup, uint32_t size)
{
	uint64_t apart = (uint64_t)size * setup->worker / setup->workers;

	return (uint32_t)((setup->seed % size + apart) % size);
}

static void
init_group(struct lb *lb, struct lb_group *group, uint32_t size, uint64_t **next_bits)
{
	group->weight_min = UINT32_MAX;
	group->free_bucket = group->first;
	group->cursor = first_cursor(&lb->setup, size);
	for (uint32_t i = 0; i < size; i++)
		lb->buckets[group->first + i].next =
		    i + 1 < size ? group->first + i + 1 : BUCKET_NONE;
	for (unsigned state = 0; state < STATES; state++) {
		struct lb_set *set = &group->set[state];

		set->first_bucket = BUCKET_NONE;
		set->bits = *next_bits;
		*next_bits += bits_words(size);
	}
}

static void
init_members(struct lb *lb, const struct lb_pool *pool)
{
	uint32_t groups = pool->group_count[0] + pool->group_count[1];

	for (uint32_t i = 0; i < pool->member_count; i++) {
		uint32_t index = pool->first_member + i, g = pool->first_group;
		const struct gen_member *from = &lb->gen_members[index];
		struct lb_member *member = &lb->members[index];
		struct lb_group *group;

		if (from->backup)
			g += pool->group_count[0];
		while (lb->groups[g].class != class_of(from->weight))
			g++;
		ASSERT(g < pool->first_group + groups);
		group = &lb->groups[g];
		*member = (struct lb_member){
			.weight = from->weight,
			.limit = from->connection_limit ? from->connection_limit : NO_LIMIT,
			.group = g,
			.at = group->size,
			.bucket = BUCKET_NONE,
			.place = PLACE_OUT,
			.uses_queue = pool->method == GEN_METHOD_LEAST_CONNECTIONS,
		};
		lb->order[group->first + group->size++] = index;
		group->weight += from->weight;
		if (from->weight < group->weight_min)
			group->weight_min = from->weight;
		if (from->weight > group->weight_max)
			group->weight_max = from->weight;
	}
}

/* ---- picking ---- */

static void
hold(struct lb *lb, const struct lb_request *request, bool held)
{
	for (uint32_t i = 0; i < request->tried_count; i++) {
		lb->members[request->tried[i]].held = held;
		refresh(lb, request->tried[i]);
	}
}

static void
rescan(struct lb *lb, struct lb_pool *pool, uint64_t now_us)
{
	uint32_t n = pool->member_count < RESCAN_MAX ? pool->member_count : RESCAN_MAX;

	pool->rescan_due_us = now_us + RESCAN_PERIOD_US;
	for (; n > 0; n--) {
		refresh(lb, pool->first_member + pool->rescan_next);
		if (++pool->rescan_next == pool->member_count)
			pool->rescan_next = 0;
	}
}

uint32_t
lb_pick(struct lb *lb, const struct lb_request *request)
{
	struct lb_pool *pool = &lb->pools[request->pool];
	uint32_t picked;

	ASSERT(request->pool < lb->pool_count && request->tried_count <= LB_TRIED_MAX);
	hold(lb, request, true);
	picked = pick(lb, pool, request);
	if (picked == LB_NONE && request->now_us >= pool->rescan_due_us) {
		rescan(lb, pool, request->now_us);
		picked = pick(lb, pool, request);
	}
	if (picked == LB_NONE && pool->at_limit > 0)
		picked = LB_AT_LIMIT;
	hold(lb, request, false);
	return picked;
}

static uint32_t
pick(struct lb *lb, struct lb_pool *pool, const struct lb_request *request)
{
	for (;;) {
		enum place tier = TIER_UP;
		uint32_t picked;

		while (tier < TIERS && pool->count[tier] == 0)
			tier++;
		if (tier == TIERS)
			return LB_NONE;
		picked = choose(lb, pool, tier, request->client);
		if (!refresh(lb, picked))
			return picked;
	}
}

static uint32_t
choose(struct lb *lb, struct lb_pool *pool, enum place tier, const struct addr *client)
{
	switch (pool->method) {
	case GEN_METHOD_LEAST_CONNECTIONS:
		return lb_least_connections(lb, pool, tier);
	case GEN_METHOD_RANDOM_OF_TWO:
		return lb_random_of_two(lb, pool, tier);
	case GEN_METHOD_SOURCE_HASH:
		return lb_source_hash(lb, pool, tier, client);
	case GEN_METHOD_MAGLEV:
		return lb_maglev(lb, pool, tier, client);
	default:
		return lb_round_robin(lb, pool, tier);
	}
}

/* ---- keeping up ---- */

/* Answers whether anything has changed that a choice depended on. */
static bool
refresh(struct lb *lb, uint32_t index)
{
	struct lb_member *member = &lb->members[index];
	enum place now = lb_place_now(lb, index);

	if (now != member->place) {
		lb_move(lb, index, now);
		return true;
	}
	if (!member->uses_queue || now >= TIERS || member_load(lb, index) == member->load)
		return false;
	lb_queue_move(lb, index, state_of_tier(now));
	return true;
}

void
lb_refresh(struct lb *lb, uint32_t member)
{
	ASSERT(member < lb->member_count);
	refresh(lb, member);
}

void
lb_sweep(struct lb *lb, uint32_t n)
{
	for (n = n < lb->member_count ? n : lb->member_count; n > 0; n--) {
		if (lb->sweep_next >= lb->member_count)
			lb->sweep_next = 0;
		refresh(lb, lb->sweep_next++);
	}
}
