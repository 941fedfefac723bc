/* neighbour.c: states and timers (RFC 4861 7.3), packets that wait, limits, and who is believed. */
#include <stdio.h>

#include "test/unit/dataplane/net/net_fixture.h"

static struct neighbour *
known(const char *text)
{
	struct addr a = address(text);

	return neighbour_find(net, &a, 0);
}

static unsigned
state_of(const char *text)
{
	const struct neighbour *n = known(text);

	return n ? n->state : 99;
}

static struct net_verdict
reply_from(const char *sender, uint64_t mac)
{
	return input(arp_make(ARP_REPLY, sender, mac, "10.0.0.1", MAC_PORT0), 0);
}

static uint64_t
requests(void)
{
	return stats->counter[COUNTER_arp_requests_sent];
}

/* Reachable, then stale, and used again: the delay before a probe has begun. */
static void
make_delayed(const char *text)
{
	resolve(text, 0, MAC_PEER);
	pass_us(46 * SECOND_US);
	CU_ASSERT_EQUAL(output_to(text).next, NET_SEND);
	CU_ASSERT_EQUAL_FATAL(state_of(text), NEIGHBOUR_DELAY);
}

static void
neighbour_first_packet_waits_for_answer(void)
{
	struct rte_mbuf *m;

	fixture_start();
	CU_ASSERT_EQUAL(output(packet_make("10.0.0.1", "10.0.0.5", 33)).next, NET_TAKEN);
	CU_ASSERT_EQUAL(state_of("10.0.0.5"), NEIGHBOUR_INCOMPLETE);
	CU_ASSERT_EQUAL(poll_all(), 1);
	CU_ASSERT_EQUAL(reply_from("10.0.0.5", MAC_PEER).next, NET_TAKEN);
	CU_ASSERT_EQUAL(state_of("10.0.0.5"), NEIGHBOUR_REACHABLE);
	m = poll_one();
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_EQUAL(m->pkt_len, 14 + 20 + 33);
	CU_ASSERT_EQUAL(packet_of(m)->port, 0);
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->dst), MAC_PEER);
	rte_pktmbuf_free(m);
	CU_ASSERT_EQUAL(requests(), 1);
	CU_ASSERT_EQUAL(net_next_us(net), UINT64_MAX);
	fixture_end();
}

static void
neighbour_silent_is_asked_three_times_then_unreachable(void)
{
	struct rte_mbuf *m, *expired[8];
	be16 *ports;

	fixture_start();
	m = packet_make("10.0.0.1", "10.0.0.5", 20);
	ports = rte_pktmbuf_mtod(m, be16 *);
	ports[0] = be16_from(1024);
	ports[1] = be16_from(80);
	CU_ASSERT_EQUAL(output(m).next, NET_TAKEN);
	poll_all();
	CU_ASSERT_TRUE(net_next_us(net) <= now_us + SECOND_US);
	CU_ASSERT_EQUAL(pass_us(2900000), 0);
	CU_ASSERT_EQUAL(requests(), 3);
	now_us += 200000;
	CU_ASSERT_EQUAL_FATAL(net_timers(net, expired, 8, now_us), 1);
	CU_ASSERT_PTR_EQUAL(expired[0], m);
	CU_ASSERT_EQUAL(packet_of(m)->src_port, 1024);
	CU_ASSERT_EQUAL(packet_of(m)->dst_port, 80);
	rte_pktmbuf_free(m);
	CU_ASSERT_EQUAL(requests(), 3);
	CU_ASSERT_EQUAL(state_of("10.0.0.5"), NEIGHBOUR_FAILED);
	fixture_end();
}

static void
neighbour_dead_costs_nothing_for_a_second(void)
{
	fixture_start();
	output_to("10.0.0.5");
	CU_ASSERT_EQUAL(pass_us(3100000), 1);
	for (unsigned i = 0; i < 10; i++) {
		CU_ASSERT_EQUAL(output_to("10.0.0.5").reason, DROP_neighbour_unreachable);
		pass_us(50000);
	}
	CU_ASSERT_EQUAL(requests(), 3);
	pass_us(600000);
	CU_ASSERT_EQUAL(output_to("10.0.0.5").next, NET_TAKEN); /* asks again */
	CU_ASSERT_EQUAL(requests(), 4);
	CU_ASSERT_EQUAL(reply_from("10.0.0.5", MAC_PEER).next, NET_TAKEN);
	CU_ASSERT_EQUAL(output_to("10.0.0.5").next, NET_SEND);
	fixture_end();
}

static void
neighbour_dead_that_asks_us_is_alive(void)
{
	fixture_start();
	output_to("10.0.0.5");
	pass_us(3100000);
	CU_ASSERT_EQUAL(output_to("10.0.0.5").reason, DROP_neighbour_unreachable);
	input(arp_make(ARP_REQUEST, "10.0.0.5", MAC_PEER, "10.0.0.1", 0), 0);
	CU_ASSERT_EQUAL(output_to("10.0.0.5").next, NET_SEND);
	CU_ASSERT_EQUAL(net->unresolved, 0);
	fixture_end();
}

static void
neighbour_queue_is_bounded(void)
{
	fixture_start();
	for (unsigned i = 0; i < NET_NEIGHBOUR_QUEUE; i++)
		CU_ASSERT_EQUAL(output_to("10.0.0.5").next, NET_TAKEN);
	CU_ASSERT_EQUAL(output_to("10.0.0.5").reason, DROP_neighbour_queue_full);
	CU_ASSERT_EQUAL(pass_us(3100000), NET_NEIGHBOUR_QUEUE); /* handed out four at a time */
	CU_ASSERT_EQUAL(output_to("10.0.0.5").reason, DROP_neighbour_unreachable);
	fixture_end();
}

static void
neighbour_answer_releases_all_that_wait(void)
{
	fixture_start();
	for (unsigned i = 0; i < NET_NEIGHBOUR_QUEUE; i++)
		output_to("10.0.0.5");
	CU_ASSERT_EQUAL(poll_all(), 1);
	reply_from("10.0.0.5", MAC_PEER);
	CU_ASSERT_EQUAL(poll_all(), NET_NEIGHBOUR_QUEUE);
	CU_ASSERT_EQUAL(net->waiting, 0);
	fixture_end();
}

static void
neighbour_stale_in_use_is_probed_by_unicast(void)
{
	struct rte_mbuf *m;

	fixture_start();
	make_delayed("10.0.0.5");
	pass_us(4 * SECOND_US);
	CU_ASSERT_EQUAL(poll_all(), 0);
	pass_us(1100000);
	CU_ASSERT_EQUAL(state_of("10.0.0.5"), NEIGHBOUR_PROBE);
	m = poll_one();
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->dst), MAC_PEER);
	CU_ASSERT_EQUAL(be16_to(frame_eth(m)->type), ETH_TYPE_ARP);
	rte_pktmbuf_free(m);
	CU_ASSERT_EQUAL(output_to("10.0.0.5").next, NET_SEND); /* traffic goes on */
	CU_ASSERT_EQUAL(reply_from("10.0.0.5", MAC_PEER).next, NET_TAKEN);
	CU_ASSERT_EQUAL(state_of("10.0.0.5"), NEIGHBOUR_REACHABLE);
	CU_ASSERT_EQUAL(net_next_us(net), UINT64_MAX);
	fixture_end();
}

static void
neighbour_that_ignores_probes_is_resolved_anew(void)
{
	fixture_start();
	make_delayed("10.0.0.5");
	pass_us(8100000);
	CU_ASSERT_EQUAL(requests(), 1 + 3);
	CU_ASSERT_PTR_NULL(known("10.0.0.5"));
	CU_ASSERT_EQUAL(output_to("10.0.0.5").next, NET_TAKEN);
	CU_ASSERT_EQUAL(state_of("10.0.0.5"), NEIGHBOUR_INCOMPLETE);
	fixture_end();
}

static void
neighbour_stale_and_unused_sends_nothing(void)
{
	fixture_start();
	resolve("10.0.0.5", 0, MAC_PEER);
	pass_us(1000 * SECOND_US);
	CU_ASSERT_EQUAL(poll_all(), 0);
	CU_ASSERT_EQUAL(requests(), 1);
	fixture_end();
}

/* Poisoning: somebody claims the address of a gateway that has just answered. */
static void
neighbour_reachable_ignores_claim_and_asks_the_old(void)
{
	fixture_start();
	resolve("10.0.0.2", 0, MAC_PEER);
	CU_ASSERT_EQUAL(input_drop(arp_make(ARP_REQUEST, "10.0.0.2", MAC_OTHER, "10.0.0.2", 0)),
			DROP_arp_unsolicited);
	CU_ASSERT_EQUAL(known("10.0.0.2")->mac, MAC_PEER);
	CU_ASSERT_EQUAL(state_of("10.0.0.2"), NEIGHBOUR_PROBE);
	CU_ASSERT_EQUAL(reply_from("10.0.0.2", MAC_OTHER).reason,
			DROP_arp_unsolicited); /* insists */
	CU_ASSERT_EQUAL(input(arp_make(ARP_REQUEST, "10.0.0.2", MAC_OTHER, "10.0.0.1", 0), 0).next,
			NET_TAKEN);
	CU_ASSERT_EQUAL(known("10.0.0.2")->mac, MAC_PEER);
	CU_ASSERT_EQUAL(reply_from("10.0.0.2", MAC_PEER).next, NET_TAKEN);
	CU_ASSERT_EQUAL(state_of("10.0.0.2"), NEIGHBOUR_REACHABLE);
	fixture_end();
}

static void
neighbour_that_moved_is_found_after_three_probes(void)
{
	fixture_start();
	resolve("10.0.0.2", 0, MAC_PEER);
	input_drop(arp_make(ARP_REQUEST, "10.0.0.2", MAC_OTHER, "10.0.0.2", 0));
	pass_us(3100000);
	CU_ASSERT_EQUAL(output_to("10.0.0.2").next, NET_TAKEN);
	CU_ASSERT_EQUAL(reply_from("10.0.0.2", MAC_OTHER).next, NET_TAKEN);
	CU_ASSERT_EQUAL(known("10.0.0.2")->mac, MAC_OTHER);
	fixture_end();
}

static void
neighbour_stale_takes_announced_address(void)
{
	fixture_start();
	resolve("10.0.0.2", 0, MAC_PEER);
	pass_us(46 * SECOND_US);
	CU_ASSERT_EQUAL(input(arp_make(ARP_REQUEST, "10.0.0.2", MAC_OTHER, "10.0.0.2", 0), 0).next,
			NET_TAKEN);
	CU_ASSERT_EQUAL(known("10.0.0.2")->mac, MAC_OTHER);
	CU_ASSERT_EQUAL(state_of("10.0.0.2"), NEIGHBOUR_STALE);
	fixture_end();
}

/* A scan of the whole link by somebody behind us must neither fill the table nor push out who answered. */
static void
neighbour_scan_is_limited_and_evicts_nobody_confirmed(void)
{
	char text[32];
	unsigned taken = 0, full = 0;

	fixture_start();
	resolve("10.0.0.5", 0, MAC_PEER);
	for (unsigned i = 0; i < 2000; i++) {
		struct net_verdict verdict;

		snprintf(text, sizeof text, "fd00::5:%x", i);
		verdict = output_to(text);
		taken += verdict.next == NET_TAKEN;
		full += verdict.reason == DROP_neighbour_table_full;
		poll_all();
	}
	CU_ASSERT_EQUAL(taken, NEIGHBOUR_UNRESOLVED);
	CU_ASSERT_EQUAL(full, 2000 - NEIGHBOUR_UNRESOLVED);
	CU_ASSERT_EQUAL(output_to("10.0.0.5").next, NET_SEND);
	CU_ASSERT_EQUAL(pass_us(8 * SECOND_US), NEIGHBOUR_UNRESOLVED);
	poll_all();
	CU_ASSERT_EQUAL(output_to("fd00::6:1").next, NET_TAKEN); /* a failed one makes room */
	CU_ASSERT_EQUAL(net->unresolved, NEIGHBOUR_UNRESOLVED);
	fixture_end();
}

static void
neighbour_waiting_packets_are_limited_in_all(void)
{
	char text[32];
	unsigned full = 0;

	fixture_start();
	for (unsigned i = 0; i < 200 * NET_NEIGHBOUR_QUEUE; i++) {
		snprintf(text, sizeof text, "10.0.0.%u", 20 + i / NET_NEIGHBOUR_QUEUE);
		full += output_to(text).reason == DROP_neighbour_queue_full;
		poll_all();
	}
	CU_ASSERT_EQUAL(net->waiting, NEIGHBOUR_WAITING);
	CU_ASSERT_EQUAL(full, 200 * NET_NEIGHBOUR_QUEUE - NEIGHBOUR_WAITING -
				  NET_NEIGHBOUR_QUEUE); /* .100 is ours */
	CU_ASSERT_EQUAL(pass_us(5 * SECOND_US), NEIGHBOUR_WAITING);
	fixture_end();
}

/* Forged solicitations fill the table with neighbours that nobody uses: those give way, the ones in use do not. */
static void
neighbour_table_full_of_strangers_gives_way(void)
{
	struct addr a = address("fd00::7:0");

	fixture_start();
	resolve("10.0.0.5", 0, MAC_PEER);
	for (unsigned i = 0; i < 3 * NET_NEIGHBOURS; i++) {
		a.byte[14] = (uint8_t)(i >> 8);
		a.byte[15] = (uint8_t)i;
		(void)neighbour_learn(net, &a, 0, MAC_OTHER, NEIGHBOUR_ASKS, now_us);
	}
	CU_ASSERT_EQUAL(net->neighbours.used, NET_NEIGHBOURS);
	CU_ASSERT_EQUAL(state_of("10.0.0.5"), NEIGHBOUR_REACHABLE);
	resolve("10.0.0.6", 0, MAC_PEER);
	CU_ASSERT_EQUAL(output_to("10.0.0.5").next, NET_SEND);
	fixture_end();
}

static void
neighbour_table_full_of_used_ones_refuses(void)
{
	struct addr a = address("fd00::7:0");
	struct rte_mbuf *m;

	fixture_start();
	for (unsigned i = 0; i < NET_NEIGHBOURS; i++) {
		a.byte[14] = (uint8_t)(i >> 8);
		a.byte[15] = (uint8_t)i;
		CU_ASSERT_TRUE(neighbour_learn(net, &a, 0, MAC_OTHER, NEIGHBOUR_ASKS, now_us));
		m = packet_make("fd00::1", "fd00::2", 20);
		packet_of(m)->dst = a;
		CU_ASSERT_EQUAL(output(m).next, NET_SEND);
		rte_pktmbuf_free(m);
	}
	CU_ASSERT_EQUAL(output_to("10.0.0.5").reason, DROP_neighbour_table_full);
	fixture_end();
}

/* The memory of a destination must not outlive the neighbour that it points to. */
static void
neighbour_entry_reused_is_not_mistaken(void)
{
	struct rte_mbuf *m;

	fixture_start();
	make_delayed("10.0.0.5");
	output_to("10.0.0.5");
	pass_us(8100000); /* gone */
	poll_all();
	resolve("10.0.0.6", 0, MAC_OTHER); /* takes the same entry */
	m = packet_make("10.0.0.1", "10.0.0.5", 20);
	CU_ASSERT_EQUAL(output(m).next, NET_TAKEN);
	fixture_end();
}

static void
neighbour_without_mbufs_is_asked_later(void)
{
	static struct rte_mbuf *taken[8192];
	struct rte_mbuf *m;
	unsigned n = 0;

	fixture_start();
	m = packet_make("10.0.0.1", "10.0.0.5", 20);
	while ((taken[n] = rte_pktmbuf_alloc(unit_mbufs())))
		n++;
	CU_ASSERT_EQUAL(output(m).next, NET_TAKEN);
	CU_ASSERT_EQUAL(requests(), 0);
	CU_ASSERT_EQUAL(stats->drop[DROP_mbuf_empty], 1);
	rte_pktmbuf_free_bulk(taken, n);
	pass_us(1100000);
	CU_ASSERT_EQUAL(requests(), 1);
	CU_ASSERT_EQUAL(reply_from("10.0.0.5", MAC_PEER).next, NET_TAKEN);
	fixture_end();
}

/* 10,000 strangers ask us for our address: who is in use stays, and there is room for who is wanted next. */
static void
neighbour_flood_of_askers_evicts_nobody_in_use(void)
{
	struct addr own = address("fd00::1"), used = address("fd00::2");
	unsigned answered = 0;

	fixture_start();
	CU_ASSERT_TRUE(neighbour_learn(net, &used, 0, MAC_PEER, NEIGHBOUR_ASKS, now_us));
	CU_ASSERT_EQUAL(output_to("fd00::2").next, NET_SEND);
	resolve("10.0.0.5", 0, MAC_PEER);
	for (unsigned i = 0; i < 10000; i++) {
		struct {
			uint8_t target[16], option[8];
		} body = { .option = { 1, 1, 2, 9, 0, 0, (uint8_t)(i >> 8), (uint8_t)i } };
		char from[32];
		struct rte_mbuf *m;

		snprintf(from, sizeof from, "fd00::9:%x", i);
		memcpy(body.target, own.byte, 16);
		m = icmp_make(from, "fd00::1", 135, 0, 0, &body, sizeof body);
		frame_ipv6(m)->hop_limit = 255;
		answered += input(m, 0).next == NET_TAKEN;
		poll_all();
		if (i % 1000 == 0)
			pass_us(SECOND_US / 2);
	}
	poll_all();
	CU_ASSERT_EQUAL(answered, 10000);
	CU_ASSERT_TRUE(net->neighbours.used <= NET_NEIGHBOURS);
	CU_ASSERT_PTR_NOT_NULL_FATAL(neighbour_find(net, &used, 0));
	CU_ASSERT_EQUAL(neighbour_find(net, &used, 0)->mac, MAC_PEER);
	CU_ASSERT_EQUAL(state_of("10.0.0.5"), NEIGHBOUR_REACHABLE);
	CU_ASSERT_EQUAL(output_to("10.0.0.6").next, NET_TAKEN);
	CU_ASSERT_EQUAL(reply_from("10.0.0.6", MAC_OTHER).next, NET_TAKEN);
	poll_all();
	fixture_end();
}

CU_TestInfo test_neighbour[] = {
	{ "neighbour_flood_of_askers_evicts_nobody_in_use",
	  neighbour_flood_of_askers_evicts_nobody_in_use },
	{ "neighbour_first_packet_waits_for_answer", neighbour_first_packet_waits_for_answer },
	{ "neighbour_silent_is_asked_three_times_then_unreachable",
	  neighbour_silent_is_asked_three_times_then_unreachable },
	{ "neighbour_dead_costs_nothing_for_a_second", neighbour_dead_costs_nothing_for_a_second },
	{ "neighbour_dead_that_asks_us_is_alive", neighbour_dead_that_asks_us_is_alive },
	{ "neighbour_queue_is_bounded", neighbour_queue_is_bounded },
	{ "neighbour_answer_releases_all_that_wait", neighbour_answer_releases_all_that_wait },
	{ "neighbour_stale_in_use_is_probed_by_unicast",
	  neighbour_stale_in_use_is_probed_by_unicast },
	{ "neighbour_that_ignores_probes_is_resolved_anew",
	  neighbour_that_ignores_probes_is_resolved_anew },
	{ "neighbour_stale_and_unused_sends_nothing", neighbour_stale_and_unused_sends_nothing },
	{ "neighbour_reachable_ignores_claim_and_asks_the_old",
	  neighbour_reachable_ignores_claim_and_asks_the_old },
	{ "neighbour_that_moved_is_found_after_three_probes",
	  neighbour_that_moved_is_found_after_three_probes },
	{ "neighbour_stale_takes_announced_address", neighbour_stale_takes_announced_address },
	{ "neighbour_scan_is_limited_and_evicts_nobody_confirmed",
	  neighbour_scan_is_limited_and_evicts_nobody_confirmed },
	{ "neighbour_waiting_packets_are_limited_in_all",
	  neighbour_waiting_packets_are_limited_in_all },
	{ "neighbour_table_full_of_strangers_gives_way",
	  neighbour_table_full_of_strangers_gives_way },
	{ "neighbour_table_full_of_used_ones_refuses", neighbour_table_full_of_used_ones_refuses },
	{ "neighbour_entry_reused_is_not_mistaken", neighbour_entry_reused_is_not_mistaken },
	{ "neighbour_without_mbufs_is_asked_later", neighbour_without_mbufs_is_asked_later },
	CU_TEST_INFO_NULL,
};
