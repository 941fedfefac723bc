/*
 * Heads of HTTP/1 messages, from short to what browsers send: found and parsed by dataplane/http, and by llhttp, which is given
 * the callbacks that note where method, target, names and values are, as a server that wants to use them has to. Ours
 * decides framing, checks Host and marks hop-by-hop fields beside that.
 */
#include <llhttp.h>
#include <stdio.h>
#include <string.h>

#include "dataplane/http/http.h"
#include "fw/base/assert.h"
#include "test/bench/micro.h"

#define ROUNDS 20000u
#define TURNS  21u
#define PLAIN  1u /* the head that stands for all in the table of all benchmarks */

struct arg {
	struct str text;
	bool is_request;
	llhttp_t parser;
	llhttp_settings_t settings;
	struct str target;
	struct {
		struct str name, value;
	} field[HTTP_FIELDS_MAX];
	uint32_t names, values, heads;
	struct http_head head;
};

#define TEXT(literal) { literal, sizeof(literal) - 1 }
static const struct {
	const char *name;
	bool is_request;
	struct str text;
} heads[] = {
	{ "request of a load generator", true, TEXT("GET / HTTP/1.1\r\nHost: 10.0.0.100\r\n\r\n") },
	{ "request of curl", true,
	  TEXT("GET /api/v1/items?page=2 HTTP/1.1\r\nHost: www.example.com\r\n"
	       "User-Agent: curl/8.14.1\r\nAccept: */*\r\n\r\n") },
	{ "request of a browser", true,
	  TEXT("GET /static/css/main.6f2c1d.css HTTP/1.1\r\nHost: www.example.com\r\n"
	       "Connection: keep-alive\r\n"
	       "sec-ch-ua: \"Chromium\";v=\"142\", \"Google Chrome\";v=\"142\", \"Not_A "
	       "Brand\";v=\"99\"\r\n"
	       "sec-ch-ua-mobile: ?0\r\nsec-ch-ua-platform: \"Windows\"\r\n"
	       "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, "
	       "like Gecko) "
	       "Chrome/142.0.0.0 Safari/537.36\r\n"
	       "Accept: text/css,*/*;q=0.1\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: "
	       "no-cors\r\n"
	       "Sec-Fetch-Dest: style\r\nReferer: "
	       "https://www.example.com/shop/category/shoes?sort=price&page=3\r\n"
	       "Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: "
	       "en-GB,en;q=0.9,de;q=0.8\r\n"
	       "Cookie: _ga=GA1.1.1849502734.1763712345; "
	       "session=eyJ1c2VyIjoiMTIzNDU2Nzg5MCIsImNzcmYiOiJhYmNkZWYifQ; "
	       "theme=dark; consent=v2.1.1.0.1\r\n"
	       "If-None-Match: \"6f2c1d-1a2b3c\"\r\nIf-Modified-Since: Thu, 20 Nov 2025 10:11:12 "
	       "GMT\r\n\r\n") },
	{ "request of an application with a token", true,
	  TEXT("POST /v2/orders HTTP/1.1\r\nHost: api.example.com\r\nContent-Type: "
	       "application/json\r\n"
	       "Accept: application/json\r\nAuthorization: Bearer "
	       "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9."
	       "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiYWRtaW4iOnRy"
	       "dWUsImlhdCI6MTUxNjIzOTAyMiwiZXhwIjoxNTE2MjQyNjIyLCJzY29wZSI6Im9yZGVyczpyZWFkIG9yZGV"
	       "yczp3cml0ZSJ9."
	       "NHVaYe26MbtOYhSKkoKYdFVomg4i8ZJd8_-"
	       "RU8VNbftc4TSMb4bXP3l3YlNWACwyXPGffz5aXHc6lty1Y2t4SWRqGteragsVdZufDn5B"
	       "lnJl9pdR_"
	       "kdVFUsra2rWKEofkZeIC4yWytE58sMIihvo9H1ScmmVwBcQP6XETqYd0aSHp1gOa9RdUPDvoXQ5oqygTqVt"
	       "xaDr6wUFKrKI\r\n"
	       "X-Request-Id: 7f3c2a10-5b4d-4e8f-9a1b-2c3d4e5f6071\r\nTraceparent: "
	       "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\nContent-Length: "
	       "0\r\n\r\n") },
	{ "response of nginx", false,
	  TEXT("HTTP/1.1 200 OK\r\nServer: nginx/1.26.3\r\nDate: Fri, 21 Nov 2025 17:38:00 GMT\r\n"
	       "Content-Type: application/octet-stream\r\nContent-Length: 1024\r\n"
	       "Last-Modified: Fri, 21 Nov 2025 09:00:00 GMT\r\nConnection: keep-alive\r\n"
	       "ETag: \"69202a90-400\"\r\nAccept-Ranges: bytes\r\n\r\n") },
	{ "response of an application", false,
	  TEXT("HTTP/1.1 200 OK\r\nDate: Fri, 21 Nov 2025 17:38:00 GMT\r\nContent-Type: text/html; "
	       "charset=utf-8\r\n"
	       "Content-Length: 48213\r\nConnection: keep-alive\r\nCache-Control: private, "
	       "no-cache, no-store, max-age=0\r\n"
	       "Set-Cookie: session=eyJ1c2VyIjoiMTIzNDU2Nzg5MCIsImNzcmYiOiJhYmNkZWYifQ; Path=/; "
	       "HttpOnly; Secure; "
	       "SameSite=Lax\r\nSet-Cookie: theme=dark; Path=/; Max-Age=31536000\r\n"
	       "Strict-Transport-Security: max-age=63072000; includeSubDomains; preload\r\n"
	       "X-Content-Type-Options: nosniff\r\nX-Frame-Options: SAMEORIGIN\r\n"
	       "Content-Security-Policy: default-src 'self'; img-src 'self' data: "
	       "https://cdn.example.com; script-src 'self' "
	       "'nonce-R4nd0m'; style-src 'self' 'unsafe-inline'\r\nReferrer-Policy: "
	       "strict-origin-when-cross-origin\r\n"
	       "Vary: Accept-Encoding, Cookie\r\n\r\n") },
};

static void prepare(struct arg *arg);
static void parse_llhttp(void *context);
static void parse_ours(void *context);

int
main(void)
{
	static struct arg arg;
	char title[100];

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		arg.text = heads[i].text;
		arg.is_request = heads[i].is_request;
		prepare(&arg);
		snprintf(title, sizeof title, "HTTP/1 head: %s, %zu bytes", heads[i].name,
			 heads[i].text.len);
		micro_compare(&(struct micro){
		    .title = title,
		    .unit = "head",
		    .units = ROUNDS,
		    .turns = TURNS,
		    .arg = &arg,
		    .subjects = { { "llhttp", parse_llhttp, NULL },
				  { "ours", parse_ours, i == PLAIN ? "parse" : NULL } },
		    .aim = 2,
		    .beyond = 4 });
		ASSERT(arg.names == arg.head.field_count);
	}
	return 0;
}

static int
on_url(llhttp_t *parser, const char *at, size_t len)
{
	struct arg *arg = parser->data;

	arg->target = (struct str){ at, len };
	return 0;
}

static int
on_name(llhttp_t *parser, const char *at, size_t len)
{
	struct arg *arg = parser->data;

	if (arg->names == HTTP_FIELDS_MAX)
		return -1;
	arg->field[arg->names++].name = (struct str){ at, len };
	return 0;
}

static int
on_value(llhttp_t *parser, const char *at, size_t len)
{
	struct arg *arg = parser->data;

	if (arg->values == HTTP_FIELDS_MAX)
		return -1;
	arg->field[arg->values++].value = (struct str){ at, len };
	return 0;
}

/* 1: no body follows here, so the message ends. */
static int
on_head(llhttp_t *parser)
{
	struct arg *arg = parser->data;

	arg->heads++;
	return 1;
}

static void
prepare(struct arg *arg)
{
	llhttp_settings_init(&arg->settings);
	arg->settings.on_url = on_url;
	arg->settings.on_header_field = on_name;
	arg->settings.on_header_value = on_value;
	arg->settings.on_headers_complete = on_head;
	llhttp_init(&arg->parser, arg->is_request ? HTTP_REQUEST : HTTP_RESPONSE, &arg->settings);
	arg->parser.data = arg;
}

static void
parse_llhttp(void *context)
{
	struct arg *arg = context;

	arg->heads = 0;
	for (uint32_t i = 0; i < ROUNDS; i++) {
		arg->names = arg->values = 0;
		llhttp_reset(&arg->parser);
		if (llhttp_execute(&arg->parser, arg->text.at, arg->text.len) != HPE_OK)
			break;
	}
	ASSERT(arg->heads == ROUNDS);
}

static void
parse_ours(void *context)
{
	struct arg *arg = context;

	for (uint32_t i = 0; i < ROUNDS; i++) {
		struct http_scan scan = { 0 };
		uint32_t len = http_find_head(&scan, arg->text.at, (uint32_t)arg->text.len);
		enum http_error error =
		    arg->is_request
			? http_parse_request(arg->text.at, len, &arg->head)
			: http_parse_response(arg->text.at, len, HTTP_METHOD_GET, &arg->head);

		ASSERT(len == arg->text.len && error == HTTP_ERROR_none);
	}
}
