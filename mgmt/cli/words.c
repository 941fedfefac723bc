/*
 * Taking a line apart and finding the command that is meant. A word may be shortened as long as it
 * can mean only one word at its place; a word written in full is never ambiguous.
 *
 * Each row of the table is followed word by word. A `|` behind a complete command lets in the rows
 * of filters, from that place on; rows that have a `|` of their own go on beside them.
 */
#include "mgmt/cli/words.h"

#include <ctype.h>
#include <string.h>

#include "fw/base/assert.h"

static void open_pipe(char *const words[], struct words_match *match);
static bool narrow(char *const words[], struct words_match *match);
static size_t count_distinct(const struct words_match *match);
static bool close_part(char *const words[], size_t count, struct words_match *match);
static bool is_complete(const struct words_match *match, size_t row, size_t count);
static bool takes_rest(const struct words_match *match, size_t row, size_t at);
static bool any_takes_rest(const struct words_match *match, size_t at);
static bool first_with_word(const struct words_match *match, size_t row, size_t at);
static size_t word_count(const char *words);
static const char *word_of(const char *words, size_t index, char *out, size_t out_bytes);

#define OPERATE   (1u << CLI_OPERATE)
#define CONFIGURE (1u << CLI_CONFIGURE)
#define BOTH      (OPERATE | CONFIGURE)
#define FILTER    (1u << CLI_FILTER)

const struct command commands[COMMAND_COUNT] = {
#define X(words, modes, function, help) { words, modes, function, help },
#include "mgmt/cli/commands.tbl"
};

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
		if (quoted && *line == '\\' && (line[1] == '"' || line[1] == '\\'))
			*to++ = *++line;
		else if (*line == '"')
			quoted = !quoted;
		else
			*to++ = *line;
	}
	*to = '\0';
	out->open = in_word;
	return !quoted && (*line == '\0' || *line == '#');
}

enum words_result
words_match(enum cli_mode mode, char *const words[], size_t count, struct words_match *match)
{
	*match = (struct words_match){ 0 };
	for (size_t row = 0; row < COMMAND_COUNT; row++)
		match->from[row] = commands[row].modes & 1u << mode ? 0 : WORDS_RULED_OUT;
	for (match->at = 0; match->at < count; match->at++) {
		struct words_match before = *match;

		open_pipe(words, match);
		if (!narrow(words, match)) {
			*match = before;
			return WORDS_UNKNOWN;
		}
		if (count_distinct(match) > 1)
			return WORDS_AMBIGUOUS;
	}
	if (!close_part(words, count, match))
		return WORDS_INCOMPLETE;
	match->pipe = !any_takes_rest(match, count);
	return WORDS_FOUND;
}

/* Lets the filters in if what is there is complete and does not take the `|` for itself. */
static void
open_pipe(char *const words[], struct words_match *match)
{
	if (strcmp(words[match->at], "|") != 0 || !close_part(words, match->at, match))
		return;
	if (any_takes_rest(match, match->at))
		return;
	for (size_t row = 0; row < COMMAND_COUNT; row++)
		if (commands[row].modes & FILTER)
			match->from[row] = (int)match->at + 1;
}

/*
 * Keeps the rows whose word at this place is meant: the same, else a longer one, else an argument;
 * and those that begin behind it.
 */
static bool
narrow(char *const words[], struct words_match *match)
{
	enum { NONE, ARGUMENT, LONGER, SAME } fits[COMMAND_COUNT], best = NONE;
	const char *given = words[match->at];
	bool some = false;

	for (size_t row = 0; row < COMMAND_COUNT; row++) {
		char word[WORDS_WORD_BYTES];

		words_at(match, row, match->at, word, sizeof word);
		if (words_is_argument(word))
			fits[row] = ARGUMENT;
		else if (*word && strcmp(word, given) == 0)
			fits[row] = SAME;
		else if (*word && *given && strncmp(word, given, strlen(given)) == 0)
			fits[row] = LONGER;
		else
			fits[row] = NONE;
		best = fits[row] > best ? fits[row] : best;
	}
	for (size_t row = 0; row < COMMAND_COUNT; row++) {
		if (match->from[row] <= (int)match->at && (best == NONE || fits[row] != best))
			match->from[row] = WORDS_RULED_OUT;
		some |= match->from[row] != WORDS_RULED_OUT;
	}
	return some;
}

static size_t
count_distinct(const struct words_match *match)
{
	char word[WORDS_WORD_BYTES];
	size_t count = 0;

	for (size_t row = 0; row < COMMAND_COUNT; row++)
		count += *words_at(match, row, match->at, word, sizeof word) &&
			 first_with_word(match, row, match->at);
	return count;
}

/*
 * Notes the row that the words before `count` complete, in the place of what began where it does.
 */
static bool
close_part(char *const words[], size_t count, struct words_match *match)
{
	for (size_t row = 0; row < COMMAND_COUNT; row++) {
		struct words_part *part;

		if (!is_complete(match, row, count))
			continue;
		while (match->parts &&
		       match->part[match->parts - 1].from >= (size_t)match->from[row])
			match->parts--;
		if (match->parts == WORDS_PARTS)
			return false;
		part = &match->part[match->parts++];
		part->command = &commands[row];
		part->from = (size_t)match->from[row];
		words_arguments(match, row, words, count, &part->args);
		return true;
	}
	return false;
}

static bool
is_complete(const struct words_match *match, size_t row, size_t count)
{
	size_t words = word_count(commands[row].words);

	if (match->from[row] == WORDS_RULED_OUT || match->from[row] >= (int)count)
		return false;
	count -= (size_t)match->from[row];
	return takes_rest(match, row, match->from[row] + words) ? count >= words : count == words;
}

/* Whether the row has "..." for the line's word at `at`. */
static bool
takes_rest(const struct words_match *match, size_t row, size_t at)
{
	char word[WORDS_WORD_BYTES];
	size_t len = strlen(words_at(match, row, at, word, sizeof word));

	return len > 3 && strcmp(word + len - 3, "...") == 0;
}

static bool
any_takes_rest(const struct words_match *match, size_t at)
{
	for (size_t row = 0; row < COMMAND_COUNT; row++)
		if (takes_rest(match, row, at))
			return true;
	return false;
}

bool
words_is_argument(const char *word)
{
	return isupper((unsigned char)word[0]);
}

void
words_arguments(const struct words_match *match, size_t row, char *const words[], size_t count,
		struct cli_args *out)
{
	char word[WORDS_WORD_BYTES];

	out->count = 0;
	for (size_t at = match->from[row] < 0 ? count : (size_t)match->from[row]; at < count; at++)
		if (words_is_argument(words_at(match, row, at, word, sizeof word)))
			out->word[out->count++] = words[at];
}

/* Whether no row before this one has the same word there. */
static bool
first_with_word(const struct words_match *match, size_t row, size_t at)
{
	char word[WORDS_WORD_BYTES], other[WORDS_WORD_BYTES];

	words_at(match, row, at, word, sizeof word);
	for (size_t before = 0; before < row; before++)
		if (strcmp(words_at(match, before, at, other, sizeof other), word) == 0)
			return false;
	return true;
}

const char *
words_at(const struct words_match *match, size_t row, size_t at, char *out, size_t out_bytes)
{
	const char *words = commands[row].words;
	size_t count = word_count(words), index, len;

	out[0] = '\0';
	if (match->from[row] == WORDS_RULED_OUT || (size_t)match->from[row] > at)
		return out;
	index = at - (size_t)match->from[row];
	len = strlen(words);
	if (index >= count && len > 3 && strcmp(words + len - 3, "...") == 0)
		index = count - 1;
	return word_of(words, index, out, out_bytes);
}

static size_t
word_count(const char *words)
{
	size_t count = 1;

	for (; *words; words++)
		count += *words == ' ';
	return count;
}

static const char *
word_of(const char *words, size_t index, char *out, size_t out_bytes)
{
	size_t len;

	while (index-- > 0) {
		words += strcspn(words, " ");
		words += *words == ' ';
	}
	len = strcspn(words, " ");
	if (len >= out_bytes)
		len = out_bytes - 1;
	memcpy(out, words, len);
	out[len] = '\0';
	return out;
}

void
words_list(FILE *out, const struct words_match *match, size_t at, const char *begin)
{
	for (size_t row = 0; row < COMMAND_COUNT; row++) {
		char word[WORDS_WORD_BYTES];

		words_at(match, row, at, word, sizeof word);
		if (*word && (words_is_argument(word) || strncmp(word, begin, strlen(begin)) == 0))
			fprintf(out, "  %-*s %s\n", WORDS_HELP_COLUMN, commands[row].words,
				commands[row].help);
	}
}
