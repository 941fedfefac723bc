/*
 * Bit sets against an array of bools.
 */
#include <string.h>

#include "dataplane/lb/lb_priv.h"
#include "test/unit/unit.h"

#define SIZE_MAX_TRIED 16384u

static uint64_t bits[300];
static bool have[SIZE_MAX_TRIED];

static uint32_t
next_by_scan(uint32_t size, uint32_t from)
{
	for (uint32_t i = from; i < size; i++)
		if (have[i])
			return i;
	for (uint32_t i = 0; i < size; i++)
		if (have[i])
			return i;
	return UINT32_MAX;
}

static void
next_is_what_a_scan_finds(void)
{
	static const uint32_t sizes[] = { 1, 2, 63, 64, 65, 128, 4095, 4096, 4097, 16384 };
	struct rng rng;

	rng_init(&rng, 1);
	for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
		uint32_t size = sizes[s], set = 0;

		CU_ASSERT_FATAL(bits_words(size) <= ARRAY_SIZE(bits));
		memset(bits, 0, sizeof bits);
		memset(have, 0, sizeof have);
		for (unsigned step = 0; step < 2000; step++) {
			uint32_t at = rng_below(&rng, size), from = rng_below(&rng, size + 1);

			if (set > 1 + step % 40 || have[at]) {
				at = next_by_scan(size, at);
				bits_clear(bits, size, at);
				have[at] = false;
				set--;
			} else {
				bits_set(bits, size, at);
				have[at] = true;
				set++;
			}
			CU_ASSERT_EQUAL_FATAL(bits_have(bits, at), have[at]);
			if (set > 0)
				CU_ASSERT_EQUAL_FATAL(bits_next(bits, size, from),
						      next_by_scan(size, from));
		}
	}
}

CU_TestInfo test_bits[] = {
	{ "bits_next_is_what_a_scan_finds", next_is_what_a_scan_finds },
	CU_TEST_INFO_NULL,
};
