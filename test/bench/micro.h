/*
 * Comparing pieces of code in one process: they take turns, so that whatever disturbs the machine disturbs all of them, and the
 * time is the processor's that this thread had. What counts is the ratio turn by turn; its median and spread are printed.
 */
#ifndef TEST_BENCH_MICRO_H
#define TEST_BENCH_MICRO_H

#include <stdbool.h>
#include <stdint.h>

#define MICRO_SUBJECTS_MAX 4u

struct micro_subject {
	const char *name;
	void (*run)(void *arg); /* does `units` of what is measured */
	const char *sample;     /* its name in the file that MICRO_SAMPLES names; NULL: not there */
};

struct micro {
	const char *title, *unit;
	uint64_t units; /* of a run */
	uint32_t turns; /* beside one that does not count */
	void *arg;
	/* The first is the peer, of which the ratios are; what they are given is unlike what it takes: larger is faster. */
	struct micro_subject subjects[MICRO_SUBJECTS_MAX];
	bool sample_ms;     /* of samples the time in milliseconds is what counts, not the ratio */
	double aim, beyond; /* ratios that the last one is to have; 0: none */
};

/*
 * Runs and prints a line each: nanoseconds a unit, ratio to the peer (medians, smallest and largest). To the file
 * that the environment's MICRO_SAMPLES names it appends: NAME OURS UNIT PEER PEER-NAME RATIO LOW HIGH, - where there is none.
 */
void micro_compare(const struct micro *micro);
/* Processor time of this thread. */
uint64_t micro_now_ns(void);

#endif
