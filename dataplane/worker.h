/*
 * A worker: one polling core with everything that its connections need, shared with nobody. The
 * control thread makes it (the only time that it takes memory); after that worker_turn is all there
 * is to it. No thread and no clock in here: on the appliance main.c's loop turns it, in the
 * simulator the scheduler does, with virtual time.
 */
#ifndef DATAPLANE_WORKER_H
#define DATAPLANE_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/config_view.h"
#include "dataplane/tcp/tcp.h"
#include "drivers/port/port.h"
#include "fw/abi/mailbox.h"
#include "fw/abi/tap.h"
#include "fw/base/siphash.h"

struct worker;
struct handoff;
struct punt_ring;
struct places;

struct worker_setup {
	uint32_t index;   /* of this worker: its column in stats, its queue of each port */
	uint32_t workers; /* how many there are */
	/* The rings between them, the same for each, lent for their life; NULL: there is one worker. */
	struct handoff *handoff;
	/* Of members' connections, the same for each worker, lent for their life; NULL: there is one worker. */
	struct places *places;
	uint32_t sessions; /* capacity of the session pool */
	struct tcp_settings tcp;
	struct rte_mempool *mbufs; /* private area of PACKET_PRIVATE_BYTES */
	struct port *const *ports; /* lends, for the worker's life; NULL: none there now */
	uint32_t port_count;
	struct stats *stats;
	struct health_table *health;
	struct neighbour_table *neighbours; /* of all workers; NULL: this one is alone */
	struct siphash_key
	    key;       /* secret, random, made at start; the simulator takes it from the seed */
	uint64_t seed; /* for jitter */
	uint32_t
	    tap_bytes; /* ring of each kind of tap, a multiple of 8; 0: nothing can be captured */
	/*
	 * What this worker has for the kernel, and, worker 0 only, what the kernel has to send: lends, for the
	 * worker's life. NULL: there is no kernel here.
	 */
	struct punt_ring *to_kernel, *from_kernel;
	uint64_t unix_offset_us; /* wall clock minus now_us, as in worker_set_unix_offset */
};

/* Takes all the worker's memory; NULL when there isn't enough. Gives. Control thread. */
struct worker *worker_create(const struct worker_setup *setup, uint64_t now_us);
/* Behind any change of ports[], which are changed only while nobody turns the worker. Control thread. */
void worker_devices_changed(struct worker *worker);
/* Frees it with all its packets. Control thread, when nobody turns it any more. */
void worker_destroy(struct worker *worker);

/*
 * Whether a view, or what an operator said of members, is to be taken over; then worker_adopt does
 * so a step at a time, each bounded, between two turns. Apart from the turn, so that who turns the
 * worker can time it: worker_note_adoption enters how long a step took.
 */
bool worker_is_adopting(const struct worker *worker);
void worker_adopt(struct worker *worker, uint64_t now_us);
void worker_note_adoption(struct worker *worker, uint64_t took_us);
/*
 * One turn: receive, crypto, timers, pump, transmit, mailbox, each with a bound. now_us never goes
 * back. Answers whether there was anything to do.
 */
bool worker_turn(struct worker *worker, uint64_t now_us);
/*
 * When the next turn has something to do without a packet coming in; now_us if at once, UINT64_MAX
 * if never.
 */
uint64_t worker_next_us(const struct worker *worker, uint64_t now_us);
/* Whether another worker has given it something: the next turn is not idle. The thread that turns it. */
bool worker_is_given(const struct worker *worker);

/*
 * Offers a view: the worker adopts it between two bursts. Borrows it until another one has been
 * adopted and view->refs[index].sessions is 0. Any thread; one at a time.
 */
void worker_offer_view(struct worker *worker, struct config_view *view);
/* The view that new sessions are decided under now, NULL before the first. Any thread. */
const struct config_view *worker_view(const struct worker *worker);

/* What an operator said of a member has changed in the shared table. Any thread. */
void worker_look_again(struct worker *worker);
/* Wall clock minus now_us, for records that people read: the wall clock may be set. Any thread. */
void worker_set_unix_offset(struct worker *worker, uint64_t offset_us);
/*
 * The link of a device came up: the worker, which is number 0, asks whether another machine there has our addresses, and
 * announces them (net_probe, anew). Any thread.
 */
void worker_link_up(struct worker *worker, uint32_t device);
/* The same network is reached by another line now: announces our addresses at once, without asking. Any thread. */
void worker_announce(struct worker *worker, uint32_t device);

/*
 * Mailbox: MAILBOX_CONNECTIONS asks for connections from index `from` on, up to MAILBOX_CONNS_BATCH
 * of them, MAILBOX_CONNECTION for all about one. The control thread posts a request (false: one is
 * under way), the worker answers in a later turn, the control thread fetches the answer (false: not
 * yet).
 */
bool worker_ask(struct worker *worker, enum mailbox_kind kind, uint32_t from);
bool worker_answered(struct worker *worker, struct mailbox_reply *reply);

/*
 * Probes of other hosts, worker 0 alone: sends one of a checked plan (false: this slot of PING_SLOTS is taken), and fetches
 * what became of it (false: not yet), which frees the slot. Control thread. Copies.
 */
bool worker_ping(struct worker *worker, unsigned slot, const struct ping_plan *plan);
bool worker_ping_answered(struct worker *worker, unsigned slot, struct ping_answer *answer);

/*
 * Taps: begins to copy frames by a plan that was checked (tap_plan_check). The worker does so from a later turn on
 * (worker_tap_runs), until worker_tap_stop, which it follows later, too. ERR_busy: one of this kind
 * is running or not yet stopped. ERR_no_memory: there is no ring. Control thread. Copies.
 */
MUST_CHECK enum err
worker_tap_start(struct worker *worker, enum tap_kind kind, const struct tap_plan *plan);
void worker_tap_stop(struct worker *worker, enum tap_kind kind);
bool worker_tap_runs(const struct worker *worker, enum tap_kind kind);
/*
 * Of these workers together, by time: up to max bytes of whole records, also after it was stopped; adds to *matched and *lost.
 * What is not certain to be the next one yet waits until a worker's present turn is over.
 */
uint32_t worker_taps_read(struct worker *const *workers, uint32_t count, enum tap_kind kind,
			  void *out, uint32_t max, uint64_t *matched, uint64_t *lost);

/* For tests: checks all invariants (ASSERTs). */
void worker_check(const struct worker *worker, uint64_t now_us);
uint32_t worker_open_sessions(const struct worker *worker);
/* Its connections to the member with this stats slot that are counted in places. */
uint32_t worker_places(const struct worker *worker, uint32_t member_slot);
struct tcp *worker_tcp(struct worker *worker);

#endif
