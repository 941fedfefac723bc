/* claim.c: our own addresses are probed, announced and defended; duplicates are not used. */
#include "test/unit/dataplane/net/net_fixture.h"

/* What went out about one address. */
struct seen {
	unsigned probes, announcements, mild;
	uint64_t probed_us; /* when the last one was */
};

static void
note_arp(struct rte_mbuf *m, const struct addr *a, struct seen *seen)
{
	const struct arp_header *arp = (const struct arp_header *)(frame_eth(m) + 1);
	struct addr sender = addr_from_v4(arp->sender), target = addr_from_v4(arp->target);

	if (!addr_equal(&target, a) || be16_to(arp->operation) != ARP_REQUEST)
		return;
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->dst), MAC_BROADCAST);
	CU_ASSERT_EQUAL(mac_load(arp->sender_mac), MAC_PORT0);
	if (addr_is_unspecified(&sender)) {
		seen->probes++;
		seen->probed_us = now_us;
	} else if (addr_equal(&sender, a)) {
		seen->announcements++;
	}
}

static void
note_nd(struct rte_mbuf *m, const struct addr *a, struct seen *seen)
{
	const struct ipv6_header *ip = frame_ipv6(m);
	const struct icmp_header *icmp = frame_icmp(m);
	struct addr src = addr_from_v6(ip->src);

	if (memcmp(icmp + 1, a->byte, 16) != 0)
		return;
	CU_ASSERT_EQUAL(ip->hop_limit, 255);
	if (icmp->type == ICMP6_SOLICITATION && addr_is_unspecified(&src)) {
		CU_ASSERT_EQUAL(be16_to(ip->payload_len), 24); /* no option (RFC 4861 4.3) */
		CU_ASSERT(ip->dst[0] == 0xff && ip->dst[11] == 1 && ip->dst[12] == 0xff &&
			  memcmp(&ip->dst[13], &a->byte[13], 3) == 0);
		seen->probes++;
		seen->probed_us = now_us;
	} else if (icmp->type == ICMP6_ADVERTISEMENT) {
		CU_ASSERT_EQUAL(be32_to(icmp->rest) & 0x40000000u, 0);
		if (be32_to(icmp->rest) & 0x20000000u)
			seen->announcements++;
		else
			seen->mild++;
	}
}

static struct seen
watch(const char *text, uint64_t us)
{
	struct addr a = address(text);
	struct seen seen = { 0 };
	struct rte_mbuf *m;

	for (uint64_t passed = 0; passed <= us; passed += 100000) {
		while ((m = poll_one())) {
			if (be16_to(frame_eth(m)->type) == ETH_TYPE_ARP)
				note_arp(m, &a, &seen);
			else
				note_nd(m, &a, &seen);
			rte_pktmbuf_free(m);
		}
		pass_us(100000);
	}
	return seen;
}

static unsigned
state_of(const char *text)
{
	struct addr a = address(text);
	const struct claim *claim = claim_find(net, &a, 0);

	return claim ? claim->state : 99;
}

static void
claimed_by_another(const char *text)
{
	struct net_verdict verdict =
	    input(arp_make(ARP_REPLY, text, MAC_OTHER, "0.0.0.0", MAC_PORT0), 0);

	CU_ASSERT_EQUAL(verdict.reason, DROP_arp_address_conflict);
}

/* Whether we answer a request for it. */
static bool
answers(const char *text)
{
	struct net_verdict verdict = input(arp_make(ARP_REQUEST, "10.0.0.9", MAC_PEER, text, 0), 0);

	return verdict.next == NET_TAKEN;
}

/* All addresses of port 0 probed and held. */
static void
start_held(void)
{
	fixture_start();
	net->heard[0] = true;
	net_probe(net, 0, false, now_us);
	watch("10.0.0.1", 8 * SECOND_US);
	CU_ASSERT_EQUAL_FATAL(state_of("10.0.0.1"), CLAIM_HELD);
}

static void
claim_new_address_is_probed_and_announced(void)
{
	static const char *const own[] = { "10.0.0.1", "10.0.0.100", "fd00::1", "fd00::100",
					   "fe80::ff:fe00:100" };
	struct seen seen;

	for (unsigned i = 0; i < 5; i++) {
		bool v4 = own[i][0] == '1';

		fixture_start();
		net_probe(net, 0, false, now_us);
		CU_ASSERT_EQUAL(net_next_us(net), 0);
		seen = watch(own[i], 700000);
		CU_ASSERT(seen.probes == 1 && seen.announcements + seen.mild == 1);
		CU_ASSERT_EQUAL(seen.mild, v4 ? 0 : 1);
		CU_ASSERT_EQUAL(state_of(own[i]), CLAIM_PROBING);
		CU_ASSERT_TRUE(!v4 || answers(own[i])); /* in use from the beginning */
		seen = watch(own[i], 2500000);
		CU_ASSERT(seen.probes == 2 && seen.announcements == 0 && seen.mild == 0);
		seen = watch(own[i], 5 * SECOND_US);
		CU_ASSERT(seen.probes == 0 && seen.announcements == 2 && seen.mild == 0);
		CU_ASSERT_EQUAL(state_of(own[i]), CLAIM_HELD);
		CU_ASSERT_EQUAL(net_next_us(net), UINT64_MAX);
		net_probe(net, 0, false, now_us); /* known already */
		seen = watch(own[i], SECOND_US);
		CU_ASSERT(seen.probes == 0 && seen.announcements == 0);
		CU_ASSERT_EQUAL(state_of("192.0.2.100"), 99); /* lies behind a router */
		fixture_end();
	}
}

static void
claim_taken_address_is_not_used_until_free(void)
{
	struct addr peer = address("10.0.0.9"), src;
	struct seen seen;
	uint64_t start_us;

	fixture_start();
	net_probe(net, 0, false, now_us);
	watch("10.0.0.1", 200000);
	start_us = now_us;
	claimed_by_another("10.0.0.1");
	CU_ASSERT_EQUAL(state_of("10.0.0.1"), CLAIM_DUPLICATE);
	CU_ASSERT_EQUAL(state_of("10.0.0.100"), CLAIM_PROBING);
	CU_ASSERT_EQUAL(stats->counter[COUNTER_own_addresses_duplicate], 1);
	CU_ASSERT_FALSE(answers("10.0.0.1"));
	CU_ASSERT_TRUE(answers("10.0.0.100"));
	CU_ASSERT_EQUAL(net_source_addr(net, &peer, &src), ERR_no_route);
	seen = watch("10.0.0.1", 59 * SECOND_US);
	CU_ASSERT(seen.probes == 0 && seen.announcements == 0);
	claimed_by_another("10.0.0.1"); /* as anybody may go on saying: puts nothing off */
	for (unsigned i = 0; i < 170 && seen.probes == 0; i++)
		seen = watch("10.0.0.1", 0);
	CU_ASSERT(seen.probes == 1 && seen.announcements == 0);
	claimed_by_another("10.0.0.1"); /* the answer */
	seen = watch("10.0.0.1", 59 * SECOND_US);
	CU_ASSERT(seen.probes == 0 && seen.announcements == 0);
	CU_ASSERT_FALSE(answers("10.0.0.1"));
	seen = watch("10.0.0.1", 25 * SECOND_US); /* nobody answers now */
	CU_ASSERT(seen.probes == 3 && seen.announcements == 2);
	CU_ASSERT(seen.probed_us > start_us + 120 * SECOND_US);
	CU_ASSERT_EQUAL(state_of("10.0.0.1"), CLAIM_HELD);
	CU_ASSERT_EQUAL(stats->counter[COUNTER_own_addresses_duplicate], 0);
	CU_ASSERT_TRUE(answers("10.0.0.1"));
	CU_ASSERT_EQUAL(net_source_addr(net, &peer, &src), ERR_ok);
	fixture_end();
}

/* An attacker that only claims takes nothing out of service. */
static void
claim_held_address_is_defended_once_in_ten_seconds(void)
{
	struct seen seen;

	start_held();
	for (unsigned i = 0; i < 5; i++)
		claimed_by_another("10.0.0.1");
	seen = watch("10.0.0.1", SECOND_US);
	CU_ASSERT_EQUAL(seen.announcements, 1);
	CU_ASSERT_EQUAL(stats->counter[COUNTER_own_addresses_defended], 1);
	pass_us(8 * SECOND_US);
	claimed_by_another("10.0.0.1");
	CU_ASSERT_EQUAL(poll_all(), 0);
	pass_us(SECOND_US);
	claimed_by_another("10.0.0.1");
	CU_ASSERT_EQUAL(poll_all(), 1);
	CU_ASSERT_EQUAL(stats->counter[COUNTER_own_addresses_defended], 2);
	CU_ASSERT_EQUAL(stats->drop[DROP_arp_address_conflict], 0); /* the caller counts */
	CU_ASSERT_EQUAL(state_of("10.0.0.1"), CLAIM_HELD);
	CU_ASSERT_TRUE(answers("10.0.0.1"));
	fixture_end();
}

/* Also not while the link flaps, when it is probed again. */
static void
claim_held_address_stays_when_its_link_comes_up_again(void)
{
	struct seen seen;

	start_held();
	net_probe(net, 0, true, now_us);
	seen = watch("10.0.0.1", 200000);
	CU_ASSERT_EQUAL(seen.probes, 1);
	claimed_by_another("10.0.0.1");
	CU_ASSERT_NOT_EQUAL(state_of("10.0.0.1"), CLAIM_DUPLICATE);
	CU_ASSERT_TRUE(answers("10.0.0.1"));
	CU_ASSERT_EQUAL(stats->counter[COUNTER_own_addresses_defended], 1);
	watch("10.0.0.1", 10 * SECOND_US);
	CU_ASSERT_EQUAL(state_of("10.0.0.1"), CLAIM_HELD);
	fixture_end();
}

/* Probes into a link that was dead have proven nothing. */
static void
claim_of_a_link_that_was_silent_is_not_proven(void)
{
	fixture_start();
	net_probe(net, 0, false, now_us);
	watch("10.0.0.1", 8 * SECOND_US);
	CU_ASSERT_EQUAL(state_of("10.0.0.1"), CLAIM_HELD);
	net_probe(net, 0, true, now_us);
	watch("10.0.0.1", 200000);
	claimed_by_another("10.0.0.1");
	CU_ASSERT_EQUAL(state_of("10.0.0.1"), CLAIM_DUPLICATE);
	fixture_end();
}

static struct rte_mbuf *
advertisement(const char *target, uint64_t mac)
{
	struct {
		uint8_t target[16], option[8];
	} body = { .option = { 2, 1 } };
	struct addr a = address(target);
	struct rte_mbuf *m;

	memcpy(body.target, a.byte, 16);
	mac_store(&body.option[2], mac);
	m = icmp_make(target, "ff02::1", 136, 0, 0x20000000u, &body, sizeof body);
	frame_ipv6(m)->hop_limit = 255;
	return m;
}

static void
claim_ipv6_address_taken_is_a_duplicate(void)
{
	struct addr own = address("fd00::1");

	fixture_start();
	net_probe(net, 0, false, now_us);
	watch("fd00::1", 200000);
	/* our own may come back */
	CU_ASSERT_EQUAL(input_drop(advertisement("fd00::1", MAC_PORT0)), DROP_nd_not_for_us);
	CU_ASSERT_EQUAL(state_of("fd00::1"), CLAIM_PROBING);
	CU_ASSERT_EQUAL(input_drop(advertisement("fd00::1", MAC_OTHER)), DROP_nd_address_conflict);
	CU_ASSERT_EQUAL(state_of("fd00::1"), CLAIM_DUPLICATE);
	CU_ASSERT_EQUAL(claim_find(net, &own, 0)->mac, MAC_OTHER);
	CU_ASSERT_FALSE(route_is_own_on(net, &own, 0));
	watch("fd00::1", 90 * SECOND_US);
	CU_ASSERT_EQUAL(state_of("fd00::1"), CLAIM_HELD);
	fixture_end();
}

/* We hold it: who asks gets the answer and has to find another one. Our own probe may come back. */
static void
claim_probe_of_another_is_answered_and_no_conflict(void)
{
	fixture_start();
	net_probe(net, 0, false, now_us);
	watch("10.0.0.1", 200000);
	CU_ASSERT_EQUAL(input(arp_make(ARP_REQUEST, "0.0.0.0", MAC_PORT0, "10.0.0.1", 0), 0).reason,
			DROP_arp_not_for_us);
	CU_ASSERT_EQUAL(poll_all(), 0);
	CU_ASSERT_EQUAL(input(arp_make(ARP_REQUEST, "0.0.0.0", MAC_OTHER, "10.0.0.1", 0), 0).next,
			NET_TAKEN);
	CU_ASSERT_EQUAL(poll_all(), 1);
	CU_ASSERT_EQUAL(state_of("10.0.0.1"), CLAIM_PROBING);
	fixture_end();
}

/* Neighbours are asked by nobody's address, and their answers are heard. */
static void
claim_port_with_a_duplicate_still_finds_neighbours(void)
{
	struct arp_header *arp;
	struct rte_mbuf *m;

	fixture_start();
	net_probe(net, 0, false, now_us);
	watch("10.0.0.1", 200000);
	claimed_by_another("10.0.0.1");
	CU_ASSERT_EQUAL(output_to("10.0.0.5").next, NET_TAKEN);
	m = poll_one();
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	arp = (struct arp_header *)(frame_eth(m) + 1);
	CU_ASSERT_EQUAL(arp->sender.raw, 0);
	rte_pktmbuf_free(m);
	CU_ASSERT_EQUAL(
	    input(arp_make(ARP_REPLY, "10.0.0.5", MAC_PEER, "0.0.0.0", MAC_PORT0), 0).next,
	    NET_TAKEN);
	CU_ASSERT_EQUAL(output_to("10.0.0.5").next, NET_SEND);
	watch("10.0.0.1", SECOND_US);
	fixture_end();
}

static void
claim_ends_with_the_address_and_with_the_link(void)
{
	struct addr one = address("10.0.0.100"), *slot = NULL;

	start_held();
	for (uint32_t i = 0; i <= config.own_mask; i++)
		if (addr_equal(&config.own[i], &one))
			slot = &config.own[i];
	CU_ASSERT_PTR_NOT_NULL_FATAL(slot);
	*slot = addr_any;
	net_configure(net, &config, now_us);
	net_probe(net, 0, false, now_us);
	watch("10.0.0.100", SECOND_US);
	CU_ASSERT_EQUAL(state_of("10.0.0.100"), 99);
	CU_ASSERT_EQUAL(state_of("10.0.0.1"), CLAIM_HELD);
	net_config_own_add(&config, &one);
	net_configure(net, &config, now_us);
	net_probe(net, 0, false, now_us);
	CU_ASSERT_EQUAL(watch("10.0.0.100", SECOND_US).probes, 1);
	config.ports[0].mac[5] ^= 1;
	net_configure(net, &config, now_us);
	CU_ASSERT_EQUAL(state_of("10.0.0.1"), 99);
	CU_ASSERT_EQUAL(net->claims.used, 0);
	poll_all();
	fixture_end();
}

/* Its row may lie behind all that ports can have. */
static void
claim_scan_of_a_vlan_ends_with_the_vlan(void)
{
	const unsigned row = LIMIT_INTERFACES - 1;

	fixture_start();
	config.port_count = LIMIT_INTERFACES;
	config.ports[row] = config.ports[FIXTURE_VLAN];
	config.ports[row].tag = FIXTURE_TAG + 1;
	net_configure(net, &config, now_us);
	net_probe(net, row, false, now_us);
	CU_ASSERT_EQUAL(net->claim_scans, 1);
	config.port_count = 4;
	net_configure(net, &config, now_us);
	CU_ASSERT_EQUAL(net->claim_scans, 0);
	CU_ASSERT_EQUAL(poll_all(), 0);
	CU_ASSERT_EQUAL(net->claims.used, 0);
	fixture_end();
}

static void
claim_without_mbufs_is_probed_later(void)
{
	static struct rte_mbuf *taken[8192];
	unsigned n = 0;

	fixture_start();
	while (n < 8192 && (taken[n] = rte_pktmbuf_alloc(unit_mbufs())))
		n++;
	net_probe(net, 0, false, now_us);
	CU_ASSERT_EQUAL(watch("10.0.0.1", 3 * SECOND_US).probes, 0);
	CU_ASSERT_TRUE(stats->drop[DROP_mbuf_empty] > 0);
	CU_ASSERT_EQUAL(state_of("10.0.0.1"), CLAIM_PROBING);
	rte_pktmbuf_free_bulk(taken, n);
	CU_ASSERT_EQUAL(watch("10.0.0.1", 4 * SECOND_US).probes, 3);
	fixture_end();
}

static void
claim_duplicate_is_no_source_of_any_worker(void)
{
	struct addr peer = address("10.0.0.9"), far = address("192.0.2.9"), src;
	struct duplicate_view views[NET_DUPLICATES];

	fixture_start_shared();
	net_probe(net0, 0, false, now_us);
	net_probe(net1, 0, false, now_us);
	CU_ASSERT_EQUAL(net_next_us(net1), UINT64_MAX);
	watch("10.0.0.1", 200000);
	CU_ASSERT_EQUAL(net_source_addr(net1, &peer, &src), ERR_ok);
	claimed_by_another("10.0.0.1");
	CU_ASSERT_EQUAL(net_source_addr(net1, &peer, &src), ERR_no_route);
	CU_ASSERT_EQUAL(net_source_addr(net1, &far, &src), ERR_no_route);
	CU_ASSERT_EQUAL_FATAL(neighbour_table_duplicates(table, views), 1);
	CU_ASSERT_EQUAL(views[0].mac, MAC_OTHER);
	CU_ASSERT_EQUAL(views[0].port, 0);
	watch("10.0.0.1", 90 * SECOND_US);
	CU_ASSERT_EQUAL(net_source_addr(net1, &peer, &src), ERR_ok);
	CU_ASSERT_EQUAL(neighbour_table_duplicates(table, views), 0);
	fixture_end();
}

/* A take-over does not ask. */
static void
announcement_is_repeated_after_two_seconds(void)
{
	fixture_start();
	net_announce(net, 0, now_us);
	CU_ASSERT_EQUAL(poll_all(), 5);
	CU_ASSERT_EQUAL(net_next_us(net), now_us + 2 * SECOND_US);
	pass_us(1900000);
	CU_ASSERT_EQUAL(poll_all(), 0);
	pass_us(200000);
	CU_ASSERT_EQUAL(poll_all(), 5);
	CU_ASSERT_EQUAL(net_next_us(net), UINT64_MAX);
	fixture_end();
}

CU_TestInfo test_claim[] = {
	{ "claim_new_address_is_probed_and_announced", claim_new_address_is_probed_and_announced },
	{ "claim_taken_address_is_not_used_until_free",
	  claim_taken_address_is_not_used_until_free },
	{ "claim_held_address_is_defended_once_in_ten_seconds",
	  claim_held_address_is_defended_once_in_ten_seconds },
	{ "claim_held_address_stays_when_its_link_comes_up_again",
	  claim_held_address_stays_when_its_link_comes_up_again },
	{ "claim_of_a_link_that_was_silent_is_not_proven",
	  claim_of_a_link_that_was_silent_is_not_proven },
	{ "claim_ipv6_address_taken_is_a_duplicate", claim_ipv6_address_taken_is_a_duplicate },
	{ "claim_probe_of_another_is_answered_and_no_conflict",
	  claim_probe_of_another_is_answered_and_no_conflict },
	{ "claim_port_with_a_duplicate_still_finds_neighbours",
	  claim_port_with_a_duplicate_still_finds_neighbours },
	{ "claim_ends_with_the_address_and_with_the_link",
	  claim_ends_with_the_address_and_with_the_link },
	{ "claim_scan_of_a_vlan_ends_with_the_vlan", claim_scan_of_a_vlan_ends_with_the_vlan },
	{ "claim_without_mbufs_is_probed_later", claim_without_mbufs_is_probed_later },
	{ "claim_duplicate_is_no_source_of_any_worker",
	  claim_duplicate_is_no_source_of_any_worker },
	{ "announcement_is_repeated_after_two_seconds",
	  announcement_is_repeated_after_two_seconds },
	CU_TEST_INFO_NULL,
};
