/*
 * Ethernet II, the lowest layer: eth_input gives IP packets to ip_input (by way of path.c) and keeps ARP for itself;
 * eth_output puts the neighbour's address in front and says which port sends the frame.
 *
 * RFC 894, 2464 (IPv6 over Ethernet), IEEE 802.1Q with one tag: it leads to the VLAN's row among the ports, and
 * its priority bits are ignored. Tag 0 is no VLAN: the frame is as one without. Service tags (802.1ad), a second
 * tag, 802.3 frames and everything else are refused with a reason.
 */
#include "dataplane/net/net_priv.h"

#define MAC_ALL_NODES 0x010000003333ull /* 33:33:00:00:00:01, RFC 2464 7 */
#define MAC_SOLICITED 0x0000ff3333ull   /* 33:33:ff, then the address's last three bytes */
#define MAC_FIRST_3   0xffffffull

STATIC_ASSERT(NET_VLAN_SLOTS >= 2 * LIMIT_VLANS, "at most half full");

/* What a frame's headers say, and the row of the port or VLAN that it came in by. */
struct frame {
	uint64_t dst, src;
	uint16_t type;  /* EtherType behind the tag */
	uint16_t ip_at; /* bytes in front of what type says */
	unsigned port;
};

static enum drop_reason
read_frame(const struct net *net, const struct rte_mbuf *m, unsigned port, struct frame *frame);
static enum drop_reason read_tag(const struct net *net, uint32_t tci, struct frame *frame);
static bool
group_is_for_us(const struct net *net, const struct rte_mbuf *m, const struct frame *frame);
static struct net_verdict ip_of_version(const struct rte_mbuf *m, unsigned version);

/* The frame is ours alone (nobody else holds a reference): answers may be written into it. */
struct net_verdict
eth_input(struct net *net, struct rte_mbuf *m, unsigned port, uint64_t now_us)
{
	enum drop_reason reason;
	struct frame frame;

	ASSERT(net->config && port < LIMIT_INTERFACES);
	if (m->nb_segs > 1 && rte_pktmbuf_linearize(m) != 0)
		return net_drop(DROP_eth_truncated);
	reason = read_frame(net, m, port, &frame);
	if (reason)
		return net_drop(reason);
	if (frame.dst != net->port_mac[frame.port] && !group_is_for_us(net, m, &frame))
		return net_drop(DROP_eth_not_for_us);
	if (mac_is_group(frame.src) || frame.src == MAC_NONE)
		return net_drop(DROP_eth_source_invalid);
	net->heard[frame.port] = true;
	packet_of(m)->port = (uint8_t)frame.port;
	packet_of(m)->in_fragments = false;
	packet_of(m)->lacks = PACKET_LACKS_NOTHING;
	packet_of(m)->segment_bytes = 0;
	rte_pktmbuf_adj(m, frame.ip_at);

	switch (frame.type) {
	case ETH_TYPE_IPV4:
		return ip_of_version(m, 4);
	case ETH_TYPE_IPV6:
		return ip_of_version(m, 6);
	case ETH_TYPE_ARP:
		return arp_input(net, m, now_us);
	default:
		return net_drop(DROP_eth_type_unknown);
	}
}

/* The tag stands in the frame, or a device that takes it out has put it beside the frame. */
static enum drop_reason
read_frame(const struct net *net, const struct rte_mbuf *m, unsigned port, struct frame *frame)
{
	const struct eth_header *eth = rte_pktmbuf_mtod(m, const struct eth_header *);
	const struct vlan_header *vlan = (const struct vlan_header *)(eth + 1);
	enum drop_reason reason = DROP_none;

	if (m->data_len < sizeof *eth)
		return DROP_eth_truncated;
	*frame = (struct frame){ .dst = mac_load(eth->dst),
				 .src = mac_load(eth->src),
				 .type = be16_to(eth->type),
				 .ip_at = sizeof *eth,
				 .port = port };
	if (unlikely(m->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED)) {
		reason = read_tag(net, m->vlan_tci, frame);
	} else if (frame->type == ETH_TYPE_VLAN) {
		if (m->data_len < sizeof *eth + sizeof *vlan)
			return DROP_eth_truncated;
		frame->type = be16_to(vlan->type);
		frame->ip_at += sizeof *vlan;
		reason = read_tag(net, be16_to(vlan->tci), frame);
	}
	if (frame->type == ETH_TYPE_VLAN || frame->type == ETH_TYPE_QINQ)
		return DROP_eth_vlan_unknown;
	return reason;
}

static enum drop_reason
read_tag(const struct net *net, uint32_t tci, struct frame *frame)
{
	uint32_t tag = tci & VLAN_TAG_MASK;

	if (tag == 0)
		return DROP_none;
	frame->port = net_config_vlan_row(net->config, frame->port, tag);
	return frame->port == NET_ROW_NONE ? DROP_eth_vlan_unknown : DROP_none;
}

/*
 * Broadcast carries ARP for us, multicast neighbour discovery; nothing else. A packet to one of our unicast addresses in
 * a group frame is not accepted (RFC 1122 3.3.6), so TCP never sees one.
 */
static bool
group_is_for_us(const struct net *net, const struct rte_mbuf *m, const struct frame *frame)
{
	const struct ipv6_header *ip =
	    rte_pktmbuf_mtod_offset(m, const struct ipv6_header *, frame->ip_at);

	if (net->port_mac[frame->port] == MAC_UNUSABLE)
		return false;
	if (frame->dst == MAC_BROADCAST)
		return frame->type == ETH_TYPE_ARP;
	if (unlikely(net->services) &&
	    punt_is_group(net, m, frame->ip_at, frame->dst, frame->type, frame->port))
		return true;
	if (frame->dst != MAC_ALL_NODES && (frame->dst & MAC_FIRST_3) != MAC_SOLICITED)
		return false;
	return frame->type == ETH_TYPE_IPV6 && m->data_len >= frame->ip_at + sizeof *ip &&
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
	if (net->reads)
		return resolve_output(net, m, now_us);
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
	const struct net_port *own = &net->config->ports[port];
	struct vlan_header *vlan;
	struct eth_header *eth;

	offload_finish(net, m, port);
	m->l2_len = sizeof *eth;
	if (own->tag && (own->offloads & PORT_OFFLOAD_VLAN_INSERT)) {
		m->vlan_tci = own->tag;
		m->ol_flags |= RTE_MBUF_F_TX_VLAN;
	} else if (own->tag) {
		vlan = (struct vlan_header *)rte_pktmbuf_prepend(m, sizeof *vlan);
		ASSERT(vlan);
		vlan->tci = be16_from(own->tag);
		vlan->type = be16_from(type);
		type = ETH_TYPE_VLAN;
		m->l2_len += sizeof *vlan;
	}
	eth = (struct eth_header *)rte_pktmbuf_prepend(m, sizeof *eth);
	ASSERT(eth);
	mac_store(eth->dst, dst_mac);
	mac_store(eth->src, net->port_mac[port]);
	eth->type = be16_from(type);
	packet_of(m)->port = (uint8_t)port;
}

static uint32_t
vlan_slot(uint32_t port, uint32_t tag)
{
	return (tag + port * 11) & (NET_VLAN_SLOTS - 1);
}

void
net_config_vlan_add(struct net_config *config, uint32_t port, uint32_t tag, uint32_t row)
{
	uint32_t slot = vlan_slot(port, tag);

	while (config->vlans[slot].tag)
		slot = (slot + 1) & (NET_VLAN_SLOTS - 1);
	config->vlans[slot] =
	    (struct net_vlan){ .tag = (uint16_t)tag, .port = (uint8_t)port, .row = (uint8_t)row };
}

/* Less than half of the slots are taken, so the search ends. */
uint32_t
net_config_vlan_row(const struct net_config *config, uint32_t port, uint32_t tag)
{
	uint32_t slot = vlan_slot(port, tag);

	for (; config->vlans[slot].tag; slot = (slot + 1) & (NET_VLAN_SLOTS - 1))
		if (config->vlans[slot].tag == tag && config->vlans[slot].port == port)
			return config->vlans[slot].row;
	return NET_ROW_NONE;
}
