/*
 * The methods behind lb_pick, a file each; private to dataplane/lb. All answer as lb_pick does.
 */
#ifndef DATAPLANE_LB_METHODS_H
#define DATAPLANE_LB_METHODS_H

#include "dataplane/lb/lb.h"

uint32_t lb_round_robin(const struct lb_pool *pool, struct lb_state *state, uint64_t tried);

#endif
