/*
 * What becomes of health entries that a view has no target for.
 */
#include "dataplane/config_view.h"

#include <stdlib.h>

#include "test/unit/unit.h"

static int
order(const void *a, const void *b)
{
	const struct view_target *x = a, *y = b;

	return x->health < y->health ? -1 : x->health > y->health;
}

/* Of eight entries the view watches three. */
static void
health_of_no_target_is_released(void)
{
	static struct health_table table;
	static struct config_view view;
	struct view_target targets[3] = { 0 };
	struct addr address = addr_from_v4(be32_from(0x0a000001u));
	struct health_entry *entry[8];

	for (uint16_t i = 0; i < 8; i++) {
		entry[i] = health_claim(&table, &address, (uint16_t)(80 + i), 1);
		CU_ASSERT_PTR_NOT_NULL_FATAL(entry[i]);
	}
	for (unsigned i = 0; i < 3; i++)
		targets[i].health = entry[3 * i];
	qsort(targets, 3, sizeof targets[0], order);
	view.targets = targets;
	view.target_count = 3;
	config_view_release_health(&view, &table);
	for (uint16_t i = 0; i < 8; i++) {
		struct health_entry *found = health_find(&table, &address, (uint16_t)(80 + i), 1);

		CU_ASSERT_PTR_EQUAL(found, i % 3 == 0 ? entry[i] : NULL);
	}
}

CU_TestInfo test_config_view[] = {
	{ "health_of_no_target_is_released", health_of_no_target_is_released },
	CU_TEST_INFO_NULL,
};
