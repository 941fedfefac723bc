/*
 * A small valid generation made by hand, for tests that damage it.
 */
#ifndef TEST_UNIT_FW_ABI_SAMPLE_H
#define TEST_UNIT_FW_ABI_SAMPLE_H

#include "fw/abi/generation.h"

/*
 * Two ports with two addresses each, a VLAN on the second with one, two routes, two monitors, two pools, three members, two
 * virtual servers. Gives it.
 */
struct generation *sample_generation(void);
/* Makes both hashes right again after a change. */
void sample_seal(struct generation *gen);
/* A writable element of one of its arrays. */
#define SAMPLE(gen, type, array, index)                                                            \
	(&((struct type *)((char *)(gen) + (gen)->array.offset))[index])

#endif
