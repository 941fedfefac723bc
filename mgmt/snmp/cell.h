/*
 * What one object of the MIB says of one row, read at that moment.
 */
#ifndef MGMT_SNMP_CELL_H
#define MGMT_SNMP_CELL_H

#include "mgmt/snmp/rows.h"

enum cell_type {
	CELL_NONE, /* there is no such instance */
	CELL_INTEGER,
	CELL_GAUGE, /* Gauge32 and Unsigned32 */
	CELL_COUNTER64,
	CELL_TICKS,
	CELL_BYTES
};

struct cell {
	enum cell_type type;
	uint64_t number; /* all but BYTES */
	size_t len;
	uint8_t bytes[256];
};

/* row is NULL for a scalar. */
struct cell cell_read(struct rows *rows, const struct mib_object *object, const struct row *row);

#endif
