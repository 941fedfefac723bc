/*
 * Where every discarded packet ends.
 */
#ifndef DATAPLANE_DROP_H
#define DATAPLANE_DROP_H

#include "fw/abi/drops.h"
#include "fw/abi/stats.h"

struct rte_mbuf;

/* Counts the reason and frees m (takes it, chain and all). */
void drop(struct stats_worker *stats, struct rte_mbuf *m, enum drop_reason reason);

#endif
