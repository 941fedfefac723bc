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
	CU_ASSERT_EQUAL(input_drop(frame_make(ETH_TYPE_QINQ, NULL, 46)), DROP_eth_vlan_unknown);
	fixture_end();
}

static void
eth_input_tagged_frame_is_its_vlans(void)
{
	struct rte_mbuf *m;

	fixture_start();
	m = ip_make("10.0.3.11", "10.0.3.1", IPPROTO_TCP, "01234567890123456789", 20);
	frame_tag(m, 0xf000 | FIXTURE_TAG); /* priority and drop eligible do not matter */
	CU_ASSERT_EQUAL(input(m, 0).next, NET_TCP);
	CU_ASSERT_EQUAL(packet_of(m)->port, FIXTURE_VLAN);
	CU_ASSERT_NSTRING_EQUAL(rte_pktmbuf_mtod(m, const char *), "01234567890123456789", 20);
	rte_pktmbuf_free(m);
	m = icmp_make("fe80::2", "ff02::1:ff00:1", 135, 0, 0, NULL, 16);
	frame_tag(m, FIXTURE_TAG); /* a group's frame: the headers behind the tag are looked at */
	CU_ASSERT_EQUAL(input_drop(m), DROP_nd_malformed);
	fixture_end();
}

static void
eth_input_unknown_tag_is_dropped(void)
{
	static const uint16_t tags[] = {
		1, FIXTURE_TAG - 1, FIXTURE_TAG + 1, FIXTURE_TAG + 128, 4094, 4095
	};
	struct rte_mbuf *m;

	fixture_start();
	for (unsigned i = 0; i < ARRAY_SIZE(tags); i++) {
		m = ip_make("10.0.3.11", "10.0.3.1", IPPROTO_TCP, NULL, 20);
		frame_tag(m, tags[i]);
		CU_ASSERT_EQUAL(input_drop(m), DROP_eth_vlan_unknown);
		m = arp_make(ARP_REQUEST, "10.0.3.11", MAC_PEER, "10.0.3.1", 0);
		frame_tag(m, tags[i]);
		CU_ASSERT_EQUAL(input_drop(m), DROP_eth_vlan_unknown);
	}
	m = ip_make("10.0.3.11", "10.0.3.1", IPPROTO_TCP, NULL, 20);
	mac_store(frame_eth(m)->dst, MAC_PORT1);
	frame_tag(m, FIXTURE_TAG); /* port 0's VLAN, by port 1 */
	CU_ASSERT_EQUAL(input(m, 1).reason, DROP_eth_vlan_unknown);
	fixture_end();
}

/* Who may send with two tags could reach a VLAN that is not his. */
static void
eth_input_second_tag_is_dropped(void)
{
	static const uint16_t outer[] = { 0, FIXTURE_TAG };
	struct rte_mbuf *m;

	fixture_start();
	for (unsigned i = 0; i < ARRAY_SIZE(outer); i++) {
		m = ip_make("10.0.3.11", "10.0.3.1", IPPROTO_TCP, NULL, 20);
		frame_tag(m, FIXTURE_TAG);
		frame_tag(m, outer[i]);
		CU_ASSERT_EQUAL(input_drop(m), DROP_eth_vlan_unknown);
		m = ip_make("10.0.3.11", "10.0.3.1", IPPROTO_TCP, NULL, 20);
		frame_tag(m, FIXTURE_TAG);
		m->ol_flags |= RTE_MBUF_F_RX_VLAN_STRIPPED;
		m->vlan_tci = outer[i];
		CU_ASSERT_EQUAL(input_drop(m), DROP_eth_vlan_unknown);
	}
	fixture_end();
}

/* IEEE 802.1Q 6.9: tag 0 says a priority and nothing else. */
static void
eth_input_priority_tag_is_the_ports(void)
{
	struct rte_mbuf *m;

	fixture_start();
	m = ip_make("10.0.0.2", "10.0.0.1", IPPROTO_TCP, NULL, 20);
	frame_tag(m, 0x6000);
	CU_ASSERT_EQUAL(input(m, 0).next, NET_TCP);
	CU_ASSERT_EQUAL(packet_of(m)->port, 0);
	rte_pktmbuf_free(m);
	fixture_end();
}

static void
eth_input_cut_tag_is_truncated(void)
{
	struct rte_mbuf *m;

	fixture_start();
	for (uint16_t len = 0; len < 4; len++)
		CU_ASSERT_EQUAL(input_drop(frame_make(ETH_TYPE_VLAN, NULL, len)),
				DROP_eth_truncated);
	m = frame_make(ETH_TYPE_IPV4, NULL, 0);
	frame_tag(m, FIXTURE_TAG);
	CU_ASSERT_EQUAL(input_drop(m), DROP_ip_truncated);
	fixture_end();
}

static void
eth_input_tag_that_the_device_took_is_heeded(void)
{
	struct rte_mbuf *m;

	fixture_start();
	m = ip_make("10.0.3.11", "10.0.3.1", IPPROTO_TCP, NULL, 20);
	m->ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
	m->vlan_tci = 0x2000 | FIXTURE_TAG;
	CU_ASSERT_EQUAL(input(m, 0).next, NET_TCP);
	CU_ASSERT_EQUAL(packet_of(m)->port, FIXTURE_VLAN);
	rte_pktmbuf_free(m);
	m = ip_make("10.0.3.11", "10.0.3.1", IPPROTO_TCP, NULL, 20);
	m->ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
	m->vlan_tci = FIXTURE_TAG + 1;
	CU_ASSERT_EQUAL(input_drop(m), DROP_eth_vlan_unknown);
	fixture_end();
}

/* The frame of a VLAN, and what is behind its tag. */
static const void *
expect_tagged(struct rte_mbuf *m, uint16_t type)
{
	const struct vlan_header *vlan = (const struct vlan_header *)(frame_eth(m) + 1);

	CU_ASSERT_EQUAL(packet_of(m)->port, FIXTURE_VLAN);
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->src), MAC_PORT0);
	CU_ASSERT_EQUAL(be16_to(frame_eth(m)->type), ETH_TYPE_VLAN);
	CU_ASSERT_EQUAL(be16_to(vlan->tci), FIXTURE_TAG);
	CU_ASSERT_EQUAL(be16_to(vlan->type), type);
	return vlan + 1;
}

static void
eth_output_into_a_vlan_is_tagged(void)
{
	const struct arp_header *arp;
	struct addr to = address("10.0.3.11");
	struct rte_mbuf *m;

	fixture_start();
	CU_ASSERT_EQUAL(output_to("10.0.3.11").next, NET_TAKEN);
	m = poll_one();
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	arp = expect_tagged(m, ETH_TYPE_ARP);
	CU_ASSERT_EQUAL(arp->target.raw, addr_to_v4(&to).raw);
	rte_pktmbuf_free(m);
	m = arp_make(ARP_REPLY, "10.0.3.11", MAC_PEER, "10.0.3.1", MAC_PORT0);
	CU_ASSERT_EQUAL(input_drop(m), DROP_arp_not_for_us); /* without its tag it is the port's */
	m = arp_make(ARP_REPLY, "10.0.3.11", MAC_PEER, "10.0.3.1", MAC_PORT0);
	frame_tag(m, FIXTURE_TAG);
	CU_ASSERT_EQUAL(input(m, 0).next, NET_TAKEN);
	m = poll_one();
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	expect_tagged(m, ETH_TYPE_IPV4);
	CU_ASSERT_EQUAL(m->pkt_len, 18 + 20 + 20);
	rte_pktmbuf_free(m);
	fixture_end();
}

static void
eth_output_tag_is_left_to_the_device_that_inserts_it(void)
{
	struct rte_mbuf *m;

	fixture_start();
	config.ports[FIXTURE_VLAN].offloads = PORT_OFFLOAD_VLAN_INSERT;
	CU_ASSERT_EQUAL(output_to("fd00:3::11").next, NET_TAKEN);
	m = poll_one();
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_EQUAL(be16_to(frame_eth(m)->type), ETH_TYPE_IPV6);
	CU_ASSERT((m->ol_flags & RTE_MBUF_F_TX_VLAN) != 0);
	CU_ASSERT_EQUAL(m->vlan_tci, FIXTURE_TAG);
	rte_pktmbuf_free(m);
	fixture_end();
}

/* The MTU is of IP packets: a full one goes out in a frame that is four bytes longer. */
static void
eth_output_full_packet_fits_behind_a_tag(void)
{
	struct rte_mbuf *m;

	fixture_start();
	CU_ASSERT_EQUAL(output(packet_make("10.0.3.1", "10.0.3.11", FIXTURE_MTU - 20)).next,
			NET_TAKEN);
	CU_ASSERT_EQUAL(output(packet_make("10.0.3.1", "10.0.3.11", FIXTURE_MTU - 19)).reason,
			DROP_ip_too_big);
	m = arp_make(ARP_REPLY, "10.0.3.11", MAC_PEER, "10.0.3.1", MAC_PORT0);
	frame_tag(m, FIXTURE_TAG);
	CU_ASSERT_EQUAL(input(m, 0).next, NET_TAKEN);
	rte_pktmbuf_free(poll_one()); /* the request */
	m = poll_one();
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_EQUAL(m->pkt_len, FIXTURE_MTU + 18);
	rte_pktmbuf_free(m);
	fixture_end();
}

static void
eth_vlan_table_finds_all_of_a_full_one(void)
{
	static struct net_config full;

	memset(&full, 0, sizeof full);
	for (uint32_t i = 0; i < LIMIT_VLANS; i++)
		net_config_vlan_add(&full, i % LIMIT_PORTS, 1 + i * 87 % LIMIT_VLAN_TAG,
				    LIMIT_PORTS + i);
	for (uint32_t i = 0; i < LIMIT_VLANS; i++) {
		uint32_t tag = 1 + i * 87 % LIMIT_VLAN_TAG;

		CU_ASSERT_EQUAL(net_config_vlan_row(&full, i % LIMIT_PORTS, tag), LIMIT_PORTS + i);
		CU_ASSERT_EQUAL(net_config_vlan_row(&full, i % LIMIT_PORTS, tag + 1), NET_ROW_NONE);
	}
}

/* Rows move when a VLAN leaves the configuration: who was known on one is not known on the other. */
static void
eth_vlan_of_another_tag_forgets_its_neighbours(void)
{
	struct addr peer = address("10.0.3.11");
	struct rte_mbuf *m;

	fixture_start();
	m = arp_make(ARP_REQUEST, "10.0.3.11", MAC_PEER, "10.0.3.1", 0);
	frame_tag(m, FIXTURE_TAG);
	CU_ASSERT_EQUAL(input(m, 0).next, NET_TAKEN);
	CU_ASSERT_EQUAL(poll_all(), 1);
	CU_ASSERT_PTR_NOT_NULL(neighbour_find(net, &peer, FIXTURE_VLAN));
	net_configure(net, &config, now_us);
	CU_ASSERT_PTR_NOT_NULL(neighbour_find(net, &peer, FIXTURE_VLAN));
	config.ports[FIXTURE_VLAN].tag++;
	net_configure(net, &config, now_us);
	CU_ASSERT_PTR_NULL(neighbour_find(net, &peer, FIXTURE_VLAN));
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
	{ "eth_input_tagged_frame_is_its_vlans", eth_input_tagged_frame_is_its_vlans },
	{ "eth_input_unknown_tag_is_dropped", eth_input_unknown_tag_is_dropped },
	{ "eth_input_second_tag_is_dropped", eth_input_second_tag_is_dropped },
	{ "eth_input_priority_tag_is_the_ports", eth_input_priority_tag_is_the_ports },
	{ "eth_input_cut_tag_is_truncated", eth_input_cut_tag_is_truncated },
	{ "eth_input_tag_that_the_device_took_is_heeded",
	  eth_input_tag_that_the_device_took_is_heeded },
	{ "eth_output_into_a_vlan_is_tagged", eth_output_into_a_vlan_is_tagged },
	{ "eth_output_tag_is_left_to_the_device_that_inserts_it",
	  eth_output_tag_is_left_to_the_device_that_inserts_it },
	{ "eth_output_full_packet_fits_behind_a_tag", eth_output_full_packet_fits_behind_a_tag },
	{ "eth_vlan_table_finds_all_of_a_full_one", eth_vlan_table_finds_all_of_a_full_one },
	{ "eth_vlan_of_another_tag_forgets_its_neighbours",
	  eth_vlan_of_another_tag_forgets_its_neighbours },
	{ "eth_input_version_that_contradicts_type_is_dropped",
	  eth_input_version_that_contradicts_type_is_dropped },
	{ "eth_input_chained_frame_is_made_one", eth_input_chained_frame_is_made_one },
	{ "eth_input_chained_frame_too_long_for_one_is_dropped",
	  eth_input_chained_frame_too_long_for_one_is_dropped },
	{ "eth_output_to_reachable_neighbour_is_sent", eth_output_to_reachable_neighbour_is_sent },
	CU_TEST_INFO_NULL,
};
