/*
 * show interfaces: a line for each port, bond and VLAN of the configuration that runs, with its addresses
 * and whether they can be used. Links and counters are the port's: frames are not counted by VLAN, and those of a
 * bond's ports by the bond.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/cli/pages.h"
#include "mgmt/cli/table.h"

struct interfaces {
	const struct cli_run *run;
	char *addresses[LIMIT_INTERFACES]; /* each "ADDRESS/LENGTH(STATE)", with blanks between */
};

static void take(void *context, const struct mailbox_reply *reply, uint32_t index);
static void add_row(struct table *table, const struct interfaces *all, uint32_t row);
static void add_device(struct table *table, const struct stats_port *device);
static void add_bonded(struct table *table, const struct stats *stats, const char *name);
static void
add_counters(struct table *table, const struct stats *stats, const struct stats_port *device);
static const struct stats_port *device_of(const struct cli_run *run, const char *name);

enum cli_code
cmd_show_interfaces(struct cli *cli, const struct cli_args *args)
{
	static const char *const heads[] = { "NAME",        "PORT",        ">TAG",
					     "LINK",        ">SPEED-MBPS", ">MTU",
					     "MAC",         ">RX-PACKETS", ">RX-BYTES",
					     ">TX-PACKETS", ">TX-BYTES",   ">ERRORS",
					     "ADDRESSES" };
	struct interfaces all = { 0 };
	enum cli_code code = CLI_FAILED;
	struct cli_run run;
	struct table table;

	if (cli_run_open(cli, &run, CLI_NEED_STATS | CLI_NEED_GENERATION)) {
		all.run = &run;
		code = pages_read(cli, MAILBOX_ADDRESSES, 0, take, &all);
		table_init(&table, heads, ARRAY_SIZE(heads));
		for (uint32_t row = 0; row < run.gen->ports.count; row++)
			add_row(&table, &all, row);
		table_print(&table, cli->out);
	}
	for (uint32_t row = 0; row < LIMIT_INTERFACES; row++)
		free(all.addresses[row]);
	cli_run_close(&run);
	return code;
}

static void
take(void *context, const struct mailbox_reply *reply, uint32_t index)
{
	const struct mailbox_address *a = &reply->address[index];
	struct interfaces *all = context;
	char text[ADDR_TEXT_MAX], *longer;
	const char *before;

	if (a->port >= LIMIT_INTERFACES)
		return;
	before = all->addresses[a->port];
	ASSERT(asprintf(&longer, "%s%s%s/%u(%s)", before ? before : "", before ? " " : "",
			addr_format(&a->addr, text), a->prefix_len, a->state) >= 0);
	free(all->addresses[a->port]);
	all->addresses[a->port] = longer;
}

static void
add_row(struct table *table, const struct interfaces *all, uint32_t row)
{
	const struct generation *gen = all->run->gen;
	const struct gen_port *own = &generation_ports(gen)[row];
	uint32_t bond = generation_bond_of(gen, row);
	uint32_t carrier = bond != GENERATION_NONE ? bond : own->parent;
	bool is_vlan = own->parent != GENERATION_NONE;
	const struct gen_port *port = is_vlan ? &generation_ports(gen)[own->parent] : own;
	const struct stats_port *device = device_of(all->run, generation_text(gen, port->name));
	uint32_t mtu_bytes = own->mtu_bytes;

	if (device && device->mtu_bytes < mtu_bytes)
		mtu_bytes = device->mtu_bytes;
	table_add(table, "%s", generation_text(gen, own->name));
	table_add(table, "%s",
		  carrier != GENERATION_NONE
		      ? generation_text(gen, generation_ports(gen)[carrier].name)
		      : "");
	if (is_vlan)
		table_add(table, "%u", own->tag);
	else
		table_add(table, "%s", "");
	if (device)
		add_device(table, device);
	else
		add_bonded(table, all->run->stats, generation_text(gen, own->name));
	table_add(table, "%u", mtu_bytes);
	if (device)
		table_add(table, "%02x:%02x:%02x:%02x:%02x:%02x", device->mac[0], device->mac[1],
			  device->mac[2], device->mac[3], device->mac[4], device->mac[5]);
	else
		table_add(table, "%s", "");
	add_counters(table, all->run->stats, is_vlan ? NULL : device);
	table_add(table, "%s", all->addresses[row] ? all->addresses[row] : "");
}

/* Link and speed. */
static void
add_device(struct table *table, const struct stats_port *device)
{
	table_add(table, "%s", device->link_up ? "up" : "down");
	if (device->speed_mbps)
		table_add(table, "%u", device->speed_mbps);
	else
		table_add(table, "%s", "");
}

/* The same of a port that is in a bond, or nothing. */
static void
add_bonded(struct table *table, const struct stats *stats, const char *name)
{
	const char *link = "";

	for (uint32_t i = 0; i < LIMIT_PORTS; i++)
		for (uint32_t m = 0; m < LIMIT_BOND_PORTS; m++) {
			const struct stats_bond_member *member = &stats->bonds[i].member[m];

			if (strncmp(member->name, name, sizeof member->name) == 0)
				link = member->link_up ? "up" : "down";
		}
	table_add(table, "%s", link);
	table_add(table, "%s", "");
}

/* NULL: nobody counts. */
static void
add_counters(struct table *table, const struct stats *stats, const struct stats_port *device)
{
	static const enum port_counter shown[] = { PORT_COUNTER_rx_packets, PORT_COUNTER_rx_bytes,
						   PORT_COUNTER_tx_packets, PORT_COUNTER_tx_bytes };

	for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
		if (device)
			table_add(
			    table, "%" PRIu64,
			    stats_port_counter(stats, (uint32_t)(device - stats->ports), shown[i]));
		else
			table_add(table, "%s", "");
	if (device)
		table_add(table, "%" PRIu64, device->errors);
	else
		table_add(table, "%s", "");
}

static const struct stats_port *
device_of(const struct cli_run *run, const char *name)
{
	for (uint32_t i = 0; i < LIMIT_PORTS; i++)
		if (strncmp(run->stats->ports[i].name, name, STATS_PORT_NAME_BYTES) == 0)
			return &run->stats->ports[i];
	return NULL;
}
