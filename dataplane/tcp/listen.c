/*
 * Segments for which there is no connection: RFC 9293 3.10.7.1 (CLOSED) and 3.10.7.2 (LISTEN).
 * There are no listening objects: the host says which local endpoints are wanted. What is done about
 * SYN floods stands in syncookie.c.
 */
#include "dataplane/tcp/tcp_priv.h"

static struct tcp_conn *
stray_ack(struct tcp *tcp, struct tcp_segment *seg, const struct endpoint *local,
	  const struct endpoint *remote, uint64_t now_us);
static struct tcp_conn *
passive_open(struct tcp *tcp, struct tcp_segment *seg, const struct endpoint *local,
	     const struct endpoint *remote, uint64_t now_us);
static void note_ignored_text(struct tcp *tcp, const struct tcp_segment *seg);

struct tcp_conn *
tcp_listen_input(struct tcp *tcp, struct tcp_segment *seg, const struct endpoint *local,
		 const struct endpoint *remote, uint64_t now_us)
{
	bool listens = tcp->host->listens(tcp->host->context, local);

	/* "land": we would answer ourselves; nobody connects so */
	if (endpoint_equal(local, remote)) {
		seg->reason = DROP_tcp_land;
		return NULL;
	}
	/* 3.10.7.2 first: an incoming RST should be ignored (and 3.10.7.1) */
	if (seg->flags & SEG_RST) {
		seg->reason = DROP_tcp_no_connection;
		return NULL;
	}
	if (!listens) {
		tcp_reset_answer(tcp, seg, local, remote, now_us);
		seg->reason = (seg->flags & (SEG_SYN | SEG_ACK)) == SEG_SYN
				  ? DROP_tcp_no_listener
				  : DROP_tcp_no_connection;
		return NULL;
	}
	/* second: any acknowledgment is bad if it arrives while still in LISTEN; but for a cookie's */
	if (seg->flags & SEG_ACK)
		return stray_ack(tcp, seg, local, remote, now_us);
	/* third */
	if (seg->flags & SEG_SYN)
		return passive_open(tcp, seg, local, remote, now_us);
	/* fourth: neither SYN nor ACK nor RST */
	seg->reason = DROP_tcp_flags;
	return NULL;
}

static struct tcp_conn *
stray_ack(struct tcp *tcp, struct tcp_segment *seg, const struct endpoint *local,
	  const struct endpoint *remote, uint64_t now_us)
{
	if (!(seg->flags & SEG_SYN) && tcp_cookie_is_out(tcp, now_us))
		return tcp_cookie_accept(tcp, seg, local, remote, now_us);
	tcp_reset_answer(tcp, seg, local, remote, now_us);
	seg->reason = DROP_tcp_no_connection;
	return NULL;
}

/*
 * Text beside the SYN is not kept, but for Fast Open: the peer sends it again. One that replaces a
 * connection in TIME-WAIT gets no cookie, whose number might be below those of the old one.
 */
static struct tcp_conn *
passive_open(struct tcp *tcp, struct tcp_segment *seg, const struct endpoint *local,
	     const struct endpoint *remote, uint64_t now_us)
{
	struct tcp_conn *c;

	if (!seg->replaces && tcp_cookie_wanted(tcp)) {
		seg->reason = tcp_cookie_answer(tcp, seg, local, remote, now_us);
		note_ignored_text(tcp, seg);
		return NULL;
	}
	c = tcp_listen_conn(tcp, local, remote, seg->seq, &seg->opt, now_us);
	if (!c) {
		seg->reason = DROP_tcp_conn_table_full;
		return NULL;
	}
	/* "The ISS must be larger than any sequence number used before" (RFC 1122 4.2.2.13) */
	if (seg->replaces && seq_leq(c->iss, seg->old_snd_nxt + UINT16_MAX))
		c->iss = c->snd_una = seg->old_snd_nxt + UINT16_MAX;
	c->flags |= CONN_SYN_DUE;
	tcp_ecn_negotiate(tcp, c, seg);
	/* The window of a SYN is never scaled (RFC 7323 2.2). */
	c->snd_wnd = c->snd_wnd_max = seg->window;
	c->snd_wl1 = seg->seq;
	c->snd_wl2 = c->iss;
	c->snd_nxt = c->iss + 1;
	tcp_timer_restart_rto(tcp, c, now_us);
	tcp_output_want(tcp, c);
	if (conn_profile(tcp, c)->fast_open && (seg->opt.has & OPT_FAST_OPEN) &&
	    tcp_fast_open_syn(tcp, c, seg, now_us)) {
		seg->fast_open = true;
		seg->seq++; /* what follows the SYN */
		return c;
	}
	note_ignored_text(tcp, seg);
	return NULL;
}

static void
note_ignored_text(struct tcp *tcp, const struct tcp_segment *seg)
{
	if (seg->len && seg->reason == DROP_none)
		tcp->stats->counter[COUNTER_tcp_syn_text_ignored]++;
}

uint32_t
tcp_listen_profile(const struct tcp *tcp, const struct endpoint *local)
{
	return tcp->host->profile ? tcp->host->profile(tcp->host->context, local)
				  : TCP_PROFILE_DEFAULT;
}

struct tcp_conn *
tcp_listen_conn(struct tcp *tcp, const struct endpoint *local, const struct endpoint *remote,
		uint32_t irs, const struct tcp_options *opt, uint64_t now_us)
{
	struct tcp_conn *c =
	    tcp_conn_make(tcp, local, remote, tcp_listen_profile(tcp, local), now_us);

	if (!c)
		return NULL;
	c->flags = CONN_ACCEPTED;
	c->state = TCP_SYN_RECEIVED;
	tcp->half_open++;
	c->irs = irs;
	tcp_conn_negotiated(tcp, c, opt);
	return c;
}
