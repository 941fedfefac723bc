/*
 * fairlead: the command line.
 *
 *   fairlead [--run-dir DIR] COMMAND...     one command, as words or as one word: 'show | compare'
 *   fairlead [--run-dir DIR] -c COMMAND      the same, as sshd calls a login shell
 *   fairlead [--run-dir DIR]                a terminal: commands with editing and completion; else
 *                                           lines from stdin; the same behind `configure`
 *
 * Exit status: 0 done, 1 failed, 2 no such command.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fw/base/version.h"
#include "mgmt/cli/cli.h"

int
main(int argc, char **argv)
{
	static const struct option known[] = {
		{ "run-dir", required_argument, NULL, 'r' },
		{ "version", no_argument, NULL, 'v' },
		{ 0 },
	};
	struct cli cli = { .run_dir = FILES_RUN_DIR, .out = stdout, .err = stderr };
	enum cli_code code = CLI_OK;
	const char *command = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "+c:", known, NULL)) != -1) {
		if (option == 'r') {
			cli.run_dir = optarg;
		} else if (option == 'c') {
			command = optarg;
		} else if (option == 'v') {
			printf("fairlead %s\n", fairlead_version);
			return 0;
		} else {
			fprintf(stderr, "usage: fairlead [--run-dir DIR] [COMMAND...]\n");
			return CLI_USAGE;
		}
	}
	if (command)
		code = cli_line(&cli, command);
	else if (argc - optind == 1)
		code = cli_line(&cli, argv[optind]);
	else if (optind < argc)
		code = cli_words(&cli, argv + optind, (size_t)(argc - optind));
	if ((optind == argc && !command) || cli.mode == CLI_CONFIGURE)
		code = isatty(STDIN_FILENO) ? cli_interactive(&cli) : cli_batch(&cli, stdin);
	return (int)code;
}
