/* Publishing against a data plane that takes, refuses, is silent, or is not there. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fw/abi/stats.h"
#include "fw/base/assert.h"
#include "mgmt/push/ask.h"
#include "mgmt/push/history.h"
#include "mgmt/push/publish.h"
#include "mgmt/push/view.h"
#include "test/unit/mgmt/push/fixture.h"
#include "test/unit/unit.h"

#define TIMEOUT_MS 200
#define TEXT(weight)                                                                               \
	"version = 1; ports = ( { name = \"p\"; addresses = [ \"10.0.0.1/8\" ]; } );"              \
	"pools = ( { name = \"web\"; members = ( { address = \"10.0.1.1\"; port = 80; weight "     \
	"= " #weight "; } ); } );"

static char said[PUBLISH_TEXT_BYTES];

static enum err
publish_text(struct publisher *publisher, const char *text)
{
	struct model model = fixture_model(text);
	enum err err = publish(publisher, &model, 1, said);

	model_free(&model);
	return err;
}

static const char *
open_in_new_dir(struct publisher *publisher)
{
	const char *dir = fixture_run_dir();

	CU_ASSERT_EQUAL_FATAL(publish_open(publisher, dir, TIMEOUT_MS), ERR_ok);
	return dir;
}

/* The weight of the one member of the generation that current names. */
static uint32_t
current_weight(const char *dir)
{
	const struct generation *gen;
	struct file_map map;
	uint32_t weight = 0;

	if (view_generation(dir, &map, &gen) == ERR_ok)
		weight = generation_members(gen)[0].weight;
	files_unmap(&map);
	return weight;
}

static void
without_data_plane_the_file_waits_for_it(void)
{
	struct publisher publisher;
	const char *dir = open_in_new_dir(&publisher);

	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(1)), ERR_ok);
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "loads it when it starts"));
	CU_ASSERT_EQUAL(fixture_current(dir), 1);
	CU_ASSERT_EQUAL(current_weight(dir), 1);
	fixture_remove(dir);
}

static void
data_plane_is_asked_before_current_moves(void)
{
	struct publisher publisher;
	const char *dir = open_in_new_dir(&publisher);
	struct fake fake;

	fake_start(&fake, dir, FAKE_OK);
	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(1)), ERR_ok);
	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(2)), ERR_ok);
	fake_stop(&fake);
	CU_ASSERT_EQUAL(fake.requests, 2);
	CU_ASSERT_EQUAL(fake.adopted, 2);
	CU_ASSERT_TRUE(fake.file_was_there);
	CU_ASSERT_EQUAL(fake.current_was, 1);
	CU_ASSERT_EQUAL(fixture_current(dir), 2);
	CU_ASSERT_STRING_EQUAL(said, "generation 2 runs");
	fixture_remove(dir);
}

static void
same_configuration_is_not_published_again(void)
{
	struct publisher publisher;
	const char *dir = open_in_new_dir(&publisher);
	struct fake fake;

	fake_start(&fake, dir, FAKE_OK);
	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(1)), ERR_ok);
	CU_ASSERT_EQUAL_FATAL(publish_open(&publisher, dir, TIMEOUT_MS),
			      ERR_ok); /* a restarted mgmtd */
	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(1)), ERR_ok);
	fake_stop(&fake);
	CU_ASSERT_EQUAL(fake.requests, 1);
	CU_ASSERT_STRING_EQUAL(said, "unchanged: generation 1 is the same configuration");
	fixture_remove(dir);
}

/* mgmtd was killed between the data plane's answer and the renaming of current. */
static void
same_configuration_is_published_again_if_another_runs(void)
{
	struct publisher publisher;
	const char *dir = open_in_new_dir(&publisher);
	struct fake fake;

	fake_start(&fake, dir, FAKE_OK);
	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(1)), ERR_ok);
	fixture_write_stats(dir, (uint32_t)getpid(), 2);
	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(1)), ERR_ok);
	fake_stop(&fake);
	CU_ASSERT_EQUAL(fake.adopted, 3); /* never the number that runs */
	CU_ASSERT_EQUAL(fixture_current(dir), 3);
	fixture_remove(dir);
}

/* It could not use the generation when it started, and is asked again by a restarted mgmtd. */
static void
data_plane_that_runs_nothing_is_asked_again(void)
{
	struct publisher publisher;
	const char *dir = open_in_new_dir(&publisher);
	struct fake fake;

	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(1)), ERR_ok);
	fixture_write_stats(dir, (uint32_t)getpid(), 0);
	fake_start(&fake, dir, FAKE_REFUSE);
	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(1)), ERR_no_port);
	fake_stop(&fake);
	CU_ASSERT_EQUAL(fake.adopted, 1);
	CU_ASSERT_EQUAL(fixture_current(dir), 1);
	fake_start(&fake, dir, FAKE_OK);
	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(1)), ERR_ok);
	fake_stop(&fake);
	CU_ASSERT_EQUAL(fake.adopted, 1);
	fixture_remove(dir);
}

static void
stats_of_a_dead_data_plane_are_not_believed(void)
{
	struct publisher publisher;
	const char *dir = open_in_new_dir(&publisher);
	pid_t gone = fork();

	if (gone == 0)
		_exit(0);
	ASSERT(waitpid(gone, NULL, 0) == gone);
	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(1)), ERR_ok);
	fixture_write_stats(dir, (uint32_t)gone, 77);
	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(1)), ERR_ok);
	CU_ASSERT_STRING_EQUAL(said, "unchanged: generation 1 is the same configuration");
	fixture_remove(dir);
}

static void
refusal_keeps_the_old_one_and_says_why(void)
{
	struct publisher publisher;
	const char *dir = open_in_new_dir(&publisher);
	struct fake fake;

	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(1)), ERR_ok);
	fake_start(&fake, dir, FAKE_REFUSE);
	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(2)), ERR_no_port);
	fake_stop(&fake);
	CU_ASSERT_STRING_EQUAL(said, "the data plane refused it: port p7 does not exist");
	CU_ASSERT_EQUAL(fixture_current(dir), 1);
	CU_ASSERT_EQUAL(current_weight(dir), 1);
	CU_ASSERT_FALSE(fixture_exists(dir, "config/2"));
	fixture_remove(dir);
}

static void
silence_ends_after_the_time_limit_and_keeps_the_old_one(void)
{
	struct publisher publisher;
	const char *dir = open_in_new_dir(&publisher);
	struct fake fake;

	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(1)), ERR_ok);
	fake_start(&fake, dir, FAKE_SILENT);
	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(2)), ERR_busy);
	fake_stop(&fake);
	CU_ASSERT_STRING_EQUAL(said, "the data plane did not answer within 200 ms");
	CU_ASSERT_EQUAL(fixture_current(dir), 1);
	CU_ASSERT_TRUE(fixture_exists(dir, "config/2")); /* it may yet be adopted */
	fake_start(&fake, dir, FAKE_OK);
	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(2)), ERR_ok);
	fake_stop(&fake);
	CU_ASSERT_EQUAL(fixture_current(dir), 3);
	CU_ASSERT_FALSE(fixture_exists(dir, "config/2"));
	fixture_remove(dir);
}

static void
broken_answers_keep_the_old_one(void)
{
	static const struct {
		enum fake_answer answer;
		enum err err;
	} rows[] = { { FAKE_HANG_UP, ERR_closed },
		     { FAKE_CUT, ERR_corrupt },
		     { FAKE_OLD, ERR_version },
		     { FAKE_COUNT_LIES, ERR_corrupt } };
	struct publisher publisher;
	const char *dir = open_in_new_dir(&publisher);
	struct fake fake;

	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(1)), ERR_ok);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fake_start(&fake, dir, rows[i].answer);
		CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(2)), rows[i].err);
		fake_stop(&fake);
		CU_ASSERT_EQUAL(fixture_current(dir), 1);
	}
	fixture_remove(dir);
}

static void
files_of_the_history_are_kept_older_ones_go(void)
{
	struct publisher publisher;
	const char *dir = open_in_new_dir(&publisher);
	struct history history;
	char name[32];

	for (unsigned i = 0; i < HISTORY_MAX + 2; i++)
		CU_ASSERT_EQUAL(publish_text(&publisher, i % 2 ? TEXT(2) : TEXT(1)), ERR_ok);
	for (unsigned number = 1; number <= HISTORY_MAX + 2; number++) {
		snprintf(name, sizeof name, "config/%u", number);
		CU_ASSERT_EQUAL(fixture_exists(dir, name), number > 2);
	}
	CU_ASSERT_EQUAL(fixture_current(dir), HISTORY_MAX + 2);
	history_read(dir, &history);
	CU_ASSERT_EQUAL(history.count, HISTORY_MAX);
	CU_ASSERT_EQUAL(history.entry[0].number, 3);
	CU_ASSERT_EQUAL(history.entry[HISTORY_MAX - 1].number, HISTORY_MAX + 2);
	CU_ASSERT_STRING_EQUAL(history.entry[0].origin, "commit");
	fixture_remove(dir);
}

static void
damaged_current_is_replaced(void)
{
	struct publisher publisher;
	const char *dir = open_in_new_dir(&publisher);
	char path[FILES_PATH_MAX];

	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(1)), ERR_ok);
	ASSERT(files_path(path, dir, "config/1"));
	CU_ASSERT_EQUAL(truncate(path, 100), 0);
	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(1)), ERR_ok);
	CU_ASSERT_EQUAL(fixture_current(dir), 2);
	CU_ASSERT_EQUAL(current_weight(dir), 1);
	fixture_remove(dir);
}

static void
make_dir(const char *dir, const char *name)
{
	char path[FILES_PATH_MAX];

	ASSERT(files_path(path, dir, name) && mkdir(path, 0755) == 0);
}

static void
what_stands_in_the_way_is_said(void)
{
	struct publisher publisher;
	const char *dir = open_in_new_dir(&publisher);

	make_dir(dir, "config/1.tmp");
	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(1)), ERR_io);
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "can't write"));
	make_dir(dir, "config/current");
	make_dir(dir, "config/current/full");
	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(1)), ERR_io);
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "can't rename config/current"));
	CU_ASSERT_FALSE(fixture_exists(dir, "config/2"));
	fixture_remove(dir);
}

static void
current_that_names_no_number_is_replaced(void)
{
	struct publisher publisher;
	const char *dir = open_in_new_dir(&publisher);
	char path[FILES_PATH_MAX];

	ASSERT(files_path(path, dir, FILES_CONFIG_CURRENT) && symlink("../elsewhere", path) == 0);
	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(1)), ERR_ok);
	CU_ASSERT_EQUAL(fixture_current(dir), 1);
	fixture_remove(dir);
}

/*
 * Killed at many moments, a publisher leaves a generation that is whole, the one before or the
 * new one.
 */
static void
kill_at_any_moment_leaves_a_whole_generation(void)
{
	struct publisher publisher;
	const char *dir = open_in_new_dir(&publisher);

	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(1)), ERR_ok);
	for (unsigned delay_us = 0; delay_us < 6000; delay_us += 150) {
		pid_t child = fork();

		if (child == 0) {
			for (;;) {
				(void)!publish_text(&publisher, TEXT(1));
				(void)!publish_text(&publisher, TEXT(2));
			}
		}
		usleep(delay_us);
		kill(child, SIGKILL);
		ASSERT(waitpid(child, NULL, 0) == child);
		CU_ASSERT(current_weight(dir) == 1 || current_weight(dir) == 2);
		CU_ASSERT_EQUAL_FATAL(publish_open(&publisher, dir, TIMEOUT_MS), ERR_ok);
	}
	CU_ASSERT_EQUAL(publish_text(&publisher, TEXT(3)), ERR_ok);
	CU_ASSERT_EQUAL(current_weight(dir), 3);
	fixture_remove(dir);
}

static void
unusable_run_dir_is_an_error(void)
{
	struct publisher publisher;
	char longer[FILES_PATH_MAX];

	memset(longer, 'a', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	CU_ASSERT_EQUAL(publish_open(&publisher, longer, TIMEOUT_MS), ERR_too_long);
	CU_ASSERT_EQUAL(publish_open(&publisher, "/proc/no/such/place", TIMEOUT_MS), ERR_io);
}

static void
stats_of_another_build_are_told_from_damage(void)
{
	const char *dir = fixture_run_dir();
	const struct stats *stats;
	struct file_map map;
	char path[FILES_PATH_MAX];
	uint64_t head[2] = { STATS_MAGIC, 1 };

	ASSERT(files_path(path, dir, FILES_STATS));
	CU_ASSERT_EQUAL(view_stats(dir, &map, &stats), ERR_not_found);
	CU_ASSERT_EQUAL(files_write_atomic(path, head, sizeof head), ERR_ok);
	CU_ASSERT_EQUAL(view_stats(dir, &map, &stats), ERR_version);
	CU_ASSERT_PTR_NULL(stats);
	CU_ASSERT_EQUAL(files_write_atomic(path, "no stats", 8), ERR_ok);
	CU_ASSERT_EQUAL(view_stats(dir, &map, &stats), ERR_corrupt);
	head[1] = stats_layout_hash();
	CU_ASSERT_EQUAL(files_write_atomic(path, head, sizeof head),
			ERR_ok); /* right layout, but cut */
	CU_ASSERT_EQUAL(view_stats(dir, &map, &stats), ERR_version);
	fixture_remove(dir);
}

CU_TestInfo test_publish[] = {
	{ "publish_without_data_plane_the_file_waits_for_it",
	  without_data_plane_the_file_waits_for_it },
	{ "publish_data_plane_is_asked_before_current_moves",
	  data_plane_is_asked_before_current_moves },
	{ "publish_same_configuration_is_not_published_again",
	  same_configuration_is_not_published_again },
	{ "publish_same_configuration_is_published_again_if_another_runs",
	  same_configuration_is_published_again_if_another_runs },
	{ "publish_data_plane_that_runs_nothing_is_asked_again",
	  data_plane_that_runs_nothing_is_asked_again },
	{ "publish_stats_of_a_dead_data_plane_are_not_believed",
	  stats_of_a_dead_data_plane_are_not_believed },
	{ "publish_refusal_keeps_the_old_one_and_says_why",
	  refusal_keeps_the_old_one_and_says_why },
	{ "publish_silence_ends_after_the_time_limit_and_keeps_the_old_one",
	  silence_ends_after_the_time_limit_and_keeps_the_old_one },
	{ "publish_broken_answers_keep_the_old_one", broken_answers_keep_the_old_one },
	{ "publish_files_of_the_history_are_kept_older_ones_go",
	  files_of_the_history_are_kept_older_ones_go },
	{ "publish_damaged_current_is_replaced", damaged_current_is_replaced },
	{ "publish_what_stands_in_the_way_is_said", what_stands_in_the_way_is_said },
	{ "publish_current_that_names_no_number_is_replaced",
	  current_that_names_no_number_is_replaced },
	{ "publish_kill_at_any_moment_leaves_a_whole_generation",
	  kill_at_any_moment_leaves_a_whole_generation },
	{ "publish_unusable_run_dir_is_an_error", unusable_run_dir_is_an_error },
	{ "view_stats_of_another_build_are_told_from_damage",
	  stats_of_another_build_are_told_from_damage },
	CU_TEST_INFO_NULL,
};
