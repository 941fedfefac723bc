/*
 * Monitors: each target of the view is asked once an interval by one worker, over its own TCP, so
 * that health is judged on the path that traffic takes. The verdict is health_result's; it goes to
 * the shared table.
 */
#include "dataplane/worker_priv.h"

#define PROBES_PER_TURN 32u

static void start(struct worker *w, uint32_t index);
static void connected(struct worker *w, uint32_t index);
static void answered(struct worker *w, uint32_t index);
static void finish(struct worker *w, uint32_t index, enum health_cause cause);

static const struct view_target *
target_of(const struct worker *w, const struct probe *probe)
{
	return &w->view->targets[probe->target];
}

static const struct gen_monitor *
monitor_of(const struct worker *w, const struct probe *probe)
{
	return &generation_monitors(w->view->gen)[target_of(w, probe)->monitor];
}

/*
 * A target that was probed before goes on in its rhythm: a new configuration makes no member look
 * new.
 */
static uint64_t
first_due_us(const struct worker *w, const struct probe *probe)
{
	const struct view_target *target = target_of(w, probe);
	const struct gen_monitor *monitor = monitor_of(w, probe);
	uint64_t now_unix_us = w->now_us + w->setup.unix_offset_us;
	uint64_t next_unix_us =
	    target->health->probed_unix_us + (uint64_t)monitor->interval_ms * 1000;

	if (target->health->probes == 0 ||
	    next_unix_us > now_unix_us + (uint64_t)monitor->interval_ms * 1000)
		return health_first_probe_us(monitor, target->hash, w->now_us);
	return next_unix_us > now_unix_us ? w->now_us + (next_unix_us - now_unix_us) : w->now_us;
}

void
probes_adopt(struct worker *w)
{
	for (uint32_t i = 0; i < w->probe_count; i++) {
		if (w->probes[i].conn != TCP_NONE)
			conn_abort(w, w->probes[i].conn);
		wheel_stop(&w->probe_wheel, i);
	}
	w->probe_count = 0;
	for (uint32_t t = 0; t < w->view->target_count; t++) {
		struct probe *probe = &w->probes[w->probe_count];

		if (w->view->targets[t].hash % w->setup.workers != w->setup.index)
			continue;
		probe->target = t;
		probe->conn = TCP_NONE;
		wheel_start(&w->probe_wheel, w->probe_count++, first_due_us(w, probe));
	}
}

void
probes_run(struct worker *w)
{
	uint32_t index;

	for (unsigned n = 0;
	     n < PROBES_PER_TURN && wheel_expire(&w->probe_wheel, w->now_us, &index); n++) {
		struct probe *probe = &w->probes[index];

		w->moved = true;
		if (probe->conn == TCP_NONE)
			start(w, index);
		else
			finish(w, index,
			       conn_at(w, probe->conn)->open ? HEALTH_CAUSE_response_timeout
							     : HEALTH_CAUSE_connect_timeout);
	}
}

static void
start(struct worker *w, uint32_t index)
{
	struct probe *probe = &w->probes[index];
	const struct gen_member *member =
	    &generation_members(w->view->gen)[target_of(w, probe)->member];

	w->stats->counter[COUNTER_monitor_probes]++;
	probe->started_us = w->now_us;
	probe->answer = (struct health_http_answer){ 0 };
	probe->conn = conn_open(w, CONN_PROBE, index, &member->endpoint);
	if (probe->conn == TCP_NONE)
		finish(w, index, HEALTH_CAUSE_resources);
	else
		wheel_start(&w->probe_wheel, index,
			    w->now_us + (uint64_t)monitor_of(w, probe)->timeout_ms * 1000);
}

void
probe_event(struct worker *w, uint32_t index, unsigned events)
{
	struct probe *probe = &w->probes[index];

	if (events & TCP_EVENT_OPEN)
		connected(w, index);
	if (probe->conn != TCP_NONE &&
	    events & (TCP_EVENT_READABLE | TCP_EVENT_EOF | TCP_EVENT_CLOSED))
		answered(w, index);
}

static void
connected(struct worker *w, uint32_t index)
{
	struct probe *probe = &w->probes[index];
	const struct gen_member *member =
	    &generation_members(w->view->gen)[target_of(w, probe)->member];
	uint32_t len;

	conn_at(w, probe->conn)->open = true;
	if (monitor_of(w, probe)->type == GEN_MONITOR_TCP) {
		finish(w, index, HEALTH_CAUSE_ok);
		return;
	}
	len = health_http_request(w->view->gen, monitor_of(w, probe), &member->endpoint,
				  w->rewritten, sizeof w->rewritten);
	if (len == 0 || tcp_send_bytes(w->tcp, probe->conn, w->rewritten, len, w->now_us) != ERR_ok)
		finish(w, index, HEALTH_CAUSE_resources);
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

static void
answered(struct worker *w, uint32_t index)
{
	struct probe *probe = &w->probes[index];
	const struct bufq *q = tcp_received(w->tcp, probe->conn);
	enum health_cause cause = HEALTH_CAUSE_none;

	while (q->bytes > 0 && cause == HEALTH_CAUSE_none) {
		cause =
		    health_http_feed(&probe->answer, monitor_of(w, probe),
				     rte_pktmbuf_mtod(q->head, const char *), q->head->data_len);
		tcp_receive_drop(w->tcp, probe->conn, q->head->data_len, w->now_us);
	}
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
	const struct gen_monitor *monitor = monitor_of(w, probe);
	uint64_t due_us = probe->started_us + (uint64_t)monitor->interval_ms * 1000;

	if (probe->conn != TCP_NONE)
		conn_abort(w, probe->conn);
	probe->conn = TCP_NONE;
	if (cause != HEALTH_CAUSE_ok)
		w->stats->counter[COUNTER_monitor_failures]++;
	health_result(target_of(w, probe)->health, monitor, cause,
		      w->now_us + w->setup.unix_offset_us);
	target_changed(w, target_of(w, probe));
	wheel_start(&w->probe_wheel, index, due_us > w->now_us ? due_us : w->now_us);
}
