/*
 * show monitors: a line each, what it asks and what it found.
 */
#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/cli/cli.h"
#include "mgmt/cli/member.h"
#include "mgmt/cli/table.h"
#include "mgmt/model/schema.h"

static void
count_states(const struct cli_run *run, uint32_t monitor, uint32_t count[HEALTH_DOWN + 1]);
static const char *choice(const char *member, uint32_t value, char out[SCHEMA_TEXT_NAME_BYTES]);

enum cli_code
cmd_show_monitors(struct cli *cli, const struct cli_args *args)
{
	static const char *const heads[] = { "NAME",        "TYPE",     ">INTERVAL-MS", ">JITTER-%",
					     ">TIMEOUT-MS", ">FALL",    ">RISE",        ">UP",
					     ">DOWN",       ">UNKNOWN", "METHOD",       "PATH" };
	struct cli_run run;
	struct table table;

	if (!cli_run_open(cli, &run, CLI_NEED_GENERATION)) {
		cli_run_close(&run);
		return CLI_FAILED;
	}
	table_init(&table, heads, ARRAY_SIZE(heads));
	for (uint32_t i = 0; i < run.gen->monitors.count; i++) {
		const struct gen_monitor *monitor = &generation_monitors(run.gen)[i];
		bool http = monitor->type == GEN_MONITOR_HTTP;
		uint32_t count[HEALTH_DOWN + 1] = { 0 };
		char word[SCHEMA_TEXT_NAME_BYTES];

		count_states(&run, i, count);
		table_add(&table, "%s", generation_text(run.gen, monitor->name));
		table_add(&table, "%s", choice("type", monitor->type, word));
		table_add(&table, "%u", monitor->interval_ms);
		table_add(&table, "%u", monitor->jitter_percent);
		table_add(&table, "%u", monitor->timeout_ms);
		table_add(&table, "%u", monitor->fall);
		table_add(&table, "%u", monitor->rise);
		table_add(&table, "%u", count[HEALTH_UP]);
		table_add(&table, "%u", count[HEALTH_DOWN]);
		table_add(&table, "%u", count[HEALTH_UNKNOWN]);
		table_add(&table, "%s", http ? choice("method", monitor->method, word) : "");
		table_add(&table, "%s", http ? generation_text(run.gen, monitor->path) : "");
	}
	table_print(&table, cli->out);
	cli_run_close(&run);
	return CLI_OK;
}

static void
count_states(const struct cli_run *run, uint32_t monitor, uint32_t count[HEALTH_DOWN + 1])
{
	for (uint32_t i = 0; i < run->gen->members.count; i++) {
		const struct gen_member *member = &generation_members(run->gen)[i];
		const struct health_entry *health;

		if (generation_pools(run->gen)[member->pool].monitor != monitor)
			continue;
		health = member_health(run, member);
		count[health && health->state <= HEALTH_DOWN ? health->state : HEALTH_UNKNOWN]++;
	}
}

/* The word of the configuration. */
static const char *
choice(const char *member, uint32_t value, char out[SCHEMA_TEXT_NAME_BYTES])
{
	out[0] = '\0';
	for (size_t f = 0; f < schema_field_count; f++)
		if (schema_fields[f].noun == SCHEMA_NOUN_monitor &&
		    strcmp(schema_fields[f].member, member) == 0)
			schema_choice_word(schema_fields[f].values, value, out);
	return out;
}
