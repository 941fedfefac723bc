/*
 * AF_XDP: a kernel interface as a port, through DPDK's net_af_xdp. Native XDP mode where the driver
 * has it, always copy mode: veth has no other, and a driver with zero copy may put the caller to
 * sleep when its fill ring runs dry. Busy polling is off: it costs a system call for each empty
 * poll.
 *
 * Every queue is a device of its own (veth counts its queues in a way that the driver does not
 * understand), with its own socket and rings over the one mempool, which the kernel maps whole. The
 * link's state is asked from the kernel; the driver always says "up".
 *
 * An interface that is deleted leaves a port that receives nothing and frees what it is given. It
 * stays dead when an interface of that name comes back: close the port and open it again.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <rte_ethdev.h>
#include <rte_mempool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xdp/libxdp.h>

#include "drivers/port/port_ethdev.h"
#include "drivers/port/port_spec.h"

#define XDP_HEADROOM  256u   /* XDP_PACKET_HEADROOM, which the kernel leaves before each frame */
#define RELEASE_US    20000u /* the kernel gives a closed socket's queue free a little later */
#define RELEASE_TRIES 50u

static bool args_parse(const struct port_request *request, char iface[IFNAMSIZ]);
static void libraries_quieten(void);
static enum err
device_find(const struct port_request *request, struct port_ethdev *ethdev, const char *iface);
static enum err iface_check(const struct port_request *request, const struct port_netdev *netdev);
static enum err socket_check(const struct port_request *request);
static enum err
pool_check(const struct port_request *request, const struct port_netdev_state *state);
static enum err unused_check(const struct port_request *request, const struct port_netdev *netdev,
			     const char *iface);
static enum err queue_open(const struct port_request *request, struct port_ethdev *ethdev,
			   const char *iface, uint16_t queue);
static void rings_map(struct port_xsk *xsk, const int *before, unsigned before_count);
static void release(struct port_ethdev *ethdev);

/*
 * What libbpf and libxdp said last: they warn of every step of a search, so it is shown only if all
 * of it failed.
 */
static char last_words[128];

enum err
port_ethdev_af_xdp(const struct port_request *request, struct port **out)
{
	struct port_ethdev *ethdev;
	char iface[IFNAMSIZ];
	enum err err;

	if (!args_parse(request, iface))
		return port_refuse(request, ERR_invalid,
				   "af_xdp:%.*s: af_xdp:iface=NAME, an interface of this namespace",
				   (int)request->args.len, request->args.at);
	if (request->mtu_bytes)
		return port_refuse(
		    request, ERR_invalid,
		    "an af_xdp port has its interface's MTU, and no more than a page "
		    "holds: ip link set %s mtu ...",
		    iface);
	ethdev = port_ethdev_new(request);
	if (!ethdev)
		return ERR_no_memory;
	ethdev->plain_only = true;
	ethdev->release = release;
	libraries_quieten();
	err = device_find(request, ethdev, iface);
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
		if (!str_equal(option.key, STR("iface")) || option.value.len >= IFNAMSIZ)
			return false;
		memcpy(iface, option.value.at, option.value.len);
		iface[option.value.len] = '\0';
	}
	return iface[0] != '\0';
}

static enum err
device_find(const struct port_request *request, struct port_ethdev *ethdev, const char *iface)
{
	enum err err = port_netdev_open(iface, &ethdev->netdev);

	if (err)
		return port_refuse(request, err, "no interface %s in this network namespace",
				   iface);
	ethdev->xsk = calloc(request->queues, sizeof *ethdev->xsk);
	if (!ethdev->xsk)
		return port_refuse(request, ERR_no_memory, "no memory for %u queues",
				   request->queues);
	return iface_check(request, &ethdev->netdev);
}

static enum err
iface_check(const struct port_request *request, const struct port_netdev *netdev)
{
	struct port_netdev_state state;
	enum err err;

	if (!port_netdev_state(netdev, &state))
		return port_refuse(request, ERR_io, "the interface vanished");
	if (state.rx_queues < request->queues)
		return port_refuse(
		    request, ERR_invalid,
		    "%s has %u receive queues, %u are needed: ethtool -L, or for veth: "
		    "ip link add ... numrxqueues %u numtxqueues %u",
		    state.iface, state.rx_queues, request->queues, request->queues,
		    request->queues);
	err = socket_check(request);
	if (!err)
		err = pool_check(request, &state);
	return err ? err : unused_check(request, netdev, state.iface);
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
		return port_refuse(
		    request, ERR_io,
		    "AF_XDP needs CAP_NET_RAW, CAP_NET_ADMIN, CAP_BPF and CAP_IPC_LOCK");
	return port_refuse(request, ERR_io, "this kernel gives no AF_XDP socket: %m");
}

static enum err
pool_check(const struct port_request *request, const struct port_netdev_state *state)
{
	const struct rte_mempool *pool = request->mbufs;
	unsigned need = request->queues * PORT_ETHDEV_DESCRIPTORS,
		 have = rte_mempool_avail_count(pool);
	uint32_t room =
	    rte_pktmbuf_data_room_size(request->mbufs) - RTE_PKTMBUF_HEADROOM - XDP_HEADROOM;
	uint32_t chunk = pool->header_size + pool->elt_size + pool->trailer_size;

	if (chunk > 4096)
		return port_refuse(request, ERR_invalid,
				   "an mbuf takes %u bytes, AF_XDP allows a page (4096)", chunk);
	if (state->mtu_bytes + (uint32_t)RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN > room)
		return port_refuse(
		    request, ERR_invalid,
		    "%s has an MTU of %u, mbufs hold frames of %u bytes: ip link set %s mtu 1500",
		    state->iface, state->mtu_bytes, room, state->iface);
	if (have <= need)
		return port_refuse(
		    request, ERR_no_memory,
		    "AF_XDP takes %u mbufs for %u queues, %u are free: a larger pool is needed",
		    need, request->queues, have);
	return ERR_ok;
}

/*
 * A second user of a queue would fail, and in failing detach the first one's XDP program. A program
 * alone says nothing: one stays behind when a process is killed, and is used again. A queue closed
 * just now is soon free.
 */
static enum err
unused_check(const struct port_request *request, const struct port_netdev *netdev,
	     const char *iface)
{
	unsigned tries = 0;

	for (uint16_t queue = 0; queue < request->queues; queue++)
		while (port_xsk_is_bound(netdev->index, queue)) {
			if (++tries == RELEASE_TRIES)
				return port_refuse(request, ERR_busy,
						   "%s is in use by another AF_XDP socket: another "
						   "data plane or port has it open",
						   iface);
			usleep(RELEASE_US);
		}
	return ERR_ok;
}

static int
keep_bpf_words(enum libbpf_print_level level, const char *format, va_list args)
{
	return vsnprintf(last_words, sizeof last_words, format, args);
}

static int
keep_xdp_words(enum libxdp_print_level level, const char *format, va_list args)
{
	return vsnprintf(last_words, sizeof last_words, format, args);
}

static void
libraries_quieten(void)
{
	last_words[0] = '\0';
	libbpf_set_print(keep_bpf_words);
	libxdp_set_print(keep_xdp_words);
}

static enum err
queue_open(const struct port_request *request, struct port_ethdev *ethdev, const char *iface,
	   uint16_t queue)
{
	static unsigned serial; /* one name, one try: see below */
	char name[RTE_ETH_NAME_MAX_LEN], args[128];
	int before[PORT_XSK_FDS_MAX];
	unsigned before_count = port_xsk_list(before);
	uint16_t dev;
	enum err err;

	snprintf(name, sizeof name, "net_af_xdp%u", serial++);
	snprintf(args, sizeof args,
		 "iface=%s,start_queue=%u,queue_count=1,busy_budget=0,force_copy=1", iface, queue);
	err = port_ethdev_vdev(request, name, args, &dev);
	if (!err)
		err = port_ethdev_start(request, ethdev, dev, queue, 1);
	if (err) {
		/*
		 * The driver must not close what it failed to open: it frees twice, and detaches a
		 * program that may be another's.
		 */
		ethdev->queue[queue].dev = PORT_ETHDEV_NONE;
		return port_refuse(
		    request, err,
		    "AF_XDP on %s queue %u failed: it needs CAP_NET_ADMIN, CAP_BPF and "
		    "CAP_IPC_LOCK, "
		    "no other XDP program there (ip link show %s), and mbufs in one piece. %s",
		    iface, queue, iface, last_words);
	}
	rings_map(&ethdev->xsk[queue], before, before_count);
	return ERR_ok;
}

/* The driver does not say which socket is its: it is the one that was not there before. */
static void
rings_map(struct port_xsk *xsk, const int *before, unsigned before_count)
{
	int now[PORT_XSK_FDS_MAX];
	unsigned count = port_xsk_list(now);

	for (unsigned i = 0; i < count; i++) {
		unsigned known = 0;

		while (known < before_count && before[known] != now[i])
			known++;
		if (known == before_count)
			port_xsk_map(xsk, now[i]);
	}
}

static void
release(struct port_ethdev *ethdev)
{
	for (uint16_t i = 0; ethdev->xsk && i < ethdev->queues; i++)
		port_xsk_reclaim(&ethdev->xsk[i], ethdev->queue[i].mbufs);
	free(ethdev->xsk);
	if (ethdev->netdev.index)
		port_netdev_close(&ethdev->netdev);
}
