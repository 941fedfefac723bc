/*
 * FAIRLEAD-MIB as data: its tables and objects with their places below the enterprise, made from
 * mib.tbl and from the counters in fw/abi. Knows nothing of Net-SNMP.
 */
#ifndef MGMT_SNMP_MIB_H
#define MGMT_SNMP_MIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* fairleadMIB, { enterprises 8072 9999 9999 1 } */
#define MIB_ROOT        1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 1
#define MIB_OBJECTS_ARC 1u   /* fairleadObjects, below the root */
#define MIB_ENTRY_ARC   1u   /* a table's entry, below the table */
#define MIB_COUNTER_ARC 101u /* a table's first counter column; the .tbl's rows follow in order */
#define MIB_NAME_BYTES  64u
#define MIB_OID_BYTES   32u

enum mib_kind {
	MIB_TEXT,
	MIB_CHOICE,
	MIB_NUMBER,  /* Unsigned32 */
	MIB_GAUGE,   /* Gauge32 */
	MIB_COUNTER, /* Counter64 */
	MIB_TICKS,
	MIB_DATE,
	MIB_FLAG,
	MIB_ADDRESS_TYPE,
	MIB_ADDRESS,
	MIB_PORT,
	MIB_INDEX_NAME, /* from here on: not accessible, in row indexes only */
	MIB_INDEX_ADDRESS_TYPE,
	MIB_INDEX_ADDRESS,
	MIB_INDEX_PORT,
	MIB_KIND_COUNT
};

enum mib_table {
#define TABLE(table, arc, indexes, text) MIB_TABLE_##table,
#include "mgmt/snmp/mib.tbl"
	MIB_TABLE_COUNT
};

struct mib_table_info {
	const char *name; /* with underscores */
	uint32_t arc;     /* below fairleadObjects */
	const char *indexes, *text;
};

/* What cells of the fixed objects are told apart by. */
enum mib_object_id {
#define OBJECT(table, name, arc, kind, values, text) MIB_##table##_##name,
#include "mgmt/snmp/mib.tbl"
	MIB_VS_COUNTER, /* all counter columns of a table; mib_object.counter says which */
	MIB_MEMBER_COUNTER,
};

struct mib_object {
	enum mib_object_id id;
	enum mib_table table;
	const char *name; /* with underscores */
	uint32_t arc;     /* below the entry, or below `system` */
	enum mib_kind kind;
	const char *values; /* of a CHOICE */
	const char *unit;   /* of a counter */
	const char *text;
	uint32_t counter; /* enum vs_counter or enum member_counter */
};

/* `system` holds the scalars. */
extern const struct mib_table_info mib_tables[MIB_TABLE_COUNT];
/* Table by table, arcs of one rising. */
extern const struct mib_object mib_objects[];
extern const size_t mib_object_count;

/* NULL if there is none. */
const struct mib_object *mib_find(enum mib_table table, uint32_t arc);
bool mib_is_index(const struct mib_object *object);
/* MIB_GAUGE for counters that are no counters but say what is now. */
enum mib_kind mib_kind_of(const struct mib_object *object);
/* "virtualServer", "virtualServerResponses2xx", "forcedUp": names in the module. Return out. */
const char *mib_camel(const char *words, char out[MIB_NAME_BYTES]);
const char *mib_object_name(const struct mib_object *object, char out[MIB_NAME_BYTES]);
/* The words of a CHOICE: whether there is an at-th; its label is in out then. */
bool mib_label(const struct mib_object *object, uint32_t at, char out[MIB_NAME_BYTES]);
/* The object's place below the root, "1.2.1.101". Returns out. */
const char *mib_oid(const struct mib_object *object, char out[MIB_OID_BYTES]);
/* Writes the module's text; false if it could not. */
bool mib_write(FILE *out);

#endif
