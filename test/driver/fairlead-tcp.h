/*
 * libfairlead-tcp.so: the TCP of the appliance's data plane, alone, for test drivers from outside (packetdrill and its like,
 * testers by property, other TCPs). Version 1.
 *
 * A stack is a host with sockets but without a clock and without a network: datagrams go in and out by call, the time is an
 * argument. So each run is exactly repeatable: the same calls with the same seed give the same bytes.
 *
 *	struct fairlead_tcp *t;
 *	fairlead_tcp_new(NULL, now_us, &t);
 *	int s = fairlead_tcp_socket(t);
 *	fairlead_tcp_bind(t, s, &address);
 *	fairlead_tcp_listen(t, s, 16);
 *	for (;;) {
 *		fairlead_tcp_packet_in(t, datagram, len_bytes, now_us);     what came from the wire
 *		fairlead_tcp_advance(t, now_us);                            what is due
 *		while ((n = fairlead_tcp_packet_out(t, buf, sizeof buf, now_us)) > 0) ...
 *		... fairlead_tcp_accept, _read, _write ...                  nothing blocks
 *		wait until a datagram comes or fairlead_tcp_next_us(t)
 *	}
 *
 * Units: times are microseconds since any moment, the same for all calls of one stack, and do not go back (an earlier time is
 *   taken for the latest that was told). Ports are in host byte order, addresses as on the wire, lengths in bytes.
 * Ownership: the stack belongs to who made it, until fairlead_tcp_free. Buffers are the caller's and are copied. Texts that
 *   functions answer with are constant and live as long as the library.
 * Errors: functions that answer int or long answer a negative errno value (-EAGAIN, ...) and change nothing then, unless said
 *   otherwise. A handle that is no socket: -EBADF. A broken invariant of the stack is not an error: it ends the process by
 *   abort() with a message on stderr, as in the product.
 * Threads: one thread at a time for each stack; for fairlead_tcp_new and _free one thread at a time in the process. The
 *   first fairlead_tcp_new starts DPDK inside (no huge pages, no devices, no files), which makes a thread of its own and cannot be
 *   undone; signals, affinity and standard streams are left as they were. Not usable in a program that runs DPDK itself.
 *
 * A thin adapter is enough for packetdrill's so_filename interface: its socket calls are those below with the errno taken
 * out, netdev_send is fairlead_tcp_packet_in, netdev_receive is fairlead_tcp_packet_out (advance to fairlead_tcp_next_us while
 * there is nothing), usleep is fairlead_tcp_advance.
 */
#ifndef FAIRLEAD_TCP_H
#define FAIRLEAD_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FAIRLEAD_TCP_VERSION 1

struct fairlead_tcp; /* a stack */

/* Of the library that was loaded; equal to FAIRLEAD_TCP_VERSION when it is the one of this header. */
int fairlead_tcp_version(void);

/* ---- a stack ---- */

/* A value of 0 stands for what is said behind it. */
struct fairlead_tcp_settings {
	uint64_t seed;        /* of the keys for sequence numbers, ports, timestamps and cookies */
	uint32_t mtu_bytes;   /* largest datagram that goes out: 1500; 128 to 1500 */
	uint32_t connections; /* at the same time: 256; up to 4,096 */
	uint32_t half_open;   /* of them in SYN-RECEIVED, before cookies: 128 */
	uint32_t packets; /* buffers: 4,096; 64 to 65,535. A stack takes about 2.5 KB for each. */
	uint32_t records; /* segments that are sent and not acknowledged, all connections: 4,096 */
	uint32_t time_wait_us; /* 30,000,000 */
	uint32_t rto_min_us;   /* 200,000 */
	uint32_t rto_max_us;   /* 60,000,000 */
	uint32_t
	    linger_us; /* a closed connection whose peer acknowledges nothing for so long: 60,000,000 */
};

/* settings NULL: all as said there. -EINVAL, -ENOMEM. Gives *stack. */
int fairlead_tcp_new(const struct fairlead_tcp_settings *settings, uint64_t now_us,
		     struct fairlead_tcp **stack);
/* Ends it with all its sockets, nothing is sent any more. Takes stack. */
void fairlead_tcp_free(struct fairlead_tcp *stack);

/* ---- datagrams and time ---- */

/*
 * A whole IPv4 or IPv6 datagram came, of up to 2,048 bytes; all checksums are verified. Answers 0 when TCP has taken it, else
 * the number of the reason why it was dropped (above 0, see fairlead_tcp_drop; what is answered with a reset is dropped too).
 * ICMP errors about a connection go to it.
 * Addressed to any unicast address: the stack has all of them. -ENOBUFS: no packet buffer is free.
 */
int fairlead_tcp_packet_in(struct fairlead_tcp *stack, const void *datagram, size_t len_bytes,
			   uint64_t now_us);
/*
 * The next datagram that goes out now, with all checksums; answers its length, 0 if there is none. -EMSGSIZE: it is longer than
 * size_bytes (mtu_bytes always suffice); it stays the next one.
 */
long fairlead_tcp_packet_out(struct fairlead_tcp *stack, void *datagram, size_t size_bytes,
			     uint64_t now_us);
/* Lets the timers act that are due at now_us. */
void fairlead_tcp_advance(struct fairlead_tcp *stack, uint64_t now_us);
/*
 * When a timer is due next, so that fairlead_tcp_advance has something to do; a moment that has passed: at once. UINT64_MAX: nothing
 * waits. It may come to nothing (a timer that was moved).
 */
uint64_t fairlead_tcp_next_us(const struct fairlead_tcp *stack);

/* ---- sockets ---- */

struct fairlead_tcp_address {
	uint8_t family;    /* 4 or 6 */
	uint8_t bytes[16]; /* as on the wire; of family 4 the first four */
	uint16_t port;
};

/* A new socket, 0 to 254. -EMFILE. */
int fairlead_tcp_socket(struct fairlead_tcp *stack);
/*
 * Before connect (port 0: one is chosen) or listen. 0.0.0.0 stands for all addresses of IPv4, :: for all, in both cases but for those
 * that another listener has; to connect, an address of its own is needed. -EINVAL: has one already, or is no address of a host.
 * -EADDRINUSE: another one listens there.
 */
int fairlead_tcp_bind(struct fairlead_tcp *stack, int s, const struct fairlead_tcp_address *local);
/* From now on connections are accepted; backlog (1 to 128) may wait for fairlead_tcp_accept, more are reset. -EINVAL: not bound, or connected. */
int fairlead_tcp_listen(struct fairlead_tcp *stack, int s, int backlog);
/*
 * The next connection as a socket of its own, with a copy of the listener's options; *peer (may be NULL) is its address.
 * -EAGAIN: none waits.
 */
int fairlead_tcp_accept(struct fairlead_tcp *stack, int s, struct fairlead_tcp_address *peer);
/*
 * Opens a connection; 0 when the SYN is on its way, then fairlead_tcp_poll says how it goes on. -EINVAL: not bound to one
 * address of that family, or used already. -EADDRINUSE, -EADDRNOTAVAIL (no port left), -ENOBUFS.
 */
int fairlead_tcp_connect(struct fairlead_tcp *stack, int s,
			 const struct fairlead_tcp_address *remote, uint64_t now_us);
/*
 * Up to len bytes received in order. 0: the peer has closed. -EAGAIN: nothing now. -ENOTCONN. Once all is read, why it ended:
 * -ECONNREFUSED, -ECONNRESET, -ETIMEDOUT, -EHOSTUNREACH.
 */
long fairlead_tcp_read(struct fairlead_tcp *stack, int s, void *data, size_t len, uint64_t now_us);
/* Queues up to len bytes; answers how many. -EAGAIN: no room or no buffer, or not connected yet. -EPIPE: shut down or ended. -ENOTCONN. */
long fairlead_tcp_write(struct fairlead_tcp *stack, int s, const void *data, size_t len,
			uint64_t now_us);
/* A FIN follows what is queued; reading goes on. -ENOTCONN. */
int fairlead_tcp_shutdown(struct fairlead_tcp *stack, int s, uint64_t now_us);
/*
 * Lets go of the socket; its number may be given again. What is queued is still sent, then FIN; with unread bytes, or
 * FAIRLEAD_TCP_OPTION_ABORT, a RST instead. A listener's waiting connections are reset.
 */
int fairlead_tcp_close(struct fairlead_tcp *stack, int s, uint64_t now_us);

/* Bits of fairlead_tcp_poll. */
#define FAIRLEAD_TCP_READABLE                                                                      \
	1u /* read or accept has something, which may be the end or an error */
#define FAIRLEAD_TCP_WRITABLE  2u  /* connected, and there is room */
#define FAIRLEAD_TCP_EOF       4u  /* the peer's FIN was reached; there may be bytes before it */
#define FAIRLEAD_TCP_CLOSED    8u  /* the connection is over, in order or not */
#define FAIRLEAD_TCP_CONNECTED 16u /* the handshake is complete, or Fast Open did not wait for it */
/* The state of a socket now: bits as above, or -EBADF. */
int fairlead_tcp_poll(const struct fairlead_tcp *stack, int s);
/* Why the connection ended, as of fairlead_tcp_read; 0: it has not, or in order. */
int fairlead_tcp_error(const struct fairlead_tcp *stack, int s);
/* -ENOTCONN. */
int fairlead_tcp_local(const struct fairlead_tcp *stack, int s, struct fairlead_tcp_address *out);
int fairlead_tcp_remote(const struct fairlead_tcp *stack, int s, struct fairlead_tcp_address *out);

/* ---- options ---- */

/* Of one socket, to be set at any time unless said otherwise; beside them the socket interface's own name. */
enum fairlead_tcp_option {
	FAIRLEAD_TCP_OPTION_NODELAY, /* TCP_NODELAY: 0 or 1; 1 at first */
	FAIRLEAD_TCP_OPTION_RECEIVE_BUFFER, /* SO_RCVBUF: bytes, 4,096 to 1,073,741,824; the window's shift is agreed on in the handshake */
	FAIRLEAD_TCP_OPTION_SEND_BUFFER,            /* SO_SNDBUF: the same range */
	FAIRLEAD_TCP_OPTION_KEEP_ALIVE_IDLE_MS,     /* SO_KEEPALIVE and TCP_KEEPIDLE; 0: off */
	FAIRLEAD_TCP_OPTION_KEEP_ALIVE_INTERVAL_MS, /* TCP_KEEPINTVL */
	FAIRLEAD_TCP_OPTION_KEEP_ALIVE_PROBES,      /* TCP_KEEPCNT: 1 to 255 */
	FAIRLEAD_TCP_OPTION_USER_TIMEOUT_MS,        /* TCP_USER_TIMEOUT; 0: off */
	FAIRLEAD_TCP_OPTION_SYN_RETRIES,            /* TCP_SYNCNT: up to 255, as the next */
	FAIRLEAD_TCP_OPTION_DATA_RETRIES,
	FAIRLEAD_TCP_OPTION_DELAYED_ACK_US, /* below 500,000 */
	FAIRLEAD_TCP_OPTION_CONGESTION, /* TCP_CONGESTION: 0 cubic, 1 newreno; before connect or listen */
	FAIRLEAD_TCP_OPTION_ECN,        /* 0 or 1; before connect or listen */
	FAIRLEAD_TCP_OPTION_PACING,    /* 0 or 1 */
	FAIRLEAD_TCP_OPTION_FAST_OPEN, /* TCP_FASTOPEN of a listener: 0 or 1 */
	FAIRLEAD_TCP_OPTION_ABORT,     /* SO_LINGER with 0 seconds: close resets. 0 or 1 */
	FAIRLEAD_TCP_OPTIONS
};
/* -ENOPROTOOPT: no such option. -EINVAL: no such value. */
int fairlead_tcp_set_option(struct fairlead_tcp *stack, int s, enum fairlead_tcp_option option,
			    uint32_t value);
int fairlead_tcp_get_option(const struct fairlead_tcp *stack, int s,
			    enum fairlead_tcp_option option, uint32_t *value);

/* ---- what can be seen ---- */

/*
 * What is known of a connection (as TCP_INFO, and as the command `show connection` of the product): field number index of name,
 * unit ("bytes", "us", ...) and value; UINT64_MAX: does not apply now. A value of unit "word" has a text, any other none (NULL).
 * Any of the pointers may be NULL. -ENOENT: there is no field with this number, they are counted from 0. -ENOTCONN.
 */
struct fairlead_tcp_field {
	const char *name, *unit, *text;
	uint64_t value;
};
int fairlead_tcp_field(const struct fairlead_tcp *stack, int s, uint32_t index, uint64_t now_us,
		       struct fairlead_tcp_field *field);
/* The same by name. */
int fairlead_tcp_field_named(const struct fairlead_tcp *stack, int s, const char *name,
			     uint64_t now_us, struct fairlead_tcp_field *field);
/* A counter of the stack by the name that `show counters` has for it; UINT64_MAX: there is none. */
uint64_t fairlead_tcp_counter(const struct fairlead_tcp *stack, const char *name);
/*
 * Reason number index (from 1) for dropping a datagram: its name as in `show drops`, and how many were dropped for it (may be
 * NULL). NULL: there is no such reason.
 */
const char *fairlead_tcp_drop(const struct fairlead_tcp *stack, int index, uint64_t *count);
/* Connections in any state, also of closed sockets; packet buffers in use. */
uint32_t fairlead_tcp_open_count(const struct fairlead_tcp *stack);
uint32_t fairlead_tcp_packets_used(const struct fairlead_tcp *stack);
/* Verifies the invariants of all connections; a broken one ends the process. */
void fairlead_tcp_check(const struct fairlead_tcp *stack);
/* So many packet buffers can't be had from now on, which the stack learns only when it wants one: they don't count as in use. */
void fairlead_tcp_hide_packets(struct fairlead_tcp *stack, uint32_t count);

#ifdef __cplusplus
}
#endif

#endif
