/*
 * The ring of frames between a worker and the punt thread: order, full, empty, and both sides at once.
 */
#include "dataplane/punt_ring.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "test/unit/unit.h"

#define MANY 20000u

static struct punt_ring *ring;

static void
begin(void)
{
	void *memory = aligned_alloc(64, (punt_ring_memory_bytes() + 63) & ~(size_t)63);

	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	memset(memory, 0xa5, punt_ring_memory_bytes());
	ring = punt_ring_init(memory);
}

static void
push(uint32_t number)
{
	struct punt_frame *frame = punt_ring_room(ring);

	ASSERT(frame);
	frame->port = (uint8_t)number;
	frame->len_bytes = sizeof number;
	memcpy(frame->bytes, &number, sizeof number);
	punt_ring_push(ring);
}

static uint32_t
pop(void)
{
	const struct punt_frame *frame = punt_ring_next(ring);
	uint32_t number;

	ASSERT(frame && frame->len_bytes == sizeof number);
	memcpy(&number, frame->bytes, sizeof number);
	ASSERT(frame->port == (uint8_t)number);
	punt_ring_pop(ring);
	return number;
}

static void
frames_come_in_order_up_to_a_full_ring(void)
{
	begin();
	CU_ASSERT_PTR_NULL(punt_ring_next(ring));
	for (unsigned round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < PUNT_RING_FRAMES; i++)
			push(round * 1000 + i);
		CU_ASSERT_PTR_NULL(punt_ring_room(ring));
		for (uint32_t i = 0; i < PUNT_RING_FRAMES; i++)
			CU_ASSERT_EQUAL(pop(), round * 1000 + i);
		CU_ASSERT_PTR_NULL(punt_ring_next(ring));
		push(7); /* so that the next round begins elsewhere */
		CU_ASSERT_EQUAL(pop(), 7);
	}
	free(ring);
}

static void *
write_many(void *context)
{
	for (uint32_t i = 0; i < MANY; i++) {
		while (!punt_ring_room(ring))
			sched_yield();
		push(i);
	}
	return NULL;
}

static void
reader_beside_the_writer_sees_whole_frames(void)
{
	pthread_t writer;
	bool in_order = true;

	begin();
	CU_ASSERT_EQUAL_FATAL(pthread_create(&writer, NULL, write_many, NULL), 0);
	for (uint32_t i = 0; i < MANY; i++) {
		while (!punt_ring_next(ring))
			sched_yield();
		in_order &= pop() == i;
	}
	CU_ASSERT_TRUE(in_order);
	pthread_join(writer, NULL);
	free(ring);
}

CU_TestInfo test_punt_ring[] = {
	{ "punt_ring_frames_come_in_order_up_to_a_full_ring",
	  frames_come_in_order_up_to_a_full_ring },
	{ "punt_ring_reader_beside_the_writer_sees_whole_frames",
	  reader_beside_the_writer_sees_whole_frames },
	CU_TEST_INFO_NULL,
};
