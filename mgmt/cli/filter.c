/*
 * What may stand behind a `|`: lines of one command, read from cli->in, that are shown or counted.
 * A heading (a first line in capitals) stays with `match` and `except`, and is not counted.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "mgmt/cli/cli.h"

static enum cli_code pass_lines(struct cli *cli, const char *text, bool wanted);
static bool is_heading(const char *line);

enum cli_code
filter_match(struct cli *cli, const struct cli_args *args)
{
	return pass_lines(cli, args->word[0], true);
}

enum cli_code
filter_except(struct cli *cli, const struct cli_args *args)
{
	return pass_lines(cli, args->word[0], false);
}

enum cli_code
filter_count(struct cli *cli, const struct cli_args *args)
{
	size_t count = 0, size = 0;
	char *line = NULL;
	bool first = true;

	while (getline(&line, &size, cli->in) > 0) {
		count += !(first && is_heading(line));
		first = false;
	}
	free(line);
	fprintf(cli->out, "%zu\n", count);
	return CLI_OK;
}

static enum cli_code
pass_lines(struct cli *cli, const char *text, bool wanted)
{
	char *line = NULL;
	size_t size = 0;
	bool first = true;

	while (getline(&line, &size, cli->in) > 0) {
		if ((first && is_heading(line)) || (strstr(line, text) != NULL) == wanted)
			fputs(line, cli->out);
		first = false;
	}
	free(line);
	return CLI_OK;
}

/* Several words, none with a small letter. */
static bool
is_heading(const char *line)
{
	bool blank = false;

	if (!isupper((unsigned char)line[strspn(line, " >")]))
		return false;
	for (; *line && *line != '\n'; line++) {
		if (islower((unsigned char)*line))
			return false;
		blank |= *line == ' ';
	}
	return blank;
}
