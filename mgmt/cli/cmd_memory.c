/*
 * show memory: what the data plane has taken its memory for, and how much of each pool is in use.
 */
#include <inttypes.h>

#include "fw/base/assert.h"
#include "mgmt/cli/cli.h"
#include "mgmt/cli/table.h"

enum cli_code
cmd_show_memory(struct cli *cli, const struct cli_args *args)
{
	static const char *const heads[] = { "NAME",  ">BYTES-EACH", ">CAPACITY", ">USED",
					     ">MOST", ">KBYTES",     "TEXT" };
	struct cli_run run;
	struct table table;

	if (!cli_run_open(cli, &run, CLI_NEED_STATS)) {
		cli_run_close(&run);
		return CLI_FAILED;
	}
	table_init(&table, heads, ARRAY_SIZE(heads));
	for (enum memory row = 0; row < MEMORY_COUNT; row++) {
		struct stats_memory memory = stats_memory(run.stats, row);

		table_add(&table, "%s", memory_infos[row].name);
		table_add(&table, "%" PRIu64, memory.object_bytes);
		table_add(&table, "%" PRIu64, memory.capacity);
		table_add(&table, "%" PRIu64, memory.used);
		table_add(&table, "%" PRIu64, memory.used_max);
		table_add(&table, "%" PRIu64, memory.object_bytes * memory.capacity / 1024);
		table_add(&table, "%s", memory_infos[row].text);
	}
	table_print(&table, cli->out);
	cli_run_close(&run);
	return CLI_OK;
}
