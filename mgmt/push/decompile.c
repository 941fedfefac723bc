/*
 * Generation to model, so that the running configuration can be shown whatever became of the text
 * it was made from.
 */
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/push/compile.h"

static void copy_ports(const struct generation *gen, struct model *model);
static void
copy_bond(const struct generation *gen, const struct gen_port *from, struct model_bond *bond);
static void copy_routes(const struct generation *gen, struct model *model);
static void copy_management(const struct generation *gen, struct model *model);
static void copy_monitors(const struct generation *gen, struct model *model);
static void copy_tcp_profiles(const struct generation *gen, struct model *model);
static void copy_pools(const struct generation *gen, struct model *model);
static void copy_virtual_servers(const struct generation *gen, struct model *model);

#define COPY_NAME(out, gen, name)                                                                  \
	do {                                                                                       \
		ASSERT((name).len < sizeof(out));                                                  \
		memcpy((out), generation_text((gen), (name)), (name).len + 1);                     \
	} while (0)

enum err
decompile(const struct generation *gen, struct model *model)
{
	*model = (struct model){ 0 };
#define X(array, n) model->n = gen->array.count;
	MODEL_GENERATION_ARRAYS(X)
#undef X
	for (uint32_t i = 0; i < gen->ports.count; i++)
		if (generation_ports(gen)[i].parent != GENERATION_NONE)
			model->vlan_count++;
		else if (generation_ports(gen)[i].bond_mode != GEN_BOND_NONE)
			model->bond_count++;
		else
			model->port_count++;
	if (!model_take_arrays(model))
		return ERR_no_memory;
	copy_ports(gen, model);
	copy_routes(gen, model);
	copy_management(gen, model);
	copy_monitors(gen, model);
	copy_tcp_profiles(gen, model);
	copy_pools(gen, model);
	copy_virtual_servers(gen, model);
	return ERR_ok;
}

static void
copy_ports(const struct generation *gen, struct model *model)
{
	const struct gen_port *from = generation_ports(gen);

	for (uint32_t i = 0; i < model->port_count; i++, from++) {
		COPY_NAME(model->ports[i].name, gen, from->name);
		model->ports[i].addresses =
		    (struct model_span){ from->first_address, from->address_count };
		model->ports[i].mtu_bytes = from->mtu_bytes;
		model->ports[i].services = from->services;
	}
	for (uint32_t i = 0; i < model->bond_count; i++, from++)
		copy_bond(gen, from, &model->bonds[i]);
	for (uint32_t i = 0; i < model->vlan_count; i++, from++) {
		struct model_vlan *vlan = &model->vlans[i];

		COPY_NAME(vlan->name, gen, from->name);
		COPY_NAME(vlan->port, gen, generation_ports(gen)[from->parent].name);
		vlan->addresses = (struct model_span){ from->first_address, from->address_count };
		vlan->tag = from->tag;
		vlan->mtu_bytes = from->mtu_bytes;
		vlan->services = from->services;
	}
	for (uint32_t i = 0; i < model->address_count; i++) {
		model->addresses[i].addr = generation_addresses(gen)[i].addr;
		model->addresses[i].len = generation_addresses(gen)[i].prefix_len;
	}
}

static void
copy_bond(const struct generation *gen, const struct gen_port *from, struct model_bond *bond)
{
	COPY_NAME(bond->name, gen, from->name);
	bond->mode = from->bond_mode - GEN_BOND_NONE - 1;
	bond->ports.count = from->member_count;
	for (uint32_t m = 0; m < from->member_count; m++)
		COPY_NAME(bond->ports.name[m], gen, generation_ports(gen)[from->members[m]].name);
	bond->addresses = (struct model_span){ from->first_address, from->address_count };
	bond->mtu_bytes = from->mtu_bytes;
	bond->services = from->services;
}

static void
copy_routes(const struct generation *gen, struct model *model)
{
	for (uint32_t i = 0; i < model->route_count; i++) {
		model->routes[i].to.addr = generation_routes(gen)[i].to;
		model->routes[i].to.len = generation_routes(gen)[i].prefix_len;
		model->routes[i].via.count = generation_routes(gen)[i].gateway_count;
		for (uint32_t g = 0; g < model->routes[i].via.count; g++)
			model->routes[i].via.address[g] =
			    generation_routes(gen)[i].gateways[g].addr;
	}
}

static void
copy_management(const struct generation *gen, struct model *model)
{
	const struct gen_management_address *from = generation_management_addresses(gen);

	for (uint32_t i = 0; i < model->management_address_count; i++, from++) {
		struct model_management_address *to = &model->management_addresses[i];

		to->address.addr = from->addr;
		to->address.len = from->prefix_len;
		to->gateway.count = !addr_equal(&from->gateway, &addr_any);
		to->gateway.address[0] = from->gateway;
	}
}

static void
copy_monitors(const struct generation *gen, struct model *model)
{
	for (uint32_t i = 0; i < model->monitor_count; i++) {
		const struct gen_monitor *from = &generation_monitors(gen)[i];
		struct model_monitor *to = &model->monitors[i];

		COPY_NAME(to->name, gen, from->name);
		COPY_NAME(to->path, gen, from->path);
		COPY_NAME(to->host, gen, from->host);
		COPY_NAME(to->headers, gen, from->headers);
		COPY_NAME(to->body, gen, from->body);
		to->type = from->type;
		to->method = from->method;
		to->interval_ms = from->interval_ms;
		to->jitter_percent = from->jitter_percent;
		to->timeout_ms = from->timeout_ms;
		to->fall = from->fall;
		to->rise = from->rise;
		to->status = from->statuses;
	}
}

static void
copy_tcp_profiles(const struct generation *gen, struct model *model)
{
	for (uint32_t i = 0; i < model->tcp_profile_count; i++) {
		const struct gen_tcp_profile *from = &generation_tcp_profiles(gen)[i];
		struct model_tcp_profile *to = &model->tcp_profiles[i];

		COPY_NAME(to->name, gen, from->name);
		to->receive_buffer_bytes = from->receive_buffer_bytes;
		to->send_buffer_bytes = from->send_buffer_bytes;
		to->delayed_ack_ms = from->delayed_ack_ms;
		to->syn_retries = from->syn_retries;
		to->data_retries = from->data_retries;
		to->max_segment_bytes = from->max_segment_bytes;
		to->user_timeout_ms = from->user_timeout_ms;
		to->keep_alive_idle_ms = from->keep_alive_idle_ms;
		to->keep_alive_interval_ms = from->keep_alive_interval_ms;
		to->keep_alive_probes = from->keep_alive_probes;
		to->congestion_control = from->congestion_control;
		to->ecn = from->ecn;
		to->nagle = from->nagle;
		to->pacing = from->pacing;
		to->fast_open = from->fast_open;
	}
}

static void
copy_pools(const struct generation *gen, struct model *model)
{
	for (uint32_t i = 0; i < model->pool_count; i++) {
		const struct gen_pool *from = &generation_pools(gen)[i];
		struct model_pool *to = &model->pools[i];

		COPY_NAME(to->name, gen, from->name);
		if (from->monitor != GENERATION_NONE)
			COPY_NAME(to->monitor, gen, generation_monitors(gen)[from->monitor].name);
		if (from->tcp_profile != GENERATION_NONE)
			COPY_NAME(to->tcp_profile, gen,
				  generation_tcp_profiles(gen)[from->tcp_profile].name);
		to->method = from->method;
		to->first_member = from->first_member;
		to->member_count = from->member_count;
		to->keep_idle_max = from->keep_idle_max;
		to->keep_idle_timeout_ms = from->keep_idle_timeout_ms;
		to->passive_fall = from->passive_fall;
		to->passive_retry_ms = from->passive_retry_ms;
	}
	for (uint32_t i = 0; i < model->member_count; i++) {
		const struct gen_member *from = &generation_members(gen)[i];

		model->members[i].address = from->endpoint.addr;
		model->members[i].port = from->endpoint.port;
		model->members[i].weight = from->weight;
		model->members[i].connection_limit = from->connection_limit;
		model->members[i].backup = from->backup;
	}
}

static void
copy_virtual_servers(const struct generation *gen, struct model *model)
{
	for (uint32_t i = 0; i < model->virtual_server_count; i++) {
		const struct gen_virtual_server *from = &generation_virtual_servers(gen)[i];
		struct model_virtual_server *to = &model->virtual_servers[i];

		COPY_NAME(to->name, gen, from->name);
		COPY_NAME(to->pool, gen, generation_pools(gen)[from->pool].name);
		if (from->tcp_profile != GENERATION_NONE)
			COPY_NAME(to->tcp_profile, gen,
				  generation_tcp_profiles(gen)[from->tcp_profile].name);
		to->address = from->endpoint.addr;
		to->port = from->endpoint.port;
		to->type = from->type;
		to->idle_timeout_ms = from->idle_timeout_ms;
	}
}
