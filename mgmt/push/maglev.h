/*
 * Maglev tables: which member of a pool has which slot. The data plane hashes a client's address to
 * a slot (dataplane/lb/hash.c).
 */
#ifndef MGMT_PUSH_MAGLEV_H
#define MGMT_PUSH_MAGLEV_H

#include <stdint.h>

#include "fw/abi/generation.h"
#include "fw/base/err.h"

/* How many slots the table of a pool with so many members in it has; a prime. */
uint32_t maglev_slot_count(uint32_t members);
/*
 * Fills slot_count slots with numbers of members, counted from 0. The same members, in whatever
 * order, have the same slots. Backup members get none, unless there are no others. Borrows all.
 * ERR_no_memory.
 */
enum err maglev_build(const struct gen_member *members, uint32_t count, uint16_t *slots,
		      uint32_t slot_count) __attribute__((warn_unused_result));
/* The same table, made as on a processor without AVX2: for tests. */
enum err maglev_build_scalar(const struct gen_member *members, uint32_t count, uint16_t *slots,
			     uint32_t slot_count) __attribute__((warn_unused_result));

#endif
