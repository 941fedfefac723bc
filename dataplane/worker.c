/*
 * One worker: made by the control thread, turned by its own core, or by the simulator in virtual
 * time.
 *
 * A turn is short and bounded: receive, timers, pump, transmit, answer the mailbox. A view that is
 * offered is taken over between turns: one pointer first, then the probes, a few at a time. All
 * memory is taken in worker_create.
 */
#include "dataplane/worker.h"

#include <rte_malloc.h>
#include <rte_mbuf.h>

#include "dataplane/drop.h"
#include "dataplane/handoff.h"
#include "dataplane/punt_ring.h"
#include "dataplane/worker_priv.h"

#define TIMERS_PER_TURN    256u
#define PRESSURE_PERIOD_US 1000u
#define SWEEP_PERIOD_US    1000u
#define SWEEP_MEMBERS      256u
#define RNG_SALT           0x70726f6265ull /* another sequence than the network layer's */

static void adopt_view(struct worker *w, struct config_view *view);
static bool links_have_news(const struct worker *w);
static void note_links(struct worker *w);
static void timers(struct worker *w);
static void neighbour_timers(struct worker *w);
static void pressure(struct worker *w);
static void sweep(struct worker *w);

/* Memory of the parts, one behind the other, each at a cache line. */
struct layout {
	size_t worker, net, tcp, conns, sessions, probes, taps, total;
};

static struct net_setup
net_setup_of(const struct worker_setup *setup)
{
	return (struct net_setup){ .mbufs = setup->mbufs,
				   .stats = &setup->stats->worker[setup->index],
				   .seed = setup->seed,
				   .reassembles = setup->index == 0 };
}

static size_t
place(size_t *total, size_t bytes)
{
	size_t at = *total;

	*total = (at + bytes + 63) & ~(size_t)63;
	return at;
}

static struct layout
layout_of(const struct worker_setup *setup)
{
	struct net_setup net = net_setup_of(setup);
	struct layout l = { 0 };

	l.worker = place(&l.total, sizeof(struct worker));
	l.net = place(&l.total, net_memory_bytes(&net));
	l.tcp = place(&l.total, tcp_memory_bytes(&setup->tcp));
	l.conns = place(&l.total, sizeof(struct conn) * setup->tcp.conns);
	l.sessions = place(&l.total, pool_memory_bytes(sizeof(struct session), setup->sessions));
	l.probes = place(&l.total, sizeof(struct probe) * HEALTH_ENTRIES);
	l.taps = place(&l.total, (size_t)setup->tap_bytes * TAP_KINDS);
	return l;
}

static bool
listens(void *context, const struct endpoint *local)
{
	const struct worker *w = context;

	return w->view && config_view_vs(w->view, local) != VIEW_NONE;
}

static uint16_t
mss(void *context, const struct addr *remote)
{
	const struct worker *w = context;

	return net_mss(w->net, remote);
}

static bool
cuts(void *context, const struct addr *remote)
{
	const struct worker *w = context;

	return net_cuts(w->net, remote);
}

static uint32_t
profile(void *context, const struct endpoint *local)
{
	const struct worker *w = context;
	uint32_t vs = w->view ? config_view_vs(w->view, local) : VIEW_NONE;

	/* a virtual server that went away while a handshake without memory of it was under way */
	if (vs == VIEW_NONE)
		return TCP_PROFILE_DEFAULT;
	return profile_number(&w->profiles, w->view->gen, &w->view->tcp_profiles[w->setup.index],
			      generation_virtual_servers(w->view->gen)[vs].tcp_profile);
}

static bool
spare(void *context)
{
	return kept_spare(context);
}

/* From which ports answers come back to this worker. */
static bool
port_is_ours(void *context, const struct endpoint *local, const struct endpoint *remote)
{
	struct worker *w = context;

	return steer_port_is_for(&w->search, local, remote, w->setup.workers, w->setup.index);
}

static bool
hashes(struct port *port)
{
	struct port_info info;

	port_info(port, &info);
	return info.offloads & PORT_OFFLOAD_RSS_HASH;
}

void
worker_devices_changed(struct worker *w)
{
	for (uint32_t device = 0; device < w->setup.port_count; device++)
		w->trusts_hash[device] = w->setup.ports[device] && hashes(w->setup.ports[device]);
}

struct worker *
worker_create(const struct worker_setup *setup, uint64_t now_us)
{
	struct net_setup net = net_setup_of(setup);
	struct layout l = layout_of(setup);
	uint8_t *memory = rte_zmalloc("worker", l.total, 64);
	struct worker *w;

	if (!memory)
		return NULL;
	w = (struct worker *)(memory + l.worker);
	w->setup = *setup;
	w->setup.tcp.mbuf_sharers = setup->workers;
	w->memory = memory;
	w->now_us = now_us;
	atomic_init(&w->unix_offset_us, setup->unix_offset_us);
	worker_devices_changed(w);
	w->stats = &setup->stats->worker[setup->index];
	w->tcp_host = (struct tcp_host){ .listens = listens,
					 .mss = mss,
					 .profile = profile,
					 .spare = spare,
					 .port_is_ours = setup->handoff ? port_is_ours : NULL,
					 .cuts = cuts,
					 .context = w };
	w->places = setup->places ? setup->places : &w->own_places;
	w->net = net_init(memory + l.net, &net);
	ASSERT(setup->neighbours || setup->workers == 1);
	if (setup->neighbours)
		net_share(w->net, setup->neighbours, setup->index);
	w->tcp = tcp_init(memory + l.tcp, &w->setup.tcp, &w->tcp_host, setup->mbufs, w->stats,
			  &setup->key, now_us);
	w->conns = (struct conn *)(memory + l.conns);
	for (uint32_t i = 0; i < setup->tcp.conns; i++)
		wheel_node_init(&w->conns[i].timer);
	wheel_init(&w->conn_wheel, &w->conns[0].timer, sizeof(struct conn), now_us);
	pool_init(&w->sessions, memory + l.sessions, sizeof(struct session), setup->sessions);
	w->probes = (struct probe *)(memory + l.probes);
	for (uint32_t i = 0; i < HEALTH_ENTRIES; i++)
		w->probes[i].conn = TCP_NONE;
	for (unsigned kind = 0; kind < TAP_KINDS; kind++)
		tap_init(&w->tap[kind], (enum tap_kind)kind,
			 memory + l.taps + (size_t)setup->tap_bytes * kind, setup->tap_bytes);
	rng_init(&w->rng, setup->seed ^ RNG_SALT);
	wheel_init(&w->probe_wheel, &w->probes[0].timer, sizeof(struct probe), now_us);
	for (uint32_t i = 0; i < LIMIT_MEMBERS; i++)
		w->kept_head[i] = w->kept_tail[i] = TCP_NONE;
	w->kept_newest = w->kept_oldest = TCP_NONE;
	return w;
}

/*
 * Everything that holds packets gives them back; peers learn of it by RST only if somebody still
 * turns the ports.
 */
void
worker_destroy(struct worker *w)
{
	tcp_fini(w->tcp);
	net_fini(w->net);
	for (uint32_t i = 0; i < w->sessions.capacity; i++)
		if (pool_is_used(&w->sessions, i)) {
			bufq_clear(&session_at(w, i)->request_head);
			bufq_clear(&session_at(w, i)->held_body);
		}
	rte_free(w->memory);
}

static void
begin(struct worker *w, uint64_t now_us)
{
	if (w->moved) /* in what was done last, which began at w->now_us */
		w->stats->counter[COUNTER_turns_busy_us] += now_us - w->now_us;
	w->now_us = now_us;
	w->moved = false;
}

bool
worker_turn(struct worker *w, uint64_t now_us)
{
	begin(w, now_us);
	if (unlikely(atomic_load_explicit(&w->tap_wanted, memory_order_relaxed) != w->tap_adopted))
		traces_adopt(w);
	if (unlikely(w->tap_adopted != 0))
		atomic_store_explicit(&w->tap_turn_us, unix_now_us(w), memory_order_release);
	if (w->view)
		note_links(w);
	if (w->setup.handoff)
		notes_hear(w);
	path_rx(w);
	if (w->setup.handoff)
		path_taken(w);
	timers(w);
	path_pump(w);
	path_tx(w);
	worker_pings(w);
	worker_answer_mailbox(w);
	w->stats->counter[COUNTER_turns]++;
	if (!w->moved)
		w->stats->counter[COUNTER_turns_idle]++;
	return w->moved;
}

uint64_t
worker_next_us(const struct worker *w, uint64_t now_us)
{
	uint64_t next = tcp_next_us(w->tcp);

	if (w->view && links_have_news(w))
		return now_us;
	if (tcp_has_output(w->tcp) || tcp_has_news(w->tcp) || worker_is_adopting(w) ||
	    worker_is_given(w))
		return now_us;
	if (w->setup.from_kernel && punt_ring_next(w->setup.from_kernel))
		return now_us;
	if (atomic_load_explicit(&w->pings_wanted, memory_order_relaxed))
		return now_us;
	next = RTE_MIN(next, net_next_us(w->net));
	next = RTE_MIN(next, wheel_next_us(&w->conn_wheel));
	next = RTE_MIN(next, wheel_next_us(&w->probe_wheel));
	return RTE_MAX(next, now_us);
}

bool
worker_is_given(const struct worker *w)
{
	return w->setup.handoff && handoff_waits(w->setup.handoff, w->setup.index);
}

void
worker_offer_view(struct worker *w, struct config_view *view)
{
	atomic_store_explicit(&w->offered, view, memory_order_release);
}

const struct config_view *
worker_view(const struct worker *w)
{
	return atomic_load_explicit(&w->adopted, memory_order_acquire);
}

bool
worker_is_adopting(const struct worker *w)
{
	return atomic_load_explicit(&w->offered, memory_order_relaxed) != w->view ||
	       atomic_load_explicit(&w->look_again, memory_order_relaxed) || probes_adopting(w);
}

void
worker_adopt(struct worker *w, uint64_t now_us)
{
	struct config_view *view = atomic_load_explicit(&w->offered, memory_order_acquire);

	begin(w, now_us);
	w->moved = true;
	if (view != w->view)
		adopt_view(w, view);
	else if (atomic_exchange(&w->look_again, false))
		probes_adopt(w);
	else if (probes_adopting(w))
		probes_adopt_some(w);
}

static void
adopt_view(struct worker *w, struct config_view *view)
{
	bool is_first = w->view == NULL;

	w->view = view;
	net_configure(w->net, &view->net, w->now_us);
	profile_adopt(&w->profiles, w->tcp, view->gen, &view->tcp_profiles[w->setup.index]);
	probes_adopt(w);
	w->places_cursor = 0;
	for (uint32_t port = 0; port < view->gen->ports.count && w->setup.index == 0; port++)
		net_probe(w->net, port, false, w->now_us);
	atomic_store_explicit(&w->adopted, view, memory_order_release);
	w->stats->counter[COUNTER_config_adoptions] += !is_first;
}

/* Before the second view there was nothing to be stalled. */
void
worker_note_adoption(struct worker *w, uint64_t took_us)
{
	uint64_t *longest_us = &w->stats->counter[COUNTER_config_adopt_longest_us];

	if (w->stats->counter[COUNTER_config_adoptions] && took_us > *longest_us)
		*longest_us = took_us;
}

void
worker_look_again(struct worker *w)
{
	atomic_store(&w->look_again, true);
}

void
worker_set_unix_offset(struct worker *w, uint64_t offset_us)
{
	atomic_store_explicit(&w->unix_offset_us, offset_us, memory_order_relaxed);
}

static bool
links_have_news(const struct worker *w)
{
	return atomic_load_explicit(&w->link_up_mask, memory_order_relaxed) ||
	       atomic_load_explicit(&w->announce_mask, memory_order_relaxed);
}

static void
note_links(struct worker *w)
{
	unsigned up, announce;

	if (!links_have_news(w))
		return;
	up = atomic_exchange(&w->link_up_mask, 0);
	announce = atomic_exchange(&w->announce_mask, 0);
	for (uint32_t port = 0; port < w->view->gen->ports.count; port++) {
		uint32_t device = w->view->device_of_port[port];
		unsigned bit = device == VIEW_NONE ? 0 : 1u << device;

		if (up & bit)
			net_probe(w->net, port, true, w->now_us);
		if (announce & bit)
			net_announce(w->net, port, w->now_us);
	}
}

void
worker_link_up(struct worker *w, uint32_t device)
{
	atomic_fetch_or(&w->link_up_mask, 1u << device);
}

void
worker_announce(struct worker *w, uint32_t device)
{
	atomic_fetch_or(&w->announce_mask, 1u << device);
}

static void
timers(struct worker *w)
{
	tcp_timers(w->tcp, TIMERS_PER_TURN, w->now_us);
	conn_timers(w);
	probes_run(w);
	if (net_timers_are_due(w->net, w->now_us))
		neighbour_timers(w);
	if (w->now_us >= w->pressure_due_us)
		pressure(w);
	if (w->view && w->now_us >= w->sweep_due_us)
		sweep(w);
}

/*
 * Packets that waited for a neighbour in vain; TCP hears of it, so that a dead member is noticed at
 * once.
 */
static void
neighbour_timers(struct worker *w)
{
	struct rte_mbuf *expired[PORT_BURST];
	uint16_t n = net_timers(w->net, expired, PORT_BURST, w->now_us);

	for (uint16_t i = 0; i < n; i++)
		path_undelivered(w, expired[i], DROP_neighbour_unreachable);
	w->moved |= n > 0;
}

/* For people; a moment old. Packet buffers are of all workers together: one of them counts them. */
static void
note_memory(struct worker *w, unsigned mbufs_used)
{
	struct stats_memory *memory = w->stats->memory, *mbufs = &memory[MEMORY_packet_buffers];

	tcp_memory_use(w->tcp, memory);
	memory[MEMORY_conns] = memory[MEMORY_tcp_conns];
	memory[MEMORY_conns].object_bytes = sizeof(struct conn);
	memory[MEMORY_sessions] = (struct stats_memory){
		.object_bytes = sizeof(struct session),
		.capacity = w->sessions.capacity,
		.used = w->sessions.used,
		.used_max = w->sessions.used_max,
	};
	if (w->setup.index != 0)
		return;
	*mbufs = (struct stats_memory){
		.object_bytes = w->setup.mbufs->elt_size,
		.capacity = w->setup.mbufs->size,
		.used = mbufs_used,
		.used_max = RTE_MAX(mbufs->used_max, (uint64_t)mbufs_used),
	};
}

/* Counting a mempool touches every core's cache of it, so it is done once a millisecond only. */
static void
pressure(struct worker *w)
{
	unsigned total = w->setup.mbufs->size;
	unsigned used = rte_mempool_in_use_count(w->setup.mbufs);

	tcp_set_pressure(w->tcp, (unsigned)((uint64_t)used * 100 / total));
	note_memory(w, used);
	w->pressure_due_us = w->now_us + PRESSURE_PERIOD_US;
}

/* Has the balancer notice what other threads found out about members: 16,384 of them in 64 ms. */
static void
sweep(struct worker *w)
{
	lb_sweep(w->view->lb[w->setup.index], SWEEP_MEMBERS);
	conn_places_adopt(w, SWEEP_MEMBERS);
	w->sweep_due_us = w->now_us + SWEEP_PERIOD_US;
}

/* The load of a member is the sessions that say so, whatever view they were decided under. */
static void
check_loads(const struct worker *w)
{
	const struct gen_member *members = generation_members(w->view->gen);
	uint64_t counted = 0, found = 0;

	for (uint32_t m = 0; m < w->view->gen->members.count; m++)
		counted += member_cell(w, members[m].stats_slot)[MEMBER_COUNTER_sessions_open];
	for (uint32_t i = 0; i < w->sessions.capacity; i++) {
		const struct session *s = session_at(w, i);

		if (!pool_is_used(&w->sessions, i) || !s->counts_as_load)
			continue;
		ASSERT(member_cell(w, s->member_slot)[MEMBER_COUNTER_sessions_open] > 0);
		found += w->view->member_of_slot[s->member_slot] != VIEW_NONE;
	}
	ASSERT(counted == found);
}

void
worker_check(const struct worker *w, uint64_t now_us)
{
	tcp_check(w->tcp, now_us);
	if (w->view)
		probes_check(w);
	if (w->view) {
		lb_check(w->view->lb[w->setup.index]);
		check_loads(w);
	}
	for (uint32_t i = 0; i < w->sessions.capacity; i++) {
		const struct session *s = session_at(w, i);

		if (!pool_is_used(&w->sessions, i))
			continue;
		ASSERT(s->side[CLIENT].conn != TCP_NONE);
		for (enum side_name side = CLIENT; side <= SERVER; side++) {
			if (s->side[side].conn == TCP_NONE)
				continue;
			ASSERT(conn_at(w, s->side[side].conn)->session == i);
			ASSERT(!conn_at(w, s->side[side].conn)->kept);
			ASSERT(s->side[side].approved_bytes <=
			       tcp_received(w->tcp, s->side[side].conn)->bytes);
		}
		ASSERT(wheel_node_is_started(&conn_at(w, s->side[CLIENT].conn)->timer));
	}
}

uint32_t
worker_open_sessions(const struct worker *w)
{
	return w->sessions.used;
}

uint32_t
worker_places(const struct worker *w, uint32_t member_slot)
{
	return w->has_places[member_slot] ? w->server_conns[member_slot] : 0;
}

struct tcp *
worker_tcp(struct worker *w)
{
	return w->tcp;
}
