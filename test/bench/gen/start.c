/* Starting DPDK and ports: see start.h. */
#include "test/bench/gen/start.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_mbuf.h>

#define CACHE_MBUFS 512u
#define MBUF_BYTES  2400u /* of memory for each, all in all */
#define OTHER_MB    64u

volatile sig_atomic_t start_stopped;

static void
on_signal(int number)
{
	start_stopped = 1;
}

void
start_die(const char *program, const char *what, const char *why)
{
	fprintf(stderr, "%s: %s: %s\n", program, what, why);
	exit(1);
}

struct rte_mempool *
start_dpdk(const char *program, int core, bool no_huge, uint32_t mbufs)
{
	/* A second signal ends it, whatever it is at. */
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };
	char lcores[16], memory[16];
	char *args[] = { (char *)(uintptr_t)program,
			 (char *)"--no-pci",
			 (char *)"--no-telemetry",
			 (char *)"--log-level=error",
			 (char *)"--lcores",
			 lcores,
			 (char *)"-m",
			 memory,
			 (char *)(no_huge ? "--no-huge" : "--in-memory"),
			 (char *)"--no-shconf",
			 NULL };
	struct rte_mempool *pool;

	snprintf(lcores, sizeof lcores, "0@%d", core);
	snprintf(memory, sizeof memory, "%u", mbufs / 1024 * MBUF_BYTES / 1024 + OTHER_MB);
	if (rte_eal_init((int)ARRAY_SIZE(args) - (no_huge ? 1 : 2), args) < 0)
		start_die(program, "start",
			  "DPDK's environment does not start (huge pages? --no-huge)");
	/* It polls: nobody may forget it. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	pool = rte_pktmbuf_pool_create("frames", mbufs, CACHE_MBUFS, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
				       SOCKET_ID_ANY);
	if (!pool)
		start_die(program, "start", "no memory for packet buffers");
	return pool;
}

void
start_ports(const char *program, const char *const spec[2], const char *const name[2],
	    struct rte_mempool *mbufs, struct port *out[2])
{
	char why[256];

	for (unsigned i = 0; i < 2; i++)
		if (port_open(name[i], spec[i], 1, mbufs, &out[i], why, sizeof why))
			start_die(program, spec[i], why);
}

bool
start_links(struct port *const port[2], double seconds)
{
	for (double waited = 0; !start_stopped && (seconds == 0 || waited < seconds);
	     waited += 0.001) {
		struct port_info info[2];

		port_info(port[0], &info[0]);
		port_info(port[1], &info[1]);
		if (info[0].link_up && info[1].link_up)
			return true;
		usleep(1000);
	}
	return false;
}
