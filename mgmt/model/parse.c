/*
 * Configuration text to model. libconfig reads the text into a tree of settings; everything after
 * that is driven by schema.tbl: which lists there are, which fields a group has, what may stand in
 * each. Strict: what the schema does not know is refused, and so is what a reader could
 * misunderstand (hexadecimal numbers, included files).
 *
 * Whether the parts fit together is validate.c's business.
 */
#include <libconfig.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "fw/base/str.h"
#include "mgmt/model/model.h"
#include "mgmt/model/scan.h"
#include "mgmt/model/schema.h"

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
static void
set_default(struct parser *parser, const struct schema_field *field, union object *object);
static void read_field(struct parser *parser, const struct schema_field *field,
		       const config_setting_t *setting, union object *object);
static void read_number(struct parser *parser, const struct schema_field *field,
			const config_setting_t *setting, uint32_t *out);
static void read_bool(struct parser *parser, const struct schema_field *field,
		      const config_setting_t *setting, uint32_t *out);
static void read_headers(struct parser *parser, const struct schema_field *field,
			 const config_setting_t *array, char *out);
static bool check_header(struct parser *parser, const struct schema_field *field, uint32_t line,
			 const char *text);
static void read_prefixes(struct parser *parser, const struct schema_field *field,
			  const config_setting_t *array, struct model_port *port);
static void read_members(struct parser *parser, const struct schema_field *field,
			 const config_setting_t *list, struct model_pool *pool);
static bool set_text(struct parser *parser, const struct schema_field *field, uint32_t line,
		     const char *text, void *out);
static bool set_name(struct parser *parser, const struct schema_field *field, uint32_t line,
		     const char *text, char *out);
static bool set_visible(struct parser *parser, const struct schema_field *field, uint32_t line,
			const char *text, char *out);
static bool set_choice(struct parser *parser, const struct schema_field *field, uint32_t line,
		       const char *text, uint32_t *out);
static bool set_statuses(struct parser *parser, const struct schema_field *field, uint32_t line,
			 const char *text, struct gen_statuses *out);
static bool set_prefix(struct parser *parser, const struct schema_field *field, uint32_t line,
		       const char *text, struct model_prefix *out);
static bool append(struct parser *parser, enum schema_noun noun, const void *object, uint32_t line);
static bool
grow(struct parser *parser, void **array, uint32_t count, uint32_t *capacity, size_t object_bytes);
static void
unknown_field(struct parser *parser, enum schema_noun noun, const config_setting_t *setting);
static void unknown_list(struct parser *parser, const config_setting_t *setting);
static bool bad(struct parser *parser, const struct schema_field *field, uint32_t line,
		const char *format, ...) __attribute__((format(printf, 4, 5)));
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
	uint64_t seen = 0;

	memset(&object, 0, sizeof object);
	*(uint32_t *)&object = line_of(group);
	for (size_t f = 0; f < schema_field_count; f++)
		if (schema_fields[f].noun == noun && schema_fields[f].def)
			set_default(parser, &schema_fields[f], &object);
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
		seen |= UINT64_C(1) << f;
		read_field(parser, &schema_fields[f], setting, &object);
	}
	for (size_t f = 0; f < schema_field_count; f++)
		if (schema_fields[f].noun == noun && !schema_fields[f].def && !(seen >> f & 1))
			missing(parser, &schema_fields[f], line_of(group));
	append(parser, noun, &object, line_of(group));
}

static void
missing(struct parser *parser, const struct schema_field *field, uint32_t line)
{
	char name[SCHEMA_TEXT_NAME_BYTES];

	bad(parser, field, line, "is missing; write \"%s = ...\", %s",
	    schema_text_name(field->member, name), field->help);
}

static void
set_default(struct parser *parser, const struct schema_field *field, union object *object)
{
	void *out = (char *)object + field->offset;

	if (field->type == SCHEMA_NUMBER)
		*(uint32_t *)out = (uint32_t)strtoul(field->def, NULL, 10);
	else if (field->type == SCHEMA_BOOL)
		*(uint32_t *)out = strcmp(field->def, "true") == 0;
	else if (*field->def)
		ASSERT(set_text(parser, field, 0, field->def, out));
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
	else if (field->type == SCHEMA_HEADERS)
		read_headers(parser, field, setting, out);
	else if (field->type == SCHEMA_PREFIXES)
		read_prefixes(parser, field, setting, &object->port);
	else if (field->type == SCHEMA_MEMBERS)
		read_members(parser, field, setting, &object->pool);
	else if (config_setting_type(setting) != CONFIG_TYPE_STRING)
		bad(parser, field, line_of(setting), "is %s; must be a text in double quotes",
		    type_text(setting));
	else
		set_text(parser, field, line_of(setting), config_setting_get_string(setting), out);
}

static void
read_number(struct parser *parser, const struct schema_field *field,
	    const config_setting_t *setting, uint32_t *out)
{
	int type = config_setting_type(setting);
	long long value;

	if ((type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64) ||
	    config_setting_get_format(setting) == CONFIG_FORMAT_HEX) {
		bad(parser, field, line_of(setting),
		    "is %s; must be a decimal number, %u to %u (%s)",
		    type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64 ? "a hexadecimal number"
									 : type_text(setting),
		    field->min, field->max, field->unit);
		return;
	}
	value = config_setting_get_int64(setting);
	if (value < field->min || value > field->max)
		bad(parser, field, line_of(setting), "%lld is out of range; must be %u to %u (%s)",
		    value, field->min, field->max, field->unit);
	else
		*out = (uint32_t)value;
}

static void
read_bool(struct parser *parser, const struct schema_field *field, const config_setting_t *setting,
	  uint32_t *out)
{
	if (config_setting_type(setting) == CONFIG_TYPE_BOOL)
		*out = (uint32_t)config_setting_get_bool(setting);
	else
		bad(parser, field, line_of(setting), "is %s; must be true or false",
		    type_text(setting));
}

/* Each with its line end, one behind the other, as they go into a request. */
static void
read_headers(struct parser *parser, const struct schema_field *field, const config_setting_t *array,
	     char *out)
{
	size_t len = 0;

	if (!config_setting_is_array(array) && !config_setting_is_list(array)) {
		bad(parser, field, line_of(array),
		    "is %s; must be an array: [ \"Name: value\", ... ]", type_text(array));
		return;
	}
	for (int i = 0; i < config_setting_length(array); i++) {
		const config_setting_t *element = config_setting_get_elem(array, (unsigned)i);
		const char *text = config_setting_type(element) == CONFIG_TYPE_STRING
				       ? config_setting_get_string(element)
				       : "";

		if (!check_header(parser, field, line_of(element), text))
			continue;
		if (len + strlen(text) + 2 > field->max) {
			bad(parser, field, line_of(element),
			    "are too long; must be at most %u characters, counting two for each "
			    "line end",
			    field->max);
			return;
		}
		len += (size_t)sprintf(out + len, "%s\r\n", text);
	}
}

/* RFC 9110 5.1, 5.5; fields that the probe's own framing depends on are not for changing. */
static bool
check_header(struct parser *parser, const struct schema_field *field, uint32_t line,
	     const char *text)
{
	static const char token[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char *const ours[] = { "Host", "Connection", "Content-Length",
					    "Transfer-Encoding", "User-Agent" };
	size_t name_len = strspn(text, token);

	if (name_len == 0 || text[name_len] != ':')
		return bad(parser, field, line,
			   "\"%.64s\" is no field; must be like \"Name: value\"", text);
	for (const char *at = text; *at; at++)
		if (*at < 0x20 || *at > 0x7e)
			return bad(parser, field, line,
				   "\"%.*s\" holds a character that is not printable ASCII",
				   (int)name_len, text);
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		if (strlen(ours[i]) == name_len && strncasecmp(ours[i], text, name_len) == 0)
			return bad(parser, field, line,
				   "%s is set by the monitor itself; leave it out", ours[i]);
	return true;
}

static void
read_prefixes(struct parser *parser, const struct schema_field *field,
	      const config_setting_t *array, struct model_port *port)
{
	struct model *model = parser->model;

	port->first_address = model->address_count;
	if (!config_setting_is_array(array) && !config_setting_is_list(array)) {
		bad(parser, field, line_of(array),
		    "is %s; must be an array: [ \"10.0.0.1/24\", ... ]", type_text(array));
		return;
	}
	for (int i = 0; i < config_setting_length(array); i++) {
		const config_setting_t *element = config_setting_get_elem(array, (unsigned)i);
		struct model_prefix prefix;

		if (config_setting_type(element) != CONFIG_TYPE_STRING) {
			bad(parser, field, line_of(element),
			    "holds %s; must be texts like \"10.0.0.1/24\"", type_text(element));
			continue;
		}
		if (!set_prefix(parser, field, line_of(element), config_setting_get_string(element),
				&prefix))
			continue;
		if (model->address_count == LIMIT_ADDRESSES) {
			bad(parser, field, line_of(element),
			    "more than %u on all ports together; LIMIT_ADDRESSES is %u",
			    LIMIT_ADDRESSES, LIMIT_ADDRESSES);
			return;
		}
		if (!grow(parser, (void **)&model->addresses, model->address_count,
			  &parser->address_capacity, sizeof prefix))
			return;
		model->addresses[model->address_count++] = prefix;
		port->address_count++;
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
		bad(parser, field, line_of(list), "is empty; a pool has at least one member");
}

/* Everything that is written in quotes, and every default but numbers. */
static bool
set_text(struct parser *parser, const struct schema_field *field, uint32_t line, const char *text,
	 void *out)
{
	switch (field->type) {
	case SCHEMA_NAME:
	case SCHEMA_REFERENCE:
		return set_name(parser, field, line, text, out);
	case SCHEMA_PATH:
	case SCHEMA_HOST:
	case SCHEMA_TEXT:
		return set_visible(parser, field, line, text, out);
	case SCHEMA_CHOICE:
		return set_choice(parser, field, line, text, out);
	case SCHEMA_STATUSES:
		return set_statuses(parser, field, line, text, out);
	case SCHEMA_PREFIX:
		return set_prefix(parser, field, line, text, out);
	case SCHEMA_ADDRESS:
		return addr_parse(text, out) ||
		       bad(parser, field, line,
			   "\"%.64s\" is no address; must be like \"10.0.0.1\" or \"fd00::1\"",
			   text);
	default:
		ASSERT(!"a type that is not written as text");
		return false;
	}
}

static bool
set_name(struct parser *parser, const struct schema_field *field, uint32_t line, const char *text,
	 char *out)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	size_t len = strlen(text);

	if (len > field->max)
		return bad(parser, field, line,
			   "\"%.20s...\" is too long; must be at most %u characters", text,
			   field->max);
	if (len == 0 && field->min == 0)
		return true;
	if (len == 0 || strspn(text, allowed) != len || strchr("-_.", text[0]))
		return bad(parser, field, line,
			   "\"%s\" is no name; must be letters, digits, '-', '_' and '.', a letter "
			   "or digit first",
			   text);
	memcpy(out, text, len + 1);
	return true;
}

static bool
set_visible(struct parser *parser, const struct schema_field *field, uint32_t line,
	    const char *text, char *out)
{
	size_t len = strlen(text);

	if (len < field->min || len > field->max)
		return bad(parser, field, line, "has %zu characters; must have %u to %u", len,
			   field->min, field->max);
	if (field->type == SCHEMA_PATH && text[0] != '/')
		return bad(parser, field, line, "\"%.64s\" is no path; must begin with \"/\"",
			   text);
	for (size_t i = 0; i < len; i++)
		if (text[i] < (field->type == SCHEMA_TEXT ? 0x20 : 0x21) || text[i] > 0x7e)
			return bad(parser, field, line,
				   "\"%.64s\" has a space or a character that is not ASCII; write "
				   "it %%-encoded",
				   text);
	memcpy(out, text, len + 1);
	return true;
}

static bool
set_choice(struct parser *parser, const struct schema_field *field, uint32_t line, const char *text,
	   uint32_t *out)
{
	int index = schema_choice_index(field->values, text);

	if (index < 0)
		return bad(parser, field, line, "\"%.64s\" is not known; must be one of %s", text,
			   field->values);
	*out = (uint32_t)index;
	return true;
}

/* One "200" or "200-399"; text is moved behind it. */
static bool
take_range(const char **text, uint32_t lowest, uint32_t highest, struct gen_statuses *out)
{
	size_t len = strcspn(*text, ","), low_len = strcspn(*text, "-,");
	struct str low = { *text, low_len };
	struct str high =
	    low_len < len ? (struct str){ *text + low_len + 1, len - low_len - 1 } : low;
	uint64_t min, max;

	if (!str_to_u64(low, highest, &min) || !str_to_u64(high, highest, &max) || min < lowest ||
	    min > max)
		return false;
	for (uint64_t status = min; status <= max; status++)
		gen_statuses_add(out, (uint32_t)status);
	*text += len;
	return true;
}

static bool
set_statuses(struct parser *parser, const struct schema_field *field, uint32_t line,
	     const char *text, struct gen_statuses *out)
{
	struct gen_statuses set = { { 0 } };
	const char *at = text;

	while (take_range(&at, field->min, field->max, &set)) {
		if (*at == '\0') {
			*out = set;
			return true;
		}
		at++;
	}
	return bad(parser, field, line,
		   "\"%.64s\" is no set of statuses; must be like \"200\" or "
		   "\"200-299,304\", within %u to %u",
		   text, field->min, field->max);
}

static bool
set_prefix(struct parser *parser, const struct schema_field *field, uint32_t line, const char *text,
	   struct model_prefix *out)
{
	struct model_prefix prefix = { .line = line };

	if (!addr_parse_prefix(text, &prefix.addr, &prefix.len))
		return bad(parser, field, line,
			   "\"%.64s\" is no prefix; must be like \"10.0.0.1/24\" or \"fd00::1/64\"",
			   text);
	*out = prefix;
	return true;
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

/* Names the nearest known name, or all of them if none is near. */
static void
unknown_name(struct parser *parser, const config_setting_t *setting, const char *where,
	     const char *const *known, size_t count)
{
	const char *name = config_setting_name(setting), *nearest = NULL;
	unsigned nearest_distance = 3;
	char all[200] = "";
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		char text[SCHEMA_TEXT_NAME_BYTES];
		unsigned distance = schema_distance(name, schema_text_name(known[i], text));

		if (distance < nearest_distance) {
			nearest_distance = distance;
			nearest = known[i];
		}
		if (len < sizeof all)
			len += (size_t)snprintf(all + len, sizeof all - len, "%s%s", i ? ", " : "",
						text);
	}
	if (nearest) {
		char text[SCHEMA_TEXT_NAME_BYTES];

		errors_add(parser->errors, line_of(setting),
			   "%sno such field: \"%.40s\"; did you mean \"%s\"?", where, name,
			   schema_text_name(nearest, text));
	} else {
		errors_add(parser->errors, line_of(setting),
			   "%sno such field: \"%.40s\"; there are %s", where, name, all);
	}
}

static void
unknown_field(struct parser *parser, enum schema_noun noun, const config_setting_t *setting)
{
	const char *known[64];
	char where[SCHEMA_TEXT_NAME_BYTES + 2], name[SCHEMA_TEXT_NAME_BYTES];
	size_t count = 0;

	for (size_t f = 0; f < schema_field_count && count < ARRAY_SIZE(known); f++)
		if (schema_fields[f].noun == noun)
			known[count++] = schema_fields[f].member;
	snprintf(where, sizeof where, "%s: ", schema_text_name(schema_nouns[noun].noun, name));
	unknown_name(parser, setting, where, known, count);
}

static void
unknown_list(struct parser *parser, const config_setting_t *setting)
{
	const char *known[SCHEMA_NOUN_COUNT + 1];
	size_t count = 0;

	known[count++] = "version";
	for (enum schema_noun noun = 0; noun < SCHEMA_NOUN_COUNT; noun++)
		if (noun != SCHEMA_NOUN_member)
			known[count++] = schema_nouns[noun].plural;
	unknown_name(parser, setting, "", known, count);
}

/* "NOUN FIELD: ..."; always false, for the caller to return. */
static bool
bad(struct parser *parser, const struct schema_field *field, uint32_t line, const char *format, ...)
{
	char text[ERRORS_TEXT_BYTES], noun[SCHEMA_TEXT_NAME_BYTES], name[SCHEMA_TEXT_NAME_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	errors_add(parser->errors, line, "%s %s: %s",
		   schema_text_name(schema_nouns[field->noun].noun, noun),
		   schema_text_name(field->member, name), text);
	return false;
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
