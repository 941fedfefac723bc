/*
 * Datagrams that come in pieces, until they are whole (fragment.c), and those of ours that are cut into pieces
 * (fragment_send.c). Only the worker that has a table (net_setup.reassembles) puts any together.
 *
 * Nobody outside this folder and its tests includes it.
 */
#ifndef DATAPLANE_NET_FRAGMENT_H
#define DATAPLANE_NET_FRAGMENT_H

#include "dataplane/net/net.h"
#include "fw/base/pool.h"

/* What may be held at a time. A piece is a packet buffer, whatever its length: buffers are what a flood takes. */
#define FRAGMENT_DATAGRAMS        1024u /* datagrams in progress, or refused and remembered */
#define FRAGMENT_DATAGRAMS_SOURCE 16u /* of those, from one source: an IPv4 address, an IPv6 /64 */
#define FRAGMENT_PIECES           2048u /* pieces of all; no more than an eighth of the packet buffers */
#define FRAGMENT_PIECES_SOURCE    256u
#define FRAGMENT_PIECES_DATAGRAM  64u /* 65,535 bytes at an MTU of 1,280 are 54 */
#define FRAGMENT_BUCKETS          (2 * FRAGMENT_DATAGRAMS)

/*
 * How long a datagram may take from its first piece on. RFC 1122 and 8200 say 60 s, for hosts at the end of slow lines.
 * Pieces of one datagram arrive within a round trip or are lost, TCP sends again in new datagrams, and IPv4's 16 bits of
 * identification come round within seconds (RFC 4963), so what is older does harm only.
 */
#define FRAGMENT_TIMEOUT_US 5000000u

/* A fragment as the IP headers tell of it. */
struct fragment {
	uint32_t id;             /* as on the wire, only compared */
	uint16_t header_len;     /* bytes in front of the piece, the fragment header too */
	uint16_t next_header_at; /* IPv6: where the fragment header is named */
	uint16_t offset;  /* of the piece in the datagram's payload, bytes, a multiple of 8 */
	uint8_t protocol; /* IPv4: tells datagrams apart; 0 in IPv6 */
	bool more;        /* another piece follows this one */
};

/* A datagram of which something is missing, or of which no more is wanted. */
struct datagram {
	struct addr src, dst;
	uint64_t due_us; /* given up then */
	uint32_t id;
	uint32_t bucket_next, older, newer; /* indexes in the pool */
	struct rte_mbuf *first,
	    *last; /* linked by next, by offset; the one of offset 0 has its IP header yet */
	uint32_t held_bytes;  /* of payload */
	uint32_t total_bytes; /* of payload; 0: the last piece has not come */
	uint16_t pieces;
	uint16_t header_len, next_header_at; /* of the piece of offset 0 */
	uint8_t protocol;
	uint8_t ecn_seen; /* bit k: some piece had ECN field k */
	bool refused; /* pieces did not fit together: what still comes is dropped (RFC 5722 4) */
};

struct fragments {
	struct pool datagrams; /* struct datagram */
	uint32_t oldest, newest;
	uint32_t pieces;     /* held, all together */
	uint32_t pieces_max; /* that may be */
	uint32_t bucket[FRAGMENT_BUCKETS];
};

size_t fragment_memory_bytes(void);
/* Makes net->fragments in memory (64-byte aligned, fragment_memory_bytes long, taken over). */
void fragment_init(struct net *net, void *memory);
/* Frees all pieces. */
void fragment_fini(struct net *net);

/*
 * m starts at its IP header, holds the piece to its end and no byte more, in one buffer; addresses and port are in
 * packet_of(m) and were checked. NET_TAKEN (kept), NET_REASSEMBLED (net_reassembled has the datagram), NET_DROP.
 */
struct net_verdict
fragment_input(struct net *net, struct rte_mbuf *m, const struct fragment *f, uint64_t now_us);
/*
 * An IPv6 packet whose fragment header says that there is only one (RFC 6946): NET_REASSEMBLED. Same m.
 */
struct net_verdict fragment_atomic(struct net *net, struct rte_mbuf *m, const struct fragment *f);
/* Gives up what is due, some a call. */
void fragment_timers(struct net *net, uint64_t now_us);
/* When fragment_timers wants to be called next; UINT64_MAX: not at all. */
uint64_t fragment_next_us(const struct net *net);

/*
 * Sends a packet that is too big for its port in pieces, through eth_output to net_poll. m starts at the IP header that
 * ip_output put there, may be a chain, and packet_of(m)->in_fragments allows it. Takes m unless NET_DROP.
 */
struct net_verdict fragment_send(struct net *net, struct rte_mbuf *m, uint64_t now_us);

#endif
