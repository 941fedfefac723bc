/*
 * Copying a model, finding things in it, and letting it go.
 */
#include "mgmt/model/model.h"

#include <stdlib.h>
#include <string.h>

void
model_free(struct model *model)
{
	free(model->ports);
	free(model->addresses);
	free(model->routes);
	free(model->monitors);
	free(model->pools);
	free(model->members);
	free(model->virtual_servers);
	*model = (struct model){ 0 };
}

bool
model_copy(const struct model *from, struct model *to)
{
	bool ok = true;

	*to = *from;
#define X(array, count)                                                                            \
	to->array = malloc(((size_t)from->count + 1) * sizeof *to->array);                         \
	if (to->array && from->count)                                                              \
		memcpy(to->array, from->array, from->count * sizeof *to->array);                   \
	ok = ok && to->array;
	X(ports, port_count)
	X(addresses, address_count)
	X(routes, route_count)
	X(monitors, monitor_count)
	X(pools, pool_count)
	X(members, member_count)
	X(virtual_servers, virtual_server_count)
#undef X
	if (!ok)
		model_free(to);
	return ok;
}

void
model_forget_lines(struct model *model)
{
#define X(array, count)                                                                            \
	for (uint32_t i = 0; i < model->count; i++)                                                \
		model->array[i].line = 0;
	X(ports, port_count)
	X(addresses, address_count)
	X(routes, route_count)
	X(monitors, monitor_count)
	X(pools, pool_count)
	X(members, member_count)
	X(virtual_servers, virtual_server_count)
#undef X
	for (uint32_t i = 0; i < model->route_count; i++)
		model->routes[i].to.line = 0;
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
model_connected_port(const struct model *model, const struct addr *address)
{
	for (uint32_t p = 0; p < model->port_count; p++) {
		const struct model_prefix *own = &model->addresses[model->ports[p].first_address];

		for (uint32_t a = 0; a < model->ports[p].address_count; a++)
			if (addr_in_prefix(address, &own[a].addr, own[a].len))
				return p;
	}
	return UINT32_MAX;
}
