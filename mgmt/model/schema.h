/*
 * schema.tbl as data: what parse.c, save.c and the CLI's help walk over.
 */
#ifndef MGMT_MODEL_SCHEMA_H
#define MGMT_MODEL_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum schema_type {
	SCHEMA_NAME,      /* "text", char[]; letters, digits, - _ . */
	SCHEMA_REFERENCE, /* the same; the name of an object in the list `values` */
	SCHEMA_NAMES, /* [ "text", ... ], struct model_names: names of objects in the list `values` */
	SCHEMA_PATH,    /* "text", char[]; begins with a slash, visible ASCII */
	SCHEMA_HOST,    /* "text", char[]; visible ASCII */
	SCHEMA_TEXT,    /* "text", char[]; printable ASCII, blanks too */
	SCHEMA_NUMBER,  /* 123, uint32_t */
	SCHEMA_BOOL,    /* true or false, uint32_t: 1 or 0 */
	SCHEMA_CHOICE,  /* "word", uint32_t: its place in `values` */
	SCHEMA_CHOICES, /* [ "word", ... ], uint32_t: a bit for each word of `values` */
	SCHEMA_ADDRESS, /* "10.0.0.1", struct addr */
	SCHEMA_PREFIX,  /* "10.0.0.0/24", struct model_prefix */
	SCHEMA_GATEWAYS, /* "10.0.0.2" or [ "10.0.0.2", ... ], struct model_gateways; in a line with commas */
	SCHEMA_STATUSES, /* "200" or "200-299,304", struct gen_statuses */
	SCHEMA_HEADERS,  /* [ "Name: value", ... ], char[]: each with CR LF behind it */
	SCHEMA_PREFIXES, /* [ "10.0.0.1/24", ... ], struct model_span: in model->addresses */
	SCHEMA_MEMBERS,  /* ( { ... }, ... ), model->members */
};

enum schema_noun {
#define NOUN(noun, plural, limit, limit_name, help) SCHEMA_NOUN_##noun,
#include "mgmt/model/schema.tbl"
	SCHEMA_NOUN_COUNT
};

enum { /* how many rows there are */
#define FIELD(noun, member, type, unit, def, min, max, values, help) SCHEMA_FIELD_##noun##_##member,
#include "mgmt/model/schema.tbl"
       SCHEMA_FIELD_COUNT
};

struct schema_noun_info {
	const char *noun, *plural; /* as in the table, with underscores */
	uint32_t limit;
	const char *limit_name, *help;
	size_t object_bytes; /* sizeof(struct model_NOUN) */
	size_t array, count; /* offsets in struct model */
};

struct schema_field {
	enum schema_noun noun;
	const char *member; /* as in the table, with underscores */
	enum schema_type type;
	const char *unit;
	const char *def; /* NULL: required */
	uint32_t min, max;
	const char *values, *help;
	size_t offset, size_bytes; /* in struct model_NOUN */
};

#define SCHEMA_TEXT_NAME_BYTES 32

extern const struct schema_noun_info schema_nouns[SCHEMA_NOUN_COUNT];
extern const struct schema_field schema_fields[];
extern const size_t schema_field_count;

/* The name in the text: underscores become hyphens. Returns out. */
const char *schema_text_name(const char *name, char out[SCHEMA_TEXT_NAME_BYTES]);
/*
 * The word for a field in a set or delete line: its text name; of a list (addresses, headers,
 * services, members) the singular, as such a line says one value. Returns out.
 */
const char *schema_word(const struct schema_field *field, char out[SCHEMA_TEXT_NAME_BYTES]);
/*
 * Whether the field tells one object of its noun from the others, and so stands behind the noun in
 * a set line: a name, a route's destination. A member has two: address and port, ADDRESS:PORT.
 */
bool schema_is_key(const struct schema_field *field);
/* Whether it holds any number of values, of which a set or delete line says one at a time. */
bool schema_is_list(const struct schema_field *field);
/* The index of a word in "a|b|c"; -1 if it is none of them. */
int schema_choice_index(const char *values, const char *word);
/* The index-th word of "a|b|c" into out; returns out. */
const char *
schema_choice_word(const char *values, uint32_t index, char out[SCHEMA_TEXT_NAME_BYTES]);
/*
 * Edit distance (Damerau, Levenshtein) up to 3 for guessing what was meant; 3 stands for
 * anything further.
 */
unsigned schema_distance(const char *a, const char *b);

#endif
