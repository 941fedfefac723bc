/* Rows and cells over a run directory that changes. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fw/base/assert.h"
#include "mgmt/snmp/cell.h"
#include "test/unit/mgmt/snmp/place.h"
#include "test/unit/unit.h"

static const char other_configuration[] =
    "version = 1; ports = ( { name = \"p0\"; addresses = [ \"10.0.0.1/16\" ]; } );"
    "pools = ( { name = \"web\"; members = ( { address = \"10.0.1.11\"; port = 80; } ); } );";

static const struct mib_object *
object(enum mib_table table, const char *name)
{
	for (size_t i = 0; i < mib_object_count; i++)
		if (mib_objects[i].table == table && strcmp(mib_objects[i].name, name) == 0)
			return &mib_objects[i];
	CU_FAIL_FATAL("no such object");
	return NULL;
}

static struct cell
cell(struct rows *rows, enum mib_table table, const char *name, size_t row)
{
	return cell_read(rows, object(table, name),
			 table == MIB_TABLE_system ? NULL : &rows->table[table].row[row]);
}

static uint64_t
number(struct rows *rows, enum mib_table table, const char *name, size_t row)
{
	struct cell got = cell(rows, table, name, row);

	CU_ASSERT_NOT_EQUAL(got.type, CELL_NONE);
	CU_ASSERT_NOT_EQUAL(got.type, CELL_BYTES);
	return got.number;
}

static bool
says(struct rows *rows, enum mib_table table, const char *name, size_t row, const char *text)
{
	struct cell got = cell(rows, table, name, row);

	return got.type == CELL_BYTES && got.len == strlen(text) &&
	       memcmp(got.bytes, text, got.len) == 0;
}

static void
open_running(struct place *place, struct rows *rows)
{
	place_open(place);
	place_commit(place, place_configuration);
	place_start_dataplane(place);
	rows_init(rows);
	CU_ASSERT_TRUE(rows_refresh(rows, place->run_dir));
	CU_ASSERT_TRUE(rows->running);
}

static void
close_both(struct place *place, struct rows *rows)
{
	rows_free(rows);
	place_close(place);
}

/* By length of the name first, then IPv4, then address. */
static void
rows_are_sorted_as_oids(void)
{
	static const char *const members[] = { "10.0.1.14:80", "10.0.1.15:80", "10.0.1.9:80",
					       "10.0.1.11:80", "[fd00::12]:8080" };
	struct place place;
	struct rows rows;

	open_running(&place, &rows);
	CU_ASSERT_EQUAL_FATAL(rows.table[MIB_TABLE_member].count, ARRAY_SIZE(members));
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		CU_ASSERT_TRUE(says(&rows, MIB_TABLE_member, "endpoint", i, members[i]));
	CU_ASSERT_EQUAL(rows.table[MIB_TABLE_pool].row[0].oid_len, 2);
	CU_ASSERT_EQUAL(rows.table[MIB_TABLE_pool].row[0].oid[1], 'b');
	CU_ASSERT_EQUAL(rows.table[MIB_TABLE_virtual_server].count, 2);
	CU_ASSERT_FALSE(rows_refresh(&rows, place.run_dir)); /* nothing has changed */
	close_both(&place, &rows);
}

static void
member_cells_say_state_admin_state_and_traffic(void)
{
	struct place place;
	struct rows rows;
	struct health_admin *admin;
	struct health_entry *passive;

	open_running(&place, &rows);
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_member, "state", 0), 4);
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_member, "traffic", 1), 4);
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_member, "backup", 1), 1);
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_member, "state", 2), 3);
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_member, "state", 3), 1);
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_member, "weight", 3), 3);
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_member, "backup", 3), 2);
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_member, "state", 4), 2);
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_member, "connection_limit", 4), 9);
	CU_ASSERT_TRUE(says(&rows, MIB_TABLE_member, "cause", 4, "connection refused"));
	CU_ASSERT_TRUE(says(&rows, MIB_TABLE_member, "cause", 2, ""));
	CU_ASSERT_TRUE(says(&rows, MIB_TABLE_member, "cause", 0, ""));
	/* Found out by traffic, without a probe. */
	passive = health_claim(place.health, &place_member(&place, 3)->endpoint.addr, 80,
			       HEALTH_PASSIVE_HASH);
	passive->cause = HEALTH_CAUSE_passive;
	CU_ASSERT_TRUE(
	    says(&rows, MIB_TABLE_member, "cause", 0, health_cause_text(HEALTH_CAUSE_passive)));
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_member, "admin_state", 3), 1);
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_member, "traffic", 3), 1);
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_pool, "members_with_traffic", 1), 1);
	admin = health_admin_claim(place.health, place_member(&place, 0)->owner);
	admin->state = MEMBER_FORCED_DOWN;
	CU_ASSERT_FALSE(rows_refresh(&rows, place.run_dir));
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_member, "admin_state", 3), 5);
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_member, "traffic", 3), 2);
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_pool, "state", 1), 3);
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_virtual_server, "state", 1), 3);
	close_both(&place, &rows);
}

static void
dates_are_utc_and_zero_for_never(void)
{
	/* 2023-11-14T22:13:20Z */
	static const uint8_t want[] = { 0x07, 0xe7, 11, 14, 22, 13, 20, 0, '+', 0, 0 };
	struct place place;
	struct rows rows;
	struct cell got;

	open_running(&place, &rows);
	got = cell(&rows, MIB_TABLE_member, "changed", 3);
	CU_ASSERT_EQUAL_FATAL(got.len, sizeof want);
	CU_ASSERT_EQUAL(memcmp(got.bytes, want, sizeof want), 0);
	got = cell(&rows, MIB_TABLE_member, "changed", 0);
	CU_ASSERT_EQUAL(got.len, 8);
	CU_ASSERT_EQUAL(got.bytes[0], 0);
	close_both(&place, &rows);
}

static void
counters_are_sums_and_gauges_stay_in_their_range(void)
{
	struct place place;
	struct rows rows;
	uint32_t member, vs;

	open_running(&place, &rows);
	member = place_member(&place, 0)->stats_slot;
	vs = place_virtual_server(&place, 0)->stats_slot;
	place.stats->worker[0].member[member][MEMBER_COUNTER_bytes_in] = UINT64_C(5) << 40;
	place.stats->worker[1].member[member][MEMBER_COUNTER_bytes_in] = 7;
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_member, "bytes_in", 3), (UINT64_C(5) << 40) + 7);
	CU_ASSERT_EQUAL(cell(&rows, MIB_TABLE_member, "bytes_in", 3).type, CELL_COUNTER64);
	place.stats->worker[0].vs[vs][VS_COUNTER_conns_open] = (uint64_t)-2;
	CU_ASSERT_EQUAL(cell(&rows, MIB_TABLE_virtual_server, "conns_open", 1).type, CELL_GAUGE);
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_virtual_server, "conns_open", 1), 0);
	place.stats->worker[1].vs[vs][VS_COUNTER_conns_open] = UINT64_C(1) << 40;
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_virtual_server, "conns_open", 1), UINT32_MAX);
	place.stats->vs_owner[vs]++; /* the slot is another's now */
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_virtual_server, "conns_open", 1), 0);
	close_both(&place, &rows);
}

static void
commit_makes_the_rows_anew(void)
{
	struct place place;
	struct rows rows;

	open_running(&place, &rows);
	place.stats->pid = INT32_MAX; /* nobody to ask */
	place_commit(&place, other_configuration);
	place.stats->pid = (uint32_t)getpid();
	CU_ASSERT_TRUE(rows_refresh(&rows, place.run_dir));
	CU_ASSERT_EQUAL(rows.table[MIB_TABLE_virtual_server].count, 0);
	CU_ASSERT_EQUAL_FATAL(rows.table[MIB_TABLE_member].count, 1);
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_system, "members", 0), 1);
	close_both(&place, &rows);
}

static void
data_plane_that_died_leaves_no_rows_and_a_new_one_is_read(void)
{
	struct place place;
	struct rows rows;

	open_running(&place, &rows);
	place_stop_dataplane(&place);
	CU_ASSERT_TRUE(rows_refresh(&rows, place.run_dir));
	CU_ASSERT_EQUAL(rows.table[MIB_TABLE_member].count, 0);
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_system, "data_plane", 0), 2);
	CU_ASSERT_EQUAL(cell(&rows, MIB_TABLE_system, "sessions_open", 0).type, CELL_NONE);
	CU_ASSERT_EQUAL(cell(&rows, MIB_TABLE_system, "version", 0).type, CELL_BYTES);
	place_start_dataplane(&place);
	place.stats->worker[0].counter[COUNTER_sessions_open] = 12;
	CU_ASSERT_TRUE(rows_refresh(&rows, place.run_dir));
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_system, "sessions_open", 0), 12);
	CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_system, "data_plane", 0), 1);
	place.stats->incarnation++; /* restarted on the same file, between two looks */
	CU_ASSERT_TRUE(rows_refresh(&rows, place.run_dir));
	CU_ASSERT_TRUE(rows.running);
	close_both(&place, &rows);
}

/* Puts a new file in the place of one, as a program would that writes nonsense. */
static void
spoil(const struct place *place, const char *name, size_t size_bytes)
{
	static const uint8_t nonsense[64];
	char path[FILES_PATH_MAX];

	ASSERT(files_path(path, place->run_dir, name));
	ASSERT(files_write_atomic(path, nonsense, size_bytes) == ERR_ok);
}

static void
files_that_are_not_whole_leave_no_rows(void)
{
	static const char *const names[] = { FILES_STATS, FILES_HEALTH, "config/1" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct place place;
		struct rows rows;

		open_running(&place, &rows);
		rows_free(&rows); /* a generation is not looked at again under its name */
		rows_init(&rows);
		spoil(&place, names[i], 64);
		CU_ASSERT_TRUE(rows_refresh(&rows, place.run_dir));
		CU_ASSERT_FALSE(rows.running);
		CU_ASSERT_EQUAL(rows.why, ERR_corrupt);
		CU_ASSERT_EQUAL(rows.table[MIB_TABLE_member].count, 0);
		CU_ASSERT_EQUAL(number(&rows, MIB_TABLE_system, "data_plane", 0), 2);
		close_both(&place, &rows);
	}
}

static void
stats_of_another_build_leave_no_rows(void)
{
	struct place place;
	struct rows rows;

	open_running(&place, &rows);
	rows_free(&rows);
	rows_init(&rows);
	place.stats->layout_hash++;
	CU_ASSERT_TRUE(rows_refresh(&rows, place.run_dir));
	CU_ASSERT_EQUAL(rows.why, ERR_version);
	CU_ASSERT_FALSE(rows.running);
	close_both(&place, &rows);
}

CU_TestInfo test_rows[] = {
	{ "rows_are_sorted_as_oids", rows_are_sorted_as_oids },
	{ "member_cells_say_state_admin_state_and_traffic",
	  member_cells_say_state_admin_state_and_traffic },
	{ "dates_are_utc_and_zero_for_never", dates_are_utc_and_zero_for_never },
	{ "counters_are_sums_and_gauges_stay_in_their_range",
	  counters_are_sums_and_gauges_stay_in_their_range },
	{ "commit_makes_the_rows_anew", commit_makes_the_rows_anew },
	{ "data_plane_that_died_leaves_no_rows_and_a_new_one_is_read",
	  data_plane_that_died_leaves_no_rows_and_a_new_one_is_read },
	{ "files_that_are_not_whole_leave_no_rows", files_that_are_not_whole_leave_no_rows },
	{ "stats_of_another_build_leave_no_rows", stats_of_another_build_leave_no_rows },
	CU_TEST_INFO_NULL,
};
