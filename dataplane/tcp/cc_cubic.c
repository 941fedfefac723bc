/*
 * CUBIC, RFC 9438: after a loss the window returns fast to where the loss was, rests there, and
 * then probes beyond it, as a function of time and not of round trips. In integers: windows in
 * bytes, times in milliseconds.
 */
#include "dataplane/tcp/tcp_priv.h"

/* 4.6: beta 0.7; 5: C 0.4; 4.3: alpha 3 * (1 - beta) / (1 + beta) = 9/17 */
#define BETA_TENTHS 7u
#define C_TENTHS    4
#define ALPHA_NUM   9u
#define ALPHA_DEN   17u
#define TIME_MAX_MS 100000 /* keeps the cube in 64 bits; no epoch is of use that long */

static void start_epoch(struct tcp_conn *c, uint64_t now_us);
static void skip_idle(struct tcp_conn *c, uint64_t now_us);
static uint32_t window_at(const struct tcp_conn *c, int64_t t_ms);
static void grow_reno(struct tcp_conn *c, uint32_t acked_bytes);
static uint32_t cube_root(uint64_t x);

/* 4.2 to 4.5 */
static void
on_ack(struct tcp_conn *c, uint32_t acked_bytes, uint64_t now_us)
{
	struct tcp_cc_cubic *cubic = &c->flight->cubic;
	int64_t t_ms;
	uint32_t target;

	if (cubic->epoch_us == 0)
		start_epoch(c, now_us);
	skip_idle(c, now_us);
	cubic->counted_us = now_us;
	t_ms = (int64_t)(now_us - cubic->epoch_us) / 1000;
	grow_reno(c, acked_bytes);
	if (window_at(c, t_ms) < cubic->w_est) {
		c->cwnd = max_u32(c->cwnd, cubic->w_est);
		return;
	}
	target = window_at(c, t_ms + c->srtt_us / 1000);
	target = min_u32(max_u32(target, c->cwnd), c->cwnd + c->cwnd / 2);
	c->cwnd += (uint32_t)((uint64_t)(target - c->cwnd) * acked_bytes / c->cwnd);
}

/*
 * The first growth after a reduction, or after slow start. K = cubic_root((W_max - cwnd_epoch) / C), in segments and
 * seconds; 4.8, 4.10: without a W_max, or above it, we are on the curve's plateau now.
 */
static void
start_epoch(struct tcp_conn *c, uint64_t now_us)
{
	struct tcp_cc_cubic *cubic = &c->flight->cubic;

	cubic->epoch_us = cubic->counted_us = now_us;
	cubic->w_est = c->cwnd;
	c->flight->cwnd_acked = 0;
	if (cubic->w_max <= c->cwnd) {
		cubic->w_max = c->cwnd;
		cubic->k_ms = 0;
	} else {
		uint64_t gap_bytes = cubic->w_max - c->cwnd;

		cubic->k_ms =
		    cube_root(gap_bytes * 10 * 1000000000u / (C_TENTHS * (uint64_t)c->mss));
	}
}

/*
 * 4.2, 5.8: t must not include the times in which cwnd was not what held us back: those without an
 * acknowledgement for so long that nothing can have been out, and those up to an acknowledgement of a flight that
 * did not fill cwnd.
 */
static void
skip_idle(struct tcp_conn *c, uint64_t now_us)
{
	struct tcp_cc_cubic *cubic = &c->flight->cubic;
	uint64_t gap_us = now_us - cubic->counted_us;

	if (gap_us > c->rto_us)
		cubic->epoch_us += gap_us - c->srtt_us;
}

static void
on_unused(struct tcp_conn *c, uint64_t now_us)
{
	struct tcp_cc_cubic *cubic = &c->flight->cubic;

	if (cubic->epoch_us == 0)
		return;
	cubic->epoch_us += now_us - cubic->counted_us;
	cubic->counted_us = now_us;
}

/* W_cubic(t) = C * (t - K)^3 + W_max */
static uint32_t
window_at(const struct tcp_conn *c, int64_t t_ms)
{
	int64_t d = t_ms - c->flight->cubic.k_ms, segments_e9, w;

	if (d > TIME_MAX_MS)
		d = TIME_MAX_MS;
	if (d < -TIME_MAX_MS)
		d = -TIME_MAX_MS;
	segments_e9 = C_TENTHS * d * d * d / 10;
	w = (int64_t)c->flight->cubic.w_max + segments_e9 / 1000 * c->mss / 1000000;
	if (w < 0)
		return 0;
	return w > INT32_MAX ? INT32_MAX : (uint32_t)w;
}

/* 4.3: what Reno would have by now; alpha is 1 from where the last reduction was on. */
static void
grow_reno(struct tcp_conn *c, uint32_t acked_bytes)
{
	uint64_t more;

	c->flight->cwnd_acked += min_u32(acked_bytes, c->cwnd);
	more = (uint64_t)c->flight->cwnd_acked * c->mss / c->cwnd;
	if (c->flight->cubic.w_est < c->flight->cubic.cwnd_prior)
		more = more * ALPHA_NUM / ALPHA_DEN;
	if (more == 0)
		return;
	c->flight->cubic.w_est =
	    (uint32_t)min_u32((uint32_t)(c->flight->cubic.w_est + more), INT32_MAX);
	c->flight->cwnd_acked = 0;
}

/*
 * 4.6 to 4.8. Fast convergence: leave room for newcomers when the last maximum was not reached. After a timeout
 * what was before it counts no more.
 */
static uint32_t
on_loss(struct tcp_conn *c, uint32_t window_bytes, bool timeout)
{
	struct tcp_cc_cubic *cubic = &c->flight->cubic;

	cubic->epoch_us = 0;
	cubic->cwnd_prior = window_bytes;
	cubic->w_max = window_bytes < cubic->w_max
			   ? (uint32_t)((uint64_t)window_bytes * (10 + BETA_TENTHS) / 20)
			   : window_bytes;
	if (timeout)
		cubic->w_max = 0;
	return max_u32((uint32_t)((uint64_t)window_bytes * BETA_TENTHS / 10), 2 * c->mss);
}

/* The largest r with r^3 <= x, bit by bit. */
static uint32_t
cube_root(uint64_t x)
{
	uint64_t root = 0;

	for (int bit = 20; bit >= 0; bit--) {
		uint64_t trial = root | (uint64_t)1 << bit;

		if (trial * trial * trial <= x)
			root = trial;
	}
	return (uint32_t)root;
}

const struct tcp_cc_ops tcp_cc_cubic = {
	.name = "cubic",
	.on_ack = on_ack,
	.on_loss = on_loss,
	.on_unused = on_unused,
};
