/*
 * show connections: asks the data plane, worker by worker, batch by batch. Connections come and go
 * between batches, so the list is no snapshot of one moment. show connection: all about one, as it
 * was at one moment.
 *
 * A connection's id is WORKER.INDEX; without the worker it is one of worker 0. It is given to another
 * connection once this one has ended.
 */
#include <inttypes.h>

#include "fw/base/assert.h"
#include "fw/base/str.h"
#include "mgmt/cli/pages.h"
#include "mgmt/cli/table.h"
#include "mgmt/push/ask.h"

#define TIMEOUT_MS 3000u

struct list {
	struct table table;
	const struct cli_run *run;
};

static void take(void *context, const struct mailbox_reply *reply, uint32_t index);
static void
add_conn(struct table *table, const struct cli_run *run, const struct mailbox_conn *conn);
static bool parse_id(const char *text, struct mailbox_request *request);
static enum cli_code ask_one(struct cli *cli, const char *id, const struct mailbox_request *request,
			     struct mailbox_reply *reply);
static void print_one(const struct cli *cli, const struct cli_run *run,
		      const struct mailbox_connection *connection);
static void add_row(struct table *table, const char *name, const char *value, const char *text);
static void add_field(struct table *table, const struct conn_fields *fields, enum conn_field field);
static const char *id_text(uint32_t worker, uint32_t index, char out[ENDPOINT_TEXT_MAX]);
static const char *vs_name(const struct cli_run *run, uint32_t slot);
static const struct gen_member *member_at(const struct cli_run *run, uint32_t slot);
static const char *profile_name(const struct cli_run *run, uint64_t hash);
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
	struct list list = { 0 };
	enum cli_code code = CLI_FAILED;
	struct cli_run run;

	if (cli_run_open(cli, &run, CLI_NEED_STATS | CLI_NEED_GENERATION)) {
		list.run = &run;
		code = CLI_OK;
		table_init(&list.table, heads, ARRAY_SIZE(heads));
		for (uint32_t w = 0; w < run.stats->workers && w < LIMIT_WORKERS && code == CLI_OK;
		     w++)
			code = pages_read(cli, MAILBOX_CONNECTIONS, w, take, &list);
		table_print(&list.table, cli->out);
	}
	cli_run_close(&run);
	return code;
}

static void
take(void *context, const struct mailbox_reply *reply, uint32_t index)
{
	struct list *list = context;

	add_conn(&list->table, list->run, &reply->conn[index]);
}

static void
add_conn(struct table *table, const struct cli_run *run, const struct mailbox_conn *conn)
{
	char text[ENDPOINT_TEXT_MAX];

	table_add(table, "%u", conn->worker);
	table_add(table, "%s", id_text(conn->worker, conn->id, text));
	table_add(table, "%s", id_text(conn->worker, conn->peer_id, text));
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

enum cli_code
cmd_show_connection(struct cli *cli, const struct cli_args *args)
{
	struct mailbox_request request = { .version = MAILBOX_VERSION, .kind = MAILBOX_CONNECTION };
	enum cli_code code = CLI_FAILED;
	struct mailbox_reply reply;
	struct cli_run run;

	if (!parse_id(args->word[0], &request)) {
		fprintf(cli->err,
			"%s is no connection's id: WORKER.INDEX, as show connections has it\n",
			args->word[0]);
		return CLI_FAILED;
	}
	if (cli_run_open(cli, &run, CLI_NEED_STATS | CLI_NEED_GENERATION))
		code = ask_one(cli, args->word[0], &request, &reply);
	if (code == CLI_OK)
		print_one(cli, &run, &reply.connection);
	cli_run_close(&run);
	return code;
}

static bool
parse_id(const char *text, struct mailbox_request *request)
{
	struct str id = str_from(text), worker = { 0 };
	uint64_t number;

	for (size_t i = 0; i < id.len; i++)
		if (id.at[i] == '.') {
			worker = (struct str){ id.at, i };
			id = (struct str){ id.at + i + 1, id.len - i - 1 };
			break;
		}
	if (!str_to_u64(id, UINT32_MAX - 1, &number))
		return false;
	request->from = (uint32_t)number;
	number = 0;
	if (worker.at && !str_to_u64(worker, LIMIT_WORKERS - 1, &number))
		return false;
	request->worker = (uint32_t)number;
	return true;
}

static enum cli_code
ask_one(struct cli *cli, const char *id, const struct mailbox_request *request,
	struct mailbox_reply *reply)
{
	enum err err = ask_dataplane(cli->run_dir, TIMEOUT_MS, request, reply);

	if (err == ERR_not_found) {
		fprintf(cli->err, "the data plane is not running\n");
		return CLI_FAILED;
	}
	if (err == ERR_ok)
		err = (enum err)reply->err;
	if (err == ERR_ok && reply->connection.fields_hash != conn_fields_hash())
		err = ERR_version;
	if (err == ERR_not_found)
		fprintf(cli->err, "there is no connection %s now; show connections lists them\n",
			id);
	else if (err != ERR_ok)
		fprintf(cli->err, "no answer from the data plane: %s\n", err_text(err));
	return err == ERR_ok ? CLI_OK : CLI_FAILED;
}

static void
print_one(const struct cli *cli, const struct cli_run *run,
	  const struct mailbox_connection *connection)
{
	static const char *const heads[] = { "NAME", "VALUE", "UNIT", "ABSOLUTE", "TEXT" };
	const struct mailbox_conn *conn = &connection->conn;
	const struct gen_member *member = member_at(run, conn->member_slot);
	char text[ENDPOINT_TEXT_MAX];
	struct table table;

	table_init(&table, heads, ARRAY_SIZE(heads));
	add_row(&table, "id", id_text(conn->worker, conn->id, text), "worker and index");
	add_row(&table, "peer", id_text(conn->worker, conn->peer_id, text),
		"the session's other connection");
	add_row(&table, "role", role_text(conn->role),
		"towards a client, a server, or of a monitor");
	add_row(&table, "local", endpoint_format(&conn->local, text), "our address and port");
	add_row(&table, "remote", endpoint_format(&conn->remote, text), "the peer's");
	add_row(&table, "virtual_server", vs_name(run, conn->vs_slot), "that the client reached");
	add_row(&table, "member", member ? endpoint_format(&member->endpoint, text) : "",
		"that the session goes to");
	add_row(&table, "pool",
		member ? generation_text(run->gen, generation_pools(run->gen)[member->pool].name)
		       : "",
		"of the member");
	add_row(&table, "tcp_profile", profile_name(run, connection->profile), "how it is handled");
	for (enum conn_field field = 0; field < CONN_FIELD_COUNT; field++)
		add_field(&table, &connection->fields, field);
	table_print(&table, cli->out);
}

static void
add_row(struct table *table, const char *name, const char *value, const char *text)
{
	table_add(table, "%s", name);
	table_add(table, "%s", value);
	table_add(table, "%s", "");
	table_add(table, "%s", "");
	table_add(table, "%s", text);
}

static void
add_field(struct table *table, const struct conn_fields *fields, enum conn_field field)
{
	const struct conn_field_info *info = &conn_field_infos[field];
	enum conn_unit unit = conn_field_unit(field);
	bool relative = unit == CONN_UNIT_SENT || unit == CONN_UNIT_RECEIVED;
	char text[CONN_FIELD_TEXT_BYTES];

	table_add(table, "%s", info->name);
	table_add(table, "%s", conn_field_format(fields, field, text));
	table_add(table, "%s", info->unit);
	if (relative && fields->value[field] != CONN_FIELD_NONE)
		table_add(table, "%" PRIu64, fields->value[field]);
	else
		table_add(table, "%s", "");
	table_add(table, "%s", info->text);
}

/* index UINT32_MAX: none. */
static const char *
id_text(uint32_t worker, uint32_t index, char out[ENDPOINT_TEXT_MAX])
{
	out[0] = '\0';
	if (index != UINT32_MAX)
		snprintf(out, ENDPOINT_TEXT_MAX, "%u.%u", worker, index);
	return out;
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

/* NULL: the generation that runs has it no more. */
static const struct gen_member *
member_at(const struct cli_run *run, uint32_t slot)
{
	for (uint32_t i = 0; i < run->gen->members.count; i++)
		if (generation_members(run->gen)[i].stats_slot == slot)
			return &generation_members(run->gen)[i];
	return NULL;
}

/* "": the generation that runs has it no more. */
static const char *
profile_name(const struct cli_run *run, uint64_t hash)
{
	for (uint32_t i = 0; i < run->gen->tcp_profiles.count; i++)
		if (generation_tcp_profiles(run->gen)[i].hash == hash)
			return generation_text(run->gen, generation_tcp_profiles(run->gen)[i].name);
	return hash ? "" : "default";
}

static const char *
role_text(uint8_t role)
{
	static const char *const texts[] = { "client", "server", "monitor" };

	return role < ARRAY_SIZE(texts) ? texts[role] : "";
}
