/*
 * A bond: several devices that are one port.
 *
 *   bond:active-backup;SPEC;SPEC...   one carries everything; when its link goes down another does
 *   bond:lacp;SPEC;SPEC...            all that the switch takes into the aggregate (IEEE 802.1AX) carry it, flow by flow
 *
 * Members are specs of this folder; the first one's address is the bond's.
 *
 * LACP is DPDK's bonding driver's. It sends its own frames when we send, so an idle bond is sent to as well (port_tx with
 * nothing). It sets its members up anew, which AF_XDP's driver can do once only, and memif's takes no multicast: neither can
 * be one.
 *
 * Active-backup is done here: DPDK's asks its members to take the bond's address, which AF_XDP, memif and ring
 * can't, and believes them that their link is up, which AF_XDP always says. Here port_info looks at the links, each second
 * or oftener, and frames are taken from all members. Any port can be one.
 *
 * Left out: bonds of bonds.
 */
#include "drivers/port/port_bond.h"

#include <rte_eth_bond.h>
#include <rte_eth_bond_8023ad.h>
#include <rte_ethdev.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "drivers/port/port_ethdev.h"

#define MEMBERS_MAX      PORT_BOND_MEMBERS
#define MEMBER_TEXT      256u
#define LINK_POLL_MS     50u /* of members whose driver does not tell */
#define DEVICE_NAME_SIZE RTE_ETH_NAME_MAX_LEN

struct bond {
	struct port *member[MEMBERS_MAX];
	unsigned members;
	/* active-backup */
	atomic_uint active; /* index of the member that sends; port_info writes, workers read */
	uint32_t takeovers; /* how often that became another one */
	bool link_up[MEMBERS_MAX]; /* of each member, when port_info last looked */
	/* lacp */
	uint16_t dev;        /* the bond's number; PORT_ETHDEV_NONE: not made */
	struct port *device; /* the bond as any ethdev, once it is started */
	char name[DEVICE_NAME_SIZE];
};

static enum err
members_open(const struct port_request *request, struct str rest, struct bond *bond);
static enum err member_open(const struct port_request *request, struct str spec, struct bond *bond);
static void share_address(struct bond *bond);
static uint16_t
backup_rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);
static uint16_t
backup_tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);
static void backup_info(struct port *port, struct port_info *info);
static enum port_bond_lacp lacp_of(const struct bond *bond, unsigned member);
static enum err lacp_make(const struct port_request *request, struct bond *bond);
static enum err lacp_check(const struct port_request *request, const struct bond *bond);
static enum err lacp_start(const struct port_request *request, struct bond *bond);
static uint16_t
lacp_rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);
static uint16_t
lacp_tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);
static void lacp_info(struct port *port, struct port_info *info);
static void bond_close(struct port *port);
static void bond_free(struct bond *bond);

static const struct port_ops backup_ops = {
	.rx = backup_rx,
	.tx = backup_tx,
	.info = backup_info,
	.close = bond_close,
};

static const struct port_ops lacp_ops = {
	.rx = lacp_rx,
	.tx = lacp_tx,
	.info = lacp_info,
	.close = bond_close,
};

/* ---- opening ---- */

/* One whose card is missing (port_absent.c) has no link and is left alone. */
static bool
is_there(const struct bond *bond, unsigned member)
{
	return port_is_ethdev(bond->member[member]);
}

/* 0 if none is there. */
static unsigned
first_there(const struct bond *bond)
{
	for (unsigned i = 0; i < bond->members; i++)
		if (is_there(bond, i))
			return i;
	return 0;
}

static uint16_t
member_device(const struct bond *bond, unsigned member)
{
	return ((const struct port_ethdev *)bond->member[member]->state)->queue[0].dev;
}

/* The next piece up to a semicolon; false at the end. */
static bool
next_piece(struct str *rest, struct str *piece)
{
	const char *end;

	if (!rest->len)
		return false;
	end = memchr(rest->at, ';', rest->len);
	*piece = (struct str){ rest->at, end ? (size_t)(end - rest->at) : rest->len };
	rest->len -= piece->len + (end != NULL);
	rest->at += piece->len + (end != NULL);
	return true;
}

enum err
port_bond(const struct port_request *request, struct port **out)
{
	struct bond *bond = calloc(1, sizeof *bond);
	struct str rest = request->args, mode = { 0 };
	bool lacp;
	enum err err;

	if (!bond)
		return port_refuse(request, ERR_no_memory, "no memory for a bond");
	bond->dev = PORT_ETHDEV_NONE;
	(void)next_piece(&rest, &mode);
	lacp = str_equal(mode, STR("lacp"));
	if (lacp || str_equal(mode, STR("active-backup")))
		err = members_open(request, rest, bond);
	else
		err = port_refuse(request, ERR_invalid,
				  "bond: '%.*s': active-backup or lacp, then the specs of 2 to %u "
				  "members, all separated by ';'",
				  (int)mode.len, mode.at ? mode.at : "", MEMBERS_MAX);
	lacp &= !err && is_there(bond, first_there(bond));
	if (lacp)
		err = lacp_make(request, bond);
	else if (!err)
		share_address(bond);
	if (!err) {
		*out = port_new(request->name, lacp ? &lacp_ops : &backup_ops, bond, NULL);
		if (*out)
			return ERR_ok;
		err = port_refuse(request, ERR_no_memory, "no memory for a port");
	}
	bond_free(bond);
	return err;
}

static enum err
members_open(const struct port_request *request, struct str rest, struct bond *bond)
{
	struct str spec;
	enum err err;

	while (next_piece(&rest, &spec)) {
		if (bond->members == MEMBERS_MAX)
			return port_refuse(request, ERR_invalid, "a bond has up to %u members",
					   MEMBERS_MAX);
		err = member_open(request, spec, bond);
		if (err)
			return err;
	}
	if (bond->members < 2)
		return port_refuse(request, ERR_invalid, "a bond has 2 to %u members, not %u",
				   MEMBERS_MAX, bond->members);
	return ERR_ok;
}

enum err
port_bond_spec(const char *mode, const char *const specs[], unsigned count,
	       char out[PORT_BOND_SPEC_BYTES])
{
	int len = snprintf(out, PORT_BOND_SPEC_BYTES, "bond:%s", mode);
	uint16_t mtu_bytes = UINT16_MAX;
	bool all_say = true;

	for (unsigned i = 0; i < count && len < (int)PORT_BOND_SPEC_BYTES; i++) {
		struct str spec = str_from(specs[i]);
		uint16_t of_member;

		if (!port_take_mtu(&spec, &of_member))
			return ERR_invalid;
		len += snprintf(out + len, PORT_BOND_SPEC_BYTES - (unsigned)len, ";%.*s",
				(int)spec.len, spec.at);
		if (of_member)
			mtu_bytes = RTE_MIN(mtu_bytes, of_member);
		else
			all_say &= strncmp(specs[i], "af_xdp:", 7) == 0; /* its interface says it */
	}
	if (all_say && mtu_bytes != UINT16_MAX && len < (int)PORT_BOND_SPEC_BYTES)
		len +=
		    snprintf(out + len, PORT_BOND_SPEC_BYTES - (unsigned)len, ",mtu=%u", mtu_bytes);
	return len < (int)PORT_BOND_SPEC_BYTES ? ERR_ok : ERR_too_long;
}

/* As a port of its own, named after the bond and its place in it. */
static enum err
member_open(const struct port_request *request, struct str spec, struct bond *bond)
{
	char text[MEMBER_TEXT], name[PORT_NAME_BYTES + 8];
	struct port **member = &bond->member[bond->members];
	enum err err;
	int len;

	if (spec.len >= sizeof text)
		return port_refuse(request, ERR_invalid, "a member's spec has less than %u bytes",
				   MEMBER_TEXT);
	len = snprintf(text, sizeof text, "%.*s", (int)spec.len, spec.at);
	if (request->mtu_bytes && strncmp(text, "af_xdp:", 7) != 0)
		len +=
		    snprintf(text + len, sizeof text - (size_t)len, ",mtu=%u", request->mtu_bytes);
	if (len >= (int)sizeof text)
		return port_refuse(request, ERR_invalid, "a member's spec is too long");
	snprintf(name, sizeof name, "%s.%u", request->name, bond->members);
	if (strlen(name) >= PORT_NAME_BYTES)
		return port_refuse(request, ERR_invalid, "a bond's name has up to %u characters",
				   PORT_NAME_BYTES - 3);
	if (strncmp(text, "bond:", 5) == 0)
		return port_refuse(request, ERR_invalid, "a bond is no member of a bond");
	err = port_open(name, text, request->queues, request->mbufs, member, request->why,
			request->why_bytes);
	if (err)
		return err;
	bond->members++;
	return ERR_ok;
}

/* ---- active-backup ---- */

/* Frames to the bond's address must get through a NIC's filter. Devices that have none can't be told, and need not. */
static void
share_address(struct bond *bond)
{
	struct rte_ether_addr mac;
	struct port_info first;
	unsigned own = first_there(bond);

	port_info(bond->member[own], &first);
	memcpy(mac.addr_bytes, first.mac, sizeof mac.addr_bytes);
	atomic_init(&bond->active, own);
	for (unsigned i = own + 1; i < bond->members; i++)
		if (is_there(bond, i) &&
		    rte_eth_dev_default_mac_addr_set(member_device(bond, i), &mac))
			(void)rte_eth_promiscuous_enable(member_device(bond, i));
}

static uint16_t
backup_rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	const struct bond *bond = port->state;
	uint16_t got = 0;

	for (unsigned i = 0; i < bond->members && got < n; i++)
		got = (uint16_t)(got + port_rx(bond->member[i], queue, burst + got,
					       (uint16_t)(n - got), now_us));
	return got;
}

static uint16_t
backup_tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	struct bond *bond = port->state;
	unsigned active = atomic_load_explicit(&bond->active, memory_order_relaxed);

	return port_tx(bond->member[active], queue, burst, n, now_us);
}

static void
backup_info(struct port *port, struct port_info *info)
{
	struct bond *bond = port->state;
	struct port_info member[MEMBERS_MAX] = { 0 };
	uint64_t missed = 0, errors = 0;
	unsigned active = atomic_load_explicit(&bond->active, memory_order_relaxed);
	unsigned up = MEMBERS_MAX;

	for (unsigned i = 0; i < bond->members; i++) {
		port_info(bond->member[i], &member[i]);
		bond->link_up[i] = member[i].link_up;
		missed += member[i].missed;
		errors += member[i].errors;
		if (member[i].link_up && up == MEMBERS_MAX)
			up = i;
	}
	if (!member[active].link_up && up < MEMBERS_MAX) {
		active = up;
		atomic_store_explicit(&bond->active, active, memory_order_relaxed);
		bond->takeovers++;
	}
	*info = member[active];
	snprintf(info->name, sizeof info->name, "%s", port->name);
	memcpy(info->mac, member[first_there(bond)].mac, sizeof info->mac);
	for (unsigned i = 0; i < bond->members; i++) {
		if (!is_there(bond, i))
			continue;
		info->mtu_bytes = RTE_MIN(info->mtu_bytes, member[i].mtu_bytes);
		info->multi_segment &= member[i].multi_segment;
		info->offloads &= member[i].offloads;
	}
	info->missed = missed;
	info->errors = errors;
	info->takeovers = bond->takeovers;
}

/* ---- LACP ---- */

static enum err
lacp_make(const struct port_request *request, struct bond *bond)
{
	struct port_info first;
	struct rte_ether_addr mac;
	enum err err = lacp_check(request, bond);
	int dev;

	if (err)
		return err;
	snprintf(bond->name, sizeof bond->name, "net_bonding_%s", request->name);
	dev = rte_eth_bond_create(bond->name, BONDING_MODE_8023AD, 0);
	if (dev < 0)
		return port_refuse(request, ERR_io, "DPDK can't make %s", bond->name);
	bond->dev = (uint16_t)dev;
	port_info(bond->member[first_there(bond)], &first);
	memcpy(mac.addr_bytes, first.mac, sizeof mac.addr_bytes);
	if (rte_eth_bond_mac_address_set(bond->dev, &mac) ||
	    rte_eth_bond_link_monitoring_set(bond->dev, LINK_POLL_MS) ||
	    rte_eth_bond_xmit_policy_set(bond->dev, BALANCE_XMIT_POLICY_LAYER34))
		return port_refuse(request, ERR_io, "%s refused its settings", bond->name);
	for (unsigned i = 0; i < bond->members; i++)
		if (is_there(bond, i) && rte_eth_bond_member_add(bond->dev, member_device(bond, i)))
			return port_refuse(request, ERR_io, "%s refused member %u", bond->name,
					   i + 1);
	return lacp_start(request, bond);
}

static enum err
lacp_check(const struct port_request *request, const struct bond *bond)
{
	for (unsigned i = 0; i < bond->members; i++) {
		const struct port_ethdev *ethdev = bond->member[i]->state;

		if (is_there(bond, i) && ethdev->netdev.index)
			return port_refuse(
			    request, ERR_invalid,
			    "member %u is an interface of the kernel (AF_XDP), which "
			    "LACP can't have: active-backup can",
			    i + 1);
	}
	return ERR_ok;
}

/* The driver configures and starts the members once more, by its own settings. */
static enum err
lacp_start(const struct port_request *request, struct bond *bond)
{
	struct port_ethdev *ethdev = port_ethdev_new(request);
	enum err err;

	if (!ethdev)
		return ERR_no_memory;
	for (unsigned i = 0; i < bond->members; i++) {
		const struct port_ethdev *member = bond->member[i]->state;

		if (!is_there(bond, i))
			continue;
		ethdev->plain_only |= member->plain_only;
		ethdev->keeps_flags |= member->keeps_flags;
	}
	err = port_ethdev_start(request, ethdev, bond->dev, 0, request->queues);
	ethdev->offloads = 0; /* what the bonding driver passes on of them is not relied on */
	if (err) {
		ethdev->queue[0].dev = PORT_ETHDEV_NONE; /* bond_free closes it */
		port_ethdev_free(ethdev);
		return err;
	}
	(void)rte_eth_allmulticast_enable(
	    bond->dev); /* neighbour discovery; where it is a setting */
	return port_ethdev_finish(request, ethdev, &bond->device);
}

static uint16_t
lacp_rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	const struct bond *bond = port->state;

	return port_rx(bond->device, queue, burst, n, now_us);
}

static uint16_t
lacp_tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	const struct bond *bond = port->state;

	if (n == 0)
		return rte_eth_tx_burst(bond->dev, queue, burst, 0);
	return port_tx(bond->device, queue, burst, n, now_us);
}

static void
lacp_info(struct port *port, struct port_info *info)
{
	struct bond *bond = port->state;

	for (unsigned i = 0; i < bond->members; i++) {
		struct port_info member = { 0 };

		port_info(bond->member[i], &member);
		bond->link_up[i] = member.link_up;
	}
	bond->device->ops->info(bond->device, info);
}

/* ---- how it is ---- */

static enum port_bond_lacp
lacp_of(const struct bond *bond, unsigned member)
{
	const uint8_t both_ways = STATE_SYNCHRONIZATION | STATE_COLLECTING | STATE_DISTRIBUTING;
	struct rte_eth_bond_8023ad_member_info info;

	if (!is_there(bond, member) ||
	    rte_eth_bond_8023ad_member_info(bond->dev, member_device(bond, member), &info) ||
	    info.actor_state & (STATE_DEFAULTED | STATE_EXPIRED))
		return PORT_BOND_LACP_ALONE;
	return (info.actor_state & both_ways) == both_ways ? PORT_BOND_LACP_AGGREGATED
							   : PORT_BOND_LACP_NEGOTIATING;
}

bool
port_bond_info(const struct port *port, struct port_bond_info *out)
{
	const struct bond *bond;

	while (port->inner)
		port = port->inner;
	if (port->ops != &lacp_ops && port->ops != &backup_ops)
		return false;
	bond = port->state;
	*out = (struct port_bond_info){ .is_lacp = port->ops == &lacp_ops, .count = bond->members };
	for (unsigned i = 0; i < bond->members; i++) {
		struct port_bond_member *member = &out->member[i];

		member->link_up = bond->link_up[i];
		if (out->is_lacp)
			member->lacp = lacp_of(bond, i);
		member->is_active =
		    out->is_lacp ? member->lacp == PORT_BOND_LACP_AGGREGATED
				 : i == atomic_load_explicit(&bond->active, memory_order_relaxed);
	}
	return true;
}

/* ---- the end ---- */

static void
bond_close(struct port *port)
{
	bond_free(port->state);
}

/* The bond lets go of its members before it ends, and they of theirs. */
static void
bond_free(struct bond *bond)
{
	if (bond->dev != PORT_ETHDEV_NONE) {
		rte_eth_dev_stop(bond->dev);
		for (unsigned i = 0; i < bond->members; i++)
			if (is_there(bond, i))
				(void)rte_eth_bond_member_remove(bond->dev, member_device(bond, i));
		if (bond->device)
			port_close(bond->device);
		else
			(void)rte_eth_bond_free(bond->name);
	}
	for (unsigned i = 0; i < bond->members; i++)
		port_close(bond->member[i]);
	free(bond);
}
