/*
 * Simulated end hosts: memory, connections, power.
 */
#include "test/sim/host.h"

#include <rte_mbuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/sim/gen.h"
#include "test/sim/nic.h"
#include "test/sim/watch.h"

static void configure(struct host *host);
static void start_stack(struct host *host);
static bool listens(void *context, const struct endpoint *local);
static uint16_t mss(void *context, const struct addr *remote);
static bool cuts(void *context, const struct addr *remote);
static void host_check(struct node *node, uint64_t now_us);
static bool host_quiet(struct node *node, char *why, unsigned why_bytes);
static void host_tally(struct node *node);

static const struct node_ops host_ops = {
	.turn = host_turn,
	.next_us = host_next_us,
	.check = host_check,
	.quiet = host_quiet,
	.tally = host_tally,
};

struct tcp_settings
host_tcp_settings(void)
{
	struct tcp_settings settings = tcp_settings_default;

	settings.conns = 64;
	settings.half_open_max = 64;
	settings.profile.receive_buffer_bytes = 512 * 1024;
	settings.profile.send_buffer_bytes = 512 * 1024;
	settings.time_wait_us = 2000000;
	return settings;
}

struct host *
host_new(struct world *world, const struct host_config *config, struct port *end)
{
	struct host *host = calloc(1, sizeof *host);

	ASSERT(host);
	host->config = *config;
	if (!config->tcp.conns)
		host->config.tcp = host_tcp_settings();
	if (!config->mtu_bytes)
		host->config.mtu_bytes = 1500;
	if (!config->mbufs)
		host->config.mbufs = HOST_MBUFS;
	world_add(world, &host->node, config->name, &host_ops);
	host->node.check_every = max_u64(host->config.tcp.conns / 16, 1u);
	host->mbufs = world_pool(world, config->name, host->config.mbufs);
	host->port = nic_new(&host->node, world_claim(world, end, &config->claims), host->mbufs);
	host->stats = world_pages(sizeof *host->stats);
	host->owner = calloc(host->config.tcp.conns, sizeof *host->owner);
	ASSERT(host->owner);
	host->watch = watch_new(host->config.tcp.conns);
	configure(host);
	start_stack(host);
	return host;
}

static void
configure(struct host *host)
{
	const struct host_config *config = &host->config;
	struct gen_spec spec = { .port_count = 1 };
	struct port_info info;
	size_t size_bytes;
	unsigned prefix_len;

	spec.ports[0].name = config->name;
	spec.ports[0].mtu_bytes =
	    (uint32_t)max_u64(config->mtu_bytes, LIMIT_MTU_MIN); /* ours may be less */
	if (config->vlan_tag) {
		host->row = spec.port_count++;
		spec.ports[host->row] = spec.ports[0];
		spec.ports[host->row].tag = config->vlan_tag;
	}
	if (config->v4) {
		spec.addresses[spec.address_count].port = host->row;
		spec.addresses[spec.address_count++].prefix = config->v4;
		ASSERT(addr_parse_prefix(config->v4, &host->v4, &prefix_len));
	}
	if (config->v6) {
		spec.addresses[spec.address_count].port = host->row;
		spec.addresses[spec.address_count++].prefix = config->v6;
		ASSERT(addr_parse_prefix(config->v6, &host->v6, &prefix_len));
	}
	if (config->gateway4) {
		spec.routes[spec.route_count].port = host->row;
		spec.routes[spec.route_count].to = "0.0.0.0/0";
		spec.routes[spec.route_count++].via = config->gateway4;
	}
	if (config->gateway6) {
		spec.routes[spec.route_count].port = host->row;
		spec.routes[spec.route_count].to = "::/0";
		spec.routes[spec.route_count++].via = config->gateway6;
	}
	host->gen = gen_build(&spec, &size_bytes);
	host->net_config = (struct net_config){ .generation = host->gen,
						.port_count = spec.port_count,
						.own_mask = 1,
						.own = host->none };
	port_info(host->port, &info);
	memcpy(host->net_config.ports[0].mac, info.mac, sizeof info.mac);
	host->net_config.ports[0].mtu_bytes = (uint16_t)config->mtu_bytes;
	host->net_config.ports[0].offloads = info.offloads;
	host->net_config.ports[0].usable = true;
	if (config->vlan_tag) {
		host->net_config.ports[host->row] = host->net_config.ports[0];
		host->net_config.ports[host->row].tag = (uint16_t)config->vlan_tag;
		net_config_vlan_add(&host->net_config, 0, config->vlan_tag, host->row);
	}
}

static void
start_stack(struct host *host)
{
	struct world *world = host->node.world;
	uint64_t now_us = node_now_us(&host->node);
	struct siphash_key key = { world_seed(world), world_seed(world) };
	struct net_setup net = { .mbufs = host->mbufs, .stats = host->stats, .reassembles = true };
	size_t net_bytes = RTE_ALIGN_CEIL(net_memory_bytes(&net), 64);
	size_t tcp_bytes = RTE_ALIGN_CEIL(tcp_memory_bytes(&host->config.tcp), 64);

	host->net_memory = aligned_alloc(64, net_bytes);
	host->tcp_memory = aligned_alloc(64, tcp_bytes);
	ASSERT(host->net_memory && host->tcp_memory);
	memset(host->net_memory, 0xa5,
	       net_bytes); /* who relies on zeroed memory shall find out here */
	memset(host->tcp_memory, 0xa5, tcp_bytes);
	memset(host->stats, 0, sizeof *host->stats);
	host->balance = (struct host_balance){ 0 };
	host->rx_before = nic_stats(host->port)->rx_frames;
	host->missed_before = nic_stats(host->port)->missed;
	net.seed = world_seed(world);
	host->net = net_init(host->net_memory, &net);
	net_configure(host->net, &host->net_config, now_us);
	net_announce(host->net, host->row, now_us);
	host->tcp_host =
	    (struct tcp_host){ .listens = listens, .mss = mss, .cuts = cuts, .context = host };
	host->tcp = tcp_init(host->tcp_memory, &host->config.tcp, &host->tcp_host, host->mbufs,
			     host->stats, &key, now_us);
}

void
host_add_app(struct host *host, struct app *app)
{
	app->host = host;
	app->next = host->apps;
	host->apps = app;
}

static bool
listens(void *context, const struct endpoint *local)
{
	struct host *host = context;

	for (struct app *app = host->apps; app; app = app->next)
		if (app->listen_port == local->port)
			return true;
	return false;
}

static uint16_t
mss(void *context, const struct addr *remote)
{
	struct host *host = context;

	return net_mss(host->net, remote);
}

static bool
cuts(void *context, const struct addr *remote)
{
	const struct host *host = context;

	return net_cuts(host->net, remote);
}

struct endpoint
host_endpoint(const struct host *host, bool v6, uint16_t port)
{
	return (struct endpoint){ .addr = v6 ? host->v6 : host->v4, .port = port };
}

uint32_t
host_connect(struct host *host, struct app *app, const struct endpoint *to, uint64_t now_us)
{
	struct endpoint local = { .port = 0 };
	uint32_t id;

	if (net_source_addr(host->net, &to->addr, &local.addr))
		world_fail(host->node.world, "%s: no address to connect from", host->node.name);
	if (tcp_connect(host->tcp, &local, to, TCP_PROFILE_DEFAULT, TCP_USER_NONE, now_us, &id))
		return TCP_NONE;
	ASSERT(id < host->config.tcp.conns);
	ASSERT(!host->owner[id]);
	tcp_set_user(host->tcp, id, id);
	host->owner[id] = app;
	return id;
}

uint32_t
host_read(struct host *host, uint32_t id, void *out, uint32_t cap, uint64_t now_us)
{
	const struct bufq *received = tcp_received(host->tcp, id);
	uint32_t n = min_u64(received->bytes, cap);

	if (!n)
		return 0;
	bufq_copy(received, 0, n, out);
	tcp_receive_drop(host->tcp, id, n, now_us);
	return n;
}

void
host_release(struct host *host, uint32_t id, uint64_t now_us)
{
	ASSERT(host->owner[id]);
	host->owner[id] = NULL;
	tcp_release(host->tcp, id, now_us);
}

void
host_abort(struct host *host, uint32_t id, uint64_t now_us)
{
	ASSERT(host->owner[id]);
	host->owner[id] = NULL;
	world_event(host->node.world, EVENT_end_aborted, 1);
	tcp_abort(host->tcp, id, now_us);
}

void
host_power_off(struct host *host)
{
	world_event(host->node.world, EVENT_power_off, !host->node.off);
	host->node.off = true;
}

void
host_reboot(struct host *host)
{
	struct world *world = host->node.world;
	struct rte_mbuf *burst[PORT_BURST];
	uint16_t n;

	while ((n = port_rx(host->port, 0, burst, PORT_BURST, world->now_us)) > 0)
		for (uint16_t i = 0; i < n; i++)
			rte_pktmbuf_free(burst[i]);
	for (struct app *app = host->apps; app; app = app->next)
		app->ops->lost(app);
	host_tally(&host->node);
	world_event(world, EVENT_reboot, 1);
	watch_forget(host->watch);
	tcp_fini(host->tcp);
	net_fini(host->net);
	EXPECT(world, world_pool_out(host->mbufs) == 0, "%s: %u packet buffers are lost",
	       host->node.name, world_pool_out(host->mbufs));
	free(host->net_memory);
	free(host->tcp_memory);
	memset(host->owner, 0, host->config.tcp.conns * sizeof *host->owner);
	host->node.off = false;
	host->node.not_before_us = 0;
	start_stack(host);
}

uint64_t
host_dropped(const struct host *host, enum drop_reason reason)
{
	return host->stats->drop[reason];
}

static void
host_check(struct node *node, uint64_t now_us)
{
	struct host *host = (struct host *)node;
	const struct host_balance *balance = &host->balance;
	uint64_t in = nic_stats(host->port)->rx_frames - host->rx_before;

	ASSERT(in == balance->taken + balance->tcp + balance->icmp + balance->dropped);
	tcp_check(host->tcp, now_us);
	watch_check(host->watch, node, host->tcp, &host->config.tcp, now_us);
}

static bool
host_quiet(struct node *node, char *why, unsigned why_bytes)
{
	struct host *host = (struct host *)node;
	uint32_t open = tcp_open_count(host->tcp), out = world_pool_out(host->mbufs);

	if (open == 0 && out == 0)
		return true;
	snprintf(why, why_bytes, "%s has %u connections and %u packet buffers in use", node->name,
		 open, out);
	for (uint32_t id = 0; open && id < tcp_capacity(host->tcp); id++) {
		struct tcp_info info;
		size_t len = strlen(why);

		if (!tcp_info(host->tcp, id, &info))
			continue;
		snprintf(why + len, why_bytes - len, "; #%u %s%s rxq %u txq %u ooo %u", id,
			 tcp_state_text(info.state),
			 info.released     ? " released"
			 : host->owner[id] ? ""
					   : " ownerless",
			 info.receive_queued_bytes, info.send_queued_bytes, info.reassembly_bytes);
		open--;
	}
	return false;
}

static void
host_tally(struct node *node)
{
	struct host *host = (struct host *)node;

	world_tally_stack(node->world, host->stats);
	world_event(node->world, EVENT_pool_empty,
		    nic_stats(host->port)->missed - host->missed_before);
}
