/*
 * show version: this program, and the data plane that runs.
 */
#include <inttypes.h>
#include <time.h>

#include "fw/base/version.h"
#include "mgmt/cli/cli.h"

enum cli_code
cmd_show_version(struct cli *cli, const struct cli_args *args)
{
	struct cli_run run;
	uint64_t up_s;
	time_t now = time(NULL);

	fprintf(cli->out, "version      %s\n", fairlead_version);
	if (!cli_run_open(cli, &run, CLI_NEED_STATS)) {
		cli_run_close(&run);
		return CLI_FAILED;
	}
	up_s = (uint64_t)now > run.stats->started_unix_s ? (uint64_t)now - run.stats->started_unix_s
							 : 0;
	fprintf(cli->out, "pid          %u\n", run.stats->pid);
	fprintf(cli->out, "incarnation  %016" PRIx64 "\n", run.stats->incarnation);
	fprintf(cli->out, "uptime       %" PRIu64 "d %02u:%02u:%02u\n", up_s / 86400,
		(unsigned)(up_s / 3600 % 24), (unsigned)(up_s / 60 % 60), (unsigned)(up_s % 60));
	fprintf(cli->out, "workers      %u\n", run.stats->workers);
	if (run.stats->generation)
		fprintf(cli->out, "generation   %" PRIu64 "\n", run.stats->generation);
	else
		fprintf(cli->out, "generation   none\n");
	cli_run_close(&run);
	return CLI_OK;
}
