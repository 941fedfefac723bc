/*
 * A packet's path. Only this file calls from one layer into the next: top to bottom it reads as a
 * burst travels.
 *
 *   path_rx    port_rx -> steer -> eth_input -> ip_input -> tcp_input
 *   path_taken what other workers have handed over, from where they left it
 *   path_pump  connections with news -> conn_event (HEAD PICK CONNECT RELAY END are in session*.c)
 *   path_tx    tcp_output -> ip_output -> eth_output -> port_tx
 *
 * With several workers a frame is looked at by the one that its flow belongs to: the others hand it over untouched
 * (dataplane/handoff.h). Worker 0 has all that is of no flow, and sends what needs a neighbour that others do not know.
 *
 * What the kernel serves on a port leaves this way behind ip_input, by a ring, and enters it before eth_output.
 *
 * Every packet that does not get through ends in drop() with its reason. While a capture or trace is on
 * (w->taps), trace.c is told of each station.
 */
#include <rte_mbuf.h>

#include "dataplane/drop.h"
#include "dataplane/handoff.h"
#include "dataplane/net/punt.h"
#include "dataplane/net/steer.h"
#include "dataplane/punt_ring.h"
#include "dataplane/worker_priv.h"

#define RX_BURSTS_PER_TURN     4u    /* of PORT_BURST frames, a port */
#define TAKEN_PER_TURN         8u    /* bursts of packets from other workers */
#define READY_PER_TURN         1024u /* connections with news */
#define TX_SEGMENTS_PER_TURN   1024u
#define KERNEL_FRAMES_PER_TURN 32u

static bool is_handed_over(struct worker *w, struct rte_mbuf *m, uint32_t device);
static bool give(struct worker *w, uint32_t to, struct rte_mbuf *m, enum handoff_kind kind);
static void received(struct worker *w, struct rte_mbuf *m, uint32_t device);
static void taken(struct worker *w, struct rte_mbuf *m);
static void tapped_in(struct worker *w, struct rte_mbuf *m, uint32_t device);
static void frame_in(struct worker *w, struct rte_mbuf *m, uint32_t device);
static void packet_in(struct worker *w, struct rte_mbuf *m);
static void whole_in(struct worker *w, struct rte_mbuf *m);
static void segment_in(struct worker *w, struct rte_mbuf *m);
static void segment_out(struct worker *w, struct rte_mbuf *m);
static void resolve(struct worker *w, struct rte_mbuf *m);
static void packet_out(struct worker *w, struct rte_mbuf *m, struct net_verdict verdict);
static void frame_out(struct worker *w, struct rte_mbuf *m);
static void to_kernel(struct worker *w, struct rte_mbuf *m);
static void from_kernel(struct worker *w);
static void kernel_frame_out(struct worker *w, const struct punt_frame *frame);
static void own_frames_out(struct worker *w);
static void flush(struct worker *w, uint32_t device);
static void discard(struct worker *w, struct rte_mbuf *m, enum drop_reason reason);

void
path_rx(struct worker *w)
{
	struct rte_mbuf *burst[PORT_BURST];
	bool steers = w->setup.handoff != NULL;

	for (uint32_t device = 0; device < w->setup.port_count; device++) {
		uint64_t *count = w->stats->port[device];

		if (unlikely(!w->setup.ports[device]))
			continue;
		for (unsigned round = 0; round < RX_BURSTS_PER_TURN; round++) {
			uint16_t n = port_rx(w->setup.ports[device], (uint16_t)w->setup.index,
					     burst, PORT_BURST, w->now_us);

			for (uint16_t i = 0; i < n; i++) {
				if (i + 2 < n)
					rte_prefetch0(rte_pktmbuf_mtod(burst[i + 2], void *));
				count[PORT_COUNTER_rx_packets]++;
				count[PORT_COUNTER_rx_bytes] += burst[i]->pkt_len;
				if (!steers || !is_handed_over(w, burst[i], device))
					received(w, burst[i], device);
			}
			w->moved |= n > 0;
			if (n < PORT_BURST)
				break;
		}
	}
}

/* Takes m if true: it is another worker's. Taps see it where it goes to. */
static bool
is_handed_over(struct worker *w, struct rte_mbuf *m, uint32_t device)
{
	uint32_t owner = steer_frame(m, w->setup.workers, w->trusts_hash[device]);

	if (owner == w->setup.index)
		return false;
	packet_of(m)->device = (uint8_t)device;
	if (give(w, owner, m, HANDOFF_FRAME))
		return true;
	if (unlikely(w->taps))
		traces_in(w, m, device);
	discard(w, m, DROP_handoff_full);
	if (unlikely(w->taps))
		traces_done(w);
	return true;
}

/* Takes m if true; false: the ring is full. Hand-offs are what came to the wrong worker, not questions for neighbours. */
static bool
give(struct worker *w, uint32_t to, struct rte_mbuf *m, enum handoff_kind kind)
{
	static const enum counter counters[] = {
		[HANDOFF_FRAME] = COUNTER_handoffs_given,
		[HANDOFF_PACKET] = COUNTER_handoffs_given,
		[HANDOFF_SEGMENT] = COUNTER_handoffs_given,
		[HANDOFF_RESOLVE] = COUNTER_resolutions_asked,
		[HANDOFF_UNREACHABLE] = COUNTER_resolutions_failed,
	};

	if (!handoff_give(w->setup.handoff, w->setup.index, to, m, kind))
		return false;
	w->stats->counter[counters[kind]]++;
	return true;
}

static void
received(struct worker *w, struct rte_mbuf *m, uint32_t device)
{
	if (unlikely(w->taps))
		tapped_in(w, m, device);
	else
		frame_in(w, m, device);
}

void
path_taken(struct worker *w)
{
	struct rte_mbuf *burst[PORT_BURST];

	for (unsigned round = 0; round < TAKEN_PER_TURN; round++) {
		uint16_t n = handoff_take(w->setup.handoff, w->setup.index, burst, PORT_BURST);

		for (uint16_t i = 0; i < n; i++) {
			if (i + 2 < n)
				rte_prefetch0(rte_pktmbuf_mtod(burst[i + 2], void *));
			taken(w, burst[i]);
		}
		w->moved |= n > 0;
		if (n < PORT_BURST)
			break;
	}
}

static void
taken(struct worker *w, struct rte_mbuf *m)
{
	enum handoff_kind kind = (enum handoff_kind)packet_of(m)->handoff;

	switch (kind) {
	case HANDOFF_FRAME:
		w->stats->counter[COUNTER_handoffs_taken]++;
		received(w, m, packet_of(m)->device);
		break;
	case HANDOFF_PACKET: /* taps have seen its fragments */
	case HANDOFF_SEGMENT:
		w->stats->counter[COUNTER_handoffs_taken]++;
		w->tapping_in = w->taps != 0;
		if (!w->view) /* not adopted here yet */
			discard(w, m, DROP_port_unconfigured);
		else if (kind == HANDOFF_PACKET)
			packet_in(w, m);
		else
			segment_in(w, m);
		w->tapping_in = false;
		break;
	case HANDOFF_RESOLVE:
		resolve(w, m);
		break;
	case HANDOFF_UNREACHABLE:
		path_undelivered(w, m, DROP_neighbour_unreachable);
		break;
	}
}

static void
tapped_in(struct worker *w, struct rte_mbuf *m, uint32_t device)
{
	traces_in(w, m, device);
	frame_in(w, m, device);
	traces_done(w);
}

static void
frame_in(struct worker *w, struct rte_mbuf *m, uint32_t device)
{
	/* a port's row; eth_input finds the VLAN on it by the frame's tag */
	uint32_t port = w->view ? w->view->port_of_device[device] : VIEW_NONE;
	struct net_verdict verdict;

	if (port == VIEW_NONE) {
		discard(w, m, DROP_port_unconfigured);
		return;
	}
	verdict = eth_input(w->net, m, port, w->now_us);
	trace_note(w, TRACE_LAYER_ethernet, verdict.next);
	if (verdict.next == NET_IP)
		packet_in(w, m);
	else if (verdict.next == NET_DROP)
		discard(w, m, verdict.reason);
}

static void
packet_in(struct worker *w, struct rte_mbuf *m)
{
	struct net_verdict verdict = ip_input(w->net, m, w->now_us);
	enum drop_reason reason;

	trace_note(w, TRACE_LAYER_ip, verdict.next);
	switch (verdict.next) {
	case NET_TCP:
		segment_in(w, m);
		break;
	case NET_TCP_STRAY:
		if (tcp_knows(w->tcp, m))
			segment_in(w, m);
		else
			discard(w, m, verdict.reason);
		break;
	case NET_ICMP_ERROR:
		reason = tcp_icmp_error(w->tcp, m, w->now_us);
		if (reason)
			discard(w, m, reason);
		else
			rte_pktmbuf_free(m);
		break;
	case NET_REASSEMBLED:
		whole_in(w, net_reassembled(w->net));
		break;
	case NET_PUNT:
		to_kernel(w, m);
		break;
	case NET_DROP:
		discard(w, m, verdict.reason);
		break;
	default:
		break;
	}
}

/* To its owner. Not for ever: a datagram inside of which there are fragments again is refused. */
static void
whole_in(struct worker *w, struct rte_mbuf *m)
{
	uint32_t owner = w->setup.handoff ? steer_packet(m, w->setup.workers) : w->setup.index;

	if (owner == w->setup.index)
		packet_in(w, m);
	else if (!give(w, owner, m, HANDOFF_PACKET))
		discard(w, m, DROP_handoff_full);
}

/* What a device says of a frame's flow may be wrong: of what is odd to it, who sends it has a say in that. */
static void
segment_in(struct worker *w, struct rte_mbuf *m)
{
	uint32_t index = w->setup.index;
	uint32_t owner = w->setup.handoff ? steer_segment(m, w->setup.workers, index) : index;
	enum drop_reason reason;

	if (unlikely(owner != index)) {
		if (!give(w, owner, m, HANDOFF_SEGMENT))
			discard(w, m, DROP_handoff_full);
		return;
	}
	trace_met(w, TAP_MET_BEFORE);
	reason = tcp_input(w->tcp, m, w->now_us);
	trace_note(w, TRACE_LAYER_tcp, reason ? NET_DROP : NET_TAKEN);
	trace_met(w, TAP_MET_AFTER);
	if (reason)
		discard(w, m, reason);
}

void
path_pump(struct worker *w)
{
	unsigned events;

	for (unsigned n = 0; n < READY_PER_TURN; n++) {
		uint32_t id = tcp_ready_next(w->tcp, &events);

		if (id == TCP_NONE)
			return;
		w->moved = true;
		conn_event(w, id, events);
	}
}

void
path_tx(struct worker *w)
{
	struct rte_mbuf *burst[PORT_BURST];
	unsigned sent = 0;
	uint16_t n;

	do {
		n = tcp_output(w->tcp, burst, PORT_BURST, w->now_us);
		for (uint16_t i = 0; i < n; i++)
			segment_out(w, burst[i]);
		sent += n;
	} while (n == PORT_BURST && sent < TX_SEGMENTS_PER_TURN);
	from_kernel(w);
	own_frames_out(w);
	for (uint32_t device = 0; device < w->setup.port_count; device++)
		flush(w, device);
	w->moved |= sent > 0;
}

/* A full queue passes; a missing route or a silent neighbour tells TCP that it need not wait. */
static bool
is_lasting(enum drop_reason reason)
{
	return reason == DROP_ip_no_route || reason == DROP_neighbour_unreachable;
}

static void
segment_out(struct worker *w, struct rte_mbuf *m)
{
	struct net_verdict verdict = ip_output(w->net, m, w->now_us);

	if (verdict.next == NET_IP)
		verdict = eth_output(w->net, m, w->now_us);
	else if (verdict.reason == DROP_ip_too_big)
		tcp_too_big(w->tcp, m);
	packet_out(w, m, verdict);
}

/* Worker 0: another one's packet that needs a neighbour. */
static void
resolve(struct worker *w, struct rte_mbuf *m)
{
	if (w->view)
		packet_out(w, m, net_resolve(w->net, m, w->now_us));
	else
		discard(w, m, DROP_port_unconfigured);
}

static void
packet_out(struct worker *w, struct rte_mbuf *m, struct net_verdict verdict)
{
	switch (verdict.next) {
	case NET_SEND:
		frame_out(w, m);
		break;
	case NET_RESOLVE:
		if (!give(w, 0, m, HANDOFF_RESOLVE))
			discard(w, m, DROP_handoff_full);
		break;
	case NET_DROP:
		if (is_lasting(verdict.reason))
			path_undelivered(w, m, verdict.reason);
		else
			discard(w, m, verdict.reason);
		break;
	default:
		break;
	}
}

void
path_undelivered(struct worker *w, struct rte_mbuf *m, enum drop_reason reason)
{
	uint32_t owner = packet_of(m)->worker;

	if (w->setup.handoff && owner != w->setup.index && give(w, owner, m, HANDOFF_UNREACHABLE))
		return;
	if (owner == w->setup.index)
		tcp_unreachable(w->tcp, m, w->now_us);
	discard(w, m, reason);
}

static void
frame_out(struct worker *w, struct rte_mbuf *m)
{
	uint32_t device = w->view->device_of_port[packet_of(m)->port];
	struct tx_queue *tx;

	if (device == VIEW_NONE) {
		discard(w, m, DROP_port_unconfigured);
		return;
	}
	tx = &w->tx[device];
	tx->frame[tx->count++] = m;
	if (tx->count == PORT_BURST)
		flush(w, device);
}

/* A copy, so that a kernel that is slow to take packets holds no buffer of ours. */
static void
to_kernel(struct worker *w, struct rte_mbuf *m)
{
	const struct packet *p = packet_of(m);
	uint64_t *count = w->stats->punt[p->service];
	struct punt_frame *frame = w->setup.to_kernel ? punt_ring_room(w->setup.to_kernel) : NULL;

	if (!frame) {
		count[PUNT_COUNTER_full]++;
		discard(w, m, DROP_punt_full);
		return;
	}
	frame->port = p->port;
	frame->len_bytes = (uint16_t)punt_copy(w->net, m, frame->bytes);
	punt_ring_push(w->setup.to_kernel);
	count[PUNT_COUNTER_in]++;
	rte_pktmbuf_free(m);
}

/* Worker 0's: what the kernel sends. The rest of it waits for the next turn. */
static void
from_kernel(struct worker *w)
{
	const struct punt_frame *frame;

	if (!w->setup.from_kernel || !w->view)
		return;
	for (unsigned n = 0; n < KERNEL_FRAMES_PER_TURN; n++) {
		frame = punt_ring_next(w->setup.from_kernel);
		if (!frame)
			return;
		kernel_frame_out(w, frame);
		punt_ring_pop(w->setup.from_kernel);
		w->moved = true;
	}
}

static void
kernel_frame_out(struct worker *w, const struct punt_frame *frame)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(w->setup.mbufs);
	struct net_verdict verdict;

	if (!m) {
		w->stats->drop[DROP_mbuf_empty]++;
		return;
	}
	memcpy(rte_pktmbuf_append(m, frame->len_bytes), frame->bytes, frame->len_bytes);
	verdict = punt_output(w->net, m, frame->port, w->now_us);
	if (verdict.next == NET_SEND)
		frame_out(w, m);
	else if (verdict.next == NET_DROP)
		discard(w, m, verdict.reason);
}

/* ARP, neighbour discovery, ICMP answers, and packets whose neighbour has answered meanwhile. */
static void
own_frames_out(struct worker *w)
{
	struct rte_mbuf *burst[PORT_BURST];
	uint16_t n;

	if (!w->view)
		return;
	do {
		n = net_poll(w->net, burst, PORT_BURST, w->now_us);
		for (uint16_t i = 0; i < n; i++)
			frame_out(w, burst[i]);
		w->moved |= n > 0;
	} while (n == PORT_BURST);
}

/* Also with nothing to send: a fault wrapper may have frames that are due. */
static void
flush(struct worker *w, uint32_t device)
{
	struct tx_queue *tx = &w->tx[device];
	uint64_t *count = w->stats->port[device];
	uint64_t bytes = 0, left_bytes = 0;
	uint16_t sent;

	if (unlikely(!w->setup.ports[device])) { /* it was lost when devices were to change */
		while (tx->count)
			drop(w->stats, tx->frame[--tx->count], DROP_port_unconfigured);
		return;
	}
	for (uint16_t i = 0; i < tx->count; i++)
		bytes += tx->frame[i]->pkt_len;
	if (unlikely(w->taps))
		traces_out(w, tx->frame, tx->count, device);
	sent = port_tx(w->setup.ports[device], (uint16_t)w->setup.index, tx->frame, tx->count,
		       w->now_us);
	if (unlikely(w->taps))
		traces_sent(w, sent, tx->count);
	for (uint16_t i = sent; i < tx->count; i++) {
		left_bytes += tx->frame[i]->pkt_len;
		drop(w->stats, tx->frame[i], DROP_port_tx_full);
	}
	count[PORT_COUNTER_tx_packets] += sent;
	count[PORT_COUNTER_tx_bytes] += bytes - left_bytes;
	tx->count = 0;
}

static void
discard(struct worker *w, struct rte_mbuf *m, enum drop_reason reason)
{
	if (unlikely(w->taps))
		traces_dropped(w, m, reason);
	drop(w->stats, m, reason);
}
