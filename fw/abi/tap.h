/*
 * Taps: where a worker copies frames for people. Two kinds, each at most once at a time: a capture (frames as they are)
 * and a trace (a frame's beginning, and its walk through the layers). Both take frames that a filter lets through.
 * A worker writes records into a ring; readers get them by the mailbox, one behind the other.
 */
#ifndef FW_ABI_TAP_H
#define FW_ABI_TAP_H

#include <stddef.h>
#include <stdint.h>

#include "fw/abi/conn_fields.h"

enum tap_kind { TAP_CAPTURE, TAP_TRACE, TAP_KINDS };

/* Classic BPF, as libpcap compiles a filter; jumps go forward only. */
struct tap_insn {
	uint16_t code;
	uint8_t jump_true, jump_false;
	uint32_t k;
};

#define TAP_INSNS_MAX  512u
#define TAP_KEPT_MAX   2048u /* bytes kept of a frame, at most: more than any frame has */
#define TAP_TRACE_KEPT 192u  /* of one that is traced: all headers fit */

/* What is wanted of frames. */
struct tap_plan {
	uint64_t frames;      /* how many, of each worker; UINT64_MAX: no end */
	uint32_t device_mask; /* bit n: port n of the stats file */
	uint32_t kept_bytes;  /* of each frame, 1 to TAP_KEPT_MAX */
	uint32_t insn_count;  /* 0: no filter, all frames */
	uint32_t pad;
	struct tap_insn insn[TAP_INSNS_MAX];
};

enum tap_direction { TAP_IN, TAP_OUT };

enum trace_layer {
#define X(name, text) TRACE_LAYER_##name,
#include "fw/abi/trace_layers.tbl"
	TRACE_LAYER_COUNT
};

enum trace_verdict {
#define X(name, text) TRACE_VERDICT_##name,
#include "fw/abi/trace_verdicts.tbl"
	TRACE_VERDICT_COUNT
};

/* A copy of a frame. In a trace struct tap_walk follows, then kept_bytes bytes of the frame, then padding. */
struct tap_record {
	uint32_t size_bytes; /* with all that follows, a multiple of 8 */
	uint8_t kind;        /* enum tap_kind */
	uint8_t direction;   /* enum tap_direction */
	uint8_t device;      /* index in the stats file's ports */
	uint8_t worker;
	uint64_t unix_us;     /* of the turn that it came or went in */
	uint32_t frame_bytes; /* on the wire, without the frame check sequence */
	uint16_t kept_bytes;
	uint16_t reason; /* enum drop_reason */
};

#define TAP_MET_BEFORE 1u /* there was such a connection before the frame was taken in */
#define TAP_MET_AFTER  2u /* and there is one after it */

struct tap_walk {
	uint8_t verdict[TRACE_LAYER_COUNT]; /* enum trace_verdict */
	uint8_t met;                        /* bits TAP_MET_* */
	uint8_t pad[3];
	uint32_t conn; /* index of that connection in the worker's pool */
	uint32_t pad2;
	struct conn_fields before, after; /* out: after only, as it is once the burst was made */
};

const char *trace_layer_text(unsigned layer);
const char *trace_verdict_text(unsigned verdict);

/*
 * The next record of len bytes at *at, which moves behind it; NULL: there is none, or what is there is no
 * record (*at is less than len then). Parts of the record may be followed blindly. Lends.
 */
const struct tap_record *tap_record_next(const void *bytes, size_t len, size_t *at);
/* NULL: a capture's record has none. */
const struct tap_walk *tap_record_walk(const struct tap_record *record);
/* kept_bytes of them. */
const uint8_t *tap_record_frame(const struct tap_record *record);

static inline size_t
tap_record_bytes(enum tap_kind kind, size_t kept_bytes)
{
	size_t bytes = sizeof(struct tap_record) + kept_bytes;

	bytes += kind == TAP_TRACE ? sizeof(struct tap_walk) : 0;
	return (bytes + 7) & ~(size_t)7;
}

#endif
