/*
 * The HTTP probe: the request word for word, and what is made of answers, split at every byte.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/health/health.h"
#include "fw/base/assert.h"
#include "fw/base/rng.h"
#include "test/unit/unit.h"

/* A generation that has strings only. */
static struct {
	struct generation gen;
	char strings[64];
} file = {
	.gen = { .strings = { .offset = sizeof(struct generation) } },
	.strings = "/up?x\0www.example.org\0A: b\r\nC: d\r\n",
};

static const struct gen_name path = { 0, 5 }, host = { 6, 15 }, headers = { 22, 12 };

static struct endpoint
member(const char *address, uint16_t port)
{
	struct endpoint e = { .port = port };

	CU_ASSERT_FATAL(addr_parse(address, &e.addr));
	return e;
}

static void
assert_request(const struct gen_monitor *monitor, struct endpoint to, const char *expected)
{
	size_t len = strlen(expected);

	for (uint32_t cap = 0; cap <= len + 1; cap++) {
		char *out = malloc(cap + 1);
		uint32_t written;

		ASSERT(out);
		out[cap] = 'x';
		written = health_http_request(&file.gen, monitor, &to, out, cap);
		CU_ASSERT_EQUAL(written, cap < len ? 0 : len);
		CU_ASSERT(written == 0 || memcmp(out, expected, len) == 0);
		CU_ASSERT_EQUAL(out[cap], 'x');
		free(out);
	}
}

static void
request_names_monitor_path_and_host(void)
{
	struct gen_monitor named = { .path = path, .host = host };
	struct gen_monitor unnamed = { .path = path };

	assert_request(&named, member("10.0.1.11", 80),
		       "GET /up?x HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: "
		       "Fairlead-monitor\r\nAccept: */*\r\nConnection: close\r\n\r\n");
	assert_request(&unnamed, member("10.0.1.11", 80),
		       "GET /up?x HTTP/1.1\r\nHost: 10.0.1.11\r\nUser-Agent: "
		       "Fairlead-monitor\r\nAccept: */*\r\nConnection: close\r\n\r\n");
	assert_request(&unnamed, member("10.0.1.11", 8080),
		       "GET /up?x HTTP/1.1\r\nHost: 10.0.1.11:8080\r\nUser-Agent: "
		       "Fairlead-monitor\r\nAccept: */*\r\nConnection: close\r\n\r\n");
	assert_request(&unnamed, member("fd00:1::11", 80),
		       "GET /up?x HTTP/1.1\r\nHost: [fd00:1::11]\r\nUser-Agent: "
		       "Fairlead-monitor\r\nAccept: */*\r\nConnection: close\r\n\r\n");
	assert_request(&unnamed, member("fd00:1::11", 81),
		       "GET /up?x HTTP/1.1\r\nHost: [fd00:1::11]:81\r\nUser-Agent: "
		       "Fairlead-monitor\r\nAccept: */*\r\nConnection: close\r\n\r\n");
}

static void
request_has_the_monitors_method_and_fields(void)
{
	struct gen_monitor monitor = { .path = path, .host = host, .headers = headers };

	monitor.method = GEN_MONITOR_HEAD;
	assert_request(&monitor, member("10.0.1.11", 80),
		       "HEAD /up?x HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: "
		       "Fairlead-monitor\r\nAccept: */*\r\nConnection: close\r\nA: b\r\nC: "
		       "d\r\n\r\n");
	monitor.method = GEN_MONITOR_OPTIONS;
	monitor.headers.len = 0;
	assert_request(&monitor, member("10.0.1.11", 80),
		       "OPTIONS /up?x HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: "
		       "Fairlead-monitor\r\nAccept: */*\r\nConnection: close\r\n\r\n");
}

#define CASE(cause, literal) { literal, sizeof(literal) - 1, HEALTH_CAUSE_##cause }
#define LONG_REASON          "0123456789012345678901234567890123456789012345678901234567890123456789"

static const struct {
	const char *text;
	uint32_t len;
	enum health_cause cause;
} cases[] = {
	CASE(ok, "HTTP/1.1 200 OK\r\n"),
	CASE(ok, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
	CASE(ok, "HTTP/1.0 299 x\r\n"),
	CASE(ok, "HTTP/1.1 200\r\n"),
	CASE(ok, "HTTP/1.1 200 \r\n"),
	CASE(ok, "HTTP/1.1 200 " LONG_REASON "\r\n"),
	CASE(ok, "HTTP/1.1 200 caf\xe9\r\n"),
	CASE(ok, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"),
	CASE(ok, "HTTP/1.1 103 x\r\nLink: " LONG_REASON
		 "\r\nA:\r\n\r\nHTTP/1.1 100 x\r\n\r\nHTTP/1.1 204 "
		 "x\r\n"),
	CASE(status, "HTTP/1.1 199 x\r\n\r\nHTTP/1.1 500 OK\r\n"),
	CASE(status, "HTTP/1.1 101 x\r\n"),
	CASE(status, "HTTP/1.1 300 x\r\n"),
	CASE(status, "HTTP/1.1 503 x\r\n"),
	CASE(status, "HTTP/1.1 599 " LONG_REASON "\r\n"),
	CASE(none, ""),
	CASE(none, "HTTP/1.1 200 OK"),
	CASE(none, "HTTP/1.1 200 OK\r"),
	CASE(none, "HTTP/1.1 100 Continue\r\n\r\n"),
	CASE(none, "HTTP/1.1 100 Continue\r\nHTTP/1.1 200 OK\r\n"),
	CASE(malformed, "\r\n"),
	CASE(malformed, "HTTP/1.1 200 OK\n"),
	CASE(malformed, "HTTP/1.1 200 OK\rX"),
	CASE(malformed, "HTTP/1.1 200 O\0K\r\n"),
	CASE(malformed, "HTTP/1.1 200 O\x7fK\r\n"),
	CASE(malformed, "HTTP/1.1 20\r\n"),
	CASE(malformed, "HTTP/1.1 2000 OK\r\n"),
	CASE(malformed, "HTTP/1.1  200 OK\r\n"),
	CASE(malformed, "HTTP/1.1 2x0 OK\r\n"),
	CASE(malformed, "HTTP/1.1 099 OK\r\n"),
	CASE(malformed, "HTTP/1.1 600 OK\r\n"),
	CASE(malformed, "HTTP/1.x 200 OK\r\n"),
	CASE(malformed, "HTTP/2.0 200 OK\r\n"),
	CASE(malformed, "http/1.1 200 OK\r\n"),
	CASE(malformed, "SSH-2.0-OpenSSH_9.2\r\n"),
	CASE(malformed, "HTTP/1.1 100 Continue\r\nA: b\n\r\n"),
	CASE(malformed, "HTTP/1.1 100 Continue\r\n\r\nrubbish\r\n"),
};

/* 200 to 299 */
static const struct gen_monitor monitor = { .statuses = {
						{ 0, ~UINT64_C(0) << 36, ~UINT64_C(0), 0xff } } };

/* A first piece, then the rest byte by byte if single, in one piece otherwise. */
static enum health_cause
feed(const char *text, uint32_t len, uint32_t first, bool single)
{
	struct health_http_answer answer = { 0 };
	enum health_cause cause = HEALTH_CAUSE_none;
	uint32_t piece = first;

	for (uint32_t at = 0; at < len && cause == HEALTH_CAUSE_none;
	     at += piece, piece = single ? 1 : len) {
		if (piece > len - at)
			piece = len - at;
		cause = health_http_feed(&answer, &monitor, text + at, piece);
	}
	return cause;
}

static void
each_answer_gives_its_cause_however_split(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		enum health_cause cause = feed(cases[i].text, cases[i].len, cases[i].len, false);

		if (cause != cases[i].cause)
			fprintf(stderr, "case %zu: %d\n", i, (int)cause);
		CU_ASSERT_EQUAL(cause, cases[i].cause);
		for (uint32_t first = 1; first < cases[i].len; first++) {
			CU_ASSERT_EQUAL(feed(cases[i].text, cases[i].len, first, false), cause);
			CU_ASSERT_EQUAL(feed(cases[i].text, cases[i].len, first, true), cause);
		}
	}
}

static void
status_range_is_the_monitors(void)
{
	struct gen_monitor found = { 0 };
	static const struct {
		const char *text;
		enum health_cause cause;
	} answers[] = {
		{ "HTTP/1.1 300 x\r\n", HEALTH_CAUSE_status },
		{ "HTTP/1.1 301 x\r\n", HEALTH_CAUSE_ok },
		{ "HTTP/1.1 404 x\r\n", HEALTH_CAUSE_ok },
		{ "HTTP/1.1 405 x\r\n", HEALTH_CAUSE_status },
	};

	gen_statuses_add(&found.statuses, 301);
	gen_statuses_add(&found.statuses, 404);
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		struct health_http_answer answer = { 0 };

		CU_ASSERT_EQUAL(health_http_feed(&answer, &found, answers[i].text,
						 (uint32_t)strlen(answers[i].text)),
				answers[i].cause);
	}
}

static void
answer_without_end_is_malformed(void)
{
	struct health_http_answer line = { 0 }, interim = { 0 };
	enum health_cause cause = HEALTH_CAUSE_none;
	uint32_t fed;

	for (fed = 0; fed < 100000 && cause == HEALTH_CAUSE_none; fed++)
		cause = health_http_feed(&line, &monitor, "x", 1);
	CU_ASSERT_EQUAL(cause, HEALTH_CAUSE_malformed);
	CU_ASSERT(fed > 1000 && fed < 20000);
	cause = HEALTH_CAUSE_none;
	for (fed = 0; fed < 100000 && cause == HEALTH_CAUSE_none; fed += 18)
		cause = health_http_feed(&interim, &monitor, "HTTP/1.1 100 x\r\n\r\n", 18);
	CU_ASSERT_EQUAL(cause, HEALTH_CAUSE_malformed);
	CU_ASSERT(fed > 1000 && fed < 20000);
}

/* As one would do it with the whole body at hand. */
static bool
model_finds(const char *body, uint32_t len, struct str text)
{
	return memmem(body, len < HEALTH_BODY_MAX_BYTES ? len : HEALTH_BODY_MAX_BYTES, text.at,
		      text.len) != NULL;
}

/* In pieces of all lengths up to max; answers whether and, by *fed, how soon it was found. */
static bool
search(const char *body, uint32_t len, struct str text, uint32_t max, struct rng *rng,
       uint32_t *fed)
{
	struct health_search search = { 0 };
	bool found = false;

	for (uint32_t at = 0; at < len && !found;) {
		uint32_t piece = rng_below(rng, max + 1);

		piece = piece < len - at ? piece : len - at;
		found = health_body_feed(&search, text, body + at, piece);
		at += piece;
	}
	*fed = search.fed;
	return found;
}

/* Two letters, so that a text almost matches again and again; every split. */
static void
body_search_is_as_the_model(void)
{
	struct rng rng;
	char body[64], text[9];
	uint32_t found = 0, fed;

	rng_init(&rng, 7);
	for (unsigned i = 0; i < 20000; i++) {
		uint32_t len = rng_below(&rng, sizeof body);
		struct str wanted = { text, 1 + rng_below(&rng, sizeof text) };
		bool model;

		for (uint32_t k = 0; k < len; k++)
			body[k] = rng_below(&rng, 4) ? 'a' : 'b';
		for (uint32_t k = 0; k < wanted.len; k++)
			text[k] = rng_below(&rng, 4) ? 'a' : 'b';
		model = model_finds(body, len, wanted);
		CU_ASSERT_EQUAL(search(body, len, wanted, 1 + i % 9, &rng, &fed), model);
		found += model;
	}
	CU_ASSERT(found > 5000 && found < 15000);
}

static void
body_search_ends_at_its_limit(void)
{
	uint32_t len = HEALTH_BODY_MAX_BYTES + 100, fed;
	char *body = malloc(len);
	struct rng rng;

	ASSERT(body);
	rng_init(&rng, 7);
	for (uint32_t end = HEALTH_BODY_MAX_BYTES - 2; end <= HEALTH_BODY_MAX_BYTES + 2; end++) {
		memset(body, 'x', len);
		memcpy(body + end - 5, "hello", 5);
		CU_ASSERT_EQUAL(search(body, len, STR("hello"), 1500, &rng, &fed),
				end <= HEALTH_BODY_MAX_BYTES);
		CU_ASSERT(fed <= HEALTH_BODY_MAX_BYTES);
	}
	free(body);
}

static void
body_search_takes_texts_of_any_length(void)
{
	char text[LIMIT_BODY_MATCH_BYTES], body[2 * sizeof text];
	struct rng rng;
	uint32_t fed;

	rng_init(&rng, 7);
	memset(text, 'a', sizeof text);
	memset(body, 'a', sizeof body);
	for (uint32_t len = 1; len <= sizeof text; len++) {
		struct str wanted = { text, len };

		CU_ASSERT_TRUE(search(body, len, wanted, 7, &rng, &fed));
		CU_ASSERT_FALSE(search(body, len - 1, wanted, 7, &rng, &fed));
		text[len - 1] = 'b'; /* found only behind the run of a's */
		CU_ASSERT_FALSE(search(body, sizeof body, wanted, 7, &rng, &fed));
		body[sizeof body - 1] = 'b';
		CU_ASSERT_TRUE(search(body, sizeof body, wanted, 7, &rng, &fed));
		text[len - 1] = body[sizeof body - 1] = 'a';
	}
}

CU_TestInfo test_probe_http[] = {
	{ "probe_http_request_names_monitor_path_and_host", request_names_monitor_path_and_host },
	{ "probe_http_request_has_the_monitors_method_and_fields",
	  request_has_the_monitors_method_and_fields },
	{ "probe_http_body_search_is_as_the_model", body_search_is_as_the_model },
	{ "probe_http_body_search_ends_at_its_limit", body_search_ends_at_its_limit },
	{ "probe_http_body_search_takes_texts_of_any_length",
	  body_search_takes_texts_of_any_length },
	{ "probe_http_each_answer_gives_its_cause_however_split",
	  each_answer_gives_its_cause_however_split },
	{ "probe_http_status_range_is_the_monitors", status_range_is_the_monitors },
	{ "probe_http_answer_without_end_is_malformed", answer_without_end_is_malformed },
	CU_TEST_INFO_NULL,
};
