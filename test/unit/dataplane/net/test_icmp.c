/* icmp.c: echo, errors that we get, limits on those that we send. */
#include "test/unit/dataplane/net/net_fixture.h"

/* The packet of ours that an error quotes: IP header and the first 8 bytes of TCP. */
struct quote_v4 {
	struct ipv4_header ip;
	be16 src_port, dst_port;
	be32 sequence;
};

struct quote_v6 {
	struct ipv6_header ip;
	be16 src_port, dst_port;
	be32 sequence;
};

static struct quote_v4
quote_v4(const char *src, const char *dst)
{
	struct addr from = address(src), to = address(dst);

	return (struct quote_v4){
		.ip = { .version_len = 0x45,
			.total_len = be16_from(1500),
			.fragment = be16_from(IPV4_DF),
			.hop_limit = 1,
			.protocol = IPPROTO_TCP,
			.src = addr_to_v4(&from),
			.dst = addr_to_v4(&to) },
		.src_port = be16_from(80),
		.dst_port = be16_from(50000),
		.sequence = be32_from(0x12345678),
	};
}

static struct quote_v6
quote_v6(const char *src, const char *dst)
{
	struct addr from = address(src), to = address(dst);
	struct quote_v6 q = {
		.ip = { .version_class_flow = be32_from(6u << 28), .next_header = IPPROTO_TCP },
		.src_port = be16_from(80),
		.dst_port = be16_from(50000),
		.sequence = be32_from(0x12345678),
	};

	memcpy(q.ip.src, from.byte, 16);
	memcpy(q.ip.dst, to.byte, 16);
	return q;
}

/* From a router, about our connection 10.0.0.100:80 to 198.51.100.7:50000. */
static struct rte_mbuf *
error_v4(uint8_t type, uint8_t code, uint32_t rest)
{
	struct quote_v4 q = quote_v4("10.0.0.100", "198.51.100.7");

	return icmp_make("192.0.2.1", "10.0.0.100", type, code, rest, &q, sizeof q);
}

static struct rte_mbuf *
error_v6(uint8_t type, uint8_t code, uint32_t rest)
{
	struct quote_v6 q = quote_v6("fd00::100", "2001:db8::7");

	return icmp_make("2001:db8::1", "fd00::100", type, code, rest, &q, sizeof q);
}

static void
learn_peers(void)
{
	struct addr v4 = address("10.0.0.2"), v6 = address("fd00::2");

	CU_ASSERT_TRUE(neighbour_learn(net, &v4, 0, MAC_PEER, NEIGHBOUR_ASKS, now_us));
	CU_ASSERT_TRUE(neighbour_learn(net, &v6, 0, MAC_PEER, NEIGHBOUR_ASKS, now_us));
}

/* Answered with the same data, all of it, from the address that was asked. */
static void
echo_of(const char *src, const char *dst, uint16_t len)
{
	struct addr from = address(src), to = address(dst);
	bool v4 = addr_is_v4(&from);
	uint32_t sum = v4 ? 0 : checksum_pseudo(&to, &from, IPPROTO_ICMPV6, len + 8u);
	uint8_t data[1472];
	struct rte_mbuf *m;

	for (unsigned i = 0; i < len; i++)
		data[i] = (uint8_t)(i * 7);
	m = icmp_make(src, dst, v4 ? 8 : 128, 0, 0xbeef0001, data, len);
	CU_ASSERT_EQUAL(input(m, 0).next, NET_TAKEN);
	m = poll_one();
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_EQUAL_FATAL(m->data_len, 14 + (v4 ? 20 : 40) + 8 + len);
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->dst), MAC_PEER);
	if (v4) {
		CU_ASSERT_EQUAL(frame_ipv4(m)->src.raw, addr_to_v4(&to).raw);
		CU_ASSERT_EQUAL(frame_ipv4(m)->dst.raw, addr_to_v4(&from).raw);
		CU_ASSERT_EQUAL(frame_ipv4(m)->hop_limit, 64);
	} else {
		CU_ASSERT_EQUAL(memcmp(frame_ipv6(m)->src, to.byte, 16), 0);
		CU_ASSERT_EQUAL(memcmp(frame_ipv6(m)->dst, from.byte, 16), 0);
	}
	CU_ASSERT_EQUAL(frame_icmp(m)->type, v4 ? 0 : 129);
	CU_ASSERT_EQUAL(be32_to(frame_icmp(m)->rest), 0xbeef0001);
	CU_ASSERT_EQUAL(memcmp(frame_icmp(m) + 1, data, len), 0);
	CU_ASSERT_EQUAL(checksum_finish(checksum_add(sum, frame_icmp(m), len + 8u)), 0);
	rte_pktmbuf_free(m);
}

static void
icmp_echo_is_answered(void)
{
	fixture_start();
	learn_peers();
	echo_of("10.0.0.2", "10.0.0.1", 56);
	echo_of("10.0.0.2", "10.0.0.100", 0);
	echo_of("10.0.0.2", "10.0.1.1", 7);
	echo_of("198.51.100.9", "10.0.0.100", 1472); /* by the router */
	echo_of("fd00::2", "fd00::1", 56);
	echo_of("fd00::2", "fd00::100", 1);
	echo_of("2001:db8::9", "fd00::100", 1452);
	CU_ASSERT_EQUAL(stats->counter[COUNTER_icmp_echoes_answered], 7);
	fixture_end();
}

static void
icmp_echo_to_unresolved_host_waits_for_it(void)
{
	struct rte_mbuf *m;

	fixture_start();
	CU_ASSERT_EQUAL(input(icmp_make("10.0.0.9", "10.0.0.1", 8, 0, 1, NULL, 56), 0).next,
			NET_TAKEN);
	CU_ASSERT_EQUAL(poll_all(), 1); /* the question */
	input(arp_make(ARP_REPLY, "10.0.0.9", MAC_PEER, "10.0.0.1", MAC_PORT0), 0);
	m = poll_one();
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_EQUAL(frame_icmp(m)->type, 0);
	rte_pktmbuf_free(m);
	fixture_end();
}

static void
icmp_echo_is_rate_limited(void)
{
	unsigned answered = 0, limited = 0;

	fixture_start();
	learn_peers();
	for (unsigned i = 0; i < 100000; i++) { /* 50,000 a second for two seconds */
		enum drop_reason reason;

		now_us += 20;
		reason = input_drop(icmp_make("10.0.0.2", "10.0.0.1", 8, 0, i, NULL, 8));
		answered += reason == DROP_none;
		limited += reason == DROP_icmp_rate_limited;
		poll_all();
	}
	CU_ASSERT_EQUAL(answered + limited, 100000);
	CU_ASSERT_TRUE(answered >= 20000 && answered <= 21001);
	fixture_end();
}

static void
icmp_truncated_is_dropped(void)
{
	fixture_start();
	for (uint16_t len = 0; len < 8; len++) {
		CU_ASSERT_EQUAL(
		    input_drop(ip_make("10.0.0.2", "10.0.0.1", IPPROTO_ICMP, NULL, len)),
		    DROP_icmp_truncated);
		CU_ASSERT_EQUAL(
		    input_drop(ip_make("fd00::2", "fd00::1", IPPROTO_ICMPV6, NULL, len)),
		    DROP_icmp_truncated);
	}
	fixture_end();
}

static void
icmp_wrong_checksum_is_dropped(void)
{
	struct rte_mbuf *m;

	fixture_start();
	m = icmp_make("10.0.0.2", "10.0.0.1", 8, 0, 1, NULL, 8);
	frame_icmp(m)->rest.raw ^= 1;
	CU_ASSERT_EQUAL(input_drop(m), DROP_icmp_checksum);
	m = icmp_make("fd00::2", "fd00::1", 128, 0, 1, NULL, 8);
	frame_ipv6(m)->src[15] = 3; /* the pseudo-header counts */
	CU_ASSERT_EQUAL(input_drop(m), DROP_icmp_checksum);
	fixture_end();
}

static void
icmp_unknown_types_are_dropped(void)
{
	static const uint8_t v4[] = { 0, 4, 5, 9, 10, 13, 15, 17, 40, 255 };
	static const uint8_t v6[] = { 0, 100, 129, 130, 133, 134, 137, 255 };

	fixture_start();
	for (unsigned i = 0; i < ARRAY_SIZE(v4); i++)
		CU_ASSERT_EQUAL(
		    input_drop(icmp_make("10.0.0.2", "10.0.0.1", v4[i], 0, 1, NULL, 40)),
		    DROP_icmp_type_unknown);
	for (unsigned i = 0; i < ARRAY_SIZE(v6); i++)
		CU_ASSERT_EQUAL(input_drop(icmp_make("fd00::2", "fd00::1", v6[i], 0, 1, NULL, 60)),
				DROP_icmp_type_unknown);
	CU_ASSERT_EQUAL(input_drop(error_v4(3, 16, 0)), DROP_icmp_type_unknown);
	CU_ASSERT_EQUAL(input_drop(icmp_make("fd00::2", "ff02::1", 128, 0, 1, NULL, 8)),
			DROP_icmp_type_unknown);
	CU_ASSERT_EQUAL(poll_all(), 0);
	fixture_end();
}

static void
expect_error(struct rte_mbuf *m, enum icmp_kind kind, uint32_t mtu, bool v4)
{
	struct addr src = address(v4 ? "10.0.0.100" : "fd00::100");
	struct addr dst = address(v4 ? "198.51.100.7" : "2001:db8::7");
	const struct packet *p = packet_of(m);

	CU_ASSERT_EQUAL_FATAL(input(m, 0).next, NET_ICMP_ERROR);
	CU_ASSERT_TRUE(addr_equal(&p->src, &src));
	CU_ASSERT_TRUE(addr_equal(&p->dst, &dst));
	CU_ASSERT_EQUAL(p->src_port, 80);
	CU_ASSERT_EQUAL(p->dst_port, 50000);
	CU_ASSERT_EQUAL(p->protocol, IPPROTO_TCP);
	CU_ASSERT_EQUAL(p->icmp_kind, kind);
	CU_ASSERT_EQUAL(p->icmp_sequence, 0x12345678);
	if (kind == ICMP_KIND_TOO_BIG)
		CU_ASSERT_EQUAL(p->icmp_mtu, mtu);
	rte_pktmbuf_free(m);
}

static void
icmp_errors_about_tcp_are_handed_on(void)
{
	fixture_start();
	expect_error(error_v4(3, 0, 0), ICMP_KIND_UNREACHABLE_SOFT, 0, true);
	expect_error(error_v4(3, 1, 0), ICMP_KIND_UNREACHABLE_SOFT, 0, true);
	expect_error(error_v4(3, 2, 0), ICMP_KIND_UNREACHABLE_HARD, 0, true);
	expect_error(error_v4(3, 3, 0), ICMP_KIND_UNREACHABLE_HARD, 0, true);
	expect_error(error_v4(3, 13, 0), ICMP_KIND_UNREACHABLE_SOFT, 0, true);
	expect_error(error_v4(11, 0, 0), ICMP_KIND_TIME_EXCEEDED, 0, true);
	expect_error(error_v4(12, 0, 0), ICMP_KIND_UNREACHABLE_SOFT, 0, true);
	expect_error(error_v4(3, 4, 1400), ICMP_KIND_TOO_BIG, 1400, true);
	expect_error(error_v4(3, 4, 0xffff0000 | 1400), ICMP_KIND_TOO_BIG, 1400,
		     true); /* 16 bits of it count */
	expect_error(error_v4(3, 4, 0), ICMP_KIND_TOO_BIG, 0, true);
	expect_error(error_v4(3, 4, 1), ICMP_KIND_TOO_BIG, 1, true);
	expect_error(error_v6(1, 0, 0), ICMP_KIND_UNREACHABLE_SOFT, 0, false);
	expect_error(error_v6(1, 4, 0), ICMP_KIND_UNREACHABLE_HARD, 0, false);
	expect_error(error_v6(2, 0, 1400), ICMP_KIND_TOO_BIG, 1400, false);
	expect_error(error_v6(2, 0, 0), ICMP_KIND_TOO_BIG, 0, false);
	expect_error(error_v6(3, 0, 0), ICMP_KIND_TIME_EXCEEDED, 0, false);
	expect_error(error_v6(4, 1, 40), ICMP_KIND_UNREACHABLE_HARD, 0, false);
	expect_error(error_v6(4, 0, 4), ICMP_KIND_UNREACHABLE_SOFT, 0, false);
	fixture_end();
}

static void
icmp_errors_cut_short_are_dropped(void)
{
	fixture_start();
	for (uint16_t cut = 1; cut <= sizeof(struct quote_v4); cut++) {
		struct quote_v4 q = quote_v4("10.0.0.100", "198.51.100.7");
		struct rte_mbuf *m =
		    icmp_make("192.0.2.1", "10.0.0.100", 3, 1, 0, &q, (uint16_t)(sizeof q - cut));

		CU_ASSERT_EQUAL(input_drop(m), DROP_icmp_truncated);
	}
	for (uint16_t cut = 1; cut <= sizeof(struct quote_v6); cut++) {
		struct quote_v6 q = quote_v6("fd00::100", "2001:db8::7");
		struct rte_mbuf *m =
		    icmp_make("2001:db8::1", "fd00::100", 1, 0, 0, &q, (uint16_t)(sizeof q - cut));

		CU_ASSERT_EQUAL(input_drop(m), DROP_icmp_truncated);
	}
	fixture_end();
}

/* Quotes changed in one telling place. */
static void
icmp_errors_about_others_are_dropped(void)
{
	struct quote_v4 q4[6];
	struct quote_v6 q6[5];

	fixture_start();
	for (unsigned i = 0; i < ARRAY_SIZE(q4); i++)
		q4[i] = quote_v4("10.0.0.100", "198.51.100.7");
	q4[0].ip.src = be32_from(0x0a000007); /* not from us */
	q4[1].ip.protocol = IPPROTO_UDP;
	q4[2].ip.version_len = 0x46;
	q4[3].ip.version_len = 0x65;
	q4[4].ip.fragment = be16_from(1);
	q4[5].ip.version_len = 0x40;
	for (unsigned i = 0; i < ARRAY_SIZE(q4); i++)
		CU_ASSERT_EQUAL(
		    input_drop(icmp_make("192.0.2.1", "10.0.0.100", 3, 3, 0, &q4[i], sizeof q4[i])),
		    DROP_icmp_error_unmatched);
	for (unsigned i = 0; i < ARRAY_SIZE(q6); i++)
		q6[i] = quote_v6("fd00::100", "2001:db8::7");
	q6[0].ip.src[15] = 7;
	q6[1].ip.next_header = 44;
	q6[2].ip.version_class_flow = be32_from(4u << 28);
	memset(q6[3].ip.src, 0, 16);
	memcpy(&q6[3].ip.src[10], "\xff\xff\x0a\x00\x00\x64", 6); /* ::ffff:10.0.0.100 */
	memset(q6[4].ip.dst, 0, 16);
	memcpy(&q6[4].ip.dst[10], "\xff\xff\x0a\x00\x00\x02", 6);
	for (unsigned i = 0; i < ARRAY_SIZE(q6); i++)
		CU_ASSERT_EQUAL(input_drop(icmp_make("2001:db8::1", "fd00::100", 1, 4, 0, &q6[i],
						     sizeof q6[i])),
				DROP_icmp_error_unmatched);
	fixture_end();
}

static void
icmp_errors_of_ours_are_rate_limited(void)
{
	unsigned sent;

	fixture_start();
	learn_peers();
	for (unsigned i = 0; i < 10000; i++) { /* 1,000 a second for ten seconds */
		now_us += 1000;
		CU_ASSERT_EQUAL(input_drop(ip_make("10.0.0.2", "10.0.0.1", IPPROTO_UDP, NULL, 8)),
				DROP_ip_protocol_unknown);
		poll_all();
		net_timers(net, NULL, 0, now_us);
	}
	sent = (unsigned)stats->counter[COUNTER_icmp_errors_sent];
	CU_ASSERT_TRUE(sent >= 1000 && sent <= 1021);
	fixture_end();
}

static void
icmp_error_without_mbufs_is_not_sent(void)
{
	static struct rte_mbuf *taken[8192];
	struct rte_mbuf *m;
	unsigned n = 0;

	fixture_start();
	m = ip_make("10.0.0.2", "10.0.0.1", IPPROTO_UDP, NULL, 8);
	while ((taken[n] = rte_pktmbuf_alloc(unit_mbufs())))
		n++;
	CU_ASSERT_EQUAL(input_drop(m), DROP_ip_protocol_unknown);
	CU_ASSERT_EQUAL(stats->drop[DROP_mbuf_empty], 1);
	rte_pktmbuf_free_bulk(taken, n);
	fixture_end();
}

CU_TestInfo test_icmp[] = {
	{ "icmp_echo_is_answered", icmp_echo_is_answered },
	{ "icmp_echo_to_unresolved_host_waits_for_it", icmp_echo_to_unresolved_host_waits_for_it },
	{ "icmp_echo_is_rate_limited", icmp_echo_is_rate_limited },
	{ "icmp_truncated_is_dropped", icmp_truncated_is_dropped },
	{ "icmp_wrong_checksum_is_dropped", icmp_wrong_checksum_is_dropped },
	{ "icmp_unknown_types_are_dropped", icmp_unknown_types_are_dropped },
	{ "icmp_errors_about_tcp_are_handed_on", icmp_errors_about_tcp_are_handed_on },
	{ "icmp_errors_cut_short_are_dropped", icmp_errors_cut_short_are_dropped },
	{ "icmp_errors_about_others_are_dropped", icmp_errors_about_others_are_dropped },
	{ "icmp_errors_of_ours_are_rate_limited", icmp_errors_of_ours_are_rate_limited },
	{ "icmp_error_without_mbufs_is_not_sent", icmp_error_without_mbufs_is_not_sent },
	CU_TEST_INFO_NULL,
};
