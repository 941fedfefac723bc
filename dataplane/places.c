/*
 * The cells of places.h. A place is taken by compare and exchange, not by adding and looking afterwards: two that add at
 * once would both find it full.
 */
#include "dataplane/places.h"

#include "fw/base/assert.h"

bool
places_take(struct places *places, uint32_t slot, uint32_t limit)
{
	_Atomic(uint32_t) *cell = &places->taken[slot];
	uint32_t taken = atomic_load_explicit(cell, memory_order_relaxed);

	while (taken < limit)
		if (atomic_compare_exchange_weak_explicit(
			cell, &taken, taken + 1, memory_order_relaxed, memory_order_relaxed))
			return true;
	return false;
}

void
places_add(struct places *places, uint32_t slot, uint32_t count)
{
	atomic_fetch_add_explicit(&places->taken[slot], count, memory_order_relaxed);
}

void
places_give(struct places *places, uint32_t slot, uint32_t count)
{
	uint32_t before =
	    atomic_fetch_sub_explicit(&places->taken[slot], count, memory_order_relaxed);

	ASSERT(before >= count);
}

uint32_t
places_taken(const struct places *places, uint32_t slot)
{
	return atomic_load_explicit(&places->taken[slot], memory_order_relaxed);
}
