/*
 * Who watches what: each target of the view is asked once an interval by one worker, over its own
 * TCP, so that health is judged on the path that traffic takes; what becomes of the connections of
 * sessions comes in beside it. The verdict is dataplane/health's; it goes to the shared table, each
 * change to the ledger too.
 *
 * A probe is known by the index of its health entry, which does not move when the configuration
 * does: a new view is taken over target by target, a few each turn, while everything goes on. An
 * entry may have been given to another target meanwhile, so each probe keeps the hash of its own.
 *
 *   probe_wheel   no connection: the next probe is due (no monitor: the member has been left alone for long enough)
 *                 connection:    the answer did not come in time
 */
#include "dataplane/worker_priv.h"

#define PROBES_PER_TURN  32u
#define TARGETS_PER_STEP 32u

static void take_over(struct worker *w, const struct view_target *target);
static void take_over_passive(struct worker *w, const struct view_target *target);
static void forget(struct worker *w, uint32_t index);
static void due(struct worker *w, uint32_t index);
static void left_alone(struct worker *w, const struct view_target *target);
static void start(struct worker *w, uint32_t index);
static void connected(struct worker *w, uint32_t index);
static void answered(struct worker *w, uint32_t index);
static void finish(struct worker *w, uint32_t index, enum health_cause cause);
static void enter_passive(struct worker *w, uint32_t index, uint32_t passive_fall, bool ok,
			  const struct generation *gen, uint32_t monitor);
static void changed(struct worker *w, const struct health_entry *entry, enum health_state from,
		    const struct generation *gen, uint32_t monitor);

static uint32_t
index_of(const struct worker *w, const struct view_target *target)
{
	return (uint32_t)(target->health - w->setup.health->entry);
}

/* What the current view watches at this health entry, NULL: nothing, or nothing that is ours. */
static const struct view_target *
target_at(const struct worker *w, uint32_t index)
{
	uint32_t target = w->view->target_of_entry[index];

	return target == VIEW_NONE || w->view->targets[target].hash != w->probes[index].hash
		   ? NULL
		   : &w->view->targets[target];
}

static const struct gen_monitor *
monitor_of(const struct worker *w, const struct view_target *target)
{
	return &generation_monitors(w->view->gen)[target->monitor];
}

/* All its members are disabled: what is known of them stays as it is. */
static bool
rests(const struct worker *w, const struct view_target *target)
{
	uint32_t m = target->member;

	for (; m != VIEW_NONE; m = w->view->member_next[m])
		if (w->view->member_admin[m]->state != MEMBER_DISABLED)
			return false;
	return true;
}

/* ---- taking over a view ---- */

void
probes_adopt(struct worker *w)
{
	w->probe_cursor = 0;
}

bool
probes_adopting(const struct worker *w)
{
	return w->view && w->probe_cursor < w->view->target_count;
}

void
probes_adopt_some(struct worker *w)
{
	uint32_t end = RTE_MIN(w->probe_cursor + TARGETS_PER_STEP, w->view->target_count);

	for (; w->probe_cursor < end; w->probe_cursor++) {
		const struct view_target *target = &w->view->targets[w->probe_cursor];

		if (target->hash % w->setup.workers == w->setup.index)
			take_over(w, target);
	}
}

static uint64_t
interval_us(struct worker *w, const struct gen_monitor *monitor)
{
	uint64_t interval = (uint64_t)monitor->interval_ms * 1000;
	uint64_t part = interval * monitor->jitter_percent / 100;

	return part ? interval - part + rng_next(&w->rng) % (2 * part + 1) : interval;
}

/*
 * A target that was probed before goes on in its rhythm: a new configuration makes no member look
 * new. What is overdue, as everything is when a data plane starts again, is spread like what is new.
 */
static uint64_t
first_due_us(struct worker *w, const struct view_target *target)
{
	const struct gen_monitor *monitor = monitor_of(w, target);
	uint64_t now_unix_us = unix_now_us(w), interval = interval_us(w, monitor);
	uint64_t next_unix_us = target->health->probed_unix_us + interval;

	if (target->health->probes == 0 || next_unix_us <= now_unix_us ||
	    next_unix_us > now_unix_us + interval)
		return health_first_probe_us(monitor, target->hash, w->now_us);
	return w->now_us + (next_unix_us - now_unix_us);
}

/* Whether what is set for the next probe does not fit the view any more. */
static bool
is_out_of_step(const struct worker *w, const struct probe *probe, const struct view_target *target)
{
	const struct gen_monitor *monitor = monitor_of(w, target);

	return probe->resting || probe->interval_ms != monitor->interval_ms ||
	       probe->jitter_percent != monitor->jitter_percent ||
	       (target->health->probes == 0 && probe->probed);
}

static void
take_over(struct worker *w, const struct view_target *target)
{
	uint32_t index = index_of(w, target);
	struct probe *probe = &w->probes[index];
	bool is_new = probe->hash != target->hash;

	if (is_new)
		forget(w, index);
	probe->hash = target->hash;
	if (target->monitor == VIEW_NONE) {
		take_over_passive(w, target);
	} else if (rests(w, target)) {
		forget(w, index);
		probe->hash = target->hash;
		probe->resting = true;
	} else if (probe->conn != TCP_NONE) { /* the time limit may be another one */
		wheel_start(&w->probe_wheel, index,
			    probe->started_us + (uint64_t)monitor_of(w, target)->timeout_ms * 1000);
	} else if (is_new || is_out_of_step(w, probe, target)) {
		probe->resting = false;
		probe->probed = target->health->probes > 0;
		probe->interval_ms = monitor_of(w, target)->interval_ms;
		probe->jitter_percent = monitor_of(w, target)->jitter_percent;
		wheel_start(&w->probe_wheel, index, first_due_us(w, target));
	}
}

/* One that is down is left alone until its time is over; nothing is due for any other. */
static void
take_over_passive(struct worker *w, const struct view_target *target)
{
	uint64_t retry_us = (uint64_t)target->passive_retry_ms * 1000;
	uint64_t now_unix_us = unix_now_us(w);
	uint64_t over_unix_us = target->health->changed_unix_us + retry_us;

	if (target->health->state != HEALTH_DOWN) {
		wheel_stop(&w->probe_wheel, index_of(w, target));
		return;
	}
	if (over_unix_us > now_unix_us + retry_us) /* the wall clock was set back */
		over_unix_us = now_unix_us + retry_us;
	wheel_start(&w->probe_wheel, index_of(w, target),
		    w->now_us + (over_unix_us > now_unix_us ? over_unix_us - now_unix_us : 0));
}

/* The probe is nobody's; its health entry may be another target's already and is not touched. */
static void
forget(struct worker *w, uint32_t index)
{
	struct probe *probe = &w->probes[index];

	if (probe->conn != TCP_NONE)
		conn_abort(w, probe->conn);
	wheel_stop(&w->probe_wheel, index);
	*probe = (struct probe){ .timer = probe->timer, .conn = TCP_NONE };
}

/* ---- probing ---- */

void
probes_run(struct worker *w)
{
	uint32_t index;

	for (unsigned n = 0;
	     n < PROBES_PER_TURN && wheel_expire(&w->probe_wheel, w->now_us, &index); n++) {
		w->moved = true;
		due(w, index);
	}
}

static void
due(struct worker *w, uint32_t index)
{
	const struct view_target *target = target_at(w, index);
	struct probe *probe = &w->probes[index];

	if (!target) {
		forget(w, index);
	} else if (target->monitor == VIEW_NONE) {
		left_alone(w, target);
	} else if (probe->conn != TCP_NONE) {
		finish(w, index,
		       conn_at(w, probe->conn)->open ? HEALTH_CAUSE_response_timeout
						     : HEALTH_CAUSE_connect_timeout);
	} else if (rests(w, target)) {
		probe->resting = true; /* until probes_adopt */
	} else {
		start(w, index);
	}
}

/*
 * A member that was configured away and back is new: the timer is from before, and still there only
 * since its target is yet to be taken over.
 */
static void
left_alone(struct worker *w, const struct view_target *target)
{
	if (target->health->state != HEALTH_DOWN)
		return;
	health_left_alone(target->health, unix_now_us(w));
	changed(w, target->health, HEALTH_DOWN, w->view->gen, VIEW_NONE);
}

static void
start(struct worker *w, uint32_t index)
{
	const struct view_target *target = target_at(w, index);
	const struct gen_member *member = &generation_members(w->view->gen)[target->member];
	struct probe *probe = &w->probes[index];

	w->stats->counter[COUNTER_monitor_probes]++;
	probe->started_us = w->now_us;
	probe->probed = true;
	probe->answer = (struct health_http_answer){ 0 };
	probe->body = (struct probe_body){ 0 };
	/*
	 * No pool's profile: one probe serves the members of several pools, and a short exchange under the
	 * monitor's own time limit has no use for any.
	 */
	probe->conn = conn_open(w, CONN_PROBE, index, &member->endpoint, TCP_PROFILE_DEFAULT);
	if (probe->conn == TCP_NONE)
		finish(w, index, HEALTH_CAUSE_resources);
	else
		wheel_start(&w->probe_wheel, index,
			    w->now_us + (uint64_t)monitor_of(w, target)->timeout_ms * 1000);
}

void
probe_event(struct worker *w, uint32_t index, unsigned events)
{
	struct probe *probe = &w->probes[index];

	if (!target_at(w, index)) {
		forget(w, index);
		return;
	}
	if (events & TCP_EVENT_OPEN)
		connected(w, index);
	if (probe->conn != TCP_NONE &&
	    events & (TCP_EVENT_READABLE | TCP_EVENT_EOF | TCP_EVENT_CLOSED))
		answered(w, index);
}

static void
connected(struct worker *w, uint32_t index)
{
	const struct view_target *target = target_at(w, index);
	const struct gen_member *member = &generation_members(w->view->gen)[target->member];
	struct probe *probe = &w->probes[index];
	uint32_t len;

	conn_at(w, probe->conn)->open = true;
	if (monitor_of(w, target)->type == GEN_MONITOR_TCP) {
		finish(w, index, HEALTH_CAUSE_ok);
		return;
	}
	len = health_http_request(w->view->gen, monitor_of(w, target), &member->endpoint,
				  w->rewritten, sizeof w->rewritten);
	if (len == 0 || tcp_send_bytes(w->tcp, probe->conn, w->rewritten, len, w->now_us) != ERR_ok)
		finish(w, index, HEALTH_CAUSE_resources);
	else
		tcp_push(w->tcp, probe->conn);
}

static enum health_cause
cause_of_close(const struct worker *w, uint32_t id)
{
	switch (tcp_close_reason(w->tcp, id)) {
	case TCP_CLOSE_REFUSED:
		return HEALTH_CAUSE_refused;
	case TCP_CLOSE_UNREACHABLE:
		return HEALTH_CAUSE_unreachable;
	case TCP_CLOSE_TIMEOUT:
		return conn_at(w, id)->open ? HEALTH_CAUSE_response_timeout
					    : HEALTH_CAUSE_connect_timeout;
	default:
		return HEALTH_CAUSE_closed;
	}
}

/* The status line is all that is read, unless the body is asked for. */
static enum health_cause
read_status(struct worker *w, struct probe *probe, const struct gen_monitor *monitor)
{
	const struct bufq *q = tcp_received(w->tcp, probe->conn);
	enum health_cause cause = HEALTH_CAUSE_none;

	while (q->bytes > 0 && cause == HEALTH_CAUSE_none) {
		cause =
		    health_http_feed(&probe->answer, monitor,
				     rte_pktmbuf_mtod(q->head, const char *), q->head->data_len);
		tcp_receive_drop(w->tcp, probe->conn, q->head->data_len, w->now_us);
	}
	return cause;
}

static void
answered(struct worker *w, uint32_t index)
{
	struct probe *probe = &w->probes[index];
	const struct gen_monitor *monitor = monitor_of(w, target_at(w, index));
	enum health_cause cause =
	    monitor->body.len ? probe_body_read(w, probe, monitor) : read_status(w, probe, monitor);

	if (cause == HEALTH_CAUSE_none && (tcp_at_eof(w->tcp, probe->conn) ||
					   tcp_close_reason(w->tcp, probe->conn) != TCP_CLOSE_NONE))
		cause = cause_of_close(w, probe->conn);
	if (cause != HEALTH_CAUSE_none)
		finish(w, index, cause);
}

/* The rest of the response is of no interest; a reset leaves no TIME-WAIT behind, of which there would be one a probe. */
static void
finish(struct worker *w, uint32_t index, enum health_cause cause)
{
	struct probe *probe = &w->probes[index];
	const struct view_target *target = target_at(w, index);
	const struct gen_monitor *monitor;
	enum health_state from;
	uint64_t due_us;

	if (!target) {
		forget(w, index);
		return;
	}
	monitor = monitor_of(w, target);
	from = (enum health_state)target->health->state;
	due_us = probe->started_us + interval_us(w, monitor);
	if (probe->conn != TCP_NONE)
		conn_abort(w, probe->conn);
	probe->conn = TCP_NONE;
	if (cause != HEALTH_CAUSE_ok)
		w->stats->counter[COUNTER_monitor_failures]++;
	if (health_result(target->health, monitor, cause, unix_now_us(w)))
		changed(w, target->health, from, w->view->gen, target->monitor);
	probe->interval_ms = monitor->interval_ms;
	probe->jitter_percent = monitor->jitter_percent;
	wheel_start(&w->probe_wheel, index, due_us > w->now_us ? due_us : w->now_us);
}

/* ---- what becomes of sessions' connections ---- */

/* Most connections are good, and so are their members: that changes nothing. The entry may be another worker's. */
static bool
tells_anything(const struct health_entry *entry, uint32_t passive_fall, bool ok)
{
	if (ok || __atomic_load_n(&entry->state, __ATOMIC_RELAXED) == HEALTH_DOWN)
		return __atomic_load_n(&entry->passive_failures, __ATOMIC_RELAXED) != 0;
	return passive_fall != 0;
}

/*
 * The session may have been decided under an older view: that view's entry is still claimed, since
 * no entry is released while there is more than one view. Whether it is watched now, the current
 * view knows.
 */
void
probe_passive(struct worker *w, const struct session *s, bool ok)
{
	const struct health_entry *health = s->view->member_health[s->member];
	const struct generation *gen = s->view->gen;
	const struct view_target *target;
	const struct gen_pool *pool;
	uint32_t index, owner;

	pool = &generation_pools(gen)[generation_members(gen)[s->member].pool];
	if (!health || !tells_anything(health, pool->passive_fall, ok))
		return;
	index = (uint32_t)(health - w->setup.health->entry);
	target = &s->view->targets[s->view->target_of_entry[index]];
	owner = (uint32_t)(target->hash % w->setup.workers);
	if (owner == w->setup.index)
		enter_passive(w, index, pool->passive_fall, ok, gen, pool->monitor);
	else
		notes_tell(
		    w, owner,
		    &(struct handoff_note){ .kind = ok ? NOTE_PASSIVE_OK : NOTE_PASSIVE_FAILED,
					    .passive_fall = (uint16_t)pool->passive_fall,
					    .index = index,
					    .hash = target->hash });
}

void
probe_passive_told(struct worker *w, const struct handoff_note *note)
{
	uint32_t target = w->view->target_of_entry[note->index];

	if (target == VIEW_NONE || w->view->targets[target].hash != note->hash)
		return;
	enter_passive(w, note->index, note->passive_fall, note->kind == NOTE_PASSIVE_OK,
		      w->view->gen, w->view->targets[target].monitor);
}

static void
enter_passive(struct worker *w, uint32_t index, uint32_t passive_fall, bool ok,
	      const struct generation *gen, uint32_t monitor)
{
	struct health_entry *entry = &w->setup.health->entry[index];
	enum health_state from = (enum health_state)entry->state;
	uint32_t target = w->view->target_of_entry[index];

	if (!health_connection(entry, passive_fall, ok, unix_now_us(w)))
		return;
	changed(w, entry, from, gen, monitor);
	if (target != VIEW_NONE && w->view->targets[target].monitor == VIEW_NONE)
		take_over(w, &w->view->targets[target]);
}

/* ---- who is told ---- */

/* The ledger, and the balancer for each member that the current view watches there. */
static void
changed(struct worker *w, const struct health_entry *entry, enum health_state from,
	const struct generation *gen, uint32_t monitor)
{
	uint32_t target = w->view->target_of_entry[entry - w->setup.health->entry];
	uint32_t m = target == VIEW_NONE ? VIEW_NONE : w->view->targets[target].member;
	struct ledger_record record = {
		.unix_us = entry->changed_unix_us,
		.address = entry->address,
		.port = entry->port,
		.kind = LEDGER_HEALTH,
		.from = (uint8_t)from,
		.to = entry->state,
		.cause = entry->cause,
	};

	if (monitor != VIEW_NONE) {
		struct str name = generation_str(gen, generation_monitors(gen)[monitor].name);

		memcpy(record.name, name.at, RTE_MIN(name.len, sizeof record.name - 1));
	}
	ledger_add(&w->setup.health->ledger[w->setup.index], &record);
	for (; m != VIEW_NONE; m = w->view->member_next[m])
		lb_refresh(w->view->lb[w->setup.index], m);
}

void
probes_check(const struct worker *w)
{
	for (uint32_t t = 0; t < w->probe_cursor; t++) {
		const struct view_target *target = &w->view->targets[t];
		const struct probe *probe = &w->probes[index_of(w, target)];
		bool waits = wheel_node_is_started(&probe->timer);

		if (target->hash % w->setup.workers != w->setup.index)
			continue;
		ASSERT(probe->hash == target->hash);
		if (target->monitor == VIEW_NONE)
			ASSERT(probe->conn == TCP_NONE &&
			       waits == (target->health->state == HEALTH_DOWN));
		else
			ASSERT(waits == !probe->resting);
		if (probe->conn != TCP_NONE)
			ASSERT(conn_at(w, probe->conn)->role == CONN_PROBE &&
			       conn_at(w, probe->conn)->session == index_of(w, target));
	}
}
