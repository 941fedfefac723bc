/*
 * Explicit congestion notification (RFC 3168): who agrees to it, what is marked, what marks do.
 */
#include "test/unit/dataplane/tcp/tcp_fixture.h"

#define ECE            SEG_ECE
#define CWR            SEG_CWR
#define SETUP          (SEG_ECE | SEG_CWR)
#define SACK(from, to) .sack_count = 1, .sack = { { (from), (to) } }

static uint32_t
at(uint32_t segments)
{
	return 1 + segments * 1000;
}

static void
start_ecn(void)
{
	start_defaults();
	settings.profile.ecn = true;
	start();
}

/* An accepted connection with ECN agreed upon; n segments fill cwnd and are out, more wait. */
static void
ecn_established(unsigned n)
{
	start_ecn();
	RX(.flags = SYN, .ecn = SETUP);
	CU_ASSERT_EQUAL(tx().ecn, ECE);
	pass_us(100 * MS);
	RX();
	events();
	CU_ASSERT(conn()->flags & CONN_ECN);
	if (!n)
		return;
	conn()->cwnd = conn()->ssthresh = n * 1000;
	app_send(40000);
	CU_ASSERT_EQUAL(tx_all(), n);
}

/* ---- handshake, 6.1.1 ---- */

static void
setup_syn_is_answered_with_ece_alone(void)
{
	struct seg s;

	start_ecn();
	RX(.flags = SYN, .ecn = SETUP);
	s = tx();
	CU_ASSERT_EQUAL(s.flags, SYN | ACK);
	CU_ASSERT_EQUAL(s.ecn, ECE);
	CU_ASSERT_EQUAL(s.codepoint, 0);
	finish_open();
}

static void
plain_syn_is_answered_plainly(void)
{
	start_ecn();
	RX(.flags = SYN);
	CU_ASSERT_EQUAL(tx().ecn, 0);
	RX();
	events();
	CU_ASSERT(!(conn()->flags & CONN_ECN));
	finish_open();
}

static void
half_a_setup_is_none(void)
{
	start_ecn();
	RX(.flags = SYN, .ecn = ECE);
	CU_ASSERT_EQUAL(tx().ecn, 0);
	finish_open();
}

static void
profile_without_ecn_refuses_it(void)
{
	start();
	RX(.flags = SYN, .ecn = SETUP);
	CU_ASSERT_EQUAL(tx().ecn, 0);
	finish_open();
}

/* The peer's first SYN with the flags came through, but it has seen no answer and tries without. */
static void
syn_repeated_without_the_flags_ends_it(void)
{
	start_ecn();
	RX(.flags = SYN, .ecn = SETUP);
	CU_ASSERT_EQUAL(tx().ecn, ECE);
	peer.snd = 0;
	RX(.flags = SYN);
	CU_ASSERT_EQUAL(tx().ecn, 0);
	finish_open();
}

static void
open_here(uint8_t answer, bool expect)
{
	struct endpoint local = peer.ours, remote = peer.theirs;
	struct seg s;

	local.port = 0;
	CU_ASSERT_EQUAL(tcp_connect(tcp, &local, &remote, TCP_PROFILE_DEFAULT, 0, now_us, &id),
			ERR_ok);
	s = tx();
	CU_ASSERT_EQUAL(s.flags, SYN);
	CU_ASSERT_EQUAL(s.ecn, SETUP);
	CU_ASSERT_EQUAL(s.codepoint, 0);
	RX(.flags = SYN | ACK, .ecn = answer);
	CU_ASSERT_EQUAL(!!(conn()->flags & CONN_ECN), expect);
	tx_all();
	finish_open();
}

static void
our_syn_asks_and_ece_agrees(void)
{
	start_ecn();
	open_here(ECE, true);
}

static void
answer_without_ece_refuses(void)
{
	start_ecn();
	open_here(0, false);
}

/* A peer that mirrors reserved bits does not know what they mean. */
static void
answer_with_both_flags_refuses(void)
{
	start_ecn();
	open_here(SETUP, false);
}

/* 6.1.1.1: something on the path drops such a SYN. */
static void
our_syn_repeated_asks_no_more(void)
{
	struct endpoint local = { 0 }, remote;

	start_ecn();
	local = peer.ours;
	local.port = 0;
	remote = peer.theirs;
	CU_ASSERT_EQUAL(tcp_connect(tcp, &local, &remote, TCP_PROFILE_DEFAULT, 0, now_us, &id),
			ERR_ok);
	CU_ASSERT_EQUAL(tx().ecn, SETUP);
	pass_us(conn()->rto_us + MS);
	CU_ASSERT_EQUAL(tx().ecn, 0);
	RX(.flags = SYN | ACK, .ecn = ECE); /* late, to the first one */
	CU_ASSERT(!(conn()->flags & CONN_ECN));
	tx_all();
	finish_open();
}

/* ---- receiving ---- */

static void
mark_is_echoed_until_cwr(void)
{
	ecn_established(0);
	RX(.len = 1000, .codepoint = ECN_CE);
	CU_ASSERT_EQUAL(tx().ecn, ECE); /* at once */
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_ecn_marks), 1);
	RX(.len = 1000, .codepoint = ECN_ECT0);
	RX(.len = 1000, .codepoint = ECN_ECT0);
	CU_ASSERT_EQUAL(tx().ecn, ECE);
	RX(.len = 1000, .ecn = CWR, .codepoint = ECN_ECT0);
	RX(.len = 1000, .codepoint = ECN_ECT0);
	CU_ASSERT_EQUAL(tx().ecn, 0);
	RX(.len = 1000, .ecn = CWR, .codepoint = ECN_CE); /* marked anew */
	CU_ASSERT_EQUAL(tx().ecn, ECE);
	finish_open();
}

/* A marked SYN with text, and the peer then gives ECN up: nobody would ever say that the mark was heard. */
static void
mark_on_the_text_of_a_syn_ends_with_ecn(void)
{
	start_defaults();
	settings.profile.ecn = settings.profile.fast_open = true;
	start();
	RX(.flags = SYN, .ecn = SETUP, .fast_open_len = 10,
	   .fast_open = tcp_fast_open_cookie(tcp, &peer.theirs.addr, now_us), .len = 100,
	   .codepoint = ECN_CE);
	events();
	CU_ASSERT_EQUAL(tx().ecn, ECE);
	peer.snd = 0;
	RX(.flags = SYN);
	CU_ASSERT_EQUAL(tx().ecn, 0);
	peer.snd = 101;
	RX();
	CU_ASSERT_EQUAL(got(), 100);
	RX(.len = 1000);
	RX(.len = 1000);
	CU_ASSERT_EQUAL(tx().ecn, 0);
	finish_open();
}

static void
mark_outside_the_window_is_ignored(void)
{
	ecn_established(0);
	RX(.seq = 1 + (1u << 30), .len = 1000, .codepoint = ECN_CE);
	CU_ASSERT_EQUAL(tx().ecn, 0);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_ecn_marks), 0);
	finish_open();
}

static void
mark_without_agreement_is_ignored(void)
{
	start();
	established();
	RX(.len = 1000, .codepoint = ECN_CE);
	RX(.len = 1000, .codepoint = ECN_CE);
	CU_ASSERT_EQUAL(tx().ecn, 0);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_ecn_marks), 0);
	finish_open();
}

/* ---- sending ---- */

static void
text_may_be_marked_and_nothing_else(void)
{
	ecn_established(0);
	app_send(1000);
	CU_ASSERT_EQUAL(tx().codepoint, ECN_ECT0);
	RX(.len = 1);
	RX(.len = 1000);
	RX(.len = 1000);
	CU_ASSERT_EQUAL(tx().codepoint, 0); /* an acknowledgement */
	app_send(1000);
	tx();
	pass_us(3 * SECOND);
	CU_ASSERT_EQUAL(tx().codepoint, 0); /* a retransmission */
	finish_open();
}

static void
window_probe_may_not_be_marked(void)
{
	struct seg s;

	ecn_established(0);
	RX(.window = ZERO_WINDOW);
	app_send(1000);
	TX_NONE();
	pass_us(3 * SECOND);
	s = tx();
	CU_ASSERT_EQUAL(s.len, 1);
	CU_ASSERT_EQUAL(s.codepoint, 0);
	finish_open();
}

static void
ece_reduces_once_a_round_trip(void)
{
	struct seg s;

	ecn_established(10);
	RX(.ack = at(1), .ecn = ECE);
	CU_ASSERT_EQUAL(conn()->ssthresh, 7000);
	CU_ASSERT_EQUAL(conn()->cwnd, 7000);
	for (unsigned i = 2; i <= 10; i++) /* all that went out before CWR */
		RX(.ack = at(i), .ecn = ECE);
	CU_ASSERT_EQUAL(conn()->ssthresh, 7000);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_ecn_reductions), 1);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_fast_recoveries), 0);
	s = tx();
	CU_ASSERT_EQUAL(s.ecn, CWR); /* with the first new text, once */
	CU_ASSERT_EQUAL(s.codepoint, ECN_ECT0);
	CU_ASSERT_EQUAL(tx().ecn, 0);
	RX(.ack = at(11), .ecn = ECE); /* CWR was lost: the next round trip */
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_ecn_reductions), 2);
	finish_open();
}

/* 6.1.2: a loss in the window whose marks were answered is no other reason. */
static void
loss_in_the_marked_window_reduces_no_more(void)
{
	ecn_established(10);
	RX(.ack = at(1), .ecn = ECE);
	CU_ASSERT_EQUAL(conn()->ssthresh, 7000);
	pass_us(50 * MS);
	RX(.ack = at(1), .ecn = ECE, SACK(at(2), at(8)));
	CU_ASSERT_EQUAL(conn()->recovery, RECOVERY_FAST);
	CU_ASSERT_EQUAL(conn()->ssthresh, 7000);
	TX(ACK, at(1), 1000, 1);
	finish_open();
}

static void
loss_says_cwr_with_the_next_new_text(void)
{
	struct seg s;
	bool told = false;

	ecn_established(10);
	pass_us(50 * MS);
	RX(.ack = at(0), SACK(at(1), at(9)));
	s = tx();
	CU_ASSERT_EQUAL(s.seq, at(0));
	CU_ASSERT_EQUAL(s.ecn, 0); /* not with a retransmission */
	CU_ASSERT_EQUAL(s.codepoint, 0);
	while ((s = tx()).flags && !told) {
		told = s.ecn & CWR;
		CU_ASSERT(told);
	}
	CU_ASSERT(told);
	finish_open();
}

/* The segment was only late, but another one was marked, and the peer hears by CWR that it was answered. */
static void
recovery_that_a_mark_confirms_is_not_undone(void)
{
	uint32_t original;

	start_ecn();
	peer.ts = true;
	peer.mss = 1000 + TCP_TS_BYTES;
	RX(.flags = SYN, .ecn = SETUP);
	tx();
	pass_us(100 * MS);
	RX();
	events();
	conn()->cwnd = conn()->ssthresh = 10000;
	app_send(40000);
	CU_ASSERT_EQUAL(tx_all(), 10);
	original = conn_ts_now(conn(), now_us);
	pass_us(50 * MS);
	RX(.ack = at(0), .ecr = original, SACK(at(1), at(4)));
	CU_ASSERT_EQUAL(conn()->recovery, RECOVERY_FAST);
	TX(ACK, at(0), 1000, 1);
	pass_us(10 * MS);
	RX(.ack = at(4), .ecr = original, .ecn = ECE);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_recoveries_undone), 0);
	CU_ASSERT_EQUAL(conn()->ssthresh, 7000);
	finish_open();
}

static void
ece_without_agreement_is_ignored(void)
{
	start();
	established();
	app_send(20000);
	tx_all();
	RX(.ack = at(1), .ecn = ECE);
	CU_ASSERT(conn()->cwnd >= 10000);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_ecn_reductions), 0);
	finish_open();
}

CU_TestInfo test_ecn[] = {
	{ "setup_syn_is_answered_with_ece_alone", setup_syn_is_answered_with_ece_alone },
	{ "plain_syn_is_answered_plainly", plain_syn_is_answered_plainly },
	{ "half_a_setup_is_none", half_a_setup_is_none },
	{ "profile_without_ecn_refuses_it", profile_without_ecn_refuses_it },
	{ "syn_repeated_without_the_flags_ends_it", syn_repeated_without_the_flags_ends_it },
	{ "our_syn_asks_and_ece_agrees", our_syn_asks_and_ece_agrees },
	{ "answer_without_ece_refuses", answer_without_ece_refuses },
	{ "answer_with_both_flags_refuses", answer_with_both_flags_refuses },
	{ "our_syn_repeated_asks_no_more", our_syn_repeated_asks_no_more },
	{ "mark_is_echoed_until_cwr", mark_is_echoed_until_cwr },
	{ "mark_on_the_text_of_a_syn_ends_with_ecn", mark_on_the_text_of_a_syn_ends_with_ecn },
	{ "mark_outside_the_window_is_ignored", mark_outside_the_window_is_ignored },
	{ "mark_without_agreement_is_ignored", mark_without_agreement_is_ignored },
	{ "text_may_be_marked_and_nothing_else", text_may_be_marked_and_nothing_else },
	{ "window_probe_may_not_be_marked", window_probe_may_not_be_marked },
	{ "ece_reduces_once_a_round_trip", ece_reduces_once_a_round_trip },
	{ "loss_in_the_marked_window_reduces_no_more", loss_in_the_marked_window_reduces_no_more },
	{ "loss_says_cwr_with_the_next_new_text", loss_says_cwr_with_the_next_new_text },
	{ "recovery_that_a_mark_confirms_is_not_undone",
	  recovery_that_a_mark_confirms_is_not_undone },
	{ "ece_without_agreement_is_ignored", ece_without_agreement_is_ignored },
	CU_TEST_INFO_NULL,
};
