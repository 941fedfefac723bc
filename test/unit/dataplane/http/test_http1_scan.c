/*
 * Finding the end of a head in pieces: as in one piece, and as an obvious search finds it.
 */
#include <stdlib.h>
#include <string.h>

#include "dataplane/http/http1.h"
#include "test/unit/dataplane/http/heads.h"
#include "test/unit/unit.h"

/* Feeds pieces that end where they end; 0 or the length found. Piece sizes: first, then each of the rest. */
static uint32_t
find_in_pieces(struct str text, size_t first, size_t rest)
{
	struct http_scan scan = { 0 };
	uint32_t found = 0;

	for (size_t at = 0, piece = first; at < text.len && !found; at += piece, piece = rest) {
		char *copy;

		if (piece > text.len - at)
			piece = text.len - at;
		if (!piece)
			continue;
		copy = malloc(piece);
		ASSERT(copy);
		memcpy(copy, text.at + at, piece);
		found = http_find_head(&scan, copy, (uint32_t)piece);
		free(copy);
		if (!found)
			CU_ASSERT_EQUAL(scan.fed, at + piece);
	}
	return found;
}

static uint32_t
find_obvious(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] != '\n')
			continue;
		if (i == 0 || text.at[i - 1] != '\r')
			return (uint32_t)i + 1;
		if (i >= 3 && text.at[i - 3] == '\r' && text.at[i - 2] == '\n')
			return (uint32_t)i + 1;
	}
	return 0;
}

static void
each_split_finds_the_same(void)
{
	for (unsigned list = 0; list < 2; list++) {
		const struct str *heads = list ? heads_responses : heads_requests;

		for (; heads->len; heads++) {
			uint32_t whole = find_in_pieces(*heads, heads->len, 1);

			CU_ASSERT_EQUAL(whole, find_obvious(*heads));
			for (size_t first = 1; first < heads->len; first++)
				CU_ASSERT_EQUAL(find_in_pieces(*heads, first, heads->len), whole);
			CU_ASSERT_EQUAL(find_in_pieces(*heads, 1, 1), whole);
			CU_ASSERT_EQUAL(find_in_pieces(*heads, 2, 3), whole);
		}
	}
}

static void
random_line_ends_are_found_as_obvious(void)
{
	static const char alphabet[] = "\r\r\r\n\n\nab";
	struct rng rng;
	unsigned found = 0;

	rng_init(&rng, 11);
	for (unsigned round = 0; round < 20000; round++) {
		char text[40] = "G";
		size_t len = 1 + rng_below(&rng, sizeof text - 1);
		uint32_t expected;

		for (size_t i = 1; i < len;
		     i++) /* mostly pairs: a bare LF would end most of them */
			text[i] = text[i - 1] == '\r' && rng_below(&rng, 8)
				      ? '\n'
				      : alphabet[rng_below(&rng, rng_below(&rng, 10) ? 3 : 8)];
		expected = find_obvious((struct str){ text, len });
		found += expected != 0;
		CU_ASSERT_EQUAL(find_in_pieces((struct str){ text, len }, 1 + rng_below(&rng, 4),
					       1 + rng_below(&rng, 5)),
				expected);
	}
	CU_ASSERT(found > 2000 && found < 19999);
}

static void
what_follows_the_head_is_not_counted(void)
{
	struct str text = STR("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");

	CU_ASSERT_EQUAL(find_in_pieces(text, text.len, 1), 27);
	CU_ASSERT_EQUAL(find_in_pieces(text, 10, 30), 27);
}

static void
first_byte_that_starts_nothing_ends_it_at_once(void)
{
	static const char bad[] = "\0\x16 \n:\x80";
	struct http_head head;

	for (size_t i = 0; i < sizeof bad - 1; i++) {
		char text[2] = { bad[i], 'x' };
		struct http_scan scan = { 0 };

		CU_ASSERT_EQUAL(http_find_head(&scan, text, 2), 1);
		CU_ASSERT_NOT_EQUAL(heads_request((struct str){ text, 1 }, &head), HTTP_ERROR_none);
	}
}

static void
lone_cr_before_a_head_is_not_counted(void)
{
	struct http_scan scan = { 0 };

	CU_ASSERT_EQUAL(http_find_head(&scan, "\r", 1), 0);
	CU_ASSERT_EQUAL(scan.fed, 0);
	CU_ASSERT_EQUAL(http_find_head(&scan, "\rG", 2), 1);
}

static void
nothing_fed_changes_nothing(void)
{
	struct http_scan scan = { 0 };

	CU_ASSERT_EQUAL(http_find_head(&scan, "GET / HTTP/1.1\r\n\r", 17), 0);
	CU_ASSERT_EQUAL(http_find_head(&scan, "", 0), 0);
	CU_ASSERT_EQUAL(http_find_head(&scan, "\n", 1), 18);
}

static void
without_avx2_the_same_is_found(void)
{
	bool had = http1_avx2;

	http1_avx2 = false;
	each_split_finds_the_same();
	random_line_ends_are_found_as_obvious();
	http1_avx2 = had;
}

CU_TestInfo test_http1_scan[] = {
	{ "scan_each_split_finds_the_same", each_split_finds_the_same },
	{ "scan_random_line_ends_are_found_as_obvious", random_line_ends_are_found_as_obvious },
	{ "scan_without_avx2_the_same_is_found", without_avx2_the_same_is_found },
	{ "scan_what_follows_the_head_is_not_counted", what_follows_the_head_is_not_counted },
	{ "scan_first_byte_that_starts_nothing_ends_it_at_once",
	  first_byte_that_starts_nothing_ends_it_at_once },
	{ "scan_lone_cr_before_a_head_is_not_counted", lone_cr_before_a_head_is_not_counted },
	{ "scan_nothing_fed_changes_nothing", nothing_fed_changes_nothing },
	CU_TEST_INFO_NULL,
};
