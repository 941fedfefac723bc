/*
 * The one candidate that mgmtd holds, beside the model of what runs: changed by lines, shown,
 * compared, rolled back, committed (mgmt/commit.h).
 */
#ifndef MGMT_CANDIDATE_H
#define MGMT_CANDIDATE_H

#include <stdint.h>

#include "fw/base/err.h"
#include "mgmt/model/model.h"
#include "mgmt/push/publish.h"
#include "mgmt/push/request.h"

struct candidate {
	struct publisher *publisher; /* borrows */
	const char *store_dir;       /* borrows; NULL: nothing is stored */
	uint64_t running_number;     /* the generation that running was compiled to; 0: none */
	struct model running;        /* what runs; empty at first */
	struct model model;          /* the candidate itself */
	uint32_t edits;              /* since it was the same as running */
};

/* Both models empty. Borrows publisher and store_dir for its life. */
void
candidate_init(struct candidate *candidate, struct publisher *publisher, const char *store_dir);
void candidate_free(struct candidate *candidate);
/*
 * said gets one text for people in all of these, maybe an empty one.
 *
 * One line of mgmt/push/request.h. ERR_invalid: it changed nothing.
 */
enum err candidate_edit(struct candidate *candidate, const char *line,
			char said[REQUEST_TEXT_BYTES]) __attribute__((warn_unused_result));
/* Says all that is wrong with it, up to 20. */
enum err candidate_validate(const struct candidate *candidate, char said[REQUEST_TEXT_BYTES])
    __attribute__((warn_unused_result));
/*
 * Candidate := what runs (0), or the n-th committed before it. ERR_not_found: the history is
 * shorter; ERR_corrupt, ERR_version: that generation's file can't be used.
 */
enum err candidate_rollback(struct candidate *candidate, uint32_t n, char said[REQUEST_TEXT_BYTES])
    __attribute__((warn_unused_result));
/* What can be rolled back to, as REQUEST_HISTORY has it. Gives a malloc'd string. */
char *candidate_history(const struct candidate *candidate);
/*
 * What runs is now model, of that generation, and the candidate is the same. Takes model's arrays
 * whatever happens. ERR_no_memory.
 */
enum err candidate_is_running(struct candidate *candidate, struct model *model, uint64_t number)
    __attribute__((warn_unused_result));
/* The same, but edits that are not committed stay in the candidate. */
enum err candidate_runs_beside(struct candidate *candidate, struct model *model, uint64_t number)
    __attribute__((warn_unused_result));

#endif
