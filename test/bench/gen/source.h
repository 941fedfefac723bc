/*
 * What a connection sends: the same head and body again and again. The bytes lie ready, and so do the sums of
 * any run of them, so that a segment costs one copy and a checksum of a few additions; and what was lost can be
 * made again without having been kept.
 *
 * Bodies of every size are cut from one pattern, whose period is prime, so that a byte that is
 * missing, doubled or in a wrong place is seen.
 */
#ifndef TEST_BENCH_GEN_SOURCE_H
#define TEST_BENCH_GEN_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#define SOURCE_HEAD_MAX       512u
#define SOURCE_PATTERN_PERIOD 4093u
#define SOURCE_SLICE_MAX      9216u /* a slice of the pattern is never longer */

/* Sums of the bytes before each place: at even and at odd places. */
struct source_sums {
	uint32_t even, odd;
};

struct source {
	uint32_t head_bytes, body_bytes, total_bytes;
	struct source_sums sums[SOURCE_HEAD_MAX + 1];
	uint8_t head[SOURCE_HEAD_MAX];
};

/* Some bytes in one piece, with the sum of their 16-bit words, not folded; the first byte is a high one. */
struct source_slice {
	const uint8_t *at;
	uint32_t len_bytes;
	uint32_t sum;
};

/* Makes the pattern; once, before anything else. */
void source_start(void);
/* A head (copied, at most SOURCE_HEAD_MAX bytes) and so much of the pattern; not empty and below 2^30 bytes in all. */
void source_init(struct source *source, const char *head, uint32_t head_bytes, uint32_t body_bytes);
/* The longest slice of at most max_bytes at an offset of the endless repetition. */
struct source_slice
source_slice(const struct source *source, uint32_t offset_bytes, uint32_t max_bytes);
/* Whether these are the bytes of a body from offset_bytes on; looks at all of them. */
bool source_is_body(const uint8_t *bytes, uint32_t len_bytes, uint32_t offset_bytes);

/* Adding sums behind each other: what begins at an odd byte counts with its bytes swapped. */
static inline uint32_t
source_sum_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

static inline uint32_t
source_sum_append(uint32_t sum, uint32_t len_before_bytes, uint32_t more)
{
	if (len_before_bytes & 1) {
		more = source_sum_fold(more);
		more = (more >> 8) | ((more & 0xff) << 8);
	}
	return sum + more;
}

#endif
