/*
 * bufq.c: against a plain byte array over random operations, and its promises about memory and shared mbufs.
 */
#include <string.h>

#include "dataplane/net/bufq.h"
#include "fw/base/rng.h"
#include "test/unit/unit.h"

#define BYTES_MAX 200000u

static struct rte_mbuf *
mbuf_of(const void *data, uint16_t len)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(unit_mbufs());

	CU_ASSERT_PTR_NOT_NULL_FATAL(m);
	memcpy(rte_pktmbuf_append(m, len), data, len);
	return m;
}

static uint32_t
mbufs_free(void)
{
	return rte_mempool_avail_count(unit_mbufs());
}

static void
bufq_append_of_chain_keeps_bytes_and_skips_empty(void)
{
	uint32_t before = mbufs_free();
	struct rte_mbuf *m = mbuf_of("hello ", 6);
	struct bufq q = { 0 };
	char out[11];

	CU_ASSERT_EQUAL_FATAL(rte_pktmbuf_chain(m, mbuf_of("", 0)), 0);
	CU_ASSERT_EQUAL_FATAL(rte_pktmbuf_chain(m, mbuf_of("world", 5)), 0);
	bufq_append(&q, m);
	CU_ASSERT_EQUAL_FATAL(q.bytes, 11);
	bufq_copy(&q, 0, 11, out);
	CU_ASSERT_NSTRING_EQUAL(out, "hello world", 11);
	bufq_clear(&q);
	CU_ASSERT_EQUAL(q.bytes + q.bufs, 0);
	CU_ASSERT_PTR_NULL(q.head);
	CU_ASSERT_PTR_NULL(q.tail);
	CU_ASSERT_EQUAL(mbufs_free(), before);
}

static void
bufq_append_of_single_bytes_pins_few_mbufs(void)
{
	struct bufq q = { 0 };
	uint32_t room = rte_pktmbuf_data_room_size(unit_mbufs());

	for (uint32_t i = 0; i < 20000; i++) {
		uint8_t byte = (uint8_t)(i * 31);

		bufq_append(&q, mbuf_of(&byte, 1));
		CU_ASSERT_TRUE(q.bufs * (uint64_t)room <= 4 * (uint64_t)q.bytes + 2 * room);
	}
	for (uint32_t i = 0; i < 20000; i++) {
		uint8_t byte;

		bufq_copy(&q, 0, 1, &byte);
		CU_ASSERT_EQUAL(byte, (uint8_t)(i * 31));
		bufq_drop(&q, 1);
	}
	CU_ASSERT_EQUAL(q.bufs, 0);
}

/* A relay moves each byte on as it comes, so the sender's queue never is thin; the receiver's must stay bounded. */
static void
bufq_move_of_single_bytes_pins_few_mbufs(void)
{
	struct bufq q = { 0 }, from = { 0 };
	uint32_t room = rte_pktmbuf_data_room_size(unit_mbufs());

	for (uint32_t i = 0; i < 20000; i++) {
		bufq_append(&from, mbuf_of("x", 1));
		CU_ASSERT_EQUAL(bufq_move(&q, &from, 1, unit_mbufs()), 1);
	}
	CU_ASSERT_EQUAL(from.bufs, 0);
	CU_ASSERT_EQUAL(q.bytes, 20000);
	CU_ASSERT_TRUE(q.bufs * (uint64_t)room <= 4 * (uint64_t)q.bytes + 2 * room);
	bufq_clear(&q);
}

static void
bufq_append_of_full_segments_links_without_copy(void)
{
	static const char data[1460] = "first";
	struct rte_mbuf *a = mbuf_of(data, sizeof data), *b = mbuf_of(data, sizeof data);
	struct bufq q = { 0 };

	bufq_append(&q, a);
	bufq_append(&q, b);
	CU_ASSERT_PTR_EQUAL(q.head, a);
	CU_ASSERT_PTR_EQUAL(q.tail, b);
	CU_ASSERT_EQUAL(q.bufs, 2);
	bufq_clear(&q);
}

static void
bufq_append_never_writes_into_shared_mbuf(void)
{
	struct rte_mbuf *shared = mbuf_of("ab", 2), *clone;
	struct bufq q = { 0 };
	char out[4];

	bufq_append(&q, shared);
	rte_mbuf_refcnt_update(shared, 1);
	bufq_append(&q, mbuf_of("c", 1));
	CU_ASSERT_EQUAL(q.bufs, 2);
	CU_ASSERT_EQUAL(shared->data_len, 2);
	bufq_clear(&q);
	CU_ASSERT_PTR_NULL(shared->next);

	clone = rte_pktmbuf_clone(shared, unit_mbufs());
	CU_ASSERT_PTR_NOT_NULL_FATAL(clone);
	rte_pktmbuf_free(shared);
	bufq_append(&q, clone);
	CU_ASSERT_TRUE(bufq_append_bytes(&q, unit_mbufs(), "de", 2));
	CU_ASSERT_EQUAL(clone->data_len, 2);
	bufq_copy(&q, 0, 4, out);
	CU_ASSERT_NSTRING_EQUAL(out, "abde", 4);
	bufq_clear(&q);
}

static void
bufq_append_bytes_without_mbufs_changes_nothing(void)
{
	static struct rte_mbuf *taken[8192];
	static const char data[6000];
	struct bufq q = { 0 };
	unsigned n = 0;

	CU_ASSERT_TRUE(bufq_append_bytes(&q, unit_mbufs(), "abc", 3));
	while ((taken[n] = rte_pktmbuf_alloc(unit_mbufs())))
		n++;
	rte_pktmbuf_free(taken[--n]);
	CU_ASSERT_FALSE(bufq_append_bytes(&q, unit_mbufs(), data, sizeof data));
	CU_ASSERT_EQUAL(q.bytes, 3);
	CU_ASSERT_EQUAL(q.bufs, 1);
	CU_ASSERT_EQUAL(mbufs_free(), 1); /* the one that was to be had came back */
	CU_ASSERT_TRUE(bufq_append_bytes(&q, unit_mbufs(), data, 100)); /* fits into the tailroom */
	bufq_clear(&q);
	rte_pktmbuf_free_bulk(taken, n);
}

static void
bufq_move_without_mbufs_answers_what_it_moved(void)
{
	static struct rte_mbuf *taken[8192];
	static const char data[1460];
	struct bufq q = { 0 }, from = { 0 };
	unsigned n = 0;

	bufq_append(&from, mbuf_of(data, 1460));
	bufq_append(&from, mbuf_of(data, 1460));
	while ((taken[n] = rte_pktmbuf_alloc(unit_mbufs())))
		n++;
	CU_ASSERT_EQUAL(bufq_move(&q, &from, 2900, unit_mbufs()), 1460);
	CU_ASSERT_EQUAL(q.bytes, 1460);
	CU_ASSERT_EQUAL(from.bytes, 1460);
	rte_pktmbuf_free_bulk(taken, n);
	CU_ASSERT_EQUAL(bufq_move(&q, &from, 1440, unit_mbufs()), 1440);
	CU_ASSERT_EQUAL(from.bytes, 20);
	bufq_clear(&q);
	bufq_clear(&from);
}

static void
bufq_peek_answers_contiguous_bytes_only(void)
{
	static const char data[1460] = "GET / HTTP/1.1";
	struct bufq q = { 0 };

	CU_ASSERT_PTR_NULL(bufq_peek(&q, 0));
	bufq_append(&q, mbuf_of(data, 1460));
	bufq_append(&q, mbuf_of(data, 1460));
	CU_ASSERT_PTR_NOT_NULL_FATAL(bufq_peek(&q, 1460));
	CU_ASSERT_NSTRING_EQUAL(bufq_peek(&q, 14), data, 14);
	CU_ASSERT_PTR_NULL(bufq_peek(&q, 1461));
	bufq_clear(&q);
}

static void
bufq_cursor_reads_forward_and_back(void)
{
	uint8_t data[1000], out[1000];
	struct bufq q = { 0 };
	struct bufq_cursor cursor = { 0 };

	for (uint32_t i = 0; i < 20; i++) {
		memset(data, (int)i, sizeof data);
		bufq_append(&q, mbuf_of(data, 1000));
	}
	for (uint32_t offset = 0; offset + 500 <= q.bytes; offset += 333) {
		bufq_copy_at(&q, &cursor, offset, 500, out);
		CU_ASSERT_EQUAL(out[0], offset / 1000);
		CU_ASSERT_EQUAL(out[499], (offset + 499) / 1000);
		CU_ASSERT_TRUE(cursor.start <= offset + 500);
	}
	CU_ASSERT_TRUE(cursor.start > 0); /* it did move */
	bufq_copy_at(&q, &cursor, 1500, 500, out);
	CU_ASSERT_EQUAL(out[0], 1);
	bufq_clear(&q);
}

/* A queue's whole content, compared with the model's. */
static void
compare(const struct bufq *q, const uint8_t *model, uint32_t len)
{
	static uint8_t out[BYTES_MAX];
	uint32_t bufs = 0;

	CU_ASSERT_EQUAL_FATAL(q->bytes, len);
	bufq_copy(q, 0, len, out);
	CU_ASSERT_EQUAL(memcmp(out, model, len), 0);
	for (struct rte_mbuf *m = q->head; m; m = m->next, bufs++)
		CU_ASSERT_TRUE(m->next || m == q->tail);
	CU_ASSERT_EQUAL(bufs, q->bufs);
}

static void
bufq_random_operations_equal_byte_array(void)
{
	static uint8_t model[2][BYTES_MAX], data[4000];
	struct bufq q[2] = { 0 };
	uint32_t before = mbufs_free();
	struct rng rng;

	rng_init(&rng, 3);
	for (uint32_t step = 0; step < 3000; step++) {
		uint32_t at = rng_below(&rng, 2), old = q[at].bytes, len;

		for (uint32_t i = 0; i < sizeof data; i++)
			data[i] = (uint8_t)rng_next(&rng);
		switch (rng_below(&rng, 4)) {
		case 0:
			len = rng_below(&rng, rng_chance(&rng, 500000) ? 10 : 1461);
			bufq_append(&q[at], mbuf_of(data, (uint16_t)len));
			memcpy(model[at] + old, data, len);
			break;
		case 1:
			len = rng_below(&rng, sizeof data);
			CU_ASSERT_TRUE(bufq_append_bytes(&q[at], unit_mbufs(), data, len));
			memcpy(model[at] + old, data, len);
			break;
		case 2:
			len = rng_below(&rng, old + 1);
			CU_ASSERT_EQUAL(bufq_move(&q[!at], &q[at], len, unit_mbufs()), len);
			memcpy(model[!at] + q[!at].bytes - len, model[at], len);
			memmove(model[at], model[at] + len, old - len);
			break;
		default:
			len = RTE_MIN(rng_below(&rng, 6000), old);
			bufq_drop(&q[at], len);
			memmove(model[at], model[at] + len, old - len);
		}
		if (q[0].bytes + q[1].bytes > BYTES_MAX / 2)
			bufq_clear(&q[step % 2]);
		if (step % 16 == 0) {
			compare(&q[0], model[0], q[0].bytes);
			compare(&q[1], model[1], q[1].bytes);
		}
	}
	bufq_clear(&q[0]);
	bufq_clear(&q[1]);
	CU_ASSERT_EQUAL(mbufs_free(), before);
}

CU_TestInfo test_bufq[] = {
	{ "bufq_append_of_chain_keeps_bytes_and_skips_empty",
	  bufq_append_of_chain_keeps_bytes_and_skips_empty },
	{ "bufq_append_of_single_bytes_pins_few_mbufs",
	  bufq_append_of_single_bytes_pins_few_mbufs },
	{ "bufq_move_of_single_bytes_pins_few_mbufs", bufq_move_of_single_bytes_pins_few_mbufs },
	{ "bufq_append_of_full_segments_links_without_copy",
	  bufq_append_of_full_segments_links_without_copy },
	{ "bufq_append_never_writes_into_shared_mbuf", bufq_append_never_writes_into_shared_mbuf },
	{ "bufq_append_bytes_without_mbufs_changes_nothing",
	  bufq_append_bytes_without_mbufs_changes_nothing },
	{ "bufq_move_without_mbufs_answers_what_it_moved",
	  bufq_move_without_mbufs_answers_what_it_moved },
	{ "bufq_peek_answers_contiguous_bytes_only", bufq_peek_answers_contiguous_bytes_only },
	{ "bufq_cursor_reads_forward_and_back", bufq_cursor_reads_forward_and_back },
	{ "bufq_random_operations_equal_byte_array", bufq_random_operations_equal_byte_array },
	CU_TEST_INFO_NULL,
};
