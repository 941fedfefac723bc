/*
 * Content by position: SplitMix64 of the key and the number of the 8-byte word.
 */
#include "test/sim/pattern.h"

#include <string.h>

static uint64_t
word_at(uint64_t key, uint64_t index)
{
	uint64_t z = key + (index + 1) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

void
pattern_fill(uint64_t key, uint64_t offset, void *out, uint32_t len)
{
	uint8_t *to = out;

	while (len) {
		uint64_t word = word_at(key, offset / 8);
		uint32_t skip = offset % 8, n = 8 - skip < len ? 8 - skip : len;

		memcpy(to, (const uint8_t *)&word + skip, n);
		to += n;
		offset += n;
		len -= n;
	}
}

uint32_t
pattern_check(uint64_t key, uint64_t offset, const void *data, uint32_t len)
{
	const uint8_t *at = data;
	uint32_t done = 0;

	while (done < len) {
		uint64_t word = word_at(key, (offset + done) / 8);
		const uint8_t *right = (const uint8_t *)&word + (offset + done) % 8;
		uint32_t n = 8 - (offset + done) % 8;

		n = n < len - done ? n : len - done;
		for (uint32_t i = 0; i < n; i++)
			if (at[done + i] != right[i])
				return done + i;
		done += n;
	}
	return len;
}
