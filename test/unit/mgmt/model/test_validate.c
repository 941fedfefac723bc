/* What validation lets pass, next to what the bad samples show it refuses. */
#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/model/model.h"
#include "test/unit/unit.h"

#define NETWORK                                                                                    \
	"version = 1; ports = ( { name = \"p0\"; addresses = [ \"10.0.0.1/24\", \"10.0.0.2/24\", " \
	"\"fd00::1/64\" ]; },"                                                                     \
	"{ name = \"p1\"; addresses = [ \"10.0.1.0/31\", \"192.0.2.255/32\" ]; } );"
#define POOL(members) "pools = ( { name = \"web\"; members = ( " members " ); } );"
#define MEMBER        "{ address = \"10.0.0.11\"; port = 80; }"

static void
expect_good(const char *text)
{
	struct errors errors = { 0 };
	struct model m;

	if (model_load(text, strlen(text), &m, &errors))
		model_free(&m);
	else
		printf("%u: %s\n", errors.error[0].line, errors.error[0].text);
	CU_ASSERT_EQUAL(errors.count, 0);
}

static void
several_addresses_of_a_prefix_on_one_port_are_good(void)
{
	expect_good(NETWORK);
}

static void
network_address_of_a_31_is_a_good_host(void)
{
	expect_good(NETWORK POOL("{ address = \"10.0.1.1\"; port = 80; }"));
}

static void
virtual_server_beside_the_ports_is_good(void)
{
	expect_good(
	    NETWORK POOL(MEMBER) "virtual-servers = ( { name = \"routed\"; address = "
				 "\"198.51.100.1\"; port = 80; type = \"tcp\"; pool = \"web\"; },"
				 "{ name = \"own\"; address = \"10.0.0.1\"; port = 80; type = "
				 "\"tcp\"; pool = \"web\"; },"
				 "{ name = \"own-2\"; address = \"10.0.0.1\"; port = 81; type = "
				 "\"tcp\"; pool = \"web\"; } );");
}

static void
families_may_mix(void)
{
	expect_good(NETWORK POOL(
	    MEMBER
	    ", { address = \"fd00::11\"; port = 80; }") "virtual-servers = ( { name = \"six\"; "
							"address = \"fd00::100\"; port = 80; type "
							"= \"http\"; pool = \"web\"; } );");
}

static void
member_behind_a_route_is_good(void)
{
	expect_good(NETWORK POOL(
	    "{ address = \"172.16.0.1\"; port = 80; }") "routes = ( { to = \"172.16.0.0/12\"; via "
							"= \"10.0.0.9\"; } );");
}

static void
same_member_in_two_pools_is_good(void)
{
	expect_good(NETWORK "pools = ( { name = \"a\"; members = ( " MEMBER
			    " ); }, { name = \"b\"; members = ( " MEMBER " ); } );");
}

static void
nested_routes_are_good(void)
{
	expect_good(NETWORK "routes = ( { to = \"0.0.0.0/0\"; via = \"10.0.0.9\"; }, { to = "
			    "\"10.0.0.0/8\"; via = \"10.0.0.9\"; },"
			    "{ to = \"::/0\"; via = \"fd00::9\"; } );");
}

static void
errors_over_the_room_are_counted(void)
{
	struct errors errors = { 0 };
	char out[64];

	for (unsigned i = 0; i < ERRORS_MAX + 7; i++)
		errors_add(&errors, 100 - i, "wrong\033[2J");
	CU_ASSERT_EQUAL(errors.count, ERRORS_MAX);
	CU_ASSERT_EQUAL(errors.more, 7);
	CU_ASSERT_STRING_EQUAL(errors.error[0].text, "wrong?[2J");
	CU_ASSERT_EQUAL(errors_format(&errors, "f", out, sizeof out), sizeof out - 1);
	CU_ASSERT_EQUAL(strncmp(out, "f:81: wrong?[2J\nf:82: ", 22), 0);
}

CU_TestInfo test_validate[] = {
	{ "validate_several_addresses_of_a_prefix_on_one_port_are_good",
	  several_addresses_of_a_prefix_on_one_port_are_good },
	{ "validate_network_address_of_a_31_is_a_good_host",
	  network_address_of_a_31_is_a_good_host },
	{ "validate_virtual_server_beside_the_ports_is_good",
	  virtual_server_beside_the_ports_is_good },
	{ "validate_families_may_mix", families_may_mix },
	{ "validate_member_behind_a_route_is_good", member_behind_a_route_is_good },
	{ "validate_same_member_in_two_pools_is_good", same_member_in_two_pools_is_good },
	{ "validate_nested_routes_are_good", nested_routes_are_good },
	{ "errors_over_the_room_are_counted_and_printable", errors_over_the_room_are_counted },
	CU_TEST_INFO_NULL,
};
