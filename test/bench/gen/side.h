/*
 * One of the generator's two ends: a port with its addresses. Answers ARP for all of them, finds its neighbour, queues
 * what is to be sent, and picks the TCP segments out of what comes in.
 */
#ifndef TEST_BENCH_GEN_SIDE_H
#define TEST_BENCH_GEN_SIDE_H

#include <rte_mbuf.h>
#include <stdbool.h>
#include <stdint.h>

#include "drivers/port/port.h"
#include "test/bench/gen/frame.h"

#define SIDE_QUEUE  1024u /* frames that may wait for the port */
#define SIDE_SPARES 256u  /* buffers taken from the pool at once */

struct side_net {
	uint32_t base, mask; /* host order */
};

struct side_counts {
	uint64_t rx_frames, rx_bytes, tx_frames, tx_bytes;
	uint64_t other_frames; /* neither ARP nor a TCP segment for one of our addresses */
	uint64_t bad_sums;     /* segments whose checksum was looked at and is wrong */
	uint64_t no_buffers;   /* frames that could not be made */
};

struct side {
	struct port *port;
	struct rte_mempool *mbufs;
	struct side_net net[2]; /* whose addresses are ours; mask 0xffffffff and base 0: none */
	uint32_t own;           /* the address that asks for neighbours */
	uint32_t
	    neighbour;   /* whom we ask for; 0: nobody, we answer to where the last SYN came from */
	uint32_t except; /* of net, but not ours: the appliance's own */
	uint8_t mac[6], peer_mac[6];
	bool peer_known;
	uint32_t check_every; /* one of so many segments has its checksum looked at */
	uint32_t unchecked;
	struct side_counts counts;
	uint32_t queued, spares;
	struct rte_mbuf *queue[SIDE_QUEUE], *spare[SIDE_SPARES];
};

/* A segment that came in: header fields in host order, the text in place. */
struct side_segment {
	const struct frame_tcp *frame;
	const uint8_t *text;
	uint32_t text_bytes;
	uint32_t from, to, seq, ack;
	uint16_t from_port, to_port, window;
	uint8_t flags, header_bytes; /* TCP's, options included */
	bool stamped;                /* has a timestamp, laid out as RFC 7323's appendix A has it */
	uint32_t stamp;
};

void side_start(struct side *side, struct port *port, struct rte_mempool *mbufs);
/* Asks for the neighbour's address; once in a while until peer_known. */
void side_ask(struct side *side);
/*
 * A received frame. True: it is a segment for us, which *out describes (lends parts of the frame). The frame stays the
 * caller's.
 */
bool side_input(struct side *side, struct rte_mbuf *frame, struct side_segment *out);
static inline uint32_t
side_room(const struct side *side)
{
	return SIDE_QUEUE - side->queued;
}
/* Takes more spares; false: there are none. */
bool side_refill(struct side *side);

/* Gives a buffer of len_bytes that will be sent, at the end of the queue; NULL if there is no room or no buffer. */
static inline void *
side_frame(struct side *side, uint32_t len_bytes)
{
	struct rte_mbuf *frame;

	if (unlikely(side->queued == SIDE_QUEUE || (!side->spares && !side_refill(side))))
		return NULL;
	frame = side->spare[--side->spares];
	if (likely(side->spares))
		rte_prefetch0(rte_pktmbuf_mtod(side->spare[side->spares - 1], void *));
	frame->data_len = (uint16_t)len_bytes;
	frame->pkt_len = len_bytes;
	side->queue[side->queued++] = frame;
	side->counts.tx_frames++;
	side->counts.tx_bytes += len_bytes;
	return rte_pktmbuf_mtod(frame, void *);
}

/* Sends what is queued, as much as the port takes. True if something went. */
bool side_flush(struct side *side, uint64_t now_us);

#endif
