/*
 * Frames between a worker and the thread that talks to the kernel (punt.h): a ring with one writer and one reader, over
 * memory taken at the start. Frames are copied, so neither side ever waits for the other or holds its buffers.
 */
#ifndef DATAPLANE_PUNT_RING_H
#define DATAPLANE_PUNT_RING_H

#include <stddef.h>
#include <stdint.h>

#include "dataplane/net/punt.h"

#define PUNT_RING_FRAMES 256u

struct punt_frame {
	uint16_t len_bytes;
	uint8_t port; /* row of the generation's ports that it came from or goes to */
	uint8_t bytes[PUNT_FRAME_BYTES];
};

struct punt_ring;

size_t punt_ring_memory_bytes(void);
/* In memory (64-byte aligned, taken over). Gives. */
struct punt_ring *punt_ring_init(void *memory);

/* The writer: a place for the next frame, NULL if the ring is full; lends until it is pushed. */
struct punt_frame *punt_ring_room(struct punt_ring *ring);
void punt_ring_push(struct punt_ring *ring);

/* The reader: the oldest frame, NULL if there is none; lends until it is popped. */
const struct punt_frame *punt_ring_next(const struct punt_ring *ring);
void punt_ring_pop(struct punt_ring *ring);

#endif
