/* ipv4.c: header checks, addresses, what is handed on; the header that goes out. */
#include "test/unit/dataplane/net/net_fixture.h"

/* A good packet, to be spoilt. */
static struct rte_mbuf *
good(void)
{
	return ip_make("10.0.0.2", "10.0.0.100", IPPROTO_TCP, "01234567890123456789abcd", 24);
}

static void
ipv4_input_good_packet_becomes_tcp(void)
{
	struct rte_mbuf *m;
	struct addr src = address("10.0.0.2"), dst = address("10.0.0.100");
	struct packet *p;

	fixture_start();
	m = good();
	frame_ipv4(m)->traffic_class = 0x2b;
	frame_ipv4(m)->fragment = be16_from(IPV4_DF);
	ipv4_seal(m);
	memset(rte_pktmbuf_append(m, 2), 0xff, 2); /* padding of the frame */
	CU_ASSERT_EQUAL_FATAL(input(m, 0).next, NET_TCP);
	p = packet_of(m);
	CU_ASSERT_TRUE(addr_equal(&p->src, &src) && addr_equal(&p->dst, &dst));
	CU_ASSERT_EQUAL(p->protocol, IPPROTO_TCP);
	CU_ASSERT_EQUAL(p->hop_limit, 64);
	CU_ASSERT_EQUAL(p->traffic_class, 0x2b);
	CU_ASSERT_EQUAL(p->port, 0);
	CU_ASSERT_EQUAL(m->data_len, 24);
	CU_ASSERT_EQUAL(m->pkt_len, 24);
	CU_ASSERT_NSTRING_EQUAL(rte_pktmbuf_mtod(m, const char *), "01234567890123456789abcd", 24);
	rte_pktmbuf_free(m);
	fixture_end();
}

static void
ipv4_input_wrong_lengths_are_dropped(void)
{
	struct rte_mbuf *m;

	fixture_start();
	for (uint16_t len = 1; len < 20; len++) {
		m = good();
		rte_pktmbuf_trim(m, 44 - len);
		CU_ASSERT_EQUAL(input_drop(m), DROP_ip_truncated);
	}
	m = good();
	rte_pktmbuf_trim(m, 1); /* one byte less than it says */
	CU_ASSERT_EQUAL(input_drop(m), DROP_ip_truncated);
	m = good();
	frame_ipv4(m)->version_len = 0x44;
	CU_ASSERT_EQUAL(input_drop(m), DROP_ip_header_length);
	m = good();
	frame_ipv4(m)->total_len = be16_from(19);
	CU_ASSERT_EQUAL(input_drop(m), DROP_ip_header_length);
	m = good();
	frame_ipv4(m)->version_len = 0x4f; /* 60 bytes of header in a packet of 44 */
	CU_ASSERT_EQUAL(input_drop(m), DROP_ip_header_length);
	fixture_end();
}

static void
ipv4_input_each_flipped_header_bit_is_noticed(void)
{
	fixture_start();
	for (unsigned bit = 0; bit < 160; bit++) {
		struct rte_mbuf *m = good();

		((uint8_t *)frame_ipv4(m))[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CU_ASSERT_NOT_EQUAL(input_drop(m), DROP_none);
	}
	fixture_end();
}

static void
ipv4_input_wrong_checksum_is_dropped(void)
{
	struct rte_mbuf *m;

	fixture_start();
	m = good();
	frame_ipv4(m)->checksum.raw ^= 0x0100;
	CU_ASSERT_EQUAL(input_drop(m), DROP_ip_checksum);
	m = good();
	frame_ipv4(m)->hop_limit--;
	CU_ASSERT_EQUAL(input_drop(m), DROP_ip_checksum);
	fixture_end();
}

/* A segment behind these options, padded to words by their end. */
static struct rte_mbuf *
with_options(const char *src, const uint8_t *options, uint32_t len)
{
	uint8_t payload[40 + 24] = { 0 };
	uint32_t bytes = (len + 3) & ~3u;
	struct rte_mbuf *m;

	memcpy(payload, options, len);
	memcpy(payload + bytes, "01234567890123456789abcd", 24);
	m = ip_make(src, "10.0.0.100", IPPROTO_TCP, payload, (uint16_t)(bytes + 24));
	frame_ipv4(m)->version_len = (uint8_t)(0x45 + bytes / 4);
	ipv4_seal(m);
	return m;
}

static void
ipv4_input_harmless_options_are_ignored(void)
{
	static const uint8_t notes[] = { 7, 7, 4, 0, 0, 0, 0 }; /* record route */
	static const uint8_t alert[] = { 148, 4, 0, 0 };
	static const uint8_t padded[] = { 1, 1, 68, 4, 5, 0, 1, 0 }; /* timestamp */
	static const uint8_t ended[] = { 1, 0, 131, 1, 9, 9 };       /* behind the end is nothing */
	static const uint8_t unknown[40] = { 30, 40 };
	const struct {
		const uint8_t *options;
		uint32_t len;
	} cases[] = { { notes, sizeof notes },
		      { alert, sizeof alert },
		      { padded, sizeof padded },
		      { ended, sizeof ended },
		      { unknown, sizeof unknown } };

	fixture_start();
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rte_mbuf *m = with_options("10.0.0.2", cases[i].options, cases[i].len);

		CU_ASSERT_EQUAL_FATAL(input(m, 0).next, NET_TCP);
		CU_ASSERT_EQUAL(m->pkt_len, 24);
		CU_ASSERT_NSTRING_EQUAL(rte_pktmbuf_mtod(m, const char *),
					"01234567890123456789abcd", 24);
		rte_pktmbuf_free(m);
		CU_ASSERT_EQUAL(stats->counter[COUNTER_ip_options_ignored], i + 1);
	}
	fixture_end();
}

static void
ipv4_input_malformed_options_are_dropped(void)
{
	static const uint8_t bad[][4] = { { 7, 0 },       { 7, 1 },       { 7, 5, 4, 0 },
					  { 1, 1, 1, 7 }, { 1, 1, 7, 3 }, { 1, 255, 30, 30 } };

	fixture_start();
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		CU_ASSERT_EQUAL(input_drop(with_options("10.0.0.2", bad[i], 4)), DROP_ip_options);
	CU_ASSERT_EQUAL(stats->counter[COUNTER_ip_options_ignored], 0);
	fixture_end();
}

static void
ipv4_input_source_routes_are_dropped(void)
{
	static const uint8_t loose[] = { 1, 131, 7, 4, 10, 0, 0, 1 };
	static const uint8_t strict[] = { 7, 7, 4, 0, 0, 0, 0, 137, 3, 4 };

	fixture_start();
	CU_ASSERT_EQUAL(input_drop(with_options("10.0.0.2", loose, sizeof loose)),
			DROP_ip_source_route);
	CU_ASSERT_EQUAL(input_drop(with_options("10.0.0.2", strict, sizeof strict)),
			DROP_ip_source_route);
	CU_ASSERT_EQUAL(poll_all(), 0);
	fixture_end();
}

static void
ipv4_input_fragments_without_reassembly_are_dropped(void)
{
	static const uint16_t fragments[] = { 0x2000, 0x0003, 0x1ffc, 0x2003, 0x6000 };

	fixture_start();
	fixture_without_reassembly();
	for (unsigned i = 0; i < ARRAY_SIZE(fragments); i++) {
		struct rte_mbuf *m = good();

		frame_ipv4(m)->fragment = be16_from(fragments[i]);
		ipv4_seal(m);
		CU_ASSERT_EQUAL(input_drop(m), DROP_ip_fragment);
	}
	CU_ASSERT_EQUAL(poll_all(), 0); /* no ICMP error about them */
	fixture_end();
}

static void
ipv4_input_impossible_sources_are_dropped(void)
{
	static const char *const sources[] = { "0.0.0.0",     "0.1.2.3",        "127.0.0.1",
					       "224.0.0.1",   "240.0.0.1",      "255.255.255.255",
					       "169.254.1.1", "239.255.255.255" };
	static const char *const own[] = { "10.0.0.1", "10.0.1.1", "10.0.0.100", "192.0.2.100" };
	static const char *const broadcasts[] = { "10.0.0.255", "10.0.0.0", "10.0.1.255",
						  "10.0.1.0" };

	fixture_start();
	for (unsigned i = 0; i < ARRAY_SIZE(sources); i++)
		CU_ASSERT_EQUAL(input_drop(ip_make(sources[i], "10.0.0.1", IPPROTO_TCP, NULL, 20)),
				DROP_ip_source_invalid);
	for (unsigned i = 0; i < ARRAY_SIZE(own); i++)
		CU_ASSERT_EQUAL(input_drop(ip_make(own[i], "10.0.0.1", IPPROTO_TCP, NULL, 20)),
				DROP_ip_source_own);
	for (unsigned i = 0; i < ARRAY_SIZE(broadcasts); i++)
		CU_ASSERT_EQUAL(
		    input_drop(ip_make(broadcasts[i], "10.0.0.1", IPPROTO_TCP, NULL, 20)),
		    DROP_ip_source_broadcast);
	fixture_end();
}

/* Each as near to an impossible one as can be; and the ones for documentation, which laboratories use. */
static void
ipv4_input_unusual_sources_are_accepted(void)
{
	static const char *const sources[] = { "1.0.0.0",       "126.255.255.255", "128.0.0.0",
					       "223.255.255.1", "169.253.255.255", "169.255.0.0",
					       "10.0.2.128",    "10.77.3.255",     "192.0.2.1",
					       "198.51.100.1",  "100.64.0.1" };

	fixture_start();
	for (unsigned i = 0; i < ARRAY_SIZE(sources); i++)
		CU_ASSERT_EQUAL(input_drop(ip_make(sources[i], "10.0.0.1", IPPROTO_TCP, NULL, 20)),
				DROP_none);
	fixture_end();
}

static void
ipv4_input_broadcasts_are_dropped(void)
{
	static const char *const everybody[] = { "10.0.0.255", "10.0.0.0", "10.0.1.255", "10.0.1.0",
						 "255.255.255.255" };

	fixture_start();
	for (unsigned i = 0; i < ARRAY_SIZE(everybody); i++) {
		CU_ASSERT_EQUAL(
		    input_drop(ip_make("10.0.0.2", everybody[i], IPPROTO_TCP, NULL, 20)),
		    DROP_ip_broadcast);
		CU_ASSERT_EQUAL(input_drop(icmp_make("10.0.0.2", everybody[i], 8, 0, 0, NULL, 0)),
				DROP_ip_broadcast);
	}
	CU_ASSERT_EQUAL(poll_all(), 0);
	fixture_end();
}

static void
ipv4_input_foreign_destinations_are_dropped(void)
{
	static const char *const others[] = { "10.0.0.2", "10.0.0.101", "224.0.0.1", "0.0.0.0",
					      "127.0.0.1" };

	fixture_start();
	for (unsigned i = 0; i < ARRAY_SIZE(others); i++)
		CU_ASSERT_EQUAL(input_drop(ip_make("10.0.0.2", others[i], IPPROTO_UDP, NULL, 20)),
				DROP_ip_not_for_us);
	fixture_end();
}

/* Whoever has connected to an address before it was taken from us may go on. */
static void
ipv4_input_segment_to_foreign_destination_is_stray(void)
{
	struct net_verdict verdict;
	struct rte_mbuf *m;

	fixture_start();
	m = ip_make("10.0.0.2", "10.0.0.101", IPPROTO_TCP, "01234567890123456789", 20);
	verdict = input(m, 0);
	CU_ASSERT_EQUAL(verdict.next, NET_TCP_STRAY);
	CU_ASSERT_EQUAL(verdict.reason, DROP_ip_not_for_us);
	CU_ASSERT_EQUAL(m->data_len, 20); /* at the TCP header */
	rte_pktmbuf_free(m);
	fixture_end();
}

static void
ipv4_input_own_addresses_of_other_port_and_routed_are_accepted(void)
{
	fixture_start();
	CU_ASSERT_EQUAL(input_drop(ip_make("10.0.0.2", "10.0.1.1", IPPROTO_TCP, NULL, 20)),
			DROP_none);
	CU_ASSERT_EQUAL(input_drop(ip_make("10.0.0.2", "192.0.2.100", IPPROTO_TCP, NULL, 20)),
			DROP_none);
	fixture_end();
}

static void
ipv4_input_udp_is_answered_port_unreachable(void)
{
	struct rte_mbuf *m;

	fixture_start();
	resolve("10.0.0.2", 0, MAC_PEER);
	CU_ASSERT_EQUAL(
	    input_drop(ip_make("10.0.0.2", "10.0.0.1", IPPROTO_UDP, "\1\2\3\4\0\10\0", 8)),
	    DROP_ip_protocol_unknown);
	m = poll_one();
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_EQUAL(frame_icmp(m)->type, 3);
	CU_ASSERT_EQUAL(frame_icmp(m)->code, 3);
	CU_ASSERT_EQUAL(m->data_len, 14 + 20 + 8 + 28);
	CU_ASSERT_EQUAL(checksum_finish(checksum_add(0, frame_icmp(m), m->data_len - 34u)), 0);
	CU_ASSERT_EQUAL(((uint8_t *)(frame_icmp(m) + 1))[0], 0x45); /* the packet as it came */
	CU_ASSERT_EQUAL(((uint8_t *)(frame_icmp(m) + 1))[20], 1);
	rte_pktmbuf_free(m);
	CU_ASSERT_EQUAL(stats->counter[COUNTER_icmp_errors_sent], 1);
	fixture_end();
}

static void
ipv4_input_other_protocol_is_answered_protocol_unreachable(void)
{
	struct rte_mbuf *m;

	fixture_start();
	resolve("10.0.0.2", 0, MAC_PEER);
	CU_ASSERT_EQUAL(input_drop(ip_make("10.0.0.2", "10.0.0.1", 132, NULL, 1000)),
			DROP_ip_protocol_unknown);
	m = poll_one();
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_EQUAL(frame_icmp(m)->code, 2);
	CU_ASSERT_EQUAL(m->data_len, 14 + 576); /* no more is quoted */
	rte_pktmbuf_free(m);
	fixture_end();
}

static void
ipv4_output_header_is_right(void)
{
	struct rte_mbuf *m;
	const struct ipv4_header *ip;

	fixture_start();
	resolve("10.0.0.2", 0, MAC_PEER);
	m = packet_make("10.0.0.100", "192.0.2.9", 100); /* by the default route */
	packet_of(m)->traffic_class = 0x02;
	CU_ASSERT_EQUAL_FATAL(output(m).next, NET_SEND);
	ip = frame_ipv4(m);
	CU_ASSERT_EQUAL(ip->version_len, 0x45);
	CU_ASSERT_EQUAL(ip->traffic_class, 0x02);
	CU_ASSERT_EQUAL(be16_to(ip->total_len), 120);
	CU_ASSERT_EQUAL(be16_to(ip->id), 0);
	CU_ASSERT_EQUAL(be16_to(ip->fragment), 0x4000);
	CU_ASSERT_EQUAL(ip->hop_limit, 64);
	CU_ASSERT_EQUAL(ip->protocol, IPPROTO_TCP);
	CU_ASSERT_EQUAL(checksum_finish(checksum_add(0, ip, 20)), 0);
	CU_ASSERT_EQUAL(be32_to(ip->src), 0x0a000064);
	CU_ASSERT_EQUAL(be32_to(ip->dst), 0xc0000209);
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->dst), MAC_PEER);
	rte_pktmbuf_free(m);
	fixture_end();
}

CU_TestInfo test_ipv4[] = {
	{ "ipv4_input_good_packet_becomes_tcp", ipv4_input_good_packet_becomes_tcp },
	{ "ipv4_input_wrong_lengths_are_dropped", ipv4_input_wrong_lengths_are_dropped },
	{ "ipv4_input_each_flipped_header_bit_is_noticed",
	  ipv4_input_each_flipped_header_bit_is_noticed },
	{ "ipv4_input_wrong_checksum_is_dropped", ipv4_input_wrong_checksum_is_dropped },
	{ "ipv4_input_harmless_options_are_ignored", ipv4_input_harmless_options_are_ignored },
	{ "ipv4_input_malformed_options_are_dropped", ipv4_input_malformed_options_are_dropped },
	{ "ipv4_input_source_routes_are_dropped", ipv4_input_source_routes_are_dropped },
	{ "ipv4_input_fragments_without_reassembly_are_dropped",
	  ipv4_input_fragments_without_reassembly_are_dropped },
	{ "ipv4_input_impossible_sources_are_dropped", ipv4_input_impossible_sources_are_dropped },
	{ "ipv4_input_unusual_sources_are_accepted", ipv4_input_unusual_sources_are_accepted },
	{ "ipv4_input_broadcasts_are_dropped", ipv4_input_broadcasts_are_dropped },
	{ "ipv4_input_foreign_destinations_are_dropped",
	  ipv4_input_foreign_destinations_are_dropped },
	{ "ipv4_input_segment_to_foreign_destination_is_stray",
	  ipv4_input_segment_to_foreign_destination_is_stray },
	{ "ipv4_input_own_addresses_of_other_port_and_routed_are_accepted",
	  ipv4_input_own_addresses_of_other_port_and_routed_are_accepted },
	{ "ipv4_input_udp_is_answered_port_unreachable",
	  ipv4_input_udp_is_answered_port_unreachable },
	{ "ipv4_input_other_protocol_is_answered_protocol_unreachable",
	  ipv4_input_other_protocol_is_answered_protocol_unreachable },
	{ "ipv4_output_header_is_right", ipv4_output_header_is_right },
	CU_TEST_INFO_NULL,
};
