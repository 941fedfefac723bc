/*
 * Following bodies: every row, every split, and random chunked bodies against the reference.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw/base/rng.h"
#include "test/unit/dataplane/http/reference.h"
#include "test/unit/unit.h"

#define CAP 4096u

static struct http_head chunked = { .framing = HTTP_FRAMING_CHUNKED };

struct followed {
	enum http_error error;
	bool done;
	size_t consumed; /* skipped and passed */
	size_t payload_bytes;
	char payload[20000];
};

/* Feeds one piece until nothing more comes of it; answers the bytes taken. */
static uint32_t
feed(struct http_body *body, const char *bytes, uint32_t len, struct followed *f)
{
	uint32_t at = 0, skip = 1, pass = 0;

	while (skip + pass > 0 && !body->done && !f->error) {
		f->error = http_body_next(body, bytes + at, len - at, &skip, &pass);
		CU_ASSERT_FATAL(skip <= len - at && pass <= len - at - skip);
		memcpy(f->payload + f->payload_bytes, bytes + at + skip, pass);
		f->payload_bytes += pass;
		at += skip + pass;
	}
	return at;
}

/* Piece lengths: first, then rest; 0 for random ones of 1..9. Each piece ends where its memory ends. */
static void
follow(struct str text, size_t first, size_t rest, struct rng *rng, struct followed *f)
{
	struct http_body body;
	size_t piece = first;

	f->error = HTTP_ERROR_none;
	f->consumed = f->payload_bytes = 0;
	http_body_init(&body, &chunked);
	for (size_t at = 0; at < text.len && !body.done && !f->error;
	     at += piece, piece = rest ? rest : 1 + rng_below(rng, 9)) {
		char *copy;
		uint32_t taken;

		if (piece > text.len - at)
			piece = text.len - at;
		copy = malloc(piece);
		ASSERT(copy);
		memcpy(copy, text.at + at, piece);
		taken = feed(&body, copy, (uint32_t)piece, f);
		free(copy);
		f->consumed += taken;
		CU_ASSERT_FATAL(taken == piece || body.done || f->error);
	}
	f->done = body.done;
}

#define CASE(error, literal) { { literal, sizeof(literal) - 1 }, error, true }
#define MORE(literal)        { { literal, sizeof(literal) - 1 }, HTTP_ERROR_none, false }

static const struct {
	struct str text;
	enum http_error error;
	bool done; /* where error is none */
} cases[] = {
	CASE(HTTP_ERROR_none, "0\r\n\r\n"),
	CASE(HTTP_ERROR_none, "5\r\nhello\r\n0\r\n\r\n"),
	CASE(HTTP_ERROR_none, "5\r\nhello\r\n00000\r\n\r\nGET / HTTP/1.1\r\n"),
	CASE(HTTP_ERROR_none, "a\r\n0123456789\r\nA\r\n\r\n\r\n\r\n\r\n\r\n\r\n0\r\n\r\n"),
	CASE(HTTP_ERROR_none, "0000000000000001\r\nx\r\n0000000000000000\r\n\r\n"),
	CASE(HTTP_ERROR_none, "1;a\r\nx\r\n0;b=c;d=\"e f\";g\r\n\r\n"),
	CASE(HTTP_ERROR_none, "1 \t ; a = b \r\nx\r\n0\t;\r\n\r\n"),
	CASE(HTTP_ERROR_none, "1;\x80\xff\r\nx\r\n0\r\n\r\n"),
	CASE(HTTP_ERROR_none, "0\r\nA: b\r\nC:\r\nD: \t\x80 \r\n\r\n"),
	MORE(""),
	MORE("5"),
	MORE("7fffffffffffffff\r\nabc"),
	MORE("7FFFFFFFFFFFFFFF\r"),
	MORE("5\r\nhello"),
	MORE("5\r\nhello\r"),
	MORE("5\r\nhello\r\n"),
	MORE("5\r\nhello\r\n0\r\n"),
	MORE("5\r\nhello\r\n0\r\n\r"),
	MORE("0\r\nA: b\r\n"),
	CASE(HTTP_ERROR_chunk_size, "\r\n"),
	CASE(HTTP_ERROR_chunk_size, "x\r\n"),
	CASE(HTTP_ERROR_chunk_size, " 5\r\nhello\r\n"),
	CASE(HTTP_ERROR_chunk_size, "-5\r\n"),
	CASE(HTTP_ERROR_chunk_size, "+5\r\n"),
	CASE(HTTP_ERROR_chunk_size, "0x5\r\n"),
	CASE(HTTP_ERROR_chunk_size, "5\nhello"),
	CASE(HTTP_ERROR_chunk_size, "5g\r\n"),
	CASE(HTTP_ERROR_chunk_size, "5\0\r\n"),
	CASE(HTTP_ERROR_chunk_size, ";a\r\n"),
	CASE(HTTP_ERROR_chunk_size, "00000000000000001\r\n"),
	CASE(HTTP_ERROR_chunk_size, "8000000000000000\r\n"),
	CASE(HTTP_ERROR_chunk_size, "ffffffffffffffff\r\n"),
	CASE(HTTP_ERROR_chunk_size, "10000000000000000\r\n"),
	CASE(HTTP_ERROR_chunk_size, "5\r\nhello\r\n\r\n"),
	CASE(HTTP_ERROR_chunk_extension, "5 \r\nhello\r\n"),
	CASE(HTTP_ERROR_chunk_extension, "5 a\r\nhello\r\n"),
	CASE(HTTP_ERROR_chunk_extension, "5 5\r\nhello\r\n"),
	CASE(HTTP_ERROR_chunk_extension, "5;a\nhello\r\n"),
	CASE(HTTP_ERROR_chunk_extension, "5;a\0\r\n"),
	CASE(HTTP_ERROR_chunk_extension, "5;a=\"b\nc\"\r\n"),
	CASE(HTTP_ERROR_chunk_extension, "5;\x7f\r\n"),
	CASE(HTTP_ERROR_chunk_end, "5\r\r\n"),
	CASE(HTTP_ERROR_chunk_end, "5\rhello"),
	CASE(HTTP_ERROR_chunk_end, "5;a\rb\r\n"),
	CASE(HTTP_ERROR_chunk_end, "5\r\nhello!\r\n"),
	CASE(HTTP_ERROR_chunk_end, "5\r\nhello\n"),
	CASE(HTTP_ERROR_chunk_end, "5\r\nhello\r\r\n"),
	CASE(HTTP_ERROR_chunk_end, "5\r\nhello0\r\n\r\n"),
	CASE(HTTP_ERROR_trailer, "0\r\nA\r\n\r\n"),
	CASE(HTTP_ERROR_trailer, "0\r\n: b\r\n\r\n"),
	CASE(HTTP_ERROR_trailer, "0\r\n A: b\r\n\r\n"),
	CASE(HTTP_ERROR_trailer, "0\r\nA : b\r\n\r\n"),
	CASE(HTTP_ERROR_trailer, "0\r\nA: b\r\n c\r\n\r\n"),
	CASE(HTTP_ERROR_trailer, "0\r\nA: b\n\r\n"),
	CASE(HTTP_ERROR_trailer, "0\r\nA: b\rc\r\n\r\n"),
	CASE(HTTP_ERROR_trailer, "0\r\nA: \0\r\n\r\n"),
	CASE(HTTP_ERROR_trailer, "0\r\nA\0: b\r\n\r\n"),
	CASE(HTTP_ERROR_trailer, "0\r\n\n"),
	CASE(HTTP_ERROR_trailer, "0\r\n\rX"),
};

static void
each_case_gives_its_row_however_split(void)
{
	static struct followed whole, split;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct str text = cases[i].text;

		follow(text, text.len, 1, NULL, &whole);
		if (whole.error != cases[i].error)
			fprintf(stderr, "case %zu, %.*s: %s\n", i, (int)text.len, text.at,
				http_error_text(whole.error));
		CU_ASSERT_EQUAL(whole.error, cases[i].error);
		CU_ASSERT_EQUAL(whole.done, !cases[i].error && cases[i].done);
		for (size_t first = 1; first < text.len; first++) {
			follow(text, first, first % 3 ? text.len : 1, NULL, &split);
			CU_ASSERT_EQUAL(split.error, whole.error);
			CU_ASSERT_EQUAL(split.done, whole.done);
			if (whole.error)
				continue;
			CU_ASSERT_EQUAL(split.consumed, whole.consumed);
			CU_ASSERT(split.payload_bytes == whole.payload_bytes &&
				  memcmp(split.payload, whole.payload, whole.payload_bytes) == 0);
		}
	}
}

static void
error_is_given_again_at_every_further_call(void)
{
	struct http_body body;
	uint32_t skip, pass;

	http_body_init(&body, &chunked);
	CU_ASSERT_EQUAL(http_body_next(&body, "5 x", 3, &skip, &pass), HTTP_ERROR_chunk_extension);
	CU_ASSERT_EQUAL(skip + pass, 0);
	CU_ASSERT_EQUAL(http_body_next(&body, "0\r\n\r\n", 5, &skip, &pass),
			HTTP_ERROR_chunk_extension);
	CU_ASSERT_EQUAL(skip + pass, 0);
	CU_ASSERT_FALSE(body.done);
	CU_ASSERT_FALSE(http_body_eof(&body));
}

static void
extensions_at_the_limit_are_taken_one_more_refused(void)
{
	static struct followed f;
	static char text[3000];

	for (uint32_t bytes = HTTP_EXTENSIONS_MAX_BYTES; bytes < HTTP_EXTENSIONS_MAX_BYTES + 2;
	     bytes++) {
		/* in two chunks: the limit is for the body */
		int len = snprintf(text, sizeof text, "1;%0600d\r\nx\r\n0;%0*d\r\n\r\n", 0,
				   (int)bytes - 602, 0);

		follow((struct str){ text, (size_t)len }, (size_t)len, 1, NULL, &f);
		CU_ASSERT_EQUAL(f.error, bytes > HTTP_EXTENSIONS_MAX_BYTES
					     ? HTTP_ERROR_chunk_extension_too_long
					     : HTTP_ERROR_none);
		CU_ASSERT_EQUAL(f.done, bytes == HTTP_EXTENSIONS_MAX_BYTES);
	}
}

static void
trailer_at_the_limit_is_taken_one_more_refused(void)
{
	static struct followed f;
	static char text[HTTP_TRAILER_MAX_BYTES + 100];

	for (uint32_t bytes = HTTP_TRAILER_MAX_BYTES; bytes < HTTP_TRAILER_MAX_BYTES + 2; bytes++) {
		int len =
		    snprintf(text, sizeof text, "0\r\nA: b\r\nC:%0*d\r\n\r\n", (int)bytes - 10, 0);

		follow((struct str){ text, (size_t)len }, (size_t)len, 1, NULL, &f);
		CU_ASSERT_EQUAL(f.error, bytes > HTTP_TRAILER_MAX_BYTES
					     ? HTTP_ERROR_trailer_too_long
					     : HTTP_ERROR_none);
		CU_ASSERT_EQUAL(f.done, bytes == HTTP_TRAILER_MAX_BYTES);
	}
}

static size_t
append_random(struct rng *rng, char *text, size_t len, uint32_t limit)
{
	for (uint32_t n = rng_below(rng, limit); n > 0; n--)
		text[len++] = (char)rng_next(rng);
	return len;
}

static size_t
random_body(struct rng *rng, char text[CAP])
{
	static const char *const extensions[] = { "", "", "", ";a", ";b=c", " ; d=\"e\"" };
	static const char *const trailers[] = { "", "", "A: b\r\n", "A: b\r\nC:\r\n" };
	size_t len = 0;

	for (uint32_t chunks = rng_below(rng, 6); chunks > 0; chunks--) {
		uint32_t size = 1 + rng_below(rng, 40);

		len += (size_t)sprintf(text + len, rng_below(rng, 2) ? "%x%s\r\n" : "%03X%s\r\n",
				       size, extensions[rng_below(rng, 6)]);
		for (uint32_t i = 0; i < size; i++)
			text[len++] =
			    rng_below(rng, 3) ? (char)rng_next(rng) : "\r\n0"[rng_below(rng, 3)];
		len += (size_t)sprintf(text + len, "\r\n");
	}
	len += (size_t)sprintf(text + len, "0%s\r\n%s\r\n", extensions[rng_below(rng, 6)],
			       trailers[rng_below(rng, 4)]);
	return append_random(rng, text, len, 4);
}

static void
damage(struct rng *rng, char *text, size_t len)
{
	static const char bytes[] = "\r\n\t ;:0aF\0g\x80";

	for (uint32_t n = rng_below(rng, 3); n > 0; n--)
		text[rng_below(rng, (uint32_t)len)] = bytes[rng_below(rng, sizeof bytes - 1)];
}

static void
random_bodies_are_followed_as_by_the_reference(void)
{
	static struct followed f;
	static char text[CAP], payload[CAP];
	struct rng rng;
	unsigned done = 0, rounds = 40000;

	rng_init(&rng, 5);
	for (unsigned round = 0; round < rounds; round++) {
		size_t len = random_body(&rng, text), payload_bytes, length;

		damage(&rng, text, len);
		length = reference_chunked((struct str){ text, len }, payload, &payload_bytes);
		follow((struct str){ text, len }, 1 + rng_below(&rng, 200), 0, &rng, &f);
		CU_ASSERT_EQUAL_FATAL(f.done, length > 0);
		if (!f.done)
			continue;
		done++;
		CU_ASSERT_EQUAL_FATAL(f.consumed, length);
		CU_ASSERT_FATAL(f.payload_bytes == payload_bytes &&
				memcmp(f.payload, payload, payload_bytes) == 0);
	}
	CU_ASSERT(done > rounds / 4 && done < rounds * 9 / 10);
}

static void
body_with_length_ends_after_it(void)
{
	struct http_head head = { .framing = HTTP_FRAMING_LENGTH, .content_length = 10 };
	struct http_body body;
	uint32_t skip, pass;

	http_body_init(&body, &head);
	CU_ASSERT_FALSE(body.done);
	CU_ASSERT_EQUAL(http_body_next(&body, "1234", 4, &skip, &pass), HTTP_ERROR_none);
	CU_ASSERT(skip == 0 && pass == 4 && !body.done && body.left == 6);
	CU_ASSERT_FALSE(http_body_eof(&body));
	CU_ASSERT_EQUAL(http_body_next(&body, "", 0, &skip, &pass), HTTP_ERROR_none);
	CU_ASSERT(skip == 0 && pass == 0 && !body.done);
	CU_ASSERT_EQUAL(http_body_next(&body, "567890GET", 9, &skip, &pass), HTTP_ERROR_none);
	CU_ASSERT(skip == 0 && pass == 6 && body.done);
	CU_ASSERT_EQUAL(http_body_next(&body, "GET", 3, &skip, &pass), HTTP_ERROR_none);
	CU_ASSERT(skip == 0 && pass == 0);
	CU_ASSERT_TRUE(http_body_eof(&body));
}

static void
body_longer_than_32_bits_is_counted(void)
{
	struct http_head head = { .framing = HTTP_FRAMING_LENGTH,
				  .content_length = (1ull << 32) + 3 };
	struct http_body body;
	uint32_t skip, pass;

	http_body_init(&body, &head);
	CU_ASSERT_EQUAL(http_body_next(&body, "1234", 4, &skip, &pass), HTTP_ERROR_none);
	CU_ASSERT_EQUAL(pass, 4);
	CU_ASSERT_EQUAL(body.left, UINT32_MAX);
	CU_ASSERT_FALSE(body.done);
}

static void
no_body_is_done_at_once(void)
{
	struct http_head none = { .framing = HTTP_FRAMING_NONE };
	struct http_head empty = { .framing = HTTP_FRAMING_LENGTH, .content_length = 0 };
	struct http_body body;
	uint32_t skip, pass;

	http_body_init(&body, &none);
	CU_ASSERT_TRUE(body.done);
	CU_ASSERT_EQUAL(http_body_next(&body, "GET", 3, &skip, &pass), HTTP_ERROR_none);
	CU_ASSERT_EQUAL(skip + pass, 0);
	http_body_init(&body, &empty);
	CU_ASSERT_TRUE(body.done);
	CU_ASSERT_TRUE(http_body_eof(&body));
}

static void
body_until_close_ends_with_the_connection(void)
{
	struct http_head head = { .framing = HTTP_FRAMING_CLOSE };
	struct http_body body;
	uint32_t skip, pass;

	http_body_init(&body, &head);
	CU_ASSERT_FALSE(body.done);
	CU_ASSERT_EQUAL(http_body_next(&body, "0\r\n\r\n", 5, &skip, &pass), HTTP_ERROR_none);
	CU_ASSERT(skip == 0 && pass == 5 && !body.done);
	CU_ASSERT_TRUE(http_body_eof(&body));
	CU_ASSERT_TRUE(body.done);
}

CU_TestInfo test_http1_body[] = {
	{ "body_each_case_gives_its_row_however_split", each_case_gives_its_row_however_split },
	{ "body_error_is_given_again_at_every_further_call",
	  error_is_given_again_at_every_further_call },
	{ "body_extensions_at_the_limit_are_taken_one_more_refused",
	  extensions_at_the_limit_are_taken_one_more_refused },
	{ "body_trailer_at_the_limit_is_taken_one_more_refused",
	  trailer_at_the_limit_is_taken_one_more_refused },
	{ "body_random_are_followed_as_by_the_reference",
	  random_bodies_are_followed_as_by_the_reference },
	{ "body_with_length_ends_after_it", body_with_length_ends_after_it },
	{ "body_longer_than_32_bits_is_counted", body_longer_than_32_bits_is_counted },
	{ "body_none_is_done_at_once", no_body_is_done_at_once },
	{ "body_until_close_ends_with_the_connection", body_until_close_ends_with_the_connection },
	CU_TEST_INFO_NULL,
};
