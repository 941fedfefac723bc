/*
 * What is sent: the generator's TCP. A frame is made whole at once, its checksums from sums that lie ready: of addresses in
 * the connection, of text in its source.
 */
#include "test/bench/gen/tcp.h"

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <string.h>

#define HEADERS_BYTES   (uint32_t)sizeof(struct frame_tcp)
#define WINDOW_SCALE    7u
#define WINDOW_UNSCALED 65535u
#define ACK_SEGMENTS    2u /* so many full ones are acknowledged at once */
#define ROOM_MIN        8u /* in the port's queue, for what is not asked first */
#define HOPS            64u

/* What differs from segment to segment, in host order. */
struct fields {
	uint16_t from_port, to_port, window;
	uint8_t header_bytes, flags;
	uint32_t seq, ack;
};

static bool output(struct tcp *tcp, struct tcp_conn *c);
static bool output_text(struct tcp *tcp, struct tcp_conn *c, bool *sent);
static inline void headers(struct tcp *tcp, struct frame_tcp *frame, uint32_t local,
			   uint32_t remote, uint32_t address_sum, uint32_t ip_bytes);
static inline void finish(struct frame_tcp *frame, const struct fields *f, uint32_t address_sum,
			  uint32_t tcp_bytes, uint32_t text_sum);
static inline uint32_t stamp(void *at, uint32_t value, uint32_t echo);
static uint32_t copy_text(const struct tcp_conn *c, uint8_t *to, uint32_t seq, uint32_t len_bytes);

bool
tcp_flush(struct tcp *tcp, uint64_t now_us)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < tcp->touched_count; i++) {
		struct tcp_conn *c = &tcp->conns[tcp->touched[i]];

		if (side_room(tcp->setup.side) < ROOM_MIN || !output(tcp, c))
			tcp->touched[kept++] = tcp->touched[i];
		else
			c->flags &= (uint16_t)~TCP_FLAG_TOUCHED;
	}
	tcp->touched_count = kept;
	return side_flush(tcp->setup.side, now_us);
}

/* False: it has to come again. */
static bool
output(struct tcp *tcp, struct tcp_conn *c)
{
	uint32_t owed;
	bool sent = false;

	if (unlikely(c->state != TCP_STATE_OPEN)) {
		if (c->state == TCP_STATE_CLOSED || c->snd_nxt != c->snd_una)
			return true;
		return tcp_send_syn(tcp, c);
	}
	if (seq_before(c->snd_nxt, c->snd_end) && !output_text(tcp, c, &sent))
		return false;
	if (unlikely(c->flags & TCP_FLAG_FIN_WANTED) && c->snd_nxt == c->snd_end &&
	    !c->next_source) {
		if (!tcp_send_segment(tcp, c, c->snd_nxt, 0, TCP_ACK | TCP_FIN))
			return false;
		sent = true;
	}
	owed = c->rcv_nxt - c->rcv_acked;
	if (sent || (!owed && !(c->flags & TCP_FLAG_ACK_NOW)))
		return true;
	if (c->flags & TCP_FLAG_ACK_NOW || owed >= ACK_SEGMENTS * c->mss_bytes)
		return tcp_send_segment(tcp, c, c->snd_nxt, 0, TCP_ACK);
	tcp_delay_ack(tcp, c);
	return true;
}

/* As much as both windows allow; RFC 9293 3.8.6.2.1: a small segment goes only at the end, or if nothing is out. */
static bool
output_text(struct tcp *tcp, struct tcp_conn *c, bool *sent)
{
	uint32_t window = c->snd_wnd_bytes < c->cwnd_bytes ? c->snd_wnd_bytes : c->cwnd_bytes,
		 limit = c->snd_una + window;

	while (seq_before(c->snd_nxt, c->snd_end)) {
		uint32_t left = c->snd_end - c->snd_nxt, len = RTE_MIN(left, c->mss_bytes),
			 room = seq_before(c->snd_nxt, limit) ? limit - c->snd_nxt : 0;

		if (unlikely(len > room)) {
			if (!room || c->snd_nxt != c->snd_una) {
				/* An opened window will come, or the timer. */
				if (c->snd_nxt == c->snd_una)
					tcp_timer_start(tcp, c);
				return true;
			}
			len = room;
		}
		if (!tcp_send_segment(tcp, c, c->snd_nxt, len,
				      len == left ? TCP_ACK | TCP_PSH : TCP_ACK))
			return false;
		*sent = true;
	}
	return true;
}

bool
tcp_send_segment(struct tcp *tcp, struct tcp_conn *c, uint32_t seq, uint32_t len_bytes,
		 uint8_t flags)
{
	uint32_t options = c->flags & TCP_FLAG_STAMPED ? FRAME_STAMP_BYTES : 0, sum = 0;
	struct frame_tcp *frame = side_frame(tcp->setup.side, HEADERS_BYTES + options + len_bytes);
	uint32_t next = seq + len_bytes + !!(flags & TCP_FIN);

	if (unlikely(!frame))
		return false;
	headers(tcp, frame, c->local, c->remote, c->address_sum,
		HEADERS_BYTES - FRAME_ETHER_BYTES + options + len_bytes);
	if (len_bytes)
		sum = copy_text(c, (uint8_t *)(frame + 1) + options, seq, len_bytes);
	if (options)
		sum = source_sum_fold(sum) + stamp(frame + 1, tcp->now_ms, c->stamp);
	finish(
	    frame,
	    &(struct fields){ .from_port = c->local_port,
			      .to_port = c->remote_port,
			      .window = (uint16_t)(c->flags & TCP_FLAG_UNSCALED
						       ? WINDOW_UNSCALED
						       : tcp->setup.window_bytes >> WINDOW_SCALE),
			      .header_bytes = (uint8_t)(FRAME_TCP_BYTES + options),
			      .flags = flags,
			      .seq = seq,
			      .ack = c->rcv_nxt },
	    c->address_sum, FRAME_TCP_BYTES + options + len_bytes, sum);
	c->rcv_acked = c->rcv_nxt;
	c->flags &= (uint16_t)~TCP_FLAG_ACK_NOW;
	if (next == seq)
		return true;
	if (unlikely(seq_before(seq, c->snd_max)))
		tcp->counts.retransmits++;
	if (seq_before(c->snd_nxt, next))
		c->snd_nxt = next;
	if (seq_before(c->snd_max, next)) {
		if (c->snd_una == c->snd_max || !(c->flags & TCP_FLAG_TIMED))
			tcp_timer_start(tcp, c);
		c->snd_max = next;
	}
	return true;
}

/* Returns the sum of what it copied, with the text's first byte as a high one. */
static uint32_t
copy_text(const struct tcp_conn *c, uint8_t *to, uint32_t seq, uint32_t len_bytes)
{
	uint32_t sum = 0, done = 0;

	while (done < len_bytes) {
		struct source_slice slice =
		    source_slice(c->source, seq + done - c->base, len_bytes - done);

		memcpy(to + done, slice.at, slice.len_bytes);
		sum = source_sum_append(sum, done, slice.sum);
		done += slice.len_bytes;
	}
	return sum;
}

/* The option, and the sum of its words. */
static inline uint32_t
stamp(void *at, uint32_t value, uint32_t echo)
{
	struct frame_stamp *option = at;

	option->kind = be32_from(FRAME_STAMP_KIND);
	option->value = be32_from(value);
	option->echo = be32_from(echo);
	return (FRAME_STAMP_KIND >> 16) + (FRAME_STAMP_KIND & 0xffff) + (value >> 16) +
	       (value & 0xffff) + (echo >> 16) + (echo & 0xffff);
}

/* A SYN, or the answer to one, with its options: MSS, window scale, timestamps; an answer has only what was asked for. */
bool
tcp_send_syn(struct tcp *tcp, struct tcp_conn *c)
{
	static const uint8_t scale[4] = { 1, 3, 3, WINDOW_SCALE };
	bool answers = c->state == TCP_STATE_SYN_RECEIVED,
	     scales = !answers || !(c->flags & TCP_FLAG_UNSCALED),
	     stamps = answers ? c->flags & TCP_FLAG_STAMPED : tcp->setup.stamps;
	uint32_t bytes = 4 + (scales ? 4 : 0) + (stamps ? FRAME_STAMP_BYTES : 0), at = 4,
		 sum = (2 << 8 | 4) + TCP_MSS;
	struct frame_tcp *frame = side_frame(tcp->setup.side, HEADERS_BYTES + bytes);
	uint8_t *options = (uint8_t *)(frame + 1);

	if (!frame)
		return false;
	headers(tcp, frame, c->local, c->remote, c->address_sum,
		HEADERS_BYTES - FRAME_ETHER_BYTES + bytes);
	memcpy(options, (const uint8_t[4]){ 2, 4, TCP_MSS >> 8, TCP_MSS & 0xff }, 4);
	if (scales) {
		memcpy(options + at, scale, sizeof scale);
		sum += (scale[0] << 8 | scale[1]) + (scale[2] << 8 | scale[3]);
		at += sizeof scale;
	}
	if (stamps)
		sum += stamp(options + at, tcp->now_ms, c->stamp);
	finish(frame,
	       &(struct fields){ .from_port = c->local_port,
				 .to_port = c->remote_port,
				 .window = WINDOW_UNSCALED,
				 .header_bytes = (uint8_t)(FRAME_TCP_BYTES + bytes),
				 .flags = answers ? TCP_SYN | TCP_ACK : TCP_SYN,
				 .seq = c->snd_una,
				 .ack = answers ? c->rcv_nxt : 0 },
	       c->address_sum, FRAME_TCP_BYTES + bytes, sum);
	if (c->snd_max != c->snd_una)
		tcp->counts.retransmits++;
	c->snd_nxt = c->snd_max = c->snd_una + 1;
	tcp_timer_start(tcp, c);
	return true;
}

void
tcp_answer(struct tcp *tcp, const struct side_segment *segment, uint32_t seq, uint32_t ack,
	   uint8_t flags)
{
	uint32_t options = segment->stamped ? FRAME_STAMP_BYTES : 0, sum = 0,
		 addresses = (segment->from >> 16) + (segment->from & 0xffff) +
			     (segment->to >> 16) + (segment->to & 0xffff);
	struct frame_tcp *frame = side_frame(tcp->setup.side, HEADERS_BYTES + options);

	if (!frame)
		return;
	headers(tcp, frame, segment->to, segment->from, addresses,
		HEADERS_BYTES - FRAME_ETHER_BYTES + options);
	/* Without one the peer would not believe it: RFC 7323 3.2. */
	if (options)
		sum = stamp(frame + 1, tcp->now_ms, segment->stamp);
	finish(frame,
	       &(struct fields){ .from_port = segment->to_port,
				 .to_port = segment->from_port,
				 .header_bytes = (uint8_t)(FRAME_TCP_BYTES + options),
				 .flags = flags,
				 .seq = seq,
				 .ack = flags & TCP_ACK ? ack : 0 },
	       addresses, FRAME_TCP_BYTES + options, sum);
}

/* All up to TCP's. */
static inline void
headers(struct tcp *tcp, struct frame_tcp *frame, uint32_t local, uint32_t remote,
	uint32_t address_sum, uint32_t ip_bytes)
{
	memcpy(frame->ether.to, tcp->setup.side->peer_mac, 6);
	memcpy(frame->ether.from, tcp->setup.side->mac, 6);
	frame->ether.type = be16_from(FRAME_TYPE_IPV4);
	frame->version_ihl = 0x45;
	frame->service = 0;
	frame->total_bytes = be16_from((uint16_t)ip_bytes);
	frame->id = be16_from(0);
	frame->fragment = be16_from(0x4000); /* never */
	frame->hops = HOPS;
	frame->protocol = FRAME_PROTOCOL_TCP;
	frame->ip_sum = be16_from((uint16_t)~source_sum_fold(
	    0x4500 + ip_bytes + 0x4000 + (HOPS << 8 | FRAME_PROTOCOL_TCP) + address_sum));
	frame->from = be32_from(local);
	frame->to = be32_from(remote);
}

/* The last fields, from values that are still in registers; text_sum has the options in it. */
static inline void
finish(struct frame_tcp *frame, const struct fields *f, uint32_t address_sum, uint32_t tcp_bytes,
       uint32_t text_sum)
{
	uint32_t offset_flags = (f->header_bytes / 4 << 12) | f->flags,
		 sum = address_sum + FRAME_PROTOCOL_TCP + tcp_bytes + f->from_port + f->to_port +
		       (f->seq >> 16) + (f->seq & 0xffff) + (f->ack >> 16) + (f->ack & 0xffff) +
		       offset_flags + f->window + source_sum_fold(text_sum);

	frame->from_port = be16_from(f->from_port);
	frame->to_port = be16_from(f->to_port);
	frame->seq = be32_from(f->seq);
	frame->ack = be32_from(f->ack);
	frame->offset = (uint8_t)(offset_flags >> 8);
	frame->flags = f->flags;
	frame->window = be16_from(f->window);
	frame->sum = be16_from((uint16_t)~source_sum_fold(sum));
	frame->urgent = be16_from(0);
}
