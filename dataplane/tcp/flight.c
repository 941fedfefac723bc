/*
 * The part of a connection that is needed only while something is under way (struct tcp_flight), from
 * a pool that may be smaller than that of connections: most of many connections are idle.
 *
 * All that have none share one that says "nothing", so that whoever only looks need not ask; who begins
 * something takes one first. It is kept when the connection falls idle, for what congestion control
 * has learnt is of use for the next burst; only when the pool is empty an idle connection loses it,
 * the next one that a hand finds which goes round (Corbato 1968: a clock without the second chance).
 * Who wants to send may also have that of a connection which only keeps what came behind a hole: its peer
 * sends that again (RFC 2018 8), and peers who leave a hole each would keep everybody from sending.
 */
#include "dataplane/tcp/tcp_priv.h"

#include <string.h>

#define LOOKS 64u /* at flights, for an idle one; the next search goes on from there */

static bool take(struct tcp *tcp, struct tcp_conn *c, bool sends);
static uint32_t take_from_another(struct tcp *tcp, bool sends);
static bool sends_nothing(const struct tcp_conn *c);
static uint32_t give_up(struct tcp *tcp, struct tcp_conn *c);

void
tcp_flight_clear(struct tcp_flight *flight)
{
	memset(flight, 0, sizeof *flight); /* padding too, check.c compares it */
	flight->conn = TCP_NONE;
	flight->sent_first = flight->sent_last = POOL_NONE;
	flight->sent_oldest = flight->sent_newest = POOL_NONE;
	flight->lost_first = flight->sack_hint = POOL_NONE;
	flight->probe_due_us = flight->reorder_due_us = TCP_NEVER;
}

bool
tcp_flight_take(struct tcp *tcp, struct tcp_conn *c)
{
	return take(tcp, c, false);
}

bool
tcp_flight_take_to_send(struct tcp *tcp, struct tcp_conn *c)
{
	return take(tcp, c, true);
}

static bool
take(struct tcp *tcp, struct tcp_conn *c, bool sends)
{
	uint32_t index;

	if (conn_has_flight(tcp, c))
		return true;
	index = pool_get(&tcp->flights);
	if (index == POOL_NONE)
		index = take_from_another(tcp, sends);
	if (index == POOL_NONE) {
		tcp->stats->counter[COUNTER_tcp_flights_empty]++;
		return false;
	}
	c->flight = pool_at(&tcp->flights, index);
	tcp_flight_clear(c->flight);
	c->flight->conn = c->id;
	c->flight->rack_fack = c->flight->recover = c->flight->rack_round = c->snd_una;
	c->flight->lost_end = c->flight->reduced_end = c->flight->small_end = c->snd_una;
	return true;
}

void
tcp_flight_release(struct tcp *tcp, struct tcp_conn *c)
{
	if (conn_has_flight(tcp, c))
		pool_put(&tcp->flights, pool_index(&tcp->flights, c->flight));
	c->flight = &tcp->idle;
}

/* Answers its index; it stays in use. */
static uint32_t
take_from_another(struct tcp *tcp, bool sends)
{
	struct tcp_conn *receiver = NULL;

	for (unsigned i = 0; i < LOOKS; i++) {
		uint32_t index = tcp->flight_hand++ % tcp->flights.capacity;
		struct tcp_flight *flight = pool_at(&tcp->flights, index);
		struct tcp_conn *c = conn_at(tcp, flight->conn);

		if (!sends_nothing(c))
			continue;
		if (!c->flight->islands && !(c->flags & CONN_DSACK))
			return give_up(tcp, c);
		if (!receiver)
			receiver = c;
	}
	return sends && receiver ? give_up(tcp, receiver) : POOL_NONE;
}

/* Nothing that was sent is in its flight but for better guesses. */
static bool
sends_nothing(const struct tcp_conn *c)
{
	return c->flight->sent_first == POOL_NONE && c->recovery == RECOVERY_NONE &&
	       !(c->flags & CONN_TLP);
}

static uint32_t
give_up(struct tcp *tcp, struct tcp_conn *c)
{
	uint32_t index = pool_index(&tcp->flights, c->flight);

	tcp_reassembly_clear(c);
	c->flight = &tcp->idle;
	c->flags &= ~(uint32_t)(CONN_RACK | CONN_CWND_LIMITED | CONN_DSACK);
	return index;
}
