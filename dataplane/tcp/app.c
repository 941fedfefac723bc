/*
 * The application's side (RFC 9293 3.10.1 to 3.10.6): open, send, receive, close, abort, and the
 * events that tell it what happened. Also what the layers below report about a connection: ICMP
 * errors and silent neighbours.
 */
#include "dataplane/tcp/tcp_priv.h"

static bool can_send(const struct tcp_conn *c);
static void let_go(struct tcp *tcp, struct tcp_conn *c);

/* ---- open ---- */

/* RFC 9293 3.9.2.3: no broadcast, no multicast. */
static bool
may_be_peer(const struct addr *a)
{
	return !addr_is_multicast(a) && !addr_is_unspecified(a) &&
	       !(addr_is_v4(a) && be32_to(addr_to_v4(a)) == UINT32_MAX);
}

enum err
tcp_connect(struct tcp *tcp, const struct endpoint *local, const struct endpoint *remote,
	    uint32_t profile, uint32_t user, uint64_t now_us, uint32_t *id)
{
	struct endpoint from = *local;
	struct tcp_conn *c;

	if (!may_be_peer(&remote->addr) || remote->port == 0)
		return ERR_invalid;
	if (from.port == 0)
		from.port = tcp_port_choose(tcp, &from.addr, remote, now_us);
	else if (tcp_table_find(tcp, &from, remote))
		return ERR_exists;
	if (from.port == 0)
		return ERR_no_port;
	c = tcp_conn_make(tcp, &from, remote, profile, now_us);
	if (!c)
		return ERR_no_memory;
	c->user = user;
	c->flags = CONN_OPENED | CONN_SYN_DUE;
	c->state = TCP_SYN_SENT;
	c->snd_nxt = c->iss + 1;
	tcp_timer_restart_rto(tcp, c, now_us);
	tcp_output_want(tcp, c);
	*id = c->id;
	return ERR_ok;
}

/* ---- events ---- */

uint32_t
tcp_ready_next(struct tcp *tcp, unsigned *events)
{
	uint32_t id = tcp->lists[LIST_READY].head;
	struct tcp_conn *c;

	if (id == TCP_NONE)
		return TCP_NONE;
	c = conn_at(tcp, id);
	tcp_list_remove(tcp, LIST_READY, c);
	*events = c->events;
	c->events = 0;
	return id;
}

bool
tcp_has_news(const struct tcp *tcp)
{
	return tcp->lists[LIST_READY].head != TCP_NONE;
}

void
tcp_set_user(struct tcp *tcp, uint32_t id, uint32_t user)
{
	conn_at(tcp, id)->user = user;
}

uint32_t
tcp_user(const struct tcp *tcp, uint32_t id)
{
	return conn_at(tcp, id)->user;
}

const struct endpoint *
tcp_local(const struct tcp *tcp, uint32_t id)
{
	return &conn_at(tcp, id)->local;
}

const struct endpoint *
tcp_remote(const struct tcp *tcp, uint32_t id)
{
	return &conn_at(tcp, id)->remote;
}

enum tcp_close_reason
tcp_close_reason(const struct tcp *tcp, uint32_t id)
{
	return conn_at(tcp, id)->close_reason;
}

bool
tcp_at_eof(const struct tcp *tcp, uint32_t id)
{
	return conn_at(tcp, id)->flags & CONN_EOF;
}

/*
 * Where the pieces of buffers that are moved in part come from: from nowhere once text has
 * filled the pool (see KEEP_PERCENT).
 */
static struct rte_mempool *
pool_for_pieces(struct tcp *tcp)
{
	if (tcp->keep_left == 0)
		return NULL;
	tcp->keep_left--;
	return tcp->mbufs;
}

/* ---- receive ---- */

const struct bufq *
tcp_received(const struct tcp *tcp, uint32_t id)
{
	return &conn_at(tcp, id)->received;
}

uint32_t
tcp_receive(struct tcp *tcp, uint32_t id, struct bufq *out, uint32_t len, uint64_t now_us)
{
	struct tcp_conn *c = conn_at(tcp, id);
	uint32_t moved = bufq_move(out, &c->received, len, pool_for_pieces(tcp));

	tcp_window_read(tcp, c, moved, now_us);
	return moved;
}

void
tcp_receive_drop(struct tcp *tcp, uint32_t id, uint32_t len, uint64_t now_us)
{
	struct tcp_conn *c = conn_at(tcp, id);

	if (!len)
		return;
	bufq_drop(&c->received, len);
	tcp_window_read(tcp, c, len, now_us);
}

/* ---- send ---- */

static bool
can_send(const struct tcp_conn *c)
{
	return !(c->flags & CONN_SHUTDOWN) &&
	       (c->state == TCP_SYN_SENT || c->state == TCP_SYN_RECEIVED ||
		c->state == TCP_ESTABLISHED || c->state == TCP_CLOSE_WAIT);
}

uint32_t
tcp_send_space(const struct tcp *tcp, uint32_t id)
{
	const struct tcp_conn *c = conn_at(tcp, id);
	uint32_t limit = tcp_window_send_limit(tcp, c);

	return can_send(c) && limit > c->queue.bytes ? limit - c->queue.bytes : 0;
}

uint32_t
tcp_send_queued(const struct tcp *tcp, uint32_t id)
{
	return conn_at(tcp, id)->queue.bytes;
}

uint64_t
tcp_send_stuck_us(const struct tcp *tcp, uint32_t id)
{
	const struct tcp_conn *c = conn_at(tcp, id);

	return c->queue.bytes ? c->queue_us : UINT64_MAX;
}

uint64_t
tcp_send_active_us(const struct tcp *tcp, uint32_t id)
{
	return conn_at(tcp, id)->queue_us;
}

/* Not a sequence number, which an upload of 2 GB would have pass by. */
uint64_t
tcp_send_mark(const struct tcp *tcp, uint32_t id)
{
	const struct tcp_conn *c = conn_at(tcp, id);

	return c->bytes_out + c->queue.bytes;
}

bool
tcp_send_acked(const struct tcp *tcp, uint32_t id, uint64_t mark)
{
	return conn_at(tcp, id)->bytes_out > mark;
}

bool
tcp_take_unacked(struct tcp *tcp, uint32_t id, uint64_t mark, struct bufq *out)
{
	struct tcp_conn *c = conn_at(tcp, id);
	bool reset = c->close_reason == TCP_CLOSE_RESET && !(c->flags & CONN_RESET_VAGUE);
	bool fin = (c->flags & CONN_EOF) &&
		   (c->close_reason == TCP_CLOSE_NONE || c->close_reason == TCP_CLOSE_RESET);

	if ((!fin && !reset) || (c->flags & CONN_SHUTDOWN) || tcp_send_acked(tcp, id, mark))
		return false;
	if (c->state != TCP_CLOSED) { /* not one of these bytes may be sent there again */
		tcp_reset_conn(tcp, c);
		tcp_conn_close(tcp, c, TCP_CLOSE_RESET);
	}
	bufq_drop(&c->queue, (uint32_t)(mark - c->bytes_out));
	bufq_move(out, &c->queue, c->queue.bytes, NULL);
	return true;
}

/*
 * Bytes were queued behind queued_bytes: to an empty queue they are a beginning. What found no
 * buffer is none, or who tries again and again would never be found idle.
 */
static void
note_queued(struct tcp *tcp, struct tcp_conn *c, uint32_t queued_bytes, uint64_t now_us)
{
	if (queued_bytes == 0)
		c->queue_us = now_us;
	tcp_keepalive_watch(tcp, c, now_us);
	tcp_output_want(tcp, c);
}

uint32_t
tcp_send(struct tcp *tcp, uint32_t id, struct bufq *from, uint32_t len, uint64_t now_us)
{
	struct tcp_conn *c = conn_at(tcp, id);
	uint32_t queued_bytes = c->queue.bytes;
	uint32_t moved =
	    bufq_move(&c->queue, from, min_u32(len, tcp_send_space(tcp, id)), pool_for_pieces(tcp));

	if (moved)
		note_queued(tcp, c, queued_bytes, now_us);
	return moved;
}

uint32_t
tcp_relay(struct tcp *tcp, uint32_t from_id, uint32_t to_id, uint32_t len, uint64_t now_us)
{
	struct tcp_conn *from = conn_at(tcp, from_id);
	uint32_t moved = tcp_send(tcp, to_id, &from->received, len, now_us);

	if (moved) {
		tcp_nagle_relayed(tcp, from, moved, to_id);
		tcp_window_read(tcp, from, moved, now_us);
	}
	return moved;
}

/* Not bound by tcp_send_space: a head of a few hundred bytes is queued whole or not at all. */
enum err
tcp_send_bytes(struct tcp *tcp, uint32_t id, const void *data, uint32_t len, uint64_t now_us)
{
	struct tcp_conn *c = conn_at(tcp, id);
	uint32_t bufs = c->queue.bufs, queued_bytes = c->queue.bytes;

	if (!can_send(c))
		return ERR_closed;
	if (tcp->keep_left == 0 || !bufq_append_bytes(&c->queue, tcp->mbufs, data, len))
		return ERR_no_memory;
	tcp->keep_left -= min_u32(tcp->keep_left, c->queue.bufs - bufs);
	note_queued(tcp, c, queued_bytes, now_us);
	return ERR_ok;
}

/* ---- close ---- */

void
tcp_shutdown(struct tcp *tcp, uint32_t id, uint64_t now_us)
{
	struct tcp_conn *c = conn_at(tcp, id);

	if (!can_send(c))
		return;
	c->flags |= CONN_SHUTDOWN;
	if (c->state == TCP_ESTABLISHED)
		c->state = TCP_FIN_WAIT_1;
	else if (c->state == TCP_CLOSE_WAIT)
		c->state = TCP_LAST_ACK;
	tcp_output_want(tcp, c);
}

static void
let_go(struct tcp *tcp, struct tcp_conn *c)
{
	ASSERT(!(c->flags & CONN_RELEASED));
	c->flags |= CONN_RELEASED;
	c->user = TCP_USER_NONE;
	c->events = 0;
	tcp_list_remove(tcp, LIST_READY, c);
}

void
tcp_release(struct tcp *tcp, uint32_t id, uint64_t now_us)
{
	struct tcp_conn *c = conn_at(tcp, id);

	if (c->received.bytes > 0) {
		tcp_abort(tcp, id,
			  now_us); /* RFC 9293 3.6.1: the peer must learn that not all was read */
		return;
	}
	let_go(tcp, c);
	switch (c->state) {
	case TCP_CLOSED:
		tcp_conn_free(tcp, c);
		break;
	case TCP_SYN_SENT:
		tcp_conn_close(tcp, c, TCP_CLOSE_FINISHED);
		break;
	case TCP_TIME_WAIT:
		tcp_list_add(tcp, LIST_TIME_WAIT, c);
		break;
	default:
		tcp_shutdown(tcp, id, now_us);
		tcp_timer_set(tcp, c, TIMER_LIFE, tcp_keepalive_linger_us(tcp, c, now_us));
		break;
	}
}

void
tcp_abort(struct tcp *tcp, uint32_t id, uint64_t now_us)
{
	struct tcp_conn *c = conn_at(tcp, id);

	let_go(tcp, c);
	if (c->state == TCP_CLOSED) {
		tcp_conn_free(tcp, c);
	} else if (c->state == TCP_TIME_WAIT) {
		bufq_clear(&c->received);
		tcp_list_add(tcp, LIST_TIME_WAIT, c);
	} else {
		tcp_reset_conn(tcp, c);
		tcp_conn_close(tcp, c, TCP_CLOSE_RESET);
	}
}

void
tcp_fini(struct tcp *tcp)
{
	for (uint32_t id = 0; id < tcp->conns.capacity; id++) {
		struct tcp_conn *c = conn_at(tcp, id);

		if (!pool_is_used(&tcp->conns, id))
			continue;
		bufq_clear(&c->queue);
		bufq_clear(&c->received);
		tcp_reassembly_clear(c);
	}
}

/* ---- what the layers below report ---- */

static struct tcp_conn *
conn_of_packet(const struct tcp *tcp, struct rte_mbuf *m)
{
	const struct packet *packet = packet_of(m);
	struct endpoint local = { .addr = packet->src, .port = packet->src_port };
	struct endpoint remote = { .addr = packet->dst, .port = packet->dst_port };

	return tcp_table_find(tcp, &local, &remote);
}

/*
 * RFC 5461, 5927: an error is believed only if it quotes what is really on its way, and a hard one
 * ends a connection only before it is established.
 */
enum drop_reason
tcp_icmp_error(struct tcp *tcp, struct rte_mbuf *m, uint64_t now_us)
{
	const struct packet *packet = packet_of(m);
	struct tcp_conn *c = conn_of_packet(tcp, m);

	if (!c || c->state == TCP_CLOSED || seq_lt(packet->icmp_sequence, c->snd_una) ||
	    seq_geq(packet->icmp_sequence, c->snd_nxt))
		return DROP_icmp_error_unmatched;
	if (packet->icmp_kind == ICMP_KIND_UNREACHABLE_HARD && c->state == TCP_SYN_SENT)
		tcp_conn_close(tcp, c, TCP_CLOSE_UNREACHABLE);
	else if (packet->icmp_kind == ICMP_KIND_UNREACHABLE_SOFT && c->state == TCP_SYN_SENT)
		c->flags |= CONN_SOFT_ERROR; /* MUST-56: not its end; if that comes, it says why */
	else if (packet->icmp_kind == ICMP_KIND_TOO_BIG && c->state >= TCP_ESTABLISHED)
		return tcp_path_too_big(tcp, c, packet->icmp_sequence, packet->icmp_mtu, now_us);
	return DROP_none;
}

void
tcp_unreachable(struct tcp *tcp, struct rte_mbuf *m, uint64_t now_us)
{
	struct tcp_conn *c = conn_of_packet(tcp, m);

	if (c && c->state == TCP_SYN_SENT)
		tcp_conn_close(tcp, c, TCP_CLOSE_UNREACHABLE);
}

void
tcp_too_big(struct tcp *tcp, struct rte_mbuf *m)
{
	struct tcp_conn *c = conn_of_packet(tcp, m);

	if (c)
		tcp_path_port_shrunk(tcp, c);
}
