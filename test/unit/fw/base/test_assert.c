/* Where a failed assertion ends: one line on stderr, then SIGABRT. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fw/base/assert.h"
#include "test/unit/unit.h"

/* What a child that fails an assertion says; true if it ends by SIGABRT. */
static bool
failing_says(const char *what, char *said, size_t size_bytes)
{
	int ends[2], status;
	ssize_t len;
	pid_t child;

	fflush(stdout);
	CU_ASSERT_FATAL(pipe(ends) == 0);
	child = fork();
	CU_ASSERT_FATAL(child >= 0);
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
		dup2(ends[1], STDERR_FILENO);
		assert_failed(what, "some/file.c", 42);
	}
	close(ends[1]);
	len = read(ends[0], said, size_bytes - 1);
	close(ends[0]);
	said[len > 0 ? len : 0] = '\0';
	CU_ASSERT_FATAL(waitpid(child, &status, 0) == child);
	return len == (ssize_t)strlen(said) && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void
failed_says_what_and_where_and_aborts(void)
{
	char said[2048];

	CU_ASSERT(failing_says("a == b", said, sizeof said));
	CU_ASSERT_STRING_EQUAL(said, "fairlead: failed ASSERT at some/file.c:42: a == b\n");
}

static void
failed_with_a_long_condition_is_cut(void)
{
	char said[2048], what[1024];

	memset(what, 'x', sizeof what - 1);
	what[sizeof what - 1] = '\0';
	CU_ASSERT(failing_says(what, said, sizeof said));
	CU_ASSERT_EQUAL(strlen(said), 511);
	CU_ASSERT_EQUAL(strncmp(said, "fairlead: failed ASSERT at some/file.c:42: xxx", 46), 0);
}

static void
condition_is_evaluated_once(void)
{
	int count = 0;

	ASSERT(++count == 1);
	CU_ASSERT_EQUAL(count, 1);
}

CU_TestInfo test_assert[] = {
	{ "assert_failed_says_what_and_where_and_aborts", failed_says_what_and_where_and_aborts },
	{ "assert_failed_with_a_long_condition_is_cut", failed_with_a_long_condition_is_cut },
	{ "assert_condition_is_evaluated_once", condition_is_evaluated_once },
	CU_TEST_INFO_NULL,
};
