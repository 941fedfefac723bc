/*
 * Fragments into the network layer (dataplane/net/fragment.c): nearly valid pieces of a few datagrams of both families, in any
 * order, cut where they like, overlapping, doubled, late; and whatever a real network adds between them.
 *
 * A second reading of RFC 791, 8200 4.5 and 5722 keeps a map of each datagram's bytes. What becomes whole has exactly those
 * that the map says, when it says so and not otherwise; what overlaps never does. What is dropped has a reason, what goes
 * out is well-formed, and in the end no buffer is lost.
 */
#include <netinet/in.h>
#include <string.h>

#include <rte_mbuf.h>

#include "dataplane/net/net_priv.h"
#include "test/fuzz/net.h"

#define DATAGRAMS        8u /* family, source, identification: a bit each */
#define UNIT             8u
#define BYTES_MAX        2048u
#define PIECE_MAX        600u
#define STEPS            200u
#define FRAME_MAX        (ETH_BYTES + IPV6_BYTES + 8u + PIECE_MAX)
#define FIRST_LEAST      24u /* of a first piece that holds a TCP header */
#define NOBODYS_PROTOCOL 253 /* nobody makes a checksum of a part right */

/* What has come of a datagram, as far as the stack has to remember it. */
struct map {
	uint64_t due_us; /* forgotten then; 0: nothing has come */
	uint32_t end;    /* 0: the last piece has not come */
	uint32_t held, pieces;
	bool refused;
	uint8_t byte[BYTES_MAX];
	bool is_held[BYTES_MAX];
	uint32_t start[FRAGMENT_PIECES_DATAGRAM], len[FRAGMENT_PIECES_DATAGRAM];
};

enum fate { KEPT, WHOLE, REFUSED, DUPLICATE, OTHER };

static struct fuzz_net layer;
static struct map maps[DATAGRAMS];
static struct addr sources[4], own[2];

static void step(struct fuzz_input *in);
static void piece(struct fuzz_input *in, unsigned which, bool odd);
static enum fate
expect(struct map *map, uint32_t at, uint32_t len, bool more, const uint8_t *bytes);
static bool
is_duplicate(const struct map *map, uint32_t at, uint32_t len, bool more, const uint8_t *bytes);
static void receive(const uint8_t *frame, uint32_t len, unsigned which, enum fate fate);
static void check_whole(struct rte_mbuf *m, unsigned which);
static void pass_time(struct fuzz_input *in);

static void
start(void)
{
	sources[0] = fuzz_addr("10.0.0.2");
	sources[1] = fuzz_addr("10.0.0.3");
	sources[2] = fuzz_addr("fd00::2");
	sources[3] = fuzz_addr("fd00::3");
	own[0] = fuzz_addr("10.0.0.1");
	own[1] = fuzz_addr("fd00::1");
	fuzz_net_start(&layer, BOX_TEXT);
}

static void
run(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };

	fuzz_net_begin(&layer);
	memset(maps, 0, sizeof maps);
	for (unsigned i = 0; i < STEPS && in.left; i++)
		step(&in);
	layer.now_us += 2 * FRAGMENT_TIMEOUT_US;
	pass_time(&(struct fuzz_input){ NULL, 0 });
	ASSERT(layer.net->fragments->pieces == 0 && layer.net->fragments->datagrams.used == 0);
	fuzz_net_end(&layer);
}

static void
step(struct fuzz_input *in)
{
	unsigned mode = fuzz_u8(in);

	if (mode >= 0xf0)
		pass_time(in);
	else
		piece(in, mode % DATAGRAMS, mode & 0x80);
	fuzz_net_take_own(&layer);
}

/* ---- pieces ---- */

/* The fragment header of IPv6, or the fields of IPv4; the packet's length. */
static uint32_t
build(uint8_t *ip, unsigned which, uint32_t at, uint32_t len, bool more, const uint8_t *bytes)
{
	bool v6 = which & 4;
	const struct addr *src = &sources[(which & 4) / 2 + (which & 1)], *dst = &own[v6];
	uint32_t id = 100 + (which >> 1 & 1), total;
	uint16_t sum;

	if (v6) {
		uint8_t *header = ip + IPV6_BYTES;

		total = packet_ip(ip, true, src, dst, NOBODYS_PROTOCOL, 8 + len);
		ip[6] = IPPROTO_FRAGMENT;
		header[0] = IPPROTO_TCP;
		header[1] = 0;
		put16(header + 2, at | more);
		put32(header + 4, id);
		memcpy(header + 8, bytes, len);
		return total;
	}
	total = packet_ip(ip, false, src, dst, NOBODYS_PROTOCOL, len);
	ip[9] = IPPROTO_TCP;
	put16(ip + 4, id);
	put16(ip + 6, at / UNIT | (more ? 0x2000 : 0));
	put16(ip + 10, 0);
	sum = packet_checksum(NULL, NULL, 0, ip, IPV4_BYTES);
	put16(ip + 10, sum);
	memcpy(ip + IPV4_BYTES, bytes, len);
	return total;
}

/* Offsets in units of 8; lengths too, but for the last piece and for odd ones. */
static void
piece(struct fuzz_input *in, unsigned which, bool odd)
{
	uint32_t at = fuzz_u8(in) % (BYTES_MAX / UNIT / 2) * UNIT;
	unsigned shape = fuzz_u8(in);
	uint32_t len = shape % 64 * UNIT;
	bool more = shape & 64;
	uint8_t salt = shape & 128 ? fuzz_u8(in) : 0, frame[FRAME_MAX], bytes[PIECE_MAX];
	enum fate fate = OTHER;
	uint8_t ours[6], peer[6];

	if (at > 0 && at < FIRST_LEAST)
		at = FIRST_LEAST;
	if (!more || odd)
		len += fuzz_u8(in) % UNIT;
	for (uint32_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)((at + i) * 7 + which + salt);
	fuzz_box_mac(0, ours);
	fuzz_peer_mac(0, peer);
	packet_eth(frame, ours, peer, which & 4 ? TYPE_IPV6 : TYPE_IPV4);
	if (len > 0 && (!more || len % UNIT == 0) && (at || (len >= FIRST_LEAST && more)))
		fate = expect(&maps[which], at, len, more, bytes);
	receive(frame, ETH_BYTES + build(frame + ETH_BYTES, which, at, len, more, bytes), which,
		fate);
	if (fate == WHOLE)
		memset(&maps[which], 0, sizeof maps[which]);
}

/* What must become of a piece that is well-formed. */
static enum fate
expect(struct map *map, uint32_t at, uint32_t len, bool more, const uint8_t *bytes)
{
	bool fits;

	if (!map->due_us)
		map->due_us = layer.now_us + FRAGMENT_TIMEOUT_US;
	if (map->refused)
		return REFUSED;
	if (is_duplicate(map, at, len, more, bytes))
		return DUPLICATE;
	fits = map->pieces < FRAGMENT_PIECES_DATAGRAM;
	for (uint32_t i = at; fits && i < at + len; i++)
		fits = !map->is_held[i];
	for (uint32_t i = at + len; fits && !more && i < BYTES_MAX; i++)
		fits = !map->is_held[i];
	if (!fits || (map->end && (!more || at + len > map->end))) {
		map->refused = true;
		return REFUSED;
	}
	memcpy(map->byte + at, bytes, len);
	memset(map->is_held + at, 1, len);
	map->start[map->pieces] = at;
	map->len[map->pieces++] = len;
	map->held += len;
	if (!more)
		map->end = at + len;
	return map->held == map->end ? WHOLE : KEPT;
}

static bool
is_duplicate(const struct map *map, uint32_t at, uint32_t len, bool more, const uint8_t *bytes)
{
	for (uint32_t i = 0; i < map->pieces; i++)
		if (map->start[i] == at && map->len[i] == len)
			return memcmp(map->byte + at, bytes, len) == 0 &&
			       more == (map->end != at + len);
	return false;
}

static void
receive(const uint8_t *frame, uint32_t len, unsigned which, enum fate fate)
{
	struct rte_mbuf *m = fuzz_mbuf(frame, len);
	struct net_verdict verdict = eth_input(layer.net, m, 0, layer.now_us);

	ASSERT(verdict.next == NET_IP);
	verdict = ip_input(layer.net, m, layer.now_us);
	if (fate != OTHER) {
		ASSERT((fate == KEPT) == (verdict.next == NET_TAKEN));
		ASSERT((fate == WHOLE) == (verdict.next == NET_REASSEMBLED));
		ASSERT((fate == DUPLICATE) == (verdict.reason == DROP_ip_fragment_duplicate));
		ASSERT((fate == REFUSED) == (verdict.reason == DROP_ip_fragment_overlap ||
					     verdict.reason == DROP_ip_fragment_too_many));
	}
	if (verdict.next == NET_REASSEMBLED) {
		m = net_reassembled(layer.net);
		verdict = ip_input(layer.net, m, layer.now_us);
		ASSERT(verdict.next == NET_TCP || fate == OTHER);
		if (fate == WHOLE)
			check_whole(m, which);
	}
	if (verdict.next != NET_TAKEN)
		rte_pktmbuf_free(m);
}

static void
check_whole(struct rte_mbuf *m, unsigned which)
{
	const struct map *map = &maps[which];

	ASSERT(m->nb_segs == 1 && m->data_len == map->end);
	ASSERT(memcmp(rte_pktmbuf_mtod(m, const void *), map->byte, map->end) == 0);
	ASSERT(addr_equal(&packet_of(m)->src, &sources[(which & 4) / 2 + (which & 1)]));
	ASSERT(addr_equal(&packet_of(m)->dst, &own[(which & 4) != 0]));
}

/* ---- time ---- */

static void
pass_time(struct fuzz_input *in)
{
	static const uint32_t steps_us[] = { 0, 1000, 1000000, 2500000, FRAGMENT_TIMEOUT_US };
	struct rte_mbuf *expired[4];
	uint16_t n;

	layer.now_us += steps_us[fuzz_below(in, ARRAY_SIZE(steps_us))];
	while ((n = net_timers(layer.net, expired, 4, layer.now_us)))
		rte_pktmbuf_free_bulk(expired, n);
	for (unsigned i = 0; i < DATAGRAMS; i++)
		if (maps[i].due_us && maps[i].due_us <= layer.now_us)
			memset(&maps[i], 0, sizeof maps[i]);
	ASSERT(layer.net->fragments->pieces <= DATAGRAMS * FRAGMENT_PIECES_DATAGRAM);
}

const struct fuzz_target fuzz_fragment = { "fragment", start, run, NULL };
