/* The show commands over a run directory with files as mgmtd and data plane write them. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fw/abi/conn_fields.h"
#include "fw/base/assert.h"
#include "mgmt/cli/cli.h"
#include "mgmt/push/publish.h"
#include "test/unit/mgmt/cli/box.h"
#include "test/unit/unit.h"

#define expect_line(text, line) CU_ASSERT_TRUE(box_has_line(text, line))

static void
pools_show_a_line_a_member(void)
{
	struct box box;

	box_open(&box);
	CU_ASSERT_EQUAL(box_run(&box, "show pools"), CLI_OK);
	expect_line(box.out,
		    "MEMBER           STATE       ADMIN    TRAFFIC  POOL  METHOD       "
		    "MONITOR  WEIGHT  LIMIT  BACKUP  SESSIONS  OPEN  TOTAL  FAILED  REQUESTS  "
		    "BYTES-IN  BYTES-OUT  5XX  SINCE                 CAUSE\n");
	expect_line(box.out,
		    "10.0.1.11:80     up          enabled  yes      web   round-robin  "
		    "up            3      -  -              4     2    100       0        90    "
		    "123456          0    0  2023-11-14T22:13:20Z  answered as expected\n");
	expect_line(box.out,
		    "[fd00::12]:8080  down        enabled  no       web   round-robin  "
		    "up            1      9  -              0     0      0       7         0  "
		    "       0          0    0  -                     connection refused\n");
	expect_line(box.out, "10.0.1.13:80     unknown     enabled  no       web ");
	expect_line(box.out,
		    "10.0.1.14:80     no-monitor  enabled  yes      raw   round-robin  - ");
	expect_line(box.out,
		    "10.0.1.15:80     no-monitor  enabled  backup   raw   round-robin  -   "
		    "          1      -  backup ");
	box_close(&box);
}

static void
counters_of_a_slot_with_another_owner_are_not_shown(void)
{
	struct box box;

	box_open(&box);
	memset(box.stats->member_owner, 0, sizeof box.stats->member_owner);
	CU_ASSERT_EQUAL(box_run(&box, "show pools"), CLI_OK);
	CU_ASSERT_PTR_NULL(strstr(box.out, "123456"));
	box_close(&box);
}

/* A sum that is read while workers write, or of a slot that has just changed hands. */
static void
gauges_below_zero_are_zero(void)
{
	struct box box;

	box_open(&box);
	health_find(box.health, &box.member[1].addr, 8080, box.monitor_hash)->state = HEALTH_UP;
	for (uint32_t slot = 0; slot < LIMIT_MEMBERS; slot++) {
		box.stats->worker[1].member[slot][MEMBER_COUNTER_conns_open] = (uint64_t)-9;
		box.stats->worker[1].member[slot][MEMBER_COUNTER_sessions_open] = (uint64_t)-9;
	}
	for (uint32_t slot = 0; slot < LIMIT_VIRTUAL_SERVERS; slot++)
		box.stats->worker[1].vs[slot][VS_COUNTER_conns_open] = (uint64_t)-9;
	CU_ASSERT_EQUAL(box_run(&box, "show pools"), CLI_OK);
	CU_ASSERT_PTR_NULL(strstr(box.out, "18446744"));
	expect_line(box.out, "[fd00::12]:8080  up          enabled  yes ");
	CU_ASSERT_EQUAL(box_run(&box, "show virtual-servers"), CLI_OK);
	CU_ASSERT_PTR_NULL(strstr(box.out, "18446744"));
	box_close(&box);
}

static void
virtual_servers_show_the_state_of_their_pool(void)
{
	struct box box;

	box_open(&box);
	CU_ASSERT_EQUAL(box_run(&box, "show virtual-servers"), CLI_OK);
	expect_line(box.out, "www   10.0.0.100:80    http  web   degraded     5     50       200");
	expect_line(box.out, "six   [fd00::100]:443  tcp   raw   up           0      0         0");
	health_find(box.health, &box.member[0].addr, 80, box.monitor_hash)->state = HEALTH_DOWN;
	CU_ASSERT_EQUAL(box_run(&box, "show virtual-servers"), CLI_OK);
	expect_line(box.out, "www   10.0.0.100:80    http  web   unknown");
	health_claim(box.health, &box.member[2].addr, 80, box.monitor_hash)->state = HEALTH_DOWN;
	CU_ASSERT_EQUAL(box_run(&box, "show virtual-servers"), CLI_OK);
	expect_line(box.out, "www   10.0.0.100:80    http  web   down");
	box_close(&box);
}

static void
drops_show_only_what_occurred_or_all(void)
{
	struct box box;

	box_open(&box);
	box.stats->drops[DROP_tcp_checksum] = (struct stats_drop){ 1700000000000000, 7 };
	CU_ASSERT_EQUAL(box_run(&box, "show drops"), CLI_OK);
	expect_line(
	    box.out,
	    "tcp_checksum     42           7  2023-11-14T22:13:20Z  TCP checksum is wrong\n");
	CU_ASSERT_PTR_NULL(strstr(box.out, "ip_checksum"));
	CU_ASSERT_EQUAL(box_run(&box, "show drops all"), CLI_OK);
	expect_line(box.out, "ip_checksum                  0           0  -                     "
			     "IPv4 header checksum is wrong");
	CU_ASSERT_PTR_NULL(strstr(box.out, "not dropped"));
	box_close(&box);
}

static void
counters_ports_and_version_are_shown(void)
{
	struct box box;

	box_open(&box);
	CU_ASSERT_EQUAL(box_run(&box, "show counters"), CLI_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(box.out, " 18446744073709551615  segments "));
	box.stats->worker[0].memory[MEMORY_sessions] = (struct stats_memory){ 224, 1024, 3, 7 };
	CU_ASSERT_EQUAL(box_run(&box, "show memory"), CLI_OK);
	expect_line(box.out,
		    "sessions               224      1024     3     7     224  requests and");
	box.stats->worker[0].punt[SERVICE_bgp][PUNT_COUNTER_in] = 5;
	box.stats->worker[0].punt[SERVICE_bgp][PUNT_COUNTER_out] = 1234;
	CU_ASSERT_EQUAL(box_run(&box, "show services"), CLI_OK);
	expect_line(box.out, "ssh   -       0     0        0     0  the command");
	expect_line(box.out, "bgp   p0      5  1234        0     0  BGP sessions");
	CU_ASSERT_EQUAL(box_run(&box, "show ports"), CLI_OK);
	expect_line(box.out, "sixteen-bytes-xy  af_xdp  02:00:00:00:00:01  up    1500           9");
	CU_ASSERT_EQUAL(box_run(&box, "show version"), CLI_OK);
	expect_line(box.out, "incarnation  00000000000000ab\n");
	expect_line(box.out, "uptime       1d 01:01:0");
	expect_line(box.out, "generation   1\n");
	box_close(&box);
}

static void
workers_are_shown_each_by_itself(void)
{
	struct box box;
	struct stats_worker *worker;

	box_open(&box);
	worker = &box.stats->worker[1];
	box.stats->started_us = 5000000;
	box.stats->now_us = 9000000;
	box.stats->load[1] = (struct stats_load){ 523400, 1000000 };
	worker->counter[COUNTER_turns_busy_us] = 1000000;
	worker->counter[COUNTER_turns] = 4000;
	worker->counter[COUNTER_turns_idle] = 3998;
	worker->counter[COUNTER_tcp_conns_open] = 7;
	worker->counter[COUNTER_sessions_open] = 3;
	worker->counter[COUNTER_handoffs_given] = 11;
	worker->counter[COUNTER_handoffs_taken] = 22;
	worker->counter[COUNTER_resolutions_asked] = 5;
	worker->drop[DROP_handoff_full] = 1;
	worker->port[0][PORT_COUNTER_rx_packets] = 40;
	worker->port[3][PORT_COUNTER_rx_packets] = 2;
	worker->port[3][PORT_COUNTER_tx_packets] = 13;
	CU_ASSERT_EQUAL(box_run(&box, "show workers"), CLI_OK);
	expect_line(box.out, "WORKER  LOAD-1S   LOAD  TURNS   IDLE  CONNECTIONS  SESSIONS  "
			     "RX-PACKETS  TX-PACKETS  HANDED-OVER  TAKEN  RING-FULL  RESOLVED\n");
	expect_line(box.out, "0             -   0.0%      0      -            0         0  "
			     "         9           0            0      0          0         0\n");
	expect_line(box.out, "1         52.3%  25.0%   4000  99.9%            7         3  "
			     "        42          13           11     22          1         5\n");
	CU_ASSERT_PTR_NULL(strstr(box.out, "\n2 "));
	box_close(&box);
}

static void
configuration_is_shown_as_text_that_can_be_loaded(void)
{
	struct errors errors = { 0 };
	struct model model;
	struct box box;

	box_open(&box);
	CU_ASSERT_EQUAL(box_run(&box, "show configuration"), CLI_OK);
	CU_ASSERT_TRUE(model_load(box.out, strlen(box.out), &model, &errors));
	CU_ASSERT_EQUAL(model.members[0].weight, 3);
	model_free(&model);
	CU_ASSERT_EQUAL(box_run(&box, "show configuration | display set | match fd00::12"), CLI_OK);
	CU_ASSERT_STRING_EQUAL(box.out, "set pool web member [fd00::12]:8080 connection-limit 9\n");
	box_close(&box);
}

static void
dead_data_plane_is_said_and_fails(void)
{
	static const char *const lines[] = {
		"show pools",     "show virtual-servers", "show counters", "show drops",
		"show drops all", "show ports",           "show version",  "show connections",
		"show memory",    "show workers",         "show services"
	};
	struct box box;
	pid_t gone = fork();

	if (gone == 0)
		_exit(0);
	ASSERT(waitpid(gone, NULL, 0) == gone);
	box_open(&box);
	box.stats->pid = (uint32_t)gone;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		CU_ASSERT_EQUAL(box_run(&box, lines[i]), CLI_FAILED);
		CU_ASSERT_STRING_EQUAL(box.err, "the data plane is not running\n");
	}
	CU_ASSERT_EQUAL(box_run(&box, "show configuration"), CLI_OK);
	box_close(&box);
}

static void
process_with_the_number_of_a_dead_data_plane_is_none(void)
{
	char lock[FILES_PATH_MAX];
	struct box box;

	box_open(&box);
	CU_ASSERT_EQUAL(box_run(&box, "show ports"), CLI_OK);
	ASSERT(files_path(lock, box.run_dir, FILES_DATAPLANE_LOCK) && unlink(lock) == 0);
	CU_ASSERT_EQUAL(box_run(&box, "show ports"), CLI_FAILED);
	CU_ASSERT_STRING_EQUAL(box.err, "the data plane is not running\n");
	ASSERT(files_write_atomic(lock, "", 0) == ERR_ok);
	CU_ASSERT_EQUAL(box_run(&box, "show ports"), CLI_FAILED);
	CU_ASSERT_STRING_EQUAL(box.err, "the data plane is not running\n");
	box_close(&box);
}

static void
data_plane_that_is_just_starting_is_not_damaged(void)
{
	struct box box;

	box_open(&box);
	box.stats->magic = 0;
	CU_ASSERT_EQUAL(box_run(&box, "show ports"), CLI_FAILED);
	CU_ASSERT_STRING_EQUAL(box.err, "the data plane is not running\n");
	box.stats->magic = 1;
	CU_ASSERT_EQUAL(box_run(&box, "show ports"), CLI_FAILED);
	CU_ASSERT_PTR_NOT_NULL(strstr(box.err, "/stats: "));
	box_close(&box);
}

static void
other_layouts_are_another_version(void)
{
	struct box box;

	box_open(&box);
	box.stats->layout_hash++;
	CU_ASSERT_EQUAL(box_run(&box, "show counters"), CLI_FAILED);
	CU_ASSERT_PTR_NOT_NULL(strstr(box.err, "/stats was made by another version than this one"));
	box.stats->layout_hash--;
	box.health->layout_hash++;
	CU_ASSERT_EQUAL(box_run(&box, "show pools"), CLI_FAILED);
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(box.err, "/health was made by another version than this one"));
	box_close(&box);
}

static void
without_configuration_pools_fail_and_counters_do_not(void)
{
	struct box box;
	char path[FILES_PATH_MAX];

	box_open(&box);
	ASSERT(files_path(path, box.run_dir, FILES_CONFIG_CURRENT) && unlink(path) == 0);
	CU_ASSERT_EQUAL(box_run(&box, "show pools"), CLI_FAILED);
	CU_ASSERT_STRING_EQUAL(box.err, "no configuration is loaded\n");
	CU_ASSERT_EQUAL(box_run(&box, "show counters"), CLI_OK);
	box_close(&box);
}

static void
connections_are_listed_batch_by_batch(void)
{
	struct box box;

	box_open(&box);
	box_serve_dataplane(&box, 150, false);
	CU_ASSERT_EQUAL(box_run(&box, "show connections"), CLI_OK);
	box_stop_serving(&box);
	CU_ASSERT_EQUAL(box_lines(&box), 1 + 2 * 150); /* two workers */
	expect_line(
	    box.out,
	    "     1    1.0  1.1000  client  ESTABLISHED  10.0.0.100:80  192.0.2.1:40000  www");
	expect_line(box.out, "     1  1.149       -  server  ESTABLISHED");
	box_close(&box);
}

static void
connection_is_shown_whole_or_said_not_to_exist(void)
{
	static const char *const wrong[] = { "x", "1.", ".1", "1.x", "16.0", "-1", "0.4294967295" };
	struct box box;
	char line[64];

	box_open(&box);
	CU_ASSERT_EQUAL(box_run(&box, "show connection 0"), CLI_FAILED);
	CU_ASSERT_STRING_EQUAL(box.err, "the data plane is not running\n");
	box_serve_dataplane(&box, 150, false);
	CU_ASSERT_EQUAL(box_run(&box, "show connection 0.0"), CLI_OK);
	CU_ASSERT_EQUAL(box_lines(&box), 1 + 9 + CONN_FIELD_COUNT);
	expect_line(box.out, "id                    0.0 ");
	expect_line(box.out, "peer                  0.1000 ");
	expect_line(box.out, "virtual_server        www ");
	expect_line(box.out, "tcp_profile           default ");
	expect_line(box.out, "state                 ESTABLISHED      word ");
	expect_line(box.out, "snd_nxt               100              sent-sequence      90 ");
	expect_line(box.out, "iss                   4294967286       sequence           - ");
	expect_line(box.out, "cwnd                  14480            bytes ");
	expect_line(box.out, "recovery              ?                word ");
	expect_line(box.out, "timer_rto             -                us-left ");
	CU_ASSERT_EQUAL(box_run(&box, "show connection 0"), CLI_OK);
	expect_line(box.out, "id                    0.0 ");
	CU_ASSERT_EQUAL(box_run(&box, "show connection 1.5"), CLI_FAILED);
	CU_ASSERT_STRING_EQUAL(box.err,
			       "there is no connection 1.5 now; show connections lists them\n");
	CU_ASSERT_STRING_EQUAL(box.out, "");
	CU_ASSERT_EQUAL(box_run(&box, "show connection 7"), CLI_FAILED);
	CU_ASSERT_PTR_NOT_NULL(strstr(box.err, "no answer from the data plane: "));
	box_stop_serving(&box);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		snprintf(line, sizeof line, "show connection %s", wrong[i]);
		CU_ASSERT_EQUAL(box_run(&box, line), CLI_FAILED);
		CU_ASSERT_PTR_NOT_NULL(strstr(box.err, "is no connection's id"));
	}
	box_close(&box);
}

static void
connections_that_never_end_are_given_up(void)
{
	struct box box;

	box_open(&box);
	box_serve_dataplane(&box, 150, true);
	CU_ASSERT_EQUAL(box_run(&box, "show connections"), CLI_FAILED);
	box_stop_serving(&box);
	CU_ASSERT_PTR_NOT_NULL(strstr(box.err, "the list is not complete"));
	box_close(&box);
}

static void
lines_without_a_command_say_what_there_is(void)
{
	struct box box;

	box_open(&box);
	CU_ASSERT_EQUAL(box_run(&box, "show po"), CLI_USAGE);
	expect_line(box.err, "po may mean:\n");
	CU_ASSERT_EQUAL(box_run(&box, "bananas pools"), CLI_USAGE);
	expect_line(box.err, "no such command: bananas; there are:\n");
	CU_ASSERT_EQUAL(box_run(&box, "show poools"), CLI_USAGE);
	CU_ASSERT_STRING_EQUAL(box.err, "no such command: poools; is pools meant?\n");
	CU_ASSERT_EQUAL(box_run(&box, "show pools | mach up"), CLI_USAGE);
	CU_ASSERT_STRING_EQUAL(box.err, "no such command: mach; is match meant?\n");
	CU_ASSERT_EQUAL(box_run(&box, "show"), CLI_USAGE);
	expect_line(box.err, "the command is not complete; there are:\n");
	CU_ASSERT_EQUAL(box_run(&box, "show ?"), CLI_OK);
	expect_line(box.out, "  show pools ");
	CU_ASSERT_EQUAL(box_run(&box, "load \"x"), CLI_USAGE);
	CU_ASSERT_EQUAL(box_run(&box, ""), CLI_OK);
	CU_ASSERT_EQUAL(box_run(&box, "load /no/such/file"), CLI_FAILED);
	expect_line(box.err, "can't read /no/such/file: No such file or directory\n");
	CU_ASSERT_EQUAL(box_run(&box, "load /dev/null"), CLI_FAILED);
	CU_ASSERT_STRING_EQUAL(box.err, "mgmtd is not running\n");
	box_close(&box);
}

static void
help_has_every_command_and_every_field(void)
{
	struct box box;

	box_open(&box);
	CU_ASSERT_EQUAL(box_run(&box, "help"), CLI_OK);
	expect_line(box.out, "  show drops all ");
	CU_ASSERT_EQUAL(box_run(&box, "help configuration"), CLI_OK);
	expect_line(box.out, "  idle-timeout-ms ");
	expect_line(box.out, "virtual-servers: what clients connect to (at most 2048)\n");
	box_close(&box);
}

static void
batch_gives_the_worst_code_and_stops_at_exit(void)
{
	struct box box;
	FILE *in;
	static char lines[] = "help\nnonsense\nshow version\nexit\nshow counters\n";

	box_open(&box);
	in = fmemopen(lines, strlen(lines), "r");
	CU_ASSERT_EQUAL(box_batch(&box, in), CLI_USAGE);
	fclose(in);
	CU_ASSERT_PTR_NOT_NULL(strstr(box.out, "incarnation"));
	CU_ASSERT_PTR_NULL(strstr(box.out, "tcp_segments"));
	box_close(&box);
}

CU_TestInfo test_show[] = {
	{ "show_pools_has_a_line_a_member", pools_show_a_line_a_member },
	{ "show_counters_of_a_slot_with_another_owner_are_not_shown",
	  counters_of_a_slot_with_another_owner_are_not_shown },
	{ "show_gauges_below_zero_are_zero", gauges_below_zero_are_zero },
	{ "show_virtual_servers_has_the_state_of_their_pool",
	  virtual_servers_show_the_state_of_their_pool },
	{ "show_drops_has_only_what_occurred_or_all", drops_show_only_what_occurred_or_all },
	{ "show_counters_ports_and_version_are_shown", counters_ports_and_version_are_shown },
	{ "show_workers_has_a_line_a_worker", workers_are_shown_each_by_itself },
	{ "show_configuration_is_text_that_can_be_loaded",
	  configuration_is_shown_as_text_that_can_be_loaded },
	{ "show_dead_data_plane_is_said_and_fails", dead_data_plane_is_said_and_fails },
	{ "show_data_plane_that_is_just_starting_is_not_damaged",
	  data_plane_that_is_just_starting_is_not_damaged },
	{ "show_process_with_the_number_of_a_dead_data_plane_is_none",
	  process_with_the_number_of_a_dead_data_plane_is_none },
	{ "show_other_layouts_are_another_version", other_layouts_are_another_version },
	{ "show_without_configuration_pools_fail_and_counters_do_not",
	  without_configuration_pools_fail_and_counters_do_not },
	{ "show_connection_is_shown_whole_or_said_not_to_exist",
	  connection_is_shown_whole_or_said_not_to_exist },
	{ "show_connections_are_listed_batch_by_batch", connections_are_listed_batch_by_batch },
	{ "show_connections_that_never_end_are_given_up", connections_that_never_end_are_given_up },
	{ "cli_lines_without_a_command_say_what_there_is",
	  lines_without_a_command_say_what_there_is },
	{ "cli_help_has_every_command_and_every_field", help_has_every_command_and_every_field },
	{ "cli_batch_gives_the_worst_code_and_stops_at_exit",
	  batch_gives_the_worst_code_and_stops_at_exit },
	CU_TEST_INFO_NULL,
};
