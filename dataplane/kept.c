/*
 * Idle connections to members, kept for the next request: a list a member (by its stats slot), the
 * last one in is the first one out, so that surplus ones grow old and are closed; and a list of all
 * by age, so that the oldest gives way when connections run short. Keyed by the member's identity,
 * so they outlive generations; how many and for how long says its pool in the current one.
 *
 * Each looks once a second whether that still holds. What may be sent again when one turns out dead
 * is decided in session_http_response.c.
 */
#include "dataplane/worker_priv.h"

static bool is_silent(const struct worker *w, uint32_t id);
static const struct gen_member *member_of(const struct worker *w, const struct conn *c);
static const struct gen_pool *pool_of(const struct worker *w, const struct conn *c);

uint32_t
kept_take(struct worker *w, const struct gen_member *member)
{
	uint32_t id;

	while ((id = w->kept_head[member->stats_slot]) != TCP_NONE) {
		kept_remove(w, id);
		if (conn_at(w, id)->member_owner == member->owner && is_silent(w, id)) {
			wheel_stop(&w->conn_wheel, id);
			return id;
		}
		conn_release(w, id); /* the slot went to another member, or it has ended */
	}
	return TCP_NONE;
}

/*
 * Whether nothing has come since it was kept. News of this turn may not have been told yet, and
 * what a member says unasked (a 408, say, before it closes) must not be taken for the answer to the
 * next request.
 */
static bool
is_silent(const struct worker *w, uint32_t id)
{
	return tcp_received(w->tcp, id)->bytes == 0 && !tcp_at_eof(w->tcp, id) &&
	       tcp_close_reason(w->tcp, id) == TCP_CLOSE_NONE;
}

/* NULL: it is not configured any more, or an operator keeps sessions from it. */
static const struct gen_member *
member_of(const struct worker *w, const struct conn *c)
{
	const struct config_view *view = w->view;
	uint32_t member = view->member_of_slot[c->member_slot];
	enum member_admin admin;

	if (member == VIEW_NONE || generation_members(view->gen)[member].owner != c->member_owner)
		return NULL;
	/* written by the control thread */
	admin = __atomic_load_n(&view->member_admin[member]->state, __ATOMIC_RELAXED);
	if (admin != MEMBER_ENABLED && admin != MEMBER_FORCED_UP)
		return NULL;
	return &generation_members(view->gen)[member];
}

/*
 * Of its member; NULL: that is to have no kept connection. Idle ones count for the connection limit,
 * which may be lower than it was.
 */
static const struct gen_pool *
pool_of(const struct worker *w, const struct conn *c)
{
	const struct gen_member *member = member_of(w, c);

	if (!member || (member->connection_limit &&
			places_taken(w->places, c->member_slot) > member->connection_limit))
		return NULL;
	return &generation_pools(w->view->gen)[member->pool];
}

void
kept_put(struct worker *w, uint32_t id)
{
	struct conn *c = conn_at(w, id);
	const struct gen_pool *pool = pool_of(w, c);
	uint32_t *head = &w->kept_head[c->member_slot];

	c->session = SESSION_NONE;
	if (!pool || w->kept_count[c->member_slot] >= pool->keep_idle_max || !is_silent(w, id)) {
		conn_release(w, id);
		return;
	}
	c->kept = true;
	c->kept_prev = TCP_NONE;
	c->kept_next = *head;
	if (*head == TCP_NONE)
		w->kept_tail[c->member_slot] = id;
	else
		conn_at(w, *head)->kept_prev = id;
	*head = id;
	c->kept_newer = TCP_NONE;
	c->kept_older = w->kept_newest;
	if (w->kept_newest == TCP_NONE)
		w->kept_oldest = id;
	else
		conn_at(w, w->kept_newest)->kept_newer = id;
	w->kept_newest = id;
	w->kept_count[c->member_slot]++;
	w->stats->counter[COUNTER_http_server_conns_kept]++;
	c->kept_us = w->now_us;
	kept_review(w, id);
}

void
kept_remove(struct worker *w, uint32_t id)
{
	struct conn *c = conn_at(w, id);

	if (c->kept_prev == TCP_NONE)
		w->kept_head[c->member_slot] = c->kept_next;
	else
		conn_at(w, c->kept_prev)->kept_next = c->kept_next;
	if (c->kept_next == TCP_NONE)
		w->kept_tail[c->member_slot] = c->kept_prev;
	else
		conn_at(w, c->kept_next)->kept_prev = c->kept_prev;
	if (c->kept_newer == TCP_NONE)
		w->kept_newest = c->kept_older;
	else
		conn_at(w, c->kept_newer)->kept_older = c->kept_older;
	if (c->kept_older == TCP_NONE)
		w->kept_oldest = c->kept_newer;
	else
		conn_at(w, c->kept_older)->kept_newer = c->kept_newer;
	c->kept = false;
	c->kept_next = c->kept_prev = c->kept_newer = c->kept_older = TCP_NONE;
	w->kept_count[c->member_slot]--;
	c->scan = (struct http_scan){ 0 };
	w->stats->counter[COUNTER_http_server_conns_kept]--;
}

void
kept_review(struct worker *w, uint32_t id)
{
	const struct conn *c = conn_at(w, id);
	const struct gen_pool *pool = pool_of(w, c);
	uint64_t timeout_us = pool ? (uint64_t)pool->keep_idle_timeout_ms * 1000 : 0;
	uint64_t idle_us = w->now_us - c->kept_us;

	if (idle_us >= timeout_us || w->kept_count[c->member_slot] > pool->keep_idle_max)
		conn_release(w, id);
	else
		conn_wait(w, id, RTE_MIN(timeout_us - idle_us, KEPT_REVIEW_US));
}

bool
kept_release_one(struct worker *w, uint32_t member_slot)
{
	uint32_t id = w->kept_tail[member_slot];

	if (id == TCP_NONE)
		return false;
	w->stats->counter[COUNTER_http_server_conns_evicted]++;
	conn_release(w, id);
	return true;
}

bool
kept_spare(struct worker *w)
{
	if (w->kept_oldest == TCP_NONE)
		return false;
	w->stats->counter[COUNTER_http_server_conns_evicted]++;
	conn_abort(w, w->kept_oldest);
	return true;
}
