/*
 * What bench-lb.sh measures: requests to one pool, as sessions make them. Pick, load up; and the
 * oldest of OPEN sessions ends, load down. Weights are 1 (equal) or 1 to 20 (mixed); members that are
 * down are spread evenly.
 *
 *   bench-lb METHOD MEMBERS equal|mixed DOWN_PERCENT REQUESTS
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/lb/lb.h"
#include "fw/base/assert.h"
#include "mgmt/push/maglev.h"

#define OPEN 100u

static struct stats_worker stats;
static const struct health_entry **health;
static const struct health_admin **admins;

void requests(struct lb *lb, const struct generation *gen, uint32_t count);

static const char *const method_names[GEN_METHOD_COUNT] = {
	"round-robin", "least-connections", "random-of-two", "source-hash", "maglev",
};

static struct generation *
make_generation(enum gen_method method, uint32_t count, bool mixed)
{
	struct generation head = { .pools.count = 1, .members.count = count };
	struct generation *gen;
	struct gen_pool *pool;
	struct gen_member *members;

	if (method == GEN_METHOD_MAGLEV)
		head.maglev.count = maglev_slot_count(count);
	ASSERT(generation_lay_out(&head) == ERR_ok);
	gen = calloc(1, head.total_bytes);
	ASSERT(gen);
	*gen = head;
	pool = (struct gen_pool *)(uintptr_t)generation_pools(gen);
	members = (struct gen_member *)(uintptr_t)generation_members(gen);
	*pool = (struct gen_pool){ .method = method,
				   .monitor = 0,
				   .member_count = count,
				   .slot_count = head.maglev.count };
	for (uint32_t i = 0; i < count; i++) {
		members[i].weight = mixed ? 1 + i * 7 % 20 : 1;
		members[i].stats_slot = i;
		members[i].owner = i * UINT64_C(0x9e3779b97f4a7c15) + 1;
	}
	if (pool->slot_count)
		ASSERT(maglev_build(members, count, (uint16_t *)(uintptr_t)generation_maglev(gen),
				    pool->slot_count) == ERR_ok);
	return gen;
}

static struct lb *
make_balancer(const struct generation *gen, uint32_t down_percent)
{
	uint32_t count = gen->members.count;
	struct health_entry *entries = calloc(count, sizeof *entries);
	struct health_admin *said = calloc(count, sizeof *said);
	struct lb_setup setup = { .gen = gen, .stats = &stats, .workers = 1 };
	void *memory = malloc(lb_memory_bytes(gen));

	health = calloc(count, sizeof *health);
	admins = calloc(count, sizeof *admins);
	ASSERT(entries && said && memory && health && admins);
	for (uint32_t i = 0; i < count; i++) {
		entries[i].state = i * 37 % 100 < down_percent && i > 0 ? HEALTH_DOWN : HEALTH_UP;
		health[i] = &entries[i];
		admins[i] = &said[i];
	}
	setup.health = health;
	setup.admin = admins;
	return lb_init(memory, &setup);
}

static void
count_load(struct lb *lb, const struct generation *gen, uint32_t member, int change)
{
	uint32_t slot = generation_members(gen)[member].stats_slot;

	stats.member[slot][MEMBER_COUNTER_sessions_open] += (uint64_t)(int64_t)change;
	lb_refresh(lb, member);
}

/* callgrind counts in here, and tells lb_pick's part. */
__attribute__((noinline)) void
requests(struct lb *lb, const struct generation *gen, uint32_t count)
{
	static uint32_t open[OPEN];
	struct addr client = addr_from_v4(be32_from(0x0a000001u));
	struct lb_request request = { .client = &client };

	for (uint32_t i = 0; i < count; i++) {
		client.word[0] += UINT64_C(0x9e3779b97f4a7c15);
		request.now_us = i;
		if (i >= OPEN)
			count_load(lb, gen, open[i % OPEN], -1);
		open[i % OPEN] = lb_pick(lb, &request);
		ASSERT(open[i % OPEN] < LB_AT_LIMIT);
		count_load(lb, gen, open[i % OPEN], 1);
	}
}

int
main(int argc, char **argv)
{
	uint32_t method = 0;
	struct generation *gen;

	while (argc == 6 && method < GEN_METHOD_COUNT && strcmp(argv[1], method_names[method]) != 0)
		method++;
	if (argc != 6 || method == GEN_METHOD_COUNT || atoi(argv[2]) < 1) {
		fprintf(stderr,
			"usage: bench-lb METHOD MEMBERS equal|mixed DOWN_PERCENT REQUESTS\n");
		return 2;
	}
	gen = make_generation((enum gen_method)method, (uint32_t)atoi(argv[2]),
			      strcmp(argv[3], "mixed") == 0);
	requests(make_balancer(gen, (uint32_t)atoi(argv[4])), gen, (uint32_t)atoi(argv[5]));
	return 0;
}
