/*
 * The appliance in the simulation: real workers (dataplane/worker.h) with the surroundings that the control thread
 * gives them, turned by the scheduler, in an order drawn from the seed; now and then one is left out.
 */
#ifndef TEST_SIM_BOX_H
#define TEST_SIM_BOX_H

#include "dataplane/config_view.h"
#include "dataplane/worker.h"
#include "test/sim/gen.h"
#include "test/sim/world.h"

#define BOX_VIEWS_MAX   64u
#define BOX_PORTS_MAX   4u
#define BOX_WORKERS_MAX LIMIT_WORKERS

struct watch;

/* Who watches what workers write to: called around the turns of each, and around what the control thread does. */
struct box_guard {
	void (*turn)(void *context, uint32_t worker, bool begins);
	void (*control)(void *context, bool begins);
	void *context;
};

struct box_config {
	uint32_t workers;                             /* 0: 1 */
	uint32_t mbufs;                               /* 0: 8,191 */
	uint32_t sessions;                            /* of each worker; 0: 256 */
	struct port_sim_claims claims[BOX_PORTS_MAX]; /* of its network cards */
	struct tcp_settings tcp;                      /* conns 0: box_tcp_settings() */
};

struct box {
	struct node node;
	struct worker *workers[BOX_WORKERS_MAX];
	uint32_t worker_count;
	struct handoff *handoff; /* NULL: one worker */
	struct places *places;
	struct rng turns;                         /* whose turn it is */
	uint64_t rests_until_us[BOX_WORKERS_MAX]; /* not turned before, in the box's time */
	struct stats *stats;
	struct health_table *health;
	struct neighbour_table *neighbours;
	struct rte_mempool *mbufs;
	struct port *ports[BOX_PORTS_MAX]; /* nics, named p0, p1, ... */
	uint32_t port_count;
	struct config_view *
	    views[BOX_VIEWS_MAX]; /* the last one is current or on offer, others wait to be freed */
	uint32_t view_count;
	uint64_t views_freed;
	bool health_claimed; /* since entries that no view needs were taken back */
	uint32_t mbufs_used_max;
	struct watch *watch[BOX_WORKERS_MAX];
	struct tcp_settings tcp; /* the workers' */
	uint64_t watched_us;     /* when mbufs_used_max was looked at last */
	struct box_guard guard;  /* turn is NULL: none */
};

struct tcp_settings box_tcp_settings(void);
/* Takes the ends. Named p0, p1 in their order. */
struct box *box_new(struct world *world, const struct box_config *config, struct port *const *ends,
		    uint32_t count);
/* What the control thread does with a new generation. */
void box_configure(struct box *box, const struct gen_spec *spec);
/* A configuration with the ports and addresses of spec and nothing else: lets everything come to an end. */
void box_retire(struct box *box, const struct gen_spec *spec);
/* Ends the workers as they are, and their node with them; fails if packet buffers are missing then. */
void box_destroy(struct box *box);

/* Its processor is busy elsewhere for so long. */
void box_rest(struct box *box, uint32_t worker, uint64_t us);

uint32_t box_open_sessions(const struct box *box);
uint32_t box_open_conns(const struct box *box);
/* Sums over the workers. */
uint64_t box_counter(const struct box *box, enum counter counter);
uint64_t box_dropped(const struct box *box, enum drop_reason reason);
/* By index in the present generation. */
uint64_t box_member(const struct box *box, uint32_t member, enum member_counter counter);
uint64_t box_server(const struct box *box, uint32_t server, enum vs_counter counter);
enum health_state box_health(const struct box *box, uint32_t member);
/* What is known of it beside that; NULL: nobody watches it. */
const struct health_entry *box_health_entry(const struct box *box, uint32_t member);
/* What the control thread does when an operator says something of a member. */
void box_say(struct box *box, uint32_t member, enum member_admin state);

#endif
