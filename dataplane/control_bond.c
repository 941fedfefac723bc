/*
 * Bonds of the configuration: which front-panel ports are one device. A generation with other bonds than those that
 * there are has devices closed and opened anew while the workers stand still; their connections stay, and go on
 * over what is there then. Anything that goes wrong on the way leaves the devices as they were.
 *
 * A bond has the place of its first member among the devices (so the others keep theirs), the other members' places
 * are empty.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "dataplane/control_priv.h"
#include "drivers/port/port.h"
#include "drivers/port/port_bond.h"
#include "drivers/port/port_fault.h"
#include "fw/abi/generation.h"

STATIC_ASSERT(PORT_BOND_MEMBERS == LIMIT_BOND_PORTS, "what can be configured can be opened");
STATIC_ASSERT((int)PORT_BOND_LACP_AGGREGATED == (int)LACP_STATE_aggregated, "the same states");

static bool any_changes(const struct control *c, const struct device_plan plan[LIMIT_PORTS]);
static enum err make_plan(const struct control *c, const struct generation *gen,
			  struct device_plan plan[LIMIT_PORTS], char why[WHY_BYTES]);
static enum err
plan_bond(const struct control *c, const struct generation *gen, const struct gen_port *bond,
	  struct device_plan plan[LIMIT_PORTS], char why[WHY_BYTES]);
static bool lacp_is_possible(const struct control *c, uint32_t port);
static uint32_t find_front(const struct control *c, const struct generation *gen,
			   const struct gen_port *port, char why[WHY_BYTES]);
static enum err
carry_out(struct control *c, const struct device_plan plan[LIMIT_PORTS], char why[WHY_BYTES]);
static void close_device(struct control *c, uint32_t device);
static enum err open_device(struct control *c, uint32_t device, char why[WHY_BYTES]);

static const char *const mode_words[GEN_BOND_MODES] = {
	[GEN_BOND_ACTIVE_BACKUP] = "active-backup",
	[GEN_BOND_LACP] = "lacp",
};

enum err
control_devices_fit(struct control *c, const struct generation *gen, struct device_change *change,
		    char why[WHY_BYTES])
{
	struct device_plan plan[LIMIT_PORTS] = { 0 };
	enum err err = make_plan(c, gen, plan, why);

	*change = (struct device_change){ .began_us = control_clock_us(CLOCK_MONOTONIC) };
	memcpy(change->before, c->plan, sizeof change->before);
	if (err || !any_changes(c, plan))
		return err;
	change->is_made = true;
	control_workers_stop(c);
	err = carry_out(c, plan, why);
	if (err)
		control_devices_undo(c, change);
	return err;
}

/* Also where a device is missing that could not be had back. */
static bool
changes_at(const struct control *c, const struct device_plan plan[LIMIT_PORTS], uint32_t device)
{
	return memcmp(&plan[device], &c->plan[device], sizeof plan[device]) != 0 ||
	       (!c->ports[device] && !plan[device].is_elsewhere);
}

static bool
any_changes(const struct control *c, const struct device_plan plan[LIMIT_PORTS])
{
	for (uint32_t d = 0; d < c->port_count; d++)
		if (changes_at(c, plan, d))
			return true;
	return false;
}

/* A port or bond keeps its device if it is made of the same. */
static enum err
make_plan(const struct control *c, const struct generation *gen,
	  struct device_plan plan[LIMIT_PORTS], char why[WHY_BYTES])
{
	const struct gen_port *ports = generation_ports(gen);
	enum err err = ERR_ok;

	for (uint32_t i = 0; i < gen->ports.count; i++)
		if (ports[i].parent == GENERATION_NONE && ports[i].bond_mode == GEN_BOND_NONE &&
		    find_front(c, gen, &ports[i], why) == LIMIT_PORTS)
			return ERR_not_found;
	for (uint32_t i = 0; !err && i < gen->ports.count; i++)
		if (ports[i].bond_mode != GEN_BOND_NONE)
			err = plan_bond(c, gen, &ports[i], plan, why);
	return err;
}

static enum err
plan_bond(const struct control *c, const struct generation *gen, const struct gen_port *bond,
	  struct device_plan plan[LIMIT_PORTS], char why[WHY_BYTES])
{
	const char *name = generation_text(gen, bond->name);
	struct device_plan made = { .mode = bond->bond_mode, .member_count = bond->member_count };

	snprintf(made.name, sizeof made.name, "%s", name);
	for (uint32_t d = 0; d < c->options.port_count; d++)
		if (strcmp(c->options.port[d].name, name) == 0) {
			snprintf(
			    why, WHY_BYTES,
			    "bond \"%s\" has the name of a port of this box; names must differ",
			    name);
			return ERR_invalid;
		}
	for (uint32_t m = 0; m < bond->member_count; m++) {
		made.member[m] = find_front(c, gen, &generation_ports(gen)[bond->members[m]], why);
		if (made.member[m] == LIMIT_PORTS)
			return ERR_not_found;
		if (bond->bond_mode == GEN_BOND_LACP && !lacp_is_possible(c, made.member[m])) {
			snprintf(why, WHY_BYTES,
				 "bond \"%s\": port \"%s\" is an interface of the kernel (AF_XDP), "
				 "which LACP can't have; must be of mode active-backup",
				 name, c->options.port[made.member[m]].name);
			return ERR_invalid;
		}
		plan[made.member[m]].is_elsewhere = m > 0;
	}
	plan[made.member[0]] = made;
	return ERR_ok;
}

/* DPDK's bonding driver sets its members up anew, which its AF_XDP driver can do once only. */
static bool
lacp_is_possible(const struct control *c, uint32_t port)
{
	return strncmp(c->options.port[port].spec, "af_xdp:", 7) != 0;
}

/* The index of the front-panel port; LIMIT_PORTS: this box has none of that name. */
static uint32_t
find_front(const struct control *c, const struct generation *gen, const struct gen_port *port,
	   char why[WHY_BYTES])
{
	const char *name = generation_text(gen, port->name);
	int len;

	for (uint32_t d = 0; d < c->options.port_count; d++)
		if (strcmp(c->options.port[d].name, name) == 0)
			return d;
	len = snprintf(why, WHY_BYTES, "there is no port \"%s\"; the ports of this box are:", name);
	for (uint32_t d = 0; d < c->options.port_count && len < WHY_BYTES; d++)
		len += snprintf(why + len, WHY_BYTES - (size_t)len, " %s", c->options.port[d].name);
	return LIMIT_PORTS;
}

/* What goes is closed before anything is opened: the same hardware may be in both. What can be opened is. */
static enum err
carry_out(struct control *c, const struct device_plan plan[LIMIT_PORTS], char why[WHY_BYTES])
{
	bool changes[LIMIT_PORTS] = { 0 };
	char further[WHY_BYTES];
	enum err err = ERR_ok;

	for (uint32_t d = 0; d < c->port_count; d++) {
		changes[d] = changes_at(c, plan, d);
		if (changes[d])
			close_device(c, d);
	}
	memcpy(c->plan, plan, sizeof c->plan);
	for (uint32_t d = 0; d < c->port_count; d++)
		if (changes[d] && !plan[d].is_elsewhere) {
			enum err one = open_device(c, d, err ? further : why);

			err = err ? err : one;
		}
	for (uint32_t w = 0; w < c->worker_count; w++)
		worker_devices_changed(c->workers[w]);
	return err;
}

/* Its losses stay in the sums; nobody counts frames while the workers stand still. */
static void
close_device(struct control *c, uint32_t device)
{
	struct port_fault_stats faults;
	struct port_info info;

	if (!c->ports[device])
		return;
	port_info(c->ports[device], &info);
	port_fault_stats(c->ports[device], &faults);
	c->lost_before.errors += info.missed + info.errors;
	c->lost_before.lost += faults.rx.lost + faults.tx.lost;
	c->lost_before.queue_full += faults.rx.queue_full + faults.tx.queue_full;
	port_close(c->ports[device]);
	c->ports[device] = NULL;
	c->takeovers[device] = 0;
	c->stats->ports[device] = (struct stats_port){ 0 };
	c->stats->bonds[device] = (struct stats_bond){ 0 };
	for (uint32_t w = 0; w < c->options.workers; w++)
		memset(c->stats->worker[w].port[device], 0,
		       sizeof c->stats->worker[w].port[device]);
}

/* A fault is one of the bond, of whichever member it was asked for. */
static enum err
open_device(struct control *c, uint32_t device, char why[WHY_BYTES])
{
	const struct device_plan *plan = &c->plan[device];
	const char *specs[LIMIT_BOND_PORTS];
	struct control_port wanted = c->options.port[device];
	char spec[PORT_BOND_SPEC_BYTES];

	if (plan->mode != GEN_BOND_NONE) {
		for (uint32_t m = 0; m < plan->member_count; m++) {
			specs[m] = c->options.port[plan->member[m]].spec;
			if (!wanted.fault)
				wanted.fault = c->options.port[plan->member[m]].fault;
		}
		if (port_bond_spec(mode_words[plan->mode], specs, plan->member_count, spec)) {
			snprintf(why, WHY_BYTES, "bond \"%.15s\": its members' specs are too long",
				 plan->name);
			return ERR_too_long;
		}
		wanted.name = plan->name;
		wanted.spec = spec;
	}
	return control_port_open(c, &wanted, &c->ports[device], why);
}

void
control_devices_undo(struct control *c, struct device_change *change)
{
	char why[WHY_BYTES];

	if (!change->is_made)
		return;
	if (carry_out(c, change->before, why))
		fprintf(stderr, "fairlead-dataplane: the ports can't be had back: %s\n", why);
	change->is_made = false;
	control_workers_start(c);
}

void
control_devices_done(struct control *c, const struct device_change *change)
{
	uint64_t took_us = control_clock_us(CLOCK_MONOTONIC) - change->began_us;

	c->note[0] = '\0';
	if (!change->is_made)
		return;
	control_workers_start(c);
	snprintf(c->note, sizeof c->note,
		 "the bonds have changed, which has kept packets waiting for %" PRIu64 " ms",
		 (took_us + 999) / 1000);
	fprintf(stderr, "fairlead-dataplane: %s\n", c->note);
}

void
control_note_bond(struct control *c, uint32_t device)
{
	const struct device_plan *plan = &c->plan[device];
	struct stats_bond *row = &c->stats->bonds[device];
	struct port_bond_info info;

	if (plan->mode == GEN_BOND_NONE || !c->ports[device] ||
	    !port_bond_info(c->ports[device], &info))
		return;
	for (uint32_t m = 0; m < plan->member_count; m++) {
		struct stats_bond_member *member = &row->member[m];

		snprintf(member->name, sizeof member->name, "%s",
			 c->options.port[plan->member[m]].name);
		member->link_up = info.member[m].link_up;
		member->is_active = info.member[m].is_active;
		member->lacp = (uint8_t)info.member[m].lacp;
	}
	row->takeovers = c->takeovers[device];
	row->member_count = plan->member_count;
	row->mode = plan->mode;
}
