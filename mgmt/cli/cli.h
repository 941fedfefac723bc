/*
 * What the commands of the command line share.
 */
#ifndef MGMT_CLI_CLI_H
#define MGMT_CLI_CLI_H

#include <stdbool.h>
#include <stdio.h>

#include "fw/abi/files.h"
#include "fw/abi/generation.h"
#include "fw/abi/health.h"
#include "fw/abi/stats.h"

/* Exit codes, and what each command returns. */
enum cli_code { CLI_OK, CLI_FAILED, CLI_USAGE };

/* Where a command is understood. FILTER: behind `|`. */
enum cli_mode { CLI_OPERATE, CLI_CONFIGURE, CLI_FILTER };

struct cli {
	const char *run_dir;
	const char *board_file, *sys_dir, *keys_file; /* NULL: the appliance's */
	FILE *in;        /* filters only: what the command before the `|` printed; borrowed */
	FILE *out, *err; /* borrowed */
	enum cli_mode mode;
	bool done; /* `exit` was given */
	bool stop; /* lines from a pipe end here: what follows relies on what failed */
};

#define WORDS_MAX 48u /* words of a line */

/* The words that stood for those in capitals; lent for the call. */
struct cli_args {
	char *word[WORDS_MAX];
	size_t count;
};

#define X(words, modes, function, help)                                                            \
	enum cli_code function(struct cli *cli, const struct cli_args *args);
#include "mgmt/cli/commands.tbl"

/* The run directory's files, mapped. A pointer is NULL where the file was not asked for. */
struct cli_run {
	struct file_map stats_map, health_map, generation_map;
	const struct stats *stats;
	struct health_table
	    *health; /* read-only memory; NULL too when the data plane has none yet */
	const struct generation *gen;
};

enum cli_need { CLI_NEED_STATS = 1, CLI_NEED_GENERATION = 2 };

/*
 * Maps what is needed (bits of enum cli_need); statistics only of a data plane that lives. False if
 * something is missing, and said so. cli_run_close in any case.
 */
bool cli_run_open(struct cli *cli, struct cli_run *run, unsigned need);
void cli_run_close(struct cli_run *run);

/* Counters by slot, 0 while the slot is still another owner's. */
uint64_t cli_vs_counter(const struct cli_run *run, const struct gen_virtual_server *vs,
			enum vs_counter counter);
uint64_t cli_member_counter(const struct cli_run *run, const struct gen_member *member,
			    enum member_counter counter);
/* "2023-11-14T22:13:20Z", with milliseconds if so asked; "" for 0. Returns out. */
#define CLI_TIME_BYTES 40
const char *cli_time(uint64_t unix_us, bool milliseconds, char out[CLI_TIME_BYTES]);

/* What is wrong with the box, behind an empty line; false: nothing is. */
bool cli_print_status(const struct cli *cli);

/* A line of commands, or "?" behind a beginning of one. Messages go to cli->err. */
enum cli_code cli_line(struct cli *cli, const char *line);
/* The words of one command. Borrows. */
enum cli_code cli_words(struct cli *cli, char *const words[], size_t count);
/*
 * Reads commands: from a terminal with editing, history and completion, else line by line. The
 * worst code of all.
 */
enum cli_code cli_interactive(struct cli *cli);
enum cli_code cli_batch(struct cli *cli, FILE *in);

/* Back to operational mode; says so if edits are left uncommitted. */
void cli_leave_configuration(struct cli *cli);

#endif
