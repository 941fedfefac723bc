/*
 * Frames as they are on the wire: Ethernet, ARP (RFC 826), IPv4 without options, TCP without those of a SYN.
 */
#ifndef TEST_BENCH_GEN_FRAME_H
#define TEST_BENCH_GEN_FRAME_H

#include <stdint.h>

#include "fw/base/wire.h"

#define FRAME_TYPE_IPV4    0x0800u
#define FRAME_TYPE_ARP     0x0806u
#define FRAME_PROTOCOL_TCP 6u
#define FRAME_ETHER_BYTES  14u
#define FRAME_IP_BYTES     20u
#define FRAME_TCP_BYTES    20u
#define FRAME_STAMP_BYTES  12u
#define FRAME_STAMP_KIND   0x0101080au /* two fillers, the option's kind and length */
#define FRAME_MIN_BYTES    60u
#define FRAME_IP_MAX_BYTES 1500u

#define TCP_FIN 0x01u
#define TCP_SYN 0x02u
#define TCP_RST 0x04u
#define TCP_PSH 0x08u
#define TCP_ACK 0x10u

struct frame_ether {
	uint8_t to[6], from[6];
	be16 type;
};

struct frame_arp {
	struct frame_ether ether;
	be16 hardware, protocol;
	uint8_t hardware_bytes, protocol_bytes;
	be16 operation; /* 1 asks, 2 answers */
	uint8_t sender_mac[6];
	be32 sender;
	uint8_t target_mac[6];
	be32 target;
};

struct frame_tcp {
	struct frame_ether ether;
	uint8_t version_ihl, service;
	be16 total_bytes, id, fragment;
	uint8_t hops, protocol;
	be16 ip_sum;
	be32 from, to;
	be16 from_port, to_port;
	be32 seq, ack;
	uint8_t offset, flags;
	be16 window, sum, urgent;
};

/* RFC 7323 3.2 */
struct frame_stamp {
	be32 kind, value, echo;
};

_Static_assert(sizeof(struct frame_stamp) == FRAME_STAMP_BYTES, "as on the wire");
_Static_assert(sizeof(struct frame_arp) == 42, "as on the wire");
_Static_assert(sizeof(struct frame_tcp) == 54, "as on the wire");

#endif
