/*
 * An HTTP server on a simulated host. The target of a request says what is to come back: /d/BYTES/FRAMING/KEY with framing l
 * (Content-Length), c (chunked) or e (until the connection ends) and the key of the pattern in hexadecimal; any other target
 * is answered with a short text. A request body must be the pattern of KEY + 1. How it misbehaves may change any time.
 */
#ifndef TEST_SIM_HTTP_SERVER_H
#define TEST_SIM_HTTP_SERVER_H

#include "test/sim/stream.h"

struct http_server_manners {
	unsigned status;    /* 0: 200 */
	bool probes_fail;   /* any other target is answered with 500 */
	bool stall;         /* never answers */
	bool garbage;       /* answers with what is no HTTP */
	bool closes_early;  /* ends the connection in the middle of a body */
	bool hangs_up;      /* ends the connection instead of answering */
	bool answers_early; /* answers before it has read the request's body, then closes */
	uint32_t
	    close_after; /* ends connections after so many responses, without a word; 0: never */
	bool announces_close; /* with Connection: close in the last of them */
	struct stream_pace write, read;
};

struct http_server_result {
	uint64_t conns, requests, probes, bytes_up;
	uint64_t forwarded; /* requests with X-Forwarded-For */
};

struct http_server;

/* label is the X-Server field of its answers. Gives; lives as long as the host. */
struct http_server *http_server_new(struct host *host, uint16_t port, const char *label);
struct http_server_manners *http_server_manners(struct http_server *server);
const struct http_server_result *http_server_result(const struct http_server *server);
/* Stops listening (attempts are refused) or starts again. */
void http_server_listen(struct http_server *server, bool listening);
uint32_t http_server_open(const struct http_server *server);

#endif
