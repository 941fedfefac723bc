/*
 * fairlead-board: the board file for people, scripts and the boot.
 *
 *   fairlead-board check FILE         says what is wrong with it
 *   fairlead-board print FILE KEY     a value, one a line
 *   fairlead-board apply FILE         makes this machine what it says, as far as it goes
 *   fairlead-board show FILE          which of its devices are here
 *
 * Exit status: 0 all is well, 1 something is wrong or missing, 2 wrong usage.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "drivers/board/board.h"
#include "drivers/board/board_host.h"
#include "fw/base/version.h"

static int usage(void);
static int apply(const char *path);
static int show(const struct board *board);
static void show_device(const struct board_host *host, const char *what, const char *pci);

static struct board board;
static struct board_errors errors;

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("fairlead-board %s\n", fairlead_version);
		return 0;
	}
	if (argc < 3 || argc != 3 + (strcmp(argv[1], "print") == 0))
		return usage();
	if (strcmp(argv[1], "apply") == 0)
		return apply(argv[2]);
	if (strcmp(argv[1], "check") != 0 && strcmp(argv[1], "print") != 0 &&
	    strcmp(argv[1], "show") != 0)
		return usage();
	if (!board_load(argv[2], &board, &errors)) {
		board_errors_print(&errors, argv[2], stderr);
		return 1;
	}
	if (strcmp(argv[1], "show") == 0)
		return show(&board);
	if (strcmp(argv[1], "print") == 0 && !board_print(&board, argv[3], stdout))
		return usage();
	return fflush(stdout) == 0 ? 0 : 1;
}

static int
usage(void)
{
	fprintf(stderr, "usage: fairlead-board check|apply|show FILE\n"
			"       fairlead-board print FILE KEY\nkeys:\n");
	board_print_keys(stderr);
	return 2;
}

static int
apply(const char *path)
{
	struct board_host host = board_host_kernel(FILES_RUN_DIR);
	unsigned missing;

	(void)mkdir(FILES_RUN_DIR, 0755);
	if (board_load(path, &board, &errors)) {
		missing = board_apply(&board, &host);
	} else {
		board_errors_print(&errors, path, stderr);
		missing = board_apply_nothing(&board, &errors, path, &host);
	}
	if (missing)
		fprintf(stderr,
			"fairlead-board: %u things are missing, see " FILES_RUN_DIR "/" BOARD_STATUS
			"\n",
			missing);
	return missing ? 1 : 0;
}

static int
show(const struct board *shown)
{
	struct board_host host = board_host_kernel(FILES_RUN_DIR);

	printf("%s: %s\ntested on: %s\n", shown->top.name, shown->top.description,
	       shown->top.tested_on[0] ? shown->top.tested_on : "nothing, never run on hardware");
	show_device(&host, "mgmt0", shown->management_port.pci);
	for (uint32_t i = 0; i < shown->ports_count; i++)
		show_device(&host, shown->ports[i].name, shown->ports[i].pci);
	for (uint32_t i = 0; i < shown->qat_count; i++)
		show_device(&host, "qat", shown->qat[i].pci);
	return 0;
}

static void
show_device(const struct board_host *host, const char *what, const char *pci)
{
	struct board_device device = board_host_device(host, pci);

	if (device.present)
		printf("%s %s %04x:%04x driver %s\n", what, pci, device.vendor, device.device,
		       device.driver[0] ? device.driver : "-");
	else
		printf("%s %s is not there\n", what, pci);
}
