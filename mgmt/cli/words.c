/*
 * Taking a line apart and finding the command that is meant. A word may be shortened as long as it
 * can mean only one word at its place; a word written in full is never ambiguous.
 */
#include "mgmt/cli/words.h"

#include <ctype.h>
#include <string.h>

#include "fw/base/assert.h"

#define WORD_BYTES 32

static bool narrow(char *const words[], size_t at, struct words_match *match);
static size_t count_distinct(const struct words_match *match, size_t at);
static bool is_argument(const char *word);
static bool first_with_word(const struct words_match *match, size_t command, size_t at);

const struct command commands[] = {
#define X(words, function, help) { words, function, help },
#include "mgmt/cli/commands.tbl"
};

const size_t command_count = ARRAY_SIZE(commands);

STATIC_ASSERT(ARRAY_SIZE(commands) <= ARRAY_SIZE(((struct words_match *)0)->alive),
	      "room for all commands");

bool
words_split(const char *line, struct words *out)
{
	char *to = out->bytes, *end = out->bytes + sizeof out->bytes - 1;
	bool quoted = false, in_word = false;

	*out = (struct words){ 0 };
	for (; *line && to < end; line++) {
		if (!quoted && !in_word && *line == '#')
			break;
		if (!quoted && isspace((unsigned char)*line)) {
			if (in_word)
				*to++ = '\0';
			in_word = false;
			continue;
		}
		if (!in_word) {
			if (out->count == WORDS_MAX)
				return false;
			out->word[out->count++] = to;
			in_word = true;
		}
		if (*line == '"')
			quoted = !quoted;
		else
			*to++ = *line;
	}
	*to = '\0';
	out->open = in_word;
	return !quoted && (*line == '\0' || *line == '#');
}

enum words_result
words_match(char *const words[], size_t count, struct words_match *match)
{
	char word[WORD_BYTES];

	*match = (struct words_match){ 0 };
	for (size_t c = 0; c < command_count; c++)
		match->alive[c] = true;
	for (match->at = 0; match->at < count; match->at++) {
		struct words_match before = *match;
		bool some = narrow(words, match->at, match);

		if (!some || count_distinct(match, match->at) > 1) {
			if (!some)
				*match = before;
			return some ? WORDS_AMBIGUOUS : WORDS_UNKNOWN;
		}
	}
	for (size_t c = 0; c < command_count; c++) {
		if (!match->alive[c] || *words_of(&commands[c], count, word, sizeof word))
			continue;
		match->command = &commands[c];
		for (size_t i = 0; i < count; i++)
			if (is_argument(words_of(&commands[c], i, word, sizeof word)))
				match->argument = words[i];
		return WORDS_FOUND;
	}
	return WORDS_INCOMPLETE;
}

/*
 * Keeps the commands whose word at this place is meant: the same, else a longer one, else an
 * argument.
 */
static bool
narrow(char *const words[], size_t at, struct words_match *match)
{
	bool same[ARRAY_SIZE(match->alive)] = { 0 }, longer[ARRAY_SIZE(match->alive)] = { 0 };
	bool argument[ARRAY_SIZE(match->alive)] = { 0 };
	bool any_same = false, any_longer = false, any_argument = false;

	for (size_t c = 0; c < command_count; c++) {
		char word[WORD_BYTES];

		if (!match->alive[c] || !*words_of(&commands[c], at, word, sizeof word))
			continue;
		argument[c] = is_argument(word);
		same[c] = !argument[c] && strcmp(word, words[at]) == 0;
		longer[c] =
		    !argument[c] && *words[at] && strncmp(word, words[at], strlen(words[at])) == 0;
		any_same |= same[c];
		any_longer |= longer[c];
		any_argument |= argument[c];
	}
	memcpy(match->alive, any_same ? same : any_longer ? longer : argument, sizeof match->alive);
	return any_same || any_longer || any_argument;
}

static size_t
count_distinct(const struct words_match *match, size_t at)
{
	size_t count = 0;

	for (size_t c = 0; c < command_count; c++)
		count += match->alive[c] && first_with_word(match, c, at);
	return count;
}

static bool
is_argument(const char *word)
{
	return isupper((unsigned char)word[0]);
}

/* Whether no command before this one has the same word there. */
static bool
first_with_word(const struct words_match *match, size_t command, size_t at)
{
	char word[WORD_BYTES], other[WORD_BYTES];

	words_of(&commands[command], at, word, sizeof word);
	for (size_t c = 0; c < command; c++)
		if (match->alive[c] &&
		    strcmp(words_of(&commands[c], at, other, sizeof other), word) == 0)
			return false;
	return true;
}

const char *
words_of(const struct command *command, size_t index, char *out, size_t out_bytes)
{
	const char *at = command->words;
	size_t len;

	while (index-- > 0) {
		at += strcspn(at, " ");
		at += *at == ' ';
	}
	len = strcspn(at, " ");
	if (len >= out_bytes)
		len = out_bytes - 1;
	memcpy(out, at, len);
	out[len] = '\0';
	return out;
}

void
words_list(FILE *out, const struct words_match *match, size_t at, const char *begin)
{
	for (size_t c = 0; c < command_count; c++) {
		char word[WORD_BYTES];

		if (!match->alive[c] || strncmp(words_of(&commands[c], at, word, sizeof word),
						begin, strlen(begin)) != 0)
			continue;
		fprintf(out, "  %-22s %s\n", commands[c].words, commands[c].help);
	}
}
