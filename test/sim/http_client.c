/*
 * The simulated HTTP client.
 */
#include "test/sim/http_client.h"

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

struct asking {
	bool used, open, shut;
	bool waiting; /* for a response */
	uint32_t id;
	uint32_t left; /* requests still to be made */
	/* the request under way */
	char head[HEAD_BYTES];
	uint32_t head_len;
	struct body body;
	struct message response;
	uint64_t down_bytes, abort_at, asked_us;
	bool is_head, is_10;
	const char *method;
	bool until_close; /* nobody can tell such a response from one that was cut short */
	uint64_t read_us, write_us; /* not earlier */
};

struct http_client {
	struct app app;
	struct http_plan plan;
	struct http_client_result result;
	struct asking *asking; /* by connection index */
	uint32_t open;
	uint64_t start_us;
	struct rng rng;
};

static void client_event(struct app *app, uint32_t id, unsigned events, uint64_t now_us);
static void client_wake(struct app *app, uint64_t now_us);
static void client_lost(struct app *app);
static void start_due(struct http_client *client, uint64_t now_us);
static void pump(struct http_client *client, struct asking *a, uint64_t now_us);
static void ask(struct http_client *client, struct asking *a, uint64_t now_us);
static uint64_t draw(struct http_client *client, uint64_t min, uint64_t max);
static void write_request(struct http_client *client, struct asking *a, uint64_t now_us);
static bool read_response(struct http_client *client, struct asking *a, uint64_t now_us);
static bool feed(struct http_client *client, struct asking *a, const char *chunk, uint32_t n);
static void response_complete(struct http_client *client, struct asking *a, uint64_t now_us);
static const char *method_of(struct http_client *client, const struct asking *a, bool uploads);
static void failed(struct http_client *client, const struct asking *a);
static void check_response(struct http_client *client, const struct asking *a);
static void at_eof(struct http_client *client, struct asking *a, uint64_t now_us);
static void finish(struct http_client *client, struct asking *a, uint64_t now_us);
static void broke(struct http_client *client, struct asking *a, const char *how);
static void ended(struct http_client *client, struct asking *a, uint64_t now_us);
static void wake_at(struct http_client *client, uint64_t us);

static const struct app_ops client_ops = { .event = client_event,
					   .wake = client_wake,
					   .lost = client_lost };

struct http_client *
http_client_new(struct host *host, const struct http_plan *plan)
{
	struct http_client *client = calloc(1, sizeof *client);

	ASSERT(client);
	client->app.ops = &client_ops;
	client->app.wake_us = UINT64_MAX;
	client->plan = *plan;
	client->plan.conns = max_u64(plan->conns, 1u);
	client->plan.parallel = max_u64(plan->parallel, 1u);
	client->plan.requests = max_u64(plan->requests, 1u);
	client->asking = calloc(host->config.tcp.conns, sizeof *client->asking);
	ASSERT(client->asking);
	rng_init(&client->rng, world_seed(host->node.world));
	host_add_app(host, &client->app);
	client->start_us = node_now_us(&host->node) + plan->start_us;
	wake_at(client, client->start_us);
	return client;
}

const struct http_client_result *
http_client_result(const struct http_client *client)
{
	return &client->result;
}

bool
http_client_done(void *arg)
{
	const struct http_client *client = arg;

	return client->open == 0 && client->result.conns_started == client->plan.conns;
}

void
http_client_stop(struct http_client *client)
{
	client->plan.conns = client->result.conns_started;
	for (uint32_t i = 0; i < client->app.host->config.tcp.conns; i++)
		client->asking[i].left = 0;
	wake_at(client, node_now_us(&client->app.host->node));
}

static void
client_wake(struct app *app, uint64_t now_us)
{
	struct http_client *client = (struct http_client *)app;
	uint32_t left = client->open;

	start_due(client, now_us);
	for (uint32_t i = 0; left && i < app->host->config.tcp.conns; i++) {
		struct asking *a = &client->asking[i];

		if (!a->used)
			continue;
		left--;
		if (a->open && (a->read_us <= now_us || a->write_us <= now_us))
			pump(client, a, now_us);
		if (a->used && a->write_us > now_us)
			wake_at(client, a->write_us);
		if (a->used && a->read_us > now_us)
			wake_at(client, a->read_us);
	}
}

static void
start_due(struct http_client *client, uint64_t now_us)
{
	while (client->result.conns_started < client->plan.conns &&
	       client->open < client->plan.parallel) {
		uint32_t id;

		if (client->start_us > now_us) {
			wake_at(client, client->start_us);
			return;
		}
		id = host_connect(client->app.host, &client->app, &client->plan.to, now_us);
		client->start_us = now_us + (id == TCP_NONE ? RETRY_US : client->plan.gap_us);
		if (id == TCP_NONE)
			continue;
		memset(&client->asking[id], 0, sizeof client->asking[id]);
		client->asking[id].used = true;
		client->asking[id].id = id;
		client->asking[id].left = client->plan.requests;
		client->open++;
		client->result.conns_started++;
	}
}

static void
client_event(struct app *app, uint32_t id, unsigned events, uint64_t now_us)
{
	struct http_client *client = (struct http_client *)app;
	struct asking *a = &client->asking[id];

	ASSERT(a->used);
	if (events & TCP_EVENT_OPEN)
		a->open = true;
	if (a->open)
		pump(client, a, now_us);
	if (a->used && (events & TCP_EVENT_CLOSED)) {
		if (!a->open) {
			client->result.refused++;
			if (!client->plan.may_fail)
				broke(client, a, "is refused");
		} else if (a->waiting) {
			broke(client, a, "breaks");
		}
		host_release(app->host, id, now_us);
		ended(client, a, now_us);
	}
}

static void
pump(struct http_client *client, struct asking *a, uint64_t now_us)
{
	struct tcp *tcp = client->app.host->tcp;

	do {
		if (!a->waiting && !a->shut && a->write_us <= now_us) {
			if (a->left)
				ask(client, a, now_us);
			else
				finish(client, a, now_us);
		}
		if (a->used && a->waiting)
			write_request(client, a, now_us);
	} while (a->used && a->waiting && read_response(client, a, now_us));
	if (a->used && tcp_at_eof(tcp, a->id) && tcp_received(tcp, a->id)->bytes == 0)
		at_eof(client, a, now_us);
}

static void
ask(struct http_client *client, struct asking *a, uint64_t now_us)
{
	const struct http_plan *plan = &client->plan;
	uint32_t mix = plan->mix;
	bool post = (mix & (HTTP_MIX_POST | HTTP_MIX_POST_CHUNKED)) && rng_below(&client->rng, 2);
	bool chunked_up = post && (mix & HTTP_MIX_POST_CHUNKED) &&
			  (!(mix & HTTP_MIX_POST) || rng_below(&client->rng, 2));
	bool chunked = (mix & HTTP_MIX_CHUNKED) && rng_below(&client->rng, 2);
	bool until_close = (mix & HTTP_MIX_UNTIL_CLOSE) && !rng_below(&client->rng, 4);
	bool last = a->left == 1 && (mix & HTTP_MIX_CLOSE);
	uint64_t up = post ? draw(client, plan->up_min, plan->up_max) : 0,
		 key = rng_next(&client->rng) >> 1;
	char framing[64] = "";

	a->is_10 = mix & HTTP_MIX_10;
	if (a->is_10)
		chunked_up = false;
	a->is_head = !post && (mix & HTTP_MIX_HEAD) && !rng_below(&client->rng, 4);
	a->until_close = until_close;
	a->method = method_of(client, a, post);
	if (post && (mix & HTTP_MIX_METHODS) && !rng_below(&client->rng, 4))
		up = 0;
	a->down_bytes = draw(client, plan->down_min, plan->down_max);
	a->abort_at = UINT64_MAX;
	if (plan->abort_ppm && rng_chance(&client->rng, plan->abort_ppm))
		a->abort_at = draw(client, 0, a->down_bytes);
	if (post)
		snprintf(framing, sizeof framing,
			 chunked_up ? "Transfer-Encoding: chunked\r\n" : "Content-Length: %llu\r\n",
			 (unsigned long long)up);
	a->head_len = (uint32_t)snprintf(
	    a->head, sizeof a->head,
	    "%s /d/%llu/%c/%llx HTTP/1.%c\r\nHost: sim\r\nUser-Agent: sim\r\n%s%s%s\r\n", a->method,
	    (unsigned long long)a->down_bytes,
	    until_close ? 'e'
	    : chunked   ? 'c'
			: 'l',
	    (unsigned long long)key, a->is_10 ? '0' : '1', framing,
	    last ? "Connection: close\r\n" : "",
	    (mix & HTTP_MIX_10_KEEP) && !last ? "Connection: keep-alive\r\n" : "");
	body_init(&a->body, key + 1, up, chunked_up);
	message_init(&a->response, false);
	a->response.key = key;
	a->response.head_request = a->is_head;
	a->asked_us = now_us;
	a->waiting = true;
	a->left--;
	client->result.requests++;
}

static const char *
method_of(struct http_client *client, const struct asking *a, bool uploads)
{
	static const char *const bare[] = { "GET", "DELETE", "OPTIONS", "GET" }, *const loaded[] = {
		"POST", "PUT", "PATCH", "POST"
	};

	if (a->is_head)
		return "HEAD";
	if (!(client->plan.mix & HTTP_MIX_METHODS))
		return uploads ? "POST" : "GET";
	return (uploads ? loaded : bare)[rng_below(&client->rng, 4)];
}

static uint64_t
draw(struct http_client *client, uint64_t min, uint64_t max)
{
	return max > min ? min + rng_next(&client->rng) % (max - min + 1) : min;
}

static void
write_request(struct http_client *client, struct asking *a, uint64_t now_us)
{
	struct host *host = client->app.host;
	uint32_t budget = client->plan.write.bytes ? client->plan.write.bytes : PASS_BYTES, sent;

	if (a->write_us > now_us)
		return;
	if (a->head_len) {
		if (tcp_send_space(host->tcp, a->id) < a->head_len ||
		    tcp_send_bytes(host->tcp, a->id, a->head, a->head_len, now_us)) {
			a->write_us = now_us + RETRY_US;
			wake_at(client, a->write_us);
			return;
		}
		a->head_len = 0;
	}
	sent = body_send(&a->body, host, a->id, budget, now_us);
	client->result.bytes_up += sent;
	if (a->body.starved || (!a->body.finished && sent == budget)) {
		a->write_us = now_us + (a->body.starved ? RETRY_US
							: max_u64(client->plan.write.every_us, 1u));
		wake_at(client, a->write_us);
	}
}

/* Answers whether there may be more to do at once. */
static bool
read_response(struct http_client *client, struct asking *a, uint64_t now_us)
{
	struct host *host = client->app.host;
	uint32_t budget = client->plan.read.bytes ? client->plan.read.bytes : PASS_BYTES;
	char chunk[CHUNK_BYTES];

	if (a->read_us > now_us)
		return false;
	while (budget) {
		uint32_t n = host_read(host, a->id, chunk, min_u64(budget, CHUNK_BYTES), now_us);

		if (!n)
			return false;
		budget -= n;
		if (feed(client, a, chunk, n)) {
			response_complete(client, a, now_us);
			return a->used;
		}
		if (a->response.body_done > a->abort_at) {
			client->result.aborted++;
			host_abort(host, a->id, now_us);
			ended(client, a, now_us);
			return false;
		}
	}
	a->read_us = now_us + max_u64(client->plan.read.every_us, 1u);
	wake_at(client, a->read_us);
	return false;
}

/* True when the response is complete. There is no pipelining: bytes behind it are wrong. */
static bool
feed(struct http_client *client, struct asking *a, const char *chunk, uint32_t n)
{
	struct message *response = &a->response;
	uint32_t used = 0;

	while (used < n) {
		enum message_step before = response->step;
		int64_t took;

		if (before == MESSAGE_DONE)
			world_fail(client->app.host->node.world,
				   "%s: %u bytes behind a response's end",
				   client->app.host->node.name, n - used);
		took = message_feed(response, chunk + used, n - used);
		if (took < 0)
			world_fail(client->app.host->node.world,
				   "%s: wrong response (step %d, body byte %llu): %.400s",
				   client->app.host->node.name, before,
				   (unsigned long long)response->body_done, response->head);
		used += (uint32_t)took;
		if (before != MESSAGE_HEAD || response->step == MESSAGE_HEAD)
			continue;
		if (response->status < 200) { /* interim */
			uint64_t key = response->key;

			message_init(response, false);
			response->key = key;
			response->head_request = a->is_head;
		} else if (response->status != 200) { /* what comes is not the pattern */
			client->result.status[response->status / 100]++;
			if (response->status >= 500)
				failed(client, a);
			if (!client->plan.may_fail)
				world_fail(
				    client->app.host->node.world, "%s: answered with %u: %.300s",
				    client->app.host->node.name, response->status, response->head);
			response->step = MESSAGE_DONE;
			response->keep_alive = false;
			return true;
		}
	}
	return response->step == MESSAGE_DONE;
}

static void
response_complete(struct http_client *client, struct asking *a, uint64_t now_us)
{
	a->waiting = false;
	if (a->response.status == 200)
		check_response(client, a);
	client->result.longest_us = max_u64(client->result.longest_us, now_us - a->asked_us);
	if (!a->response.keep_alive || !a->body.finished)
		a->left = 0;
	if (!a->body.finished ||
	    a->response.status != 200) { /* the rest of the exchange is of no use */
		host_abort(client->app.host, a->id, now_us);
		ended(client, a, now_us);
		return;
	}
	if (client->plan.think_us) {
		a->write_us = now_us + client->plan.think_us;
		wake_at(client, a->write_us);
	}
}

static void
failed(struct http_client *client, const struct asking *a)
{
	if (executions_may_repeat(a->method) && a->body.total == 0 && !a->body.chunked)
		client->result.failed_bare++;
}

static void
check_response(struct http_client *client, const struct asking *a)
{
	struct world *world = client->app.host->node.world;
	const struct message *response = &a->response;
	char text[64] = "";
	unsigned server = 0;

	client->result.status[2]++;
	if (client->plan.may_fail && a->until_close && !a->is_head &&
	    response->body_done < a->down_bytes) {
		client->result.broken++;
		return;
	}
	client->result.right++;
	client->result.bytes_down += response->body_done;
	EXPECT(world, response->body_done == (a->is_head ? 0 : a->down_bytes),
	       "%llu of %llu bytes came", (unsigned long long)response->body_done,
	       (unsigned long long)a->down_bytes);
	EXPECT(world, !(a->is_10 && response->framing == MESSAGE_CHUNKED), "chunks for HTTP/1.0");
	EXPECT(world, message_field(response, "X-Up", text, sizeof text),
	       "a field is missing: %.300s", response->head);
	EXPECT(world,
	       !a->body.finished || strstr(text, "so far") ||
		   strtoull(text, NULL, 10) == a->body.total,
	       "the server got %s of %llu bytes", text, (unsigned long long)a->body.total);
	if (message_field(response, "X-Server", text, sizeof text) &&
	    sscanf(text, "s%u", &server) == 1)
		client->result.by_server[server % 8]++;
}

/* The peer has closed: expected behind the last response, allowed between two. */
static void
at_eof(struct http_client *client, struct asking *a, uint64_t now_us)
{
	if (a->waiting) {
		if (message_eof(&a->response))
			response_complete(client, a, now_us);
		else
			broke(client, a, "ends");
	}
	if (!a->used)
		return;
	if (!a->shut)
		tcp_shutdown(client->app.host->tcp, a->id, now_us);
	host_release(client->app.host, a->id, now_us);
	ended(client, a, now_us);
}

static void
finish(struct http_client *client, struct asking *a, uint64_t now_us)
{
	tcp_shutdown(client->app.host->tcp, a->id, now_us);
	a->shut = true;
}

static void
broke(struct http_client *client, struct asking *a, const char *how)
{
	struct host *host = client->app.host;

	client->result.broken++;
	if (a->waiting)
		failed(client, a);
	if (!client->plan.may_fail)
		world_fail(host->node.world,
			   "%s: connection %u %s (reason %u) with %u requests to go, %llu of %llu "
			   "bytes in, %llu of %llu out",
			   host->node.name, a->id, how, tcp_close_reason(host->tcp, a->id), a->left,
			   (unsigned long long)a->response.body_done,
			   (unsigned long long)a->down_bytes, (unsigned long long)a->body.done,
			   (unsigned long long)a->body.total);
}

static void
ended(struct http_client *client, struct asking *a, uint64_t now_us)
{
	a->used = a->open = false;
	client->open--;
	client->result.conns_ended++;
	client->result.last_us = now_us;
	wake_at(client, now_us);
}

static void
client_lost(struct app *app)
{
	struct http_client *client = (struct http_client *)app;

	for (uint32_t i = 0; i < app->host->config.tcp.conns; i++)
		client->asking[i].used = false;
	client->result.conns_ended += client->open;
	client->open = 0;
	wake_at(client, node_now_us(&app->host->node));
}

static void
wake_at(struct http_client *client, uint64_t us)
{
	if (us < client->app.wake_us)
		client->app.wake_us = us;
}
