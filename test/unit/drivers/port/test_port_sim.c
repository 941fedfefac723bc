/*
 * The simulated link.
 */
#include "drivers/port/port_sim.h"

#include <rte_mbuf.h>

#include "test/unit/drivers/port/port_test.h"
#include "test/unit/unit.h"

static const struct port_sim_link plain_link = { .delay_us = 1000,
						 .queue_frames = 64,
						 .mtu_bytes = 1500,
						 .mac = { { 2, 0, 0, 0, 0, 1 },
							  { 2, 0, 0, 0, 0, 2 } } };

struct pair {
	struct port *a, *b;
	unsigned mbufs; /* in use before */
};

static struct pair
pair_open(struct port_sim_link link)
{
	struct pair pair = { .mbufs = mbufs_in_use() };

	CU_ASSERT_EQUAL_FATAL(port_sim_pair("a", "b", &link, &pair.a, &pair.b), ERR_ok);
	return pair;
}

static void
pair_close(struct pair *pair)
{
	port_close(pair->a);
	port_close(pair->b);
	CU_ASSERT_EQUAL(mbufs_in_use(), pair->mbufs);
}

static void
frame_arrives_after_the_delay(void)
{
	struct pair pair = pair_open(plain_link);

	CU_ASSERT_EQUAL(port_next_us(pair.b), UINT64_MAX);
	port_send(pair.a, frame_numbered(7, FRAME_BYTES), 500);
	CU_ASSERT_EQUAL(port_next_us(pair.b), 1500);
	CU_ASSERT_EQUAL(port_next_us(pair.a), UINT64_MAX);
	CU_ASSERT_EQUAL(port_receive(pair.b, 1499), FRAME_NONE);
	CU_ASSERT_EQUAL(port_receive(pair.a, 1500), FRAME_NONE);
	CU_ASSERT_EQUAL(port_receive(pair.b, 1500), 7);
	CU_ASSERT_EQUAL(port_receive(pair.b, 9999), FRAME_NONE);
	pair_close(&pair);
}

static void
frames_of_one_instant_keep_their_order(void)
{
	struct pair pair = pair_open(plain_link);

	for (uint32_t i = 0; i < 50; i++)
		port_send(i % 2 ? pair.a : pair.b, frame_numbered(i, FRAME_BYTES), 10);
	for (uint32_t i = 0; i < 50; i++)
		CU_ASSERT_EQUAL(port_receive(i % 2 ? pair.b : pair.a, 1010), i);
	pair_close(&pair);
}

static void
ring_wraps_around_many_times(void)
{
	struct pair pair = pair_open(plain_link);

	for (uint32_t i = 0; i < 500; i++) {
		port_send(pair.a, frame_numbered(i, FRAME_BYTES), i * 100);
		CU_ASSERT_EQUAL(port_receive(pair.b, i * 100), i < 10 ? FRAME_NONE : i - 10);
	}
	pair_close(&pair);
}

static void
rate_spaces_the_frames(void)
{
	struct port_sim_link link = plain_link;
	struct pair pair;

	link.rate_bps = 8000000; /* a byte a microsecond */
	pair = pair_open(link);
	port_send(pair.a, frame_numbered(0, 100), 0);
	port_send(pair.a, frame_numbered(1, 200), 0);
	CU_ASSERT_EQUAL(port_next_us(pair.b), 1100);
	CU_ASSERT_EQUAL(port_receive(pair.b, 1100), 0);
	CU_ASSERT_EQUAL(port_next_us(pair.b), 1300);
	CU_ASSERT_EQUAL(port_receive(pair.b, 1299), FRAME_NONE);
	CU_ASSERT_EQUAL(port_receive(pair.b, 1300), 1);
	port_send(pair.a, frame_numbered(2, 100), 5000); /* the line has been idle */
	CU_ASSERT_EQUAL(port_next_us(pair.b), 6100);
	pair_close(&pair);
}

static void
full_queue_drops_at_the_tail(void)
{
	struct port_sim_link link = plain_link;
	struct port_info info;
	struct pair pair;

	link.queue_frames = 3;
	pair = pair_open(link);
	for (uint32_t i = 0; i < 5; i++)
		port_send(pair.a, frame_numbered(i, FRAME_BYTES), 0);
	for (uint32_t i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(port_receive(pair.b, 1000), i);
	CU_ASSERT_EQUAL(port_receive(pair.b, 1000), FRAME_NONE);
	port_info(pair.b, &info);
	CU_ASSERT_EQUAL(info.missed, 2);
	pair_close(&pair);
}

static void
shared_frame_is_copied(void)
{
	struct pair pair = pair_open(plain_link);
	struct rte_mbuf *frame = frame_numbered(1, FRAME_BYTES), *got;

	rte_mbuf_refcnt_update(frame, 1);
	port_send(pair.a, frame, 0);
	CU_ASSERT_EQUAL_FATAL(port_rx(pair.b, 0, &got, 1, 1000), 1);
	CU_ASSERT_PTR_NOT_EQUAL(got, frame);
	CU_ASSERT_EQUAL(rte_mbuf_refcnt_read(frame), 1);
	memset(rte_pktmbuf_mtod(got, void *), 0, FRAME_BYTES);
	rte_pktmbuf_free(got);
	CU_ASSERT_EQUAL(frame_number(frame), 1);
	pair_close(&pair);
}

static void
chained_frame_arrives_in_one_segment(void)
{
	struct pair pair = pair_open(plain_link);
	struct rte_mbuf *got;

	port_send(pair.a, frame_chained(frame_numbered(3, 1514)), 0);
	CU_ASSERT_EQUAL_FATAL(port_rx(pair.b, 0, &got, 1, 1000), 1);
	CU_ASSERT_EQUAL(got->nb_segs, 1);
	CU_ASSERT_EQUAL(frame_number(got), 3);
	pair_close(&pair);
}

static void
received_frame_has_no_trace_of_its_sender(void)
{
	struct pair pair = pair_open(plain_link);
	struct rte_mbuf *frame = frame_numbered(1, FRAME_BYTES), *got;
	uint8_t zeros[64] = { 0 };

	memset(rte_mbuf_to_priv(frame), 0x55, sizeof zeros);
	frame->ol_flags |= RTE_MBUF_F_TX_TCP_CKSUM;
	port_send(pair.a, frame, 0);
	CU_ASSERT_EQUAL_FATAL(port_rx(pair.b, 0, &got, 1, 1000), 1);
	CU_ASSERT_EQUAL(memcmp(rte_mbuf_to_priv(got), zeros, sizeof zeros), 0);
	CU_ASSERT_EQUAL(got->ol_flags, 0);
	rte_pktmbuf_free(got);
	pair_close(&pair);
}

static void
frame_beyond_the_mtu_is_an_error(void)
{
	struct pair pair = pair_open(plain_link);
	struct port_info info;

	port_send(pair.a, frame_numbered(0, 1518), 0); /* with room for a VLAN tag */
	port_send(pair.a, frame_numbered(1, 1519), 0);
	CU_ASSERT_EQUAL(port_receive(pair.b, 1000), 0);
	CU_ASSERT_EQUAL(port_receive(pair.b, 1000), FRAME_NONE);
	port_info(pair.a, &info);
	CU_ASSERT_EQUAL(info.errors, 1);
	pair_close(&pair);
}

static void
link_down_loses_what_is_under_way(void)
{
	struct pair pair = pair_open(plain_link);
	struct port_info info;

	port_send(pair.a, frame_numbered(0, FRAME_BYTES), 0);
	port_sim_link_set(pair.b, false);
	port_send(pair.a, frame_numbered(1, FRAME_BYTES), 0);
	port_info(pair.a, &info);
	CU_ASSERT_FALSE(info.link_up);
	port_sim_link_set(pair.b, true);
	port_send(pair.a, frame_numbered(2, FRAME_BYTES), 0);
	CU_ASSERT_EQUAL(port_receive(pair.b, 1000), 2);
	CU_ASSERT_EQUAL(port_receive(pair.b, 1000), FRAME_NONE);
	pair_close(&pair);
}

static void
closed_end_takes_the_link_down(void)
{
	struct pair pair = pair_open(plain_link);
	struct port_info info;

	port_send(pair.a, frame_numbered(0, FRAME_BYTES), 0);
	port_close(pair.a);
	port_info(pair.b, &info);
	CU_ASSERT_FALSE(info.link_up);
	port_send(pair.b, frame_numbered(1, FRAME_BYTES), 0);
	CU_ASSERT_EQUAL(port_receive(pair.b, 1000), FRAME_NONE);
	port_sim_link_set(pair.b, true); /* nobody there */
	port_info(pair.b, &info);
	CU_ASSERT_FALSE(info.link_up);
	port_close(pair.b);
	CU_ASSERT_EQUAL(mbufs_in_use(), pair.mbufs);
}

static void
info_says_what_the_link_is(void)
{
	struct port_sim_link link = plain_link;
	struct port_info info;
	struct pair pair;

	link.rate_bps = 1000000000;
	pair = pair_open(link);
	port_info(pair.b, &info);
	CU_ASSERT_STRING_EQUAL(info.name, "b");
	CU_ASSERT_STRING_EQUAL(info.driver, "sim");
	CU_ASSERT_TRUE(info.link_up);
	CU_ASSERT_EQUAL(info.mtu_bytes, 1500);
	CU_ASSERT_EQUAL(info.speed_mbps, 1000);
	CU_ASSERT_EQUAL(info.queues, 1);
	CU_ASSERT_EQUAL(info.mac[5], 2);
	pair_close(&pair);
}

static void
impossible_link_is_refused(void)
{
	struct port_sim_link link = plain_link;
	struct port *a, *b;

	link.queue_frames = 0;
	CU_ASSERT_EQUAL(port_sim_pair("a", "b", &link, &a, &b), ERR_invalid);
	link = plain_link;
	link.mtu_bytes = 20;
	CU_ASSERT_EQUAL(port_sim_pair("a", "b", &link, &a, &b), ERR_invalid);
}

CU_TestInfo test_port_sim[] = {
	{ "frame_arrives_after_the_delay", frame_arrives_after_the_delay },
	{ "frames_of_one_instant_keep_their_order", frames_of_one_instant_keep_their_order },
	{ "ring_wraps_around_many_times", ring_wraps_around_many_times },
	{ "rate_spaces_the_frames", rate_spaces_the_frames },
	{ "full_queue_drops_at_the_tail", full_queue_drops_at_the_tail },
	{ "shared_frame_is_copied", shared_frame_is_copied },
	{ "chained_frame_arrives_in_one_segment", chained_frame_arrives_in_one_segment },
	{ "received_frame_has_no_trace_of_its_sender", received_frame_has_no_trace_of_its_sender },
	{ "frame_beyond_the_mtu_is_an_error", frame_beyond_the_mtu_is_an_error },
	{ "link_down_loses_what_is_under_way", link_down_loses_what_is_under_way },
	{ "closed_end_takes_the_link_down", closed_end_takes_the_link_down },
	{ "info_says_what_the_link_is", info_says_what_the_link_is },
	{ "impossible_link_is_refused", impossible_link_is_refused },
	CU_TEST_INFO_NULL,
};
