/*
 * Set and delete. A line is read in full into a plan, which is refused or then carried out by steps
 * that can't fail, so that half a line never happens. Which nouns and fields there are is
 * schema.tbl's.
 */
#include "mgmt/model/edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mgmt/model/objects.h"
#include "mgmt/model/schema.h"
#include "mgmt/model/unknown.h"
#include "mgmt/model/value.h"

struct words {
	const char *at[EDIT_WORDS];
	size_t count, next;
	char text[EDIT_LINE_BYTES];
};

/* Room for one object of any noun. */
union object {
#define NOUN(noun, plural, limit, limit_name, help) struct model_##noun noun;
#include "mgmt/model/schema.tbl"
};

struct edit {
	struct model *model;
	struct errors *errors;
	struct words words;
	enum schema_noun noun;
	uint32_t index; /* of the object, OBJECTS_ABSENT: it is not there */
	union object object;
	bool with_member; /* the line is about a member of the pool */
	uint32_t member_index;
	union object member;
	uint32_t prefix_count; /* addresses to add to the port, bond or VLAN */
	struct model_prefix prefixes[EDIT_WORDS / 2];
};

static bool split(struct words *words, const char *line, struct errors *errors);
static bool take_noun(struct edit *edit);
static bool take_key(struct edit *edit);
static uint32_t next_address(const struct model *model, enum schema_noun noun, uint32_t count);
static bool apply_set(struct edit *edit);
static bool set_fields(struct edit *edit, enum schema_noun noun, union object *object);
static bool
set_field(struct edit *edit, const struct schema_field *field, const char *text, union object *to);
static bool set_prefix(struct edit *edit, const struct schema_field *field, const char *text,
		       const struct model_span *own);
static bool set_member(struct edit *edit, const char *text);
static bool take_member(struct edit *edit, const char *text);
static bool has_room(struct edit *edit, enum schema_noun noun);
static bool reserve(struct edit *edit);
static void carry_out(struct edit *edit);
static bool apply_delete(struct edit *edit);
static bool delete_field(struct edit *edit, const struct schema_field *field);
static bool delete_choice(struct edit *edit, const struct schema_field *field, uint32_t *set);
static bool
delete_name(struct edit *edit, const struct schema_field *field, struct model_names *names);
static bool delete_header(struct edit *edit, const struct schema_field *field, char *headers);
static bool delete_prefix(struct edit *edit, const struct schema_field *field);
static bool delete_member(struct edit *edit);
static bool reset(struct edit *edit, const struct schema_field *field, union object *object);
static const struct schema_field *
find_field(struct edit *edit, enum schema_noun noun, const char *word);
static void unknown_object(struct edit *edit, const char *word);
static const char *next_word(struct edit *edit);
static bool no_more_words(struct edit *edit);

bool
model_edit(struct model *model, const char *line, struct errors *errors)
{
	struct edit edit = { .model = model, .errors = errors };
	const char *verb;

	if (!split(&edit.words, line, errors))
		return false;
	verb = next_word(&edit);
	if (verb && strcmp(verb, "set") == 0)
		return take_noun(&edit) && take_key(&edit) && apply_set(&edit);
	if (verb && strcmp(verb, "delete") == 0)
		return take_noun(&edit) && take_key(&edit) && apply_delete(&edit);
	errors_add(errors, 0, "\"%.40s\" is no change; must be set ... or delete ...",
		   verb ? verb : "");
	return false;
}

/* Blanks part words but in double quotes, where \" and \\ stand for the character. */
static bool
split(struct words *words, const char *line, struct errors *errors)
{
	char *to = words->text;

	if (strlen(line) >= sizeof words->text) {
		errors_add(errors, 0, "the line is longer than %u characters", EDIT_LINE_BYTES - 1);
		return false;
	}
	while (*(line += strspn(line, " \t\r\n"))) {
		bool quoted = false;

		if (words->count == EDIT_WORDS) {
			errors_add(errors, 0, "the line has more than %u words; use several lines",
				   EDIT_WORDS);
			return false;
		}
		words->at[words->count++] = to;
		for (; *line && (quoted || !strchr(" \t\r\n", *line)); line++) {
			if (*line == '"')
				quoted = !quoted;
			else if (quoted && *line == '\\' && (line[1] == '"' || line[1] == '\\'))
				*to++ = *++line;
			else
				*to++ = *line;
		}
		if (quoted) {
			errors_add(errors, 0, "a double quote is not closed");
			return false;
		}
		*to++ = '\0';
	}
	return true;
}

static bool
take_noun(struct edit *edit)
{
	struct unknown unknown;
	const char *word = next_word(edit);
	char name[SCHEMA_TEXT_NAME_BYTES];

	unknown = unknown_name("noun", word ? word : "");
	for (enum schema_noun noun = 0; noun < SCHEMA_NOUN_COUNT; noun++) {
		if (noun == SCHEMA_NOUN_member)
			continue;
		edit->noun = noun;
		schema_text_name(schema_nouns[noun].noun, name);
		if (word && strcmp(name, word) == 0)
			return true;
		unknown_offer(&unknown, name);
	}
	unknown_refuse(&unknown, NULL, 0, edit->errors);
	return false;
}

/* Finds the object, or prepares one with every field at its default. */
static bool
take_key(struct edit *edit)
{
	const struct schema_field *key = objects_key(edit->noun);
	const char *word = next_word(edit);
	char name[SCHEMA_TEXT_NAME_BYTES];
	uint32_t *count;
	char *objects = objects_of(edit->model, edit->noun, &count);

	if (!word) {
		errors_add(edit->errors, 0, "which %s? its %s is missing",
			   schema_text_name(schema_nouns[edit->noun].noun, name),
			   key->type == SCHEMA_NAME ? key->member : key->unit);
		return false;
	}
	for (size_t f = 0; f < schema_field_count; f++)
		if (schema_fields[f].noun == edit->noun)
			value_set_default(&schema_fields[f],
					  (char *)&edit->object + schema_fields[f].offset);
	if (!value_set(key, word, 0, (char *)&edit->object + key->offset, edit->errors))
		return false;
	edit->index =
	    objects_find(edit->model, edit->noun, (const char *)&edit->object + key->offset);
	if (edit->index != OBJECTS_ABSENT)
		memcpy(&edit->object, objects + edit->index * schema_nouns[edit->noun].object_bytes,
		       schema_nouns[edit->noun].object_bytes);
	else if (edit->noun == SCHEMA_NOUN_pool)
		edit->object.pool.first_member = edit->model->member_count;
	else if (edit->noun == SCHEMA_NOUN_port)
		edit->object.port.addresses.first = next_address(edit->model, edit->noun, *count);
	else if (edit->noun == SCHEMA_NOUN_bond)
		edit->object.bond.addresses.first = next_address(edit->model, edit->noun, *count);
	else if (edit->noun == SCHEMA_NOUN_vlan)
		edit->object.vlan.addresses.first = next_address(edit->model, edit->noun, *count);
	return true;
}

/* Where the addresses of another object of the noun begin: before those of the nouns behind it. */
static uint32_t
next_address(const struct model *model, enum schema_noun noun, uint32_t count)
{
	uint32_t row = objects_row(model, noun, count);

	return row < model_row_count(model) ? model_row_addresses(model, row)->first
					    : model->address_count;
}

static bool
apply_set(struct edit *edit)
{
	if (!set_fields(edit, edit->noun, &edit->object))
		return false;
	if (edit->index == OBJECTS_ABSENT && !has_room(edit, edit->noun))
		return false;
	if (edit->with_member && edit->member_index == OBJECTS_ABSENT &&
	    !has_room(edit, SCHEMA_NOUN_member))
		return false;
	if (edit->model->address_count + edit->prefix_count > LIMIT_ADDRESSES) {
		errors_add(edit->errors, 0,
			   "%s addresses: more than %u on all ports together; LIMIT_ADDRESSES is "
			   "%u",
			   schema_nouns[edit->noun].noun, LIMIT_ADDRESSES, LIMIT_ADDRESSES);
		return false;
	}
	if (!reserve(edit))
		return false;
	carry_out(edit);
	return true;
}

/* Pairs of field and value up to the end of the line; a member takes what is behind it. */
static bool
set_fields(struct edit *edit, enum schema_noun noun, union object *object)
{
	const char *word, *text;

	while ((word = next_word(edit))) {
		const struct schema_field *field = find_field(edit, noun, word);

		if (!field)
			return false;
		text = next_word(edit);
		if (!text)
			return value_refuse(
			    field, 0, edit->errors, "its value is missing; write %s behind it: %s",
			    field->type == SCHEMA_CHOICE || field->type == SCHEMA_CHOICES
				? field->values
				: field->unit,
			    field->help);
		if (schema_is_key(field))
			return value_refuse(field, 0, edit->errors,
					    "can't be changed; delete this one and set another");
		if (!set_field(edit, field, text, object))
			return false;
	}
	return true;
}

static bool
set_field(struct edit *edit, const struct schema_field *field, const char *text,
	  union object *object)
{
	char *out = (char *)object + field->offset;

	switch (field->type) {
	case SCHEMA_MEMBERS:
		return set_member(edit, text);
	case SCHEMA_PREFIXES:
		return set_prefix(edit, field, text, (const struct model_span *)out);
	case SCHEMA_NAMES:
		return value_find_name((struct model_names *)out, text) < LIMIT_BOND_PORTS ||
		       value_add_name(field, text, 0, (struct model_names *)out, edit->errors);
	case SCHEMA_HEADERS:
		return (strchr(text, ':') && value_find_header(out, text)) ||
		       value_add_header(field, text, 0, out, edit->errors);
	default:
		return value_set(field, text, 0, out, edit->errors);
	}
}

/* One that is there already is no error: the line is true then. */
static bool
set_prefix(struct edit *edit, const struct schema_field *field, const char *text,
	   const struct model_span *own)
{
	struct model_prefix prefix;

	if (!value_set(field, text, 0, &prefix, edit->errors))
		return false;
	for (uint32_t i = own->first; i < own->first + own->count; i++)
		if (edit->model->addresses[i].len == prefix.len &&
		    addr_equal(&edit->model->addresses[i].addr, &prefix.addr))
			return true;
	for (uint32_t i = 0; i < edit->prefix_count; i++)
		if (edit->prefixes[i].len == prefix.len &&
		    addr_equal(&edit->prefixes[i].addr, &prefix.addr))
			return true;
	edit->prefixes[edit->prefix_count++] = prefix;
	return true;
}

static bool
set_member(struct edit *edit, const char *text)
{
	edit->with_member = true;
	return take_member(edit, text) && set_fields(edit, SCHEMA_NOUN_member, &edit->member);
}

/* ADDRESS:PORT; an IPv6 address stands in brackets. Finds the pool's member or prepares one. */
static bool
take_member(struct edit *edit, const char *text)
{
	const struct model_pool *pool = &edit->object.pool;
	struct model_member *member = &edit->member.member;
	char address[ADDR_TEXT_MAX] = "";
	const char *colon = strrchr(text, ':');
	bool bracketed = text[0] == '[' && colon && colon > text && colon[-1] == ']';
	size_t len = colon ? (size_t)(colon - text) - (bracketed ? 2 : 0) : 0;

	if (len < sizeof address)
		memcpy(address, text + bracketed, len);
	for (size_t f = 0; f < schema_field_count; f++) {
		const struct schema_field *field = &schema_fields[f];

		if (field->noun != SCHEMA_NOUN_member)
			continue;
		value_set_default(field, (char *)&edit->member + field->offset);
		if (strcmp(field->member, "port") == 0 && colon && colon[1] &&
		    !value_set(field, colon + 1, 0, &member->port, edit->errors))
			return false;
	}
	if (member->port == 0 || !addr_parse(address, &member->address) ||
	    addr_is_v4(&member->address) == bracketed) {
		errors_add(edit->errors, 0,
			   "\"%.64s\" is no member; must be like \"10.0.1.11:80\" or "
			   "\"[fd00::11]:80\"",
			   text);
		return false;
	}
	edit->member_index = OBJECTS_ABSENT;
	for (uint32_t i = 0; i < pool->member_count; i++) {
		const struct model_member *own = &edit->model->members[pool->first_member + i];

		if (own->port == member->port && addr_equal(&own->address, &member->address)) {
			edit->member_index = pool->first_member + i;
			*member = *own;
			break;
		}
	}
	return true;
}

static bool
has_room(struct edit *edit, enum schema_noun noun)
{
	const struct schema_noun_info *info = &schema_nouns[noun];
	char name[SCHEMA_TEXT_NAME_BYTES];
	uint32_t *count;

	objects_of(edit->model, noun, &count);
	if (*count < info->limit)
		return true;
	errors_add(edit->errors, 0, "more than %u %s; %s is %u", info->limit,
		   schema_text_name(info->plural, name), info->limit_name, info->limit);
	return false;
}

static bool
grow(void **array, size_t count, size_t object_bytes)
{
	void *larger = realloc(*array, count * object_bytes);

	if (larger)
		*array = larger;
	return larger != NULL;
}

/* Room for all that the plan may add. */
static bool
reserve(struct edit *edit)
{
	const struct schema_noun_info *info = &schema_nouns[edit->noun];
	struct model *model = edit->model;
	uint32_t *count;
	bool ok;

	objects_of(model, edit->noun, &count);
	ok = edit->index != OBJECTS_ABSENT ||
	     grow((void **)((char *)model + info->array), (size_t)*count + 1, info->object_bytes);
	if (ok && edit->with_member && edit->member_index == OBJECTS_ABSENT)
		ok = grow((void **)&model->members, (size_t)model->member_count + 1,
			  sizeof *model->members);
	if (ok && edit->prefix_count)
		ok = grow((void **)&model->addresses,
			  (size_t)model->address_count + edit->prefix_count,
			  sizeof *model->addresses);
	if (!ok)
		errors_add(edit->errors, 0, "out of memory");
	return ok;
}

static void
carry_out(struct edit *edit)
{
	size_t object_bytes = schema_nouns[edit->noun].object_bytes;
	uint32_t *count;
	char *objects = objects_of(edit->model, edit->noun, &count);

	if (edit->index == OBJECTS_ABSENT)
		edit->index = (*count)++;
	memcpy(objects + edit->index * object_bytes, &edit->object, object_bytes);
	for (uint32_t i = 0; i < edit->prefix_count; i++)
		objects_add_address(edit->model, objects_row(edit->model, edit->noun, edit->index),
				    &edit->prefixes[i]);
	if (edit->with_member && edit->member_index == OBJECTS_ABSENT)
		objects_add_member(edit->model, edit->index, &edit->member.member);
	else if (edit->with_member)
		edit->model->members[edit->member_index] = edit->member.member;
}

static bool
apply_delete(struct edit *edit)
{
	const char *key = edit->words.at[edit->words.next - 1], *word = next_word(edit);
	const struct schema_field *field;

	if (edit->index == OBJECTS_ABSENT) {
		unknown_object(edit, key);
		return false;
	}
	if (!word) {
		objects_remove(edit->model, edit->noun, edit->index);
		return true;
	}
	field = find_field(edit, edit->noun, word);
	if (!field || !delete_field(edit, field))
		return false;
	return true;
}

static bool
delete_field(struct edit *edit, const struct schema_field *field)
{
	uint32_t *count;
	char *objects = objects_of(edit->model, edit->noun, &count);
	union object *object =
	    (union object *)(objects + edit->index * schema_nouns[edit->noun].object_bytes);

	switch (field->type) {
	case SCHEMA_MEMBERS:
		return delete_member(edit);
	case SCHEMA_PREFIXES:
		return delete_prefix(edit, field);
	case SCHEMA_CHOICES:
		return delete_choice(edit, field, (uint32_t *)((char *)object + field->offset));
	case SCHEMA_NAMES:
		return delete_name(edit, field,
				   (struct model_names *)((char *)object + field->offset));
	case SCHEMA_HEADERS:
		return delete_header(edit, field, (char *)object + field->offset);
	default:
		return reset(edit, field, object);
	}
}

static bool
delete_choice(struct edit *edit, const struct schema_field *field, uint32_t *set)
{
	const char *text = next_word(edit);
	uint32_t gone = text ? 0 : *set;

	if (!no_more_words(edit))
		return false;
	if (text && !value_set(field, text, 0, &gone, edit->errors))
		return false;
	if (text && !(*set & gone))
		return value_refuse(field, 0, edit->errors, "there is no \"%.64s\"", text);
	*set &= ~gone;
	return true;
}

static bool
delete_name(struct edit *edit, const struct schema_field *field, struct model_names *names)
{
	const char *text = next_word(edit);
	uint32_t at;

	if (!no_more_words(edit))
		return false;
	if (!text) {
		*names = (struct model_names){ 0 };
		return true;
	}
	at = value_find_name(names, text);
	if (at == LIMIT_BOND_PORTS)
		return value_refuse(field, 0, edit->errors, "there is no \"%.64s\"", text);
	names->count--;
	memmove(names->name[at], names->name[at + 1], (names->count - at) * sizeof names->name[at]);
	memset(names->name[names->count], 0, sizeof names->name[0]);
	return true;
}

static bool
delete_header(struct edit *edit, const struct schema_field *field, char *headers)
{
	const char *text = next_word(edit);
	size_t line_len;
	char *at;

	if (!no_more_words(edit))
		return false;
	if (!text) {
		*headers = '\0';
		return true;
	}
	at = value_find_header(headers, text);
	if (!at)
		return value_refuse(field, 0, edit->errors, "there is no \"%.64s\"", text);
	line_len = strcspn(at, "\r") + 2;
	memmove(at, at + line_len, strlen(at + line_len) + 1);
	return true;
}

static bool
delete_prefix(struct edit *edit, const struct schema_field *field)
{
	uint32_t row = objects_row(edit->model, edit->noun, edit->index);
	const struct model_span *span = model_row_addresses(edit->model, row);
	const struct model_prefix *own = &edit->model->addresses[span->first];
	const char *text = next_word(edit);
	struct model_prefix prefix;

	if (!no_more_words(edit))
		return false;
	if (!text) {
		objects_remove_addresses(edit->model, row, 0, span->count);
		return true;
	}
	if (!value_set(field, text, 0, &prefix, edit->errors))
		return false;
	for (uint32_t i = 0; i < span->count; i++) {
		if (own[i].len == prefix.len && addr_equal(&own[i].addr, &prefix.addr)) {
			objects_remove_addresses(edit->model, row, i, 1);
			return true;
		}
	}
	return value_refuse(field, 0, edit->errors, "%s %s has no address %s",
			    model_row_noun(edit->model, row), model_row_name(edit->model, row),
			    text);
}

static bool
delete_member(struct edit *edit)
{
	const struct model_pool *pool = &edit->object.pool;
	const char *text = next_word(edit), *word = text ? next_word(edit) : NULL;
	const struct schema_field *field;

	if (!text) {
		objects_remove_members(edit->model, edit->index, 0, pool->member_count);
		return true;
	}
	if (!take_member(edit, text))
		return false;
	if (edit->member_index == OBJECTS_ABSENT) {
		errors_add(edit->errors, 0, "pool %s has no member %.64s", pool->name, text);
		return false;
	}
	if (!word) {
		objects_remove_members(edit->model, edit->index,
				       edit->member_index - pool->first_member, 1);
		return true;
	}
	field = find_field(edit, SCHEMA_NOUN_member, word);
	return field &&
	       reset(edit, field, (union object *)&edit->model->members[edit->member_index]);
}

/* Back to the default, which a required field does not have. */
static bool
reset(struct edit *edit, const struct schema_field *field, union object *object)
{
	if (!no_more_words(edit))
		return false;
	if (!field->def)
		return value_refuse(field, 0, edit->errors,
				    "must be there; set another value, or delete the whole");
	value_set_default(field, (char *)object + field->offset);
	return true;
}

/* NULL: errors says what there is instead. */
static const struct schema_field *
find_field(struct edit *edit, enum schema_noun noun, const char *word)
{
	struct unknown unknown = unknown_name("field", word);
	char name[SCHEMA_TEXT_NAME_BYTES];

	for (size_t f = 0; f < schema_field_count; f++) {
		if (schema_fields[f].noun != noun)
			continue;
		if (strcmp(schema_word(&schema_fields[f], name), word) == 0)
			return &schema_fields[f];
		if (!schema_is_key(&schema_fields[f]))
			unknown_offer(&unknown, name);
	}
	unknown_refuse(&unknown, schema_text_name(schema_nouns[noun].noun, name), 0, edit->errors);
	return NULL;
}

static void
unknown_object(struct edit *edit, const char *word)
{
	const struct schema_field *field = objects_key(edit->noun);
	char noun[SCHEMA_TEXT_NAME_BYTES], text[VALUE_TEXT_BYTES];
	struct unknown unknown =
	    unknown_name(schema_text_name(schema_nouns[edit->noun].noun, noun), word);
	uint32_t *count;
	const char *objects = objects_of(edit->model, edit->noun, &count);

	for (uint32_t i = 0; i < *count; i++)
		unknown_offer(&unknown,
			      value_format(field,
					   objects + i * schema_nouns[edit->noun].object_bytes +
					       field->offset,
					   text));
	unknown_refuse(&unknown, NULL, 0, edit->errors);
}

static const char *
next_word(struct edit *edit)
{
	struct words *words = &edit->words;

	return words->next < words->count ? words->at[words->next++] : NULL;
}

static bool
no_more_words(struct edit *edit)
{
	const char *word = next_word(edit);

	if (word)
		errors_add(edit->errors, 0, "\"%.40s\" is too much; end the line before it", word);
	return !word;
}
