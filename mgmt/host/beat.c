/*
 * A worker beats when its turns advance, and once when the data plane is another one than before: it starts then.
 */
#include "mgmt/host/beat.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void
beat_init(struct beat *beat, uint64_t grace_us)
{
	memset(beat, 0, sizeof *beat);
	beat->grace_us = grace_us;
}

void
beat_see(struct beat *beat, bool mgmtd_answered, const struct stats *stats, uint64_t now_us)
{
	bool another;

	if (mgmtd_answered)
		beat->mgmtd_us = now_us;
	if (!stats || stats->workers == 0 || stats->workers > LIMIT_WORKERS)
		return;
	another = stats->incarnation != beat->incarnation || stats->workers != beat->workers;
	beat->incarnation = stats->incarnation;
	beat->workers = stats->workers;
	for (uint32_t i = 0; i < beat->workers; i++) {
		uint64_t turns =
		    __atomic_load_n(&stats->worker[i].counter[COUNTER_turns], __ATOMIC_RELAXED);

		if (another || turns != beat->turns[i])
			beat->dataplane_us[i] = now_us;
		beat->turns[i] = turns;
	}
}

bool
beat_is_fine(const struct beat *beat, uint64_t now_us, char *why, size_t why_bytes)
{
	if (beat->mgmtd_us && now_us - beat->mgmtd_us > beat->grace_us) {
		snprintf(why, why_bytes, "mgmtd has not answered for %" PRIu64 " s",
			 (now_us - beat->mgmtd_us) / 1000000);
		return false;
	}
	for (uint32_t i = 0; i < beat->workers; i++) {
		if (now_us - beat->dataplane_us[i] <= beat->grace_us)
			continue;
		snprintf(why, why_bytes, "worker %u has made no turn for %" PRIu64 " s", i,
			 (now_us - beat->dataplane_us[i]) / 1000000);
		return false;
	}
	return true;
}
