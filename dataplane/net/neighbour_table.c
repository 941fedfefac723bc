/*
 * The published neighbours: cells with a sequence word each (a seqlock: odd while the cell is written), chained by hash.
 *
 * All words are read and written atomically, so that a reader may come at any time. The chains are not protected as a
 * whole: a reader on a chain that changes under it may end up on another one, or miss a neighbour. It then takes the slow
 * way by worker 0, which is always right. The steps of a search are bounded.
 */
#include "dataplane/net/net_priv.h"

#define TABLE_BUCKETS (2 * NET_NEIGHBOURS)
#define CHAIN_STEPS   64u
#define READ_TRIES    4u

struct cell {
	uint32_t sequence;
	uint32_t serial; /* 0: free */
	uint32_t
	    next; /* index of the next in its chain; kept when the cell is freed, for who is there just then */
	uint32_t pad;
	uint64_t addr[2];
	uint64_t link; /* MAC address, port, state: see link_of */
	uint64_t fresh_until_us;
} __attribute__((aligned(64)));

struct duplicate {
	uint64_t addr[2];
	uint64_t link; /* MAC address and port, as in a cell */
};

struct neighbour_table {
	uint64_t hash_key[2];
	uint32_t duplicate_sequence, duplicate_count;
	struct duplicate duplicate[NET_DUPLICATES];
	uint32_t bucket[TABLE_BUCKETS]; /* index of a cell, or POOL_NONE */
	struct cell cell[NET_NEIGHBOURS];
};

static uint32_t *bucket_of(struct neighbour_table *table, const struct addr *addr, unsigned port);
static uint32_t
bucket_index(const struct neighbour_table *table, const struct addr *addr, unsigned port);
static void write_begin(uint32_t *sequence);
static void write_end(uint32_t *sequence);
static void unlink_cell(struct neighbour_table *table, uint32_t index);
static bool read_cell(const struct neighbour_table *table, uint32_t index,
		      struct neighbour_view *view, uint32_t *next);

#define LOAD(at)         __atomic_load_n(&(at), __ATOMIC_RELAXED)
#define STORE(at, value) __atomic_store_n(&(at), (value), __ATOMIC_RELAXED)

size_t
neighbour_table_bytes(void)
{
	return sizeof(struct neighbour_table);
}

struct neighbour_table *
neighbour_table_init(void *memory, uint64_t seed)
{
	struct neighbour_table *table = memory;
	struct rng rng;

	ASSERT(((uintptr_t)memory & 63) == 0);
	memset(table, 0, sizeof *table);
	rng_init(&rng, seed);
	table->hash_key[0] = rng_next(&rng);
	table->hash_key[1] = rng_next(&rng);
	for (uint32_t i = 0; i < TABLE_BUCKETS; i++)
		table->bucket[i] = POOL_NONE;
	return table;
}

static inline uint64_t
link_of(const struct neighbour_view *view)
{
	return view->mac << 16 | (uint64_t)view->port << 8 | view->state;
}

void
neighbour_table_publish(struct neighbour_table *table, const struct neighbour_view *view)
{
	struct cell *cell = &table->cell[view->index];
	bool is_new = cell->serial == 0;
	uint32_t *bucket = is_new ? bucket_of(table, &view->addr, view->port) : NULL;

	ASSERT(view->index < NET_NEIGHBOURS && view->serial != 0);
	write_begin(&cell->sequence);
	if (is_new)
		STORE(cell->next, *bucket);
	STORE(cell->serial, view->serial);
	STORE(cell->addr[0], view->addr.word[0]);
	STORE(cell->addr[1], view->addr.word[1]);
	STORE(cell->link, link_of(view));
	STORE(cell->fresh_until_us, view->fresh_until_us);
	write_end(&cell->sequence);
	if (is_new)
		__atomic_store_n(bucket, view->index, __ATOMIC_RELEASE);
}

static uint32_t *
bucket_of(struct neighbour_table *table, const struct addr *addr, unsigned port)
{
	return &table->bucket[bucket_index(table, addr, port)];
}

static uint32_t
bucket_index(const struct neighbour_table *table, const struct addr *addr, unsigned port)
{
	return addr_hash(addr, table->hash_key[1] + port, table->hash_key[0]) & (TABLE_BUCKETS - 1);
}

/* Nothing that follows is seen before the odd number. */
static void
write_begin(uint32_t *sequence)
{
	STORE(*sequence, *sequence + 1);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static void
write_end(uint32_t *sequence)
{
	__atomic_store_n(sequence, *sequence + 1, __ATOMIC_RELEASE);
}

void
neighbour_table_withdraw(struct neighbour_table *table, uint32_t index)
{
	struct cell *cell = &table->cell[index];

	ASSERT(index < NET_NEIGHBOURS);
	if (cell->serial == 0)
		return;
	unlink_cell(table, index);
	write_begin(&cell->sequence);
	STORE(cell->serial, 0);
	write_end(&cell->sequence);
}

static void
unlink_cell(struct neighbour_table *table, uint32_t index)
{
	const struct cell *cell = &table->cell[index];
	struct addr addr = { .word = { cell->addr[0], cell->addr[1] } };
	uint32_t *bucket = bucket_of(table, &addr, cell->link >> 8 & 0xff);
	struct cell *before;

	if (*bucket == index) {
		__atomic_store_n(bucket, cell->next, __ATOMIC_RELEASE);
		return;
	}
	for (before = &table->cell[*bucket]; before->next != index;
	     before = &table->cell[before->next])
		ASSERT(before->next < NET_NEIGHBOURS);
	write_begin(&before->sequence);
	STORE(before->next, cell->next);
	write_end(&before->sequence);
}

bool
neighbour_table_find(const struct neighbour_table *table, const struct addr *addr, unsigned port,
		     struct neighbour_view *view)
{
	uint32_t index =
	    __atomic_load_n(&table->bucket[bucket_index(table, addr, port)], __ATOMIC_ACQUIRE);

	for (unsigned step = 0; step < CHAIN_STEPS && index < NET_NEIGHBOURS; step++) {
		if (!read_cell(table, index, view, &index))
			return false;
		if (view->serial && view->port == port && addr_equal(&view->addr, addr))
			return true;
	}
	return false;
}

bool
neighbour_table_read(const struct neighbour_table *table, uint32_t index,
		     struct neighbour_view *view)
{
	uint32_t next;

	ASSERT(index < NET_NEIGHBOURS);
	return read_cell(table, index, view, &next) && view->serial != 0;
}

/* All of it as it was at one moment; false if the writer came in between each time. */
static bool
read_cell(const struct neighbour_table *table, uint32_t index, struct neighbour_view *view,
	  uint32_t *next)
{
	const struct cell *cell = &table->cell[index];

	for (unsigned try = 0; try < READ_TRIES; try++) {
		uint32_t sequence = __atomic_load_n(&cell->sequence, __ATOMIC_ACQUIRE);
		uint64_t link = LOAD(cell->link);

		view->addr.word[0] = LOAD(cell->addr[0]);
		view->addr.word[1] = LOAD(cell->addr[1]);
		view->fresh_until_us = LOAD(cell->fresh_until_us);
		view->serial = LOAD(cell->serial);
		*next = LOAD(cell->next);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (sequence & 1 || LOAD(cell->sequence) != sequence)
			continue;
		view->mac = link >> 16;
		view->port = (uint8_t)(link >> 8);
		view->state = (uint8_t)link;
		view->index = index;
		return true;
	}
	return false;
}

void
neighbour_table_publish_duplicates(struct neighbour_table *table,
				   const struct duplicate_view *views, uint32_t count)
{
	ASSERT(count <= NET_DUPLICATES);
	write_begin(&table->duplicate_sequence);
	STORE(table->duplicate_count, count);
	for (uint32_t i = 0; i < count; i++) {
		STORE(table->duplicate[i].addr[0], views[i].addr.word[0]);
		STORE(table->duplicate[i].addr[1], views[i].addr.word[1]);
		STORE(table->duplicate[i].link, views[i].mac << 16 | (uint64_t)views[i].port << 8);
	}
	write_end(&table->duplicate_sequence);
}

uint32_t
neighbour_table_duplicates(const struct neighbour_table *table,
			   struct duplicate_view views[NET_DUPLICATES])
{
	for (unsigned try = 0; try < READ_TRIES; try++) {
		uint32_t sequence = __atomic_load_n(&table->duplicate_sequence, __ATOMIC_ACQUIRE);
		uint32_t count = RTE_MIN(LOAD(table->duplicate_count), NET_DUPLICATES);

		for (uint32_t i = 0; i < count; i++) {
			uint64_t link = LOAD(table->duplicate[i].link);

			views[i] = (struct duplicate_view){
				.addr.word = { LOAD(table->duplicate[i].addr[0]),
					       LOAD(table->duplicate[i].addr[1]) },
				.mac = link >> 16,
				.port = (uint8_t)(link >> 8),
			};
		}
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (!(sequence & 1) && LOAD(table->duplicate_sequence) == sequence)
			return count;
	}
	return 0;
}

bool
neighbour_table_is_duplicate(const struct neighbour_table *table, const struct addr *addr,
			     unsigned port)
{
	struct duplicate_view views[NET_DUPLICATES];
	uint32_t count;

	if (LOAD(table->duplicate_count) == 0)
		return false;
	count = neighbour_table_duplicates(table, views);
	for (uint32_t i = 0; i < count; i++)
		if (views[i].port == port && addr_equal(&views[i].addr, addr))
			return true;
	return false;
}
