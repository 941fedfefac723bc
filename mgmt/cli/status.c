/*
 * What is wrong with the box, in the words of those who found it: lines of files in the run directory. The console shows
 * them before the login; here they are for a session and for `show board`.
 */
#include "drivers/board/board_host.h"
#include "fw/base/assert.h"
#include "mgmt/cli/cli.h"

#define STATUS_BYTES 4096u

bool
cli_print_status(const struct cli *cli)
{
	static const char *const names[] = { "boot.status", BOARD_STATUS, FILES_DATAPLANE_STATUS,
					     FILES_MGMTD_STATUS };
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char path[FILES_PATH_MAX], text[STATUS_BYTES];
		FILE *file = files_path(path, cli->run_dir, names[i]) ? fopen(path, "re") : NULL;
		size_t len = file ? fread(text, 1, sizeof text, file) : 0;

		if (len > 0 && !any)
			fputc('\n', cli->out);
		any |= len > 0;
		fprintf(cli->out, "%.*s", (int)len, text);
		if (file)
			fclose(file);
	}
	return any;
}
