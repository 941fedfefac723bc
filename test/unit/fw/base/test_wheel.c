/*
 * The timer wheel: single cases by hand, then random operations against a list that is searched in full.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fw/base/assert.h"
#include "fw/base/rng.h"
#include "fw/base/wheel.h"
#include "test/unit/unit.h"

#define OBJECTS 2000u
#define TICK    ((uint64_t)WHEEL_TICK_US)
#define SECOND  ((uint64_t)1000000)
#define HOUR    (3600 * SECOND)
#define DAY     (24 * HOUR)

static struct object {
	uint32_t before;
	struct wheel_node node;
	uint32_t after;
} objects[OBJECTS];

static struct wheel wheel;

static void
setup(uint64_t now_us)
{
	for (uint32_t i = 0; i < OBJECTS; i++) {
		objects[i].before = objects[i].after = i;
		wheel_node_init(&objects[i].node);
	}
	wheel_init(&wheel, &objects[0].node, sizeof objects[0], now_us);
}

/* Goes to now_us at once; how many objects fired, the last of them in *last. */
static unsigned
fire(uint64_t now_us, uint32_t *last)
{
	unsigned fired = 0;

	/* false may mean that a call's work is used up: then wheel_next_us says so */
	do
		while (wheel_expire(&wheel, now_us, last))
			fired++;
	while (wheel_next_us(&wheel) <= now_us);
	return fired;
}

static void
empty_never_fires(void)
{
	uint32_t index;

	setup(5 * SECOND);
	CU_ASSERT_EQUAL(wheel_next_us(&wheel), UINT64_MAX);
	CU_ASSERT_FALSE(wheel_expire(&wheel, 5 * SECOND, &index));
	CU_ASSERT_FALSE(wheel_expire(&wheel, 5 * DAY, &index));
	CU_ASSERT_EQUAL(wheel_next_us(&wheel), UINT64_MAX);
}

/* One deadline after another, alone: never early, at most a tick late, nothing fires while asleep until next_us. */
static void
deadline_alone_fires_within_a_tick(void)
{
	static const uint64_t delays[] = {
		1,
		127,
		128,
		129,
		255 * TICK,
		256 * TICK - 1,
		256 * TICK,
		256 * TICK + 1,
		257 * TICK,
		SECOND,
		65535 * TICK,
		65536 * TICK,
		65537 * TICK,
		10 * SECOND,
		HOUR,
		(TICK << 24) - 1,
		TICK << 24,
		(TICK << 24) + 1,
		DAY,
		5 * DAY,
		(TICK << 32) - 1,
		TICK << 32,
		(TICK << 32) + 1,
	};
	static const uint64_t starts[] = {
		0, 1, 127, 255 * TICK + 3, 65535 * TICK, (TICK << 24) - 1, 123456789012
	};

	for (size_t s = 0; s < ARRAY_SIZE(starts); s++) {
		for (size_t d = 0; d < ARRAY_SIZE(delays); d++) {
			uint64_t due_us = starts[s] + delays[d];
			uint32_t index = 99;
			unsigned naps = 0;

			setup(starts[s]);
			wheel_start(&wheel, 7, due_us);
			CU_ASSERT_FALSE(wheel_expire(&wheel, due_us - 1, &index));
			while (wheel_next_us(&wheel) < due_us && naps++ < 8)
				CU_ASSERT_FALSE(
				    wheel_expire(&wheel, wheel_next_us(&wheel), &index));
			CU_ASSERT(wheel_next_us(&wheel) < due_us + TICK);
			CU_ASSERT(wheel_expire(&wheel, due_us + TICK - 1, &index));
			CU_ASSERT_EQUAL(index, 7);
			CU_ASSERT_EQUAL(wheel.armed, 0);
			CU_ASSERT_EQUAL(wheel_next_us(&wheel), UINT64_MAX);
			CU_ASSERT_FALSE(wheel_expire(&wheel, due_us + DAY, &index));
		}
	}
}

static void
deadline_in_the_past_fires_at_once(void)
{
	uint32_t index;

	setup(0);
	CU_ASSERT_FALSE(wheel_expire(&wheel, SECOND + 1, &index)); /* in the middle of a tick */
	wheel_start(&wheel, 0, SECOND + 1);
	CU_ASSERT_EQUAL(wheel_next_us(&wheel), SECOND + 1);
	CU_ASSERT(wheel_expire(&wheel, SECOND + 1, &index));
	wheel_start(&wheel, 0, 0);
	CU_ASSERT(wheel_expire(&wheel, SECOND + 1, &index));
	CU_ASSERT_FALSE(wheel_expire(&wheel, SECOND + 1, &index));
}

/* As a connection's idle timer is with each packet: its node need not be moved for it. */
static void
put_off_again_and_again_fires_once_at_the_last_wish(void)
{
	uint64_t now_us = 0, last_us = 0;
	uint32_t index = 99;

	setup(0);
	for (; now_us < HOUR; now_us += 10 * SECOND) {
		CU_ASSERT_FALSE(wheel_expire(&wheel, now_us, &index));
		wheel_start(&wheel, 3, now_us + SECOND * 60);
		last_us = now_us + SECOND * 60;
		CU_ASSERT_EQUAL(wheel.armed, 1);
	}
	CU_ASSERT_EQUAL(fire(last_us - 1, &index), 0);
	CU_ASSERT_EQUAL(fire(last_us + TICK - 1, &index), 1);
	CU_ASSERT_EQUAL(index, 3);
	CU_ASSERT_EQUAL(wheel_next_us(&wheel), UINT64_MAX);
}

static void
started_twice_fires_once_at_the_later_wish(void)
{
	uint32_t index;

	setup(0);
	wheel_start(&wheel, 3, SECOND);
	wheel_start(&wheel, 3, 2 * SECOND);
	CU_ASSERT_EQUAL(wheel.armed, 1);
	CU_ASSERT_FALSE(wheel_expire(&wheel, SECOND + TICK, &index));
	CU_ASSERT_EQUAL(fire(2 * SECOND + TICK, &index), 1);
	wheel_start(&wheel, 3, 9 * SECOND);
	wheel_start(&wheel, 3, 3 * SECOND); /* and earlier */
	CU_ASSERT_EQUAL(fire(3 * SECOND + TICK, &index), 1);
	CU_ASSERT_EQUAL(fire(10 * SECOND, &index), 0);
}

static void
stopped_does_not_fire(void)
{
	uint32_t index = 0;

	setup(0);
	for (uint32_t i = 0; i < 10; i++)
		wheel_start(&wheel, i, SECOND);
	CU_ASSERT(wheel_node_is_started(&objects[9].node));
	for (uint32_t i = 0; i < 10; i += 3) { /* the first, the last and some between */
		wheel_stop(&wheel, i);
		wheel_stop(&wheel, i);
	}
	CU_ASSERT_EQUAL(wheel.armed, 6);
	CU_ASSERT_FALSE(wheel_node_is_started(&objects[9].node));
	CU_ASSERT_EQUAL(fire(2 * SECOND, &index), 6);
	CU_ASSERT_EQUAL(index, 8);
}

static void
same_tick_fires_in_order_of_start(void)
{
	uint32_t index;

	setup(0);
	for (uint32_t i = 0; i < 50; i++)
		wheel_start(&wheel, i, 1000);
	for (uint32_t i = 0; i < 50; i++) {
		CU_ASSERT(wheel_expire(&wheel, 2000, &index));
		CU_ASSERT_EQUAL(index, i);
	}
}

static void
deadline_beyond_the_span_is_kept(void)
{
	uint32_t index = 0;
	uint64_t due_us = 100 * DAY + 12345, now_us = 77;
	unsigned naps = 0;

	setup(now_us);
	wheel_start(&wheel, 5, due_us);
	wheel_start(&wheel, 6, UINT64_MAX);
	while (!wheel_expire(&wheel, now_us, &index)) {
		uint64_t next_us = wheel_next_us(&wheel);

		CU_ASSERT_FATAL(next_us >= now_us && naps++ < 200);
		now_us = next_us;
	}
	CU_ASSERT_EQUAL(index, 5);
	CU_ASSERT(now_us >= due_us && now_us < due_us + TICK);
	CU_ASSERT_EQUAL(wheel.armed, 1);
}

static void
jump_of_hours_costs_bounded_work_a_call(void)
{
	uint32_t index;
	unsigned calls = 0, fired = 0;

	setup(0);
	for (uint32_t i = 0; i < OBJECTS; i++) /* all of them in one coarse slot */
		wheel_start(&wheel, i, HOUR + i);
	while (fired < OBJECTS) {
		CU_ASSERT_FATAL(wheel_next_us(&wheel) <= 9 * HOUR);
		fired += wheel_expire(&wheel, 9 * HOUR, &index);
		calls++;
	}
	/* each node goes down three levels at most, 64 a call */
	CU_ASSERT(calls - fired >= OBJECTS / WHEEL_WORK);
	CU_ASSERT(calls - fired <= 3 * OBJECTS / WHEEL_WORK + 3);
	CU_ASSERT_FALSE(wheel_expire(&wheel, 9 * HOUR, &index));
}

static void
unfinished_move_does_not_let_the_worker_sleep(void)
{
	uint32_t index;
	uint64_t now_us;

	setup(0);
	for (uint32_t i = 0; i < OBJECTS; i++)
		wheel_start(&wheel, i, HOUR + i);
	now_us = wheel_next_us(&wheel); /* when the coarse slot begins: nothing is due yet */
	for (unsigned calls = 0; calls < OBJECTS / WHEEL_WORK; calls++) {
		CU_ASSERT_FALSE(wheel_expire(&wheel, now_us, &index));
		CU_ASSERT_EQUAL(wheel_next_us(&wheel), now_us);
	}
	CU_ASSERT_FALSE(wheel_expire(&wheel, now_us, &index));
	CU_ASSERT(wheel_next_us(&wheel) > now_us);
}

static void
clock_going_back_loses_nothing_and_fires_nothing(void)
{
	uint32_t index;

	setup(HOUR);
	wheel_start(&wheel, 1, HOUR + SECOND);
	CU_ASSERT_FALSE(wheel_expire(&wheel, HOUR + SECOND / 2, &index));
	CU_ASSERT_FALSE(wheel_expire(&wheel, HOUR, &index));
	CU_ASSERT_FALSE(wheel_expire(&wheel, 0, &index));
	wheel_start(&wheel, 2, SECOND); /* by the wrong clock */
	CU_ASSERT_FALSE(wheel_expire(&wheel, 2 * SECOND, &index));
	CU_ASSERT_EQUAL(wheel_next_us(&wheel), HOUR + SECOND / 2);
	CU_ASSERT(wheel_expire(&wheel, HOUR + SECOND / 2, &index));
	CU_ASSERT_EQUAL(index, 2);
	CU_ASSERT(wheel_expire(&wheel, HOUR + SECOND + TICK, &index));
	CU_ASSERT_EQUAL(index, 1);
}

static void
zeroed_node_is_not_started(void)
{
	uint32_t index = 99;

	setup(0);
	memset(&objects[4].node, 0, sizeof objects[4].node);
	wheel_stop(&wheel, 4);
	CU_ASSERT_EQUAL(wheel.armed, 0);
	wheel_start(&wheel, 4, 1);
	CU_ASSERT_EQUAL(fire(TICK, &index), 1);
	CU_ASSERT_EQUAL(index, 4);
}

static void
start_a_garbage_node(void *arg)
{
	memset(&objects[0].node, 0xa5, sizeof objects[0].node);
	wheel_start(arg, 0, 1);
}

static void
garbage_node_is_an_assert(void)
{
	setup(0);
	CU_ASSERT(unit_asserts(start_a_garbage_node, &wheel));
}

/* The model: a deadline an object, UINT64_MAX when not started. */
static uint64_t model[OBJECTS];

static uint64_t
model_next(void)
{
	uint64_t next = UINT64_MAX;

	for (uint32_t i = 0; i < OBJECTS; i++)
		if (model[i] < next)
			next = model[i];
	return next;
}

static uint64_t
random_delay(struct rng *rng)
{
	switch (rng_below(rng, 8)) {
	case 0:
		return 0;
	case 1:
	case 2:
		return rng_below(rng, 300 * (uint32_t)TICK);
	case 3:
	case 4:
		return rng_next(rng) % SECOND;
	case 5:
		return rng_next(rng) % (20 * SECOND);
	case 6:
		return rng_next(rng) % HOUR;
	default:
		return rng_next(rng) % (8 * DAY);
	}
}

static uint64_t
random_step(struct rng *rng, uint64_t now_us)
{
	uint64_t next_us = wheel_next_us(&wheel);

	switch (rng_below(rng, 8)) {
	case 0:
		return next_us != UINT64_MAX && next_us > now_us ? next_us - now_us : 0;
	case 1:
		return rng_next(rng) % (10 * SECOND);
	case 2:
		return rng_below(rng, 50) == 0 ? rng_next(rng) % (2 * DAY) : TICK;
	default:
		return rng_below(rng, 1000);
	}
}

/* Fires all that is due and compares with the model; false at the first difference. */
static bool
step_agrees(uint64_t now_us)
{
	uint32_t index;
	uint64_t next_us;

	do {
		while (wheel_expire(&wheel, now_us, &index)) {
			if (index >= OBJECTS || model[index] > now_us)
				return false; /* stopped, or early */
			model[index] = UINT64_MAX;
		}
		next_us = wheel_next_us(&wheel);
	} while (next_us <= now_us);
	/* what is left is less than a tick late, and would not be slept over */
	if (model_next() == UINT64_MAX)
		return next_us == UINT64_MAX;
	return model_next() + TICK > now_us && next_us < model_next() + TICK;
}

static bool
story_agrees(uint64_t seed)
{
	struct rng rng;
	uint64_t now_us;

	rng_init(&rng, seed);
	now_us = rng_next(&rng) % (10 * DAY);
	setup(now_us);
	memset(model, 0xff, sizeof model);
	for (unsigned round = 0; round < 400; round++) {
		for (unsigned i = rng_below(&rng, 40); i; i--) {
			uint32_t index = rng_below(&rng, OBJECTS);

			if (rng_below(&rng, 4) == 0) {
				wheel_stop(&wheel, index);
				model[index] = UINT64_MAX;
			} else {
				model[index] = now_us + random_delay(&rng);
				wheel_start(&wheel, index, model[index]);
			}
		}
		now_us += random_step(&rng, now_us);
		if (!step_agrees(now_us))
			return false;
	}
	for (uint32_t i = 0; i < OBJECTS; i++)
		if (objects[i].before != i || objects[i].after != i)
			return false;
	return true;
}

static void
random_operations_agree_with_a_list(void)
{
	for (uint64_t seed = 1; seed <= 100; seed++) {
		bool agrees = story_agrees(seed);

		CU_ASSERT(agrees);
		if (!agrees) {
			printf("seed %" PRIu64 "\n", seed);
			return;
		}
	}
}

CU_TestInfo test_wheel[] = {
	{ "wheel_empty_never_fires", empty_never_fires },
	{ "wheel_deadline_alone_fires_within_a_tick", deadline_alone_fires_within_a_tick },
	{ "wheel_deadline_in_the_past_fires_at_once", deadline_in_the_past_fires_at_once },
	{ "wheel_put_off_again_and_again_fires_once_at_the_last_wish",
	  put_off_again_and_again_fires_once_at_the_last_wish },
	{ "wheel_started_twice_fires_once_at_the_later_wish",
	  started_twice_fires_once_at_the_later_wish },
	{ "wheel_stopped_does_not_fire", stopped_does_not_fire },
	{ "wheel_same_tick_fires_in_order_of_start", same_tick_fires_in_order_of_start },
	{ "wheel_deadline_beyond_the_span_is_kept", deadline_beyond_the_span_is_kept },
	{ "wheel_jump_of_hours_costs_bounded_work_a_call",
	  jump_of_hours_costs_bounded_work_a_call },
	{ "wheel_unfinished_move_does_not_let_the_worker_sleep",
	  unfinished_move_does_not_let_the_worker_sleep },
	{ "wheel_clock_going_back_loses_nothing_and_fires_nothing",
	  clock_going_back_loses_nothing_and_fires_nothing },
	{ "wheel_zeroed_node_is_not_started", zeroed_node_is_not_started },
	{ "wheel_garbage_node_is_an_assert", garbage_node_is_an_assert },
	{ "wheel_random_operations_agree_with_a_list", random_operations_agree_with_a_list },
	CU_TEST_INFO_NULL,
};
