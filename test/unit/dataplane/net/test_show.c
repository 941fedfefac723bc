/* show.c: what is told of neighbours, routes and addresses. */
#include "test/unit/dataplane/net/net_fixture.h"

/* The neighbour with this address, by going over all; how many there are. */
static unsigned
neighbours(const char *text, struct mailbox_neighbour *out)
{
	struct addr wanted = address(text);
	struct mailbox_neighbour row;
	enum net_shown shown;
	unsigned count = 0;

	memset(out, 0, sizeof *out);
	for (uint32_t i = 0; (shown = net_show_neighbour(net, i, now_us, &row)) != NET_SHOWN_END;
	     i++) {
		count += shown == NET_SHOWN;
		if (shown == NET_SHOWN && addr_equal(&row.addr, &wanted))
			*out = row;
	}
	return count;
}

static void
show_neighbour_says_state_and_times(void)
{
	struct mailbox_neighbour row;
	uint8_t mac[6];
	struct rte_mbuf *m;

	fixture_start();
	CU_ASSERT_EQUAL(neighbours("10.0.0.2", &row), 0);
	CU_ASSERT_EQUAL(output_to("10.0.0.9").next, NET_TAKEN);
	CU_ASSERT_EQUAL(neighbours("10.0.0.9", &row), 1);
	CU_ASSERT_STRING_EQUAL(row.state, "incomplete");
	CU_ASSERT_STRING_EQUAL(row.port, "p0");
	CU_ASSERT(row.waiting == 1 && !row.has_mac && row.age_us == UINT64_MAX);
	poll_all();
	resolve("10.0.1.11", 1, MAC_PEER);
	now_us += 700;
	CU_ASSERT_EQUAL(neighbours("10.0.1.11", &row), 2);
	mac_store(mac, MAC_PEER);
	CU_ASSERT_STRING_EQUAL(row.state, "reachable");
	CU_ASSERT_STRING_EQUAL(row.port, "p1");
	CU_ASSERT(row.has_mac && memcmp(row.mac, mac, 6) == 0);
	CU_ASSERT(row.waiting == 0 && row.age_us == 700 && row.idle_us == 700);
	pass_us(3100000);
	neighbours("10.0.0.9", &row);
	CU_ASSERT_STRING_EQUAL(row.state, "failed");
	now_us += 60 * SECOND_US;
	neighbours("10.0.1.11", &row);
	CU_ASSERT_STRING_EQUAL(row.state, "stale");
	CU_ASSERT_EQUAL(output_to("10.0.1.11").next, NET_SEND);
	neighbours("10.0.1.11", &row);
	CU_ASSERT_STRING_EQUAL(row.state, "delay");
	CU_ASSERT_EQUAL(row.idle_us, 0);
	m = arp_make(ARP_REQUEST, "10.0.3.11", MAC_OTHER, "10.0.3.1", 0);
	frame_tag(m, FIXTURE_TAG);
	CU_ASSERT_EQUAL(input(m, 0).next, NET_TAKEN);
	neighbours("10.0.3.11", &row);
	CU_ASSERT_STRING_EQUAL(row.state, "stale");
	CU_ASSERT_STRING_EQUAL(row.port, "v100");
	CU_ASSERT(row.age_us == 0 && row.idle_us == UINT64_MAX);
	poll_all();
	fixture_end();
}

static void
expect_route(uint32_t index, const char *to, uint32_t len, const char *via, const char *port,
	     const char *kind, const char *state)
{
	struct mailbox_route row;
	char text[ADDR_TEXT_MAX];

	CU_ASSERT_EQUAL_FATAL(net_show_route(net, index, &row), NET_SHOWN);
	CU_ASSERT_STRING_EQUAL(addr_format(&row.to, text), to);
	CU_ASSERT_EQUAL(row.prefix_len, len);
	if (via)
		CU_ASSERT_STRING_EQUAL(addr_format(&row.via, text), via);
	CU_ASSERT_EQUAL(addr_equal(&row.via, &addr_any), via == NULL);
	CU_ASSERT_STRING_EQUAL(row.port, port);
	CU_ASSERT_STRING_EQUAL(row.kind, kind);
	CU_ASSERT_STRING_EQUAL(row.state, state);
}

static void
show_route_says_connected_and_gateways(void)
{
	struct mailbox_route row;

	fixture_start();
	expect_route(0, "10.0.0.0", 24, NULL, "p0", "connected", "up");
	expect_route(1, "fd00::", 64, NULL, "p0", "connected", "up");
	expect_route(4, "10.0.2.0", 24, NULL, "p2", "connected", "down");
	expect_route(6, "fd00:3::", 64, NULL, "v100", "connected", "up");
	expect_route(7, "0.0.0.0", 0, "10.0.0.2", "p0", "static", "unknown");
	CU_ASSERT_EQUAL(output_to("192.0.2.7").next, NET_TAKEN);
	expect_route(7, "0.0.0.0", 0, "10.0.0.2", "p0", "static", "down");
	CU_ASSERT_EQUAL(
	    input(arp_make(ARP_REPLY, "10.0.0.2", MAC_PEER, "10.0.0.1", MAC_PORT0), 0).next,
	    NET_TAKEN);
	poll_all();
	expect_route(7, "0.0.0.0", 0, "10.0.0.2", "p0", "static", "up");
	CU_ASSERT_EQUAL(net_show_route(net, 8, &row), NET_SHOWN_NONE); /* it has one gateway */
	expect_route(7 + LIMIT_GATEWAYS, "::", 0, "fd00::2", "p0", "static", "unknown");
	CU_ASSERT_EQUAL(net_show_route(net, 7 + 2 * LIMIT_GATEWAYS, &row), NET_SHOWN_END);
	CU_ASSERT_EQUAL(net_show_route(net, UINT32_MAX, &row), NET_SHOWN_END);
	fixture_end();
}

static void
show_address_says_whether_it_is_used(void)
{
	struct mailbox_address row;
	struct addr last = address("fd00:3::1");

	fixture_start();
	CU_ASSERT_EQUAL(net_show_address(net, 4, &row), NET_SHOWN);
	CU_ASSERT_STRING_EQUAL(row.state, "down"); /* its port is not there */
	CU_ASSERT_EQUAL(net_show_address(net, 6, &row), NET_SHOWN);
	CU_ASSERT_STRING_EQUAL(row.state, "ready");
	CU_ASSERT(addr_equal(&row.addr, &last) && row.prefix_len == 64 && row.port == FIXTURE_VLAN);
	CU_ASSERT_EQUAL(net_show_address(net, 7, &row), NET_SHOWN_END);
	fixture_end();
}

CU_TestInfo test_show[] = {
	{ "show_neighbour_says_state_and_times", show_neighbour_says_state_and_times },
	{ "show_route_says_connected_and_gateways", show_route_says_connected_and_gateways },
	{ "show_address_says_whether_it_is_used", show_address_says_whether_it_is_used },
	CU_TEST_INFO_NULL,
};
