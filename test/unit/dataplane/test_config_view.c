/*
 * What becomes of health entries that a view has no target for, and of what was said of members that
 * it does not have; what a port's device must carry.
 */
#include "dataplane/config_view.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/port/port_sim.h"
#include "test/unit/unit.h"

static struct generation no_members;

/* Of eight entries the view watches three. */
static void
health_of_no_target_is_released(void)
{
	static struct health_table table;
	static struct config_view view;
	static uint32_t target_of_entry[HEALTH_ENTRIES];
	struct addr address = addr_from_v4(be32_from(0x0a000001u));
	struct health_entry *entry[8];

	memset(target_of_entry, 0xff, sizeof target_of_entry);
	for (uint16_t i = 0; i < 8; i++) {
		entry[i] = health_claim(&table, &address, (uint16_t)(80 + i), 1);
		CU_ASSERT_PTR_NOT_NULL_FATAL(entry[i]);
	}
	for (unsigned i = 0; i < 3; i++)
		target_of_entry[entry[3 * i] - table.entry] = i;
	view.target_of_entry = target_of_entry;
	view.gen = &no_members;
	config_view_release_health(&view, &table);
	for (uint16_t i = 0; i < 8; i++) {
		struct health_entry *found = health_find(&table, &address, (uint16_t)(80 + i), 1);

		CU_ASSERT_PTR_EQUAL(found, i % 3 == 0 ? entry[i] : NULL);
	}
}

/* Of eight states the view has the members of three. */
static void
admin_of_no_member_is_released(void)
{
	static struct health_table table;
	static struct config_view view;
	static uint32_t target_of_entry[HEALTH_ENTRIES];
	struct health_admin *admin[8], *members[3];
	struct generation gen = { .members.count = 3 };

	memset(target_of_entry, 0xff, sizeof target_of_entry);
	for (unsigned i = 0; i < 8; i++)
		admin[i] = health_admin_claim(&table, 77 + 1000 * i);
	for (unsigned i = 0; i < 3; i++)
		members[i] = admin[3 * i];
	view.target_of_entry = target_of_entry;
	view.gen = &gen;
	view.member_admin = members;
	admin[4]->state = MEMBER_DRAINED; /* an operator said so, and has not taken it back */
	config_view_release_health(&view, &table);
	for (unsigned i = 0; i < 8; i++)
		CU_ASSERT_PTR_EQUAL(health_admin_find(&table, 77 + 1000 * i),
				    i % 3 == 0 || i == 4 ? admin[i] : NULL);
}

/* A generation of one port with this MTU, over a device with that one. */
static enum err
view_of(uint32_t mtu_bytes, uint16_t device_mtu_bytes, struct net_port *made, char *why,
	unsigned why_bytes)
{
	struct {
		struct generation gen;
		struct gen_port port;
		char text[4];
	} file = { .port = { .mtu_bytes = mtu_bytes, .parent = GENERATION_NONE }, .text = "p0" };
	const struct port_sim_link link = { .queue_frames = 1, .mtu_bytes = device_mtu_bytes };
	const struct port_sim_claims claims = { .offloads = PORT_OFFLOAD_TX_CHECKSUM };
	struct stats *stats = aligned_alloc(alignof(struct stats), sizeof *stats);
	struct health_table *health = calloc(1, sizeof *health);
	struct port *a, *b, *card;
	struct view_devices devices = { .ports = &card, .count = 1 };
	struct config_view *view;
	enum err err;

	CU_ASSERT_FATAL(stats && health);
	memset(stats, 0, sizeof *stats);
	file.gen.ports.offset = offsetof(__typeof__(file), port);
	file.gen.ports.count = 1;
	file.gen.strings.offset = offsetof(__typeof__(file), text);
	unit_mbufs();
	CU_ASSERT_EQUAL_FATAL(port_sim_pair("p0", "x", &link, &a, &b), ERR_ok);
	CU_ASSERT_EQUAL_FATAL(port_sim_claim(a, &claims, unit_mbufs(), &card), ERR_ok);
	err = config_view_make(&file.gen, sizeof file, &devices, stats, health, &view, why,
			       why_bytes);
	if (!err) {
		*made = view->net.ports[0];
		config_view_free(view);
	}
	port_close(card);
	port_close(b);
	free(stats);
	free(health);
	return err;
}

static void
mtu_that_the_device_lacks_is_refused(void)
{
	struct net_port made;
	char why[300];

	CU_ASSERT_EQUAL(view_of(9000, 1500, &made, why, sizeof why), ERR_invalid);
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(why, "port \"p0\" has mtu-bytes = 9000, but carries packets of 1500 bytes"));
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "(mtu=9000)"));
	CU_ASSERT_EQUAL_FATAL(view_of(9000, 9000, &made, why, sizeof why), ERR_ok);
	CU_ASSERT_EQUAL(made.mtu_bytes, 9000);
	CU_ASSERT_EQUAL(made.offloads, PORT_OFFLOAD_TX_CHECKSUM);
	/* what nobody asked for */
	CU_ASSERT_EQUAL_FATAL(view_of(1500, 1400, &made, why, sizeof why), ERR_ok);
	CU_ASSERT_EQUAL(made.mtu_bytes, 1400);
}

CU_TestInfo test_config_view[] = {
	{ "mtu_that_the_device_lacks_is_refused", mtu_that_the_device_lacks_is_refused },
	{ "admin_of_no_member_is_released", admin_of_no_member_is_released },
	{ "health_of_no_target_is_released", health_of_no_target_is_released },
	CU_TEST_INFO_NULL,
};
