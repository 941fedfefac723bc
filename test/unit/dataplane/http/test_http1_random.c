/*
 * Random heads: the parser against the reference, and what is written against what was parsed. The seed is
 * fixed, so a failure repeats; it prints the head.
 */
#include <stdio.h>
#include <string.h>

#include "test/unit/dataplane/http/heads.h"
#include "test/unit/dataplane/http/reference.h"
#include "test/unit/unit.h"

#define SEED   2026
#define ROUNDS 150000u
#define CAP    2000u

static struct http_head head, again;
static struct reference_head reference;
static char written[HTTP_HEAD_MAX_BYTES + 1024], rewritten[HTTP_HEAD_MAX_BYTES + 1024];

static void
show(struct str text, enum http_error error)
{
	fprintf(stderr, "the parser says \"%s\" of:\n", http_error_text(error));
	for (size_t i = 0; i < text.len; i++)
		fprintf(stderr, text.at[i] >= ' ' && text.at[i] < 0x7f ? "%c" : "\\x%02x",
			(unsigned char)text.at[i]);
	fprintf(stderr, "\n");
}

static bool
fields_are_equal(const struct http_head *a, const struct reference_head *b)
{
	if (a->field_count != b->field_count)
		return false;
	for (uint32_t i = 0; i < a->field_count; i++)
		if (!str_equal(a->field[i].name, b->field[i].name) ||
		    !str_equal(a->field[i].value, b->field[i].value) ||
		    a->field[i].hop_by_hop != b->field[i].hop_by_hop)
			return false;
	return true;
}

static bool
is_as_reference(const struct http_head *a, const struct reference_head *b)
{
	return str_equal(a->method_text, b->method) && str_equal(a->target, b->target) &&
	       str_equal(a->host, b->host) && str_equal(a->reason, b->reason) &&
	       a->status == b->status && a->minor_version == b->minor_version &&
	       a->keep_alive == b->keep_alive && a->expect_continue == b->expect_continue &&
	       a->framing == b->framing &&
	       (a->framing != HTTP_FRAMING_LENGTH || a->content_length == b->content_length) &&
	       fields_are_equal(a, b);
}

/* The end-to-end fields of a, without the forwarded ones, are those of b. */
static bool
same_end_to_end(const struct http_head *a, const struct http_head *b)
{
	uint32_t k = 0;

	for (uint32_t i = 0; i < a->field_count; i++) {
		if (a->field[i].hop_by_hop || a->field[i].id == HTTP_NAME_X_FORWARDED_FOR)
			continue;
		while (k < b->field_count &&
		       (b->field[k].hop_by_hop || b->field[k].id == HTTP_NAME_X_FORWARDED_FOR))
			k++;
		if (k == b->field_count || !str_equal(a->field[i].name, b->field[k].name) ||
		    !str_equal(a->field[i].value, b->field[k].value))
			return false;
		k++;
	}
	while (k < b->field_count &&
	       (b->field[k].hop_by_hop || b->field[k].id == HTTP_NAME_X_FORWARDED_FOR))
		k++;
	return k == b->field_count;
}

static bool
forwards_expectation(const struct http_head *a)
{
	for (uint32_t i = 0; i < a->field_count; i++)
		if (a->field[i].id == HTTP_NAME_EXPECT && !a->field[i].hop_by_hop)
			return true;
	return false;
}

/* head was parsed: what is written parses to the same, and written once more it stays as it is. */
static bool
request_round_trip(bool keep_alive)
{
	struct http_rewrite rewrite = { .client_address = STR("10.0.0.2"),
					.host = STR("fallback"),
					.keep_alive = keep_alive };
	uint32_t len = http_write_request(&head, &rewrite, written, sizeof written);
	struct str target = head.target, host = head.host.len ? head.host : rewrite.host;

	if (!len || http_parse_request(written, len, &again) != HTTP_ERROR_none)
		return false;
	if (target.at[0] == '?' && again.target.at[0] == '/')
		again.target = (struct str){ again.target.at + 1, again.target.len - 1 };
	if (!str_equal(again.method_text, head.method_text) || again.method != head.method ||
	    !str_equal(again.target, target) || !str_equal(again.host, host) ||
	    again.minor_version != 1 || again.keep_alive != keep_alive ||
	    again.framing != head.framing || again.content_length != head.content_length ||
	    again.expect_continue != forwards_expectation(&head) || !same_end_to_end(&head, &again))
		return false;
	rewrite.client_address.len = 0;
	if (http_parse_request(written, len, &again) != HTTP_ERROR_none)
		return false;
	return http_write_request(&again, &rewrite, rewritten, sizeof rewritten) == len &&
	       memcmp(written, rewritten, len) == 0;
}

static bool
response_round_trip(enum http_method method, bool keep_alive, uint8_t minor_version)
{
	struct http_rewrite rewrite = { .keep_alive = keep_alive, .minor_version = minor_version };
	uint32_t len = http_write_response(&head, &rewrite, written, sizeof written);
	bool strips = http_body_strips(&head, minor_version);
	bool closes = !keep_alive || strips || head.framing == HTTP_FRAMING_CLOSE;

	if (!len || http_parse_response(written, len, method, &again) != HTTP_ERROR_none)
		return false;
	if (again.status != head.status || !str_equal(again.reason, head.reason) ||
	    (head.status >= 200 && again.keep_alive != !closes) ||
	    again.framing != (strips ? HTTP_FRAMING_CLOSE : head.framing) ||
	    again.content_length != head.content_length || !same_end_to_end(&head, &again))
		return false;
	return http_write_response(&again, &rewrite, rewritten, sizeof rewritten) == len &&
	       memcmp(written, rewritten, len) == 0;
}

static struct str
random_head(struct rng *rng, const struct str *heads, char text[CAP])
{
	uint32_t count = 0;
	size_t len;
	struct str from;

	while (heads[count].len)
		count++;
	from = heads[rng_below(rng, count)];
	len = from.len;
	memcpy(text, from.at, len);
	for (uint32_t changes = rng_below(rng, 4); changes > 0; changes--)
		len = heads_mutate(rng, text, len, CAP);
	return (struct str){ text, len };
}

static void
requests_are_taken_as_by_the_reference(void)
{
	char text[CAP];
	struct rng rng;
	unsigned taken = 0;

	rng_init(&rng, SEED);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct str bytes = random_head(&rng, heads_requests, text);
		enum http_error error = heads_request(bytes, &head);
		bool good = reference_request(bytes, &reference) == (error == HTTP_ERROR_none) &&
			    (error || is_as_reference(&head, &reference)) &&
			    (error || request_round_trip(round & 1));

		taken += !error;
		if (!good)
			show(bytes, error);
		CU_ASSERT_FATAL(good);
	}
	CU_ASSERT(taken > ROUNDS / 5 && taken < ROUNDS * 4 / 5);
}

static void
responses_are_taken_as_by_the_reference(void)
{
	char text[CAP];
	struct rng rng;
	unsigned taken = 0;

	rng_init(&rng, SEED);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct str bytes = random_head(&rng, heads_responses, text);
		enum http_method method = round & 4 ? HTTP_METHOD_HEAD : HTTP_METHOD_GET;
		enum http_error error = heads_response(bytes, method, &head);
		bool good = reference_response(bytes, round & 4, &reference) ==
				(error == HTTP_ERROR_none) &&
			    (error || is_as_reference(&head, &reference)) &&
			    (error || response_round_trip(method, round & 1, round >> 1 & 1));

		taken += !error;
		if (!good)
			show(bytes, error);
		CU_ASSERT_FATAL(good);
	}
	CU_ASSERT(taken > ROUNDS / 5 && taken < ROUNDS * 4 / 5);
}

/* What the scan ends early is refused, so that it can't cut a good head short. */
static void
head_ended_early_by_the_scan_is_refused(void)
{
	char text[CAP];
	struct rng rng;
	unsigned early = 0;

	rng_init(&rng, SEED + 1);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct str bytes = random_head(&rng, heads_requests, text);
		struct http_scan scan = { 0 };
		uint32_t len = http_find_head(&scan, bytes.at, (uint32_t)bytes.len);
		bool ends = len >= 4 && memcmp(bytes.at + len - 4, "\r\n\r\n", 4) == 0;

		if (!len || ends)
			continue;
		early++;
		CU_ASSERT_NOT_EQUAL_FATAL(heads_request((struct str){ bytes.at, len }, &head),
					  HTTP_ERROR_none);
		CU_ASSERT_NOT_EQUAL_FATAL(
		    heads_response((struct str){ bytes.at, len }, HTTP_METHOD_GET, &head),
		    HTTP_ERROR_none);
	}
	CU_ASSERT(early > ROUNDS / 100);
}

CU_TestInfo test_http1_random[] = {
	{ "random_requests_are_taken_as_by_the_reference", requests_are_taken_as_by_the_reference },
	{ "random_responses_are_taken_as_by_the_reference",
	  responses_are_taken_as_by_the_reference },
	{ "random_head_ended_early_by_the_scan_is_refused",
	  head_ended_early_by_the_scan_is_refused },
	CU_TEST_INFO_NULL,
};
