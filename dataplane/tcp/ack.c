/*
 * What an acknowledgement says: RFC 9293 3.10.7.4, fifth, in the synchronized states. The window is
 * updated, what is acknowledged is freed and measured, and loss.c is asked what must have been
 * lost. RFC 5961 5 (which ACK values are believed), 7323 4.1 (round trips by timestamps).
 */
#include "dataplane/tcp/tcp_priv.h"

static bool is_duplicate(const struct tcp_conn *c, const struct tcp_segment *seg);
static void update_window(struct tcp_conn *c, const struct tcp_segment *seg);
static void acknowledged(struct tcp *tcp, struct tcp_conn *c, uint32_t ack, struct tcp_delivery *d);
static void drop_records(struct tcp *tcp, struct tcp_conn *c, uint32_t ack, struct tcp_delivery *d);
static void drop_bytes(struct tcp_conn *c, uint32_t bytes);
static void tell_writable(struct tcp *tcp, struct tcp_conn *c);
static void measure(struct tcp *tcp, struct tcp_conn *c, const struct tcp_delivery *d);

bool
tcp_ack_input(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us)
{
	bool duplicate = is_duplicate(c, seg);
	struct tcp_delivery d = {
		.now_us = now_us,
		.una_before = c->snd_una,
		.fack_before = c->flight->rack_fack,
		.sacked_before = c->flight->sacked,
		.has_ts = (c->flags & CONN_TIMESTAMPS) && (seg->opt.has & OPT_TIMESTAMPS),
		.ts_echo = seg->opt.ts_echo,
		.has_sack = seg->opt.sack_count > 0,
	};

	/* RFC 5961 5.2: SND.UNA - MAX.SND.WND =< SEG.ACK =< SND.NXT */
	if (seq_gt(seg->ack, c->snd_nxt) || seq_lt(seg->ack, c->snd_una - c->snd_wnd_max)) {
		tcp_reset_challenge(tcp, c, now_us);
		seg->reason = DROP_tcp_ack_unacceptable;
		return false;
	}
	update_window(c, seg);
	if (c->snd_wnd == 0)
		c->retries = 0; /* 3.8.6: closed or even shrunk, it may stay so as long as the peer
				   says so */
	/* What says whether a tail loss probe was needed may come when nothing is out any more. */
	if (c->snd_una != c->snd_nxt || (c->flags & CONN_TLP)) {
		if (seq_gt(seg->ack, c->snd_una))
			acknowledged(tcp, c, seg->ack, &d);
		if ((c->flags & CONN_SACK) && seg->opt.sack_count)
			tcp_sack_input(tcp, c, seg, &d);
		measure(tcp, c, &d);
		d.reduced = tcp_ecn_acknowledged(tcp, c, seg, &d);
		if (!(c->flags & CONN_PROBE_OUT))
			tcp_loss_ack(tcp, c, &d, duplicate);
		if (d.acked) {
			if (c->path == PATH_PROBING)
				tcp_path_acked(tcp, c, now_us);
			tcp_timer_restart_rto(tcp, c, now_us);
			tcp_probe_schedule(tcp, c, now_us);
		}
	}
	tcp_persist_answered(tcp, c);
	tcp_timer_retransmit(tcp, c, now_us);
	tcp_output_want(tcp, c);
	return true;
}

/*
 * RFC 5681 2, "duplicate acknowledgment", if anything is out; to be asked before the window is
 * updated.
 */
static bool
is_duplicate(const struct tcp_conn *c, const struct tcp_segment *seg)
{
	return seg->ack == c->snd_una && seg->len == 0 && !(seg->flags & SEG_FIN) &&
	       seg->window == c->snd_wnd;
}

/*
 * "If SND.UNA =< SEG.ACK =< SND.NXT, the send window should be updated", and not by an old segment.
 * One that acknowledges more than any before is not old, though it may be a retransmission with an
 * old sequence number: the window belongs to its acknowledgment, and the former one, counted from
 * there, would reach too far.
 */
static void
update_window(struct tcp_conn *c, const struct tcp_segment *seg)
{
	if (seq_lt(seg->ack, c->snd_una))
		return;
	if (seq_gt(c->snd_wl1, seg->seq) && !seq_gt(seg->ack, c->snd_wl2))
		return;
	if (c->snd_wl1 == seg->seq && seq_gt(c->snd_wl2, seg->ack))
		return;
	c->snd_wnd = seg->window;
	c->snd_wnd_max = max_u32(c->snd_wnd_max, seg->window);
	if (seq_gt(seg->seq, c->snd_wl1))
		c->snd_wl1 = seg->seq;
	c->snd_wl2 = seg->ack;
}

/* SND.UNA < ack =< SND.NXT. */
static void
acknowledged(struct tcp *tcp, struct tcp_conn *c, uint32_t ack, struct tcp_delivery *d)
{
	bool fin = (c->flags & CONN_FIN_SENT) && ack == c->snd_nxt;
	uint32_t bytes = ack - c->snd_una - fin;

	drop_records(tcp, c, ack, d);
	drop_bytes(c, bytes);
	d->acked = ack - c->snd_una;
	c->snd_una = ack;
	c->bytes_out += bytes;
	c->retries = 0;
	c->flags &= ~(uint32_t)CONN_PROBE_OUT;
	if (!bytes)
		return;
	c->queue_us = d->now_us;
	tell_writable(tcp, c);
	if (c->flags & CONN_RELEASED) /* a slow reader is not a silent one */
		tcp_timer_set(tcp, c, TIMER_LIFE, tcp_keepalive_linger_us(tcp, c, d->now_us));
}

static void
drop_records(struct tcp *tcp, struct tcp_conn *c, uint32_t ack, struct tcp_delivery *d)
{
	while (c->flight->sent_first != POOL_NONE) {
		const struct tcp_sent *s = sent_at(tcp, c->flight->sent_first);

		if (seq_gt(s->end, ack))
			break;
		if (!(s->flags & SENT_SACKED))
			tcp_loss_delivered(c, s, d);
		tcp_sent_drop_first(tcp, c);
	}
	if (c->flight->sent_first != POOL_NONE &&
	    seq_lt(sent_at(tcp, c->flight->sent_first)->start, ack))
		tcp_sent_cut_first(tcp, c, ack);
}

/* The places behind what is dropped stay good; the others start again from the head. */
static void
drop_bytes(struct tcp_conn *c, uint32_t bytes)
{
	struct bufq_cursor *places[2] = { &c->flight->send_at, &c->flight->resend_at };

	for (unsigned i = 0; i < 2; i++) {
		if (places[i]->start >= bytes)
			places[i]->start -= bytes;
		else
			*places[i] = (struct bufq_cursor){ 0 };
	}
	bufq_drop(&c->queue, bytes);
}

/*
 * Not for each few bytes: an application that waits for room gets a good piece of it, or the
 * empty queue.
 */
static void
tell_writable(struct tcp *tcp, struct tcp_conn *c)
{
	uint32_t limit = tcp_window_send_limit(tcp, c);

	if (c->queue.bytes == 0 || c->queue.bytes < limit - limit / 4)
		tcp_conn_event(tcp, c, TCP_EVENT_WRITABLE);
}

/*
 * By what was sent only once (Karn, RFC 6298 3); otherwise by the timestamp echo, which belongs
 * to one transmission.
 */
static void
measure(struct tcp *tcp, struct tcp_conn *c, const struct tcp_delivery *d)
{
	uint32_t echoed_ms = conn_ts_now(c, d->now_us) - d->ts_echo;

	if (d->oldest_us)
		tcp_rtt_sample(tcp, c, (uint32_t)(d->now_us - d->oldest_us),
			       (uint32_t)(d->now_us - d->newest_us), d->now_us);
	else if (d->acked && d->has_ts && echoed_ms < tcp->settings.rto_max_us / 1000)
		tcp_rtt_sample(tcp, c, max_u32(echoed_ms, 1) * 1000, UINT32_MAX, d->now_us);
}
