/*
 * The command line on a terminal: libedit for editing and history, the Tab key completes, `?` lists
 * what may follow.
 */
#include <histedit.h>
#include <stdlib.h>
#include <string.h>

#include "mgmt/cli/cli.h"
#include "mgmt/cli/words.h"

#define HISTORY_LINES 500

static char *prompt(EditLine *el);
static unsigned char complete(EditLine *el, int c);
static unsigned char list(EditLine *el, int c);
static size_t shared_beginning(const struct words_match *match, size_t at, const char *begin,
			       char *out, size_t out_bytes, size_t *count);
static bool line_to_cursor(EditLine *el, struct words *words, struct words_match *match, size_t *at,
			   const char **begin);

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
	el_set(el, EL_PROMPT, prompt);
	el_set(el, EL_EDITOR, "emacs");
	el_set(el, EL_SIGNAL, 1);
	el_set(el, EL_HIST, history, past);
	el_set(el, EL_ADDFN, "fairlead-complete", "complete the word", complete);
	el_set(el, EL_ADDFN, "fairlead-list", "list what may follow", list);
	el_set(el, EL_BIND, "^I", "fairlead-complete", NULL);
	el_set(el, EL_BIND, "?", "fairlead-list", NULL);
	while (!cli->done && (line = el_gets(el, &len)) && len > 0) {
		if (strspn(line, " \t\r\n") != (size_t)len)
			history(past, &event, H_ENTER, line);
		cli_line(cli, line);
		fflush(cli->out);
	}
	if (!cli->done)
		fputc('\n', cli->out);
	history_end(past);
	el_end(el);
	return CLI_OK;
}

static char *
prompt(EditLine *el)
{
	static char text[] = "fairlead> ";

	return text;
}

static unsigned char
complete(EditLine *el, int c)
{
	struct words_match match;
	struct words words;
	const char *begin;
	char shared[64];
	size_t at, count;

	if (!line_to_cursor(el, &words, &match, &at, &begin))
		return CC_ERROR;
	if (shared_beginning(&match, at, begin, shared, sizeof shared, &count) <= strlen(begin) &&
	    count != 1)
		return list(el, c);
	if (el_insertstr(el, shared + strlen(begin)) != 0 ||
	    (count == 1 && el_insertstr(el, " ") != 0))
		return CC_ERROR;
	return CC_REFRESH;
}

static unsigned char
list(EditLine *el, int c)
{
	struct words_match match;
	struct words words;
	const char *begin;
	size_t at;

	if (!line_to_cursor(el, &words, &match, &at, &begin))
		return CC_ERROR;
	fputc('\n', stdout);
	words_list(stdout, &match, at, begin);
	fflush(stdout);
	return CC_REDISPLAY;
}

/*
 * What all words that may stand there have in common behind `begin`, and how many different ones
 * there are.
 */
static size_t
shared_beginning(const struct words_match *match, size_t at, const char *begin, char *out,
		 size_t out_bytes, size_t *count)
{
	*count = 0;
	out[0] = '\0';
	for (size_t c = 0; c < command_count; c++) {
		char word[64];
		size_t same = 0;

		words_of(&commands[c], at, word, sizeof word);
		if (!match->alive[c] || !*word || (word[0] >= 'A' && word[0] <= 'Z') ||
		    strncmp(word, begin, strlen(begin)) != 0)
			continue;
		if (*count > 0 && strcmp(word, out) == 0)
			continue;
		if (*count == 0)
			snprintf(out, out_bytes, "%s", word);
		while (out[same] && out[same] == word[same])
			same++;
		out[same] = '\0';
		++*count;
	}
	return strlen(out);
}

/*
 * The complete words before the cursor narrow the commands; the word at the cursor is the
 * beginning to go on from.
 */
static bool
line_to_cursor(EditLine *el, struct words *words, struct words_match *match, size_t *at,
	       const char **begin)
{
	const LineInfo *info = el_line(el);
	char line[WORDS_BYTES];
	size_t len = (size_t)(info->cursor - info->buffer);
	enum words_result result;

	if (len >= sizeof line)
		return false;
	memcpy(line, info->buffer, len);
	line[len] = '\0';
	if (!words_split(line, words))
		return false;
	*at = words->count - words->open;
	*begin = words->open ? words->word[*at] : "";
	result = words_match(words->word, *at, match);
	return result == WORDS_FOUND || result == WORDS_INCOMPLETE;
}
