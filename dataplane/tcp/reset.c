/*
 * Resets and challenges (RFC 9293 3.5.2 and 3.10.7.1, RFC 5961). A RST belongs to no connection any
 * more when it is sent, so it waits in a ring of its own; those that answer strangers are limited,
 * or we would be an amplifier's tool.
 */
#include "dataplane/tcp/tcp_priv.h"

#define SECOND_US           1000000u
#define RESETS_A_SECOND     1000u /* answers to segments without a connection */
#define CHALLENGES_A_SECOND 10u   /* a connection; RFC 5961 7 asks for a limit */
#define CHALLENGES_ALL      500u  /* all connections: so many, and up to as many again by chance */

static bool challenge_allowed(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
static uint32_t challenges_of_second(const struct tcp *tcp, uint64_t second);
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
	if (tcp->resets_in_second++ >= RESETS_A_SECOND) {
		tcp->stats->counter[COUNTER_tcp_resets_withheld]++;
		return;
	}
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
		       .has_ts = c->flags & CONN_TIMESTAMPS, /* RFC 7323 3.2: should */
		       .ts_offset = c->ts_offset,
		       .ts_echo = c->ts_recent,
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
tcp_reset_output(struct tcp *tcp, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	uint16_t got = 0;

	while (got < n && tcp->reset_count > 0) {
		struct rte_mbuf *m = tcp_build_reset(tcp, &tcp->resets[tcp->reset_head], now_us);

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
	if (!challenge_allowed(tcp, c, now_us)) {
		tcp->stats->counter[COUNTER_tcp_challenges_withheld]++;
		return;
	}
	tcp->stats->counter[COUNTER_tcp_challenges_sent]++;
	tcp_delack_now(tcp, c);
}

/*
 * RFC 5961 7: limited, for each connection and for all together. What all share can be watched by a stranger: he spends
 * it on connections of his own, and from what is left for them he learns whether a segment that he forged for another one has
 * brought a challenge, hence its ports and its window (CVE-2016-5696). Therefore a connection's first challenge in a
 * second is its own, beyond the common limit, and leaves no trace there: guesses that come slowly enough to be told apart
 * change nothing that he could see. And the common limit is another one each second, which only we know.
 */
static bool
challenge_allowed(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	uint64_t second = now_us / SECOND_US;

	if (now_us - c->challenge_us >= SECOND_US) {
		c->challenge_us = now_us;
		c->challenges = 0;
	}
	if (c->challenges == 0) {
		c->challenges = 1;
		return true;
	}
	if (tcp->challenge_second != second) {
		tcp->challenge_second = second;
		tcp->challenges_left = challenges_of_second(tcp, second);
	}
	if (c->challenges >= CHALLENGES_A_SECOND || tcp->challenges_left == 0)
		return false;
	c->challenges++;
	tcp->challenges_left--;
	return true;
}

static uint32_t
challenges_of_second(const struct tcp *tcp, uint64_t second)
{
	return CHALLENGES_ALL +
	       (uint32_t)(siphash(&tcp->challenge_key, &second, sizeof second) % CHALLENGES_ALL);
}
