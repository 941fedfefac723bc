/* Memory for the program's life: see memory.h. */
#include "test/bench/gen/memory.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "fw/base/assert.h"

#define HUGE_BYTES (2u << 20)

void *
memory_take(size_t bytes)
{
	size_t room = (bytes + HUGE_BYTES - 1) / HUGE_BYTES * HUGE_BYTES;
	uint8_t *memory;

	if (bytes < HUGE_BYTES)
		room = bytes;
	memory = mmap(NULL, room + HUGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	ASSERT(memory != MAP_FAILED);
	if (bytes >= HUGE_BYTES) {
		memory += -(uintptr_t)memory % HUGE_BYTES;
		(void)madvise(memory, room, MADV_HUGEPAGE);
	}
	memset(memory, 0, room);
	return memory;
}
