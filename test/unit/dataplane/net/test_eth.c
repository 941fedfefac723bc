/* eth.c: which frames are taken, and what is put in front of those that go out. */
#include "test/unit/dataplane/net/net_fixture.h"

static void
eth_input_short_frame_is_truncated(void)
{
	struct rte_mbuf *m;

	fixture_start();
	for (uint16_t len = 0; len < 14; len++) {
		m = frame_make(ETH_TYPE_IPV4, NULL, 0);
		rte_pktmbuf_trim(m, 14 - len);
		CU_ASSERT_EQUAL(input_drop(m), DROP_eth_truncated);
	}
	m = frame_make(ETH_TYPE_IPV4, NULL, 0);
	CU_ASSERT_EQUAL(input_drop(m), DROP_ip_truncated);
	fixture_end();
}

static void
eth_input_foreign_destination_is_dropped(void)
{
	struct rte_mbuf *m;

	fixture_start();
	m = ip_make("10.0.0.2", "10.0.0.1", IPPROTO_TCP, NULL, 20);
	mac_store(frame_eth(m)->dst, MAC_OTHER);
	CU_ASSERT_EQUAL(input_drop(m), DROP_eth_not_for_us);
	m = ip_make("10.0.0.2", "10.0.0.1", IPPROTO_TCP, NULL, 20);
	CU_ASSERT_EQUAL(input(m, 1).reason, DROP_eth_not_for_us); /* port 0's address, by port 1 */
	m = ip_make("10.0.0.2", "10.0.0.1", IPPROTO_TCP, NULL, 20);
	CU_ASSERT_EQUAL(input(m, 2).reason, DROP_eth_not_for_us); /* a port that is not there */
	m = arp_make(ARP_REQUEST, "10.0.0.2", MAC_PEER, "10.0.0.1", 0);
	CU_ASSERT_EQUAL(input(m, 2).reason, DROP_eth_not_for_us);
	fixture_end();
}

/* RFC 1122 3.3.6: or one broadcast would make TCP answer on behalf of everybody. */
static void
eth_input_unicast_ip_in_group_frame_is_dropped(void)
{
	static const uint64_t groups[] = { MAC_BROADCAST, 0x010000003333ull, 0x010000ff3333ull,
					   0x01005e000001ull };
	struct rte_mbuf *m;

	fixture_start();
	for (unsigned i = 0; i < ARRAY_SIZE(groups); i++) {
		m = ip_make("10.0.0.2", "10.0.0.1", IPPROTO_TCP, NULL, 20);
		mac_store(frame_eth(m)->dst, groups[i]);
		CU_ASSERT_EQUAL(input_drop(m), DROP_eth_not_for_us);
		m = ip_make("fd00::2", "fd00::1", IPPROTO_TCP, NULL, 20);
		mac_store(frame_eth(m)->dst, groups[i]);
		CU_ASSERT_EQUAL(input_drop(m), DROP_eth_not_for_us);
	}
	fixture_end();
}

static void
eth_input_noise_of_linux_hosts_is_counted(void)
{
	struct rte_mbuf *m;

	fixture_start();
	m = icmp_make("fe80::2", "ff02::2", 133, 0, 0, NULL, 8); /* router solicitation */
	CU_ASSERT_EQUAL(input_drop(m), DROP_eth_not_for_us);
	m = icmp_make("fe80::2", "ff02::16", 143, 0, 1, NULL, 20); /* MLDv2 report */
	CU_ASSERT_EQUAL(input_drop(m), DROP_eth_not_for_us);
	m = icmp_make("fe80::2", "ff02::1", 134, 0, 0, NULL, 8); /* router advertisement */
	CU_ASSERT_EQUAL(input_drop(m), DROP_icmp_type_unknown);
	fixture_end();
}

static void
eth_input_impossible_source_is_dropped(void)
{
	static const uint64_t sources[] = { 0, MAC_BROADCAST, 0x010000ff3333ull };

	fixture_start();
	for (unsigned i = 0; i < ARRAY_SIZE(sources); i++) {
		struct rte_mbuf *m = ip_make("10.0.0.2", "10.0.0.1", IPPROTO_TCP, NULL, 20);

		mac_store(frame_eth(m)->src, sources[i]);
		CU_ASSERT_EQUAL(input_drop(m), DROP_eth_source_invalid);
	}
	fixture_end();
}

static void
eth_input_unknown_types_are_dropped(void)
{
	fixture_start();
	CU_ASSERT_EQUAL(input_drop(frame_make(0x88cc, NULL, 46)), DROP_eth_type_unknown); /* LLDP */
	CU_ASSERT_EQUAL(input_drop(frame_make(46, NULL, 46)), DROP_eth_type_unknown); /* 802.3 */
	CU_ASSERT_EQUAL(input_drop(frame_make(ETH_TYPE_VLAN, NULL, 46)), DROP_eth_vlan_unknown);
	CU_ASSERT_EQUAL(input_drop(frame_make(ETH_TYPE_QINQ, NULL, 46)), DROP_eth_vlan_unknown);
	fixture_end();
}

static void
eth_input_version_that_contradicts_type_is_dropped(void)
{
	struct rte_mbuf *m;

	fixture_start();
	m = ip_make("10.0.0.2", "10.0.0.1", IPPROTO_TCP, NULL, 20);
	frame_eth(m)->type = be16_from(ETH_TYPE_IPV6);
	CU_ASSERT_EQUAL(input_drop(m), DROP_ip_version);
	m = ip_make("fd00::2", "fd00::1", IPPROTO_TCP, NULL, 20);
	frame_eth(m)->type = be16_from(ETH_TYPE_IPV4);
	CU_ASSERT_EQUAL(input_drop(m), DROP_ip_version);
	m = frame_make(ETH_TYPE_IPV4, "\x50", 1);
	CU_ASSERT_EQUAL(input_drop(m), DROP_ip_version);
	fixture_end();
}

static void
eth_input_chained_frame_is_made_one(void)
{
	struct rte_mbuf *m, *rest;

	fixture_start();
	m = ip_make("10.0.0.2", "10.0.0.1", IPPROTO_TCP, "01234567890123456789", 20);
	rest = frame_make(0, NULL, 0);
	rte_pktmbuf_adj(rest, 14);
	memcpy(rte_pktmbuf_append(rest, 10), rte_pktmbuf_mtod_offset(m, void *, m->data_len - 10),
	       10);
	rte_pktmbuf_trim(m, 10);
	CU_ASSERT_EQUAL_FATAL(rte_pktmbuf_chain(m, rest), 0);
	CU_ASSERT_EQUAL(input(m, 0).next, NET_TCP);
	CU_ASSERT_EQUAL(m->nb_segs, 1);
	CU_ASSERT_EQUAL_FATAL(m->data_len, 20);
	CU_ASSERT_NSTRING_EQUAL(rte_pktmbuf_mtod(m, const char *), "01234567890123456789", 20);
	rte_pktmbuf_free(m);
	fixture_end();
}

static void
eth_input_chained_frame_too_long_for_one_is_dropped(void)
{
	struct rte_mbuf *m;

	fixture_start();
	m = ip_make("10.0.0.2", "10.0.0.1", IPPROTO_TCP, NULL, 1900);
	CU_ASSERT_EQUAL_FATAL(rte_pktmbuf_chain(m, frame_make(0, NULL, 1900)), 0);
	CU_ASSERT_EQUAL(input_drop(m), DROP_eth_truncated);
	fixture_end();
}

static void
eth_output_to_reachable_neighbour_is_sent(void)
{
	struct rte_mbuf *m;

	fixture_start();
	resolve("10.0.1.11", 1, MAC_PEER);
	m = packet_make("10.0.1.1", "10.0.1.11", 20);
	CU_ASSERT_EQUAL_FATAL(output(m).next, NET_SEND);
	CU_ASSERT_EQUAL(packet_of(m)->port, 1);
	CU_ASSERT_EQUAL(m->pkt_len, 14 + 20 + 20);
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->dst), MAC_PEER);
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->src), MAC_PORT1);
	CU_ASSERT_EQUAL(be16_to(frame_eth(m)->type), ETH_TYPE_IPV4);
	rte_pktmbuf_free(m);
	fixture_end();
}

CU_TestInfo test_eth[] = {
	{ "eth_input_short_frame_is_truncated", eth_input_short_frame_is_truncated },
	{ "eth_input_foreign_destination_is_dropped", eth_input_foreign_destination_is_dropped },
	{ "eth_input_unicast_ip_in_group_frame_is_dropped",
	  eth_input_unicast_ip_in_group_frame_is_dropped },
	{ "eth_input_noise_of_linux_hosts_is_counted", eth_input_noise_of_linux_hosts_is_counted },
	{ "eth_input_impossible_source_is_dropped", eth_input_impossible_source_is_dropped },
	{ "eth_input_unknown_types_are_dropped", eth_input_unknown_types_are_dropped },
	{ "eth_input_version_that_contradicts_type_is_dropped",
	  eth_input_version_that_contradicts_type_is_dropped },
	{ "eth_input_chained_frame_is_made_one", eth_input_chained_frame_is_made_one },
	{ "eth_input_chained_frame_too_long_for_one_is_dropped",
	  eth_input_chained_frame_too_long_for_one_is_dropped },
	{ "eth_output_to_reachable_neighbour_is_sent", eth_output_to_reachable_neighbour_is_sent },
	CU_TEST_INFO_NULL,
};
