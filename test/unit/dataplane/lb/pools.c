#include "test/unit/dataplane/lb/pools.h"

#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "test/unit/unit.h"

#define SLOTS 1009u

static const struct health_entry *health[POOLS_FIRST + POOLS_MEMBERS_MAX];
static const struct health_admin *admins[POOLS_FIRST + POOLS_MEMBERS_MAX];
static struct stats_worker stats[POOLS_WORKERS];

/* As many slots each as its weight says, scattered; backups have none unless all are backups. */
static void
fill_slots(struct pools *pools)
{
	uint32_t total = 0, next = 0;
	bool backups = true;

	for (uint32_t i = 0; i < pools->count; i++)
		backups &= pools->member[i].backup;
	for (uint32_t i = 0; i < pools->count; i++)
		total += pools->member[i].backup == backups ? pools->member[i].weight : 0;
	for (uint32_t i = 0, sum = 0; i < pools->count; i++) {
		sum += pools->member[i].backup == backups ? pools->member[i].weight : 0;
		for (; next < (uint64_t)SLOTS * sum / total; next++)
			pools->slots[next * 500 % SLOTS] = (uint16_t)i;
	}
}

void
pools_make(struct pools *pools, enum gen_method method, const uint32_t *weights, uint32_t count)
{
	struct generation head = { .pools.count = 2,
				   .members.count = POOLS_FIRST + count,
				   .maglev.count = method == GEN_METHOD_MAGLEV ? SLOTS : 0 };
	struct gen_member *members;

	memset(pools, 0, sizeof *pools);
	memset(stats, 0, sizeof stats);
	ASSERT(count <= POOLS_MEMBERS_MAX && generation_lay_out(&head) == ERR_ok);
	pools->gen = calloc(1, head.total_bytes);
	*pools->gen = head;
	pools->pool = (struct gen_pool *)(uintptr_t)generation_pools(pools->gen);
	pools->pool[0] = (struct gen_pool){ .monitor = 0, .member_count = POOLS_FIRST };
	pools->pool++;
	*pools->pool = (struct gen_pool){ .method = method,
					  .monitor = 0,
					  .first_member = POOLS_FIRST,
					  .member_count = count,
					  .slot_count = head.maglev.count };
	members = (struct gen_member *)(uintptr_t)generation_members(pools->gen);
	pools->member = members + POOLS_FIRST;
	pools->slots = (uint16_t *)(uintptr_t)generation_maglev(pools->gen);
	pools->count = count;
	for (uint32_t i = 0; i < POOLS_FIRST + count; i++) {
		members[i].weight = weights && i >= POOLS_FIRST ? weights[i - POOLS_FIRST] : 1;
		members[i].pool = i >= POOLS_FIRST;
		members[i].stats_slot = LIMIT_MEMBERS - 1 - i;
		health[i] = NULL;
		admins[i] = NULL;
	}
	for (uint32_t i = 0; i < count; i++) {
		pools->entry[i].state = HEALTH_UP;
		health[POOLS_FIRST + i] = &pools->entry[i];
		admins[POOLS_FIRST + i] = &pools->admin[i];
	}
	pools->stats = stats;
	pools->setup = (struct lb_setup){
		.gen = pools->gen, .health = health, .admin = admins, .stats = stats, .workers = 1
	};
	pools_set_client(pools, 0);
}

void
pools_start(struct pools *pools)
{
	free(pools->lb);
	if (pools->pool->method == GEN_METHOD_MAGLEV)
		fill_slots(pools);
	pools->lb = malloc(lb_memory_bytes(pools->gen));
	ASSERT(pools->lb);
	lb_init(pools->lb, &pools->setup);
	lb_check(pools->lb);
}

void
pools_free(struct pools *pools)
{
	free(pools->lb);
	free(pools->gen);
}

uint32_t
pools_pick_fast(struct pools *pools)
{
	uint32_t tried[LB_TRIED_MAX], member;
	struct lb_request request = { .pool = 1,
				      .client = &pools->client,
				      .tried = tried,
				      .tried_count = pools->tried_count,
				      .now_us = pools->now_us };

	for (uint32_t i = 0; i < pools->tried_count; i++)
		tried[i] = POOLS_FIRST + pools->tried[i];
	member = lb_pick(pools->lb, &request);
	return member == LB_NONE || member == LB_AT_LIMIT ? member : member - POOLS_FIRST;
}

uint32_t
pools_pick(struct pools *pools)
{
	uint32_t member = pools_pick_fast(pools);

	lb_check(pools->lb);
	CU_ASSERT_FATAL(member < pools->count || member == LB_NONE || member == LB_AT_LIMIT);
	return member;
}

void
pools_load(struct pools *pools, uint32_t member, int change)
{
	uint32_t slot = pools->member[member].stats_slot;

	stats[pools->setup.worker].member[slot][MEMBER_COUNTER_sessions_open] +=
	    (uint64_t)(int64_t)change;
	lb_refresh(pools->lb, POOLS_FIRST + member);
}

uint64_t
pools_load_of(const struct pools *pools, uint32_t member)
{
	uint32_t slot = pools->member[member].stats_slot;
	uint64_t sum = 0;

	for (uint32_t w = 0; w < POOLS_WORKERS; w++)
		sum += stats[w].member[slot][MEMBER_COUNTER_sessions_open];
	return sum;
}

void
pools_assert_picks(struct pools *pools, const char *expected)
{
	char picks[200];
	size_t count = strlen(expected);

	ASSERT(count < sizeof picks);
	for (size_t i = 0; i < count; i++) {
		uint32_t picked = pools_pick(pools);

		picks[i] = picked == LB_NONE       ? '-'
			   : picked == LB_AT_LIMIT ? '!'
						   : (char)('a' + picked);
	}
	picks[count] = '\0';
	CU_ASSERT_STRING_EQUAL(picks, expected);
}

void
pools_set_client(struct pools *pools, uint32_t n)
{
	pools->client = addr_from_v4(be32_from(0x0a000000u + n));
}

void
pools_assert_shares(const uint32_t *picks, const uint32_t *weights, uint32_t count)
{
	double picked = 0, weight = 0;

	for (uint32_t i = 0; i < count; i++) {
		picked += picks[i];
		weight += weights[i];
	}
	for (uint32_t i = 0; i < count; i++) {
		double off = picks[i] / picked - weights[i] / weight;

		CU_ASSERT(off < 0.02 && off > -0.02);
		CU_ASSERT(weights[i] > 0 || picks[i] == 0);
	}
}
