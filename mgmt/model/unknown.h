/*
 * A name that is not known, and the names that are: the nearest one makes the message.
 */
#ifndef MGMT_MODEL_UNKNOWN_H
#define MGMT_MODEL_UNKNOWN_H

#include <stddef.h>
#include <stdint.h>

#include "mgmt/model/errors.h"

struct unknown {
	const char *what, *name; /* borrows */
	char nearest[64];        /* empty: none so far */
	unsigned nearest_distance;
	char all[200]; /* the names offered, as far as they fit */
	size_t all_len;
};

/* what: "field", "noun", ... Borrows both. */
struct unknown unknown_name(const char *what, const char *name);
/* One that would be right. Copies it. */
void unknown_offer(struct unknown *unknown, const char *name);
/*
 * Adds `no such WHAT: "NAME"; did you mean "NEAREST"?`, or all of them if none is near. where: in
 * front of that, NULL: nothing.
 */
void unknown_refuse(const struct unknown *unknown, const char *where, uint32_t line,
		    struct errors *errors);

#endif
