/*
 * AF_XDP: a kernel interface as a port, through DPDK's net_af_xdp. Native XDP mode where the driver has it, always
 * copy mode: veth has no other, and a driver with zero copy may put the caller to sleep when its fill ring runs dry.
 * Busy polling is off: it costs a system call for each empty poll.
 *
 * Every queue is a device of its own (veth counts its queues in a way that the driver does not understand), with its
 * own socket and rings over the one mempool, which the kernel maps whole. The link's state is asked from the kernel; the
 * driver always says "up".
 *
 * An interface that is deleted leaves a port that receives nothing and frees what it is given. It stays dead when an
 * interface of that name comes back: close the port and open it again.
 */
#include <errno.h>
#include <rte_ethdev.h>
#include <rte_mempool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "drivers/port/port_ethdev.h"
#include "drivers/port/port_spec.h"

#define XDP_HEADROOM 256u /* XDP_PACKET_HEADROOM, which the kernel leaves before each frame */

static bool args_parse(const struct port_request *request, char iface[IFNAMSIZ]);
static enum err iface_check(const struct port_request *request, const struct port_netdev *netdev);
static enum err socket_check(const struct port_request *request);
static enum err pool_check(const struct port_request *request, const struct port_netdev_state *state);
static enum err queue_open(const struct port_request *request, struct port_ethdev *ethdev,
			   const char *iface, uint16_t queue);
static void release(struct port_ethdev *ethdev);

enum err
port_ethdev_af_xdp(const struct port_request *request, struct port **out)
{
	struct port_ethdev *ethdev;
	char iface[IFNAMSIZ];
	enum err err;

	if (!args_parse(request, iface))
		return ERR_invalid;
	ethdev = port_ethdev_new(request);
	if (!ethdev)
		return ERR_no_memory;
	ethdev->plain_only = true;
	err = port_netdev_open(iface, &ethdev->netdev);
	if (err) {
		port_ethdev_free(ethdev);
		return port_refuse(request, err, "no interface %s in this network namespace", iface);
	}
	ethdev->release = release;
	err = iface_check(request, &ethdev->netdev);
	for (uint16_t i = 0; !err && i < request->queues; i++)
		err = queue_open(request, ethdev, iface, i);
	if (err) {
		port_ethdev_free(ethdev);
		return err;
	}
	return port_ethdev_finish(request, ethdev, out);
}

static bool
args_parse(const struct port_request *request, char iface[IFNAMSIZ])
{
	struct str rest = request->args;
	struct port_option option;

	iface[0] = '\0';
	while (port_spec_next(&rest, &option)) {
		if (!str_equal(option.key, STR("iface")) || !option.value.len ||
		    option.value.len >= IFNAMSIZ)
			break;
		memcpy(iface, option.value.at, option.value.len);
		iface[option.value.len] = '\0';
		if (!rest.len)
			return true;
	}
	port_refuse(request, ERR_invalid, "af_xdp:%.*s: af_xdp:iface=NAME, an interface of this namespace",
		    (int)request->args.len, request->args.at);
	return false;
}

static enum err
iface_check(const struct port_request *request, const struct port_netdev *netdev)
{
	struct port_netdev_state state;
	enum err err;

	if (!port_netdev_state(netdev, &state))
		return port_refuse(request, ERR_io, "the interface vanished");
	if (state.rx_queues < request->queues)
		return port_refuse(request, ERR_invalid,
				   "%s has %u receive queues, %u are needed: ethtool -L, or for veth: "
				   "ip link add ... numrxqueues %u numtxqueues %u",
				   state.iface, state.rx_queues, request->queues, request->queues,
				   request->queues);
	err = socket_check(request);
	return err ? err : pool_check(request, &state);
}

/* The driver would only say that something failed. */
static enum err
socket_check(const struct port_request *request)
{
	int fd = socket(AF_XDP, SOCK_RAW, 0);

	if (fd >= 0) {
		close(fd);
		return ERR_ok;
	}
	if (errno == EPERM)
		return port_refuse(request, ERR_io,
				   "AF_XDP needs CAP_NET_RAW, CAP_NET_ADMIN, CAP_BPF and CAP_IPC_LOCK");
	return port_refuse(request, ERR_io, "this kernel gives no AF_XDP socket: %m");
}

static enum err
pool_check(const struct port_request *request, const struct port_netdev_state *state)
{
	const struct rte_mempool *pool = request->mbufs;
	unsigned need = request->queues * PORT_ETHDEV_DESCRIPTORS, have = rte_mempool_avail_count(pool);
	uint32_t room = rte_pktmbuf_data_room_size(request->mbufs) - RTE_PKTMBUF_HEADROOM - XDP_HEADROOM;
	uint32_t chunk = pool->header_size + pool->elt_size + pool->trailer_size;

	if (chunk > 4096)
		return port_refuse(request, ERR_invalid,
				   "an mbuf takes %u bytes, AF_XDP allows a page (4096)", chunk);
	if (state->mtu_bytes + (uint32_t)RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN > room)
		return port_refuse(request, ERR_invalid,
				   "%s has an MTU of %u, mbufs hold frames of %u bytes: ip link set %s mtu 1500",
				   state->iface, state->mtu_bytes, room, state->iface);
	if (have <= need)
		return port_refuse(request, ERR_no_memory,
				   "AF_XDP takes %u mbufs for %u queues, %u are free: a larger pool is needed",
				   need, request->queues, have);
	return ERR_ok;
}

static void
device_name(char name[RTE_ETH_NAME_MAX_LEN], const char *port, uint16_t queue)
{
	snprintf(name, RTE_ETH_NAME_MAX_LEN, "net_af_xdp_%s_%u", port, queue);
}

static enum err
queue_open(const struct port_request *request, struct port_ethdev *ethdev, const char *iface,
	   uint16_t queue)
{
	char name[RTE_ETH_NAME_MAX_LEN], args[128];
	uint16_t dev;
	enum err err;

	device_name(name, request->name, queue);
	snprintf(args, sizeof args, "iface=%s,start_queue=%u,queue_count=1,busy_budget=0,force_copy=1",
		 iface, queue);
	err = port_ethdev_vdev(request, name, args, &dev);
	if (!err)
		err = port_ethdev_start(request, ethdev, dev, queue, 1);
	if (err)
		return port_refuse(request, err,
				   "AF_XDP on %s queue %u failed: it needs CAP_NET_ADMIN, CAP_BPF and CAP_IPC_LOCK, an "
				   "interface with no other XDP program (ip link show %s), and mbufs in one piece",
				   iface, queue, iface);
	return ERR_ok;
}

static void
release(struct port_ethdev *ethdev)
{
	port_netdev_close(&ethdev->netdev);
}
