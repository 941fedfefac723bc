/* ipv6.c: header checks, addresses, extension headers; the header that goes out. */
#include "test/unit/dataplane/net/net_fixture.h"

#define HOP_BY_HOP  0
#define ROUTING     43
#define FRAGMENT    44
#define AUTH        51
#define NO_NEXT     59
#define DESTINATION 60

static struct rte_mbuf *
good(void)
{
	return ip_make("fd00::2", "fd00::100", IPPROTO_TCP, "01234567890123456789abcd", 24);
}

/* A packet whose extension headers are 8 bytes each with a PadN; kinds ends with what stands behind them. */
static struct rte_mbuf *
extended(const char *dst, const uint8_t *kinds, unsigned count)
{
	uint8_t payload[8 * 8 + 24] = { 0 };

	for (unsigned i = 0; i < count; i++) {
		payload[8 * i] = kinds[i + 1];
		payload[8 * i + 2] = 1; /* PadN of 4 bytes */
		payload[8 * i + 3] = 4;
	}
	memcpy(&payload[8 * count], "01234567890123456789abcd", 24);
	return ip_make("fd00::2", dst, kinds[0], payload, (uint16_t)(8 * count + 24));
}

static uint8_t *
payload_of(struct rte_mbuf *m)
{
	return (uint8_t *)(frame_ipv6(m) + 1);
}

static void
ipv6_input_good_packet_becomes_tcp(void)
{
	struct rte_mbuf *m;
	struct addr src = address("fd00::2"), dst = address("fd00::100");
	struct packet *p;

	fixture_start();
	m = good();
	frame_ipv6(m)->version_class_flow = be32_from(6u << 28 | 0x2bu << 20 | 0x12345);
	memset(rte_pktmbuf_append(m, 2), 0xff, 2); /* padding of the frame */
	CU_ASSERT_EQUAL_FATAL(input(m, 0).next, NET_TCP);
	p = packet_of(m);
	CU_ASSERT_TRUE(addr_equal(&p->src, &src) && addr_equal(&p->dst, &dst));
	CU_ASSERT_EQUAL(p->protocol, IPPROTO_TCP);
	CU_ASSERT_EQUAL(p->hop_limit, 64);
	CU_ASSERT_EQUAL(p->traffic_class, 0x2b);
	CU_ASSERT_EQUAL(m->data_len, 24);
	CU_ASSERT_NSTRING_EQUAL(rte_pktmbuf_mtod(m, const char *), "01234567890123456789abcd", 24);
	rte_pktmbuf_free(m);
	fixture_end();
}

static void
ipv6_input_wrong_lengths_are_dropped(void)
{
	struct rte_mbuf *m;

	fixture_start();
	for (uint16_t len = 1; len < 40; len++) {
		m = good();
		rte_pktmbuf_trim(m, (uint16_t)(64 - len));
		CU_ASSERT_EQUAL(input_drop(m), DROP_ip_truncated);
	}
	m = good();
	rte_pktmbuf_trim(m, 1);
	CU_ASSERT_EQUAL(input_drop(m), DROP_ip_truncated);
	m = good();
	frame_ipv6(m)->payload_len = be16_from(UINT16_MAX);
	CU_ASSERT_EQUAL(input_drop(m), DROP_ip_truncated);
	fixture_end();
}

static void
ipv6_input_impossible_sources_are_dropped(void)
{
	static const char *const sources[] = { "::",      "::1",      "::2",     "::10.0.0.2",
					       "ff02::1", "fe80::22", "fec0::2", "feff::2" };
	static const char *const own[] = { "fd00::1", "fd00:1::1", "fd00::100" };
	struct rte_mbuf *m;

	fixture_start();
	for (unsigned i = 0; i < ARRAY_SIZE(sources); i++)
		CU_ASSERT_EQUAL(input_drop(ip_make(sources[i], "fd00::1", IPPROTO_TCP, NULL, 20)),
				DROP_ip_source_invalid);
	for (unsigned i = 0; i < ARRAY_SIZE(own); i++)
		CU_ASSERT_EQUAL(input_drop(ip_make(own[i], "fd00::1", IPPROTO_TCP, NULL, 20)),
				DROP_ip_source_own);
	CU_ASSERT_EQUAL(input_drop(icmp_make("::", "fd00::1", 128, 0, 0, NULL, 0)),
			DROP_ip_source_invalid);
	m = good(); /* ::ffff:10.0.0.2 must not become 10.0.0.2 */
	memset(frame_ipv6(m)->src, 0, 16);
	memcpy(&frame_ipv6(m)->src[10], "\xff\xff\x0a\x00\x00\x02", 6);
	CU_ASSERT_EQUAL(input_drop(m), DROP_ip_source_invalid);
	fixture_end();
}

static void
ipv6_input_foreign_destinations_are_dropped(void)
{
	static const char *const others[] = { "fd00::2", "fd00::101", "::1", "fe80::ff:fe00:100" };
	struct rte_mbuf *m;

	fixture_start();
	for (unsigned i = 0; i < ARRAY_SIZE(others); i++)
		CU_ASSERT_EQUAL(input_drop(ip_make("fd00::2", others[i], IPPROTO_UDP, NULL, 20)),
				DROP_ip_not_for_us);
	CU_ASSERT_EQUAL(input_drop(ip_make("fd00::2", "ff02::1", IPPROTO_TCP, NULL, 20)),
			DROP_ip_not_for_us);
	CU_ASSERT_EQUAL(input_drop(ip_make("fd00::2", "ff02::1:ff00:1", IPPROTO_UDP, NULL, 20)),
			DROP_ip_not_for_us);
	m = good();
	memset(frame_ipv6(m)->dst, 0, 16);
	memcpy(&frame_ipv6(m)->dst[10], "\xff\xff\x0a\x00\x00\x01", 6); /* ::ffff:10.0.0.1 */
	CU_ASSERT_EQUAL(input_drop(m), DROP_ip_not_for_us);
	fixture_end();
}

/* Whoever has connected to an address before it was taken from us may go on. */
static void
ipv6_input_segment_to_foreign_destination_is_stray(void)
{
	struct net_verdict verdict;
	struct rte_mbuf *m;

	fixture_start();
	m = ip_make("fd00::2", "fd00::101", IPPROTO_TCP, "01234567890123456789", 20);
	verdict = input(m, 0);
	CU_ASSERT_EQUAL(verdict.next, NET_TCP_STRAY);
	CU_ASSERT_EQUAL(verdict.reason, DROP_ip_not_for_us);
	CU_ASSERT_EQUAL(m->data_len, 20); /* at the TCP header */
	rte_pktmbuf_free(m);
	fixture_end();
}

/* A mapped address would be another family's connection, and none was ever made to a link-local or group address. */
static void
ipv6_input_segment_to_impossible_destination_is_dropped(void)
{
	static const uint8_t impossible[][16] = {
		{ [10] = 0xff, [11] = 0xff, [12] = 10, [15] = 100 },
		{ 0xfe, 0x80, [15] = 1 },
		{ 0xff, 0x02, [15] = 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(impossible); i++) {
		struct net_verdict verdict;
		struct rte_mbuf *m;

		fixture_start();
		m = ip_make("fd00::2", "fd00::101", IPPROTO_TCP, "01234567890123456789", 20);
		memcpy(frame_ipv6(m)->dst, impossible[i], 16);
		verdict = input(m, 0);
		CU_ASSERT_EQUAL(verdict.next, NET_DROP);
		CU_ASSERT_EQUAL(verdict.reason, DROP_ip_not_for_us);
		if (verdict.next == NET_TCP_STRAY)
			rte_pktmbuf_free(m);
		fixture_end();
	}
}

static void
ipv6_input_harmless_extensions_are_skipped(void)
{
	static const uint8_t kinds[] = { HOP_BY_HOP, DESTINATION, DESTINATION, DESTINATION,
					 IPPROTO_TCP };
	struct rte_mbuf *m;

	fixture_start();
	m = extended("fd00::100", kinds, 4);
	CU_ASSERT_EQUAL_FATAL(input(m, 0).next, NET_TCP);
	CU_ASSERT_EQUAL(m->data_len, 24);
	CU_ASSERT_NSTRING_EQUAL(rte_pktmbuf_mtod(m, const char *), "01234567890123456789abcd", 24);
	rte_pktmbuf_free(m);

	m = extended("fd00::100", kinds + 1, 1); /* pad1 six times */
	payload_of(m)[0] = IPPROTO_TCP;
	memset(payload_of(m) + 2, 0, 6);
	CU_ASSERT_EQUAL(input_drop(m), DROP_none);
	fixture_end();
}

static void
ipv6_input_refused_extensions_are_dropped(void)
{
	static const uint8_t too_many[] = { HOP_BY_HOP,  DESTINATION, DESTINATION,
					    DESTINATION, DESTINATION, IPPROTO_TCP };
	static const uint8_t late_hop_by_hop[] = { DESTINATION, HOP_BY_HOP, IPPROTO_TCP };
	static const uint8_t routing[] = { ROUTING, IPPROTO_TCP };
	static const uint8_t auth[] = { DESTINATION, AUTH, IPPROTO_TCP };
	static const uint8_t actions[] = { 0x40, 0x80, 0xc0 };
	struct rte_mbuf *m;

	fixture_start();
	CU_ASSERT_EQUAL(input_drop(extended("fd00::100", too_many, 5)), DROP_ip_extension_header);
	CU_ASSERT_EQUAL(input_drop(extended("fd00::100", late_hop_by_hop, 2)),
			DROP_ip_extension_header);
	CU_ASSERT_EQUAL(input_drop(extended("fd00::100", routing, 1)), DROP_ip_extension_header);
	CU_ASSERT_EQUAL(input_drop(extended("fd00::100", auth, 2)), DROP_ip_extension_header);
	for (unsigned i = 0; i < ARRAY_SIZE(actions);
	     i++) { /* options that we would have to know */
		m = extended("fd00::100", too_many + 4, 1);
		payload_of(m)[2] = actions[i];
		CU_ASSERT_EQUAL(input_drop(m), DROP_ip_extension_header);
	}
	m = extended("fd00::100", too_many + 4, 1);
	payload_of(m)[3] = 5; /* an option that reaches beyond its header */
	CU_ASSERT_EQUAL(input_drop(m), DROP_ip_extension_header);
	m = ip_make("fd00::2", "fd00::100", DESTINATION, NULL, 120);
	payload_of(m)[1] = 8;
	CU_ASSERT_EQUAL(input_drop(m),
			DROP_ip_extension_header); /* 72 bytes: more than anybody needs */
	fixture_end();
}

static void
ipv6_input_truncated_extensions_are_dropped(void)
{
	static const uint8_t kinds[] = { DESTINATION, IPPROTO_TCP };
	struct rte_mbuf *m;

	fixture_start();
	for (uint16_t len = 0; len < 8; len++) {
		m = ip_make("fd00::2", "fd00::100", DESTINATION, NULL, len);
		CU_ASSERT_EQUAL(input_drop(m), DROP_ip_truncated);
	}
	m = extended("fd00::100", kinds, 1);
	payload_of(m)[1] = 4; /* 40 bytes in a payload of 32 */
	CU_ASSERT_EQUAL(input_drop(m), DROP_ip_truncated);
	fixture_end();
}

static void
ipv6_input_fragments_without_reassembly_are_dropped(void)
{
	static const uint8_t kinds[] = { DESTINATION, FRAGMENT, IPPROTO_TCP };

	fixture_start();
	fixture_without_reassembly();
	CU_ASSERT_EQUAL(input_drop(extended("fd00::100", kinds + 1, 1)), DROP_ip_fragment);
	CU_ASSERT_EQUAL(input_drop(extended("fd00::100", kinds, 2)), DROP_ip_fragment);
	CU_ASSERT_EQUAL(poll_all(), 0);
	fixture_end();
}

static void
error_for(struct rte_mbuf *m, uint8_t type, uint8_t code, uint32_t rest)
{
	struct addr src = address("fd00::1"), dst = address("fd00::2");
	struct rte_mbuf *error;
	uint32_t sum, len;

	CU_ASSERT_EQUAL(input_drop(m), DROP_ip_protocol_unknown);
	error = poll_one();
	CU_ASSERT_PTR_NOT_NULL_FATAL(error);
	len = error->data_len - 54u;
	sum = checksum_pseudo(&src, &dst, IPPROTO_ICMPV6, len);
	CU_ASSERT_EQUAL(frame_icmp(error)->type, type);
	CU_ASSERT_EQUAL(frame_icmp(error)->code, code);
	CU_ASSERT_EQUAL(be32_to(frame_icmp(error)->rest), rest);
	CU_ASSERT_EQUAL(checksum_finish(checksum_add(sum, frame_icmp(error), len)), 0);
	CU_ASSERT_EQUAL(*(uint8_t *)(frame_icmp(error) + 1) >> 4, 6);
	CU_ASSERT_TRUE(error->data_len <= 14 + 1280);
	rte_pktmbuf_free(error);
}

static void
ipv6_input_unknown_protocols_are_answered(void)
{
	static const uint8_t extended_sctp[] = { DESTINATION, 132 };
	static const uint8_t none[] = { NO_NEXT };

	fixture_start();
	CU_ASSERT_TRUE(output_to("fd00::2").next == NET_TAKEN);
	{
		struct addr peer = address("fd00::2");

		CU_ASSERT_TRUE(neighbour_learn(net, &peer, 0, MAC_PEER, NEIGHBOUR_ANSWERS, now_us));
	}
	poll_all();
	error_for(ip_make("fd00::2", "fd00::1", IPPROTO_UDP, NULL, 1400), 1, 4, 0);
	error_for(ip_make("fd00::2", "fd00::1", 132, NULL, 20), 4, 1, 6);
	error_for(extended("fd00::1", extended_sctp, 1), 4, 1, 40);
	CU_ASSERT_EQUAL(input_drop(extended("fd00::1", none, 0)), DROP_ip_protocol_unknown);
	CU_ASSERT_EQUAL(poll_all(), 0);
	CU_ASSERT_EQUAL(stats->counter[COUNTER_icmp_errors_sent], 3);
	fixture_end();
}

/* A packet with these bytes behind its header, zeroes to 64 bytes: what it is dropped for, and the error that goes back. */
static int
problem_of(const char *dst, uint8_t next_header, const void *bytes, size_t len, uint32_t *pointer)
{
	uint8_t payload[320] = { 0 };
	struct rte_mbuf *m;
	int code;

	memcpy(payload, bytes, len);
	m = ip_make("fd00::2", dst, next_header, payload,
		    (uint16_t)(len > 64 ? sizeof payload : 64));
	CU_ASSERT_EQUAL(input_drop(m), DROP_ip_extension_header);
	m = poll_one();
	if (!m)
		return -1;
	CU_ASSERT_EQUAL(frame_icmp(m)->type, ICMP6_PARAMETER_PROBLEM);
	CU_ASSERT_EQUAL(be32_to(frame_ipv6(m)->version_class_flow) >> 28, 6);
	code = frame_icmp(m)->code;
	*pointer = be32_to(frame_icmp(m)->rest);
	rte_pktmbuf_free(m);
	CU_ASSERT_EQUAL(poll_all(), 0);
	return code;
}

/* RFC 8200 4, 4.2, 4.4; RFC 8883. */
static void
ipv6_input_refused_extensions_are_told(void)
{
	static const struct {
		uint8_t next_header;
		int code; /* -1: no error */
		uint32_t pointer;
		uint8_t bytes[48];
	} cases[] = {
		{ DESTINATION, -1, 0, { 6, 0, 0x40 | 5, 4 } },      /* discard in silence */
		{ DESTINATION, 2, 42, { 6, 0, 0x80 | 5, 4 } },      /* tell */
		{ DESTINATION, 2, 42, { 6, 0, 0xc0 | 5, 4 } },      /* tell unless a group */
		{ HOP_BY_HOP, 2, 44, { 6, 0, 0, 0, 0xc2, 4 } },     /* jumbo payload */
		{ DESTINATION, 0, 42, { 6, 0, 1, 5 } },             /* beyond its header */
		{ DESTINATION, 0, 47, { 6, 0, 1, 3, 0, 0, 0, 1 } }, /* without a length */
		{ AUTH, 1, 6, { 6, 4 } },                           /* not known here */
		{ DESTINATION, 1, 40, { AUTH, 0, 1, 4 } },
		{ DESTINATION, 1, 40, { HOP_BY_HOP, 0, 1, 4 } }, /* out of place */
		{ ROUTING, 0, 42, { 6, 0, 0, 1 } },              /* type 0 with a way to go */
		{ ROUTING, 0, 42, { 6, 2, 4, 1 } },              /* segment routing alike */
		{ DESTINATION, 0, 50, { ROUTING, 0, 1, 4, 0, 0, 0, 0, 6, 0, 3, 9 } },
		{ DESTINATION, 6, 40, { 6, 8 } }, /* 72 bytes of options */
		{ DESTINATION,
		  8,
		  72,
		  { 60, 0, 1, 4, 0, 0, 0,  0, 60, 0, 1, 4, 0, 0, 0, 0, 60, 0,
		    1,  4, 0, 0, 0, 0, 60, 0, 1,  4, 0, 0, 0, 0, 6, 0, 1,  4 } },
	};
	struct addr peer = address("fd00::2");
	uint8_t route[300] = { 6, 32 }; /* 264 bytes of a way that is gone */
	uint32_t pointer = 0;

	fixture_start();
	CU_ASSERT_TRUE(neighbour_learn(net, &peer, 0, MAC_PEER, NEIGHBOUR_ASKS, now_us));
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		CU_ASSERT_EQUAL(problem_of("fd00::100", cases[i].next_header, cases[i].bytes,
					   sizeof cases[i].bytes, &pointer),
				cases[i].code);
		if (cases[i].code >= 0)
			CU_ASSERT_EQUAL(pointer, cases[i].pointer);
	}
	CU_ASSERT_EQUAL(problem_of("fd00::100", ROUTING, route, sizeof route, &pointer), 7);
	CU_ASSERT_EQUAL(pointer, 40);
	/* a group is told only of what asks for it, and from an address of ours */
	CU_ASSERT_EQUAL(problem_of("ff02::1", DESTINATION, "\6\0\x85\4", 4, &pointer), 2);
	CU_ASSERT_EQUAL(problem_of("ff02::1", DESTINATION, "\6\0\xc5\4", 4, &pointer), -1);
	CU_ASSERT_EQUAL(problem_of("ff02::1", ROUTING, "\6\0\0\1", 4, &pointer), -1);
	fixture_end();
}

/* RFC 4443 2.4 (e). */
static void
ipv6_input_refused_errors_are_not_answered(void)
{
	static const uint8_t about_error[] = { IPPROTO_ICMPV6, 0, 0x85, 4, 0, 0, 0, 0, 1, 4 };
	static const uint8_t about_echo[] = { IPPROTO_ICMPV6, 0, 0x85, 4, 0, 0, 0, 0, 128, 0 };
	static const uint8_t behind[] = { DESTINATION, 0, 0x85, 4, 0, 0, 0, 0, IPPROTO_ICMPV6,
					  0,           1, 4,    0, 0, 0, 0, 3, 0 };
	struct addr peer = address("fd00::2");
	uint32_t pointer;

	fixture_start();
	CU_ASSERT_TRUE(neighbour_learn(net, &peer, 0, MAC_PEER, NEIGHBOUR_ASKS, now_us));
	CU_ASSERT_EQUAL(
	    problem_of("fd00::100", DESTINATION, about_error, sizeof about_error, &pointer), -1);
	CU_ASSERT_EQUAL(problem_of("fd00::100", DESTINATION, behind, sizeof behind, &pointer), -1);
	CU_ASSERT_EQUAL(
	    problem_of("fd00::100", DESTINATION, about_echo, sizeof about_echo, &pointer), 2);
	/* nor strangers' mistakes: the addresses count first */
	CU_ASSERT_EQUAL(input_drop(ip_make("fd00::2", "fd00::101", AUTH, NULL, 64)),
			DROP_ip_not_for_us);
	CU_ASSERT_EQUAL(input_drop(ip_make("fd00::1", "fd00::100", AUTH, NULL, 64)),
			DROP_ip_source_own);
	CU_ASSERT_EQUAL(input_drop(ip_make("::", "fd00::100", AUTH, NULL, 64)),
			DROP_ip_extension_header);
	CU_ASSERT_EQUAL(poll_all(), 0);
	fixture_end();
}

/* A way that has come to its end is passed over, whatever its type (RFC 8200 4.4, RFC 5095 3). */
static void
ipv6_input_routing_headers_at_their_end_are_skipped(void)
{
	static const uint8_t types[] = { 0, 2, 4, 253 };
	uint8_t payload[8 + 16 + 24] = { IPPROTO_TCP, 2 };

	fixture_start();
	memcpy(payload + 24, "01234567890123456789abcd", 24);
	for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
		struct rte_mbuf *m;

		payload[2] = types[i];
		m = ip_make("fd00::2", "fd00::100", ROUTING, payload, sizeof payload);
		CU_ASSERT_EQUAL_FATAL(input(m, 0).next, NET_TCP);
		CU_ASSERT_EQUAL(m->data_len, 24);
		CU_ASSERT_NSTRING_EQUAL(rte_pktmbuf_mtod(m, const char *),
					"01234567890123456789abcd", 24);
		rte_pktmbuf_free(m);
	}
	fixture_end();
}

static void
ipv6_output_header_is_right(void)
{
	struct addr peer = address("fd00::2"), src = address("fd00::100"),
		    dst = address("2001:db8::9");
	const struct ipv6_header *ip;
	struct rte_mbuf *m;

	fixture_start();
	CU_ASSERT_TRUE(neighbour_learn(net, &peer, 0, MAC_PEER, NEIGHBOUR_ASKS, now_us));
	m = packet_make("fd00::100", "2001:db8::9", 100);
	packet_of(m)->traffic_class = 0x2b;
	CU_ASSERT_EQUAL_FATAL(output(m).next, NET_SEND);
	ip = frame_ipv6(m);
	CU_ASSERT_EQUAL(be32_to(ip->version_class_flow), 0x62b00000);
	CU_ASSERT_EQUAL(be16_to(ip->payload_len), 100);
	CU_ASSERT_EQUAL(ip->next_header, IPPROTO_TCP);
	CU_ASSERT_EQUAL(ip->hop_limit, 64);
	CU_ASSERT_EQUAL(memcmp(ip->src, src.byte, 16), 0);
	CU_ASSERT_EQUAL(memcmp(ip->dst, dst.byte, 16), 0);
	CU_ASSERT_EQUAL(be16_to(frame_eth(m)->type), ETH_TYPE_IPV6);
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->dst), MAC_PEER);
	rte_pktmbuf_free(m);
	fixture_end();
}

CU_TestInfo test_ipv6[] = {
	{ "ipv6_input_good_packet_becomes_tcp", ipv6_input_good_packet_becomes_tcp },
	{ "ipv6_input_wrong_lengths_are_dropped", ipv6_input_wrong_lengths_are_dropped },
	{ "ipv6_input_impossible_sources_are_dropped", ipv6_input_impossible_sources_are_dropped },
	{ "ipv6_input_foreign_destinations_are_dropped",
	  ipv6_input_foreign_destinations_are_dropped },
	{ "ipv6_input_segment_to_foreign_destination_is_stray",
	  ipv6_input_segment_to_foreign_destination_is_stray },
	{ "ipv6_input_segment_to_impossible_destination_is_dropped",
	  ipv6_input_segment_to_impossible_destination_is_dropped },
	{ "ipv6_input_harmless_extensions_are_skipped",
	  ipv6_input_harmless_extensions_are_skipped },
	{ "ipv6_input_refused_extensions_are_dropped", ipv6_input_refused_extensions_are_dropped },
	{ "ipv6_input_truncated_extensions_are_dropped",
	  ipv6_input_truncated_extensions_are_dropped },
	{ "ipv6_input_fragments_without_reassembly_are_dropped",
	  ipv6_input_fragments_without_reassembly_are_dropped },
	{ "ipv6_input_unknown_protocols_are_answered", ipv6_input_unknown_protocols_are_answered },
	{ "ipv6_input_refused_extensions_are_told", ipv6_input_refused_extensions_are_told },
	{ "ipv6_input_refused_errors_are_not_answered",
	  ipv6_input_refused_errors_are_not_answered },
	{ "ipv6_input_routing_headers_at_their_end_are_skipped",
	  ipv6_input_routing_headers_at_their_end_are_skipped },
	{ "ipv6_output_header_is_right", ipv6_output_header_is_right },
	CU_TEST_INFO_NULL,
};
