/*
 * SipHash-2-4, written from the paper's section 2.
 */
#include "fw/base/siphash.h"

#include <string.h>

uint64_t
siphash(const struct siphash_key *key, const void *data, size_t len_bytes)
{
	struct siphash_state s = siphash_begin(key);
	const uint8_t *at = data;
	uint64_t word, last = 0;
	size_t left = len_bytes;

	for (; left >= 8; at += 8, left -= 8) {
		memcpy(&word, at, 8);
		siphash_absorb(&s, word);
	}
	for (size_t i = 0; i < left; i++)
		last |= (uint64_t)at[i] << (8 * i);
	return siphash_end(&s, last, len_bytes);
}
