/*
 * A queue of payload bytes held in mbufs: what a connection has received in order, or has still to
 * get acknowledged. Single-segment mbufs linked by their next pointers; nb_segs and pkt_len of them
 * are not kept up. One owner.
 *
 * Memory is charged by buffer: bufq_append copies a small piece into the last mbuf's tailroom where
 * it fits and the queue is thinly filled, so a peer that sends one byte at a time pins no more than
 * about four times its bytes.
 */
#ifndef DATAPLANE_NET_BUFQ_H
#define DATAPLANE_NET_BUFQ_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

struct bufq {
	struct rte_mbuf *head, *tail;
	uint32_t bytes;
	uint32_t bufs;
};

/* Appends the payload of m (a single mbuf, or a chain by nb_segs); takes m. */
void bufq_append(struct bufq *q, struct rte_mbuf *m);
/* Copies len bytes in; all or nothing, false if mbufs is empty. Borrows data. */
bool bufq_append_bytes(struct bufq *q, struct rte_mempool *mbufs, const void *data, uint32_t len);
/*
 * Moves the first len (<= from->bytes) bytes to the end of q, whole mbufs by reference, a partial
 * one by copying. Answers the bytes moved: fewer than len only when an mbuf for the partial piece
 * could not be had. With mbufs NULL none is taken; the piece is moved if the last mbuf's tailroom takes it.
 */
uint32_t bufq_move(struct bufq *q, struct bufq *from, uint32_t len, struct rte_mempool *mbufs);
/* Frees the first len (<= q->bytes) bytes. */
void bufq_drop(struct bufq *q, uint32_t len);
/* Frees all. */
void bufq_clear(struct bufq *q);
/* Copies len bytes that start offset bytes into the queue (offset + len <= q->bytes) to out. */
void bufq_copy(const struct bufq *q, uint32_t offset, uint32_t len, void *out);
/*
 * A place in a queue for repeated sequential reads: avoids walking from the head each time. Stays
 * valid while bytes are appended; whoever drops from the front or clears the queue resets it (zero
 * it).
 */
struct bufq_cursor {
	struct rte_mbuf *m; /* NULL: start from the head */
	uint32_t start;     /* offset in the queue of m's first byte */
};
/* As bufq_copy, from the cursor when offset lies behind it; moves the cursor. */
void bufq_copy_at(const struct bufq *q, struct bufq_cursor *cursor, uint32_t offset, uint32_t len,
		  void *out);
/* The first len contiguous bytes if the first mbuf holds them all; otherwise NULL. Lends. */
const char *bufq_peek(const struct bufq *q, uint32_t len);

#endif
