/*
 * A histogram of durations: log-linear, 32 buckets each time the value doubles, so that a bucket is
 * at most 3.2% wide and adding is a few instructions.
 */
#ifndef TEST_BENCH_GEN_HISTOGRAM_H
#define TEST_BENCH_GEN_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEPS   32u /* buckets a doubling; a power of two */
#define HISTOGRAM_BUCKETS (HISTOGRAM_STEPS * 40u)

struct histogram {
	uint64_t count, max_ns;
	uint64_t bucket[HISTOGRAM_BUCKETS];
};

void histogram_clear(struct histogram *h);
/* What is longer than the last bucket's (hours) is counted in it; max_ns is exact. */
void histogram_add(struct histogram *h, uint64_t ns);
/* The upper end of the bucket in which the part (0.5: median) of all values ends; 0 of none. Never above max_ns. */
uint64_t histogram_quantile_ns(const struct histogram *h, double part);

#endif
