/*
 * A segment comes in: the generator's TCP, RFC 9293 3.10.7 with what tcp.h leaves out. Numbers of steps are that section's.
 */
#include "test/bench/gen/tcp.h"

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <string.h>

#define DUP_ACKS     3u
#define OPTION_END   0u
#define OPTION_NOP   1u
#define OPTION_SCALE 3u
#define OPTION_STAMP 8u
#define SCALE_MAX    14u
#define BASE_FAR     (1u << 30)

static bool is_its(const struct tcp_conn *c, const struct side_segment *segment);
static void no_connection(struct tcp *tcp, const struct side_segment *segment);
static void
syn_options(const struct tcp *tcp, struct tcp_conn *c, const struct side_segment *segment);
static void reset(struct tcp *tcp, struct tcp_conn *c, const struct side_segment *segment);
static void syn_sent(struct tcp *tcp, struct tcp_conn *c, const struct side_segment *segment);
static bool acknowledge(struct tcp *tcp, struct tcp_conn *c, const struct side_segment *segment);
static void advance(struct tcp *tcp, struct tcp_conn *c, uint32_t ack);
static void duplicate(struct tcp *tcp, struct tcp_conn *c);
static void lost_again(struct tcp *tcp, struct tcp_conn *c);
static void text(struct tcp *tcp, struct tcp_conn *c, const struct side_segment *segment);
static void over(struct tcp *tcp, struct tcp_conn *c, enum stream_end end);

void
tcp_input(struct tcp *tcp, const struct side_segment *segment, struct tcp_conn *c)
{
	if (unlikely(!c || !is_its(c, segment))) {
		no_connection(tcp, segment);
		return;
	}
	if (unlikely(c->state == TCP_STATE_SYN_SENT)) {
		syn_sent(tcp, c, segment);
		return;
	}
	if (unlikely(segment->flags & (TCP_RST | TCP_SYN))) {
		if (segment->flags & TCP_RST) {
			reset(tcp, c, segment);
		} else if (c->state == TCP_STATE_SYN_RECEIVED && segment->seq + 1 == c->rcv_nxt) {
			c->snd_nxt = c->snd_una; /* our answer was lost */
			tcp_touch(tcp, c);
		} else {
			c->flags |= TCP_FLAG_ACK_NOW;
			tcp_touch(tcp, c);
		}
		return;
	}
	if (segment->stamped && !seq_before(c->rcv_nxt, segment->seq))
		c->stamp = segment->stamp;
	if (segment->flags & TCP_ACK && acknowledge(tcp, c, segment))
		text(tcp, c, segment);
}

/* The client's slot of these addresses may have moved on. */
static bool
is_its(const struct tcp_conn *c, const struct side_segment *segment)
{
	return c->state != TCP_STATE_CLOSED && c->local == segment->to &&
	       c->remote == segment->from && c->local_port == segment->to_port &&
	       c->remote_port == segment->from_port;
}

/* 3.10.7.1 and .2; what a connection in TIME-WAIT would do, too: a FIN that comes again is acknowledged. */
static void
no_connection(struct tcp *tcp, const struct side_segment *segment)
{
	uint32_t end = segment->seq + segment->text_bytes + !!(segment->flags & TCP_SYN) +
		       !!(segment->flags & TCP_FIN);
	struct tcp_conn *c;

	if ((segment->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN && tcp->setup.listens) {
		c = tcp_accept(tcp, segment);
		if (!c)
			return;
		c->rcv_nxt = c->rcv_acked = segment->seq + 1;
		syn_options(tcp, c, segment);
		tcp_touch(tcp, c);
		return;
	}
	tcp->counts.strays++;
	if (segment->flags & TCP_RST)
		return;
	if (segment->flags & TCP_FIN)
		tcp_answer(tcp, segment, segment->ack, end, TCP_ACK);
	else if (segment->text_bytes || segment->flags & TCP_SYN)
		tcp_answer(tcp, segment, segment->flags & TCP_ACK ? segment->ack : 0, end,
			   segment->flags & TCP_ACK ? TCP_RST : TCP_RST | TCP_ACK);
}

static void
syn_options(const struct tcp *tcp, struct tcp_conn *c, const struct side_segment *segment)
{
	const uint8_t *at = (const uint8_t *)&segment->frame->from_port + FRAME_TCP_BYTES,
		      *end = (const uint8_t *)&segment->frame->from_port + segment->header_bytes;

	c->flags |= TCP_FLAG_UNSCALED;
	c->snd_wnd_bytes = segment->window;
	while (at < end && *at != OPTION_END) {
		if (*at == OPTION_NOP) {
			at++;
			continue;
		}
		if (end - at < 2 || at[1] < 2 || at[1] > end - at)
			return;
		if (at[0] == OPTION_SCALE && at[1] == 3) {
			c->flags &= (uint16_t)~TCP_FLAG_UNSCALED;
			c->snd_scale = at[2] < SCALE_MAX ? at[2] : SCALE_MAX;
		}
		if (at[0] == OPTION_STAMP && at[1] == 10 && tcp->setup.stamps) {
			memcpy(&c->stamp, at + 2, sizeof c->stamp);
			c->stamp = __builtin_bswap32(c->stamp);
			c->flags |= TCP_FLAG_STAMPED;
			c->mss_bytes = TCP_MSS - FRAME_STAMP_BYTES;
		}
		at += at[1];
	}
}

/* 3.10.7.3 */
static void
syn_sent(struct tcp *tcp, struct tcp_conn *c, const struct side_segment *segment)
{
	bool acks =
	    segment->flags & TCP_ACK && segment->ack == c->snd_max && c->snd_max != c->snd_una;

	if (segment->flags & TCP_ACK && !acks) {
		/* It knows an older connection of ours. */
		if (!(segment->flags & TCP_RST))
			tcp_answer(tcp, segment, segment->ack, 0, TCP_RST);
		return;
	}
	if (!acks || !(segment->flags & (TCP_RST | TCP_SYN)))
		return;
	if (segment->flags & TCP_RST) {
		tcp->counts.resets++;
		over(tcp, c, STREAM_RESET);
		return;
	}
	syn_options(tcp, c, segment);
	c->state = TCP_STATE_OPEN;
	c->snd_una = c->snd_nxt = segment->ack;
	c->rcv_nxt = segment->seq + 1;
	c->retries = 0;
	tcp->counts.opened++;
	/* On its own and at once, as kernels do it. */
	if (!tcp_send_segment(tcp, c, c->snd_nxt, 0, TCP_ACK))
		c->flags |= TCP_FLAG_ACK_NOW;
	tcp_touch(tcp, c);
	tcp->setup.user.opened(tcp->setup.user.self, tcp_index(tcp, c));
}

/* Second step. It may acknowledge: what the peer had all of before it closed in this way was no failure. */
static void
reset(struct tcp *tcp, struct tcp_conn *c, const struct side_segment *segment)
{
	if (segment->seq - c->rcv_nxt >= tcp->setup.window_bytes)
		return;
	if (segment->flags & TCP_ACK && !seq_before(segment->ack, c->snd_una) &&
	    !seq_before(c->snd_max, segment->ack))
		c->snd_una = segment->ack;
	tcp->counts.resets++;
	over(tcp, c, STREAM_RESET);
}

/* Fifth step. False: the segment goes no further. */
static bool
acknowledge(struct tcp *tcp, struct tcp_conn *c, const struct side_segment *segment)
{
	uint32_t ack = segment->ack, window = (uint32_t)segment->window << c->snd_scale;

	if (unlikely(seq_before(c->snd_max, ack))) {
		c->flags |= TCP_FLAG_ACK_NOW;
		tcp_touch(tcp, c);
		return false;
	}
	if (unlikely(c->state == TCP_STATE_SYN_RECEIVED)) {
		if (ack != c->snd_max)
			return false;
		c->state = TCP_STATE_OPEN;
		c->snd_una = c->snd_nxt = ack;
		c->snd_wnd_bytes = window;
		c->retries = 0;
		tcp->counts.opened++;
		tcp->setup.user.opened(tcp->setup.user.self, tcp_index(tcp, c));
		return c->state == TCP_STATE_OPEN;
	}
	if (seq_before(c->snd_una, ack)) {
		c->snd_wnd_bytes = window;
		advance(tcp, c, ack);
	} else if (ack == c->snd_una) {
		bool same = window == c->snd_wnd_bytes && !segment->text_bytes &&
			    !(segment->flags & TCP_FIN);

		c->snd_wnd_bytes = window;
		if (unlikely(same && c->snd_una != c->snd_max))
			duplicate(tcp, c);
		else if (seq_before(c->snd_nxt, c->snd_end))
			tcp_touch(tcp, c);
	}
	return true;
}

static void
advance(struct tcp *tcp, struct tcp_conn *c, uint32_t ack)
{
	uint32_t acked = ack - c->snd_una;

	c->snd_una = ack;
	if (unlikely(seq_before(c->snd_nxt, ack)))
		c->snd_nxt = ack;
	c->retries = 0;
	c->dup_acks = 0;
	c->cwnd_bytes += acked;
	if (c->cwnd_bytes > tcp->setup.cwnd_max_bytes)
		c->cwnd_bytes = tcp->setup.cwnd_max_bytes;
	if (unlikely(c->flags & TCP_FLAG_RECOVERING)) {
		if (seq_before(ack, c->recover))
			lost_again(tcp, c);
		else
			c->flags &= (uint16_t)~TCP_FLAG_RECOVERING;
	}
	if (unlikely(c->snd_una - c->base > BASE_FAR) && c->source)
		c->base += (c->snd_una - c->base) / c->source->total_bytes * c->source->total_bytes;
	if (unlikely(c->next_source && c->snd_una == c->snd_end)) {
		c->source = c->next_source;
		c->base = c->snd_end;
		c->snd_end += c->next_count * c->source->total_bytes;
		c->next_source = NULL;
		c->next_count = 0;
		tcp_touch(tcp, c);
	}
	if (c->snd_una != c->snd_max)
		tcp_timer_start(tcp, c);
	if (seq_before(c->snd_nxt, c->snd_end))
		tcp_touch(tcp, c);
}

/* RFC 5681 3.2, RFC 6582: the window is not inflated meanwhile. */
static void
duplicate(struct tcp *tcp, struct tcp_conn *c)
{
	if (c->flags & TCP_FLAG_RECOVERING || ++c->dup_acks < DUP_ACKS)
		return;
	c->flags |= TCP_FLAG_RECOVERING;
	c->recover = c->snd_max;
	c->cwnd_bytes = RTE_MAX(c->cwnd_bytes / 2, 4u * c->mss_bytes);
	lost_again(tcp, c);
}

/* The segment at snd_una, once more. */
static void
lost_again(struct tcp *tcp, struct tcp_conn *c)
{
	uint32_t left = c->snd_end - c->snd_una;

	if (seq_before(c->snd_una, c->snd_end))
		tcp_send_segment(tcp, c, c->snd_una, RTE_MIN(left, c->mss_bytes),
				 TCP_ACK | TCP_PSH);
	else
		tcp_send_segment(tcp, c, c->snd_una, 0, TCP_ACK | TCP_FIN);
}

/* Seventh and eighth step. */
static void
text(struct tcp *tcp, struct tcp_conn *c, const struct side_segment *segment)
{
	uint32_t index = tcp_index(tcp, c), len = segment->text_bytes, known;
	const uint8_t *at = segment->text;
	bool fin = segment->flags & TCP_FIN;

	if (!len && !fin) {
		if (unlikely(segment->seq != c->rcv_nxt)) { /* keep-alive, window probe */
			c->flags |= TCP_FLAG_ACK_NOW;
			tcp_touch(tcp, c);
		}
		goto done;
	}
	tcp_touch(tcp, c);
	if (unlikely(segment->seq != c->rcv_nxt)) {
		c->flags |= TCP_FLAG_ACK_NOW;
		if (seq_before(c->rcv_nxt, segment->seq)) {
			tcp->counts.out_of_order++;
			goto done;
		}
		known = c->rcv_nxt - segment->seq;
		if (known > len || c->flags & TCP_FLAG_FIN_RECEIVED)
			goto done;
		at += known;
		len -= known;
	}
	c->rcv_nxt += len;
	if (len) {
		tcp->setup.user.received(tcp->setup.user.self, index, at, len);
		if (c->state != TCP_STATE_OPEN)
			return;
	}
	if (fin && !(c->flags & TCP_FLAG_FIN_RECEIVED)) {
		c->rcv_nxt++;
		c->flags |= TCP_FLAG_FIN_RECEIVED | TCP_FLAG_ACK_NOW;
		tcp->setup.user.ended(tcp->setup.user.self, index);
		if (c->state != TCP_STATE_OPEN)
			return;
	}
done:
	/* Both FINs are acknowledged, theirs by what goes out now. */
	if (unlikely(c->flags & TCP_FLAG_FIN_RECEIVED && c->snd_una == c->snd_end + 1)) {
		if (c->flags & TCP_FLAG_ACK_NOW)
			tcp_send_segment(tcp, c, c->snd_nxt, 0, TCP_ACK);
		over(tcp, c, STREAM_CLOSED);
	}
}

static void
over(struct tcp *tcp, struct tcp_conn *c, enum stream_end end)
{
	uint32_t index = tcp_index(tcp, c);

	tcp_forget(tcp, c);
	tcp->setup.user.closed(tcp->setup.user.self, index, end);
}
