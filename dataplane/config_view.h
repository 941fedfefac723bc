/*
 * What workers see of a generation: the generation itself and what the control thread derived from
 * it at adoption (hash of virtual servers, own addresses, health entries, probe targets, device
 * numbers, balancers). Immutable but for the reference counts and the balancers; a worker swaps one
 * pointer to take over a new one.
 */
#ifndef DATAPLANE_CONFIG_VIEW_H
#define DATAPLANE_CONFIG_VIEW_H

#include <stdint.h>

#include "dataplane/lb/lb.h"
#include "dataplane/net/net.h"
#include "dataplane/profile.h"
#include "drivers/port/port.h"
#include "fw/abi/generation.h"
#include "fw/abi/health.h"
#include "fw/abi/stats.h"
#include "fw/base/assert.h"
#include "fw/base/err.h"

#define VIEW_NONE UINT32_MAX

/*
 * Something whose health is watched, by a monitor or by what becomes of its sessions' connections:
 * each pair of monitor and member endpoint once.
 */
struct view_target {
	uint32_t monitor; /* index in the generation; VIEW_NONE: none */
	uint32_t member;  /* index of the first member that it stands for, see member_next */
	uint32_t passive_retry_ms; /* without a monitor: the longest of its members' pools */
	struct health_entry *health;
	/* Identity, the same in every view, never 0; decides who watches it, and when its rhythm begins. */
	uint64_t hash;
};

struct __attribute__((aligned(64))) view_refs {
	uint64_t
	    sessions; /* sessions of one worker that were decided under this view and still need it; written by that worker */
};

struct config_view {
	const struct generation *gen;
	size_t gen_bytes;
	struct net_config net;
	/*
	 * device numbers (order of the ports given at start) and the generation's port indexes,
	 * both ways; VIEW_NONE: none, as a port has that is in a bond. A VLAN's device is its port's; net.vlans leads from a
	 * device's port and a tag to the VLAN.
	 */
	uint32_t device_of_port[LIMIT_INTERFACES];
	uint32_t port_of_device[LIMIT_PORTS];
	uint32_t vs_mask;  /* size of vs_hash - 1 */
	uint32_t *vs_hash; /* open-addressed: virtual server indexes by endpoint, VIEW_NONE: free */
	const struct health_entry **member_health; /* by member; NULL: nobody watches it */
	struct health_admin **member_admin;        /* by member; what an operator said */
	uint32_t *member_of_slot;                  /* by stats slot; VIEW_NONE: none */
	struct view_target *targets;
	uint32_t target_count;
	uint32_t *target_of_entry; /* by index of the health entry; VIEW_NONE: none */
	uint32_t *member_next;     /* by member: another one of the same target, VIEW_NONE: none */
	/* By worker, who alone changes its own. */
	struct lb *lb[LIMIT_WORKERS];
	struct profile_map tcp_profiles[LIMIT_WORKERS];
	struct view_refs refs[LIMIT_WORKERS];
};

/* The surroundings that a view is made in; all borrowed. */
struct view_devices {
	struct port *const *ports; /* as the workers know them; NULL: none there */
	uint32_t count;
};

/*
 * Makes a view of a checked generation; takes gen (mapped or allocated by the caller, who frees it
 * after config_view_free). Claims health entries and clears stats slots that change owner.
 * ERR_not_found when the generation names a port that the box doesn't have, ERR_no_memory when the
 * health table is full; *why (why_bytes) says it in words. Control thread only.
 */
MUST_CHECK enum err
config_view_make(const struct generation *gen, size_t gen_bytes, const struct view_devices *devices,
		 struct stats *stats, struct health_table *health, struct config_view **out,
		 char *why, unsigned why_bytes);
/*
 * When no worker uses it any more (refs are all zero and none has it as its current one). Control
 * thread only.
 */
void config_view_free(struct config_view *view);

/*
 * Takes back the health entries that this view has no target for and the administrative states that
 * it has no member for, those left over from an earlier run too. Control thread only, and only while there is no other view.
 */
void config_view_release_health(const struct config_view *view, struct health_table *health);

/* Index of the virtual server at this endpoint, VIEW_NONE: none. */
uint32_t config_view_vs(const struct config_view *view, const struct endpoint *local);

#endif
