/*
 * Finding the connections of a burst of segments among 4 million (dataplane/tcp/table.c) against DPDK's rte_hash_lookup_bulk,
 * which looks up as many at once with prefetch. The path looks them up one by one, so that is what the aim is about; "staged"
 * is the same table after look-ahead for the whole burst: all hashes, then all buckets, then all connections. Both know the
 * same keys, IPv4 as the layers have it; a million segments come from connections in random order, so hardly anything is in
 * a cache. rte_hash has keys of 16 bytes, which it compares at once: with the 12 that are needed it is slower by a third.
 *
 *   bench-lookup [ENTRIES]
 */
#include <rte_eal.h>
#include <rte_hash.h>
#include <rte_hash_crc.h>
#include <rte_malloc.h>
#include <rte_prefetch.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "dataplane/tcp/tcp_priv.h"
#include "fw/base/rng.h"
#include "test/bench/micro.h"

#define ENTRIES 4000000u
#define BURST   32u
#define BURSTS  32768u
#define TURNS   15u
#define SEED    1u

STATIC_ASSERT(BURST <= RTE_HASH_LOOKUP_BULK_MAX, "a burst is one call");

/* What identifies a connection to rte_hash: two IPv4 addresses, two ports. */
struct key {
	uint32_t local, remote;
	uint16_t local_port, remote_port;
	uint32_t zero;
};

struct arg {
	uint32_t entries;
	struct tcp *tcp;
	struct rte_hash *hash;
	struct endpoint local[BURSTS * BURST], remote[BURSTS * BURST];
	struct key key[BURSTS * BURST];
	uint32_t expected[BURSTS * BURST]; /* connections */
};

static void start_eal(void);
static int
want_large_pages(const struct rte_memseg_list *list, const struct rte_memseg *segment, void *arg);
static void fill_ours(struct arg *arg);
static void fill_peer(struct arg *arg);
static void draw(struct arg *arg);
static void look_up_peer(void *context);
static void look_up_single(void *context);
static void look_up_staged(void *context);
static void expect(const struct tcp *tcp, const uint32_t *hashes);
static void prefetch_keys(const struct tcp_conn *c);

int
main(int argc, char **argv)
{
	static struct arg arg = { .entries = ENTRIES };
	char title[100];

	if (argc == 2)
		arg.entries = (uint32_t)strtoul(argv[1], NULL, 10);
	if (argc > 2 || arg.entries == 0) {
		fprintf(stderr, "usage: bench-lookup [ENTRIES]\n");
		return 2;
	}
	start_eal();
	fill_ours(&arg);
	fill_peer(&arg);
	draw(&arg);
	snprintf(title, sizeof title, "connection lookup among %u, %u at once", arg.entries, BURST);
	micro_compare(
	    &(struct micro){ .title = title,
			     .unit = "lookup",
			     .units = BURSTS * BURST,
			     .turns = TURNS,
			     .arg = &arg,
			     .subjects = { { "rte_hash", look_up_peer, NULL },
					   { "ours, staged", look_up_staged, "lookup-staged" },
					   { "ours, one by one", look_up_single, "lookup" } },
			     .aim = 1,
			     .beyond = 2 });
	return 0;
}

/* As many pages of the kernel's large kind as it has: both tables get them alike. */
static void
start_eal(void)
{
	static char *args[] = { "bench-lookup",
				"--no-huge",
				"--no-pci",
				"--no-shconf",
				"--no-telemetry",
				"--log-level=error",
				"-m",
				"4096",
				"-l",
				"0",
				NULL };

	ASSERT(rte_eal_init((int)ARRAY_SIZE(args) - 1, args) >= 0);
	ASSERT(rte_memseg_walk(want_large_pages, NULL) == 0);
}

static int
want_large_pages(const struct rte_memseg_list *list, const struct rte_memseg *segment, void *arg)
{
	(void)list;
	(void)arg;
	madvise(segment->addr, segment->len, MADV_HUGEPAGE);
	return 0;
}

/* Connection i of all, each of another client's address and port, to one of 16 virtual servers. */
static void
endpoints_of(uint32_t i, struct endpoint *local, struct endpoint *remote)
{
	local->addr = addr_from_v4(be32_from(0x0a000064u + i % 16));
	local->port = 80;
	remote->addr = addr_from_v4(be32_from(0x0b000000u + i / 40));
	remote->port = (uint16_t)(1024 + i % 40 * 1000 + i % 997);
}

static void
fill_ours(struct arg *arg)
{
	static const struct siphash_key key = { 0x0706050403020100u, 0x0f0e0d0c0b0a0908u };
	struct tcp_settings settings = tcp_settings_default;
	void *memory;

	settings.conns = arg->entries;
	memory = rte_zmalloc("tcp", tcp_memory_bytes(&settings), 64);
	ASSERT(memory);
	arg->tcp = tcp_init(memory, &settings, &(struct tcp_host){ 0 }, NULL, NULL, &key, 0);
	for (uint32_t i = 0; i < arg->entries; i++) {
		uint32_t id = pool_get(&arg->tcp->conns);
		struct tcp_conn *c = conn_at(arg->tcp, id);

		ASSERT(id < arg->entries);
		c->id = id;
		endpoints_of(id, &c->local, &c->remote);
		tcp_table_add(arg->tcp, c);
	}
}

static struct key
key_of(const struct endpoint *local, const struct endpoint *remote)
{
	return (struct key){ .local = (uint32_t)(local->addr.word[1] >> 32),
			     .remote = (uint32_t)(remote->addr.word[1] >> 32),
			     .local_port = local->port,
			     .remote_port = remote->port };
}

static void
fill_peer(struct arg *arg)
{
	struct rte_hash_parameters parameters = { .name = "conns",
						  .entries = arg->entries,
						  .key_len = sizeof(struct key),
						  .hash_func = rte_hash_crc,
						  .extra_flag = RTE_HASH_EXTRA_FLAGS_EXT_TABLE };

	arg->hash = rte_hash_create(&parameters);
	ASSERT(arg->hash);
	for (uint32_t i = 0; i < arg->entries; i++) {
		struct endpoint local, remote;
		struct key key;

		endpoints_of(i, &local, &remote);
		key = key_of(&local, &remote);
		ASSERT(rte_hash_add_key_data(arg->hash, &key, (void *)(uintptr_t)i) == 0);
	}
}

static void
draw(struct arg *arg)
{
	struct rng rng;

	rng_init(&rng, SEED);
	for (uint32_t i = 0; i < BURSTS * BURST; i++) {
		arg->expected[i] = rng_below(&rng, arg->entries);
		endpoints_of(arg->expected[i], &arg->local[i], &arg->remote[i]);
		arg->key[i] = key_of(&arg->local[i], &arg->remote[i]);
	}
}

static void
look_up_peer(void *context)
{
	struct arg *arg = context;

	for (uint32_t at = 0; at < BURSTS * BURST; at += BURST) {
		const void *keys[BURST];
		void *data[BURST];
		uint64_t hits;

		for (uint32_t i = 0; i < BURST; i++)
			keys[i] = &arg->key[at + i];
		ASSERT(rte_hash_lookup_bulk_data(arg->hash, keys, BURST, &hits, data) ==
		       (int)BURST);
		for (uint32_t i = 0; i < BURST; i++)
			ASSERT((uintptr_t)data[i] == arg->expected[at + i]);
	}
}

static void
look_up_single(void *context)
{
	struct arg *arg = context;

	for (uint32_t i = 0; i < BURSTS * BURST; i++) {
		const struct tcp_conn *c =
		    tcp_table_find(arg->tcp, &arg->local[i], &arg->remote[i]);

		ASSERT(c && c->id == arg->expected[i]);
	}
}

static void
look_up_staged(void *context)
{
	struct arg *arg = context;

	for (uint32_t at = 0; at < BURSTS * BURST; at += BURST) {
		uint32_t hash[BURST];

		for (uint32_t i = 0; i < BURST; i++)
			hash[i] =
			    tcp_table_hash(arg->tcp, &arg->local[at + i], &arg->remote[at + i]);
		expect(arg->tcp, hash);
		for (uint32_t i = 0; i < BURST; i++) {
			const struct tcp_conn *c = tcp_table_find_hashed(
			    arg->tcp, hash[i], &arg->local[at + i], &arg->remote[at + i]);

			ASSERT(c && c->id == arg->expected[at + i]);
		}
	}
}

/* Brings what looking up a burst will read into the cache, the first two of a chain. */
static void
expect(const struct tcp *tcp, const uint32_t *hashes)
{
	uint32_t first[BURST];

	for (uint32_t i = 0; i < BURST; i++)
		rte_prefetch0(&tcp->buckets[hashes[i] & tcp->bucket_mask]);
	for (uint32_t i = 0; i < BURST; i++) {
		first[i] = tcp->buckets[hashes[i] & tcp->bucket_mask];
		if (first[i] != TCP_NONE)
			prefetch_keys(conn_at(tcp, first[i]));
	}
	for (uint32_t i = 0; i < BURST; i++) {
		const struct tcp_conn *c = first[i] != TCP_NONE ? conn_at(tcp, first[i]) : NULL;

		if (c && c->hash != hashes[i] && c->hash_next != TCP_NONE)
			prefetch_keys(conn_at(tcp, c->hash_next));
	}
}

/* Its part for lookup may lie across two lines. */
static void
prefetch_keys(const struct tcp_conn *c)
{
	rte_prefetch0(c);
	rte_prefetch0(&c->hash_next);
}
