/* Profiles and their numbers, over generations that come and go. */
#include "dataplane/profile.h"

#include <stdlib.h>
#include <string.h>

#include "dataplane/tcp/tcp_priv.h"
#include "test/unit/unit.h"

#define CONNS 512u

static struct tcp *tcp;
static void *memory;
static struct stats_worker stats;
static struct profile_numbers numbers;
static struct profile_map map;

static uint16_t
mss(void *context, const struct addr *remote)
{
	return 1460;
}

static void
start(void)
{
	static const struct tcp_host host = { .mss = mss };
	struct tcp_settings settings = tcp_settings_default;

	settings.conns = settings.segments = CONNS;
	memory = aligned_alloc(64, (tcp_memory_bytes(&settings) + 63) & ~(size_t)63);
	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	memset(memory, 0, tcp_memory_bytes(&settings));
	tcp = tcp_init(memory, &settings, &host, NULL, &stats, &(const struct siphash_key){ 0 }, 0);
	numbers = (struct profile_numbers){ 0 };
}

static void
finish(void)
{
	tcp_fini(tcp);
	free(memory);
}

/* A generation with these profiles: identities first, first + 1, ..., all with this buffer. */
static struct generation *
generation(uint64_t first, uint32_t count, uint32_t buffer_bytes)
{
	struct generation head = { .tcp_profiles.count = count }, *gen;
	struct gen_tcp_profile *profiles;

	CU_ASSERT_EQUAL_FATAL(generation_lay_out(&head), ERR_ok);
	gen = calloc(1, head.total_bytes);
	*gen = head;
	profiles = (struct gen_tcp_profile *)(uintptr_t)generation_tcp_profiles(gen);
	for (uint32_t i = 0; i < count; i++) {
		profiles[i].hash = first + i;
		profiles[i].receive_buffer_bytes = profiles[i].send_buffer_bytes = buffer_bytes;
	}
	return gen;
}

static void
adopt(uint64_t first, uint32_t count, uint32_t buffer_bytes)
{
	struct generation *gen = generation(first, count, buffer_bytes);

	profile_adopt(&numbers, tcp, gen, &map);
	for (uint32_t i = 0; i < count; i++)
		CU_ASSERT_EQUAL(profile_number(&numbers, gen, &map, i), map.number[i]);
	CU_ASSERT_EQUAL(profile_number(&numbers, gen, &map, GENERATION_NONE), TCP_PROFILE_DEFAULT);
	free(gen);
}

static uint32_t
connection(uint32_t number)
{
	struct endpoint local = { .addr = addr_from_v4(be32_from(0x0a000001u)) };
	struct endpoint remote = { .addr = addr_from_v4(be32_from(0x0a000002u)), .port = 80 };
	uint32_t id = TCP_NONE;

	CU_ASSERT_EQUAL_FATAL(tcp_connect(tcp, &local, &remote, number, 0, 0, &id), ERR_ok);
	return id;
}

static uint32_t
buffer_of(uint32_t number)
{
	return tcp->profiles[number].receive_buffer_bytes;
}

static void
same_name_keeps_its_number_and_takes_new_settings(void)
{
	uint32_t number;

	start();
	adopt(7, 1, 5000);
	number = map.number[0];
	CU_ASSERT_NOT_EQUAL(number, TCP_PROFILE_DEFAULT);
	CU_ASSERT_EQUAL(buffer_of(number), 5000);
	adopt(6, 3, 9000); /* at another place of the text */
	CU_ASSERT_EQUAL(map.number[1], number);
	CU_ASSERT_NOT_EQUAL(map.number[0], number);
	CU_ASSERT_NOT_EQUAL(map.number[2], number);
	CU_ASSERT_NOT_EQUAL(map.number[0], map.number[2]);
	CU_ASSERT_EQUAL(buffer_of(number), 9000);
	CU_ASSERT_EQUAL(buffer_of(TCP_PROFILE_DEFAULT),
			tcp_settings_default.profile.receive_buffer_bytes);
	finish();
}

static void
all_settings_reach_tcp(void)
{
	struct generation *gen = generation(1, 1, 5000);
	struct gen_tcp_profile *from =
	    (struct gen_tcp_profile *)(uintptr_t)generation_tcp_profiles(gen);
	const struct tcp_profile *to;

	from->send_buffer_bytes = 6000;
	from->delayed_ack_ms = 17;
	from->syn_retries = 2;
	from->data_retries = 3;
	from->user_timeout_ms = 4;
	from->max_segment_bytes = 1200;
	from->keep_alive_idle_ms = 5;
	from->keep_alive_interval_ms = 6;
	from->keep_alive_probes = 7;
	from->congestion_control = GEN_TCP_CC_NEWRENO;
	from->ecn = from->pacing = 1;
	start();
	profile_adopt(&numbers, tcp, gen, &map);
	to = &tcp->profiles[map.number[0]];
	CU_ASSERT(to->receive_buffer_bytes == 5000 && to->send_buffer_bytes == 6000);
	CU_ASSERT(to->delayed_ack_us == 17000 && to->syn_retries == 2 && to->data_retries == 3);
	CU_ASSERT_EQUAL(to->max_segment_bytes, 1200);
	CU_ASSERT(to->user_timeout_ms == 4 && to->keep_alive_idle_ms == 5);
	CU_ASSERT(to->keep_alive_interval_ms == 6 && to->keep_alive_probes == 7);
	CU_ASSERT(to->cc == TCP_CC_NEWRENO && to->ecn && !to->nagle && to->pacing);
	CU_ASSERT_FALSE(to->fast_open);
	from->ecn = from->pacing = 0;
	from->nagle = from->fast_open = 1;
	profile_adopt(&numbers, tcp, gen, &map);
	CU_ASSERT(!to->ecn && to->nagle && !to->pacing && to->fast_open);
	finish();
	free(gen);
}

static void
one_that_left_keeps_number_and_settings_while_it_has_connections(void)
{
	uint32_t number, id;

	start();
	adopt(1, 1, 5000);
	number = map.number[0];
	id = connection(number);
	for (uint64_t first = 100; first < 100 + 20 * LIMIT_TCP_PROFILES;
	     first += LIMIT_TCP_PROFILES) {
		adopt(first, LIMIT_TCP_PROFILES, 9000);
		CU_ASSERT_EQUAL(buffer_of(number), 5000);
	}
	adopt(1, 1, 7000); /* it comes back, and finds its connections */
	CU_ASSERT_EQUAL(map.number[0], number);
	CU_ASSERT_EQUAL(buffer_of(number), 7000);
	adopt(100, LIMIT_TCP_PROFILES, 9000);
	tcp_abort(tcp, id, 0);
	tcp_fini(tcp);
	free(memory);
}

/* 64 that have no connections leave and 64 come, again and again. */
static void
one_that_left_without_connections_gives_its_number_away(void)
{
	uint64_t seen[TCP_PROFILES] = { 0 };

	start();
	for (uint64_t round = 0; round < 20; round++) {
		adopt(1 + round * LIMIT_TCP_PROFILES, LIMIT_TCP_PROFILES, 5000);
		for (uint32_t i = 0; i < LIMIT_TCP_PROFILES; i++) {
			CU_ASSERT_NOT_EQUAL(map.number[i], TCP_PROFILE_DEFAULT);
			CU_ASSERT_NOT_EQUAL(seen[map.number[i]], round + 1); /* to each its own */
			seen[map.number[i]] = round + 1;
		}
	}
	finish();
}

/* Each number but the default has a connection: the one that comes takes that of one that left, who follow. */
static void
without_a_free_number_one_that_left_is_taken_over_in_place(void)
{
	uint32_t taken;

	start();
	for (uint32_t n = 1; n < TCP_PROFILES; n += LIMIT_TCP_PROFILES) {
		uint32_t count =
		    TCP_PROFILES - n < LIMIT_TCP_PROFILES ? TCP_PROFILES - n : LIMIT_TCP_PROFILES;

		adopt(n, count, 5000);
		for (uint32_t i = 0; i < count; i++)
			connection(map.number[i]);
	}
	for (uint32_t n = 1; n < TCP_PROFILES; n++)
		CU_ASSERT_EQUAL(tcp_profile_users(tcp, n), 1);
	adopt(TCP_PROFILES - 1, 2, 9000); /* the first of both is there, and stays what it is */
	taken = map.number[1];
	CU_ASSERT_NOT_EQUAL(taken, TCP_PROFILE_DEFAULT);
	CU_ASSERT_NOT_EQUAL(taken, map.number[0]);
	CU_ASSERT_EQUAL(tcp_profile_users(tcp, taken), 1);
	CU_ASSERT_EQUAL(buffer_of(taken), 9000);
	CU_ASSERT_EQUAL(numbers.owner[map.number[0]], TCP_PROFILES - 1);
	finish();
}

/* A session that was decided under it may still open a connection. */
static void
older_generation_gets_the_default_once_a_number_is_anothers(void)
{
	struct generation *old = generation(1, LIMIT_TCP_PROFILES, 5000);
	struct profile_map old_map;
	uint32_t still = 0;

	start();
	profile_adopt(&numbers, tcp, old, &old_map);
	adopt(1000, 1, 9000);
	for (uint32_t i = 0; i < LIMIT_TCP_PROFILES; i++)
		CU_ASSERT_EQUAL(profile_number(&numbers, old, &old_map, i),
				old_map.number[i] == map.number[0] ? TCP_PROFILE_DEFAULT
								   : old_map.number[i]);
	for (uint64_t round = 1; round < 20; round++)
		adopt(1000 * round, LIMIT_TCP_PROFILES, 9000);
	for (uint32_t i = 0; i < LIMIT_TCP_PROFILES; i++)
		still += profile_number(&numbers, old, &old_map, i) != TCP_PROFILE_DEFAULT;
	CU_ASSERT_EQUAL(still, 0);
	finish();
	free(old);
}

CU_TestInfo test_profile[] = {
	{ "profile_same_name_keeps_its_number_and_takes_new_settings",
	  same_name_keeps_its_number_and_takes_new_settings },
	{ "profile_all_settings_reach_tcp", all_settings_reach_tcp },
	{ "profile_that_left_keeps_number_and_settings_while_it_has_connections",
	  one_that_left_keeps_number_and_settings_while_it_has_connections },
	{ "profile_that_left_without_connections_gives_its_number_away",
	  one_that_left_without_connections_gives_its_number_away },
	{ "profile_without_a_free_number_takes_one_that_left_in_place",
	  without_a_free_number_one_that_left_is_taken_over_in_place },
	{ "profile_of_an_older_generation_is_the_default_once_the_number_is_anothers",
	  older_generation_gets_the_default_once_a_number_is_anothers },
	CU_TEST_INFO_NULL,
};
