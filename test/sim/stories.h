/*
 * Stories: each is an arrangement, what goes wrong in it, and what must hold nevertheless. stories.tbl lists them.
 */
#ifndef TEST_SIM_STORIES_H
#define TEST_SIM_STORIES_H

#include "test/sim/topo.h"

#define X(name, length, text) void story_##name(struct world *world);
#include "test/sim/stories.tbl"
#undef X

#endif
