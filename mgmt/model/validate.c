/*
 * What must hold between the parts of a configuration: references lead somewhere, addresses can be
 * used and reached, nothing is said twice. Goes through all of it and reports each contradiction at
 * its line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"
#include "mgmt/model/complete.h"
#include "mgmt/model/model.h"
#include "mgmt/model/schema.h"
#include "mgmt/model/sorted.h"

#define LINE_TEXT_BYTES 48
#define PORT_LIST_BYTES (LIMIT_PORTS * (LIMIT_PORT_NAME_BYTES + 2) + 1)

/* How every object with a name begins. */
struct named {
	uint32_t line;
	char name[LIMIT_NAME_BYTES + 1];
};

struct targets;

static void check_names(const struct model *model, enum schema_noun noun, const char *label,
			struct errors *errors);
static int name_order(const void *a, const void *b);
static void check_references(const struct model *model, struct errors *errors);
static bool targets_make(const struct model *model, const char *lists, struct targets *targets);
static void check_reference(const struct model *model, const struct schema_field *field,
			    const struct targets *targets, struct errors *errors);
static bool is_there(const struct targets *targets, const char *name);
static const char *words_of(const char *noun, char out[SCHEMA_TEXT_NAME_BYTES]);

static void check_ports(const struct model *model, struct errors *errors);
static void check_service_name(const char *noun, const char *name, uint32_t services, uint32_t line,
			       struct errors *errors);
static void
check_bond(const struct model *model, const struct model_bond *bond, struct errors *errors);
static void check_bond_port(const struct model *model, const struct model_bond *bond,
			    const char *name, struct errors *errors);
static void
check_bonded(const struct model_bond *bond, const struct model_port *port, struct errors *errors);
static const char *port_list(const struct model *model, char out[PORT_LIST_BYTES]);
static void check_carrier(const struct model *model, const struct model_vlan *vlan,
			  uint32_t carrier, struct errors *errors);
static void
check_vlan(const struct model *model, const struct model_vlan *vlan, struct errors *errors);
static void
check_own_address(const struct model *model, uint32_t row, uint32_t index, struct errors *errors);
static void check_prefixes_apart(const struct model *model, struct errors *errors);
static void
check_prefix_apart(const struct model *model, uint32_t row, uint32_t index, struct errors *errors);
static void check_routes(const struct model *model, struct errors *errors);
static void
check_route(const struct model *model, const struct model_route *route, struct errors *errors);
static void check_gateway(const struct model *model, const struct model_route *route,
			  const struct addr *gateway, struct errors *errors);
static void check_management(const struct model *model, struct errors *errors);
static void
check_management_gateway(const struct model *model, uint32_t index, struct errors *errors);
static void check_monitors(const struct model *model, struct errors *errors);
static void check_tcp_profiles(const struct model *model, struct errors *errors);
static void check_pools(const struct model *model, struct errors *errors);
static void check_pool_members(const struct model *model, const struct model_pool *pool,
			       const struct sorted *by_address, struct errors *errors);
static int member_order(const void *a, const void *b);
static void check_member(const struct model *model, const struct model_member *member,
			 const struct sorted *by_address, struct errors *errors);
static int vs_address_order(const void *a, const void *b);
static int vs_order(const void *a, const void *b);
static void check_virtual_servers(const struct model *model, struct errors *errors);
static void check_virtual_server(const struct model *model, const struct model_virtual_server *vs,
				 struct errors *errors);
static bool check_host_address(const struct model *model, const struct addr *address, uint32_t line,
			       const char *noun, struct errors *errors);
static const char *why_no_host(const struct addr *address);
static const char *
in_line(const char *before, uint32_t line, const char *after, char out[LINE_TEXT_BYTES]);
static bool is_network_or_broadcast(const struct addr *address, const struct model_prefix *prefix);
static bool is_own(const struct model *model, const struct addr *address);
static bool is_management(const struct model *model, const struct addr *address);
static bool is_routed(const struct model *model, const struct addr *address);
static struct addr masked(const struct model_prefix *prefix);

bool
model_validate(const struct model *model, struct errors *errors)
{
	uint32_t before = errors->count + errors->more;

	complete_check(model, errors);
	check_ports(model, errors);
	check_prefixes_apart(model, errors);
	check_routes(model, errors);
	check_management(model, errors);
	check_monitors(model, errors);
	check_tcp_profiles(model, errors);
	check_references(model, errors);
	check_pools(model, errors);
	check_virtual_servers(model, errors);
	return errors->count + errors->more == before;
}

static void
check_names(const struct model *model, enum schema_noun noun, const char *label,
	    struct errors *errors)
{
	const struct schema_noun_info *info = &schema_nouns[noun];
	struct sorted sorted;
	char where[LINE_TEXT_BYTES];

	if (!sorted_make(&sorted, *(char *const *)((const char *)model + info->array),
			 *(const uint32_t *)((const char *)model + info->count), info->object_bytes,
			 name_order)) {
		errors_add(errors, 0, "out of memory");
		return;
	}
	for (uint32_t i = 1; i < sorted.count; i++) {
		const struct named *own = sorted_at(&sorted, i), *first = sorted_find(&sorted, own);

		if (own != first)
			errors_add(errors, own->line,
				   "%s \"%s\" is there twice%s; names must differ", label,
				   own->name, in_line(", first in line ", first->line, "", where));
	}
	sorted_free(&sorted);
}

static int
name_order(const void *a, const void *b)
{
	const struct named *left = a, *right = b;

	return strcmp(left->name, right->name);
}

/* Lists that a reference may lead into, by name. */
struct targets {
	struct sorted list[2];
	uint32_t count;
};

/* By the schema's rows: whoever names another object names one that is there. */
static void
check_references(const struct model *model, struct errors *errors)
{
	for (size_t f = 0; f < schema_field_count; f++) {
		struct targets targets;

		if (schema_fields[f].type != SCHEMA_REFERENCE)
			continue;
		if (targets_make(model, schema_fields[f].values, &targets))
			check_reference(model, &schema_fields[f], &targets, errors);
		else
			errors_add(errors, 0, "out of memory");
		for (uint32_t i = 0; i < targets.count; i++)
			sorted_free(&targets.list[i]);
	}
}

/* False: out of memory; what was made so far is to be freed all the same. */
static bool
targets_make(const struct model *model, const char *lists, struct targets *targets)
{
	char list[SCHEMA_TEXT_NAME_BYTES];

	targets->count = 0;
	for (enum schema_noun noun = 0; noun < SCHEMA_NOUN_COUNT; noun++) {
		const struct schema_noun_info *info = &schema_nouns[noun];

		if (schema_choice_index(lists, schema_text_name(info->plural, list)) < 0)
			continue;
		ASSERT(targets->count < ARRAY_SIZE(targets->list));
		if (!sorted_make(&targets->list[targets->count],
				 *(char *const *)((const char *)model + info->array),
				 *(const uint32_t *)((const char *)model + info->count),
				 info->object_bytes, name_order))
			return false;
		targets->count++;
	}
	return true;
}

static void
check_reference(const struct model *model, const struct schema_field *field,
		const struct targets *targets, struct errors *errors)
{
	const struct schema_noun_info *info = &schema_nouns[field->noun];
	const char *object = *(char *const *)((const char *)model + info->array);
	uint32_t count = *(const uint32_t *)((const char *)model + info->count);
	char own[SCHEMA_TEXT_NAME_BYTES];

	for (; count > 0; count--, object += info->object_bytes) {
		const struct named *from = (const void *)object;
		const char *name = object + field->offset;

		if (*name && complete_is(field->noun, object) && !is_there(targets, name))
			errors_add(errors, from->line,
				   "%s \"%s\": there is no %s \"%s\"; must be one in the list "
				   "of %.*s%s%s",
				   words_of(info->noun, own), from->name, field->unit, name,
				   (int)strcspn(field->values, "|"), field->values,
				   strchr(field->values, '|') ? " or " : "",
				   strchr(field->values, '|') ? strchr(field->values, '|') + 1
							      : "");
	}
}

static bool
is_there(const struct targets *targets, const char *name)
{
	struct named like = { 0 };
	bool found = false;

	snprintf(like.name, sizeof like.name, "%s", name);
	for (uint32_t i = 0; i < targets->count && !found; i++)
		found = sorted_find(&targets->list[i], &like) != NULL;
	return found;
}

/* "virtual server" of virtual_server. Returns out. */
static const char *
words_of(const char *noun, char out[SCHEMA_TEXT_NAME_BYTES])
{
	schema_text_name(noun, out);
	for (char *at = out; *at; at++)
		if (*at == '-')
			*at = ' ';
	return out;
}

static void
check_ports(const struct model *model, struct errors *errors)
{
	check_names(model, SCHEMA_NOUN_port, "port", errors);
	check_names(model, SCHEMA_NOUN_bond, "bond", errors);
	check_names(model, SCHEMA_NOUN_vlan, "vlan", errors);
	for (uint32_t i = 0; i < model->port_count; i++)
		check_service_name("port", model->ports[i].name, model->ports[i].services,
				   model->ports[i].line, errors);
	for (uint32_t i = 0; i < model->bond_count; i++)
		check_bond(model, &model->bonds[i], errors);
	for (uint32_t i = 0; i < model->vlan_count; i++)
		check_vlan(model, &model->vlans[i], errors);
	for (uint32_t row = 0; row < model_row_count(model); row++) {
		const struct model_span *span = model_row_addresses(model, row);

		for (uint32_t i = 0; i < span->count; i++)
			check_own_address(model, row, span->first + i, errors);
	}
}

static void
check_bond(const struct model *model, const struct model_bond *bond, struct errors *errors)
{
	uint32_t same_name = model_find_port(model, bond->name);
	char where[LINE_TEXT_BYTES];

	check_service_name("bond", bond->name, bond->services, bond->line, errors);
	if (same_name != UINT32_MAX)
		errors_add(errors, bond->line,
			   "bond \"%s\": a port has that name%s; names must differ", bond->name,
			   in_line(" (line ", model->ports[same_name].line, ")", where));
	if (bond->ports.count < 2)
		errors_add(errors, bond->line, "bond \"%s\": has %s; must have 2 to %u", bond->name,
			   bond->ports.count ? "one port" : "no port", LIMIT_BOND_PORTS);
	for (uint32_t i = 0; i < bond->ports.count; i++)
		check_bond_port(model, bond, bond->ports.name[i], errors);
}

static void
check_bond_port(const struct model *model, const struct model_bond *bond, const char *name,
		struct errors *errors)
{
	const struct model_bond *other = &model->bonds[model_bond_of(model, name)];
	uint32_t port = model_find_port(model, name);
	char where[LINE_TEXT_BYTES], list[PORT_LIST_BYTES];

	if (port == UINT32_MAX) {
		errors_add(errors, bond->line,
			   "bond \"%s\": there is no port \"%s\"; the list of ports has %s",
			   bond->name, name, port_list(model, list));
		return;
	}
	if (other != bond)
		errors_add(errors, bond->line,
			   "bond \"%s\": port \"%s\" is in bond \"%s\"%s; must be in one only",
			   bond->name, name, other->name,
			   in_line(" (line ", other->line, ")", where));
	else
		check_bonded(bond, &model->ports[port], errors);
	if (bond->mtu_bytes > model->ports[port].mtu_bytes)
		errors_add(errors, bond->line,
			   "bond \"%s\": mtu-bytes (%u) is more than that of port \"%s\" (%u); "
			   "must be at most as much",
			   bond->name, bond->mtu_bytes, name, model->ports[port].mtu_bytes);
}

/* What else a bond's port could have is the bond's. */
static void
check_bonded(const struct model_bond *bond, const struct model_port *port, struct errors *errors)
{
	char where[LINE_TEXT_BYTES];

	in_line(" (line ", bond->line, ")", where);
	if (port->addresses.count)
		errors_add(
		    errors, port->line,
		    "port \"%s\": has addresses and is in bond \"%s\"%s; must have none, give "
		    "them to the bond",
		    port->name, bond->name, where);
	if (port->services)
		errors_add(
		    errors, port->line,
		    "port \"%s\": has services and is in bond \"%s\"%s; must have none, give "
		    "them to the bond",
		    port->name, bond->name, where);
}

/* "p0, p1"; "none". */
static const char *
port_list(const struct model *model, char out[PORT_LIST_BYTES])
{
	size_t len = 0;

	strcpy(out, "none");
	for (uint32_t i = 0; i < model->port_count && len < PORT_LIST_BYTES; i++)
		len += (size_t)snprintf(out + len, PORT_LIST_BYTES - len, "%s%s", i ? ", " : "",
					model->ports[i].name);
	return out;
}

/* By name and by tag each frame and each line must mean one of them. */
static void
check_vlan(const struct model *model, const struct model_vlan *vlan, struct errors *errors)
{
	uint32_t same_name = model_find_carrier(model, vlan->name);
	uint32_t carrier = model_find_carrier(model, vlan->port);
	char where[LINE_TEXT_BYTES];

	check_service_name("vlan", vlan->name, vlan->services, vlan->line, errors);
	if (same_name != UINT32_MAX)
		errors_add(errors, vlan->line,
			   "vlan \"%s\": a %s has that name%s; names must differ", vlan->name,
			   model_row_noun(model, same_name),
			   in_line(" (line ", model_row_line(model, same_name), ")", where));
	if (!complete_is(SCHEMA_NOUN_vlan, vlan))
		return;
	for (const struct model_vlan *other = model->vlans; other < vlan; other++) {
		if (other->tag != vlan->tag || strcmp(other->port, vlan->port) != 0)
			continue;
		errors_add(errors, vlan->line,
			   "vlan \"%s\": tag %u on %s \"%s\" is that of vlan \"%s\"%s; must be "
			   "another one",
			   vlan->name, vlan->tag,
			   carrier == UINT32_MAX ? "port" : model_row_noun(model, carrier),
			   vlan->port, other->name, in_line(" (line ", other->line, ")", where));
		break;
	}
	if (carrier != UINT32_MAX)
		check_carrier(model, vlan, carrier, errors);
}

static void
check_carrier(const struct model *model, const struct model_vlan *vlan, uint32_t carrier,
	      struct errors *errors)
{
	uint32_t mtu_bytes = model_row_mtu_bytes(model, carrier);
	uint32_t bond = model_bond_of(model, vlan->port);
	char where[LINE_TEXT_BYTES];

	if (bond != UINT32_MAX)
		errors_add(errors, vlan->line,
			   "vlan \"%s\": port \"%s\" is in bond \"%s\"%s; must be on the bond",
			   vlan->name, vlan->port, model->bonds[bond].name,
			   in_line(" (line ", model->bonds[bond].line, ")", where));
	if (vlan->mtu_bytes > mtu_bytes)
		errors_add(errors, vlan->line,
			   "vlan \"%s\": mtu-bytes (%u) is more than that of %s \"%s\" (%u); "
			   "must be at most as much",
			   vlan->name, vlan->mtu_bytes, model_row_noun(model, carrier), vlan->port,
			   mtu_bytes);
}

/* The kernel's side of a port is an interface, whose name the kernel limits. */
static void
check_service_name(const char *noun, const char *name, uint32_t services, uint32_t line,
		   struct errors *errors)
{
	if (services && strlen(name) > LIMIT_SERVICE_PORT_NAME_BYTES)
		errors_add(errors, line,
			   "%s \"%s\": a %s with services has a name of at most %u characters; "
			   "leave services out or call it otherwise",
			   noun, name, noun, LIMIT_SERVICE_PORT_NAME_BYTES);
}

static void
check_own_address(const struct model *model, uint32_t row, uint32_t index, struct errors *errors)
{
	const struct model_prefix *own = &model->addresses[index];
	const char *noun = model_row_noun(model, row);
	const char *why = why_no_host(&own->addr);
	char text[ADDR_TEXT_MAX], where[LINE_TEXT_BYTES];

	addr_format(&own->addr, text);
	if (why)
		errors_add(errors, own->line, "%s address %s is %s; must be an address of one host",
			   noun, text, why);
	else if (own->len == 0)
		errors_add(errors, own->line,
			   "%s address %s/0 connects everything; use a route to %s instead", noun,
			   text, addr_is_v4(&own->addr) ? "0.0.0.0/0" : "::/0");
	else if (is_network_or_broadcast(&own->addr, own))
		errors_add(errors, own->line,
			   "%s address %s/%u is the prefix's network or broadcast address; must "
			   "be one in between",
			   noun, text, own->len);
	for (uint32_t j = 0; j < index; j++) {
		if (addr_equal(&model->addresses[j].addr, &own->addr)) {
			errors_add(
			    errors, own->line, "%s address %s is there twice%s; leave one out",
			    noun, text,
			    in_line(", first in line ", model->addresses[j].line, "", where));
			break;
		}
	}
}

/* A packet for a connected prefix must know its port. */
static void
check_prefixes_apart(const struct model *model, struct errors *errors)
{
	for (uint32_t row = 1; row < model_row_count(model); row++) {
		const struct model_span *span = model_row_addresses(model, row);

		for (uint32_t i = 0; i < span->count; i++)
			check_prefix_apart(model, row, span->first + i, errors);
	}
}

static void
check_prefix_apart(const struct model *model, uint32_t row, uint32_t index, struct errors *errors)
{
	const struct model_prefix *own = &model->addresses[index];

	for (uint32_t other = 0; other < row; other++) {
		const struct model_span *span = model_row_addresses(model, other);

		for (uint32_t i = span->first; i < span->first + span->count; i++) {
			const struct model_prefix *with = &model->addresses[i];
			uint32_t shorter = own->len < with->len ? own->len : with->len;
			char text[ADDR_TEXT_MAX], where[LINE_TEXT_BYTES];

			/* Those of length 0 and equal addresses are reported elsewhere. */
			if (shorter == 0 || addr_equal(&own->addr, &with->addr) ||
			    !addr_in_prefix(&own->addr, &with->addr, shorter))
				continue;
			errors_add(errors, own->line,
				   "%s %s: the prefix of %s/%u overlaps one of %s %s%s; each "
				   "must be on one port",
				   model_row_noun(model, row), model_row_name(model, row),
				   addr_format(&own->addr, text), own->len,
				   model_row_noun(model, other), model_row_name(model, other),
				   in_line(" in line ", with->line, "", where));
			return;
		}
	}
}

static void
check_routes(const struct model *model, struct errors *errors)
{
	for (uint32_t i = 0; i < model->route_count; i++) {
		const struct model_prefix *to = &model->routes[i].to;

		if (complete_is(SCHEMA_NOUN_route, &model->routes[i]))
			check_route(model, &model->routes[i], errors);
		for (uint32_t j = 0; j < i; j++) {
			if (model->routes[j].to.len == to->len &&
			    addr_equal(&model->routes[j].to.addr, &to->addr)) {
				errors_add(
				    errors, model->routes[i].line,
				    "route: the same destination is in line %u; leave one out",
				    model->routes[j].line);
				break;
			}
		}
	}
}

static void
check_route(const struct model *model, const struct model_route *route, struct errors *errors)
{
	struct addr base = masked(&route->to);
	char to[ADDR_TEXT_MAX], where[LINE_TEXT_BYTES];

	addr_format(&base, to);
	if (!addr_equal(&base, &route->to.addr))
		errors_add(errors, route->line,
			   "route to has bits set behind the prefix; must be %s/%u", to,
			   route->to.len);
	for (uint32_t i = 0; i < model->address_count; i++) {
		if (model->addresses[i].len == route->to.len &&
		    addr_in_prefix(&model->addresses[i].addr, &base, route->to.len)) {
			errors_add(
			    errors, route->line,
			    "route to %s/%u: that prefix is connected%s; leave the route out", to,
			    route->to.len,
			    in_line(" (line ", model->addresses[i].line, ")", where));
			break;
		}
	}
	for (uint32_t i = 0; i < route->via.count; i++)
		check_gateway(model, route, &route->via.address[i], errors);
}

static void
check_gateway(const struct model *model, const struct model_route *route,
	      const struct addr *gateway, struct errors *errors)
{
	struct addr base = masked(&route->to);
	char to[ADDR_TEXT_MAX], via[ADDR_TEXT_MAX];

	addr_format(&base, to);
	addr_format(gateway, via);
	if (addr_is_v4(gateway) != addr_is_v4(&base))
		errors_add(errors, route->line,
			   "route to %s/%u via %s: must be both IPv4 or both IPv6", to,
			   route->to.len, via);
	else if (is_own(model, gateway))
		errors_add(
		    errors, route->line,
		    "route via %s: that is an address of this appliance; must be another router's",
		    via);
	else if (model_connected_port(model, gateway) == UINT32_MAX)
		errors_add(errors, route->line,
			   "route via %s: no port has a prefix with that address; must be a "
			   "neighbour on a connected prefix",
			   via);
	else
		check_host_address(model, gateway, route->line, "route via", errors);
}

/* They are the kernel's alone: data ports know nothing of them. */
static void
check_management(const struct model *model, struct errors *errors)
{
	for (uint32_t i = 0; i < model->management_address_count; i++) {
		const struct model_management_address *own = &model->management_addresses[i];
		const char *why = why_no_host(&own->address.addr);
		char text[ADDR_TEXT_MAX];

		addr_format(&own->address.addr, text);
		if (why || own->address.len == 0)
			errors_add(errors, own->line,
				   "management-address %s/%u is %s; must be an address of one host "
				   "with its prefix",
				   text, own->address.len, why ? why : "no connected prefix");
		else if (is_network_or_broadcast(&own->address.addr, &own->address))
			errors_add(errors, own->line,
				   "management-address %s/%u is its network or broadcast address; "
				   "must be an address of one host",
				   text, own->address.len);
		if (is_own(model, &own->address.addr))
			errors_add(errors, own->line,
				   "management-address %s is a port's, too; leave one out", text);
		for (uint32_t k = 0; k < i; k++)
			if (addr_equal(&model->management_addresses[k].address.addr,
				       &own->address.addr))
				errors_add(errors, own->line,
					   "management-address %s is there twice; leave one out",
					   text);
		if (own->gateway.count > 0)
			check_management_gateway(model, i, errors);
	}
}

static void
check_management_gateway(const struct model *model, uint32_t index, struct errors *errors)
{
	const struct model_management_address *own = &model->management_addresses[index];
	const struct addr *gateway = &own->gateway.address[0];
	char text[ADDR_TEXT_MAX];

	addr_format(gateway, text);
	if (addr_is_v4(gateway) != addr_is_v4(&own->address.addr) ||
	    !addr_in_prefix(gateway, &own->address.addr, own->address.len) ||
	    is_network_or_broadcast(gateway, &own->address) || is_management(model, gateway))
		errors_add(errors, own->line,
			   "management-address: gateway %s must be another host on the address's "
			   "own prefix",
			   text);
	for (uint32_t k = 0; k < index; k++)
		if (model->management_addresses[k].gateway.count > 0 &&
		    addr_is_v4(&model->management_addresses[k].gateway.address[0]) ==
			addr_is_v4(gateway))
			errors_add(errors, own->line,
				   "management-address: gateway %s is the second of its family; "
				   "there is one default route each for IPv4 and IPv6",
				   text);
}

/* Whether anything that only an HTTP probe can ask differs from its default. */
static bool
asks_http(const struct model_monitor *monitor)
{
	struct gen_statuses usual = { { 0 } };

	for (uint32_t status = 200; status < 400; status++)
		gen_statuses_add(&usual, status);
	return strcmp(monitor->path, "/") != 0 || monitor->host[0] || monitor->headers[0] ||
	       monitor->body[0] || monitor->method != GEN_MONITOR_GET ||
	       memcmp(&monitor->status, &usual, sizeof usual) != 0;
}

static void
check_monitors(const struct model *model, struct errors *errors)
{
	check_names(model, SCHEMA_NOUN_monitor, "monitor", errors);
	for (uint32_t i = 0; i < model->monitor_count; i++) {
		const struct model_monitor *monitor = &model->monitors[i];

		if (monitor->timeout_ms > monitor->interval_ms)
			errors_add(errors, monitor->line,
				   "monitor \"%s\": timeout-ms (%u) is longer than interval-ms "
				   "(%u); must be at most as long",
				   monitor->name, monitor->timeout_ms, monitor->interval_ms);
		if (monitor->type == GEN_MONITOR_TCP && asks_http(monitor))
			errors_add(
			    errors, monitor->line,
			    "monitor \"%s\": method, path, host, headers, status and body are "
			    "for type \"http\"; leave them out or change the type",
			    monitor->name);
		if (monitor->body[0] && monitor->method != GEN_MONITOR_GET)
			errors_add(errors, monitor->line,
				   "monitor \"%s\": only method \"GET\" has an answer with a body; "
				   "leave body out or change the method",
				   monitor->name);
	}
}

/* What the schema's bounds leave between "none" and the least. */
static void
check_tcp_profiles(const struct model *model, struct errors *errors)
{
	check_names(model, SCHEMA_NOUN_tcp_profile, "tcp profile", errors);
	for (uint32_t i = 0; i < model->tcp_profile_count; i++) {
		const struct model_tcp_profile *profile = &model->tcp_profiles[i];

		if (profile->max_segment_bytes && profile->max_segment_bytes < LIMIT_SEGMENT_MIN)
			errors_add(
			    errors, profile->line,
			    "tcp profile \"%s\": max-segment-bytes = %u; must be 0 or %u to %u",
			    profile->name, profile->max_segment_bytes, LIMIT_SEGMENT_MIN,
			    LIMIT_SEGMENT_MAX);
	}
}

static void
check_pools(const struct model *model, struct errors *errors)
{
	struct sorted by_address;

	check_names(model, SCHEMA_NOUN_pool, "pool", errors);
	if (!sorted_make(&by_address, model->virtual_servers, model->virtual_server_count,
			 sizeof *model->virtual_servers, vs_address_order)) {
		errors_add(errors, 0, "out of memory");
		return;
	}
	for (uint32_t i = 0; i < model->pool_count; i++) {
		const struct model_pool *pool = &model->pools[i];

		check_pool_members(model, pool, &by_address, errors);
	}
	sorted_free(&by_address);
}

static void
check_pool_members(const struct model *model, const struct model_pool *pool,
		   const struct sorted *by_address, struct errors *errors)
{
	char text[ADDR_TEXT_MAX], where[LINE_TEXT_BYTES];
	struct sorted sorted;

	for (uint32_t i = 0; i < pool->member_count; i++)
		check_member(model, &model->members[pool->first_member + i], by_address, errors);
	if (!sorted_make(&sorted, &model->members[pool->first_member], pool->member_count,
			 sizeof *model->members, member_order)) {
		errors_add(errors, 0, "out of memory");
		return;
	}
	for (uint32_t i = 1; i < sorted.count; i++) {
		const struct model_member *own = sorted_at(&sorted, i),
					  *first = sorted_find(&sorted, own);

		if (own != first)
			errors_add(errors, own->line,
				   "pool \"%s\": member %s port %u is there twice%s; leave one out",
				   pool->name, addr_format(&own->address, text), own->port,
				   in_line(", first in line ", first->line, "", where));
	}
	sorted_free(&sorted);
}

static int
member_order(const void *a, const void *b)
{
	const struct model_member *left = a, *right = b;
	int order = memcmp(&left->address, &right->address, sizeof left->address);

	return order ? order : (left->port > right->port) - (left->port < right->port);
}

static void
check_member(const struct model *model, const struct model_member *member,
	     const struct sorted *by_address, struct errors *errors)
{
	struct model_virtual_server like = { .address = member->address };
	const struct model_virtual_server *vs;
	char text[ADDR_TEXT_MAX], where[LINE_TEXT_BYTES];

	addr_format(&member->address, text);
	if (!check_host_address(model, &member->address, member->line, "member", errors))
		return;
	vs = sorted_find(by_address, &like);
	if (is_own(model, &member->address))
		errors_add(errors, member->line,
			   "member %s is an address of this appliance; must be a server's", text);
	else if (vs)
		errors_add(errors, member->line,
			   "member %s is the address of virtual server \"%s\"%s; must be a "
			   "server's",
			   text, vs->name, in_line(" (line ", vs->line, ")", where));
	else if (!is_routed(model, &member->address))
		errors_add(errors, member->line,
			   "member %s can't be reached; must be on a connected prefix of a port, "
			   "or add a route",
			   text);
}

static int
vs_address_order(const void *a, const void *b)
{
	const struct model_virtual_server *left = a, *right = b;

	return memcmp(&left->address, &right->address, sizeof left->address);
}

static void
check_virtual_servers(const struct model *model, struct errors *errors)
{
	char where[LINE_TEXT_BYTES];
	struct sorted sorted;

	check_names(model, SCHEMA_NOUN_virtual_server, "virtual server", errors);
	for (uint32_t i = 0; i < model->virtual_server_count; i++)
		if (complete_is(SCHEMA_NOUN_virtual_server, &model->virtual_servers[i]))
			check_virtual_server(model, &model->virtual_servers[i], errors);
	if (!sorted_make(&sorted, model->virtual_servers, model->virtual_server_count,
			 sizeof *model->virtual_servers, vs_order)) {
		errors_add(errors, 0, "out of memory");
		return;
	}
	for (uint32_t i = 1; i < sorted.count; i++) {
		const struct model_virtual_server *vs = sorted_at(&sorted, i),
						  *other = sorted_find(&sorted, vs);

		if (vs != other && complete_is(SCHEMA_NOUN_virtual_server, vs))
			errors_add(errors, vs->line,
				   "virtual server \"%s\": address and port are those of \"%s\"%s; "
				   "must differ",
				   vs->name, other->name,
				   in_line(" (line ", other->line, ")", where));
	}
	sorted_free(&sorted);
}

static int
vs_order(const void *a, const void *b)
{
	const struct model_virtual_server *left = a, *right = b;
	int order = memcmp(&left->address, &right->address, sizeof left->address);

	return order ? order : (left->port > right->port) - (left->port < right->port);
}

static void
check_virtual_server(const struct model *model, const struct model_virtual_server *vs,
		     struct errors *errors)
{
	check_host_address(model, &vs->address, vs->line, "virtual server", errors);
}

static bool
check_host_address(const struct model *model, const struct addr *address, uint32_t line,
		   const char *noun, struct errors *errors)
{
	const char *why = why_no_host(address);
	char text[ADDR_TEXT_MAX];

	for (uint32_t i = 0; !why && i < model->address_count; i++)
		if (addr_in_prefix(address, &model->addresses[i].addr, model->addresses[i].len) &&
		    is_network_or_broadcast(address, &model->addresses[i]))
			why = "the network or broadcast address of a connected prefix";
	if (!why)
		return true;
	errors_add(errors, line, "%s address %s is %s; must be an address of one host", noun,
		   addr_format(address, text), why);
	return false;
}

static const char *
why_no_host(const struct addr *address)
{
	if (addr_is_unspecified(address))
		return "unspecified";
	if (addr_is_multicast(address))
		return "multicast";
	if (addr_is_loopback(address))
		return "loopback";
	if (!addr_is_v4(address) && addr_is_link_local_v6(address))
		return "link-local";
	if (addr_is_v4(address) && (address->byte[12] == 0 || address->byte[12] >= 240))
		return "reserved";
	return NULL;
}

/* IPv4 only; prefixes of 31 and 32 have neither (RFC 3021). */
static bool
is_network_or_broadcast(const struct addr *address, const struct model_prefix *prefix)
{
	uint32_t host_mask, host;

	if (!addr_is_v4(address) || prefix->len >= 31)
		return false;
	host_mask = UINT32_MAX >> prefix->len;
	host = be32_to(addr_to_v4(address)) & host_mask;
	return host == 0 || host == host_mask;
}

static bool
is_own(const struct model *model, const struct addr *address)
{
	for (uint32_t i = 0; i < model->address_count; i++)
		if (addr_equal(&model->addresses[i].addr, address))
			return true;
	return false;
}

static bool
is_management(const struct model *model, const struct addr *address)
{
	for (uint32_t i = 0; i < model->management_address_count; i++)
		if (addr_equal(&model->management_addresses[i].address.addr, address))
			return true;
	return false;
}

static bool
is_routed(const struct model *model, const struct addr *address)
{
	if (model_connected_port(model, address) != UINT32_MAX)
		return true;
	for (uint32_t i = 0; i < model->route_count; i++)
		if (addr_in_prefix(address, &model->routes[i].to.addr, model->routes[i].to.len))
			return true;
	return false;
}

static struct addr
masked(const struct model_prefix *prefix)
{
	unsigned bits = addr_is_v4(&prefix->addr) ? 96 + prefix->len : prefix->len;
	struct addr result = prefix->addr;

	for (unsigned byte = 0; byte < 16; byte++) {
		unsigned keep = bits > byte * 8 ? bits - byte * 8 : 0;

		if (keep < 8)
			result.byte[byte] &= (uint8_t)(0xff << (8 - keep));
	}
	return result;
}

/* Where the other one is that a message is about: nothing for one that stands in no text. */
static const char *
in_line(const char *before, uint32_t line, const char *after, char out[LINE_TEXT_BYTES])
{
	out[0] = '\0';
	if (line)
		snprintf(out, LINE_TEXT_BYTES, "%s%u%s", before, line, after);
	return out;
}
