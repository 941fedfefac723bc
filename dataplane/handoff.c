/*
 * The rings between workers: DPDK's, over memory taken at the start. See handoff.h.
 *
 * A worker that takes begins with another giver each time, so that none of them is served last whenever there is more than
 * one burst holds.
 */
#include "dataplane/handoff.h"

#include <rte_mbuf.h>
#include <rte_ring.h>
#include <rte_ring_elem.h>

#include "dataplane/net/packet.h"
#include "fw/abi/limits.h"

#define PACKET_SLOTS (HANDOFF_PACKETS + 1)
#define NOTE_SLOTS   (HANDOFF_NOTES + 1)

STATIC_ASSERT((PACKET_SLOTS & (PACKET_SLOTS - 1)) == 0, "a ring's size is a power of two");
STATIC_ASSERT((NOTE_SLOTS & (NOTE_SLOTS - 1)) == 0, "a ring's size is a power of two");
STATIC_ASSERT(sizeof(struct handoff_note) % 4 == 0, "as rte_ring asks of its elements");

/* Written by the worker that takes. */
struct __attribute__((aligned(64))) taker {
	uint32_t first_packets, first_notes; /* giver to begin with */
};

struct handoff {
	uint32_t workers;
	struct taker taker[LIMIT_WORKERS];
	struct rte_ring *packets[LIMIT_WORKERS][LIMIT_WORKERS]; /* by giver and taker */
	struct rte_ring *notes[LIMIT_WORKERS][LIMIT_WORKERS];
};

static struct rte_ring *ring_at(uint8_t **memory, size_t bytes, uint32_t slots);

static size_t
aligned(size_t bytes)
{
	return (bytes + RTE_CACHE_LINE_SIZE - 1) & ~(size_t)(RTE_CACHE_LINE_SIZE - 1);
}

static size_t
packets_bytes(void)
{
	return aligned((size_t)rte_ring_get_memsize(PACKET_SLOTS));
}

static size_t
notes_bytes(void)
{
	return aligned((size_t)rte_ring_get_memsize_elem(sizeof(struct handoff_note), NOTE_SLOTS));
}

size_t
handoff_memory_bytes(uint32_t workers)
{
	size_t pairs = (size_t)workers * (workers - 1);

	return aligned(sizeof(struct handoff)) + pairs * (packets_bytes() + notes_bytes());
}

struct handoff *
handoff_init(void *memory, uint32_t workers)
{
	struct handoff *handoff = memory;
	uint8_t *at = (uint8_t *)memory + aligned(sizeof *handoff);

	ASSERT(((uintptr_t)memory & (RTE_CACHE_LINE_SIZE - 1)) == 0);
	ASSERT(workers >= 1 && workers <= LIMIT_WORKERS);
	memset(handoff, 0, sizeof *handoff);
	handoff->workers = workers;
	for (uint32_t from = 0; from < workers; from++)
		for (uint32_t to = 0; to < workers; to++) {
			if (from == to)
				continue;
			handoff->packets[from][to] = ring_at(&at, packets_bytes(), PACKET_SLOTS);
			handoff->notes[from][to] = ring_at(&at, notes_bytes(), NOTE_SLOTS);
		}
	return handoff;
}

static struct rte_ring *
ring_at(uint8_t **memory, size_t bytes, uint32_t slots)
{
	struct rte_ring *ring = (struct rte_ring *)*memory;
	int failed = rte_ring_init(ring, "handoff", slots, RING_F_SP_ENQ | RING_F_SC_DEQ);

	ASSERT(failed == 0);
	*memory += bytes;
	return ring;
}

void
handoff_fini(struct handoff *handoff)
{
	struct rte_mbuf *m;

	for (uint32_t to = 0; to < handoff->workers; to++)
		while (handoff_take(handoff, to, &m, 1))
			rte_pktmbuf_free(m);
}

bool
handoff_give(struct handoff *handoff, uint32_t from, uint32_t to, struct rte_mbuf *m,
	     enum handoff_kind kind)
{
	ASSERT(from != to && from < handoff->workers && to < handoff->workers);
	packet_of(m)->handoff = (uint8_t)kind;
	return rte_ring_sp_enqueue(handoff->packets[from][to], m) == 0;
}

uint16_t
handoff_take(struct handoff *handoff, uint32_t to, struct rte_mbuf **burst, uint16_t n)
{
	uint32_t *first = &handoff->taker[to].first_packets;
	uint16_t got = 0;

	if (++*first >= handoff->workers)
		*first = 0;
	for (uint32_t i = 0, from = *first; i < handoff->workers && got < n; i++) {
		struct rte_ring *ring = handoff->packets[from][to];

		if (ring)
			got =
			    (uint16_t)(got + rte_ring_sc_dequeue_burst(ring, (void **)(burst + got),
								       (unsigned)(n - got), NULL));
		if (++from == handoff->workers)
			from = 0;
	}
	return got;
}

bool
handoff_tell(struct handoff *handoff, uint32_t from, uint32_t to, const struct handoff_note *note)
{
	struct handoff_note copy = *note;

	ASSERT(from != to && from < handoff->workers && to < handoff->workers);
	return rte_ring_sp_enqueue_elem(handoff->notes[from][to], &copy, sizeof copy) == 0;
}

bool
handoff_hear(struct handoff *handoff, uint32_t to, struct handoff_note *note)
{
	uint32_t *first = &handoff->taker[to].first_notes;

	if (++*first >= handoff->workers)
		*first = 0;
	for (uint32_t i = 0, from = *first; i < handoff->workers; i++) {
		struct rte_ring *ring = handoff->notes[from][to];

		if (ring && rte_ring_sc_dequeue_elem(ring, note, sizeof *note) == 0)
			return true;
		if (++from == handoff->workers)
			from = 0;
	}
	return false;
}

bool
handoff_waits(const struct handoff *handoff, uint32_t to)
{
	for (uint32_t from = 0; from < handoff->workers; from++)
		if (from != to && (!rte_ring_empty(handoff->packets[from][to]) ||
				   !rte_ring_empty(handoff->notes[from][to])))
			return true;
	return false;
}
