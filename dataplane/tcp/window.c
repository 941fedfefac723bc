/*
 * The windows: how much the peer may send (RFC 9293 3.8.6, 7323 2), and how much the application
 * may queue.
 *
 * Receiving: a connection starts with 64 KB and is given twice as much as soon as its application
 * has read a quarter of a window within one round trip, up to receive_buffer_bytes; so idle
 * connections can't pin the pool, and a sender in slow start, who doubles what it sends in each round
 * trip, finds the window open even where our round trips begin in the middle of its own. The right
 * edge never goes back; when it moves, it moves by a segment at least (silly window avoidance,
 * 3.8.6.2.2). When buffers run short nothing grows (75%), then everybody is offered two segments
 * (90%).
 *
 * Sending: twice the congestion window, at least 64 KB, at most send_buffer_bytes.
 */
#include "dataplane/tcp/tcp_priv.h"

#define START_BYTES        65535u
#define PRESSURE_NO_GROWTH 75u
#define PRESSURE_MINIMUM   90u
#define SEGMENT_BYTES      1460u
#define SEND_MIN_BYTES     65536u
#define SEND_PRESSED_BYTES 16384u  /* what is longer and in one piece waits for the empty queue */
#define ROUND_TRIP_US      100000u /* for the growth of the window, as long as none was measured */

static void grow(struct tcp *tcp, struct tcp_conn *c, uint32_t len, uint64_t now_us);
static uint32_t space_of(const struct tcp *tcp, const struct tcp_conn *c);

/* The smallest shift with which the window field can express the buffer. */
uint8_t
tcp_window_scale(uint32_t buffer_bytes)
{
	uint8_t scale = 0;

	while (scale < 14 && buffer_bytes >> scale > UINT16_MAX)
		scale++;
	return scale;
}

void
tcp_window_init(struct tcp *tcp, struct tcp_conn *c)
{
	c->rcv_scale = tcp_window_scale(conn_profile(tcp, c)->receive_buffer_bytes);
	c->rcv_limit = tcp_window_first(conn_profile(tcp, c)->receive_buffer_bytes);
}

uint32_t
tcp_window_first(uint32_t buffer_bytes)
{
	return min_u32(START_BYTES, buffer_bytes);
}

uint16_t
tcp_window_offer(const struct tcp *tcp, struct tcp_conn *c)
{
	uint32_t space = space_of(tcp, c), unit = 1u << c->rcv_scale;
	uint32_t offered = c->rcv_adv - c->rcv_nxt, field;

	if (space > offered && space - offered >= min_u32(c->rcv_limit / 2, c->rcv_mss))
		offered = space;
	/*
	 * Rounding down would take back a little of what was offered; round up where there is
	 * room for it.
	 */
	field = (offered + unit - 1) >> c->rcv_scale;
	if (field > UINT16_MAX || (field << c->rcv_scale) > space)
		field = min_u32(offered >> c->rcv_scale, UINT16_MAX);
	if (seq_gt(c->rcv_nxt + (field << c->rcv_scale), c->rcv_adv))
		c->rcv_adv = c->rcv_nxt + (field << c->rcv_scale);
	return (uint16_t)field;
}

/* What the buffer could take now. The profile may have got a smaller one since. */
static uint32_t
space_of(const struct tcp *tcp, const struct tcp_conn *c)
{
	uint32_t buffer = min_u32(c->rcv_limit, conn_profile(tcp, c)->receive_buffer_bytes);
	uint32_t limit = min_u32(buffer, (uint32_t)UINT16_MAX << c->rcv_scale);

	if (tcp->pressure_percent >= PRESSURE_MINIMUM)
		limit = min_u32(limit, 2 * SEGMENT_BYTES);
	return limit > c->received.bytes ? limit - c->received.bytes : 0;
}

/*
 * An ACK for the window alone only if it doubles what the peer may send, or opens it again (as
 * 3.8.6.2.2 wants).
 */
void
tcp_window_read(struct tcp *tcp, struct tcp_conn *c, uint32_t len, uint64_t now_us)
{
	uint32_t offered = c->rcv_adv - c->rcv_nxt, space;

	if (c->flags & CONN_CLOSE_UNTOLD)
		tcp_conn_finished(tcp, c);
	if (c->state == TCP_CLOSED || (c->flags & CONN_EOF))
		return;
	grow(tcp, c, len, now_us);
	space = space_of(tcp, c);
	if (space >= 2 * offered &&
	    space - offered >= min_u32(c->rcv_limit / 2, 2 * (uint32_t)c->rcv_mss))
		tcp_delack_now(tcp, c);
}

static void
grow(struct tcp *tcp, struct tcp_conn *c, uint32_t len, uint64_t now_us)
{
	uint64_t round_trip_us = c->srtt_us ? c->srtt_us : ROUND_TRIP_US,
		 elapsed_us = now_us - c->tune_us;

	if (elapsed_us > round_trip_us) { /* what is read now may have come at any time since */
		c->tune_us = now_us;
		c->tune_bytes = 0;
		return;
	}
	c->tune_bytes += len;
	if (c->tune_bytes < c->rcv_limit / 4 || tcp->pressure_percent >= PRESSURE_NO_GROWTH)
		return;
	c->rcv_limit = min_u32(2 * c->rcv_limit, conn_profile(tcp, c)->receive_buffer_bytes);
	c->tune_us = now_us;
	c->tune_bytes = 0;
}

uint32_t
tcp_window_send_limit(const struct tcp *tcp, const struct tcp_conn *c)
{
	uint32_t limit =
	    max_u32(2 * min_u32(c->cwnd, conn_profile(tcp, c)->send_buffer_bytes), SEND_MIN_BYTES);

	if (tcp->pressure_percent >= PRESSURE_MINIMUM)
		limit = SEND_PRESSED_BYTES;
	return min_u32(limit, conn_profile(tcp, c)->send_buffer_bytes);
}
