/*
 * Heads and bodies of HTTP/1 (dataplane/http), as in RFC 9112. The first byte says what the rest is: a request head, a
 * response head, or a chunked body that comes in pieces of the next bytes' lengths.
 *
 * The parser agrees with the reference of the unit tests; the search for a head's end gives the same in one piece and in
 * several, and cuts no good head short; what is accepted and written anew is accepted again and means the same.
 */
#include <stdlib.h>
#include <string.h>

#include "dataplane/http/http.h"
#include "test/fuzz/fuzz.h"
#include "test/unit/dataplane/http/heads.h"
#include "test/unit/dataplane/http/reference.h"

#define PIECES 4u

enum {
	BODY = 1 << 0,
	RESPONSE = 1 << 1,
	KEEP_ALIVE = 1 << 2,
	OLD_CLIENT = 1 << 3,
	TO_HEAD = 1 << 4
};

static struct http_head head, again;
static struct reference_head reference;
static char written[HTTP_HEAD_MAX_BYTES + 1024], rewritten[HTTP_HEAD_MAX_BYTES + 1024];

static void run_head(unsigned mode, const uint8_t pieces[PIECES], struct str text);
static void check_scan(const uint8_t pieces[PIECES], struct str text, bool accepted);
static uint32_t scan_pieces(const uint8_t pieces[PIECES], struct str text);
static void check_reference(bool accepted, bool by_reference);
static void request_round_trip(bool keep_alive);
static void response_round_trip(enum http_method method, bool keep_alive, uint8_t minor_version);
static bool same_end_to_end(const struct http_head *a, const struct http_head *b);
static void run_body(const uint8_t pieces[PIECES], struct str text);

static void
run(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	unsigned mode = fuzz_u8(&in);
	uint8_t pieces[PIECES];
	struct str text;
	char *copy;

	for (unsigned i = 0; i < PIECES; i++)
		pieces[i] = fuzz_u8(&in);
	copy = fuzz_copy(in.at, in.left);
	text = (struct str){ copy, in.left };
	if (mode & BODY)
		run_body(pieces, text);
	else
		run_head(mode, pieces, text);
	free(copy);
}

static void
run_head(unsigned mode, const uint8_t pieces[PIECES], struct str text)
{
	enum http_method method = mode & TO_HEAD ? HTTP_METHOD_HEAD : HTTP_METHOD_GET;
	bool accepted;

	if (mode & RESPONSE) {
		accepted = !http_parse_response(text.at, (uint32_t)text.len, method, &head);
		check_reference(accepted, reference_response(text, mode & TO_HEAD, &reference));
		if (accepted)
			response_round_trip(method, mode & KEEP_ALIVE, !(mode & OLD_CLIENT));
	} else {
		accepted = !http_parse_request(text.at, (uint32_t)text.len, &head);
		check_reference(accepted, reference_request(text, &reference));
		if (accepted)
			request_round_trip(mode & KEEP_ALIVE);
	}
	check_scan(pieces, text, accepted);
}

/* Empty lines in front are the caller's to skip, so they are left out here. */
static void
check_scan(const uint8_t pieces[PIECES], struct str text, bool accepted)
{
	struct http_scan scan = { 0 };
	uint32_t found;

	if (text.len && (text.at[0] == '\r' || text.at[0] == '\n'))
		return;
	found = http_find_head(&scan, text.at, (uint32_t)text.len);
	ASSERT(found <= text.len);
	ASSERT(scan_pieces(pieces, text) == found);
	if (accepted)
		ASSERT(found == text.len);
	if (!found || (found >= 4 && memcmp(text.at + found - 4, "\r\n\r\n", 4) == 0))
		return;
	/* Ended early: so it must be refused. */
	ASSERT(http_parse_request(text.at, found, &again));
	ASSERT(http_parse_response(text.at, found, HTTP_METHOD_GET, &again));
}

static uint32_t
scan_pieces(const uint8_t pieces[PIECES], struct str text)
{
	struct http_scan scan = { 0 };
	size_t at = 0;
	uint32_t found = 0;

	for (unsigned i = 0; at < text.len && !found; i++) {
		size_t len = pieces[i % PIECES] + 1u;

		if (len > text.len - at)
			len = text.len - at;
		found = http_find_head(&scan, text.at + at, (uint32_t)len);
		at += len;
	}
	return found;
}

static void
check_reference(bool accepted, bool by_reference)
{
	const struct reference_head *b = &reference;

	ASSERT(accepted == by_reference);
	if (!accepted)
		return;
	ASSERT(str_equal(head.method_text, b->method) && str_equal(head.target, b->target));
	ASSERT(str_equal(head.host, b->host) && str_equal(head.reason, b->reason));
	ASSERT(head.status == b->status && head.minor_version == b->minor_version);
	ASSERT(head.keep_alive == b->keep_alive && head.expect_continue == b->expect_continue);
	ASSERT(head.framing == b->framing && head.field_count == b->field_count);
	if (head.framing == HTTP_FRAMING_LENGTH)
		ASSERT(head.content_length == b->content_length);
	for (uint32_t i = 0; i < head.field_count; i++) {
		ASSERT(str_equal(head.field[i].name, b->field[i].name));
		ASSERT(str_equal(head.field[i].value, b->field[i].value));
		ASSERT(head.field[i].hop_by_hop == b->field[i].hop_by_hop);
	}
}

static bool
forwards_expectation(void)
{
	for (uint32_t i = 0; i < head.field_count; i++)
		if (head.field[i].id == HTTP_NAME_EXPECT && !head.field[i].hop_by_hop)
			return true;
	return false;
}

/* What is written of head parses to the same, and written once more it stays as it is. */
static void
request_round_trip(bool keep_alive)
{
	struct http_rewrite rewrite = { .client_address = STR("10.0.0.2"),
					.host = STR("fallback"),
					.keep_alive = keep_alive };
	uint32_t len = http_write_request(&head, &rewrite, written, sizeof written);
	struct str target = head.target, host = head.host.len ? head.host : rewrite.host;

	if (!len) { /* it fits unless it was nearly too long as it came */
		ASSERT(head.field_count && sizeof written < HTTP_HEAD_MAX_BYTES * 2);
		return;
	}
	if (len > HTTP_HEAD_MAX_BYTES || head.field_count + 3 > HTTP_FIELDS_MAX)
		return; /* longer than what we take ourselves */
	ASSERT(http_parse_request(written, len, &again) == HTTP_ERROR_none);
	if (target.len && target.at[0] == '?') {
		ASSERT(again.target.len == target.len + 1 && again.target.at[0] == '/');
		again.target = (struct str){ again.target.at + 1, again.target.len - 1 };
	}
	ASSERT(str_equal(again.method_text, head.method_text) && again.method == head.method);
	ASSERT(str_equal(again.target, target) && str_equal(again.host, host));
	ASSERT(again.minor_version == 1 && again.keep_alive == keep_alive);
	ASSERT(again.framing == head.framing && again.content_length == head.content_length);
	ASSERT(again.expect_continue == forwards_expectation());
	ASSERT(same_end_to_end(&head, &again));
	rewrite.client_address.len = 0;
	ASSERT(http_parse_request(written, len, &again) == HTTP_ERROR_none);
	ASSERT(http_write_request(&again, &rewrite, rewritten, sizeof rewritten) == len);
	ASSERT(memcmp(written, rewritten, len) == 0);
}

static void
response_round_trip(enum http_method method, bool keep_alive, uint8_t minor_version)
{
	struct http_rewrite rewrite = { .keep_alive = keep_alive, .minor_version = minor_version };
	uint32_t len = http_write_response(&head, &rewrite, written, sizeof written);
	bool strips = http_body_strips(&head, minor_version);
	bool closes = !keep_alive || strips || head.framing == HTTP_FRAMING_CLOSE;

	ASSERT(len);
	if (len > HTTP_HEAD_MAX_BYTES || head.field_count + 2 > HTTP_FIELDS_MAX)
		return;
	ASSERT(http_parse_response(written, len, method, &again) == HTTP_ERROR_none);
	ASSERT(again.status == head.status && str_equal(again.reason, head.reason));
	ASSERT(head.status < 200 || again.keep_alive == !closes);
	ASSERT(again.framing == (strips ? HTTP_FRAMING_CLOSE : head.framing));
	ASSERT(again.content_length == head.content_length && same_end_to_end(&head, &again));
	ASSERT(http_write_response(&again, &rewrite, rewritten, sizeof rewritten) == len);
	ASSERT(memcmp(written, rewritten, len) == 0);
}

static uint32_t
next_end_to_end(const struct http_head *h, uint32_t i)
{
	while (i < h->field_count &&
	       (h->field[i].hop_by_hop || h->field[i].id == HTTP_NAME_X_FORWARDED_FOR))
		i++;
	return i;
}

/* The end-to-end fields but for the forwarded address, which gets longer. */
static bool
same_end_to_end(const struct http_head *a, const struct http_head *b)
{
	uint32_t i = next_end_to_end(a, 0), k = next_end_to_end(b, 0);

	while (i < a->field_count && k < b->field_count) {
		if (!str_equal(a->field[i].name, b->field[k].name) ||
		    !str_equal(a->field[i].value, b->field[k].value))
			return false;
		i = next_end_to_end(a, i + 1);
		k = next_end_to_end(b, k + 1);
	}
	return i == a->field_count && k == b->field_count;
}

/* What became of a body. */
struct followed {
	enum http_error error;
	bool done;
	size_t consumed, payload_bytes;
	char *payload;
};

/* A piece of the body, from memory that ends where the piece ends. */
static size_t
feed(struct http_body *body, const char *bytes, size_t len, struct followed *f)
{
	char *copy = fuzz_copy(bytes, len);
	uint32_t at = 0, skip = 1, pass = 0;

	while (skip + pass > 0 && !body->done && !f->error) {
		f->error = http_body_next(body, copy + at, (uint32_t)len - at, &skip, &pass);
		ASSERT(skip <= len - at && pass <= len - at - skip);
		ASSERT(!f->error || skip + pass == 0);
		memcpy(f->payload + f->payload_bytes, copy + at + skip, pass);
		f->payload_bytes += pass;
		at += skip + pass;
	}
	ASSERT(at == len || body->done || f->error);
	free(copy);
	return at;
}

static struct followed
follow(const uint8_t *pieces, struct str text)
{
	static const struct http_head chunked = { .framing = HTTP_FRAMING_CHUNKED };
	struct followed f = { .payload = fuzz_copy(text.at, text.len) };
	struct http_body body;
	uint32_t skip, pass;
	size_t at = 0;

	http_body_init(&body, &chunked);
	for (unsigned i = 0; at < text.len && !body.done && !f.error; i++) {
		size_t len = pieces ? pieces[i % PIECES] + 1u : text.len;

		if (len > text.len - at)
			len = text.len - at;
		f.consumed += feed(&body, text.at + at, len, &f);
		at += len;
	}
	f.done = body.done;
	if (f.error) /* at every further call too */
		ASSERT(http_body_next(&body, "0\r\n\r\n", 5, &skip, &pass) == f.error);
	ASSERT(http_body_eof(&body) == f.done);
	return f;
}

static void
run_body(const uint8_t pieces[PIECES], struct str text)
{
	struct followed whole = follow(NULL, text), split = follow(pieces, text);
	char *payload = fuzz_copy(text.at, text.len);
	size_t payload_bytes = 0, len = reference_chunked(text, payload, &payload_bytes);

	ASSERT(whole.error == split.error && whole.done == split.done);
	ASSERT(whole.done == (len > 0));
	if (!whole.error) {
		ASSERT(whole.consumed == split.consumed);
		ASSERT(whole.payload_bytes == split.payload_bytes);
		ASSERT(memcmp(whole.payload, split.payload, whole.payload_bytes) == 0);
	}
	if (whole.done) {
		ASSERT(whole.consumed == len && whole.payload_bytes == payload_bytes);
		ASSERT(memcmp(whole.payload, payload, payload_bytes) == 0);
	}
	free(payload);
	free(whole.payload);
	free(split.payload);
}

/* Whole lines, and bytes that have broken other parsers. */
static size_t
mutate(uint8_t *data, size_t size, size_t max, struct rng *rng)
{
	if (size < 1 + PIECES)
		return size;
	return 1 + PIECES +
	       heads_mutate(rng, (char *)data + 1 + PIECES, size - 1 - PIECES, max - 1 - PIECES);
}

const struct fuzz_target fuzz_http_head = { "http_head", NULL, run, mutate };
