/*
 * The inside of a worker, for the files directly in dataplane/: worker.c and path.c turn it,
 * conn.c, session*.c, kept.c and probe.c are what it does with connections.
 *
 *   conn     one TCP connection and what it is for; same index as in TCP's pool. Holds no view.
 *   session  one HTTP request with its response, or one pairing of a client and a member (type tcp). Decided under one
 *            view, which it lets go of once nothing of it is needed any more.
 *   probe    one question of a monitor.
 */
#ifndef DATAPLANE_WORKER_PRIV_H
#define DATAPLANE_WORKER_PRIV_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_branch_prediction.h>

#include "dataplane/config_view.h"
#include "dataplane/health/health.h"
#include "dataplane/handoff.h"
#include "dataplane/http/http.h"
#include "dataplane/lb/lb.h"
#include "dataplane/net/net.h"
#include "dataplane/net/steer.h"
#include "dataplane/places.h"
#include "dataplane/tap.h"
#include "dataplane/tcp/tcp.h"
#include "dataplane/worker.h"
#include "drivers/port/port.h"
#include "fw/abi/mailbox.h"
#include "fw/abi/stats.h"
#include "fw/base/pool.h"
#include "fw/base/rng.h"
#include "fw/base/wheel.h"

#define SESSION_NONE       POOL_NONE
#define PROBE_NONE         UINT32_MAX
#define KEPT_REVIEW_US     1000000u  /* how often a kept connection's member is looked at again */
#define RETRY_US           3000u     /* until a session tries again that found no packet buffer */
#define CLIENT_IDLE_US     60000000u /* a client connection between two requests */
#define HEAD_TIMEOUT_US    10000000u /* from the first byte of a request head to its end */
#define CONNECT_TIMEOUT_US 3000000u  /* a member that does not answer the handshake */
#define LINGER_TIMEOUT_US                                                                          \
	2000000u /* RFC 9112 9.6: reading on after our last response, so that a RST can't destroy it */
#define MEMBER_TRIES  3u    /* members that one session may try */
#define PLACE_WAITS   6u    /* how often it waits for a place at one */
#define PLACE_WAIT_US 1000u /* the first time; doubled each time */

enum conn_role {
	CONN_UNUSED,
	CONN_CLIENT, /* opened by a client */
	CONN_SERVER, /* opened by us, for a session or kept idle */
	CONN_PROBE,  /* opened by us, for a monitor */
};

struct conn {
	struct wheel_node timer; /* its deadline is kept lazily: see conn_timer_due */
	uint8_t role;            /* enum conn_role */
	uint8_t type;            /* client: enum gen_vs_type */
	bool lingering;          /* client: only waits for the peer's FIN */
	bool kept;               /* server: idle, in the list of its member */
	bool open;               /* the handshake is complete */
	uint32_t session;        /* index, SESSION_NONE: idle; probes: index of the probe */
	union {
		uint32_t vs_slot;     /* client: stats slot of the virtual server */
		uint32_t member_slot; /* server: stats slot of the member */
	};
	uint64_t member_owner;           /* server: identity of the member (gen_member.owner) */
	uint32_t kept_next, kept_prev;   /* of the same member; conn indexes, newest first */
	uint32_t kept_newer, kept_older; /* of all members */
	union {
		uint64_t kept_us;      /* server: since when it is kept */
		struct http_scan scan; /* otherwise: where the search for the head's end stands */
	};
};

enum side_name { CLIENT, SERVER };

/* One side of a session: what comes from there. */
struct side {
	uint32_t conn;           /* index, TCP_NONE: not connected */
	uint32_t approved_bytes; /* at the front of its receive queue: examined, to be relayed */
	struct http_body body;   /* http: follows the body that comes from there */
	bool
	    done; /* everything from there was relayed: the message (http) or all up to the FIN (tcp) */
};

enum session_step { /* in the order of its life */
		    STEP_PICK,
		    STEP_CONNECT,
		    STEP_RESPONSE_HEAD, /* http: request on its way, response head awaited */
		    STEP_RELAY,
};

struct session {
	struct side side[2];      /* by enum side_name */
	struct config_view *view; /* NULL once let go */
	uint64_t active_us;       /* last byte in either direction */
	uint64_t idle_timeout_us;
	struct bufq
	    request_head; /* http: rewritten, kept until the response begins, for another try */
	struct bufq held_body; /* http: taken back from a dead kept connection, not sent anew yet */
	uint32_t head_sent;    /* http: bytes of request_head queued on the server connection */
	uint64_t mark;         /* http: where the request begins in the server connection's bytes */
	uint32_t vs, member;   /* indexes in the view, while it is held */
	uint32_t vs_slot, member_slot;
	uint32_t tried[MEMBER_TRIES]; /* members picked so far, `tries` of them */
	uint8_t step;                 /* enum session_step */
	uint8_t type;                 /* enum gen_vs_type */
	uint8_t tries;
	uint8_t place_waits;    /* how often it has waited for a place at a member */
	bool counts_as_load;    /* in the load of member_slot */
	bool uncounted;         /* the member was given a request that is not in its counter yet */
	uint8_t method;         /* enum http_method */
	uint8_t client_minor;   /* HTTP/1.x of the client */
	bool client_keep_alive; /* the client wants and may have another request */
	bool server_keep_alive; /* the member lets us keep the connection */
	bool reused;            /* runs over a kept connection */
	bool kept_failed;       /* one was tried in vain: none is trusted any more */
	bool body_relayed;      /* bytes of the request body have gone out, and are not held */
	bool answered;          /* bytes of a response were taken: no other try */
	bool unasked;           /* the kept connection spoke before it had the request */
	bool strips;            /* chunked response for an HTTP/1.0 client: framing is taken off */
};

/* What has come of a response whose body is searched. */
struct probe_body {
	uint32_t heads_bytes; /* interim ones too */
	bool begun;           /* the head is read */
	struct http_body framing;
	struct health_search search;
};

struct probe {                   /* by index of the health entry */
	struct wheel_node timer; /* next probe, or the present one's time limit; see probe.c */
	uint64_t hash;           /* of the view_target that it is for; 0: none */
	uint32_t conn;           /* TCP_NONE: none under way */
	uint32_t interval_ms, jitter_percent; /* that the timer was set by */
	bool resting;                         /* all members are disabled */
	bool probed;                          /* its health entry has known a probe */
	uint64_t started_us;
	struct health_http_answer answer;
	struct probe_body body;
};

struct tx_queue {
	struct rte_mbuf *frame[PORT_BURST];
	uint16_t count;
};

enum { ASK_IDLE, ASK_POSTED, ASK_ANSWERED };

struct worker {
	struct worker_setup setup;
	struct stats_worker *stats;
	struct net *net;
	struct tcp *tcp;
	struct tcp_host tcp_host; /* what TCP asks of us, lent to it */
	struct profile_numbers profiles;
	struct config_view *view;        /* current; sessions may hold older ones */
	uint64_t now_us;                 /* of this turn */
	bool moved;                      /* this turn had something to do */
	struct tx_queue tx[LIMIT_PORTS]; /* by device */
	bool trusts_hash[LIMIT_PORTS];   /* by device: it hashes as steer_hash does */
	struct steer_search search;      /* for ports of connections that we open */
	struct conn *conns;              /* by TCP index */
	struct pool sessions;
	struct wheel conn_wheel, probe_wheel;
	struct probe *probes;  /* HEALTH_ENTRIES of them */
	uint32_t probe_cursor; /* targets of the view up to here are taken over */
	struct rng rng;
	uint32_t kept_head[LIMIT_MEMBERS], kept_tail[LIMIT_MEMBERS]; /* by stats slot; conn index */
	uint32_t kept_count[LIMIT_MEMBERS];
	uint32_t kept_newest, kept_oldest;    /* of all members */
	uint32_t server_conns[LIMIT_MEMBERS]; /* by stats slot: in use, kept and opening */
	bool has_places[LIMIT_MEMBERS];       /* by stats slot: those are counted in places */
	struct places *places;                /* all workers' */
	struct places own_places;             /* of the only one */
	uint32_t places_cursor; /* members of the view up to here have been looked at for a limit */
	uint64_t pressure_due_us;
	uint64_t sweep_due_us;
	bool link_up[LIMIT_PORTS];            /* as announced last */
	struct http_head head;                /* the one being parsed; dead after the call */
	char head_bytes[HTTP_HEAD_MAX_BYTES]; /* a head that lies in several mbufs, put together */
	char rewritten[HTTP_HEAD_MAX_BYTES + 1024]; /* a head written anew, before it is queued */
	uint8_t taps;          /* bits 1 << enum tap_kind: those that want frames */
	bool tapping_in;       /* a frame on its way in was offered to them */
	unsigned tap_adopted;  /* tap_wanted, as it was looked at last */
	struct tap_walk *walk; /* of the frame on its way in, if it is traced */
	struct tap tap[TAP_KINDS];
	struct tap_record *tap_in[TAP_KINDS];              /* of the frame on its way in */
	struct tap_record *tap_out[PORT_BURST][TAP_KINDS]; /* of the burst that the port is given */
	uint8_t tap_scratch[TAP_KEPT_MAX];
	void *memory; /* all of the above points into it */

	/* shared with the control thread */
	_Atomic(struct config_view *) offered __attribute__((aligned(64)));
	_Atomic(const struct config_view *) adopted;
	atomic_bool look_again; /* what an operator says of members has changed */
	_Atomic(uint64_t) unix_offset_us;
	atomic_uint link_up_mask;  /* devices whose link came up: are our addresses ours there? */
	atomic_uint announce_mask; /* devices on which our addresses are to be announced */
	atomic_uint tap_wanted;    /* bits 1 << enum tap_kind; control thread */
	atomic_uint tap_running;   /* those that the worker has looked at; worker */
	_Atomic(uint64_t)
	    tap_turn_us; /* while there are some: wall clock of the present turn; worker */
	atomic_int ask;
	uint32_t ask_kind; /* enum mailbox_kind */
	uint32_t ask_from;
	struct mailbox_reply answer;
	atomic_uint pings_wanted; /* bit for each slot that the control thread has taken */
	struct worker_ping {
		atomic_int state; /* whose it is, see worker_ping.c */
		struct ping_plan plan;
		struct ping_answer answer;
	} pings[PING_SLOTS];
};

/* ---- worker_ping.c ---- */
void worker_pings(struct worker *w);

/* ---- path.c: from port to TCP and back ---- */
void path_rx(struct worker *w);
/* What other workers have handed over; with several workers only. */
void path_taken(struct worker *w);
void path_pump(struct worker *w);
void path_tx(struct worker *w);
/* A packet of ours or of another worker can't be delivered, which lasts: its worker's TCP hears of it. Takes m. */
void path_undelivered(struct worker *w, struct rte_mbuf *m, enum drop_reason reason);

/* ---- trace.c: for path.c and worker.c while a capture or trace is on (w->taps is not 0) ---- */
/* Another set of taps is wanted. */
void traces_adopt(struct worker *w);
/* A frame has come, untouched; traces_done when it has got as far as it gets. */
void traces_in(struct worker *w, struct rte_mbuf *m, uint32_t device);
void traces_done(struct worker *w);
void trace_note_now(struct worker *w, enum trace_layer layer, enum net_next next);
void trace_met_now(struct worker *w, unsigned met);
/* The port is about to be given these; it has taken the first `sent`. */
void traces_out(struct worker *w, struct rte_mbuf **frames, uint16_t n, uint32_t device);
void traces_sent(struct worker *w, uint16_t sent, uint16_t n);
/* m is about to be dropped, on either way. Borrows. */
void traces_dropped(struct worker *w, struct rte_mbuf *m, enum drop_reason reason);

/* What a layer has said of the frame on its way in. */
static inline void
trace_note(struct worker *w, enum trace_layer layer, enum net_next next)
{
	if (unlikely(w->walk != NULL))
		trace_note_now(w, layer, next);
}

/* Its connection, before (TAP_MET_BEFORE) and after (TAP_MET_AFTER) TCP takes it in. */
static inline void
trace_met(struct worker *w, unsigned met)
{
	if (unlikely(w->walk != NULL))
		trace_met_now(w, met);
}

/* ---- worker_mailbox.c ---- */
void worker_answer_mailbox(struct worker *w);

/* ---- conn.c ---- */
/* News of a connection (bits of enum tcp_event) go to whom it serves. */
void conn_event(struct worker *w, uint32_t id, unsigned events);
void conn_timers(struct worker *w);
/*
 * Starts a connection to a member or probe target with this profile (TCP's number); answers TCP_NONE
 * when it can't. The conn is ready but for its owner.
 */
uint32_t conn_open(struct worker *w, enum conn_role role, uint32_t owner,
		   const struct endpoint *remote, uint32_t profile);
/*
 * The same to a member of the view, with what the conn needs to know of it and of its pool. is_full: it was refused since
 * the member has as many as its limit allows, and none of this worker's is idle.
 */
uint32_t conn_open_server(struct worker *w, uint32_t session, const struct config_view *view,
			  const struct gen_member *member, bool *is_full);
/* Has the connections to the next n members of the view counted in places, or no more, as their limits say now. */
void conn_places_adopt(struct worker *w, uint32_t n);
/* Lets TCP finish it. */
void conn_release(struct worker *w, uint32_t id);
/* Resets it. */
void conn_abort(struct worker *w, uint32_t id);
/*
 * Client: no more requests; what is queued is sent, then FIN, then reading until the peer's FIN
 * (RFC 9112 9.6).
 */
void conn_linger(struct worker *w, uint32_t id);
/* Has conn's timer fire timeout_us after now. */
void conn_wait(struct worker *w, uint32_t id, uint64_t timeout_us);

/* ---- session.c: what both types share ---- */
/*
 * A new session for a client connection, deciding under the current view; NULL when none is free.
 */
struct session *session_begin(struct worker *w, uint32_t client, uint32_t vs);
/* PICK and CONNECT: finds a member and a connection to it; ends the session when there is none. */
void session_pick(struct worker *w, struct session *s);
/* News of either connection of the session. */
void session_event(struct worker *w, struct session *s, enum side_name side, unsigned events);
/*
 * The session's client or server connection has been silent for too long, or a connection attempt
 * took too long.
 */
void session_timeout(struct worker *w, struct session *s, enum side_name side);
void session_release_view(struct worker *w, struct session *s);
/* Relays approved bytes of one side to the other as far as there is room; answers how many. */
uint32_t session_relay(struct worker *w, struct session *s, enum side_name from);
/* Whether the server connection has ended, by FIN or in any other way; what came before may still be there. */
bool session_server_ended(const struct worker *w, const struct session *s);
/*
 * The server connection has ended: whether the client has got all that came from there, so that a
 * reset can't destroy any of it.
 */
bool session_is_drained(const struct worker *w, const struct session *s);
/* Breaks off: resets both connections. */
void session_abort(struct worker *w, struct session *s);
/*
 * The session is over; its connections belong to the caller's decision before (side[].conn TCP_NONE
 * when given away).
 */
void session_free(struct worker *w, struct session *s);
/*
 * The server side failed before anything of the response was relayed: tries another member, or ends
 * the session (http: with status).
 */
void session_server_failed(struct worker *w, struct session *s, unsigned status);
/*
 * Counts the member's request, once: when it answers, or is let go of. Not when it is given one,
 * for a counter must not be taken back when the request turns out to have to be replayed.
 */
void session_count_request(struct worker *w, struct session *s);
/*
 * The kept connection had ended before the request reached the member: sends it once more, on a
 * fresh connection to the same member first. Counts as no try and as no failure of the member.
 */
void session_replay(struct worker *w, struct session *s);
/* A packet buffer was missing: looks again at the session in RETRY_US. Only once it is connected. */
void session_retry(struct worker *w, const struct session *s);
uint32_t session_index(const struct worker *w, const struct session *s);

/* ---- session_tcp.c ---- */
void session_tcp_accept(struct worker *w, uint32_t client, uint32_t vs);
void session_tcp_pump(struct worker *w, struct session *s);

/* ---- session_http.c ---- */
/* Bytes or EOF on a client connection that has no session: looks for a request head. */
void session_http_client(struct worker *w, uint32_t client);
/*
 * Feeds what has come since the last time to the search for the head's end; answers the head's
 * length or 0.
 */
uint32_t session_http_find_head(struct worker *w, uint32_t id);
/* A head in one piece: where it lies, or put together in the worker's buffer. */
const char *session_http_whole_head(struct worker *w, uint32_t id, uint32_t head_bytes);
void session_http_connected(struct worker *w, struct session *s);
void session_http_pump(struct worker *w, struct session *s);
/*
 * In step RESPONSE_HEAD. True: go on (step RELAY, or another head after an interim one). False: wait
 * for more, or the session has ended.
 */
bool session_http_response(struct worker *w, struct session *s);
/* Answers the client on our own behalf, if nothing was sent yet, and ends the session. */
void session_http_refuse(struct worker *w, struct session *s, unsigned status, const char *text);
void session_http_head_timeout(struct worker *w, uint32_t client);
/* Nothing has come for too long, and no response has begun. */
void session_http_timeout(struct worker *w, struct session *s);

/* ---- kept.c: idle connections to members ---- */
/* Takes an idle connection to this member, or TCP_NONE. */
uint32_t kept_take(struct worker *w, const struct gen_member *member);
/*
 * Keeps the connection (open, idle, no session), or releases it: there are enough, it is of no use,
 * or its member is to have none.
 */
void kept_put(struct worker *w, uint32_t id);
/* Takes it out of its lists. */
void kept_remove(struct worker *w, uint32_t id);
/* Releases it if its pool wants it no more, or has its timer ask again. */
void kept_review(struct worker *w, uint32_t id);
/* Releases the oldest one to the member with this stats slot; false: there is none. */
bool kept_release_one(struct worker *w, uint32_t member_slot);
/* Resets the oldest of all, so that its place is free at once; false: there is none. */
bool kept_spare(struct worker *w);

/* ---- notes.c: between workers; with several only ---- */
void notes_tell(struct worker *w, uint32_t to, const struct handoff_note *note);
void notes_hear(struct worker *w);
/* Asks another worker to release an idle connection to this member, which has no place left; false: none has any. */
bool notes_ask_for_place(struct worker *w, const struct gen_member *member);

/* ---- probe.c: monitors ---- */
/* Begins to take over the targets of the worker's current view, or to look at them again. */
void probes_adopt(struct worker *w);
/* Whether some are left, and taking over the next few. */
bool probes_adopting(const struct worker *w);
void probes_adopt_some(struct worker *w);
void probes_run(struct worker *w);
void probe_event(struct worker *w, uint32_t probe, unsigned events);
/* For tests: checks all invariants (ASSERTs). */
void probes_check(const struct worker *w);
/*
 * What became of the session's connection to its member, while it holds its view. Not ok: it failed
 * before the handshake, or was fresh and ended without a byte; for want of something of ours is
 * neither. Ok: it was established (tcp), or a response's first byte came (http).
 */
void probe_passive(struct worker *w, const struct session *s, bool ok);
/* The same from another worker, of an entry that is this one's, unless it is another target's by now. */
void probe_passive_told(struct worker *w, const struct handoff_note *note);

/* ---- probe_body.c ---- */
/*
 * Reads on in the response to a probe whose monitor asks for a text in the body.
 * HEALTH_CAUSE_none: more is needed; otherwise the result.
 */
enum health_cause
probe_body_read(struct worker *w, struct probe *probe, const struct gen_monitor *monitor);

/* Of this turn, for people. */
static inline uint64_t
unix_now_us(const struct worker *w)
{
	return w->now_us + atomic_load_explicit(&w->unix_offset_us, memory_order_relaxed);
}

static inline struct conn *
conn_at(const struct worker *w, uint32_t id)
{
	DEBUG_ASSERT(id < w->setup.tcp.conns);
	return &w->conns[id];
}

static inline struct session *
session_at(const struct worker *w, uint32_t index)
{
	return pool_at(&w->sessions, index);
}

static inline uint64_t *
vs_cell(const struct worker *w, uint32_t slot)
{
	return w->stats->vs[slot];
}

static inline uint64_t *
member_cell(const struct worker *w, uint32_t slot)
{
	return w->stats->member[slot];
}

#endif
