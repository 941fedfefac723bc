/*
 * The tables behind the stats file as data, its layout hash, and the sums that readers make. A
 * reader may be looking at a file that is written to meanwhile: each cell is loaded once, whole.
 */
#include "fw/abi/stats.h"

#include "fw/abi/layout.h"
#include "fw/base/assert.h"

const struct drop_info drop_infos[DROP_COUNT] = {
#define X(name, text) { #name, text },
#include "fw/abi/drops.tbl"
};

const struct memory_info memory_infos[MEMORY_COUNT] = {
#define X(name, text) { #name, text },
#include "fw/abi/memory.tbl"
};

#define X(name, unit, text) { #name, unit, text },
const struct counter_info counter_infos[COUNTER_COUNT] = {
#include "fw/abi/counters.tbl"
};
#define X(name, unit, text) { #name, unit, text },
const struct counter_info vs_counter_infos[VS_COUNTER_COUNT] = {
#include "fw/abi/vs_counters.tbl"
};
#define X(name, unit, text) { #name, unit, text },
const struct counter_info member_counter_infos[MEMBER_COUNTER_COUNT] = {
#include "fw/abi/member_counters.tbl"
};
#define X(name, unit, text) { #name, unit, text },
const struct counter_info port_counter_infos[PORT_COUNTER_COUNT] = {
#include "fw/abi/port_counters.tbl"
};

const struct lacp_state_info lacp_state_infos[LACP_STATE_COUNT] = {
#define X(name, text) { #name, text },
#include "fw/abi/lacp_states.tbl"
};

/* All rows' names in order; a renamed, moved, added or removed row changes the layout hash. */
static const char table_rows[] =
#define X(name, text) #name " "
#include "fw/abi/drops.tbl"
#define X(name, unit, text) #name " " unit " "
#include "fw/abi/counters.tbl"
    "/ "
#define X(name, unit, text) #name " " unit " "
#include "fw/abi/vs_counters.tbl"
    "/ "
#define X(name, unit, text) #name " " unit " "
#include "fw/abi/member_counters.tbl"
    "/ "
#define X(name, unit, text) #name " " unit " "
#include "fw/abi/port_counters.tbl"
    "/ "
#define X(name, unit, text) #name " " unit " "
#include "fw/abi/punt_counters.tbl"
    "/ "
#define X(name, protocol, port, per_second, text) #name " "
#include "fw/abi/services.tbl"
    "/ "
#define X(name, text) #name " "
#include "fw/abi/memory.tbl"
    "/ "
#define X(name, text) #name " "
#include "fw/abi/lacp_states.tbl"
    ;

uint64_t
stats_layout_hash(void)
{
	static const uint32_t numbers[] = {
		LAYOUT_SIZE(struct stats),
		LAYOUT_FIELD(struct stats, magic),
		LAYOUT_FIELD(struct stats, layout_hash),
		LAYOUT_FIELD(struct stats, incarnation),
		LAYOUT_FIELD(struct stats, started_unix_s),
		LAYOUT_FIELD(struct stats, started_us),
		LAYOUT_FIELD(struct stats, now_us),
		LAYOUT_FIELD(struct stats, generation),
		LAYOUT_FIELD(struct stats, pid),
		LAYOUT_FIELD(struct stats, workers),
		LAYOUT_FIELD(struct stats, vs_owner),
		LAYOUT_FIELD(struct stats, member_owner),
		LAYOUT_FIELD(struct stats, live),
		LAYOUT_SIZE(struct stats_generation),
		LAYOUT_FIELD(struct stats_generation, number),
		LAYOUT_FIELD(struct stats_generation, created_unix_s),
		LAYOUT_FIELD(struct stats_generation, adopted_unix_us),
		LAYOUT_FIELD(struct stats_generation, sessions),
		LAYOUT_FIELD(struct stats, ports),
		LAYOUT_FIELD(struct stats, drops),
		LAYOUT_SIZE(struct stats_drop),
		LAYOUT_FIELD(struct stats_drop, last_unix_us),
		LAYOUT_FIELD(struct stats_drop, per_second),
		LAYOUT_FIELD(struct stats, load),
		LAYOUT_SIZE(struct stats_load),
		LAYOUT_FIELD(struct stats_load, busy_us),
		LAYOUT_FIELD(struct stats_load, of_us),
		LAYOUT_FIELD(struct stats, worker),
		LAYOUT_SIZE(struct stats_worker),
		LAYOUT_FIELD(struct stats_worker, counter),
		LAYOUT_FIELD(struct stats_worker, drop),
		LAYOUT_FIELD(struct stats_worker, punt),
		LAYOUT_FIELD(struct stats_worker, memory),
		LAYOUT_SIZE(struct stats_memory),
		LAYOUT_FIELD(struct stats_memory, object_bytes),
		LAYOUT_FIELD(struct stats_memory, capacity),
		LAYOUT_FIELD(struct stats_memory, used),
		LAYOUT_FIELD(struct stats_memory, used_max),
		LAYOUT_FIELD(struct stats_worker, port),
		LAYOUT_FIELD(struct stats_worker, vs),
		LAYOUT_FIELD(struct stats_worker, member),
		LAYOUT_SIZE(struct stats_port),
		LAYOUT_FIELD(struct stats_port, name),
		LAYOUT_FIELD(struct stats_port, driver),
		LAYOUT_FIELD(struct stats_port, mac),
		LAYOUT_FIELD(struct stats_port, link_up),
		LAYOUT_FIELD(struct stats_port, mtu_bytes),
		LAYOUT_FIELD(struct stats_port, speed_mbps),
		LAYOUT_FIELD(struct stats_port, link_changes),
		LAYOUT_FIELD(struct stats_port, errors),
		LAYOUT_FIELD(struct stats_port, offloads),
		LAYOUT_FIELD(struct stats, bonds),
		LAYOUT_SIZE(struct stats_bond),
		LAYOUT_FIELD(struct stats_bond, mode),
		LAYOUT_FIELD(struct stats_bond, takeovers),
		LAYOUT_FIELD(struct stats_bond, member_count),
		LAYOUT_FIELD(struct stats_bond, member),
		LAYOUT_SIZE(struct stats_bond_member),
		LAYOUT_FIELD(struct stats_bond_member, name),
		LAYOUT_FIELD(struct stats_bond_member, link_up),
		LAYOUT_FIELD(struct stats_bond_member, is_active),
		LAYOUT_FIELD(struct stats_bond_member, lacp),
	};

	return layout_hash(numbers, ARRAY_SIZE(numbers), table_rows, sizeof table_rows);
}

/* The number of workers comes from the file: never more than there is room for. */
static uint32_t
workers(const struct stats *stats)
{
	uint32_t count = __atomic_load_n(&stats->workers, __ATOMIC_RELAXED);

	return count <= LIMIT_WORKERS ? count : LIMIT_WORKERS;
}

#define SUM(stats, cell)                                                                           \
	({                                                                                         \
		uint64_t total = 0;                                                                \
		uint32_t count = workers(stats);                                                   \
		for (uint32_t w = 0; w < count; w++)                                               \
			total += __atomic_load_n(&(stats)->worker[w].cell, __ATOMIC_RELAXED);      \
		total;                                                                             \
	})

static uint64_t
longest(const struct stats *stats, enum counter counter)
{
	uint64_t most = 0;

	for (uint32_t w = 0; w < workers(stats); w++) {
		uint64_t cell =
		    __atomic_load_n(&stats->worker[w].counter[counter], __ATOMIC_RELAXED);

		most = cell > most ? cell : most;
	}
	return most;
}

uint64_t
stats_counter(const struct stats *stats, enum counter counter)
{
	ASSERT(counter < COUNTER_COUNT);
	if (counter == COUNTER_config_adopt_longest_us)
		return longest(stats, counter);
	return SUM(stats, counter[counter]);
}

uint64_t
stats_drop(const struct stats *stats, enum drop_reason reason)
{
	ASSERT(reason < DROP_COUNT);
	return SUM(stats, drop[reason]);
}

uint64_t
stats_port_counter(const struct stats *stats, uint32_t port, enum port_counter counter)
{
	ASSERT(port < LIMIT_PORTS && counter < PORT_COUNTER_COUNT);
	return SUM(stats, port[port][counter]);
}

uint64_t
stats_punt(const struct stats *stats, enum service service, enum punt_counter counter)
{
	ASSERT(service < SERVICE_COUNT && counter < PUNT_COUNTER_COUNT);
	return SUM(stats, punt[service][counter]);
}

uint64_t
stats_vs(const struct stats *stats, uint32_t slot, enum vs_counter counter)
{
	ASSERT(slot < LIMIT_VIRTUAL_SERVERS && counter < VS_COUNTER_COUNT);
	return SUM(stats, vs[slot][counter]);
}

uint64_t
stats_member(const struct stats *stats, uint32_t slot, enum member_counter counter)
{
	ASSERT(slot < LIMIT_MEMBERS && counter < MEMBER_COUNTER_COUNT);
	return SUM(stats, member[slot][counter]);
}

struct stats_memory
stats_memory(const struct stats *stats, enum memory memory)
{
	return (struct stats_memory){
		.object_bytes = __atomic_load_n(&stats->worker[0].memory[memory].object_bytes,
						__ATOMIC_RELAXED),
		.capacity = SUM(stats, memory[memory].capacity),
		.used = SUM(stats, memory[memory].used),
		.used_max = SUM(stats, memory[memory].used_max),
	};
}
