/*
 * show drops: discarded packets by reason, how many since the start of the data plane, how many in
 * the last second, and when the last one was.
 */
#include <inttypes.h>

#include "fw/base/assert.h"
#include "mgmt/cli/cli.h"
#include "mgmt/cli/table.h"

static enum cli_code show(struct cli *cli, bool all);

enum cli_code
cmd_show_drops(struct cli *cli, const struct cli_args *args)
{
	return show(cli, false);
}

enum cli_code
cmd_show_drops_all(struct cli *cli, const struct cli_args *args)
{
	return show(cli, true);
}

static enum cli_code
show(struct cli *cli, bool all)
{
	static const char *const heads[] = { "NAME", ">COUNT", ">PER-SECOND", "LAST", "TEXT" };
	struct cli_run run;
	struct table table;

	if (!cli_run_open(cli, &run, CLI_NEED_STATS)) {
		cli_run_close(&run);
		return CLI_FAILED;
	}
	table_init(&table, heads, ARRAY_SIZE(heads));
	for (enum drop_reason reason = DROP_none + 1; reason < DROP_COUNT; reason++) {
		const struct stats_drop *drop = &run.stats->drops[reason];
		uint64_t count = stats_drop(run.stats, reason);
		char last[CLI_TIME_BYTES];

		if (count == 0 && !all)
			continue;
		table_add(&table, "%s", drop_infos[reason].name);
		table_add(&table, "%" PRIu64, count);
		table_add(&table, "%" PRIu64, drop->per_second);
		table_add(&table, "%s", cli_time(drop->last_unix_us, false, last));
		table_add(&table, "%s", drop_infos[reason].text);
	}
	table_print(&table, cli->out);
	cli_run_close(&run);
	return CLI_OK;
}
