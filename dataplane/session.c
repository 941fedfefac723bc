/*
 * A session: a client connection paired with a connection to a member, for one HTTP request
 * (session_http.c) or for as long as both last (session_tcp.c). Here is what both share: beginning,
 * PICK and CONNECT with another try when a member fails, relaying, and the ends.
 *
 * A session is decided under one view and holds it until nothing more will be picked: the response
 * head is rewritten, or, for type tcp, the server side is connected.
 */
#include "dataplane/worker_priv.h"

enum connect_result {
	CONNECT_BEGUN,
	CONNECT_FULL,   /* the member has as many connections as its limit allows */
	CONNECT_FAILED, /* it can't even be tried */
};

static enum connect_result try_member(struct worker *w, struct session *s, uint32_t member);
static void none_left(struct worker *w, struct session *s, bool at_limit);
static enum connect_result
connect_member(struct worker *w, struct session *s, const struct gen_member *member);
static void connected(struct worker *w, struct session *s);
static void pump(struct worker *w, struct session *s);

struct session *
session_begin(struct worker *w, uint32_t client, uint32_t vs)
{
	const struct gen_virtual_server *row = &generation_virtual_servers(w->view->gen)[vs];
	uint32_t index = pool_get(&w->sessions);
	struct session *s;

	if (index == SESSION_NONE) {
		w->stats->counter[COUNTER_session_pool_empty]++;
		vs_cell(w, row->stats_slot)[VS_COUNTER_refused]++;
		return NULL;
	}
	s = session_at(w, index);
	s->view = w->view;
	s->view->refs[w->setup.index].sessions++;
	s->vs = vs;
	s->vs_slot = row->stats_slot;
	s->type = (uint8_t)row->type;
	s->idle_timeout_us = (uint64_t)row->idle_timeout_ms * 1000;
	s->active_us = w->now_us;
	s->side[CLIENT].conn = client;
	s->side[SERVER].conn = TCP_NONE;
	conn_at(w, client)->session = index;
	conn_wait(w, client, s->idle_timeout_us);
	w->stats->counter[COUNTER_sessions_open]++;
	return s;
}

uint32_t
session_index(const struct worker *w, const struct session *s)
{
	return pool_index(&w->sessions, s);
}

/* The load of the member that the session uses, told to the balancer. */
static void
change_load(struct worker *w, uint32_t member_slot, int change)
{
	uint32_t member = w->view->member_of_slot[member_slot];

	member_cell(w, member_slot)[MEMBER_COUNTER_sessions_open] += (uint64_t)(int64_t)change;
	if (member != VIEW_NONE) /* of an older view's balancer the next pick asks anyhow */
		lb_refresh(w->view->lb[w->setup.index], member);
}

void
session_count_request(struct worker *w, struct session *s)
{
	if (s->uncounted)
		member_cell(w, s->member_slot)[MEMBER_COUNTER_requests]++;
	s->uncounted = false;
}

/* Of the member picked last, if any. */
static void
let_go_of_member(struct worker *w, struct session *s)
{
	session_count_request(w, s);
	if (s->counts_as_load)
		change_load(w, s->member_slot, -1);
	s->counts_as_load = false;
}

void
session_pick(struct worker *w, struct session *s)
{
	const struct generation *gen = s->view->gen;
	const struct gen_member *members = generation_members(gen);
	uint32_t passed_over[LB_TRIED_MAX]; /* those tried, and those that turned out full */
	struct lb_request request = {
		.pool = generation_virtual_servers(gen)[s->vs].pool,
		.client = &tcp_remote(w->tcp, s->side[CLIENT].conn)->addr,
		.tried = passed_over,
		.tried_count = s->tries,
		.now_us = w->now_us,
	};
	bool any_full = false, asked = false;
	uint32_t member = LB_NONE;

	s->step = STEP_PICK;
	memcpy(passed_over, s->tried, sizeof s->tried);
	while (let_go_of_member(w, s),
	       s->tries < MEMBER_TRIES && request.tried_count < LB_TRIED_MAX) {
		enum connect_result result;

		member = lb_pick(s->view->lb[w->setup.index], &request);
		if (member == LB_NONE || member == LB_AT_LIMIT)
			break;
		passed_over[request.tried_count++] = member;
		result = try_member(w, s, member);
		if (result == CONNECT_BEGUN)
			return;
		if (result == CONNECT_FULL) {
			any_full = true;
			asked = asked || notes_ask_for_place(w, &members[member]);
		}
	}
	/* where an idle connection of another worker gives way there is a place soon */
	if (asked && s->place_waits < PLACE_WAITS)
		conn_wait(w, s->side[CLIENT].conn, PLACE_WAIT_US << s->place_waits++);
	else
		none_left(w, s, any_full || member == LB_AT_LIMIT);
}

static enum connect_result
try_member(struct worker *w, struct session *s, uint32_t member)
{
	const struct gen_member *row = &generation_members(s->view->gen)[member];
	enum connect_result result;

	if (s->tries > 0)
		w->stats->counter[COUNTER_members_tried_again]++;
	s->tried[s->tries++] = member;
	s->member = member;
	s->member_slot = row->stats_slot;
	s->counts_as_load = true;
	change_load(w, s->member_slot, 1);
	result = connect_member(w, s, row);
	if (result == CONNECT_FULL)
		s->tries--;
	return result;
}

static void
none_left(struct worker *w, struct session *s, bool at_limit)
{
	if (at_limit)
		w->stats->counter[COUNTER_members_at_limit]++;
	else if (s->tries == 0)
		w->stats->counter[COUNTER_members_none_up]++;
	vs_cell(w, s->vs_slot)[VS_COUNTER_refused]++;
	if (s->type == GEN_VS_TCP)
		session_abort(w, s);
	else if (at_limit)
		session_http_refuse(w, s, 503, "all members are at their connection limit");
	else
		session_http_refuse(w, s, 503, "no member of the pool is available");
}

/* An idle connection serves at once; a new one needs its handshake first. */
static enum connect_result
connect_member(struct worker *w, struct session *s, const struct gen_member *member)
{
	uint32_t index = session_index(w, s);
	/* if one kept connection was dead, so may all others be: members restart, firewalls forget */
	uint32_t id = s->type == GEN_VS_HTTP && !s->kept_failed ? kept_take(w, member) : TCP_NONE;
	bool is_full = false;
	struct conn *c;

	s->reused = id != TCP_NONE;
	if (!s->reused)
		id = conn_open_server(w, index, s->view, member, &is_full);
	if (is_full)
		return CONNECT_FULL;
	if (id == TCP_NONE) {
		member_cell(w, member->stats_slot)[MEMBER_COUNTER_conns_failed]++;
		return CONNECT_FAILED;
	}
	c = conn_at(w, id);
	c->session = index;
	s->side[SERVER] = (struct side){ .conn = id };
	if (s->reused) {
		w->stats->counter[COUNTER_http_server_conns_reused]++;
		connected(w, s);
	} else {
		s->step = STEP_CONNECT;
		conn_wait(w, id, CONNECT_TIMEOUT_US);
	}
	return CONNECT_BEGUN;
}

static void
connected(struct worker *w, struct session *s)
{
	wheel_stop(&w->conn_wheel, s->side[SERVER].conn);
	s->uncounted = true;
	s->active_us = w->now_us;
	if (s->type == GEN_VS_HTTP) {
		session_http_connected(w, s);
	} else {
		session_count_request(w, s);
		s->step = STEP_RELAY;
		probe_passive(w, s, true);
		session_release_view(w, s);
		session_tcp_pump(w, s);
	}
}

/* Type tcp: once the member's FIN was passed on, the client's FIN is its connection's orderly end. */
static bool
is_finished(const struct worker *w, const struct session *s)
{
	return s->type == GEN_VS_TCP && s->step == STEP_RELAY &&
	       tcp_close_reason(w->tcp, s->side[CLIENT].conn) == TCP_CLOSE_FINISHED;
}

void
session_event(struct worker *w, struct session *s, enum side_name side, unsigned events)
{
	if (side == CLIENT && events & TCP_EVENT_CLOSED && !is_finished(w, s)) {
		session_abort(w, s);
	} else if (s->step <= STEP_CONNECT) {
		if (side == CLIENT)
			return; /* what it has to say waits in its receive queue */
		if (events & TCP_EVENT_OPEN)
			connected(w, s);
		else if (events & TCP_EVENT_CLOSED)
			session_server_failed(w, s, 503);
	} else {
		pump(w, s);
	}
}

static void
pump(struct worker *w, struct session *s)
{
	if (s->type == GEN_VS_HTTP)
		session_http_pump(w, s);
	else
		session_tcp_pump(w, s);
}

void
session_server_failed(struct worker *w, struct session *s, unsigned status)
{
	if (s->step == STEP_CONNECT) {
		member_cell(w, s->member_slot)[MEMBER_COUNTER_conns_failed]++;
		probe_passive(w, s, false);
	}
	s->kept_failed |= s->reused;
	conn_abort(w, s->side[SERVER].conn);
	s->side[SERVER].conn = TCP_NONE;
	if (s->view && s->tries < MEMBER_TRIES && !s->body_relayed && !s->answered)
		session_pick(w, s);
	else if (s->type == GEN_VS_HTTP)
		session_http_refuse(w, s, status, "the member failed");
	else
		session_abort(w, s);
}

void
session_replay(struct worker *w, struct session *s)
{
	const struct gen_member *member = &generation_members(s->view->gen)[s->member];
	enum connect_result result;

	w->stats->counter[COUNTER_http_requests_replayed]++;
	s->uncounted = false; /* the member did not get this one */
	s->kept_failed = true;
	conn_abort(w, s->side[SERVER].conn);
	s->side[SERVER].conn = TCP_NONE;
	result = connect_member(w, s, member);
	if (result == CONNECT_FULL)
		s->tries--; /* it may be picked again */
	if (result != CONNECT_BEGUN)
		session_pick(w, s);
}

void
session_retry(struct worker *w, const struct session *s)
{
	conn_wait(w, s->side[SERVER].conn, RETRY_US);
}

/*
 * When the session has been idle for too long: nothing was relayed and nothing of what is queued
 * was acknowledged, so that a slow reader lasts as long as it reads. One side that takes nothing is
 * enough, whatever the other one does.
 */
static uint64_t
idle_due_us(const struct worker *w, const struct session *s)
{
	uint64_t active_us = s->active_us, stuck_us = UINT64_MAX;

	for (enum side_name side = CLIENT; side <= SERVER; side++) {
		uint32_t id = s->side[side].conn;

		if (id == TCP_NONE)
			continue;
		active_us = RTE_MAX(active_us, tcp_send_active_us(w->tcp, id));
		stuck_us = RTE_MIN(stuck_us, tcp_send_stuck_us(w->tcp, id));
	}
	return RTE_MIN(active_us, stuck_us) + s->idle_timeout_us;
}

void
session_timeout(struct worker *w, struct session *s, enum side_name side)
{
	uint64_t due_us = idle_due_us(w, s);

	if (s->step == STEP_PICK) {
		conn_wait(w, s->side[CLIENT].conn, s->idle_timeout_us);
		session_pick(w, s); /* perhaps there is a place at a member now */
	} else if (side == SERVER && s->step == STEP_CONNECT)
		session_server_failed(w, s, 503);
	else if (side == SERVER)
		pump(w, s); /* a packet buffer was missing */
	else if (due_us > w->now_us)
		wheel_start(&w->conn_wheel, s->side[CLIENT].conn, due_us);
	else if (s->type == GEN_VS_HTTP && s->step < STEP_RELAY)
		session_http_timeout(w, s);
	else
		session_abort(w, s);
}

uint32_t
session_relay(struct worker *w, struct session *s, enum side_name from_name)
{
	struct side *from = &s->side[from_name];
	uint32_t to = s->side[!from_name].conn;
	uint32_t room = RTE_MIN(from->approved_bytes, tcp_send_space(w->tcp, to)), len = 0;
	uint64_t *vs = vs_cell(w, s->vs_slot), *member = member_cell(w, s->member_slot);

	if (room)
		len = tcp_relay(w->tcp, from->conn, to, room, w->now_us);
	if (len < room)
		session_retry(w, s);
	if (!len)
		return 0;
	from->approved_bytes -= len;
	s->active_us = w->now_us;
	vs[from_name == CLIENT ? VS_COUNTER_bytes_in : VS_COUNTER_bytes_out] += len;
	member[from_name == CLIENT ? MEMBER_COUNTER_bytes_out : MEMBER_COUNTER_bytes_in] += len;
	return len;
}

bool
session_server_ended(const struct worker *w, const struct session *s)
{
	uint32_t server = s->side[SERVER].conn;

	return tcp_at_eof(w->tcp, server) || tcp_close_reason(w->tcp, server) != TCP_CLOSE_NONE;
}

bool
session_is_drained(const struct worker *w, const struct session *s)
{
	return tcp_received(w->tcp, s->side[SERVER].conn)->bytes == 0 &&
	       tcp_send_queued(w->tcp, s->side[CLIENT].conn) == 0;
}

void
session_release_view(struct worker *w, struct session *s)
{
	if (!s->view)
		return;
	s->view->refs[w->setup.index].sessions--;
	s->view = NULL;
}

void
session_abort(struct worker *w, struct session *s)
{
	w->stats->counter[COUNTER_sessions_aborted]++;
	vs_cell(w, s->vs_slot)[VS_COUNTER_aborted]++;
	for (enum side_name side = CLIENT; side <= SERVER; side++)
		if (s->side[side].conn != TCP_NONE)
			conn_abort(w, s->side[side].conn);
	session_free(w, s);
}

void
session_free(struct worker *w, struct session *s)
{
	let_go_of_member(w, s);
	session_release_view(w, s);
	bufq_clear(&s->request_head);
	bufq_clear(&s->held_body);
	w->stats->counter[COUNTER_sessions_open]--;
	pool_put(&w->sessions, session_index(w, s));
}
