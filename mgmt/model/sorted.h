/*
 * The order of some objects by a key, to find equal ones without comparing each with each.
 */
#ifndef MGMT_MODEL_SORTED_H
#define MGMT_MODEL_SORTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sorted {
	const char *objects; /* borrows */
	uint32_t count;
	size_t object_bytes;
	int (*order)(const void *a, const void *b); /* of two objects, as qsort has it */
	uint32_t *index; /* the objects' places by key, among equals by place */
};

/* False: out of memory. Gives index; sorted_free. */
bool sorted_make(struct sorted *sorted, const void *objects, uint32_t count, size_t object_bytes,
		 int (*order)(const void *a, const void *b)) __attribute__((warn_unused_result));
void sorted_free(struct sorted *sorted);
/* The i-th by key. Lends. */
const void *sorted_at(const struct sorted *sorted, uint32_t i);
/* The first one whose key is that of like; NULL: none. Lends. */
const void *sorted_find(const struct sorted *sorted, const void *like);

#endif
