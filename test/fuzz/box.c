/*
 * The surroundings of a data plane.
 */
#include "test/fuzz/box.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/lb/lb.h"

static void *
zeroed(size_t bytes)
{
	void *pages = aligned_alloc(4096, (bytes + 4095) & ~(size_t)4095);

	ASSERT(pages);
	return memset(pages, 0, bytes);
}

void
fuzz_box_init(struct fuzz_box *box, const struct port_ops *ops)
{
	static const struct port_ops silent = { .info = fuzz_box_info };

	box->stats = zeroed(sizeof *box->stats);
	box->health = zeroed(sizeof *box->health);
	box->stats->workers = 1;
	for (unsigned i = 0; i < BOX_PORTS; i++) {
		box->port[i] = (struct port){ .ops = ops ? ops : &silent };
		memcpy(box->port[i].name, (char[]){ 'p', (char)('0' + i), '\0' }, 3);
		box->ports[i] = &box->port[i];
	}
}

void
fuzz_box_info(struct port *port, struct port_info *info)
{
	*info = (struct port_info){ .link_up = true, .mtu_bytes = BOX_MTU_BYTES, .queues = 1 };
	memcpy(info->name, port->name, sizeof info->name);
	memcpy(info->driver, "fuzz", 5);
	fuzz_box_mac((unsigned)(port->name[1] - '0'), info->mac);
}

void
fuzz_box_mac(unsigned port, uint8_t mac[6])
{
	memcpy(mac, (uint8_t[6]){ 2, 0, 0, 0, 1, (uint8_t)port }, 6);
}

void
fuzz_peer_mac(unsigned port, uint8_t mac[6])
{
	memcpy(mac, (uint8_t[6]){ 2, 0, 0, 0, 2, (uint8_t)port }, 6);
}

struct config_view *
fuzz_box_view(struct fuzz_box *box, const struct generation *gen)
{
	const struct view_devices devices = { box->ports, BOX_PORTS };
	struct config_view *view = NULL;
	char why[200] = "";

	if (config_view_make(gen, gen->total_bytes, &devices, box->stats, box->health, &view, why,
			     sizeof why) != ERR_ok)
		fprintf(stderr, "no view: %s\n", why);
	ASSERT(view);
	return view;
}

/* Entries stay claimed, as the view points to them. */
void
fuzz_box_view_reset(struct fuzz_box *box, struct config_view *view)
{
	const struct lb_setup setup = {
		.gen = view->gen,
		.health = view->member_health,
		.admin = (const struct health_admin *const *)view->member_admin,
		.stats = box->stats->worker,
		.workers = 1,
		.seed = view->gen->number,
	};

	memset(view->refs, 0, sizeof view->refs);
	for (uint32_t i = 0; i < view->target_count; i++) {
		struct health_entry *entry = view->targets[i].health;

		*entry = (struct health_entry){ .address = entry->address,
						.port = entry->port,
						.used = entry->used,
						.monitor_hash = entry->monitor_hash };
	}
	for (uint32_t i = 0; i < view->gen->members.count; i++)
		view->member_admin[i]->state = MEMBER_ENABLED;
	view->lb[0] = lb_init(view->lb[0], &setup);
}

bool
fuzz_box_is_ours(void *context, const struct addr *a)
{
	const struct config_view *view = context;
	const struct gen_address *addresses = generation_addresses(view->gen);

	for (uint32_t i = 0; i < view->gen->addresses.count; i++)
		if (addr_equal(&addresses[i].addr, a))
			return true;
	return net_config_own_has(&view->net, a);
}
