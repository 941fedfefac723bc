/*
 * Pacing: a window spread over the round trip, and that it costs no throughput.
 */
#include "test/unit/dataplane/tcp/pipe.h"
#include "test/unit/dataplane/tcp/tcp_fixture.h"

#define RTT (100 * MS)

static struct pipe pipe_;

/* Twenty segments fit into cwnd, far above half of ssthresh; a round trip of 100 ms is known. */
static void
twenty_to_send(bool pacing)
{
	start_defaults();
	settings.profile.pacing = pacing;
	start();
	syn_received();
	pass_us(RTT);
	RX();
	events();
	conn()->cwnd = conn()->ssthresh = 20000;
	app_send(60000);
}

static void
unpaced_window_leaves_at_once(void)
{
	twenty_to_send(false);
	CU_ASSERT_EQUAL(tx_all(), 20);
	finish_open();
}

/* 1.2 windows a round trip: one segment each 4.17 ms. */
static void
paced_window_is_spread_over_the_round_trip(void)
{
	unsigned n, most = 0;

	twenty_to_send(true);
	n = tx_all();
	CU_ASSERT_EQUAL(n, 1);
	for (uint64_t t = 0; t < RTT / 2; t += MS) {
		unsigned now;

		pass_us(MS);
		now = tx_all();
		most = now > most ? now : most;
		n += now;
	}
	CU_ASSERT(n >= 12 && n <= 13);
	CU_ASSERT_EQUAL(most, 1);
	for (uint64_t t = 0; t < RTT / 2; t += MS) {
		pass_us(MS);
		n += tx_all();
	}
	CU_ASSERT_EQUAL(n, 20); /* cwnd is full before the round trip is over */
	finish_open();
}

/* In slow start twice as fast as cwnd a round trip. */
static void
paced_slow_start_is_faster(void)
{
	unsigned n;

	twenty_to_send(true);
	conn()->ssthresh = 1u << 30;
	n = tx_all();
	for (uint64_t t = 0; t < RTT / 4; t += MS) {
		pass_us(MS);
		n += tx_all();
	}
	CU_ASSERT(n >= 10 && n <= 12);
	finish_open();
}

/* A turn that came late makes up for a millisecond, not for all. */
static void
paced_after_a_pause_bursts_little(void)
{
	twenty_to_send(true);
	CU_ASSERT_EQUAL(tx_all(), 1);
	pass_us(50 * MS);
	CU_ASSERT_EQUAL(tx_all(), 1);
	finish_open();
}

/*
 * A clock that jumped, or a peer that slept, makes a round trip of half an hour. It counts for no more than the longest
 * timeout, and no segment waits for its turn longer than a second.
 */
static void
paced_after_a_jump_of_the_clock_goes_on(void)
{
	twenty_to_send(true);
	for (unsigned i = 0; i < 20; i++)
		tcp_rtt_sample(tcp, conn(), 2000000000, 2000000000, now_us);
	CU_ASSERT(conn()->srtt_us <= settings.rto_max_us);
	CU_ASSERT_EQUAL(tx_all(), 1);
	pass_us(900 * MS);
	CU_ASSERT_EQUAL(tx_all(), 0);
	pass_us(100 * MS);
	CU_ASSERT_EQUAL(tx_all(), 1);
	finish_open();
}

static void
paced_bulk_fills_the_link(void)
{
	struct tcp_profile profile = tcp_settings_default.profile;
	struct pipe_plan p = {
		.seed = 1,
		.bytes = { 10000000, 0 },
		.rate_mbps = 100,
		.delay_us = 10000,
		.queue_bytes = 250000,
		.limit_us = 60000000,
		.profile = &profile,
	};

	profile.pacing = true;
	CU_ASSERT_TRUE(pipe_run(&pipe_, &p));
	CU_ASSERT(pipe_utilisation(&pipe_, 0) > 800);
}

CU_TestInfo test_pacing[] = {
	{ "unpaced_window_leaves_at_once", unpaced_window_leaves_at_once },
	{ "paced_window_is_spread_over_the_round_trip",
	  paced_window_is_spread_over_the_round_trip },
	{ "paced_slow_start_is_faster", paced_slow_start_is_faster },
	{ "paced_after_a_pause_bursts_little", paced_after_a_pause_bursts_little },
	{ "paced_after_a_jump_of_the_clock_goes_on", paced_after_a_jump_of_the_clock_goes_on },
	{ "paced_bulk_fills_the_link", paced_bulk_fills_the_link },
	CU_TEST_INFO_NULL,
};
