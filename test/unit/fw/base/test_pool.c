/* The index pool: every object once, zeroed, none twice. */
#include <string.h>

#include "fw/base/pool.h"
#include "fw/base/rng.h"
#include "test/unit/unit.h"

#define CAPACITY 37u

struct object {
	uint64_t a;
	uint32_t b, c;
};

static _Alignas(64) uint8_t memory[4096];
static struct pool pool;

static void
setup(void)
{
	memset(memory, 0xa5, sizeof memory);
	CU_ASSERT_FATAL(pool_memory_bytes(sizeof(struct object), CAPACITY) <= sizeof memory);
	pool_init(&pool, memory, sizeof(struct object), CAPACITY);
}

static void
get_gives_each_object_once_then_none(void)
{
	bool seen[CAPACITY] = { false };

	setup();
	for (unsigned i = 0; i < CAPACITY; i++) {
		uint32_t index = pool_get(&pool);

		CU_ASSERT_FATAL(index < CAPACITY);
		CU_ASSERT_FALSE(seen[index]);
		seen[index] = true;
	}
	CU_ASSERT_EQUAL(pool_get(&pool), POOL_NONE);
	CU_ASSERT_EQUAL(pool_get(&pool), POOL_NONE);
	CU_ASSERT_EQUAL(pool.used, CAPACITY);
	pool_put(&pool, 5);
	CU_ASSERT_EQUAL(pool_get(&pool), 5);
	CU_ASSERT_EQUAL(pool_get(&pool), POOL_NONE);
}

static void
get_after_use_is_zeroed(void)
{
	static const struct object zero;
	uint32_t index;

	setup();
	index = pool_get(&pool);
	CU_ASSERT_EQUAL(memcmp(pool_at(&pool, index), &zero, sizeof zero), 0);
	memset(pool_at(&pool, index), 0xff, sizeof zero);
	pool_put(&pool, index);
	CU_ASSERT_EQUAL(pool_get(&pool), index); /* last in, first out */
	CU_ASSERT_EQUAL(memcmp(pool_at(&pool, index), &zero, sizeof zero), 0);
}

static void
objects_do_not_overlap(void)
{
	setup();
	for (unsigned i = 0; i < CAPACITY; i++) {
		uint32_t index = pool_get(&pool);

		memset(pool_at(&pool, index), (int)index, sizeof(struct object));
		CU_ASSERT_EQUAL(pool_index(&pool, pool_at(&pool, index)), index);
	}
	for (uint32_t index = 0; index < CAPACITY; index++) {
		const uint8_t *bytes = pool_at(&pool, index);

		CU_ASSERT(bytes[0] == index && bytes[sizeof(struct object) - 1] == index);
		CU_ASSERT(bytes + sizeof(struct object) <=
			  memory + pool_memory_bytes(sizeof(struct object), CAPACITY));
		CU_ASSERT_EQUAL((uintptr_t)bytes % _Alignof(struct object), 0);
	}
	CU_ASSERT_EQUAL(memory[pool_memory_bytes(sizeof(struct object), CAPACITY)], 0xa5);
}

static void
used_max_remembers_the_peak(void)
{
	uint32_t a, b;

	setup();
	a = pool_get(&pool);
	b = pool_get(&pool);
	pool_put(&pool, a);
	pool_put(&pool, b);
	CU_ASSERT_EQUAL(pool.used, 0);
	CU_ASSERT_EQUAL(pool.used_max, 2);
}

static void
is_used_follows_get_and_put(void)
{
	struct rng rng;
	bool model[CAPACITY] = { false };
	unsigned used = 0;

	setup();
	rng_init(&rng, 4);
	for (unsigned step = 0; step < 5000; step++) {
		uint32_t index = rng_below(&rng, CAPACITY);

		if (model[index]) {
			pool_put(&pool, index);
			model[index] = false;
			used--;
		} else {
			index = pool_get(&pool);
			CU_ASSERT_FATAL(index < CAPACITY && !model[index]);
			model[index] = true;
			used++;
		}
		CU_ASSERT_EQUAL(pool.used, used);
		for (uint32_t i = 0; i < CAPACITY; i++)
			CU_ASSERT_EQUAL(pool_is_used(&pool, i), model[i]);
	}
	CU_ASSERT_FALSE(pool_is_used(&pool, CAPACITY));
	CU_ASSERT_FALSE(pool_is_used(&pool, POOL_NONE));
}

static void
put_index(void *index)
{
	pool_put(&pool, *(uint32_t *)index);
}

static void
put_twice_is_an_assert(void)
{
	uint32_t index, out_of_range = CAPACITY, none = POOL_NONE;

	setup();
	index = pool_get(&pool);
	CU_ASSERT_FALSE(unit_asserts(put_index, &index));
	pool_put(&pool, index);
	CU_ASSERT(unit_asserts(put_index, &index));
	CU_ASSERT(unit_asserts(put_index, &out_of_range));
	CU_ASSERT(unit_asserts(put_index, &none));
}

static void
init_misaligned(void *at)
{
	pool_init(&pool, at, 16, 4);
}

static void
init_of_misaligned_memory_is_an_assert(void)
{
	CU_ASSERT_FALSE(unit_asserts(init_misaligned, memory));
	CU_ASSERT(unit_asserts(init_misaligned, memory + 8));
}

CU_TestInfo test_pool[] = {
	{ "pool_get_gives_each_object_once_then_none", get_gives_each_object_once_then_none },
	{ "pool_get_after_use_is_zeroed", get_after_use_is_zeroed },
	{ "pool_objects_do_not_overlap", objects_do_not_overlap },
	{ "pool_used_max_remembers_the_peak", used_max_remembers_the_peak },
	{ "pool_is_used_follows_get_and_put", is_used_follows_get_and_put },
	{ "pool_put_twice_is_an_assert", put_twice_is_an_assert },
	{ "pool_init_of_misaligned_memory_is_an_assert", init_of_misaligned_memory_is_an_assert },
	CU_TEST_INFO_NULL,
};
