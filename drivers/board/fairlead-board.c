/*
 * fairlead-board: the board file for people, scripts and the boot.
 *
 *   fairlead-board check FILE         says what is wrong with it
 *   fairlead-board print FILE KEY     a value, one a line
 *   fairlead-board apply FILE         makes this machine what it says, as far as it goes
 *
 * Which of its devices are here, `show board` of the command line says.
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
	if (strcmp(argv[1], "check") != 0 && strcmp(argv[1], "print") != 0)
		return usage();
	if (!board_load(argv[2], &board, &errors)) {
		board_errors_print(&errors, argv[2], stderr);
		return 1;
	}
	if (strcmp(argv[1], "print") == 0 && !board_print(&board, argv[3], stdout))
		return usage();
	return fflush(stdout) == 0 ? 0 : 1;
}

static int
usage(void)
{
	fprintf(stderr, "usage: fairlead-board check|apply FILE\n"
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
