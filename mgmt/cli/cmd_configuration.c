/*
 * show configuration: from the generation that runs, without mgmtd. load and check: the text goes
 * to mgmtd, which answers with its errors.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mgmt/cli/cli.h"
#include "mgmt/cli/mgmtd.h"
#include "mgmt/model/compare.h"
#include "mgmt/push/compile.h"

static enum cli_code
print_running(struct cli *cli, char *(*write_model)(const struct model *model));
static enum cli_code send_file(struct cli *cli, const char *path, enum request_kind kind);
static int text_in_memory(const char *path);

enum cli_code
cmd_show_configuration(struct cli *cli, const struct cli_args *args)
{
	return print_running(cli, model_save);
}

enum cli_code
cmd_show_configuration_set(struct cli *cli, const struct cli_args *args)
{
	return print_running(cli, model_set_lines);
}

static enum cli_code
print_running(struct cli *cli, char *(*write_model)(const struct model *model))
{
	enum cli_code code = CLI_FAILED;
	struct cli_run run;
	struct model model;
	char *text = NULL;

	if (cli_run_open(cli, &run, CLI_NEED_GENERATION)) {
		if (decompile(run.gen, &model) == ERR_ok) {
			text = write_model(&model);
			model_free(&model);
		}
		if (text) {
			fputs(text, cli->out);
			code = CLI_OK;
		} else {
			fprintf(cli->err, "out of memory\n");
		}
		free(text);
	}
	cli_run_close(&run);
	return code;
}

enum cli_code
cmd_load(struct cli *cli, const struct cli_args *args)
{
	return send_file(cli, args->word[0], REQUEST_LOAD);
}

enum cli_code
cmd_check(struct cli *cli, const struct cli_args *args)
{
	return send_file(cli, args->word[0], REQUEST_CHECK);
}

static enum cli_code
send_file(struct cli *cli, const char *path, enum request_kind kind)
{
	struct request request = { .kind = kind };
	int fd = text_in_memory(path);
	enum cli_code code;

	if (fd < 0) {
		fprintf(cli->err, "can't read %s: %s\n", path, strerror(errno));
		return CLI_FAILED;
	}
	snprintf(request.name, sizeof request.name, "%s", path);
	code = mgmtd_ask(cli, &request, fd, NULL, NULL);
	close(fd);
	return code;
}

/*
 * A copy, so that pipes work too, and that what mgmtd reads does not change while it does. Stops
 * one block over the limit.
 */
static int
text_in_memory(const char *path)
{
	int from = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	int to;
	size_t size = 0;
	char block[16384];
	ssize_t got = 0;

	if (from < 0)
		return -1;
	to = memfd_create("configuration", MFD_CLOEXEC);
	while (to >= 0 && size <= MODEL_TEXT_BYTES && (got = read(from, block, sizeof block)) > 0) {
		if (write(to, block, (size_t)got) != got)
			got = -1;
		if (got < 0)
			break;
		size += (size_t)got;
	}
	if (to >= 0 && got < 0) {
		close(to);
		to = -1;
	}
	close(from);
	return to;
}
