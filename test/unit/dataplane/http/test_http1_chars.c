/*
 * What a head's map says of each byte, and the other scans: as the table of classes says it, with AVX2 and without.
 */
#include <stdlib.h>
#include <string.h>

#include "dataplane/http/http1.h"
#include "fw/base/rng.h"
#include "test/unit/unit.h"

#define LEN_MAX 300u
#define ROUNDS  20000u

static struct http1_map map;

/* len bytes at the end of an allocation, so that the sanitizer sees who reads on; every value is met. */
static char *
random_bytes(struct rng *rng, uint32_t len)
{
	char *bytes = malloc(len ? len : 1);
	bool plain = rng_below(rng, 2);

	ASSERT(bytes);
	for (uint32_t i = 0; i < len; i++)
		bytes[i] = (char)(plain && rng_below(rng, 20) ? 'a' + rng_below(rng, 26)
							      : rng_below(rng, 256));
	return bytes;
}

static void
check_map(const char *bytes, uint32_t len)
{
	memset(&map, 0x5a, sizeof map);
	http1_map_make(&map, bytes, len);
	for (uint32_t i = 0; i < (len / 64 + 1) * 64; i++) {
		bool token = i < len && http1_is(bytes[i], HTTP1_TOKEN);
		bool value = i < len && http1_is(bytes[i], HTTP1_VALUE);

		CU_ASSERT_EQUAL_FATAL(map.not_token[i / 64] >> i % 64 & 1, !token);
		CU_ASSERT_EQUAL_FATAL(map.not_value[i / 64] >> i % 64 & 1, !value);
	}
}

static void
check_skip(const char *bytes, uint32_t len)
{
	uint32_t target = 0, host = 0;

	while (target < len && http1_is(bytes[target], HTTP1_TARGET))
		target++;
	while (host < len && http1_is(bytes[host], HTTP1_HOST))
		host++;
	CU_ASSERT_EQUAL_FATAL(http1_skip_target(bytes, bytes + len) - bytes, target);
	CU_ASSERT_EQUAL_FATAL(http1_skip_host(bytes, bytes + len) - bytes, host);
}

static void
check_random(void)
{
	struct rng rng;

	rng_init(&rng, 7);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		uint32_t len = rng_below(&rng, LEN_MAX);
		char *bytes = random_bytes(&rng, len);

		check_map(bytes, len);
		check_skip(bytes, len);
		free(bytes);
	}
}

static void
map_is_as_the_table_says(void)
{
	check_random();
}

static void
map_without_avx2_is_the_same(void)
{
	bool had = http1_avx2;

	http1_avx2 = false;
	check_random();
	http1_avx2 = had;
}

/* Each byte at each place of the pieces that are looked at in one. */
static void
map_every_byte_everywhere(void)
{
	for (unsigned place = 0; place < 66; place++) {
		for (unsigned byte = 0; byte < 256; byte++) {
			char bytes[66];

			memset(bytes, 'a', sizeof bytes);
			bytes[place] = (char)byte;
			check_map(bytes, sizeof bytes);
			check_skip(bytes, sizeof bytes);
		}
	}
}

static void
map_of_the_longest_head_fits(void)
{
	char *bytes = malloc(HTTP_HEAD_MAX_BYTES);

	ASSERT(bytes);
	memset(bytes, 'a', HTTP_HEAD_MAX_BYTES);
	check_map(bytes, HTTP_HEAD_MAX_BYTES);
	CU_ASSERT_EQUAL(http1_map_next(map.not_token, 0), HTTP_HEAD_MAX_BYTES);
	free(bytes);
}

CU_TestInfo test_http1_chars[] = {
	{ "chars_map_is_as_the_table_says", map_is_as_the_table_says },
	{ "chars_map_without_avx2_is_the_same", map_without_avx2_is_the_same },
	{ "chars_map_every_byte_everywhere", map_every_byte_everywhere },
	{ "chars_map_of_the_longest_head_fits", map_of_the_longest_head_fits },
	CU_TEST_INFO_NULL,
};
