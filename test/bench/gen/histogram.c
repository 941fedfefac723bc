/* Histograms of durations: see histogram.h. Values below HISTOGRAM_STEPS have a bucket each. */
#include "test/bench/gen/histogram.h"

#include <string.h>

#define STEPS_LOG2 5u

_Static_assert(1u << STEPS_LOG2 == HISTOGRAM_STEPS, "the steps and their logarithm");

void
histogram_clear(struct histogram *h)
{
	memset(h, 0, sizeof *h);
}

static uint32_t
bucket_of(uint64_t ns)
{
	uint32_t shift, bucket;

	if (ns < HISTOGRAM_STEPS)
		return (uint32_t)ns;
	shift = 63u - (uint32_t)__builtin_clzll(ns) - STEPS_LOG2;
	if (shift >= HISTOGRAM_BUCKETS / HISTOGRAM_STEPS - 1)
		return HISTOGRAM_BUCKETS - 1;
	bucket = (shift + 1) * HISTOGRAM_STEPS + (uint32_t)(ns >> shift) - HISTOGRAM_STEPS;
	return bucket;
}

/* The largest value of a bucket. */
static uint64_t
bucket_end_ns(uint32_t bucket)
{
	uint32_t shift;

	if (bucket < HISTOGRAM_STEPS)
		return bucket;
	shift = bucket / HISTOGRAM_STEPS - 1;
	return ((uint64_t)(bucket % HISTOGRAM_STEPS + HISTOGRAM_STEPS + 1) << shift) - 1;
}

void
histogram_add(struct histogram *h, uint64_t ns)
{
	h->bucket[bucket_of(ns)]++;
	h->count++;
	if (ns > h->max_ns)
		h->max_ns = ns;
}

uint64_t
histogram_quantile_ns(const struct histogram *h, double part)
{
	double wanted = part * (double)h->count;
	uint64_t sum = 0, end;

	for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		sum += h->bucket[i];
		if (sum && (double)sum >= wanted) {
			end = bucket_end_ns(i);
			return end < h->max_ns ? end : h->max_ns;
		}
	}
	return h->max_ns;
}
