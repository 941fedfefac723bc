/*
 * The rings between workers: order, kinds, fairness between givers, full rings, and nothing lost at the end.
 */
#include "dataplane/handoff.h"

#include <rte_malloc.h>
#include <rte_mbuf.h>

#include "dataplane/net/packet.h"
#include "fw/abi/limits.h"
#include "test/unit/unit.h"

static struct rte_mempool *pool;
static struct handoff *handoff;
static unsigned used_before;

static void
begin(uint32_t workers)
{
	pool = unit_mbufs();
	used_before = rte_mempool_in_use_count(pool);
	handoff = handoff_init(
	    rte_zmalloc(NULL, handoff_memory_bytes(workers), RTE_CACHE_LINE_SIZE), workers);
}

static void
end(void)
{
	handoff_fini(handoff);
	rte_free(handoff);
	CU_ASSERT_EQUAL(rte_mempool_in_use_count(pool), used_before);
}

/* A packet of so many bytes; the length is its name in here. */
static bool
give(uint32_t from, uint32_t to, uint16_t name, enum handoff_kind kind)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	m->data_len = name;
	if (handoff_give(handoff, from, to, m, kind))
		return true;
	rte_pktmbuf_free(m);
	return false;
}

static uint16_t
take(uint32_t to)
{
	struct rte_mbuf *m;
	uint16_t name;

	if (handoff_take(handoff, to, &m, 1) == 0)
		return 0;
	name = m->data_len;
	rte_pktmbuf_free(m);
	return name;
}

static void
packets_arrive_in_order_with_their_kind(void)
{
	struct rte_mbuf *got[4];

	begin(2);
	give(0, 1, 1, HANDOFF_FRAME);
	give(0, 1, 2, HANDOFF_PACKET);
	give(0, 1, 3, HANDOFF_UNREACHABLE);
	CU_ASSERT_EQUAL(handoff_take(handoff, 0, got, 4), 0);
	CU_ASSERT_EQUAL_FATAL(handoff_take(handoff, 1, got, 4), 3);
	for (uint16_t i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(got[i]->data_len, i + 1);
	CU_ASSERT_EQUAL(packet_of(got[0])->handoff, HANDOFF_FRAME);
	CU_ASSERT_EQUAL(packet_of(got[1])->handoff, HANDOFF_PACKET);
	CU_ASSERT_EQUAL(packet_of(got[2])->handoff, HANDOFF_UNREACHABLE);
	rte_pktmbuf_free_bulk(got, 3);
	end();
}

static void
a_full_ring_refuses_and_leaves_others_alone(void)
{
	uint32_t given = 0;

	begin(3);
	while (give(0, 1, 1, HANDOFF_FRAME))
		given++;
	CU_ASSERT_EQUAL(given, HANDOFF_PACKETS);
	CU_ASSERT_TRUE(give(2, 1, 2, HANDOFF_FRAME));
	CU_ASSERT_TRUE(give(0, 2, 3, HANDOFF_FRAME));
	CU_ASSERT_EQUAL(take(2), 3);
	while (take(1))
		given--;
	CU_ASSERT_EQUAL((int)given, -1); /* and the one of worker 2 */
	CU_ASSERT_TRUE(give(0, 1, 1, HANDOFF_FRAME));
	end();
}

/* Two givers that always have something are served alike, whatever the burst. */
static void
givers_are_served_in_turn(void)
{
	uint32_t from[LIMIT_WORKERS] = { 0 };

	begin(4);
	for (unsigned i = 0; i < 100; i++) {
		give(0, 3, 1, HANDOFF_FRAME);
		give(1, 3, 2, HANDOFF_FRAME);
		give(2, 3, 3, HANDOFF_FRAME);
	}
	for (unsigned i = 0; i < 90; i++)
		from[take(3) - 1]++;
	CU_ASSERT(from[0] >= 22 && from[1] >= 22 && from[2] >= 22);
	CU_ASSERT_EQUAL(from[0] + from[1] + from[2], 90);
	end();
}

static void
packets_that_wait_at_the_end_are_freed(void)
{
	begin(LIMIT_WORKERS);
	for (uint32_t to = 1; to < LIMIT_WORKERS; to++)
		give(0, to, 1, HANDOFF_FRAME);
	CU_ASSERT_EQUAL(rte_mempool_in_use_count(pool) - used_before, LIMIT_WORKERS - 1);
	end();
}

static void
notes_arrive_whole_and_in_order(void)
{
	struct handoff_note note = { 0 };
	uint32_t told = 0;

	begin(2);
	CU_ASSERT_FALSE(handoff_hear(handoff, 0, &note));
	while (handoff_tell(
	    handoff, 1, 0, &(struct handoff_note){ NOTE_PASSIVE_FAILED, 7, told, ~(uint64_t)told }))
		told++;
	CU_ASSERT_EQUAL(told, HANDOFF_NOTES);
	for (uint32_t i = 0; i < told; i++) {
		CU_ASSERT_TRUE_FATAL(handoff_hear(handoff, 0, &note));
		CU_ASSERT(note.kind == NOTE_PASSIVE_FAILED && note.passive_fall == 7 &&
			  note.index == i && note.hash == ~(uint64_t)i);
	}
	CU_ASSERT_FALSE(handoff_hear(handoff, 0, &note));
	CU_ASSERT_FALSE(handoff_hear(handoff, 1, &note));
	end();
}

static void
waiting_is_seen_by_whom_it_is_for(void)
{
	struct handoff_note note = { NOTE_PASSIVE_OK, 0, 1, 2 };

	begin(3);
	CU_ASSERT_FALSE(handoff_waits(handoff, 1));
	give(0, 1, 1, HANDOFF_FRAME);
	CU_ASSERT_TRUE(handoff_waits(handoff, 1));
	CU_ASSERT_FALSE(handoff_waits(handoff, 0));
	CU_ASSERT_FALSE(handoff_waits(handoff, 2));
	CU_ASSERT_EQUAL(take(1), 1);
	CU_ASSERT_FALSE(handoff_waits(handoff, 1));
	CU_ASSERT_TRUE(handoff_tell(handoff, 2, 1, &note));
	CU_ASSERT_TRUE(handoff_waits(handoff, 1));
	end();
}

static void
one_worker_has_nobody_to_hear_from(void)
{
	struct handoff_note note;
	struct rte_mbuf *m;

	begin(1);
	CU_ASSERT_EQUAL(handoff_take(handoff, 0, &m, 1), 0);
	CU_ASSERT_FALSE(handoff_hear(handoff, 0, &note));
	CU_ASSERT_FALSE(handoff_waits(handoff, 0));
	end();
}

CU_TestInfo test_handoff[] = {
	{ "packets_arrive_in_order_with_their_kind", packets_arrive_in_order_with_their_kind },
	{ "a_full_ring_refuses_and_leaves_others_alone",
	  a_full_ring_refuses_and_leaves_others_alone },
	{ "givers_are_served_in_turn", givers_are_served_in_turn },
	{ "packets_that_wait_at_the_end_are_freed", packets_that_wait_at_the_end_are_freed },
	{ "notes_arrive_whole_and_in_order", notes_arrive_whole_and_in_order },
	{ "waiting_is_seen_by_whom_it_is_for", waiting_is_seen_by_whom_it_is_for },
	{ "one_worker_has_nobody_to_hear_from", one_worker_has_nobody_to_hear_from },
	CU_TEST_INFO_NULL,
};
