/* From text to structs, and texts at the borders. What is refused is in test_bad_config.c. */
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "fw/abi/services.h"
#include "mgmt/model/model.h"
#include "test/unit/mgmt/model/samples.h"
#include "test/unit/unit.h"

static bool
load(const char *text, struct model *model, struct errors *errors)
{
	char said[4096];
	bool ok;

	*errors = (struct errors){ 0 };
	ok = model_load(text, strlen(text), model, errors);
	if (!ok && errors_format(errors, "text", said, sizeof said) == 0)
		CU_FAIL("refused without a message");
	return ok;
}

static void
full_text_sets_every_field(void)
{
	struct errors errors;
	struct model m;

	CU_ASSERT_TRUE_FATAL(load(SAMPLE_FULL, &m, &errors));
	CU_ASSERT_EQUAL(m.port_count, 4);
	CU_ASSERT_EQUAL(m.address_count, 6);
	CU_ASSERT_STRING_EQUAL(m.ports[0].name, "p0");
	CU_ASSERT_EQUAL(m.ports[0].mtu_bytes, 1400);
	CU_ASSERT_EQUAL(m.ports[1].addresses.first, 2);
	CU_ASSERT_EQUAL(m.ports[1].addresses.count, 2);
	CU_ASSERT_STRING_EQUAL(m.vlans[0].name, "v9");
	CU_ASSERT_STRING_EQUAL(m.vlans[0].port, "p1");
	CU_ASSERT(m.vlans[0].tag == 9 && m.vlans[0].mtu_bytes == 1300);
	CU_ASSERT(m.vlans[0].addresses.first == 5 && m.vlans[0].addresses.count == 1);
	CU_ASSERT_STRING_EQUAL(m.bonds[0].name, "b0");
	CU_ASSERT_EQUAL(GEN_BOND_NONE + 1 + m.bonds[0].mode, GEN_BOND_LACP);
	CU_ASSERT_EQUAL(m.bonds[0].ports.count, 2);
	CU_ASSERT_STRING_EQUAL(m.bonds[0].ports.name[0], "p3");
	CU_ASSERT_STRING_EQUAL(m.bonds[0].ports.name[1], "p2");
	CU_ASSERT(m.bonds[0].addresses.first == 4 && m.bonds[0].addresses.count == 1);
	CU_ASSERT_EQUAL(m.bonds[0].mtu_bytes, 1450);
	CU_ASSERT_EQUAL(m.bonds[0].services, 1u << SERVICE_ssh);
	CU_ASSERT_EQUAL(m.addresses[3].len, 64);
	CU_ASSERT_EQUAL(m.addresses[3].line, 3);
	CU_ASSERT_EQUAL(m.routes[1].to.len, 32);
	CU_ASSERT_EQUAL(m.monitors[0].type, GEN_MONITOR_HTTP);
	CU_ASSERT_EQUAL(m.monitors[0].interval_ms, 2000);
	CU_ASSERT_EQUAL(m.monitors[0].timeout_ms, 700);
	CU_ASSERT_EQUAL(m.monitors[0].fall, 4);
	CU_ASSERT_EQUAL(m.monitors[0].rise, 5);
	CU_ASSERT_STRING_EQUAL(m.monitors[0].path, "/a?b=\"c\\d\"");
	CU_ASSERT_STRING_EQUAL(m.monitors[0].host, "www.example");
	CU_ASSERT(gen_statuses_have(&m.monitors[0].status, 204) &&
		  !gen_statuses_have(&m.monitors[0].status, 203) &&
		  !gen_statuses_have(&m.monitors[0].status, 205));
	CU_ASSERT_STRING_EQUAL(m.pools[0].monitor, "up");
	CU_ASSERT_EQUAL(m.pools[1].first_member, 2);
	CU_ASSERT_EQUAL(m.members[0].weight, 7);
	CU_ASSERT_EQUAL(m.members[1].port, 65535);
	CU_ASSERT_EQUAL(m.virtual_servers[0].idle_timeout_ms, 1000);
	CU_ASSERT_EQUAL(m.virtual_servers[1].type, GEN_VS_TCP);
	CU_ASSERT_STRING_EQUAL(m.virtual_servers[1].pool, "raw");
	model_free(&m);
}

/* What is written first makes no difference: the ports' addresses come before the VLANs'. */
static void
vlans_may_stand_before_their_ports(void)
{
	struct errors errors;
	char text[ADDR_TEXT_MAX];
	struct model m;

	CU_ASSERT_TRUE_FATAL(
	    load("version = 1; vlans = ( { name = \"v1\"; port = \"p\"; tag = 1; addresses = [ "
		 "\"10.1.0.1/24\", \"fd01::1/64\" ]; },"
		 "{ name = \"v2\"; port = \"p\"; tag = 4094; addresses = [ \"10.2.0.1/24\" ]; } );"
		 "ports = ( { name = \"p\"; addresses = [ \"10.0.0.1/24\" ]; } );"
		 "routes = ( { to = \"0.0.0.0/0\"; via = \"10.2.0.2\"; } );",
		 &m, &errors));
	CU_ASSERT(m.ports[0].addresses.first == 0 && m.ports[0].addresses.count == 1);
	CU_ASSERT(m.vlans[0].addresses.first == 1 && m.vlans[0].addresses.count == 2);
	CU_ASSERT(m.vlans[1].addresses.first == 3 && m.vlans[1].addresses.count == 1);
	CU_ASSERT_STRING_EQUAL(addr_format(&m.addresses[0].addr, text), "10.0.0.1");
	CU_ASSERT_STRING_EQUAL(addr_format(&m.addresses[2].addr, text), "fd01::1");
	CU_ASSERT_STRING_EQUAL(addr_format(&m.addresses[3].addr, text), "10.2.0.1");
	CU_ASSERT_EQUAL(model_connected_port(&m, &m.routes[0].via.address[0]), 2);
	model_free(&m);
}

static void
left_out_fields_take_their_defaults(void)
{
	struct errors errors;
	struct model m;

	CU_ASSERT_TRUE_FATAL(load(SAMPLE_FULL, &m, &errors));
	CU_ASSERT_EQUAL(m.ports[1].mtu_bytes, 1500);
	CU_ASSERT_EQUAL(m.monitors[1].interval_ms, 5000);
	CU_ASSERT_EQUAL(m.monitors[1].timeout_ms, 1000);
	CU_ASSERT_EQUAL(m.monitors[1].fall, 3);
	CU_ASSERT_EQUAL(m.monitors[1].rise, 2);
	CU_ASSERT_STRING_EQUAL(m.monitors[1].path, "/");
	CU_ASSERT_STRING_EQUAL(m.monitors[1].host, "");
	CU_ASSERT(gen_statuses_have(&m.monitors[1].status, 200) &&
		  gen_statuses_have(&m.monitors[1].status, 399) &&
		  !gen_statuses_have(&m.monitors[1].status, 199) &&
		  !gen_statuses_have(&m.monitors[1].status, 400));
	CU_ASSERT_STRING_EQUAL(m.pools[1].monitor, "");
	CU_ASSERT_EQUAL(m.pools[1].method, GEN_METHOD_ROUND_ROBIN);
	CU_ASSERT_EQUAL(m.members[2].weight, 1);
	CU_ASSERT_EQUAL(m.virtual_servers[1].idle_timeout_ms, 60000);
	model_free(&m);
}

static void
version_alone_is_a_configuration(void)
{
	struct errors errors;
	struct model m;

	CU_ASSERT_TRUE(load("version = 1;", &m, &errors));
	CU_ASSERT_EQUAL(m.port_count + m.pool_count + m.virtual_server_count, 0);
	model_free(&m);
}

static void
ends_of_ranges_are_taken(void)
{
	struct errors errors;
	struct model m;

	CU_ASSERT_TRUE_FATAL(load(
	    "version = 1; ports = ( { name = \"fifteen-letters\"; addresses = [ ]; mtu-bytes = "
	    "1280L; } );"
	    "monitors = ( { name = \"m\"; type = \"http\"; interval-ms = 86400000; timeout-ms = 10;"
	    "fall = 100; rise = 1; status = \"100-599\"; } );",
	    &m, &errors));
	CU_ASSERT_EQUAL(m.ports[0].mtu_bytes, 1280);
	CU_ASSERT_EQUAL(m.monitors[0].interval_ms, 86400000);
	CU_ASSERT(gen_statuses_have(&m.monitors[0].status, 100) &&
		  gen_statuses_have(&m.monitors[0].status, 599));
	model_free(&m);
}

static void
nul_byte_is_refused_at_its_line(void)
{
	static const char text[] = "version = 1;\n\n#\0\n";
	struct errors errors = { 0 };
	struct model m;

	CU_ASSERT_FALSE(model_load(text, sizeof text - 1, &m, &errors));
	CU_ASSERT_EQUAL(errors.error[0].line, 3);
	CU_ASSERT_STRING_EQUAL(errors.error[0].text,
			       "byte 0x00 is not text; is this a configuration?");
}

static void
text_over_the_size_limit_is_refused(void)
{
	size_t size = MODEL_TEXT_BYTES + 1;
	char *text = malloc(size);
	struct errors errors = { 0 };
	struct model m;

	ASSERT(text);
	memset(text, '\n', size);
	memcpy(text, "version = 1;", 12);
	CU_ASSERT_TRUE(model_load(text, size - 1, &m, &errors));
	model_free(&m);
	CU_ASSERT_FALSE(model_load(text, size, &m, &errors));
	CU_ASSERT_PTR_NOT_NULL(strstr(errors.error[0].text, "longer than"));
	free(text);
}

/* Nothing behind text_bytes is read: the text comes from a socket. */
static void
text_without_a_nul_is_parsed(void)
{
	static const char text[] = "version = 1;";
	char *exact = malloc(sizeof text - 1);
	struct errors errors = { 0 };
	struct model m;

	ASSERT(exact);
	memcpy(exact, text, sizeof text - 1);
	CU_ASSERT_TRUE(model_load(exact, sizeof text - 1, &m, &errors));
	model_free(&m);
	free(exact);
}

static void
members_at_the_limit_are_taken_and_one_more_is_refused(void)
{
	char *text = malloc(2 << 20);
	struct errors errors;
	struct model m;
	size_t len;

	ASSERT(text);
	for (uint32_t count = LIMIT_MEMBERS; count <= LIMIT_MEMBERS + 1; count++) {
		len = (size_t)sprintf(
		    text,
		    "version = 1; ports = ( { name = \"p\"; addresses = [ \"10.0.0.1/8\" ]; } );"
		    "pools = ( { name = \"web\"; members = ( ");
		for (uint32_t i = 0; i < count; i++)
			len += (size_t)sprintf(
			    text + len, "%s{ address = \"10.1.%u.%u\"; port = %u; }", i ? "," : "",
			    i / 250 % 250, i % 250 + 1, i / 62500 + 1);
		len += (size_t)sprintf(text + len, " ); } );");
		CU_ASSERT_EQUAL(load(text, &m, &errors), count == LIMIT_MEMBERS);
		if (count == LIMIT_MEMBERS)
			model_free(&m);
		else
			CU_ASSERT_STRING_EQUAL(errors.error[0].text,
					       "more than 16384 members; LIMIT_MEMBERS is 16384");
	}
	free(text);
}

/* libconfig would take minutes over it. */
static void
group_of_very_many_fields_is_refused_at_once(void)
{
	char *text = malloc(MODEL_TEXT_BYTES);
	size_t len = (size_t)sprintf(text, "version = 1;\n");
	struct errors errors;
	struct model m;

	for (unsigned i = 0; len < MODEL_TEXT_BYTES - 32; i++)
		len += (size_t)sprintf(text + len, "a%u = 1;\n", i);
	CU_ASSERT_FALSE(load(text, &m, &errors));
	CU_ASSERT_EQUAL(errors.error[0].line, 65);
	CU_ASSERT_PTR_NOT_NULL(strstr(errors.error[0].text, "more than 64 fields"));
	free(text);
}

/* What only looks like a field: within strings and comments, and in groups of their own. */
static void
fields_are_counted_by_group_and_not_in_comments(void)
{
	char *text = malloc(1 << 16);
	size_t len = (size_t)sprintf(text, "version = 1;\n/*/ a = 1 * / { { { {{{{{{{{{{ \" */\n");
	struct errors errors;
	struct model m;

	for (unsigned i = 0; i < 100; i++)
		len += (size_t)sprintf(text + len,
				       "# x = 1; {{{{{{{{{{{{{{{{{{{{{ \"\n// y = 2; /*\n");
	len += (size_t)sprintf(text + len, "monitors = ( ");
	for (unsigned i = 0; i < 100; i++)
		len += (size_t)sprintf(
		    text + len,
		    "%s{ name = \"m%u\"; type = \"http\"; path = \"/\\\"{{{{{{{{{{==========\"; }",
		    i ? ", " : "", i);
	sprintf(text + len, " );");
	CU_ASSERT_TRUE(load(text, &m, &errors));
	CU_ASSERT_EQUAL(m.monitor_count, 100);
	model_free(&m);
	free(text);
}

static void
groups_nested_too_deep_are_refused(void)
{
	struct errors errors;
	struct model m;

	CU_ASSERT_FALSE(load("version = 1;\nx = { a = { a = { a = { a = { a = { a = { a = {\n a = "
			     "{ }; }; }; }; }; }; }; }; };",
			     &m, &errors));
	CU_ASSERT_EQUAL(errors.error[0].line, 3);
	CU_ASSERT_PTR_NOT_NULL(strstr(errors.error[0].text, "nested deeper than 8"));
}

static void
addresses_over_the_limit_of_all_ports_are_refused(void)
{
	char *text = malloc(1 << 16);
	size_t len = (size_t)sprintf(text, "version = 1;\nports = ( ");
	struct errors errors;
	struct model m;

	for (unsigned p = 0; p < 2; p++) {
		len += (size_t)sprintf(text + len, "%s{ name = \"p%u\"; addresses = [\n",
				       p ? ", " : "", p);
		for (unsigned i = 0; i < 128 + p; i++)
			len += (size_t)sprintf(text + len, "%s\"10.%u.0.%u/24\"", i ? "," : "", p,
					       i + 1);
		len += (size_t)sprintf(text + len, " ]; }");
	}
	sprintf(text + len, " );");
	CU_ASSERT_FALSE(load(text, &m, &errors));
	CU_ASSERT_EQUAL(errors.error[0].line, 4);
	CU_ASSERT_PTR_NOT_NULL(strstr(errors.error[0].text, "LIMIT_ADDRESSES is 256"));
	free(text);
}

static void
path_and_host_lengths_are_checked(void)
{
	static const char form[] = "version = 1; monitors = ( { name = \"m\"; type = \"http\"; "
				   "path = \"/%0*d\"; host = \"%0*d\"; } );";
	char text[1024];
	struct errors errors;
	struct model m;

	snprintf(text, sizeof text, form, LIMIT_PATH_BYTES - 1, 0, LIMIT_HOST_BYTES, 0);
	CU_ASSERT_TRUE(load(text, &m, &errors));
	CU_ASSERT_EQUAL(strlen(m.monitors[0].path), LIMIT_PATH_BYTES);
	model_free(&m);
	snprintf(text, sizeof text, form, LIMIT_PATH_BYTES, 0, LIMIT_HOST_BYTES + 1, 0);
	CU_ASSERT_FALSE(load(text, &m, &errors));
	CU_ASSERT_STRING_EQUAL(errors.error[0].text,
			       "monitor path: has 256 characters; must have 1 to 255");
	CU_ASSERT_STRING_EQUAL(errors.error[1].text,
			       "monitor host: has 254 characters; must have 0 to 253");
}

static void
empty_monitor_name_means_none(void)
{
	struct errors errors;
	struct model m;

	CU_ASSERT_TRUE(
	    load("version = 1; ports = ( { name = \"p\"; addresses = [ \"10.0.0.1/8\" ]; } ); "
		 "pools = ( { name = \"a\";"
		 "monitor = \"\"; members = ( { address = \"10.0.0.2\"; port = 1; } ); } );",
		 &m, &errors));
	CU_ASSERT_STRING_EQUAL(m.pools[0].monitor, "");
	model_free(&m);
}

static void
deep_nesting_is_refused(void)
{
	char *text = malloc(1 << 20);
	struct errors errors = { 0 };
	struct model m;

	ASSERT(text);
	memset(text, '(', 1 << 20);
	memcpy(text, "version = 1; x = ", 17);
	CU_ASSERT_FALSE(model_load(text, 1 << 20, &m, &errors));
	free(text);
}

static void
any_cut_of_a_text_is_refused_or_parsed(void)
{
	size_t size = strlen(SAMPLE_FULL);

	for (size_t cut = 0; cut < size; cut++) {
		struct errors errors = { 0 };
		struct model m;

		if (model_load(SAMPLE_FULL, cut, &m, &errors))
			model_free(&m);
		else
			CU_ASSERT(errors.count > 0);
	}
}

CU_TestInfo test_parse[] = {
	{ "parse_full_text_sets_every_field", full_text_sets_every_field },
	{ "parse_vlans_may_stand_before_their_ports", vlans_may_stand_before_their_ports },
	{ "parse_left_out_fields_take_their_defaults", left_out_fields_take_their_defaults },
	{ "parse_version_alone_is_a_configuration", version_alone_is_a_configuration },
	{ "parse_ends_of_ranges_are_taken", ends_of_ranges_are_taken },
	{ "parse_nul_byte_is_refused_at_its_line", nul_byte_is_refused_at_its_line },
	{ "parse_text_over_the_size_limit_is_refused", text_over_the_size_limit_is_refused },
	{ "parse_text_without_a_nul_is_parsed", text_without_a_nul_is_parsed },
	{ "parse_members_at_the_limit_are_taken_and_one_more_is_refused",
	  members_at_the_limit_are_taken_and_one_more_is_refused },
	{ "parse_group_of_very_many_fields_is_refused_at_once",
	  group_of_very_many_fields_is_refused_at_once },
	{ "parse_fields_are_counted_by_group_and_not_in_comments",
	  fields_are_counted_by_group_and_not_in_comments },
	{ "parse_groups_nested_too_deep_are_refused", groups_nested_too_deep_are_refused },
	{ "parse_addresses_over_the_limit_of_all_ports_are_refused",
	  addresses_over_the_limit_of_all_ports_are_refused },
	{ "parse_path_and_host_lengths_are_checked", path_and_host_lengths_are_checked },
	{ "parse_empty_monitor_name_means_none", empty_monitor_name_means_none },
	{ "parse_deep_nesting_is_refused", deep_nesting_is_refused },
	{ "parse_any_cut_of_a_text_is_refused_or_parsed", any_cut_of_a_text_is_refused_or_parsed },
	CU_TEST_INFO_NULL,
};
