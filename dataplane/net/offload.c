/*
 * What a port can do for us on the way out, once it is known which one a packet leaves by: the checksums of IPv4 and TCP,
 * and cutting a packet into segments. TCP leaves its sum open (packet_of(m)->lacks); here the port is told to make
 * it, in the mbuf as DPDK's devices want it, or it is made.
 *
 * RFC 9293 3.1 (checksum). What the port has checked on the way in is asked where it is needed (net.h, offload_ip_sum
 * and offload_tcp_sum). No packet is cut here: TCP makes none for a port that can't.
 */
#include "dataplane/net/net_priv.h"

#include <rte_tcp.h>

static void ask_port(struct rte_mbuf *m, uint32_t ip_bytes, bool v4);

static uint32_t
ip_bytes_of(const struct packet *p)
{
	return addr_is_v4(&p->dst) ? sizeof(struct ipv4_header) : sizeof(struct ipv6_header);
}

static uint32_t
tcp_bytes_of(const struct rte_tcp_hdr *tcp)
{
	return (tcp->data_off >> 4) * 4u;
}

bool
offload_fits(const struct net *net, const struct rte_mbuf *m)
{
	const struct packet *p = packet_of((struct rte_mbuf *)(uintptr_t)m);
	const struct net_port *port = &net->config->ports[p->port];
	const struct rte_tcp_hdr *tcp;

	if (likely(p->segment_bytes == 0))
		return m->pkt_len <= port->mtu_bytes;
	/* the way has changed since TCP has asked (net_cuts) */
	if (!(port->offloads & PORT_OFFLOAD_TSO))
		return false;
	tcp = rte_pktmbuf_mtod_offset(m, const struct rte_tcp_hdr *, ip_bytes_of(p));
	return ip_bytes_of(p) + tcp_bytes_of(tcp) + p->segment_bytes <= port->mtu_bytes;
}

void
offload_finish(const struct net *net, struct rte_mbuf *m, unsigned port)
{
	struct packet *p = packet_of(m);
	uint32_t ip_bytes;

	if (p->lacks != PACKET_LACKS_TCP_SUM)
		return;
	ip_bytes = ip_bytes_of(p);
	if (net->config->ports[port].offloads & PORT_OFFLOAD_TX_CHECKSUM) {
		ask_port(m, ip_bytes, addr_is_v4(&p->dst));
		p->lacks = PACKET_LACKS_NOTHING;
		return;
	}
	m->data_off += (uint16_t)ip_bytes;
	m->data_len -= (uint16_t)ip_bytes;
	checksum_complete(m);
	m->data_off -= (uint16_t)ip_bytes;
	m->data_len += (uint16_t)ip_bytes;
}

/* The length is part of the pseudo header's sum, but not of a packet's that is cut: each segment has its own. */
static void
ask_port(struct rte_mbuf *m, uint32_t ip_bytes, bool v4)
{
	const struct packet *p = packet_of(m);
	struct rte_tcp_hdr *tcp = rte_pktmbuf_mtod_offset(m, struct rte_tcp_hdr *, ip_bytes);
	uint32_t len = p->segment_bytes ? 0 : m->pkt_len - ip_bytes;

	tcp->cksum =
	    (uint16_t)~checksum_finish(checksum_pseudo(&p->src, &p->dst, IPPROTO_TCP, len));
	m->ol_flags |= v4 ? RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM : RTE_MBUF_F_TX_IPV6;
	m->ol_flags |= p->segment_bytes ? RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_TCP_CKSUM
					: RTE_MBUF_F_TX_TCP_CKSUM;
	m->l3_len = ip_bytes;
	m->l4_len = tcp_bytes_of(tcp);
	m->tso_segsz = p->segment_bytes;
	if (v4)
		rte_pktmbuf_mtod(m, struct ipv4_header *)->checksum.raw = 0;
}
