/*
 * Configuration texts (mgmt/model, mgmt/push). What is refused is refused with a reason; what is accepted comes back the
 * same from its canonical text, compiles, passes the generation's check, and comes back the same from the generation.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "mgmt/push/compile.h"
#include "test/fuzz/fuzz.h"

static void check_errors(const struct errors *errors);
static void check_accepted(const struct model *model);
static struct generation *check_compiled(const struct model *model);

static void
run(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);
	struct errors errors = { 0 };
	struct model model;

	if (model_load(text, size, &model, &errors)) {
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

const struct fuzz_target fuzz_configuration = { "configuration", NULL, run };
