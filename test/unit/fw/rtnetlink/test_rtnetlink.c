/*
 * Requests to the kernel, in a network namespace of the test's own (root needed).
 */
#include <errno.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fw/base/assert.h"
#include "fw/rtnetlink/rtnetlink.h"
#include "test/unit/unit.h"

static int netlink;
static unsigned lo;

static void
begin(void)
{
	static bool apart;

	if (!apart)
		CU_ASSERT_EQUAL_FATAL(unshare(CLONE_NEWNET), 0);
	apart = true;
	netlink = rtnetlink_open();
	lo = if_nametoindex("lo");
	CU_ASSERT_FATAL(netlink >= 0 && lo > 0);
}

static struct addr
addr_of(const char *text)
{
	struct addr addr;

	ASSERT(addr_parse(text, &addr));
	return addr;
}

static bool
is_there(const char *what)
{
	char command[96];

	snprintf(command, sizeof command, "ip address show dev lo | grep -q ' %s '", what);
	return system(command) == 0;
}

static void
addresses_of_both_families_come_and_go(void)
{
	struct addr v4 = addr_of("192.0.2.1"), v6 = addr_of("2001:db8::1");

	begin();
	CU_ASSERT_TRUE(rtnetlink_address(netlink, RTM_NEWADDR, lo, &v4, 24, 0));
	CU_ASSERT_TRUE(rtnetlink_address(netlink, RTM_NEWADDR, lo, &v4, 24, 0)); /* as it is */
	CU_ASSERT_TRUE(rtnetlink_address(netlink, RTM_NEWADDR, lo, &v6, 64, IFA_F_NODAD));
	CU_ASSERT_TRUE(is_there("192.0.2.1/24"));
	CU_ASSERT_TRUE(is_there("2001:db8::1/64"));
	CU_ASSERT_TRUE(rtnetlink_address(netlink, RTM_DELADDR, lo, &v4, 24, 0));
	CU_ASSERT_FALSE(rtnetlink_address(netlink, RTM_DELADDR, lo, &v4, 24, 0));
	CU_ASSERT_EQUAL(errno, EADDRNOTAVAIL);
	CU_ASSERT_FALSE(is_there("192.0.2.1/24"));
	CU_ASSERT_FALSE(rtnetlink_address(netlink, RTM_NEWADDR, 9999, &v4, 24, 0));
	CU_ASSERT_EQUAL(errno, ENODEV);
	close(netlink);
}

/* One that was given up: its answer comes while the next one's is waited for. */
static void
answer_of_an_earlier_request_is_passed_over(void)
{
	struct ifaddrmsg nothing = { .ifa_family = AF_INET, .ifa_index = 9999 };
	struct addr v4 = addr_of("192.0.2.2");
	struct rtnetlink_request r;

	begin();
	rtnetlink_begin(&r, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE, &nothing, sizeof nothing);
	rtnetlink_add_addr(&r, IFA_LOCAL, &v4);
	CU_ASSERT_TRUE(rtnetlink_send(netlink, &r)); /* refused, which nobody reads */
	CU_ASSERT_TRUE(rtnetlink_address(netlink, RTM_NEWADDR, lo, &v4, 32, 0));
	CU_ASSERT_TRUE(is_there("192.0.2.2/32"));
	close(netlink);
}

CU_TestInfo test_rtnetlink[] = {
	{ "rtnetlink_addresses_of_both_families_come_and_go",
	  addresses_of_both_families_come_and_go },
	{ "rtnetlink_answer_of_an_earlier_request_is_passed_over",
	  answer_of_an_earlier_request_is_passed_over },
	CU_TEST_INFO_NULL,
};
