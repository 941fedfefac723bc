/*
 * The reader of HTTP/1 messages. Tolerates nothing that a correct peer does not send.
 */
#include "test/sim/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "test/sim/pattern.h"

enum chunk_state { CHUNK_SIZE, CHUNK_DATA, CHUNK_DATA_END, CHUNK_TRAILER };

static int64_t feed_head(struct message *m, const char *bytes, uint32_t len);
static bool parse_head(struct message *m);
static bool parse_first_line(struct message *m);
static bool parse_framing(struct message *m);
static int64_t feed_payload(struct message *m, const char *bytes, uint32_t len);
static int64_t feed_chunked(struct message *m, const char *bytes, uint32_t len);
static int64_t feed_line(struct message *m, const char *bytes, uint32_t len, bool *complete);

void
message_init(struct message *m, bool request)
{
	m->step = MESSAGE_HEAD;
	m->head_len = m->line_len = 0;
	m->request = request;
	m->head_request = false;
	m->key = m->body_done = m->left = m->length = 0;
	m->chunk_state = CHUNK_SIZE;
}

int64_t
message_feed(struct message *m, const char *bytes, uint32_t len)
{
	switch (m->step) {
	case MESSAGE_HEAD:
		return feed_head(m, bytes, len);
	case MESSAGE_BODY:
		return m->framing == MESSAGE_CHUNKED ? feed_chunked(m, bytes, len)
						     : feed_payload(m, bytes, len);
	default:
		return 0;
	}
}

static int64_t
feed_head(struct message *m, const char *bytes, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		if (m->head_len == MESSAGE_HEAD_MAX)
			return -1;
		m->head[m->head_len++] = bytes[i];
		if (m->head_len >= 4 && memcmp(m->head + m->head_len - 4, "\r\n\r\n", 4) == 0) {
			m->head[m->head_len] = '\0';
			if (memchr(m->head, '\0', m->head_len) || !parse_head(m))
				return -1;
			return i + 1;
		}
	}
	return len;
}

static bool
parse_head(struct message *m)
{
	char connection[64] = "";

	if (!parse_first_line(m) || !parse_framing(m))
		return false;
	message_field(m, "Connection", connection, sizeof connection);
	m->keep_alive = m->minor ? strcasecmp(connection, "close") != 0
				 : strcasecmp(connection, "keep-alive") == 0;
	if (m->framing == MESSAGE_UNTIL_CLOSE && m->keep_alive)
		return false; /* nobody would know where it ends */
	m->left = m->framing == MESSAGE_LENGTH        ? m->length
		  : m->framing == MESSAGE_UNTIL_CLOSE ? UINT64_MAX
						      : 0;
	m->step = m->framing == MESSAGE_NO_BODY || (m->framing == MESSAGE_LENGTH && !m->length)
		      ? MESSAGE_DONE
		      : MESSAGE_BODY;
	return true;
}

static bool
parse_first_line(struct message *m)
{
	if (m->request)
		return sscanf(m->head, "%15s %199s HTTP/1.%1u\r", m->method, m->target,
			      &m->minor) == 3;
	return sscanf(m->head, "HTTP/1.%1u %3u ", &m->minor, &m->status) == 2 && m->status >= 100 &&
	       m->status < 600;
}

static bool
parse_framing(struct message *m)
{
	char coding[64], length[32], *end;
	bool chunked = message_field(m, "Transfer-Encoding", coding, sizeof coding);
	bool has_length = message_field(m, "Content-Length", length, sizeof length);

	if (chunked && (has_length || strcmp(coding, "chunked") != 0))
		return false;
	if (has_length) {
		m->length = strtoull(length, &end, 10);
		if (end == length || *end)
			return false;
	}
	m->framing = chunked      ? MESSAGE_CHUNKED
		     : has_length ? MESSAGE_LENGTH
		     : m->request ? MESSAGE_NO_BODY
				  : MESSAGE_UNTIL_CLOSE;
	if (!m->request &&
	    (m->head_request || m->status < 200 || m->status == 204 || m->status == 304))
		m->framing = MESSAGE_NO_BODY;
	return true;
}

bool
message_field(const struct message *m, const char *name, char *out, uint32_t out_bytes)
{
	size_t len = strlen(name);

	for (const char *line = strstr(m->head, "\r\n"); line && line[2] != '\r';
	     line = strstr(line + 2, "\r\n")) {
		const char *value = line + 2 + len, *end = strstr(line + 2, "\r\n");

		if (strncasecmp(line + 2, name, len) != 0 || *value != ':')
			continue;
		for (value++; *value == ' '; value++)
			;
		snprintf(out, out_bytes, "%.*s", (int)(end - value), value);
		return true;
	}
	return false;
}

static int64_t
feed_payload(struct message *m, const char *bytes, uint32_t len)
{
	uint32_t n = m->left < len ? (uint32_t)m->left : len;

	if (pattern_check(m->key, m->body_done, bytes, n) < n)
		return -1;
	m->body_done += n;
	m->left -= n;
	if (m->left == 0 && m->framing == MESSAGE_LENGTH)
		m->step = MESSAGE_DONE;
	return n;
}

static int64_t
feed_chunked(struct message *m, const char *bytes, uint32_t len)
{
	bool complete = false;
	int64_t n;

	if (m->chunk_state == CHUNK_DATA) {
		n = feed_payload(m, bytes, len);
		if (n >= 0 && m->left == 0)
			m->chunk_state = CHUNK_DATA_END;
		return n;
	}
	n = feed_line(m, bytes, len, &complete);
	if (n < 0 || !complete)
		return n;
	if (m->chunk_state == CHUNK_SIZE) {
		char *end;

		m->left = strtoull(m->line, &end, 16);
		if (end == m->line || (*end && *end != ';'))
			return -1;
		m->chunk_state = m->left ? CHUNK_DATA : CHUNK_TRAILER;
	} else if (m->line_len) { /* no data where a line end belongs, no trailers from our peers */
		return -1;
	} else if (m->chunk_state == CHUNK_DATA_END) {
		m->chunk_state = CHUNK_SIZE;
	} else {
		m->step = MESSAGE_DONE;
	}
	m->line_len = 0;
	return n;
}

/* Up to CRLF, which does not count as part of the line. */
static int64_t
feed_line(struct message *m, const char *bytes, uint32_t len, bool *complete)
{
	for (uint32_t i = 0; i < len; i++) {
		if (m->line_len == sizeof m->line)
			return -1;
		m->line[m->line_len++] = bytes[i];
		if (bytes[i] == '\n') {
			if (m->line_len < 2 || m->line[m->line_len - 2] != '\r')
				return -1;
			m->line_len -= 2;
			m->line[m->line_len] = '\0';
			*complete = true;
			return i + 1;
		}
	}
	return len;
}

bool
message_eof(struct message *m)
{
	if (m->step == MESSAGE_BODY && m->framing == MESSAGE_UNTIL_CLOSE)
		m->step = MESSAGE_DONE;
	return m->step == MESSAGE_DONE;
}
