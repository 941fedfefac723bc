/*
 * Walks set and delete lines along the schema. A word that the schema knows (a noun, a field, a
 * word of a choice) may be shortened as commands may; a name never, as a new one may begin like
 * another.
 */
#include "mgmt/cli/setting.h"

#include <stdlib.h>
#include <string.h>

#include "mgmt/cli/mgmtd.h"
#include "mgmt/cli/words.h"
#include "mgmt/model/schema.h"

/* What the next word is. */
enum kind { NOUN, KEY, FIELD, VALUE, NOTHING };

struct place {
	enum kind kind;
	enum schema_noun noun;            /* all but NOUN */
	const struct schema_field *field; /* VALUE */
	const char *pool;                 /* KEY of a member: whose; borrowed */
};

static struct place place_of(enum setting_verb verb, char *const words[], size_t count);
static struct place place_behind_field(enum setting_verb verb, struct place place,
				       char *const words[], size_t count, size_t at);
static int find_noun(const char *word);
static const struct schema_field *find_field(enum schema_noun noun, const char *word);
static void fill_words(const struct place *place, struct choices *out);
static void fill_fields(enum schema_noun noun, struct choices *out);
static void fill_value(const struct schema_field *field, struct choices *out);
static void fill_names(const struct cli *cli, const struct place *place, struct choices *out);
static void add_name(const struct place *place, const struct words *line, struct choices *out);
static bool points_to(const struct schema_field *field, const char *noun);
static const char *whole_word(const struct choices *choices, const char *word);
static bool append(char *out, size_t out_bytes, size_t *len, const char *word);

void
setting_fill(const struct cli *cli, enum setting_verb verb, char *const words[], size_t count,
	     struct choices *out)
{
	struct place place = place_of(verb, words, count);

	fill_words(&place, out);
	fill_names(cli, &place, out);
}

bool
setting_line(enum setting_verb verb, char *const words[], size_t count, char *out, size_t out_bytes)
{
	size_t len = 0;
	bool fits = append(out, out_bytes, &len, verb == SETTING_SET ? "set" : "delete");

	for (size_t i = 0; i < count && fits; i++) {
		struct place place = place_of(verb, words, i);
		struct choices known = { 0 };

		fill_words(&place, &known);
		fits = append(out, out_bytes, &len, whole_word(&known, words[i]));
		choices_free(&known);
	}
	return fits;
}

/* ---- where a line stands ---- */

static struct place
place_of(enum setting_verb verb, char *const words[], size_t count)
{
	struct place place = { .kind = NOUN };
	int noun;

	if (count == 0)
		return place;
	noun = find_noun(words[0]);
	place.kind = noun < 0 ? NOTHING : KEY;
	if (noun < 0 || count == 1) {
		place.noun = (enum schema_noun)(noun < 0 ? 0 : noun);
		return place;
	}
	place.noun = (enum schema_noun)noun;
	place.kind = FIELD;
	return place_behind_field(verb, place, words, count, 2);
}

/* From the word at `at`, which is a field of the place's noun. */
static struct place
place_behind_field(enum setting_verb verb, struct place place, char *const words[], size_t count,
		   size_t at)
{
	for (; at < count; at++) {
		const struct schema_field *field = find_field(place.noun, words[at]);

		if (place.kind != FIELD || !field) {
			place.kind = NOTHING;
			return place;
		}
		if (field->type == SCHEMA_MEMBERS) {
			place.noun = SCHEMA_NOUN_member;
			place.pool = words[1];
			place.kind = KEY;
		} else {
			place.field = field;
			place.kind = verb == SETTING_SET || schema_is_list(field) ? VALUE : NOTHING;
		}
		if (at + 1 == count || place.kind == NOTHING)
			continue;
		at++;
		place.kind = verb == SETTING_SET || place.kind == KEY ? FIELD : NOTHING;
	}
	return place;
}

/* By unambiguous beginning; -1: none. Members are not nouns of their own here. */
static int
find_noun(const char *word)
{
	char name[SCHEMA_TEXT_NAME_BYTES];
	int found = -1;

	for (enum schema_noun noun = 0; noun < SCHEMA_NOUN_COUNT; noun++) {
		schema_text_name(schema_nouns[noun].noun, name);
		if (noun == SCHEMA_NOUN_member)
			continue;
		if (strcmp(name, word) == 0)
			return (int)noun;
		if (*word && strncmp(name, word, strlen(word)) == 0)
			found = found == -1 ? (int)noun : -2;
	}
	return found < 0 ? -1 : found;
}

static const struct schema_field *
find_field(enum schema_noun noun, const char *word)
{
	const struct schema_field *found = NULL;
	char name[SCHEMA_TEXT_NAME_BYTES];
	unsigned count = 0;

	for (size_t f = 0; f < schema_field_count; f++) {
		if (schema_fields[f].noun != noun || schema_is_key(&schema_fields[f]))
			continue;
		schema_word(&schema_fields[f], name);
		if (strcmp(name, word) == 0)
			return &schema_fields[f];
		if (*word && strncmp(name, word, strlen(word)) == 0) {
			found = &schema_fields[f];
			count++;
		}
	}
	return count == 1 ? found : NULL;
}

/* ---- what may stand there ---- */

/* What the schema knows. */
static void
fill_words(const struct place *place, struct choices *out)
{
	char name[SCHEMA_TEXT_NAME_BYTES];

	if (place->kind == NOUN)
		for (enum schema_noun noun = 0; noun < SCHEMA_NOUN_COUNT; noun++) {
			if (noun != SCHEMA_NOUN_member)
				choices_add(out, schema_text_name(schema_nouns[noun].noun, name),
					    "%s", schema_nouns[noun].help);
		}
	else if (place->kind == FIELD)
		fill_fields(place->noun, out);
	else if (place->kind == VALUE)
		fill_value(place->field, out);
}

static void
fill_fields(enum schema_noun noun, struct choices *out)
{
	for (size_t f = 0; f < schema_field_count; f++) {
		const struct schema_field *field = &schema_fields[f];
		char word[SCHEMA_TEXT_NAME_BYTES];

		if (field->noun == noun && !schema_is_key(field))
			choices_add(out, schema_word(field, word), "%s%s%s%s", field->help,
				    field->def && *field->def ? "; default " : "",
				    field->def ? field->def : "", field->def ? "" : "; required");
	}
}

static void
fill_value(const struct schema_field *field, struct choices *out)
{
	char word[SCHEMA_TEXT_NAME_BYTES];

	if (field->type == SCHEMA_CHOICE || field->type == SCHEMA_CHOICES) {
		const char *at = field->values;

		for (uint32_t i = 0; *at; i++, at += strcspn(at, "|"), at += *at == '|')
			choices_add(out, schema_choice_word(field->values, i, word), "%s",
				    field->help);
	} else if (field->type == SCHEMA_BOOL) {
		choices_add(out, "true", "%s", field->help);
		choices_add(out, "false", "%s", field->help);
	} else if (field->type == SCHEMA_NUMBER) {
		choices_add_hint(out, "NUMBER", "%u to %u %s: %s", field->min, field->max,
				 field->unit, field->help);
	} else if (field->type != SCHEMA_REFERENCE && field->type != SCHEMA_NAMES) {
		choices_add_hint(out, "VALUE", "%s: %s", field->unit, field->help);
	}
}

/* What the candidate has, by its set lines. */
static void
fill_names(const struct cli *cli, const struct place *place, struct choices *out)
{
	bool wanted = place->kind == KEY ||
		      (place->kind == VALUE &&
		       (place->field->type == SCHEMA_REFERENCE || schema_is_list(place->field)));
	char *text = wanted ? mgmtd_text(cli, REQUEST_SET_LINES) : NULL;
	char *rest, *at;

	for (at = text ? strtok_r(text, "\n", &rest) : NULL; at; at = strtok_r(NULL, "\n", &rest)) {
		struct words line;

		if (words_split(at, &line) && line.count >= 3)
			add_name(place, &line, out);
	}
	free(text);
	if (place->kind == KEY)
		choices_add_hint(out, place->noun == SCHEMA_NOUN_member ? "ADDRESS:PORT" : "NAME",
				 "%s", schema_nouns[place->noun].help);
}

/* line: "set NOUN KEY ..." */
static void
add_name(const struct place *place, const struct words *line, struct choices *out)
{
	char wanted[SCHEMA_TEXT_NAME_BYTES];

	if (place->kind == KEY && place->noun != SCHEMA_NOUN_member) {
		if (strcmp(line->word[1],
			   schema_text_name(schema_nouns[place->noun].noun, wanted)) == 0)
			choices_add_once(out, line->word[2], "%s", line->word[1]);
	} else if (place->kind == KEY) {
		for (size_t i = 3; i + 1 < line->count; i++)
			if (strcmp(line->word[1], "pool") == 0 &&
			    strcmp(line->word[2], place->pool) == 0 &&
			    strcmp(line->word[i], "member") == 0)
				choices_add_once(out, line->word[i + 1], "member of pool %s",
						 place->pool);
	} else if (points_to(place->field, line->word[1])) {
		choices_add_once(out, line->word[2], "%s", line->word[1]);
	}
}

/* Whether a field's values are names of this noun. */
static bool
points_to(const struct schema_field *field, const char *noun)
{
	char list[SCHEMA_TEXT_NAME_BYTES + 1];

	snprintf(list, sizeof list, "%ss", noun);
	return (field->type == SCHEMA_REFERENCE || field->type == SCHEMA_NAMES) &&
	       schema_choice_index(field->values, list) >= 0;
}

/* ---- writing it out ---- */

static const char *
whole_word(const struct choices *choices, const char *word)
{
	const char *found = NULL;

	for (size_t i = 0; i < choices->count && *word; i++) {
		if (choices->choice[i].is_hint ||
		    strncmp(choices->choice[i].word, word, strlen(word)) != 0)
			continue;
		if (found || strcmp(choices->choice[i].word, word) == 0)
			return word; /* may mean several, or is whole */
		found = choices->choice[i].word;
	}
	return found ? found : word;
}

/* Behind a blank, in quotes unless it is plain. */
static bool
append(char *out, size_t out_bytes, size_t *len, const char *word)
{
	bool plain = *word && word[strcspn(word, " \t\"\\#")] == '\0';
	size_t need = strlen(word) * (plain ? 1 : 2) + 4;

	if (*len + need > out_bytes)
		return false;
	if (*len)
		out[(*len)++] = ' ';
	if (!plain)
		out[(*len)++] = '"';
	for (; *word; word++) {
		if (!plain && (*word == '"' || *word == '\\'))
			out[(*len)++] = '\\';
		out[(*len)++] = *word;
	}
	if (!plain)
		out[(*len)++] = '"';
	out[*len] = '\0';
	return true;
}
