/*
 * Sessions of virtual servers of type tcp: bytes go from one side to the other untouched, each
 * direction ends on its own (half-close is carried through), and a side that is slow stops the
 * other by window.
 */
#include "dataplane/worker_priv.h"

static void relay(struct worker *w, struct session *s, enum side_name from);
static bool broken(const struct worker *w, const struct session *s);

void
session_tcp_accept(struct worker *w, uint32_t client, uint32_t vs)
{
	struct session *s = session_begin(w, client, vs);

	if (s)
		session_pick(w, s);
	else
		conn_abort(w, client);
}

void
session_tcp_pump(struct worker *w, struct session *s)
{
	relay(w, s, CLIENT);
	relay(w, s, SERVER);
	if (s->side[CLIENT].done && s->side[SERVER].done) {
		conn_release(w, s->side[CLIENT].conn);
		conn_release(w, s->side[SERVER].conn);
		session_free(w, s);
	} else if (broken(w, s) && session_is_drained(w, s)) {
		session_abort(w, s);
	}
}

static void
relay(struct worker *w, struct session *s, enum side_name from_name)
{
	struct side *from = &s->side[from_name];

	from->approved_bytes = tcp_received(w->tcp, from->conn)->bytes;
	session_relay(w, s, from_name);
	if (!from->done && from->approved_bytes == 0 && tcp_at_eof(w->tcp, from->conn)) {
		from->done = true;
		s->active_us = w->now_us;
		tcp_shutdown(w->tcp, s->side[!from_name].conn, w->now_us);
	}
}

/*
 * The member's connection ended otherwise than by both FINs. (The client's was seen by
 * session_event.)
 */
static bool
broken(const struct worker *w, const struct session *s)
{
	enum tcp_close_reason reason = tcp_close_reason(w->tcp, s->side[SERVER].conn);

	return reason != TCP_CLOSE_NONE && reason != TCP_CLOSE_FINISHED;
}
