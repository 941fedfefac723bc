/* What connections send: see source.h. */
#include "test/bench/gen/source.h"

#include <string.h>

#include "fw/base/assert.h"
#include "fw/base/rng.h"

#define PATTERN_BYTES (SOURCE_PATTERN_PERIOD + SOURCE_SLICE_MAX)
#define PATTERN_SEED  20261121u

static uint8_t pattern[PATTERN_BYTES];
static struct source_sums pattern_sums[PATTERN_BYTES + 1];

static void
sums_make(struct source_sums *sums, const uint8_t *bytes, uint32_t len)
{
	sums[0] = (struct source_sums){ 0 };
	for (uint32_t i = 0; i < len; i++) {
		sums[i + 1] = sums[i];
		if (i % 2)
			sums[i + 1].odd += bytes[i];
		else
			sums[i + 1].even += bytes[i];
	}
}

static uint32_t
sum_of(const struct source_sums *sums, uint32_t at, uint32_t len)
{
	uint32_t even = sums[at + len].even - sums[at].even,
		 odd = sums[at + len].odd - sums[at].odd;

	return at % 2 ? (odd << 8) + even : (even << 8) + odd;
}

void
source_start(void)
{
	struct rng rng;

	rng_init(&rng, PATTERN_SEED);
	for (uint32_t i = 0; i < SOURCE_PATTERN_PERIOD; i++)
		pattern[i] = (uint8_t)('!' + rng_below(&rng, 90));
	for (uint32_t i = SOURCE_PATTERN_PERIOD; i < PATTERN_BYTES; i++)
		pattern[i] = pattern[i - SOURCE_PATTERN_PERIOD];
	sums_make(pattern_sums, pattern, PATTERN_BYTES);
}

void
source_init(struct source *source, const char *head, uint32_t head_bytes, uint32_t body_bytes)
{
	ASSERT(head_bytes <= SOURCE_HEAD_MAX && head_bytes + body_bytes > 0);
	ASSERT(body_bytes < 1u << 30);
	memcpy(source->head, head, head_bytes);
	source->head_bytes = head_bytes;
	source->body_bytes = body_bytes;
	source->total_bytes = head_bytes + body_bytes;
	sums_make(source->sums, source->head, head_bytes);
}

struct source_slice
source_slice(const struct source *source, uint32_t offset_bytes, uint32_t max_bytes)
{
	uint32_t at =
	    offset_bytes < source->total_bytes ? offset_bytes : offset_bytes % source->total_bytes;
	const struct source_sums *sums = source->sums;
	struct source_slice slice;

	if (at < source->head_bytes) {
		slice.at = &source->head[at];
		slice.len_bytes = source->head_bytes - at;
	} else {
		slice.len_bytes = source->total_bytes - at;
		at = (at - source->head_bytes) % SOURCE_PATTERN_PERIOD;
		slice.at = &pattern[at];
		sums = pattern_sums;
		if (slice.len_bytes > SOURCE_SLICE_MAX)
			slice.len_bytes = SOURCE_SLICE_MAX;
	}
	if (slice.len_bytes > max_bytes)
		slice.len_bytes = max_bytes;
	slice.sum = sum_of(sums, at, slice.len_bytes);
	return slice;
}

bool
source_is_body(const uint8_t *bytes, uint32_t len_bytes, uint32_t offset_bytes)
{
	while (len_bytes) {
		uint32_t part = len_bytes < SOURCE_SLICE_MAX ? len_bytes : SOURCE_SLICE_MAX;

		if (memcmp(bytes, &pattern[offset_bytes % SOURCE_PATTERN_PERIOD], part) != 0)
			return false;
		bytes += part;
		offset_bytes += part;
		len_bytes -= part;
	}
	return true;
}
