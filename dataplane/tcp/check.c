/*
 * What must hold for every connection at any time between two calls. Tests and the simulator ask
 * after each event.
 */
#include "dataplane/tcp/tcp_priv.h"

#include <string.h>

#define WINDOW_MAX    (UINT16_MAX << 14) /* RFC 7323 2.3 */
#define DELACK_MAX_US 500000u

static void check_conn(const struct tcp *tcp, const struct tcp_conn *c, uint64_t now_us);
static void check_flights(const struct tcp *tcp, uint32_t count);
static void check_records(const struct tcp *tcp, const struct tcp_conn *c);
static void check_windows(const struct tcp *tcp, const struct tcp_conn *c);
static void check_paths(const struct tcp *tcp);
static void check_path(const struct tcp_conn *c);
static void check_timers(const struct tcp *tcp, const struct tcp_conn *c, uint64_t now_us);
static void check_islands(const struct tcp_conn *c);

void
tcp_check(const struct tcp *tcp, uint64_t now_us)
{
	uint32_t half_open = 0, fast_open = 0, flights = 0;

	for (uint32_t id = 0; id < tcp->conns.capacity; id++) {
		const struct tcp_conn *c = conn_at(tcp, id);

		if (!pool_is_used(&tcp->conns, id))
			continue;
		flights += conn_has_flight(tcp, c);
		half_open += c->state == TCP_SYN_RECEIVED && (c->flags & CONN_ACCEPTED);
		fast_open += c->state == TCP_SYN_RECEIVED && (c->flags & CONN_FAST_OPEN);
		check_conn(tcp, c, now_us);
	}
	ASSERT(half_open == tcp->half_open && half_open <= tcp->settings.half_open_max);
	ASSERT(fast_open == tcp->fast_open_pending);
	check_flights(tcp, flights);
	if (tcp->paths_used)
		check_paths(tcp);
}

static void
check_paths(const struct tcp *tcp)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i < TCP_PATHS; i++)
		used += tcp->paths[i].mtu_bytes != 0;
	ASSERT(used == tcp->paths_used);
}

/* Each belongs to one connection; nobody has written where all read. */
static void
check_flights(const struct tcp *tcp, uint32_t count)
{
	struct tcp_flight nothing;

	tcp_flight_clear(&nothing);
	ASSERT(count == tcp->flights.used);
	ASSERT(memcmp(&nothing, &tcp->idle, sizeof nothing) == 0);
}

static void
check_conn(const struct tcp *tcp, const struct tcp_conn *c, uint64_t now_us)
{
	ASSERT(c->id == pool_index(&tcp->conns, c));
	ASSERT(!conn_has_flight(tcp, c) || c->flight->conn == c->id);
	if (c->state == TCP_CLOSED) { /* only waits to be released */
		ASSERT((c->flags & (CONN_OPENED | CONN_RELEASED)) == CONN_OPENED);
		ASSERT(c->close_reason != TCP_CLOSE_NONE);
		ASSERT(c->queue.bytes == 0 || c->close_reason == TCP_CLOSE_RESET);
		ASSERT(c->flight->sent_first == POOL_NONE && !c->flight->islands);
		ASSERT(!tcp_list_has(c, LIST_OUTPUT)); /* nor will it be when it is freed */
		return;
	}
	ASSERT(tcp_table_find(tcp, &c->local, &c->remote) == c);
	ASSERT(seq_leq(c->snd_una, c->snd_nxt));
	ASSERT(seq_leq(c->rcv_nxt, c->rcv_adv));
	check_windows(tcp, c);
	ASSERT((c->events == 0) == !tcp_list_has(c, LIST_READY));
	ASSERT(conn_unsent(c) <= c->queue.bytes);
	check_records(tcp, c);
	check_path(c);
	check_islands(c);
	check_timers(tcp, c, now_us);
}

/* cwnd holds a segment, ssthresh two (RFC 5681 3.1). No window is beyond what a scale can say. */
static void
check_windows(const struct tcp *tcp, const struct tcp_conn *c)
{
	ASSERT(c->rcv_adv - c->rcv_nxt <= WINDOW_MAX);
	ASSERT(c->snd_wnd <= WINDOW_MAX);
	if (c->state < TCP_ESTABLISHED)
		return;
	ASSERT(c->mss > 0);
	ASSERT(c->cwnd >= c->mss);
	ASSERT(c->ssthresh >= 2u * c->mss);
	ASSERT(c->rto_us > 0 && c->rto_us <= tcp->settings.rto_max_us);
}

/* The records cover SND.UNA to SND.NXT without a gap, and the sums are right. */
static void
check_records(const struct tcp *tcp, const struct tcp_conn *c)
{
	uint32_t pipe = 0, lost = 0, sacked = 0, at = c->snd_una, count = 0;

	for (uint32_t i = c->flight->sent_first; i != POOL_NONE; i = sent_at(tcp, i)->next) {
		const struct tcp_sent *s = sent_at(tcp, i);
		uint32_t size = s->end - s->start;

		ASSERT(s->start == at && size > 0);
		ASSERT(!(s->flags & SENT_SACKED) || s->prev == POOL_NONE ||
		       !(sent_at(tcp, s->prev)->flags & SENT_SACKED));
		at = s->end;
		count++;
		pipe += s->flags & SENT_IN_FLIGHT ? size : 0;
		lost += s->flags & SENT_LOST ? size : 0;
		sacked += s->flags & SENT_SACKED ? size : 0;
	}
	ASSERT(c->state < TCP_ESTABLISHED || at == c->snd_nxt);
	ASSERT(count == c->flight->sent_count);
	ASSERT(pipe == c->flight->pipe && lost == c->flight->lost && sacked == c->flight->sacked);
}

/* A probe of the path is under way as long as it is neither acknowledged nor lost. */
static void
check_path(const struct tcp_conn *c)
{
	if (c->path == PATH_SEARCHING || c->path == PATH_PROBING)
		ASSERT(c->mss_high > c->mss);
	if (c->path != PATH_PROBING)
		return;
	ASSERT(seq_lt(c->flight->path_start, c->flight->path_end));
	ASSERT(seq_lt(c->snd_una, c->flight->path_end) && seq_leq(c->flight->path_end, c->snd_nxt));
	ASSERT(c->flight->path_end - c->flight->path_start > c->mss);
}

/* Whatever waits for the peer has a timer, or is about to be sent; no timer is so late that its purpose is lost. */
static void
check_timers(const struct tcp *tcp, const struct tcp_conn *c, uint64_t now_us)
{
	bool sends = tcp_list_has(c, LIST_OUTPUT) || c->due_us[TIMER_RETRY] != TCP_NEVER;
	bool waits = c->snd_una != c->snd_nxt || conn_unsent(c) > 0;

	if (waits && !sends)
		ASSERT(c->due_us[TIMER_RETRANSMIT] != TCP_NEVER);
	if (c->state == TCP_TIME_WAIT || ((c->flags & CONN_RELEASED) && c->state != TCP_CLOSED))
		ASSERT(c->due_us[TIMER_LIFE] != TCP_NEVER);
	if (c->due_us[TIMER_DELACK] != TCP_NEVER) /* RFC 9293 3.8.6.3: below half a second */
		ASSERT(c->due_us[TIMER_DELACK] <= now_us + DELACK_MAX_US);
	if (c->state == TCP_TIME_WAIT)
		ASSERT(c->due_us[TIMER_LIFE] <= now_us + tcp->settings.time_wait_us);
	for (enum tcp_timer timer = 0; timer < TIMER_COUNT; timer++)
		if (c->due_us[timer] != TCP_NEVER)
			ASSERT(wheel_node_is_started(&c->timer) &&
			       c->timer.due_us <= c->due_us[timer]);
}

static void
check_islands(const struct tcp_conn *c)
{
	uint32_t count = 0, bytes = 0, at = c->rcv_nxt;

	for (struct rte_mbuf *m = c->flight->islands; m; m = island_of(m)->next) {
		ASSERT(seq_gt(island_of(m)->start, at));
		ASSERT(seq_gt(island_of(m)->end, island_of(m)->start));
		at = island_of(m)->end;
		bytes += at - island_of(m)->start;
		count++;
	}
	ASSERT(seq_leq(at, c->rcv_adv));
	ASSERT(bytes == c->flight->reassembly_bytes);
	ASSERT(count == c->flight->islands_count);
}
