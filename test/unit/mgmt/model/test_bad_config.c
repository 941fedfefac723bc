/*
 * The samples of bad configurations: each must give exactly the messages that its first lines
 * expect.
 */
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/model/model.h"
#include "test/unit/unit.h"

#define SAMPLES "test/lab/bad-config/*.conf"

static char *
read_file(const char *path, size_t *size)
{
	FILE *in = fopen(path, "r");
	char *text = malloc(1 << 20);

	ASSERT(in && text);
	*size = fread(text, 1, (1 << 20) - 1, in);
	text[*size] = '\0';
	fclose(in);
	return text;
}

/* "# expect LINE: TEXT" lines to "PATH:LINE: TEXT" lines. */
static void
expected_of(const char *path, const char *text, char *out, size_t out_bytes)
{
	size_t len = 0;

	out[0] = '\0';
	while (strncmp(text, "# expect ", 9) == 0) {
		size_t line_len = strcspn(text, "\n");

		len += (size_t)snprintf(out + len, out_bytes - len, "%s:%.*s\n", path,
					(int)line_len - 9, text + 9);
		ASSERT(len < out_bytes);
		text += line_len + 1;
	}
}

static void
check_sample(const char *path)
{
	char expected[16384], got[16384];
	struct errors errors = { 0 };
	struct model model;
	size_t size;
	char *text = read_file(path, &size);

	expected_of(path, text, expected, sizeof expected);
	CU_ASSERT_NOT_EQUAL(expected[0], '\0');
	CU_ASSERT_FALSE(model_load(text, size, &model, &errors));
	errors_format(&errors, path, got, sizeof got);
	if (strcmp(got, expected) != 0)
		printf("expected:\n%sgot:\n%s", expected, got);
	CU_ASSERT_STRING_EQUAL(got, expected);
	free(text);
}

static void
each_sample_gives_its_messages(void)
{
	glob_t found;

	CU_ASSERT_EQUAL_FATAL(glob(SAMPLES, 0, NULL, &found), 0);
	CU_ASSERT(found.gl_pathc >= 30);
	for (size_t i = 0; i < found.gl_pathc; i++)
		check_sample(found.gl_pathv[i]);
	globfree(&found);
}

CU_TestInfo test_bad_config[] = {
	{ "bad_config_each_sample_gives_its_messages", each_sample_gives_its_messages },
	CU_TEST_INFO_NULL,
};
