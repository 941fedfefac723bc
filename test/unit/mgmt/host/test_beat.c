/*
 * Who must beat, in virtual time.
 */
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/host/beat.h"
#include "test/unit/unit.h"

#define S UINT64_C(1000000)

static struct beat beat;
static char why[128];

static struct stats *
stats_of(uint32_t workers, uint64_t incarnation)
{
	struct stats *stats = aligned_alloc(4096, sizeof *stats);

	ASSERT(stats);
	memset(stats, 0, sizeof *stats);
	stats->workers = workers;
	stats->incarnation = incarnation;
	return stats;
}

static bool
fine(uint64_t at_s)
{
	return beat_is_fine(&beat, at_s * S, why, sizeof why);
}

static void
what_never_beat_is_not_waited_for(void)
{
	beat_init(&beat, 30 * S);
	CU_ASSERT(fine(500));
	beat_see(&beat, true, NULL, 500 * S);
	CU_ASSERT(fine(530));
	CU_ASSERT_FALSE(fine(531)); /* mgmtd has beaten once */
	beat_see(&beat, true, NULL, 600 * S);
	CU_ASSERT(fine(600));
}

static void
data_plane_that_is_gone_is_no_start_that_failed(void)
{
	struct stats *stats = stats_of(1, 1);

	beat_init(&beat, 30 * S);
	beat_see(&beat, true, stats, 1 * S);
	for (uint64_t s = 2; s <= 32; s++)
		beat_see(&beat, true, NULL, s * S);
	CU_ASSERT_FALSE(fine(32));
	free(stats);
}

static void
all_that_beat_are_fine(void)
{
	struct stats *stats = stats_of(2, 1);

	beat_init(&beat, 30 * S);
	for (uint64_t s = 2; s < 200; s += 2) {
		stats->worker[0].counter[COUNTER_turns] += 1;
		stats->worker[1].counter[COUNTER_turns] += 1000;
		beat_see(&beat, true, stats, s * S);
		CU_ASSERT(fine(s + 2));
	}
	free(stats);
}

static void
one_worker_that_hangs_is_named(void)
{
	struct stats *stats = stats_of(2, 1);

	beat_init(&beat, 30 * S);
	for (uint64_t s = 2; s <= 34; s += 2) {
		stats->worker[0].counter[COUNTER_turns] += 1;
		beat_see(&beat, true, stats, s * S);
		CU_ASSERT_EQUAL(fine(s), s <= 32);
	}
	CU_ASSERT_STRING_EQUAL(why, "worker 1 has made no turn for 32 s");
	stats->worker[1].counter[COUNTER_turns]++;
	beat_see(&beat, true, stats, 36 * S);
	CU_ASSERT(fine(36));
	free(stats);
}

static void
management_that_does_not_answer_is_named(void)
{
	struct stats *stats = stats_of(1, 1);

	beat_init(&beat, 30 * S);
	for (uint64_t s = 1; s <= 31; s++) {
		stats->worker[0].counter[COUNTER_turns] += 1;
		beat_see(&beat, s == 1, stats, s * S);
	}
	CU_ASSERT(fine(31));
	CU_ASSERT_FALSE(fine(32));
	CU_ASSERT_STRING_EQUAL(why, "mgmtd has not answered for 31 s");
	free(stats);
}

static void
a_restarted_data_plane_is_a_beat(void)
{
	struct stats *stats = stats_of(1, 1);

	beat_init(&beat, 30 * S);
	stats->worker[0].counter[COUNTER_turns] = 7;
	beat_see(&beat, true, stats, 1 * S);
	beat_see(&beat, true, NULL, 20 * S);
	stats->incarnation = 2; /* with as many turns as the dead one had, by chance */
	beat_see(&beat, true, stats, 30 * S);
	CU_ASSERT(fine(60 - 1));
	CU_ASSERT_FALSE(beat_is_fine(&beat, 61 * S, why, sizeof why));
	free(stats);
}

static void
stats_that_can_not_be_are_no_beat(void)
{
	struct stats *stats = stats_of(1, 1);

	beat_init(&beat, 30 * S);
	beat_see(&beat, true, stats, 1 * S);
	stats->worker[0].counter[COUNTER_turns]++;
	stats->workers = LIMIT_WORKERS + 1;
	beat_see(&beat, true, stats, 20 * S);
	stats->workers = 0;
	beat_see(&beat, true, stats, 31 * S);
	CU_ASSERT(fine(31));
	CU_ASSERT_FALSE(fine(32));
	free(stats);
}

CU_TestInfo test_beat[] = {
	{ "beat_what_never_beat_is_not_waited_for", what_never_beat_is_not_waited_for },
	{ "beat_data_plane_that_is_gone_is_no_start_that_failed",
	  data_plane_that_is_gone_is_no_start_that_failed },
	{ "beat_all_that_beat_are_fine", all_that_beat_are_fine },
	{ "beat_one_worker_that_hangs_is_named", one_worker_that_hangs_is_named },
	{ "beat_management_that_does_not_answer_is_named",
	  management_that_does_not_answer_is_named },
	{ "beat_a_restarted_data_plane_is_a_beat", a_restarted_data_plane_is_a_beat },
	{ "beat_stats_that_can_not_be_are_no_beat", stats_that_can_not_be_are_no_beat },
	CU_TEST_INFO_NULL,
};
