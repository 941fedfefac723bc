/*
 * Requests to mgmtd, with what there is to say about their end.
 */
#ifndef MGMT_CLI_MGMTD_H
#define MGMT_CLI_MGMTD_H

#include "mgmt/cli/cli.h"
#include "mgmt/push/request.h"

/*
 * Asks, and prints the reply's words: to cli->out, or to cli->err if it is a refusal. text: what came
 * along, given, to be freed with free(), NULL when nothing did; may be NULL. edits: uncommitted
 * ones in the candidate; may be NULL. Borrows fd (-1: none).
 */
enum cli_code
mgmtd_ask(struct cli *cli, struct request *request, int fd, char **text, uint32_t *edits);
/* Without a word; NULL when there is no answer. Gives, to be freed with free(). */
char *mgmtd_text(const struct cli *cli, enum request_kind kind);

#endif
