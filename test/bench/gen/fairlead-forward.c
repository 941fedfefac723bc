/*
 * fairlead-forward: the plainest thing that can stand where a load balancer stands. Moves frames from one port to the
 * other, both ways, untouched, on one core. What a rig's ports can carry at most is measured with it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_mbuf.h>

#include "test/bench/gen/start.h"

#define PROGRAM "fairlead-forward"
#define WAITING 4096u /* frames that a port does not take yet */
#define MBUFS   32767u

struct way {
	struct port *from, *to;
	uint64_t frames;
	uint32_t count;
	struct rte_mbuf *frame[WAITING];
};

static struct way ways[2];

/* True if a frame came or went. In pieces: a port may look at all that it is given before it finds that it has no room. */
static bool
carry(struct way *way, uint64_t now_us)
{
	uint16_t got = 0, sent = 0;

	if (way->count <= WAITING - PORT_BURST)
		got = port_rx(way->from, 0, &way->frame[way->count], PORT_BURST, now_us);
	way->count += got;
	while (sent < way->count) {
		uint16_t n = (uint16_t)RTE_MIN(way->count - sent, PORT_BURST),
			 took = port_tx(way->to, 0, &way->frame[sent], n, now_us);

		sent += took;
		if (took < n)
			break;
	}
	way->frames += sent;
	way->count -= sent;
	if (way->count && sent)
		memmove(way->frame, &way->frame[sent], way->count * sizeof way->frame[0]);
	return got || sent;
}

/* What it says is of the time from the first frame to the last: before and behind it waits for others. */
static void
run(void)
{
	uint64_t hz = rte_get_tsc_hz(), last = rte_rdtsc(), look = last, busy = 0, first = 0,
		 end = 0;
	struct port_info info;
	bool worked = false;

	while (!start_stopped) {
		uint64_t now = rte_rdtsc(), now_us = now / (hz / 1000000);

		if (worked) {
			first = first ? first : last;
			end = now;
			busy += now - last;
		}
		last = now;
		worked = carry(&ways[0], now_us);
		worked |= carry(&ways[1], now_us);
		if (now - look > hz) {
			look = now;
			port_info(ways[0].from, &info);
			port_info(ways[1].from, &info);
		}
	}
	printf("forward_seconds=%.3f\n", (double)(end - first) / (double)hz);
	printf("forward_frames=%lu\n", ways[0].frames + ways[1].frames);
	printf("forward_busy_share=%.4f\n",
	       end > first ? (double)busy / (double)(end - first) : 0.0);
}

int
main(int argc, char **argv)
{
	static const char *const name[2] = { "f0", "f1" };
	const char *spec[2] = { argc > 1 ? argv[1] : NULL, argc > 2 ? argv[2] : NULL };
	bool no_huge = argc > 4 && strcmp(argv[4], "--no-huge") == 0;
	struct rte_mempool *mbufs;
	struct port *port[2];

	if (argc < 4 || argc > 5 || (argc == 5 && !no_huge)) {
		fprintf(stderr, "usage: " PROGRAM " SPEC SPEC CORE [--no-huge]: ports as in "
				"drivers/port; ends by SIGTERM\n");
		return 2;
	}
	mbufs = start_dpdk(PROGRAM, atoi(argv[3]), no_huge, MBUFS);
	start_ports(PROGRAM, spec, name, mbufs, port);
	ways[0] = (struct way){ .from = port[0], .to = port[1] };
	ways[1] = (struct way){ .from = port[1], .to = port[0] };
	printf("forward=ready\n");
	fflush(stdout);
	run();
	port_close(port[0]);
	port_close(port[1]);
	return 0;
}
