/*
 * Set lines and comparing. Objects are matched by key; what both have is compared field by field as
 * schema.tbl lists them. Sorting finds the partners, so that ten thousand members take no time.
 */
#include "mgmt/model/compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mgmt/model/schema.h"
#include "mgmt/model/value.h"

#define ABSENT    UINT32_MAX
#define KEY_BYTES 192 /* "virtual-server NAME", "pool NAME member ADDRESS:PORT" */

/* Some objects of a noun, one behind the other in their model. */
struct row {
	const struct model *model;
	const char *objects;
	uint32_t count;
	enum schema_noun noun;
	const char *pool; /* of members: its name */
};

static struct row row_of(const struct model *model, enum schema_noun noun);
static struct row members_of(const struct model *model, const struct model_pool *pool);
static const void *object_at(const struct row *row, uint32_t index);
static void write_object(FILE *out, const char *sign, const struct row *row, const void *object);
static void
write_list(FILE *out, const char *sign, const char *key, const struct row *row, const void *object,
	   const struct schema_field *field, const struct row *without, const void *without_object);
static bool compare_rows(FILE *out, const struct row *from, const struct row *to);
static bool compare_objects(FILE *out, const struct row *from, const void *before,
			    const struct row *to, const void *after);
static void compare_value(FILE *out, const char *key, const struct schema_field *field,
			  const void *before, const void *after);
static void
compare_list(FILE *out, const char *key, const struct schema_field *field, const struct row *from,
	     const void *before, const struct row *to, const void *after);
static void
note_order(FILE *out, const struct row *row, const uint32_t *partner, uint32_t partner_count);
static bool match(const struct row *from, const struct row *to, uint32_t *partner);
static uint32_t *sorted(const struct row *row);
static int by_key(const void *a, const void *b, void *row);
static int key_order(enum schema_noun noun, const void *a, const void *b);
static int prefix_order(const struct model_prefix *left, const struct model_prefix *right);
static const char *key_text(const struct row *row, const void *object, char out[KEY_BYTES]);
static bool list_value(const struct schema_field *field, const struct row *row, const void *object,
		       uint32_t index, char out[VALUE_TEXT_BYTES]);
static bool list_has(const struct schema_field *field, const struct row *row, const void *object,
		     const char *text);
static void write_field(FILE *out, const struct schema_field *field, const char *text);
static bool is_said(const struct schema_field *field, const void *value);

static char *
finish(FILE *out, char **text, bool ok)
{
	ok = ok && !ferror(out);
	if (fclose(out) == 0 && ok)
		return *text;
	free(*text);
	return NULL;
}

char *
model_set_lines(const struct model *model)
{
	char *text = NULL;
	size_t text_bytes;
	FILE *out = open_memstream(&text, &text_bytes);

	if (!out)
		return NULL;
	for (enum schema_noun noun = 0; noun < SCHEMA_NOUN_COUNT; noun++) {
		struct row row = row_of(model, noun);

		for (uint32_t i = 0; noun != SCHEMA_NOUN_member && i < row.count; i++)
			write_object(out, "", &row, object_at(&row, i));
	}
	return finish(out, &text, true);
}

char *
model_compare(const struct model *from, const struct model *to)
{
	char *text = NULL;
	size_t text_bytes;
	FILE *out = open_memstream(&text, &text_bytes);
	bool ok = true;

	if (!out)
		return NULL;
	for (enum schema_noun noun = 0; ok && noun < SCHEMA_NOUN_COUNT; noun++) {
		struct row before = row_of(from, noun), after = row_of(to, noun);

		if (noun != SCHEMA_NOUN_member)
			ok = compare_rows(out, &before, &after);
	}
	return finish(out, &text, ok);
}

static struct row
row_of(const struct model *model, enum schema_noun noun)
{
	return (struct row){
		.model = model,
		.objects = *(char *const *)((const char *)model + schema_nouns[noun].array),
		.count = *(const uint32_t *)((const char *)model + schema_nouns[noun].count),
		.noun = noun
	};
}

static struct row
members_of(const struct model *model, const struct model_pool *pool)
{
	return (struct row){ .model = model,
			     .objects = (const char *)(model->members + pool->first_member),
			     .count = pool->member_count,
			     .noun = SCHEMA_NOUN_member,
			     .pool = pool->name };
}

static const void *
object_at(const struct row *row, uint32_t index)
{
	return row->objects + index * schema_nouns[row->noun].object_bytes;
}

/* One line with all that is not at its default, then the lists' values and a pool's members. */
static void
write_object(FILE *out, const char *sign, const struct row *row, const void *object)
{
	char key[KEY_BYTES], text[VALUE_TEXT_BYTES];

	fprintf(out, "%sset %s", sign, key_text(row, object, key));
	for (size_t f = 0; f < schema_field_count; f++) {
		const struct schema_field *field = &schema_fields[f];
		const void *value = (const char *)object + field->offset;

		if (field->noun == row->noun && !schema_is_list(field) && is_said(field, value))
			write_field(out, field, value_format(field, value, text));
	}
	fputc('\n', out);
	for (size_t f = 0; f < schema_field_count; f++)
		if (schema_fields[f].noun == row->noun && schema_is_list(&schema_fields[f]))
			write_list(out, sign, key, row, object, &schema_fields[f], NULL, NULL);
	if (row->noun == SCHEMA_NOUN_pool) {
		struct row members = members_of(row->model, object);

		for (uint32_t i = 0; i < members.count; i++)
			write_object(out, sign, &members, object_at(&members, i));
	}
}

/* A line for each value that the other object does not have. */
static void
write_list(FILE *out, const char *sign, const char *key, const struct row *row, const void *object,
	   const struct schema_field *field, const struct row *without, const void *without_object)
{
	char text[VALUE_TEXT_BYTES];

	for (uint32_t i = 0; list_value(field, row, object, i, text); i++) {
		if (without && list_has(field, without, without_object, text))
			continue;
		fprintf(out, "%sset %s", sign, key);
		write_field(out, field, text);
		fputc('\n', out);
	}
}

/* What only from has, what changed, what only to has. False: out of memory. */
static bool
compare_rows(FILE *out, const struct row *from, const struct row *to)
{
	uint32_t *after = malloc((from->count + 1) * sizeof *after);
	uint32_t *before = malloc((to->count + 1) * sizeof *before);
	bool ok = after && before && match(from, to, after) && match(to, from, before);

	for (uint32_t i = 0; ok && i < from->count; i++) {
		if (after[i] == ABSENT)
			write_object(out, "- ", from, object_at(from, i));
		else
			ok = compare_objects(out, from, object_at(from, i), to,
					     object_at(to, after[i]));
	}
	for (uint32_t i = 0; ok && i < to->count; i++)
		if (before[i] == ABSENT)
			write_object(out, "+ ", to, object_at(to, i));
	if (ok && from->noun != SCHEMA_NOUN_route && from->noun != SCHEMA_NOUN_management_address)
		note_order(out, to, after, from->count);
	free(after);
	free(before);
	return ok;
}

static bool
compare_objects(FILE *out, const struct row *from, const void *before, const struct row *to,
		const void *after)
{
	char key[KEY_BYTES];

	key_text(from, before, key);
	for (size_t f = 0; f < schema_field_count; f++) {
		const struct schema_field *field = &schema_fields[f];

		if (field->noun != from->noun)
			continue;
		if (schema_is_list(field))
			compare_list(out, key, field, from, before, to, after);
		else if (!schema_is_key(field) && field->type != SCHEMA_MEMBERS)
			compare_value(out, key, field, (const char *)before + field->offset,
				      (const char *)after + field->offset);
	}
	if (from->noun == SCHEMA_NOUN_pool) {
		struct row left = members_of(from->model, before);
		struct row right = members_of(to->model, after);

		return compare_rows(out, &left, &right);
	}
	return true;
}

static void
compare_value(FILE *out, const char *key, const struct schema_field *field, const void *before,
	      const void *after)
{
	char text[VALUE_TEXT_BYTES];

	if (value_is_equal(field, before, after))
		return;
	if (is_said(field, before)) {
		fprintf(out, "- set %s", key);
		write_field(out, field, value_format(field, before, text));
		fputc('\n', out);
	}
	if (is_said(field, after)) {
		fprintf(out, "+ set %s", key);
		write_field(out, field, value_format(field, after, text));
		fputc('\n', out);
	}
}

static void
compare_list(FILE *out, const char *key, const struct schema_field *field, const struct row *from,
	     const void *before, const struct row *to, const void *after)
{
	char left[VALUE_TEXT_BYTES], right[VALUE_TEXT_BYTES], word[SCHEMA_TEXT_NAME_BYTES];
	bool more_left, more_right, same_order = true;
	long start = ftell(out);

	for (uint32_t i = 0; same_order; i++) {
		more_left = list_value(field, from, before, i, left);
		more_right = list_value(field, to, after, i, right);
		if (!more_left && !more_right)
			return;
		same_order = more_left && more_right && strcmp(left, right) == 0;
	}
	write_list(out, "- ", key, from, before, field, to, after);
	write_list(out, "+ ", key, to, after, field, from, before);
	if (ftell(out) == start)
		fprintf(out, "! %s: %s in another order\n", key,
			schema_text_name(field->member, word));
}

/* Of those that both have. */
static void
note_order(FILE *out, const struct row *row, const uint32_t *partner, uint32_t partner_count)
{
	char name[SCHEMA_TEXT_NAME_BYTES];
	uint32_t last = 0;

	for (uint32_t i = 0; i < partner_count; i++) {
		if (partner[i] == ABSENT)
			continue;
		if (partner[i] < last) {
			schema_text_name(schema_nouns[row->noun].plural, name);
			if (row->pool)
				fprintf(out, "! pool %s: %s in another order\n", row->pool, name);
			else
				fprintf(out, "! %s in another order\n", name);
			return;
		}
		last = partner[i];
	}
}

/* The index in to of each object in from, ABSENT: it has none. False: out of memory. */
static bool
match(const struct row *from, const struct row *to, uint32_t *partner)
{
	uint32_t *left = sorted(from), *right = sorted(to), r = 0;
	bool ok = left && right;

	for (uint32_t l = 0; ok && l < from->count; l++) {
		int order = 1;

		while (r < to->count && (order = key_order(from->noun, object_at(from, left[l]),
							   object_at(to, right[r]))) > 0)
			r++;
		partner[left[l]] = r < to->count && order == 0 ? right[r] : ABSENT;
	}
	free(left);
	free(right);
	return ok;
}

static uint32_t *
sorted(const struct row *row)
{
	uint32_t *index = malloc((row->count + 1) * sizeof *index);

	for (uint32_t i = 0; index && i < row->count; i++)
		index[i] = i;
	if (index)
		qsort_r(index, row->count, sizeof *index, by_key, (void *)row);
	return index;
}

static int
by_key(const void *a, const void *b, void *argument)
{
	const struct row *row = argument;

	return key_order(row->noun, object_at(row, *(const uint32_t *)a),
			 object_at(row, *(const uint32_t *)b));
}

static int
key_order(enum schema_noun noun, const void *a, const void *b)
{
	if (noun == SCHEMA_NOUN_member) {
		const struct model_member *left = a, *right = b;
		int order = memcmp(&left->address, &right->address, sizeof left->address);

		return order ? order : (left->port > right->port) - (left->port < right->port);
	}
	for (size_t f = 0;; f++) {
		const void *left = (const char *)a + schema_fields[f].offset;
		const void *right = (const char *)b + schema_fields[f].offset;

		if (schema_fields[f].noun != noun || !schema_is_key(&schema_fields[f]))
			continue;
		return schema_fields[f].type == SCHEMA_PREFIX ? prefix_order(left, right)
							      : strcmp(left, right);
	}
}

static int
prefix_order(const struct model_prefix *left, const struct model_prefix *right)
{
	int order = memcmp(&left->addr, &right->addr, sizeof left->addr);

	return order ? order : (left->len > right->len) - (left->len < right->len);
}

static const char *
key_text(const struct row *row, const void *object, char out[KEY_BYTES])
{
	char noun[SCHEMA_TEXT_NAME_BYTES], text[VALUE_TEXT_BYTES];

	if (row->noun == SCHEMA_NOUN_member) {
		const struct model_member *member = object;
		struct endpoint endpoint = { member->address, (uint16_t)member->port };

		snprintf(out, KEY_BYTES, "pool %s member %s", row->pool,
			 endpoint_format(&endpoint, text));
		return out;
	}
	for (size_t f = 0; f < schema_field_count; f++) {
		if (schema_fields[f].noun != row->noun || !schema_is_key(&schema_fields[f]))
			continue;
		value_format(&schema_fields[f], (const char *)object + schema_fields[f].offset,
			     text);
		snprintf(out, KEY_BYTES, "%s %.100s",
			 schema_text_name(schema_nouns[row->noun].noun, noun), text);
	}
	return out;
}

/* False: it has not so many. */
static bool
list_value(const struct schema_field *field, const struct row *row, const void *object,
	   uint32_t index, char out[VALUE_TEXT_BYTES])
{
	if (field->type == SCHEMA_HEADERS) {
		const char *at = (const char *)object + field->offset;

		while (*at && index-- > 0)
			at += strcspn(at, "\r") + 2;
		snprintf(out, VALUE_TEXT_BYTES, "%.*s", (int)strcspn(at, "\r"), at);
		return *at != '\0';
	} else if (field->type == SCHEMA_NAMES) {
		const struct model_names *names =
		    (const void *)((const char *)object + field->offset);

		if (index >= names->count)
			return false;
		snprintf(out, VALUE_TEXT_BYTES, "%s", names->name[index]);
		return true;
	} else if (field->type == SCHEMA_CHOICES) {
		uint32_t set = *(const uint32_t *)((const char *)object + field->offset);

		while (set && index-- > 0)
			set &= set - 1;
		set &= -set;
		value_format(field, &set, out);
		return set != 0;
	} else {
		const struct model_span *span =
		    (const void *)((const char *)object + field->offset);

		if (index >= span->count)
			return false;
		value_format(field, &row->model->addresses[span->first + index], out);
		return true;
	}
}

static bool
list_has(const struct schema_field *field, const struct row *row, const void *object,
	 const char *text)
{
	char value[VALUE_TEXT_BYTES];

	for (uint32_t i = 0; list_value(field, row, object, i, value); i++)
		if (strcmp(value, text) == 0)
			return true;
	return false;
}

/* " FIELD VALUE", the value in quotes where a line needs them. */
static void
write_field(FILE *out, const struct schema_field *field, const char *text)
{
	char word[SCHEMA_TEXT_NAME_BYTES];

	fprintf(out, " %s ", schema_word(field, word));
	if (*text && !strpbrk(text, " \"\\"))
		fputs(text, out);
	else
		value_write_quoted(out, text, strlen(text));
}

/* Keys are said by the object's own words, members by their own lines. */
static bool
is_said(const struct schema_field *field, const void *value)
{
	if (schema_is_key(field) || field->type == SCHEMA_MEMBERS)
		return false;
	return field->def ? !value_is_default(field, value) : !value_is_missing(field, value);
}
