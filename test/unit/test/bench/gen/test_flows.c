/* Which connection a segment belongs to: the origin's table, the clients' arithmetic. */
#include "test/bench/gen/flows.h"

#include "fw/base/rng.h"
#include "test/bench/gen/tuples.h"
#include "test/unit/unit.h"

#define FLOWS 1000u

static struct flow_key
key(uint32_t i)
{
	return flow_key(0x0a000101, 0x0a00010b + i % 3, (uint16_t)(1024 + i), 80);
}

static uint32_t
find(const struct flows *flows, uint32_t i)
{
	struct flow_key k = key(i);

	return flows_find(flows, &k, flows_hash(&k));
}

/* Against a plain array, in a random order, so that runs of neighbours have holes everywhere. */
static void
flows_added_and_removed_are_found_or_not(void)
{
	struct flows flows;
	bool is_there[FLOWS] = { false };
	struct rng rng;

	flows_init(&flows, FLOWS);
	rng_init(&rng, 3);
	for (unsigned round = 0; round < 20000; round++) {
		uint32_t i = rng_below(&rng, FLOWS);
		struct flow_key k = key(i);

		if (is_there[i])
			flows_remove(&flows, &k);
		else
			flows_add(&flows, &k, i);
		is_there[i] = !is_there[i];
		i = rng_below(&rng, FLOWS);
		CU_ASSERT_EQUAL_FATAL(find(&flows, i), is_there[i] ? i : FLOWS_NONE);
	}
	for (uint32_t i = 0; i < FLOWS; i++)
		CU_ASSERT_EQUAL(find(&flows, i), is_there[i] ? i : FLOWS_NONE);
}

static const struct tuples tuples = { .first_address = 0x0a020001,
				      .address_bits = 10,
				      .slot_bits = 9 };

static void
tuples_name_their_slot(void)
{
	uint32_t address, slot;
	uint16_t port;

	for (uint32_t use = 0; use < 70000; use += 501)
		for (uint32_t i = 0; i < 512; i += 7) {
			tuples_take(&tuples, i, use, &address, &port);
			CU_ASSERT_TRUE_FATAL(tuples_slot(&tuples, address, port, &slot));
			CU_ASSERT_EQUAL_FATAL(slot, i);
		}
}

static void
tuples_of_uses_differ_until_all_were_used(void)
{
	static bool used[1 << 25];
	uint32_t address;
	uint16_t port;

	for (uint32_t use = 0; use < 1 << 16; use++) {
		tuples_take(&tuples, 3, use, &address, &port);
		address -= tuples.first_address;
		CU_ASSERT_FALSE_FATAL(
		    used[address << TUPLES_PORT_BITS | (port - TUPLES_PORT_FIRST)]);
		used[address << TUPLES_PORT_BITS | (port - TUPLES_PORT_FIRST)] = true;
	}
	tuples_take(&tuples, 3, 1 << 16, &address, &port);
	CU_ASSERT_EQUAL(address, tuples.first_address + 3);
	CU_ASSERT_EQUAL(port, TUPLES_PORT_FIRST);
}

static void
tuples_of_others_have_no_slot(void)
{
	uint32_t slot;

	CU_ASSERT_FALSE(tuples_slot(&tuples, 0x0a020000, 20000, &slot));
	CU_ASSERT_FALSE(tuples_slot(&tuples, 0x0a020401, 20000, &slot));
	CU_ASSERT_FALSE(tuples_slot(&tuples, 0x0a020001, 16383, &slot));
	CU_ASSERT_FALSE(tuples_slot(&tuples, 0x0a020001, 49152, &slot));
	CU_ASSERT_TRUE(tuples_slot(&tuples, 0x0a020400, 49151, &slot));
}

CU_TestInfo test_flows[] = {
	{ "flows_added_and_removed_are_found_or_not", flows_added_and_removed_are_found_or_not },
	{ "tuples_name_their_slot", tuples_name_their_slot },
	{ "tuples_of_uses_differ_until_all_were_used", tuples_of_uses_differ_until_all_were_used },
	{ "tuples_of_others_have_no_slot", tuples_of_others_have_no_slot },
	CU_TEST_INFO_NULL,
};
