/*
 * The head of a response, and what happens when there is none: session_http.c asks here for as long
 * as the session is in step RESPONSE_HEAD. Interim heads are passed on, the final one leads to
 * RELAY; when the server connection ends without one, the request may get a second chance
 * (RFC 9110 9.2.2, 15.2, 15.5.9; RFC 9112 9.3.1, 9.6).
 */
#include "dataplane/worker_priv.h"

static bool speaks_unasked(const struct worker *w, struct session *s);
static void unasked(struct worker *w, struct session *s);
static void no_response(struct worker *w, struct session *s);
static bool may_replay(struct worker *w, struct session *s);
static bool take_back(struct worker *w, struct session *s);
static bool is_idempotent(uint8_t method);
static bool is_farewell(const struct session *s, const struct http_head *head);
static void bad_response(struct worker *w, struct session *s, enum http_error error);
static bool interim_response(struct worker *w, struct session *s, uint32_t head_bytes);
static bool final_response(struct worker *w, struct session *s, uint32_t head_bytes);
static uint32_t send_response_head(struct worker *w, struct session *s);
static void count_response(struct worker *w, struct session *s, unsigned status);

bool
session_http_response(struct worker *w, struct session *s)
{
	uint32_t server = s->side[SERVER].conn;
	uint32_t head_bytes;
	enum http_error error;

	if (speaks_unasked(w, s)) {
		unasked(w, s);
		return false;
	}
	if (s->head_sent < s->request_head.bytes && !session_server_ended(w, s))
		return false; /* what it says can't be about this request yet */
	head_bytes = session_http_find_head(w, server);
	if (head_bytes > HTTP_HEAD_MAX_BYTES ||
	    (!head_bytes && conn_at(w, server)->scan.fed >= HTTP_HEAD_MAX_BYTES)) {
		bad_response(w, s, HTTP_ERROR_head_too_long);
		return false;
	}
	if (!head_bytes) {
		if (session_server_ended(w, s))
			no_response(w, s);
		return false;
	}
	probe_passive(w, s, true);
	error = http_parse_response(session_http_whole_head(w, server, head_bytes), head_bytes,
				    (enum http_method)s->method, &w->head);
	if (error) {
		bad_response(w, s, error);
		return false;
	}
	if (is_farewell(s, &w->head)) {
		session_replay(w, s);
		return false;
	}
	session_count_request(w, s);
	return w->head.status < 200 ? interim_response(w, s, head_bytes)
				    : final_response(w, s, head_bytes);
}

/*
 * What a kept connection says before it has acknowledged a byte of the request is no answer to it:
 * a 408, say, before it is closed (RFC 9110 15.5.9), or what should have belonged to the last
 * response. True: there is something of that kind, and nothing behind it can be believed.
 */
static bool
speaks_unasked(const struct worker *w, struct session *s)
{
	uint32_t server = s->side[SERVER].conn;

	if (s->reused && !s->answered && tcp_received(w->tcp, server)->bytes > 0 &&
	    !tcp_send_acked(w->tcp, server, s->mark))
		s->unasked = true;
	return s->unasked;
}

/* Its end will tell whether the request has arrived there, if that matters. */
static void
unasked(struct worker *w, struct session *s)
{
	if (session_server_ended(w, s) || (is_idempotent(s->method) && !s->body_relayed) ||
	    tcp_send_acked(w->tcp, s->side[SERVER].conn, s->mark))
		no_response(w, s);
}

/*
 * A member that has vanished, or one that lets fresh connections end so, has failed this session. It
 * is not held against its health: a request may have made it hang up, and no client may be able to
 * take members out for everybody.
 */
static void
no_response(struct worker *w, struct session *s)
{
	bool vanished = tcp_close_reason(w->tcp, s->side[SERVER].conn) == TCP_CLOSE_TIMEOUT;

	if (!may_replay(w, s))
		session_http_refuse(w, s, 502,
				    "the member closed the connection without a response");
	else if (s->reused && !vanished)
		session_replay(w, s);
	else
		session_server_failed(w, s, 502);
}

/*
 * The server connection has ended without a response, or is of no use. Whether the request may be
 * sent once more, on another connection:
 *
 *   never       once a byte of a response has come, if only of an interim one: somebody works on it
 *   taken back  over a kept connection, when TCP proves that the member got no byte of it before it
 *               ended: it was not applied, so this is no retry in the sense of RFC 9110 9.2.2 but
 *               the first delivery, whatever the method; the body is taken back with it
 *   idempotent  RFC 9110 9.2.2, 9112 9.3.1: any other, if nothing of its body has been passed on
 *
 * A request never rides on a SYN: it is queued once the handshake is complete.
 */
static bool
may_replay(struct worker *w, struct session *s)
{
	bool began = tcp_received(w->tcp, s->side[SERVER].conn)->bytes > 0 && !s->unasked;

	if (!s->view || s->answered || began)
		return false;
	if (s->reused && take_back(w, s))
		return true;
	return is_idempotent(s->method) && !s->body_relayed;
}

/*
 * Of a kept connection that the member has ended before any of the request reached it: the bytes of
 * the request that were passed on.
 */
static bool
take_back(struct worker *w, struct session *s)
{
	struct bufq bytes = { 0 };

	if (!tcp_take_unacked(w->tcp, s->side[SERVER].conn, s->mark, &bytes))
		return false;
	bufq_drop(&bytes, RTE_MIN(bytes.bytes, s->request_head.bytes)); /* there is a copy */
	ASSERT(s->held_body.bytes == 0); /* after the first time no kept connection is used */
	s->held_body = bytes;
	s->body_relayed = false;
	return true;
}

static bool
is_idempotent(uint8_t method)
{
	return method == HTTP_METHOD_GET || method == HTTP_METHOD_HEAD ||
	       method == HTTP_METHOD_PUT || method == HTTP_METHOD_DELETE ||
	       method == HTTP_METHOD_OPTIONS || method == HTTP_METHOD_TRACE;
}

/*
 * RFC 9110 15.5.9: a 408 on a kept connection is about the wait for a request, though ours may have
 * arrived while it was written.
 */
static bool
is_farewell(const struct session *s, const struct http_head *head)
{
	return head->status == 408 && s->reused && !head->keep_alive && !s->answered && s->view &&
	       is_idempotent(s->method) && !s->body_relayed;
}

static void
bad_response(struct worker *w, struct session *s, enum http_error error)
{
	w->stats->counter[COUNTER_http_responses_refused]++;
	session_http_refuse(w, s, 502, http_error_text(error));
}

/*
 * RFC 9110 15.2: passed on, but not to HTTP/1.0 clients, who know none. 101 would end HTTP, and
 * Upgrade was not forwarded.
 */
static bool
interim_response(struct worker *w, struct session *s, uint32_t head_bytes)
{
	uint32_t server = s->side[SERVER].conn;
	uint32_t sent = 1;

	if (w->head.status == 101) {
		session_http_refuse(w, s, 502, "the member switched protocols unasked");
		return false;
	}
	s->answered = true;
	if (s->client_minor > 0)
		sent = send_response_head(w, s);
	if (sent == 0) {
		conn_at(w, server)->scan = (struct http_scan){ 0 };
		return false;
	}
	tcp_receive_drop(w->tcp, server, head_bytes, w->now_us);
	conn_at(w, server)->scan = (struct http_scan){ 0 };
	return true;
}

static bool
final_response(struct worker *w, struct session *s, uint32_t head_bytes)
{
	struct http_head *head = &w->head;
	uint32_t server = s->side[SERVER].conn;
	bool wanted_keep_alive = s->client_keep_alive;
	uint32_t sent;

	s->strips = head->framing == HTTP_FRAMING_CHUNKED && s->client_minor == 0;
	s->client_keep_alive &=
	    head->framing != HTTP_FRAMING_CLOSE && !s->strips && s->side[CLIENT].done;
	sent = send_response_head(w, s);
	if (sent == 0) {
		s->client_keep_alive = wanted_keep_alive; /* decided again when there is room */
		conn_at(w, server)->scan = (struct http_scan){ 0 };
		return false;
	}
	if (sent == UINT32_MAX) {
		session_http_refuse(w, s, 502, "the member's response head is too long");
		return false;
	}
	s->server_keep_alive = head->keep_alive && head->framing != HTTP_FRAMING_CLOSE;
	http_body_init(&s->side[SERVER].body, head);
	count_response(w, s, head->status);
	vs_cell(w, s->vs_slot)[VS_COUNTER_bytes_out] += sent;
	member_cell(w, s->member_slot)[MEMBER_COUNTER_bytes_in] += head_bytes;
	tcp_receive_drop(w->tcp, server, head_bytes, w->now_us);
	s->active_us = w->now_us;
	s->step = STEP_RELAY;
	session_release_view(w, s);
	bufq_clear(&s->request_head);
	return true;
}

/*
 * Writes the head that lies in w->head to the client; 0 when it can't be queued now, UINT32_MAX when
 * it can't be written. Under pressure there may never be room for a long one, so an empty queue takes
 * any.
 */
static uint32_t
send_response_head(struct worker *w, struct session *s)
{
	uint32_t client = s->side[CLIENT].conn;
	struct http_rewrite rewrite = { .keep_alive = s->client_keep_alive,
					.minor_version = s->client_minor };
	uint32_t len = http_write_response(&w->head, &rewrite, w->rewritten, sizeof w->rewritten);
	enum err err;

	if (len == 0)
		return UINT32_MAX;
	if (tcp_send_space(w->tcp, client) < len && tcp_send_queued(w->tcp, client) > 0)
		return 0;
	err = tcp_send_bytes(w->tcp, client, w->rewritten, len, w->now_us);
	if (err == ERR_no_memory)
		session_retry(w, s);
	if (err != ERR_ok)
		return 0;
	tcp_push(w->tcp, client);
	return len;
}

static void
count_response(struct worker *w, struct session *s, unsigned status)
{
	static const uint8_t of_class[] = { 0,
					    0,
					    VS_COUNTER_responses_2xx,
					    VS_COUNTER_responses_3xx,
					    VS_COUNTER_responses_4xx,
					    VS_COUNTER_responses_5xx };

	vs_cell(w, s->vs_slot)[of_class[status / 100]]++;
	if (status >= 500 && s->side[SERVER].conn != TCP_NONE)
		member_cell(w, s->member_slot)[MEMBER_COUNTER_responses_5xx]++;
}
