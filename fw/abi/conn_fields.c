/*
 * The tables of a connection's fields as data, and how a field is written for people. What comes
 * from the other plane is printed whatever it says: words that do not exist are "?".
 */
#include "fw/abi/conn_fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fw/abi/layout.h"
#include "fw/base/assert.h"

static const char *const words[CONN_WORD_COUNT] = {
#define X(name, text) text,
#include "fw/abi/conn_words.tbl"
};

static const char table_rows[] =
#define X(name, unit, text) #name " " unit " "
#include "fw/abi/conn_fields.tbl"
    "/ "
#define X(name, text) #name " "
#include "fw/abi/conn_words.tbl"
    "/ "
#define X(name) #name " "
#include "fw/abi/conn_events.tbl"
    ;

const struct conn_field_info conn_field_infos[CONN_FIELD_COUNT] = {
#define X(name, unit, text) { #name, unit, text },
#include "fw/abi/conn_fields.tbl"
};

enum conn_unit
conn_field_unit(enum conn_field field)
{
	static const char *const names[] = {
		[CONN_UNIT_WORD] = "word",          [CONN_UNIT_SEQUENCE] = "sequence",
		[CONN_UNIT_SENT] = "sent-sequence", [CONN_UNIT_RECEIVED] = "received-sequence",
		[CONN_UNIT_EVENTS] = "events",      [CONN_UNIT_TIME] = "us",
	};

	ASSERT(field < CONN_FIELD_COUNT);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i] && strcmp(names[i], conn_field_infos[field].unit) == 0)
			return (enum conn_unit)i;
	if (strcmp(conn_field_infos[field].unit, "us-left") == 0)
		return CONN_UNIT_TIME;
	return CONN_UNIT_NUMBER;
}

const char *
conn_word_text(uint64_t word)
{
	return word < CONN_WORD_COUNT ? words[word] : "?";
}

uint64_t
conn_fields_hash(void)
{
	static const uint32_t numbers[] = { LAYOUT_SIZE(struct conn_fields) };

	return layout_hash(numbers, ARRAY_SIZE(numbers), table_rows, sizeof table_rows);
}

/* "readable,eof"; none is "none". */
static void
format_events(uint64_t bits, char out[CONN_FIELD_TEXT_BYTES])
{
	static const char *const names[] = {
#define X(name) #name,
#include "fw/abi/conn_events.tbl"
	};
	size_t len = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(names) && len < CONN_FIELD_TEXT_BYTES; i++)
		if (bits & 1ull << i)
			len += (size_t)snprintf(out + len, CONN_FIELD_TEXT_BYTES - len, "%s%s",
						len ? "," : "", names[i]);
	if (!len)
		snprintf(out, CONN_FIELD_TEXT_BYTES, "none");
}

const char *
conn_field_format(const struct conn_fields *fields, enum conn_field field,
		  char out[CONN_FIELD_TEXT_BYTES])
{
	uint64_t value = fields->value[field];

	out[0] = '\0';
	if (value == CONN_FIELD_NONE)
		return out;
	switch (conn_field_unit(field)) {
	case CONN_UNIT_WORD:
		snprintf(out, CONN_FIELD_TEXT_BYTES, "%s", conn_word_text(value));
		break;
	case CONN_UNIT_SENT:
		snprintf(out, CONN_FIELD_TEXT_BYTES, "%" PRIu32,
			 (uint32_t)value - (uint32_t)fields->value[CONN_FIELD_iss]);
		break;
	case CONN_UNIT_RECEIVED:
		snprintf(out, CONN_FIELD_TEXT_BYTES, "%" PRIu32,
			 (uint32_t)value - (uint32_t)fields->value[CONN_FIELD_irs]);
		break;
	case CONN_UNIT_EVENTS:
		format_events(value, out);
		break;
	default:
		snprintf(out, CONN_FIELD_TEXT_BYTES, "%" PRIu64, value);
		break;
	}
	return out;
}
