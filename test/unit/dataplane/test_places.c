/*
 * Places of members with a limit: taken and given by several threads at once.
 */
#include "dataplane/places.h"

#include <pthread.h>
#include <stdlib.h>

#include "test/unit/unit.h"

#define THREADS 4u
#define TIMES   20000u
#define PLACES  3u
#define SLOT    7u

static struct places *places;
static _Atomic(uint32_t) held, most, got;

static void
taken_up_to_the_limit_and_given_back(void)
{
	places = calloc(1, sizeof *places);
	CU_ASSERT_PTR_NOT_NULL_FATAL(places);
	for (uint32_t i = 0; i < PLACES; i++)
		CU_ASSERT_TRUE(places_take(places, SLOT, PLACES));
	CU_ASSERT_FALSE(places_take(places, SLOT, PLACES));
	CU_ASSERT_TRUE(places_take(places, SLOT, PLACES + 1)); /* a higher limit has come */
	CU_ASSERT_EQUAL(places_taken(places, SLOT), PLACES + 1);
	CU_ASSERT_EQUAL(places_taken(places, SLOT + 1), 0);
	places_give(places, SLOT, 2);
	CU_ASSERT_TRUE(places_take(places, SLOT, PLACES));
	places_add(places, SLOT, 10); /* open before there was a limit */
	CU_ASSERT_FALSE(places_take(places, SLOT, PLACES));
	places_give(places, SLOT, 10);
	places_give(places, SLOT, PLACES);
	CU_ASSERT_EQUAL(places_taken(places, SLOT), 0);
	free(places);
}

static void *
take_and_give(void *unused)
{
	for (uint32_t i = 0; i < TIMES; i++) {
		uint32_t now, before = atomic_load(&most);

		if (!places_take(places, SLOT, PLACES))
			continue;
		now = atomic_fetch_add(&held, 1) + 1;
		while (now > before && !atomic_compare_exchange_weak(&most, &before, now))
			;
		atomic_fetch_add(&got, 1);
		atomic_fetch_sub(&held, 1);
		places_give(places, SLOT, 1);
	}
	return NULL;
}

static void
never_more_than_the_limit_whatever_threads_do_at_once(void)
{
	pthread_t thread[THREADS];

	places = calloc(1, sizeof *places);
	CU_ASSERT_PTR_NOT_NULL_FATAL(places);
	held = most = got = 0;
	for (uint32_t i = 0; i < THREADS; i++)
		CU_ASSERT_FATAL(pthread_create(&thread[i], NULL, take_and_give, NULL) == 0);
	for (uint32_t i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	CU_ASSERT(most <= PLACES && got >= TIMES);
	CU_ASSERT_EQUAL(places_taken(places, SLOT), 0);
	free(places);
}

CU_TestInfo test_places[] = {
	{ "places_are_taken_up_to_the_limit_and_given_back", taken_up_to_the_limit_and_given_back },
	{ "places_are_never_more_than_the_limit_whatever_threads_do_at_once",
	  never_more_than_the_limit_whatever_threads_do_at_once },
	CU_TEST_INFO_NULL,
};
