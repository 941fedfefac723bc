/*
 * The state machine of a probed target: every sequence of results against a model that looks at the whole history.
 */
#include "dataplane/health/health.h"
#include "test/unit/unit.h"

#define LENGTH 8u

static const enum health_cause kinds[] = { HEALTH_CAUSE_ok, HEALTH_CAUSE_refused,
					   HEALTH_CAUSE_resources };

/* How many of the results up to and with the last are of this cause in a row; those of resources don't count. */
static uint32_t
run_of(enum health_cause cause, const enum health_cause *results, uint32_t count)
{
	uint32_t run = 0;

	for (uint32_t i = 0; i < count; i++) {
		if (results[i] == cause)
			run++;
		else if (results[i] != HEALTH_CAUSE_resources)
			run = 0;
	}
	return run;
}

static enum health_state
model(enum health_state state, const struct gen_monitor *monitor, const enum health_cause *results,
      uint32_t count)
{
	uint32_t successes = run_of(HEALTH_CAUSE_ok, results, count);
	uint32_t failures = run_of(HEALTH_CAUSE_refused, results, count);

	if (state == HEALTH_UNKNOWN && successes == 1)
		return HEALTH_UP;
	if (state == HEALTH_DOWN && successes >= monitor->rise)
		return HEALTH_UP;
	if (state != HEALTH_DOWN && failures >= monitor->fall)
		return HEALTH_DOWN;
	return state;
}

static void
run_sequence(uint32_t sequence, const struct gen_monitor *monitor)
{
	struct health_entry entry = { 0 };
	enum health_cause results[LENGTH];
	enum health_state state = HEALTH_UNKNOWN;
	uint64_t transitions = 0, changed_unix_us = 0;

	for (uint32_t i = 0; i < LENGTH; i++, sequence /= 3) {
		enum health_state before = state;

		results[i] = kinds[sequence % 3];
		if (results[i] != HEALTH_CAUSE_resources)
			state = model(state, monitor, results, i + 1);
		if (state != before) {
			transitions++;
			changed_unix_us = 1000 + i;
		}
		CU_ASSERT_EQUAL(health_result(&entry, monitor, results[i], 1000 + i),
				state != before);
		CU_ASSERT_EQUAL(entry.state, state);
		CU_ASSERT_EQUAL(entry.cause, results[i]);
		CU_ASSERT_EQUAL(entry.probes, i + 1);
		CU_ASSERT_EQUAL(entry.probed_unix_us, 1000 + i);
		CU_ASSERT_EQUAL(entry.transitions, transitions);
		CU_ASSERT_EQUAL(entry.changed_unix_us, changed_unix_us);
		CU_ASSERT_EQUAL(entry.successes, run_of(HEALTH_CAUSE_ok, results, i + 1));
		CU_ASSERT_EQUAL(entry.failures, run_of(HEALTH_CAUSE_refused, results, i + 1));
	}
}

static void
every_sequence_is_as_the_model(void)
{
	uint32_t sequences = 1;

	for (uint32_t i = 0; i < LENGTH; i++)
		sequences *= 3;
	for (uint32_t rise = 1; rise <= 4; rise++)
		for (uint32_t fall = 1; fall <= 4; fall++) {
			struct gen_monitor monitor = { .rise = rise, .fall = fall };

			for (uint32_t sequence = 0; sequence < sequences; sequence++)
				run_sequence(sequence, &monitor);
		}
}

static void
each_failure_counts_as_one(void)
{
	struct gen_monitor monitor = { .rise = 1, .fall = 1 };

	for (unsigned cause = HEALTH_CAUSE_none + 1; cause < HEALTH_CAUSE_COUNT; cause++) {
		struct health_entry entry = { 0 };

		health_result(&entry, &monitor, (enum health_cause)cause, 1);
		CU_ASSERT_EQUAL(entry.state, cause == HEALTH_CAUSE_ok          ? HEALTH_UP
					     : cause == HEALTH_CAUSE_resources ? HEALTH_UNKNOWN
									       : HEALTH_DOWN);
	}
}

static void
different_failures_make_one_row(void)
{
	struct gen_monitor monitor = { .rise = 2, .fall = 3 };
	struct health_entry entry = { .state = HEALTH_UP };

	CU_ASSERT_FALSE(health_result(&entry, &monitor, HEALTH_CAUSE_refused, 1));
	CU_ASSERT_FALSE(health_result(&entry, &monitor, HEALTH_CAUSE_status, 2));
	CU_ASSERT_TRUE(health_result(&entry, &monitor, HEALTH_CAUSE_connect_timeout, 3));
	CU_ASSERT_EQUAL(entry.state, HEALTH_DOWN);
}

static void
counts_stop_at_their_end(void)
{
	struct gen_monitor monitor = { .rise = 2, .fall = 3 };
	struct health_entry entry = { .state = HEALTH_UP, .successes = UINT32_MAX };

	CU_ASSERT_FALSE(health_result(&entry, &monitor, HEALTH_CAUSE_ok, 1));
	CU_ASSERT_EQUAL(entry.successes, UINT32_MAX);
	CU_ASSERT_EQUAL(entry.state, HEALTH_UP);
}

static void
connections_failing_in_a_row_take_it_down(void)
{
	for (uint32_t fall = 1; fall <= 4; fall++) {
		for (unsigned state = HEALTH_UNKNOWN; state <= HEALTH_UP; state++) {
			struct health_entry entry = { .state = (uint8_t)state, .successes = 7 };

			for (uint32_t i = 1; i < fall; i++)
				CU_ASSERT_FALSE(health_connection(&entry, fall, false, i));
			CU_ASSERT_FALSE(health_connection(&entry, fall, true, 10));
			for (uint32_t i = 1; i < fall; i++)
				CU_ASSERT_FALSE(health_connection(&entry, fall, false, 10 + i));
			CU_ASSERT_EQUAL(entry.state, state);
			CU_ASSERT_TRUE(health_connection(&entry, fall, false, 20));
			CU_ASSERT_EQUAL(entry.state, HEALTH_DOWN);
			CU_ASSERT_EQUAL(entry.cause, HEALTH_CAUSE_passive);
			CU_ASSERT_EQUAL(entry.changed_unix_us, 20);
			CU_ASSERT_EQUAL(entry.transitions, 1);
			for (uint32_t i = 0; i < 5; i++) /* of sessions that began before */
				CU_ASSERT_FALSE(health_connection(&entry, fall, false, 30));
			CU_ASSERT_EQUAL(entry.transitions, 1);
		}
	}
}

static void
connections_do_not_count_where_nothing_is_said_of_them(void)
{
	struct health_entry entry = { .state = HEALTH_UP };

	for (uint32_t i = 0; i < 100; i++)
		CU_ASSERT_FALSE(health_connection(&entry, 0, false, i));
	CU_ASSERT_EQUAL(entry.state, HEALTH_UP);
	CU_ASSERT_EQUAL(entry.passive_failures, 0);
}

/* Two pools with one monitor share an entry; the failures of one count, those of the other do not. */
static void
connections_that_do_not_count_end_no_row(void)
{
	struct health_entry entry = { .state = HEALTH_UP };

	for (uint32_t i = 0; i < 2; i++) {
		CU_ASSERT_FALSE(health_connection(&entry, 3, false, i));
		CU_ASSERT_FALSE(health_connection(&entry, 0, false, i));
	}
	CU_ASSERT_TRUE(health_connection(&entry, 3, false, 2));
	CU_ASSERT_EQUAL(entry.state, HEALTH_DOWN);
}

/* Successes before do not count, nor do good connections of sessions that began before. */
static void
monitor_brings_it_back_after_failed_connections(void)
{
	struct gen_monitor monitor = { .rise = 3, .fall = 2 };
	struct health_entry entry = { .state = HEALTH_UP };

	for (uint32_t i = 0; i < 10; i++)
		health_result(&entry, &monitor, HEALTH_CAUSE_ok, i);
	CU_ASSERT_TRUE(health_connection(&entry, 1, false, 20));
	CU_ASSERT_FALSE(health_result(&entry, &monitor, HEALTH_CAUSE_ok, 21));
	CU_ASSERT_FALSE(health_connection(&entry, 1, true, 22));
	CU_ASSERT_FALSE(health_result(&entry, &monitor, HEALTH_CAUSE_ok, 23));
	CU_ASSERT_TRUE(health_result(&entry, &monitor, HEALTH_CAUSE_ok, 24));
	CU_ASSERT_EQUAL(entry.state, HEALTH_UP);
	CU_ASSERT_EQUAL(entry.cause, HEALTH_CAUSE_ok);
}

static void
left_alone_it_is_unknown_again(void)
{
	struct health_entry entry = { .state = HEALTH_UNKNOWN };

	CU_ASSERT_TRUE(health_connection(&entry, 1, false, 20));
	health_left_alone(&entry, 30);
	CU_ASSERT_EQUAL(entry.state, HEALTH_UNKNOWN);
	CU_ASSERT_EQUAL(entry.cause, HEALTH_CAUSE_passive_over);
	CU_ASSERT_EQUAL(entry.changed_unix_us, 30);
	CU_ASSERT_EQUAL(entry.transitions, 2);
	CU_ASSERT_EQUAL(entry.passive_failures, 0);
}

static void
enter_none(void *arg)
{
	struct health_entry entry = { 0 };

	health_result(&entry, arg, HEALTH_CAUSE_none, 1);
}

static void
no_result_is_an_assert(void)
{
	struct gen_monitor monitor = { .rise = 1, .fall = 1 };

	CU_ASSERT(unit_asserts(enter_none, &monitor));
}

static void
first_probe_is_spread_but_soon(void)
{
	static const uint32_t intervals_ms[] = { 0, 1, 100, 999, 1000, 1001, 60000 };
	uint64_t now_us = 5000000;

	for (unsigned i = 0; i < 7; i++) {
		struct gen_monitor monitor = { .interval_ms = intervals_ms[i] };
		uint64_t within_us = intervals_ms[i] < 1000 ? intervals_ms[i] * 1000u : 1000000;
		uint64_t earliest = UINT64_MAX, latest = 0;

		for (uint64_t target = 0; target < 1000; target++) {
			uint64_t hash = target * 0x9e3779b97f4a7c15u;
			uint64_t due_us = health_first_probe_us(&monitor, hash, now_us);

			CU_ASSERT_EQUAL(due_us, health_first_probe_us(&monitor, hash, now_us));
			earliest = due_us < earliest ? due_us : earliest;
			latest = due_us > latest ? due_us : latest;
		}
		CU_ASSERT(earliest >= now_us && earliest <= now_us + within_us / 50);
		CU_ASSERT(latest >= now_us + within_us - within_us / 50 - (within_us > 0));
		CU_ASSERT(latest < now_us + within_us + (within_us == 0));
	}
}

CU_TestInfo test_health[] = {
	{ "health_every_sequence_is_as_the_model", every_sequence_is_as_the_model },
	{ "health_each_failure_counts_as_one", each_failure_counts_as_one },
	{ "health_different_failures_make_one_row", different_failures_make_one_row },
	{ "health_counts_stop_at_their_end", counts_stop_at_their_end },
	{ "health_connections_failing_in_a_row_take_it_down",
	  connections_failing_in_a_row_take_it_down },
	{ "health_connections_do_not_count_where_nothing_is_said_of_them",
	  connections_do_not_count_where_nothing_is_said_of_them },
	{ "health_connections_that_do_not_count_end_no_row",
	  connections_that_do_not_count_end_no_row },
	{ "health_monitor_brings_it_back_after_failed_connections",
	  monitor_brings_it_back_after_failed_connections },
	{ "health_left_alone_it_is_unknown_again", left_alone_it_is_unknown_again },
	{ "health_no_result_is_an_assert", no_result_is_an_assert },
	{ "health_first_probe_is_spread_but_soon", first_probe_is_spread_but_soon },
	CU_TEST_INFO_NULL,
};
