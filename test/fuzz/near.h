/*
 * Peers of one stack whose segments are nearly valid: numbers at the edges of what the connection expects just now, and
 * what comes back judged against what was said.
 *
 * A peer looks into the connection (tcp_priv.h) for where its edges are. Text is known by its sequence number and port alone
 * (near_text), so that nothing needs to be remembered of what was sent when.
 */
#ifndef TEST_FUZZ_NEAR_H
#define TEST_FUZZ_NEAR_H

#include "dataplane/tcp/tcp_priv.h"
#include "test/fuzz/fuzz.h"

#define NEAR_MOVE_BYTES  8u
#define NEAR_COOKIE_MAX  16u
#define NEAR_SEGMENT_MAX 1600u

/* One peer: at most one connection is the one that it talks of. */
struct near {
	struct endpoint ours, theirs;
	uint32_t iss;       /* of the SYN that its connection came of */
	uint32_t highest;   /* end of all that it has sent since */
	uint32_t irs, seen; /* ours: the SYN, the end of what has come out */
	uint32_t ts_seen;   /* our last timestamp */
	uint8_t cookie[NEAR_COOKIE_MAX];
	uint32_t cookie_len; /* of Fast Open, as our last SYN,ACK had it */
	bool relayed;        /* what comes out to it is somebody else's text */
};

/* What must not go back, of one connection. */
struct near_edges {
	bool made;
	uint32_t iss, irs; /* of the connection that this is about */
	uint32_t sendable; /* the highest edge that the peer has offered */
	uint32_t offered;  /* the right edge of the window as it went out */
	bool has_offered;
};

/* The byte with this sequence number, in the direction from us or to us, of a connection with the peer at this port. */
uint8_t near_text(uint16_t port, bool from_us, uint32_t seq);

/* How a segment is marked beyond its TCP header. */
struct near_segment {
	uint8_t bytes[NEAR_SEGMENT_MAX];
	uint32_t len;
	uint32_t seq, end; /* sequence numbers that it occupies */
	uint8_t flags;
	uint8_t traffic_class;
};

/* A SYN, or a segment for whatever state its connection is in, as the move says. All zero: one that fits. */
void near_syn(struct near *p, const struct tcp *tcp, uint64_t now_us,
	      const uint8_t move[NEAR_MOVE_BYTES], struct near_segment *out);
void near_say(struct near *p, const struct tcp *tcp, uint64_t now_us,
	      const uint8_t move[NEAR_MOVE_BYTES], struct near_segment *out);
/* The segment was given to the stack. */
void near_said(struct near *p, const struct tcp *tcp, const struct near_segment *s);

/* Looks at a connection between two events. */
void near_watch(struct near_edges *edges, const struct tcp_conn *c);
/* ASSERTs that a segment which came out is well-formed and says nothing that is not so; edges by connection. */
void
near_judge(struct near *p, const struct tcp *tcp, struct near_edges *edges, struct rte_mbuf *m);

#endif
