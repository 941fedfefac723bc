/*
 * Finds out what was lost. With SACK by time (RACK, RFC 8985): a segment is lost when one that was
 * sent later has arrived and the reordering window has passed; so lost retransmissions are found as
 * well. Without SACK by the third duplicate acknowledgement and by partial ones (NewReno, RFC
 * 6582). When nothing arrives any more, by the retransmission timeout (RFC 6298 5, 8985 6.3).
 *
 * Called from ack.c and timer.c; marks records, out.c sends them again. The congestion window is
 * cc.c's; what turns out to have been for nothing is undo.c's.
 *
 * What was sent before the last reduction of cwnd and is lost asks for no other one; a retransmission
 * that is lost does (RFC 5681 4.3), and so does what is lost after a timeout. What is too big for the path
 * (RFC 1191) is marked by path_mtu.c and no congestion, nor is the loss of a probe of the path (RFC 4821 7.6.2).
 */
#include "dataplane/tcp/tcp_priv.h"

#define DUP_THRESHOLD      3u /* RFC 5681 3.2, 8985 DupThresh */
#define MULTIPLIER_MAX     255u
#define LIMITED_TRANSMIT   2u
#define LOOKS              64u /* at records that are not lost, for an acknowledgement */
#define PERSIST_RECOVERIES 16u /* RFC 8985 6.2 step 4 */

/* What a search has found. */
struct found {
	bool lost;  /* something more was lost */
	bool again; /* that asks for another reduction during recovery */
};

static void rack_update(struct tcp_conn *c, const struct tcp_sent *s, const struct tcp_delivery *d);
static void widen(struct tcp_conn *c);
static uint32_t reorder_window_us(const struct tcp_conn *c);
static struct found rack_detect(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
static struct found
newreno_ack(struct tcp *tcp, struct tcp_conn *c, const struct tcp_delivery *d, bool duplicate);
static struct found
found_lost(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s, uint64_t now_us);
static void keep_near(struct tcp_conn *c);
static uint32_t dup_acks_max(const struct tcp_conn *c);
static uint32_t newly_delivered(struct tcp_conn *c, const struct tcp_delivery *d, bool duplicate);
static void
enter_recovery(struct tcp *tcp, struct tcp_conn *c, uint32_t flight_bytes, uint64_t now_us);
static void leave_recovery(struct tcp_conn *c);
static void mark_for_rto(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);

/* RFC 8985 6.2 steps 1 to 3, for one segment; sampling for RFC 6298 on the way. */
void
tcp_loss_delivered(struct tcp_conn *c, const struct tcp_sent *s, struct tcp_delivery *d)
{
	if (!(s->flags & SENT_RETRANSMITTED)) {
		if (!d->oldest_us || s->sent_us < d->oldest_us)
			d->oldest_us = s->sent_us;
		if (s->sent_us > d->newest_us)
			d->newest_us = s->sent_us;
		/* It was overtaken by what an earlier acknowledgement has told about. */
		if (seq_lt(s->end, d->fack_before))
			c->flags |= CONN_REORDERING;
		if (c->recovery == RECOVERY_RTO && seq_leq(s->end, c->flight->recover))
			d->original = true;
	}
	if (seq_gt(s->end, c->flight->rack_fack))
		c->flight->rack_fack = s->end;
	rack_update(c, s, d);
}

static void
rack_update(struct tcp_conn *c, const struct tcp_sent *s, const struct tcp_delivery *d)
{
	uint32_t rtt_us = (uint32_t)(d->now_us - s->sent_us);

	if (s->flags & SENT_RETRANSMITTED) {
		/*
		 * Which transmission has arrived? Not the last one, if the echo is older, or it
		 * came too soon.
		 */
		if (d->has_ts && seq_lt(d->ts_echo, conn_ts_now(c, s->sent_us)))
			return;
		if (rtt_us < tcp_rtt_min_us(c) && tcp_rtt_min_us(c) != UINT32_MAX)
			return;
	}
	if ((c->flags & CONN_RACK) &&
	    (s->sent_us < c->flight->rack_sent_us ||
	     (s->sent_us == c->flight->rack_sent_us && seq_leq(s->end, c->flight->rack_end))))
		return;
	c->flags |= CONN_RACK;
	c->flight->rack_sent_us = s->sent_us;
	c->flight->rack_end = s->end;
	c->flight->rack_rtt_us = rtt_us;
}

void
tcp_loss_ack(struct tcp *tcp, struct tcp_conn *c, const struct tcp_delivery *d, bool duplicate)
{
	bool repaired = tcp_probe_ack(c, d, duplicate), reduce;
	uint32_t delivered = newly_delivered(c, d, duplicate);
	struct found found;

	if (d->dsack)
		widen(c);
	tcp_undo_ack(tcp, c, d);
	found = c->flags & CONN_SACK ? rack_detect(tcp, c, d->now_us)
				     : newreno_ack(tcp, c, d, duplicate);
	if (c->recovery != RECOVERY_NONE && seq_geq(c->snd_una, c->flight->recover))
		leave_recovery(c);
	reduce = c->recovery == RECOVERY_NONE ? repaired || seq_gt(c->flight->lost_end, c->snd_una)
					      : found.again;
	if (reduce) {
		enter_recovery(tcp, c, c->snd_nxt - d->una_before - d->sacked_before, d->now_us);
		if (c->snd_una == c->snd_nxt)
			leave_recovery(c);
	}
	if (c->recovery == RECOVERY_FAST)
		tcp_cc_recovering(c, delivered, d->acked && !found.lost);
	else if (d->acked && !d->reduced)
		tcp_cc_ack(c, d);
	if (c->recovery == RECOVERY_NONE && d->acked)
		keep_near(c);
}

/* What lies behind would lie ahead again half the number space later. */
static void
keep_near(struct tcp_conn *c)
{
	uint32_t *seqs[] = { &c->flight->lost_end, &c->flight->reduced_end, &c->flight->recover,
			     &c->flight->rack_round };

	for (unsigned i = 0; i < ARRAY_SIZE(seqs); i++)
		if (seq_lt(*seqs[i], c->snd_una))
			*seqs[i] = c->snd_una;
}

/*
 * DeliveredData of RFC 9937 6.2: bytes that left the network, as the acknowledgement tells. Without SACK a duplicate
 * stands for a segment, which then is not counted again when it is acknowledged; more duplicates than
 * segments that are out come from a peer that lies (RFC 5681 3.2 step 4).
 */
static uint32_t
newly_delivered(struct tcp_conn *c, const struct tcp_delivery *d, bool duplicate)
{
	uint32_t known = c->flight->dup_acks * c->mss;

	if (c->flags & CONN_SACK)
		return d->acked + c->flight->sacked - d->sacked_before;
	if (duplicate && !d->acked)
		return c->flight->dup_acks < dup_acks_max(c) ? c->mss : 0;
	return d->acked - min_u32(known, d->acked);
}

static uint32_t
dup_acks_max(const struct tcp_conn *c)
{
	uint32_t end = c->recovery == RECOVERY_FAST ? c->flight->recover : c->snd_nxt;

	return (end - c->snd_una) / c->mss;
}

/*
 * Step 4: each round trip in which the peer reports that we sent something twice for nothing
 * widens the window.
 */
static void
widen(struct tcp_conn *c)
{
	if (seq_lt(c->snd_una, c->flight->rack_round))
		return;
	c->flight->rack_round = c->snd_nxt;
	if (c->rack_multiplier < MULTIPLIER_MAX)
		c->rack_multiplier++;
	c->rack_persist = PERSIST_RECOVERIES;
}

static uint32_t
reorder_window_us(const struct tcp_conn *c)
{
	uint32_t min_us = tcp_rtt_min_us(c);

	if (!(c->flags & CONN_REORDERING) &&
	    (c->recovery != RECOVERY_NONE || c->flight->sacked_segments >= DUP_THRESHOLD))
		return 0;
	if (min_us == UINT32_MAX)
		return c->srtt_us / 4;
	return (uint32_t)min_u32(max_u32(c->rack_multiplier, 1) * (min_us / 4), c->srtt_us);
}

/*
 * Step 5. Records in flight are in the order of their sending, so the walk ends at the first one
 * that is too young; or once it has seen many that are not lost yet, or an acknowledgement of each would
 * cost a walk over all. None of them has to wait longer than the last one may.
 */
static struct found
rack_detect(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	uint32_t window_us = reorder_window_us(c), next, waiting = 0, later = 0;
	struct found all = { 0 };

	c->flight->reorder_due_us = TCP_NEVER;
	if (!(c->flags & CONN_RACK))
		return all;
	for (uint32_t i = c->flight->sent_oldest; i != POOL_NONE; i = next) {
		struct tcp_sent *s = sent_at(tcp, i);
		uint64_t due_us = s->sent_us + c->flight->rack_rtt_us + window_us;

		next = s->newer;
		if (s->sent_us > c->flight->rack_sent_us)
			break;
		if (s->sent_us == c->flight->rack_sent_us && seq_geq(s->end, c->flight->rack_end)) {
			if (++later == LOOKS)
				break;
			continue;
		}
		if (due_us <= now_us) {
			struct found found = found_lost(tcp, c, s, now_us);

			all.lost = true;
			all.again |= found.again;
		} else {
			c->flight->reorder_due_us =
			    due_us; /* the last one: one timer for all of them */
			if (++waiting == LOOKS) {
				c->flight->reorder_due_us =
				    c->flight->rack_sent_us + c->flight->rack_rtt_us + window_us;
				break;
			}
		}
	}
	return all;
}

/*
 * What recovery sends for the first time and loses is found in it but answered after it, if it is not
 * acknowledged by then: the next window's loss.
 */
static struct found
found_lost(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s, uint64_t now_us)
{
	bool news = s->sent_us >= c->flight->reduced_us &&
		    (c->recovery == RECOVERY_RTO || (s->flags & SENT_RETRANSMITTED));

	if (c->path == PATH_PROBING && tcp_path_probe_lost(tcp, c, s, now_us)) {
		tcp_sent_lost(tcp, c, s);
		c->flags |= CONN_RESEND_DUE;
		return (struct found){ 0 };
	}
	tcp_sent_lost(tcp, c, s);
	if (seq_gt(s->end, c->flight->lost_end) || seq_leq(c->flight->lost_end, c->snd_una))
		c->flight->lost_end = s->end;
	return (struct found){ .lost = true, .again = news };
}

/*
 * RFC 6582, with dup_acks in place of an inflated cwnd: each one means that a segment has left
 * the network.
 */
static struct found
newreno_ack(struct tcp *tcp, struct tcp_conn *c, const struct tcp_delivery *d, bool duplicate)
{
	struct tcp_sent *first =
	    c->flight->sent_first == POOL_NONE ? NULL : sent_at(tcp, c->flight->sent_first);
	struct found found = { 0 };

	if (duplicate && c->flight->dup_acks < dup_acks_max(c) &&
	    ++c->flight->dup_acks == DUP_THRESHOLD && c->recovery == RECOVERY_NONE &&
	    seq_geq(c->snd_una, c->flight->recover) && first && (first->flags & SENT_IN_FLIGHT))
		found = found_lost(tcp, c, first, d->now_us);
	if (!d->acked)
		return found;
	if (c->recovery != RECOVERY_FAST || seq_geq(c->snd_una, c->flight->recover)) {
		c->flight->dup_acks = 0;
		return found;
	}
	/*
	 * a partial acknowledgment: the next hole; the segments that it covers were among those
	 * counted
	 */
	c->flight->dup_acks -=
	    min_u32(c->flight->dup_acks, d->acked / c->mss > 1 ? d->acked / c->mss - 1 : 0);
	if (first && (first->flags & SENT_IN_FLIGHT)) {
		tcp_sent_lost(tcp, c, first);
		c->flags |= CONN_RESEND_DUE;
	}
	return found;
}

/*
 * Without SACK each duplicate acknowledgement means that a segment has left; outside of recovery the first
 * two of them (limited transmit, RFC 3042).
 */
uint32_t
tcp_loss_pipe(const struct tcp_conn *c)
{
	uint32_t gone = 0;

	if (!(c->flags & CONN_SACK) && c->recovery != RECOVERY_RTO)
		gone = c->mss * (c->recovery == RECOVERY_FAST
				     ? c->flight->dup_acks
				     : min_u32(c->flight->dup_acks, LIMITED_TRANSMIT));
	return c->flight->pipe - min_u32(gone, c->flight->pipe);
}

/* RFC 6675 5 (4), or once more in it; flight_bytes were out when the loss was found. */
static void
enter_recovery(struct tcp *tcp, struct tcp_conn *c, uint32_t flight_bytes, uint64_t now_us)
{
	if (c->recovery != RECOVERY_FAST)
		tcp->stats->counter[COUNTER_tcp_fast_recoveries]++;
	tcp_undo_begin(c, false);
	tcp_cc_enter(c, flight_bytes);
	c->recovery = RECOVERY_FAST;
	c->flight->recover = c->snd_nxt;
	c->flight->reduced_us = now_us;
	c->flags |= CONN_RESEND_DUE;
}

static void
leave_recovery(struct tcp_conn *c)
{
	if (c->recovery == RECOVERY_FAST)
		tcp_cc_exit(c);
	c->recovery = RECOVERY_NONE;
	c->flight->dup_acks = 0;
	tcp_undo_end(c);
	if (c->rack_persist && --c->rack_persist == 0)
		c->rack_multiplier = 1;
}

void
tcp_loss_stop_recovery(struct tcp_conn *c)
{
	c->recovery = RECOVERY_NONE;
	c->flight->dup_acks = 0;
	c->flight->reduced_us = 0;
	c->flight->lost_end = c->flight->reduced_end = c->snd_una;
	c->flags &= ~(uint32_t)CONN_RESEND_DUE;
}

void
tcp_loss_reorder_timeout(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	struct found found = rack_detect(tcp, c, now_us);

	if (c->recovery == RECOVERY_NONE ? found.lost : found.again)
		enter_recovery(tcp, c, c->snd_nxt - c->snd_una - c->flight->sacked, now_us);
	if (c->recovery == RECOVERY_FAST)
		tcp_cc_recovering(c, 0, false);
	tcp_output_want(tcp, c);
}

/*
 * RFC 6298 5.4 to 5.6. What the peer has sacked is kept, unless it turns out to have thrown that
 * away.
 */
void
tcp_loss_rto(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	tcp->stats->counter[COUNTER_tcp_retransmit_timeouts]++;
	tcp_undo_begin(c, true);
	tcp_cc_rto(c, c->retries == 0 && c->snd_wnd > 0);
	c->retries++;
	tcp_path_timeout(tcp, c, now_us);
	if (sent_at(tcp, c->flight->sent_first)->flags & SENT_SACKED)
		tcp_sent_forget_sacks(tcp, c);
	mark_for_rto(tcp, c, now_us);
	c->recovery = RECOVERY_RTO;
	c->flight->recover = c->snd_nxt;
	c->flight->reduced_us = now_us;
	c->flight->lost_end = c->snd_una;
	c->flight->dup_acks = 0;
	c->flight->probe_due_us = c->flight->reorder_due_us = TCP_NEVER;
	c->flags &= ~(uint32_t)(CONN_TLP | CONN_PROBE_DUE);
	c->flags |= CONN_RESEND_DUE;
	tcp_rtt_backoff(tcp, c);
	tcp_timer_restart_rto(tcp, c, now_us);
	tcp_output_want(tcp, c);
}

/*
 * RFC 8985 6.3: the first segment, and each that was sent long enough ago. Without SACK nothing
 * better is known: all.
 */
static void
mark_for_rto(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	bool all = (c->flags & (CONN_SACK | CONN_RACK)) != (CONN_SACK | CONN_RACK);
	uint64_t age_us = (uint64_t)c->flight->rack_rtt_us + reorder_window_us(c);
	uint32_t next;

	for (uint32_t i = c->flight->sent_oldest; i != POOL_NONE; i = next) {
		struct tcp_sent *s = sent_at(tcp, i);

		next = s->newer;
		if (all || i == c->flight->sent_first || s->sent_us + age_us <= now_us)
			tcp_sent_lost(tcp, c, s);
	}
}
