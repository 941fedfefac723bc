/*
 * Heads of requests: what is taken, and as what; what is refused, and why.
 */
#include <stdio.h>
#include <string.h>

#include "test/unit/dataplane/http/heads.h"
#include "test/unit/unit.h"

static struct http_head head;

#define CASE(error, literal) { { literal, sizeof(literal) - 1 }, error }
#define IN_11(fields)        "GET / HTTP/1.1\r\nHost: a\r\n" fields "\r\n"
#define IN_10(fields)        "GET / HTTP/1.0\r\n" fields "\r\n"
#define LINE(line)           line "\r\nHost: a\r\n\r\n"

static const struct {
	struct str text;
	enum http_error error;
} cases[] = {
	/* the head as a whole */
	CASE(HTTP_ERROR_head_end, ""),
	CASE(HTTP_ERROR_head_end, "G"),
	CASE(HTTP_ERROR_head_end, "GET"),
	CASE(HTTP_ERROR_head_end, "GET /"),
	CASE(HTTP_ERROR_head_end, "GET / HTTP/1.1"),
	CASE(HTTP_ERROR_head_end, "GET / HTTP/1.1\r"),
	CASE(HTTP_ERROR_head_end, "GET / HTTP/1.1\r\n"),
	CASE(HTTP_ERROR_head_end, "GET / HTTP/1.1\r\nHost"),
	CASE(HTTP_ERROR_head_end, "GET / HTTP/1.1\r\nHost:"),
	CASE(HTTP_ERROR_head_end, "GET / HTTP/1.1\r\nHost: a\r\n"),
	CASE(HTTP_ERROR_head_end, "GET / HTTP/1.1\r\nHost: a\r\n\r"),
	CASE(HTTP_ERROR_head_end, IN_11("") "X"),
	CASE(HTTP_ERROR_head_end, IN_11("") "\r\n"),
	CASE(HTTP_ERROR_head_end, IN_11("\r\nX: y\r\n")),
	/* line ends */
	CASE(HTTP_ERROR_bare_lf, "GET / HTTP/1.1\nHost: a\r\n\r\n"),
	CASE(HTTP_ERROR_bare_lf, "GET / HTTP/1.1\r\nHost: a\n\r\n"),
	CASE(HTTP_ERROR_bare_lf, "GET / HTTP/1.1\r\nHost: a\r\n\n"),
	CASE(HTTP_ERROR_bare_lf, IN_11("X: y\n z\r\n")),
	CASE(HTTP_ERROR_bare_cr, "GET / HTTP/1.1\rHost: a\r\n\r\n"),
	CASE(HTTP_ERROR_bare_cr, IN_11("X: y\rZ: 1\r\n")),
	CASE(HTTP_ERROR_bare_cr, IN_11("X: y\r\r\n")),
	CASE(HTTP_ERROR_bare_cr, IN_11("\rX: y\r\n")),
	/* the request line */
	CASE(HTTP_ERROR_method, " / HTTP/1.1\r\nHost: a\r\n\r\n"),
	CASE(HTTP_ERROR_method, LINE("G(T / HTTP/1.1")),
	CASE(HTTP_ERROR_method, LINE("GET\t/ HTTP/1.1")),
	CASE(HTTP_ERROR_method, LINE("GET\0 / HTTP/1.1")),
	CASE(HTTP_ERROR_method, LINE("\x16\x03\x01\x02")),
	CASE(HTTP_ERROR_method, LINE("GET/ HTTP/1.1")),
	CASE(HTTP_ERROR_request_line, "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
	CASE(HTTP_ERROR_request_line, "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
	CASE(HTTP_ERROR_request_line, LINE("GET")),
	CASE(HTTP_ERROR_request_line, LINE("GET /")),
	CASE(HTTP_ERROR_request_line, "GET /\n"),
	CASE(HTTP_ERROR_request_line, LINE("GET / HTTP/1.1 ")),
	CASE(HTTP_ERROR_request_line, LINE("GET / HTTP/1.10")),
	CASE(HTTP_ERROR_request_line, LINE("GET / HTTP/1.1\t")),
	CASE(HTTP_ERROR_target, LINE("GET  / HTTP/1.1")),
	CASE(HTTP_ERROR_target, LINE("GET /a\tb HTTP/1.1")),
	CASE(HTTP_ERROR_target, LINE("GET /a\"b HTTP/1.1")),
	CASE(HTTP_ERROR_target, LINE("GET /a#b HTTP/1.1")),
	CASE(HTTP_ERROR_target, LINE("GET /a<b HTTP/1.1")),
	CASE(HTTP_ERROR_target, LINE("GET /a>b HTTP/1.1")),
	CASE(HTTP_ERROR_target, LINE("GET /a\x7f HTTP/1.1")),
	CASE(HTTP_ERROR_target, LINE("GET /\xc3\xa9 HTTP/1.1")),
	CASE(HTTP_ERROR_target, LINE("GET /a\0b HTTP/1.1")),
	CASE(HTTP_ERROR_target_form, LINE("GET a HTTP/1.1")),
	CASE(HTTP_ERROR_target_form, LINE("GET * HTTP/1.1")),
	CASE(HTTP_ERROR_target_form, LINE("OPTIONS *x HTTP/1.1")),
	CASE(HTTP_ERROR_target_form, LINE("GET a:80 HTTP/1.1")),
	CASE(HTTP_ERROR_target_form, LINE("GET http:a HTTP/1.1")),
	CASE(HTTP_ERROR_target_form, LINE("GET http:/a HTTP/1.1")),
	CASE(HTTP_ERROR_target_form, LINE("GET ?a HTTP/1.1")),
	CASE(HTTP_ERROR_target_scheme, LINE("GET https://a/ HTTP/1.1")),
	CASE(HTTP_ERROR_target_scheme, LINE("GET ://a/ HTTP/1.1")),
	CASE(HTTP_ERROR_host, LINE("GET http:///x HTTP/1.1")),
	CASE(HTTP_ERROR_host, LINE("GET http://u@b/x HTTP/1.1")),
	CASE(HTTP_ERROR_host, LINE("GET http://u:p@b/x HTTP/1.1")),
	CASE(HTTP_ERROR_host, LINE("GET http://b:99999/ HTTP/1.1")),
	CASE(HTTP_ERROR_method_unsupported, LINE("CONNECT a:80 HTTP/1.1")),
	CASE(HTTP_ERROR_method_unsupported, LINE("TRACE / HTTP/1.1")),
	CASE(HTTP_ERROR_version, LINE("GET / a HTTP/1.1")),
	CASE(HTTP_ERROR_version, LINE("GET /  HTTP/1.1")),
	CASE(HTTP_ERROR_version, LINE("GET / http/1.1")),
	CASE(HTTP_ERROR_version, LINE("GET / HTTP/1")),
	CASE(HTTP_ERROR_version, LINE("GET / HTTP/1,1")),
	CASE(HTTP_ERROR_version, LINE("GET / HTTP/x.1")),
	CASE(HTTP_ERROR_version, LINE("GET / HTTP/1.x")),
	CASE(HTTP_ERROR_version, LINE("GET / HTTP /1.1")),
	CASE(HTTP_ERROR_version, LINE("GET / ")),
	CASE(HTTP_ERROR_version_unsupported, LINE("GET / HTTP/0.9")),
	CASE(HTTP_ERROR_version_unsupported, LINE("GET / HTTP/2.0")),
	CASE(HTTP_ERROR_version_unsupported, LINE("GET / HTTP/3.1")),
	CASE(HTTP_ERROR_version_unsupported, "PRI * HTTP/2.0\r\n\r\n"),
	/* fields */
	CASE(HTTP_ERROR_field_fold, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
	CASE(HTTP_ERROR_field_fold, IN_11("X: a\r\n b\r\n")),
	CASE(HTTP_ERROR_field_fold, IN_11("X: a\r\n\tb\r\n")),
	CASE(HTTP_ERROR_field_fold, IN_11(" \r\n")),
	CASE(HTTP_ERROR_field_name, IN_11(": a\r\n")),
	CASE(HTTP_ERROR_field_name, IN_11("X\r\n")),
	CASE(HTTP_ERROR_field_name, IN_11("X(: a\r\n")),
	CASE(HTTP_ERROR_field_name, IN_11("X\0: a\r\n")),
	CASE(HTTP_ERROR_field_name, IN_11("\xe9: a\r\n")),
	CASE(HTTP_ERROR_field_name, IN_11("X\n")),
	CASE(HTTP_ERROR_field_space, IN_11("X : a\r\n")),
	CASE(HTTP_ERROR_field_space, IN_11("X\t: a\r\n")),
	CASE(HTTP_ERROR_field_space, IN_11("Transfer-Encoding : chunked\r\n")),
	CASE(HTTP_ERROR_field_space, IN_11("X y: a\r\n")),
	CASE(HTTP_ERROR_field_value, IN_11("X: a\0b\r\n")),
	CASE(HTTP_ERROR_field_value, IN_11("X: a\vb\r\n")),
	CASE(HTTP_ERROR_field_value, IN_11("X: a\x7f\r\n")),
	CASE(HTTP_ERROR_field_value, IN_11("X: 0123456789012345678901234567890123456789\x01\r\n")),
	/* framing */
	CASE(HTTP_ERROR_content_length, IN_11("Content-Length:\r\n")),
	CASE(HTTP_ERROR_content_length, IN_11("Content-Length: +5\r\n")),
	CASE(HTTP_ERROR_content_length, IN_11("Content-Length: -5\r\n")),
	CASE(HTTP_ERROR_content_length, IN_11("Content-Length: 0x5\r\n")),
	CASE(HTTP_ERROR_content_length, IN_11("Content-Length: 5a\r\n")),
	CASE(HTTP_ERROR_content_length, IN_11("Content-Length: 5 5\r\n")),
	CASE(HTTP_ERROR_content_length, IN_11("Content-Length: 5,\r\n")),
	CASE(HTTP_ERROR_content_length, IN_11("Content-Length: 5, 5\r\n")),
	CASE(HTTP_ERROR_content_length, IN_11("Content-Length: 5.0\r\n")),
	CASE(HTTP_ERROR_content_length, IN_11("Content-Length: 9223372036854775808\r\n")),
	CASE(HTTP_ERROR_content_length, IN_11("Content-Length: 18446744073709551621\r\n")),
	CASE(HTTP_ERROR_content_length, IN_11("Content-Length: 99999999999999999999999999\r\n")),
	CASE(HTTP_ERROR_content_length_twice, IN_11("Content-Length: 5\r\nContent-Length: 5\r\n")),
	CASE(HTTP_ERROR_content_length_twice,
	     IN_11("Content-Length: 5\r\nX: y\r\ncontent-length: 6\r\n")),
	CASE(HTTP_ERROR_transfer_coding, IN_11("Transfer-Encoding: gzip\r\n")),
	CASE(HTTP_ERROR_transfer_coding, IN_11("Transfer-Encoding: gzip, chunked\r\n")),
	CASE(HTTP_ERROR_transfer_coding, IN_11("Transfer-Encoding: chunked, chunked\r\n")),
	CASE(HTTP_ERROR_transfer_coding, IN_11("Transfer-Encoding: chunked, identity\r\n")),
	CASE(HTTP_ERROR_transfer_coding, IN_11("Transfer-Encoding: identity\r\n")),
	CASE(HTTP_ERROR_transfer_coding, IN_11("Transfer-Encoding:\r\n")),
	CASE(HTTP_ERROR_transfer_coding, IN_11("Transfer-Encoding: chunked,\r\n")),
	CASE(HTTP_ERROR_transfer_coding, IN_11("Transfer-Encoding: chunked;q=1\r\n")),
	CASE(HTTP_ERROR_transfer_coding, IN_11("Transfer-Encoding: \"chunked\"\r\n")),
	CASE(HTTP_ERROR_transfer_coding, IN_11("Transfer-Encoding: xchunked\r\n")),
	CASE(HTTP_ERROR_transfer_coding, IN_11("Transfer-Encoding: chunke\r\n")),
	CASE(HTTP_ERROR_transfer_coding,
	     IN_11("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")),
	CASE(HTTP_ERROR_transfer_coding,
	     IN_11("Transfer-Encoding: chunked\r\ntransfer-encoding: x\r\n")),
	CASE(HTTP_ERROR_transfer_coding_version, IN_10("Transfer-Encoding: chunked\r\n")),
	CASE(HTTP_ERROR_framing_both, IN_11("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")),
	CASE(HTTP_ERROR_framing_both, IN_11("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n")),
	CASE(HTTP_ERROR_framing_both, IN_10("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")),
	/* fields with a meaning */
	CASE(HTTP_ERROR_host_missing, "GET / HTTP/1.1\r\n\r\n"),
	CASE(HTTP_ERROR_host_missing, "GET http://a/ HTTP/1.1\r\n\r\n"),
	CASE(HTTP_ERROR_host_twice, IN_11("Host: a\r\n")),
	CASE(HTTP_ERROR_host_twice, IN_10("Host: a\r\nHost: b\r\n")),
	CASE(HTTP_ERROR_host, IN_10("Host:\r\n")),
	CASE(HTTP_ERROR_host, IN_10("Host: a b\r\n")),
	CASE(HTTP_ERROR_host, IN_10("Host: a/b\r\n")),
	CASE(HTTP_ERROR_host, IN_10("Host: a@b\r\n")),
	CASE(HTTP_ERROR_host, IN_10("Host: a:b\r\n")),
	CASE(HTTP_ERROR_host, IN_10("Host: a:65536\r\n")),
	CASE(HTTP_ERROR_host, IN_10("Host: a:1:2\r\n")),
	CASE(HTTP_ERROR_host, IN_10("Host: :80\r\n")),
	CASE(HTTP_ERROR_host, IN_10("Host: a%2e\r\n")),
	CASE(HTTP_ERROR_host, IN_10("Host: \xe9\r\n")),
	CASE(HTTP_ERROR_host, IN_10("Host: fd00::1\r\n")),
	CASE(HTTP_ERROR_host, IN_10("Host: [fd00::1\r\n")),
	CASE(HTTP_ERROR_host, IN_10("Host: []\r\n")),
	CASE(HTTP_ERROR_host, IN_10("Host: [:]\r\n")),
	CASE(HTTP_ERROR_host, IN_10("Host: [fd00::x]\r\n")),
	CASE(HTTP_ERROR_host, IN_10("Host: [fd00::1]80\r\n")),
	CASE(HTTP_ERROR_host, IN_10("Host: [fd00::1]:x\r\n")),
	CASE(HTTP_ERROR_host, "GET http://a/ HTTP/1.1\r\nHost: a b\r\n\r\n"),
	CASE(HTTP_ERROR_expect, IN_11("Expect: 200-ok\r\n")),
	CASE(HTTP_ERROR_expect, IN_11("Expect:\r\n")),
	CASE(HTTP_ERROR_expect, IN_11("Expect: 100-continue, x\r\n")),
	CASE(HTTP_ERROR_expect, IN_11("Expect: 100-continue\r\nExpect: x\r\n")),
	CASE(HTTP_ERROR_expect, IN_10("Expect: x\r\n")),
	CASE(HTTP_ERROR_connection, IN_11("Connection: a b\r\n")),
	CASE(HTTP_ERROR_connection, IN_11("Connection: \"close\"\r\n")),
	CASE(HTTP_ERROR_connection, IN_11("Connection: close\r\nConnection: a;b\r\n")),
	CASE(HTTP_ERROR_connection_too_many,
	     IN_11("Connection: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,"
		   "x,y,z,1,2,3,4,5,6,7\r\n")),
	/* taken */
	CASE(HTTP_ERROR_none, IN_11("")),
	CASE(HTTP_ERROR_none, IN_10("")),
	CASE(HTTP_ERROR_none, LINE("GET / HTTP/1.9")),
	CASE(HTTP_ERROR_none, LINE("GET //a/../b HTTP/1.1")),
	CASE(HTTP_ERROR_none, LINE("GET /?a[]={b|c}\\^` HTTP/1.1")),
	CASE(HTTP_ERROR_none, LINE("GET /%zz HTTP/1.1")),
	CASE(HTTP_ERROR_none, LINE("get / HTTP/1.1")),
	CASE(HTTP_ERROR_none, LINE("!#$%&'*+-.^_`|~09azAZ / HTTP/1.1")),
	CASE(HTTP_ERROR_none, LINE("OPTIONS * HTTP/1.1")),
	CASE(HTTP_ERROR_none, LINE("GET HTTP://b:80/x HTTP/1.1")),
	CASE(HTTP_ERROR_none, IN_11("!#$%&'*+-.^_`|~09azAZ: x\r\n")),
	CASE(HTTP_ERROR_none, IN_11("X:\r\n")),
	CASE(HTTP_ERROR_none, IN_11("X: \t \r\n")),
	CASE(HTTP_ERROR_none, IN_11("X: a\tb \x80\xff\"(),/:;<=>?@[\\]{}\r\n")),
	CASE(HTTP_ERROR_none, IN_11("Content-Length: 9223372036854775807\r\n")),
	CASE(HTTP_ERROR_none, IN_11("Content-Length: 00000000000000000000000000000005\r\n")),
	CASE(HTTP_ERROR_none, IN_11("Transfer-Encoding:CHUNKED\t \r\n")),
	CASE(HTTP_ERROR_none, IN_11("Transfer_Encoding: x\r\nContent-Lengths: x\r\n")),
	CASE(HTTP_ERROR_none, IN_11("Connection:\r\n")),
	CASE(HTTP_ERROR_none, IN_11("Connection: , ,close,, \r\n")),
	CASE(HTTP_ERROR_none,
	     IN_11("Connection: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,1,2,3,4,5,"
		   "6,close,keep-alive\r\n")),
	CASE(HTTP_ERROR_none, IN_11("Expect: 100-CONTINUE\r\n")),
	CASE(HTTP_ERROR_none, IN_10("Host: a:\r\n")),
	CASE(HTTP_ERROR_none, IN_10("Host: a:65535\r\n")),
	CASE(HTTP_ERROR_none, IN_10("Host: a-b.c_d~!$&'()*+,;=\r\n")),
	CASE(HTTP_ERROR_none, IN_10("Host: [::]\r\n")),
	CASE(HTTP_ERROR_none, IN_10("Host: [::ffff:10.0.0.1]:80\r\n")),
};

/* Of an array that ends with a NUL of its own. */
static struct str
str_of(const char *array, size_t size)
{
	return (struct str){ array, size - 1 };
}

static void
each_case_gives_its_row(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		enum http_error error = heads_request(cases[i].text, &head);

		if (error != cases[i].error)
			fprintf(stderr, "case %zu, %.*s: %s\n", i, (int)cases[i].text.len,
				cases[i].text.at, http_error_text(error));
		CU_ASSERT_EQUAL(error, cases[i].error);
	}
}

/* Each byte at places that the scan sees alone and sixteen at a time. */
static void
each_byte_in_a_value_or_target_is_judged_alike_everywhere(void)
{
	static const unsigned places[] = { 1, 2, 15, 16, 17, 31, 32, 39 };

	for (unsigned byte = 0; byte < 256; byte++) {
		bool value = byte == '\t' || (byte >= ' ' && byte != 0x7f);
		bool target = byte > ' ' && byte < 0x7f && !strchr("\"#<>", (int)byte);

		for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
			char in_value[] = "GET / HTTP/1.0\r\nX: "
					  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n\r\n";
			char in_target[] =
			    "GET /xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx HTTP/1.0\r\n\r\n";

			in_value[19 + places[i]] = (char)byte;
			in_target[4 + places[i]] = (char)byte;
			CU_ASSERT_EQUAL(heads_request(str_of(in_value, sizeof in_value), &head) ==
					    HTTP_ERROR_none,
					value);
			CU_ASSERT_EQUAL(heads_request(str_of(in_target, sizeof in_target), &head) ==
					    HTTP_ERROR_none,
					target);
		}
	}
}

static void
length_at_the_limit_is_taken_one_more_refused(void)
{
	static char text[HTTP_HEAD_MAX_BYTES + 1];
	int start = snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: a\r\nX: ");

	memset(text + start, 'x', sizeof text - (size_t)start);
	memcpy(text + HTTP_HEAD_MAX_BYTES - 4, "\r\n\r\n", 4);
	CU_ASSERT_EQUAL(heads_request((struct str){ text, HTTP_HEAD_MAX_BYTES }, &head),
			HTTP_ERROR_none);
	memcpy(text + HTTP_HEAD_MAX_BYTES - 4, "x\r\n\r\n", 5);
	CU_ASSERT_EQUAL(heads_request((struct str){ text, HTTP_HEAD_MAX_BYTES + 1 }, &head),
			HTTP_ERROR_head_too_long);
}

static void
fields_at_the_limit_are_taken_one_more_refused(void)
{
	char text[2000];
	size_t len = (size_t)snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: a\r\n");

	for (unsigned i = 1; i < HTTP_FIELDS_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "X%u: %u\r\n", i, i);
	memcpy(text + len, "\r\n", 2);
	CU_ASSERT_EQUAL(heads_request((struct str){ text, len + 2 }, &head), HTTP_ERROR_none);
	CU_ASSERT_EQUAL(head.field_count, HTTP_FIELDS_MAX);
	CU_ASSERT(str_equal(head.field[99].value, STR("99")));
	memcpy(text + len, "Y:\r\n\r\n", 6);
	CU_ASSERT_EQUAL(heads_request((struct str){ text, len + 6 }, &head),
			HTTP_ERROR_fields_too_many);
}

static void
parsed_head_has_its_parts(void)
{
	enum http_error error =
	    heads_request(STR("POST /a?b=c HTTP/1.1\r\nHost: h:8080\r\nAccept:  x, "
			      "y \r\ncontent-LENGTH: 17\r\nEmpty:\r\n\r\n"),
			  &head);

	CU_ASSERT_EQUAL_FATAL(error, HTTP_ERROR_none);
	CU_ASSERT_EQUAL(head.method, HTTP_METHOD_POST);
	CU_ASSERT(str_equal(head.method_text, STR("POST")));
	CU_ASSERT(str_equal(head.target, STR("/a?b=c")));
	CU_ASSERT(str_equal(head.host, STR("h:8080")));
	CU_ASSERT_EQUAL(head.minor_version, 1);
	CU_ASSERT_TRUE(head.keep_alive);
	CU_ASSERT_FALSE(head.expect_continue);
	CU_ASSERT_EQUAL(head.framing, HTTP_FRAMING_LENGTH);
	CU_ASSERT_EQUAL(head.content_length, 17);
	CU_ASSERT_EQUAL_FATAL(head.field_count, 4);
	CU_ASSERT(str_equal(head.field[1].name, STR("Accept")));
	CU_ASSERT(str_equal(head.field[1].value, STR("x, y")));
	CU_ASSERT_FALSE(head.field[1].hop_by_hop);
	CU_ASSERT(str_equal(head.field[3].name, STR("Empty")));
	CU_ASSERT_EQUAL(head.field[3].value.len, 0);
	CU_ASSERT_TRUE(head.field[0].hop_by_hop); /* Host and Content-Length are written by us */
	CU_ASSERT_TRUE(head.field[2].hop_by_hop);
}

static void
each_method_is_recognized(void)
{
	static const struct {
		const char *text;
		enum http_method method;
	} methods[] = {
		{ "GET", HTTP_METHOD_GET },       { "HEAD", HTTP_METHOD_HEAD },
		{ "POST", HTTP_METHOD_POST },     { "PUT", HTTP_METHOD_PUT },
		{ "DELETE", HTTP_METHOD_DELETE }, { "OPTIONS", HTTP_METHOD_OPTIONS },
		{ "PATCH", HTTP_METHOD_PATCH },   { "get", HTTP_METHOD_OTHER },
		{ "GETS", HTTP_METHOD_OTHER },    { "PROPFIND", HTTP_METHOD_OTHER },
	};

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		char text[64];
		int len = snprintf(text, sizeof text, "%s / HTTP/1.0\r\n\r\n", methods[i].text);

		CU_ASSERT_EQUAL(heads_request((struct str){ text, (size_t)len }, &head),
				HTTP_ERROR_none);
		CU_ASSERT_EQUAL(head.method, methods[i].method);
		CU_ASSERT(str_equal(head.method_text, str_from(methods[i].text)));
	}
}

static void
absolute_form_is_reduced(void)
{
	static const struct {
		const char *line, *target, *host;
	} forms[] = {
		{ "GET http://b/x?y HTTP/1.1", "/x?y", "b" },
		{ "GET http://b:81/ HTTP/1.1", "/", "b:81" },
		{ "GET http://b HTTP/1.1", "/", "b" },
		{ "OPTIONS http://b HTTP/1.1", "*", "b" },
		{ "OPTIONS http://b/ HTTP/1.1", "/", "b" },
		{ "GET http://b?q HTTP/1.1", "?q", "b" },
		{ "GET hTTp://[::1]:80/a:b@c HTTP/1.1", "/a:b@c", "[::1]:80" },
		{ "GET /x HTTP/1.1", "/x", "a" },
		{ "GET /http://c/ HTTP/1.1", "/http://c/", "a" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		char text[100];
		int len = snprintf(text, sizeof text, "%s\r\nHost: a\r\n\r\n", forms[i].line);

		CU_ASSERT_EQUAL(heads_request((struct str){ text, (size_t)len }, &head),
				HTTP_ERROR_none);
		CU_ASSERT(str_equal(head.target, str_from(forms[i].target)));
		CU_ASSERT(str_equal(head.host, str_from(forms[i].host)));
		CU_ASSERT_TRUE(head.field[0].hop_by_hop);
	}
}

static void
host_in_10_without_field_is_empty(void)
{
	CU_ASSERT_EQUAL(heads_request(STR("GET / HTTP/1.0\r\n\r\n"), &head), HTTP_ERROR_none);
	CU_ASSERT_EQUAL(head.host.len, 0);
}

static void
keep_alive_follows_version_and_options(void)
{
	static const struct {
		struct str text;
		bool keep_alive;
	} heads[] = {
		{ { IN_11(""), sizeof IN_11("") - 1 }, true },
		{ { IN_10(""), sizeof IN_10("") - 1 }, false },
#define WITH(in, value)                                                                            \
	{ in("Connection: " value "\r\n"), sizeof in("Connection: " value "\r\n") - 1 }
		{ WITH(IN_11, "close"), false },
		{ WITH(IN_11, "CLOSE"), false },
		{ WITH(IN_11, "x, close"), false },
		{ WITH(IN_11, "closed"), true },
		{ WITH(IN_11, "keep-alive"), true },
		{ WITH(IN_11, "keep-alive, close"), false },
		{ WITH(IN_11, "keep-alive\r\nConnection: close"), false },
		{ WITH(IN_10, "keep-alive"), true },
		{ WITH(IN_10, "Keep-Alive"), true },
		{ WITH(IN_10, "keep-alive, close"), false },
		{ WITH(IN_10, "close"), false },
		{ WITH(IN_10, "x"), false },
#undef WITH
	};

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		CU_ASSERT_EQUAL(heads_request(heads[i].text, &head), HTTP_ERROR_none);
		CU_ASSERT_EQUAL(head.keep_alive, heads[i].keep_alive);
	}
}

static void
hop_by_hop_fields_are_marked(void)
{
	static const struct {
		const char *name;
		bool hop_by_hop;
	} fields[] = {
		{ "Connection", true }, { "Keep-Alive", true }, { "Proxy-Connection", true },
		{ "TE", true },         { "Upgrade", true },    { "X-One", true },
		{ "x-TWO", true },      { "X-Three", false },   { "Accept", false },
		{ "Trailer", false },   { "X-On", false },      { "Authorization", false },
	};
	enum http_error error = heads_request(
	    STR("GET / HTTP/1.1\r\nX-One: 1\r\nHost: a\r\nConnection: x-one, X-Two\r\nKeep-Alive: "
		"a\r\nProxy-Connection: a\r\nTE: a\r\nUpgrade: a\r\nx-TWO: 2\r\nX-Three: "
		"3\r\nAccept: a\r\nTrailer: a\r\nX-On: a\r\nAuthorization: a\r\n\r\n"),
	    &head);

	CU_ASSERT_EQUAL_FATAL(error, HTTP_ERROR_none);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const struct http_field *field = heads_field(&head, fields[i].name);

		CU_ASSERT_PTR_NOT_NULL_FATAL(field);
		CU_ASSERT_EQUAL(field->hop_by_hop, fields[i].hop_by_hop);
	}
}

static void
framing_is_none_length_or_chunked(void)
{
	CU_ASSERT_EQUAL(heads_request(STR(IN_11("")), &head), HTTP_ERROR_none);
	CU_ASSERT_EQUAL(head.framing, HTTP_FRAMING_NONE);
	CU_ASSERT_EQUAL(heads_request(STR(IN_11("Content-Length: 0\r\n")), &head), HTTP_ERROR_none);
	CU_ASSERT_EQUAL(head.framing, HTTP_FRAMING_LENGTH);
	CU_ASSERT_EQUAL(head.content_length, 0);
	CU_ASSERT_EQUAL(heads_request(STR(IN_11("Transfer-Encoding: chunked\r\n")), &head),
			HTTP_ERROR_none);
	CU_ASSERT_EQUAL(head.framing, HTTP_FRAMING_CHUNKED);
}

static void
expectation_counts_in_11_only(void)
{
	CU_ASSERT_EQUAL(heads_request(STR(IN_11("Expect: 100-Continue\r\n")), &head),
			HTTP_ERROR_none);
	CU_ASSERT_TRUE(head.expect_continue);
	CU_ASSERT_FALSE(head.field[1].hop_by_hop);
	CU_ASSERT_EQUAL(heads_request(STR(IN_10("Expect: 100-continue\r\n")), &head),
			HTTP_ERROR_none);
	CU_ASSERT_FALSE(head.expect_continue);
	CU_ASSERT_TRUE(head.field[0].hop_by_hop);
}

CU_TestInfo test_http1_request[] = {
	{ "request_each_case_gives_its_row", each_case_gives_its_row },
	{ "request_each_byte_in_a_value_or_target_is_judged_alike_everywhere",
	  each_byte_in_a_value_or_target_is_judged_alike_everywhere },
	{ "request_length_at_the_limit_is_taken_one_more_refused",
	  length_at_the_limit_is_taken_one_more_refused },
	{ "request_fields_at_the_limit_are_taken_one_more_refused",
	  fields_at_the_limit_are_taken_one_more_refused },
	{ "request_parsed_head_has_its_parts", parsed_head_has_its_parts },
	{ "request_each_method_is_recognized", each_method_is_recognized },
	{ "request_absolute_form_is_reduced", absolute_form_is_reduced },
	{ "request_host_in_10_without_field_is_empty", host_in_10_without_field_is_empty },
	{ "request_keep_alive_follows_version_and_options",
	  keep_alive_follows_version_and_options },
	{ "request_hop_by_hop_fields_are_marked", hop_by_hop_fields_are_marked },
	{ "request_framing_is_none_length_or_chunked", framing_is_none_length_or_chunked },
	{ "request_expectation_counts_in_11_only", expectation_counts_in_11_only },
	CU_TEST_INFO_NULL,
};
