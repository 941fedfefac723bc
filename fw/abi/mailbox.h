/*
 * The mailbox: requests to the data plane over the Unix SEQPACKET socket dataplane.sock. One
 * request, one reply, plain structs; the control thread answers, asking workers where needed. Only
 * root can connect.
 */
#ifndef FW_ABI_MAILBOX_H
#define FW_ABI_MAILBOX_H

#include <stdint.h>

#include "fw/abi/conn_fields.h"
#include "fw/abi/limits.h"
#include "fw/abi/ping.h"
#include "fw/abi/tap.h"
#include "fw/base/addr.h"

#define MAILBOX_VERSION      6u
#define MAILBOX_TEXT_BYTES   256
#define MAILBOX_CONNS_BATCH  64u
#define MAILBOX_TAP_BYTES    24576u
#define MAILBOX_TAP_LEASE_MS 5000u

enum mailbox_kind {
	MAILBOX_ADOPT = 1,   /* adopt generation `number` from config/N */
	MAILBOX_CONNECTIONS, /* list connections of a worker from an index on */
	MAILBOX_CONNECTION,  /* all about one connection */
	MAILBOX_MEMBER,    /* set the administrative state of a member of the running generation */
	MAILBOX_TAP_START, /* begin a capture or trace in all workers; answered once it has begun */
	MAILBOX_TAP_READ, /* its records up to now; who does not read for MAILBOX_TAP_LEASE_MS loses it */
	MAILBOX_TAP_STOP, /* end it; what is in the ring may still be read */
	MAILBOX_NEIGHBOURS, /* list the neighbours that worker 0 knows, both families, from an index on */
	MAILBOX_ROUTES, /* connected prefixes and routes, a row a gateway, from an index on; worker 0 */
	MAILBOX_ADDRESSES, /* own addresses and their states, from an index on; worker 0 */
	MAILBOX_PING,      /* probe another host; answered when the probe is */
};

struct mailbox_request {
	uint32_t version; /* MAILBOX_VERSION */
	uint32_t kind;    /* enum mailbox_kind */
	uint64_t number;  /* ADOPT; PING: any that is not 0 and no other request under way has */
	uint32_t worker;  /* CONNECTIONS, CONNECTION; NEIGHBOURS, ROUTES, ADDRESSES: 0 */
	uint32_t from;    /* lists: first index, 0 or what `next` said; CONNECTION: its index */
	uint64_t owner;   /* MEMBER: gen_member.owner */
	uint32_t admin;   /* MEMBER: enum member_admin */
	uint32_t tap;     /* TAP_*: enum tap_kind */
	uint64_t session; /* TAP_READ, TAP_STOP: what TAP_START said */
	struct tap_plan plan;  /* TAP_START */
	struct ping_plan ping; /* PING */
};

enum mailbox_role { MAILBOX_ROLE_CLIENT, MAILBOX_ROLE_SERVER, MAILBOX_ROLE_MONITOR };

/* One TCP connection as it is now. */
struct mailbox_conn {
	uint32_t id;          /* index in the worker's pool */
	uint32_t peer_id;     /* the session's other connection, UINT32_MAX: none */
	uint32_t vs_slot;     /* stats slot of the virtual server, UINT32_MAX: none */
	uint32_t member_slot; /* of the member that it, or its session, goes to; UINT32_MAX: none */
	struct endpoint local, remote;
	uint8_t role; /* enum mailbox_role */
	uint8_t worker;
	char state[14]; /* TCP state, RFC 9293 names */
	uint64_t age_us, idle_us;
	uint64_t bytes_in, bytes_out;
	uint32_t rtt_us, cwnd_bytes, retransmits;
	uint32_t rx_queued_bytes, tx_queued_bytes;
	uint32_t pad;
};

/* All about one. */
struct mailbox_connection {
	struct mailbox_conn conn;
	uint64_t profile;     /* gen_tcp_profile.hash, 0: the default one */
	uint64_t fields_hash; /* conn_fields_hash(): another one means other fields */
	struct conn_fields fields;
};

#define MAILBOX_WORD_BYTES 12
#define MAILBOX_PORT_BYTES (LIMIT_PORT_NAME_BYTES + 1)

/* What is known of a neighbour. Texts are NUL-terminated. */
struct mailbox_neighbour {
	struct addr addr;
	char port[MAILBOX_PORT_BYTES];  /* the port or VLAN that it is on */
	char state[MAILBOX_WORD_BYTES]; /* of RFC 4861, in small letters; failed: did not answer */
	uint32_t waiting;               /* packets that wait for its answer */
	uint64_t age_us;                /* since it was heard of last; UINT64_MAX: never */
	uint64_t idle_us;               /* since worker 0 sent a packet to it; UINT64_MAX: never */
	uint8_t mac[6];
	uint8_t has_mac; /* 0: mac means nothing */
	uint8_t pad;
};

struct mailbox_route {
	struct addr to, via; /* via: the gateway; addr_any: none, it is connected */
	uint32_t prefix_len;
	char port[MAILBOX_PORT_BYTES];
	char kind[MAILBOX_WORD_BYTES];  /* connected, static */
	char state[MAILBOX_WORD_BYTES]; /* up, down; of a gateway that nobody has used: unknown */
	uint32_t pad;
};

struct mailbox_address {
	struct addr addr;
	uint32_t prefix_len;
	uint32_t port;                  /* index in the generation that runs */
	char state[MAILBOX_WORD_BYTES]; /* ready; or what keeps it from use */
	uint32_t pad;
};

struct mailbox_tap {
	uint64_t session; /* of TAP_START: names this capture or trace */
	uint64_t matched; /* frames that the filter let through so far */
	uint64_t lost;    /* of these, how many found the ring full */
	uint32_t bytes;   /* of records; 0: nothing now */
	uint32_t running; /* TAP_READ: 0: it was ended */
	uint8_t data[MAILBOX_TAP_BYTES] __attribute__((aligned(8)));
};

struct mailbox_reply {
	uint32_t version;
	uint32_t err;   /* enum err */
	uint32_t count; /* lists: entries in the kind's array, at most MAILBOX_CONNS_BATCH */
	uint32_t next;  /* lists: where to go on, UINT32_MAX: that was all of this worker */
	char text[MAILBOX_TEXT_BYTES]; /* why not; NUL-terminated */
	union {
		struct mailbox_conn conn[MAILBOX_CONNS_BATCH];           /* CONNECTIONS */
		struct mailbox_connection connection;                    /* CONNECTION */
		struct mailbox_neighbour neighbour[MAILBOX_CONNS_BATCH]; /* NEIGHBOURS */
		struct mailbox_route route[MAILBOX_CONNS_BATCH];         /* ROUTES */
		struct mailbox_address address[MAILBOX_CONNS_BATCH];     /* ADDRESSES */
		struct mailbox_tap tap;                                  /* TAP_* */
		struct ping_answer ping;                                 /* PING */
	};
};

#endif
