/*
 * Selective acknowledgements, RFC 2018 and 2883. As sender: the peer's blocks mark records. As
 * receiver: which blocks are reported next. (What is done about the gaps is in loss.c.)
 */
#include "dataplane/tcp/tcp_priv.h"

#define SPLITS_MIN 16u
#define LOOKS      1024u /* at records, for the blocks of a segment */

static bool is_duplicate_report(const struct tcp_segment *seg, const struct tcp_conn *c);
static void
mark(struct tcp *tcp, struct tcp_conn *c, struct tcp_range block, struct tcp_delivery *d);
static bool split(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s, uint32_t seq);
static uint32_t first_ending_behind(const struct tcp *tcp, const struct tcp_conn *c, uint32_t seq,
				    struct tcp_delivery *d);
static uint32_t nearest(const struct tcp *tcp, const struct tcp_conn *c, uint32_t seq);

/* ---- sender ---- */

void
tcp_sack_input(struct tcp *tcp, struct tcp_conn *c, const struct tcp_segment *seg,
	       struct tcp_delivery *d)
{
	d->dsack = is_duplicate_report(seg, c);
	d->duplicate = seg->opt.sack[0];
	for (unsigned i = d->dsack; i < seg->opt.sack_count; i++) {
		struct tcp_range block = seg->opt.sack[i];

		/*
		 * What was acknowledged meanwhile, or was never sent, or is upside down, is no
		 * news.
		 */
		if (seq_lt(block.start, block.end) && seq_gt(block.end, c->snd_una) &&
		    seq_leq(block.end, c->snd_nxt))
			mark(tcp, c, block, d);
	}
}

/*
 * RFC 2883 4: the first block lies below the cumulative acknowledgement, or inside of the second
 * block.
 */
static bool
is_duplicate_report(const struct tcp_segment *seg, const struct tcp_conn *c)
{
	const struct tcp_range *block = seg->opt.sack;

	if (!seq_lt(block[0].start, block[0].end) ||
	    seq_lt(block[0].start, c->snd_una - c->snd_wnd_max))
		return false;
	if (seq_leq(block[0].end, seg->ack))
		return true;
	return seg->opt.sack_count > 1 && seq_geq(block[0].start, block[1].start) &&
	       seq_leq(block[0].end, block[1].end);
}

/*
 * A record that is covered in part is split: what was one segment may have been cut on its way, or
 * sent again in other pieces. Without a record for it, the rest of the block comes again.
 */
static void
mark(struct tcp *tcp, struct tcp_conn *c, struct tcp_range block, struct tcp_delivery *d)
{
	uint32_t i = first_ending_behind(tcp, c, block.start, d);

	for (; i != POOL_NONE; i = sent_at(tcp, i)->next) {
		struct tcp_sent *s = sent_at(tcp, i);

		if (seq_geq(s->start, block.end))
			break;
		if (s->flags & SENT_SACKED)
			continue;
		if (seq_lt(s->start, block.start)) {
			if (!split(tcp, c, s, block.start))
				break;
			continue;
		}
		if (seq_gt(s->end, block.end) && !split(tcp, c, s, block.end))
			break;
		tcp_loss_delivered(c, s, d);
		d->sacked += s->end - s->start;
		s = tcp_sent_sacked(tcp, c, s);
		i = pool_index(&tcp->sent, s);
	}
}

/*
 * A peer that sacks byte by byte shall not get a record for each: as many more than there are full segments.
 */
static bool
split(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s, uint32_t seq)
{
	return c->flight->sent_count < 2 * ((c->snd_nxt - c->snd_una) / c->mss) + SPLITS_MIN &&
	       tcp_sent_split(tcp, c, s, seq - s->start);
}

/*
 * The first record that ends behind seq. A peer of many small holes can't make us look for long: the search
 * ends after LOOKS records for each of its segments, and the next one goes on from there.
 */
static uint32_t
first_ending_behind(const struct tcp *tcp, const struct tcp_conn *c, uint32_t seq,
		    struct tcp_delivery *d)
{
	uint32_t i = nearest(tcp, c, seq), prev;

	for (; i != POOL_NONE && d->looks < LOOKS; d->looks++) {
		prev = sent_at(tcp, i)->prev;
		if (seq_leq(sent_at(tcp, i)->end, seq))
			i = sent_at(tcp, i)->next;
		else if (prev != POOL_NONE && seq_gt(sent_at(tcp, prev)->end, seq))
			i = prev;
		else
			return i;
	}
	if (i != POOL_NONE)
		c->flight->sack_hint = i;
	return POOL_NONE;
}

/* Where to begin: at the last mark, where blocks grow, or at an end that is nearer. */
static uint32_t
nearest(const struct tcp *tcp, const struct tcp_conn *c, uint32_t seq)
{
	uint32_t hint = c->flight->sack_hint, at;

	if (hint == POOL_NONE || seq_leq(seq, c->snd_una))
		return c->flight->sent_first;
	at = sent_at(tcp, hint)->start;
	if (seq_lt(seq, at))
		return at - seq <= seq - c->snd_una ? hint : c->flight->sent_first;
	return seq - at <= c->snd_nxt - seq ? hint : c->flight->sent_last;
}

/* ---- receiver ---- */

/*
 * RFC 2018 4: the first block is the one with the segment that triggered this ACK; blocks that
 * it has swallowed go.
 */
void
tcp_sack_received(struct tcp_conn *c, struct tcp_range range)
{
	struct tcp_range kept[TCP_SACK_BLOCKS] = { range };
	unsigned count = 1;

	for (unsigned i = 0; i < TCP_SACK_BLOCKS && count < TCP_SACK_BLOCKS; i++) {
		struct tcp_range old = c->flight->sack[i];

		if (old.start != old.end &&
		    (seq_lt(old.end, range.start) || seq_gt(old.start, range.end)))
			kept[count++] = old;
	}
	for (unsigned i = 0; i < TCP_SACK_BLOCKS; i++)
		c->flight->sack[i] = i < count ? kept[i] : (struct tcp_range){ 0 };
}

/* Blocks below rcv_nxt are history. */
void
tcp_sack_advanced(struct tcp_conn *c)
{
	unsigned count = 0;

	for (unsigned i = 0; i < TCP_SACK_BLOCKS; i++)
		if (c->flight->sack[i].start != c->flight->sack[i].end &&
		    seq_gt(c->flight->sack[i].start, c->rcv_nxt))
			c->flight->sack[count++] = c->flight->sack[i];
	while (count < TCP_SACK_BLOCKS)
		c->flight->sack[count++] = (struct tcp_range){ 0 };
}

void
tcp_sack_duplicate(struct tcp *tcp, struct tcp_conn *c, uint32_t start, uint32_t end)
{
	if (!(c->flags & CONN_SACK) || !tcp_flight_take(tcp, c))
		return;
	c->flight->dsack = (struct tcp_range){ start, end };
	c->flags |= CONN_DSACK;
}
