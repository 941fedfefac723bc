/*
 * Writing heads anew from their parsed form (RFC 9112 2.1, 3, 4; RFC 9110 7.6.1), and the appliance's own answers.
 *
 * What goes on: end-to-end fields, in their order, with one space behind the colon. What we decide ourselves: version, Host
 * (first), Content-Length, Transfer-Encoding, Connection, the end of X-Forwarded-For.
 * Left out: Via, Forwarded (RFC 7239), Date in our own answers (the stack has no clock).
 */
#include "dataplane/http/http1.h"

struct writer {
	char *at, *end;
	bool full; /* something didn't fit: the rest is nonsense */
};

static void write_target(struct writer *w, struct str target);
static void write_fields(struct writer *w, const struct http_head *head, uint8_t skipped_id);
static bool is_plain(const struct http_field *field);
static bool follows(const struct http_field *field, const struct http_field *next);
static void write_forwarded_for(struct writer *w, const struct http_head *head, struct str client);
static void write_framing(struct writer *w, const struct http_head *head);
static void put_status(struct writer *w, unsigned status);
static const char *reason_of(unsigned status);
static uint32_t finish(const struct writer *w, const char *out);
static void put_number(struct writer *w, uint64_t value);
static void put_field(struct writer *w, struct str name, struct str value);
static void put(struct writer *w, struct str s);

uint32_t
http_write_request(const struct http_head *head, const struct http_rewrite *rewrite, char *out,
		   uint32_t cap)
{
	struct writer w = { out, out + cap, false };
	bool forwards = rewrite->client_address.len > 0;

	put(&w, head->method_text);
	put(&w, STR(" "));
	write_target(&w, head->target);
	put(&w, STR(" HTTP/1.1\r\n"));
	put_field(&w, STR("Host"), head->host.len ? head->host : rewrite->host);
	write_fields(&w, head, forwards ? HTTP_NAME_X_FORWARDED_FOR : HTTP_NAME_COUNT);
	if (forwards)
		write_forwarded_for(&w, head, rewrite->client_address);
	write_framing(&w, head);
	if (!rewrite->keep_alive)
		put(&w, STR("Connection: close\r\n"));
	put(&w, STR("\r\n"));
	return finish(&w, out);
}

uint32_t
http_write_response(const struct http_head *head, const struct http_rewrite *rewrite, char *out,
		    uint32_t cap)
{
	struct writer w = { out, out + cap, false };
	bool strips = http_body_strips(head, rewrite->minor_version);
	bool keep_alive = rewrite->keep_alive && !strips && head->framing != HTTP_FRAMING_CLOSE;

	put(&w, STR("HTTP/1.1 "));
	put_number(&w, head->status);
	put(&w, STR(" "));
	put(&w, head->reason);
	put(&w, STR("\r\n"));
	write_fields(&w, head, HTTP_NAME_COUNT);
	if (!strips)
		write_framing(&w, head);
	if (head->status < 200)
		; /* interim: the final response decides about the connection */
	else if (!keep_alive)
		put(&w, STR("Connection: close\r\n"));
	else if (rewrite->minor_version == 0)
		put(&w, STR("Connection: keep-alive\r\n"));
	put(&w, STR("\r\n"));
	return finish(&w, out);
}

uint32_t
http_write_error(unsigned status, const char *text, bool keep_alive, bool head_only, char *out,
		 uint32_t cap)
{
	struct writer w = { out, out + cap, false };
	struct str reason = str_from(reason_of(status)), why = str_from(text);

	ASSERT(status >= 200 && status <= HTTP_STATUS_MAX);
	put(&w, STR("HTTP/1.1 "));
	put_status(&w, status);
	put(&w, STR("\r\nContent-Type: text/plain\r\nCache-Control: no-store\r\nContent-Length: "));
	put_number(&w, 3 + 1 + reason.len + 2 + why.len + 1);
	put(&w, keep_alive ? STR("\r\n\r\n") : STR("\r\nConnection: close\r\n\r\n"));
	if (!head_only) {
		put_status(&w, status);
		put(&w, STR(": "));
		put(&w, why);
		put(&w, STR("\n"));
	}
	return finish(&w, out);
}

/* An absolute-form target without path was reduced to its query. */
static void
write_target(struct writer *w, struct str target)
{
	if (target.len && target.at[0] == '?')
		put(w, STR("/"));
	put(w, target);
}

static bool
goes_on(const struct http_field *field, uint8_t skipped_id)
{
	return !field->hop_by_hop && field->id != skipped_id;
}

static void
write_fields(struct writer *w, const struct http_head *head, uint8_t skipped_id)
{
	const struct http_field *end = head->field + head->field_count;
	const struct http_field *last;

	for (const struct http_field *field = head->field; field < end; field = last + 1) {
		last = field;
		if (!goes_on(field, skipped_id))
			continue;
		if (!is_plain(field)) {
			put_field(w, field->name, field->value);
			continue;
		}
		while (last + 1 < end && goes_on(last + 1, skipped_id) && is_plain(last + 1) &&
		       follows(last, last + 1))
			last++;
		put(w, (struct str){ field->name.at,
				     (size_t)(last->value.at + last->value.len - field->name.at) });
		put(w, STR("\r\n"));
	}
}

/* As it would be written: then it is copied as it stands, together with others right behind it. */
static bool
is_plain(const struct http_field *field)
{
	const char *name_end = field->name.at + field->name.len;

	return field->value.at == name_end + 2 && name_end[1] == ' ';
}

/* Without white space at the line's end: the parser has seen that there is CR LF. */
static bool
follows(const struct http_field *field, const struct http_field *next)
{
	return next->name.at == field->value.at + field->value.len + 2;
}

/* One list: what the client sent, however many fields it came in, and the client itself at the end. */
static void
write_forwarded_for(struct writer *w, const struct http_head *head, struct str client)
{
	put(w, STR("X-Forwarded-For: "));
	for (uint32_t i = 0; i < head->field_count; i++) {
		const struct http_field *field = &head->field[i];

		if (field->id != HTTP_NAME_X_FORWARDED_FOR || field->hop_by_hop ||
		    !field->value.len)
			continue;
		put(w, field->value);
		put(w, STR(", "));
	}
	put(w, client);
	put(w, STR("\r\n"));
}

static void
write_framing(struct writer *w, const struct http_head *head)
{
	if (head->framing == HTTP_FRAMING_LENGTH) {
		put(w, STR("Content-Length: "));
		put_number(w, head->content_length);
		put(w, STR("\r\n"));
	} else if (head->framing == HTTP_FRAMING_CHUNKED) {
		put(w, STR("Transfer-Encoding: chunked\r\n"));
	}
}

static void
put_status(struct writer *w, unsigned status)
{
	put_number(w, status);
	put(w, STR(" "));
	put(w, str_from(reason_of(status)));
}

/* Of the statuses that the appliance itself answers with; the words mean nothing to a program (RFC 9112 4). */
static const char *
reason_of(unsigned status)
{
	switch (status) {
	case 400:
		return "Bad Request";
	case 408:
		return "Request Timeout";
	case 413:
		return "Content Too Large";
	case 417:
		return "Expectation Failed";
	case 421:
		return "Misdirected Request";
	case 431:
		return "Request Header Fields Too Large";
	case 500:
		return "Internal Server Error";
	case 501:
		return "Not Implemented";
	case 502:
		return "Bad Gateway";
	case 503:
		return "Service Unavailable";
	case 504:
		return "Gateway Timeout";
	case 505:
		return "HTTP Version Not Supported";
	default:
		return "Error";
	}
}

static uint32_t
finish(const struct writer *w, const char *out)
{
	return w->full ? 0 : (uint32_t)(w->at - out);
}

static void
put_number(struct writer *w, uint64_t value)
{
	char digits[20];
	char *end = digits + sizeof digits, *at = end;

	do {
		*--at = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	put(w, (struct str){ at, (size_t)(end - at) });
}

static void
put_field(struct writer *w, struct str name, struct str value)
{
	put(w, name);
	put(w, STR(": "));
	put(w, value);
	put(w, STR("\r\n"));
}

static void
put(struct writer *w, struct str s)
{
	if (s.len > (size_t)(w->end - w->at)) {
		w->full = true;
		return;
	}
	if (s.len)
		memcpy(w->at, s.at, s.len);
	w->at += s.len;
}
