/* route.c: which addresses are ours, longest prefix match, source addresses, and the memory of destinations. */
#include <stdlib.h>

#include "test/unit/dataplane/net/net_fixture.h"

/* A generation of two ports with nested prefixes and three routes, in place of the fixture's. */
static struct {
	struct generation head;
	struct gen_port ports[2];
	struct gen_address addresses[4];
	struct gen_route routes[4];
} nested;

static struct gen_array
array_of(const void *at, uint32_t count)
{
	return (struct gen_array){ (uint32_t)((const uint8_t *)at - (const uint8_t *)&nested),
				   count };
}

static void
configure_nested(void)
{
	nested.head.ports = array_of(nested.ports, 2);
	nested.head.addresses = array_of(nested.addresses, 4);
	nested.head.routes = array_of(nested.routes, 4);
	nested.ports[0] = (struct gen_port){ .first_address = 0, .address_count = 1 };
	nested.ports[1] = (struct gen_port){ .first_address = 1, .address_count = 3 };
	nested.addresses[0] = (struct gen_address){ address("10.0.0.1"), 8, 0 };
	nested.addresses[1] = (struct gen_address){ address("10.9.0.1"), 16, 1 };
	nested.addresses[2] = (struct gen_address){ address("fd00:9::1"), 64, 1 };
	nested.addresses[3] = (struct gen_address){ address("192.0.2.1"), 24, 1 };
	nested.routes[0] = route_to("2001:db8::", 32, "fd00:9::2", 1);
	nested.routes[1] = route_to("10.5.6.0", 24, "10.9.0.2", 1);
	nested.routes[2] = route_to("10.9.0.0", 16, "10.0.0.3", 0);
	nested.routes[3] = route_to("0.0.0.0", 0, "192.0.2.2", 1);
	config.generation = &nested.head;
	config.port_count = 2;
	config.ports[1].mtu_bytes = 1400;
	net_configure(net, &config, now_us);
}

static void
leads(const char *dst, unsigned port, const char *hop)
{
	struct addr to = address(dst), expected = address(hop), got;
	uint8_t by = 99;

	CU_ASSERT_TRUE_FATAL(route_lookup(net, &to, &by, &got));
	CU_ASSERT_EQUAL(by, port);
	CU_ASSERT_TRUE(addr_equal(&got, &expected));
}

static void
route_longest_prefix_wins(void)
{
	fixture_start();
	configure_nested();
	leads("10.1.2.3", 0, "10.1.2.3");
	leads("10.9.2.3", 1,
	      "10.9.2.3"); /* connected /16 before /8, and before the route of the same length */
	leads("10.5.6.7", 1, "10.9.0.2"); /* route /24 before connected /8 */
	leads("10.5.7.7", 0, "10.5.7.7");
	leads("198.51.100.1", 1, "192.0.2.2");
	leads("2001:db8::1", 1, "fd00:9::2");
	fixture_end();
}

static void
route_to_nowhere_is_refused(void)
{
	static const char *const nowhere[] = { "224.0.0.1", "0.0.0.0", "127.0.0.1",  "ff02::1",
					       "::",        "::1",     "2001:db9::1" };

	fixture_start();
	configure_nested();
	for (unsigned i = 0; i < ARRAY_SIZE(nowhere); i++)
		CU_ASSERT_EQUAL(output_to(nowhere[i]).reason, DROP_ip_no_route);
	CU_ASSERT_EQUAL(output_to("10.9.0.1").reason, DROP_ip_no_route); /* ourselves */
	CU_ASSERT_EQUAL(output_to("10.0.0.100").reason,
			DROP_ip_no_route); /* a virtual server of ours */
	fixture_end();
}

/* The hop is link-local, the destination is not: asked for on the route's port, from our link-local address. */
static void
route_by_link_local_router_is_used(void)
{
	struct rte_mbuf *m;

	fixture_start();
	configure_nested();
	nested.routes[0].gateways[0].addr = address("fe80::2");
	net_configure(net, &config, now_us);
	CU_ASSERT_EQUAL(output_to("2001:db8::1").next, NET_TAKEN);
	m = poll_one();
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_EQUAL(packet_of(m)->port, 1);
	CU_ASSERT_EQUAL(memcmp(frame_ipv6(m)->src, net->link_local[1].byte, 16), 0);
	rte_pktmbuf_free(m);
	fixture_end();
}

static void
route_by_missing_port_is_not_used(void)
{
	fixture_start();
	leads("10.0.2.5", 0, "10.0.0.2"); /* port 2 is not there: the default route */
	fixture_end();
}

static void
route_to_link_local_uses_the_packets_port(void)
{
	struct rte_mbuf *m;

	fixture_start();
	for (uint8_t port = 0; port < 2; port++) {
		m = packet_make("fd00::1", "fe80::22", 20);
		packet_of(m)->port = port;
		CU_ASSERT_EQUAL(output(m).next, NET_TAKEN);
		m = poll_one();
		CU_ASSERT_PTR_NOT_NULL_FATAL(m);
		CU_ASSERT_EQUAL(packet_of(m)->port, port);
		rte_pktmbuf_free(m);
	}
	m = packet_make("fd00::1", "fe80::22", 20);
	packet_of(m)->port = 200;
	CU_ASSERT_EQUAL(output(m).reason, DROP_ip_no_route);
	fixture_end();
}

static void
route_remembered_ends_with_the_configuration(void)
{
	struct rte_mbuf *m;

	fixture_start();
	resolve("10.0.0.2", 0, MAC_PEER);
	CU_ASSERT_EQUAL(output_to("198.51.100.1").next, NET_SEND);
	CU_ASSERT_EQUAL(output_to("198.51.100.1").next, NET_SEND);
	configure_nested();
	m = packet_make("192.0.2.1", "198.51.100.1", 20);
	CU_ASSERT_EQUAL(output(m).next,
			NET_TAKEN); /* by another port now, whose router is not known yet */
	CU_ASSERT_EQUAL(output_to("10.0.0.2").next, NET_SEND); /* neighbours stay */
	fixture_end();
}

static void
route_too_big_packet_is_dropped(void)
{
	struct rte_mbuf *m;

	fixture_start();
	resolve("10.0.0.2", 0, MAC_PEER);
	m = packet_make("10.0.0.1", "10.0.0.2", 1480);
	CU_ASSERT_EQUAL(output(m).next, NET_SEND);
	rte_pktmbuf_free(m);
	CU_ASSERT_EQUAL(output(packet_make("10.0.0.1", "10.0.0.2", 1481)).reason, DROP_ip_too_big);
	CU_ASSERT_EQUAL(output(packet_make("fd00::1", "fd00::2", 1461)).reason, DROP_ip_too_big);
	fixture_end();
}

static void
source_is(const char *dst, const char *expected)
{
	struct addr to = address(dst), want = address(expected), src;

	CU_ASSERT_EQUAL_FATAL(net_source_addr(net, &to, &src), ERR_ok);
	CU_ASSERT_TRUE(addr_equal(&src, &want));
}

static void
net_source_addr_is_on_the_prefix(void)
{
	struct addr none = address("2001:db8::1"), link_local = address("fe80::1"), src;

	fixture_start();
	source_is("10.0.1.11", "10.0.1.1");
	source_is("198.51.100.1", "10.0.0.1");
	source_is("fd00:1::11", "fd00:1::1");
	source_is("2001:db8::1", "fd00::1");
	CU_ASSERT_EQUAL(net_source_addr(net, &link_local, &src), ERR_no_route);
	configure_nested();
	source_is("10.9.2.3", "10.9.0.1");
	source_is("198.51.100.1",
		  "192.0.2.1"); /* the prefix of the router, not the first of the port */
	nested.routes[0].gateways[0].addr =
	    address("fe80::2"); /* no prefix of the port covers the router */
	net_configure(net, &config, now_us);
	source_is("2001:db8::1", "fd00:9::1");
	nested.routes[0].prefix_len = 128;
	net_configure(net, &config, now_us);
	CU_ASSERT_EQUAL(net_source_addr(net, &none, &src), ERR_no_route);
	fixture_end();
}

static void
net_mss_follows_mtu(void)
{
	struct addr v4 = address("10.0.0.9"), v6 = address("fd00::9"),
		    nested_v4 = address("192.0.2.9");
	struct addr nowhere_v4 = address("224.0.0.1"), nowhere_v6 = address("ff02::1");

	fixture_start();
	CU_ASSERT_EQUAL(net_mss(net, &v4), 1460);
	CU_ASSERT_EQUAL(net_mss(net, &v6), 1440);
	CU_ASSERT_EQUAL(net_mss(net, &nowhere_v4), 536);
	CU_ASSERT_EQUAL(net_mss(net, &nowhere_v6), 1220);
	configure_nested();
	CU_ASSERT_EQUAL(net_mss(net, &nested_v4), 1360);
	fixture_end();
}

static void
net_config_own_set_holds_what_was_added(void)
{
	enum { COUNT = LIMIT_VIRTUAL_SERVERS, SLOTS = 2 * COUNT };
	struct net_config set = { .own_mask = SLOTS - 1,
				  .own = calloc(SLOTS, sizeof(struct addr)) };
	struct addr a = address("fd00::5:0"), b = address("10.5.0.0");

	CU_ASSERT_PTR_NOT_NULL_FATAL(set.own);
	for (unsigned i = 0; i < COUNT / 2; i++) {
		a.byte[14] = b.byte[14] = (uint8_t)(i >> 8);
		a.byte[15] = b.byte[15] = (uint8_t)i;
		net_config_own_add(&set, &a);
		net_config_own_add(&set, &b);
		net_config_own_add(&set, &b); /* twice is once */
	}
	for (unsigned i = 0; i < COUNT; i++) {
		a.byte[14] = b.byte[14] = (uint8_t)(i >> 8);
		a.byte[15] = b.byte[15] = (uint8_t)i;
		CU_ASSERT_EQUAL(net_config_own_has(&set, &a), i < COUNT / 2);
		CU_ASSERT_EQUAL(net_config_own_has(&set, &b), i < COUNT / 2);
	}
	CU_ASSERT_FALSE(net_config_own_has(&set, &addr_any));
	free(set.own);
	set = (struct net_config){ 0 };
	CU_ASSERT_FALSE(net_config_own_has(&set, &a));
}

CU_TestInfo test_route[] = {
	{ "route_longest_prefix_wins", route_longest_prefix_wins },
	{ "route_to_nowhere_is_refused", route_to_nowhere_is_refused },
	{ "route_by_link_local_router_is_used", route_by_link_local_router_is_used },
	{ "route_by_missing_port_is_not_used", route_by_missing_port_is_not_used },
	{ "route_to_link_local_uses_the_packets_port", route_to_link_local_uses_the_packets_port },
	{ "route_remembered_ends_with_the_configuration",
	  route_remembered_ends_with_the_configuration },
	{ "route_too_big_packet_is_dropped", route_too_big_packet_is_dropped },
	{ "net_source_addr_is_on_the_prefix", net_source_addr_is_on_the_prefix },
	{ "net_mss_follows_mtu", net_mss_follows_mtu },
	{ "net_config_own_set_holds_what_was_added", net_config_own_set_holds_what_was_added },
	CU_TEST_INFO_NULL,
};
