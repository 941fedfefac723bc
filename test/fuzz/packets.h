/*
 * Packets as the targets make and judge them, written apart from dataplane/net and dataplane/tcp: an own checksum, an own
 * reading of TCP options, and what must hold for every frame that goes out.
 */
#ifndef TEST_FUZZ_PACKETS_H
#define TEST_FUZZ_PACKETS_H

#include "test/fuzz/fuzz.h"

#define ETH_BYTES  14u
#define IPV4_BYTES 20u
#define IPV6_BYTES 40u
#define TCP_BYTES  20u

#define TYPE_IPV4 0x0800u
#define TYPE_ARP  0x0806u
#define TYPE_IPV6 0x86ddu

#define FLAG_FIN 0x01u
#define FLAG_SYN 0x02u
#define FLAG_RST 0x04u
#define FLAG_ACK 0x10u
#define FLAG_URG 0x20u

#define SACK_MAX 4u

void put16(uint8_t *at, uint32_t value);
void put32(uint8_t *at, uint32_t value);
uint32_t get16(const uint8_t *at);
uint32_t get32(const uint8_t *at);

/* As it goes into the header; 0 of something that holds a right one. src NULL: without the pseudo header. */
uint16_t packet_checksum(const struct addr *src, const struct addr *dst, uint8_t protocol,
			 const uint8_t *at, uint32_t len);
/* Makes the checksum of a TCP segment, ICMP or ICMPv6 message right. */
void packet_seal_l4(const struct addr *src, const struct addr *dst, uint8_t protocol, uint8_t *at,
		    uint32_t len);
/* Makes all checksums of an IP packet right, as far as it is one; lengths are left as they are. */
void packet_seal(uint8_t *ip, uint32_t len);
/* An IP header without options in front of len bytes at ip + 20 or 40, sealed; answers the packet's length. */
uint32_t packet_ip(uint8_t *ip, bool v6, const struct addr *src, const struct addr *dst,
		   uint8_t protocol, uint32_t len);
/* 14 bytes. */
void packet_eth(uint8_t *frame, const uint8_t dst[6], const uint8_t src[6], uint32_t type);

/* TCP options, read by RFC 9293 3.1, 7323 and 2018. */
struct options_seen {
	bool good; /* none is cut short or has a length that its kind may not have */
	bool mss, scale, sack_permitted, ts;
	uint32_t mss_bytes, shift, ts_value, ts_echo;
	uint32_t sack_count;
	uint32_t sack[SACK_MAX][2];
};
struct options_seen packet_options(const uint8_t *at, uint32_t len);

/* A frame that went out, taken apart. */
struct packet_seen {
	uint32_t type; /* EtherType */
	struct addr src, dst;
	uint8_t protocol;
	const uint8_t *l4;
	uint32_t l4_len;
	const uint8_t *payload; /* of TCP */
	uint32_t payload_len;
	struct options_seen options; /* of TCP */
};

/* What a port may send. */
struct packet_rules {
	uint8_t mac[6];
	uint32_t mtu_bytes;
	bool (*is_ours)(void *context, const struct addr *a);
	void *context;
};

/* ASSERTs that the frame is well-formed from the first to the last byte. */
void packet_check_frame(const uint8_t *frame, uint32_t len, const struct packet_rules *rules,
			struct packet_seen *seen);
/* The same of a TCP segment; fills what concerns it. */
void packet_check_tcp(const uint8_t *at, uint32_t len, const struct addr *src,
		      const struct addr *dst, struct packet_seen *seen);

#endif
