/*
 * fairlead-management: gives the management port its addresses, as the running configuration says.
 *
 *   fairlead-management [--run-dir DIR] --interface mgmt0
 *
 * Looks twice a second at which generation runs; SIGTERM ends it, and the addresses stay. An interface that is not there
 * yet is waited for. Exit status: 0 ended by a signal, 1 failed, 2 wrong usage.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mgmt/host/addresses.h"
#include "mgmt/push/view.h"

#define LOOK_MS      500
#define RETRY_ROUNDS 10 /* of a refused one */
#define LINK_BYTES   32

static volatile sig_atomic_t stop;

static bool read_options(int argc, char **argv, const char **run_dir, const char **interface);
static void look(struct addresses *addresses, const char *run_dir);
static bool current_name(const char *run_dir, char out[LINK_BYTES]);

static void
on_signal(int number)
{
	stop = 1;
}

int
main(int argc, char **argv)
{
	const char *run_dir = FILES_RUN_DIR, *interface = NULL;
	struct sigaction action = { .sa_handler = on_signal };
	struct timespec pause = { 0, LOOK_MS * 1000000L };
	struct addresses addresses;

	if (!read_options(argc, argv, &run_dir, &interface))
		return 2;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	if (addresses_open(&addresses, interface) != ERR_ok) {
		fprintf(stderr, "fairlead-management: can't ask the kernel: %s\n", strerror(errno));
		return 1;
	}
	while (!stop) {
		look(&addresses, run_dir);
		nanosleep(&pause, NULL);
	}
	addresses_close(&addresses);
	return 0;
}

static bool
read_options(int argc, char **argv, const char **run_dir, const char **interface)
{
	static const struct option known[] = {
		{ "run-dir", required_argument, NULL, 'r' },
		{ "interface", required_argument, NULL, 'i' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 'r')
			*run_dir = optarg;
		else if (option == 'i')
			*interface = optarg;
		else
			return false;
	}
	if (*interface && optind == argc)
		return true;
	fprintf(stderr, "usage: fairlead-management [--run-dir DIR] --interface NAME\n");
	return false;
}

/*
 * A generation is applied once; one that was refused is tried again now and then. Which one is current its link says: a
 * large one is not read twice a second.
 */
static void
look(struct addresses *addresses, const char *run_dir)
{
	static char done[LINK_BYTES], tried[LINK_BYTES], last_why[256];
	static unsigned wait;
	const struct generation *gen;
	char name[LINK_BYTES], why[256] = "";
	struct file_map map;

	if (!current_name(run_dir, name) || strcmp(name, done) == 0 ||
	    (strcmp(name, tried) == 0 && wait-- > 0) ||
	    view_generation(run_dir, &map, &gen) != ERR_ok)
		return;
	strcpy(tried, name);
	wait = RETRY_ROUNDS;
	if (addresses_apply(addresses, gen, why, sizeof why)) {
		strcpy(done, name);
		fprintf(stderr, "fairlead-management: %s has the %u addresses of %llu\n",
			addresses->interface, gen->management_addresses.count,
			(unsigned long long)gen->number);
	} else if (strcmp(why, last_why) != 0) {
		fprintf(stderr, "fairlead-management: %s\n", why);
	}
	strcpy(last_why, why);
	files_unmap(&map);
}

static bool
current_name(const char *run_dir, char out[LINK_BYTES])
{
	char path[FILES_PATH_MAX];
	ssize_t len = files_path(path, run_dir, FILES_CONFIG_CURRENT)
			  ? readlink(path, out, LINK_BYTES - 1)
			  : -1;

	out[len > 0 ? len : 0] = '\0';
	return len > 0;
}
