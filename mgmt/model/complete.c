/*
 * Required fields that were never set.
 */
#include "mgmt/model/complete.h"

#include "mgmt/model/value.h"

static void say_missing(enum schema_noun noun, const char *object, struct errors *errors);

void
complete_check(const struct model *model, struct errors *errors)
{
	for (enum schema_noun noun = 0; noun < SCHEMA_NOUN_COUNT; noun++) {
		const struct schema_noun_info *info = &schema_nouns[noun];
		const char *object = *(char *const *)((const char *)model + info->array);
		uint32_t count = *(const uint32_t *)((const char *)model + info->count);

		for (; count > 0; count--, object += info->object_bytes)
			if (!complete_is(noun, object))
				say_missing(noun, object, errors);
	}
	for (uint32_t i = 0; i < model->pool_count; i++)
		if (model->pools[i].member_count == 0)
			errors_add(errors, 0, "pool \"%s\": has no member; a pool has at least one",
				   model->pools[i].name);
}

bool
complete_is(enum schema_noun noun, const void *object)
{
	if (*(const uint32_t *)object != 0) /* its line */
		return true;
	for (size_t f = 0; f < schema_field_count; f++)
		if (schema_fields[f].noun == noun &&
		    value_is_missing(&schema_fields[f],
				     (const char *)object + schema_fields[f].offset))
			return false;
	return true;
}

/* The key is the first of a noun's rows. */
static void
say_missing(enum schema_noun noun, const char *object, struct errors *errors)
{
	char noun_text[SCHEMA_TEXT_NAME_BYTES], name[SCHEMA_TEXT_NAME_BYTES];
	char key[VALUE_TEXT_BYTES] = "";

	for (size_t f = 0; f < schema_field_count; f++) {
		const struct schema_field *field = &schema_fields[f];

		if (field->noun != noun)
			continue;
		if (schema_is_key(field))
			value_format(field, object + field->offset, key);
		else if (value_is_missing(field, object + field->offset))
			errors_add(errors, 0, "%s \"%.64s\": %s is missing: %s",
				   schema_text_name(schema_nouns[noun].noun, noun_text), key,
				   schema_text_name(field->member, name), field->help);
	}
}
