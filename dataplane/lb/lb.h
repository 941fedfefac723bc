/*
 * The balancer: who picks the member. One for TCP, HTTP and later packet forwarding.
 *
 * A struct lb is one worker's balancer for one generation. The control thread makes it together
 * with the view; from the view's adoption on that worker alone uses and changes it. Members are
 * named by their index in the generation.
 *
 * What it knows of members is looked at, never told: health and administrative states in the shared
 * table, which other threads write, and the load, which each worker counts in its column of stats
 * (sessions_open of the member's slot), so that it outlives generations. What counts is the sum of
 * all workers' columns; each is written by its worker only.
 */
#ifndef DATAPLANE_LB_LB_H
#define DATAPLANE_LB_LB_H

#include <stddef.h>
#include <stdint.h>

#include "fw/abi/generation.h"
#include "fw/abi/health.h"
#include "fw/abi/stats.h"
#include "fw/base/addr.h"

#define LB_NONE      UINT32_MAX       /* no member can be picked */
#define LB_AT_LIMIT  (UINT32_MAX - 1) /* the same, but some only since they reached their limit */
#define LB_TRIED_MAX 8u

struct lb;

/* What a balancer is made from; all borrowed for its life. */
struct lb_setup {
	const struct generation *gen; /* checked */
	/* By member. NULL: no monitor. */
	const struct health_entry *const *health;
	/* By member. NULL: enabled. */
	const struct health_admin *const *admin;
	const struct stats_worker *stats; /* of all workers, by number */
	uint32_t worker, workers;         /* whose balancer it is, and how many there are */
	uint64_t seed; /* for chance, and where round robin begins; all workers' is the same */
};

/* What a pick is made for. */
struct lb_request {
	uint32_t pool;
	const struct addr *client; /* borrowed; the methods that hash look at it, others don't */
	const uint32_t *tried;     /* members that failed this session, borrowed */
	uint32_t tried_count;      /* up to LB_TRIED_MAX */
	uint64_t now_us;
};

size_t lb_memory_bytes(const struct generation *gen);
/* Makes a balancer in memory (8-byte aligned, lb_memory_bytes of it), and lends it. Copies setup. */
struct lb *lb_init(void *memory, const struct lb_setup *setup);

/*
 * Picks a member of the pool that is none of those tried, from the best tier that has one: up, up
 * backup, unknown, unknown backup. Never one that is down, drained, disabled or at its limit. Else
 * LB_NONE or LB_AT_LIMIT. The caller then counts the member's load up, and down when the session
 * leaves it, and says so by lb_refresh each time.
 */
uint32_t lb_pick(struct lb *lb, const struct lb_request *request);
/* The member's health, administrative state or load may have changed. Cheap. */
void lb_refresh(struct lb *lb, uint32_t member);
/*
 * The same for the next n members in turn, so that changes made by other threads are noticed. (A
 * member is looked at before it is picked in any case; this finds those that come back.)
 */
void lb_sweep(struct lb *lb, uint32_t n);

/* For tests: checks all invariants (ASSERTs). */
void lb_check(const struct lb *lb);

#endif
