/*
 * The rows of board.tbl, and the words of its choices.
 */
#include "drivers/board/board_schema.h"

#include <string.h>

#include "drivers/board/board.h"
#include "fw/base/assert.h"

#define REQUIRED NULL
#define NUMBER   BOARD_NUMBER
#define WORD     BOARD_WORD
#define TEXT     BOARD_TEXT
#define CHOICE   BOARD_CHOICE
#define PCI      BOARD_PCI
#define BOOL     BOARD_BOOL
#define NUMBERS  BOARD_NUMBERS
#define WORDS    BOARD_WORDLIST

const struct board_field board_fields[] = {
#define FIELD(group, member, type, def, min, max, values, help)                                    \
	{ BOARD_GROUP_##group,                                                                     \
	  #member,                                                                                 \
	  type,                                                                                    \
	  def,                                                                                     \
	  min,                                                                                     \
	  max,                                                                                     \
	  values,                                                                                  \
	  help,                                                                                    \
	  offsetof(struct board_##group, member) },
#include "drivers/board/board.tbl"
};

const size_t board_field_count = ARRAY_SIZE(board_fields);

#undef REQUIRED
#define REQUIRED true
#define OPTIONAL false

/* A LIST has a count behind its array's name; the others have none. */
#define COUNT_TOP(member)  0
#define COUNT_ONE(member)  0
#define COUNT_LIST(member) offsetof(struct board, member##_count)

const struct board_group board_groups[BOARD_GROUP_COUNT] = {
#define GROUP(group, member, kind, max, need, help)                                                \
	{ #member,                                                                                 \
	  BOARD_##kind,                                                                            \
	  max,                                                                                     \
	  need,                                                                                    \
	  help,                                                                                    \
	  offsetof(struct board, member),                                                          \
	  sizeof(struct board_##group),                                                            \
	  COUNT_##kind(member) },
#include "drivers/board/board.tbl"
};

static const char *
choice_word(enum board_group_id group, const char *name, uint32_t index, char *out)
{
	const char *at = NULL;
	size_t len;

	for (size_t f = 0; f < board_field_count; f++)
		if (board_fields[f].group == group && strcmp(board_fields[f].name, name) == 0)
			at = board_fields[f].values;
	ASSERT(at);
	while (index-- > 0)
		at += strcspn(at, "|") + 1;
	len = strcspn(at, "|");
	ASSERT(len <= BOARD_NAME_BYTES);
	memcpy(out, at, len);
	out[len] = '\0';
	return out;
}

const char *
board_watchdog_module(const struct board *board, char out[BOARD_NAME_BYTES + 1])
{
	return choice_word(BOARD_GROUP_watchdog, "module", board->watchdog.module, out);
}

const char *
board_qat_type(const struct board_qat *qat, char out[BOARD_NAME_BYTES + 1])
{
	return choice_word(BOARD_GROUP_qat, "type", qat->type, out);
}

const char *
board_schema_word(const char *name, char out[BOARD_SCHEMA_NAME_BYTES])
{
	size_t i;

	for (i = 0; name[i] && i < BOARD_SCHEMA_NAME_BYTES - 1; i++)
		out[i] = name[i] == '_' ? '-' : name[i];
	out[i] = '\0';
	return out;
}

int
board_choice_index(const char *values, const char *word)
{
	size_t word_len = strlen(word);

	for (int i = 0; *values; i++) {
		size_t len = strcspn(values, "|");

		if (len == word_len && memcmp(values, word, len) == 0)
			return i;
		values += len + (values[len] == '|');
	}
	return -1;
}
