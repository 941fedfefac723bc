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
	CU_ASSERT_TRUE(words_split("match \"a\\\"b\\\\c\\d\"", &w));
	CU_ASSERT_STRING_EQUAL(w.word[1], "a\"b\\c\\d");
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
	char line[WORDS_BYTES + 10], many[2 * (WORDS_MAX + 1) + 1];
	struct words w;

	CU_ASSERT_FALSE(words_split("load \"a", &w));
	for (size_t i = 0; i < sizeof many - 2; i += 2)
		memcpy(&many[i], "x ", 3);
	CU_ASSERT_FALSE(words_split(many, &w));
	many[2 * WORDS_MAX] = '\0';
	CU_ASSERT_TRUE(words_split(many, &w));
	memset(line, 'a', sizeof line);
	line[WORDS_BYTES] = '\0';
	CU_ASSERT_FALSE(words_split(line, &w));
	line[WORDS_BYTES - 1] = '\0';
	CU_ASSERT_TRUE(words_split(line, &w));
	CU_ASSERT_EQUAL(strlen(w.word[0]), WORDS_BYTES - 1);
}

static enum words_result
match_in(enum cli_mode mode, const char *line, struct words_match *m)
{
	static struct words w; /* the match lends its arguments from here */

	CU_ASSERT_TRUE_FATAL(words_split(line, &w));
	return words_match(mode, w.word, w.count, m);
}

static enum words_result
match(const char *line, struct words_match *m)
{
	return match_in(CLI_OPERATE, line, m);
}

static void
full_and_short_words_find_the_command(void)
{
	static const struct {
		const char *line, *words, *argument;
	} rows[] = {
		{ "show pools", "show pools", NULL },
		{ "sh poo", "show pools", NULL },
		{ "sh por", "show ports", NULL },
		{ "se a k x", "set admin key KEY...", "x" },
		{ "show dr", "show drops", NULL },
		{ "show drops a", "show drops all", NULL },
		{ "h", "help", NULL },
		{ "help c", "help configuration", NULL },
		{ "l show", "load FILE", "show" },
		{ "check ?", "check FILE", "?" },
		{ "ex", "exit", NULL },
		{ "sh l", "show ledger", NULL },
		{ "sh l web", "show ledger POOL|ADDRESS:PORT", "web" },
		{ "dr m web 10.0.0.1:80", "drain member POOL ADDRESS:PORT", "web 10.0.0.1:80" },
		{ "force member up down up", "force member POOL ADDRESS:PORT up", "up down" },
		{ "f m a b d", "force member POOL ADDRESS:PORT down", "a b" },
	};
	struct words_match m;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char given[64] = "";

		CU_ASSERT_EQUAL_FATAL(match(rows[i].line, &m), WORDS_FOUND);
		CU_ASSERT_EQUAL(m.parts, 1);
		CU_ASSERT_STRING_EQUAL(m.part[0].command->words, rows[i].words);
		for (size_t a = 0; a < m.part[0].args.count; a++)
			snprintf(given + strlen(given), sizeof given - strlen(given), "%s%s",
				 a ? " " : "", m.part[0].args.word[a]);
		CU_ASSERT_STRING_EQUAL(given, rows[i].argument ? rows[i].argument : "");
	}
}

static void
filters_follow_a_complete_command(void)
{
	struct words_match m;

	CU_ASSERT_EQUAL(match("show pools | match 10.0.1.11 | exc | | c", &m), WORDS_FOUND);
	CU_ASSERT_EQUAL_FATAL(m.parts, 4);
	CU_ASSERT_STRING_EQUAL(m.part[0].command->words, "show pools");
	CU_ASSERT_EQUAL(m.part[0].args.count, 0);
	CU_ASSERT_STRING_EQUAL(m.part[1].command->words, "match TEXT");
	CU_ASSERT_STRING_EQUAL(m.part[1].args.word[0], "10.0.1.11");
	CU_ASSERT_STRING_EQUAL(m.part[2].command->words, "except TEXT");
	CU_ASSERT_STRING_EQUAL(m.part[2].args.word[0], "|");
	CU_ASSERT_STRING_EQUAL(m.part[3].command->words, "count");
	CU_ASSERT_EQUAL(match("show | count", &m), WORDS_UNKNOWN);
	CU_ASSERT_EQUAL(m.at, 1);
	CU_ASSERT_EQUAL(match("show pools |", &m), WORDS_INCOMPLETE);
	CU_ASSERT_EQUAL(match("show pools | match", &m), WORDS_INCOMPLETE);
	CU_ASSERT_EQUAL(match("show pools | show pools", &m), WORDS_UNKNOWN);
	CU_ASSERT_EQUAL(m.at, 3);
	CU_ASSERT_EQUAL(match("match x", &m), WORDS_UNKNOWN);
	CU_ASSERT_EQUAL(match("show drops | c | c | c | c | c | c | c", &m), WORDS_FOUND);
	CU_ASSERT_EQUAL(match("show drops | c | c | c | c | c | c | c | c", &m), WORDS_INCOMPLETE);
}

static void
configuration_mode_has_commands_of_its_own(void)
{
	static const struct {
		const char *line, *words;
		size_t parts, arguments;
	} rows[] = {
		{ "show", "show", 1, 0 },
		{ "sh | comp", "show | compare", 1, 0 },
		{ "show | d s", "show | display set", 1, 0 },
		{ "show | match web", "show", 2, 0 },
		{ "show | display set | match web | count", "show | display set", 3, 0 },
		{ "set pool web method maglev", "set SETTING...", 1, 4 },
		{ "set monitor m body |", "set SETTING...", 1, 4 },
		{ "run show pools | count", "run COMMAND...", 1, 4 },
		{ "roll", "rollback", 1, 0 },
		{ "roll 3", "rollback N", 1, 1 },
		{ "commit c", "commit check", 1, 0 },
	};
	struct words_match m;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CU_ASSERT_EQUAL_FATAL(match_in(CLI_CONFIGURE, rows[i].line, &m), WORDS_FOUND);
		CU_ASSERT_STRING_EQUAL(m.part[0].command->words, rows[i].words);
		CU_ASSERT_EQUAL(m.parts, rows[i].parts);
		CU_ASSERT_EQUAL(m.part[0].args.count, rows[i].arguments);
		CU_ASSERT_NOT_EQUAL(match(rows[i].line, &m), WORDS_FOUND);
	}
	CU_ASSERT_EQUAL(match_in(CLI_CONFIGURE, "show | c", &m), WORDS_AMBIGUOUS);
	CU_ASSERT_EQUAL(match_in(CLI_CONFIGURE, "show pools", &m), WORDS_UNKNOWN);
	CU_ASSERT_EQUAL(match_in(CLI_CONFIGURE, "set", &m), WORDS_INCOMPLETE);
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
		{ "load", WORDS_INCOMPLETE, 1 },     { "leave", WORDS_UNKNOWN, 0 },
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

/* Words of the table, whole and cut, in any order: whatever comes, the match is one of its kind. */
static void
random_lines_match_within_bounds(void)
{
	static const char *const more[] = { "|", "|", "", "x", "web", "10.0.1.11:80", "3" };
	unsigned found = 0;

	srandom(1);
	for (unsigned turn = 0; turn < 20000; turn++) {
		char text[12][WORDS_WORD_BYTES], *words[12];
		enum cli_mode mode = random() % 2 ? CLI_CONFIGURE : CLI_OPERATE;
		size_t count = (size_t)random() % ARRAY_SIZE(words);
		struct words_match m;

		for (size_t i = 0; i < count; i++) {
			const char *from = commands[random() % COMMAND_COUNT].words;
			size_t len = strcspn(from, " ");

			words[i] = text[i];
			if (random() % 3 == 0 && from[len])
				from += len + 1, len = strcspn(from, " ");
			if (random() % 3 == 0)
				from = more[(size_t)random() % ARRAY_SIZE(more)],
				len = strlen(from);
			if (random() % 4 == 0 && len > 1)
				len--;
			snprintf(text[i], sizeof text[i], "%.*s", (int)len, from);
		}
		switch (words_match(mode, words, count, &m)) {
		case WORDS_FOUND:
			found++;
			CU_ASSERT_TRUE(m.parts >= 1 && m.parts <= WORDS_PARTS);
			CU_ASSERT_EQUAL(m.part[0].from, 0);
			CU_ASSERT_TRUE(m.part[0].command->modes & 1u << mode);
			for (size_t p = 1; p < m.parts; p++) {
				CU_ASSERT_TRUE(m.part[p].command->modes & 1u << CLI_FILTER);
				CU_ASSERT_TRUE(m.part[p].from > m.part[p - 1].from);
			}
			break;
		case WORDS_UNKNOWN:
		case WORDS_AMBIGUOUS:
			CU_ASSERT_TRUE(m.at < count);
			break;
		case WORDS_INCOMPLETE:
			break;
		}
	}
	CU_ASSERT_TRUE(found > 500);
}

CU_TestInfo test_words[] = {
	{ "words_split_takes_words_quotes_and_comments", split_takes_words_quotes_and_comments },
	{ "words_split_says_whether_the_last_word_is_open",
	  split_says_whether_the_last_word_is_open },
	{ "words_split_of_too_much_is_refused", split_of_too_much_is_refused },
	{ "words_full_and_short_ones_find_the_command", full_and_short_words_find_the_command },
	{ "words_other_ones_are_told_apart", other_words_are_told_apart },
	{ "words_candidates_are_listed", candidates_are_listed },
	{ "words_of_configuration_mode_are_its_own", configuration_mode_has_commands_of_its_own },
	{ "words_filters_follow_a_complete_command", filters_follow_a_complete_command },
	{ "words_random_lines_match_within_bounds", random_lines_match_within_bounds },
	CU_TEST_INFO_NULL,
};
