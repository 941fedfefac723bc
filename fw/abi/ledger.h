/*
 * The ledger: the last transitions of members' health and administrative state, each with its cause.
 * Part of the health file, so it outlives a restart of either process. A ring for each writer: the
 * workers, and behind them the control thread. A record stands for itself: it names what it is
 * about, since the configuration may have changed when somebody reads it.
 */
#ifndef FW_ABI_LEDGER_H
#define FW_ABI_LEDGER_H

#include <stdint.h>

#include "fw/abi/limits.h"
#include "fw/base/addr.h"

#define LEDGER_RECORDS 1024u /* of each writer; older ones are overwritten */
#define LEDGER_WRITERS (LIMIT_WORKERS + 1)
#define LEDGER_CONTROL LIMIT_WORKERS /* the control thread's ring */

enum ledger_kind {
	LEDGER_HEALTH, /* from, to: enum health_state; name is the monitor's, or empty without one */
	LEDGER_ADMIN,  /* from, to: enum member_admin; name is the pool's */
	LEDGER_KIND_COUNT
};

struct ledger_record {
	uint64_t sequence;   /* 1 for a ring's first record, and so on; 0: being written */
	uint64_t unix_us;    /* wall clock */
	struct addr address; /* of the member */
	uint16_t port;
	uint8_t kind; /* enum ledger_kind */
	uint8_t from, to;
	uint8_t cause; /* LEDGER_HEALTH: enum health_cause */
	uint8_t pad[2];
	char name[LIMIT_NAME_BYTES + 1];
};

struct ledger {
	uint64_t written; /* records ever; the newest is at (written - 1) % LEDGER_RECORDS */
	struct ledger_record record[LEDGER_RECORDS];
};

/* Enters a copy; its sequence is set here. One thread a ring. Borrows. */
void ledger_add(struct ledger *ledger, const struct ledger_record *record);
/*
 * Copies what all rings hold, oldest first, into out, which has room for
 * LEDGER_WRITERS * LEDGER_RECORDS; answers how many. What is overwritten meanwhile is left out. Any
 * process.
 */
uint32_t ledger_read(const struct ledger ledgers[LEDGER_WRITERS], struct ledger_record *out);

#endif
