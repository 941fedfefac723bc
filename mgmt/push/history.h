/*
 * Which generations were committed, and how: config/history below the run directory, a line each,
 * oldest first. Their files are kept for rollback.
 */
#ifndef MGMT_PUSH_HISTORY_H
#define MGMT_PUSH_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "fw/base/err.h"
#include "mgmt/model/model.h"

#define HISTORY_MAX          10u /* the current one among them */
#define HISTORY_ORIGIN_BYTES 16
#define HISTORY_WHY_BYTES    160

struct history_entry {
	uint64_t number, unix_s;
	char origin[HISTORY_ORIGIN_BYTES]; /* one word: commit, load, start, fallback */
};

struct history {
	uint32_t count;
	struct history_entry entry[HISTORY_MAX]; /* oldest first */
};

/* What is there; nothing from the first line on that is damaged. */
void history_read(const char *run_dir, struct history *history);
/*
 * Makes number the newest: those above it, which were never finished, go. One that is there
 * already stays as it is. ERR_io: errno says why.
 */
enum err history_add(const char *run_dir, uint64_t number, uint64_t unix_s, const char *origin)
    __attribute__((warn_unused_result));
bool history_has(const struct history *history, uint64_t number);
/*
 * The model of a generation of this run directory. On anything but ERR_ok why says what is the
 * matter with its file. Gives the model's arrays.
 */
enum err history_model(const char *run_dir, uint64_t number, struct model *model,
		       char why[HISTORY_WHY_BYTES]) __attribute__((warn_unused_result));

#endif
