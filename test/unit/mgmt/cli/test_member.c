/* Drain, disable, enable and force: what is sent, what is said, and how it shows afterwards. */
#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/cli/member.h"
#include "test/unit/mgmt/cli/box.h"
#include "test/unit/unit.h"

static void
said_states_reach_the_data_plane_and_show(void)
{
	static const struct {
		const char *line, *says, *shows;
	} rows[] = {
		{ "drain member web 10.0.1.11:80",
		  "10.0.1.11:80 of pool web is drained; no new sessions go there, 4 sessions "
		  "are "
		  "still open\n",
		  "10.0.1.11:80     up          drained      no       web " },
		{ "disable member web 10.0.1.11:80",
		  "10.0.1.11:80 of pool web is disabled; no new sessions go there, 4 sessions "
		  "are "
		  "still open\n",
		  "10.0.1.11:80     up          disabled     no       web " },
		{ "force member web [fd00::12]:8080 up",
		  "[fd00::12]:8080 of pool web is forced-up; it gets sessions whatever its monitor "
		  "finds (down now)\n",
		  "[fd00::12]:8080  down        forced-up    yes      web " },
		{ "force member raw 10.0.1.14:80 down",
		  "10.0.1.14:80 of pool raw is forced-down; no new sessions go there, 0 "
		  "sessions "
		  "are still open\n"
		  "pool raw is served by its backup members now\n",
		  "10.0.1.15:80     no-monitor  enabled      yes      raw " },
		{ "enable member web 10.0.1.11:80",
		  "10.0.1.11:80 of pool web is enabled; state up\n",
		  "10.0.1.11:80     up          enabled      yes      web " },
	};
	struct box box;

	box_open(&box);
	box_serve_dataplane(&box, 0, false);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CU_ASSERT_EQUAL(box_run(&box, rows[i].line), CLI_OK);
		CU_ASSERT_TRUE(box_has_line(box.out, rows[i].says));
		health_admin_claim(box.health, box.owner[2])->state = MEMBER_FORCED_DOWN; /* wide */
		CU_ASSERT_EQUAL(box_run(&box, "show pools"), CLI_OK);
		CU_ASSERT_TRUE(box_has_line(box.out, rows[i].shows));
	}
	box_stop_serving(&box);
	box_close(&box);
}

static void
pool_without_any_member_left_is_warned_of(void)
{
	struct box box;

	box_open(&box);
	box_serve_dataplane(&box, 0, false);
	CU_ASSERT_EQUAL(box_run(&box, "drain member raw 10.0.1.14:80"), CLI_OK);
	CU_ASSERT_PTR_NULL(strstr(box.out, "warning"));
	CU_ASSERT_EQUAL(box_run(&box, "drain member raw 10.0.1.15:80"), CLI_OK);
	CU_ASSERT_TRUE(box_has_line(box.out, "warning: no member of pool raw is left"));
	CU_ASSERT_EQUAL(box_run(&box, "show virtual-servers | match six"), CLI_OK);
	CU_ASSERT_TRUE(box_has_line(box.out, "six   [fd00::100]:443  tcp   raw   down "));
	box_stop_serving(&box);
	box_close(&box);
}

static void
unknown_names_say_what_there_is(void)
{
	static const struct {
		const char *line, *says;
	} rows[] = {
		{ "drain member wen 10.0.1.11:80", "there is no pool wen; is web meant?\n" },
		{ "drain member zzzz 10.0.1.11:80", "there is no pool zzzz; there are web, raw\n" },
		{ "drain member raw 10.0.1.1:80",
		  "pool raw has no member 10.0.1.1:80; is 10.0.1.14:80 meant?\n" },
		{ "drain member raw 192.0.2.77:8080",
		  "pool raw has no member 192.0.2.77:8080; there are 10.0.1.14:80, "
		  "10.0.1.15:80\n" },
		{ "drain member raw server-three",
		  "server-three is no ADDRESS:PORT like 10.0.1.11:80 or [fd00::11]:80; there are "
		  "10.0.1.14:80, 10.0.1.15:80\n" },
	};
	struct box box;

	box_open(&box);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CU_ASSERT_EQUAL(box_run(&box, rows[i].line), CLI_FAILED);
		CU_ASSERT_STRING_EQUAL(box.err, rows[i].says);
	}
	CU_ASSERT_EQUAL(box_run(&box, "drain member web 10.0.1.11:80"), CLI_FAILED);
	CU_ASSERT_STRING_EQUAL(box.err, "the data plane is not running\n");
	box_close(&box);
}

static void
refusal_of_the_data_plane_is_said(void)
{
	struct box box;

	box_open(&box);
	box.refusal = "no member of the running configuration has this owner";
	box_serve_dataplane(&box, 0, false);
	CU_ASSERT_EQUAL(box_run(&box, "drain member web 10.0.1.11:80"), CLI_FAILED);
	CU_ASSERT_STRING_EQUAL(box.err, "the data plane refused: no member of the running "
					"configuration has this owner\n");
	CU_ASSERT_STRING_EQUAL(box.out, "");
	box_stop_serving(&box);
	box_close(&box);
}

static void
limit_that_is_reached_and_failed_connections_show(void)
{
	struct box box;

	box_open(&box);
	health_find(box.health, &box.member[1].addr, 8080, box.monitor_hash)->state = HEALTH_UP;
	for (uint32_t slot = 0; slot < LIMIT_MEMBERS; slot++)
		if (box.stats->member_owner[slot] == box.owner[1])
			box.stats->worker[1].member[slot][MEMBER_COUNTER_sessions_open] = 9;
	health_claim(box.health, &box.member[3].addr, 80, HEALTH_PASSIVE_HASH)->state = HEALTH_DOWN;
	CU_ASSERT_EQUAL(box_run(&box, "show pools"), CLI_OK);
	CU_ASSERT_TRUE(
	    box_has_line(box.out, "[fd00::12]:8080  up          enabled  full     web "));
	CU_ASSERT_TRUE(
	    box_has_line(box.out, "10.0.1.14:80     down        enabled  no       raw "));
	CU_ASSERT_TRUE(
	    box_has_line(box.out, "10.0.1.15:80     no-monitor  enabled  yes      raw "));
	box_close(&box);
}

static void
endpoints_are_parsed_strictly(void)
{
	static const char *const bad[] = { "",
					   ":",
					   ":80",
					   "10.0.0.1",
					   "10.0.0.1:",
					   "10.0.0.1:0",
					   "10.0.0.1:65536",
					   "10.0.0.1:80x",
					   "fd00::1:80",
					   "[fd00::1]",
					   "[fd00::1]80",
					   "[10.0.0.1]:80",
					   "[]:80",
					   "[fd00::1:80",
					   "10.0.0.1:-1",
					   "[:80" };
	char text[ENDPOINT_TEXT_MAX];
	struct endpoint endpoint;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CU_ASSERT_FALSE(member_parse_endpoint(bad[i], &endpoint));
	CU_ASSERT_TRUE(member_parse_endpoint("10.0.0.1:65535", &endpoint));
	CU_ASSERT_STRING_EQUAL(endpoint_format(&endpoint, text), "10.0.0.1:65535");
	CU_ASSERT_TRUE(member_parse_endpoint("[fd00::1]:80", &endpoint));
	CU_ASSERT_STRING_EQUAL(endpoint_format(&endpoint, text), "[fd00::1]:80");
}

CU_TestInfo test_member[] = {
	{ "member_said_states_reach_the_data_plane_and_show",
	  said_states_reach_the_data_plane_and_show },
	{ "member_last_one_of_a_pool_is_warned_of", pool_without_any_member_left_is_warned_of },
	{ "member_unknown_names_say_what_there_is", unknown_names_say_what_there_is },
	{ "member_refusal_of_the_data_plane_is_said", refusal_of_the_data_plane_is_said },
	{ "member_limit_reached_and_failed_connections_show",
	  limit_that_is_reached_and_failed_connections_show },
	{ "member_endpoints_are_parsed_strictly", endpoints_are_parsed_strictly },
	CU_TEST_INFO_NULL,
};
