/*
 * The book of requests that were begun: an open-addressed table of their ids.
 */
#include "test/sim/executions.h"

#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"

#define PLACES (1u << 18)

struct executions {
	struct world *world;
	uint64_t id[PLACES]; /* plus one; 0: free */
	uint32_t used;
	uint64_t repeated;
};

struct executions *
executions_new(struct world *world)
{
	struct executions *book = calloc(1, sizeof *book);

	ASSERT(book);
	book->world = world;
	return book;
}

void
executions_add(struct executions *book, uint64_t id, const char *method)
{
	uint32_t at = (uint32_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> 40) % PLACES;

	while (book->id[at] && book->id[at] != id + 1)
		at = (at + 1) % PLACES;
	if (book->id[at]) {
		book->repeated++;
		EXPECT(book->world, executions_may_repeat(method), "%s %llx is begun twice", method,
		       (unsigned long long)id);
		return;
	}
	ASSERT(++book->used < PLACES / 2);
	book->id[at] = id + 1;
}

uint64_t
executions_repeated(const struct executions *book)
{
	return book->repeated;
}

bool
executions_may_repeat(const char *method)
{
	return strcmp(method, "POST") != 0 && strcmp(method, "PATCH") != 0;
}
