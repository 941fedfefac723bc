/*
 * checksum.c, with wide registers and without, against a model that adds byte pairs one by one, and against the example of RFC 1071.
 */
#include <string.h>

#include "dataplane/net/net_priv.h"
#include "fw/base/cpu.h"
#include "fw/base/rng.h"
#include "test/unit/unit.h"

/* RFC 1071 1, word for word: in host order, folded at each step. */
static uint16_t
model(const uint8_t *data, uint32_t len, uint32_t start)
{
	uint32_t sum = start;

	for (uint32_t i = 0; i < len; i++) {
		sum += i % 2 ? data[i] : (uint32_t)data[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)~sum;
}

static uint16_t
ours(const void *data, uint32_t len)
{
	return __builtin_bswap16(checksum_finish(checksum_add(0, data, len)));
}

static void
checksum_of_rfc1071_example_is_right(void)
{
	static const uint8_t data[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

	CU_ASSERT_EQUAL(ours(data, sizeof data), (uint16_t)~0xddf2);
}

static void
random_bytes_equal_model(void)
{
	uint8_t data[1600 + 8];
	struct rng rng;

	rng_init(&rng, 1);
	for (uint32_t len = 0; len <= 1600; len++) {
		uint32_t shift = rng_below(&rng, 8);

		for (uint32_t i = 0; i < sizeof data; i++)
			data[i] = (uint8_t)rng_next(&rng);
		CU_ASSERT_EQUAL(ours(data + shift, len), model(data + shift, len, 0));
	}
}

static void
all_ones_equal_model(void)
{
	static uint8_t data[65536];

	memset(data, 0xff, sizeof data);
	for (uint32_t len = 0; len < sizeof data; len = len * 2 + 1)
		CU_ASSERT_EQUAL(ours(data, len), model(data, len, 0));
	CU_ASSERT_EQUAL(ours(data, sizeof data), model(data, sizeof data, 0));
}

/* Whatever processor this is: the baseline's code too. */
static void
with_and_without_wide_registers(void (*test)(void))
{
	unsigned features = cpu_features;

	test();
	cpu_features = 0;
	test();
	cpu_features = features;
}

static void
checksum_of_random_bytes_equals_model(void)
{
	with_and_without_wide_registers(random_bytes_equal_model);
}

static void
checksum_of_all_ones_equals_model(void)
{
	with_and_without_wide_registers(all_ones_equal_model);
}

static void
checksum_in_even_pieces_equals_whole(void)
{
	uint8_t data[401];
	struct rng rng;

	rng_init(&rng, 2);
	for (uint32_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)rng_next(&rng);
	for (uint32_t cut = 0; cut <= 400; cut += 2) {
		uint32_t sum = checksum_add(0, data, cut);

		sum = checksum_add(sum, data + cut, sizeof data - cut);
		CU_ASSERT_EQUAL(__builtin_bswap16(checksum_finish(sum)),
				model(data, sizeof data, 0));
	}
}

static void
checksum_over_message_with_its_checksum_is_zero(void)
{
	uint8_t data[64];
	uint16_t sum;

	for (uint32_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 37);
	memset(data + 10, 0, 2);
	sum = checksum_finish(checksum_add(0, data, sizeof data));
	memcpy(data + 10, &sum, 2);
	CU_ASSERT_EQUAL(checksum_finish(checksum_add(0, data, sizeof data)), 0);
	data[40] ^= 1;
	CU_ASSERT_NOT_EQUAL(checksum_finish(checksum_add(0, data, sizeof data)), 0);
}

static void
checksum_of_ipv4_header_equals_model(void)
{
	struct ipv4_header ip;
	uint8_t *bytes = (uint8_t *)&ip;
	struct rng rng;

	rng_init(&rng, 3);
	for (uint32_t n = 0; n < 20000; n++) {
		for (uint32_t i = 0; i < sizeof ip; i++)
			bytes[i] = n % 4 ? (uint8_t)rng_next(&rng) : rng_below(&rng, 8) ? 0xff : 0;
		CU_ASSERT_EQUAL(__builtin_bswap16(ipv4_header_sum(&ip)),
				model(bytes, sizeof ip, 0));
	}
}

/* The pseudo-headers as the RFCs draw them: 12 bytes (RFC 9293 3.1) and 40 bytes (RFC 8200 8.1). */
static void
checksum_pseudo_equals_drawn_headers(void)
{
	static const uint8_t v4[12] = { 10, 0, 0, 2, 192, 168, 255, 254, 0, 6, 0x05, 0xb4 };
	uint8_t v6[40] = {
		0xfd, [15] = 2, [16] = 0xfd, [18] = 1, [31] = 0x11, [33] = 1, [34] = 0x11, [39] = 58
	};
	struct addr a, b;

	CU_ASSERT_TRUE_FATAL(addr_parse("10.0.0.2", &a) && addr_parse("192.168.255.254", &b));
	CU_ASSERT_EQUAL(__builtin_bswap16(checksum_finish(checksum_pseudo(&a, &b, 6, 0x5b4))),
			model(v4, 12, 0));
	CU_ASSERT_TRUE_FATAL(addr_parse("fd00::2", &a) && addr_parse("fd00:100::11", &b));
	CU_ASSERT_EQUAL(__builtin_bswap16(checksum_finish(checksum_pseudo(&a, &b, 58, 0x11100))),
			model(v6, 40, 0));
}

CU_TestInfo test_checksum[] = {
	{ "checksum_of_rfc1071_example_is_right", checksum_of_rfc1071_example_is_right },
	{ "checksum_of_random_bytes_equals_model", checksum_of_random_bytes_equals_model },
	{ "checksum_of_all_ones_equals_model", checksum_of_all_ones_equals_model },
	{ "checksum_in_even_pieces_equals_whole", checksum_in_even_pieces_equals_whole },
	{ "checksum_over_message_with_its_checksum_is_zero",
	  checksum_over_message_with_its_checksum_is_zero },
	{ "checksum_of_ipv4_header_equals_model", checksum_of_ipv4_header_equals_model },
	{ "checksum_pseudo_equals_drawn_headers", checksum_pseudo_equals_drawn_headers },
	CU_TEST_INFO_NULL,
};
