/*
 * The kernel's command line: which word counts, and what does not fit.
 */
#include "images/initramfs/cmdline.h"

#include <string.h>

#include "test/unit/unit.h"

static char value[8];

static void
value_in_the_middle_is_found(void)
{
	CU_ASSERT_TRUE(cmdline_value("quiet a.b=xyz ro", "a.b", value, sizeof(value)));
	CU_ASSERT_STRING_EQUAL(value, "xyz");
}

static void
value_at_the_ends_is_found(void)
{
	CU_ASSERT_TRUE(cmdline_value("a=1 b=2\n", "a", value, sizeof(value)));
	CU_ASSERT_STRING_EQUAL(value, "1");
	CU_ASSERT_TRUE(cmdline_value("a=1\tb=2\n", "b", value, sizeof(value)));
	CU_ASSERT_STRING_EQUAL(value, "2");
}

static void
value_given_twice_is_the_last(void)
{
	CU_ASSERT_TRUE(cmdline_value("a=1 a=2", "a", value, sizeof(value)));
	CU_ASSERT_STRING_EQUAL(value, "2");
	CU_ASSERT_FALSE(cmdline_value("a=1 a=12345678", "a", value, sizeof(value)));
	CU_ASSERT_STRING_EQUAL(value, "");
}

static void
key_that_only_begins_alike_is_not_it(void)
{
	CU_ASSERT_FALSE(cmdline_value("ab=1 xa=2 a", "a", value, sizeof(value)));
	CU_ASSERT_STRING_EQUAL(value, "");
}

static void
value_that_is_empty_is_none(void)
{
	CU_ASSERT_FALSE(cmdline_value("a= b=1", "a", value, sizeof(value)));
	CU_ASSERT_FALSE(cmdline_value("", "a", value, sizeof(value)));
}

static void
value_that_just_fits_is_whole(void)
{
	CU_ASSERT_TRUE(cmdline_value("a=1234567", "a", value, sizeof(value)));
	CU_ASSERT_STRING_EQUAL(value, "1234567");
	CU_ASSERT_FALSE(cmdline_value("a=12345678", "a", value, sizeof(value)));
}

static void
number_is_decimal_and_bounded(void)
{
	uint64_t number = 7;

	CU_ASSERT_TRUE(cmdline_number("n=18446744073709551615", "n", &number));
	CU_ASSERT_EQUAL(number, UINT64_MAX);
	CU_ASSERT_TRUE(cmdline_number("n=0", "n", &number));
	CU_ASSERT_EQUAL(number, 0);
	CU_ASSERT_FALSE(cmdline_number("n=18446744073709551616", "n", &number));
	CU_ASSERT_FALSE(cmdline_number("n=184467440737095516150", "n", &number));
	CU_ASSERT_FALSE(cmdline_number("n=-1", "n", &number));
	CU_ASSERT_FALSE(cmdline_number("n=0x10", "n", &number));
	CU_ASSERT_FALSE(cmdline_number("n=", "n", &number));
}

CU_TestInfo test_cmdline[] = {
	{ "value_in_the_middle_is_found", value_in_the_middle_is_found },
	{ "value_at_the_ends_is_found", value_at_the_ends_is_found },
	{ "value_given_twice_is_the_last", value_given_twice_is_the_last },
	{ "key_that_only_begins_alike_is_not_it", key_that_only_begins_alike_is_not_it },
	{ "value_that_is_empty_is_none", value_that_is_empty_is_none },
	{ "value_that_just_fits_is_whole", value_that_just_fits_is_whole },
	{ "number_is_decimal_and_bounded", number_is_decimal_and_bounded },
	CU_TEST_INFO_NULL,
};
