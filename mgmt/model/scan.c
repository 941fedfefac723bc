/*
 * Keeps from libconfig what it would be slow or silent about: texts that are too long, bytes that
 * are no text (it would stop at a NUL), groups with more fields and more depth than any
 * configuration has. Follows libconfig's words for strings and comments; it judges no syntax.
 */
#include "mgmt/model/scan.h"

#include <stdint.h>

#include "mgmt/model/model.h"

struct scan {
	const char *at, *end;
	uint32_t line;
	uint32_t depth;
	uint32_t fields[SCAN_DEPTH + 1]; /* seen so far in each group that is open */
	struct errors *errors;
};

static bool check_bytes(const char *text, size_t text_bytes, struct errors *errors);
static bool scan_one(struct scan *scan);
static bool count_field(struct scan *scan);
static void skip_string(struct scan *scan);
static void skip_line(struct scan *scan);
static void skip_comment(struct scan *scan);

bool
scan_text(const char *text, size_t text_bytes, struct errors *errors)
{
	struct scan scan = { .at = text, .end = text + text_bytes, .line = 1, .errors = errors };

	if (text_bytes > MODEL_TEXT_BYTES) {
		errors_add(errors, 0,
			   "the text is longer than %u bytes; no configuration needs that",
			   MODEL_TEXT_BYTES);
		return false;
	}
	if (!check_bytes(text, text_bytes, errors))
		return false;
	while (scan.at < scan.end)
		if (!scan_one(&scan))
			return false;
	return true;
}

static bool
check_bytes(const char *text, size_t text_bytes, struct errors *errors)
{
	uint32_t line = 1;

	for (size_t i = 0; i < text_bytes; i++) {
		unsigned char c = (unsigned char)text[i];

		line += c == '\n';
		if ((c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7f) {
			errors_add(errors, line,
				   "byte 0x%02x is not text; is this a configuration?", c);
			return false;
		}
	}
	return true;
}

static bool
scan_one(struct scan *scan)
{
	char c = *scan->at++;
	char next = scan->at < scan->end ? *scan->at : '\0';

	scan->line += c == '\n';
	if (c == '"')
		skip_string(scan);
	else if (c == '#' || (c == '/' && next == '/'))
		skip_line(scan);
	else if (c == '/' && next == '*')
		skip_comment(scan);
	else if (c == '=' || c == ':')
		return count_field(scan);
	else if (c == '}' && scan->depth > 0)
		scan->depth--;
	else if (c == '{') {
		if (scan->depth == SCAN_DEPTH) {
			errors_add(scan->errors, scan->line,
				   "groups are nested deeper than %u; no configuration needs that",
				   SCAN_DEPTH);
			return false;
		}
		scan->fields[++scan->depth] = 0;
	}
	return true;
}

static bool
count_field(struct scan *scan)
{
	if (++scan->fields[scan->depth] <= SCAN_GROUP_FIELDS)
		return true;
	errors_add(scan->errors, scan->line,
		   "more than %u fields in one group; no configuration has so many",
		   SCAN_GROUP_FIELDS);
	return false;
}

static void
skip_string(struct scan *scan)
{
	while (scan->at < scan->end && *scan->at != '"') {
		if (*scan->at == '\\' && scan->at + 1 < scan->end)
			scan->at++;
		scan->line += *scan->at++ == '\n';
	}
	if (scan->at < scan->end)
		scan->at++;
}

static void
skip_line(struct scan *scan)
{
	while (scan->at < scan->end && *scan->at != '\n')
		scan->at++;
}

static void
skip_comment(struct scan *scan)
{
	char before = '\0';

	scan->at++; /* the star that opens it does not close it */
	while (scan->at < scan->end) {
		char c = *scan->at++;

		scan->line += c == '\n';
		if (c == '/' && before == '*')
			return;
		before = c;
	}
}
