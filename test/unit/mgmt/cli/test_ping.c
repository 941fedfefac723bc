/* ping and traceroute: what is asked of the data plane, what is said of its answers. */
#include <stdio.h>
#include <string.h>

#include "fw/abi/drops.h"
#include "fw/base/assert.h"
#include "test/unit/mgmt/cli/box.h"
#include "test/unit/unit.h"

static struct addr
address(const char *text)
{
	struct addr a;

	ASSERT(addr_parse(text, &a));
	return a;
}

static struct ping_answer
answered(const char *from, uint32_t rtt_us)
{
	return (struct ping_answer){
		.result = PING_ANSWERED, .from = address(from), .rtt_us = rtt_us, .hop_limit = 63
	};
}

static struct ping_answer
error_of(const char *from, uint8_t type, uint8_t code)
{
	return (struct ping_answer){ .result = PING_ERROR,
				     .from = address(from),
				     .rtt_us = 500,
				     .type = type,
				     .code = code };
}

static void
ping_says_each_answer_and_the_sum(void)
{
	const struct ping_answer pongs[] = { answered("10.0.0.2", 1500),
					     answered("10.0.0.2", 500) };
	struct addr own = address("10.0.0.1");
	struct box box;

	box_open(&box);
	box.pongs = pongs;
	box.pong_count = 2;
	box_serve_dataplane(&box, 0, false);
	CU_ASSERT_EQUAL(box_run(&box, "ping 10.0.0.2 count 2 size 100 port p0"), CLI_OK);
	CU_ASSERT_STRING_EQUAL(
	    box.out, "100 bytes from 10.0.0.2: seq 1 hop-limit 63 time 1.500 ms\n"
		     "100 bytes from 10.0.0.2: seq 2 hop-limit 63 time 0.500 ms\n"
		     "2 sent, 2 answered, 0% lost; round trip min 0.500 mean 1.000 max 1.500 ms\n");
	CU_ASSERT(box.ping.payload_bytes == 100 && box.ping.hop_limit == 64 &&
		  box.ping.timeout_ms == 1000);
	CU_ASSERT_TRUE(addr_equal(&box.ping.from, &own));
	box_stop_serving(&box);
	box_close(&box);
}

static void
ping_without_an_answer_fails_and_says_why(void)
{
	static const struct {
		uint32_t result, reason;
		const char *says;
	} rows[] = {
		{ PING_SILENCE, 0, "seq 1 no answer\n" },
		{ PING_UNSENT, DROP_ip_no_route, "seq 1 not sent: no route to the destination\n" },
	};
	struct ping_answer pong;
	struct box box;

	box_open(&box);
	box.pongs = &pong;
	box.pong_count = 1;
	box_serve_dataplane(&box, 0, false);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		pong = (struct ping_answer){ .result = rows[i].result, .reason = rows[i].reason };
		CU_ASSERT_EQUAL(box_run(&box, "ping 10.0.0.2 count 1"), CLI_FAILED);
		CU_ASSERT_TRUE(box_has_line(box.out, rows[i].says));
		CU_ASSERT_TRUE(box_has_line(box.out, "1 sent, 0 answered, 100% lost\n"));
	}
	pong = error_of("10.0.0.254", 3, 1);
	CU_ASSERT_EQUAL(box_run(&box, "ping 198.51.100.1 count 1"), CLI_FAILED);
	CU_ASSERT_TRUE(box_has_line(box.out, "from 10.0.0.254: seq 1 host unreachable\n"));
	pong = error_of("fd00::2", 1, 0);
	CU_ASSERT_EQUAL(box_run(&box, "ping 2001:db8::1 count 1"), CLI_FAILED);
	CU_ASSERT_TRUE(box_has_line(box.out, "from fd00::2: seq 1 no route\n"));
	box_stop_serving(&box);
	CU_ASSERT_EQUAL(box_run(&box, "ping 10.0.0.2 count 1"), CLI_FAILED);
	CU_ASSERT_STRING_EQUAL(box.err, "the data plane is not running\n");
	box_close(&box);
}

static void
traceroute_goes_hop_by_hop(void)
{
	const struct ping_answer silent = { .result = PING_SILENCE };
	const struct ping_answer pongs[] = { error_of("10.0.0.2", 11, 0),
					     error_of("10.0.0.2", 11, 0),
					     error_of("10.0.0.3", 11, 0),
					     silent,
					     silent,
					     silent,
					     answered("198.51.100.1", 42),
					     silent,
					     answered("198.51.100.1", 43) };
	struct box box;

	box_open(&box);
	box.pongs = pongs;
	box.pong_count = 9;
	box_serve_dataplane(&box, 0, false);
	CU_ASSERT_EQUAL(box_run(&box, "traceroute 198.51.100.1"), CLI_OK);
	CU_ASSERT_STRING_EQUAL(box.out, " 1  10.0.0.2  0.500 ms  0.500 ms  10.0.0.3  0.500 ms\n"
					" 2  *  *  *\n"
					" 3  198.51.100.1  0.042 ms  *  0.043 ms\n");
	CU_ASSERT_EQUAL(box.ping.hop_limit, 3);
	box_stop_serving(&box);
	box_close(&box);
}

static void
traceroute_ends_after_thirty_hops(void)
{
	const struct ping_answer silent = { .result = PING_SILENCE };
	struct box box;

	box_open(&box);
	box.pongs = &silent;
	box.pong_count = 1;
	box_serve_dataplane(&box, 0, false);
	CU_ASSERT_EQUAL(box_run(&box, "traceroute fd00::9"), CLI_FAILED);
	CU_ASSERT_EQUAL(box_lines(&box), 30);
	CU_ASSERT_STRING_EQUAL(box.err, "fd00::9 was not reached within 30 hops\n");
	box_stop_serving(&box);
	box_close(&box);
}

static void
wrong_words_are_refused_before_anything_is_sent(void)
{
	static const struct {
		const char *line, *says;
	} rows[] = {
		{ "ping example.com",
		  "example.com is no address; must be like 10.0.0.1 or fd00::1\n" },
		{ "ping 10.0.0.2 count 0",
		  "count: \"0\" is wrong; must be a number from 1 to 1000000\n" },
		{ "ping 10.0.0.2 size 1401",
		  "size: \"1401\" is wrong; must be a number from 0 to 1400\n" },
		{ "ping 10.0.0.2 count",
		  "count: \"\" is wrong; must be a number from 1 to 1000000\n" },
		{ "ping 10.0.0.2 port p9", "there is no port p9 with an address of that family\n" },
		{ "ping 10.0.0.2 ttl 3",
		  "ttl: no such option; there are count N, size N, port PORT\n" },
		{ "traceroute x", "x is no address; must be like 10.0.0.1 or fd00::1\n" },
	};
	struct box box;

	box_open(&box);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CU_ASSERT_EQUAL(box_run(&box, rows[i].line), CLI_FAILED);
		CU_ASSERT_STRING_EQUAL(box.err, rows[i].says);
	}
	box_close(&box);
}

CU_TestInfo test_ping[] = {
	{ "ping_says_each_answer_and_the_sum", ping_says_each_answer_and_the_sum },
	{ "ping_without_an_answer_fails_and_says_why", ping_without_an_answer_fails_and_says_why },
	{ "traceroute_goes_hop_by_hop", traceroute_goes_hop_by_hop },
	{ "traceroute_ends_after_thirty_hops", traceroute_ends_after_thirty_hops },
	{ "ping_wrong_words_are_refused_before_anything_is_sent",
	  wrong_words_are_refused_before_anything_is_sent },
	CU_TEST_INFO_NULL,
};
