/*
 * How far the shares of each method are from its weights over 100,000 requests: with sessions that
 * end at once and with many open, with members down, with backups.
 */
#include <string.h>

#include "fw/base/assert.h"
#include "fw/base/rng.h"
#include "test/unit/dataplane/lb/pools.h"
#include "test/unit/unit.h"

#define REQUESTS 100000u
#define OPEN_MAX 400u

static const struct {
	uint32_t count, weights[12];
} sets[] = {
	{ 3, { 1, 1, 1 } },
	{ 3, { 3, 1, 2 } },
	{ 2, { 1000, 1 } },
	{ 10, { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 } },
	{ 12, { 100, 100, 100, 64, 63, 50, 50, 33, 20, 10, 5, 5 } },
};
static struct pools pools;

/* Open sessions end in random order, once there are more than `open` of them. */
static void
count_picks(uint32_t open, uint32_t *picks)
{
	static uint32_t sessions[OPEN_MAX + 1];
	uint32_t count = 0;
	struct rng rng;

	rng_init(&rng, open);
	memset(picks, 0, sizeof(uint32_t) * pools.count);
	for (uint32_t i = 0; i < REQUESTS; i++) {
		uint32_t member;

		pools_set_client(&pools, i);
		member = pools_pick_fast(&pools);
		CU_ASSERT_FATAL(member < pools.count);
		picks[member]++;
		pools_load(&pools, member, 1);
		sessions[count++] = member;
		if (count > open) {
			uint32_t at = rng_below(&rng, count);

			pools_load(&pools, sessions[at], -1);
			sessions[at] = sessions[--count];
		}
	}
	lb_check(pools.lb);
}

enum variant { ALL_UP, SOME_DOWN, ONLY_BACKUPS_LEFT, BACKUPS_WAIT };

/* What is left of the weights when the members that this variant leaves out have none. */
static void
set_up(enum gen_method method, size_t set, enum variant variant, uint32_t *weights)
{
	uint32_t count = sets[set].count;

	memcpy(weights, sets[set].weights, count * sizeof *weights);
	pools_free(&pools);
	pools_make(&pools, method, weights, count);
	for (uint32_t i = 0; i < count; i++) {
		bool third = i % 3 == 1;

		pools.member[i].backup = variant >= ONLY_BACKUPS_LEFT && third;
		if ((variant == SOME_DOWN && third) || (variant == ONLY_BACKUPS_LEFT && !third))
			pools.entry[i].state = HEALTH_DOWN;
		if (variant != ALL_UP && third != (variant == ONLY_BACKUPS_LEFT))
			weights[i] = 0;
	}
	pools_start(&pools);
}

static void
assert_shares(enum variant variant)
{
	uint32_t weights[12], picks[12];

	for (unsigned method = 0; method < GEN_METHOD_COUNT; method++)
		for (size_t s = 0; s < ARRAY_SIZE(sets); s += variant == ALL_UP ? 1 : 3)
			for (uint32_t open = 0; open <= OPEN_MAX; open += OPEN_MAX) {
				set_up((enum gen_method)method, s, variant, weights);
				count_picks(open, picks);
				pools_assert_shares(picks, weights, pools.count);
			}
}

static void
follow_the_weights(void)
{
	assert_shares(ALL_UP);
}

static void
follow_the_weights_of_those_left(void)
{
	assert_shares(SOME_DOWN);
}

static void
follow_the_weights_of_backups_when_no_other_is_left(void)
{
	assert_shares(ONLY_BACKUPS_LEFT);
}

static void
give_backups_nothing_while_others_are_up(void)
{
	assert_shares(BACKUPS_WAIT);
}

/* A member that takes three times as long gets a third of the requests. */
static void
of_least_connections_follow_speed(void)
{
	static const uint32_t slow = 3, open = 120;
	uint32_t picks[4] = { 0 }, sessions[120], due[120];

	pools_free(&pools);
	pools_make(&pools, GEN_METHOD_LEAST_CONNECTIONS, NULL, 4);
	pools_start(&pools);
	for (uint32_t i = 0; i < open; i++)
		due[i] = UINT32_MAX;
	for (uint32_t now = 0; now < 20000; now++) {
		for (uint32_t i = 0; i < open; i++) {
			if (due[i] > now && due[i] != UINT32_MAX)
				continue;
			if (due[i] != UINT32_MAX)
				pools_load(&pools, sessions[i], -1);
			sessions[i] = pools_pick_fast(&pools);
			pools_load(&pools, sessions[i], 1);
			picks[sessions[i]]++;
			due[i] = now + (sessions[i] == slow ? 30 : 10);
		}
	}
	pools_assert_shares(picks, (uint32_t[]){ 3, 3, 3, 1 }, 4);
}

/* Of two members one is busy: only when chance draws it four times over is it taken. */
static void
of_random_of_two_avoid_the_busy(void)
{
	uint32_t picks[2] = { 0 };

	pools_free(&pools);
	pools_make(&pools, GEN_METHOD_RANDOM_OF_TWO, (uint32_t[]){ 3, 2 }, 2);
	pools_start(&pools);
	pools_load(&pools, 0, 30);
	pools_load(&pools, 1, 19); /* less by weight */
	for (uint32_t i = 0; i < 10000; i++)
		picks[pools_pick_fast(&pools)]++;
	CU_ASSERT(picks[0] > 0 && picks[0] < 1200);
	pools_load(&pools, 1, 2);
	for (uint32_t i = 0; i < 10000; i++)
		picks[pools_pick_fast(&pools)]++;
	CU_ASSERT(picks[0] > 9000);
}

CU_TestInfo test_shares[] = {
	{ "lb_shares_follow_the_weights", follow_the_weights },
	{ "lb_shares_follow_the_weights_of_those_left", follow_the_weights_of_those_left },
	{ "lb_shares_follow_the_weights_of_backups_when_no_other_is_left",
	  follow_the_weights_of_backups_when_no_other_is_left },
	{ "lb_shares_give_backups_nothing_while_others_are_up",
	  give_backups_nothing_while_others_are_up },
	{ "lb_shares_of_least_connections_follow_speed", of_least_connections_follow_speed },
	{ "lb_shares_of_random_of_two_avoid_the_busy", of_random_of_two_avoid_the_busy },
	CU_TEST_INFO_NULL,
};
