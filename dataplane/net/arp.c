/*
 * ARP for IPv4 over Ethernet: answers for our addresses, asks for neighbours (neighbour.c decides when), announces.
 *
 * RFC 826; RFC 5227 2.1.1 (probes are answered and sent), 2.4 (a conflict is told to claim.c), 3 (announcements). Left
 * out: reverse and proxy ARP.
 */
#include "dataplane/net/net_priv.h"

#define ARP_HARDWARE_ETHERNET 1

static bool is_wellformed(const struct rte_mbuf *m);
static bool answers_probe(const struct net *net, const struct arp_header *arp);
static struct net_verdict answer(struct net *net, struct rte_mbuf *m, uint64_t now_us);
static struct addr nobody(void);
static enum drop_reason
send_arp(struct net *net, unsigned port, uint16_t operation, const struct addr *sender,
	 const struct addr *target, uint64_t target_mac);

struct net_verdict
arp_input(struct net *net, struct rte_mbuf *m, uint64_t now_us)
{
	const struct arp_header *arp = rte_pktmbuf_mtod(m, const struct arp_header *);
	unsigned port = packet_of(m)->port;
	struct addr sender, target;
	enum neighbour_news news = NEIGHBOUR_ANSWERS;

	if (!is_wellformed(m))
		return net_drop(DROP_arp_malformed);
	if (net->reads) /* worker 0 speaks for all */
		return net_drop(DROP_arp_not_for_us);
	sender = addr_from_v4(arp->sender);
	target = addr_from_v4(arp->target);
	if (net_mac_is_ours(net, mac_load(arp->sender_mac))) /* came back */
		return net_drop(DROP_arp_not_for_us);
	if (route_is_own(net, &sender, port)) {
		claim_conflict(net, &sender, port, mac_load(arp->sender_mac), now_us);
		return net_drop(DROP_arp_address_conflict);
	}
	if (addr_equal(&sender, &target))
		news = NEIGHBOUR_ANNOUNCES;
	else if (!route_is_own_on(net, &target, port) && !answers_probe(net, arp))
		return net_drop(DROP_arp_not_for_us);
	else if (be16_to(arp->operation) == ARP_REQUEST)
		return answer(net, m, now_us);
	if (!neighbour_learn(net, &sender, port, mac_load(arp->sender_mac), news, now_us))
		return net_drop(DROP_arp_unsolicited);
	rte_pktmbuf_free(m);
	return net_next(NET_TAKEN);
}

static bool
is_wellformed(const struct rte_mbuf *m)
{
	const struct arp_header *arp = rte_pktmbuf_mtod(m, const struct arp_header *);
	uint64_t mac;
	struct addr sender;

	if (m->data_len < sizeof *arp)
		return false;
	if (be16_to(arp->hardware) != ARP_HARDWARE_ETHERNET || arp->hardware_len != 6)
		return false;
	if (be16_to(arp->protocol) != ETH_TYPE_IPV4 || arp->protocol_len != 4)
		return false;
	mac = mac_load(arp->sender_mac);
	sender = addr_from_v4(arp->sender);
	if (mac_is_group(mac) || mac == MAC_NONE || addr_is_multicast(&sender) ||
	    addr_is_loopback(&sender))
		return false;
	switch (be16_to(arp->operation)) {
	case ARP_REQUEST:
		return true;
	case ARP_REPLY:
		return !addr_is_unspecified(&sender);
	default:
		return false;
	}
}

/* We ask as nobody where our own address is a duplicate: see arp_request. */
static bool
answers_probe(const struct net *net, const struct arp_header *arp)
{
	struct addr target = addr_from_v4(arp->target);

	return net->duplicates && be16_to(arp->operation) == ARP_REPLY &&
	       addr_is_unspecified(&target);
}

/* Learns who asks if that is a neighbour; a probe (RFC 5227: sender 0.0.0.0) is answered without. */
static struct net_verdict
answer(struct net *net, struct rte_mbuf *m, uint64_t now_us)
{
	const struct arp_header *arp = rte_pktmbuf_mtod(m, const struct arp_header *);
	struct addr sender = addr_from_v4(arp->sender), target = addr_from_v4(arp->target);
	unsigned port = packet_of(m)->port;
	uint64_t mac = mac_load(arp->sender_mac);
	enum drop_reason reason;

	if (route_connected(net, port, &sender))
		(void)neighbour_learn(net, &sender, port, mac, NEIGHBOUR_ASKS, now_us);
	reason = send_arp(net, port, ARP_REPLY, &target, &sender, mac);
	if (reason)
		return net_drop(reason);
	rte_pktmbuf_free(m);
	return net_next(NET_TAKEN);
}

/* Our own broadcast may come back where two of our ports share a segment. */
bool
net_mac_is_ours(const struct net *net, uint64_t mac)
{
	for (unsigned port = 0; port < LIMIT_INTERFACES; port++)
		if (net->port_mac[port] == mac)
			return true;
	return false;
}

enum drop_reason
arp_request(struct net *net, unsigned port, const struct addr *target, uint64_t mac)
{
	const struct gen_address *own = route_connected(net, port, target);
	struct addr sender;
	enum drop_reason reason;

	if (!own)
		return DROP_ip_no_route;
	sender = claim_is_duplicate(net, &own->addr, port) ? nobody() : own->addr;
	reason = send_arp(net, port, ARP_REQUEST, &sender, target, mac);
	if (!reason)
		net->stats->counter[COUNTER_arp_requests_sent]++;
	return reason;
}

/* 0.0.0.0 */
static struct addr
nobody(void)
{
	return addr_from_v4((be32){ 0 });
}

enum drop_reason
arp_probe(struct net *net, unsigned port, const struct addr *own)
{
	struct addr sender = nobody();

	return send_arp(net, port, ARP_REQUEST, &sender, own, MAC_NONE);
}

/* A request for our own address (RFC 5227 3). */
enum drop_reason
arp_announce(struct net *net, unsigned port, const struct addr *own)
{
	return send_arp(net, port, ARP_REQUEST, own, own, MAC_NONE);
}

/* target_mac MAC_NONE: not known, to all. */
static enum drop_reason
send_arp(struct net *net, unsigned port, uint16_t operation, const struct addr *sender,
	 const struct addr *target, uint64_t target_mac)
{
	struct rte_mbuf *m = net_make(net, port);
	struct arp_header *arp;

	if (!m)
		return DROP_mbuf_empty;
	arp = (struct arp_header *)rte_pktmbuf_append(m, sizeof *arp);
	ASSERT(arp);
	arp->hardware = be16_from(ARP_HARDWARE_ETHERNET);
	arp->protocol = be16_from(ETH_TYPE_IPV4);
	arp->hardware_len = 6;
	arp->protocol_len = 4;
	arp->operation = be16_from(operation);
	mac_store(arp->sender_mac, net->port_mac[port]);
	arp->sender = addr_to_v4(sender);
	mac_store(arp->target_mac, target_mac);
	arp->target = addr_to_v4(target);
	eth_push(net, m, port, target_mac == MAC_NONE ? MAC_BROADCAST : target_mac, ETH_TYPE_ARP);
	if (net_push(net, m))
		return DROP_none;
	rte_pktmbuf_free(m);
	return DROP_port_tx_full;
}
