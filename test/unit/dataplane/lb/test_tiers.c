/*
 * Who may be picked: health, administrative states, backups, limits, and states that other threads
 * change in between.
 */
#include <pthread.h>

#include "fw/base/rng.h"
#include "test/unit/dataplane/lb/pools.h"
#include "test/unit/unit.h"

static struct pools pools;

static void
setup(const char *states)
{
	pools_free(&pools);
	pools_make(&pools, GEN_METHOD_ROUND_ROBIN, NULL, 4);
	for (uint32_t i = 0; i < 4; i++)
		pools.entry[i].state = states[i] == 'u'   ? HEALTH_UP
				       : states[i] == 'd' ? HEALTH_DOWN
							  : HEALTH_UNKNOWN;
	pools_start(&pools);
}

static void
unknown_member_is_picked_only_when_none_is_up(void)
{
	setup("??du");
	pools_assert_picks(&pools, "dddd");
	pools.tried[0] = 3;
	pools.tried_count = 1;
	pools_assert_picks(&pools, "abab"); /* the one that is up was tried */
	pools.tried_count = 0;
	pools.entry[3].state = HEALTH_DOWN;
	pools_assert_picks(&pools, "abab");
}

static void
tiers_follow_one_another(void)
{
	setup("uuuu");
	pools.member[0].backup = pools.member[2].backup = 1;
	pools_start(&pools);
	pools_assert_picks(&pools, "bdbd");
	pools.entry[1].state = HEALTH_UNKNOWN;
	pools_assert_picks(&pools, "ddd");
	pools.entry[3].state = HEALTH_UNKNOWN;
	pools_assert_picks(&pools, "acac"); /* a backup that is up goes before unknown ones */
	pools.entry[0].state = HEALTH_UNKNOWN;
	pools_assert_picks(&pools, "ccc");
	pools.entry[2].state = HEALTH_DOWN;
	pools_assert_picks(&pools, "bdbd");
	pools.entry[1].state = pools.entry[3].state = HEALTH_DOWN;
	pools_assert_picks(&pools, "aaa");
	pools.entry[0].state = HEALTH_DOWN;
	pools_assert_picks(&pools, "---");
}

static void
operator_decides_over_the_monitor(void)
{
	setup("uudd");
	pools.admin[0].state = MEMBER_DRAINED;
	pools_assert_picks(&pools, "bb");
	pools.admin[0].state = MEMBER_DISABLED;
	pools_assert_picks(&pools, "bb");
	pools.admin[0].state = MEMBER_FORCED_DOWN;
	pools_assert_picks(&pools, "bb");
	pools.admin[2].state = MEMBER_FORCED_UP;
	lb_sweep(pools.lb, 100);
	pools_assert_picks(&pools, "cbcb");
	pools.admin[1].state = MEMBER_DRAINED;
	pools_assert_picks(&pools, "cc");
	pools.admin[2].state = MEMBER_ENABLED;
	pools_assert_picks(&pools, "--");
	pools.admin[0].state = MEMBER_ENABLED;
	pools.now_us = 1000;
	pools_assert_picks(&pools, "aa");
}

static void
pool_without_monitor_counts_as_up_until_its_traffic_fails(void)
{
	setup("????");
	pools.pool->monitor = GENERATION_NONE;
	pools.member[0].backup = 1;
	pools_start(&pools);
	pools_assert_picks(&pools, "bcdbcd");
	pools.entry[2].state = HEALTH_DOWN;
	pools_assert_picks(&pools, "bdbd");
	pools.entry[2].state = HEALTH_UNKNOWN;
	lb_refresh(pools.lb, POOLS_FIRST + 2);
	pools_assert_picks(&pools, "bcd");
}

static void
member_without_entries_is_up(void)
{
	const struct health_entry *none_watched[POOLS_FIRST + 4] = { 0 };
	const struct health_admin *none_said[POOLS_FIRST + 4] = { 0 };

	setup("dddd");
	pools.setup.health = none_watched;
	pools.setup.admin = none_said;
	pools_start(&pools);
	pools_assert_picks(&pools, "abcdabcd");
}

static void
member_at_its_limit_is_not_picked(void)
{
	setup("uuuu");
	pools.member[0].connection_limit = 2;
	pools.member[1].connection_limit = 1;
	pools_start(&pools);
	pools_load(&pools, 0, 2);
	pools_load(&pools, 1, 1);
	pools_assert_picks(&pools, "cdcd");
	pools.entry[2].state = pools.entry[3].state = HEALTH_DOWN;
	pools_assert_picks(&pools, "!!");
	pools_load(&pools, 0, -1);
	pools_assert_picks(&pools, "aa");
	pools.entry[0].state = HEALTH_DOWN;
	pools_assert_picks(&pools, "!");
	pools.entry[1].state = HEALTH_DOWN;
	pools_assert_picks(&pools, "!"); /* not looked at again so soon */
	pools.now_us = 1000;
	pools_assert_picks(&pools, "-");
}

static void
tried_member_at_its_limit_is_no_reason(void)
{
	setup("uddd");
	pools.member[0].connection_limit = 1;
	pools_start(&pools);
	pools_load(&pools, 0, 1);
	pools_assert_picks(&pools, "!");
	pools.tried_count = 1;
	pools_assert_picks(&pools, "-");
}

static void
load_of_an_earlier_generation_counts(void)
{
	setup("uuuu");
	pools_load(&pools, 0, 3);
	pools.pool->method = GEN_METHOD_LEAST_CONNECTIONS;
	pools.member[1].connection_limit = 1;
	pools_start(&pools);
	pools_load(&pools, 1, 1);
	pools_load(&pools, 2, 1);
	pools_load(&pools, 3, 2);
	pools_assert_picks(&pools, "c");
	pools_load(&pools, 2, 3);
	pools_assert_picks(&pools, "d");
	pools_load(&pools, 0, -3);
	pools_assert_picks(&pools, "a");
}

/* Nobody up: the pool is looked at again, once a millisecond. */
static void
pool_without_anybody_looks_again_each_millisecond(void)
{
	setup("dddd");
	pools.now_us = 5000;
	pools_assert_picks(&pools, "--");
	pools.entry[2].state = HEALTH_UP;
	pools.now_us = 5999;
	pools_assert_picks(&pools, "-");
	pools.now_us = 6000;
	pools_assert_picks(&pools, "cc");
}

static void
sweep_finds_who_is_back(void)
{
	setup("uddd");
	pools.entry[3].state = HEALTH_UP;
	lb_sweep(pools.lb, POOLS_FIRST + 3);
	pools_assert_picks(&pools, "aa");
	lb_sweep(pools.lb, 1);
	pools_assert_picks(&pools, "dada");
	pools.entry[1].state = HEALTH_UP;
	lb_sweep(pools.lb, 1000); /* each once at most */
	pools_assert_picks(&pools, "bdabda");
}

struct flipper {
	struct pools *pools;
	bool stop;
};

/* Another thread that writes states as monitors and the control thread do. */
static void *
flip(void *arg)
{
	struct flipper *flipper = arg;
	struct rng rng;

	rng_init(&rng, 77);
	while (!__atomic_load_n(&flipper->stop, __ATOMIC_RELAXED)) {
		uint32_t i = rng_below(&rng, 20);

		if (rng_chance(&rng, 500000))
			__atomic_store_n(&flipper->pools->entry[i].state,
					 (uint8_t)rng_below(&rng, 3), __ATOMIC_RELAXED);
		else
			__atomic_store_n(&flipper->pools->admin[i].state,
					 (uint8_t)rng_below(&rng, MEMBER_ADMIN_COUNT),
					 __ATOMIC_RELAXED);
	}
	return NULL;
}

static void
states_may_change_at_any_moment(void)
{
	for (uint32_t method = 0; method < GEN_METHOD_COUNT; method++) {
		struct flipper flipper = { .pools = &pools };
		unsigned picked = 0;
		pthread_t thread;

		pools_free(&pools);
		pools_make(&pools, (enum gen_method)method, NULL, 20);
		for (uint32_t i = 0; i < 20; i++)
			pools.member[i].weight = 1 + i * i;
		for (uint32_t i = 0; i < 5; i++)
			pools.member[i].backup = 1;
		pools_start(&pools);
		CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, flip, &flipper), 0);
		for (unsigned i = 0; i < 20000; i++) {
			uint32_t member;

			pools_set_client(&pools, i);
			pools.now_us = i;
			lb_sweep(pools.lb, i % 8);
			member = pools_pick(&pools);
			if (member == LB_NONE)
				continue;
			picked++;
			pools_load(&pools, member, 1);
			if (i % 3)
				pools_load(&pools, member, -1);
		}
		__atomic_store_n(&flipper.stop, true, __ATOMIC_RELAXED);
		pthread_join(thread, NULL);
		CU_ASSERT(picked > 5000);
		for (uint32_t i = 0; i < 20; i++)
			pools.admin[i].state = MEMBER_DISABLED;
		CU_ASSERT_EQUAL(pools_pick(&pools), LB_NONE);
		pools.admin[7].state = MEMBER_FORCED_UP;
		pools.now_us += 1000;
		CU_ASSERT_EQUAL(pools_pick(&pools), 7);
	}
}

static void
make_with_unknown_method(void *arg)
{
	pools.pool->method = GEN_METHOD_COUNT;
	pools_start(&pools);
}

static void
method_outside_the_table_is_an_assert(void)
{
	setup("uuuu");
	CU_ASSERT(unit_asserts(make_with_unknown_method, NULL));
}

CU_TestInfo test_tiers[] = {
	{ "lb_unknown_member_is_picked_only_when_none_is_up",
	  unknown_member_is_picked_only_when_none_is_up },
	{ "lb_tiers_follow_one_another", tiers_follow_one_another },
	{ "lb_operator_decides_over_the_monitor", operator_decides_over_the_monitor },
	{ "lb_pool_without_monitor_counts_as_up_until_its_traffic_fails",
	  pool_without_monitor_counts_as_up_until_its_traffic_fails },
	{ "lb_member_without_entries_is_up", member_without_entries_is_up },
	{ "lb_member_at_its_limit_is_not_picked", member_at_its_limit_is_not_picked },
	{ "lb_tried_member_at_its_limit_is_no_reason", tried_member_at_its_limit_is_no_reason },
	{ "lb_load_of_an_earlier_generation_counts", load_of_an_earlier_generation_counts },
	{ "lb_pool_without_anybody_looks_again_each_millisecond",
	  pool_without_anybody_looks_again_each_millisecond },
	{ "lb_sweep_finds_who_is_back", sweep_finds_who_is_back },
	{ "lb_states_may_change_at_any_moment", states_may_change_at_any_moment },
	{ "lb_method_outside_the_table_is_an_assert", method_outside_the_table_is_an_assert },
	CU_TEST_INFO_NULL,
};
