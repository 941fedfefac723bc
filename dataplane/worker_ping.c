/*
 * Probes of other hosts that the control thread asks worker 0 for (`ping`, `traceroute`): posted by that thread, sent and
 * awaited here between turns, fetched by that thread. Each slot has one owner at a time, which its state names.
 */
#include "dataplane/net/ping.h"
#include "dataplane/worker_priv.h"

enum {
	SLOT_IDLE,
	SLOT_POSTED,
	SLOT_SENT,
	SLOT_OVER
}; /* the control thread's, the worker's twice, the control thread's */

static void step(struct worker *w, unsigned slot);

bool
worker_ping(struct worker *w, unsigned slot, const struct ping_plan *plan)
{
	struct worker_ping *ping = &w->pings[slot];

	if (atomic_load(&ping->state) != SLOT_IDLE)
		return false;
	ping->plan = *plan;
	atomic_store(&ping->state, SLOT_POSTED);
	atomic_fetch_or(&w->pings_wanted, 1u << slot);
	return true;
}

bool
worker_ping_answered(struct worker *w, unsigned slot, struct ping_answer *answer)
{
	struct worker_ping *ping = &w->pings[slot];

	if (atomic_load(&ping->state) != SLOT_OVER)
		return false;
	*answer = ping->answer;
	atomic_fetch_and(&w->pings_wanted, ~(1u << slot));
	atomic_store(&ping->state, SLOT_IDLE);
	return true;
}

void
worker_pings(struct worker *w)
{
	unsigned wanted = atomic_load_explicit(&w->pings_wanted, memory_order_relaxed);

	for (; unlikely(wanted); wanted &= wanted - 1)
		step(w, (unsigned)__builtin_ctz(wanted));
}

static void
step(struct worker *w, unsigned slot)
{
	struct worker_ping *ping = &w->pings[slot];

	switch (atomic_load_explicit(&ping->state, memory_order_acquire)) {
	case SLOT_POSTED:
		if (w->view) {
			ping_send(w->net, slot, &ping->plan, w->now_us);
			atomic_store(&ping->state, SLOT_SENT);
		} else {
			ping->answer = (struct ping_answer){ .result = PING_UNSENT,
							     .reason = DROP_ip_no_route };
			atomic_store(&ping->state, SLOT_OVER);
		}
		w->moved = true;
		break;
	case SLOT_SENT:
		if (ping_is_over(w->net, slot, w->now_us, &ping->answer))
			atomic_store(&ping->state, SLOT_OVER);
		break;
	default:
		break;
	}
}
