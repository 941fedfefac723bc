/*
 * Round trips and the retransmission timeout: RFC 6298. Samples come from ack.c, which obeys Karn's
 * rule. The minimum (RTO 200 ms, not the 1 s that section 2.4 asks for, as all current stacks do)
 * is a setting.
 */
#include "dataplane/tcp/tcp_priv.h"

#define RTO_INITIAL_US    1000000u  /* 2.1 */
#define CLOCK_US          1000u     /* G: at least a millisecond is granted for variation */
#define MIN_RTT_PERIOD_US 10000000u /* the minimum is that of 10 to 20 s */

static void note_min(struct tcp_conn *c, uint32_t rtt_us, uint64_t now_us);

static uint32_t
clamp_rto(const struct tcp *tcp, uint64_t rto_us)
{
	if (rto_us < tcp->settings.rto_min_us)
		return tcp->settings.rto_min_us;
	return rto_us > tcp->settings.rto_max_us ? tcp->settings.rto_max_us : (uint32_t)rto_us;
}

void
tcp_rtt_init(const struct tcp *tcp, struct tcp_conn *c)
{
	c->rto_us = clamp_rto(tcp, RTO_INITIAL_US);
	c->min_rtt_us[0] = c->min_rtt_us[1] = UINT32_MAX;
}

/*
 * rtt_us counts for the timeout, with a delayed acknowledgement in it; shortest_us for the
 * path's own delay. One beyond the longest timeout was no round trip: a clock has jumped, or the peer was asleep.
 */
void
tcp_rtt_sample(const struct tcp *tcp, struct tcp_conn *c, uint32_t rtt_us, uint32_t shortest_us,
	       uint64_t now_us)
{
	rtt_us = min_u32(max_u32(rtt_us, 1), tcp->settings.rto_max_us);
	if (c->srtt_us == 0) {
		c->srtt_us = rtt_us; /* 2.2 */
		c->rttvar_us = rtt_us / 2;
	} else {
		uint32_t off =
		    rtt_us > c->srtt_us ? rtt_us - c->srtt_us : c->srtt_us - rtt_us; /* 2.3 */

		c->rttvar_us = (uint32_t)((3 * (uint64_t)c->rttvar_us + off) / 4);
		c->srtt_us = max_u32((uint32_t)((7 * (uint64_t)c->srtt_us + rtt_us) / 8), 1);
	}
	tcp_rtt_restore(tcp, c);
	note_min(c, shortest_us, now_us);
}

static void
note_min(struct tcp_conn *c, uint32_t rtt_us, uint64_t now_us)
{
	if (now_us - c->min_rtt_since_us > MIN_RTT_PERIOD_US) {
		c->min_rtt_us[1] = c->min_rtt_us[0];
		c->min_rtt_us[0] = UINT32_MAX;
		c->min_rtt_since_us = now_us;
	}
	c->min_rtt_us[0] = min_u32(c->min_rtt_us[0], max_u32(rtt_us, 1));
}

uint32_t
tcp_rtt_min_us(const struct tcp_conn *c)
{
	return min_u32(c->min_rtt_us[0], c->min_rtt_us[1]);
}

/* 5.5 */
void
tcp_rtt_backoff(const struct tcp *tcp, struct tcp_conn *c)
{
	c->rto_us = clamp_rto(tcp, 2 * (uint64_t)c->rto_us);
}

/* Undoes the backoff: the peer has answered, though not in a way that could be measured. */
void
tcp_rtt_restore(const struct tcp *tcp, struct tcp_conn *c)
{
	if (c->srtt_us == 0)
		c->rto_us = clamp_rto(tcp, RTO_INITIAL_US);
	else
		c->rto_us =
		    clamp_rto(tcp, c->srtt_us + 4 * (uint64_t)max_u32(CLOCK_US / 4, c->rttvar_us));
}
