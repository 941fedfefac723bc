/*
 * IPv4 for a host: checks a packet's header, whether it is for us, and hands on what it carries; puts the header
 * in front of what goes out.
 *
 * RFC 791, 1122 3.2.1 (addresses, options), 6890 (addresses that nobody has), 7126 (options), 6864 (identification is 0 on
 * what can't be fragmented), 1858 (tiny fragments). Addresses for documentation (RFC 5737) are taken for what they are in
 * laboratories: good ones. Left out: forwarding, and doing what an option asks: it is the wish of somebody who may be anybody.
 * Options that only ask for notes or attention (record route, timestamp, router alert, security labels) are passed over, as
 * RFC 1122 3.2.1.8 wants of a host; RFC 7126's advice to drop some of them is for who forwards. Source routes are dropped:
 * they are for going round filters and for faking where a packet comes from (RFC 7126 4.3, 4.4).
 */
#include "dataplane/net/net_priv.h"

#define VERSION_4_NO_OPTIONS 0x45
#define OPTION_END           0
#define OPTION_NOP           1
#define OPTION_LOOSE_ROUTE   131
#define OPTION_STRICT_ROUTE  137
#define TTL_DEFAULT          64
#define UNREACHABLE_PROTOCOL 2 /* codes of destination unreachable */
#define UNREACHABLE_PORT     3

static enum drop_reason check_header(const struct rte_mbuf *m, uint32_t *header_len);
static uint16_t header_sum(const struct ipv4_header *ip, uint32_t header_len);
static enum drop_reason check_options(const uint8_t *at, uint32_t len);
static enum drop_reason check_addresses(const struct net *net, const struct packet *p);
static enum drop_reason check_source(const struct net *net, const struct packet *p);
static struct net_verdict
fragment_in(struct net *net, struct rte_mbuf *m, uint32_t header_len, uint64_t now_us);
static bool is_tiny(const struct ipv4_header *ip, uint32_t offset, uint32_t len, bool more);
static struct net_verdict protocol_unknown(struct net *net, struct rte_mbuf *m, uint64_t now_us);

struct net_verdict
ipv4_input(struct net *net, struct rte_mbuf *m, uint64_t now_us)
{
	const struct ipv4_header *ip = rte_pktmbuf_mtod(m, const struct ipv4_header *);
	struct packet *p = packet_of(m);
	uint32_t header_len;
	enum drop_reason reason = check_header(m, &header_len);
	struct net_verdict punted;

	if (reason)
		return net_drop(reason);
	p->src = addr_from_v4(ip->src);
	p->dst = addr_from_v4(ip->dst);
	p->protocol = ip->protocol;
	p->hop_limit = ip->hop_limit;
	p->traffic_class = ip->traffic_class;
	reason = check_addresses(net, p);
	rte_pktmbuf_trim(m,
			 (uint16_t)(m->pkt_len - be16_to(ip->total_len))); /* Ethernet's padding */
	if (be16_to(ip->fragment) & IPV4_FRAGMENTED)
		return reason ? net_drop(reason) : fragment_in(net, m, header_len, now_us);
	if (unlikely(net->services) && m->nb_segs == 1 &&
	    punt_input(net, m, header_len, reason, now_us, &punted))
		return punted;
	if (reason && !net_is_stray(p, reason))
		return net_drop(reason);
	net->stats->counter[COUNTER_ip_options_ignored] += header_len > sizeof *ip;

	switch (p->protocol) {
	case IPPROTO_TCP:
		if (m->nb_segs > 1)
			return net_drop(DROP_ip_reassembled_too_big);
		rte_pktmbuf_adj(m, (uint16_t)header_len);
		return net_tcp(reason);
	case IPPROTO_ICMP:
		rte_pktmbuf_adj(m, (uint16_t)header_len);
		return icmp_input(net, m, now_us);
	default:
		return protocol_unknown(net, m, now_us);
	}
}

static enum drop_reason
check_header(const struct rte_mbuf *m, uint32_t *header_len)
{
	const struct ipv4_header *ip = rte_pktmbuf_mtod(m, const struct ipv4_header *);
	uint32_t total_len;

	if (m->data_len < sizeof *ip)
		return DROP_ip_truncated;
	*header_len = (ip->version_len & 0x0fu) * 4;
	total_len = be16_to(ip->total_len);
	if (*header_len < sizeof *ip || *header_len > total_len)
		return DROP_ip_header_length;
	if (total_len > m->pkt_len || *header_len > m->data_len)
		return DROP_ip_truncated;
	if (offload_ip_sum(m) == OFFLOAD_SUM_BAD ||
	    (offload_ip_sum(m) == OFFLOAD_SUM_UNKNOWN && header_sum(ip, *header_len) != 0))
		return DROP_ip_checksum;
	if (likely(*header_len == sizeof *ip))
		return DROP_none;
	return check_options((const uint8_t *)(ip + 1), *header_len - (uint32_t)sizeof *ip);
}

static uint16_t
header_sum(const struct ipv4_header *ip, uint32_t header_len)
{
	if (likely(header_len == sizeof *ip))
		return ipv4_header_sum(ip);
	return checksum_finish(checksum_add(0, ip, header_len));
}

/* At most 40 bytes. */
static enum drop_reason
check_options(const uint8_t *at, uint32_t len)
{
	while (len && at[0] != OPTION_END) {
		uint32_t bytes = 1;

		if (at[0] == OPTION_LOOSE_ROUTE || at[0] == OPTION_STRICT_ROUTE)
			return DROP_ip_source_route;
		if (at[0] != OPTION_NOP) {
			bytes = len >= 2 ? at[1] : 0;
			if (bytes < 2 || bytes > len)
				return DROP_ip_options;
		}
		at += bytes;
		len -= bytes;
	}
	return DROP_none;
}

static enum drop_reason
check_addresses(const struct net *net, const struct packet *p)
{
	enum drop_reason reason = check_source(net, p);

	if (reason || likely(route_is_own(net, &p->dst, p->port)))
		return reason;
	if (addr_to_v4(&p->dst).raw == UINT32_MAX || route_is_broadcast(net, &p->dst))
		return DROP_ip_broadcast;
	return DROP_ip_not_for_us;
}

/*
 * RFC 1122 3.2.1.3: not "this network", loopback, multicast, class E or broadcast; RFC 3927 2.7: link-local ones come from
 * the same link only.
 */
static enum drop_reason
check_source(const struct net *net, const struct packet *p)
{
	const uint8_t *a = &p->src.byte[12];

	if (a[0] == 0 || a[0] == 127 || a[0] >= 224)
		return DROP_ip_source_invalid;
	if (a[0] == 169 && a[1] == 254 && !route_connected(net, p->port, &p->src))
		return DROP_ip_source_invalid;
	if (route_is_own(net, &p->src, p->port))
		return DROP_ip_source_own;
	return route_is_broadcast(net, &p->src) ? DROP_ip_source_broadcast : DROP_none;
}

/* m ends with the packet. */
static struct net_verdict
fragment_in(struct net *net, struct rte_mbuf *m, uint32_t header_len, uint64_t now_us)
{
	const struct ipv4_header *ip = rte_pktmbuf_mtod(m, const struct ipv4_header *);
	uint16_t field = be16_to(ip->fragment);
	struct fragment f = { .id = be16_to(ip->id),
			      .header_len = (uint16_t)header_len,
			      .offset = (uint16_t)((field & IPV4_OFFSET) * 8),
			      .protocol = ip->protocol,
			      .more = field & IPV4_MORE_FRAGMENTS };

	if (is_tiny(ip, f.offset, m->data_len - header_len, f.more))
		return net_drop(DROP_ip_fragment_tiny);
	return fragment_input(net, m, &f, now_us);
}

/* RFC 1858 3: the header above IP is in the first piece as a whole, and no other piece comes near it. */
static bool
is_tiny(const struct ipv4_header *ip, uint32_t offset, uint32_t len, bool more)
{
	uint32_t least = ip->protocol == IPPROTO_TCP ? 20 : 8;

	return (offset == 0 && more && len < least) || (offset > 0 && offset < least);
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
ipv4_push(struct rte_mbuf *m, uint16_t id, uint16_t fragment)
{
	struct ipv4_header *ip = (struct ipv4_header *)rte_pktmbuf_prepend(m, sizeof *ip);
	const struct packet *p = packet_of(m);

	ASSERT(ip && m->pkt_len <= UINT16_MAX);
	*ip = (struct ipv4_header){
		.version_len = VERSION_4_NO_OPTIONS,
		.traffic_class = p->traffic_class,
		.total_len = be16_from((uint16_t)m->pkt_len),
		.id = be16_from(id),
		.fragment = be16_from(fragment),
		.hop_limit = p->hop_limit ? p->hop_limit : TTL_DEFAULT,
		.protocol = p->protocol,
		.src = addr_to_v4(&p->src),
		.dst = addr_to_v4(&p->dst),
	};
	ip->checksum.raw = ipv4_header_sum(ip);
}
