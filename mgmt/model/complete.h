/*
 * Whether objects have all their required fields. Those of a text have, or the parser would have
 * said so; those that were edited (their line is 0) may not.
 */
#ifndef MGMT_MODEL_COMPLETE_H
#define MGMT_MODEL_COMPLETE_H

#include <stdbool.h>

#include "mgmt/model/errors.h"
#include "mgmt/model/model.h"
#include "mgmt/model/schema.h"

/* Adds a message for each that is missing, with the object's name. */
void complete_check(const struct model *model, struct errors *errors);
/* Of one object: whether there is enough of it to say what else is wrong. */
bool complete_is(enum schema_noun noun, const void *object);

#endif
