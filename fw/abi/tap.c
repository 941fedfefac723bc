/*
 * Records of taps, read by the other plane: lengths are checked before anything is followed.
 */
#include "fw/abi/tap.h"

#include "fw/abi/drops.h"
#include "fw/base/assert.h"

STATIC_ASSERT(sizeof(struct tap_record) % 8 == 0, "what follows a record's head is aligned");
STATIC_ASSERT(sizeof(struct tap_walk) % 8 == 0, "so is the frame");

const char *
trace_layer_text(unsigned layer)
{
	static const char *const texts[] = {
#define X(name, text) text,
#include "fw/abi/trace_layers.tbl"
	};

	return layer < ARRAY_SIZE(texts) ? texts[layer] : "?";
}

const char *
trace_verdict_text(unsigned verdict)
{
	static const char *const texts[] = {
#define X(name, text) text,
#include "fw/abi/trace_verdicts.tbl"
	};

	return verdict < ARRAY_SIZE(texts) ? texts[verdict] : "?";
}

const struct tap_record *
tap_record_next(const void *bytes, size_t len, size_t *at)
{
	const struct tap_record *record = (const void *)((const uint8_t *)bytes + *at);
	size_t left = len - *at;

	if (left < sizeof *record || record->size_bytes > left || record->size_bytes % 8 != 0)
		return NULL;
	if (record->kind >= TAP_KINDS || record->direction > TAP_OUT ||
	    record->reason >= DROP_COUNT || record->kept_bytes > TAP_KEPT_MAX)
		return NULL;
	if (record->size_bytes != tap_record_bytes((enum tap_kind)record->kind, record->kept_bytes))
		return NULL;
	*at += record->size_bytes;
	return record;
}

const struct tap_walk *
tap_record_walk(const struct tap_record *record)
{
	return record->kind == TAP_TRACE ? (const void *)(record + 1) : NULL;
}

const uint8_t *
tap_record_frame(const struct tap_record *record)
{
	const uint8_t *behind = (const uint8_t *)(record + 1);

	return record->kind == TAP_TRACE ? behind + sizeof(struct tap_walk) : behind;
}
