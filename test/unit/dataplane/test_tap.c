/*
 * Taps: which programs are let in, which frames, and the ring under a reader that is slow, or not there.
 */
#include "dataplane/tap.h"

#include <string.h>
#include <sys/types.h> /* for the next one */

#include <pcap/bpf.h>

#include "fw/abi/drops.h"
#include "fw/base/rng.h"
#include "test/unit/unit.h"

#define RING 4096u

static uint8_t ring[RING] __attribute__((aligned(8)));
static struct tap tap;
static const struct tap_place in = { .direction = TAP_IN, .device = 1, .worker = 3, .unix_us = 77 };

static struct tap_plan
all_frames(void)
{
	return (struct tap_plan){ .frames = UINT64_MAX, .device_mask = 2, .kept_bytes = 100 };
}

static void
begin(enum tap_kind kind, const struct tap_plan *plan)
{
	const char *why;

	CU_ASSERT_EQUAL_FATAL(tap_plan_check(plan, &why), ERR_ok);
	tap_init(&tap, kind, ring, sizeof ring);
	tap_begin(&tap, plan);
}

/* A frame whose bytes all are `value`; whether a record was made of it. */
static struct tap_record *
frame(uint8_t value, uint32_t len)
{
	uint8_t bytes[TAP_KEPT_MAX];

	memset(bytes, value, sizeof bytes);
	return tap_offer(&tap, bytes, len, len, &in);
}

/* Reads, checks the records one by one; how many. */
static unsigned
read_all(uint32_t max, uint8_t *first_value)
{
	static uint8_t out[RING] __attribute__((aligned(8)));
	const struct tap_record *record;
	uint32_t bytes = tap_read(&(struct tap *){ &tap }, 1, UINT64_MAX, out, max);
	size_t at = 0;
	unsigned count = 0;

	while ((record = tap_record_next(out, bytes, &at))) {
		const uint8_t *kept = tap_record_frame(record);

		for (uint32_t i = 1; i < record->kept_bytes; i++)
			CU_ASSERT_EQUAL(kept[i], kept[0]);
		if (record->kept_bytes)
			CU_ASSERT_EQUAL(kept[0], (uint8_t)(*first_value + count));
		CU_ASSERT_EQUAL(record->unix_us, 77);
		CU_ASSERT_EQUAL(record->worker, 3);
		count++;
	}
	CU_ASSERT_EQUAL(at, bytes);
	*first_value += (uint8_t)count;
	return count;
}

static void
record_is_a_copy_cut_to_the_kept_bytes(void)
{
	struct tap_plan plan = all_frames();
	struct tap_record *record;

	begin(TAP_CAPTURE, &plan);
	record = frame(9, 1500);
	CU_ASSERT_PTR_NOT_NULL_FATAL(record);
	CU_ASSERT_EQUAL(record->frame_bytes, 1500);
	CU_ASSERT_EQUAL(record->kept_bytes, 100);
	CU_ASSERT_EQUAL(record->reason, DROP_none);
	CU_ASSERT_PTR_NULL(tap_record_walk(record));
	begin(TAP_TRACE, &plan);
	record = frame(9, 60);
	CU_ASSERT_PTR_NOT_NULL_FATAL(record);
	CU_ASSERT_EQUAL(record->kept_bytes, 60);
	CU_ASSERT_EQUAL(tap_record_walk(record)->verdict[TRACE_LAYER_tcp], TRACE_VERDICT_none);
	CU_ASSERT_EQUAL(tap_record_frame(record)[59], 9);
}

static void
record_is_read_only_once_it_is_published(void)
{
	struct tap_plan plan = all_frames();
	uint8_t next = 1;

	begin(TAP_CAPTURE, &plan);
	frame(1, 50);
	frame(2, 50);
	CU_ASSERT_EQUAL(read_all(RING, &next), 0);
	tap_publish(&tap);
	CU_ASSERT_EQUAL(read_all(RING, &next), 2);
	CU_ASSERT_EQUAL(read_all(RING, &next), 0);
}

static void
ring_full_loses_the_copy_and_counts_it(void)
{
	struct tap_plan plan = all_frames();
	unsigned kept = 0;
	uint8_t next = 0;

	begin(TAP_CAPTURE, &plan);
	for (unsigned i = 0; i < 100; i++)
		kept += frame((uint8_t)kept, 100) != NULL;
	CU_ASSERT_EQUAL(kept, RING / tap_record_bytes(TAP_CAPTURE, 100));
	CU_ASSERT_EQUAL(tap.matched, 100);
	CU_ASSERT_EQUAL(tap.lost, 100 - kept);
	tap_publish(&tap);
	CU_ASSERT_EQUAL(read_all(RING, &next), kept);
	CU_ASSERT_PTR_NOT_NULL(frame(0, 100));
	begin(TAP_CAPTURE, &plan);
	tap_init(&tap, TAP_CAPTURE, NULL, 0);
	tap_begin(&tap, &plan);
	CU_ASSERT_PTR_NULL(frame(0, 100));
	CU_ASSERT_EQUAL(tap.lost, 1);
}

/* Random sizes, publishing and reading at random moments: all that was kept comes out, in order, whole. */
static void
ring_wraps_with_any_sizes(void)
{
	struct tap_plan plan = all_frames();
	unsigned kept = 0, got = 0;
	uint8_t next = 0;
	struct rng rng;

	rng_init(&rng, 5);
	plan.kept_bytes = 700;
	begin(TAP_CAPTURE, &plan);
	for (unsigned i = 0; i < 20000; i++) {
		kept += frame((uint8_t)kept, (uint32_t)(1 + rng_next(&rng) % 900)) != NULL;
		if (rng_next(&rng) % 3 == 0)
			tap_publish(&tap);
		if (rng_next(&rng) % 4 == 0)
			got += read_all(1000 + (uint32_t)(rng_next(&rng) % 3000), &next);
	}
	tap_publish(&tap);
	while (got < kept) {
		unsigned more = read_all(RING, &next);

		CU_ASSERT_TRUE_FATAL(more > 0);
		got += more;
	}
	CU_ASSERT_EQUAL(got, kept);
	CU_ASSERT_TRUE(kept > 1000 && tap.lost > 100);
	CU_ASSERT_EQUAL(kept + tap.lost, 20000);
}

/* ---- several workers ---- */

static struct tap several[3];
static uint8_t rings[3][RING] __attribute__((aligned(8)));

static void
begin_several(void)
{
	struct tap_plan plan = all_frames();

	for (unsigned w = 0; w < 3; w++) {
		tap_init(&several[w], TAP_CAPTURE, rings[w], RING);
		tap_begin(&several[w], &plan);
	}
}

static void
note(unsigned w, uint64_t unix_us)
{
	struct tap_place place = { .device = 1, .worker = w, .unix_us = unix_us };
	uint8_t bytes[100] = { 0 };

	CU_ASSERT_PTR_NOT_NULL(tap_offer(&several[w], bytes, sizeof bytes, sizeof bytes, &place));
	tap_publish(&several[w]);
}

/* Of all three up to until_us, at most so many records: their workers as digits, oldest first. */
static uint64_t
read_workers(uint64_t until_us, uint32_t most)
{
	struct tap *const taps[] = { &several[0], &several[1], &several[2] };
	static uint8_t out[3 * RING] __attribute__((aligned(8)));
	uint32_t size = (uint32_t)tap_record_bytes(TAP_CAPTURE, 100);
	uint32_t bytes = tap_read(taps, 3, until_us, out, most * size);
	const struct tap_record *record;
	uint64_t digits = 0;
	size_t at = 0;

	while ((record = tap_record_next(out, bytes, &at)))
		digits = digits * 10 + record->worker + 1;
	CU_ASSERT_EQUAL(at, bytes);
	return digits;
}

static void
records_of_several_workers_come_by_time(void)
{
	begin_several();
	note(0, 10);
	note(0, 30);
	note(0, 60);
	note(1, 20);
	note(1, 50);
	note(2, 40);
	CU_ASSERT_EQUAL(read_workers(UINT64_MAX, 4), 1213); /* nobody is left to the last */
	note(1, 55);
	CU_ASSERT_EQUAL(read_workers(UINT64_MAX, 10), 221);
	CU_ASSERT_EQUAL(read_workers(UINT64_MAX, 10), 0);
}

/* A worker that is in a turn of 35 may still make a record of then. */
static void
records_wait_for_older_ones(void)
{
	begin_several();
	note(0, 30);
	note(0, 40);
	note(2, 36);
	CU_ASSERT_EQUAL(read_workers(35, 10), 1);
	note(1, 35);
	CU_ASSERT_EQUAL(read_workers(36, 10), 23);
	CU_ASSERT_EQUAL(read_workers(UINT64_MAX, 10), 1);
	/* the wall clock was set back: it will not be that late for long */
	note(0, 100 + TAP_CLOCK_SET_US);
	CU_ASSERT_EQUAL(read_workers(101, 10), 0);
	CU_ASSERT_EQUAL(read_workers(100, 10), 1);
}

static void
frames_of_other_ports_and_beyond_the_count_are_not_wanted(void)
{
	struct tap_plan plan = all_frames();

	plan.device_mask = 1;
	begin(TAP_CAPTURE, &plan);
	CU_ASSERT_PTR_NULL(frame(1, 60));
	CU_ASSERT_EQUAL(tap.matched, 0);
	plan = all_frames();
	plan.frames = 2;
	begin(TAP_CAPTURE, &plan);
	CU_ASSERT_PTR_NOT_NULL(frame(1, 60));
	CU_ASSERT_FALSE(tap_is_done(&tap));
	CU_ASSERT_PTR_NOT_NULL(frame(1, 60));
	CU_ASSERT_TRUE(tap_is_done(&tap));
	CU_ASSERT_PTR_NULL(frame(1, 60));
	CU_ASSERT_EQUAL(tap.matched, 2);
}

#define ACCEPT { BPF_RET | BPF_K, 0, 0, 1 }
#define REFUSE { BPF_RET | BPF_K, 0, 0, 0 }

/* "the byte at 40 is 5": frames that are too short have no such byte. */
static void
filter_sees_no_further_than_the_frame(void)
{
	struct tap_plan plan = all_frames();
	static const struct tap_insn program[] = {
		{ BPF_LD | BPF_B | BPF_ABS, 0, 0, 40 },
		{ BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 5 },
		ACCEPT,
		REFUSE,
	};

	memcpy(plan.insn, program, sizeof program);
	plan.insn_count = ARRAY_SIZE(program);
	begin(TAP_CAPTURE, &plan);
	CU_ASSERT_PTR_NOT_NULL(frame(5, 41));
	CU_ASSERT_PTR_NULL(frame(5, 40));
	CU_ASSERT_PTR_NULL(frame(4, 60));
	CU_ASSERT_PTR_NULL(frame(5, 0));
}

static enum err
check(const struct tap_insn *program, uint32_t count)
{
	struct tap_plan plan = all_frames();
	const char *why = NULL;
	enum err err;

	memcpy(plan.insn, program, count * sizeof *program);
	plan.insn_count = count;
	err = tap_plan_check(&plan, &why);
	CU_ASSERT_EQUAL(err != ERR_ok, why != NULL);
	return err;
}

#define CHECK(...)                                                                                 \
	check((const struct tap_insn[]){ __VA_ARGS__ },                                            \
	      sizeof((const struct tap_insn[]){ __VA_ARGS__ }) / sizeof(struct tap_insn))

static void
filter_that_may_not_end_or_leaves_its_bounds_is_refused(void)
{
	struct tap_plan plan = all_frames();
	const char *why;

	CU_ASSERT_EQUAL(CHECK(ACCEPT), ERR_ok);
	CU_ASSERT_EQUAL(CHECK({ BPF_JMP | BPF_JA, 0, 0, 0 }, ACCEPT), ERR_ok);
	CU_ASSERT_EQUAL(CHECK({ BPF_JMP | BPF_JA, 0, 0, 1 }, ACCEPT), ERR_invalid);
	CU_ASSERT_EQUAL(CHECK({ BPF_JMP | BPF_JA, 0, 0, UINT32_MAX }, ACCEPT), ERR_invalid);
	CU_ASSERT_EQUAL(CHECK(ACCEPT, { BPF_JMP | BPF_JA, 0, 0, UINT32_MAX - 1 }, ACCEPT),
			ERR_invalid);
	CU_ASSERT_EQUAL(CHECK({ BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0 }, ACCEPT), ERR_invalid);
	CU_ASSERT_EQUAL(CHECK({ BPF_JMP | BPF_JEQ | BPF_K, 0, 255, 0 }, ACCEPT), ERR_invalid);
	CU_ASSERT_EQUAL(CHECK({ BPF_ST, 0, 0, 16 }, ACCEPT), ERR_invalid);
	CU_ASSERT_EQUAL(CHECK({ BPF_LD | BPF_MEM, 0, 0, 16 }, ACCEPT), ERR_invalid);
	CU_ASSERT_EQUAL(CHECK({ BPF_ALU | BPF_DIV | BPF_K, 0, 0, 0 }, ACCEPT), ERR_invalid);
	CU_ASSERT_EQUAL(CHECK({ BPF_LD | BPF_IMM, 0, 0, 1 }), ERR_invalid); /* no end */
	plan.insn_count = TAP_INSNS_MAX + 1;
	CU_ASSERT_EQUAL(tap_plan_check(&plan, &why), ERR_invalid);
	plan = all_frames();
	plan.kept_bytes = TAP_KEPT_MAX + 1;
	CU_ASSERT_EQUAL(tap_plan_check(&plan, &why), ERR_invalid);
	plan.kept_bytes = 0;
	CU_ASSERT_EQUAL(tap_plan_check(&plan, &why), ERR_invalid);
}

/*
 * Programs of random instructions, and each opcode there is: what is let in ends, and touches nothing but
 * the frame (libpcap's interpreter aborts on what it does not know).
 */
static void
filter_of_any_bytes_is_refused_or_harmless(void)
{
	unsigned accepted = 0;
	struct rng rng;

	rng_init(&rng, 11);
	for (unsigned round = 0; round < 200000; round++) {
		struct tap_plan plan = all_frames();
		uint32_t count = 1 + (uint32_t)(rng_next(&rng) % 5);
		const char *why;

		for (uint32_t i = 0; i < count; i++) {
			uint64_t bits = rng_next(&rng);

			plan.insn[i] =
			    (struct tap_insn){ (uint16_t)(bits & (bits >> 63 ? 0xffff : 0xff)),
					       (uint8_t)(bits >> 16) % 4, (uint8_t)(bits >> 24) % 4,
					       (uint32_t)(bits >> 32) %
						   (bits >> 62 & 1 ? 20 : UINT32_MAX) };
		}
		if (round < 65536)
			plan.insn[0].code = (uint16_t)round;
		plan.insn[count++] = (struct tap_insn)ACCEPT;
		plan.insn_count = count;
		if (tap_plan_check(&plan, &why) != ERR_ok)
			continue;
		accepted++;
		tap_init(&tap, TAP_CAPTURE, ring, sizeof ring);
		tap_begin(&tap, &plan);
		frame((uint8_t)round, round % 70);
	}
	CU_ASSERT_TRUE(accepted > 50);
}

CU_TestInfo test_tap[] = {
	{ "tap_record_is_a_copy_cut_to_the_kept_bytes", record_is_a_copy_cut_to_the_kept_bytes },
	{ "tap_record_is_read_only_once_it_is_published",
	  record_is_read_only_once_it_is_published },
	{ "tap_ring_full_loses_the_copy_and_counts_it", ring_full_loses_the_copy_and_counts_it },
	{ "tap_ring_wraps_with_any_sizes", ring_wraps_with_any_sizes },
	{ "tap_records_of_several_workers_come_by_time", records_of_several_workers_come_by_time },
	{ "tap_records_wait_for_older_ones", records_wait_for_older_ones },
	{ "tap_frames_of_other_ports_and_beyond_the_count_are_not_wanted",
	  frames_of_other_ports_and_beyond_the_count_are_not_wanted },
	{ "tap_filter_sees_no_further_than_the_frame", filter_sees_no_further_than_the_frame },
	{ "tap_filter_that_may_not_end_or_leaves_its_bounds_is_refused",
	  filter_that_may_not_end_or_leaves_its_bounds_is_refused },
	{ "tap_filter_of_any_bytes_is_refused_or_harmless",
	  filter_of_any_bytes_is_refused_or_harmless },
	CU_TEST_INFO_NULL,
};
