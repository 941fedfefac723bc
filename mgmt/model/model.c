/*
 * Copying a model, finding things in it, and letting it go.
 */
#include "mgmt/model/model.h"

#include <stdlib.h>
#include <string.h>

void
model_free(struct model *model)
{
#define X(array, count) free(model->array);
	MODEL_ARRAYS(X)
#undef X
	*model = (struct model){ 0 };
}

bool
model_take_arrays(struct model *model)
{
	bool ok = true;

#define X(array, count)                                                                            \
	model->array = calloc((size_t)model->count + 1, sizeof *model->array);                     \
	ok = ok && model->array;
	MODEL_ARRAYS(X)
#undef X
	if (!ok)
		model_free(model);
	return ok;
}

bool
model_copy(const struct model *from, struct model *to)
{
	*to = *from;
	if (!model_take_arrays(to))
		return false;
#define X(array, count)                                                                            \
	if (from->count)                                                                           \
		memcpy(to->array, from->array, from->count * sizeof *to->array);
	MODEL_ARRAYS(X)
#undef X
	return true;
}

void
model_forget_lines(struct model *model)
{
#define X(array, count)                                                                            \
	for (uint32_t i = 0; i < model->count; i++)                                                \
		model->array[i].line = 0;
	MODEL_ARRAYS(X)
#undef X
	for (uint32_t i = 0; i < model->route_count; i++)
		model->routes[i].to.line = 0;
	for (uint32_t i = 0; i < model->management_address_count; i++)
		model->management_addresses[i].address.line = 0;
}

uint32_t
model_find_pool(const struct model *model, const char *name)
{
	for (uint32_t i = 0; i < model->pool_count; i++)
		if (strcmp(model->pools[i].name, name) == 0)
			return i;
	return UINT32_MAX;
}

uint32_t
model_find_monitor(const struct model *model, const char *name)
{
	for (uint32_t i = 0; i < model->monitor_count; i++)
		if (strcmp(model->monitors[i].name, name) == 0)
			return i;
	return UINT32_MAX;
}

uint32_t
model_find_tcp_profile(const struct model *model, const char *name)
{
	for (uint32_t i = 0; i < model->tcp_profile_count; i++)
		if (strcmp(model->tcp_profiles[i].name, name) == 0)
			return i;
	return UINT32_MAX;
}

uint32_t
model_find_port(const struct model *model, const char *name)
{
	for (uint32_t i = 0; i < model->port_count; i++)
		if (strcmp(model->ports[i].name, name) == 0)
			return i;
	return UINT32_MAX;
}

uint32_t
model_row_count(const struct model *model)
{
	return model->port_count + model->bond_count + model->vlan_count;
}

/* What ports, bonds and VLANs have alike. */
struct row {
	const char *noun, *name;
	struct model_span *addresses;
	uint32_t line, mtu_bytes;
};

#define ROW(text, object)                                                                          \
	(struct row)                                                                               \
	{                                                                                          \
		.noun = (text), .name = (object)->name, .addresses = &(object)->addresses,         \
		.line = (object)->line, .mtu_bytes = (object)->mtu_bytes                           \
	}

static struct row
row_at(const struct model *model, uint32_t row)
{
	if (row < model->port_count)
		return ROW("port", &model->ports[row]);
	row -= model->port_count;
	if (row < model->bond_count)
		return ROW("bond", &model->bonds[row]);
	return ROW("vlan", &model->vlans[row - model->bond_count]);
}

struct model_span *
model_row_addresses(const struct model *model, uint32_t row)
{
	return row_at(model, row).addresses;
}

const char *
model_row_name(const struct model *model, uint32_t row)
{
	return row_at(model, row).name;
}

const char *
model_row_noun(const struct model *model, uint32_t row)
{
	return row_at(model, row).noun;
}

uint32_t
model_row_line(const struct model *model, uint32_t row)
{
	return row_at(model, row).line;
}

uint32_t
model_row_mtu_bytes(const struct model *model, uint32_t row)
{
	return row_at(model, row).mtu_bytes;
}

uint32_t
model_find_carrier(const struct model *model, const char *name)
{
	for (uint32_t row = 0; row < model->port_count + model->bond_count; row++)
		if (strcmp(model_row_name(model, row), name) == 0)
			return row;
	return UINT32_MAX;
}

uint32_t
model_bond_of(const struct model *model, const char *port)
{
	for (uint32_t i = 0; i < model->bond_count; i++)
		for (uint32_t p = 0; p < model->bonds[i].ports.count; p++)
			if (strcmp(model->bonds[i].ports.name[p], port) == 0)
				return i;
	return UINT32_MAX;
}

uint32_t
model_connected_port(const struct model *model, const struct addr *address)
{
	for (uint32_t row = 0; row < model_row_count(model); row++) {
		const struct model_span *span = model_row_addresses(model, row);
		const struct model_prefix *own = &model->addresses[span->first];

		for (uint32_t a = 0; a < span->count; a++)
			if (addr_in_prefix(address, &own[a].addr, own[a].len))
				return row;
	}
	return UINT32_MAX;
}
