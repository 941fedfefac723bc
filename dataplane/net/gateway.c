/*
 * Routes with several gateways: which of them a destination goes by, and which of them are alive.
 *
 * A gateway is good while its neighbour entry has an Ethernet address. Worker 0 asks each gateway of such a route again
 * every GATEWAY_PERIOD_US, used or not, so that one that is silent loses its entry, and with it its destinations, after
 * five seconds at most. A destination goes to the good gateway whose hash with it is the highest (Thaler and Ravishankar
 * 1998): when one goes, only its own destinations move. With none good all are tried, in the same way. When it
 * comes back, destinations that have moved stay where they are as long as they are remembered (route_output).
 *
 * Left out: gateways that are alone in their route, for there is nothing to choose; their entries live like others.
 */
#include "dataplane/net/net_priv.h"

#define GATEWAY_PERIOD_US 2000000u
#define GATEWAY_STEPS     64u                 /* looked at in one net_timers */
#define KEY0              0xd6e8feb86659fd93u /* the same on all workers, so that they choose the same */
#define KEY1              0x9e3779b97f4a7c15u

static bool is_good(const struct net *net, const struct gen_gateway *gateway);

const struct gen_gateway *
gateway_choose(const struct net *net, const struct gen_route *route, const struct addr *dst)
{
	const struct gen_gateway *best = NULL;
	bool best_is_good = false;
	uint32_t best_score = 0;

	for (uint32_t i = 0; i < route->gateway_count; i++) {
		const struct gen_gateway *gateway = &route->gateways[i];
		uint32_t score;
		bool good;

		if (net->port_mac[gateway->port] == MAC_UNUSABLE)
			continue;
		if (route->gateway_count == 1)
			return gateway;
		good = is_good(net, gateway);
		score = addr_hash(dst, KEY0 ^ gateway->addr.word[0], KEY1 ^ gateway->addr.word[1]);
		if (!best || good > best_is_good || (good == best_is_good && score > best_score)) {
			best = gateway;
			best_is_good = good;
			best_score = score;
		}
	}
	return best;
}

static bool
is_good(const struct net *net, const struct gen_gateway *gateway)
{
	const struct neighbour *n;
	struct neighbour_view view;

	if (net->reads)
		return neighbour_table_find(net->table, &gateway->addr, gateway->port, &view) &&
		       neighbour_state_is_good(view.state);
	n = neighbour_find(net, &gateway->addr, gateway->port);
	return n && neighbour_state_is_good(n->state);
}

void
gateway_configure(struct net *net, uint64_t now_us)
{
	const struct generation *gen = net->config->generation;

	net->gateways_due_us = UINT64_MAX;
	net->gateway_cursor = 0;
	if (net->reads)
		return;
	for (uint32_t i = 0; i < gen->routes.count; i++)
		if (generation_routes(gen)[i].gateway_count > 1)
			net->gateways_due_us = now_us;
}

void
gateway_timers(struct net *net, uint64_t now_us)
{
	const struct generation *gen = net->config->generation;

	for (unsigned step = 0; step < GATEWAY_STEPS; step++) {
		uint32_t at = net->gateway_cursor / LIMIT_GATEWAYS, which;
		const struct gen_route *route = &generation_routes(gen)[at];

		if (at >= gen->routes.count) {
			net->gateway_cursor = 0;
			net->gateways_due_us = now_us + GATEWAY_PERIOD_US;
			return;
		}
		which = net->gateway_cursor++ % LIMIT_GATEWAYS;
		if (route->gateway_count == 1 || which >= route->gateway_count)
			net->gateway_cursor = (at + 1) * LIMIT_GATEWAYS;
		else if (net->port_mac[route->gateways[which].port] != MAC_UNUSABLE)
			neighbour_keep(net, &route->gateways[which].addr,
				       route->gateways[which].port, now_us);
	}
}
