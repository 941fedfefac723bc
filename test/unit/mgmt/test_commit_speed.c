/*
 * How long a large configuration takes: 1,000 pools of 10 members and 1,000 virtual servers. The
 * bounds are generous; what they catch is time that grows with the square of something.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fw/base/assert.h"
#include "mgmt/candidate.h"
#include "mgmt/commit.h"
#include "mgmt/model/compare.h"
#include "mgmt/push/compile.h"
#include "test/unit/mgmt/push/fixture.h"
#include "test/unit/unit.h"

#define POOLS    1000u
#define MEMBERS  10u
#define BOUND_MS 1000

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* What has passed since *start_ms, which is set anew. */
static void
lap(uint64_t *start_ms, const char *what)
{
	uint64_t end_ms = now_ms();

	printf("commit_speed %s: %llu ms\n", what, (unsigned long long)(end_ms - *start_ms));
	CU_ASSERT(end_ms - *start_ms < BOUND_MS);
	*start_ms = now_ms();
}

static char *
large_text(void)
{
	char *text = NULL;
	size_t text_bytes;
	FILE *out = open_memstream(&text, &text_bytes);

	ASSERT(out);
	fprintf(out, "version = 1; ports = ( { name = \"p\"; addresses = [ \"10.0.0.1/8\" ]; } );"
		     "monitors = ( { name = \"up\"; type = \"tcp\"; } ); pools = (");
	for (unsigned p = 0; p < POOLS; p++) {
		fprintf(out, "%s{ name = \"pool-%u\"; monitor = \"up\"; members = (", p ? "," : "",
			p);
		for (unsigned m = 0; m < MEMBERS; m++)
			fprintf(out, "%s{ address = \"10.1.%u.%u\"; port = %u; weight = 2; }",
				m ? "," : "", p / 250, p % 250 + 1, 80 + m);
		fprintf(out, "); }");
	}
	fprintf(out, "); virtual-servers = (");
	for (unsigned v = 0; v < POOLS; v++)
		fprintf(out,
			"%s{ name = \"vs-%u\"; address = \"10.2.0.1\"; port = %u; type = \"http\"; "
			"pool = \"pool-%u\"; }",
			v ? "," : "", v, 1000 + v, v);
	fprintf(out, ");\n");
	ASSERT(fclose(out) == 0);
	return text;
}

static unsigned
lines_of(const char *text)
{
	unsigned count = 0;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

static void
large_configuration_takes_less_than_a_second_a_step(void)
{
	char said[REQUEST_TEXT_BYTES], run_dir[64], *text = large_text(), *lines;
	struct publisher publisher;
	struct candidate candidate;
	struct errors errors = { 0 };
	struct generation *gen;
	struct model model, other;
	uint64_t start_ms;

	snprintf(run_dir, sizeof run_dir, "%s", fixture_run_dir());
	CU_ASSERT_EQUAL_FATAL(publish_open(&publisher, run_dir, 100), ERR_ok);
	candidate_init(&candidate, &publisher, run_dir);
	start_ms = now_ms();
	CU_ASSERT_TRUE_FATAL(model_parse(text, strlen(text), &model, &errors));
	lap(&start_ms, "parse");
	CU_ASSERT_TRUE(model_validate(&model, &errors));
	lap(&start_ms, "validate");
	CU_ASSERT_EQUAL_FATAL(compile(&model, NULL, 1, 1, &gen), ERR_ok);
	lap(&start_ms, "compile");
	CU_ASSERT_EQUAL_FATAL(decompile(gen, &other), ERR_ok);
	lap(&start_ms, "decompile");
	CU_ASSERT_EQUAL(commit_model(&candidate, &model, "load", said), ERR_ok);
	lap(&start_ms, "store and publish");
	for (unsigned p = 0; p < POOLS; p += 2) {
		char line[80];

		snprintf(line, sizeof line, "set pool pool-%u member 10.1.9.9:80 weight 3", p);
		CU_ASSERT_EQUAL(candidate_edit(&candidate, line, said), ERR_ok);
	}
	lap(&start_ms, "500 edits");
	lines = model_compare(&other, &candidate.model);
	CU_ASSERT_EQUAL(lines_of(lines), 500);
	lap(&start_ms, "compare");
	CU_ASSERT_EQUAL(commit_candidate(&candidate, said), ERR_ok);
	lap(&start_ms, "commit");
	free(lines);
	free(gen);
	free(text);
	model_free(&other);
	candidate_free(&candidate);
	fixture_remove(run_dir);
}

CU_TestInfo test_commit_speed[] = {
	{ "commit_speed_large_configuration_takes_less_than_a_second_a_step",
	  large_configuration_takes_less_than_a_second_a_step },
	CU_TEST_INFO_NULL,
};
