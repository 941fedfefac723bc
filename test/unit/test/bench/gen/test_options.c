/* The load generator's command line. */
#include "test/bench/gen/options.h"

#include "test/unit/unit.h"

#define ARGS(...) ((char *[]){ (char *)"gen", __VA_ARGS__, NULL })

static struct gen_options options;
static char why[256];

static bool
parse(char **argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	return options_parse(&options, argc, argv, why, sizeof why);
}

static void
options_of_a_workload_fill_in_what_was_not_said(void)
{
	CU_ASSERT_TRUE_FATAL(
	    parse(ARGS("--workload", "bulk", "--client", "ring:a", "--server", "ring:b")));
	CU_ASSERT_EQUAL(options.workload, GEN_BULK);
	CU_ASSERT_EQUAL(options.object_bytes, 1 << 20);
	CU_ASSERT_EQUAL(options.pipeline, 1);
	CU_ASSERT_TRUE(options.conns > 0 && options.origin_conns > options.conns);
	CU_ASSERT_EQUAL(options.target, 0x0a000064);
	CU_ASSERT_EQUAL(options.via, options.target);
}

static void
options_said_are_taken(void)
{
	CU_ASSERT_TRUE_FATAL(parse(
	    ARGS("--workload", "open", "--client", "a", "--server", "b", "--rate", "5000",
		 "--conns", "7", "--target", "10.9.8.7:8080", "--via", "10.0.0.1", "--client-net",
		 "172.16.0.0/12", "--closes", "client", "--seconds", "0.5", "--no-huge")));
	CU_ASSERT_EQUAL(options.rate, 5000);
	CU_ASSERT_EQUAL(options.conns, 7);
	CU_ASSERT_EQUAL(options.target, 0x0a090807);
	CU_ASSERT_EQUAL(options.target_port, 8080);
	CU_ASSERT_EQUAL(options.via, 0x0a000001);
	CU_ASSERT_EQUAL(options.client_net.base, 0xac100000);
	CU_ASSERT_EQUAL(options.client_net.mask, 0xfff00000);
	CU_ASSERT_TRUE(options.client_closes && options.no_huge);
	CU_ASSERT_EQUAL(options.run_s, 0.5);
}

static void
options_that_make_no_sense_are_refused(void)
{
	CU_ASSERT_FALSE(parse(ARGS("--client", "a", "--server", "b")));
	CU_ASSERT_FALSE(parse(ARGS("--workload", "keepalive", "--client", "a", "--server", "b",
				   "--flood-mac", "02:00:00:00:00")));
	CU_ASSERT_FALSE(parse(ARGS("--workload", "keepalive", "--client", "a")));
	CU_ASSERT_FALSE(parse(ARGS("--workload", "sleep", "--client", "a", "--server", "b")));
	CU_ASSERT_FALSE(parse(ARGS("--workload", "open", "--client", "a", "--server", "b")));
	CU_ASSERT_FALSE(
	    parse(ARGS("--workload", "idle", "--client", "a", "--server", "b", "--conns", "0")));
	CU_ASSERT_FALSE(parse(
	    ARGS("--workload", "idle", "--client", "a", "--server", "b", "--addresses", "1000")));
	CU_ASSERT_FALSE(
	    parse(ARGS("--workload", "idle", "--client", "a", "--server", "b", "more")));
	CU_ASSERT_FALSE(
	    parse(ARGS("--workload", "idle", "--client", "a", "--server", "b", "--conns")));
	CU_ASSERT_FALSE(
	    parse(ARGS("--workload", "idle", "--client", "a", "--server", "b", "--what")));
}

static void
options_addresses_of_ipv4_alone_are_read(void)
{
	struct side_net net;
	uint32_t address;
	uint16_t port;

	CU_ASSERT_TRUE(options_net("10.2.3.4/16", &net));
	CU_ASSERT_EQUAL(net.base, 0x0a020000);
	CU_ASSERT_FALSE(options_net("10.2.0.0", &net));
	CU_ASSERT_FALSE(options_net("10.2.0.0/0", &net));
	CU_ASSERT_FALSE(options_net("fd00::/64", &net));
	CU_ASSERT_FALSE(options_address("fd00::1", &address));
	CU_ASSERT_TRUE(options_endpoint("10.0.0.100:80", &address, &port));
	CU_ASSERT_EQUAL(port, 80);
	CU_ASSERT_FALSE(options_endpoint("10.0.0.100", &address, &port));
	CU_ASSERT_FALSE(options_endpoint("10.0.0.100:0", &address, &port));
	CU_ASSERT_FALSE(options_endpoint("10.0.0.100:65536", &address, &port));
}

CU_TestInfo test_options[] = {
	{ "options_of_a_workload_fill_in_what_was_not_said",
	  options_of_a_workload_fill_in_what_was_not_said },
	{ "options_said_are_taken", options_said_are_taken },
	{ "options_that_make_no_sense_are_refused", options_that_make_no_sense_are_refused },
	{ "options_addresses_of_ipv4_alone_are_read", options_addresses_of_ipv4_alone_are_read },
	CU_TEST_INFO_NULL,
};
