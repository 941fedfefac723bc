/*
 * What the files of the control thread share: control.c (start, ticks, generations),
 * control_mailbox.c (requests of the other plane) and control_tap.c (captures and traces).
 */
#ifndef DATAPLANE_CONTROL_PRIV_H
#define DATAPLANE_CONTROL_PRIV_H

#include <time.h>

#include "dataplane/config_view.h"
#include "dataplane/control.h"
#include "dataplane/mailbox.h"
#include "dataplane/punt.h"
#include "dataplane/worker.h"
#include "fw/abi/files.h"
#include "fw/abi/health.h"
#include "fw/abi/stats.h"

#define WHY_BYTES         MAILBOX_TEXT_BYTES
#define PORT_ABSENT_BYTES 48 /* "absent:0000:03:00.0,mtu=9000" */

struct live_view {
	struct config_view *view;
	struct file_map file;
	uint64_t adopted_unix_us; /* by all workers; 0: not yet */
};

struct launch {
	struct worker *worker;
	const volatile bool *stop;
	bool spin;
	uint32_t idle_sleep_us;
};

/* A capture or trace that somebody has, or had last. */
struct tap_session {
	uint64_t number;   /* 0: never one */
	uint64_t lease_us; /* ended if not read until then */
	bool starting;     /* the request is not answered yet */
	bool stopped;
};

/* What a device is made of, by the place of a front-panel port. All zero: that port alone. */
struct device_plan {
	char name[STATS_PORT_NAME_BYTES]; /* of the bond */
	uint32_t mode;                    /* enum gen_bond_mode */
	uint32_t member_count;
	uint32_t member
	    [LIMIT_BOND_PORTS]; /* places of its front-panel ports; the first one is its own */
	uint32_t
	    is_elsewhere; /* 1: the port is in a bond that has another's place, this one is empty */
};

/* A change of devices that is under way. */
struct device_change {
	bool is_made;
	uint64_t began_us;
	struct device_plan before[LIMIT_PORTS];
};

struct control {
	struct control_options options;
	struct rte_mempool *mbufs;
	struct port *ports[LIMIT_PORTS]; /* by place of the front-panel port; NULL: plan says why */
	struct device_plan plan[LIMIT_PORTS];
	uint32_t port_count;
	struct {
		uint64_t errors, lost, queue_full;
	} lost_before;                                /* by devices that were closed */
	char without[LIMIT_PORTS][PORT_ABSENT_BYTES]; /* specs of ports whose NIC can't be used */
	char complaints[4 * WHY_BYTES];               /* about ports; lines of dataplane.status */
	char note[WHY_BYTES]; /* what is to be said with the answer to a generation's adoption */
	uint32_t takeovers[LIMIT_PORTS]; /* port_info.takeovers, as announced last */
	struct worker *workers[LIMIT_WORKERS];
	struct launch launch[LIMIT_WORKERS]; /* what each worker's thread is told */
	uint32_t worker_count;
	struct handoff *handoff; /* between them; NULL: one worker */
	struct places *places;   /* of them all */
	volatile bool stop_workers;
	bool running;
	struct stats *stats;
	struct health_table *health;
	struct neighbour_table *neighbours;               /* worker 0 writes; any thread reads */
	struct duplicate_view duplicates[NET_DUPLICATES]; /* as the operator was told */
	uint32_t duplicate_count;
	struct file_map stats_file, health_file;
	struct punt *punt;
	struct mailbox *mailbox;
	struct mailbox_handler handler;
	struct live_view live[LIMIT_GENERATIONS_LIVE]; /* the last one is the current one */
	uint32_t live_count;
	struct tap_session taps[TAP_KINDS];
	uint64_t tap_sessions;      /* since the start */
	uint64_t pings[PING_SLOTS]; /* numbers of requests under way, 0: none */
	uint64_t busy_before_us[LIMIT_WORKERS], loads_second_us; /* when loads were noted last */
	uint64_t drops[DROP_COUNT];                              /* at the last tick */
	uint64_t drops_before[DROP_COUNT];                       /* when the present second began */
	uint64_t drops_second_us;                                /* when that was */
	bool health_claimed; /* since entries that no view needs were taken back */
};

static inline uint64_t
control_clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static inline uint64_t
control_clock_us(clockid_t clock)
{
	return control_clock_ns(clock) / 1000;
}

/* ---- control.c ---- */
/*
 * Maps, checks and offers generation `number` to all workers. On failure `why` says what is wrong with it.
 */
MUST_CHECK enum err control_adopt(struct control *c, uint64_t number, char why[WHY_BYTES]);
bool control_all_adopted(const struct control *c);
/* Enters what runs into the stats file; also before a commit is answered: who asks then is shown what runs. */
void control_note_generation(struct control *c);

/* The workers' threads come to rest between two turns, and go on. Harmless before the start. */
void control_workers_stop(struct control *c);
void control_workers_start(struct control *c);

/* ---- control_ports.c ---- */
/* The largest MTU of the command line's ports: all share the packet buffers. False: one is wrong, and that was said. */
bool control_ports_mtu(const struct control_options *options, uint16_t *mtu_bytes);
/*
 * Opens all ports of the command line. A NIC that can't be used is done without: its port is as if the card were missing,
 * and dataplane.status says why. Any other port that can't be opened is an error, which is said on stderr.
 */
MUST_CHECK enum err control_ports_open(struct control *c);
/* Opens what wanted says, wrapped in its fault. On failure says why. Gives. */
MUST_CHECK enum err control_port_open(struct control *c, const struct control_port *wanted,
				      struct port **out, char why[WHY_BYTES]);
/* A line on stderr and, once the status is written, on the console. */
void
control_complain(struct control *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Writes dataplane.status: the complaints, and why a configuration can't be used (empty: it can). */
void control_write_status(const struct control *c, const char *generation_why);

/* ---- control_bond.c ---- */
/*
 * Has the devices as a checked generation's bonds want them. If they have to change the workers are stopped, until
 * control_devices_done (the generation is offered) or control_devices_undo (it was refused elsewhere). On failure all is as
 * before, and why says what is wrong: ERR_not_found, ERR_invalid, or as port_open.
 */
MUST_CHECK enum err control_devices_fit(struct control *c, const struct generation *gen,
					struct device_change *change, char why[WHY_BYTES]);
void control_devices_undo(struct control *c, struct device_change *change);
void control_devices_done(struct control *c, const struct device_change *change);
/* Enters what a device is put together of, and how its members are, into the stats file. */
void control_note_bond(struct control *c, uint32_t device);

/* ---- control_tap.c: answers to MAILBOX_TAP_*; false: not yet ---- */
bool control_tap_start(struct control *c, const struct mailbox_request *request,
		       struct mailbox_reply *reply);
bool control_tap_read(struct control *c, const struct mailbox_request *request,
		      struct mailbox_reply *reply);
bool control_tap_stop(struct control *c, const struct mailbox_request *request,
		      struct mailbox_reply *reply);
void control_tap_tick(struct control *c);

/* ---- control_duplicate.c ---- */
/* A line for each own address that has turned out to be another machine's, or is no more. */
void control_note_duplicates(struct control *c);

/* ---- control_mailbox.c: the mailbox's handler (dataplane/mailbox.h), context is the control ---- */
unsigned control_line(void *context, const struct mailbox_request *request);
bool
control_answer(void *context, const struct mailbox_request *request, struct mailbox_reply *reply);

#endif
