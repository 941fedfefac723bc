/*
 * Neighbour discovery for IPv6: answers solicitations for our addresses, asks for neighbours (neighbour.c decides
 * when), announces. Called by icmp.c with messages whose checksum is right.
 *
 * RFC 4861 7.1 (checks), 7.2 (address resolution), RFC 4862 5.4 (duplicate address detection; claim.c decides), RFC 4291
 * 2.7.1 (solicited-node groups). Left out: router discovery and redirects (routes are configured), anycast delays.
 */
#include "dataplane/net/net_priv.h"

#define OPTION_SOURCE_LINK 1
#define OPTION_TARGET_LINK 2
#define FLAG_SOLICITED     0x40000000u
#define FLAG_OVERRIDE      0x20000000u

struct nd_message {
	struct icmp_header icmp; /* rest: flags of an advertisement */
	uint8_t target[16];
};

struct nd_link_option {
	uint8_t type;
	uint8_t len; /* of 8 bytes */
	uint8_t mac[6];
};

static const struct addr all_nodes = { .byte = { 0xff, 0x02, [15] = 1 } };
/* ff02::1:ff00:0/104 */
static const struct addr solicited_prefix = { .byte = {
						  [0] = 0xff, [1] = 0x02, [11] = 1, [12] = 0xff } };

static struct net_verdict
solicitation_input(struct net *net, struct rte_mbuf *m, const struct addr *target, uint64_t now_us);
static struct net_verdict advertisement_input(struct net *net, struct rte_mbuf *m,
					      const struct addr *target, uint64_t now_us);
static bool find_link_option(const struct rte_mbuf *m, uint8_t type, uint64_t *mac);
static enum drop_reason
advertise(struct net *net, unsigned port, const struct addr *own, const struct addr *to,
	  uint64_t mac, bool override, uint64_t now_us);
static struct rte_mbuf *
make_message(struct net *net, unsigned port, uint8_t type, const struct addr *target);
static void add_link_option(struct net *net, struct rte_mbuf *m, uint8_t type);
static struct addr solicited_group(const struct addr *target);
static uint64_t group_mac(const struct addr *group);
static enum drop_reason send_to(struct net *net, struct rte_mbuf *m, uint64_t mac, uint64_t now_us);

bool
nd_is_our_group(const struct addr *a)
{
	return addr_equal(a, &all_nodes) || addr_in_prefix(a, &solicited_prefix, 104);
}

/* The checks that RFC 4861 7.1.1 and 7.1.2 have in common. */
struct net_verdict
nd_input(struct net *net, struct rte_mbuf *m, uint64_t now_us)
{
	const struct nd_message *nd = rte_pktmbuf_mtod(m, const struct nd_message *);
	struct addr target;

	if (m->data_len < sizeof *nd || nd->icmp.code != 0 ||
	    packet_of(m)->hop_limit != HOP_LIMIT_ON_LINK)
		return net_drop(DROP_nd_malformed);
	target = addr_from_v6(nd->target);
	if (addr_is_multicast(&target) || addr_is_v4(&target))
		return net_drop(DROP_nd_malformed);
	if (net->reads) /* worker 0 speaks for all */
		return net_drop(DROP_nd_not_for_us);
	if (nd->icmp.type == ICMP6_SOLICITATION)
		return solicitation_input(net, m, &target, now_us);
	return advertisement_input(net, m, &target, now_us);
}

static struct net_verdict
solicitation_input(struct net *net, struct rte_mbuf *m, const struct addr *target, uint64_t now_us)
{
	struct packet *p = packet_of(m);
	bool probe =
	    addr_is_unspecified(&p->src); /* duplicate address detection of somebody else */
	struct addr to = probe ? all_nodes : p->src;
	enum drop_reason reason;
	uint64_t mac;

	if (!find_link_option(m, OPTION_SOURCE_LINK, &mac))
		return net_drop(DROP_nd_malformed);
	if (probe && (mac != MAC_NONE || !addr_in_prefix(&p->dst, &solicited_prefix, 104)))
		return net_drop(DROP_nd_malformed);
	if (net_mac_is_ours(net, mac)) /* came back */
		return net_drop(DROP_nd_not_for_us);
	if (!probe && route_is_own(net, &p->src, p->port)) {
		claim_conflict(net, &p->src, p->port, mac, now_us);
		return net_drop(DROP_nd_address_conflict);
	}
	if (!route_is_own_on(net, target, p->port))
		return net_drop(DROP_nd_not_for_us);
	if (mac != MAC_NONE &&
	    (addr_is_link_local_v6(&p->src) || route_connected(net, p->port, &p->src)))
		(void)neighbour_learn(net, &p->src, p->port, mac, NEIGHBOUR_ASKS, now_us);
	reason =
	    advertise(net, p->port, target, &to, probe ? group_mac(&all_nodes) : mac, true, now_us);
	if (reason)
		return net_drop(reason);
	rte_pktmbuf_free(m);
	return net_next(NET_TAKEN);
}

static struct net_verdict
advertisement_input(struct net *net, struct rte_mbuf *m, const struct addr *target, uint64_t now_us)
{
	struct packet *p = packet_of(m);
	uint32_t flags = be32_to(rte_pktmbuf_mtod(m, const struct nd_message *)->icmp.rest);
	bool solicited = flags & FLAG_SOLICITED;
	uint64_t mac;

	if (!find_link_option(m, OPTION_TARGET_LINK, &mac) || addr_is_unspecified(&p->src))
		return net_drop(DROP_nd_malformed);
	if (solicited && addr_is_multicast(&p->dst))
		return net_drop(DROP_nd_malformed);
	if (route_is_own(net, target, p->port)) {
		if (net_mac_is_ours(net, mac)) /* came back */
			return net_drop(DROP_nd_not_for_us);
		claim_conflict(net, target, p->port, mac, now_us);
		return net_drop(DROP_nd_address_conflict);
	}
	if (!neighbour_learn(net, target, p->port, mac,
			     solicited ? NEIGHBOUR_ANSWERS : NEIGHBOUR_ANNOUNCES, now_us))
		return net_drop(DROP_nd_unsolicited);
	rte_pktmbuf_free(m);
	return net_next(NET_TAKEN);
}

/* Walks all options, so that one of length 0 or beyond the end is found; *mac is MAC_NONE without one of this type. */
static bool
find_link_option(const struct rte_mbuf *m, uint8_t type, uint64_t *mac)
{
	const uint8_t *at = rte_pktmbuf_mtod_offset(m, const uint8_t *, sizeof(struct nd_message));
	uint32_t left = m->data_len - (uint32_t)sizeof(struct nd_message);

	*mac = MAC_NONE;
	while (left) {
		uint32_t len = left >= 2 ? at[1] * 8u : 0;

		if (len == 0 || len > left)
			return false;
		if (at[0] == type) {
			*mac = mac_load(at + 2);
			if (len != sizeof(struct nd_link_option) || mac_is_group(*mac) ||
			    *mac == MAC_NONE)
				return false;
		}
		at += len;
		left -= len;
	}
	return true;
}

/* Solicited unless it goes to all nodes (RFC 4861 7.2.4). */
static enum drop_reason
advertise(struct net *net, unsigned port, const struct addr *own, const struct addr *to,
	  uint64_t mac, bool override, uint64_t now_us)
{
	struct rte_mbuf *m = make_message(net, port, ICMP6_ADVERTISEMENT, own);
	uint32_t flags =
	    (override ? FLAG_OVERRIDE : 0) | (addr_is_multicast(to) ? 0 : FLAG_SOLICITED);

	if (!m)
		return DROP_mbuf_empty;
	add_link_option(net, m, OPTION_TARGET_LINK);
	rte_pktmbuf_mtod(m, struct nd_message *)->icmp.rest = be32_from(flags);
	packet_of(m)->src = *own;
	packet_of(m)->dst = *to;
	return send_to(net, m, mac, now_us);
}

enum drop_reason
nd_announce(struct net *net, unsigned port, const struct addr *own, bool override)
{
	return advertise(net, port, own, &all_nodes, group_mac(&all_nodes), override, 0);
}

/* From nobody, so without an Ethernet address of ours. */
enum drop_reason
nd_probe(struct net *net, unsigned port, const struct addr *own)
{
	struct rte_mbuf *m = make_message(net, port, ICMP6_SOLICITATION, own);

	if (!m)
		return DROP_mbuf_empty;
	packet_of(m)->src = addr_any;
	packet_of(m)->dst = solicited_group(own);
	return send_to(net, m, group_mac(&packet_of(m)->dst), 0);
}

/* From the address on the target's prefix, so that the neighbour learns the address that it will talk to. */
enum drop_reason
nd_solicit(struct net *net, unsigned port, const struct addr *target, uint64_t mac)
{
	const struct gen_address *own = route_connected(net, port, target);
	struct rte_mbuf *m = make_message(net, port, ICMP6_SOLICITATION, target);
	enum drop_reason reason;

	if (!m)
		return DROP_mbuf_empty;
	add_link_option(net, m, OPTION_SOURCE_LINK);
	packet_of(m)->src =
	    own && !claim_is_duplicate(net, &own->addr, port) ? own->addr : net->link_local[port];
	packet_of(m)->dst = mac == MAC_NONE ? solicited_group(target) : *target;
	reason = send_to(net, m, mac == MAC_NONE ? group_mac(&packet_of(m)->dst) : mac, 0);
	if (!reason)
		net->stats->counter[COUNTER_nd_solicitations_sent]++;
	return reason;
}

static struct rte_mbuf *
make_message(struct net *net, unsigned port, uint8_t type, const struct addr *target)
{
	struct rte_mbuf *m = net_make(net, port);
	struct nd_message *nd;

	if (!m)
		return NULL;
	nd = (struct nd_message *)rte_pktmbuf_append(m, sizeof *nd);
	ASSERT(nd);
	nd->icmp = (struct icmp_header){ .type = type };
	memcpy(nd->target, target->byte, sizeof nd->target);
	return m;
}

/* Our Ethernet address. */
static void
add_link_option(struct net *net, struct rte_mbuf *m, uint8_t type)
{
	struct nd_link_option *option =
	    (struct nd_link_option *)rte_pktmbuf_append(m, sizeof *option);

	ASSERT(option);
	option->type = type;
	option->len = 1;
	mac_store(option->mac, net->port_mac[packet_of(m)->port]);
}

static struct addr
solicited_group(const struct addr *target)
{
	struct addr group = solicited_prefix;

	memcpy(&group.byte[13], &target->byte[13], 3);
	return group;
}

/* 33:33 and the last four bytes (RFC 2464 7). */
static uint64_t
group_mac(const struct addr *group)
{
	uint8_t mac[6] = { 0x33, 0x33 };

	memcpy(&mac[2], &group->byte[12], 4);
	return mac_load(mac);
}

/*
 * Takes m. Mostly the Ethernet address is known here and no route or neighbour is looked up; MAC_NONE: an answer to
 * a neighbour that left its own out of the question. now_us matters in that case only.
 */
static enum drop_reason
send_to(struct net *net, struct rte_mbuf *m, uint64_t mac, uint64_t now_us)
{
	struct icmp_header *icmp = rte_pktmbuf_mtod(m, struct icmp_header *);
	struct packet *p = packet_of(m);
	uint32_t sum = checksum_pseudo(&p->src, &p->dst, IPPROTO_ICMPV6, m->pkt_len);
	struct net_verdict verdict;

	icmp->checksum.raw = checksum_finish(checksum_add(sum, icmp, m->pkt_len));
	p->protocol = IPPROTO_ICMPV6;
	p->hop_limit = HOP_LIMIT_ON_LINK;
	if (mac != MAC_NONE) {
		ipv6_push(m);
		eth_push(net, m, p->port, mac, ETH_TYPE_IPV6);
		verdict = net_push(net, m) ? net_next(NET_TAKEN) : net_drop(DROP_port_tx_full);
	} else {
		verdict = net_send(net, m, now_us);
	}
	if (verdict.next == NET_DROP)
		rte_pktmbuf_free(m);
	return verdict.reason;
}
