/* The origin's table of flows: see flows.h. Linear probing; a removal moves back what stands behind it. */
#include "test/bench/gen/flows.h"

#include <nmmintrin.h>
#include <stdbool.h>

#include "fw/base/assert.h"
#include "test/bench/gen/memory.h"

void
flows_init(struct flows *flows, uint32_t max)
{
	uint32_t size = 16;

	while (size < 2 * max)
		size *= 2;
	flows->flow = memory_take(sizeof *flows->flow * size);
	flows->mask = size - 1;
}

uint32_t
flows_hash(const struct flow_key *key)
{
	uint64_t crc = _mm_crc32_u64(0x5bd1e995, key->addresses);

	return (uint32_t)(_mm_crc32_u64(crc, key->ports) * 0x9e3779b97f4a7c15u >> 16);
}

static bool
is(const struct flow *flow, const struct flow_key *key)
{
	return flow->key.addresses == key->addresses && flow->key.ports == key->ports;
}

uint32_t
flows_find(const struct flows *flows, const struct flow_key *key, uint32_t hash)
{
	for (uint32_t at = hash & flows->mask; flows->flow[at].index_plus_1;
	     at = (at + 1) & flows->mask)
		if (is(&flows->flow[at], key))
			return flows->flow[at].index_plus_1 - 1;
	return FLOWS_NONE;
}

void
flows_add(struct flows *flows, const struct flow_key *key, uint32_t index)
{
	uint32_t at = flows_hash(key) & flows->mask;

	while (flows->flow[at].index_plus_1)
		at = (at + 1) & flows->mask;
	flows->flow[at] = (struct flow){ *key, index + 1 };
}

void
flows_remove(struct flows *flows, const struct flow_key *key)
{
	uint32_t hole = flows_hash(key) & flows->mask, at;

	while (!is(&flows->flow[hole], key)) {
		ASSERT(flows->flow[hole].index_plus_1);
		hole = (hole + 1) & flows->mask;
	}
	for (at = (hole + 1) & flows->mask; flows->flow[at].index_plus_1;
	     at = (at + 1) & flows->mask) {
		uint32_t home = flows_hash(&flows->flow[at].key) & flows->mask;

		/* It may stand anywhere from its home on, without a gap. */
		if (((at - home) & flows->mask) < ((at - hole) & flows->mask))
			continue;
		flows->flow[hole] = flows->flow[at];
		hole = at;
	}
	flows->flow[hole] = (struct flow){ 0 };
}
