/*
 * Guessing what was meant. Names that are long, and names of objects, of which there may be
 * thousands, are only compared; the list of all ends where its room does.
 */
#include "mgmt/model/unknown.h"

#include <stdio.h>
#include <string.h>

#include "mgmt/model/schema.h"

#define FAR 3u /* what schema_distance calls not near */

struct unknown
unknown_name(const char *what, const char *name)
{
	return (struct unknown){ .what = what, .name = name, .nearest_distance = FAR };
}

void
unknown_offer(struct unknown *unknown, const char *name)
{
	unsigned distance = schema_distance(unknown->name, name);
	size_t len = strlen(name);

	if (distance < unknown->nearest_distance) {
		unknown->nearest_distance = distance;
		snprintf(unknown->nearest, sizeof unknown->nearest, "%s", name);
	}
	if (unknown->all_len + len + sizeof ", ..." < sizeof unknown->all)
		unknown->all_len += (size_t)sprintf(unknown->all + unknown->all_len, "%s%s",
						    unknown->all_len ? ", " : "", name);
	else if (unknown->all_len >= 3 && strcmp(unknown->all + unknown->all_len - 3, "...") != 0)
		unknown->all_len += (size_t)sprintf(unknown->all + unknown->all_len, ", ...");
}

void
unknown_refuse(const struct unknown *unknown, const char *where, uint32_t line,
	       struct errors *errors)
{
	char head[160];

	snprintf(head, sizeof head, "%s%sno such %s: \"%.40s\"", where ? where : "",
		 where ? ": " : "", unknown->what, unknown->name);
	if (unknown->nearest[0])
		errors_add(errors, line, "%s; did you mean \"%s\"?", head, unknown->nearest);
	else if (unknown->all[0])
		errors_add(errors, line, "%s; there are %s", head, unknown->all);
	else
		errors_add(errors, line, "%s; there is none", head);
}
