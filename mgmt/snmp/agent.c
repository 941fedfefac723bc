/*
 * The glue to Net-SNMP: its table_container helper finds rows for GET and GETNEXT in a sorted array,
 * its scalar helper does the rest; here a cell becomes a variable binding. One thread, one loop:
 * nothing changes while a request is answered.
 *
 * A request costs O(log rows) a cell; tables are made anew between requests, if something changed.
 */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <net-snmp/agent/agent_callbacks.h>

#include "mgmt/snmp/agent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <time.h>

#include "fw/base/assert.h"
#include "mgmt/snmp/cell.h"

#define NAME       "fairlead-snmp"
#define RETRY_S    2   /* how often a master is looked for, and asked whether it lives */
#define REFRESH_MS 100 /* how often the run directory is looked at, at most */

/* What table_container compares, and whose row it is. */
struct entry {
	netsnmp_index index;
	const struct row *row;
};

struct agent {
	const char *run_dir;
	struct rows rows;
	netsnmp_container *container[MIB_TABLE_COUNT];
	struct entry *entry[MIB_TABLE_COUNT];
	uint64_t refreshed_ms;
	enum err said; /* the last state of the run directory that was logged */
	bool said_any;
};

static struct agent agent;

static bool start(const char *agentx);
static int master_came(int major, int minor, void *server_arg, void *client_arg);
static int master_went(int major, int minor, void *server_arg, void *client_arg);
static void register_scalars(void);
static void register_table(enum mib_table table);
static netsnmp_table_registration_info *describe_table(enum mib_table table);
static netsnmp_handler_registration *registration(const char *name, Netsnmp_Node_Handler *handler,
						  enum mib_table table, uint32_t scalar);
static int answer_scalar(netsnmp_mib_handler *handler, netsnmp_handler_registration *reginfo,
			 netsnmp_agent_request_info *info, netsnmp_request_info *requests);
static int answer_table(netsnmp_mib_handler *handler, netsnmp_handler_registration *reginfo,
			netsnmp_agent_request_info *info, netsnmp_request_info *requests);
static void
answer(netsnmp_agent_request_info *info, netsnmp_request_info *request, const struct cell *cell);
static void wait_and_answer(const sigset_t *wait_mask);
static void refresh(void);
static void say_state(void);
static void fill_container(enum mib_table table);
static uint64_t now_ms(void);

bool
agent_run(const char *run_dir, const char *agentx, const volatile sig_atomic_t *stop,
	  const sigset_t *wait_mask)
{
	agent = (struct agent){ .run_dir = run_dir };
	rows_init(&agent.rows);
	if (!start(agentx))
		return false;
	refresh();
	while (!*stop)
		wait_and_answer(wait_mask);
	snmp_shutdown(NAME);
	for (size_t t = 0; t < MIB_TABLE_COUNT; t++)
		free(agent.entry[t]);
	rows_free(&agent.rows);
	return true;
}

/* No file of Net-SNMP's configures this: everything is on the command line. */
static bool
start(const char *agentx)
{
	netsnmp_register_loghandler(NETSNMP_LOGHANDLER_STDERR, LOG_ERR);
	setenv("MIBS", "", 1); /* or it would read all that the system has, and complain */
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_ALARM_DONT_USE_SIG, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_ROLE, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_NO_CONNECTION_WARNINGS,
			       1);
	netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET, agentx);
	if (init_agent(NAME) != 0)
		return false;
	/* Not before: init_agent sets it to its own default. */
	netsnmp_ds_set_int(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_AGENTX_PING_INTERVAL,
			   RETRY_S);
	register_scalars();
	register_table(MIB_TABLE_virtual_server);
	register_table(MIB_TABLE_pool);
	register_table(MIB_TABLE_member);
	snmp_register_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_START, master_came,
			       NULL);
	snmp_register_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_INDEX_STOP, master_went,
			       NULL);
	fprintf(stderr, NAME ": looking for an AgentX master at %s\n", agentx);
	init_snmp(NAME);
	return true;
}

static int
master_came(int major, int minor, void *server_arg, void *client_arg)
{
	fprintf(stderr, NAME ": the AgentX master is there\n");
	return SNMPERR_SUCCESS;
}

static int
master_went(int major, int minor, void *server_arg, void *client_arg)
{
	fprintf(stderr, NAME ": the AgentX master has gone, looking for it every %d s\n", RETRY_S);
	return SNMPERR_SUCCESS;
}

static void
register_scalars(void)
{
	char name[MIB_NAME_BYTES];

	for (const struct mib_object *o = mib_objects; o < mib_objects + mib_object_count; o++) {
		netsnmp_handler_registration *reg;

		if (o->table != MIB_TABLE_system)
			continue;
		reg = registration(mib_object_name(o, name), answer_scalar, o->table, o->arc);
		reg->my_reg_void = (void *)(uintptr_t)o;
		ASSERT(netsnmp_register_read_only_scalar(reg) == MIB_REGISTERED_OK);
	}
}

static void
register_table(enum mib_table table)
{
	netsnmp_handler_registration *reg =
	    registration(mib_tables[table].name, answer_table, table, 0);

	agent.container[table] = netsnmp_container_find("table_container");
	ASSERT(agent.container[table]);
	ASSERT(netsnmp_container_table_register(reg, describe_table(table), agent.container[table],
						TABLE_CONTAINER_KEY_NETSNMP_INDEX) ==
	       MIB_REGISTERED_OK);
}

/* Which columns there are: the fixed ones, and the counters behind a gap. */
static netsnmp_table_registration_info *
describe_table(enum mib_table table)
{
	netsnmp_table_registration_info *info =
	    SNMP_MALLOC_TYPEDEF(netsnmp_table_registration_info);
	netsnmp_column_info *columns = NULL, **end = &columns;

	ASSERT(info);
	netsnmp_table_helper_add_index(info, ASN_OCTET_STR);
	if (table == MIB_TABLE_member) {
		netsnmp_table_helper_add_index(info, ASN_INTEGER);
		netsnmp_table_helper_add_index(info, ASN_OCTET_STR);
		netsnmp_table_helper_add_index(info, ASN_UNSIGNED);
	}
	for (const struct mib_object *o = mib_objects; o < mib_objects + mib_object_count; o++) {
		if (o->table != table || mib_is_index(o))
			continue;
		if (info->min_column == 0)
			info->min_column = o->arc;
		if (o->arc == info->max_column + 1 && columns) {
			(*end)->details.range[1] = o->arc;
		} else {
			if (*end)
				end = &(*end)->next;
			*end = SNMP_MALLOC_TYPEDEF(netsnmp_column_info);
			ASSERT(*end);
			(*end)->isRange = 1;
			(*end)->details.range[0] = (*end)->details.range[1] = o->arc;
		}
		info->max_column = o->arc;
	}
	info->valid_columns = columns;
	return info;
}

static netsnmp_handler_registration *
registration(const char *name, Netsnmp_Node_Handler *handler, enum mib_table table, uint32_t scalar)
{
	const oid where[] = { MIB_ROOT, MIB_OBJECTS_ARC, mib_tables[table].arc, scalar };
	netsnmp_handler_registration *reg = netsnmp_create_handler_registration(
	    name, handler, where, ARRAY_SIZE(where) - (scalar == 0), HANDLER_CAN_RONLY);

	ASSERT(reg);
	return reg;
}

static int
answer_scalar(netsnmp_mib_handler *handler, netsnmp_handler_registration *reginfo,
	      netsnmp_agent_request_info *info, netsnmp_request_info *requests)
{
	const struct mib_object *object = reginfo->my_reg_void;

	for (netsnmp_request_info *request = requests; request; request = request->next) {
		struct cell cell = cell_read(&agent.rows, object, NULL);

		if (!request->processed)
			answer(info, request, &cell);
	}
	return SNMP_ERR_NOERROR;
}

static int
answer_table(netsnmp_mib_handler *handler, netsnmp_handler_registration *reginfo,
	     netsnmp_agent_request_info *info, netsnmp_request_info *requests)
{
	const oid table_arc = reginfo->rootoid[reginfo->rootoid_len - 1];

	for (netsnmp_request_info *request = requests; request; request = request->next) {
		const struct entry *entry = netsnmp_container_table_row_extract(request);
		const netsnmp_table_request_info *at = netsnmp_extract_table_info(request);
		const struct mib_object *object = NULL;
		struct cell cell = { .type = CELL_NONE };

		if (request->processed)
			continue;
		for (enum mib_table t = 0; at && t < MIB_TABLE_COUNT; t++)
			if (mib_tables[t].arc == table_arc)
				object = mib_find(t, at->colnum);
		if (object && entry)
			cell = cell_read(&agent.rows, object, entry->row);
		answer(info, request, &cell);
	}
	return SNMP_ERR_NOERROR;
}

static void
answer(netsnmp_agent_request_info *info, netsnmp_request_info *request, const struct cell *cell)
{
	static const u_char types[] = {
		[CELL_INTEGER] = ASN_INTEGER, [CELL_GAUGE] = ASN_GAUGE, [CELL_TICKS] = ASN_TIMETICKS
	};
	struct counter64 wide = { .high = cell->number >> 32, .low = cell->number & UINT32_MAX };
	long narrow = (long)(uint32_t)cell->number;

	if (cell->type == CELL_NONE)
		netsnmp_set_request_error(info, request, SNMP_NOSUCHINSTANCE);
	else if (cell->type == CELL_BYTES)
		snmp_set_var_typed_value(request->requestvb, ASN_OCTET_STR, cell->bytes, cell->len);
	else if (cell->type == CELL_COUNTER64)
		snmp_set_var_typed_value(request->requestvb, ASN_COUNTER64, &wide, sizeof wide);
	else
		snmp_set_var_typed_value(request->requestvb, types[cell->type], &narrow,
					 sizeof narrow);
}

/* What agent_check_and_process does, with signals let in only while it waits. */
static void
wait_and_answer(const sigset_t *wait_mask)
{
	struct timeval tv = { .tv_sec = RETRY_S };
	struct timespec timeout;
	int fds = 0, block = 0, ready;
	fd_set readable;

	FD_ZERO(&readable);
	snmp_select_info(&fds, &readable, &tv, &block);
	timeout = (struct timespec){ .tv_sec = block ? RETRY_S : tv.tv_sec,
				     .tv_nsec = block ? 0 : tv.tv_usec * 1000 };
	ready = pselect(fds, &readable, NULL, NULL, &timeout, wait_mask);
	refresh();
	if (ready > 0)
		snmp_read(&readable);
	else if (ready == 0)
		snmp_timeout();
	run_alarms();
	netsnmp_check_outstanding_agent_requests();
}

static void
refresh(void)
{
	uint64_t now = now_ms();

	if (agent.refreshed_ms && now - agent.refreshed_ms < REFRESH_MS)
		return;
	agent.refreshed_ms = now;
	if (!rows_refresh(&agent.rows, agent.run_dir))
		return;
	say_state();
	fill_container(MIB_TABLE_virtual_server);
	fill_container(MIB_TABLE_pool);
	fill_container(MIB_TABLE_member);
}

static void
say_state(void)
{
	if (agent.said_any && agent.said == agent.rows.why)
		return;
	agent.said_any = true;
	agent.said = agent.rows.why;
	if (agent.rows.running)
		fprintf(stderr, NAME ": the data plane runs\n");
	else if (agent.rows.why == ERR_not_found)
		fprintf(stderr, NAME ": no data plane runs, or it has no configuration\n");
	else
		fprintf(stderr, NAME ": what lies in %s cannot be read: %s\n", agent.run_dir,
			err_text(agent.rows.why));
}

/* In rising order, so that each insertion is at the end. */
static void
fill_container(enum mib_table table)
{
	const struct row_table *rows = &agent.rows.table[table];
	netsnmp_container *container = agent.container[table];

	_Static_assert(sizeof(oid) == sizeof(unsigned long), "row.oid is handed over as it is");
	CONTAINER_CLEAR(container, NULL, NULL);
	free(agent.entry[table]);
	agent.entry[table] = calloc(rows->count + 1, sizeof *agent.entry[table]);
	ASSERT(agent.entry[table]);
	for (size_t i = 0; i < rows->count; i++) {
		struct entry *entry = &agent.entry[table][i];

		entry->row = &rows->row[i];
		entry->index.len = rows->row[i].oid_len;
		entry->index.oids = (oid *)(uintptr_t)rows->row[i].oid;
		ASSERT(CONTAINER_INSERT(container, entry) == 0);
	}
}

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}
