/*
 * What becomes of health entries that a view has no target for, and of what was said of members that
 * it does not have.
 */
#include "dataplane/config_view.h"

#include <string.h>

#include "test/unit/unit.h"

static struct generation no_members;

/* Of eight entries the view watches three. */
static void
health_of_no_target_is_released(void)
{
	static struct health_table table;
	static struct config_view view;
	static uint32_t target_of_entry[HEALTH_ENTRIES];
	struct addr address = addr_from_v4(be32_from(0x0a000001u));
	struct health_entry *entry[8];

	memset(target_of_entry, 0xff, sizeof target_of_entry);
	for (uint16_t i = 0; i < 8; i++) {
		entry[i] = health_claim(&table, &address, (uint16_t)(80 + i), 1);
		CU_ASSERT_PTR_NOT_NULL_FATAL(entry[i]);
	}
	for (unsigned i = 0; i < 3; i++)
		target_of_entry[entry[3 * i] - table.entry] = i;
	view.target_of_entry = target_of_entry;
	view.gen = &no_members;
	config_view_release_health(&view, &table);
	for (uint16_t i = 0; i < 8; i++) {
		struct health_entry *found = health_find(&table, &address, (uint16_t)(80 + i), 1);

		CU_ASSERT_PTR_EQUAL(found, i % 3 == 0 ? entry[i] : NULL);
	}
}

/* Of eight states the view has the members of three. */
static void
admin_of_no_member_is_released(void)
{
	static struct health_table table;
	static struct config_view view;
	static uint32_t target_of_entry[HEALTH_ENTRIES];
	struct health_admin *admin[8], *members[3];
	struct generation gen = { .members.count = 3 };

	memset(target_of_entry, 0xff, sizeof target_of_entry);
	for (unsigned i = 0; i < 8; i++)
		admin[i] = health_admin_claim(&table, 77 + 1000 * i);
	for (unsigned i = 0; i < 3; i++)
		members[i] = admin[3 * i];
	view.target_of_entry = target_of_entry;
	view.gen = &gen;
	view.member_admin = members;
	admin[4]->state = MEMBER_DRAINED; /* an operator said so, and has not taken it back */
	config_view_release_health(&view, &table);
	for (unsigned i = 0; i < 8; i++)
		CU_ASSERT_PTR_EQUAL(health_admin_find(&table, 77 + 1000 * i),
				    i % 3 == 0 || i == 4 ? admin[i] : NULL);
}

CU_TestInfo test_config_view[] = {
	{ "admin_of_no_member_is_released", admin_of_no_member_is_released },
	{ "health_of_no_target_is_released", health_of_no_target_is_released },
	CU_TEST_INFO_NULL,
};
