/*
 * A first look at a configuration text, before libconfig gets it.
 */
#ifndef MGMT_MODEL_SCAN_H
#define MGMT_MODEL_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "mgmt/model/errors.h"

#define SCAN_GROUP_FIELDS 64u /* in one group; libconfig's time grows with the square of it */
#define SCAN_DEPTH        8u  /* groups within groups */

/* False, with one error, if the text is too long, is no text, or is not built like one of ours. */
bool scan_text(const char *text, size_t text_bytes, struct errors *errors);

#endif
