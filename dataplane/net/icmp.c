/*
 * ICMP and ICMPv6: answers echo requests, tells TCP (through path.c) of errors about its connections, hands neighbour
 * discovery to nd.c, and sends the few errors that a host owes.
 *
 * RFC 792, 1122 3.2.2 and 4.2.3.9, 4443, 1191, 8201. Left out: redirects, timestamps, router discovery, node
 * information; all of them counted as icmp_type_unknown.
 */
#include "dataplane/net/net_priv.h"

#define QUOTE_TOTAL_V4 576u  /* an error is no longer than this (RFC 1812 4.3.2.3) */
#define QUOTE_TOTAL_V6 1280u /* RFC 4443 2.4 (c) */
#define ECHO_UNIT_BYTES                                                                            \
	1280u /* an answer counts as one for each so many: what leaves by the smallest MTU */

/* What is quoted of a TCP header: 8 bytes are certain (RFC 792). */
struct tcp_quote {
	be16 src_port, dst_port;
	be32 sequence;
};

static struct net_verdict
echo(struct net *net, struct rte_mbuf *m, uint8_t reply_type, uint64_t now_us);
static bool unreachable_kind(uint8_t code, enum icmp_kind *kind);
static bool error_kind(const struct icmp_header *icmp, enum icmp_kind *kind);
static struct net_verdict error_input(struct net *net, struct rte_mbuf *m, enum icmp_kind kind);
static bool error6_kind(const struct icmp_header *icmp, enum icmp_kind *kind);
static struct net_verdict error6_input(struct net *net, struct rte_mbuf *m, enum icmp_kind kind);
static struct net_verdict
error_about(struct net *net, struct rte_mbuf *m, const struct tcp_quote *tcp, enum icmp_kind kind);
static bool own_address_towards(const struct net *net, const struct packet *p, struct addr *own);
static uint32_t checksum_all(uint32_t sum, const struct rte_mbuf *m);

static struct net_verdict
taken(struct rte_mbuf *m)
{
	rte_pktmbuf_free(m);
	return net_next(NET_TAKEN);
}

struct net_verdict
icmp_input(struct net *net, struct rte_mbuf *m, uint64_t now_us)
{
	const struct icmp_header *icmp = rte_pktmbuf_mtod(m, const struct icmp_header *);
	enum icmp_kind kind;

	if (m->data_len < sizeof *icmp)
		return net_drop(DROP_icmp_truncated);
	if (checksum_finish(checksum_all(0, m)) != 0)
		return net_drop(DROP_icmp_checksum);
	if (icmp->type == ICMP_ECHO_REQUEST)
		return echo(net, m, ICMP_ECHO_REPLY, now_us);
	if (m->nb_segs > 1)
		return net_drop(DROP_ip_reassembled_too_big);
	if (icmp->type == ICMP_ECHO_REPLY && ping_reply(net, m, now_us))
		return taken(m);
	if (error_kind(icmp, &kind))
		return ping_error(net, m, now_us) ? taken(m) : error_input(net, m, kind);
	return net_drop(DROP_icmp_type_unknown);
}

struct net_verdict
icmp6_input(struct net *net, struct rte_mbuf *m, uint64_t now_us)
{
	const struct icmp_header *icmp = rte_pktmbuf_mtod(m, const struct icmp_header *);
	struct packet *p = packet_of(m);
	enum icmp_kind kind;
	uint32_t sum;

	if (m->data_len < sizeof *icmp)
		return net_drop(DROP_icmp_truncated);
	sum = checksum_pseudo(&p->src, &p->dst, IPPROTO_ICMPV6, m->pkt_len);
	if (checksum_finish(checksum_all(sum, m)) != 0)
		return net_drop(DROP_icmp_checksum);
	if (icmp->type == ICMP6_SOLICITATION || icmp->type == ICMP6_ADVERTISEMENT)
		return p->in_fragments ? net_drop(DROP_nd_malformed) /* RFC 6980 */
				       : nd_input(net, m, now_us);
	if (addr_is_multicast(&p->dst)) /* router advertisements, MLD queries */
		return net_drop(DROP_icmp_type_unknown);
	if (addr_is_unspecified(&p->src))
		return net_drop(DROP_ip_source_invalid);
	if (icmp->type == ICMP6_ECHO_REQUEST)
		return echo(net, m, ICMP6_ECHO_REPLY, now_us);
	if (m->nb_segs > 1)
		return net_drop(DROP_ip_reassembled_too_big);
	if (icmp->type == ICMP6_ECHO_REPLY && ping_reply(net, m, now_us))
		return taken(m);
	if (error6_kind(icmp, &kind))
		return ping_error(net, m, now_us) ? taken(m) : error6_input(net, m, kind);
	return net_drop(DROP_icmp_type_unknown);
}

/*
 * RFC 1122 3.2.2.6, RFC 4443 4.2: from the address that was asked, with the same data, in the same buffers. One that leaves
 * in pieces counts as so many, by the smallest MTU there is.
 */
static struct net_verdict
echo(struct net *net, struct rte_mbuf *m, uint8_t reply_type, uint64_t now_us)
{
	struct icmp_header *icmp = rte_pktmbuf_mtod(m, struct icmp_header *);
	struct packet *p = packet_of(m);
	struct addr asked = p->dst;
	struct net_verdict verdict;

	if (!rate_limit_allows(&net->echo_limit, 1 + m->pkt_len / ECHO_UNIT_BYTES, now_us))
		return net_drop(DROP_icmp_rate_limited);
	p->dst = p->src;
	p->src = asked;
	p->hop_limit = 0;
	p->in_fragments = true; /* may leave so */
	icmp->type = reply_type;
	icmp->code = 0;
	icmp_finish(m);
	verdict = net_send(net, m, now_us);
	if (verdict.next == NET_TAKEN)
		net->stats->counter[COUNTER_icmp_echoes_answered]++;
	return verdict;
}

/* Codes of destination unreachable; RFC 1122 4.2.3.9 calls 2 to 4 hard errors. */
static bool
unreachable_kind(uint8_t code, enum icmp_kind *kind)
{
	switch (code) {
	case 2: /* protocol */
	case 3: /* port */
		*kind = ICMP_KIND_UNREACHABLE_HARD;
		return true;
	case 4: /* fragmentation needed */
		*kind = ICMP_KIND_TOO_BIG;
		return true;
	default:
		*kind = ICMP_KIND_UNREACHABLE_SOFT;
		return code <= 15;
	}
}

/* False for what is no error, and for errors that we do not know. */
static bool
error_kind(const struct icmp_header *icmp, enum icmp_kind *kind)
{
	switch (icmp->type) {
	case ICMP_UNREACHABLE:
		return unreachable_kind(icmp->code, kind);
	case ICMP_TIME_EXCEEDED:
		*kind = ICMP_KIND_TIME_EXCEEDED;
		return true;
	case ICMP_PARAMETER_PROBLEM:
		*kind = ICMP_KIND_UNREACHABLE_SOFT;
		return true;
	default:
		return false;
	}
}

static struct net_verdict
error_input(struct net *net, struct rte_mbuf *m, enum icmp_kind kind)
{
	const struct icmp_header *icmp = rte_pktmbuf_mtod(m, const struct icmp_header *);
	const struct ipv4_header *ip = (const struct ipv4_header *)(icmp + 1);
	struct packet *p = packet_of(m);
	uint32_t header_len;

	if (m->data_len < sizeof *icmp + sizeof *ip)
		return net_drop(DROP_icmp_truncated);
	header_len = (ip->version_len & 0x0fu) * 4;
	if (ip->version_len >> 4 != 4 || header_len != sizeof *ip) /* we send no options */
		return net_drop(DROP_icmp_error_unmatched);
	if (m->data_len < sizeof *icmp + header_len + sizeof(struct tcp_quote))
		return net_drop(DROP_icmp_truncated);
	if (ip->protocol != IPPROTO_TCP || (be16_to(ip->fragment) & IPV4_FRAGMENTED))
		return net_drop(DROP_icmp_error_unmatched);
	p->src = addr_from_v4(ip->src);
	p->dst = addr_from_v4(ip->dst);
	p->icmp_mtu = be32_to(icmp->rest) & UINT16_MAX; /* 0: a router older than RFC 1191 */
	return error_about(net, m, (const struct tcp_quote *)(ip + 1), kind);
}

/* RFC 4443 3.1 to 3.4. */
static bool
error6_kind(const struct icmp_header *icmp, enum icmp_kind *kind)
{
	switch (icmp->type) {
	case ICMP6_UNREACHABLE:
		*kind = icmp->code == 4 ? ICMP_KIND_UNREACHABLE_HARD
					: ICMP_KIND_UNREACHABLE_SOFT; /* 4: port */
		return true;
	case ICMP6_TOO_BIG:
		*kind = ICMP_KIND_TOO_BIG;
		return true;
	case ICMP6_TIME_EXCEEDED:
		*kind = ICMP_KIND_TIME_EXCEEDED;
		return true;
	case ICMP6_PARAMETER_PROBLEM: /* 1: next header not known there, as "protocol unreachable" */
		*kind = icmp->code == 1 ? ICMP_KIND_UNREACHABLE_HARD : ICMP_KIND_UNREACHABLE_SOFT;
		return true;
	default:
		return false;
	}
}

static struct net_verdict
error6_input(struct net *net, struct rte_mbuf *m, enum icmp_kind kind)
{
	const struct icmp_header *icmp = rte_pktmbuf_mtod(m, const struct icmp_header *);
	const struct ipv6_header *ip = (const struct ipv6_header *)(icmp + 1);
	struct packet *p = packet_of(m);

	if (m->data_len < sizeof *icmp + sizeof *ip + sizeof(struct tcp_quote))
		return net_drop(DROP_icmp_truncated);
	if (be32_to(ip->version_class_flow) >> 28 != 6 ||
	    ip->next_header != IPPROTO_TCP) /* we send no extensions */
		return net_drop(DROP_icmp_error_unmatched);
	p->src = addr_from_v6(ip->src);
	p->dst = addr_from_v6(ip->dst);
	if (addr_is_v4(&p->src) ||
	    addr_is_v4(&p->dst)) /* mapped: would be another family's connection */
		return net_drop(DROP_icmp_error_unmatched);
	p->icmp_mtu = be32_to(icmp->rest);
	return error_about(net, m, (const struct tcp_quote *)(ip + 1), kind);
}

/* Whether there is such a connection, the sequence number is in flight and the MTU plausible, is for TCP to say (RFC 5927 4). */
static struct net_verdict
error_about(struct net *net, struct rte_mbuf *m, const struct tcp_quote *tcp, enum icmp_kind kind)
{
	struct packet *p = packet_of(m);

	if (!route_is_own(net, &p->src, p->port))
		return net_drop(DROP_icmp_error_unmatched);
	p->protocol = IPPROTO_TCP;
	p->src_port = be16_to(tcp->src_port);
	p->dst_port = be16_to(tcp->dst_port);
	p->icmp_sequence = be32_to(tcp->sequence);
	p->icmp_kind = (uint8_t)kind;
	return net_next(NET_ICMP_ERROR);
}

/*
 * RFC 1122 3.2.2 and RFC 4443 2.4 (e): never about ICMP errors, fragments but the first, or sources that are no single
 * host; nor about group addresses, but for IPv6 options that ask for it. The callers see to that.
 */
void
icmp_send_error(struct net *net, struct rte_mbuf *about, uint8_t type, uint8_t code, uint32_t rest,
		uint64_t now_us)
{
	const struct packet *p = packet_of(about);
	bool v4 = addr_is_v4(&p->src);
	uint32_t room = v4 ? QUOTE_TOTAL_V4 - (uint32_t)sizeof(struct ipv4_header)
			   : QUOTE_TOTAL_V6 - (uint32_t)sizeof(struct ipv6_header);
	uint32_t quote = RTE_MIN(room - (uint32_t)sizeof(struct icmp_header), about->data_len);
	struct addr from = p->dst;
	struct icmp_header *icmp;
	struct net_verdict verdict;
	struct rte_mbuf *m;

	if (addr_is_multicast(&from) && !own_address_towards(net, p, &from))
		return;
	if (!rate_limit_allows(&net->error_limit, 1, now_us))
		return;
	m = net_make(net, p->port);
	if (!m) {
		net->stats->drop[DROP_mbuf_empty]++;
		return;
	}
	icmp = (struct icmp_header *)rte_pktmbuf_append(m, (uint16_t)(sizeof *icmp + quote));
	ASSERT(icmp);
	*icmp = (struct icmp_header){ .type = type, .code = code, .rest = be32_from(rest) };
	memcpy(icmp + 1, rte_pktmbuf_mtod(about, const void *), quote);
	packet_of(m)->src = from;
	packet_of(m)->dst = p->src;
	packet_of(m)->protocol = v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	icmp_finish(m);
	verdict = net_send(net, m, now_us);
	if (verdict.next == NET_DROP)
		net_discard(net, m, verdict.reason);
	else
		net->stats->counter[COUNTER_icmp_errors_sent]++;
}

/* RFC 4443 2.2 (c): what answers a packet to a group. */
static bool
own_address_towards(const struct net *net, const struct packet *p, struct addr *own)
{
	if (!addr_is_link_local_v6(&p->src))
		return net_source_addr(net, &p->src, own) == ERR_ok;
	*own = net->link_local[p->port];
	return true;
}

/* The checksum of an outgoing message; ICMPv6 covers the addresses as well. */
void
icmp_finish(struct rte_mbuf *m)
{
	struct icmp_header *icmp = rte_pktmbuf_mtod(m, struct icmp_header *);
	const struct packet *p = packet_of(m);
	uint32_t sum = 0;

	if (p->protocol == IPPROTO_ICMPV6)
		sum = checksum_pseudo(&p->src, &p->dst, IPPROTO_ICMPV6, m->pkt_len);
	icmp->checksum.raw = 0;
	icmp->checksum.raw = checksum_finish(checksum_all(sum, m));
}

/* Of a chain too: parts but the last one are fragments, so they have even lengths. */
static uint32_t
checksum_all(uint32_t sum, const struct rte_mbuf *m)
{
	for (; m; m = m->next) {
		ASSERT(!m->next || m->data_len % 2 == 0);
		sum = checksum_add(sum, rte_pktmbuf_mtod(m, const void *), m->data_len);
	}
	return sum;
}
