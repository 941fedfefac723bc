/*
 * show workers: a line each. Load is the share of time spent in turns that found something to do, in the last second and
 * since the start; idle is the share of turns that found nothing. Handed over is what came to the wrong worker, resolved what
 * worker 0 had to find the neighbour for.
 */
#include <inttypes.h>

#include "fw/base/assert.h"
#include "mgmt/cli/cli.h"
#include "mgmt/cli/table.h"

static void add_worker(struct table *table, const struct stats *stats, uint32_t index);
static void add_share(struct table *table, uint64_t part, uint64_t of);

enum cli_code
cmd_show_workers(struct cli *cli, const struct cli_args *args)
{
	static const char *const heads[] = {
		"WORKER",       ">LOAD-1S",   ">LOAD",       ">TURNS",      ">IDLE",
		">CONNECTIONS", ">SESSIONS",  ">RX-PACKETS", ">TX-PACKETS", ">HANDED-OVER",
		">TAKEN",       ">RING-FULL", ">RESOLVED",
	};
	struct cli_run run;
	struct table table;

	if (!cli_run_open(cli, &run, CLI_NEED_STATS)) {
		cli_run_close(&run);
		return CLI_FAILED;
	}
	table_init(&table, heads, ARRAY_SIZE(heads));
	for (uint32_t i = 0; i < run.stats->workers && i < LIMIT_WORKERS; i++)
		add_worker(&table, run.stats, i);
	table_print(&table, cli->out);
	cli_run_close(&run);
	return CLI_OK;
}

static void
add_worker(struct table *table, const struct stats *stats, uint32_t index)
{
	const struct stats_worker *worker = &stats->worker[index];
	const uint64_t *counter = worker->counter;
	const struct stats_load *load = &stats->load[index];
	uint64_t rx = 0, tx = 0;

	for (uint32_t port = 0; port < LIMIT_PORTS; port++) {
		rx += worker->port[port][PORT_COUNTER_rx_packets];
		tx += worker->port[port][PORT_COUNTER_tx_packets];
	}
	table_add(table, "%u", index);
	add_share(table, load->busy_us, load->of_us);
	add_share(table, counter[COUNTER_turns_busy_us], stats->now_us - stats->started_us);
	table_add(table, "%" PRIu64, counter[COUNTER_turns]);
	add_share(table, counter[COUNTER_turns_idle], counter[COUNTER_turns]);
	table_add(table, "%" PRIu64, counter[COUNTER_tcp_conns_open]);
	table_add(table, "%" PRIu64, counter[COUNTER_sessions_open]);
	table_add(table, "%" PRIu64, rx);
	table_add(table, "%" PRIu64, tx);
	table_add(table, "%" PRIu64, counter[COUNTER_handoffs_given]);
	table_add(table, "%" PRIu64, counter[COUNTER_handoffs_taken]);
	table_add(table, "%" PRIu64, worker->drop[DROP_handoff_full]);
	table_add(table, "%" PRIu64, counter[COUNTER_resolutions_asked]);
}

/* In percent; nothing of nothing is not known. */
static void
add_share(struct table *table, uint64_t part, uint64_t of)
{
	uint64_t thousandths = of ? part * 1000 / of : 0;

	if (of)
		table_add(table, "%" PRIu64 ".%" PRIu64 "%%", thousandths / 10, thousandths % 10);
	else
		table_add(table, "%s", "");
}
