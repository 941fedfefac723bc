/* Histograms of durations. */
#include "test/bench/gen/histogram.h"

#include "test/unit/unit.h"

static struct histogram histogram;

static void
histogram_empty_has_no_quantile(void)
{
	histogram_clear(&histogram);
	CU_ASSERT_EQUAL(histogram_quantile_ns(&histogram, 0.5), 0);
}

static void
histogram_one_value_is_every_quantile(void)
{
	for (uint64_t ns = 1; ns < 1ull << 40; ns = ns * 3 + 1) {
		histogram_clear(&histogram);
		histogram_add(&histogram, ns);
		CU_ASSERT_EQUAL(histogram_quantile_ns(&histogram, 0.001), ns);
		CU_ASSERT_EQUAL(histogram_quantile_ns(&histogram, 0.999), ns);
		CU_ASSERT_EQUAL(histogram.max_ns, ns);
	}
}

/* 1 to 100,000, each once, in an order of their own: quantiles are known, and never shown too small. */
static void
histogram_quantile_is_at_most_a_step_too_long(void)
{
	static const double parts[] = { 0.01, 0.5, 0.9, 0.99, 0.999 };

	histogram_clear(&histogram);
	for (uint64_t i = 0; i < 100000; i++)
		histogram_add(&histogram, 1 + i * 7919 % 100000);
	for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++) {
		double exact = parts[i] * 100000,
		       got = (double)histogram_quantile_ns(&histogram, parts[i]);

		CU_ASSERT_TRUE(got >= exact - 0.5);
		CU_ASSERT_TRUE(got <= exact * (1 + 1.0 / HISTOGRAM_STEPS) + 1);
	}
	CU_ASSERT_EQUAL(histogram_quantile_ns(&histogram, 1), 100000);
}

static void
histogram_longest_of_all_is_counted(void)
{
	histogram_clear(&histogram);
	histogram_add(&histogram, UINT64_MAX);
	histogram_add(&histogram, 5);
	CU_ASSERT_EQUAL(histogram.count, 2);
	CU_ASSERT_EQUAL(histogram.max_ns, UINT64_MAX);
	CU_ASSERT_EQUAL(histogram_quantile_ns(&histogram, 0.5), 5);
}

CU_TestInfo test_histogram[] = {
	{ "histogram_empty_has_no_quantile", histogram_empty_has_no_quantile },
	{ "histogram_one_value_is_every_quantile", histogram_one_value_is_every_quantile },
	{ "histogram_quantile_is_at_most_a_step_too_long",
	  histogram_quantile_is_at_most_a_step_too_long },
	{ "histogram_longest_of_all_is_counted", histogram_longest_of_all_is_counted },
	CU_TEST_INFO_NULL,
};
