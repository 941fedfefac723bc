/*
 * From text or candidate to running configuration: parse, validate, store, publish, and one text
 * for people about how it went.
 */
#ifndef MGMT_COMMIT_H
#define MGMT_COMMIT_H

#include <stddef.h>

#include "fw/base/err.h"
#include "mgmt/candidate.h"
#include "mgmt/push/request.h"

/*
 * All set said: lines without the last newline. On anything but ERR_ok the configuration and the
 * store are as before, unless said tells that it runs but could not be stored.
 *
 * Makes the text of the regular file fd the running configuration, and the candidate too: edits
 * that were not committed are dropped, which said tells. name is for messages, origin for the
 * history.
 */
enum err commit_load(struct candidate *candidate, int fd, const char *name, const char *origin,
		     char said[REQUEST_TEXT_BYTES]) __attribute__((warn_unused_result));
/* The same of the candidate. */
enum err commit_candidate(struct candidate *candidate, char said[REQUEST_TEXT_BYTES])
    __attribute__((warn_unused_result));
/* The same of a valid model; takes its arrays whatever happens. */
enum err commit_model(struct candidate *candidate, struct model *model, const char *origin,
		      char said[REQUEST_TEXT_BYTES]) __attribute__((warn_unused_result));
/* Brings the store up to what runs, if it says something else. */
enum err commit_store(struct candidate *candidate, char said[REQUEST_TEXT_BYTES])
    __attribute__((warn_unused_result));
/* The model of the text of the regular file fd. Gives its arrays. */
enum err commit_read(int fd, const char *name, struct model *model, char said[REQUEST_TEXT_BYTES])
    __attribute__((warn_unused_result));
/* Only says what is wrong with a text. */
enum err commit_check(int fd, const char *name, char said[REQUEST_TEXT_BYTES])
    __attribute__((warn_unused_result));

#endif
