/*
 * Lists that the data plane gives some at a time: asking until the end. Rows come and go between two
 * answers, so a list is no snapshot of one moment.
 */
#ifndef MGMT_CLI_PAGES_H
#define MGMT_CLI_PAGES_H

#include "fw/abi/mailbox.h"
#include "mgmt/cli/cli.h"

/*
 * Asks worker 0 for all of a list (MAILBOX_NEIGHBOURS and its kin) and hands each answer's rows to
 * take, the index-th of reply. Says what went wrong on cli->err.
 */
enum cli_code
pages_read(struct cli *cli, enum mailbox_kind kind,
	   void (*take)(void *context, const struct mailbox_reply *reply, uint32_t index),
	   void *context);

#endif
