/* nd.c: RFC 4861 7.1's checks, answers, questions, and what is learned. */
#include "test/unit/dataplane/net/net_fixture.h"

#define SOLICITED_OF_1 "ff02::1:ff00:1"
#define NA_SOLICITED   0x40000000u
#define NA_OVERRIDE    0x20000000u

/* Target and one option; option_type 0: none. */
static struct rte_mbuf *
nd_make(const char *src, const char *dst, uint8_t type, uint32_t flags, const char *target,
	uint8_t option_type, uint64_t mac)
{
	struct addr a = address(target);
	uint8_t body[24] = { 0 };
	struct rte_mbuf *m;

	memcpy(body, a.byte, 16);
	body[16] = option_type;
	body[17] = 1;
	mac_store(&body[18], mac);
	m = icmp_make(src, dst, type, 0, flags, body, option_type ? 24 : 16);
	frame_ipv6(m)->hop_limit = 255;
	return m;
}

static struct rte_mbuf *
solicitation(const char *src, const char *target)
{
	return nd_make(src, SOLICITED_OF_1, 135, 0, target, 1, MAC_PEER);
}

static struct rte_mbuf *
advertisement(const char *target, uint32_t flags, uint64_t mac)
{
	return nd_make(target, "fd00::1", 136, flags, target, 2, mac);
}

static const struct neighbour *
known(const char *text)
{
	struct addr a = address(text);

	return neighbour_find(net, &a, 0);
}

/* The ICMPv6 message behind the header; checks what all of ours have in common. */
static const uint8_t *
message_of(struct rte_mbuf *m, uint8_t type, const char *src, const char *dst)
{
	struct addr from = address(src), to = address(dst);
	uint32_t sum = checksum_pseudo(&from, &to, IPPROTO_ICMPV6, 32);

	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_EQUAL_FATAL(m->data_len, 14 + 40 + 32);
	CU_ASSERT_EQUAL(be16_to(frame_eth(m)->type), ETH_TYPE_IPV6);
	CU_ASSERT_EQUAL(be16_to(frame_ipv6(m)->payload_len), 32);
	CU_ASSERT_EQUAL(frame_ipv6(m)->next_header, IPPROTO_ICMPV6);
	CU_ASSERT_EQUAL(frame_ipv6(m)->hop_limit, 255);
	CU_ASSERT_EQUAL(memcmp(frame_ipv6(m)->src, from.byte, 16), 0);
	CU_ASSERT_EQUAL(memcmp(frame_ipv6(m)->dst, to.byte, 16), 0);
	CU_ASSERT_EQUAL(frame_icmp(m)->type, type);
	CU_ASSERT_EQUAL(frame_icmp(m)->code, 0);
	CU_ASSERT_EQUAL(checksum_finish(checksum_add(sum, frame_icmp(m), 32)), 0);
	return (const uint8_t *)frame_icmp(m);
}

static void
answers(const char *src, const char *target)
{
	struct addr a = address(target);
	const uint8_t *message;
	struct rte_mbuf *m;

	CU_ASSERT_EQUAL(input(solicitation(src, target), 0).next, NET_TAKEN);
	m = poll_one();
	message = message_of(m, 136, target, src);
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->dst), MAC_PEER);
	CU_ASSERT_EQUAL(message[4], 0x60); /* solicited, override */
	CU_ASSERT_EQUAL(memcmp(&message[8], a.byte, 16), 0);
	CU_ASSERT_EQUAL(message[24], 2);
	CU_ASSERT_EQUAL(message[25], 1);
	CU_ASSERT_EQUAL(mac_load(&message[26]), MAC_PORT0);
	rte_pktmbuf_free(m);
}

static void
nd_solicitation_for_own_addresses_is_answered(void)
{
	fixture_start();
	answers("fd00::2", "fd00::1");
	answers("fe80::22", "fd00::1");
	answers("fd00::2", "fd00::100");
	answers("fe80::22", "fe80::ff:fe00:100"); /* EUI-64 of 02:00:00:00:01:00 */
	fixture_end();
}

static void
nd_solicitation_to_us_teaches_the_sender(void)
{
	fixture_start();
	answers("fd00::2", "fd00::1");
	answers("fe80::22", "fd00::1");
	CU_ASSERT_PTR_NOT_NULL_FATAL(known("fd00::2"));
	CU_ASSERT_PTR_NOT_NULL_FATAL(known("fe80::22"));
	CU_ASSERT_EQUAL(known("fd00::2")->state, NEIGHBOUR_STALE);
	CU_ASSERT_EQUAL(output_to("fd00::2").next, NET_SEND);
	CU_ASSERT_EQUAL(stats->counter[COUNTER_nd_solicitations_sent], 0);
	answers("2001:db8::5", "fd00::1"); /* not on the link: answered, not believed */
	CU_ASSERT_PTR_NULL(known("2001:db8::5"));
	fixture_end();
}

static void
nd_solicitation_without_option_is_answered_by_lookup(void)
{
	struct rte_mbuf *m;

	fixture_start();
	answers("fd00::2", "fd00::1");
	CU_ASSERT_EQUAL(input(nd_make("fd00::2", "fd00::1", 135, 0, "fd00::1", 0, 0), 0).next,
			NET_TAKEN);
	m = poll_one();
	message_of(m, 136, "fd00::1", "fd00::2");
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->dst), MAC_PEER);
	rte_pktmbuf_free(m);

	CU_ASSERT_EQUAL(input(nd_make("fd00::3", "fd00::1", 135, 0, "fd00::1", 0, 0), 0).next,
			NET_TAKEN);
	m = poll_one();
	message_of(m, 135, "fd00::1", "ff02::1:ff00:3"); /* unknown so far: asked first */
	rte_pktmbuf_free(m);
	fixture_end();
}

static void
nd_detection_of_our_address_is_answered_to_all(void)
{
	struct rte_mbuf *m;
	const uint8_t *message;

	fixture_start();
	CU_ASSERT_EQUAL(input(nd_make("::", SOLICITED_OF_1, 135, 0, "fd00::1", 0, 0), 0).next,
			NET_TAKEN);
	m = poll_one();
	message = message_of(m, 136, "fd00::1", "ff02::1");
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->dst), 0x010000003333ull);
	CU_ASSERT_EQUAL(message[4], 0x20); /* not solicited */
	rte_pktmbuf_free(m);
	fixture_end();
}

static void
nd_solicitation_for_others_is_dropped(void)
{
	static const char *const others[] = { "fd00::7", "fd00:1::1", "fe80::1", "::" };

	fixture_start();
	for (unsigned i = 0; i < ARRAY_SIZE(others); i++)
		CU_ASSERT_EQUAL(input_drop(solicitation("fd00::2", others[i])), DROP_nd_not_for_us);
	CU_ASSERT_PTR_NULL(known("fd00::2"));
	fixture_end();
}

static void
nd_malformed_is_dropped(void)
{
	struct rte_mbuf *m;

	fixture_start();
	m = solicitation("fd00::2", "fd00::1");
	frame_ipv6(m)->hop_limit = 254;
	CU_ASSERT_EQUAL(input_drop(m), DROP_nd_malformed);
	m = solicitation("fd00::2", "fd00::1");
	frame_icmp(m)->code = 1;
	icmp_seal(m);
	CU_ASSERT_EQUAL(input_drop(m), DROP_nd_malformed);
	for (uint16_t len = 0; len < 16; len++) { /* of the target */
		m = icmp_make("fd00::2", SOLICITED_OF_1, 135, 0, 0, NULL, len);
		frame_ipv6(m)->hop_limit = 255;
		CU_ASSERT_EQUAL(input_drop(m), DROP_nd_malformed);
	}
	CU_ASSERT_EQUAL(input_drop(solicitation("fd00::2", "ff02::1")), DROP_nd_malformed);
	m = solicitation("fd00::2", "fd00::1"); /* ::ffff:10.0.0.1 is no IPv6 address of ours */
	memset((uint8_t *)frame_icmp(m) + 8, 0, 16);
	memcpy((uint8_t *)frame_icmp(m) + 18, "\xff\xff\x0a\x00\x00\x01", 6);
	icmp_seal(m);
	CU_ASSERT_EQUAL(input_drop(m), DROP_nd_malformed);
	CU_ASSERT_EQUAL(poll_all(), 0);
	fixture_end();
}

static void
nd_malformed_options_are_dropped(void)
{
	static const uint8_t lengths[] = { 0, 2, 3, 255 };
	struct rte_mbuf *m;

	fixture_start();
	for (unsigned i = 0; i < ARRAY_SIZE(lengths); i++) {
		m = solicitation("fd00::2", "fd00::1");
		((uint8_t *)frame_icmp(m))[25] = lengths[i];
		icmp_seal(m);
		CU_ASSERT_EQUAL(input_drop(m), DROP_nd_malformed);
	}
	CU_ASSERT_EQUAL(
	    input_drop(nd_make("fd00::2", "fd00::1", 135, 0, "fd00::1", 1, MAC_BROADCAST)),
	    DROP_nd_malformed);
	CU_ASSERT_EQUAL(input_drop(nd_make("fd00::2", "fd00::1", 135, 0, "fd00::1", 1, MAC_NONE)),
			DROP_nd_malformed);
	m = icmp_make("fd00::2", "fd00::1", 135, 0, 0, NULL, 17); /* one byte of an option */
	frame_ipv6(m)->hop_limit = 255;
	CU_ASSERT_EQUAL(input_drop(m), DROP_nd_malformed);
	fixture_end();
}

static void
nd_source_rules_are_enforced(void)
{
	fixture_start();
	/* RFC 4861 7.1.1: without source no option, and only to the solicited-node group */
	CU_ASSERT_EQUAL(input_drop(nd_make("::", SOLICITED_OF_1, 135, 0, "fd00::1", 1, MAC_PEER)),
			DROP_nd_malformed);
	CU_ASSERT_EQUAL(input_drop(nd_make("::", "fd00::1", 135, 0, "fd00::1", 0, 0)),
			DROP_nd_malformed);
	/* 7.1.2: to a group never solicited */
	CU_ASSERT_EQUAL(
	    input_drop(nd_make("fd00::2", "ff02::1", 136, NA_SOLICITED, "fd00::2", 2, MAC_PEER)),
	    DROP_nd_malformed);
	CU_ASSERT_EQUAL(input_drop(nd_make("::", "ff02::1", 136, 0, "fd00::2", 2, MAC_PEER)),
			DROP_nd_malformed);
	fixture_end();
}

static void
nd_question_and_answer_make_neighbour_reachable(void)
{
	struct rte_mbuf *m;
	const uint8_t *message;

	fixture_start();
	CU_ASSERT_EQUAL(output_to("fd00::2").next, NET_TAKEN);
	CU_ASSERT_EQUAL(stats->counter[COUNTER_nd_solicitations_sent], 1);
	m = poll_one();
	message = message_of(m, 135, "fd00::1", "ff02::1:ff00:2");
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->dst), 0x020000ff3333ull);
	CU_ASSERT_EQUAL(message[24], 1); /* source link-layer address */
	CU_ASSERT_EQUAL(mac_load(&message[26]), MAC_PORT0);
	rte_pktmbuf_free(m);

	CU_ASSERT_EQUAL(
	    input(advertisement("fd00::2", NA_SOLICITED | NA_OVERRIDE, MAC_PEER), 0).next,
	    NET_TAKEN);
	CU_ASSERT_EQUAL(known("fd00::2")->state, NEIGHBOUR_REACHABLE);
	m = poll_one(); /* what waited */
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->dst), MAC_PEER);
	CU_ASSERT_EQUAL(frame_ipv6(m)->next_header, IPPROTO_TCP);
	rte_pktmbuf_free(m);
	CU_ASSERT_EQUAL(output_to("fd00::2").next, NET_SEND);
	fixture_end();
}

static void
nd_question_for_link_local_comes_from_link_local(void)
{
	struct rte_mbuf *m;

	fixture_start();
	m = icmp_make("fe80::22", "fe80::ff:fe00:100", 128, 0, 1, NULL,
		      8); /* an echo request, to be answered */
	CU_ASSERT_EQUAL(input(m, 0).next, NET_TAKEN);
	m = poll_one();
	message_of(m, 135, "fe80::ff:fe00:100", "ff02::1:ff00:22");
	rte_pktmbuf_free(m);
	fixture_end();
}

static void
nd_advertisement_unasked_is_dropped(void)
{
	struct rte_mbuf *m;

	fixture_start();
	CU_ASSERT_EQUAL(input_drop(advertisement("fd00::2", NA_SOLICITED, MAC_PEER)),
			DROP_nd_unsolicited);
	CU_ASSERT_EQUAL(input_drop(advertisement("fd00::2", 0, MAC_PEER)), DROP_nd_unsolicited);
	CU_ASSERT_PTR_NULL(known("fd00::2"));
	output_to("fd00::2"); /* asked, but the answer has no address */
	m = nd_make("fd00::2", "fd00::1", 136, NA_SOLICITED, "fd00::2", 0, 0);
	CU_ASSERT_EQUAL(input_drop(m), DROP_nd_unsolicited);
	CU_ASSERT_EQUAL(known("fd00::2")->state, NEIGHBOUR_INCOMPLETE);
	fixture_end();
}

static void
nd_claim_of_our_address_is_a_conflict(void)
{
	fixture_start();
	CU_ASSERT_EQUAL(
	    input_drop(nd_make("fd00::7", "ff02::1", 136, NA_OVERRIDE, "fd00::1", 2, MAC_OTHER)),
	    DROP_nd_address_conflict);
	CU_ASSERT_EQUAL(
	    input_drop(nd_make("fe80::7", "ff02::1", 136, NA_OVERRIDE, "fd00::100", 2, MAC_OTHER)),
	    DROP_nd_address_conflict);
	fixture_end();
}

static void
nd_without_mbufs_is_dropped(void)
{
	static struct rte_mbuf *taken[8192];
	struct rte_mbuf *question, *packet;
	unsigned n = 0;

	fixture_start();
	question = solicitation("fd00::2", "fd00::1");
	packet = packet_make("fd00::1", "fd00::9", 20);
	while ((taken[n] = rte_pktmbuf_alloc(unit_mbufs())))
		n++;
	CU_ASSERT_EQUAL(input_drop(question), DROP_mbuf_empty);
	rte_pktmbuf_free_bulk(taken, n);
	n = 0;
	while ((taken[n] = rte_pktmbuf_alloc(unit_mbufs())))
		n++;
	CU_ASSERT_EQUAL(output(packet).next, NET_TAKEN); /* will be asked for later */
	CU_ASSERT_EQUAL(stats->counter[COUNTER_nd_solicitations_sent], 0);
	rte_pktmbuf_free_bulk(taken, n);
	pass_us(1100000);
	CU_ASSERT_EQUAL(stats->counter[COUNTER_nd_solicitations_sent], 1);
	fixture_end();
}

CU_TestInfo test_nd[] = {
	{ "nd_solicitation_for_own_addresses_is_answered",
	  nd_solicitation_for_own_addresses_is_answered },
	{ "nd_solicitation_to_us_teaches_the_sender", nd_solicitation_to_us_teaches_the_sender },
	{ "nd_solicitation_without_option_is_answered_by_lookup",
	  nd_solicitation_without_option_is_answered_by_lookup },
	{ "nd_detection_of_our_address_is_answered_to_all",
	  nd_detection_of_our_address_is_answered_to_all },
	{ "nd_solicitation_for_others_is_dropped", nd_solicitation_for_others_is_dropped },
	{ "nd_malformed_is_dropped", nd_malformed_is_dropped },
	{ "nd_malformed_options_are_dropped", nd_malformed_options_are_dropped },
	{ "nd_source_rules_are_enforced", nd_source_rules_are_enforced },
	{ "nd_question_and_answer_make_neighbour_reachable",
	  nd_question_and_answer_make_neighbour_reachable },
	{ "nd_question_for_link_local_comes_from_link_local",
	  nd_question_for_link_local_comes_from_link_local },
	{ "nd_advertisement_unasked_is_dropped", nd_advertisement_unasked_is_dropped },
	{ "nd_claim_of_our_address_is_a_conflict", nd_claim_of_our_address_is_a_conflict },
	{ "nd_without_mbufs_is_dropped", nd_without_mbufs_is_dropped },
	CU_TEST_INFO_NULL,
};
