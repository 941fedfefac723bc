/*
 * Writing heads anew: word for word, and never beyond the room there is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/unit/dataplane/http/heads.h"
#include "test/unit/unit.h"

static struct http_head head;
static char out[HTTP_HEAD_MAX_BYTES + 1024];

static const char *
request(const char *text, const struct http_rewrite *rewrite)
{
	uint32_t len;

	CU_ASSERT_EQUAL_FATAL(heads_request(str_from(text), &head), HTTP_ERROR_none);
	len = http_write_request(&head, rewrite, out, sizeof out - 1);
	CU_ASSERT_FATAL(len > 0);
	out[len] = '\0';
	return out;
}

static const char *
response(const char *text, enum http_method method, bool keep_alive, uint8_t minor_version)
{
	struct http_rewrite rewrite = { .keep_alive = keep_alive, .minor_version = minor_version };
	uint32_t len;

	CU_ASSERT_EQUAL_FATAL(heads_response(str_from(text), method, &head), HTTP_ERROR_none);
	len = http_write_response(&head, &rewrite, out, sizeof out - 1);
	CU_ASSERT_FATAL(len > 0);
	out[len] = '\0';
	return out;
}

static void
request_is_written_anew(void)
{
	struct http_rewrite keep = { .client_address = STR("10.0.0.2"), .keep_alive = true };
	struct http_rewrite close = { .host = STR("member:80") };

	CU_ASSERT_STRING_EQUAL(
	    request("GET /x HTTP/1.1\r\nAccept:a\r\nhost: h\r\nConnection: x-one\r\nX-One: "
		    "1\r\nUpgrade: h2c\r\nEmpty: \r\nB: \tb\t\r\n\r\n",
		    &keep),
	    "GET /x HTTP/1.1\r\nHost: h\r\nAccept: a\r\nEmpty: \r\nB: b\r\nX-Forwarded-For: "
	    "10.0.0.2\r\n\r\n");
	CU_ASSERT_STRING_EQUAL(request("POST /x HTTP/1.0\r\ncontent-length: 007\r\nExpect: "
				       "100-continue\r\nConnection: keep-alive\r\n\r\n",
				       &close),
			       "POST /x HTTP/1.1\r\nHost: member:80\r\nContent-Length: "
			       "7\r\nConnection: close\r\n\r\n");
	CU_ASSERT_STRING_EQUAL(
	    request("PUT /x HTTP/1.1\r\nExpect: 100-continue\r\nTransfer-Encoding:  "
		    "CHUNKED\r\nHost: h\r\nTE: trailers\r\nTrailer: "
		    "x\r\nConnection: close\r\n\r\n",
		    &keep),
	    "PUT /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTrailer: "
	    "x\r\nX-Forwarded-For: 10.0.0.2\r\nTransfer-Encoding: chunked\r\n\r\n");
}

/* Each spelling of a field behind and before each other: what is copied in one piece is what would be written. */
static void
fields_in_any_spelling_are_written_in_one(void)
{
	static const struct {
		const char *sent, *written;
	} fields[] = {
		{ "Aa: 1\r\n", "Aa: 1\r\n" },  { "Bb:2\r\n", "Bb: 2\r\n" },
		{ "Cc:\t3\r\n", "Cc: 3\r\n" }, { "Dd: 4 \r\n", "Dd: 4\r\n" },
		{ "Ee:  5\r\n", "Ee: 5\r\n" }, { "Ff: \r\n", "Ff: \r\n" },
		{ "Gg:\r\n", "Gg: \r\n" },     { "Keep-Alive: x\r\n", "" },
	};
	struct http_rewrite rewrite = { .keep_alive = true };
	const uint32_t n = ARRAY_SIZE(fields);

	for (uint32_t i = 0; i < n * n * n; i++) {
		uint32_t a = i % n, b = i / n % n, c = i / n / n;
		char sent[128], want[128];

		snprintf(sent, sizeof sent, "GET / HTTP/1.1\r\nHost: h\r\n%s%s%s\r\n",
			 fields[a].sent, fields[b].sent, fields[c].sent);
		snprintf(want, sizeof want, "GET / HTTP/1.1\r\nHost: h\r\n%s%s%s\r\n",
			 fields[a].written, fields[b].written, fields[c].written);
		CU_ASSERT_STRING_EQUAL(request(sent, &rewrite), want);
	}
}

static void
request_target_is_origin_form(void)
{
	struct http_rewrite rewrite = { .keep_alive = true };

	CU_ASSERT_STRING_EQUAL(request("GET http://b/x HTTP/1.1\r\nHost: a\r\n\r\n", &rewrite),
			       "GET /x HTTP/1.1\r\nHost: b\r\n\r\n");
	CU_ASSERT_STRING_EQUAL(request("GET http://b?x HTTP/1.1\r\nHost: a\r\n\r\n", &rewrite),
			       "GET /?x HTTP/1.1\r\nHost: b\r\n\r\n");
	CU_ASSERT_STRING_EQUAL(request("OPTIONS http://b:81 HTTP/1.1\r\nHost: a\r\n\r\n", &rewrite),
			       "OPTIONS * HTTP/1.1\r\nHost: b:81\r\n\r\n");
}

static void
forwarded_for_keeps_the_clients_list(void)
{
	struct http_rewrite rewrite = { .client_address = STR("fd00::2"), .keep_alive = true };
	const char *text = "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1\r\nB: b\r\n"
			   "x-forwarded-for:\r\nX-FORWARDED-FOR: 2.2.2.2, 3.3.3.3\r\n\r\n";

	CU_ASSERT_STRING_EQUAL(
	    request(text, &rewrite),
	    "GET / HTTP/1.1\r\nHost: a\r\nB: b\r\nX-Forwarded-For: 1.1.1.1, 2.2.2.2, "
	    "3.3.3.3, fd00::2\r\n\r\n");
	rewrite.client_address.len = 0;
	CU_ASSERT_STRING_EQUAL(request(text, &rewrite),
			       "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1\r\nB: b\r\n"
			       "x-forwarded-for: \r\nX-FORWARDED-FOR: 2.2.2.2, 3.3.3.3\r\n\r\n");
}

static void
forwarded_for_named_by_connection_is_ours_alone(void)
{
	struct http_rewrite rewrite = { .client_address = STR("10.0.0.2"), .keep_alive = true };

	CU_ASSERT_STRING_EQUAL(request("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1\r\n"
				       "Connection: X-Forwarded-For, Host, Content-Length\r\n"
				       "Content-Length: 2\r\n\r\n",
				       &rewrite),
			       "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.0.0.2\r\n"
			       "Content-Length: 2\r\n\r\n");
}

static void
response_is_written_anew(void)
{
	CU_ASSERT_STRING_EQUAL(
	    response("HTTP/1.1 200 OK\r\nDate: d\r\ncontent-length:  05\r\nConnection: close, "
		     "x\r\nX: 1\r\nKeep-Alive: timeout=5\r\nServer: s\r\n\r\n",
		     HTTP_METHOD_GET, true, 1),
	    "HTTP/1.1 200 OK\r\nDate: d\r\nServer: s\r\nContent-Length: 5\r\n\r\n");
	CU_ASSERT_STRING_EQUAL(
	    response("HTTP/1.0 404\r\nContent-Length: 0\r\n\r\n", HTTP_METHOD_GET, false, 1),
	    "HTTP/1.1 404 \r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
	CU_ASSERT_STRING_EQUAL(response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
					HTTP_METHOD_GET, true, 1),
			       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
}

static void
response_ended_by_close_says_so(void)
{
	CU_ASSERT_STRING_EQUAL(
	    response("HTTP/1.1 200 OK\r\nA: b\r\n\r\n", HTTP_METHOD_GET, true, 1),
	    "HTTP/1.1 200 OK\r\nA: b\r\nConnection: close\r\n\r\n");
	CU_ASSERT_STRING_EQUAL(
	    response("HTTP/1.1 200 OK\r\nA: b\r\n\r\n", HTTP_METHOD_GET, true, 0),
	    "HTTP/1.1 200 OK\r\nA: b\r\nConnection: close\r\n\r\n");
}

static void
response_to_a_10_client_has_no_chunks(void)
{
	const char *chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
	const char *length = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";

	CU_ASSERT_STRING_EQUAL(response(chunked, HTTP_METHOD_GET, true, 0),
			       "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
	CU_ASSERT_TRUE(http_body_strips(&head, 0));
	CU_ASSERT_FALSE(http_body_strips(&head, 1));
	CU_ASSERT_STRING_EQUAL(
	    response(length, HTTP_METHOD_GET, true, 0),
	    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n");
	CU_ASSERT_FALSE(http_body_strips(&head, 0));
	CU_ASSERT_STRING_EQUAL(response(length, HTTP_METHOD_GET, false, 0),
			       "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
}

static void
response_without_body_has_no_framing_of_ours(void)
{
	CU_ASSERT_STRING_EQUAL(response("HTTP/1.1 200 OK\r\nContent-Length: 05\r\nA: b\r\n\r\n",
					HTTP_METHOD_HEAD, true, 1),
			       "HTTP/1.1 200 OK\r\nContent-Length: 05\r\nA: b\r\n\r\n");
	CU_ASSERT_STRING_EQUAL(response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
					HTTP_METHOD_HEAD, true, 0),
			       "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n");
	CU_ASSERT_STRING_EQUAL(response("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
					HTTP_METHOD_GET, true, 1),
			       "HTTP/1.1 204 No Content\r\n\r\n");
}

static void
interim_response_says_nothing_of_the_connection(void)
{
	CU_ASSERT_STRING_EQUAL(response("HTTP/1.1 103 Early Hints\r\nConnection: close\r\nLink: "
					"x\r\nContent-Length: 0\r\n\r\n",
					HTTP_METHOD_GET, false, 1),
			       "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
}

static void
error_response_parses_with_its_body(void)
{
	static const unsigned statuses[] = { 400, 408, 413, 417, 421, 431, 500,
					     501, 502, 503, 504, 505, 599 };
	const char *why = "no member of the pool is up";

	for (size_t i = 0; i < ARRAY_SIZE(statuses) * 4; i++) {
		bool keep_alive = i & 1, head_only = i & 2;
		uint32_t len = http_write_error(statuses[i / 4], why, keep_alive, head_only, out,
						sizeof out - 1);
		uint32_t head_bytes;
		struct http_scan scan = { 0 };

		CU_ASSERT_FATAL(len > 0);
		head_bytes = http_find_head(&scan, out, len);
		CU_ASSERT_FATAL(head_bytes > 0);
		CU_ASSERT_EQUAL_FATAL(
		    heads_response((struct str){ out, head_bytes }, HTTP_METHOD_GET, &head),
		    HTTP_ERROR_none);
		CU_ASSERT_EQUAL(head.status, statuses[i / 4]);
		CU_ASSERT(head.reason.len > 0);
		CU_ASSERT_EQUAL(head.keep_alive, keep_alive);
		CU_ASSERT_EQUAL(head.framing, HTTP_FRAMING_LENGTH);
		CU_ASSERT_EQUAL(len, head_bytes + (head_only ? 0 : head.content_length));
		out[len] = '\0';
		CU_ASSERT_EQUAL(strstr(out + head_bytes, why) != NULL, !head_only);
	}
}

/* Writes with each room less than needed: answers 0 and stays inside (the sanitizer sees to it). */
static void
too_little_room_gives_0(void)
{
	struct http_rewrite rewrite = { .client_address = STR("10.0.0.2") };
	struct http_head second;
	uint32_t request_bytes, response_bytes, error_bytes;

	CU_ASSERT_EQUAL_FATAL(
	    heads_response(STR("HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 12\r\n\r\n"),
			   HTTP_METHOD_GET, &second),
	    HTTP_ERROR_none);
	response_bytes = http_write_response(&second, &rewrite, out, sizeof out);
	for (uint32_t cap = 0; cap <= response_bytes; cap++) {
		char *room = malloc(cap + 1);

		room[cap] = 'x';
		CU_ASSERT_EQUAL(http_write_response(&second, &rewrite, room, cap),
				cap < response_bytes ? 0 : response_bytes);
		CU_ASSERT_EQUAL(room[cap], 'x');
		free(room);
	}
	CU_ASSERT_EQUAL_FATAL(
	    heads_request(STR("POST /x HTTP/1.1\r\nHost: h\r\nA: b\r\nContent-Length: "
			      "12\r\nX-Forwarded-For: 1.1.1.1\r\n\r\n"),
			  &head),
	    HTTP_ERROR_none);
	request_bytes = http_write_request(&head, &rewrite, out, sizeof out);
	error_bytes = http_write_error(503, "why", false, false, out, sizeof out);
	for (uint32_t cap = 0; cap <= request_bytes; cap++) {
		char *room = malloc(cap + 1);

		room[cap] = 'x';
		CU_ASSERT_EQUAL(http_write_request(&head, &rewrite, room, cap),
				cap < request_bytes ? 0 : request_bytes);
		CU_ASSERT_EQUAL(http_write_error(503, "why", false, false, room, cap),
				cap < error_bytes ? 0 : error_bytes);
		CU_ASSERT_EQUAL(room[cap], 'x');
		free(room);
	}
}

CU_TestInfo test_http1_write[] = {
	{ "write_request_is_written_anew", request_is_written_anew },
	{ "write_fields_in_any_spelling_are_written_in_one",
	  fields_in_any_spelling_are_written_in_one },
	{ "write_request_target_is_origin_form", request_target_is_origin_form },
	{ "write_forwarded_for_keeps_the_clients_list", forwarded_for_keeps_the_clients_list },
	{ "write_forwarded_for_named_by_connection_is_ours_alone",
	  forwarded_for_named_by_connection_is_ours_alone },
	{ "write_response_is_written_anew", response_is_written_anew },
	{ "write_response_ended_by_close_says_so", response_ended_by_close_says_so },
	{ "write_response_to_a_10_client_has_no_chunks", response_to_a_10_client_has_no_chunks },
	{ "write_response_without_body_has_no_framing_of_ours",
	  response_without_body_has_no_framing_of_ours },
	{ "write_interim_response_says_nothing_of_the_connection",
	  interim_response_says_nothing_of_the_connection },
	{ "write_error_response_parses_with_its_body", error_response_parses_with_its_body },
	{ "write_too_little_room_gives_0", too_little_room_gives_0 },
	CU_TEST_INFO_NULL,
};
