/*
 * Sessions of virtual servers of type http: one request and its response. In the order of a
 * request's life:
 *
 *   HEAD      session_http_client finds and parses the request head, writes it anew, begins the session
 *   PICK, CONNECT   in session.c
 *   RESPONSE_HEAD   the request goes out, its body is relayed as it comes; the response head is
 *                   parsed and written anew in session_http_response.c
 *   RELAY     the response's body is relayed, never stored whole
 *   END       both connections are kept for another request, or closed
 *
 * Whether the request may be sent once more is decided in session_http_response.c.
 */
#include "dataplane/worker_priv.h"

static void
refuse_client(struct worker *w, uint32_t client, unsigned status, const char *text, bool head_only);
static void begin(struct worker *w, uint32_t client, uint32_t head_bytes);
static enum http_error relay_body(struct worker *w, struct session *s, enum side_name from);
static void
body_malformed(struct worker *w, struct session *s, enum side_name from, enum http_error error);
static bool send_request(struct worker *w, struct session *s);
static bool send_head(struct worker *w, struct session *s);
static bool send_held_body(struct worker *w, struct session *s);
static void end(struct worker *w, struct session *s);

/* ---- HEAD ---- */

uint32_t
session_http_find_head(struct worker *w, uint32_t id)
{
	const struct bufq *q = tcp_received(w->tcp, id);
	struct conn *c = conn_at(w, id);
	uint32_t at = 0, head_bytes = 0;

	for (const struct rte_mbuf *m = q->head; m && !head_bytes && at < HTTP_HEAD_MAX_BYTES;
	     at += m->data_len, m = m->next) {
		uint32_t skip = c->scan.fed > at ? c->scan.fed - at : 0;

		if (skip < m->data_len)
			head_bytes =
			    http_find_head(&c->scan, rte_pktmbuf_mtod_offset(m, const char *, skip),
					   m->data_len - skip);
	}
	return head_bytes;
}

const char *
session_http_whole_head(struct worker *w, uint32_t id, uint32_t head_bytes)
{
	const struct bufq *q = tcp_received(w->tcp, id);
	const char *bytes = bufq_peek(q, head_bytes);

	if (bytes)
		return bytes;
	bufq_copy(q, 0, head_bytes, w->head_bytes);
	return w->head_bytes;
}

/* RFC 9112 2.2: empty lines before a request line are ignored. */
static void
skip_empty_lines(struct worker *w, uint32_t client)
{
	const struct bufq *q = tcp_received(w->tcp, client);
	char pair[2];

	while (conn_at(w, client)->scan.fed == 0 && q->bytes >= 2) {
		bufq_copy(q, 0, 2, pair);
		if (pair[0] != '\r' || pair[1] != '\n')
			return;
		tcp_receive_drop(w->tcp, client, 2, w->now_us);
	}
}

void
session_http_client(struct worker *w, uint32_t client)
{
	struct conn *c = conn_at(w, client);
	bool began = c->scan.fed > 0;
	uint32_t head_bytes;

	skip_empty_lines(w, client);
	head_bytes = session_http_find_head(w, client);
	if (head_bytes > HTTP_HEAD_MAX_BYTES || (!head_bytes && c->scan.fed >= HTTP_HEAD_MAX_BYTES))
		refuse_client(w, client, http_error_status(HTTP_ERROR_head_too_long),
			      http_error_text(HTTP_ERROR_head_too_long), false);
	else if (head_bytes)
		begin(w, client, head_bytes);
	else if (tcp_at_eof(w->tcp, client))
		conn_release(w, client);
	else if (!began && c->scan.fed > 0)
		conn_wait(w, client, HEAD_TIMEOUT_US);
}

void
session_http_head_timeout(struct worker *w, uint32_t client)
{
	refuse_client(w, client, 408, "the request head did not come in time", false);
}

static void
begin(struct worker *w, uint32_t client, uint32_t head_bytes)
{
	struct http_head *head = &w->head;
	struct conn *c = conn_at(w, client);
	enum http_error error =
	    http_parse_request(session_http_whole_head(w, client, head_bytes), head_bytes, head);
	uint32_t vs = config_view_vs(w->view, tcp_local(w->tcp, client));
	struct http_rewrite rewrite = {
		.keep_alive = true,
	};
	char own_name[ENDPOINT_TEXT_MAX], client_text[ADDR_TEXT_MAX];
	struct session *s = NULL;
	uint32_t len;

	if (error) {
		refuse_client(w, client, http_error_status(error), http_error_text(error), false);
		return;
	}
	if (vs != VIEW_NONE &&
	    generation_virtual_servers(w->view->gen)[vs].type == GEN_VS_HTTP) /* still */
		s = session_begin(w, client, vs);
	if (!s) {
		refuse_client(w, client, 503,
			      "no session is free, or the virtual server was removed",
			      head->method == HTTP_METHOD_HEAD);
		return;
	}
	w->stats->counter[COUNTER_http_requests]++;
	vs_cell(w, s->vs_slot)[VS_COUNTER_requests]++;
	vs_cell(w, s->vs_slot)[VS_COUNTER_bytes_in] += head_bytes;
	s->method = (uint8_t)head->method;
	s->client_minor = head->minor_version;
	s->client_keep_alive = head->keep_alive;
	http_body_init(&s->side[CLIENT].body, head);
	rewrite.client_address =
	    str_from(addr_format(&tcp_remote(w->tcp, client)->addr, client_text));
	if (head->host.len == 0) /* HTTP/1.0; the member wants one all the same */
		rewrite.host = str_from(endpoint_format(tcp_local(w->tcp, client), own_name));
	len = http_write_request(head, &rewrite, w->rewritten, sizeof w->rewritten);
	tcp_receive_drop(w->tcp, client, head_bytes, w->now_us);
	c->scan = (struct http_scan){ 0 };
	if (len == 0)
		session_http_refuse(w, s, 431, "the request head is too long");
	else if (!bufq_append_bytes(&s->request_head, w->setup.mbufs, w->rewritten, len))
		session_http_refuse(w, s, 503, "no packet buffer is free");
	else
		session_pick(w, s);
}

/* ---- the request goes out ---- */

void
session_http_connected(struct worker *w, struct session *s)
{
	uint32_t server = s->side[SERVER].conn;

	conn_at(w, server)->scan = (struct http_scan){ 0 };
	s->step = STEP_RESPONSE_HEAD;
	s->mark = tcp_send_mark(w->tcp, server);
	s->head_sent = 0;
	s->unasked = false;
	session_http_pump(w, s);
}

void
session_http_pump(struct worker *w, struct session *s)
{
	struct side *client = &s->side[CLIENT], *server = &s->side[SERVER];
	enum http_error error = send_request(w, s) ? relay_body(w, s, CLIENT) : HTTP_ERROR_none;

	if (error) {
		body_malformed(w, s, CLIENT, error);
		return;
	}
	if (!client->done && tcp_at_eof(w->tcp, client->conn) &&
	    tcp_received(w->tcp, client->conn)->bytes == 0) {
		session_abort(w, s); /* the client left in the middle of its request */
		return;
	}
	while (s->step == STEP_RESPONSE_HEAD)
		if (!session_http_response(w, s))
			return;
	error = relay_body(w, s, SERVER);
	if (error)
		body_malformed(w, s, SERVER, error);
	else if (server->done)
		end(w, s);
	else if (session_server_ended(w, s) && session_is_drained(w, s))
		session_abort(w, s); /* cut short: a reset is all that tells the client */
}

/*
 * The head, copied, since it may have to be sent again on another connection; then what was taken
 * back of the body. True: all is queued, and what comes from the client may follow.
 */
static bool
send_request(struct worker *w, struct session *s)
{
	return send_head(w, s) && send_held_body(w, s);
}

static bool
send_head(struct worker *w, struct session *s)
{
	uint32_t at = 0;
	bool sent = false;

	for (const struct rte_mbuf *m = s->request_head.head; m; at += m->data_len, m = m->next) {
		enum err err;

		if (at < s->head_sent)
			continue;
		err = tcp_send_bytes(w->tcp, s->side[SERVER].conn,
				     rte_pktmbuf_mtod(m, const void *), m->data_len, w->now_us);
		if (err == ERR_no_memory)
			session_retry(w, s);
		if (err != ERR_ok)
			return false;
		s->head_sent += m->data_len;
		member_cell(w, s->member_slot)[MEMBER_COUNTER_bytes_out] += m->data_len;
		sent = true;
	}
	if (sent) /* not what the client's pushes have to say about the body */
		tcp_push(w->tcp, s->side[SERVER].conn);
	return true;
}

static bool
send_held_body(struct worker *w, struct session *s)
{
	uint32_t server = s->side[SERVER].conn;
	uint32_t room = RTE_MIN(s->held_body.bytes, tcp_send_space(w->tcp, server)), len = 0;

	if (room)
		len = tcp_send(w->tcp, server, &s->held_body, room, w->now_us);
	s->body_relayed |= len > 0;
	if (len)
		tcp_push(w->tcp, server);
	if (len < room)
		session_retry(w, s);
	return s->held_body.bytes == 0;
}

/* ---- RELAY ---- */

/* One look at the bytes behind those approved: false when there is no more to be seen now. */
static bool
examine(struct worker *w, struct session *s, struct side *side, const char *bytes, uint32_t len,
	enum http_error *error)
{
	uint32_t skip, pass;

	*error = http_body_next(&side->body, bytes, len, &skip, &pass);
	if (*error || skip + pass == 0)
		return false;
	if (side == &s->side[SERVER] && s->strips) {
		tcp_receive_drop(w->tcp, side->conn, skip, w->now_us);
		side->approved_bytes += pass;
		return false; /* the queue has moved: relay first */
	}
	side->approved_bytes += skip + pass;
	return true;
}

/* Approves what has come of a body, as much as the other side has room for. */
static enum http_error
approve(struct worker *w, struct session *s, enum side_name from)
{
	struct side *side = &s->side[from];
	uint32_t room = tcp_send_space(w->tcp, s->side[!from].conn);
	enum http_error error = HTTP_ERROR_none;
	uint32_t at = 0;

	if (s->strips && from == SERVER && side->approved_bytes > 0)
		return HTTP_ERROR_none;
	for (const struct rte_mbuf *m = tcp_received(w->tcp, side->conn)->head; m;
	     at += m->data_len, m = m->next) {
		while (side->approved_bytes >= at && side->approved_bytes < at + m->data_len) {
			uint32_t skip = side->approved_bytes - at;

			if (side->body.done || side->approved_bytes >= room)
				return HTTP_ERROR_none;
			if (!examine(w, s, side, rte_pktmbuf_mtod_offset(m, const char *, skip),
				     m->data_len - skip, &error))
				return error;
		}
	}
	return HTTP_ERROR_none;
}

/*
 * Relays what has come of a body and there is room for. What is wrong in its framing is the answer.
 */
static enum http_error
relay_body(struct worker *w, struct session *s, enum side_name from)
{
	struct side *side = &s->side[from];
	const struct bufq *q = tcp_received(w->tcp, side->conn);
	enum http_error error = HTTP_ERROR_none;
	uint32_t before;

	while (!side->done && !error) {
		before = q->bytes;
		error = approve(w, s, from);
		if (session_relay(w, s, from) && from == CLIENT)
			s->body_relayed = true;
		if (q->bytes == 0 && tcp_at_eof(w->tcp, side->conn))
			http_body_eof(&side->body);
		side->done = side->body.done && side->approved_bytes == 0;
		if (q->bytes == before)
			break;
	}
	return error;
}

static void
body_malformed(struct worker *w, struct session *s, enum side_name from, enum http_error error)
{
	if (from == SERVER)
		w->stats->counter[COUNTER_http_responses_refused]++;
	if (s->step == STEP_RESPONSE_HEAD)
		session_http_refuse(w, s, http_error_status(error), http_error_text(error));
	else
		session_abort(w, s);
}

/* ---- END ---- */

static void
end(struct worker *w, struct session *s)
{
	uint32_t client = s->side[CLIENT].conn, server = s->side[SERVER].conn;
	bool client_again = s->client_keep_alive;
	bool server_again = s->server_keep_alive && s->side[CLIENT].done && s->held_body.bytes == 0;

	w->stats->counter[COUNTER_http_responses]++;
	session_free(w, s);
	if (server_again)
		kept_put(w, server);
	else
		conn_release(w, server);
	if (!client_again) {
		conn_linger(w, client);
		return;
	}
	conn_at(w, client)->session = SESSION_NONE;
	conn_wait(w, client, CLIENT_IDLE_US);
	if (tcp_received(w->tcp, client)->bytes > 0 || tcp_at_eof(w->tcp, client))
		session_http_client(w, client); /* pipelined, or gone */
}

/* ---- own answers ---- */

void
session_http_timeout(struct worker *w, struct session *s)
{
	const struct side *client = &s->side[CLIENT];

	if (s->step == STEP_RESPONSE_HEAD && !client->done &&
	    tcp_received(w->tcp, client->conn)->bytes == 0)
		session_http_refuse(w, s, 408, "the request body did not come in time");
	else
		session_http_refuse(w, s, 504, "the member did not answer in time");
}

static void
refuse_client(struct worker *w, uint32_t client, unsigned status, const char *text, bool head_only)
{
	char response[512];
	uint32_t len = http_write_error(status, text, false, head_only, response, sizeof response);

	w->stats->counter[COUNTER_http_requests_refused]++;
	vs_cell(w, conn_at(w, client)->vs_slot)[status >= 500 ? VS_COUNTER_responses_5xx
							      : VS_COUNTER_responses_4xx]++;
	if (tcp_send_bytes(w->tcp, client, response, len, w->now_us) == ERR_ok)
		conn_linger(w, client);
	else
		conn_abort(w, client);
}

void
session_http_refuse(struct worker *w, struct session *s, unsigned status, const char *text)
{
	uint32_t client = s->side[CLIENT].conn, server = s->side[SERVER].conn;
	bool head_only = s->method == HTTP_METHOD_HEAD;

	if (server != TCP_NONE)
		conn_abort(w, server);
	session_free(w, s);
	refuse_client(w, client, status, text, head_only);
}
