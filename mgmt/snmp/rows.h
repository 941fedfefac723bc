/*
 * The run directory as rows of the MIB's tables, sorted by index. Made anew when the configuration
 * or the data plane changes; between that only mappings are read.
 */
#ifndef MGMT_SNMP_ROWS_H
#define MGMT_SNMP_ROWS_H

#include <sys/stat.h>

#include "mgmt/cli/cli.h"
#include "mgmt/cli/member.h"
#include "mgmt/snmp/mib.h"

/* A row's index: sub-identifiers behind the column's (RFC 2578 section 7.7). */
struct row {
	const unsigned long *oid; /* lent by the rows */
	size_t oid_len;
	uint32_t object; /* index in the generation's array */
};

struct row_table {
	struct row *row; /* rising */
	size_t count;
	unsigned long *oids;
};

/* What tells one state of the run directory from another. */
struct rows_seen {
	char generation[32]; /* what config/current points to */
	dev_t device[2];
	ino_t file[2]; /* stats, health */
	off_t size_bytes[2];
	uint64_t incarnation;
};

struct rows {
	struct cli_run run; /* stats, health and generation, mapped; NULL where there is none */
	bool running;       /* the data plane runs and all its files are whole */
	struct row_table table[MIB_TABLE_COUNT];
	struct rows_seen seen;
	uint32_t looked_at; /* the pool that `look` is about, GENERATION_NONE: none */
	struct member_pool look;
	enum err why; /* if it is not running; ERR_not_found: no data plane or no configuration */
};

/* Nothing mapped yet. */
void rows_init(struct rows *rows);
/*
 * Looks whether something changed, and maps and sorts anew then: true. Without a data plane, a
 * configuration, or with files that are not whole there are no rows. Borrows run_dir.
 */
bool rows_refresh(struct rows *rows, const char *run_dir);
/*
 * What all members of a pool say together, as of the last refresh at the earliest: a walk asks for
 * it at each member, and a pool may have all of them. Lends until the next call.
 */
const struct member_pool *rows_pool_look(struct rows *rows, const struct gen_pool *pool);
void rows_free(struct rows *rows);

#endif
