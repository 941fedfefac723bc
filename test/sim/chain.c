/*
 * Makes the row.
 */
#include "test/sim/chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STREAM_PORT  9000u
#define HOST_PACKETS 2047u
#define HOST_LINK_US 10u
#define LINK_US      5u /* between routers, whose ways out have the delay */

static void
add_lan(struct chain *chain, const struct chain_setup *setup, uint32_t router, uint32_t hosts);
static void add_host(struct chain *chain, const struct chain_setup *setup, struct net_switch *sw,
		     uint32_t router, uint32_t number, uint32_t port);
static void join(struct chain *chain, const struct chain_setup *setup, uint32_t left);
static void add_routes(struct chain *chain);

/* Texts that live as long as the process, as hosts want them. */
static char *
text(const char *format, unsigned a, unsigned b)
{
	char *out = malloc(48);

	ASSERT(out);
	snprintf(out, 48, format, a, b);
	return out;
}

void
chain_make(struct chain *chain, struct world *world, const struct chain_setup *setup)
{
	*chain = (struct chain){ .world = world, .router_count = setup->routers };
	ASSERT(setup->routers >= 1 && setup->routers <= CHAIN_ROUTERS_MAX);
	for (uint32_t i = 0; i < setup->routers; i++)
		chain->routers[i] = router_new(world, text("r%u", i, 0));
	for (uint32_t i = 0; i < setup->routers; i++)
		if (setup->hosts[i])
			add_lan(chain, setup, i, setup->hosts[i]);
	for (uint32_t i = 0; i + 1 < setup->routers; i++)
		join(chain, setup, i);
	add_routes(chain);
}

static void
add_lan(struct chain *chain, const struct chain_setup *setup, uint32_t router, uint32_t hosts)
{
	struct world_link link = {
		.sim = { .delay_us = HOST_LINK_US, .queue_frames = 2000, .mtu_bytes = 1500 }
	};
	struct net_switch *sw = switch_new(chain->world, text("sw%u", router, 0));
	struct port *end, *other;
	uint32_t port;

	world_link(chain->world, text("r%u-lan", router, 0), text("sw%u-up", router, 0), &link,
		   &end, &other);
	switch_attach(sw, other);
	port = router_attach(chain->routers[router], end, text("10.1.%u.1/24", router, 0),
			     text("fd01:%x::1/64", router, 0));
	for (uint32_t i = 0; i < hosts; i++)
		add_host(chain, setup, sw, router, i, port);
}

static void
add_host(struct chain *chain, const struct chain_setup *setup, struct net_switch *sw,
	 uint32_t router, uint32_t number, uint32_t port)
{
	struct world_link link = {
		.sim = { .delay_us = HOST_LINK_US, .queue_frames = 2000, .mtu_bytes = 1500 }
	};
	uint32_t index = chain->host_count++;
	struct host_config config = { .name = text("h%u-%u", router, number),
				      .v4 = text("10.1.%u.%u/24", router, number + 2),
				      .v6 = text("fd01:%x::%x/64", router, number + 2),
				      .gateway4 = text("10.1.%u.1", router, 0),
				      .gateway6 = text("fd01:%x::1", router, 0) };
	struct port *end, *other;
	struct port_info info;
	struct host *host;

	ASSERT(index < CHAIN_HOSTS_MAX);
	config.mbufs = setup->mbufs[index] ? setup->mbufs[index] : HOST_PACKETS;
	config.tcp = setup->tcp[index];
	config.claims = setup->claims[index];
	world_link(chain->world, config.name, text("sw%u-%u", router, number), &link, &end, &other);
	switch_attach(sw, other);
	port_info(end, &info);
	host = host_new(chain->world, &config, end);
	router_neighbour(chain->routers[router], port, &host->v4, info.mac);
	router_neighbour(chain->routers[router], port, &host->v6, info.mac);
	chain->hosts[index] = host;
	chain->servers[index] = stream_server_new(host, STREAM_PORT);
}

static void
join(struct chain *chain, const struct chain_setup *setup, uint32_t left)
{
	struct world_link link = {
		.sim = { .delay_us = LINK_US, .queue_frames = 2000, .mtu_bytes = 1500 },
		.fault_a = setup->fault_back[left],
		.fault_b = setup->fault_there[left]
	};
	struct port *end, *other;

	/* Each end's faults are those of what it receives: dir=rx. */
	world_link(chain->world, text("r%u-r%u", left, left + 1), text("r%u-r%u", left + 1, left),
		   &link, &end, &other);
	chain->there[left] = router_attach(chain->routers[left], end, text("10.2.%u.1/24", left, 0),
					   text("fd02:%x::1/64", left, 0));
	chain->back[left] =
	    router_attach(chain->routers[left + 1], other, text("10.2.%u.2/24", left, 0),
			  text("fd02:%x::2/64", left, 0));
	router_shape(chain->routers[left], chain->there[left], &setup->there[left]);
	router_shape(chain->routers[left + 1], chain->back[left], &setup->back[left]);
}

static void
add_routes(struct chain *chain)
{
	for (uint32_t at = 0; at < chain->router_count; at++)
		for (uint32_t to = 0; to < chain->router_count; to++) {
			struct router *router = chain->routers[at];
			uint32_t port, next;
			const uint8_t *mac;

			if (to == at)
				continue;
			next = to > at ? at : at - 1; /* the link */
			port = to > at ? chain->there[next] : chain->back[next];
			mac = to > at ? router_mac(chain->routers[at + 1], chain->back[next])
				      : router_mac(chain->routers[at - 1], chain->there[next]);
			router_route(router, text("10.1.%u.0/24", to, 0), port, mac);
			router_route(router, text("fd01:%x::/64", to, 0), port, mac);
		}
}

struct stream_client *
chain_start(struct chain *chain, uint32_t from, uint32_t to, struct stream_plan plan, bool v6)
{
	plan.to = host_endpoint(chain->hosts[to], v6, STREAM_PORT);
	return stream_client_new(chain->hosts[from], &plan);
}
