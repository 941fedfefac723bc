/*
 * The HTTP probe: what it asks, and what it makes of the answer (RFC 9112 3, 4). One request on a connection of its own; the status
 * line of the first final response decides, body and fields are not read. Interim responses (RFC 9110 15.2) are passed over.
 * Where the monitor asks for a text in the body, dataplane/probe_body.c reads the whole response instead and has the payload
 * searched here (Knuth, Morris and Pratt 1977: no byte is looked at twice, whatever the text and the body).
 *
 * Stands on fw/ alone: dataplane/http is for messages that are forwarded.
 */
#include "dataplane/health/health.h"

#include <string.h>

#include "fw/base/assert.h"

#define HTTP_PORT 80u
/* Of interim responses and a status line; more is no answer. */
#define ANSWER_MAX_BYTES 8192u

struct writer {
	char *at, *end;
	bool full;
};

static void put_host(struct writer *w, const struct endpoint *member);
static void put(struct writer *w, struct str s);
static enum health_cause
feed_byte(struct health_http_answer *answer, const struct gen_monitor *monitor, char c);
static enum health_cause
status_line(struct health_http_answer *answer, const struct gen_monitor *monitor);

uint32_t
health_http_request(const struct generation *gen, const struct gen_monitor *monitor,
		    const struct endpoint *member, char *out, uint32_t cap)
{
	static const char *const methods[] = { [GEN_MONITOR_GET] = "GET ",
					       [GEN_MONITOR_HEAD] = "HEAD ",
					       [GEN_MONITOR_OPTIONS] = "OPTIONS " };
	struct writer w = { out, out + cap, false };

	put(&w, str_from(methods[monitor->method]));
	put(&w, generation_str(gen, monitor->path));
	put(&w, STR(" HTTP/1.1\r\nHost: "));
	if (monitor->host.len)
		put(&w, generation_str(gen, monitor->host));
	else
		put_host(&w, member);
	put(&w, STR("\r\nUser-Agent: Fairlead-monitor\r\nAccept: */*\r\nConnection: close\r\n"));
	put(&w, generation_str(gen, monitor->headers));
	put(&w, STR("\r\n"));
	return w.full ? 0 : (uint32_t)(w.at - out);
}

/* RFC 9110 7.2: without the port where it is the scheme's default; an IPv6 address in brackets. */
static void
put_host(struct writer *w, const struct endpoint *member)
{
	char text[ENDPOINT_TEXT_MAX];
	struct str host = str_from(endpoint_format(member, text));

	if (member->port == HTTP_PORT)
		host.len -= sizeof ":80" - 1;
	put(w, host);
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

enum health_cause
health_http_feed(struct health_http_answer *answer, const struct gen_monitor *monitor,
		 const char *bytes, uint32_t len)
{
	enum health_cause cause = HEALTH_CAUSE_none;

	for (uint32_t i = 0; i < len && cause == HEALTH_CAUSE_none; i++)
		cause = feed_byte(answer, monitor, bytes[i]);
	return cause;
}

/* Lines end with CR LF; in a line stand visible characters, spaces, tabs and bytes above 0x7f. */
static enum health_cause
feed_byte(struct health_http_answer *answer, const struct gen_monitor *monitor, char c)
{
	if (++answer->total > ANSWER_MAX_BYTES)
		return HEALTH_CAUSE_malformed;
	if (answer->after_cr) {
		answer->after_cr = false;
		if (c != '\n')
			return HEALTH_CAUSE_malformed;
		if (answer->interim) {
			answer->interim = answer->len > 0; /* the empty line ends it */
			answer->len = 0;
			return HEALTH_CAUSE_none;
		}
		return status_line(answer, monitor);
	}
	if (c == '\r') {
		answer->after_cr = true;
		return HEALTH_CAUSE_none;
	}
	if (((unsigned char)c < 0x20 && c != '\t') || c == 0x7f)
		return HEALTH_CAUSE_malformed;
	if (answer->len < sizeof answer->line)
		answer->line[answer->len++] = c;
	return HEALTH_CAUSE_none;
}

/* "HTTP/1." DIGIT SP 3DIGIT [ SP reason ]; the reason may be cut off. */
static enum health_cause
status_line(struct health_http_answer *answer, const struct gen_monitor *monitor)
{
	const char *line = answer->line;
	uint64_t status, minor;

	if (answer->len < 12 || memcmp(line, "HTTP/1.", 7) != 0 || line[8] != ' ' ||
	    !str_to_u64((struct str){ line + 7, 1 }, 9, &minor) ||
	    !str_to_u64((struct str){ line + 9, 3 }, 599, &status) || status < 100)
		return HEALTH_CAUSE_malformed;
	if (answer->len > 12 && line[12] != ' ')
		return HEALTH_CAUSE_malformed;
	answer->len = 0;
	if (status < 200 && status != 101) {
		answer->interim = true;
		return HEALTH_CAUSE_none;
	}
	return gen_statuses_have(&monitor->statuses, (uint32_t)status) ? HEALTH_CAUSE_ok
								       : HEALTH_CAUSE_status;
}

/* fallback[n]: of the first n bytes matched, how many are matched still when the next one differs. */
static void
find_fallbacks(struct str text, uint8_t fallback[LIMIT_BODY_MATCH_BYTES + 1])
{
	uint32_t matched = 0;

	fallback[0] = fallback[1] = 0;
	for (uint32_t n = 1; n < text.len; n++) {
		while (matched && text.at[n] != text.at[matched])
			matched = fallback[matched];
		matched += text.at[n] == text.at[matched];
		fallback[n + 1] = (uint8_t)matched;
	}
}

bool
health_body_feed(struct health_search *search, struct str text, const char *bytes, uint32_t len)
{
	uint8_t fallback[LIMIT_BODY_MATCH_BYTES + 1];

	ASSERT(text.len > 0 && text.len <= LIMIT_BODY_MATCH_BYTES);
	find_fallbacks(text, fallback);
	for (uint32_t i = 0; i < len && search->fed < HEALTH_BODY_MAX_BYTES; i++) {
		search->fed++;
		while (search->matched && bytes[i] != text.at[search->matched])
			search->matched = fallback[search->matched];
		search->matched += bytes[i] == text.at[search->matched];
		if (search->matched == text.len)
			return true;
	}
	return false;
}
