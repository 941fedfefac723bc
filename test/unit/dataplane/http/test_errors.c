/* The table of errors. */
#include <string.h>

#include "dataplane/http/http.h"
#include "test/unit/unit.h"

static void
each_row_has_a_text_of_its_own(void)
{
	for (unsigned a = 0; a < HTTP_ERROR_COUNT; a++) {
		const char *text = http_error_text((enum http_error)a);

		CU_ASSERT_FATAL(text != NULL && text[0] != '\0');
		for (unsigned b = 0; b < a; b++)
			CU_ASSERT_STRING_NOT_EQUAL(text, http_error_text((enum http_error)b));
	}
}

static void
each_row_but_none_has_an_error_status(void)
{
	CU_ASSERT_EQUAL((int)HTTP_ERROR_none, 0);
	CU_ASSERT_EQUAL(http_error_status(HTTP_ERROR_none), 0);
	for (unsigned a = 1; a < HTTP_ERROR_COUNT; a++) {
		unsigned status = http_error_status((enum http_error)a);

		CU_ASSERT(status >= 400 && status <= HTTP_STATUS_MAX);
	}
	CU_ASSERT_EQUAL(http_error_status(HTTP_ERROR_version_unsupported), 505);
	CU_ASSERT_EQUAL(http_error_status(HTTP_ERROR_transfer_coding), 501);
	CU_ASSERT_EQUAL(http_error_status(HTTP_ERROR_expect), 417);
	CU_ASSERT_EQUAL(http_error_status(HTTP_ERROR_head_too_long), 431);
}

CU_TestInfo test_errors[] = {
	{ "errors_each_row_has_a_text_of_its_own", each_row_has_a_text_of_its_own },
	{ "errors_each_row_but_none_has_an_error_status", each_row_but_none_has_an_error_status },
	CU_TEST_INFO_NULL,
};
