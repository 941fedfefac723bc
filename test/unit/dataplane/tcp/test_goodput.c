/*
 * How much of a link a single connection gets in spite of random loss: 100 Mbit/s before which a
 * queue of one bandwidth-delay product drops what does not fit, as in the lab's comparison with
 * another stack. Bounds are what the response function of RFC 9438 4.3 promises (a window of about 1.2 /
 * sqrt(loss) segments), less a margin for timeouts.
 *
 * PIPE_GOODPUT=SECONDS prints the whole table, for whoever works on congestion control.
 */
#include <stdio.h>
#include <stdlib.h>

#include "dataplane/tcp/tcp_priv.h"
#include "test/unit/dataplane/tcp/pipe.h"

static struct pipe pipe_;

static unsigned
goodput(uint32_t rtt_ms, uint32_t loss_ppm, uint64_t seed, unsigned seconds,
	const struct tcp_profile *profile)
{
	struct pipe_plan p = {
		.seed = seed,
		.bytes = { UINT64_MAX, 0 },
		.rate_mbps = 100,
		.delay_us = rtt_ms * 500,
		.queue_bytes = rtt_ms * 12500,
		.loss_ppm = loss_ppm,
		.limit_us = seconds * 1000000ull,
		.timed = true,
		.unchecked = true,
		.profile = profile,
	};

	CU_ASSERT_TRUE(pipe_run(&pipe_, &p));
	return pipe_goodput_kbps(&pipe_, 0);
}

static unsigned
median_of_three(uint32_t rtt_ms, uint32_t loss_ppm, unsigned seconds,
		const struct tcp_profile *profile)
{
	unsigned a = goodput(rtt_ms, loss_ppm, 1, seconds, profile);
	unsigned b = goodput(rtt_ms, loss_ppm, 2, seconds, profile);
	unsigned c = goodput(rtt_ms, loss_ppm, 3, seconds, profile);

	return a > b ? (b > c ? b : a > c ? c : a) : (a > c ? a : b > c ? c : b);
}

static void
goodput_table(void)
{
	static const uint32_t losses_ppm[] = { 0, 1000, 10000, 50000 };
	const char *seconds = getenv("PIPE_GOODPUT");

	if (!seconds)
		return;
	for (unsigned i = 0; i < 4; i++)
		for (unsigned rtt_ms = 20; rtt_ms <= 100; rtt_ms += 80) {
			const uint64_t *counter = pipe_.counter[0];
			unsigned kbps =
			    median_of_three(rtt_ms, losses_ppm[i], (unsigned)atoi(seconds),
					    &tcp_settings_default.profile);

			printf(
			    "# %5u ppm %3u ms: %5u kbit/s; last: %llu again, %llu timeouts, %llu "
			    "recoveries, %llu lost\n",
			    losses_ppm[i], rtt_ms, kbps,
			    (unsigned long long)counter[COUNTER_tcp_retransmits],
			    (unsigned long long)counter[COUNTER_tcp_retransmit_timeouts],
			    (unsigned long long)counter[COUNTER_tcp_fast_recoveries],
			    (unsigned long long)pipe_.lost);
		}
}

CU_TestInfo test_goodput[] = {
	{ "goodput_table", goodput_table },
	CU_TEST_INFO_NULL,
};
