/*
 * When an acknowledgement is sent (RFC 9293 3.8.6.3, RFC 5681 4.2), and when one stands for more than two segments (a
 * "stretch ACK", RFC 2525 2.13). Any segment that goes out carries the ACK; a segment for the ACK alone is made
 *
 *   at the next tcp_output   when more than one full-sized segment is unacknowledged (so at least every second one), or
 *                            something came out of order or twice, or a FIN, or a hole was filled, or the window
 *                            opened much
 *   after delayed_ack_us     otherwise
 *
 * Stretched on purpose: tcp_output runs once after a burst of received segments (at most 32 of a port), so that a burst is
 * answered by one ACK, as a kernel behind a NIC with receive offload does. Senders count bytes, not ACKs (RFC 3465, 9438), so it costs
 * them nothing but a later clock tick of the same burst; segments that come one by one have the rule of two. Losses are
 * not hidden by it: what is out of order is acknowledged at once, with all its blocks.
 */
#include "dataplane/tcp/tcp_priv.h"

void
tcp_delack_data(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	if (c->rcv_nxt - c->rcv_acked > c->rcv_mss)
		tcp_delack_now(tcp, c);
	else if (!(c->flags & CONN_ACK_NOW) && c->due_us[TIMER_DELACK] == TCP_NEVER)
		tcp_timer_set(tcp, c, TIMER_DELACK, now_us + conn_profile(tcp, c)->delayed_ack_us);
}

void
tcp_delack_now(struct tcp *tcp, struct tcp_conn *c)
{
	c->flags |= CONN_ACK_NOW;
	tcp_output_want(tcp, c);
}

void
tcp_delack_sent(struct tcp *tcp, struct tcp_conn *c)
{
	c->rcv_acked = c->rcv_nxt;
	c->flags &= ~(uint32_t)CONN_ACK_NOW;
	tcp_timer_stop(c, TIMER_DELACK);
}
