/*
 * Who must beat for the hardware's watchdog to be fed: management, and each worker. Pure: what was seen comes by
 * argument, time too.
 */
#ifndef MGMT_HOST_BEAT_H
#define MGMT_HOST_BEAT_H

#include <stdbool.h>
#include <stddef.h>

#include "fw/abi/stats.h"

struct beat {
	uint64_t grace_us; /* silence of so long is a restart, longer a hang */
	uint64_t mgmtd_us; /* when it answered last; 0: never so far */
	uint64_t dataplane_us[LIMIT_WORKERS];
	uint64_t turns[LIMIT_WORKERS];
	uint64_t incarnation;
	uint32_t workers; /* as seen last; 0: none so far */
};

void beat_init(struct beat *beat, uint64_t grace_us);
/*
 * What was seen now: whether mgmtd answered, and the data plane's counters (NULL: there are none). Borrows stats.
 */
void beat_see(struct beat *beat, bool mgmtd_answered, const struct stats *stats, uint64_t now_us);
/*
 * Whether nobody was silent for longer than the grace period; else says in why who was. What never beat since the boot is
 * not waited for: a reset would not bring it, and take away the console that says why.
 */
bool beat_is_fine(const struct beat *beat, uint64_t now_us, char *why, size_t why_bytes);

#endif
