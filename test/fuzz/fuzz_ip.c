/*
 * Frames into the network layer alone (dataplane/net): ARP, neighbour discovery, IPv4 and IPv6 with options and extension
 * headers, ICMP and its errors, built from tables of plausible values so that they get deep, then damaged; packets out to
 * the same addresses; and time.
 *
 * What comes up to TCP is for us and from somebody who may have sent it, with all of its bytes and no more; what is
 * dropped has a reason; what goes out is well-formed; no buffer is lost. Steering has named the worker of all that comes
 * up.
 */
#include <netinet/in.h>
#include <string.h>

#include <rte_mbuf.h>

#include "dataplane/net/steer.h"
#include "test/fuzz/net.h"

#define FRAME_MAX 1600u
#define STEPS     64u /* operations in one input */

#define STEER_WORKERS 5u /* does not divide the table */

enum kind { RAW, PACKET, ARP, ND, ICMP_ERROR, ECHO, OUTPUT, TIME, KINDS };
enum { PORT_1 = 1 << 3, GROUP = 1 << 4, IPV6 = 1 << 5, DAMAGE = 1 << 6, UNSEALED = 1 << 7 };

static const char *const v4_texts[] = {
	"10.0.0.2",  "10.0.0.1",   "10.0.0.100", "10.0.1.11", "10.0.1.1",
	"10.0.0.3",  "10.0.0.255", "224.0.0.1",  "127.0.0.1", "255.255.255.255",
	"192.0.2.1", "0.0.0.0",    "10.0.0.0",   "240.0.0.1",
};
/* The last IPv4 ones stand for themselves as mapped addresses, which must not come from the wire. */
static const char *const v6_texts[] = {
	"fd00::2", "fd00::1",  "fd00::100", "fd00:1::11",        "fd00:1::1",   "fd00::3",
	"ff02::1", "::",       "fe80::2",   "ff02::1:ff00:1",    "2001:db8::1", "ff02::1:ff00:100",
	"::1",     "10.0.0.2", "10.0.0.1",  "fe80::ff:fe00:100",
};
#define V4 ARRAY_SIZE(v4_texts)
#define V6 ARRAY_SIZE(v6_texts)

static struct addr v4_list[V4], v6_list[V6];
static struct fuzz_net layer;

static void step(struct fuzz_input *in);
static uint32_t build(struct fuzz_input *in, unsigned mode, uint8_t *frame);
static void damage(struct fuzz_input *in, uint8_t *frame, uint32_t len);
static void receive(const uint8_t *frame, uint32_t len, unsigned port, unsigned split);
static void check_verdict(struct net_verdict verdict, const struct rte_mbuf *m, uint32_t len,
			  bool v6, unsigned port);
static void check_worker(struct net_verdict verdict, struct rte_mbuf *m, uint32_t worker);
static void output(struct fuzz_input *in, unsigned mode);
static void pass_time(struct fuzz_input *in);

static void
start(void)
{
	for (unsigned i = 0; i < V4; i++)
		v4_list[i] = fuzz_addr(v4_texts[i]);
	for (unsigned i = 0; i < V6; i++)
		v6_list[i] = fuzz_addr(v6_texts[i]);
	fuzz_net_start(
	    &layer, BOX_TEXT
	    "pools = ( { name = \"a\"; members = ( { address = \"10.0.1.11\"; port = 80; } ); "
	    "} );"
	    "virtual-servers = ( { name = \"v\"; address = \"10.0.0.100\"; port = 80; type = "
	    "\"tcp\"; pool = \"a\"; },"
	    "{ name = \"w\"; address = \"fd00::100\"; port = 80; type = \"tcp\"; pool = \"a\"; "
	    "} "
	    ");");
}

static void
run(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };

	fuzz_net_begin(&layer);
	for (unsigned i = 0; i < STEPS && in.left; i++)
		step(&in);
	fuzz_net_end(&layer);
}

static void
step(struct fuzz_input *in)
{
	unsigned mode = fuzz_u8(in);
	unsigned port = (mode & PORT_1) != 0;
	uint8_t frame[FRAME_MAX];
	uint32_t len;

	if (mode % KINDS == TIME) {
		pass_time(in);
	} else if (mode % KINDS == OUTPUT) {
		output(in, mode);
	} else {
		len = build(in, mode, frame);
		if (mode & DAMAGE)
			damage(in, frame, len);
		if (!(mode & UNSEALED) && len > ETH_BYTES)
			packet_seal(frame + ETH_BYTES, len - ETH_BYTES);
		receive(frame, len, port, mode & DAMAGE ? fuzz_u8(in) : 0);
	}
	fuzz_net_take_own(&layer);
}

/* ---- frames ---- */

static const struct addr *
address(struct fuzz_input *in, bool v6)
{
	return v6 ? &v6_list[fuzz_below(in, V6)] : &v4_list[fuzz_below(in, V4)];
}

/* Bytes of the input, behind what stands there already. */
static uint32_t
append(struct fuzz_input *in, uint8_t *at, uint32_t limit)
{
	size_t got;
	const uint8_t *bytes = fuzz_take(in, limit, &got);

	if (got)
		memcpy(at, bytes, got);
	return (uint32_t)got;
}

/* An error quotes a packet of ours that may have been. */
static uint32_t
icmp_error(struct fuzz_input *in, bool v6, uint8_t *icmp)
{
	uint32_t header = v6 ? IPV6_BYTES : IPV4_BYTES;
	const struct addr *src = address(in, v6), *dst = address(in, v6);
	uint8_t *tcp = icmp + 8 + header;

	icmp[0] = fuzz_u8(in);
	icmp[1] = fuzz_u8(in);
	put32(icmp + 4, fuzz_u16(in));
	memset(tcp, 0, TCP_BYTES);
	put16(tcp, 80);
	put16(tcp + 2, 5000);
	put32(tcp + 4, fuzz_u16(in));
	packet_ip(icmp + 8, v6, src, dst, IPPROTO_TCP, TCP_BYTES);
	return 8 + header + fuzz_below(in, TCP_BYTES + 1);
}

static uint32_t
nd(struct fuzz_input *in, uint8_t *icmp)
{
	uint32_t options = fuzz_below(in, 25);

	icmp[0] = fuzz_u8(in) & 1 ? 136 : 135;
	icmp[1] = 0;
	put32(icmp + 4, (uint32_t)fuzz_u8(in) << 24);
	memcpy(icmp + 8, address(in, true)->byte, 16);
	return 24 + append(in, icmp + 24, options);
}

static uint32_t
arp(struct fuzz_input *in, uint8_t *at)
{
	uint8_t peer[6];
	unsigned operation = fuzz_u8(in);

	fuzz_peer_mac(operation >> 7, peer);
	put16(at, 1);
	put16(at + 2, TYPE_IPV4);
	at[4] = 6;
	at[5] = 4;
	put16(at + 6, operation & 3);
	memcpy(at + 8, peer, 6);
	memcpy(at + 14, address(in, false)->byte + 12, 4);
	memcpy(at + 18, peer, 6);
	memcpy(at + 24, address(in, false)->byte + 12, 4);
	return 28;
}

/* What stands above IP: its length, *protocol what it is. */
static uint32_t
layer4(struct fuzz_input *in, unsigned mode, bool v6, uint8_t *at, uint8_t *protocol)
{
	uint32_t len;

	*protocol = v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	switch (mode % KINDS) {
	case ICMP_ERROR:
		return icmp_error(in, v6, at);
	case ND:
		return nd(in, at);
	case ECHO:
		memset(at, 0, 8);
		at[0] = v6 ? 128 : 8;
		return 8 + append(in, at + 8, fuzz_u16(in) % 1453);
	default:
		*protocol = fuzz_u8(in);
		if (*protocol > 63) /* more often than by chance */
			*protocol = IPPROTO_TCP;
		len = fuzz_u8(in);
		return append(in, at, len);
	}
}

static uint32_t
build(struct fuzz_input *in, unsigned mode, uint8_t *frame)
{
	unsigned kind = mode % KINDS, port = (mode & PORT_1) != 0;
	bool v6 = (mode & IPV6) || kind == ND;
	uint32_t header = v6 ? IPV6_BYTES : IPV4_BYTES, len;
	uint8_t ours[6], peer[6], protocol, body[FRAME_MAX];
	const struct addr *src, *dst;

	fuzz_box_mac(port, ours);
	fuzz_peer_mac(port, peer);
	if (kind == RAW) {
		packet_eth(frame, ours, peer, v6 ? TYPE_IPV6 : TYPE_IPV4);
		return ETH_BYTES + append(in, frame + ETH_BYTES, fuzz_u8(in));
	}
	if (kind == ARP) {
		packet_eth(frame, ours, peer, TYPE_ARP);
		if (mode & GROUP)
			memset(frame, 0xff, 6);
		return ETH_BYTES + arp(in, frame + ETH_BYTES);
	}
	src = address(in, v6);
	dst = address(in, v6);
	packet_eth(frame, ours, peer, v6 ? TYPE_IPV6 : TYPE_IPV4);
	if (mode & GROUP) {
		uint8_t group[6] = { 0x33,          0x33,          dst->byte[12],
				     dst->byte[13], dst->byte[14], dst->byte[15] };

		memcpy(frame, group, 6);
	}
	len = layer4(in, mode, v6, body, &protocol);
	memcpy(frame + ETH_BYTES + header, body, len);
	return ETH_BYTES + packet_ip(frame + ETH_BYTES, v6, src, dst, protocol, len);
}

/* Single bytes, before the checksums are made. Up to eight. */
static void
damage(struct fuzz_input *in, uint8_t *frame, uint32_t len)
{
	for (unsigned n = fuzz_below(in, 9); n > 0; n--) {
		uint32_t at = fuzz_u8(in) % len;

		frame[at] = fuzz_u8(in);
	}
}

/* ---- in ---- */

/* In one buffer, or split into a chain of two. */
static struct rte_mbuf *
frame_of(const uint8_t *frame, uint32_t len, unsigned split)
{
	struct rte_mbuf *m, *second;

	if (!split || split >= len)
		return fuzz_mbuf(frame, len);
	m = fuzz_mbuf(frame, split);
	second = fuzz_mbuf(frame + split, len - split);
	ASSERT(rte_pktmbuf_chain(m, second) == 0);
	return m;
}

static void
receive(const uint8_t *frame, uint32_t len, unsigned port, unsigned split)
{
	struct rte_mbuf *m = frame_of(frame, len, split);
	uint32_t worker = steer_frame(m, STEER_WORKERS, false);
	struct net_verdict verdict = eth_input(layer.net, m, port, layer.now_us);
	bool v6 = len > ETH_BYTES && frame[ETH_BYTES] >> 4 == 6;

	ASSERT(verdict.next == NET_DROP || verdict.next == NET_IP || verdict.next == NET_TAKEN);
	if (verdict.next == NET_IP)
		verdict = ip_input(layer.net, m, layer.now_us);
	if (verdict.next == NET_REASSEMBLED) {
		m = net_reassembled(layer.net);
		len = m->pkt_len + ETH_BYTES;
		port = packet_of(m)->port; /* of its first piece */
		ASSERT(worker == 0);       /* all fragments are */
		worker = steer_packet(m, STEER_WORKERS);
		verdict = ip_input(layer.net, m, layer.now_us);
		ASSERT(verdict.next != NET_REASSEMBLED);
	}
	check_verdict(verdict, m, len, v6, port);
	check_worker(verdict, m, worker);
	if (verdict.next != NET_TAKEN)
		rte_pktmbuf_free(m);
}

/* What gets to TCP is of the worker that was named before any layer had seen it. */
static void
check_worker(struct net_verdict verdict, struct rte_mbuf *m, uint32_t worker)
{
	const struct packet *p = packet_of(m);

	if (verdict.next == NET_TCP || verdict.next == NET_TCP_STRAY) {
		ASSERT(steer_has(m, STEER_WORKERS, worker));
	} else if (verdict.next == NET_ICMP_ERROR) {
		struct endpoint local = { p->src, p->src_port }, remote = { p->dst, p->dst_port };

		ASSERT(steer_worker(steer_hash(&remote, &local), STEER_WORKERS) == worker);
	}
}

static bool
is_ours(const struct addr *a)
{
	return fuzz_box_is_ours(layer.view, a);
}

static void
check_verdict(struct net_verdict verdict, const struct rte_mbuf *m, uint32_t len, bool v6,
	      unsigned port)
{
	const struct packet *p = packet_of((struct rte_mbuf *)(uintptr_t)m);

	ASSERT((verdict.next == NET_DROP || verdict.next == NET_TCP_STRAY) ==
	       (verdict.reason != DROP_none));
	ASSERT(verdict.reason < DROP_COUNT);
	if (verdict.next == NET_DROP || verdict.next == NET_TAKEN)
		return;
	ASSERT(m->nb_segs == 1 && p->port == port && p->protocol == IPPROTO_TCP);
	ASSERT(addr_is_v4(&p->src) == !v6 && addr_is_v4(&p->dst) == !v6);
	if (verdict.next == NET_ICMP_ERROR) {
		ASSERT(p->icmp_kind <= ICMP_KIND_TIME_EXCEEDED &&
		       (v6 || p->icmp_mtu <= UINT16_MAX));
		ASSERT(is_ours(&p->src) || addr_is_link_local_v6(&p->src));
		return;
	}
	ASSERT(verdict.next == NET_TCP || verdict.next == NET_TCP_STRAY);
	ASSERT(m->data_len + (v6 ? IPV6_BYTES : IPV4_BYTES) + ETH_BYTES <= len);
	ASSERT(!addr_is_multicast(&p->src) && !addr_is_loopback(&p->src));
	ASSERT(!addr_is_unspecified(&p->src) && !addr_is_link_local_v6(&p->src) &&
	       !is_ours(&p->src));
	ASSERT(is_ours(&p->dst) == (verdict.next == NET_TCP));
}

/* ---- out ---- */

/* A segment as TCP hands it down, from an address that is ours. */
static void
output(struct fuzz_input *in, unsigned mode)
{
	bool v6 = mode & IPV6;
	const struct addr *dst = address(in, v6), *src = v6 ? &v6_list[1] : &v4_list[1];
	uint8_t tcp[TCP_BYTES + 255] = { 0 };
	uint32_t len = TCP_BYTES + fuzz_u8(in);
	struct net_verdict verdict;
	struct rte_mbuf *m;

	if (addr_is_multicast(dst) || addr_is_unspecified(dst) || is_ours(dst) ||
	    addr_is_v4(dst) == v6)
		return; /* TCP never would */
	put16(tcp, 80);
	put16(tcp + 2, 5000);
	tcp[12] = 0x50;
	tcp[13] = FLAG_ACK;
	packet_seal_l4(src, dst, IPPROTO_TCP, tcp, len);
	m = fuzz_mbuf(tcp, len);
	*packet_of(m) = (struct packet){ .src = *src, .dst = *dst, .protocol = IPPROTO_TCP };
	verdict = ip_output(layer.net, m, layer.now_us);
	ASSERT(verdict.next == NET_IP || verdict.next == NET_DROP);
	if (verdict.next == NET_IP)
		verdict = eth_output(layer.net, m, layer.now_us);
	ASSERT(verdict.next == NET_SEND || verdict.next == NET_TAKEN || verdict.next == NET_DROP);
	ASSERT((verdict.next == NET_DROP) == (verdict.reason != DROP_none));
	if (verdict.next == NET_SEND)
		fuzz_net_check_out(&layer, m);
	if (verdict.next != NET_TAKEN)
		rte_pktmbuf_free(m);
}

static void
pass_time(struct fuzz_input *in)
{
	static const uint32_t steps_us[] = {
		1, 1000, 100000, 1000000, 5000000, 31000000, 70000000
	};
	struct rte_mbuf *expired[4];
	uint16_t n;

	layer.now_us += steps_us[fuzz_below(in, ARRAY_SIZE(steps_us))];
	while ((n = net_timers(layer.net, expired, 4, layer.now_us))) {
		for (uint16_t i = 0; i < n; i++) {
			const struct packet *p = packet_of(expired[i]);

			ASSERT(is_ours(&p->src) || addr_is_link_local_v6(&p->src));
			ASSERT(!is_ours(&p->dst));
			if (p->protocol == IPPROTO_TCP)
				ASSERT(p->src_port == 80 && p->dst_port == 5000);
		}
		rte_pktmbuf_free_bulk(expired, n);
	}
}

const struct fuzz_target fuzz_ip = { "ip", start, run, NULL };
