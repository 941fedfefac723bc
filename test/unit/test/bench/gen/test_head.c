/* Heads of HTTP/1 as the load generator reads them. */
#include "test/bench/gen/head.h"

#include <string.h>

#include "test/unit/unit.h"

static bool
response(const char *text, struct head *out)
{
	return head_parse_response((const uint8_t *)text, (uint32_t)strlen(text), out);
}

static bool
request(const char *text, struct head *out)
{
	return head_parse_request((const uint8_t *)text, (uint32_t)strlen(text), out);
}

static void
response_whole_gives_status_and_length(void)
{
	struct head head;

	CU_ASSERT_TRUE_FATAL(response(
	    "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 1024\r\n\r\nbody\r\n\r\n", &head));
	CU_ASSERT_EQUAL(head.status, 200);
	CU_ASSERT_EQUAL(head.content_length, 1024);
	CU_ASSERT_EQUAL(head.len_bytes, 17 + 11 + 22 + 2);
	CU_ASSERT_FALSE(head.closes);
}

static void
response_in_any_case_is_read(void)
{
	struct head head;

	CU_ASSERT_TRUE_FATAL(
	    response("HTTP/1.1 503 No\r\ncontent-LENGTH:7\r\nCONNECTION: close\r\n\r\n", &head));
	CU_ASSERT_EQUAL(head.status, 503);
	CU_ASSERT_EQUAL(head.content_length, 7);
	CU_ASSERT_TRUE(head.closes);
}

static void
response_cut_anywhere_is_incomplete(void)
{
	static const char text[] =
	    "HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\n";
	struct head head;

	for (uint32_t len = 0; len < sizeof text - 1; len++)
		CU_ASSERT_FALSE(head_parse_response((const uint8_t *)text, len, &head));
	CU_ASSERT_TRUE(head_parse_response((const uint8_t *)text, sizeof text - 1, &head));
}

static void
response_without_length_says_so(void)
{
	struct head head;

	CU_ASSERT_TRUE_FATAL(
	    response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", &head));
	CU_ASSERT_EQUAL(head.content_length, HEAD_NO_LENGTH);
	CU_ASSERT_TRUE_FATAL(response("HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n", &head));
	CU_ASSERT_EQUAL(head.content_length, HEAD_NO_LENGTH);
}

static void
response_of_another_protocol_has_no_status(void)
{
	struct head head;

	CU_ASSERT_TRUE_FATAL(response("ICY 200 OK\r\nContent-Length: 1\r\n\r\n", &head));
	CU_ASSERT_EQUAL(head.status, 0);
}

static void
request_target_names_the_object(void)
{
	struct head head;

	CU_ASSERT_TRUE_FATAL(request("GET /1048576 HTTP/1.1\r\nHost: a\r\n\r\n", &head));
	CU_ASSERT_TRUE(head.is_get);
	CU_ASSERT_EQUAL(head.object_bytes, 1048576);
	CU_ASSERT_TRUE_FATAL(request("GET / HTTP/1.1\r\nHost: a\r\n\r\n", &head));
	CU_ASSERT_TRUE(head.is_get);
	CU_ASSERT_EQUAL(head.object_bytes, HEAD_NO_LENGTH);
	CU_ASSERT_TRUE_FATAL(request("GET /12/x HTTP/1.1\r\nHost: a\r\n\r\n", &head));
	CU_ASSERT_EQUAL(head.object_bytes, HEAD_NO_LENGTH);
}

static void
request_of_another_method_is_no_get(void)
{
	struct head head;

	CU_ASSERT_TRUE_FATAL(request("POST /1 HTTP/1.1\r\nHost: a\r\n\r\n", &head));
	CU_ASSERT_FALSE(head.is_get);
}

static void
request_that_closes_says_so(void)
{
	struct head head;

	CU_ASSERT_TRUE_FATAL(
	    request("GET /1 HTTP/1.1\r\nX-Connection: close\r\nConnection: close\r\n\r\n", &head));
	CU_ASSERT_TRUE(head.closes);
	CU_ASSERT_TRUE_FATAL(
	    request("GET /1 HTTP/1.1\r\nX-Connection: close\r\nHost: a\r\n\r\n", &head));
	CU_ASSERT_FALSE(head.closes);
}

CU_TestInfo test_head[] = {
	{ "response_whole_gives_status_and_length", response_whole_gives_status_and_length },
	{ "response_in_any_case_is_read", response_in_any_case_is_read },
	{ "response_cut_anywhere_is_incomplete", response_cut_anywhere_is_incomplete },
	{ "response_without_length_says_so", response_without_length_says_so },
	{ "response_of_another_protocol_has_no_status",
	  response_of_another_protocol_has_no_status },
	{ "request_target_names_the_object", request_target_names_the_object },
	{ "request_of_another_method_is_no_get", request_of_another_method_is_no_get },
	{ "request_that_closes_says_so", request_that_closes_says_so },
	CU_TEST_INFO_NULL,
};
