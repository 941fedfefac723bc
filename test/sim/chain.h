/*
 * Routers in a row, a subnet of hosts at each: networks with more than one bottleneck, with ways there and back that differ, and
 * with an MTU that no host knows.
 */
#ifndef TEST_SIM_CHAIN_H
#define TEST_SIM_CHAIN_H

#include "test/sim/host.h"
#include "test/sim/router.h"
#include "test/sim/stream.h"
#include "test/sim/switch.h"

#define CHAIN_ROUTERS_MAX 5u
#define CHAIN_HOSTS_MAX   8u

struct chain_setup {
	uint32_t routers;                                  /* 1.. */
	uint32_t hosts[CHAIN_ROUTERS_MAX];                 /* at each */
	struct router_egress there[CHAIN_ROUTERS_MAX - 1]; /* from router n to n + 1 */
	struct router_egress back[CHAIN_ROUTERS_MAX - 1];  /* from router n + 1 to n */
	const char *fault_there[CHAIN_ROUTERS_MAX - 1]; /* specs of port_fault_wrap, NULL: none */
	const char *fault_back[CHAIN_ROUTERS_MAX - 1];
	struct tcp_settings tcp[CHAIN_HOSTS_MAX]; /* conns 0: host_tcp_settings() */
	uint32_t mbufs[CHAIN_HOSTS_MAX];          /* 0: 2,047 */
	struct port_sim_claims claims[CHAIN_HOSTS_MAX];
};

/* Hosts are numbered from the first router's on: 10.1.N.2.. and fd01:N::2.. at router N; each serves streams on port 9000. */
struct chain {
	struct world *world;
	struct router *routers[CHAIN_ROUTERS_MAX];
	uint32_t router_count;
	uint32_t there[CHAIN_ROUTERS_MAX - 1],
	    back[CHAIN_ROUTERS_MAX - 1]; /* ports of n, of n + 1 */
	struct host *hosts[CHAIN_HOSTS_MAX];
	struct stream_server *servers[CHAIN_HOSTS_MAX];
	uint32_t host_count;
};

void chain_make(struct chain *chain, struct world *world, const struct chain_setup *setup);
/* A client on one host with this plan to another one; the plan's `to` is filled in. */
struct stream_client *
chain_start(struct chain *chain, uint32_t from, uint32_t to, struct stream_plan plan, bool v6);

#endif
