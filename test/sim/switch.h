/*
 * A learning Ethernet switch as a node: several hosts on one subnet.
 */
#ifndef TEST_SIM_SWITCH_H
#define TEST_SIM_SWITCH_H

#include "test/sim/world.h"

#define SWITCH_PORTS_MAX 24u
#define SWITCH_MACS_MAX  64u

struct net_switch {
	struct node node;
	struct port *ports[SWITCH_PORTS_MAX];
	uint32_t port_count;
	struct switch_mac {
		uint8_t mac[6];
		uint8_t port;
	} macs[SWITCH_MACS_MAX];
	uint32_t mac_count;
};

struct net_switch *switch_new(struct world *world, const char *name);
/* Takes end. */
void switch_attach(struct net_switch *sw, struct port *end);

#endif
