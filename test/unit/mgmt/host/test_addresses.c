/*
 * Addresses of the management port, on a veth pair (root needed).
 */
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fw/base/assert.h"
#include "mgmt/host/addresses.h"
#include "mgmt/push/compile.h"
#include "test/unit/unit.h"

static char own[IFNAMSIZ], peer[IFNAMSIZ];

static void
run(const char *format, const char *a, const char *b)
{
	char command[200];

	snprintf(command, sizeof command, format, a, b);
	CU_ASSERT_EQUAL(system(command), 0);
}

/* In a network namespace of its own: default routes are changed. */
static void
veth_make(void)
{
	static bool apart;

	if (!apart)
		CU_ASSERT_EQUAL_FATAL(unshare(CLONE_NEWNET), 0);
	apart = true;
	snprintf(own, sizeof own, "flm%u", (unsigned)getpid() % 100000);
	snprintf(peer, sizeof peer, "flx%u", (unsigned)getpid() % 100000);
	run("ip link add %s type veth peer name %s", own, peer);
	run("ip link set %s up%.0s", peer, "");
}

static void
veth_remove(void)
{
	run("ip link del %s%.0s", own, "");
}

static struct generation *
generation_of(const char *text)
{
	struct errors errors = { 0 };
	struct generation *gen = NULL;
	struct model model;

	ASSERT(model_load(text, strlen(text), &model, &errors));
	ASSERT(compile(&model, NULL, 1, 1, &gen) == ERR_ok);
	model_free(&model);
	return gen;
}

static void
expect(const char *text, const char *addresses)
{
	struct generation *gen = generation_of(text);
	struct addresses a;
	char why[256] = "", got[512] = "";
	struct ifaddrs *list;

	CU_ASSERT_EQUAL_FATAL(addresses_open(&a, own), ERR_ok);
	CU_ASSERT(addresses_apply(&a, gen, why, sizeof why));
	if (why[0])
		fprintf(stderr, "%s\n", why);
	addresses_close(&a);
	CU_ASSERT_EQUAL_FATAL(getifaddrs(&list), 0);
	for (struct ifaddrs *at = list; at; at = at->ifa_next) {
		struct addr addr;
		char one[ADDR_TEXT_MAX];

		if (strcmp(at->ifa_name, own) != 0 || !at->ifa_addr)
			continue;
		if (at->ifa_addr->sa_family == AF_INET) {
			be32 wire;

			memcpy(&wire, &((struct sockaddr_in *)at->ifa_addr)->sin_addr, 4);
			addr = addr_from_v4(wire);
		} else if (at->ifa_addr->sa_family == AF_INET6) {
			addr =
			    addr_from_v6(((struct sockaddr_in6 *)at->ifa_addr)->sin6_addr.s6_addr);
			if (addr_is_link_local_v6(&addr))
				continue;
		} else {
			continue;
		}
		snprintf(got + strlen(got), sizeof got - strlen(got), "%s ",
			 addr_format(&addr, one));
	}
	freeifaddrs(list);
	CU_ASSERT_STRING_EQUAL(got, addresses);
	free(gen);
}

static void
addresses_come_stay_and_go(void)
{
	veth_make();
	expect("version = 1; management-addresses = ( { address = \"10.199.9.1/24\"; }, { address "
	       "= \"fd99:9::1/64\"; } );",
	       "10.199.9.1 fd99:9::1 ");
	expect("version = 1; management-addresses = ( { address = \"10.199.9.1/24\"; } );",
	       "10.199.9.1 ");
	run("ip address add 10.199.8.1/24 dev %s%.0s", own, ""); /* somebody else's */
	expect("version = 1; management-addresses = ( { address = \"10.199.7.1/24\"; } );",
	       "10.199.7.1 ");
	expect("version = 1;", "");
	veth_remove();
}

/* It is the one that somebody is logged in over. */
static void
second_address_of_a_prefix_outlives_the_first(void)
{
	char command[160];

	veth_make();
	expect("version = 1; management-addresses = ( { address = \"10.199.9.1/24\"; }, { address "
	       "= \"10.199.9.5/24\"; } );",
	       "10.199.9.1 10.199.9.5 ");
	run("ip address change 10.199.9.5/24 dev %s%.0s valid_lft 9000 preferred_lft 9000", own,
	    "");
	expect("version = 1; management-addresses = ( { address = \"10.199.9.5/24\"; } );",
	       "10.199.9.5 ");
	snprintf(command, sizeof command, "ip address show dev %s | grep -q 'valid_lft [89]...sec'",
		 own); /* it was not even taken away for a moment */
	CU_ASSERT_EQUAL(system(command), 0);
	veth_remove();
}

static void
another_prefix_length_is_another_address(void)
{
	char command[128];

	veth_make();
	expect("version = 1; management-addresses = ( { address = \"10.199.9.1/24\"; } );",
	       "10.199.9.1 ");
	expect("version = 1; management-addresses = ( { address = \"10.199.9.1/25\"; } );",
	       "10.199.9.1 ");
	snprintf(command, sizeof command, "ip address show dev %s | grep -q '10.199.9.1/25'", own);
	CU_ASSERT_EQUAL(system(command), 0);
	veth_remove();
}

static void
default_route_comes_and_goes(void)
{
	char command[128];

	veth_make();
	expect("version = 1; management-addresses = ( { address = \"fd99:9::1/64\"; gateway = "
	       "\"fd99:9::2\"; } );",
	       "fd99:9::1 ");
	snprintf(command, sizeof command,
		 "ip -6 route show default dev %s | grep -q 'via fd99:9::2'", own);
	CU_ASSERT_EQUAL(system(command), 0);
	expect("version = 1; management-addresses = ( { address = \"fd99:9::1/64\"; gateway = "
	       "\"fd99:9::3\"; } );",
	       "fd99:9::1 ");
	snprintf(command, sizeof command,
		 "ip -6 route show default dev %s | grep -q 'via fd99:9::3'", own);
	CU_ASSERT_EQUAL(system(command), 0);
	expect("version = 1; management-addresses = ( { address = \"fd99:9::1/64\"; } );",
	       "fd99:9::1 ");
	snprintf(command, sizeof command, "ip -6 route show default dev %s | grep -q via", own);
	CU_ASSERT_NOT_EQUAL(system(command), 0);
	veth_remove();
}

static void
routers_are_not_believed(void)
{
	char command[96];

	veth_make();
	run("echo 1 >/proc/sys/net/ipv6/conf/%s/accept_ra%.0s", own, "");
	expect("version = 1; management-addresses = ( { address = \"10.199.9.1/24\"; } );",
	       "10.199.9.1 ");
	snprintf(command, sizeof command, "grep -qx 0 /proc/sys/net/ipv6/conf/%s/accept_ra", own);
	CU_ASSERT_EQUAL(system(command), 0);
	veth_remove();
}

static void
missing_interface_is_said(void)
{
	struct generation *gen = generation_of("version = 1;");
	struct addresses a;
	char why[128];

	CU_ASSERT_EQUAL_FATAL(addresses_open(&a, "flnone0"), ERR_ok);
	CU_ASSERT_FALSE(addresses_apply(&a, gen, why, sizeof why));
	CU_ASSERT_STRING_EQUAL(why, "flnone0: there is no such interface");
	addresses_close(&a);
	CU_ASSERT_EQUAL(addresses_open(&a, "a-name-that-is-too-long"), ERR_too_long);
	free(gen);
}

CU_TestInfo test_addresses[] = {
	{ "addresses_come_stay_and_go", addresses_come_stay_and_go },
	{ "addresses_second_address_of_a_prefix_outlives_the_first",
	  second_address_of_a_prefix_outlives_the_first },
	{ "addresses_another_prefix_length_is_another_address",
	  another_prefix_length_is_another_address },
	{ "addresses_default_route_comes_and_goes", default_route_comes_and_goes },
	{ "addresses_routers_are_not_believed", routers_are_not_believed },
	{ "addresses_missing_interface_is_said", missing_interface_is_said },
	CU_TEST_INFO_NULL,
};
