/*
 * fairlead-mgmtd: holds the configuration. Finds out what runs, or publishes what was stored, then
 * answers mgmtd.sock.
 *
 *   fairlead-mgmtd [--run-dir DIR] [--store DIR] --config FILE
 *
 * FILE is what a box starts with that has never been configured, and what SIGHUP reads; what is
 * committed is stored in DIR/running.conf and comes back after a reboot (mgmt/restore.h has the
 * order). SIGTERM ends. Killed at any point it leaves the previous or the new generation. Exit
 * status: 0 ended by a signal, 1 failed, 2 wrong usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "fw/abi/files.h"
#include "fw/base/version.h"
#include "mgmt/candidate.h"
#include "mgmt/commit.h"
#include "mgmt/push/publish.h"
#include "mgmt/restore.h"
#include "mgmt/server.h"

#define DATAPLANE_TIMEOUT_MS 5000u
#define START_TIMEOUT_MS     60000u /* NICs that come up for the first time */

struct options {
	const char *run_dir, *config, *store;
};

static bool read_options(int argc, char **argv, struct options *options);
static bool take_lock(const char *run_dir);
static int signals_open(void);
static void serve(struct candidate *candidate, const char *config, int server_fd, int signal_fd);
static void load_file(struct candidate *candidate, const char *path);

int
main(int argc, char **argv)
{
	struct options options = { .run_dir = FILES_RUN_DIR };
	struct publisher publisher;
	struct candidate candidate;
	int server_fd = -1, signal_fd;
	enum err err;

	if (!read_options(argc, argv, &options))
		return 2;
	err = publish_open(&publisher, options.run_dir, START_TIMEOUT_MS);
	if (err != ERR_ok) {
		fprintf(stderr, "fairlead-mgmtd: can't use %s: %s (%s)\n", options.run_dir,
			err_text(err), strerror(errno));
		return 1;
	}
	if (!take_lock(options.run_dir))
		return 1;
	signal_fd = signals_open();
	candidate_init(&candidate, &publisher, options.store);
	if (!restore(&candidate, options.config))
		return 1;
	publisher.timeout_ms = DATAPLANE_TIMEOUT_MS;
	err = server_open(options.run_dir, &server_fd);
	if (err != ERR_ok || signal_fd < 0) {
		fprintf(stderr, "fairlead-mgmtd: can't serve %s/%s: %s\n", options.run_dir,
			FILES_MGMTD_SOCKET, strerror(errno));
		return 1;
	}
	serve(&candidate, options.config, server_fd, signal_fd);
	candidate_free(&candidate);
	return 0;
}

static bool
read_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "run-dir", required_argument, NULL, 'r' },
		{ "config", required_argument, NULL, 'c' },
		{ "store", required_argument, NULL, 's' },
		{ "version", no_argument, NULL, 'v' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 'r') {
			options->run_dir = optarg;
		} else if (option == 'c') {
			options->config = optarg;
		} else if (option == 's') {
			options->store = optarg;
		} else if (option == 'v') {
			printf("fairlead-mgmtd %s\n", fairlead_version);
			exit(0);
		} else {
			return false;
		}
	}
	if (options->config && optind == argc)
		return true;
	fprintf(stderr, "usage: fairlead-mgmtd [--run-dir DIR] [--store DIR] --config FILE\n");
	return false;
}

/* Two would hand out the same numbers and slots. The lock lives as long as the process. */
static bool
take_lock(const char *run_dir)
{
	enum err err = files_lock(run_dir, FILES_MGMTD_LOCK);

	if (err == ERR_ok)
		return true;
	if (err == ERR_busy)
		fprintf(stderr, "fairlead-mgmtd: another one serves %s\n", run_dir);
	else
		fprintf(stderr, "fairlead-mgmtd: can't make a lock in %s: %s\n", run_dir,
			strerror(errno));
	return false;
}

static int
signals_open(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void
serve(struct candidate *candidate, const char *config, int server_fd, int signal_fd)
{
	struct pollfd fds[] = { { .fd = server_fd, .events = POLLIN },
				{ .fd = signal_fd, .events = POLLIN } };
	struct signalfd_siginfo got;

	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return;
		while (read(signal_fd, &got, sizeof got) == sizeof got) {
			if (got.ssi_signo != SIGHUP)
				return;
			load_file(candidate, config);
		}
		if (fds[0].revents)
			server_answer(server_fd, candidate);
	}
}

static void
load_file(struct candidate *candidate, const char *path)
{
	char said[REQUEST_TEXT_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum err err = ERR_io;

	if (fd < 0) {
		fprintf(stderr, "fairlead-mgmtd: can't open %s: %s\n", path, strerror(errno));
	} else {
		restore_follow(candidate);
		err = commit_load(candidate, fd, path, "load", said);
		close(fd);
		fprintf(stderr, "fairlead-mgmtd: %s%s\n",
			err == ERR_ok ? "" : "configuration refused:\n", said);
	}
	if (err != ERR_ok)
		fprintf(stderr, "fairlead-mgmtd: the running configuration stays\n");
}
