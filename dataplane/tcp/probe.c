/*
 * Tail loss probes, RFC 8985 7: when the last segments of a flight are lost, no later one tells of
 * it. So after two round trips of silence one segment is sent, new or the last one again, and its
 * acknowledgement lets loss.c see.
 */
#include "dataplane/tcp/tcp_priv.h"

/* TLP.max_ack_delay: how long a peer may hold back the ACK of a single segment */
#define ACK_DELAY_US 200000u
#define PROBE_US     1000000u /* when no round trip was measured yet */

/*
 * 7.2, TLP_calc_PTO. When the timeout would come first, the probe is sent in its place: timer.c
 * sees to it.
 */
void
tcp_probe_schedule(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	uint64_t pto_us = c->srtt_us ? 2 * (uint64_t)c->srtt_us : PROBE_US;

	c->flight->probe_due_us = TCP_NEVER;
	if (!(c->flags & CONN_SACK) || (c->flags & (CONN_TLP | CONN_PROBE_OUT)) ||
	    c->recovery != RECOVERY_NONE || c->flight->sacked ||
	    c->flight->sent_oldest == POOL_NONE)
		return;
	if (c->flight->sent_oldest == c->flight->sent_newest)
		pto_us += ACK_DELAY_US;
	c->flight->probe_due_us = now_us + pto_us;
}

void
tcp_probe_timeout(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	c->flight->probe_due_us = TCP_NEVER;
	tcp_timer_restart_rto(tcp, c, now_us);
	c->flags |= CONN_PROBE_DUE;
	tcp_output_want(tcp, c);
}

void
tcp_probe_sent(struct tcp_conn *c, bool retransmission)
{
	c->flags &= ~(uint32_t)(CONN_PROBE_DUE | CONN_TLP_RETRANSMIT);
	c->flags |= CONN_TLP | (retransmission ? CONN_TLP_RETRANSMIT : 0);
	c->flight->tlp_end = c->snd_nxt;
	c->flight->probe_due_us = TCP_NEVER;
}

/* The last segment came twice; a FIN is no text that could be reported. */
static bool
reports_probe(const struct tcp_conn *c, const struct tcp_delivery *d)
{
	return d->dsack &&
	       (d->duplicate.end == c->flight->tlp_end ||
		((c->flags & CONN_FIN_SENT) && d->duplicate.end + 1 == c->flight->tlp_end));
}

/* 7.4.2, TLP_process_ack. */
bool
tcp_probe_ack(struct tcp_conn *c, const struct tcp_delivery *d, bool duplicate)
{
	if (!(c->flags & CONN_TLP) || seq_lt(c->snd_una, c->flight->tlp_end))
		return false;
	/*
	 * New data needs no more; a report of the duplicate says that both arrived; a bare duplicate
	 * ACK without SACK says so too.
	 */
	if (!(c->flags & CONN_TLP_RETRANSMIT) || reports_probe(c, d)) {
		c->flags &= ~(uint32_t)CONN_TLP;
		return false;
	}
	if (seq_gt(c->snd_una, c->flight->tlp_end)) {
		c->flags &= ~(uint32_t)CONN_TLP;
		return true;
	}
	if (duplicate && !d->has_sack)
		c->flags &= ~(uint32_t)CONN_TLP;
	return false;
}
