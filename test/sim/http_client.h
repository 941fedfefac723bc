/*
 * An HTTP client on a simulated host: so many connections with so many requests each, whose kinds are drawn from a
 * mix. Every response must be what was asked for, byte for byte.
 */
#ifndef TEST_SIM_HTTP_CLIENT_H
#define TEST_SIM_HTTP_CLIENT_H

#include "test/sim/executions.h"
#include "test/sim/stream.h"

/* Kinds of requests that may be drawn; without any a request is a GET of HTTP/1.1 with Content-Length. */
enum http_mix {
	HTTP_MIX_POST = 1 << 0, /* half of them upload, with Content-Length */
	HTTP_MIX_POST_CHUNKED =
	    1 << 1,                /* half of the uploads are chunked, all without HTTP_MIX_POST */
	HTTP_MIX_CHUNKED = 1 << 2, /* half of the responses are chunked */
	HTTP_MIX_UNTIL_CLOSE =
	    1 << 3,             /* a quarter of the responses ends with the member's connection */
	HTTP_MIX_HEAD = 1 << 4, /* a quarter is HEAD */
	HTTP_MIX_10 = 1 << 5,   /* HTTP/1.0 throughout */
	HTTP_MIX_10_KEEP = 1 << 6, /* with Connection: keep-alive */
	HTTP_MIX_CLOSE = 1 << 7,   /* the last request of a connection says Connection: close */
	HTTP_MIX_METHODS = 1 << 8, /* other methods too, a quarter of the uploads is empty */
};

struct http_plan {
	struct endpoint to;
	uint32_t mix;                                /* enum http_mix */
	uint32_t conns, parallel;                    /* 0: one */
	uint32_t requests;                           /* a connection; 0: one */
	uint64_t down_min, down_max, up_min, up_max; /* bytes */
	struct stream_pace read, write;
	uint64_t think_us;         /* between a response and the next request */
	uint64_t gap_us, start_us; /* between two connections' starts; before the first */
	uint32_t abort_ppm;        /* share of requests that the client resets in the middle */
	bool may_fail; /* anything but a right 200 is counted; without this it fails the story */
};

struct http_client_result {
	uint32_t conns_started, conns_ended;
	uint64_t requests, right; /* asked; answered with 200 and the right bytes */
	uint64_t status[6];       /* responses by hundreds */
	uint64_t broken;          /* the connection ended before the response did */
	uint64_t failed_bare;  /* 5xx or broken, without a body, of methods that may be repeated */
	uint64_t aborted;      /* by the client itself */
	uint64_t refused;      /* the connection never came about */
	uint64_t by_server[8]; /* right responses by the digit in X-Server: sN */
	uint64_t bytes_down, bytes_up;
	uint64_t longest_us; /* from a request's first byte to its response's last */
	uint64_t last_us;
};

struct http_client;

struct http_client *http_client_new(struct host *host, const struct http_plan *plan);
const struct http_client_result *http_client_result(const struct http_client *client);
/* For world_run: all its connections have ended. */
bool http_client_done(void *client);
/* No more new connections and requests. */
void http_client_stop(struct http_client *client);

#endif
