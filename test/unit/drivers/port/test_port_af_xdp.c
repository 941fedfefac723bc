/*
 * AF_XDP on a real veth, in a network namespace of this program's own. The other end is a packet
 * socket of the kernel, so that neither side can hide a mistake of the other.
 */
#include <arpa/inet.h>
#include <linux/capability.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <rte_log.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "drivers/port/port.h"
#include "test/unit/drivers/port/port_test.h"
#include "test/unit/unit.h"

#define ETHERTYPE_TEST 0x88b5 /* as in frame_numbered */
#define WAIT_MS        2000   /* at most, for what takes microseconds */

static char why[256];

/* ---- the namespace, the veth (x0 ours, x1 the kernel's), the packet socket ---- */

static void
run(const char *command)
{
	if (system(command) != 0)
		CU_FAIL_FATAL(command);
}

static void
veth_make(void)
{
	static bool unshared;

	unit_mbufs(); /* EAL starts outside: its threads stay where they are */
	if (!unshared)
		CU_ASSERT_EQUAL_FATAL(unshare(CLONE_NEWNET), 0);
	unshared = true;
	run("echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6");
	run("ip link add x0 address 02:00:00:00:00:10 numtxqueues 2 numrxqueues 2 type veth "
	    "peer name x1 numtxqueues 2 numrxqueues 2");
	run("ip link set x0 up && ip link set x1 up");
}

/*
 * Until the kernel's deferred work has noticed that x0 is up again: before that what x1 sends is
 * thrown away and called sent.
 */
static void
peer_link_wait(void)
{
	run("timeout 10 sh -c 'until ip link show x1 | grep -q \"state UP\"; do sleep 0.01; done'");
}

static int
peer_open(void)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETHERTYPE_TEST),
				  .sll_ifindex = (int)if_nametoindex("x1") };
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETHERTYPE_TEST)), bytes = 4 << 20;

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL_FATAL(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
	return fd;
}

static void
peer_send(int fd, uint32_t number, uint32_t len)
{
	struct rte_mbuf *frame = frame_numbered(number, len);

	CU_ASSERT_EQUAL(send(fd, rte_pktmbuf_mtod(frame, void *), len, 0), (ssize_t)len);
	rte_pktmbuf_free(frame);
}

static uint32_t
peer_receive(int fd, int wait_ms)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	struct rte_mbuf *frame;
	char bytes[2048];
	ssize_t len;

	if (poll(&ready, 1, wait_ms) != 1)
		return FRAME_NONE;
	len = recv(fd, bytes, sizeof bytes, 0);
	if (len <= 0)
		return FRAME_NONE;
	frame = rte_pktmbuf_alloc(unit_mbufs());
	memcpy(rte_pktmbuf_append(frame, (uint16_t)len), bytes, (size_t)len);
	return frame_number(frame);
}

static uint32_t
port_receive_soon(struct port *port, uint16_t queue)
{
	struct rte_mbuf *frame;

	for (int i = 0; i < WAIT_MS * 10; i++) {
		if (port_rx(port, queue, &frame, 1, 0))
			return frame_number(frame);
		usleep(100);
	}
	return FRAME_NONE;
}

static struct port *
x0_open(uint16_t queues)
{
	struct port *port = NULL;

	why[0] = '\0';
	if (port_open("p0", "af_xdp:iface=x0", queues, unit_mbufs(), &port, why, sizeof why))
		CU_FAIL_FATAL(why);
	return port;
}

static bool
link_is_up(struct port *port)
{
	struct port_info info;

	port_info(port, &info);
	return info.link_up;
}

static void
expect_traffic(struct port *port, int peer, uint32_t from, uint32_t count)
{
	for (uint32_t i = from; i < from + count; i++) {
		uint32_t len = 60 + i * 97 % 1455;

		port_send(port, frame_numbered(i, len), 0);
		CU_ASSERT_EQUAL(peer_receive(peer, WAIT_MS), i);
		peer_send(peer, ~i - 2, len);
		CU_ASSERT_EQUAL(port_receive_soon(port, 0), ~i - 2);
	}
}

/* Of this thread; the permitted ones stay, so that it can be taken back. */
static void
capability_set(int capability, bool on)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	uint32_t bit = 1u << capability % 32;

	CU_ASSERT_EQUAL_FATAL(syscall(SYS_capget, &header, data), 0);
	if (on)
		data[capability / 32].effective |= bit;
	else
		data[capability / 32].effective &= ~bit;
	CU_ASSERT_EQUAL_FATAL(syscall(SYS_capset, &header, data), 0);
}

/* ---- tests ---- */

static void
frames_pass_both_ways(void)
{
	unsigned mbufs = mbufs_in_use();
	struct port *port;
	int peer;

	veth_make();
	peer = peer_open();
	port = x0_open(1);
	expect_traffic(port, peer, 0, 300);
	port_close(port);
	close(peer);
	run("ip link del x0");
	CU_ASSERT_EQUAL(mbufs_in_use(), mbufs);
}

static void
burst_passes_in_order(void)
{
	struct rte_mbuf *burst[PORT_BURST];
	uint32_t expected = 0, i = 0;
	struct port *port;
	int peer;

	veth_make();
	peer = peer_open();
	port = x0_open(1);
	for (unsigned round = 0; round < 20; round++) {
		uint16_t sent = 0;

		for (unsigned k = 0; k < PORT_BURST; k++)
			burst[k] = frame_numbered(i++, 1514);
		while (sent < PORT_BURST)
			sent += port_tx(port, 0, burst + sent, PORT_BURST - sent, 0);
		for (unsigned k = 0; k < PORT_BURST; k++)
			CU_ASSERT_EQUAL(peer_receive(peer, WAIT_MS), expected++);
	}
	port_close(port);
	close(peer);
	run("ip link del x0");
}

static void
chained_shared_and_indirect_frames_are_sent_whole(void)
{
	struct rte_mbuf *burst[4], *shared, *indirect;
	unsigned mbufs = mbufs_in_use();
	struct port *port;
	int peer;

	veth_make();
	peer = peer_open();
	port = x0_open(1);
	shared = frame_numbered(1, 700);
	rte_mbuf_refcnt_update(shared, 1);
	indirect = frame_numbered(2, 800);
	burst[0] = frame_chained(frame_numbered(0, 1514));
	burst[1] = shared;
	burst[2] = rte_pktmbuf_clone(indirect, unit_mbufs());
	burst[3] = frame_numbered(3, 60);
	CU_ASSERT_EQUAL(port_tx(port, 0, burst, 4, 0), 4);
	for (uint32_t i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(peer_receive(peer, WAIT_MS), i);
	CU_ASSERT_EQUAL(frame_number(shared), 1);
	CU_ASSERT_EQUAL(frame_number(indirect), 2);
	port_close(port);
	close(peer);
	run("ip link del x0");
	CU_ASSERT_EQUAL(mbufs_in_use(), mbufs);
}

static void
frame_without_a_buffer_for_its_copy_is_an_error(void)
{
	static struct rte_mbuf *taken[8192];
	struct rte_mbuf *burst[3];
	struct port_info info;
	struct port *port;
	unsigned count = 0;
	int peer;

	veth_make();
	peer = peer_open();
	port = x0_open(1);
	burst[0] = frame_numbered(0, FRAME_BYTES);
	burst[1] = frame_chained(frame_numbered(1, FRAME_BYTES));
	burst[2] = frame_numbered(2, FRAME_BYTES);
	while (count < 8192 && (taken[count] = rte_pktmbuf_alloc(unit_mbufs())))
		count++;
	CU_ASSERT_EQUAL(port_tx(port, 0, burst, 3, 0), 3);
	rte_pktmbuf_free_bulk(taken, count);
	CU_ASSERT_EQUAL(peer_receive(peer, WAIT_MS), 0);
	CU_ASSERT_EQUAL(peer_receive(peer, WAIT_MS), 2);
	port_info(port, &info);
	CU_ASSERT_EQUAL(info.errors, 1);
	port_close(port);
	close(peer);
	run("ip link del x0");
}

static void
empty_pool_stops_receiving_until_it_refills(void)
{
	static struct rte_mbuf *taken[8192];
	struct rte_mbuf *frame;
	struct port *port;
	unsigned count = 0;
	int peer;

	veth_make();
	peer = peer_open();
	port = x0_open(1);
	while (count < 8192 && (taken[count] = rte_pktmbuf_alloc(unit_mbufs())))
		count++;
	rte_pktmbuf_free(taken[--count]);
	peer_send(peer, 5, FRAME_BYTES);
	frame = rte_pktmbuf_alloc(unit_mbufs());
	usleep(1000);
	CU_ASSERT_EQUAL(port_receive(port, 0), FRAME_NONE);
	rte_pktmbuf_free(frame);
	rte_pktmbuf_free_bulk(taken, count);
	CU_ASSERT_EQUAL(port_receive_soon(port, 0), 5);
	port_close(port);
	close(peer);
	run("ip link del x0");
}

static void
link_down_drops_and_link_up_flows_again(void)
{
	unsigned mbufs = mbufs_in_use();
	struct port_info info;
	struct port *port;
	int peer;

	veth_make();
	peer = peer_open();
	port = x0_open(1);
	CU_ASSERT_TRUE(link_is_up(port));
	expect_traffic(port, peer, 0, 10);
	run("ip link set x0 down");
	CU_ASSERT_FALSE(link_is_up(port));
	for (uint32_t i = 0; i < 5000; i++) {
		port_send(port, frame_numbered(i, FRAME_BYTES), 0);
		CU_ASSERT_EQUAL(port_receive(port, 0), FRAME_NONE);
	}
	port_info(port, &info);
	CU_ASSERT_EQUAL(info.errors, 5000);
	run("ip link set x0 up");
	peer_link_wait();
	CU_ASSERT_TRUE(link_is_up(port));
	CU_ASSERT_EQUAL(peer_receive(peer, 0), FRAME_NONE);
	expect_traffic(port, peer, 100, 50);
	port_close(port);
	close(peer);
	run("ip link del x0");
	CU_ASSERT_EQUAL(mbufs_in_use(), mbufs);
}

/*
 * Before port_info has seen it: the device's ring fills, and what does not fit stays the caller's.
 */
static void
link_down_unnoticed_does_not_block(void)
{
	struct rte_mempool *pool =
	    rte_pktmbuf_pool_create("unnoticed", 8191, 0, 64, 2176, SOCKET_ID_ANY);
	unsigned mbufs = mbufs_in_use(), refused = 0;
	struct rte_mbuf *last;
	struct port *port;
	int peer;

	CU_ASSERT_PTR_NOT_NULL_FATAL(pool);
	veth_make();
	peer = peer_open();
	if (port_open("p0", "af_xdp:iface=x0", 1, pool, &port, why, sizeof why))
		CU_FAIL_FATAL(why);
	run("ip link set x0 down");
	for (uint32_t i = 0; i < 3000; i++) {
		struct rte_mbuf *frame = frame_numbered(i, FRAME_BYTES);

		if (port_tx(port, 0, &frame, 1, 0))
			continue;
		rte_pktmbuf_free(frame);
		refused++;
	}
	CU_ASSERT_EQUAL(refused, 3000 - 2048);
	CU_ASSERT_EQUAL(port_receive(port, 0), FRAME_NONE);
	run("ip link set x0 up");
	peer_link_wait();
	last = frame_numbered(7777, FRAME_BYTES);
	while (!port_tx(port, 0, &last, 1, 0)) /* the ring was full: this call sets it going */
		CU_ASSERT_FATAL(refused++ < 3000);
	for (uint32_t got = 0; got != 7777;) { /* behind those that lay in the ring */
		got = peer_receive(peer, WAIT_MS);
		CU_ASSERT_NOT_EQUAL_FATAL(got, FRAME_NONE);
	}
	expect_traffic(port, peer, 8000, 50);
	port_close(port);
	close(peer);
	run("ip link del x0");
	CU_ASSERT_EQUAL(mbufs_in_use(), mbufs);
	CU_ASSERT_EQUAL(rte_mempool_in_use_count(pool), 0);
	rte_mempool_free(pool);
}

static void
peer_down_is_link_down(void)
{
	struct port *port;
	int peer;

	veth_make();
	peer = peer_open();
	port = x0_open(1);
	run("ip link set x1 down");
	CU_ASSERT_FALSE(link_is_up(port));
	run("ip link set x1 up");
	CU_ASSERT_TRUE(link_is_up(port));
	close(peer);
	peer = peer_open();
	expect_traffic(port, peer, 0, 10);
	port_close(port);
	close(peer);
	run("ip link del x0");
}

static void
deleted_interface_is_dead_until_opened_again(void)
{
	unsigned mbufs = mbufs_in_use();
	struct port_info info;
	struct port *port;
	int peer;

	veth_make();
	peer = peer_open();
	port = x0_open(1);
	expect_traffic(port, peer, 0, 10);
	run("ip link del x0");
	close(peer);
	for (uint32_t i = 0; i < 100; i++) {
		struct rte_mbuf *frame = frame_numbered(i, FRAME_BYTES);

		if (!port_tx(port, 0, &frame, 1, 0))
			rte_pktmbuf_free(frame);
		CU_ASSERT_EQUAL(port_receive(port, 0), FRAME_NONE);
	}
	CU_ASSERT_FALSE(link_is_up(port));
	veth_make();
	port_info(port, &info);
	CU_ASSERT_FALSE(info.link_up);
	port_send(port, frame_numbered(0, FRAME_BYTES), 0);
	CU_ASSERT_EQUAL(port_receive(port, 0), FRAME_NONE);
	port_close(port);
	CU_ASSERT_EQUAL(mbufs_in_use(), mbufs);

	peer = peer_open();
	port = x0_open(1);
	expect_traffic(port, peer, 0, 10);
	port_close(port);
	close(peer);
	run("ip link del x0");
	CU_ASSERT_EQUAL(mbufs_in_use(), mbufs);
}

static void
info_is_the_interface_s(void)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 0x10 };
	struct port_info info;
	struct port *port;

	veth_make();
	run("ip link set x0 mtu 1400");
	port = x0_open(1);
	port_info(port, &info);
	CU_ASSERT_STRING_EQUAL(info.name, "p0");
	CU_ASSERT_STRING_EQUAL(info.driver, "net_af_xdp");
	CU_ASSERT_EQUAL(memcmp(info.mac, mac, 6), 0);
	CU_ASSERT_EQUAL(info.mtu_bytes, 1400);
	CU_ASSERT_EQUAL(info.speed_mbps, 10000);
	CU_ASSERT_EQUAL(info.queues, 1);
	CU_ASSERT_FALSE(info.multi_segment);
	port_close(port);
	run("ip link del x0");
}

static void
interface_in_use_is_refused_and_its_user_unharmed(void)
{
	struct rte_mempool *pool =
	    rte_pktmbuf_pool_create("second", 4095, 0, 64, 2176, SOCKET_ID_ANY);
	struct port *port, *second;
	int peer;

	CU_ASSERT_PTR_NOT_NULL_FATAL(pool);
	veth_make();
	peer = peer_open();
	port = x0_open(1);
	CU_ASSERT_EQUAL(port_open("p1", "af_xdp:iface=x0", 1, pool, &second, why, sizeof why),
			ERR_busy);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "x0 is in use"));
	expect_traffic(port, peer, 0, 10);
	port_close(port);
	close(peer);
	run("ip link del x0");
	CU_ASSERT_EQUAL(rte_mempool_in_use_count(pool), 0);
	rte_mempool_free(pool);
}

static void
closed_port_opens_again_at_once(void)
{
	unsigned mbufs = mbufs_in_use();
	int peer;

	veth_make();
	peer = peer_open();
	for (uint32_t i = 0; i < 10; i++) {
		struct port *port = x0_open(1);

		expect_traffic(port, peer, i * 10, 2);
		port_close(port);
		CU_ASSERT_EQUAL(mbufs_in_use(), mbufs);
	}
	close(peer);
	run("ip link del x0");
}

/* On veth, frames of transmit queue i arrive on the peer's receive queue i. */
static void
two_queues_send_and_receive(void)
{
	struct rte_mempool *pool = rte_pktmbuf_pool_create("two", 8191, 0, 64, 2176, SOCKET_ID_ANY);
	struct port *port = NULL;
	int peer;

	CU_ASSERT_PTR_NOT_NULL_FATAL(pool);
	veth_make();
	peer = peer_open();
	if (port_open("p0", "af_xdp:iface=x0", 2, pool, &port, why, sizeof why))
		CU_FAIL_FATAL(why);
	for (uint16_t queue = 0; queue < 2; queue++) {
		struct rte_mbuf *frame = frame_numbered(queue, FRAME_BYTES);

		CU_ASSERT_EQUAL(port_tx(port, queue, &frame, 1, 0), 1);
		CU_ASSERT_EQUAL(peer_receive(peer, WAIT_MS), queue);
	}
	port_close(port);
	close(peer);
	run("ip link del x0");
	CU_ASSERT_EQUAL(rte_mempool_in_use_count(pool), 0);
	rte_mempool_free(pool);
}

static void
refusals_say_what_to_do(void)
{
	static const struct {
		const char *spec;
		uint16_t queues;
		enum err err;
		const char *says;
	} cases[] = {
		{ "af_xdp:iface=nowhere", 1, ERR_not_found,
		  "no interface nowhere in this network namespace" },
		{ "af_xdp:", 1, ERR_invalid, "af_xdp:iface=NAME" },
		{ "af_xdp:iface=", 1, ERR_invalid, "af_xdp:iface=NAME" },
		{ "af_xdp:iface=x0,queues=2", 1, ERR_invalid, "af_xdp:iface=NAME" },
		{ "af_xdp:iface=a-name-that-is-too-long", 1, ERR_invalid, "af_xdp:iface=NAME" },
		{ "af_xdp:iface=x0", 3, ERR_invalid, "2 receive queues, 3 are needed" },
		{ "af_xdp:iface=x0", 2, ERR_no_memory, "4096 mbufs for 2 queues" },
		{ "af_xdp:iface=x0", 0, ERR_invalid, "0 queues" },
	};
	unsigned mbufs = mbufs_in_use();
	struct port *port;

	veth_make();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CU_ASSERT_EQUAL(port_open("p0", cases[i].spec, cases[i].queues, unit_mbufs(), &port,
					  why, sizeof why),
				cases[i].err);
		if (!strstr(why, cases[i].says))
			CU_FAIL(why);
	}
	run("ip link set x0 mtu 3000");
	CU_ASSERT_EQUAL(port_open("p0", "af_xdp:iface=x0", 1, unit_mbufs(), &port, why, sizeof why),
			ERR_invalid);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "MTU of 3000"));
	run("ip link del x0");
	CU_ASSERT_EQUAL(mbufs_in_use(), mbufs);
}

static void
missing_capability_is_refused_and_named(void)
{
	struct port *port;

	veth_make();
	capability_set(CAP_NET_RAW, false);
	CU_ASSERT_EQUAL(port_open("p0", "af_xdp:iface=x0", 1, unit_mbufs(), &port, why, sizeof why),
			ERR_io);
	capability_set(CAP_NET_RAW, true);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "AF_XDP needs CAP_NET_RAW"));
	run("ip link del x0");
}

/* The driver fails half-way: what it took is lost (README.md), and the next try works. */
static void
failed_open_leaves_the_interface_usable(void)
{
	struct rte_mempool *pool =
	    rte_pktmbuf_pool_create("lost", 4095, 0, 64, 2176, SOCKET_ID_ANY);
	FILE *log = tmpfile(); /* the driver's complaints are expected */
	struct port *port;
	int peer;

	CU_ASSERT_FATAL(pool && log);
	veth_make();
	peer = peer_open();
	rte_openlog_stream(log);
	capability_set(CAP_NET_ADMIN, false);
	CU_ASSERT_EQUAL(port_open("p0", "af_xdp:iface=x0", 1, pool, &port, why, sizeof why),
			ERR_io);
	capability_set(CAP_NET_ADMIN, true);
	rte_openlog_stream(NULL);
	fclose(log);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "AF_XDP on x0 queue 0 failed: it needs CAP_NET_ADMIN"));
	port = x0_open(1);
	expect_traffic(port, peer, 0, 10);
	port_close(port);
	close(peer);
	run("ip link del x0"); /* the pool stays: a device that can't be closed has its memory */
}

CU_TestInfo test_port_af_xdp[] = {
	{ "frames_pass_both_ways", frames_pass_both_ways },
	{ "burst_passes_in_order", burst_passes_in_order },
	{ "chained_shared_and_indirect_frames_are_sent_whole",
	  chained_shared_and_indirect_frames_are_sent_whole },
	{ "frame_without_a_buffer_for_its_copy_is_an_error",
	  frame_without_a_buffer_for_its_copy_is_an_error },
	{ "empty_pool_stops_receiving_until_it_refills",
	  empty_pool_stops_receiving_until_it_refills },
	{ "link_down_drops_and_link_up_flows_again", link_down_drops_and_link_up_flows_again },
	{ "link_down_unnoticed_does_not_block", link_down_unnoticed_does_not_block },
	{ "peer_down_is_link_down", peer_down_is_link_down },
	{ "deleted_interface_is_dead_until_opened_again",
	  deleted_interface_is_dead_until_opened_again },
	{ "info_is_the_interface_s", info_is_the_interface_s },
	{ "interface_in_use_is_refused_and_its_user_unharmed",
	  interface_in_use_is_refused_and_its_user_unharmed },
	{ "closed_port_opens_again_at_once", closed_port_opens_again_at_once },
	{ "two_queues_send_and_receive", two_queues_send_and_receive },
	{ "refusals_say_what_to_do", refusals_say_what_to_do },
	{ "missing_capability_is_refused_and_named", missing_capability_is_refused_and_named },
	{ "failed_open_leaves_the_interface_usable", failed_open_leaves_the_interface_usable },
	CU_TEST_INFO_NULL,
};
