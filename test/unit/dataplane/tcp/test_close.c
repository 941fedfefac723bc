/* How a connection ends: RFC 9293 3.6, FIN in all orders, TIME-WAIT, release, abort; RFC 6191. */
#include "test/unit/dataplane/tcp/tcp_fixture.h"

#include <netinet/in.h>

/* Lets TIME-WAIT or the linger pass. */
static void
pass_all(void)
{
	pass_us(70 * SECOND);
	tx_all();
}

/* ---- orders of FIN ---- */

static void
close_first_goes_through_fin_wait_to_time_wait(void)
{
	start();
	time_wait();
	CU_ASSERT_EQUAL(tcp_close_reason(tcp, id), TCP_CLOSE_FINISHED);
	tcp_release(tcp, id, now_us);
	CU_ASSERT_EQUAL(tcp_open_count(tcp), 1);
	pass_us(settings.time_wait_us - MS);
	CU_ASSERT_EQUAL(state(), TCP_TIME_WAIT);
	pass_us(2 * MS);
	TX_NONE();
	finish();
}

static void
close_second_ends_with_last_ack(void)
{
	start();
	last_ack();
	CU_ASSERT_EQUAL(RX(), DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_CLOSED);
	CU_ASSERT_EQUAL(tcp_close_reason(tcp, id), TCP_CLOSE_FINISHED);
	tcp_release(tcp, id, now_us);
	finish();
}

static void
close_at_once_ends_in_time_wait(void)
{
	start();
	closing();
	CU_ASSERT_EQUAL(RX(), DROP_none);
	CU_ASSERT_EQUAL(state(), TCP_TIME_WAIT);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_CLOSED);
	tcp_release(tcp, id, now_us);
	pass_all();
	finish();
}

static void
close_fin_with_ack_of_ours_enters_time_wait_at_once(void)
{
	start();
	fin_wait_1();
	CU_ASSERT_EQUAL(RX(.flags = FIN | ACK), DROP_none);
	CU_ASSERT_EQUAL(state(), TCP_TIME_WAIT);
	TX(ACK, 2, 0, 2);
	finish_open();
}

static void
close_fin_rides_on_the_last_data(void)
{
	start();
	established();
	app_send(1500);
	tcp_shutdown(tcp, id, now_us);
	CU_ASSERT_EQUAL(tcp_send_space(tcp, id), 0);
	CU_ASSERT_EQUAL(tcp_send_bytes(tcp, id, "x", 1, now_us), ERR_closed);
	TX(ACK, 1, 1000, 1);
	TX(FIN | ACK, 1001, 500, 1);
	TX_NONE();
	RX(.ack = 1501); /* all but the FIN */
	CU_ASSERT_EQUAL(state(), TCP_FIN_WAIT_1);
	RX(.ack = 1502);
	CU_ASSERT_EQUAL(state(), TCP_FIN_WAIT_2);
	finish_open();
}

static void
close_lost_fin_is_sent_again(void)
{
	start();
	fin_wait_1();
	pass_us(SECOND + 10 * MS);
	TX(FIN | ACK, 1, 0, 1);
	RX();
	CU_ASSERT_EQUAL(state(), TCP_FIN_WAIT_2);
	finish_open();
}

static void
close_repeated_fin_is_acknowledged_again(void)
{
	start();
	close_wait();
	CU_ASSERT_EQUAL(RX(.flags = FIN | ACK, .seq = 1), DROP_tcp_duplicate);
	TX(ACK, 1, 0, 2);
	CU_ASSERT_EQUAL(state(), TCP_CLOSE_WAIT);
	finish_open();
}

static void
close_fin_behind_a_hole_waits(void)
{
	start();
	established();
	CU_ASSERT_EQUAL(RX(.seq = 101, .len = 100, .flags = FIN | ACK), DROP_none);
	CU_ASSERT(!tcp_at_eof(tcp, id));
	CU_ASSERT_EQUAL(RX(.len = 100), DROP_none);
	CU_ASSERT(tcp_at_eof(tcp, id));
	CU_ASSERT_EQUAL(state(), TCP_CLOSE_WAIT);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_READABLE | TCP_EVENT_EOF);
	CU_ASSERT_EQUAL(got(), 200);
	TX(ACK, 1, 0, 202);
	finish_open();
}

static void
close_text_behind_a_fin_is_ignored(void)
{
	start();
	established();
	RX(.seq = 101, .flags = FIN | ACK);
	CU_ASSERT_EQUAL(RX(.len = 1000), DROP_none); /* 900 bytes too many */
	CU_ASSERT_EQUAL(got(), 100);
	CU_ASSERT_EQUAL(state(), TCP_CLOSE_WAIT);
	CU_ASSERT_EQUAL(RX(.seq = 102, .len = 10), DROP_tcp_after_close);
	finish_open();
}

/* ---- half-close ---- */

static void
half_close_by_us_keeps_receiving(void)
{
	start();
	fin_wait_2();
	CU_ASSERT_EQUAL(RX(.len = 100), DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_READABLE);
	CU_ASSERT_EQUAL(got(), 100);
	pass_us(3600 * SECOND); /* as long as the application likes */
	tx_all();
	CU_ASSERT_EQUAL(RX(.len = 100), DROP_none);
	CU_ASSERT_EQUAL(got(), 100);
	finish_open();
}

static void
half_close_by_the_peer_keeps_sending(void)
{
	start();
	close_wait();
	app_send(500);
	TX(ACK, 1, 500, 2);
	RX();
	CU_ASSERT_EQUAL(events(), TCP_EVENT_WRITABLE);
	app_send(10);
	tcp_shutdown(tcp, id, now_us);
	TX(FIN | ACK, 501, 10, 2);
	RX();
	CU_ASSERT_EQUAL(events() & TCP_EVENT_CLOSED, TCP_EVENT_CLOSED);
	tcp_release(tcp, id, now_us);
	finish();
}

/* ---- TIME-WAIT ---- */

static void
time_wait_fin_again_restarts_it(void)
{
	start();
	time_wait();
	tcp_release(tcp, id, now_us);
	pass_us(settings.time_wait_us / 2);
	CU_ASSERT_EQUAL(RX(.flags = FIN | ACK, .seq = 1), DROP_tcp_time_wait);
	TX(ACK, 2, 0, 2);
	pass_us(settings.time_wait_us - MS);
	CU_ASSERT_EQUAL(tcp_open_count(tcp), 1);
	pass_us(2 * MS);
	finish();
}

static void
time_wait_data_is_dropped(void)
{
	start();
	time_wait();
	CU_ASSERT_EQUAL(RX(.len = 10), DROP_tcp_time_wait);
	CU_ASSERT_EQUAL(RX(.seq = 1u - 100, .len = 10), DROP_tcp_time_wait);
	CU_ASSERT_EQUAL(events(), 0);
	finish_open();
}

static void
time_wait_newer_syn_opens_anew(void)
{
	uint32_t old, snd_nxt;

	start();
	time_wait();
	tcp_release(tcp, id, now_us);
	old = id;
	snd_nxt = conn()->snd_nxt;
	peer.snd = 0;
	peer.iss += 100000;
	CU_ASSERT_EQUAL(RX(.flags = SYN), DROP_none);
	TX(SYN | ACK, 0, 0, 1);
	CU_ASSERT(seq_gt(peer.irs, snd_nxt)); /* RFC 9293 3.10.7.4: larger than any used before */
	id = TCP_NONE;
	RX();
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN);
	CU_ASSERT_EQUAL(tcp_open_count(tcp), 1);
	CU_ASSERT_EQUAL(old, id);
	finish_open();
}

/*
 * The application has not let go yet: it keeps its object, and is told nothing of the new
 * connection.
 */
static void
time_wait_newer_syn_leaves_an_unreleased_object(void)
{
	uint32_t old;

	start();
	time_wait();
	old = id;
	peer.snd = 0;
	peer.iss += 100000;
	CU_ASSERT_EQUAL(RX(.flags = SYN), DROP_none);
	TX(SYN | ACK, 0, 0, 1);
	CU_ASSERT_EQUAL(events(), 0);
	CU_ASSERT_EQUAL(state(), TCP_CLOSED);
	id = TCP_NONE;
	RX();
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN);
	CU_ASSERT_NOT_EQUAL(old, id);
	tcp_release(tcp, old, now_us);
	CU_ASSERT_EQUAL(tcp_open_count(tcp), 1);
	CU_ASSERT_EQUAL(RX(.len = 10), DROP_none); /* the table knows the new one */
	CU_ASSERT_EQUAL(got(), 10);
	finish_open();
}

static void
time_wait_older_syn_is_challenged(void)
{
	start();
	time_wait();
	peer.snd = 0;
	CU_ASSERT_EQUAL(RX(.flags = SYN, .seq = 1u - 50000), DROP_tcp_time_wait);
	TX(ACK, 2, 0, 2);
	CU_ASSERT_EQUAL(state(), TCP_TIME_WAIT);
	finish_open();
}

static void
time_wait_syn_with_newer_timestamp_opens_anew(void)
{
	start();
	peer.ts = true;
	peer.ts_now = 5000;
	time_wait();
	tcp_release(tcp, id, now_us);
	peer.snd = 0;
	peer.iss -= 100000; /* the sequence number alone would not do */
	CU_ASSERT_NOT_EQUAL(RX(.flags = SYN, .ts = 4999), DROP_none);
	tx_all();
	CU_ASSERT_EQUAL(RX(.flags = SYN, .ts = 5001), DROP_none);
	CU_ASSERT_EQUAL(tx().flags, SYN | ACK);
	CU_ASSERT_EQUAL(tcp_open_count(tcp), 1);
	finish_open();
}

/* RFC 6191 2: only the new incarnation has timestamps: it can't be mistaken, whatever its number. */
static void
time_wait_syn_with_first_timestamp_opens_anew(void)
{
	start();
	time_wait();
	tcp_release(tcp, id, now_us);
	peer.ts = true;
	peer.snd = 0;
	peer.iss -= 100000;
	CU_ASSERT_EQUAL(RX(.flags = SYN), DROP_none);
	CU_ASSERT_EQUAL(tx().flags, SYN | ACK);
	CU_ASSERT_EQUAL(tcp->half_open, 1);
	finish_open();
}

/* And only the old one had: by the sequence number. Equal timestamps: the same. */
static void
time_wait_syn_without_newer_timestamp_goes_by_number(void)
{
	start();
	peer.ts = true;
	peer.ts_now = 5000;
	time_wait();
	tcp_release(tcp, id, now_us);
	CU_ASSERT_NOT_EQUAL(RX(.flags = SYN, .seq = 1u - 100000, .no_ts = true), DROP_none);
	CU_ASSERT_NOT_EQUAL(RX(.flags = SYN, .seq = 1u - 100000, .ts = 5000), DROP_none);
	CU_ASSERT_EQUAL(state(), TCP_TIME_WAIT);
	CU_ASSERT_EQUAL(RX(.flags = SYN, .seq = 100000, .ts = 5000), DROP_none);
	CU_ASSERT_EQUAL(tcp->half_open, 1);
	RX(.flags = RST, .seq = 100001);
	finish_open();
	start();
	peer.ts = true;
	time_wait();
	tcp_release(tcp, id, now_us);
	CU_ASSERT_EQUAL(RX(.flags = SYN, .seq = 100000, .no_ts = true), DROP_none);
	CU_ASSERT_EQUAL(tcp->half_open, 1);
	finish_open();
}

/* Nobody listens at the port of a connection that we opened. */
static void
time_wait_syn_to_our_own_port_changes_nothing(void)
{
	start();
	connected();
	tcp_shutdown(tcp, id, now_us);
	tx_all();
	RX(.flags = FIN | ACK);
	tx_all();
	CU_ASSERT_EQUAL(state(), TCP_TIME_WAIT);
	peer.snd = 0;
	peer.iss += 100000;
	CU_ASSERT_NOT_EQUAL(RX(.flags = SYN), DROP_none);
	CU_ASSERT_EQUAL(state(), TCP_TIME_WAIT);
	finish_open();
}

static void
time_wait_oldest_makes_room(void)
{
	uint32_t first;

	start_defaults();
	settings.conns = 2;
	start();
	time_wait();
	tcp_release(tcp, id, now_us);
	first = id;
	id = TCP_NONE;
	peer.theirs.port = 6000;
	peer.snd = 0;
	peer.rcv = 0;
	time_wait();
	tcp_release(tcp, id, now_us);
	CU_ASSERT_EQUAL(tcp_open_count(tcp), 2);
	peer.theirs.port = 7000;
	peer.snd = 0;
	peer.rcv = 0;
	id = TCP_NONE;
	established();
	CU_ASSERT_EQUAL(id, first);
	CU_ASSERT_EQUAL(tcp_open_count(tcp), 2);
	finish_open();
}

static unsigned spared;

static bool
spare_id(void *context)
{
	spared++;
	if (id == TCP_NONE)
		return false;
	tcp_abort(tcp, id, now_us);
	id = TCP_NONE;
	return true;
}

/* Both for a client and for a connection of our own. */
static void
full_pool_asks_the_host_to_spare_one(void)
{
	struct tcp_host host;
	uint32_t other;

	start_defaults();
	settings.conns = 1;
	start();
	host = *tcp->host;
	host.spare = spare_id;
	tcp->host = &host;
	spared = 0;
	established();
	tx_all();
	CU_ASSERT_EQUAL(tcp_connect(tcp, &peer.ours, &(struct endpoint){ peer.theirs.addr, 4000 },
				    TCP_PROFILE_DEFAULT, 0, now_us, &other),
			ERR_ok);
	CU_ASSERT_EQUAL(spared, 1);
	CU_ASSERT_EQUAL(id, TCP_NONE);
	peer.theirs.port = 7000;
	peer.snd = 0;
	tx_all();
	peer.rcv = 0;
	CU_ASSERT_EQUAL(RX(.seq = 0, .flags = SYN), DROP_none); /* a cookie: it costs nobody's */
	CU_ASSERT_EQUAL(spared, 1);
	tx_all();
	CU_ASSERT_EQUAL(RX(.flags = ACK), DROP_tcp_conn_table_full); /* nothing to spare */
	id = other;
	CU_ASSERT_EQUAL(RX(.flags = ACK), DROP_none);
	CU_ASSERT_EQUAL(spared, 3);
	CU_ASSERT_EQUAL(tcp_open_count(tcp), 1);
	finish_open();
}

static void
time_wait_not_released_makes_no_room(void)
{
	start_defaults();
	settings.conns = 1;
	start();
	time_wait();
	peer.theirs.port = 6000;
	peer.snd = 0;
	CU_ASSERT_EQUAL(RX(.flags = SYN), DROP_tcp_conn_table_full);
	pass_all(); /* over, but the application still has it */
	CU_ASSERT_EQUAL(RX(.flags = SYN), DROP_tcp_conn_table_full);
	tcp_release(tcp, id, now_us);
	CU_ASSERT_EQUAL(RX(.flags = SYN), DROP_none);
	finish_open();
}

/* ---- events ---- */

static void
closed_is_told_after_the_last_byte_is_read(void)
{
	start();
	fin_wait_2();
	CU_ASSERT_EQUAL(RX(.flags = FIN | ACK, .len = 100), DROP_none);
	CU_ASSERT_EQUAL(state(), TCP_TIME_WAIT);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_READABLE | TCP_EVENT_EOF);
	tcp_receive_drop(tcp, id, 99, now_us);
	CU_ASSERT_EQUAL(events(), 0);
	tcp_receive_drop(tcp, id, 1, now_us);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_CLOSED);
	finish_open();
}

static void
closed_is_told_after_the_last_byte_even_when_time_wait_is_over(void)
{
	start();
	fin_wait_2();
	RX(.flags = FIN | ACK, .len = 100);
	tx_all();
	pass_all();
	CU_ASSERT_EQUAL(state(), TCP_CLOSED);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_READABLE | TCP_EVENT_EOF);
	CU_ASSERT_EQUAL(got(), 100);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_CLOSED);
	tcp_release(tcp, id, now_us);
	finish();
}

static void
released_connection_tells_nothing(void)
{
	start();
	established();
	app_send(100);
	tcp_release(tcp, id, now_us);
	TX(FIN | ACK, 1, 100, 1);
	RX();
	CU_ASSERT_EQUAL(events(), 0);
	RX(.flags = FIN | ACK);
	CU_ASSERT(!tcp_has_news(tcp));
	tx_all();
	pass_all();
	CU_ASSERT(!tcp_has_news(tcp));
	finish();
}

static void
released_with_news_tells_nothing(void)
{
	start();
	established();
	RX(.flags = FIN | ACK);
	CU_ASSERT(tcp_has_news(tcp));
	tcp_release(tcp, id, now_us);
	CU_ASSERT(!tcp_has_news(tcp));
	TX(FIN | ACK, 1, 0, 2);
	RX();
	finish();
}

/* ---- release ---- */

static void
release_with_unread_data_resets(void)
{
	start();
	established();
	RX(.len = 10);
	tcp_release(tcp, id, now_us);
	TX(RST | ACK, 1, 0, 11);
	TX_NONE();
	finish();
}

static void
release_then_data_from_the_peer_resets(void)
{
	start();
	established();
	tcp_release(tcp, id, now_us);
	TX(FIN | ACK, 1, 0, 1);
	CU_ASSERT_EQUAL(RX(.len = 10, .ack = 1), DROP_tcp_after_close);
	CU_ASSERT_EQUAL(tx().flags, RST | ACK);
	finish();
}

static void
release_lingers_and_is_bounded(void)
{
	start();
	established();
	app_send(5000);
	tcp_release(tcp, id, now_us);
	tx_all();
	RX(.window = ZERO_WINDOW, .ack = 3001); /* answers, but takes nothing more */
	for (unsigned i = 0; i < 59; i++) {
		pass_us(SECOND);
		if (tx_all())
			RX(.window = ZERO_WINDOW, .ack = 3001);
	}
	CU_ASSERT_EQUAL(tcp_open_count(tcp), 1);
	pass_us(2 * SECOND);
	CU_ASSERT_EQUAL(tx().flags & RST, RST);
	TX_NONE();
	finish();
}

static void
release_with_a_slow_reader_lasts_while_it_reads(void)
{
	start();
	established();
	app_send(5000);
	tcp_release(tcp, id, now_us);
	tx_all();
	for (unsigned acked = 1; acked <= 4; acked++) { /* one segment's worth each 50 seconds */
		RX(.window = 1000, .ack = 1 + 1000 * acked);
		for (unsigned i = 0; i < 50; i++) {
			pass_us(SECOND);
			if (tx_all())
				RX(.window = 0, .ack = 1 + 1000 * acked);
		}
		CU_ASSERT_EQUAL(tcp_open_count(tcp), 1);
	}
	pass_us(settings.linger_us); /* and not longer */
	tx_all();
	CU_ASSERT_EQUAL(tcp_open_count(tcp), 0);
	finish();
}

static void
release_in_fin_wait_2_is_bounded(void)
{
	start();
	fin_wait_2();
	tcp_release(tcp, id, now_us);
	pass_us(settings.linger_us + MS);
	CU_ASSERT_EQUAL(tx().flags & RST, RST);
	finish();
}

static void
release_in_every_state_frees_in_the_end(void)
{
	static void (*const factories[])(void) = { syn_sent,   connected,  established,
						   fin_wait_1, fin_wait_2, close_wait,
						   closing,    last_ack,   time_wait };

	for (unsigned i = 0; i < ARRAY_SIZE(factories); i++) {
		start();
		factories[i]();
		tcp_release(tcp, id, now_us);
		for (unsigned second = 0; second < 70; second++) {
			tx_all();
			pass_us(SECOND);
		}
		CU_ASSERT(!tcp_has_news(tcp));
		tx_all();
		finish();
	}
}

/* ---- abort ---- */

static void
abort_in_every_state_frees(void)
{
	static const struct {
		void (*factory)(void);
		bool reset, lingers;
	} cases[] = { { syn_sent, false, false },   { connected, true, false },
		      { established, true, false }, { fin_wait_1, true, false },
		      { fin_wait_2, true, false },  { close_wait, true, false },
		      { closing, true, false },     { last_ack, true, false },
		      { time_wait, false, true } };

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		start();
		cases[i].factory();
		if (cases[i].factory == established)
			RX(.len = 10);
		tcp_abort(tcp, id, now_us);
		CU_ASSERT_EQUAL(tcp_open_count(tcp), cases[i].lingers);
		CU_ASSERT_EQUAL(tx().flags, cases[i].reset ? RST | ACK : 0);
		CU_ASSERT_EQUAL(counter(COUNTER_tcp_resets_sent), cases[i].reset);
		pass_all();
		finish();
	}
}

static void
abort_with_data_out_frees_the_records(void)
{
	start();
	established();
	app_send(20000);
	tx_all();
	RX(.seq = 2000, .len = 10, .ack = 1); /* and an island */
	CU_ASSERT(tcp->sent.used > 0);
	tcp_abort(tcp, id, now_us);
	CU_ASSERT_EQUAL(tx().flags, RST | ACK);
	finish();
}

static void
abort_without_mbuf_sends_the_reset_later(void)
{
	start();
	established();
	pool_leave(0);
	tcp_abort(tcp, id, now_us);
	CU_ASSERT(tcp_has_output(tcp));
	TX_NONE();
	pool_refill();
	CU_ASSERT_EQUAL(tx().flags, RST | ACK);
	CU_ASSERT(!tcp_has_output(tcp));
	finish();
}

/* ---- the layers below ---- */

static enum drop_reason
icmp(enum icmp_kind kind, uint32_t sequence, uint32_t mtu)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(unit_mbufs());
	enum drop_reason reason;

	*packet_of(m) = (struct packet){
		.src = peer.ours.addr,
		.dst = peer.theirs.addr,
		.src_port = peer.ours.port,
		.dst_port = peer.theirs.port,
		.protocol = IPPROTO_TCP,
		.icmp_kind = (uint8_t)kind,
		.icmp_mtu = mtu,
		.icmp_sequence = peer.irs + sequence,
	};
	reason = tcp_icmp_error(tcp, m, now_us);
	rte_pktmbuf_free(m);
	tcp_check(tcp, now_us);
	return reason;
}

static void
icmp_hard_error_ends_an_opening_connection(void)
{
	start();
	syn_sent();
	CU_ASSERT_EQUAL(icmp(ICMP_KIND_UNREACHABLE_SOFT, 0, 0), DROP_none);
	CU_ASSERT_EQUAL(state(), TCP_SYN_SENT);
	CU_ASSERT_EQUAL(icmp(ICMP_KIND_UNREACHABLE_HARD, 1, 0), DROP_icmp_error_unmatched);
	CU_ASSERT_EQUAL(state(), TCP_SYN_SENT);
	CU_ASSERT_EQUAL(icmp(ICMP_KIND_UNREACHABLE_HARD, 0, 0), DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_CLOSED);
	CU_ASSERT_EQUAL(tcp_close_reason(tcp, id), TCP_CLOSE_UNREACHABLE);
	tcp_release(tcp, id, now_us);
	CU_ASSERT_EQUAL(icmp(ICMP_KIND_UNREACHABLE_HARD, 0, 0), DROP_icmp_error_unmatched);
	finish();
}

static void
icmp_hard_error_leaves_an_open_connection(void)
{
	start();
	established();
	app_send(100);
	tx_all();
	CU_ASSERT_EQUAL(icmp(ICMP_KIND_UNREACHABLE_HARD, 1, 0), DROP_none);
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	CU_ASSERT_EQUAL(icmp(ICMP_KIND_UNREACHABLE_HARD, 101, 0), DROP_icmp_error_unmatched);
	CU_ASSERT_EQUAL(icmp(ICMP_KIND_TIME_EXCEEDED, 1, 0), DROP_none);
	finish_open();
}

static void
icmp_too_big_makes_segments_smaller(void)
{
	uint32_t cwnd;

	start();
	established();
	app_send(3000);
	CU_ASSERT_EQUAL(tx_all(), 3);
	cwnd = conn()->cwnd;
	CU_ASSERT_EQUAL(icmp(ICMP_KIND_TOO_BIG, 1, 740), DROP_none);
	CU_ASSERT_EQUAL(conn()->mss, 700);
	TX(ACK, 1, 700, 1);
	TX(ACK, 701, 300, 1);
	TX(ACK, 1001, 700, 1);
	TX(ACK, 1701, 300, 1);
	TX(ACK, 2001, 700, 1);
	TX(ACK, 2701, 300, 1);
	TX_NONE();
	RX(.ack = 1001);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_recoveries), 0);
	CU_ASSERT(conn()->cwnd >= cwnd); /* RFC 1191 6.4: no congestion */
	CU_ASSERT_EQUAL(icmp(ICMP_KIND_TOO_BIG, 1001, 1500),
			DROP_icmp_mtu_not_smaller); /* never larger again */
	CU_ASSERT_EQUAL(conn()->mss, 700);
	CU_ASSERT_EQUAL(icmp(ICMP_KIND_TOO_BIG, 1001, 68), DROP_none); /* nor absurdly small */
	CU_ASSERT_EQUAL(conn()->mss, 552 - 40);
	finish_open();
}

static void
neighbour_silent_ends_an_opening_connection(void)
{
	struct rte_mbuf *m;

	start();
	syn_sent();
	m = rte_pktmbuf_alloc(unit_mbufs());
	*packet_of(m) = (struct packet){ .src = peer.ours.addr,
					 .dst = peer.theirs.addr,
					 .src_port = peer.ours.port,
					 .dst_port = peer.theirs.port };
	tcp_unreachable(tcp, m, now_us);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_CLOSED);
	CU_ASSERT_EQUAL(tcp_close_reason(tcp, id), TCP_CLOSE_UNREACHABLE);
	tcp_unreachable(tcp, m, now_us); /* about nothing any more */
	tcp_release(tcp, id, now_us);
	rte_pktmbuf_free(m);
	finish();
}

CU_TestInfo test_close[] = {
	{ "close_first_goes_through_fin_wait_to_time_wait",
	  close_first_goes_through_fin_wait_to_time_wait },
	{ "close_second_ends_with_last_ack", close_second_ends_with_last_ack },
	{ "close_at_once_ends_in_time_wait", close_at_once_ends_in_time_wait },
	{ "close_fin_with_ack_of_ours_enters_time_wait_at_once",
	  close_fin_with_ack_of_ours_enters_time_wait_at_once },
	{ "close_fin_rides_on_the_last_data", close_fin_rides_on_the_last_data },
	{ "close_lost_fin_is_sent_again", close_lost_fin_is_sent_again },
	{ "close_repeated_fin_is_acknowledged_again", close_repeated_fin_is_acknowledged_again },
	{ "close_fin_behind_a_hole_waits", close_fin_behind_a_hole_waits },
	{ "close_text_behind_a_fin_is_ignored", close_text_behind_a_fin_is_ignored },
	{ "half_close_by_us_keeps_receiving", half_close_by_us_keeps_receiving },
	{ "half_close_by_the_peer_keeps_sending", half_close_by_the_peer_keeps_sending },
	{ "time_wait_fin_again_restarts_it", time_wait_fin_again_restarts_it },
	{ "time_wait_data_is_dropped", time_wait_data_is_dropped },
	{ "time_wait_newer_syn_opens_anew", time_wait_newer_syn_opens_anew },
	{ "time_wait_newer_syn_leaves_an_unreleased_object",
	  time_wait_newer_syn_leaves_an_unreleased_object },
	{ "time_wait_older_syn_is_challenged", time_wait_older_syn_is_challenged },
	{ "time_wait_syn_with_newer_timestamp_opens_anew",
	  time_wait_syn_with_newer_timestamp_opens_anew },
	{ "time_wait_syn_with_first_timestamp_opens_anew",
	  time_wait_syn_with_first_timestamp_opens_anew },
	{ "time_wait_syn_without_newer_timestamp_goes_by_number",
	  time_wait_syn_without_newer_timestamp_goes_by_number },
	{ "time_wait_syn_to_our_own_port_changes_nothing",
	  time_wait_syn_to_our_own_port_changes_nothing },
	{ "time_wait_oldest_makes_room", time_wait_oldest_makes_room },
	{ "full_pool_asks_the_host_to_spare_one", full_pool_asks_the_host_to_spare_one },
	{ "time_wait_not_released_makes_no_room", time_wait_not_released_makes_no_room },
	{ "closed_is_told_after_the_last_byte_is_read",
	  closed_is_told_after_the_last_byte_is_read },
	{ "closed_is_told_after_the_last_byte_even_when_time_wait_is_over",
	  closed_is_told_after_the_last_byte_even_when_time_wait_is_over },
	{ "released_connection_tells_nothing", released_connection_tells_nothing },
	{ "released_with_news_tells_nothing", released_with_news_tells_nothing },
	{ "release_with_unread_data_resets", release_with_unread_data_resets },
	{ "release_then_data_from_the_peer_resets", release_then_data_from_the_peer_resets },
	{ "release_lingers_and_is_bounded", release_lingers_and_is_bounded },
	{ "release_with_a_slow_reader_lasts_while_it_reads",
	  release_with_a_slow_reader_lasts_while_it_reads },
	{ "release_in_fin_wait_2_is_bounded", release_in_fin_wait_2_is_bounded },
	{ "release_in_every_state_frees_in_the_end", release_in_every_state_frees_in_the_end },
	{ "abort_in_every_state_frees", abort_in_every_state_frees },
	{ "abort_with_data_out_frees_the_records", abort_with_data_out_frees_the_records },
	{ "abort_without_mbuf_sends_the_reset_later", abort_without_mbuf_sends_the_reset_later },
	{ "icmp_hard_error_ends_an_opening_connection",
	  icmp_hard_error_ends_an_opening_connection },
	{ "icmp_hard_error_leaves_an_open_connection", icmp_hard_error_leaves_an_open_connection },
	{ "icmp_too_big_makes_segments_smaller", icmp_too_big_makes_segments_smaller },
	{ "neighbour_silent_ends_an_opening_connection",
	  neighbour_silent_ends_an_opening_connection },
	CU_TEST_INFO_NULL,
};
