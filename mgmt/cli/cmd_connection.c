/*
 * show connections: asks the data plane, worker by worker, batch by batch. Connections come and go
 * between batches, so the list is no snapshot of one moment.
 */
#include <inttypes.h>

#include "fw/base/assert.h"
#include "mgmt/cli/cli.h"
#include "mgmt/cli/table.h"
#include "mgmt/push/ask.h"

#define TIMEOUT_MS 3000u

static enum err
list_worker(const struct cli *cli, const struct cli_run *run, uint32_t worker, struct table *table);
static void
add_conn(struct table *table, const struct cli_run *run, const struct mailbox_conn *conn);
static const char *vs_name(const struct cli_run *run, uint32_t slot);
static const char *role_text(uint8_t role);

enum cli_code
cmd_show_connections(struct cli *cli, const struct cli_args *args)
{
	static const char *const heads[] = {
		">WORKER",    ">ID",        ">PEER",          "ROLE",    "STATE",
		"LOCAL",      "REMOTE",     "VIRTUAL-SERVER", ">AGE-MS", ">IDLE-MS",
		">BYTES-IN",  ">BYTES-OUT", ">RTT-US",        ">CWND",   ">RETRANSMITS",
		">RX-QUEUED", ">TX-QUEUED"
	};
	enum cli_code code = CLI_FAILED;
	struct cli_run run;
	struct table table;
	enum err err = ERR_ok;

	if (cli_run_open(cli, &run, CLI_NEED_STATS | CLI_NEED_GENERATION)) {
		table_init(&table, heads, ARRAY_SIZE(heads));
		for (uint32_t w = 0; w < run.stats->workers && w < LIMIT_WORKERS && err == ERR_ok;
		     w++)
			err = list_worker(cli, &run, w, &table);
		table_print(&table, cli->out);
		if (err == ERR_not_found)
			fprintf(cli->err, "the data plane is not running\n");
		else if (err != ERR_ok)
			fprintf(cli->err, "the list is not complete: %s\n", err_text(err));
		code = err == ERR_ok ? CLI_OK : CLI_FAILED;
	}
	cli_run_close(&run);
	return code;
}

/* `next` must grow, or a data plane gone wrong would keep us here. */
static enum err
list_worker(const struct cli *cli, const struct cli_run *run, uint32_t worker, struct table *table)
{
	struct mailbox_request request = { .version = MAILBOX_VERSION,
					   .kind = MAILBOX_CONNECTIONS,
					   .worker = worker };
	struct mailbox_reply reply;

	for (;;) {
		enum err err = ask_dataplane(cli->run_dir, TIMEOUT_MS, &request, &reply);

		if (err == ERR_ok)
			err = (enum err)reply.err;
		if (err != ERR_ok)
			return err;
		for (uint32_t i = 0; i < reply.count; i++)
			add_conn(table, run, &reply.conn[i]);
		if (reply.next == UINT32_MAX)
			return ERR_ok;
		if (reply.next <= request.from)
			return ERR_corrupt;
		request.from = reply.next;
	}
}

static void
add_conn(struct table *table, const struct cli_run *run, const struct mailbox_conn *conn)
{
	char text[ENDPOINT_TEXT_MAX];

	table_add(table, "%u", conn->worker);
	table_add(table, "%u", conn->id);
	if (conn->peer_id == UINT32_MAX)
		table_add(table, "%s", "");
	else
		table_add(table, "%u", conn->peer_id);
	table_add(table, "%s", role_text(conn->role));
	table_add(table, "%.*s", (int)sizeof conn->state, conn->state);
	table_add(table, "%s", endpoint_format(&conn->local, text));
	table_add(table, "%s", endpoint_format(&conn->remote, text));
	table_add(table, "%s", vs_name(run, conn->vs_slot));
	table_add(table, "%" PRIu64, conn->age_us / 1000);
	table_add(table, "%" PRIu64, conn->idle_us / 1000);
	table_add(table, "%" PRIu64, conn->bytes_in);
	table_add(table, "%" PRIu64, conn->bytes_out);
	table_add(table, "%u", conn->rtt_us);
	table_add(table, "%u", conn->cwnd_bytes);
	table_add(table, "%u", conn->retransmits);
	table_add(table, "%u", conn->rx_queued_bytes);
	table_add(table, "%u", conn->tx_queued_bytes);
}

static const char *
vs_name(const struct cli_run *run, uint32_t slot)
{
	for (uint32_t i = 0; i < run->gen->virtual_servers.count; i++)
		if (generation_virtual_servers(run->gen)[i].stats_slot == slot)
			return generation_text(run->gen,
					       generation_virtual_servers(run->gen)[i].name);
	return "";
}

static const char *
role_text(uint8_t role)
{
	static const char *const texts[] = { "client", "server", "monitor" };

	return role < ARRAY_SIZE(texts) ? texts[role] : "";
}
