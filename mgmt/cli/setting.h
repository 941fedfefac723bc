/*
 * set and delete lines: where in their grammar (mgmt/push/request.h) a beginning of one stands, by
 * mgmt/model/schema.tbl alone, so that they can be completed and shortened.
 */
#ifndef MGMT_CLI_SETTING_H
#define MGMT_CLI_SETTING_H

#include "mgmt/cli/choices.h"
#include "mgmt/cli/cli.h"

enum setting_verb { SETTING_SET, SETTING_DELETE };

/*
 * Adds what may stand behind the words that follow the verb. Names of what exists come from the
 * candidate. Borrows words.
 */
void setting_fill(const struct cli *cli, enum setting_verb verb, char *const words[], size_t count,
		  struct choices *out);
/*
 * The line for mgmtd: nouns, fields and words of choices written out, other words as they are, in
 * quotes where they need it. False: longer than out_bytes.
 */
bool setting_line(enum setting_verb verb, char *const words[], size_t count, char *out,
		  size_t out_bytes);

#endif
