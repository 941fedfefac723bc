/*
 * Finding where a head ends before it is parsed, whatever pieces it arrives in (RFC 9112 2.1, 2.2).
 *
 * Only line ends are looked at; whether the lines are right is the parser's business. What can never become a head is
 * handed to the parser as it is, so that rubbish is answered at once.
 */
#include "dataplane/http/http1.h"

#include <immintrin.h>

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

/* Bits of those of up to 64 bytes that are a certain one. */
static inline uint64_t
where16(const char *bytes, char c)
{
	return (uint32_t)_mm_movemask_epi8(
	    _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)bytes), _mm_set1_epi8(c)));
}

static inline uint64_t
where64(const char *bytes, char c)
{
	return where16(bytes, c) | where16(bytes + 16, c) << 16 | where16(bytes + 32, c) << 32 |
	       where16(bytes + 48, c) << 48;
}

/* The same with 32 bytes at a time. */
AVX2 static inline uint64_t
where64_avx2(const char *bytes, char c)
{
	__m256i wanted = _mm256_set1_epi8(c);
	__m256i low = _mm256_loadu_si256((const __m256i *)bytes);
	__m256i high = _mm256_loadu_si256((const __m256i *)(bytes + 32));

	return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted)) |
	       (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)) << 32;
}

/* Fewer than 64 that are the last of len. */
static inline uint64_t
where_last(const char *bytes, uint32_t left, uint32_t len, char c)
{
	uint64_t found = 0, last;
	uint32_t at = 0;

	for (; at + 16 <= left; at += 16)
		found |= where16(bytes + at, c) << at;
	if (at == left)
		return found;
	if (len < 16) {
		for (; at < left; at++)
			found |= (uint64_t)(bytes[at] == c) << at;
		return found;
	}
	last = where16(bytes + left - 16, c); /* some of them once more */
	return found | (left >= 16 ? last << (left - 16) : last >> (16 - left));
}

/*
 * How the bytes before ended, as bits that the next ones' continue. Which LF ends the search: one that no CR stands before, or
 * that ends a line with nothing in it, so that LF stands two before.
 */
struct carry {
	uint64_t cr, lf;
};

static inline uint64_t
ends(struct carry *carry, uint64_t cr, uint64_t lf)
{
	uint64_t found = lf & (~(cr << 1 | carry->cr) | lf << 2 | carry->lf);

	carry->cr = cr >> 63;
	carry->lf = lf >> 62;
	return found;
}

static struct carry
carry_of(const struct http_scan *scan)
{
	return (struct carry){
		.cr = scan->matched == CR || scan->matched == CR_LF_CR,
		.lf = scan->matched == CR_LF_CR ? 1
		      : scan->matched == CR_LF  ? 2
						: 0,
	};
}

/* The length up to and with the first LF that ends the search; 0 if there is none. */
static inline __attribute__((always_inline)) uint32_t
find_end_by(const struct http_scan *scan, const char *bytes, uint32_t len,
	    uint64_t (*where)(const char *bytes, char c))
{
	struct carry carry = carry_of(scan);
	uint32_t at = 0;
	uint64_t found;

	for (; at + 64 <= len; at += 64) {
		found = ends(&carry, where(bytes + at, '\r'), where(bytes + at, '\n'));
		if (found)
			return at + (uint32_t)__builtin_ctzll(found) + 1;
	}
	if (at == len)
		return 0;
	found = ends(&carry, where_last(bytes + at, len - at, len, '\r'),
		     where_last(bytes + at, len - at, len, '\n'));
	return found ? at + (uint32_t)__builtin_ctzll(found) + 1 : 0;
}

AVX2 static uint32_t
find_end_avx2(const struct http_scan *scan, const char *bytes, uint32_t len)
{
	return find_end_by(scan, bytes, len, where64_avx2);
}

static uint32_t
find_end(const struct http_scan *scan, const char *bytes, uint32_t len)
{
	if (http1_avx2)
		return find_end_avx2(scan, bytes, len);
	return find_end_by(scan, bytes, len, where64);
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
