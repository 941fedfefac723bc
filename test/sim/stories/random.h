/*
 * Draws for stories whose world comes from the seed.
 */
#ifndef TEST_SIM_STORIES_RANDOM_H
#define TEST_SIM_STORIES_RANDOM_H

#include "test/sim/stories.h"

static inline uint64_t
between(struct world *world, uint64_t min, uint64_t max)
{
	return min + world_seed(world) % (max - min + 1);
}

static inline bool
one_in(struct world *world, uint32_t n)
{
	return rng_below(&world->rng, n) == 0;
}

/* A spec of faults that a transfer survives, perhaps of none. */
void draw_faults(struct world *world, char *out, size_t out_bytes);
struct stream_pace draw_pace(struct world *world);
struct stream_plan draw_stream(struct world *world);

/* The two kinds of worlds. */
void random_duo(struct world *world);
void random_box(struct world *world);

#endif
