/*
 * How long a connection is kept whose peer says nothing: keep-alive (RFC 9293 3.8.4) while nothing is out, the user
 * timeout (3.8.3) while something is. Both are off unless the profile sets them.
 *
 * They share TIMER_LIFE, which a connection needs for other ends only once it is released or in TIME-WAIT. The timer is
 * lazy: segments only note when they came, the timer looks at that and goes on to the next deadline, so that neither costs
 * anything for a segment. A profile that is changed counts for a connection from its next segment on.
 *
 * A probe has no text and the sequence number of the last byte that the peer has acknowledged: outside of its window, so
 * that it answers (SHLD-12). Left out: the probe with a byte of garbage for stacks older than RFC 1122 (MAY-6). The
 * application learns of an end by TCP_CLOSE_TIMEOUT; what lasts less is in tcp_send_stuck_us and tcp_info.
 */
#include "dataplane/tcp/tcp_priv.h"

static uint64_t user_timeout_due(const struct tcp *tcp, const struct tcp_conn *c, uint64_t now_us);
static uint64_t keep_alive_due(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
static void give_up(struct tcp *tcp, struct tcp_conn *c, enum counter why);

static bool
is_watched(const struct tcp_conn *c)
{
	return c->state >= TCP_ESTABLISHED && c->state != TCP_TIME_WAIT &&
	       !(c->flags & CONN_RELEASED);
}

/* Nothing can be due before the shorter of the two; 0 means off, which is the longest. */
void
tcp_keepalive_watch(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	const struct tcp_profile *profile = conn_profile(tcp, c);
	uint32_t first_ms = min_u32(profile->user_timeout_ms - 1, profile->keep_alive_idle_ms - 1);
	uint64_t first_us = now_us + (first_ms + 1ull) * 1000;

	if (first_ms == UINT32_MAX || c->due_us[TIMER_LIFE] <= first_us || !is_watched(c))
		return;
	tcp_timer_set(tcp, c, TIMER_LIFE, first_us);
}

void
tcp_keepalive_timeout(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	uint64_t user_us = user_timeout_due(tcp, c, now_us), alive_us, due_us;

	if (user_us <= now_us) {
		give_up(tcp, c, COUNTER_tcp_user_timeouts);
		return;
	}
	alive_us = keep_alive_due(tcp, c, now_us);
	if (c->state == TCP_CLOSED)
		return;
	due_us = user_us < alive_us ? user_us : alive_us;
	if (due_us != TCP_NEVER)
		tcp_timer_set(tcp, c, TIMER_LIFE, due_us);
}

/*
 * Also behind a closed window, whose probes alone would have no end (RFC 9293 3.8.6.1). While nothing is queued: when to look
 * again, for what is queued from now on can't be due before.
 */
static uint64_t
user_timeout_due(const struct tcp *tcp, const struct tcp_conn *c, uint64_t now_us)
{
	uint64_t timeout_us = conn_profile(tcp, c)->user_timeout_ms * 1000ull;

	if (!timeout_us)
		return TCP_NEVER;
	return (c->queue.bytes ? c->queue_us : now_us) + timeout_us;
}

/* MUST-26: only if nothing is out and nothing came; what is out has timers that ask the peer. */
static uint64_t
keep_alive_due(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	const struct tcp_profile *profile = conn_profile(tcp, c);
	uint64_t idle_us = profile->keep_alive_idle_ms * 1000ull;

	if (!idle_us)
		return TCP_NEVER;
	if (c->snd_una != c->snd_nxt || conn_unsent(c) > 0)
		return now_us + idle_us;
	if (c->keep_alives == 0 && now_us - c->received_us < idle_us)
		return c->received_us + idle_us;
	if (c->keep_alives >= profile->keep_alive_probes) {
		give_up(tcp, c, COUNTER_tcp_keep_alive_timeouts);
		return TCP_NEVER;
	}
	c->keep_alives++;
	c->flags |= CONN_KEEP_ALIVE_DUE;
	tcp->stats->counter[COUNTER_tcp_keep_alives_sent]++;
	tcp_output_want(tcp, c);
	return now_us + max_u32(profile->keep_alive_interval_ms, 1) * 1000ull;
}

/* RFC 9293 3.8.4 leaves it open whether the peer is told; one that is only slow to answer should learn of it. */
static void
give_up(struct tcp *tcp, struct tcp_conn *c, enum counter why)
{
	tcp->stats->counter[why]++;
	tcp_reset_conn(tcp, c);
	tcp_conn_close(tcp, c, TCP_CLOSE_TIMEOUT);
}

uint64_t
tcp_keepalive_linger_us(const struct tcp *tcp, const struct tcp_conn *c, uint64_t now_us)
{
	uint64_t linger_us = now_us + tcp->settings.linger_us,
		 user_us = user_timeout_due(tcp, c, now_us);

	return user_us < linger_us ? user_us : linger_us;
}
