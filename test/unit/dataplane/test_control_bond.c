/*
 * Devices that follow the bonds of generations: three front-panel ports on rings, no workers.
 */
#include <rte_mempool.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/control_priv.h"
#include "drivers/port/port.h"
#include "test/unit/unit.h"

static struct {
	struct generation head;
	struct gen_port ports[4];
	char strings[16];
} gen;

static struct control control;
static struct device_change change;
static char why[WHY_BYTES];
static unsigned used_before;

static struct gen_name
name(const char *text)
{
	struct gen_name result = { gen.head.strings.count, (uint32_t)strlen(text) };

	ASSERT(result.offset + result.len < sizeof gen.strings);
	strcpy(gen.strings + result.offset, text);
	gen.head.strings.count += result.len + 1;
	return result;
}

static void
add_port(const char *text, enum gen_bond_mode mode, uint32_t first, uint32_t second)
{
	gen.ports[gen.head.ports.count++] =
	    (struct gen_port){ .name = name(text),
			       .mtu_bytes = 1500,
			       .parent = GENERATION_NONE,
			       .bond_mode = mode,
			       .member_count = mode == GEN_BOND_NONE ? 0 : 2,
			       .members = { first, second } };
}

/* p0, p1, p2, and what comes as the fourth row. */
static void
configure(void)
{
	memset(&gen, 0, sizeof gen);
	gen.head.ports.offset = (uint32_t)((uint8_t *)gen.ports - (uint8_t *)&gen);
	gen.head.strings.offset = (uint32_t)((uint8_t *)gen.strings - (uint8_t *)&gen);
	add_port("p0", GEN_BOND_NONE, 0, 0);
	add_port("p1", GEN_BOND_NONE, 0, 0);
	add_port("p2", GEN_BOND_NONE, 0, 0);
}

static void
begin(void)
{
	static const struct control_options options = {
		.port = { { "p0", "ring:cb0", NULL },
			  { "p1", "ring:cb1", NULL },
			  { "p2", "ring:cb2", "delay=1ms" } },
		.port_count = 3,
		.workers = 1,
	};

	used_before = rte_mempool_in_use_count(unit_mbufs());
	control = (struct control){ .options = options, .mbufs = unit_mbufs() };
	control.stats = aligned_alloc(alignof(struct stats), sizeof *control.stats);
	CU_ASSERT_PTR_NOT_NULL_FATAL(control.stats);
	memset(control.stats, 0, sizeof *control.stats);
	for (uint32_t i = 0; i < options.port_count; i++, control.port_count++)
		CU_ASSERT_EQUAL_FATAL(
		    control_port_open(&control, &options.port[i], &control.ports[i], why), ERR_ok);
	configure();
}

static void
end(void)
{
	for (uint32_t i = 0; i < control.port_count; i++)
		if (control.ports[i])
			port_close(control.ports[i]);
	free(control.stats);
	CU_ASSERT_EQUAL(rte_mempool_in_use_count(unit_mbufs()), used_before);
}

static enum err
fit(void)
{
	enum err err = control_devices_fit(&control, &gen.head, &change, why);

	if (!err)
		control_devices_done(&control, &change);
	return err;
}

/* "b0 - p2": the devices by place. */
static const char *
devices(void)
{
	static char text[64];
	size_t len = 0;

	for (uint32_t i = 0; i < control.port_count; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", i ? " " : "",
					control.ports[i] ? control.ports[i]->name : "-");
	return text;
}

static void
devices_follow_the_bonds(void)
{
	struct port *before[3], *bond;

	begin();
	memcpy(before, control.ports, sizeof before);
	CU_ASSERT_EQUAL(fit(), ERR_ok);
	CU_ASSERT_EQUAL(memcmp(before, control.ports, sizeof before), 0);
	CU_ASSERT_STRING_EQUAL(control.note, "");

	add_port("b0", GEN_BOND_ACTIVE_BACKUP, 2, 0);
	control.stats->worker[0].port[0][PORT_COUNTER_rx_packets] = 7;
	CU_ASSERT_EQUAL(fit(), ERR_ok);
	CU_ASSERT_STRING_EQUAL(devices(), "- p1 b0");
	CU_ASSERT_PTR_NOT_NULL(strstr(control.note, "the bonds have changed"));
	CU_ASSERT_PTR_EQUAL(control.ports[1], before[1]);
	CU_ASSERT_EQUAL(control.stats->worker[0].port[0][PORT_COUNTER_rx_packets], 0);
	control_note_bond(&control, 2);
	CU_ASSERT_EQUAL(control.stats->bonds[2].mode, GEN_BOND_ACTIVE_BACKUP);
	CU_ASSERT_STRING_EQUAL(control.stats->bonds[2].member[0].name, "p2");
	CU_ASSERT_STRING_EQUAL(control.stats->bonds[2].member[1].name, "p0");
	CU_ASSERT_TRUE(control.stats->bonds[2].member[0].is_active);

	/* what is made of the same stays, whatever else changes */
	bond = control.ports[2];
	gen.ports[3].mtu_bytes = 1400;
	CU_ASSERT_EQUAL(fit(), ERR_ok);
	CU_ASSERT_PTR_EQUAL(control.ports[2], bond);
	gen.ports[3].members[1] = 1;
	CU_ASSERT_EQUAL(fit(), ERR_ok);
	CU_ASSERT_STRING_EQUAL(devices(), "p0 - b0");
	CU_ASSERT_STRING_EQUAL(control.stats->ports[2].name, "");

	gen.head.ports.count = 3;
	CU_ASSERT_EQUAL(fit(), ERR_ok);
	CU_ASSERT_STRING_EQUAL(devices(), "p0 p1 p2");
	CU_ASSERT_EQUAL(control.stats->bonds[2].mode, GEN_BOND_NONE);
	end();
}

static void
devices_are_as_before_when_anything_is_wrong(void)
{
	begin();
	add_port("p9", GEN_BOND_NONE, 0, 0);
	CU_ASSERT_EQUAL(fit(), ERR_not_found);
	CU_ASSERT_STRING_EQUAL(why, "there is no port \"p9\"; the ports of this box are: p0 p1 p2");
	configure();
	gen.ports[1].name = name("p9");
	add_port("b0", GEN_BOND_LACP, 0, 1);
	CU_ASSERT_EQUAL(fit(), ERR_not_found);
	configure();
	add_port("p2", GEN_BOND_LACP, 0, 1);
	CU_ASSERT_EQUAL(fit(), ERR_invalid);
	CU_ASSERT_STRING_EQUAL(why,
			       "bond \"p2\" has the name of a port of this box; names must differ");
	configure();
	add_port("b0", GEN_BOND_LACP, 0, 1);
	control.options.port[1].spec = "af_xdp:iface=p1";
	CU_ASSERT_EQUAL(fit(), ERR_invalid);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "port \"p1\" is an interface of the kernel"));
	CU_ASSERT_FALSE(change.is_made);
	CU_ASSERT_STRING_EQUAL(devices(), "p0 p1 p2");

	/* found out while devices are opened, or by who comes behind */
	configure();
	add_port("b0", GEN_BOND_ACTIVE_BACKUP, 0, 1);
	control.options.port[1].spec = "ring:";
	CU_ASSERT_EQUAL(fit(), ERR_invalid);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "ring:NAME has a name"));
	control.options.port[1].spec = "ring:cb1";
	if (control.ports[0]) /* p1's spec was wrong for going back, too */
		CU_ASSERT_STRING_EQUAL(control.ports[0]->name, "p0");
	CU_ASSERT_STRING_EQUAL(control.ports[2]->name, "p2");
	configure();
	CU_ASSERT_EQUAL(
	    control_port_open(&control, &control.options.port[1], &control.ports[1], why), ERR_ok);
	add_port("b0", GEN_BOND_ACTIVE_BACKUP, 0, 1);
	CU_ASSERT_EQUAL(control_devices_fit(&control, &gen.head, &change, why), ERR_ok);
	CU_ASSERT_STRING_EQUAL(devices(), "b0 - p2");
	control_devices_undo(&control, &change);
	CU_ASSERT_STRING_EQUAL(devices(), "p0 p1 p2");
	end();
}

/* Neither the new bond nor the old one can be opened; once they can, the next generation has them. */
static void
devices_that_are_lost_come_back(void)
{
	begin();
	add_port("b0", GEN_BOND_ACTIVE_BACKUP, 0, 1);
	CU_ASSERT_EQUAL(fit(), ERR_ok);
	control.options.port[1].spec = "ring:";
	gen.ports[3].members[1] = 2;
	CU_ASSERT_EQUAL(fit(), ERR_invalid);
	CU_ASSERT_STRING_EQUAL(devices(), "- - p2");
	control_note_bond(&control, 0);
	CU_ASSERT_EQUAL(control.stats->bonds[0].member_count, 0);

	control.options.port[1].spec = "ring:cb1";
	gen.ports[3].members[1] = 1;
	CU_ASSERT_EQUAL(fit(), ERR_ok);
	CU_ASSERT_STRING_EQUAL(devices(), "b0 - p2");
	end();
}

/* The others go on, bonds with it too. Tests have no PCI bus, so no NIC can be had. */
static void
nic_that_can_not_be_used_is_done_without(void)
{
	begin();
	for (uint32_t i = 0; i < 3; i++)
		port_close(control.ports[i]);
	control.port_count = 0;
	control.options.port[1].spec = "pci:0000:03:00.0,mtu=1400";
	CU_ASSERT_EQUAL_FATAL(control_ports_open(&control), ERR_ok);
	CU_ASSERT_STRING_EQUAL(devices(), "p0 p1 p2");
	CU_ASSERT_STRING_EQUAL(control.options.port[1].spec, "absent:0000:03:00.0,mtu=1400");
	CU_ASSERT_STRING_EQUAL(control.complaints,
			       "port p1 (pci:0000:03:00.0,mtu=1400): no NIC at PCI address "
			       "0000:03:00.0: bind it to vfio-pci, and start EAL without "
			       "--no-pci; it counts as missing\n");
	add_port("b0", GEN_BOND_ACTIVE_BACKUP, 0, 1);
	CU_ASSERT_EQUAL(fit(), ERR_ok);
	CU_ASSERT_STRING_EQUAL(devices(), "b0 - p2");
	end();
}

static void
other_port_that_can_not_be_opened_is_an_error(void)
{
	begin();
	for (uint32_t i = 0; i < 3; i++)
		port_close(control.ports[i]);
	memset(control.ports, 0, sizeof control.ports);
	control.port_count = 0;
	control.options.port[1].spec = "ring:";
	CU_ASSERT_EQUAL(control_ports_open(&control), ERR_invalid);
	end();
}

CU_TestInfo test_control_bond[] = {
	{ "control_devices_follow_the_bonds", devices_follow_the_bonds },
	{ "control_devices_are_as_before_when_anything_is_wrong",
	  devices_are_as_before_when_anything_is_wrong },
	{ "control_devices_that_are_lost_come_back", devices_that_are_lost_come_back },
	{ "control_nic_that_can_not_be_used_is_done_without",
	  nic_that_can_not_be_used_is_done_without },
	{ "control_other_port_that_can_not_be_opened_is_an_error",
	  other_port_that_can_not_be_opened_is_an_error },
	CU_TEST_INFO_NULL,
};
