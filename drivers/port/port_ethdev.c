/*
 * Ports on DPDK's ethdev: opening a device, bursts in and out of it, its state, its end. PCI NICs
 * are named here (a NIC bound to a userspace driver; not tested on hardware); port_af_xdp.c and
 * port_vdev.c make the other devices.
 *
 * What a device can do for us (enum port_offload) is switched on, all of it that its driver says it has.
 */
#include "drivers/port/port_ethdev.h"

#include <rte_alarm.h>
#include <rte_bus_vdev.h>
#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_mempool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "drivers/port/port_rss.h"

static void offloads_choose(struct port_ethdev *ethdev, struct rte_eth_conf *conf,
			    const struct rte_eth_dev_info *info);
static void offloads_choose_ip(struct port_ethdev *ethdev, struct rte_eth_conf *conf,
			       const struct rte_eth_dev_info *info);
static enum err queues_setup(const struct port_request *request, uint16_t dev, uint16_t count);
static bool rss_configure(struct rte_eth_conf *conf, const struct rte_eth_dev_info *info);
static bool rss_spread(uint16_t dev, uint16_t entries, uint16_t count);
static void filters_open(uint16_t dev);
static uint16_t
ethdev_rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);
static uint16_t
ethdev_tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);
static uint16_t drop_burst(struct port_ethdev_queue *q, struct rte_mbuf **burst, uint16_t n);
static uint16_t tx_plain(struct port_ethdev_queue *q, struct rte_mbuf **burst, uint16_t n);
static uint16_t tx_prepared(struct port_ethdev_queue *q, struct rte_mbuf **burst, uint16_t n);
static uint16_t make_plain(struct port_ethdev_queue *q, struct rte_mbuf **burst, uint16_t n);
static void count_errors(struct port_ethdev_queue *q, uint16_t n);
static void ethdev_info(struct port *port, struct port_info *info);
static void netdev_info(struct port_ethdev *ethdev, struct port_info *info);
static void add_stats(const struct port_ethdev *ethdev, struct port_info *info);
static void ethdev_close(struct port *port);
static void device_close(const struct port_ethdev *ethdev, uint16_t dev);

static const struct port_ops ethdev_ops = {
	.rx = ethdev_rx,
	.tx = ethdev_tx,
	.info = ethdev_info,
	.close = ethdev_close,
};

/* ---- opening ---- */

enum err
port_ethdev_pci(const struct port_request *request, struct port **out)
{
	struct port_ethdev *ethdev;
	char address[RTE_ETH_NAME_MAX_LEN];
	uint16_t dev;
	enum err err;

	snprintf(address, sizeof address, "%.*s", (int)request->args.len, request->args.at);
	if (rte_eth_dev_get_port_by_name(address, &dev) && rte_eal_hotplug_add("pci", address, ""))
		return port_refuse(
		    request, ERR_not_found,
		    "no NIC at PCI address %s: bind it to vfio-pci, and start EAL without --no-pci",
		    address);
	if (rte_eth_dev_get_port_by_name(address, &dev))
		return port_refuse(request, ERR_not_found, "no driver knows the NIC at %s",
				   address);
	ethdev = port_ethdev_new(request);
	if (!ethdev)
		return ERR_no_memory;
	ethdev->count_tx_errors = true;
	ethdev->stays_probed = true;
	err = port_ethdev_start(request, ethdev, dev, 0, request->queues);
	if (err) {
		port_ethdev_free(ethdev);
		return err;
	}
	filters_open(dev);
	return port_ethdev_finish(request, ethdev, out);
}

/*
 * Neighbour solicitations (RFC 4861) go to groups, which a NIC's filter keeps from us. virtio's knows VLANs, too, and
 * lets none through that was not named to it (VIRTIO 1.2, 5.1.6.5.3).
 */
static void
filters_open(uint16_t dev)
{
	struct rte_eth_dev_info info;

	if (rte_eth_allmulticast_enable(dev) ||
	    (rte_eth_dev_info_get(dev, &info) == 0 && strcmp(info.driver_name, "net_virtio") == 0))
		(void)rte_eth_promiscuous_enable(dev);
}

struct port_ethdev *
port_ethdev_new(const struct port_request *request)
{
	struct port_ethdev *ethdev = calloc(1, sizeof *ethdev);
	size_t bytes = request->queues * sizeof *ethdev->queue;

	if (ethdev)
		ethdev->queue = aligned_alloc(_Alignof(struct port_ethdev_queue), bytes);
	if (!ethdev || !ethdev->queue) {
		free(ethdev);
		port_refuse(request, ERR_no_memory, "no memory for %u queues", request->queues);
		return NULL;
	}
	for (uint16_t i = 0; i < request->queues; i++)
		ethdev->queue[i] =
		    (struct port_ethdev_queue){ .dev = PORT_ETHDEV_NONE, .mbufs = request->mbufs };
	ethdev->queues = request->queues;
	return ethdev;
}

enum err
port_ethdev_vdev(const struct port_request *request, const char *name, const char *args,
		 uint16_t *dev)
{
	int rc = rte_vdev_init(name, args);

	if (rc == -EEXIST)
		return port_refuse(request, ERR_exists, "a port %s is open already", request->name);
	if (rc || rte_eth_dev_get_port_by_name(name, dev))
		return port_refuse(request, ERR_io, "DPDK can't make %s (%s)", name, args);
	return ERR_ok;
}

enum err
port_ethdev_start(const struct port_request *request, struct port_ethdev *ethdev, uint16_t dev,
		  uint16_t first, uint16_t count)
{
	struct rte_eth_conf conf = { 0 };
	struct rte_eth_dev_info info;
	bool rss = false;
	enum err err;

	for (uint16_t i = 0; i < count; i++) {
		ethdev->queue[first + i].dev = dev;
		ethdev->queue[first + i].index = i;
	}
	if (rte_eth_dev_info_get(dev, &info))
		return port_refuse(request, ERR_io, "the device does not answer");
	if (info.max_rx_queues < count || info.max_tx_queues < count)
		return port_refuse(request, ERR_invalid,
				   "the device has %u receive queues, %u are needed",
				   info.max_rx_queues, count);
	if (!(info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS))
		ethdev->plain_only = true;
	if (!ethdev->plain_only)
		conf.txmode.offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	if (request->mtu_bytes && !ethdev->mtu_bytes) {
		if (request->mtu_bytes > info.max_mtu)
			return port_refuse(request, ERR_invalid,
					   "mtu=%u: the device carries packets of %u bytes",
					   request->mtu_bytes, info.max_mtu);
		conf.rxmode.mtu = request->mtu_bytes;
	}
	offloads_choose(ethdev, &conf, &info);
	if (count > 1)
		rss = rss_configure(&conf, &info);
	if (rte_eth_dev_configure(dev, count, count, &conf))
		return port_refuse(request, ERR_io, "%s refused %u queues", info.driver_name,
				   count);
	err = queues_setup(request, dev, count);
	if (!err && rss && rss_spread(dev, info.reta_size, count))
		ethdev->offloads |= PORT_OFFLOAD_RSS_HASH;
	return err;
}

/* Each claim stands for one thing that a driver may call by several names. */
static void
offloads_choose(struct port_ethdev *ethdev, struct rte_eth_conf *conf,
		const struct rte_eth_dev_info *info)
{
	static const struct {
		uint64_t rx, tx;
		uint32_t needs, offload;
	} table[] = {
		{ .rx = RTE_ETH_RX_OFFLOAD_TCP_CKSUM, .offload = PORT_OFFLOAD_RX_CHECKSUM },
		{ .tx = RTE_ETH_TX_OFFLOAD_TCP_CKSUM, .offload = PORT_OFFLOAD_TX_CHECKSUM },
		{ .tx = RTE_ETH_TX_OFFLOAD_TCP_TSO | RTE_ETH_TX_OFFLOAD_MULTI_SEGS,
		  .needs = PORT_OFFLOAD_TX_CHECKSUM,
		  .offload = PORT_OFFLOAD_TSO },
		{ .rx = RTE_ETH_RX_OFFLOAD_VLAN_STRIP, .offload = PORT_OFFLOAD_VLAN_STRIP },
		{ .tx = RTE_ETH_TX_OFFLOAD_VLAN_INSERT, .offload = PORT_OFFLOAD_VLAN_INSERT },
	};

	ethdev->offloads = 0;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (ethdev->plain_only || (info->rx_offload_capa & table[i].rx) != table[i].rx ||
		    (info->tx_offload_capa & table[i].tx) != table[i].tx ||
		    (ethdev->offloads & table[i].needs) != table[i].needs)
			continue;
		conf->rxmode.offloads |= table[i].rx;
		conf->txmode.offloads |= table[i].tx;
		ethdev->offloads |= table[i].offload;
	}
	offloads_choose_ip(ethdev, conf, info);
}

/* virtio knows nothing of IPv4 headers: a sum of 20 bytes, ours to make and to check where the device does not. */
static void
offloads_choose_ip(struct port_ethdev *ethdev, struct rte_eth_conf *conf,
		   const struct rte_eth_dev_info *info)
{
	if (ethdev->offloads & PORT_OFFLOAD_RX_CHECKSUM)
		conf->rxmode.offloads |= info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_IPV4_CKSUM;
	if (!(ethdev->offloads & PORT_OFFLOAD_TX_CHECKSUM))
		return;
	conf->txmode.offloads |= info->tx_offload_capa & RTE_ETH_TX_OFFLOAD_IPV4_CKSUM;
	ethdev->makes_ip_sums = !(info->tx_offload_capa & RTE_ETH_TX_OFFLOAD_IPV4_CKSUM);
}

/*
 * TCP by addresses and ports, all else on the first queue. False: not exactly so, and the stack finds each frame's
 * owner itself; a flow stays in one queue all the same.
 */
static bool
rss_configure(struct rte_eth_conf *conf, const struct rte_eth_dev_info *info)
{
	uint64_t exact = RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV6_TCP,
		 wanted = RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP;

	if (!(info->flow_type_rss_offloads & wanted))
		return false;
	conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	conf->rx_adv_conf.rss_conf.rss_hf = info->flow_type_rss_offloads & wanted;
	if ((info->flow_type_rss_offloads & exact) != exact ||
	    !(info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_RSS_HASH) ||
	    info->hash_key_size != RSS_KEY_BYTES || info->reta_size == 0 ||
	    info->reta_size % RSS_ENTRIES != 0)
		return false;
	conf->rxmode.offloads |= RTE_ETH_RX_OFFLOAD_RSS_HASH;
	conf->rx_adv_conf.rss_conf.rss_hf = exact;
	conf->rx_adv_conf.rss_conf.rss_key = (uint8_t *)(uintptr_t)port_rss_key;
	conf->rx_adv_conf.rss_conf.rss_key_len = RSS_KEY_BYTES;
	return true;
}

/* Fills the indirection table as rss_share has it. False: the device refused. */
static bool
rss_spread(uint16_t dev, uint16_t entries, uint16_t count)
{
	struct rte_eth_rss_reta_entry64 table[RTE_ETH_RSS_RETA_SIZE_512 / RTE_ETH_RETA_GROUP_SIZE];

	if (entries > RTE_ETH_RSS_RETA_SIZE_512)
		return false;
	for (uint16_t i = 0; i < entries; i++) {
		table[i / RTE_ETH_RETA_GROUP_SIZE].mask = UINT64_MAX;
		table[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE] =
		    (uint16_t)rss_share(i, count);
	}
	return rte_eth_dev_rss_reta_update(dev, table, entries) == 0;
}

static enum err
queues_setup(const struct port_request *request, uint16_t dev, uint16_t count)
{
	uint16_t rx_descriptors = PORT_ETHDEV_DESCRIPTORS, tx_descriptors = PORT_ETHDEV_DESCRIPTORS;
	int node = rte_eth_dev_socket_id(dev);

	if (rte_eth_dev_adjust_nb_rx_tx_desc(dev, &rx_descriptors, &tx_descriptors))
		return port_refuse(request, ERR_io, "the device refused a ring size");
	for (uint16_t i = 0; i < count; i++)
		if (rte_eth_rx_queue_setup(dev, i, rx_descriptors, node, NULL, request->mbufs) ||
		    rte_eth_tx_queue_setup(dev, i, tx_descriptors, node, NULL))
			return port_refuse(request, ERR_io, "the device refused queue %u", i);
	if (rte_eth_dev_start(dev))
		return port_refuse(request, ERR_io, "the device does not start");
	return ERR_ok;
}

enum err
port_ethdev_finish(const struct port_request *request, struct port_ethdev *ethdev,
		   struct port **out)
{
	*out = port_new(request->name, &ethdev_ops, ethdev, NULL);
	if (*out)
		return ERR_ok;
	port_ethdev_free(ethdev);
	return port_refuse(request, ERR_no_memory, "no memory for a port");
}

bool
port_is_ethdev(const struct port *port)
{
	return port->ops == &ethdev_ops;
}

/* ---- the path ---- */

static uint16_t
ethdev_rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	const struct port_ethdev *ethdev = port->state;
	const struct port_ethdev_queue *q = &ethdev->queue[queue];
	uint16_t got = rte_eth_rx_burst(q->dev, q->index, burst, n);

	/*
	 * The frame was written by another core or by the device: have it here when its headers are
	 * read.
	 */
	for (uint16_t i = 0; i < got; i++)
		rte_prefetch0(rte_pktmbuf_mtod(burst[i], const void *));
	for (uint16_t i = 0; ethdev->keeps_flags && i < got; i++)
		burst[i]->ol_flags = 0;
	return got;
}

static uint16_t
ethdev_tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	const struct port_ethdev *ethdev = port->state;
	struct port_ethdev_queue *q = &ethdev->queue[queue];

	if (!n)
		return 0;
	if (__atomic_load_n(&ethdev->down, __ATOMIC_RELAXED))
		return drop_burst(q, burst, n);
	if (ethdev->plain_only)
		return tx_plain(q, burst, n);
	if (ethdev->makes_ip_sums)
		port_ethdev_ip_sums(burst, n);
	if (ethdev->offloads & PORT_OFFLOAD_TX_CHECKSUM)
		return tx_prepared(q, burst, n);
	return rte_eth_tx_burst(q->dev, q->index, burst, n);
}

static uint16_t
drop_burst(struct port_ethdev_queue *q, struct rte_mbuf **burst, uint16_t n)
{
	rte_pktmbuf_free_bulk(burst, n);
	count_errors(q, n);
	return n;
}

/*
 * Copies what the device can't take as it is; a frame for which there is no buffer is dropped and
 * counts as taken.
 */
static uint16_t
tx_plain(struct port_ethdev_queue *q, struct rte_mbuf **burst, uint16_t n)
{
	uint16_t done = 0, plain, sent;

	while (done < n) {
		plain = make_plain(q, burst + done, n - done);
		sent = plain ? rte_eth_tx_burst(q->dev, q->index, burst + done, plain) : 0;
		done += sent;
		if (sent < plain)
			break;
		if (done < n)
			done += drop_burst(q, burst + done, 1);
	}
	return done;
}

/* Drivers have wishes as to what a frame with offloads looks like; one that can't be met is dropped. */
static uint16_t
tx_prepared(struct port_ethdev_queue *q, struct rte_mbuf **burst, uint16_t n)
{
	uint16_t done = 0, ready, sent;

	while (done < n) {
		ready = rte_eth_tx_prepare(q->dev, q->index, burst + done, n - done);
		sent = ready ? rte_eth_tx_burst(q->dev, q->index, burst + done, ready) : 0;
		done += sent;
		if (sent < ready)
			break;
		if (done < n)
			done += drop_burst(q, burst + done, 1);
	}
	return done;
}

void
port_ethdev_ip_sums(struct rte_mbuf **burst, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *m = burst[i];
		struct rte_ipv4_hdr *ip;

		if (!(m->ol_flags & RTE_MBUF_F_TX_IP_CKSUM))
			continue;
		ASSERT(m->data_len >= m->l2_len + sizeof *ip);
		ip = rte_pktmbuf_mtod_offset(m, struct rte_ipv4_hdr *, m->l2_len);
		ip->hdr_checksum = 0;
		ip->hdr_checksum = rte_ipv4_cksum(ip);
		m->ol_flags &= ~(uint64_t)RTE_MBUF_F_TX_IP_CKSUM;
	}
}

/* How many frames from the start of the burst are plain now. */
static uint16_t
make_plain(struct port_ethdev_queue *q, struct rte_mbuf **burst, uint16_t n)
{
	struct rte_mbuf *copy;
	uint16_t i;

	for (i = 0; i < n; i++) {
		if (i + 4 < n)
			rte_prefetch0(burst[i + 4]);
		if (port_frame_is_plain(burst[i]))
			continue;
		copy = port_frame_copy(burst[i], q->mbufs);
		if (!copy)
			break;
		rte_pktmbuf_free(burst[i]);
		burst[i] = copy;
	}
	return i;
}

/* The queue's worker is the only writer; port_info reads. */
static void
count_errors(struct port_ethdev_queue *q, uint16_t n)
{
	__atomic_store_n(&q->errors, q->errors + n, __ATOMIC_RELAXED);
}

/* ---- state and end ---- */

static void
ethdev_info(struct port *port, struct port_info *info)
{
	struct port_ethdev *ethdev = port->state;
	struct rte_eth_dev_info device;
	struct rte_eth_link link = { 0 };
	struct rte_ether_addr mac;

	if (rte_eth_dev_info_get(ethdev->queue[0].dev, &device) == 0)
		snprintf(info->driver, sizeof info->driver, "%s", device.driver_name);
	info->queues = ethdev->queues;
	info->multi_segment = !ethdev->plain_only;
	info->offloads = ethdev->offloads;
	if (rte_eth_macaddr_get(ethdev->queue[0].dev, &mac) == 0)
		memcpy(info->mac, ethdev->own_mac ? ethdev->mac : mac.addr_bytes, sizeof info->mac);
	if (ethdev->mtu_bytes)
		info->mtu_bytes = ethdev->mtu_bytes;
	else
		rte_eth_dev_get_mtu(ethdev->queue[0].dev, &info->mtu_bytes);
	if (rte_eth_link_get_nowait(ethdev->queue[0].dev, &link) == 0) {
		info->link_up = link.link_status == RTE_ETH_LINK_UP;
		info->speed_mbps =
		    link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN ? 0 : link.link_speed;
	}
	if (ethdev->netdev.index)
		netdev_info(ethdev, info);
	info->mtu_bytes = RTE_MIN(info->mtu_bytes, port_buffer_mtu(ethdev->queue[0].mbufs));
	add_stats(ethdev, info);
}

/* The kernel knows better than the driver, which says "up" for ever. */
static void
netdev_info(struct port_ethdev *ethdev, struct port_info *info)
{
	struct port_netdev_state state;

	port_netdev_state(&ethdev->netdev, &state);
	info->link_up = state.link_up;
	info->mtu_bytes = state.mtu_bytes;
	info->speed_mbps = state.speed_mbps;
	__atomic_store_n(&ethdev->down, !state.link_up, __ATOMIC_RELAXED);
}

static void
add_stats(const struct port_ethdev *ethdev, struct port_info *info)
{
	for (uint16_t i = 0; i < ethdev->queues; i++) {
		const struct port_ethdev_queue *q = &ethdev->queue[i];
		struct rte_eth_stats stats;

		info->errors += __atomic_load_n(&q->errors, __ATOMIC_RELAXED);
		if (q->index || rte_eth_stats_get(q->dev, &stats))
			continue; /* a device's own once, at its first queue */
		info->missed += stats.imissed + stats.rx_nombuf;
		info->errors += stats.ierrors + (ethdev->count_tx_errors ? stats.oerrors : 0);
	}
}

static void
ethdev_close(struct port *port)
{
	port_ethdev_free(port->state);
}

void
port_ethdev_free(struct port_ethdev *ethdev)
{
	for (uint16_t i = 0; i < ethdev->queues; i++)
		if (ethdev->queue[i].dev != PORT_ETHDEV_NONE && ethdev->queue[i].index == 0)
			device_close(ethdev, ethdev->queue[i].dev);
	if (ethdev->release)
		ethdev->release(ethdev);
	free(ethdev->queue);
	free(ethdev);
}

/* A device that is being closed, possibly by another thread. */
struct closing {
	uint16_t dev;
	bool done;
};

static void
close_now(void *arg)
{
	struct closing *closing = arg;
	char name[RTE_ETH_NAME_MAX_LEN];

	if (rte_eth_dev_get_name_by_port(closing->dev, name) == 0) {
		rte_eth_dev_stop(closing->dev);
		rte_eth_dev_close(closing->dev);
		rte_vdev_uninit(name); /* of a PCI NIC there is none: harmless */
	}
	__atomic_store_n(&closing->done, true, __ATOMIC_RELEASE);
}

static void
device_close(const struct port_ethdev *ethdev, uint16_t dev)
{
	struct closing closing = { .dev = dev };

	if (ethdev->stays_probed) {
		rte_eth_dev_stop(dev);
		return;
	}
	if (!ethdev->close_by_interrupt || rte_eal_alarm_set(1, close_now, &closing))
		close_now(&closing);
	while (!__atomic_load_n(&closing.done, __ATOMIC_ACQUIRE))
		usleep(100);
}
