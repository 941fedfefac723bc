/*
 * The command line's side of mgmtd.sock.
 */
#include "mgmt/cli/mgmtd.h"

#include <stdlib.h>

#include "mgmt/push/ask.h"

#define TIMEOUT_MS 20000u /* mgmtd itself waits for the data plane */

enum cli_code
mgmtd_ask(struct cli *cli, struct request *request, int fd, char **text, uint32_t *edits)
{
	struct reply reply;
	enum err err = ask_mgmtd(cli->run_dir, TIMEOUT_MS, request, fd, &reply, text);

	if (err == ERR_not_found)
		fprintf(cli->err, "mgmtd is not running\n");
	else if (err != ERR_ok)
		fprintf(cli->err, "no answer from mgmtd: %s\n", err_text(err));
	if (err != ERR_ok)
		return CLI_FAILED;
	if (edits)
		*edits = reply.edits;
	if (reply.text[0])
		fprintf(reply.err == ERR_ok ? cli->out : cli->err, "%s\n", reply.text);
	else if (reply.err != ERR_ok)
		fprintf(cli->err, "mgmtd refused: %s\n", err_text((enum err)reply.err));
	return reply.err == ERR_ok ? CLI_OK : CLI_FAILED;
}

char *
mgmtd_text(const struct cli *cli, enum request_kind kind)
{
	struct request request = { .kind = kind };
	struct reply reply;
	char *text;

	if (ask_mgmtd(cli->run_dir, TIMEOUT_MS, &request, -1, &reply, &text) == ERR_ok)
		return text;
	return NULL;
}
