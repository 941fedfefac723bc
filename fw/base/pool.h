/*
 * A pool of fixed objects over memory taken at start. Objects are named by 32-bit index, never by
 * address, so that live state can later be handed to another process. An empty pool is a normal outcome.
 * One thread uses a pool.
 */
#ifndef FW_BASE_POOL_H
#define FW_BASE_POOL_H

#include <stddef.h>
#include <stdint.h>

#define POOL_NONE UINT32_MAX /* the index of no object */

struct pool {
	uint8_t *base;  /* capacity objects of size_bytes */
	uint32_t *next; /* free list links, POOL_NONE ends; POOL_TAKEN marks an object in use */
	uint32_t size_bytes; /* of one object */
	uint32_t capacity;   /* objects */
	uint32_t free_head;  /* index of the first free object */
	uint32_t used;       /* objects */
	uint32_t used_max;   /* the highest `used` ever, for sizing */
};

/* Bytes of memory that pool_init needs for these sizes. */
size_t pool_memory_bytes(uint32_t size_bytes, uint32_t capacity);
/* Takes over memory (64-byte aligned, pool_memory_bytes long) for the pool's life. Objects start zeroed. */
void pool_init(struct pool *pool, void *memory, uint32_t size_bytes, uint32_t capacity);
/* Gives a zeroed object's index, or POOL_NONE when all are in use. */
uint32_t pool_get(struct pool *pool);
/* Takes back an object in use; ASSERTs that it is one (a double put is our mistake). */
void pool_put(struct pool *pool, uint32_t index);
/* Whether the index names an object in use. */
int pool_is_used(const struct pool *pool, uint32_t index);

static inline void *
pool_at(const struct pool *pool, uint32_t index)
{
	return pool->base + (size_t)index * pool->size_bytes;
}

static inline uint32_t
pool_index(const struct pool *pool, const void *object)
{
	return (uint32_t)((size_t)((const uint8_t *)object - pool->base) / pool->size_bytes);
}

#endif
