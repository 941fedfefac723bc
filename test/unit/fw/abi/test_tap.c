/*
 * Records of taps as a reader meets them: whole ones one after the other, and anything else refused.
 */
#include "fw/abi/tap.h"

#include <string.h>

#include "fw/abi/drops.h"
#include "fw/base/rng.h"
#include "test/unit/unit.h"

#define BYTES 8192

static uint8_t bytes[BYTES] __attribute__((aligned(8)));

static size_t
put(size_t at, enum tap_kind kind, uint16_t kept)
{
	struct tap_record record = { .size_bytes = (uint32_t)tap_record_bytes(kind, kept),
				     .kind = (uint8_t)kind,
				     .kept_bytes = kept };

	memcpy(bytes + at, &record, sizeof record);
	return at + record.size_bytes;
}

static void
records_follow_each_other(void)
{
	size_t len = put(put(put(0, TAP_CAPTURE, 0), TAP_TRACE, 192), TAP_CAPTURE, 61), at = 0;
	const struct tap_record *record = tap_record_next(bytes, len, &at);

	CU_ASSERT_PTR_EQUAL(record, bytes);
	CU_ASSERT_PTR_NULL(tap_record_walk(record));
	record = tap_record_next(bytes, len, &at);
	CU_ASSERT_PTR_EQUAL(tap_record_walk(record), record + 1);
	CU_ASSERT_PTR_EQUAL(tap_record_frame(record), tap_record_walk(record) + 1);
	record = tap_record_next(bytes, len, &at);
	CU_ASSERT_EQUAL(record->kept_bytes, 61);
	CU_ASSERT_EQUAL(at, len);
	CU_ASSERT_PTR_NULL(tap_record_next(bytes, len, &at));
}

static void
record_that_is_cut_or_lies_is_none(void)
{
	size_t len = put(0, TAP_CAPTURE, 61);
	struct tap_record *record = (struct tap_record *)bytes;

	for (size_t cut = 0; cut < len; cut++) {
		size_t at = 0;

		CU_ASSERT_PTR_NULL(tap_record_next(bytes, cut, &at));
		CU_ASSERT_EQUAL(at, 0);
	}
#define REFUSED(field, value)                                                                      \
	do {                                                                                       \
		size_t at_ = 0;                                                                    \
		put(0, TAP_CAPTURE, 61);                                                           \
		record->field = (value);                                                           \
		CU_ASSERT_PTR_NULL(tap_record_next(bytes, BYTES, &at_));                           \
	} while (0)
	REFUSED(kind, TAP_KINDS);
	REFUSED(kind, TAP_TRACE);
	REFUSED(direction, TAP_OUT + 1);
	REFUSED(reason, DROP_COUNT);
	REFUSED(kept_bytes, 100);
	put(0, TAP_CAPTURE, TAP_KEPT_MAX + 1);
	len = 0;
	CU_ASSERT_PTR_NULL(tap_record_next(bytes, BYTES, &len));
	REFUSED(size_bytes, 0);
	REFUSED(size_bytes, UINT32_MAX);
	REFUSED(size_bytes, record->size_bytes + 1);
}

static void
records_of_any_bytes_stay_inside(void)
{
	struct rng rng;

	rng_init(&rng, 3);
	for (unsigned round = 0; round < 20000; round++) {
		size_t len = put(put(put(0, TAP_CAPTURE, 80), TAP_TRACE, 60), TAP_CAPTURE, 9),
		       at = 0;
		const struct tap_record *record;

		for (unsigned i = 0; i < 3; i++)
			bytes[rng_below(&rng, (uint32_t)len)] = (uint8_t)rng_next(&rng);
		while ((record = tap_record_next(bytes, len, &at))) {
			const uint8_t *end = tap_record_frame(record) + record->kept_bytes;

			CU_ASSERT_TRUE(end <= bytes + at && at <= len);
		}
	}
}

static void
words_out_of_range_have_a_text(void)
{
	CU_ASSERT_STRING_EQUAL(trace_layer_text(TRACE_LAYER_tcp), "tcp");
	CU_ASSERT_STRING_EQUAL(trace_layer_text(255), "?");
	CU_ASSERT_STRING_EQUAL(trace_verdict_text(TRACE_VERDICT_sent), "sent");
	CU_ASSERT_STRING_EQUAL(trace_verdict_text(255), "?");
}

CU_TestInfo test_tap[] = {
	{ "records_follow_each_other", records_follow_each_other },
	{ "record_that_is_cut_or_lies_is_none", record_that_is_cut_or_lies_is_none },
	{ "records_of_any_bytes_stay_inside", records_of_any_bytes_stay_inside },
	{ "words_out_of_range_have_a_text", words_out_of_range_have_a_text },
	CU_TEST_INFO_NULL,
};
