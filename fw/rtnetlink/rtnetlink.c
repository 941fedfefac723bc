/*
 * Building messages and matching answers. Each request has a number of its own, so that an answer that came too late, for one
 * that was given up, is not taken for the next one's.
 */
#include "fw/rtnetlink/rtnetlink.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "fw/base/assert.h"

#define ANSWER_S 5

int
rtnetlink_open(void)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct timeval limit = { .tv_sec = ANSWER_S };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), error;

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	if (connect(fd, (struct sockaddr *)&kernel, sizeof kernel) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

void
rtnetlink_begin(struct rtnetlink_request *r, uint16_t type, uint16_t flags, const void *fixed,
		size_t fixed_bytes)
{
	memset(r, 0, sizeof *r);
	ASSERT(fixed_bytes <= sizeof r->body);
	r->head.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + NLMSG_ALIGN(fixed_bytes));
	r->head.nlmsg_type = type;
	r->head.nlmsg_flags = NLM_F_REQUEST | flags;
	memcpy(r->body, fixed, fixed_bytes);
}

void
rtnetlink_add(struct rtnetlink_request *r, uint16_t type, const void *data, size_t bytes)
{
	struct rtattr attribute = { .rta_len = (uint16_t)RTA_LENGTH(bytes), .rta_type = type };
	uint8_t *at = (uint8_t *)r + r->head.nlmsg_len;

	ASSERT(r->head.nlmsg_len + RTA_SPACE(bytes) <= sizeof *r);
	memcpy(at, &attribute, sizeof attribute);
	memcpy(at + RTA_LENGTH(0), data, bytes);
	r->head.nlmsg_len += (uint32_t)RTA_SPACE(bytes);
}

void
rtnetlink_add_addr(struct rtnetlink_request *r, uint16_t type, const struct addr *addr)
{
	size_t bytes = addr_is_v4(addr) ? 4 : 16;

	rtnetlink_add(r, type, &addr->byte[sizeof addr->byte - bytes], bytes);
}

bool
rtnetlink_send(int fd, struct rtnetlink_request *r)
{
	static uint32_t last_number;

	r->head.nlmsg_seq = __atomic_add_fetch(&last_number, 1, __ATOMIC_RELAXED);
	return send(fd, r, r->head.nlmsg_len, 0) == (ssize_t)r->head.nlmsg_len;
}

bool
rtnetlink_ask(int fd, struct rtnetlink_request *r)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		uint8_t rest[1024];
	} answer;
	ssize_t len;

	r->head.nlmsg_flags |= NLM_F_ACK;
	if (!rtnetlink_send(fd, r))
		return false;
	do {
		len = recv(fd, &answer, sizeof answer, 0);
		if (len < 0)
			return false;
	} while (len >= (ssize_t)sizeof answer.head && answer.head.nlmsg_seq != r->head.nlmsg_seq);
	if (len < (ssize_t)(sizeof answer.head + sizeof answer.error.error) ||
	    answer.head.nlmsg_type != NLMSG_ERROR) {
		errno = EPROTO;
		return false;
	}
	errno = -answer.error.error;
	return errno == 0;
}

bool
rtnetlink_address(int fd, uint16_t type, unsigned ifindex, const struct addr *addr,
		  uint32_t prefix_len, uint8_t flags)
{
	struct ifaddrmsg fixed = { .ifa_family = addr_is_v4(addr) ? AF_INET : AF_INET6,
				   .ifa_prefixlen = (uint8_t)prefix_len,
				   .ifa_flags = flags,
				   .ifa_index = ifindex };
	struct rtnetlink_request r;

	rtnetlink_begin(&r, type, type == RTM_NEWADDR ? NLM_F_CREATE | NLM_F_EXCL : 0, &fixed,
			sizeof fixed);
	rtnetlink_add_addr(&r, IFA_LOCAL, addr);
	rtnetlink_add_addr(&r, IFA_ADDRESS, addr);
	return rtnetlink_ask(fd, &r) || (type == RTM_NEWADDR && errno == EEXIST);
}
