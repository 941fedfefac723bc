/*
 * From text to running configuration: parse, validate, publish, and one text for people about how
 * it went.
 */
#ifndef MGMT_COMMIT_H
#define MGMT_COMMIT_H

#include <stddef.h>

#include "fw/base/err.h"
#include "mgmt/push/publish.h"
#include "mgmt/push/request.h"

/*
 * Makes the text of the regular file fd the running configuration. name is for messages. said:
 * lines without the last newline.
 */
enum err commit_load(struct publisher *publisher, int fd, const char *name,
		     char said[REQUEST_TEXT_BYTES]) __attribute__((warn_unused_result));
/* Only says what is wrong with it. */
enum err commit_check(int fd, const char *name, char said[REQUEST_TEXT_BYTES])
    __attribute__((warn_unused_result));

#endif
