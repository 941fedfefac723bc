/* Beginnings of heads: see hold.h. */
#include "test/bench/gen/hold.h"

#include <string.h>

#include "test/bench/gen/memory.h"

void
hold_init(struct hold *hold)
{
	hold->buffer = memory_take(sizeof *hold->buffer * HOLD_BUFFERS);
	hold->free = memory_take(sizeof *hold->free * HOLD_BUFFERS);
	for (uint32_t i = 0; i < HOLD_BUFFERS; i++)
		hold->free[hold->free_count++] = (uint16_t)i;
}

struct hold_buffer *
hold_add(struct hold *hold, uint16_t *id_plus_1, const uint8_t *bytes, uint32_t len_bytes)
{
	struct hold_buffer *buffer;

	if (!*id_plus_1) {
		if (!hold->free_count)
			return NULL;
		*id_plus_1 = (uint16_t)(hold->free[--hold->free_count] + 1);
		hold->buffer[*id_plus_1 - 1].len_bytes = 0;
	}
	buffer = &hold->buffer[*id_plus_1 - 1];
	if (len_bytes > HOLD_BYTES - buffer->len_bytes) {
		hold_drop(hold, id_plus_1);
		return NULL;
	}
	memcpy(buffer->bytes + buffer->len_bytes, bytes, len_bytes);
	buffer->len_bytes += len_bytes;
	return buffer;
}

void
hold_drop(struct hold *hold, uint16_t *id_plus_1)
{
	if (*id_plus_1)
		hold->free[hold->free_count++] = (uint16_t)(*id_plus_1 - 1);
	*id_plus_1 = 0;
}
