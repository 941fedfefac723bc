/*
 * Values: the texts that a person may write for a field, each judged by its row of schema.tbl, and
 * the one text that is written for it.
 */
#include "mgmt/model/value.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fw/base/addr.h"
#include "fw/base/assert.h"
#include "fw/base/str.h"
#include "mgmt/model/model.h"

static bool set_number(const struct schema_field *field, const char *text, uint32_t line,
		       uint32_t *out, struct errors *errors);
static bool set_bool(const struct schema_field *field, const char *text, uint32_t line,
		     uint32_t *out, struct errors *errors);
static bool set_name(const struct schema_field *field, const char *text, uint32_t line, char *out,
		     struct errors *errors);
static bool set_visible(const struct schema_field *field, const char *text, uint32_t line,
			char *out, struct errors *errors);
static bool set_choice(const struct schema_field *field, const char *text, uint32_t line,
		       uint32_t *out, struct errors *errors);
static bool add_choice(const struct schema_field *field, const char *text, uint32_t line,
		       uint32_t *out, struct errors *errors);
static bool set_statuses(const struct schema_field *field, const char *text, uint32_t line,
			 struct gen_statuses *out, struct errors *errors);
static bool
take_range(const char **text, uint32_t lowest, uint32_t highest, struct gen_statuses *out);
static bool set_gateways(const struct schema_field *field, const char *text, uint32_t line,
			 struct model_gateways *out, struct errors *errors);
static bool set_prefix(const struct schema_field *field, const char *text, uint32_t line,
		       struct model_prefix *out, struct errors *errors);
static bool check_header(const struct schema_field *field, const char *text, uint32_t line,
			 struct errors *errors);
static void
format_choices(const struct schema_field *field, uint32_t set, char out[VALUE_TEXT_BYTES]);
static void format_statuses(const struct gen_statuses *set, char out[VALUE_TEXT_BYTES]);
static void format_gateways(const struct model_gateways *gateways, char out[VALUE_TEXT_BYTES]);

bool
value_set(const struct schema_field *field, const char *text, uint32_t line, void *out,
	  struct errors *errors)
{
	switch (field->type) {
	case SCHEMA_NAME:
	case SCHEMA_REFERENCE:
		return set_name(field, text, line, out, errors);
	case SCHEMA_NAMES:
		return value_add_name(field, text, line, out, errors);
	case SCHEMA_PATH:
	case SCHEMA_HOST:
	case SCHEMA_TEXT:
		return set_visible(field, text, line, out, errors);
	case SCHEMA_NUMBER:
		return set_number(field, text, line, out, errors);
	case SCHEMA_BOOL:
		return set_bool(field, text, line, out, errors);
	case SCHEMA_CHOICE:
		return set_choice(field, text, line, out, errors);
	case SCHEMA_CHOICES:
		return add_choice(field, text, line, out, errors);
	case SCHEMA_STATUSES:
		return set_statuses(field, text, line, out, errors);
	case SCHEMA_GATEWAYS:
		return set_gateways(field, text, line, out, errors);
	case SCHEMA_PREFIX:
	case SCHEMA_PREFIXES:
		return set_prefix(field, text, line, out, errors);
	case SCHEMA_ADDRESS:
		return addr_parse(text, out) ||
		       value_refuse(field, line, errors,
				    "\"%.64s\" is no address; must be like \"10.0.0.1\" or "
				    "\"fd00::1\"",
				    text);
	default:
		ASSERT(!"a list has no one value");
		return false;
	}
}

static bool
set_number(const struct schema_field *field, const char *text, uint32_t line, uint32_t *out,
	   struct errors *errors)
{
	uint64_t number;

	if (str_to_u64(str_from(text), INT64_MAX, &number))
		return value_set_number(field, (long long)number, line, out, errors);
	return value_refuse(field, line, errors,
			    "\"%.64s\" is no number; must be a decimal number, %u to %u (%s)", text,
			    field->min, field->max, field->unit);
}

bool
value_set_number(const struct schema_field *field, long long number, uint32_t line, uint32_t *out,
		 struct errors *errors)
{
	if (number < field->min || number > field->max)
		return value_refuse(field, line, errors,
				    "%lld is out of range; must be %u to %u (%s)", number,
				    field->min, field->max, field->unit);
	*out = (uint32_t)number;
	return true;
}

static bool
set_bool(const struct schema_field *field, const char *text, uint32_t line, uint32_t *out,
	 struct errors *errors)
{
	if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
		return value_refuse(field, line, errors,
				    "\"%.64s\" is not known; must be true or false", text);
	*out = text[0] == 't';
	return true;
}

static bool
set_name(const struct schema_field *field, const char *text, uint32_t line, char *out,
	 struct errors *errors)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	size_t len = strlen(text);

	if (len > field->max)
		return value_refuse(field, line, errors,
				    "\"%.20s...\" is too long; must be at most %u characters", text,
				    field->max);
	if ((len == 0 && field->min > 0) || strspn(text, allowed) != len ||
	    (len && strchr("-_.", text[0])))
		return value_refuse(
		    field, line, errors,
		    "\"%s\" is no name; must be letters, digits, '-', '_' and '.', a letter "
		    "or digit first",
		    text);
	memcpy(out, text, len + 1);
	return true;
}

static bool
set_visible(const struct schema_field *field, const char *text, uint32_t line, char *out,
	    struct errors *errors)
{
	size_t len = strlen(text);

	if (len < field->min || len > field->max)
		return value_refuse(field, line, errors, "has %zu characters; must have %u to %u",
				    len, field->min, field->max);
	if (field->type == SCHEMA_PATH && text[0] != '/')
		return value_refuse(field, line, errors,
				    "\"%.64s\" is no path; must begin with \"/\"", text);
	for (size_t i = 0; i < len; i++)
		if (text[i] < (field->type == SCHEMA_TEXT ? 0x20 : 0x21) || text[i] > 0x7e)
			return value_refuse(
			    field, line, errors,
			    "\"%.64s\" has a space or a character that is not ASCII; write "
			    "it %%-encoded",
			    text);
	memcpy(out, text, len + 1);
	return true;
}

static bool
set_choice(const struct schema_field *field, const char *text, uint32_t line, uint32_t *out,
	   struct errors *errors)
{
	int index = schema_choice_index(field->values, text);

	if (index < 0)
		return value_refuse(field, line, errors,
				    "\"%.64s\" is not known; must be one of %s", text,
				    field->values);
	*out = (uint32_t)index;
	return true;
}

static bool
add_choice(const struct schema_field *field, const char *text, uint32_t line, uint32_t *out,
	   struct errors *errors)
{
	uint32_t index;

	if (!set_choice(field, text, line, &index, errors))
		return false;
	*out |= 1u << index;
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
set_statuses(const struct schema_field *field, const char *text, uint32_t line,
	     struct gen_statuses *out, struct errors *errors)
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
	return value_refuse(field, line, errors,
			    "\"%.64s\" is no set of statuses; must be like \"200\" or "
			    "\"200-299,304\", within %u to %u",
			    text, field->min, field->max);
}

static bool
set_gateways(const struct schema_field *field, const char *text, uint32_t line,
	     struct model_gateways *out, struct errors *errors)
{
	struct model_gateways gateways = { 0 };
	size_t len;

	for (const char *at = text;; at += len + 1) {
		char one[ADDR_TEXT_MAX] = "";

		len = strcspn(at, ",");
		if (len >= sizeof one)
			return value_refuse(field, line, errors,
					    "\"%.40s...\" is no address; must be like "
					    "\"10.0.0.1\" or \"fd00::1\"",
					    at);
		memcpy(one, at, len);
		if (!value_add_gateway(field, one, line, &gateways, errors))
			return false;
		if (at[len] == '\0')
			break;
	}
	*out = gateways;
	return true;
}

bool
value_add_gateway(const struct schema_field *field, const char *text, uint32_t line,
		  struct model_gateways *gateways, struct errors *errors)
{
	struct addr address;

	if (!addr_parse(text, &address))
		return value_refuse(field, line, errors,
				    "\"%.64s\" is no address; must be like \"10.0.0.1\" or "
				    "\"fd00::1\"",
				    text);
	for (uint32_t i = 0; i < gateways->count; i++)
		if (addr_equal(&gateways->address[i], &address))
			return value_refuse(field, line, errors,
					    "\"%.64s\" is there twice; leave one out", text);
	if (gateways->count == field->max)
		return value_refuse(field, line, errors, "more than %u; LIMIT_GATEWAYS is %u",
				    field->max, field->max);
	gateways->address[gateways->count++] = address;
	return true;
}

bool
value_add_name(const struct schema_field *field, const char *text, uint32_t line,
	       struct model_names *names, struct errors *errors)
{
	struct schema_field one = *field; /* whose bounds are those of a name's length */
	char name[LIMIT_PORT_NAME_BYTES + 1];

	one.min = 1;
	one.max = LIMIT_PORT_NAME_BYTES;
	if (!set_name(&one, text, line, name, errors))
		return false;
	if (value_find_name(names, text) < LIMIT_BOND_PORTS)
		return value_refuse(field, line, errors, "\"%s\" is there twice; leave one out",
				    name);
	if (names->count == LIMIT_BOND_PORTS)
		return value_refuse(field, line, errors, "more than %u; LIMIT_BOND_PORTS is %u",
				    LIMIT_BOND_PORTS, LIMIT_BOND_PORTS);
	strcpy(names->name[names->count++], name);
	return true;
}

uint32_t
value_find_name(const struct model_names *names, const char *text)
{
	for (uint32_t i = 0; i < names->count; i++)
		if (strcmp(names->name[i], text) == 0)
			return i;
	return LIMIT_BOND_PORTS;
}

static bool
set_prefix(const struct schema_field *field, const char *text, uint32_t line,
	   struct model_prefix *out, struct errors *errors)
{
	struct model_prefix prefix = { .line = line };

	if (!addr_parse_prefix(text, &prefix.addr, &prefix.len))
		return value_refuse(
		    field, line, errors,
		    "\"%.64s\" is no prefix; must be like \"10.0.0.1/24\" or \"fd00::1/64\"", text);
	*out = prefix;
	return true;
}

/* RFC 9110 5.1, 5.5; fields that the probe's own framing depends on are not for changing. */
static bool
check_header(const struct schema_field *field, const char *text, uint32_t line,
	     struct errors *errors)
{
	static const char token[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char *const ours[] = { "Host", "Connection", "Content-Length",
					    "Transfer-Encoding", "User-Agent" };
	size_t name_len = strspn(text, token);

	if (name_len == 0 || text[name_len] != ':')
		return value_refuse(field, line, errors,
				    "\"%.64s\" is no field; must be like \"Name: value\"", text);
	for (const char *at = text; *at; at++)
		if (*at < 0x20 || *at > 0x7e)
			return value_refuse(
			    field, line, errors,
			    "\"%.*s\" holds a character that is not printable ASCII", (int)name_len,
			    text);
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		if (strlen(ours[i]) == name_len && strncasecmp(ours[i], text, name_len) == 0)
			return value_refuse(field, line, errors,
					    "%s is set by the monitor itself; leave it out",
					    ours[i]);
	return true;
}

bool
value_add_header(const struct schema_field *field, const char *text, uint32_t line, char *out,
		 struct errors *errors)
{
	size_t len = strlen(out);

	if (!check_header(field, text, line, errors))
		return false;
	if (len + strlen(text) + 2 > field->max)
		return value_refuse(field, line, errors,
				    "are too long; must be at most %u characters, counting two for "
				    "each line end",
				    field->max);
	sprintf(out + len, "%s\r\n", text);
	return true;
}

char *
value_find_header(char *headers, const char *text)
{
	size_t len = strlen(text), line_len;
	bool is_name = !strchr(text, ':');

	for (char *at = headers; *at; at += line_len + 2) {
		line_len = strcspn(at, "\r");
		if (is_name ? strcspn(at, ":") == len && strncasecmp(at, text, len) == 0
			    : line_len == len && memcmp(at, text, len) == 0)
			return at;
	}
	return NULL;
}

void
value_set_default(const struct schema_field *field, void *out)
{
	struct errors errors = { 0 };

	if (!field->def && field->type == SCHEMA_CHOICE)
		*(uint32_t *)out = VALUE_NO_CHOICE;
	else if (!field->def || !*field->def)
		memset(out, 0, field->size_bytes);
	else
		ASSERT(value_set(field, field->def, 0, out, &errors));
}

bool
value_is_missing(const struct schema_field *field, const void *value)
{
	if (field->def || field->size_bytes == 0 || schema_is_list(field))
		return false; /* a list may be empty */
	if (field->type == SCHEMA_CHOICE)
		return *(const uint32_t *)value == VALUE_NO_CHOICE;
	if (field->type == SCHEMA_NUMBER)
		return *(const uint32_t *)value == 0;
	if (field->type == SCHEMA_ADDRESS)
		return addr_equal(value, &addr_any);
	if (field->type == SCHEMA_GATEWAYS)
		return ((const struct model_gateways *)value)->count == 0;
	return *(const char *)value == '\0' && field->type != SCHEMA_PREFIX;
}

bool
value_is_default(const struct schema_field *field, const void *value)
{
	char text[VALUE_TEXT_BYTES];

	return field->def && strcmp(value_format(field, value, text), field->def) == 0;
}

bool
value_is_equal(const struct schema_field *field, const void *a, const void *b)
{
	const struct model_prefix *left = a, *right = b;

	switch (field->type) {
	case SCHEMA_PREFIX:
		return left->len == right->len && addr_equal(&left->addr, &right->addr);
	case SCHEMA_NUMBER:
	case SCHEMA_BOOL:
	case SCHEMA_CHOICE:
	case SCHEMA_CHOICES:
	case SCHEMA_ADDRESS:
	case SCHEMA_STATUSES:
	case SCHEMA_GATEWAYS:
	case SCHEMA_NAMES:
		return memcmp(a, b, field->size_bytes) == 0;
	default:
		return strcmp(a, b) == 0;
	}
}

const char *
value_format(const struct schema_field *field, const void *value, char out[VALUE_TEXT_BYTES])
{
	const struct model_prefix *prefix = value;
	char text[ADDR_TEXT_MAX];

	switch (field->type) {
	case SCHEMA_NAME:
	case SCHEMA_REFERENCE:
	case SCHEMA_PATH:
	case SCHEMA_HOST:
	case SCHEMA_TEXT:
	case SCHEMA_HEADERS:
		snprintf(out, VALUE_TEXT_BYTES, "%s", (const char *)value);
		break;
	case SCHEMA_NUMBER:
		snprintf(out, VALUE_TEXT_BYTES, "%u", *(const uint32_t *)value);
		break;
	case SCHEMA_BOOL:
		snprintf(out, VALUE_TEXT_BYTES, "%s", *(const uint32_t *)value ? "true" : "false");
		break;
	case SCHEMA_CHOICE:
		schema_choice_word(field->values, *(const uint32_t *)value, text);
		snprintf(out, VALUE_TEXT_BYTES, "%s", text);
		break;
	case SCHEMA_CHOICES:
		format_choices(field, *(const uint32_t *)value, out);
		break;
	case SCHEMA_ADDRESS:
		snprintf(out, VALUE_TEXT_BYTES, "%s", addr_format(value, text));
		break;
	case SCHEMA_PREFIX:
	case SCHEMA_PREFIXES:
		snprintf(out, VALUE_TEXT_BYTES, "%s/%u", addr_format(&prefix->addr, text),
			 prefix->len);
		break;
	case SCHEMA_STATUSES:
		format_statuses(value, out);
		break;
	case SCHEMA_GATEWAYS:
		format_gateways(value, out);
		break;
	default:
		ASSERT(!"a list has no one value");
	}
	return out;
}

/* In the order of the words, with commas between. */
static void
format_choices(const struct schema_field *field, uint32_t set, char out[VALUE_TEXT_BYTES])
{
	char word[SCHEMA_TEXT_NAME_BYTES];
	size_t len = 0;

	out[0] = '\0';
	for (; set; set &= set - 1)
		len += (size_t)snprintf(
		    out + len, VALUE_TEXT_BYTES - len, "%s%s", len ? "," : "",
		    schema_choice_word(field->values, (uint32_t)__builtin_ctz(set), word));
}

/* The shortest way to write it: runs as ranges, in order. */
static void
format_statuses(const struct gen_statuses *set, char out[VALUE_TEXT_BYTES])
{
	size_t len = 0;

	out[0] = '\0';
	for (uint32_t first = GEN_STATUS_MIN; first <= GEN_STATUS_MAX; first++) {
		uint32_t last = first;

		if (!gen_statuses_have(set, first))
			continue;
		while (gen_statuses_have(set, last + 1))
			last++;
		len += (size_t)snprintf(out + len, VALUE_TEXT_BYTES - len,
					first == last ? "%s%u" : "%s%u-%u", len ? "," : "", first,
					last);
		first = last;
	}
}

static void
format_gateways(const struct model_gateways *gateways, char out[VALUE_TEXT_BYTES])
{
	char text[ADDR_TEXT_MAX];
	size_t len = 0;

	out[0] = '\0';
	for (uint32_t i = 0; i < gateways->count; i++)
		len += (size_t)snprintf(out + len, VALUE_TEXT_BYTES - len, "%s%s", i ? "," : "",
					addr_format(&gateways->address[i], text));
}

/* Texts never hold a quote or backslash unescaped: paths and hosts may, names can't. */
void
value_write_quoted(FILE *out, const char *text, size_t len)
{
	fputc('"', out);
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"' || text[i] == '\\')
			fputc('\\', out);
		fputc(text[i], out);
	}
	fputc('"', out);
}

bool
value_refuse(const struct schema_field *field, uint32_t line, struct errors *errors,
	     const char *format, ...)
{
	char text[ERRORS_TEXT_BYTES], noun[SCHEMA_TEXT_NAME_BYTES], name[SCHEMA_TEXT_NAME_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	errors_add(errors, line, "%s %s: %s",
		   schema_text_name(schema_nouns[field->noun].noun, noun),
		   schema_text_name(field->member, name), text);
	return false;
}
