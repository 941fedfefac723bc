/*
 * The configuration that outlives a reboot: DIR/running.conf, canonical text. Written in two
 * halves around a publish, so that a commit that can't be stored changes nothing.
 */
#ifndef MGMT_STORE_H
#define MGMT_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "fw/base/err.h"

#define STORE_FILE    "running.conf"
#define STORE_REFUSED "refused.conf" /* the last one that a start could not make run */

/* All borrow dir, which is made where missing. ERR_io: errno says why; ERR_too_long. */

/* Writes text beside the file and to the disk; running.conf stays. */
enum err store_prepare(const char *dir, const char *text) __attribute__((warn_unused_result));
/* What was prepared becomes running.conf, on the disk too. */
enum err store_finish(const char *dir) __attribute__((warn_unused_result));
/* Forgets what was prepared, if anything was. */
void store_drop(const char *dir);
/* Whether running.conf is exactly this text. */
bool store_has(const char *dir, const char *text);
/* Keeps what running.conf says as refused.conf, whatever is committed later. */
enum err store_set_aside(const char *dir) __attribute__((warn_unused_result));
/* Opens running.conf for reading; ERR_not_found, ERR_io. Gives *fd. */
enum err store_open(const char *dir, int *fd) __attribute__((warn_unused_result));

#endif
