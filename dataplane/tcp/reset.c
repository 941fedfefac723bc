/*
 * Resets and challenges (RFC 9293 3.5.2 and 3.10.7.1, RFC 5961). A RST belongs to no connection any
 * more when it is sent, so it waits in a ring of its own; those that answer strangers are limited,
 * or we would be an amplifier's tool.
 */
#include "dataplane/tcp/tcp_priv.h"

#define SECOND_US           1000000u
#define RESETS_A_SECOND     1000u /* answers to segments without a connection */
#define CHALLENGES_A_SECOND 10u   /* a connection; RFC 5961 7 asks for a limit */

static void queue(struct tcp *tcp, const struct tcp_reset *r);

/* "If the ACK bit is off, sequence number zero is used ... if the ACK bit is on" */
void
tcp_reset_answer(struct tcp *tcp, const struct tcp_segment *seg, const struct endpoint *local,
		 const struct endpoint *remote, uint64_t now_us)
{
	struct tcp_reset r = { .local = *local, .remote = *remote, .flags = SEG_RST };

	if (seg->flags & SEG_RST)
		return;
	if (now_us - tcp->reset_us >= SECOND_US) {
		tcp->reset_us = now_us;
		tcp->resets_in_second = 0;
	}
	if (tcp->resets_in_second++ >= RESETS_A_SECOND)
		return;
	if (seg->flags & SEG_ACK) {
		r.seq = seg->ack;
	} else {
		r.ack = seg->seq + seg->len + !!(seg->flags & SEG_SYN) + !!(seg->flags & SEG_FIN);
		r.flags |= SEG_ACK;
	}
	queue(tcp, &r);
}

/* Of a connection whose peer knows it; a SYN that nobody answered needs no reset. */
void
tcp_reset_conn(struct tcp *tcp, const struct tcp_conn *c)
{
	if (c->state == TCP_CLOSED || c->state == TCP_SYN_SENT || c->state == TCP_TIME_WAIT)
		return;
	queue(tcp, &(struct tcp_reset){
		       .local = c->local,
		       .remote = c->remote,
		       .seq = conn_bare_seq(c),
		       .ack = c->rcv_nxt,
		       .flags = SEG_RST | SEG_ACK,
		   });
}

/* With a full ring the peer learns of it by the answer to its next segment. */
static void
queue(struct tcp *tcp, const struct tcp_reset *r)
{
	if (tcp->reset_count == TCP_RESETS_QUEUED)
		return;
	tcp->resets[(tcp->reset_head + tcp->reset_count++) % TCP_RESETS_QUEUED] = *r;
}

uint16_t
tcp_reset_output(struct tcp *tcp, struct rte_mbuf **burst, uint16_t n)
{
	uint16_t got = 0;

	while (got < n && tcp->reset_count > 0) {
		struct rte_mbuf *m = tcp_build_reset(tcp, &tcp->resets[tcp->reset_head]);

		if (!m)
			break;
		burst[got++] = m;
		tcp->reset_head = (tcp->reset_head + 1) % TCP_RESETS_QUEUED;
		tcp->reset_count--;
	}
	return got;
}

void
tcp_reset_challenge(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	if (now_us - c->challenge_us >= SECOND_US) {
		c->challenge_us = now_us;
		c->challenges = 0;
	}
	if (c->challenges >= CHALLENGES_A_SECOND)
		return;
	c->challenges++;
	tcp_delack_now(tcp, c);
}
