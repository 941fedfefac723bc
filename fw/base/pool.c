/*
 * The index pool: a last-in first-out free list, so that what was used last is still in the cache.
 */
#include "fw/base/pool.h"

#include <string.h>

#include "fw/base/assert.h"

#define POOL_TAKEN (UINT32_MAX - 1)

static size_t
links_bytes(uint32_t capacity)
{
	return ((size_t)capacity * sizeof(uint32_t) + 63) & ~(size_t)63;
}

size_t
pool_memory_bytes(uint32_t size_bytes, uint32_t capacity)
{
	return links_bytes(capacity) + (size_t)size_bytes * capacity;
}

void
pool_init(struct pool *pool, void *memory, uint32_t size_bytes, uint32_t capacity)
{
	ASSERT(((uintptr_t)memory & 63) == 0);
	ASSERT(size_bytes > 0 && capacity > 0 && capacity < POOL_TAKEN);
	*pool = (struct pool){
		.next = memory,
		.base = (uint8_t *)memory + links_bytes(capacity),
		.size_bytes = size_bytes,
		.capacity = capacity,
	};
	for (uint32_t i = 0; i < capacity; i++)
		pool->next[i] = i + 1 < capacity ? i + 1 : POOL_NONE;
}

uint32_t
pool_get(struct pool *pool)
{
	uint32_t index = pool->free_head;

	if (index == POOL_NONE)
		return POOL_NONE;
	pool->free_head = pool->next[index];
	pool->next[index] = POOL_TAKEN;
	if (++pool->used > pool->used_max)
		pool->used_max = pool->used;
	memset(pool_at(pool, index), 0, pool->size_bytes);
	return index;
}

void
pool_put(struct pool *pool, uint32_t index)
{
	ASSERT(pool_is_used(pool, index));
	pool->next[index] = pool->free_head;
	pool->free_head = index;
	pool->used--;
}

int
pool_is_used(const struct pool *pool, uint32_t index)
{
	return index < pool->capacity && pool->next[index] == POOL_TAKEN;
}
