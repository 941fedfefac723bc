/*
 * Places of connections to members that have a connection limit, counted over all workers: one cell a member, by its stats
 * slot, changed by all of them at once. Never more are taken than the limit says; who opens a connection takes a place
 * before, who is done with one gives it back.
 *
 * Members without a limit have no places: nothing here is touched for them.
 */
#ifndef DATAPLANE_PLACES_H
#define DATAPLANE_PLACES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "fw/abi/limits.h"

/* Zeroed memory is a good start. Made for all workers by who makes them. */
struct places {
	_Atomic(uint32_t) taken[LIMIT_MEMBERS];
};

/* Takes one if fewer than limit are taken. Any worker. */
bool places_take(struct places *places, uint32_t slot, uint32_t limit);
/* What is there already counts from now on, however many it is. Any worker. */
void places_add(struct places *places, uint32_t slot, uint32_t count);
void places_give(struct places *places, uint32_t slot, uint32_t count);
/* A moment ago. */
uint32_t places_taken(const struct places *places, uint32_t slot);

#endif
