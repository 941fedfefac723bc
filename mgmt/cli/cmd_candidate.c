/*
 * Configuration mode: set, delete, show, commit, rollback. The candidate lies in mgmtd, one for all;
 * what is edited and not committed stays there when the command line is left.
 */
#include <stdlib.h>
#include <string.h>

#include "mgmt/cli/cli.h"
#include "mgmt/cli/mgmtd.h"
#include "mgmt/cli/setting.h"

static enum cli_code edit(struct cli *cli, enum setting_verb verb, const struct cli_args *args);
static enum cli_code simple(struct cli *cli, enum request_kind kind);
static enum cli_code print_text(struct cli *cli, enum request_kind kind);
static enum cli_code run_in(struct cli *cli, enum cli_mode mode, const struct cli_args *args);

enum cli_code
cmd_configure(struct cli *cli, const struct cli_args *args)
{
	struct request request = { .kind = REQUEST_COMPARE };
	uint32_t edits = 0;
	enum cli_code code = mgmtd_ask(cli, &request, -1, NULL, &edits);

	if (code != CLI_OK) {
		cli->stop = true;
		return code;
	}
	cli->mode = CLI_CONFIGURE;
	if (edits)
		fprintf(cli->err,
			"note: uncommitted edits in the candidate: %u; show | compare shows them, "
			"discard drops them\n",
			edits);
	return CLI_OK;
}

enum cli_code
cmd_configure_command(struct cli *cli, const struct cli_args *args)
{
	enum cli_code code = run_in(cli, CLI_CONFIGURE, args);

	cli->stop |= code != CLI_OK;
	return code;
}

enum cli_code
cmd_run(struct cli *cli, const struct cli_args *args)
{
	return run_in(cli, CLI_OPERATE, args);
}

static enum cli_code
run_in(struct cli *cli, enum cli_mode mode, const struct cli_args *args)
{
	struct cli other = *cli;

	other.mode = mode;
	return cli_words(&other, args->word, args->count);
}

enum cli_code
cmd_set(struct cli *cli, const struct cli_args *args)
{
	return edit(cli, SETTING_SET, args);
}

enum cli_code
cmd_delete(struct cli *cli, const struct cli_args *args)
{
	return edit(cli, SETTING_DELETE, args);
}

static enum cli_code
edit(struct cli *cli, enum setting_verb verb, const struct cli_args *args)
{
	struct request request = { .kind = REQUEST_EDIT };

	if (!setting_line(verb, args->word, args->count, request.line, sizeof request.line)) {
		fprintf(cli->err, "the line is longer than %zu bytes; say it in several\n",
			sizeof request.line - 1);
		return CLI_FAILED;
	}
	return mgmtd_ask(cli, &request, -1, NULL, NULL);
}

enum cli_code
cmd_show_candidate(struct cli *cli, const struct cli_args *args)
{
	return print_text(cli, REQUEST_CANDIDATE);
}

enum cli_code
cmd_show_compare(struct cli *cli, const struct cli_args *args)
{
	return print_text(cli, REQUEST_COMPARE);
}

enum cli_code
cmd_show_set_lines(struct cli *cli, const struct cli_args *args)
{
	return print_text(cli, REQUEST_SET_LINES);
}

static enum cli_code
print_text(struct cli *cli, enum request_kind kind)
{
	struct request request = { .kind = kind };
	char *text = NULL;
	enum cli_code code = mgmtd_ask(cli, &request, -1, &text, NULL);

	if (text)
		fputs(text, cli->out);
	free(text);
	return code;
}

enum cli_code
cmd_commit(struct cli *cli, const struct cli_args *args)
{
	return simple(cli, REQUEST_COMMIT);
}

enum cli_code
cmd_commit_check(struct cli *cli, const struct cli_args *args)
{
	return simple(cli, REQUEST_VALIDATE);
}

/* 0, or no number: to what runs. */
enum cli_code
cmd_rollback(struct cli *cli, const struct cli_args *args)
{
	const char *text = args->count ? args->word[0] : "0";
	struct request request = { .kind = REQUEST_ROLLBACK };
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || number > UINT32_MAX) {
		fprintf(cli->err, "rollback %s: no number; run show generations lists them\n",
			text);
		return CLI_FAILED;
	}
	request.number = (uint32_t)number;
	return mgmtd_ask(cli, &request, -1, NULL, NULL);
}

static enum cli_code
simple(struct cli *cli, enum request_kind kind)
{
	struct request request = { .kind = kind };

	return mgmtd_ask(cli, &request, -1, NULL, NULL);
}

enum cli_code
cmd_exit(struct cli *cli, const struct cli_args *args)
{
	if (cli->mode != CLI_CONFIGURE) {
		cli->done = true;
		return CLI_OK;
	}
	cli_leave_configuration(cli);
	return CLI_OK;
}

void
cli_leave_configuration(struct cli *cli)
{
	struct request request = { .kind = REQUEST_COMPARE };
	uint32_t edits = 0;

	if (cli->mode == CLI_CONFIGURE && mgmtd_ask(cli, &request, -1, NULL, &edits) == CLI_OK &&
	    edits)
		fprintf(cli->err,
			"note: uncommitted edits: %u; the candidate keeps them for the next "
			"configure\n",
			edits);
	cli->mode = CLI_OPERATE;
}
