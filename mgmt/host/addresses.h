/*
 * The kernel's addresses of the management port, as a generation has them.
 */
#ifndef MGMT_HOST_ADDRESSES_H
#define MGMT_HOST_ADDRESSES_H

#include <net/if.h>
#include <stdbool.h>

#include "fw/abi/generation.h"

struct addresses {
	char interface[IFNAMSIZ];
	int netlink;
};

/* Opens a rtnetlink(7) socket. ERR_too_long, ERR_io. addresses_close afterwards. */
enum err addresses_open(struct addresses *addresses, const char *interface)
    __attribute__((warn_unused_result));
/*
 * Makes the interface have the generation's management addresses and default routes and no others, and sets it up.
 * False: something was refused, and why says what; the rest is done. Borrows gen.
 */
bool addresses_apply(struct addresses *addresses, const struct generation *gen, char *why,
		     size_t why_bytes);
void addresses_close(struct addresses *addresses);

#endif
