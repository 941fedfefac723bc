/*
 * Timer wheel (Varghese and Lauck 1987): hierarchical, start and stop in constant time, no memory of its
 * own beside the slots. A node is embedded in an object of a pool and named by the object's index; an
 * object has one node (keep the earliest of its deadlines in it). Time is an argument.
 */
#ifndef FW_BASE_WHEEL_H
#define FW_BASE_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#define WHEEL_TICK_US 128u /* resolution: a timer fires at most one tick late, never early */
#define WHEEL_SLOTS   256u
#define WHEEL_LEVELS  4u /* 256^4 ticks: 6 days; what is due later is put off and looked at again */
#define WHEEL_WORK    64u /* nodes that one wheel_expire moves to a finer level at most */
#define WHEEL_IDLE    UINT32_MAX

struct wheel_node {
	uint64_t due_us;      /* absolute */
	uint32_t next, prev;  /* object indexes: a slot's nodes are a ring, first started first */
	uint32_t slot_plus_1; /* level * WHEEL_SLOTS + slot + 1; 0 when not started */
};

struct wheel {
	uint8_t *first_node; /* node of object 0 */
	uint32_t stride;     /* bytes from one object's node to the next one's */
	uint32_t armed;      /* nodes started */
	uint64_t now_us;     /* the latest time that wheel_expire was given */
	uint64_t now_tick; /* all ticks before it are done; behind now_us only while work is left */
	uint32_t slot[WHEEL_LEVELS * WHEEL_SLOTS]; /* first of each ring, WHEEL_IDLE if empty */
	uint64_t occupied[WHEEL_LEVELS][WHEEL_SLOTS / 64]; /* a bit for each slot in use */
};

/* Borrows the nodes: first_node is the one of object 0, the others follow each stride bytes. */
void wheel_init(struct wheel *wheel, void *first_node, uint32_t stride, uint64_t now_us);
/* Makes it a node that is not started, as zeroed memory is; never for one that is started. */
void wheel_node_init(struct wheel_node *node);
/* Starts or moves the timer of object `index`. A deadline in the past fires at the next wheel_expire. */
void wheel_start(struct wheel *wheel, uint32_t index, uint64_t due_us);
/* Harmless if it is not running. */
void wheel_stop(struct wheel *wheel, uint32_t index);

static inline bool
wheel_node_is_started(const struct wheel_node *node)
{
	return node->slot_plus_1 != 0;
}

/* False: wheel_expire would find nothing. To be asked each turn, for less than wheel_expire or wheel_next_us cost. */
static inline bool
wheel_may_expire(const struct wheel *wheel, uint64_t now_us)
{
	uint32_t slot = (uint32_t)(wheel->now_tick & (WHEEL_SLOTS - 1));

	/* at the first tick of a coarser slot there may be nodes to move */
	return wheel->armed && (now_us / WHEEL_TICK_US > wheel->now_tick || slot == 0 ||
				wheel->slot[slot] != WHEEL_IDLE);
}

/*
 * Stops and hands out one due object, in the order of their ticks; false when nothing (more) is due. The work of
 * one call is bounded, however far the clock jumped: with more than WHEEL_WORK nodes to move first it returns
 * false, wheel_next_us says "now", and the next call goes on. If the clock goes back, nothing fires until it has caught up.
 */
bool wheel_expire(struct wheel *wheel, uint64_t now_us, uint32_t *index);
/*
 * Until when one may sleep: nothing can fire earlier, and wheel_expire is to be called then (it may find that
 * it has only nodes to move). UINT64_MAX if nothing is armed.
 */
uint64_t wheel_next_us(const struct wheel *wheel);

#endif
