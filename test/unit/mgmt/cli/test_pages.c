/*
 * What is listed page by page from the data plane: show interfaces, routes, arp and neighbours; right and
 * wrong answers.
 */
#include <string.h>

#include "fw/base/assert.h"
#include "test/unit/mgmt/cli/box.h"
#include "test/unit/unit.h"

#define expect_line(text, line) CU_ASSERT_TRUE(box_has_line(text, line))

static struct mailbox_reply page[2];

static struct addr
address(const char *text)
{
	struct addr a;

	ASSERT(addr_parse(text, &a));
	return a;
}

static void
open_paged(struct box *box, uint32_t pages)
{
	box_open(box);
	memset(page, 0, sizeof page);
	page[pages - 1].next = UINT32_MAX;
	if (pages == 2)
		page[0].next = 70;
	box->pages = page;
	box->page_count = pages;
	box_serve_dataplane(box, 0, false);
}

static void
close_paged(struct box *box)
{
	box_stop_serving(box);
	box_close(box);
}

static void
neighbours_are_listed_by_family(void)
{
	struct box box;

	open_paged(&box, 2);
	page[0].count = page[1].count = 1;
	page[0].neighbour[0] = (struct mailbox_neighbour){ .addr = address("10.0.0.2"),
							   .port = "p0",
							   .state = "reachable",
							   .age_us = 12345678,
							   .idle_us = 999,
							   .mac = { 2, 0, 0, 0, 0xab, 0xcd },
							   .has_mac = 1 };
	page[1].neighbour[0] = (struct mailbox_neighbour){ .addr = address("fe80::1"),
							   .port = "v100",
							   .state = "incomplete",
							   .waiting = 3,
							   .age_us = UINT64_MAX,
							   .idle_us = UINT64_MAX };
	CU_ASSERT_EQUAL(box_run(&box, "show arp"), CLI_OK);
	CU_ASSERT_STRING_EQUAL(
	    box.out, "ADDRESS   PORT  MAC                STATE      AGE-MS  IDLE-MS  WAITING\n"
		     "10.0.0.2  p0    02:00:00:00:ab:cd  reachable   12345        0        0\n");
	box.page_next = 0;
	CU_ASSERT_EQUAL(box_run(&box, "show neighbours"), CLI_OK);
	CU_ASSERT_STRING_EQUAL(box.out,
			       "ADDRESS  PORT  MAC  STATE       AGE-MS  IDLE-MS  WAITING\n"
			       "fe80::1  v100  -    incomplete       -        -        3\n");
	close_paged(&box);
}

static void
routes_have_a_line_a_gateway(void)
{
	struct box box;

	open_paged(&box, 1);
	page[0].count = 2;
	page[0].route[0] = (struct mailbox_route){ .to = address("fd00::"),
						   .prefix_len = 64,
						   .port = "p0",
						   .kind = "connected",
						   .state = "up" };
	page[0].route[1] = (struct mailbox_route){ .to = address("0.0.0.0"),
						   .via = address("10.0.0.2"),
						   .port = "p0",
						   .kind = "static",
						   .state = "down" };
	CU_ASSERT_EQUAL(box_run(&box, "show routes"), CLI_OK);
	CU_ASSERT_STRING_EQUAL(box.out, "TO         VIA       PORT  KIND       STATE\n"
					"fd00::/64  -         p0    connected  up\n"
					"0.0.0.0/0  10.0.0.2  p0    static     down\n");
	close_paged(&box);
}

static void
interfaces_are_ports_and_vlans(void)
{
	struct box box;

	open_paged(&box, 1);
	memcpy(box.stats->ports[1].name, "p0", 3);
	memcpy(box.stats->ports[1].mac, "\2\0\0\0\0\7", 6);
	box.stats->ports[1].mtu_bytes = 1450;
	box.stats->ports[1].speed_mbps = 10000;
	box.stats->ports[1].errors = 4;
	box.stats->worker[1].port[1][PORT_COUNTER_rx_packets] = 9;
	box.stats->worker[0].port[1][PORT_COUNTER_tx_bytes] = 640;
	memcpy(box.stats->ports[4].name, "b7", 3);
	box.stats->ports[4].mtu_bytes = 1500;
	box.stats->bonds[4] = (struct stats_bond){
		.mode = GEN_BOND_LACP,
		.takeovers = 0,
		.member_count = 2,
		.member = { { .name = "p8",
			      .link_up = 1,
			      .is_active = 1,
			      .lacp = LACP_STATE_aggregated },
			    { .name = "p7", .lacp = LACP_STATE_alone } },
	};
	page[0].count = 4;
	page[0].address[0] = (struct mailbox_address){ address("10.0.0.1"), 16, 0, "ready", 0 };
	page[0].address[1] = (struct mailbox_address){ address("fd00::1"), 64, 0, "tentative", 0 };
	page[0].address[2] = (struct mailbox_address){ address("10.200.0.1"), 24, 4, "ready", 0 };
	page[0].address[3] = /* of a generation that runs since a moment ago */
	    (struct mailbox_address){ address("10.9.0.1"), 24, LIMIT_INTERFACES, "ready", 0 };
	CU_ASSERT_EQUAL(box_run(&box, "show interfaces"), CLI_OK);
	CU_ASSERT_STRING_EQUAL(
	    box.out,
	    "NAME  PORT  TAG  LINK  SPEED-MBPS   MTU  MAC                RX-PACKETS  RX-BYTES  "
	    "TX-PACKETS  TX-BYTES  ERRORS  ADDRESSES\n"
	    "p0    -       -  down       10000  1450  02:00:00:00:00:07           9         0  "
	    "         0       640       4  10.0.0.1/16(ready) fd00::1/64(tentative)\n"
	    "p7    b7      -  down           -  1500  -                           -         -  "
	    "         -         -       -  -\n"
	    "p8    b7      -  up             -  1500  -                           -         -  "
	    "         -         -       -  -\n"
	    "b7    -       -  down           -  1500  00:00:00:00:00:00           0         0  "
	    "         0         0       0  -\n"
	    "v100  p0    100  down       10000  1400  02:00:00:00:00:07           -         -  "
	    "         -         -       -  10.200.0.1/24(ready)\n");
	box.stats->ports[1].name[0] = '\0'; /* the device is gone */
	box.stats->ports[1].speed_mbps = 0;
	CU_ASSERT_EQUAL(box_run(&box, "show interfaces"), CLI_OK);
	expect_line(box.out, "v100  p0    100  -              -  1400  -    ");
	close_paged(&box);
}

static void
bonds_have_a_line_a_member(void)
{
	struct box box;

	box_open(&box);
	CU_ASSERT_EQUAL(box_run(&box, "show bonds"), CLI_OK);
	CU_ASSERT_STRING_EQUAL(box.out, "BOND  MODE  MEMBER  LINK  TRAFFIC  LACP  TAKEOVERS  TEXT\n"
					"b7    lacp  p8      -     -        -             -  -\n"
					"b7    lacp  p7      -     -        -             -  -\n");
	memcpy(box.stats->ports[4].name, "b7", 3);
	box.stats->bonds[4] = (struct stats_bond){
		.mode = GEN_BOND_LACP,
		.takeovers = 7,
		.member_count = 2,
		.member = { { .name = "p8",
			      .link_up = 1,
			      .is_active = 1,
			      .lacp = LACP_STATE_aggregated },
			    { .name = "p7", .lacp = LACP_STATE_alone } },
	};
	CU_ASSERT_EQUAL(box_run(&box, "show bonds"), CLI_OK);
	CU_ASSERT_STRING_EQUAL(
	    box.out,
	    "BOND  MODE  MEMBER  LINK  TRAFFIC  LACP        TAKEOVERS  TEXT\n"
	    "b7    lacp  p8      up    yes      aggregated          7  it carries traffic, in "
	    "both directions\n"
	    "b7    lacp  p7      down  no       alone               7  nobody answers there\n");
	/* a damaged file, or one of a moment ago */
	box.stats->bonds[4].member[0].lacp = 200;
	memset(box.stats->bonds[4].member[1].name, 'x', STATS_PORT_NAME_BYTES);
	CU_ASSERT_EQUAL(box_run(&box, "show bonds"), CLI_OK);
	expect_line(box.out, "b7    lacp  p8      up    yes      -             7  -");
	expect_line(box.out, "b7    lacp  p7      -     -        -             -  -");
	box_close(&box);
}

/* Each answer is of a data plane gone wrong. */
static void
wrong_answers_are_refused(void)
{
	static const char *const lines[] = { "show arp", "show neighbours", "show routes",
					     "show interfaces" };
	struct box box;

	open_paged(&box, 1);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		memset(page, 0, sizeof page);
		page[0].next = 1; /* and again: it does not get on */
		CU_ASSERT_EQUAL(box_run(&box, lines[i]), CLI_FAILED);
		expect_line(box.err, "the list is not complete: ");
		page[0].next = UINT32_MAX;
		page[0].count = MAILBOX_CONNS_BATCH + 1;
		CU_ASSERT_EQUAL(box_run(&box, lines[i]), CLI_FAILED);
		page[0].count = 1;
		memset(page[0].conn, 0xff, sizeof page[0].conn); /* texts without an end */
		CU_ASSERT_EQUAL(box_run(&box, lines[i]), CLI_FAILED);
		CU_ASSERT_PTR_NULL(strstr(box.out, "\xff"));
		page[0].count = 0;
		page[0].err = ERR_invalid;
		CU_ASSERT_EQUAL(box_run(&box, lines[i]), CLI_FAILED);
		page[0].err = ERR_ok;
		CU_ASSERT_EQUAL(box_run(&box, lines[i]), CLI_OK);
	}
	memset(page, 0, sizeof page);
	page[0].next = UINT32_MAX;
	page[0].count = 1;
	page[0].route[0].to = address("10.0.0.0");
	page[0].route[0].prefix_len = 33;
	CU_ASSERT_EQUAL(box_run(&box, "show routes"), CLI_FAILED);
	page[0].address[0] = (struct mailbox_address){ address("10.0.0.1"), 33, 0, "ready", 0 };
	CU_ASSERT_EQUAL(box_run(&box, "show interfaces"), CLI_FAILED);
	box_stop_serving(&box);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		CU_ASSERT_EQUAL(box_run(&box, lines[i]), CLI_FAILED);
		CU_ASSERT_STRING_EQUAL(box.err, "the data plane is not running\n");
		CU_ASSERT(strcmp(lines[i], "show interfaces") == 0 || box.out[0] == '\0');
	}
	box_close(&box);
}

CU_TestInfo test_pages[] = {
	{ "show_neighbours_are_listed_by_family", neighbours_are_listed_by_family },
	{ "show_routes_have_a_line_a_gateway", routes_have_a_line_a_gateway },
	{ "show_bonds_have_a_line_a_member", bonds_have_a_line_a_member },
	{ "show_interfaces_are_ports_and_vlans", interfaces_are_ports_and_vlans },
	{ "show_wrong_answers_of_lists_are_refused", wrong_answers_are_refused },
	CU_TEST_INFO_NULL,
};
