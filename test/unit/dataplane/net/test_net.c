/* net.c: announcements, changes of configuration, and hostile bytes of all kinds through the whole layer. */
#include "test/unit/dataplane/net/net_fixture.h"

/* Whether an announcement of this address comes out of port; takes all frames. */
static bool
announced(const char *text, unsigned port, struct rte_mbuf **frames, unsigned n)
{
	struct addr a = address(text);
	bool found = false;

	for (unsigned i = 0; i < n; i++) {
		const struct arp_header *arp = (const struct arp_header *)frame_ipv4(frames[i]);
		bool is_arp = be16_to(frame_eth(frames[i])->type) == ETH_TYPE_ARP;

		if (packet_of(frames[i])->port != port || is_arp != addr_is_v4(&a))
			continue;
		if (is_arp)
			found |= arp->sender.raw == addr_to_v4(&a).raw &&
				 arp->target.raw == arp->sender.raw &&
				 mac_load(frame_eth(frames[i])->dst) == MAC_BROADCAST &&
				 be16_to(arp->operation) == ARP_REQUEST;
		else
			found |= memcmp((uint8_t *)frame_icmp(frames[i]) + 8, a.byte, 16) == 0 &&
				 frame_icmp(frames[i])->type == 136 &&
				 mac_load(frame_eth(frames[i])->dst) == 0x010000003333ull;
	}
	return found;
}

static void
net_announce_tells_all_own_addresses_of_port(void)
{
	struct rte_mbuf *frames[16];
	unsigned n = 0;

	fixture_start();
	net_announce(net, 0, now_us);
	net_announce(net, 1, now_us);
	net_announce(net, 2, now_us); /* is not there */
	CU_ASSERT_EQUAL(net_next_us(net), 0);
	while (n < 16 && net_poll(net, &frames[n], 1, now_us))
		n++;
	CU_ASSERT_EQUAL(n, 5 + 3);
	CU_ASSERT_TRUE(announced("10.0.0.1", 0, frames, n));
	CU_ASSERT_TRUE(announced("fd00::1", 0, frames, n));
	CU_ASSERT_TRUE(announced("10.0.0.100", 0, frames, n));
	CU_ASSERT_TRUE(announced("fd00::100", 0, frames, n));
	CU_ASSERT_TRUE(announced("fe80::ff:fe00:100", 0, frames, n));
	CU_ASSERT_TRUE(announced("10.0.1.1", 1, frames, n));
	CU_ASSERT_TRUE(announced("fd00:1::1", 1, frames, n));
	CU_ASSERT_TRUE(announced("fe80::ff:fe00:101", 1, frames, n));
	CU_ASSERT_FALSE(announced("192.0.2.100", 0, frames, n));   /* lies behind a router */
	CU_ASSERT_EQUAL(net_next_us(net), now_us + 2 * SECOND_US); /* once more */
	rte_pktmbuf_free_bulk(frames, n);
	fixture_end();
}

static void
net_announce_survives_configure(void)
{
	fixture_start();
	net_announce(net, 0, now_us);
	CU_ASSERT_PTR_NOT_NULL_FATAL(net);
	rte_pktmbuf_free(poll_one());
	net_configure(net, &config, now_us);
	CU_ASSERT_EQUAL(poll_all(), 5); /* from the beginning */
	net_announce(net, 0, now_us);
	config.ports[0].usable = false;
	net_configure(net, &config, now_us);
	CU_ASSERT_EQUAL(poll_all(), 0);
	fixture_end();
}

/* Indexes of ports may mean other ports after a commit. */
static void
net_configure_with_other_port_forgets_its_neighbours(void)
{
	struct addr peer = address("10.0.0.2"), server = address("10.0.1.11");

	fixture_start();
	resolve("10.0.0.2", 0, MAC_PEER);
	resolve("10.0.1.11", 1, MAC_PEER);
	output_to("10.0.0.9"); /* waits */
	config.ports[0].mac[5] ^= 1;
	net_configure(net, &config, now_us);
	CU_ASSERT_PTR_NULL(neighbour_find(net, &peer, 0));
	CU_ASSERT_PTR_NOT_NULL(neighbour_find(net, &server, 1));
	CU_ASSERT_EQUAL(output_to("10.0.0.9").reason, DROP_neighbour_unreachable);
	CU_ASSERT_EQUAL(pass_us(1000), 1);
	CU_ASSERT_EQUAL(output_to("10.0.0.2").next, NET_TAKEN);
	CU_ASSERT_EQUAL(output_to("10.0.1.11").next, NET_SEND);
	fixture_end();
}

static void
net_input_short_or_odd_ip_is_refused(void)
{
	struct rte_mbuf *m;

	fixture_start();
	m = frame_make(ETH_TYPE_IPV4, NULL, 0);
	rte_pktmbuf_adj(m, 14);
	CU_ASSERT_EQUAL(ip_input(net, m, now_us).reason, DROP_ip_truncated);
	rte_pktmbuf_free(m);
	m = frame_make(ETH_TYPE_IPV4, "\x70", 1);
	rte_pktmbuf_adj(m, 14);
	CU_ASSERT_EQUAL(ip_input(net, m, now_us).reason, DROP_ip_version);
	rte_pktmbuf_free(m);
	fixture_end();
}

/* One good packet of each kind. */
static struct rte_mbuf *
sample(unsigned kind)
{
	static const uint8_t quote[48] = { 0x45, [9] = 6, [12] = 10, [15] = 100 };
	static const uint8_t target[24] = {
		0xfd, [15] = 1, [16] = 1, [17] = 1, [18] = 2, [23] = 0x22
	};
	struct rte_mbuf *m;

	switch (kind) {
	case 0:
		return ip_make("10.0.0.2", "10.0.0.100", IPPROTO_TCP, NULL, 60);
	case 1:
		return ip_make("fd00::2", "fd00::100", IPPROTO_TCP, NULL, 60);
	case 2:
		return arp_make(ARP_REQUEST, "10.0.0.2", MAC_PEER, "10.0.0.1", 0);
	case 3:
		return arp_make(ARP_REPLY, "10.0.0.2", MAC_PEER, "10.0.0.1", MAC_PORT0);
	case 4:
		return icmp_make("10.0.0.2", "10.0.0.1", 8, 0, 1, NULL, 56);
	case 5:
		return icmp_make("fd00::2", "fd00::1", 128, 0, 1, NULL, 56);
	case 6:
		return icmp_make("10.0.0.2", "10.0.0.1", 3, 4, 1400, quote, sizeof quote);
	case 7:
		m = icmp_make("fd00::2", "ff02::1:ff00:1", 135, 0, 0, target, sizeof target);
		frame_ipv6(m)->hop_limit = 255;
		return m;
	case 8:
		return ip_make("fd00::2", "fd00::100", 60, "\6\0\1\4\0\0\0\0\0\0\0\0\0\0\0", 16);
	default:
		return ip_make("10.0.0.2", "10.0.0.1", IPPROTO_UDP, NULL, 20);
	}
}

/* Makes checksums right again, so that the damage gets beyond them; only where the headers still are where they were. */
static void
reseal(struct rte_mbuf *m)
{
	uint16_t type = be16_to(frame_eth(m)->type);

	if (type == ETH_TYPE_IPV4 && m->data_len >= 14 + 20) {
		if ((frame_ipv4(m)->version_len & 15) * 4 + 14 <= m->data_len)
			ipv4_seal(m);
		if (frame_ipv4(m)->protocol == IPPROTO_ICMP && m->data_len >= 14 + 20 + 8)
			icmp_seal(m);
	} else if (type == ETH_TYPE_IPV6 && m->data_len >= 14 + 40 + 8 &&
		   frame_ipv6(m)->next_header == IPPROTO_ICMPV6) {
		icmp_seal(m);
	}
}

/*
 * Damaged frames end in a verdict, never in a crash, an endless loop or a lost mbuf. Under AddressSanitizer also: nobody
 * reads behind the end.
 */
static void
net_input_of_damaged_frames_loses_nothing(void)
{
	struct rng rng;
	unsigned dropped = 0, accepted = 0;

	fixture_start();
	rng_init(&rng, 4);
	for (unsigned round = 0; round < 40000; round++) {
		struct rte_mbuf *m = sample(rng_below(&rng, 10));
		unsigned damages = rng_below(&rng, 4);
		struct net_verdict verdict;

		for (unsigned i = 0; i < damages; i++)
			rte_pktmbuf_mtod(m, uint8_t *)[rng_below(&rng, m->data_len)] =
			    (uint8_t)rng_next(&rng);
		if (rng_chance(&rng, 200000))
			rte_pktmbuf_trim(m, (uint16_t)rng_below(&rng, m->data_len));
		if (rng_chance(&rng, 700000) && m->data_len >= 14)
			reseal(m);
		verdict = input(m, 0);
		dropped += verdict.next == NET_DROP;
		accepted += verdict.next != NET_DROP;
		if (verdict.next == NET_TCP || verdict.next == NET_TCP_STRAY ||
		    verdict.next == NET_ICMP_ERROR)
			rte_pktmbuf_free(m);
		pass_us(500);
		poll_all();
	}
	CU_ASSERT_TRUE(dropped > 5000 && accepted > 5000); /* both sides of the checks were met */
	fixture_end();
}

CU_TestInfo test_net[] = {
	{ "net_announce_tells_all_own_addresses_of_port",
	  net_announce_tells_all_own_addresses_of_port },
	{ "net_announce_survives_configure", net_announce_survives_configure },
	{ "net_configure_with_other_port_forgets_its_neighbours",
	  net_configure_with_other_port_forgets_its_neighbours },
	{ "net_input_short_or_odd_ip_is_refused", net_input_short_or_odd_ip_is_refused },
	{ "net_input_of_damaged_frames_loses_nothing", net_input_of_damaged_frames_loses_nothing },
	CU_TEST_INFO_NULL,
};
