/*
 * Which byte may stand where (RFC 9110 5.5 and 5.6.2, RFC 3986), and the scan of a head for it, 16 bytes at a time.
 *
 * Targets: RFC 3986 allows less than HTTP1_TARGET, but browsers send [ ] \ ^ ` { | } unescaped in queries. What no
 * browser sends and what splits or ends a target elsewhere is refused: controls, space, " # < >, bytes above 0x7e.
 * Hosts: percent-encoding is left out, no DNS name needs it.
 */
#include "dataplane/http/http1.h"

#include <immintrin.h>

bool http1_avx2;

__attribute__((constructor)) static void
choose(void)
{
	__builtin_cpu_init();
	http1_avx2 = __builtin_cpu_supports("avx2");
}

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

/*
 * A class whose bytes are below 0x80 as two tables of 16: a byte is of it if what the first says of its lower half and the
 * second of its upper half have a bit in common, one for each upper half from 2 to 7.
 */
#define UPPER_HALVES 0, 0, 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0, 0, 0, 0, 0, 0, 0, 0
#define TOKEN_LOWER                                                                                \
	0x3a, 0x3f, 0x3e, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3e, 0x3e, 0x3d, 0x15, 0x34, 0x15, 0x3d,  \
	    0x1c
#define TARGET_LOWER                                                                               \
	0x3e, 0x3f, 0x3e, 0x3e, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3d, 0x3f, 0x3d,  \
	    0x1f
#define HOST_LOWER                                                                                 \
	0x2a, 0x3f, 0x3e, 0x3e, 0x3f, 0x3e, 0x3f, 0x3f, 0x3f, 0x3f, 0x3d, 0x17, 0x15, 0x17, 0x35,  \
	    0x1c

static const uint8_t upper_halves[16] = { UPPER_HALVES };
static const uint8_t token_lower[16] = { TOKEN_LOWER };
static const uint8_t target_lower[16] = { TARGET_LOWER };
static const uint8_t host_lower[16] = { HOST_LOWER };

/* Bits of those of 16 bytes that are not of such a class. */
static inline uint32_t
outside16(__m128i bytes, __m128i lower, __m128i upper)
{
	__m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(0x0f));
	__m128i common =
	    _mm_and_si128(_mm_shuffle_epi8(lower, bytes), _mm_shuffle_epi8(upper, high));

	return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(common, _mm_setzero_si128()));
}

/* Of those that are not of HTTP1_VALUE: controls but for the tab. */
static inline uint32_t
not_value16(__m128i bytes)
{
	__m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
	__m128i not_tab = _mm_andnot_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t')), control);

	return (uint32_t)_mm_movemask_epi8(
	    _mm_or_si128(not_tab, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f))));
}

/* Bits of 16 bytes. */
static inline void
classify16(const char *bytes, uint64_t *not_token, uint64_t *not_value)
{
	const __m128i lower = _mm_loadu_si128((const __m128i *)token_lower);
	const __m128i upper = _mm_loadu_si128((const __m128i *)upper_halves);
	__m128i piece = _mm_loadu_si128((const __m128i *)bytes);

	*not_token = outside16(piece, lower, upper);
	*not_value = not_value16(piece);
}

/* Fewer than 64 bytes behind the whole words. The last 16 are looked at in one, whichever of them were before. */
static inline void
classify_last(struct http1_map *map, const char *bytes, uint32_t len)
{
	uint32_t left = len % 64, at = 0;
	const char *last = bytes + (len - left);
	uint64_t token = ~UINT64_C(0) << left, value = token, t, v;
	char few[16] = { 0 };

	for (; at + 16 <= left; at += 16) {
		classify16(last + at, &t, &v);
		token |= t << at;
		value |= v << at;
	}
	if (at < left) {
		if (len >= 16) {
			classify16(bytes + len - 16, &t, &v);
		} else {
			memcpy(few + 16 - len, bytes, len);
			classify16(few, &t, &v);
		}
		token |= left >= 16 ? t << (left - 16) : t >> (16 - left);
		value |= left >= 16 ? v << (left - 16) : v >> (16 - left);
	}
	map->not_token[len / 64] = token;
	map->not_value[len / 64] = value;
}

static void
map_make(struct http1_map *map, const char *bytes, uint32_t len)
{
	for (uint32_t word = 0; word < len / 64; word++) {
		uint64_t token = 0, value = 0, t, v;

		for (unsigned at = 0; at < 64; at += 16) {
			classify16(bytes + word * 64 + at, &t, &v);
			token |= t << at;
			value |= v << at;
		}
		map->not_token[word] = token;
		map->not_value[word] = value;
	}
	classify_last(map, bytes, len);
}

/* The same with 32 bytes at a time. */
AVX2 static void
map_make_avx2(struct http1_map *map, const char *bytes, uint32_t len)
{
	const __m256i lower =
	    _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)token_lower));
	const __m256i upper =
	    _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)upper_halves));

	for (uint32_t word = 0; word < len / 64; word++) {
		uint64_t token = 0, value = 0;

		for (unsigned i = 0; i < 2; i++) {
			__m256i piece =
			    _mm256_loadu_si256((const __m256i *)(bytes + word * 64) + i);
			__m256i high =
			    _mm256_and_si256(_mm256_srli_epi16(piece, 4), _mm256_set1_epi8(0x0f));
			__m256i common = _mm256_and_si256(_mm256_shuffle_epi8(lower, piece),
							  _mm256_shuffle_epi8(upper, high));
			__m256i outside = _mm256_cmpeq_epi8(common, _mm256_setzero_si256());
			__m256i control = _mm256_cmpeq_epi8(
			    _mm256_min_epu8(piece, _mm256_set1_epi8(0x1f)), piece);
			__m256i not_tab = _mm256_andnot_si256(
			    _mm256_cmpeq_epi8(piece, _mm256_set1_epi8('\t')), control);
			__m256i bad = _mm256_or_si256(
			    not_tab, _mm256_cmpeq_epi8(piece, _mm256_set1_epi8(0x7f)));

			token |= (uint64_t)(uint32_t)_mm256_movemask_epi8(outside) << 32 * i;
			value |= (uint64_t)(uint32_t)_mm256_movemask_epi8(bad) << 32 * i;
		}
		map->not_token[word] = token;
		map->not_value[word] = value;
	}
	classify_last(map, bytes, len);
}

void
http1_map_make(struct http1_map *map, const char *bytes, uint32_t len)
{
	if (http1_avx2)
		map_make_avx2(map, bytes, len);
	else
		map_make(map, bytes, len);
}

/* The first byte that is not of the class; 16 at a time while there are as many. */
static inline const char *
skip(const char *at, const char *end, const uint8_t class_lower[16], unsigned class_bit)
{
	const __m128i lower = _mm_loadu_si128((const __m128i *)class_lower);
	const __m128i upper = _mm_loadu_si128((const __m128i *)upper_halves);

	for (; end - at >= 16; at += 16) {
		uint32_t outside = outside16(_mm_loadu_si128((const __m128i *)at), lower, upper);

		if (outside)
			return at + __builtin_ctz(outside);
	}
	while (at < end && http1_is(*at, class_bit))
		at++;
	return at;
}

const char *
http1_skip_target(const char *at, const char *end)
{
	return skip(at, end, target_lower, HTTP1_TARGET);
}

const char *
http1_skip_host(const char *at, const char *end)
{
	return skip(at, end, host_lower, HTTP1_HOST);
}
