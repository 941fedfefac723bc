/* arp.c: what is answered, what is learned from it, what is refused. */
#include "test/unit/dataplane/net/net_fixture.h"

static struct arp_header *
arp_of(struct rte_mbuf *m)
{
	return (struct arp_header *)(frame_eth(m) + 1);
}

static const struct neighbour *
known(const char *text)
{
	struct addr a = address(text);

	return neighbour_find(net, &a, 0);
}

static void
answers(const char *target)
{
	struct addr a = address(target), peer = address("10.0.0.2");
	struct rte_mbuf *m;

	CU_ASSERT_EQUAL(input(arp_make(ARP_REQUEST, "10.0.0.2", MAC_PEER, target, 0), 0).next,
			NET_TAKEN);
	m = poll_one();
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_EQUAL(packet_of(m)->port, 0);
	CU_ASSERT_EQUAL(m->data_len, 14 + 28);
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->dst), MAC_PEER);
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->src), MAC_PORT0);
	CU_ASSERT_EQUAL(be16_to(frame_eth(m)->type), ETH_TYPE_ARP);
	CU_ASSERT_EQUAL(be16_to(arp_of(m)->hardware), 1);
	CU_ASSERT_EQUAL(be16_to(arp_of(m)->protocol), 0x0800);
	CU_ASSERT_EQUAL(be16_to(arp_of(m)->operation), ARP_REPLY);
	CU_ASSERT_EQUAL(mac_load(arp_of(m)->sender_mac), MAC_PORT0);
	CU_ASSERT_EQUAL(arp_of(m)->sender.raw, addr_to_v4(&a).raw);
	CU_ASSERT_EQUAL(mac_load(arp_of(m)->target_mac), MAC_PEER);
	CU_ASSERT_EQUAL(arp_of(m)->target.raw, addr_to_v4(&peer).raw);
	rte_pktmbuf_free(m);
}

static void
arp_request_for_own_addresses_is_answered(void)
{
	fixture_start();
	answers("10.0.0.1");
	answers("10.0.0.100");
	fixture_end();
}

static void
arp_request_for_others_is_dropped(void)
{
	/* nobody's; the other port's; own but behind a router */
	static const char *const others[] = { "10.0.0.7", "10.0.1.1", "192.0.2.100" };

	fixture_start();
	for (unsigned i = 0; i < ARRAY_SIZE(others); i++)
		CU_ASSERT_EQUAL(
		    input_drop(arp_make(ARP_REQUEST, "10.0.0.2", MAC_PEER, others[i], 0)),
		    DROP_arp_not_for_us);
	CU_ASSERT_EQUAL(poll_all(), 0);
	CU_ASSERT_PTR_NULL(known("10.0.0.2"));
	fixture_end();
}

static void
arp_request_to_us_teaches_the_sender(void)
{
	fixture_start();
	answers("10.0.0.1");
	CU_ASSERT_PTR_NOT_NULL_FATAL(known("10.0.0.2"));
	CU_ASSERT_EQUAL(known("10.0.0.2")->state, NEIGHBOUR_STALE);
	CU_ASSERT_EQUAL(output_to("10.0.0.2").next, NET_SEND); /* without asking */
	CU_ASSERT_EQUAL(stats->counter[COUNTER_arp_requests_sent], 0);
	fixture_end();
}

static void
arp_probe_and_foreign_sender_are_answered_but_not_learned(void)
{
	fixture_start();
	CU_ASSERT_EQUAL(input(arp_make(ARP_REQUEST, "0.0.0.0", MAC_PEER, "10.0.0.1", 0), 0).next,
			NET_TAKEN);
	CU_ASSERT_EQUAL(poll_all(), 1);
	CU_ASSERT_PTR_NULL(known("0.0.0.0"));
	CU_ASSERT_EQUAL(input(arp_make(ARP_REQUEST, "192.0.2.7", MAC_PEER, "10.0.0.1", 0), 0).next,
			NET_TAKEN);
	CU_ASSERT_EQUAL(poll_all(), 1);
	CU_ASSERT_PTR_NULL(known("192.0.2.7"));
	fixture_end();
}

static void
arp_malformed_is_dropped(void)
{
	struct rte_mbuf *m;

	fixture_start();
	for (unsigned len = 0; len < 28; len++) {
		m = arp_make(ARP_REQUEST, "10.0.0.2", MAC_PEER, "10.0.0.1", 0);
		rte_pktmbuf_trim(m, (uint16_t)(m->data_len - 14 - len));
		CU_ASSERT_EQUAL(input_drop(m), DROP_arp_malformed);
	}
	for (unsigned field = 0; field < 8; field++) { /* types, sizes, operation */
		m = arp_make(ARP_REQUEST, "10.0.0.2", MAC_PEER, "10.0.0.1", 0);
		((uint8_t *)arp_of(m))[field] ^= 0x40;
		CU_ASSERT_EQUAL(input_drop(m), DROP_arp_malformed);
	}
	m = arp_make(ARP_REQUEST, "10.0.0.2", MAC_PEER, "10.0.0.1", 0);
	mac_store(arp_of(m)->sender_mac, MAC_BROADCAST);
	CU_ASSERT_EQUAL(input_drop(m), DROP_arp_malformed);
	m = arp_make(ARP_REQUEST, "10.0.0.2", MAC_PEER, "10.0.0.1", 0);
	mac_store(arp_of(m)->sender_mac, MAC_NONE);
	CU_ASSERT_EQUAL(input_drop(m), DROP_arp_malformed);
	CU_ASSERT_EQUAL(input_drop(arp_make(ARP_REQUEST, "224.0.0.1", MAC_PEER, "10.0.0.1", 0)),
			DROP_arp_malformed);
	CU_ASSERT_EQUAL(input_drop(arp_make(ARP_REQUEST, "127.0.0.1", MAC_PEER, "10.0.0.1", 0)),
			DROP_arp_malformed);
	CU_ASSERT_EQUAL(input_drop(arp_make(ARP_REPLY, "0.0.0.0", MAC_PEER, "10.0.0.1", 0)),
			DROP_arp_malformed);
	CU_ASSERT_EQUAL(poll_all(), 0);
	fixture_end();
}

static void
arp_reply_unasked_is_dropped(void)
{
	fixture_start();
	CU_ASSERT_EQUAL(
	    input_drop(arp_make(ARP_REPLY, "10.0.0.2", MAC_PEER, "10.0.0.1", MAC_PORT0)),
	    DROP_arp_unsolicited);
	CU_ASSERT_EQUAL(
	    input_drop(arp_make(ARP_REPLY, "10.0.0.2", MAC_PEER, "10.0.0.7", MAC_OTHER)),
	    DROP_arp_not_for_us);
	CU_ASSERT_EQUAL(input_drop(arp_make(ARP_REQUEST, "10.0.0.2", MAC_PEER, "10.0.0.2", 0)),
			DROP_arp_unsolicited);
	CU_ASSERT_PTR_NULL(known("10.0.0.2"));
	fixture_end();
}

static void
arp_claim_of_our_address_is_a_conflict(void)
{
	fixture_start();
	CU_ASSERT_EQUAL(input_drop(arp_make(ARP_REQUEST, "10.0.0.1", MAC_OTHER, "10.0.0.1", 0)),
			DROP_arp_address_conflict);
	CU_ASSERT_EQUAL(input_drop(arp_make(ARP_REPLY, "10.0.0.100", MAC_OTHER, "10.0.0.1", 0)),
			DROP_arp_address_conflict);
	/* our own announcement, come back from the other port */
	CU_ASSERT_EQUAL(input_drop(arp_make(ARP_REQUEST, "10.0.1.1", MAC_PORT1, "10.0.1.1", 0)),
			DROP_arp_not_for_us);
	fixture_end();
}

static void
arp_request_of_ours_asks_from_address_on_prefix(void)
{
	struct rte_mbuf *m;

	fixture_start();
	CU_ASSERT_EQUAL(output_to("10.0.1.11").next, NET_TAKEN);
	m = poll_one();
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_EQUAL(packet_of(m)->port, 1);
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->dst), MAC_BROADCAST);
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->src), MAC_PORT1);
	CU_ASSERT_EQUAL(be16_to(arp_of(m)->operation), ARP_REQUEST);
	CU_ASSERT_EQUAL(be32_to(arp_of(m)->sender), 0x0a000101);
	CU_ASSERT_EQUAL(be32_to(arp_of(m)->target), 0x0a00010b);
	CU_ASSERT_EQUAL(mac_load(arp_of(m)->target_mac), MAC_NONE);
	CU_ASSERT_EQUAL(stats->counter[COUNTER_arp_requests_sent], 1);
	rte_pktmbuf_free(m);
	fixture_end();
}

/* More answers than fit between two net_poll are refused, not lost. */
static void
arp_requests_beyond_own_queue_are_dropped(void)
{
	fixture_start();
	for (unsigned i = 0; i < NET_OWN_PACKETS; i++)
		CU_ASSERT_EQUAL(
		    input_drop(arp_make(ARP_REQUEST, "10.0.0.2", MAC_PEER, "10.0.0.1", 0)),
		    DROP_none);
	CU_ASSERT_EQUAL(input_drop(arp_make(ARP_REQUEST, "10.0.0.2", MAC_PEER, "10.0.0.1", 0)),
			DROP_port_tx_full);
	CU_ASSERT_EQUAL(poll_all(), NET_OWN_PACKETS);
	fixture_end();
}

CU_TestInfo test_arp[] = {
	{ "arp_request_for_own_addresses_is_answered", arp_request_for_own_addresses_is_answered },
	{ "arp_request_for_others_is_dropped", arp_request_for_others_is_dropped },
	{ "arp_request_to_us_teaches_the_sender", arp_request_to_us_teaches_the_sender },
	{ "arp_probe_and_foreign_sender_are_answered_but_not_learned",
	  arp_probe_and_foreign_sender_are_answered_but_not_learned },
	{ "arp_malformed_is_dropped", arp_malformed_is_dropped },
	{ "arp_reply_unasked_is_dropped", arp_reply_unasked_is_dropped },
	{ "arp_claim_of_our_address_is_a_conflict", arp_claim_of_our_address_is_a_conflict },
	{ "arp_request_of_ours_asks_from_address_on_prefix",
	  arp_request_of_ours_asks_from_address_on_prefix },
	{ "arp_requests_beyond_own_queue_are_dropped", arp_requests_beyond_own_queue_are_dropped },
	CU_TEST_INFO_NULL,
};
