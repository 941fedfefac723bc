/*
 * Explicit congestion notification, RFC 3168: routers mark packets that they would drop. Agreed upon in the
 * handshake if the profile wants it. What we send for the first time says that it may be marked (ECT(0));
 * retransmissions, window probes, and segments without text do not (6.1.4 to 6.1.6).
 *
 *   receiving  a mark (CE) is echoed (ECE) on each segment until the sender says that it has slowed down (CWR)
 *   sending    ECE reduces cwnd once a round trip, as a loss does; CWR goes with the next new text
 *
 * Called from in.c, listen.c, syncookie.c, ack.c, cc.c, build.c and out.c. Left out: ECT on the SYN,ACK (RFC 5562), a milder
 * reduction (RFC 8511), and less than two segments in flight (6.1.2), as in other stacks.
 */
#include "dataplane/tcp/tcp_priv.h"

#define SETUP (SEG_ECE | SEG_CWR)

/* 6.1.1, the flags of our SYN or SYN,ACK; after silence without, for some paths drop such a SYN (6.1.1.1). */
uint8_t
tcp_ecn_syn_flags(const struct tcp *tcp, const struct tcp_conn *c)
{
	if (c->state == TCP_SYN_RECEIVED)
		return c->flags & CONN_ECN ? SEG_ECE : 0;
	return conn_profile(tcp, c)->ecn && !(c->flags & CONN_SYN_RETRANSMITTED) ? SETUP : 0;
}

bool
tcp_ecn_is_wanted(const struct tcp_profile *profile, const struct tcp_segment *syn)
{
	return profile->ecn && (syn->ecn & SETUP) == SETUP;
}

/*
 * The peer's SYN or SYN,ACK has come. One that answers with both flags only mirrors what we sent. One that sends its
 * SYN again without them has given up (its first one or our answer may have been lost for them).
 */
void
tcp_ecn_negotiate(const struct tcp *tcp, struct tcp_conn *c, const struct tcp_segment *seg)
{
	bool answer = seg->flags & SEG_ACK;
	bool wanted = answer ? tcp_ecn_syn_flags(tcp, c) == SETUP : conn_profile(tcp, c)->ecn;

	c->flags &= ~(uint32_t)CONN_ECN;
	if (wanted && (seg->ecn & SETUP) == (answer ? SEG_ECE : SETUP))
		c->flags |= CONN_ECN;
	else
		c->flags &= ~(uint32_t)CONN_ECN_ECHO; /* of text with a SYN (RFC 7413) */
}

/*
 * Text inside the window has come. The order matters: a segment can say that the last mark was heard, and be marked itself.
 */
void
tcp_ecn_received(struct tcp *tcp, struct tcp_conn *c, const struct tcp_segment *seg)
{
	if (!(c->flags & CONN_ECN))
		return;
	if (seg->ecn & SEG_CWR)
		c->flags &= ~(uint32_t)CONN_ECN_ECHO;
	if (!seg->marked)
		return;
	tcp->stats->counter[COUNTER_tcp_ecn_marks]++;
	if (!(c->flags & CONN_ECN_ECHO))
		tcp_delack_now(tcp, c);
	c->flags |= CONN_ECN_ECHO;
}

/*
 * An acknowledgement with ECE, while something is out. One of what was out when cwnd was reduced last belongs to that
 * reduction, whatever it was for (6.1.2): CWR comes behind it, so that all of it is echoed, the last byte too. Nor is a
 * reduction taken back that answers a mark as well, as in other stacks.
 */
bool
tcp_ecn_acknowledged(struct tcp *tcp, struct tcp_conn *c, const struct tcp_segment *seg,
		     const struct tcp_delivery *d)
{
	uint32_t flight_bytes = c->snd_nxt - d->una_before;

	if (!(c->flags & CONN_ECN) || !(seg->ecn & SEG_ECE))
		return false;
	tcp_undo_forget(c);
	if (c->recovery != RECOVERY_NONE || seq_leq(seg->ack, c->flight->reduced_end) ||
	    flight_bytes == 0)
		return false;
	tcp->stats->counter[COUNTER_tcp_ecn_reductions]++;
	tcp_cc_enter(c, flight_bytes);
	tcp_cc_exit(c);
	c->flight->reduced_us = d->now_us;
	return true;
}

/* cwnd was reduced. */
void
tcp_ecn_reduced(struct tcp_conn *c)
{
	c->flight->reduced_end = c->snd_nxt;
	c->flight->cwr_due = c->flags & CONN_ECN;
}

/* New text goes out in m. */
void
tcp_ecn_sent(struct tcp_conn *c, struct rte_mbuf *m)
{
	if (!(c->flags & CONN_ECN))
		return;
	packet_of(m)->traffic_class |= ECN_ECT0;
	c->flight->cwr_due = false;
}
