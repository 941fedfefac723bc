/*
 * show virtual-servers: a line each.
 */
#include <inttypes.h>

#include "fw/base/assert.h"
#include "mgmt/cli/cli.h"
#include "mgmt/cli/member.h"
#include "mgmt/cli/table.h"

enum cli_code
cmd_show_virtual_servers(struct cli *cli, const struct cli_args *args)
{
	static const char *const heads[] = { "NAME",      "ADDRESS",    "TYPE",     "POOL",
					     "STATE",     ">OPEN",      ">TOTAL",   ">REQUESTS",
					     ">BYTES-IN", ">BYTES-OUT", ">2XX",     ">3XX",
					     ">4XX",      ">5XX",       ">REFUSED", ">ABORTED" };
	static const enum vs_counter shown[] = { VS_COUNTER_conns_open,    VS_COUNTER_conns_total,
						 VS_COUNTER_requests,      VS_COUNTER_bytes_in,
						 VS_COUNTER_bytes_out,     VS_COUNTER_responses_2xx,
						 VS_COUNTER_responses_3xx, VS_COUNTER_responses_4xx,
						 VS_COUNTER_responses_5xx, VS_COUNTER_refused,
						 VS_COUNTER_aborted };
	struct cli_run run;
	struct table table;

	if (!cli_run_open(cli, &run, CLI_NEED_STATS | CLI_NEED_GENERATION)) {
		cli_run_close(&run);
		return CLI_FAILED;
	}
	table_init(&table, heads, ARRAY_SIZE(heads));
	for (uint32_t i = 0; i < run.gen->virtual_servers.count; i++) {
		const struct gen_virtual_server *vs = &generation_virtual_servers(run.gen)[i];
		const struct gen_pool *pool = &generation_pools(run.gen)[vs->pool];
		char endpoint[ENDPOINT_TEXT_MAX];
		struct member_pool look;

		member_pool_look(&run, pool, &look);
		table_add(&table, "%s", generation_text(run.gen, vs->name));
		table_add(&table, "%s", endpoint_format(&vs->endpoint, endpoint));
		table_add(&table, "%s", vs->type == GEN_VS_HTTP ? "http" : "tcp");
		table_add(&table, "%s", generation_text(run.gen, pool->name));
		table_add(&table, "%s", member_pool_state_text(&look));
		for (size_t c = 0; c < ARRAY_SIZE(shown); c++)
			table_add(&table, "%" PRIu64, cli_vs_counter(&run, vs, shown[c]));
	}
	table_print(&table, cli->out);
	cli_run_close(&run);
	return CLI_OK;
}
