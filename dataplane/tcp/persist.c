/*
 * The peer's window keeps us from sending (RFC 9293 3.8.6.1, RFC 1122 4.2.2.17): zero window
 * probes, at growing intervals, as long as the peer answers them. The first probe is the next byte;
 * it is a record like others, and CONN_PROBE_OUT says that its loss means nothing about the
 * network.
 */
#include "dataplane/tcp/tcp_priv.h"

static void take_back(struct tcp *tcp, struct tcp_conn *c);

uint32_t
tcp_persist_usable(const struct tcp_conn *c)
{
	uint32_t edge = c->snd_una + c->snd_wnd;

	return seq_gt(edge, c->snd_nxt) ? edge - c->snd_nxt : 0;
}

/*
 * Nothing is on its way that would bring an acknowledgment, and what may be sent is not worth a
 * segment.
 */
bool
tcp_persist_blocked(const struct tcp_conn *c)
{
	uint32_t want = min_u32(conn_unsent(c), c->mss), usable = tcp_persist_usable(c);

	if (c->state < TCP_ESTABLISHED || c->state == TCP_TIME_WAIT)
		return false;
	if (c->flags & CONN_PROBE_OUT)
		return true;
	if (want == 0 && (c->flags & (CONN_SHUTDOWN | CONN_FIN_SENT)) == CONN_SHUTDOWN)
		want = 1;
	return c->snd_una == c->snd_nxt && usable < want &&
	       (usable == 0 || usable < c->snd_wnd_max / 2);
}

void
tcp_persist_timeout(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	if (c->retries++ >= conn_profile(tcp, c)->data_retries) {
		tcp->stats->counter[COUNTER_tcp_timeouts]++;
		tcp_reset_conn(tcp, c);
		tcp_conn_close(tcp, c, TCP_CLOSE_TIMEOUT);
		return;
	}
	if (c->flags & CONN_PROBE_OUT)
		take_back(tcp, c);
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
	take_back(tcp, c);
	tcp_rtt_restore(tcp, c);
	c->rto_due_us = TCP_NEVER;
}

/*
 * Nobody has taken the probe: it is as if it had never been sent. Its byte goes out again in front
 * of a full segment, or as the next probe; it is no measure of the round trip then (Karn).
 */
static void
take_back(struct tcp *tcp, struct tcp_conn *c)
{
	c->flags &= ~(uint32_t)(CONN_PROBE_OUT | CONN_FIN_SENT);
	c->flags |= CONN_PROBE_BACK;
	tcp_sent_clear(tcp, c);
	c->snd_nxt = c->snd_una;
	c->flight->probe_due_us = c->flight->reorder_due_us = TCP_NEVER;
}
