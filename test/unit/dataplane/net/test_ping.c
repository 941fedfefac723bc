/* ping.c: echo requests of our own, what answers them, and what does not. */
#include "dataplane/net/ping.h"
#include "test/unit/dataplane/net/net_fixture.h"

static struct ping_plan
plan_to(const char *to)
{
	return (struct ping_plan){
		.to = address(to), .payload_bytes = 56, .hop_limit = 9, .timeout_ms = 1000
	};
}

static struct ping_answer
answer_of(unsigned slot)
{
	struct ping_answer answer = { .result = 99 };

	CU_ASSERT_TRUE(ping_is_over(net, slot, now_us, &answer));
	return answer;
}

static bool
is_pending(unsigned slot)
{
	struct ping_answer answer;

	return !ping_is_over(net, slot, now_us, &answer);
}

/* What the request has behind its type, code and checksum. */
static uint32_t
rest_of(struct rte_mbuf *request)
{
	return be32_to(frame_icmp(request)->rest);
}

static void
request_is_answered_and_timed(void)
{
	struct ping_plan plan = plan_to("10.0.0.2"), plan6 = plan_to("fd00::2");
	struct ping_answer answer;
	struct rte_mbuf *m;
	struct addr peer = address("10.0.0.2");
	uint32_t rest;

	fixture_start();
	resolve("10.0.0.2", 0, MAC_PEER);
	ping_send(net, 0, &plan, now_us);
	m = poll_one();
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	CU_ASSERT_EQUAL(m->pkt_len, 14 + 20 + 8 + 56);
	CU_ASSERT_EQUAL(frame_icmp(m)->type, ICMP_ECHO_REQUEST);
	CU_ASSERT_EQUAL(frame_ipv4(m)->hop_limit, 9);
	CU_ASSERT_EQUAL(checksum_finish(checksum_add(0, frame_icmp(m), 64)), 0);
	rest = rest_of(m);
	rte_pktmbuf_free(m);
	CU_ASSERT_TRUE(is_pending(0));
	now_us += 1234;
	CU_ASSERT_EQUAL(
	    input(icmp_make("10.0.0.2", "10.0.0.1", ICMP_ECHO_REPLY, 0, rest, NULL, 56), 0).next,
	    NET_TAKEN);
	answer = answer_of(0);
	CU_ASSERT_EQUAL(answer.result, PING_ANSWERED);
	CU_ASSERT_EQUAL(answer.rtt_us, 1234);
	CU_ASSERT_EQUAL(answer.hop_limit, 64);
	CU_ASSERT_TRUE(addr_equal(&answer.from, &peer));
	/* the same once more is none of ours, and over IPv6 another one */
	CU_ASSERT_EQUAL(
	    input_drop(icmp_make("10.0.0.2", "10.0.0.1", ICMP_ECHO_REPLY, 0, rest, NULL, 56)),
	    DROP_icmp_type_unknown);
	ping_send(net, 1, &plan6, now_us);
	CU_ASSERT_EQUAL(poll_all(), 1); /* who has fd00::2? */
	CU_ASSERT_TRUE(is_pending(1));
	CU_ASSERT_EQUAL(
	    input(icmp_make("fd00::2", "fd00::1", ICMP6_ECHO_REPLY, 0, rest + 1, NULL, 8), 0).next,
	    NET_TAKEN);
	CU_ASSERT_EQUAL(answer_of(1).result, PING_ANSWERED);
	pass_us(10 * SECOND_US);
	poll_all();
	fixture_end();
}

static void
answers_of_others_do_not_count(void)
{
	struct ping_plan plan = plan_to("10.0.0.2");
	struct rte_mbuf *m;
	uint32_t rest;

	fixture_start();
	resolve("10.0.0.2", 0, MAC_PEER);
	ping_send(net, 0, &plan, now_us);
	m = poll_one();
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	rest = rest_of(m);
	rte_pktmbuf_free(m);
	CU_ASSERT_EQUAL(
	    input_drop(icmp_make("10.0.0.3", "10.0.0.1", ICMP_ECHO_REPLY, 0, rest, NULL, 56)),
	    DROP_icmp_type_unknown); /* another host */
	CU_ASSERT_EQUAL(
	    input_drop(icmp_make("10.0.0.2", "10.0.0.1", ICMP_ECHO_REPLY, 0, rest + 1, NULL, 56)),
	    DROP_icmp_type_unknown); /* another probe */
	CU_ASSERT_EQUAL(input_drop(icmp_make("10.0.0.2", "10.0.0.1", ICMP_ECHO_REPLY, 0,
					     rest ^ 0x10000, NULL, 56)),
			DROP_icmp_type_unknown); /* another program */
	CU_ASSERT_TRUE(is_pending(0));
	/* also where the kernel has "ping": what is ours is not its */
	fixture_serve(0, 1u << SERVICE_ping);
	CU_ASSERT_EQUAL(
	    input(icmp_make("10.0.0.2", "10.0.0.1", ICMP_ECHO_REPLY, 0, rest, NULL, 56), 0).next,
	    NET_TAKEN);
	CU_ASSERT_EQUAL(answer_of(0).result, PING_ANSWERED);
	fixture_end();
}

/* An error of a router quotes the request. */
static void
errors_name_who_sent_them(void)
{
	struct ping_plan plan = plan_to("198.51.100.7"), plan6 = plan_to("2001:db8::7");
	struct ping_answer answer;
	struct addr router = address("10.0.0.2");
	uint8_t quote[48];
	struct rte_mbuf *m;

	fixture_start();
	resolve("10.0.0.2", 0, MAC_PEER);
	ping_send(net, 3, &plan, now_us);
	m = poll_one();
	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	memcpy(quote, frame_ipv4(m), 28);
	rte_pktmbuf_free(m);
	for (uint16_t len = 0; len < 28; len++)
		CU_ASSERT_NOT_EQUAL(
		    input(icmp_make("10.0.0.2", "10.0.0.1", ICMP_TIME_EXCEEDED, 0, 0, quote, len),
			  0)
			.next,
		    NET_TAKEN);
	CU_ASSERT_TRUE(is_pending(3));
	CU_ASSERT_EQUAL(
	    input(icmp_make("10.0.0.2", "10.0.0.1", ICMP_TIME_EXCEEDED, 0, 0, quote, 28), 0).next,
	    NET_TAKEN);
	answer = answer_of(3);
	CU_ASSERT_EQUAL(answer.result, PING_ERROR);
	CU_ASSERT_EQUAL(answer.type, ICMP_TIME_EXCEEDED);
	CU_ASSERT_TRUE(addr_equal(&answer.from, &router));

	ping_send(net, 3, &plan6, now_us);
	CU_ASSERT_EQUAL(poll_all(), 1);
	memset(quote, 0, sizeof quote);
	quote[0] = 0x60;
	quote[6] = IPPROTO_ICMPV6;
	memcpy(quote + 24, plan6.to.byte, 16);
	quote[40] = ICMP6_ECHO_REQUEST;
	quote[44] = (uint8_t)(net->ping_identifier >> 8);
	quote[45] = (uint8_t)net->ping_identifier;
	quote[46] = (uint8_t)(net->ping_sequence >> 8);
	quote[47] = (uint8_t)net->ping_sequence;
	CU_ASSERT_EQUAL(
	    input(icmp_make("fd00::2", "fd00::1", ICMP6_UNREACHABLE, 3, 0, quote, 48), 0).next,
	    NET_TAKEN);
	answer = answer_of(3);
	CU_ASSERT(answer.result == PING_ERROR && answer.type == ICMP6_UNREACHABLE &&
		  answer.code == 3);
	pass_us(10 * SECOND_US);
	poll_all();
	fixture_end();
}

static void
silence_and_what_cannot_be_sent_are_said(void)
{
	struct ping_plan plan = plan_to("10.0.0.2");
	struct ping_answer answer;

	fixture_start();
	resolve("10.0.0.2", 0, MAC_PEER);
	CU_ASSERT_FALSE(is_pending(7)); /* nothing was asked yet */
	ping_send(net, 7, &plan, now_us);
	CU_ASSERT_EQUAL(poll_all(), 1);
	now_us += SECOND_US - 1;
	CU_ASSERT_TRUE(is_pending(7));
	now_us++;
	CU_ASSERT_EQUAL(answer_of(7).result, PING_SILENCE);
	plan.to = address("10.0.2.9"); /* a port that is not there: by the default route */
	plan.from = address("10.0.9.9");
	ping_send(net, 0, &plan, now_us);
	answer = answer_of(0);
	CU_ASSERT(answer.result == PING_UNSENT && answer.reason == DROP_ip_source_invalid);
	plan.from = address("fd00::1");
	ping_send(net, 0, &plan, now_us);
	CU_ASSERT_EQUAL(answer_of(0).reason, DROP_ip_source_invalid);
	plan = plan_to("fe80::1");
	ping_send(net, 0, &plan, now_us);
	CU_ASSERT_EQUAL(answer_of(0).reason, DROP_ip_no_route);
	plan = plan_to("10.0.0.100"); /* ourselves */
	ping_send(net, 0, &plan, now_us);
	CU_ASSERT_EQUAL(answer_of(0).reason, DROP_ip_no_route);
	fixture_end();
}

CU_TestInfo test_ping[] = {
	{ "ping_request_is_answered_and_timed", request_is_answered_and_timed },
	{ "ping_answers_of_others_do_not_count", answers_of_others_do_not_count },
	{ "ping_errors_name_who_sent_them", errors_name_who_sent_them },
	{ "ping_silence_and_what_cannot_be_sent_are_said",
	  silence_and_what_cannot_be_sent_are_said },
	CU_TEST_INFO_NULL,
};
