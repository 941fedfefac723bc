/*
 * What may come next on a line: words of the table, and what exists for its arguments.
 */
#ifndef MGMT_CLI_COMPLETE_H
#define MGMT_CLI_COMPLETE_H

#include "mgmt/cli/choices.h"
#include "mgmt/cli/cli.h"

/*
 * Adds what may stand behind the `count` words. False if nothing can, since the words are none of a
 * command. Borrows words; asks mgmtd or the run directory for names.
 */
bool complete(struct cli *cli, char *const words[], size_t count, struct choices *out);
/* The same for reading, only what begins with `begin`: commands with their help, names, values. */
void
complete_list(struct cli *cli, char *const words[], size_t count, const char *begin, FILE *out);

#endif
