/*
 * What a worker answers when the control thread asks on behalf of the mailbox: one question at a
 * time, posted by that thread, answered at the end of a turn, fetched by that thread. Reads only.
 */
#include <rte_string_fns.h>

#include "dataplane/worker_priv.h"

static void list(const struct worker *w, struct mailbox_reply *reply);
static void list_net(const struct worker *w, struct mailbox_reply *reply);
static void detail(const struct worker *w, struct mailbox_reply *reply);
static void describe(const struct worker *w, uint32_t id, const struct tcp_info *info,
		     struct mailbox_conn *out);

bool
worker_ask(struct worker *w, enum mailbox_kind kind, uint32_t from)
{
	if (atomic_load(&w->ask) != ASK_IDLE)
		return false;
	w->ask_kind = kind;
	w->ask_from = from;
	atomic_store(&w->ask, ASK_POSTED);
	return true;
}

bool
worker_answered(struct worker *w, struct mailbox_reply *reply)
{
	if (atomic_load(&w->ask) != ASK_ANSWERED)
		return false;
	*reply = w->answer;
	atomic_store(&w->ask, ASK_IDLE);
	return true;
}

void
worker_answer_mailbox(struct worker *w)
{
	struct mailbox_reply *reply = &w->answer;

	if (atomic_load_explicit(&w->ask, memory_order_acquire) != ASK_POSTED)
		return;
	memset(reply, 0, offsetof(struct mailbox_reply, conn));
	reply->version = MAILBOX_VERSION;
	reply->next = UINT32_MAX;
	switch (w->ask_kind) {
	case MAILBOX_CONNECTION:
		detail(w, reply);
		break;
	case MAILBOX_NEIGHBOURS:
	case MAILBOX_ROUTES:
	case MAILBOX_ADDRESSES:
		list_net(w, reply);
		break;
	default:
		list(w, reply);
		break;
	}
	atomic_store(&w->ask, ASK_ANSWERED);
	w->moved = true;
}

/* One batch a request: at most this many indexes are looked at, so that the turn stays short. */
#define ASK_SCAN 4096u

static void
list(const struct worker *w, struct mailbox_reply *reply)
{
	uint32_t end = RTE_MIN((uint64_t)w->ask_from + ASK_SCAN, tcp_capacity(w->tcp)), id;
	struct tcp_info info;

	for (id = w->ask_from; id < end && reply->count < MAILBOX_CONNS_BATCH; id++)
		if (tcp_info(w->tcp, id, &info))
			describe(w, id, &info, &reply->conn[reply->count++]);
	reply->next = id < tcp_capacity(w->tcp) ? id : UINT32_MAX;
}

/* Before the first configuration there is nothing. */
static void
list_net(const struct worker *w, struct mailbox_reply *reply)
{
	enum net_shown shown = NET_SHOWN_END;
	uint32_t at = w->ask_from;

	for (unsigned step = 0; w->view && step < ASK_SCAN && reply->count < MAILBOX_CONNS_BATCH;
	     step++, at++) {
		uint32_t n = reply->count;

		if (w->ask_kind == MAILBOX_NEIGHBOURS)
			shown = net_show_neighbour(w->net, at, w->now_us, &reply->neighbour[n]);
		else if (w->ask_kind == MAILBOX_ROUTES)
			shown = net_show_route(w->net, at, &reply->route[n]);
		else
			shown = net_show_address(w->net, at, &reply->address[n]);
		if (shown == NET_SHOWN_END)
			break;
		reply->count += shown == NET_SHOWN;
	}
	reply->next = shown == NET_SHOWN_END ? UINT32_MAX : at;
}

static void
detail(const struct worker *w, struct mailbox_reply *reply)
{
	struct mailbox_connection *out = &reply->connection;
	struct tcp_info info;

	if (w->ask_from >= tcp_capacity(w->tcp) || !tcp_info(w->tcp, w->ask_from, &info) ||
	    !tcp_fields(w->tcp, w->ask_from, &out->fields, w->now_us)) {
		reply->err = ERR_not_found;
		return;
	}
	reply->count = 1;
	out->profile = w->profiles.owner[out->fields.value[CONN_FIELD_profile]];
	out->fields_hash = conn_fields_hash();
	describe(w, w->ask_from, &info, &out->conn);
}

/* Of one that was let go only TCP remembers who opened it. */
static uint8_t
role_of(const struct conn *c, const struct tcp_info *info)
{
	switch (c->role) {
	case CONN_CLIENT:
		return MAILBOX_ROLE_CLIENT;
	case CONN_SERVER:
		return MAILBOX_ROLE_SERVER;
	case CONN_PROBE:
		return MAILBOX_ROLE_MONITOR;
	default:
		return info->accepted ? MAILBOX_ROLE_CLIENT : MAILBOX_ROLE_SERVER;
	}
}

/* A session has one once it has picked. */
static uint32_t
member_slot_of(const struct conn *c, const struct session *s)
{
	if (c->role == CONN_SERVER)
		return c->member_slot;
	return s && s->tries > 0 ? s->member_slot : UINT32_MAX;
}

static void
describe(const struct worker *w, uint32_t id, const struct tcp_info *info, struct mailbox_conn *out)
{
	const struct conn *c = conn_at(w, id);
	/* one whose handshake is not complete has no role yet, and nothing else in it */
	bool in_session =
	    (c->role == CONN_CLIENT || c->role == CONN_SERVER) && c->session != SESSION_NONE;
	const struct session *s = in_session ? session_at(w, c->session) : NULL;

	*out = (struct mailbox_conn){
		.id = id,
		.peer_id = s ? s->side[c->role == CONN_CLIENT ? SERVER : CLIENT].conn : UINT32_MAX,
		.vs_slot = c->role == CONN_CLIENT ? c->vs_slot
			   : s                    ? s->vs_slot
						  : UINT32_MAX,
		.member_slot = member_slot_of(c, s),
		.local = info->local,
		.remote = info->remote,
		.role = role_of(c, info),
		.worker = (uint8_t)w->setup.index,
		.age_us = w->now_us - info->opened_us,
		.idle_us = w->now_us - info->received_us,
		.bytes_in = info->bytes_in,
		.bytes_out = info->bytes_out,
		.rtt_us = info->rtt_us,
		.cwnd_bytes = info->cwnd_bytes,
		.retransmits = info->retransmits,
		.rx_queued_bytes = info->receive_queued_bytes,
		.tx_queued_bytes = info->send_queued_bytes,
	};
	rte_strscpy(out->state, tcp_state_text(info->state), sizeof out->state);
}

/* ---- taps, by the control thread ---- */

enum err
worker_tap_start(struct worker *w, enum tap_kind kind, const struct tap_plan *plan)
{
	unsigned bit = 1u << kind;

	if ((atomic_load(&w->tap_wanted) | atomic_load(&w->tap_running)) & bit)
		return ERR_busy;
	if (w->setup.tap_bytes == 0)
		return ERR_no_memory;
	tap_begin(&w->tap[kind], plan);
	atomic_fetch_or(&w->tap_wanted, bit);
	return ERR_ok;
}

void
worker_tap_stop(struct worker *w, enum tap_kind kind)
{
	atomic_fetch_and(&w->tap_wanted, ~(1u << kind));
}

bool
worker_tap_runs(const struct worker *w, enum tap_kind kind)
{
	return atomic_load(&w->tap_running) & 1u << kind;
}

/* The time of the turn that a worker is in: it makes no older record any more. */
static uint64_t
made_until_us(const struct worker *w, enum tap_kind kind)
{
	return worker_tap_runs(w, kind) ? atomic_load(&w->tap_turn_us) : UINT64_MAX;
}

/* Times first, then records: whatever is older has been published when its time is seen. */
uint32_t
worker_taps_read(struct worker *const *workers, uint32_t count, enum tap_kind kind, void *out,
		 uint32_t max, uint64_t *matched, uint64_t *lost)
{
	uint64_t until_us = UINT64_MAX;
	struct tap *taps[LIMIT_WORKERS];

	for (uint32_t i = 0; i < count; i++) {
		taps[i] = &workers[i]->tap[kind];
		until_us = RTE_MIN(until_us, made_until_us(workers[i], kind));
		*matched += atomic_load(&taps[i]->matched);
		*lost += atomic_load(&taps[i]->lost);
	}
	return tap_read(taps, count, until_us, out, max);
}
