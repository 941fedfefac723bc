/*
 * Birth and death of a connection, and the agreement between the two SYNs. All ends of a connection
 * meet in tcp_conn_close, so that what a connection holds is given back in one place.
 */
#include "dataplane/tcp/tcp_priv.h"

#define MSS_DEFAULT_V4 536u /* RFC 9293 3.7.1: when the peer sent no MSS option */
#define MSS_DEFAULT_V6 1220u
#define MSS_MIN        64u /* a smaller offer would only serve to make us send headers */

static void drop_queues(struct tcp *tcp, struct tcp_conn *c);

struct tcp_conn *
tcp_conn_new(struct tcp *tcp, const struct endpoint *local, const struct endpoint *remote,
	     uint32_t profile, uint64_t now_us)
{
	uint32_t id = pool_get(&tcp->conns);
	struct tcp_conn *c;

	if (id == POOL_NONE)
		return NULL;
	c = conn_at(tcp, id);
	c->id = id;
	c->local = *local;
	c->remote = *remote;
	c->user = TCP_USER_NONE;
	c->profile = (uint8_t)profile;
	tcp->profile_users[profile]++;
	c->flight = &tcp->idle;
	c->opened_us = c->received_us = now_us;
	for (unsigned i = 0; i < LIST_COUNT; i++)
		c->link[i].prev = id;
	for (unsigned i = 0; i < TIMER_COUNT; i++)
		c->due_us[i] = TCP_NEVER;
	c->rto_due_us = TCP_NEVER;
	wheel_node_init(&c->timer);
	c->iss = tcp_isn(tcp, local, remote, now_us);
	c->snd_una = c->snd_nxt = c->push_end = c->iss;
	c->ts_offset = tcp_ts_offset(tcp, local, remote);
	tcp_rtt_init(tcp, c);
	tcp_window_init(tcp, c);
	tcp_table_add(tcp, c);
	tcp->stats->counter[COUNTER_tcp_conns_open]++;
	return c;
}

struct tcp_conn *
tcp_conn_make(struct tcp *tcp, const struct endpoint *local, const struct endpoint *remote,
	      uint32_t profile, uint64_t now_us)
{
	struct tcp_conn *c = tcp_conn_new(tcp, local, remote, profile, now_us);

	if (!c && (tcp_time_wait_recycle(tcp) ||
		   (tcp->host->spare && tcp->host->spare(tcp->host->context))))
		c = tcp_conn_new(tcp, local, remote, profile, now_us);
	return c;
}

uint16_t
tcp_mss_default(const struct addr *remote)
{
	return addr_is_v4(remote) ? MSS_DEFAULT_V4 : MSS_DEFAULT_V6;
}

/* The peer's SYN at c->irs has come with opt (RFC 9293 3.7.1, 7323 2.2 and 3.2, 2018 2). */
void
tcp_conn_negotiated(struct tcp *tcp, struct tcp_conn *c, const struct tcp_options *opt)
{
	c->mss_option = tcp_mss_default(&c->remote.addr);
	if (opt->has & OPT_MSS)
		c->mss_option = opt->mss;
	if (opt->has & OPT_TIMESTAMPS) {
		c->flags |= CONN_TIMESTAMPS;
		c->ts_recent = opt->ts_value;
		c->ts_recent_us = c->received_us;
	}
	if (opt->has & OPT_SACK_PERMITTED)
		c->flags |= CONN_SACK;
	if (opt->has & OPT_SCALE) {
		c->flags |= CONN_SCALE;
		c->snd_scale = opt->scale;
	} else {
		c->rcv_scale = 0;
	}
	c->mss = tcp_conn_mss_max(tcp, c);
	tcp_path_start(tcp, c, c->received_us);
	c->rcv_mss = (uint16_t)min_u32(c->mss, MSS_DEFAULT_V4);
	c->rcv_nxt = c->rcv_acked = c->rcv_push = c->irs + 1;
	c->rcv_adv = c->rcv_nxt + min_u32(c->rcv_limit, UINT16_MAX);
}

uint16_t
tcp_mss_own(const struct tcp *tcp, uint32_t profile, const struct addr *remote)
{
	uint16_t mss = tcp->host->mss(tcp->host->context, remote);
	uint32_t most = tcp->profiles[profile].max_segment_bytes;

	return most && most < mss ? (uint16_t)most : mss;
}

/* RFC 6691: options come off the MSS. Our segments must also fit into one mbuf. */
uint16_t
tcp_conn_mss_max(const struct tcp *tcp, const struct tcp_conn *c)
{
	uint32_t room =
	    rte_pktmbuf_data_room_size(tcp->mbufs) - RTE_PKTMBUF_HEADROOM - TCP_HEADER_BYTES;
	uint32_t mss = min_u32(c->mss_option, tcp_mss_own(tcp, c->profile, &c->remote.addr));

	mss = max_u32(min_u32(mss, room), MSS_MIN);
	return (uint16_t)(mss - (c->flags & CONN_TIMESTAMPS ? TCP_TS_BYTES : 0));
}

void
tcp_conn_established(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	bool told = (c->flags & CONN_ACCEPTED) && (c->flags & CONN_OPENED); /* by Fast Open */

	if (c->state == TCP_SYN_RECEIVED && (c->flags & CONN_ACCEPTED))
		tcp->half_open--;
	tcp_fast_open_end(tcp, c, false);
	tcp->stats->counter[c->flags & CONN_ACCEPTED ? COUNTER_tcp_conns_accepted
						     : COUNTER_tcp_conns_opened]++;
	c->state = c->flags & CONN_SHUTDOWN ? TCP_FIN_WAIT_1 : TCP_ESTABLISHED;
	c->snd_una = c->snd_nxt = c->iss + 1;
	if (conn_has_flight(tcp, c))
		c->flight->rack_fack = c->flight->recover = c->flight->rack_round = c->snd_una;
	c->retries = 0;
	if ((c->flags & CONN_SYN_RETRANSMITTED) && c->srtt_us == 0)
		c->rto_us = min_u32(RTO_AFTER_SYN_LOSS_US, tcp->settings.rto_max_us);
	c->flags &= ~(uint32_t)CONN_SYN_DUE;
	c->flags |= CONN_OPENED;
	c->tune_us = now_us;
	tcp_cc_init(tcp, c);
	tcp_timer_retransmit(tcp, c, now_us);
	tcp_keepalive_watch(tcp, c, now_us);
	if (!told)
		tcp_conn_event(tcp, c, TCP_EVENT_OPEN);
	tcp_output_want(tcp, c);
}

void
tcp_conn_event(struct tcp *tcp, struct tcp_conn *c, unsigned event)
{
	if ((c->flags & (CONN_OPENED | CONN_RELEASED)) != CONN_OPENED)
		return;
	c->events |= (uint8_t)event;
	tcp_list_add(tcp, LIST_READY, c);
}

void
tcp_conn_close(struct tcp *tcp, struct tcp_conn *c, enum tcp_close_reason reason)
{
	bool opening = c->state == TCP_SYN_SENT || c->state == TCP_SYN_RECEIVED;

	if (c->state == TCP_SYN_RECEIVED && (c->flags & CONN_ACCEPTED))
		tcp->half_open--;
	tcp_fast_open_end(tcp, c, reason == TCP_CLOSE_REFUSED);
	if (opening && !(c->flags & CONN_ACCEPTED))
		tcp->stats->counter[COUNTER_tcp_conns_failed]++;
	c->state = TCP_CLOSED;
	if (reason == TCP_CLOSE_FINISHED) {
		tcp_conn_finished(tcp, c);
	} else if (c->close_reason == TCP_CLOSE_NONE) {
		c->close_reason = (uint8_t)reason;
		tcp_conn_event(tcp, c, TCP_EVENT_CLOSED);
	}
	drop_queues(tcp, c);
	if (reason != TCP_CLOSE_RESET)
		bufq_clear(&c->queue);
	tcp_timer_stop_all(tcp, c);
	tcp_list_remove(tcp, LIST_OUTPUT, c);
	tcp_list_remove(tcp, LIST_TIME_WAIT, c);
	tcp_table_remove(tcp, c);
	if ((c->flags & (CONN_OPENED | CONN_RELEASED)) != CONN_OPENED)
		tcp_conn_free(tcp, c);
}

void
tcp_conn_finished(struct tcp *tcp, struct tcp_conn *c)
{
	if (c->close_reason != TCP_CLOSE_NONE && !(c->flags & CONN_CLOSE_UNTOLD))
		return;
	c->close_reason = TCP_CLOSE_FINISHED;
	if (c->received.bytes > 0) {
		c->flags |= CONN_CLOSE_UNTOLD;
		return;
	}
	c->flags &= ~(uint32_t)CONN_CLOSE_UNTOLD;
	tcp_conn_event(tcp, c, TCP_EVENT_CLOSED);
}

/* What only a living connection needs; received data stays readable, the queue can be taken back. */
static void
drop_queues(struct tcp *tcp, struct tcp_conn *c)
{
	tcp_sent_clear(tcp, c);
	tcp_reassembly_clear(c);
	c->flight->send_at = c->flight->resend_at = (struct bufq_cursor){ 0 };
}

/* Only of a connection in state CLOSED. */
void
tcp_conn_free(struct tcp *tcp, struct tcp_conn *c)
{
	ASSERT(c->state == TCP_CLOSED);
	bufq_clear(&c->received);
	bufq_clear(&c->queue);
	tcp_list_remove(tcp, LIST_READY, c);
	tcp->stats->counter[COUNTER_tcp_conns_open]--;
	tcp->profile_users[c->profile]--;
	tcp_flight_release(tcp, c);
	pool_put(&tcp->conns, c->id);
}
