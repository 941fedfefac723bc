/* fragment.c: pieces in all orders, those that do not fit together, floods over every bound, time; what the box sends. */
#include "test/unit/dataplane/net/net_fixture.h"

#define SIZE   1896u /* of most datagrams here: it fits into one buffer, as whole */
#define PIECES 4u

/* One fragment to 10.0.0.100 or fd00::100. */
struct piece {
	uint32_t id;
	uint32_t at, len;
	bool more;
	uint8_t salt;     /* other bytes than those of salt 0 */
	uint8_t protocol; /* 0: TCP */
	uint8_t traffic_class;
};

static const char *const peer4 = "10.0.0.2";
static const char *const peer6 = "fd00::2";

/* The byte at `at` of a datagram's payload. */
static uint8_t
content(uint32_t at, uint8_t salt)
{
	return (uint8_t)(at * 7 + at / 256 + salt);
}

static struct rte_mbuf *
piece_of(const char *src, const char *dst, const struct piece *piece, const uint8_t *bytes)
{
	struct addr from = address(src);
	bool v4 = addr_is_v4(&from);
	uint8_t protocol = piece->protocol ? piece->protocol : IPPROTO_TCP;
	uint32_t front = v4 ? 0 : FRAGMENT_HEADER_BYTES;
	uint8_t payload[FIXTURE_MTU + 100];
	struct rte_mbuf *m;

	CU_ASSERT_TRUE_FATAL(front + piece->len <= sizeof payload);
	if (!v4) {
		*(struct ipv6_fragment_header *)payload = (struct ipv6_fragment_header){
			.next_header = protocol,
			.offset = be16_from((uint16_t)(piece->at | piece->more)),
			.id = be32_from(piece->id),
		};
		protocol = IPPROTO_FRAGMENT;
	}
	for (uint32_t i = 0; i < piece->len; i++)
		payload[front + i] =
		    bytes ? bytes[piece->at + i] : content(piece->at + i, piece->salt);
	m = ip_make(src, dst, protocol, payload, (uint16_t)(front + piece->len));
	if (v4) {
		frame_ipv4(m)->id = be16_from((uint16_t)piece->id);
		frame_ipv4(m)->fragment =
		    be16_from((uint16_t)(piece->at / 8 | (piece->more ? IPV4_MORE_FRAGMENTS : 0)));
		frame_ipv4(m)->traffic_class = piece->traffic_class;
		ipv4_seal(m);
	} else {
		frame_ipv6(m)->version_class_flow =
		    be32_from(6u << 28 | (uint32_t)piece->traffic_class << 20);
	}
	return m;
}

static struct rte_mbuf *
piece_make(bool v6, const struct piece *piece)
{
	return piece_of(v6 ? peer6 : peer4, v6 ? "fd00::100" : "10.0.0.100", piece, NULL);
}

/* Gives the k-th of the pieces that a datagram of SIZE bytes is cut into. */
static struct piece
quarter(uint32_t id, unsigned k)
{
	static const uint32_t cut[PIECES + 1] = { 0, 480, 488, 1440, SIZE };

	return (struct piece){
		.id = id, .at = cut[k], .len = cut[k + 1] - cut[k], .more = k + 1 < PIECES
	};
}

static struct net_verdict
give(bool v6, struct piece piece)
{
	return input(piece_make(v6, &piece), 0);
}

static enum drop_reason
give_drop(bool v6, struct piece piece)
{
	return input_drop(piece_make(v6, &piece));
}

/* The last input has made a TCP segment of len bytes whole. */
static void
whole(struct net_verdict verdict, bool v6, uint32_t len)
{
	struct rte_mbuf *m = input_last();
	struct addr src = address(v6 ? peer6 : peer4);
	unsigned wrong = 0;

	CU_ASSERT_EQUAL_FATAL(verdict.next, NET_TCP);
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_EQUAL_FATAL(m->pkt_len, len);
	CU_ASSERT_EQUAL_FATAL(m->data_len, len);
	CU_ASSERT_EQUAL(m->nb_segs, 1);
	CU_ASSERT_TRUE(addr_equal(&packet_of(m)->src, &src));
	CU_ASSERT_EQUAL(packet_of(m)->port, 0);
	for (uint32_t i = 0; i < len; i++)
		wrong += rte_pktmbuf_mtod(m, const uint8_t *)[i] != content(i, 0);
	CU_ASSERT_EQUAL(wrong, 0);
	rte_pktmbuf_free(m);
}

/* By an option of four bytes that means nothing, or by a header of destination options of eight. */
static void
lengthen_header(struct rte_mbuf *m, bool v6)
{
	uint32_t front = 14 + (v6 ? sizeof(struct ipv6_header) : sizeof(struct ipv4_header));
	uint32_t more = v6 ? 8 : 4;
	uint8_t *frame;

	CU_ASSERT_PTR_NOT_NULL_FATAL(rte_pktmbuf_prepend(m, (uint16_t)more));
	frame = rte_pktmbuf_mtod(m, uint8_t *);
	memmove(frame, frame + more, front);
	memset(frame + front, 0, more);
	if (v6) {
		frame[front] = frame_ipv6(m)->next_header;
		frame[front + 2] = 1; /* PadN of four bytes */
		frame[front + 3] = 4;
		frame_ipv6(m)->next_header = IPPROTO_DSTOPTS;
		frame_ipv6(m)->payload_len =
		    be16_from((uint16_t)(be16_to(frame_ipv6(m)->payload_len) + more));
		return;
	}
	memset(frame + front, 1, more); /* no operation */
	frame_ipv4(m)->version_len++;
	frame_ipv4(m)->total_len = be16_from((uint16_t)(be16_to(frame_ipv4(m)->total_len) + more));
	ipv4_seal(m);
}

static void
learn_peers(void)
{
	struct addr v4 = address(peer4), v6 = address(peer6);

	CU_ASSERT_TRUE(neighbour_learn(net, &v4, 0, MAC_PEER, NEIGHBOUR_ASKS, now_us));
	CU_ASSERT_TRUE(neighbour_learn(net, &v6, 0, MAC_PEER, NEIGHBOUR_ASKS, now_us));
}

static void
nothing_is_held(void)
{
	CU_ASSERT_EQUAL(net->fragments->pieces, 0);
	CU_ASSERT_EQUAL(net->fragments->datagrams.used, 0);
}

static void
fragments_in_all_orders_become_whole(void)
{
	fixture_start();
	for (unsigned v6 = 0; v6 < 2; v6++)
		for (unsigned order = 0; order < 256; order++) {
			unsigned k[PIECES] = { order & 3, order >> 2 & 3, order >> 4 & 3,
					       order >> 6 };

			if ((1u << k[0] | 1u << k[1] | 1u << k[2] | 1u << k[3]) != 15)
				continue; /* no permutation */
			for (unsigned i = 0; i < PIECES - 1; i++)
				CU_ASSERT_EQUAL(give(v6, quarter(order, k[i])).next, NET_TAKEN);
			CU_ASSERT_EQUAL(net->fragments->pieces, PIECES - 1);
			whole(give(v6, quarter(order, k[PIECES - 1])), v6, SIZE);
			nothing_is_held();
		}
	CU_ASSERT_EQUAL(stats->counter[COUNTER_ip_datagrams_reassembled], 48);
	CU_ASSERT_EQUAL(stats->counter[COUNTER_ip_fragments_received], 48 * PIECES);
	fixture_end();
}

/* The reassembled header is that of the first piece, with lengths and checksum made right. */
static void
fragments_whole_packet_is_well_formed(void)
{
	for (unsigned v6 = 0; v6 < 2; v6++) {
		struct piece last = quarter(1, 3);
		struct rte_mbuf *m;

		fixture_start();
		for (unsigned i = 0; i < PIECES - 1; i++)
			give(v6, quarter(1, i));
		m = piece_make(v6, &last);
		CU_ASSERT_EQUAL(eth_input(net, m, 0, now_us).next, NET_IP);
		CU_ASSERT_EQUAL_FATAL(ip_input(net, m, now_us).next, NET_REASSEMBLED);
		m = net_reassembled(net);
		if (v6) {
			const struct ipv6_header *ip = rte_pktmbuf_mtod(m, void *);

			CU_ASSERT_EQUAL(m->pkt_len, sizeof *ip + SIZE);
			CU_ASSERT_EQUAL(be16_to(ip->payload_len), SIZE);
			CU_ASSERT_EQUAL(ip->next_header, IPPROTO_TCP);
		} else {
			const struct ipv4_header *ip = rte_pktmbuf_mtod(m, void *);

			CU_ASSERT_EQUAL(m->pkt_len, sizeof *ip + SIZE);
			CU_ASSERT_EQUAL(be16_to(ip->total_len), sizeof *ip + SIZE);
			CU_ASSERT_EQUAL(be16_to(ip->fragment), 0);
			CU_ASSERT_EQUAL(checksum_finish(checksum_add(0, ip, sizeof *ip)), 0);
		}
		rte_pktmbuf_free(m);
		fixture_end();
	}
}

static void
fragments_of_different_datagrams_stay_apart(void)
{
	struct piece a = quarter(7, 0), b;

	fixture_start();
	/* other protocols are other datagrams in IPv4 alone */
	a.protocol = IPPROTO_UDP;
	CU_ASSERT_EQUAL(give(false, a).next, NET_TAKEN);
	for (unsigned id = 7; id < 9; id++)
		for (unsigned k = 0; k < PIECES - 1; k++)
			CU_ASSERT_EQUAL(give(false, quarter(id, k)).next, NET_TAKEN);
	b = quarter(7, 1);
	CU_ASSERT_EQUAL(input(piece_of("10.0.0.3", "10.0.0.100", &b, NULL), 0).next, NET_TAKEN);
	CU_ASSERT_EQUAL(input(piece_of(peer4, "10.0.0.1", &b, NULL), 0).next, NET_TAKEN);
	CU_ASSERT_EQUAL(net->fragments->datagrams.used, 5);
	whole(give(false, quarter(8, 3)), false, SIZE);
	whole(give(false, quarter(7, 3)), false, SIZE);
	CU_ASSERT_EQUAL(net->fragments->datagrams.used, 3);

	CU_ASSERT_EQUAL(give(true, quarter(UINT32_MAX, 0)).next, NET_TAKEN);
	CU_ASSERT_EQUAL(give(true, quarter(UINT16_MAX, 0)).next, NET_TAKEN);
	CU_ASSERT_EQUAL(net->fragments->datagrams.used, 5);
	fixture_end();
}

/* RFC 5722: whatever overlaps ends the datagram, those of its pieces too that come later; also in IPv4. */
static void
fragments_that_overlap_end_their_datagram(void)
{
	/* against [0, 64), [128, 192) and, where `ended`, [256, 300) as the last one */
	static const struct {
		struct piece piece;
		bool ended;
	} cases[] = {
		{ { .at = 0, .len = 32, .more = true }, false },   /* same start, shorter */
		{ { .at = 0, .len = 72, .more = true }, false },   /* same start, longer */
		{ { .at = 24, .len = 8, .more = true }, false },   /* inside the first */
		{ { .at = 136, .len = 8, .more = true }, false },  /* inside the second */
		{ { .at = 56, .len = 16, .more = true }, false },  /* over an end */
		{ { .at = 120, .len = 16, .more = true }, false }, /* over a start */
		{ { .at = 184, .len = 80, .more = true }, true },  /* over an end and a start */
		{ { .at = 64, .len = 72, .more = true }, false },  /* fills the hole, and more */
		{ { .at = 56, .len = 80, .more = true }, false },  /* on both sides of it */
		{ { .at = 120, .len = 80, .more = true }, false }, /* around the second */
		{ { .at = 0, .len = 256, .more = true }, false },  /* around both */
		{ { .at = 184, .len = 8, .more = true }, false },  /* the last 8 bytes again */
		{ { .at = 248, .len = 16, .more = true }, true },  /* over the last one's start */
		{ { .at = 0, .len = 64, .more = true, .salt = 1 }, false }, /* other bytes */
		{ { .at = 128, .len = 64, .more = false }, true }, /* the same, as an end */
		{ { .at = 128, .len = 64, .more = false }, false },
		{ { .at = 64, .len = 64, .more = false }, false }, /* an end before the second */
		{ { .at = 304, .len = 8, .more = true }, true },   /* behind the end */
		{ { .at = 296, .len = 8, .more = true }, true },
		{ { .at = 256, .len = 40, .more = true }, true }, /* the end goes on */
		{ { .at = 256, .len = 44, .more = false, .salt = 1 }, true },
		{ { .at = 256, .len = 36, .more = false }, true }, /* another end */
		{ { .at = 200, .len = 48, .more = false }, true }, /* one before it */
		{ { .at = 304, .len = 8, .more = false }, true },  /* one behind it */
	};

	fixture_start();
	for (unsigned v6 = 0; v6 < 2; v6++)
		for (uint32_t i = 0; i < ARRAY_SIZE(cases); i++) {
			uint64_t before = stats->drop[DROP_ip_fragment_overlap];
			unsigned held = cases[i].ended ? 3 : 2;
			struct piece piece = cases[i].piece;

			piece.id = i;
			give(v6, (struct piece){ .id = i, .at = 0, .len = 64, .more = true });
			give(v6, (struct piece){ .id = i, .at = 128, .len = 64, .more = true });
			if (cases[i].ended)
				give(v6, (struct piece){ .id = i, .at = 256, .len = 44 });
			CU_ASSERT_EQUAL(net->fragments->pieces, held);
			CU_ASSERT_EQUAL(give_drop(v6, piece), DROP_ip_fragment_overlap);
			CU_ASSERT_EQUAL(net->fragments->pieces, 0);
			CU_ASSERT_EQUAL(stats->drop[DROP_ip_fragment_overlap], before + held);
			/* what is missing does not make it whole, nor do others begin it anew */
			CU_ASSERT_EQUAL(
			    give_drop(v6,
				      (struct piece){ .id = i, .at = 64, .len = 64, .more = 1 }),
			    DROP_ip_fragment_overlap);
			CU_ASSERT_EQUAL(
			    give_drop(v6, (struct piece){ .id = i, .at = 0, .len = 64, .more = 1 }),
			    DROP_ip_fragment_overlap);
		}
	/* when it is forgotten, its identification is as good as any */
	pass_us(FRAGMENT_TIMEOUT_US + 1);
	nothing_is_held();
	for (unsigned k = 0; k < PIECES - 1; k++)
		give(false, quarter(0, k));
	whole(give(false, quarter(0, 3)), false, SIZE);
	fixture_end();
}

/* RFC 8200 4.5: what the network has doubled is no overlap. */
static void
fragments_that_came_before_are_dropped_alone(void)
{
	fixture_start();
	for (unsigned v6 = 0; v6 < 2; v6++) {
		for (unsigned k = 0; k < PIECES; k++) {
			if (k == 1)
				continue;
			CU_ASSERT_EQUAL(give(v6, quarter(5, k)).next, NET_TAKEN);
			for (unsigned again = 0; again <= k; again++)
				if (again != 1)
					CU_ASSERT_EQUAL(give_drop(v6, quarter(5, again)),
							DROP_ip_fragment_duplicate);
		}
		CU_ASSERT_EQUAL(net->fragments->pieces, 3);
		whole(give(v6, quarter(5, 1)), v6, SIZE);
		nothing_is_held();
	}
	fixture_end();
}

/* The error that was sent, if any: its code, or -1. */
static int
problem(uint32_t *pointer)
{
	struct rte_mbuf *m = poll_one();
	int code;

	if (!m)
		return -1;
	CU_ASSERT_EQUAL(frame_icmp(m)->type, ICMP6_PARAMETER_PROBLEM);
	code = frame_icmp(m)->code;
	*pointer = be32_to(frame_icmp(m)->rest);
	rte_pktmbuf_free(m);
	CU_ASSERT_EQUAL(poll_all(), 0);
	return code;
}

static void
fragments_of_impossible_length_are_dropped(void)
{
	static const struct piece odd = { .at = 0, .len = 63, .more = true };
	static const struct piece nothing = { .at = 64, .len = 0 };
	static const struct piece beyond4 = { .at = 65512, .len = 8 };
	static const struct piece beyond6 = { .at = 65528, .len = 8 };
	uint32_t pointer;

	fixture_start();
	learn_peers();
	CU_ASSERT_EQUAL(give_drop(false, odd), DROP_ip_fragment_length);
	CU_ASSERT_EQUAL(give_drop(false, nothing), DROP_ip_fragment_length);
	CU_ASSERT_EQUAL(give_drop(false, beyond4), DROP_ip_fragment_too_long);
	CU_ASSERT_EQUAL(poll_all(), 0);

	CU_ASSERT_EQUAL(give_drop(true, odd), DROP_ip_fragment_length);
	CU_ASSERT_EQUAL(problem(&pointer), 0);
	CU_ASSERT_EQUAL(pointer, 4); /* the payload length */
	CU_ASSERT_EQUAL(give_drop(true, nothing), DROP_ip_fragment_length);
	CU_ASSERT_EQUAL(problem(&pointer), 0);
	CU_ASSERT_EQUAL(give_drop(true, beyond6), DROP_ip_fragment_too_long);
	CU_ASSERT_EQUAL(problem(&pointer), 0);
	CU_ASSERT_EQUAL(pointer, 42); /* the fragment's offset */
	nothing_is_held();

	/* as long as may be is taken */
	CU_ASSERT_EQUAL(give(false, (struct piece){ .at = 65512, .len = 3 }).next, NET_TAKEN);
	CU_ASSERT_EQUAL(give(true, (struct piece){ .at = 65528, .len = 7 }).next, NET_TAKEN);
	fixture_end();
}

/* RFC 1858, RFC 7112. */
static void
fragments_that_cut_headers_are_dropped(void)
{
	static const struct piece tiny = { .at = 0, .len = 16, .more = true };
	static const struct piece near = { .at = 8, .len = 64, .more = true };
	static const struct piece near2 = { .at = 16, .len = 64, .more = true };
	static const struct piece udp = { .at = 0, .len = 8, .more = true, .protocol = 17 };
	static const struct piece enough = { .at = 0, .len = 24, .more = true };
	uint8_t options[64] = { IPPROTO_TCP, 0, 1, 4, [8 + 12] = 0x50 };
	struct piece hidden = { .len = 24, .more = true, .protocol = IPPROTO_DSTOPTS };
	uint32_t pointer;

	fixture_start();
	learn_peers();
	CU_ASSERT_EQUAL(give_drop(false, tiny), DROP_ip_fragment_tiny);
	CU_ASSERT_EQUAL(give_drop(false, near), DROP_ip_fragment_tiny);
	CU_ASSERT_EQUAL(give_drop(false, near2), DROP_ip_fragment_tiny);
	CU_ASSERT_EQUAL(give(false, udp).next, NET_TAKEN);
	CU_ASSERT_EQUAL(give(false, enough).next, NET_TAKEN);
	CU_ASSERT_EQUAL(poll_all(), 0);

	CU_ASSERT_EQUAL(give_drop(true, tiny), DROP_ip_fragment_tiny);
	CU_ASSERT_EQUAL(problem(&pointer), 3);
	CU_ASSERT_EQUAL(pointer, 0);
	CU_ASSERT_EQUAL(input_drop(piece_of(peer6, "fd00::100", &hidden, options)),
			DROP_ip_fragment_tiny); /* 16 bytes of TCP behind 8 of options */
	CU_ASSERT_EQUAL(problem(&pointer), 3);
	hidden.len = 8; /* the options alone */
	CU_ASSERT_EQUAL(input_drop(piece_of(peer6, "fd00::100", &hidden, options)),
			DROP_ip_fragment_tiny);
	CU_ASSERT_EQUAL(problem(&pointer), 3);
	options[1] = 5; /* not even all of them */
	hidden.len = 24;
	CU_ASSERT_EQUAL(input_drop(piece_of(peer6, "fd00::100", &hidden, options)),
			DROP_ip_fragment_tiny);
	CU_ASSERT_EQUAL(problem(&pointer), 3);
	options[1] = 0;
	hidden.len = 32;
	CU_ASSERT_EQUAL(input(piece_of(peer6, "fd00::100", &hidden, options), 0).next, NET_TAKEN);
	fixture_end();
}

static void
fragments_not_for_us_are_not_kept(void)
{
	static const struct piece piece = { .at = 64, .len = 64, .more = true };

	fixture_start();
	CU_ASSERT_EQUAL(input_drop(piece_of(peer4, "10.0.0.101", &piece, NULL)),
			DROP_ip_not_for_us);
	CU_ASSERT_EQUAL(input_drop(piece_of(peer4, "10.0.0.255", &piece, NULL)), DROP_ip_broadcast);
	CU_ASSERT_EQUAL(input_drop(piece_of("127.0.0.1", "10.0.0.100", &piece, NULL)),
			DROP_ip_source_invalid);
	CU_ASSERT_EQUAL(input_drop(piece_of("10.0.0.100", "10.0.0.100", &piece, NULL)),
			DROP_ip_source_own);
	CU_ASSERT_EQUAL(input_drop(piece_of(peer6, "fd00::101", &piece, NULL)), DROP_ip_not_for_us);
	CU_ASSERT_EQUAL(input_drop(piece_of(peer6, "ff02::1", &piece, NULL)), DROP_ip_not_for_us);
	CU_ASSERT_EQUAL(input_drop(piece_of("::", "fd00::100", &piece, NULL)),
			DROP_ip_source_invalid);
	CU_ASSERT_EQUAL(input_drop(piece_of("fd00::1", "fd00::100", &piece, NULL)),
			DROP_ip_source_own);
	nothing_is_held();
	CU_ASSERT_EQUAL(poll_all(), 0);
	fixture_end();
}

static void
fragments_time_out_and_the_sender_is_told(void)
{
	for (unsigned v6 = 0; v6 < 2; v6++) {
		struct rte_mbuf *m;
		uint64_t began_us;

		fixture_start(); /* anew, so that no neighbour is asked again meanwhile */
		learn_peers();
		began_us = now_us;

		give(v6,
		     quarter(1, 3)); /* without the first piece nobody knows what it was about */
		give(v6, quarter(2, 2));
		now_us += 1000;
		give(v6, quarter(2, 0));
		CU_ASSERT_EQUAL(fragment_next_us(net), began_us + FRAGMENT_TIMEOUT_US);
		CU_ASSERT_TRUE(net_next_us(net) <= began_us + FRAGMENT_TIMEOUT_US);
		pass_us(FRAGMENT_TIMEOUT_US - 1001);
		CU_ASSERT_EQUAL(net->fragments->pieces, 3);
		pass_us(1);
		nothing_is_held(); /* its time is from the first that came on */
		CU_ASSERT_EQUAL(stats->drop[DROP_ip_fragment_timeout], 3);
		m = poll_one();
		CU_ASSERT_PTR_NOT_NULL_FATAL(m);
		CU_ASSERT_EQUAL(frame_icmp(m)->type, v6 ? 3 : 11);
		CU_ASSERT_EQUAL(frame_icmp(m)->code, 1);
		CU_ASSERT_EQUAL(mac_load(frame_eth(m)->dst), MAC_PEER);
		if (v6) { /* the piece as it came */
			const struct ipv6_header *quote = (const void *)(frame_icmp(m) + 1);
			const struct ipv6_fragment_header *fragment = (const void *)(quote + 1);

			CU_ASSERT_EQUAL(quote->next_header, IPPROTO_FRAGMENT);
			CU_ASSERT_EQUAL(be32_to(fragment->id), 2);
			CU_ASSERT_EQUAL(be16_to(fragment->offset), 1);
			CU_ASSERT_EQUAL(((const uint8_t *)(fragment + 1))[9], content(9, 0));
		} else {
			const struct ipv4_header *quote = (const void *)(frame_icmp(m) + 1);

			CU_ASSERT_EQUAL(be16_to(quote->id), 2);
			CU_ASSERT_EQUAL(be16_to(quote->fragment), IPV4_MORE_FRAGMENTS);
			CU_ASSERT_EQUAL(((const uint8_t *)(quote + 1))[9], content(9, 0));
		}
		rte_pktmbuf_free(m);
		CU_ASSERT_EQUAL(poll_all(), 0);
		/* who is late begins anew */
		CU_ASSERT_EQUAL(give(v6, quarter(2, 3)).next, NET_TAKEN);
		fixture_end();
	}
}

static void
fragments_errors_are_limited(void)
{
	fixture_start();
	learn_peers();
	for (uint32_t i = 0; i < 200; i++) {
		struct piece piece = quarter(i, 0);
		char src[32];

		snprintf(src, sizeof src, "10.7.%u.%u", i / 100, 1 + i % 100);
		CU_ASSERT_EQUAL(input(piece_of(src, "10.0.0.100", &piece, NULL), 0).next,
				NET_TAKEN);
	}
	now_us += FRAGMENT_TIMEOUT_US;
	while (net_next_us(net) <= now_us && net->fragments->pieces)
		pass_us(1);
	nothing_is_held();
	CU_ASSERT_EQUAL(stats->drop[DROP_ip_fragment_timeout], 200);
	CU_ASSERT_EQUAL(poll_all(), 20); /* and what the limit of ICMP errors allows at once */
	fixture_end();
}

static void
fragments_too_many_of_a_datagram_end_it(void)
{
	fixture_start();
	for (unsigned v6 = 0; v6 < 2; v6++) {
		for (uint32_t i = 0; i < FRAGMENT_PIECES_DATAGRAM; i++)
			CU_ASSERT_EQUAL(
			    give(v6, (struct piece){ .at = 24 + 8 * i, .len = 8, .more = true })
				.next,
			    NET_TAKEN);
		CU_ASSERT_EQUAL(net->fragments->pieces, FRAGMENT_PIECES_DATAGRAM);
		CU_ASSERT_EQUAL(give_drop(v6, (struct piece){ .at = 0, .len = 24, .more = true }),
				DROP_ip_fragment_too_many);
		CU_ASSERT_EQUAL(net->fragments->pieces, 0);
		CU_ASSERT_EQUAL(stats->drop[DROP_ip_fragment_too_many],
				FRAGMENT_PIECES_DATAGRAM * (v6 + 1));
	}
	fixture_end();
}

/* As many as may be: the last one makes it whole. */
static void
fragments_as_many_as_may_be_become_whole(void)
{
	uint32_t cut = 8 * FRAGMENT_PIECES_DATAGRAM + 16;

	fixture_start();
	for (uint32_t at = cut - 8; at >= 24; at -= 8)
		give(false, (struct piece){ .at = at, .len = 8, .more = at < cut - 8 });
	CU_ASSERT_EQUAL(net->fragments->pieces, FRAGMENT_PIECES_DATAGRAM - 1);
	whole(give(false, (struct piece){ .at = 0, .len = 24, .more = true }), false, cut);
	fixture_end();
}

static struct rte_mbuf *
lone(const char *format, unsigned host, uint32_t id)
{
	static const struct piece piece = { .at = 64, .len = 64, .more = true };
	struct piece mine = piece;
	char src[64];

	snprintf(src, sizeof src, format, host / 250, host % 250 + 1);
	mine.id = id;
	return piece_of(src, strchr(src, ':') ? "fd00::100" : "10.0.0.100", &mine, NULL);
}

/* A flood from one source, or one IPv6 /64, pushes out its own datagrams only. */
/*
 * Each piece would do behind the shortest header, but the first one's is longer: an IPv4 packet would be 65,539 bytes long,
 * an IPv6 packet's payload 65,543.
 */
static void
fragments_too_long_with_their_header_are_dropped(void)
{
	for (unsigned v6 = 0; v6 < 2; v6++) {
		const uint32_t total = v6 ? 65535 : 65515, step = 1400;
		uint64_t *dropped;
		unsigned count = 0;

		fixture_start();
		dropped = &stats->drop[DROP_ip_fragment_too_long];
		for (uint32_t at = 0; at < total; at += step) {
			struct piece piece = { .id = 3, .at = at, .len = step, .more = true };
			struct rte_mbuf *m;

			if (at + step >= total) {
				piece.len = total - at;
				piece.more = false;
			}
			m = piece_make(v6, &piece);
			if (at == 0)
				lengthen_header(m, v6);
			CU_ASSERT_EQUAL(input(m, 0).next, NET_TAKEN);
			count++;
		}
		CU_ASSERT_EQUAL(*dropped, count);
		CU_ASSERT_EQUAL(stats->counter[COUNTER_ip_datagrams_reassembled], 0);
		nothing_is_held();
		fixture_end();
	}
}

static void
fragments_flood_of_one_source_leaves_others_alone(void)
{
	static const char *const floods[] = { "10.9.%u.%u", "fd00:9::%x:%x" };

	for (unsigned v6 = 0; v6 < 2; v6++) {
		fixture_start();
		for (unsigned k = 0; k < PIECES - 1; k++)
			give(v6, quarter(1, k));
		for (uint32_t id = 0; id < 3000; id++) {
			CU_ASSERT_EQUAL(input(lone(floods[v6], v6 ? id : 7, id), 0).next,
					NET_TAKEN);
			CU_ASSERT_TRUE(net->fragments->datagrams.used <=
				       1 + FRAGMENT_DATAGRAMS_SOURCE);
		}
		CU_ASSERT_EQUAL(stats->drop[DROP_ip_fragment_table_full],
				3000 - FRAGMENT_DATAGRAMS_SOURCE);
		/* the newest are those that are left */
		CU_ASSERT_EQUAL(input_drop(lone(floods[v6], v6 ? 2999 : 7, 2999)),
				DROP_ip_fragment_duplicate);
		whole(give(v6, quarter(1, PIECES - 1)), v6, SIZE);
		fixture_end();
	}
}

/* Pieces count, not only datagrams. */
static void
fragments_of_one_source_are_limited(void)
{
	fixture_start();
	for (uint32_t id = 0; id < 8; id++)
		for (uint32_t i = 0; i < FRAGMENT_PIECES_DATAGRAM; i++) {
			give(true,
			     (struct piece){ .id = id, .at = 64 + 16 * i, .len = 8, .more = true });
			CU_ASSERT_TRUE(net->fragments->pieces <= FRAGMENT_PIECES_SOURCE);
		}
	CU_ASSERT_EQUAL(net->fragments->pieces, FRAGMENT_PIECES_SOURCE);
	CU_ASSERT_EQUAL(stats->drop[DROP_ip_fragment_table_full], 4 * FRAGMENT_PIECES_DATAGRAM);
	fixture_end();
}

/* A flood from everywhere: the oldest gives way; what comes whole at once gets through. */
static void
fragments_flood_from_everywhere_is_bounded(void)
{
	uint32_t most;

	fixture_start();
	most = net->fragments->pieces_max;
	CU_ASSERT_EQUAL(most, rte_mempool_avail_count(unit_mbufs()) / 8);
	for (uint32_t host = 0; host < 5000; host++) {
		CU_ASSERT_EQUAL(input(lone("10.%u.9.%u", host, host), 0).next, NET_TAKEN);
		CU_ASSERT_TRUE(net->fragments->pieces <= most);
		if (host % 1000 != 999)
			continue;
		for (unsigned k = 0; k < PIECES - 1; k++)
			give(false, quarter(host, k));
		whole(give(false, quarter(host, PIECES - 1)), false, SIZE);
	}
	CU_ASSERT_EQUAL(net->fragments->pieces + stats->drop[DROP_ip_fragment_table_full], 5000);
	fixture_end();
}

/* Datagrams that are only remembered for having overlapped hold no piece, but a place. */
static void
fragments_table_of_datagrams_is_bounded(void)
{
	fixture_start();
	for (uint32_t host = 0; host < FRAGMENT_DATAGRAMS + 200; host++) {
		struct rte_mbuf *m = lone("10.%u.9.%u", host, 1);

		CU_ASSERT_EQUAL(input(m, 0).next, NET_TAKEN);
		m = lone("10.%u.9.%u", host, 1);
		rte_pktmbuf_mtod(m, uint8_t *)[14 + 20] ^= 1;
		CU_ASSERT_EQUAL(input_drop(m), DROP_ip_fragment_overlap);
	}
	CU_ASSERT_EQUAL(net->fragments->datagrams.used, FRAGMENT_DATAGRAMS);
	CU_ASSERT_EQUAL(net->fragments->pieces, 0);
	/* the oldest was forgotten, the newest was not */
	CU_ASSERT_EQUAL(input_drop(lone("10.%u.9.%u", FRAGMENT_DATAGRAMS + 199, 1)),
			DROP_ip_fragment_overlap);
	CU_ASSERT_EQUAL(input(lone("10.%u.9.%u", 0, 1), 0).next, NET_TAKEN);
	fixture_end();
}

/* RFC 6946: alone in the world, whatever else has its identification. */
static void
fragments_atomic_are_whole(void)
{
	static const struct piece atomic = { .id = 3, .at = 0, .len = 100 };
	struct piece advertisement = { .len = 32, .protocol = IPPROTO_ICMPV6 };
	uint8_t nd[32] = { ICMP6_ADVERTISEMENT, [4] = 0x60, [8] = 0xfd, [23] = 2, 2, 1, 2, 3 };
	struct addr src = address(peer6), dst = address("fd00::100");
	uint16_t sum;

	fixture_start();
	for (unsigned k = 0; k < PIECES - 1; k++)
		give(true, quarter(3, k));
	whole(give(true, atomic), true, 100);
	CU_ASSERT_EQUAL(net->fragments->pieces, PIECES - 1);
	whole(give(true, quarter(3, PIECES - 1)), true, SIZE);

	/* neighbour discovery never comes so (RFC 6980) */
	sum = checksum_finish(
	    checksum_add(checksum_pseudo(&src, &dst, IPPROTO_ICMPV6, sizeof nd), nd, sizeof nd));
	memcpy(nd + 2, &sum, 2);
	{
		struct rte_mbuf *m = piece_of(peer6, "fd00::100", &advertisement, nd);

		frame_ipv6(m)->hop_limit = 255;
		CU_ASSERT_EQUAL(input_drop(m), DROP_nd_malformed);
	}
	fixture_end();
}

/* A fragment header inside of what was put together would begin all over again. */
static void
fragments_within_fragments_are_refused(void)
{
	uint8_t inner[100] = { IPPROTO_TCP, 0, 0, 1 };
	struct piece outer = { .len = 96, .more = true, .protocol = IPPROTO_FRAGMENT };
	struct piece atomic = { .len = 100, .protocol = IPPROTO_FRAGMENT };

	fixture_start();
	CU_ASSERT_EQUAL(input_drop(piece_of(peer6, "fd00::100", &outer, inner)),
			DROP_ip_extension_header);
	CU_ASSERT_EQUAL(input_drop(piece_of(peer6, "fd00::100", &atomic, inner)),
			DROP_ip_extension_header);
	inner[3] = 0; /* an atomic one in an atomic one */
	CU_ASSERT_EQUAL(input_drop(piece_of(peer6, "fd00::100", &atomic, inner)),
			DROP_ip_extension_header);
	nothing_is_held();
	fixture_end();
}

/* Headers in front of the fragment header stay, and the one that names it names what follows instead. */
static void
fragments_behind_other_headers_become_whole(void)
{
	uint8_t payload[8 + 8 + 8 + 40];
	struct rte_mbuf *m;

	fixture_start();
	for (unsigned k = 0; k < 2; k++) {
		memset(payload, 0, sizeof payload);
		payload[0] = IPPROTO_FRAGMENT; /* hop-by-hop options: padding */
		payload[2] = 1;
		payload[3] = 4;
		payload[8] = IPPROTO_DSTOPTS;
		payload[11] = k ? 40 : 1;
		payload[15] = 9;
		payload[16] = IPPROTO_TCP; /* destination options in the first piece */
		payload[18] = 1;
		payload[19] = 4;
		for (unsigned i = 0; i < 40; i++)
			payload[24 + i] = content(i, 0);
		if (k) /* the rest of the segment */
			for (unsigned i = 0; i < 20; i++)
				payload[16 + i] = content(32 + i, 0);
		m = ip_make(peer6, "fd00::100", IPPROTO_HOPOPTS, payload,
			    k ? 16 + 20 : 16 + 8 + 32);
		if (k)
			whole(input(m, 0), true, 52);
		else
			CU_ASSERT_EQUAL(input(m, 0).next, NET_TAKEN);
	}
	fixture_end();
}

/* RFC 3168 5.3. */
static void
fragments_marks_are_kept(void)
{
	static const struct {
		uint8_t first, second, whole;
		bool dropped;
	} cases[] = {
		{ 0, 0, 0, false }, { 2, 2, 2, false }, { 2, 3, 3, false },
		{ 3, 2, 3, false }, { 1, 3, 3, false }, { 3, 3, 3, false },
		{ 0, 3, 0, true },  { 3, 0, 0, true },  { 0, 2, 0, false },
	};

	fixture_start();
	for (unsigned v6 = 0; v6 < 2; v6++)
		for (uint32_t i = 0; i < ARRAY_SIZE(cases); i++) {
			struct piece a = { .id = i, .len = 64, .more = true };
			struct piece b = { .id = i, .at = 64, .len = 64 };
			struct net_verdict verdict;

			a.traffic_class = 0xb8 | cases[i].first;
			b.traffic_class = 0xb8 | cases[i].second;
			give(v6, a);
			verdict = give(v6, b);
			if (cases[i].dropped) {
				CU_ASSERT_EQUAL(verdict.next, NET_TAKEN);
				continue;
			}
			CU_ASSERT_EQUAL(packet_of(input_last())->traffic_class,
					0xb8 | cases[i].whole);
			whole(verdict, v6, 128);
		}
	CU_ASSERT_EQUAL(stats->drop[DROP_ip_fragment_ecn], 2 * 2 * 2);
	nothing_is_held();
	fixture_end();
}

/* ---- larger than a buffer, and the way out ---- */

static uint8_t message[65536], answer[65536];

/* An echo request of len bytes in pieces to the box; the verdict of the last one. */
static struct net_verdict
echo_request(bool v6, const char *src, uint32_t len, uint32_t id)
{
	struct icmp_header *icmp = (struct icmp_header *)message;
	struct addr from = address(src), to = address(v6 ? "fd00::100" : "10.0.0.100");
	uint32_t sum = v6 ? checksum_pseudo(&from, &to, IPPROTO_ICMPV6, len) : 0;
	struct net_verdict verdict = { NET_DROP, DROP_none };

	for (uint32_t i = 0; i < len; i++)
		message[i] = content(i, 3);
	*icmp = (struct icmp_header){ .type = v6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO_REQUEST,
				      .rest = be32_from(0xbeef0000 + id) };
	icmp->checksum.raw = checksum_finish(checksum_add(sum, message, len));
	for (uint32_t at = 0; at < len; at += 1440) {
		struct piece piece = { .id = id,
				       .at = at,
				       .len = RTE_MIN(1440u, len - at),
				       .more = at + 1440 < len,
				       .protocol = v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP };

		verdict = input(piece_of(src, v6 ? "fd00::100" : "10.0.0.100", &piece, message), 0);
		if (piece.more)
			CU_ASSERT_EQUAL(verdict.next, NET_TAKEN);
	}
	return verdict;
}

/* Puts the frames that go out together: the message's length. Each is well-formed and no larger than the MTU. */
static uint32_t
echo_answer(bool v6, uint32_t *id, unsigned *pieces)
{
	uint32_t at = 0;
	bool more = true;
	struct rte_mbuf *m;

	for (*pieces = 0; more; ++*pieces) {
		const uint8_t *piece;
		uint32_t len;

		m = poll_one();
		CU_ASSERT_PTR_NOT_NULL_FATAL(m);
		CU_ASSERT_TRUE(m->data_len <= 14 + FIXTURE_MTU);
		CU_ASSERT_EQUAL(m->nb_segs, 1);
		CU_ASSERT_EQUAL(mac_load(frame_eth(m)->dst), MAC_PEER);
		if (v6) {
			const struct ipv6_header *ip = frame_ipv6(m);
			const struct ipv6_fragment_header *f = (const void *)(ip + 1);

			CU_ASSERT_EQUAL(ip->next_header, IPPROTO_FRAGMENT);
			CU_ASSERT_EQUAL(f->next_header, IPPROTO_ICMPV6);
			CU_ASSERT_EQUAL(be16_to(f->offset) & IPV6_OFFSET, at);
			CU_ASSERT_EQUAL(be16_to(ip->payload_len), m->data_len - 54);
			CU_ASSERT_TRUE(at == 0 || *id == be32_to(f->id));
			*id = be32_to(f->id);
			more = be16_to(f->offset) & IPV6_MORE_FRAGMENTS;
			piece = (const uint8_t *)(f + 1);
			len = m->data_len - 62u;
		} else {
			const struct ipv4_header *ip = frame_ipv4(m);
			uint16_t field = be16_to(ip->fragment);

			CU_ASSERT_EQUAL(checksum_finish(checksum_add(0, ip, sizeof *ip)), 0);
			CU_ASSERT_EQUAL((field & IPV4_OFFSET) * 8u, at);
			CU_ASSERT_FALSE(field & IPV4_DF);
			CU_ASSERT_EQUAL(be16_to(ip->total_len), m->data_len - 14);
			CU_ASSERT_TRUE(at == 0 || *id == be16_to(ip->id));
			*id = be16_to(ip->id);
			more = field & IPV4_MORE_FRAGMENTS;
			piece = (const uint8_t *)(ip + 1);
			len = m->data_len - 34u;
		}
		CU_ASSERT_TRUE(!more || len % 8 == 0);
		CU_ASSERT_TRUE_FATAL(at + len <= sizeof answer);
		memcpy(answer + at, piece, len);
		at += len;
		rte_pktmbuf_free(m);
	}
	return at;
}

static void
large_echo_is_answered_in_fragments(void)
{
	static const uint32_t sizes[] = { 1481, 1900, 3008, 9000, 20000, 65515 };
	uint32_t id = 0, before = 0;
	unsigned pieces, same = 0;

	fixture_start();
	learn_peers();
	for (unsigned v6 = 0; v6 < 2; v6++)
		for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
			const struct icmp_header *icmp = (const struct icmp_header *)answer;
			uint32_t len = sizes[i];
			struct addr from = address(v6 ? "fd00::100" : "10.0.0.100"),
				    to = address(v6 ? peer6 : peer4);
			uint32_t sum = v6 ? checksum_pseudo(&from, &to, IPPROTO_ICMPV6, len) : 0;

			CU_ASSERT_EQUAL(echo_request(v6, v6 ? peer6 : peer4, len, i).next,
					NET_TAKEN);
			nothing_is_held();
			CU_ASSERT_EQUAL_FATAL(echo_answer(v6, &id, &pieces), len);
			CU_ASSERT_EQUAL(pieces, v6 ? (len + 1447) / 1448 : (len + 1479) / 1480);
			CU_ASSERT_EQUAL(icmp->type, v6 ? ICMP6_ECHO_REPLY : ICMP_ECHO_REPLY);
			CU_ASSERT_EQUAL(be32_to(icmp->rest), 0xbeef0000 + i);
			CU_ASSERT_EQUAL(checksum_finish(checksum_add(sum, answer, len)), 0);
			CU_ASSERT_EQUAL(memcmp(answer + 8, message + 8, len - 8), 0);
			CU_ASSERT_EQUAL(poll_all(), 0);
			same += id == before + 1 || id == before; /* nobody shall guess them */
			before = id;
		}
	CU_ASSERT_TRUE(same <= 1);
	CU_ASSERT_EQUAL(stats->counter[COUNTER_icmp_echoes_answered], 2 * ARRAY_SIZE(sizes));
	CU_ASSERT_TRUE(stats->counter[COUNTER_ip_fragments_sent] > 2 * 65);
	fixture_end();
}

/* Rather none than a part; and it counts as many as it has pieces. */
static void
large_echo_without_room_is_dropped_whole(void)
{
	uint64_t before;

	fixture_start();
	learn_peers();
	for (unsigned i = 0; i < 5; i++) /* 45 each */
		CU_ASSERT_EQUAL(echo_request(false, peer4, 65515, i).next, NET_TAKEN);
	CU_ASSERT_EQUAL(net->own_count, 225);
	CU_ASSERT_EQUAL(echo_request(false, peer4, 65515, 9).reason, DROP_port_tx_full);
	CU_ASSERT_EQUAL(net->own_count, 225);
	CU_ASSERT_EQUAL(poll_all(), 225);
	before = stats->counter[COUNTER_icmp_echoes_answered];
	for (unsigned i = 0; i < 30; i++) {
		echo_request(false, peer4, 65515, 100 + i);
		poll_all();
	}
	/* 1,000 at once, of which six were 52 each; the rest went too */
	CU_ASSERT_EQUAL(stats->counter[COUNTER_icmp_echoes_answered] - before,
			(1000 - 6 * 52) / 52);
	fixture_end();
}

/* A whole one goes into a buffer of its own. */
static void
fragments_whole_without_mbufs_are_dropped(void)
{
	struct rte_mbuf *taken[4096];
	struct rte_mbuf *m;
	struct piece last = quarter(1, PIECES - 1);
	unsigned n = 0;

	fixture_start();
	for (unsigned k = 0; k < PIECES - 1; k++)
		give(false, quarter(1, k));
	m = piece_make(false, &last);
	while ((taken[n] = rte_pktmbuf_alloc(unit_mbufs())))
		n++;
	CU_ASSERT_EQUAL(input(m, 0).next, NET_TAKEN);
	CU_ASSERT_EQUAL(stats->drop[DROP_mbuf_empty], 1);
	nothing_is_held();
	rte_pktmbuf_free_bulk(taken, n);
	fixture_end();
}

static void
large_echo_without_mbufs_is_dropped(void)
{
	struct rte_mbuf *taken[4096];
	unsigned n = 0;

	fixture_start();
	learn_peers();
	for (unsigned k = 0; k < 3; k++) {
		struct piece piece = { .at = 1440 * k,
				       .len = k < 2 ? 1440 : 100,
				       .more = k < 2,
				       .protocol = IPPROTO_ICMP };
		struct rte_mbuf *m;

		for (unsigned i = 0; i < sizeof message; i++)
			message[i] = 0;
		message[0] = 8;
		message[2] = 0xf7;
		message[3] = 0xff;
		m = piece_of(peer4, "10.0.0.1", &piece, message);
		if (k == 2)
			while ((taken[n] = rte_pktmbuf_alloc(unit_mbufs())))
				n++;
		CU_ASSERT_EQUAL(input(m, 0).reason, k < 2 ? DROP_none : DROP_mbuf_empty);
	}
	rte_pktmbuf_free_bulk(taken, n);
	CU_ASSERT_EQUAL(poll_all(), 0);
	fixture_end();
}

/* TCP takes one buffer, and nobody sends segments of that size to a window that never named such an MSS. */
static void
large_datagrams_of_others_are_dropped(void)
{
	fixture_start();
	for (unsigned v6 = 0; v6 < 2; v6++) {
		enum drop_reason reason = DROP_none;

		for (uint32_t at = 0; at < 4320; at += 1440)
			reason = give_drop(
			    v6, (struct piece){ .at = at, .len = 1440, .more = at + 1440 < 4320 });
		CU_ASSERT_EQUAL(reason, DROP_ip_reassembled_too_big);
		nothing_is_held();
	}
	/* ICMP too, but for echo requests: an answer that nobody has asked for */
	memset(message, 0, sizeof message);
	message[2] = 0xff;
	message[3] = 0xff;
	for (uint32_t at = 0; at < 4320; at += 1440) {
		struct piece piece = {
			.at = at, .len = 1440, .more = at + 1440 < 4320, .protocol = IPPROTO_ICMP
		};

		CU_ASSERT_EQUAL(input_drop(piece_of(peer4, "10.0.0.100", &piece, message)),
				piece.more ? DROP_none : DROP_ip_reassembled_too_big);
	}
	fixture_end();
}

CU_TestInfo test_fragment[] = {
	{ "fragments_in_all_orders_become_whole", fragments_in_all_orders_become_whole },
	{ "fragments_whole_packet_is_well_formed", fragments_whole_packet_is_well_formed },
	{ "fragments_of_different_datagrams_stay_apart",
	  fragments_of_different_datagrams_stay_apart },
	{ "fragments_that_overlap_end_their_datagram", fragments_that_overlap_end_their_datagram },
	{ "fragments_that_came_before_are_dropped_alone",
	  fragments_that_came_before_are_dropped_alone },
	{ "fragments_of_impossible_length_are_dropped",
	  fragments_of_impossible_length_are_dropped },
	{ "fragments_that_cut_headers_are_dropped", fragments_that_cut_headers_are_dropped },
	{ "fragments_not_for_us_are_not_kept", fragments_not_for_us_are_not_kept },
	{ "fragments_time_out_and_the_sender_is_told", fragments_time_out_and_the_sender_is_told },
	{ "fragments_errors_are_limited", fragments_errors_are_limited },
	{ "fragments_too_many_of_a_datagram_end_it", fragments_too_many_of_a_datagram_end_it },
	{ "fragments_as_many_as_may_be_become_whole", fragments_as_many_as_may_be_become_whole },
	{ "fragments_too_long_with_their_header_are_dropped",
	  fragments_too_long_with_their_header_are_dropped },
	{ "fragments_flood_of_one_source_leaves_others_alone",
	  fragments_flood_of_one_source_leaves_others_alone },
	{ "fragments_of_one_source_are_limited", fragments_of_one_source_are_limited },
	{ "fragments_flood_from_everywhere_is_bounded",
	  fragments_flood_from_everywhere_is_bounded },
	{ "fragments_table_of_datagrams_is_bounded", fragments_table_of_datagrams_is_bounded },
	{ "fragments_atomic_are_whole", fragments_atomic_are_whole },
	{ "fragments_within_fragments_are_refused", fragments_within_fragments_are_refused },
	{ "fragments_behind_other_headers_become_whole",
	  fragments_behind_other_headers_become_whole },
	{ "fragments_marks_are_kept", fragments_marks_are_kept },
	{ "large_echo_is_answered_in_fragments", large_echo_is_answered_in_fragments },
	{ "large_echo_without_room_is_dropped_whole", large_echo_without_room_is_dropped_whole },
	{ "fragments_whole_without_mbufs_are_dropped", fragments_whole_without_mbufs_are_dropped },
	{ "large_echo_without_mbufs_is_dropped", large_echo_without_mbufs_is_dropped },
	{ "large_datagrams_of_others_are_dropped", large_datagrams_of_others_are_dropped },
	CU_TEST_INFO_NULL,
};
