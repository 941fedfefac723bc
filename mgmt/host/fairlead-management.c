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

#include "mgmt/host/addresses.h"
#include "mgmt/push/view.h"

#define LOOK_MS      500
#define RETRY_ROUNDS 10 /* of a refused one */

static volatile sig_atomic_t stop;

static bool read_options(int argc, char **argv, const char **run_dir, const char **interface);
static void look(struct addresses *addresses, const char *run_dir);

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

/* A generation is applied once; one that was refused is tried again now and then. */
static void
look(struct addresses *addresses, const char *run_dir)
{
	static uint64_t done;
	static unsigned wait;
	static char last_why[256];
	const struct generation *gen;
	struct file_map map;
	char why[256] = "";

	if (view_generation(run_dir, &map, &gen) != ERR_ok)
		return;
	if (gen->number != done && (wait == 0 || --wait == 0)) {
		if (addresses_apply(addresses, gen, why, sizeof why)) {
			done = gen->number;
			fprintf(stderr, "fairlead-management: %s has the %u addresses of %llu\n",
				addresses->interface, gen->management_addresses.count,
				(unsigned long long)gen->number);
		} else {
			wait = RETRY_ROUNDS;
			if (strcmp(why, last_why) != 0)
				fprintf(stderr, "fairlead-management: %s\n", why);
		}
		strcpy(last_why, why);
	}
	files_unmap(&map);
}
