/*
 * Random pools and random operations against a reference that looks at every member: which tier a
 * pick must come from, whether anybody is left, how low the load must be. After each operation all
 * invariants are checked, and no limit is exceeded.
 */
#include "fw/base/rng.h"
#include "test/unit/dataplane/lb/pools.h"
#include "test/unit/unit.h"

#define MEMBERS_MAX 40u
#define OUT         4u

static struct pools pools;
static struct rng rng;

static void
make_pool(enum gen_method method)
{
	uint32_t count = 1 + rng_below(&rng, MEMBERS_MAX);
	uint32_t weight_max = rng_chance(&rng, 300000) ? 1 : 1 + rng_below(&rng, LIMIT_WEIGHT);

	pools_free(&pools);
	pools_make(&pools, method, NULL, count);
	for (uint32_t i = 0; i < count; i++) {
		pools.member[i].weight = 1 + rng_below(&rng, weight_max);
		pools.member[i].backup = rng_chance(&rng, 250000);
		pools.member[i].connection_limit =
		    rng_chance(&rng, 500000) ? 1 + rng_below(&rng, 6) : 0;
		pools.entry[i].state = (uint8_t)rng_below(&rng, 3);
	}
	pools.setup.seed = rng_next(&rng);
	pools_start(&pools);
}

static bool
was_tried(uint32_t member)
{
	for (uint32_t i = 0; i < pools.tried_count; i++)
		if (pools.tried[i] == member)
			return true;
	return false;
}

static bool
is_at_limit(uint32_t member)
{
	uint32_t limit = pools.member[member].connection_limit;

	return limit && pools_load_of(&pools, member) >= limit;
}

/* 0 to 3, or OUT, the limit left aside. */
static uint32_t
tier_of(uint32_t member)
{
	uint8_t admin = pools.admin[member].state, state = pools.entry[member].state;

	if (was_tried(member) || (admin != MEMBER_ENABLED && admin != MEMBER_FORCED_UP))
		return OUT;
	if (admin == MEMBER_FORCED_UP)
		state = HEALTH_UP;
	if (state == HEALTH_DOWN)
		return OUT;
	return (state == HEALTH_UP ? 0 : 2) + pools.member[member].backup;
}

static void
expect_least_loaded(uint32_t picked, uint32_t tier)
{
	uint64_t load = pools_load_of(&pools, picked), weight = pools.member[picked].weight;

	/* to a quarter of a session */
	for (uint32_t i = 0; i < pools.count; i++)
		if (tier_of(i) == tier && !is_at_limit(i))
			CU_ASSERT_FATAL(4 * load * pools.member[i].weight <
					(4 * pools_load_of(&pools, i) + 1) * weight);
}

static void
pick_as_the_reference_says(void)
{
	uint32_t best = OUT, at_limit = 0, picked;

	pools.tried_count = rng_below(&rng, 3);
	for (uint32_t i = 0; i < pools.tried_count; i++)
		pools.tried[i] = rng_below(&rng, pools.count);
	for (uint32_t i = 0; i < pools.count; i++) {
		uint32_t tier = tier_of(i);

		if (tier != OUT && is_at_limit(i))
			at_limit++;
		else if (tier < best)
			best = tier;
	}
	pools_set_client(&pools, rng_below(&rng, 50));
	picked = pools_pick(&pools);
	if (best == OUT) {
		CU_ASSERT_EQUAL_FATAL(picked, at_limit ? LB_AT_LIMIT : LB_NONE);
		return;
	}
	CU_ASSERT_FATAL(picked < pools.count);
	CU_ASSERT_EQUAL_FATAL(tier_of(picked), best);
	CU_ASSERT_FALSE_FATAL(is_at_limit(picked));
	if (pools.pool->method == GEN_METHOD_LEAST_CONNECTIONS)
		expect_least_loaded(picked, best);
	pools_load(&pools, picked, 1);
}

static void
end_a_session(void)
{
	uint32_t from = rng_below(&rng, pools.count);

	for (uint32_t i = 0; i < pools.count; i++) {
		uint32_t member = (from + i) % pools.count;

		if (pools_load_of(&pools, member) > 0) {
			pools_load(&pools, member, -1);
			return;
		}
	}
}

static void
change_a_state(void)
{
	uint32_t member = rng_below(&rng, pools.count);

	if (rng_chance(&rng, 700000))
		pools.entry[member].state = (uint8_t)rng_below(&rng, 3);
	else
		pools.admin[member].state = rng_chance(&rng, 500000)
						? MEMBER_ENABLED
						: (uint8_t)rng_below(&rng, MEMBER_ADMIN_COUNT);
	lb_refresh(pools.lb, POOLS_FIRST + member);
	lb_check(pools.lb);
}

static void
random_operations_agree_with_a_reference(void)
{
	for (unsigned round = 0; round < 200; round++) {
		rng_init(&rng, round);
		make_pool((enum gen_method)(round % GEN_METHOD_COUNT));
		for (unsigned step = 0; step < 1000; step++) {
			uint32_t what = rng_below(&rng, 10);

			pools.now_us += rng_below(&rng, 500);
			if (what < 5)
				pick_as_the_reference_says();
			else if (what < 9)
				end_a_session();
			else
				change_a_state();
		}
	}
}

/* Nobody tells the balancer of changed states: still nobody is picked who may not be. */
static void
picks_are_allowed_without_being_told_of_changes(void)
{
	for (unsigned round = 0; round < 100; round++) {
		rng_init(&rng, 1000 + round);
		make_pool((enum gen_method)(round % GEN_METHOD_COUNT));
		pools.tried_count = 0;
		for (unsigned step = 0; step < 1000; step++) {
			uint32_t member = rng_below(&rng, pools.count), picked;

			pools.now_us += rng_below(&rng, 500);
			pools.entry[member].state = (uint8_t)rng_below(&rng, 3);
			lb_sweep(pools.lb, rng_below(&rng, 2));
			pools_set_client(&pools, step);
			picked = pools_pick(&pools);
			if (picked >= pools.count)
				continue;
			CU_ASSERT_FATAL(tier_of(picked) != OUT && !is_at_limit(picked));
			if (rng_chance(&rng, 600000))
				pools_load(&pools, picked, 1);
			end_a_session();
		}
	}
}

CU_TestInfo test_random[] = {
	{ "lb_random_operations_agree_with_a_reference", random_operations_agree_with_a_reference },
	{ "lb_picks_are_allowed_without_being_told_of_changes",
	  picks_are_allowed_without_being_told_of_changes },
	CU_TEST_INFO_NULL,
};
