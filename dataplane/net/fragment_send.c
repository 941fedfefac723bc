/*
 * The way out in pieces: for what is larger than its port's MTU and may be cut, which is echo answers. TCP's segments never
 * are: they carry DF, and IPv6 leaves cutting to the sender, who chose their size.
 *
 * RFC 791, 6864 (the identification of IPv4), 8200 4.5, 7739 (identifications nobody can guess: drawn anew for each packet).
 * Each piece is a packet of its own on the way to its neighbour. Copies: the parts of a chain do not end where pieces do.
 */
#include "dataplane/net/net_priv.h"

/* A packet that is being cut, without its IP header. */
struct cut {
	struct rte_mbuf *whole;
	uint32_t id;
	uint32_t piece_bytes; /* of payload, a multiple of 8 */
};

static struct net_verdict
send_piece(struct net *net, const struct cut *cut, uint32_t at, uint64_t now_us);

struct net_verdict
fragment_send(struct net *net, struct rte_mbuf *m, uint64_t now_us)
{
	struct packet *p = packet_of(m);
	bool v4 = addr_is_v4(&p->dst);
	uint32_t mtu_bytes = net->config->ports[p->port].mtu_bytes;
	uint32_t headers = v4 ? (uint32_t)sizeof(struct ipv4_header)
			      : (uint32_t)sizeof(struct ipv6_header) + FRAGMENT_HEADER_BYTES;
	struct cut cut = { .whole = m,
			   .id = (uint32_t)rng_next(&net->rng),
			   .piece_bytes = (mtu_bytes - headers) & ~7u };
	struct net_verdict verdict;

	rte_pktmbuf_adj(m, v4 ? sizeof(struct ipv4_header) : sizeof(struct ipv6_header));
	if (m->pkt_len >
	    cut.piece_bytes * (NET_OWN_PACKETS - RTE_MIN(net->own_count, NET_OWN_PACKETS)))
		return net_drop(DROP_port_tx_full); /* rather nothing than a part */
	for (uint32_t at = 0; at < m->pkt_len; at += cut.piece_bytes) {
		verdict = send_piece(net, &cut, at, now_us);
		if (verdict.next == NET_DROP)
			return verdict;
		net->stats->counter[COUNTER_ip_fragments_sent]++;
	}
	rte_pktmbuf_free(m);
	return net_next(NET_TAKEN);
}

static void
push_v6(struct rte_mbuf *m, const struct cut *cut, uint32_t at, bool more)
{
	struct ipv6_fragment_header *fragment =
	    (struct ipv6_fragment_header *)rte_pktmbuf_prepend(m, sizeof *fragment);

	ASSERT(fragment);
	*fragment = (struct ipv6_fragment_header){
		.next_header = packet_of(m)->protocol,
		.offset = be16_from((uint16_t)(at | (more ? IPV6_MORE_FRAGMENTS : 0))),
		.id = be32_from(cut->id),
	};
	packet_of(m)->protocol = IPPROTO_FRAGMENT;
	ipv6_push(m);
}

/* NET_TAKEN or NET_DROP; what went before the one that is dropped is on its way, and of no use. */
static struct net_verdict
send_piece(struct net *net, const struct cut *cut, uint32_t at, uint64_t now_us)
{
	uint32_t len = RTE_MIN(cut->piece_bytes, cut->whole->pkt_len - at);
	bool more = at + len < cut->whole->pkt_len;
	struct rte_mbuf *m = net_make(net, packet_of(cut->whole)->port);
	struct net_verdict verdict = net_drop(DROP_ip_no_route);
	const void *piece;
	char *to;

	if (!m)
		return net_drop(DROP_mbuf_empty);
	*packet_of(m) = *packet_of(cut->whole);
	to = rte_pktmbuf_append(m, (uint16_t)len);
	ASSERT(to);
	piece = rte_pktmbuf_read(cut->whole, at, len, to);
	ASSERT(piece);
	if (piece != to)
		memcpy(to, piece, len);
	if (route_output(net, m)) {
		if (addr_is_v4(&packet_of(m)->dst))
			ipv4_push(m, (uint16_t)cut->id,
				  (uint16_t)(at / 8 | (more ? IPV4_MORE_FRAGMENTS : 0)));
		else
			push_v6(m, cut, at, more);
		verdict = eth_output(net, m, now_us);
	}
	if (verdict.next == NET_RESOLVE) /* never at worker 0, who has all echo requests */
		verdict = net_drop(DROP_neighbour_unreachable);
	if (verdict.next == NET_SEND)
		verdict = net_push(net, m) ? net_next(NET_TAKEN) : net_drop(DROP_port_tx_full);
	if (verdict.next == NET_DROP)
		rte_pktmbuf_free(m);
	return verdict;
}
