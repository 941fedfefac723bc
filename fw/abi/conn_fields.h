/*
 * All that is known of one TCP connection, as numbers by the rows of conn_fields.tbl: one copy, taken
 * by the worker that has the connection.
 */
#ifndef FW_ABI_CONN_FIELDS_H
#define FW_ABI_CONN_FIELDS_H

#include <stdint.h>

enum conn_field {
#define X(name, unit, text) CONN_FIELD_##name,
#include "fw/abi/conn_fields.tbl"
	CONN_FIELD_COUNT
};

enum conn_word {
#define X(name, text) CONN_WORD_##name,
#include "fw/abi/conn_words.tbl"
	CONN_WORD_COUNT
};

enum conn_event { /* numbers of bits */
#define X(name) CONN_EVENT_##name,
#include "fw/abi/conn_events.tbl"
		  CONN_EVENT_COUNT
};

#define CONN_FIELD_NONE UINT64_MAX /* does not apply now: a timer that is off, no sample yet */

struct conn_fields {
	uint64_t value[CONN_FIELD_COUNT];
};

enum conn_unit {
	CONN_UNIT_NUMBER,
	CONN_UNIT_WORD,
	CONN_UNIT_SEQUENCE, /* absolute */
	CONN_UNIT_SENT,     /* sequence number that is shown relative to field iss */
	CONN_UNIT_RECEIVED, /* relative to field irs */
	CONN_UNIT_EVENTS,
	CONN_UNIT_TIME, /* us, or us-left: changes by itself */
};

struct conn_field_info {
	const char *name, *unit, *text; /* as in the table */
};

extern const struct conn_field_info conn_field_infos[CONN_FIELD_COUNT];

/* What the field's unit means for who prints it. */
enum conn_unit conn_field_unit(enum conn_field field);
/* "?" if there is no such word. */
const char *conn_word_text(uint64_t word);
/* Of the rows: who was built from other tables must not be understood. */
uint64_t conn_fields_hash(void);
/*
 * The field as people read it, into out, which it returns; "" if it does not apply. Sequence numbers
 * are relative to the initial one, which stands for itself.
 */
#define CONN_FIELD_TEXT_BYTES 48
const char *conn_field_format(const struct conn_fields *fields, enum conn_field field,
			      char out[CONN_FIELD_TEXT_BYTES]);

#endif
