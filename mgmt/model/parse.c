/*
 * Configuration text to model. libconfig reads the text into a tree of settings; everything after
 * that is driven by schema.tbl: which lists there are, which fields a group has, what may stand in
 * each. Strict: what the schema does not know is refused, and so is what a reader could
 * misunderstand (hexadecimal numbers, included files).
 *
 * Whether the parts fit together is validate.c's business.
 */
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/model/model.h"
#include "mgmt/model/objects.h"
#include "mgmt/model/scan.h"
#include "mgmt/model/schema.h"
#include "mgmt/model/unknown.h"
#include "mgmt/model/value.h"

struct parser {
	struct model *model;
	struct errors *errors;
	uint32_t capacity[SCHEMA_NOUN_COUNT]; /* of the model's arrays */
	uint32_t address_capacity;
};

/* Room for one object of any noun while its group is read. */
union object {
#define NOUN(noun, plural, limit, limit_name, help) struct model_##noun noun;
#include "mgmt/model/schema.tbl"
};

static const char **
refuse_include(struct config_t *config, const char *dir, const char *path, const char **error);
static void syntax_error(const config_t *config, struct errors *errors);
static void read_root(struct parser *parser, const config_setting_t *root);
static bool read_version(struct parser *parser, const config_setting_t *root);
static void read_list(struct parser *parser, enum schema_noun noun, const config_setting_t *list);
static void read_group(struct parser *parser, enum schema_noun noun, const config_setting_t *group);
static void missing(struct parser *parser, const struct schema_field *field, uint32_t line);
static void read_field(struct parser *parser, const struct schema_field *field,
		       const config_setting_t *setting, union object *object);
static void read_number(struct parser *parser, const struct schema_field *field,
			const config_setting_t *setting, uint32_t *out);
static void read_bool(struct parser *parser, const struct schema_field *field,
		      const config_setting_t *setting, uint32_t *out);
static void read_choices(struct parser *parser, const struct schema_field *field,
			 const config_setting_t *array, uint32_t *out);
static void read_names(struct parser *parser, const struct schema_field *field,
		       const config_setting_t *array, struct model_names *out);
static void read_headers(struct parser *parser, const struct schema_field *field,
			 const config_setting_t *array, char *out);
static void read_gateways(struct parser *parser, const struct schema_field *field,
			  const config_setting_t *setting, struct model_gateways *out);
static void read_prefixes(struct parser *parser, const struct schema_field *field,
			  const config_setting_t *array, struct model_span *span);
static void read_members(struct parser *parser, const struct schema_field *field,
			 const config_setting_t *list, struct model_pool *pool);
static bool append(struct parser *parser, enum schema_noun noun, const void *object, uint32_t line);
static bool
grow(struct parser *parser, void **array, uint32_t count, uint32_t *capacity, size_t object_bytes);
static void
unknown_field(struct parser *parser, enum schema_noun noun, const config_setting_t *setting);
static void unknown_list(struct parser *parser, const config_setting_t *setting);
static uint32_t line_of(const config_setting_t *setting);
static const char *type_text(const config_setting_t *setting);

bool
model_parse(const char *text, size_t text_bytes, struct model *model, struct errors *errors)
{
	struct parser parser = { .model = model, .errors = errors };
	config_t config;
	char *copy;

	*model = (struct model){ 0 };
	if (!scan_text(text, text_bytes, errors))
		return false;
	copy = strndup(text, text_bytes);
	if (!copy) {
		errors_add(errors, 0, "out of memory");
		return false;
	}
	config_init(&config);
	config_set_include_func(&config, refuse_include);
	if (config_read_string(&config, copy) == CONFIG_TRUE)
		read_root(&parser, config_root_setting(&config));
	else
		syntax_error(&config, errors);
	if (errors->count == 0 && !objects_order_addresses(model))
		errors_add(errors, 0, "out of memory");
	config_destroy(&config);
	free(copy);
	return errors->count == 0;
}

bool
model_load(const char *text, size_t text_bytes, struct model *model, struct errors *errors)
{
	if (model_parse(text, text_bytes, model, errors) && model_validate(model, errors))
		return true;
	model_free(model);
	return false;
}

static const char **
refuse_include(struct config_t *config, const char *dir, const char *path, const char **error)
{
	*error = "@include is not accepted; write everything into one text";
	return NULL;
}

/* libconfig says what, not what to do about it. */
static void
syntax_error(const config_t *config, struct errors *errors)
{
	const char *text = config_error_text(config);
	uint32_t line = (uint32_t)config_error_line(config);

	if (strcmp(text, "syntax error") == 0)
		errors_add(errors, line,
			   "syntax error; look here and in the line before for a missing ';', ',', "
			   "quote or bracket");
	else if (strcmp(text, "duplicate setting name") == 0)
		errors_add(errors, line, "a field is set twice in one group; leave one out");
	else
		errors_add(errors, line, "%s", text);
}

static void
read_root(struct parser *parser, const config_setting_t *root)
{
	if (!read_version(parser, root))
		return;
	for (int i = 0; i < config_setting_length(root); i++) {
		const config_setting_t *setting = config_setting_get_elem(root, (unsigned)i);
		char name[SCHEMA_TEXT_NAME_BYTES];
		enum schema_noun noun;

		if (strcmp(config_setting_name(setting), "version") == 0)
			continue;
		for (noun = 0; noun < SCHEMA_NOUN_COUNT; noun++)
			if (noun != SCHEMA_NOUN_member &&
			    strcmp(schema_text_name(schema_nouns[noun].plural, name),
				   config_setting_name(setting)) == 0)
				break;
		if (noun < SCHEMA_NOUN_COUNT)
			read_list(parser, noun, setting);
		else
			unknown_list(parser, setting);
	}
}

/* First of all: a newer text may hold anything, and errors about its fields would mislead. */
static bool
read_version(struct parser *parser, const config_setting_t *root)
{
	const config_setting_t *version = config_setting_get_member(root, "version");
	long long number;

	if (!version) {
		errors_add(parser->errors, 0, "version is missing; begin with \"version = %u;\"",
			   MODEL_VERSION);
		return false;
	}
	if (config_setting_type(version) != CONFIG_TYPE_INT &&
	    config_setting_type(version) != CONFIG_TYPE_INT64) {
		errors_add(parser->errors, line_of(version), "version is %s; must be the number %u",
			   type_text(version), MODEL_VERSION);
		return false;
	}
	number = config_setting_get_int64(version);
	if (number > MODEL_VERSION)
		errors_add(
		    parser->errors, line_of(version),
		    "the text is of version %lld, newer than this program, which knows version %u; "
		    "upgrade the program first",
		    number, MODEL_VERSION);
	else if (number < 1)
		errors_add(parser->errors, line_of(version),
			   "version %lld never existed; must be %u", number, MODEL_VERSION);
	return number == MODEL_VERSION;
}

static void
read_list(struct parser *parser, enum schema_noun noun, const config_setting_t *list)
{
	char name[SCHEMA_TEXT_NAME_BYTES];

	schema_text_name(schema_nouns[noun].plural, name);
	if (!config_setting_is_list(list)) {
		errors_add(parser->errors, line_of(list),
			   "%s is %s; must be a list of groups: %s = ( { ... }, { ... } );", name,
			   type_text(list), name);
		return;
	}
	for (int i = 0; i < config_setting_length(list); i++) {
		const config_setting_t *group = config_setting_get_elem(list, (unsigned)i);

		if (config_setting_is_group(group))
			read_group(parser, noun, group);
		else
			errors_add(parser->errors, line_of(group),
				   "%s holds %s; must be groups: { ... }", name, type_text(group));
	}
}

static void
read_group(struct parser *parser, enum schema_noun noun, const config_setting_t *group)
{
	union object object;
	bool seen[SCHEMA_FIELD_COUNT] = { 0 };

	memset(&object, 0, sizeof object);
	*(uint32_t *)&object = line_of(group);
	for (size_t f = 0; f < schema_field_count; f++)
		if (schema_fields[f].noun == noun)
			value_set_default(&schema_fields[f],
					  (char *)&object + schema_fields[f].offset);
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
		char name[SCHEMA_TEXT_NAME_BYTES];
		size_t f;

		for (f = 0; f < schema_field_count; f++)
			if (schema_fields[f].noun == noun &&
			    strcmp(schema_text_name(schema_fields[f].member, name),
				   config_setting_name(setting)) == 0)
				break;
		if (f == schema_field_count) {
			unknown_field(parser, noun, setting);
			continue;
		}
		seen[f] = true;
		read_field(parser, &schema_fields[f], setting, &object);
	}
	for (size_t f = 0; f < schema_field_count; f++)
		if (schema_fields[f].noun == noun && !schema_fields[f].def && !seen[f])
			missing(parser, &schema_fields[f], line_of(group));
	append(parser, noun, &object, line_of(group));
}

static void
missing(struct parser *parser, const struct schema_field *field, uint32_t line)
{
	char name[SCHEMA_TEXT_NAME_BYTES];

	value_refuse(field, line, parser->errors, "is missing; write \"%s = ...\", %s",
		     schema_text_name(field->member, name), field->help);
}

static void
read_field(struct parser *parser, const struct schema_field *field, const config_setting_t *setting,
	   union object *object)
{
	void *out = (char *)object + field->offset;

	if (field->type == SCHEMA_NUMBER)
		read_number(parser, field, setting, out);
	else if (field->type == SCHEMA_BOOL)
		read_bool(parser, field, setting, out);
	else if (field->type == SCHEMA_CHOICES)
		read_choices(parser, field, setting, out);
	else if (field->type == SCHEMA_NAMES)
		read_names(parser, field, setting, out);
	else if (field->type == SCHEMA_HEADERS)
		read_headers(parser, field, setting, out);
	else if (field->type == SCHEMA_GATEWAYS)
		read_gateways(parser, field, setting, out);
	else if (field->type == SCHEMA_PREFIXES)
		read_prefixes(parser, field, setting, out);
	else if (field->type == SCHEMA_MEMBERS)
		read_members(parser, field, setting, &object->pool);
	else if (config_setting_type(setting) != CONFIG_TYPE_STRING)
		value_refuse(field, line_of(setting), parser->errors,
			     "is %s; must be a text in double quotes", type_text(setting));
	else
		value_set(field, config_setting_get_string(setting), line_of(setting), out,
			  parser->errors);
}

static void
read_number(struct parser *parser, const struct schema_field *field,
	    const config_setting_t *setting, uint32_t *out)
{
	int type = config_setting_type(setting);

	if ((type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64) ||
	    config_setting_get_format(setting) == CONFIG_FORMAT_HEX) {
		value_refuse(field, line_of(setting), parser->errors,
			     "is %s; must be a decimal number, %u to %u (%s)",
			     type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64
				 ? "a hexadecimal number"
				 : type_text(setting),
			     field->min, field->max, field->unit);
		return;
	}
	value_set_number(field, config_setting_get_int64(setting), line_of(setting), out,
			 parser->errors);
}

static void
read_bool(struct parser *parser, const struct schema_field *field, const config_setting_t *setting,
	  uint32_t *out)
{
	if (config_setting_type(setting) == CONFIG_TYPE_BOOL)
		*out = (uint32_t)config_setting_get_bool(setting);
	else
		value_refuse(field, line_of(setting), parser->errors,
			     "is %s; must be true or false", type_text(setting));
}

static void
read_choices(struct parser *parser, const struct schema_field *field, const config_setting_t *array,
	     uint32_t *out)
{
	if (!config_setting_is_array(array) && !config_setting_is_list(array)) {
		value_refuse(field, line_of(array), parser->errors,
			     "is %s; must be an array of words: %s", type_text(array),
			     field->values);
		return;
	}
	for (int i = 0; i < config_setting_length(array); i++) {
		const config_setting_t *element = config_setting_get_elem(array, (unsigned)i);
		uint32_t before = *out;

		if (config_setting_type(element) != CONFIG_TYPE_STRING)
			value_refuse(field, line_of(element), parser->errors,
				     "holds %s; must be words of %s", type_text(element),
				     field->values);
		else if (value_set(field, config_setting_get_string(element), line_of(element), out,
				   parser->errors) &&
			 *out == before)
			value_refuse(field, line_of(element), parser->errors,
				     "\"%.64s\" is there twice; leave one out",
				     config_setting_get_string(element));
	}
}

static void
read_names(struct parser *parser, const struct schema_field *field, const config_setting_t *array,
	   struct model_names *out)
{
	if (!config_setting_is_array(array) && !config_setting_is_list(array)) {
		value_refuse(field, line_of(array), parser->errors,
			     "is %s; must be an array of names: [ \"p0\", \"p1\" ]",
			     type_text(array));
		return;
	}
	for (int i = 0; i < config_setting_length(array); i++) {
		const config_setting_t *element = config_setting_get_elem(array, (unsigned)i);

		if (config_setting_type(element) != CONFIG_TYPE_STRING)
			value_refuse(field, line_of(element), parser->errors,
				     "holds %s; must be names like \"p0\"", type_text(element));
		else
			value_add_name(field, config_setting_get_string(element), line_of(element),
				       out, parser->errors);
	}
}

static void
read_headers(struct parser *parser, const struct schema_field *field, const config_setting_t *array,
	     char *out)
{
	if (!config_setting_is_array(array) && !config_setting_is_list(array)) {
		value_refuse(field, line_of(array), parser->errors,
			     "is %s; must be an array: [ \"Name: value\", ... ]", type_text(array));
		return;
	}
	for (int i = 0; i < config_setting_length(array); i++) {
		const config_setting_t *element = config_setting_get_elem(array, (unsigned)i);
		const char *text = config_setting_type(element) == CONFIG_TYPE_STRING
				       ? config_setting_get_string(element)
				       : "";

		if (strchr(text, ':') && value_find_header(out, text))
			value_refuse(field, line_of(element), parser->errors,
				     "\"%.64s\" is there twice; leave one out", text);
		else if (!value_add_header(field, text, line_of(element), out, parser->errors) &&
			 strlen(out) + strlen(text) + 2 > field->max)
			return;
	}
}

/* One may stand without brackets. */
static void
read_gateways(struct parser *parser, const struct schema_field *field,
	      const config_setting_t *setting, struct model_gateways *out)
{
	bool single = config_setting_type(setting) == CONFIG_TYPE_STRING;
	int count = single ? 1 : config_setting_length(setting);

	if (!single && !config_setting_is_array(setting) && !config_setting_is_list(setting)) {
		value_refuse(field, line_of(setting), parser->errors,
			     "is %s; must be a text in double quotes, or several: [ \"10.0.0.2\", "
			     "... ]",
			     type_text(setting));
		return;
	}
	if (count == 0)
		value_refuse(field, line_of(setting), parser->errors,
			     "is empty; a route has at least one gateway");
	for (int i = 0; i < count; i++) {
		const config_setting_t *element =
		    single ? setting : config_setting_get_elem(setting, (unsigned)i);

		if (config_setting_type(element) != CONFIG_TYPE_STRING)
			value_refuse(field, line_of(element), parser->errors,
				     "holds %s; must be texts like \"10.0.0.2\"",
				     type_text(element));
		else
			value_add_gateway(field, config_setting_get_string(element),
					  line_of(element), out, parser->errors);
	}
}

static void
read_prefixes(struct parser *parser, const struct schema_field *field,
	      const config_setting_t *array, struct model_span *span)
{
	struct model *model = parser->model;

	span->first = model->address_count;
	if (!config_setting_is_array(array) && !config_setting_is_list(array)) {
		value_refuse(field, line_of(array), parser->errors,
			     "is %s; must be an array: [ \"10.0.0.1/24\", ... ]", type_text(array));
		return;
	}
	for (int i = 0; i < config_setting_length(array); i++) {
		const config_setting_t *element = config_setting_get_elem(array, (unsigned)i);
		struct model_prefix prefix;

		if (config_setting_type(element) != CONFIG_TYPE_STRING) {
			value_refuse(field, line_of(element), parser->errors,
				     "holds %s; must be texts like \"10.0.0.1/24\"",
				     type_text(element));
			continue;
		}
		if (!value_set(field, config_setting_get_string(element), line_of(element), &prefix,
			       parser->errors))
			continue;
		if (model->address_count == LIMIT_ADDRESSES) {
			value_refuse(field, line_of(element), parser->errors,
				     "more than %u on all ports together; LIMIT_ADDRESSES is %u",
				     LIMIT_ADDRESSES, LIMIT_ADDRESSES);
			return;
		}
		if (!grow(parser, (void **)&model->addresses, model->address_count,
			  &parser->address_capacity, sizeof prefix))
			return;
		model->addresses[model->address_count++] = prefix;
		span->count++;
	}
}

static void
read_members(struct parser *parser, const struct schema_field *field, const config_setting_t *list,
	     struct model_pool *pool)
{
	pool->first_member = parser->model->member_count;
	read_list(parser, SCHEMA_NOUN_member, list);
	pool->member_count = parser->model->member_count - pool->first_member;
	if (config_setting_is_list(list) && config_setting_length(list) == 0)
		value_refuse(field, line_of(list), parser->errors,
			     "is empty; a pool has at least one member");
}

static bool
append(struct parser *parser, enum schema_noun noun, const void *object, uint32_t line)
{
	const struct schema_noun_info *info = &schema_nouns[noun];
	void **array = (void **)((char *)parser->model + info->array);
	uint32_t *count = (uint32_t *)((char *)parser->model + info->count);
	char name[SCHEMA_TEXT_NAME_BYTES];

	if (*count == info->limit) {
		errors_add(parser->errors, line, "more than %u %s; %s is %u", info->limit,
			   schema_text_name(info->plural, name), info->limit_name, info->limit);
		return false;
	}
	if (!grow(parser, array, *count, &parser->capacity[noun], info->object_bytes))
		return false;
	memcpy((char *)*array + *count * info->object_bytes, object, info->object_bytes);
	++*count;
	return true;
}

static bool
grow(struct parser *parser, void **array, uint32_t count, uint32_t *capacity, size_t object_bytes)
{
	uint32_t larger = *capacity ? *capacity * 2 : 8;
	void *memory;

	if (count < *capacity)
		return true;
	memory = realloc(*array, larger * object_bytes);
	if (!memory) {
		errors_add(parser->errors, 0, "out of memory");
		return false;
	}
	*array = memory;
	*capacity = larger;
	return true;
}

static void
unknown_field(struct parser *parser, enum schema_noun noun, const config_setting_t *setting)
{
	struct unknown unknown = unknown_name("field", config_setting_name(setting));
	char name[SCHEMA_TEXT_NAME_BYTES];

	for (size_t f = 0; f < schema_field_count; f++)
		if (schema_fields[f].noun == noun)
			unknown_offer(&unknown, schema_text_name(schema_fields[f].member, name));
	unknown_refuse(&unknown, schema_text_name(schema_nouns[noun].noun, name), line_of(setting),
		       parser->errors);
}

static void
unknown_list(struct parser *parser, const config_setting_t *setting)
{
	struct unknown unknown = unknown_name("field", config_setting_name(setting));
	char name[SCHEMA_TEXT_NAME_BYTES];

	unknown_offer(&unknown, "version");
	for (enum schema_noun noun = 0; noun < SCHEMA_NOUN_COUNT; noun++)
		if (noun != SCHEMA_NOUN_member)
			unknown_offer(&unknown, schema_text_name(schema_nouns[noun].plural, name));
	unknown_refuse(&unknown, NULL, line_of(setting), parser->errors);
}

static uint32_t
line_of(const config_setting_t *setting)
{
	return config_setting_source_line(setting);
}

static const char *
type_text(const config_setting_t *setting)
{
	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_GROUP:
		return "a group";
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return "a number";
	case CONFIG_TYPE_FLOAT:
		return "a number with a fraction";
	case CONFIG_TYPE_STRING:
		return "a text";
	case CONFIG_TYPE_BOOL:
		return "true or false";
	case CONFIG_TYPE_ARRAY:
		return "an array";
	case CONFIG_TYPE_LIST:
		return "a list";
	default:
		return "nothing";
	}
}
