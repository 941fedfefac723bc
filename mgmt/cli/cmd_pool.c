/*
 * show pools: a line a member, whatever pool it is in, so that a script needs no state to read it.
 */
#include <inttypes.h>
#include <time.h>

#include "fw/base/assert.h"
#include "mgmt/cli/cli.h"
#include "mgmt/cli/table.h"
#include "mgmt/model/schema.h"

static void
add_member(struct table *table, const struct cli_run *run, const struct gen_member *member);
static void add_health(struct table *table, const struct health_entry *health);
static const char *method_text(uint32_t method, char out[SCHEMA_TEXT_NAME_BYTES]);

enum cli_code
cmd_show_pools(struct cli *cli, const char *argument)
{
	static const char *const heads[] = { "MEMBER",  "STATE",     "POOL",      "METHOD",
					     "MONITOR", ">WEIGHT",   ">OPEN",     ">TOTAL",
					     ">FAILED", ">REQUESTS", ">BYTES-IN", ">BYTES-OUT",
					     ">5XX",    "SINCE",     "CAUSE" };
	struct cli_run run;
	struct table table;

	if (!cli_run_open(cli, &run, CLI_NEED_STATS | CLI_NEED_GENERATION)) {
		cli_run_close(&run);
		return CLI_FAILED;
	}
	table_init(&table, heads, ARRAY_SIZE(heads));
	for (uint32_t i = 0; i < run.gen->members.count; i++)
		add_member(&table, &run, &generation_members(run.gen)[i]);
	table_print(&table, cli->out);
	cli_run_close(&run);
	return CLI_OK;
}

static void
add_member(struct table *table, const struct cli_run *run, const struct gen_member *member)
{
	static const enum member_counter shown[] = {
		MEMBER_COUNTER_conns_open,   MEMBER_COUNTER_conns_total,
		MEMBER_COUNTER_conns_failed, MEMBER_COUNTER_requests,
		MEMBER_COUNTER_bytes_in,     MEMBER_COUNTER_bytes_out,
		MEMBER_COUNTER_responses_5xx
	};
	const struct gen_pool *pool = &generation_pools(run->gen)[member->pool];
	char endpoint[ENDPOINT_TEXT_MAX], method[SCHEMA_TEXT_NAME_BYTES];

	table_add(table, "%s", endpoint_format(&member->endpoint, endpoint));
	table_add(table, "%s", cli_member_state(run, member));
	table_add(table, "%s", generation_text(run->gen, pool->name));
	table_add(table, "%s", method_text(pool->method, method));
	table_add(
	    table, "%s",
	    pool->monitor == GENERATION_NONE
		? ""
		: generation_text(run->gen, generation_monitors(run->gen)[pool->monitor].name));
	table_add(table, "%u", member->weight);
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
		table_add(table, "%" PRIu64, cli_member_counter(run, member, shown[i]));
	add_health(table, cli_member_health(run, member));
}

static void
add_health(struct table *table, const struct health_entry *health)
{
	char text[32] = "";
	struct tm utc;
	time_t changed = health ? (time_t)(health->changed_unix_us / 1000000) : 0;

	if (changed && gmtime_r(&changed, &utc))
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
	table_add(table, "%s", text);
	table_add(table, "%s", health ? health_cause_text((enum health_cause)health->cause) : "");
}

/* The word of the configuration. */
static const char *
method_text(uint32_t method, char out[SCHEMA_TEXT_NAME_BYTES])
{
	out[0] = '\0';
	for (size_t f = 0; f < schema_field_count; f++)
		if (schema_fields[f].noun == SCHEMA_NOUN_pool &&
		    schema_fields[f].type == SCHEMA_CHOICE)
			schema_choice_word(schema_fields[f].values, method, out);
	return out;
}
