/*
 * What becomes of a connection's news: a client's go to its session or to the search for a request
 * head, a member's to its session or to the list of idle connections, a probe's to its probe. Here
 * too: accepting, opening, waiting, and the ways to end.
 */
#include "dataplane/worker_priv.h"

#define TIMERS_PER_TURN 256u

static void accepted(struct worker *w, uint32_t id);
static void client_event(struct worker *w, uint32_t id, unsigned events);
static void server_event(struct worker *w, uint32_t id, unsigned events);
static void timed_out(struct worker *w, uint32_t id);
static uint32_t limit_now(const struct worker *w, const struct gen_member *member);
static void count_places(struct worker *w, uint32_t slot, bool wanted);
static bool take_place(struct worker *w, uint32_t slot, uint32_t limit);

void
conn_event(struct worker *w, uint32_t id, unsigned events)
{
	struct conn *c = conn_at(w, id);

	if (c->role == CONN_UNUSED) {
		accepted(w, id);
		if (c->role == CONN_UNUSED)
			return;
	}
	switch (c->role) {
	case CONN_CLIENT:
		client_event(w, id, events);
		break;
	case CONN_SERVER:
		server_event(w, id, events);
		break;
	case CONN_PROBE:
		probe_event(w, c->session, events);
		break;
	}
}

static void
conn_init(struct conn *c, enum conn_role role)
{
	struct wheel_node timer = c->timer;

	*c = (struct conn){
		.timer = timer,
		.role = role,
		.session = SESSION_NONE,
		.kept_next = TCP_NONE,
		.kept_prev = TCP_NONE,
		.kept_newer = TCP_NONE,
		.kept_older = TCP_NONE,
	};
}

/*
 * The virtual server is looked up again: the configuration may have changed during the handshake.
 */
static void
accepted(struct worker *w, uint32_t id)
{
	uint32_t vs = config_view_vs(w->view, tcp_local(w->tcp, id));
	const struct gen_virtual_server *row;
	struct conn *c = conn_at(w, id);

	if (vs == VIEW_NONE) {
		tcp_abort(w->tcp, id, w->now_us);
		return;
	}
	row = &generation_virtual_servers(w->view->gen)[vs];
	conn_init(c, CONN_CLIENT);
	c->type = (uint8_t)row->type;
	c->open = true;
	c->vs_slot = row->stats_slot;
	vs_cell(w, c->vs_slot)[VS_COUNTER_conns_total]++;
	vs_cell(w, c->vs_slot)[VS_COUNTER_conns_open]++;
	conn_wait(w, id, CLIENT_IDLE_US);
	if (row->type == GEN_VS_TCP)
		session_tcp_accept(w, id, vs);
}

uint32_t
conn_open(struct worker *w, enum conn_role role, uint32_t owner, const struct endpoint *remote,
	  uint32_t profile)
{
	struct endpoint local = { .port = 0 };
	uint32_t id;

	if (net_source_addr(w->net, &remote->addr, &local.addr) != ERR_ok)
		return TCP_NONE;
	if (tcp_connect(w->tcp, &local, remote, profile, owner, w->now_us, &id) != ERR_ok)
		return TCP_NONE;
	conn_init(conn_at(w, id), role);
	conn_at(w, id)->session = owner;
	return id;
}

uint32_t
conn_open_server(struct worker *w, uint32_t session, const struct config_view *view,
		 const struct gen_member *member, bool *is_full)
{
	const struct gen_pool *pool = &generation_pools(view->gen)[member->pool];
	uint32_t profile = profile_number(&w->profiles, view->gen,
					  &view->tcp_profiles[w->setup.index], pool->tcp_profile);
	uint32_t slot = member->stats_slot, limit = limit_now(w, member), id;
	struct conn *c;

	count_places(w, slot, limit != 0);
	*is_full = limit && !take_place(w, slot, limit);
	if (*is_full)
		return TCP_NONE;
	id = conn_open(w, CONN_SERVER, session, &member->endpoint, profile);
	if (id == TCP_NONE) {
		if (limit)
			places_give(w->places, slot, 1);
		return TCP_NONE;
	}
	c = conn_at(w, id);
	c->member_slot = slot;
	c->member_owner = member->owner;
	w->server_conns[slot]++;
	return id;
}

/* As the current view has it, if the member is still in there. */
static uint32_t
limit_now(const struct worker *w, const struct gen_member *member)
{
	uint32_t now = w->view->member_of_slot[member->stats_slot];
	const struct gen_member *row =
	    now == VIEW_NONE ? member : &generation_members(w->view->gen)[now];

	return (row->owner == member->owner ? row : member)->connection_limit;
}

/* All of this worker's connections to a member are counted, or none: a limit may come and go. */
static void
count_places(struct worker *w, uint32_t slot, bool wanted)
{
	if (w->has_places[slot] == wanted)
		return;
	w->has_places[slot] = wanted;
	if (wanted)
		places_add(w->places, slot, w->server_conns[slot]);
	else
		places_give(w->places, slot, w->server_conns[slot]);
}

/* The limit counts idle ones, too: one of ours gives way. */
static bool
take_place(struct worker *w, uint32_t slot, uint32_t limit)
{
	return places_take(w->places, slot, limit) ||
	       (kept_release_one(w, slot) && places_take(w->places, slot, limit));
}

void
conn_places_adopt(struct worker *w, uint32_t n)
{
	const struct gen_member *members = generation_members(w->view->gen);
	uint32_t end =
	    (uint32_t)RTE_MIN((uint64_t)w->places_cursor + n, w->view->gen->members.count);

	for (; w->places_cursor < end; w->places_cursor++) {
		const struct gen_member *member = &members[w->places_cursor];

		count_places(w, member->stats_slot, member->connection_limit != 0);
	}
}

/* News of a client that serves no session: the next request's head, or the end. */
static void
client_event(struct worker *w, uint32_t id, unsigned events)
{
	struct conn *c = conn_at(w, id);

	if (c->session != SESSION_NONE) {
		session_event(w, session_at(w, c->session), CLIENT, events);
	} else if (events & TCP_EVENT_CLOSED) {
		conn_release(w, id);
	} else if (c->lingering) {
		tcp_receive_drop(w->tcp, id, tcp_received(w->tcp, id)->bytes, w->now_us);
		if (tcp_at_eof(w->tcp, id))
			conn_release(w, id);
	} else if (c->type == GEN_VS_HTTP && events & (TCP_EVENT_READABLE | TCP_EVENT_EOF)) {
		session_http_client(w, id);
	}
}

/*
 * A kept connection has nothing to say: whatever comes ends it. Of bytes that came before it was
 * kept, and were relayed, there may still be news, so the queue is what counts.
 */
static bool
kept_speaks(const struct worker *w, uint32_t id, unsigned events)
{
	return events & TCP_EVENT_CLOSED || tcp_at_eof(w->tcp, id) ||
	       tcp_received(w->tcp, id)->bytes > 0;
}

static void
server_event(struct worker *w, uint32_t id, unsigned events)
{
	struct conn *c = conn_at(w, id);

	if (events & TCP_EVENT_OPEN) {
		c->open = true;
		member_cell(w, c->member_slot)[MEMBER_COUNTER_conns_total]++;
		member_cell(w, c->member_slot)[MEMBER_COUNTER_conns_open]++;
	}
	if (c->session != SESSION_NONE)
		session_event(w, session_at(w, c->session), SERVER, events);
	else if (kept_speaks(w, id, events))
		conn_release(w, id);
}

static void
forget(struct worker *w, uint32_t id)
{
	struct conn *c = conn_at(w, id);

	wheel_stop(&w->conn_wheel, id);
	if (c->kept)
		kept_remove(w, id);
	if (c->role == CONN_CLIENT)
		vs_cell(w, c->vs_slot)[VS_COUNTER_conns_open]--;
	else if (c->role == CONN_SERVER && c->open)
		member_cell(w, c->member_slot)[MEMBER_COUNTER_conns_open]--;
	if (c->role == CONN_SERVER) {
		w->server_conns[c->member_slot]--;
		if (w->has_places[c->member_slot])
			places_give(w->places, c->member_slot, 1);
	}
	c->role = CONN_UNUSED;
	c->session = SESSION_NONE;
}

void
conn_release(struct worker *w, uint32_t id)
{
	forget(w, id);
	tcp_release(w->tcp, id, w->now_us);
}

void
conn_abort(struct worker *w, uint32_t id)
{
	forget(w, id);
	tcp_abort(w->tcp, id, w->now_us);
}

void
conn_linger(struct worker *w, uint32_t id)
{
	struct conn *c = conn_at(w, id);

	tcp_shutdown(w->tcp, id, w->now_us);
	c->session = SESSION_NONE;
	c->lingering = true;
	tcp_receive_drop(w->tcp, id, tcp_received(w->tcp, id)->bytes, w->now_us);
	if (tcp_at_eof(w->tcp, id))
		conn_release(w, id);
	else
		conn_wait(w, id, LINGER_TIMEOUT_US);
}

void
conn_wait(struct worker *w, uint32_t id, uint64_t timeout_us)
{
	wheel_start(&w->conn_wheel, id, w->now_us + timeout_us);
}

void
conn_timers(struct worker *w)
{
	uint32_t id;

	for (unsigned n = 0; n < TIMERS_PER_TURN && wheel_expire(&w->conn_wheel, w->now_us, &id);
	     n++) {
		w->moved = true;
		timed_out(w, id);
	}
}

static void
timed_out(struct worker *w, uint32_t id)
{
	struct conn *c = conn_at(w, id);

	if (c->session != SESSION_NONE)
		session_timeout(w, session_at(w, c->session),
				c->role == CONN_CLIENT ? CLIENT : SERVER);
	else if (c->kept)
		kept_review(w, id);
	else if (c->role == CONN_CLIENT && !c->lingering && tcp_received(w->tcp, id)->bytes > 0)
		session_http_head_timeout(w, id);
	else
		conn_release(w, id);
}
