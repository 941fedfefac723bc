/* Aligned output. */
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/cli/table.h"
#include "test/unit/unit.h"

static void
columns_are_as_wide_as_their_widest_cell(void)
{
	static const char *const heads[] = { "NAME", ">COUNT", "TEXT" };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct table table;

	table_init(&table, heads, ARRAY_SIZE(heads));
	table_add(&table, "a-long-name");
	table_add(&table, "%u", 7);
	table_add(&table, "with spaces");
	table_add(&table, "b");
	table_add(&table, "%u", 1234567);
	table_add(&table, "%s", "");
	table_print(&table, out);
	fclose(out);
	CU_ASSERT_STRING_EQUAL(text, "NAME           COUNT  TEXT\n"
				     "a-long-name        7  with spaces\n"
				     "b            1234567  -\n");
	free(text);
}

static void
many_rows_are_printed_and_an_unfinished_one_is_not(void)
{
	static const char *const heads[] = { "A", "B" };
	char *text = NULL;
	size_t size, lines = 0;
	FILE *out = open_memstream(&text, &size);
	struct table table;

	table_init(&table, heads, ARRAY_SIZE(heads));
	for (unsigned i = 0; i < 1000; i++)
		table_add(&table, "%u", i);
	table_add(&table, "half");
	table_print(&table, out);
	fclose(out);
	for (const char *at = text; *at; at++)
		lines += *at == '\n';
	CU_ASSERT_EQUAL(lines, 501);
	CU_ASSERT_PTR_NULL(strstr(text, "half"));
	free(text);
}

CU_TestInfo test_table[] = {
	{ "table_columns_are_as_wide_as_their_widest_cell",
	  columns_are_as_wide_as_their_widest_cell },
	{ "table_many_rows_are_printed_and_an_unfinished_one_is_not",
	  many_rows_are_printed_and_an_unfinished_one_is_not },
	CU_TEST_INFO_NULL,
};
