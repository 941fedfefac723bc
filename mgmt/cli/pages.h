/*
 * Lists that the data plane gives some at a time: asking until the end. Rows come and go between two
 * answers, so a list is no snapshot of one moment.
 */
#ifndef MGMT_CLI_PAGES_H
#define MGMT_CLI_PAGES_H

#include "fw/abi/mailbox.h"
#include "mgmt/cli/cli.h"

/*
 * Asks a worker for all of a list (MAILBOX_CONNECTIONS and its kin; but for that one only worker 0 knows) and hands each
 * answer's rows to take, the index-th of reply. Says what went wrong on cli->err.
 */
enum cli_code
pages_read(struct cli *cli, enum mailbox_kind kind, uint32_t worker,
	   void (*take)(void *context, const struct mailbox_reply *reply, uint32_t index),
	   void *context);

#endif
