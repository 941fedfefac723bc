/*
 * What people ask of the network layer (show arp, neighbours, routes, interfaces), a row at a time and by index, so that
 * a worker can answer a few in one turn and go on in the next. Reads only; in worker 0, which has the neighbours.
 */
#include <rte_string_fns.h>

#include "dataplane/net/net_priv.h"

static struct addr network_of(const struct gen_address *own);
static const char *state_text(const struct neighbour *n, uint64_t now_us);
static uint64_t since(uint64_t then_us, uint64_t now_us);
static void
show_connected(const struct net *net, const struct gen_address *own, struct mailbox_route *out);
static void show_static(const struct net *net, const struct gen_route *route,
			const struct gen_gateway *gateway, struct mailbox_route *out);
static const char *gateway_state(const struct net *net, const struct gen_gateway *gateway);
static const char *address_state(const struct net *net, const struct gen_address *own);
static void port_name(const struct net *net, unsigned port, char out[MAILBOX_PORT_BYTES]);

enum net_shown
net_show_neighbour(const struct net *net, uint32_t index, uint64_t now_us,
		   struct mailbox_neighbour *out)
{
	const struct neighbour *n;

	if (index >= net->neighbours.used_max)
		return NET_SHOWN_END;
	n = pool_at(&net->neighbours, index);
	if (n->serial == 0)
		return NET_SHOWN_NONE;
	*out = (struct mailbox_neighbour){
		.addr = n->addr,
		.waiting = n->waiting_count,
		.age_us = since(n->heard_us, now_us),
		.idle_us = since(n->used_us, now_us),
		.has_mac = n->mac != MAC_NONE,
	};
	port_name(net, n->port, out->port);
	rte_strscpy(out->state, state_text(n, now_us), sizeof out->state);
	mac_store(out->mac, n->mac);
	return NET_SHOWN;
}

/* One that answered is stale as soon as its time is over, though nobody has looked at it yet. */
static const char *
state_text(const struct neighbour *n, uint64_t now_us)
{
	static const char *const texts[] = {
		[NEIGHBOUR_INCOMPLETE] = "incomplete", [NEIGHBOUR_FAILED] = "failed",
		[NEIGHBOUR_REACHABLE] = "reachable",   [NEIGHBOUR_STALE] = "stale",
		[NEIGHBOUR_DELAY] = "delay",           [NEIGHBOUR_PROBE] = "probe",
	};

	if (n->state == NEIGHBOUR_REACHABLE && now_us > n->fresh_until_us)
		return texts[NEIGHBOUR_STALE];
	return texts[n->state];
}

static uint64_t
since(uint64_t then_us, uint64_t now_us)
{
	return then_us == 0 || then_us > now_us ? UINT64_MAX : now_us - then_us;
}

/* The connected prefixes in the order of the addresses, then the routes as they are looked at, LIMIT_GATEWAYS each. */
enum net_shown
net_show_route(const struct net *net, uint32_t index, struct mailbox_route *out)
{
	const struct generation *gen = net->config->generation;
	const struct gen_route *route;

	if (index < gen->addresses.count) {
		show_connected(net, &generation_addresses(gen)[index], out);
		return NET_SHOWN;
	}
	index -= gen->addresses.count;
	if (index / LIMIT_GATEWAYS >= gen->routes.count)
		return NET_SHOWN_END;
	route = &generation_routes(gen)[index / LIMIT_GATEWAYS];
	index %= LIMIT_GATEWAYS;
	if (index >= route->gateway_count)
		return NET_SHOWN_NONE;
	show_static(net, route, &route->gateways[index], out);
	return NET_SHOWN;
}

static void
show_connected(const struct net *net, const struct gen_address *own, struct mailbox_route *out)
{
	*out = (struct mailbox_route){ .to = network_of(own), .prefix_len = own->prefix_len };
	port_name(net, own->port, out->port);
	rte_strscpy(out->kind, "connected", sizeof out->kind);
	rte_strscpy(out->state, net->port_mac[own->port] == MAC_UNUSABLE ? "down" : "up",
		    sizeof out->state);
}

/* Without the host's bits. */
static struct addr
network_of(const struct gen_address *own)
{
	unsigned bits = (addr_is_v4(&own->addr) ? 96 : 0) + own->prefix_len;
	struct addr network = own->addr;

	for (unsigned byte = 0; byte < 16; byte++) {
		unsigned keep = bits > byte * 8 ? bits - byte * 8 : 0;

		if (keep < 8)
			network.byte[byte] &= (uint8_t)(0xff << (8 - keep));
	}
	return network;
}

static void
show_static(const struct net *net, const struct gen_route *route, const struct gen_gateway *gateway,
	    struct mailbox_route *out)
{
	*out = (struct mailbox_route){ .to = route->to,
				       .via = gateway->addr,
				       .prefix_len = route->prefix_len };
	port_name(net, gateway->port, out->port);
	rte_strscpy(out->kind, "static", sizeof out->kind);
	rte_strscpy(out->state, gateway_state(net, gateway), sizeof out->state);
}

/* Up while it has an Ethernet address that packets are sent to, as gateway.c sees it. */
static const char *
gateway_state(const struct net *net, const struct gen_gateway *gateway)
{
	const struct neighbour *n = neighbour_find(net, &gateway->addr, gateway->port);

	if (net->port_mac[gateway->port] == MAC_UNUSABLE)
		return "down";
	if (!n)
		return "unknown";
	return neighbour_state_is_good(n->state) ? "up" : "down";
}

enum net_shown
net_show_address(const struct net *net, uint32_t index, struct mailbox_address *out)
{
	const struct generation *gen = net->config->generation;
	const struct gen_address *own;

	if (index >= gen->addresses.count)
		return NET_SHOWN_END;
	own = &generation_addresses(gen)[index];
	*out = (struct mailbox_address){ .addr = own->addr,
					 .prefix_len = own->prefix_len,
					 .port = own->port };
	rte_strscpy(out->state, address_state(net, own), sizeof out->state);
	return NET_SHOWN;
}

static const char *
address_state(const struct net *net, const struct gen_address *own)
{
	if (net->port_mac[own->port] == MAC_UNUSABLE)
		return "down";
	return claim_is_duplicate(net, &own->addr, own->port) ? "duplicate" : "ready";
}

static void
port_name(const struct net *net, unsigned port, char out[MAILBOX_PORT_BYTES])
{
	const struct generation *gen = net->config->generation;

	out[0] = '\0';
	if (port < gen->ports.count)
		rte_strscpy(out, generation_text(gen, generation_ports(gen)[port].name),
			    MAILBOX_PORT_BYTES);
}
