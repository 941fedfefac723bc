/*
 * The generator's TCP: connections, their lists and the burst that comes in. See tcp.h; tcp_in.c is what a segment does, tcp_out.c
 * what is sent.
 */
#include "test/bench/gen/tcp.h"

#include <rte_mbuf.h>
#include <string.h>

#include "fw/base/assert.h"
#include "test/bench/gen/memory.h"

#define RTO_MS     200u /* doubled by each timeout */
#define LOOK_MS    100u /* how often those that await an answer are looked at */
#define DELAY_MS   40u  /* an ACK waits no longer */
#define RETRIES    8u
#define CWND_BYTES (10 * TCP_MSS)

static struct tcp_conn *find(struct tcp *tcp, const struct side_segment *segment);
static void fresh(struct tcp *tcp, struct tcp_conn *c, enum tcp_state state);
static struct flow_key key_of(const struct tcp_conn *c);
static void look_later(struct tcp *tcp, struct tcp_conn *c);
static void timeout(struct tcp *tcp, struct tcp_conn *c);
static bool awaits(const struct tcp_conn *c);
static void list_add(uint32_t *last_next, struct tcp_list *list, uint32_t index);

void
tcp_init(struct tcp *tcp, const struct tcp_setup *setup)
{
	tcp->setup = *setup;
	tcp->conns = memory_take(sizeof *tcp->conns * setup->conns);
	tcp->touched = memory_take(sizeof *tcp->touched * setup->conns);
	tcp->timed = tcp->delayed = (struct tcp_list){ TCP_NONE, TCP_NONE };
	if (!setup->listens)
		return;
	flows_init(&tcp->flows, setup->conns);
	tcp->free_conns = memory_take(sizeof *tcp->free_conns * setup->conns);
	for (uint32_t i = 0; i < setup->conns; i++)
		tcp->free_conns[tcp->free_count++] = setup->conns - 1 - i;
}

void
tcp_clock(struct tcp *tcp, uint64_t now_us)
{
	tcp->now_ms = (uint32_t)(now_us / 1000);
	tcp->isn = (uint32_t)now_us;
}

/* ---- a burst ---- */

uint16_t
tcp_receive(struct tcp *tcp, uint64_t now_us)
{
	struct rte_mbuf *burst[PORT_BURST];
	struct side_segment segment[PORT_BURST];
	struct tcp_conn *conn[PORT_BURST];
	uint16_t got = port_rx(tcp->setup.side->port, 0, burst, PORT_BURST, now_us), n = 0;

	for (uint16_t i = 0; i < got; i++) {
		if (!side_input(tcp->setup.side, burst[i], &segment[n]))
			continue;
		conn[n] = find(tcp, &segment[n]);
		if (conn[n]) {
			rte_prefetch0(conn[n]);
			rte_prefetch0((const uint8_t *)conn[n] + 64);
		}
		n++;
	}
	for (uint16_t i = 0; i < n; i++) {
		/* One of this burst may have opened it. */
		if (unlikely(!conn[i]))
			conn[i] = find(tcp, &segment[i]);
		tcp_input(tcp, &segment[i], conn[i]);
	}
	rte_pktmbuf_free_bulk(burst, got);
	return got;
}

/* NULL: none. A client's slot may have another connection by now: tcp_input compares. */
static struct tcp_conn *
find(struct tcp *tcp, const struct side_segment *segment)
{
	struct flow_key key;
	uint32_t index;

	if (tcp->setup.listens) {
		key = flow_key(segment->from, segment->to, segment->from_port, segment->to_port);
		index = flows_find(&tcp->flows, &key, flows_hash(&key));
		return index == FLOWS_NONE ? NULL : &tcp->conns[index];
	}
	if (!tuples_slot(&tcp->setup.tuples, segment->to, segment->to_port, &index) ||
	    index >= tcp->setup.conns)
		return NULL;
	return &tcp->conns[index];
}

/* ---- birth and death ---- */

void
tcp_connect(struct tcp *tcp, uint32_t index, uint32_t use, uint32_t remote, uint16_t remote_port)
{
	struct tcp_conn *c = &tcp->conns[index];

	ASSERT(c->state == TCP_STATE_CLOSED && !tcp->setup.listens);
	fresh(tcp, c, TCP_STATE_SYN_SENT);
	tuples_take(&tcp->setup.tuples, index, use, &c->local, &c->local_port);
	c->remote = remote;
	c->remote_port = remote_port;
	c->address_sum =
	    (c->local >> 16) + (c->local & 0xffff) + (remote >> 16) + (remote & 0xffff);
	tcp_touch(tcp, c);
}

struct tcp_conn *
tcp_accept(struct tcp *tcp, const struct side_segment *segment)
{
	struct tcp_conn *c;
	struct flow_key key;

	if (!tcp->free_count) {
		tcp->counts.refused++;
		return NULL;
	}
	c = &tcp->conns[tcp->free_conns[--tcp->free_count]];
	fresh(tcp, c, TCP_STATE_SYN_RECEIVED);
	c->local = segment->to;
	c->remote = segment->from;
	c->local_port = segment->to_port;
	c->remote_port = segment->from_port;
	c->address_sum =
	    (c->local >> 16) + (c->local & 0xffff) + (c->remote >> 16) + (c->remote & 0xffff);
	key = key_of(c);
	flows_add(&tcp->flows, &key, tcp_index(tcp, c));
	return c;
}

/* The lists that it may still stand in from an earlier life keep it. */
static void
fresh(struct tcp *tcp, struct tcp_conn *c, enum tcp_state state)
{
	c->state = (uint8_t)state;
	c->flags &= TCP_FLAGS_OF_LISTS;
	c->snd_scale = c->dup_acks = c->retries = 0;
	c->snd_una = c->snd_nxt = c->snd_max = tcp->isn;
	c->snd_end = c->base = tcp->isn + 1;
	c->snd_wnd_bytes = 0;
	c->mss_bytes = TCP_MSS;
	c->stamp = 0;
	c->cwnd_bytes = CWND_BYTES;
	c->rcv_nxt = c->rcv_acked = 0;
	c->source = c->next_source = NULL;
	c->next_count = 0;
	tcp->open_count++;
}

void
tcp_forget(struct tcp *tcp, struct tcp_conn *c)
{
	struct flow_key key = key_of(c);

	ASSERT(c->state != TCP_STATE_CLOSED);
	c->state = TCP_STATE_CLOSED;
	tcp->open_count--;
	if (!tcp->setup.listens)
		return;
	flows_remove(&tcp->flows, &key);
	tcp->free_conns[tcp->free_count++] = tcp_index(tcp, c);
}

static struct flow_key
key_of(const struct tcp_conn *c)
{
	return flow_key(c->remote, c->local, c->remote_port, c->local_port);
}

/* ---- timers ---- */

void
tcp_timer_start(struct tcp *tcp, struct tcp_conn *c)
{
	c->timer_due_ms = tcp->now_ms + (RTO_MS << c->retries);
	if (!(c->flags & TCP_FLAG_TIMED))
		look_later(tcp, c);
}

static void
look_later(struct tcp *tcp, struct tcp_conn *c)
{
	c->flags |= TCP_FLAG_TIMED;
	c->timed_look_ms = tcp->now_ms + LOOK_MS;
	c->timed_next = TCP_NONE;
	list_add(tcp->timed.last == TCP_NONE ? NULL : &tcp->conns[tcp->timed.last].timed_next,
		 &tcp->timed, tcp_index(tcp, c));
}

void
tcp_delay_ack(struct tcp *tcp, struct tcp_conn *c)
{
	if (c->flags & TCP_FLAG_DELAYED)
		return;
	c->flags |= TCP_FLAG_DELAYED;
	c->delayed_look_ms = tcp->now_ms + DELAY_MS;
	c->delayed_next = TCP_NONE;
	list_add(tcp->delayed.last == TCP_NONE ? NULL : &tcp->conns[tcp->delayed.last].delayed_next,
		 &tcp->delayed, tcp_index(tcp, c));
}

static void
list_add(uint32_t *last_next, struct tcp_list *list, uint32_t index)
{
	if (last_next)
		*last_next = index;
	else
		list->first = index;
	list->last = index;
}

/* All of a list wait equally long, so that the first is the next to be looked at. */
void
tcp_timers(struct tcp *tcp)
{
	while (tcp->delayed.first != TCP_NONE) {
		struct tcp_conn *c = &tcp->conns[tcp->delayed.first];

		if (seq_before(tcp->now_ms, c->delayed_look_ms))
			break;
		tcp->delayed.first = c->delayed_next;
		if (tcp->delayed.first == TCP_NONE)
			tcp->delayed.last = TCP_NONE;
		c->flags &= (uint16_t)~TCP_FLAG_DELAYED;
		if (c->state == TCP_STATE_OPEN && c->rcv_acked != c->rcv_nxt) {
			c->flags |= TCP_FLAG_ACK_NOW;
			tcp_touch(tcp, c);
		}
	}
	while (tcp->timed.first != TCP_NONE) {
		struct tcp_conn *c = &tcp->conns[tcp->timed.first];

		if (seq_before(tcp->now_ms, c->timed_look_ms))
			break;
		tcp->timed.first = c->timed_next;
		if (tcp->timed.first == TCP_NONE)
			tcp->timed.last = TCP_NONE;
		c->flags &= (uint16_t)~TCP_FLAG_TIMED;
		if (c->state == TCP_STATE_CLOSED || !awaits(c))
			continue;
		if (!seq_before(tcp->now_ms, c->timer_due_ms))
			timeout(tcp, c);
		else
			look_later(tcp, c);
	}
}

/* Sent and not acknowledged, or waiting for a window. */
static bool
awaits(const struct tcp_conn *c)
{
	return c->state != TCP_STATE_OPEN || c->snd_una != c->snd_max ||
	       seq_before(c->snd_nxt, c->snd_end);
}

/* RFC 6298 5: all that is out is sent again, as the ACKs allow it. */
static void
timeout(struct tcp *tcp, struct tcp_conn *c)
{
	uint32_t index = tcp_index(tcp, c);

	if (++c->retries > RETRIES) {
		tcp->counts.gave_up++;
		tcp_forget(tcp, c);
		tcp->setup.user.closed(tcp->setup.user.self, index, STREAM_GAVE_UP);
		return;
	}
	c->snd_nxt = c->snd_una;
	c->cwnd_bytes = 4 * c->mss_bytes;
	c->flags &= (uint16_t)~TCP_FLAG_RECOVERING;
	c->dup_acks = 0;
	/* A closed window gets one byte. */
	if (c->state == TCP_STATE_OPEN && c->snd_nxt != c->snd_end && c->snd_wnd_bytes == 0)
		tcp_send_segment(tcp, c, c->snd_nxt, 1, TCP_ACK);
	tcp_timer_start(tcp, c);
	tcp_touch(tcp, c);
}

/* ---- the user's ---- */

void
tcp_send(struct tcp *tcp, uint32_t index, const struct source *source)
{
	struct tcp_conn *c = &tcp->conns[index];

	ASSERT(c->state == TCP_STATE_OPEN && !(c->flags & TCP_FLAG_FIN_WANTED));
	if (c->source == source && !c->next_source) {
		c->snd_end += source->total_bytes;
	} else if (c->snd_una == c->snd_end) {
		c->source = source;
		c->base = c->snd_end;
		c->snd_end += source->total_bytes;
	} else {
		/* One change may wait: what is out must stay what can be made again. */
		ASSERT(!c->next_source || c->next_source == source);
		c->next_source = source;
		c->next_count++;
	}
	tcp_touch(tcp, c);
}

void
tcp_finish(struct tcp *tcp, uint32_t index)
{
	struct tcp_conn *c = &tcp->conns[index];

	c->flags |= TCP_FLAG_FIN_WANTED;
	tcp_touch(tcp, c);
}

void
tcp_abort(struct tcp *tcp, uint32_t index)
{
	struct tcp_conn *c = &tcp->conns[index];
	const struct side_segment peer = { .from = c->remote,
					   .to = c->local,
					   .from_port = c->remote_port,
					   .to_port = c->local_port };

	if (c->state == TCP_STATE_CLOSED)
		return;
	tcp_answer(tcp, &peer, c->snd_nxt, c->rcv_nxt, TCP_RST | TCP_ACK);
	tcp_forget(tcp, c);
}
