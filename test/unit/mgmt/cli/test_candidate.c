/* Configuration mode over an mgmtd that takes lines: what reaches it, what is said, what completes. */
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/cli/complete.h"
#include "mgmt/cli/setting.h"
#include "mgmt/cli/words.h"
#include "test/unit/mgmt/cli/box.h"
#include "test/unit/unit.h"

static void
lines_from_a_pipe_are_edited_and_committed(void)
{
	struct box box;

	box_open(&box);
	box_serve_mgmtd(&box);
	CU_ASSERT_EQUAL(box_batch_text(&box, "configure\n"
					     "# comments and empty lines pass\n\n"
					     "set pool web method maglev\n"
					     "delete pool raw\n"
					     "show | compare\n"
					     "commit\n"
					     "exit\n"
					     "show version | match uptime\n"),
			CLI_OK);
	CU_ASSERT_STRING_EQUAL(box.lines, "set pool web method maglev\ndelete pool raw\n");
	CU_ASSERT_TRUE(box_has_line(box.out, "+ set pool web method maglev\n"));
	CU_ASSERT_TRUE(box_has_line(box.out, "generation 13 runs\n"));
	CU_ASSERT_TRUE(box_has_line(box.out, "uptime "));
	CU_ASSERT_STRING_EQUAL(box.err, "");
	box_stop_mgmtd(&box);
	box_close(&box);
}

static void
refused_line_ends_a_batch_before_its_commit(void)
{
	struct box box;

	box_open(&box);
	box_serve_mgmtd(&box);
	CU_ASSERT_EQUAL(
	    box_batch_text(&box,
			   "configure\nset pool a method maglev\nset pool a wrong 1\ncommit\n"),
	    CLI_FAILED);
	CU_ASSERT_EQUAL(box.edits, 1);
	CU_ASSERT_STRING_EQUAL(
	    box.err, "no such field: \"wrong\"\n"
		     "line 3 failed: set pool a wrong 1; the lines behind it were not run\n"
		     "note: uncommitted edits: 1; the candidate keeps them for the next "
		     "configure\n");
	CU_ASSERT_EQUAL(box_batch_text(&box, "configure\nshow pools\nset pool b method maglev\n"),
			CLI_USAGE);
	CU_ASSERT_PTR_NULL(strstr(box.lines, "pool b"));
	CU_ASSERT_TRUE(box_has_line(
	    box.err, "note: uncommitted edits in the candidate: 1; show | compare shows"));
	CU_ASSERT_TRUE(box_has_line(
	    box.err, "show is a command of operational mode: say run in front of it\n"));
	CU_ASSERT_EQUAL(box_batch_text(&box, "configure set pool c wrong 1\nconfigure commit\n"),
			CLI_FAILED);
	CU_ASSERT_EQUAL(box.edits, 1);
	box_stop_mgmtd(&box);
	box_close(&box);
}

static void
more_words_than_a_line_has_are_refused(void)
{
	struct cli cli = { .run_dir = "/nonexistent", .out = stdout };
	char *words[WORDS_MAX + 1], *text = NULL;
	size_t text_bytes;

	cli.err = open_memstream(&text, &text_bytes);
	ASSERT(cli.err);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = (char *)"configure";
	CU_ASSERT_EQUAL(cli_words(&cli, words, ARRAY_SIZE(words)), CLI_USAGE);
	fclose(cli.err);
	CU_ASSERT_STRING_EQUAL(text, "more than 48 words; say it in several lines\n");
	free(text);
}

static void
without_mgmtd_nothing_behind_configure_is_run(void)
{
	struct box box;

	box_open(&box);
	CU_ASSERT_EQUAL(box_batch_text(&box, "configure\nload /dev/null\n"), CLI_FAILED);
	CU_ASSERT_STRING_EQUAL(box.err,
			       "mgmtd is not running\n"
			       "line 1 failed: configure; the lines behind it were not run\n");
	box_close(&box);
}

static void
one_command_of_either_mode_is_run_in_the_other(void)
{
	struct box box;

	box_open(&box);
	box_serve_mgmtd(&box);
	CU_ASSERT_EQUAL(box_run(&box, "configure set monitor up body \"a \\\"b\\\"\""), CLI_OK);
	CU_ASSERT_STRING_EQUAL(box.lines, "set monitor up body \"a \\\"b\\\"\"\n");
	CU_ASSERT_EQUAL(box_run(&box, "configure rollback 2"), CLI_OK);
	CU_ASSERT_EQUAL(box.rollback, 2);
	CU_ASSERT_EQUAL(box_run(&box, "configure discard"), CLI_OK);
	CU_ASSERT_EQUAL(box.rollback, 0);
	CU_ASSERT_EQUAL(box_run(&box, "configure rollback x"), CLI_FAILED);
	CU_ASSERT_EQUAL(box_run(&box, "configure run show version | match uptime"), CLI_OK);
	CU_ASSERT_EQUAL(box_lines(&box), 1);
	CU_ASSERT_EQUAL(box_run(&box, "configure show | display set | match virtual | count"),
			CLI_OK);
	CU_ASSERT_STRING_EQUAL(box.out, "1\n");
	CU_ASSERT_EQUAL(box_run(&box, "commit"), CLI_USAGE);
	CU_ASSERT_STRING_EQUAL(
	    box.err, "commit is a command of configuration mode: enter it with configure\n");
	box_stop_mgmtd(&box);
	box_close(&box);
}

static void
words_of_the_schema_may_be_shortened_and_names_may_not(void)
{
	static const struct {
		const char *given, *line;
	} rows[] = {
		{ "poo web meth m", "set pool web method maglev" },
		{ "vi www po web ty h",
		  "set virtual-server www po web ty h" }, /* po: port or pool */
		{ "vi www poo web ty h tc wan",
		  "set virtual-server www pool web type http tcp-profile wan" },
		{ "tcp wan con n ec t rec 9000", "set tcp-profile wan congestion-control newreno "
						 "ecn true receive-buffer-bytes 9000" },
		{ "pool we mem 10.0.1.1:80 w 3 b t",
		  "set pool we member 10.0.1.1:80 weight 3 backup true" },
		{ "port p0 addr 10.0.0.1/24", "set port p0 address 10.0.0.1/24" },
		{ "mon m hea \"X: 1\"", "set monitor m header \"X: 1\"" },
		{ "monitor m stat 200", "set monitor m status 200" },
		{ "nonsense po meth", "set nonsense po meth" },
		{ "pool web monitor up", "set pool web monitor up" },
	};
	char line[256];
	struct words words;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CU_ASSERT_TRUE_FATAL(words_split(rows[i].given, &words));
		CU_ASSERT_TRUE(
		    setting_line(SETTING_SET, words.word, words.count, line, sizeof line));
		CU_ASSERT_TRUE(box_has_line(line, rows[i].line));
	}
	CU_ASSERT_TRUE_FATAL(words_split("pool web mem 10.0.1.1:80 w", &words));
	CU_ASSERT_TRUE(setting_line(SETTING_DELETE, words.word, words.count, line, sizeof line));
	CU_ASSERT_STRING_EQUAL(line, "delete pool web member 10.0.1.1:80 weight");
	CU_ASSERT_FALSE(setting_line(SETTING_DELETE, words.word, words.count, line, 20));
}

/* The words that complete the line, in one line; hints in brackets. */
static const char *
completions(struct box *box, enum cli_mode mode, const char *line)
{
	struct cli cli = { .run_dir = box->run_dir, .mode = mode };
	struct choices choices = { 0 };
	static char text[1024];
	struct words words;

	text[0] = '\0';
	CU_ASSERT_TRUE_FATAL(words_split(line, &words));
	if (!complete(&cli, words.word, words.count, &choices))
		return "nothing";
	for (size_t i = 0; i < choices.count; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text),
			 choices.choice[i].is_hint ? "%s[%s]" : "%s%s", i ? " " : "",
			 choices.choice[i].word);
	choices_free(&choices);
	return text;
}

static void
lines_are_completed_from_schema_and_candidate(void)
{
	static const struct {
		const char *line, *words;
	} rows[] = {
		{ "set", "port bond vlan route management-address monitor tcp-profile pool "
			 "virtual-server" },
		{ "set pool", "web raw [NAME]" },
		{ "set monitor", "up up2 [NAME]" },
		{ "set pool web", "method monitor tcp-profile keep-idle-max keep-idle-timeout-ms "
				  "passive-fall passive-retry-ms "
				  "member" },
		{ "set pool web meth",
		  "round-robin least-connections random-of-two source-hash maglev" },
		{ "set pool new monitor", "up up2" },
		{ "set pool web member", "10.0.1.11:80 [fd00::12]:8080 [ADDRESS:PORT]" },
		{ "set pool web member 10.0.1.11:80", "weight connection-limit backup" },
		{ "set pool web member 10.0.1.11:80 backup", "true false" },
		{ "set pool web member 10.0.1.11:80 weight", "[NUMBER]" },
		{ "set virtual-server new pool", "web raw" },
		{ "set tcp-profile", "wan lan [NAME]" },
		{ "set tcp-profile wan congestion-control", "cubic newreno" },
		{ "set pool web tcp-profile", "wan lan" },
		{ "set virtual-server new tcp-profile", "wan lan" },
		{ "set vlan new", "port tag address mtu-bytes service" },
		{ "set vlan new tag", "[NUMBER]" },
		{ "set vlan new port", "p0 p7 p8 b7" },
		{ "set bond", "b7 [NAME]" },
		{ "set bond new", "mode port address mtu-bytes service" },
		{ "set bond new mode", "active-backup lacp" },
		{ "set bond new port", "p0 p7 p8" },
		{ "delete bond b7 port", "p0 p7 p8" },
		{ "run ping 10.0.0.2", "count port size" },
		{ "run ping 10.0.0.2 count 3", "count port size" },
		{ "run ping 10.0.0.2 port", "p0 b7 v100" },
		{ "run ping 10.0.0.2 count", "" },
		{ "run capture tcp /tmp/x", "count on snap-bytes" },
		{ "run capture tcp /tmp/x on", "p0 b7 v100" },
		{ "set route 10.0.0.0/8", "via" },
		{ "set port p0 address", "[VALUE]" },
		{ "set nonsense", "" },
		{ "set pool web nonsense", "" },
		{ "delete", "port bond vlan route management-address monitor tcp-profile pool "
			    "virtual-server" },
		{ "delete pool web member", "10.0.1.11:80 [fd00::12]:8080 [ADDRESS:PORT]" },
		{ "delete pool web member 10.0.1.11:80", "weight connection-limit backup" },
		{ "delete pool web member 10.0.1.11:80 weight", "" },
		{ "delete pool web method", "" },
		{ "show |", "compare display match except count" },
		{ "run drain member", "web raw" },
		{ "nonsense", "nothing" },
	};
	struct box box;

	box_open(&box);
	box_serve_mgmtd(&box);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *got = completions(&box, CLI_CONFIGURE, rows[i].line);

		if (strcmp(got, rows[i].words) != 0)
			printf("%s: %s\n", rows[i].line, got);
		CU_ASSERT_STRING_EQUAL(got, rows[i].words);
	}
	box_stop_mgmtd(&box);
	CU_ASSERT_STRING_EQUAL(completions(&box, CLI_CONFIGURE, "set pool"), "[NAME]");
	CU_ASSERT_STRING_EQUAL(completions(&box, CLI_OPERATE, "drain member web"),
			       "10.0.1.11:80 [fd00::12]:8080 10.0.1.13:80");
	CU_ASSERT_STRING_EQUAL(completions(&box, CLI_OPERATE, "configure rollback"), "[|]");
	box_close(&box);
}

static void
question_mark_shows_help_of_fields(void)
{
	struct box box;

	box_open(&box);
	CU_ASSERT_EQUAL(box_run(&box, "configure set pool web ?"), CLI_OK);
	CU_ASSERT_TRUE(box_has_line(box.out, "  keep-idle-max "));
	CU_ASSERT_PTR_NOT_NULL(strstr(box.out, "default round-robin"));
	CU_ASSERT_EQUAL(box_run(&box, "configure set pool web keep-idle-max ?"), CLI_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(box.out, "0 to 1000000 connections: "));
	CU_ASSERT_EQUAL(box_run(&box, "drain member web ?"), CLI_OK);
	CU_ASSERT_TRUE(box_has_line(box.out, "  10.0.1.13:80 "));
	box_close(&box);
}

CU_TestInfo test_candidate[] = {
	{ "candidate_lines_from_a_pipe_are_edited_and_committed",
	  lines_from_a_pipe_are_edited_and_committed },
	{ "candidate_refused_line_ends_a_batch_before_its_commit",
	  refused_line_ends_a_batch_before_its_commit },
	{ "candidate_more_words_than_a_line_has_are_refused",
	  more_words_than_a_line_has_are_refused },
	{ "candidate_without_mgmtd_nothing_behind_configure_is_run",
	  without_mgmtd_nothing_behind_configure_is_run },
	{ "candidate_one_command_of_either_mode_is_run_in_the_other",
	  one_command_of_either_mode_is_run_in_the_other },
	{ "setting_words_of_the_schema_may_be_shortened_and_names_may_not",
	  words_of_the_schema_may_be_shortened_and_names_may_not },
	{ "setting_lines_are_completed_from_schema_and_candidate",
	  lines_are_completed_from_schema_and_candidate },
	{ "setting_question_mark_shows_help_of_fields", question_mark_shows_help_of_fields },
	CU_TEST_INFO_NULL,
};
