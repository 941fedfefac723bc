/*
 * Data behind a hole: kept until the hole is filled (RFC 9293 3.10.7.4, "segments with higher
 * beginning sequence numbers should be held for later processing"). It is held as islands, lists of
 * mbufs without holes, sorted by sequence number. Where segments overlap the first copy counts, whatever
 * the later one says: one that was checked by somebody on the way can't be replaced afterwards.
 *
 * Bounded thrice: by the window, by the number of islands, and by the number of mbufs, so that a
 * peer of tiny segments pins no more memory than one of full ones; small neighbours are copied
 * together. All of a connection's islands are given up with it.
 */
#include "dataplane/tcp/tcp_priv.h"

#include <string.h>

#define BYTES_A_BUF   512u /* mean fill below which no more is kept */
#define BUFS_MIN      16u
#define PRESSURE_STOP 90u /* percent of mbufs in use: nothing out of order is kept any more */

static struct rte_mbuf *island_before(const struct tcp_conn *c, uint32_t seq);
static struct rte_mbuf *island_after(const struct tcp_conn *c, struct rte_mbuf *before);
static bool cut_to_fit(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg,
		       const struct rte_mbuf *before);
static void lay_over(struct tcp_segment *seg, const struct rte_mbuf *m, uint32_t at);
static void
swallow(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, struct rte_mbuf *before);
static struct rte_mbuf *put(struct tcp_conn *c, struct tcp_segment *seg, struct rte_mbuf *before);
static struct rte_mbuf *
append(struct tcp_conn *c, struct tcp_segment *seg, struct rte_mbuf *island);
static void join_next(struct tcp_conn *c, struct rte_mbuf *island);
static struct rte_mbuf *unlink_after(struct tcp_conn *c, struct rte_mbuf *before);
static void free_bufs(struct rte_mbuf *m);

/* The payload is trimmed to the window, starts behind rcv_nxt, and seg->m holds nothing else. */
enum drop_reason
tcp_reassembly_add(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg)
{
	struct rte_mbuf *before = island_before(c, seg->seq), *after = island_after(c, before);
	struct rte_mbuf *island;
	bool joins = (before && seq_geq(island_of(before)->end, seg->seq)) ||
		     (after && seq_leq(island_of(after)->start, seg->seq + seg->len));

	if (tcp->pressure_percent >= PRESSURE_STOP)
		return DROP_tcp_receive_buffer_full;
	if (!tcp_flight_take(tcp, c))
		return DROP_tcp_reassembly_full;
	if ((c->flight->islands_count >= TCP_ISLANDS_MAX && !joins) ||
	    c->flight->reassembly_bufs >= c->rcv_limit / BYTES_A_BUF + BUFS_MIN)
		return DROP_tcp_reassembly_full;
	if (!cut_to_fit(tcp, c, seg, before))
		return DROP_tcp_duplicate;
	tcp_reassembly_first_wins(c, seg);
	swallow(tcp, c, seg, before);
	island = put(c, seg, before);
	seg->m = NULL;
	join_next(c, island);
	tcp_sack_received(c,
			  (struct tcp_range){ island_of(island)->start, island_of(island)->end });
	return DROP_none;
}

/*
 * The last island that starts at seq or before; NULL: none. New data mostly belongs behind all
 * islands.
 */
static struct rte_mbuf *
island_before(const struct tcp_conn *c, uint32_t seq)
{
	struct rte_mbuf *at = NULL;

	if (c->flight->island_last && seq_leq(island_of(c->flight->island_last)->start, seq))
		return c->flight->island_last;
	for (struct rte_mbuf *next = c->flight->islands;
	     next && seq_leq(island_of(next)->start, seq); next = island_of(next)->next)
		at = next;
	return at;
}

static struct rte_mbuf *
island_after(const struct tcp_conn *c, struct rte_mbuf *before)
{
	return before ? island_of(before)->next : c->flight->islands;
}

/*
 * Cuts off what is there already, in front and behind; false if nothing is left. Says so to the
 * peer (RFC 2883).
 */
static bool
cut_to_fit(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg,
	   const struct rte_mbuf *before)
{
	struct rte_mbuf *after = island_after(c, (struct rte_mbuf *)before);
	uint32_t end = seg->seq + seg->len;

	if (before) {
		uint32_t have = island_of((struct rte_mbuf *)before)->end;

		if (seq_geq(have, end)) {
			tcp_sack_duplicate(tcp, c, seg->seq, end);
			return false;
		}
		if (seq_gt(have, seg->seq)) {
			tcp_sack_duplicate(tcp, c, seg->seq, have);
			rte_pktmbuf_adj(seg->m, (uint16_t)(have - seg->seq));
			seg->len -= have - seg->seq;
			seg->seq = have;
		}
	}
	/*
	 * An island that ends within the segment is swallowed whole; one that goes beyond it
	 * stays.
	 */
	while (after && seq_leq(island_of(after)->end, end))
		after = island_of(after)->next;
	if (after && seq_lt(island_of(after)->start, end)) {
		uint32_t overlap = end - island_of(after)->start;

		tcp_sack_duplicate(tcp, c, island_of(after)->start, end);
		rte_pktmbuf_trim(seg->m, (uint16_t)overlap);
		seg->len -= overlap;
		seg->flags &= (uint8_t)~SEG_FIN; /* it lies behind what was cut off; the peer sends
						    it again */
	}
	return seg->len > 0;
}

/*
 * Bytes that have come before take the place of those in seg, which has nothing but its payload. If its buffer is shared, it
 * ends where they begin.
 */
void
tcp_reassembly_first_wins(struct tcp_conn *c, struct tcp_segment *seg)
{
	struct rte_mbuf *first = c->flight->islands;

	for (; first && seq_lt(island_of(first)->start, seg->seq + seg->len);
	     first = island_of(first)->next) {
		uint32_t at = island_of(first)->start;

		if (seq_leq(island_of(first)->end, seg->seq))
			continue;
		if (rte_mbuf_refcnt_read(seg->m) != 1) {
			uint32_t keep = seq_gt(at, seg->seq) ? at - seg->seq : 0;

			rte_pktmbuf_trim(seg->m, (uint16_t)(seg->len - keep));
			seg->len = keep;
			seg->flags &= (uint8_t)~SEG_FIN;
			return;
		}
		for (struct rte_mbuf *m = first; m; at += m->data_len, m = m->next)
			lay_over(seg, m, at);
	}
}

/* The bytes of m, which begin at sequence number `at`, as far as they lie in seg. */
static void
lay_over(struct tcp_segment *seg, const struct rte_mbuf *m, uint32_t at)
{
	uint32_t from = seq_gt(at, seg->seq) ? at : seg->seq;
	uint32_t end = seg->seq + seg->len, to = at + m->data_len;

	if (seq_gt(to, end))
		to = end;
	if (seq_lt(from, to))
		memcpy(rte_pktmbuf_mtod_offset(seg->m, uint8_t *, from - seg->seq),
		       rte_pktmbuf_mtod_offset(m, const uint8_t *, from - at), to - from);
}

/* Frees the islands that seg covers. */
static void
swallow(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, struct rte_mbuf *before)
{
	struct rte_mbuf *after;

	while ((after = island_after(c, before)) &&
	       seq_leq(island_of(after)->end, seg->seq + seg->len)) {
		tcp_sack_duplicate(tcp, c, island_of(after)->start, island_of(after)->end);
		unlink_after(c, before);
		c->flight->reassembly_bytes -= island_of(after)->end - island_of(after)->start;
		c->flight->reassembly_bufs -= island_of(after)->bufs;
		free_bufs(after);
	}
}

/*
 * At the end of the island before it if it touches that one, otherwise as an island of its own;
 * answers the island.
 */
static struct rte_mbuf *
put(struct tcp_conn *c, struct tcp_segment *seg, struct rte_mbuf *before)
{
	struct rte_mbuf *m = seg->m;

	c->flight->reassembly_bytes += seg->len;
	if (before && island_of(before)->end == seg->seq)
		return append(c, seg, before);
	*island_of(m) = (struct tcp_island){ .start = seg->seq,
					     .end = seg->seq + seg->len,
					     .last = m,
					     .next = island_after(c, before),
					     .bufs = 1 };
	m->next = NULL;
	if (before)
		island_of(before)->next = m;
	else
		c->flight->islands = m;
	if (c->flight->island_last == before)
		c->flight->island_last = m;
	c->flight->islands_count++;
	c->flight->reassembly_bufs++;
	return m;
}

/* Small pieces are copied into the last mbuf's free room. */
static struct rte_mbuf *
append(struct tcp_conn *c, struct tcp_segment *seg, struct rte_mbuf *first)
{
	struct tcp_island *island = island_of(first);
	struct rte_mbuf *last = island->last, *m = seg->m;

	island->end += seg->len;
	if (seg->len <= rte_pktmbuf_tailroom(last) && seg->len < BYTES_A_BUF &&
	    rte_mbuf_refcnt_read(last) == 1) {
		memcpy(rte_pktmbuf_append(last, (uint16_t)seg->len),
		       rte_pktmbuf_mtod(m, const void *), seg->len);
		rte_pktmbuf_free(m);
		return first;
	}
	m->next = NULL;
	last->next = m;
	island->last = m;
	island->bufs++;
	c->flight->reassembly_bufs++;
	return first;
}

/* The hole between two islands is filled: they become one. */
static void
join_next(struct tcp_conn *c, struct rte_mbuf *first)
{
	struct tcp_island *island = island_of(first), *other;
	struct rte_mbuf *next = island->next;

	if (!next || island_of(next)->start != island->end)
		return;
	unlink_after(c, first);
	other = island_of(next);
	island->last->next = next;
	island->last = other->last;
	island->end = other->end;
	island->bufs += other->bufs;
}

/* Takes the island behind `before` (NULL: the first one) out of the list. */
static struct rte_mbuf *
unlink_after(struct tcp_conn *c, struct rte_mbuf *before)
{
	struct rte_mbuf *island = island_after(c, before), *next = island_of(island)->next;

	if (before)
		island_of(before)->next = next;
	else
		c->flight->islands = next;
	if (c->flight->island_last == island)
		c->flight->island_last = before;
	c->flight->islands_count--;
	return island;
}

uint32_t
tcp_reassembly_take(struct tcp_conn *c)
{
	uint32_t start = c->rcv_nxt;

	while (c->flight->islands && seq_leq(island_of(c->flight->islands)->start, c->rcv_nxt)) {
		struct rte_mbuf *m = unlink_after(c, NULL), *next;
		struct tcp_island island = *island_of(m);
		uint32_t known = c->rcv_nxt - island.start; /* bytes that came in order meanwhile */

		c->flight->reassembly_bytes -= island.end - island.start;
		c->flight->reassembly_bufs -= island.bufs;
		for (; m; m = next) {
			uint32_t skip = min_u32(known, m->data_len);

			next = m->next;
			m->next = NULL;
			known -= skip;
			c->rcv_nxt += m->data_len - skip;
			if (skip == m->data_len) {
				rte_pktmbuf_free(m);
				continue;
			}
			rte_pktmbuf_adj(m, (uint16_t)skip);
			bufq_append(&c->received, m);
		}
	}
	return c->rcv_nxt - start;
}

void
tcp_reassembly_clear(struct tcp_conn *c)
{
	while (c->flight->islands)
		free_bufs(unlink_after(c, NULL));
	c->flight->reassembly_bytes = c->flight->reassembly_bufs = 0;
}

/* One by one: linked mbufs of ours are no chain in the sense of nb_segs. */
static void
free_bufs(struct rte_mbuf *m)
{
	while (m) {
		struct rte_mbuf *next = m->next;

		m->next = NULL;
		rte_pktmbuf_free(m);
		m = next;
	}
}
