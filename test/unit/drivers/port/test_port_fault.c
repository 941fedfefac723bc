/*
 * The fault wrapper around one end of a simulated link.
 */
#include "drivers/port/port_fault.h"

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "drivers/port/port_sim.h"
#include "test/unit/drivers/port/port_test.h"
#include "test/unit/unit.h"

static char why[256];

/* a sends into the faults, or receives out of them; b is the plain other end. */
struct bench {
	struct port *a, *b;
	unsigned mbufs;
};

static struct bench
bench_open(const char *spec)
{
	static const struct port_sim_link link = { .queue_frames = 4096, .mtu_bytes = 1500 };
	struct bench bench = { .mbufs = mbufs_in_use() };
	struct port *inner;

	CU_ASSERT_EQUAL_FATAL(port_sim_pair("a", "b", &link, &inner, &bench.b), ERR_ok);
	if (port_fault_wrap(inner, spec, unit_mbufs(), &bench.a, why, sizeof why))
		CU_FAIL_FATAL(why);
	return bench;
}

static void
bench_close(struct bench *bench)
{
	port_close(bench->a);
	port_close(bench->b);
	CU_ASSERT_EQUAL(mbufs_in_use(), bench->mbufs);
}

static struct port_fault_stats
stats_of(const struct bench *bench)
{
	struct port_fault_stats stats;

	port_fault_stats(bench->a, &stats);
	return stats;
}

/*
 * Sends count frames through a, receives at b at the same instant; a bit for each frame that came.
 */
static uint32_t
pass_frames(struct bench *bench, uint32_t count, bool *came)
{
	uint32_t passed = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t number;

		port_send(bench->a, frame_numbered(i, FRAME_BYTES), 0);
		number = port_receive(bench->b, 0);
		if (came)
			came[i] = number == i;
		passed += number == i;
	}
	return passed;
}

static void
loss_takes_its_share(void)
{
	struct bench bench = bench_open("loss=2%");
	uint32_t passed = pass_frames(&bench, 20000, NULL);

	CU_ASSERT(passed > 19500 && passed < 19700); /* 19,600; five deviations are 100 */
	CU_ASSERT_EQUAL(stats_of(&bench).tx.lost, 20000 - passed);
	CU_ASSERT_EQUAL(stats_of(&bench).tx.frames, 20000);
	bench_close(&bench);
}

static void
loss_of_everything_lets_nothing_through(void)
{
	struct bench bench = bench_open("loss=100%");

	CU_ASSERT_EQUAL(pass_frames(&bench, 100, NULL), 0);
	bench_close(&bench);
}

static void
same_seed_loses_the_same_frames(void)
{
	static bool first[1000], second[1000], other[1000];
	struct bench bench = bench_open("loss=10%,seed=7");

	pass_frames(&bench, 1000, first);
	bench_close(&bench);
	bench = bench_open("loss=10%,seed=7");
	pass_frames(&bench, 1000, second);
	bench_close(&bench);
	bench = bench_open("loss=10%,seed=8");
	pass_frames(&bench, 1000, other);
	bench_close(&bench);
	CU_ASSERT_EQUAL(memcmp(first, second, sizeof first), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(first, other, sizeof first), 0);
}

/* Gilbert-Elliott with 1% to bad and 25% to good: 3.8% lost, in runs of 4 on average. */
static void
burst_loses_runs_of_frames(void)
{
	static bool came[40000];
	struct bench bench = bench_open("burst=1%:25%");
	uint32_t lost = 40000 - pass_frames(&bench, 40000, came), runs = 0;

	for (uint32_t i = 1; i < 40000; i++)
		runs += came[i - 1] && !came[i];
	CU_ASSERT(lost > 1200 && lost < 1900);
	CU_ASSERT((double)lost / runs > 3.5 && (double)lost / runs < 4.5);
	bench_close(&bench);
}

static void
delay_holds_a_sent_frame(void)
{
	struct bench bench = bench_open("delay=20ms");

	port_send(bench.a, frame_numbered(1, FRAME_BYTES), 1000);
	CU_ASSERT_EQUAL(port_next_us(bench.a), 21000);
	CU_ASSERT_EQUAL(port_tx(bench.a, 0, NULL, 0, 20999), 0);
	CU_ASSERT_EQUAL(port_receive(bench.b, 20999), FRAME_NONE);
	port_tx(bench.a, 0, NULL, 0, 21000);
	CU_ASSERT_EQUAL(port_next_us(bench.a), UINT64_MAX);
	CU_ASSERT_EQUAL(port_receive(bench.b, 21000), 1);
	bench_close(&bench);
}

static void
delay_holds_a_received_frame(void)
{
	struct bench bench = bench_open("delay=20ms");

	port_send(bench.b, frame_numbered(1, FRAME_BYTES), 1000);
	CU_ASSERT_EQUAL(port_next_us(bench.a), 1000);
	CU_ASSERT_EQUAL(port_receive(bench.a, 1000), FRAME_NONE);
	CU_ASSERT_EQUAL(port_next_us(bench.a), 21000);
	CU_ASSERT_EQUAL(port_receive(bench.a, 20999), FRAME_NONE);
	CU_ASSERT_EQUAL(port_receive(bench.a, 21000), 1);
	bench_close(&bench);
}

static void
direction_that_is_not_named_is_left_alone(void)
{
	struct bench bench = bench_open("loss=100%,dir=rx");

	CU_ASSERT_EQUAL(pass_frames(&bench, 10, NULL), 10);
	port_send(bench.b, frame_numbered(1, FRAME_BYTES), 0);
	CU_ASSERT_EQUAL(port_receive(bench.a, 0), FRAME_NONE);
	CU_ASSERT_EQUAL(stats_of(&bench).rx.lost, 1);
	CU_ASSERT_EQUAL(stats_of(&bench).tx.frames, 0);
	bench_close(&bench);
}

static void
jitter_spreads_and_keeps_the_order(void)
{
	struct bench bench = bench_open("delay=10ms,jitter=5ms");
	uint64_t next, earliest = UINT64_MAX, latest = 0;

	for (uint32_t i = 0; i < 500; i++) {
		uint64_t sent_us = i * 20000;

		port_send(bench.a, frame_numbered(i, FRAME_BYTES), sent_us);
		next = port_next_us(bench.a) - sent_us;
		earliest = next < earliest ? next : earliest;
		latest = next > latest ? next : latest;
		port_tx(bench.a, 0, NULL, 0, sent_us + next);
		CU_ASSERT_EQUAL(port_receive(bench.b, sent_us + next), i);
	}
	CU_ASSERT(earliest >= 10000 && earliest < 10200);
	CU_ASSERT(latest > 14800 && latest <= 15000);
	for (uint32_t i = 0; i < 500; i++)
		port_send(bench.a, frame_numbered(i, FRAME_BYTES), 20000000 + i);
	for (uint32_t i = 0; i < 500; i++) {
		port_tx(bench.a, 0, NULL, 0, 21000000);
		CU_ASSERT_EQUAL(port_receive(bench.b, 21000000), i);
	}
	bench_close(&bench);
}

static void
reordered_frame_is_overtaken(void)
{
	struct bench bench = bench_open("reorder=10%:3ms,seed=3");
	uint32_t late = 0, highest = 0, came = 0;

	for (uint32_t i = 0; i < 1100; i++) {
		uint32_t number;

		if (i < 1000)
			port_send(bench.a, frame_numbered(i, FRAME_BYTES), i * 1000);
		else
			port_tx(bench.a, 0, NULL, 0, i * 1000);
		while ((number = port_receive(bench.b, i * 1000)) != FRAME_NONE) {
			late += came && number < highest;
			highest = number > highest ? number : highest;
			came++;
		}
	}
	CU_ASSERT_EQUAL(came, 1000);
	CU_ASSERT(late > 60 && late < 140);
	CU_ASSERT_EQUAL(stats_of(&bench).tx.reordered, late);
	bench_close(&bench);
}

static void
duplicate_follows_its_frame(void)
{
	struct bench bench = bench_open("duplicate=100%");

	for (uint32_t i = 0; i < 10; i++)
		port_send(bench.a,
			  i % 2 ? frame_numbered(i, 500) : frame_chained(frame_numbered(i, 500)),
			  0);
	for (uint32_t i = 0; i < 20; i++)
		CU_ASSERT_EQUAL(port_receive(bench.b, 0), i / 2);
	CU_ASSERT_EQUAL(stats_of(&bench).tx.duplicated, 10);
	bench_close(&bench);
}

static unsigned
bits_different(const uint8_t *a, const uint8_t *b, uint32_t len, uint32_t *first)
{
	unsigned bits = 0;

	for (uint32_t i = len; i-- > 0;)
		if (a[i] != b[i]) {
			bits += (unsigned)__builtin_popcount(a[i] ^ b[i]);
			*first = i;
		}
	return bits;
}

static void
corruption_sets_one_bit_of_a_copy(void)
{
	struct bench bench = bench_open("corrupt=100%");

	for (uint32_t i = 0; i < 200; i++) {
		struct rte_mbuf *frame = frame_numbered(i, FRAME_BYTES), *got;
		uint32_t first = 0;

		rte_mbuf_refcnt_update(frame, 1); /* the sender's, for sending again */
		port_send(bench.a, frame, 0);
		CU_ASSERT_EQUAL_FATAL(port_rx(bench.b, 0, &got, 1, 0), 1);
		CU_ASSERT_EQUAL(bits_different(rte_pktmbuf_mtod(frame, uint8_t *),
					       rte_pktmbuf_mtod(got, uint8_t *), FRAME_BYTES,
					       &first),
				1);
		CU_ASSERT(first >= 14);
		rte_pktmbuf_free(got);
		CU_ASSERT_EQUAL(frame_number(frame), i);
	}
	CU_ASSERT_EQUAL(stats_of(&bench).tx.corrupted, 200);
	bench_close(&bench);
}

/* RFC 1071, not folded to the end: 0 and 0xffff are the same to it. */
static uint32_t
sum_behind_ethernet(const struct rte_mbuf *frame)
{
	const uint8_t *at = rte_pktmbuf_mtod(frame, const uint8_t *);
	uint32_t sum = 0;

	for (uint32_t i = 14; i < frame->pkt_len; i++)
		sum += i % 2 ? at[i] : (uint32_t)at[i] << 8;
	return sum % 0xffff;
}

/* On several links one after the other, as in a simulated network: two bits could make up for each other. */
static void
corruption_again_and_again_never_rights_the_checksum(void)
{
	struct bench bench = bench_open("corrupt=100%");

	for (uint32_t i = 0; i < 500; i++) {
		struct rte_mbuf *frame = frame_numbered(i, FRAME_BYTES);
		uint32_t right = sum_behind_ethernet(frame);

		for (unsigned hop = 0; hop < 4; hop++) {
			port_send(bench.a, frame, 0);
			CU_ASSERT_EQUAL_FATAL(port_rx(bench.b, 0, &frame, 1, 0), 1);
			CU_ASSERT_NOT_EQUAL(sum_behind_ethernet(frame), right);
		}
		rte_pktmbuf_free(frame);
	}
	bench_close(&bench);
}

static void
corruption_finds_the_last_clear_bit_and_leaves_a_frame_without_one(void)
{
	struct bench bench = bench_open("corrupt=100%");
	struct rte_mbuf *frame = frame_numbered(1, FRAME_BYTES);
	uint8_t *at = rte_pktmbuf_mtod(frame, uint8_t *);

	memset(at + 14, 0xff, FRAME_BYTES - 14);
	at[FRAME_BYTES - 1] = 0xfe;
	for (unsigned i = 0; i < 2; i++) {
		port_send(bench.a, frame, 0);
		CU_ASSERT_EQUAL_FATAL(port_rx(bench.b, 0, &frame, 1, 0), 1);
		CU_ASSERT_EQUAL(rte_pktmbuf_mtod(frame, uint8_t *)[FRAME_BYTES - 1], 0xff);
	}
	CU_ASSERT_EQUAL(stats_of(&bench).tx.corrupted, 1);
	rte_pktmbuf_free(frame);
	bench_close(&bench);
}

static void
rate_and_queue_make_a_bottleneck(void)
{
	struct bench bench = bench_open("rate=8mbit,queue=10,dir=tx"); /* a byte a microsecond */

	for (uint32_t i = 0; i < 15; i++)
		port_send(bench.a, frame_numbered(i, 1000), 0);
	CU_ASSERT_EQUAL(stats_of(&bench).tx.queue_full, 5);
	for (uint32_t i = 0; i < 10; i++) {
		CU_ASSERT_EQUAL(port_next_us(bench.a), (i + 1) * 1000);
		port_tx(bench.a, 0, NULL, 0, (i + 1) * 1000 - 1);
		CU_ASSERT_EQUAL(port_receive(bench.b, (i + 1) * 1000 - 1), FRAME_NONE);
		port_tx(bench.a, 0, NULL, 0, (i + 1) * 1000);
		CU_ASSERT_EQUAL(port_receive(bench.b, (i + 1) * 1000), i);
	}
	bench_close(&bench);
}

/* Two full frames and a small one, whatever is delayed behind the line. */
static void
buffer_bounds_what_waits_for_the_rate(void)
{
	struct bench bench = bench_open("rate=8mbit,buffer=2100b,delay=50ms,dir=tx");

	for (uint32_t i = 0; i < 4; i++)
		port_send(bench.a, frame_numbered(i, 1000), 0);
	CU_ASSERT_EQUAL(stats_of(&bench).tx.queue_full, 2);
	port_send(bench.a, frame_numbered(4, 100), 0);
	CU_ASSERT_EQUAL(stats_of(&bench).tx.queue_full, 2);
	port_send(bench.a, frame_numbered(5, 1000), 999); /* 1,101 bytes are still there */
	CU_ASSERT_EQUAL(stats_of(&bench).tx.queue_full, 3);
	port_send(bench.a, frame_numbered(6, 1000), 1000);
	CU_ASSERT_EQUAL(stats_of(&bench).tx.queue_full, 3);
	port_tx(bench.a, 0, NULL, 0, 53100);
	CU_ASSERT_EQUAL(port_receive(bench.b, 53100), 0);
	CU_ASSERT_EQUAL(port_receive(bench.b, 53100), 1);
	CU_ASSERT_EQUAL(port_receive(bench.b, 53100), 4);
	CU_ASSERT_EQUAL(port_receive(bench.b, 53100), 6);
	bench_close(&bench);
}

static void
buffer_is_empty_after_a_pause(void)
{
	struct bench bench = bench_open("rate=8mbit,buffer=1000b,dir=tx");

	port_send(bench.a, frame_numbered(0, 1000), 0);
	port_send(bench.a, frame_numbered(1, 1000), 5000);
	port_send(bench.a, frame_numbered(2, 1000), 5001);
	CU_ASSERT_EQUAL(stats_of(&bench).tx.queue_full, 1);
	bench_close(&bench);
}

static void
empty_pool_leaves_frames_as_they_are(void)
{
	static struct rte_mbuf *taken[8192];
	struct bench bench = bench_open("duplicate=100%,corrupt=100%");
	struct rte_mbuf *frame = frame_chained(frame_numbered(1, 300));
	unsigned count = 0;

	while (count < ARRAY_SIZE(taken) && (taken[count] = rte_pktmbuf_alloc(unit_mbufs())))
		count++;
	port_send(bench.a, frame,
		  0); /* the link itself needs a buffer for a chain, too: it drops it */
	CU_ASSERT_EQUAL(stats_of(&bench).tx.no_buffer, 2);
	rte_pktmbuf_free_bulk(taken, count);
	CU_ASSERT_EQUAL(stats_of(&bench).tx.duplicated + stats_of(&bench).tx.corrupted, 0);
	bench_close(&bench);
}

static void
wrappers_stack_and_add_up(void)
{
	struct bench bench = bench_open("delay=1ms,dir=tx");
	struct port *inner = bench.a;

	CU_ASSERT_EQUAL_FATAL(
	    port_fault_wrap(inner, "loss=100%,dir=rx", unit_mbufs(), &bench.a, why, sizeof why),
	    ERR_ok);
	port_send(bench.a, frame_numbered(1, FRAME_BYTES), 0);
	CU_ASSERT_EQUAL(port_next_us(bench.a), 1000);
	port_tx(bench.a, 0, NULL, 0, 1000);
	CU_ASSERT_EQUAL(port_receive(bench.b, 1000), 1);
	port_send(bench.b, frame_numbered(2, FRAME_BYTES), 0);
	CU_ASSERT_EQUAL(port_receive(bench.a, 0), FRAME_NONE);
	CU_ASSERT_EQUAL(stats_of(&bench).rx.lost, 1);
	CU_ASSERT_EQUAL(stats_of(&bench).tx.frames, 1);
	bench_close(&bench);
}

static void
frames_held_at_close_are_freed(void)
{
	struct bench bench = bench_open("delay=1s");

	for (uint32_t i = 0; i < 100; i++) {
		port_send(bench.a, frame_numbered(i, FRAME_BYTES), 0);
		port_send(bench.b, frame_numbered(i, FRAME_BYTES), 0);
	}
	CU_ASSERT_EQUAL(port_receive(bench.a, 0), FRAME_NONE);
	bench_close(&bench);
}

static void
info_is_the_inner_port_s(void)
{
	struct bench bench = bench_open("loss=1%");
	struct port_info info;

	port_info(bench.a, &info);
	CU_ASSERT_STRING_EQUAL(info.name, "a");
	CU_ASSERT_STRING_EQUAL(info.driver, "sim+fault");
	CU_ASSERT_TRUE(info.link_up);
	port_sim_link_set(bench.a, false);
	port_info(bench.a, &info);
	CU_ASSERT_FALSE(info.link_up);
	bench_close(&bench);
}

static void
nonsense_spec_is_refused_with_what_would_be_right(void)
{
	static const char *const cases[][2] = {
		{ "", "an empty fault spec" },
		{ "loss=120%", "loss=120%: a share between 0% and 100%" },
		{ "loss=2", "loss=2: a share" },
		{ "loss", "loss=: a share" },
		{ "delay=20", "delay=20: a time" },
		{ "delay=2h", "delay=2h: a time" },
		{ "jitter=-1ms", "jitter=-1ms: a time" },
		{ "burst=1%", "burst=1%: two shares" },
		{ "burst=1%:0%", "burst=1%:0%: two shares" },
		{ "burst=1%:200%", "burst=1%:200%: two shares" },
		{ "reorder=1%:", "reorder=1%:: a share and" },
		{ "rate=0mbit", "rate=0mbit: bits per second above 0" },
		{ "rate=1mbit,buffer=0b", "buffer=0b: bytes above 0" },
		{ "rate=1mbit,buffer=100", "buffer=100: bytes above 0" },
		{ "buffer=250kb", "a buffer is of a rate" },
		{ "queue=0", "queue=0: a number of frames" },
		{ "queue=65537", "queue=65537: a number of frames" },
		{ "dir=up", "dir=up: rx, tx or both" },
		{ "seed=x", "seed=x: a whole number" },
		{ "los=2%", "'los' is no fault: loss, burst" },
		{ "loss=2%,,delay=1ms", "'' is no fault" },
	};
	static const struct port_sim_link link = { .queue_frames = 8, .mtu_bytes = 1500 };
	struct port *a, *b, *wrapped;

	unit_mbufs();
	CU_ASSERT_EQUAL_FATAL(port_sim_pair("a", "b", &link, &a, &b), ERR_ok);
	wrapped = a;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CU_ASSERT_EQUAL(
		    port_fault_wrap(a, cases[i][0], unit_mbufs(), &wrapped, why, sizeof why),
		    ERR_invalid);
		if (!strstr(why, cases[i][1]))
			CU_FAIL(why);
		CU_ASSERT_PTR_EQUAL(wrapped, a); /* untouched: the caller keeps it */
	}
	port_close(a);
	port_close(b);
}

CU_TestInfo test_port_fault[] = {
	{ "loss_takes_its_share", loss_takes_its_share },
	{ "loss_of_everything_lets_nothing_through", loss_of_everything_lets_nothing_through },
	{ "same_seed_loses_the_same_frames", same_seed_loses_the_same_frames },
	{ "burst_loses_runs_of_frames", burst_loses_runs_of_frames },
	{ "delay_holds_a_sent_frame", delay_holds_a_sent_frame },
	{ "delay_holds_a_received_frame", delay_holds_a_received_frame },
	{ "direction_that_is_not_named_is_left_alone", direction_that_is_not_named_is_left_alone },
	{ "jitter_spreads_and_keeps_the_order", jitter_spreads_and_keeps_the_order },
	{ "reordered_frame_is_overtaken", reordered_frame_is_overtaken },
	{ "duplicate_follows_its_frame", duplicate_follows_its_frame },
	{ "corruption_sets_one_bit_of_a_copy", corruption_sets_one_bit_of_a_copy },
	{ "corruption_again_and_again_never_rights_the_checksum",
	  corruption_again_and_again_never_rights_the_checksum },
	{ "corruption_finds_the_last_clear_bit_and_leaves_a_frame_without_one",
	  corruption_finds_the_last_clear_bit_and_leaves_a_frame_without_one },
	{ "rate_and_queue_make_a_bottleneck", rate_and_queue_make_a_bottleneck },
	{ "buffer_bounds_what_waits_for_the_rate", buffer_bounds_what_waits_for_the_rate },
	{ "buffer_is_empty_after_a_pause", buffer_is_empty_after_a_pause },
	{ "empty_pool_leaves_frames_as_they_are", empty_pool_leaves_frames_as_they_are },
	{ "wrappers_stack_and_add_up", wrappers_stack_and_add_up },
	{ "frames_held_at_close_are_freed", frames_held_at_close_are_freed },
	{ "info_is_the_inner_port_s", info_is_the_inner_port_s },
	{ "nonsense_spec_is_refused_with_what_would_be_right",
	  nonsense_spec_is_refused_with_what_would_be_right },
	CU_TEST_INFO_NULL,
};
