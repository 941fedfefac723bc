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
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fw/base/assert.h"

#define MESSAGE_BYTES 256u
#define ANSWER_BYTES  16384u
#define PRESENT_MAX   64u

struct request {
	struct nlmsghdr head;
	uint8_t body[MESSAGE_BYTES];
};

struct present {
	uint32_t count;
	struct {
		struct addr addr;
		uint32_t prefix_len;
	} at[PRESENT_MAX];
};

static bool set_up(const char *interface);
static bool find_present(struct addresses *addresses, unsigned index, struct present *present);
static void add_present(const struct nlmsghdr *message, unsigned index, struct present *present);
static bool is_wanted(const struct generation *gen, const struct addr *addr, uint32_t prefix_len);
static bool change_address(struct addresses *addresses, uint16_t type, unsigned index,
			   const struct addr *addr, uint32_t prefix_len);
static bool
set_default_route(struct addresses *addresses, unsigned index, bool v4, const struct addr *gateway);
static void
begin(struct request *r, uint16_t type, uint16_t flags, const void *fixed, size_t fixed_bytes);
static void add(struct request *r, uint16_t type, const void *data, size_t bytes);
static bool ask(struct addresses *addresses, struct request *r);
static const uint8_t *raw(const struct addr *addr, size_t *bytes);

enum err
addresses_open(struct addresses *addresses, const char *interface)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct timeval limit = { .tv_sec = 5 };

	if (strlen(interface) >= sizeof addresses->interface)
		return ERR_too_long;
	strcpy(addresses->interface, interface);
	addresses->netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (addresses->netlink < 0)
		return ERR_io;
	(void)setsockopt(addresses->netlink, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	if (connect(addresses->netlink, (struct sockaddr *)&kernel, sizeof kernel) == 0)
		return ERR_ok;
	addresses_close(addresses);
	return ERR_io;
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
			(void)change_address(addresses, RTM_DELADDR, index, &present.at[i].addr,
					     present.at[i].prefix_len);
	for (uint32_t i = 0; i < gen->management_addresses.count; i++) {
		if (!addr_equal(&own[i].gateway, &addr_any))
			gateway[addr_is_v4(&own[i].gateway)] = &own[i].gateway;
		if (change_address(addresses, RTM_NEWADDR, index, &own[i].addr, own[i].prefix_len))
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

/* What a router announces is not asked for: the configuration says all. */
static bool
set_up(const char *interface)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), sysctl_fd;
	struct ifreq request = { 0 };
	char path[96];
	bool ok;

	snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/accept_ra", interface);
	sysctl_fd = open(path, O_WRONLY | O_CLOEXEC);
	if (sysctl_fd >= 0) {
		(void)!write(sysctl_fd, "0", 1);
		close(sysctl_fd);
	}
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

static bool
find_present(struct addresses *addresses, unsigned index, struct present *present)
{
	_Alignas(struct nlmsghdr) static char answer[ANSWER_BYTES];
	struct ifaddrmsg fixed = { .ifa_family = AF_UNSPEC };
	struct request r;

	begin(&r, RTM_GETADDR, NLM_F_DUMP, &fixed, sizeof fixed);
	if (send(addresses->netlink, &r, r.head.nlmsg_len, 0) != (ssize_t)r.head.nlmsg_len)
		return false;
	for (;;) {
		ssize_t len = recv(addresses->netlink, answer, sizeof answer, 0);
		unsigned rest = len > 0 ? (unsigned)len : 0;
		struct nlmsghdr *at = (struct nlmsghdr *)answer;

		if (len <= 0)
			return false;
		for (; NLMSG_OK(at, rest); at = NLMSG_NEXT(at, rest)) {
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

static bool
change_address(struct addresses *addresses, uint16_t type, unsigned index, const struct addr *addr,
	       uint32_t prefix_len)
{
	struct ifaddrmsg fixed = { .ifa_family = addr_is_v4(addr) ? AF_INET : AF_INET6,
				   .ifa_prefixlen = (uint8_t)prefix_len,
				   .ifa_index = index };
	struct request r;
	size_t bytes;
	const uint8_t *at = raw(addr, &bytes);

	begin(&r, type, type == RTM_NEWADDR ? NLM_F_CREATE | NLM_F_EXCL : 0, &fixed, sizeof fixed);
	add(&r, IFA_LOCAL, at, bytes);
	add(&r, IFA_ADDRESS, at, bytes);
	return ask(addresses, &r) || (type == RTM_NEWADDR && errno == EEXIST);
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
	struct request r;
	size_t bytes;

	begin(&r, gateway ? RTM_NEWROUTE : RTM_DELROUTE, gateway ? NLM_F_CREATE | NLM_F_REPLACE : 0,
	      &fixed, sizeof fixed);
	if (gateway) {
		const uint8_t *at = raw(gateway, &bytes);

		add(&r, RTA_GATEWAY, at, bytes);
	}
	add(&r, RTA_OIF, &index, sizeof index);
	return ask(addresses, &r) || !gateway;
}

static const uint8_t *
raw(const struct addr *addr, size_t *bytes)
{
	*bytes = addr_is_v4(addr) ? 4 : 16;
	return &addr->byte[16 - *bytes];
}

static void
begin(struct request *r, uint16_t type, uint16_t flags, const void *fixed, size_t fixed_bytes)
{
	memset(r, 0, sizeof *r);
	r->head.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + NLMSG_ALIGN(fixed_bytes));
	r->head.nlmsg_type = type;
	r->head.nlmsg_flags = NLM_F_REQUEST | (flags == NLM_F_DUMP ? 0 : NLM_F_ACK) | flags;
	memcpy(r->body, fixed, fixed_bytes);
}

static void
add(struct request *r, uint16_t type, const void *data, size_t bytes)
{
	struct rtattr attribute = { .rta_len = (uint16_t)RTA_LENGTH(bytes), .rta_type = type };
	uint8_t *at = (uint8_t *)r + r->head.nlmsg_len;

	ASSERT(r->head.nlmsg_len + RTA_SPACE(bytes) <= sizeof *r);
	memcpy(at, &attribute, sizeof attribute);
	memcpy(at + RTA_LENGTH(0), data, bytes);
	r->head.nlmsg_len += (uint32_t)RTA_SPACE(bytes);
}

static bool
ask(struct addresses *addresses, struct request *r)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		uint8_t rest[1024];
	} answer;
	ssize_t len;

	if (send(addresses->netlink, r, r->head.nlmsg_len, 0) != (ssize_t)r->head.nlmsg_len)
		return false;
	len = recv(addresses->netlink, &answer, sizeof answer, 0);
	if (len < (ssize_t)(sizeof answer.head + sizeof answer.error.error) ||
	    answer.head.nlmsg_type != NLMSG_ERROR) {
		errno = EPROTO;
		return false;
	}
	errno = -answer.error.error;
	return errno == 0;
}
