/* The candidate: edits, comparing, rolling back, committing, and what a load does to it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "fw/base/assert.h"
#include "mgmt/candidate.h"
#include "mgmt/commit.h"
#include "mgmt/model/compare.h"
#include "mgmt/push/history.h"
#include "test/unit/mgmt/push/fixture.h"
#include "test/unit/unit.h"

#define TIMEOUT_MS 200
#define GOOD                                                                                       \
	"version = 1; ports = ( { name = \"p\"; addresses = [ \"10.0.0.1/8\" ]; } );"              \
	"pools = ( { name = \"web\"; members = ( { address = \"10.0.1.1\"; port = 80; } ); } );"

static struct publisher publisher;
static struct candidate candidate;
static char said[REQUEST_TEXT_BYTES], run_dir[64];

static enum err
load(const char *text)
{
	int fd = memfd_create("text", 0);
	enum err err;

	ASSERT(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	err = commit_load(&candidate, fd, "my.conf", "load", said);
	close(fd);
	return err;
}

static void
start(void)
{
	snprintf(run_dir, sizeof run_dir, "%s", fixture_run_dir());
	CU_ASSERT_EQUAL_FATAL(publish_open(&publisher, run_dir, TIMEOUT_MS), ERR_ok);
	candidate_init(&candidate, &publisher, NULL);
	CU_ASSERT_EQUAL_FATAL(load(GOOD), ERR_ok);
}

static void
stop(void)
{
	candidate_free(&candidate);
	fixture_remove(run_dir);
}

static void
edit(const char *line)
{
	CU_ASSERT_EQUAL(candidate_edit(&candidate, line, said), ERR_ok);
	CU_ASSERT_STRING_EQUAL(said, "");
}

static void
expect_changes(const char *expected)
{
	char *got = model_compare(&candidate.running, &candidate.model);

	CU_ASSERT_STRING_EQUAL(got, expected);
	free(got);
}

static bool
said_begins(const char *text)
{
	return strncmp(said, text, strlen(text)) == 0;
}

static void
edits_run_when_they_are_committed(void)
{
	start();
	expect_changes("");
	edit("set pool web method maglev");
	edit("set pool web member 10.0.1.2:80 weight 3");
	expect_changes(
	    "+ set pool web method maglev\n+ set pool web member 10.0.1.2:80 weight 3\n");
	CU_ASSERT_EQUAL(candidate.edits, 2);
	CU_ASSERT_EQUAL(fixture_current(run_dir), 1);
	CU_ASSERT_EQUAL(commit_candidate(&candidate, said), ERR_ok);
	CU_ASSERT_TRUE(said_begins("generation 2 is ready; the data plane is not running"));
	CU_ASSERT_EQUAL(fixture_current(run_dir), 2);
	CU_ASSERT_EQUAL(candidate.running_number, 2);
	CU_ASSERT_EQUAL(candidate.edits, 0);
	expect_changes("");
	CU_ASSERT_EQUAL(commit_candidate(&candidate, said), ERR_ok);
	CU_ASSERT_STRING_EQUAL(said,
			       "nothing to commit: the candidate is generation 2, which runs");
	CU_ASSERT_EQUAL(fixture_current(run_dir), 2);
	stop();
}

static void
refused_edit_says_why_and_counts_for_nothing(void)
{
	start();
	CU_ASSERT_EQUAL(candidate_edit(&candidate, "set pool web weight 3", said), ERR_invalid);
	CU_ASSERT_TRUE(said_begins("pool: no such field: \"weight\"; there are method, monitor"));
	CU_ASSERT_EQUAL(candidate.edits, 0);
	expect_changes("");
	stop();
}

static void
commit_that_names_what_is_not_there_is_refused(void)
{
	start();
	edit("set virtual-server www address 10.0.0.9 port 80 type tcp pool wbe");
	CU_ASSERT_EQUAL(candidate_validate(&candidate, said), ERR_invalid);
	CU_ASSERT_STRING_EQUAL(said,
			       "virtual server \"www\": there is no pool \"wbe\"; must be one "
			       "in the list of pools");
	said[0] = '\0';
	CU_ASSERT_EQUAL(commit_candidate(&candidate, said), ERR_invalid);
	CU_ASSERT_STRING_EQUAL(said,
			       "virtual server \"www\": there is no pool \"wbe\"; must be one "
			       "in the list of pools");
	CU_ASSERT_EQUAL(fixture_current(run_dir), 1);
	CU_ASSERT_EQUAL(candidate.edits, 1);
	edit("set virtual-server www pool web");
	CU_ASSERT_EQUAL(candidate_validate(&candidate, said), ERR_ok);
	CU_ASSERT_STRING_EQUAL(said, "the candidate is good; ports 1, routes 0, monitors 0, tcp "
				     "profiles 0, pools 1, members 1, virtual servers 1");
	CU_ASSERT_EQUAL(commit_candidate(&candidate, said), ERR_ok);
	stop();
}

/* All that name it are said, and it goes once nobody does. */
static void
tcp_profile_that_is_used_is_not_removed(void)
{
	start();
	edit("set tcp-profile wan ecn true");
	edit("set pool web tcp-profile wan");
	edit("set virtual-server www address 10.0.0.9 port 80 type tcp pool web tcp-profile wan");
	CU_ASSERT_EQUAL(commit_candidate(&candidate, said), ERR_ok);
	edit("delete tcp-profile wan");
	CU_ASSERT_EQUAL(commit_candidate(&candidate, said), ERR_invalid);
	CU_ASSERT_STRING_EQUAL(said,
			       "pool \"web\": there is no tcp profile \"wan\"; must be one in the "
			       "list of tcp-profiles\n"
			       "virtual server \"www\": there is no tcp profile \"wan\"; must be "
			       "one in the list of tcp-profiles");
	edit("delete pool web tcp-profile");
	edit("delete virtual-server www tcp-profile");
	CU_ASSERT_EQUAL(commit_candidate(&candidate, said), ERR_ok);
	stop();
}

static void
commit_that_the_data_plane_refuses_changes_nothing(void)
{
	struct history history;
	struct fake fake;

	start();
	edit("set pool web method maglev");
	fake_start(&fake, run_dir, FAKE_REFUSE);
	CU_ASSERT_EQUAL(commit_candidate(&candidate, said), ERR_no_port);
	CU_ASSERT_STRING_EQUAL(said, "the data plane refused it: port p7 does not exist");
	fake_stop(&fake);
	fake_start(&fake, run_dir, FAKE_SILENT);
	CU_ASSERT_EQUAL(commit_candidate(&candidate, said), ERR_busy);
	fake_stop(&fake);
	expect_changes("+ set pool web method maglev\n");
	CU_ASSERT_EQUAL(candidate.running_number, 1);
	history_read(run_dir, &history);
	CU_ASSERT_EQUAL(history.count, 1);
	fake_start(&fake, run_dir, FAKE_OK);
	CU_ASSERT_EQUAL(commit_candidate(&candidate, said), ERR_ok);
	fake_stop(&fake);
	CU_ASSERT_TRUE(said_begins("generation 4 runs; took "));
	CU_ASSERT_PTR_NOT_NULL(strstr(said, " of them the data plane"));
	stop();
}

static void
expect_history(const char *expected)
{
	char got[1024] = "", *text = candidate_history(&candidate), *rest, *at;

	/* Without the times. */
	for (at = strtok_r(text, "\n", &rest); at; at = strtok_r(NULL, "\n", &rest)) {
		unsigned n, number;
		unsigned long long unix_s;
		char origin[32];

		CU_ASSERT_EQUAL_FATAL(sscanf(at, "%u %u %llu %31s", &n, &number, &unix_s, origin),
				      4);
		CU_ASSERT((unsigned long long)time(NULL) - unix_s < 100);
		sprintf(got + strlen(got), "%u %u %s\n", n, number, origin);
	}
	free(text);
	CU_ASSERT_STRING_EQUAL(got, expected);
}

static void
rollback_reaches_what_was_committed_before(void)
{
	start();
	expect_history("0 1 load\n");
	edit("set pool web method maglev");
	CU_ASSERT_EQUAL(commit_candidate(&candidate, said), ERR_ok);
	edit("set pool web method source-hash");
	CU_ASSERT_EQUAL(commit_candidate(&candidate, said), ERR_ok);
	expect_history("0 3 commit\n1 2 commit\n2 1 load\n");

	edit("set pool web passive-fall 7");
	CU_ASSERT_EQUAL(candidate_rollback(&candidate, 0, said), ERR_ok);
	CU_ASSERT_STRING_EQUAL(said, "the candidate is what runs again");
	expect_changes("");
	CU_ASSERT_EQUAL(candidate.edits, 0);

	CU_ASSERT_EQUAL(candidate_rollback(&candidate, 1, said), ERR_ok);
	CU_ASSERT_STRING_EQUAL(said, "the candidate is generation 2; commit makes it run");
	expect_changes("- set pool web method source-hash\n+ set pool web method maglev\n");
	CU_ASSERT_EQUAL(candidate.edits, 1);
	CU_ASSERT_EQUAL(candidate_rollback(&candidate, 3, said), ERR_not_found);
	CU_ASSERT_STRING_EQUAL(said,
			       "there is no configuration 3; the history reaches from 0 to 2");
	expect_changes("- set pool web method source-hash\n+ set pool web method maglev\n");
	CU_ASSERT_EQUAL(candidate_rollback(&candidate, 2, said), ERR_ok);
	expect_changes("- set pool web method source-hash\n");
	CU_ASSERT_EQUAL(commit_candidate(&candidate, said), ERR_ok);
	expect_history("0 4 commit\n1 3 commit\n2 2 commit\n3 1 load\n");
	stop();
}

static void
rollback_to_a_damaged_generation_is_refused(void)
{
	char path[FILES_PATH_MAX];

	start();
	edit("set pool web method maglev");
	CU_ASSERT_EQUAL(commit_candidate(&candidate, said), ERR_ok);
	edit("set pool web method source-hash");
	ASSERT(files_path(path, run_dir, "config/1") && truncate(path, 100) == 0);
	CU_ASSERT_EQUAL(candidate_rollback(&candidate, 1, said), ERR_corrupt);
	CU_ASSERT_STRING_EQUAL(said, "generation 1 is damaged (size); nothing is changed");
	expect_changes("- set pool web method maglev\n+ set pool web method source-hash\n");
	ASSERT(unlink(path) == 0);
	CU_ASSERT_EQUAL(candidate_rollback(&candidate, 1, said), ERR_not_found);
	CU_ASSERT_STRING_EQUAL(said, "generation 1 has no file; nothing is changed");
	stop();
}

static void
damaged_history_reaches_as_far_as_it_can_be_read(void)
{
	static const char text[] = "1 5 load\n2 six commit\n3 7 commit\n";
	struct history history;
	char path[FILES_PATH_MAX];

	start();
	ASSERT(files_path(path, run_dir, "config/history") &&
	       files_write_atomic(path, text, sizeof text - 1) == ERR_ok);
	history_read(run_dir, &history);
	CU_ASSERT_EQUAL(history.count, 1);
	CU_ASSERT_EQUAL(history.entry[0].unix_s, 5);
	edit("set pool web method maglev");
	CU_ASSERT_EQUAL(commit_candidate(&candidate, said), ERR_ok);
	CU_ASSERT_EQUAL(candidate_rollback(&candidate, 1, said), ERR_ok);
	expect_changes("- set pool web method maglev\n");
	stop();
}

static void
load_wins_over_the_candidate_and_says_so(void)
{
	start();
	edit("set pool web method maglev");
	edit("set pool web method source-hash");
	CU_ASSERT_EQUAL(load("version = 1; nonsense = 1;"), ERR_invalid);
	CU_ASSERT_EQUAL(candidate.edits, 2);
	expect_changes("+ set pool web method source-hash\n");
	CU_ASSERT_EQUAL(load(GOOD "routes = ( );"), ERR_ok);
	CU_ASSERT_TRUE(said_begins("my.conf: unchanged: generation 1 is the same configuration"));
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "; 2 uncommitted edits of the candidate are dropped"));
	CU_ASSERT_EQUAL(candidate.edits, 0);
	expect_changes("");
	stop();
}

CU_TestInfo test_candidate[] = {
	{ "candidate_edits_run_when_they_are_committed", edits_run_when_they_are_committed },
	{ "candidate_refused_edit_says_why_and_counts_for_nothing",
	  refused_edit_says_why_and_counts_for_nothing },
	{ "tcp_profile_that_is_used_is_not_removed", tcp_profile_that_is_used_is_not_removed },
	{ "commit_that_names_what_is_not_there_is_refused",
	  commit_that_names_what_is_not_there_is_refused },
	{ "commit_that_the_data_plane_refuses_changes_nothing",
	  commit_that_the_data_plane_refuses_changes_nothing },
	{ "rollback_reaches_what_was_committed_before",
	  rollback_reaches_what_was_committed_before },
	{ "rollback_to_a_damaged_generation_is_refused",
	  rollback_to_a_damaged_generation_is_refused },
	{ "history_damaged_reaches_as_far_as_it_can_be_read",
	  damaged_history_reaches_as_far_as_it_can_be_read },
	{ "load_wins_over_the_candidate_and_says_so", load_wins_over_the_candidate_and_says_so },
	CU_TEST_INFO_NULL,
};
