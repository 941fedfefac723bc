/*
 * Ports on DPDK's ethdev, seen by the files that make such devices.
 */
#ifndef DRIVERS_PORT_PORT_ETHDEV_H
#define DRIVERS_PORT_PORT_ETHDEV_H

#include "drivers/port/port_impl.h"
#include "drivers/port/port_netdev.h"
#include "drivers/port/port_xsk.h"

#define PORT_ETHDEV_DESCRIPTORS 2048u      /* a ring, where the driver has no other wish */
#define PORT_ETHDEV_NONE        UINT16_MAX /* no device (yet) */
#define PORT_ETHDEV_LABEL_BYTES                                                                    \
	12 /* DPDK's names have less than 32 bytes, its prefixes and our numbers included */

/* One worker's: a queue of an ethdev. Its cache line is shared with nobody. */
struct port_ethdev_queue {
	uint16_t dev;   /* ethdev's number */
	uint16_t index; /* queue of dev */
	struct rte_mempool *mbufs;
	uint64_t errors; /* frames that could not be made plain, or came while the link was down */
} __attribute__((aligned(64)));

struct port_ethdev {
	struct port_ethdev_queue *queue;
	uint16_t queues;
	uint32_t offloads;       /* bits of enum port_offload that all its devices have */
	uint16_t mtu_bytes;      /* of a device that has none of its own; 0: the device's */
	bool plain_only;         /* the device takes single-segment mbufs of one reference only */
	bool stays_probed;       /* at the end it is stopped only, so that it can be opened again */
	bool close_by_interrupt; /* the driver closes safely only in EAL's interrupt thread */
	bool keeps_flags;        /* frames come with what their sender has noted in the mbuf */
	bool makes_ip_sums;      /* sums of IPv4 headers are asked of us, and the device has none */
	bool own_mac;            /* mac below, not the ethdev's */
	bool count_tx_errors;    /* the driver's oerrors are losses, not frames handed back */
	uint8_t mac[6];
	bool down; /* written by port_info, read by tx: do not queue for a dead link */
	struct port_netdev netdev;           /* AF_XDP: its interface; index 0: none */
	struct port_xsk *xsk;                /* AF_XDP: the rings of each queue */
	char label[PORT_ETHDEV_LABEL_BYTES]; /* ring: its name */
	void (*release)(
	    struct port_ethdev *ethdev); /* when all its devices are closed; may be NULL */
};

/* Gives an ethdev with its queues, each still without a device. NULL when memory is short. */
struct port_ethdev *port_ethdev_new(const struct port_request *request);
/* Configures and starts device dev as queues first.. first + count of the port. */
MUST_CHECK enum err
port_ethdev_start(const struct port_request *request, struct port_ethdev *ethdev, uint16_t dev,
		  uint16_t first, uint16_t count);
/* Makes a vdev and says which number it has. */
MUST_CHECK enum err port_ethdev_vdev(const struct port_request *request, const char *name,
				     const char *args, uint16_t *dev);
/* Gives the port of a started ethdev (takes it); on failure closes everything. */
MUST_CHECK enum err port_ethdev_finish(const struct port_request *request,
				       struct port_ethdev *ethdev, struct port **out);
/* Whether its state is a struct port_ethdev. */
bool port_is_ethdev(const struct port *port);
/* Makes the sums of IPv4 headers that RTE_MBUF_F_TX_IP_CKSUM asks for, and takes that flag away. */
void port_ethdev_ip_sums(struct rte_mbuf **burst, uint16_t n);
/* Stops and closes what was started and frees ethdev. */
void port_ethdev_free(struct port_ethdev *ethdev);

#endif
