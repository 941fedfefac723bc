/*
 * show bonds: a line for each member of each bond of the configuration that runs, in the order of the text: which of
 * them carries traffic, and how far LACP is. What the data plane has not put together has no state.
 */
#include <inttypes.h>
#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/cli/cli.h"
#include "mgmt/cli/table.h"

static void add_bond(struct table *table, const struct cli_run *run, const struct gen_port *bond);
static void
add_member(struct table *table, const struct stats_bond *made, uint32_t member, const char *name);
static const struct stats_bond *made_of(const struct stats *stats, const char *name);

static const char *const modes[GEN_BOND_MODES] = { "", "active-backup", "lacp" };

enum cli_code
cmd_show_bonds(struct cli *cli, const struct cli_args *args)
{
	static const char *const heads[] = { "BOND",    "MODE", "MEMBER",     "LINK",
					     "TRAFFIC", "LACP", ">TAKEOVERS", "TEXT" };
	struct cli_run run;
	struct table table;

	if (!cli_run_open(cli, &run, CLI_NEED_STATS | CLI_NEED_GENERATION)) {
		cli_run_close(&run);
		return CLI_FAILED;
	}
	table_init(&table, heads, ARRAY_SIZE(heads));
	for (uint32_t row = 0; row < run.gen->ports.count; row++)
		if (generation_ports(run.gen)[row].bond_mode != GEN_BOND_NONE)
			add_bond(&table, &run, &generation_ports(run.gen)[row]);
	table_print(&table, cli->out);
	cli_run_close(&run);
	return CLI_OK;
}

static void
add_bond(struct table *table, const struct cli_run *run, const struct gen_port *bond)
{
	const char *name = generation_text(run->gen, bond->name);
	const struct stats_bond *made = made_of(run->stats, name);

	for (uint32_t m = 0; m < bond->member_count; m++) {
		const struct gen_port *member = &generation_ports(run->gen)[bond->members[m]];

		table_add(table, "%s", name);
		table_add(table, "%s", modes[bond->bond_mode]);
		add_member(table, made, m, generation_text(run->gen, member->name));
	}
}

/* made NULL: it is not. */
static void
add_member(struct table *table, const struct stats_bond *made, uint32_t member, const char *name)
{
	const struct stats_bond_member *is = made ? &made->member[member] : NULL;
	bool lacp;

	/* one of a moment ago, while a commit goes on */
	if (is && strncmp(is->name, name, sizeof is->name) != 0)
		is = NULL;
	lacp = is && is->lacp != LACP_STATE_none && is->lacp < LACP_STATE_COUNT;
	table_add(table, "%s", name);
	table_add(table, "%s", !is ? "" : is->link_up ? "up" : "down");
	table_add(table, "%s", !is ? "" : is->is_active ? "yes" : "no");
	table_add(table, "%s", lacp ? lacp_state_infos[is->lacp].name : "");
	if (is)
		table_add(table, "%u", made->takeovers);
	else
		table_add(table, "%s", "");
	table_add(table, "%s", lacp ? lacp_state_infos[is->lacp].text : "");
}

static const struct stats_bond *
made_of(const struct stats *stats, const char *name)
{
	for (uint32_t i = 0; i < LIMIT_PORTS; i++)
		if (stats->bonds[i].mode != GEN_BOND_NONE &&
		    strncmp(stats->ports[i].name, name, STATS_PORT_NAME_BYTES) == 0)
			return &stats->bonds[i];
	return NULL;
}
