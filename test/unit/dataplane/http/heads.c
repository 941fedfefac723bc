/*
 * Helpers for tests of heads.
 */
#include "test/unit/dataplane/http/heads.h"

#include <stdlib.h>
#include <string.h>

#define TEXT(literal) { literal, sizeof(literal) - 1 }

static char *copied;

static const char *
copy(struct str text)
{
	free(copied);
	copied = malloc(text.len ? text.len : 1);
	ASSERT(copied);
	memcpy(copied, text.at, text.len);
	return copied;
}

enum http_error
heads_request(struct str text, struct http_head *head)
{
	return http_parse_request(copy(text), (uint32_t)text.len, head);
}

enum http_error
heads_response(struct str text, enum http_method method, struct http_head *head)
{
	return http_parse_response(copy(text), (uint32_t)text.len, method, head);
}

const struct http_field *
heads_field(const struct http_head *head, const char *name)
{
	const struct http_field *found = NULL;

	for (uint32_t i = 0; i < head->field_count; i++) {
		if (!str_equal(head->field[i].name, str_from(name)))
			continue;
		if (found)
			return NULL;
		found = &head->field[i];
	}
	return found;
}

const struct str heads_requests[] = {
	TEXT("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
	TEXT("GET / HTTP/1.0\r\n\r\n"),
	TEXT(
	    "GET /a/b?c=d&e=%20 HTTP/1.1\r\nHost: www.example.org:8080\r\nUser-Agent: test/1.0 (x; "
	    "y)\r\nAccept: */*\r\nAccept-Encoding: gzip, br\r\nCookie: a=b; c=d\r\n\r\n"),
	TEXT("POST /form HTTP/1.1\r\nHost: [fd00::1]:80\r\nContent-Length: 17\r\nExpect: "
	     "100-continue\r\n\r\n"),
	TEXT("PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"),
	TEXT("GET http://other.example/p?q HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
	TEXT("GET http://other.example?q HTTP/1.1\r\nHost: a\r\n\r\n"),
	TEXT("OPTIONS http://other.example HTTP/1.1\r\nHost: other.example\r\n\r\n"),
	TEXT("OPTIONS * HTTP/1.1\r\nHost: a\r\nMax-Forwards: 3\r\n\r\n"),
	TEXT("HEAD /x HTTP/1.0\r\nConnection: keep-alive, x-one\r\nX-One: 1\r\nKeep-Alive: "
	     "timeout=5\r\n\r\n"),
	TEXT("GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: "
	     "h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n"),
	TEXT("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.0.0.9\r\nX-Forwarded-For: "
	     "10.0.0.8, 10.0.0.7\r\nEmpty:\r\nEmpty2: \t \r\nTE: trailers\r\n\r\n"),
	TEXT("BREW /pot HTTP/1.1\r\nHost:a\r\nX-Latin: caf\xe9 \xff\r\nX-Tab:\ta\tb\t\r\n\r\n"),
	TEXT("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n"),
	TEXT("GET / HTTP/1.1\nHost: a\n\n"),
	TEXT("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n"),
	TEXT("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: "
	     "chunked\r\n\r\n"),
	TEXT(""),
};

const struct str heads_responses[] = {
	TEXT("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: nginx\r\nDate: Sat, 21 Nov 2026 "
	     "01:00:00 GMT\r\n\r\n"),
	TEXT("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n"),
	TEXT("HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n"),
	TEXT("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n"),
	TEXT("HTTP/1.1 100 Continue\r\n\r\n"),
	TEXT("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"),
	TEXT("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"),
	TEXT("HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n"),
	TEXT("HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\nETag: \"x\"\r\n\r\n"),
	TEXT("HTTP/1.1 404\r\nConnection: close, x-one\r\nX-One: 1\r\nProxy-Connection: "
	     "x\r\n\r\n"),
	TEXT("HTTP/1.1 500 \r\nContent-Length: 9223372036854775807\r\n\r\n"),
	TEXT("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n"),
	TEXT(""),
};

static const struct str lines[] = {
	TEXT("Content-Length: 5\r\n"),
	TEXT("Content-Length: 0\r\n"),
	TEXT("content-length:6\r\n"),
	TEXT("Content-Length: +5\r\n"),
	TEXT("Content-Length: 5, 5\r\n"),
	TEXT("Transfer-Encoding: chunked\r\n"),
	TEXT("TRANSFER-ENCODING: Chunked\r\n"),
	TEXT("Transfer-Encoding: gzip, chunked\r\n"),
	TEXT("Transfer-Encoding: identity\r\n"),
	TEXT("Host: b\r\n"),
	TEXT("Connection: close\r\n"),
	TEXT("Connection: Keep-Alive\r\n"),
	TEXT("Connection: , x-one ,,host, user-agent\r\n"),
	TEXT("Connection: bad token\r\n"),
	TEXT("Expect: 100-continue\r\n"),
	TEXT("Expect: 200-ok\r\n"),
	TEXT("X-One: 1\r\n"),
	TEXT("User-Agent: u\r\n"),
	TEXT("Upgrade: websocket\r\n"),
	TEXT(" folded: yes\r\n"),
	TEXT("Space : yes\r\n"),
	TEXT(": nameless\r\n"),
	TEXT("colonless\r\n"),
	TEXT("\r\n"),
	TEXT("\n"),
};

static size_t
replace(char *text, size_t len, size_t cap, size_t at, size_t old_len, struct str new)
{
	if (len - old_len + new.len > cap)
		return len;
	memmove(text + at + new.len, text + at + old_len, len - at - old_len);
	memcpy(text + at, new.at, new.len);
	return len - old_len + new.len;
}

/* The start of a line (any but the first, when there are more). */
static size_t
some_line(struct rng *rng, const char *text, size_t len)
{
	size_t at = rng_below(rng, (uint32_t)len);

	while (at < len && text[at] != '\n')
		at++;
	return at < len ? at + 1 : len;
}

size_t
heads_mutate(struct rng *rng, char *text, size_t len, size_t cap)
{
	static const char troublemakers[] =
	    "\r\n\t :,;/?#[]@.0123456789aZ\"<>\\^`{|}~%\x7f\x80\xff\v\0";
	size_t at = len ? rng_below(rng, (uint32_t)len) : 0;
	char byte = troublemakers[rng_below(rng, sizeof troublemakers)];

	switch (len ? rng_below(rng, 8) : 1) {
	case 0: /* another byte */
		text[at] = byte;
		return len;
	case 1: /* one more */
		return replace(text, len, cap, at, 0, (struct str){ &byte, 1 });
	case 2: /* one less */
		return replace(text, len, cap, at, 1, (struct str){ "", 0 });
	case 3: /* a random bit */
		text[at] = (char)(text[at] ^ 1 << rng_below(rng, 8));
		return len;
	case 4: /* a line less */
		for (byte = 0, at = some_line(rng, text, len); at < len && byte != '\n';) {
			byte = text[at];
			len = replace(text, len, cap, at, 1, (struct str){ "", 0 });
		}
		return len;
	default: /* a known line more: often, since nothing else makes whole fields */
		return replace(text, len, cap, some_line(rng, text, len), 0,
			       lines[rng_below(rng, ARRAY_SIZE(lines))]);
	}
}
