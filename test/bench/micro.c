/*
 * Microbenchmarks: turns, medians, table.
 */
#include "test/bench/micro.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "fw/base/assert.h"

#define TURNS_MAX 101u

struct spread {
	double median, least, most;
};

static struct spread spread_of(double *values, uint32_t count);
static void append_sample(const struct micro *micro, const struct micro_subject *subject,
			  double ours_ns, double peer_ns, struct spread ratio);

uint64_t
micro_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static double
run_once(const struct micro *micro, const struct micro_subject *subject)
{
	uint64_t start_ns = micro_now_ns();

	subject->run(micro->arg);
	return (double)(micro_now_ns() - start_ns) / (double)micro->units;
}

void
micro_compare(const struct micro *micro)
{
	static double taken[MICRO_SUBJECTS_MAX][TURNS_MAX], ratio[MICRO_SUBJECTS_MAX][TURNS_MAX];
	uint32_t count = 0;

	ASSERT(micro->turns <= TURNS_MAX);
	while (count < MICRO_SUBJECTS_MAX && micro->subjects[count].run)
		run_once(micro, &micro->subjects[count++]);
	for (uint32_t turn = 0; turn < micro->turns; turn++) {
		for (uint32_t i = 0; i < count; i++) {
			taken[i][turn] = run_once(micro, &micro->subjects[i]);
			ratio[i][turn] = taken[0][turn] / taken[i][turn];
		}
	}
	printf("%s\n", micro->title);
	for (uint32_t i = 0; i < count; i++) {
		struct spread ns = spread_of(taken[i], micro->turns),
			      times = spread_of(ratio[i], micro->turns);

		printf("  %-26s %10.1f ns a %s (%.1f to %.1f)", micro->subjects[i].name, ns.median,
		       micro->unit, ns.least, ns.most);
		if (i > 0)
			printf("  %5.2f times %s (%.2f to %.2f)", times.median,
			       micro->subjects[0].name, times.least, times.most);
		if (i > 0 && i == count - 1 && micro->aim > 0)
			printf("  aim %.1f %s, beyond %.1f %s", micro->aim,
			       times.median >= micro->aim ? "met" : "missed", micro->beyond,
			       times.median >= micro->beyond ? "met" : "missed");
		printf("\n");
		append_sample(micro, &micro->subjects[i], ns.median, taken[0][micro->turns / 2],
			      times);
	}
}

/* The peer's times have been sorted by now. */
static void
append_sample(const struct micro *micro, const struct micro_subject *subject, double ours_ns,
	      double peer_ns, struct spread ratio)
{
	const char *path = getenv("MICRO_SAMPLES");
	FILE *file;

	if (!subject->sample || !path || !*path)
		return;
	file = fopen(path, "a");
	ASSERT(file);
	if (micro->sample_ms)
		fprintf(file, "%s %.3f ms - - - - -\n", subject->sample, ours_ns / 1e6);
	else
		fprintf(file, "%s %.1f ns %.1f %s %.2f %.2f %.2f\n", subject->sample, ours_ns,
			peer_ns, micro->subjects[0].name, ratio.median, ratio.least, ratio.most);
	ASSERT(fclose(file) == 0);
}

static int
by_value(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static struct spread
spread_of(double *values, uint32_t count)
{
	qsort(values, count, sizeof *values, by_value);
	ASSERT(count % 2 == 1);
	return (struct spread){ .median = values[count / 2],
				.least = values[0],
				.most = values[count - 1] };
}
