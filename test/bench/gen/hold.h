/*
 * Beginnings of heads that wait for their rest: a head that comes in two segments is rare, so a few buffers do for
 * all connections.
 */
#ifndef TEST_BENCH_GEN_HOLD_H
#define TEST_BENCH_GEN_HOLD_H

#include <stdbool.h>
#include <stdint.h>

#define HOLD_BYTES   2048u
#define HOLD_BUFFERS 1024u

struct hold_buffer {
	uint32_t len_bytes;
	uint8_t bytes[HOLD_BYTES];
};

struct hold {
	struct hold_buffer *buffer;
	uint16_t *free;
	uint32_t free_count;
};

/* Takes memory for the program's life. */
void hold_init(struct hold *hold);
/*
 * Adds to what a connection holds, which *id_plus_1 names (0: nothing yet). NULL: too long for a head, or no buffer left;
 * then nothing is held.
 */
struct hold_buffer *
hold_add(struct hold *hold, uint16_t *id_plus_1, const uint8_t *bytes, uint32_t len_bytes);
/* Harmless if nothing is held. */
void hold_drop(struct hold *hold, uint16_t *id_plus_1);

#endif
