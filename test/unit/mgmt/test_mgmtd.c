/*
 * The two programs as processes: start, reload, end, kill; exit codes. They are looked for
 * beside this test.
 */
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fw/abi/files.h"
#include "fw/base/assert.h"
#include "mgmt/push/ask.h"
#include "mgmt/push/view.h"
#include "test/unit/unit.h"

#define TEXT(weight)                                                                               \
	"version = 1; ports = ( { name = \"p\"; addresses = [ \"10.0.0.1/8\" ]; } );"              \
	"pools = ( { name = \"web\"; members = ( { address = \"10.0.1.1\"; port = 80; weight "     \
	"= " #weight "; } ); } );"

struct place {
	char dir[64], run_dir[80], store[80], config[80], log[80];
};

static void
open_place(struct place *place)
{
	snprintf(place->dir, sizeof place->dir, "/tmp/fairlead-unit-XXXXXX");
	ASSERT(mkdtemp(place->dir));
	snprintf(place->run_dir, sizeof place->run_dir, "%s/run", place->dir);
	snprintf(place->store, sizeof place->store, "%s/store", place->dir);
	snprintf(place->config, sizeof place->config, "%s/conf", place->dir);
	snprintf(place->log, sizeof place->log, "%s/log", place->dir);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	return remove(path);
}

static void
close_place(const struct place *place)
{
	ASSERT(nftw(place->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0);
}

/* The programs lie in the folder above this one's. */
static const char *
program(const char *name)
{
	static char path[512];
	ssize_t len = readlink("/proc/self/exe", path, sizeof path - 32);

	ASSERT(len > 0);
	path[len] = '\0';
	*strrchr(path, '/') = '\0';
	strcpy(strrchr(path, '/') + 1, name);
	return path;
}

static pid_t
run(const struct place *place, const char *name, const char *const arguments[])
{
	const char *argv[12] = { name, "--run-dir", place->run_dir };
	size_t count = 3;
	const char *path = program(name);
	pid_t pid;

	while (*arguments)
		argv[count++] = *arguments++;
	pid = fork();
	if (pid == 0) {
		ASSERT(freopen(place->log, "a", stderr) && freopen(place->log, "a", stdout));
		execv(path, (char *const *)argv);
		_exit(126);
	}
	return pid;
}

static pid_t
mgmtd(const struct place *place)
{
	return run(
	    place, "fairlead-mgmtd",
	    (const char *const[]){ "--config", place->config, "--store", place->store, NULL });
}

static int
code_of(pid_t pid)
{
	int status;

	ASSERT(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int
fairlead(const struct place *place, const char *a, const char *b)
{
	return code_of(run(place, "fairlead", (const char *const[]){ a, b, NULL }));
}

static void
write_config(const struct place *place, const char *text)
{
	ASSERT(files_write_atomic(place->config, text, strlen(text)) == ERR_ok);
}

static uint32_t
current_weight(const struct place *place)
{
	const struct generation *gen;
	struct file_map map;
	uint32_t weight = 0;

	if (view_generation(place->run_dir, &map, &gen) == ERR_ok)
		weight = generation_members(gen)[0].weight;
	files_unmap(&map);
	return weight;
}

/* Five seconds at most. */
static bool
wait_for_weight(const struct place *place, uint32_t weight)
{
	for (int i = 0; i < 500 && current_weight(place) != weight; i++)
		usleep(10000);
	return current_weight(place) == weight;
}

static bool
wait_for_socket(const struct place *place)
{
	char path[FILES_PATH_MAX];

	ASSERT(files_path(path, place->run_dir, FILES_MGMTD_SOCKET));
	for (int i = 0; i < 500 && access(path, F_OK) != 0; i++)
		usleep(10000);
	return access(path, F_OK) == 0;
}

static bool
log_has(const struct place *place, const char *text)
{
	char log[8192] = "";
	FILE *in = fopen(place->log, "r");

	ASSERT(in);
	log[fread(log, 1, sizeof log - 1, in)] = '\0';
	fclose(in);
	return strstr(log, text) != NULL;
}

static void
starts_reloads_and_ends(void)
{
	struct place place;
	pid_t pid;

	open_place(&place);
	write_config(&place, TEXT(1));
	pid = mgmtd(&place);
	CU_ASSERT_TRUE(wait_for_weight(&place, 1));
	CU_ASSERT_TRUE(wait_for_socket(&place));
	write_config(&place, TEXT(2));
	kill(pid, SIGHUP);
	CU_ASSERT_TRUE(wait_for_weight(&place, 2));
	write_config(&place, TEXT(0));
	kill(pid, SIGHUP);
	CU_ASSERT_EQUAL(fairlead(&place, "check", place.config), 1); /* answered after the reload */
	CU_ASSERT_EQUAL(current_weight(&place), 2);
	CU_ASSERT_TRUE(log_has(&place, "the running configuration stays"));
	kill(pid, SIGTERM);
	CU_ASSERT_EQUAL(code_of(pid), 0);
	close_place(&place);
}

static void
bad_first_configuration_ends_it_unless_one_runs(void)
{
	struct place place;
	pid_t pid;

	open_place(&place);
	write_config(&place, TEXT(0));
	CU_ASSERT_EQUAL(code_of(mgmtd(&place)), 1);
	CU_ASSERT_TRUE(
	    log_has(&place, "member weight: 0 is out of range; must be 1 to 1000 (shares)"));
	write_config(&place, TEXT(1));
	pid = mgmtd(&place);
	CU_ASSERT_TRUE(wait_for_socket(&place));
	kill(pid, SIGKILL);
	CU_ASSERT_EQUAL(code_of(pid), -SIGKILL);
	unlink(place.config);
	pid = mgmtd(&place);
	write_config(&place, TEXT(3));
	for (int i = 0; i < 200 && fairlead(&place, "load", place.config) != 0; i++)
		usleep(10000); /* until it serves: the killed one's socket is still there */
	CU_ASSERT_EQUAL(current_weight(&place), 3);
	kill(pid, SIGTERM);
	CU_ASSERT_EQUAL(code_of(pid), 0);
	close_place(&place);
}

/* As soon as it serves. */
static enum err
request(const struct place *place, struct request request)
{
	struct reply reply;
	enum err err = ERR_not_found;

	for (int i = 0; i < 500 && err == ERR_not_found; i++) {
		err = ask_mgmtd(place->run_dir, 5000, &request, -1, &reply, NULL);
		if (err == ERR_not_found)
			usleep(10000);
	}
	return err == ERR_ok ? reply.err : err;
}

/* What was committed on the socket outlives mgmtd, and with the store a reboot; not the file. */
static void
restart_keeps_what_was_committed(void)
{
	struct request edit = { .kind = REQUEST_EDIT,
				.line = "set pool web member 10.0.1.1:80 weight 5" };
	struct place place;
	char command[200];
	pid_t pid;

	open_place(&place);
	write_config(&place, TEXT(1));
	pid = mgmtd(&place);
	CU_ASSERT_EQUAL(request(&place, edit), ERR_ok);
	CU_ASSERT_EQUAL(request(&place, (struct request){ .kind = REQUEST_COMMIT }), ERR_ok);
	CU_ASSERT_EQUAL(current_weight(&place), 5);
	CU_ASSERT_EQUAL(request(&place, edit), ERR_ok);
	kill(pid, SIGKILL);
	CU_ASSERT_EQUAL(code_of(pid), -SIGKILL);

	pid = mgmtd(&place);
	CU_ASSERT_EQUAL(request(&place, (struct request){ .kind = REQUEST_COMPARE }), ERR_ok);
	CU_ASSERT_EQUAL(current_weight(&place), 5);
	CU_ASSERT_TRUE(log_has(&place, "generation 2 is ready; the data plane is not running\n"));
	CU_ASSERT_EQUAL(request(&place, (struct request){ .kind = REQUEST_ROLLBACK, .number = 1 }),
			ERR_ok); /* the history is still there */
	kill(pid, SIGTERM);
	CU_ASSERT_EQUAL(code_of(pid), 0);

	snprintf(command, sizeof command, "rm -r %s", place.run_dir);
	ASSERT(system(command) == 0);
	pid = mgmtd(&place);
	CU_ASSERT_TRUE(wait_for_weight(&place, 5));
	CU_ASSERT_EQUAL(request(&place, (struct request){ .kind = REQUEST_COMPARE }), ERR_ok);
	kill(pid, SIGHUP);
	CU_ASSERT_TRUE(wait_for_weight(&place, 1));
	kill(pid, SIGTERM);
	CU_ASSERT_EQUAL(code_of(pid), 0);
	close_place(&place);
}

static void
second_one_on_the_same_run_dir_ends(void)
{
	struct place place;
	pid_t pid;

	open_place(&place);
	write_config(&place, TEXT(1));
	pid = mgmtd(&place);
	CU_ASSERT_TRUE(wait_for_socket(&place));
	CU_ASSERT_EQUAL(code_of(mgmtd(&place)), 1);
	CU_ASSERT_TRUE(log_has(&place, "another one serves"));
	kill(pid, SIGTERM);
	CU_ASSERT_EQUAL(code_of(pid), 0);
	close_place(&place);
}

static void
exit_codes_tell_failure_from_wrong_usage(void)
{
	struct place place;

	open_place(&place);
	CU_ASSERT_EQUAL(fairlead(&place, "help", NULL), 0);
	CU_ASSERT_EQUAL(fairlead(&place, "help | match show | count", NULL), 0);
	CU_ASSERT_EQUAL(fairlead(&place, "help | mach show", NULL), 2);
	/* as sshd calls a login shell */
	CU_ASSERT_EQUAL(fairlead(&place, "-c", "help | match show | count"), 0);
	CU_ASSERT_EQUAL(fairlead(&place, "-c", "show counters"), 1);
	CU_ASSERT_EQUAL(fairlead(&place, "-c", "shw counters"), 2);
	CU_ASSERT_EQUAL(fairlead(&place, "-c", NULL), 2);
	CU_ASSERT_EQUAL(fairlead(&place, "configure", NULL), 1);
	CU_ASSERT_EQUAL(fairlead(&place, "show", "counters"), 1);
	CU_ASSERT_EQUAL(fairlead(&place, "shw", "counters"), 2);
	CU_ASSERT_EQUAL(fairlead(&place, "--nonsense", NULL), 2);
	CU_ASSERT_EQUAL(code_of(run(&place, "fairlead-mgmtd", (const char *const[]){ NULL })), 2);
	close_place(&place);
}

CU_TestInfo test_mgmtd[] = {
	{ "mgmtd_starts_reloads_and_ends", starts_reloads_and_ends },
	{ "mgmtd_bad_first_configuration_ends_it_unless_one_runs",
	  bad_first_configuration_ends_it_unless_one_runs },
	{ "mgmtd_restart_keeps_what_was_committed", restart_keeps_what_was_committed },
	{ "mgmtd_second_one_on_the_same_run_dir_ends", second_one_on_the_same_run_dir_ends },
	{ "fairlead_exit_codes_tell_failure_from_wrong_usage",
	  exit_codes_tell_failure_from_wrong_usage },
	CU_TEST_INFO_NULL,
};
