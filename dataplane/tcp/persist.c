/*
 * The peer's window keeps us from sending (RFC 9293 3.8.6.1, RFC 1122 4.2.2.17): zero window probes, at growing intervals, as long
 * as the peer answers them. The first probe is the next byte; it is a record like others, and CONN_PROBE_OUT says that its
 * loss means nothing about the network.
 */
#include "dataplane/tcp/tcp_priv.h"

uint32_t
tcp_persist_usable(const struct tcp_conn *c)
{
	uint32_t edge = c->snd_una + c->snd_wnd;

	return seq_gt(edge, c->snd_nxt) ? edge - c->snd_nxt : 0;
}

/* Nothing is on its way that would bring an acknowledgment, and what may be sent is not worth a segment. */
bool
tcp_persist_blocked(const struct tcp_conn *c)
{
	uint32_t unsent = conn_unsent(c), usable = tcp_persist_usable(c);

	if (c->state < TCP_ESTABLISHED || c->state == TCP_TIME_WAIT)
		return false;
	if (c->flags & CONN_PROBE_OUT)
		return true;
	return unsent > 0 && c->snd_una == c->snd_nxt && usable < min_u32(unsent, c->mss) &&
	       (usable == 0 || usable < c->snd_wnd_max / 2);
}

void
tcp_persist_timeout(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	if (c->retries++ >= tcp->settings.data_retries) {
		tcp->stats->counter[COUNTER_tcp_timeouts]++;
		tcp_reset_conn(tcp, c);
		tcp_conn_close(tcp, c, TCP_CLOSE_TIMEOUT);
		return;
	}
	c->flags |= CONN_PERSIST_DUE;
	tcp_rtt_backoff(tcp, c);
	c->rto_due_us = now_us + c->rto_us;
	tcp_output_want(tcp, c);
}

void
tcp_persist_answered(struct tcp *tcp, struct tcp_conn *c)
{
	if (!(c->flags & CONN_PROBE_OUT))
		return;
	c->retries = 0; /* RFC 1122 4.2.2.17: it may stay closed as long as it says so */
	if (c->snd_wnd == 0)
		return;
	/* Open again, but the byte was not taken: it is sent once more as ordinary data. */
	c->flags &= ~(uint32_t)CONN_PROBE_OUT;
	if (sent_at(tcp, c->sent_first)->flags & SENT_IN_FLIGHT) {
		tcp_sent_lost(tcp, c, sent_at(tcp, c->sent_first));
		c->flags |= CONN_RESEND_DUE;
	}
	c->rto_due_us = TCP_NEVER; /* starts anew with that */
}
