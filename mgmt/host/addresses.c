/*
 * Addresses and default routes of one kernel interface by rtnetlink(7): what is there and not wanted goes, what is
 * wanted comes; what is there and wanted is left alone, so that SSH sessions outlive a commit.
 *
 * Left out: link-local addresses (the kernel's own), other routes, name resolution.
 */
#include "mgmt/host/addresses.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fw/rtnetlink/rtnetlink.h"

#define ANSWER_BYTES 16384u
#define PRESENT_MAX  64u

struct present {
	uint32_t count;
	struct {
		struct addr addr;
		uint32_t prefix_len;
	} at[PRESENT_MAX];
};

static bool set_up(const char *interface);
static void
set_sysctl(const char *family, const char *interface, const char *name, const char *value);
static bool find_present(struct addresses *addresses, unsigned index, struct present *present);
static void add_present(const struct nlmsghdr *message, unsigned index, struct present *present);
static bool is_wanted(const struct generation *gen, const struct addr *addr, uint32_t prefix_len);
static bool
set_default_route(struct addresses *addresses, unsigned index, bool v4, const struct addr *gateway);

enum err
addresses_open(struct addresses *addresses, const char *interface)
{
	if (strlen(interface) >= sizeof addresses->interface)
		return ERR_too_long;
	strcpy(addresses->interface, interface);
	addresses->netlink = rtnetlink_open();
	return addresses->netlink < 0 ? ERR_io : ERR_ok;
}

void
addresses_close(struct addresses *addresses)
{
	close(addresses->netlink);
	addresses->netlink = -1;
}

bool
addresses_apply(struct addresses *addresses, const struct generation *gen, char *why,
		size_t why_bytes)
{
	const struct gen_management_address *own = generation_management_addresses(gen);
	unsigned index = if_nametoindex(addresses->interface);
	const struct addr *gateway[2] = { NULL, NULL };
	struct present present = { 0 };
	char text[ADDR_TEXT_MAX];
	bool ok = true;

	if (index == 0 || !set_up(addresses->interface) ||
	    !find_present(addresses, index, &present)) {
		snprintf(why, why_bytes, "%s: %s", addresses->interface,
			 index == 0 ? "there is no such interface" : strerror(errno));
		return false;
	}
	for (uint32_t i = 0; i < present.count; i++)
		if (!is_wanted(gen, &present.at[i].addr, present.at[i].prefix_len))
			(void)rtnetlink_address(addresses->netlink, RTM_DELADDR, index,
						&present.at[i].addr, present.at[i].prefix_len, 0);
	for (uint32_t i = 0; i < gen->management_addresses.count; i++) {
		if (!addr_equal(&own[i].gateway, &addr_any))
			gateway[addr_is_v4(&own[i].gateway)] = &own[i].gateway;
		if (rtnetlink_address(addresses->netlink, RTM_NEWADDR, index, &own[i].addr,
				      own[i].prefix_len, 0))
			continue;
		snprintf(why, why_bytes, "%s: address %s: %s", addresses->interface,
			 addr_format(&own[i].addr, text), strerror(errno));
		ok = false;
	}
	for (int v4 = 0; v4 <= 1; v4++) {
		if (set_default_route(addresses, index, v4, gateway[v4]))
			continue;
		snprintf(why, why_bytes, "%s: default route via %s: %s", addresses->interface,
			 addr_format(gateway[v4], text), strerror(errno));
		ok = false;
	}
	return ok;
}

/*
 * What a router announces is not asked for: the configuration says all. When the first address of a prefix goes, the
 * kernel would take the others with it.
 */
static bool
set_up(const char *interface)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { 0 };
	bool ok;

	set_sysctl("ipv6", interface, "accept_ra", "0");
	set_sysctl("ipv4", interface, "promote_secondaries", "1");
	if (fd < 0)
		return false;
	strcpy(request.ifr_name, interface);
	ok = ioctl(fd, SIOCGIFFLAGS, &request) == 0;
	if (ok && !(request.ifr_flags & IFF_UP)) {
		request.ifr_flags |= IFF_UP;
		ok = ioctl(fd, SIOCSIFFLAGS, &request) == 0;
	}
	close(fd);
	return ok;
}

/* A kernel without IPv6 has none of its. */
static void
set_sysctl(const char *family, const char *interface, const char *name, const char *value)
{
	char path[96];
	int fd;

	snprintf(path, sizeof path, "/proc/sys/net/%s/conf/%s/%s", family, interface, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 ? errno != ENOENT : write(fd, value, strlen(value)) < 0)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static bool
find_present(struct addresses *addresses, unsigned index, struct present *present)
{
	_Alignas(struct nlmsghdr) static char answer[ANSWER_BYTES];
	struct ifaddrmsg fixed = { .ifa_family = AF_UNSPEC };
	struct rtnetlink_request r;

	rtnetlink_begin(&r, RTM_GETADDR, NLM_F_DUMP, &fixed, sizeof fixed);
	if (!rtnetlink_send(addresses->netlink, &r))
		return false;
	for (;;) {
		ssize_t len = recv(addresses->netlink, answer, sizeof answer, 0);
		unsigned rest = len > 0 ? (unsigned)len : 0;
		struct nlmsghdr *at = (struct nlmsghdr *)answer;

		if (len <= 0)
			return false;
		for (; NLMSG_OK(at, rest); at = NLMSG_NEXT(at, rest)) {
			if (at->nlmsg_seq != r.head.nlmsg_seq)
				continue;
			if (at->nlmsg_type == NLMSG_DONE)
				return true;
			if (at->nlmsg_type == NLMSG_ERROR) {
				errno = EPROTO;
				return false;
			}
			add_present(at, index, present);
		}
	}
}

static void
add_present(const struct nlmsghdr *message, unsigned index, struct present *present)
{
	const struct ifaddrmsg *fixed = NLMSG_DATA(message);
	size_t rest = IFA_PAYLOAD(message);
	bool v4;

	if (message->nlmsg_type != RTM_NEWADDR || fixed->ifa_index != index ||
	    fixed->ifa_scope == RT_SCOPE_LINK || present->count == PRESENT_MAX)
		return;
	v4 = fixed->ifa_family == AF_INET;
	for (struct rtattr *at = IFA_RTA(fixed); RTA_OK(at, rest); at = RTA_NEXT(at, rest)) {
		be32 wire;

		if (at->rta_type != (v4 ? IFA_LOCAL : IFA_ADDRESS) ||
		    RTA_PAYLOAD(at) != (v4 ? 4 : 16))
			continue;
		memcpy(&wire, RTA_DATA(at), sizeof wire);
		present->at[present->count].addr =
		    v4 ? addr_from_v4(wire) : addr_from_v6(RTA_DATA(at));
		present->at[present->count++].prefix_len = fixed->ifa_prefixlen;
		return;
	}
}

static bool
is_wanted(const struct generation *gen, const struct addr *addr, uint32_t prefix_len)
{
	const struct gen_management_address *own = generation_management_addresses(gen);

	for (uint32_t i = 0; i < gen->management_addresses.count; i++)
		if (own[i].prefix_len == prefix_len && addr_equal(&own[i].addr, addr))
			return true;
	return false;
}

/* gateway NULL: the one that is there goes, if it is on this interface and was set so. */
static bool
set_default_route(struct addresses *addresses, unsigned index, bool v4, const struct addr *gateway)
{
	struct rtmsg fixed = { .rtm_family = v4 ? AF_INET : AF_INET6,
			       .rtm_table = RT_TABLE_MAIN,
			       .rtm_protocol = RTPROT_STATIC,
			       .rtm_scope = RT_SCOPE_UNIVERSE,
			       .rtm_type = RTN_UNICAST };
	struct rtnetlink_request r;

	rtnetlink_begin(&r, gateway ? RTM_NEWROUTE : RTM_DELROUTE,
			gateway ? NLM_F_CREATE | NLM_F_REPLACE : 0, &fixed, sizeof fixed);
	if (gateway)
		rtnetlink_add_addr(&r, RTA_GATEWAY, gateway);
	rtnetlink_add(&r, RTA_OIF, &index, sizeof index);
	return rtnetlink_ask(addresses->netlink, &r) || !gateway;
}
