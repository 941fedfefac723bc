/*
 * The head of a request (RFC 9112 3, RFC 9110 7, 9, 10.1.1): request line, target forms, Host, Expect.
 *
 * Refused by policy: CONNECT and TRACE (RFC 9110 9.3.6, 9.3.8: this is no forward proxy, and a trace would show clients what
 * we add for members), targets of other schemes than http, expectations other than 100-continue.
 * Left out: the path is not normalized, percent-encoding not looked at; Max-Forwards is forwarded unchanged.
 */
#include "dataplane/http/http1.h"

static enum http_error request_line(struct http1_cursor *cursor, struct http_head *head);
static enum http_method method_of(struct str text);
static enum http_error reduce_target(struct http_head *head);
static enum http_error absolute_form(struct http_head *head);
static enum http_error take_host(struct http_head *head, const struct http1_found *found);
static enum http_error take_expect(struct http_head *head, const struct http1_found *found);

enum http_error
http_parse_request(const char *bytes, uint32_t len, struct http_head *head)
{
	struct http1_map map;
	struct http1_cursor cursor = { bytes, bytes + len, bytes, &map };
	struct http1_found found;
	enum http_error error;

	if (len > HTTP_HEAD_MAX_BYTES)
		return HTTP_ERROR_head_too_long;
	http1_map_make(&map, bytes, len);
	head->host = head->reason = (struct str){ NULL, 0 };
	head->status = 0;
	head->expect_continue = false;
	error = request_line(&cursor, head);
	if (!error)
		error = http1_fields(&cursor, head, &found);
	if (!error)
		error = http1_framing(head, &found);
	if (!error)
		error = take_host(head, &found);
	if (!error)
		error = take_expect(head, &found);
	if (!error)
		error = http1_connection(head, &found);
	return error;
}

/* request-line = method SP request-target SP HTTP-version CRLF */
static enum http_error
request_line(struct http1_cursor *cursor, struct http_head *head)
{
	const char *method = cursor->at, *end = cursor->end, *target;
	const char *at = method;
	enum http_error error;

	at = http1_skip_token(cursor, at);
	if (at == end)
		return HTTP_ERROR_head_end;
	if (at == method || *at != ' ')
		return *at == '\r' || *at == '\n' ? HTTP_ERROR_request_line : HTTP_ERROR_method;
	head->method_text = (struct str){ method, (size_t)(at - method) };
	target = ++at;
	at = http1_skip_target(at, end);
	if (at == end)
		return HTTP_ERROR_head_end;
	if (at == target || *at != ' ')
		return *at == '\r' || *at == '\n' ? HTTP_ERROR_request_line : HTTP_ERROR_target;
	head->target = (struct str){ target, (size_t)(at - target) };
	cursor->at = at + 1;
	error = http1_version(cursor, &head->minor_version);
	if (!error)
		error = http1_line_end(cursor, HTTP_ERROR_request_line);
	if (error)
		return error;
	head->method = method_of(head->method_text);
	if (head->method == HTTP_METHOD_CONNECT || head->method == HTTP_METHOD_TRACE)
		return HTTP_ERROR_method_unsupported;
	return reduce_target(head);
}

/* Methods are case-sensitive. */
static enum http_method
method_of(struct str text)
{
	static const struct {
		struct str text;
		enum http_method method;
	} methods[] = {
#define METHOD(name) { { #name, sizeof #name - 1 }, HTTP_METHOD_##name }
		METHOD(GET),     METHOD(POST),  METHOD(HEAD),    METHOD(PUT),   METHOD(DELETE),
		METHOD(OPTIONS), METHOD(PATCH), METHOD(CONNECT), METHOD(TRACE),
#undef METHOD
	};

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (text.at[0] == methods[i].text.at[0] && str_equal(text, methods[i].text))
			return methods[i].method;
	return HTTP_METHOD_OTHER;
}

/* RFC 9112 3.2: which of the four forms, and whether the method may have it. */
static enum http_error
reduce_target(struct http_head *head)
{
	struct str target = head->target;

	if (target.at[0] == '/')
		return HTTP_ERROR_none;
	if (target.at[0] == '*')
		return target.len == 1 && head->method == HTTP_METHOD_OPTIONS
			   ? HTTP_ERROR_none
			   : HTTP_ERROR_target_form;
	return absolute_form(head);
}

/* "http://" authority path-abempty [ "?" query ]; the authority takes the place of Host. */
static enum http_error
absolute_form(struct http_head *head)
{
	const char *at = head->target.at, *end = at + head->target.len;
	const char *colon = memchr(at, ':', head->target.len), *authority;

	if (!colon || end - colon < 3 || colon[1] != '/' || colon[2] != '/')
		return HTTP_ERROR_target_form;
	if (!str_equal_nocase((struct str){ at, (size_t)(colon - at) }, STR("http")))
		return HTTP_ERROR_target_scheme;
	authority = colon + 3;
	for (at = authority; at < end && *at != '/' && *at != '?';)
		at++;
	head->host = (struct str){ authority, (size_t)(at - authority) };
	if (!http1_host_is_valid(head->host))
		return HTTP_ERROR_host;
	head->target = (struct str){ at, (size_t)(end - at) };
	if (at == end)
		head->target = head->method == HTTP_METHOD_OPTIONS ? STR("*") : STR("/");
	return HTTP_ERROR_none;
}

/* RFC 9112 3.2: one in HTTP/1.1, at most one in HTTP/1.0; the absolute form's authority wins. */
static enum http_error
take_host(struct http_head *head, const struct http1_found *found)
{
	struct http_field *field;

	if (found->count[HTTP_NAME_HOST] == 0)
		return head->minor_version > 0 ? HTTP_ERROR_host_missing : HTTP_ERROR_none;
	if (found->count[HTTP_NAME_HOST] > 1)
		return HTTP_ERROR_host_twice;
	field = &head->field[found->first[HTTP_NAME_HOST]];
	if (!http1_host_is_valid(field->value))
		return HTTP_ERROR_host;
	field->hop_by_hop = true;
	if (!head->host.len)
		head->host = field->value;
	return HTTP_ERROR_none;
}

/* RFC 9110 10.1.1: an HTTP/1.0 client doesn't know interim responses, so its expectation goes no further. */
static enum http_error
take_expect(struct http_head *head, const struct http1_found *found)
{
	if (!found->count[HTTP_NAME_EXPECT])
		return HTTP_ERROR_none;
	for (uint32_t i = found->first[HTTP_NAME_EXPECT]; i < head->field_count; i++) {
		struct http_field *field = &head->field[i];

		if (field->id != HTTP_NAME_EXPECT)
			continue;
		if (!str_equal_nocase(field->value, STR("100-continue")))
			return HTTP_ERROR_expect;
		field->hop_by_hop = head->minor_version == 0;
	}
	head->expect_continue = head->minor_version > 0;
	return HTTP_ERROR_none;
}
