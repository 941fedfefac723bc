/*
 * IPv4 for a host: checks a packet's header, whether it is for us, and hands on what it carries; puts the header
 * in front of what goes out.
 *
 * RFC 791, 1122 3.2.1, 6864 (identification is 0 on what can't be fragmented). Left out: options and reassembly (both
 * dropped with a reason), forwarding.
 */
#include "dataplane/net/net_priv.h"

#define VERSION_4_NO_OPTIONS 0x45
#define TTL_DEFAULT          64
#define UNREACHABLE_PROTOCOL 2 /* codes of destination unreachable */
#define UNREACHABLE_PORT     3

static enum drop_reason check_header(const struct rte_mbuf *m);
static enum drop_reason check_addresses(const struct net *net, const struct packet *p);
static bool source_is_possible(const struct addr *a);
static struct net_verdict protocol_unknown(struct net *net, struct rte_mbuf *m, uint64_t now_us);

struct net_verdict
ipv4_input(struct net *net, struct rte_mbuf *m, uint64_t now_us)
{
	const struct ipv4_header *ip = rte_pktmbuf_mtod(m, const struct ipv4_header *);
	struct packet *p = packet_of(m);
	enum drop_reason reason = check_header(m);
	struct net_verdict punted;

	if (reason)
		return net_drop(reason);
	p->src = addr_from_v4(ip->src);
	p->dst = addr_from_v4(ip->dst);
	p->protocol = ip->protocol;
	p->hop_limit = ip->hop_limit;
	p->traffic_class = ip->traffic_class;
	reason = check_addresses(net, p);
	if (unlikely(net->services) && punt_input(net, m, sizeof *ip, reason, now_us, &punted))
		return punted;
	if (reason && !net_is_stray(p, reason))
		return net_drop(reason);
	rte_pktmbuf_trim(m,
			 (uint16_t)(m->data_len - be16_to(ip->total_len))); /* Ethernet's padding */

	switch (p->protocol) {
	case IPPROTO_TCP:
		rte_pktmbuf_adj(m, sizeof *ip);
		return net_tcp(reason);
	case IPPROTO_ICMP:
		rte_pktmbuf_adj(m, sizeof *ip);
		return icmp_input(net, m, now_us);
	default:
		return protocol_unknown(net, m, now_us);
	}
}

static enum drop_reason
check_header(const struct rte_mbuf *m)
{
	const struct ipv4_header *ip = rte_pktmbuf_mtod(m, const struct ipv4_header *);
	uint32_t header_len, total_len;

	if (m->data_len < sizeof *ip)
		return DROP_ip_truncated;
	header_len = (ip->version_len & 0x0fu) * 4;
	total_len = be16_to(ip->total_len);
	if (header_len < sizeof *ip || header_len > total_len)
		return DROP_ip_header_length;
	if (total_len > m->data_len)
		return DROP_ip_truncated;
	if (checksum_finish(checksum_add(0, ip, header_len)) != 0)
		return DROP_ip_checksum;
	if (header_len > sizeof *ip)
		return DROP_ip_options;
	if (be16_to(ip->fragment) & IPV4_FRAGMENTED)
		return DROP_ip_fragment;
	return DROP_none;
}

static enum drop_reason
check_addresses(const struct net *net, const struct packet *p)
{
	if (!source_is_possible(&p->src) || route_is_own(net, &p->src, p->port))
		return DROP_ip_source_invalid;
	if (!route_is_own(net, &p->dst, p->port))
		return DROP_ip_not_for_us;
	return DROP_none;
}

/* RFC 1122 3.2.1.3: not "this network", loopback, multicast, class E or broadcast. */
static bool
source_is_possible(const struct addr *a)
{
	uint8_t first = a->byte[12];

	return first != 0 && first != 127 && first < 224;
}

/* m starts at its IP header. */
static struct net_verdict
protocol_unknown(struct net *net, struct rte_mbuf *m, uint64_t now_us)
{
	uint8_t code =
	    packet_of(m)->protocol == IPPROTO_UDP ? UNREACHABLE_PORT : UNREACHABLE_PROTOCOL;

	icmp_send_error(net, m, ICMP_UNREACHABLE, code, 0, now_us);
	return net_drop(DROP_ip_protocol_unknown);
}

void
ipv4_push(struct rte_mbuf *m)
{
	struct ipv4_header *ip = (struct ipv4_header *)rte_pktmbuf_prepend(m, sizeof *ip);
	const struct packet *p = packet_of(m);

	ASSERT(ip && m->pkt_len <= UINT16_MAX);
	*ip = (struct ipv4_header){
		.version_len = VERSION_4_NO_OPTIONS,
		.traffic_class = p->traffic_class,
		.total_len = be16_from((uint16_t)m->pkt_len),
		.fragment = be16_from(IPV4_DF),
		.hop_limit = p->hop_limit ? p->hop_limit : TTL_DEFAULT,
		.protocol = p->protocol,
		.src = addr_to_v4(&p->src),
		.dst = addr_to_v4(&p->dst),
	};
	ip->checksum.raw = checksum_finish(checksum_add(0, ip, sizeof *ip));
}
