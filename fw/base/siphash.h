/*
 * SipHash-2-4 (Aumasson, Bernstein 2012): a keyed hash that an attacker who chooses the input can't steer.
 * Connection tables and initial sequence numbers (RFC 6528) use it.
 */
#ifndef FW_BASE_SIPHASH_H
#define FW_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
	uint64_t k0, k1;
};

uint64_t siphash(const struct siphash_key *key, const void *data, size_t len_bytes);

#define SIPHASH_ROTL(x, bits) (((x) << (bits)) | ((x) >> (64 - (bits))))

struct siphash_state {
	uint64_t v0, v1, v2, v3;
};

static inline void
siphash_round(struct siphash_state *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = SIPHASH_ROTL(s->v1, 13) ^ s->v0;
	s->v3 = SIPHASH_ROTL(s->v3, 16) ^ s->v2;
	s->v0 = SIPHASH_ROTL(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = SIPHASH_ROTL(s->v1, 17) ^ s->v2;
	s->v3 = SIPHASH_ROTL(s->v3, 21) ^ s->v0;
	s->v2 = SIPHASH_ROTL(s->v2, 32);
}

static inline void
siphash_absorb(struct siphash_state *s, uint64_t word)
{
	s->v3 ^= word;
	siphash_round(s);
	siphash_round(s);
	s->v0 ^= word;
}

static inline struct siphash_state
siphash_begin(const struct siphash_key *key)
{
	return (struct siphash_state){
		.v0 = key->k0 ^ 0x736f6d6570736575u,
		.v1 = key->k1 ^ 0x646f72616e646f6du,
		.v2 = key->k0 ^ 0x6c7967656e657261u,
		.v3 = key->k1 ^ 0x7465646279746573u,
	};
}

/* tail: the bytes behind the last whole word (fewer than eight), lowest first. */
static inline uint64_t
siphash_end(struct siphash_state *s, uint64_t tail, size_t len_bytes)
{
	siphash_absorb(s, tail | (uint64_t)len_bytes << 56);
	s->v2 ^= 0xff;
	for (int i = 0; i < 4; i++)
		siphash_round(s);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

/* The same of input that is at hand as words of eight bytes, each as it stands in memory, and a tail. */
static inline uint64_t
siphash_words(const struct siphash_key *key, const uint64_t *words, unsigned count, uint64_t tail,
	      size_t len_bytes)
{
	struct siphash_state s = siphash_begin(key);

	for (unsigned i = 0; i < count; i++)
		siphash_absorb(&s, words[i]);
	return siphash_end(&s, tail, len_bytes);
}

#endif
