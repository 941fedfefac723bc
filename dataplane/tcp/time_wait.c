/*
 * TIME-WAIT (RFC 9293 3.6, 3.10.7.4): the connection is over for the application, its endpoints
 * stay taken for a while so that old segments find it and not a successor. The state is given up
 * early for a new connection that can't be mistaken (RFC 6191), and, oldest first, when the pool is
 * empty.
 */
#include "dataplane/tcp/tcp_priv.h"

void
tcp_time_wait_enter(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	c->state = TCP_TIME_WAIT;
	tcp_timer_stop_all(tcp, c);
	tcp_time_wait_restart(tcp, c, now_us);
	if (c->flags & CONN_RELEASED)
		tcp_list_add(tcp, LIST_TIME_WAIT, c);
	else
		tcp_conn_finished(tcp, c);
}

void
tcp_time_wait_restart(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	tcp_timer_set(tcp, c, TIMER_LIFE, now_us + tcp->settings.time_wait_us);
}

/*
 * RFC 6191 2: by the timestamp, if both incarnations have them, or if only the new one does; otherwise, and
 * between equal timestamps, by the sequence number (RFC 1122 4.2.2.13). What is not honored goes on as a
 * segment for the old connection: where the RFC is silent, the answer lets a peer that has restarted reset
 * the old one (RFC 9293 3.10.7.4).
 */
bool
tcp_time_wait_reusable(const struct tcp *tcp, const struct tcp_conn *c,
		       const struct tcp_segment *seg)
{
	if ((seg->flags & (SEG_SYN | SEG_ACK | SEG_RST)) != SEG_SYN ||
	    tcp->half_open >= tcp->settings.half_open_max)
		return false;
	if ((seg->opt.has & OPT_TIMESTAMPS) && !(c->flags & CONN_TIMESTAMPS))
		return true;
	if ((seg->opt.has & OPT_TIMESTAMPS) && seg->opt.ts_value != c->ts_recent)
		return seq_gt(seg->opt.ts_value, c->ts_recent);
	return seq_gt(seg->seq, c->rcv_nxt);
}

bool
tcp_time_wait_recycle(struct tcp *tcp)
{
	uint32_t id = tcp->lists[LIST_TIME_WAIT].head;

	if (id == TCP_NONE)
		return false;
	tcp_conn_close(tcp, conn_at(tcp, id), TCP_CLOSE_FINISHED);
	return true;
}
