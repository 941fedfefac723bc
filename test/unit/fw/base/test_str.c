/* Slices: comparing, trimming, numbers. */
#include "fw/base/assert.h"
#include "fw/base/str.h"
#include "test/unit/unit.h"

static const struct str none = { NULL, 0 };

static void
equal_compares_all_bytes(void)
{
	CU_ASSERT(str_equal(STR("abc"), str_from("abc")));
	CU_ASSERT_FALSE(str_equal(STR("abc"), STR("abd")));
	CU_ASSERT_FALSE(str_equal(STR("abc"), STR("ab")));
	CU_ASSERT_FALSE(str_equal(STR("ab"), STR("abc")));
	CU_ASSERT_FALSE(str_equal(STR("a\0b"), STR("a\0c"))); /* NUL ends nothing */
	CU_ASSERT(str_equal(STR(""), none));
	CU_ASSERT(str_equal(none, none));
	CU_ASSERT_FALSE(str_equal(none, STR("a")));
}

static void
equal_nocase_folds_letters_only(void)
{
	CU_ASSERT(str_equal_nocase(STR("Content-Length"), STR("cONTENT-lENGTH")));
	CU_ASSERT(str_equal_nocase(STR("AZaz"), STR("azAZ")));
	CU_ASSERT_FALSE(str_equal_nocase(STR("@"), STR("`"))); /* 0x40, 0x60: beside the letters */
	CU_ASSERT_FALSE(str_equal_nocase(STR("["), STR("{"))); /* 0x5b, 0x7b */
	CU_ASSERT_FALSE(str_equal_nocase(STR("\xc4"), STR("\xe4"))); /* not ASCII */
	CU_ASSERT_FALSE(str_equal_nocase(STR("abc"), STR("ab")));
	CU_ASSERT(str_equal_nocase(none, STR("")));
}

static void
trim_takes_off_spaces_and_tabs(void)
{
	CU_ASSERT(str_equal(str_trim(STR(" \t a b\t ")), STR("a b")));
	CU_ASSERT(str_equal(str_trim(STR("a")), STR("a")));
	CU_ASSERT_EQUAL(str_trim(STR(" \t ")).len, 0);
	CU_ASSERT_EQUAL(str_trim(none).len, 0);
	CU_ASSERT(str_equal(str_trim(STR("\r\na\n")), STR("\r\na\n"))); /* line ends are no OWS */
}

static void
to_u64_takes_digits_up_to_max(void)
{
	static const struct {
		const char *text;
		uint64_t max, value;
	} rows[] = {
		{ "0", 0, 0 },
		{ "007", 7, 7 },
		{ "65535", 65535, 65535 },
		{ "18446744073709551615", UINT64_MAX, UINT64_MAX },
		{ "00000000000000000000000000000001", 1, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t value = 99;

		CU_ASSERT(str_to_u64(str_from(rows[i].text), rows[i].max, &value));
		CU_ASSERT_EQUAL(value, rows[i].value);
	}
}

static void
to_u64_of_anything_else_is_refused_and_changes_nothing(void)
{
	static const struct {
		const char *text;
		uint64_t max;
	} rows[] = {
		{ "", 9 },
		{ "-1", 9 },
		{ "+1", 9 },
		{ " 1", 9 },
		{ "1 ", 9 },
		{ "1a", 9999 },
		{ "0x1", 9 },
		{ "1.0", 99 },
		{ "/", 9 },
		{ ":", 9 },
		{ "1", 0 },
		{ "65536", 65535 },
		{ "18446744073709551616", UINT64_MAX }, /* 2^64 */
		{ "18446744073709551620", UINT64_MAX },
		{ "99999999999999999999999", UINT64_MAX },
	};
	uint64_t value = 99;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		CU_ASSERT_FALSE(str_to_u64(str_from(rows[i].text), rows[i].max, &value));
	CU_ASSERT_FALSE(str_to_u64(none, 9, &value));
	CU_ASSERT_FALSE(str_to_u64(STR("1\0"), 9, &value));
	CU_ASSERT_EQUAL(value, 99);
}

CU_TestInfo test_str[] = {
	{ "str_equal_compares_all_bytes", equal_compares_all_bytes },
	{ "str_equal_nocase_folds_letters_only", equal_nocase_folds_letters_only },
	{ "str_trim_takes_off_spaces_and_tabs", trim_takes_off_spaces_and_tabs },
	{ "str_to_u64_takes_digits_up_to_max", to_u64_takes_digits_up_to_max },
	{ "str_to_u64_of_anything_else_is_refused_and_changes_nothing",
	  to_u64_of_anything_else_is_refused_and_changes_nothing },
	CU_TEST_INFO_NULL,
};
