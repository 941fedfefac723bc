/*
 * HTTP/1 heads, as far as a load generator has to understand them (RFC 9112 2 to 4, 6): where one ends, what a response's
 * status and length are, which object a request wants, and whether the connection ends with it.
 */
#ifndef TEST_BENCH_GEN_HEAD_H
#define TEST_BENCH_GEN_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#define HEAD_NO_LENGTH UINT64_MAX

struct head {
	uint32_t len_bytes; /* with its empty line */
	uint16_t status;    /* response: 0 if it is none */
	bool closes;        /* Connection: close */
	uint64_t
	    content_length; /* response: HEAD_NO_LENGTH where there is none, or not in digits */
	uint64_t
	    object_bytes; /* request: what a target of "/NUMBER" wants; HEAD_NO_LENGTH for others */
	bool is_get;      /* request: GET of HTTP/1.1 */
};

/* False: the head is not complete yet. */
bool head_parse_request(const uint8_t *bytes, uint32_t len_bytes, struct head *out);
bool head_parse_response(const uint8_t *bytes, uint32_t len_bytes, struct head *out);

#endif
