/*
 * Path MTU: which "too big" is believed and what it does, black holes, the search upwards, what is remembered for an
 * address, and the bound that a profile sets.
 */
#include <netinet/in.h>

#include "test/unit/dataplane/tcp/tcp_fixture.h"

#define AGE (600 * SECOND)

static enum drop_reason
too_big(uint32_t sequence, uint32_t mtu_bytes)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(unit_mbufs());
	enum drop_reason reason;

	*packet_of(m) = (struct packet){
		.src = peer.ours.addr,
		.dst = peer.theirs.addr,
		.src_port = peer.ours.port,
		.dst_port = peer.theirs.port,
		.protocol = IPPROTO_TCP,
		.icmp_kind = ICMP_KIND_TOO_BIG,
		.icmp_mtu = mtu_bytes,
		.icmp_sequence = peer.irs + sequence,
	};
	reason = tcp_icmp_error(tcp, m, now_us);
	rte_pktmbuf_free(m);
	tcp_check(tcp, now_us);
	return reason;
}

static void
ipv6(void)
{
	CU_ASSERT(addr_parse("fd00::1", &peer.ours.addr) &&
		  addr_parse("fd00::2", &peer.theirs.addr));
}

/* A connection of Ethernet's size to a peer that never closes its window. */
static void
ethernet(bool v6)
{
	start();
	peer.mss = v6 ? 1440 : 1460;
	host_mss = peer.mss;
	if (v6)
		ipv6();
	established();
	CU_ASSERT_EQUAL(conn()->mss, peer.mss);
	conn()->cwnd = 40000;
}

/* The same peer once more, or another one. */
static void
again(uint8_t last_byte)
{
	peer.theirs.addr.byte[15] = last_byte;
	peer.theirs.port++;
	peer.snd = peer.rcv = 0;
	id = TCP_NONE;
	established();
}

/* What goes out is not looked at. */
static void
swallow(void)
{
	struct rte_mbuf *m;

	while (tcp_output(tcp, &m, 1, now_us))
		rte_pktmbuf_free(m);
}

static void
gone(void)
{
	tcp_abort(tcp, id, now_us);
	swallow();
}

/* ---- told ---- */

static void
too_big_is_never_below_the_least(void)
{
	ethernet(false);
	app_send(5000);
	tx_all();
	CU_ASSERT_EQUAL(too_big(1, 68), DROP_none);
	CU_ASSERT_EQUAL(conn()->mss, 552 - 40);
	CU_ASSERT_EQUAL(too_big(1, 551), DROP_icmp_mtu_not_smaller);
	finish_open();

	ethernet(true);
	app_send(5000);
	tx_all();
	CU_ASSERT_EQUAL(too_big(1, 1279), DROP_icmp_mtu_too_small);
	CU_ASSERT_EQUAL(too_big(1, 0), DROP_icmp_mtu_too_small);
	CU_ASSERT_EQUAL(conn()->mss, 1440);
	CU_ASSERT_EQUAL(tx_all(), 0);
	CU_ASSERT_EQUAL(too_big(1, 1280), DROP_none);
	CU_ASSERT_EQUAL(conn()->mss, 1280 - 60);
	TX(ACK, 1, 1220, 1);
	TX(ACK, 1221, 220, 1);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_mtu_reductions), 1);
	CU_ASSERT_EQUAL(conn()->cwnd, 40000);
	finish_open();
}

static void
too_big_is_believed_only_about_what_is_under_way(void)
{
	ethernet(false);
	CU_ASSERT_EQUAL(too_big(1, 1400), DROP_icmp_error_unmatched); /* nothing is */
	app_send(2 * 1460 + 100);
	CU_ASSERT_EQUAL(tx_all(), 3);
	RX(.ack = 1461);
	CU_ASSERT_EQUAL(too_big(1, 1400), DROP_icmp_error_unmatched);
	CU_ASSERT_EQUAL(too_big(1460, 1400), DROP_icmp_error_unmatched);
	CU_ASSERT_EQUAL(too_big(3021, 1400), DROP_icmp_error_unmatched);
	CU_ASSERT_EQUAL(too_big(2921, 1400), DROP_icmp_mtu_not_smaller); /* a small segment */
	CU_ASSERT_EQUAL(too_big(1461, 1500), DROP_icmp_mtu_not_smaller);
	CU_ASSERT_EQUAL(conn()->mss, 1460);
	RX(.ack = 1461, .sack_count = 1, .sack = { { 2921, 3021 } });
	CU_ASSERT_EQUAL(too_big(2921, 600), DROP_icmp_error_unmatched); /* it has arrived */
	CU_ASSERT_EQUAL(too_big(1461, 1400), DROP_none);
	CU_ASSERT_EQUAL(too_big(1461, 1400), DROP_icmp_mtu_not_smaller); /* of its copies */
	CU_ASSERT_EQUAL(conn()->mss, 1360);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_mtu_reductions), 1);
	finish_open();
}

/* RFC 1191 7: a router that says nothing. */
static void
too_big_without_mtu_goes_down_the_plateaus(void)
{
	static const uint16_t plateaus[] = { 1492, 1006, 552 };

	ethernet(false);
	app_send(5000);
	tx_all();
	for (unsigned i = 0; i < ARRAY_SIZE(plateaus); i++) {
		CU_ASSERT_EQUAL(too_big(1, 0), DROP_none);
		CU_ASSERT_EQUAL(conn()->mss, plateaus[i] - 40);
		tx_all();
	}
	CU_ASSERT_EQUAL(too_big(1, 0), DROP_icmp_mtu_not_smaller);
	finish_open();
}

static void
too_big_counts_timestamps(void)
{
	start();
	peer.mss = 1460;
	peer.ts = true;
	established();
	app_send(5000);
	tx_all();
	CU_ASSERT_EQUAL(too_big(1, 1400), DROP_none);
	CU_ASSERT_EQUAL(conn()->mss, 1400 - 52);
	CU_ASSERT_EQUAL(tcp_path_mtu(conn(), conn()->mss), 1400);
	finish_open();
}

/* The port that segments go out by has got a smaller MTU. */
static void
port_that_shrinks_shrinks_segments(void)
{
	struct rte_mbuf *m;

	ethernet(false);
	app_send(3000);
	tx_all();
	host_mss = 1240;
	m = rte_pktmbuf_alloc(unit_mbufs());
	*packet_of(m) = (struct packet){ .src = peer.ours.addr,
					 .dst = peer.theirs.addr,
					 .src_port = peer.ours.port,
					 .dst_port = peer.theirs.port };
	tcp_too_big(tcp, m);
	packet_of(m)->dst_port++;
	tcp_too_big(tcp, m); /* about nothing */
	rte_pktmbuf_free(m);
	CU_ASSERT_EQUAL(conn()->mss, 1240);
	TX(ACK, 1, 1240, 1);
	TX(ACK, 1241, 220, 1);
	finish_open();
}

/* ---- a black hole ---- */

/* Until so many timeouts in a row have come; what the last one wants to send is not fetched. */
static void
time_out(unsigned timeouts)
{
	tx_all();
	while (conn()->retries < timeouts) {
		tx_all();
		now_us = tcp_next_us(tcp);
		tcp_timers(tcp, 64, now_us);
	}
	tcp_check(tcp, now_us);
}

/* Nothing that is larger than 1280 bytes arrives. */
static void
black_hole(bool v6, uint32_t queued)
{
	ethernet(v6);
	app_send(queued);
	time_out(1);
	CU_ASSERT_EQUAL(conn()->mss, peer.mss);
	time_out(2);
}

static void
black_hole_makes_segments_small(void)
{
	for (unsigned v6 = 0; v6 < 2; v6++) {
		uint32_t mss = 1280 - (v6 ? 60 : 40);

		black_hole(v6, 5000);
		CU_ASSERT_EQUAL(conn()->mss, mss);
		CU_ASSERT_EQUAL(counter(COUNTER_tcp_black_holes), 1);
		CU_ASSERT_EQUAL(conn()->path, PATH_SEARCHING);
		TX(ACK, 1, mss, 1);
		CU_ASSERT_EQUAL(tcp->paths_used, 0); /* it may be down altogether */
		finish_open();
	}
}

/* What is small already is not made smaller; IPv4 may have paths of less. */
static void
black_hole_ends_at_the_least(void)
{
	ethernet(false);
	app_send(400);
	tx_all();
	time_out(5);
	CU_ASSERT_EQUAL(conn()->mss, 1460);
	finish_open();

	for (unsigned v6 = 0; v6 < 2; v6++) {
		black_hole(v6, 5000);
		time_out(4);
		CU_ASSERT_EQUAL(conn()->mss, v6 ? 1220 : 512);
		CU_ASSERT_EQUAL(counter(COUNTER_tcp_black_holes), v6 ? 1 : 2);
		finish_open();
	}
}

/* All that is out is acknowledged; recovery is over. */
static void
recovered(void)
{
	for (unsigned i = 0; i < 100 && conn()->snd_una != conn()->snd_nxt; i++) {
		tx_all();
		pass_us(10 * MS);
		RX();
	}
	CU_ASSERT_EQUAL(conn()->recovery, RECOVERY_NONE);
}

/* The next segment is a probe of len bytes. Answers where it begins. */
static uint32_t
probe(uint32_t len)
{
	uint32_t start = peer.rcv;

	conn()->cwnd = 20000;
	CU_ASSERT_EQUAL(conn()->path, PATH_SEARCHING);
	app_send(20000);
	TX(ACK, start, len, 1);
	CU_ASSERT_EQUAL(conn()->path, PATH_PROBING);
	return start;
}

/* It is lost, what was sent behind it arrives. */
static void
probe_is_lost(uint32_t len)
{
	uint32_t start = probe(len), mss = conn()->mss, cwnd;
	uint64_t again_before = counter(COUNTER_tcp_retransmits);

	CU_ASSERT(tx_all() > 3);
	pass_us(10 * MS);
	cwnd = conn()->cwnd;
	RX(.ack = start, .sack_count = 1, .sack = { { start + len, start + len + 3 * mss } });
	pass_us(10 * MS);
	RX(.ack = start, .sack_count = 1, .sack = { { start + len, start + len + 5 * mss } });
	CU_ASSERT_NOT_EQUAL(conn()->path, PATH_PROBING);
	CU_ASSERT_EQUAL(conn()->recovery, RECOVERY_NONE);
	CU_ASSERT(conn()->cwnd >= cwnd); /* RFC 4821 7.6.2 */
	TX(ACK, start, mss, 1);
	TX(ACK, start + mss, len - mss, 1);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_retransmits), again_before + 2);
	recovered();
	CU_ASSERT_EQUAL(conn()->mss, mss);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_recoveries), 0);
}

static void
probe_arrives(uint32_t len)
{
	probe(len);
	recovered();
	CU_ASSERT_EQUAL(conn()->mss, len);
}

static void
search_finds_what_the_path_carries(void)
{
	black_hole(false, 5000);
	recovered();
	probe_is_lost(1460); /* it was not merely down */
	probe_arrives(1240 + (1459 - 1240 + 1) / 2);
	probe_is_lost(1405);
	probe_arrives(1377);
	CU_ASSERT_EQUAL(conn()->path, PATH_SEARCHING);
	probe_is_lost(1391);
	CU_ASSERT_EQUAL(conn()->path, PATH_FOUND); /* from 1377 to 1390 */
	CU_ASSERT_EQUAL(conn()->mss, 1377);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_mtu_probes), 5);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_mtu_probes_lost), 3);
	app_send(20000);
	CU_ASSERT_EQUAL(tx().len, 1377);
	recovered();
	CU_ASSERT_EQUAL(tcp->paths_used, 1);
	gone();
	again(2);
	CU_ASSERT_EQUAL(conn()->mss, 1377);
	finish_open();
}

static void
path_that_was_down_costs_one_probe(void)
{
	black_hole(true, 5000);
	recovered();
	probe_arrives(1440);
	CU_ASSERT_EQUAL(conn()->path, PATH_FULL);
	CU_ASSERT_EQUAL(tcp->paths_used, 0);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_mtu_probes), 1);
	app_send(3000);
	CU_ASSERT_EQUAL(tx().len, 1440);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_mtu_probes), 1);
	finish_open();
}

/* By a tail loss probe, or by the timeout: it can't be told from its pieces any more. */
static void
probe_that_is_sent_again_has_failed(void)
{
	black_hole(false, 5000);
	recovered();
	probe(1460);
	pass_us(5 * SECOND);
	tx_all();
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_mtu_probes_lost), 1);
	CU_ASSERT_EQUAL(conn()->mss, 1240);
	recovered();
	finish_open();
}

/* A router answers the probe: what it says is the next probe. */
static void
probe_that_is_too_big_is_told(void)
{
	uint32_t start;

	black_hole(false, 5000);
	recovered();
	start = probe(1460);
	CU_ASSERT_EQUAL(too_big(start, 1400), DROP_none);
	CU_ASSERT_EQUAL(conn()->mss, 1240);
	TX(ACK, start, 1240, 1);
	TX(ACK, start + 1240, 220, 1);
	recovered(); /* the next probe is among what is still queued */
	CU_ASSERT_EQUAL(conn()->mss, 1360);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_mtu_probes), 2);
	CU_ASSERT_EQUAL(conn()->path, PATH_FOUND);

	pass_us(AGE);
	app_send(20000);
	start = peer.rcv;
	TX(ACK, start, 1460, 1);
	CU_ASSERT_EQUAL(too_big(start, 1400), DROP_none); /* as before */
	CU_ASSERT_EQUAL(conn()->path, PATH_FOUND);
	TX(ACK, start, 1360, 1);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_mtu_reductions), 0);
	finish_open();
}

static void
search_needs_sack(void)
{
	start();
	peer.mss = 1460;
	peer.sack = false;
	established();
	app_send(5000);
	time_out(2);
	recovered();
	CU_ASSERT_EQUAL(conn()->mss, 1240);
	app_send(20000);
	tx_all();
	recovered();
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_mtu_probes), 0);
	finish_open();
}

/* A full cwnd leaves no room for a larger segment until the others make it. */
static void
probe_waits_for_room_in_cwnd(void)
{
	black_hole(false, 5000);
	recovered();
	conn()->path = PATH_FOUND;
	conn()->path_due_s = UINT32_MAX;
	conn()->cwnd = 3 * 1240;
	app_send(30000);
	CU_ASSERT_EQUAL(tx_all(), 3);
	conn()->path_due_s = 0;
	conn()->ssthresh = 3 * 1240;
	RX(.ack = peer.rcv - 2 * 1240);
	TX_NONE();
	RX(.ack = peer.rcv - 1240);
	CU_ASSERT_EQUAL(tx().len, 1460);
	CU_ASSERT_EQUAL(conn()->path, PATH_PROBING);
	finish_open();
}

/* ---- what is remembered ---- */

static void
found_mtu_is_for_the_address_and_ages(void)
{
	ethernet(false);
	app_send(5000);
	tx_all();
	CU_ASSERT_EQUAL(too_big(1, 1400), DROP_none);
	CU_ASSERT_EQUAL(tcp->paths_used, 1);
	gone();
	again(2);
	CU_ASSERT_EQUAL(conn()->mss, 1360);
	CU_ASSERT_EQUAL(conn()->path, PATH_FOUND);
	gone();
	again(3);
	CU_ASSERT_EQUAL(conn()->mss, 1460);
	gone();
	pass_us(AGE - SECOND);
	again(2);
	CU_ASSERT_EQUAL(conn()->mss, 1360);
	gone();
	pass_us(SECOND);
	again(2);
	CU_ASSERT_EQUAL(conn()->mss, 1460);
	CU_ASSERT_EQUAL(tcp->paths_used, 0);
	finish_open();
}

/* A connection that lives longer tries what may have become possible. */
static void
larger_segments_are_tried_after_ten_minutes(void)
{
	ethernet(true);
	app_send(5000);
	tx_all();
	CU_ASSERT_EQUAL(too_big(1, 1400), DROP_none);
	recovered();
	pass_us(AGE - 2 * SECOND);
	app_send(5000);
	CU_ASSERT_EQUAL(tx().len, 1340);
	recovered();
	pass_us(2 * SECOND);
	app_send(5000);
	CU_ASSERT_EQUAL(tx().len, 1440);
	CU_ASSERT_EQUAL(conn()->path, PATH_PROBING);
	recovered();
	CU_ASSERT_EQUAL(conn()->path, PATH_FULL);
	CU_ASSERT_EQUAL(conn()->mss, 1440);
	CU_ASSERT_EQUAL(tcp->paths_used, 0);
	finish_open();
}

/* One that was opened before the path was found out needs one timeout, not two and a search. */
static void
other_connections_learn_at_their_first_timeout(void)
{
	uint32_t first;

	ethernet(false);
	first = id;
	again(2);
	app_send(5000);
	tx_all();
	CU_ASSERT_EQUAL(too_big(1, 1400), DROP_none);
	tcp_abort(tcp, id, now_us);
	id = first;
	peer.theirs.port--;
	CU_ASSERT_EQUAL(conn()->mss, 1460);
	CU_ASSERT_EQUAL(tcp_send_bytes(tcp, id, (uint8_t[1460]){ 0 }, 1460, now_us), ERR_ok);
	swallow();
	while (conn()->retries == 0) {
		now_us = tcp_next_us(tcp);
		tcp_timers(tcp, 64, now_us);
		swallow();
	}
	CU_ASSERT_EQUAL(conn()->mss, 1360);
	finish_open();
}

static void
remembered_addresses_are_bounded(void)
{
	ethernet(false);
	for (uint32_t i = 0; i < 3 * TCP_PATHS; i++) {
		gone();
		now_us += SECOND / 8;
		peer.theirs.addr = addr_from_v4(be32_from(0x0a010000u + i));
		peer.snd = peer.rcv = 0;
		id = TCP_NONE;
		established();
		CU_ASSERT_EQUAL(tcp_send_bytes(tcp, id, (uint8_t[1460]){ 0 }, 1460, now_us),
				ERR_ok);
		swallow();
		CU_ASSERT_EQUAL(too_big(1, 1300), DROP_none);
		CU_ASSERT(tcp->paths_used <= TCP_PATHS);
	}
	CU_ASSERT(tcp->paths_used > TCP_PATHS * 3 / 4);
	gone();
	peer.snd = peer.rcv = 0;
	id = TCP_NONE;
	established();
	CU_ASSERT_EQUAL(conn()->mss, 1260); /* the last one is among them */
	finish_open();
}

/* ---- the bound of a profile ---- */

static void
clamp_bounds_what_is_offered_and_sent(void)
{
	struct seg s;

	start_defaults();
	settings.profile.max_segment_bytes = 1200;
	start();
	peer.mss = 1460;
	CU_ASSERT_EQUAL(RX(.flags = SYN), DROP_none);
	s = tx();
	CU_ASSERT_EQUAL(s.mss, 1200);
	CU_ASSERT_EQUAL(RX(.flags = ACK), DROP_none);
	events();
	CU_ASSERT_EQUAL(conn()->mss, 1200);
	app_send(2400);
	TX(ACK, 1, 1200, 1);
	finish_open();

	start_defaults();
	settings.profile.max_segment_bytes = 1200;
	start();
	peer.mss = 900; /* of both the smaller one */
	id = TCP_NONE;
	CU_ASSERT_EQUAL(tcp_connect(tcp, &(struct endpoint){ .addr = peer.ours.addr }, &peer.theirs,
				    TCP_PROFILE_DEFAULT, 7, now_us, &id),
			ERR_ok);
	CU_ASSERT_EQUAL(tx().mss, 1200);
	RX(.flags = SYN | ACK);
	CU_ASSERT_EQUAL(conn()->mss, 900);
	finish_open();

	start_defaults();
	settings.profile.max_segment_bytes = 9000; /* more than the port carries */
	start();
	CU_ASSERT_EQUAL(RX(.flags = SYN), DROP_none);
	CU_ASSERT_EQUAL(tx().mss, 1460);
	finish_open();
}

static void
clamp_bounds_cookies(void)
{
	start_defaults();
	settings.profile.max_segment_bytes = 1200;
	settings.half_open_max = 2;
	start();
	peer.mss = 1460;
	CU_ASSERT_EQUAL(RX(.flags = SYN, .port = 1), DROP_none);
	peer.snd = 0;
	tx_all();
	peer.rcv = 0;
	CU_ASSERT_EQUAL(RX(.flags = SYN), DROP_none);
	CU_ASSERT_EQUAL(tx().mss, 1200);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_cookies_sent), 1);
	CU_ASSERT_EQUAL(RX(.flags = ACK), DROP_none);
	events();
	CU_ASSERT_EQUAL(conn()->mss, 1200);
	finish_open();
}

CU_TestInfo test_path_mtu[] = {
	{ "too_big_is_never_below_the_least", too_big_is_never_below_the_least },
	{ "too_big_is_believed_only_about_what_is_under_way",
	  too_big_is_believed_only_about_what_is_under_way },
	{ "too_big_without_mtu_goes_down_the_plateaus",
	  too_big_without_mtu_goes_down_the_plateaus },
	{ "too_big_counts_timestamps", too_big_counts_timestamps },
	{ "port_that_shrinks_shrinks_segments", port_that_shrinks_shrinks_segments },
	{ "black_hole_makes_segments_small", black_hole_makes_segments_small },
	{ "black_hole_ends_at_the_least", black_hole_ends_at_the_least },
	{ "search_finds_what_the_path_carries", search_finds_what_the_path_carries },
	{ "path_that_was_down_costs_one_probe", path_that_was_down_costs_one_probe },
	{ "probe_that_is_sent_again_has_failed", probe_that_is_sent_again_has_failed },
	{ "probe_that_is_too_big_is_told", probe_that_is_too_big_is_told },
	{ "search_needs_sack", search_needs_sack },
	{ "probe_waits_for_room_in_cwnd", probe_waits_for_room_in_cwnd },
	{ "found_mtu_is_for_the_address_and_ages", found_mtu_is_for_the_address_and_ages },
	{ "larger_segments_are_tried_after_ten_minutes",
	  larger_segments_are_tried_after_ten_minutes },
	{ "other_connections_learn_at_their_first_timeout",
	  other_connections_learn_at_their_first_timeout },
	{ "remembered_addresses_are_bounded", remembered_addresses_are_bounded },
	{ "clamp_bounds_what_is_offered_and_sent", clamp_bounds_what_is_offered_and_sent },
	{ "clamp_bounds_cookies", clamp_bounds_cookies },
	CU_TEST_INFO_NULL,
};
