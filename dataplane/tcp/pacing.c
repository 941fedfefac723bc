/*
 * Pacing, where the profile wants it: what cwnd allows is spread over the round trip instead of following each
 * acknowledgement at once, so that queues on the way see no bursts. The rate is a little above cwnd in a round
 * trip, that it may be found out whether more fits: 2 times in slow start, 1.2 times later.
 *
 * Each segment moves the moment before which nothing more goes out. There is no timer a segment: a connection that has
 * to wait asks for its next turn (TIMER_RETRY), and may make up for a late one. Called from out.c; probes,
 * and the first retransmission of a recovery, do not wait.
 */
#include "dataplane/tcp/tcp_priv.h"

#define SLOW_START_PERCENT 200u
#define AVOIDANCE_PERCENT  120u
#define CREDIT_US          1000u /* what a late turn may make up for: timers are not finer */
#define GAP_MAX_US         1000000u /* between two segments, whatever the round trip was measured to be */

bool
tcp_pacing_allows(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	if (!conn_profile(tcp, c)->pacing || c->flight->pace_us <= now_us)
		return true;
	tcp_timer_set(tcp, c, TIMER_RETRY, c->flight->pace_us);
	return false;
}

/* len bytes went out. As long as no round trip was measured there is nothing to spread them over. */
void
tcp_pacing_sent(const struct tcp *tcp, struct tcp_conn *c, uint32_t len, uint64_t now_us)
{
	uint32_t percent = c->cwnd < c->ssthresh / 2 ? SLOW_START_PERCENT : AVOIDANCE_PERCENT;
	uint64_t from_us = c->flight->pace_us;
	uint64_t gap_us;

	if (!conn_profile(tcp, c)->pacing)
		return;
	if (from_us + CREDIT_US < now_us)
		from_us = now_us - CREDIT_US;
	gap_us = (uint64_t)len * c->srtt_us * 100 / ((uint64_t)c->cwnd * percent);
	c->flight->pace_us = from_us + (gap_us < GAP_MAX_US ? gap_us : GAP_MAX_US);
}
