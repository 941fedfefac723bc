/*
 * Draws for stories whose world comes from the seed.
 */
#ifndef TEST_SIM_STORIES_RANDOM_H
#define TEST_SIM_STORIES_RANDOM_H

#include "test/sim/adversary.h"
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

#define HOUR (3600 * SEC)

/* A spec of faults that a transfer survives, perhaps of none. */
void draw_faults(struct world *world, char *out, size_t out_bytes);
/* The same of what an end receives, with bits that flip. */
void draw_faults_rx(struct world *world, char *out, size_t out_bytes);
struct tcp_settings draw_tcp(struct world *world);
/* What a network card claims: nothing, or some of it. */
struct port_sim_claims draw_claims(struct world *world);
/* From the least to the most, each magnitude as likely as another. */
uint64_t draw_magnitude(struct world *world, uint64_t least, uint64_t most);
struct stream_pace draw_pace(struct world *world);
struct stream_plan draw_stream(struct world *world);
/* Connections that are idle, or stuck, most of their time, which is minutes to hours. */
struct stream_plan draw_slow_stream(struct world *world);

/* Somebody who means harm: what to say (for ever), and how. */
struct adversary_plan draw_foe(struct world *world, bool http);

/* The kinds of worlds. */
void random_duo(struct world *world);
void random_box(struct world *world);
void random_net(struct world *world);
void random_foe(struct world *world);

#endif
