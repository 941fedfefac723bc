/*
 * The end of every packet that goes nowhere: counted under its reason, then freed. Called by path.c
 * and worker.c only; layers name the reason and leave the packet to them.
 */
#include "dataplane/drop.h"

#include <rte_mbuf.h>

#include "fw/base/assert.h"

void
drop(struct stats_worker *stats, struct rte_mbuf *m, enum drop_reason reason)
{
	DEBUG_ASSERT(reason > DROP_none && reason < DROP_COUNT);
	stats->drop[reason]++;
	rte_pktmbuf_free(m);
}
