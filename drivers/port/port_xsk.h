/*
 * The rings of AF_XDP sockets that somebody else opened (DPDK's driver): to get back the buffers
 * that lie in them when the socket is closed, which the driver forgets.
 */
#ifndef DRIVERS_PORT_PORT_XSK_H
#define DRIVERS_PORT_PORT_XSK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rte_mempool;

enum { PORT_XSK_RX, PORT_XSK_TX, PORT_XSK_FILL, PORT_XSK_COMPLETION, PORT_XSK_RINGS };

struct port_xsk_ring {
	void *map; /* NULL: not mapped */
	size_t map_bytes;
	uint32_t *producer, *consumer; /* free-running */
	void *entries;
	uint32_t size; /* entries, a power of two */
};

struct port_xsk {
	struct port_xsk_ring ring[PORT_XSK_RINGS];
};

/*
 * Whether an AF_XDP socket, of whatever process, is bound to the interface's queue, or was a moment
 * ago.
 */
bool port_xsk_is_bound(int ifindex, uint16_t queue);

#define PORT_XSK_FDS_MAX 256u
/* Lists this process's AF_XDP sockets into fds; how many. */
unsigned port_xsk_list(int fds[PORT_XSK_FDS_MAX]);
/*
 * Maps the rings of socket fd (borrowed); they stay readable after it is closed, until
 * port_xsk_reclaim.
 */
void port_xsk_map(struct port_xsk *xsk, int fd);
/* After the socket is closed: gives what lies in its rings back to mbufs, and unmaps them. */
void port_xsk_reclaim(struct port_xsk *xsk, struct rte_mempool *mbufs);

#endif
