/*
 * trace packet: the walk of the next packets that a filter lets through.
 */
#include <inttypes.h>

#include "mgmt/cli/cli.h"
#include "mgmt/cli/tap.h"
#include "mgmt/cli/walk.h"

#define PACKETS_MAX 1000000u

struct trace {
	struct cli *cli;
	const struct stats *stats;
	uint64_t wanted, packets;
};

static enum cli_code
trace(struct cli *cli, const char *filter, const char *packets, const char *port);
static bool take(void *context, const struct tap_record *record);

/* args: filter, number of packets. */
enum cli_code
cmd_trace_packet(struct cli *cli, const struct cli_args *args)
{
	return trace(cli, args->word[0], args->word[1], NULL);
}

/* The same, and a port. */
enum cli_code
cmd_trace_packet_on(struct cli *cli, const struct cli_args *args)
{
	return trace(cli, args->word[0], args->word[1], args->word[2]);
}

static enum cli_code
trace(struct cli *cli, const char *filter, const char *packets, const char *port)
{
	struct trace context = { .cli = cli };
	struct tap_reader reader = { .take = take, .context = &context };
	enum cli_code code = CLI_FAILED;
	struct tap_result result;
	struct tap_plan plan;
	struct cli_run run;
	uint32_t tag = 0;

	tap_plan_all(&plan);
	if (cli_run_open(cli, &run, CLI_NEED_STATS) &&
	    (!port || tap_set_port(cli, run.stats, port, &plan, &tag)) &&
	    tap_compile(cli, filter, tag, &plan) &&
	    tap_number(cli, "number of packets", packets, PACKETS_MAX, &context.wanted)) {
		context.stats = run.stats;
		plan.frames = context.wanted;
		plan.kept_bytes = TAP_TRACE_KEPT;
		code = tap_run(cli, TAP_TRACE, &plan, &reader, &result);
		if (code == CLI_OK && result.lost)
			fprintf(cli->err, "%" PRIu64 " packets between these are not shown\n",
				result.lost);
	}
	cli_run_close(&run);
	return code;
}

static bool
take(void *context, const struct tap_record *record)
{
	struct trace *t = context;
	char port[STATS_PORT_NAME_BYTES + 1] = "?";

	if (record->kind != TAP_TRACE)
		return true;
	if (record->device < LIMIT_PORTS)
		snprintf(port, sizeof port, "%.*s", STATS_PORT_NAME_BYTES,
			 t->stats->ports[record->device].name);
	walk_print(t->cli->out, ++t->packets, port, record);
	return t->packets < t->wanted;
}
