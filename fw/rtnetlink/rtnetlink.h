/*
 * Requests to the kernel's network configuration (rtnetlink(7)): one message, one answer.
 */
#ifndef FW_RTNETLINK_RTNETLINK_H
#define FW_RTNETLINK_RTNETLINK_H

#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fw/base/addr.h"

#define RTNETLINK_BODY_BYTES 256u

struct rtnetlink_request {
	struct nlmsghdr head;
	uint8_t body[RTNETLINK_BODY_BYTES];
};

/* A socket for requests, to be closed by close(2); -1: errno. */
int rtnetlink_open(void);
/* Begins a message: its type, flags beside NLM_F_REQUEST, and the struct that every message of that type begins with. */
void rtnetlink_begin(struct rtnetlink_request *request, uint16_t type, uint16_t flags,
		     const void *fixed, size_t fixed_bytes);
/* Adds an attribute; all of them must fit. Borrows data. */
void
rtnetlink_add(struct rtnetlink_request *request, uint16_t type, const void *data, size_t bytes);
/* The same of an address, four or sixteen bytes as its family has. */
void rtnetlink_add_addr(struct rtnetlink_request *request, uint16_t type, const struct addr *addr);
/* Sends it and waits for the kernel's word. False: errno says why. */
bool rtnetlink_ask(int fd, struct rtnetlink_request *request);
/* Sends it; answers are the caller's to receive. False: errno says why. */
bool rtnetlink_send(int fd, struct rtnetlink_request *request);
/*
 * Adds (RTM_NEWADDR) or deletes (RTM_DELADDR) an address of an interface; flags are those of struct ifaddrmsg. One that is
 * there already is as it should be. False: errno says why.
 */
bool rtnetlink_address(int fd, uint16_t type, unsigned ifindex, const struct addr *addr,
		       uint32_t prefix_len, uint8_t flags);

#endif
