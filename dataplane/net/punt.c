/*
 * What of the box itself is reached through a data port: which packets go to the kernel, and which of the kernel's own
 * leave. A service (fw/abi/services.tbl) that a port's configuration allows is known by addresses and ports alone,
 * nothing is remembered of a connection: the kernel opens its own from ports 61000 on, the data plane from below.
 * Called by ipv4.c and ipv6.c before TCP and ICMP see a packet, so neither answers what is the kernel's.
 *
 * A virtual server at one of these addresses and ports goes before the service. The kernel resolves no neighbours: its
 * packets are routed here, like TCP's, so there is one table of neighbours and one way to poison it.
 *
 * Both directions are bounded by a rate a service; where it gets tight, openings of connections (SYNs) may use but half
 * of the bucket, so that a flood of them leaves what is established alone.
 *
 * RFC 5798 5.1.1, 5.1.2 (VRRP's group, hop limit 255). Left out: fragments, and ICMP errors but those about TCP.
 */
#include "dataplane/net/punt.h"

#include "dataplane/net/net_priv.h"

#define KERNEL_PORT_MIN 61000u
#define BURST_OF_SECOND 4u /* the bucket holds what may come in a fourth of a second */
#define VRRP_HOP_LIMIT  255
#define TCP_FLAGS_AT    13u
#define TCP_SYN         0x02
#define TCP_ACK         0x10
#define MAC_VRRP        0x1200005e0001ull /* 01:00:5e:00:00:12, RFC 1112 6.4 */
#define MAC_VRRP6       0x120000003333ull /* 33:33:00:00:00:12, RFC 2464 7 */
#define MAC_NETWORK     0x010000000002ull /* 02:00:00:00:00:01: whom the kernel sees behind the port */

static const struct addr vrrp_group = { .byte = {
					    [10] = 0xff, [11] = 0xff, [12] = 224, [15] = 18 } };
static const struct addr vrrp6_group = { .byte = { 0xff, 0x02, [15] = 0x12 } };

static void note_listeners(struct net *net);
static uint32_t allowed_at(const struct net *net, const struct addr *own, unsigned port);
static enum service classify(const struct net *net, const struct rte_mbuf *m, uint32_t header_len,
			     uint32_t allowed, bool from_kernel);
static enum service
of_tcp(const struct rte_mbuf *m, uint32_t at, uint32_t allowed, bool from_kernel);
static enum service of_ports(uint32_t allowed, uint16_t ours, uint16_t theirs);
static enum service
of_icmp(const struct net *net, const struct rte_mbuf *m, uint32_t at, uint32_t allowed, bool v4);
static enum service of_protocol(uint32_t allowed, enum service_protocol protocol);
static bool is_vrrp(const struct packet *p);
static bool opens_connection(const struct rte_mbuf *m, uint32_t header_len);
static bool within_rate(struct net *net, struct rate_limit *limit, enum service service,
			bool is_opening, uint64_t now_us);
static bool read_header(struct rte_mbuf *m, uint32_t *header_len);

void
punt_init(struct net *net)
{
	for (enum service s = 0; s < SERVICE_COUNT; s++) {
		uint32_t per_second = service_infos[s].per_second;
		struct rate_limit limit = { .interval_us = 1000000 / per_second };

		limit.burst_us = limit.interval_us * (per_second / BURST_OF_SECOND);
		net->punt_in[s] = net->punt_out[s] = limit;
	}
}

/* Behind route_configure, which has found the addresses. */
void
punt_configure(struct net *net)
{
	const struct gen_port *ports = generation_ports(net->config->generation);

	net->services = 0;
	for (unsigned port = 0; port < LIMIT_INTERFACES; port++) {
		net->port_services[port] =
		    port < net->config->port_count ? ports[port].services : 0;
		net->services |= net->port_services[port];
	}
	for (uint32_t i = 0; i < PORT_ADDRESS_SLOTS; i++) {
		struct port_address *own = &net->port_addresses[i];

		if (own->used)
			own->services = net->port_services[own->port];
	}
	if (net->services)
		note_listeners(net);
}

/* What a virtual server listens at is not the kernel's. */
static void
note_listeners(struct net *net)
{
	const struct generation *gen = net->config->generation;
	const struct gen_virtual_server *vs = generation_virtual_servers(gen);

	for (uint32_t i = 0; i < gen->virtual_servers.count; i++, vs++) {
		struct port_address *own = route_port_address(net, &vs->endpoint.addr);

		for (enum service s = 0; own && s < SERVICE_COUNT; s++)
			if (service_infos[s].protocol == SERVICE_TCP &&
			    service_infos[s].port == vs->endpoint.port)
				own->services &= ~(1u << s);
	}
}

bool
punt_is_group(const struct net *net, const struct rte_mbuf *m, uint32_t ip_at, uint64_t dst,
	      uint16_t type, unsigned port)
{
	const struct ipv4_header *ip =
	    rte_pktmbuf_mtod_offset(m, const struct ipv4_header *, ip_at);
	const struct ipv6_header *ip6 = (const struct ipv6_header *)ip;

	if (of_protocol(net->port_services[port], SERVICE_VRRP) == SERVICE_COUNT)
		return false;
	if (dst == MAC_VRRP)
		return type == ETH_TYPE_IPV4 && m->data_len >= ip_at + sizeof *ip &&
		       be32_to(ip->dst) == be32_to(addr_to_v4(&vrrp_group));
	return dst == MAC_VRRP6 && type == ETH_TYPE_IPV6 && m->data_len >= ip_at + sizeof *ip6 &&
	       ip6->dst[0] == 0xff;
}

/* ---- to the kernel ---- */

bool
punt_input(struct net *net, struct rte_mbuf *m, uint32_t header_len, enum drop_reason reason,
	   uint64_t now_us, struct net_verdict *verdict)
{
	struct packet *p = packet_of(m);
	enum service service;

	if (m->pkt_len > PUNT_PACKET_MAX)
		service = SERVICE_COUNT;
	else if (is_vrrp(p) && reason == DROP_ip_not_for_us)
		service = of_protocol(net->port_services[p->port], SERVICE_VRRP);
	else if (!reason)
		service = classify(net, m, header_len, allowed_at(net, &p->dst, p->port), false);
	else
		service = SERVICE_COUNT;
	if (service == SERVICE_COUNT)
		return false;
	p->service = (uint8_t)service;
	if (within_rate(net, &net->punt_in[service], service, opens_connection(m, header_len),
			now_us))
		*verdict = net_next(NET_PUNT);
	else
		*verdict = net_drop(DROP_punt_rate_limited);
	return true;
}

/* Only on the port that has the address: what another one's neighbours may reach is said there. */
static uint32_t
allowed_at(const struct net *net, const struct addr *own, unsigned port)
{
	const struct port_address *found = route_port_address(net, own);

	return found && found->port == port ? found->services : 0;
}

/* SERVICE_COUNT: none. */
static enum service
classify(const struct net *net, const struct rte_mbuf *m, uint32_t header_len, uint32_t allowed,
	 bool from_kernel)
{
	const struct packet *p = packet_of((struct rte_mbuf *)m);

	if (!allowed)
		return SERVICE_COUNT;
	switch (p->protocol) {
	case IPPROTO_TCP:
		return of_tcp(m, header_len, allowed, from_kernel);
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return of_icmp(net, m, header_len, allowed, p->protocol == IPPROTO_ICMP);
	default:
		return SERVICE_COUNT;
	}
}

static enum service
of_tcp(const struct rte_mbuf *m, uint32_t at, uint32_t allowed, bool from_kernel)
{
	const struct tcp_ports {
		be16 src, dst;
	} *ports = rte_pktmbuf_mtod_offset(m, const struct tcp_ports *, at);
	uint16_t src, dst;

	if (m->data_len < at + sizeof *ports)
		return SERVICE_COUNT;
	src = be16_to(ports->src);
	dst = be16_to(ports->dst);
	return from_kernel ? of_ports(allowed, src, dst) : of_ports(allowed, dst, src);
}

/* We are the server, or the kernel has connected to one. */
static enum service
of_ports(uint32_t allowed, uint16_t ours, uint16_t theirs)
{
	enum service s;

	for (s = 0; s < SERVICE_COUNT; s++)
		if (allowed >> s & 1 && service_infos[s].protocol == SERVICE_TCP &&
		    (ours == service_infos[s].port ||
		     (theirs == service_infos[s].port && ours >= KERNEL_PORT_MIN)))
			break;
	return s;
}

/* Echoes; and errors that quote a segment of the kernel's. */
static enum service
of_icmp(const struct net *net, const struct rte_mbuf *m, uint32_t at, uint32_t allowed, bool v4)
{
	const struct icmp_header *icmp = rte_pktmbuf_mtod_offset(m, const struct icmp_header *, at);
	uint32_t inner_at = at + (uint32_t)sizeof *icmp;
	uint32_t inner_len = v4 ? sizeof(struct ipv4_header) : sizeof(struct ipv6_header);
	const uint8_t *inner = rte_pktmbuf_mtod_offset(m, const uint8_t *, inner_at);

	if (m->data_len < at + sizeof *icmp)
		return SERVICE_COUNT;
	if (icmp->type == (v4 ? ICMP_ECHO_REPLY : ICMP6_ECHO_REPLY) && ping_is_ours(net, icmp))
		return SERVICE_COUNT;
	if (v4 ? icmp->type == ICMP_ECHO_REQUEST || icmp->type == ICMP_ECHO_REPLY
	       : icmp->type == ICMP6_ECHO_REQUEST || icmp->type == ICMP6_ECHO_REPLY)
		return of_protocol(allowed, SERVICE_ECHO);
	if (v4 ? icmp->type != ICMP_UNREACHABLE && icmp->type != ICMP_TIME_EXCEEDED
	       : icmp->type >= ICMP6_ECHO_REQUEST)
		return SERVICE_COUNT;
	if (m->data_len < inner_at + inner_len ||
	    (v4 ? inner[0] != 0x45 || inner[9] != IPPROTO_TCP
		: inner[0] >> 4 != 6 || inner[6] != IPPROTO_TCP))
		return SERVICE_COUNT;
	return of_tcp(m, inner_at + inner_len, allowed, true);
}

static enum service
of_protocol(uint32_t allowed, enum service_protocol protocol)
{
	enum service s;

	for (s = 0; s < SERVICE_COUNT; s++)
		if (allowed >> s & 1 && service_infos[s].protocol == protocol)
			break;
	return s;
}

static bool
is_vrrp(const struct packet *p)
{
	/* an IPv6 packet could name IPv4's group: an IPv4-mapped destination is refused later */
	return p->protocol == PROTOCOL_VRRP && p->hop_limit == VRRP_HOP_LIMIT &&
	       addr_equal(&p->dst, addr_is_v4(&p->src) ? &vrrp_group : &vrrp6_group);
}

static bool
opens_connection(const struct rte_mbuf *m, uint32_t header_len)
{
	const struct packet *p = packet_of((struct rte_mbuf *)m);
	uint8_t flags = TCP_ACK;

	if (p->protocol == IPPROTO_TCP && m->data_len > header_len + TCP_FLAGS_AT)
		flags = *rte_pktmbuf_mtod_offset(m, const uint8_t *, header_len + TCP_FLAGS_AT);
	return (flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

static bool
within_rate(struct net *net, struct rate_limit *limit, enum service service, bool is_opening,
	    uint64_t now_us)
{
	if (rate_limit_allows_above(limit, is_opening ? limit->burst_us / 2 : 0, now_us))
		return true;
	net->stats->punt[service][PUNT_COUNTER_limited]++;
	return false;
}

uint32_t
punt_copy(const struct net *net, const struct rte_mbuf *m, uint8_t out[PUNT_FRAME_BYTES])
{
	const struct packet *p = packet_of((struct rte_mbuf *)m);
	bool v4 = addr_is_v4(&p->dst);
	struct eth_header eth = { .type = be16_from(v4 ? ETH_TYPE_IPV4 : ETH_TYPE_IPV6) };
	const void *packet = rte_pktmbuf_read(m, 0, m->pkt_len, out + sizeof eth);

	ASSERT(m->pkt_len <= PUNT_PACKET_MAX);
	mac_store(eth.dst, addr_is_multicast(&p->dst) ? (v4 ? MAC_VRRP : MAC_VRRP6)
						      : net->port_mac[p->port]);
	mac_store(eth.src, MAC_NETWORK);
	memcpy(out, &eth, sizeof eth);
	if (packet != out + sizeof eth)
		memcpy(out + sizeof eth, packet, m->pkt_len);
	return (uint32_t)sizeof eth + m->pkt_len;
}

/* ---- from the kernel ---- */

struct net_verdict
punt_output(struct net *net, struct rte_mbuf *m, unsigned port, uint64_t now_us)
{
	const struct eth_header *eth = rte_pktmbuf_mtod(m, const struct eth_header *);
	struct packet *p = packet_of(m);
	enum service service;
	uint32_t header_len;

	*p = (struct packet){ .port = (uint8_t)port };
	if (port >= net->config->port_count || net->port_mac[port] == MAC_UNUSABLE ||
	    m->data_len < sizeof *eth || mac_load(eth->src) != net->port_mac[port])
		return net_drop(DROP_punt_refused);
	rte_pktmbuf_adj(m, sizeof *eth);
	if (!read_header(m, &header_len))
		return net_drop(DROP_punt_refused);
	if (is_vrrp(p))
		service = route_is_own_on(net, &p->src, port)
			      ? of_protocol(net->port_services[port], SERVICE_VRRP)
			      : SERVICE_COUNT;
	else
		service = classify(net, m, header_len, allowed_at(net, &p->src, port), true);
	if (service == SERVICE_COUNT)
		return net_drop(DROP_punt_refused);
	if (!within_rate(net, &net->punt_out[service], service, false, now_us))
		return net_drop(DROP_punt_rate_limited);
	net->stats->punt[service][PUNT_COUNTER_out]++;
	if (is_vrrp(p)) {
		bool v4 = addr_is_v4(&p->dst);

		eth_push(net, m, port, v4 ? MAC_VRRP : MAC_VRRP6,
			 v4 ? ETH_TYPE_IPV4 : ETH_TYPE_IPV6);
		return net_next(NET_SEND);
	}
	return net_resolve(net, m, now_us);
}

/* The kernel's own, so only what it would never send is refused; fills packet_of(m). */
static bool
read_header(struct rte_mbuf *m, uint32_t *header_len)
{
	const struct ipv4_header *ip = rte_pktmbuf_mtod(m, const struct ipv4_header *);
	const struct ipv6_header *ip6 = rte_pktmbuf_mtod(m, const struct ipv6_header *);
	struct packet *p = packet_of(m);

	if (m->data_len >= sizeof *ip && ip->version_len >> 4 == 4) {
		*header_len = (ip->version_len & 0x0fu) * 4; /* VRRP and IGMP may have options */
		p->src = addr_from_v4(ip->src);
		p->dst = addr_from_v4(ip->dst);
		p->protocol = ip->protocol;
		p->hop_limit = ip->hop_limit;
		return be16_to(ip->total_len) == m->data_len && *header_len >= sizeof *ip &&
		       !(be16_to(ip->fragment) & IPV4_FRAGMENTED);
	}
	if (m->data_len < sizeof *ip6 || be32_to(ip6->version_class_flow) >> 28 != 6)
		return false;
	*header_len = sizeof *ip6;
	p->src = addr_from_v6(ip6->src);
	p->dst = addr_from_v6(ip6->dst);
	p->protocol = ip6->next_header;
	p->hop_limit = ip6->hop_limit;
	return be16_to(ip6->payload_len) + sizeof *ip6 == m->data_len;
}
