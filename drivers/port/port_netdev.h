/*
 * What the kernel says about one of its network interfaces: the truth about an AF_XDP port's link.
 * System calls; control thread only.
 */
#ifndef DRIVERS_PORT_PORT_NETDEV_H
#define DRIVERS_PORT_PORT_NETDEV_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "fw/base/assert.h"
#include "fw/base/err.h"

/*
 * Names an interface by its index, so that one deleted and made again under the same name is
 * another.
 */
struct port_netdev {
	int fd; /* a socket of the namespace in which it was found */
	int index;
};

struct port_netdev_state {
	char iface[IFNAMSIZ]; /* its name now */
	uint8_t mac[6];
	uint16_t mtu_bytes;
	uint16_t rx_queues;  /* 1 if the driver does not say */
	uint32_t speed_mbps; /* 0: unknown */
	bool admin_up;       /* ip link set up */
	bool link_up;        /* admin_up, and it has a carrier */
};

/*
 * Finds iface in the calling thread's network namespace. ERR_not_found, ERR_io. Gives;
 * port_netdev_close ends it.
 */
MUST_CHECK enum err port_netdev_open(const char *iface, struct port_netdev *out);
void port_netdev_close(struct port_netdev *dev);
/* The state now; false (and all zeros) when the interface is gone. */
bool port_netdev_state(const struct port_netdev *dev, struct port_netdev_state *out);

#endif
