#include "test/unit/mgmt/cli/box.h"

#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "fw/abi/mailbox.h"
#include "fw/base/assert.h"
#include "mgmt/push/ask.h"
#include "mgmt/push/publish.h"
#include "mgmt/push/view.h"

static const char configuration[] =
    "version = 1; ports = ( { name = \"p0\"; addresses = [ \"10.0.0.1/16\", \"fd00::1/64\" ]; "
    "services = [ \"bgp\" ]; }, { name = \"p7\"; addresses = [ ]; }, { name = \"p8\"; addresses = "
    "[ ]; "
    "} );"
    "bonds = ( { name = \"b7\"; mode = \"lacp\"; ports = [ \"p8\", \"p7\" ]; addresses = [ ]; } );"
    "vlans = ( { name = \"v100\"; port = \"p0\"; tag = 100; mtu-bytes = 1400; addresses = [ "
    "\"10.200.0.1/24\", \"10.200.0.2/24\" ]; } );"
    "monitors = ( { name = \"up\"; type = \"tcp\"; } );"
    "pools = ( { name = \"web\"; monitor = \"up\"; members = ( { address = \"10.0.1.11\"; port = "
    "80; weight = 3; },"
    "{ address = \"fd00::12\"; port = 8080; connection-limit = 9; }, { address = \"10.0.1.13\"; "
    "port = 80; } ); },"
    "{ name = \"raw\"; members = ( { address = \"10.0.1.14\"; port = 80; },"
    "{ address = \"10.0.1.15\"; port = 80; backup = true; } ); } );"
    "virtual-servers = ( { name = \"www\"; address = \"10.0.0.100\"; port = 80; type = \"http\"; "
    "pool = \"web\"; },"
    "{ name = \"six\"; address = \"fd00::100\"; port = 443; type = \"tcp\"; pool = \"raw\"; } );";

static void
publish_configuration(struct box *box)
{
	struct errors errors = { 0 };
	struct publisher publisher;
	struct model model;
	char said[PUBLISH_TEXT_BYTES];

	ASSERT(model_load(configuration, strlen(configuration), &model, &errors));
	ASSERT(publish_open(&publisher, box->run_dir, 100) == ERR_ok);
	ASSERT(publish(&publisher, &model, 1, said) == ERR_ok);
	model_free(&model);
}

static void *
map_new(const struct box *box, const char *name, size_t size, struct file_map *map)
{
	char path[FILES_PATH_MAX];
	_Bool existed;

	ASSERT(files_path(path, box->run_dir, name));
	ASSERT(files_map_write(path, size, map, &existed) == ERR_ok && !existed);
	return map->base;
}

static void
fill_stats(struct box *box, const struct generation *gen)
{
	struct stats *stats = box->stats;
	uint32_t slot = generation_members(gen)[0].stats_slot,
		 vs = generation_virtual_servers(gen)[0].stats_slot;

	box->vs_slot = vs;
	stats->magic = STATS_MAGIC;
	stats->layout_hash = stats_layout_hash();
	stats->incarnation = 0xab;
	stats->started_unix_s = (uint64_t)time(NULL) - 86400 - 3660;
	stats->generation = 1;
	stats->pid = (uint32_t)getpid();
	stats->workers = 2;
	for (uint32_t i = 0; i < gen->members.count; i++)
		stats->member_owner[generation_members(gen)[i].stats_slot] =
		    generation_members(gen)[i].owner;
	for (uint32_t i = 0; i < gen->virtual_servers.count; i++)
		stats->vs_owner[generation_virtual_servers(gen)[i].stats_slot] =
		    generation_virtual_servers(gen)[i].owner;
	stats->worker[0].member[slot][MEMBER_COUNTER_conns_open] = 5;
	stats->worker[1].member[slot][MEMBER_COUNTER_conns_open] = (uint64_t)-3;
	stats->worker[1].member[slot][MEMBER_COUNTER_sessions_open] = 4;
	stats->worker[1].member[slot][MEMBER_COUNTER_conns_total] = 100;
	stats->worker[1].member[slot][MEMBER_COUNTER_requests] = 90;
	stats->worker[0].member[slot][MEMBER_COUNTER_bytes_in] = 123000;
	stats->worker[1].member[slot][MEMBER_COUNTER_bytes_in] = 456;
	stats->worker[1]
	    .member[generation_members(gen)[1].stats_slot][MEMBER_COUNTER_conns_failed] = 7;
	stats->worker[0].vs[vs][VS_COUNTER_conns_open] = 5;
	stats->worker[0].vs[vs][VS_COUNTER_conns_total] = 50;
	stats->worker[1].vs[vs][VS_COUNTER_requests] = 200;
	stats->worker[0].drop[DROP_tcp_checksum] = 40;
	stats->worker[1].drop[DROP_tcp_checksum] = 2;
	stats->worker[0].counter[COUNTER_tcp_retransmits] = UINT64_MAX;
	memcpy(stats->ports[3].name, "sixteen-bytes-xy", 16); /* no NUL */
	memcpy(stats->ports[3].driver, "af_xdp", 7);
	stats->ports[3].mac[0] = 2;
	stats->ports[3].mac[5] = 1;
	stats->ports[3].link_up = 1;
	stats->ports[3].mtu_bytes = 1500;
	stats->worker[0].port[3][PORT_COUNTER_rx_packets] = 9;
}

static void
fill_health(struct box *box)
{
	struct health_entry *entry;

	box->health->magic = HEALTH_MAGIC;
	box->health->layout_hash = health_layout_hash();
	entry = health_claim(box->health, &box->member[0].addr, 80, box->monitor_hash);
	entry->state = HEALTH_UP;
	entry->cause = HEALTH_CAUSE_ok;
	entry->changed_unix_us = 1700000000000000;
	entry = health_claim(box->health, &box->member[1].addr, 8080, box->monitor_hash);
	entry->state = HEALTH_DOWN;
	entry->cause = HEALTH_CAUSE_refused;
}

void
box_open(struct box *box)
{
	const struct generation *gen;
	struct file_map map;

	*box = (struct box){ 0 };
	snprintf(box->run_dir, sizeof box->run_dir, "/tmp/fairlead-unit-XXXXXX");
	ASSERT(mkdtemp(box->run_dir));
	publish_configuration(box);
	ASSERT(view_generation(box->run_dir, &map, &gen) == ERR_ok);
	ASSERT(files_lock(box->run_dir, FILES_DATAPLANE_LOCK) == ERR_ok);
	box->stats = map_new(box, FILES_STATS, sizeof *box->stats, &box->stats_map);
	box->health = map_new(box, FILES_HEALTH, sizeof *box->health, &box->health_map);
	for (uint32_t i = 0; i < ARRAY_SIZE(box->member); i++) {
		box->member[i] = generation_members(gen)[i].endpoint;
		box->owner[i] = generation_members(gen)[i].owner;
	}
	box->monitor_hash = generation_monitors(gen)[0].hash;
	fill_stats(box, gen);
	fill_health(box);
	files_unmap(&map);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	return remove(path);
}

void
box_close(struct box *box)
{
	files_unmap(&box->stats_map);
	files_unmap(&box->health_map);
	free(box->out);
	free(box->err);
	ASSERT(nftw(box->run_dir, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0);
}

static enum cli_code
run(struct box *box, const char *line, FILE *in)
{
	struct cli cli = { .run_dir = box->run_dir };
	size_t out_size, err_size;
	enum cli_code code;

	free(box->out);
	free(box->err);
	cli.out = open_memstream(&box->out, &out_size);
	cli.err = open_memstream(&box->err, &err_size);
	ASSERT(cli.out && cli.err);
	code = in ? cli_batch(&cli, in) : cli_line(&cli, line);
	fclose(cli.out);
	fclose(cli.err);
	return code;
}

enum cli_code
box_run(struct box *box, const char *line)
{
	return run(box, line, NULL);
}

enum cli_code
box_batch(struct box *box, FILE *in)
{
	return run(box, NULL, in);
}

bool
box_has_line(const char *text, const char *line)
{
	size_t len = strlen(line);
	const char *at = text;

	while (at && strncmp(at, line, len) != 0) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	if (!at)
		printf("no line \"%s\"; the first 2,000 bytes are:\n%.2000s\n", line, text);
	return at != NULL;
}

enum cli_code
box_batch_text(struct box *box, const char *lines)
{
	FILE *in = fmemopen((char *)lines, strlen(lines), "r");
	enum cli_code code;

	ASSERT(in);
	code = box_batch(box, in);
	fclose(in);
	return code;
}

size_t
box_lines(const struct box *box)
{
	size_t lines = 0;

	for (const char *at = box->out; *at; at++)
		lines += *at == '\n';
	return lines;
}

static void
fill_conn(const struct box *box, struct mailbox_conn *conn, uint32_t worker, uint32_t id)
{
	*conn = (struct mailbox_conn){ .id = id, .worker = (uint8_t)worker, .rtt_us = 1500 };
	conn->role = id % 2 ? MAILBOX_ROLE_SERVER : MAILBOX_ROLE_CLIENT;
	conn->peer_id = id % 2 ? UINT32_MAX : 1000;
	memcpy(conn->state, "ESTABLISHED", 12);
	ASSERT(addr_parse("10.0.0.100", &conn->local.addr) &&
	       addr_parse("192.0.2.1", &conn->remote.addr));
	conn->local.port = 80;
	conn->remote.port = 40000;
	conn->vs_slot = box->vs_slot;
	conn->member_slot = UINT32_MAX;
}

static void
answer_member(struct box *box, const struct mailbox_request *request, struct mailbox_reply *reply)
{
	if (box->refusal) {
		reply->err = ERR_invalid;
		snprintf(reply->text, sizeof reply->text, "%s", box->refusal);
	} else {
		health_admin_claim(box->health, request->owner)->state = (uint8_t)request->admin;
	}
}

static void
answer_connections(const struct box *box, const struct mailbox_request *request,
		   struct mailbox_reply *reply)
{
	uint32_t at;

	for (at = request->from; at < box->conns && reply->count < MAILBOX_CONNS_BATCH; at++)
		fill_conn(box, &reply->conn[reply->count++], request->worker, at);
	reply->next = box->endless ? 64 : at < box->conns ? at : UINT32_MAX;
}

/* Connection 0.0 exists, and 1.7 of a data plane with other tables. */
static void
answer_connection(const struct box *box, const struct mailbox_request *request,
		  struct mailbox_reply *reply)
{
	struct mailbox_connection *connection = &reply->connection;
	uint64_t *value = connection->fields.value;

	if (request->from != 0 && request->from != 7) {
		reply->err = ERR_not_found;
		return;
	}
	reply->count = 1;
	connection->fields_hash = conn_fields_hash() + (request->from == 7);
	fill_conn(box, &connection->conn, request->worker, request->from);
	for (unsigned i = 0; i < CONN_FIELD_COUNT; i++)
		value[i] = CONN_FIELD_NONE;
	value[CONN_FIELD_state] = CONN_WORD_established;
	value[CONN_FIELD_recovery] = CONN_WORD_COUNT; /* no word */
	value[CONN_FIELD_iss] = UINT32_MAX - 9;
	value[CONN_FIELD_snd_nxt] = 90;
	value[CONN_FIELD_cwnd] = 14480;
}

static void
answer_tap(struct box *box, const struct mailbox_request *request, struct mailbox_reply *reply)
{
	reply->tap.session = 9;
	reply->tap.running = !box->tap_ended;
	if (request->kind == MAILBOX_TAP_START) {
		box->plan = request->plan;
		box->tap_starts++;
		if (box->refusal) {
			reply->err = ERR_busy;
			snprintf(reply->text, sizeof reply->text, "%s", box->refusal);
		}
		return;
	}
	ASSERT(request->session == 9);
	if (request->kind == MAILBOX_TAP_STOP) {
		box->tap_stops++;
		return;
	}
	memcpy(reply->tap.data, box->tap_bytes, box->tap_len);
	reply->tap.bytes = box->tap_len;
	reply->tap.lost = box->tap_lost;
	box->tap_len = 0;
}

/* The next page, the last one again and again. */
static void
answer_page(struct box *box, struct mailbox_reply *reply)
{
	if (box->page_count == 0) {
		reply->next = UINT32_MAX;
		return;
	}
	*reply = box->pages[box->page_next];
	reply->version = MAILBOX_VERSION;
	if (box->page_next + 1 < box->page_count)
		box->page_next++;
}

static void
answer_ping(struct box *box, const struct mailbox_request *request, struct mailbox_reply *reply)
{
	box->ping = request->ping;
	reply->ping = box->pongs[box->pings++ % box->pong_count];
}

static void *
serve(void *argument)
{
	struct box *box = argument;
	int fd;

	while ((fd = accept(box->listening, NULL, NULL)) >= 0) {
		struct mailbox_reply reply = { .version = MAILBOX_VERSION };
		struct mailbox_request request;

		ASSERT(recv(fd, &request, sizeof request, 0) == sizeof request);
		if (request.kind == MAILBOX_MEMBER)
			answer_member(box, &request, &reply);
		else if (request.kind >= MAILBOX_NEIGHBOURS && request.kind <= MAILBOX_ADDRESSES)
			answer_page(box, &reply);
		else if (request.kind == MAILBOX_PING)
			answer_ping(box, &request, &reply);
		else if (request.kind >= MAILBOX_TAP_START && request.kind <= MAILBOX_TAP_STOP)
			answer_tap(box, &request, &reply);
		else if (request.kind == MAILBOX_CONNECTION)
			answer_connection(box, &request, &reply);
		else
			answer_connections(box, &request, &reply);
		ASSERT(send(fd, &reply, sizeof reply, MSG_NOSIGNAL) == sizeof reply);
		close(fd);
	}
	return NULL;
}

static int
listen_on(const struct box *box, const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	snprintf(at.sun_path, sizeof at.sun_path, "%.60s/%s", box->run_dir, name);
	ASSERT(bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 4) == 0);
	return fd;
}

void
box_serve_dataplane(struct box *box, uint32_t conns, bool endless)
{
	box->conns = conns;
	box->endless = endless;
	box->listening = listen_on(box, FILES_DATAPLANE_SOCKET);
	ASSERT(pthread_create(&box->thread, NULL, serve, box) == 0);
}

void
box_stop_serving(struct box *box)
{
	shutdown(box->listening, SHUT_RDWR);
	pthread_join(box->thread, NULL);
	close(box->listening);
}

static void
answer_edit(struct box *box, const struct request *request, struct reply *reply)
{
	size_t len = strlen(box->lines);

	if (strstr(request->line, "wrong")) {
		reply->err = ERR_invalid;
		snprintf(reply->text, sizeof reply->text, "no such field: \"wrong\"");
		return;
	}
	snprintf(box->lines + len, sizeof box->lines - len, "%s\n", request->line);
	box->edits++;
}

static const char *
text_for(uint32_t kind)
{
	switch (kind) {
	case REQUEST_SET_LINES:
		return "set port p0\nset port p7\nset port p8\nset bond b7 mode lacp\nset monitor "
		       "up type tcp\nset monitor up2 type http\n"
		       "set tcp-profile wan\nset tcp-profile lan ecn true\n"
		       "set pool web monitor up\nset pool web member 10.0.1.11:80 weight 3\n"
		       "set pool web member [fd00::12]:8080\nset pool raw member 10.0.1.14:80\n"
		       "set virtual-server www address 10.0.0.100 port 80 type http pool web\n";
	case REQUEST_COMPARE:
		return "+ set pool web method maglev\n";
	case REQUEST_CANDIDATE:
		return "version = 1;\n";
	case REQUEST_HISTORY:
		return "0 12 1700000100 load\n1 9 1700000000 commit\n2 7 1690000000 start\n";
	default:
		return NULL;
	}
}

static void
answer_mgmtd(struct box *box, int fd)
{
	struct reply reply = { .version = REQUEST_VERSION };
	struct request request;
	const char *text;
	int passed = -1;

	ASSERT(recv(fd, &request, sizeof request, 0) == sizeof request);
	text = text_for(request.kind);
	if (request.kind == REQUEST_EDIT) {
		answer_edit(box, &request, &reply);
	} else if (request.kind == REQUEST_COMMIT) {
		box->edits = 0;
		snprintf(reply.text, sizeof reply.text, "generation 13 runs");
	} else if (request.kind == REQUEST_ROLLBACK) {
		box->rollback = request.number;
	}
	reply.edits = box->edits;
	if (text) {
		reply.text_bytes = (uint32_t)strlen(text);
		passed = memfd_create("text", MFD_CLOEXEC);
		ASSERT(write(passed, text, strlen(text)) == (ssize_t)strlen(text));
	}
	ASSERT(ask_send(fd, &reply, sizeof reply, passed));
	if (passed >= 0)
		close(passed);
}

static void *
serve_mgmtd(void *argument)
{
	struct box *box = argument;
	int fd;

	while ((fd = accept(box->mgmtd_listening, NULL, NULL)) >= 0) {
		answer_mgmtd(box, fd);
		close(fd);
	}
	return NULL;
}

void
box_serve_mgmtd(struct box *box)
{
	box->mgmtd_listening = listen_on(box, FILES_MGMTD_SOCKET);
	ASSERT(pthread_create(&box->mgmtd_thread, NULL, serve_mgmtd, box) == 0);
}

void
box_stop_mgmtd(struct box *box)
{
	shutdown(box->mgmtd_listening, SHUT_RDWR);
	pthread_join(box->mgmtd_thread, NULL);
	close(box->mgmtd_listening);
}
