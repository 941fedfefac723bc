/*
 * memif and ring: two ports of this program, connected to each other.
 */
#include <netinet/in.h>
#include <rte_ip.h>
#include <rte_log.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/port/port_ethdev.h"
#include "test/unit/drivers/port/port_test.h"
#include "test/unit/unit.h"

static char why[256];

static struct port *
open_port(const char *name, const char *spec, uint16_t queues)
{
	struct port *port = NULL;

	if (port_open(name, spec, queues, unit_mbufs(), &port, why, sizeof why))
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
expect_traffic(struct port *a, struct port *b, uint16_t queue)
{
	struct rte_mbuf *burst[PORT_BURST], *got[PORT_BURST];

	for (uint32_t round = 0; round < 50; round++) {
		uint16_t received = port_rx(b, queue, got, PORT_BURST,
					    0); /* a memif client offers its buffers so */

		CU_ASSERT_EQUAL(received, 0);
		for (uint32_t i = 0; i < 32; i++)
			burst[i] = frame_numbered(round * 32 + i, 60 + (round * 32 + i) % 1455);
		burst[7] = frame_chained(burst[7]);
		CU_ASSERT_EQUAL_FATAL(port_tx(a, queue, burst, 32, 0), 32);
		for (int tries = 0; tries < 1000 && received < 32; tries++)
			received += port_rx(b, queue, got + received, PORT_BURST - received, 0);
		CU_ASSERT_EQUAL_FATAL(received, 32);
		for (uint32_t i = 0; i < 32; i++)
			CU_ASSERT_EQUAL(frame_number(got[i]), round * 32 + i);
	}
}

/* ---- ring ---- */

static void
ring_ends_exchange_frames(void)
{
	unsigned mbufs = mbufs_in_use();
	struct port *a = open_port("r0", "ring:x", 2), *b = open_port("r1", "ring:x", 2), *c;
	struct rte_mbuf *frame = frame_numbered(5, FRAME_BYTES);
	struct port_info info[2];

	for (uint16_t queue = 0; queue < 2; queue++) {
		expect_traffic(a, b, queue);
		expect_traffic(b, a, queue);
	}
	port_info(a, &info[0]);
	port_info(b, &info[1]);
	CU_ASSERT_STRING_EQUAL(info[0].driver, "net_ring");
	CU_ASSERT_NOT_EQUAL(memcmp(info[0].mac, info[1].mac, 6), 0);
	CU_ASSERT_TRUE(info[0].link_up);
	CU_ASSERT_EQUAL(info[0].queues, 2);
	CU_ASSERT_EQUAL(port_open("r2", "ring:x", 1, unit_mbufs(), &c, why, sizeof why),
			ERR_exists);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "both ends of ring:x are open already"));

	rte_mbuf_refcnt_update(frame, 1);
	port_send(a, frame, 0); /* a copy goes */
	CU_ASSERT_EQUAL(rte_mbuf_refcnt_read(frame), 1);
	rte_pktmbuf_free(frame);
	port_close(a);
	port_close(b); /* with a frame in the ring */
	CU_ASSERT_EQUAL(mbufs_in_use(), mbufs);
}

static void
full_ring_leaves_the_rest_to_the_caller(void)
{
	unsigned mbufs = mbufs_in_use();
	struct port *a = open_port("r0", "ring:y", 1), *b = open_port("r1", "ring:y", 1);
	uint32_t sent = 0, received = 0;
	struct rte_mbuf *frame;

	while (frame = frame_numbered(sent, FRAME_BYTES), port_tx(a, 0, &frame, 1, 0))
		CU_ASSERT_FATAL(sent++ < 3000);
	rte_pktmbuf_free(frame);
	while (port_receive(b, 0) == received)
		received++;
	CU_ASSERT(sent > 1000);
	CU_ASSERT_EQUAL(received, sent);
	port_close(b);
	port_close(a);
	CU_ASSERT_EQUAL(mbufs_in_use(), mbufs);
}

/* ---- memif ---- */

static void
memif_ends_exchange_frames_and_see_the_peer_go(void)
{
	char dir[] = "/tmp/fairlead-test-XXXXXX", server[128], client[128], command[64];
	unsigned mbufs = mbufs_in_use();
	struct port *a, *b;
	struct port_info info;
	struct rte_mbuf *frame;
	FILE *log =
	    tmpfile(); /* DPDK says there when memory is freed twice, as memif did at each close */

	CU_ASSERT_PTR_NOT_NULL_FATAL(log);
	rte_openlog_stream(log);
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
	snprintf(server, sizeof server, "memif:socket=%s/m.sock,role=server", dir);
	snprintf(client, sizeof client, "memif:socket=%s/m.sock,role=client,id=0", dir);
	a = open_port("m0", server, 1);
	CU_ASSERT_FALSE(link_is_up(a));
	frame = frame_numbered(0, FRAME_BYTES);
	CU_ASSERT_EQUAL(port_tx(a, 0, &frame, 1, 0), 0); /* nobody there: it stays ours */
	rte_pktmbuf_free(frame);
	CU_ASSERT_EQUAL(port_receive(a, 0), FRAME_NONE);
	b = open_port("m1", client, 1);
	for (int i = 0; i < 3000 && !(link_is_up(a) && link_is_up(b)); i++)
		usleep(1000);
	CU_ASSERT_TRUE_FATAL(link_is_up(a) && link_is_up(b));
	expect_traffic(a, b, 0);
	expect_traffic(b, a, 0);
	port_info(a, &info);
	CU_ASSERT_STRING_EQUAL(info.driver, "net_memif");
	CU_ASSERT_EQUAL(info.mtu_bytes, 1500);
	port_close(b);
	for (int i = 0; i < 3000 && link_is_up(a); i++)
		usleep(1000);
	CU_ASSERT_FALSE(link_is_up(a));
	frame = frame_numbered(0, FRAME_BYTES);
	CU_ASSERT_EQUAL(port_tx(a, 0, &frame, 1, 0), 0);
	rte_pktmbuf_free(frame);
	CU_ASSERT_EQUAL(port_receive(a, 0), FRAME_NONE);
	port_close(a);
	CU_ASSERT_EQUAL(mbufs_in_use(), mbufs);
	rte_openlog_stream(NULL);
	CU_ASSERT_EQUAL(ftell(log), 0);
	fclose(log);
	snprintf(command, sizeof command, "rm -r %s", dir);
	CU_ASSERT_EQUAL(system(command), 0);
}

/* ---- specs ---- */

static void
bad_specs_are_refused(void)
{
	static const struct {
		const char *spec;
		enum err err;
		const char *says;
	} cases[] = {
		{ "", ERR_invalid, "names no driver" },
		{ "ring", ERR_invalid, "names no driver" },
		{ "wire:x", ERR_invalid, "'wire:x' names no driver: af_xdp:iface=NAME" },
		{ "ring:", ERR_invalid, "1 to 11 characters" },
		{ "ring:much-too-long-a-name", ERR_invalid, "1 to 11 characters" },
		{ "memif:", ERR_invalid, "memif needs socket=PATH" },
		{ "memif:socket=/tmp/x", ERR_invalid, "memif needs socket=PATH" },
		{ "memif:socket=/tmp/x,role=master", ERR_invalid, "'role'" },
		{ "memif:socket=/tmp/x,role=client,id=70000", ERR_invalid, "'id'" },
		{ "memif:socket=/nowhere/x,role=server", ERR_io, "DPDK can't make net_memif_p0" },
		{ "pci:0000:03:00.0", ERR_not_found, "no NIC at PCI address 0000:03:00.0" },
	};
	struct port *port;

	unit_mbufs();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CU_ASSERT_EQUAL(
		    port_open("p0", cases[i].spec, 1, unit_mbufs(), &port, why, sizeof why),
		    cases[i].err);
		if (!strstr(why, cases[i].says))
			CU_FAIL(why);
	}
	CU_ASSERT_EQUAL(port_open("", "ring:x", 1, unit_mbufs(), &port, why, sizeof why),
			ERR_invalid);
	CU_ASSERT_EQUAL(
	    port_open("a-name-of-16-chr", "ring:x", 1, unit_mbufs(), &port, why, sizeof why),
	    ERR_invalid);
}

/* ---- long packets ---- */

#define JUMBO 9000u

static struct rte_mempool *
jumbo_pool(void)
{
	static struct rte_mempool *pool;

	unit_mbufs(); /* EAL */
	if (!pool)
		pool = rte_pktmbuf_pool_create("jumbo", 255, 0, 64, port_buffer_bytes(JUMBO),
					       SOCKET_ID_ANY);
	CU_ASSERT_PTR_NOT_NULL_FATAL(pool);
	return pool;
}

static struct port *
open_jumbo(const char *name, const char *spec)
{
	struct port_info info;
	struct port *port = NULL;

	if (port_open(name, spec, 1, jumbo_pool(), &port, why, sizeof why))
		CU_FAIL_FATAL(why);
	port_info(port, &info);
	CU_ASSERT_EQUAL(info.mtu_bytes, JUMBO);
	CU_ASSERT_EQUAL(info.offloads, 0); /* these devices have none */
	return port;
}

/* A frame with a tag and a packet as long as may be, which is one buffer at the other end. */
static void
expect_jumbo(struct port *a, struct port *b)
{
	struct rte_mbuf *m, *got = NULL;
	uint32_t len = 18 + JUMBO;
	uint8_t *at;

	while (port_rx(b, 0, &got, 1, 0)) /* a memif client offers its buffers so */
		rte_pktmbuf_free(got);
	m = rte_pktmbuf_alloc(jumbo_pool());
	at = (uint8_t *)rte_pktmbuf_append(m, (uint16_t)len);
	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	for (uint32_t i = 0; i < len; i++)
		at[i] = (uint8_t)(i * 5 + (i >> 8));
	memcpy(at + 12, (uint8_t[]){ 0x81, 0, 0, 100 }, 4);
	CU_ASSERT_EQUAL_FATAL(port_tx(a, 0, &m, 1, 0), 1);
	got = NULL;
	for (int tries = 0; tries < 1000 && !port_rx(b, 0, &got, 1, 0); tries++)
		;
	CU_ASSERT_PTR_NOT_NULL_FATAL(got);
	CU_ASSERT_EQUAL(got->nb_segs, 1);
	CU_ASSERT_EQUAL_FATAL(got->pkt_len, len);
	at = rte_pktmbuf_mtod(got, uint8_t *);
	CU_ASSERT_EQUAL(memcmp(at + 12, (uint8_t[]){ 0x81, 0, 0, 100 }, 4), 0);
	for (uint32_t i = 16; i < len; i++)
		if (at[i] != (uint8_t)(i * 5 + (i >> 8))) {
			CU_FAIL("not what was sent");
			break;
		}
	rte_pktmbuf_free(got);
}

static void
ring_carries_jumbo_frames(void)
{
	unsigned used = rte_mempool_in_use_count(jumbo_pool());
	struct port *a = open_jumbo("r0", "ring:j,mtu=9000"),
		    *b = open_jumbo("r1", "ring:j,mtu=9000");

	expect_jumbo(a, b);
	expect_jumbo(b, a);
	port_close(a);
	port_close(b);
	CU_ASSERT_EQUAL(rte_mempool_in_use_count(jumbo_pool()), used);
}

static void
memif_carries_jumbo_frames(void)
{
	char dir[] = "/tmp/fairlead-test-XXXXXX", server[128], client[128], command[64];
	struct port *a, *b;

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
	snprintf(server, sizeof server, "memif:socket=%s/m.sock,role=server,mtu=9000", dir);
	snprintf(client, sizeof client, "memif:socket=%s/m.sock,role=client,mtu=9000", dir);
	a = open_jumbo("m0", server);
	b = open_jumbo("m1", client);
	for (int i = 0; i < 3000 && !(link_is_up(a) && link_is_up(b)); i++)
		usleep(1000);
	CU_ASSERT_TRUE_FATAL(link_is_up(a) && link_is_up(b));
	expect_jumbo(a, b);
	expect_jumbo(b, a);
	port_close(b);
	port_close(a);
	snprintf(command, sizeof command, "rm -r %s", dir);
	CU_ASSERT_EQUAL(system(command), 0);
}

static void
mtu_is_what_the_buffers_hold(void)
{
	static const struct {
		const char *spec;
		uint16_t mtu_bytes; /* 0: refused */
	} cases[] = { { "ring:x", 1500 },
		      { "ring:x,mtu=9000", 9000 },
		      { "memif:socket=/tmp/x,role=client,id=3,mtu=1280", 1280 },
		      { "memif:socket=/tmp/x,mtu=2000,role=client", 1500 }, /* only at the end */
		      { "ring:x,mtu=9001", 0 },
		      { "ring:x,mtu=67", 0 },
		      { "ring:x,mtu=", 0 },
		      { "ring:x,mtu=1k", 0 } };
	struct port *port;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint16_t mtu_bytes = 0;
		enum err err = port_spec_mtu(cases[i].spec, &mtu_bytes);

		CU_ASSERT_EQUAL(err, cases[i].mtu_bytes ? ERR_ok : ERR_invalid);
		if (!err)
			CU_ASSERT_EQUAL(mtu_bytes, cases[i].mtu_bytes);
	}
	CU_ASSERT_EQUAL(port_buffer_bytes(1500), RTE_MBUF_DEFAULT_BUF_SIZE);
	CU_ASSERT(port_buffer_bytes(9000) >= 128 + 9000 + 18);
	CU_ASSERT_EQUAL(port_open("p0", "ring:x,mtu=9000", 1, unit_mbufs(), &port, why, sizeof why),
			ERR_invalid);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "mtu=9000: the packet buffers hold packets of 2016"));
	CU_ASSERT_EQUAL(port_open("p0", "ring:x,mtu=1", 1, unit_mbufs(), &port, why, sizeof why),
			ERR_invalid);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "mtu=68 to 9000"));
	CU_ASSERT_EQUAL(
	    port_open("p0", "af_xdp:iface=lo,mtu=1500", 1, unit_mbufs(), &port, why, sizeof why),
	    ERR_invalid);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "its interface's MTU"));
}

/* ---- what the device can't do ---- */

static void
ip_sum_that_is_asked_for_is_made(void)
{
	static const struct rte_ipv4_hdr header = {
		.version_ihl = 0x45,
		.total_length = RTE_BE16(40),
		.time_to_live = 64,
		.next_proto_id = IPPROTO_TCP,
		.hdr_checksum = RTE_BE16(0x1234),
		.src_addr = RTE_BE32(RTE_IPV4(10, 0, 0, 100)),
		.dst_addr = RTE_BE32(RTE_IPV4(10, 0, 0, 2)),
	};
	struct rte_mbuf *burst[2] = { frame_numbered(1, 60), frame_numbered(2, 60) };
	struct rte_ipv4_hdr *ip[2];

	for (int i = 0; i < 2; i++) {
		burst[i]->l2_len = RTE_ETHER_HDR_LEN;
		ip[i] = rte_pktmbuf_mtod_offset(burst[i], struct rte_ipv4_hdr *, RTE_ETHER_HDR_LEN);
		*ip[i] = header;
		burst[i]->ol_flags = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_TCP_CKSUM;
	}
	burst[0]->ol_flags |= RTE_MBUF_F_TX_IP_CKSUM;
	port_ethdev_ip_sums(burst, 2);
	CU_ASSERT_EQUAL(burst[0]->ol_flags, RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_TCP_CKSUM);
	CU_ASSERT_EQUAL((uint16_t)~rte_raw_cksum(ip[0], sizeof header), 0);
	CU_ASSERT_EQUAL(ip[1]->hdr_checksum, header.hdr_checksum);
	rte_pktmbuf_free_bulk(burst, 2);
}

CU_TestInfo test_port_vdev[] = {
	{ "ring_ends_exchange_frames", ring_ends_exchange_frames },
	{ "full_ring_leaves_the_rest_to_the_caller", full_ring_leaves_the_rest_to_the_caller },
	{ "memif_ends_exchange_frames_and_see_the_peer_go",
	  memif_ends_exchange_frames_and_see_the_peer_go },
	{ "bad_specs_are_refused", bad_specs_are_refused },
	{ "ring_carries_jumbo_frames", ring_carries_jumbo_frames },
	{ "memif_carries_jumbo_frames", memif_carries_jumbo_frames },
	{ "mtu_is_what_the_buffers_hold", mtu_is_what_the_buffers_hold },
	{ "ip_sum_that_is_asked_for_is_made", ip_sum_that_is_asked_for_is_made },
	CU_TEST_INFO_NULL,
};
