/*
 * What the fuzz targets share. A target is a file fuzz_<name>.c with a row in FUZZ_TARGETS: a function that takes any bytes
 * and ASSERTs what must hold whatever they are. libFuzzer drives one of them (engine.c), fuzz-replay.c all of them over
 * the corpus.
 *
 * A run depends on its bytes alone: no state is left from the one before, no clock, no chance.
 */
#ifndef TEST_FUZZ_FUZZ_H
#define TEST_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fw/base/addr.h"
#include "fw/base/assert.h"

struct rte_mbuf;
struct rte_mempool;
struct generation;
struct rng;

#define FUZZ_TARGETS(X)                                                                            \
	X(frame)                                                                                   \
	X(ip)                                                                                      \
	X(fragment)                                                                                \
	X(tcp_options)                                                                             \
	X(tcp_state)                                                                               \
	X(http_head)                                                                               \
	X(configuration)                                                                           \
	X(generation)                                                                              \
	X(board)                                                                                   \
	X(gpt)

struct fuzz_target {
	const char *name;
	void (*start)(void); /* once, before the first input; NULL: nothing to do */
	void (*run)(const uint8_t *data, size_t size);
	/*
	 * Changes an input in a way that bytes alone would hardly come to; answers its length, at most
	 * max. libFuzzer's own mutations take turns with it. NULL: those alone.
	 */
	size_t (*mutate)(uint8_t *data, size_t size, size_t max, struct rng *rng);
};

#define X(name) extern const struct fuzz_target fuzz_##name;
FUZZ_TARGETS(X)
#undef X

/* Reads an input from its start to its end; behind the end everything is 0. */
struct fuzz_input {
	const uint8_t *at;
	size_t left;
};

uint8_t fuzz_u8(struct fuzz_input *in);
uint16_t fuzz_u16(struct fuzz_input *in);
uint32_t fuzz_u32(struct fuzz_input *in);
/* Below limit (1 to 256). */
uint32_t fuzz_below(struct fuzz_input *in, uint32_t limit);
/* Up to len bytes, as many as there are; lends, *got says how many. */
const uint8_t *fuzz_take(struct fuzz_input *in, size_t len, size_t *got);

/* A copy on the heap that ends where the bytes end, so that the sanitizer sees each byte read too many. Gives. */
void *fuzz_copy(const void *data, size_t size);

/* Starts DPDK at the first call. The one packet pool, poisoned under AddressSanitizer. */
struct rte_mempool *fuzz_mbufs(void);
/* A received frame or segment, the rest of its buffer poisoned. Up to 2,048 bytes. Gives. */
struct rte_mbuf *fuzz_mbuf(const void *data, uint32_t size);
/* ASSERTs that all buffers are back. */
void fuzz_mbufs_are_back(void);

/* The generation of a configuration text that is known to be good, after previous (NULL: none). Gives, to be freed with free(). */
struct generation *
fuzz_compile(const char *text, const struct generation *previous, uint64_t number);

struct addr fuzz_addr(const char *text);

#endif
