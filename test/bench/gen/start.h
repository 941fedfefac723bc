/*
 * DPDK's environment for the programs here: one lcore on one processor, nothing shared with other processes.
 */
#ifndef TEST_BENCH_GEN_START_H
#define TEST_BENCH_GEN_START_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "drivers/port/port.h"

extern volatile sig_atomic_t start_stopped; /* by SIGTERM or SIGINT */

/* Ends the program with a line. */
void start_die(const char *program, const char *what, const char *why) __attribute__((noreturn));
/* Starts DPDK and gives a pool of packet buffers; or ends the program. */
struct rte_mempool *start_dpdk(const char *program, int core, bool no_huge, uint32_t mbufs);
/* Opens both ports (in this order: a memif server has to be there before its client asks), or ends the program. */
void start_ports(const char *program, const char *const spec[2], const char *const name[2],
		 struct rte_mempool *mbufs, struct port *out[2]);
/* Waits until both links are up. False: a signal came first, or so many seconds are over (0: for ever). */
bool start_links(struct port *const port[2], double seconds);

#endif
