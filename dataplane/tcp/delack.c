/*
 * When an acknowledgement is sent: RFC 9293 3.8.6.3, RFC 5681 4.2.
 *
 * Any segment that goes out carries the ACK. A segment for the ACK alone is made
 *   at the next tcp_output  when more than one full-sized segment is unacknowledged (so at least
 * every second one), out of order or twice, at a FIN, when a hole was filled, when the window
 * opened much; after delayed_ack_us    otherwise. As tcp_output runs once for a burst of received
 * segments, a burst is acknowledged by one ACK; bursts of a port are at most 32 segments, and
 * outside of bursts the rule of two holds.
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
