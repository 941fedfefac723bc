/*
 * The head of a response (RFC 9112 4, 6.3; RFC 9110 15): status line, and whether a body follows.
 *
 * A space behind the status without reason is not insisted on. 101 is refused, since Upgrade is never forwarded.
 */
#include "dataplane/http/http1.h"

static enum http_error status_line(struct http1_cursor *cursor, struct http_head *head);
static enum http_error decide_body(struct http_head *head, const struct http1_found *found,
				   enum http_method request_method);
static enum http_error decide_no_content(struct http_head *head, const struct http1_found *found);

enum http_error
http_parse_response(const char *bytes, uint32_t len, enum http_method request_method,
		    struct http_head *head)
{
	struct http1_map map;
	struct http1_cursor cursor = { bytes, bytes + len, bytes, &map };
	struct http1_found found;
	enum http_error error;

	if (len > HTTP_HEAD_MAX_BYTES)
		return HTTP_ERROR_head_too_long;
	http1_map_make(&map, bytes, len);
	head->method = HTTP_METHOD_OTHER;
	head->method_text = head->target = head->host = (struct str){ NULL, 0 };
	head->expect_continue = false;
	error = status_line(&cursor, head);
	if (!error)
		error = http1_fields(&cursor, head, &found);
	if (!error)
		error = http1_framing(head, &found);
	if (!error)
		error = http1_connection(head, &found);
	if (!error)
		error = decide_body(head, &found, request_method);
	return error;
}

/* status-line = HTTP-version SP status-code SP [ reason-phrase ] CRLF */
static enum http_error
status_line(struct http1_cursor *cursor, struct http_head *head)
{
	enum http_error error = http1_version(cursor, &head->minor_version);
	const char *at = cursor->at, *end = cursor->end;

	if (error)
		return error;
	if (end - at < 4 || at[0] != ' ' || !http1_is(at[1], HTTP1_DIGIT) ||
	    !http1_is(at[2], HTTP1_DIGIT) || !http1_is(at[3], HTTP1_DIGIT))
		return HTTP_ERROR_status_line;
	head->status = (uint16_t)((at[1] - '0') * 100 + (at[2] - '0') * 10 + (at[3] - '0'));
	at += 4;
	head->reason = (struct str){ at, 0 };
	if (at < end && *at == ' ') {
		const char *reason = ++at;

		at = http1_skip_value(cursor, at);
		head->reason = (struct str){ reason, (size_t)(at - reason) };
	} else if (at < end && http1_is(*at, HTTP1_VALUE)) {
		return HTTP_ERROR_status_line;
	}
	cursor->at = at;
	error = http1_line_end(cursor, HTTP_ERROR_field_value);
	if (error)
		return error;
	if (head->status < HTTP_STATUS_MIN || head->status > HTTP_STATUS_MAX)
		return HTTP_ERROR_status_range;
	return head->status == 101 ? HTTP_ERROR_status_upgrade : HTTP_ERROR_none;
}

/* RFC 9112 6.3, in the order of its list. */
static enum http_error
decide_body(struct http_head *head, const struct http1_found *found,
	    enum http_method request_method)
{
	if (head->status < 200 || head->status == 204)
		return decide_no_content(head, found);
	if (request_method == HTTP_METHOD_HEAD || head->status == 304) {
		/* Content-Length says what a GET would have had, and goes on as an ordinary field. */
		if (head->framing == HTTP_FRAMING_LENGTH)
			head->field[found->first[HTTP_NAME_CONTENT_LENGTH]].hop_by_hop = false;
		head->framing = HTTP_FRAMING_NONE;
		head->content_length = 0;
	} else if (head->framing == HTTP_FRAMING_NONE) {
		head->framing = HTTP_FRAMING_CLOSE;
		head->keep_alive = false;
	}
	return HTTP_ERROR_none;
}

/*
 * 1xx and 204 have no body whatever the fields say (RFC 9110 8.6, RFC 9112 6.1). A member that announces one may send it all the
 * same, and it would be read as the next response: so such a connection is not used again.
 */
static enum http_error
decide_no_content(struct http_head *head, const struct http1_found *found)
{
	bool announced = head->framing == HTTP_FRAMING_CHUNKED || head->content_length > 0;

	head->framing = HTTP_FRAMING_NONE;
	head->content_length = 0;
	if (announced && head->status < 200)
		return HTTP_ERROR_framing_interim;
	if (announced)
		head->keep_alive = false;
	return HTTP_ERROR_none;
}
