/*
 * Whose a packet is: the published vectors of the hash, every kind of frame whole and cut short, and that what the
 * layers make of any frame is what the steering has made of it.
 */
#include "dataplane/net/steer.h"

#include "drivers/port/port_rss.h"
#include "test/unit/dataplane/net/net_fixture.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, len)   ((void)(at), (void)(len))
#define ASAN_UNPOISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
#endif

#define WORKERS 5u /* does not divide the table */

struct tcp_ports {
	be16 src, dst;
	uint8_t rest[16];
};

static const struct endpoint none;

static struct endpoint
endpoint(const char *addr, uint16_t port)
{
	return (struct endpoint){ address(addr), port };
}

static uint32_t
owner(const char *remote, uint16_t remote_port, const char *local, uint16_t local_port)
{
	struct endpoint from = endpoint(remote, remote_port), to = endpoint(local, local_port);

	return steer_worker(steer_hash(&from, &to), WORKERS);
}

/* A port of the client whose flow to local:80 is of another worker than 0 and of none that a changed packet would have. */
static uint16_t
port_of_worker(const char *remote, const char *local, uint32_t worker)
{
	uint16_t port = 1024;

	while (owner(remote, port, local, 80) != worker)
		port++;
	return port;
}

/* What lies behind the frame's end must not be read. Frees m. */
static uint32_t
steer_all(struct rte_mbuf *m)
{
	uint8_t *end = rte_pktmbuf_mtod_offset(m, uint8_t *, m->data_len);
	uint16_t room = rte_pktmbuf_tailroom(m);
	uint32_t worker;

	ASAN_POISON_MEMORY_REGION(end, room);
	worker = steer_frame(m, WORKERS, false);
	ASAN_UNPOISON_MEMORY_REGION(end, room);
	rte_pktmbuf_free(m);
	return worker;
}

static struct rte_mbuf *
tcp_frame(const char *src, const char *dst, uint16_t src_port)
{
	struct tcp_ports tcp = { .src = be16_from(src_port), .dst = be16_from(80) };

	tcp.rest[8] = 0x50;
	return ip_make(src, dst, IPPROTO_TCP, &tcp, sizeof tcp);
}

/* So many bytes of zeros at this place, in front of what stands there. */
static uint8_t *
insert(struct rte_mbuf *m, uint16_t at, uint16_t bytes)
{
	uint8_t *frame = rte_pktmbuf_mtod(m, uint8_t *);

	CU_ASSERT_PTR_NOT_NULL_FATAL(rte_pktmbuf_append(m, bytes));
	memmove(frame + at + bytes, frame + at, m->data_len - at - bytes);
	memset(frame + at, 0, bytes);
	return frame + at;
}

static struct rte_mbuf *
tag(struct rte_mbuf *m)
{
	uint8_t *at = insert(m, 12, 4);

	at[0] = 0x81;
	at[3] = 100;
	return m;
}

/* An IPv6 extension header of 8 * units bytes in front of all others. */
static struct rte_mbuf *
extend(struct rte_mbuf *m, uint8_t type, uint8_t units)
{
	struct ipv6_header *ip = frame_ipv6(m);
	uint8_t *at = insert(m, 14 + 40, (uint16_t)(8 * units));

	at[0] = ip->next_header;
	at[1] = (uint8_t)(units - 1);
	if (type != IPPROTO_ROUTING && type != IPPROTO_FRAGMENT) { /* one option that pads */
		at[2] = 1;
		at[3] = (uint8_t)(8 * units - 4);
	}
	ip->next_header = type;
	ip->payload_len = be16_from((uint16_t)(be16_to(ip->payload_len) + 8 * units));
	return m;
}

/* An error about a segment of ours, src -> dst, from a router on the way. */
static struct rte_mbuf *
error_frame(const char *router, const char *src, const char *dst, uint16_t dst_port, uint8_t type)
{
	struct rte_mbuf *quote = ip_make(src, dst, IPPROTO_TCP, NULL, 8);
	struct tcp_ports *tcp;
	struct rte_mbuf *m;

	tcp = (struct tcp_ports *)(rte_pktmbuf_mtod(quote, uint8_t *) + quote->data_len - 8);
	tcp->src = be16_from(80);
	tcp->dst = be16_from(dst_port);
	m = icmp_make(router, src, type, 0, 0, rte_pktmbuf_mtod_offset(quote, void *, 14),
		      (uint16_t)(quote->data_len - 14));
	rte_pktmbuf_free(quote);
	return m;
}

/* Microsoft, "Verifying the RSS Hash Calculation". */
static void
hash_is_as_published(void)
{
	static const struct {
		const char *src, *dst;
		uint16_t src_port, dst_port;
		uint32_t hash;
	} vectors[] = {
		{ "66.9.149.187", "161.142.100.80", 2794, 1766, 0x51ccc178 },
		{ "199.92.111.2", "65.69.140.83", 14230, 4739, 0xc626b0ea },
		{ "24.19.198.95", "12.22.207.184", 12898, 38024, 0x5c2b394a },
		{ "38.27.205.30", "209.142.163.6", 48228, 2217, 0xafc7327f },
		{ "153.39.163.191", "202.188.127.2", 44251, 1303, 0x10e828a2 },
		{ "3ffe:2501:200:1fff::7", "3ffe:2501:200:3::1", 2794, 1766, 0x40207d3d },
		{ "3ffe:501:8::260:97ff:fe40:efab", "ff02::1", 14230, 4739, 0xdde51bbf },
		{ "3ffe:1900:4545:3:200:f8ff:fe21:67cf", "fe80::200:f8ff:fe21:67cf", 44251, 38024,
		  0x02d1feef },
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct endpoint src = endpoint(vectors[i].src, vectors[i].src_port),
				dst = endpoint(vectors[i].dst, vectors[i].dst_port);

		CU_ASSERT_EQUAL(steer_hash(&src, &dst), vectors[i].hash);
	}
}

/* So that a frame comes to the queue of its worker where a port spreads them. */
static void
hash_is_that_of_ports(void)
{
	struct rng rng;

	rng_init(&rng, 1);
	for (unsigned i = 0; i < 1000; i++) {
		struct endpoint remote = endpoint(i % 2 ? "fd00::2" : "10.0.0.2",
						  (uint16_t)rng_next(&rng)),
				local = endpoint(i % 2 ? "fd00::100" : "10.0.0.100",
						 (uint16_t)rng_next(&rng));
		be16 ports[2] = { be16_from(remote.port), be16_from(local.port) };
		uint8_t addresses[32];
		unsigned from = i % 2 ? 0 : 12, bytes = 16 - from; /* an IPv4 address stands last */

		memcpy(addresses, &remote.addr.byte[from], bytes);
		memcpy(addresses + bytes, &local.addr.byte[from], bytes);
		CU_ASSERT_EQUAL(steer_hash(&remote, &local),
				port_rss_hash(addresses, 2 * bytes, (const uint8_t *)ports));
	}
}

static void
table_gives_each_worker_its_share(void)
{
	unsigned entries[WORKERS] = { 0 };

	for (uint32_t hash = 0; hash < RSS_ENTRIES; hash++) {
		CU_ASSERT_EQUAL(steer_worker(hash + 7 * RSS_ENTRIES, WORKERS), hash % WORKERS);
		entries[steer_worker(hash, WORKERS)]++;
	}
	for (uint32_t w = 0; w < WORKERS; w++)
		CU_ASSERT(entries[w] == RSS_ENTRIES / WORKERS ||
			  entries[w] == RSS_ENTRIES / WORKERS + 1);
}

static void
segments_go_to_their_flows_worker(void)
{
	for (uint32_t w = 0; w < WORKERS; w++) {
		uint16_t p4 = port_of_worker("10.0.0.2", "10.0.0.100", w),
			 p6 = port_of_worker("fd00::2", "fd00::100", w);

		CU_ASSERT_EQUAL(steer_all(tcp_frame("10.0.0.2", "10.0.0.100", p4)), w);
		CU_ASSERT_EQUAL(steer_all(tcp_frame("fd00::2", "fd00::100", p6)), w);
		CU_ASSERT_EQUAL(steer_all(tag(tcp_frame("10.0.0.2", "10.0.0.100", p4))), w);
		CU_ASSERT_EQUAL(steer_all(tag(tcp_frame("fd00::2", "fd00::100", p6))), w);
	}
}

static void
segments_behind_extension_headers_go_to_their_flows_worker(void)
{
	uint16_t port = port_of_worker("fd00::2", "fd00::100", 3);
	struct rte_mbuf *m;

	m = extend(tcp_frame("fd00::2", "fd00::100", port), IPPROTO_HOPOPTS, 1);
	CU_ASSERT_EQUAL(steer_all(m), 3);
	m = extend(tcp_frame("fd00::2", "fd00::100", port), IPPROTO_DSTOPTS, 32);
	m = extend(extend(m, IPPROTO_ROUTING, 3), IPPROTO_HOPOPTS, 1);
	CU_ASSERT_EQUAL(steer_all(tag(m)), 3);
	m = tcp_frame("fd00::2", "fd00::100", port);
	for (unsigned i = 0; i < 17; i++)
		m = extend(m, IPPROTO_DSTOPTS, 1);
	CU_ASSERT_EQUAL(steer_all(m), 0);
}

static void
errors_go_to_the_worker_of_the_flow_that_they_quote(void)
{
	static const uint8_t v4_types[] = { ICMP_UNREACHABLE, ICMP_TIME_EXCEEDED,
					    ICMP_PARAMETER_PROBLEM };
	uint16_t p4 = port_of_worker("10.0.0.2", "10.0.0.100", 2),
		 p6 = port_of_worker("fd00::2", "fd00::100", 4);
	struct rte_mbuf *m;

	for (size_t i = 0; i < ARRAY_SIZE(v4_types); i++) {
		m = error_frame("10.9.9.9", "10.0.0.100", "10.0.0.2", p4, v4_types[i]);
		CU_ASSERT_EQUAL(steer_all(m), 2);
	}
	for (uint8_t type = ICMP6_UNREACHABLE; type <= ICMP6_PARAMETER_PROBLEM; type++) {
		m = error_frame("fd09::9", "fd00::100", "fd00::2", p6, type);
		CU_ASSERT_EQUAL(steer_all(m), 4);
	}
	m = error_frame("10.9.9.9", "10.0.0.100", "10.0.0.2", p4, 5); /* a redirect */
	CU_ASSERT_EQUAL(steer_all(m), 0);
	m = error_frame("10.9.9.9", "10.0.0.100", "10.0.0.2", p4, ICMP_UNREACHABLE);
	((struct ipv4_header *)(frame_icmp(m) + 1))->protocol = IPPROTO_UDP;
	CU_ASSERT_EQUAL(steer_all(m), 0);
}

static void
all_that_is_of_no_flow_goes_to_worker_0(void)
{
	uint16_t p4 = port_of_worker("10.0.0.2", "10.0.0.100", 1),
		 p6 = port_of_worker("fd00::2", "fd00::100", 1);
	struct rte_mbuf *m;

	CU_ASSERT_EQUAL(steer_all(arp_make(ARP_REQUEST, "10.0.0.2", MAC_PEER, "10.0.0.1", 0)), 0);
	m = icmp_make("10.0.0.2", "10.0.0.100", ICMP_ECHO_REQUEST, 0, 0, NULL, 64);
	CU_ASSERT_EQUAL(steer_all(m), 0);
	m = icmp_make("fd00::2", "fd00::1", ICMP6_SOLICITATION, 0, 0, NULL, 24);
	CU_ASSERT_EQUAL(steer_all(m), 0);
	CU_ASSERT_EQUAL(steer_all(ip_make("10.0.0.2", "10.0.0.1", IPPROTO_UDP, NULL, 20)), 0);
	CU_ASSERT_EQUAL(steer_all(ip_make("fd00::2", "fd00::1", IPPROTO_UDP, NULL, 20)), 0);
	m = tcp_frame("10.0.0.2", "10.0.0.100", p4);
	frame_ipv4(m)->fragment = be16_from(0x2000); /* more of them follow */
	CU_ASSERT_EQUAL(steer_all(m), 0);
	m = tcp_frame("10.0.0.2", "10.0.0.100", p4);
	frame_ipv4(m)->fragment = be16_from(1);
	CU_ASSERT_EQUAL(steer_all(m), 0);
	m = extend(tcp_frame("fd00::2", "fd00::100", p6), IPPROTO_FRAGMENT, 1);
	CU_ASSERT_EQUAL(steer_all(m), 0);
	CU_ASSERT_EQUAL(steer_all(tag(tag(tcp_frame("10.0.0.2", "10.0.0.100", p4)))), 0);
	CU_ASSERT_EQUAL(steer_all(frame_make(0x88cc, NULL, 100)), 0);
}

/* Each kind of frame, cut at each place: its own worker, or worker 0. */
static void
frames_cut_short_are_worker_0s(void)
{
	uint16_t p4 = port_of_worker("10.0.0.2", "10.0.0.100", 2),
		 p6 = port_of_worker("fd00::2", "fd00::100", 2);

	for (unsigned kind = 0; kind < 6; kind++) {
		uint16_t whole = UINT16_MAX, needed = 0;

		for (uint16_t len = 0; len <= whole; len++) {
			struct rte_mbuf *m;
			uint32_t worker;

			switch (kind) {
			case 0:
				m = tcp_frame("10.0.0.2", "10.0.0.100", p4);
				break;
			case 1:
				m = tag(tcp_frame("10.0.0.2", "10.0.0.100", p4));
				break;
			case 2:
				m = tcp_frame("fd00::2", "fd00::100", p6);
				break;
			case 3:
				m = extend(tcp_frame("fd00::2", "fd00::100", p6), IPPROTO_DSTOPTS,
					   2);
				m = extend(m, IPPROTO_HOPOPTS, 1);
				break;
			case 4:
				m = error_frame("10.9.9.9", "10.0.0.100", "10.0.0.2", p4,
						ICMP_UNREACHABLE);
				break;
			default:
				m = error_frame("fd09::9", "fd00::100", "fd00::2", p6,
						ICMP6_TOO_BIG);
			}
			whole = m->data_len;
			m->data_len = len;
			m->pkt_len = len;
			worker = steer_all(m);
			CU_ASSERT(worker == 0 || worker == 2);
			CU_ASSERT(needed == 0 || worker == 2);
			if (worker == 2 && !needed)
				needed = len;
		}
		/* up to the ports, and no byte less */
		CU_ASSERT_EQUAL(needed, whole - (kind < 4 ? sizeof(struct tcp_ports) - 4 : 4));
	}
}

/* A frame in several pieces, cut anywhere. */
static void
frames_in_pieces_are_understood(void)
{
	uint16_t port = port_of_worker("fd00::2", "fd00::100", 2);
	uint16_t whole = 14 + 40 + 20;

	for (uint16_t cut = 0; cut <= whole; cut++) {
		struct rte_mbuf *m = tcp_frame("fd00::2", "fd00::100", port),
				*rest = tcp_frame("fd00::2", "fd00::100", port);

		CU_ASSERT_EQUAL_FATAL(m->data_len, whole);
		rte_pktmbuf_trim(m, whole - cut);
		rte_pktmbuf_adj(rest, cut);
		CU_ASSERT_EQUAL_FATAL(rte_pktmbuf_chain(m, rest), 0);
		CU_ASSERT_EQUAL(steer_frame(m, WORKERS, false), 2);
		rte_pktmbuf_free(m);
	}
}

static void
packets_without_a_frame_go_the_same_way(void)
{
	uint16_t p4 = port_of_worker("10.0.0.2", "10.0.0.100", 2),
		 p6 = port_of_worker("fd00::2", "fd00::100", 3);
	struct rte_mbuf *m = tcp_frame("10.0.0.2", "10.0.0.100", p4);

	rte_pktmbuf_adj(m, 14);
	CU_ASSERT_EQUAL(steer_packet(m, WORKERS), 2);
	rte_pktmbuf_free(m);
	m = extend(tcp_frame("fd00::2", "fd00::100", p6), IPPROTO_DSTOPTS, 1);
	rte_pktmbuf_adj(m, 14);
	CU_ASSERT_EQUAL(steer_packet(m, WORKERS), 3);
	rte_pktmbuf_trim(m, m->data_len);
	CU_ASSERT_EQUAL(steer_packet(m, WORKERS), 0);
	rte_pktmbuf_free(m);
}

/* Of a plain segment, if the device is trusted and says one. */
static void
device_hash_is_used_where_it_is_trusted(void)
{
	uint16_t port = port_of_worker("fd00::2", "fd00::100", 2);
	struct rte_mbuf *m = tcp_frame("fd00::2", "fd00::100", port);

	m->hash.rss = 7 * RSS_ENTRIES + 4;
	CU_ASSERT_EQUAL(steer_frame(m, WORKERS, true), 2);
	m->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
	CU_ASSERT_EQUAL(steer_frame(m, WORKERS, true), 4);
	CU_ASSERT_EQUAL(steer_frame(m, WORKERS, false), 2);
	CU_ASSERT_EQUAL(steer_frame(extend(m, IPPROTO_DSTOPTS, 1), WORKERS, true), 2);
	rte_pktmbuf_free(m);
	m = error_frame("fd09::9", "fd00::100", "fd00::2", port, ICMP6_TOO_BIG);
	m->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
	m->hash.rss = 4;
	CU_ASSERT_EQUAL(steer_frame(m, WORKERS, true), 2);
	rte_pktmbuf_free(m);
	m = tag(tcp_frame("fd00::2", "fd00::100", port));
	m->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
	m->hash.rss = 4;
	CU_ASSERT_EQUAL(steer_frame(m, WORKERS, true), 2);
	rte_pktmbuf_free(m);
}

/* Devices differ in what they take for a TCP segment; they may hash such a packet by its addresses alone. */
static void
device_hash_of_a_doubtful_segment_is_not_used(void)
{
	uint16_t port = port_of_worker("10.0.0.2", "10.0.0.100", 2),
		 port6 = port_of_worker("fd00::2", "fd00::100", 2);
	struct rte_mbuf *m = tcp_frame("10.0.0.2", "10.0.0.100", port);

	m->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
	m->hash.rss = 4;
	CU_ASSERT_EQUAL(steer_frame(m, WORKERS, true), 4);
	frame_ipv4(m)->total_len = be16_from(20 + 19);
	CU_ASSERT_EQUAL(steer_frame(m, WORKERS, true), 2);
	frame_ipv4(m)->total_len = be16_from(0);
	CU_ASSERT_EQUAL(steer_frame(m, WORKERS, true), 2);
	rte_pktmbuf_free(m);
	/* four bytes of options; the segment's first four are the ports again */
	m = tcp_frame("10.0.0.2", "10.0.0.100", port);
	m->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
	m->hash.rss = 4;
	CU_ASSERT_PTR_NOT_NULL_FATAL(rte_pktmbuf_prepend(m, 4));
	memmove(rte_pktmbuf_mtod(m, uint8_t *), rte_pktmbuf_mtod(m, uint8_t *) + 4, 34);
	frame_ipv4(m)->version_len = 0x46;
	frame_ipv4(m)->total_len = be16_from(24 + 20);
	CU_ASSERT_EQUAL(steer_frame(m, WORKERS, true), 2);
	rte_pktmbuf_free(m);
	m = tcp_frame("fd00::2", "fd00::100", port6);
	m->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
	m->hash.rss = 4;
	CU_ASSERT_EQUAL(steer_frame(m, WORKERS, true), 4);
	frame_ipv6(m)->payload_len = be16_from(19);
	CU_ASSERT_EQUAL(steer_frame(m, WORKERS, true), 2);
	rte_pktmbuf_free(m);
}

static void
ports_for_a_worker_are_those_of_its_flows(void)
{
	static const char *const remotes[] = { "10.0.1.11", "10.0.1.12", "fd00:1::11" };
	struct steer_search search = { 0 };
	unsigned ours = 0, all = 0;

	for (unsigned i = 0; i < 3000; i++) {
		const char *remote_text = remotes[i / 500 % 3];
		struct endpoint remote = endpoint(remote_text, (uint16_t)(80 + i / 1500)),
				local = endpoint(*remote_text == '1' ? "10.0.1.1" : "fd00:1::1",
						 (uint16_t)(1024 + 19 * i));
		bool is = steer_worker(steer_hash(&remote, &local), WORKERS) == 3;

		CU_ASSERT_EQUAL(steer_port_is_for(&search, &local, &remote, WORKERS, 3), is);
		ours += is;
		all++;
	}
	CU_ASSERT(ours > all / WORKERS * 8 / 10 && ours < all / WORKERS * 12 / 10);
	CU_ASSERT_FALSE(steer_port_is_for(&(struct steer_search){ 0 }, &none, &none, WORKERS, 3));
}

/* ---- against the layers ---- */

static struct rte_mbuf *
random_frame(struct rng *rng)
{
	uint16_t port = (uint16_t)rng_next(rng);

	switch (rng_below(rng, 7)) {
	case 0:
		return tcp_frame("10.0.0.2", "10.0.0.100", port);
	case 1:
		return tag(tcp_frame("10.0.0.2", "10.0.0.100", port));
	case 2:
		return tcp_frame("fd00::2", "fd00::100", port);
	case 3:
		return extend(tcp_frame("fd00::2", "fd00::100", port), IPPROTO_HOPOPTS,
			      (uint8_t)(1 + rng_below(rng, 5)));
	case 4:
		return extend(extend(tcp_frame("fd00::2", "fd00::100", port), IPPROTO_DSTOPTS, 1),
			      IPPROTO_ROUTING, 1);
	case 5:
		return error_frame("10.9.9.9", "10.0.0.100", "10.0.0.2", port, ICMP_UNREACHABLE);
	default:
		return error_frame("fd09::9", "fd00::100", "fd00::2", port, ICMP6_TOO_BIG);
	}
}

/* Changes what stands behind the type, and mostly makes the checksums right again. */
static void
spoil(struct rte_mbuf *m, struct rng *rng)
{
	uint8_t *frame = rte_pktmbuf_mtod(m, uint8_t *);
	bool errors = frame_eth(m)->type.raw == be16_from(ETH_TYPE_IPV4).raw
			  ? frame_ipv4(m)->protocol == IPPROTO_ICMP
			  : frame_ipv6(m)->next_header == IPPROTO_ICMPV6;

	for (unsigned n = rng_below(rng, 4); n > 0; n--)
		frame[14 + rng_below(rng, m->data_len - 14u)] ^= (uint8_t)(1u << rng_below(rng, 8));
	if (errors && rng_below(rng, 4))
		icmp_seal(m);
	if (frame_eth(m)->type.raw == be16_from(ETH_TYPE_IPV4).raw && rng_below(rng, 4))
		ipv4_seal(m);
	if (rng_below(rng, 8) == 0)
		rte_pktmbuf_trim(m, (uint16_t)rng_below(rng, m->data_len));
}

static void
steering_agrees_with_the_layers_about_any_frame(void)
{
	unsigned segments = 0, errors = 0, dropped = 0;
	struct rng rng;

	rng_init(&rng, 1);
	fixture_start();
	for (unsigned i = 0; i < 60000; i++) {
		struct rte_mbuf *m = random_frame(&rng);
		struct net_verdict verdict;
		uint32_t worker;

		spoil(m, &rng);
		worker = steer_frame(m, WORKERS, false);
		verdict = input(m, 0);
		if (verdict.next == NET_TCP || verdict.next == NET_TCP_STRAY) {
			CU_ASSERT_TRUE(steer_has(m, WORKERS, worker));
			segments++;
		} else if (verdict.next == NET_ICMP_ERROR) {
			const struct packet *p = packet_of(m);
			struct endpoint local = { p->src, p->src_port },
					remote = { p->dst, p->dst_port };

			CU_ASSERT_EQUAL(steer_worker(steer_hash(&remote, &local), WORKERS), worker);
			errors++;
		} else {
			dropped++;
			continue;
		}
		rte_pktmbuf_free(m);
	}
	CU_ASSERT(segments > 5000 && errors > 1000 && dropped > 5000);
	fixture_end();
}

static void
segment_is_its_flows_workers(void)
{
	uint16_t port = port_of_worker("10.0.0.2", "10.0.0.100", 2);
	struct rte_mbuf *m = tcp_frame("10.0.0.2", "10.0.0.100", port);

	rte_pktmbuf_adj(m, 14 + 20);
	*packet_of(m) = (struct packet){ .src = address("10.0.0.2"), .dst = address("10.0.0.100") };
	for (uint32_t w = 0; w < WORKERS; w++)
		CU_ASSERT_EQUAL(steer_has(m, WORKERS, w), w == 2);
	rte_pktmbuf_trim(m, 17); /* too short for ports: TCP drops it, wherever it is */
	for (uint32_t w = 0; w < WORKERS; w++)
		CU_ASSERT_TRUE(steer_has(m, WORKERS, w));
	rte_pktmbuf_free(m);
}

CU_TestInfo test_steer[] = {
	{ "steer_hash_is_as_published", hash_is_as_published },
	{ "steer_hash_is_that_of_ports", hash_is_that_of_ports },
	{ "steer_table_gives_each_worker_its_share", table_gives_each_worker_its_share },
	{ "steer_segments_go_to_their_flows_worker", segments_go_to_their_flows_worker },
	{ "steer_segments_behind_extension_headers_go_to_their_flows_worker",
	  segments_behind_extension_headers_go_to_their_flows_worker },
	{ "steer_errors_go_to_the_worker_of_the_flow_that_they_quote",
	  errors_go_to_the_worker_of_the_flow_that_they_quote },
	{ "steer_all_that_is_of_no_flow_goes_to_worker_0",
	  all_that_is_of_no_flow_goes_to_worker_0 },
	{ "steer_frames_cut_short_are_worker_0s", frames_cut_short_are_worker_0s },
	{ "steer_frames_in_pieces_are_understood", frames_in_pieces_are_understood },
	{ "steer_packets_without_a_frame_go_the_same_way",
	  packets_without_a_frame_go_the_same_way },
	{ "steer_device_hash_is_used_where_it_is_trusted",
	  device_hash_is_used_where_it_is_trusted },
	{ "steer_device_hash_of_a_doubtful_segment_is_not_used",
	  device_hash_of_a_doubtful_segment_is_not_used },
	{ "steer_ports_for_a_worker_are_those_of_its_flows",
	  ports_for_a_worker_are_those_of_its_flows },
	{ "steer_agrees_with_the_layers_about_any_frame",
	  steering_agrees_with_the_layers_about_any_frame },
	{ "steer_segment_is_its_flows_workers", segment_is_its_flows_workers },
	CU_TEST_INFO_NULL,
};
