/* The deterministic random source: known values, ranges, rough shares. */
#include "fw/base/assert.h"
#include "fw/base/rng.h"
#include "test/unit/unit.h"

static void
known_seed_gives_known_values(void)
{
	/* the reference program of Vigna (splitmix64.c) with x = 1234567 */
	static const uint64_t expected[] = {
		6457827717110365317u, 3203168211198807973u,  9817491932198370423u,
		4593380528125082431u, 16408922859458223821u,
	};
	struct rng rng;

	rng_init(&rng, 1234567);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		CU_ASSERT_EQUAL(rng_next(&rng), expected[i]);
}

static void
below_stays_below_and_reaches_all(void)
{
	struct rng rng;
	unsigned hits[7] = { 0 };

	rng_init(&rng, 1);
	for (unsigned i = 0; i < 7000; i++) {
		uint32_t value = rng_below(&rng, 7);

		CU_ASSERT_FATAL(value < 7);
		hits[value]++;
	}
	for (unsigned i = 0; i < 7; i++)
		CU_ASSERT(hits[i] > 850 && hits[i] < 1150);
	for (unsigned i = 0; i < 100; i++) {
		CU_ASSERT_EQUAL(rng_below(&rng, 1), 0);
		CU_ASSERT(rng_below(&rng, UINT32_MAX) < UINT32_MAX);
	}
}

static void
chance_meets_its_share(void)
{
	struct rng rng;
	unsigned hits = 0;

	rng_init(&rng, 2);
	for (unsigned i = 0; i < 100000; i++) {
		hits += rng_chance(&rng, 20000);
		CU_ASSERT_FALSE(rng_chance(&rng, 0));
		CU_ASSERT(rng_chance(&rng, 1000000));
	}
	CU_ASSERT(hits > 1800 && hits < 2200);
}

CU_TestInfo test_rng[] = {
	{ "rng_known_seed_gives_known_values", known_seed_gives_known_values },
	{ "rng_below_stays_below_and_reaches_all", below_stays_below_and_reaches_all },
	{ "rng_chance_meets_its_share", chance_meets_its_share },
	CU_TEST_INFO_NULL,
};
