/*
 * Heads of HTTP/1: see head.h. One walk over the ends of lines, 16 bytes at a time, finds the end and the two
 * fields of interest; a line's first character decides whether it is looked at.
 */
#include "test/bench/gen/head.h"

#include <emmintrin.h>
#include <string.h>

#include "fw/base/str.h"

static bool walk(const uint8_t *bytes, uint32_t len_bytes, struct head *out);
static bool line(const uint8_t *at, const uint8_t *end, struct head *out);
static uint64_t number(const uint8_t *at, const uint8_t *end, const uint8_t **rest);

bool
head_parse_request(const uint8_t *bytes, uint32_t len_bytes, struct head *out)
{
	const uint8_t *rest;

	if (!walk(bytes, len_bytes, out))
		return false;
	out->object_bytes = HEAD_NO_LENGTH;
	out->is_get = out->len_bytes > 5 && memcmp(bytes, "GET /", 5) == 0;
	if (out->is_get) {
		out->object_bytes = number(bytes + 5, bytes + out->len_bytes, &rest);
		if (*rest != ' ')
			out->object_bytes = HEAD_NO_LENGTH;
	}
	return true;
}

bool
head_parse_response(const uint8_t *bytes, uint32_t len_bytes, struct head *out)
{
	const uint8_t *rest;

	if (!walk(bytes, len_bytes, out))
		return false;
	out->status = 0;
	if (out->len_bytes > 13 && memcmp(bytes, "HTTP/1.1 ", 9) == 0)
		out->status = (uint16_t)number(bytes + 9, bytes + 12, &rest);
	return true;
}

/* True when the empty line was found. The rest of a vector that reaches over the end is looked at byte by byte. */
static bool
walk(const uint8_t *bytes, uint32_t len_bytes, struct head *out)
{
	const __m128i feed = _mm_set1_epi8('\n');
	const uint8_t *end = bytes + len_bytes;
	uint32_t at = 0;

	*out = (struct head){ .content_length = HEAD_NO_LENGTH };
	for (; at < len_bytes; at += 16) {
		uint32_t found = 0;

		if (at + 16 <= len_bytes)
			found = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(
			    _mm_loadu_si128((const __m128i *)(const void *)(bytes + at)), feed));
		else
			for (uint32_t i = at; i < len_bytes; i++)
				found |= (uint32_t)(bytes[i] == '\n') << (i - at);
		for (; found; found &= found - 1) {
			const uint8_t *next = bytes + at + __builtin_ctz(found) + 1;

			if (!line(next, end, out))
				continue;
			out->len_bytes = (uint32_t)(next - bytes) + 2;
			return true;
		}
	}
	return false;
}

/* Whether it is the empty one. */
static bool
line(const uint8_t *at, const uint8_t *end, struct head *out)
{
	size_t left = (size_t)(end - at);
	const uint8_t *rest;

	if (left >= 2 && at[0] == '\r' && at[1] == '\n')
		return true;
	if (left < 18 || (at[0] | 0x20) != 'c')
		return false;
	if (str_equal_nocase((struct str){ (const char *)at, 15 }, STR("content-length:"))) {
		at += 15 + (at[15] == ' ');
		out->content_length = number(at, end, &rest);
		if (rest == end || *rest != '\r')
			out->content_length = HEAD_NO_LENGTH;
	} else if (str_equal_nocase((struct str){ (const char *)at, 17 },
				    STR("connection: close"))) {
		out->closes = true;
	}
	return false;
}

/* HEAD_NO_LENGTH without a digit. At most 18 digits: no head of ours has more. */
static uint64_t
number(const uint8_t *at, const uint8_t *end, const uint8_t **rest)
{
	const uint8_t *begin = at;
	uint64_t value = 0;

	for (; at < end && *at >= '0' && *at <= '9' && at - begin < 18; at++)
		value = value * 10 + (uint64_t)(*at - '0');
	*rest = at;
	return at == begin ? HEAD_NO_LENGTH : value;
}
