/*
 * A slice of somebody else's bytes: no NUL, no ownership. What parsers answer.
 */
#ifndef FW_BASE_STR_H
#define FW_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *at; /* lends */
	size_t len;     /* bytes */
};

#define STR(literal) ((struct str){ (literal), sizeof(literal) - 1 })

static inline struct str
str_from(const char *text)
{
	return (struct str){ text, strlen(text) };
}

static inline bool
str_equal(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* ASCII case folded, as HTTP field names compare (RFC 9110 5.1). */
bool str_equal_nocase(struct str a, struct str b);
/* Without leading and trailing spaces and tabs (OWS, RFC 9110 5.6.3). */
struct str str_trim(struct str s);
/* Decimal digits only, all of them; false on anything else, on an empty slice and above max. */
bool str_to_u64(struct str s, uint64_t max, uint64_t *out);

#endif
