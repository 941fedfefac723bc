/*
 * Bonds: how a spec of several devices is made, and how its members are. What a bond is: port_bond.c.
 */
#ifndef DRIVERS_PORT_PORT_BOND_H
#define DRIVERS_PORT_PORT_BOND_H

#include <stdbool.h>
#include <stdint.h>

#include "fw/base/assert.h"
#include "fw/base/err.h"

struct port;

#define PORT_BOND_MEMBERS    8u
#define PORT_BOND_SPEC_BYTES 2048u

enum port_bond_lacp {
	PORT_BOND_LACP_NONE,        /* it is not spoken */
	PORT_BOND_LACP_ALONE,       /* no partner */
	PORT_BOND_LACP_NEGOTIATING, /* with a partner, not yet in use */
	PORT_BOND_LACP_AGGREGATED,  /* in use both ways */
};

struct port_bond_member {
	bool link_up;
	bool is_active; /* frames are sent through it */
	enum port_bond_lacp lacp;
};

struct port_bond_info {
	bool is_lacp; /* otherwise active-backup */
	unsigned count;
	struct port_bond_member member[PORT_BOND_MEMBERS]; /* in the order of the spec */
};

/*
 * The spec for port_open of a bond of what these specs name; mode is "lacp" or "active-backup". Each spec's own mtu= is
 * left out: the bond has the smallest, none if a member that could have one has none. ERR_too_long, ERR_invalid (a wrong mtu=).
 */
MUST_CHECK enum err port_bond_spec(const char *mode, const char *const specs[], unsigned count,
				   char out[PORT_BOND_SPEC_BYTES]);
/* How a bond and its members are, as of the last port_info. False: it is no bond, also inside wrappers. Control thread. */
bool port_bond_info(const struct port *port, struct port_bond_info *out);

#endif
