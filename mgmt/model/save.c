/*
 * Model to canonical text: the lists in the order of schema.tbl, each group's fields in the order
 * of its rows, fields at their default left out. Parsing it again gives the same model. What a
 * candidate misses yet is left out too: its text says no more than it does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mgmt/model/model.h"
#include "mgmt/model/schema.h"
#include "mgmt/model/value.h"

#define INDENT_TOP    1
#define INDENT_MEMBER 3

static void write_list(FILE *out, const struct model *model, enum schema_noun noun);
static void write_group(FILE *out, const struct model *model, enum schema_noun noun,
			const void *object, int indent);
static void write_field(FILE *out, const struct model *model, const struct schema_field *field,
			const void *object, int indent);
static void write_prefixes(FILE *out, const struct model *model, const struct model_span *span);
static void write_choices(FILE *out, const struct schema_field *field, uint32_t set);
static void write_names(FILE *out, const struct model_names *names);
static void write_headers(FILE *out, const char *headers);
static void write_gateways(FILE *out, const struct model_gateways *gateways);
static void
write_members(FILE *out, const struct model *model, const struct model_pool *pool, int indent);
static void write_value(FILE *out, const struct schema_field *field, const void *value);
static void tabs(FILE *out, int count);

char *
model_save(const struct model *model)
{
	char *text = NULL;
	size_t text_bytes;
	FILE *out = open_memstream(&text, &text_bytes);
	bool ok;

	if (!out)
		return NULL;
	fprintf(out, "version = %u;\n", MODEL_VERSION);
	for (enum schema_noun noun = 0; noun < SCHEMA_NOUN_COUNT; noun++)
		if (noun != SCHEMA_NOUN_member)
			write_list(out, model, noun);
	ok = !ferror(out);
	if (fclose(out) == 0 && ok)
		return text;
	free(text);
	return NULL;
}

static void
write_list(FILE *out, const struct model *model, enum schema_noun noun)
{
	const struct schema_noun_info *info = &schema_nouns[noun];
	const char *objects = *(void *const *)((const char *)model + info->array);
	uint32_t count = *(const uint32_t *)((const char *)model + info->count);
	char name[SCHEMA_TEXT_NAME_BYTES];

	if (count == 0)
		return;
	fprintf(out, "\n%s = (\n", schema_text_name(info->plural, name));
	for (uint32_t i = 0; i < count; i++) {
		write_group(out, model, noun, objects + i * info->object_bytes, INDENT_TOP);
		fputs(i + 1 < count ? ",\n" : "\n", out);
	}
	fputs(");\n", out);
}

static void
write_group(FILE *out, const struct model *model, enum schema_noun noun, const void *object,
	    int indent)
{
	tabs(out, indent);
	fputs("{\n", out);
	for (size_t f = 0; f < schema_field_count; f++)
		if (schema_fields[f].noun == noun)
			write_field(out, model, &schema_fields[f], object, indent + 1);
	tabs(out, indent);
	fputs("}", out);
}

static void
write_field(FILE *out, const struct model *model, const struct schema_field *field,
	    const void *object, int indent)
{
	const void *value = (const char *)object + field->offset;
	char name[SCHEMA_TEXT_NAME_BYTES];

	if (field->size_bytes > 0 &&
	    (field->def ? value_is_default(field, value) : value_is_missing(field, value)))
		return;
	tabs(out, indent);
	fprintf(out, "%s = ", schema_text_name(field->member, name));
	if (field->type == SCHEMA_PREFIXES)
		write_prefixes(out, model, value);
	else if (field->type == SCHEMA_CHOICES)
		write_choices(out, field, *(const uint32_t *)value);
	else if (field->type == SCHEMA_NAMES)
		write_names(out, value);
	else if (field->type == SCHEMA_HEADERS)
		write_headers(out, value);
	else if (field->type == SCHEMA_GATEWAYS)
		write_gateways(out, value);
	else if (field->type == SCHEMA_MEMBERS)
		write_members(out, model, object, indent + 1);
	else
		write_value(out, field, value);
	fputs(";\n", out);
}

static void
write_prefixes(FILE *out, const struct model *model, const struct model_span *span)
{
	fputs("[", out);
	for (uint32_t i = 0; i < span->count; i++) {
		const struct model_prefix *prefix = &model->addresses[span->first + i];
		char text[ADDR_TEXT_MAX];

		fprintf(out, "%s \"%s/%u\"", i ? "," : "", addr_format(&prefix->addr, text),
			prefix->len);
	}
	fputs(" ]", out);
}

static void
write_choices(FILE *out, const struct schema_field *field, uint32_t set)
{
	const char *separator = "";
	char word[SCHEMA_TEXT_NAME_BYTES];

	fputs("[", out);
	for (; set; set &= set - 1, separator = ",")
		fprintf(out, "%s \"%s\"", separator,
			schema_choice_word(field->values, (uint32_t)__builtin_ctz(set), word));
	fputs(" ]", out);
}

static void
write_names(FILE *out, const struct model_names *names)
{
	fputs("[", out);
	for (uint32_t i = 0; i < names->count; i++)
		fprintf(out, "%s \"%s\"", i ? "," : "", names->name[i]);
	fputs(" ]", out);
}

static void
write_headers(FILE *out, const char *headers)
{
	fputs("[", out);
	for (const char *at = headers; *at; at += strcspn(at, "\r") + 2) {
		fputs(at == headers ? " " : ", ", out);
		value_write_quoted(out, at, strcspn(at, "\r"));
	}
	fputs(" ]", out);
}

/* A single one as a text alone. */
static void
write_gateways(FILE *out, const struct model_gateways *gateways)
{
	char text[ADDR_TEXT_MAX];

	if (gateways->count == 1) {
		fprintf(out, "\"%s\"", addr_format(&gateways->address[0], text));
		return;
	}
	fputs("[", out);
	for (uint32_t i = 0; i < gateways->count; i++)
		fprintf(out, "%s \"%s\"", i ? "," : "", addr_format(&gateways->address[i], text));
	fputs(" ]", out);
}

static void
write_members(FILE *out, const struct model *model, const struct model_pool *pool, int indent)
{
	fputs("(\n", out);
	for (uint32_t i = 0; i < pool->member_count; i++) {
		write_group(out, model, SCHEMA_NOUN_member, &model->members[pool->first_member + i],
			    indent);
		fputs(i + 1 < pool->member_count ? ",\n" : "\n", out);
	}
	tabs(out, indent - 1);
	fputs(")", out);
}

static void
write_value(FILE *out, const struct schema_field *field, const void *value)
{
	char text[VALUE_TEXT_BYTES];

	value_format(field, value, text);
	if (field->type == SCHEMA_NUMBER || field->type == SCHEMA_BOOL)
		fputs(text, out);
	else
		value_write_quoted(out, text, strlen(text));
}

static void
tabs(FILE *out, int count)
{
	while (count-- > 0)
		fputc('\t', out);
}
