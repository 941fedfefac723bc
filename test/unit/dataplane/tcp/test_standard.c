/* Requirements of RFC 9293, appendix B, that no other test is about. */
#include "test/unit/dataplane/tcp/tcp_fixture.h"

/* MUST-1, REC-1: up to 30 bits, never negative. */
static void
window_is_an_unsigned_number_of_32_bits(void)
{
	start();
	peer.scale = 14;
	established();
	RX(.window = 65535);
	CU_ASSERT_EQUAL(conn()->snd_wnd, 65535u << 14);
	CU_ASSERT_EQUAL(conn()->snd_wnd_max, 65535u << 14);
	app_send(1000);
	TX(ACK, 1, 1000, 1);
	finish_open();
}

/* SHLD-15, SHLD-16: nothing new beyond the edge that has come back, and what is before it once more. */
static void
shrunk_window_is_kept_to(void)
{
	struct seg s;

	start();
	established();
	app_send(3000);
	CU_ASSERT_EQUAL(tx_all(), 3);
	CU_ASSERT_EQUAL(RX(.ack = 1, .window = 1500), DROP_none);
	app_send(1000);
	TX_NONE();
	for (unsigned i = 0; i < 50; i++) {
		pass_us(100 * MS);
		while ((s = tx()).flags)
			CU_ASSERT(s.seq + s.len <= 3001);
	}
	CU_ASSERT(conn()->retransmits > 0);
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	RX(.ack = 3001);
	TX(ACK, 3001, 1000, 1);
	finish_open();
}

/* MUST-61, SHLD-27: one PSH, on the segment that empties the queue. */
static void
push_is_on_the_last_segment_of_what_was_queued(void)
{
	start();
	established();
	app_send(2500);
	CU_ASSERT_EQUAL(tx().flags, ACK);
	CU_ASSERT_EQUAL(tx().flags, ACK);
	CU_ASSERT_EQUAL(tx().flags, ACK | PSH);
	TX_NONE();
	finish_open();
}

/* MUST-15, MUST-16, SHLD-6: what the peer did not say, and no more than the path bears. */
static void
mss_without_an_option_is_the_familys_default(void)
{
	static const struct {
		const char *ours, *theirs;
		uint16_t mss;
	} cases[] = { { "10.0.0.1", "10.0.0.2", 536 }, { "fd00::1", "fd00::2", 1220 } };

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		start();
		CU_ASSERT(addr_parse(cases[i].ours, &peer.ours.addr) &&
			  addr_parse(cases[i].theirs, &peer.theirs.addr));
		peer.mss = 0;
		established();
		app_send(3000);
		CU_ASSERT_EQUAL(tx().len, cases[i].mss);
		finish_open();
		start();
		host_mss = 1000;
		peer.mss = 9000;
		established();
		app_send(3000);
		CU_ASSERT_EQUAL(tx().len, 1000);
		finish_open();
	}
}

/* MUST-14, MUST-65, MUST-67, MAY-3: always on a SYN, what we can receive; never later. */
static void
mss_option_is_on_every_syn_and_nowhere_else(void)
{
	struct seg s;

	start();
	host_mss = 1460;
	CU_ASSERT_EQUAL(RX(.flags = SYN), DROP_none);
	CU_ASSERT_EQUAL(tx().mss, 1460);
	RX();
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN);
	app_send(5000);
	while ((s = tx()).flags)
		CU_ASSERT_EQUAL(s.mss, 0);
	RX(.len = 1000);
	RX(.len = 1000);
	s = tx();
	CU_ASSERT_EQUAL(s.flags, ACK);
	CU_ASSERT_EQUAL(s.mss, 0);
	finish_open();
}

/* MUST-20, SHLD-11: patience for data of 100 seconds at least. */
static void
data_is_sent_again_for_hundred_seconds_at_least(void)
{
	start();
	established();
	app_send(1000);
	tx();
	pass_us(0);
	for (unsigned i = 0; i < 100; i++) {
		pass_us(SECOND);
		tx_all();
	}
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	for (unsigned i = 0; i < 300; i++) {
		pass_us(SECOND);
		tx_all();
	}
	CU_ASSERT_EQUAL(state(), TCP_CLOSED);
	CU_ASSERT_EQUAL(tcp_close_reason(tcp, id), TCP_CLOSE_TIMEOUT);
	finish_open();
}

/* MUST-21, SHLD-9: how often is a setting; meanwhile whoever asks sees how it stands. */
static void
retries_are_a_setting_and_can_be_asked_for(void)
{
	struct tcp_info info;

	start_defaults();
	settings.profile.data_retries = 3;
	start();
	established();
	app_send(1000);
	tx();
	for (unsigned i = 0; i < 3; i++) {
		while (tx().flags == 0)
			pass_us(10 * MS);
	}
	CU_ASSERT(tcp_info(tcp, id, &info) && info.retransmits >= 2);
	CU_ASSERT(now_us - tcp_send_stuck_us(tcp, id) > 500 * MS);
	for (unsigned i = 0; i < 30; i++) {
		pass_us(SECOND);
		tx_all();
	}
	CU_ASSERT_EQUAL(state(), TCP_CLOSED);
	finish_open();
}

/* MUST-46. */
static void
connect_to_what_is_no_single_host_is_refused(void)
{
	static const char *const invalid[] = { "224.0.0.1", "255.255.255.255", "0.0.0.0", "ff02::1",
					       "::" };
	struct endpoint local, remote = { .port = 80 };
	uint32_t none;

	start();
	local = (struct endpoint){ .addr = peer.ours.addr };
	for (unsigned i = 0; i < ARRAY_SIZE(invalid); i++) {
		CU_ASSERT(addr_parse(invalid[i], &remote.addr));
		CU_ASSERT_EQUAL(
		    tcp_connect(tcp, &local, &remote, TCP_PROFILE_DEFAULT, 0, now_us, &none),
		    ERR_invalid);
	}
	remote = peer.theirs;
	remote.port = 0;
	CU_ASSERT_EQUAL(tcp_connect(tcp, &local, &remote, TCP_PROFILE_DEFAULT, 0, now_us, &none),
			ERR_invalid);
	finish();
}

static enum drop_reason
icmp(enum icmp_kind kind, uint32_t sequence)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(unit_mbufs());
	enum drop_reason reason;

	*packet_of(m) = (struct packet){
		.src = peer.ours.addr,
		.dst = peer.theirs.addr,
		.src_port = peer.ours.port,
		.dst_port = peer.theirs.port,
		.icmp_kind = kind,
		.icmp_sequence = peer.irs + sequence,
	};
	reason = tcp_icmp_error(tcp, m, now_us);
	rte_pktmbuf_free(m);
	return reason;
}

/* MUST-56, SHLD-25: a soft error ends nothing; if nothing else comes, it says why. */
static void
icmp_soft_error_is_remembered_while_opening(void)
{
	start();
	syn_sent();
	CU_ASSERT_EQUAL(icmp(ICMP_KIND_UNREACHABLE_SOFT, 0), DROP_none);
	CU_ASSERT_EQUAL(icmp(ICMP_KIND_TIME_EXCEEDED, 0), DROP_none);
	CU_ASSERT_EQUAL(state(), TCP_SYN_SENT);
	for (unsigned i = 0; i < 200; i++) {
		pass_us(SECOND);
		tx_all();
	}
	CU_ASSERT_EQUAL(events(), TCP_EVENT_CLOSED);
	CU_ASSERT_EQUAL(tcp_close_reason(tcp, id), TCP_CLOSE_UNREACHABLE);
	finish_open();
	start();
	syn_sent();
	CU_ASSERT_EQUAL(icmp(ICMP_KIND_UNREACHABLE_SOFT, 0), DROP_none);
	CU_ASSERT_EQUAL(RX(.flags = SYN | ACK), DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN);
	finish_open();
}

static void
icmp_soft_errors_leave_an_open_connection(void)
{
	static const enum icmp_kind kinds[] = { ICMP_KIND_UNREACHABLE_SOFT,
						ICMP_KIND_UNREACHABLE_HARD,
						ICMP_KIND_TIME_EXCEEDED };

	start();
	established();
	app_send(1000);
	tx();
	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++)
		CU_ASSERT_EQUAL(icmp(kinds[i], 1), DROP_none);
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	CU_ASSERT_EQUAL(conn()->mss, 1000);
	TX_NONE();
	finish_open();
}

/* MUST-13: the whole time, which is a setting. */
static void
time_wait_lasts_twice_the_segment_lifetime(void)
{
	start();
	time_wait();
	pass_us(settings.time_wait_us - MS);
	CU_ASSERT_EQUAL(state(), TCP_TIME_WAIT);
	pass_us(2 * MS);
	CU_ASSERT_EQUAL(state(), TCP_CLOSED);
	tcp_release(tcp, id, now_us);
	finish();
}

/* MUST-41, MUST-42: who listens does not mind the others at the same port. */
static void
accept_of_one_port_leaves_others_alone(void)
{
	uint32_t first;

	start();
	established();
	first = id;
	id = TCP_NONE;
	peer.theirs.port++;
	peer.snd = 0;
	established();
	CU_ASSERT_NOT_EQUAL(first, id);
	CU_ASSERT(endpoint_equal(tcp_local(tcp, first), tcp_local(tcp, id)));
	id = TCP_NONE;
	peer.theirs.port--;
	CU_ASSERT(addr_parse("10.0.0.3", &peer.ours.addr)); /* another address of ours, same port */
	peer.snd = 0;
	established();
	CU_ASSERT_EQUAL(tcp_open_count(tcp), 3);
	finish_open();
}

/* SHLD-2: a RST may say why in its text; nobody reads it. */
static void
reset_with_text_is_a_reset(void)
{
	start();
	established();
	CU_ASSERT_EQUAL(RX(.flags = RST, .len = 20), DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_CLOSED);
	CU_ASSERT_EQUAL(tcp_close_reason(tcp, id), TCP_CLOSE_RESET);
	CU_ASSERT_EQUAL(tcp_received(tcp, id)->bytes, 0);
	tcp_release(tcp, id, now_us);
	finish();
}

/* MUST-66, MUST-31: whatever the pointer says, also with a closed window. */
static void
urgent_behind_a_closed_window_is_acknowledged(void)
{
	start();
	established();
	for (unsigned i = 0; i < 66; i++)
		(void)RX(.len = 1000, .flags = ACK | URG);
	tx_all();
	peer.snd = 65536;
	CU_ASSERT_EQUAL(RX(.flags = ACK | URG), DROP_none);
	CU_ASSERT_EQUAL(got(), 65535);
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	finish_open();
}

CU_TestInfo test_standard[] = {
	{ "window_is_an_unsigned_number_of_32_bits", window_is_an_unsigned_number_of_32_bits },
	{ "shrunk_window_is_kept_to", shrunk_window_is_kept_to },
	{ "push_is_on_the_last_segment_of_what_was_queued",
	  push_is_on_the_last_segment_of_what_was_queued },
	{ "mss_without_an_option_is_the_familys_default",
	  mss_without_an_option_is_the_familys_default },
	{ "mss_option_is_on_every_syn_and_nowhere_else",
	  mss_option_is_on_every_syn_and_nowhere_else },
	{ "data_is_sent_again_for_hundred_seconds_at_least",
	  data_is_sent_again_for_hundred_seconds_at_least },
	{ "retries_are_a_setting_and_can_be_asked_for",
	  retries_are_a_setting_and_can_be_asked_for },
	{ "connect_to_what_is_no_single_host_is_refused",
	  connect_to_what_is_no_single_host_is_refused },
	{ "icmp_soft_error_is_remembered_while_opening",
	  icmp_soft_error_is_remembered_while_opening },
	{ "icmp_soft_errors_leave_an_open_connection", icmp_soft_errors_leave_an_open_connection },
	{ "time_wait_lasts_twice_the_segment_lifetime",
	  time_wait_lasts_twice_the_segment_lifetime },
	{ "accept_of_one_port_leaves_others_alone", accept_of_one_port_leaves_others_alone },
	{ "reset_with_text_is_a_reset", reset_with_text_is_a_reset },
	{ "urgent_behind_a_closed_window_is_acknowledged",
	  urgent_behind_a_closed_window_is_acknowledged },
	CU_TEST_INFO_NULL,
};
