/*
 * What a word may be: for completion, for `?`, and for saying what was meant.
 */
#ifndef MGMT_CLI_CHOICES_H
#define MGMT_CLI_CHOICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct choice {
	char *word, *help;
	bool is_hint; /* says what kind of word it is, and is none itself */
};

/* Zeroed: none. */
struct choices {
	struct choice *choice;
	size_t count, capacity;
};

/* Copies. */
void choices_add(struct choices *choices, const char *word, const char *help_format, ...)
    __attribute__((format(printf, 3, 4)));
void choices_add_hint(struct choices *choices, const char *word, const char *help_format, ...)
    __attribute__((format(printf, 3, 4)));
/* Unless the last one is the same: for lists whose repetitions follow each other. */
void choices_add_once(struct choices *choices, const char *word, const char *help_format, ...)
    __attribute__((format(printf, 3, 4)));
void choices_free(struct choices *choices);
/* The word that was probably meant; NULL: none is near. Lends. */
const char *choices_nearest(const struct choices *choices, const char *given);
/*
 * "; is NEAREST meant?", or "; there are A, B, C", and the end of the line. Borrows.
 */
void choices_say_nearest(const struct choices *choices, const char *given, FILE *out);
/* Two columns, those that begin with `begin`, and hints. */
void choices_print(const struct choices *choices, const char *begin, FILE *out);
/*
 * What all that begin with `begin` have in common, into out (cut to size), and how many they are;
 * without hints.
 */
size_t
choices_shared(const struct choices *choices, const char *begin, char *out, size_t out_bytes);

#endif
