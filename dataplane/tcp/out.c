/*
 * What goes out: path.c asks for segments with tcp_output, burst by burst. Connections that may
 * have something to send wait in a list; each is visited in turn and may send a bounded number of
 * segments. A visit, in order of urgency:
 *
 *   SYN        or SYN,ACK, and nothing else before the handshake is complete
 *   lost       records that loss.c marked, as far as cwnd allows; the first one of a recovery
 * always new        data as far as cwnd and the peer's window allow; FIN with the last of it probes
 * tail loss probe (probe.c), zero window probe (persist.c) ACK        alone, if none of the above
 * carried it
 *
 * RFC 9293 3.8.6.2.1 (silly window avoidance), 5681.
 */
#include "dataplane/tcp/tcp_priv.h"

/* One visit to a connection. */
struct visit {
	struct rte_mbuf **burst;
	uint16_t n, count;
	uint32_t segments;      /* more than count where the port cuts packets into segments */
	struct rte_mbuf *train; /* the last one, if it may take a further segment; NULL: none may */
	uint32_t train_segments;
	bool cuts;    /* the port cuts packets into segments; only in send_new */
	bool starved; /* no mbuf or no record was left */
	uint64_t now_us;
};

static bool has_room(const struct visit *v);
static bool has_room_or_train(const struct visit *v);
static void visit(struct tcp *tcp, struct tcp_conn *c, struct visit *v);
static void send_syn(struct tcp *tcp, struct tcp_conn *c, struct visit *v);
static void send_lost(struct tcp *tcp, struct tcp_conn *c, struct visit *v);
static bool resend(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s, struct visit *v);
static void send_new(struct tcp *tcp, struct tcp_conn *c, struct visit *v);
static bool send_path_probe(struct tcp *tcp, struct tcp_conn *c, struct visit *v);
static uint32_t next_len(const struct tcp_conn *c);
static bool cwnd_allows(struct tcp_conn *c, uint32_t len);
static bool fin_is_due(const struct tcp_conn *c);
static bool
send_segment(struct tcp *tcp, struct tcp_conn *c, uint32_t len, bool fin, struct visit *v);
static bool build_new(struct tcp *tcp, struct tcp_conn *c, uint8_t flags, uint32_t len, bool first,
		      struct visit *v);
static void send_tail_probe(struct tcp *tcp, struct tcp_conn *c, struct visit *v);
static void send_window_probe(struct tcp *tcp, struct tcp_conn *c, struct visit *v);
static void send_ack(struct tcp *tcp, struct tcp_conn *c, struct visit *v);

uint16_t
tcp_output(struct tcp *tcp, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	uint16_t got = tcp_reset_output(tcp, burst, n, now_us);
	uint32_t id;

	got = (uint16_t)(got + tcp_cookie_output(tcp, burst + got, (uint16_t)(n - got)));
	while (got < n && (id = tcp->lists[LIST_OUTPUT].head) != TCP_NONE) {
		struct tcp_conn *c = conn_at(tcp, id);
		struct visit v = {
			.burst = burst + got,
			.n = (uint16_t)min_u32(n - got, TCP_VISIT_SEGMENTS),
			.now_us = now_us,
		};

		tcp_list_remove(tcp, LIST_OUTPUT, c);
		visit(tcp, c, &v);
		got = (uint16_t)(got + v.count);
		if (v.starved)
			tcp_timer_set(tcp, c, TIMER_RETRY, now_us + TCP_RETRY_US);
		else if (!has_room(&v))
			tcp_list_add(tcp, LIST_OUTPUT, c); /* there may be more: after the others */
	}
	return got;
}

void
tcp_output_want(struct tcp *tcp, struct tcp_conn *c)
{
	tcp_list_add(tcp, LIST_OUTPUT, c);
}

bool
tcp_has_output(const struct tcp *tcp)
{
	return tcp->lists[LIST_OUTPUT].head != TCP_NONE || tcp->reset_count > 0 ||
	       tcp->cookie_count > 0;
}

static bool
has_room(const struct visit *v)
{
	return v->count < v->n && v->segments < TCP_VISIT_SEGMENTS && !v->starved;
}

/* A further segment of the last packet needs no room in the burst. */
static bool
has_room_or_train(const struct visit *v)
{
	return has_room(v) || (v->train && v->segments < TCP_VISIT_SEGMENTS && !v->starved);
}

static void
visit(struct tcp *tcp, struct tcp_conn *c, struct visit *v)
{
	if (c->state == TCP_CLOSED)
		return;
	if (c->state == TCP_SYN_SENT || c->state == TCP_SYN_RECEIVED) {
		if (c->flags & CONN_SYN_DUE)
			send_syn(tcp, c, v);
		else if ((c->flags & CONN_ACK_NOW) && c->state == TCP_SYN_RECEIVED)
			send_ack(tcp, c, v); /* a challenge */
		return;
	}
	if (tcp_undo_wants_new(c))
		send_new(tcp, c, v);
	send_lost(tcp, c, v);
	send_new(tcp, c, v);
	if (c->flags & CONN_PROBE_DUE)
		send_tail_probe(tcp, c, v);
	if (c->flags & CONN_PERSIST_DUE)
		send_window_probe(tcp, c, v);
	if (c->flags & (CONN_ACK_NOW | CONN_KEEP_ALIVE_DUE))
		send_ack(tcp, c, v);
	tcp_timer_retransmit(tcp, c, v->now_us);
}

/* Puts a segment into the burst; false if there was none to put. */
static bool
emit(struct visit *v, struct rte_mbuf *m)
{
	if (!m) {
		v->starved = true;
		return false;
	}
	v->burst[v->count++] = m;
	v->segments++;
	return true;
}

static void
send_syn(struct tcp *tcp, struct tcp_conn *c, struct visit *v)
{
	if (!emit(v, tcp_build_syn(tcp, c, v->now_us)))
		return;
	c->flags &= ~(uint32_t)CONN_SYN_DUE;
	tcp_delack_sent(tcp, c); /* text of a SYN too */
	c->sent_us = v->now_us;
}

static void
send_lost(struct tcp *tcp, struct tcp_conn *c, struct visit *v)
{
	struct tcp_sent *s;

	while (has_room(v) && (s = tcp_sent_next_lost(tcp, c))) {
		if (!(c->flags & CONN_RESEND_DUE) &&
		    (!cwnd_allows(c, s->end - s->start) || !tcp_pacing_allows(tcp, c, v->now_us)))
			return;
		if (!resend(tcp, c, s, v))
			return;
		c->flags &= ~(uint32_t)CONN_RESEND_DUE;
	}
	if (!c->flight->lost)
		c->flags &= ~(uint32_t)CONN_RESEND_DUE;
}

/* A record is one segment; if the MSS has shrunk meanwhile, it becomes two. */
static bool
resend(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s, struct visit *v)
{
	uint32_t len = s->end - s->start - (s->flags & SENT_FIN ? 1 : 0);

	if (len > c->mss) {
		if (c->path == PATH_PROBING)
			tcp_path_probe_lost(tcp, c, s, v->now_us);
		if (!tcp_sent_split(tcp, c, s, c->mss)) {
			v->starved = true;
			return false;
		}
		len = c->mss;
	}
	if (!emit(v, tcp_build(tcp, c, s->start, SEG_PSH | (s->flags & SENT_FIN ? SEG_FIN : 0), len,
			       &c->flight->resend_at, v->now_us)))
		return false;
	tcp_sent_again(tcp, c, s, v->now_us);
	tcp->stats->counter[COUNTER_tcp_retransmits]++;
	c->retransmits++;
	c->sent_us = v->now_us;
	tcp_undo_sent_again(c, s->end - s->start,
			    v->now_us); /* of a FIN no duplicate is reported */
	tcp_pacing_sent(tcp, c, len, v->now_us);
	if (c->recovery == RECOVERY_FAST)
		c->flight->prr_out += len;
	if (c->rto_due_us == TCP_NEVER)
		tcp_timer_restart_rto(tcp, c, v->now_us);
	return true;
}

static void
send_new(struct tcp *tcp, struct tcp_conn *c, struct visit *v)
{
	bool sent = false;
	uint32_t len;

	tcp_cc_before_send(c, v->now_us);
	if (unlikely(c->path != PATH_FULL) && !send_path_probe(tcp, c, v))
		return;
	v->cuts = conn_unsent(c) > c->mss && tcp->host->cuts &&
		  tcp->host->cuts(tcp->host->context, &c->remote.addr);
	while (has_room_or_train(v) && (len = next_len(c)) > 0 && !tcp_nagle_holds(tcp, c, len) &&
	       cwnd_allows(c, len) && tcp_pacing_allows(tcp, c, v->now_us)) {
		bool fin = len == conn_unsent(c) && fin_is_due(c) && tcp_persist_usable(c) > len;

		if (!send_segment(tcp, c, len, fin, v))
			break;
		sent = true;
	}
	if (has_room(v) && fin_is_due(c) && conn_unsent(c) == 0 && tcp_persist_usable(c) > 0)
		sent |= send_segment(tcp, c, 0, true, v);
	v->cuts = false;
	v->train = NULL;
	if (sent)
		tcp_probe_schedule(tcp, c, v->now_us);
}

/*
 * RFC 4821 7: a segment larger than the others. False: it waits for room in cwnd, which they would take from it.
 */
static bool
send_path_probe(struct tcp *tcp, struct tcp_conn *c, struct visit *v)
{
	uint32_t len = has_room(v) ? tcp_path_probe_due(tcp, c, v->now_us) : 0;

	if (!len)
		return true;
	if (!cwnd_allows(c, len) || !tcp_pacing_allows(tcp, c, v->now_us))
		return false;
	if (send_segment(tcp, c, len, false, v)) {
		tcp_path_probe_sent(tcp, c, len);
		tcp_probe_schedule(tcp, c, v->now_us);
	}
	return true;
}

/*
 * How much the next new segment carries, by the peer's window; 0: nothing now. A segment is full,
 * or carries all there is, or half of the largest window the peer ever had (RFC 9293 3.8.6.2.1).
 */
static uint32_t
next_len(const struct tcp_conn *c)
{
	uint32_t unsent = conn_unsent(c);
	uint32_t len = min_u32(min_u32(unsent, c->mss), tcp_persist_usable(c));

	return len == c->mss || len == unsent || len >= c->snd_wnd_max / 2 ? len : 0;
}

static bool
cwnd_allows(struct tcp_conn *c, uint32_t len)
{
	uint32_t pipe = tcp_loss_pipe(c);

	if (c->flight->pipe == 0 || pipe + len <= c->cwnd)
		return true;
	c->flags |= CONN_CWND_LIMITED;
	c->flight->cwnd_limited_seq = c->snd_nxt;
	return false;
}

/* FIN follows what is queued; it takes a place in the peer's window like a byte. */
static bool
fin_is_due(const struct tcp_conn *c)
{
	return (c->flags & (CONN_SHUTDOWN | CONN_FIN_SENT)) == CONN_SHUTDOWN;
}

/* The next len bytes, for the first time (but for one that was a window probe). */
static bool
send_segment(struct tcp *tcp, struct tcp_conn *c, uint32_t len, bool fin, struct visit *v)
{
	bool pushed = seq_gt(c->push_end, c->snd_nxt) && seq_leq(c->push_end, c->snd_nxt + len);
	uint8_t flags = (pushed || len == conn_unsent(c) ? SEG_PSH : 0) | (fin ? SEG_FIN : 0) |
			(len && c->flight->cwr_due ? SEG_CWR : 0);
	uint8_t sent_flags =
	    (fin ? SENT_FIN : 0) | (c->flags & CONN_PROBE_BACK ? SENT_RETRANSMITTED : 0);
	uint32_t end = c->snd_nxt + len + fin;

	if (!tcp_sent_add(tcp, c, c->snd_nxt, end, sent_flags, v->now_us)) {
		v->starved = true;
		return false;
	}
	if (!build_new(tcp, c, flags, len, !(sent_flags & SENT_RETRANSMITTED), v)) {
		tcp_sent_drop_last(tcp, c);
		return false;
	}
	if (len && !(c->flags & (CONN_PROBE_BACK | CONN_PERSIST_DUE)))
		tcp_ecn_sent(c, v->burst[v->count - 1]);
	tcp_nagle_sent(c, len, end);
	tcp_pacing_sent(tcp, c, len, v->now_us);
	c->snd_nxt = end;
	c->sent_us = v->now_us;
	if (fin)
		c->flags |= CONN_FIN_SENT;
	if (c->recovery == RECOVERY_FAST)
		c->flight->prr_out += len;
	tcp->stats->counter[COUNTER_tcp_bytes_sent] +=
	    len - (len > 0 && (c->flags & CONN_PROBE_BACK) ? 1 : 0);
	c->flags &= ~(uint32_t)CONN_PROBE_BACK;
	if (c->rto_due_us == TCP_NEVER)
		tcp_timer_restart_rto(tcp, c, v->now_us);
	return true;
}

/*
 * As a packet of its own, or as a further segment of the last one, where the port cuts packets: full ones, and one
 * that ends it. `first`: none of it was ever sent. What says that cwnd was reduced (CWR) stands alone, since not all
 * ports leave it out of the following segments.
 */
static bool
build_new(struct tcp *tcp, struct tcp_conn *c, uint8_t flags, uint32_t len, bool first,
	  struct visit *v)
{
	bool joins = v->train && first && len > 0 && !(flags & SEG_CWR);

	if (!joins && v->count == v->n)
		return false;
	if (!joins) {
		v->train_segments = 0;
		if (!emit(v, tcp_build(tcp, c, c->snd_nxt, flags, len, &c->flight->send_at,
				       v->now_us)))
			return false;
	} else if (tcp_build_more(tcp, c, v->train, flags, len, &c->flight->send_at)) {
		v->segments++;
	} else {
		v->starved = true;
		return false;
	}
	v->train_segments++;
	v->train = v->burst[v->count - 1];
	if (!v->cuts || !first || len != c->mss || (flags & (SEG_PSH | SEG_FIN | SEG_CWR)) ||
	    v->train_segments == TCP_TRAIN_SEGMENTS || v->train->pkt_len + c->mss > TCP_TRAIN_BYTES)
		v->train = NULL;
	return true;
}

/*
 * RFC 8985 7.3: new data if the peer's window has room for it, otherwise the last segment once
 * more; cwnd does not count.
 */
static void
send_tail_probe(struct tcp *tcp, struct tcp_conn *c, struct visit *v)
{
	uint32_t len = next_len(c);

	if (!has_room(v))
		return;
	c->flags &= ~(uint32_t)CONN_PROBE_DUE;
	if (c->flight->sent_last == POOL_NONE || c->recovery != RECOVERY_NONE)
		return;
	if (len > 0 ? send_segment(tcp, c, len, false, v)
		    : (sent_at(tcp, c->flight->sent_last)->flags & SENT_IN_FLIGHT) &&
			  resend(tcp, c, sent_at(tcp, c->flight->sent_last), v))
		tcp_probe_sent(c, len == 0);
	tcp_timer_restart_rto(tcp, c, v->now_us);
}

/*
 * RFC 9293 3.8.6.1: what little the window allows, or a byte (or the FIN) that it does not
 * allow, again and again.
 */
static void
send_window_probe(struct tcp *tcp, struct tcp_conn *c, struct visit *v)
{
	uint32_t unsent = conn_unsent(c), usable = tcp_persist_usable(c);
	uint32_t len = min_u32(min_u32(unsent, c->mss), max_u32(usable, 1));

	if (!has_room(v))
		return;
	if (tcp_persist_blocked(c)) {
		if (!send_segment(tcp, c, len, unsent == 0, v))
			return;
		if (usable == 0)
			c->flags |= CONN_PROBE_OUT;
	}
	c->flags &= ~(uint32_t)CONN_PERSIST_DUE;
}

/*
 * Also when there was no record for data. Before the window, it asks for an answer; a segment that went out since is
 * answered anyway.
 */
static void
send_ack(struct tcp *tcp, struct tcp_conn *c, struct visit *v)
{
	uint32_t seq = conn_bare_seq(c);

	if (v->count >= v->n)
		return;
	if ((c->flags & CONN_KEEP_ALIVE_DUE) && c->snd_una == c->snd_nxt)
		seq = c->snd_una - 1;
	if (emit(v, tcp_build(tcp, c, seq, 0, 0, NULL, v->now_us)))
		c->flags &= ~(uint32_t)CONN_KEEP_ALIVE_DUE;
}
