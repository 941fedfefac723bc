/*
 * Spec texts and their figures.
 */
#include "drivers/port/port.h"
#include "drivers/port/port_spec.h"

#include "fw/base/assert.h"
#include "test/unit/unit.h"

static void
options_are_split_at_commas(void)
{
	struct str rest = STR("a=1,b,,c=x=y,d=");
	static const char *expected[][2] = {
		{ "a", "1" }, { "b", NULL }, { "", NULL }, { "c", "x=y" }, { "d", "" }
	};
	struct port_option option;

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		CU_ASSERT_TRUE_FATAL(port_spec_next(&rest, &option));
		CU_ASSERT_TRUE(str_equal(option.key, str_from(expected[i][0])));
		CU_ASSERT_EQUAL(option.value.at != NULL, expected[i][1] != NULL);
		if (expected[i][1]) {
			CU_ASSERT_TRUE(str_equal(option.value, str_from(expected[i][1])));
		}
	}
	CU_ASSERT_FALSE(port_spec_next(&rest, &option));
}

static void
shares_are_parts_per_million(void)
{
	static const struct {
		const char *text;
		uint32_t ppm;
	} cases[] = { { "0%", 0 },         { "2%", 20000 },        { "0.1%", 1000 },
		      { "100%", 1000000 }, { "99.9999%", 999999 }, { "100.000000%", 1000000 } };
	uint32_t ppm;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CU_ASSERT_TRUE(port_spec_share(str_from(cases[i].text), &ppm));
		CU_ASSERT_EQUAL(ppm, cases[i].ppm);
	}
}

static void
times_are_microseconds(void)
{
	static const struct {
		const char *text;
		uint64_t us;
	} cases[] = { { "20ms", 20000 }, { "500us", 500 },         { "1.5s", 1500000 },
		      { "0us", 0 },      { "3600s", 3600000000u }, { "0.25ms", 250 } };
	uint64_t us;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CU_ASSERT_TRUE(port_spec_time(str_from(cases[i].text), &us));
		CU_ASSERT_EQUAL(us, cases[i].us);
	}
}

static void
rates_are_bits_per_second(void)
{
	static const struct {
		const char *text;
		uint64_t bps;
	} cases[] = { { "100mbit", 100000000 },
		      { "2.5gbit", 2500000000 },
		      { "64kbit", 64000 },
		      { "9600bit", 9600 } };
	uint64_t bps;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CU_ASSERT_TRUE(port_spec_rate(str_from(cases[i].text), &bps));
		CU_ASSERT_EQUAL(bps, cases[i].bps);
	}
}

static void
bytes_are_decimal(void)
{
	uint64_t bytes;

	CU_ASSERT_TRUE(port_spec_bytes(STR("1514b"), &bytes) && bytes == 1514);
	CU_ASSERT_TRUE(port_spec_bytes(STR("250kb"), &bytes) && bytes == 250000);
	CU_ASSERT_TRUE(port_spec_bytes(STR("1.25mb"), &bytes) && bytes == 1250000);
	CU_ASSERT_FALSE(port_spec_bytes(STR("0b"), &bytes));
	CU_ASSERT_FALSE(port_spec_bytes(STR("0.4b"), &bytes));
	CU_ASSERT_FALSE(port_spec_bytes(STR("250"), &bytes));
	CU_ASSERT_FALSE(port_spec_bytes(STR("250kbit"), &bytes));
	CU_ASSERT_EQUAL(bytes, 1250000);
}

static void
nonsense_is_refused_and_leaves_the_field(void)
{
	static const char *const shares[] = { "",     "%",          "2",    "2 %",        "-1%",
					      "120%", "100.1%",     "1,5%", "1.%",        ".5%",
					      "1e1%", "0.1234567%", "2%%",  "9999999999%" };
	static const char *const times[] = {
		"", "20", "ms", "20 ms", "-1ms", "3601s", "1h", "1.ms"
	};
	static const char *const rates[] = {
		"", "0mbit", "100", "100Mbit", "mbit", "100mbps", "9999999999gbit", "999999999gbit"
	};
	uint32_t ppm = 7;
	uint64_t value = 7;

	for (size_t i = 0; i < ARRAY_SIZE(shares); i++)
		CU_ASSERT_FALSE(port_spec_share(str_from(shares[i]), &ppm));
	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		CU_ASSERT_FALSE(port_spec_time(str_from(times[i]), &value));
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++)
		CU_ASSERT_FALSE(port_spec_rate(str_from(rates[i]), &value));
	CU_ASSERT_EQUAL(ppm, 7);
	CU_ASSERT_EQUAL(value, 7);
}

static void
offloads_are_listed_by_name(void)
{
	char text[PORT_OFFLOADS_TEXT_BYTES];

	port_offloads_text(0, text);
	CU_ASSERT_STRING_EQUAL(text, "-");
	port_offloads_text(PORT_OFFLOAD_TX_CHECKSUM | PORT_OFFLOAD_VLAN_INSERT, text);
	CU_ASSERT_STRING_EQUAL(text, "tx-checksum,vlan-insert");
	port_offloads_text(PORT_OFFLOADS_ALL, text);
	CU_ASSERT_STRING_EQUAL(text, "rx-checksum,tx-checksum,tso,rss-hash,vlan-strip,vlan-insert");
}

CU_TestInfo test_port_spec[] = {
	{ "options_are_split_at_commas", options_are_split_at_commas },
	{ "shares_are_parts_per_million", shares_are_parts_per_million },
	{ "times_are_microseconds", times_are_microseconds },
	{ "rates_are_bits_per_second", rates_are_bits_per_second },
	{ "bytes_are_decimal", bytes_are_decimal },
	{ "nonsense_is_refused_and_leaves_the_field", nonsense_is_refused_and_leaves_the_field },
	{ "offloads_are_listed_by_name", offloads_are_listed_by_name },
	CU_TEST_INFO_NULL,
};
