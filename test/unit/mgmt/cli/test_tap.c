/*
 * capture and trace packet over a data plane that is made up: what is asked of it, the file, the text.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fw/abi/drops.h"
#include "fw/base/assert.h"
#include "fw/base/rng.h"
#include "mgmt/cli/pcapng.h"
#include "mgmt/cli/walk.h"
#include "test/unit/mgmt/cli/box.h"
#include "test/unit/unit.h"

#define expect_line(text, line) CU_ASSERT_TRUE(box_has_line(text, line))
#define PORT                    3 /* the only one that the box has */

/* A SYN of 192.0.2.1:40000 to 10.0.0.100:80, with options. */
static const uint8_t syn[] = {
	2,    0,    0,  0,    0, 1,   2,    0, 0,  0, 0, 2, 8,    0, /* Ethernet */
	0x45, 0x02, 0,  52,   0, 0,   0x40, 0, 63, 6, 0, 0, 192,  0,
	2,    1,    10, 0,    0, 100, /* IPv4 */
	0x9c, 0x40, 0,  80,   0, 0,   0x10, 0, 0,  0, 0, 0, 0x80, 0xc2,
	0xff, 0xff, 0,  0,    0, 0,                        /* TCP */
	2,    4,    5,  0xb4, 1, 3,   3,    7, 4,  2, 1, 1 /* options */
};

static uint8_t bytes[16384] __attribute__((aligned(8)));
static size_t bytes_len;

static struct tap_record *
add(enum tap_kind kind, enum tap_direction direction, enum drop_reason reason)
{
	struct tap_record *record = (struct tap_record *)(bytes + bytes_len);

	memset(record, 0, tap_record_bytes(kind, sizeof syn));
	*record = (struct tap_record){
		.size_bytes = (uint32_t)tap_record_bytes(kind, sizeof syn),
		.kind = (uint8_t)kind,
		.direction = (uint8_t)direction,
		.device = PORT,
		.unix_us = 1700000000123456,
		.frame_bytes = 1500,
		.kept_bytes = sizeof syn,
		.reason = (uint16_t)reason,
	};
	memcpy((uint8_t *)tap_record_frame(record), syn, sizeof syn);
	bytes_len += record->size_bytes;
	return record;
}

static void
open_tapped(struct box *box)
{
	box_open(box);
	box_serve_dataplane(box, 0, false);
	box->tap_bytes = bytes;
	bytes_len = 0;
}

static uint32_t
word(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof value);
	return value;
}

/* Blocks follow each other, their lengths agree at both ends; how many of a type, the last one's bytes. */
static unsigned
blocks(const uint8_t *file, size_t len, uint32_t type, const uint8_t **last)
{
	unsigned count = 0;

	for (size_t at = 0; at < len;) {
		uint32_t size = word(file + at + 4);

		CU_ASSERT_TRUE_FATAL(size >= 12 && size % 4 == 0 && size <= len - at);
		CU_ASSERT_EQUAL(word(file + at + size - 4), size);
		if (word(file + at) == type) {
			count++;
			*last = file + at;
		}
		at += size;
	}
	return count;
}

static void
capture_writes_frames_with_port_direction_and_drop_reason(void)
{
	char path[] = "/tmp/fairlead-capture-XXXXXX", line[128];
	const uint8_t *block = NULL;
	uint8_t file[4096];
	struct box box;
	size_t len;
	FILE *in;

	open_tapped(&box);
	close(mkstemp(path));
	add(TAP_CAPTURE, TAP_OUT, DROP_none);
	add(TAP_CAPTURE, TAP_IN, DROP_tcp_checksum);
	box.tap_len = (uint32_t)bytes_len;
	box.tap_lost = 5;
	snprintf(line, sizeof line,
		 "capture \"tcp port 80\" %s count 2 snap-bytes 66 on sixteen-bytes-xy", path);
	CU_ASSERT_EQUAL(box_run(&box, line), CLI_OK);
	CU_ASSERT_STRING_EQUAL(
	    box.err, "capturing; ^C ends it\n2 frames captured, 5 lost for want of room\n");
	CU_ASSERT_EQUAL(box.plan.frames, 2);
	CU_ASSERT_EQUAL(box.plan.kept_bytes, 66);
	CU_ASSERT_EQUAL(box.plan.device_mask, 1u << PORT);
	CU_ASSERT_TRUE(box.plan.insn_count > 5);
	CU_ASSERT_EQUAL(box.tap_stops, 1);
	in = fopen(path, "r");
	len = fread(file, 1, sizeof file, in);
	fclose(in);
	CU_ASSERT_EQUAL(blocks(file, len, 0x0a0d0d0a, &block), 1);
	CU_ASSERT_EQUAL(word(block + 8), 0x1a2b3c4d);
	CU_ASSERT_EQUAL(blocks(file, len, 1, &block), 1);
	CU_ASSERT_PTR_NOT_NULL(memmem(block, word(block + 4), "\2\0\20\0sixteen-bytes-xy", 20));
	CU_ASSERT_PTR_NOT_NULL(memmem(block, word(block + 4), "\11\0\1\0\6\0\0\0", 8));
	CU_ASSERT_PTR_NOT_NULL(memmem(block, word(block + 4), "\0tcp port 80", 12));
	CU_ASSERT_EQUAL(blocks(file, len, 6, &block), 2);
	CU_ASSERT_EQUAL(word(block + 8), 0); /* interface */
	CU_ASSERT_EQUAL((uint64_t)word(block + 12) << 32 | word(block + 16), 1700000000123456);
	CU_ASSERT_EQUAL(word(block + 20), sizeof syn);
	CU_ASSERT_EQUAL(word(block + 24), 1500);
	CU_ASSERT_EQUAL(memcmp(block + 28, syn, sizeof syn), 0);
	CU_ASSERT_PTR_NOT_NULL(memmem(block, word(block + 4), "\2\0\4\0\1\0\0\0", 8)); /* in */
	CU_ASSERT_PTR_NOT_NULL(
	    memmem(block, word(block + 4), "dropped: tcp_checksum: TCP checksum is wrong", 44));
	CU_ASSERT_EQUAL(blocks(file, len, 5, &block), 1);
	CU_ASSERT_PTR_NOT_NULL(memmem(block, word(block + 4), "\10\0\10\0\2\0\0\0\0\0\0\0", 12));
	CU_ASSERT_PTR_NOT_NULL(memmem(block, word(block + 4), "5 frames of all ports", 21));
	unlink(path);
	box_stop_serving(&box);
	box_close(&box);
}

static void
trace_prints_the_walk_of_each_packet(void)
{
	struct tap_walk *walk;
	struct box box;

	open_tapped(&box);
	walk = (struct tap_walk *)tap_record_walk(add(TAP_TRACE, TAP_IN, DROP_none));
	walk->verdict[TRACE_LAYER_ethernet] = walk->verdict[TRACE_LAYER_ip] = TRACE_VERDICT_passed;
	walk->verdict[TRACE_LAYER_tcp] = TRACE_VERDICT_taken;
	walk->met = TAP_MET_BEFORE | TAP_MET_AFTER;
	walk->conn = 17;
	walk->before.value[CONN_FIELD_state] = CONN_WORD_syn_received;
	walk->after.value[CONN_FIELD_state] = CONN_WORD_established;
	walk->before.value[CONN_FIELD_irs] = walk->after.value[CONN_FIELD_irs] = 4095;
	walk->after.value[CONN_FIELD_events] = 1 << CONN_EVENT_open | 1 << CONN_EVENT_readable;
	walk->after.value[CONN_FIELD_age] = 99; /* time alone is no change */
	add(TAP_TRACE, TAP_OUT, DROP_port_tx_full);
	box.tap_len = (uint32_t)bytes_len;
	CU_ASSERT_EQUAL(box_run(&box, "trace packet \"tcp\" 2"), CLI_OK);
	CU_ASSERT_EQUAL(box.plan.frames, 2);
	CU_ASSERT_EQUAL(box.plan.kept_bytes, TAP_TRACE_KEPT);
	expect_line(
	    box.out,
	    "packet 1  2023-11-14T22:13:20.123Z  in by port sixteen-bytes-xy  1500 bytes\n"
	    "  ethernet     02:00:00:00:00:02 > 02:00:00:00:00:01  type 0x0800 IPv4  [passed]\n"
	    "  ip           192.0.2.1 > 10.0.0.100  protocol 6  ttl 63  length 52  dscp 0  ecn 2  "
	    "[passed]\n"
	    "  tcp          40000 > 80  SYN,ECE,CWR  seq 1 (4096)  window 65535  payload 0  "
	    "options "
	    "mss 1460, scale 7, sack permitted  [taken]\n"
	    "  connection   0.17  SYN-RECEIVED -> ESTABLISHED\n"
	    "               events none -> open,readable\n\n");
	expect_line(box.out,
		    "packet 2  2023-11-14T22:13:20.123Z  out by port sixteen-bytes-xy  1500 bytes\n"
		    "  tcp          40000 > 80  SYN");
	expect_line(box.out, "  dropped      port_tx_full: the port's transmit queue was full\n");
	box_stop_serving(&box);
	box_close(&box);
}

/* Headers behind an 802.1Q tag: an ARP request, and a SYN whose last bytes are cut. */
static void
trace_looks_behind_a_tag(void)
{
	static const uint8_t arp[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,  0, 0,  0, 0, 2,
				       0x81, 0,    0x60, 100,  8,    6,    0,  1, 8,  0, 6, 4,
				       0,    1,    2,    0,    0,    0,    0,  2, 10, 1, 0, 2,
				       0,    0,    0,    0,    0,    0,    10, 1, 0,  1 };
	static const uint8_t tag[] = { 0x81, 0, 0, 7 };
	uint8_t *frame;
	struct box box;

	open_tapped(&box);
	frame = (uint8_t *)tap_record_frame(add(TAP_TRACE, TAP_IN, DROP_none));
	memcpy(frame, arp, sizeof arp);
	frame = (uint8_t *)tap_record_frame(add(TAP_TRACE, TAP_IN, DROP_none));
	memmove(frame + 16, frame + 12, sizeof syn - 16);
	memcpy(frame + 12, tag, sizeof tag);
	box.tap_len = (uint32_t)bytes_len;
	CU_ASSERT_EQUAL(box_run(&box, "trace packet \"vlan\" 2"), CLI_OK);
	expect_line(box.out, "  ethernet     02:00:00:00:00:02 > ff:ff:ff:ff:ff:ff  vlan 100  type "
			     "0x0806 ARP  [");
	expect_line(box.out, "  ip           arp request  from 10.1.0.2 for 10.1.0.1  [");
	expect_line(box.out, "  ethernet     02:00:00:00:00:02 > 02:00:00:00:00:01  vlan 7  type "
			     "0x0800 IPv4  [");
	expect_line(box.out, "  ip           192.0.2.1 > 10.0.0.100  protocol 6 ");
	expect_line(box.out, "  tcp          40000 > 80  SYN");
	box_stop_serving(&box);
	box_close(&box);
}

static void
what_cannot_be_tapped_is_refused_with_its_reason(void)
{
	static const struct {
		const char *line, *says;
	} rows[] = {
		{ "trace packet \"tcp prot 80\" 1", "wrong filter \"tcp prot 80\": " },
		{ "trace packet tcp port", "port is no number of packets; a filter of several" },
		{ "trace packet tcp 0", "0 is no number of packets" },
		{ "trace packet tcp 5 on p9", "there is no port p9; show interfaces lists them\n" },
		{ "capture tcp /nonexistent/x count", " is no number of frames" },
		{ "capture tcp port 80 x", "80: no such option (count N, on PORT, snap-bytes N)" },
		{ "capture tcp x snap-bytes 0", "0 is no number of bytes" },
		{ "trace packet \"ip protochain 6\" 5", "the data plane refused: no" },
	};
	struct box box;

	open_tapped(&box);
	box.refusal = "no";
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CU_ASSERT_EQUAL(box_run(&box, rows[i].line), CLI_FAILED);
		expect_line(box.err, rows[i].says);
		CU_ASSERT_STRING_EQUAL(box.out, "");
	}
	CU_ASSERT_EQUAL(box.tap_starts, 1);
	box_stop_serving(&box);
	CU_ASSERT_EQUAL(box_run(&box, "trace packet tcp 1"), CLI_FAILED);
	CU_ASSERT_STRING_EQUAL(box.err, "the data plane is not running\n");
	box_close(&box);
}

/* Also the one that somebody else's capture is writing at this moment. */
static void
capture_that_is_refused_leaves_the_file_alone(void)
{
	char path[] = "/tmp/fairlead-capture-XXXXXX", line[128], kept[8] = "";
	struct box box;
	int fd;

	open_tapped(&box);
	fd = mkstemp(path);
	CU_ASSERT_EQUAL(write(fd, "kept", 4), 4);
	box.refusal = "another one is running";
	snprintf(line, sizeof line, "capture tcp %s", path);
	CU_ASSERT_EQUAL(box_run(&box, line), CLI_FAILED);
	CU_ASSERT_STRING_EQUAL(box.err, "the data plane refused: another one is running\n");
	CU_ASSERT_EQUAL(pread(fd, kept, sizeof kept, 0), 4);
	CU_ASSERT_STRING_EQUAL(kept, "kept");
	close(fd);
	unlink(path);
	box_stop_serving(&box);
	box_close(&box);
}

static void
capture_that_cannot_be_written_is_stopped_and_says_why(void)
{
	struct box box;

	open_tapped(&box);
	CU_ASSERT_EQUAL(box_run(&box, "capture tcp /nonexistent/x"), CLI_FAILED);
	CU_ASSERT_STRING_EQUAL(box.err, "can't write /nonexistent/x: No such file or directory\n");
	CU_ASSERT_EQUAL(box.tap_stops, 1);
	for (unsigned i = 0; i < 100; i++) /* more than a buffer of the output holds */
		add(TAP_CAPTURE, TAP_IN, DROP_none);
	box.tap_len = (uint32_t)bytes_len;
	CU_ASSERT_EQUAL(box_run(&box, "capture tcp /dev/full"), CLI_FAILED);
	expect_line(box.err, "can't write /dev/full: No space left on device\n");
	CU_ASSERT_EQUAL(box.tap_stops, 2);
	box_stop_serving(&box);
	box_close(&box);
}

/* The command line was stopped (^Z) for longer than the data plane waits. */
static void
capture_that_was_ended_does_not_wait_for_more(void)
{
	struct box box;

	open_tapped(&box);
	add(TAP_TRACE, TAP_IN, DROP_none);
	box.tap_len = (uint32_t)bytes_len;
	box.tap_ended = true;
	CU_ASSERT_EQUAL(box_run(&box, "trace packet tcp 5"), CLI_FAILED);
	expect_line(box.out, "packet 1 "); /* what there was */
	expect_line(box.err, "the data plane has ended it: for 5 seconds nobody read it\n");
	box_stop_serving(&box);
	box_close(&box);
}

static void
records_that_are_none_end_it(void)
{
	struct box box;

	open_tapped(&box);
	add(TAP_TRACE, TAP_IN, DROP_none)->size_bytes += 8;
	box.tap_len = (uint32_t)bytes_len;
	CU_ASSERT_EQUAL(box_run(&box, "trace packet tcp 5"), CLI_FAILED);
	expect_line(box.err, "the data plane sent what is no record\n");
	box_stop_serving(&box);
	box_close(&box);
}

/* Frames of any bytes, cut anywhere, with any verdicts: printed, and nothing behind them is looked at. */
static void
walk_of_any_frame_is_printed(void)
{
	struct rng rng;

	rng_init(&rng, 2);
	for (unsigned round = 0; round < 5000; round++) {
		uint16_t kept = (uint16_t)rng_below(&rng, sizeof syn + 1);
		size_t size = tap_record_bytes(TAP_TRACE, kept), text_bytes = 0;
		struct tap_record *record = malloc(size);
		uint8_t *frame;
		char *text = NULL;
		FILE *out = open_memstream(&text, &text_bytes);

		ASSERT(record && out);
		for (size_t i = 0; i < size; i++)
			((uint8_t *)record)[i] = (uint8_t)rng_next(&rng);
		record->size_bytes = (uint32_t)size;
		record->kind = TAP_TRACE;
		record->direction = (uint8_t)rng_below(&rng, 2);
		record->reason = (uint16_t)rng_below(&rng, DROP_COUNT);
		record->kept_bytes = kept;
		frame = (uint8_t *)tap_record_frame(record);
		memcpy(frame, syn, kept);
		for (unsigned i = rng_below(&rng, 4); i && kept; i--)
			frame[rng_below(&rng, kept)] = (uint8_t)rng_next(&rng);
		if (round % 3 == 0 && kept > 14)
			frame[12] = 0x86, frame[13] = 0xdd;
		walk_print(out, round, "p0", record);
		fclose(out);
		CU_ASSERT_TRUE(text_bytes > 0);
		free(text);
		free(record);
	}
}

CU_TestInfo test_tap[] = {
	{ "capture_writes_frames_with_port_direction_and_drop_reason",
	  capture_writes_frames_with_port_direction_and_drop_reason },
	{ "trace_prints_the_walk_of_each_packet", trace_prints_the_walk_of_each_packet },
	{ "trace_looks_behind_a_tag", trace_looks_behind_a_tag },
	{ "what_cannot_be_tapped_is_refused_with_its_reason",
	  what_cannot_be_tapped_is_refused_with_its_reason },
	{ "capture_that_is_refused_leaves_the_file_alone",
	  capture_that_is_refused_leaves_the_file_alone },
	{ "capture_that_cannot_be_written_is_stopped_and_says_why",
	  capture_that_cannot_be_written_is_stopped_and_says_why },
	{ "capture_that_was_ended_does_not_wait_for_more",
	  capture_that_was_ended_does_not_wait_for_more },
	{ "records_that_are_none_end_it", records_that_are_none_end_it },
	{ "walk_of_any_frame_is_printed", walk_of_any_frame_is_printed },
	CU_TEST_INFO_NULL,
};
