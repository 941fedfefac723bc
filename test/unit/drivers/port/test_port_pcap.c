/*
 * The pcap wrapper: what it writes is read back field by field.
 */
#include <rte_mbuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/port/port_sim.h"
#include "test/unit/drivers/port/port_test.h"
#include "test/unit/unit.h"

static char why[256];
static char path[] = "/tmp/fairlead-test-XXXXXX";

struct bench {
	struct port *a, *b; /* a is recorded */
};

static struct bench
bench_open(void)
{
	static const struct port_sim_link link = { .queue_frames = 64, .mtu_bytes = 1500 };
	struct bench bench;
	struct port *inner;
	int fd;

	strcpy(path, "/tmp/fairlead-test-XXXXXX");
	fd = mkstemp(path);
	CU_ASSERT_FATAL(fd >= 0);
	close(fd);
	unit_mbufs();
	CU_ASSERT_EQUAL_FATAL(port_sim_pair("a", "b", &link, &inner, &bench.b), ERR_ok);
	if (port_pcap_wrap(inner, path, &bench.a, why, sizeof why))
		CU_FAIL_FATAL(why);
	return bench;
}

/* Closes, reads the file into out, removes it; its length. */
static size_t
bench_close(struct bench *bench, uint8_t *out, size_t out_bytes)
{
	size_t len;
	FILE *file;

	port_close(bench->a);
	port_close(bench->b);
	file = fopen(path, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	len = fread(out, 1, out_bytes, file);
	fclose(file);
	unlink(path);
	return len;
}

static uint32_t
word_at(const uint8_t *bytes, size_t at)
{
	uint32_t word;

	memcpy(&word, bytes + at, 4);
	return word;
}

/* Checks the record at offset at and gives the offset of the next. */
static size_t
expect_record(const uint8_t *file, size_t at, uint32_t number, uint32_t len, uint64_t us)
{
	struct rte_mbuf *frame = frame_numbered(number, len);

	CU_ASSERT_EQUAL(word_at(file, at), us / 1000000);
	CU_ASSERT_EQUAL(word_at(file, at + 4), us % 1000000 * 1000);
	CU_ASSERT_EQUAL(word_at(file, at + 8), len);
	CU_ASSERT_EQUAL(word_at(file, at + 12), len);
	CU_ASSERT_EQUAL(memcmp(file + at + 16, rte_pktmbuf_mtod(frame, void *), len), 0);
	rte_pktmbuf_free(frame);
	return at + 16 + len;
}

static void
both_directions_are_recorded_in_order(void)
{
	static uint8_t file[8192];
	unsigned mbufs = mbufs_in_use();
	struct bench bench = bench_open();
	size_t len, at = 24;

	port_send(bench.a, frame_numbered(1, 100), 5);
	port_send(bench.b, frame_numbered(2, 200), 6);
	CU_ASSERT_EQUAL(port_receive(bench.a, 3000007), 2);
	port_send(bench.a, frame_chained(frame_numbered(3, 1000)), 3000008);
	len = bench_close(&bench, file, sizeof file);
	CU_ASSERT_EQUAL(word_at(file, 0), 0xa1b23c4d);
	CU_ASSERT_EQUAL(word_at(file, 20), 1); /* Ethernet */
	at = expect_record(file, at, 1, 100, 5);
	at = expect_record(file, at, 2, 200, 3000007);
	at = expect_record(file, at, 3, 1000, 3000008);
	CU_ASSERT_EQUAL(len, at);
	CU_ASSERT_EQUAL(mbufs_in_use(), mbufs);
}

/* An inner port that takes one frame of a burst, as one with a full ring does. */
static uint16_t
take_one(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	if (n)
		rte_pktmbuf_free(burst[0]);
	return n ? 1 : 0;
}

static void
nothing_to_close(struct port *port)
{
}

static void
frame_that_was_not_sent_is_not_recorded(void)
{
	static const struct port_ops slow_ops = { .tx = take_one, .close = nothing_to_close };
	struct port *slow = calloc(1, sizeof *slow), *port;
	struct rte_mbuf *burst[2];
	static uint8_t file[4096];
	struct bench bench = bench_open();
	size_t at = 24;

	bench_close(&bench, file, sizeof file);
	slow->ops = &slow_ops;
	CU_ASSERT_EQUAL_FATAL(port_pcap_wrap(slow, path, &port, why, sizeof why), ERR_ok);
	burst[0] = frame_numbered(0, 300);
	burst[1] = frame_numbered(1, 400);
	CU_ASSERT_EQUAL(port_tx(port, 0, burst, 2, 10), 1);
	CU_ASSERT_EQUAL(port_tx(port, 0, burst + 1, 1, 20), 1);
	burst[0] = frame_numbered(2, 500);
	burst[1] = frame_numbered(3, 600);
	CU_ASSERT_EQUAL(port_tx(port, 0, burst, 2, 30), 1);
	rte_pktmbuf_free(burst[1]);
	bench.a = port;
	CU_ASSERT_EQUAL_FATAL(
	    port_sim_pair("x", "b", &(struct port_sim_link){ .queue_frames = 1, .mtu_bytes = 1500 },
			  &port, &bench.b),
	    ERR_ok);
	port_close(port);
	CU_ASSERT_EQUAL(bench_close(&bench, file, sizeof file), 24 + 3 * 16 + 300 + 400 + 500);
	at = expect_record(file, at, 0, 300, 10);
	at = expect_record(file, at, 1, 400, 20);
	expect_record(file, at, 2, 500, 30);
}

static void
unwritable_path_is_refused(void)
{
	static const struct port_sim_link link = { .queue_frames = 8, .mtu_bytes = 1500 };
	struct port *a, *b, *wrapped;

	CU_ASSERT_EQUAL_FATAL(port_sim_pair("a", "b", &link, &a, &b), ERR_ok);
	wrapped = a;
	CU_ASSERT_EQUAL(port_pcap_wrap(a, "/nowhere/x.pcap", &wrapped, why, sizeof why), ERR_io);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "/nowhere/x.pcap: No such file"));
	CU_ASSERT_PTR_EQUAL(wrapped, a); /* untouched: the caller keeps it */
	port_close(a);
	port_close(b);
}

static void
full_disk_ends_the_recording_and_not_the_traffic(void)
{
	static const struct port_sim_link link = { .queue_frames = 8, .mtu_bytes = 1500 };
	struct port *a, *b, *wrapped;

	CU_ASSERT_EQUAL_FATAL(port_sim_pair("a", "b", &link, &a, &b), ERR_ok);
	CU_ASSERT_EQUAL_FATAL(port_pcap_wrap(a, "/dev/full", &wrapped, why, sizeof why), ERR_ok);
	for (uint32_t i = 0; i < 500; i++) {
		port_send(wrapped, frame_numbered(i, 1500), i);
		CU_ASSERT_EQUAL(port_receive(b, i), i);
	}
	port_close(wrapped);
	port_close(b);
}

CU_TestInfo test_port_pcap[] = {
	{ "both_directions_are_recorded_in_order", both_directions_are_recorded_in_order },
	{ "frame_that_was_not_sent_is_not_recorded", frame_that_was_not_sent_is_not_recorded },
	{ "unwritable_path_is_refused", unwritable_path_is_refused },
	{ "full_disk_ends_the_recording_and_not_the_traffic",
	  full_disk_ends_the_recording_and_not_the_traffic },
	CU_TEST_INFO_NULL,
};
