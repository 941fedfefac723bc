/*
 * Source hash and Maglev: a client stays with its member, and only those move whose member is out.
 */
#include <string.h>

#include "fw/base/assert.h"
#include "fw/base/rng.h"
#include "test/unit/dataplane/lb/pools.h"
#include "test/unit/unit.h"

#define CLIENTS 20000u
#define MEMBERS 10u

static const enum gen_method methods[] = { GEN_METHOD_SOURCE_HASH, GEN_METHOD_MAGLEV };
static const uint32_t weights[MEMBERS] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
static struct pools pools;
static uint32_t before[CLIENTS], after[CLIENTS];

static void
setup(enum gen_method method, const uint32_t *of_weights)
{
	pools_free(&pools);
	pools_make(&pools, method, of_weights, MEMBERS);
	pools_start(&pools);
}

static void
pick_all(uint32_t *picks)
{
	for (uint32_t i = 0; i < CLIENTS; i++) {
		pools_set_client(&pools, i);
		picks[i] = pools_pick_fast(&pools);
	}
}

static void
client_stays_whatever_others_do(void)
{
	for (size_t m = 0; m < ARRAY_SIZE(methods); m++) {
		struct rng rng;

		rng_init(&rng, 5);
		setup(methods[m], weights);
		pick_all(before);
		for (uint32_t i = 0; i < CLIENTS; i++) {
			uint32_t client = rng_below(&rng, CLIENTS);

			pools_set_client(&pools, client);
			CU_ASSERT_EQUAL_FATAL(pools_pick_fast(&pools), before[client]);
			pools_load(&pools, before[client], 1);
		}
		/* as after a restart, or on another box, or on another worker */
		pools.setup.seed = 99;
		pools.setup.worker = 1;
		pools.setup.workers = 4;
		pools_start(&pools);
		pick_all(after);
		CU_ASSERT_EQUAL(memcmp(before, after, sizeof before), 0);
	}
}

/* Stands for good: another version that picks otherwise would move all clients at an upgrade. */
static void
picks_are_those_of_earlier_versions(void)
{
	static const uint32_t expected[] = { 6, 6, 9, 4, 7, 6, 6, 8 };
	struct addr v6;

	setup(GEN_METHOD_SOURCE_HASH, weights);
	for (uint32_t i = 0; i < ARRAY_SIZE(expected); i++) {
		pools_set_client(&pools, i);
		CU_ASSERT_EQUAL(pools_pick(&pools), expected[i]);
	}
	CU_ASSERT_FATAL(addr_parse("fd00::1", &v6));
	pools.client = v6;
	CU_ASSERT_EQUAL(pools_pick(&pools), expected[0]);
}

/* A member that is down, drained, or at its limit. */
static void
put_out(uint32_t member, unsigned how)
{
	if (how == 0)
		pools.entry[member].state = HEALTH_DOWN;
	else if (how == 1)
		pools.admin[member].state = MEMBER_DRAINED;
	else
		pools_load(&pools, member, 1000);
}

static void
put_back(uint32_t member, unsigned how)
{
	pools.entry[member].state = HEALTH_UP;
	pools.admin[member].state = MEMBER_ENABLED;
	if (how == 2)
		pools_load(&pools, member, -1000);
	lb_refresh(pools.lb, POOLS_FIRST + member);
}

static void
only_clients_of_a_member_that_is_out_move_and_they_come_back(void)
{
	for (size_t m = 0; m < ARRAY_SIZE(methods); m++) {
		setup(methods[m], m ? NULL : weights);
		for (uint32_t i = 0; i < MEMBERS; i++)
			pools.member[i].connection_limit = 1000;
		pools_start(&pools);
		pick_all(before);
		for (uint32_t out = 0; out < MEMBERS; out++) {
			put_out(out, out % 3);
			pick_all(after);
			for (uint32_t i = 0; i < CLIENTS; i++)
				CU_ASSERT_FATAL(before[i] == out ? after[i] != out
								 : after[i] == before[i]);
			put_back(out, out % 3);
			pick_all(after);
			CU_ASSERT_EQUAL(memcmp(before, after, sizeof before), 0);
		}
	}
}

/* All down but two: so few that hashing again often finds nobody. Those two still keep theirs. */
static void
those_left_keep_their_clients_when_nearly_all_are_out(void)
{
	static const uint32_t left[] = { 17, 1501 };

	for (size_t m = 0; m < ARRAY_SIZE(methods); m++) {
		uint32_t picks[2] = { 0 }, moved = 0;

		pools_free(&pools);
		pools_make(&pools, methods[m], NULL, POOLS_MEMBERS_MAX);
		pools_start(&pools);
		pick_all(before);
		for (uint32_t i = 0; i < POOLS_MEMBERS_MAX; i++)
			if (i != left[0] && i != left[1]) {
				pools.entry[i].state = HEALTH_DOWN;
				lb_refresh(pools.lb, POOLS_FIRST + i);
			}
		pick_all(after);
		for (uint32_t i = 0; i < CLIENTS; i++) {
			CU_ASSERT_FATAL(after[i] == left[0] || after[i] == left[1]);
			picks[after[i] == left[1]]++;
			moved +=
			    (before[i] == left[0] || before[i] == left[1]) && before[i] != after[i];
		}
		CU_ASSERT_EQUAL(moved, 0);
		CU_ASSERT(picks[0] > CLIENTS / 10 && picks[1] > CLIENTS / 10);
		lb_check(pools.lb);
	}
}

static void
backups_take_over_by_address_when_no_other_is_left(void)
{
	for (size_t m = 0; m < ARRAY_SIZE(methods); m++) {
		setup(methods[m], weights);
		pools.member[3].backup = pools.member[8].backup = 1;
		pools_start(&pools);
		pick_all(before);
		for (uint32_t i = 0; i < CLIENTS; i++)
			CU_ASSERT_FATAL(before[i] != 3 && before[i] != 8);
		for (uint32_t i = 0; i < MEMBERS; i++)
			if (i != 3 && i != 8)
				pools.entry[i].state = HEALTH_DOWN;
		pick_all(before);
		pick_all(after);
		CU_ASSERT_EQUAL(memcmp(before, after, sizeof before), 0);
		for (uint32_t i = 0; i < CLIENTS; i++)
			CU_ASSERT_FATAL(before[i] == 3 || before[i] == 8);
	}
}

CU_TestInfo test_hash[] = {
	{ "hash_client_stays_whatever_others_do", client_stays_whatever_others_do },
	{ "hash_picks_are_those_of_earlier_versions", picks_are_those_of_earlier_versions },
	{ "hash_only_clients_of_a_member_that_is_out_move_and_they_come_back",
	  only_clients_of_a_member_that_is_out_move_and_they_come_back },
	{ "hash_those_left_keep_their_clients_when_nearly_all_are_out",
	  those_left_keep_their_clients_when_nearly_all_are_out },
	{ "hash_backups_take_over_by_address_when_no_other_is_left",
	  backups_take_over_by_address_when_no_other_is_left },
	CU_TEST_INFO_NULL,
};
