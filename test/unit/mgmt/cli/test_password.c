/*
 * set admin password: on a pseudo terminal, and without one. The test plays fairlead-admin.
 */
#include <crypt.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fw/base/assert.h"
#include "fw/services/admin.h"
#include "mgmt/cli/cli.h"
#include "test/unit/unit.h"

static char dir[64];
static int listener = -1;

static void
begin(bool with_admin)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	strcpy(dir, "/tmp/fairlead-password-XXXXXX");
	ASSERT(mkdtemp(dir));
	snprintf(at.sun_path, sizeof at.sun_path, "%s/" FILES_ADMIN_SOCKET, dir);
	listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	ASSERT(listener >= 0);
	if (with_admin)
		ASSERT(bind(listener, (struct sockaddr *)&at, sizeof at) == 0 &&
		       listen(listener, 4) == 0);
}

static void
finish(void)
{
	char command[96];

	close(listener);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	ASSERT(system(command) == 0);
}

/* Answers one request. */
static void
serve(struct admin_request *request, const char *refusal)
{
	struct admin_reply reply = { .version = ADMIN_VERSION, .stored = !refusal };
	int fd = accept(listener, NULL, NULL);

	ASSERT(fd >= 0);
	CU_ASSERT_EQUAL(recv(fd, request, sizeof *request, 0), (ssize_t)sizeof *request);
	snprintf(reply.text, sizeof reply.text, "%s", refusal ? refusal : "");
	CU_ASSERT_EQUAL(send(fd, &reply, sizeof reply, MSG_NOSIGNAL), (ssize_t)sizeof reply);
	close(fd);
}

/* The command in a process of its own, whose terminal is *fd; NULL: it has none. */
static pid_t
say(const char *line, int *fd)
{
	int ends[2] = { -1, -1 };
	pid_t pid;

	fflush(NULL);
	if (fd) {
		pid = forkpty(fd, NULL, NULL, NULL);
	} else {
		ASSERT(pipe(ends) == 0);
		pid = fork();
	}
	ASSERT(pid >= 0);
	if (pid == 0) {
		struct cli cli = { .run_dir = dir, .out = stdout, .err = stderr };
		int code;

		if (!fd)
			dup2(ends[0], STDIN_FILENO);
		code = (int)cli_line(&cli, line);
		fflush(NULL);
		_exit(code);
	}
	if (!fd) {
		close(ends[0]);
		close(ends[1]);
	}
	return pid;
}

static int
code_of(pid_t pid)
{
	int status;

	ASSERT(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Everything up to what; keys are typed then. */
static void
when_it_says(int fd, const char *what, const char *keys, char said[2048])
{
	size_t len = 0;
	ssize_t got = 1;

	said[0] = '\0';
	while (!strstr(said, what) && len < 2047 && (got = read(fd, said + len, 2047 - len)) > 0) {
		len += (size_t)got;
		said[len] = '\0';
	}
	CU_ASSERT_PTR_NOT_NULL(strstr(said, what));
	CU_ASSERT_EQUAL(write(fd, keys, strlen(keys)), (ssize_t)strlen(keys));
}

static void
typed_password_goes_as_its_hash_and_is_not_seen(void)
{
	struct admin_request request;
	char said[2048];
	int fd;
	pid_t pid;

	begin(true);
	pid = say("set admin password", &fd);
	when_it_says(fd, "New password for admin: ", "correct horse\r", said);
	when_it_says(fd, "Again: ", "correct horse\r", said);
	CU_ASSERT_PTR_NULL(strstr(said, "horse"));
	serve(&request, NULL);
	CU_ASSERT_EQUAL(code_of(pid), CLI_OK);
	CU_ASSERT_STRING_EQUAL(crypt("correct horse", request.hash), request.hash);
	close(fd);
	finish();
}

static void
typed_password_that_is_none_leaves_the_old_one(void)
{
	static const struct {
		const char *first, *again, *says;
	} rows[] = {
		{ "short\r", NULL, "too short; must have 8 characters or more; the old one stays" },
		{ "correct horse\r", "correct house\r", "not equal" },
		{ "\003", NULL, "the old password stays" },
		{ "\004", NULL, "the old password stays" },
		{ "correct horse\r", "corr\003", "the old password stays" },
	};
	char said[2048];
	int fd;

	begin(false); /* nobody is asked */
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		pid_t pid = say("set admin password", &fd);

		when_it_says(fd, "New password for admin: ", rows[i].first, said);
		if (rows[i].again)
			when_it_says(fd, "Again: ", rows[i].again, said);
		when_it_says(fd, rows[i].says, "", said);
		CU_ASSERT_EQUAL(code_of(pid), CLI_FAILED);
		close(fd);
	}
	finish();
}

static void
without_a_terminal_only_a_hash_is_taken(void)
{
	static const char hash[] =
	    "$y$j9T$abcdefghijklmnopqrstuv$0123456789012345678901234567890123456789012";
	struct admin_request request;
	char line[160];
	pid_t pid;

	begin(true);
	CU_ASSERT_EQUAL(code_of(say("set admin password", NULL)), CLI_FAILED);
	snprintf(line, sizeof line, "set admin password hash %s", hash);
	pid = say(line, NULL);
	serve(&request, NULL);
	CU_ASSERT_EQUAL(code_of(pid), CLI_OK);
	CU_ASSERT_STRING_EQUAL(request.hash, hash);
	pid = say(line, NULL);
	serve(&request, "it is no hash");
	CU_ASSERT_EQUAL(code_of(pid), CLI_FAILED);
	finish();
	begin(false); /* no appliance */
	CU_ASSERT_EQUAL(code_of(say(line, NULL)), CLI_FAILED);
	finish();
}

CU_TestInfo test_password[] = {
	{ "password_typed_goes_as_its_hash_and_is_not_seen",
	  typed_password_goes_as_its_hash_and_is_not_seen },
	{ "password_typed_that_is_none_leaves_the_old_one",
	  typed_password_that_is_none_leaves_the_old_one },
	{ "password_without_a_terminal_only_a_hash_is_taken",
	  without_a_terminal_only_a_hash_is_taken },
	CU_TEST_INFO_NULL,
};
