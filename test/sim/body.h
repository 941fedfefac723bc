/*
 * Sends a message body made of a pattern over a simulated host's connection, with a length or chunked. Used by HTTP
 * clients and servers.
 */
#ifndef TEST_SIM_BODY_H
#define TEST_SIM_BODY_H

#include "test/sim/host.h"

struct body {
	uint64_t key, total, done; /* payload bytes */
	bool chunked;
	uint32_t chunk_bytes; /* largest chunk; 0: 1,500 */
	bool finished;        /* the last byte, last chunk included, is queued */
	bool starved;         /* the last write was refused for want of memory: try again later */
};

void body_init(struct body *body, uint64_t key, uint64_t total, bool chunked);
/* Queues up to budget bytes of payload; answers how many. */
uint32_t
body_send(struct body *body, struct host *host, uint32_t id, uint32_t budget, uint64_t now_us);

#endif
