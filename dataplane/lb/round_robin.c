/*
 * Weighted round robin, interleaved: a round has as many passes over the members as the highest weight, and in
 * pass r (from 0) those are picked whose weight is above r. So each gets `weight` picks a round, spread as
 * far as two words of state allow: weights 3, 1, 2 give a b c, a c, a. A member that can't be picked
 * is as if it weren't there.
 *
 * Cost: looks at each member at most once, twice where no member is up.
 */
#include "dataplane/lb/methods.h"

#include <stdbool.h>

#define TRIED_BITS 64u

static uint32_t next_in_state(const struct lb_pool *pool, struct lb_state *state, uint64_t tried,
			      enum health_state wanted);
static bool
is_eligible(const struct lb_pool *pool, uint32_t at, uint64_t tried, enum health_state wanted);
static uint32_t
take(const struct lb_pool *pool, struct lb_state *state, uint32_t at, uint32_t pass);

uint32_t
lb_round_robin(const struct lb_pool *pool, struct lb_state *state, uint64_t tried)
{
	uint32_t picked;

	if (state->position > pool->pool->member_count) /* of a pool that was larger */
		*state = (struct lb_state){ 0 };
	picked = next_in_state(pool, state, tried, HEALTH_UP);
	return picked != LB_NONE ? picked : next_in_state(pool, state, tried, HEALTH_UNKNOWN);
}

/* In the rest of this pass, else in the next one, else in the first pass of another round. */
static uint32_t
next_in_state(const struct lb_pool *pool, struct lb_state *state, uint64_t tried,
	      enum health_state wanted)
{
	const struct gen_member *members = &pool->members[pool->pool->first_member];
	uint32_t count = pool->pool->member_count;
	uint32_t first_behind = LB_NONE, first_before = LB_NONE;

	for (uint32_t at = state->position; at < count; at++) {
		if (!is_eligible(pool, at, tried, wanted))
			continue;
		if (members[at].weight > state->pass)
			return take(pool, state, at, state->pass);
		if (first_behind == LB_NONE)
			first_behind = at;
	}
	for (uint32_t at = 0; at < state->position; at++) {
		if (!is_eligible(pool, at, tried, wanted))
			continue;
		if (members[at].weight > state->pass + 1)
			return take(pool, state, at, state->pass + 1);
		if (first_before == LB_NONE)
			first_before = at;
	}
	if (first_before != LB_NONE)
		return take(pool, state, first_before, 0);
	return first_behind != LB_NONE ? take(pool, state, first_behind, 0) : LB_NONE;
}

/* at is relative to the pool's first member. */
static bool
is_eligible(const struct lb_pool *pool, uint32_t at, uint64_t tried, enum health_state wanted)
{
	const struct health_entry *health = pool->health[pool->pool->first_member + at];

	if (at < TRIED_BITS && (tried >> at & 1))
		return false;
	return (health ? health->state : HEALTH_UP) == wanted;
}

static uint32_t
take(const struct lb_pool *pool, struct lb_state *state, uint32_t at, uint32_t pass)
{
	state->position = at + 1;
	state->pass = pass;
	return pool->pool->first_member + at;
}
