/*
 * Configuration texts, and set and delete lines (mgmt/model, mgmt/push). What is refused is refused with a reason; what is accepted comes back the
 * same from its canonical text and from its set lines, compiles, passes the generation's check, and comes back the same from the generation.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw/base/rng.h"
#include "mgmt/model/compare.h"
#include "mgmt/model/edit.h"
#include "mgmt/model/schema.h"
#include "mgmt/push/compile.h"
#include "test/fuzz/fuzz.h"

static void check_errors(const struct errors *errors);
static void check_accepted(const struct model *model);
static struct generation *check_compiled(const struct model *model);
static void check_set_lines(const struct model *model, const char *saved);
static void run_lines(char *text);
static void run_line(struct model *model, const char *line);

static void
run(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);
	struct errors errors = { 0 };
	struct model model;

	if (size > 4 && (memcmp(text, "set ", 4) == 0 || memcmp(text, "del", 3) == 0)) {
		free(text);
		text = strndup((const char *)data, size);
		ASSERT(text);
		run_lines(text);
	} else if (model_load(text, size, &model, &errors)) {
		ASSERT(errors.count == 0);
		check_accepted(&model);
		model_free(&model);
	} else {
		check_errors(&errors);
	}
	free(text);
}

/* Each reason is a line that can be printed on any terminal. */
static void
check_errors(const struct errors *errors)
{
	ASSERT(errors->count > 0 && errors->count <= ERRORS_MAX);
	ASSERT(errors->more == 0 || errors->count == ERRORS_MAX);
	for (uint32_t i = 0; i < errors->count; i++) {
		const char *text = errors->error[i].text;

		ASSERT(memchr(text, '\0', ERRORS_TEXT_BYTES) && *text);
		for (; *text; text++)
			ASSERT(isprint((unsigned char)*text));
	}
}

static void
check_accepted(const struct model *model)
{
	char *saved = model_save(model), *again, *back;
	struct errors errors = { 0 };
	struct model reloaded, decompiled;
	struct generation *gen, *other;

	ASSERT(saved);
	ASSERT(model_load(saved, strlen(saved), &reloaded, &errors));
	again = model_save(&reloaded);
	ASSERT(again && strcmp(saved, again) == 0);
	check_set_lines(model, saved);

	gen = check_compiled(model);
	other = check_compiled(&reloaded);
	ASSERT(gen->content_hash == other->content_hash);
	ASSERT(decompile(gen, &decompiled) == ERR_ok);
	back = model_save(&decompiled);
	ASSERT(back && strlen(saved) == strlen(back));
	if (model->route_count < 2) /* a generation has them in another order, the longest first */
		ASSERT(strcmp(saved, back) == 0);
	free(other);
	other = check_compiled(&decompiled);
	ASSERT(gen->content_hash == other->content_hash);

	model_free(&decompiled);
	model_free(&reloaded);
	free(gen);
	free(other);
	free(saved);
	free(again);
	free(back);
}

/* Gives. */
static struct generation *
check_compiled(const struct model *model)
{
	struct generation *gen = NULL, *next = NULL;
	const char *where = NULL;

	ASSERT(compile(model, NULL, 1, 1, &gen) == ERR_ok);
	ASSERT(generation_check(gen, gen->total_bytes, &where) == ERR_ok);
	/* The same once more on top of it changes nothing. */
	ASSERT(compile(model, gen, 2, 2, &next) == ERR_ok);
	ASSERT(next->content_hash == gen->content_hash);
	free(next);
	return gen;
}

/* They make the same out of nothing, so nothing leads from one to the other. */
static void
check_set_lines(const struct model *model, const char *saved)
{
	char *lines = model_set_lines(model), *rest = lines, *line, *made, *difference;
	struct errors errors = { 0 };
	struct model copy = { 0 };

	ASSERT(lines);
	while ((line = strsep(&rest, "\n")))
		ASSERT(!*line || model_edit(&copy, line, &errors));
	ASSERT(model_validate(&copy, &errors));
	made = model_save(&copy);
	difference = model_compare(model, &copy);
	ASSERT(made && strcmp(made, saved) == 0);
	ASSERT(difference && !*difference);
	free(difference);
	free(made);
	free(lines);
	model_free(&copy);
}

/* ---- set and delete lines, on a configuration that is good ---- */

static void
run_lines(char *text)
{
	static const char base[] =
	    "version = 1; ports = ( { name = \"p0\"; addresses = [ \"10.0.0.1/24\" ]; } );"
	    "monitors = ( { name = \"m\"; type = \"http\"; headers = [ \"A: b\" ]; } );"
	    "pools = ( { name = \"a\"; monitor = \"m\"; members = ( { address = \"10.0.0.3\"; port "
	    "= 80; },"
	    "{ address = \"10.0.0.4\"; port = 80; backup = true; } ); } );"
	    "virtual-servers = ( { name = \"v\"; address = \"10.0.0.9\"; port = 80; type = "
	    "\"tcp\"; pool = \"a\"; } );";
	struct errors errors = { 0 };
	struct model model;
	char *rest = text, *line;

	ASSERT(model_load(base, strlen(base), &model, &errors));
	while ((line = strsep(&rest, "\n")))
		run_line(&model, line);
	if (model_validate(&model, &errors))
		check_accepted(&model);
	else
		check_errors(&errors);
	model_free(&model);
}

/* Wholly, or not at all and with a reason. */
static void
run_line(struct model *model, const char *line)
{
	char *before = model_save(model), *after;
	struct errors errors = { 0 };
	bool done = model_edit(model, line, &errors);

	after = model_save(model);
	ASSERT(before && after && (done || strcmp(before, after) == 0));
	if (!done)
		check_errors(&errors);
	free(before);
	free(after);
}

/* ---- making texts: fields of the schema with values at and about their limits ---- */

static const char *
one_of(struct rng *rng, const char *const list[], size_t count)
{
	return list[rng_below(rng, (uint32_t)count)];
}
#define ONE_OF(...)                                                                                \
	one_of(rng, (const char *const[]){ __VA_ARGS__ },                                          \
	       sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))

static uint32_t
number_of(const struct schema_field *field, struct rng *rng)
{
	const uint32_t numbers[] = {
		field->min, field->max, field->min + 1, field->min - 1, field->max + 1, 0, 80, 1000
	};

	return numbers[rng_below(rng, ARRAY_SIZE(numbers))];
}

static const char *
value_of(const struct schema_field *field, struct rng *rng)
{
	switch (field->type) {
	case SCHEMA_NAME:
	case SCHEMA_REFERENCE:
		return ONE_OF("\"a\"", "\"b\"", "\"c\"", "\"web\"", "\"p0\"", "\"p1\"", "\"\"",
			      "\"a b\"");
	case SCHEMA_PATH:
		return ONE_OF("\"/\"", "\"/a?b=\\\"c\\\\d\\\"\"", "\"a\"", "\"/\" \"b\"");
	case SCHEMA_HOST:
	case SCHEMA_TEXT:
		return ONE_OF("\"\"", "\"a.example\"", "\"a \\\"b\\\\\"", "\"%s\"", "\"\\x41\"");
	case SCHEMA_BOOL:
		return ONE_OF("true", "false", "1", "TRUE");
	case SCHEMA_ADDRESS:
		return ONE_OF("\"10.0.0.2\"", "\"10.0.1.11\"", "\"10.0.1.12\"", "\"fd00::100\"",
			      "\"10.0.0.1\"", "\"fd00:1::11\"", "\"::\"", "\"224.0.0.1\"",
			      "\"10.0.0.100\"");
	case SCHEMA_PREFIX:
		return ONE_OF("\"0.0.0.0/0\"", "\"::/0\"", "\"10.8.0.0/16\"", "\"10.8.1.0/24\"",
			      "\"10.8.0.1/16\"", "\"2001:db8::/32\"");
	case SCHEMA_NAMES:
		return ONE_OF("[ \"p0\", \"p1\" ]", "[ \"a\", \"b\", \"c\" ]", "[ \"p0\", \"p0\" ]",
			      "[ ]", "[ 1 ]", "\"p0\"", "( \"p1\" )");
	case SCHEMA_GATEWAYS:
		return ONE_OF("\"10.0.0.2\"", "[ \"10.0.0.2\", \"10.0.1.11\" ]", "\"fd00::100\"",
			      "[ \"fd00::2\", \"fd00::2\" ]", "[ ]", "\"10.0.0.1\"", "[ 1 ]",
			      "( \"10.0.0.2\" )");
	case SCHEMA_STATUSES:
		return ONE_OF("\"200\"", "\"200-299,304\"", "\"100-599\"", "\"99\"", "\"304,200\"",
			      "\"300-200\"");
	case SCHEMA_CHOICES:
		return ONE_OF("[ \"ssh\", \"bgp\" ]", "[ \"vrrp\" ]", "[ \"ping\", \"ping\" ]",
			      "[ ]", "[ 1 ]", "\"ssh\"");
	case SCHEMA_HEADERS:
		return ONE_OF("[ \"A: b\" ]", "[ \"A: b\", \"C: \\\"d\\\\\" ]", "[ ]", "[ \"A\" ]");
	case SCHEMA_PREFIXES:
		return ONE_OF("[ \"10.0.0.1/24\", \"fd00::1/64\" ]", "[ \"10.0.1.1/24\" ]", "[ ]",
			      "[ \"10.0.0.9/24\" ]");
	case SCHEMA_MEMBERS:
		return ONE_OF("( { address = \"10.0.1.11\"; port = 80; } )",
			      "( { address = \"fd00:1::11\"; port = 80; }, { address = "
			      "\"10.0.1.12\"; port = 81; } )",
			      "( )");
	default:
		return "\"\"";
	}
}

static void
write_field(char *out, size_t out_bytes, struct rng *rng)
{
	const struct schema_field *field =
	    &schema_fields[rng_below(rng, (uint32_t)schema_field_count)];
	char name[SCHEMA_TEXT_NAME_BYTES], word[SCHEMA_TEXT_NAME_BYTES];

	schema_text_name(field->member, name);
	if (field->type == SCHEMA_NUMBER) {
		snprintf(out, out_bytes, " %s = %u; ", name, number_of(field, rng));
	} else if (field->type == SCHEMA_CHOICE) {
		uint32_t words = 1;

		for (const char *at = field->values; *at; at++)
			words += *at == '|';
		schema_choice_word(field->values, rng_below(rng, words), word);
		snprintf(out, out_bytes, " %s = \"%s\"; ", name, word);
	} else {
		snprintf(out, out_bytes, " %s = %s; ", name, value_of(field, rng));
	}
}

/* Behind some '{' or ';' of the text; 0 if there is none. */
static size_t
some_place(const uint8_t *data, size_t size, struct rng *rng)
{
	size_t from = size ? rng_below(rng, (uint32_t)size) : 0;

	for (size_t i = 0; i < size; i++) {
		size_t at = (from + i) % size;

		if (data[at] == '{' || data[at] == ';')
			return at + 1;
	}
	return 0;
}

static size_t
insert(uint8_t *data, size_t size, size_t max, size_t at, const void *text, size_t len)
{
	if (size + len > max)
		return size;
	memmove(data + at + len, data + at, size - at);
	memcpy(data + at, text, len);
	return size + len;
}

/* A group once more, with a comma between. */
static size_t
repeat_group(uint8_t *data, size_t size, size_t max, struct rng *rng)
{
	size_t end = some_place(data, size, rng), start;
	char copy[512];

	while (end < size && data[end] != '}')
		end++;
	if (end == size)
		return size;
	for (start = end; start > 0 && data[start] != '{'; start--)
		;
	if (end + 1 - start + 1 > sizeof copy)
		return size;
	copy[0] = ',';
	memcpy(copy + 1, data + start, end + 1 - start);
	return insert(data, size, max, end + 1, copy, end + 1 - start + 1);
}

static size_t
mutate(uint8_t *data, size_t size, size_t max, struct rng *rng)
{
	size_t at = some_place(data, size, rng), end = at;
	char field[256];

	if (rng_below(rng, 8) == 0)
		return repeat_group(data, size, max, rng);
	if (rng_below(rng, 2)) { /* in the place of what stands there */
		while (end < size && data[end] != ';' && data[end] != '{' && data[end] != '}')
			end++;
		if (end < size && data[end] == ';') {
			memmove(data + at, data + end + 1, size - end - 1);
			size -= end + 1 - at;
		}
	}
	write_field(field, sizeof field, rng);
	return insert(data, size, max, at, field, strlen(field));
}

const struct fuzz_target fuzz_configuration = { "configuration", NULL, run, mutate };
