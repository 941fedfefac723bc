/*
 * A port with its addresses: see side.h. ARP is RFC 826. Left out: IPv6 and ICMP. A neighbour's address is believed
 * from whoever tells it: there is nobody else on these links.
 */
#include "test/bench/gen/side.h"

#include <string.h>

#define ARP_ASKS    1u
#define ARP_ANSWERS 2u

static bool is_ours(const struct side *side, uint32_t address);
static void arp_input(struct side *side, const struct rte_mbuf *frame);
static void
arp_send(struct side *side, uint16_t operation, const uint8_t *to_mac, uint32_t from, uint32_t to);
static bool tcp_input(struct side *side, const struct rte_mbuf *frame, struct side_segment *out);
static bool sums_are_right(const struct frame_tcp *frame);

void
side_start(struct side *side, struct port *port, struct rte_mempool *mbufs)
{
	struct port_info info;

	side->port = port;
	side->mbufs = mbufs;
	port_info(port, &info);
	memcpy(side->mac, info.mac, sizeof side->mac);
}

void
side_ask(struct side *side)
{
	static const uint8_t everybody[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	if (side->neighbour)
		arp_send(side, ARP_ASKS, everybody, side->own, side->neighbour);
}

/* ---- in ---- */

bool
side_input(struct side *side, struct rte_mbuf *frame, struct side_segment *out)
{
	const struct frame_ether *ether = rte_pktmbuf_mtod(frame, const struct frame_ether *);

	side->counts.rx_frames++;
	side->counts.rx_bytes += frame->pkt_len;
	if (likely(frame->data_len >= sizeof(struct frame_tcp) &&
		   be16_to(ether->type) == FRAME_TYPE_IPV4))
		return tcp_input(side, frame, out);
	if (frame->data_len >= sizeof(struct frame_arp) && be16_to(ether->type) == FRAME_TYPE_ARP)
		arp_input(side, frame);
	else
		side->counts.other_frames++;
	return false;
}

static bool
is_ours(const struct side *side, uint32_t address)
{
	return address != side->except && ((address & side->net[0].mask) == side->net[0].base ||
					   (address & side->net[1].mask) == side->net[1].base);
}

static void
arp_input(struct side *side, const struct rte_mbuf *frame)
{
	const struct frame_arp *arp = rte_pktmbuf_mtod(frame, const struct frame_arp *);
	uint32_t sender = be32_to(arp->sender), target = be32_to(arp->target);

	if (be16_to(arp->hardware) != 1 || be16_to(arp->protocol) != FRAME_TYPE_IPV4)
		return;
	if (sender == side->neighbour && side->neighbour) {
		memcpy(side->peer_mac, arp->sender_mac, sizeof side->peer_mac);
		side->peer_known = true;
	}
	if (be16_to(arp->operation) == ARP_ASKS && is_ours(side, target) && sender != target)
		arp_send(side, ARP_ANSWERS, arp->sender_mac, target, sender);
}

static void
arp_send(struct side *side, uint16_t operation, const uint8_t *to_mac, uint32_t from, uint32_t to)
{
	struct frame_arp *arp = side_frame(side, FRAME_MIN_BYTES);

	if (!arp)
		return;
	memset(arp, 0, FRAME_MIN_BYTES);
	memcpy(arp->ether.to, to_mac, sizeof arp->ether.to);
	memcpy(arp->ether.from, side->mac, sizeof arp->ether.from);
	arp->ether.type = be16_from(FRAME_TYPE_ARP);
	arp->hardware = be16_from(1);
	arp->protocol = be16_from(FRAME_TYPE_IPV4);
	arp->hardware_bytes = 6;
	arp->protocol_bytes = 4;
	arp->operation = be16_from(operation);
	memcpy(arp->sender_mac, side->mac, sizeof arp->sender_mac);
	arp->sender = be32_from(from);
	if (operation == ARP_ANSWERS)
		memcpy(arp->target_mac, to_mac, sizeof arp->target_mac);
	arp->target = be32_from(to);
}

static bool
tcp_input(struct side *side, const struct rte_mbuf *frame, struct side_segment *out)
{
	const struct frame_tcp *tcp = rte_pktmbuf_mtod(frame, const struct frame_tcp *);
	uint32_t total = be16_to(tcp->total_bytes), header = (tcp->offset >> 4) * 4u;

	if (tcp->version_ihl != 0x45 || tcp->protocol != FRAME_PROTOCOL_TCP ||
	    !is_ours(side, be32_to(tcp->to)) || total + FRAME_ETHER_BYTES > frame->data_len ||
	    header < FRAME_TCP_BYTES || total < FRAME_IP_BYTES + header) {
		side->counts.other_frames++;
		return false;
	}
	if (++side->unchecked >= side->check_every) {
		side->unchecked = 0;
		if (!sums_are_right(tcp)) {
			side->counts.bad_sums++;
			return false;
		}
	}
	*out = (struct side_segment){
		.frame = tcp,
		.text = (const uint8_t *)&tcp->from_port + header,
		.text_bytes = total - FRAME_IP_BYTES - header,
		.from = be32_to(tcp->from),
		.to = be32_to(tcp->to),
		.seq = be32_to(tcp->seq),
		.ack = be32_to(tcp->ack),
		.from_port = be16_to(tcp->from_port),
		.to_port = be16_to(tcp->to_port),
		.window = be16_to(tcp->window),
		.flags = tcp->flags,
		.header_bytes = (uint8_t)header,
	};
	if (likely(header == FRAME_TCP_BYTES + FRAME_STAMP_BYTES)) {
		const struct frame_stamp *stamp = (const struct frame_stamp *)(tcp + 1);

		out->stamped = be32_to(stamp->kind) == FRAME_STAMP_KIND;
		out->stamp = be32_to(stamp->value);
	}
	if (unlikely(tcp->flags & TCP_SYN) && !side->neighbour) {
		memcpy(side->peer_mac, tcp->ether.from, sizeof side->peer_mac);
		side->peer_known = true;
	}
	return true;
}

/* RFC 1071, the plain way: this is where an error of the other end must not hide. */
static uint32_t
sum_words(const uint8_t *at, uint32_t len)
{
	uint64_t sum = 0;

	for (; len >= 4; at += 4, len -= 4) {
		uint32_t word;

		memcpy(&word, at, 4);
		sum += __builtin_bswap32(word);
	}
	if (len >= 2)
		sum += (uint32_t)at[0] << 8 | at[1];
	if (len % 2)
		sum += (uint32_t)at[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint32_t)sum;
}

static bool
sums_are_right(const struct frame_tcp *frame)
{
	const uint8_t *ip = &frame->version_ihl;
	uint32_t len = be16_to(frame->total_bytes) - FRAME_IP_BYTES, sum;

	sum = sum_words((const uint8_t *)&frame->from, 8) + FRAME_PROTOCOL_TCP + len +
	      sum_words((const uint8_t *)&frame->from_port, len);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff && sum_words(ip, FRAME_IP_BYTES) == 0xffff;
}

/* ---- out ---- */

bool
side_refill(struct side *side)
{
	if (rte_pktmbuf_alloc_bulk(side->mbufs, side->spare, SIDE_SPARES)) {
		side->counts.no_buffers++;
		return false;
	}
	side->spares = SIDE_SPARES;
	return true;
}

/* In pieces: a port may look at all that it is given before it finds that it has no room. */
bool
side_flush(struct side *side, uint64_t now_us)
{
	uint32_t done = 0;

	while (done < side->queued) {
		uint16_t n = (uint16_t)RTE_MIN(side->queued - done, PORT_BURST),
			 sent = port_tx(side->port, 0, &side->queue[done], n, now_us);

		done += sent;
		if (sent < n)
			break;
	}
	side->queued -= done;
	if (unlikely(side->queued && done))
		memmove(side->queue, &side->queue[done], side->queued * sizeof side->queue[0]);
	return done > 0;
}
