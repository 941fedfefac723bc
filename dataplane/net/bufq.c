/*
 * Queues of payload bytes in mbufs: receive queues, send queues and bodies on their way from one side of a session
 * to the other. Knows nothing of protocols. The mbufs of a queue are never written but in the tailroom of the last one,
 * and there only when nobody else holds a reference to it.
 */
#include "dataplane/net/bufq.h"

#include <string.h>

#include "fw/base/assert.h"

static void append_segment(struct bufq *q, struct rte_mbuf *m);
static bool is_thin(const struct bufq *q, const struct rte_mbuf *m);
static uint32_t writable_tailroom(const struct bufq *q);
static void copy_to_tail(struct bufq *q, const void *data, uint32_t len);
static void link_segment(struct bufq *q, struct rte_mbuf *m);
static struct rte_mbuf *make_segments(struct rte_mempool *mbufs, const uint8_t *data, uint32_t len);
static struct rte_mbuf *unlink_head(struct bufq *q);
static void free_segment(struct rte_mbuf *m);

void
bufq_append(struct bufq *q, struct rte_mbuf *m)
{
	uint16_t segments = m->nb_segs;

	while (segments--) {
		struct rte_mbuf *next = m->next;

		append_segment(q, m);
		m = next;
	}
}

static void
append_segment(struct bufq *q, struct rte_mbuf *m)
{
	uint16_t len = m->data_len;

	m->next = NULL;
	m->nb_segs = 1;
	if (len == 0) {
		free_segment(m);
	} else if (len <= writable_tailroom(q) && is_thin(q, m)) {
		copy_to_tail(q, rte_pktmbuf_mtod(m, const void *), len);
		free_segment(m);
	} else {
		link_segment(q, m);
	}
}

/* Whether with m the queue's buffers would be less than a quarter full on average. */
static bool
is_thin(const struct bufq *q, const struct rte_mbuf *m)
{
	return ((uint64_t)q->bytes + m->data_len) * 4 < (uint64_t)(q->bufs + 1) * m->buf_len;
}

static uint32_t
writable_tailroom(const struct bufq *q)
{
	const struct rte_mbuf *tail = q->tail;

	if (!tail || !RTE_MBUF_DIRECT(tail) || rte_mbuf_refcnt_read(tail) != 1)
		return 0;
	return rte_pktmbuf_tailroom(tail);
}

static void
copy_to_tail(struct bufq *q, const void *data, uint32_t len)
{
	struct rte_mbuf *tail = q->tail;

	memcpy(rte_pktmbuf_mtod_offset(tail, void *, tail->data_len), data, len);
	tail->data_len += (uint16_t)len;
	q->bytes += len;
}

static void
link_segment(struct bufq *q, struct rte_mbuf *m)
{
	if (q->tail)
		q->tail->next = m;
	else
		q->head = m;
	q->tail = m;
	q->bytes += m->data_len;
	q->bufs++;
}

bool
bufq_append_bytes(struct bufq *q, struct rte_mempool *mbufs, const void *data, uint32_t len)
{
	uint32_t fits = RTE_MIN(len, writable_tailroom(q));
	struct rte_mbuf *rest = NULL, *next;

	if (fits < len) {
		rest = make_segments(mbufs, (const uint8_t *)data + fits, len - fits);
		if (!rest)
			return false;
	}
	if (fits)
		copy_to_tail(q, data, fits);
	for (; rest; rest = next) {
		next = rest->next;
		rest->next = NULL;
		link_segment(q, rest);
	}
	return true;
}

/* The bytes in new mbufs linked by next; NULL if there are not enough. */
static struct rte_mbuf *
make_segments(struct rte_mempool *mbufs, const uint8_t *data, uint32_t len)
{
	struct bufq made = { 0 };

	while (len) {
		struct rte_mbuf *m = mbufs ? rte_pktmbuf_alloc(mbufs) : NULL;
		uint32_t piece;

		if (!m) {
			bufq_clear(&made);
			return NULL;
		}
		piece = RTE_MIN(len, (uint32_t)rte_pktmbuf_tailroom(m));
		ASSERT(piece > 0);
		memcpy(rte_pktmbuf_mtod(m, void *), data, piece);
		m->data_len = (uint16_t)piece;
		m->pkt_len = piece;
		link_segment(&made, m);
		data += piece;
		len -= piece;
	}
	return made.head;
}

uint32_t
bufq_move(struct bufq *q, struct bufq *from, uint32_t len, struct rte_mempool *mbufs)
{
	uint32_t moved = 0;

	ASSERT(len <= from->bytes && q != from);
	while (moved < len && from->head->data_len <= len - moved) {
		moved += from->head->data_len;
		append_segment(q, unlink_head(from));
	}
	if (moved < len) {
		uint32_t piece = len - moved;

		if (!bufq_append_bytes(q, mbufs, rte_pktmbuf_mtod(from->head, const void *), piece))
			return moved;
		bufq_drop(from, piece);
	}
	return len;
}

static struct rte_mbuf *
unlink_head(struct bufq *q)
{
	struct rte_mbuf *m = q->head;

	q->head = m->next;
	if (!q->head)
		q->tail = NULL;
	q->bytes -= m->data_len;
	q->bufs--;
	return m;
}

void
bufq_drop(struct bufq *q, uint32_t len)
{
	ASSERT(len <= q->bytes);
	while (len && q->head->data_len <= len) {
		struct rte_mbuf *m = unlink_head(q);

		len -= m->data_len;
		free_segment(m);
	}
	if (len) {
		q->head->data_off += (uint16_t)len;
		q->head->data_len -= (uint16_t)len;
		q->bytes -= len;
	}
}

void
bufq_clear(struct bufq *q)
{
	bufq_drop(q, q->bytes);
}

/* The link is ours; who else holds a reference must not find it. */
static void
free_segment(struct rte_mbuf *m)
{
	m->next = NULL;
	m->nb_segs = 1;
	rte_pktmbuf_free_seg(m);
}

void
bufq_copy(const struct bufq *q, uint32_t offset, uint32_t len, void *out)
{
	struct bufq_cursor cursor = { 0 };

	bufq_copy_at(q, &cursor, offset, len, out);
}

void
bufq_copy_at(const struct bufq *q, struct bufq_cursor *cursor, uint32_t offset, uint32_t len,
	     void *out)
{
	uint8_t *to = out;

	ASSERT((uint64_t)offset + len <= q->bytes);
	if (!cursor->m || offset < cursor->start)
		*cursor = (struct bufq_cursor){ .m = q->head };
	while (len) {
		const struct rte_mbuf *m = cursor->m;
		uint32_t within = offset - cursor->start;

		if (within < m->data_len) {
			uint32_t piece = RTE_MIN(len, m->data_len - within);

			memcpy(to, rte_pktmbuf_mtod_offset(m, const void *, within), piece);
			to += piece;
			offset += piece;
			len -= piece;
		} else {
			cursor->start += m->data_len;
			cursor->m = m->next;
		}
	}
}

const char *
bufq_peek(const struct bufq *q, uint32_t len)
{
	if (!q->head || q->head->data_len < len)
		return NULL;
	return rte_pktmbuf_mtod(q->head, const char *);
}
