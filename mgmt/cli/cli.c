/*
 * From a line to the command's function, and what to say when there is none.
 */
#include "mgmt/cli/cli.h"

#include <stdlib.h>
#include <string.h>

#include "mgmt/cli/words.h"

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

	switch (words_match(words, count - asked, &match)) {
	case WORDS_FOUND:
		if (!asked)
			return match.command->run(cli, match.argument);
		break;
	case WORDS_INCOMPLETE:
		if (!asked)
			fprintf(cli->err, "the command is not complete; there are:\n");
		break;
	case WORDS_UNKNOWN:
		fprintf(cli->err, "no such command: %s; there are:\n", words[match.at]);
		words_list(cli->err, &match, match.at, "");
		return CLI_USAGE;
	case WORDS_AMBIGUOUS:
		fprintf(cli->err, "%s may mean:\n", words[match.at]);
		words_list(cli->err, &match, match.at, "");
		return CLI_USAGE;
	}
	words_list(asked ? cli->out : cli->err, &match, count - asked, "");
	return asked ? CLI_OK : CLI_USAGE;
}

enum cli_code
cli_batch(struct cli *cli, FILE *in)
{
	enum cli_code worst = CLI_OK;
	char *line = NULL;
	size_t size = 0;

	while (!cli->done && getline(&line, &size, in) > 0) {
		enum cli_code code = cli_line(cli, line);

		worst = code > worst ? code : worst;
		fflush(cli->out);
	}
	free(line);
	return worst;
}
