/*
 * Neighbours where there are several workers: worker 0 alone asks and listens (neighbour.c) and publishes what it knows
 * (neighbour_table.c); the others send by that, and hand it their packets where that isn't enough: NET_RESOLVE.
 *
 * So a packet goes by worker 0 if its next hop is not known, and once in a while if its next hop is stale, which tells
 * worker 0 that it is used and has to be asked. In states DELAY and PROBE worker 0 knows that already.
 */
#include "dataplane/net/net_priv.h"

#define ASK_INTERVAL_MS 1000u

static bool may_ask(const struct net *net, uint64_t now_us);

void
net_share(struct net *net, struct neighbour_table *table, uint32_t worker)
{
	ASSERT(!net->config);
	net->table = table;
	net->worker = (uint8_t)worker;
	net->reads = worker != 0;
}

struct net_verdict
resolve_output(struct net *net, struct rte_mbuf *m, uint64_t now_us)
{
	const struct neighbour_view *hop = &net->hop.view;

	if (!net->hop.published)
		return net_next(NET_RESOLVE);
	switch ((enum neighbour_state)hop->state) {
	case NEIGHBOUR_INCOMPLETE:
		return net_next(NET_RESOLVE);
	case NEIGHBOUR_FAILED:
		if (now_us > hop->fresh_until_us)
			return net_next(NET_RESOLVE);
		neighbour_note_ports(m);
		return net_drop(DROP_neighbour_unreachable);
	case NEIGHBOUR_REACHABLE:
	case NEIGHBOUR_STALE:
		if ((hop->state == NEIGHBOUR_STALE || now_us > hop->fresh_until_us) &&
		    may_ask(net, now_us))
			return net_next(NET_RESOLVE);
		break;
	case NEIGHBOUR_DELAY:
	case NEIGHBOUR_PROBE:
		break;
	}
	eth_push(net, m, hop->port, hop->mac,
		 addr_is_v4(&hop->addr) ? ETH_TYPE_IPV4 : ETH_TYPE_IPV6);
	return net_next(NET_SEND);
}

/* Once a second a destination, so that a burst doesn't go the long way as a whole. */
static bool
may_ask(const struct net *net, uint64_t now_us)
{
	struct destination *d = net->hop.destination;
	uint32_t now_ms = (uint32_t)(now_us / 1000);

	if (!d) /* link-local: not remembered */
		return true;
	if (d->asked_ms && now_ms - d->asked_ms < ASK_INTERVAL_MS)
		return false;
	d->asked_ms = now_ms ? now_ms : 1; /* 0: never */
	return true;
}

struct net_verdict
net_resolve(struct net *net, struct rte_mbuf *m, uint64_t now_us)
{
	ASSERT(net->config && !net->reads);
	if (!route_output(net, m)) {
		neighbour_note_ports(m);
		return net_drop(DROP_ip_no_route);
	}
	if (!offload_fits(net, m))
		return net_drop(DROP_ip_too_big);
	return eth_output(net, m, now_us);
}
