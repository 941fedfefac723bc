/*
 * The narrow place between TCP and what speaks over it. Downwards: tcp_send, tcp_finish and tcp_abort (tcp.h); upwards
 * these calls. TLS will stand in between: it takes the calls below it, offers the same above it, and gives TCP a source
 * (source.h) of its own for each connection, that holds its records until they are acknowledged.
 *
 * Connections are named by their index, from 0 on, so that each user keeps what it knows of them in an array. In each of
 * the calls the connection may be sent to, finished or aborted; it may be opened anew only later, never inside a call.
 */
#ifndef TEST_BENCH_GEN_STREAM_H
#define TEST_BENCH_GEN_STREAM_H

#include <stdint.h>

enum stream_end {
	STREAM_CLOSED,  /* both directions, in order */
	STREAM_RESET,   /* by the peer */
	STREAM_GAVE_UP, /* the peer does not answer any more */
};

struct stream_user {
	void *self;
	void (*opened)(void *self, uint32_t conn);
	/* Lends bytes, in order, each once. */
	void (*received)(void *self, uint32_t conn, const uint8_t *bytes, uint32_t len_bytes);
	/* The peer will send nothing more. */
	void (*ended)(void *self, uint32_t conn);
	/* The connection is gone. Not called for one that was aborted by us. */
	void (*closed)(void *self, uint32_t conn, enum stream_end end);
};

#endif
