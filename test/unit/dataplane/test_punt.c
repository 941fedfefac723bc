/*
 * The thread between workers and kernel, with the kernel's real interfaces in a network namespace of this program's own:
 * what a worker writes the kernel answers, and interfaces follow the configuration.
 */
#include "dataplane/punt.h"

#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/port/port_kernel.h"
#include "fw/abi/services.h"
#include "fw/base/wire.h"
#include "test/unit/unit.h"

#define WAIT_MS 3000u /* at most, for what takes a few */

static struct {
	struct generation head;
	struct gen_port ports[2];
	struct gen_address addresses[3];
	char strings[8];
} gen;

static struct net_config config;
static struct punt *punt;

/* The kernel finishes some of what it was asked for a moment later, such as an IPv6 address. */
static void
run(const char *command)
{
	for (unsigned waited_ms = 0; system(command) != 0; waited_ms += 20) {
		if (waited_ms > WAIT_MS) {
			printf("  %s\n", command);
			CU_FAIL(command);
			return;
		}
		usleep(20000);
	}
}

static struct gen_array
array_of(const void *at, uint32_t count)
{
	return (struct gen_array){ .offset =
				       (uint32_t)((const uint8_t *)at - (const uint8_t *)&gen),
				   .count = count };
}

static struct gen_address
own(const char *text, uint32_t prefix_len, uint32_t port)
{
	struct gen_address a = { .prefix_len = prefix_len, .port = port };

	ASSERT(addr_parse(text, &a.addr));
	return a;
}

static void
begin(void)
{
	static bool unshared;

	if (!unshared)
		CU_ASSERT_EQUAL_FATAL(unshare(CLONE_NEWNET), 0);
	unshared = true;
	memset(&gen, 0, sizeof gen);
	gen.head.ports = array_of(gen.ports, 2);
	gen.head.addresses = array_of(gen.addresses, 3);
	gen.head.strings = array_of(gen.strings, sizeof gen.strings);
	memcpy(gen.strings, "q0\0q1", 6);
	gen.ports[0] =
	    (struct gen_port){ .name = { 0, 2 }, .first_address = 0, .address_count = 2 };
	gen.ports[1] =
	    (struct gen_port){ .name = { 3, 2 }, .first_address = 2, .address_count = 1 };
	gen.addresses[0] = own("10.0.0.1", 24, 0);
	gen.addresses[1] = own("fd00::1", 64, 0);
	gen.addresses[2] = own("10.0.1.1", 24, 1);
	config = (struct net_config){ .generation = &gen.head, .port_count = 2 };
	config.ports[0] = (struct net_port){ .mac = { 2, 0, 0, 0, 1, 0 }, .mtu_bytes = 1400 };
	config.ports[1] = (struct net_port){ .mac = { 2, 0, 0, 0, 1, 1 }, .mtu_bytes = 9000 };
	CU_ASSERT_EQUAL_FATAL(punt_create(2, &punt), ERR_ok);
}

static void
adopt(void)
{
	char why[256] = "";

	if (punt_prepare(punt, &config, why, sizeof why) != ERR_ok)
		CU_FAIL_FATAL(why);
	punt_adopt(punt, &config);
}

static void
interfaces_follow_the_configuration(void)
{
	unsigned index;

	begin();
	adopt();
	run("! ip -o link | grep -q tap-");
	gen.ports[0].services = 1u << SERVICE_ping;
	adopt();
	run("ip -o link show tap-q0 | grep NOARP | grep UP | grep 'mtu 1400' | grep -q "
	    "02:00:00:00:01:00");
	run("ip -o addr show tap-q0 | grep -q 'inet 10.0.0.1/24'");
	run("ip -o addr show tap-q0 | grep 'inet6 fd00::1/64' | grep -qv tentative");
	/* the kernel's link-local address is ours */
	run("ip -o addr show tap-q0 | grep -q fe80::ff:fe00:100/64");
	run("test \"$(ip route get 198.51.100.1 from 10.0.0.1 | grep -c tap-q0)\" = 1");
	run("test \"$(ip -6 route get 2001:db8::1 from fd00::1 | grep -c tap-q0)\" = 1");
	run("test \"$(cat /proc/sys/net/ipv4/ip_local_port_range)\" = \"$(printf "
	    "'61000\\t65535')\"");
	run("! ip -o link | grep -q tap-q1");
	/* what stays is not touched, the rest follows */
	index = if_nametoindex("tap-q0");
	gen.addresses[0] = own("10.0.0.9", 25, 0);
	gen.ports[1].services = 1u << SERVICE_ssh;
	adopt();
	CU_ASSERT_EQUAL(if_nametoindex("tap-q0"), index);
	run("ip -o addr show tap-q0 | grep -q 'inet 10.0.0.9/25'");
	run("! ip -o addr show tap-q0 | grep -q 10.0.0.1/24");
	run("! ip rule | grep -q 'from 10.0.0.1 '");
	run("ip rule | grep -q 'from 10.0.0.9 '");
	run("ip -o link show tap-q1 | grep -q 'mtu 1500'"); /* services need no larger one */
	gen.ports[0].services = 0;
	adopt();
	run("! ip -o link | grep -q tap-q0");
	run("! ip rule | grep -q 'from 10.0.0.9 '");
	punt_destroy(punt);
	run("! ip -o link | grep -q tap-");
}

/* Interfaces of processes that were killed are gone, their rules are not. */
static void
rules_of_killed_processes_go(void)
{
	begin();
	run("ip rule add from 10.0.0.1 lookup 61777 priority 1000");
	run("ip rule add from 10.0.0.1 lookup 61778 priority 1000");
	run("ip -6 rule add from fd00::1 lookup 61777 priority 1000");
	run("ip rule add from 10.0.0.1 lookup 61777 priority 999");
	gen.ports[0].services = 1u << SERVICE_ping;
	adopt();
	run("test \"$(ip rule | grep -c '^1000:.*from 10.0.0.1 ')\" = 1");
	run("test \"$(ip -6 rule | grep -c 'from fd00::1 ')\" = 1");
	run("test \"$(ip rule | grep -c '^999:.*from 10.0.0.1 ')\" = 1"); /* nobody's of ours */
	adopt();
	run("test \"$(ip rule | grep -c '^1000:.*from 10.0.0.1 ')\" = 1");
	punt_destroy(punt);
	run("! ip rule | grep -q '^1000:.*from 10.0.0.1 '");
	run("ip rule del priority 999");
}

/* Nothing changes until it is adopted; what was made in vain goes away. */
static void
refused_configuration_changes_nothing(void)
{
	static const char long_name[] = "twelve-bytes";
	struct port_kernel *kernel;
	char why[256] = "";

	begin();
	gen.ports[0].services = 1u << SERVICE_ping;
	adopt();
	gen.ports[1].services = 1u << SERVICE_ping;
	CU_ASSERT_EQUAL(punt_prepare(punt, &config, why, sizeof why), ERR_ok);
	run("ip -o link | grep -q tap-q1");
	gen.ports[1].services = 0;
	CU_ASSERT_EQUAL(punt_prepare(punt, &config, why, sizeof why), ERR_ok);
	run("! ip -o link | grep -q tap-q1");
	run("ip -o addr show tap-q0 | grep -q 'inet 10.0.0.1/24'");
	/* the name is taken by an interface of another kind */
	run("ip link add tap-q1 type veth peer name other");
	gen.ports[1].services = 1u << SERVICE_ping;
	CU_ASSERT_EQUAL(punt_prepare(punt, &config, why, sizeof why), ERR_io);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "tap-q1"));
	run("ip -o addr show tap-q0 | grep -q 'inet 10.0.0.1/24'");
	run("ip link del other");
	CU_ASSERT_EQUAL(port_kernel_open(long_name, &kernel, why, sizeof why), ERR_invalid);
	punt_destroy(punt);
}

static uint16_t
checksum(const uint8_t *at, uint32_t len)
{
	return checksum_finish(checksum_add(0, at, len));
}

static void
push_echo(uint32_t worker, uint8_t port)
{
	struct punt_frame *frame = punt_ring_room(punt_to_kernel(punt, worker));
	uint8_t bytes[14 + 20 + 8] = { 2, 0, 0, 0,    1,    0,    2, 0, 0,
				       0, 0, 1, 0x08, 0x00, 0x45, 0, 0, 28 };
	uint16_t sum;

	bytes[22] = 64;
	bytes[23] = 1;
	memcpy(bytes + 26, (uint8_t[]){ 198, 51, 100, 7, 10, 0, 0, 1 }, 8);
	sum = checksum(bytes + 14, 20);
	memcpy(bytes + 24, &sum, 2);
	bytes[34] = 8;
	bytes[38] = (uint8_t)worker;
	sum = checksum(bytes + 34, 8);
	memcpy(bytes + 36, &sum, 2);
	CU_ASSERT_PTR_NOT_NULL_FATAL(frame);
	frame->port = port;
	frame->len_bytes = sizeof bytes;
	memcpy(frame->bytes, bytes, sizeof bytes);
	punt_ring_push(punt_to_kernel(punt, worker));
}

/* The next echo reply of the kernel; what else it says is let pass. */
static const struct punt_frame *
next_reply(void)
{
	for (unsigned ms = 0; ms < WAIT_MS; ms++) {
		const struct punt_frame *frame;

		while ((frame = punt_ring_next(punt_from_kernel(punt)))) {
			if (frame->len_bytes == 42 && frame->bytes[23] == 1 &&
			    frame->bytes[34] == 0)
				return frame;
			punt_ring_pop(punt_from_kernel(punt));
		}
		usleep(1000);
	}
	return NULL;
}

/* The asking host is behind a router, of which the kernel knows nothing. */
static void
kernel_answers_what_workers_write(void)
{
	const struct punt_frame *frame;

	begin();
	gen.ports[0].services = 1u << SERVICE_ping;
	adopt();
	for (uint32_t worker = 0; worker < 2; worker++) {
		push_echo(worker, 0);
		frame = next_reply();
		CU_ASSERT_PTR_NOT_NULL_FATAL(frame);
		CU_ASSERT_EQUAL(frame->port, 0);
		CU_ASSERT_EQUAL(frame->bytes[38], worker);
		CU_ASSERT_EQUAL(memcmp(frame->bytes + 6, config.ports[0].mac, 6), 0);
		CU_ASSERT_EQUAL(memcmp(frame->bytes + 30, (uint8_t[]){ 198, 51, 100, 7 }, 4), 0);
		punt_ring_pop(punt_from_kernel(punt));
	}
	CU_ASSERT_EQUAL(punt_lost(punt), 0);
	punt_destroy(punt);
}

/* As after a commit that has taken a service away: show drops has it as punt_lost. */
static void
frame_for_a_port_without_services_is_lost_and_counted(void)
{
	begin();
	gen.ports[0].services = 1u << SERVICE_ping;
	adopt();
	push_echo(1, 1);
	push_echo(1, 255);
	for (unsigned ms = 0; ms < WAIT_MS && punt_lost(punt) < 2; ms++)
		usleep(1000);
	CU_ASSERT_EQUAL(punt_lost(punt), 2);
	punt_destroy(punt);
}

CU_TestInfo test_punt[] = {
	{ "punt_interfaces_follow_the_configuration", interfaces_follow_the_configuration },
	{ "punt_rules_of_killed_processes_go", rules_of_killed_processes_go },
	{ "punt_refused_configuration_changes_nothing", refused_configuration_changes_nothing },
	{ "punt_kernel_answers_what_workers_write", kernel_answers_what_workers_write },
	{ "punt_frame_for_a_port_without_services_is_lost_and_counted",
	  frame_for_a_port_without_services_is_lost_and_counted },
	CU_TEST_INFO_NULL,
};
