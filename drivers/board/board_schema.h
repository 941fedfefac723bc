/*
 * board.tbl as data: what board_parse.c walks over.
 */
#ifndef DRIVERS_BOARD_BOARD_SCHEMA_H
#define DRIVERS_BOARD_BOARD_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum board_kind { BOARD_TOP, BOARD_ONE, BOARD_LIST };

enum board_type {
	BOARD_WORD,    /* "text" without blanks and quotes, char[] */
	BOARD_TEXT,    /* "text", printable ASCII, char[] */
	BOARD_NUMBER,  /* 123, uint32_t */
	BOARD_CHOICE,  /* "word", uint32_t: its place in `values` */
	BOARD_PCI,     /* "0000:00:10.0", char[] */
	BOARD_BOOL,    /* true or false, uint32_t: 1 or 0 */
	BOARD_NUMBERS, /* [ 1, 2 ], struct board_numbers */
	BOARD_WORDLIST /* [ "a", "b" ], struct board_words */
};

enum board_group_id {
#define GROUP(group, member, kind, max, need, help) BOARD_GROUP_##group,
#include "drivers/board/board.tbl"
	BOARD_GROUP_COUNT
};

struct board_group {
	const char *name; /* as in the table, with underscores */
	enum board_kind kind;
	uint32_t max;
	bool required;
	const char *help;
	size_t offset, size_bytes; /* of one, in struct board */
	size_t count;              /* LIST: offset of its count */
};

struct board_field {
	enum board_group_id group;
	const char *name;
	enum board_type type;
	const char *def; /* NULL: required */
	uint32_t min, max;
	const char *values, *help;
	size_t offset; /* in struct board_GROUP */
};

#define BOARD_SCHEMA_NAME_BYTES 32

extern const struct board_group board_groups[BOARD_GROUP_COUNT];
extern const struct board_field board_fields[];
extern const size_t board_field_count;

/* The word in the file: underscores become hyphens. Returns out. */
const char *board_schema_word(const char *name, char out[BOARD_SCHEMA_NAME_BYTES]);
/* The index of a word in "a|b|c"; -1 if it is none of them. */
int board_choice_index(const char *values, const char *word);

#endif
