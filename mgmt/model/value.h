/*
 * One value of a field between its text and its place in a struct: what parse.c, save.c and edit.c
 * share. Which type is written and held how is said in schema.h.
 */
#ifndef MGMT_MODEL_VALUE_H
#define MGMT_MODEL_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "fw/abi/limits.h"
#include "mgmt/model/errors.h"
#include "mgmt/model/model.h"
#include "mgmt/model/schema.h"

/* The longest is all of a monitor's headers; next a set of 250 statuses, each alone. */
#define VALUE_TEXT_BYTES (LIMIT_HEADERS_BYTES + 1)

/* Where a required CHOICE stands before it is set. */
#define VALUE_NO_CHOICE UINT32_MAX

/*
 * Text to value, for every type that has one value; of CHOICES one word, added to those in out. False: errors says what is wrong and what
 * would be right, out is as before. line: of the message, 0: none.
 */
bool value_set(const struct schema_field *field, const char *text, uint32_t line, void *out,
	       struct errors *errors);
/* The same of a number that is one already. */
bool value_set_number(const struct schema_field *field, long long number, uint32_t line,
		      uint32_t *out, struct errors *errors);
/* Adds one "Name: value" to those in out, which holds field->max bytes and a NUL. */
bool value_add_header(const struct schema_field *field, const char *text, uint32_t line, char *out,
		      struct errors *errors);
/* Adds one address to those of a route. */
bool value_add_gateway(const struct schema_field *field, const char *text, uint32_t line,
		       struct model_gateways *gateways, struct errors *errors);
/* Adds one name to those of a bond's ports. */
bool value_add_name(const struct schema_field *field, const char *text, uint32_t line,
		    struct model_names *names, struct errors *errors);
/* Its place among them, LIMIT_BOND_PORTS: it is not there. */
uint32_t value_find_name(const struct model_names *names, const char *text);
/* The line of headers that is this one, or that has this name; NULL: none. Lends from headers. */
char *value_find_header(char *headers, const char *text);
/* What the field holds when nothing is said about it. */
void value_set_default(const struct schema_field *field, void *out);
/* A required field of one value that nothing was said about. */
bool value_is_missing(const struct schema_field *field, const void *value);
bool value_is_default(const struct schema_field *field, const void *value);
bool value_is_equal(const struct schema_field *field, const void *a, const void *b);
/* Value to text, without quotes. Returns out. */
const char *
value_format(const struct schema_field *field, const void *value, char out[VALUE_TEXT_BYTES]);
/* In double quotes, with what would end them escaped. */
void value_write_quoted(FILE *out, const char *text, size_t len);
/* Adds "NOUN FIELD: ..."; always false, for the caller to return. */
bool value_refuse(const struct schema_field *field, uint32_t line, struct errors *errors,
		  const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
