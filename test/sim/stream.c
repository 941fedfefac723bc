/*
 * Streams: one struct for either end, one pump that reads, writes and closes as the plan says.
 */
#include "test/sim/stream.h"

#include <rte_mbuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/sim/pattern.h"

#define MAGIC       UINT64_C(0x73747265616d2121)
#define CHUNK_BYTES 4096u
#define PASS_BYTES  262144u /* read or written in one go at most */
#define RETRY_US    1000u   /* after a refusal for want of memory */
#define NEVER       UINT64_MAX

/* What a client says first, in the byte order of the machine. */
struct hello {
	uint64_t magic, key, up_bytes, down_bytes;
	uint32_t flags;
	uint32_t sum;                   /* of the rest: who garbles his own plan did not mean it */
	struct stream_pace write, read; /* the server's */
};

/* One end of one connection. */
struct end {
	bool used, open;
	bool shut; /* our FIN is on its way */
	uint32_t id;
	uint64_t born_us;
	struct hello hello;  /* server: hello_got bytes of it are there */
	uint32_t hello_done; /* bytes sent or received of it */
	uint64_t out_bytes, out_done, in_bytes, in_done;
	uint64_t out_key, in_key;
	struct stream_pace write, read;
	uint64_t write_us, read_us; /* not earlier */
	struct bufq echo;           /* server with STREAM_ECHO: received, to be sent back */
};

struct stream_app {
	struct app app;
	bool client;
	bool tolerant;     /* server: of peers that do not say what they want */
	uint64_t limit_us; /* server: of a connection's age; 0: none */
	struct end *ends;  /* by connection index */
	uint32_t open;
	struct stream_result result;
	struct stream_plan plan; /* client */
	uint64_t start_us;       /* client: when the next one starts */
};

struct stream_client {
	struct stream_app stream;
};

struct stream_server {
	struct stream_app stream;
};

static void stream_event(struct app *app, uint32_t id, unsigned events, uint64_t now_us);
static void stream_wake(struct app *app, uint64_t now_us);
static void stream_lost(struct app *app);
static void start_due(struct stream_app *stream, uint64_t now_us);
static bool start_one(struct stream_app *stream, uint64_t now_us);
static void pump(struct stream_app *stream, struct end *end, uint64_t now_us);
static void read_hello(struct stream_app *stream, struct end *end, uint64_t now_us);
static void read_some(struct stream_app *stream, struct end *end, uint64_t now_us);
static bool
check_bytes(struct stream_app *stream, struct end *end, const uint8_t *bytes, uint32_t n);
static void give_up(struct stream_app *stream, struct end *end, uint64_t now_us);
static bool is_strange(const struct stream_app *stream, const struct end *end);
static bool may_write(const struct stream_app *stream, const struct end *end);
static void write_some(struct stream_app *stream, struct end *end, uint64_t now_us);
static uint32_t
write_chunk(struct stream_app *stream, struct end *end, uint32_t n, uint64_t now_us);
static uint32_t write_echo(struct stream_app *stream, struct end *end, uint32_t n, uint64_t now_us);
static void close_if_done(struct stream_app *stream, struct end *end, uint64_t now_us);
static void ended(struct stream_app *stream, struct end *end, bool finished, uint64_t now_us);
static void wake_at(struct stream_app *stream, uint64_t us);

static const struct app_ops stream_ops = { .event = stream_event,
					   .wake = stream_wake,
					   .lost = stream_lost };

static uint32_t
hello_sum(const struct hello *hello)
{
	struct hello copy = *hello;
	uint32_t sum = 1;

	copy.sum = 0;
	for (size_t i = 0; i < sizeof copy; i++)
		sum = sum * 31 + ((const uint8_t *)&copy)[i];
	return sum;
}

static void
stream_init(struct stream_app *stream, struct host *host, bool client)
{
	stream->app.ops = &stream_ops;
	stream->app.wake_us = NEVER;
	stream->client = client;
	stream->ends = calloc(host->config.tcp.conns, sizeof *stream->ends);
	ASSERT(stream->ends);
	host_add_app(host, &stream->app);
}

struct stream_client *
stream_client_new(struct host *host, const struct stream_plan *plan)
{
	struct stream_client *client = calloc(1, sizeof *client);
	struct stream_app *stream = &client->stream;

	ASSERT(client);
	stream_init(stream, host, true);
	stream->plan = *plan;
	if (!plan->conns)
		stream->plan.conns = 1;
	if (!plan->parallel)
		stream->plan.parallel = 1;
	if (plan->flags & STREAM_ECHO)
		stream->plan.down_bytes = plan->up_bytes;
	stream->start_us = node_now_us(&host->node) + plan->start_us;
	wake_at(stream, stream->start_us);
	return client;
}

struct stream_server *
stream_server_new(struct host *host, uint16_t port)
{
	struct stream_server *server = calloc(1, sizeof *server);

	ASSERT(server);
	stream_init(&server->stream, host, false);
	server->stream.app.listen_port = port;
	return server;
}

void
stream_server_tolerate(struct stream_server *server, uint64_t limit_us)
{
	server->stream.tolerant = true;
	server->stream.limit_us = limit_us;
}

uint32_t
stream_hello(const struct stream_plan *plan, uint64_t key, uint8_t *out)
{
	struct hello hello = { .magic = MAGIC,
			       .key = key,
			       .up_bytes = plan->up_bytes,
			       .down_bytes = plan->down_bytes,
			       .flags = plan->flags | STREAM_STRANGE,
			       .write = plan->server_write,
			       .read = plan->server_read };

	hello.sum = hello_sum(&hello);
	memcpy(out, &hello, sizeof hello);
	return sizeof hello;
}

const struct stream_result *
stream_result(const struct stream_client *client)
{
	return &client->stream.result;
}

const struct stream_result *
stream_server_result(const struct stream_server *server)
{
	return &server->stream.result;
}

uint32_t
stream_server_open(const struct stream_server *server)
{
	return server->stream.open;
}

bool
stream_done(void *arg)
{
	const struct stream_app *stream = &((struct stream_client *)arg)->stream;

	return stream->result.finished + stream->result.failed == stream->plan.conns;
}

static void
stream_wake(struct app *app, uint64_t now_us)
{
	struct stream_app *stream = (struct stream_app *)app;
	uint32_t left = stream->open;

	if (stream->client)
		start_due(stream, now_us);
	for (uint32_t i = 0; left && i < app->host->config.tcp.conns; i++) {
		struct end *end = &stream->ends[i];

		if (!end->used)
			continue;
		left--;
		if (stream->limit_us && end->born_us + stream->limit_us <= now_us) {
			give_up(stream, end, now_us);
			continue;
		}
		if (stream->limit_us)
			wake_at(stream, end->born_us + stream->limit_us);
		if (end->open && (end->write_us <= now_us || end->read_us <= now_us))
			pump(stream, end, now_us);
		if (end->used && end->write_us > now_us)
			wake_at(stream, end->write_us);
		if (end->used && end->read_us > now_us)
			wake_at(stream, end->read_us);
	}
}

static void
start_due(struct stream_app *stream, uint64_t now_us)
{
	while (stream->result.started < stream->plan.conns &&
	       stream->open < stream->plan.parallel) {
		if (stream->start_us > now_us) {
			wake_at(stream, stream->start_us);
			return;
		}
		if (!start_one(stream, now_us)) {
			stream->result.not_started++;
			stream->start_us = now_us + RETRY_US;
		} else {
			stream->start_us = now_us + stream->plan.gap_us;
		}
	}
}

static bool
start_one(struct stream_app *stream, uint64_t now_us)
{
	const struct stream_plan *plan = &stream->plan;
	struct world *world = stream->app.host->node.world;
	uint32_t id = host_connect(stream->app.host, &stream->app, &plan->to, now_us);
	struct end *end;

	if (id == TCP_NONE)
		return false;
	end = &stream->ends[id];
	*end = (struct end){
		.used = true, .id = id, .write = plan->client_write, .read = plan->client_read
	};
	end->hello = (struct hello){
		.magic = MAGIC,
		.key = world_seed(world),
		.up_bytes = plan->up_bytes,
		.down_bytes = plan->down_bytes,
		.flags = plan->flags,
		.write = plan->server_write,
		.read = plan->server_read,
	};
	end->hello.sum = hello_sum(&end->hello);
	end->out_key = end->hello.key;
	end->in_key = plan->flags & STREAM_ECHO ? end->out_key : ~end->out_key;
	end->out_bytes = plan->up_bytes;
	end->in_bytes = plan->down_bytes;
	stream->open++;
	if (stream->result.started++ == 0)
		stream->result.first_us = now_us;
	return true;
}

static void
stream_event(struct app *app, uint32_t id, unsigned events, uint64_t now_us)
{
	struct stream_app *stream = (struct stream_app *)app;
	struct end *end = &stream->ends[id];

	if (!end->used) {
		ASSERT(!stream->client);
		*end = (struct end){ .used = true, .id = id, .born_us = now_us };
		if (stream->limit_us)
			wake_at(stream, now_us + stream->limit_us);
		stream->open++;
		stream->result.started++;
	}
	if (events & TCP_EVENT_OPEN) {
		ASSERT(!end->open);
		end->open = true;
	}
	if (end->open)
		pump(stream, end, now_us);
	if (end->used && (events & TCP_EVENT_CLOSED)) {
		enum tcp_close_reason reason = tcp_close_reason(app->host->tcp, id);

		ASSERT(reason != TCP_CLOSE_NONE);
		if (reason == TCP_CLOSE_FINISHED) /* what is left to read is read at our pace */
			return;
		stream->result.failed_by[reason]++;
		if (stream->client && !(end->hello.flags & STREAM_MAY_FAIL))
			world_fail(
			    app->host->node.world,
			    "%s: connection %u broke (reason %u) after %llu of %llu bytes in and "
			    "%llu of %llu out",
			    app->host->node.name, id, reason, (unsigned long long)end->in_done,
			    (unsigned long long)end->in_bytes, (unsigned long long)end->out_done,
			    (unsigned long long)end->out_bytes);
		host_release(app->host, id, now_us);
		ended(stream, end, false, now_us);
	}
}

static void
pump(struct stream_app *stream, struct end *end, uint64_t now_us)
{
	if (!stream->client && end->hello_done < sizeof end->hello)
		read_hello(stream, end, now_us);
	if (end->used && (stream->client || end->hello_done == sizeof end->hello)) {
		uint64_t before;

		do { /* again only to echo what there was no room for before */
			before = end->in_done + end->out_done;
			read_some(stream, end, now_us);
			if (end->used && may_write(stream, end))
				write_some(stream, end, now_us);
		} while (end->used && end->echo.bytes && end->in_done + end->out_done > before);
	}
	if (end->used)
		close_if_done(stream, end, now_us);
}

static void
read_hello(struct stream_app *stream, struct end *end, uint64_t now_us)
{
	struct host *host = stream->app.host;
	struct hello *hello = &end->hello;

	end->hello_done += host_read(host, end->id, (uint8_t *)hello + end->hello_done,
				     sizeof *hello - end->hello_done, now_us);
	if (end->hello_done < sizeof *hello)
		return;
	if ((hello->magic != MAGIC || hello->sum != hello_sum(hello)) && stream->tolerant) {
		give_up(stream, end, now_us);
		return;
	}
	EXPECT(host->node.world, hello->magic == MAGIC, "%s: a stream starts with wrong bytes",
	       host->node.name);
	end->write = hello->write;
	end->read = hello->read;
	end->in_key = hello->key;
	end->out_key = hello->flags & STREAM_ECHO ? hello->key : ~hello->key;
	end->in_bytes = hello->up_bytes;
	end->out_bytes = hello->down_bytes;
}

static void
read_some(struct stream_app *stream, struct end *end, uint64_t now_us)
{
	struct host *host = stream->app.host;
	uint32_t budget = end->read.bytes ? end->read.bytes : PASS_BYTES;
	uint8_t chunk[CHUNK_BYTES];

	if (end->read_us > now_us || end->echo.bytes > PASS_BYTES)
		return;
	while (budget && end->used) {
		uint32_t n = tcp_received(host->tcp, end->id)->bytes;

		n = min_u64(n, min_u64(budget, CHUNK_BYTES));
		if (!n)
			return;
		if (!stream->client && (end->hello.flags & STREAM_ECHO)) {
			uint32_t at = end->echo.bytes;
			uint32_t moved = tcp_receive(host->tcp, end->id, &end->echo, n, now_us);

			if (moved < n) {
				end->read_us = now_us + RETRY_US;
				wake_at(stream, end->read_us);
			}
			n = moved;
			bufq_copy(&end->echo, at, n, chunk);
		} else {
			n = host_read(host, end->id, chunk, n, now_us);
		}
		if (!n)
			return;
		if (!check_bytes(stream, end, chunk, n)) {
			give_up(stream, end, now_us);
			return;
		}
		budget -= n;
		if ((end->hello.flags & (stream->client ? STREAM_ABORT : STREAM_SERVER_ABORT)) &&
		    end->in_done >= end->in_bytes / 2) {
			host_abort(host, end->id, now_us);
			ended(stream, end, true, now_us);
		}
	}
	end->read_us = now_us + end->read.every_us;
	wake_at(stream, end->read_us);
}

static void
give_up(struct stream_app *stream, struct end *end, uint64_t now_us)
{
	host_abort(stream->app.host, end->id, now_us);
	ended(stream, end, false, now_us);
}

static bool
is_strange(const struct stream_app *stream, const struct end *end)
{
	return stream->tolerant &&
	       (end->hello_done < sizeof end->hello || (end->hello.flags & STREAM_STRANGE));
}

/* False: wrong, and tolerated. */
static bool
check_bytes(struct stream_app *stream, struct end *end, const uint8_t *bytes, uint32_t n)
{
	struct host *host = stream->app.host;
	uint32_t right = pattern_check(end->in_key, end->in_done, bytes, n);

	if (is_strange(stream, end) && (right < n || end->in_done + n > end->in_bytes))
		return false;
	if (right < n)
		world_fail(host->node.world, "%s: connection %u: byte %llu is wrong",
			   host->node.name, end->id, (unsigned long long)(end->in_done + right));
	end->in_done += n;
	if (end->in_done > end->in_bytes)
		world_fail(host->node.world,
			   "%s: connection %u: more than the %llu bytes that were sent",
			   host->node.name, end->id, (unsigned long long)end->in_bytes);
	if (stream->client)
		stream->result.bytes_down += n;
	else
		stream->result.bytes_up += n;
	return true;
}

static bool
may_write(const struct stream_app *stream, const struct end *end)
{
	const struct tcp *tcp = stream->app.host->tcp;
	uint32_t late = stream->client ? STREAM_CLIENT_LATE : STREAM_SERVER_LATE;

	if (end->shut)
		return false;
	if (stream->client && (end->hello.flags & STREAM_SILENT))
		return false;
	if (stream->client && end->hello_done < sizeof end->hello)
		return true;
	return !(end->hello.flags & late) || tcp_at_eof(tcp, end->id);
}

static void
write_some(struct stream_app *stream, struct end *end, uint64_t now_us)
{
	struct host *host = stream->app.host;
	uint32_t budget = end->write.bytes ? end->write.bytes : PASS_BYTES;

	if (stream->client && end->hello_done < sizeof end->hello) {
		if (tcp_send_space(host->tcp, end->id) < sizeof end->hello ||
		    tcp_send_bytes(host->tcp, end->id, &end->hello, sizeof end->hello, now_us)) {
			end->write_us = now_us + RETRY_US;
			wake_at(stream, end->write_us);
			return;
		}
		end->hello_done = sizeof end->hello;
		if (!may_write(stream, end))
			return;
	}
	if (end->write_us > now_us)
		return;
	while (budget && end->out_done < end->out_bytes) {
		uint64_t left = end->out_bytes - end->out_done;
		uint32_t space = tcp_send_space(host->tcp, end->id);
		uint32_t want =
		    (uint32_t)min_u64(left, min_u64(budget, min_u64(space, CHUNK_BYTES)));
		uint32_t n;

		if (!want)
			return;
		n = !stream->client && (end->hello.flags & STREAM_ECHO)
			? write_echo(stream, end, want, now_us)
			: write_chunk(stream, end, want, now_us);
		if (!n)
			return;
		end->out_done += n;
		budget -= n;
	}
	if (end->out_done < end->out_bytes) {
		end->write_us = now_us + max_u64(end->write.every_us, 1u);
		wake_at(stream, end->write_us);
	}
}

static uint32_t
write_chunk(struct stream_app *stream, struct end *end, uint32_t n, uint64_t now_us)
{
	uint8_t chunk[CHUNK_BYTES];

	pattern_fill(end->out_key, end->out_done, chunk, n);
	if (!tcp_send_bytes(stream->app.host->tcp, end->id, chunk, n, now_us))
		return n;
	end->write_us = now_us + RETRY_US;
	wake_at(stream, end->write_us);
	return 0;
}

static uint32_t
write_echo(struct stream_app *stream, struct end *end, uint32_t n, uint64_t now_us)
{
	uint32_t sent;

	n = min_u64(n, end->echo.bytes);
	if (!n)
		return 0;
	sent = tcp_send(stream->app.host->tcp, end->id, &end->echo, n, now_us);
	if (sent < n) {
		end->write_us = now_us + RETRY_US;
		wake_at(stream, end->write_us);
	}
	return sent;
}

static void
close_if_done(struct stream_app *stream, struct end *end, uint64_t now_us)
{
	struct tcp *tcp = stream->app.host->tcp;
	bool eof = tcp_at_eof(tcp, end->id) && tcp_received(tcp, end->id)->bytes == 0;
	uint32_t waits = stream->client ? STREAM_SERVER_FIRST | STREAM_SILENT : STREAM_CLIENT_FIRST;
	bool said = stream->client ? end->hello_done == sizeof end->hello
				   : end->hello_done == sizeof end->hello || eof;

	if (end->hello.flags & STREAM_SILENT)
		said = true;
	if (!end->shut && said && end->out_done == end->out_bytes &&
	    (eof || !(end->hello.flags & waits))) {
		tcp_shutdown(tcp, end->id, now_us);
		end->shut = true;
	}
	if (!eof || !end->shut)
		return;
	if (end->in_done < end->in_bytes && !(end->hello.flags & STREAM_MAY_FAIL) &&
	    !is_strange(stream, end))
		world_fail(stream->app.host->node.world,
			   "%s: connection %u ended after %llu of %llu bytes",
			   stream->app.host->node.name, end->id, (unsigned long long)end->in_done,
			   (unsigned long long)end->in_bytes);
	host_release(stream->app.host, end->id, now_us);
	ended(stream, end, end->in_done == end->in_bytes, now_us);
}

static void
ended(struct stream_app *stream, struct end *end, bool finished, uint64_t now_us)
{
	bufq_clear(&end->echo);
	end->used = end->open = false;
	stream->open--;
	stream->result.last_us = now_us;
	if (finished)
		stream->result.finished++;
	else
		stream->result.failed++;
	if (stream->client)
		wake_at(stream, now_us);
}

static void
stream_lost(struct app *app)
{
	struct stream_app *stream = (struct stream_app *)app;

	for (uint32_t i = 0; i < app->host->config.tcp.conns; i++)
		bufq_clear(&stream->ends[i].echo);
	memset(stream->ends, 0, app->host->config.tcp.conns * sizeof *stream->ends);
	stream->result.failed += stream->open;
	stream->open = 0;
	if (stream->client)
		wake_at(stream, node_now_us(&app->host->node));
}

static void
wake_at(struct stream_app *stream, uint64_t us)
{
	if (us < stream->app.wake_us)
		stream->app.wake_us = us;
}
