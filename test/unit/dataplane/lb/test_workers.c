/*
 * The balancers of several workers over one pool: limits and loads are of all of them together, and so are the shares.
 */
#include <stdlib.h>

#include "fw/base/assert.h"
#include "fw/base/rng.h"
#include "test/unit/dataplane/lb/pools.h"
#include "test/unit/unit.h"

#define WORKERS  POOLS_WORKERS
#define REQUESTS 20000u
#define OPEN     100u

static struct pools pools;
static struct lb *lbs[WORKERS];

/* Each worker's balancer, made as the view makes them: with one seed. */
static void
start(void)
{
	pools.setup.workers = WORKERS;
	pools.setup.seed = 5;
	pools.lb = NULL;
	for (uint32_t w = 0; w < WORKERS; w++) {
		pools.setup.worker = w;
		pools_start(&pools);
		free(lbs[w]);
		lbs[w] = pools.lb;
		pools.lb = NULL;
	}
}

static void
make(enum gen_method method, const uint32_t *weights, uint32_t count)
{
	free(pools.gen);
	pools_make(&pools, method, weights, count);
}

static void
turn_to(uint32_t worker)
{
	pools.lb = lbs[worker];
	pools.setup.worker = worker;
}

static void
one_uses_a_limit_in_full_and_all_share_it(void)
{
	make(GEN_METHOD_ROUND_ROBIN, NULL, 1);
	pools.member[0].connection_limit = 7;
	start();
	turn_to(2);
	pools_assert_picks(&pools, "a");
	pools_load(&pools, 0, 6);
	for (uint32_t w = 0; w < WORKERS; w++) {
		turn_to(w);
		pools_assert_picks(&pools, "a");
	}
	turn_to(1);
	pools_load(&pools, 0, 1);
	for (uint32_t w = 0; w < WORKERS; w++) {
		turn_to(w);
		pools_assert_picks(&pools, "!");
	}
	turn_to(2);
	pools_load(&pools, 0, -1);
	turn_to(0);
	pools.now_us += 1000; /* nobody has told it: it looks again each millisecond */
	pools_assert_picks(&pools, "a");
}

/* What others have open counts, and what they have ended since. */
static void
load_of_all_decides(enum gen_method method)
{
	make(method, NULL, 2);
	start();
	turn_to(1);
	pools_load(&pools, 0, 30);
	turn_to(0);
	for (unsigned i = 0; i < 20; i++)
		CU_ASSERT_EQUAL(pools_pick(&pools), 1);
	pools_load(&pools, 1, 40);
	for (unsigned i = 0; i < 20; i++)
		CU_ASSERT_EQUAL(pools_pick(&pools), 0);
	turn_to(1);
	pools_load(&pools, 0, -30);
	turn_to(3);
	pools_load(&pools, 0, 35);
	turn_to(2);
	lb_sweep(pools.lb, POOLS_FIRST + 2);
	for (unsigned i = 0; i < 20; i++)
		CU_ASSERT_EQUAL(pools_pick(&pools), 0);
}

static void
least_connections_counts_all(void)
{
	load_of_all_decides(GEN_METHOD_LEAST_CONNECTIONS);
}

/* It draws twice, now and then the same one: so both are asked whom they would rather not take. */
static void
random_of_two_counts_all(void)
{
	uint32_t picks[2] = { 0 };

	make(GEN_METHOD_RANDOM_OF_TWO, NULL, 2);
	start();
	turn_to(1);
	pools_load(&pools, 0, 30);
	turn_to(0);
	for (unsigned i = 0; i < 10000; i++)
		picks[pools_pick_fast(&pools)]++;
	CU_ASSERT(picks[0] < 1000);
}

static void
round_robin_begins_apart(void)
{
	bool begun[8] = { false };

	make(GEN_METHOD_ROUND_ROBIN, NULL, 8);
	start();
	for (uint32_t w = 0; w < WORKERS; w++) {
		uint32_t picked;

		turn_to(w);
		picked = pools_pick(&pools);
		CU_ASSERT_FALSE(begun[picked]);
		begun[picked] = true;
	}
}

static void
shares_of_all_follow_the_weights(void)
{
	static const uint32_t weights[] = { 5, 4, 3, 2, 1 };

	for (unsigned method = 0; method < GEN_METHOD_COUNT; method++) {
		uint32_t picks[5] = { 0 }, open[OPEN], opener[OPEN], count = 0;
		struct rng rng;

		rng_init(&rng, method);
		make((enum gen_method)method, weights, 5);
		start();
		for (uint32_t i = 0; i < REQUESTS; i++) {
			uint32_t at = count < OPEN ? count++ : rng_below(&rng, OPEN);

			if (i >= OPEN) {
				turn_to(opener[at]);
				pools_load(&pools, open[at], -1);
			}
			opener[at] = rng_below(&rng, WORKERS);
			turn_to(opener[at]);
			pools_set_client(&pools, i);
			open[at] = pools_pick_fast(&pools);
			pools_load(&pools, open[at], 1);
			picks[open[at]]++;
			if (i % 100 == 0)
				lb_check(pools.lb);
		}
		pools_assert_shares(picks, weights, 5);
	}
}

CU_TestInfo test_workers[] = {
	{ "lb_workers_one_uses_a_limit_in_full_and_all_share_it",
	  one_uses_a_limit_in_full_and_all_share_it },
	{ "lb_workers_least_connections_counts_all", least_connections_counts_all },
	{ "lb_workers_random_of_two_counts_all", random_of_two_counts_all },
	{ "lb_workers_round_robin_begins_apart", round_robin_begins_apart },
	{ "lb_workers_shares_of_all_follow_the_weights", shares_of_all_follow_the_weights },
	CU_TEST_INFO_NULL,
};
