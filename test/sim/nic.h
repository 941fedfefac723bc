/*
 * A node's network card: stands around an end of a link and moves frames between the node's own packet pool and the
 * wire's, as DMA does. So each node's pool holds its own packets only, can run empty on its own, and must be whole at
 * the end. A full or empty ring, lost frames and hashes are all in here.
 */
#ifndef TEST_SIM_NIC_H
#define TEST_SIM_NIC_H

#include "test/sim/world.h"

struct rte_mempool;

struct nic_stats {
	uint64_t rx_frames, rx_bytes; /* given to the node */
	uint64_t tx_frames, tx_bytes; /* taken from the node */
	uint64_t missed;              /* arrived while the node's pool was empty */
};

/* Wraps an end of a link for a node; takes end. mbufs is borrowed. */
struct port *nic_new(struct node *node, struct port *end, struct rte_mempool *mbufs);
const struct nic_stats *nic_stats(const struct port *nic);

#endif
