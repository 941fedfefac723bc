/* The command line on a terminal: a pseudo terminal with libedit at its other end. */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fw/base/assert.h"
#include "test/unit/mgmt/cli/box.h"
#include "test/unit/unit.h"

#define WAIT_MS 10000

struct terminal {
	pid_t pid;
	int fd;
	char seen[65536]; /* since the last `expect` was met */
	size_t len;
};

/* Before any thread is started: the child goes on with one only. */
static void
open_terminal(struct terminal *terminal, const struct box *box)
{
	struct winsize size = { .ws_row = 50, .ws_col = 200 };

	*terminal = (struct terminal){ 0 };
	fflush(NULL);
	terminal->pid = forkpty(&terminal->fd, NULL, NULL, &size);
	ASSERT(terminal->pid >= 0);
	if (terminal->pid == 0) {
		struct cli cli = { .run_dir = box->run_dir, .out = stdout, .err = stderr };
		int code;

		setenv("TERM", "vt100", 1);
		code = (int)cli_interactive(&cli);
		fflush(NULL);
		_exit(code);
	}
}

static bool
read_some(struct terminal *terminal)
{
	struct pollfd poll_fd = { .fd = terminal->fd, .events = POLLIN };
	ssize_t got;

	if (poll(&poll_fd, 1, WAIT_MS) != 1 || terminal->len == sizeof terminal->seen - 1)
		return false;
	got = read(terminal->fd, terminal->seen + terminal->len,
		   sizeof terminal->seen - 1 - terminal->len);
	if (got <= 0)
		return false;
	for (char *at = terminal->seen + terminal->len, *end = at + got; at < end; at++)
		if (*at) /* padding, as old terminals needed it */
			terminal->seen[terminal->len++] = *at;
	terminal->seen[terminal->len] = '\0';
	return true;
}

/* Types the keys and waits until the text is on the screen; what was there before does not count. */
static bool
shows(struct terminal *terminal, const char *keys, const char *text)
{
	const char *at;

	ASSERT(write(terminal->fd, keys, strlen(keys)) == (ssize_t)strlen(keys));
	while (!(at = strstr(terminal->seen, text)))
		if (!read_some(terminal)) {
			printf("no \"%s\" in:\n%s\n", text, terminal->seen);
			return false;
		}
	at += strlen(text);
	terminal->len -= (size_t)(at - terminal->seen);
	memmove(terminal->seen, at, terminal->len + 1);
	return true;
}

static int
close_terminal(struct terminal *terminal)
{
	int status;

	while (read_some(terminal))
		;
	close(terminal->fd);
	ASSERT(waitpid(terminal->pid, &status, 0) == terminal->pid);
	if (status != 0)
		printf("ended with %x; the last of it:\n%s\n", status, terminal->seen);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void
keys_complete_list_and_recall(void)
{
	struct terminal terminal;
	struct box box;

	box_open(&box);
	open_terminal(&terminal, &box);
	CU_ASSERT_TRUE(shows(&terminal, "", "fairlead> "));
	CU_ASSERT_TRUE(shows(&terminal, "sh\tver\t\n", "incarnation  00000000000000ab"));
	CU_ASSERT_TRUE(shows(&terminal, "", "fairlead> "));
	CU_ASSERT_TRUE(shows(&terminal, "show po?", "show pools"));
	CU_ASSERT_TRUE(shows(&terminal, "", "show ports"));
	CU_ASSERT_TRUE(shows(&terminal, "", "fairlead> show po"));
	CU_ASSERT_TRUE(shows(&terminal, "rts\n", "sixteen-bytes-xy"));
	CU_ASSERT_TRUE(shows(&terminal, "show ledger 10.0.1.1\t", "10.0.1.14:80"));
	CU_ASSERT_TRUE(shows(&terminal, "4\t\n", "TIME"));
	CU_ASSERT_TRUE(shows(&terminal, "", "fairlead> "));
	CU_ASSERT_TRUE(shows(&terminal, "\020\020\020\n", "incarnation")); /* ^P: three back */
	CU_ASSERT_TRUE(shows(&terminal, "nonsense\n", "no such command: nonsense"));
	ASSERT(write(terminal.fd, "exit\n", 5) == 5);
	CU_ASSERT_EQUAL(close_terminal(&terminal), 0);
	box_close(&box);
}

static void
prompt_shows_configuration_mode(void)
{
	struct terminal terminal;
	struct box box;

	box_open(&box);
	open_terminal(&terminal, &box);
	box_serve_mgmtd(&box);
	CU_ASSERT_TRUE(shows(&terminal, "", "fairlead> "));
	CU_ASSERT_TRUE(shows(&terminal, "conf\t\n", "fairlead# "));
	CU_ASSERT_TRUE(shows(&terminal, "set poo\twe\tmet\tmag\t\n", "fairlead# "));
	CU_ASSERT_TRUE(shows(&terminal, "set monitor up path \"/a?b\"\n", "fairlead# "));
	CU_ASSERT_TRUE(shows(&terminal, "set pool web wrong\n", "no such field"));
	CU_ASSERT_TRUE(shows(&terminal, "", "fairlead# "));
	CU_ASSERT_TRUE(shows(&terminal, "set monitor up interval-ms ?", "NUMBER"));
	CU_ASSERT_TRUE(shows(&terminal, "", "100 to 86400000 milliseconds"));
	CU_ASSERT_TRUE(shows(&terminal, "\025exit\n", "uncommitted edits: 2"));
	CU_ASSERT_TRUE(shows(&terminal, "", "fairlead> "));
	/* The prompt comes before the keys are keys; ^D would be lost in between. */
	CU_ASSERT_TRUE(shows(&terminal, "?", "this list"));
	CU_ASSERT_TRUE(shows(&terminal, "", "fairlead> "));
	ASSERT(write(terminal.fd, "\004", 1) == 1);
	CU_ASSERT_EQUAL(close_terminal(&terminal), 0);
	CU_ASSERT_STRING_EQUAL(box.lines, "set pool web method maglev\nset monitor up path /a?b\n");
	box_stop_mgmtd(&box);
	box_close(&box);
}

static void
interrupt_drops_the_line_and_nothing_else(void)
{
	struct terminal terminal;
	struct box box;

	box_open(&box);
	open_terminal(&terminal, &box);
	CU_ASSERT_TRUE(shows(&terminal, "", "fairlead> "));
	CU_ASSERT_TRUE(shows(&terminal, "show ?", "show version"));
	CU_ASSERT_TRUE(shows(&terminal, "nonsense\003", "^C"));
	CU_ASSERT_TRUE(shows(&terminal, "", "fairlead> "));
	CU_ASSERT_TRUE(shows(&terminal, "show version\n", "incarnation"));
	CU_ASSERT_TRUE(shows(&terminal, "", "fairlead> "));
	ASSERT(write(terminal.fd, "exit\n", 5) == 5);
	CU_ASSERT_EQUAL(close_terminal(&terminal), 0);
	box_close(&box);
}

CU_TestInfo test_interactive[] = {
	{ "interactive_keys_complete_list_and_recall", keys_complete_list_and_recall },
	{ "interactive_prompt_shows_configuration_mode", prompt_shows_configuration_mode },
	{ "interactive_interrupt_drops_the_line_and_nothing_else",
	  interrupt_drops_the_line_and_nothing_else },
	CU_TEST_INFO_NULL,
};
