/*
 * Nagle's algorithm, RFC 9293 3.7.4, where the profile wants it, in Minshall's variant: what does not fill a
 * segment waits while another small segment is unacknowledged. So a full segment in front of the tail of a message
 * does not make it wait for a delayed acknowledgement; many small writes still gather.
 *
 * What was pushed does not wait. The application pushes what is complete (tcp_push), and tcp_relay where the
 * sender's PSH stood. Nor does what a FIN follows.
 */
#include "dataplane/tcp/tcp_priv.h"

bool
tcp_nagle_holds(const struct tcp *tcp, const struct tcp_conn *c, uint32_t len)
{
	return conn_profile(tcp, c)->nagle && len < c->mss && len == conn_unsent(c) &&
	       c->snd_una != c->snd_nxt && seq_gt(c->flight->small_end, c->snd_una) &&
	       seq_leq(c->push_end, c->snd_nxt) && !(c->flags & CONN_SHUTDOWN);
}

/* len bytes of new text up to end go out. */
void
tcp_nagle_sent(struct tcp_conn *c, uint32_t len, uint32_t end)
{
	if (len < c->mss || !seq_gt(c->flight->small_end, c->snd_una))
		c->flight->small_end = len < c->mss ? end : c->snd_una;
}

void
tcp_push(struct tcp *tcp, uint32_t id)
{
	struct tcp_conn *c = conn_at(tcp, id);
	bool opening = c->state == TCP_SYN_SENT || c->state == TCP_SYN_RECEIVED;

	if (!c->queue.bytes || c->state == TCP_CLOSED)
		return;
	c->push_end = c->snd_una + opening + c->queue.bytes;
	tcp_output_want(tcp, c);
}

/* len bytes that were received have just been moved to connection to_id. */
void
tcp_nagle_relayed(struct tcp *tcp, const struct tcp_conn *from, uint32_t len, uint32_t to_id)
{
	uint32_t end = from->rcv_nxt - ((from->flags & CONN_EOF) != 0) - from->received.bytes;

	if (seq_gt(from->rcv_push, end - len) && seq_leq(from->rcv_push, end))
		tcp_push(tcp, to_id);
}
