/*
 * Run directory to sorted rows. The indexes of a table lie behind each other in one array, so that
 * a table of 16,384 members is a few hundred kilobytes and two allocations.
 */
#include "mgmt/snmp/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fw/base/assert.h"
#include "mgmt/push/view.h"

/* A name with its length; family, address with its length, port. */
#define NAME_OIDS     (1 + LIMIT_NAME_BYTES)
#define ENDPOINT_OIDS (1 + 1 + 16 + 1)

#define INET_IPV4 1 /* InetAddressType, RFC 4001 */
#define INET_IPV6 2

static void look(const char *run_dir, struct rows_seen *seen);
static void look_at_file(const char *run_dir, const char *name, struct rows_seen *seen, int at);
static enum err map_all(struct rows *rows, const char *run_dir);
static void make_tables(struct rows *rows);
static void table_open(struct row_table *table, size_t rows, size_t oids_each);
static unsigned long *next_oid(const struct row_table *table);
static void add_row(struct row_table *table, const unsigned long *end);
static void table_close(struct row_table *table);
static unsigned long *put_name(unsigned long *at, struct str name);
static unsigned long *put_endpoint(unsigned long *at, const struct endpoint *endpoint);
static int compare(const void *a, const void *b);
static void drop_all(struct rows *rows);

void
rows_init(struct rows *rows)
{
	*rows = (struct rows){ .why = ERR_not_found, .looked_at = GENERATION_NONE };
}

bool
rows_refresh(struct rows *rows, const char *run_dir)
{
	struct rows_seen seen;
	bool lives = rows->run.stats && view_is_alive(run_dir, rows->run.stats);

	rows->looked_at = GENERATION_NONE;
	look(run_dir, &seen);
	seen.incarnation = rows->run.stats ? rows->run.stats->incarnation : 0;
	if (rows->running && lives && memcmp(&seen, &rows->seen, sizeof seen) == 0)
		return false;
	drop_all(rows);
	rows->why = map_all(rows, run_dir);
	rows->running = rows->why == ERR_ok;
	if (rows->running)
		make_tables(rows);
	else
		drop_all(rows);
	seen.incarnation = rows->run.stats ? rows->run.stats->incarnation : 0;
	rows->seen = seen;
	return true;
}

const struct member_pool *
rows_pool_look(struct rows *rows, const struct gen_pool *pool)
{
	uint32_t index = (uint32_t)(pool - generation_pools(rows->run.gen));

	if (rows->looked_at != index)
		member_pool_look(&rows->run, pool, &rows->look);
	rows->looked_at = index;
	return &rows->look;
}

void
rows_free(struct rows *rows)
{
	drop_all(rows);
}

/* Before the files are mapped: what changes in between is seen the next time. */
static void
look(const char *run_dir, struct rows_seen *seen)
{
	char path[FILES_PATH_MAX];

	memset(seen, 0, sizeof *seen); /* with its padding: it is compared as bytes */
	if (files_path(path, run_dir, FILES_CONFIG_CURRENT) &&
	    readlink(path, seen->generation, sizeof seen->generation - 1) < 0)
		seen->generation[0] = '\0';
	look_at_file(run_dir, FILES_STATS, seen, 0);
	look_at_file(run_dir, FILES_HEALTH, seen, 1);
}

static void
look_at_file(const char *run_dir, const char *name, struct rows_seen *seen, int at)
{
	char path[FILES_PATH_MAX];
	struct stat st;

	if (!files_path(path, run_dir, name) || stat(path, &st) != 0)
		return;
	seen->device[at] = st.st_dev;
	seen->file[at] = st.st_ino;
	seen->size_bytes[at] = st.st_size;
}

static enum err
map_all(struct rows *rows, const char *run_dir)
{
	struct cli_run *run = &rows->run;
	enum err err = view_stats(run_dir, &run->stats_map, &run->stats);

	if (err == ERR_ok && !view_is_alive(run_dir, run->stats))
		err = ERR_not_found;
	if (err == ERR_ok)
		err = view_generation(run_dir, &run->generation_map, &run->gen);
	if (err == ERR_ok)
		err = view_health(run_dir, &run->health_map, &run->health);
	return err;
}

static void
make_tables(struct rows *rows)
{
	const struct generation *gen = rows->run.gen;
	struct row_table *virtual_servers = &rows->table[MIB_TABLE_virtual_server];
	struct row_table *pools = &rows->table[MIB_TABLE_pool];
	struct row_table *members = &rows->table[MIB_TABLE_member];

	table_open(virtual_servers, gen->virtual_servers.count, NAME_OIDS);
	for (uint32_t i = 0; i < gen->virtual_servers.count; i++)
		add_row(virtual_servers,
			put_name(next_oid(virtual_servers),
				 generation_str(gen, generation_virtual_servers(gen)[i].name)));
	table_close(virtual_servers);
	table_open(pools, gen->pools.count, NAME_OIDS);
	for (uint32_t i = 0; i < gen->pools.count; i++)
		add_row(pools, put_name(next_oid(pools),
					generation_str(gen, generation_pools(gen)[i].name)));
	table_close(pools);
	table_open(members, gen->members.count, NAME_OIDS + ENDPOINT_OIDS);
	for (uint32_t i = 0; i < gen->members.count; i++) {
		const struct gen_member *member = &generation_members(gen)[i];
		struct str pool = generation_str(gen, generation_pools(gen)[member->pool].name);

		add_row(members,
			put_endpoint(put_name(next_oid(members), pool), &member->endpoint));
	}
	table_close(members);
}

/* Room for the longest indexes; table_close gives back what was not used. */
static void
table_open(struct row_table *table, size_t rows, size_t oids_each)
{
	table->count = 0;
	table->row = calloc(rows + 1, sizeof *table->row);
	table->oids = calloc(rows * oids_each + 1, sizeof *table->oids);
	ASSERT(table->row && table->oids);
}

static unsigned long *
next_oid(const struct row_table *table)
{
	const struct row *last = &table->row[table->count - 1];

	return table->count ? (unsigned long *)last->oid + last->oid_len : table->oids;
}

static void
add_row(struct row_table *table, const unsigned long *end)
{
	const unsigned long *start = next_oid(table);
	uint32_t object = (uint32_t)table->count;

	table->row[table->count++] =
	    (struct row){ .oid = start, .oid_len = (size_t)(end - start), .object = object };
}

/* A generation of ours has no two objects of one name; of two, one row would hide the other. */
static void
table_close(struct row_table *table)
{
	size_t used = (size_t)(next_oid(table) - table->oids), kept = 0;
	unsigned long *oids = realloc(table->oids, (used + 1) * sizeof *oids);

	ASSERT(oids);
	for (size_t i = 0, at = 0; i < table->count; at += table->row[i++].oid_len)
		table->row[i].oid = oids + at;
	table->oids = oids;
	qsort(table->row, table->count, sizeof *table->row, compare);
	for (size_t i = 0; i < table->count; i++)
		if (kept == 0 || compare(&table->row[kept - 1], &table->row[i]) != 0)
			table->row[kept++] = table->row[i];
	table->count = kept;
}

static unsigned long *
put_name(unsigned long *at, struct str name)
{
	*at++ = name.len;
	for (size_t i = 0; i < name.len; i++)
		*at++ = (unsigned char)name.at[i];
	return at;
}

static unsigned long *
put_endpoint(unsigned long *at, const struct endpoint *endpoint)
{
	size_t from = addr_is_v4(&endpoint->addr) ? 12 : 0;

	*at++ = from ? INET_IPV4 : INET_IPV6;
	*at++ = 16 - from;
	for (size_t i = from; i < 16; i++)
		*at++ = endpoint->addr.byte[i];
	*at++ = endpoint->port;
	return at;
}

/* As OIDs: sub-identifier by sub-identifier, the shorter first. */
static int
compare(const void *a, const void *b)
{
	const struct row *one = a, *other = b;
	size_t shorter = one->oid_len < other->oid_len ? one->oid_len : other->oid_len;

	for (size_t i = 0; i < shorter; i++)
		if (one->oid[i] != other->oid[i])
			return one->oid[i] < other->oid[i] ? -1 : 1;
	return (one->oid_len > other->oid_len) - (one->oid_len < other->oid_len);
}

static void
drop_all(struct rows *rows)
{
	for (size_t t = 0; t < MIB_TABLE_COUNT; t++) {
		free(rows->table[t].row);
		free(rows->table[t].oids);
		rows->table[t] = (struct row_table){ 0 };
	}
	cli_run_close(&rows->run);
	rows->run = (struct cli_run){ 0 };
	rows->running = false;
}
