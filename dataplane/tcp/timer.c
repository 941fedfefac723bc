/*
 * Timers: each connection has one place in the wheel, for the earliest of its deadlines. Stopping a
 * timer leaves the wheel alone: it fires too early once and finds nothing due. What is done when
 * the retransmission timer fires stands in loss.c, probe.c and persist.c. RFC 6298 5.
 */
#include "dataplane/tcp/tcp_priv.h"

#define FLOOD_SYN_RETRIES 2u /* 7 seconds instead of a minute */

static void expire(struct tcp *tcp, struct tcp_conn *c, enum tcp_timer timer, uint64_t now_us);
static void expire_retransmit(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
static void expire_handshake(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
static uint32_t handshake_retries(struct tcp *tcp, const struct tcp_conn *c);
static void expire_life(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
static void arm(struct tcp *tcp, struct tcp_conn *c);

void
tcp_timers(struct tcp *tcp, uint32_t max, uint64_t now_us)
{
	uint32_t id;

	for (uint32_t n = 0; n < max && wheel_expire(&tcp->wheel, now_us, &id); n++) {
		struct tcp_conn *c = conn_at(tcp, id);

		for (enum tcp_timer timer = 0; timer < TIMER_COUNT && pool_is_used(&tcp->conns, id);
		     timer++) {
			if (c->due_us[timer] > now_us)
				continue;
			c->due_us[timer] = TCP_NEVER;
			expire(tcp, c, timer, now_us);
		}
		if (pool_is_used(&tcp->conns, id))
			arm(tcp, c);
	}
}

uint64_t
tcp_next_us(const struct tcp *tcp)
{
	return wheel_next_us(&tcp->wheel);
}

static void
expire(struct tcp *tcp, struct tcp_conn *c, enum tcp_timer timer, uint64_t now_us)
{
	switch (timer) {
	case TIMER_RETRANSMIT:
		expire_retransmit(tcp, c, now_us);
		break;
	case TIMER_DELACK:
		tcp_delack_now(tcp, c);
		break;
	case TIMER_LIFE:
		expire_life(tcp, c, now_us);
		break;
	case TIMER_RETRY:
		tcp_output_want(tcp, c);
		break;
	case TIMER_COUNT:
		break;
	}
}

static void
expire_retransmit(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	if (c->state == TCP_SYN_SENT || c->state == TCP_SYN_RECEIVED) {
		expire_handshake(tcp, c, now_us);
		return;
	}
	switch ((enum tcp_retransmit_kind)c->retransmit_kind) {
	case RETRANSMIT_RTO:
		if (c->retries >= conn_profile(tcp, c)->data_retries) {
			tcp->stats->counter[COUNTER_tcp_timeouts]++;
			tcp_reset_conn(tcp, c);
			tcp_conn_close(tcp, c, TCP_CLOSE_TIMEOUT);
			return;
		}
		tcp_loss_rto(tcp, c, now_us);
		break;
	case RETRANSMIT_PROBE:
		tcp_probe_timeout(tcp, c, now_us);
		break;
	case RETRANSMIT_REORDER:
		c->flight->reorder_due_us = TCP_NEVER;
		tcp_loss_reorder_timeout(tcp, c, now_us);
		break;
	case RETRANSMIT_PERSIST:
		tcp_persist_timeout(tcp, c, now_us);
		break;
	}
	if (c->state != TCP_CLOSED)
		tcp_timer_retransmit(tcp, c, now_us);
}

static void
expire_handshake(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	tcp->stats->counter[COUNTER_tcp_retransmit_timeouts]++;
	if (c->retries++ >= handshake_retries(tcp, c)) {
		tcp->stats->counter[COUNTER_tcp_timeouts]++;
		tcp_conn_close(
		    tcp, c, c->flags & CONN_SOFT_ERROR ? TCP_CLOSE_UNREACHABLE : TCP_CLOSE_TIMEOUT);
		return;
	}
	tcp->stats->counter[COUNTER_tcp_retransmits]++;
	c->retransmits++;
	c->flags |= CONN_SYN_DUE | CONN_SYN_RETRANSMITTED;
	tcp_rtt_backoff(tcp, c);
	tcp_timer_restart_rto(tcp, c, now_us);
	tcp_output_want(tcp, c);
}

/*
 * A SYN,ACK is not repeated as long as a SYN: the place of a half-open connection is dearer. In a SYN flood most of those that
 * do not answer never will: their places are wanted.
 */
static uint32_t
handshake_retries(struct tcp *tcp, const struct tcp_conn *c)
{
	uint32_t retries = conn_profile(tcp, c)->syn_retries;

	if (!(c->flags & CONN_ACCEPTED))
		return retries;
	return min_u32(retries, tcp_cookie_flood(tcp) ? FLOOD_SYN_RETRIES : TCP_SYN_ACK_RETRIES);
}

/*
 * The end of TIME-WAIT; or the application let go long ago and the peer still has not finished; or nothing was heard for
 * a while.
 */
static void
expire_life(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	if (c->state == TCP_TIME_WAIT) {
		tcp_conn_close(tcp, c, TCP_CLOSE_FINISHED);
		return;
	}
	if (!(c->flags & CONN_RELEASED)) {
		tcp_keepalive_timeout(tcp, c, now_us);
		return;
	}
	tcp_reset_conn(tcp, c);
	tcp_conn_close(tcp, c, TCP_CLOSE_TIMEOUT);
}

void
tcp_timer_set(struct tcp *tcp, struct tcp_conn *c, enum tcp_timer timer, uint64_t due_us)
{
	c->due_us[timer] = due_us;
	if (!wheel_node_is_started(&c->timer) || due_us < c->timer.due_us)
		wheel_start(&tcp->wheel, c->id, due_us);
}

void
tcp_timer_stop(struct tcp_conn *c, enum tcp_timer timer)
{
	c->due_us[timer] = TCP_NEVER;
}

void
tcp_timer_stop_all(struct tcp *tcp, struct tcp_conn *c)
{
	for (enum tcp_timer timer = 0; timer < TIMER_COUNT; timer++)
		c->due_us[timer] = TCP_NEVER;
	c->rto_due_us = c->flight->probe_due_us = c->flight->reorder_due_us = TCP_NEVER;
	wheel_stop(&tcp->wheel, c->id);
}

/* After it has fired: for the next deadline, if there is one. */
static void
arm(struct tcp *tcp, struct tcp_conn *c)
{
	uint64_t due_us = TCP_NEVER;

	for (enum tcp_timer timer = 0; timer < TIMER_COUNT; timer++)
		due_us = c->due_us[timer] < due_us ? c->due_us[timer] : due_us;
	if (due_us != TCP_NEVER && (!wheel_node_is_started(&c->timer) || due_us < c->timer.due_us))
		wheel_start(&tcp->wheel, c->id, due_us);
}

void
tcp_timer_restart_rto(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	c->rto_due_us = c->snd_una == c->snd_nxt ? TCP_NEVER : now_us + c->rto_us;
	if (c->state == TCP_SYN_SENT || c->state == TCP_SYN_RECEIVED)
		tcp_timer_retransmit(tcp, c, now_us);
}

void
tcp_timer_retransmit(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	bool blocked = tcp_persist_blocked(c);
	uint64_t due_us;

	if (blocked && c->rto_due_us == TCP_NEVER)
		c->rto_due_us = now_us + c->rto_us;
	else if (!blocked && c->snd_una == c->snd_nxt)
		c->rto_due_us = TCP_NEVER;
	due_us = c->rto_due_us;
	c->retransmit_kind = blocked ? RETRANSMIT_PERSIST : RETRANSMIT_RTO;
	if (!blocked && c->flight->probe_due_us !=
			    TCP_NEVER) { /* the timeout waits for the probe (RFC 8985 7.2) */
		due_us = c->flight->probe_due_us < due_us ? c->flight->probe_due_us : due_us;
		c->retransmit_kind = RETRANSMIT_PROBE;
	}
	if (!blocked && c->flight->reorder_due_us < due_us) {
		due_us = c->flight->reorder_due_us;
		c->retransmit_kind = RETRANSMIT_REORDER;
	}
	if (due_us == TCP_NEVER)
		tcp_timer_stop(c, TIMER_RETRANSMIT);
	else
		tcp_timer_set(tcp, c, TIMER_RETRANSMIT, due_us);
}
