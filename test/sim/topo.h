/*
 * The two arrangements that most stories start from: two hosts on a cable, and a box between clients and servers.
 */
#ifndef TEST_SIM_TOPO_H
#define TEST_SIM_TOPO_H

#include "test/sim/box.h"
#include "test/sim/host.h"
#include "test/sim/http_client.h"
#include "test/sim/http_server.h"
#include "test/sim/stream.h"

struct cable {
	uint32_t delay_us;     /* one way; 0: 50 */
	uint64_t rate_bps;     /* 0: infinitely fast */
	uint32_t queue_frames; /* 0: 2,000 */
	uint16_t mtu_bytes;    /* 0: 1500 */
	const char *fault;     /* of port_fault_wrap, at the first end; dir=rx, tx or both */
};

/* Two hosts, 10.0.0.1 (fd00::1) and 10.0.0.2 (fd00::2), one cable; b serves streams on port 9000. */
struct duo {
	struct world *world;
	struct host *a, *b;
	struct stream_server *server;
	bool lossy; /* the cable has faults */
};

struct duo_setup {
	struct cable cable;
	struct tcp_settings tcp_a, tcp_b; /* conns 0: host_tcp_settings() */
	uint32_t mbufs_a, mbufs_b;        /* 0: HOST_MBUFS */
	uint32_t mtu_a, mtu_b;
	struct port_sim_claims claims_a, claims_b; /* of their network cards */
};

void duo_make(struct duo *duo, struct world *world, const struct duo_setup *setup);
/* A client on a with this plan to b over either family; the plan's `to` is filled in. */
struct stream_client *duo_start(struct duo *duo, struct stream_plan plan, bool v6);
/* Starts, runs until it is done (at most so long), and expects all to finish. */
void duo_transfer_over(struct duo *duo, struct stream_plan plan, bool v6, uint64_t within_us);
/* Over a family drawn by lot. */
void duo_transfer(struct duo *duo, struct stream_plan plan, uint64_t within_us);

/*
 * The lab of INTERFACE.md in small: clients 10.0.0.2.. on p0, servers 10.0.1.11.. on p1 with HTTP on port 80 and streams on 9000;
 * virtual servers .100:80 http, .101:80 tcp to the streams, fd00::100 and ::101 alike; monitor of pool web each second, fall 2, rise 2.
 */
#define FARM_CLIENTS_MAX 4u
#define FARM_SERVERS_MAX 4u
enum farm_pool { FARM_WEB, FARM_STREAMS };
enum farm_vs { FARM_VS_WEB, FARM_VS_STREAMS, FARM_VS_WEB6, FARM_VS_STREAMS6 };

struct farm {
	struct world *world;
	struct net_switch *client_switch, *server_switch;
	struct box *box;
	struct host *clients[FARM_CLIENTS_MAX], *servers[FARM_SERVERS_MAX];
	struct http_server *web[FARM_SERVERS_MAX];
	struct stream_server *streams[FARM_SERVERS_MAX];
	uint32_t client_count, server_count;
	struct gen_spec spec;
	struct port *box_ends[2];
	bool lossy; /* a reset may be lost: hosts notice by keep-alive */
};

struct farm_setup {
	uint32_t clients, servers; /* 0: one, three */
	struct cable client_cable,
	    server_cable; /* between the box and the switches; faults at the box's end */
	struct box_config box;
	struct tcp_settings tcp_clients, tcp_servers;
	uint32_t mbufs_hosts;
	uint16_t mtu_servers;     /* of the servers' side; 0: 1500. world_mtu before */
	uint32_t idle_timeout_ms; /* of the virtual servers */
	bool no_monitor;
	bool one_armed; /* no p1: the servers are on VLAN FARM_TAG of p0 */
};

#define FARM_TAG 101u

void farm_make(struct farm *farm, struct world *world, const struct farm_setup *setup);
/* Runs until the monitors have found all servers up. */
void farm_wait_up(struct farm *farm);
struct endpoint farm_endpoint(enum farm_vs vs);
/* Takes the configuration away and waits until nothing is left of all connections. */
void farm_settle(struct farm *farm);

#endif
