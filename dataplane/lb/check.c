/*
 * The balancer's invariants, for tests.
 */
#include "dataplane/lb/lb_priv.h"

static void check_group(const struct lb *lb, const struct lb_group *group);
static void check_set(const struct lb *lb, const struct lb_group *group, unsigned state);
static uint32_t check_queue(const struct lb *lb, const struct lb_set *set);

void
lb_check(const struct lb *lb)
{
	for (uint32_t g = 0; g < lb->group_count; g++)
		check_group(lb, &lb->groups[g]);
	for (uint32_t p = 0; p < lb->pool_count; p++) {
		const struct lb_pool *pool = &lb->pools[p];
		uint32_t places[PLACE_AT_LIMIT + 1] = { 0 };

		for (uint32_t i = 0; i < pool->member_count; i++) {
			const struct lb_member *member = &lb->members[pool->first_member + i];

			ASSERT(!member->held);
			places[member->place]++;
		}
		for (unsigned tier = 0; tier < TIERS; tier++)
			ASSERT(pool->count[tier] == places[tier]);
		ASSERT(pool->at_limit == places[PLACE_AT_LIMIT]);
	}
}

static void
check_group(const struct lb *lb, const struct lb_group *group)
{
	uint32_t buckets = 0;

	for (unsigned state = 0; state < STATES; state++) {
		check_set(lb, group, state);
		buckets += check_queue(lb, &group->set[state]);
	}
	for (uint32_t b = group->free_bucket; b != BUCKET_NONE; b = lb->buckets[b].next)
		buckets++;
	ASSERT(buckets == group->size);
}

static void
check_set(const struct lb *lb, const struct lb_group *group, unsigned state)
{
	const struct lb_set *set = &group->set[state];
	uint32_t count = 0, weight = 0;

	for (uint32_t i = 0; i < group->size; i++) {
		uint32_t index = lb->order[group->first + i];
		const struct lb_member *member = &lb->members[index];
		bool in =
		    member->place < TIERS && state_of_tier((enum place)member->place) == state;

		ASSERT(member->at == i && &lb->groups[member->group] == group);
		ASSERT(bits_have(set->bits, i) == in);
		if (!in)
			continue;
		ASSERT(lb->dense[member->dense] == index);
		ASSERT(state == STATE_UP
			   ? member->dense - group->first < set->count
			   : group->first + group->size - 1 - member->dense < set->count);
		ASSERT((member->bucket != BUCKET_NONE) == member->uses_queue);
		count++;
		weight += member->weight;
	}
	ASSERT(set->count == count && set->weight == weight);
	ASSERT(count == 0 ||
	       bits_have(set->bits, bits_next(set->bits, group->size, group->size / 2)));
}

/* Answers how many buckets it has. */
static uint32_t
check_queue(const struct lb *lb, const struct lb_set *set)
{
	uint32_t count = 0, members = 0, before = BUCKET_NONE;

	for (uint32_t b = set->first_bucket; b != BUCKET_NONE; b = lb->buckets[b].next) {
		const struct lb_bucket *bucket = &lb->buckets[b];
		uint32_t last = MEMBER_NONE;

		ASSERT(bucket->prev == before && bucket->head != MEMBER_NONE);
		ASSERT(before == BUCKET_NONE || lb->buckets[before].key < bucket->key);
		for (uint32_t m = bucket->head; m != MEMBER_NONE; m = lb->members[m].next) {
			ASSERT(lb->members[m].bucket == b && lb->members[m].prev == last);
			members++;
			last = m;
		}
		ASSERT(bucket->tail == last);
		before = b;
		count++;
	}
	ASSERT(members == 0 || members == set->count);
	return count;
}
