/*
 * Least connections: the member with the fewest sessions by weight. Each set of members keeps a
 * queue of buckets in the order of their keys, a bucket the members of one key in the order in
 * which they came.
 *
 * A key is the load by weight in such steps that one session more moves it by more than four and at
 * most eight, since weights in a group differ by less than a factor of two. So a member that gains or loses
 * a session passes at most eight buckets, however many members there are. Only a member that comes
 * back with a load unlike all others' has farther to go.
 *
 * Equally loaded members are picked by weight: with little traffic, when all are idle most of the
 * time, shares are those of round robin.
 */
#include "dataplane/lb/lb_priv.h"

#define STEPS 8u

static uint32_t
bucket_before(const struct lb *lb, const struct lb_set *set, uint32_t from, uint32_t key);
static uint32_t bucket_insert(struct lb *lb, struct lb_group *group, struct lb_set *set,
			      uint32_t before, uint32_t key);
static void
bucket_remove(struct lb *lb, struct lb_group *group, struct lb_set *set, uint32_t bucket);
static void append(struct lb *lb, uint32_t bucket, uint32_t index);
static void unlink_member(struct lb *lb, uint32_t index);

static struct lb_member *
front(const struct lb *lb, const struct lb_set *set)
{
	return &lb->members[lb->buckets[set->first_bucket].head];
}

uint32_t
lb_least_connections(struct lb *lb, struct lb_pool *pool, enum place tier)
{
	unsigned state = state_of_tier(tier);
	struct lb_group *equal[CLASSES], *group;
	struct lb_member *best = NULL;
	uint32_t count, found = 0;

	group = tier_groups(lb, pool, tier, &count);
	for (; count > 0; count--, group++) {
		struct lb_member *member;

		if (group->set[state].count == 0)
			continue;
		member = front(lb, &group->set[state]);
		if (!best || is_less_loaded(member->load, member->weight, best->load, best->weight))
			found = 0;
		else if (is_less_loaded(best->load, best->weight, member->load, member->weight))
			continue;
		if (found == 0)
			best = member;
		equal[found++] = group;
	}
	group = lb_spread(equal, found, state);
	best = front(lb, &group->set[state]);
	best->again = lb_take_turn(group, best);
	return lb->buckets[group->set[state].first_bucket].head;
}

static uint32_t
key_of(const struct lb_group *group, const struct lb_member *member)
{
	return (uint32_t)(((uint64_t)member->load * STEPS << group->class) / member->weight);
}

void
lb_queue_add(struct lb *lb, uint32_t index, unsigned state)
{
	struct lb_member *member = &lb->members[index];
	struct lb_group *group = &lb->groups[member->group];
	struct lb_set *set = &group->set[state];
	uint32_t key, bucket;

	member->load = member_load(lb, index);
	key = key_of(group, member);
	bucket = bucket_before(lb, set, set->first_bucket, key);
	if (bucket == BUCKET_NONE || lb->buckets[bucket].key != key)
		bucket = bucket_insert(lb, group, set, bucket, key);
	append(lb, bucket, index);
}

void
lb_queue_remove(struct lb *lb, uint32_t index, unsigned state)
{
	struct lb_group *group = &lb->groups[lb->members[index].group];
	uint32_t bucket = lb->members[index].bucket;

	unlink_member(lb, index);
	if (lb->buckets[bucket].head == MEMBER_NONE)
		bucket_remove(lb, group, &group->set[state], bucket);
}

void
lb_queue_move(struct lb *lb, uint32_t index, unsigned state)
{
	struct lb_member *member = &lb->members[index];
	struct lb_group *group = &lb->groups[member->group];
	struct lb_set *set = &group->set[state];
	uint32_t old = member->bucket, key, bucket;

	member->load = member_load(lb, index);
	key = key_of(group, member);
	bucket = bucket_before(lb, set, old, key);
	unlink_member(lb, index);
	if (bucket == BUCKET_NONE || lb->buckets[bucket].key != key) {
		if (lb->buckets[old].head == MEMBER_NONE && bucket == old)
			bucket = lb->buckets[old].prev;
		if (lb->buckets[old].head == MEMBER_NONE)
			bucket_remove(lb, group, set, old);
		bucket = bucket_insert(lb, group, set, bucket, key);
	} else if (bucket != old && lb->buckets[old].head == MEMBER_NONE) {
		bucket_remove(lb, group, set, old);
	}
	append(lb, bucket, index);
}

/* The last bucket whose key is not above this one, sought from `from` on; BUCKET_NONE: none. */
static uint32_t
bucket_before(const struct lb *lb, const struct lb_set *set, uint32_t from, uint32_t key)
{
	const struct lb_bucket *buckets = lb->buckets;
	uint32_t before = from, next;

	while (before != BUCKET_NONE && buckets[before].key > key)
		before = buckets[before].prev;
	next = before == BUCKET_NONE ? set->first_bucket : buckets[before].next;
	while (next != BUCKET_NONE && buckets[next].key <= key) {
		before = next;
		next = buckets[before].next;
	}
	return before;
}

/* Another one behind `before` (BUCKET_NONE: in front). There are as many as the group has members. */
static uint32_t
bucket_insert(struct lb *lb, struct lb_group *group, struct lb_set *set, uint32_t before,
	      uint32_t key)
{
	uint32_t index = group->free_bucket;
	uint32_t *link = before == BUCKET_NONE ? &set->first_bucket : &lb->buckets[before].next;
	struct lb_bucket *bucket;

	ASSERT(index != BUCKET_NONE);
	bucket = &lb->buckets[index];
	group->free_bucket = bucket->next;
	*bucket = (struct lb_bucket){ key, MEMBER_NONE, MEMBER_NONE, before, *link };
	if (bucket->next != BUCKET_NONE)
		lb->buckets[bucket->next].prev = index;
	*link = index;
	return index;
}

static void
bucket_remove(struct lb *lb, struct lb_group *group, struct lb_set *set, uint32_t index)
{
	struct lb_bucket *bucket = &lb->buckets[index];

	if (bucket->prev == BUCKET_NONE)
		set->first_bucket = bucket->next;
	else
		lb->buckets[bucket->prev].next = bucket->next;
	if (bucket->next != BUCKET_NONE)
		lb->buckets[bucket->next].prev = bucket->prev;
	bucket->next = group->free_bucket;
	group->free_bucket = index;
}

/* At the end of its bucket; at the front when it has another turn. */
static void
append(struct lb *lb, uint32_t index, uint32_t member_index)
{
	struct lb_bucket *bucket = &lb->buckets[index];
	struct lb_member *member = &lb->members[member_index];

	member->bucket = index;
	member->prev = member->again ? MEMBER_NONE : bucket->tail;
	member->next = member->again ? bucket->head : MEMBER_NONE;
	*(member->prev == MEMBER_NONE ? &bucket->head : &lb->members[member->prev].next) =
	    member_index;
	*(member->next == MEMBER_NONE ? &bucket->tail : &lb->members[member->next].prev) =
	    member_index;
}

static void
unlink_member(struct lb *lb, uint32_t index)
{
	struct lb_member *member = &lb->members[index];
	struct lb_bucket *bucket = &lb->buckets[member->bucket];

	*(member->prev == MEMBER_NONE ? &bucket->head : &lb->members[member->prev].next) =
	    member->next;
	*(member->next == MEMBER_NONE ? &bucket->tail : &lb->members[member->next].prev) =
	    member->prev;
	member->bucket = BUCKET_NONE;
}
