/*
 * The clients: so many connections to one virtual server, each with requests outstanding as the workload says, each
 * response looked at, each round trip in the histogram.
 */
#ifndef TEST_BENCH_GEN_CLIENT_H
#define TEST_BENCH_GEN_CLIENT_H

#include "fw/base/rng.h"
#include "test/bench/gen/histogram.h"
#include "test/bench/gen/hold.h"
#include "test/bench/gen/options.h"
#include "test/bench/gen/tcp.h"

#define CLIENT_HEAD_MAX   512u
#define CLIENT_GAPS       4096u
#define CLIENT_OVERDUE_NS 1000000000ull

struct client_counts {
	uint64_t requests;   /* responses that came whole and right */
	uint64_t body_bytes; /* of all responses */
	uint64_t status_errors, head_errors, length_errors, body_errors, short_bodies, unexpected;
	uint64_t resets; /* while an answer was awaited, or instead of one to a SYN */
	uint64_t gave_up;
};

/* What a connection is about to receive. */
struct client_session {
	uint32_t use;            /* the how manieth connection of this slot comes next */
	uint32_t body_bytes, at; /* of the response under way: its length, and where in it we are */
	uint16_t outstanding, next; /* requests; place of the next one's time */
	uint16_t held;
	bool in_body, good;  /* a response is under way; its head was as it should be */
	bool closes;         /* it said Connection: close */
	bool opened, served; /* this connection; it had a response */
	bool is_idle;        /* stands in the list of those */
};

enum client_phase { CLIENT_WAITS, CLIENT_RUNS, CLIENT_ENDED };

struct client {
	struct tcp tcp;
	const struct gen_options *options;
	enum client_phase phase;
	struct client_session *session;
	uint64_t *sent_ns; /* of each session's outstanding requests, a ring */
	uint32_t ring_mask;
	uint32_t *idle, idle_count;       /* open loop: connections without a request */
	uint32_t *to_open, to_open_count; /* slots without a connection */
	uint32_t opening, opening_max;
	uint32_t served; /* idle workload: connections that had their response */
	uint64_t now_ns, retry_ns;
	double due_ns; /* open loop: when the next request, or connection, is due; 0: not begun */
	struct hold hold;
	struct source request;
	uint32_t head_bytes, head_body_bytes; /* the response head that came last */
	bool head_closes;
	uint8_t head[CLIENT_HEAD_MAX];
	uint32_t looks; /* at bodies, so far */
	struct rng rng;
	double gap_ns[CLIENT_GAPS];
	struct client_counts counts;
	struct histogram latency;
};

void client_init(struct client *client, const struct tcp_setup *setup,
		 const struct gen_options *options);
/* The time of this turn, before anything is received. */
void client_clock(struct client *client, uint64_t now_ns);
/* What is due without a packet: connections to be opened, requests at their time. True if there was any. */
bool client_turn(struct client *client);
/* Resets all connections, and opens no other. False: not all yet, the port is to take something first. */
bool client_end(struct client *client);
/* How many requests, or connections, are due and not begun, in the open loop. */
uint64_t client_behind(const struct client *client);
/*
 * Connections with a request that has waited longer than CLIENT_OVERDUE_NS; and in the open loop one more if requests wait
 * so long to be begun. None where connections are offered at a rate: there to be late is what is looked for.
 */
uint32_t client_overdue(const struct client *client);

#endif
