/*
 * IPv6 for a host: checks a packet's header, whether it is for us, steps over extension headers that mean nothing to us,
 * and hands on what it carries; puts the header in front of what goes out.
 *
 * RFC 8200 (4: extension headers, 4.2: options, 4.4: routing, 4.5: fragments, for fragment.c), 5095 (routing header type 0 is
 * like any unknown one), 7112 (the first fragment has all headers), 8504 5.3 and 8883 (limits on headers, and how to tell),
 * 6890 and 4291 (addresses that nobody has). Link-local addresses are for neighbour discovery and ICMPv6 only. Addresses for
 * documentation (RFC 3849) are good ones, as laboratories use them. Left out: authentication and mobility headers (refused),
 * forwarding, flow labels.
 */
#include "dataplane/net/net_priv.h"

#define HOP_LIMIT_DEFAULT 64

/* What we go through of a packet's headers; nobody needs more, and it bounds the work. */
#define EXTENSIONS_MAX   4u
#define OPTION_BYTES_MAX 64u  /* of one header of options, which are walked */
#define CHAIN_BYTES_MAX  256u /* of all extension headers together */

#define OPTION_PAD1    0
#define OPTION_SKIP    0 /* the upper two bits of an option's type, RFC 8200 4.2 */
#define OPTION_DISCARD 1
#define OPTION_TELL    2 /* also of one to a group; 3: not then */

/* Codes of ICMPv6 errors: RFC 4443 3.1 and 3.4, 7112 5, 8883 3. */
#define UNREACHABLE_PORT    4
#define ERRONEOUS_FIELD     0
#define UNKNOWN_NEXT_HEADER 1
#define UNKNOWN_OPTION      2
#define INCOMPLETE_CHAIN    3
#define HEADER_TOO_BIG      6
#define CHAIN_TOO_LONG      7
#define TOO_MANY_HEADERS    8
#define NO_PROBLEM          0xff

#define FRAGMENT_OFFSET_AT 2u /* in a fragment header */

struct extension_header {
	uint8_t next_header;
	uint8_t len; /* of 8 bytes, without the first 8 */
	uint8_t routing_type, segments_left;
};

/* What stands in front of the protocol: found header by header. */
struct chain {
	uint32_t len;            /* bytes, from the IPv6 header on */
	uint32_t next_header_at; /* where `protocol` is named */
	uint32_t count;
	uint32_t fragment_at; /* of a fragment header, where the walk stops; 0: none */
	uint8_t protocol;
	bool whole; /* came in fragments: there are no others in it */
	uint8_t
	    problem; /* code of the parameter problem that a refusal is told by, or NO_PROBLEM */
	uint32_t pointer;
};

static enum drop_reason check_header(struct rte_mbuf *m);
static enum drop_reason walk(const struct rte_mbuf *m, struct chain *chain);
static bool is_extension(uint8_t protocol);
static enum drop_reason step(const struct rte_mbuf *m, struct chain *chain);
static enum drop_reason
check_options(const struct rte_mbuf *m, struct chain *chain, uint32_t header_bytes);
static enum drop_reason
refuse_option(const struct rte_mbuf *m, struct chain *chain, uint8_t type, uint32_t at);
static enum drop_reason refuse(struct chain *chain, uint8_t problem, uint32_t pointer);
static enum drop_reason check_addresses(const struct net *net, const struct packet *p, bool icmp);
static enum drop_reason check_source(const struct net *net, const struct packet *p, bool local);
static bool may_be_conflict(const struct packet *p);
static bool may_have_been_ours(const struct addr *dst);
static struct net_verdict refused(struct net *net, struct rte_mbuf *m, const struct chain *chain,
				  enum drop_reason reason, uint64_t now_us);
static bool is_icmp_error(const struct rte_mbuf *m, struct chain chain);
static struct net_verdict
fragment_in(struct net *net, struct rte_mbuf *m, struct chain *chain, uint64_t now_us);
static enum drop_reason
check_first(const struct rte_mbuf *m, struct chain *chain, uint32_t len, uint8_t next_header);
static struct net_verdict
protocol_unknown(struct net *net, struct rte_mbuf *m, uint32_t next_header_at, uint64_t now_us);

struct net_verdict
ipv6_input(struct net *net, struct rte_mbuf *m, uint64_t now_us)
{
	const struct ipv6_header *ip = rte_pktmbuf_mtod(m, const struct ipv6_header *);
	struct packet *p = packet_of(m);
	enum drop_reason reason = check_header(m);
	struct chain chain;
	struct net_verdict punted;

	if (reason)
		return net_drop(reason);
	p->src = addr_from_v6(ip->src);
	p->dst = addr_from_v6(ip->dst);
	p->hop_limit = ip->hop_limit;
	p->traffic_class = (uint8_t)(be32_to(ip->version_class_flow) >> 20);
	chain = (struct chain){ .len = sizeof *ip,
				.next_header_at = offsetof(struct ipv6_header, next_header),
				.protocol = ip->next_header,
				.whole = p->in_fragments,
				.problem = NO_PROBLEM };
	reason = walk(m, &chain);
	p->protocol = chain.protocol;
	if (reason)
		return refused(net, m, &chain, reason, now_us);
	if (chain.fragment_at)
		return fragment_in(net, m, &chain, now_us);
	reason = check_addresses(net, p, p->protocol == IPPROTO_ICMPV6);
	if (unlikely(net->services) && m->nb_segs == 1 &&
	    punt_input(net, m, chain.len, reason, now_us, &punted))
		return punted;
	if (reason && (!net_is_stray(p, reason) || !may_have_been_ours(&p->dst)))
		return net_drop(reason);

	switch (p->protocol) {
	case IPPROTO_TCP:
		if (m->nb_segs > 1)
			return net_drop(DROP_ip_reassembled_too_big);
		rte_pktmbuf_adj(m, (uint16_t)chain.len);
		return net_tcp(reason);
	case IPPROTO_ICMPV6:
		rte_pktmbuf_adj(m, (uint16_t)chain.len);
		return icmp6_input(net, m, now_us);
	default:
		return protocol_unknown(net, m, chain.next_header_at, now_us);
	}
}

/* Trims what Ethernet has padded. */
static enum drop_reason
check_header(struct rte_mbuf *m)
{
	const struct ipv6_header *ip = rte_pktmbuf_mtod(m, const struct ipv6_header *);
	uint32_t total_len;

	if (m->data_len < sizeof *ip)
		return DROP_ip_truncated;
	total_len = (uint32_t)sizeof *ip + be16_to(ip->payload_len);
	if (total_len > m->pkt_len)
		return DROP_ip_truncated;
	rte_pktmbuf_trim(m, (uint16_t)(m->pkt_len - total_len));
	return DROP_none;
}

/* Goes on until the protocol, or a fragment header that needs reassembly. */
static enum drop_reason
walk(const struct rte_mbuf *m, struct chain *chain)
{
	enum drop_reason reason = DROP_none;

	while (!reason && !chain->fragment_at && is_extension(chain->protocol))
		reason = step(m, chain);
	return reason;
}

static bool
is_extension(uint8_t protocol)
{
	return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_DSTOPTS ||
	       protocol == IPPROTO_ROUTING || protocol == IPPROTO_FRAGMENT ||
	       protocol == IPPROTO_AH;
}

/*
 * One header further. Hop-by-hop options stand first or nowhere; a routing header is of no more use where no segment is
 * left, of whatever type it is (RFC 8200 4.4, RFC 5095 3).
 */
static enum drop_reason
step(const struct rte_mbuf *m, struct chain *chain)
{
	const struct extension_header *header =
	    rte_pktmbuf_mtod_offset(m, const struct extension_header *, chain->len);
	uint32_t at = chain->len, bytes;
	enum drop_reason reason;

	if (chain->protocol == IPPROTO_AH ||
	    (chain->protocol == IPPROTO_HOPOPTS && at != sizeof(struct ipv6_header)))
		return refuse(chain, UNKNOWN_NEXT_HEADER, chain->next_header_at);
	if (chain->protocol == IPPROTO_FRAGMENT && chain->whole)
		return refuse(chain, NO_PROBLEM, 0);
	if (m->data_len - at < FRAGMENT_HEADER_BYTES)
		return DROP_ip_truncated;
	if (chain->protocol == IPPROTO_FRAGMENT) {
		chain->fragment_at = at;
		return DROP_none;
	}
	bytes = 8u + header->len * 8u;
	if (chain->count++ == EXTENSIONS_MAX)
		return refuse(chain, TOO_MANY_HEADERS, at);
	if (chain->protocol != IPPROTO_ROUTING && bytes > OPTION_BYTES_MAX)
		return refuse(chain, HEADER_TOO_BIG, at);
	if (at + bytes > sizeof(struct ipv6_header) + CHAIN_BYTES_MAX)
		return refuse(chain, CHAIN_TOO_LONG, at);
	if (bytes > m->data_len - at)
		return DROP_ip_truncated;
	if (chain->protocol != IPPROTO_ROUTING) {
		reason = check_options(m, chain, bytes);
		if (reason)
			return reason;
	} else if (header->segments_left) {
		return refuse(chain, ERRONEOUS_FIELD,
			      at + (uint32_t)offsetof(struct extension_header, routing_type));
	}
	chain->protocol = header->next_header;
	chain->next_header_at = at;
	chain->len += bytes;
	return DROP_none;
}

/* RFC 8200 4.2: the options of the header at chain->len. We know none but padding. */
static enum drop_reason
check_options(const struct rte_mbuf *m, struct chain *chain, uint32_t header_bytes)
{
	const uint8_t *packet = rte_pktmbuf_mtod(m, const uint8_t *);
	uint32_t at = chain->len + 2, end = chain->len + header_bytes;

	while (at < end) {
		uint32_t bytes = 1;

		if (packet[at] >> 6 != OPTION_SKIP)
			return refuse_option(m, chain, packet[at], at);
		if (packet[at] != OPTION_PAD1)
			bytes = end - at >= 2 ? 2u + packet[at + 1] : end - at + 1;
		if (bytes > end - at)
			return refuse(chain, ERRONEOUS_FIELD, at);
		at += bytes;
	}
	return DROP_none;
}

static enum drop_reason
refuse_option(const struct rte_mbuf *m, struct chain *chain, uint8_t type, uint32_t at)
{
	bool group = rte_pktmbuf_mtod(m, const struct ipv6_header *)->dst[0] == 0xff;
	bool tells = type >> 6 == OPTION_TELL || (type >> 6 != OPTION_DISCARD && !group);

	return refuse(chain, tells ? UNKNOWN_OPTION : NO_PROBLEM, at);
}

static enum drop_reason
refuse(struct chain *chain, uint8_t problem, uint32_t pointer)
{
	chain->problem = problem;
	chain->pointer = pointer;
	return DROP_ip_extension_header;
}

/*
 * A packet with `icmp` may be ICMPv6, as far as is known: then its addresses may be link-local, its destination a group of
 * ours, and for duplicate address detection, which nd.c checks, it may have no source.
 */
static enum drop_reason
check_addresses(const struct net *net, const struct packet *p, bool icmp)
{
	enum drop_reason reason = check_source(net, p, icmp || p->protocol == PROTOCOL_VRRP);

	if (reason)
		return reason;
	if (icmp && nd_is_our_group(&p->dst))
		return DROP_none;
	if (addr_is_v4(&p->dst) || (!icmp && addr_is_link_local_v6(&p->dst)))
		return DROP_ip_not_for_us;
	return route_is_own(net, &p->dst, p->port) ? DROP_none : DROP_ip_not_for_us;
}

/* ::/96 (RFC 4291 2.5.5.1) and fec0::/10 (RFC 3879) are given up, and nobody else's. */
static bool
is_given_up(const struct addr *a)
{
	return (a->word[0] == 0 && memcmp(&a->byte[8], &(uint32_t){ 0 }, 4) == 0) ||
	       (a->byte[0] == 0xfe && a->byte[1] >> 6 == 3);
}

/*
 * IPv4-mapped addresses must not come from the wire (RFC 6890): in struct addr they would be the IPv4 address.
 */
static enum drop_reason
check_source(const struct net *net, const struct packet *p, bool local)
{
	if (addr_is_unspecified(&p->src))
		return local ? DROP_none : DROP_ip_source_invalid;
	if (addr_is_multicast(&p->src) || addr_is_v4(&p->src) || is_given_up(&p->src))
		return DROP_ip_source_invalid;
	if (!local && addr_is_link_local_v6(&p->src))
		return DROP_ip_source_invalid;
	if (route_is_own(net, &p->src, p->port) && !may_be_conflict(p))
		return DROP_ip_source_own;
	return DROP_none;
}

/* Another machine that has our address, too, says so from that address: nd.c looks at it. */
static bool
may_be_conflict(const struct packet *p)
{
	return p->protocol == IPPROTO_ICMPV6 && p->hop_limit == HOP_LIMIT_ON_LINK &&
	       nd_is_our_group(&p->dst);
}

/* Whether there may be a connection with this address, though it is none of ours now. */
static bool
may_have_been_ours(const struct addr *dst)
{
	return !addr_is_v4(dst) && !addr_is_link_local_v6(dst) && !addr_is_multicast(dst);
}

/* RFC 4443 2.4 (e): tells a sender that may be told, of what is no ICMPv6 error itself. */
static struct net_verdict
refused(struct net *net, struct rte_mbuf *m, const struct chain *chain, enum drop_reason reason,
	uint64_t now_us)
{
	const struct packet *p = packet_of(m);
	enum drop_reason addresses = check_addresses(net, p, true);

	if (addresses)
		return net_drop(addresses);
	if (chain->problem != NO_PROBLEM && !addr_is_unspecified(&p->src) &&
	    (chain->problem == UNKNOWN_OPTION || !addr_is_multicast(&p->dst)) &&
	    !is_icmp_error(m, *chain))
		icmp_send_error(net, m, ICMP6_PARAMETER_PROBLEM, chain->problem, chain->pointer,
				now_us);
	return net_drop(reason);
}

/* Looks behind the header that was refused, as far as there are others; what cannot be seen is taken for none. */
static bool
is_icmp_error(const struct rte_mbuf *m, struct chain chain)
{
	const uint8_t *packet = rte_pktmbuf_mtod(m, const uint8_t *);
	uint32_t bytes;

	for (unsigned i = 0; i < 2 * EXTENSIONS_MAX && is_extension(chain.protocol); i++) {
		if (chain.len + 8 > m->data_len || chain.protocol == IPPROTO_AH)
			return false;
		if (chain.protocol == IPPROTO_FRAGMENT &&
		    (packet[chain.len + 2] || packet[chain.len + 3] & IPV6_OFFSET))
			return false;
		bytes = chain.protocol == IPPROTO_FRAGMENT ? 8 : 8u + packet[chain.len + 1] * 8u;
		chain.protocol = packet[chain.len];
		chain.len += bytes;
	}
	return chain.protocol == IPPROTO_ICMPV6 && chain.len < m->data_len &&
	       packet[chain.len] < ICMP6_ECHO_REQUEST;
}

/* RFC 8200 4.5, and which of its errors go back. m ends with the packet. */
static struct net_verdict
fragment_in(struct net *net, struct rte_mbuf *m, struct chain *chain, uint64_t now_us)
{
	const struct ipv6_fragment_header *header =
	    rte_pktmbuf_mtod_offset(m, const struct ipv6_fragment_header *, chain->fragment_at);
	struct packet *p = packet_of(m);
	uint16_t field = be16_to(header->offset);
	struct fragment f = { .id = header->id.raw,
			      .header_len = (uint16_t)(chain->fragment_at + sizeof *header),
			      .next_header_at = (uint16_t)chain->next_header_at,
			      .offset = field & IPV6_OFFSET,
			      .more = field & IPV6_MORE_FRAGMENTS };
	enum drop_reason reason = check_addresses(net, p, true);
	struct net_verdict verdict;

	if (!reason && addr_is_unspecified(&p->src))
		reason = DROP_ip_source_invalid;
	if (!reason && addr_is_multicast(&p->dst))
		reason = DROP_ip_not_for_us;
	if (reason)
		return net_drop(reason);
	if (f.offset == 0 && !f.more)
		return fragment_atomic(net, m, &f);
	if (f.offset == 0)
		reason = check_first(m, chain, f.header_len, header->next_header);
	if (reason)
		return refused(net, m, chain, reason, now_us);
	verdict = fragment_input(net, m, &f, now_us);
	if (verdict.reason == DROP_ip_fragment_length)
		refuse(chain, ERRONEOUS_FIELD, offsetof(struct ipv6_header, payload_len));
	else if (verdict.reason == DROP_ip_fragment_too_long)
		refuse(chain, ERRONEOUS_FIELD, chain->fragment_at + FRAGMENT_OFFSET_AT);
	if (verdict.next == NET_DROP)
		return refused(net, m, chain, verdict.reason, now_us);
	return verdict;
}

/*
 * RFC 7112 5: the first piece has all headers, the protocol's own too, so that nobody can hide them from a filter. What would be
 * refused when all is there is refused now.
 */
static enum drop_reason
check_first(const struct rte_mbuf *m, struct chain *chain, uint32_t len, uint8_t next_header)
{
	struct chain rest = { .len = len,
			      .next_header_at = chain->fragment_at,
			      .count = chain->count,
			      .protocol = next_header,
			      .whole = true,
			      .problem = NO_PROBLEM };
	enum drop_reason reason = walk(m, &rest);
	uint32_t least = rest.protocol == IPPROTO_TCP ? 20 : 8;

	if (!reason && m->data_len - rest.len >= least)
		return DROP_none;
	if (!reason || reason == DROP_ip_truncated) {
		refuse(&rest, INCOMPLETE_CHAIN, 0);
		reason = DROP_ip_fragment_tiny;
	}
	*chain = rest;
	return reason;
}

/* m starts at its IP header. "No next header" is nothing to complain about. */
static struct net_verdict
protocol_unknown(struct net *net, struct rte_mbuf *m, uint32_t next_header_at, uint64_t now_us)
{
	uint8_t protocol = packet_of(m)->protocol;

	if (protocol == IPPROTO_UDP)
		icmp_send_error(net, m, ICMP6_UNREACHABLE, UNREACHABLE_PORT, 0, now_us);
	else if (protocol != IPPROTO_NONE)
		icmp_send_error(net, m, ICMP6_PARAMETER_PROBLEM, UNKNOWN_NEXT_HEADER,
				next_header_at, now_us);
	return net_drop(DROP_ip_protocol_unknown);
}

void
ipv6_push(struct rte_mbuf *m)
{
	uint32_t payload_len = m->pkt_len;
	struct ipv6_header *ip = (struct ipv6_header *)rte_pktmbuf_prepend(m, sizeof *ip);
	const struct packet *p = packet_of(m);

	ASSERT(ip && payload_len <= UINT16_MAX);
	ip->version_class_flow = be32_from(6u << 28 | (uint32_t)p->traffic_class << 20);
	ip->payload_len = be16_from((uint16_t)payload_len);
	ip->next_header = p->protocol;
	ip->hop_limit = p->hop_limit ? p->hop_limit : HOP_LIMIT_DEFAULT;
	memcpy(ip->src, p->src.byte, sizeof ip->src);
	memcpy(ip->dst, p->dst.byte, sizeof ip->dst);
}
