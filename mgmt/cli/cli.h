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

struct cli {
	const char *run_dir;
	FILE *out, *err; /* borrowed */
	bool done;       /* `exit` was given */
};

/* argument: the word that stood for the one in capitals, else NULL; lent for the call. */
#define X(words, function, help) enum cli_code function(struct cli *cli, const char *argument);
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
/* What the pool's monitor found out; NULL: the pool has none, or it was not probed yet. Lends. */
const struct health_entry *
cli_member_health(const struct cli_run *run, const struct gen_member *member);
/* "up", "down", "unknown", or "no-monitor". */
const char *cli_member_state(const struct cli_run *run, const struct gen_member *member);

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

#endif
