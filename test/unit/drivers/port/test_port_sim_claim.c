/*
 * What a simulated port claims, each claim alone: a plain port at the other end of the link sees the frames as they go
 * on the wire, and sends any.
 */
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_tcp.h>
#include <string.h>

#include "drivers/port/port_rss.h"
#include "drivers/port/port_sim.h"
#include "test/unit/drivers/port/port_test.h"
#include "test/unit/unit.h"

#define ETH_BYTES 14u
#define TCP_BYTES 20u
#define TAG       0x6123u /* priority 3, VLAN 291 */
#define MTU       1500u

static struct port *card, *plain;
static unsigned mbufs_before;

/* A card with these claims at one end of a link, and nothing at the other. */
static void
claim(uint32_t offloads, uint16_t queues, bool in_turn)
{
	const struct port_sim_link link = { .queue_frames = 64, .mtu_bytes = MTU };
	const struct port_sim_claims claims = { .offloads = offloads,
						.queues = queues,
						.in_turn = in_turn };
	struct port *end;

	mbufs_before = mbufs_in_use();
	CU_ASSERT_EQUAL_FATAL(port_sim_pair("card", "plain", &link, &end, &plain), ERR_ok);
	CU_ASSERT_EQUAL_FATAL(port_sim_claim(end, &claims, unit_mbufs(), &card), ERR_ok);
}

static void
finish(void)
{
	port_close(card);
	port_close(plain);
	CU_ASSERT_EQUAL(mbufs_in_use(), mbufs_before);
}

static uint32_t
ip_bytes(bool v6)
{
	return v6 ? sizeof(struct rte_ipv6_hdr) : sizeof(struct rte_ipv4_hdr);
}

static void *
ip_of(const struct rte_mbuf *m, uint32_t l2)
{
	return rte_pktmbuf_mtod_offset(m, void *, l2);
}

static struct rte_tcp_hdr *
tcp_of(const struct rte_mbuf *m, bool v6, uint32_t l2)
{
	return rte_pktmbuf_mtod_offset(m, struct rte_tcp_hdr *, l2 + ip_bytes(v6));
}

static uint16_t
right_tcp_sum(const struct rte_mbuf *m, bool v6, uint32_t l2)
{
	return v6 ? rte_ipv6_udptcp_cksum(ip_of(m, l2), tcp_of(m, v6, l2))
		  : rte_ipv4_udptcp_cksum(ip_of(m, l2), tcp_of(m, v6, l2));
}

/* A TCP segment of len bytes of text in a frame, sums right; the text's bytes follow from their sequence number. */
static struct rte_mbuf *
segment(bool v6, uint32_t len, uint8_t last)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(unit_mbufs());
	uint32_t total = ip_bytes(v6) + TCP_BYTES + len;
	struct rte_ether_hdr *eth;
	struct rte_tcp_hdr *tcp;
	uint8_t *text;

	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	eth = (struct rte_ether_hdr *)rte_pktmbuf_append(m, (uint16_t)(ETH_BYTES + total));
	CU_ASSERT_PTR_NOT_NULL_FATAL(eth);
	memset(eth, 0, ETH_BYTES + total);
	eth->ether_type = v6 ? RTE_BE16(RTE_ETHER_TYPE_IPV6) : RTE_BE16(RTE_ETHER_TYPE_IPV4);
	tcp = tcp_of(m, v6, ETH_BYTES);
	*tcp = (struct rte_tcp_hdr){ .src_port = rte_cpu_to_be_16(5000u + last),
				     .dst_port = RTE_BE16(80),
				     .sent_seq = RTE_BE32(0xfffffff0),
				     .data_off = 0x50,
				     .tcp_flags = RTE_TCP_ACK_FLAG };
	text = (uint8_t *)(tcp + 1);
	for (uint32_t i = 0; i < len; i++)
		text[i] = (uint8_t)(i * 7 + (i >> 8));
	if (v6) {
		struct rte_ipv6_hdr *ip = ip_of(m, ETH_BYTES);

		ip->vtc_flow = RTE_BE32(6u << 28);
		ip->payload_len = rte_cpu_to_be_16((uint16_t)(TCP_BYTES + len));
		ip->proto = IPPROTO_TCP;
		((uint8_t *)ip)[8] = 0xfd;
		((uint8_t *)ip)[23] = last;
		((uint8_t *)ip)[24] = 0xfd;
	} else {
		struct rte_ipv4_hdr *ip = ip_of(m, ETH_BYTES);

		ip->version_ihl = 0x45;
		ip->total_length = rte_cpu_to_be_16((uint16_t)total);
		ip->packet_id = RTE_BE16(0xffff);
		ip->fragment_offset = RTE_BE16(RTE_IPV4_HDR_DF_FLAG);
		ip->next_proto_id = IPPROTO_TCP;
		ip->src_addr = rte_cpu_to_be_32(0x0a000000u + last);
		ip->dst_addr = RTE_BE32(0x0a000064);
		ip->hdr_checksum = rte_ipv4_cksum(ip);
	}
	tcp->cksum = right_tcp_sum(m, v6, ETH_BYTES);
	return m;
}

/* The same as the stack leaves it to a port that claims _TX_CHECKSUM. */
static struct rte_mbuf *
unfinished(bool v6, uint32_t len)
{
	struct rte_mbuf *m = segment(v6, len, 1);
	struct rte_tcp_hdr *tcp = tcp_of(m, v6, ETH_BYTES);

	m->ol_flags = RTE_MBUF_F_TX_TCP_CKSUM;
	m->ol_flags |= v6 ? RTE_MBUF_F_TX_IPV6 : RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
	m->l2_len = ETH_BYTES;
	m->l3_len = ip_bytes(v6);
	m->l4_len = TCP_BYTES;
	tcp->cksum = v6 ? rte_ipv6_phdr_cksum(ip_of(m, ETH_BYTES), m->ol_flags)
			: rte_ipv4_phdr_cksum(ip_of(m, ETH_BYTES), m->ol_flags);
	if (!v6)
		((struct rte_ipv4_hdr *)ip_of(m, ETH_BYTES))->hdr_checksum = 0;
	return m;
}

/* A packet that the card is to cut: text of len bytes in a chain. */
static struct rte_mbuf *
train(bool v6, uint32_t len, uint16_t segment_bytes, uint8_t flags)
{
	struct rte_mbuf *m = unfinished(v6, 0);
	struct rte_tcp_hdr *tcp = tcp_of(m, v6, ETH_BYTES);

	for (uint32_t at = 0; at < len;) {
		struct rte_mbuf *more = rte_pktmbuf_alloc(unit_mbufs());
		uint32_t piece = RTE_MIN(len - at, 1777u);
		uint8_t *text = (uint8_t *)rte_pktmbuf_append(more, (uint16_t)piece);

		for (uint32_t i = 0; i < piece; i++, at++)
			text[i] = (uint8_t)(at * 7 + (at >> 8));
		CU_ASSERT_EQUAL_FATAL(rte_pktmbuf_chain(m, more), 0);
	}
	m->ol_flags |= RTE_MBUF_F_TX_TCP_SEG;
	m->tso_segsz = segment_bytes;
	tcp->tcp_flags |= flags;
	if (v6) {
		struct rte_ipv6_hdr *ip = ip_of(m, ETH_BYTES);

		ip->payload_len = rte_cpu_to_be_16((uint16_t)(TCP_BYTES + len));
		tcp->cksum = rte_ipv6_phdr_cksum(ip, m->ol_flags);
	} else {
		struct rte_ipv4_hdr *ip = ip_of(m, ETH_BYTES);

		ip->total_length = rte_cpu_to_be_16((uint16_t)(ip_bytes(v6) + TCP_BYTES + len));
		tcp->cksum = rte_ipv4_phdr_cksum(ip, m->ol_flags);
	}
	return m;
}

static struct rte_mbuf *
receive(struct port *port, uint16_t queue)
{
	struct rte_mbuf *m;

	return port_rx(port, queue, &m, 1, 0) ? m : NULL;
}

/* What goes through one way and comes out the other. */
static struct rte_mbuf *
through(struct port *from, struct port *to, struct rte_mbuf *m)
{
	struct rte_mbuf *got;

	port_send(from, m, 0);
	got = receive(to, 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(got);
	return got;
}

static void
expect_flags(struct rte_mbuf *sent, uint64_t ip, uint64_t l4)
{
	struct rte_mbuf *got = through(plain, card, sent);

	CU_ASSERT_EQUAL(got->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK, ip);
	CU_ASSERT_EQUAL(got->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK, l4);
	rte_pktmbuf_free(got);
}

static void
rss_hash_equals_published_values(void)
{
	static const struct {
		uint8_t addresses[32];
		uint32_t bytes;
		uint8_t ports[4];
		uint32_t hash;
	} cases[] = {
		{ { 66, 9, 149, 187, 161, 142, 100, 80 },
		  8,
		  { 0x0a, 0xea, 0x06, 0xe6 },
		  0x51ccc178 },
		{ { 199, 92, 111, 2, 65, 69, 140, 83 }, 8, { 0x37, 0x96, 0x12, 0x83 }, 0xc626b0ea },
		{ { 0x3f, 0xfe, 0x25, 0x01, 0x02, 0, 0x1f, 0xff, 0, 0, 0, 0, 0, 0, 0, 7,
		    0x3f, 0xfe, 0x25, 0x01, 0x02, 0, 0,    3,    0, 0, 0, 0, 0, 0, 0, 1 },
		  32,
		  { 0x0a, 0xea, 0x06, 0xe6 },
		  0x40207d3d },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		CU_ASSERT_EQUAL(port_rss_hash(cases[i].addresses, cases[i].bytes, cases[i].ports),
				cases[i].hash);
}

static void
received_sums_are_judged(void)
{
	struct rte_mbuf *m;

	claim(PORT_OFFLOAD_RX_CHECKSUM, 1, false);
	expect_flags(segment(false, 333, 1), RTE_MBUF_F_RX_IP_CKSUM_GOOD,
		     RTE_MBUF_F_RX_L4_CKSUM_GOOD);
	expect_flags(segment(true, 333, 1), 0, RTE_MBUF_F_RX_L4_CKSUM_GOOD);
	m = segment(false, 100, 1);
	rte_pktmbuf_append(m, 5); /* Ethernet's padding is not summed up */
	expect_flags(m, RTE_MBUF_F_RX_IP_CKSUM_GOOD, RTE_MBUF_F_RX_L4_CKSUM_GOOD);
	for (unsigned v6 = 0; v6 < 2; v6++) {
		m = segment(v6, 100, 1);
		tcp_of(m, v6, ETH_BYTES)->sent_seq ^= RTE_BE32(4);
		expect_flags(m, v6 ? 0 : RTE_MBUF_F_RX_IP_CKSUM_GOOD, RTE_MBUF_F_RX_L4_CKSUM_BAD);
	}
	m = segment(false, 100, 1);
	((struct rte_ipv4_hdr *)ip_of(m, ETH_BYTES))->time_to_live ^= 1;
	expect_flags(m, RTE_MBUF_F_RX_IP_CKSUM_BAD, RTE_MBUF_F_RX_L4_CKSUM_GOOD);
	finish();
}

static void
what_a_device_can_not_read_is_not_judged(void)
{
	struct rte_ipv4_hdr *ip;
	struct rte_mbuf *m;

	claim(PORT_OFFLOAD_RX_CHECKSUM | PORT_OFFLOAD_RSS_HASH | PORT_OFFLOAD_VLAN_STRIP, 1, false);
	m = segment(false, 100, 1);
	ip = ip_of(m, ETH_BYTES);
	ip->fragment_offset = RTE_BE16(RTE_IPV4_HDR_MF_FLAG);
	ip->hdr_checksum = 0;
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	expect_flags(m, RTE_MBUF_F_RX_IP_CKSUM_GOOD, 0);
	m = segment(false, 100, 1);
	ip = ip_of(m, ETH_BYTES);
	ip->next_proto_id = IPPROTO_UDP;
	ip->hdr_checksum = 0;
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	expect_flags(m, RTE_MBUF_F_RX_IP_CKSUM_GOOD, 0);
	m = segment(true, 100, 1);
	((struct rte_ipv6_hdr *)ip_of(m, ETH_BYTES))->proto = IPPROTO_HOPOPTS;
	expect_flags(m, 0, 0);
	for (uint16_t cut = 1; cut < ETH_BYTES + 60; cut++) {
		struct rte_mbuf *got;

		m = segment(cut % 2, 20, 1);
		rte_pktmbuf_trim(m, (uint16_t)RTE_MIN((unsigned)cut, m->data_len - ETH_BYTES));
		got = through(plain, card, m);
		CU_ASSERT_EQUAL(got->ol_flags, 0);
		rte_pktmbuf_free(got);
	}
	finish();
}

static void
sums_are_made_on_the_way_out(void)
{
	claim(PORT_OFFLOAD_TX_CHECKSUM, 1, false);
	for (unsigned v6 = 0; v6 < 2; v6++)
		for (uint32_t len = 0; len < 1400; len += 111) {
			struct rte_mbuf *want = segment(v6, len, 1),
					*got = through(card, plain, unfinished(v6, len));

			CU_ASSERT_EQUAL_FATAL(got->pkt_len, want->pkt_len);
			CU_ASSERT_EQUAL(memcmp(rte_pktmbuf_mtod(got, void *),
					       rte_pktmbuf_mtod(want, void *), want->pkt_len),
					0);
			rte_pktmbuf_free(want);
			rte_pktmbuf_free(got);
		}
	finish();
}

/* Each piece as if it had been made alone. */
static void
expect_pieces(bool v6, uint32_t len, uint32_t segment_bytes, uint8_t flags)
{
	uint32_t index = 0;

	for (uint32_t at = 0; at < len; at += segment_bytes, index++) {
		struct rte_mbuf *got = receive(plain, 0);
		uint32_t text = RTE_MIN(segment_bytes, len - at);
		bool last = at + text == len;
		uint8_t want_flags = RTE_TCP_ACK_FLAG;
		const struct rte_tcp_hdr *tcp;

		CU_ASSERT_PTR_NOT_NULL_FATAL(got);
		tcp = tcp_of(got, v6, ETH_BYTES);
		CU_ASSERT_EQUAL(got->pkt_len, ETH_BYTES + ip_bytes(v6) + TCP_BYTES + text);
		CU_ASSERT_EQUAL(rte_be_to_cpu_32(tcp->sent_seq), 0xfffffff0u + at);
		want_flags |= index == 0 ? flags & RTE_TCP_CWR_FLAG : 0;
		want_flags |= last ? flags & (RTE_TCP_PSH_FLAG | RTE_TCP_FIN_FLAG) : 0;
		CU_ASSERT_EQUAL(tcp->tcp_flags, want_flags);
		for (uint32_t i = 0; i < text; i++)
			if (((const uint8_t *)(tcp + 1))[i] !=
			    (uint8_t)((at + i) * 7 + ((at + i) >> 8))) {
				CU_FAIL("text is not what was sent");
				break;
			}
		if (v6) {
			const struct rte_ipv6_hdr *ip = ip_of(got, ETH_BYTES);

			CU_ASSERT_EQUAL(rte_be_to_cpu_16(ip->payload_len), TCP_BYTES + text);
			CU_ASSERT_EQUAL(rte_ipv6_udptcp_cksum_verify(ip, tcp), 0);
		} else {
			const struct rte_ipv4_hdr *ip = ip_of(got, ETH_BYTES);

			CU_ASSERT_EQUAL(rte_be_to_cpu_16(ip->total_length), 40 + text);
			CU_ASSERT_EQUAL(rte_be_to_cpu_16(ip->packet_id),
					(uint16_t)(0xffff + index));
			CU_ASSERT_EQUAL(rte_raw_cksum(ip, 20), 0xffff);
			CU_ASSERT_EQUAL(rte_ipv4_udptcp_cksum_verify(ip, tcp), 0);
		}
		rte_pktmbuf_free(got);
	}
	CU_ASSERT_PTR_NULL(receive(plain, 0));
}

static void
long_packet_is_cut(void)
{
	const uint8_t flags = RTE_TCP_PSH_FLAG | RTE_TCP_FIN_FLAG | RTE_TCP_CWR_FLAG;

	claim(PORT_OFFLOAD_TSO | PORT_OFFLOAD_TX_CHECKSUM, 1, false);
	for (unsigned v6 = 0; v6 < 2; v6++) {
		port_send(card, train(v6, 16 * 1400, 1400, flags), 0);
		expect_pieces(v6, 16 * 1400, 1400, flags);
		port_send(card, train(v6, 60001, 1400, 0), 0);
		expect_pieces(v6, 60001, 1400, 0);
		port_send(card, train(v6, 1401, 1400, RTE_TCP_PSH_FLAG), 0);
		expect_pieces(v6, 1401, 1400, RTE_TCP_PSH_FLAG);
	}
	finish();
}

static void
flows_go_to_their_queue(void)
{
	struct rte_mbuf *got;
	unsigned used = 0;

	claim(PORT_OFFLOAD_RSS_HASH, 4, false);
	for (unsigned i = 0; i < 60; i++) {
		struct rte_mbuf *m = segment(i % 2, 10, (uint8_t)i);
		const uint8_t *ip = ip_of(m, ETH_BYTES);
		uint32_t hash =
		    port_rss_hash(ip + (i % 2 ? 8 : 12), i % 2 ? 32 : 8, ip + ip_bytes(i % 2));
		uint16_t queue = (uint16_t)rss_share(hash, 4);

		got = NULL;
		port_send(plain, m, 0);
		for (uint16_t q = 0; q < 4; q++) {
			struct rte_mbuf *here = receive(card, q);

			CU_ASSERT_EQUAL(here != NULL, q == queue);
			got = here ? here : got;
		}
		CU_ASSERT_PTR_NOT_NULL_FATAL(got);
		CU_ASSERT_EQUAL(got->hash.rss, hash);
		CU_ASSERT(got->ol_flags & RTE_MBUF_F_RX_RSS_HASH);
		rte_pktmbuf_free(got);
		used |= 1u << queue;
	}
	CU_ASSERT_EQUAL(used, 15);
	port_send(plain, frame_numbered(3, FRAME_BYTES), 0);
	CU_ASSERT_EQUAL(port_receive(card, 0), 3);
	/* what nobody takes is freed at the end */
	for (uint8_t i = 0; i < 8; i++)
		port_send(plain, segment(false, 0, i), 0);
	while ((got = receive(card, 1)))
		rte_pktmbuf_free(got);
	CU_ASSERT_EQUAL(port_next_us(card), 0);
	finish();
}

static void
frame_in_another_queue_is_due_at_once(void)
{
	struct rte_mbuf *got;

	claim(0, 2, true);
	port_send(plain, frame_numbered(0, FRAME_BYTES), 0);
	port_send(plain, frame_numbered(1, FRAME_BYTES), 0);
	got = receive(card, 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(got);
	CU_ASSERT_EQUAL(frame_number(got), 0);
	CU_ASSERT_PTR_NULL(receive(card, 0));
	CU_ASSERT_EQUAL(port_next_us(card), 0);
	got = receive(card, 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(got);
	CU_ASSERT_EQUAL(frame_number(got), 1);
	CU_ASSERT_EQUAL(port_next_us(card), UINT64_MAX);
	finish();
}

static void
without_rss_the_first_queue_gets_all(void)
{
	claim(0, 3, false);
	for (uint8_t i = 0; i < 10; i++)
		rte_pktmbuf_free(through(plain, card, segment(false, 10, i)));
	finish();
}

static void
tags_move_between_frame_and_mbuf(void)
{
	struct rte_mbuf *want, *got;

	claim(PORT_OFFLOAD_VLAN_INSERT | PORT_OFFLOAD_VLAN_STRIP, 1, false);
	got = segment(false, 50, 1);
	got->vlan_tci = TAG;
	got->ol_flags |= RTE_MBUF_F_TX_VLAN;
	got = through(card, plain, got);
	want = segment(false, 50, 1);
	CU_ASSERT_EQUAL(got->pkt_len, want->pkt_len + 4);
	CU_ASSERT_EQUAL(*rte_pktmbuf_mtod_offset(got, rte_be16_t *, 12), RTE_BE16(0x8100));
	CU_ASSERT_EQUAL(*rte_pktmbuf_mtod_offset(got, rte_be16_t *, 14), RTE_BE16(TAG));
	got = through(plain, card, got);
	CU_ASSERT_EQUAL(got->vlan_tci, TAG);
	CU_ASSERT(got->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED);
	CU_ASSERT_EQUAL_FATAL(got->pkt_len, want->pkt_len);
	CU_ASSERT_EQUAL(
	    memcmp(rte_pktmbuf_mtod(got, void *), rte_pktmbuf_mtod(want, void *), want->pkt_len),
	    0);
	rte_pktmbuf_free(want);
	rte_pktmbuf_free(got);
	got = through(plain, card, segment(false, 50, 1));
	CU_ASSERT(!(got->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED));
	rte_pktmbuf_free(got);
	finish();
}

/* The sums of what stands behind a tag in the frame, and of what is tagged by the card itself. */
static void
sums_and_tags_go_together(void)
{
	struct rte_mbuf *m, *got;

	claim(PORT_OFFLOADS_ALL, 1, false);
	m = unfinished(false, 99);
	CU_ASSERT_EQUAL_FATAL(rte_vlan_insert(&m), 0); /* tag 0, l2_len grows by it */
	CU_ASSERT_EQUAL(m->l2_len, 18);
	got = through(card, plain, m);
	CU_ASSERT_EQUAL(rte_ipv4_udptcp_cksum_verify(ip_of(got, 18), tcp_of(got, false, 18)), 0);
	got = through(plain, card, got);
	CU_ASSERT_EQUAL(got->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK, RTE_MBUF_F_RX_L4_CKSUM_GOOD);
	CU_ASSERT(got->ol_flags & RTE_MBUF_F_RX_RSS_HASH);
	rte_pktmbuf_free(got);
	m = train(false, 3000, 1400, 0);
	m->ol_flags |= RTE_MBUF_F_TX_VLAN;
	m->vlan_tci = TAG;
	port_send(card, m, 0);
	for (unsigned i = 0; i < 3; i++) {
		got = receive(plain, 0);
		CU_ASSERT_PTR_NOT_NULL_FATAL(got);
		CU_ASSERT_EQUAL(*rte_pktmbuf_mtod_offset(got, rte_be16_t *, 14), RTE_BE16(TAG));
		CU_ASSERT_EQUAL(
		    rte_ipv4_udptcp_cksum_verify(ip_of(got, 18), tcp_of(got, false, 18)), 0);
		rte_pktmbuf_free(got);
	}
	finish();
}

static void
claims_are_told_and_impossible_ones_refused(void)
{
	struct port_sim_claims bad[] = { { .offloads = 1u << 6 },
					 { .offloads = PORT_OFFLOAD_TSO },
					 { .queues = PORT_SIM_QUEUES + 1 } };
	struct port_info info;
	struct port *out;

	claim(PORT_OFFLOAD_RSS_HASH, 7, false);
	port_info(card, &info);
	CU_ASSERT_EQUAL(info.offloads, PORT_OFFLOAD_RSS_HASH);
	CU_ASSERT_EQUAL(info.queues, 7);
	CU_ASSERT_STRING_EQUAL(info.driver, "sim+claims");
	port_info(plain, &info);
	CU_ASSERT_EQUAL(info.offloads, 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CU_ASSERT_EQUAL(port_sim_claim(plain, &bad[i], unit_mbufs(), &out), ERR_invalid);
	finish();
}

/* Faults and recordings are about frames as they go on the wire. */
static void
wrappers_leave_only_what_is_done_before_them(void)
{
	struct port_info info;
	struct port *fault;
	char why[100];

	claim(PORT_OFFLOADS_ALL, 1, false);
	CU_ASSERT_EQUAL_FATAL(
	    port_fault_wrap(card, "corrupt=100%,dir=rx", unit_mbufs(), &fault, why, sizeof why),
	    ERR_ok);
	port_info(fault, &info);
	CU_ASSERT_EQUAL(info.offloads, PORT_OFFLOADS_INWARD);
	card = fault;
	expect_flags(segment(false, 200, 1), 0, 0); /* what was right is so no more */
	finish();
}

CU_TestInfo test_port_sim_claim[] = {
	{ "rss_hash_equals_published_values", rss_hash_equals_published_values },
	{ "received_sums_are_judged", received_sums_are_judged },
	{ "what_a_device_can_not_read_is_not_judged", what_a_device_can_not_read_is_not_judged },
	{ "sums_are_made_on_the_way_out", sums_are_made_on_the_way_out },
	{ "long_packet_is_cut", long_packet_is_cut },
	{ "flows_go_to_their_queue", flows_go_to_their_queue },
	{ "frame_in_another_queue_is_due_at_once", frame_in_another_queue_is_due_at_once },
	{ "without_rss_the_first_queue_gets_all", without_rss_the_first_queue_gets_all },
	{ "tags_move_between_frame_and_mbuf", tags_move_between_frame_and_mbuf },
	{ "sums_and_tags_go_together", sums_and_tags_go_together },
	{ "claims_are_told_and_impossible_ones_refused",
	  claims_are_told_and_impossible_ones_refused },
	{ "wrappers_leave_only_what_is_done_before_them",
	  wrappers_leave_only_what_is_done_before_them },
	CU_TEST_INFO_NULL,
};
