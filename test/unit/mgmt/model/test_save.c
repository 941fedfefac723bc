/* Canonical text: parse(save(m)) is m, save(parse(text)) is stable. */
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/model/model.h"
#include "test/unit/mgmt/model/samples.h"
#include "test/unit/unit.h"

/* Lines are no part of a model; they are cleared before comparing byte by byte. */
static void
forget_lines(struct model *m)
{
	model_forget_lines(m);
}

static bool
same(const struct model *a, const struct model *b)
{
	bool equal = true;

#define X(array, count)                                                                            \
	equal = equal && a->count == b->count &&                                                   \
		memcmp(a->array, b->array, a->count * sizeof *a->array) == 0;
	MODEL_ARRAYS(X)
#undef X
	return equal;
}

static struct model
load(const char *text)
{
	struct errors errors = { 0 };
	struct model m;

	if (!model_load(text, strlen(text), &m, &errors))
		printf("%u: %s\n", errors.error[0].line, errors.error[0].text);
	CU_ASSERT_EQUAL_FATAL(errors.count, 0);
	forget_lines(&m);
	return m;
}

static void
saved_text_parses_to_the_same_model(void)
{
	struct model m = load(SAMPLE_FULL), again;
	char *text = model_save(&m), *text_again;

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	again = load(text);
	CU_ASSERT_TRUE(same(&m, &again));
	text_again = model_save(&again);
	CU_ASSERT_STRING_EQUAL(text_again, text);
	free(text);
	free(text_again);
	model_free(&m);
	model_free(&again);
}

/* One is written without brackets, whichever way it came. */
static void
gateways_are_written_as_few_as_they_are(void)
{
	struct model m = load("version = 1; ports = ( { name = \"p0\"; addresses = [ "
			      "\"10.0.0.1/24\" ]; } ); routes = ( { to = \"10.8.0.0/16\"; via = [ "
			      "\"10.0.0.2\" ]; }, { to = \"10.9.0.0/16\"; via = ( \"10.0.0.3\", "
			      "\"10.0.0.2\" ); } );");
	char *text = model_save(&m);

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "via = \"10.0.0.2\";"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "via = [ \"10.0.0.3\", \"10.0.0.2\" ];"));
	free(text);
	model_free(&m);
}

static void
every_field_reaches_the_text(void)
{
	static const char *const expected[] = { "mtu-bytes = 1400;",
						"services = [ \"ssh\", \"ping\" ];",
						"interval-ms = 2000;",
						"timeout-ms = 700;",
						"fall = 4;",
						"rise = 5;",
						"status = \"204\";",
						"host = \"www.example\";",
						"weight = 7;",
						"idle-timeout-ms = 1000;",
						"path = \"/a?b=\\\"c\\\\d\\\"\";" };
	struct model m = load(SAMPLE_FULL);
	char *text = model_save(&m);

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		CU_ASSERT_PTR_NOT_NULL(strstr(text, expected[i]));
	free(text);
	model_free(&m);
}

static void
defaults_and_empty_lists_are_left_out(void)
{
	struct model m = load(
	    "version = 1; pools = ( ); routes = ( );"
	    "ports = ( { name = \"p0\"; addresses = [ \"10.0.0.1/24\" ]; mtu-bytes = 1500; } );");
	char *text = model_save(&m);

	CU_ASSERT_STRING_EQUAL(text, "version = 1;\n\nports = (\n\t{\n\t\tname = \"p0\";\n"
				     "\t\taddresses = [ \"10.0.0.1/24\" ];\n\t}\n);\n");
	free(text);
	model_free(&m);
}

CU_TestInfo test_save[] = {
	{ "save_gateways_are_written_as_few_as_they_are", gateways_are_written_as_few_as_they_are },
	{ "save_saved_text_parses_to_the_same_model", saved_text_parses_to_the_same_model },
	{ "save_every_field_reaches_the_text", every_field_reaches_the_text },
	{ "save_defaults_and_empty_lists_are_left_out", defaults_and_empty_lists_are_left_out },
	CU_TEST_INFO_NULL,
};
