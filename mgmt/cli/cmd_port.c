/*
 * show ports: a line each.
 */
#include <inttypes.h>

#include "fw/base/assert.h"
#include "mgmt/cli/cli.h"
#include "mgmt/cli/table.h"

static void add_port(struct table *table, const struct stats *stats, uint32_t index);

enum cli_code
cmd_show_ports(struct cli *cli, const struct cli_args *args)
{
	static const char *const heads[] = { "NAME",          "DRIVER",      "MAC",
					     "LINK",          ">MTU",        ">RX-PACKETS",
					     ">RX-BYTES",     ">TX-PACKETS", ">TX-BYTES",
					     ">LINK-CHANGES", "OFFLOADS" };
	struct cli_run run;
	struct table table;

	if (!cli_run_open(cli, &run, CLI_NEED_STATS)) {
		cli_run_close(&run);
		return CLI_FAILED;
	}
	table_init(&table, heads, ARRAY_SIZE(heads));
	for (uint32_t i = 0; i < LIMIT_PORTS; i++)
		if (run.stats->ports[i].name[0])
			add_port(&table, run.stats, i);
	table_print(&table, cli->out);
	cli_run_close(&run);
	return CLI_OK;
}

static void
add_port(struct table *table, const struct stats *stats, uint32_t index)
{
	static const enum port_counter shown[] = { PORT_COUNTER_rx_packets, PORT_COUNTER_rx_bytes,
						   PORT_COUNTER_tx_packets, PORT_COUNTER_tx_bytes };
	const struct stats_port *port = &stats->ports[index];
	const uint8_t *mac = port->mac;

	table_add(table, "%.*s", (int)sizeof port->name, port->name);
	table_add(table, "%.*s", (int)sizeof port->driver, port->driver);
	table_add(table, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
		  mac[5]);
	table_add(table, "%s", port->link_up ? "up" : "down");
	table_add(table, "%u", port->mtu_bytes);
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
		table_add(table, "%" PRIu64, stats_port_counter(stats, index, shown[i]));
	table_add(table, "%" PRIu64, port->link_changes);
	table_add(table, "%.*s", (int)sizeof port->offloads, port->offloads);
}
