/*
 * A simulated end host: the same network and TCP layers that the box has, one port, and applications on top. host.c
 * makes it and keeps its connections, host_path.c is its way of a packet.
 */
#ifndef TEST_SIM_HOST_H
#define TEST_SIM_HOST_H

#include "dataplane/net/net.h"
#include "dataplane/tcp/tcp.h"
#include "fw/abi/stats.h"
#include "test/sim/world.h"

struct app;
struct host;
struct watch;

struct app_ops {
	/* News of one of its connections (bits of enum tcp_event). */
	void (*event)(struct app *app, uint32_t id, unsigned events, uint64_t now_us);
	/* wake_us has come. */
	void (*wake)(struct app *app, uint64_t now_us);
	/* The host was rebooted: all its connections are gone. */
	void (*lost)(struct app *app);
};

struct app {
	const struct app_ops *ops;
	struct host *host;
	struct app *next;
	uint64_t wake_us;     /* UINT64_MAX: not */
	uint16_t listen_port; /* 0: opens connections only */
};

struct host_config {
	const char *name;
	const char *v4, *v6;             /* "10.0.0.2/24"; NULL: none */
	const char *gateway4, *gateway6; /* NULL: none */
	uint32_t mtu_bytes;              /* 0: 1500 */
	uint32_t vlan_tag;               /* its addresses are on this VLAN; 0: on the port */
	struct port_sim_claims claims;   /* of its network card */
	uint32_t mbufs;                  /* 0: HOST_MBUFS */
	struct tcp_settings tcp;         /* conns 0: host_tcp_settings() */
};

#define HOST_MBUFS 4095u

/* Frames in by what became of them; each is in exactly one. */
struct host_balance {
	uint64_t taken;   /* by the network layer: ARP, ND, ICMP */
	uint64_t tcp;     /* by TCP */
	uint64_t icmp;    /* ICMP errors that TCP believed */
	uint64_t dropped; /* with a reason */
};

struct host {
	struct node node;
	struct host_config config;
	struct net *net;
	struct tcp *tcp;
	void *net_memory, *tcp_memory;
	struct stats_worker *stats;
	struct rte_mempool *mbufs;
	struct port *port; /* the nic */
	struct generation *gen;
	struct net_config net_config;
	uint32_t row;        /* of the port, or of the VLAN on it */
	struct addr none[2]; /* the empty set of virtual addresses */
	struct addr v4, v6;
	struct tcp_host tcp_host;
	struct app **owner; /* by connection index: NULL, nobody's */
	struct app *apps;
	struct host_balance balance;       /* since it was switched on */
	uint64_t rx_before, missed_before; /* frames its card got, or could not take, before that */
	uint64_t pressure_us;
	struct watch *watch;
	bool moved;
};

struct tcp_settings host_tcp_settings(void);
/* A host on an end of a link (takes end). Borrows config's texts. */
struct host *host_new(struct world *world, const struct host_config *config, struct port *end);
/* Adds an application (borrows it for the host's life). */
void host_add_app(struct host *host, struct app *app);
/* Its address of the same family as peer, with a port. */
struct endpoint host_endpoint(const struct host *host, bool v6, uint16_t port);
/* Opens a connection for an application; TCP_NONE when TCP can't. */
uint32_t
host_connect(struct host *host, struct app *app, const struct endpoint *to, uint64_t now_us);
/* Up to cap bytes of what was received in order; answers how many. */
uint32_t host_read(struct host *host, uint32_t id, void *out, uint32_t cap, uint64_t now_us);
/* The application is done with a connection: it is finished in order, or reset. */
void host_release(struct host *host, uint32_t id, uint64_t now_us);
void host_abort(struct host *host, uint32_t id, uint64_t now_us);
/* The power fails: no packet is seen or sent any more. */
void host_power_off(struct host *host);
/* It is on (again), knowing nothing of its former connections. */
void host_reboot(struct host *host);
uint64_t host_dropped(const struct host *host, enum drop_reason reason);

/* ---- host_path.c ---- */
bool host_turn(struct node *node, uint64_t now_us);
uint64_t host_next_us(struct node *node, uint64_t now_us);

#endif
