/*
 * Layout hashes: two programs understand each other's files if they agree on the size and offset of
 * every shared field and on the rows of every table. A file's .c lists its fields once, as an array
 * of numbers, and its tables as text; layout_hash makes one number of both.
 */
#ifndef FW_ABI_LAYOUT_H
#define FW_ABI_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "fw/base/siphash.h"

#define LAYOUT_SIZE(type) (uint32_t)sizeof(type)
#define LAYOUT_FIELD(type, field)                                                                  \
	(uint32_t)offsetof(type, field), (uint32_t)sizeof(((type *)0)->field)

/* Borrows both. */
static inline uint64_t
layout_hash(const uint32_t *numbers, size_t count, const char *text, size_t text_bytes)
{
	static const struct siphash_key zero;
	uint64_t both[2] = { siphash(&zero, numbers, count * sizeof *numbers),
			     siphash(&zero, text, text_bytes) };

	return siphash(&zero, both, sizeof both);
}

#endif
