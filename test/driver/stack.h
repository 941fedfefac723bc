/*
 * What the files of libfairlead-tcp.so share: the stack and its sockets.
 */
#ifndef TEST_DRIVER_STACK_H
#define TEST_DRIVER_STACK_H

#include "dataplane/tcp/tcp.h"
#include "test/driver/fairlead-tcp.h"

#define SOCKETS     255u /* number i has profile i; the last profile is of what has no socket */
#define BACKLOG_MAX 128u

enum socket_use { SOCKET_FREE, SOCKET_NEW, SOCKET_LISTENS, SOCKET_CONNECTION };

struct socket {
	enum socket_use use;
	bool bound, abort;
	bool connected, eof, closed; /* told by events */
	int error;                   /* negative errno: why it was closed */
	uint32_t id;                 /* of the connection */
	struct endpoint local;
	/* of a listener: sockets that wait for accept, oldest first */
	uint32_t waiting, backlog;
	uint8_t queue[BACKLOG_MAX];
	bool queued; /* is in such a queue, and nobody knows its number yet */
};

struct fairlead_tcp {
	struct fairlead_tcp_settings settings;
	struct tcp_settings tcp_settings;
	struct tcp_host host;
	struct tcp *tcp;
	void *memory;
	struct rte_mempool *mbufs;
	struct stats_worker *stats;
	uint64_t now_us;
	struct rte_mbuf *next_out; /* that was too long for the caller's buffer */
	struct tcp_profile profile[SOCKETS];
	struct socket socket[SOCKETS];
};

/* NULL: no socket has this number. */
struct socket *driver_socket(const struct fairlead_tcp *t, int s);
/* The latest time that was told. */
uint64_t driver_now(struct fairlead_tcp *t, uint64_t now_us);
/* Hands out what has happened to connections since. */
void driver_news(struct fairlead_tcp *t);
/* Starts DPDK at the first call; a pool for one stack, NULL: no memory. Gives. */
struct rte_mempool *driver_pool(uint32_t packets);

#endif
