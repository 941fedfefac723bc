/*
 * Congestion avoidance of RFC 5681: one segment more each round trip, half after a loss.
 */
#include "dataplane/tcp/tcp_priv.h"

/* Appropriate byte counting: a segment for each window of bytes acknowledged (RFC 3465 2.1). */
static void
on_ack(struct tcp_conn *c, uint32_t acked_bytes, uint64_t now_us)
{
	c->flight->cwnd_acked += acked_bytes;
	if (c->flight->cwnd_acked >= c->cwnd) {
		c->flight->cwnd_acked -= c->cwnd;
		c->cwnd += c->mss;
	}
}

/* Equation 4: max(FlightSize / 2, 2 * SMSS) */
static uint32_t
on_loss(struct tcp_conn *c, uint32_t window_bytes, bool timeout)
{
	return max_u32(window_bytes / 2, 2 * c->mss);
}

static void
on_unused(struct tcp_conn *c, uint64_t now_us)
{
}

const struct tcp_cc_ops tcp_cc_newreno = {
	.name = "newreno",
	.on_ack = on_ack,
	.on_loss = on_loss,
	.on_unused = on_unused,
};
