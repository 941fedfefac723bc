/*
 * A node without a stack: sends frames made by hand, right or wrong, and remembers the TCP segments that come to it. It answers ARP
 * and neighbour solicitations for its addresses, so that its peers can reach it.
 */
#ifndef TEST_SIM_RAW_H
#define TEST_SIM_RAW_H

#include "fw/base/addr.h"
#include "test/sim/world.h"

#define FRAME_MAX 1514u

struct raw;

/* A frame under construction. Offsets are of the layers' first bytes, 0: none. */
struct frame {
	uint8_t byte[FRAME_MAX + 64];
	uint32_t len;
	uint32_t l3, l4;
	bool v6;
};

/* A TCP segment in terms of its header. */
struct segment {
	uint32_t seq, ack;
	uint16_t src_port, dst_port, window;
	uint8_t flags; /* SEG_* */
	uint8_t options[40];
	uint32_t options_len;
	uint32_t payload_len; /* zeros */
};

#define SEG_FIN 0x01u
#define SEG_SYN 0x02u
#define SEG_RST 0x04u
#define SEG_PSH 0x08u
#define SEG_ACK 0x10u
#define SEG_URG 0x20u

/* What drives a raw node by itself; each may be NULL. */
struct raw_ops {
	/* A TCP segment came to one of its addresses; payload is behind its options. */
	void (*segment)(struct raw *raw, const struct addr *from, const struct segment *segment,
			uint64_t now_us);
	/* wake_us has come. */
	void (*wake)(struct raw *raw, uint64_t now_us);
};

struct raw {
	struct node node;
	const struct raw_ops *ops; /* NULL: stories do all */
	void *owner;               /* ops' own */
	uint64_t wake_us;          /* UINT64_MAX: not */
	struct port *port;
	struct rte_mempool *mbufs;
	uint8_t mac[6];
	uint8_t peer_mac[6]; /* where its frames go */
	struct addr v4, v6;
	struct segment last; /* the last one that came */
	uint32_t segments;   /* that came */
	uint32_t resets;     /* of them with RST */
	uint32_t icmps;      /* ICMP packets that came */
};

/* Takes end. */
struct raw *raw_new(struct world *world, const char *name, struct port *end, const char *v4,
		    const char *v6, const uint8_t peer_mac[6]);
void raw_send(struct raw *raw, const struct frame *frame);

/* Frames to the peer, complete and right: an Ethernet header and payload_len bytes; an IP packet; a TCP segment; an ICMP echo request. */
void frame_eth(const struct raw *raw, struct frame *f, uint16_t type, const void *payload,
	       uint32_t payload_len);
void frame_ip(const struct raw *raw, struct frame *f, const struct addr *dst, uint8_t protocol,
	      const void *payload, uint32_t payload_len);
void frame_tcp(const struct raw *raw, struct frame *f, const struct addr *dst,
	       const struct segment *segment);
void frame_echo(const struct raw *raw, struct frame *f, const struct addr *dst);
/* An ARP packet: operation 1 asks, 2 answers. */
void frame_arp(const struct raw *raw, struct frame *f, uint16_t operation,
	       const struct addr *sender, const struct addr *target);
/* Makes checksums right again after bytes were changed. */
void frame_fix_ip(struct frame *f);
void frame_fix_l4(struct frame *f);
/* The TCP payload of a frame. */
uint8_t *frame_payload(struct frame *f);

#endif
