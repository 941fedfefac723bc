/*
 * Asking for a list, page by page. What the data plane answers is checked: a list that does not get
 * on, or texts without an end, are its mistakes and not ours.
 */
#include "mgmt/cli/pages.h"

#include <string.h>

#include "mgmt/push/ask.h"

#define TIMEOUT_MS 3000u

static enum err
read_all(const struct cli *cli, enum mailbox_kind kind, uint32_t worker,
	 void (*take)(void *context, const struct mailbox_reply *reply, uint32_t index),
	 void *context);
static bool row_is_text(enum mailbox_kind kind, const struct mailbox_reply *reply, uint32_t index);

enum cli_code
pages_read(struct cli *cli, enum mailbox_kind kind, uint32_t worker,
	   void (*take)(void *context, const struct mailbox_reply *reply, uint32_t index),
	   void *context)
{
	enum err err = read_all(cli, kind, worker, take, context);

	if (err == ERR_not_found)
		fprintf(cli->err, "the data plane is not running\n");
	else if (err != ERR_ok)
		fprintf(cli->err, "the list is not complete: %s\n", err_text(err));
	return err == ERR_ok ? CLI_OK : CLI_FAILED;
}

/* `next` must grow, or a data plane gone wrong would keep us here. */
static enum err
read_all(const struct cli *cli, enum mailbox_kind kind, uint32_t worker,
	 void (*take)(void *context, const struct mailbox_reply *reply, uint32_t index),
	 void *context)
{
	struct mailbox_request request = { .version = MAILBOX_VERSION,
					   .kind = kind,
					   .worker = worker };
	struct mailbox_reply reply;

	for (;;) {
		enum err err = ask_dataplane(cli->run_dir, TIMEOUT_MS, &request, &reply);

		if (err == ERR_ok)
			err = (enum err)reply.err;
		if (err != ERR_ok)
			return err;
		for (uint32_t i = 0; i < reply.count; i++) {
			if (!row_is_text(kind, &reply, i))
				return ERR_corrupt;
			take(context, &reply, i);
		}
		if (reply.next == UINT32_MAX)
			return ERR_ok;
		if (reply.next <= request.from)
			return ERR_corrupt;
		request.from = reply.next;
	}
}

static bool
ends(const char *text, size_t bytes)
{
	return memchr(text, '\0', bytes) != NULL;
}

/* Whether its texts end, and its prefix is one. */
static bool
row_is_text(enum mailbox_kind kind, const struct mailbox_reply *reply, uint32_t index)
{
	const struct mailbox_neighbour *n = &reply->neighbour[index];
	const struct mailbox_route *r = &reply->route[index];
	const struct mailbox_address *a = &reply->address[index];

	switch (kind) {
	case MAILBOX_CONNECTIONS: /* its text is printed up to its size */
		return true;
	case MAILBOX_NEIGHBOURS:
		return ends(n->port, sizeof n->port) && ends(n->state, sizeof n->state);
	case MAILBOX_ROUTES:
		return ends(r->port, sizeof r->port) && ends(r->kind, sizeof r->kind) &&
		       ends(r->state, sizeof r->state) &&
		       r->prefix_len <= (addr_is_v4(&r->to) ? 32 : 128);
	case MAILBOX_ADDRESSES:
		return ends(a->state, sizeof a->state) &&
		       a->prefix_len <= (addr_is_v4(&a->addr) ? 32 : 128);
	default:
		return false;
	}
}
