/*
 * Maglev tables: shares, and how few keys move when a pool changes. A key that lands on a slot of a
 * member that is only down goes elsewhere without a change to the table: test/unit/dataplane/lb.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "fw/base/rng.h"
#include "fw/base/siphash.h"
#include "mgmt/push/compile.h"
#include "mgmt/push/maglev.h"
#include "test/unit/mgmt/push/fixture.h"
#include "test/unit/unit.h"

#define MEMBERS_MAX 100u
#define KEYS        100000u

static const uint32_t weight_sets[][10] = {
	{ 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 },
	{ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 },
	{ 100, 1, 1, 1, 1, 1, 1, 1, 1, 1 },
	{ 10, 10, 10, 10, 10, 5, 5, 5, 5, 1 },
	{ 1000, 999, 500, 250, 125, 63, 32, 16, 8, 4 },
};
static uint16_t table[LIMIT_MAGLEV_SLOTS], other[LIMIT_MAGLEV_SLOTS];

static void
make_members(struct gen_member *members, const uint32_t *weights, uint32_t count, uint64_t seed)
{
	struct rng rng;

	rng_init(&rng, seed);
	memset(members, 0, count * sizeof *members);
	for (uint32_t i = 0; i < count; i++) {
		members[i].owner = rng_next(&rng);
		members[i].weight = weights ? weights[i] : 1;
	}
}

static uint32_t
build(const struct gen_member *members, uint32_t count, uint16_t *slots)
{
	uint32_t slot_count = maglev_slot_count(count);

	CU_ASSERT_EQUAL_FATAL(maglev_build(members, count, slots, slot_count), ERR_ok);
	for (uint32_t i = 0; i < slot_count; i++)
		CU_ASSERT_FATAL(slots[i] < count);
	return slot_count;
}

/* Whom key k goes to. */
static uint32_t
look_up(const uint16_t *slots, uint32_t slot_count, uint32_t k)
{
	struct rng rng;

	rng_init(&rng, k);
	return slots[rng_below(&rng, slot_count)];
}

static void
sizes_are_primes_of_at_least_a_thousand_times_the_members(void)
{
	static const uint32_t counts[] = { 1, 10, 11, 20, 21, 40, 41, 65, LIMIT_MEMBERS };

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		uint32_t size = maglev_slot_count(counts[i]);

		for (uint32_t divisor = 2; divisor * divisor <= size; divisor++)
			CU_ASSERT(size % divisor != 0);
		CU_ASSERT(size >= 10007 && size <= LIMIT_MAGLEV_SLOTS);
		CU_ASSERT(counts[i] > 65 || size >= 1000 * counts[i]);
	}
	CU_ASSERT_EQUAL(maglev_slot_count(10), 10007);
	CU_ASSERT_EQUAL(maglev_slot_count(LIMIT_MEMBERS), LIMIT_MAGLEV_SLOTS);
}

static void
shares_follow_the_weights(void)
{
	struct gen_member members[10];

	for (size_t s = 0; s < ARRAY_SIZE(weight_sets); s++) {
		uint32_t picks[10] = { 0 }, size;
		double total = 0;

		make_members(members, weight_sets[s], 10, s);
		size = build(members, 10, table);
		for (uint32_t k = 0; k < KEYS; k++)
			picks[look_up(table, size, k)]++;
		for (uint32_t i = 0; i < 10; i++)
			total += weight_sets[s][i];
		for (uint32_t i = 0; i < 10; i++) {
			double off = picks[i] / (double)KEYS - weight_sets[s][i] / total;

			CU_ASSERT(off < 0.02 && off > -0.02);
			CU_ASSERT(picks[i] > 0);
		}
	}
}

/* The parts in a hundred of the keys of all others that move when one of count members goes. */
static double
moved_percent(const struct gen_member *members, uint32_t count, uint32_t gone)
{
	struct gen_member left[MEMBERS_MAX];
	uint32_t moved = 0, kept = 0, size, size_left;

	memcpy(left, members, gone * sizeof *members);
	memcpy(left + gone, members + gone + 1, (count - gone - 1) * sizeof *members);
	size = build(members, count, table);
	size_left = build(left, count - 1, other);
	for (uint32_t k = 0; k < KEYS; k++) {
		uint32_t before = look_up(table, size, k), after = look_up(other, size_left, k);

		if (before == gone)
			continue;
		if (members[before].owner == left[after].owner)
			kept++;
		else
			moved++;
	}
	return 100.0 * moved / (moved + kept);
}

static void
taking_out_one_of_ten_moves_under_two_percent_of_the_other_keys(void)
{
	struct gen_member members[10];
	double worst = 0;

	for (uint64_t seed = 0; seed < 5; seed++) {
		make_members(members, NULL, 10, seed);
		for (uint32_t gone = 0; gone < 10; gone++) {
			double moved = moved_percent(members, 10, gone);

			worst = moved > worst ? moved : worst;
		}
	}
	CU_ASSERT(worst < 2);
	CU_ASSERT(worst > 0);
}

static void
taking_out_one_of_ten_with_weights_moves_under_two_percent_of_the_other_keys(void)
{
	struct gen_member members[10];
	double worst = 0;

	for (size_t s = 0; s < ARRAY_SIZE(weight_sets); s++) {
		make_members(members, weight_sets[s], 10, s);
		for (uint32_t gone = 0; gone < 10; gone++) {
			double moved = moved_percent(members, 10, gone);
			worst = moved > worst ? moved : worst;
		}
	}
	CU_ASSERT(worst < 2);
}

static void
order_of_members_makes_no_difference(void)
{
	struct gen_member members[10], turned[10];
	uint32_t size;

	make_members(members, weight_sets[1], 10, 3);
	for (uint32_t i = 0; i < 10; i++)
		turned[i] = members[(i + 4) % 10];
	size = build(members, 10, table);
	build(turned, 10, other);
	for (uint32_t i = 0; i < size; i++)
		CU_ASSERT_FATAL(members[table[i]].owner == turned[other[i]].owner);
}

static void
backups_have_slots_only_where_there_are_no_others(void)
{
	struct gen_member members[10];
	uint32_t size, picks[10] = { 0 };

	make_members(members, NULL, 10, 4);
	members[0].backup = members[7].backup = 1;
	size = build(members, 10, table);
	for (uint32_t i = 0; i < size; i++)
		CU_ASSERT_FALSE(members[table[i]].backup);
	for (uint32_t i = 0; i < 10; i++)
		members[i].backup = 1;
	build(members, 10, table);
	for (uint32_t i = 0; i < size; i++)
		picks[table[i]]++;
	for (uint32_t i = 0; i < 10; i++)
		CU_ASSERT(picks[i] > 900 && picks[i] < 1100);
}

static void
single_member_has_all_slots(void)
{
	struct gen_member member;
	uint32_t size;

	make_members(&member, NULL, 1, 5);
	size = build(&member, 1, table);
	for (uint32_t i = 0; i < size; i++)
		CU_ASSERT_EQUAL(table[i], 0);
}

/* ---- what compile() makes of it ---- */

/* Pools of `count` members each, from 10.POOL.1.1 on; extra goes into each pool. */
static struct generation *
compiled(uint32_t pools, uint32_t count, const char *extra, const struct generation *previous,
	 enum err expected)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);
	struct generation *gen = NULL;
	struct model model;
	const char *where;

	fprintf(out, "version = 1; ports = ( { name = \"a\"; addresses = [ \"10.0.0.1/8\" ]; } );"
		     "pools = (");
	for (uint32_t p = 0; p < pools; p++) {
		fprintf(out, "%s{ name = \"p%u\"; %s members = (", p ? ", " : "", p, extra);
		for (uint32_t m = 0; m < count; m++)
			fprintf(out, "%s{ address = \"10.%u.%u.%u\"; port = 80; weight = %u; }",
				m ? ", " : "", p / 256 + 1, p % 256, m + 1, m % 3 + 1);
		fprintf(out, "); }");
	}
	fprintf(out, ");\n");
	fclose(out);
	model = fixture_model(text);
	free(text);
	CU_ASSERT_EQUAL_FATAL(compile(&model, previous, 5, 1700000000, &gen), expected);
	if (gen)
		CU_ASSERT_EQUAL(generation_check(gen, gen->total_bytes, &where), ERR_ok);
	model_free(&model);
	return gen;
}

static void
compiled_pools_have_their_tables(void)
{
	struct generation *gen = compiled(3, 11, "method = \"maglev\";", NULL, ERR_ok);
	const struct gen_pool *pools = generation_pools(gen);

	CU_ASSERT_EQUAL(gen->maglev.count, 3 * 20011);
	for (uint32_t p = 0; p < 3; p++) {
		CU_ASSERT_EQUAL(pools[p].slot_count, 20011);
		build(&generation_members(gen)[pools[p].first_member], 11, table);
		CU_ASSERT_EQUAL(memcmp(table, &generation_maglev(gen)[pools[p].first_slot],
				       20011 * sizeof table[0]),
				0);
	}
	free(gen);
	gen = compiled(1, 11, "", NULL, ERR_ok);
	CU_ASSERT(gen->maglev.count == 0 && generation_pools(gen)[0].slot_count == 0);
	free(gen);
}

/* What comes from the previous generation is what would be built; one slot of it is marked. */
static void
table_of_an_unchanged_pool_is_copied(void)
{
	struct generation *first = compiled(2, 3, "method = \"maglev\";", NULL, ERR_ok), *next;
	uint16_t *slots = (uint16_t *)(uintptr_t)generation_maglev(first);
	uint32_t marked = generation_pools(first)[1].first_slot + 77;
	uint16_t was = slots[marked];

	next = compiled(2, 3, "method = \"maglev\";", first, ERR_ok);
	CU_ASSERT_EQUAL(next->content_hash, first->content_hash);
	free(next);
	slots[marked] = (was + 1) % 3;
	next = compiled(2, 3, "method = \"maglev\";", first, ERR_ok);
	CU_ASSERT_EQUAL(generation_maglev(next)[marked], (was + 1) % 3);
	free(next);
	next = compiled(2, 4, "method = \"maglev\";", first, ERR_ok);
	build(&generation_members(next)[4], 4, table);
	CU_ASSERT_EQUAL(generation_maglev(next)[marked], table[77]);
	free(next);
	free(first);
}

/* Section 3.4 of the paper, slot by slot, weights as the table's own comment says. */
static void
build_plain(const struct gen_member *members, uint32_t count, uint16_t *slots, uint32_t slot_count)
{
	static const struct siphash_key key_next = { 0x6d61676c6576u, 1 },
					key_skip = { 0x6d61676c6576u, 2 };
	uint32_t order[LIMIT_MEMBERS / 4], at[LIMIT_MEMBERS / 4], skip[LIMIT_MEMBERS / 4],
	    credit[LIMIT_MEMBERS / 4] = { 0 }, heaviest = 0, left = slot_count;

	ASSERT(count <= ARRAY_SIZE(order));
	for (uint32_t i = 0; i < count; i++) {
		uint32_t place = i;

		for (; place > 0 && members[order[place - 1]].owner > members[i].owner; place--)
			order[place] = order[place - 1];
		order[place] = i;
		at[i] = (uint32_t)(siphash(&key_next, &members[i].owner, 8) % slot_count);
		skip[i] =
		    (uint32_t)(siphash(&key_skip, &members[i].owner, 8) % (slot_count - 1) + 1);
		heaviest = members[i].weight > heaviest ? members[i].weight : heaviest;
	}
	for (uint32_t slot = 0; slot < slot_count; slot++)
		slots[slot] = UINT16_MAX;
	for (uint32_t k = 0; left > 0; k = (k + 1) % count) {
		uint32_t i = order[k];

		credit[i] += members[i].weight;
		if (credit[i] < heaviest)
			continue;
		credit[i] -= heaviest;
		while (slots[at[i]] != UINT16_MAX)
			at[i] = (at[i] + skip[i]) % slot_count;
		slots[at[i]] = (uint16_t)i;
		at[i] = (at[i] + skip[i]) % slot_count;
		left--;
	}
}

static void
table_is_the_papers(void)
{
	static const uint32_t counts[] = { 1, 2, 3, 10, 21, 41, 66, 300, 1000 };
	static struct gen_member members[1000];
	static uint16_t plain[LIMIT_MAGLEV_SLOTS];
	uint32_t weights[1000];

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		uint32_t slot_count = maglev_slot_count(counts[i]);

		for (uint32_t heaviest = 1; heaviest <= 20; heaviest += 19) {
			for (uint32_t k = 0; k < counts[i]; k++)
				weights[k] = 1 + k * 7 % heaviest;
			make_members(members, weights, counts[i], i + 1);
			build_plain(members, counts[i], plain, slot_count);
			build(members, counts[i], table);
			CU_ASSERT(memcmp(table, plain, slot_count * sizeof *plain) == 0);
			CU_ASSERT_EQUAL(maglev_build_scalar(members, counts[i], other, slot_count),
					ERR_ok);
			CU_ASSERT(memcmp(other, plain, slot_count * sizeof *plain) == 0);
		}
	}
}

/* Pools of 21 take the most slots for their members. */
static void
as_many_tables_as_members_allow_fit(void)
{
	struct generation *gen =
	    compiled(LIMIT_MEMBERS / 21, 21, "method = \"maglev\";", NULL, ERR_ok);

	CU_ASSERT(gen->total_bytes > LIMIT_GENERATION_BYTES / 10 * 9);
	free(gen);
}

CU_TestInfo test_maglev[] = {
	{ "maglev_sizes_are_primes_of_at_least_a_thousand_times_the_members",
	  sizes_are_primes_of_at_least_a_thousand_times_the_members },
	{ "maglev_table_is_the_papers_with_avx2_and_without", table_is_the_papers },
	{ "maglev_shares_follow_the_weights", shares_follow_the_weights },
	{ "maglev_taking_out_one_of_ten_moves_under_two_percent_of_the_other_keys",
	  taking_out_one_of_ten_moves_under_two_percent_of_the_other_keys },
	{ "maglev_taking_out_one_of_ten_with_weights_moves_under_two_percent_of_the_other_keys",
	  taking_out_one_of_ten_with_weights_moves_under_two_percent_of_the_other_keys },
	{ "maglev_order_of_members_makes_no_difference", order_of_members_makes_no_difference },
	{ "maglev_backups_have_slots_only_where_there_are_no_others",
	  backups_have_slots_only_where_there_are_no_others },
	{ "maglev_single_member_has_all_slots", single_member_has_all_slots },
	{ "maglev_compiled_pools_have_their_tables", compiled_pools_have_their_tables },
	{ "maglev_table_of_an_unchanged_pool_is_copied", table_of_an_unchanged_pool_is_copied },
	{ "maglev_as_many_tables_as_members_allow_fit", as_many_tables_as_members_allow_fit },
	CU_TEST_INFO_NULL,
};
