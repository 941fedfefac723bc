/*
 * A model's objects as rows of their arrays. Members and addresses lie in arrays that all pools,
 * and all ports, bonds and VLANs, share, in their order; whatever comes or goes, they stay so.
 */
#include "mgmt/model/objects.h"

#include <stdlib.h>
#include <string.h>

#include "mgmt/model/value.h"

void *
objects_of(const struct model *model, enum schema_noun noun, uint32_t **count)
{
	*count = (uint32_t *)((char *)model + schema_nouns[noun].count);
	return *(void **)((char *)model + schema_nouns[noun].array);
}

const struct schema_field *
objects_key(enum schema_noun noun)
{
	size_t f = 0;

	while (schema_fields[f].noun != noun || !schema_is_key(&schema_fields[f]))
		f++;
	return &schema_fields[f];
}

uint32_t
objects_find(const struct model *model, enum schema_noun noun, const void *key)
{
	const struct schema_field *field = objects_key(noun);
	uint32_t *count;
	const char *objects = objects_of(model, noun, &count);

	for (uint32_t i = 0; i < *count; i++)
		if (value_is_equal(
			field, objects + i * schema_nouns[noun].object_bytes + field->offset, key))
			return i;
	return OBJECTS_ABSENT;
}

bool
objects_is_row(enum schema_noun noun)
{
	return noun == SCHEMA_NOUN_port || noun == SCHEMA_NOUN_bond || noun == SCHEMA_NOUN_vlan;
}

uint32_t
objects_row(const struct model *model, enum schema_noun noun, uint32_t index)
{
	return index + (noun != SCHEMA_NOUN_port ? model->port_count : 0) +
	       (noun == SCHEMA_NOUN_vlan ? model->bond_count : 0);
}

void
objects_remove(struct model *model, enum schema_noun noun, uint32_t index)
{
	size_t object_bytes = schema_nouns[noun].object_bytes;
	uint32_t *count;
	char *objects = objects_of(model, noun, &count);

	if (noun == SCHEMA_NOUN_pool)
		objects_remove_members(model, index, 0, model->pools[index].member_count);
	else if (objects_is_row(noun))
		objects_remove_addresses(
		    model, objects_row(model, noun, index), 0,
		    model_row_addresses(model, objects_row(model, noun, index))->count);
	memmove(objects + index * object_bytes, objects + (index + 1) * object_bytes,
		(*count - index - 1) * object_bytes);
	--*count;
}

void
objects_add_member(struct model *model, uint32_t pool, const struct model_member *member)
{
	uint32_t at = model->pools[pool].first_member + model->pools[pool].member_count;

	memmove(&model->members[at + 1], &model->members[at],
		(model->member_count - at) * sizeof *member);
	model->members[at] = *member;
	model->member_count++;
	model->pools[pool].member_count++;
	for (uint32_t p = pool + 1; p < model->pool_count; p++)
		model->pools[p].first_member++;
}

void
objects_remove_members(struct model *model, uint32_t pool, uint32_t first, uint32_t member_count)
{
	uint32_t at = model->pools[pool].first_member + first;

	if (member_count == 0)
		return;
	memmove(&model->members[at], &model->members[at + member_count],
		(model->member_count - at - member_count) * sizeof *model->members);
	model->member_count -= member_count;
	model->pools[pool].member_count -= member_count;
	for (uint32_t p = pool + 1; p < model->pool_count; p++)
		model->pools[p].first_member -= member_count;
}

void
objects_add_address(struct model *model, uint32_t row, const struct model_prefix *prefix)
{
	struct model_span *span = model_row_addresses(model, row);
	uint32_t at = span->first + span->count;

	memmove(&model->addresses[at + 1], &model->addresses[at],
		(model->address_count - at) * sizeof *prefix);
	model->addresses[at] = *prefix;
	model->address_count++;
	span->count++;
	for (uint32_t r = row + 1; r < model_row_count(model); r++)
		model_row_addresses(model, r)->first++;
}

void
objects_remove_addresses(struct model *model, uint32_t row, uint32_t first, uint32_t address_count)
{
	struct model_span *span = model_row_addresses(model, row);
	uint32_t at = span->first + first;

	if (address_count == 0)
		return;
	memmove(&model->addresses[at], &model->addresses[at + address_count],
		(model->address_count - at - address_count) * sizeof *model->addresses);
	model->address_count -= address_count;
	span->count -= address_count;
	for (uint32_t r = row + 1; r < model_row_count(model); r++)
		model_row_addresses(model, r)->first -= address_count;
}

bool
objects_order_addresses(struct model *model)
{
	struct model_prefix *ordered =
	    calloc((size_t)model->address_count + 1, sizeof *model->addresses);
	uint32_t next = 0;

	if (!ordered)
		return false;
	for (uint32_t row = 0; row < model_row_count(model); row++) {
		struct model_span *span = model_row_addresses(model, row);

		if (span->count)
			memcpy(&ordered[next], &model->addresses[span->first],
			       span->count * sizeof *ordered);
		span->first = next;
		next += span->count;
	}
	free(model->addresses);
	model->addresses = ordered;
	return true;
}
