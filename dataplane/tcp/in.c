/*
 * A segment comes in. Path.c calls tcp_input for each segment that the network layer took for us;
 * numbers and order are those of RFC 9293 3.10.7. First the segment is taken apart and its
 * connection is found; then the steps of the connection's state follow. A step answers false when
 * the segment goes no further, and says why in seg->reason.
 *
 * RFC 9293 3.10.7.3 and 3.10.7.4, with RFC 5961 (blind attacks) and 7323 5 (PAWS). Segments that
 * belong nowhere are in listen.c, the fifth step is in ack.c, data behind a hole in reassembly.c.
 * Left out: security (third); urgent pointers (sixth: the flag is ignored, urgent data is read in line, as RFC 9293 3.8.5
 * advises new applications; nobody who relays could say what is urgent); header prediction.
 */
#include "dataplane/tcp/tcp_priv.h"

#include <netinet/in.h>

/* RFC 7323 5.5: older timestamps mean nothing */
#define PAWS_IDLE_US (24ull * 24 * 3600 * 1000000)

static enum drop_reason take_apart(struct tcp *tcp, struct rte_mbuf *m, struct tcp_segment *seg);
static bool syn_sent(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us);
static bool
syn_sent_syn(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us);
static bool
first_sequence(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us);
static bool
repeated_syn(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us);
static void answer_again(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
static bool
timestamp_is_fresh(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us);
static bool in_window(const struct tcp_conn *c, const struct tcp_segment *seg);
static bool
out_of_window(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us);
static bool
second_reset(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us);
static void last_words(struct tcp *tcp, struct tcp_conn *c, const struct tcp_segment *seg);
static bool
fourth_syn(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us);
static bool
fifth_ack(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us);
static void note_timestamp(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now_us);
static bool
fifth_ack_of_fin(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us);
static bool
seventh_text(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us);
static void trim(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint32_t *skip);
static bool
take_text(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us);
static void
eighth_fin(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us);

static bool
refuse(struct tcp_segment *seg, enum drop_reason reason)
{
	seg->reason = reason;
	return false;
}

enum drop_reason
tcp_input(struct tcp *tcp, struct rte_mbuf *m, uint64_t now_us)
{
	const struct packet *packet = packet_of(m);
	struct endpoint local = { .addr = packet->dst }, remote = { .addr = packet->src };
	struct tcp_segment seg;
	struct tcp_conn *c;
	enum drop_reason reason = take_apart(tcp, m, &seg);

	if (reason != DROP_none)
		return reason;
	local.port = packet->dst_port;
	remote.port = packet->src_port;
	c = tcp_table_find(tcp, &local, &remote);
	if (c && c->state == TCP_TIME_WAIT && tcp_time_wait_reusable(tcp, c, &seg) &&
	    tcp->host->listens(tcp->host->context, &local)) {
		seg.replaces = true;
		seg.old_snd_nxt = c->snd_nxt;
		tcp_conn_close(tcp, c, TCP_CLOSE_FINISHED);
		c = NULL;
	}
	if (!c)
		c = tcp_listen_input(tcp, &seg, &local, &remote, now_us);
	if (c) {
		tcp_keepalive_watch(tcp, c, now_us);
		if (seg.fast_open ||
		    (c->state == TCP_SYN_SENT ? syn_sent(tcp, c, &seg, now_us)
					      : first_sequence(tcp, c, &seg, now_us) &&
						    second_reset(tcp, c, &seg, now_us) &&
						    fourth_syn(tcp, c, &seg, now_us) &&
						    fifth_ack(tcp, c, &seg, now_us))) {
			c->received_us = now_us; /* only now: strangers could say the rest */
			c->keep_alives = 0;
			if (seventh_text(tcp, c, &seg, now_us))
				eighth_fin(tcp, c, &seg, now_us);
		}
	}
	if (seg.reason == DROP_none)
		rte_pktmbuf_free(seg.m);
	return seg.reason;
}

/* Asks the port first, which may have looked. */
static bool
sum_is_right(struct rte_mbuf *m)
{
	const struct packet *packet = packet_of(m);
	uint32_t len = rte_pktmbuf_data_len(m);

	switch (offload_tcp_sum(m)) {
	case OFFLOAD_SUM_GOOD:
		return true;
	case OFFLOAD_SUM_BAD:
		return false;
	default:
		return checksum_finish(checksum_add(
			   checksum_pseudo(&packet->src, &packet->dst, IPPROTO_TCP, len),
			   rte_pktmbuf_mtod(m, const void *), len)) == 0;
	}
}

/* Header, checksum and options; nothing of it depends on a connection. Fills the packet's ports. */
static enum drop_reason
take_apart(struct tcp *tcp, struct rte_mbuf *m, struct tcp_segment *seg)
{
	const struct tcp_header *h = rte_pktmbuf_mtod(m, const struct tcp_header *);
	struct packet *packet = packet_of(m);
	uint32_t len = rte_pktmbuf_data_len(m);

	/*
	 * Ports give frames in one piece; a chain would be a jumbo frame on a port that we never
	 * set up for it.
	 */
	if (len < TCP_HEADER_BYTES || m->nb_segs != 1)
		return DROP_tcp_truncated;
	*seg = (struct tcp_segment){ .m = m, .header_bytes = (uint8_t)((h->data_offset >> 4) * 4) };
	if (seg->header_bytes < TCP_HEADER_BYTES || seg->header_bytes > len)
		return DROP_tcp_truncated;
	if (!sum_is_right(m))
		return DROP_tcp_checksum;
	tcp->stats->counter[COUNTER_tcp_segments_received]++;
	packet->src_port = be16_to(h->src_port);
	packet->dst_port = be16_to(h->dst_port);
	if (packet->src_port == 0 || packet->dst_port == 0)
		return DROP_tcp_port_zero;
	seg->seq = be32_to(h->seq);
	seg->ack = be32_to(h->ack);
	seg->flags = h->flags & (SEG_FIN | SEG_SYN | SEG_RST | SEG_PSH | SEG_ACK | SEG_URG);
	seg->ecn = h->flags & (SEG_ECE | SEG_CWR);
	seg->marked = (packet->traffic_class & ECN_MASK) == ECN_CE;
	seg->window = be16_to(h->window);
	seg->len = len - seg->header_bytes;
	if ((seg->flags & SEG_SYN) && (seg->flags & (SEG_FIN | SEG_RST)))
		return DROP_tcp_flags;
	if (!tcp_opt_parse((const uint8_t *)(h + 1), seg->header_bytes - TCP_HEADER_BYTES,
			   &seg->opt))
		return DROP_tcp_options;
	return DROP_none;
}

/* 3.10.7.3 SYN-SENT STATE. True: go on with the seventh step. */
static bool
syn_sent(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us)
{
	bool ack_is_ours = (seg->flags & SEG_ACK) && seg->ack == c->snd_nxt && c->sent_us;

	/* First, check the ACK bit: anything but an acknowledgment of our SYN gets a reset */
	if ((seg->flags & SEG_ACK) && !ack_is_ours) {
		tcp_reset_answer(tcp, seg, &c->local, &c->remote, now_us);
		return refuse(seg, DROP_tcp_ack_unacceptable);
	}
	/* Second, check the RST bit (RFC 5961 3.2: only with an acceptable acknowledgment) */
	if (seg->flags & SEG_RST) {
		if (!ack_is_ours)
			return refuse(seg, DROP_tcp_reset_inexact);
		tcp->stats->counter[COUNTER_tcp_resets_received]++;
		tcp_conn_close(tcp, c, TCP_CLOSE_REFUSED);
		return false;
	}
	/* Fourth, check the SYN bit */
	if (seg->flags & SEG_SYN)
		return syn_sent_syn(tcp, c, seg, now_us);
	/* Fifth, neither of the SYN or RST bits is set: drop the segment */
	return refuse(seg, DROP_tcp_flags);
}

static bool
syn_sent_syn(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us)
{
	c->received_us = now_us;
	c->irs = seg->seq;
	tcp_conn_negotiated(tcp, c, &seg->opt);
	tcp_ecn_negotiate(tcp, c, seg);
	c->snd_wnd = c->snd_wnd_max = seg->window;
	c->snd_wl1 = seg->seq;
	c->snd_wl2 = seg->ack;
	if (!(seg->flags & SEG_ACK)) {
		/* Both sides open at the same time: SYN,ACK. Text with the SYN comes again. */
		c->state = TCP_SYN_RECEIVED;
		c->flags |= CONN_SYN_DUE;
		c->snd_wl2 = c->iss;
		tcp_timer_restart_rto(tcp, c, now_us);
		tcp_output_want(tcp, c);
		return false;
	}
	if (!(c->flags & CONN_SYN_RETRANSMITTED))
		tcp_rtt_sample(tcp, c, (uint32_t)(now_us - c->sent_us),
			       (uint32_t)(now_us - c->sent_us), now_us);
	tcp_conn_established(tcp, c, now_us);
	tcp_delack_now(tcp, c);
	seg->seq++; /* what follows the SYN */
	seg->flags &= (uint8_t)~SEG_SYN;
	return true;
}

/* First, check sequence number. */
static bool
first_sequence(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us)
{
	if (c->state == TCP_SYN_RECEIVED && (seg->flags & SEG_SYN) && seg->seq == c->irs &&
	    !repeated_syn(tcp, c, seg, now_us))
		return false;
	if ((c->flags & CONN_TIMESTAMPS) && !(seg->flags & SEG_RST) &&
	    !timestamp_is_fresh(tcp, c, seg, now_us))
		return false;
	if (!in_window(c, seg))
		return out_of_window(tcp, c, seg, now_us);
	return true;
}

/*
 * The SYN that brought us to SYN-RECEIVED once more. Alone it means that our SYN,ACK was lost. With
 * an acknowledgment it is the other half of a simultaneous open (RFC 9293 figure 8): what follows
 * the SYN goes on.
 */
static bool
repeated_syn(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us)
{
	if (seg->flags & SEG_ACK) {
		seg->seq++;
		seg->flags &= (uint8_t)~SEG_SYN;
		seg->window >>= c->snd_scale; /* that of a SYN is not scaled; the fifth step will */
		return true;
	}
	tcp_ecn_negotiate(tcp, c, seg);
	if (!(c->flags & CONN_SYN_DUE))
		answer_again(tcp, c, now_us);
	return refuse(seg, DROP_tcp_duplicate);
}

/*
 * Our timer begins anew, as in other stacks. The peer's runs in step with it: both answers would go out together, for a full
 * queue to swallow both, and after the last one we would give up who has just spoken. Only a round that is not much longer
 * than it would be: whatever the peer repeats, a half-open connection lasts half as long again at most.
 */
static void
answer_again(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	c->flags |= CONN_SYN_DUE | CONN_SYN_RETRANSMITTED;
	if (now_us - c->opened_us < 2 * (uint64_t)c->rto_us)
		tcp_timer_restart_rto(tcp, c, now_us);
	tcp_output_want(tcp, c);
}

/*
 * RFC 7323 3.2 and 5.3 R1. A SYN without timestamps goes on to the challenge: its sender may
 * have restarted.
 */
static bool
timestamp_is_fresh(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us)
{
	if (!(seg->opt.has & OPT_TIMESTAMPS))
		return seg->flags & SEG_SYN ? true : refuse(seg, DROP_tcp_timestamp_missing);
	if (seq_geq(seg->opt.ts_value, c->ts_recent) || now_us - c->ts_recent_us > PAWS_IDLE_US)
		return true;
	tcp_reset_challenge(tcp, c, now_us);
	return refuse(seg, DROP_tcp_paws);
}

/*
 * The four cases of table 6. One is wider, as in other stacks: a segment without text may stand at
 * the window's very end, where a peer's acknowledgments are that has filled the window, and one
 * byte behind a closed one, where they are while the peer probes it ("special allowance should be
 * made to accept valid ACKs").
 */
static bool
in_window(const struct tcp_conn *c, const struct tcp_segment *seg)
{
	uint32_t wnd = c->rcv_adv - c->rcv_nxt;
	uint32_t len = seg->len + !!(seg->flags & SEG_SYN) + !!(seg->flags & SEG_FIN);
	uint32_t first = seg->seq - c->rcv_nxt, last = first + len - 1;

	if (len == 0)
		return first <= (wnd ? wnd : 1);
	return first < wnd || last < wnd;
}

/*
 * If an incoming segment is not acceptable, an acknowledgment should be sent in reply (unless
 * the RST bit is set).
 */
static bool
out_of_window(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us)
{
	uint32_t end = seg->seq + seg->len + !!(seg->flags & SEG_FIN);
	bool repeated = end != seg->seq && seq_leq(end, c->rcv_nxt) && !(seg->flags & SEG_SYN);

	if (seg->flags & SEG_RST)
		return refuse(seg, DROP_tcp_sequence);
	if (repeated) {
		/*
		 * a retransmission of what has been taken: our ACK was lost. Not a challenge,
		 * the peer waits for it
		 */
		if (seg->len > 0)
			tcp_sack_duplicate(tcp, c, seg->seq, end);
		tcp_delack_now(tcp, c);
	} else {
		tcp_reset_challenge(tcp, c, now_us);
	}
	if (c->state == TCP_TIME_WAIT) {
		if (seg->flags & SEG_FIN)
			tcp_time_wait_restart(tcp, c, now_us);
		return refuse(seg, DROP_tcp_time_wait);
	}
	if (repeated)
		return refuse(seg, DROP_tcp_duplicate);
	if (seg->len == 0 || seq_lt(seg->seq, c->rcv_adv))
		return refuse(seg, DROP_tcp_sequence);
	seg->reason = DROP_tcp_receive_buffer_full;
	if (seg->seq != c->rcv_nxt)
		return false;
	/* the window is closed: "special allowance should be made to accept valid ACKs" */
	seg->len = 0;
	seg->flags &= (uint8_t)~SEG_FIN;
	return true;
}

/* Second, check the RST bit (RFC 5961 3.2): exactly in sequence, or the peer must confirm. */
static bool
second_reset(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us)
{
	if (!(seg->flags & SEG_RST))
		return true;
	if (seg->seq != c->rcv_nxt) {
		tcp_reset_challenge(tcp, c, now_us);
		return refuse(seg, DROP_tcp_reset_inexact);
	}
	tcp->stats->counter[COUNTER_tcp_resets_received]++;
	last_words(tcp, c, seg);
	tcp_conn_close(tcp, c, c->state == TCP_SYN_RECEIVED ? TCP_CLOSE_REFUSED : TCP_CLOSE_RESET);
	return false;
}

/*
 * What a RST says about our bytes, for tcp_take_unacked. One that acknowledges comes from the
 * connection itself. One that does not answers a segment for which there was no connection any
 * more: an earlier copy of it, or an earlier segment, may have found one.
 */
static void
last_words(struct tcp *tcp, struct tcp_conn *c, const struct tcp_segment *seg)
{
	if (c->state < TCP_ESTABLISHED)
		return;
	if (!(seg->flags & SEG_ACK) || seq_gt(seg->ack, c->snd_nxt)) {
		if (c->flight->sent_count > 1 || tcp_sent_any_again(tcp, c))
			c->flags |= CONN_RESET_VAGUE;
	} else if (seq_gt(seg->ack, c->snd_una)) {
		uint32_t bytes = min_u32(seg->ack - c->snd_una, c->queue.bytes);

		bufq_drop(&c->queue, bytes);
		c->bytes_out += bytes;
		c->snd_una = seg->ack;
	}
}

/*
 * Fourth, check the SYN bit (RFC 5961 4.2): a peer that has restarted answers the challenge with
 * RST. In SYN-RECEIVED too, where RFC 9293 lets a passive open go back to LISTEN: any stranger
 * could end it so.
 */
static bool
fourth_syn(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us)
{
	if (!(seg->flags & SEG_SYN))
		return true;
	tcp_reset_challenge(tcp, c, now_us);
	return refuse(seg, DROP_tcp_syn_in_window);
}

/* Fifth, check the ACK field. */
static bool
fifth_ack(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us)
{
	if (!(seg->flags & SEG_ACK))
		return refuse(seg, DROP_tcp_flags);
	if (c->state == TCP_SYN_RECEIVED) {
		if (seg->ack != c->snd_nxt) {
			tcp_reset_answer(tcp, seg, &c->local, &c->remote, now_us);
			return refuse(seg, DROP_tcp_ack_unacceptable);
		}
		if (!(c->flags & CONN_SYN_RETRANSMITTED) && c->sent_us)
			tcp_rtt_sample(tcp, c, (uint32_t)(now_us - c->sent_us),
				       (uint32_t)(now_us - c->sent_us), now_us);
		c->snd_wnd = c->snd_wnd_max = seg->window << c->snd_scale;
		c->snd_wl1 = seg->seq;
		c->snd_wl2 = seg->ack;
		tcp_conn_established(tcp, c, now_us);
	}
	seg->window <<= c->snd_scale;
	if (!tcp_ack_input(tcp, c, seg, now_us))
		return false;
	note_timestamp(c, seg, now_us);
	return !conn_fin_acked(c) || fifth_ack_of_fin(tcp, c, seg, now_us);
}

/*
 * RFC 7323 4.3 (2): only of what begins no later than the last acknowledgment that we sent. And, as in other
 * stacks, only once its own acknowledgment is believed: a stranger who guesses a place in the window, but not
 * that (RFC 5961 5), could have all that the peer says look old.
 */
static void
note_timestamp(struct tcp_conn *c, const struct tcp_segment *seg, uint64_t now_us)
{
	if (!(c->flags & CONN_TIMESTAMPS) || !(seg->opt.has & OPT_TIMESTAMPS) ||
	    seq_gt(seg->seq, c->rcv_acked))
		return;
	c->ts_recent = seg->opt.ts_value;
	c->ts_recent_us = now_us;
}

/* Our FIN is now acknowledged. */
static bool
fifth_ack_of_fin(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us)
{
	switch (c->state) {
	case TCP_FIN_WAIT_1:
		c->state = TCP_FIN_WAIT_2;
		return true;
	case TCP_CLOSING:
		tcp_time_wait_enter(tcp, c, now_us);
		return true;
	case TCP_LAST_ACK:
		tcp_conn_close(tcp, c, TCP_CLOSE_FINISHED);
		return false;
	default:
		return true;
	}
}

/* Seventh, process the segment text. */
static bool
seventh_text(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us)
{
	if (seg->len == 0)
		return true;
	switch (c->state) {
	case TCP_SYN_RECEIVED: /* with a SYN of Fast Open */
	case TCP_ESTABLISHED:
		break;
	case TCP_FIN_WAIT_1:
	case TCP_FIN_WAIT_2:
		if (!(c->flags & CONN_RELEASED))
			break;
		/* 3.6.1: nobody will read it, and the peer has to learn that */
		if (seq_leq(seg->seq + seg->len, c->rcv_nxt))
			return refuse(seg, DROP_tcp_duplicate);
		tcp_reset_conn(tcp, c);
		tcp_conn_close(tcp, c, TCP_CLOSE_RESET);
		return refuse(seg, DROP_tcp_after_close);
	case TCP_TIME_WAIT:
		return refuse(seg, DROP_tcp_time_wait);
	default:
		/*
		 * CLOSE-WAIT, CLOSING, LAST-ACK: the peer's FIN has been received, ignore the
		 * text
		 */
		return refuse(seg, DROP_tcp_after_close);
	}
	return take_text(tcp, c, seg, now_us);
}

static bool
take_text(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us)
{
	uint32_t skip, taken;
	enum drop_reason reason;

	tcp_ecn_received(tcp, c, seg);
	trim(tcp, c, seg, &skip);
	if (seg->len > c->rcv_mss)
		c->rcv_mss = (uint16_t)seg->len;
	if (seg->len == 0)
		return true;
	if (tcp->keep_left == 0)
		return refuse(seg, DROP_tcp_receive_buffer_full);
	tcp->keep_left--;
	rte_pktmbuf_adj(seg->m, (uint16_t)(seg->header_bytes + skip));
	rte_pktmbuf_trim(seg->m, (uint16_t)(seg->m->data_len - seg->len));
	if (seg->seq != c->rcv_nxt) {
		tcp_delack_now(tcp, c);
		reason = tcp_reassembly_add(tcp, c, seg);
		return reason == DROP_none ? true : refuse(seg, reason);
	}
	if (c->flight->islands)
		tcp_reassembly_first_wins(c, seg);
	bufq_append(&c->received, seg->m);
	seg->m = NULL;
	c->rcv_nxt += seg->len;
	taken = seg->len;
	if (c->flight->islands) {
		taken += tcp_reassembly_take(c);
		tcp_sack_advanced(c);
		tcp_delack_now(tcp, c); /* RFC 5681 4.2: a hole was filled */
	}
	/* islands don't remember theirs: the last one may have been pushed */
	if ((seg->flags & SEG_PSH) || taken != seg->len)
		c->rcv_push = c->rcv_nxt;
	c->bytes_in += taken;
	tcp->stats->counter[COUNTER_tcp_bytes_received] += taken;
	tcp_delack_data(tcp, c, now_us);
	tcp_conn_event(tcp, c, TCP_EVENT_READABLE);
	return true;
}

/*
 * "Segments with higher beginning sequence numbers should be held ... trim off any portions that
 * lie outside the window."
 */
static void
trim(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint32_t *skip)
{
	uint32_t end = seg->seq + seg->len, limit = c->rcv_adv;

	*skip = 0;
	if (seq_lt(seg->seq, c->rcv_nxt)) {
		*skip = min_u32(c->rcv_nxt - seg->seq, seg->len);
		tcp_sack_duplicate(tcp, c, seg->seq, seg->seq + *skip);
		seg->seq += *skip;
		seg->len -= *skip;
	}
	if ((c->flags & CONN_FIN_KNOWN) && seq_lt(c->fin_seq, limit))
		limit = c->fin_seq;
	if (seq_gt(end, limit)) {
		seg->len -= min_u32(end - limit, seg->len);
		seg->flags &= (uint8_t)~SEG_FIN;
	}
}

/* Eighth, check the FIN bit; it may also have been waiting for data before it. */
static void
eighth_fin(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us)
{
	uint32_t seq = seg->seq + seg->len;

	/* The first one counts, if the peer has not sent data behind it. */
	if ((seg->flags & SEG_FIN) && !(c->flags & CONN_FIN_KNOWN) &&
	    (!c->flight->islands || seq_geq(seq, island_of(c->flight->island_last)->end))) {
		c->flags |= CONN_FIN_KNOWN;
		c->fin_seq = seq;
		tcp_delack_now(tcp, c);
	}
	if (!(c->flags & CONN_FIN_KNOWN) || (c->flags & CONN_EOF) || c->rcv_nxt != c->fin_seq)
		return;
	c->rcv_nxt++;
	if (seq_lt(c->rcv_adv, c->rcv_nxt))
		c->rcv_adv = c->rcv_nxt;
	c->flags |= CONN_EOF;
	tcp_delack_now(tcp, c);
	tcp_conn_event(tcp, c, TCP_EVENT_EOF);
	switch (c->state) {
	case TCP_ESTABLISHED:
		c->state = TCP_CLOSE_WAIT;
		break;
	case TCP_FIN_WAIT_1:
		c->state = TCP_CLOSING; /* our FIN is not acknowledged, or it would be FIN-WAIT-2 */
		break;
	case TCP_FIN_WAIT_2:
		tcp_time_wait_enter(tcp, c, now_us);
		break;
	default:
		ASSERT(!"a FIN is reached in other states only once");
	}
}
