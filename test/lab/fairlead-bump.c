/*
 * fairlead-bump: bumps in wires. Each leg joins two interfaces; what passes from one to the other,
 * either way, suffers the faults of drivers/port, so that Linux ends can be given the very same
 * link as Fairlead's own ports. Says "ready", carries frames until SIGTERM, then prints for each leg
 * what was done to its frames, and how even its own turns were.
 *
 * While frames are held it turns every tick and sleeps in between; otherwise it sleeps until a frame
 * comes. So a frame is late by a tick at each of its two ends at most, as long as the scheduler lets
 * it: it asks for real-time priority. Faults are those of the first interface's rx and tx: the rate
 * and buffer of either direction are its own.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include <rte_eal.h>
#include <rte_mbuf.h>

#include "drivers/port/port_fault.h"
#include "test/lab/packet_port.h"

#define LEGS_MAX    16u
#define MBUFS       32767u
#define TICK_US     100u
#define LATE_US     1000u
#define PRIORITY    10
#define LEG_ROUNDS  4u /* bursts a turn, so that one leg cannot hold up the others */
#define ARGS_OF_LEG 3

struct leg {
	struct port *a; /* with faults */
	struct port *b;
	struct pollfd *wait; /* two */
	uint64_t refused;    /* frames that an interface did not take */
};

static struct leg legs[LEGS_MAX];
static struct pollfd waits[2 * LEGS_MAX];
static unsigned leg_count;
static volatile sig_atomic_t stop;

/* How even the turns were while frames were held. */
static struct {
	uint64_t count, late, worst_us;
} turns;

static void
on_signal(int number)
{
	stop = 1;
}

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "fairlead-bump: %s: %s\n", what, why);
	exit(1);
}

/* EAL pins whom it meets to one core; a bump runs where there is time. */
static struct rte_mempool *
start(void)
{
	static char *args[] = { "fairlead-bump",
				"--no-huge",
				"--no-pci",
				"--no-shconf",
				"--no-telemetry",
				"--log-level=error",
				"-m",
				"256",
				"--lcores",
				"0@0",
				NULL };
	struct sched_param priority = { .sched_priority = PRIORITY };
	struct rte_mempool *mbufs;
	cpu_set_t cores;

	sched_getaffinity(0, sizeof cores, &cores);
	if (rte_eal_init((int)ARRAY_SIZE(args) - 1, args) < 0)
		die("start", "DPDK's environment does not start");
	sched_setaffinity(0, sizeof cores, &cores);
	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &priority) != 0)
		fprintf(stderr, "fairlead-bump: no real-time priority: %s\n", strerror(errno));
	prctl(PR_SET_TIMERSLACK, 1);
	mbufs =
	    rte_pktmbuf_pool_create("bump", MBUFS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (!mbufs)
		die("start", "no memory for packet buffers");
	return mbufs;
}

static void
leg_add(const char *a, const char *b, const char *faults, struct rte_mempool *mbufs)
{
	struct leg *leg = &legs[leg_count];
	struct port *plain;
	char why[256];

	if (packet_port_open(a, mbufs, &plain, why, sizeof why) ||
	    packet_port_open(b, mbufs, &leg->b, why, sizeof why))
		die("interface", why);
	leg->wait = &waits[2 * leg_count++];
	leg->wait[0] = (struct pollfd){ .fd = packet_port_fd(plain), .events = POLLIN };
	leg->wait[1] = (struct pollfd){ .fd = packet_port_fd(leg->b), .events = POLLIN };
	if (port_fault_wrap(plain, faults, mbufs, &leg->a, why, sizeof why))
		die(faults, why);
}

static uint64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void
carry(struct leg *leg, struct port *from, struct port *to, uint64_t at_us)
{
	struct rte_mbuf *burst[PORT_BURST];

	for (unsigned round = 0; round < LEG_ROUNDS; round++) {
		uint16_t got = port_rx(from, 0, burst, PORT_BURST, at_us), sent, more;

		for (sent = 0; sent < got; sent += more) {
			more = port_tx(to, 0, &burst[sent], got - sent, at_us);
			if (!more)
				break;
		}
		leg->refused += got - sent;
		rte_pktmbuf_free_bulk(&burst[sent], got - sent);
		if (got < PORT_BURST)
			break;
	}
	port_tx(to, 0, NULL, 0, at_us); /* what has become due */
}

static void
sleep_until(uint64_t until_us)
{
	const struct timespec until = { .tv_sec = (time_t)(until_us / 1000000),
					.tv_nsec = (long)(until_us % 1000000 * 1000) };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static void
turn_note(uint64_t last_us, uint64_t at_us)
{
	uint64_t gap_us = at_us - last_us;

	turns.count++;
	turns.late += gap_us > LATE_US;
	turns.worst_us = gap_us > turns.worst_us ? gap_us : turns.worst_us;
}

static void
run(void)
{
	uint64_t last_us = 0;
	bool held = false;

	while (!stop) {
		uint64_t at_us = now_us();

		if (held)
			turn_note(last_us, at_us);
		held = false;
		for (unsigned i = 0; i < leg_count; i++) {
			carry(&legs[i], legs[i].a, legs[i].b, at_us);
			carry(&legs[i], legs[i].b, legs[i].a, at_us);
			held |= legs[i].a->ops->next_us(legs[i].a) != UINT64_MAX;
		}
		last_us = at_us;
		if (held)
			sleep_until(at_us + TICK_US);
		else
			poll(waits, 2 * leg_count, -1);
	}
}

static void
say(const char *way, const struct port_fault_counts *counts)
{
	printf(" %s frames %lu lost %lu overflowed %lu", way, counts->frames, counts->lost,
	       counts->queue_full);
}

static void
report(void)
{
	for (unsigned i = 0; i < leg_count; i++) {
		struct port_fault_stats stats;
		struct port_info a, b;

		port_fault_stats(legs[i].a, &stats);
		port_info(legs[i].a, &a);
		port_info(legs[i].b, &b);
		printf("%s:", legs[i].a->name);
		say("rx", &stats.rx);
		say("tx", &stats.tx);
		printf(" missed %lu errors %lu\n", a.missed + b.missed,
		       a.errors + b.errors + legs[i].refused);
	}
	printf("turns %lu over %u us apart %lu worst %lu us\n", turns.count, LATE_US, turns.late,
	       turns.worst_us);
}

int
main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct rte_mempool *mbufs;

	if (argc < 1 + ARGS_OF_LEG || (argc - 1) % ARGS_OF_LEG ||
	    (argc - 1) / ARGS_OF_LEG > (int)LEGS_MAX) {
		fprintf(
		    stderr,
		    "usage: fairlead-bump A B FAULTS [A B FAULTS ...]: up to %u pairs of "
		    "interfaces and what the wire between them does to frames, for example\n"
		    "  fairlead-bump c0 s0 loss=1%%,delay=10ms,rate=100mbit,buffer=250kb,seed=7\n",
		    LEGS_MAX);
		return 2;
	}
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	mbufs = start();
	for (int i = 1; i < argc; i += ARGS_OF_LEG)
		leg_add(argv[i], argv[i + 1], argv[i + 2], mbufs);
	printf("ready\n");
	fflush(stdout);
	run();
	report();
	for (unsigned i = 0; i < leg_count; i++) {
		port_close(legs[i].a);
		port_close(legs[i].b);
	}
	return 0;
}
