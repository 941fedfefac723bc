/*
 * A simulated network card's offloads, around any port: checksums in and out, TCP segmentation, the tag of a VLAN,
 * and several queues with receive side scaling. It does what DPDK says that devices do, frame by frame, from the
 * mbuf's ol_flags and lengths, and checks that they are what a device needs.
 *
 *   received   checked, hashed, tag taken out, put into the queue that it belongs to
 *   sent       cut, sums made, tag put in, handed on in one segment
 *
 * A frame that it can't read to its TCP header (other protocols, fragments, extension headers) has no sum, no
 * hash and the first queue, as with real devices. Left out: everything a device does that we never ask for.
 */
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mempool.h>
#include <rte_tcp.h>
#include <stdio.h>
#include <stdlib.h>

#include "drivers/port/port_impl.h"
#include "drivers/port/port_rss.h"
#include "drivers/port/port_sim.h"

#define TX_REQUESTS                                                                                \
	(RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_TCP_SEG |                  \
	 RTE_MBUF_F_TX_VLAN)
#define FIRST_ONLY RTE_TCP_CWR_FLAG /* of a packet that is cut; as devices do it */
#define LAST_ONLY  (RTE_TCP_FIN_FLAG | RTE_TCP_PSH_FLAG)

/* Frames that wait for a queue's port_rx, linked by next. */
struct claim_queue {
	struct rte_mbuf *first, *last;
};

struct claim {
	struct port_sim_claims claims;
	struct rte_mempool *mbufs;
	struct claim_queue queue[PORT_SIM_QUEUES];
	uint16_t turn;
	uint64_t errors; /* frames that could not be sent: no buffer */
};

/* What a device finds in a frame. */
struct headers {
	uint32_t l3_offset; /* of the IP header; 0: there is none */
	uint32_t l4_offset; /* of a TCP segment that is all there; 0: there is none */
	uint32_t l4_bytes;
	bool v4;
};

static uint16_t
claim_rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);
static void fetch(struct port *port, uint64_t now_us);
static struct headers headers_of(const struct rte_mbuf *m);
static struct headers headers_v4(const struct rte_mbuf *m, uint32_t at);
static struct headers headers_v6(const struct rte_mbuf *m, uint32_t at);
static void check_sums(struct rte_mbuf *m, const struct headers *h);
static uint16_t tcp_sum(const struct rte_mbuf *m, const struct headers *h);
static void hash(const struct claim *claim, struct rte_mbuf *m, const struct headers *h);
static void enqueue(struct claim *claim, struct rte_mbuf *m);
static uint16_t
claim_tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);
static void send_one(struct port *port, struct rte_mbuf *m, uint64_t now_us);
static void cut(struct port *port, const struct rte_mbuf *m, uint64_t now_us);
static struct rte_mbuf *
segment(struct claim *claim, const struct rte_mbuf *m, uint32_t from, uint32_t index);
static void finish(struct port *port, struct rte_mbuf *m, uint64_t now_us);
static void seal(struct rte_mbuf *m);
static void claim_info(struct port *port, struct port_info *info);
static void claim_close(struct port *port);
static uint64_t claim_next_us(struct port *port);

static const struct port_ops claim_ops = {
	.rx = claim_rx,
	.tx = claim_tx,
	.info = claim_info,
	.close = claim_close,
	.next_us = claim_next_us,
};

enum err
port_sim_claim(struct port *inner, const struct port_sim_claims *claims, struct rte_mempool *mbufs,
	       struct port **out)
{
	struct claim *claim;

	if ((claims->offloads & ~PORT_OFFLOADS_ALL) || claims->queues > PORT_SIM_QUEUES)
		return ERR_invalid;
	if ((claims->offloads & PORT_OFFLOAD_TSO) && !(claims->offloads & PORT_OFFLOAD_TX_CHECKSUM))
		return ERR_invalid;
	claim = calloc(1, sizeof *claim);
	*out = claim ? port_new(inner->name, &claim_ops, claim, inner) : NULL;
	if (!*out) {
		free(claim);
		return ERR_no_memory;
	}
	claim->claims = *claims;
	if (!claim->claims.queues)
		claim->claims.queues = 1;
	claim->mbufs = mbufs;
	return ERR_ok;
}

static bool
claimed(const struct claim *claim, enum port_offload offload)
{
	return claim->claims.offloads & offload;
}

/* ---- in ---- */

static uint16_t
claim_rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	struct claim *claim = port->state;
	struct claim_queue *q = &claim->queue[queue];
	uint16_t got = 0;

	ASSERT(queue < claim->claims.queues);
	fetch(port, now_us);
	while (got < n && q->first) {
		struct rte_mbuf *m = q->first;

		q->first = m->next;
		m->next = NULL;
		burst[got++] = m;
	}
	return got;
}

static void
fetch(struct port *port, uint64_t now_us)
{
	struct claim *claim = port->state;
	struct rte_mbuf *burst[PORT_BURST];
	uint16_t n;

	do {
		n = port_rx(port->inner, 0, burst, PORT_BURST, now_us);
		for (uint16_t i = 0; i < n; i++) {
			struct headers h = headers_of(burst[i]);

			ASSERT(burst[i]->nb_segs == 1);
			if (claimed(claim, PORT_OFFLOAD_RX_CHECKSUM))
				check_sums(burst[i], &h);
			if (claimed(claim, PORT_OFFLOAD_RSS_HASH))
				hash(claim, burst[i], &h);
			if (claimed(claim, PORT_OFFLOAD_VLAN_STRIP) && h.l3_offset != 0)
				(void)rte_vlan_strip(burst[i]);
			enqueue(claim, burst[i]);
		}
	} while (n == PORT_BURST);
}

static struct headers
headers_of(const struct rte_mbuf *m)
{
	const struct rte_ether_hdr *eth = rte_pktmbuf_mtod(m, const struct rte_ether_hdr *);
	uint32_t at = sizeof *eth;
	rte_be16_t type;

	if (m->data_len < at + RTE_VLAN_HLEN)
		return (struct headers){ 0 };
	type = eth->ether_type;
	if (type == RTE_BE16(RTE_ETHER_TYPE_VLAN)) {
		type = ((const struct rte_vlan_hdr *)(eth + 1))->eth_proto;
		at += RTE_VLAN_HLEN;
	}
	if (type == RTE_BE16(RTE_ETHER_TYPE_IPV4))
		return headers_v4(m, at);
	if (type == RTE_BE16(RTE_ETHER_TYPE_IPV6))
		return headers_v6(m, at);
	return (struct headers){ .l3_offset = at };
}

static struct headers
headers_v4(const struct rte_mbuf *m, uint32_t at)
{
	const struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(m, const struct rte_ipv4_hdr *, at);
	struct headers h = { .l3_offset = at };
	uint32_t header, total;

	if (m->data_len < at + sizeof *ip || ip->version_ihl >> 4 != 4)
		return h;
	header = rte_ipv4_hdr_len(ip);
	total = rte_be_to_cpu_16(ip->total_length);
	if (header < sizeof *ip || header > total || at + total > m->data_len)
		return h;
	h.v4 = true;
	if (ip->next_proto_id != IPPROTO_TCP || total < header + sizeof(struct rte_tcp_hdr) ||
	    (ip->fragment_offset & RTE_BE16(RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK)))
		return h;
	h.l4_offset = at + header;
	h.l4_bytes = total - header;
	return h;
}

static struct headers
headers_v6(const struct rte_mbuf *m, uint32_t at)
{
	const struct rte_ipv6_hdr *ip = rte_pktmbuf_mtod_offset(m, const struct rte_ipv6_hdr *, at);
	struct headers h = { .l3_offset = at };
	uint32_t payload;

	if (m->data_len < at + sizeof *ip ||
	    *rte_pktmbuf_mtod_offset(m, const uint8_t *, at) >> 4 != 6)
		return h;
	payload = rte_be_to_cpu_16(ip->payload_len);
	if (ip->proto != IPPROTO_TCP || payload < sizeof(struct rte_tcp_hdr) ||
	    at + sizeof *ip + payload > m->data_len)
		return h;
	h.l4_offset = at + (uint32_t)sizeof *ip;
	h.l4_bytes = payload;
	return h;
}

static void
check_sums(struct rte_mbuf *m, const struct headers *h)
{
	if (h->v4) {
		const struct rte_ipv4_hdr *ip =
		    rte_pktmbuf_mtod_offset(m, const struct rte_ipv4_hdr *, h->l3_offset);
		bool good = rte_raw_cksum(ip, rte_ipv4_hdr_len(ip)) == 0xffff;

		m->ol_flags |= good ? RTE_MBUF_F_RX_IP_CKSUM_GOOD : RTE_MBUF_F_RX_IP_CKSUM_BAD;
	}
	if (h->l4_offset)
		m->ol_flags |= tcp_sum(m, h) == 0xffff ? RTE_MBUF_F_RX_L4_CKSUM_GOOD
						       : RTE_MBUF_F_RX_L4_CKSUM_BAD;
}

/* Over all of the segment and the pseudo header, not complemented. */
static uint16_t
tcp_sum(const struct rte_mbuf *m, const struct headers *h)
{
	uint32_t addresses = h->l3_offset + (h->v4 ? 12 : 8);
	uint32_t sum = h->l4_bytes + IPPROTO_TCP; /* in host order */

	sum = rte_cpu_to_be_16((uint16_t)((sum >> 16) + (sum & UINT16_MAX)));
	sum += rte_raw_cksum(rte_pktmbuf_mtod_offset(m, const void *, addresses), h->v4 ? 8 : 32);
	sum += rte_raw_cksum(rte_pktmbuf_mtod_offset(m, const void *, h->l4_offset), h->l4_bytes);
	sum = (sum >> 16) + (sum & UINT16_MAX);
	return (uint16_t)((sum >> 16) + (sum & UINT16_MAX));
}

static void
hash(const struct claim *claim, struct rte_mbuf *m, const struct headers *h)
{
	static const uint8_t no_ports[4];
	uint32_t addresses = h->l3_offset + (h->v4 ? 12 : 8);

	if (!h->l4_offset)
		return;
	m->hash.rss = port_rss_hash(
	    rte_pktmbuf_mtod_offset(m, const uint8_t *, addresses), h->v4 ? 8 : 32,
	    claim->claims.hashes_wrong ? no_ports
				       : rte_pktmbuf_mtod_offset(m, const uint8_t *, h->l4_offset));
	m->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
}

static void
enqueue(struct claim *claim, struct rte_mbuf *m)
{
	struct claim_queue *q = &claim->queue[0];

	if (m->ol_flags & RTE_MBUF_F_RX_RSS_HASH)
		q = &claim->queue[rss_share(m->hash.rss, claim->claims.queues)];
	else if (claim->claims.in_turn && !claimed(claim, PORT_OFFLOAD_RSS_HASH))
		q = &claim->queue[claim->turn++ % claim->claims.queues];
	m->next = NULL;
	if (q->first)
		q->last->next = m;
	else
		q->first = m;
	q->last = m;
}

/* ---- out ---- */

/* Takes every frame: what can't go is counted and freed, as a device does it. */
static uint16_t
claim_tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	struct claim *claim = port->state;

	ASSERT(queue < claim->claims.queues);
	if (n == 0)
		port_tx(port->inner, 0, NULL, 0, now_us);
	for (uint16_t i = 0; i < n; i++) {
		send_one(port, burst[i], now_us);
		rte_pktmbuf_free(burst[i]);
	}
	return n;
}

/* Borrows m: what goes out is a copy, which has room for what is changed in it. */
static void
send_one(struct port *port, struct rte_mbuf *m, uint64_t now_us)
{
	struct claim *claim = port->state;
	uint64_t asks = m->ol_flags & TX_REQUESTS;
	struct rte_mbuf *copy;

	ASSERT(!(asks & RTE_MBUF_F_TX_VLAN) || claimed(claim, PORT_OFFLOAD_VLAN_INSERT));
	ASSERT(!(asks & (RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK)) ||
	       claimed(claim, PORT_OFFLOAD_TX_CHECKSUM));
	if (asks & RTE_MBUF_F_TX_TCP_SEG) {
		ASSERT(claimed(claim, PORT_OFFLOAD_TSO));
		cut(port, m, now_us);
		return;
	}
	copy = port_frame_copy(m, claim->mbufs);
	if (!copy) {
		claim->errors++;
		return;
	}
	copy->ol_flags = asks | (m->ol_flags & (RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IPV6));
	copy->tx_offload = m->tx_offload;
	copy->vlan_tci = m->vlan_tci;
	finish(port, copy, now_us);
}

static void
cut(struct port *port, const struct rte_mbuf *m, uint64_t now_us)
{
	struct claim *claim = port->state;
	uint32_t headers = m->l2_len + m->l3_len + m->l4_len, index = 0;

	ASSERT(m->tso_segsz && m->l3_len && m->l4_len >= sizeof(struct rte_tcp_hdr));
	ASSERT(m->data_len >= headers && m->pkt_len > headers + m->tso_segsz);
	for (uint32_t from = headers; from < m->pkt_len; from += m->tso_segsz) {
		struct rte_mbuf *piece = segment(claim, m, from, index++);

		if (piece)
			finish(port, piece, now_us);
		else
			claim->errors++;
	}
}

/* Copies len bytes of a chain. */
static void
copy_out(const struct rte_mbuf *m, uint32_t from, uint32_t len, char *to)
{
	const char *at = rte_pktmbuf_read(m, from, len, to);

	ASSERT(at);
	if (at != to)
		memcpy(to, at, len);
}

/* The segment whose text begins at byte `from` of m, the index-th; NULL: there is no buffer. */
static struct rte_mbuf *
segment(struct claim *claim, const struct rte_mbuf *m, uint32_t from, uint32_t index)
{
	uint32_t headers = m->l2_len + m->l3_len + m->l4_len;
	uint32_t len = RTE_MIN((uint32_t)m->tso_segsz, m->pkt_len - from);
	struct rte_mbuf *piece = rte_pktmbuf_alloc(claim->mbufs);
	struct rte_tcp_hdr *tcp;
	char *at = piece ? rte_pktmbuf_append(piece, (uint16_t)(headers + len)) : NULL;

	if (!at) {
		rte_pktmbuf_free(piece);
		return NULL;
	}
	copy_out(m, 0, headers, at);
	copy_out(m, from, len, at + headers);
	piece->tx_offload = m->tx_offload;
	piece->vlan_tci = m->vlan_tci;
	piece->ol_flags = m->ol_flags & (RTE_MBUF_F_TX_VLAN | RTE_MBUF_F_TX_IP_CKSUM);
	piece->ol_flags |= RTE_MBUF_F_TX_TCP_CKSUM;
	if (m->ol_flags & RTE_MBUF_F_TX_IPV4) {
		struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(at + m->l2_len);

		ASSERT(m->ol_flags & RTE_MBUF_F_TX_IP_CKSUM);
		piece->ol_flags |= RTE_MBUF_F_TX_IPV4;
		ip->total_length = rte_cpu_to_be_16((uint16_t)(headers - m->l2_len + len));
		ip->packet_id =
		    rte_cpu_to_be_16((uint16_t)(rte_be_to_cpu_16(ip->packet_id) + index));
	} else {
		struct rte_ipv6_hdr *ip = (struct rte_ipv6_hdr *)(at + m->l2_len);

		piece->ol_flags |= RTE_MBUF_F_TX_IPV6;
		ip->payload_len = rte_cpu_to_be_16((uint16_t)(m->l4_len + len));
	}
	tcp = (struct rte_tcp_hdr *)(at + m->l2_len + m->l3_len);
	tcp->sent_seq = rte_cpu_to_be_32(rte_be_to_cpu_32(tcp->sent_seq) + from - headers);
	if (index > 0)
		tcp->tcp_flags &= (uint8_t)~FIRST_ONLY;
	if (from + len < m->pkt_len)
		tcp->tcp_flags &= (uint8_t)~LAST_ONLY;
	/* with the length, which the stack leaves out of what it puts there for a packet to be cut */
	tcp->cksum = (uint16_t)rte_raw_cksum(
	    &(rte_be16_t[2]){ tcp->cksum, rte_cpu_to_be_16((uint16_t)(m->l4_len + len)) }, 4);
	return piece;
}

/* Takes a plain frame to where inner sends it. */
static void
finish(struct port *port, struct rte_mbuf *m, uint64_t now_us)
{
	seal(m);
	if ((m->ol_flags & RTE_MBUF_F_TX_VLAN) && rte_vlan_insert(&m) != 0) {
		((struct claim *)port->state)->errors++;
		rte_pktmbuf_free(m);
		return;
	}
	m->ol_flags = 0;
	m->tx_offload = 0;
	if (port_tx(port->inner, 0, &m, 1, now_us) != 1)
		rte_pktmbuf_free(m);
}

/* TCP's field holds the sum of the pseudo header, which so is in it. */
static void
seal(struct rte_mbuf *m)
{
	uint32_t l4 = m->l2_len + m->l3_len;

	if (m->ol_flags & RTE_MBUF_F_TX_IP_CKSUM) {
		struct rte_ipv4_hdr *ip =
		    rte_pktmbuf_mtod_offset(m, struct rte_ipv4_hdr *, m->l2_len);

		ASSERT((m->ol_flags & RTE_MBUF_F_TX_IPV4) && m->l3_len >= sizeof *ip);
		ip->hdr_checksum = 0;
		ip->hdr_checksum = (uint16_t)~rte_raw_cksum(ip, m->l3_len);
	}
	if ((m->ol_flags & RTE_MBUF_F_TX_L4_MASK) == RTE_MBUF_F_TX_TCP_CKSUM) {
		struct rte_tcp_hdr *tcp = rte_pktmbuf_mtod_offset(m, struct rte_tcp_hdr *, l4);

		ASSERT(m->l2_len && m->l3_len &&
		       (m->ol_flags & (RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IPV6)));
		tcp->cksum = (uint16_t)~rte_raw_cksum(tcp, m->data_len - l4);
	}
}

/* ---- state and end ---- */

static void
claim_info(struct port *port, struct port_info *info)
{
	const struct claim *claim = port->state;
	size_t len;

	port_info(port->inner, info);
	len = strlen(info->driver);
	snprintf(info->driver + len, sizeof info->driver - len, "+claims");
	info->offloads = claim->claims.offloads;
	info->queues = claim->claims.queues;
	info->multi_segment = true;
	info->errors += claim->errors;
}

static void
claim_close(struct port *port)
{
	struct claim *claim = port->state;

	for (uint16_t i = 0; i < claim->claims.queues; i++)
		while (claim->queue[i].first) {
			struct rte_mbuf *m = claim->queue[i].first;

			claim->queue[i].first = m->next;
			m->next = NULL;
			rte_pktmbuf_free(m);
		}
	port_close(port->inner);
	free(claim);
}

static uint64_t
claim_next_us(struct port *port)
{
	const struct claim *claim = port->state;

	for (uint16_t i = 0; i < claim->claims.queues; i++)
		if (claim->queue[i].first)
			return 0;
	return port_next_us(port->inner);
}
