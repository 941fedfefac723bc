/*
 * A port (drivers/port/port.h) on a packet socket of the kernel, for the lab's own programs. It can
 * be waited for (packet_port_fd), which the data plane's ports cannot. One queue.
 */
#ifndef TEST_LAB_PACKET_PORT_H
#define TEST_LAB_PACKET_PORT_H

#include "drivers/port/port.h"

/*
 * Opens the interface: all frames that come to it, none that this host sends. Buffers are taken
 * from mbufs (borrowed for the port's life). Gives the port; says in why what failed. ERR_not_found,
 * ERR_io, ERR_no_memory.
 */
MUST_CHECK enum err packet_port_open(const char *interface, struct rte_mempool *mbufs,
				     struct port **out, char *why, unsigned why_bytes);
/* Readable when a frame waits. Lends. */
int packet_port_fd(const struct port *port);

#endif
