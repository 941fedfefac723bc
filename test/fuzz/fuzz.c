/*
 * What the fuzz targets share: reading inputs, packet buffers, configurations known to be good.
 */
#include "test/fuzz/fuzz.h"

#include <rte_eal.h>
#include <rte_mbuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/net/packet.h"
#include "mgmt/push/compile.h"
#include "test/sim/pool_ops.h"

#define MBUFS 2047u

static struct rte_mempool *mbufs;
static void
    *mbufs_stack; /* named here for the leak check, which does not look into DPDK's memory */

uint8_t
fuzz_u8(struct fuzz_input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

uint16_t
fuzz_u16(struct fuzz_input *in)
{
	uint16_t high = fuzz_u8(in);

	return (uint16_t)(high << 8 | fuzz_u8(in));
}

uint32_t
fuzz_u32(struct fuzz_input *in)
{
	uint32_t high = fuzz_u16(in);

	return high << 16 | fuzz_u16(in);
}

uint32_t
fuzz_below(struct fuzz_input *in, uint32_t limit)
{
	return fuzz_u8(in) % limit;
}

const uint8_t *
fuzz_take(struct fuzz_input *in, size_t len, size_t *got)
{
	const uint8_t *at = in->at;

	*got = len < in->left ? len : in->left;
	in->at += *got;
	in->left -= *got;
	return at;
}

void *
fuzz_copy(const void *data, size_t size)
{
	void *copy = malloc(size ? size : 1);

	ASSERT(copy);
	if (size)
		memcpy(copy, data, size);
	return copy;
}

struct rte_mempool *
fuzz_mbufs(void)
{
	static char *args[] = { "fuzz",
				"--no-huge",
				"--no-pci",
				"--no-shconf",
				"--no-telemetry",
				"--log-level=error",
				"-m",
				"256",
				"-l",
				"0",
				NULL };

	if (mbufs)
		return mbufs;
	ASSERT(rte_eal_init((int)ARRAY_SIZE(args) - 1, args) >= 0);
	mbufs =
	    rte_pktmbuf_pool_create_by_ops("fuzz", MBUFS, 0, PACKET_PRIVATE_BYTES,
					   RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY, POOL_OPS_NAME);
	ASSERT(mbufs);
	mbufs_stack = mbufs->pool_data;
	ASSERT(mbufs_stack);
	return mbufs;
}

struct rte_mbuf *
fuzz_mbuf(const void *data, uint32_t size)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(fuzz_mbufs());
	void *to;

	ASSERT(m);
	memset(packet_of(m), 0x5a, PACKET_PRIVATE_BYTES); /* whatever was there before */
	to = rte_pktmbuf_append(m, (uint16_t)size);
	ASSERT(to);
	if (size)
		memcpy(to, data, size);
	pool_tighten(m);
	return m;
}

void
fuzz_mbufs_are_back(void)
{
	ASSERT(rte_mempool_in_use_count(mbufs) == 0);
}

struct generation *
fuzz_compile(const char *text, const struct generation *previous, uint64_t number)
{
	struct errors errors = { 0 };
	struct generation *gen = NULL;
	struct model model;
	const char *where = "";

	if (!model_load(text, strlen(text), &model, &errors))
		fprintf(stderr, "line %u: %s\n", errors.error[0].line, errors.error[0].text);
	ASSERT(errors.count == 0);
	ASSERT(compile(&model, previous, number, 1, &gen) == ERR_ok);
	model_free(&model);
	if (generation_check(gen, gen->total_bytes, &where) != ERR_ok)
		fprintf(stderr, "the check finds: %s\n", where);
	ASSERT(generation_check(gen, gen->total_bytes, &where) == ERR_ok);
	return gen;
}

struct addr
fuzz_addr(const char *text)
{
	struct addr a;

	ASSERT(addr_parse(text, &a));
	return a;
}
