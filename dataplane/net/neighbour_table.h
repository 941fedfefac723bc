/*
 * The neighbours as worker 0 knows them, for all other workers and for the control thread: a cell for each, written by
 * worker 0 alone and read without a lock. A reader that meets a cell while it is written looks again, and takes it for
 * missing if it is unlucky several times; it never sees half of one neighbour and half of another.
 *
 * Who makes it, before the workers: the control thread, or the simulator.
 */
#ifndef DATAPLANE_NET_NEIGHBOUR_TABLE_H
#define DATAPLANE_NET_NEIGHBOUR_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fw/base/addr.h"

#define NET_NEIGHBOURS 4096u /* that are known at a time, all ports together */

/* RFC 4861 7.3.2, the same for ARP. */
enum neighbour_state {
	NEIGHBOUR_INCOMPLETE, /* asked, never answered; packets wait. Timer: next try */
	NEIGHBOUR_FAILED,     /* did not answer; packets are dropped until fresh_until_us */
	NEIGHBOUR_REACHABLE,  /* answered; stale after fresh_until_us. No timer */
	NEIGHBOUR_STALE,      /* has an address that was not confirmed lately */
	NEIGHBOUR_DELAY,      /* stale and in use. Timer: first probe */
	NEIGHBOUR_PROBE,      /* asked by unicast while traffic goes on. Timer: next try */
};

/* Whether it has an Ethernet address that packets are sent to. */
static inline bool
neighbour_state_is_good(unsigned state)
{
	return state != NEIGHBOUR_INCOMPLETE && state != NEIGHBOUR_FAILED;
}

/* What is published of a neighbour. */
struct neighbour_view {
	struct addr addr;
	uint64_t mac; /* its first six bytes in memory; none while incomplete or failed */
	uint64_t fresh_until_us;
	uint32_t serial; /* of this life of it; never 0 */
	uint32_t index;  /* of its cell, below NET_NEIGHBOURS */
	uint8_t port;    /* index of the generation's */
	uint8_t state;   /* enum neighbour_state */
};

struct neighbour_table;

size_t neighbour_table_bytes(void);
/* Makes an empty one in memory (64-byte aligned, taken over); seed is for its hash. Gives. */
struct neighbour_table *neighbour_table_init(void *memory, uint64_t seed);

/* Worker 0 only: enters the neighbour in the cell view->index, or changes it there (address and port stay). Borrows. */
void neighbour_table_publish(struct neighbour_table *table, const struct neighbour_view *view);
/* Worker 0 only: this cell is free again. */
void neighbour_table_withdraw(struct neighbour_table *table, uint32_t index);

/* Our own addresses that another machine has, too: all of them, up to NET_DUPLICATES. Worker 0 only. Borrows. */
#define NET_DUPLICATES 64u

struct duplicate_view {
	struct addr addr;
	uint64_t mac; /* of the other machine, as above; 0: not known */
	uint8_t port;
};

void neighbour_table_publish_duplicates(struct neighbour_table *table,
					const struct duplicate_view *views, uint32_t count);
/* Any thread: fills views, answers how many. */
uint32_t neighbour_table_duplicates(const struct neighbour_table *table,
				    struct duplicate_view views[NET_DUPLICATES]);
bool neighbour_table_is_duplicate(const struct neighbour_table *table, const struct addr *addr,
				  unsigned port);

/* Any thread. False: there is none, as far as can be seen now. */
bool neighbour_table_find(const struct neighbour_table *table, const struct addr *addr,
			  unsigned port, struct neighbour_view *view);
/* Any thread: who is in this cell, for walking through all. False: nobody. */
bool neighbour_table_read(const struct neighbour_table *table, uint32_t index,
			  struct neighbour_view *view);

#endif
