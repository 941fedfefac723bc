/*
 * The simulated world: nodes and the links between them in virtual time, everything drawn from one seed. One process
 * runs one story, so a world is never taken down by halves: a failure ends the process.
 *
 * The clock jumps from one thing that is due to the next. A node that asks to be turned again at once gets
 * the next microsecond, so time always goes on.
 */
#ifndef TEST_SIM_WORLD_H
#define TEST_SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/port/port.h"
#include "drivers/port/port_sim.h"
#include "fw/abi/drops.h"
#include "fw/abi/stats.h"
#include "fw/base/rng.h"

#define WORLD_NODES_MAX 64u
#define WORLD_WHY_BYTES 400u

#define MS  UINT64_C(1000)    /* in microseconds */
#define SEC UINT64_C(1000000) /* in microseconds */
#define KB  UINT64_C(1000)
#define MB  UINT64_C(1000000)

static inline uint64_t
min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t
max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

struct world;
struct node;

/* What happened in a world, for the soak's table. */
enum event {
#define X(name, text) EVENT_##name,
#include "test/sim/events.tbl"
#undef X
	EVENT_COUNT
};

/* What an adversary does (adversary.h). */
enum move {
#define X(name, text) MOVE_##name,
#include "test/sim/moves.tbl"
#undef X
	MOVE_COUNT
};

struct node_ops {
	/* Everything that is due; answers whether there was anything to do. */
	bool (*turn)(struct node *node, uint64_t now_us);
	/* When it wants to be turned next, arriving frames included; UINT64_MAX: not before something else happens. */
	uint64_t (*next_us)(struct node *node, uint64_t now_us);
	/* ASSERTs what must always hold; NULL: nothing. */
	void (*check)(struct node *node, uint64_t now_us);
	/* Whether no connection is left and all packet buffers are back; if not, says in why what is missing. NULL: always. */
	bool (*quiet)(struct node *node, char *why, unsigned why_bytes);
	/* Adds what it has counted to the world's events, once, at the end. NULL: nothing. */
	void (*tally)(struct node *node);
};

struct node {
	const struct node_ops *ops;
	struct world *world;
	char name[PORT_NAME_BYTES];
	uint32_t id;            /* in world->nodes */
	bool off;               /* powered off: not turned, its frames are lost */
	bool always_quiet;      /* the story takes it out of the final balance, saying why */
	uint64_t not_before_us; /* earliest next turn, in the world's time */
	uint64_t clock_us;      /* its own clock minus the world's; only grows */
	uint64_t missed_us; /* of its own clock: time that passed without it, by stalls and jumps */
	uint64_t backoff_us;              /* grows while it claims to have work and does nothing */
	uint32_t check_every, check_left; /* turns */
};

/* What the parent process sees of a run, also after a crash. */
struct world_status {
	uint64_t now_us, start_us;
	uint64_t hash;   /* of every frame with its time and receiver */
	uint64_t frames; /* delivered to a node */
	uint64_t turns;
	uint64_t event[EVENT_COUNT]; /* how often each happened, by enum event */
	uint64_t move[MOVE_COUNT];   /* of adversaries, by enum move */
	uint64_t drop[DROP_COUNT];   /* of hosts and boxes, by reason */
	char why[WORLD_WHY_BYTES];   /* of a failure that the simulator noticed itself */
};

struct world {
	uint64_t now_us;
	uint64_t seed;
	struct rng rng;
	struct rte_mempool *wire; /* frames under way */
	uint16_t buffer_bytes;    /* of the packet pools */
	uint32_t pool_cache;      /* of the packet pools, as a core has it; 0: none */
	struct node *nodes[WORLD_NODES_MAX];
	uint32_t node_count;
	uint32_t link_count;
	struct port *closing[2 * WORLD_NODES_MAX]; /* ends of links, closed at the end */
	uint32_t closing_count;
	struct world_status *status;
	const char *pcap_dir; /* NULL: none are written */
	bool trace;           /* a line on stderr for each connection event */
	uint32_t box_workers; /* of boxes that do not say how many; 0: one */
};

/* Starts EAL and makes an empty world. status and pcap_dir are borrowed. */
void
world_init(struct world *world, uint64_t seed, struct world_status *status, const char *pcap_dir);
/* Adds a node (borrows it for the world's life). */
void
world_add(struct world *world, struct node *node, const char *name, const struct node_ops *ops);
/* A seed for something, drawn from the world's. */
uint64_t world_seed(struct world *world);
/* A new packet pool of a node. */
struct rte_mempool *world_pool(struct world *world, const char *name, uint32_t mbufs);
/* Zeroed pages for the life of the process. */
void *world_pages(size_t bytes);
uint32_t world_pool_out(struct rte_mempool *pool); /* mbufs in use */

/*
 * A link between two nodes' ports. Faults are specs of port_fault_wrap for what a and b send and receive (NULL or
 * empty: none; the seed is added here). The ends that are given are bare: nic_new makes them a node's.
 */
struct world_link {
	struct port_sim_link sim;
	const char *fault_a, *fault_b;
};
void world_link(struct world *world, const char *name_a, const char *name_b,
		const struct world_link *link, struct port **a, struct port **b);

/* The end as a network card that claims all that (itself, if nothing is). Takes end. */
struct port *
world_claim(struct world *world, struct port *end, const struct port_sim_claims *claims);
/* Packets of this size may come, from now on: called before there are nodes. */
void world_mtu(struct world *world, uint16_t mtu_bytes);
/* The node's processor is busy elsewhere: it is not turned for so long. */
void world_stall(struct node *node, uint64_t us);
/* The node's clock jumps ahead by so much, nothing else does. */
void world_clock_jump(struct node *node, uint64_t us);
/* Adds what a stack has counted; before it starts anew, and at the end. */
void world_tally_stack(struct world *world, const struct stats_worker *stats);
/* Takes the link of a node's port down (frames under way are lost) or up. */
void world_link_set(struct world *world, struct port *end, bool up);
/* Something happened so many times. */
void world_event(struct world *world, enum event event, uint64_t times);
/* Runs until now + us, or forever if done says so first (NULL: never); answers whether done did. */
bool world_run(struct world *world, uint64_t us, bool (*done)(void *arg), void *arg);
/* Runs until each node is quiet and no frame is under way, at most us; fails with what is missing. */
void world_settle(struct world *world, uint64_t us);

/* Ends this run as failed. */
void world_fail(struct world *world, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));
/* Notes something that happened in the hash. */
void world_note(struct world *world, const void *data, uint32_t len_bytes);

/* What the node's own clock says. */
static inline uint64_t
node_now_us(const struct node *node)
{
	return node->world->now_us + node->clock_us;
}

#define EXPECT(world, condition, ...)                                                              \
	do {                                                                                       \
		if (!(condition))                                                                  \
			world_fail(world, "not so: " #condition "; " __VA_ARGS__);                 \
	} while (0)

#endif
