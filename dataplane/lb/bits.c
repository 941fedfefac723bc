/*
 * Bit sets of two levels: a bit for each number, and behind them a bit for each of those words that
 * is not zero. A pool's 16,384 members are 256 words and 4 of the second level, so that the next
 * number is found in a handful of steps wherever it is.
 */
#include "dataplane/lb/lb_priv.h"

static uint32_t
words_for(uint32_t size)
{
	return (size + 63) / 64;
}

uint32_t
bits_words(uint32_t size)
{
	return words_for(size) + words_for(words_for(size));
}

void
bits_set(uint64_t *bits, uint32_t size, uint32_t at)
{
	uint64_t *upper = bits + words_for(size);
	uint32_t word = at / 64;

	bits[word] |= UINT64_C(1) << at % 64;
	upper[word / 64] |= UINT64_C(1) << word % 64;
}

void
bits_clear(uint64_t *bits, uint32_t size, uint32_t at)
{
	uint64_t *upper = bits + words_for(size);
	uint32_t word = at / 64;

	bits[word] &= ~(UINT64_C(1) << at % 64);
	if (!bits[word])
		upper[word / 64] &= ~(UINT64_C(1) << word % 64);
}

bool
bits_have(const uint64_t *bits, uint32_t at)
{
	return bits[at / 64] >> at % 64 & 1;
}

/* In one level: the first bit at or behind `from` within so many words; UINT32_MAX: none. */
static uint32_t
first_from(const uint64_t *bits, uint32_t words, uint32_t from)
{
	uint32_t word = from / 64;
	uint64_t rest = word < words ? bits[word] & UINT64_MAX << from % 64 : 0;

	while (!rest && ++word < words)
		rest = bits[word];
	return rest ? word * 64 + (uint32_t)__builtin_ctzll(rest) : UINT32_MAX;
}

uint32_t
bits_next(const uint64_t *bits, uint32_t size, uint32_t from)
{
	const uint64_t *upper = bits + words_for(size);
	uint32_t at, word = from / 64;

	at = from < size ? first_from(bits + word, 1, from % 64) : UINT32_MAX;
	if (at != UINT32_MAX)
		return word * 64 + at;
	word = first_from(upper, words_for(words_for(size)), word + 1);
	if (word == UINT32_MAX)
		word = first_from(upper, words_for(words_for(size)), 0);
	ASSERT(word != UINT32_MAX);
	return word * 64 + (uint32_t)__builtin_ctzll(bits[word]);
}
