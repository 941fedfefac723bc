/*
 * The rows of schema.tbl as arrays, and the small questions that everybody asks of them.
 */
#include "mgmt/model/schema.h"

#include <stdio.h>
#include <string.h>

#include "fw/abi/services.h"
#include "fw/base/assert.h"
#include "mgmt/model/model.h"

#define REQUIRED NULL

const struct schema_noun_info schema_nouns[SCHEMA_NOUN_COUNT] = {
#define NOUN(noun, plural, limit, limit_name, help)                                                \
	{ #noun,                                                                                   \
	  #plural,                                                                                 \
	  limit,                                                                                   \
	  limit_name,                                                                              \
	  help,                                                                                    \
	  sizeof(struct model_##noun),                                                             \
	  offsetof(struct model, plural),                                                          \
	  offsetof(struct model, noun##_count) },
#include "mgmt/model/schema.tbl"
};

/* A pool's members have no one member of their own: parse.c and save.c know where they lie. */
#define PLACE(noun, member)                                                                        \
	offsetof(struct model_##noun, member), sizeof(((struct model_##noun *)0)->member)
#define PLACE_NAME(noun, member)      PLACE(noun, member)
#define PLACE_REFERENCE(noun, member) PLACE(noun, member)
#define PLACE_NAMES(noun, member)     PLACE(noun, member)
#define PLACE_PATH(noun, member)      PLACE(noun, member)
#define PLACE_HOST(noun, member)      PLACE(noun, member)
#define PLACE_NUMBER(noun, member)    PLACE(noun, member)
#define PLACE_CHOICE(noun, member)    PLACE(noun, member)
#define PLACE_CHOICES(noun, member)   PLACE(noun, member)
#define PLACE_ADDRESS(noun, member)   PLACE(noun, member)
#define PLACE_PREFIX(noun, member)    PLACE(noun, member)
#define PLACE_TEXT(noun, member)      PLACE(noun, member)
#define PLACE_BOOL(noun, member)      PLACE(noun, member)
#define PLACE_STATUSES(noun, member)  PLACE(noun, member)
#define PLACE_GATEWAYS(noun, member)  PLACE(noun, member)
#define PLACE_HEADERS(noun, member)   PLACE(noun, member)
#define PLACE_PREFIXES(noun, member)  PLACE(noun, member)
#define PLACE_MEMBERS(noun, member)   0, 0

const struct schema_field schema_fields[] = {
#define FIELD(noun, member, type, unit, def, min, max, values, help)                               \
	{ SCHEMA_NOUN_##noun,        #member, SCHEMA_##type, unit, def, min, max, values, help,    \
	  PLACE_##type(noun, member) },
#include "mgmt/model/schema.tbl"
};

const size_t schema_field_count = ARRAY_SIZE(schema_fields);

const char *
schema_text_name(const char *name, char out[SCHEMA_TEXT_NAME_BYTES])
{
	size_t i;

	for (i = 0; name[i] && i < SCHEMA_TEXT_NAME_BYTES - 1; i++)
		out[i] = name[i] == '_' ? '-' : name[i];
	out[i] = '\0';
	return out;
}

const char *
schema_word(const struct schema_field *field, char out[SCHEMA_TEXT_NAME_BYTES])
{
	size_t len;

	schema_text_name(field->member, out);
	if (!schema_is_list(field) && field->type != SCHEMA_MEMBERS)
		return out;
	len = strlen(out);
	out[len - (len > 4 && strcmp(out + len - 4, "sses") == 0 ? 2 : 1)] = '\0';
	return out;
}

bool
schema_is_key(const struct schema_field *field)
{
	if (field->noun == SCHEMA_NOUN_member)
		return field->type == SCHEMA_ADDRESS || strcmp(field->member, "port") == 0;
	return field->type == SCHEMA_NAME || field->type == SCHEMA_PREFIX;
}

bool
schema_is_list(const struct schema_field *field)
{
	return field->type == SCHEMA_PREFIXES || field->type == SCHEMA_HEADERS ||
	       field->type == SCHEMA_CHOICES || field->type == SCHEMA_NAMES;
}

int
schema_choice_index(const char *values, const char *word)
{
	size_t len = strlen(word);

	for (int index = 0; *values; index++) {
		size_t value_len = strcspn(values, "|");

		if (value_len == len && memcmp(values, word, len) == 0)
			return index;
		values += value_len + (values[value_len] == '|');
	}
	return -1;
}

const char *
schema_choice_word(const char *values, uint32_t index, char out[SCHEMA_TEXT_NAME_BYTES])
{
	while (index-- > 0)
		values += strcspn(values, "|") + 1;
	snprintf(out, SCHEMA_TEXT_NAME_BYTES, "%.*s", (int)strcspn(values, "|"), values);
	return out;
}

/* The textbook matrix, on names that fit; longer ones are not near anything. */
unsigned
schema_distance(const char *a, const char *b)
{
	unsigned cost[SCHEMA_TEXT_NAME_BYTES + 1][SCHEMA_TEXT_NAME_BYTES + 1];
	size_t a_len = strnlen(a, SCHEMA_TEXT_NAME_BYTES + 1),
	       b_len = strnlen(b, SCHEMA_TEXT_NAME_BYTES + 1);

	if (a_len > SCHEMA_TEXT_NAME_BYTES || b_len > SCHEMA_TEXT_NAME_BYTES)
		return 3;
	for (unsigned i = 0; i <= a_len; i++)
		cost[i][0] = i;
	for (unsigned j = 0; j <= b_len; j++)
		cost[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		for (size_t j = 1; j <= b_len; j++) {
			unsigned best = cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

			if (cost[i - 1][j] + 1 < best)
				best = cost[i - 1][j] + 1;
			if (cost[i][j - 1] + 1 < best)
				best = cost[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    cost[i - 2][j - 2] + 1 < best)
				best = cost[i - 2][j - 2] + 1;
			cost[i][j] = best;
		}
	}
	return cost[a_len][b_len] < 3 ? cost[a_len][b_len] : 3;
}
