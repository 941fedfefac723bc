/* The schema's small questions, and that its rows hold together. */
#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/model/schema.h"
#include "test/unit/unit.h"

static void
text_name_has_hyphens(void)
{
	char name[SCHEMA_TEXT_NAME_BYTES];

	CU_ASSERT_STRING_EQUAL(schema_text_name("idle_timeout_ms", name), "idle-timeout-ms");
	CU_ASSERT_EQUAL(
	    strlen(schema_text_name("a_name_longer_than_any_that_there_is_by_far", name)),
	    SCHEMA_TEXT_NAME_BYTES - 1);
}

static void
choices_go_both_ways(void)
{
	char word[SCHEMA_TEXT_NAME_BYTES];

	CU_ASSERT_EQUAL(schema_choice_index("tcp|http", "tcp"), 0);
	CU_ASSERT_EQUAL(schema_choice_index("tcp|http", "http"), 1);
	CU_ASSERT_EQUAL(schema_choice_index("tcp|http", "htt"), -1);
	CU_ASSERT_EQUAL(schema_choice_index("tcp|http", "tcp|http"), -1);
	CU_ASSERT_EQUAL(schema_choice_index("tcp|http", ""), -1);
	CU_ASSERT_STRING_EQUAL(schema_choice_word("tcp|http", 1, word), "http");
	CU_ASSERT_STRING_EQUAL(schema_choice_word("round-robin", 0, word), "round-robin");
}

static void
distance_counts_edits_up_to_three(void)
{
	CU_ASSERT_EQUAL(schema_distance("pools", "pools"), 0);
	CU_ASSERT_EQUAL(schema_distance("pool", "pools"), 1);
	CU_ASSERT_EQUAL(schema_distance("poosl", "pools"), 1); /* two neighbours changed places */
	CU_ASSERT_EQUAL(schema_distance("adresse", "addresses"), 2);
	CU_ASSERT_EQUAL(schema_distance("", "pools"), 3);
	CU_ASSERT_EQUAL(
	    schema_distance("a-name-that-is-longer-than-there-is-room-for-in-the-matrix", "pools"),
	    3);
}

static void
rows_fit_their_structs(void)
{
	for (size_t f = 0; f < schema_field_count; f++) {
		const struct schema_field *field = &schema_fields[f];
		bool text = field->type == SCHEMA_NAME || field->type == SCHEMA_REFERENCE ||
			    field->type == SCHEMA_PATH || field->type == SCHEMA_HOST;

		CU_ASSERT(strlen(field->member) < SCHEMA_TEXT_NAME_BYTES);
		CU_ASSERT(field->min <= field->max);
		if (text)
			CU_ASSERT(field->max < field->size_bytes);
		if (field->type == SCHEMA_NUMBER || field->type == SCHEMA_CHOICE ||
		    field->type == SCHEMA_CHOICES)
			CU_ASSERT_EQUAL(field->size_bytes, sizeof(uint32_t));
		CU_ASSERT(field->offset + field->size_bytes <=
			  schema_nouns[field->noun].object_bytes);
	}
	for (enum schema_noun noun = 0; noun < SCHEMA_NOUN_COUNT; noun++) {
		unsigned fields = 0;

		for (size_t f = 0; f < schema_field_count; f++) {
			CU_ASSERT(fields == 0 || schema_fields[f].noun != noun ||
				  schema_fields[f - 1].noun == noun);
			fields += schema_fields[f].noun == noun;
		}
		CU_ASSERT(fields <= 64); /* parse.c keeps a bit for each, from the first on */
	}
}

static const struct schema_field *
field(enum schema_noun noun, const char *member)
{
	for (size_t f = 0; f < schema_field_count; f++)
		if (schema_fields[f].noun == noun && strcmp(schema_fields[f].member, member) == 0)
			return &schema_fields[f];
	CU_FAIL_FATAL("no such field");
	return NULL;
}

static void
lists_have_a_singular_and_objects_a_key(void)
{
	char word[SCHEMA_TEXT_NAME_BYTES];

	CU_ASSERT_STRING_EQUAL(schema_word(field(SCHEMA_NOUN_port, "addresses"), word), "address");
	CU_ASSERT_STRING_EQUAL(schema_word(field(SCHEMA_NOUN_monitor, "headers"), word), "header");
	CU_ASSERT_STRING_EQUAL(schema_word(field(SCHEMA_NOUN_pool, "members"), word), "member");
	CU_ASSERT_STRING_EQUAL(schema_word(field(SCHEMA_NOUN_port, "services"), word), "service");
	CU_ASSERT_STRING_EQUAL(schema_word(field(SCHEMA_NOUN_bond, "ports"), word), "port");
	CU_ASSERT_STRING_EQUAL(schema_word(field(SCHEMA_NOUN_monitor, "status"), word), "status");
	CU_ASSERT_STRING_EQUAL(schema_word(field(SCHEMA_NOUN_pool, "keep_idle_max"), word),
			       "keep-idle-max");
	for (enum schema_noun noun = 0; noun < SCHEMA_NOUN_COUNT; noun++) {
		unsigned keys = 0;

		for (size_t f = 0; f < schema_field_count; f++)
			keys += schema_fields[f].noun == noun && schema_is_key(&schema_fields[f]);
		CU_ASSERT_EQUAL(keys, noun == SCHEMA_NOUN_member ? 2 : 1);
	}
}

CU_TestInfo test_schema[] = {
	{ "schema_text_name_has_hyphens", text_name_has_hyphens },
	{ "schema_choices_go_both_ways", choices_go_both_ways },
	{ "schema_lists_have_a_singular_and_objects_a_key",
	  lists_have_a_singular_and_objects_a_key },
	{ "schema_distance_counts_edits_up_to_three", distance_counts_edits_up_to_three },
	{ "schema_rows_fit_their_structs", rows_fit_their_structs },
	CU_TEST_INFO_NULL,
};
