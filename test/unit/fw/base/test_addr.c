/* Addresses: text forms, prefixes, kinds. */
#include "fw/base/addr.h"
#include "fw/base/assert.h"
#include "test/unit/unit.h"

static struct addr
parsed(const char *text)
{
	struct addr a = { 0 };

	CU_ASSERT_FATAL(addr_parse(text, &a));
	return a;
}

static bool
in(const char *address, const char *prefix)
{
	struct addr a = parsed(address), p;
	unsigned len;

	CU_ASSERT_FATAL(addr_parse_prefix(prefix, &p, &len));
	return addr_in_prefix(&a, &p, len);
}

static void
parse_and_format_agree(void)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "0.0.0.0", "0.0.0.0" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "10.0.0.1", "10.0.0.1" },
		{ "::", "::" },
		{ "::1", "::1" },
		{ "FD00:0:0::1", "fd00::1" },
		{ "2001:db8:0:1:0:0:0:1", "2001:db8:0:1::1" }, /* RFC 5952 4.2.3: the longest run */
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" }, /* the first of equal runs */
		{ "1:0:0:0:0:0:0:0", "1::" },
		{ "0:0:0:0:0:0:2:3", "::2:3" },
		{ "1:0:2:0:3:0:4:0", "1:0:2:0:3:0:4:0" }, /* 4.2.2: not for one group */
		{ "0:1:10:100:fff:0:0:5", "0:1:10:100:fff::5" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct addr a = parsed(rows[i].in);
		char text[ADDR_TEXT_MAX];

		CU_ASSERT_STRING_EQUAL(addr_format(&a, text), rows[i].out);
	}
}

static void
parse_of_other_text_is_refused_and_changes_nothing(void)
{
	static const char *const rows[] = {
		"",
		" ",
		"10.0.0",
		"10.0.0.256",
		"10.0.0.1 ",
		" 10.0.0.1",
		"10.0.0.01",
		"10.0.0.1.",
		"0x0a.0.0.1",
		"167772161",
		"10.0.0.1/24",
		"10.0.0.1:80",
		":",
		":::",
		"1::2::3",
		"fd00::1%eth0",
		"[fd00::1]",
		"1:2:3:4:5:6:7",
		"1:2:3:4:5:6:7:8:9",
		"12345::",
		"::ffff:10.0.0.1",
		"::ffff:a00:1",
		"localhost",
	};
	struct addr before = parsed("192.0.2.7"), a = before;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CU_ASSERT_FALSE(addr_parse(rows[i], &a));
		CU_ASSERT(addr_equal(&a, &before));
	}
}

static void
parse_prefix_takes_lengths_of_the_family(void)
{
	struct addr a;
	unsigned len = 99;

	CU_ASSERT(addr_parse_prefix("10.0.0.1/24", &a, &len) && len == 24);
	CU_ASSERT(addr_parse_prefix("0.0.0.0/0", &a, &len) && len == 0);
	CU_ASSERT(addr_parse_prefix("10.0.0.1/32", &a, &len) && len == 32);
	CU_ASSERT(addr_parse_prefix("::/0", &a, &len) && len == 0);
	CU_ASSERT(addr_parse_prefix("fd00::1/128", &a, &len) && len == 128);
	CU_ASSERT(addr_is_v4(&a) == false);
}

static void
parse_prefix_of_other_text_is_refused_and_changes_nothing(void)
{
	static const char *const rows[] = {
		"10.0.0.1",
		"10.0.0.1/",
		"10.0.0.1/33",
		"10.0.0.1/-1",
		"10.0.0.1/+1",
		"10.0.0.1/ 8",
		"10.0.0.1/8 ",
		"10.0.0.1/08",
		"10.0.0.1/024",
		"10.0.0.1/0000",
		"10.0.0.1/4294967320",
		"10.0.0.1/2a",
		"/24",
		"fd00::/129",
		"fd00::/999",
		"10.0.0.1//8",
		"10.0.0.1/8/8",
		"::ffff:10.0.0.1/120",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/8",
	};
	struct addr before = parsed("192.0.2.7"), a = before;
	unsigned len = 99;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CU_ASSERT_FALSE(addr_parse_prefix(rows[i], &a, &len));
		CU_ASSERT(addr_equal(&a, &before));
		CU_ASSERT_EQUAL(len, 99);
	}
}

static void
prefix_contains_what_its_bits_say(void)
{
	CU_ASSERT(in("10.0.0.255", "10.0.0.1/24"));
	CU_ASSERT_FALSE(in("10.0.1.0", "10.0.0.1/24"));
	CU_ASSERT(in("10.0.0.129", "10.0.0.128/25"));
	CU_ASSERT_FALSE(in("10.0.0.127", "10.0.0.128/25"));
	CU_ASSERT(in("10.0.0.1", "10.0.0.0/31"));
	CU_ASSERT_FALSE(in("10.0.0.2", "10.0.0.0/31"));
	CU_ASSERT(in("10.0.0.1", "10.0.0.1/32"));
	CU_ASSERT_FALSE(in("10.0.0.0", "10.0.0.1/32"));
	CU_ASSERT(in("255.1.2.3", "0.0.0.0/0"));
	CU_ASSERT(in("fd00::ffff", "fd00::1/64"));
	CU_ASSERT_FALSE(in("fd00:0:0:1::1", "fd00::1/64"));
	CU_ASSERT(in("fd00::1", "fd00::1/128"));
	CU_ASSERT_FALSE(in("fd00::2", "fd00::1/128"));
	CU_ASSERT(in("fe00::", "fd00::/6"));
	CU_ASSERT_FALSE(in("fb00::", "fd00::/6"));
}

static void
prefix_of_one_family_never_contains_the_other(void)
{
	CU_ASSERT_FALSE(in("10.0.0.1", "::/0")); /* though it is held as ::ffff:10.0.0.1 */
	CU_ASSERT_FALSE(in("fd00::1", "0.0.0.0/0"));
	CU_ASSERT_FALSE(in("::", "0.0.0.0/0"));
}

static void
in_prefix_of_33_bits(void *v4)
{
	addr_in_prefix(v4, v4, 33);
}

static void
prefix_length_out_of_range_is_an_assert(void)
{
	struct addr a = parsed("10.0.0.1");

	CU_ASSERT(unit_asserts(in_prefix_of_33_bits, &a));
}

static void
kinds_are_told_apart_at_their_borders(void)
{
	static const struct {
		const char *text;
		bool multicast, link_local, unspecified, loopback;
	} rows[] = {
		{ "223.255.255.255", .multicast = false },
		{ "224.0.0.0", .multicast = true },
		{ "239.255.255.255", .multicast = true },
		{ "240.0.0.0", .multicast = false },
		{ "feff::1", .multicast = false },
		{ "ff00::", .multicast = true },
		{ "fe7f::", .link_local = false },
		{ "fe80::", .link_local = true },
		{ "febf:ffff::1", .link_local = true },
		{ "fec0::", .link_local = false },
		{ "169.254.0.1", .link_local = false },
		{ "0.0.0.0", .unspecified = true },
		{ "0.0.0.1", .unspecified = false },
		{ "::", .unspecified = true },
		{ "126.255.255.255", .loopback = false },
		{ "127.0.0.0", .loopback = true },
		{ "127.255.255.255", .loopback = true },
		{ "128.0.0.0", .loopback = false },
		{ "::1", .loopback = true },
		{ "::2", .loopback = false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct addr a = parsed(rows[i].text);

		CU_ASSERT_EQUAL(addr_is_multicast(&a), rows[i].multicast);
		CU_ASSERT_EQUAL(addr_is_link_local_v6(&a), rows[i].link_local);
		CU_ASSERT_EQUAL(addr_is_unspecified(&a), rows[i].unspecified);
		CU_ASSERT_EQUAL(addr_is_loopback(&a), rows[i].loopback);
	}
}

static void
v4_goes_in_and_out_in_wire_order(void)
{
	struct addr a = addr_from_v4(be32_from(0x0a000102)), b = parsed("10.0.1.2");

	CU_ASSERT(addr_is_v4(&a));
	CU_ASSERT(addr_equal(&a, &b));
	CU_ASSERT_EQUAL(be32_to(addr_to_v4(&a)), 0x0a000102);
}

static void
endpoint_text_brackets_v6(void)
{
	struct endpoint e = { parsed("10.0.0.1"), 80 }, f = { parsed("fd00::1"), 65535 };
	struct endpoint longest = { parsed("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), 65535 };
	char text[ENDPOINT_TEXT_MAX];

	CU_ASSERT_STRING_EQUAL(endpoint_format(&e, text), "10.0.0.1:80");
	CU_ASSERT_STRING_EQUAL(endpoint_format(&f, text), "[fd00::1]:65535");
	CU_ASSERT_STRING_EQUAL(endpoint_format(&longest, text),
			       "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
	CU_ASSERT_FALSE(endpoint_equal(&e, &f));
	f = e;
	CU_ASSERT(endpoint_equal(&e, &f));
	f.port++;
	CU_ASSERT_FALSE(endpoint_equal(&e, &f));
}

CU_TestInfo test_addr[] = {
	{ "addr_parse_and_format_agree", parse_and_format_agree },
	{ "addr_parse_of_other_text_is_refused_and_changes_nothing",
	  parse_of_other_text_is_refused_and_changes_nothing },
	{ "addr_parse_prefix_takes_lengths_of_the_family",
	  parse_prefix_takes_lengths_of_the_family },
	{ "addr_parse_prefix_of_other_text_is_refused_and_changes_nothing",
	  parse_prefix_of_other_text_is_refused_and_changes_nothing },
	{ "addr_prefix_contains_what_its_bits_say", prefix_contains_what_its_bits_say },
	{ "addr_prefix_of_one_family_never_contains_the_other",
	  prefix_of_one_family_never_contains_the_other },
	{ "addr_prefix_length_out_of_range_is_an_assert", prefix_length_out_of_range_is_an_assert },
	{ "addr_kinds_are_told_apart_at_their_borders", kinds_are_told_apart_at_their_borders },
	{ "addr_v4_goes_in_and_out_in_wire_order", v4_goes_in_and_out_in_wire_order },
	{ "endpoint_text_brackets_v6", endpoint_text_brackets_v6 },
	CU_TEST_INFO_NULL,
};
