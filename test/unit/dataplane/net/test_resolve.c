/* resolve.c and neighbour_table.c: a worker that sends by what worker 0 knows of the neighbours. */
#include <pthread.h>
#include <stdio.h>

#include "test/unit/dataplane/net/net_fixture.h"

/* The net1 sends a TCP packet; what was to be handed over goes to *m. */
static struct net_verdict
reader_output(const char *dst, struct rte_mbuf **m)
{
	struct addr to = address(dst);
	struct rte_mbuf *packet = packet_make(addr_is_v4(&to) ? "10.0.0.1" : "fd00::1", dst, 20);
	be16 *ports = rte_pktmbuf_mtod(packet, be16 *);
	struct net_verdict verdict;

	ports[0] = be16_from(1024);
	ports[1] = be16_from(80);
	net = net1;
	verdict = output(packet);
	net = net0;
	*m = verdict.next == NET_DROP ? NULL : packet;
	return verdict;
}

/* The verdict alone. */
static enum net_next
reader_next(const char *dst)
{
	struct rte_mbuf *m;
	enum net_next next = reader_output(dst, &m).next;

	rte_pktmbuf_free(m);
	return next;
}

static uint64_t
reader_mac(const char *dst)
{
	struct rte_mbuf *m;
	uint64_t mac;

	CU_ASSERT_EQUAL_FATAL(reader_output(dst, &m).next, NET_SEND);
	mac = mac_load(frame_eth(m)->dst);
	rte_pktmbuf_free(m);
	return mac;
}

static bool
published(const char *text, struct neighbour_view *view)
{
	struct addr a = address(text);

	return neighbour_table_find(table, &a, 0, view);
}

static struct net_verdict
claim(uint16_t operation, const char *sender, uint64_t mac, const char *target)
{
	return input(arp_make(operation, sender, mac, target, MAC_PORT0), 0);
}

static void
resolve_packet_of_another_worker_waits_and_is_sent(void)
{
	struct rte_mbuf *m;

	fixture_start_shared();
	CU_ASSERT_EQUAL(reader_output("10.0.0.5", &m).next, NET_RESOLVE);
	CU_ASSERT_EQUAL(packet_of(m)->worker, 1);
	CU_ASSERT_EQUAL(net_resolve(net0, m, now_us).next, NET_TAKEN);
	CU_ASSERT_EQUAL(poll_all(), 1);
	CU_ASSERT_EQUAL(reader_next("10.0.0.5"), NET_RESOLVE); /* incomplete */
	CU_ASSERT_EQUAL(claim(ARP_REPLY, "10.0.0.5", MAC_PEER, "10.0.0.1").next, NET_TAKEN);
	CU_ASSERT_PTR_EQUAL(poll_one(), m);
	CU_ASSERT_EQUAL(m->pkt_len, 14 + 20 + 20);
	CU_ASSERT_EQUAL(packet_of(m)->port, 0);
	rte_pktmbuf_free(m);
	CU_ASSERT_EQUAL(reader_mac("10.0.0.5"), MAC_PEER);
	CU_ASSERT_EQUAL(reader_output("10.0.0.5", &m).next, NET_SEND);
	CU_ASSERT_EQUAL(packet_of(m)->port, 0);
	CU_ASSERT_EQUAL(m->pkt_len, 14 + 20 + 20);
	rte_pktmbuf_free(m);
	fixture_end();
}

static void
resolve_ipv6_neighbour_is_read_as_well(void)
{
	struct addr peer = address("fd00::5");

	fixture_start_shared();
	CU_ASSERT_EQUAL(reader_next("fd00::5"), NET_RESOLVE);
	CU_ASSERT_TRUE(neighbour_learn(net0, &peer, 0, MAC_PEER, NEIGHBOUR_ASKS, now_us));
	CU_ASSERT_EQUAL(reader_next("fd00::5"), NET_RESOLVE); /* stale: worker 0 is to know */
	CU_ASSERT_EQUAL(reader_mac("fd00::5"), MAC_PEER);
	fixture_end();
}

/* By the route, through the gateway. */
static void
resolve_gateway_is_read_for_routed_destinations(void)
{
	fixture_start_shared();
	CU_ASSERT_EQUAL(reader_next("192.0.2.7"), NET_RESOLVE);
	resolve("10.0.0.2", 0, MAC_PEER);
	CU_ASSERT_EQUAL(reader_mac("192.0.2.7"), MAC_PEER);
	CU_ASSERT_EQUAL(reader_mac("192.0.2.7"), MAC_PEER);
	CU_ASSERT_EQUAL(reader_mac("198.51.100.7"), MAC_PEER);
	fixture_end();
}

static void
resolve_changed_address_is_used_at_once(void)
{
	fixture_start_shared();
	resolve("10.0.0.5", 0, MAC_PEER);
	CU_ASSERT_EQUAL(reader_mac("10.0.0.5"), MAC_PEER);
	pass_us(46 * SECOND_US);
	CU_ASSERT_EQUAL(claim(ARP_REQUEST, "10.0.0.5", MAC_OTHER, "10.0.0.1").next, NET_TAKEN);
	CU_ASSERT_EQUAL(reader_next("10.0.0.5"), NET_RESOLVE); /* stale */
	CU_ASSERT_EQUAL(reader_mac("10.0.0.5"), MAC_OTHER);
	fixture_end();
}

/* Worker 0 hears of it by one packet, asks, and the others never stop sending meanwhile. */
static void
resolve_stale_is_told_once_a_second_until_asked(void)
{
	struct neighbour_view view;
	struct rte_mbuf *m;

	fixture_start_shared();
	resolve("10.0.0.5", 0, MAC_PEER);
	pass_us(46 * SECOND_US);
	CU_ASSERT_EQUAL(reader_next("10.0.0.5"), NET_RESOLVE); /* and is lost */
	CU_ASSERT_EQUAL(reader_next("10.0.0.5"), NET_SEND);
	pass_us(900000);
	CU_ASSERT_EQUAL(reader_next("10.0.0.5"), NET_SEND);
	pass_us(200000);
	CU_ASSERT_EQUAL(reader_output("10.0.0.5", &m).next, NET_RESOLVE);
	CU_ASSERT_EQUAL(net_resolve(net0, m, now_us).next, NET_SEND);
	CU_ASSERT_EQUAL(mac_load(frame_eth(m)->dst), MAC_PEER);
	rte_pktmbuf_free(m);
	for (unsigned i = 0; i < 6; i++) {
		pass_us(1100000);
		CU_ASSERT_EQUAL(reader_next("10.0.0.5"), NET_SEND);
	}
	CU_ASSERT_TRUE(published("10.0.0.5", &view));
	CU_ASSERT_EQUAL(view.state, NEIGHBOUR_PROBE);
	claim(ARP_REPLY, "10.0.0.5", MAC_PEER, "10.0.0.1");
	CU_ASSERT_TRUE(published("10.0.0.5", &view));
	CU_ASSERT_EQUAL(view.state, NEIGHBOUR_REACHABLE);
	CU_ASSERT_TRUE(view.fresh_until_us > now_us);
	poll_all();
	fixture_end();
}

static void
resolve_entry_gone_is_asked_anew(void)
{
	struct neighbour_view view;

	fixture_start_shared();
	resolve("10.0.0.5", 0, MAC_PEER);
	CU_ASSERT_EQUAL(reader_next("10.0.0.5"), NET_SEND);
	pass_us(46 * SECOND_US);
	output_to("10.0.0.5"); /* by worker 0: delay, then three probes in vain */
	pass_us(8100000);
	CU_ASSERT_FALSE(published("10.0.0.5", &view));
	CU_ASSERT_EQUAL(reader_next("10.0.0.5"), NET_RESOLVE);
	poll_all();
	resolve("10.0.0.6", 0, MAC_OTHER); /* takes the cell */
	CU_ASSERT_EQUAL(reader_next("10.0.0.5"), NET_RESOLVE);
	CU_ASSERT_EQUAL(reader_mac("10.0.0.6"), MAC_OTHER);
	fixture_end();
}

static void
resolve_silent_neighbour_is_refused_by_all(void)
{
	struct rte_mbuf *m, *expired[4];

	fixture_start_shared();
	CU_ASSERT_EQUAL(reader_output("10.0.0.5", &m).next, NET_RESOLVE);
	CU_ASSERT_EQUAL(net_resolve(net0, m, now_us).next, NET_TAKEN);
	pass_us(2900000);
	now_us += 200000;
	CU_ASSERT_EQUAL_FATAL(net_timers(net0, expired, 4, now_us), 1);
	CU_ASSERT_PTR_EQUAL(expired[0], m);
	CU_ASSERT_EQUAL(packet_of(m)->worker, 1);
	CU_ASSERT_EQUAL(packet_of(m)->src_port, 1024);
	CU_ASSERT_EQUAL(packet_of(m)->dst_port, 80);
	rte_pktmbuf_free(m);
	CU_ASSERT_EQUAL(reader_output("10.0.0.5", &m).reason, DROP_neighbour_unreachable);
	pass_us(1100000);
	CU_ASSERT_EQUAL(reader_next("10.0.0.5"), NET_RESOLVE); /* may be tried again */
	poll_all();
	fixture_end();
}

static void
resolve_own_packets_of_worker_0_are_its_own(void)
{
	struct rte_mbuf *expired[4];

	fixture_start_shared();
	output_to("10.0.0.5");
	now_us += SECOND_US;
	net_timers(net0, expired, 4, now_us);
	now_us += SECOND_US;
	net_timers(net0, expired, 4, now_us);
	now_us += 1100000;
	CU_ASSERT_EQUAL_FATAL(net_timers(net0, expired, 4, now_us), 1);
	CU_ASSERT_EQUAL(packet_of(expired[0])->worker, 0);
	rte_pktmbuf_free(expired[0]);
	poll_all();
	fixture_end();
}

static void
resolve_refuses_what_cannot_go(void)
{
	struct rte_mbuf *m = NULL;

	fixture_start_shared();
	CU_ASSERT_EQUAL(reader_output("10.0.0.5", &m).next, NET_RESOLVE);
	packet_of(m)->dst = address("224.0.0.5"); /* no route of worker 0's */
	CU_ASSERT_EQUAL(net_resolve(net0, m, now_us).reason, DROP_ip_no_route);
	CU_ASSERT_EQUAL(packet_of(m)->dst_port, 80);
	packet_of(m)->dst = address("10.0.0.5");
	config.ports[0].mtu_bytes = 39; /* shorter than the packet by one byte */
	CU_ASSERT_EQUAL(net_resolve(net0, m, now_us).reason, DROP_ip_too_big);
	rte_pktmbuf_free(m);
	fixture_end();
}

/* Only by mistake do such frames come to another worker. */
static void
resolve_reader_neither_answers_nor_learns(void)
{
	struct rte_mbuf *m;

	fixture_start_shared();
	net = net1;
	CU_ASSERT_EQUAL(claim(ARP_REQUEST, "10.0.0.5", MAC_PEER, "10.0.0.1").reason,
			DROP_arp_not_for_us);
	m = icmp_make("fd00::5", "fd00::1", 135, 0, 0, address("fd00::1").byte, 16);
	frame_ipv6(m)->hop_limit = 255;
	CU_ASSERT_EQUAL(input_drop(m), DROP_nd_not_for_us);
	m = icmp_make("10.0.0.5", "10.0.0.1", 8, 0, 0, "x", 1);
	CU_ASSERT_EQUAL(input_drop(m), DROP_neighbour_unreachable);
	net_announce(net1, 0, now_us);
	CU_ASSERT_EQUAL(poll_all(), 0);
	CU_ASSERT_EQUAL(net_next_us(net1), UINT64_MAX);
	net = net0;
	fixture_end();
}

static struct neighbour_view
view_of(uint32_t i)
{
	struct neighbour_view view = {
		.addr = address("10.0.0.0"),
		.mac = 0x10000u + i,
		.fresh_until_us = i,
		.serial = i + 1,
		.index = i,
		.port = (uint8_t)(i % LIMIT_INTERFACES),
		.state = NEIGHBOUR_REACHABLE,
	};

	view.addr.word[1] ^= (uint64_t)i << 32;
	return view;
}

static bool
finds(uint32_t i)
{
	struct neighbour_view want = view_of(i), got;

	return neighbour_table_find(table, &want.addr, want.port, &got) && got.index == i &&
	       got.mac == want.mac && got.serial == want.serial && got.state == want.state &&
	       got.fresh_until_us == want.fresh_until_us;
}

static void
neighbour_table_full_is_found_whole(void)
{
	struct neighbour_view view;
	uint32_t found = 0;

	fixture_start_shared();
	for (uint32_t i = 0; i < NET_NEIGHBOURS; i++) {
		view = view_of(i);
		neighbour_table_publish(table, &view);
	}
	for (uint32_t i = 0; i < NET_NEIGHBOURS; i++)
		found += finds(i);
	CU_ASSERT_EQUAL(found, NET_NEIGHBOURS);
	for (uint32_t i = 0; i < NET_NEIGHBOURS; i += 2)
		neighbour_table_withdraw(table, i);
	found = 0;
	for (uint32_t i = 0; i < NET_NEIGHBOURS; i++) {
		CU_ASSERT_EQUAL(finds(i), i % 2 == 1);
		found += neighbour_table_read(table, i, &view);
	}
	CU_ASSERT_EQUAL(found, NET_NEIGHBOURS / 2);
	neighbour_table_withdraw(table, 0); /* again: nothing */
	fixture_end();
}

/* Another port is another neighbour. */
static void
neighbour_table_tells_ports_apart(void)
{
	struct neighbour_view view = view_of(7), got;

	fixture_start_shared();
	neighbour_table_publish(table, &view);
	CU_ASSERT_TRUE(neighbour_table_find(table, &view.addr, view.port, &got));
	CU_ASSERT_FALSE(neighbour_table_find(table, &view.addr, view.port + 1u, &got));
	fixture_end();
}

/* The net0's table has as many cells as it has neighbours: what has no entry there goes by worker 0 and is refused. */
static void
resolve_table_full_goes_by_worker_0(void)
{
	struct rte_mbuf *m;
	char text[32];

	fixture_start_shared();
	for (uint32_t i = 0; i < NET_NEIGHBOURS; i++) {
		struct addr a;

		snprintf(text, sizeof text, "fd00::1:%x", i);
		a = address(text);
		CU_ASSERT_TRUE(neighbour_learn(net0, &a, 0, MAC_PEER, NEIGHBOUR_ASKS, now_us));
		neighbour_find(net0, &a, 0)->used_us = now_us;
	}
	CU_ASSERT_EQUAL(reader_next("fd00::1:fff"), NET_RESOLVE); /* stale */
	CU_ASSERT_EQUAL(reader_next("fd00::1:fff"), NET_SEND);
	CU_ASSERT_EQUAL(reader_output("10.0.0.5", &m).next, NET_RESOLVE);
	CU_ASSERT_EQUAL(net_resolve(net0, m, now_us).reason, DROP_neighbour_table_full);
	rte_pktmbuf_free(m);
	fixture_end();
}

static bool stop;

/* Always the same cell, for another neighbour each time: all that is in it says which. */
static void *
write_on(void *count)
{
	struct neighbour_view view = { .index = 5 };

	for (uint32_t i = 1; !__atomic_load_n(&stop, __ATOMIC_RELAXED); i++) {
		view.addr.word[0] = view.addr.word[1] = view.mac = view.fresh_until_us = i;
		view.serial = i;
		view.port = view.state = (uint8_t)i;
		neighbour_table_publish(table, &view);
		if (i % 8 == 0)
			for (volatile unsigned wait = 0; wait < 100; wait++)
				;
		neighbour_table_withdraw(table, 5);
		*(uint32_t *)count = i;
	}
	return NULL;
}

static void
neighbour_table_reader_never_sees_half_a_change(void)
{
	uint32_t written = 0, seen = 0, torn = 0;
	struct neighbour_view view;
	struct timespec start, now;
	pthread_t writer;

	fixture_start_shared();
	stop = false;
	CU_ASSERT_EQUAL_FATAL(pthread_create(&writer, NULL, write_on, &written), 0);
	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		for (unsigned i = 0; i < 1000; i++) {
			if (!neighbour_table_read(table, 5, &view))
				continue;
			seen++;
			torn += view.addr.word[0] != view.serial || view.mac != view.serial ||
				view.addr.word[1] != view.serial ||
				view.fresh_until_us != view.serial ||
				view.port != (uint8_t)view.serial || view.state != view.port;
		}
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - start.tv_sec) * 1000000000L + now.tv_nsec - start.tv_nsec <
		 200000000L);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(writer, NULL);
	CU_ASSERT_EQUAL(torn, 0);
	CU_ASSERT_TRUE(seen > 0);
	CU_ASSERT_TRUE(written > 1000);
	fixture_end();
}

CU_TestInfo test_resolve[] = {
	{ "resolve_packet_of_another_worker_waits_and_is_sent",
	  resolve_packet_of_another_worker_waits_and_is_sent },
	{ "resolve_ipv6_neighbour_is_read_as_well", resolve_ipv6_neighbour_is_read_as_well },
	{ "resolve_gateway_is_read_for_routed_destinations",
	  resolve_gateway_is_read_for_routed_destinations },
	{ "resolve_changed_address_is_used_at_once", resolve_changed_address_is_used_at_once },
	{ "resolve_stale_is_told_once_a_second_until_asked",
	  resolve_stale_is_told_once_a_second_until_asked },
	{ "resolve_entry_gone_is_asked_anew", resolve_entry_gone_is_asked_anew },
	{ "resolve_silent_neighbour_is_refused_by_all",
	  resolve_silent_neighbour_is_refused_by_all },
	{ "resolve_own_packets_of_worker_0_are_its_own",
	  resolve_own_packets_of_worker_0_are_its_own },
	{ "resolve_refuses_what_cannot_go", resolve_refuses_what_cannot_go },
	{ "resolve_reader_neither_answers_nor_learns", resolve_reader_neither_answers_nor_learns },
	{ "neighbour_table_full_is_found_whole", neighbour_table_full_is_found_whole },
	{ "neighbour_table_tells_ports_apart", neighbour_table_tells_ports_apart },
	{ "resolve_table_full_goes_by_worker_0", resolve_table_full_goes_by_worker_0 },
	{ "neighbour_table_reader_never_sees_half_a_change",
	  neighbour_table_reader_never_sees_half_a_change },
	CU_TEST_INFO_NULL,
};
