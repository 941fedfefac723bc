/*
 * Packet pools of the simulation: last in, first out, so that no address depends on the machine. Under AddressSanitizer the
 * data of free packets is poisoned, and behind the payload of every other received one too.
 */
#ifndef TEST_SIM_POOL_OPS_H
#define TEST_SIM_POOL_OPS_H

struct rte_mbuf;
struct rte_mempool;

#define POOL_OPS_NAME "sim"

/* Under AddressSanitizer: leaves m no tailroom; a read or write behind its payload ends the run. Otherwise nothing. */
void pool_tighten(struct rte_mbuf *m);

/* Of the pool's free packets n are not to be had from now on, as if others held them. 0: all are. */
void pool_hide(struct rte_mempool *pool, unsigned n);

#endif
