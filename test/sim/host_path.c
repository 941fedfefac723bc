/*
 * The way of a packet through a simulated host: what dataplane/path.c is for the box, with applications instead of
 * sessions. The only place that calls from one layer into the next.
 */
#include <rte_mbuf.h>

#include "test/sim/host.h"
#include "test/sim/nic.h"

#define TIMERS_PER_TURN   256u
#define PRESSURE_EVERY_US 100u

static void receive(struct host *host, uint64_t now_us);
static void frame_in(struct host *host, struct rte_mbuf *m, uint64_t now_us);
static void packet_in(struct host *host, struct rte_mbuf *m, uint64_t now_us);
static void timers(struct host *host, uint64_t now_us);
static void pump(struct host *host, uint64_t now_us);
static struct app *owner_of(struct host *host, uint32_t id);
static void note_end(struct host *host, uint32_t id);
static void transmit(struct host *host, uint64_t now_us);
static void segment_out(struct host *host, struct rte_mbuf *m, uint64_t now_us);
static void frame_out(struct host *host, struct rte_mbuf *m, uint64_t now_us);
static void drop_out(struct host *host, struct rte_mbuf *m, enum drop_reason reason);

bool
host_turn(struct node *node, uint64_t now_us)
{
	struct host *host = (struct host *)node;

	host->moved = false;
	if (now_us >= host->pressure_us) {
		tcp_set_pressure(host->tcp, world_pool_out(host->mbufs) * 100 / host->mbufs->size);
		host->pressure_us = now_us + PRESSURE_EVERY_US;
	}
	receive(host, now_us);
	timers(host, now_us);
	pump(host, now_us);
	transmit(host, now_us);
	return host->moved;
}

static void
receive(struct host *host, uint64_t now_us)
{
	struct rte_mbuf *burst[PORT_BURST];
	uint16_t n = port_rx(host->port, 0, burst, PORT_BURST, now_us);

	for (uint16_t i = 0; i < n; i++)
		frame_in(host, burst[i], now_us);
	host->moved |= n > 0;
}

static void
frame_in(struct host *host, struct rte_mbuf *m, uint64_t now_us)
{
	struct net_verdict verdict = eth_input(host->net, m, 0, now_us);

	if (verdict.next == NET_IP) {
		packet_in(host, m, now_us);
	} else if (verdict.next == NET_DROP) {
		host->balance.dropped++;
		drop_out(host, m, verdict.reason);
	} else {
		ASSERT(verdict.next == NET_TAKEN);
		host->balance.taken++;
	}
}

static void
packet_in(struct host *host, struct rte_mbuf *m, uint64_t now_us)
{
	struct net_verdict verdict = ip_input(host->net, m, now_us);
	enum drop_reason reason = DROP_none;

	if (verdict.next == NET_TAKEN) {
		host->balance.taken++;
		return;
	}
	if (verdict.next == NET_REASSEMBLED) { /* counted as what becomes of it */
		packet_in(host, net_reassembled(host->net), now_us);
		return;
	}
	if (verdict.next == NET_DROP || verdict.next == NET_TCP_STRAY) {
		reason = verdict.reason;
		ASSERT(reason != DROP_none);
	} else if (verdict.next == NET_TCP) {
		reason = tcp_input(host->tcp, m, now_us);
		host->balance.tcp += reason == DROP_none;
	} else {
		ASSERT(verdict.next == NET_ICMP_ERROR);
		reason = tcp_icmp_error(host->tcp, m, now_us);
		if (reason == DROP_none) {
			host->balance.icmp++;
			rte_pktmbuf_free(m);
		}
	}
	if (reason != DROP_none) {
		host->balance.dropped++;
		drop_out(host, m, reason);
	}
}

static void
timers(struct host *host, uint64_t now_us)
{
	struct rte_mbuf *expired[PORT_BURST];
	uint16_t n;

	tcp_timers(host->tcp, TIMERS_PER_TURN, now_us);
	if (net_next_us(host->net) > now_us)
		return;
	do {
		n = net_timers(host->net, expired, PORT_BURST, now_us);
		for (uint16_t i = 0; i < n; i++) {
			if (packet_of(expired[i])->protocol == 6)
				tcp_unreachable(host->tcp, expired[i], now_us);
			drop_out(host, expired[i], DROP_neighbour_unreachable);
		}
	} while (n == PORT_BURST);
	host->moved = true;
}

static void
pump(struct host *host, uint64_t now_us)
{
	unsigned events;
	uint32_t id;

	while ((id = tcp_ready_next(host->tcp, &events)) != TCP_NONE) {
		struct app *app = owner_of(host, id);

		ASSERT(events != 0);
		if (events & TCP_EVENT_CLOSED)
			note_end(host, id);
		if (app)
			app->ops->event(app, id, events, now_us);
		else
			tcp_abort(host->tcp, id, now_us);
		host->moved = true;
	}
	for (struct app *app = host->apps; app; app = app->next)
		if (app->wake_us <= now_us) {
			app->wake_us = UINT64_MAX;
			app->ops->wake(app, now_us);
			host->moved = true;
		}
}

static void
note_end(struct host *host, uint32_t id)
{
	static const enum event ends[] = {
		[TCP_CLOSE_FINISHED] = EVENT_end_finished,
		[TCP_CLOSE_REFUSED] = EVENT_end_refused,
		[TCP_CLOSE_RESET] = EVENT_end_reset,
		[TCP_CLOSE_TIMEOUT] = EVENT_end_timeout,
		[TCP_CLOSE_UNREACHABLE] = EVENT_end_unreachable,
	};
	enum tcp_close_reason reason = tcp_close_reason(host->tcp, id);

	ASSERT(reason != TCP_CLOSE_NONE && reason < ARRAY_SIZE(ends));
	world_event(host->node.world, ends[reason], 1);
}

/* The application of a connection; one that the peer opened belongs to who listens there, NULL if nobody does any more. */
static struct app *
owner_of(struct host *host, uint32_t id)
{
	if (host->owner[id]) {
		ASSERT(tcp_user(host->tcp, id) == id);
		return host->owner[id];
	}
	ASSERT(tcp_user(host->tcp, id) == TCP_USER_NONE);
	for (struct app *app = host->apps; app; app = app->next)
		if (app->listen_port == tcp_local(host->tcp, id)->port) {
			host->owner[id] = app;
			tcp_set_user(host->tcp, id, id);
			return app;
		}
	return NULL;
}

static void
transmit(struct host *host, uint64_t now_us)
{
	struct rte_mbuf *burst[PORT_BURST];
	unsigned rounds = 16;
	uint16_t n;

	do {
		n = tcp_output(host->tcp, burst, PORT_BURST, now_us);
		for (uint16_t i = 0; i < n; i++)
			segment_out(host, burst[i], now_us);
		host->moved |= n > 0;
	} while (n == PORT_BURST && --rounds);
	do {
		n = net_poll(host->net, burst, PORT_BURST, now_us);
		for (uint16_t i = 0; i < n; i++)
			frame_out(host, burst[i], now_us);
		host->moved |= n > 0;
	} while (n == PORT_BURST);
	port_tx(host->port, 0, NULL, 0, now_us);
}

static void
segment_out(struct host *host, struct rte_mbuf *m, uint64_t now_us)
{
	struct net_verdict verdict = ip_output(host->net, m, now_us);

	if (verdict.next == NET_IP)
		verdict = eth_output(host->net, m, now_us);
	if (verdict.next == NET_SEND) {
		frame_out(host, m, now_us);
	} else if (verdict.next == NET_DROP) {
		if (verdict.reason == DROP_ip_no_route ||
		    verdict.reason == DROP_neighbour_unreachable)
			tcp_unreachable(host->tcp, m, now_us);
		else if (verdict.reason == DROP_ip_too_big)
			tcp_too_big(host->tcp, m);
		drop_out(host, m, verdict.reason);
	} else {
		ASSERT(verdict.next == NET_TAKEN);
	}
}

static void
frame_out(struct host *host, struct rte_mbuf *m, uint64_t now_us)
{
	ASSERT(packet_of(m)->port == host->row);
	if (port_tx(host->port, 0, &m, 1, now_us) != 1)
		drop_out(host, m, DROP_port_tx_full);
}

static void
drop_out(struct host *host, struct rte_mbuf *m, enum drop_reason reason)
{
	ASSERT(reason > DROP_none && reason < DROP_COUNT);
	host->stats->drop[reason]++;
	rte_pktmbuf_free(m);
}

uint64_t
host_next_us(struct node *node, uint64_t now_us)
{
	struct host *host = (struct host *)node;
	uint64_t next_us = tcp_next_us(host->tcp), net_us = net_next_us(host->net),
		 port_us = port_next_us(host->port);

	if (tcp_has_output(host->tcp) || tcp_has_news(host->tcp))
		return now_us;
	next_us = min_u64(next_us, min_u64(net_us, port_us));
	for (struct app *app = host->apps; app; app = app->next)
		next_us = min_u64(next_us, app->wake_us);
	return next_us;
}
