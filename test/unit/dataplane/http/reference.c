/*
 * The reference parser: whole strings, one rule after the other, nothing clever.
 */
#include "test/unit/dataplane/http/reference.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"
#define TOKEN   LETTERS DIGITS "!#$%&'*+-.^_`|~"
#define TARGET  LETTERS DIGITS "!$%&'()*+,-./:;=?@[\\]^_`{|}~"
#define HOST    LETTERS DIGITS "-._~!$&'()*+,;="

struct lines {
	struct str line[HTTP_HEAD_MAX_BYTES / 2];
	unsigned count;
};

static struct str
part(struct str s, size_t from, size_t to)
{
	return (struct str){ s.at + from, to - from };
}

static bool
consists_of(struct str s, const char *characters)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] == '\0' || !strchr(characters, s.at[i]))
			return false;
	return true;
}

static bool
is_word(struct str s, const char *word)
{
	return s.len == strlen(word) && strncasecmp(s.at, word, s.len) == 0;
}

/* Cuts at the first c; rest is what is behind it. False if there is none. */
static bool
cut(struct str s, char c, struct str *before, struct str *rest)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] != c)
			continue;
		*before = part(s, 0, i);
		*rest = part(s, i + 1, s.len);
		return true;
	}
	return false;
}

static struct str
trimmed(struct str s)
{
	while (s.len && strchr(" \t", s.at[0]))
		s = part(s, 1, s.len);
	while (s.len && strchr(" \t", s.at[s.len - 1]))
		s = part(s, 0, s.len - 1);
	return s;
}

static bool
number(struct str s, unsigned base, uint64_t *out)
{
	unsigned __int128 value = 0;

	if (!s.len)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		const char *all = "0123456789abcdef";
		const char *digit = s.at[i] ? strchr(all, tolower((unsigned char)s.at[i])) : NULL;

		if (!digit || digit - all >= (int)base)
			return false;
		value = value * base + (unsigned)(digit - all);
		if (value >> 63)
			return false;
	}
	*out = (uint64_t)value;
	return true;
}

/* Lines that end with CR LF and have no other control characters but tabs; the last one, and only that, is empty. */
static bool
split(struct str bytes, struct lines *lines)
{
	size_t start = 0;

	lines->count = 0;
	if (bytes.len > HTTP_HEAD_MAX_BYTES || bytes.len < 4)
		return false;
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.at[i];

		if (c == '\r' && i + 1 < bytes.len && bytes.at[i + 1] == '\n') {
			lines->line[lines->count++] = part(bytes, start, i);
			start = i + 2;
			i++;
			if (lines->line[lines->count - 1].len == 0)
				return start == bytes.len && --lines->count > 0;
		} else if (c != '\t' && (c < 0x20 || c == 0x7f)) {
			return false;
		}
	}
	return false;
}

static bool
host_is_good(struct str host)
{
	struct str name = host, port = { "", 0 }, rest;
	uint64_t value;

	if (host.len && host.at[0] == '[') {
		if (!cut(host, ']', &name, &rest))
			return false;
		name = part(name, 1, name.len);
		if (name.len < 2 || !consists_of(name, "0123456789abcdefABCDEF:."))
			return false;
		if (rest.len && rest.at[0] != ':')
			return false;
		if (rest.len)
			port = part(rest, 1, rest.len);
	} else {
		cut(host, ':', &name, &port);
		if (!name.len || !consists_of(name, HOST))
			return false;
	}
	return !port.len || (number(port, 10, &value) && value < 65536);
}

static struct reference_field *
field_of(struct reference_head *head, const char *name, unsigned *count)
{
	struct reference_field *last = NULL;

	*count = 0;
	for (unsigned i = 0; i < head->field_count; i++) {
		if (!is_word(head->field[i].name, name))
			continue;
		last = &head->field[i];
		++*count;
	}
	return last;
}

static bool
split_fields(const struct lines *lines, struct reference_head *head)
{
	head->field_count = lines->count - 1;
	if (head->field_count > HTTP_FIELDS_MAX)
		return false;
	for (unsigned i = 0; i < head->field_count; i++) {
		struct reference_field *field = &head->field[i];

		if (!cut(lines->line[i + 1], ':', &field->name, &field->value) ||
		    !field->name.len || !consists_of(field->name, TOKEN))
			return false;
		field->value = trimmed(field->value);
		field->hop_by_hop = false;
	}
	return true;
}

static bool
connection(struct reference_head *head)
{
	unsigned named = 0;
	bool close = false, keep = false;

	for (unsigned i = 0; i < head->field_count; i++) {
		struct str list = head->field[i].value, option, rest;

		if (!is_word(head->field[i].name, "Connection"))
			continue;
		for (bool more = true; more; list = rest) {
			more = cut(list, ',', &option, &rest);
			option = trimmed(more ? option : list);
			if (!consists_of(option, TOKEN))
				return false;
			close |= is_word(option, "close");
			keep |= is_word(option, "keep-alive");
			if (!option.len || is_word(option, "close") ||
			    is_word(option, "keep-alive"))
				continue;
			if (++named > 32)
				return false;
			for (unsigned k = 0; k < head->field_count; k++)
				if (head->field[k].name.len == option.len &&
				    strncasecmp(head->field[k].name.at, option.at, option.len) == 0)
					head->field[k].hop_by_hop = true;
		}
	}
	head->keep_alive = !close && (keep || head->minor_version == 1);
	return true;
}

static bool
framing(struct reference_head *head)
{
	unsigned lengths, codings;
	struct reference_field *length = field_of(head, "Content-Length", &lengths);
	struct reference_field *coding = field_of(head, "Transfer-Encoding", &codings);

	head->framing = HTTP_FRAMING_NONE;
	head->content_length = 0;
	if (lengths + codings > 1)
		return false;
	if (lengths) {
		head->framing = HTTP_FRAMING_LENGTH;
		return number(length->value, 10, &head->content_length);
	}
	if (codings) {
		head->framing = HTTP_FRAMING_CHUNKED;
		return head->minor_version == 1 && is_word(coding->value, "chunked");
	}
	return true;
}

static void
mark_hop_by_hop(struct reference_head *head)
{
	static const char *const names[] = { "Connection",       "Keep-Alive",
					     "Proxy-Connection", "TE",
					     "Upgrade",          "Transfer-Encoding",
					     "Content-Length" };

	for (unsigned i = 0; i < head->field_count; i++)
		for (unsigned k = 0; k < ARRAY_SIZE(names); k++)
			if (is_word(head->field[i].name, names[k]))
				head->field[i].hop_by_hop = true;
}

static bool
version(struct str s, unsigned *minor_version)
{
	if (s.len != 8 || strncmp(s.at, "HTTP/1.", 7) != 0 || !isdigit((unsigned char)s.at[7]))
		return false;
	*minor_version = s.at[7] != '0';
	return true;
}

static bool
target(struct reference_head *head)
{
	struct str all = head->target, rest;
	size_t authority = 0;

	if (!all.len || !consists_of(all, TARGET))
		return false;
	if (all.at[0] == '/')
		return true;
	if (all.len == 1 && all.at[0] == '*')
		return str_equal(head->method, STR("OPTIONS"));
	if (all.len < 7 || strncasecmp(all.at, "http://", 7) != 0)
		return false;
	rest = part(all, 7, all.len);
	while (authority < rest.len && !strchr("/?", rest.at[authority]))
		authority++;
	head->host = part(rest, 0, authority);
	head->target = part(rest, authority, rest.len);
	if (!head->target.len)
		head->target = str_equal(head->method, STR("OPTIONS")) ? STR("*") : STR("/");
	return host_is_good(head->host);
}

static bool
host_and_expect(struct reference_head *head)
{
	unsigned hosts, expects;
	struct reference_field *host = field_of(head, "Host", &hosts);

	if (hosts > 1 || (hosts == 0 && head->minor_version == 1))
		return false;
	if (host && !host_is_good(host->value))
		return false;
	if (host) {
		host->hop_by_hop = true;
		if (!head->host.len)
			head->host = host->value;
	}
	field_of(head, "Expect", &expects);
	head->expect_continue = expects && head->minor_version == 1;
	for (unsigned i = 0; i < head->field_count; i++) {
		if (!is_word(head->field[i].name, "Expect"))
			continue;
		if (!is_word(head->field[i].value, "100-continue"))
			return false;
		head->field[i].hop_by_hop = head->minor_version == 0;
	}
	return true;
}

bool
reference_request(struct str bytes, struct reference_head *head)
{
	static struct lines lines;
	struct str rest, third;

	memset(head, 0, sizeof *head);
	if (!split(bytes, &lines))
		return false;
	if (!cut(lines.line[0], ' ', &head->method, &rest) ||
	    !cut(rest, ' ', &head->target, &third))
		return false;
	if (!head->method.len || !consists_of(head->method, TOKEN) ||
	    !version(third, &head->minor_version))
		return false;
	if (str_equal(head->method, STR("CONNECT")) || str_equal(head->method, STR("TRACE")))
		return false;
	if (!target(head) || !split_fields(&lines, head) || !framing(head))
		return false;
	mark_hop_by_hop(head);
	return host_and_expect(head) && connection(head);
}

bool
reference_response(struct str bytes, bool to_head_request, struct reference_head *head)
{
	static struct lines lines;
	struct str rest, first;
	uint64_t status;
	bool announced;
	unsigned count;

	memset(head, 0, sizeof *head);
	if (!split(bytes, &lines))
		return false;
	if (!cut(lines.line[0], ' ', &first, &rest) || !version(first, &head->minor_version))
		return false;
	if (rest.len < 3 || !number(part(rest, 0, 3), 10, &status) ||
	    (rest.len > 3 && rest.at[3] != ' '))
		return false;
	head->status = (unsigned)status;
	head->reason = rest.len > 4 ? part(rest, 4, rest.len) : (struct str){ "", 0 };
	if (status < 100 || status > 599 || status == 101)
		return false;
	if (!split_fields(&lines, head) || !framing(head))
		return false;
	mark_hop_by_hop(head);
	if (!connection(head))
		return false;
	announced = head->framing == HTTP_FRAMING_CHUNKED || head->content_length > 0;
	if (status < 200)
		return head->framing = HTTP_FRAMING_NONE, !announced;
	if (status == 204) {
		head->framing = HTTP_FRAMING_NONE;
		head->keep_alive &= !announced;
	} else if (status == 304 || to_head_request) {
		if (head->framing == HTTP_FRAMING_LENGTH)
			field_of(head, "Content-Length", &count)->hop_by_hop = false;
		head->framing = HTTP_FRAMING_NONE;
	} else if (head->framing == HTTP_FRAMING_NONE) {
		head->framing = HTTP_FRAMING_CLOSE;
		head->keep_alive = false;
	}
	return true;
}

/* A line without its CR LF, in which no other control character but a tab stands; *rest is what follows. */
static bool
body_line(struct str bytes, struct str *line, struct str *rest)
{
	for (size_t i = 0; i + 1 < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.at[i];

		if (c == '\r' && bytes.at[i + 1] == '\n') {
			*line = part(bytes, 0, i);
			*rest = part(bytes, i + 2, bytes.len);
			return true;
		}
		if (c != '\t' && (c < 0x20 || c == 0x7f))
			return false;
	}
	return false;
}

static bool
chunk_size(struct str line, uint64_t *size, size_t *extension_bytes)
{
	size_t digits = 0;
	struct str extension;

	while (digits < line.len && strchr("0123456789abcdefABCDEF", line.at[digits]))
		digits++;
	if (digits > 16 || !number(part(line, 0, digits), 16, size))
		return false;
	extension = part(line, digits, line.len);
	*extension_bytes += extension.len;
	return !extension.len || trimmed(extension).at[0] == ';';
}

size_t
reference_chunked(struct str bytes, char *payload, size_t *payload_bytes)
{
	struct str line, name, value, rest = bytes;
	size_t extension_bytes = 0, trailer_bytes = 0;
	uint64_t size;

	*payload_bytes = 0;
	do {
		if (!body_line(rest, &line, &rest) || !chunk_size(line, &size, &extension_bytes) ||
		    extension_bytes > HTTP_EXTENSIONS_MAX_BYTES)
			return 0;
		if (size == 0)
			break;
		if (size > rest.len || rest.len - size < 2 ||
		    memcmp(rest.at + size, "\r\n", 2) != 0)
			return 0;
		memcpy(payload + *payload_bytes, rest.at, size);
		*payload_bytes += size;
		rest = part(rest, size + 2, rest.len);
	} while (size);
	for (;;) {
		if (!body_line(rest, &line, &rest))
			return 0;
		if (!line.len)
			return (size_t)(rest.at - bytes.at);
		trailer_bytes += line.len + 2;
		if (trailer_bytes > HTTP_TRAILER_MAX_BYTES)
			return 0;
		if (!cut(line, ':', &name, &value) || !name.len || !consists_of(name, TOKEN))
			return 0;
	}
}
