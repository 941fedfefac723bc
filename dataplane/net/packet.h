/*
 * What the layers know about a packet: it lives in the mbuf's private area (mempools of the data
 * plane have PACKET_PRIVATE_BYTES of it). On the way in each layer fills its fields and strips its
 * header with rte_pktmbuf_adj; on the way out TCP or ICMP fills addresses and protocol, and each
 * layer prepends its header.
 */
#ifndef DATAPLANE_NET_PACKET_H
#define DATAPLANE_NET_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "fw/base/addr.h"
#include "fw/base/assert.h"

#define PACKET_PRIVATE_BYTES 64
#define PACKET_HEADER_BYTES                                                                        \
	128 /* headroom that a layer above IP leaves free: Ethernet, VLAN, IPv6 fit */

struct packet {
	struct addr src, dst;        /* of the IP header */
	uint16_t src_port, dst_port; /* TCP, host order; filled by path.c's peek or tcp */
	uint8_t port;     /* index of the port it came in by; on the way out chosen by ip_output */
	uint8_t protocol; /* IPPROTO_TCP, ... */
	uint8_t hop_limit;
	uint8_t traffic_class; /* DSCP and ECN, as on the wire */
	/* ICMP errors on the way to TCP (net_next NET_ICMP_ERROR): about the packet src -> dst, ports as above */
	uint8_t icmp_kind; /* enum icmp_kind */
	/* on the way from one worker to another (dataplane/handoff.h) */
	uint8_t handoff; /* enum handoff_kind */
	uint8_t device;  /* HANDOFF_FRAME: number of the device that received it */
	uint8_t worker;  /* on the way out: whose packet it is; set by ip_output */
	uint8_t service; /* NET_PUNT: enum service */
	union {
		uint32_t icmp_mtu; /* bytes, ICMP_KIND_TOO_BIG; as told, 0: not */
		struct {           /* of a piece that waits in fragment.c, without headers */
			uint16_t fragment_at, fragment_len; /* bytes */
		};
	};
	uint32_t icmp_sequence; /* TCP sequence number that the error quotes */
	bool in_fragments;      /* in: it came as one or more. Out: it may leave as some */
	/* to be cut by the port (PORT_OFFLOAD_TSO): payload bytes of each segment but the last; 0: it is one */
	uint16_t segment_bytes;
	uint8_t lacks; /* enum packet_lack: what is made on the way out, where the port is known */
};

enum packet_lack {
	PACKET_LACKS_NOTHING,
	PACKET_LACKS_TCP_SUM, /* m's TCP header has 0 there */
};

STATIC_ASSERT(sizeof(struct packet) <= PACKET_PRIVATE_BYTES,
	      "packet metadata fits into the private area");

static inline struct packet *
packet_of(struct rte_mbuf *m)
{
	return rte_mbuf_to_priv(m);
}

#endif
