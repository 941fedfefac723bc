/*
 * The router. A packet comes in, is checked, loses a hop, finds its way, and waits for the line of that way as a frame with the
 * time when it arrives at the other end. RFC 1812, 8200, 792, 4443, 1191, 8201, 3168 5. Fragments IPv4 where a way out says so.
 * Left out: options, redirects.
 */
#include "test/sim/router.h"

#include <rte_mbuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/net/net_priv.h"
#include "drivers/port/port_impl.h"

#define QUEUE_MAX     8192u /* frames of a way out, on the line or behind it */
#define QUEUE_DEFAULT 1000u
#define ICMP_EVERY_US 10000u /* an error, so many at once */
#define ICMP_BURST    10u
#define QUOTE_V4                                                                                   \
	548u /* of the packet that an error is about: no error is longer than 576 (RFC 1812 4.3.2.3) */
#define QUOTE_V6         1232u /* 1280 (RFC 4443 2.4) */
#define ICMP_ERROR_BYTES (ETH_TYPE_BYTES + 40u + 8u + QUOTE_V6)
#define ETH_TYPE_BYTES   14u

/* A frame that is on its way out. */
struct leaving {
	struct rte_mbuf *m;
	uint64_t sent_us, due_us; /* has left the line; arrives at the other end */
};

struct router_port {
	struct port *port;
	uint8_t mac[6];
	struct addr v4, v6;
	unsigned v4_len, v6_len;
	struct router_egress egress;
	struct port_pace pace;
	struct leaving *ring;
	uint32_t first, count; /* of the ring */
	uint32_t waiting,
	    bytes; /* frames, the last ones of the ring, that have not left the line, and their sum */
	uint64_t last_due_us;
};

struct router {
	struct node node;
	struct router_port ports[ROUTER_PORTS_MAX];
	uint32_t port_count;
	struct route {
		struct addr prefix;
		unsigned len;
		uint32_t port;
		uint8_t mac[6];
	} routes[ROUTER_ROUTES_MAX];
	uint32_t route_count;
	struct resident {
		struct addr addr;
		uint32_t port;
		uint8_t mac[6];
	} neighbours[ROUTER_NEIGHBOURS_MAX];
	uint32_t neighbour_count;
	uint64_t icmp_us; /* when the bucket of ICMP errors is full again */
	uint16_t fragment_id;
	bool swallows, mute;
};

/* A packet under way through the router. */
struct transit {
	struct rte_mbuf *m;
	uint32_t from; /* port */
	bool v6;
	struct addr src, dst;
	uint8_t protocol;
	uint32_t len_bytes; /* without Ethernet */
};

static bool router_turn(struct node *node, uint64_t now_us);
static void frame_in(struct router *router, uint32_t port, struct rte_mbuf *m, uint64_t now_us);
static bool arp_in(struct router *router, uint32_t port, struct rte_mbuf *m, uint64_t now_us);
static bool parse(struct transit *t);
static bool solicitation_in(struct router *router, const struct transit *t, uint64_t now_us);
static void forward(struct router *router, struct transit *t, uint64_t now_us);
static bool
find_way(const struct router *router, const struct addr *dst, uint32_t *port, uint8_t mac[6]);
static void refuse(struct router *router, const struct transit *t, uint8_t type, uint8_t code,
		   uint32_t rest, uint64_t now_us);
static void fragment(struct router *router, struct transit *t, uint32_t to, uint64_t now_us);
static struct rte_mbuf *
piece_of(struct router *router, const struct transit *t, uint32_t at, uint32_t len);
static void ip_seal(struct ipv4_header *ip);
static void enqueue(struct router *router, uint32_t to, struct rte_mbuf *m, uint64_t now_us);
static void mark(struct router *router, struct rte_mbuf *m);
static bool leave(struct router_port *port, uint64_t now_us);
static uint64_t router_next_us(struct node *node, uint64_t now_us);
static bool router_quiet(struct node *node, char *why, unsigned why_bytes);

static const struct node_ops router_ops = { .turn = router_turn,
					    .next_us = router_next_us,
					    .quiet = router_quiet };

struct router *
router_new(struct world *world, const char *name)
{
	struct router *router = calloc(1, sizeof *router);

	ASSERT(router);
	world_add(world, &router->node, name, &router_ops);
	return router;
}

uint32_t
router_attach(struct router *router, struct port *end, const char *v4, const char *v6)
{
	struct router_port *port = &router->ports[router->port_count];
	struct port_info info;

	ASSERT(router->port_count < ROUTER_PORTS_MAX);
	port->port = end;
	port->ring = calloc(QUEUE_MAX, sizeof *port->ring);
	ASSERT(port->ring && addr_parse_prefix(v4, &port->v4, &port->v4_len) &&
	       addr_parse_prefix(v6, &port->v6, &port->v6_len));
	port_info(end, &info);
	memcpy(port->mac, info.mac, 6);
	router_shape(router, router->port_count, &(struct router_egress){ 0 });
	return router->port_count++;
}

const uint8_t *
router_mac(const struct router *router, uint32_t port)
{
	return router->ports[port].mac;
}

void
router_neighbour(struct router *router, uint32_t port, const struct addr *addr,
		 const uint8_t mac[6])
{
	struct resident *neighbour = &router->neighbours[router->neighbour_count++];

	ASSERT(router->neighbour_count <= ROUTER_NEIGHBOURS_MAX);
	*neighbour = (struct resident){ .addr = *addr, .port = port };
	memcpy(neighbour->mac, mac, 6);
}

void
router_route(struct router *router, const char *prefix, uint32_t port, const uint8_t next_mac[6])
{
	struct route *route = &router->routes[router->route_count++];

	ASSERT(router->route_count <= ROUTER_ROUTES_MAX);
	ASSERT(addr_parse_prefix(prefix, &route->prefix, &route->len));
	route->port = port;
	memcpy(route->mac, next_mac, 6);
}

void
router_shape(struct router *router, uint32_t number, const struct router_egress *egress)
{
	struct router_port *port = &router->ports[number];
	uint64_t busy_until_ns = port->pace.busy_until_ns;
	uint32_t mtu_before = port->egress.mtu_bytes;

	port->egress = *egress;
	if (!egress->mtu_bytes)
		port->egress.mtu_bytes = 1500;
	if (!egress->queue_frames)
		port->egress.queue_frames = QUEUE_DEFAULT;
	port_pace_init(&port->pace, egress->rate_bps);
	port->pace.busy_until_ns = busy_until_ns;
	if (!mtu_before)
		return; /* the first time */
	world_event(router->node.world, EVENT_path_change, 1);
	world_event(router->node.world, EVENT_mtu_change, port->egress.mtu_bytes != mtu_before);
}

const struct router_egress *
router_egress(const struct router *router, uint32_t port)
{
	return &router->ports[port].egress;
}

void
router_swallow(struct router *router, bool swallows)
{
	router->swallows = swallows;
	world_event(router->node.world, EVENT_black_hole, swallows);
}

void
router_mute(struct router *router, bool mute)
{
	router->mute = mute;
	world_event(router->node.world, EVENT_silent_hole, mute);
}

static bool
router_turn(struct node *node, uint64_t now_us)
{
	struct router *router = (struct router *)node;
	struct rte_mbuf *burst[PORT_BURST];
	bool moved = false;

	for (uint32_t port = 0; port < router->port_count; port++) {
		uint16_t n = port_rx(router->ports[port].port, 0, burst, PORT_BURST, now_us);

		for (uint16_t i = 0; i < n; i++)
			frame_in(router, port, burst[i], now_us);
		moved |= n > 0;
	}
	for (uint32_t port = 0; port < router->port_count; port++)
		moved |= leave(&router->ports[port], now_us);
	return moved;
}

static void
frame_in(struct router *router, uint32_t port, struct rte_mbuf *m, uint64_t now_us)
{
	const struct eth_header *eth = rte_pktmbuf_mtod(m, const struct eth_header *);
	struct transit t = { .m = m, .from = port };
	bool ours = memcmp(eth->dst, router->ports[port].mac, 6) == 0;

	ASSERT(m->nb_segs == 1);
	if (be16_to(eth->type) == ETH_TYPE_ARP) {
		if (!arp_in(router, port, m, now_us))
			rte_pktmbuf_free(m);
		return;
	}
	if ((!ours && !mac_is_group(mac_load(eth->dst))) || !parse(&t) ||
	    solicitation_in(router, &t, now_us) || !ours || router->swallows) {
		rte_pktmbuf_free(m);
		return;
	}
	forward(router, &t, now_us);
}

/* Answers a request for our address in the same buffer; false: there is nothing to answer. */
static bool
arp_in(struct router *router, uint32_t number, struct rte_mbuf *m, uint64_t now_us)
{
	const struct router_port *port = &router->ports[number];
	struct eth_header *eth = rte_pktmbuf_mtod(m, struct eth_header *);
	struct arp_header *arp = (struct arp_header *)(eth + 1);
	struct addr target;
	be32 sender;

	if (m->data_len < sizeof *eth + sizeof *arp || be16_to(arp->operation) != ARP_REQUEST)
		return false;
	target = addr_from_v4(arp->target);
	if (!addr_equal(&target, &port->v4))
		return false;
	sender = arp->sender;
	arp->operation = be16_from(ARP_REPLY);
	memcpy(arp->target_mac, arp->sender_mac, 6);
	memcpy(arp->sender_mac, port->mac, 6);
	arp->sender = arp->target;
	arp->target = sender;
	memcpy(eth->dst, eth->src, 6);
	memcpy(eth->src, port->mac, 6);
	enqueue(router, number, m, now_us);
	return true;
}

/* False: no IP, or broken. */
static bool
parse(struct transit *t)
{
	const struct eth_header *eth = rte_pktmbuf_mtod(t->m, const struct eth_header *);
	uint32_t room = t->m->data_len - (uint32_t)sizeof *eth;
	const struct ipv4_header *ip = (const struct ipv4_header *)(eth + 1);
	const struct ipv6_header *ip6 = (const struct ipv6_header *)(eth + 1);

	t->v6 = be16_to(eth->type) == ETH_TYPE_IPV6;
	if (t->v6) {
		if (room < sizeof *ip6 || be32_to(ip6->version_class_flow) >> 28 != 6)
			return false;
		t->len_bytes = (uint32_t)sizeof *ip6 + be16_to(ip6->payload_len);
		t->src = addr_from_v6(ip6->src);
		t->dst = addr_from_v6(ip6->dst);
		t->protocol = ip6->next_header;
	} else {
		if (be16_to(eth->type) != ETH_TYPE_IPV4 || room < sizeof *ip ||
		    ip->version_len != 0x45 ||
		    checksum_finish(checksum_add(0, ip, sizeof *ip)) != 0)
			return false;
		t->len_bytes = be16_to(ip->total_len);
		t->src = addr_from_v4(ip->src);
		t->dst = addr_from_v4(ip->dst);
		t->protocol = ip->protocol;
	}
	return t->len_bytes >= sizeof *ip && t->len_bytes <= room;
}

/* Answers who asks for our address; true: it was neighbour discovery, which is never forwarded. */
static bool
solicitation_in(struct router *router, const struct transit *t, uint64_t now_us)
{
	const struct router_port *port = &router->ports[t->from];
	uint8_t *frame = rte_pktmbuf_mtod(t->m, uint8_t *);
	struct ipv6_header *ip = (struct ipv6_header *)(frame + ETH_TYPE_BYTES);
	uint8_t *nd = frame + ETH_TYPE_BYTES + sizeof *ip;
	struct rte_mbuf *answer;
	uint32_t len = 32, sum;
	uint16_t wire;

	if (!t->v6 || t->protocol != IPPROTO_ICMPV6 || t->len_bytes < sizeof *ip + 24 ||
	    ip->hop_limit != 255)
		return t->v6 && addr_is_multicast(&t->dst);
	if (nd[0] != ICMP6_SOLICITATION || memcmp(nd + 8, port->v6.byte, 16) != 0 ||
	    addr_is_unspecified(&t->src))
		return true;
	answer = rte_pktmbuf_alloc(router->node.world->wire);
	ASSERT(answer && rte_pktmbuf_append(answer, (uint16_t)(ETH_TYPE_BYTES + sizeof *ip + len)));
	memcpy(rte_pktmbuf_mtod(answer, uint8_t *), frame, ETH_TYPE_BYTES + sizeof *ip + 24);
	frame = rte_pktmbuf_mtod(answer, uint8_t *);
	memcpy(frame, frame + 6, 6);
	memcpy(frame + 6, port->mac, 6);
	ip = (struct ipv6_header *)(frame + ETH_TYPE_BYTES);
	ip->payload_len = be16_from((uint16_t)len);
	memcpy(ip->dst, t->src.byte, 16);
	memcpy(ip->src, port->v6.byte, 16);
	nd = frame + ETH_TYPE_BYTES + sizeof *ip;
	memset(nd, 0, 8);
	nd[0] = ICMP6_ADVERTISEMENT;
	nd[4] = 0xe0; /* a router, solicited, overrides */
	nd[24] = 2;
	nd[25] = 1;
	memcpy(nd + 26, port->mac, 6);
	sum = checksum_pseudo(&port->v6, &t->src, IPPROTO_ICMPV6, len);
	wire = checksum_finish(checksum_add(sum, nd, len));
	memcpy(nd + 2, &wire, 2);
	enqueue(router, t->from, answer, now_us);
	return true;
}

static void
forward(struct router *router, struct transit *t, uint64_t now_us)
{
	struct world *world = router->node.world;
	uint8_t *frame = rte_pktmbuf_mtod(t->m, uint8_t *);
	struct ipv4_header *ip = (struct ipv4_header *)(frame + ETH_TYPE_BYTES);
	uint8_t *hops =
	    t->v6 ? &((struct ipv6_header *)(frame + ETH_TYPE_BYTES))->hop_limit : &ip->hop_limit;
	uint32_t to, mtu;
	uint8_t mac[6];

	if (*hops <= 1) {
		refuse(router, t, t->v6 ? ICMP6_TIME_EXCEEDED : ICMP_TIME_EXCEEDED, 0, 0, now_us);
	} else if (!find_way(router, &t->dst, &to, mac)) {
		refuse(router, t, t->v6 ? ICMP6_UNREACHABLE : ICMP_UNREACHABLE, t->v6 ? 3 : 1, 0,
		       now_us);
	} else if (t->len_bytes > (mtu = router->ports[to].egress.mtu_bytes) &&
		   (t->v6 || !router->ports[to].egress.fragments)) {
		world_event(world, EVENT_too_big, 1);
		refuse(router, t, t->v6 ? ICMP6_TOO_BIG : ICMP_UNREACHABLE, t->v6 ? 0 : 4, mtu,
		       now_us);
	} else {
		--*hops;
		if (!t->v6)
			ip_seal(ip);
		memcpy(frame, mac, 6);
		memcpy(frame + 6, router->ports[to].mac, 6);
		world_event(world, EVENT_forwarded, 1);
		if (t->len_bytes > mtu)
			fragment(router, t, to, now_us);
		else
			enqueue(router, to, t->m, now_us);
		return;
	}
	rte_pktmbuf_free(t->m);
}

/* RFC 791 3.2, in two: as much as fits, and the rest. Takes t->m. */
static void
fragment(struct router *router, struct transit *t, uint32_t to, uint64_t now_us)
{
	uint32_t header = sizeof(struct ipv4_header), payload = t->len_bytes - header;
	uint32_t first_len = (router->ports[to].egress.mtu_bytes - header) & ~7u;
	uint8_t *frame = rte_pktmbuf_mtod(t->m, uint8_t *);
	struct ipv4_header *ip = (struct ipv4_header *)(frame + ETH_TYPE_BYTES);
	struct rte_mbuf *first, *second;

	ASSERT(payload <= 2 * first_len && !(be16_to(ip->fragment) & IPV4_FRAGMENTED));
	ip->id = be16_from(++router->fragment_id); /* those with DF have none (RFC 6864) */
	first = piece_of(router, t, 0, first_len);
	second = piece_of(router, t, first_len, payload - first_len);
	enqueue(router, to, router->fragment_id % 2 ? first : second, now_us);
	enqueue(router, to, router->fragment_id % 2 ? second : first, now_us);
	world_event(router->node.world, EVENT_fragmented, 1);
	rte_pktmbuf_free(t->m);
}

static struct rte_mbuf *
piece_of(struct router *router, const struct transit *t, uint32_t at, uint32_t len)
{
	const uint8_t *from = rte_pktmbuf_mtod(t->m, const uint8_t *);
	uint32_t headers = ETH_TYPE_BYTES + sizeof(struct ipv4_header);
	struct rte_mbuf *m = rte_pktmbuf_alloc(router->node.world->wire);
	bool more = headers + at + len < ETH_TYPE_BYTES + t->len_bytes;
	struct ipv4_header *ip;
	uint8_t *frame;

	ASSERT(m);
	frame = (uint8_t *)rte_pktmbuf_append(m, (uint16_t)(headers + len));
	ASSERT(frame);
	memcpy(frame, from, headers);
	memcpy(frame + headers, from + headers + at, len);
	ip = (struct ipv4_header *)(frame + ETH_TYPE_BYTES);
	ip->total_len = be16_from((uint16_t)(sizeof *ip + len));
	ip->fragment = be16_from((uint16_t)(at / 8 | (more ? IPV4_MORE_FRAGMENTS : 0)));
	ip_seal(ip);
	return m;
}

/* The longest prefix, and the neighbour where it is connected. */
static bool
find_way(const struct router *router, const struct addr *dst, uint32_t *port, uint8_t mac[6])
{
	unsigned longest = 0;

	for (uint32_t i = 0; i < router->neighbour_count; i++) {
		const struct resident *neighbour = &router->neighbours[i];

		if (!addr_equal(&neighbour->addr, dst))
			continue;
		*port = neighbour->port;
		memcpy(mac, neighbour->mac, 6);
		return true;
	}
	for (uint32_t i = 0; i < router->route_count; i++) {
		const struct route *route = &router->routes[i];

		if (!addr_in_prefix(dst, &route->prefix, route->len) || route->len < longest)
			continue;
		longest = route->len;
		*port = route->port;
		memcpy(mac, route->mac, 6);
	}
	return longest > 0;
}

/* An ICMP error back to the sender, from the port that the packet came in by; not about ICMP, and not too many. */
static void
refuse(struct router *router, const struct transit *t, uint8_t type, uint8_t code, uint32_t rest,
       uint64_t now_us)
{
	const struct router_port *port = &router->ports[t->from];
	const uint8_t *from = rte_pktmbuf_mtod(t->m, const uint8_t *);
	uint32_t header = t->v6 ? sizeof(struct ipv6_header) : sizeof(struct ipv4_header);
	uint32_t quote = (uint32_t)min_u64(t->len_bytes, t->v6 ? QUOTE_V6 : QUOTE_V4);
	struct rte_mbuf *m;
	uint8_t *frame, *icmp;
	uint32_t sum = 0;
	uint16_t wire;

	if (router->mute || t->protocol == (t->v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP) ||
	    router->icmp_us > now_us + (uint64_t)ICMP_EVERY_US * (ICMP_BURST - 1))
		return;
	router->icmp_us = max_u64(router->icmp_us, now_us) + ICMP_EVERY_US;
	m = rte_pktmbuf_alloc(router->node.world->wire);
	ASSERT(m);
	frame = (uint8_t *)rte_pktmbuf_append(m, (uint16_t)(ETH_TYPE_BYTES + header + 8 + quote));
	ASSERT(frame);
	memcpy(frame, from + 6, 6);
	memcpy(frame + 6, port->mac, 6);
	memcpy(frame + 12, from + 12, 2);
	icmp = frame + ETH_TYPE_BYTES + header;
	if (t->v6) {
		struct ipv6_header *ip = (struct ipv6_header *)(frame + ETH_TYPE_BYTES);

		*ip = (struct ipv6_header){ .version_class_flow = be32_from(6u << 28),
					    .payload_len = be16_from((uint16_t)(8 + quote)),
					    .next_header = IPPROTO_ICMPV6,
					    .hop_limit = 64 };
		memcpy(ip->src, port->v6.byte, 16);
		memcpy(ip->dst, t->src.byte, 16);
		sum = checksum_pseudo(&port->v6, &t->src, IPPROTO_ICMPV6, 8 + quote);
	} else {
		struct ipv4_header *ip = (struct ipv4_header *)(frame + ETH_TYPE_BYTES);

		*ip = (struct ipv4_header){ .version_len = 0x45,
					    .total_len = be16_from((uint16_t)(header + 8 + quote)),
					    .hop_limit = 64,
					    .protocol = IPPROTO_ICMP,
					    .src = addr_to_v4(&port->v4),
					    .dst = addr_to_v4(&t->src) };
		ip_seal(ip);
	}
	*(struct icmp_header *)icmp =
	    (struct icmp_header){ .type = type, .code = code, .rest = be32_from(rest) };
	memcpy(icmp + 8, from + ETH_TYPE_BYTES, quote);
	wire = checksum_finish(checksum_add(sum, icmp, 8 + quote));
	memcpy(icmp + 2, &wire, 2);
	world_event(router->node.world, EVENT_too_big_told, rest != 0);
	enqueue(router, t->from, m, now_us);
}

static void
ip_seal(struct ipv4_header *ip)
{
	uint16_t sum;

	ip->checksum = be16_from(0);
	sum = checksum_finish(checksum_add(0, ip, sizeof *ip));
	memcpy(&ip->checksum, &sum, 2);
}

/* Behind what waits for the line, or dropped at the tail. */
static void
enqueue(struct router *router, uint32_t to, struct rte_mbuf *m, uint64_t now_us)
{
	struct router_port *port = &router->ports[to];
	const struct router_egress *egress = &port->egress;
	struct leaving *last;

	while (port->waiting) {
		const struct leaving *next =
		    &port->ring[(port->first + port->count - port->waiting) % QUEUE_MAX];

		if (next->sent_us > now_us)
			break;
		port->waiting--;
		port->bytes -= next->m->pkt_len;
	}
	if (port->count == QUEUE_MAX || port->waiting >= egress->queue_frames ||
	    (egress->queue_bytes && port->bytes + m->pkt_len > egress->queue_bytes)) {
		world_event(router->node.world, EVENT_queue_full, 1);
		rte_pktmbuf_free(m);
		return;
	}
	if (egress->mark_bytes && port->bytes > egress->mark_bytes)
		mark(router, m);
	last = &port->ring[(port->first + port->count++) % QUEUE_MAX];
	last->m = m;
	last->sent_us = port_pace_take(&port->pace, m->pkt_len, now_us);
	last->due_us = max_u64(last->sent_us + egress->delay_us, port->last_due_us);
	port->last_due_us = last->due_us;
	port->waiting++;
	port->bytes += m->pkt_len;
}

static void
mark(struct router *router, struct rte_mbuf *m)
{
	const struct eth_header *eth = rte_pktmbuf_mtod(m, const struct eth_header *);
	struct ipv4_header *ip = (struct ipv4_header *)(uintptr_t)(eth + 1);
	struct ipv6_header *ip6 = (struct ipv6_header *)(uintptr_t)(eth + 1);

	if (be16_to(eth->type) == ETH_TYPE_IPV4 && (ip->traffic_class & ECN_MASK)) {
		ip->traffic_class |= ECN_CE;
		ip_seal(ip);
	} else if (be16_to(eth->type) == ETH_TYPE_IPV6 &&
		   (be32_to(ip6->version_class_flow) >> 20 & ECN_MASK)) {
		ip6->version_class_flow =
		    be32_from(be32_to(ip6->version_class_flow) | ECN_CE << 20);
	} else {
		return;
	}
	world_event(router->node.world, EVENT_marked, 1);
}

static bool
leave(struct router_port *port, uint64_t now_us)
{
	bool moved = false;

	while (port->count && port->ring[port->first].due_us <= now_us) {
		struct rte_mbuf *m = port->ring[port->first].m;

		if (port->waiting == port->count) {
			port->waiting--;
			port->bytes -= m->pkt_len;
		}
		port->first = (port->first + 1) % QUEUE_MAX;
		port->count--;
		if (port_tx(port->port, 0, &m, 1, now_us) != 1)
			rte_pktmbuf_free(m);
		moved = true;
	}
	port_tx(port->port, 0, NULL, 0, now_us);
	return moved;
}

static uint64_t
router_next_us(struct node *node, uint64_t now_us)
{
	struct router *router = (struct router *)node;
	uint64_t next_us = UINT64_MAX;

	for (uint32_t i = 0; i < router->port_count; i++) {
		const struct router_port *port = &router->ports[i];

		next_us = min_u64(next_us, port_next_us(port->port));
		if (port->count)
			next_us = min_u64(next_us, port->ring[port->first].due_us);
	}
	return next_us;
}

static bool
router_quiet(struct node *node, char *why, unsigned why_bytes)
{
	const struct router *router = (const struct router *)node;

	for (uint32_t i = 0; i < router->port_count; i++)
		if (router->ports[i].count) {
			snprintf(why, why_bytes, "%s has %u frames under way", node->name,
				 router->ports[i].count);
			return false;
		}
	return true;
}
