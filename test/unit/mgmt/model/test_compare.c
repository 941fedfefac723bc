/* What leads from one model to another, as lines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/model/compare.h"
#include "mgmt/model/edit.h"
#include "test/unit/mgmt/model/samples.h"
#include "test/unit/unit.h"

static struct model
model_of(const char *lines)
{
	struct errors errors = { 0 };
	struct model m = { 0 };
	char line[EDIT_LINE_BYTES];

	for (; *lines; lines += strcspn(lines, "\n") + 1) {
		snprintf(line, sizeof line, "%.*s", (int)strcspn(lines, "\n"), lines);
		if (!model_edit(&m, line, &errors))
			printf("%s: %s\n", line, errors.error[0].text);
		CU_ASSERT_EQUAL_FATAL(errors.count, 0);
	}
	return m;
}

static void
expect(const char *from_lines, const char *to_lines, const char *expected)
{
	struct model from = model_of(from_lines), to = model_of(to_lines);
	char *got = model_compare(&from, &to);

	if (strcmp(got, expected) != 0)
		printf("expected:\n%sgot:\n%s", expected, got);
	CU_ASSERT_STRING_EQUAL(got, expected);
	free(got);
	model_free(&from);
	model_free(&to);
}

#define TWO                                                                                        \
	"set port p0 mtu-bytes 1400 address 10.0.0.1/24\n"                                         \
	"set pool a member 10.0.1.1:80\nset pool a member 10.0.1.2:80 weight 2\n"                  \
	"set pool b method maglev member 10.0.1.3:80\n"

static void
equal_models_have_no_line(void)
{
	struct errors errors = { 0 };
	struct model m, copy;
	char *got;

	expect("", "", "");
	expect(TWO, TWO, "");
	CU_ASSERT_TRUE_FATAL(model_load(SAMPLE_FULL, strlen(SAMPLE_FULL), &m, &errors));
	CU_ASSERT_TRUE_FATAL(model_copy(&m, &copy));
	model_forget_lines(&copy);
	got = model_compare(&m, &copy);
	CU_ASSERT_STRING_EQUAL(got, "");
	free(got);
	model_free(&m);
	model_free(&copy);
}

static void
changed_fields_are_said_unless_at_their_default(void)
{
	expect(TWO,
	       "set port p0 address 10.0.0.1/24\n"
	       "set pool a method source-hash member 10.0.1.1:80 weight 9\n"
	       "set pool a member 10.0.1.2:80 weight 3\n"
	       "set pool b method maglev member 10.0.1.3:80\n",
	       "- set port p0 mtu-bytes 1400\n"
	       "+ set pool a method source-hash\n"
	       "+ set pool a member 10.0.1.1:80 weight 9\n"
	       "- set pool a member 10.0.1.2:80 weight 2\n"
	       "+ set pool a member 10.0.1.2:80 weight 3\n");
}

static void
objects_come_and_go_with_all_their_lines(void)
{
	expect(TWO,
	       "set port p0 mtu-bytes 1400 address 10.0.0.1/24\n"
	       "set pool a member 10.0.1.2:80 weight 2\nset pool a member 10.0.1.9:80\n"
	       "set pool c monitor m member 10.0.1.3:80 backup true\n",
	       "- set pool a member 10.0.1.1:80\n"
	       "+ set pool a member 10.0.1.9:80\n"
	       "- set pool b method maglev\n"
	       "- set pool b member 10.0.1.3:80\n"
	       "+ set pool c monitor m\n"
	       "+ set pool c member 10.0.1.3:80 backup true\n");
}

static void
values_of_lists_come_and_go(void)
{
	expect("set port p0 address 10.0.0.1/24 address 10.0.0.2/24\n"
	       "set monitor m type http header \"A: 1\" header \"B: 2\"\n",
	       "set port p0 address 10.0.0.2/24 address 10.0.0.3/24\n"
	       "set monitor m type http header \"B: 2\" header \"A: 3\"\n",
	       "- set port p0 address 10.0.0.1/24\n"
	       "+ set port p0 address 10.0.0.3/24\n"
	       "- set monitor m header \"A: 1\"\n"
	       "+ set monitor m header \"A: 3\"\n");
	expect("set port p0 service ssh service bgp\n", "set port p0 service ping service bgp\n",
	       "- set port p0 service ssh\n"
	       "+ set port p0 service ping\n");
}

static void
another_order_alone_is_said(void)
{
	expect("set port p0 address 10.0.0.1/24 address 10.0.0.2/24\n"
	       "set pool a member 10.0.1.1:80\nset pool a member 10.0.1.2:80\n"
	       "set pool b member 10.0.1.1:80\n",
	       "set port p0 address 10.0.0.2/24 address 10.0.0.1/24\n"
	       "set pool b member 10.0.1.1:80\n"
	       "set pool a member 10.0.1.2:80\nset pool a member 10.0.1.1:80\n",
	       "! port p0: addresses in another order\n"
	       "! pool a: members in another order\n"
	       "! pools in another order\n");
	expect("set route 10.0.0.0/8 via 10.0.0.2\nset route 10.0.0.0/9 via 10.0.0.2\n",
	       "set route 10.0.0.0/9 via 10.0.0.2\nset route 10.0.0.0/8 via 10.0.0.2\n", "");
}

CU_TestInfo test_compare[] = {
	{ "compare_equal_models_have_no_line", equal_models_have_no_line },
	{ "compare_changed_fields_are_said_unless_at_their_default",
	  changed_fields_are_said_unless_at_their_default },
	{ "compare_objects_come_and_go_with_all_their_lines",
	  objects_come_and_go_with_all_their_lines },
	{ "compare_values_of_lists_come_and_go", values_of_lists_come_and_go },
	{ "compare_another_order_alone_is_said", another_order_alone_is_said },
	CU_TEST_INFO_NULL,
};
