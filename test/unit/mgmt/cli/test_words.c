/* Taking lines apart and finding the command that is meant. */
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/cli/words.h"
#include "test/unit/unit.h"

static void
split_takes_words_quotes_and_comments(void)
{
	struct words w;

	CU_ASSERT_TRUE(words_split("  show\tpools  # all of them\n", &w));
	CU_ASSERT_EQUAL(w.count, 2);
	CU_ASSERT_STRING_EQUAL(w.word[0], "show");
	CU_ASSERT_STRING_EQUAL(w.word[1], "pools");
	CU_ASSERT_TRUE(words_split("load \"a file\"b#c", &w));
	CU_ASSERT_EQUAL(w.count, 2);
	CU_ASSERT_STRING_EQUAL(w.word[1], "a fileb#c");
	CU_ASSERT_TRUE(words_split("load \"\"", &w));
	CU_ASSERT_EQUAL(w.count, 2);
	CU_ASSERT_STRING_EQUAL(w.word[1], "");
	CU_ASSERT_TRUE(words_split("", &w));
	CU_ASSERT_EQUAL(w.count, 0);
	CU_ASSERT_TRUE(words_split("# nothing", &w));
	CU_ASSERT_EQUAL(w.count, 0);
}

static void
split_says_whether_the_last_word_is_open(void)
{
	struct words w;

	CU_ASSERT_TRUE(words_split("show po", &w));
	CU_ASSERT_TRUE(w.open);
	CU_ASSERT_TRUE(words_split("show ", &w));
	CU_ASSERT_FALSE(w.open);
}

static void
split_of_too_much_is_refused(void)
{
	char line[WORDS_BYTES + 10];
	struct words w;

	CU_ASSERT_FALSE(words_split("load \"a", &w));
	CU_ASSERT_FALSE(words_split("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", &w));
	CU_ASSERT_TRUE(words_split("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 ", &w));
	memset(line, 'a', sizeof line);
	line[WORDS_BYTES] = '\0';
	CU_ASSERT_FALSE(words_split(line, &w));
	line[WORDS_BYTES - 1] = '\0';
	CU_ASSERT_TRUE(words_split(line, &w));
	CU_ASSERT_EQUAL(strlen(w.word[0]), WORDS_BYTES - 1);
}

static enum words_result
match(const char *line, struct words_match *m)
{
	static struct words w; /* the match lends its argument from here */

	CU_ASSERT_TRUE_FATAL(words_split(line, &w));
	return words_match(w.word, w.count, m);
}

static void
full_and_short_words_find_the_command(void)
{
	static const struct {
		const char *line, *words, *argument;
	} rows[] = {
		{ "show pools", "show pools", NULL },
		{ "sh poo", "show pools", NULL },
		{ "s por", "show ports", NULL },
		{ "show dr", "show drops", NULL },
		{ "show drops a", "show drops all", NULL },
		{ "h", "help", NULL },
		{ "help c", "help configuration", NULL },
		{ "l show", "load FILE", "show" },
		{ "check ?", "check FILE", "?" },
		{ "e", "exit", NULL },
	};
	struct words_match m;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CU_ASSERT_EQUAL_FATAL(match(rows[i].line, &m), WORDS_FOUND);
		CU_ASSERT_STRING_EQUAL(m.command->words, rows[i].words);
		CU_ASSERT_EQUAL(m.argument != NULL, rows[i].argument != NULL);
		if (m.argument && rows[i].argument)
			CU_ASSERT_STRING_EQUAL(m.argument, rows[i].argument);
	}
}

static void
other_words_are_told_apart(void)
{
	static const struct {
		const char *line;
		enum words_result result;
		size_t at;
	} rows[] = {
		{ "", WORDS_INCOMPLETE, 0 },         { "show", WORDS_INCOMPLETE, 1 },
		{ "load", WORDS_INCOMPLETE, 1 },     { "quit", WORDS_UNKNOWN, 0 },
		{ "show poolss", WORDS_UNKNOWN, 1 }, { "show pools all", WORDS_UNKNOWN, 2 },
		{ "show po", WORDS_AMBIGUOUS, 1 },   { "show co", WORDS_AMBIGUOUS, 1 },
		{ "load a b", WORDS_UNKNOWN, 2 },    { "SHOW pools", WORDS_UNKNOWN, 0 },
	};
	struct words_match m;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CU_ASSERT_EQUAL(match(rows[i].line, &m), rows[i].result);
		CU_ASSERT_EQUAL(m.at, rows[i].at);
	}
}

static void
candidates_are_listed(void)
{
	struct words_match m;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	CU_ASSERT_EQUAL(match("show po", &m), WORDS_AMBIGUOUS);
	words_list(out, &m, 1, "");
	fclose(out);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "show pools"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "show ports"));
	CU_ASSERT_PTR_NULL(strstr(text, "show drops"));
	free(text);
}

CU_TestInfo test_words[] = {
	{ "words_split_takes_words_quotes_and_comments", split_takes_words_quotes_and_comments },
	{ "words_split_says_whether_the_last_word_is_open",
	  split_says_whether_the_last_word_is_open },
	{ "words_split_of_too_much_is_refused", split_of_too_much_is_refused },
	{ "words_full_and_short_ones_find_the_command", full_and_short_words_find_the_command },
	{ "words_other_ones_are_told_apart", other_words_are_told_apart },
	{ "words_candidates_are_listed", candidates_are_listed },
	CU_TEST_INFO_NULL,
};
