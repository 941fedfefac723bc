/*
 * show ledger: the last transitions of members, each with its cause. A record stands for itself:
 * it may be about a member, pool or monitor that is in no configuration any more.
 */
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/cli/choices.h"
#include "mgmt/cli/cli.h"
#include "mgmt/cli/member.h"
#include "mgmt/cli/table.h"
#include "mgmt/push/view.h"

/* What is asked for: all, a member, or a pool by its members and its name. */
struct wanted {
	const char *text; /* NULL: all */
	bool is_member;
	struct endpoint member;
	const struct generation *gen; /* NULL: none */
	const struct gen_pool *pool;  /* NULL: none of the running configuration */
};

static bool find_wanted(struct cli *cli, const struct cli_run *run, struct wanted *wanted);
static void
print_ledger(struct cli *cli, const struct health_table *health, const struct wanted *wanted);
static bool is_wanted(const struct wanted *wanted, const struct ledger_record *record);
static bool is_of_pool(const struct wanted *wanted, const struct ledger_record *record);
static void add_record(struct table *table, const struct ledger_record *record);

enum cli_code
cmd_show_ledger(struct cli *cli, const struct cli_args *args)
{
	struct wanted wanted = { .text = args->count ? args->word[0] : NULL };
	enum cli_code code = CLI_FAILED;
	struct cli_run run;

	if (cli_run_open(cli, &run, CLI_NEED_GENERATION)) {
		if (!run.health)
			fprintf(cli->err,
				"nothing is known of any member: no data plane has run\n");
		else if (find_wanted(cli, &run, &wanted)) {
			print_ledger(cli, run.health, &wanted);
			code = CLI_OK;
		}
	}
	cli_run_close(&run);
	return code;
}

/* A member need not be configured any more; a pool must be, or who would know its members? */
static bool
find_wanted(struct cli *cli, const struct cli_run *run, struct wanted *wanted)
{
	wanted->gen = run->gen;
	if (!wanted->text)
		return true;
	wanted->is_member = member_parse_endpoint(wanted->text, &wanted->member);
	if (!wanted->is_member)
		wanted->pool = member_find_pool(cli, run, wanted->text);
	return wanted->is_member || wanted->pool;
}

static void
print_ledger(struct cli *cli, const struct health_table *health, const struct wanted *wanted)
{
	static const char *const heads[] = {
		"TIME", "MEMBER", "KIND", "FROM", "TO", "OF", "CAUSE"
	};
	struct ledger_record *records = malloc(LEDGER_WRITERS * LEDGER_RECORDS * sizeof *records);
	struct table table;
	uint32_t count;

	ASSERT(records);
	table_init(&table, heads, ARRAY_SIZE(heads));
	count = ledger_read(health->ledger, records);
	for (uint32_t i = 0; i < count; i++)
		if (is_wanted(wanted, &records[i]))
			add_record(&table, &records[i]);
	table_print(&table, cli->out);
	free(records);
}

static bool
is_wanted(const struct wanted *wanted, const struct ledger_record *record)
{
	struct endpoint endpoint = { record->address, record->port };

	if (wanted->is_member)
		return endpoint_equal(&endpoint, &wanted->member);
	return !wanted->text || is_of_pool(wanted, record);
}

/* What an operator said is of one pool; what a monitor found is of all pools that have both. */
static bool
is_of_pool(const struct wanted *wanted, const struct ledger_record *record)
{
	const struct gen_pool *pool = wanted->pool;
	const char *monitor = "";
	struct endpoint endpoint = { record->address, record->port };

	if (record->kind == LEDGER_ADMIN)
		return strcmp(record->name, wanted->text) == 0;
	if (pool->monitor != GENERATION_NONE)
		monitor = generation_text(wanted->gen,
					  generation_monitors(wanted->gen)[pool->monitor].name);
	if (strcmp(record->name, monitor) != 0)
		return false;
	for (uint32_t i = 0; i < pool->member_count; i++)
		if (endpoint_equal(
			&generation_members(wanted->gen)[pool->first_member + i].endpoint,
			&endpoint))
			return true;
	return false;
}

static void
add_record(struct table *table, const struct ledger_record *record)
{
	struct endpoint endpoint = { record->address, record->port };
	char time[CLI_TIME_BYTES], member[ENDPOINT_TEXT_MAX];
	bool admin = record->kind == LEDGER_ADMIN;

	table_add(table, "%s", cli_time(record->unix_us, true, time));
	table_add(table, "%s", endpoint_format(&endpoint, member));
	table_add(table, "%s", admin ? "admin" : "health");
	table_add(table, "%s",
		  admin ? member_admin_text((enum member_admin)record->from)
			: health_state_text((enum health_state)record->from));
	table_add(table, "%s",
		  admin ? member_admin_text((enum member_admin)record->to)
			: health_state_text((enum health_state)record->to));
	table_add(table, "%s", record->name);
	table_add(table, "%s",
		  admin ? "an operator said so"
			: health_cause_text((enum health_cause)record->cause));
}
