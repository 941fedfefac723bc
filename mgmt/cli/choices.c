/*
 * A list of words with a line of help each.
 */
#include "mgmt/cli/choices.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/cli/words.h"
#include "mgmt/model/schema.h"

#define SAID_MAX 12 /* of a long list */

static void
add(struct choices *choices, const char *word, bool is_hint, const char *help_format, va_list args);
static bool begins(const struct choice *choice, const char *begin);

void
choices_add(struct choices *choices, const char *word, const char *help_format, ...)
{
	va_list args;

	va_start(args, help_format);
	add(choices, word, false, help_format, args);
	va_end(args);
}

void
choices_add_hint(struct choices *choices, const char *word, const char *help_format, ...)
{
	va_list args;

	va_start(args, help_format);
	add(choices, word, true, help_format, args);
	va_end(args);
}

void
choices_add_once(struct choices *choices, const char *word, const char *help_format, ...)
{
	va_list args;

	if (choices->count && strcmp(choices->choice[choices->count - 1].word, word) == 0)
		return;
	va_start(args, help_format);
	add(choices, word, false, help_format, args);
	va_end(args);
}

static void
add(struct choices *choices, const char *word, bool is_hint, const char *help_format, va_list args)
{
	struct choice *choice;

	if (choices->count == choices->capacity) {
		choices->capacity = choices->capacity ? choices->capacity * 2 : 32;
		choices->choice =
		    realloc(choices->choice, choices->capacity * sizeof *choices->choice);
		ASSERT(choices->choice);
	}
	choice = &choices->choice[choices->count++];
	choice->is_hint = is_hint;
	choice->word = strdup(word);
	ASSERT(choice->word);
	ASSERT(vasprintf(&choice->help, help_format, args) >= 0);
}

void
choices_free(struct choices *choices)
{
	for (size_t i = 0; i < choices->count; i++) {
		free(choices->choice[i].word);
		free(choices->choice[i].help);
	}
	free(choices->choice);
	*choices = (struct choices){ 0 };
}

const char *
choices_nearest(const struct choices *choices, const char *given)
{
	const char *nearest = NULL;
	unsigned best = 3;

	for (size_t i = 0; i < choices->count; i++) {
		unsigned distance = schema_distance(choices->choice[i].word, given);

		if (distance < best) {
			best = distance;
			nearest = choices->choice[i].word;
		}
	}
	return nearest;
}

void
choices_say_nearest(const struct choices *choices, const char *given, FILE *out)
{
	const char *nearest = choices_nearest(choices, given);

	if (nearest) {
		fprintf(out, "; is %s meant?\n", nearest);
		return;
	}
	fprintf(out, choices->count ? "; there are " : "; there are none");
	for (size_t i = 0; i < choices->count && i < SAID_MAX; i++)
		fprintf(out, "%s%s", i ? ", " : "", choices->choice[i].word);
	if (choices->count > SAID_MAX)
		fprintf(out, " and %zu more", choices->count - SAID_MAX);
	fputc('\n', out);
}

void
choices_print(const struct choices *choices, const char *begin, FILE *out)
{
	for (size_t i = 0; i < choices->count; i++)
		if (choices->choice[i].is_hint || begins(&choices->choice[i], begin))
			fprintf(out, "  %-*s %s\n", WORDS_HELP_COLUMN, choices->choice[i].word,
				choices->choice[i].help);
}

size_t
choices_shared(const struct choices *choices, const char *begin, char *out, size_t out_bytes)
{
	size_t count = 0;

	out[0] = '\0';
	for (size_t i = 0; i < choices->count; i++) {
		const char *word = choices->choice[i].word;
		size_t same = 0;

		if (choices->choice[i].is_hint || !begins(&choices->choice[i], begin) ||
		    (count && strcmp(word, out) == 0))
			continue;
		if (count++ == 0)
			snprintf(out, out_bytes, "%s", word);
		while (out[same] && out[same] == word[same])
			same++;
		out[same] = '\0';
	}
	return count;
}

static bool
begins(const struct choice *choice, const char *begin)
{
	return strncmp(choice->word, begin, strlen(begin)) == 0;
}
