/*
 * Ethernet II, the lowest layer: eth_input gives IP packets to ip_input (by way of path.c) and keeps ARP for itself;
 * eth_output puts the neighbour's address in front and says which port sends the frame.
 *
 * RFC 894, 2464 (IPv6 over Ethernet). VLAN tags, 802.3 frames and everything else are refused with a reason.
 */
#include "dataplane/net/net_priv.h"

#define MAC_ALL_NODES 0x010000003333ull /* 33:33:00:00:00:01, RFC 2464 7 */
#define MAC_SOLICITED 0x0000ff3333ull   /* 33:33:ff, then the address's last three bytes */
#define MAC_FIRST_3   0xffffffull

static bool
group_is_for_us(const struct net *net, const struct rte_mbuf *m, uint64_t dst, unsigned port);
static struct net_verdict ip_of_version(const struct rte_mbuf *m, unsigned version);

/* The frame is ours alone (nobody else holds a reference): answers may be written into it. */
struct net_verdict
eth_input(struct net *net, struct rte_mbuf *m, unsigned port, uint64_t now_us)
{
	const struct eth_header *eth;
	uint64_t dst, src;
	uint16_t type;

	ASSERT(net->config && port < LIMIT_PORTS);
	if (m->nb_segs > 1 && rte_pktmbuf_linearize(m) != 0)
		return net_drop(DROP_eth_truncated);
	if (m->data_len < sizeof *eth)
		return net_drop(DROP_eth_truncated);
	eth = rte_pktmbuf_mtod(m, const struct eth_header *);
	dst = mac_load(eth->dst);
	src = mac_load(eth->src);
	type = be16_to(eth->type);
	if (dst != net->port_mac[port] && !group_is_for_us(net, m, dst, port))
		return net_drop(DROP_eth_not_for_us);
	if (mac_is_group(src) || src == MAC_NONE)
		return net_drop(DROP_eth_source_invalid);
	packet_of(m)->port = (uint8_t)port;
	rte_pktmbuf_adj(m, sizeof *eth);

	switch (type) {
	case ETH_TYPE_IPV4:
		return ip_of_version(m, 4);
	case ETH_TYPE_IPV6:
		return ip_of_version(m, 6);
	case ETH_TYPE_ARP:
		return arp_input(net, m, now_us);
	case ETH_TYPE_VLAN:
	case ETH_TYPE_QINQ:
		return net_drop(DROP_eth_vlan_unknown);
	default:
		return net_drop(DROP_eth_type_unknown);
	}
}

/*
 * Broadcast carries ARP for us, multicast neighbour discovery; nothing else. A packet to one of our unicast addresses in
 * a group frame is not accepted (RFC 1122 3.3.6), so TCP never sees one.
 */
static bool
group_is_for_us(const struct net *net, const struct rte_mbuf *m, uint64_t dst, unsigned port)
{
	const struct eth_header *eth = rte_pktmbuf_mtod(m, const struct eth_header *);
	const struct ipv6_header *ip = (const struct ipv6_header *)(eth + 1);

	if (net->port_mac[port] == MAC_UNUSABLE)
		return false;
	if (dst == MAC_BROADCAST)
		return be16_to(eth->type) == ETH_TYPE_ARP;
	if (dst != MAC_ALL_NODES && (dst & MAC_FIRST_3) != MAC_SOLICITED)
		return false;
	return be16_to(eth->type) == ETH_TYPE_IPV6 && m->data_len >= sizeof *eth + sizeof *ip &&
	       ip->dst[0] == 0xff;
}

static struct net_verdict
ip_of_version(const struct rte_mbuf *m, unsigned version)
{
	if (m->data_len == 0)
		return net_drop(DROP_ip_truncated);
	if (*rte_pktmbuf_mtod(m, const uint8_t *) >> 4 != version)
		return net_drop(DROP_ip_version);
	return net_next(NET_IP);
}

struct net_verdict
eth_output(struct net *net, struct rte_mbuf *m, uint64_t now_us)
{
	struct neighbour *n = net->hop.neighbour;

	ASSERT(net->hop.packet == m);
	net->hop.packet = NULL;
	if (!n)
		n = neighbour_make(net, &net->hop.addr, net->hop.port, now_us);
	if (!n)
		return net_drop(DROP_neighbour_table_full);
	n->used_us = now_us;
	if (n->state != NEIGHBOUR_REACHABLE || now_us > n->fresh_until_us)
		return neighbour_output(net, n, m, now_us);
	eth_push(net, m, n->port, n->mac, addr_is_v4(&n->addr) ? ETH_TYPE_IPV4 : ETH_TYPE_IPV6);
	return net_next(NET_SEND);
}

void
eth_push(struct net *net, struct rte_mbuf *m, unsigned port, uint64_t dst_mac, uint16_t type)
{
	struct eth_header *eth = (struct eth_header *)rte_pktmbuf_prepend(m, sizeof *eth);

	ASSERT(eth);
	mac_store(eth->dst, dst_mac);
	mac_store(eth->src, net->port_mac[port]);
	eth->type = be16_from(type);
	packet_of(m)->port = (uint8_t)port;
}
