/*
 * show services: what of the box itself may be reached through data ports, and how much of it is.
 */
#include <inttypes.h>
#include <string.h>

#include "fw/abi/services.h"
#include "fw/base/assert.h"
#include "mgmt/cli/cli.h"
#include "mgmt/cli/table.h"

#define PORTS_BYTES (LIMIT_INTERFACES * (LIMIT_PORT_NAME_BYTES + 1))

static void add_service(struct table *table, const struct cli_run *run, enum service service);
static const char *
allowed_on(const struct generation *gen, enum service service, char out[PORTS_BYTES]);

enum cli_code
cmd_show_services(struct cli *cli, const struct cli_args *args)
{
	static const char *const heads[] = { "NAME",     "PORTS", ">IN", ">OUT",
					     ">LIMITED", ">FULL", "TEXT" };
	struct cli_run run;
	struct table table;

	if (!cli_run_open(cli, &run, CLI_NEED_STATS | CLI_NEED_GENERATION)) {
		cli_run_close(&run);
		return CLI_FAILED;
	}
	table_init(&table, heads, ARRAY_SIZE(heads));
	for (enum service service = 0; service < SERVICE_COUNT; service++)
		add_service(&table, &run, service);
	table_print(&table, cli->out);
	cli_run_close(&run);
	return CLI_OK;
}

static void
add_service(struct table *table, const struct cli_run *run, enum service service)
{
	static const enum punt_counter shown[] = { PUNT_COUNTER_in, PUNT_COUNTER_out,
						   PUNT_COUNTER_limited, PUNT_COUNTER_full };
	char ports[PORTS_BYTES];

	table_add(table, "%s", service_infos[service].name);
	table_add(table, "%s", allowed_on(run->gen, service, ports));
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
		table_add(table, "%" PRIu64, stats_punt(run->stats, service, shown[i]));
	table_add(table, "%s", service_infos[service].text);
}

/* "p0,p1"; "" if nowhere. */
static const char *
allowed_on(const struct generation *gen, enum service service, char out[PORTS_BYTES])
{
	const struct gen_port *ports = generation_ports(gen);
	size_t len = 0;

	out[0] = '\0';
	for (uint32_t i = 0; i < gen->ports.count && len < PORTS_BYTES; i++)
		if (ports[i].services >> service & 1)
			len +=
			    (size_t)snprintf(out + len, PORTS_BYTES - len, "%s%s", len ? "," : "",
					     generation_text(gen, ports[i].name));
	return out;
}
