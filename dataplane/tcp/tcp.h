/*
 * TCP of one worker: both roles (clients reach us, we reach members), without clock, I/O or
 * allocation. Segments come in by tcp_input and go out by tcp_output; what happened to a connection
 * is fetched with tcp_ready_next; the time is an argument in microseconds that never goes back.
 *
 * A connection is named by its index in the worker's pool. Whoever opened it (tcp_connect) or was
 * told of it (first event TCP_EVENT_OPEN of an accepted one) owns it until tcp_release or
 * tcp_abort; the index is not reused before.
 *
 * RFC 9293 (TCP), 5681 (congestion control), 6298 (RTO), 6582 (NewReno), 6675 (SACK-based
 * recovery), 2018 (SACK), 7323 (window scale, timestamps, PAWS), 6528 (initial sequence numbers),
 * 5961 (blind attacks), 6191 (TIME-WAIT reuse), 1122 (delayed ACK, Nagle).
 */
#ifndef DATAPLANE_TCP_TCP_H
#define DATAPLANE_TCP_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/net/bufq.h"
#include "dataplane/net/net.h"
#include "fw/abi/conn_fields.h"
#include "fw/abi/drops.h"
#include "fw/abi/stats.h"
#include "fw/base/addr.h"
#include "fw/base/assert.h"
#include "fw/base/err.h"
#include "fw/base/pool.h"
#include "fw/base/siphash.h"

#define TCP_NONE      POOL_NONE /* the index of no connection */
#define TCP_USER_NONE UINT32_MAX
/* local ports of connections that we open; the kernel has those above */
#define TCP_PORT_MIN 1024u
#define TCP_PORT_MAX 60999u

struct tcp;

/* What TCP asks of its surroundings; answers must not depend on time or on packets. */
struct tcp_host {
	/* Whether a connection to this local endpoint is wanted. */
	bool (*listens)(void *context, const struct endpoint *local);
	/* Largest segment payload without options towards remote (net_mss). */
	uint16_t (*mss)(void *context, const struct addr *remote);
	/* The profile of a connection to this local endpoint, which is wanted. NULL: TCP_PROFILE_DEFAULT. */
	uint32_t (*profile)(void *context, const struct endpoint *local);
	/*
	 * The pool is empty and room is needed for a new connection: ends one that can be spared by
	 * tcp_abort; false: there is none. NULL: never. Called for a segment or in tcp_connect, of no other
	 * connection.
	 */
	bool (*spare)(void *context);
	/*
	 * Whether segments from remote to local will come to this worker: only from such a port connections are
	 * opened (with several workers one in so many). NULL: all do.
	 */
	bool (*port_is_ours)(void *context, const struct endpoint *local,
			     const struct endpoint *remote);
	/*
	 * Whether the port towards remote cuts a packet of several segments into them (net_cuts): then new text may go
	 * out so (packet_of(m)->segment_bytes). NULL: never.
	 */
	bool (*cuts)(void *context, const struct addr *remote);
	void *context;
};

enum tcp_cc { TCP_CC_CUBIC, TCP_CC_NEWRENO, TCP_CC_COUNT };

#define TCP_PROFILES        256u
#define TCP_PROFILE_DEFAULT 0u
#define TCP_BUFFER_MIN      4096u /* bytes, of either buffer */

/*
 * How connections are handled; each has a number of one. A change is followed by the connections that exist,
 * but for what was agreed upon in their handshake (window scale, ECN, segment size) and their congestion control.
 */
struct tcp_profile {
	uint32_t receive_buffer_bytes;      /* largest receive window */
	uint32_t send_buffer_bytes;         /* largest send queue, sent and unsent */
	uint32_t delayed_ack_us;            /* RFC 1122 4.2.3.2: below 500 ms */
	uint32_t syn_retries, data_retries; /* retransmissions in a row before giving up */
	uint32_t
	    max_segment_bytes; /* MSS, options included: that we offer and that we send; 0: by the port's MTU */
	uint32_t
	    user_timeout_ms; /* data unacknowledged for so long ends it (RFC 9293 3.8.3); 0: only data_retries */
	uint32_t
	    keep_alive_idle_ms; /* nothing came for so long: probe the peer (RFC 9293 3.8.4); 0: never */
	uint32_t keep_alive_interval_ms; /* between two probes */
	uint32_t keep_alive_probes;      /* so many unanswered end it */
	uint8_t cc;                      /* enum tcp_cc */
	bool ecn; /* offers and accepts explicit congestion notification (RFC 3168) */
	bool
	    nagle; /* RFC 9293 3.7.4: small segments wait for acknowledgments, but for what was pushed */
	bool pacing; /* spreads a window over the round trip */
	bool
	    fast_open; /* accepts data with a SYN that carries our cookie (RFC 7413); accepted connections */
};

struct tcp_settings {
	uint32_t conns;         /* capacity of the connection pool */
	uint32_t flights;       /* of them may have something under way at the same time; 0: all */
	uint32_t half_open_max; /* SYN-RECEIVED at the same time */
	uint32_t time_wait_us;  /* 2 MSL */
	uint32_t rto_min_us, rto_max_us;
	uint32_t
	    linger_us; /* a released connection whose peer acknowledges nothing for so long is reset */
	uint32_t segments; /* capacity of the pool of records of segments in flight, all connections
			      together */
	uint32_t
	    mbuf_sharers; /* stacks that take from the same mbufs, this one too; 0 counts as 1 */
	struct tcp_profile profile; /* of number 0, and of each other number until it is set */
};

extern const struct tcp_settings tcp_settings_default;

enum tcp_event {
	TCP_EVENT_OPEN = 1 << 0,     /* the handshake is complete */
	TCP_EVENT_READABLE = 1 << 1, /* more bytes in order */
	TCP_EVENT_EOF =
	    1 << 2, /* the peer's FIN was reached; what came before it is still readable */
	TCP_EVENT_WRITABLE = 1 << 3, /* the send queue has become shorter */
	TCP_EVENT_CLOSED =
	    1 << 4, /* no more events; tcp_close_reason says why. Still to be released */
};

enum tcp_close_reason {
	TCP_CLOSE_NONE,        /* not closed */
	TCP_CLOSE_FINISHED,    /* both directions closed in order */
	TCP_CLOSE_REFUSED,     /* RST in answer to our SYN */
	TCP_CLOSE_RESET,       /* RST later */
	TCP_CLOSE_TIMEOUT,     /* too many retransmissions */
	TCP_CLOSE_UNREACHABLE, /* ICMP or neighbour says so, before the handshake completed */
};

enum tcp_state { /* RFC 9293 3.3.2; LISTEN is not a connection here */
		 TCP_CLOSED,
		 TCP_SYN_SENT,
		 TCP_SYN_RECEIVED,
		 TCP_ESTABLISHED,
		 TCP_FIN_WAIT_1,
		 TCP_FIN_WAIT_2,
		 TCP_CLOSE_WAIT,
		 TCP_CLOSING,
		 TCP_LAST_ACK,
		 TCP_TIME_WAIT,
};

/* For people and for tests; a copy. */
struct tcp_info {
	enum tcp_state state;
	struct endpoint local, remote;
	bool accepted; /* the peer opened it */
	bool released;
	uint32_t user;
	uint64_t opened_us, received_us; /* when it was made; when the last segment came */
	uint64_t bytes_in, bytes_out;    /* payload in order; payload acknowledged */
	uint32_t rtt_us, rto_us, cwnd_bytes, ssthresh_bytes, mss_bytes;
	uint32_t send_window_bytes, receive_window_bytes;
	uint32_t send_queued_bytes, receive_queued_bytes, reassembly_bytes;
	uint32_t retransmits;
};

size_t tcp_memory_bytes(const struct tcp_settings *settings);
/*
 * Makes the TCP of a worker in memory (64-byte aligned, tcp_memory_bytes long, taken over).
 * Segments are made from mbufs; key is secret and random (made at boot); host and stats are
 * borrowed for its life. Gives.
 */
struct tcp *tcp_init(void *memory, const struct tcp_settings *settings, const struct tcp_host *host,
		     struct rte_mempool *mbufs, struct stats_worker *stats,
		     const struct siphash_key *key, uint64_t now_us);
/* Sets what number (below TCP_PROFILES) means. Copies. */
void tcp_set_profile(struct tcp *tcp, uint32_t number, const struct tcp_profile *profile);
/* How many connections have it. */
uint32_t tcp_profile_users(const struct tcp *tcp, uint32_t number);
/* Frees all packets that it holds; the memory is the caller's again. */
void tcp_fini(struct tcp *tcp);

/* ---- from and to the network (path.c) ---- */

/*
 * A segment: m starts at the TCP header and ends with the payload, packet_of(m) has the addresses.
 * Takes m when it answers DROP_none.
 */
MUST_CHECK enum drop_reason tcp_input(struct tcp *tcp, struct rte_mbuf *m, uint64_t now_us);
/*
 * Whether the segment belongs to a connection; m as for tcp_input, nothing of it is checked.
 * Borrows m.
 */
bool tcp_knows(const struct tcp *tcp, struct rte_mbuf *m);
/*
 * An ICMP error as net found it in m's packet (enum icmp_kind). Borrows m. Answers
 * DROP_icmp_error_unmatched when it is about no connection or implausible; DROP_icmp_mtu_* when an MTU is not believed.
 */
MUST_CHECK enum drop_reason tcp_icmp_error(struct tcp *tcp, struct rte_mbuf *m, uint64_t now_us);
/*
 * A segment to dst could not be delivered (no route, neighbour silent): connections still opening
 * to it end as unreachable. Borrows m (packet_of has addresses and ports).
 */
void tcp_unreachable(struct tcp *tcp, struct rte_mbuf *m, uint64_t now_us);
/*
 * A segment was larger than its port's MTU, which has changed since the connection was opened: its segments become
 * smaller. Borrows m (packet_of has addresses and ports).
 */
void tcp_too_big(struct tcp *tcp, struct rte_mbuf *m);
/*
 * Makes up to n segments that may be sent now, complete but for the checksum (checksum_complete), packet_of
 * filled for ip_output; gives them. Fewer than n: nothing more to send.
 */
uint16_t tcp_output(struct tcp *tcp, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);
/* Lets timers act that are due, at most max of them. */
void tcp_timers(struct tcp *tcp, uint32_t max, uint64_t now_us);
/*
 * When tcp_timers wants to be called next, UINT64_MAX: not at all. Whether tcp_output has work is
 * tcp_has_output.
 */
uint64_t tcp_next_us(const struct tcp *tcp);
bool tcp_has_output(const struct tcp *tcp);
/*
 * Share of mbufs in use, in percent: from 75 on windows are no longer opened wide, from 90 on
 * out-of-order data is not kept.
 */
void tcp_set_pressure(struct tcp *tcp, unsigned percent_used);

/* ---- from and to the application (conn.c, session.c, probes) ---- */

/* Whether tcp_ready_next has something. */
bool tcp_has_news(const struct tcp *tcp);
/*
 * The next connection with news and what is new since the last time (events: bits of enum
 * tcp_event, never 0); TCP_NONE: no more.
 */
uint32_t tcp_ready_next(struct tcp *tcp, unsigned *events);
/*
 * Opens a connection from local (port 0: chosen, RFC 6056) to remote. ERR_invalid (remote is no
 * single host, or its port is 0), ERR_no_memory (pool), ERR_no_port. On success *id is owned by the caller; later comes TCP_EVENT_OPEN or
 * TCP_EVENT_CLOSED.
 */
MUST_CHECK enum err
tcp_connect(struct tcp *tcp, const struct endpoint *local, const struct endpoint *remote,
	    uint32_t profile, uint32_t user, uint64_t now_us, uint32_t *id);
/* The owner's own number for the connection (an index of its object). */
void tcp_set_user(struct tcp *tcp, uint32_t id, uint32_t user);
uint32_t tcp_user(const struct tcp *tcp, uint32_t id);
const struct endpoint *tcp_local(const struct tcp *tcp, uint32_t id);
const struct endpoint *tcp_remote(const struct tcp *tcp, uint32_t id);
enum tcp_close_reason tcp_close_reason(const struct tcp *tcp, uint32_t id);
/* Whether the peer's FIN has been reached (there may be bytes to read before it). */
bool tcp_at_eof(const struct tcp *tcp, uint32_t id);

/* Bytes received in order and not taken yet; lends until the next call about this connection. */
const struct bufq *tcp_received(const struct tcp *tcp, uint32_t id);
/* Moves the first len bytes to the end of out and opens the window by as much; as bufq_move. */
uint32_t tcp_receive(struct tcp *tcp, uint32_t id, struct bufq *out, uint32_t len, uint64_t now_us);
/* Frees the first len bytes and opens the window by as much. */
void tcp_receive_drop(struct tcp *tcp, uint32_t id, uint32_t len, uint64_t now_us);
/* Bytes that may be queued for sending now; 0 once shut down or closed. */
uint32_t tcp_send_space(const struct tcp *tcp, uint32_t id);
/* Bytes queued and not acknowledged yet. */
uint32_t tcp_send_queued(const struct tcp *tcp, uint32_t id);
/*
 * Since when the peer has acknowledged none of what is queued: the last acknowledgment of a byte, or
 * when the empty queue got its first one. UINT64_MAX: nothing is queued.
 */
uint64_t tcp_send_stuck_us(const struct tcp *tcp, uint32_t id);
/* When a byte was acknowledged last, or was the first in an empty queue; 0: never. */
uint64_t tcp_send_active_us(const struct tcp *tcp, uint32_t id);
/* The place behind all that is queued now: bytes since the connection was opened. */
uint64_t tcp_send_mark(const struct tcp *tcp, uint32_t id);
/* Whether a byte that was queued behind the mark has been acknowledged. */
bool tcp_send_acked(const struct tcp *tcp, uint32_t id, uint64_t mark);
/*
 * Of a connection that the peer has ended by FIN or RST: if that proves that the peer got no byte
 * from behind the mark before its end, moves those bytes to the end of out and answers true. The
 * connection is reset then if it was not, and still to be released or aborted. The proof:
 *
 *   FIN, and RST with an acknowledgment   were sent by the connection itself, and acknowledge no more than the mark
 *   RST without one   answers a segment that found no connection (RFC 9293 3.10.7.1): good only if it was the only
 *                     one, sent once; an earlier one may have been taken by a connection whose own end was lost
 *
 * What ended by our own timeout proves nothing, nor does anything once we have shut it down.
 */
bool tcp_take_unacked(struct tcp *tcp, uint32_t id, uint64_t mark, struct bufq *out);
/*
 * Queues the first len (at most tcp_send_space) bytes of from; answers how many were taken, fewer
 * when a buffer could not be had.
 */
uint32_t tcp_send(struct tcp *tcp, uint32_t id, struct bufq *from, uint32_t len, uint64_t now_us);
/*
 * Moves bytes from the receive queue of one connection to the send queue of another: relaying
 * without touching them.
 */
uint32_t
tcp_relay(struct tcp *tcp, uint32_t from_id, uint32_t to_id, uint32_t len, uint64_t now_us);
/* Copies len bytes into the send queue, all or nothing. ERR_no_memory, ERR_closed. */
MUST_CHECK enum err
tcp_send_bytes(struct tcp *tcp, uint32_t id, const void *data, uint32_t len, uint64_t now_us);
/*
 * What is queued is complete for now: with Nagle's algorithm its tail is not held back. tcp_relay carries the
 * sender's own push (PSH) over.
 */
void tcp_push(struct tcp *tcp, uint32_t id);
/* A FIN follows what is queued; receiving goes on (half-close). */
void tcp_shutdown(struct tcp *tcp, uint32_t id, uint64_t now_us);
/*
 * The owner lets go: what is queued is still sent, then FIN, TIME-WAIT as needed. Unread or later
 * data from the peer makes it a reset (RFC 9293 3.6.1). No more events. Ends by a reset when the peer takes nothing for linger_us.
 */
void tcp_release(struct tcp *tcp, uint32_t id, uint64_t now_us);
/* RST, and lets go. */
void tcp_abort(struct tcp *tcp, uint32_t id, uint64_t now_us);

/* ---- for show and for tests ---- */
uint32_t tcp_capacity(const struct tcp *tcp);
uint32_t tcp_open_count(const struct tcp *tcp); /* in any state */
/* Fills the rows of its own pools and tables (MEMORY_tcp_*). */
void tcp_memory_use(const struct tcp *tcp, struct stats_memory memory[MEMORY_COUNT]);
/* The connection between the two; TCP_NONE: there is none. */
uint32_t
tcp_find(const struct tcp *tcp, const struct endpoint *local, const struct endpoint *remote);
/* False if there is no connection with this index now. */
bool tcp_info(const struct tcp *tcp, uint32_t id, struct tcp_info *info);
const char *tcp_state_text(enum tcp_state state);
/* All that is known of it, a copy. False if there is no connection with this index now. */
bool tcp_fields(const struct tcp *tcp, uint32_t id, struct conn_fields *fields, uint64_t now_us);
/*
 * ASSERTs what must hold for every connection: sequence order, cwnd of at least one segment, a
 * timer for whatever waits, queues that add up.
 */
void tcp_check(const struct tcp *tcp, uint64_t now_us);

#endif
