/*
 * SipHash-2-4, written from the paper's section 2.
 */
#include "fw/base/siphash.h"

#include <string.h>

#define ROTL(x, bits) (((x) << (bits)) | ((x) >> (64 - (bits))))

struct state {
	uint64_t v0, v1, v2, v3;
};

static void
round_once(struct state *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = ROTL(s->v1, 13) ^ s->v0;
	s->v3 = ROTL(s->v3, 16) ^ s->v2;
	s->v0 = ROTL(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = ROTL(s->v1, 17) ^ s->v2;
	s->v3 = ROTL(s->v3, 21) ^ s->v0;
	s->v2 = ROTL(s->v2, 32);
}

static void
absorb(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	round_once(s);
	round_once(s);
	s->v0 ^= word;
}

uint64_t
siphash(const struct siphash_key *key, const void *data, size_t len_bytes)
{
	struct state s = {
		.v0 = key->k0 ^ 0x736f6d6570736575u,
		.v1 = key->k1 ^ 0x646f72616e646f6du,
		.v2 = key->k0 ^ 0x6c7967656e657261u,
		.v3 = key->k1 ^ 0x7465646279746573u,
	};
	const uint8_t *at = data;
	uint64_t word, last = (uint64_t)len_bytes << 56;
	size_t left = len_bytes;

	for (; left >= 8; at += 8, left -= 8) {
		memcpy(&word, at, 8);
		absorb(&s, word);
	}
	for (size_t i = 0; i < left; i++)
		last |= (uint64_t)at[i] << (8 * i);
	absorb(&s, last);
	s.v2 ^= 0xff;
	for (int i = 0; i < 4; i++)
		round_once(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
