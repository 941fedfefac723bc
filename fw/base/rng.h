/*
 * A small deterministic random source (SplitMix64): seeds, jitter, simulated loss. Not for secrets;
 * those come from the kernel by way of the control thread.
 */
#ifndef FW_BASE_RNG_H
#define FW_BASE_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

void rng_init(struct rng *rng, uint64_t seed);
uint64_t rng_next(struct rng *rng);
/* Uniform in 0..limit-1; limit > 0. */
uint32_t rng_below(struct rng *rng, uint32_t limit);
/* True with a probability of parts in a million. */
bool rng_chance(struct rng *rng, uint32_t parts_per_million);

#endif
