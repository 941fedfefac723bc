/*
 * What a restarted mgmtd finds: after a kill between any two steps of a commit, with damaged files,
 * without any; and commits that a disk does not take.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fw/base/assert.h"
#include "mgmt/candidate.h"
#include "mgmt/commit.h"
#include "mgmt/push/history.h"
#include "mgmt/push/view.h"
#include "mgmt/restore.h"
#include "mgmt/store.h"
#include "test/unit/mgmt/push/fixture.h"
#include "test/unit/unit.h"

#define TIMEOUT_MS 200
#define TEXT                                                                                       \
	"version = 1; ports = ( { name = \"p\"; addresses = [ \"10.0.0.1/8\" ]; } );"              \
	"pools = ( { name = \"web\"; members = ( { address = \"10.0.1.1\"; port = 80; weight "     \
	"= %u; } ); } );"

/* mgmtd but for its socket. */
struct box {
	char run_dir[64], store_dir[96], config[80];
	struct publisher publisher;
	struct candidate candidate;
	char said[REQUEST_TEXT_BYTES];
};

static void
write_text(const char *path, unsigned weight)
{
	char text[512];

	snprintf(text, sizeof text, TEXT, weight);
	ASSERT(files_write_atomic(path, text, strlen(text)) == ERR_ok);
}

/* A new box whose file says weight 9. */
static void
make(struct box *box)
{
	snprintf(box->run_dir, sizeof box->run_dir, "%s", fixture_run_dir());
	snprintf(box->store_dir, sizeof box->store_dir, "%s/store", box->run_dir);
	snprintf(box->config, sizeof box->config, "%s/conf", box->run_dir);
	write_text(box->config, 9);
}

/* Starts mgmtd: true if it found something to run. */
static bool
start(struct box *box)
{
	CU_ASSERT_EQUAL_FATAL(publish_open(&box->publisher, box->run_dir, TIMEOUT_MS), ERR_ok);
	candidate_init(&box->candidate, &box->publisher, box->store_dir);
	return restore(&box->candidate, box->config);
}

static void
stop(struct box *box)
{
	candidate_free(&box->candidate);
}

static enum err
commit(struct box *box, unsigned weight)
{
	char line[80];

	snprintf(line, sizeof line, "set pool web member 10.0.1.1:80 weight %u", weight);
	CU_ASSERT_EQUAL(candidate_edit(&box->candidate, line, box->said), ERR_ok);
	return commit_candidate(&box->candidate, box->said);
}

static uint32_t
running_weight(const struct box *box)
{
	return box->candidate.running.member_count ? box->candidate.running.members[0].weight : 0;
}

/* What config/current says; 0: nothing that is whole. */
static uint32_t
current_weight(const struct box *box)
{
	const struct generation *gen;
	struct file_map map;
	uint32_t weight = 0;

	if (view_generation(box->run_dir, &map, &gen) == ERR_ok)
		weight = generation_members(gen)[0].weight;
	files_unmap(&map);
	return weight;
}

/* Everything that says what runs says the same. */
static void
expect_consistent(const struct box *box, uint32_t weight)
{
	char *text = model_save(&box->candidate.running);
	struct history history;

	CU_ASSERT_EQUAL(running_weight(box), weight);
	CU_ASSERT_EQUAL(box->candidate.model.members[0].weight, weight);
	CU_ASSERT_EQUAL(box->candidate.edits, 0);
	CU_ASSERT_EQUAL(current_weight(box), weight);
	CU_ASSERT_EQUAL(fixture_current(box->run_dir), box->candidate.running_number);
	CU_ASSERT_TRUE(store_has(box->store_dir, text));
	history_read(box->run_dir, &history);
	CU_ASSERT_EQUAL_FATAL(history.count > 0, true);
	CU_ASSERT_EQUAL(history.entry[history.count - 1].number, box->candidate.running_number);
	free(text);
}

static enum publish_step die_at;

static void
die(enum publish_step done)
{
	if (done == die_at)
		raise(SIGKILL);
}

static void
commit_in_a_child_that_dies(struct box *box, unsigned weight, enum publish_step step)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		die_at = step;
		box->publisher.step = die;
		(void)!commit(box, weight);
		_exit(0);
	}
	ASSERT(waitpid(child, &status, 0) == child);
	CU_ASSERT_TRUE(WIFSIGNALED(status));
}

static void
kill_between_steps(enum publish_step step, bool with_dataplane)
{
	bool new_runs = step >= (with_dataplane ? PUBLISH_ADOPTED : PUBLISH_LINKED);
	uint32_t weight = new_runs ? 2 : 1;
	uint64_t requests;
	struct fake fake;
	struct box box;

	make(&box);
	write_text(box.config, 1);
	if (with_dataplane) {
		fake_start(&fake, box.run_dir, FAKE_OK);
		fake_runs(&fake, 0);
	}
	CU_ASSERT_TRUE(start(&box));
	expect_consistent(&box, 1);
	write_text(box.config, 9); /* must not come back */
	commit_in_a_child_that_dies(&box, 2, step);
	stop(&box);
	CU_ASSERT(current_weight(&box) == 1 || current_weight(&box) == 2);

	requests = with_dataplane ? fake.requests : 0;
	CU_ASSERT_TRUE(start(&box));
	expect_consistent(&box, weight);
	CU_ASSERT_EQUAL(box.candidate.running_number, new_runs ? 2 : 1);
	if (with_dataplane) {
		CU_ASSERT_EQUAL(fake.requests, requests);
		CU_ASSERT_EQUAL(fake.adopted, new_runs ? 2 : 1);
	}
	CU_ASSERT_EQUAL(commit(&box, 3), ERR_ok);
	expect_consistent(&box, 3);
	CU_ASSERT_EQUAL(candidate_rollback(&box.candidate, 1, box.said), ERR_ok);
	CU_ASSERT_EQUAL(box.candidate.model.members[0].weight, weight);
	if (with_dataplane)
		fake_stop(&fake);
	stop(&box);
	fixture_remove(box.run_dir);
}

static void
kill_between_any_two_steps_leaves_the_old_or_the_new_one(void)
{
	for (enum publish_step step = 0; step < PUBLISH_STEP_COUNT; step++) {
		kill_between_steps(step, false);
		kill_between_steps(step, true);
	}
}

/* The data plane adopted it, but mgmtd died, and both are gone: a data plane starts with current. */
static void
kill_of_both_leaves_what_current_names(void)
{
	struct fake fake;
	struct box box;

	make(&box);
	fake_start(&fake, box.run_dir, FAKE_OK);
	fake_runs(&fake, 0);
	CU_ASSERT_TRUE(start(&box));
	commit_in_a_child_that_dies(&box, 2, PUBLISH_ADOPTED);
	stop(&box);
	((struct stats *)fake.stats.base)->generation = fixture_current(box.run_dir);
	CU_ASSERT_TRUE(start(&box));
	expect_consistent(&box, 9);
	CU_ASSERT_EQUAL(commit(&box, 3), ERR_ok);
	expect_consistent(&box, 3);
	CU_ASSERT_EQUAL(box.candidate.running_number, 3); /* never a number that was used */
	fake_stop(&fake);
	stop(&box);
	fixture_remove(box.run_dir);
}

/* Later than mgmtd waits; edits that were made meanwhile stay. */
static void
late_adoption_is_followed(void)
{
	struct fake fake;
	struct box box;
	char *stored;

	make(&box);
	fake_start(&fake, box.run_dir, FAKE_OK);
	fake_runs(&fake, 0);
	CU_ASSERT_TRUE(start(&box));
	fake.answer = FAKE_SILENT;
	CU_ASSERT_EQUAL(commit(&box, 2), ERR_busy);
	CU_ASSERT_STRING_EQUAL(box.said, "the data plane did not answer within 200 ms; it may run "
					 "it yet, show generations tells");
	CU_ASSERT_EQUAL(running_weight(&box), 9);
	restore_follow(&box.candidate);
	CU_ASSERT_EQUAL(running_weight(&box), 9);
	((struct stats *)fake.stats.base)->generation = 2;
	restore_follow(&box.candidate);
	CU_ASSERT_EQUAL(running_weight(&box), 2);
	CU_ASSERT_EQUAL(box.candidate.running_number, 2);
	CU_ASSERT_EQUAL(box.candidate.edits, 1);
	CU_ASSERT_EQUAL(fixture_current(box.run_dir), 2);
	stored = model_save(&box.candidate.running);
	CU_ASSERT_TRUE(store_has(box.store_dir, stored));
	free(stored);
	fake.answer = FAKE_OK;
	CU_ASSERT_EQUAL(commit_candidate(&box.candidate, box.said), ERR_ok);
	CU_ASSERT_STRING_EQUAL(box.said,
			       "nothing to commit: the candidate is generation 2, which runs");
	expect_consistent(&box, 2);
	fake_stop(&fake);
	stop(&box);
	fixture_remove(box.run_dir);
}

/* It restarted and could not use the newest one: what mgmtd committed is not what runs. */
static void
data_plane_that_fell_back_is_no_reason_to_commit_nothing(void)
{
	struct fake fake;
	struct box box;

	make(&box);
	fake_start(&fake, box.run_dir, FAKE_OK);
	fake_runs(&fake, 0);
	CU_ASSERT_TRUE(start(&box));
	CU_ASSERT_EQUAL(commit(&box, 2), ERR_ok);
	CU_ASSERT_EQUAL(fake.adopted, 2);
	((struct stats *)fake.stats.base)->generation = 1;
	CU_ASSERT_EQUAL(commit_candidate(&box.candidate, box.said), ERR_ok);
	CU_ASSERT_EQUAL(fake.adopted, 3);
	expect_consistent(&box, 2);
	fake_stop(&fake);
	stop(&box);
	fixture_remove(box.run_dir);
}

static void
path_of(const struct box *box, const char *name, char out[FILES_PATH_MAX])
{
	ASSERT(files_path(out, box->run_dir, name));
}

static void
flip(const char *path, off_t at)
{
	FILE *file = fopen(path, "r+");
	int byte;

	ASSERT(file && fseek(file, at, SEEK_SET) == 0);
	byte = fgetc(file);
	ASSERT(fseek(file, at, SEEK_SET) == 0);
	fputc(byte ^ 0x55, file);
	fclose(file);
}

/* Each 16th byte of it, so each field and each array. */
static void
damage_anywhere_brings_the_stored_text(void)
{
	char path[FILES_PATH_MAX];
	struct stat st;
	struct box box;

	make(&box);
	CU_ASSERT_TRUE(start(&box));
	path_of(&box, "config/1", path);
	ASSERT(stat(path, &st) == 0);
	for (off_t at = 0; at < st.st_size; at += 16) {
		char name[32];

		write_text(box.config, 1); /* the stored text says 9 */
		snprintf(name, sizeof name, "config/%llu",
			 (unsigned long long)box.candidate.running_number);
		path_of(&box, name, path);
		stop(&box);
		flip(path, at);
		CU_ASSERT_TRUE(start(&box));
		expect_consistent(&box, 9);
	}
	CU_ASSERT(box.candidate.running_number > 10);
	stop(&box);
	fixture_remove(box.run_dir);
}

static void
write_damaged(const struct box *box, const char *name)
{
	char path[FILES_PATH_MAX];

	path_of(box, name, path);
	ASSERT(files_write_atomic(path, "damaged", 7) == ERR_ok);
}

static void
of_several_damaged_files_the_newest_whole_one_is_used(void)
{
	struct box box;

	make(&box);
	CU_ASSERT_TRUE(start(&box)); /* generation 1, weight 9 */
	CU_ASSERT_EQUAL(commit(&box, 2), ERR_ok);
	CU_ASSERT_EQUAL(commit(&box, 3), ERR_ok);
	CU_ASSERT_EQUAL(commit(&box, 4), ERR_ok);
	stop(&box);
	write_damaged(&box, "config/4");
	write_damaged(&box, "config/3");
	write_damaged(&box, "store/running.conf");
	CU_ASSERT_TRUE(start(&box));
	expect_consistent(&box, 2);
	CU_ASSERT_EQUAL(box.candidate.running_number, 5);
	stop(&box);
	write_damaged(&box, "config/1");
	write_damaged(&box, "config/2");
	write_damaged(&box, "config/5");
	write_damaged(&box, "store/running.conf");
	CU_ASSERT_TRUE(start(&box));
	expect_consistent(&box, 9); /* the file */
	stop(&box);
	write_damaged(&box, "config/6");
	write_damaged(&box, "store/running.conf");
	write_damaged(&box, "conf");
	CU_ASSERT_FALSE(start(&box));
	stop(&box);
	fixture_remove(box.run_dir);
}

/* It runs it from memory; what the box can still read is published anew. */
static void
damaged_generation_that_runs_is_replaced(void)
{
	struct fake fake;
	struct box box;

	make(&box);
	fake_start(&fake, box.run_dir, FAKE_OK);
	fake_runs(&fake, 0);
	CU_ASSERT_TRUE(start(&box));
	CU_ASSERT_EQUAL(commit(&box, 2), ERR_ok);
	stop(&box);
	write_damaged(&box, "config/2");
	CU_ASSERT_TRUE(start(&box));
	expect_consistent(&box, 2);
	CU_ASSERT_EQUAL(fake.adopted, 3);
	stop(&box);
	write_damaged(&box, "config/3");
	write_damaged(&box, "config/1");
	write_damaged(&box, "store/running.conf");
	write_damaged(&box, "conf");
	CU_ASSERT_TRUE(start(&box)); /* it serves; what runs goes on */
	CU_ASSERT_EQUAL(running_weight(&box), 0);
	CU_ASSERT_EQUAL(fake.adopted, 3);
	fake_stop(&fake);
	stop(&box);
	fixture_remove(box.run_dir);
}

/* /run is empty after a reboot. */
static void
reboot_brings_back_what_was_committed(void)
{
	char command[200];
	struct box box;

	make(&box);
	CU_ASSERT_TRUE(start(&box));
	CU_ASSERT_EQUAL(commit(&box, 2), ERR_ok);
	stop(&box);
	snprintf(command, sizeof command, "rm -r %s/config", box.run_dir);
	ASSERT(system(command) == 0);
	CU_ASSERT_TRUE(start(&box));
	expect_consistent(&box, 2);
	CU_ASSERT_EQUAL(box.candidate.running_number, 1);
	stop(&box);
	fixture_remove(box.run_dir);
}

/* The stored text with an address of the management port; /run is empty, as after a reboot. */
static void
reboot_with_management(struct box *box)
{
	char command[200];

	make(box);
	CU_ASSERT_TRUE(start(box));
	CU_ASSERT_EQUAL(
	    candidate_edit(&box->candidate, "set management-address 192.0.2.7/24", box->said),
	    ERR_ok);
	CU_ASSERT_EQUAL(commit(box, 2), ERR_ok);
	stop(box);
	snprintf(command, sizeof command, "rm -r %s/config", box->run_dir);
	ASSERT(system(command) == 0);
}

static bool
file_has(const struct box *box, const char *name, const char *what)
{
	char path[FILES_PATH_MAX];
	struct file_map map;
	bool has;

	path_of(box, name, path);
	if (files_map_read(path, &map) != ERR_ok)
		return false;
	has = memmem(map.base, map.size_bytes, what, strlen(what)) != NULL;
	files_unmap(&map);
	return has;
}

/* Another board, a port that can't be had: what was stored is the operator's, and is reached. */
static void
stored_text_that_the_data_plane_refuses_is_kept(void)
{
	struct fake fake;
	struct box box;

	reboot_with_management(&box);
	fake_start(&fake, box.run_dir, FAKE_OK);
	fake_runs(&fake, 0);
	fake.refusals = 1;
	CU_ASSERT_TRUE(start(&box));
	CU_ASSERT_EQUAL(running_weight(&box), 9);
	CU_ASSERT_EQUAL_FATAL(box.candidate.running.management_address_count, 1);
	CU_ASSERT_EQUAL(box.candidate.running.management_addresses[0].address.len, 24);
	CU_ASSERT_TRUE(file_has(&box, "store/running.conf", "weight = 2;"));
	CU_ASSERT_TRUE(file_has(&box, FILES_MGMTD_STATUS, "port p7 does not exist"));
	stop(&box);
	CU_ASSERT_TRUE(start(&box)); /* mgmtd alone */
	CU_ASSERT_EQUAL(running_weight(&box), 9);
	CU_ASSERT_TRUE(file_has(&box, "store/running.conf", "weight = 2;"));
	CU_ASSERT_TRUE(file_has(&box, FILES_MGMTD_STATUS, "port p7 does not exist"));
	CU_ASSERT_EQUAL(commit(&box, 5), ERR_ok);
	CU_ASSERT_TRUE(file_has(&box, "store/running.conf", "weight = 5;"));
	CU_ASSERT_TRUE(file_has(&box, "store/refused.conf", "weight = 2;"));
	CU_ASSERT_FALSE(fixture_exists(box.run_dir, FILES_MGMTD_STATUS));
	fake_stop(&fake);
	stop(&box);
	fixture_remove(box.run_dir);
}

static void
stored_text_is_published_anew_after_the_next_reboot(void)
{
	char command[200];
	struct fake fake;
	struct box box;

	reboot_with_management(&box);
	fake_start(&fake, box.run_dir, FAKE_OK);
	fake_runs(&fake, 0);
	fake.refusals = 1;
	CU_ASSERT_TRUE(start(&box));
	fake_stop(&fake);
	stop(&box);
	snprintf(command, sizeof command, "rm -r %s/config %s/stats", box.run_dir, box.run_dir);
	ASSERT(system(command) == 0);
	fake_start(&fake, box.run_dir, FAKE_OK);
	fake_runs(&fake, 0);
	CU_ASSERT_TRUE(start(&box));
	expect_consistent(&box, 2);
	CU_ASSERT_FALSE(fixture_exists(box.run_dir, FILES_MGMTD_STATUS));
	fake_stop(&fake);
	stop(&box);
	fixture_remove(box.run_dir);
}

/* NICs that take long: it is waited for, and nothing else is published behind its back. */
static void
slow_data_plane_gets_the_stored_text_and_no_other(void)
{
	struct fake fake;
	struct box box;

	reboot_with_management(&box);
	fake_start(&fake, box.run_dir, FAKE_SILENT);
	fake_runs(&fake, 0);
	CU_ASSERT_TRUE(start(&box));
	CU_ASSERT_EQUAL(fake.requests, 1);
	CU_ASSERT_EQUAL(fake.adopted, 1);
	CU_ASSERT_TRUE(file_has(&box, "store/running.conf", "weight = 2;"));
	((struct stats *)fake.stats.base)->generation = 1;
	restore_follow(&box.candidate);
	expect_consistent(&box, 2);
	fake_stop(&fake);
	stop(&box);
	fixture_remove(box.run_dir);
}

static void
damaged_stored_text_is_set_aside(void)
{
	struct box box;

	make(&box);
	CU_ASSERT_TRUE(start(&box));
	stop(&box);
	write_damaged(&box, "config/1");
	write_damaged(&box, "store/running.conf");
	CU_ASSERT_TRUE(start(&box));
	expect_consistent(&box, 9);
	CU_ASSERT_TRUE(file_has(&box, "store/refused.conf", "damaged"));
	stop(&box);
	fixture_remove(box.run_dir);
}

static void
store_that_cannot_be_written_refuses_the_commit(void)
{
	struct box box;

	make(&box);
	CU_ASSERT_TRUE(start(&box));
	snprintf(box.store_dir, sizeof box.store_dir, "%s/store", box.config); /* below a file */
	CU_ASSERT_EQUAL(commit(&box, 2), ERR_io);
	CU_ASSERT_PTR_NOT_NULL(strstr(box.said, "Not a directory; what runs stays"));
	CU_ASSERT_EQUAL(current_weight(&box), 9);
	CU_ASSERT_EQUAL(running_weight(&box), 9);
	CU_ASSERT_EQUAL(box.candidate.edits, 1);
	stop(&box);
	CU_ASSERT_TRUE(start(&box)); /* it is no reason not to start */
	CU_ASSERT_EQUAL(running_weight(&box), 9);
	stop(&box);
	fixture_remove(box.run_dir);
}

/* The one step that can fail when the new one runs already. */
static void
store_that_fails_at_the_last_moment_is_said(void)
{
	char path[FILES_PATH_MAX];
	struct box box;

	make(&box);
	CU_ASSERT_TRUE(start(&box));
	path_of(&box, "store/running.conf", path);
	ASSERT(unlink(path) == 0 && mkdir(path, 0755) == 0);
	CU_ASSERT_EQUAL(commit(&box, 2), ERR_io);
	CU_ASSERT_PTR_NOT_NULL(strstr(box.said, "but it can't be stored"));
	CU_ASSERT_EQUAL(current_weight(&box), 2);
	CU_ASSERT_EQUAL(running_weight(&box), 2);
	ASSERT(rmdir(path) == 0);
	CU_ASSERT_EQUAL(commit_candidate(&box.candidate, box.said), ERR_ok);
	expect_consistent(&box, 2);
	stop(&box);
	fixture_remove(box.run_dir);
}

/* Takes all room below dir. */
static void
fill(const char *dir, char path[FILES_PATH_MAX])
{
	static const char zeros[4096];
	FILE *file;

	ASSERT(files_path(path, dir, "filler"));
	file = fopen(path, "w");
	ASSERT(file);
	setbuf(file, NULL);
	while (fwrite(zeros, sizeof zeros, 1, file) == 1)
		;
	fclose(file);
}

static void
full_disk_refuses_the_commit(const char *below)
{
	char path[FILES_PATH_MAX], dir[FILES_PATH_MAX];
	struct box box;

	make(&box);
	CU_ASSERT_TRUE(start(&box));
	path_of(&box, below, dir);
	CU_ASSERT_EQUAL_FATAL(mount("tmpfs", dir, "tmpfs", 0, "size=256k"), 0);
	stop(&box);
	CU_ASSERT_TRUE(start(&box)); /* what the mount hides is made again */
	expect_consistent(&box, 9);
	fill(dir, path);
	CU_ASSERT_EQUAL(commit(&box, 2), ERR_io);
	CU_ASSERT_PTR_NOT_NULL(strstr(box.said, "No space left on device"));
	CU_ASSERT_EQUAL(running_weight(&box), 9);
	CU_ASSERT_EQUAL(current_weight(&box), 9);
	CU_ASSERT_EQUAL(unlink(path), 0);
	CU_ASSERT_EQUAL(commit_candidate(&box.candidate, box.said), ERR_ok);
	expect_consistent(&box, 2);
	stop(&box);
	CU_ASSERT_EQUAL(umount(dir), 0);
	fixture_remove(box.run_dir);
}

static void
full_run_directory_refuses_the_commit(void)
{
	full_disk_refuses_the_commit("config");
}

static void
full_store_refuses_the_commit(void)
{
	full_disk_refuses_the_commit("store");
}

CU_TestInfo test_restore[] = {
	{ "restore_kill_between_any_two_steps_leaves_the_old_or_the_new_one",
	  kill_between_any_two_steps_leaves_the_old_or_the_new_one },
	{ "restore_kill_of_both_leaves_what_current_names",
	  kill_of_both_leaves_what_current_names },
	{ "restore_late_adoption_is_followed", late_adoption_is_followed },
	{ "commit_data_plane_that_fell_back_is_no_reason_to_commit_nothing",
	  data_plane_that_fell_back_is_no_reason_to_commit_nothing },
	{ "restore_damage_anywhere_brings_the_stored_text",
	  damage_anywhere_brings_the_stored_text },
	{ "restore_of_several_damaged_files_the_newest_whole_one_is_used",
	  of_several_damaged_files_the_newest_whole_one_is_used },
	{ "restore_damaged_generation_that_runs_is_replaced",
	  damaged_generation_that_runs_is_replaced },
	{ "restore_reboot_brings_back_what_was_committed", reboot_brings_back_what_was_committed },
	{ "restore_stored_text_that_the_data_plane_refuses_is_kept",
	  stored_text_that_the_data_plane_refuses_is_kept },
	{ "restore_stored_text_is_published_anew_after_the_next_reboot",
	  stored_text_is_published_anew_after_the_next_reboot },
	{ "restore_slow_data_plane_gets_the_stored_text_and_no_other",
	  slow_data_plane_gets_the_stored_text_and_no_other },
	{ "restore_damaged_stored_text_is_set_aside", damaged_stored_text_is_set_aside },
	{ "store_that_cannot_be_written_refuses_the_commit",
	  store_that_cannot_be_written_refuses_the_commit },
	{ "store_that_fails_at_the_last_moment_is_said",
	  store_that_fails_at_the_last_moment_is_said },
	{ "commit_full_run_directory_refuses", full_run_directory_refuses_the_commit },
	{ "commit_full_store_refuses", full_store_refuses_the_commit },
	CU_TEST_INFO_NULL,
};
