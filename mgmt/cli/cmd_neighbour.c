/*
 * show arp, show neighbours: who is known on our links, IPv4 and IPv6.
 */
#include <inttypes.h>

#include "fw/base/assert.h"
#include "mgmt/cli/pages.h"
#include "mgmt/cli/table.h"

struct list {
	struct table table;
	bool v4;
};

static enum cli_code show(struct cli *cli, bool v4);
static void take(void *context, const struct mailbox_reply *reply, uint32_t index);
static void add_time(struct table *table, uint64_t us);

enum cli_code
cmd_show_arp(struct cli *cli, const struct cli_args *args)
{
	return show(cli, true);
}

enum cli_code
cmd_show_neighbours(struct cli *cli, const struct cli_args *args)
{
	return show(cli, false);
}

static enum cli_code
show(struct cli *cli, bool v4)
{
	static const char *const heads[] = { "ADDRESS", "PORT",     "MAC",     "STATE",
					     ">AGE-MS", ">IDLE-MS", ">WAITING" };
	struct list list = { .v4 = v4 };
	enum cli_code code;

	table_init(&list.table, heads, ARRAY_SIZE(heads));
	code = pages_read(cli, MAILBOX_NEIGHBOURS, 0, take, &list);
	if (code == CLI_OK || list.table.cells)
		table_print(&list.table, cli->out);
	return code;
}

static void
take(void *context, const struct mailbox_reply *reply, uint32_t index)
{
	const struct mailbox_neighbour *n = &reply->neighbour[index];
	struct list *list = context;
	struct table *table = &list->table;
	char text[ADDR_TEXT_MAX];

	if (addr_is_v4(&n->addr) != list->v4)
		return;
	table_add(table, "%s", addr_format(&n->addr, text));
	table_add(table, "%s", n->port);
	if (n->has_mac)
		table_add(table, "%02x:%02x:%02x:%02x:%02x:%02x", n->mac[0], n->mac[1], n->mac[2],
			  n->mac[3], n->mac[4], n->mac[5]);
	else
		table_add(table, "%s", "");
	table_add(table, "%s", n->state);
	add_time(table, n->age_us);
	add_time(table, n->idle_us);
	table_add(table, "%u", n->waiting);
}

static void
add_time(struct table *table, uint64_t us)
{
	if (us == UINT64_MAX)
		table_add(table, "%s", "");
	else
		table_add(table, "%" PRIu64, us / 1000);
}
