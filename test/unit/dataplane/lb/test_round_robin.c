/*
 * Round robin: exact shares, spread, and who is passed over.
 */
#include <string.h>

#include "dataplane/lb/lb.h"
#include "fw/base/assert.h"
#include "fw/base/rng.h"
#include "test/unit/unit.h"

#define MEMBERS_MAX 80u
#define FIRST       3u /* the pool's members don't start the array */

static struct gen_pool pool;
static struct gen_member members[FIRST + MEMBERS_MAX];
static struct health_entry entries[FIRST + MEMBERS_MAX];
static const struct health_entry *health[FIRST + MEMBERS_MAX];
static const struct lb_pool view = { &pool, members, health };

/* Members a, b, c... with these weights, all up. */
static void
setup(const uint32_t *weights, uint32_t count)
{
	pool = (struct gen_pool){ .method = GEN_METHOD_ROUND_ROBIN,
				  .first_member = FIRST,
				  .member_count = count };
	for (uint32_t i = 0; i < FIRST + count; i++) {
		members[i].weight = i < FIRST ? 1 : weights[i - FIRST];
		entries[i].state = HEALTH_UP;
		health[i] = &entries[i];
	}
}

static void
set_state(uint32_t member, enum health_state state)
{
	entries[FIRST + member].state = (uint8_t)state;
}

/* Picks as many times as expected has letters. '-' is nobody. */
static void
assert_picks(struct lb_state *state, uint64_t tried, const char *expected)
{
	char picks[200];
	size_t count = strlen(expected);

	for (size_t i = 0; i < count; i++) {
		uint32_t picked = lb_pick(&view, state, tried);

		picks[i] = picked == LB_NONE ? '-' : (char)('a' + picked - FIRST);
	}
	picks[count] = '\0';
	CU_ASSERT_STRING_EQUAL(picks, expected);
}

static void
equal_weights_take_turns(void)
{
	struct lb_state state = { 0 };

	setup((uint32_t[]){ 1, 1, 1 }, 3);
	assert_picks(&state, 0, "abcabcabc");
	setup((uint32_t[]){ 5, 5, 5 }, 3);
	assert_picks(&state, 0, "abcabcabcabcabcabc");
	setup((uint32_t[]){ 7 }, 1);
	state = (struct lb_state){ 0 };
	assert_picks(&state, 0, "aaaaaaaaaaaaaaaaa");
}

static void
weights_are_spread_over_a_round(void)
{
	struct lb_state state = { 0 };

	setup((uint32_t[]){ 3, 1, 2 }, 3);
	assert_picks(&state, 0, "abcacaabcacaabcaca");
	state = (struct lb_state){ 0 };
	setup((uint32_t[]){ 1, 3 }, 2);
	assert_picks(&state, 0, "abbbabbb");
}

static void
down_member_is_passed_over_and_comes_back(void)
{
	struct lb_state state = { 0 };

	setup((uint32_t[]){ 1, 1, 1 }, 3);
	set_state(1, HEALTH_DOWN);
	assert_picks(&state, 0, "acacac");
	set_state(1, HEALTH_UP);
	assert_picks(&state, 0, "abcabc");
	set_state(0, HEALTH_DOWN);
	set_state(1, HEALTH_DOWN);
	set_state(2, HEALTH_DOWN);
	assert_picks(&state, 0, "---");
	set_state(2, HEALTH_UP);
	assert_picks(&state, 0, "ccc");
}

static void
tried_member_is_passed_over(void)
{
	struct lb_state state = { 0 };

	setup((uint32_t[]){ 1, 1, 1 }, 3);
	assert_picks(&state, 1, "bcbc");
	assert_picks(&state, 3, "cc");
	assert_picks(&state, 7, "--");
	assert_picks(&state, ~(uint64_t)7, "abc");
}

static void
tried_reaches_64_members(void)
{
	uint32_t weights[MEMBERS_MAX];
	struct lb_state state = { 0 };

	for (uint32_t i = 0; i < MEMBERS_MAX; i++)
		weights[i] = 1;
	setup(weights, MEMBERS_MAX);
	for (uint32_t round = 0; round < 2; round++)
		for (uint32_t i = 64; i < MEMBERS_MAX; i++)
			CU_ASSERT_EQUAL(lb_pick(&view, &state, UINT64_MAX), FIRST + i);
}

static void
unknown_member_is_picked_only_when_none_is_up(void)
{
	struct lb_state state = { 0 };

	setup((uint32_t[]){ 1, 2, 1, 1 }, 4);
	set_state(0, HEALTH_UNKNOWN);
	set_state(1, HEALTH_UNKNOWN);
	set_state(2, HEALTH_DOWN);
	assert_picks(&state, 0, "dddd");
	set_state(3, HEALTH_DOWN);
	state = (struct lb_state){ 0 };
	assert_picks(&state, 0, "abbabb");
	assert_picks(&state, 1 << 1, "aaa");
	set_state(3, HEALTH_UP);
	assert_picks(&state, 1 << 3, "b"); /* those that are up were tried */
}

static void
member_without_monitor_counts_as_up(void)
{
	struct lb_state state = { 0 };

	setup((uint32_t[]){ 1, 1, 1 }, 3);
	health[FIRST + 1] = NULL;
	set_state(0, HEALTH_UNKNOWN);
	set_state(2, HEALTH_DOWN);
	assert_picks(&state, 0, "bbb");
	assert_picks(&state, 1 << 1, "aaa");
}

static void
pool_without_members_gives_nobody(void)
{
	struct lb_state state = { 7, 7 };

	setup(NULL, 0);
	assert_picks(&state, 0, "--");
}

static void
state_of_a_larger_pool_starts_anew(void)
{
	struct lb_state state = { 0 };

	setup((uint32_t[]){ 9, 9, 9, 9, 9 }, 5);
	assert_picks(&state, 0, "abcdeabcd");
	setup((uint32_t[]){ 2, 1 }, 2);
	assert_picks(&state, 0, "abaaba");
}

/* From any point of a round on, a whole round of picks has each member exactly `weight` times. */
static void
random_weights_give_exact_shares(void)
{
	struct rng rng;

	rng_init(&rng, 8);
	for (unsigned round = 0; round < 2000; round++) {
		uint32_t weights[12], picks[12] = { 0 };
		uint32_t count = 1 + rng_below(&rng, 12), sum = 0;
		struct lb_state state = { 0 };

		for (uint32_t i = 0; i < count; i++)
			weights[i] = 1 + rng_below(&rng, 20);
		setup(weights, count);
		for (uint32_t i = 0; i < count; i++) {
			if (rng_below(&rng, 4) == 0) {
				set_state(i, HEALTH_DOWN);
				weights[i] = 0;
			}
			sum += weights[i];
		}
		for (uint32_t skipped = rng_below(&rng, 50); sum && skipped > 0; skipped--)
			CU_ASSERT_NOT_EQUAL_FATAL(lb_pick(&view, &state, 0), LB_NONE);
		for (uint32_t pick = 0; pick < sum; pick++) {
			uint32_t picked = lb_pick(&view, &state, 0);

			CU_ASSERT_FATAL(picked >= FIRST && picked < FIRST + count);
			picks[picked - FIRST]++;
		}
		CU_ASSERT_EQUAL_FATAL(memcmp(picks, weights, count * sizeof picks[0]), 0);
		if (sum == 0)
			CU_ASSERT_EQUAL(lb_pick(&view, &state, 0), LB_NONE);
	}
}

static void
random_health_never_gives_who_may_not_be_picked(void)
{
	struct rng rng;
	struct lb_state state = { 0 };
	unsigned nobody = 0;

	rng_init(&rng, 9);
	setup((uint32_t[]){ 1, 4, 2, 1, 9 }, 5);
	for (unsigned round = 0; round < 20000; round++) {
		uint64_t tried = rng_below(&rng, 32) & rng_below(&rng, 32);
		unsigned up = 0, unknown = 0;
		uint32_t picked;

		set_state(rng_below(&rng, 5), (enum health_state)rng_below(&rng, 3));
		for (uint32_t i = 0; i < 5; i++) {
			bool open = !(tried >> i & 1);

			up += open && entries[FIRST + i].state == HEALTH_UP;
			unknown += open && entries[FIRST + i].state == HEALTH_UNKNOWN;
		}
		picked = lb_pick(&view, &state, tried);
		CU_ASSERT_EQUAL_FATAL(picked == LB_NONE, up + unknown == 0);
		nobody += picked == LB_NONE;
		if (picked == LB_NONE)
			continue;
		CU_ASSERT_FATAL(picked >= FIRST && picked < FIRST + 5);
		CU_ASSERT_FALSE(tried >> (picked - FIRST) & 1);
		CU_ASSERT_EQUAL(entries[picked].state, up ? HEALTH_UP : HEALTH_UNKNOWN);
	}
	CU_ASSERT(nobody > 100);
}

static void
pick_unknown_method(void *arg)
{
	struct lb_state state = { 0 };

	pool.method = 99;
	lb_pick(&view, &state, 0);
}

static void
method_outside_the_table_is_an_assert(void)
{
	setup((uint32_t[]){ 1 }, 1);
	CU_ASSERT(unit_asserts(pick_unknown_method, NULL));
}

CU_TestInfo test_round_robin[] = {
	{ "round_robin_equal_weights_take_turns", equal_weights_take_turns },
	{ "round_robin_weights_are_spread_over_a_round", weights_are_spread_over_a_round },
	{ "round_robin_down_member_is_passed_over_and_comes_back",
	  down_member_is_passed_over_and_comes_back },
	{ "round_robin_tried_member_is_passed_over", tried_member_is_passed_over },
	{ "round_robin_tried_reaches_64_members", tried_reaches_64_members },
	{ "round_robin_unknown_member_is_picked_only_when_none_is_up",
	  unknown_member_is_picked_only_when_none_is_up },
	{ "round_robin_member_without_monitor_counts_as_up", member_without_monitor_counts_as_up },
	{ "round_robin_pool_without_members_gives_nobody", pool_without_members_gives_nobody },
	{ "round_robin_state_of_a_larger_pool_starts_anew", state_of_a_larger_pool_starts_anew },
	{ "round_robin_random_weights_give_exact_shares", random_weights_give_exact_shares },
	{ "round_robin_random_health_never_gives_who_may_not_be_picked",
	  random_health_never_gives_who_may_not_be_picked },
	{ "lb_method_outside_the_table_is_an_assert", method_outside_the_table_is_an_assert },
	CU_TEST_INFO_NULL,
};
