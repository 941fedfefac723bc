/*
 * A worker's network layer as a whole: its state, the two entries of IP that are the same for both families, and the
 * packets that it sends of its own accord, which path.c fetches with net_poll.
 */
#include "dataplane/net/net_priv.h"

#define ECHO_INTERVAL_US     100u /* 10,000 answers a second */
#define ECHO_BURST           1000u
#define ERROR_INTERVAL_US    10000u /* 100 errors a second (RFC 4443 2.4 (f)) */
#define ERROR_BURST          20u
#define ANNOUNCE_SCAN        256u     /* addresses looked at in one net_poll */
#define ANNOUNCE_INTERVAL_US 2000000u /* RFC 5227 1.1 */

static size_t net_bytes(void);
static size_t neighbours_bytes(void);
static size_t claims_bytes(void);
static void announce_some(struct net *net, uint32_t n);
static void announce_one(struct net *net, unsigned port, const struct addr *own);

size_t
net_memory_bytes(const struct net_setup *setup)
{
	return net_bytes() + neighbours_bytes() + claims_bytes() +
	       (setup->reassembles ? fragment_memory_bytes() : 0);
}

static size_t
net_bytes(void)
{
	return (sizeof(struct net) + 63) & ~(size_t)63;
}

static size_t
neighbours_bytes(void)
{
	return (pool_memory_bytes(sizeof(struct neighbour), NET_NEIGHBOURS) + 63) & ~(size_t)63;
}

static size_t
claims_bytes(void)
{
	return (pool_memory_bytes(sizeof(struct claim), CLAIMS) + 63) & ~(size_t)63;
}

struct net *
net_init(void *memory, const struct net_setup *setup)
{
	struct net *net = memory;

	ASSERT(((uintptr_t)memory & 63) == 0);
	ASSERT(rte_pktmbuf_priv_size(setup->mbufs) >= PACKET_PRIVATE_BYTES);
	memset(memory, 0, net_memory_bytes(setup));
	net->mbufs = setup->mbufs;
	net->stats = setup->stats;
	rng_init(&net->rng, setup->seed);
	net->hash_key[0] = rng_next(&net->rng);
	net->hash_key[1] = rng_next(&net->rng);
	net->echo_limit.interval_us = ECHO_INTERVAL_US;
	net->echo_limit.burst_us = ECHO_INTERVAL_US * ECHO_BURST;
	net->error_limit.interval_us = ERROR_INTERVAL_US;
	net->error_limit.burst_us = ERROR_INTERVAL_US * ERROR_BURST;
	punt_init(net);
	ping_init(net);
	for (unsigned port = 0; port < LIMIT_INTERFACES; port++)
		net->port_mac[port] = MAC_UNUSABLE;
	net->gateways_due_us = UINT64_MAX;
	neighbour_init(net, (uint8_t *)memory + net_bytes());
	claim_init(net, (uint8_t *)memory + net_bytes() + neighbours_bytes());
	if (setup->reassembles)
		fragment_init(net, (uint8_t *)memory + net_bytes() + neighbours_bytes() +
				       claims_bytes());
	return net;
}

void
net_fini(struct net *net)
{
	struct rte_mbuf *m;

	net->announce_ports = net->announce_again_ports = 0;
	net->gateways_due_us = UINT64_MAX;
	claim_fini(net);
	while (net_poll(net, &m, 1, 0))
		rte_pktmbuf_free(m);
	neighbour_fini(net);
	fragment_fini(net);
}

void
net_configure(struct net *net, const struct net_config *config, uint64_t now_us)
{
	ASSERT(config->generation && config->port_count <= LIMIT_INTERFACES);
	for (unsigned port = 0; port < LIMIT_INTERFACES; port++) {
		bool usable = port < config->port_count && config->ports[port].usable;
		uint64_t mac = usable ? mac_load(config->ports[port].mac) : MAC_UNUSABLE;
		uint16_t tag = usable ? config->ports[port].tag : 0;

		/* another link: whom we knew there is not here */
		if (!net->reads && (mac != net->port_mac[port] || tag != net->port_tag[port])) {
			neighbour_forget_port(net, port, now_us);
			claim_forget_port(net, port);
		}
		net->port_mac[port] = mac;
		net->port_tag[port] = tag;
		if (usable)
			continue;
		net->announce_ports &= ~(UINT64_C(1) << port);
		net->announce_again_ports &= ~(UINT64_C(1) << port);
	}
	net->config = config;
	net->any_cuts = false;
	for (unsigned port = 0; port < config->port_count; port++)
		net->any_cuts |= (config->ports[port].offloads & PORT_OFFLOAD_TSO) != 0;
	net->epoch++;
	net->announce_cursor = 0;
	route_configure(net);
	punt_configure(net);
	gateway_configure(net, now_us);
	claim_configure(net);
}

void
net_announce(struct net *net, unsigned port, uint64_t now_us)
{
	if (net->reads || port >= LIMIT_INTERFACES || net->port_mac[port] == MAC_UNUSABLE)
		return;
	net->announce_ports |= UINT64_C(1) << port;
	net->announce_cursor = 0;
	net->announce_again_ports |= UINT64_C(1) << port;
	net->announce_again_us = now_us + ANNOUNCE_INTERVAL_US;
}

void
net_probe(struct net *net, unsigned port, bool anew, uint64_t now_us)
{
	if (!net->reads && port < LIMIT_INTERFACES && net->port_mac[port] != MAC_UNUSABLE)
		claim_port(net, port, anew);
}

struct net_verdict
ip_input(struct net *net, struct rte_mbuf *m, uint64_t now_us)
{
	if (m->data_len == 0)
		return net_drop(DROP_ip_truncated);
	switch (*rte_pktmbuf_mtod(m, const uint8_t *) >> 4) {
	case 4:
		return ipv4_input(net, m, now_us);
	case 6:
		return ipv6_input(net, m, now_us);
	default:
		return net_drop(DROP_ip_version);
	}
}

struct net_verdict
ip_output(struct net *net, struct rte_mbuf *m, uint64_t now_us)
{
	struct packet *p = packet_of(m);

	ASSERT(net->config);
	p->worker = net->worker;
	if (!route_output(net, m))
		return net_drop(DROP_ip_no_route);
	if (addr_is_v4(&p->dst) && p->in_fragments) /* or by a router on its way */
		ipv4_push(m, (uint16_t)rng_next(&net->rng), 0);
	else if (addr_is_v4(&p->dst))
		ipv4_push(m, 0, IPV4_DF); /* RFC 6864 4.1: the identification means nothing then */
	else
		ipv6_push(m);
	if (!offload_fits(net, m))
		return net_drop(DROP_ip_too_big);
	return net_next(NET_IP);
}

uint16_t
net_poll(struct net *net, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	uint16_t got = 0;

	if (claim_is_busy(net))
		claim_scan(net, now_us);
	announce_some(net, RTE_MIN(n, NET_OWN_PACKETS));
	for (; got < n && net->own_count; net->own_count--) {
		burst[got++] = net->own[net->own_head];
		net->own_head = (net->own_head + 1) & (OWN_SLOTS - 1);
	}
	return got;
}

/* As much as fits beside what waits already, port after port. */
static void
announce_some(struct net *net, uint32_t n)
{
	for (unsigned step = 0; net->announce_ports && step < ANNOUNCE_SCAN && net->own_count < n;
	     step++) {
		unsigned port = (unsigned)__builtin_ctzll(net->announce_ports);
		const struct addr *own = net_own_at(net, port, net->announce_cursor++);

		if (!own) {
			net->announce_ports &= net->announce_ports - 1;
			net->announce_cursor = 0;
		} else if (route_is_own_on(net, own, port)) {
			announce_one(net, port, own);
		}
	}
}

/* Of the set of the virtual servers' free entries, too. */
const struct addr *
net_own_at(const struct net *net, unsigned port, uint32_t at)
{
	const struct generation *gen = net->config->generation;
	const struct gen_port *gen_port = &generation_ports(gen)[port];

	if (at < gen_port->address_count)
		return &generation_addresses(gen)[gen_port->first_address + at].addr;
	at -= gen_port->address_count;
	if (at == 0)
		return &net->link_local[port];
	if (!net->config->own || at - 1 > net->config->own_mask)
		return NULL;
	return &net->config->own[at - 1];
}

static void
announce_one(struct net *net, unsigned port, const struct addr *own)
{
	enum drop_reason reason =
	    addr_is_v4(own) ? arp_announce(net, port, own) : nd_announce(net, port, own, true);

	net->stats->drop[reason] += reason != DROP_none;
}

uint16_t
net_timers(struct net *net, struct rte_mbuf **expired, uint16_t n, uint64_t now_us)
{
	if (net->announce_again_ports && now_us >= net->announce_again_us) {
		net->announce_ports |= net->announce_again_ports;
		net->announce_again_ports = 0;
		net->announce_cursor = 0;
	}
	claim_timers(net, now_us);
	if (now_us >= net->gateways_due_us)
		gateway_timers(net, now_us);
	fragment_timers(net, now_us);
	return neighbour_timers(net, expired, n, now_us);
}

bool
net_timers_are_due(const struct net *net, uint64_t now_us)
{
	return wheel_may_expire(&net->timers, now_us) ||
	       wheel_may_expire(&net->claim_wheel, now_us) || now_us >= net->gateways_due_us ||
	       (net->announce_again_ports && now_us >= net->announce_again_us) ||
	       now_us >= fragment_next_us(net);
}

uint64_t
net_next_us(const struct net *net)
{
	uint64_t next = RTE_MIN(wheel_next_us(&net->timers), net->gateways_due_us);

	if (net->own_count || net->announce_ports || claim_is_busy(net))
		return 0; /* at once: net_poll has something */
	if (net->announce_again_ports)
		next = RTE_MIN(next, net->announce_again_us);
	next = RTE_MIN(next, wheel_next_us(&net->claim_wheel));
	return RTE_MIN(next, fragment_next_us(net));
}

struct rte_mbuf *
net_make(struct net *net, unsigned port)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(net->mbufs);

	if (!m)
		return NULL;
	*packet_of(m) = (struct packet){ .port = (uint8_t)port };
	return m;
}

bool
net_push(struct net *net, struct rte_mbuf *m)
{
	if (net->own_count >= NET_OWN_PACKETS)
		return false;
	net->own[(net->own_head + net->own_count++) & (OWN_SLOTS - 1)] = m;
	return true;
}

void
net_release(struct net *net, struct rte_mbuf *m)
{
	if (net->own_count == OWN_SLOTS)
		net_discard(net, m, DROP_port_tx_full);
	else
		net->own[(net->own_head + net->own_count++) & (OWN_SLOTS - 1)] = m;
}

struct net_verdict
net_send(struct net *net, struct rte_mbuf *m, uint64_t now_us)
{
	struct net_verdict verdict = ip_output(net, m, now_us);

	if (verdict.reason == DROP_ip_too_big && packet_of(m)->in_fragments)
		return fragment_send(net, m, now_us);
	if (verdict.next == NET_IP)
		verdict = eth_output(net, m, now_us);
	if (verdict.next == NET_RESOLVE) /* answers are worker 0's, which has no need of that */
		return net_drop(DROP_neighbour_unreachable);
	if (verdict.next != NET_SEND)
		return verdict;
	return net_push(net, m) ? net_next(NET_TAKEN) : net_drop(DROP_port_tx_full);
}

void
net_discard(struct net *net, struct rte_mbuf *m, enum drop_reason reason)
{
	net->stats->drop[reason]++;
	rte_pktmbuf_free(m);
}

bool
rate_limit_allows(struct rate_limit *limit, uint32_t n, uint64_t now_us)
{
	uint64_t cost_us = (uint64_t)n * limit->interval_us;

	if (limit->full_us < now_us)
		limit->full_us = now_us;
	if (limit->full_us + cost_us > now_us + limit->burst_us)
		return false;
	limit->full_us += cost_us;
	return true;
}

bool
rate_limit_allows_above(struct rate_limit *limit, uint32_t reserve_us, uint64_t now_us)
{
	return limit->full_us + limit->interval_us + reserve_us <= now_us + limit->burst_us &&
	       rate_limit_allows(limit, 1, now_us);
}
