/*
 * A port: something that receives and sends bursts of Ethernet frames. What is behind it (a PCI
 * NIC, AF_XDP, memif, a ring, a simulated link) is known to drivers/port only; wrappers (faults,
 * pcap) stand around any port and are ports themselves.
 *
 * A port is a set of queues, one a worker. port_rx and port_tx of one queue are called by one
 * worker only and neither block nor allocate from libc; everything else belongs to the control
 * thread.
 */
#ifndef DRIVERS_PORT_PORT_H
#define DRIVERS_PORT_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "fw/base/assert.h"
#include "fw/base/err.h"

struct rte_mbuf;
struct rte_mempool;
struct port;

#define PORT_BURST      64u
#define PORT_NAME_BYTES 16
#define PORT_MTU_MAX    9000u /* one packet is one buffer, and that is the largest of it */
#define PORT_FRAME_HEADER_BYTES                                                                    \
	32u /* that a buffer has beside the packet: Ethernet, tag, check sequence */

/*
 * What a device does for us. The stack asks port_info which of these a port claims, and does the rest itself; what a
 * frame needs or has had done stands in its mbuf (ol_flags), as DPDK defines it.
 */
enum port_offload {
	/* Received frames say whether the sums of their IPv4 header and TCP segment are right, where it could see that. */
	PORT_OFFLOAD_RX_CHECKSUM = 1 << 0,
	/* port_tx makes both: RTE_MBUF_F_TX_IP_CKSUM, RTE_MBUF_F_TX_TCP_CKSUM, l2_len, l3_len; TCP's field holds the pseudo header's sum. */
	PORT_OFFLOAD_TX_CHECKSUM = 1 << 1,
	/* port_tx cuts RTE_MBUF_F_TX_TCP_SEG into segments of tso_segsz bytes; with _TX_CHECKSUM only. */
	PORT_OFFLOAD_TSO = 1 << 2,
	/* A TCP frame's queue is its owner by port_rss.h, and its mbuf has the hash; all others come on queue 0. */
	PORT_OFFLOAD_RSS_HASH = 1 << 3,
	/* A received frame's VLAN tag (802.1Q) is in its mbuf (RTE_MBUF_F_RX_VLAN_STRIPPED). */
	PORT_OFFLOAD_VLAN_STRIP = 1 << 4,
	/* port_tx puts the tag of a RTE_MBUF_F_TX_VLAN mbuf into the frame. */
	PORT_OFFLOAD_VLAN_INSERT = 1 << 5,
};
#define PORT_OFFLOADS_ALL        0x3fu
#define PORT_OFFLOADS_TEXT_BYTES 64
/* What is left of them with a wrapper that must see frames as they go on the wire. */
#define PORT_OFFLOADS_INWARD                                                                       \
	(PORT_OFFLOAD_RX_CHECKSUM | PORT_OFFLOAD_RSS_HASH | PORT_OFFLOAD_VLAN_STRIP)

struct port_info {
	char name[PORT_NAME_BYTES]; /* front-panel name, as in the configuration */
	char driver[24];            /* "af_xdp", "net_e1000_igb", "sim", ... */
	uint8_t mac[6];
	bool link_up;
	uint16_t mtu_bytes; /* largest IP packet */
	uint16_t queues;
	uint32_t offloads;   /* bits of enum port_offload */
	uint32_t speed_mbps; /* 0: unknown */
	bool multi_segment; /* port_tx takes chained mbufs; otherwise it makes one of them itself */
	uint32_t
	    takeovers; /* a bond: how often another member took over; switches are to hear of it */
	uint64_t missed, errors; /* what the device itself lost or refused since start */
};

/* What a driver implements; a wrapper holds the port it wraps in its own state. */
struct port_ops {
	uint16_t (*rx)(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n,
		       uint64_t now_us);
	uint16_t (*tx)(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n,
		       uint64_t now_us);
	void (*info)(struct port *port, struct port_info *info);
	void (*close)(struct port *port);       /* frees state, not the port itself */
	uint64_t (*next_us)(struct port *port); /* see port_next_us; NULL: not in virtual time */
};

struct port {
	const struct port_ops *ops;
	void *state;        /* the driver's */
	struct port *inner; /* what a wrapper wraps, NULL for a device */
	char name[PORT_NAME_BYTES];
};

/*
 * Opens the device that spec names and starts it: "af_xdp:iface=p0",
 * "memif:socket=/run/x.sock,role=client[,id=0]", "ring:NAME", "pci:0000:03:00.0", or a bond of several:
 * "bond:lacp;pci:0000:03:00.0;pci:0000:03:00.1", or "absent:WHAT" for a device that is missing: a link that is down. All but AF_XDP, which has its
 * interface's MTU, may end in ",mtu=9000": the largest IP packet, 1500 without. name is the front-panel name.
 * Buffers are taken from mbufs (borrowed for the port's life). On failure says
 * why in why (why_bytes long). Gives the port. ERR_invalid for a bad spec, ERR_not_found,
 * ERR_exists, ERR_no_memory or ERR_io for the device.
 */
MUST_CHECK enum err
port_open(const char *name, const char *spec, uint16_t queues, struct rte_mempool *mbufs,
	  struct port **out, char *why, unsigned why_bytes);
/* For humans: "rx-checksum,tso", "-" for none. */
void port_offloads_text(uint32_t offloads, char out[PORT_OFFLOADS_TEXT_BYTES]);
/* What a spec's option mtu= says; 1500 where there is none. For sizing buffers: port_buffer_bytes. ERR_invalid. */
MUST_CHECK enum err port_spec_mtu(const char *spec, uint16_t *mtu_bytes);
/* Data room that mbufs need for packets of this MTU, headroom included; never less than DPDK's default. */
uint16_t port_buffer_bytes(uint16_t mtu_bytes);
/*
 * Wraps inner (takes it) so that frames it receives and sends suffer:
 * "loss=2%,delay=20ms,jitter=5ms,reorder=1%,duplicate=1%,
 * corrupt=0.1%,rate=100mbit,buffer=250kb,queue=1000,dir=rx|tx|both,burst=10%:30% (Gilbert-Elliott: to bad, to
 * good),seed=7". Delayed frames wait in a queue of bounded length and come out at rx or tx calls;
 * copies are taken from mbufs. What each option does, and what it counts: port_fault.c,
 * port_fault.h. On failure the caller keeps inner. ERR_invalid, ERR_no_memory.
 */
MUST_CHECK enum err port_fault_wrap(struct port *inner, const char *spec, struct rte_mempool *mbufs,
				    struct port **out, char *why, unsigned why_bytes);
/*
 * Wraps inner (takes it); every frame in and out is appended to a pcap file, with virtual or real
 * time as given to rx/tx. Tests and labs only. On failure the caller keeps inner. ERR_io,
 * ERR_no_memory.
 */
MUST_CHECK enum err port_pcap_wrap(struct port *inner, const char *path, struct port **out,
				   char *why, unsigned why_bytes);

/* Receives up to n frames; gives them. Never blocks. */
static inline uint16_t
port_rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	return port->ops->rx(port, queue, burst, n, now_us);
}

/*
 * Sends n frames; takes the first as many as it returns, the caller keeps the rest (burst may then
 * hold plain copies of them). n may be 0: lets a wrapper hand on what is due.
 */
static inline uint16_t
port_tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	return port->ops->tx(port, queue, burst, n, now_us);
}

/*
 * The state now, link included. Control thread; to be called each second or so: it is also how an
 * AF_XDP port learns that its interface went down, from when on port_tx drops frames instead of
 * filling a dead queue.
 */
void port_info(struct port *port, struct port_info *info);
/*
 * Stops and frees; the pointer is dead afterwards. Control thread, when no worker polls it any
 * more.
 */
void port_close(struct port *port);

#endif
