/*
 * The simulated HTTP server: a message is read, an answer is written, and so on until one of the two ends it.
 */
#include "test/sim/http_server.h"

#include <rte_common.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/sim/body.h"
#include "test/sim/message.h"

#define CHUNK_BYTES 4096u
#define PASS_BYTES  262144u
#define RETRY_US    1000u
#define HEAD_BYTES  512u

struct serving {
	bool used, answering, closing;
	bool stalled;  /* never answers on this connection */
	bool draining; /* ended by manners.ends: what still comes is thrown away */
	uint32_t id, responses;
	struct message request;
	char head[HEAD_BYTES]; /* of the answer, not queued yet */
	uint32_t head_len;
	bool last; /* the connection ends behind this answer */
	struct body body;
	uint64_t read_us, write_us;
	uint64_t end_us; /* when manners.ends strikes; 0: not */
};

struct http_server {
	struct app app;
	uint16_t port;
	char label[16];
	struct http_server_manners manners;
	struct http_server_result result;
	struct serving *serving; /* by connection index */
	uint32_t open;
	struct rng rng;
};

static void server_event(struct app *app, uint32_t id, unsigned events, uint64_t now_us);
static void server_wake(struct app *app, uint64_t now_us);
static void server_lost(struct app *app);
static void pump(struct http_server *server, struct serving *s, uint64_t now_us);
static bool read_request(struct http_server *server, struct serving *s, uint64_t now_us);
static bool take_bytes(struct http_server *server, struct serving *s, uint32_t n, uint64_t now_us);
static void head_read(struct http_server *server, struct serving *s);
static void answer(struct http_server *server, struct serving *s);
static bool write_answer(struct http_server *server, struct serving *s, uint64_t now_us);
static void answered(struct http_server *server, struct serving *s, uint64_t now_us);
static void end_some_time(struct http_server *server, struct serving *s, uint64_t now_us);
static void time_is_up(struct http_server *server, struct serving *s, uint64_t now_us);
static bool is_waiting(const struct http_server *server, const struct serving *s);
static void end(struct http_server *server, struct serving *s, uint32_t way, uint64_t now_us);
static void drain(struct http_server *server, struct serving *s, uint64_t now_us);
static void ended(struct http_server *server, struct serving *s);
static void wake_at(struct http_server *server, uint64_t us);

static const struct app_ops server_ops = { .event = server_event,
					   .wake = server_wake,
					   .lost = server_lost };

struct http_server *
http_server_new(struct host *host, uint16_t port, const char *label)
{
	struct http_server *server = calloc(1, sizeof *server);

	ASSERT(server);
	server->app.ops = &server_ops;
	server->app.wake_us = UINT64_MAX;
	server->app.listen_port = server->port = port;
	snprintf(server->label, sizeof server->label, "%s", label);
	server->serving = calloc(host->config.tcp.conns, sizeof *server->serving);
	ASSERT(server->serving);
	host_add_app(host, &server->app);
	rng_init(&server->rng, host->node.world->seed ^ host->node.id);
	return server;
}

struct http_server_manners *
http_server_manners(struct http_server *server)
{
	return &server->manners;
}

const struct http_server_result *
http_server_result(const struct http_server *server)
{
	return &server->result;
}

uint32_t
http_server_open(const struct http_server *server)
{
	return server->open;
}

void
http_server_listen(struct http_server *server, bool listening)
{
	server->app.listen_port = listening ? server->port : 0;
}

static void
server_event(struct app *app, uint32_t id, unsigned events, uint64_t now_us)
{
	struct http_server *server = (struct http_server *)app;
	struct serving *s = &server->serving[id];

	if (!s->used) {
		memset(s, 0, sizeof *s);
		s->used = true;
		s->id = id;
		message_init(&s->request, true);
		server->open++;
		server->result.conns++;
	}
	pump(server, s, now_us);
	if (s->used && (events & TCP_EVENT_CLOSED)) {
		host_release(app->host, id, now_us);
		ended(server, s);
	}
}

static void
server_wake(struct app *app, uint64_t now_us)
{
	struct http_server *server = (struct http_server *)app;

	for (uint32_t i = 0; i < app->host->config.tcp.conns; i++) {
		struct serving *s = &server->serving[i];

		if (s->used && (s->read_us <= now_us || s->write_us <= now_us))
			pump(server, s, now_us);
		if (s->used && s->end_us && s->end_us <= now_us)
			time_is_up(server, s, now_us);
		if (s->used && s->write_us > now_us)
			wake_at(server, s->write_us);
		if (s->used && s->end_us > now_us)
			wake_at(server, s->end_us);
		if (s->used && s->read_us > now_us)
			wake_at(server, s->read_us);
	}
}

static void
pump(struct http_server *server, struct serving *s, uint64_t now_us)
{
	struct tcp *tcp = server->app.host->tcp;
	bool again = !s->draining;

	if (s->draining)
		drain(server, s, now_us);
	while (s->used && again) {
		again = false;
		if (s->closing || s->answering) {
			if (s->answering)
				again = write_answer(server, s, now_us);
		} else {
			again = read_request(server, s, now_us);
		}
	}
	if (!s->used || s->answering)
		return;
	if (tcp_at_eof(tcp, s->id) && tcp_received(tcp, s->id)->bytes == 0) {
		host_release(server->app.host, s->id, now_us);
		ended(server, s);
	}
}

/* Answers whether the state changed so that there may be more to do at once. */
static bool
read_request(struct http_server *server, struct serving *s, uint64_t now_us)
{
	uint32_t budget = server->manners.read.bytes ? server->manners.read.bytes : PASS_BYTES;

	if (s->read_us > now_us)
		return false;
	while (budget) {
		uint32_t n = tcp_received(server->app.host->tcp, s->id)->bytes;

		n = min_u64(n, min_u64(budget, CHUNK_BYTES));
		if (!n)
			return false;
		budget -= n;
		if (take_bytes(server, s, n, now_us)) {
			answer(server, s);
			return true;
		}
	}
	s->read_us = now_us + max_u64(server->manners.read.every_us, 1u);
	wake_at(server, s->read_us);
	return false;
}

/* Feeds the next n received bytes to the request; true when it is to be answered. */
static bool
take_bytes(struct http_server *server, struct serving *s, uint32_t n, uint64_t now_us)
{
	struct host *host = server->app.host;
	char chunk[CHUNK_BYTES];
	uint32_t used = 0;

	bufq_copy(tcp_received(host->tcp, s->id), 0, n, chunk);
	while (used < n && s->request.step != MESSAGE_DONE) {
		enum message_step before = s->request.step;
		int64_t took = message_feed(&s->request, chunk + used, n - used);

		if (took < 0)
			world_fail(host->node.world,
				   "%s: wrong request (step %d, body byte %llu): %.400s",
				   host->node.name, before,
				   (unsigned long long)s->request.body_done, s->request.head);
		used += (uint32_t)took;
		if (before == MESSAGE_HEAD && s->request.step != MESSAGE_HEAD) {
			head_read(server, s);
			if (server->manners.answers_early)
				break;
		}
	}
	tcp_receive_drop(host->tcp, s->id, used, now_us);
	return s->request.step == MESSAGE_DONE ||
	       (s->request.step == MESSAGE_BODY && server->manners.answers_early);
}

static void
head_read(struct http_server *server, struct serving *s)
{
	unsigned long long key = 0;
	char agent[64] = "";

	sscanf(s->request.target, "/d/%*u/%*c/%llx", &key);
	s->request.key = key + 1;
	if (message_field(&s->request, "User-Agent", agent, sizeof agent) &&
	    strcmp(agent, "Fairlead-monitor") == 0)
		server->result.probes++;
	else
		server->result.requests++;
	if (server->manners.executions && key)
		executions_add(server->manners.executions, key, s->request.method);
	server->result.forwarded +=
	    message_field(&s->request, "X-Forwarded-For", agent, sizeof agent);
}

static void
answer(struct http_server *server, struct serving *s)
{
	const struct http_server_manners *manners = &server->manners;
	unsigned long long bytes = 2, key = 0;
	unsigned status = manners->status ? manners->status : 200;
	char framing = 'l', length[64];

	server->result.bytes_up += s->request.body_done;
	s->answering = true;
	s->stalled = manners->stall;
	if (s->stalled)
		return;
	if (sscanf(s->request.target, "/d/%llu/%c/%llx", &bytes, &framing, &key) != 3 &&
	    manners->probes_fail)
		status = 500;
	s->responses++;
	s->last = !s->request.keep_alive || framing == 'e' || manners->answers_early ||
		  (manners->close_after && s->responses >= manners->close_after);
	length[0] = '\0';
	if (framing == 'c')
		snprintf(length, sizeof length, "Transfer-Encoding: chunked\r\n");
	else if (framing == 'l')
		snprintf(length, sizeof length, "Content-Length: %llu\r\n", bytes);
	s->head_len = (uint32_t)snprintf(
	    s->head, sizeof s->head,
	    "%sHTTP/1.1 %u Sim\r\nServer: sim\r\nX-Server: %s\r\nX-Up: %llu%s\r\n%s%s\r\n",
	    manners->interim ? "HTTP/1.1 103 Sim\r\n\r\n" : "", status, server->label,
	    (unsigned long long)s->request.body_done,
	    s->request.step == MESSAGE_DONE ? "" : " so far", length,
	    s->last && (manners->announces_close || !s->request.keep_alive || framing == 'e')
		? "Connection: close\r\n"
		: "");
	if (manners->garbage)
		s->head_len = (uint32_t)snprintf(s->head, sizeof s->head,
						 "SSH-2.0-OpenSSH_9.2\r\nhello\r\n\r\n");
	body_init(&s->body, key, bytes, framing == 'c');
	if (strcmp(s->request.method, "HEAD") == 0)
		s->body.finished = true;
	if (manners->probe_answer && strncmp(s->request.target, "/d/", 3) != 0) {
		ASSERT(strlen(manners->probe_answer) < sizeof s->head);
		s->head_len = (uint32_t)strlen(manners->probe_answer);
		memcpy(s->head, manners->probe_answer, s->head_len);
		s->last = s->body.finished = true;
		return;
	}
	if (manners->hangs_up || (manners->drops_ppm && !executions_may_repeat(s->request.method) &&
				  rng_chance(&server->rng, manners->drops_ppm))) {
		s->head_len = 0;
		s->last = s->body.finished = true;
	}
}

static bool
write_answer(struct http_server *server, struct serving *s, uint64_t now_us)
{
	const struct http_server_manners *manners = &server->manners;
	struct host *host = server->app.host;
	uint32_t budget = manners->write.bytes ? manners->write.bytes : PASS_BYTES, sent;

	if (s->stalled || s->write_us > now_us)
		return false;
	if (s->head_len) {
		if (tcp_send_space(host->tcp, s->id) < s->head_len ||
		    tcp_send_bytes(host->tcp, s->id, s->head, s->head_len, now_us)) {
			s->write_us = now_us + RETRY_US;
			wake_at(server, s->write_us);
			return false;
		}
		s->head_len = 0;
	}
	if (manners->closes_early)
		budget = (uint32_t)min_u64(budget, s->body.total / 2 -
						       min_u64(s->body.done, s->body.total / 2));
	sent = body_send(&s->body, host, s->id, budget, now_us);
	if (manners->closes_early && s->body.done >= s->body.total / 2)
		s->last = s->body.finished = true;
	if (s->body.finished) {
		answered(server, s, now_us);
		return true;
	}
	if (s->body.starved || sent == budget) {
		s->write_us =
		    now_us + (s->body.starved ? RETRY_US : max_u64(manners->write.every_us, 1u));
		wake_at(server, s->write_us);
	}
	return false;
}

static void
answered(struct http_server *server, struct serving *s, uint64_t now_us)
{
	s->answering = false;
	if (s->last) {
		s->closing = true;
		host_release(server->app.host, s->id, now_us);
		ended(server, s);
		return;
	}
	message_init(&s->request, true);
	end_some_time(server, s, now_us);
}

static void
end_some_time(struct http_server *server, struct serving *s, uint64_t now_us)
{
	if (!server->manners.ends)
		return;
	s->end_us = now_us + 1 + rng_below(&server->rng, (uint32_t)server->manners.ends_after_us);
	wake_at(server, s->end_us);
}

/* The connection has waited long enough. */
static void
time_is_up(struct http_server *server, struct serving *s, uint64_t now_us)
{
	uint32_t ways = server->manners.ends, way;

	s->end_us = 0;
	if (s->draining) {
		tcp_shutdown(server->app.host->tcp, s->id, now_us);
		return;
	}
	if (!ways || !is_waiting(server, s))
		return;
	do
		way = 1u << rng_below(&server->rng, 5);
	while (!(ways & way));
	end(server, s, way, now_us);
}

static bool
is_waiting(const struct http_server *server, const struct serving *s)
{
	return s->used && !s->answering && !s->draining && s->request.step != MESSAGE_DONE &&
	       (!s->request.head_len || server->manners.mid_request);
}

void
http_server_end_idle(struct http_server *server, enum http_server_end way)
{
	for (uint32_t i = 0; i < server->app.host->config.tcp.conns; i++)
		if (is_waiting(server, &server->serving[i]))
			end(server, &server->serving[i], way, node_now_us(&server->app.host->node));
}

static void
end(struct http_server *server, struct serving *s, uint32_t way, uint64_t now_us)
{
	static const char timeout[] =
	    "HTTP/1.1 408 Sim\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
	struct host *host = server->app.host;

	server->result.ended++;
	if ((way & (HTTP_END_408 | HTTP_END_LATER)) &&
	    tcp_send_bytes(host->tcp, s->id, timeout, sizeof timeout - 1, now_us))
		way = HTTP_END_FIN;
	if (way & (HTTP_END_HALF | HTTP_END_LATER)) {
		s->draining = true;
		if (way == HTTP_END_HALF)
			tcp_shutdown(host->tcp, s->id, now_us);
		else
			s->end_us = now_us + 10 * MS;
		wake_at(server, s->end_us ? s->end_us : UINT64_MAX);
		return;
	}
	if (way == HTTP_END_RESET &&
	    tcp_send_queued(host->tcp, s->id) == 0) /* not the last answer */
		host_abort(host, s->id, now_us);
	else
		host_release(host, s->id, now_us);
	ended(server, s);
}

static void
drain(struct http_server *server, struct serving *s, uint64_t now_us)
{
	struct tcp *tcp = server->app.host->tcp;

	tcp_receive_drop(tcp, s->id, tcp_received(tcp, s->id)->bytes, now_us);
}

static void
ended(struct http_server *server, struct serving *s)
{
	s->used = false;
	server->open--;
}

static void
server_lost(struct app *app)
{
	struct http_server *server = (struct http_server *)app;

	for (uint32_t i = 0; i < app->host->config.tcp.conns; i++)
		server->serving[i].used = false;
	server->open = 0;
}

static void
wake_at(struct http_server *server, uint64_t us)
{
	if (us < server->app.wake_us)
		server->app.wake_us = us;
}
