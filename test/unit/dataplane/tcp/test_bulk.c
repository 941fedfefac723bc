/*
 * Megabytes between two stacks of ours over links that lose, reorder and duplicate: every byte
 * arrives, both sides close in order, every invariant holds after every event, no mbuf is missing;
 * and how fast it was.
 */
#include <stdio.h>
#include <stdlib.h>

#include "dataplane/tcp/tcp_priv.h"
#include "test/unit/dataplane/tcp/pipe.h"

#define MB 1000000u

static struct pipe pipe_;

/* A link of 100 Mbit/s and 20 ms there and back, with a queue of one bandwidth-delay product. */
static struct pipe_plan
plan(void)
{
	return (struct pipe_plan){
		.seed = 1,
		.bytes = { 20 * MB, 1000 },
		.rate_mbps = 100,
		.delay_us = 10000,
		.queue_bytes = 250000,
		.limit_us = 120ull * MB,
	};
}

/* For whoever works on congestion control. */
static void
tell(void)
{
	for (unsigned i = 0; i < 2; i++) {
		const uint64_t *counter = pipe_.counter[i];

		printf("# end %u: %u per mille of the rate, %llu segments, %llu again, %llu "
		       "timeouts, %llu recoveries\n",
		       i, pipe_utilisation(&pipe_, i),
		       (unsigned long long)counter[COUNTER_tcp_segments_sent],
		       (unsigned long long)counter[COUNTER_tcp_retransmits],
		       (unsigned long long)counter[COUNTER_tcp_retransmit_timeouts],
		       (unsigned long long)counter[COUNTER_tcp_fast_recoveries]);
	}
	printf("# %llu lost, %llu us\n", (unsigned long long)pipe_.lost,
	       (unsigned long long)pipe_.now_us);
}

static unsigned
run(const struct pipe_plan *p)
{
	bool good = pipe_run(&pipe_, p);

	CU_ASSERT_TRUE(good);
	if (getenv("PIPE_VERBOSE"))
		tell();
	return good ? pipe_utilisation(&pipe_, 0) : 0;
}

static void
bulk_without_loss_fills_the_link(void)
{
	struct pipe_plan p = plan();

	CU_ASSERT_TRUE(run(&p) > 800);
}

static void
bulk_with_1_percent_loss_arrives(void)
{
	struct pipe_plan p = plan();

	p.loss_ppm = 10000;
	CU_ASSERT_TRUE(run(&p) > 50);
}

static void
bulk_with_5_percent_loss_arrives(void)
{
	struct pipe_plan p = plan();

	p.loss_ppm = 50000;
	p.bytes[0] = 5 * MB;
	CU_ASSERT_TRUE(run(&p) > 15);
}

static void
bulk_both_ways_fills_both(void)
{
	struct pipe_plan p = plan();

	p.bytes[0] = p.bytes[1] = 30 * MB;
	CU_ASSERT_TRUE(run(&p) > 600);
	CU_ASSERT_TRUE(pipe_utilisation(&pipe_, 1) > 600);
}

static void
bulk_both_ways_with_loss_arrives(void)
{
	struct pipe_plan p = plan();

	p.bytes[0] = p.bytes[1] = 5 * MB;
	p.loss_ppm = 10000;
	CU_ASSERT_TRUE(run(&p) > 30);
	CU_ASSERT_TRUE(pipe_utilisation(&pipe_, 1) > 30);
}

static void
bulk_reordered_is_not_taken_for_lost(void)
{
	struct pipe_plan p = plan();

	p.reorder_ppm = 20000;
	p.bytes[0] = 10 * MB;
	CU_ASSERT_TRUE(run(&p) > 100);
}

static void
bulk_with_everything_arrives(void)
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct pipe_plan p = plan();

		p.seed = seed;
		p.bytes[0] = p.bytes[1] = MB / 2;
		p.loss_ppm = 30000;
		p.reorder_ppm = 30000;
		p.duplicate_ppm = 20000;
		p.empty_ppm = 5000;
		p.no_sack = seed % 4 == 1;
		p.no_timestamps = seed % 3 == 1;
		CU_ASSERT_TRUE(run(&p) > 0);
	}
}

static void
bulk_without_sack_arrives(void)
{
	struct pipe_plan p = plan();

	p.no_sack = p.no_timestamps = true;
	p.loss_ppm = 10000;
	p.bytes[0] = 5 * MB;
	CU_ASSERT_TRUE(run(&p) > 20);
}

static void
bulk_to_a_slow_reader_stops_and_goes_on(void)
{
	struct pipe_plan p = plan();

	p.read_pause_us = 2 * MB;
	p.bytes[0] = 3 * MB;
	p.loss_ppm = 20000;
	CU_ASSERT_TRUE(run(&p) > 0);
}

CU_TestInfo test_bulk[] = {
	{ "bulk_without_loss_fills_the_link", bulk_without_loss_fills_the_link },
	{ "bulk_with_1_percent_loss_arrives", bulk_with_1_percent_loss_arrives },
	{ "bulk_with_5_percent_loss_arrives", bulk_with_5_percent_loss_arrives },
	{ "bulk_both_ways_fills_both", bulk_both_ways_fills_both },
	{ "bulk_both_ways_with_loss_arrives", bulk_both_ways_with_loss_arrives },
	{ "bulk_reordered_is_not_taken_for_lost", bulk_reordered_is_not_taken_for_lost },
	{ "bulk_with_everything_arrives", bulk_with_everything_arrives },
	{ "bulk_without_sack_arrives", bulk_without_sack_arrives },
	{ "bulk_to_a_slow_reader_stops_and_goes_on", bulk_to_a_slow_reader_stops_and_goes_on },
	CU_TEST_INFO_NULL,
};
