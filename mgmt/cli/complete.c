/*
 * The grammar says which words fit; this adds what exists for the words in capitals. An argument
 * that is not in the list below is not completed.
 */
#include "mgmt/cli/complete.h"

#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/cli/setting.h"
#include "mgmt/cli/words.h"
#include "mgmt/push/view.h"

/* args: what was given for the row's arguments before this one. */
typedef void fill(struct cli *cli, const struct cli_args *args, struct choices *out);

static fill fill_pools, fill_members, fill_pools_and_members, fill_commands, fill_set, fill_delete,
    fill_ports, fill_capture_options, fill_ping_options;

#define PIPE_HELP "only some lines of it, or their number"

static const struct {
	const char *argument;
	fill *fill;
} known[] = {
	{ "POOL", fill_pools },
	{ "ADDRESS:PORT", fill_members },
	{ "POOL|ADDRESS:PORT", fill_pools_and_members },
	{ "COMMAND...", fill_commands },
	{ "SETTING...", fill_set },
	{ "OBJECT...", fill_delete },
	{ "PORT", fill_ports },
	{ "CAPTURE-OPTION...", fill_capture_options },
	{ "PING-OPTION...", fill_ping_options },
};

static void add_row(struct cli *cli, const struct words_match *match, size_t row,
		    char *const words[], size_t count, struct choices *out);
static void add_port(const struct cli_run *run, const struct gen_port *port, struct choices *out);
static void add_pool(const struct cli_run *run, const struct gen_pool *pool, struct choices *out);
static void
add_members(const struct cli_run *run, const struct gen_pool *pool, struct choices *out);
static bool open_quietly(struct cli *cli, struct cli_run *run);

bool
complete(struct cli *cli, char *const words[], size_t count, struct choices *out)
{
	struct words_match match;
	enum words_result result = words_match(cli->mode, words, count, &match);

	if (result != WORDS_FOUND && result != WORDS_INCOMPLETE)
		return false;
	for (size_t row = 0; row < COMMAND_COUNT; row++) {
		char word[WORDS_WORD_BYTES];

		if (words_is_argument(words_at(&match, row, count, word, sizeof word)))
			add_row(cli, &match, row, words, count, out);
		else if (*word)
			choices_add(out, word, "%s", commands[row].help);
	}
	if (match.pipe)
		choices_add_hint(out, "|", PIPE_HELP);
	return true;
}

void
complete_list(struct cli *cli, char *const words[], size_t count, const char *begin, FILE *out)
{
	struct words_match match;
	enum words_result result = words_match(cli->mode, words, count, &match);

	if (result != WORDS_FOUND && result != WORDS_INCOMPLETE)
		return;
	for (size_t row = 0; row < COMMAND_COUNT; row++) {
		struct choices given = { 0 };
		char word[WORDS_WORD_BYTES];

		if (words_is_argument(words_at(&match, row, count, word, sizeof word)))
			add_row(cli, &match, row, words, count, &given);
		if (given.count)
			choices_print(&given, begin, out);
		else if (*word &&
			 (words_is_argument(word) || strncmp(word, begin, strlen(begin)) == 0))
			fprintf(out, "  %-*s %s\n", WORDS_HELP_COLUMN, commands[row].words,
				commands[row].help);
		choices_free(&given);
	}
	if (match.pipe && !*begin)
		fprintf(out, "  %-*s %s\n", WORDS_HELP_COLUMN, "| FILTER", PIPE_HELP);
}

/* What exists for the row's argument that comes next. */
static void
add_row(struct cli *cli, const struct words_match *match, size_t row, char *const words[],
	size_t count, struct choices *out)
{
	char argument[WORDS_WORD_BYTES];
	struct cli_args args;

	words_at(match, row, count, argument, sizeof argument);
	words_arguments(match, row, words, count, &args);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strcmp(known[i].argument, argument) == 0)
			known[i].fill(cli, &args, out);
}

static void
fill_pools(struct cli *cli, const struct cli_args *args, struct choices *out)
{
	struct cli_run run;

	if (open_quietly(cli, &run))
		for (uint32_t i = 0; i < run.gen->pools.count; i++)
			add_pool(&run, &generation_pools(run.gen)[i], out);
	cli_run_close(&run);
}

/* args: the pool. */
static void
fill_members(struct cli *cli, const struct cli_args *args, struct choices *out)
{
	struct cli_run run;

	if (open_quietly(cli, &run))
		for (uint32_t i = 0; i < run.gen->pools.count; i++) {
			const struct gen_pool *pool = &generation_pools(run.gen)[i];

			if (strcmp(generation_text(run.gen, pool->name), args->word[0]) == 0)
				add_members(&run, pool, out);
		}
	cli_run_close(&run);
}

static void
fill_pools_and_members(struct cli *cli, const struct cli_args *args, struct choices *out)
{
	struct cli_run run;

	fill_pools(cli, args, out);
	if (open_quietly(cli, &run))
		for (uint32_t i = 0; i < run.gen->pools.count; i++)
			add_members(&run, &generation_pools(run.gen)[i], out);
	cli_run_close(&run);
}

/* Those of the other mode. */
static void
fill_commands(struct cli *cli, const struct cli_args *args, struct choices *out)
{
	struct cli other = *cli;

	other.mode = cli->mode == CLI_OPERATE ? CLI_CONFIGURE : CLI_OPERATE;
	complete(&other, args->word, args->count, out);
}

static void
fill_set(struct cli *cli, const struct cli_args *args, struct choices *out)
{
	setting_fill(cli, SETTING_SET, args->word, args->count, out);
}

static void
fill_delete(struct cli *cli, const struct cli_args *args, struct choices *out)
{
	setting_fill(cli, SETTING_DELETE, args->word, args->count, out);
}

static void
fill_ports(struct cli *cli, const struct cli_args *args, struct choices *out)
{
	struct cli_run run;

	if (open_quietly(cli, &run))
		for (uint32_t i = 0; i < run.gen->ports.count; i++)
			if (generation_bond_of(run.gen, i) == GENERATION_NONE)
				add_port(&run, &generation_ports(run.gen)[i], out);
	cli_run_close(&run);
}

/* args: filter, file, then name and value in turns. */
static void
fill_capture_options(struct cli *cli, const struct cli_args *args, struct choices *out)
{
	if (args->count % 2 == 0) {
		choices_add(out, "count", "so many frames, then it ends");
		choices_add(out, "on", "frames of one port only");
		choices_add(out, "snap-bytes", "so much of each frame only");
	} else if (strcmp(args->word[args->count - 1], "on") == 0) {
		fill_ports(cli, args, out);
	}
}

/* args: address, then name and value in turns. */
static void
fill_ping_options(struct cli *cli, const struct cli_args *args, struct choices *out)
{
	if (args->count % 2 == 1) {
		choices_add(out, "count", "so many probes, one a second");
		choices_add(out, "port", "from an address of one port");
		choices_add(out, "size", "bytes behind the header");
	} else if (strcmp(args->word[args->count - 1], "port") == 0) {
		fill_ports(cli, args, out);
	}
}

static void
add_port(const struct cli_run *run, const struct gen_port *port, struct choices *out)
{
	const char *name = generation_text(run->gen, port->name);

	if (port->parent == GENERATION_NONE)
		choices_add(out, name, port->bond_mode == GEN_BOND_NONE ? "port" : "bond");
	else
		choices_add(
		    out, name, "VLAN %u of port %s", port->tag,
		    generation_text(run->gen, generation_ports(run->gen)[port->parent].name));
}

static void
add_pool(const struct cli_run *run, const struct gen_pool *pool, struct choices *out)
{
	choices_add(out, generation_text(run->gen, pool->name), "pool of %u member%s",
		    pool->member_count, pool->member_count == 1 ? "" : "s");
}

static void
add_members(const struct cli_run *run, const struct gen_pool *pool, struct choices *out)
{
	for (uint32_t i = 0; i < pool->member_count; i++) {
		const struct gen_member *member =
		    &generation_members(run->gen)[pool->first_member + i];
		char name[ENDPOINT_TEXT_MAX];

		choices_add(out, endpoint_format(&member->endpoint, name), "member of pool %s",
			    generation_text(run->gen, pool->name));
	}
}

/* Completion has no place for messages. */
static bool
open_quietly(struct cli *cli, struct cli_run *run)
{
	*run = (struct cli_run){ 0 };
	return view_generation(cli->run_dir, &run->generation_map, &run->gen) == ERR_ok;
}
