/*
 * A SYN flood beside the load: SYNs from random addresses of 198.18.0.0/15 (RFC 2544) and random ports at one
 * address and port, evenly in time, each with the options that Linux sends. What is answered is thrown away.
 *
 * With a beat it is off and on in turns, and requests answered meanwhile are counted apart: what disturbs a machine for
 * seconds disturbs both alike.
 */
#ifndef TEST_BENCH_GEN_FLOOD_H
#define TEST_BENCH_GEN_FLOOD_H

#include "fw/base/rng.h"
#include "test/bench/gen/options.h"
#include "test/bench/gen/side.h"

#define FLOOD_OPTIONS_BYTES 20u

struct flood_syn {
	struct frame_tcp head;
	uint8_t options[FLOOD_OPTIONS_BYTES];
};

_Static_assert(sizeof(struct flood_syn) == 74, "as on the wire");

struct flood {
	struct side *side;
	uint32_t rate; /* a second; 0: none */
	bool
	    has_mac; /* the template's Ethernet destination was given; else it is the neighbour's */
	double due_ns;    /* when the next one is; 0: not begun */
	uint64_t beat_ns; /* 0: none */
	bool on;
	uint64_t sent;
	uint64_t answered[2], answered_before; /* requests while it was off, and on */
	struct rng rng;
	struct flood_syn syn; /* template */
};

/* By way of the side, which is borrowed for good. */
void flood_init(struct flood *flood, struct side *side, const struct gen_options *options);
/*
 * What is due at now_ns, with so many requests answered so far, as far as the side has room; the rest later.
 * True if there was any.
 */
bool flood_turn(struct flood *flood, uint64_t now_ns, uint64_t answered);

#endif
