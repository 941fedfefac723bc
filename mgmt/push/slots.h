/*
 * Stats slots: who had one keeps it from generation to generation, so that a commit does not reset
 * counters.
 */
#ifndef MGMT_PUSH_SLOTS_H
#define MGMT_PUSH_SLOTS_H

#include <stdbool.h>

#include "fw/abi/generation.h"

/*
 * Fills stats_slot of all members and virtual servers of gen, whose owners are set. False when
 * out of memory.
 */
bool slots_assign(struct generation *gen, const struct generation *previous);

#endif
