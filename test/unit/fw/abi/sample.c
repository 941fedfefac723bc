#include "test/unit/fw/abi/sample.h"

#include <stdlib.h>

#include "fw/base/assert.h"

static struct generation *gen;
static uint32_t strings_used;

static struct gen_name
name(const char *text)
{
	struct gen_name result = { strings_used, (uint32_t)strlen(text) };

	ASSERT(strings_used + result.len + 1 <= gen->strings.count);
	memcpy((char *)gen + gen->strings.offset + strings_used, text, result.len + 1);
	strings_used += result.len + 1;
	return result;
}

static struct addr
address(const char *text)
{
	struct addr result;

	ASSERT(addr_parse(text, &result));
	return result;
}

static void
fill_network(void)
{
	static const struct {
		const char *text;
		uint32_t len, port;
	} own[] = { { "10.0.0.1", 24, 0 },
		    { "fd00::1", 64, 0 },
		    { "10.0.1.1", 24, 1 },
		    { "fd00:1::1", 64, 1 },
		    { "10.0.2.1", 24, 2 } };

	for (uint32_t i = 0; i < 5; i++) {
		SAMPLE(gen, gen_address, addresses, i)->addr = address(own[i].text);
		SAMPLE(gen, gen_address, addresses, i)->prefix_len = own[i].len;
		SAMPLE(gen, gen_address, addresses, i)->port = own[i].port;
	}
	*SAMPLE(gen, gen_port, ports, 0) = (struct gen_port){
		.name = name("p0"), .address_count = 2, .mtu_bytes = 1500, .parent = GENERATION_NONE
	};
	*SAMPLE(gen, gen_port, ports, 1) = *SAMPLE(gen, gen_port, ports, 0);
	SAMPLE(gen, gen_port, ports, 1)->name = name("p1");
	SAMPLE(gen, gen_port, ports, 1)->first_address = 2;
	*SAMPLE(gen, gen_port, ports, 2) = (struct gen_port){ .name = name("v9"),
							      .first_address = 4,
							      .address_count = 1,
							      .mtu_bytes = 1400,
							      .parent = 1,
							      .tag = 9 };
	*SAMPLE(gen, gen_route, routes, 0) =
	    (struct gen_route){ .to = address("10.9.0.0"),
				.prefix_len = 16,
				.gateway_count = 1,
				.gateways = { { address("10.0.1.9"), 1, 0 } } };
	*SAMPLE(gen, gen_route, routes, 1) =
	    (struct gen_route){ .to = address("::"),
				.prefix_len = 0,
				.gateway_count = 1,
				.gateways = { { address("fd00::2"), 0, 0 } } };
	*SAMPLE(gen, gen_management_address, management_addresses, 0) =
	    (struct gen_management_address){ .addr = address("10.0.9.1"),
					     .gateway = address("10.0.9.2"),
					     .prefix_len = 24 };
	*SAMPLE(gen, gen_management_address, management_addresses, 1) =
	    (struct gen_management_address){ .addr = address("fd00:9::1"), .prefix_len = 64 };
}

static void
fill_monitors(void)
{
	for (uint32_t i = 0; i < 2; i++) {
		struct gen_monitor *monitor = SAMPLE(gen, gen_monitor, monitors, i);

		*monitor = (struct gen_monitor){ .name = name(i ? "http-up" : "tcp-up"),
						 .path = name("/"),
						 .host = name(""),
						 .headers = name(""),
						 .body = name(""),
						 .type = i ? GEN_MONITOR_HTTP : GEN_MONITOR_TCP,
						 .interval_ms = 1000,
						 .timeout_ms = 500,
						 .fall = 2,
						 .rise = 2 };
		for (uint32_t status = 200; status < 400; status++)
			gen_statuses_add(&monitor->statuses, status);
		monitor->hash = generation_monitor_hash(gen, monitor);
	}
}

static void
fill_tcp_profiles(void)
{
	for (uint32_t i = 0; i < 2; i++) {
		struct gen_tcp_profile *profile = SAMPLE(gen, gen_tcp_profile, tcp_profiles, i);

		*profile = (struct gen_tcp_profile){ .name = name(i ? "lan" : "wan"),
						     .receive_buffer_bytes = 2u << 20,
						     .send_buffer_bytes = 2u << 20,
						     .delayed_ack_ms = 40,
						     .syn_retries = 5,
						     .data_retries = 10,
						     .keep_alive_interval_ms = 75000,
						     .keep_alive_probes = 9 };
		profile->hash = generation_tcp_profile_hash(gen, profile);
	}
}

static void
fill_balancing(void)
{
	const struct gen_pool usual = { .keep_idle_max = 256,
					.keep_idle_timeout_ms = 15000,
					.passive_fall = 3,
					.passive_retry_ms = 10000 };
	struct gen_pool *web = SAMPLE(gen, gen_pool, pools, 0);
	struct gen_pool *raw = SAMPLE(gen, gen_pool, pools, 1);

	*web = *raw = usual;
	web->name = name("web");
	web->monitor = 1;
	web->member_count = 2;
	raw->name = name("raw");
	raw->method = GEN_METHOD_MAGLEV;
	raw->monitor = GENERATION_NONE;
	raw->tcp_profile = GENERATION_NONE;
	web->tcp_profile = 1;
	raw->first_member = 2;
	raw->member_count = 1;
	raw->slot_count = 5;
	for (uint32_t i = 0; i < 3; i++) {
		struct gen_member *member = SAMPLE(gen, gen_member, members, i);

		member->endpoint.addr = address(i == 0   ? "10.0.1.11"
						: i == 1 ? "fd00:1::12"
							 : "10.0.1.13");
		member->endpoint.port = 80;
		member->weight = 1;
		member->pool = i / 2;
		member->stats_slot = i;
		member->owner = generation_member_owner(gen, member);
	}
	for (uint32_t i = 0; i < 2; i++) {
		struct gen_virtual_server *vs = SAMPLE(gen, gen_virtual_server, virtual_servers, i);

		vs->name = name(i ? "tcp" : "www");
		vs->endpoint.addr = address("10.0.0.100");
		vs->endpoint.port = (uint16_t)(80 + i);
		vs->type = i ? GEN_VS_TCP : GEN_VS_HTTP;
		vs->pool = i;
		vs->stats_slot = i;
		vs->idle_timeout_ms = 60000;
		vs->tcp_profile = i ? GENERATION_NONE : 0;
		vs->owner = generation_vs_owner(gen, vs);
	}
}

struct generation *
sample_generation(void)
{
	struct generation head = { .magic = GENERATION_MAGIC,
				   .layout_hash = generation_layout_hash(),
				   .number = 7,
				   .created_unix_s = 1234567,
				   .ports.count = 3,
				   .addresses.count = 5,
				   .routes.count = 2,
				   .management_addresses.count = 2,
				   .monitors.count = 2,
				   .tcp_profiles.count = 2,
				   .pools.count = 2,
				   .members.count = 3,
				   .virtual_servers.count = 2,
				   .maglev.count = 5,
				   .strings.count = 65 };

	ASSERT(generation_lay_out(&head) == ERR_ok);
	gen = calloc(1, head.total_bytes);
	ASSERT(gen);
	*gen = head;
	strings_used = 0;
	fill_network();
	fill_monitors();
	fill_tcp_profiles();
	fill_balancing();
	sample_seal(gen);
	return gen;
}

void
sample_seal(struct generation *generation)
{
	generation->content_hash = generation_content_hash(generation);
	generation->checksum = generation_checksum(generation);
}
