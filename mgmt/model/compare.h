/*
 * Models as lines: the set lines that make one, and what leads from one to another.
 */
#ifndef MGMT_MODEL_COMPARE_H
#define MGMT_MODEL_COMPARE_H

#include "mgmt/model/model.h"

/*
 * Lines for model_edit that make the model out of an empty one: an object a line, and one for each
 * value of its lists. Gives a malloc'd string, NULL when out of memory.
 */
char *model_set_lines(const struct model *model);
/*
 * "- set ..." for what from says and to does not, "+ set ..." for the reverse, a field at its
 * default not being said; "! ..." where only the order differs. Empty if they are equal but for
 * the order of routes, which has no meaning. Gives a malloc'd string, NULL when out of memory.
 */
char *model_compare(const struct model *from, const struct model *to);

#endif
