/*
 * Ports without a device behind them, through DPDK's virtual drivers:
 *
 *   memif:socket=PATH,role=client|server[,id=N]   shared memory between two processes
 *   ring:NAME                                     two ports of one process: who opens NAME first is
 *                                                 one end, the second the other
 *
 * A memif port's link is up while its peer is connected; a ring port's link always is.
 */
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_mempool.h>
#include <rte_ring.h>
#include <stdio.h>
#include <sys/un.h>

#include "drivers/port/port_ethdev.h"
#include "drivers/port/port_spec.h"

#define MEMIF_LOG2_FRAMES 10u   /* a ring */
#define MEMIF_FRAME_BYTES 2048u /* a buffer of a ring; larger ones for a larger MTU */

#define RING_NAME_MAX   (PORT_ETHDEV_LABEL_BYTES - 1)
#define RING_QUEUES_MAX 16
#define RING_FRAMES     1024u

struct memif_args {
	char socket[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char role[8];
	uint64_t id;
};

static enum err memif_parse(const struct port_request *request, struct memif_args *args);
static bool memif_option(const struct port_option *option, struct memif_args *args);
static enum err
ring_attach(const struct port_request *request, const char *name, unsigned side, uint16_t *dev);
static struct rte_ring *ring_between(const char *name, unsigned from_side, uint16_t queue);
static unsigned ring_free_side(const char *name);
static void ring_release(struct port_ethdev *ethdev);

/* ---- memif ---- */

enum err
port_ethdev_memif(const struct port_request *request, struct port **out)
{
	char name[RTE_ETH_NAME_MAX_LEN], devargs[256];
	struct memif_args args = { 0 };
	uint32_t frame_bytes =
	    RTE_MAX(MEMIF_FRAME_BYTES,
		    RTE_ALIGN(request->mtu_bytes + PORT_FRAME_HEADER_BYTES, RTE_CACHE_LINE_SIZE));
	struct port_ethdev *ethdev;
	uint16_t dev;
	enum err err = memif_parse(request, &args);

	if (err)
		return err;
	snprintf(name, sizeof name, "net_memif_%s", request->name);
	snprintf(devargs, sizeof devargs,
		 "role=%s,id=%u,socket=%s,socket-abstract=no,bsize=%u,rsize=%u", args.role,
		 (unsigned)args.id, args.socket, frame_bytes, MEMIF_LOG2_FRAMES);
	ethdev = port_ethdev_new(request);
	if (!ethdev)
		return ERR_no_memory;
	/*
	 * That thread serves the peers, and frees the same memory when a peer goes: in another it
	 * would be freed twice.
	 */
	ethdev->close_by_interrupt = true;
	ethdev->mtu_bytes = request->mtu_bytes;
	err = port_ethdev_vdev(request, name, devargs, &dev);
	if (!err)
		err = port_ethdev_start(request, ethdev, dev, 0, request->queues);
	if (err) {
		port_ethdev_free(ethdev);
		return err;
	}
	return port_ethdev_finish(request, ethdev, out);
}

static enum err
memif_parse(const struct port_request *request, struct memif_args *args)
{
	struct str rest = request->args;
	struct port_option option;

	while (port_spec_next(&rest, &option))
		if (!memif_option(&option, args))
			return port_refuse(request, ERR_invalid,
					   "memif: '%.*s': socket=PATH (up to %zu bytes), "
					   "role=client|server or id=0..65535",
					   (int)option.key.len, option.key.at,
					   sizeof args->socket - 1);
	if (!args->socket[0] || !args->role[0])
		return port_refuse(request, ERR_invalid,
				   "memif needs socket=PATH and role=client or server");
	return ERR_ok;
}

static bool
memif_option(const struct port_option *option, struct memif_args *args)
{
	struct str value = option->value;

	if (str_equal(option->key, STR("id")))
		return value.at && str_to_u64(value, UINT16_MAX, &args->id);
	if (str_equal(option->key, STR("socket")) && value.len && value.len < sizeof args->socket) {
		memcpy(args->socket, value.at, value.len);
		return true;
	}
	if (str_equal(option->key, STR("role")) &&
	    (str_equal(value, STR("client")) || str_equal(value, STR("server")))) {
		memcpy(args->role, value.at, value.len);
		return true;
	}
	return false;
}

/* ---- ring ---- */

enum err
port_ethdev_ring(const struct port_request *request, struct port **out)
{
	struct port_ethdev *ethdev;
	const char *name;
	unsigned side;
	uint16_t dev;
	enum err err;

	if (!request->args.len || request->args.len > RING_NAME_MAX ||
	    request->queues > RING_QUEUES_MAX)
		return port_refuse(request, ERR_invalid,
				   "ring:NAME has a name of 1 to %u characters and up to %u queues",
				   RING_NAME_MAX, RING_QUEUES_MAX);
	ethdev = port_ethdev_new(request);
	if (!ethdev)
		return ERR_no_memory;
	memcpy(ethdev->label, request->args.at, request->args.len);
	name = ethdev->label;
	side = ring_free_side(name);
	if (side > 1) {
		err =
		    port_refuse(request, ERR_exists, "both ends of ring:%s are open already", name);
		port_ethdev_free(ethdev);
		return err;
	}
	ethdev->release = ring_release;
	ethdev->plain_only = true; /* the other end takes the mbuf itself */
	ethdev->keeps_flags = true;
	ethdev->mtu_bytes = request->mtu_bytes;
	ethdev->own_mac = true;
	/* Locally administered; the ends of a ring differ in the last bit. */
	memcpy(ethdev->mac, (uint8_t[6]){ 2, 'r', 'i', 'n', 'g', (uint8_t)side }, 6);
	err = ring_attach(request, name, side, &dev);
	if (!err)
		err = port_ethdev_start(request, ethdev, dev, 0, request->queues);
	if (err) {
		port_ethdev_free(ethdev);
		return err;
	}
	return port_ethdev_finish(request, ethdev, out);
}

static void
ring_device_name(char out[RTE_ETH_NAME_MAX_LEN], const char *name, unsigned side)
{
	snprintf(out, RTE_ETH_NAME_MAX_LEN, "net_ring_%s_%u", name, side);
}

/* 0 or 1, 2 when both ends are open. */
static unsigned
ring_free_side(const char *name)
{
	char device[RTE_ETH_NAME_MAX_LEN];
	unsigned side;
	uint16_t dev;

	for (side = 0; side < 2; side++) {
		ring_device_name(device, name, side);
		if (rte_eth_dev_get_port_by_name(device, &dev))
			break;
	}
	return side;
}

static enum err
ring_attach(const struct port_request *request, const char *name, unsigned side, uint16_t *dev)
{
	struct rte_ring *rx[RING_QUEUES_MAX], *tx[RING_QUEUES_MAX];
	char device[RTE_ETH_NAME_MAX_LEN];
	int number;

	for (uint16_t i = 0; i < request->queues; i++) {
		rx[i] = ring_between(name, !side, i);
		tx[i] = ring_between(name, side, i);
		if (!rx[i] || !tx[i])
			return port_refuse(request, ERR_no_memory,
					   "no memory for a ring of %u frames", RING_FRAMES);
	}
	ring_device_name(device, name, side);
	number = rte_eth_from_rings(device + strlen("net_ring_"), rx, request->queues, tx,
				    request->queues, SOCKET_ID_ANY);
	if (number < 0)
		return port_refuse(request, ERR_io, "DPDK can't make %s", device);
	*dev = (uint16_t)number;
	return ERR_ok;
}

/* The frames that one side's queue sends; made by the end that opens first. */
static struct rte_ring *
ring_between(const char *name, unsigned from_side, uint16_t queue)
{
	char ring_name[RTE_RING_NAMESIZE];
	struct rte_ring *ring;

	snprintf(ring_name, sizeof ring_name, "fl_%s_%u_%u", name, from_side, queue);
	ring = rte_ring_lookup(ring_name);
	return ring ? ring
		    : rte_ring_create(ring_name, RING_FRAMES, SOCKET_ID_ANY,
				      RING_F_SP_ENQ | RING_F_SC_DEQ);
}

/* The last end to close takes the rings along, and what lies in them. */
static void
ring_release(struct port_ethdev *ethdev)
{
	char device[RTE_ETH_NAME_MAX_LEN];
	struct rte_mbuf *left;
	uint16_t dev;

	for (unsigned side = 0; side < 2; side++) {
		ring_device_name(device, ethdev->label, side);
		if (!rte_eth_dev_get_port_by_name(device, &dev))
			return;
	}
	for (uint16_t i = 0; i < ethdev->queues * 2; i++) {
		char ring_name[RTE_RING_NAMESIZE];
		struct rte_ring *ring;

		snprintf(ring_name, sizeof ring_name, "fl_%s_%u_%u", ethdev->label, i % 2, i / 2);
		ring = rte_ring_lookup(ring_name);
		while (ring && rte_ring_dequeue(ring, (void **)&left) == 0)
			rte_pktmbuf_free(left);
		rte_ring_free(ring);
	}
}
