/*
 * Finding where a head ends before it is parsed, whatever pieces it arrives in (RFC 9112 2.1, 2.2).
 *
 * Only line ends are looked at; whether the lines are right is the parser's business. What can never become a head is
 * handed to the parser as it is, so that rubbish is answered at once.
 */
#include "dataplane/http/http1.h"

/* Values of http_scan.matched. */
enum matched {
	NOTHING,
	CR,
	CR_LF,
	CR_LF_CR,
};

static uint32_t find_end(const struct http_scan *scan, const char *bytes, uint32_t len);
static uint8_t matched_at_end(uint8_t matched, const char *bytes, uint32_t len);

uint32_t
http_find_head(struct http_scan *scan, const char *bytes, uint32_t len)
{
	uint32_t found;

	if (len == 0 || (scan->fed == 0 && len == 1 && bytes[0] == '\r'))
		return 0;
	if (scan->fed == 0 && !http1_is(bytes[0], HTTP1_TOKEN))
		found = 1;
	else
		found = find_end(scan, bytes, len);
	if (found)
		return scan->fed + found;
	scan->matched = matched_at_end(scan->matched, bytes, len);
	scan->fed += len;
	return 0;
}

/* The length up to and with the first LF that is no end of a line with something in it; 0 if there is none. */
static uint32_t
find_end(const struct http_scan *scan, const char *bytes, uint32_t len)
{
	const char *end = bytes + len;
	const char *lf;

	for (const char *at = bytes; (lf = memchr(at, '\n', (size_t)(end - at))); at = lf + 1) {
		uint32_t before = (uint32_t)(lf - bytes);
		bool after_cr = before == 0 ? scan->matched == CR : lf[-1] == '\r';
		bool empty = before == 1 ? scan->matched == CR_LF : before > 1 && lf[-2] == '\n';

		if (!after_cr || empty)
			return before + 1;
	}
	return 0;
}

static uint8_t
matched_at_end(uint8_t matched, const char *bytes, uint32_t len)
{
	bool after_crlf = len == 1 ? matched == CR_LF : bytes[len - 2] == '\n';

	if (bytes[len - 1] == '\n')
		return CR_LF;
	if (bytes[len - 1] == '\r')
		return after_crlf ? CR_LF_CR : CR;
	return NOTHING;
}
