/*
 * A tap of one worker: a plan (which frames, fw/abi/tap.h), a ring of records, and counters. The control thread sets
 * the plan while the tap is off and takes records out; the worker alone puts them in. All memory is taken at start;
 * a full ring loses the copy and counts it, the frame itself never waits.
 */
#ifndef DATAPLANE_TAP_H
#define DATAPLANE_TAP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "fw/abi/tap.h"
#include "fw/base/assert.h"
#include "fw/base/err.h"

#define TAP_CLOCK_SET_US 1000000u

struct tap {
	struct tap_plan plan; /* set by the control thread while the tap is off */
	enum tap_kind kind;
	uint8_t *ring;
	uint32_t ring_bytes; /* a multiple of 8; 0: nothing can be tapped */
	uint64_t left;       /* frames that are still wanted */
	uint64_t reserved;   /* worker: bytes given out in all, published or not */
	/* one writer each */
	_Atomic(uint64_t) published
	    __attribute__((aligned(64)));                     /* worker: bytes that may be read */
	_Atomic(uint64_t) matched, lost;                      /* worker: frames */
	_Atomic(uint64_t) taken __attribute__((aligned(64))); /* control thread: bytes read */
};

/* Which frame it is. */
struct tap_place {
	enum tap_direction direction;
	uint32_t device, worker;
	uint64_t unix_us;
};

/* The ring is in memory (8-byte aligned, ring_bytes long), lent for the tap's life. */
void tap_init(struct tap *tap, enum tap_kind kind, void *memory, uint32_t ring_bytes);
/*
 * Whether the plan may be run: each instruction is one that the interpreter knows, jumps end and go
 * forward, sizes are in range. ERR_invalid: *why says what is wrong.
 */
MUST_CHECK enum err tap_plan_check(const struct tap_plan *plan, const char **why);
/* Takes a plan that was checked, and empties the ring. Only while the worker does not use the tap. Copies. */
void tap_begin(struct tap *tap, const struct tap_plan *plan);

/*
 * Worker: a record of the frame if it is wanted and there is room, walk cleared, reason none; NULL
 * if not. bytes: the frame's first len, contiguous; frame_bytes: all of it. Lends until tap_publish.
 */
struct tap_record *tap_offer(struct tap *tap, const uint8_t *bytes, uint32_t len,
			     uint32_t frame_bytes, const struct tap_place *place);
/* Worker: all records since the last time may be read. */
void tap_publish(struct tap *tap);
/* Worker: whether no more frames are wanted. */
bool tap_is_done(const struct tap *tap);

/*
 * Control thread: whole records of several workers' taps, the oldest first, as many as fit into max bytes of out; answers how
 * many bytes. None that is younger than until_us, for a worker that is in a turn of then may still make an older one; but
 * for such as are younger by TAP_CLOCK_SET_US: then the wall clock was set back.
 */
uint32_t
tap_read(struct tap *const *taps, uint32_t count, uint64_t until_us, void *out, uint32_t max);

#endif
