/*
 * show pools: a line a member, whatever pool it is in, so that a script needs no state to read it.
 * STATE is what the monitor finds, ADMIN what an operator said, TRAFFIC what follows of both.
 */
#include <inttypes.h>
#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/cli/cli.h"
#include "mgmt/cli/member.h"
#include "mgmt/cli/table.h"
#include "mgmt/model/schema.h"

static void add_pool(struct table *table, const struct cli_run *run, const struct gen_pool *pool);
static void add_member(struct table *table, const struct cli_run *run,
		       const struct gen_member *member, const struct member_pool *look);
static void add_health(struct table *table, const struct health_entry *health);
static const char *method_text(uint32_t method, char out[SCHEMA_TEXT_NAME_BYTES]);

enum cli_code
cmd_show_pools(struct cli *cli, const struct cli_args *args)
{
	static const char *const heads[] = { "MEMBER",     "STATE",   "ADMIN",     "TRAFFIC",
					     "POOL",       "METHOD",  "MONITOR",   ">WEIGHT",
					     ">LIMIT",     "BACKUP",  ">SESSIONS", ">OPEN",
					     ">TOTAL",     ">FAILED", ">REQUESTS", ">BYTES-IN",
					     ">BYTES-OUT", ">5XX",    "SINCE",     "CAUSE" };
	struct cli_run run;
	struct table table;

	if (!cli_run_open(cli, &run, CLI_NEED_STATS | CLI_NEED_GENERATION)) {
		cli_run_close(&run);
		return CLI_FAILED;
	}
	table_init(&table, heads, ARRAY_SIZE(heads));
	for (uint32_t i = 0; i < run.gen->pools.count; i++)
		add_pool(&table, &run, &generation_pools(run.gen)[i]);
	table_print(&table, cli->out);
	cli_run_close(&run);
	return CLI_OK;
}

static void
add_pool(struct table *table, const struct cli_run *run, const struct gen_pool *pool)
{
	struct member_pool look;

	member_pool_look(run, pool, &look);
	for (uint32_t i = 0; i < pool->member_count; i++)
		add_member(table, run, &generation_members(run->gen)[pool->first_member + i],
			   &look);
}

static void
add_member(struct table *table, const struct cli_run *run, const struct gen_member *member,
	   const struct member_pool *look)
{
	static const enum member_counter shown[] = {
		MEMBER_COUNTER_sessions_open, MEMBER_COUNTER_conns_open,
		MEMBER_COUNTER_conns_total,   MEMBER_COUNTER_conns_failed,
		MEMBER_COUNTER_requests,      MEMBER_COUNTER_bytes_in,
		MEMBER_COUNTER_bytes_out,     MEMBER_COUNTER_responses_5xx
	};
	const struct gen_pool *pool = &generation_pools(run->gen)[member->pool];
	char endpoint[ENDPOINT_TEXT_MAX], method[SCHEMA_TEXT_NAME_BYTES];

	table_add(table, "%s", endpoint_format(&member->endpoint, endpoint));
	table_add(table, "%s", member_state_text(run, member));
	table_add(table, "%s", member_admin_text(member_admin_state(run, member)));
	table_add(table, "%s", member_traffic_text(run, member, look));
	table_add(table, "%s", generation_text(run->gen, pool->name));
	table_add(table, "%s", method_text(pool->method, method));
	table_add(
	    table, "%s",
	    pool->monitor == GENERATION_NONE
		? ""
		: generation_text(run->gen, generation_monitors(run->gen)[pool->monitor].name));
	table_add(table, "%u", member->weight);
	if (member->connection_limit)
		table_add(table, "%u", member->connection_limit);
	else
		table_add(table, "%s", "");
	table_add(table, "%s", member->backup ? "backup" : "");
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
		table_add(table, "%" PRIu64, cli_member_counter(run, member, shown[i]));
	add_health(table, member_health(run, member));
}

static void
add_health(struct table *table, const struct health_entry *health)
{
	char since[CLI_TIME_BYTES];

	table_add(table, "%s", cli_time(health ? health->changed_unix_us : 0, false, since));
	table_add(table, "%s", health ? health_cause_text((enum health_cause)health->cause) : "");
}

/* The word of the configuration. */
static const char *
method_text(uint32_t method, char out[SCHEMA_TEXT_NAME_BYTES])
{
	out[0] = '\0';
	for (size_t f = 0; f < schema_field_count; f++)
		if (schema_fields[f].noun == SCHEMA_NOUN_pool &&
		    strcmp(schema_fields[f].member, "method") == 0)
			schema_choice_word(schema_fields[f].values, method, out);
	return out;
}
