/*
 * The congestion window, as far as it is common to all algorithms: slow start (RFC 5681 3.1,
 * counting bytes, RFC 3465), the initial window (RFC 6928), restart after idle time (RFC 5681 4.1),
 * the window during recovery (PRR, RFC 6937). What an algorithm decides itself stands behind struct
 * tcp_cc_ops: growth in congestion avoidance, and how far to fall.
 *
 * cwnd grows only where it was what kept us from sending; that is noted by out.c in
 * cwnd_limited_seq.
 */
#include "dataplane/tcp/tcp_priv.h"

#define INITIAL_SEGMENTS 10u /* RFC 6928 2 */
#define INITIAL_BYTES    14600u
/* segments a single ACK may add: L of RFC 9406 4.2; 1 after a timeout (RFC 3465 2.3) */
#define SLOW_START_LIMIT 8u
#define CWND_MAX         (1u << 30)

static const struct tcp_cc_ops *const algorithms[TCP_CC_COUNT] = {
	[TCP_CC_NEWRENO] = &tcp_cc_newreno,
	[TCP_CC_CUBIC] = &tcp_cc_cubic,
};

static const struct tcp_cc_ops *
ops_of(const struct tcp_conn *c)
{
	return algorithms[c->cc];
}

void
tcp_cc_init(const struct tcp *tcp, struct tcp_conn *c)
{
	c->cc = conn_profile(tcp, c)->cc;
	c->cwnd = tcp_cc_initial_window(c);
	c->ssthresh = CWND_MAX;
}

/*
 * RFC 6928 2; a single segment when the SYN was lost more than once (RFC 5681 3.1, softened by
 * 6928).
 */
uint32_t
tcp_cc_initial_window(const struct tcp_conn *c)
{
	if (c->retransmits > 1 && c->bytes_out == 0)
		return c->mss;
	return min_u32(INITIAL_SEGMENTS * c->mss, max_u32(2 * c->mss, INITIAL_BYTES));
}

void
tcp_cc_ack(struct tcp_conn *c, const struct tcp_delivery *d)
{
	uint32_t acked = d->acked, limit = SLOW_START_LIMIT * c->mss;

	if (!(c->flags & CONN_CWND_LIMITED) || seq_gt(d->una_before, c->flight->cwnd_limited_seq)) {
		c->flags &= ~(uint32_t)CONN_CWND_LIMITED;
		ops_of(c)->on_unused(c, d->now_us);
		return;
	}
	if (c->recovery == RECOVERY_RTO)
		limit = c->mss;
	if (c->cwnd < c->ssthresh)
		c->cwnd += min_u32(min_u32(acked, limit), c->ssthresh - c->cwnd);
	else
		ops_of(c)->on_ack(c, acked, d->now_us);
	c->cwnd = min_u32(c->cwnd, CWND_MAX);
}

/*
 * How much of cwnd was in use. If it was what held us back, all of it, though no segment found room in its
 * rest; or the application has not used it lately (RFC 9438 5.8, 7661 4.4.1), or a former recovery has left more out.
 * During recovery cwnd is momentary, and what counts is where it was going to.
 */
static uint32_t
used_window(const struct tcp_conn *c, uint32_t flight_bytes)
{
	if (c->recovery == RECOVERY_FAST)
		return c->ssthresh;
	return c->flags & CONN_CWND_LIMITED ? c->cwnd : min_u32(flight_bytes, c->cwnd);
}

/* RFC 9937 6.1: before the first retransmission. */
void
tcp_cc_enter(struct tcp_conn *c, uint32_t flight_bytes)
{
	/* the same window: its marks have reduced cwnd before its losses were found */
	bool already = c->recovery == RECOVERY_NONE && seq_lt(c->snd_una, c->flight->reduced_end) &&
		       seq_leq(c->flight->lost_end, c->flight->reduced_end);

	c->flight->prr_flight = max_u32(flight_bytes, 1);
	c->flight->prr_delivered = c->flight->prr_out = 0;
	tcp_ecn_reduced(c);
	c->flight->cwnd_acked = 0;
	if (!already)
		c->ssthresh = ops_of(c)->on_loss(
		    c, used_window(c, max_u32(flight_bytes, c->snd_nxt - c->snd_una)), false);
}

/*
 * Proportional rate reduction, RFC 9937 6.2: as many bytes leave as the ratio
 * of ssthresh to the flight allows for those that arrive; below ssthresh it fills up again, by as many
 * as arrived (conservative reduction bound), and by a segment more as long as recovery makes good progress (slow start
 * reduction bound). Each ACK sets cwnd anew. The first retransmission is not bound: CONN_RESEND_DUE.
 */
void
tcp_cc_recovering(struct tcp_conn *c, uint32_t delivered_bytes, bool safe)
{
	uint32_t pipe = tcp_loss_pipe(c), send = 0;

	c->flight->prr_delivered += delivered_bytes;
	if (pipe > c->ssthresh) {
		uint64_t target =
		    ((uint64_t)c->flight->prr_delivered * c->ssthresh + c->flight->prr_flight - 1) /
		    c->flight->prr_flight;

		send = target > c->flight->prr_out ? (uint32_t)target - c->flight->prr_out : 0;
	} else {
		uint32_t ahead = c->flight->prr_delivered > c->flight->prr_out
				     ? c->flight->prr_delivered - c->flight->prr_out
				     : 0;

		send = min_u32(c->ssthresh - pipe,
			       max_u32(ahead, delivered_bytes) + (safe ? c->mss : 0));
	}
	c->cwnd = max_u32(pipe + send, c->mss);
}

void
tcp_cc_exit(struct tcp_conn *c)
{
	c->cwnd = max_u32(c->ssthresh, c->mss);
}

/*
 * RFC 5681 3.1: ssthresh only for the first timeout of a segment; the loss window is one
 * segment.
 */
void
tcp_cc_rto(struct tcp_conn *c, bool first)
{
	if (first)
		c->ssthresh = ops_of(c)->on_loss(c, used_window(c, c->snd_nxt - c->snd_una), true);
	c->cwnd = c->mss;
	c->flight->cwnd_acked = 0;
	tcp_ecn_reduced(c);
}

/*
 * RFC 5681 4.1: a window that was not used for longer than the timeout says nothing about the
 * path any more.
 */
void
tcp_cc_before_send(struct tcp_conn *c, uint64_t now_us)
{
	if (c->snd_una != c->snd_nxt || now_us - c->sent_us <= c->rto_us)
		return;
	c->cwnd = min_u32(c->cwnd, tcp_cc_initial_window(c));
}
