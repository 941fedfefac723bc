/*
 * Which connection a segment to the origin belongs to: a table of addresses and ports, open addressing, at most half full.
 */
#ifndef TEST_BENCH_GEN_FLOWS_H
#define TEST_BENCH_GEN_FLOWS_H

#include <rte_prefetch.h>
#include <stdint.h>

#define FLOWS_NONE UINT32_MAX

struct flow_key {
	uint64_t addresses; /* the peer's above ours */
	uint32_t ports;     /* likewise */
};

struct flow {
	struct flow_key key;
	uint32_t index_plus_1; /* 0: empty */
};

struct flows {
	struct flow *flow;
	uint32_t mask;
};

static inline struct flow_key
flow_key(uint32_t remote, uint32_t local, uint16_t remote_port, uint16_t local_port)
{
	return (struct flow_key){ (uint64_t)remote << 32 | local,
				  (uint32_t)remote_port << 16 | local_port };
}

/* Room for max flows. Takes memory for the program's life. */
void flows_init(struct flows *flows, uint32_t max);
uint32_t flows_hash(const struct flow_key *key);

static inline void
flows_prefetch(const struct flows *flows, uint32_t hash)
{
	rte_prefetch0(&flows->flow[hash & flows->mask]);
}

/* FLOWS_NONE: not there. */
uint32_t flows_find(const struct flows *flows, const struct flow_key *key, uint32_t hash);
/* It must not be there yet. */
void flows_add(struct flows *flows, const struct flow_key *key, uint32_t index);
/* It must be there. */
void flows_remove(struct flows *flows, const struct flow_key *key);

#endif
