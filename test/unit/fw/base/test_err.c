/* The error table. */
#include <string.h>

#include "fw/base/err.h"
#include "test/unit/unit.h"

static void
ok_is_zero(void)
{
	CU_ASSERT_EQUAL((int)ERR_ok, 0);
}

static void
each_row_has_a_text_of_its_own(void)
{
	for (unsigned a = 0; a < ERR_COUNT; a++) {
		CU_ASSERT_FATAL(err_text((enum err)a) != NULL && err_text((enum err)a)[0] != '\0');
		for (unsigned b = 0; b < a; b++)
			CU_ASSERT_STRING_NOT_EQUAL(err_text((enum err)a), err_text((enum err)b));
	}
	CU_ASSERT_STRING_EQUAL(err_text(ERR_no_route), "no route to this address");
}

static void
value_outside_the_table_has_a_text(void)
{
	CU_ASSERT_STRING_EQUAL(err_text(ERR_COUNT), "unknown error");
	CU_ASSERT_STRING_EQUAL(err_text((enum err) - 1), "unknown error");
}

CU_TestInfo test_err[] = {
	{ "err_ok_is_zero", ok_is_zero },
	{ "err_each_row_has_a_text_of_its_own", each_row_has_a_text_of_its_own },
	{ "err_value_outside_the_table_has_a_text", value_outside_the_table_has_a_text },
	CU_TEST_INFO_NULL,
};
