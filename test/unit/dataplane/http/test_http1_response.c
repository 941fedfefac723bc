/*
 * Heads of responses: what body follows, and what is refused.
 */
#include <stdio.h>
#include <string.h>

#include "test/unit/dataplane/http/heads.h"
#include "test/unit/unit.h"

static struct http_head head;

#define CASE(error, literal) { { literal, sizeof(literal) - 1 }, error }
#define OK(fields)           "HTTP/1.1 200 OK\r\n" fields "\r\n"

static const struct {
	struct str text;
	enum http_error error;
} cases[] = {
	CASE(HTTP_ERROR_version, ""),
	CASE(HTTP_ERROR_version, "HTTP/1."),
	CASE(HTTP_ERROR_version, "http/1.1 200 OK\r\n\r\n"),
	CASE(HTTP_ERROR_version, "ICY 200 OK\r\n\r\n"),
	CASE(HTTP_ERROR_version, " HTTP/1.1 200 OK\r\n\r\n"),
	CASE(HTTP_ERROR_version_unsupported, "HTTP/2.0 200 OK\r\n\r\n"),
	CASE(HTTP_ERROR_version_unsupported, "HTTP/0.9 200 OK\r\n\r\n"),
	CASE(HTTP_ERROR_status_line, "HTTP/1.1"),
	CASE(HTTP_ERROR_status_line, "HTTP/1.1\r\n\r\n"),
	CASE(HTTP_ERROR_status_line, "HTTP/1.1 20\r\n\r\n"),
	CASE(HTTP_ERROR_status_line, "HTTP/1.1  200 OK\r\n\r\n"),
	CASE(HTTP_ERROR_status_line, "HTTP/1.1\t200 OK\r\n\r\n"),
	CASE(HTTP_ERROR_status_line, "HTTP/1.1 2x0 OK\r\n\r\n"),
	CASE(HTTP_ERROR_status_line, "HTTP/1.1 +20 OK\r\n\r\n"),
	CASE(HTTP_ERROR_status_line, "HTTP/1.1 2000 OK\r\n\r\n"),
	CASE(HTTP_ERROR_status_line, "HTTP/1.1 200OK\r\n\r\n"),
	CASE(HTTP_ERROR_status_line, "HTTP/1.1 200\tOK\r\n\r\n"),
	CASE(HTTP_ERROR_status_line, "HTTP/1.12 200 OK\r\n\r\n"),
	CASE(HTTP_ERROR_status_range, "HTTP/1.1 000 OK\r\n\r\n"),
	CASE(HTTP_ERROR_status_range, "HTTP/1.1 099 OK\r\n\r\n"),
	CASE(HTTP_ERROR_status_range, "HTTP/1.1 600 OK\r\n\r\n"),
	CASE(HTTP_ERROR_status_upgrade, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"),
	CASE(HTTP_ERROR_field_value, "HTTP/1.1 200 O\0K\r\n\r\n"),
	CASE(HTTP_ERROR_field_value, "HTTP/1.1 200 OK\x7f\r\n\r\n"),
	CASE(HTTP_ERROR_field_value, "HTTP/1.1 200\0\r\n\r\n"),
	CASE(HTTP_ERROR_bare_lf, "HTTP/1.1 200 OK\n\r\n"),
	CASE(HTTP_ERROR_bare_cr, "HTTP/1.1 200 OK\rX: y\r\n\r\n"),
	CASE(HTTP_ERROR_bare_lf, "HTTP/1.1 200\n\r\n"),
	CASE(HTTP_ERROR_head_end, "HTTP/1.1 200"),
	CASE(HTTP_ERROR_head_end, "HTTP/1.1 200 OK"),
	CASE(HTTP_ERROR_head_end, "HTTP/1.1 200 OK\r\n"),
	CASE(HTTP_ERROR_head_end, OK("") "x"),
	CASE(HTTP_ERROR_field_fold, OK("X: a\r\n b\r\n")),
	CASE(HTTP_ERROR_field_space, OK("Content-Length : 5\r\n")),
	CASE(HTTP_ERROR_content_length, OK("Content-Length: 1,1\r\n")),
	CASE(HTTP_ERROR_content_length, OK("Content-Length: 0x1\r\n")),
	CASE(HTTP_ERROR_content_length, "HTTP/1.1 304 x\r\nContent-Length: x\r\n\r\n"),
	CASE(HTTP_ERROR_content_length_twice, OK("Content-Length: 1\r\nContent-Length: 1\r\n")),
	CASE(HTTP_ERROR_transfer_coding, OK("Transfer-Encoding: gzip, chunked\r\n")),
	CASE(HTTP_ERROR_transfer_coding_version,
	     "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
	CASE(HTTP_ERROR_framing_both, OK("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n")),
	CASE(HTTP_ERROR_framing_interim, "HTTP/1.1 100 Continue\r\nContent-Length: 1\r\n\r\n"),
	CASE(HTTP_ERROR_framing_interim, "HTTP/1.1 103 x\r\nTransfer-Encoding: chunked\r\n\r\n"),
	CASE(HTTP_ERROR_connection, OK("Connection: a b\r\n")),
	CASE(HTTP_ERROR_none, OK("")),
	CASE(HTTP_ERROR_none, OK("Host: a\r\nHost: b\r\nExpect: c\r\n")),
	CASE(HTTP_ERROR_none, "HTTP/1.1 200\r\n\r\n"),
	CASE(HTTP_ERROR_none, "HTTP/1.1 200 \r\n\r\n"),
	CASE(HTTP_ERROR_none, "HTTP/1.1 200  a\tb \x80\r\n\r\n"),
	CASE(HTTP_ERROR_none, "HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n"),
	CASE(HTTP_ERROR_none, "HTTP/1.1 599 x\r\n\r\n"),
};

static void
each_case_gives_its_row(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		enum http_error error = heads_response(cases[i].text, HTTP_METHOD_GET, &head);

		if (error != cases[i].error)
			fprintf(stderr, "case %zu, %.*s: %s\n", i, (int)cases[i].text.len,
				cases[i].text.at, http_error_text(error));
		CU_ASSERT_EQUAL(error, cases[i].error);
	}
}

static void
head_longer_than_the_limit_is_refused(void)
{
	static char text[HTTP_HEAD_MAX_BYTES + 1];

	memset(text, 'x', sizeof text);
	memcpy(text, "HTTP/1.1 200 ", 13);
	memcpy(text + sizeof text - 4, "\r\n\r\n", 4);
	CU_ASSERT_EQUAL(heads_response((struct str){ text, sizeof text }, HTTP_METHOD_GET, &head),
			HTTP_ERROR_head_too_long);
}

static void
parsed_head_has_its_parts(void)
{
	enum http_error error =
	    heads_response(STR("HTTP/1.0 404 Not  Found\r\nServer: x\r\nContent-Length: 3\r\n\r\n"),
			   HTTP_METHOD_GET, &head);

	CU_ASSERT_EQUAL_FATAL(error, HTTP_ERROR_none);
	CU_ASSERT_EQUAL(head.status, 404);
	CU_ASSERT(str_equal(head.reason, STR("Not  Found")));
	CU_ASSERT_EQUAL(head.minor_version, 0);
	CU_ASSERT_FALSE(head.keep_alive);
	CU_ASSERT_EQUAL(head.framing, HTTP_FRAMING_LENGTH);
	CU_ASSERT_EQUAL(head.content_length, 3);
	CU_ASSERT_EQUAL(head.field_count, 2);
}

static void
body_follows_method_status_and_fields(void)
{
	static const struct {
		enum http_method method;
		const char *status, *field;
		enum http_framing framing;
		bool keep_alive;
	} bodies[] = {
		{ HTTP_METHOD_GET, "200", "Content-Length: 5\r\n", HTTP_FRAMING_LENGTH, true },
		{ HTTP_METHOD_GET, "200", "Content-Length: 0\r\n", HTTP_FRAMING_LENGTH, true },
		{ HTTP_METHOD_GET, "200", "Transfer-Encoding: chunked\r\n", HTTP_FRAMING_CHUNKED,
		  true },
		{ HTTP_METHOD_GET, "200", "Connection: keep-alive\r\n", HTTP_FRAMING_CLOSE, false },
		{ HTTP_METHOD_OTHER, "500", "", HTTP_FRAMING_CLOSE, false },
		{ HTTP_METHOD_GET, "205", "", HTTP_FRAMING_CLOSE, false },
		{ HTTP_METHOD_HEAD, "200", "", HTTP_FRAMING_NONE, true },
		{ HTTP_METHOD_HEAD, "200", "Content-Length: 5\r\n", HTTP_FRAMING_NONE, true },
		{ HTTP_METHOD_HEAD, "200", "Transfer-Encoding: chunked\r\n", HTTP_FRAMING_NONE,
		  true },
		{ HTTP_METHOD_GET, "304", "Content-Length: 5\r\n", HTTP_FRAMING_NONE, true },
		{ HTTP_METHOD_GET, "304", "", HTTP_FRAMING_NONE, true },
		{ HTTP_METHOD_GET, "204", "", HTTP_FRAMING_NONE, true },
		{ HTTP_METHOD_GET, "204", "Content-Length: 0\r\n", HTTP_FRAMING_NONE, true },
		{ HTTP_METHOD_GET, "204", "Content-Length: 5\r\n", HTTP_FRAMING_NONE, false },
		{ HTTP_METHOD_GET, "204", "Transfer-Encoding: chunked\r\n", HTTP_FRAMING_NONE,
		  false },
		{ HTTP_METHOD_GET, "100", "", HTTP_FRAMING_NONE, true },
		{ HTTP_METHOD_POST, "103", "Link: x\r\n", HTTP_FRAMING_NONE, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		char text[100];
		int len = snprintf(text, sizeof text, "HTTP/1.1 %s x\r\n%s\r\n", bodies[i].status,
				   bodies[i].field);
		enum http_error error =
		    heads_response((struct str){ text, (size_t)len }, bodies[i].method, &head);

		CU_ASSERT_EQUAL(error, HTTP_ERROR_none);
		CU_ASSERT_EQUAL(head.framing, bodies[i].framing);
		CU_ASSERT_EQUAL(head.keep_alive, bodies[i].keep_alive);
	}
}

static void
length_without_body_is_an_ordinary_field(void)
{
	struct str text = STR("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
	struct str not_modified = STR("HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n");
	struct str no_content = STR("HTTP/1.1 204 x\r\nContent-Length: 0\r\n\r\n");

	CU_ASSERT_EQUAL(heads_response(text, HTTP_METHOD_HEAD, &head), HTTP_ERROR_none);
	CU_ASSERT_FALSE(head.field[0].hop_by_hop);
	CU_ASSERT_EQUAL(heads_response(not_modified, HTTP_METHOD_GET, &head), HTTP_ERROR_none);
	CU_ASSERT_FALSE(head.field[0].hop_by_hop);
	CU_ASSERT_EQUAL(heads_response(text, HTTP_METHOD_GET, &head), HTTP_ERROR_none);
	CU_ASSERT_TRUE(head.field[0].hop_by_hop);
	CU_ASSERT_EQUAL(heads_response(no_content, HTTP_METHOD_HEAD, &head), HTTP_ERROR_none);
	CU_ASSERT_TRUE(head.field[0].hop_by_hop);
}

CU_TestInfo test_http1_response[] = {
	{ "response_each_case_gives_its_row", each_case_gives_its_row },
	{ "response_head_longer_than_the_limit_is_refused", head_longer_than_the_limit_is_refused },
	{ "response_parsed_head_has_its_parts", parsed_head_has_its_parts },
	{ "response_body_follows_method_status_and_fields", body_follows_method_status_and_fields },
	{ "response_length_without_body_is_an_ordinary_field",
	  length_without_body_is_an_ordinary_field },
	CU_TEST_INFO_NULL,
};
