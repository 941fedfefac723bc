/*
 * fairlead-watchdog: feeds the hardware's watchdog while management answers and all workers turn. What hangs for longer
 * than the grace period is no longer fed for, and the hardware resets the box.
 *
 *   fairlead-watchdog [--run-dir DIR] --device /dev/watchdog --timeout-s N [--grace-s N]
 *
 * SIGTERM disarms it (a box that is switched off on purpose is not to be reset); a killed one is restarted by systemd
 * well before the hardware's time is up. Exit status: 0 ended by a signal, 1 no such device, 2 wrong usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/watchdog.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "mgmt/host/beat.h"
#include "mgmt/push/ask.h"
#include "mgmt/push/view.h"

#define LOOK_MS       2000
#define ASK_MS        1500u /* mgmtd may be in the middle of a large commit: the grace period is longer */
#define DEFAULT_GRACE 30u

struct options {
	const char *run_dir, *device;
	unsigned timeout_s, grace_s;
	unsigned look_ms;
};

static volatile sig_atomic_t stop;

static bool read_options(int argc, char **argv, struct options *options);
static void arm(int fd, unsigned timeout_s);
static void look(struct beat *beat, const char *run_dir);
static uint64_t now_us(void);

static void
on_signal(int number)
{
	stop = 1;
}

int
main(int argc, char **argv)
{
	struct options options = { .run_dir = FILES_RUN_DIR,
				   .grace_s = DEFAULT_GRACE,
				   .look_ms = LOOK_MS };
	struct sigaction action = { .sa_handler = on_signal };
	struct timespec pause;
	struct beat beat;
	bool fine = true;
	char why[128];
	int fd;

	if (!read_options(argc, argv, &options))
		return 2;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	pause = (struct timespec){ options.look_ms / 1000, options.look_ms % 1000 * 1000000L };
	fd = open(options.device, O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		fprintf(stderr, "fairlead-watchdog: %s: %s\n", options.device, strerror(errno));
		return 1;
	}
	arm(fd, options.timeout_s);
	beat_init(&beat, options.grace_s * UINT64_C(1000000));
	while (!stop) {
		bool was_fine = fine;

		look(&beat, options.run_dir);
		fine = beat_is_fine(&beat, now_us(), why, sizeof why);
		if (!fine && was_fine)
			fprintf(stderr, "fairlead-watchdog: %s; the box is reset in %u s\n", why,
				options.timeout_s);
		else if (fine && !was_fine)
			fprintf(stderr, "fairlead-watchdog: all beat again\n");
		if (fine && write(fd, "+", 1) != 1)
			fprintf(stderr, "fairlead-watchdog: %s: %s\n", options.device,
				strerror(errno));
		nanosleep(&pause, NULL);
	}
	(void)!write(fd, "V", 1); /* the kernel's word for "disarm" */
	close(fd);
	return 0;
}

static bool
read_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "run-dir", required_argument, NULL, 'r' },
		{ "device", required_argument, NULL, 'd' },
		{ "timeout-s", required_argument, NULL, 't' },
		{ "grace-s", required_argument, NULL, 'g' },
		{ "look-ms", required_argument, NULL, 'l' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 'r')
			options->run_dir = optarg;
		else if (option == 'd')
			options->device = optarg;
		else if (option == 't')
			options->timeout_s = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'g')
			options->grace_s = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'l')
			options->look_ms = (unsigned)strtoul(optarg, NULL, 10);
		else
			return false;
	}
	if (options->device && options->timeout_s > 0 && options->grace_s > 0 &&
	    options->look_ms > 0 && options->look_ms < options->timeout_s * 500 && optind == argc)
		return true;
	fprintf(stderr, "usage: fairlead-watchdog [--run-dir DIR] --device FILE --timeout-s N "
			"[--grace-s N] [--look-ms N]\n");
	return false;
}

static void
arm(int fd, unsigned timeout_s)
{
	int seconds = (int)timeout_s;

	if (ioctl(fd, WDIOC_SETTIMEOUT, &seconds) != 0)
		fprintf(stderr, "fairlead-watchdog: its time can't be set to %u s: %s\n", timeout_s,
			strerror(errno));
}

static void
look(struct beat *beat, const char *run_dir)
{
	struct request request = { .kind = REQUEST_ALIVE };
	const struct stats *stats = NULL;
	struct reply reply;
	struct file_map map;
	bool answered = ask_mgmtd(run_dir, ASK_MS, &request, -1, &reply, NULL) == ERR_ok;
	enum err err = view_stats(run_dir, &map, &stats);

	beat_see(beat, answered, err == ERR_ok ? stats : NULL, now_us());
	if (err == ERR_ok)
		files_unmap(&map);
}

static uint64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}
