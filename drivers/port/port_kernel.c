/*
 * TAP interfaces: made through /dev/net/tun, set up by netdevice(7)'s ioctls and rtnetlink(7), a few attributes by
 * /proc/sys. The interface lives as long as its descriptor, so a process that is killed leaves none; its rules stay and
 * lead to an empty table, until the next one that has the address takes them away.
 *
 * Left out: offloads (the kernel gives whole frames of the interface's MTU with their checksums), several queues.
 */
#include "drivers/port/port_kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fw/rtnetlink/rtnetlink.h"

#define TUN_DEVICE       "/dev/net/tun"
#define NAME_PREFIX      "tap-"
#define RULE_PRIORITY    1000u /* before the main table's */
#define TABLE_OF_IFINDEX 61000u
#define RULES_FORGOTTEN  1000u /* at most, of one address */

STATIC_ASSERT(sizeof NAME_PREFIX - 1 + LIMIT_SERVICE_PORT_NAME_BYTES < IFNAMSIZ,
	      "the kernel's name of the interface fits");

struct port_kernel {
	char name[LIMIT_SERVICE_PORT_NAME_BYTES + 1];
	char iface[IFNAMSIZ];
	int fd;      /* the frames */
	int netlink; /* requests to rtnetlink */
	int control; /* for ioctls */
	int ifindex;
	struct port_kernel_setup setup; /* the last one; its name is none */
};

static enum err make_interface(struct port_kernel *k);
static bool set_link(struct port_kernel *k, const struct port_kernel_setup *setup);
static bool set_flags(struct port_kernel *k, short flags);
static void set_ipv6(const struct port_kernel *k, const char *name, const char *value);
static bool write_file(const char *path, const char *text);
static bool has(const struct port_kernel_setup *setup, const struct port_kernel_address *address);
static bool
change_address(struct port_kernel *k, uint16_t type, const struct port_kernel_address *address);
static bool change_rule(struct port_kernel *k, uint16_t type,
			const struct port_kernel_address *address, bool any_table);
static void forget_rules(struct port_kernel *k, const struct port_kernel_address *address);
static bool add_default_route(struct port_kernel *k, uint8_t family);
static bool ask(struct port_kernel *k, struct rtnetlink_request *r);

enum err
port_kernel_open(const char *name, struct port_kernel **out, char *why, unsigned why_bytes)
{
	struct port_kernel *k;
	enum err err;

	if (strlen(name) >= sizeof k->name) {
		snprintf(why, why_bytes, "port %s: the name is too long for one with services",
			 name);
		return ERR_invalid;
	}
	k = calloc(1, sizeof *k);
	if (!k) {
		snprintf(why, why_bytes, "out of memory");
		return ERR_no_memory;
	}
	strcpy(k->name, name);
	snprintf(k->iface, sizeof k->iface, NAME_PREFIX "%s", name);
	k->fd = k->netlink = k->control = -1;
	err = make_interface(k);
	if (err) {
		snprintf(why, why_bytes, "the kernel's interface %s can't be made: %s", k->iface,
			 strerror(errno));
		port_kernel_close(k);
		return err;
	}
	*out = k;
	return ERR_ok;
}

static enum err
make_interface(struct port_kernel *k)
{
	struct ifreq ask_tun = { .ifr_flags = IFF_TAP | IFF_NO_PI };

	k->control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	k->netlink = rtnetlink_open();
	k->fd = open(TUN_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (k->control < 0 || k->netlink < 0 || k->fd < 0)
		return ERR_io;
	memcpy(ask_tun.ifr_name, k->iface, sizeof k->iface);
	if (ioctl(k->fd, TUNSETIFF, &ask_tun))
		return ERR_io;
	k->ifindex = (int)if_nametoindex(k->iface);
	return k->ifindex ? ERR_ok : ERR_io;
}

enum err
port_kernel_set(struct port_kernel *k, const struct port_kernel_setup *setup, char *why,
		unsigned why_bytes)
{
	char text[ADDR_TEXT_MAX];
	bool ok = set_link(k, setup);

	if (!ok)
		snprintf(why, why_bytes, "%s: MAC address, MTU or state: %s", k->iface,
			 strerror(errno));
	for (uint32_t i = 0; i < k->setup.address_count; i++)
		if (!has(setup, &k->setup.address[i])) {
			(void)change_rule(k, RTM_DELRULE, &k->setup.address[i], false);
			(void)change_address(k, RTM_DELADDR, &k->setup.address[i]);
		}
	for (uint32_t i = 0; i < setup->address_count; i++) {
		const struct port_kernel_address *address = &setup->address[i];

		if (!has(&k->setup, address))
			forget_rules(k, address);
		if (change_address(k, RTM_NEWADDR, address) &&
		    add_default_route(k, addr_is_v4(&address->addr) ? AF_INET : AF_INET6) &&
		    change_rule(k, RTM_NEWRULE, address, false))
			continue;
		snprintf(why, why_bytes, "%s: address %s: %s", k->iface,
			 addr_format(&address->addr, text), strerror(errno));
		ok = false;
	}
	k->setup = *setup;
	k->setup.name = NULL;
	return ok ? ERR_ok : ERR_io;
}

/* The link-local address that the kernel makes from the MAC address is the data plane's, too. */
static bool
set_link(struct port_kernel *k, const struct port_kernel_setup *setup)
{
	struct ifreq mac = { .ifr_hwaddr.sa_family = 1 /* ARPHRD_ETHER */ };
	struct ifreq mtu = { .ifr_mtu = setup->mtu_bytes };

	memcpy(mac.ifr_name, k->iface, sizeof k->iface);
	memcpy(mtu.ifr_name, k->iface, sizeof k->iface);
	memcpy(mac.ifr_hwaddr.sa_data, setup->mac, sizeof setup->mac);
	set_ipv6(k, "disable_ipv6", "0");
	set_ipv6(k, "addr_gen_mode", "0");
	set_ipv6(k, "accept_ra", "0");
	set_ipv6(k, "accept_dad", "0");
	return ioctl(k->control, SIOCSIFHWADDR, &mac) == 0 &&
	       ioctl(k->control, SIOCSIFMTU, &mtu) == 0 && set_flags(k, IFF_UP | IFF_NOARP);
}

static bool
set_flags(struct port_kernel *k, short flags)
{
	struct ifreq ask_flags = { 0 };

	memcpy(ask_flags.ifr_name, k->iface, sizeof k->iface);
	if (ioctl(k->control, SIOCGIFFLAGS, &ask_flags))
		return false;
	ask_flags.ifr_flags |= flags;
	return ioctl(k->control, SIOCSIFFLAGS, &ask_flags) == 0;
}

/* A kernel without IPv6 has none of these; an IPv6 address is then refused with a reason. */
static void
set_ipv6(const struct port_kernel *k, const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/%s", k->iface, name);
	(void)write_file(path, value);
}

static bool
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

static bool
has(const struct port_kernel_setup *setup, const struct port_kernel_address *address)
{
	for (uint32_t i = 0; i < setup->address_count; i++)
		if (setup->address[i].prefix_len == address->prefix_len &&
		    addr_equal(&setup->address[i].addr, &address->addr))
			return true;
	return false;
}

/* Ours as it is: no other machine is asked whether it has it, which is the data plane's to do. */
static bool
change_address(struct port_kernel *k, uint16_t type, const struct port_kernel_address *address)
{
	return rtnetlink_address(k->netlink, type, (unsigned)k->ifindex, &address->addr,
				 address->prefix_len, addr_is_v4(&address->addr) ? 0 : IFA_F_NODAD);
}

/* any_table, to delete: whatever table it leads to. */
static bool
change_rule(struct port_kernel *k, uint16_t type, const struct port_kernel_address *address,
	    bool any_table)
{
	struct fib_rule_hdr fixed = { .family = addr_is_v4(&address->addr) ? AF_INET : AF_INET6,
				      .table = RT_TABLE_UNSPEC,
				      .action = FR_ACT_TO_TBL };
	uint32_t table = TABLE_OF_IFINDEX + (uint32_t)k->ifindex, priority = RULE_PRIORITY;
	struct rtnetlink_request r;

	fixed.src_len = addr_is_v4(&address->addr) ? 32 : 128;
	rtnetlink_begin(&r, type, type == RTM_NEWRULE ? NLM_F_CREATE | NLM_F_EXCL : 0, &fixed,
			sizeof fixed);
	rtnetlink_add_addr(&r, FRA_SRC, &address->addr);
	if (!any_table)
		rtnetlink_add(&r, FRA_TABLE, &table, sizeof table);
	rtnetlink_add(&r, FRA_PRIORITY, &priority, sizeof priority);
	return ask(k, &r);
}

/* Each start that ended by a kill has left one. */
static void
forget_rules(struct port_kernel *k, const struct port_kernel_address *address)
{
	for (unsigned n = 0; n < RULES_FORGOTTEN; n++)
		if (!change_rule(k, RTM_DELRULE, address, true))
			return;
}

/* No gateway: the data plane's own routes say how it goes on. */
static bool
add_default_route(struct port_kernel *k, uint8_t family)
{
	struct rtmsg fixed = { .rtm_family = family,
			       .rtm_table = RT_TABLE_UNSPEC,
			       .rtm_protocol = RTPROT_STATIC,
			       .rtm_scope = family == AF_INET ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
			       .rtm_type = RTN_UNICAST };
	uint32_t table = TABLE_OF_IFINDEX + (uint32_t)k->ifindex;
	struct rtnetlink_request r;

	rtnetlink_begin(&r, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &fixed, sizeof fixed);
	rtnetlink_add(&r, RTA_TABLE, &table, sizeof table);
	rtnetlink_add(&r, RTA_OIF, &k->ifindex, sizeof k->ifindex);
	return ask(k, &r);
}

/* What is there already is as it should be. */
static bool
ask(struct port_kernel *k, struct rtnetlink_request *r)
{
	return rtnetlink_ask(k->netlink, r) || errno == EEXIST;
}

/* ---- frames ---- */

void
port_kernel_close(struct port_kernel *k)
{
	for (uint32_t i = 0; i < k->setup.address_count; i++)
		(void)change_rule(k, RTM_DELRULE, &k->setup.address[i], false);
	if (k->fd >= 0)
		close(k->fd);
	if (k->netlink >= 0)
		close(k->netlink);
	if (k->control >= 0)
		close(k->control);
	free(k);
}

const char *
port_kernel_name(const struct port_kernel *k)
{
	return k->name;
}

int
port_kernel_fd(const struct port_kernel *k)
{
	return k->fd;
}

uint32_t
port_kernel_read(struct port_kernel *k, void *out, uint32_t max_bytes)
{
	ssize_t len = read(k->fd, out, max_bytes);

	return len > 0 ? (uint32_t)len : 0;
}

bool
port_kernel_write(struct port_kernel *k, const void *frame, uint32_t len_bytes)
{
	return write(k->fd, frame, len_bytes) == (ssize_t)len_bytes;
}

enum err
port_kernel_reserve_ports(uint16_t first, uint16_t last)
{
	char text[32];

	snprintf(text, sizeof text, "%u %u", first, last);
	return write_file("/proc/sys/net/ipv4/ip_local_port_range", text) ? ERR_ok : ERR_io;
}
