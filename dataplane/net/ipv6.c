/*
 * IPv6 for a host: checks a packet's header, whether it is for us, steps over extension headers that mean nothing to us,
 * and hands on what it carries; puts the header in front of what goes out.
 *
 * RFC 8200. Link-local addresses are for neighbour discovery and ICMPv6 only. Left out: reassembly and routing
 * headers (dropped with a reason), forwarding, flow labels.
 */
#include "dataplane/net/net_priv.h"

#define HOP_LIMIT_DEFAULT 64
#define EXTENSIONS_MAX    4
#define EXTENSION_BYTES_MAX                                                                        \
	64u /* of one header; nobody needs more, and it bounds the walk over options */
#define OPTION_PAD1         0
#define OPTION_ACTION       0xc0 /* RFC 8200 4.2: 00 skip over, all others discard the packet */
#define UNREACHABLE_PORT    4    /* codes of ICMPv6 errors, RFC 4443 3.1 and 3.4 */
#define UNKNOWN_NEXT_HEADER 1

struct extension_header {
	uint8_t next_header;
	uint8_t len; /* of 8 bytes, without the first 8 */
};

static enum drop_reason check_header(struct rte_mbuf *m);
static enum drop_reason check_addresses(const struct net *net, const struct packet *p);
static bool may_have_been_ours(const struct addr *dst);
static enum drop_reason
skip_extensions(struct rte_mbuf *m, uint32_t *len, uint32_t *next_header_at);
static bool options_are_harmless(const uint8_t *at, uint32_t len);
static struct net_verdict
protocol_unknown(struct net *net, struct rte_mbuf *m, uint32_t next_header_at, uint64_t now_us);

struct net_verdict
ipv6_input(struct net *net, struct rte_mbuf *m, uint64_t now_us)
{
	const struct ipv6_header *ip = rte_pktmbuf_mtod(m, const struct ipv6_header *);
	struct packet *p = packet_of(m);
	enum drop_reason reason = check_header(m);
	uint32_t len, next_header_at;
	struct net_verdict punted;

	if (reason)
		return net_drop(reason);
	p->src = addr_from_v6(ip->src);
	p->dst = addr_from_v6(ip->dst);
	p->hop_limit = ip->hop_limit;
	p->traffic_class = (uint8_t)(be32_to(ip->version_class_flow) >> 20);
	reason = skip_extensions(m, &len, &next_header_at);
	if (reason)
		return net_drop(reason);
	reason = check_addresses(net, p);
	if (unlikely(net->services) && punt_input(net, m, len, reason, now_us, &punted))
		return punted;
	if (reason && (!net_is_stray(p, reason) || !may_have_been_ours(&p->dst)))
		return net_drop(reason);

	switch (p->protocol) {
	case IPPROTO_TCP:
		rte_pktmbuf_adj(m, (uint16_t)len);
		return net_tcp(reason);
	case IPPROTO_ICMPV6:
		rte_pktmbuf_adj(m, (uint16_t)len);
		return icmp6_input(net, m, now_us);
	default:
		return protocol_unknown(net, m, next_header_at, now_us);
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
	if (total_len > m->data_len)
		return DROP_ip_truncated;
	rte_pktmbuf_trim(m, (uint16_t)(m->data_len - total_len));
	return DROP_none;
}

/*
 * IPv4-mapped addresses must not come from the wire: in struct addr they would be the IPv4 address. No source address is for
 * duplicate address detection only, which nd.c checks.
 */
static enum drop_reason
check_addresses(const struct net *net, const struct packet *p)
{
	bool icmp = p->protocol == IPPROTO_ICMPV6;

	if (addr_is_multicast(&p->src) || addr_is_loopback(&p->src) || addr_is_v4(&p->src) ||
	    route_is_own(net, &p->src, p->port))
		return DROP_ip_source_invalid;
	if (!icmp && p->protocol != PROTOCOL_VRRP &&
	    (addr_is_unspecified(&p->src) || addr_is_link_local_v6(&p->src)))
		return DROP_ip_source_invalid;
	if (icmp && nd_is_our_group(&p->dst))
		return DROP_none;
	if (addr_is_v4(&p->dst) || (!icmp && addr_is_link_local_v6(&p->dst)))
		return DROP_ip_not_for_us;
	return route_is_own(net, &p->dst, p->port) ? DROP_none : DROP_ip_not_for_us;
}

/* Whether there may be a connection with this address, though it is none of ours now. */
static bool
may_have_been_ours(const struct addr *dst)
{
	return !addr_is_v4(dst) && !addr_is_link_local_v6(dst) && !addr_is_multicast(dst);
}

/* Finds the protocol, for packet_of(m), how many bytes stand before it, and where it is named. */
static enum drop_reason
skip_extensions(struct rte_mbuf *m, uint32_t *len, uint32_t *next_header_at)
{
	const struct ipv6_header *ip = rte_pktmbuf_mtod(m, const struct ipv6_header *);
	uint8_t next = ip->next_header;

	*len = sizeof *ip;
	*next_header_at = offsetof(struct ipv6_header, next_header);
	for (unsigned count = 0; next == IPPROTO_HOPOPTS || next == IPPROTO_DSTOPTS; count++) {
		const uint8_t *at = rte_pktmbuf_mtod_offset(m, const uint8_t *, *len);
		const struct extension_header *extension = (const struct extension_header *)at;
		uint32_t bytes;

		if (count == EXTENSIONS_MAX || (next == IPPROTO_HOPOPTS && count > 0))
			return DROP_ip_extension_header;
		if (m->data_len - *len < 8)
			return DROP_ip_truncated;
		bytes = 8u + extension->len * 8u;
		if (bytes > EXTENSION_BYTES_MAX)
			return DROP_ip_extension_header;
		if (bytes > m->data_len - *len)
			return DROP_ip_truncated;
		if (!options_are_harmless(at + sizeof *extension,
					  bytes - (uint32_t)sizeof *extension))
			return DROP_ip_extension_header;
		next = extension->next_header;
		*next_header_at = *len;
		*len += bytes;
	}
	packet_of(m)->protocol = next;
	if (next == IPPROTO_FRAGMENT)
		return DROP_ip_fragment;
	return next == IPPROTO_ROUTING || next == IPPROTO_AH ? DROP_ip_extension_header : DROP_none;
}

/* All of them may be skipped over by a node that doesn't know them, and none reaches beyond the header. */
static bool
options_are_harmless(const uint8_t *at, uint32_t len)
{
	while (len) {
		uint32_t bytes = 1;

		if (at[0] & OPTION_ACTION)
			return false;
		if (at[0] != OPTION_PAD1)
			bytes = len >= 2 ? 2u + at[1] : len + 1;
		if (bytes > len)
			return false;
		at += bytes;
		len -= bytes;
	}
	return true;
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
