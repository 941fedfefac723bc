/*
 * Takes back recoveries that were not needed: nothing had been lost, it was only late, or came in
 * another order. An acknowledgement shows that in one of three ways:
 *
 *   by timestamps  it echoes one older than the first retransmission's, and acknowledges what was sent again
 *                  (Eifel, RFC 3522)
 *   by duplicates  all that was sent again was reported to have arrived twice (RFC 2883, 3708)
 *   by new data    after a timeout something arrives that was sent before it and only once (F-RTO, RFC 5682 3.1;
 *                  without SACK after two new segments were sent first, 2.1)
 *
 * Then cwnd, ssthresh and the algorithm's own state are as before (RFC 4015 for cwnd more carefully, RFC 9438
 * 4.9.2 as here; what left the network meanwhile is what may be sent), and what was
 * taken for lost is in flight again. Called from loss.c.
 */
#include "dataplane/tcp/tcp_priv.h"

static void count_duplicate(struct tcp_conn *c, const struct tcp_delivery *d);
static bool is_spurious(struct tcp_conn *c, const struct tcp_delivery *d);
static bool frto_says_spurious(struct tcp_conn *c, const struct tcp_delivery *d);
static void take_back(struct tcp *tcp, struct tcp_conn *c);

/*
 * One that begins inside of another is part of it: by timeout or by a lost retransmission, which is no mere
 * misunderstanding any more (no F-RTO: RFC 5682 2.1 step 1).
 */
void
tcp_undo_begin(struct tcp_conn *c, bool rto)
{
	struct tcp_undo *undo = &c->flight->undo;

	undo->frto = FRTO_OFF;
	if (c->recovery != RECOVERY_NONE)
		return;
	*undo = (struct tcp_undo){
		.cwnd = c->cwnd,
		.ssthresh = c->ssthresh,
		.end = c->snd_nxt,
		.frto = rto ? FRTO_FIRST : FRTO_OFF,
		.cubic = c->flight->cubic,
	};
}

void
tcp_undo_sent_again(struct tcp_conn *c, uint32_t len, uint64_t now_us)
{
	struct tcp_undo *undo = &c->flight->undo;

	if (!undo->cwnd || c->recovery == RECOVERY_NONE)
		return;
	if (undo->frto == FRTO_NEW_DATA) /* there was no new data to try it with */
		undo->frto = FRTO_OFF;
	undo->bytes += len;
	if (!undo->again)
		undo->ts = conn_ts_now(c, now_us);
	undo->again = true;
}

/* The last reports of duplicates come within a round trip. */
void
tcp_undo_end(struct tcp_conn *c)
{
	c->flight->undo.end = c->snd_nxt;
	c->flight->undo.frto = FRTO_OFF;
}

void
tcp_undo_forget(struct tcp_conn *c)
{
	c->flight->undo.cwnd = 0;
	c->flight->undo.frto = FRTO_OFF;
}

bool
tcp_undo_ack(struct tcp *tcp, struct tcp_conn *c, const struct tcp_delivery *d)
{
	struct tcp_undo *undo = &c->flight->undo;

	if (!undo->cwnd)
		return false;
	count_duplicate(c, d);
	if (is_spurious(c, d)) {
		take_back(tcp, c);
		return true;
	}
	if (c->recovery == RECOVERY_NONE && seq_gt(c->snd_una, undo->end))
		undo->cwnd = 0;
	return false;
}

static void
count_duplicate(struct tcp_conn *c, const struct tcp_delivery *d)
{
	struct tcp_undo *undo = &c->flight->undo;
	uint32_t len = d->duplicate.end - d->duplicate.start;

	/* that of a tail loss probe is none of them */
	if (d->dsack && undo->again && d->duplicate.end != c->flight->tlp_end)
		undo->bytes -= min_u32(len, undo->bytes);
}

static bool
is_spurious(struct tcp_conn *c, const struct tcp_delivery *d)
{
	const struct tcp_undo *undo = &c->flight->undo;

	if (undo->again && undo->bytes == 0)
		return true;
	if (c->recovery != RECOVERY_NONE && undo->again && d->acked && d->has_ts &&
	    seq_lt(d->ts_echo, undo->ts))
		return true;
	return frto_says_spurious(c, d);
}

/*
 * RFC 5682. An acknowledgement of everything says nothing, for all but the one that was sent again may have arrived long
 * ago and their acknowledgements be lost; so does the first one that advances.
 */
static bool
frto_says_spurious(struct tcp_conn *c, const struct tcp_delivery *d)
{
	struct tcp_undo *undo = &c->flight->undo;
	bool sacks_original = d->original && (d->sacked || undo->frto == FRTO_NEW_DATA);

	if (undo->frto == FRTO_OFF)
		return false;
	if (sacks_original && seq_lt(c->snd_una, c->flight->recover))
		return true;
	if (undo->frto == FRTO_FIRST && d->acked && seq_lt(c->snd_una, c->flight->recover))
		undo->frto = FRTO_NEW_DATA;
	else
		undo->frto = FRTO_OFF; /* a duplicate, or everything is acknowledged */
	return false;
}

bool
tcp_undo_wants_new(const struct tcp_conn *c)
{
	return c->flight->undo.frto == FRTO_NEW_DATA &&
	       c->snd_nxt - c->flight->recover < 2u * c->mss;
}

static void
take_back(struct tcp *tcp, struct tcp_conn *c)
{
	struct tcp_undo *undo = &c->flight->undo;

	tcp->stats->counter[COUNTER_tcp_recoveries_undone]++;
	c->cwnd = max_u32(c->cwnd, undo->cwnd);
	c->ssthresh = max_u32(c->ssthresh, undo->ssthresh);
	if (c->cc == TCP_CC_CUBIC)
		c->flight->cubic = undo->cubic;
	undo->cwnd = 0;
	undo->frto = FRTO_OFF;
	if (c->recovery == RECOVERY_RTO)
		tcp_rtt_restore(tcp, c);
	tcp_sent_forget_losses(tcp, c);
	tcp_loss_stop_recovery(c);
}
