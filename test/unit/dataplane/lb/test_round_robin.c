/*
 * Round robin: exact shares, spread, and who is passed over.
 */
#include <string.h>

#include "fw/base/rng.h"
#include "test/unit/dataplane/lb/pools.h"
#include "test/unit/unit.h"

static struct pools pools;

static void
setup(const uint32_t *weights, uint32_t count)
{
	pools_free(&pools);
	pools_make(&pools, GEN_METHOD_ROUND_ROBIN, weights, count);
	pools_start(&pools);
}

static void
equal_weights_take_turns(void)
{
	setup((uint32_t[]){ 1, 1, 1 }, 3);
	pools_assert_picks(&pools, "abcabcabc");
	setup((uint32_t[]){ 5, 5, 5 }, 3);
	pools_assert_picks(&pools, "abcabcabcabcabcabc");
	setup((uint32_t[]){ 7 }, 1);
	pools_assert_picks(&pools, "aaaaaaaaaaaaaaaaa");
}

static void
weights_are_spread_over_a_round(void)
{
	setup((uint32_t[]){ 3, 1, 2 }, 3);
	pools_assert_picks(&pools, "acbaacacbaac");
	setup((uint32_t[]){ 1, 3 }, 2);
	pools_assert_picks(&pools, "babbbabb");
}

static void
seed_says_where_it_begins(void)
{
	setup(NULL, 3);
	pools.setup.seed = 7;
	pools_start(&pools);
	pools_assert_picks(&pools, "bcabca");
}

static void
down_member_is_passed_over_and_comes_back(void)
{
	setup(NULL, 3);
	pools.entry[1].state = HEALTH_DOWN;
	pools_assert_picks(&pools, "acacac");
	pools.entry[1].state = HEALTH_UP;
	lb_refresh(pools.lb, POOLS_FIRST + 1);
	pools_assert_picks(&pools, "abcabc");
}

static void
tried_member_is_passed_over(void)
{
	setup(NULL, 3);
	pools.tried_count = 1;
	pools_assert_picks(&pools, "bcbc");
	pools.tried[1] = 1;
	pools.tried_count = 2;
	pools_assert_picks(&pools, "cc");
	pools.tried[2] = 2;
	pools.tried_count = 3;
	pools_assert_picks(&pools, "--");
	pools.tried_count = 0;
	pools_assert_picks(&pools, "abc");
}

/* From the start on, each so many picks as the weights add up to have each member `weight` times. */
static void
random_weights_give_exact_shares(void)
{
	struct rng rng;

	rng_init(&rng, 8);
	for (unsigned round = 0; round < 500; round++) {
		uint32_t weights[12], picks[12] = { 0 };
		uint32_t count = 1 + rng_below(&rng, 12), sum = 0;

		for (uint32_t i = 0; i < count; i++)
			weights[i] = 1 + rng_below(&rng, 20);
		setup(weights, count);
		for (uint32_t i = 0; i < count; i++) {
			if (rng_below(&rng, 4) == 0) {
				pools.entry[i].state = HEALTH_DOWN;
				lb_refresh(pools.lb, POOLS_FIRST + i);
				weights[i] = 0;
			}
			sum += weights[i];
		}
		if (sum == 0)
			pools_assert_picks(&pools, "-");
		for (uint32_t pick = 0; pick < 3 * sum; pick++)
			picks[pools_pick(&pools)]++;
		for (uint32_t i = 0; i < count; i++)
			CU_ASSERT_EQUAL_FATAL(picks[i], 3 * weights[i]);
	}
}

/* Within a group of weights nobody waits longer than all others' turns take. */
static void
light_member_waits_no_longer_than_its_weight_says(void)
{
	uint32_t since = 0, longest = 0;

	setup((uint32_t[]){ 1000, 999, 1, 513 }, 4);
	for (uint32_t i = 0; i < 100000; i++) {
		since = pools_pick_fast(&pools) == 2 ? 0 : since + 1;
		longest = since > longest ? since : longest;
	}
	CU_ASSERT(longest > 2000 && longest < 2600);
}

CU_TestInfo test_round_robin[] = {
	{ "round_robin_equal_weights_take_turns", equal_weights_take_turns },
	{ "round_robin_weights_are_spread_over_a_round", weights_are_spread_over_a_round },
	{ "round_robin_seed_says_where_it_begins", seed_says_where_it_begins },
	{ "round_robin_down_member_is_passed_over_and_comes_back",
	  down_member_is_passed_over_and_comes_back },
	{ "round_robin_tried_member_is_passed_over", tried_member_is_passed_over },
	{ "round_robin_random_weights_give_exact_shares", random_weights_give_exact_shares },
	{ "round_robin_light_member_waits_no_longer_than_its_weight_says",
	  light_member_waits_no_longer_than_its_weight_says },
	CU_TEST_INFO_NULL,
};
