/*
 * Idle connections to members, kept for the next request: a list a member (by its stats slot), the
 * last one in is the first one out, so that surplus ones grow old and are closed. Keyed by the
 * member's identity, so they outlive generations.
 */
#include "dataplane/worker_priv.h"

/*
 * Whether nothing has come since it was kept. News of this turn may not have been told yet, and what a member says unasked
 * (a 408, say, before it closes) must not be taken for the answer to the next request.
 */
static bool
is_silent(const struct worker *w, uint32_t id)
{
	return tcp_received(w->tcp, id)->bytes == 0 && !tcp_at_eof(w->tcp, id) &&
	       tcp_close_reason(w->tcp, id) == TCP_CLOSE_NONE;
}

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

void
kept_put(struct worker *w, uint32_t id)
{
	struct conn *c = conn_at(w, id);
	uint32_t *head = &w->kept_head[c->member_slot];

	c->session = SESSION_NONE;
	c->scan = (struct http_scan){ 0 };
	if (w->kept_count[c->member_slot] == KEPT_MAX_PER_MEMBER || !is_silent(w, id)) {
		conn_release(w, id);
		return;
	}
	c->kept = true;
	c->kept_prev = TCP_NONE;
	c->kept_next = *head;
	if (*head != TCP_NONE)
		conn_at(w, *head)->kept_prev = id;
	*head = id;
	w->kept_count[c->member_slot]++;
	w->stats->counter[COUNTER_http_server_conns_kept]++;
	conn_wait(w, id, KEPT_IDLE_US);
}

void
kept_remove(struct worker *w, uint32_t id)
{
	struct conn *c = conn_at(w, id);

	if (c->kept_prev == TCP_NONE)
		w->kept_head[c->member_slot] = c->kept_next;
	else
		conn_at(w, c->kept_prev)->kept_next = c->kept_next;
	if (c->kept_next != TCP_NONE)
		conn_at(w, c->kept_next)->kept_prev = c->kept_prev;
	c->kept = false;
	c->kept_next = c->kept_prev = TCP_NONE;
	w->kept_count[c->member_slot]--;
	w->stats->counter[COUNTER_http_server_conns_kept]--;
}
