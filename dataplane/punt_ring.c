/*
 * A ring of frames with one writer and one reader. See punt_ring.h.
 *
 * Both counts only grow and wrap; each is written by one side. What a side publishes by its count (release) the other
 * sees whole once it has seen the count (acquire).
 */
#include "dataplane/punt_ring.h"

#include <stdatomic.h>
#include <string.h>

#include "fw/base/assert.h"

#define MASK (PUNT_RING_FRAMES - 1)
STATIC_ASSERT((PUNT_RING_FRAMES & MASK) == 0, "a power of two");

struct __attribute__((aligned(64))) punt_ring {
	_Atomic uint32_t written __attribute__((aligned(64))); /* by the writer */
	_Atomic uint32_t read __attribute__((aligned(64)));    /* by the reader */
	struct punt_frame frame[PUNT_RING_FRAMES] __attribute__((aligned(64)));
};

size_t
punt_ring_memory_bytes(void)
{
	return sizeof(struct punt_ring);
}

struct punt_ring *
punt_ring_init(void *memory)
{
	ASSERT(((uintptr_t)memory & 63) == 0);
	memset(memory, 0, sizeof(struct punt_ring)); /* every page of it is there now */
	return memory;
}

struct punt_frame *
punt_ring_room(struct punt_ring *ring)
{
	uint32_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
	uint32_t read = atomic_load_explicit(&ring->read, memory_order_acquire);

	return written - read == PUNT_RING_FRAMES ? NULL : &ring->frame[written & MASK];
}

void
punt_ring_push(struct punt_ring *ring)
{
	uint32_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);

	atomic_store_explicit(&ring->written, written + 1, memory_order_release);
}

const struct punt_frame *
punt_ring_next(const struct punt_ring *ring)
{
	uint32_t read = atomic_load_explicit(&ring->read, memory_order_relaxed);
	uint32_t written = atomic_load_explicit(&ring->written, memory_order_acquire);

	return read == written ? NULL : &ring->frame[read & MASK];
}

void
punt_ring_pop(struct punt_ring *ring)
{
	uint32_t read = atomic_load_explicit(&ring->read, memory_order_relaxed);

	atomic_store_explicit(&ring->read, read + 1, memory_order_release);
}
