/*
 * The grammar: words to command, by unambiguous beginnings.
 */
#ifndef MGMT_CLI_WORDS_H
#define MGMT_CLI_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "mgmt/cli/cli.h"

#define WORDS_MAX   16
#define WORDS_BYTES 1024

/* A line taken apart. */
struct words {
	char bytes[WORDS_BYTES];
	char *word[WORDS_MAX]; /* in bytes */
	size_t count;
	bool open; /* the last word is not followed by a space: it may still grow */
};

struct command {
	const char *words; /* as in the table */
	enum cli_code (*run)(struct cli *cli, const char *argument);
	const char *help;
};

extern const struct command commands[];
extern const size_t command_count;

/*
 * At white space; double quotes keep it together; '#' starts a comment. False: too long, or a
 * quote is missing.
 */
bool words_split(const char *line, struct words *out);

enum words_result { WORDS_FOUND, WORDS_UNKNOWN, WORDS_AMBIGUOUS, WORDS_INCOMPLETE };

struct words_match {
	const struct command *command; /* FOUND */
	const char *argument;          /* FOUND: lends a given word */
	size_t at;                     /* UNKNOWN, AMBIGUOUS: index of the word */
	bool alive[64];                /* by command: those that the words up to `at` may begin */
};

/* Finds the command. Borrows words. */
enum words_result words_match(char *const words[], size_t count, struct words_match *match);
/*
 * The table's index-th word of a command into out (cut to size), "" if it has fewer. Returns
 * out.
 */
const char *words_of(const struct command *command, size_t index, char *out, size_t out_bytes);
/*
 * Prints the words that may come at `at` and what they lead to; only those beginning with
 * `begin`.
 */
void words_list(FILE *out, const struct words_match *match, size_t at, const char *begin);

#endif
