/*
 * What unit tests share. A file test_SUBJECT.c exports `CU_TestInfo test_SUBJECT[]`, ended by
 * CU_TEST_INFO_NULL; unit_main.c runs the files of one module in one program.
 */
#ifndef TEST_UNIT_UNIT_H
#define TEST_UNIT_UNIT_H

#include <CUnit/CUnit.h>
#include <stdbool.h>

struct rte_mempool;

/* The one mempool of the test program, in modules that use DPDK (EAL is started at the first call): 4,095 mbufs of 2,176 bytes. */
struct rte_mempool *unit_mbufs(void);

/* True if function(arg), run in a child process, ends in a failed ASSERT. */
bool unit_asserts(void (*function)(void *arg), void *arg);

#endif
