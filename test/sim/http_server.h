/*
 * An HTTP server on a simulated host. The target of a request says what is to come back: /d/BYTES/FRAMING/KEY with framing l
 * (Content-Length), c (chunked) or e (until the connection ends) and the key of the pattern in hexadecimal; any other target
 * is answered with a short text. A request body must be the pattern of KEY + 1. How it misbehaves may change any time.
 */
#ifndef TEST_SIM_HTTP_SERVER_H
#define TEST_SIM_HTTP_SERVER_H

#include "test/sim/executions.h"
#include "test/sim/stream.h"

/* How a server may end a connection that waits for a request. */
enum http_server_end {
	HTTP_END_FIN = 1 << 0, /* and answers what comes then with a reset */
	HTTP_END_RESET = 1 << 1,
	HTTP_END_408 = 1 << 2,   /* says so before its FIN */
	HTTP_END_HALF = 1 << 3,  /* reads on and throws away */
	HTTP_END_LATER = 1 << 4, /* 408 at once, FIN ten milliseconds later */
	HTTP_END_ALL = (1 << 5) - 1
};

struct http_server_manners {
	unsigned status;  /* 0: 200 */
	bool probes_fail; /* any other target is answered with 500 */
	const char *
	    probe_answer; /* all that any other target is answered with, before the end; NULL: not */
	bool stall;       /* never answers */
	bool garbage;     /* answers with what is no HTTP */
	bool closes_early;  /* ends the connection in the middle of a body */
	bool hangs_up;      /* ends the connection instead of answering */
	bool answers_early; /* answers before it has read the request's body, then closes */
	uint32_t
	    close_after; /* ends connections after so many responses, without a word; 0: never */
	bool announces_close; /* with Connection: close in the last of them */
	bool interim;         /* 103 before each answer */
	struct stream_pace write, read;
	uint32_t ends;          /* enum http_server_end, one of which is drawn; 0: never */
	uint64_t ends_after_us; /* when idle for so long at most, drawn too */
	bool mid_request;       /* the time may also come while a request is read */
	uint32_t
	    drops_ppm; /* share of requests not to be repeated that end the connection, begun but unanswered */
	struct executions *executions; /* the book that its requests are entered in; NULL: none */
};

struct http_server_result {
	uint64_t conns, requests, probes, bytes_up;
	uint64_t forwarded; /* requests with X-Forwarded-For */
	uint64_t ended;     /* connections, by manners.ends */
};

struct http_server;

/* label is the X-Server field of its answers. Gives; lives as long as the host. */
struct http_server *http_server_new(struct host *host, uint16_t port, const char *label);
struct http_server_manners *http_server_manners(struct http_server *server);
const struct http_server_result *http_server_result(const struct http_server *server);
/* Stops listening (attempts are refused) or starts again. */
void http_server_listen(struct http_server *server, bool listening);
/* Ends all connections that wait for a request now, in this way. */
void http_server_end_idle(struct http_server *server, enum http_server_end way);
uint32_t http_server_open(const struct http_server *server);

#endif
