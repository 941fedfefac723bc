/*
 * The balancer: who picks the member. One for TCP, HTTP and later packet forwarding. It looks at
 * the pool of a generation and at the members' health, and keeps a few words of state for each pool
 * and worker.
 */
#ifndef DATAPLANE_LB_LB_H
#define DATAPLANE_LB_LB_H

#include <stdint.h>

#include "fw/abi/generation.h"
#include "fw/abi/health.h"

#define LB_NONE UINT32_MAX /* no member can be picked */

/* State of one pool on one worker; zeroed memory is a good start. */
struct lb_state {
	uint32_t position; /* round robin: where to look next, from the pool's first member */
	uint32_t pass;     /* round robin: how many passes of this round are over */
};

/* What a pick looks at; all borrowed. */
struct lb_pool {
	const struct gen_pool *pool;
	/* The generation's array; pool->first_member is the first of ours. */
	const struct gen_member *members;
	/* By index as members; a NULL entry: no monitor, counts as up. */
	const struct health_entry *const *health;
};

/*
 * Picks a member (index in members), never one that is down, nor one whose bit is set in tried
 * (bits relative to the pool's first member, for the first 64; others are not excluded). A member
 * of unknown health is picked only when none is up, or all of those were tried. LB_NONE: nobody
 * left.
 */
uint32_t lb_pick(const struct lb_pool *pool, struct lb_state *state, uint64_t tried);

#endif
