/*
 * A fence around each worker of a box. While one has its turn, what belongs to the others can't be written to: pages are
 * protected, and what is written nevertheless ends the run. Of memory that workers share, each word has one writer, the
 * first one; and a packet buffer goes back to the pool from the worker that took it.
 *
 *   a worker's own    its arena, its column of counters, its balancers: nobody else's, at any time
 *   worker 0's        the published neighbours
 *   one writer a word rings between workers, health and ledger, references to views
 *   nobody's          the generation, the counters' head, places of members with a limit: the box must have none
 *   packet buffers    those of others are the same after a turn as before, looked at every few turns; but for packets whose next
 *                     hop is not known, which worker 0 is given
 *
 * Reading is free: workers look at each other's counters. A word that is written with what it held already is seen only
 * where the page is touched first in a turn.
 */
#ifndef TEST_SIM_FENCE_H
#define TEST_SIM_FENCE_H

#include "test/sim/box.h"

struct fence;

struct fence_counts {
	uint64_t turns;
	uint64_t traps;            /* writes to protected pages that were found to be right */
	uint64_t words;            /* of shared memory that a worker has written to */
	uint64_t lines_shared;     /* cache lines with words of several workers */
	uint64_t buffers_taken;    /* of packets */
	uint64_t buffers_seen;     /* of others, looked at behind a turn */
	uint64_t buffers_resolved; /* given to worker 0, which knows the next hop */
};

/* Around a box that was not turned yet. One a process; lent for its life. */
struct fence *fence_new(struct box *box);
/* Has this worker try to write there, with what is there already: whether it can't. */
bool fence_refuses(struct fence *fence, uint32_t worker, void *at);
struct fence_counts fence_counts(const struct fence *fence);
/* No fence any more. */
void fence_end(struct fence *fence);

#endif
