/*
 * What the files of the HTTP/1 parser share; private to dataplane/http.
 */
#ifndef DATAPLANE_HTTP_HTTP1_H
#define DATAPLANE_HTTP_HTTP1_H

#include "dataplane/http/http.h"

/* Character classes, bits in http1_class[]. */
#define HTTP1_TOKEN  0x01u /* tchar, RFC 9110 5.6.2 */
#define HTTP1_TARGET 0x02u /* of a request target: visible ASCII without " # < > */
#define HTTP1_VALUE  0x04u /* of a field value or reason: HTAB, SP, VCHAR, obs-text (RFC 9110 5.5) */
#define HTTP1_HOST   0x08u /* unreserved and sub-delims, RFC 3986 3.2.2 */
#define HTTP1_DIGIT  0x10u
#define HTTP1_HEX    0x20u

extern const uint8_t http1_class[256];

static inline bool
http1_is(char c, unsigned class_bits)
{
	return http1_class[(unsigned char)c] & class_bits;
}

/* Whether the processor has it, found out when the program starts; tests turn it off. */
extern bool http1_avx2;
#define AVX2 __attribute__((target("avx2")))

/* A bit for each byte of a head, and for all behind its end. */
#define HTTP1_MAP_WORDS (HTTP_HEAD_MAX_BYTES / 64 + 1)
struct http1_map {
	uint64_t not_token[HTTP1_MAP_WORDS]; /* it is not of HTTP1_TOKEN */
	uint64_t not_value[HTTP1_MAP_WORDS]; /* it is not of HTTP1_VALUE */
};

/* Fills as much of map as len bytes need, HTTP_HEAD_MAX_BYTES at most. */
void http1_map_make(struct http1_map *map, const char *bytes, uint32_t len);
/* The first byte at or behind at that is not of HTTP1_TARGET, or end. */
const char *http1_skip_target(const char *at, const char *end);
/* Of HTTP1_HOST. */
const char *http1_skip_host(const char *at, const char *end);

/* Where a parser stands; end is never read. */
struct http1_cursor {
	const char *at, *end;
	const char *begin; /* what map tells of */
	const struct http1_map *map;
};

/* The first bit that is set at or behind place. */
static inline uint32_t
http1_map_next(const uint64_t *words, uint32_t place)
{
	uint32_t word = place / 64;
	uint64_t bits = words[word] >> place % 64;

	if (bits)
		return place + (uint32_t)__builtin_ctzll(bits);
	do
		bits = words[++word];
	while (!bits);
	return word * 64 + (uint32_t)__builtin_ctzll(bits);
}

/* The first byte at or behind at that is not of HTTP1_TOKEN, or end. */
static inline const char *
http1_skip_token(const struct http1_cursor *cursor, const char *at)
{
	return cursor->begin +
	       http1_map_next(cursor->map->not_token, (uint32_t)(at - cursor->begin));
}

/* The first byte at or behind at that is not of HTTP1_VALUE, or end. */
static inline const char *
http1_skip_value(const struct http1_cursor *cursor, const char *at)
{
	return cursor->begin +
	       http1_map_next(cursor->map->not_value, (uint32_t)(at - cursor->begin));
}

/* Fields with a meaning that were met, by enum http_name. */
struct http1_found {
	uint8_t count[HTTP_NAME_COUNT];
	uint8_t first[HTTP_NAME_COUNT]; /* index of the first one, where count isn't 0 */
};

/*
 * Takes CR LF; otherwise HTTP_ERROR_bare_cr, _bare_lf, _head_end, or `otherwise` on any other byte.
 */
MUST_CHECK enum http_error http1_line_end(struct http1_cursor *cursor, enum http_error otherwise);
/* Takes "HTTP/1.x"; higher minor versions count as 1. */
MUST_CHECK enum http_error http1_version(struct http1_cursor *cursor, uint8_t *minor_version);
/* Takes the field lines and the empty line, which has to be the end; fills head->field and *found. */
MUST_CHECK enum http_error
http1_fields(struct http1_cursor *cursor, struct http_head *head, struct http1_found *found);
/* What Content-Length and Transfer-Encoding say: LENGTH, CHUNKED or NONE. */
MUST_CHECK enum http_error http1_framing(struct http_head *head, const struct http1_found *found);
/* What Connection says: keep_alive, and which other fields are hop-by-hop. */
MUST_CHECK enum http_error
http1_connection(struct http_head *head, const struct http1_found *found);
/* Whether it is uri-host [ ":" port ] with a host. */
bool http1_host_is_valid(struct str host);

#endif
