/* The origin: see origin.h. */
#include "test/bench/gen/origin.h"

#include <rte_branch_prediction.h>
#include <stdio.h>

#include "fw/base/assert.h"
#include "test/bench/gen/head.h"
#include "test/bench/gen/memory.h"

static void opened(void *self, uint32_t conn);
static void received(void *self, uint32_t conn, const uint8_t *bytes, uint32_t len_bytes);
static bool request(struct origin *origin, uint32_t conn, const struct head *head);
static const struct origin_object *object_of(struct origin *origin, uint64_t bytes);
static void ended(void *self, uint32_t conn);
static void closed(void *self, uint32_t conn, enum stream_end end);

void
origin_init(struct origin *origin, const struct tcp_setup *setup, bool closes)
{
	struct tcp_setup full = *setup;

	full.listens = true;
	full.user = (struct stream_user){ origin, opened, received, ended, closed };
	tcp_init(&origin->tcp, &full);
	hold_init(&origin->hold);
	origin->held = memory_take(sizeof *origin->held * setup->conns);
	origin->serves = memory_take(sizeof *origin->serves * setup->conns);
	origin->closes = closes;
}

static void
opened(void *self, uint32_t conn)
{
	struct origin *origin = self;

	origin->serves[conn] = false;
}

static void
received(void *self, uint32_t conn, const uint8_t *bytes, uint32_t len_bytes)
{
	struct origin *origin = self;
	const struct hold_buffer *held = NULL;
	struct head head;

	if (unlikely(origin->held[conn])) {
		held = hold_add(&origin->hold, &origin->held[conn], bytes, len_bytes);
		if (!held)
			goto refuse;
		bytes = held->bytes;
		len_bytes = held->len_bytes;
	}
	while (len_bytes && head_parse_request(bytes, len_bytes, &head)) {
		if (!request(origin, conn, &head))
			goto refuse;
		bytes += head.len_bytes;
		len_bytes -= head.len_bytes;
	}
	if (unlikely(held)) {
		/* What is left of it begins a head of its own. */
		uint8_t rest[HOLD_BYTES];

		__builtin_memcpy(rest, bytes, len_bytes);
		hold_drop(&origin->hold, &origin->held[conn]);
		if (!len_bytes || hold_add(&origin->hold, &origin->held[conn], rest, len_bytes))
			return;
	} else if (!len_bytes || hold_add(&origin->hold, &origin->held[conn], bytes, len_bytes)) {
		return;
	}
refuse:
	origin->counts.bad_requests++;
	hold_drop(&origin->hold, &origin->held[conn]);
	tcp_abort(&origin->tcp, conn);
}

/* False: not one that we serve. */
static bool
request(struct origin *origin, uint32_t conn, const struct head *head)
{
	bool closes = origin->closes || head->closes;
	const struct origin_object *object;

	if (!head->is_get || origin->tcp.conns[conn].flags & TCP_FLAG_FIN_WANTED)
		return false;
	object = object_of(origin, head->object_bytes == HEAD_NO_LENGTH ? ORIGIN_DEFAULT_BYTES
									: head->object_bytes);
	if (!object)
		return false;
	origin->counts.requests++;
	origin->serves[conn] = head->object_bytes != HEAD_NO_LENGTH;
	tcp_send(&origin->tcp, conn, closes ? &object->closes : &object->keeps);
	if (closes)
		tcp_finish(&origin->tcp, conn);
	return true;
}

static void
make_source(struct source *source, uint32_t bytes, const char *connection)
{
	char head[SOURCE_HEAD_MAX];
	int len = snprintf(head, sizeof head,
			   "HTTP/1.1 200 OK\r\nServer: fairlead-gen\r\n"
			   "Date: Sat, 21 Nov 2026 12:00:00 GMT\r\n"
			   "Content-Type: application/octet-stream\r\n"
			   "Content-Length: %u\r\n%s\r\n",
			   bytes, connection);

	source_init(source, head, (uint32_t)len, bytes);
}

/* NULL: too large, or too many sizes. */
static const struct origin_object *
object_of(struct origin *origin, uint64_t bytes)
{
	struct origin_object *object = &origin->object[origin->last];

	if (likely(origin->objects && object->bytes == bytes))
		return object;
	for (uint32_t i = 0; i < origin->objects; i++)
		if (origin->object[i].bytes == bytes) {
			origin->last = i;
			return &origin->object[i];
		}
	if (bytes > ORIGIN_BODY_MAX || origin->objects == ORIGIN_OBJECTS)
		return NULL;
	origin->last = origin->objects;
	object = &origin->object[origin->objects++];
	object->bytes = (uint32_t)bytes;
	make_source(&object->keeps, object->bytes, "");
	make_source(&object->closes, object->bytes, "Connection: close\r\n");
	return object;
}

static void
ended(void *self, uint32_t conn)
{
	struct origin *origin = self;

	tcp_finish(&origin->tcp, conn);
}

/* A health check may end as it likes, once it has seen what it wants. */
static void
closed(void *self, uint32_t conn, enum stream_end end)
{
	struct origin *origin = self;

	if (end != STREAM_CLOSED && origin->serves[conn] && tcp_unacked_bytes(&origin->tcp, conn))
		origin->counts.resets++;
	hold_drop(&origin->hold, &origin->held[conn]);
}

bool
origin_end(struct origin *origin)
{
	for (uint32_t i = 0; i < origin->tcp.setup.conns; i++) {
		if (origin->tcp.conns[i].state == TCP_STATE_CLOSED)
			continue;
		if (!side_room(origin->tcp.setup.side))
			return false;
		tcp_abort(&origin->tcp, i);
	}
	return true;
}
