/*
 * A router as a node: forwards IPv4 and IPv6 between the links that are attached to it, each with a bottleneck of its own on the
 * way out. Neighbours and routes are told, not found; it answers ARP and neighbour solicitations for its own addresses.
 */
#ifndef TEST_SIM_ROUTER_H
#define TEST_SIM_ROUTER_H

#include "fw/base/addr.h"
#include "test/sim/world.h"

#define ROUTER_PORTS_MAX      8u
#define ROUTER_ROUTES_MAX     32u
#define ROUTER_NEIGHBOURS_MAX 64u

/* The way out of a port. Zeroed: infinitely fast, no delay, MTU 1500, no marks. */
struct router_egress {
	uint64_t rate_bps;
	uint32_t queue_bytes, queue_frames; /* that may wait for the line; 0: any, 1000 */
	uint32_t
	    mark_bytes; /* packets that find more than that waiting are marked CE if they allow it (RFC 3168); 0: none */
	uint32_t delay_us;  /* behind the line */
	uint32_t mtu_bytes; /* 0: 1500 */
	/* IPv4 that is too big leaves in fragments, DF or not, as from a tunnel that clears it; every second packet's last one first */
	bool fragments;
};

struct router;

struct router *router_new(struct world *world, const char *name);
/*
 * Takes end; answers the port's number. v4 and v6 are its addresses as "10.1.0.1/24"; what they cover is connected, and found by
 * router_neighbour.
 */
uint32_t router_attach(struct router *router, struct port *end, const char *v4, const char *v6);
/* The address of a port's link layer. */
const uint8_t *router_mac(const struct router *router, uint32_t port);
/* Who has an address on a port. */
void router_neighbour(struct router *router, uint32_t port, const struct addr *addr,
		      const uint8_t mac[6]);
/* What a prefix covers goes out of a port to the next router. */
void
router_route(struct router *router, const char *prefix, uint32_t port, const uint8_t next_mac[6]);
/* From now on. What waits already keeps its time. */
void router_shape(struct router *router, uint32_t port, const struct router_egress *egress);
const struct router_egress *router_egress(const struct router *router, uint32_t port);
/* Forwards nothing; or sends no ICMP errors. Both are off in a new router. */
void router_swallow(struct router *router, bool swallows);
void router_mute(struct router *router, bool mute);

#endif
