/*
 * What comes to one worker and belongs to another: packets and short notes. Each pair of workers has a ring of either
 * for each direction, so every ring has one writer and one reader; nobody waits, and a full ring is the giver's to count.
 *
 * Made by the control thread, or the simulator; after that each call names the worker that makes it.
 */
#ifndef DATAPLANE_HANDOFF_H
#define DATAPLANE_HANDOFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fw/base/assert.h"

struct rte_mbuf;
struct handoff;

#define HANDOFF_PACKETS 1023u /* that may wait between two workers, each way */
#define HANDOFF_NOTES   1023u

/* What a packet is, and so what is to be done with it; in packet_of(m)->handoff. */
enum handoff_kind {
	HANDOFF_FRAME, /* as a port gave it, packet_of(m)->device says which: to who owns its flow, or to worker 0 */
	HANDOFF_PACKET, /* starts at its IP header, whole again: from worker 0 to who owns its flow */
	HANDOFF_SEGMENT, /* starts at its TCP header: to who owns its flow, from whom a device's hash has misled */
	HANDOFF_RESOLVE, /* starts at its IP header: to worker 0, who finds its next hop and sends it */
	HANDOFF_UNREACHABLE, /* came by HANDOFF_RESOLVE, and its next hop is silent: back, so that TCP hears of it */
};

enum handoff_note_kind {
	NOTE_PASSIVE_OK, /* index of a health entry, hash of its target: a session's connection was good */
	NOTE_PASSIVE_FAILED, /* the same: it failed, in a pool with this passive_fall */
	NOTE_RELEASE_KEPT, /* index is a member's stats slot, hash its owner: give up one idle connection to it */
};

struct handoff_note {
	uint16_t kind; /* enum handoff_note_kind */
	uint16_t passive_fall;
	uint32_t index; /* by kind */
	uint64_t hash;
};

size_t handoff_memory_bytes(uint32_t workers);
/* Makes the rings of so many workers in memory (64-byte aligned, taken over). Gives. */
struct handoff *handoff_init(void *memory, uint32_t workers);
/* Frees the packets that wait; the memory is the caller's again. When no worker turns any more. */
void handoff_fini(struct handoff *handoff);

/* From worker `from` to another. Takes m if true; false: as many wait as may. */
bool handoff_give(struct handoff *handoff, uint32_t from, uint32_t to, struct rte_mbuf *m,
		  enum handoff_kind kind);
/* Up to n packets for worker `to`, the other workers in turn; gives. In the order of each giver. */
uint16_t handoff_take(struct handoff *handoff, uint32_t to, struct rte_mbuf **burst, uint16_t n);

/* Notes, in the same way. Copies. */
bool
handoff_tell(struct handoff *handoff, uint32_t from, uint32_t to, const struct handoff_note *note);
bool handoff_hear(struct handoff *handoff, uint32_t to, struct handoff_note *note);

/* Whether something waits for worker `to`: its next turn has something to do. Any thread. */
bool handoff_waits(const struct handoff *handoff, uint32_t to);

#endif
