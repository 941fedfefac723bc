/*
 * The kernel's side of a port, for what the box itself serves there: an Ethernet interface of the kernel (TAP) called
 * tap- and the port's name, with the port's MAC address and own addresses. Frames that are written to it the kernel
 * receives; frames that the kernel sends there are read. Threads that may call the kernel only.
 *
 * The kernel resolves no neighbours on it (IFF_NOARP): whoever reads the frames finds their next hop. It answers from
 * where it was asked: for each own address a rule sends what comes from it out by this interface, whatever the main
 * table says.
 */
#ifndef DRIVERS_PORT_PORT_KERNEL_H
#define DRIVERS_PORT_PORT_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "fw/abi/limits.h"
#include "fw/base/addr.h"
#include "fw/base/assert.h"
#include "fw/base/err.h"

struct port_kernel;

struct port_kernel_address {
	struct addr addr;
	uint32_t prefix_len; /* in its own family */
};

struct port_kernel_setup {
	const char *name; /* of the port, at most LIMIT_SERVICE_PORT_NAME_BYTES */
	uint8_t mac[6];
	uint16_t mtu_bytes;
	uint32_t address_count;
	struct port_kernel_address address[LIMIT_ADDRESSES];
};

/*
 * Makes the interface, up and without addresses. On failure says why in why (why_bytes long). Borrows name. Gives.
 * ERR_invalid: the name is too long. ERR_io: the kernel refused.
 */
MUST_CHECK enum err
port_kernel_open(const char *name, struct port_kernel **out, char *why, unsigned why_bytes);
/*
 * Gives it the setup's MAC address, MTU and addresses, and takes away addresses of the last setup that are not in this one; what
 * stays is not touched. ERR_io: something was refused, what could be done is done; why says what. Borrows.
 */
MUST_CHECK enum err
port_kernel_set(struct port_kernel *kernel, const struct port_kernel_setup *setup, char *why,
		unsigned why_bytes);
/* The interface goes away with its addresses. */
void port_kernel_close(struct port_kernel *kernel);

const char *port_kernel_name(const struct port_kernel *kernel); /* of the port; lends */
/* To wait on for a frame to read; lends. */
int port_kernel_fd(const struct port_kernel *kernel);
/* A frame that the kernel has sent; its length, 0: none now. Never waits. */
uint32_t port_kernel_read(struct port_kernel *kernel, void *out, uint32_t max_bytes);
/* False: the kernel did not take it. Never waits. */
bool port_kernel_write(struct port_kernel *kernel, const void *frame, uint32_t len_bytes);

/*
 * Has the kernel use these ports only for connections that it opens: on addresses that it shares with the data plane, each
 * has its own.
 */
MUST_CHECK enum err port_kernel_reserve_ports(uint16_t first, uint16_t last);

#endif
