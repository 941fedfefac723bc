/*
 * Packets of several segments, for a port that cuts them: what goes into one, and what never does.
 */
#include "test/unit/dataplane/tcp/tcp_fixture.h"

struct train {
	uint32_t seq, len, segment_bytes;
	uint8_t flags; /* without ACK; SEG_CWR too */
};

/* A connection to a port that cuts, with nothing in its way; the peer's segments have 1,000 bytes. */
static void
begin(void)
{
	start();
	established();
	port_cuts = true;
	conn()->cwnd = 1000000;
}

/* The next packet, whose text must be the pattern; len 0: there is none. */
static struct train
next(void)
{
	struct train train = { 0 };
	const struct tcp_header *h;
	struct rte_mbuf *m;
	uint32_t header;

	if (tcp_output(tcp, &m, 1, now_us) == 0)
		return train;
	h = rte_pktmbuf_mtod(m, const struct tcp_header *);
	header = (h->data_offset >> 4) * 4u;
	train.seq = be32_to(h->seq) - peer.irs;
	train.len = m->pkt_len - header;
	train.segment_bytes = packet_of(m)->segment_bytes;
	train.flags = h->flags & (uint8_t)~SEG_ACK;
	CU_ASSERT_EQUAL(packet_of(m)->lacks, PACKET_LACKS_TCP_SUM);
	CU_ASSERT_EQUAL(train.segment_bytes != 0, train.len > 1000);
	for (uint32_t i = 0; i < train.len; i++) {
		uint8_t byte;
		const uint8_t *at = rte_pktmbuf_read(m, header + i, 1, &byte);

		if (!at || *at != pattern(train.seq + i)) {
			CU_FAIL("payload is not what was queued");
			break;
		}
	}
	rte_pktmbuf_free(m);
	tcp_check(tcp, now_us);
	return train;
}

static void
expect(uint32_t seq, uint32_t len, uint32_t segment_bytes, uint8_t flags)
{
	struct train train = next();

	CU_ASSERT_EQUAL(train.seq, seq);
	CU_ASSERT_EQUAL(train.len, len);
	CU_ASSERT_EQUAL(train.segment_bytes, segment_bytes);
	CU_ASSERT_EQUAL(train.flags, flags);
}

static void
expect_none(void)
{
	CU_ASSERT_EQUAL(next().len, 0);
}

static void
train_has_up_to_16_segments_each_with_its_record(void)
{
	uint64_t sent;

	begin();
	sent = counter(COUNTER_tcp_segments_sent);
	app_send(20500);
	expect(1, 16000, 1000, 0);
	expect(16001, 4500, 1000, PSH);
	expect_none();
	CU_ASSERT_EQUAL(conn()->flight->sent_count, 21);
	CU_ASSERT_EQUAL(conn()->flight->pipe, 20500);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_segments_sent) - sent, 21);
	RX(.ack = 5501); /* in the middle of one */
	CU_ASSERT_EQUAL(conn()->flight->sent_count, 16);
	finish_open();
}

static void
one_segment_is_no_train(void)
{
	begin();
	app_send(1000);
	expect(1, 1000, 0, PSH);
	app_send(10);
	expect(1001, 10, 0, PSH);
	finish_open();
}

static void
port_that_does_not_cut_gets_segments(void)
{
	begin();
	port_cuts = false;
	app_send(3000);
	for (unsigned i = 0; i < 3; i++)
		expect(1 + i * 1000, 1000, 0, i == 2 ? PSH : 0);
	finish_open();
}

static void
fin_ends_a_train(void)
{
	begin();
	app_send(2500);
	tcp_shutdown(tcp, id, now_us);
	expect(1, 2500, 1000, PSH | FIN);
	expect_none();
	CU_ASSERT_EQUAL(state(), TCP_FIN_WAIT_1);
	finish_open();
}

static void
what_was_pushed_ends_a_train(void)
{
	begin();
	app_send(1500);
	tcp_push(tcp, id);
	app_send(1500);
	expect(1, 2000, 1000, PSH);
	expect(2001, 1000, 0, PSH);
	finish_open();
}

static void
train_keeps_to_cwnd_and_window(void)
{
	begin();
	conn()->cwnd = 3000;
	app_send(9000);
	expect(1, 3000, 1000, 0);
	expect_none();
	conn()->cwnd = 1000000;
	RX(.ack = 3001, .window = 2500);
	expect(3001, 2000, 1000, 0);
	expect_none();
	finish_open();
}

static void
train_keeps_to_the_pace(void)
{
	begin();
	tcp->profiles[0].pacing = true;
	conn()->srtt_us = 100000;
	conn()->cwnd = 10000;
	app_send(9000); /* 1,000 bytes take 8 ms; what a late turn may make up for is 1 ms */
	CU_ASSERT(next().len <= 2000);
	expect_none();
	finish_open();
}

static void
what_was_sent_before_goes_alone(void)
{
	begin();
	app_send(5000);
	expect(1, 5000, 1000, PSH);
	for (unsigned i = 0; i < 50 && counter(COUNTER_tcp_retransmit_timeouts) == 0; i++) {
		pass_us(tcp_next_us(tcp) - now_us);
		while (tcp_has_output(tcp) && next().len > 0)
			;
	}
	CU_ASSERT_EQUAL_FATAL(counter(COUNTER_tcp_retransmit_timeouts), 1);
	conn()->cwnd = 1000000;
	RX(.ack = 1001);
	for (unsigned i = 0; i < 20; i++) {
		struct train train = next();

		CU_ASSERT(train.len <= 1000);
		CU_ASSERT_EQUAL(train.segment_bytes, 0);
	}
	finish_open();
}

static void
empty_pool_ends_a_train(void)
{
	begin();
	app_send(9000);
	pool_leave(2);
	expect(1, 4000, 1000, 0);
	CU_ASSERT_EQUAL(conn()->flight->sent_count, 4);
	pool_refill();
	expect_none();
	pass_us(TCP_RETRY_US);
	expect(4001, 5000, 1000, PSH);
	finish_open();
}

/* A port may repeat what stands in the first header. */
static void
news_of_a_reduction_stands_alone(void)
{
	begin();
	app_send(10);
	expect(1, 10, 0, PSH);
	conn()->flags |= CONN_ECN;
	conn()->flight->cwr_due = true;
	app_send(3000);
	expect(11, 1000, 0, SEG_CWR);
	expect(1011, 2000, 1000, PSH);
	finish_open();
}

static void
visit_is_bounded_by_segments(void)
{
	static const uint16_t ports[] = { 5000, 5000, 5001, 5001, 5000, 5000, 5001, 5001 };
	struct rte_mbuf *burst[64];
	uint32_t ids[2];

	start();
	for (unsigned i = 0; i < 2; i++) {
		id = TCP_NONE;
		peer.snd = 0;
		peer.theirs.port = (uint16_t)(5000 + i);
		established();
		conn()->cwnd = 1000000;
		ids[i] = id;
	}
	port_cuts = true;
	for (unsigned i = 0; i < 2; i++)
		CU_ASSERT_EQUAL(tcp_send_bytes(tcp, ids[i], (uint8_t[50000]){ 0 }, 50000, now_us),
				ERR_ok);
	CU_ASSERT_EQUAL_FATAL(tcp_output(tcp, burst, 64, now_us), ARRAY_SIZE(ports));
	for (unsigned i = 0; i < ARRAY_SIZE(ports); i++) {
		CU_ASSERT_EQUAL(packet_of(burst[i])->dst_port, ports[i]);
		rte_pktmbuf_free(burst[i]);
	}
	finish_open();
}

/* What the port has found out about the sum is believed. */
static void
port_is_believed_about_the_sum(void)
{
	struct rte_mbuf *m;
	const struct {
		uint64_t said;
		bool taken;
	} cases[] = { { RTE_MBUF_F_RX_L4_CKSUM_UNKNOWN, false },
		      { RTE_MBUF_F_RX_L4_CKSUM_GOOD, true },
		      { RTE_MBUF_F_RX_L4_CKSUM_NONE, true },
		      { RTE_MBUF_F_RX_L4_CKSUM_BAD, false } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tcp_header h = { .src_port = be16_from(4000),
					.dst_port = be16_from(80),
					.data_offset = 0x50,
					.flags = RST,
					.checksum = 0x1111 };
		enum drop_reason reason;

		start();
		m = rte_pktmbuf_alloc(unit_mbufs());
		memcpy(rte_pktmbuf_append(m, sizeof h), &h, sizeof h);
		*packet_of(m) = (struct packet){ .src = peer.theirs.addr, .dst = peer.ours.addr };
		m->ol_flags |= cases[i].said;
		reason = tcp_input(tcp, m, now_us);
		CU_ASSERT_EQUAL(reason != DROP_tcp_checksum, cases[i].taken);
		if (reason)
			rte_pktmbuf_free(m);
		finish();
	}
}

CU_TestInfo test_train[] = {
	{ "train_has_up_to_16_segments_each_with_its_record",
	  train_has_up_to_16_segments_each_with_its_record },
	{ "one_segment_is_no_train", one_segment_is_no_train },
	{ "port_that_does_not_cut_gets_segments", port_that_does_not_cut_gets_segments },
	{ "fin_ends_a_train", fin_ends_a_train },
	{ "what_was_pushed_ends_a_train", what_was_pushed_ends_a_train },
	{ "train_keeps_to_cwnd_and_window", train_keeps_to_cwnd_and_window },
	{ "train_keeps_to_the_pace", train_keeps_to_the_pace },
	{ "what_was_sent_before_goes_alone", what_was_sent_before_goes_alone },
	{ "empty_pool_ends_a_train", empty_pool_ends_a_train },
	{ "news_of_a_reduction_stands_alone", news_of_a_reduction_stands_alone },
	{ "visit_is_bounded_by_segments", visit_is_bounded_by_segments },
	{ "port_is_believed_about_the_sum", port_is_believed_about_the_sum },
	CU_TEST_INFO_NULL,
};
