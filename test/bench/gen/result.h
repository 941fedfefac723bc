/*
 * What a run has come to, and its lines.
 */
#ifndef TEST_BENCH_GEN_RESULT_H
#define TEST_BENCH_GEN_RESULT_H

#include <stdio.h>

#include "test/bench/gen/client.h"
#include "test/bench/gen/origin.h"

/* Everything counted so far. */
struct result {
	uint64_t at_ns, busy_ns, cpu_ns; /* cpu_ns: what the scheduler gave us */
	struct client_counts client;
	struct tcp_counts client_tcp, origin_tcp;
	struct origin_counts origin;
	uint64_t flood_sent, flood_answered[2]; /* requests while it was off, and on */
	struct side_counts side[2];
	uint32_t overdue; /* connections, at the end */
};

/* Rates between the two; errors since the target had answered. */
void result_print(FILE *to, const struct gen_options *options, const struct result *before,
		  const struct result *after, const struct histogram *latency, uint32_t served,
		  uint64_t behind);

#endif
