/*
 * Segments for which there is no connection: RFC 9293 3.10.7.1 (CLOSED) and 3.10.7.2 (LISTEN).
 * There are no listening objects: the host says which local endpoints are wanted. SYN cookies would
 * stand here.
 */
#include "dataplane/tcp/tcp_priv.h"

static enum drop_reason
passive_open(struct tcp *tcp, struct tcp_segment *seg, const struct endpoint *local,
	     const struct endpoint *remote, uint64_t now_us);

enum drop_reason
tcp_listen_input(struct tcp *tcp, struct tcp_segment *seg, const struct endpoint *local,
		 const struct endpoint *remote, uint64_t now_us)
{
	bool listens = tcp->host->listens(tcp->host->context, local);

	/* 3.10.7.2 first: an incoming RST should be ignored (and 3.10.7.1) */
	if (seg->flags & SEG_RST)
		return DROP_tcp_no_connection;
	/* second: any acknowledgment is bad if it arrives while still in LISTEN */
	if ((seg->flags & SEG_ACK) || !listens) {
		tcp_reset_answer(tcp, seg, local, remote, now_us);
		return seg->flags & SEG_ACK || !(seg->flags & SEG_SYN) ? DROP_tcp_no_connection
								       : DROP_tcp_no_listener;
	}
	/* third */
	if (seg->flags & SEG_SYN)
		return passive_open(tcp, seg, local, remote, now_us);
	/* fourth: neither SYN nor ACK nor RST */
	return DROP_tcp_flags;
}

/* Text and FIN beside the SYN are not kept: the peer sends them again. */
static enum drop_reason
passive_open(struct tcp *tcp, struct tcp_segment *seg, const struct endpoint *local,
	     const struct endpoint *remote, uint64_t now_us)
{
	uint32_t profile = tcp->host->profile ? tcp->host->profile(tcp->host->context, local)
					      : TCP_PROFILE_DEFAULT;
	struct tcp_conn *c;

	if (tcp->half_open >= tcp->settings.half_open_max)
		return DROP_tcp_syn_queue_full;
	c = tcp_conn_make(tcp, local, remote, profile, now_us);
	if (!c)
		return DROP_tcp_conn_table_full;
	/* "The ISS must be larger than any sequence number used before" (RFC 1122 4.2.2.13) */
	if (seg->replaces && seq_leq(c->iss, seg->old_snd_nxt + UINT16_MAX))
		c->iss = c->snd_una = c->snd_nxt = seg->old_snd_nxt + UINT16_MAX;
	c->flags = CONN_ACCEPTED | CONN_SYN_DUE;
	c->state = TCP_SYN_RECEIVED;
	tcp->half_open++;
	c->irs = seg->seq;
	tcp_conn_negotiated(tcp, c, &seg->opt);
	/* The window of a SYN is never scaled (RFC 7323 2.2). */
	c->snd_wnd = c->snd_wnd_max = seg->window;
	c->snd_wl1 = seg->seq;
	c->snd_wl2 = c->iss;
	c->snd_nxt = c->iss + 1;
	tcp_timer_restart_rto(tcp, c, now_us);
	tcp_output_want(tcp, c);
	return DROP_none;
}
