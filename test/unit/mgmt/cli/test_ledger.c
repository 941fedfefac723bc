/* Ledger, generations, monitors and filters over a run directory as a data plane writes it. */
#include <string.h>

#include "fw/base/assert.h"
#include "test/unit/mgmt/cli/box.h"
#include "test/unit/unit.h"

static void
add(struct box *box, uint32_t writer, uint64_t unix_us, uint32_t member, enum ledger_kind kind,
    uint8_t from, uint8_t to, const char *name)
{
	struct ledger_record record = { .unix_us = unix_us,
					.address = box->member[member].addr,
					.port = box->member[member].port,
					.kind = (uint8_t)kind,
					.from = from,
					.to = to,
					.cause = HEALTH_CAUSE_refused };

	snprintf(record.name, sizeof record.name, "%s", name);
	ledger_add(&box->health->ledger[writer], &record);
}

static void
fill(struct box *box)
{
	box_open(box);
	add(box, 1, 1700000003123000, 0, LEDGER_HEALTH, HEALTH_UP, HEALTH_DOWN, "up");
	add(box, LEDGER_CONTROL, 1700000002000000, 3, LEDGER_ADMIN, MEMBER_ENABLED, MEMBER_DRAINED,
	    "raw");
	add(box, LEDGER_CONTROL, 1700000004000000, 0, LEDGER_ADMIN, MEMBER_ENABLED,
	    MEMBER_FORCED_UP, "web");
	add(box, 0, 1700000001000000, 3, LEDGER_HEALTH, HEALTH_UNKNOWN, HEALTH_DOWN, "");
}

static void
all_records_are_shown_newest_last(void)
{
	struct box box;

	fill(&box);
	CU_ASSERT_EQUAL(box_run(&box, "show ledger"), CLI_OK);
	CU_ASSERT_STRING_EQUAL(
	    box.out,
	    "TIME                      MEMBER        KIND    FROM     TO         OF   CAUSE\n"
	    "2023-11-14T22:13:21.000Z  10.0.1.14:80  health  unknown  down       -    connection "
	    "refused\n"
	    "2023-11-14T22:13:22.000Z  10.0.1.14:80  admin   enabled  drained    raw  an operator "
	    "said so\n"
	    "2023-11-14T22:13:23.123Z  10.0.1.11:80  health  up       down       up   connection "
	    "refused\n"
	    "2023-11-14T22:13:24.000Z  10.0.1.11:80  admin   enabled  forced-up  web  an operator "
	    "said so\n");
	box_close(&box);
}

static void
records_of_a_pool_or_a_member_are_picked(void)
{
	struct box box;

	fill(&box);
	CU_ASSERT_EQUAL(box_run(&box, "show ledger raw"), CLI_OK);
	CU_ASSERT_EQUAL(box_lines(&box), 3);
	CU_ASSERT_PTR_NULL(strstr(box.out, "10.0.1.11"));
	CU_ASSERT_EQUAL(box_run(&box, "show ledger web"), CLI_OK);
	CU_ASSERT_EQUAL(box_lines(&box), 3);
	CU_ASSERT_PTR_NULL(strstr(box.out, "10.0.1.14"));
	CU_ASSERT_EQUAL(box_run(&box, "show ledger 10.0.1.11:80"), CLI_OK);
	CU_ASSERT_EQUAL(box_lines(&box), 3);
	CU_ASSERT_EQUAL(box_run(&box, "show ledger 10.9.9.9:80"), CLI_OK);
	CU_ASSERT_EQUAL(box_lines(&box), 1);
	CU_ASSERT_EQUAL(box_run(&box, "show ledger we"), CLI_FAILED);
	CU_ASSERT_STRING_EQUAL(box.err, "there is no pool we; is web meant?\n");
	box_close(&box);
}

static void
generations_that_sessions_hold_are_shown(void)
{
	struct box box;

	box_open(&box);
	box.stats->generation = 12;
	box.stats->live[0] = (struct stats_generation){ 9, 1700000000, 1700000001000000, 3 };
	box.stats->live[1] = (struct stats_generation){ 12, 1700000100, 1700000101000000, 250 };
	CU_ASSERT_EQUAL(box_run(&box, "show generations"), CLI_OK);
	CU_ASSERT_STRING_EQUAL(
	    box.out, "NUMBER  STATE  CREATED               ADOPTED               SESSIONS  "
		     "ROLLBACK  ORIGIN\n"
		     "     9  held   2023-11-14T22:13:20Z  2023-11-14T22:13:21Z         3  "
		     "       -  -\n"
		     "    12  runs   2023-11-14T22:15:00Z  2023-11-14T22:15:01Z       250  "
		     "       -  -\n");
	box_serve_mgmtd(&box);
	CU_ASSERT_EQUAL(box_run(&box, "show generations"), CLI_OK);
	CU_ASSERT_EQUAL(box_lines(&box), 4);
	CU_ASSERT_TRUE(box_has_line(box.out, "     7  past   2023-07-22T04:26:40Z  -               "
					     "             -         2  start\n"));
	CU_ASSERT_TRUE(box_has_line(box.out,
				    "    12  runs   2023-11-14T22:15:00Z  2023-11-14T22:15:01Z"
				    "       250         0  load\n"));
	box_stop_mgmtd(&box);
	box_close(&box);
}

static void
monitors_count_their_members_states(void)
{
	struct box box;

	box_open(&box);
	CU_ASSERT_EQUAL(box_run(&box, "show monitors"), CLI_OK);
	CU_ASSERT_TRUE(box_has_line(box.out, "NAME  TYPE  INTERVAL-MS "));
	CU_ASSERT_TRUE(box_has_line(
	    box.out,
	    "up    tcp          5000         0        1000     3     2   1     1        1  "
	    "-       -\n"));
	box_close(&box);
}

static void
filters_keep_the_heading_and_do_not_count_it(void)
{
	struct box box;

	fill(&box);
	CU_ASSERT_EQUAL(box_run(&box, "show pools | match 10.0.1.1 | except 10.0.1.14"), CLI_OK);
	CU_ASSERT_EQUAL(box_lines(&box), 4);
	CU_ASSERT_TRUE(box_has_line(box.out, "MEMBER "));
	CU_ASSERT_TRUE(box_has_line(box.out, "10.0.1.13:80"));
	CU_ASSERT_EQUAL(box_run(&box, "show pools | match 10.0.1.1 | count"), CLI_OK);
	CU_ASSERT_STRING_EQUAL(box.out, "4\n");
	CU_ASSERT_EQUAL(box_run(&box, "show version | count"), CLI_OK);
	CU_ASSERT_STRING_EQUAL(box.out, "6\n");
	CU_ASSERT_EQUAL(box_run(&box, "load /no/such/file | count"), CLI_FAILED);
	CU_ASSERT_STRING_EQUAL(box.out, "0\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(box.err, "can't read"));
	box_close(&box);
}

CU_TestInfo test_ledger[] = {
	{ "ledger_records_are_shown_newest_last", all_records_are_shown_newest_last },
	{ "ledger_records_of_a_pool_or_a_member_are_picked",
	  records_of_a_pool_or_a_member_are_picked },
	{ "generations_that_sessions_hold_are_shown", generations_that_sessions_hold_are_shown },
	{ "monitors_count_their_members_states", monitors_count_their_members_states },
	{ "filters_keep_the_heading_and_do_not_count_it",
	  filters_keep_the_heading_and_do_not_count_it },
	CU_TEST_INFO_NULL,
};
