/*
 * The command line on a terminal: libedit for editing and history, the Tab key completes, `?` lists
 * what may follow, ^C drops the line.
 */
#include <histedit.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "mgmt/cli/cli.h"
#include "mgmt/cli/complete.h"
#include "mgmt/cli/words.h"

#define HISTORY_LINES 500

static char *prompt(EditLine *el);
static unsigned char tab(EditLine *el, int c);
static unsigned char list(EditLine *el, int c);
static unsigned char drop_line(EditLine *el, int c);
static struct cli *client(EditLine *el);
static bool line_to_cursor(EditLine *el, struct words *words, size_t *at, const char **begin);

enum cli_code
cli_interactive(struct cli *cli)
{
	EditLine *el = el_init("fairlead", stdin, cli->out, cli->err);
	History *past = history_init();
	HistEvent event;
	const char *line;
	int len;

	if (!el || !past) {
		if (past)
			history_end(past);
		if (el)
			el_end(el);
		return cli_batch(cli, stdin);
	}
	history(past, &event, H_SETSIZE, HISTORY_LINES);
	history(past, &event, H_SETUNIQUE, 1);
	el_set(el, EL_CLIENTDATA, cli);
	el_set(el, EL_PROMPT, prompt);
	el_set(el, EL_EDITOR, "emacs");
	el_set(el, EL_SIGNAL, 1);
	el_set(el, EL_HIST, history, past);
	el_set(el, EL_ADDFN, "fairlead-complete", "complete the word", tab);
	el_set(el, EL_ADDFN, "fairlead-list", "list what may follow", list);
	el_set(el, EL_BIND, "^I", "fairlead-complete", NULL);
	el_set(el, EL_BIND, "?", "fairlead-list", NULL);
	el_set(el, EL_ADDFN, "fairlead-drop", "drop the line", drop_line);
	el_set(el, EL_BIND, "^C", "fairlead-drop", NULL);
	el_set(el, EL_SETTY, "-d", "-isig", NULL); /* ^C is a key, and ^Z leads nowhere */
	signal(SIGINT, SIG_IGN);                   /* between lines, too: it is a login shell */
	if (cli_print_status(cli))
		fputc('\n', cli->out);
	while (!cli->done && (line = el_gets(el, &len)) && len > 0) {
		if (strspn(line, " \t\r\n") != (size_t)len)
			history(past, &event, H_ENTER, line);
		cli_line(cli, line);
		fflush(cli->out);
	}
	if (!cli->done)
		fputc('\n', cli->out);
	cli_leave_configuration(cli);
	history_end(past);
	el_end(el);
	return CLI_OK;
}

static char *
prompt(EditLine *el)
{
	static char prompts[][12] = {
		[CLI_OPERATE] = "fairlead> ", [CLI_CONFIGURE] = "fairlead# "
	};

	return prompts[client(el)->mode];
}

static unsigned char
tab(EditLine *el, int c)
{
	struct choices choices = { 0 };
	char shared[WORDS_BYTES];
	struct cli *cli = client(el);
	struct words words;
	const char *begin;
	size_t at, count = 0;
	unsigned char result = CC_ERROR;

	if (line_to_cursor(el, &words, &at, &begin) && complete(cli, words.word, at, &choices))
		count = choices_shared(&choices, begin, shared, sizeof shared);
	if (count != 1 && choices.count && (count == 0 || strlen(shared) == strlen(begin)))
		result = list(el, c);
	else if (count > 0 && el_insertstr(el, shared + strlen(begin)) == 0 &&
		 (count > 1 || el_insertstr(el, " ") == 0))
		result = CC_REFRESH;
	choices_free(&choices);
	return result;
}

static unsigned char
list(EditLine *el, int c)
{
	struct cli *cli = client(el);
	struct words words;
	const char *begin;
	size_t at;

	if (!line_to_cursor(el, &words, &at, &begin)) /* in quotes it is a character */
		return c == '?' && el_insertstr(el, "?") == 0 ? CC_REFRESH : CC_ERROR;
	fputc('\n', cli->out);
	complete_list(cli, words.word, at, begin, cli->out);
	fflush(cli->out);
	return CC_REDISPLAY;
}

static unsigned char
drop_line(EditLine *el, int c)
{
	const LineInfo *info = el_line(el);
	int behind_cursor = (int)(info->lastchar - info->cursor);
	int len = (int)(info->lastchar - info->buffer);

	fputs("^C\n", client(el)->out);
	fflush(client(el)->out);
	el_cursor(el, behind_cursor);
	el_deletestr(el, len);
	return CC_REDISPLAY;
}

static struct cli *
client(EditLine *el)
{
	void *cli = NULL;

	el_get(el, EL_CLIENTDATA, &cli);
	return cli;
}

/* The complete words before the cursor, and the beginning of the one at the cursor. */
static bool
line_to_cursor(EditLine *el, struct words *words, size_t *at, const char **begin)
{
	const LineInfo *info = el_line(el);
	char line[WORDS_BYTES];
	size_t len = (size_t)(info->cursor - info->buffer);

	if (len >= sizeof line)
		return false;
	memcpy(line, info->buffer, len);
	line[len] = '\0';
	if (!words_split(line, words))
		return false;
	*at = words->count - words->open;
	*begin = words->open ? words->word[*at] : "";
	return true;
}
