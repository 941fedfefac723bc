/*
 * Byte streams as an application: a client asks for so many bytes up and down, at what pace and who closes first; the server,
 * which learns all that from the first bytes, does its part. Both check every byte that arrives.
 */
#ifndef TEST_SIM_STREAM_H
#define TEST_SIM_STREAM_H

#include "test/sim/host.h"

enum stream_flag {
	STREAM_ECHO = 1 << 0, /* the server sends back what it gets; down_bytes is up_bytes */
	STREAM_SERVER_LATE = 1 << 1, /* the server sends only after the client's FIN */
	STREAM_CLIENT_LATE = 1 << 2, /* the client sends only after the server's FIN */
	STREAM_CLIENT_FIRST =
	    1 << 3, /* the client closes first: the server waits for its FIN with its own */
	STREAM_SERVER_FIRST = 1 << 4, /* the other way round */
	STREAM_SILENT = 1 << 5,       /* the client connects and never says anything */
	STREAM_ABORT = 1 << 6,        /* the client resets when it has half of what it asked for */
	STREAM_SERVER_ABORT = 1 << 9, /* the server resets when it has half of what it is to get */
	STREAM_STRANGE =
	    1 << 8, /* the client speaks by hand and may say something else than its plan */
	STREAM_MAY_FAIL =
	    1 << 7, /* a broken connection is counted; without this it fails the story */
};

/* How fast one end does something. Zeroed: as fast as it can. */
struct stream_pace {
	uint32_t bytes;    /* at most, each time; 0: any */
	uint32_t every_us; /* 0: at once again */
};

struct stream_plan {
	struct endpoint to;
	uint64_t up_bytes, down_bytes;
	uint32_t flags; /* enum stream_flag */
	struct stream_pace client_write, client_read, server_write, server_read;
	uint32_t conns;    /* all together; 0: one */
	uint32_t parallel; /* at the same time at most; 0: one */
	uint64_t gap_us;   /* between the starts of two */
	uint64_t start_us; /* after now */
};

struct stream_result {
	uint32_t started, finished, failed;
	uint32_t failed_by[8];         /* by enum tcp_close_reason */
	uint32_t not_started;          /* attempts that TCP refused; tried again */
	uint64_t bytes_up, bytes_down; /* checked */
	uint64_t first_us, last_us;    /* start of the first, end of the last connection */
};

struct stream_client;
struct stream_server;

/* Starts working on a plan. Gives; it lives as long as the host. */
struct stream_client *stream_client_new(struct host *host, const struct stream_plan *plan);
const struct stream_result *stream_result(const struct stream_client *client);
/* For world_run: all connections of a stream_client have ended. */
bool stream_done(void *client);

/* Serves plans on a port. */
struct stream_server *stream_server_new(struct host *host, uint16_t port);
/*
 * Resets connections that start with anything but a plan, or say something else than it, where it otherwise fails the story;
 * and all that are older than limit_us (0: none).
 */
void stream_server_tolerate(struct stream_server *server, uint64_t limit_us);
/* What a client with this plan says first, for peers that speak by hand; answers its length, at most 64. Then come the bytes of key. */
uint32_t stream_hello(const struct stream_plan *plan, uint64_t key, uint8_t *out);
const struct stream_result *stream_server_result(const struct stream_server *server);
/* Connections that it has now. */
uint32_t stream_server_open(const struct stream_server *server);

#endif
