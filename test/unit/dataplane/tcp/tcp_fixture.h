/*
 * One stack under test and a peer that is written by hand, so that a test reads as a conversation:
 *
 *	established();
 *	RX(.len = 1000);                the peer sends the next 1,000 bytes
 *	CU_ASSERT_EQUAL(RX(.seq = 1, .flags = RST), DROP_tcp_reset_inexact);
 *	TX(ACK, 1, 0, 1001);            the next segment that comes out: flags, seq, len, ack
 *	TX_NONE();
 *
 * Sequence numbers count from the initial ones as packetdrill's do: the SYN is 0, the first byte is
 * 1. Byte n of either direction has the value pattern(n), which tx and got check. tcp_check runs
 * after each step. Time stands still but for pass_us.
 */
#ifndef TEST_UNIT_DATAPLANE_TCP_TCP_FIXTURE_H
#define TEST_UNIT_DATAPLANE_TCP_TCP_FIXTURE_H

#include "dataplane/tcp/tcp_priv.h"
#include "test/unit/unit.h"

#define MS     1000ull
#define SECOND 1000000ull

enum { FIN = SEG_FIN, SYN = SEG_SYN, RST = SEG_RST, PSH = SEG_PSH, ACK = SEG_ACK, URG = SEG_URG };

#define NO_FLAGS    0x80 /* in a template, where 0 is ACK */
#define ZERO_WINDOW UINT32_MAX
#define ISS_PEER    0xfffff000u /* wraps soon */

/* A segment from or to the peer. In a template what is 0 is taken from `peer`. */
struct seg {
	uint32_t seq, ack; /* from the initial ones */
	uint32_t len;
	uint32_t window; /* as in the header */
	uint8_t flags;
	uint16_t mss; /* only seen, as are the next two */
	int scale;    /* -1: no option */
	bool sack_ok;
	bool has_ts;      /* seen */
	bool no_ts;       /* template: without timestamps although negotiated */
	uint32_t ts, ecr; /* timestamp value and echo */
	uint32_t sack_count;
	struct tcp_range sack[4]; /* from the initial numbers */
	uint8_t fast_open_len;    /* of the option, 0: none */
	uint64_t fast_open;       /* the cookie, if the option is 10 long */
	uint8_t options[40];      /* template: these instead of all others */
	uint32_t options_len;
	uint16_t port;       /* template: of the peer */
	uint16_t to_port;    /* template: of ours */
	bool bad_checksum;   /* template */
	bool junk;           /* template: other bytes than the pattern's */
	uint8_t data_offset; /* template: words */
	uint32_t cut;        /* template: bytes cut off the end of the segment */
	uint8_t ecn;         /* SEG_ECE and SEG_CWR, which are not in flags */
	uint8_t codepoint;   /* ECN field of the IP header */
};

struct peer {
	struct endpoint ours, theirs;
	uint32_t iss, irs; /* absolute: the peer's, ours */
	uint32_t snd, rcv; /* from the initial ones: what the peer sends next; has seen of ours */
	uint32_t window;   /* as in the header */
	uint16_t mss;      /* that it offers; 0: no option */
	int scale;         /* that it offers; -1: no option */
	bool sack, ts;     /* that it offers */
	uint32_t ts_now;   /* its timestamp clock; 0: milliseconds of now_us */
	uint32_t ts_seen;  /* what it echoes */
};

extern struct tcp *tcp;
extern struct tcp_settings settings; /* small ones; change them before start() */
extern struct stats_worker *stats;
extern uint64_t now_us;
extern struct peer peer;
extern uint32_t id; /* the connection */
extern bool listening;
extern uint16_t host_mss;
extern bool port_cuts; /* the port towards the peer cuts packets; tx can't see those */

/* A fresh stack at time 1,000 s with settings as they are, and a peer of mss 1000 with SACK. */
void start(void);
/* Default settings, and no more: for tests that change some before start(). */
void start_defaults(void);
/* Ends the stack: all mbufs must be back, and all of the pools' objects. */
void finish(void);
/* The same, but connections may still be there. */
void finish_open(void);

uint8_t pattern(uint32_t position);
enum drop_reason rx(struct seg s);
#define RX(...) rx((struct seg){ __VA_ARGS__ })
/* The next segment that goes out; flags 0: none. */
struct seg tx(void);
#define TX(flags_, seq_, len_, ack_)                                                               \
	do {                                                                                       \
		struct seg tx_ = tx();                                                             \
		CU_ASSERT_EQUAL(tx_.flags & ~SEG_PSH, (flags_) & ~SEG_PSH);                        \
		CU_ASSERT_EQUAL(tx_.seq, (seq_));                                                  \
		CU_ASSERT_EQUAL(tx_.len, (len_));                                                  \
		CU_ASSERT_EQUAL(tx_.ack, (ack_));                                                  \
	} while (0)
#define TX_NONE() CU_ASSERT_EQUAL(tx().flags, 0)
/* Takes all that goes out; how many segments. */
unsigned tx_all(void);

/* Lets time pass; timers run when they are due. What they want to send is not fetched. */
void pass_us(uint64_t us);
/* Fetches and ends the news: the events of connection id. */
unsigned events(void);
/* Queues the next len bytes of our pattern. */
void app_send(uint32_t len);
/* Takes all that was received, checks it; how much. */
uint32_t got(void);
enum tcp_state state(void);
struct tcp_conn *conn(void);
uint64_t counter(enum counter which);

/*
 * ---- states, by an accepted connection but for the first two; nothing waits to be sent or told
 * afterwards ----
 */
void syn_sent(void);
void connected(void);
void syn_received(void);
void established(void);
void fin_wait_1(void); /* our FIN is out */
void fin_wait_2(void);
void close_wait(void);
void closing(void);
void last_ack(void);
void time_wait(void);

/* Takes all mbufs but n away, and gives them back (pool_refill). */
void pool_leave(unsigned n);
void pool_refill(void);

#endif
