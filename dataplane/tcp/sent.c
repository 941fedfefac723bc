/*
 * The records of segments that were sent and not yet acknowledged: one for each segment, from a
 * pool of the worker, linked by sequence and, while in flight, by the time of their last
 * transmission. So SACK recovery is exact, and the segment that was sent first is always at hand
 * (RFC 8985 6.2 walks in that order).
 *
 * What the peer has sacked in one piece is one record, so that its blocks, which say the same again and
 * again, cost a look a piece and not one a segment.
 *
 * pipe, lost and sacked of the connection add up to the bytes between SND.UNA and SND.NXT.
 */
#include "dataplane/tcp/tcp_priv.h"

static void enter_flight(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s, uint64_t now_us);
static void leave_flight(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s);
static uint32_t
return_to_flight(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s, uint32_t after);
static void leave_state(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s);
static void merge_next(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s);

static uint32_t
index_of(const struct tcp *tcp, const struct tcp_sent *s)
{
	return pool_index(&tcp->sent, s);
}

static uint32_t
size_of(const struct tcp_sent *s)
{
	return s->end - s->start;
}

bool
tcp_sent_add(struct tcp *tcp, struct tcp_conn *c, uint32_t start, uint32_t end, uint8_t flags,
	     uint64_t now_us)
{
	uint32_t index;
	struct tcp_sent *s;

	if (!tcp_flight_take_to_send(tcp, c))
		return false;
	/*
	 * So however much some have to send to peers that never answer, others find a record
	 * (Choudhury, Hahne 1998).
	 */
	if (c->flight->sent_count >= tcp->sent.capacity - tcp->sent.used) {
		tcp->stats->counter[COUNTER_tcp_records_empty]++;
		return false;
	}
	index = pool_get(&tcp->sent);
	c->flight->sent_count++;
	s = sent_at(tcp, index);
	*s = (struct tcp_sent){ .start = start,
				.end = end,
				.flags = flags,
				.next = POOL_NONE,
				.prev = c->flight->sent_last };
	if (c->flight->sent_last == POOL_NONE)
		c->flight->sent_first = index;
	else
		sent_at(tcp, c->flight->sent_last)->next = index;
	c->flight->sent_last = index;
	enter_flight(tcp, c, s, now_us);
	return true;
}

void
tcp_sent_again(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s, uint64_t now_us)
{
	ASSERT(!(s->flags & SENT_SACKED));
	leave_state(tcp, c, s);
	s->flags |= SENT_RETRANSMITTED;
	enter_flight(tcp, c, s, now_us);
}

struct tcp_sent *
tcp_sent_sacked(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s)
{
	leave_state(tcp, c, s);
	s->flags |= SENT_SACKED;
	c->flight->sacked += size_of(s);
	c->flight->sacked_segments++;
	merge_next(tcp, c, s);
	if (s->prev != POOL_NONE && (sent_at(tcp, s->prev)->flags & SENT_SACKED)) {
		s = sent_at(tcp, s->prev);
		merge_next(tcp, c, s);
	}
	c->flight->sack_hint = index_of(tcp, s);
	return s;
}

/* s takes in the record behind it, if that is sacked too. Should the peer throw both away, it is sent again in pieces. */
static void
merge_next(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s)
{
	uint32_t index = s->next, first = index_of(tcp, s);
	const struct tcp_sent *other;

	if (index == POOL_NONE || !(sent_at(tcp, index)->flags & SENT_SACKED))
		return;
	other = sent_at(tcp, index);
	s->end = other->end;
	s->next = other->next;
	s->flags |= other->flags;
	s->merged += 1 + other->merged;
	if (other->sent_us > s->sent_us)
		s->sent_us = other->sent_us;
	if (s->next == POOL_NONE)
		c->flight->sent_last = first;
	else
		sent_at(tcp, s->next)->prev = first;
	if (c->flight->lost_first == index)
		c->flight->lost_first = first;
	if (c->flight->sack_hint == index)
		c->flight->sack_hint = first;
	c->flight->sent_count--;
	pool_put(&tcp->sent, index);
}

void
tcp_sent_lost(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s)
{
	leave_state(tcp, c, s);
	s->flags |= SENT_LOST;
	c->flight->lost += size_of(s);
	if (c->flight->lost_first == POOL_NONE ||
	    seq_lt(s->start, sent_at(tcp, c->flight->lost_first)->start))
		c->flight->lost_first = index_of(tcp, s);
}

void
tcp_sent_forget_sacks(struct tcp *tcp, struct tcp_conn *c)
{
	for (uint32_t i = c->flight->sent_first; i != POOL_NONE; i = sent_at(tcp, i)->next)
		if (sent_at(tcp, i)->flags & SENT_SACKED)
			tcp_sent_lost(tcp, c, sent_at(tcp, i));
}

/* They go back to their places by time: mostly in the order of their sequence, so the last place is near. */
void
tcp_sent_forget_losses(struct tcp *tcp, struct tcp_conn *c)
{
	uint32_t place = POOL_NONE;

	for (uint32_t i = c->flight->sent_first; i != POOL_NONE && c->flight->lost;
	     i = sent_at(tcp, i)->next) {
		struct tcp_sent *s = sent_at(tcp, i);

		if (!(s->flags & SENT_LOST))
			continue;
		leave_state(tcp, c, s);
		place = return_to_flight(tcp, c, s, place);
	}
	c->flight->lost_first = POOL_NONE;
}

void
tcp_sent_drop_first(struct tcp *tcp, struct tcp_conn *c)
{
	uint32_t index = c->flight->sent_first;
	struct tcp_sent *s = sent_at(tcp, index);

	leave_state(tcp, c, s);
	c->flight->sent_first = s->next;
	if (s->next == POOL_NONE)
		c->flight->sent_last = POOL_NONE;
	else
		sent_at(tcp, s->next)->prev = POOL_NONE;
	if (c->flight->lost_first == index)
		c->flight->lost_first = c->flight->lost ? s->next : POOL_NONE;
	if (c->flight->sack_hint == index)
		c->flight->sack_hint = POOL_NONE;
	c->flight->sent_count--;
	pool_put(&tcp->sent, index);
}

/* The one that was added last, and only just. */
void
tcp_sent_drop_last(struct tcp *tcp, struct tcp_conn *c)
{
	uint32_t index = c->flight->sent_last;
	struct tcp_sent *s = sent_at(tcp, index);

	ASSERT((s->flags & SENT_IN_FLIGHT) && s->next == POOL_NONE);
	leave_state(tcp, c, s);
	c->flight->sent_last = s->prev;
	if (s->prev == POOL_NONE)
		c->flight->sent_first = POOL_NONE;
	else
		sent_at(tcp, s->prev)->next = POOL_NONE;
	c->flight->sent_count--;
	pool_put(&tcp->sent, index);
}

void
tcp_sent_cut_first(struct tcp *tcp, struct tcp_conn *c, uint32_t to)
{
	struct tcp_sent *s = sent_at(tcp, c->flight->sent_first);
	uint32_t cut = to - s->start;

	ASSERT(cut < size_of(s));
	if (s->flags & SENT_IN_FLIGHT)
		c->flight->pipe -= cut;
	else if (s->flags & SENT_LOST)
		c->flight->lost -= cut;
	else
		c->flight->sacked -= cut;
	s->start = to;
}

/*
 * The new record is the second part and has the same state; its FIN, if it had one, goes with
 * it.
 */
bool
tcp_sent_split(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s, uint32_t len)
{
	uint32_t index = pool_get(&tcp->sent), first = index_of(tcp, s);
	struct tcp_sent *rest;

	ASSERT(len > 0 && len < size_of(s));
	if (index == POOL_NONE) {
		tcp->stats->counter[COUNTER_tcp_records_empty]++;
		return false;
	}
	c->flight->sent_count++;
	rest = sent_at(tcp, index);
	*rest = *s;
	rest->start = s->start + len;
	rest->prev = first;
	if (s->next == POOL_NONE)
		c->flight->sent_last = index;
	else
		sent_at(tcp, s->next)->prev = index;
	s->next = index;
	s->end = rest->start;
	s->flags &= (uint8_t)~SENT_FIN;
	if (s->flags & SENT_SACKED)
		c->flight->sacked_segments++;
	if (s->flags & SENT_IN_FLIGHT) {
		rest->older = first;
		if (s->newer == POOL_NONE)
			c->flight->sent_newest = index;
		else
			sent_at(tcp, s->newer)->older = index;
		s->newer = index;
	}
	return true;
}

bool
tcp_sent_any_again(const struct tcp *tcp, const struct tcp_conn *c)
{
	for (uint32_t i = c->flight->sent_first; i != POOL_NONE; i = sent_at(tcp, i)->next)
		if (sent_at(tcp, i)->flags & SENT_RETRANSMITTED)
			return true;
	return false;
}

void
tcp_sent_clear(struct tcp *tcp, struct tcp_conn *c)
{
	while (c->flight->sent_first != POOL_NONE)
		tcp_sent_drop_first(tcp, c);
}

struct tcp_sent *
tcp_sent_next_lost(struct tcp *tcp, struct tcp_conn *c)
{
	if (c->flight->lost == 0) {
		c->flight->lost_first = POOL_NONE;
		return NULL;
	}
	while (!(sent_at(tcp, c->flight->lost_first)->flags & SENT_LOST))
		c->flight->lost_first = sent_at(tcp, c->flight->lost_first)->next;
	return sent_at(tcp, c->flight->lost_first);
}

/* At the end of the list by time. */
static void
enter_flight(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s, uint64_t now_us)
{
	uint32_t index = index_of(tcp, s);

	s->flags |= SENT_IN_FLIGHT;
	s->sent_us = now_us;
	s->newer = POOL_NONE;
	s->older = c->flight->sent_newest;
	if (c->flight->sent_newest == POOL_NONE)
		c->flight->sent_oldest = index;
	else
		sent_at(tcp, c->flight->sent_newest)->newer = index;
	c->flight->sent_newest = index;
	c->flight->pipe += size_of(s);
}

/*
 * Behind the last one that was sent no later; the search begins at `after`, a record in flight
 * (POOL_NONE: in front of all). Answers its index.
 */
static uint32_t
return_to_flight(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s, uint32_t after)
{
	uint32_t index = index_of(tcp, s), next;

	if (after != POOL_NONE && sent_at(tcp, after)->sent_us > s->sent_us)
		after = POOL_NONE;
	next = after == POOL_NONE ? c->flight->sent_oldest : sent_at(tcp, after)->newer;
	while (next != POOL_NONE && sent_at(tcp, next)->sent_us <= s->sent_us) {
		after = next;
		next = sent_at(tcp, after)->newer;
	}
	s->flags |= SENT_IN_FLIGHT;
	s->older = after;
	s->newer = next;
	if (after == POOL_NONE)
		c->flight->sent_oldest = index;
	else
		sent_at(tcp, after)->newer = index;
	if (next == POOL_NONE)
		c->flight->sent_newest = index;
	else
		sent_at(tcp, next)->older = index;
	c->flight->pipe += size_of(s);
	return index;
}

static void
leave_flight(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s)
{
	if (s->older == POOL_NONE)
		c->flight->sent_oldest = s->newer;
	else
		sent_at(tcp, s->older)->newer = s->newer;
	if (s->newer == POOL_NONE)
		c->flight->sent_newest = s->older;
	else
		sent_at(tcp, s->newer)->older = s->older;
	c->flight->pipe -= size_of(s);
}

/* Out of whichever of in flight, lost and sacked it is. */
static void
leave_state(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s)
{
	if (s->flags & SENT_IN_FLIGHT) {
		leave_flight(tcp, c, s);
	} else if (s->flags & SENT_LOST) {
		c->flight->lost -= size_of(s);
	} else {
		c->flight->sacked -= size_of(s);
		c->flight->sacked_segments -= 1 + s->merged;
		s->merged = 0;
	}
	s->flags &= (uint8_t)~(SENT_IN_FLIGHT | SENT_LOST | SENT_SACKED);
}
