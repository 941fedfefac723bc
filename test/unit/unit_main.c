/*
 * Runs the unit tests of one module (UNIT_SUITES lists its files) and prints a line a test, as test/run.sh
 * expects. An argument runs only the tests whose name contains it.
 */
#include "test/unit/unit.h"

#include <CUnit/Automated.h>
#include <CUnit/TestRun.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef UNIT_DPDK
#include <rte_eal.h>
#include <rte_mbuf.h>
#endif

#include "fw/base/assert.h"

#define SUITE(name) extern CU_TestInfo name[];
UNIT_SUITES
#undef SUITE

static const struct {
	const char *name;
	CU_TestInfo *tests;
} suites[] = {
#define SUITE(name) { #name, name },
	UNIT_SUITES
#undef SUITE
};

static int failed;

#ifdef UNIT_DPDK
struct rte_mempool *
unit_mbufs(void)
{
	static struct rte_mempool *pool;
	static char *args[] = { "unit",
				"--no-huge",
				"--no-pci",
				"--no-shconf",
				"--no-telemetry",
				"--log-level=error",
				"-m",
				"64",
				"-l",
				"0",
				NULL };

	if (pool)
		return pool;
	ASSERT(rte_eal_init((int)ARRAY_SIZE(args) - 1, args) >= 0);
	pool =
	    rte_pktmbuf_pool_create("unit", 4095, 0, 64, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	ASSERT(pool);
	return pool;
}
#endif

bool
unit_asserts(void (*function)(void *arg), void *arg)
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	ASSERT(child >= 0);
	if (child == 0) {
		/* An expected abort leaves neither a message nor a core behind. */
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
		if (!freopen("/dev/null", "w", stderr))
			_exit(2);
		function(arg);
		_exit(0);
	}
	ASSERT(waitpid(child, &status, 0) == child);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void
report(const CU_pTest test, const CU_pSuite suite, const CU_pFailureRecord failure)
{
	if (!failure) {
		printf("ok %s %s\n", suite->pName, test->pName);
	} else {
		failed++;
		printf("FAIL %s %s: %s:%u: %s\n", suite->pName, test->pName, failure->strFileName,
		       failure->uiLineNumber, failure->strCondition);
	}
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	ASSERT(CU_initialize_registry() == CUE_SUCCESS);
	CU_set_test_complete_handler(report);
	for (size_t i = 0; i < ARRAY_SIZE(suites); i++) {
		CU_pSuite suite = CU_add_suite(suites[i].name, NULL, NULL);

		ASSERT(suite);
		for (CU_TestInfo *test = suites[i].tests; test->pName; test++)
			if (argc < 2 || strstr(test->pName, argv[1]))
				ASSERT(CU_add_test(suite, test->pName, test->pTestFunc));
	}
	ASSERT(CU_run_all_tests() == CUE_SUCCESS);
	CU_cleanup_registry();
	return failed != 0;
}
