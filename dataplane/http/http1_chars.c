/*
 * Which byte may stand where (RFC 9110 5.5 and 5.6.2, RFC 3986), and the scan over values, which are most of a head's bytes.
 *
 * Targets: RFC 3986 allows less than HTTP1_TARGET, but browsers send [ ] \ ^ ` { | } unescaped in queries. What no
 * browser sends and what splits or ends a target elsewhere is refused: controls, space, " # < >, bytes above 0x7e.
 * Hosts: percent-encoding is left out, no DNS name needs it.
 */
#include "dataplane/http/http1.h"

#include <emmintrin.h>

#define T HTTP1_TOKEN
#define G HTTP1_TARGET
#define V HTTP1_VALUE
#define H HTTP1_HOST
#define D HTTP1_DIGIT
#define X HTTP1_HEX

const uint8_t http1_class[256] = {
	['\t'] = V,
	[' '] = V,
	['!'] = T | G | V | H,
	['"'] = V,
	['#'] = T | V,
	['$'] = T | G | V | H,
	['%'] = T | G | V,
	['&'] = T | G | V | H,
	['\''] = T | G | V | H,
	['('] = G | V | H,
	[')'] = G | V | H,
	['*'] = T | G | V | H,
	['+'] = T | G | V | H,
	[','] = G | V | H,
	['-'] = T | G | V | H,
	['.'] = T | G | V | H,
	['/'] = G | V,
	['0' ... '9'] = T | G | V | H | D | X,
	[':'] = G | V,
	[';'] = G | V | H,
	['<'] = V,
	['='] = G | V | H,
	['>'] = V,
	['?'] = G | V,
	['@'] = G | V,
	['A' ... 'F'] = T | G | V | H | X,
	['G' ... 'Z'] = T | G | V | H,
	['['] = G | V,
	['\\'] = G | V,
	[']'] = G | V,
	['^'] = T | G | V,
	['_'] = T | G | V | H,
	['`'] = T | G | V,
	['a' ... 'f'] = T | G | V | H | X,
	['g' ... 'z'] = T | G | V | H,
	['{'] = G | V,
	['|'] = T | G | V,
	['}'] = G | V,
	['~'] = T | G | V | H,
	[0x80 ... 0xff] = V,
};

const char *
http1_skip_value(const char *at, const char *end)
{
	const __m128i highest_control = _mm_set1_epi8(0x1f);
	const __m128i tab = _mm_set1_epi8('\t');
	const __m128i delete = _mm_set1_epi8(0x7f);

	for (; end - at >= 16; at += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)at);
		__m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, highest_control), bytes);
		__m128i bad = _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, tab), control),
					   _mm_cmpeq_epi8(bytes, delete));
		unsigned mask = (unsigned)_mm_movemask_epi8(bad);

		if (mask)
			return at + __builtin_ctz(mask);
	}
	while (at < end && http1_is(*at, HTTP1_VALUE))
		at++;
	return at;
}
