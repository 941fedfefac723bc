/*
 * What path.c tells when a capture or a trace is on: frames are offered to the worker's taps on their way in
 * (before any layer has seen them) and out (when they are given to the port, or get no further), and a
 * trace's record follows the frame from layer to layer. Nothing in here changes a frame or a connection.
 *
 *   in    traces_in; trace_note at each layer; trace_met around TCP; traces_done
 *   out   traces_out before the port takes the burst, traces_sent after it
 *   drop  traces_dropped, both ways
 */
#include <string.h>

#include <rte_ip.h>
#include <rte_mbuf.h>

#include "dataplane/worker_priv.h"

#define ETHERNET_BYTES 14u
#define ETHERNET_TYPE  12u
#define VLAN_BYTES     4u
#define TYPE_IPV4      0x0800u
#define TYPE_VLAN      0x8100u
#define TYPE_IPV6      0x86ddu
#define IPV4_BYTES     20u
#define IPV6_BYTES     40u
#define PROTOCOL_TCP   6u
#define UNSENT_HEADERS (ETHERNET_BYTES + VLAN_BYTES + IPV6_BYTES)

static const uint8_t *
linear(struct worker *w, struct rte_mbuf *m, bool in, uint32_t *len, uint32_t *frame_bytes);
static void offer(struct worker *w, const uint8_t *bytes, uint32_t len, uint32_t frame_bytes,
		  const struct tap_place *place, struct tap_record *record[TAP_KINDS]);
static bool endpoints(const struct tap_record *record, struct endpoint *src, struct endpoint *dst);
static void note_way_out(struct worker *w, struct tap_record *record);
static void note_unsent(struct worker *w, struct rte_mbuf *m, enum drop_reason reason);
static void publish(struct worker *w);

void
traces_adopt(struct worker *w)
{
	unsigned wanted = atomic_load_explicit(&w->tap_wanted, memory_order_acquire);

	w->taps = (uint8_t)wanted;
	w->tap_adopted = wanted;
	atomic_store_explicit(&w->tap_running, wanted, memory_order_release);
}

/* ---- in ---- */

void
traces_in(struct worker *w, struct rte_mbuf *m, uint32_t device)
{
	struct tap_place place = { .direction = TAP_IN,
				   .device = device,
				   .worker = w->setup.index,
				   .unix_us = unix_now_us(w) };
	uint32_t len, frame_bytes;
	const uint8_t *bytes = linear(w, m, true, &len, &frame_bytes);

	offer(w, bytes, len, frame_bytes, &place, w->tap_in);
	w->tapping_in = true;
	if (w->tap_in[TAP_TRACE])
		w->walk = (struct tap_walk *)tap_record_walk(w->tap_in[TAP_TRACE]);
}

void
trace_note_now(struct worker *w, enum trace_layer layer, enum net_next next)
{
	static const uint8_t verdicts[] = {
		[NET_DROP] = TRACE_VERDICT_dropped, [NET_IP] = TRACE_VERDICT_passed,
		[NET_TCP] = TRACE_VERDICT_passed,   [NET_TCP_STRAY] = TRACE_VERDICT_stray,
		[NET_TAKEN] = TRACE_VERDICT_taken,  [NET_ICMP_ERROR] = TRACE_VERDICT_icmp_error,
		[NET_SEND] = TRACE_VERDICT_passed,  [NET_REASSEMBLED] = TRACE_VERDICT_reassembled,
	};

	w->walk->verdict[layer] = verdicts[next];
}

void
trace_met_now(struct worker *w, unsigned met)
{
	struct conn_fields *fields = met == TAP_MET_BEFORE ? &w->walk->before : &w->walk->after;
	struct endpoint local, remote;
	uint32_t id;

	if (!endpoints(w->tap_in[TAP_TRACE], &remote, &local))
		return;
	id = tcp_find(w->tcp, &local, &remote);
	if (id == TCP_NONE || !tcp_fields(w->tcp, id, fields, w->now_us))
		return;
	w->walk->met |= (uint8_t)met;
	w->walk->conn = id;
}

void
traces_done(struct worker *w)
{
	w->tapping_in = false;
	w->walk = NULL;
	memset(w->tap_in, 0, sizeof w->tap_in);
	publish(w);
}

/* ---- out ---- */

void
traces_out(struct worker *w, struct rte_mbuf **frames, uint16_t n, uint32_t device)
{
	struct tap_place place = { .direction = TAP_OUT,
				   .device = device,
				   .worker = w->setup.index,
				   .unix_us = unix_now_us(w) };

	for (uint16_t i = 0; i < n; i++) {
		uint32_t len, frame_bytes;
		const uint8_t *bytes = linear(w, frames[i], false, &len, &frame_bytes);

		offer(w, bytes, len, frame_bytes, &place, w->tap_out[i]);
		if (w->tap_out[i][TAP_TRACE])
			note_way_out(w, w->tap_out[i][TAP_TRACE]);
	}
}

void
traces_sent(struct worker *w, uint16_t sent, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++)
		for (unsigned kind = 0; kind < TAP_KINDS; kind++) {
			struct tap_record *record = w->tap_out[i][kind];
			struct tap_walk *walk =
			    record ? (struct tap_walk *)tap_record_walk(record) : NULL;

			if (record && i >= sent)
				record->reason = DROP_port_tx_full;
			if (walk)
				walk->verdict[TRACE_LAYER_port] =
				    i < sent ? TRACE_VERDICT_sent : TRACE_VERDICT_dropped;
		}
	publish(w);
}

/* Where it came from, by its headers: all that we send was let through by the layers above. */
static void
note_way_out(struct worker *w, struct tap_record *record)
{
	struct tap_walk *walk = (struct tap_walk *)tap_record_walk(record);
	struct endpoint local, remote;
	uint32_t id;

	walk->verdict[TRACE_LAYER_ethernet] = TRACE_VERDICT_passed;
	if (!endpoints(record, &local, &remote))
		return;
	walk->verdict[TRACE_LAYER_ip] = walk->verdict[TRACE_LAYER_tcp] = TRACE_VERDICT_passed;
	id = tcp_find(w->tcp, &local, &remote);
	if (id == TCP_NONE || !tcp_fields(w->tcp, id, &walk->after, w->now_us))
		return;
	walk->met = TAP_MET_AFTER;
	walk->conn = id;
}

/* ---- dropped ---- */

void
traces_dropped(struct worker *w, struct rte_mbuf *m, enum drop_reason reason)
{
	if (!w->tapping_in) {
		note_unsent(w, m, reason);
		return;
	}
	for (unsigned kind = 0; kind < TAP_KINDS; kind++)
		if (w->tap_in[kind])
			w->tap_in[kind]->reason = (uint16_t)reason;
}

/* Returns how many bytes. */
static uint32_t
put_tag(uint8_t *at, uint32_t tci)
{
	at[0] = TYPE_VLAN >> 8;
	at[1] = TYPE_VLAN & 0xff;
	at[2] = (uint8_t)(tci >> 8);
	at[3] = (uint8_t)tci;
	return VLAN_BYTES;
}

/*
 * An Ethernet header of zeros but for tag and type, and an IP header with addresses and protocol only. Without a
 * route the port is not known, nor is its tag.
 */
static uint32_t
make_headers(const struct worker *w, struct rte_mbuf *m, bool has_ip, uint8_t out[UNSENT_HEADERS])
{
	const struct packet *p = packet_of(m);
	bool v4 = has_ip ? *rte_pktmbuf_mtod(m, const uint8_t *) >> 4 == 4 : addr_is_v4(&p->dst);
	uint32_t tag = has_ip ? w->view->net.ports[p->port % LIMIT_INTERFACES].tag : 0;
	uint32_t type = ETHERNET_TYPE;
	uint8_t *ip = out + ETHERNET_BYTES;

	memset(out, 0, UNSENT_HEADERS);
	if (tag)
		type += put_tag(out + type, tag);
	out[type] = v4 ? TYPE_IPV4 >> 8 : TYPE_IPV6 >> 8;
	out[type + 1] = v4 ? TYPE_IPV4 & 0xff : TYPE_IPV6 & 0xff;
	if (has_ip)
		return type + 2;
	if (v4) {
		uint32_t total = IPV4_BYTES + m->pkt_len;

		ip[0] = 0x45;
		ip[2] = (uint8_t)(total >> 8);
		ip[3] = (uint8_t)total;
		ip[9] = p->protocol;
		memcpy(ip + 12, &p->src.byte[12], 4);
		memcpy(ip + 16, &p->dst.byte[12], 4);
		return ETHERNET_BYTES + IPV4_BYTES;
	}
	ip[0] = 0x60;
	ip[4] = (uint8_t)(m->pkt_len >> 8);
	ip[5] = (uint8_t)m->pkt_len;
	ip[6] = p->protocol;
	memcpy(ip + 8, p->src.byte, 16);
	memcpy(ip + 24, p->dst.byte, 16);
	return ETHERNET_BYTES + IPV6_BYTES;
}

/*
 * On its way out, and it gets no further: it has no Ethernet header yet, and no IP header either when
 * there is no route.
 */
static void
note_unsent(struct worker *w, struct rte_mbuf *m, enum drop_reason reason)
{
	bool whole = reason == DROP_port_unconfigured, has_ip = reason != DROP_ip_no_route;
	struct tap_record *record[TAP_KINDS] = { 0 };
	struct tap_place place = { .direction = TAP_OUT,
				   .worker = w->setup.index,
				   .unix_us = unix_now_us(w) };
	uint32_t len, frame_bytes, headers = 0, device;
	const uint8_t *bytes;
	uint8_t frame[UNSENT_HEADERS + TAP_KEPT_MAX];

	if (!w->view || m->data_len == 0)
		return;
	device = w->view->device_of_port[packet_of(m)->port % LIMIT_INTERFACES];
	place.device = has_ip && device != VIEW_NONE ? device : 0;
	if (!whole)
		headers = make_headers(w, m, has_ip, frame);
	bytes = linear(w, m, false, &len, &frame_bytes);
	memcpy(frame + headers, bytes, len);
	offer(w, frame, RTE_MIN(headers + len, TAP_KEPT_MAX), headers + frame_bytes, &place,
	      record);
	for (unsigned kind = 0; kind < TAP_KINDS; kind++)
		if (record[kind])
			record[kind]->reason = (uint16_t)reason;
	if (record[TAP_TRACE]) {
		struct tap_walk *walk = (struct tap_walk *)tap_record_walk(record[TAP_TRACE]);

		note_way_out(w, record[TAP_TRACE]);
		walk->verdict[TRACE_LAYER_ethernet] =
		    has_ip ? TRACE_VERDICT_dropped : TRACE_VERDICT_none;
		if (!has_ip || reason == DROP_ip_too_big)
			walk->verdict[TRACE_LAYER_ip] = TRACE_VERDICT_dropped;
	}
	publish(w);
}

/* ---- both ways ---- */

/*
 * The frame's beginning, up to TAP_KEPT_MAX bytes, in one piece, as it is on the wire: with the tag that a device
 * has taken out, or will put in.
 */
static const uint8_t *
linear(struct worker *w, struct rte_mbuf *m, bool in, uint32_t *len, uint32_t *frame_bytes)
{
	bool beside = m->ol_flags & (in ? RTE_MBUF_F_RX_VLAN_STRIPPED : RTE_MBUF_F_TX_VLAN);
	uint32_t tag_bytes = beside && m->pkt_len >= ETHERNET_BYTES ? VLAN_BYTES : 0;
	uint8_t *scratch = w->tap_scratch;
	const uint8_t *bytes;

	*frame_bytes = m->pkt_len + tag_bytes;
	*len = RTE_MIN(*frame_bytes, TAP_KEPT_MAX);
	bytes = rte_pktmbuf_read(m, 0, *len - tag_bytes, scratch);
	if (!tag_bytes)
		return bytes;
	memmove(scratch + ETHERNET_TYPE + VLAN_BYTES, bytes + ETHERNET_TYPE,
		*len - VLAN_BYTES - ETHERNET_TYPE);
	memmove(scratch, bytes, ETHERNET_TYPE);
	put_tag(scratch + ETHERNET_TYPE, m->vlan_tci);
	return scratch;
}

static void
offer(struct worker *w, const uint8_t *bytes, uint32_t len, uint32_t frame_bytes,
      const struct tap_place *place, struct tap_record *record[TAP_KINDS])
{
	for (unsigned kind = 0; kind < TAP_KINDS; kind++) {
		record[kind] = NULL;
		if (!(w->taps & 1u << kind))
			continue;
		record[kind] = tap_offer(&w->tap[kind], bytes, len, frame_bytes, place);
	}
}

/* Of a TCP segment without IPv6 extension headers, the only ones that have a connection. */
static bool
endpoints(const struct tap_record *record, struct endpoint *src, struct endpoint *dst)
{
	const uint8_t *at = tap_record_frame(record), *ip, *tcp;
	uint32_t len = record->kept_bytes, type, header = ETHERNET_BYTES;

	if (len < ETHERNET_BYTES + VLAN_BYTES + IPV4_BYTES)
		return false;
	type = (uint32_t)at[ETHERNET_TYPE] << 8 | at[ETHERNET_TYPE + 1];
	if (type == TYPE_VLAN) {
		type = (uint32_t)at[ETHERNET_TYPE + VLAN_BYTES] << 8 |
		       at[ETHERNET_TYPE + VLAN_BYTES + 1];
		header += VLAN_BYTES;
	}
	ip = at + header;
	if (type == TYPE_IPV4 && ip[9] == PROTOCOL_TCP) {
		be32 wire;

		tcp = ip + (ip[0] & 0x0fu) * 4;
		memcpy(&wire, ip + 12, sizeof wire);
		src->addr = addr_from_v4(wire);
		memcpy(&wire, ip + 16, sizeof wire);
		dst->addr = addr_from_v4(wire);
	} else if (type == TYPE_IPV6 && len >= header + IPV6_BYTES && ip[6] == PROTOCOL_TCP) {
		tcp = ip + IPV6_BYTES;
		src->addr = addr_from_v6(ip + 8);
		dst->addr = addr_from_v6(ip + 24);
	} else {
		return false;
	}
	if (tcp + 4 > at + len)
		return false;
	src->port = (uint16_t)(tcp[0] << 8 | tcp[1]);
	dst->port = (uint16_t)(tcp[2] << 8 | tcp[3]);
	return true;
}

static void
publish(struct worker *w)
{
	for (unsigned kind = 0; kind < TAP_KINDS; kind++) {
		if (!(w->taps & 1u << kind))
			continue;
		tap_publish(&w->tap[kind]);
		if (tap_is_done(&w->tap[kind]))
			w->taps &= (uint8_t)~(1u << kind);
	}
}
