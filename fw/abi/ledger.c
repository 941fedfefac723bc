/*
 * Writing and reading the ledger. A reader of another process has no lock: a record's sequence
 * number is taken away before and set after its other fields, and looked at before and after the
 * copy.
 */
#include "fw/abi/ledger.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool copy(const struct ledger_record *record, struct ledger_record *out);
static int by_time(const void *a, const void *b);

void
ledger_add(struct ledger *ledger, const struct ledger_record *record)
{
	struct ledger_record *to = &ledger->record[ledger->written % LEDGER_RECORDS];

	__atomic_store_n(&to->sequence, 0, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	memcpy((char *)to + sizeof to->sequence, (const char *)record + sizeof record->sequence,
	       sizeof *to - sizeof to->sequence);
	ledger->written++;
	__atomic_store_n(&to->sequence, ledger->written, __ATOMIC_RELEASE);
}

uint32_t
ledger_read(const struct ledger ledgers[LEDGER_WRITERS], struct ledger_record *out)
{
	uint32_t count = 0;

	for (uint32_t w = 0; w < LEDGER_WRITERS; w++)
		for (uint32_t i = 0; i < LEDGER_RECORDS; i++)
			if (copy(&ledgers[w].record[i], &out[count]))
				count++;
	qsort(out, count, sizeof *out, by_time);
	return count;
}

static bool
copy(const struct ledger_record *record, struct ledger_record *out)
{
	uint64_t sequence = __atomic_load_n(&record->sequence, __ATOMIC_ACQUIRE);

	*out = *record;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	out->name[sizeof out->name - 1] = '\0';
	return sequence != 0 && __atomic_load_n(&record->sequence, __ATOMIC_RELAXED) == sequence;
}

/* Records of one writer and one microsecond in the order they were written in. */
static int
by_time(const void *a, const void *b)
{
	const struct ledger_record *left = a, *right = b;

	if (left->unix_us != right->unix_us)
		return left->unix_us < right->unix_us ? -1 : 1;
	return left->sequence < right->sequence ? -1 : left->sequence > right->sequence;
}
