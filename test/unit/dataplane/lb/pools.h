/*
 * A balancer over a generation made by hand: two pools, of which the first only keeps the second's
 * members from starting at 0.
 */
#ifndef TEST_UNIT_DATAPLANE_LB_POOLS_H
#define TEST_UNIT_DATAPLANE_LB_POOLS_H

#include <stdbool.h>

#include "dataplane/lb/lb.h"

#define POOLS_MEMBERS_MAX 2000u /* of the pool */
#define POOLS_FIRST       3u    /* the pool's first member */
#define POOLS_WORKERS     4u    /* that have a column of stats */

struct pools {
	struct generation *gen;
	struct gen_pool *pool;
	struct gen_member *member; /* those of the pool, by number from 0; so are all below */
	uint16_t *slots;
	struct health_entry entry[POOLS_MEMBERS_MAX];
	struct health_admin admin[POOLS_MEMBERS_MAX];
	uint32_t count;
	struct stats_worker *stats; /* POOLS_WORKERS of them; setup.worker's is changed */
	struct lb_setup setup;
	struct lb *lb;
	/* For the next picks. */
	uint64_t now_us;
	struct addr client;
	uint32_t tried[LB_TRIED_MAX]; /* numbers */
	uint32_t tried_count;
};

/*
 * A pool of members with these weights (NULL: all 1), all up, with a Maglev table in proportion.
 * The test changes gen, setup, entry and so on and then calls pools_start.
 */
void
pools_make(struct pools *pools, enum gen_method method, const uint32_t *weights, uint32_t count);
void pools_start(struct pools *pools);
void pools_free(struct pools *pools);

/* Answers the member's number, LB_NONE or LB_AT_LIMIT. Checks all invariants. */
uint32_t pools_pick(struct pools *pools);
/* The same of a balancer that is large, without the checks. */
uint32_t pools_pick_fast(struct pools *pools);
/* By sessions of this worker (setup.worker); what it has in all. */
void pools_load(struct pools *pools, uint32_t member, int change);
uint64_t pools_load_of(const struct pools *pools, uint32_t member);
/* Picks as many times as expected has letters: 'a' is the first member, '-' nobody, '!' at limit. */
void pools_assert_picks(struct pools *pools, const char *expected);
void pools_set_client(struct pools *pools, uint32_t n);
/* Whether each share of picks differs from the member's share of the weights (0: of no part) by less than 2%. */
void pools_assert_shares(const uint32_t *picks, const uint32_t *weights, uint32_t count);

#endif
