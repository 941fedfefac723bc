/*
 * The part of a head that requests and responses share (RFC 9112 5, RFC 9110 5, 6.4, 7.6): line ends, version, field lines, and
 * the fields that decide how the message is framed and how long the connection lives.
 *
 * Lines are taken apart first, all of them; what fields mean is looked at afterwards.
 *
 * Left out on purpose: line folding, lists in Content-Length, transfer codings other than chunked, all refused.
 */
#include "dataplane/http/http1.h"

#define OPTIONS_MAX   32u /* of Connection, bounds the comparisons with field names */
#define LENGTH_MAX    ((uint64_t)INT64_MAX)
#define HOST_PORT_MAX 65535u

struct options {
	struct str name[OPTIONS_MAX];
	uint32_t count;
	bool close, keep_alive;
};

static inline bool usual_line(struct http1_cursor *cursor, struct http_field *field);
static enum http_error field_line(struct http1_cursor *cursor, struct http_field *field);
static enum http_error field_name_error(const struct http1_cursor *cursor, const char *name);
static void classify(struct http_field *field);
static enum http_error transfer_encoding(struct http_head *head, const struct http1_found *found);
static enum http_error options_add(struct options *options, struct str list);
static void mark_named(struct http_head *head, const struct options *options);

enum http_error
http1_line_end(struct http1_cursor *cursor, enum http_error otherwise)
{
	const char *at = cursor->at;

	if (at == cursor->end)
		return HTTP_ERROR_head_end;
	if (*at == '\n')
		return HTTP_ERROR_bare_lf;
	if (*at != '\r')
		return otherwise;
	if (at + 1 == cursor->end)
		return HTTP_ERROR_head_end;
	if (at[1] != '\n')
		return HTTP_ERROR_bare_cr;
	cursor->at = at + 2;
	return HTTP_ERROR_none;
}

enum http_error
http1_version(struct http1_cursor *cursor, uint8_t *minor_version)
{
	const char *at = cursor->at;

	if (cursor->end - at < 8 || memcmp(at, "HTTP/", 5) != 0 || !http1_is(at[5], HTTP1_DIGIT) ||
	    at[6] != '.' || !http1_is(at[7], HTTP1_DIGIT))
		return HTTP_ERROR_version;
	if (at[5] != '1')
		return HTTP_ERROR_version_unsupported;
	*minor_version = at[7] != '0';
	cursor->at = at + 8;
	return HTTP_ERROR_none;
}

enum http_error
http1_fields(struct http1_cursor *cursor, struct http_head *head, struct http1_found *found)
{
	uint32_t count = 0;
	enum http_error error = HTTP_ERROR_none;

	memset(found, 0, sizeof *found);
	for (; cursor->at < cursor->end && *cursor->at != '\r' && *cursor->at != '\n'; count++) {
		struct http_field *field = &head->field[count];

		if (count == HTTP_FIELDS_MAX)
			error = HTTP_ERROR_fields_too_many;
		else if (!usual_line(cursor, field))
			error = field_line(cursor, field);
		if (error)
			break;
		classify(field);
		if (found->count[field->id]++ == 0)
			found->first[field->id] = (uint8_t)count;
	}
	head->field_count = count;
	if (!error)
		error = http1_line_end(cursor, HTTP_ERROR_head_end);
	if (!error && cursor->at != cursor->end)
		error = HTTP_ERROR_head_end;
	return error;
}

/*
 * A line as nearly all of them are: one space before the value or none, none behind it. False: it is not, and nothing
 * was done.
 */
static inline bool
usual_line(struct http1_cursor *cursor, struct http_field *field)
{
	const char *name = cursor->at, *end = cursor->end, *value, *value_end;
	const char *name_end = http1_skip_token(cursor, name);

	if (end - name_end < 4 || *name_end != ':' || name_end == name)
		return false;
	value = name_end + 1 + (name_end[1] == ' ');
	if (*value == ' ' || *value == '\t')
		return false;
	value_end = http1_skip_value(cursor, value);
	if (end - value_end < 2 || value_end[0] != '\r' || value_end[1] != '\n' ||
	    value_end[-1] == ' ' || value_end[-1] == '\t')
		return false;
	field->name = (struct str){ name, (size_t)(name_end - name) };
	field->value = (struct str){ value, (size_t)(value_end - value) };
	cursor->at = value_end + 2;
	return true;
}

/* field-line = field-name ":" OWS field-value OWS */
static enum http_error
field_line(struct http1_cursor *cursor, struct http_field *field)
{
	const char *name = cursor->at, *end = cursor->end;
	const char *at = http1_skip_token(cursor, name);
	const char *value, *value_end;

	cursor->at = at;
	if (at == end || *at != ':' || at == name)
		return field_name_error(cursor, name);
	field->name = (struct str){ name, (size_t)(at - name) };
	value = at + 1;
	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	value_end = http1_skip_value(cursor, value);
	cursor->at = value_end;
	while (value_end > value && (value_end[-1] == ' ' || value_end[-1] == '\t'))
		value_end--;
	field->value = (struct str){ value, (size_t)(value_end - value) };
	return http1_line_end(cursor, HTTP_ERROR_field_value);
}

static enum http_error
field_name_error(const struct http1_cursor *cursor, const char *name)
{
	bool space = cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\t');

	if (cursor->at == cursor->end)
		return HTTP_ERROR_head_end;
	if (!space)
		return HTTP_ERROR_field_name;
	return cursor->at == name ? HTTP_ERROR_field_fold : HTTP_ERROR_field_space;
}

/*
 * Names whose meaning matters: by length, so that most names are done with by one look. Their text is compared as numbers,
 * with the bit set that small letters have: among bytes of tokens only the letter itself becomes it.
 */
struct known_name {
	const char *text; /* NULL: no more of this length */
	uint16_t first;   /* its first two letters */
	uint8_t id;
	bool hop_by_hop;
};

#define TWO(a, b) ((uint16_t)((a) | (b) << 8))
static const struct known_name known_names[][3] = {
	[2] = { { "te", TWO('t', 'e'), HTTP_NAME_TE, true } },
	[4] = { { "host", TWO('h', 'o'), HTTP_NAME_HOST, false } },
	[6] = { { "expect", TWO('e', 'x'), HTTP_NAME_EXPECT, false } },
	[7] = { { "upgrade", TWO('u', 'p'), HTTP_NAME_UPGRADE, true } },
	[10] = { { "connection", TWO('c', 'o'), HTTP_NAME_CONNECTION, true },
		 { "keep-alive", TWO('k', 'e'), HTTP_NAME_KEEP_ALIVE, true } },
	[14] = { { "content-length", TWO('c', 'o'), HTTP_NAME_CONTENT_LENGTH, true } },
	[15] = { { "x-forwarded-for", TWO('x', '-'), HTTP_NAME_X_FORWARDED_FOR, false } },
	[16] = { { "proxy-connection", TWO('p', 'r'), HTTP_NAME_PROXY_CONNECTION, true } },
	[17] = { { "transfer-encoding", TWO('t', 'r'), HTTP_NAME_TRANSFER_ENCODING, true } },
};

static inline uint16_t
two_small(const char *at)
{
	uint16_t bytes;

	memcpy(&bytes, at, sizeof bytes);
	return bytes | 0x2020;
}

static inline uint32_t
four_small(const char *at)
{
	uint32_t bytes;

	memcpy(&bytes, at, sizeof bytes);
	return bytes | 0x20202020;
}

/* Whether a name is a known one of the same length; the last four bytes overlap those before. */
static bool
is_name(const char *name, const char *known, size_t len)
{
	if (len < 4)
		return two_small(name) == two_small(known);
	for (size_t at = 0; at + 4 < len; at += 4)
		if (four_small(name + at) != four_small(known + at))
			return false;
	return four_small(name + len - 4) == four_small(known + len - 4);
}

/* Sets id, and hop_by_hop by RFC 9110 7.6.1 and for what we write ourselves. */
static void
classify(struct http_field *field)
{
	size_t len = field->name.len;
	const struct known_name *known;

	field->id = HTTP_NAME_OTHER;
	field->hop_by_hop = false;
	if (len >= ARRAY_SIZE(known_names))
		return;
	for (known = known_names[len]; known->text; known++) {
		if (two_small(field->name.at) != known->first ||
		    !is_name(field->name.at, known->text, len))
			continue;
		field->id = known->id;
		field->hop_by_hop = known->hop_by_hop;
		return;
	}
}

/* RFC 9112 6.3, with each of its "might be an attack" refused. */
enum http_error
http1_framing(struct http_head *head, const struct http1_found *found)
{
	head->framing = HTTP_FRAMING_NONE;
	head->content_length = 0;
	if (found->count[HTTP_NAME_CONTENT_LENGTH] > 1)
		return HTTP_ERROR_content_length_twice; /* equal ones too: nobody needs them */
	if (found->count[HTTP_NAME_CONTENT_LENGTH]) {
		struct str value = head->field[found->first[HTTP_NAME_CONTENT_LENGTH]].value;

		if (!str_to_u64(value, LENGTH_MAX, &head->content_length))
			return HTTP_ERROR_content_length;
		head->framing = HTTP_FRAMING_LENGTH;
	}
	if (found->count[HTTP_NAME_TRANSFER_ENCODING])
		return transfer_encoding(head, found);
	return HTTP_ERROR_none;
}

static enum http_error
transfer_encoding(struct http_head *head, const struct http1_found *found)
{
	struct str value = head->field[found->first[HTTP_NAME_TRANSFER_ENCODING]].value;

	if (found->count[HTTP_NAME_TRANSFER_ENCODING] > 1 ||
	    !str_equal_nocase(value, STR("chunked")))
		return HTTP_ERROR_transfer_coding;
	if (head->framing == HTTP_FRAMING_LENGTH)
		return HTTP_ERROR_framing_both;
	if (head->minor_version == 0)
		return HTTP_ERROR_transfer_coding_version;
	head->framing = HTTP_FRAMING_CHUNKED;
	return HTTP_ERROR_none;
}

/* RFC 9110 7.6.1, RFC 9112 9.3 */
enum http_error
http1_connection(struct http_head *head, const struct http1_found *found)
{
	struct options options;

	head->keep_alive = head->minor_version > 0;
	if (!found->count[HTTP_NAME_CONNECTION])
		return HTTP_ERROR_none;
	options.count = 0;
	options.close = options.keep_alive = false;
	for (uint32_t i = found->first[HTTP_NAME_CONNECTION]; i < head->field_count; i++) {
		enum http_error error = HTTP_ERROR_none;

		if (head->field[i].id == HTTP_NAME_CONNECTION)
			error = options_add(&options, head->field[i].value);
		if (error)
			return error;
	}
	if (options.count)
		mark_named(head, &options);
	head->keep_alive = !options.close && (head->minor_version > 0 || options.keep_alive);
	return HTTP_ERROR_none;
}

/* Connection = #connection-option; empty elements are allowed (RFC 9110 5.6.1.2). */
static enum http_error
options_add(struct options *options, struct str list)
{
	const char *at = list.at, *end = list.at + list.len;

	if (str_equal_nocase(list, STR("keep-alive"))) { /* what nearly all of them say */
		options->keep_alive = true;
		return HTTP_ERROR_none;
	}
	while (at < end) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		const char *element_end = comma ? comma : end;
		struct str option = str_trim((struct str){ at, (size_t)(element_end - at) });

		for (size_t i = 0; i < option.len; i++)
			if (!http1_is(option.at[i], HTTP1_TOKEN))
				return HTTP_ERROR_connection;
		if (str_equal_nocase(option, STR("close"))) {
			options->close = true;
		} else if (str_equal_nocase(option, STR("keep-alive"))) {
			options->keep_alive = true;
		} else if (option.len) {
			if (options->count == OPTIONS_MAX)
				return HTTP_ERROR_connection_too_many;
			options->name[options->count++] = option;
		}
		at = comma ? comma + 1 : end;
	}
	return HTTP_ERROR_none;
}

static void
mark_named(struct http_head *head, const struct options *options)
{
	for (uint32_t i = 0; i < head->field_count; i++)
		for (uint32_t k = 0; k < options->count; k++)
			if (str_equal_nocase(head->field[i].name, options->name[k]))
				head->field[i].hop_by_hop = true;
}

bool
http1_host_is_valid(struct str host)
{
	const char *at = host.at, *end = host.at + host.len, *name;
	uint64_t port;

	if (at < end && *at == '[') {
		name = ++at;
		while (at < end && (http1_is(*at, HTTP1_HEX) || *at == ':' || *at == '.'))
			at++;
		if (at - name < 2 || at == end || *at++ != ']')
			return false;
	} else {
		name = at;
		at = http1_skip_host(at, end);
		if (at == name)
			return false;
	}
	if (at == end || (*at == ':' && at + 1 == end))
		return true;
	return *at == ':' &&
	       str_to_u64((struct str){ at + 1, (size_t)(end - at - 1) }, HOST_PORT_MAX, &port);
}
