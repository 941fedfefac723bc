/*
 * Ports that check and make checksums, and cut packets: what they are asked for, what they say, and what is done where
 * they claim nothing.
 */
#include <rte_ip.h>
#include <rte_tcp.h>

#include "test/unit/dataplane/net/net_fixture.h"

#define SEGMENT 1000u

/* Port 0 claims it, and its peer is known. */
static void
start(uint32_t offloads)
{
	fixture_start();
	config.ports[0].offloads = offloads;
	net_configure(net, &config, now_us);
	resolve("10.0.0.2", 0, MAC_PEER);
}

/* A segment of ours as TCP makes it, len bytes of text behind its header, to port 0's peer. */
static struct rte_mbuf *
unfinished(uint32_t len)
{
	struct rte_mbuf *m = packet_make("10.0.0.1", "10.0.0.2", (uint16_t)(20 + len));
	struct rte_tcp_hdr *tcp = rte_pktmbuf_mtod(m, struct rte_tcp_hdr *);

	for (uint32_t i = 0; i < 20 + len; i++)
		((uint8_t *)tcp)[i] = (uint8_t)(i * 13);
	tcp->data_off = 0x50;
	tcp->cksum = 0;
	packet_of(m)->protocol = IPPROTO_TCP;
	packet_of(m)->lacks = PACKET_LACKS_TCP_SUM;
	return m;
}

static struct rte_tcp_hdr *
tcp_of(struct rte_mbuf *m)
{
	return (struct rte_tcp_hdr *)(frame_ipv4(m) + 1);
}

static void
send_it(struct rte_mbuf *m)
{
	CU_ASSERT_EQUAL_FATAL(output(m).next, NET_SEND);
}

static void
sum_is_made_where_the_port_makes_none(void)
{
	for (uint32_t len = 0; len < 60; len++) {
		struct rte_mbuf *m;

		start(PORT_OFFLOADS_ALL & ~(uint32_t)PORT_OFFLOAD_TX_CHECKSUM);
		m = unfinished(len);
		send_it(m);
		CU_ASSERT_EQUAL(m->ol_flags, 0);
		CU_ASSERT_EQUAL(rte_ipv4_udptcp_cksum_verify((void *)frame_ipv4(m), tcp_of(m)), 0);
		CU_ASSERT_EQUAL(rte_raw_cksum(frame_ipv4(m), 20), 0xffff);
		CU_ASSERT_EQUAL(packet_of(m)->lacks, PACKET_LACKS_NOTHING);
		rte_pktmbuf_free(m);
		fixture_end();
	}
}

static void
port_is_asked_for_the_sums(void)
{
	struct rte_mbuf *m;

	start(PORT_OFFLOAD_TX_CHECKSUM);
	m = unfinished(77);
	send_it(m);
	CU_ASSERT_EQUAL(m->ol_flags,
			RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_TCP_CKSUM);
	CU_ASSERT_EQUAL(m->l2_len, 14);
	CU_ASSERT_EQUAL(m->l3_len, 20);
	CU_ASSERT_EQUAL(frame_ipv4(m)->checksum.raw, 0);
	CU_ASSERT_EQUAL(tcp_of(m)->cksum, rte_ipv4_phdr_cksum((void *)frame_ipv4(m), m->ol_flags));
	rte_pktmbuf_free(m);
	fixture_end();
}

static void
sum_that_is_there_is_left_alone(void)
{
	struct rte_mbuf *m;

	start(PORT_OFFLOADS_ALL);
	m = unfinished(77);
	packet_of(m)->lacks = PACKET_LACKS_NOTHING;
	rte_pktmbuf_mtod(m, struct rte_tcp_hdr *)->cksum = 0x1234;
	send_it(m);
	CU_ASSERT_EQUAL(m->ol_flags, 0);
	CU_ASSERT_EQUAL(tcp_of(m)->cksum, 0x1234);
	rte_pktmbuf_free(m);
	fixture_end();
}

/* It waits for the neighbour without a sum, which it gets when it goes. */
static void
packet_that_waited_has_its_sum(void)
{
	struct rte_mbuf *m;

	fixture_start();
	CU_ASSERT_EQUAL(output(unfinished(500)).next, NET_TAKEN);
	poll_all();
	input(arp_make(ARP_REPLY, "10.0.0.2", MAC_PEER, "10.0.0.1", MAC_PORT0), 0);
	m = poll_one();
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_EQUAL(rte_ipv4_udptcp_cksum_verify((void *)frame_ipv4(m), tcp_of(m)), 0);
	rte_pktmbuf_free(m);
	fixture_end();
}

/* Of several segments, in two buffers. */
static struct rte_mbuf *
train(uint32_t segments)
{
	struct rte_mbuf *m = unfinished(SEGMENT);

	for (uint32_t i = 1; i < segments; i++) {
		struct rte_mbuf *more = rte_pktmbuf_alloc(unit_mbufs());

		CU_ASSERT_PTR_NOT_NULL_FATAL(rte_pktmbuf_append(more, SEGMENT));
		CU_ASSERT_EQUAL_FATAL(rte_pktmbuf_chain(m, more), 0);
	}
	packet_of(m)->segment_bytes = SEGMENT;
	return m;
}

static void
long_packet_goes_where_it_is_cut(void)
{
	struct rte_mbuf *m;

	start(PORT_OFFLOAD_TX_CHECKSUM | PORT_OFFLOAD_TSO);
	m = train(16);
	send_it(m);
	CU_ASSERT_EQUAL(m->ol_flags, RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM |
					 RTE_MBUF_F_TX_TCP_CKSUM | RTE_MBUF_F_TX_TCP_SEG);
	CU_ASSERT_EQUAL(m->tso_segsz, SEGMENT);
	CU_ASSERT_EQUAL(m->l4_len, 20);
	CU_ASSERT_EQUAL(be16_to(frame_ipv4(m)->total_len), 40 + 16 * SEGMENT);
	CU_ASSERT_EQUAL(tcp_of(m)->cksum, rte_ipv4_phdr_cksum((void *)frame_ipv4(m), m->ol_flags));
	rte_pktmbuf_free(m);
	fixture_end();
}

static void
long_packet_goes_nowhere_else(void)
{
	struct net_verdict verdict;
	struct rte_mbuf *m;

	start(PORT_OFFLOADS_ALL & ~(uint32_t)PORT_OFFLOAD_TSO);
	verdict = output(train(2));
	CU_ASSERT_EQUAL(verdict.next, NET_DROP);
	CU_ASSERT_EQUAL(verdict.reason, DROP_ip_too_big);
	fixture_end();
	/* nor where its segments would be too long */
	start(PORT_OFFLOAD_TX_CHECKSUM | PORT_OFFLOAD_TSO);
	config.ports[0].mtu_bytes = SEGMENT + 39;
	net_configure(net, &config, now_us);
	m = train(2);
	verdict = output(m);
	CU_ASSERT_EQUAL(verdict.reason, DROP_ip_too_big);
	config.ports[0].mtu_bytes = SEGMENT + 40;
	net_configure(net, &config, now_us);
	m = train(2);
	send_it(m);
	rte_pktmbuf_free(m);
	fixture_end();
}

/* However short it is: routes may change between TCP's question and the way out. */
static void
short_train_goes_nowhere_else(void)
{
	static const uint32_t offloads[] = { 0, PORT_OFFLOAD_TX_CHECKSUM };

	for (unsigned i = 0; i < 2; i++) {
		struct net_verdict verdict;
		struct rte_mbuf *m, *more;

		start(offloads[i]);
		m = unfinished(100);
		more = rte_pktmbuf_alloc(unit_mbufs());
		CU_ASSERT_PTR_NOT_NULL_FATAL(rte_pktmbuf_append(more, 100));
		CU_ASSERT_EQUAL_FATAL(rte_pktmbuf_chain(m, more), 0);
		packet_of(m)->segment_bytes = 100;
		verdict = output(m);
		CU_ASSERT_EQUAL(verdict.next, NET_DROP);
		CU_ASSERT_EQUAL(verdict.reason, DROP_ip_too_big);
		fixture_end();
	}
}

static void
who_cuts_is_known_once_it_was_sent_to(void)
{
	const struct addr near = address("10.0.0.2"), other = address("10.0.1.11");

	start(PORT_OFFLOAD_TX_CHECKSUM | PORT_OFFLOAD_TSO);
	resolve("10.0.1.11", 1, MAC_OTHER);
	CU_ASSERT_EQUAL(output_to("10.0.0.2").next, NET_SEND);
	CU_ASSERT_EQUAL(output_to("10.0.1.11").next, NET_SEND);
	CU_ASSERT_TRUE(net_cuts(net, &near));
	CU_ASSERT_FALSE(net_cuts(net, &other));
	net_configure(net, &config, now_us);
	CU_ASSERT_FALSE(net_cuts(net, &near));
	CU_ASSERT_EQUAL(output_to("10.0.0.2").next, NET_SEND);
	CU_ASSERT_TRUE(net_cuts(net, &near));
	config.ports[0].offloads = 0;
	net_configure(net, &config, now_us);
	CU_ASSERT_EQUAL(output_to("10.0.0.2").next, NET_SEND);
	CU_ASSERT_FALSE(net_cuts(net, &near));
	fixture_end();
}

static struct net_verdict
received(bool right, uint64_t said)
{
	struct rte_mbuf *m = ip_make("10.0.0.2", "10.0.0.1", IPPROTO_TCP, NULL, 40);
	struct net_verdict verdict;

	if (!right)
		frame_ipv4(m)->hop_limit ^= 1;
	m->ol_flags |= said;
	verdict = input(m, 0);
	if (verdict.next == NET_TCP)
		rte_pktmbuf_free(m);
	return verdict;
}

static void
port_is_believed_about_the_header(void)
{
	fixture_start();
	CU_ASSERT_EQUAL(received(true, 0).next, NET_TCP);
	CU_ASSERT_EQUAL(received(false, 0).reason, DROP_ip_checksum);
	CU_ASSERT_EQUAL(received(false, RTE_MBUF_F_RX_IP_CKSUM_GOOD).next, NET_TCP);
	CU_ASSERT_EQUAL(received(true, RTE_MBUF_F_RX_IP_CKSUM_BAD).reason, DROP_ip_checksum);
	fixture_end();
}

/* What the mbuf's last user has left in its private area means nothing. */
static void
received_packet_lacks_nothing(void)
{
	struct rte_mbuf *m = NULL;

	fixture_start();
	m = ip_make("10.0.0.2", "10.0.0.1", IPPROTO_TCP, NULL, 40);
	memset(packet_of(m), 0xff, sizeof *packet_of(m));
	CU_ASSERT_EQUAL(input(m, 0).next, NET_TCP);
	CU_ASSERT_EQUAL(packet_of(m)->lacks, PACKET_LACKS_NOTHING);
	CU_ASSERT_EQUAL(packet_of(m)->segment_bytes, 0);
	rte_pktmbuf_free(m);
	fixture_end();
}

CU_TestInfo test_offload[] = {
	{ "sum_is_made_where_the_port_makes_none", sum_is_made_where_the_port_makes_none },
	{ "port_is_asked_for_the_sums", port_is_asked_for_the_sums },
	{ "sum_that_is_there_is_left_alone", sum_that_is_there_is_left_alone },
	{ "packet_that_waited_has_its_sum", packet_that_waited_has_its_sum },
	{ "long_packet_goes_where_it_is_cut", long_packet_goes_where_it_is_cut },
	{ "long_packet_goes_nowhere_else", long_packet_goes_nowhere_else },
	{ "short_train_goes_nowhere_else", short_train_goes_nowhere_else },
	{ "who_cuts_is_known_once_it_was_sent_to", who_cuts_is_known_once_it_was_sent_to },
	{ "port_is_believed_about_the_header", port_is_believed_about_the_header },
	{ "received_packet_lacks_nothing", received_packet_lacks_nothing },
	CU_TEST_INFO_NULL,
};
