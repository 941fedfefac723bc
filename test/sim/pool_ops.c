/*
 * A mempool driver: a stack of pointers, with poison.
 */
#include "test/sim/pool_ops.h"

#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define POISON(at, len)   ASAN_POISON_MEMORY_REGION(at, len)
#define UNPOISON(at, len) ASAN_UNPOISON_MEMORY_REGION(at, len)
#define SANITIZED         1
#else
#define POISON(at, len)   ((void)(at), (void)(len))
#define UNPOISON(at, len) ((void)(at), (void)(len))
#define SANITIZED         0
#endif

struct stack {
	unsigned count;
	unsigned hidden; /* so many of them are not to be had */
	bool filled;     /* the objects have become mbufs */
	void *object[];
};

static int
stack_alloc(struct rte_mempool *pool)
{
	pool->pool_data = calloc(1, sizeof(struct stack) + pool->size * sizeof(void *));
	return pool->pool_data ? 0 : -ENOMEM;
}

static void
stack_free(struct rte_mempool *pool)
{
	struct stack *stack = pool->pool_data;

	for (unsigned i = 0; stack->filled && i < stack->count; i++) {
		struct rte_mbuf *m = stack->object[i];

		UNPOISON(m->buf_addr, rte_pktmbuf_data_room_size(pool));
	}
	free(stack);
}

/* The first time the objects come to be filled the pool, and are no mbufs yet. */
static int
stack_enqueue(struct rte_mempool *pool, void *const *objects, unsigned n)
{
	struct stack *stack = pool->pool_data;

	for (unsigned i = 0; i < n; i++) {
		struct rte_mbuf *m = objects[i];

		if (SANITIZED && stack->filled) {
			m->buf_len = rte_pktmbuf_data_room_size(pool);
			POISON(m->buf_addr, m->buf_len);
		}
		stack->object[stack->count++] = m;
	}
	return 0;
}

static int
stack_dequeue(struct rte_mempool *pool, void **objects, unsigned n)
{
	struct stack *stack = pool->pool_data;

	if (stack->hidden >= stack->count || n > stack->count - stack->hidden)
		return -ENOBUFS;
	stack->filled = true;
	for (unsigned i = 0; i < n; i++) {
		struct rte_mbuf *m = stack->object[--stack->count];

		UNPOISON(m->buf_addr, rte_pktmbuf_data_room_size(pool));
		objects[i] = m;
	}
	return 0;
}

static unsigned
stack_count(const struct rte_mempool *pool)
{
	return ((const struct stack *)pool->pool_data)->count;
}

static const struct rte_mempool_ops stack_ops = {
	.name = POOL_OPS_NAME,
	.alloc = stack_alloc,
	.free = stack_free,
	.enqueue = stack_enqueue,
	.dequeue = stack_dequeue,
	.get_count = stack_count,
};

RTE_MEMPOOL_REGISTER_OPS(stack_ops);

void
pool_tighten(struct rte_mbuf *m)
{
	char *end = rte_pktmbuf_mtod(m, char *) + m->data_len;

	if (!SANITIZED)
		return;
	POISON(end, rte_pktmbuf_tailroom(m));
	m->buf_len = m->data_off + m->data_len;
}

void
pool_hide(struct rte_mempool *pool, unsigned n)
{
	((struct stack *)pool->pool_data)->hidden = n;
}
