/* What connections send: the bytes of any slice, their sums, and the check of bodies. */
#include "test/bench/gen/source.h"

#include <string.h>

#include "fw/base/rng.h"
#include "test/unit/unit.h"

#define BODY 20000u

static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n";
static struct source source;
static uint8_t whole[sizeof head - 1 + BODY];

static void
make(void)
{
	uint32_t done = 0;

	source_start();
	source_init(&source, head, sizeof head - 1, BODY);
	while (done < sizeof whole) {
		struct source_slice slice =
		    source_slice(&source, done, (uint32_t)sizeof whole - done);

		memcpy(whole + done, slice.at, slice.len_bytes);
		done += slice.len_bytes;
	}
}

static uint32_t
plain_sum(const uint8_t *at, uint32_t len)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < len; i++)
		sum += i % 2 ? at[i] : (uint32_t)at[i] << 8;
	return source_sum_fold(sum);
}

static void
source_slice_is_part_of_the_repetition(void)
{
	struct rng rng;

	make();
	rng_init(&rng, 1);
	for (unsigned i = 0; i < 10000; i++) {
		uint32_t at = rng_below(&rng, 3 * sizeof whole), most = 1 + rng_below(&rng, 3000),
			 begin = at % (uint32_t)sizeof whole;
		struct source_slice slice = source_slice(&source, at, most);

		CU_ASSERT_TRUE_FATAL(slice.len_bytes > 0 && slice.len_bytes <= most);
		CU_ASSERT_TRUE_FATAL(begin + slice.len_bytes <= sizeof whole);
		CU_ASSERT_EQUAL_FATAL(memcmp(slice.at, whole + begin, slice.len_bytes), 0);
	}
}

static void
source_sums_of_slices_are_those_of_the_bytes(void)
{
	struct rng rng;

	make();
	rng_init(&rng, 2);
	for (unsigned i = 0; i < 10000; i++) {
		uint32_t begin = rng_below(&rng, sizeof whole - 1460),
			 len = 1 + rng_below(&rng, 1460), sum = 0, done = 0;

		while (done < len) {
			struct source_slice slice = source_slice(&source, begin + done, len - done);

			sum = source_sum_append(sum, done, slice.sum);
			done += slice.len_bytes;
		}
		/* Both zeros of ones' complement are the same. */
		CU_ASSERT_EQUAL_FATAL(source_sum_fold(sum) % 0xffff,
				      plain_sum(whole + begin, len) % 0xffff);
	}
}

static void
source_body_is_known_at_any_offset(void)
{
	const uint8_t *body = whole + sizeof head - 1;

	make();
	CU_ASSERT_TRUE(source_is_body(body, BODY, 0));
	for (uint32_t at = 0; at < 9000; at += 701)
		CU_ASSERT_TRUE(source_is_body(body + at, 1460, at));
}

static void
source_body_with_one_wrong_byte_is_found(void)
{
	uint8_t *body = whole + sizeof head - 1;

	make();
	for (uint32_t at = 0; at < BODY; at += 997) {
		body[at] ^= 1;
		CU_ASSERT_FALSE(source_is_body(body, BODY, 0));
		body[at] ^= 1;
	}
	CU_ASSERT_FALSE(source_is_body(body + 1, 1000, 0));
	CU_ASSERT_FALSE(source_is_body(body + 4096, 1000, 0));
}

CU_TestInfo test_source[] = {
	{ "source_slice_is_part_of_the_repetition", source_slice_is_part_of_the_repetition },
	{ "source_sums_of_slices_are_those_of_the_bytes",
	  source_sums_of_slices_are_those_of_the_bytes },
	{ "source_body_is_known_at_any_offset", source_body_is_known_at_any_offset },
	{ "source_body_with_one_wrong_byte_is_found", source_body_with_one_wrong_byte_is_found },
	CU_TEST_INFO_NULL,
};
