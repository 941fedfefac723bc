/*
 * Frames by hand (RFC 826, 791, 8200, 792, 4443, 9293 headers).
 */
#include "test/sim/raw.h"

#include <rte_mbuf.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/net/net.h"
#include "test/sim/nic.h"

#define ETH_BYTES 14u
#define TYPE_IPV4 0x0800u
#define TYPE_IPV6 0x86ddu
#define TYPE_ARP  0x0806u

static bool raw_turn(struct node *node, uint64_t now_us);
static void frame_in(struct raw *raw, const uint8_t *at, uint32_t len, uint64_t now_us);
static void arp_in(struct raw *raw, const uint8_t *at);
static void packet_in(struct raw *raw, const uint8_t *at, uint32_t len, uint64_t now_us);
static void solicitation_in(struct raw *raw, const uint8_t *at, uint32_t len);
static void tell(struct raw *raw, const uint8_t *at, bool v6, uint64_t now_us);
static uint64_t raw_next_us(struct node *node, uint64_t now_us);
static bool raw_quiet(struct node *node, char *why, unsigned why_bytes);

static const struct node_ops raw_ops = { .turn = raw_turn,
					 .next_us = raw_next_us,
					 .quiet = raw_quiet };

static void
put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void
put32(uint8_t *at, uint32_t value)
{
	put16(at, (uint16_t)(value >> 16));
	put16(at + 2, (uint16_t)value);
}

static uint16_t
get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t
get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

struct raw *
raw_new(struct world *world, const char *name, struct port *end, const char *v4, const char *v6,
	const uint8_t peer_mac[6])
{
	struct raw *raw = calloc(1, sizeof *raw);
	struct port_info info;

	ASSERT(raw);
	world_add(world, &raw->node, name, &raw_ops);
	raw->wake_us = UINT64_MAX;
	raw->mbufs = world_pool(world, name, 1023);
	raw->port = nic_new(&raw->node, end, raw->mbufs);
	port_info(raw->port, &info);
	memcpy(raw->mac, info.mac, 6);
	memcpy(raw->peer_mac, peer_mac, 6);
	ASSERT(addr_parse(v4, &raw->v4) && addr_parse(v6, &raw->v6));
	return raw;
}

void
raw_send(struct raw *raw, const struct frame *frame)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(raw->mbufs);
	char *to;

	ASSERT(m);
	to = rte_pktmbuf_append(m, (uint16_t)frame->len);
	ASSERT(to);
	memcpy(to, frame->byte, frame->len);
	ASSERT(port_tx(raw->port, 0, &m, 1, raw->node.world->now_us) == 1);
}

static bool
raw_turn(struct node *node, uint64_t now_us)
{
	struct raw *raw = (struct raw *)node;
	struct rte_mbuf *burst[PORT_BURST];
	uint16_t n = port_rx(raw->port, 0, burst, PORT_BURST, now_us);
	bool wakes = raw->wake_us <= now_us;

	for (uint16_t i = 0; i < n; i++) {
		frame_in(raw, rte_pktmbuf_mtod(burst[i], const uint8_t *), burst[i]->data_len,
			 now_us);
		rte_pktmbuf_free(burst[i]);
	}
	if (wakes) {
		raw->wake_us = UINT64_MAX;
		raw->ops->wake(raw, now_us);
	}
	port_tx(raw->port, 0, NULL, 0, now_us);
	return n > 0 || wakes;
}

static void
frame_in(struct raw *raw, const uint8_t *at, uint32_t len, uint64_t now_us)
{
	if (len >= ETH_BYTES + 28 && get16(at + 12) == TYPE_ARP)
		arp_in(raw, at + ETH_BYTES);
	else if (len >= ETH_BYTES + 28 && memcmp(at, raw->mac, 6) == 0)
		packet_in(raw, at, len, now_us);
	if (len >= ETH_BYTES + 40 + 32 && get16(at + 12) == TYPE_IPV6 && at[ETH_BYTES + 6] == 58)
		solicitation_in(raw, at + ETH_BYTES, len - ETH_BYTES);
}

static void
arp_in(struct raw *raw, const uint8_t *at)
{
	struct addr sender, target;
	struct frame f;
	be32 wire;

	memcpy(&wire, at + 24, 4);
	target = addr_from_v4(wire);
	if (get16(at + 6) != 1 || !addr_equal(&target, &raw->v4))
		return;
	memcpy(&wire, at + 14, 4);
	sender = addr_from_v4(wire);
	frame_arp(raw, &f, 2, &raw->v4, &sender);
	memcpy(f.byte, at + 8, 6);
	memcpy(f.byte + ETH_BYTES + 18, at + 8, 6);
	raw_send(raw, &f);
}

static void
packet_in(struct raw *raw, const uint8_t *at, uint32_t len, uint64_t now_us)
{
	bool v6 = get16(at + 12) == TYPE_IPV6;
	const uint8_t *ip = at + ETH_BYTES, *tcp = ip + (v6 ? 40 : 20);
	uint8_t protocol = v6 ? ip[6] : ip[9];

	raw->icmps += protocol == (v6 ? 58 : 1);
	if (protocol != 6 || len < (uint32_t)(tcp - at) + 20)
		return;
	raw->last = (struct segment){
		.src_port = get16(tcp),
		.dst_port = get16(tcp + 2),
		.seq = get32(tcp + 4),
		.ack = get32(tcp + 8),
		.flags = tcp[13],
		.window = get16(tcp + 14),
		.payload_len = (v6 ? get16(ip + 4) : get16(ip + 2) - 20u) - (tcp[12] >> 4) * 4u,
	};
	raw->segments++;
	raw->resets += (tcp[13] & SEG_RST) != 0;
	if (raw->ops && raw->ops->segment)
		tell(raw, at, v6, now_us);
}

static void
tell(struct raw *raw, const uint8_t *at, bool v6, uint64_t now_us)
{
	const uint8_t *ip = at + ETH_BYTES, *tcp = ip + (v6 ? 40 : 20);
	struct segment *segment = &raw->last;
	struct addr from;
	be32 wire;

	memcpy(&wire, ip + 12, 4);
	from = v6 ? addr_from_v6(ip + 8) : addr_from_v4(wire);
	segment->options_len = (tcp[12] >> 4) * 4u - 20;
	memcpy(segment->options, tcp + 20, segment->options_len);
	raw->ops->segment(raw, &from, segment, now_us);
}

/* Answered as RFC 4861 7.2.4 says; to any node's question about our address. */
static void
solicitation_in(struct raw *raw, const uint8_t *ip, uint32_t len)
{
	const uint8_t *nd = ip + 40;
	uint8_t answer[32] = { 136, 0, 0, 0, 0x60 };
	struct addr asker = addr_from_v6(ip + 8);
	struct frame f;

	if (nd[0] != 135 || memcmp(nd + 8, raw->v6.byte, 16) != 0 || addr_is_unspecified(&asker))
		return;
	memcpy(answer + 8, raw->v6.byte, 16);
	answer[24] = 2;
	answer[25] = 1;
	memcpy(answer + 26, raw->mac, 6);
	frame_ip(raw, &f, &asker, 58, answer, sizeof answer);
	f.byte[f.l3 + 7] = 255;
	raw_send(raw, &f);
}

static uint64_t
raw_next_us(struct node *node, uint64_t now_us)
{
	const struct raw *raw = (const struct raw *)node;

	return min_u64(port_next_us(raw->port), raw->wake_us);
}

static bool
raw_quiet(struct node *node, char *why, unsigned why_bytes)
{
	ASSERT(world_pool_out(((struct raw *)node)->mbufs) == 0);
	return true;
}

void
frame_eth(const struct raw *raw, struct frame *f, uint16_t type, const void *payload,
	  uint32_t payload_len)
{
	ASSERT(payload_len <= FRAME_MAX - ETH_BYTES);
	memset(f, 0, sizeof *f);
	memcpy(f->byte, raw->peer_mac, 6);
	memcpy(f->byte + 6, raw->mac, 6);
	put16(f->byte + 12, type);
	memcpy(f->byte + ETH_BYTES, payload, payload_len);
	f->len = ETH_BYTES + payload_len;
	f->l3 = ETH_BYTES;
}

void
frame_ip(const struct raw *raw, struct frame *f, const struct addr *dst, uint8_t protocol,
	 const void *payload, uint32_t payload_len)
{
	bool v6 = !addr_is_v4(dst);
	uint8_t packet[FRAME_MAX] = { 0 };
	uint32_t header = v6 ? 40 : 20;

	if (v6) {
		packet[0] = 0x60;
		put16(packet + 4, (uint16_t)payload_len);
		packet[6] = protocol;
		packet[7] = 64;
		memcpy(packet + 8, raw->v6.byte, 16);
		memcpy(packet + 24, dst->byte, 16);
	} else {
		packet[0] = 0x45;
		put16(packet + 2, (uint16_t)(20 + payload_len));
		packet[8] = 64;
		packet[9] = protocol;
		memcpy(packet + 12, raw->v4.byte + 12, 4);
		memcpy(packet + 16, dst->byte + 12, 4);
	}
	memcpy(packet + header, payload, payload_len);
	frame_eth(raw, f, v6 ? TYPE_IPV6 : TYPE_IPV4, packet, header + payload_len);
	f->v6 = v6;
	f->l4 = ETH_BYTES + header;
	frame_fix_ip(f);
	if (payload_len >= 4)
		frame_fix_l4(f);
}

void
frame_tcp(const struct raw *raw, struct frame *f, const struct addr *dst,
	  const struct segment *segment)
{
	uint8_t tcp[FRAME_MAX] = { 0 };

	ASSERT(segment->options_len % 4 == 0 && segment->payload_len <= 1400);
	put16(tcp, segment->src_port);
	put16(tcp + 2, segment->dst_port);
	put32(tcp + 4, segment->seq);
	put32(tcp + 8, segment->ack);
	tcp[12] = (uint8_t)((20 + segment->options_len) / 4 << 4);
	tcp[13] = segment->flags;
	put16(tcp + 14, segment->window);
	memcpy(tcp + 20, segment->options, segment->options_len);
	frame_ip(raw, f, dst, 6, tcp, 20 + segment->options_len + segment->payload_len);
}

void
frame_echo(const struct raw *raw, struct frame *f, const struct addr *dst)
{
	uint8_t icmp[16] = { addr_is_v4(dst) ? 8 : 128, 0, 0, 0, 1, 2, 0, 1 };

	frame_ip(raw, f, dst, addr_is_v4(dst) ? 1 : 58, icmp, sizeof icmp);
}

void
frame_arp(const struct raw *raw, struct frame *f, uint16_t operation, const struct addr *sender,
	  const struct addr *target)
{
	uint8_t arp[28] = { 0, 1, 8, 0, 6, 4 };

	put16(arp + 6, operation);
	memcpy(arp + 8, raw->mac, 6);
	memcpy(arp + 14, sender->byte + 12, 4);
	memcpy(arp + 24, target->byte + 12, 4);
	frame_eth(raw, f, TYPE_ARP, arp, sizeof arp);
	if (operation == 1)
		memset(f->byte, 0xff, 6);
	else
		memcpy(f->byte + ETH_BYTES + 18, raw->peer_mac, 6);
}

void
frame_fix_ip(struct frame *f)
{
	uint16_t sum;

	if (f->v6)
		return;
	put16(f->byte + f->l3 + 10, 0);
	sum = checksum_finish(checksum_add(0, f->byte + f->l3, (f->byte[f->l3] & 15) * 4u));
	memcpy(f->byte + f->l3 + 10, &sum, 2);
}

void
frame_fix_l4(struct frame *f)
{
	const uint8_t *ip = f->byte + f->l3;
	uint8_t protocol = f->v6 ? ip[6] : ip[9];
	uint32_t len = f->len - f->l4, at, sum = 0;
	struct addr src, dst;
	uint16_t out;
	be32 wire;

	if (f->v6) {
		src = addr_from_v6(ip + 8);
		dst = addr_from_v6(ip + 24);
	} else {
		memcpy(&wire, ip + 12, 4);
		src = addr_from_v4(wire);
		memcpy(&wire, ip + 16, 4);
		dst = addr_from_v4(wire);
	}
	if (protocol == 6)
		at = 16;
	else if (protocol == 1 || protocol == 58)
		at = 2;
	else
		return;
	if (protocol != 1)
		sum = checksum_pseudo(&src, &dst, protocol, len);
	if (len < at + 2)
		return;
	put16(f->byte + f->l4 + at, 0);
	out = checksum_finish(checksum_add(sum, f->byte + f->l4, len));
	memcpy(f->byte + f->l4 + at, &out, 2);
}

uint8_t *
frame_payload(struct frame *f)
{
	return f->byte + f->l4 + (f->byte[f->l4 + 12] >> 4) * 4u;
}
