/* The health table: claiming, finding, releasing, full. */
#include <stdlib.h>

#include "fw/abi/health.h"
#include "fw/base/assert.h"
#include "test/unit/unit.h"

static struct health_table *
new_table(void)
{
	struct health_table *table = calloc(1, sizeof *table);

	ASSERT(table);
	return table;
}

static struct addr
address(uint32_t number)
{
	return addr_from_v4(be32_from(0x0a000000u + number));
}

static void
claimed_is_found_by_all_of_its_key(void)
{
	struct health_table *table = new_table();
	struct addr a = address(1), b = address(2);
	struct health_entry *entry = health_claim(table, &a, 80, 7);

	CU_ASSERT_PTR_NOT_NULL_FATAL(entry);
	CU_ASSERT_EQUAL(entry->state, HEALTH_UNKNOWN);
	CU_ASSERT_PTR_EQUAL(health_find(table, &a, 80, 7), entry);
	CU_ASSERT_PTR_EQUAL(health_claim(table, &a, 80, 7), entry);
	CU_ASSERT_PTR_NULL(health_find(table, &b, 80, 7));
	CU_ASSERT_PTR_NULL(health_find(table, &a, 81, 7));
	CU_ASSERT_PTR_NULL(health_find(table, &a, 80, 8));
	free(table);
}

static void
full_table_finds_all_and_claims_no_more(void)
{
	struct health_table *table = new_table();
	struct addr another = address(HEALTH_ENTRIES);

	for (uint32_t i = 0; i < HEALTH_ENTRIES; i++) {
		struct addr a = address(i);
		struct health_entry *entry = health_claim(table, &a, 80, 1);

		CU_ASSERT_PTR_NOT_NULL_FATAL(entry);
		entry->probes = i;
	}
	for (uint32_t i = 0; i < HEALTH_ENTRIES; i++) {
		struct addr a = address(i);
		struct health_entry *entry = health_find(table, &a, 80, 1);

		CU_ASSERT_PTR_NOT_NULL_FATAL(entry);
		CU_ASSERT_EQUAL(entry->probes, i);
	}
	CU_ASSERT_PTR_NULL(health_find(table, &another, 80, 1));
	CU_ASSERT_PTR_NULL(health_claim(table, &another, 80, 1));
	free(table);
}

static void
released_entries_do_not_hide_others_and_are_claimed_again(void)
{
	struct health_table *table = new_table();
	uint32_t released = 0;

	for (uint32_t i = 0; i < LIMIT_MEMBERS; i++) {
		struct addr a = address(i);

		CU_ASSERT_PTR_NOT_NULL_FATAL(health_claim(table, &a, 80, 1));
	}
	for (uint32_t i = 0; i < LIMIT_MEMBERS; i += 2, released++) {
		struct addr a = address(i);
		struct health_entry *entry = health_find(table, &a, 80, 1);

		entry->state = HEALTH_DOWN;
		entry->probes = 5;
		health_release(table, entry);
	}
	for (uint32_t i = 0; i < LIMIT_MEMBERS; i++) {
		struct addr a = address(i);

		CU_ASSERT_EQUAL(health_find(table, &a, 80, 1) != NULL, i % 2 == 1);
	}
	for (uint32_t i = 0; i < released; i++) {
		struct addr a = address(1000000 + i);
		struct health_entry *entry = health_claim(table, &a, 80, 1);

		CU_ASSERT_PTR_NOT_NULL_FATAL(entry);
		CU_ASSERT(entry->state == HEALTH_UNKNOWN && entry->probes == 0);
	}
	free(table);
}

/* Members come and go for as long as the box runs: a search must not grow longer by it. */
static void
table_whose_entries_are_all_released_is_as_new(void)
{
	struct health_table *table = new_table();
	uint32_t order[2000];

	for (uint32_t i = 0; i < 2000; i++)
		order[i] = i;
	for (uint32_t i = 0; i < 2000; i++) { /* some order, always the same */
		uint32_t other = (i * 7919u + 13u) % 2000, swapped = order[i];

		order[i] = order[other];
		order[other] = swapped;
	}
	for (uint32_t i = 0; i < 2000; i++) {
		struct addr a = address(i);

		CU_ASSERT_PTR_NOT_NULL_FATAL(health_claim(table, &a, 80, 1));
		CU_ASSERT_PTR_NOT_NULL_FATAL(health_admin_claim(table, 77 + i / 100));
	}
	for (uint32_t i = 0; i < 2000; i++) {
		struct addr a = address(order[i]);
		struct health_admin *admin = health_admin_find(table, 77 + order[i] / 100);

		health_release(table, health_find(table, &a, 80, 1));
		if (admin)
			health_admin_release(table, admin);
		for (uint32_t k = i + 1; k < 2000; k += 97) {
			a = address(order[k]);
			CU_ASSERT_PTR_NOT_NULL(health_find(table, &a, 80, 1));
		}
	}
	for (uint32_t i = 0; i < HEALTH_ENTRIES; i++) {
		CU_ASSERT_EQUAL(table->entry[i].used, HEALTH_USE_NEVER);
		CU_ASSERT_EQUAL(table->admin[i].used, HEALTH_USE_NEVER);
	}
	free(table);
}

static void
texts_exist_for_everything_and_for_nonsense(void)
{
	CU_ASSERT_STRING_EQUAL(health_state_text(HEALTH_UP), "up");
	CU_ASSERT_STRING_EQUAL(health_state_text(HEALTH_DOWN), "down");
	CU_ASSERT_STRING_EQUAL(health_state_text((enum health_state)77), "unknown");
	CU_ASSERT_STRING_EQUAL(health_cause_text(HEALTH_CAUSE_refused), "connection refused");
	CU_ASSERT_STRING_EQUAL(health_cause_text(HEALTH_CAUSE_COUNT), "unknown cause");
}

CU_TestInfo test_health[] = {
	{ "health_claimed_is_found_by_all_of_its_key", claimed_is_found_by_all_of_its_key },
	{ "health_full_table_finds_all_and_claims_no_more",
	  full_table_finds_all_and_claims_no_more },
	{ "health_released_entries_do_not_hide_others_and_are_claimed_again",
	  released_entries_do_not_hide_others_and_are_claimed_again },
	{ "health_table_whose_entries_are_all_released_is_as_new",
	  table_whose_entries_are_all_released_is_as_new },
	{ "health_texts_exist_for_everything_and_for_nonsense",
	  texts_exist_for_everything_and_for_nonsense },
	CU_TEST_INFO_NULL,
};
