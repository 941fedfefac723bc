/*
 * Of the fence (fence.h): who has which packet buffer of the box's pool. Between the pool and its driver, so that whoever takes
 * one or gives it back is seen.
 */
#ifndef TEST_SIM_FENCE_BUFFERS_H
#define TEST_SIM_FENCE_BUFFERS_H

#include "test/sim/box.h"
#include "test/sim/fence.h"

struct fence_buffers;

/* All of the box's buffers must be free. Lent for the life of the process; one. */
struct fence_buffers *fence_buffers_new(struct box *box);
/* This worker's turn begins, and is over. looks: the others' buffers are to be the same behind it. */
void fence_buffers_turn(struct fence_buffers *buffers, uint32_t worker, bool looks);
void fence_buffers_turned(struct fence_buffers *buffers, bool looks);
void fence_buffers_count(const struct fence_buffers *buffers, struct fence_counts *counts);
/* The pool has its driver back. */
void fence_buffers_end(struct fence_buffers *buffers);

#endif
