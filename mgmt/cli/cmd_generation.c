/*
 * show generations: which configuration new sessions use, which older ones sessions still hold (the
 * data plane's statistics), and what `rollback` reaches (mgmtd; without it that column stays empty).
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/cli/cli.h"
#include "mgmt/cli/table.h"
#include "mgmt/push/ask.h"

#define TIMEOUT_MS   3000u
#define NO_ROLLBACK  UINT32_MAX
#define ORIGIN_BYTES 64

struct line {
	uint64_t number, created_unix_s;
	const struct stats_generation *live; /* NULL: the data plane has it no more */
	uint32_t rollback;
	char origin[ORIGIN_BYTES];
};

struct lines {
	struct line *line;
	size_t count;
};

static void add_history(const struct cli *cli, struct lines *lines);
static void add_live(const struct stats *stats, struct lines *lines);
static struct line *line_of(struct lines *lines, uint64_t number);
static int by_number(const void *a, const void *b);
static void add_row(struct table *table, const struct stats *stats, const struct line *line);

enum cli_code
cmd_show_generations(struct cli *cli, const struct cli_args *args)
{
	static const char *const heads[] = { ">NUMBER",   "STATE",     "CREATED", "ADOPTED",
					     ">SESSIONS", ">ROLLBACK", "ORIGIN" };
	struct lines lines = { 0 };
	struct cli_run run;
	struct table table;

	if (!cli_run_open(cli, &run, CLI_NEED_STATS)) {
		cli_run_close(&run);
		return CLI_FAILED;
	}
	add_history(cli, &lines);
	add_live(run.stats, &lines);
	if (lines.count)
		qsort(lines.line, lines.count, sizeof *lines.line, by_number);
	table_init(&table, heads, ARRAY_SIZE(heads));
	for (size_t i = 0; i < lines.count; i++)
		add_row(&table, run.stats, &lines.line[i]);
	table_print(&table, cli->out);
	free(lines.line);
	cli_run_close(&run);
	return CLI_OK;
}

/* Lines "number generation unix-seconds origin". */
static void
add_history(const struct cli *cli, struct lines *lines)
{
	struct request request = { .kind = REQUEST_HISTORY };
	struct reply reply;
	char *text, *rest, *at;

	if (ask_mgmtd(cli->run_dir, TIMEOUT_MS, &request, -1, &reply, &text) != ERR_ok)
		return;
	for (at = text ? strtok_r(text, "\n", &rest) : NULL; at; at = strtok_r(NULL, "\n", &rest)) {
		struct line line = { 0 };

		if (sscanf(at, "%" SCNu32 " %" SCNu64 " %" SCNu64 " %63s", &line.rollback,
			   &line.number, &line.created_unix_s, line.origin) == 4 &&
		    line.number)
			*line_of(lines, line.number) = line;
	}
	free(text);
}

static void
add_live(const struct stats *stats, struct lines *lines)
{
	for (uint32_t i = 0; i < LIMIT_GENERATIONS_LIVE && stats->live[i].number; i++) {
		struct line *line = line_of(lines, stats->live[i].number);

		line->live = &stats->live[i];
		line->created_unix_s = stats->live[i].created_unix_s;
	}
}

/* Found or made. */
static struct line *
line_of(struct lines *lines, uint64_t number)
{
	for (size_t i = 0; i < lines->count; i++)
		if (lines->line[i].number == number)
			return &lines->line[i];
	lines->line = realloc(lines->line, (lines->count + 1) * sizeof *lines->line);
	ASSERT(lines->line);
	lines->line[lines->count] = (struct line){ .number = number, .rollback = NO_ROLLBACK };
	return &lines->line[lines->count++];
}

static int
by_number(const void *a, const void *b)
{
	const struct line *left = a, *right = b;

	return left->number < right->number ? -1 : left->number > right->number;
}

static void
add_row(struct table *table, const struct stats *stats, const struct line *line)
{
	const struct stats_generation *live = line->live;
	char time[CLI_TIME_BYTES];

	table_add(table, "%" PRIu64, line->number);
	table_add(table, "%s", line->number == stats->generation ? "runs" : live ? "held" : "past");
	table_add(table, "%s", cli_time(line->created_unix_s * 1000000, false, time));
	table_add(table, "%s", cli_time(live ? live->adopted_unix_us : 0, false, time));
	if (live)
		table_add(table, "%" PRIu64, live->sessions);
	else
		table_add(table, "%s", "");
	if (line->rollback != NO_ROLLBACK)
		table_add(table, "%u", line->rollback);
	else
		table_add(table, "%s", "");
	table_add(table, "%s", line->origin);
}
