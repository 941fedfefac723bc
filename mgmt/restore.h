/*
 * Finding out what runs: at mgmtd's start, and when the data plane runs something else than mgmtd
 * knows of.
 */
#ifndef MGMT_RESTORE_H
#define MGMT_RESTORE_H

#include <stdbool.h>

#include "mgmt/candidate.h"

/*
 * The first of these that is whole becomes what runs, and each one passed over is said on stderr:
 *
 *   the generation that a living data plane runs      nothing is published; what a killed commit
 *                                                     left undone is done
 *   config/current
 *   the store's running.conf
 *   the history's generations, newest first
 *   the text in config
 *
 * A stored text that is right and that the data plane refuses stays in the store, for the next start and the operator;
 * what runs in its place (history: "fallback") keeps its management addresses, and mgmtd.status says why. A damaged one is
 * set aside. While the data plane has not answered for it, nothing else is published.
 *
 * False: none is, and no data plane runs anything.
 */
bool restore(struct candidate *candidate, const char *config);
/* If the data plane runs another whole generation than the candidate knows of, that is what runs. */
void restore_follow(struct candidate *candidate);

#endif
