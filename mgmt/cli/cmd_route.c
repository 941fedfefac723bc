/*
 * show routes: connected prefixes and configured routes, a line a gateway.
 */
#include "fw/base/assert.h"
#include "mgmt/cli/pages.h"
#include "mgmt/cli/table.h"

static void take(void *table, const struct mailbox_reply *reply, uint32_t index);

enum cli_code
cmd_show_routes(struct cli *cli, const struct cli_args *args)
{
	static const char *const heads[] = { "TO", "VIA", "PORT", "KIND", "STATE" };
	enum cli_code code;
	struct table table;

	table_init(&table, heads, ARRAY_SIZE(heads));
	code = pages_read(cli, MAILBOX_ROUTES, 0, take, &table);
	if (code == CLI_OK || table.cells)
		table_print(&table, cli->out);
	return code;
}

static void
take(void *table, const struct mailbox_reply *reply, uint32_t index)
{
	const struct mailbox_route *r = &reply->route[index];
	bool connected = addr_equal(&r->via, &addr_any);
	char text[ADDR_TEXT_MAX];

	table_add(table, "%s/%u", addr_format(&r->to, text), r->prefix_len);
	table_add(table, "%s", connected ? "" : addr_format(&r->via, text));
	table_add(table, "%s", r->port);
	table_add(table, "%s", r->kind);
	table_add(table, "%s", r->state);
}
