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
	return model->port_count + model->vlan_count;
}

struct model_span *
model_row_addresses(const struct model *model, uint32_t row)
{
	return row < model->port_count ? &model->ports[row].addresses
				       : &model->vlans[row - model->port_count].addresses;
}

const char *
model_row_name(const struct model *model, uint32_t row)
{
	return row < model->port_count ? model->ports[row].name
				       : model->vlans[row - model->port_count].name;
}

const char *
model_row_noun(const struct model *model, uint32_t row)
{
	return row < model->port_count ? "port" : "vlan";
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
