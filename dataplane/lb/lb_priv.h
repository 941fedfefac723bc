/*
 * The inside of a balancer, for the files in dataplane/lb.
 *
 *   tier    a pick goes to the first that has members: up, up backup, unknown, unknown backup
 *   group   members of one pool, of one kind (primary or backup) and of one weight class, that is
 *           with equal floor(log2(weight)): their weights differ by less than a factor of two
 *   set     the members of a group that are in one tier
 *
 * A pool has at most ten groups of a kind, and whatever a method does within a group costs the same
 * for any number of members. So does what happens when a member changes its tier.
 */
#ifndef DATAPLANE_LB_LB_PRIV_H
#define DATAPLANE_LB_LB_PRIV_H

#include <stdbool.h>

#include "dataplane/lb/lb.h"
#include "fw/base/assert.h"
#include "fw/base/rng.h"

#define CLASSES       10u /* 1 << CLASSES is above LIMIT_WEIGHT */
#define BUCKET_NONE   UINT32_MAX
#define MEMBER_NONE   UINT32_MAX
#define NO_LIMIT      UINT32_MAX
#define LOAD_MAX      (1u << 24) /* more than there are sessions; keys stay within 32 bits */
#define HASH_ATTEMPTS 64u /* how often a key is hashed again for a member that can be picked */

/* Where a member is. The tiers come first, best first; bit 0 says backup, bit 1 unknown. */
enum place {
	TIER_UP,
	TIER_UP_BACKUP,
	TIER_UNKNOWN,
	TIER_UNKNOWN_BACKUP,
	TIERS,
	PLACE_OUT = TIERS, /* down, drained, disabled, or held since it was tried */
	PLACE_AT_LIMIT,
};

enum { STATE_UP, STATE_UNKNOWN, STATES };

/* One cache line. */
struct lb_member {
	uint32_t weight;
	uint32_t limit; /* of its connections, all workers' together */
	uint32_t group;
	uint32_t at;         /* its number in the group, in configured order */
	uint32_t dense;      /* its index in lb.dense, while in a tier */
	uint32_t credit;     /* see round_robin.c */
	uint32_t load;       /* as its bucket has it: least connections only */
	uint32_t bucket;     /* index in lb.buckets; BUCKET_NONE: in no queue */
	uint32_t prev, next; /* in the bucket */
	uint8_t place;       /* enum place */
	bool held;           /* tried: not picked during this call */
	bool again;          /* has another turn: goes to the front of its bucket */
	bool uses_queue;     /* its pool's method is least connections */
};

struct lb_set {
	uint32_t count;
	uint32_t weight;       /* sum */
	uint32_t first_bucket; /* least connections: lowest load first */
	int64_t current;       /* see lb_spread */
	uint64_t *bits;        /* bitset of the numbers of its members */
};

struct lb_group {
	uint32_t first, size;            /* its part of order, dense and buckets */
	uint32_t weight_min, weight_max; /* of all that are configured */
	uint32_t weight;                 /* sum of them */
	uint32_t class;                  /* floor(log2(weight)) of each */
	uint32_t cursor;                 /* round robin: where to look next, by lb_member.at */
	uint32_t free_bucket;
	struct lb_set set[STATES];
};

struct lb_pool {
	uint32_t method; /* enum gen_method */
	uint32_t first_member, member_count;
	uint32_t first_group;    /* those of primary members, then those of backups */
	uint32_t group_count[2]; /* by lb_member's backup */
	uint32_t count[TIERS];   /* members in each tier */
	uint32_t at_limit;       /* members that are out for nothing but their limit */
	uint32_t rescan_next;    /* from first_member */
	uint64_t rescan_due_us;
	const uint16_t *slots; /* maglev */
	uint32_t slot_count;
};

/* Members of one set with equal keys, in the order in which they came. */
struct lb_bucket {
	uint32_t key;
	uint32_t head, tail; /* members */
	uint32_t prev, next; /* buckets; a free one: next free */
};

struct lb {
	struct lb_setup setup;
	const struct gen_member *gen_members;
	uint32_t pool_count, group_count, member_count;
	uint32_t sweep_next;
	struct rng rng;
	struct lb_pool *pools;
	struct lb_group *groups;
	struct lb_member *members;
	struct lb_bucket *buckets;
	uint32_t *order; /* members by group, in configured order */
	uint32_t
	    *dense; /* by group: members that are up from the left, unknown ones from the right */
};

static inline unsigned
state_of_tier(enum place tier)
{
	return tier >> 1;
}

/* The groups that a tier's members are in. */
static inline struct lb_group *
tier_groups(const struct lb *lb, const struct lb_pool *pool, enum place tier, uint32_t *count)
{
	bool backup = tier & 1;

	*count = pool->group_count[backup];
	return &lb->groups[pool->first_group + (backup ? pool->group_count[0] : 0)];
}

/* Of all workers together. */
static inline uint32_t
member_load(const struct lb *lb, uint32_t member)
{
	uint32_t slot = lb->gen_members[member].stats_slot;
	uint64_t load = 0;

	for (uint32_t w = 0; w < lb->setup.workers; w++)
		load +=
		    __atomic_load_n(&lb->setup.stats[w].member[slot][MEMBER_COUNTER_sessions_open],
				    __ATOMIC_RELAXED);
	return load < LOAD_MAX ? (uint32_t)load : LOAD_MAX;
}

/* Whether member a is loaded less than b by its weight. */
static inline bool
is_less_loaded(uint32_t load_a, uint32_t weight_a, uint32_t load_b, uint32_t weight_b)
{
	return (uint64_t)load_a * weight_b < (uint64_t)load_b * weight_a;
}

/* ---- place.c: which tier a member belongs to, and moving it ---- */
enum place lb_place_now(const struct lb *lb, uint32_t member);
void lb_move(struct lb *lb, uint32_t member, enum place to);

/* ---- bits.c: sets of numbers below a size, with the next one in constant time ---- */
uint32_t bits_words(uint32_t size); /* how many 64-bit words it takes */
void bits_set(uint64_t *bits, uint32_t size, uint32_t at);
void bits_clear(uint64_t *bits, uint32_t size, uint32_t at);
bool bits_have(const uint64_t *bits, uint32_t at);
/* The first one at or behind `from`, else the first of all. There is one. */
uint32_t bits_next(const uint64_t *bits, uint32_t size, uint32_t from);

/* ---- the methods; each answers a member of the tier, which has one ---- */
uint32_t lb_round_robin(struct lb *lb, struct lb_pool *pool, enum place tier);
uint32_t lb_random_of_two(struct lb *lb, struct lb_pool *pool, enum place tier);
uint32_t lb_least_connections(struct lb *lb, struct lb_pool *pool, enum place tier);
uint32_t
lb_source_hash(struct lb *lb, struct lb_pool *pool, enum place tier, const struct addr *client);
uint32_t lb_maglev(struct lb *lb, struct lb_pool *pool, enum place tier, const struct addr *client);

/* ---- round_robin.c: what least connections uses too ---- */
/* One of these groups (at most CLASSES), each as often as its set's weight. */
struct lb_group *lb_spread(struct lb_group *const *groups, uint32_t count, unsigned state);
/* Counts a turn of the member; true: the next one is its, too. */
bool lb_take_turn(const struct lb_group *group, struct lb_member *member);

/* ---- least_connections.c: its queues ---- */
void lb_queue_add(struct lb *lb, uint32_t member, unsigned state);
void lb_queue_remove(struct lb *lb, uint32_t member, unsigned state);
/* The load has changed. */
void lb_queue_move(struct lb *lb, uint32_t member, unsigned state);

/* ---- hash.c: keys ---- */
/* A stream of numbers for a client's address: the same on every box, at any time. */
struct rng lb_hash(const struct addr *client);

#endif
