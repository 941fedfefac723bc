/*
 * Cells of the MIB. A counter is the one that `show` prints, a state the same word: both ask
 * mgmt/cli/run.c and mgmt/cli/member.c.
 */
#include "mgmt/snmp/cell.h"

#include <string.h>
#include <time.h>

#include "fw/base/version.h"
#include "mgmt/cli/member.h"
#include "mgmt/model/schema.h"

#define TRUE_VALUE  1 /* TruthValue, RFC 2579 */
#define FALSE_VALUE 2
#define INET_IPV4   1 /* InetAddressType, RFC 4001 */
#define INET_IPV6   2

static struct cell read_system(struct rows *rows, const struct mib_object *object);
static struct cell read_running(struct rows *rows, const struct mib_object *object);
static struct cell read_virtual_server(struct rows *rows, const struct mib_object *object,
				       const struct gen_virtual_server *vs);
static struct cell
read_pool(struct rows *rows, const struct mib_object *object, const struct gen_pool *pool);
static struct cell
read_member(struct rows *rows, const struct mib_object *object, const struct gen_member *member);
static uint64_t members_with_traffic(struct rows *rows, const struct gen_pool *pool);
static struct cell member_cause(const struct health_entry *health);
static struct cell counter(const struct mib_object *object, uint64_t count);
static struct cell word(const struct mib_object *object, const char *text);
static struct cell place(const struct mib_object *object, uint32_t index);
static struct cell gauge(uint64_t number);
static struct cell integer(uint64_t number);
static struct cell text(const char *from);
static struct cell address(const struct addr *addr);
static struct cell address_type(const struct addr *addr);
static struct cell date(uint64_t unix_s);

static const struct cell none = { .type = CELL_NONE };

struct cell
cell_read(struct rows *rows, const struct mib_object *object, const struct row *row)
{
	const struct generation *gen = rows->run.gen;

	if (object->table == MIB_TABLE_system)
		return read_system(rows, object);
	if (!rows->running)
		return none;
	if (object->table == MIB_TABLE_virtual_server)
		return read_virtual_server(rows, object,
					   &generation_virtual_servers(gen)[row->object]);
	if (object->table == MIB_TABLE_pool)
		return read_pool(rows, object, &generation_pools(gen)[row->object]);
	return read_member(rows, object, &generation_members(gen)[row->object]);
}

static struct cell
read_system(struct rows *rows, const struct mib_object *object)
{
	if (object->id == MIB_system_version)
		return text(fairlead_version);
	if (object->id == MIB_system_data_plane)
		return word(object, rows->running ? "running" : "stopped");
	return rows->running ? read_running(rows, object) : none;
}

static struct cell
read_running(struct rows *rows, const struct mib_object *object)
{
	const struct stats *stats = rows->run.stats;
	uint64_t now = (uint64_t)time(NULL);

	switch (object->id) {
	case MIB_system_start_time:
		return date(stats->started_unix_s);
	case MIB_system_uptime:
		return (struct cell){ .type = CELL_TICKS,
				      .number = now > stats->started_unix_s
						    ? (now - stats->started_unix_s) * 100
						    : 0 };
	case MIB_system_generation:
		return gauge(stats->generation);
	case MIB_system_workers:
		return gauge(stats->workers);
	case MIB_system_sessions_open:
		return gauge(stats_counter(stats, COUNTER_sessions_open));
	case MIB_system_conns_open:
		return gauge(stats_counter(stats, COUNTER_tcp_conns_open));
	case MIB_system_virtual_servers:
		return gauge(rows->table[MIB_TABLE_virtual_server].count);
	case MIB_system_pools:
		return gauge(rows->table[MIB_TABLE_pool].count);
	case MIB_system_members:
		return gauge(rows->table[MIB_TABLE_member].count);
	default:
		return none;
	}
}

static struct cell
read_virtual_server(struct rows *rows, const struct mib_object *object,
		    const struct gen_virtual_server *vs)
{
	const struct cli_run *run = &rows->run;
	const struct gen_pool *pool = &generation_pools(run->gen)[vs->pool];

	switch (object->id) {
	case MIB_virtual_server_address_type:
		return address_type(&vs->endpoint.addr);
	case MIB_virtual_server_address:
		return address(&vs->endpoint.addr);
	case MIB_virtual_server_port:
		return gauge(vs->endpoint.port);
	case MIB_virtual_server_type:
		return word(object, vs->type == GEN_VS_HTTP ? "http" : "tcp");
	case MIB_virtual_server_pool:
		return text(generation_text(run->gen, pool->name));
	case MIB_virtual_server_state:
		return word(object, member_pool_state_text(rows_pool_look(rows, pool)));
	case MIB_VS_COUNTER:
		return counter(object, cli_vs_counter(run, vs, (enum vs_counter)object->counter));
	default:
		return none;
	}
}

static struct cell
read_pool(struct rows *rows, const struct mib_object *object, const struct gen_pool *pool)
{
	const struct cli_run *run = &rows->run;

	switch (object->id) {
	case MIB_pool_method:
		return place(object, pool->method);
	case MIB_pool_monitor:
		return text(pool->monitor == GENERATION_NONE
				? ""
				: generation_text(
				      run->gen, generation_monitors(run->gen)[pool->monitor].name));
	case MIB_pool_state:
		return word(object, member_pool_state_text(rows_pool_look(rows, pool)));
	case MIB_pool_members:
		return gauge(pool->member_count);
	case MIB_pool_members_with_traffic:
		return gauge(members_with_traffic(rows, pool));
	default:
		return none;
	}
}

static struct cell
read_member(struct rows *rows, const struct mib_object *object, const struct gen_member *member)
{
	const struct cli_run *run = &rows->run;
	const struct gen_pool *pool = &generation_pools(run->gen)[member->pool];
	const struct health_entry *health;
	char endpoint[ENDPOINT_TEXT_MAX];

	switch (object->id) {
	case MIB_member_endpoint:
		return text(endpoint_format(&member->endpoint, endpoint));
	case MIB_member_state:
		return word(object, member_state_text(run, member));
	case MIB_member_admin_state:
		return word(object, member_admin_text(member_admin_state(run, member)));
	case MIB_member_traffic:
		return word(object, member_traffic_text(run, member, rows_pool_look(rows, pool)));
	case MIB_member_weight:
		return gauge(member->weight);
	case MIB_member_connection_limit:
		return gauge(member->connection_limit);
	case MIB_member_backup:
		return integer(member->backup ? TRUE_VALUE : FALSE_VALUE);
	case MIB_member_cause:
		return member_cause(member_health(run, member));
	case MIB_member_changed:
		health = member_health(run, member);
		return date(health ? health->changed_unix_us / 1000000 : 0);
	case MIB_MEMBER_COUNTER:
		return counter(
		    object, cli_member_counter(run, member, (enum member_counter)object->counter));
	default:
		return none;
	}
}

static uint64_t
members_with_traffic(struct rows *rows, const struct gen_pool *pool)
{
	const struct gen_member *member = &generation_members(rows->run.gen)[pool->first_member];
	uint64_t count = 0;

	for (uint32_t i = 0; i < pool->member_count; i++)
		count +=
		    strcmp(member_traffic_text(&rows->run, &member[i], rows_pool_look(rows, pool)),
			   "yes") == 0;
	return count;
}

static struct cell
member_cause(const struct health_entry *health)
{
	return text(health && health->cause != HEALTH_CAUSE_none
			? health_cause_text((enum health_cause)health->cause)
			: "");
}

static struct cell
counter(const struct mib_object *object, uint64_t count)
{
	return mib_kind_of(object) == MIB_GAUGE
		   ? gauge(count)
		   : (struct cell){ .type = CELL_COUNTER64, .number = count };
}

/* A word that the MIB does not know has no instance; a test holds that there is none. */
static struct cell
word(const struct mib_object *object, const char *its)
{
	int index = schema_choice_index(object->values, its);

	return index < 0 ? none : integer((uint64_t)index + 1);
}

static struct cell
place(const struct mib_object *object, uint32_t index)
{
	char label[MIB_NAME_BYTES];

	return mib_label(object, index, label) ? integer(index + 1) : none;
}

/*
 * A sum over workers that is read while they write may be below 0 for a moment. More than fits
 * stays at the top (RFC 2578 section 7.1.7).
 */
static struct cell
gauge(uint64_t number)
{
	if ((int64_t)number < 0)
		number = 0;
	return (struct cell){ .type = CELL_GAUGE,
			      .number = number < UINT32_MAX ? number : UINT32_MAX };
}

static struct cell
integer(uint64_t number)
{
	return (struct cell){ .type = CELL_INTEGER, .number = number };
}

static struct cell
text(const char *from)
{
	struct cell cell = { .type = CELL_BYTES, .len = strnlen(from, 255) };

	memcpy(cell.bytes, from, cell.len);
	return cell;
}

static struct cell
address(const struct addr *addr)
{
	size_t from = addr_is_v4(addr) ? 12 : 0;
	struct cell cell = { .type = CELL_BYTES, .len = 16 - from };

	memcpy(cell.bytes, addr->byte + from, cell.len);
	return cell;
}

static struct cell
address_type(const struct addr *addr)
{
	return integer(addr_is_v4(addr) ? INET_IPV4 : INET_IPV6);
}

/* DateAndTime in UTC (RFC 2579); eight zero bytes: never. */
static struct cell
date(uint64_t unix_s)
{
	struct cell cell = { .type = CELL_BYTES, .len = 8 };
	time_t seconds = (time_t)unix_s;
	struct tm utc;

	if (unix_s == 0 || !gmtime_r(&seconds, &utc))
		return cell;
	cell.len = 11;
	cell.bytes[0] = (uint8_t)((utc.tm_year + 1900) >> 8);
	cell.bytes[1] = (uint8_t)(utc.tm_year + 1900);
	cell.bytes[2] = (uint8_t)(utc.tm_mon + 1);
	cell.bytes[3] = (uint8_t)utc.tm_mday;
	cell.bytes[4] = (uint8_t)utc.tm_hour;
	cell.bytes[5] = (uint8_t)utc.tm_min;
	cell.bytes[6] = (uint8_t)utc.tm_sec;
	cell.bytes[8] = '+';
	return cell;
}
