/*
 * Changing a model by lines of words: set and delete, as people write them and compare.c prints
 * them. mgmt/push/request.h has their grammar.
 */
#ifndef MGMT_MODEL_EDIT_H
#define MGMT_MODEL_EDIT_H

#include <stdbool.h>

#include "mgmt/model/errors.h"
#include "mgmt/model/model.h"

#define EDIT_LINE_BYTES 4096u /* with its NUL; the longest that compare.c writes is shorter */
#define EDIT_WORDS      64u

/*
 * Applies the line wholly, or (false) not at all; then errors has the reason. Objects that it makes
 * may miss required fields and references may dangle: model_validate says so. New objects are the
 * last of their kind.
 */
bool model_edit(struct model *model, const char *line, struct errors *errors);

#endif
