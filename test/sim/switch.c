/*
 * The switch: learns source addresses, floods what it does not know. Frames pass by pointer, a flooded one is copied.
 */
#include "test/sim/switch.h"

#include <rte_ether.h>
#include <rte_mbuf.h>
#include <stdlib.h>
#include <string.h>

#define FLOOD SWITCH_PORTS_MAX

static bool switch_turn(struct node *node, uint64_t now_us);
static void forward(struct net_switch *sw, uint32_t from, struct rte_mbuf *m, uint64_t now_us);
static void learn(struct net_switch *sw, const uint8_t mac[6], uint32_t port);
static uint32_t lookup(const struct net_switch *sw, const uint8_t mac[6]);
static void send_copy(struct net_switch *sw, uint32_t to, struct rte_mbuf *m, uint64_t now_us);
static uint64_t switch_next_us(struct node *node, uint64_t now_us);

static const struct node_ops switch_ops = { .turn = switch_turn, .next_us = switch_next_us };

struct net_switch *
switch_new(struct world *world, const char *name)
{
	struct net_switch *sw = calloc(1, sizeof *sw);

	ASSERT(sw);
	world_add(world, &sw->node, name, &switch_ops);
	return sw;
}

void
switch_attach(struct net_switch *sw, struct port *end)
{
	ASSERT(sw->port_count < SWITCH_PORTS_MAX);
	sw->ports[sw->port_count++] = end;
}

static bool
switch_turn(struct node *node, uint64_t now_us)
{
	struct net_switch *sw = (struct net_switch *)node;
	struct rte_mbuf *burst[PORT_BURST];
	bool moved = false;

	for (uint32_t port = 0; port < sw->port_count; port++) {
		uint16_t n;

		do {
			n = port_rx(sw->ports[port], 0, burst, PORT_BURST, now_us);
			for (uint16_t i = 0; i < n; i++)
				forward(sw, port, burst[i], now_us);
			moved |= n > 0;
		} while (n == PORT_BURST);
	}
	for (uint32_t port = 0; port < sw->port_count; port++)
		port_tx(sw->ports[port], 0, NULL, 0, now_us);
	return moved;
}

static void
forward(struct net_switch *sw, uint32_t from, struct rte_mbuf *m, uint64_t now_us)
{
	const struct rte_ether_hdr *eth = rte_pktmbuf_mtod(m, const struct rte_ether_hdr *);
	uint32_t to;

	learn(sw, eth->src_addr.addr_bytes, from);
	to = lookup(sw, eth->dst_addr.addr_bytes);
	if (to != FLOOD) {
		if (to == from || port_tx(sw->ports[to], 0, &m, 1, now_us) != 1)
			rte_pktmbuf_free(m);
		return;
	}
	for (uint32_t port = 0; port < sw->port_count; port++)
		if (port != from)
			send_copy(sw, port, m, now_us);
	rte_pktmbuf_free(m);
}

static void
learn(struct net_switch *sw, const uint8_t mac[6], uint32_t port)
{
	uint32_t i = 0;

	if (mac[0] & 1)
		return;
	while (i < sw->mac_count && memcmp(sw->macs[i].mac, mac, 6) != 0)
		i++;
	if (i == SWITCH_MACS_MAX)
		return;
	memcpy(sw->macs[i].mac, mac, 6);
	sw->macs[i].port = (uint8_t)port;
	if (i == sw->mac_count)
		sw->mac_count++;
}

static uint32_t
lookup(const struct net_switch *sw, const uint8_t mac[6])
{
	if (!(mac[0] & 1))
		for (uint32_t i = 0; i < sw->mac_count; i++)
			if (memcmp(sw->macs[i].mac, mac, 6) == 0)
				return sw->macs[i].port;
	return FLOOD;
}

static void
send_copy(struct net_switch *sw, uint32_t to, struct rte_mbuf *m, uint64_t now_us)
{
	struct rte_mbuf *copy = rte_pktmbuf_copy(m, sw->node.world->wire, 0, UINT32_MAX);

	if (!copy)
		world_fail(sw->node.world, "%s: too many frames under way", sw->node.name);
	if (port_tx(sw->ports[to], 0, &copy, 1, now_us) != 1)
		rte_pktmbuf_free(copy);
}

static uint64_t
switch_next_us(struct node *node, uint64_t now_us)
{
	struct net_switch *sw = (struct net_switch *)node;
	uint64_t next_us = UINT64_MAX;

	for (uint32_t port = 0; port < sw->port_count; port++) {
		uint64_t port_us = port_next_us(sw->ports[port]);

		next_us = min_u64(next_us, port_us);
	}
	return next_us;
}
