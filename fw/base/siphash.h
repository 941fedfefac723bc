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

#endif
