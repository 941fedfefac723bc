/*
 * Notes between workers (dataplane/handoff.h): what each is for, and what becomes of it at its receiver. A note that finds
 * the ring full is lost and counted, which is harmless: what becomes of sessions' connections is a hint beside the
 * monitors, and a place that was asked for in vain is asked for again or refused.
 */
#include "dataplane/worker_priv.h"

#define NOTES_PER_TURN 256u

static void release_kept(struct worker *w, const struct handoff_note *note);

void
notes_tell(struct worker *w, uint32_t to, const struct handoff_note *note)
{
	if (!handoff_tell(w->setup.handoff, w->setup.index, to, note))
		w->stats->counter[COUNTER_notes_lost]++;
}

void
notes_hear(struct worker *w)
{
	struct handoff_note note;

	for (unsigned n = 0;
	     n < NOTES_PER_TURN && handoff_hear(w->setup.handoff, w->setup.index, &note); n++) {
		w->moved = true;
		if (!w->view)
			continue;
		if (note.kind == NOTE_RELEASE_KEPT)
			release_kept(w, &note);
		else
			probe_passive_told(w, &note);
	}
}

/* Unless somebody has given a place back meanwhile. */
static void
release_kept(struct worker *w, const struct handoff_note *note)
{
	uint32_t member = w->view->member_of_slot[note->index];
	const struct gen_member *row;

	if (member == VIEW_NONE)
		return;
	row = &generation_members(w->view->gen)[member];
	if (row->owner == note->hash &&
	    places_taken(w->places, note->index) >= row->connection_limit)
		kept_release_one(w, note->index);
}

/* How many of another worker's connections to the member serve no session, a moment ago; by what it counts in stats. */
static uint64_t
idle_at(const struct worker *w, uint32_t worker, uint32_t slot)
{
	const uint64_t *cell = w->setup.stats->worker[worker].member[slot];
	uint64_t conns = __atomic_load_n(&cell[MEMBER_COUNTER_conns_open], __ATOMIC_RELAXED);
	uint64_t sessions = __atomic_load_n(&cell[MEMBER_COUNTER_sessions_open], __ATOMIC_RELAXED);

	return conns > sessions ? conns - sessions : 0;
}

bool
notes_ask_for_place(struct worker *w, const struct gen_member *member)
{
	struct handoff_note note = { .kind = NOTE_RELEASE_KEPT,
				     .index = member->stats_slot,
				     .hash = member->owner };
	uint32_t best = w->setup.index;
	uint64_t most = 0;

	for (uint32_t other = 0; other < w->setup.workers; other++) {
		uint64_t idle = other == w->setup.index ? 0 : idle_at(w, other, member->stats_slot);

		if (idle > most) {
			most = idle;
			best = other;
		}
	}
	if (most == 0)
		return false;
	w->stats->counter[COUNTER_member_places_asked]++;
	notes_tell(w, best, &note);
	return true;
}
