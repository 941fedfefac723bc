/* Model to generation, and back. */
#include <stdlib.h>
#include <string.h>

#include "fw/abi/services.h"
#include "fw/base/assert.h"
#include "mgmt/push/compile.h"
#include "test/unit/mgmt/model/samples.h"
#include "test/unit/mgmt/push/fixture.h"
#include "test/unit/unit.h"

static struct generation *
compiled(const char *text, const struct generation *previous)
{
	struct model model = fixture_model(text);
	struct generation *gen = NULL;
	const char *where;

	CU_ASSERT_EQUAL_FATAL(compile(&model, previous, 5, 1700000000, &gen), ERR_ok);
	if (generation_check(gen, gen->total_bytes, &where) != ERR_ok)
		printf("the check finds: %s\n", where);
	CU_ASSERT_EQUAL(generation_check(gen, gen->total_bytes, &where), ERR_ok);
	model_free(&model);
	return gen;
}

static void
full_model_passes_the_check_with_all_its_fields(void)
{
	struct generation *gen = compiled(SAMPLE_FULL, NULL);
	const struct gen_port *bond = &generation_ports(gen)[4], *vlan = bond + 1;
	const struct gen_monitor *monitor = &generation_monitors(gen)[0];
	const struct gen_virtual_server *vs = &generation_virtual_servers(gen)[0];
	const struct gen_tcp_profile *wan = &generation_tcp_profiles(gen)[0];
	char text[ENDPOINT_TEXT_MAX];

	CU_ASSERT_EQUAL(gen->number, 5);
	CU_ASSERT_EQUAL(gen->created_unix_s, 1700000000);
	CU_ASSERT_EQUAL(generation_ports(gen)[0].mtu_bytes, 1400);
	CU_ASSERT_EQUAL(generation_ports(gen)[0].services, 1u << SERVICE_ssh | 1u << SERVICE_ping);
	CU_ASSERT_EQUAL(generation_ports(gen)[1].services, 0);
	CU_ASSERT_EQUAL(generation_addresses(gen)[3].port, 1);
	CU_ASSERT_EQUAL(generation_ports(gen)[1].parent, GENERATION_NONE);
	CU_ASSERT_STRING_EQUAL(generation_text(gen, vlan->name), "v9");
	CU_ASSERT(vlan->parent == 1 && vlan->tag == 9 && vlan->mtu_bytes == 1300);
	CU_ASSERT(vlan->first_address == 5 && vlan->address_count == 1);
	CU_ASSERT_EQUAL(vlan->services, 1u << SERVICE_bgp);
	CU_ASSERT_EQUAL(generation_addresses(gen)[5].port, 5);
	CU_ASSERT_STRING_EQUAL(generation_text(gen, bond->name), "b0");
	CU_ASSERT(bond->bond_mode == GEN_BOND_LACP && bond->parent == GENERATION_NONE);
	CU_ASSERT(bond->member_count == 2 && bond->members[0] == 3 && bond->members[1] == 2);
	CU_ASSERT(bond->mtu_bytes == 1450 && bond->services == 1u << SERVICE_ssh);
	CU_ASSERT(bond->first_address == 4 && bond->address_count == 1);
	CU_ASSERT_EQUAL(generation_bond_of(gen, 2), 4);
	CU_ASSERT_EQUAL(generation_bond_of(gen, 1), GENERATION_NONE);
	CU_ASSERT_STRING_EQUAL(generation_text(gen, monitor->path), "/a?b=\"c\\d\"");
	CU_ASSERT_STRING_EQUAL(generation_text(gen, monitor->host), "www.example");
	CU_ASSERT(monitor->interval_ms == 2000 && monitor->timeout_ms == 700 &&
		  monitor->fall == 4 && monitor->rise == 5);
	CU_ASSERT(gen_statuses_have(&monitor->statuses, 204) &&
		  !gen_statuses_have(&monitor->statuses, 205));
	CU_ASSERT_EQUAL(gen->management_addresses.count, 2);
	CU_ASSERT_EQUAL(generation_management_addresses(gen)[0].prefix_len, 24);
	CU_ASSERT_STRING_EQUAL(addr_format(&generation_management_addresses(gen)[0].gateway, text),
			       "10.0.8.2");
	CU_ASSERT(addr_equal(&generation_management_addresses(gen)[1].gateway, &addr_any));
	CU_ASSERT(wan->receive_buffer_bytes == 3000000 && wan->send_buffer_bytes == 4096 &&
		  wan->delayed_ack_ms == 499 && wan->syn_retries == 1 && wan->data_retries == 30 &&
		  wan->max_segment_bytes == 1300 && wan->user_timeout_ms == 20000 &&
		  wan->keep_alive_idle_ms == 7200000 && wan->keep_alive_interval_ms == 1000 &&
		  wan->keep_alive_probes == 3);
	CU_ASSERT(wan->congestion_control == GEN_TCP_CC_NEWRENO && wan->ecn == 1 &&
		  wan->nagle == 1 && wan->pacing == 1 && wan->fast_open == 1);
	CU_ASSERT_EQUAL(generation_pools(gen)[0].tcp_profile, 1);
	CU_ASSERT_EQUAL(generation_pools(gen)[1].tcp_profile, GENERATION_NONE);
	CU_ASSERT_EQUAL(vs->tcp_profile, 0);
	CU_ASSERT_EQUAL(generation_virtual_servers(gen)[1].tcp_profile, GENERATION_NONE);
	CU_ASSERT_EQUAL(generation_pools(gen)[0].monitor, 0);
	CU_ASSERT_EQUAL(generation_pools(gen)[1].monitor, GENERATION_NONE);
	CU_ASSERT_EQUAL(generation_members(gen)[0].weight, 7);
	CU_ASSERT_STRING_EQUAL(endpoint_format(&generation_members(gen)[1].endpoint, text),
			       "[fd00:1::12]:65535");
	CU_ASSERT_STRING_EQUAL(generation_text(gen, vs->name), "www");
	CU_ASSERT(vs->type == GEN_VS_HTTP && vs->pool == 0 && vs->idle_timeout_ms == 1000);
	CU_ASSERT_EQUAL(generation_virtual_servers(gen)[1].pool, 1);
	free(gen);
}

static void
routes_are_sorted_and_know_their_port(void)
{
	struct generation *gen =
	    compiled("version = 1; ports = ( { name = \"a\"; addresses = [ \"10.0.0.1/24\" ]; },"
		     "{ name = \"b\"; addresses = [ \"10.0.1.1/24\" ]; } );"
		     "routes = ( { to = \"0.0.0.0/0\"; via = \"10.0.1.2\"; },"
		     "{ to = \"10.8.0.0/16\"; via = \"10.0.0.2\"; }, { to = \"10.7.0.0/16\"; via = "
		     "\"10.0.1.2\"; },"
		     "{ to = \"10.9.0.0/24\"; via = \"10.0.0.2\"; } );",
		     NULL);
	static const uint32_t lengths[] = { 24, 16, 16, 0 }, ports[] = { 0, 1, 0, 1 };

	for (uint32_t i = 0; i < 4; i++) {
		CU_ASSERT_EQUAL(generation_routes(gen)[i].prefix_len, lengths[i]);
		CU_ASSERT_EQUAL(generation_routes(gen)[i].gateway_count, 1);
		CU_ASSERT_EQUAL(generation_routes(gen)[i].gateways[0].port, ports[i]);
	}
	free(gen);
}

static void
same_text_compiles_to_the_same_bytes(void)
{
	struct generation *first = compiled(SAMPLE_FULL, NULL),
			  *second = compiled(SAMPLE_FULL, first);

	CU_ASSERT_EQUAL_FATAL(first->total_bytes, second->total_bytes);
	CU_ASSERT_EQUAL(memcmp(first, second, first->total_bytes), 0);
	free(first);
	free(second);
}

static void
decompiled_model_compiles_to_the_same_content(void)
{
	struct generation *gen = compiled(SAMPLE_FULL, NULL), *again = NULL;
	struct model model;

	CU_ASSERT_EQUAL_FATAL(decompile(gen, &model), ERR_ok);
	CU_ASSERT_EQUAL_FATAL(compile(&model, gen, 9, 1, &again), ERR_ok);
	CU_ASSERT_EQUAL(again->content_hash, gen->content_hash);
	CU_ASSERT_NOT_EQUAL(again->checksum, gen->checksum);
	model_free(&model);
	free(gen);
	free(again);
}

#define NET  "version = 1; ports = ( { name = \"p\"; addresses = [ \"10.0.0.1/8\" ]; } );"
#define M(n) "{ address = \"10.0.1." #n "\"; port = 80; }"

static uint32_t
slot_of(const struct generation *gen, uint8_t last_byte)
{
	for (uint32_t i = 0; i < gen->members.count; i++)
		if (generation_members(gen)[i].endpoint.addr.byte[15] == last_byte)
			return generation_members(gen)[i].stats_slot;
	return UINT32_MAX;
}

static void
members_keep_their_slots_when_others_come_and_go(void)
{
	struct generation *a = compiled(
	    NET "pools = ( { name = \"web\"; members = ( " M(1) "," M(2) "," M(3) " ); } );", NULL);
	struct generation *b = compiled(
	    NET "pools = ( { name = \"web\"; members = ( " M(4) "," M(3) "," M(1) " ); } );", a);

	CU_ASSERT_EQUAL(slot_of(b, 1), slot_of(a, 1));
	CU_ASSERT_EQUAL(slot_of(b, 3), slot_of(a, 3));
	CU_ASSERT_NOT_EQUAL(slot_of(b, 4),
			    slot_of(a, 2)); /* whose sessions may still count there */
	free(a);
	free(b);
}

/* Neither generation knows the one that left: only where the search begins keeps them apart. */
static void
slot_of_one_long_gone_is_not_the_next_to_go(void)
{
	struct generation *a =
	    compiled(NET "pools = ( { name = \"web\"; members = ( " M(1) "," M(2) " ); } );", NULL);
	struct generation *b =
	    compiled(NET "pools = ( { name = \"web\"; members = ( " M(1) " ); } );", a);
	struct generation *c =
	    compiled(NET "pools = ( { name = \"web\"; members = ( " M(1) "," M(5) " ); } );", b);

	CU_ASSERT_EQUAL(slot_of(c, 1), slot_of(a, 1));
	CU_ASSERT_NOT_EQUAL(slot_of(c, 5), slot_of(a, 2));
	free(a);
	free(b);
	free(c);
}

static void
other_weight_keeps_the_slot_and_other_pool_does_not(void)
{
	struct generation *a =
	    compiled(NET "pools = ( { name = \"web\"; members = ( " M(1) "," M(2) " ); } );", NULL);
	struct generation *b =
	    compiled(NET "pools = ( { name = \"web\"; members = ( " M(
			 2) " ); }, { name = \"other\"; members = "
			    "( { address = \"10.0.1.1\"; port = 80; weight = 9; } ); } );",
		     a);
	struct generation *c =
	    compiled(NET "pools = ( { name = \"web\"; members = ( " M(
			 1) ", { address = \"10.0.1.2\"; port = 80; weight = 9; } ); } );",
		     a);

	CU_ASSERT_NOT_EQUAL(slot_of(b, 1), slot_of(a, 1));
	CU_ASSERT_EQUAL(slot_of(b, 2), slot_of(a, 2));
	CU_ASSERT_EQUAL(slot_of(c, 2), slot_of(a, 2));
	free(a);
	free(b);
	free(c);
}

static void
virtual_server_keeps_its_slot_with_another_address(void)
{
	static const char first[] = NET "pools = ( { name = \"web\"; members = ( " M(
	    1) " ); } );"
	       "virtual-servers = ( { name = \"a\"; address = \"10.0.0.100\"; port = 80; type = "
	       "\"tcp\"; pool = \"web\"; },"
	       "{ name = \"b\"; address = \"10.0.0.101\"; port = 80; type = \"tcp\"; pool = "
	       "\"web\"; } );";
	static const char second[] = NET "pools = ( { name = \"web\"; members = ( " M(
	    1) " ); } );"
	       "virtual-servers = ( { name = \"b\"; address = \"10.0.0.102\"; port = 81; type = "
	       "\"http\"; pool = \"web\"; } );";
	struct generation *a = compiled(first, NULL), *b = compiled(second, a);

	CU_ASSERT_EQUAL(generation_virtual_servers(b)[0].stats_slot,
			generation_virtual_servers(a)[1].stats_slot);
	free(a);
	free(b);
}

/* All slots are taken: who comes new gets those of who has gone. */
static void
full_table_gives_new_members_the_slots_of_gone_ones(void)
{
	struct model model =
	    fixture_model(NET "pools = ( { name = \"web\"; members = ( " M(1) " ); } );");
	struct generation *a = NULL, *b = NULL;
	const char *where;

	free(model.members);
	model.members = calloc(LIMIT_MEMBERS, sizeof *model.members);
	ASSERT(model.members);
	model.member_count = model.pools[0].member_count = LIMIT_MEMBERS;
	for (uint32_t i = 0; i < LIMIT_MEMBERS; i++)
		model.members[i] = (struct model_member){
			.address = addr_from_v4(be32_from(0x0a010000u + i)), .port = 80, .weight = 1
		};
	CU_ASSERT_EQUAL_FATAL(compile(&model, NULL, 1, 1, &a), ERR_ok);
	for (uint32_t i = 0; i < LIMIT_MEMBERS; i += 2)
		model.members[i].port = 81;
	CU_ASSERT_EQUAL_FATAL(compile(&model, a, 2, 1, &b), ERR_ok);
	CU_ASSERT_EQUAL(generation_check(b, b->total_bytes, &where), ERR_ok);
	for (uint32_t i = 1; i < LIMIT_MEMBERS; i += 2)
		CU_ASSERT_EQUAL(generation_members(b)[i].stats_slot,
				generation_members(a)[i].stats_slot);
	model_free(&model);
	free(a);
	free(b);
}

CU_TestInfo test_compile[] = {
	{ "compile_full_model_passes_the_check_with_all_its_fields",
	  full_model_passes_the_check_with_all_its_fields },
	{ "compile_routes_are_sorted_and_know_their_port", routes_are_sorted_and_know_their_port },
	{ "compile_same_text_gives_the_same_bytes", same_text_compiles_to_the_same_bytes },
	{ "decompile_model_compiles_to_the_same_content",
	  decompiled_model_compiles_to_the_same_content },
	{ "slots_members_keep_theirs_when_others_come_and_go",
	  members_keep_their_slots_when_others_come_and_go },
	{ "slots_of_one_long_gone_is_not_the_next_to_go",
	  slot_of_one_long_gone_is_not_the_next_to_go },
	{ "slots_other_weight_keeps_it_and_other_pool_does_not",
	  other_weight_keeps_the_slot_and_other_pool_does_not },
	{ "slots_virtual_server_keeps_it_with_another_address",
	  virtual_server_keeps_its_slot_with_another_address },
	{ "slots_full_table_gives_new_members_those_of_gone_ones",
	  full_table_gives_new_members_the_slots_of_gone_ones },
	CU_TEST_INFO_NULL,
};
