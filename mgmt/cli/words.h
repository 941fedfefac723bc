/*
 * The grammar: words to command, by unambiguous beginnings, with filters behind `|`.
 */
#ifndef MGMT_CLI_WORDS_H
#define MGMT_CLI_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "mgmt/cli/cli.h"

#define WORDS_BYTES       4096
#define WORDS_PARTS       8  /* a command and its filters */
#define WORDS_WORD_BYTES  32 /* of a word in the table */
#define WORDS_HELP_COLUMN 37 /* width of commands in lists */

/* A line taken apart. */
struct words {
	char bytes[WORDS_BYTES];
	char *word[WORDS_MAX]; /* in bytes */
	size_t count;
	bool open; /* the last word is not followed by a space: it may still grow */
};

struct command {
	const char *words; /* as in the table */
	unsigned modes;    /* bits, 1 << enum cli_mode */
	enum cli_code (*run)(struct cli *cli, const struct cli_args *args);
	const char *help;
};

enum {
	COMMAND_COUNT =
#define X(words, modes, function, help) +1
#include "mgmt/cli/commands.tbl"
};

extern const struct command commands[COMMAND_COUNT];

/*
 * At white space; double quotes keep it together, and \" and \\ in them stand for " and \; '#'
 * starts a comment. False: too long, or a quote is missing.
 */
bool words_split(const char *line, struct words *out);

enum words_result { WORDS_FOUND, WORDS_UNKNOWN, WORDS_AMBIGUOUS, WORDS_INCOMPLETE };

#define WORDS_RULED_OUT (-1)

struct words_part {
	const struct command *command;
	size_t from;          /* index of its first word */
	struct cli_args args; /* lends given words */
};

struct words_match {
	struct words_part part[WORDS_PARTS]; /* FOUND: the command, then its filters */
	size_t parts;
	bool pipe; /* FOUND: a `|` may follow, and is not taken for an argument */
	size_t at; /* UNKNOWN, AMBIGUOUS: index of the word */
	/* by row: index of the word that the row's words begin at, if those up to `at` fit */
	int from[COMMAND_COUNT];
};

/* Finds the command and its filters. Borrows words. */
enum words_result
words_match(enum cli_mode mode, char *const words[], size_t count, struct words_match *match);
/*
 * The row's word for the line's word at `at` into out (cut to size), "" if it has none there or is
 * ruled out. The last argument repeats if it ends in "...". Returns out.
 */
const char *
words_at(const struct words_match *match, size_t row, size_t at, char *out, size_t out_bytes);
/* Whether a table's word stands for something given. */
bool words_is_argument(const char *word);
/* What was given so far for the row's arguments, `count` words being there. */
void words_arguments(const struct words_match *match, size_t row, char *const words[], size_t count,
		     struct cli_args *out);
/*
 * Prints the rows that fit up to `at`, and whose word there begins with `begin`.
 */
void words_list(FILE *out, const struct words_match *match, size_t at, const char *begin);

#endif
