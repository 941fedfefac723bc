/*
 * The web servers behind the appliance, all at once: every address of the server side, every port. GET /NUMBER is answered with
 * so many bytes of the pattern, any other GET with a few. A request that says Connection: close, or an origin that
 * closes always, ends the connection behind the response.
 */
#ifndef TEST_BENCH_GEN_ORIGIN_H
#define TEST_BENCH_GEN_ORIGIN_H

#include "test/bench/gen/hold.h"
#include "test/bench/gen/tcp.h"

#define ORIGIN_OBJECTS       16u /* sizes that one run may ask for */
#define ORIGIN_DEFAULT_BYTES 16u
#define ORIGIN_BODY_MAX      (1u << 28)

struct origin_counts {
	uint64_t requests;
	uint64_t bad_requests; /* not understood, and so reset */
	uint64_t resets;       /* of connections with an object under way */
};

struct origin_object {
	uint32_t bytes;
	struct source keeps, closes; /* the same, without and with Connection: close */
};

struct origin {
	struct tcp tcp;
	bool closes;
	struct hold hold;
	uint16_t *held; /* of each connection */
	bool *serves; /* of each connection: an object, and not only what a health check asks for */
	uint32_t objects, last; /* last: what was asked for last, most likely again */
	struct origin_object object[ORIGIN_OBJECTS];
	struct origin_counts counts;
};

/* setup's user and listens are filled in here. */
void origin_init(struct origin *origin, const struct tcp_setup *setup, bool closes);
/* Resets what is open, as far as the port has room: false, if not all. */
bool origin_end(struct origin *origin);

#endif
