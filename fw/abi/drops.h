/*
 * Reasons for discarding a packet: an enum from drops.tbl. Every discarded packet has exactly one.
 */
#ifndef FW_ABI_DROPS_H
#define FW_ABI_DROPS_H

#include <stdint.h>

enum drop_reason {
#define X(name, text) DROP_##name,
#include "fw/abi/drops.tbl"
	DROP_COUNT
};

struct drop_info {
	const char *name; /* as in the table */
	const char *text; /* for people */
};

extern const struct drop_info drop_infos[DROP_COUNT];

#endif
