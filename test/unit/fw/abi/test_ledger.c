#include <stdlib.h>

#include "fw/abi/ledger.h"
#include "fw/base/assert.h"
#include "test/unit/unit.h"

static struct ledger *ledgers;
static struct ledger_record *out;

static void
set_up(void)
{
	ledgers = calloc(LEDGER_WRITERS, sizeof *ledgers);
	out = calloc(LEDGER_WRITERS * LEDGER_RECORDS, sizeof *out);
	ASSERT(ledgers && out);
}

static void
tear_down(void)
{
	free(ledgers);
	free(out);
}

static void
add(uint32_t writer, uint64_t unix_us, uint16_t port)
{
	const struct ledger_record record = { .sequence = 77, .unix_us = unix_us, .port = port };

	ledger_add(&ledgers[writer], &record);
}

static void
records_of_all_writers_come_in_time_order(void)
{
	set_up();
	add(0, 20, 1);
	add(LEDGER_CONTROL, 10, 2);
	add(0, 30, 3);
	add(LEDGER_CONTROL, 25, 4);
	add(0, 30, 5); /* the same moment: in the order of writing */
	CU_ASSERT_EQUAL_FATAL(ledger_read(ledgers, out), 5);
	CU_ASSERT(out[0].port == 2 && out[1].port == 1 && out[2].port == 4 && out[3].port == 3 &&
		  out[4].port == 5);
	CU_ASSERT(out[0].sequence == 1 && out[4].sequence == 3);
	tear_down();
}

static void
full_ring_keeps_the_newest(void)
{
	set_up();
	for (uint32_t i = 0; i < LEDGER_RECORDS + 10; i++)
		add(3, i, (uint16_t)i);
	CU_ASSERT_EQUAL_FATAL(ledger_read(ledgers, out), LEDGER_RECORDS);
	CU_ASSERT_EQUAL(out[0].port, 10);
	CU_ASSERT_EQUAL(out[LEDGER_RECORDS - 1].port, LEDGER_RECORDS + 9);
	tear_down();
}

static void
record_being_written_is_left_out(void)
{
	set_up();
	add(0, 1, 1);
	add(0, 2, 2);
	ledgers[0].record[0].sequence = 0;
	CU_ASSERT_EQUAL_FATAL(ledger_read(ledgers, out), 1);
	CU_ASSERT_EQUAL(out[0].port, 2);
	tear_down();
}

static void
name_without_an_end_is_ended(void)
{
	set_up();
	add(0, 1, 1);
	memset(ledgers[0].record[0].name, 'x', sizeof ledgers[0].record[0].name);
	CU_ASSERT_EQUAL_FATAL(ledger_read(ledgers, out), 1);
	CU_ASSERT_EQUAL(strlen(out[0].name), LIMIT_NAME_BYTES);
	tear_down();
}

CU_TestInfo test_ledger[] = {
	{ "ledger_records_of_all_writers_come_in_time_order",
	  records_of_all_writers_come_in_time_order },
	{ "ledger_full_ring_keeps_the_newest", full_ring_keeps_the_newest },
	{ "ledger_record_being_written_is_left_out", record_being_written_is_left_out },
	{ "ledger_name_without_an_end_is_ended", name_without_an_end_is_ended },
	CU_TEST_INFO_NULL,
};
