/*
 * Sorting places instead of objects, so that the objects stay where they are.
 */
#include "mgmt/model/sorted.h"

#include <stdlib.h>

static int by_key(const void *a, const void *b, void *argument);

bool
sorted_make(struct sorted *sorted, const void *objects, uint32_t count, size_t object_bytes,
	    int (*order)(const void *a, const void *b))
{
	*sorted = (struct sorted){ .objects = objects,
				   .count = count,
				   .object_bytes = object_bytes,
				   .order = order,
				   .index = malloc(((size_t)count + 1) * sizeof *sorted->index) };
	if (!sorted->index)
		return false;
	for (uint32_t i = 0; i < count; i++)
		sorted->index[i] = i;
	qsort_r(sorted->index, count, sizeof *sorted->index, by_key, sorted);
	return true;
}

void
sorted_free(struct sorted *sorted)
{
	free(sorted->index);
	sorted->index = NULL;
}

const void *
sorted_at(const struct sorted *sorted, uint32_t i)
{
	return sorted->objects + sorted->index[i] * sorted->object_bytes;
}

const void *
sorted_find(const struct sorted *sorted, const void *like)
{
	uint32_t from = 0, to = sorted->count;

	while (from < to) {
		uint32_t middle = from + (to - from) / 2;

		if (sorted->order(sorted_at(sorted, middle), like) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	if (from == sorted->count || sorted->order(sorted_at(sorted, from), like) != 0)
		return NULL;
	return sorted_at(sorted, from);
}

static int
by_key(const void *a, const void *b, void *argument)
{
	const struct sorted *sorted = argument;
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	int order = sorted->order(sorted->objects + left * sorted->object_bytes,
				  sorted->objects + right * sorted->object_bytes);

	return order ? order : (left > right) - (left < right);
}
