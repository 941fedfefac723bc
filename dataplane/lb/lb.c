/*
 * The balancer's entry: which method picks the member of a pool.
 *
 * Stands on fw/abi alone, so that TCP, HTTP and later packet forwarding share it.
 */
#include "dataplane/lb/methods.h"

#include "fw/base/assert.h"

uint32_t
lb_pick(const struct lb_pool *pool, struct lb_state *state, uint64_t tried)
{
	ASSERT(pool->pool->method < GEN_METHOD_COUNT);
	return lb_round_robin(pool, state, tried);
}
