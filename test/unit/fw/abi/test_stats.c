/* Counters: sums over workers, and tables as data. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "fw/abi/stats.h"
#include "fw/base/assert.h"
#include "test/unit/unit.h"

static struct stats *
new_stats(uint32_t workers)
{
	struct stats *stats = aligned_alloc(4096, sizeof *stats);

	ASSERT(stats);
	memset(stats, 0, sizeof *stats);
	stats->workers = workers;
	return stats;
}

static void
sums_take_the_workers_in_use(void)
{
	struct stats *stats = new_stats(2);

	for (uint32_t w = 0; w < 3; w++) {
		stats->worker[w].counter[COUNTER_turns] = 10 + w;
		stats->worker[w].drop[DROP_tcp_checksum] = 20 + w;
		stats->worker[w].port[3][PORT_COUNTER_tx_bytes] = 30 + w;
		stats->worker[w].vs[LIMIT_VIRTUAL_SERVERS - 1][VS_COUNTER_aborted] = 40 + w;
		stats->worker[w].member[LIMIT_MEMBERS - 1][MEMBER_COUNTER_responses_5xx] = 50 + w;
	}
	CU_ASSERT_EQUAL(stats_counter(stats, COUNTER_turns), 21);
	CU_ASSERT_EQUAL(stats_drop(stats, DROP_tcp_checksum), 41);
	CU_ASSERT_EQUAL(stats_port_counter(stats, 3, PORT_COUNTER_tx_bytes), 61);
	CU_ASSERT_EQUAL(stats_vs(stats, LIMIT_VIRTUAL_SERVERS - 1, VS_COUNTER_aborted), 81);
	CU_ASSERT_EQUAL(stats_member(stats, LIMIT_MEMBERS - 1, MEMBER_COUNTER_responses_5xx), 101);
	free(stats);
}

static void
longest_time_is_the_highest_of_the_workers_in_use(void)
{
	struct stats *stats = new_stats(2);

	for (uint32_t w = 0; w < 3; w++)
		stats->worker[w].counter[COUNTER_config_adopt_longest_us] = 50 + 10 * w;
	CU_ASSERT_EQUAL(stats_counter(stats, COUNTER_config_adopt_longest_us), 60);
	stats->worker[0].counter[COUNTER_config_adopt_longest_us] = 90;
	CU_ASSERT_EQUAL(stats_counter(stats, COUNTER_config_adopt_longest_us), 90);
	free(stats);
}

static void
gauge_with_a_part_below_zero_is_right(void)
{
	struct stats *stats = new_stats(2);

	stats->worker[0].counter[COUNTER_sessions_open] = 5;
	stats->worker[1].counter[COUNTER_sessions_open] = (uint64_t)-3;
	CU_ASSERT_EQUAL(stats_counter(stats, COUNTER_sessions_open), 2);
	free(stats);
}

static void
worker_count_of_a_damaged_file_reads_nothing_beyond(void)
{
	struct stats *stats = new_stats(UINT32_MAX);

	stats->worker[LIMIT_WORKERS - 1].counter[COUNTER_turns] = 1;
	CU_ASSERT_EQUAL(stats_counter(stats, COUNTER_turns), 1);
	free(stats);
}

static void
tables_have_text_for_every_row(void)
{
	CU_ASSERT_STRING_EQUAL(counter_infos[COUNTER_tcp_retransmits].name, "tcp_retransmits");
	CU_ASSERT_STRING_EQUAL(counter_infos[COUNTER_tcp_retransmits].unit, "segments");
	CU_ASSERT_STRING_EQUAL(drop_infos[DROP_ip_checksum].name, "ip_checksum");
	CU_ASSERT_STRING_EQUAL(vs_counter_infos[VS_COUNTER_refused].name, "refused");
	CU_ASSERT_STRING_EQUAL(member_counter_infos[MEMBER_COUNTER_bytes_in].unit, "bytes");
	CU_ASSERT_STRING_EQUAL(port_counter_infos[PORT_COUNTER_rx_packets].name, "rx_packets");
	for (enum drop_reason reason = 0; reason < DROP_COUNT; reason++)
		CU_ASSERT(drop_infos[reason].text && *drop_infos[reason].text);
}

static void
no_two_workers_share_a_page(void)
{
	CU_ASSERT_EQUAL(sizeof(struct stats_worker) % 4096, 0);
	CU_ASSERT_EQUAL(offsetof(struct stats, worker) % 4096, 0);
}

CU_TestInfo test_stats[] = {
	{ "stats_sums_take_the_workers_in_use", sums_take_the_workers_in_use },
	{ "stats_longest_time_is_the_highest_of_the_workers_in_use",
	  longest_time_is_the_highest_of_the_workers_in_use },
	{ "stats_gauge_with_a_part_below_zero_is_right", gauge_with_a_part_below_zero_is_right },
	{ "stats_worker_count_of_a_damaged_file_reads_nothing_beyond",
	  worker_count_of_a_damaged_file_reads_nothing_beyond },
	{ "stats_tables_have_text_for_every_row", tables_have_text_for_every_row },
	{ "stats_no_two_workers_share_a_page", no_two_workers_share_a_page },
	CU_TEST_INFO_NULL,
};
