/* The MIB as data and as text: what was given out stays, and smilint has nothing to say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fw/abi/health.h"
#include "fw/base/assert.h"
#include "mgmt/model/schema.h"
#include "mgmt/snmp/mib.h"
#include "test/unit/unit.h"

static const struct pin {
	const char *name, *oid;
} pins[] = {
#define X(name, oid) { #name, oid },
#include "test/unit/mgmt/snmp/oids.tbl"
};

static const char *
pinned(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(pins); i++)
		if (strcmp(pins[i].name, name) == 0)
			return pins[i].oid;
	return NULL;
}

/* Counts a pin that was met. */
static unsigned
check_pin(const char *name, const char *oid)
{
	const char *want = pinned(name);

	if (!want) {
		printf("new in the MIB; put it at the end of test/unit/mgmt/snmp/oids.tbl:\n"
		       "X(%s, \"%s\")\n",
		       name, oid);
		CU_FAIL("a name without a pin");
		return 0;
	}
	if (strcmp(want, oid) != 0)
		printf("%s was given out as %s and is %s now: append rows, never move them\n", name,
		       want, oid);
	CU_ASSERT_STRING_EQUAL(want, oid);
	return 1;
}

static void
oids_that_were_given_out_stay(void)
{
	unsigned met = 0;

	for (const struct mib_object *o = mib_objects; o < mib_objects + mib_object_count; o++) {
		char name[MIB_NAME_BYTES], oid[MIB_OID_BYTES], label[MIB_NAME_BYTES];
		char labelled[2 * MIB_NAME_BYTES + 1], value[16];

		met += check_pin(mib_object_name(o, name), mib_oid(o, oid));
		for (uint32_t i = 0; o->values && mib_label(o, i, label); i++) {
			snprintf(labelled, sizeof labelled, "%s_%s", name, label);
			snprintf(value, sizeof value, "%u", i + 1);
			met += check_pin(labelled, value);
		}
	}
	CU_ASSERT_EQUAL(met, ARRAY_SIZE(pins)); /* none has gone */
}

static void
arcs_and_names_are_unique(void)
{
	for (size_t i = 0; i < mib_object_count; i++) {
		char name[MIB_NAME_BYTES], other[MIB_NAME_BYTES];

		mib_object_name(&mib_objects[i], name);
		CU_ASSERT_PTR_EQUAL(mib_find(mib_objects[i].table, mib_objects[i].arc),
				    &mib_objects[i]);
		for (size_t j = 0; j < i; j++)
			CU_ASSERT_STRING_NOT_EQUAL(name, mib_object_name(&mib_objects[j], other));
	}
	CU_ASSERT_PTR_NULL(mib_find(MIB_TABLE_member, 99));
}

static const struct mib_object *
find(enum mib_object_id id)
{
	for (size_t i = 0; i < mib_object_count; i++)
		if (mib_objects[i].id == id)
			return &mib_objects[i];
	return NULL;
}

/* The words that fw/abi and the configuration have; another word would be no instance. */
static void
every_word_of_the_appliance_has_a_number(void)
{
	for (unsigned i = 0; i < MEMBER_ADMIN_COUNT; i++)
		CU_ASSERT_TRUE(schema_choice_index(find(MIB_member_admin_state)->values,
						   member_admin_text((enum member_admin)i)) >= 0);
	for (unsigned i = HEALTH_UNKNOWN; i <= HEALTH_DOWN; i++)
		CU_ASSERT_TRUE(schema_choice_index(find(MIB_member_state)->values,
						   health_state_text((enum health_state)i)) >= 0);
	for (size_t f = 0; f < schema_field_count; f++)
		if (schema_fields[f].noun == SCHEMA_NOUN_pool &&
		    strcmp(schema_fields[f].member, "method") == 0)
			CU_ASSERT_STRING_EQUAL(find(MIB_pool_method)->values,
					       schema_fields[f].values);
}

/* What smilint says of the module's text after a sed script; to be freed. */
static char *
said_of_module(const char *script)
{
	char path[64] = "/tmp/fairlead-unit-mib-XXXXXX", line[512], *said = calloc(1, 65536);
	int fd = mkstemp(path);
	FILE *text = fdopen(fd, "w"), *in;

	ASSERT(said && text && mib_write(text));
	fclose(text);
	snprintf(line, sizeof line,
		 "sed -i '%s' %s; SMIPATH=$(echo /usr/lib/erlang/lib/snmp-*/mibs) "
		 "smilint -l 4 -s %s 2>&1",
		 script, path, path);
	in = popen(line, "r");
	ASSERT(in);
	said[fread(said, 1, 65535, in)] = '\0';
	pclose(in);
	unlink(path);
	return said;
}

static void
smilint_has_nothing_to_say_of_the_module(void)
{
	char *said = said_of_module("");

	CU_ASSERT_STRING_EQUAL(said, "");
	printf("%s", said);
	free(said);
	said = said_of_module("0,/virtualServerPort/s//virtualServerPart/"); /* it can */
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "virtualServerP"));
	free(said);
}

CU_TestInfo test_mib[] = {
	{ "oids_that_were_given_out_stay", oids_that_were_given_out_stay },
	{ "arcs_and_names_are_unique", arcs_and_names_are_unique },
	{ "every_word_of_the_appliance_has_a_number", every_word_of_the_appliance_has_a_number },
	{ "smilint_has_nothing_to_say_of_the_module", smilint_has_nothing_to_say_of_the_module },
	CU_TEST_INFO_NULL,
};
