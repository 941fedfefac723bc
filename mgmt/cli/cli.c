/*
 * From a line to the command's function and through its filters, and what to say when there is none.
 */
#include "mgmt/cli/cli.h"

#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/cli/complete.h"
#include "mgmt/cli/words.h"

static void say_unknown(const struct cli *cli, char *const words[], size_t count,
			const struct words_match *match);
static enum cli_code run(struct cli *cli, const struct words_match *match);
static enum cli_code run_filtered(struct cli *cli, const struct words_match *match, size_t part);

enum cli_code
cli_line(struct cli *cli, const char *line)
{
	struct words words;

	if (!words_split(line, &words)) {
		fprintf(cli->err, "the line is too long, or a quote is missing\n");
		return CLI_USAGE;
	}
	return words.count ? cli_words(cli, words.word, words.count) : CLI_OK;
}

enum cli_code
cli_words(struct cli *cli, char *const words[], size_t count)
{
	struct words_match match;
	bool asked = strcmp(words[count - 1], "?") == 0;

	if (count > WORDS_MAX) {
		fprintf(cli->err, "more than %u words; say it in several lines\n", WORDS_MAX);
		return CLI_USAGE;
	}
	switch (words_match(cli->mode, words, count - asked, &match)) {
	case WORDS_FOUND:
		if (!asked)
			return run(cli, &match);
		break;
	case WORDS_INCOMPLETE:
		if (!asked)
			fprintf(cli->err, "the command is not complete; there are:\n");
		break;
	case WORDS_UNKNOWN:
		say_unknown(cli, words, count - asked, &match);
		return CLI_USAGE;
	case WORDS_AMBIGUOUS:
		fprintf(cli->err, "%s may mean:\n", words[match.at]);
		words_list(cli->err, &match, match.at, "");
		return CLI_USAGE;
	}
	complete_list(cli, words, count - asked, "", asked ? cli->out : cli->err);
	return asked ? CLI_OK : CLI_USAGE;
}

static enum cli_code
run(struct cli *cli, const struct words_match *match)
{
	if (match->parts == 1)
		return match->part[0].command->run(cli, &match->part[0].args);
	return run_filtered(cli, match, match->parts - 1);
}

/* Everything before the part goes into memory, and the part reads it from there. */
static enum cli_code
run_filtered(struct cli *cli, const struct words_match *match, size_t part)
{
	FILE *out = cli->out;
	char *text = NULL;
	size_t text_bytes = 0;
	enum cli_code code, filtered;

	cli->out = open_memstream(&text, &text_bytes);
	ASSERT(cli->out);
	if (part > 1)
		code = run_filtered(cli, match, part - 1);
	else
		code = match->part[0].command->run(cli, &match->part[0].args);
	fclose(cli->out);
	cli->out = out;
	cli->in = fmemopen(text, text_bytes, "r");
	ASSERT(cli->in);
	filtered = match->part[part].command->run(cli, &match->part[part].args);
	fclose(cli->in);
	cli->in = NULL;
	free(text);
	return code > filtered ? code : filtered;
}

/* Who asks in the wrong mode is told where the command is. */
static void
say_unknown(const struct cli *cli, char *const words[], size_t count,
	    const struct words_match *match)
{
	bool operate = cli->mode == CLI_OPERATE;
	struct choices there = { 0 };
	struct words_match other;
	enum words_result result =
	    words_match(operate ? CLI_CONFIGURE : CLI_OPERATE, words, count, &other);

	if (result == WORDS_FOUND || result == WORDS_INCOMPLETE) {
		fprintf(cli->err, "%s is a command of %s mode: %s\n", words[0],
			operate ? "configuration" : "operational",
			operate ? "enter it with configure" : "say run in front of it");
		return;
	}
	for (size_t row = 0; row < COMMAND_COUNT; row++) {
		char word[WORDS_WORD_BYTES];

		if (*words_at(match, row, match->at, word, sizeof word) && !words_is_argument(word))
			choices_add(&there, word, "%s", commands[row].help);
	}
	fprintf(cli->err, "no such command: %s", words[match->at]);
	if (choices_nearest(&there, words[match->at])) {
		choices_say_nearest(&there, words[match->at], cli->err);
	} else {
		fprintf(cli->err, "; there are:\n");
		words_list(cli->err, match, match->at, "");
	}
	choices_free(&there);
}

/*
 * Commands that look go on whatever happens. Behind a refused line of configuration mode nothing
 * is run: a commit would make half of what was meant run.
 */
enum cli_code
cli_batch(struct cli *cli, FILE *in)
{
	enum cli_code worst = CLI_OK;
	char *line = NULL;
	size_t size = 0, number = 0;

	while (!cli->done && !cli->stop && getline(&line, &size, in) > 0) {
		enum cli_code code = cli_line(cli, line);

		number++;
		worst = code > worst ? code : worst;
		fflush(cli->out);
		if (code == CLI_OK)
			continue;
		cli->stop |= cli->mode == CLI_CONFIGURE;
		fprintf(cli->err, "line %zu failed: %.*s%s\n", number, (int)strcspn(line, "\n"),
			line, cli->stop ? "; the lines behind it were not run" : "");
	}
	cli_leave_configuration(cli);
	free(line);
	return worst;
}
