/*
 * A lean TCP for one side of the generator (RFC 9293), with what measuring needs and no more. It shares nothing with the
 * stack under test, so that one error does not hide another.
 *
 * It has: options MSS, window scale and timestamps (sent and echoed, never judged); delayed ACKs, of every second full segment or once a burst, as a kernel with
 * GRO; slow start up to a limit, halved at a loss; fast retransmit with NewReno's partial ACKs; one retransmission timer
 * with back-off; closed windows are probed by it. It has not: SACK, reassembly (what comes out of order is asked for
 * again), TIME-WAIT (segments of connections that are gone are acknowledged or reset without memory of them).
 *
 * One thread. Nothing here takes memory after tcp_init.
 */
#ifndef TEST_BENCH_GEN_TCP_H
#define TEST_BENCH_GEN_TCP_H

#include <stdbool.h>
#include <stdint.h>

#include "test/bench/gen/flows.h"
#include "test/bench/gen/side.h"
#include "test/bench/gen/source.h"
#include "test/bench/gen/stream.h"
#include "test/bench/gen/tuples.h"

#define TCP_NONE UINT32_MAX
#define TCP_MSS  1460u

enum tcp_state { TCP_STATE_CLOSED, TCP_STATE_SYN_SENT, TCP_STATE_SYN_RECEIVED, TCP_STATE_OPEN };

enum tcp_flag {
	TCP_FLAG_TOUCHED = 1 << 0, /* in the list of those that may have something to send */
	TCP_FLAG_TIMED = 1 << 1,   /* in the list of those whose answers are awaited */
	TCP_FLAG_DELAYED = 1 << 2, /* in the list of those that owe an ACK */
	TCP_FLAG_ACK_NOW = 1 << 3,
	TCP_FLAG_FIN_WANTED = 1 << 4,
	TCP_FLAG_FIN_RECEIVED = 1 << 5,
	TCP_FLAG_RECOVERING = 1 << 6, /* until recover is acknowledged */
	TCP_FLAG_UNSCALED = 1 << 7,   /* the peer knows no window scale */
	TCP_FLAG_STAMPED = 1 << 8,    /* both ends have timestamps */
};
#define TCP_FLAGS_OF_LISTS (TCP_FLAG_TOUCHED | TCP_FLAG_TIMED | TCP_FLAG_DELAYED)

/* Sequence numbers: una..nxt is out, nxt..end may go out, max is the highest ever sent; a FIN counts at end. */
struct tcp_conn {
	uint8_t state, snd_scale, dup_acks, retries;
	uint16_t flags, mss_bytes;
	uint32_t snd_una, snd_nxt, snd_max, snd_end, snd_wnd_bytes, cwnd_bytes;
	uint32_t base; /* where the source's repetition begins; never above snd_una */
	uint32_t rcv_nxt, rcv_acked;
	uint32_t stamp;         /* the peer's last */
	uint32_t local, remote; /* host order, as all here */
	uint16_t local_port, remote_port;
	uint32_t address_sum; /* of the two addresses, for checksums */
	const struct source *source;
	const struct source *next_source; /* what follows when all of source is acknowledged */
	uint32_t next_count;
	uint32_t recover;
	uint32_t timer_due_ms;
	uint32_t timed_next, timed_look_ms, delayed_next, delayed_look_ms;
} __attribute__((aligned(128)));

struct tcp_counts {
	uint64_t opened;       /* connections whose handshake is complete */
	uint64_t retransmits;  /* segments sent again, SYN and FIN included */
	uint64_t out_of_order; /* segments that came too early, and were not kept */
	uint64_t strays;       /* segments of no connection */
	uint64_t resets;       /* received for a connection */
	uint64_t refused;      /* connections for which there was no room */
	uint64_t gave_up;
};

/* A list in the order of the times at which its members are looked at, by index. */
struct tcp_list {
	uint32_t first, last;
};

struct tcp_setup {
	struct side *side;
	struct stream_user user;
	uint32_t conns;        /* at the same time */
	uint32_t window_bytes; /* offered to the peer */
	uint32_t cwnd_max_bytes;
	bool stamps; /* wants timestamps */
	bool
	    listens; /* at every address of the side and every port: the origin; indexes are drawn */
	struct tuples tuples; /* otherwise: whose connections these are; the index is the slot */
};

struct tcp {
	struct tcp_setup setup;
	struct tcp_conn *conns;
	struct tcp_list timed, delayed;
	struct flows flows;               /* listens */
	uint32_t *free_conns, free_count; /* listens */
	uint32_t *touched, touched_count;
	uint32_t now_ms;
	uint32_t isn; /* grows with time: RFC 9293 3.4.1, without its secret */
	uint32_t open_count;
	struct tcp_counts counts;
};

/* Takes memory for the program's life. */
void tcp_init(struct tcp *tcp, const struct tcp_setup *setup);
/* Once a turn, before all else. */
void tcp_clock(struct tcp *tcp, uint64_t now_us);
/* Receives a burst; calls the user. Frees the frames. How many there were. */
uint16_t tcp_receive(struct tcp *tcp, uint64_t now_us);
/* Retransmissions and ACKs that are due. */
void tcp_timers(struct tcp *tcp);
/* Sends what the turn has brought about. True if something went. */
bool tcp_flush(struct tcp *tcp, uint64_t now_us);

/* Not listens: opens the connection of a closed slot, for the use-th time. */
void
tcp_connect(struct tcp *tcp, uint32_t index, uint32_t use, uint32_t remote, uint16_t remote_port);
/* Sends the whole source once more. Borrows it until the connection is gone. */
void tcp_send(struct tcp *tcp, uint32_t index, const struct source *source);
/* No more will be sent: a FIN behind what is on its way. */
void tcp_finish(struct tcp *tcp, uint32_t index);
/* Ends it with a RST, without a call of closed. */
void tcp_abort(struct tcp *tcp, uint32_t index);
/* How much of what was sent is not acknowledged yet. */
static inline uint32_t
tcp_unacked_bytes(const struct tcp *tcp, uint32_t index)
{
	return tcp->conns[index].snd_end - tcp->conns[index].snd_una;
}

/* ---- shared by the files of tcp ---- */

static inline bool
seq_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline uint32_t
tcp_index(const struct tcp *tcp, const struct tcp_conn *c)
{
	return (uint32_t)(c - tcp->conns);
}

/* What is at `end` may have something to send. */
static inline void
tcp_touch(struct tcp *tcp, struct tcp_conn *c)
{
	if (c->flags & TCP_FLAG_TOUCHED)
		return;
	c->flags |= TCP_FLAG_TOUCHED;
	tcp->touched[tcp->touched_count++] = tcp_index(tcp, c);
}

struct tcp_conn *tcp_accept(struct tcp *tcp, const struct side_segment *segment);
/* Tells nobody. */
void tcp_forget(struct tcp *tcp, struct tcp_conn *c);
void tcp_input(struct tcp *tcp, const struct side_segment *segment, struct tcp_conn *c);
/* A segment of the source, or none (len_bytes 0). False: no room. */
bool tcp_send_segment(struct tcp *tcp, struct tcp_conn *c, uint32_t seq, uint32_t len_bytes,
		      uint8_t flags);
bool tcp_send_syn(struct tcp *tcp, struct tcp_conn *c);
/* To somebody without a connection: in answer to what came. */
void tcp_answer(struct tcp *tcp, const struct side_segment *segment, uint32_t seq, uint32_t ack,
		uint8_t flags);
/* Awaits an answer from now on. */
void tcp_timer_start(struct tcp *tcp, struct tcp_conn *c);
void tcp_delay_ack(struct tcp *tcp, struct tcp_conn *c);

#endif
