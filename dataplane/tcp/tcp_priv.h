/*
 * What the files of this folder share: the connection, the records of what was sent, and who calls
 * whom. Nobody outside includes this header.
 *
 * Names follow RFC 9293 3.3.1 in small letters (snd_una is SND.UNA). Sequence numbers are compared
 * with seq_lt and its kin only.
 */
#ifndef DATAPLANE_TCP_TCP_PRIV_H
#define DATAPLANE_TCP_TCP_PRIV_H

#include "dataplane/tcp/tcp.h"
#include "fw/base/wheel.h"
#include "fw/base/wire.h"

#define TCP_HEADER_BYTES      20u
#define TCP_OPTIONS_MAX       40u
#define TCP_SACK_BLOCKS       4u   /* that fit beside nothing else (RFC 2018 3) */
#define TCP_ISLANDS_MAX       128u /* pieces of data with holes between them, a connection */
#define TCP_RESETS_QUEUED     256u
#define TCP_FAST_OPEN_SLOTS   8u
#define TCP_PATHS             1024u  /* addresses whose path MTU is remembered */
#define TCP_PATH_WAYS         4u     /* places that are looked at for an address */
#define TCP_COOKIES_QUEUED    256u   /* more than a turn receives from two ports */
#define TCP_VISIT_SEGMENTS    32u    /* of one connection before the next one has its turn */
#define TCP_TRAIN_SEGMENTS    16u    /* in one packet that the port cuts */
#define TCP_TRAIN_BYTES       65400u /* of it above IP, whose length has 16 bits */
#define TCP_RETRY_US          2000u  /* until a connection that found no buffer tries again */
#define TCP_TS_BYTES          12u    /* timestamps with their padding */
#define TCP_NEVER             UINT64_MAX
#define TCP_SYN_ACK_RETRIES   5u       /* at most: 63 seconds of a half-open connection */
#define RTO_AFTER_SYN_LOSS_US 3000000u /* RFC 6298 5.7: when the handshake itself was slow */

/* Header flags, RFC 9293 3.1. */
enum {
	SEG_FIN = 0x01,
	SEG_SYN = 0x02,
	SEG_RST = 0x04,
	SEG_PSH = 0x08,
	SEG_ACK = 0x10,
	SEG_URG = 0x20,
	SEG_ECE = 0x40, /* RFC 3168 */
	SEG_CWR = 0x80
};

enum { ECN_ECT0 = 2, ECN_CE = 3, ECN_MASK = 3 }; /* of the traffic class, RFC 3168 5 */

struct tcp_header {
	be16 src_port, dst_port;
	be32 seq, ack;
	uint8_t data_offset; /* upper four bits: words of 32 bits */
	uint8_t flags;
	be16 window;
	uint16_t checksum; /* as checksum_finish gives it */
	be16 urgent;
};

STATIC_ASSERT(sizeof(struct tcp_header) == TCP_HEADER_BYTES, "the header has no padding");

/* start <= x < end */
struct tcp_range {
	uint32_t start, end;
};

enum tcp_opt_bit {
	OPT_MSS = 1,
	OPT_SCALE = 2,
	OPT_SACK_PERMITTED = 4,
	OPT_TIMESTAMPS = 8,
	OPT_FAST_OPEN = 16 /* a cookie, or the request for one */
};

struct tcp_options {
	uint8_t has; /* bits of enum tcp_opt_bit */
	uint8_t scale;
	uint8_t sack_count;
	uint16_t mss; /* bytes */
	uint32_t ts_value, ts_echo;
	uint64_t fast_open;    /* the cookie, if it has the length of ours (wire order) */
	uint8_t fast_open_len; /* bytes of it; 0: one is asked for */
	struct tcp_range sack[TCP_SACK_BLOCKS];
};

/* A received segment, taken apart. */
struct tcp_segment {
	struct rte_mbuf *m; /* starts at the TCP header; NULL once its payload was queued */
	uint32_t seq, ack;
	uint32_t len;    /* payload bytes */
	uint32_t window; /* bytes, scaled once the connection is known */
	uint8_t flags;
	uint8_t header_bytes;
	uint8_t ecn;             /* SEG_ECE and SEG_CWR, which are not in flags */
	bool marked;             /* came with CE */
	bool replaces;           /* a SYN that has ended a connection in TIME-WAIT */
	bool fast_open;          /* text that came with a SYN and is believed */
	uint32_t old_snd_nxt;    /* SND.NXT of that one */
	enum drop_reason reason; /* why it was not accepted */
	struct tcp_options opt;
};

enum tcp_sent_flag {
	SENT_IN_FLIGHT = 1,     /* counted in pipe, and in the list by time */
	SENT_SACKED = 2,        /* the peer has it, out of order */
	SENT_LOST = 4,          /* to be sent again */
	SENT_RETRANSMITTED = 8, /* was sent more than once */
	SENT_FIN = 16,          /* its last sequence number is the FIN */
};

/*
 * A segment that was sent and is not acknowledged in full. It is exactly one of in flight, sacked,
 * lost.
 */
struct tcp_sent {
	uint64_t sent_us;      /* the last time */
	uint32_t start, end;   /* sequence numbers */
	uint32_t next, prev;   /* by sequence */
	uint32_t newer, older; /* by sent_us, while in flight */
	uint32_t merged;       /* further segments that it stands for, while sacked */
	uint8_t flags;         /* enum tcp_sent_flag */
};

/*
 * Data behind a hole, RFC 9293 3.10.7.4: kept in the private area of the island's first mbuf, in
 * place of struct packet, which nobody needs any more.
 */
struct tcp_island {
	uint32_t start, end;   /* sequence numbers */
	struct rte_mbuf *last; /* of the island's mbufs, linked by next */
	struct rte_mbuf *next; /* first mbuf of the next island */
	uint32_t bufs;
};

STATIC_ASSERT(sizeof(struct tcp_island) <= PACKET_PRIVATE_BYTES,
	      "an island fits into the private area");

static inline struct tcp_island *
island_of(struct rte_mbuf *first)
{
	return rte_mbuf_to_priv(first);
}

enum tcp_list_name {
	LIST_OUTPUT,    /* may have something to send */
	LIST_READY,     /* has events for the application */
	LIST_TIME_WAIT, /* released and in TIME-WAIT, oldest first */
	LIST_COUNT
};

struct tcp_link {
	uint32_t next, prev; /* connections; prev of one that is on no list is itself */
};

struct tcp_list {
	uint32_t head, tail;
};

enum tcp_timer {
	TIMER_RETRANSMIT, /* what for says struct tcp_conn's retransmit_kind */
	TIMER_DELACK,
	TIMER_LIFE, /* end of TIME-WAIT, or of a released connection's linger; before: keepalive.c */
	TIMER_RETRY, /* there was no buffer, or it was too early (pacing.c) */
	TIMER_COUNT
};

/* The purposes of TIMER_RETRANSMIT; only the earliest one is armed. */
enum tcp_retransmit_kind {
	RETRANSMIT_RTO,     /* RFC 6298 */
	RETRANSMIT_PROBE,   /* tail loss probe, RFC 8985 7 */
	RETRANSMIT_REORDER, /* end of the reordering window, RFC 8985 6 */
	RETRANSMIT_PERSIST, /* zero window probe, RFC 9293 3.8.6.1 */
};

enum tcp_recovery {
	RECOVERY_NONE, /* slow start or congestion avoidance */
	RECOVERY_FAST, /* RFC 6675, entered by a loss that acknowledgements showed */
	RECOVERY_RTO,  /* RFC 5681, entered by the retransmission timeout */
};

enum tcp_conn_flag {
	CONN_ACCEPTED = 1 << 0, /* the peer opened it */
	CONN_RELEASED = 1 << 1, /* the application has let go */
	CONN_OPENED =
	    1 << 2, /* the application knows it: we opened it, or TCP_EVENT_OPEN was raised */
	CONN_SHUTDOWN = 1 << 3,        /* FIN follows what is queued */
	CONN_FIN_SENT = 1 << 4,        /* snd_nxt is behind the FIN */
	CONN_FIN_KNOWN = 1 << 5,       /* the peer's FIN has sequence number fin_seq */
	CONN_EOF = 1 << 6,             /* rcv_nxt is behind the peer's FIN */
	CONN_TIMESTAMPS = 1 << 7,      /* negotiated, RFC 7323 */
	CONN_SACK = 1 << 8,            /* negotiated, RFC 2018 */
	CONN_ACK_NOW = 1 << 9,         /* at the next output */
	CONN_SYN_DUE = 1 << 10,        /* SYN or SYN,ACK at the next output */
	CONN_RESEND_DUE = 1 << 11,     /* one retransmission whatever cwnd says */
	CONN_PROBE_DUE = 1 << 12,      /* tail loss probe at the next output */
	CONN_PERSIST_DUE = 1 << 13,    /* zero window probe at the next output */
	CONN_CWND_LIMITED = 1 << 14,   /* up to cwnd_limited_seq */
	CONN_REORDERING = 1 << 15,     /* RACK.reordering_seen */
	CONN_RACK = 1 << 16,           /* rack_* are valid */
	CONN_TLP = 1 << 17,            /* a probe is out, up to tlp_end (TLP.end_seq) */
	CONN_TLP_RETRANSMIT = 1 << 18, /* TLP.is_retrans */
	CONN_DSACK = 1 << 19,          /* dsack is to be reported, RFC 2883 */
	CONN_SYN_RETRANSMITTED = 1 << 20,
	CONN_PROBE_OUT = 1 << 21,    /* all that is out is a zero window probe */
	CONN_SCALE = 1 << 22,        /* negotiated, RFC 7323 */
	CONN_CLOSE_UNTOLD = 1 << 23, /* TCP_EVENT_CLOSED waits until everything received is read */
	CONN_PROBE_BACK = 1 << 24,   /* the next segment begins with what was a probe before */
	CONN_RESET_VAGUE = 1 << 25,  /* the RST that ended it does not say what the peer had got */
	CONN_SOFT_ERROR = 1 << 27, /* ICMP said that the peer can't be reached now (RFC 5461 3.2) */
	CONN_FAST_OPEN_COOKIE = 1 << 29, /* the SYN,ACK gives one (RFC 7413) */
	CONN_FAST_OPEN =
	    1 << 30,        /* the SYN's text was taken, the handshake is not complete (RFC 7413) */
	CONN_ECN = 1 << 28, /* negotiated, RFC 3168 */
	CONN_ECN_ECHO = 1u << 31,      /* segments carry ECE until CWR comes */
	CONN_KEEP_ALIVE_DUE = 1 << 26, /* the next ACK asks for an answer */
};

/* What bounds our segments (path_mtu.c). */
enum tcp_path_state {
	PATH_FULL,      /* what both ends allow */
	PATH_FOUND,     /* what the path was found to carry; more is tried from path_due_s on */
	PATH_SEARCHING, /* the same, and more is tried as soon as something is to be sent */
	PATH_PROBING,   /* that is under way, from the flight's path_start to path_end */
};

struct tcp_cc_cubic {        /* RFC 9438 4.1 */
	uint32_t w_max;      /* bytes; 0: no loss yet, or a timeout since */
	uint32_t w_est;      /* bytes: what Reno would have */
	uint32_t cwnd_prior; /* bytes: cwnd before it was reduced */
	uint32_t k_ms;       /* K */
	uint64_t
	    epoch_us; /* start of the epoch, moved by the times that do not count; 0: none yet */
	uint64_t counted_us; /* up to here time has counted or not */
};

/* What a recovery that was not needed is taken back by (undo.c). */
struct tcp_undo {
	uint32_t cwnd, ssthresh; /* as they were before it; cwnd 0: there is nothing to take back */
	uint32_t end;            /* snd_nxt when it ended: of no use once this is acknowledged */
	uint32_t bytes;          /* sent again in it and not reported as duplicates */
	uint32_t ts;             /* TSval of the first retransmission, once `again` */
	bool again;              /* a retransmission has been made in it */
	uint8_t frto;            /* enum tcp_frto */
	struct tcp_cc_cubic cubic; /* as it was */
};

enum tcp_frto { FRTO_OFF, FRTO_FIRST, FRTO_NEW_DATA }; /* RFC 5682 2.1 and 3.1: steps 2 and 3 */

/*
 * What a connection needs only while something is under way: sent and not acknowledged, or received
 * behind a hole. Apart from struct tcp_conn, so that an idle connection need not carry it: see
 * flight.c.
 */
struct tcp_flight {
	uint32_t conn; /* whose it is; TCP_NONE: the one that says "nothing" */

	/* ---- what is out ---- */
	uint32_t pipe; /* bytes in flight: sent, neither acknowledged, sacked nor lost (RFC 6675) */
	uint32_t lost; /* bytes in records that are lost */
	uint32_t sacked; /* bytes in records that are sacked */
	uint32_t sacked_segments;
	uint32_t dup_acks;                 /* only without SACK (RFC 5681 3.2) */
	uint32_t sent_count;               /* records */
	uint32_t sent_first, sent_last;    /* records by sequence, POOL_NONE: none */
	uint32_t sent_oldest, sent_newest; /* records in flight, by time */
	uint32_t lost_first; /* no lost record comes before this one; POOL_NONE: none is lost */
	uint32_t sack_hint;  /* the record that was sacked last; POOL_NONE */
	struct bufq_cursor send_at, resend_at; /* places in the connection's queue */
	uint64_t probe_due_us, reorder_due_us; /* see struct tcp_conn's rto_due_us */

	/* ---- recovery and congestion ---- */
	uint64_t rack_sent_us; /* RACK.xmit_ts */
	uint32_t rack_end;     /* RACK.end_seq */
	uint32_t rack_rtt_us;  /* RACK.rtt */
	uint32_t
	    rack_fack; /* RACK.fack: the highest sequence number that the peer is known to have */
	uint32_t rack_round; /* RACK.dsack_round: snd_nxt when the window was last widened */
	uint32_t tlp_end;    /* TLP.end_seq */
	uint32_t path_start, path_end; /* of the probe, while PATH_PROBING */
	uint32_t small_end;            /* behind the last small segment that was sent (nagle.c) */
	uint64_t pace_us;              /* no segment before it (pacing.c) */
	bool cwr_due;                  /* the next new text carries CWR (RFC 3168) */
	uint32_t reduced_end;          /* snd_nxt when cwnd was reduced last */
	uint32_t recover; /* RecoveryPoint (RFC 6675): recovery ends when this is acknowledged */
	uint64_t
	    reduced_us; /* when cwnd was reduced last: what was sent before it tells nothing new */
	uint32_t
	    lost_end; /* behind the last byte that was found lost, if that is not acknowledged */
	uint32_t cwnd_limited_seq; /* what was sent before this was held back by cwnd (RFC 7661 in
				      spirit) */
	uint32_t cwnd_acked;       /* bytes acknowledged towards the next growth (RFC 3465) */
	uint32_t prr_delivered, prr_out,
	    prr_flight; /* bytes: prr_delivered, prr_out, RecoverFS (RFC 6937) */
	union {
		struct tcp_cc_cubic cubic;
	};
	struct tcp_undo undo;

	/* ---- received behind a hole ---- */
	struct rte_mbuf *islands;     /* out of order, by sequence number; NULL: none */
	struct rte_mbuf *island_last; /* the island with the highest sequence number */
	uint32_t reassembly_bytes, reassembly_bufs;
	uint32_t islands_count;
	struct tcp_range sack[TCP_SACK_BLOCKS]; /* blocks to report, most recent first (RFC 2018 4);
						   start == end: unused */
	struct tcp_range dsack;                 /* RFC 2883 */
};

struct tcp_conn {
	/* ---- lookup ---- */
	struct endpoint local, remote;
	uint32_t hash;      /* of the two */
	uint32_t hash_next; /* connection in the same bucket */

	/* ---- both directions ---- */
	uint32_t id;
	uint32_t flags;               /* enum tcp_conn_flag */
	struct tcp_flight *flight;    /* its own; by address, as mbufs are */
	uint8_t state;                /* enum tcp_state */
	uint8_t events;               /* bits of enum tcp_event not fetched yet */
	uint8_t recovery;             /* enum tcp_recovery */
	uint8_t retransmit_kind;      /* enum tcp_retransmit_kind */
	uint8_t snd_scale, rcv_scale; /* Snd.Wind.Shift, Rcv.Wind.Shift (RFC 7323 2.2) */
	uint8_t cc;                   /* enum tcp_cc */
	uint8_t profile;              /* index into struct tcp's profiles */
	uint8_t retries;              /* retransmissions in a row without an acknowledgement */
	uint8_t rack_multiplier;      /* RACK.reo_wnd_mult: quarters of min_rtt */
	uint8_t rack_persist; /* RACK.reo_wnd_persist: recoveries until it falls back to 1 */
	uint8_t path;         /* enum tcp_path_state */
	uint16_t mss;         /* largest payload of a segment, options taken off (SMSS, RFC 6691) */
	uint16_t rcv_mss;     /* largest payload seen (estimate of RMSS) */
	uint32_t ts_offset;   /* added to the millisecond clock: our TSval */
	uint32_t ts_recent;   /* TS.Recent, RFC 7323 4.3 */

	/* ---- receiving ---- */
	uint32_t rcv_nxt;
	uint32_t rcv_adv; /* right edge of the offered window, RCV.NXT + RCV.WND; never goes back */
	uint32_t rcv_acked; /* Last.ACK.sent */
	uint32_t rcv_limit; /* bytes: the window is this minus what the application has not taken */
	struct bufq received; /* in order, not taken yet */

	/* ---- sending ---- */
	uint32_t snd_una, snd_nxt;
	uint32_t push_end; /* the application has pushed what comes before it */
	uint32_t
	    rcv_push; /* of what is received: behind the last byte in order that came with PSH */
	uint32_t snd_wnd; /* bytes */
	uint32_t snd_wl1, snd_wl2;
	uint32_t snd_wnd_max;    /* Max(SND.WND), bytes */
	uint32_t cwnd, ssthresh; /* bytes */
	struct bufq queue;       /* starts at snd_una (behind the SYN): sent and unsent */

	/* ---- timers ---- */
	uint64_t due_us[TIMER_COUNT]; /* absolute, TCP_NEVER: off */
	/*
	 * The retransmission timeout or the next window probe; with two of the flight what TIMER_RETRANSMIT is
	 * the earliest of; TCP_NEVER: off.
	 */
	uint64_t rto_due_us;
	struct wheel_node timer; /* no later than the earliest of due_us */
	struct tcp_link link[LIST_COUNT];
	uint32_t user;

	/* ---- round trips and congestion ---- */
	uint32_t srtt_us, rttvar_us, rto_us; /* RFC 6298; srtt_us 0: no sample yet */
	uint32_t
	    min_rtt_us[2]; /* of this and of the last period (RFC 8985 6.2); UINT32_MAX: none */
	uint64_t min_rtt_since_us; /* start of this period */

	/* ---- cold ---- */
	uint64_t opened_us, received_us,
	    sent_us;       /* made; last segment from the peer; last payload sent */
	uint64_t queue_us; /* a byte was acknowledged, or was the first in the empty queue */
	uint64_t bytes_in, bytes_out;
	uint32_t iss, irs;
	uint64_t ts_recent_us; /* when ts_recent was set */
	uint64_t tune_us;      /* start of the interval in which tune_bytes were read */
	uint32_t tune_bytes;
	uint32_t retransmits;
	uint64_t challenge_us; /* start of the second in which challenges were sent */
	uint8_t challenges;
	uint8_t keep_alives;  /* probes since the last segment from the peer */
	uint8_t close_reason; /* enum tcp_close_reason */
	bool path_try_high;   /* the next probe of the path has mss_high, not half of the way */
	uint16_t mss_option;  /* what the peer sent, or the default */
	uint16_t mss_high; /* PATH_SEARCHING, PATH_PROBING: the largest one not known to be lost */
	uint32_t fin_seq;  /* sequence number of the peer's FIN */
	uint32_t path_due_s; /* PATH_FOUND: when more is tried, seconds */
};

/* A segment without a connection, RFC 9293 3.10.7.1. */
struct tcp_reset {
	struct endpoint local, remote;
	uint32_t seq, ack;
	uint32_t ts_offset, ts_echo; /* as a connection's, if has_ts */
	uint8_t flags;
	bool has_ts;
};

/* A SYN,ACK that stands for no connection: its sequence number and timestamp are all that is kept (RFC 4987 3.6). */
struct tcp_cookie {
	struct endpoint local, remote;
	uint32_t seq, ack;
	uint32_t ts_value, ts_echo;
	uint16_t window; /* not scaled */
	uint8_t has;     /* bits of enum tcp_opt_bit: what is offered */
	uint16_t mss;    /* that is offered */
	uint8_t scale;
	uint8_t ecn; /* SEG_ECE: ECN is agreed to */
};

/* What the path to an address was found to carry. */
struct tcp_path {
	struct addr remote;
	uint32_t due_s;     /* more is tried from then on, seconds */
	uint32_t used_s;    /* found, or the beginning of a connection */
	uint16_t mtu_bytes; /* 0: a free place */
	bool told;          /* by a router; otherwise by what was lost */
};

struct tcp {
	struct tcp_settings settings;
	const struct tcp_host *host;
	struct rte_mempool *mbufs;
	struct stats_worker *stats;
	struct siphash_key table_key, isn_key, port_key, ts_key, cookie_key, challenge_key,
	    fast_open_key, path_key;
	struct pool conns;      /* struct tcp_conn */
	struct pool flights;    /* struct tcp_flight */
	struct tcp_flight idle; /* of all connections that have none: never changes */
	uint32_t flight_hand;   /* where the search for an idle one goes on */
	struct pool sent;       /* struct tcp_sent */
	struct wheel wheel;
	uint32_t *buckets; /* first connection of each hash value, TCP_NONE: none */
	uint32_t bucket_mask;
	uint32_t half_open; /* connections in SYN-RECEIVED that the peer opens */
	struct tcp_list lists[LIST_COUNT];
	unsigned pressure_percent;
	uint32_t
	    keep_left; /* mbufs of text that may be kept until the pressure is measured again */
	uint32_t port_counter; /* RFC 6056 3.3.3 */
	struct tcp_profile profiles[TCP_PROFILES];
	uint32_t profile_users[TCP_PROFILES];       /* connections */
	struct tcp_reset resets[TCP_RESETS_QUEUED]; /* a ring */
	uint32_t reset_head, reset_count;
	uint64_t reset_us; /* start of the second in which resets_in_second were queued */
	uint32_t resets_in_second;
	struct tcp_cookie cookies[TCP_COOKIES_QUEUED]; /* a ring */
	uint32_t cookie_head, cookie_count;
	uint64_t cookies_until_us; /* an ACK may carry a cookie that early; 0: none was ever sent */
	uint32_t fast_open_pending;                     /* connections with CONN_FAST_OPEN */
	uint32_t fast_open_resets[TCP_FAST_OPEN_SLOTS]; /* such that were reset, by time: a ring */
	uint64_t fast_open_slot;                        /* the newest one */
	struct tcp_path paths[TCP_PATHS];               /* sets of TCP_PATH_WAYS */
	uint32_t paths_used, paths_used_max;
	bool syn_flood;            /* many connections are half open, see tcp_cookie_flood */
	uint64_t challenge_second; /* to which challenges_left belong */
	uint32_t challenges_left;  /* of all connections together */
};

static inline bool
seq_lt(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline bool
seq_leq(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) <= 0;
}

static inline bool
seq_gt(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

static inline bool
seq_geq(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) >= 0;
}

static inline uint32_t
min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static inline uint32_t
max_u32(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static inline struct tcp_conn *
conn_at(const struct tcp *tcp, uint32_t id)
{
	return pool_at(&tcp->conns, id);
}

static inline bool
conn_has_flight(const struct tcp *tcp, const struct tcp_conn *c)
{
	return c->flight != &tcp->idle;
}

static inline const struct tcp_profile *
conn_profile(const struct tcp *tcp, const struct tcp_conn *c)
{
	return &tcp->profiles[c->profile];
}

static inline struct tcp_sent *
sent_at(const struct tcp *tcp, uint32_t index)
{
	return pool_at(&tcp->sent, index);
}

/*
 * The peer's and our own FIN have been exchanged and ours is acknowledged, or nothing is
 * outstanding.
 */
static inline bool
conn_fin_acked(const struct tcp_conn *c)
{
	return (c->flags & CONN_FIN_SENT) && c->snd_una == c->snd_nxt;
}

/*
 * Of a segment without payload. What lies beyond the peer's window, a probe or what the peer has
 * taken back its offer for, does not count: it would refuse the segment.
 */
static inline uint32_t
conn_bare_seq(const struct tcp_conn *c)
{
	uint32_t edge = c->snd_una + c->snd_wnd;

	return c->state >= TCP_ESTABLISHED && seq_lt(edge, c->snd_nxt) ? edge : c->snd_nxt;
}

/* Bytes in the send queue that were never sent. */
static inline uint32_t
conn_unsent(const struct tcp_conn *c)
{
	uint32_t sent = c->snd_nxt - c->snd_una;

	if (c->state == TCP_SYN_SENT || c->state == TCP_SYN_RECEIVED)
		return c->queue.bytes;
	return c->queue.bytes - (sent - ((c->flags & CONN_FIN_SENT) && sent ? 1 : 0));
}

/* ---- conn.c: birth and death of a connection ---- */
/*
 * A connection in state CLOSED, in the table, without buffers; NULL if the pool is empty. TCP owns
 * it.
 */
struct tcp_conn *tcp_conn_new(struct tcp *tcp, const struct endpoint *local,
			      const struct endpoint *remote, uint32_t profile, uint64_t now_us);
/* The same; when the pool is empty, in place of one in TIME-WAIT or one that the host can spare. */
struct tcp_conn *tcp_conn_make(struct tcp *tcp, const struct endpoint *local,
			       const struct endpoint *remote, uint32_t profile, uint64_t now_us);
/* What a peer that offers no MSS can take. */
uint16_t tcp_mss_default(const struct addr *remote);
/* The same for one that we offer, or send: by the port and the connection's profile. */
uint16_t tcp_mss_own(const struct tcp *tcp, uint32_t profile, const struct addr *remote);
/* Largest payload that both ends allow, options taken off. */
uint16_t tcp_conn_mss_max(const struct tcp *tcp, const struct tcp_conn *c);
/* What both sides agreed on is known (their SYN has come): scales, MSS, first windows. */
void tcp_conn_negotiated(struct tcp *tcp, struct tcp_conn *c, const struct tcp_options *opt);
/*
 * Our SYN was acknowledged: ESTABLISHED (or FIN-WAIT-1 if the application was quick),
 * TCP_EVENT_OPEN.
 */
void tcp_conn_established(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
/*
 * The end, whatever the state: CLOSED, nothing to be sent any more. Frees the connection unless the
 * application still has it; then what a RST left unacknowledged stays for tcp_take_unacked.
 */
void tcp_conn_close(struct tcp *tcp, struct tcp_conn *c, enum tcp_close_reason reason);
/*
 * Both sides have finished: TCP_EVENT_CLOSED, but not before the application has read
 * everything.
 */
void tcp_conn_finished(struct tcp *tcp, struct tcp_conn *c);
/* Takes it out of everything and gives the object back. */
void tcp_conn_free(struct tcp *tcp, struct tcp_conn *c);
/* Adds an event for the application, if there is one. */
void tcp_conn_event(struct tcp *tcp, struct tcp_conn *c, unsigned event);

/* ---- flight.c ---- */
void tcp_flight_clear(struct tcp_flight *flight);
/* Makes sure that c has a flight of its own; false: there is none left. */
bool tcp_flight_take(struct tcp *tcp, struct tcp_conn *c);
/* The same; if need be another connection loses what it has received behind a hole. */
bool tcp_flight_take_to_send(struct tcp *tcp, struct tcp_conn *c);
void tcp_flight_release(struct tcp *tcp, struct tcp_conn *c);

/* ---- list.c ---- */
void tcp_list_init(struct tcp *tcp);
void tcp_list_add(struct tcp *tcp, enum tcp_list_name name,
		  struct tcp_conn *c); /* at the end; harmless if it is on it */
void tcp_list_remove(struct tcp *tcp, enum tcp_list_name name, struct tcp_conn *c);
bool tcp_list_has(const struct tcp_conn *c, enum tcp_list_name name);

/* ---- table.c ---- */
uint32_t
tcp_table_hash(const struct tcp *tcp, const struct endpoint *local, const struct endpoint *remote);
struct tcp_conn *
tcp_table_find(const struct tcp *tcp, const struct endpoint *local, const struct endpoint *remote);
/* The same with the hash at hand. */
struct tcp_conn *tcp_table_find_hashed(const struct tcp *tcp, uint32_t hash,
				       const struct endpoint *local, const struct endpoint *remote);
void tcp_table_add(struct tcp *tcp, struct tcp_conn *c);
void tcp_table_remove(struct tcp *tcp, struct tcp_conn *c);

/* ---- isn.c ---- */
#define TCP_ISN_TICK_US 4u
uint32_t tcp_isn(const struct tcp *tcp, const struct endpoint *local, const struct endpoint *remote,
		 uint64_t now_us);
uint32_t
tcp_ts_offset(const struct tcp *tcp, const struct endpoint *local, const struct endpoint *remote);

/* The connection's own clock, milliseconds (RFC 7323 5.4). */
static inline uint32_t
conn_ts_now(const struct tcp_conn *c, uint64_t now_us)
{
	return (uint32_t)(now_us / 1000) + c->ts_offset;
}

/* ---- port_choice.c ---- */
/* A free local port, RFC 6056; may end a connection in TIME-WAIT. 0: none found. */
uint16_t tcp_port_choose(struct tcp *tcp, const struct addr *local, const struct endpoint *remote,
			 uint64_t now_us);

/* ---- opt.c ---- */
/* False if the options are malformed. Borrows. */
bool tcp_opt_parse(const uint8_t *at, uint32_t len, struct tcp_options *opt);
/* Writes options, padded to four bytes; answers their length. out has TCP_OPTIONS_MAX bytes. */
uint32_t
tcp_opt_write_syn(const struct tcp *tcp, const struct tcp_conn *c, uint64_t now_us, uint8_t *out);
/* The options of any SYN: MSS, scale, SACK permitted and timestamps, as far as offer has them. */
uint32_t tcp_opt_write_offer(const struct tcp_options *offer, uint8_t *out);
uint32_t tcp_opt_write(struct tcp_conn *c, uint64_t now_us, uint32_t room, uint8_t *out);
/* Timestamps with their padding, TCP_TS_BYTES; answers the place behind them. */
uint8_t *tcp_opt_write_timestamps(uint8_t *at, uint32_t value, uint32_t echo);

/* ---- listen.c: RFC 9293 3.10.7.1 and 3.10.7.2 ---- */
/*
 * The connection in SYN-RECEIVED with which seg goes on: an ACK that has brought it back by a cookie, or what
 * follows a SYN of Fast Open (seg->fast_open). NULL: it goes no further, seg->reason says why.
 */
struct tcp_conn *
tcp_listen_input(struct tcp *tcp, struct tcp_segment *seg, const struct endpoint *local,
		 const struct endpoint *remote, uint64_t now_us);
/* A connection in SYN-RECEIVED for the SYN at irs with opt; NULL: there is no room for one. */
struct tcp_conn *
tcp_listen_conn(struct tcp *tcp, const struct endpoint *local, const struct endpoint *remote,
		uint32_t irs, const struct tcp_options *opt, uint64_t now_us);
uint32_t tcp_listen_profile(const struct tcp *tcp, const struct endpoint *local);

/* ---- syncookie.c: RFC 4987 3.6 ---- */
/* So many connections are half open that strangers get no more of them. */
bool tcp_cookie_flood(struct tcp *tcp);
/* Whether SYNs are to be answered by cookies: a flood, or a connection would cost somebody else his. */
bool tcp_cookie_wanted(struct tcp *tcp);
/* Answers a SYN by a cookie. */
enum drop_reason
tcp_cookie_answer(struct tcp *tcp, const struct tcp_segment *seg, const struct endpoint *local,
		  const struct endpoint *remote, uint64_t now_us);
/* Whether a cookie may be out. */
static inline bool
tcp_cookie_is_out(const struct tcp *tcp, uint64_t now_us)
{
	return now_us < tcp->cookies_until_us;
}
/* The connection for which seg, an ACK, returns the cookie; NULL and seg->reason: there is none. */
struct tcp_conn *
tcp_cookie_accept(struct tcp *tcp, struct tcp_segment *seg, const struct endpoint *local,
		  const struct endpoint *remote, uint64_t now_us);
/* Makes up to n of the queued SYN,ACKs. Gives. */
uint16_t tcp_cookie_output(struct tcp *tcp, struct rte_mbuf **burst, uint16_t n);

/* ---- fastopen.c: RFC 7413 ---- */
/*
 * A SYN with the option has opened c. True: its text is to be taken, the application knows of the
 * connection.
 */
bool tcp_fast_open_syn(struct tcp *tcp, struct tcp_conn *c, const struct tcp_segment *seg,
		       uint64_t now_us);
/* The handshake of c is over; reset: by the peer's RST. Harmless if there was no text with the SYN. */
void tcp_fast_open_end(struct tcp *tcp, struct tcp_conn *c, bool reset);
uint64_t tcp_fast_open_cookie(const struct tcp *tcp, const struct addr *remote, uint64_t now_us);

/* ---- ack.c: RFC 9293 3.10.7.4, fifth ---- */
/*
 * False: seg->reason says why the segment is to be dropped. The connection may have more room in
 * its window afterwards.
 */
bool tcp_ack_input(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg, uint64_t now_us);

/* What an acknowledgement brought. */
struct tcp_delivery {
	uint64_t now_us;
	uint64_t oldest_us,
	    newest_us; /* sending times among the newly delivered that were sent once; 0: none */
	uint32_t acked, sacked; /* bytes: newly acknowledged; newly sacked */
	uint32_t ts_echo;
	uint32_t una_before;        /* snd_una before it */
	uint32_t fack_before;       /* rack_fack before it */
	uint32_t sacked_before;     /* flight's sacked before it */
	uint32_t looks;             /* at records, for blocks of SACK */
	struct tcp_range duplicate; /* if dsack: what the peer got twice */
	bool has_ts, has_sack, dsack;
	bool reduced;  /* its ECE has reduced cwnd, which then does not grow by it */
	bool original; /* before recover something has arrived that was sent only once */
};

/* ---- sent.c: records of what is out ---- */
/*
 * False if there is no record left, or the connection has as many as there are left for all
 * others.
 */
bool tcp_sent_add(struct tcp *tcp, struct tcp_conn *c, uint32_t start, uint32_t end, uint8_t flags,
		  uint64_t now_us);
void tcp_sent_again(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s, uint64_t now_us);
/* Neighbours that are sacked become one record: answers it. */
struct tcp_sent *tcp_sent_sacked(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s);
void tcp_sent_lost(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s);
/* The peer may have thrown away what it had sacked (RFC 2018 8): forgets it all. */
void tcp_sent_forget_sacks(struct tcp *tcp, struct tcp_conn *c);
/* What was taken for lost and not sent again is in flight again. */
void tcp_sent_forget_losses(struct tcp *tcp, struct tcp_conn *c);
/* Frees the first record, or cuts off what comes before `to`. */
void tcp_sent_drop_first(struct tcp *tcp, struct tcp_conn *c);
/* Takes back the record that was just added: its segment could not be made. */
void tcp_sent_drop_last(struct tcp *tcp, struct tcp_conn *c);
void tcp_sent_cut_first(struct tcp *tcp, struct tcp_conn *c, uint32_t to);
/* Makes the first len bytes a record of their own; false if there is no record left. */
bool tcp_sent_split(struct tcp *tcp, struct tcp_conn *c, struct tcp_sent *s, uint32_t len);
void tcp_sent_clear(struct tcp *tcp, struct tcp_conn *c);
/* Whether anything that is out was sent more than once. */
bool tcp_sent_any_again(const struct tcp *tcp, const struct tcp_conn *c);
/* The first lost record or NULL. */
struct tcp_sent *tcp_sent_next_lost(struct tcp *tcp, struct tcp_conn *c);

/* ---- path_mtu.c: RFC 1191, 8201, 4821 ---- */
/* What segments of mss bytes are on the way, as IP packets. */
uint32_t tcp_path_mtu(const struct tcp_conn *c, uint32_t mss);
/* c->mss was agreed upon: the path may be known to carry less. */
void tcp_path_start(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
/*
 * A router says that the segment that holds sequence (from snd_una to snd_nxt) is too big for a path of mtu_bytes; 0: an old
 * one, that does not say. DROP_none, or why that is not believed.
 */
enum drop_reason tcp_path_too_big(struct tcp *tcp, struct tcp_conn *c, uint32_t sequence,
				  uint32_t mtu_bytes, uint64_t now_us);
/* Segments may be larger than the port that they go out by carries by now. */
void tcp_path_port_shrunk(struct tcp *tcp, struct tcp_conn *c);
/* A retransmission timeout, counted in retries, before anything is marked for it. */
void tcp_path_timeout(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
/* Unless PATH_FULL: bytes of new text that are to be sent as a probe of the path now; 0: none. */
uint32_t tcp_path_probe_due(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
/* It was sent, up to snd_nxt. */
void tcp_path_probe_sent(struct tcp *tcp, struct tcp_conn *c, uint32_t len);
/* While PATH_PROBING: snd_una has advanced. */
void tcp_path_acked(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
/* While PATH_PROBING: s is lost, or is sent again. True: it is the probe, whose loss is no congestion. */
bool
tcp_path_probe_lost(struct tcp *tcp, struct tcp_conn *c, const struct tcp_sent *s, uint64_t now_us);

/* ---- sack.c ---- */
/* Sender: marks what the blocks cover. */
void tcp_sack_input(struct tcp *tcp, struct tcp_conn *c, const struct tcp_segment *seg,
		    struct tcp_delivery *d);
/*
 * Receiver: data came out of order, the island around it is range; rcv_nxt has moved; a duplicate
 * came.
 */
void tcp_sack_received(struct tcp_conn *c, struct tcp_range range);
void tcp_sack_advanced(struct tcp_conn *c);
void tcp_sack_duplicate(struct tcp *tcp, struct tcp_conn *c, uint32_t start, uint32_t end);

/* ---- loss.c: RFC 8985, 6675, 6582 ---- */
/* A record was newly acknowledged or sacked. */
void tcp_loss_delivered(struct tcp_conn *c, const struct tcp_sent *s, struct tcp_delivery *d);
/* After an acknowledgement was taken in: finds losses, enters and leaves recovery. */
void
tcp_loss_ack(struct tcp *tcp, struct tcp_conn *c, const struct tcp_delivery *d, bool duplicate);
void tcp_loss_reorder_timeout(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
void tcp_loss_rto(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
/* Nothing is lost any more, and whatever was waits to be found again. */
void tcp_loss_stop_recovery(struct tcp_conn *c);
/* Bytes that cwnd is compared with. */
uint32_t tcp_loss_pipe(const struct tcp_conn *c);

/* ---- ecn.c: RFC 3168 ---- */
/* Whether a SYN asks for ECN, and the profile wants it. */
bool tcp_ecn_is_wanted(const struct tcp_profile *profile, const struct tcp_segment *syn);
uint8_t tcp_ecn_syn_flags(const struct tcp *tcp, const struct tcp_conn *c);
void tcp_ecn_negotiate(const struct tcp *tcp, struct tcp_conn *c, const struct tcp_segment *seg);
void tcp_ecn_received(struct tcp *tcp, struct tcp_conn *c, const struct tcp_segment *seg);
/* True: it has reduced cwnd. */
bool tcp_ecn_acknowledged(struct tcp *tcp, struct tcp_conn *c, const struct tcp_segment *seg,
			  const struct tcp_delivery *d);
void tcp_ecn_reduced(struct tcp_conn *c);
void tcp_ecn_sent(struct tcp_conn *c, struct rte_mbuf *m);

/* What each segment carries of it. */
static inline uint8_t
conn_ecn_echo(const struct tcp_conn *c)
{
	return c->flags & CONN_ECN_ECHO ? SEG_ECE : 0;
}

/* ---- nagle.c: RFC 9293 3.7.4 ---- */
/* Whether the next len bytes are to wait. */
bool tcp_nagle_holds(const struct tcp *tcp, const struct tcp_conn *c, uint32_t len);
void tcp_nagle_sent(struct tcp_conn *c, uint32_t len, uint32_t end);
void tcp_nagle_relayed(struct tcp *tcp, const struct tcp_conn *from, uint32_t len, uint32_t to_id);

/* ---- pacing.c ---- */
/* Whether a segment may go out now; if not, the connection gets a turn when it may. */
bool tcp_pacing_allows(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
void tcp_pacing_sent(const struct tcp *tcp, struct tcp_conn *c, uint32_t len, uint64_t now_us);

/* ---- undo.c: recoveries that were not needed, RFC 3522, 4015, 5682 ---- */
/* A recovery begins that reduces cwnd; rto: by the timeout. */
void tcp_undo_begin(struct tcp_conn *c, bool rto);
/* Len bytes are sent again. */
void tcp_undo_sent_again(struct tcp_conn *c, uint32_t len, uint64_t now_us);
/* Recovery is over. */
void tcp_undo_end(struct tcp_conn *c);
/* Whatever shows up, it was needed: there was a mark (ecn.c). */
void tcp_undo_forget(struct tcp_conn *c);
/* If the acknowledgement shows that it was not needed, takes it back and answers true. */
bool tcp_undo_ack(struct tcp *tcp, struct tcp_conn *c, const struct tcp_delivery *d);
/* Whether new data goes before what the timeout took for lost (RFC 5682 2.1 step 2b). */
bool tcp_undo_wants_new(const struct tcp_conn *c);

/* ---- probe.c: tail loss probes, RFC 8985 7 ---- */
/* New data was sent or acknowledged: when a probe is due, if one is wanted. */
void tcp_probe_schedule(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
void tcp_probe_timeout(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
/* The probe was sent; retransmission: it was no new data. */
void tcp_probe_sent(struct tcp_conn *c, bool retransmission);
/*
 * What an acknowledgement says about the probe; true: it repaired a loss, to be answered like one
 * (7.4.2).
 */
bool tcp_probe_ack(struct tcp_conn *c, const struct tcp_delivery *d, bool duplicate);

/* ---- rtt.c: RFC 6298 ---- */
void tcp_rtt_init(const struct tcp *tcp, struct tcp_conn *c);
/* Takes a sample. */
void tcp_rtt_sample(const struct tcp *tcp, struct tcp_conn *c, uint32_t rtt_us,
		    uint32_t shortest_us, uint64_t now_us);
void tcp_rtt_backoff(const struct tcp *tcp, struct tcp_conn *c);
void tcp_rtt_restore(const struct tcp *tcp, struct tcp_conn *c);
/* The shortest round trip of late; UINT32_MAX: unknown. */
uint32_t tcp_rtt_min_us(const struct tcp_conn *c);

/* ---- cc.c, cc_*.c ---- */
struct tcp_cc_ops {
	const char *name;
	/* acked bytes of a flight that filled cwnd were acknowledged, outside of recovery. */
	void (*on_ack)(struct tcp_conn *c, uint32_t acked_bytes, uint64_t now_us);
	/*
	 * A loss, found by acknowledgements or by the timeout, while window_bytes of cwnd were in use: answers the new ssthresh.
	 */
	uint32_t (*on_loss)(struct tcp_conn *c, uint32_t window_bytes, bool timeout);
	/* An acknowledgement of a flight that did not fill cwnd. */
	void (*on_unused)(struct tcp_conn *c, uint64_t now_us);
};

extern const struct tcp_cc_ops tcp_cc_newreno, tcp_cc_cubic;
void tcp_cc_init(const struct tcp *tcp, struct tcp_conn *c);
void tcp_cc_ack(struct tcp_conn *c, const struct tcp_delivery *d);
/* Recovery begins, or a retransmission was lost in it; flight_bytes were out when that was found. */
void tcp_cc_enter(struct tcp_conn *c, uint32_t flight_bytes);
/* An acknowledgement in recovery (RFC 9937); safe: it advances, and no further loss was found. */
void tcp_cc_recovering(struct tcp_conn *c, uint32_t delivered_bytes, bool safe);
void tcp_cc_exit(struct tcp_conn *c); /* recovery is over */
void tcp_cc_rto(struct tcp_conn *c, bool first);
void tcp_cc_before_send(struct tcp_conn *c, uint64_t now_us); /* restart after idle time */
uint32_t tcp_cc_initial_window(const struct tcp_conn *c);

/* ---- delack.c ---- */
void
tcp_delack_data(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us); /* payload came in order */
void tcp_delack_now(struct tcp *tcp, struct tcp_conn *c);  /* an ACK at the next output */
void tcp_delack_sent(struct tcp *tcp, struct tcp_conn *c); /* a segment with ACK goes out */

/* ---- window.c ---- */
void tcp_window_init(struct tcp *tcp, struct tcp_conn *c);
/* The window of a connection's first segment, bytes. */
uint32_t tcp_window_first(uint32_t buffer_bytes);
/* What goes into the window field; may move the right edge. */
uint16_t tcp_window_offer(const struct tcp *tcp, struct tcp_conn *c);
/* The application took len bytes: grows the limit, and asks for an ACK if the window opens much. */
void tcp_window_read(struct tcp *tcp, struct tcp_conn *c, uint32_t len, uint64_t now_us);
uint8_t tcp_window_scale(uint32_t buffer_bytes);
uint32_t tcp_window_send_limit(const struct tcp *tcp, const struct tcp_conn *c);

/* ---- reassembly.c ---- */
/*
 * Keeps seg's payload, which lies behind a hole and inside the window; DROP_none: seg->m was
 * taken.
 */
enum drop_reason tcp_reassembly_add(struct tcp *tcp, struct tcp_conn *c, struct tcp_segment *seg);
/* Of seg, whose payload is all that seg->m has, what overlaps islands is taken from them; seg may become shorter. */
void tcp_reassembly_first_wins(struct tcp_conn *c, struct tcp_segment *seg);
/* Moves what has become in order to c->received, and rcv_nxt with it; answers the bytes. */
uint32_t tcp_reassembly_take(struct tcp_conn *c);
void tcp_reassembly_clear(struct tcp_conn *c);

/* ---- out.c, build.c, persist.c ---- */
void tcp_output_want(struct tcp *tcp, struct tcp_conn *c);
/* A segment without payload, ready for ip_output; NULL if there is no mbuf. Gives. */
struct rte_mbuf *tcp_build(struct tcp *tcp, struct tcp_conn *c, uint32_t seq, uint8_t flags,
			   uint32_t len, struct bufq_cursor *at, uint64_t now_us);
/* Text that follows, as a further segment of m, for a port that cuts it. False: there is no mbuf. */
bool tcp_build_more(struct tcp *tcp, struct tcp_conn *c, struct rte_mbuf *m, uint8_t flags,
		    uint32_t len, struct bufq_cursor *at);
struct rte_mbuf *tcp_build_syn(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
struct rte_mbuf *tcp_build_reset(struct tcp *tcp, const struct tcp_reset *r, uint64_t now_us);
struct rte_mbuf *tcp_build_cookie(struct tcp *tcp, const struct tcp_cookie *cookie);
/* Whether the peer's window, and nothing else, keeps us from sending what is queued. */
bool tcp_persist_blocked(const struct tcp_conn *c);
/* Bytes that the peer's window still allows. */
uint32_t tcp_persist_usable(const struct tcp_conn *c);
void tcp_persist_timeout(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
/* The window has opened, or the peer at least answers. */
void tcp_persist_answered(struct tcp *tcp, struct tcp_conn *c);

/* ---- timer.c ---- */
void tcp_timer_set(struct tcp *tcp, struct tcp_conn *c, enum tcp_timer timer, uint64_t due_us);
void tcp_timer_stop(struct tcp_conn *c, enum tcp_timer timer);
void tcp_timer_stop_all(struct tcp *tcp, struct tcp_conn *c);
/* The retransmission timeout starts anew (RFC 6298 5.3). */
void tcp_timer_restart_rto(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
/*
 * Arms TIMER_RETRANSMIT for whatever is first: reordering window, probe, timeout, persist; or stops
 * it.
 */
void tcp_timer_retransmit(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);

/* ---- keepalive.c: RFC 9293 3.8.3 and 3.8.4 ---- */
/* Starts TIMER_LIFE if the profile wants the connection watched and it is not due sooner. */
void tcp_keepalive_watch(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
/* TIMER_LIFE has fired: sends a probe, ends the connection, or goes on to the next deadline. */
void tcp_keepalive_timeout(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
/* When a released connection ends if the peer acknowledges nothing from now on. */
uint64_t tcp_keepalive_linger_us(const struct tcp *tcp, const struct tcp_conn *c, uint64_t now_us);

/* ---- time_wait.c ---- */
void tcp_time_wait_enter(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
void tcp_time_wait_restart(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
/* Whether a SYN may open a new connection in place of this one (RFC 9293 3.10.7.4, RFC 6191). */
bool tcp_time_wait_reusable(const struct tcp *tcp, const struct tcp_conn *c,
			    const struct tcp_segment *seg);
/* Frees the oldest one to make room; false if there is none. */
bool tcp_time_wait_recycle(struct tcp *tcp);

/* ---- reset.c ---- */
/* Answers seg with RST, unless it is one (RFC 9293 3.10.7.1); rate-limited. */
void tcp_reset_answer(struct tcp *tcp, const struct tcp_segment *seg, const struct endpoint *local,
		      const struct endpoint *remote, uint64_t now_us);
/* RST for a connection, without freeing it. */
void tcp_reset_conn(struct tcp *tcp, const struct tcp_conn *c);
/* An ACK that makes the peer prove itself (RFC 5961), rate-limited. */
void tcp_reset_challenge(struct tcp *tcp, struct tcp_conn *c, uint64_t now_us);
/* Makes up to n of the queued RSTs. Gives. */
uint16_t tcp_reset_output(struct tcp *tcp, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);

#endif
