/*
 * The watchdog as a process: a file is its device, and the test plays both planes.
 */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fw/abi/files.h"
#include "fw/abi/stats.h"
#include "fw/base/assert.h"
#include "mgmt/push/request.h"
#include "test/unit/unit.h"

#define PROGRAM "fairlead-watchdog"

static char dir[64], device[96], socket_path[96];
static struct stats *stats;
static int listener;
static pid_t pid;

/* Programs lie two folders above the test's own. */
static const char *
program(char out[FILES_PATH_MAX])
{
	char self[FILES_PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 32);

	ASSERT(len > 0);
	self[len] = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(out, FILES_PATH_MAX, "%.200s/../" PROGRAM, self);
	return out;
}

static void
start(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char path[FILES_PATH_MAX], exe[FILES_PATH_MAX];
	char *argv[] = { exe,         (char *)"--run-dir",   dir,          (char *)"--device",
			 device,      (char *)"--timeout-s", (char *)"10", (char *)"--grace-s",
			 (char *)"1", (char *)"--look-ms",   (char *)"50", NULL };
	struct file_map map;
	bool existed;
	int fd;

	strcpy(dir, "/tmp/fairlead-watchdog-XXXXXX");
	ASSERT(mkdtemp(dir));
	snprintf(device, sizeof device, "%s/watchdog", dir);
	fd = open(device, O_CREAT | O_WRONLY, 0600);
	ASSERT(fd >= 0);
	close(fd);
	snprintf(path, sizeof path, "%s/stats", dir);
	ASSERT(files_map_write(path, sizeof *stats, &map, &existed) == ERR_ok);
	stats = map.base;
	stats->layout_hash = stats_layout_hash();
	stats->incarnation = 1;
	stats->workers = 1;
	stats->magic = STATS_MAGIC;
	snprintf(socket_path, sizeof socket_path, "%s/%s", dir, FILES_MGMTD_SOCKET);
	strcpy(at.sun_path, socket_path);
	listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	ASSERT(bind(listener, (struct sockaddr *)&at, sizeof at) == 0 && listen(listener, 8) == 0);
	program(exe);
	ASSERT(posix_spawn(&pid, exe, NULL, NULL, argv, NULL) == 0);
}

static void
end(void)
{
	int status;

	kill(pid, SIGTERM);
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void
tidy(void)
{
	struct file_map map = { stats, sizeof *stats };
	char command[128];

	close(listener);
	files_unmap(&map);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	ASSERT(system(command) == 0);
}

/* Both planes for so long: what mgmtd is asked it answers, and the worker turns. */
static void
live(unsigned ms, bool answer, bool turn)
{
	struct reply reply = { .version = REQUEST_VERSION };
	struct request request;

	for (unsigned at = 0; at < ms; at += 10) {
		int fd = answer ? accept4(listener, NULL, NULL, SOCK_CLOEXEC) : -1;

		if (fd >= 0) {
			if (recv(fd, &request, sizeof request, 0) == (ssize_t)sizeof request) {
				CU_ASSERT_EQUAL(request.kind, REQUEST_ALIVE);
				(void)send(fd, &reply, sizeof reply, MSG_NOSIGNAL);
			}
			close(fd);
		}
		stats->worker[0].counter[COUNTER_turns] += turn;
		usleep(10000);
	}
}

static long
fed(void)
{
	struct stat st;

	ASSERT(stat(device, &st) == 0);
	return (long)st.st_size;
}

static void
watchdog_is_fed_while_all_beat_and_disarmed_at_the_end(void)
{
	char last;
	long before;
	int fd;

	start();
	live(500, true, true);
	before = fed();
	CU_ASSERT(before > 0);
	live(1500, true, true);
	CU_ASSERT(fed() > before);
	end();
	fd = open(device, O_RDONLY);
	CU_ASSERT(lseek(fd, -1, SEEK_END) >= 0 && read(fd, &last, 1) == 1 && last == 'V');
	close(fd);
	tidy();
}

static void
watchdog_starves_when_the_worker_hangs(void)
{
	long before;

	start();
	live(500, true, true);
	live(2500, true, false); /* the grace period is one second */
	before = fed();
	live(700, true, false);
	CU_ASSERT_EQUAL(fed(), before);
	live(1000, true, true);
	CU_ASSERT(fed() > before);
	end();
	tidy();
}

static void
watchdog_starves_when_management_is_gone(void)
{
	long before;

	start();
	live(500, true, true);
	close(listener);
	unlink(socket_path);
	listener = open("/dev/null", O_RDONLY);
	live(2500, false, true);
	before = fed();
	live(700, false, true);
	CU_ASSERT_EQUAL(fed(), before);
	end();
	tidy();
}

CU_TestInfo test_watchdog[] = {
	{ "watchdog_is_fed_while_all_beat_and_disarmed_at_the_end",
	  watchdog_is_fed_while_all_beat_and_disarmed_at_the_end },
	{ "watchdog_starves_when_the_worker_hangs", watchdog_starves_when_the_worker_hangs },
	{ "watchdog_starves_when_management_is_gone", watchdog_starves_when_management_is_gone },
	CU_TEST_INFO_NULL,
};
