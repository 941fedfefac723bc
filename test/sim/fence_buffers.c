/*
 * A mempool driver in front of the simulation's: it knows the worker that has each buffer. The only ones that change hands
 * are packets whose next hop is not known, which go to worker 0 (HANDOFF_RESOLVE); they are counted.
 */
#include "test/sim/fence_buffers.h"

#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/handoff.h"
#include "dataplane/net/packet.h"
#include "test/sim/pool_ops.h"

#define OPS_NAME "fence"
#define NOBODY   UINT32_MAX

struct buffer {
	struct rte_mbuf *mbuf;
	uint32_t owner;  /* NOBODY: free, or taken between turns */
	uint64_t digest; /* at the beginning of a turn that is looked at */
};

struct fence_buffers {
	struct world *world;
	struct rte_mempool *pool;
	int32_t inner; /* the driver's place in DPDK's table */
	struct buffer *buffer;
	uint32_t count;
	uint32_t turning;
	uint64_t taken, seen, resolved;
};

static int fence_enqueue(struct rte_mempool *pool, void *const *objects, unsigned n);
static int fence_dequeue(struct rte_mempool *pool, void **objects, unsigned n);
static unsigned fence_count(const struct rte_mempool *pool);
static int no_alloc(struct rte_mempool *pool);
static void note(struct rte_mempool *pool, void *arg, void *object, unsigned index);
static int by_address(const void *a, const void *b);
static struct buffer *find(const void *object);
static bool is_handed_over(struct fence_buffers *buffers, struct buffer *buffer);
static uint64_t digest_of(const struct rte_mbuf *m);

static const struct rte_mempool_ops fence_ops = {
	.name = OPS_NAME,
	.alloc = no_alloc,
	.enqueue = fence_enqueue,
	.dequeue = fence_dequeue,
	.get_count = fence_count,
};

RTE_MEMPOOL_REGISTER_OPS(fence_ops);

static struct fence_buffers the_buffers;

struct fence_buffers *
fence_buffers_new(struct box *box)
{
	struct fence_buffers *buffers = &the_buffers;

	ASSERT(!buffers->pool && world_pool_out(box->mbufs) == 0);
	*buffers = (struct fence_buffers){ .world = box->node.world,
					   .pool = box->mbufs,
					   .inner = box->mbufs->ops_index,
					   .turning = NOBODY };
	buffers->buffer = calloc(box->mbufs->size, sizeof *buffers->buffer);
	ASSERT(buffers->buffer);
	rte_mempool_obj_iter(box->mbufs, note, buffers);
	qsort(buffers->buffer, buffers->count, sizeof *buffers->buffer, by_address);
	for (uint32_t i = 0; i < rte_mempool_ops_table.num_ops; i++)
		if (strcmp(rte_mempool_ops_table.ops[i].name, OPS_NAME) == 0)
			box->mbufs->ops_index = (int32_t)i;
	return buffers;
}

static void
note(struct rte_mempool *pool, void *arg, void *object, unsigned index)
{
	struct fence_buffers *buffers = arg;

	ASSERT(index < pool->size);
	buffers->buffer[buffers->count++] = (struct buffer){ .mbuf = object, .owner = NOBODY };
}

static int
by_address(const void *a, const void *b)
{
	const struct buffer *left = a, *right = b;

	return left->mbuf < right->mbuf ? -1 : left->mbuf > right->mbuf;
}

static struct buffer *
find(const void *object)
{
	struct buffer key = { .mbuf = (struct rte_mbuf *)(uintptr_t)object };
	struct buffer *buffer = bsearch(&key, the_buffers.buffer, the_buffers.count,
					sizeof *the_buffers.buffer, by_address);

	ASSERT(buffer);
	return buffer;
}

/* The pool was made by the driver behind this one. */
static int
no_alloc(struct rte_mempool *pool)
{
	(void)pool;
	return -ENOTSUP;
}

static int
fence_enqueue(struct rte_mempool *pool, void *const *objects, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct buffer *buffer = find(objects[i]);

		if (the_buffers.turning != NOBODY && buffer->owner != the_buffers.turning &&
		    !is_handed_over(&the_buffers, buffer))
			world_fail(the_buffers.world, "worker %u gives back a buffer of worker %u",
				   the_buffers.turning, buffer->owner);
		buffer->owner = NOBODY;
	}
	return rte_mempool_get_ops(the_buffers.inner)->enqueue(pool, objects, n);
}

static int
fence_dequeue(struct rte_mempool *pool, void **objects, unsigned n)
{
	int failed = rte_mempool_get_ops(the_buffers.inner)->dequeue(pool, objects, n);

	for (unsigned i = 0; i < n && !failed; i++)
		find(objects[i])->owner = the_buffers.turning;
	the_buffers.taken += failed ? 0 : n;
	return failed;
}

static unsigned
fence_count(const struct rte_mempool *pool)
{
	return rte_mempool_get_ops(the_buffers.inner)->get_count(pool);
}

void
fence_buffers_turn(struct fence_buffers *buffers, uint32_t worker, bool looks)
{
	buffers->turning = worker;
	for (uint32_t i = 0; i < buffers->count && looks; i++) {
		struct buffer *buffer = &buffers->buffer[i];

		if (buffer->owner != NOBODY && buffer->owner != worker)
			buffer->digest = digest_of(buffer->mbuf);
	}
}

void
fence_buffers_turned(struct fence_buffers *buffers, bool looks)
{
	for (uint32_t i = 0; i < buffers->count && looks; i++) {
		struct buffer *buffer = &buffers->buffer[i];

		if (buffer->owner == NOBODY || buffer->owner == buffers->turning)
			continue;
		if (buffer->digest != digest_of(buffer->mbuf) && !is_handed_over(buffers, buffer))
			world_fail(buffers->world, "worker %u changes a buffer of worker %u",
				   buffers->turning, buffer->owner);
		buffers->seen++;
	}
	buffers->turning = NOBODY;
}

/* It is worker 0's from here on. */
static bool
is_handed_over(struct fence_buffers *buffers, struct buffer *buffer)
{
	if (buffers->turning != 0 || packet_of(buffer->mbuf)->handoff != HANDOFF_RESOLVE)
		return false;
	buffer->owner = 0;
	buffers->resolved++;
	return true;
}

static uint64_t
digest(uint64_t sum, const void *data, size_t bytes)
{
	const uint8_t *at = data;

	for (; bytes >= 8; bytes -= 8, at += 8) {
		uint64_t word;

		memcpy(&word, at, 8);
		sum = (sum ^ word) * UINT64_C(0x9fb21c651e98df25);
		sum ^= sum >> 29;
	}
	for (; bytes; bytes--, at++)
		sum = (sum ^ *at) * UINT64_C(0x100000001b3);
	return sum;
}

/* Of its head, what the stack notes beside it, and its data. */
static uint64_t
digest_of(const struct rte_mbuf *m)
{
	uint64_t sum = digest(0, m, sizeof *m);

	sum = digest(sum, m + 1, PACKET_PRIVATE_BYTES);
	return digest(sum, rte_pktmbuf_mtod(m, const void *), m->data_len);
}

void
fence_buffers_count(const struct fence_buffers *buffers, struct fence_counts *counts)
{
	counts->buffers_taken = buffers->taken;
	counts->buffers_seen = buffers->seen;
	counts->buffers_resolved = buffers->resolved;
}

void
fence_buffers_end(struct fence_buffers *buffers)
{
	buffers->pool->ops_index = buffers->inner;
	free(buffers->buffer);
	*buffers = (struct fence_buffers){ 0 };
}
