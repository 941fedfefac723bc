/*
 * show counters: the data plane's counters, summed over its workers.
 */
#include <inttypes.h>

#include "fw/base/assert.h"
#include "mgmt/cli/cli.h"
#include "mgmt/cli/table.h"

enum cli_code
cmd_show_counters(struct cli *cli, const struct cli_args *args)
{
	static const char *const heads[] = { "NAME", ">VALUE", "UNIT", "TEXT" };
	struct cli_run run;
	struct table table;

	if (!cli_run_open(cli, &run, CLI_NEED_STATS)) {
		cli_run_close(&run);
		return CLI_FAILED;
	}
	table_init(&table, heads, ARRAY_SIZE(heads));
	for (enum counter counter = 0; counter < COUNTER_COUNT; counter++) {
		table_add(&table, "%s", counter_infos[counter].name);
		table_add(&table, "%" PRIu64, stats_counter(run.stats, counter));
		table_add(&table, "%s", counter_infos[counter].unit);
		table_add(&table, "%s", counter_infos[counter].text);
	}
	table_print(&table, cli->out);
	cli_run_close(&run);
	return CLI_OK;
}
