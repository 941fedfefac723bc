/*
 * Segments as bytes: header, options, payload copied from the send queue (RFC 9293 3.1). The checksum is made where
 * it is known whether the port makes it (net's offload.c). Each is one direct mbuf with room in front for the layers below; what they need to know stands in
 * its packet.
 */
#include "dataplane/tcp/tcp_priv.h"

#include <netinet/in.h>
#include <string.h>

static struct rte_mbuf *start(struct tcp *tcp, uint32_t header_bytes, uint32_t len);
static bool reports_all(const struct tcp_conn *c, uint32_t options_bytes);
static void finish(struct tcp *tcp, struct rte_mbuf *m, const struct endpoint *local,
		   const struct endpoint *remote);

static struct tcp_header
header(const struct endpoint *local, const struct endpoint *remote, uint32_t seq, uint32_t ack,
       uint8_t flags, uint16_t window, uint32_t options_bytes)
{
	return (struct tcp_header){
		.src_port = be16_from(local->port),
		.dst_port = be16_from(remote->port),
		.seq = be32_from(seq),
		.ack = be32_from(flags & SEG_ACK ? ack : 0),
		.data_offset = (uint8_t)((TCP_HEADER_BYTES + options_bytes) / 4 << 4),
		.flags = flags,
		.window = be16_from(window),
	};
}

/* len bytes of the queue from seq on, found by way of the place `at` (NULL only if len is 0). */
struct rte_mbuf *
tcp_build(struct tcp *tcp, struct tcp_conn *c, uint32_t seq, uint8_t flags, uint32_t len,
	  struct bufq_cursor *at, uint64_t now_us)
{
	uint8_t options[TCP_OPTIONS_MAX];
	uint32_t spare =
	    max_u32(c->mss, len) + (c->flags & CONN_TIMESTAMPS ? TCP_TS_BYTES : 0) - len;
	struct rte_mbuf *m = start(tcp, TCP_OPTIONS_MAX, len);
	uint32_t options_bytes;
	struct tcp_header h;
	uint8_t *out;

	if (!m)
		return NULL;
	options_bytes = tcp_opt_write(c, now_us, min_u32(spare, TCP_OPTIONS_MAX), options);
	h = header(&c->local, &c->remote, seq, c->rcv_nxt, flags | SEG_ACK | conn_ecn_echo(c),
		   tcp_window_offer(tcp, c), options_bytes);
	out = (uint8_t *)rte_pktmbuf_append(m, (uint16_t)(TCP_HEADER_BYTES + options_bytes + len));
	memcpy(out, &h, sizeof h);
	memcpy(out + TCP_HEADER_BYTES, options, options_bytes);
	if (len)
		bufq_copy_at(&c->queue, at, seq - c->snd_una, len,
			     out + TCP_HEADER_BYTES + options_bytes);
	finish(tcp, m, &c->local, &c->remote);
	if (reports_all(c, options_bytes))
		tcp_delack_sent(tcp, c);
	return m;
}

/*
 * The next len bytes of the queue as a further segment of m, which begins with full ones: the port cuts it. flags are
 * those that the last segment has (PSH, FIN). False if there is no mbuf; m is as it was then.
 */
bool
tcp_build_more(struct tcp *tcp, struct tcp_conn *c, struct rte_mbuf *m, uint8_t flags, uint32_t len,
	       struct bufq_cursor *at)
{
	struct tcp_header *h = rte_pktmbuf_mtod(m, struct tcp_header *);
	struct rte_mbuf *last = rte_pktmbuf_lastseg(m), *more = NULL;
	uint32_t fits = min_u32(rte_pktmbuf_tailroom(last), len), from = c->snd_nxt - c->snd_una;

	if (fits < len) {
		more = start(tcp, 0, len - fits);
		if (!more)
			return false;
		last->next = more;
		m->nb_segs++;
		more->data_len = (uint16_t)(len - fits);
		more->pkt_len = more->data_len;
	}
	if (fits)
		bufq_copy_at(&c->queue, at, from, fits,
			     rte_pktmbuf_mtod_offset(last, void *, last->data_len));
	if (more)
		bufq_copy_at(&c->queue, at, from + fits, len - fits,
			     rte_pktmbuf_mtod(more, void *));
	last->data_len += (uint16_t)fits;
	m->pkt_len += len;
	h->flags |= flags;
	packet_of(m)->segment_bytes = c->mss;
	tcp->stats->counter[COUNTER_tcp_segments_sent]++;
	return true;
}

/*
 * Whether the segment tells all that the peer waits for. Blocks find no room beside a full payload;
 * if they are news, an ACK of its own follows with them, so that loss in one direction is seen
 * while the other one is busy.
 */
static bool
reports_all(const struct tcp_conn *c, uint32_t options_bytes)
{
	bool blocks = (c->flags & CONN_SACK) && (c->flight->islands || (c->flags & CONN_DSACK));

	return !blocks || !(c->flags & CONN_ACK_NOW) ||
	       options_bytes > (c->flags & CONN_TIMESTAMPS ? TCP_TS_BYTES : 0);
}

/* The window of a SYN is never scaled (RFC 7323 2.2). */
struct rte_mbuf *
tcp_build_syn(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us)
{
	uint8_t options[TCP_OPTIONS_MAX],
	    flags = (c->state == TCP_SYN_SENT ? SEG_SYN : SEG_SYN | SEG_ACK) |
		    tcp_ecn_syn_flags(tcp, c);
	uint32_t options_bytes = tcp_opt_write_syn(tcp, c, now_us, options);
	struct rte_mbuf *m = start(tcp, options_bytes, 0);
	struct tcp_header h;
	uint8_t *out;

	if (!m)
		return NULL;
	h = header(&c->local, &c->remote, c->iss, c->rcv_nxt, flags,
		   (uint16_t)(c->state == TCP_SYN_SENT ? min_u32(c->rcv_limit, UINT16_MAX)
						       : c->rcv_adv - c->rcv_nxt),
		   options_bytes);
	out = (uint8_t *)rte_pktmbuf_append(m, (uint16_t)(TCP_HEADER_BYTES + options_bytes));
	memcpy(out, &h, sizeof h);
	memcpy(out + TCP_HEADER_BYTES, options, options_bytes);
	finish(tcp, m, &c->local, &c->remote);
	return m;
}

struct rte_mbuf *
tcp_build_reset(struct tcp *tcp, const struct tcp_reset *r, uint64_t now_us)
{
	uint32_t options_bytes = r->has_ts ? TCP_TS_BYTES : 0;
	struct rte_mbuf *m = start(tcp, options_bytes, 0);
	struct tcp_header h =
	    header(&r->local, &r->remote, r->seq, r->ack, r->flags, 0, options_bytes);

	if (!m)
		return NULL;
	memcpy(rte_pktmbuf_append(m, sizeof h), &h, sizeof h);
	if (r->has_ts)
		tcp_opt_write_timestamps((uint8_t *)rte_pktmbuf_append(m, TCP_TS_BYTES),
					 (uint32_t)(now_us / 1000) + r->ts_offset, r->ts_echo);
	finish(tcp, m, &r->local, &r->remote);
	tcp->stats->counter[COUNTER_tcp_resets_sent]++;
	return m;
}

/* Nobody keeps anything of it but the peer. */
struct rte_mbuf *
tcp_build_cookie(struct tcp *tcp, const struct tcp_cookie *cookie)
{
	struct tcp_options offer = {
		.has = cookie->has,
		.mss = cookie->mss,
		.scale = cookie->scale,
		.ts_value = cookie->ts_value,
		.ts_echo = cookie->ts_echo,
	};
	uint8_t options[TCP_OPTIONS_MAX], *out;
	uint32_t options_bytes = tcp_opt_write_offer(&offer, options);
	struct rte_mbuf *m = start(tcp, options_bytes, 0);
	struct tcp_header h =
	    header(&cookie->local, &cookie->remote, cookie->seq, cookie->ack,
		   SEG_SYN | SEG_ACK | cookie->ecn, cookie->window, options_bytes);

	if (!m)
		return NULL;
	out = (uint8_t *)rte_pktmbuf_append(m, (uint16_t)(TCP_HEADER_BYTES + options_bytes));
	memcpy(out, &h, sizeof h);
	memcpy(out + TCP_HEADER_BYTES, options, options_bytes);
	finish(tcp, m, &cookie->local, &cookie->remote);
	return m;
}

/* An empty mbuf in which a segment of this size fits. */
static struct rte_mbuf *
start(struct tcp *tcp, uint32_t options_bytes, uint32_t len)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(tcp->mbufs);

	if (!m) {
		tcp->stats->drop[DROP_mbuf_empty]++;
		return NULL;
	}
	ASSERT(rte_pktmbuf_tailroom(m) >= TCP_HEADER_BYTES + options_bytes + len);
	return m;
}

static void
finish(struct tcp *tcp, struct rte_mbuf *m, const struct endpoint *local,
       const struct endpoint *remote)
{
	*packet_of(m) = (struct packet){
		.src = local->addr,
		.dst = remote->addr,
		.src_port = local->port,
		.dst_port = remote->port,
		.protocol = IPPROTO_TCP,
		.lacks = PACKET_LACKS_TCP_SUM,
	};
	tcp->stats->counter[COUNTER_tcp_segments_sent]++;
}
