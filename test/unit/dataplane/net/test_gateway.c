/* gateway.c: destinations are spread over the gateways of a route that answer, and stay with theirs while it lives. */
#include <stdio.h>

#include "test/unit/dataplane/net/net_fixture.h"

#define DESTINATIONS_TRIED 64u

/* The default route of IPv4 has two gateways. */
static void
configure_two(void)
{
	struct gen_route *route =
	    (struct gen_route *)(uintptr_t)generation_routes(config.generation);

	CU_ASSERT_EQUAL_FATAL(route->prefix_len, 0);
	route->gateway_count = 2;
	route->gateways[1] = (struct gen_gateway){ address("10.0.0.3"), 0, 0 };
	net_configure(net, &config, now_us);
}

/* Lets time pass; who is alive (10.0.0.2 has MAC_PEER, 10.0.0.3 MAC_OTHER) answers what it is asked. */
static void
live(uint64_t us, bool two, bool three)
{
	struct rte_mbuf *m;

	for (uint64_t passed = 0; passed < us; passed += 100000) {
		pass_us(100000);
		while ((m = poll_one())) {
			const struct arp_header *arp =
			    (const struct arp_header *)(frame_eth(m) + 1);
			uint8_t last = (uint8_t)be32_to(arp->target);
			bool asked = be16_to(frame_eth(m)->type) == ETH_TYPE_ARP;

			rte_pktmbuf_free(m);
			if (asked && last == 2 && two)
				input(arp_make(ARP_REPLY, "10.0.0.2", MAC_PEER, "10.0.0.1",
					       MAC_PORT0),
				      0);
			if (asked && last == 3 && three)
				input(arp_make(ARP_REPLY, "10.0.0.3", MAC_OTHER, "10.0.0.1",
					       MAC_PORT0),
				      0);
		}
	}
}

/* Where the n-th destination goes: MAC_NONE, it isn't sent now. */
static uint64_t
mac_for(unsigned n)
{
	struct rte_mbuf *m;
	struct net_verdict verdict;
	uint64_t mac = MAC_NONE;
	char text[32];

	snprintf(text, sizeof text, "192.0.2.%u", n);
	m = packet_make("10.0.0.1", text, 20);
	verdict = output(m);
	if (verdict.next == NET_SEND)
		mac = mac_load(frame_eth(m)->dst);
	if (verdict.next == NET_SEND || verdict.next == NET_RESOLVE)
		rte_pktmbuf_free(m);
	return mac;
}

static void
gateways_that_answer_share_the_destinations(void)
{
	unsigned by_two = 0;

	fixture_start();
	configure_two();
	CU_ASSERT_EQUAL(net_next_us(net), now_us);
	live(SECOND_US, true, true);
	for (unsigned n = 0; n < DESTINATIONS_TRIED; n++) {
		uint64_t mac = mac_for(n);

		CU_ASSERT(mac == MAC_PEER || mac == MAC_OTHER);
		CU_ASSERT_EQUAL(mac_for(n), mac);
		by_two += mac == MAC_PEER;
	}
	CU_ASSERT(by_two > DESTINATIONS_TRIED / 4 && by_two < DESTINATIONS_TRIED * 3 / 4);
	CU_ASSERT_TRUE(net_next_us(net) <= now_us + 2 * SECOND_US); /* asked again, used or not */
	fixture_end();
}

static void
gateway_that_is_silent_gives_its_destinations_to_the_others(void)
{
	uint64_t before[DESTINATIONS_TRIED];
	unsigned stayed = 0;

	fixture_start();
	configure_two();
	live(SECOND_US, true, true);
	for (unsigned n = 0; n < DESTINATIONS_TRIED; n++)
		before[n] = mac_for(n);
	live(5500000, false, true);
	for (unsigned n = 0; n < DESTINATIONS_TRIED; n++)
		CU_ASSERT_EQUAL(mac_for(n), MAC_OTHER);
	live(5 * SECOND_US, true, true); /* back: who was moved stays, but for two in one slot */
	for (unsigned n = 0; n < DESTINATIONS_TRIED; n++)
		stayed += mac_for(n) == MAC_OTHER;
	CU_ASSERT(stayed >= DESTINATIONS_TRIED - 6);
	net_configure(net, &config, now_us); /* forgets where they went */
	for (unsigned n = 0; n < DESTINATIONS_TRIED; n++)
		CU_ASSERT_EQUAL(mac_for(n), before[n]);
	fixture_end();
}

static void
gateways_are_all_tried_when_none_answers(void)
{
	struct addr two = address("10.0.0.2"), three = address("10.0.0.3");

	fixture_start();
	configure_two();
	live(200000, false, false);
	CU_ASSERT_EQUAL(neighbour_find(net, &two, 0)->state, NEIGHBOUR_INCOMPLETE);
	CU_ASSERT_EQUAL(neighbour_find(net, &three, 0)->state, NEIGHBOUR_INCOMPLETE);
	CU_ASSERT_EQUAL(mac_for(1), MAC_NONE);
	live(20 * SECOND_US, false, false);
	live(6 * SECOND_US, false, true); /* asked for again all the time */
	CU_ASSERT_EQUAL(mac_for(1), MAC_OTHER);
	CU_ASSERT_EQUAL(mac_for(2), MAC_OTHER);
	fixture_end();
}

/* Destinations that were sent to while none was there do not stay with the one that is still silent. */
static void
gateway_that_answers_first_has_all_destinations(void)
{
	for (unsigned reads = 0; reads < 2; reads++) {
		fixture_start_shared();
		configure_two();
		net_configure(net1, &config, now_us);
		live(200000, false, false);
		net = reads ? net1 : net0;
		for (unsigned n = 0; n < DESTINATIONS_TRIED; n++)
			CU_ASSERT_EQUAL(mac_for(n), MAC_NONE);
		net = net0;
		live(20 * SECOND_US, false, false);
		net = reads ? net1 : net0;
		for (unsigned n = 0; n < DESTINATIONS_TRIED; n++)
			CU_ASSERT_EQUAL(mac_for(n), MAC_NONE);
		net = net0;
		live(6 * SECOND_US, false, true);
		net = reads ? net1 : net0;
		for (unsigned n = 0; n < DESTINATIONS_TRIED; n++)
			CU_ASSERT_EQUAL(mac_for(n), MAC_OTHER);
		net = net0;
		fixture_end();
	}
}

/* Places of unresolved neighbours that a scan has taken are not needed. */
static void
gateway_is_asked_in_spite_of_a_scan(void)
{
	struct addr two = address("10.0.0.2");

	fixture_start();
	while (net->unresolved < NEIGHBOUR_UNRESOLVED) {
		struct addr a = address("fd00::1:0");

		a.byte[14] = (uint8_t)(net->unresolved >> 8);
		a.byte[15] = (uint8_t)net->unresolved;
		CU_ASSERT_PTR_NOT_NULL_FATAL(neighbour_make(net, &a, 0, now_us));
		poll_all();
	}
	CU_ASSERT_PTR_NULL(neighbour_make(net, &two, 0, now_us));
	configure_two();
	live(200000, true, true);
	CU_ASSERT_EQUAL(neighbour_find(net, &two, 0)->state, NEIGHBOUR_REACHABLE);
	fixture_end();
}

static void
gateways_are_the_same_for_another_worker(void)
{
	fixture_start_shared();
	configure_two();
	net_configure(net1, &config, now_us);
	live(SECOND_US, true, true);
	for (unsigned n = 0; n < DESTINATIONS_TRIED; n++) {
		uint64_t mac = mac_for(n);

		net = net1;
		CU_ASSERT_EQUAL(mac_for(n), mac);
		net = net0;
	}
	live(5500000, false, true);
	net = net1;
	for (unsigned n = 0; n < DESTINATIONS_TRIED; n++)
		CU_ASSERT_EQUAL(mac_for(n), MAC_OTHER);
	net = net0;
	CU_ASSERT_EQUAL(net_next_us(net1), UINT64_MAX); /* asks nobody */
	fixture_end();
}

CU_TestInfo test_gateway[] = {
	{ "gateways_that_answer_share_the_destinations",
	  gateways_that_answer_share_the_destinations },
	{ "gateway_that_is_silent_gives_its_destinations_to_the_others",
	  gateway_that_is_silent_gives_its_destinations_to_the_others },
	{ "gateways_are_all_tried_when_none_answers", gateways_are_all_tried_when_none_answers },
	{ "gateway_that_answers_first_has_all_destinations",
	  gateway_that_answers_first_has_all_destinations },
	{ "gateway_is_asked_in_spite_of_a_scan", gateway_is_asked_in_spite_of_a_scan },
	{ "gateways_are_the_same_for_another_worker", gateways_are_the_same_for_another_worker },
	CU_TEST_INFO_NULL,
};
