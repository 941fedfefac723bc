/*
 * Bonds over ring ports of this program: who carries the traffic when a link goes down, and LACP between two bonds.
 */
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "drivers/port/port.h"
#include "drivers/port/port_bond.h"
#include "test/unit/drivers/port/port_test.h"
#include "test/unit/unit.h"

#define ROUND_US 1000u
#define WAIT_US  10000000u /* LACP's slowest wait is three seconds */
#define FLOWS    64u

static char why[256];

static struct port *
open_port(const char *name, const char *spec)
{
	struct port *port = NULL;

	if (port_open(name, spec, 1, unit_mbufs(), &port, why, sizeof why))
		CU_FAIL_FATAL(why);
	return port;
}

static void
set_link(const char *ring_end, bool up)
{
	char name[64];
	uint16_t dev;

	snprintf(name, sizeof name, "net_ring_%s", ring_end);
	CU_ASSERT_EQUAL_FATAL(rte_eth_dev_get_port_by_name(name, &dev), 0);
	CU_ASSERT_EQUAL(up ? rte_eth_dev_set_link_up(dev) : rte_eth_dev_set_link_down(dev), 0);
}

/* ---- active-backup ---- */

static bool
arrives_at(struct port *from, struct port *to)
{
	static uint32_t number;

	port_send(from, frame_numbered(++number, FRAME_BYTES), 0);
	for (uint32_t got; (got = port_receive(to, 0)) != FRAME_NONE;)
		if (got == number)
			return true;
	return false;
}

static void
drain(struct port *port)
{
	while (port_receive(port, 0) != FRAME_NONE)
		;
}

/* Whether frames of the bond come to this end within two seconds, while its links are looked at. */
static bool
is_carried_by(struct port *bond, struct port *end, struct port *other)
{
	struct port_info info;

	for (unsigned i = 0; i < 2000000 / ROUND_US; i++) {
		port_info(bond, &info);
		if (arrives_at(bond, end))
			return true;
		drain(other);
		usleep(ROUND_US);
	}
	return false;
}

static void
active_backup_moves_to_the_link_that_is_up(void)
{
	unsigned mbufs = mbufs_in_use();
	struct port *bond = open_port("b", "bond:active-backup;ring:ab0;ring:ab1");
	struct port *first = open_port("e0", "ring:ab0"), *second = open_port("e1", "ring:ab1");
	struct port_info info;

	port_info(bond, &info);
	CU_ASSERT_TRUE(info.link_up);
	CU_ASSERT_TRUE(is_carried_by(bond, first, second));
	CU_ASSERT_FALSE(arrives_at(bond, second));
	drain(first);
	CU_ASSERT_TRUE(arrives_at(first, bond));

	set_link("ab0_0", false);
	CU_ASSERT_TRUE(is_carried_by(bond, second, first));
	drain(second);
	CU_ASSERT_TRUE(arrives_at(second, bond));
	port_info(bond, &info);
	CU_ASSERT_TRUE(info.link_up);

	set_link("ab0_0", true);
	set_link("ab1_0", false);
	CU_ASSERT_TRUE(is_carried_by(bond, first, second));

	port_close(bond);
	port_close(first);
	port_close(second);
	CU_ASSERT_EQUAL(mbufs_in_use(), mbufs);
}

static void
active_backup_says_how_its_members_are(void)
{
	struct port *bond = open_port("b", "bond:active-backup;ring:ai0;ring:ai1");
	struct port *plain = open_port("e0", "ring:ai0"), *wrapped;
	struct port_bond_info info;
	struct port_info all;

	CU_ASSERT_FALSE(port_bond_info(plain, &info));
	CU_ASSERT_EQUAL_FATAL(
	    port_fault_wrap(bond, "delay=1ms", unit_mbufs(), &wrapped, why, sizeof why), ERR_ok);
	port_info(wrapped, &all);
	CU_ASSERT_TRUE_FATAL(port_bond_info(wrapped, &info));
	CU_ASSERT(info.count == 2 && !info.is_lacp);
	CU_ASSERT(info.member[0].is_active && !info.member[1].is_active);
	CU_ASSERT(info.member[0].link_up && info.member[1].link_up);
	CU_ASSERT_EQUAL(info.member[0].lacp, PORT_BOND_LACP_NONE);
	set_link("ai0_0", false);
	for (unsigned i = 0; i < 2000000 / ROUND_US && all.takeovers == 0; i++) {
		port_info(wrapped, &all);
		usleep(ROUND_US);
	}
	CU_ASSERT_TRUE(port_bond_info(wrapped, &info));
	CU_ASSERT(!info.member[0].is_active && info.member[1].is_active);
	CU_ASSERT(!info.member[0].link_up && info.member[1].link_up);
	port_close(wrapped);
	port_close(plain);
}

/* A card that is missing is a link that is down; the bond has another's address. */
static void
bond_runs_without_a_card_that_is_missing(const char *mode, bool first)
{
	char spec[128], name[16];
	struct port *bond, *end;
	struct port_bond_info info;
	struct port_info all;

	snprintf(spec, sizeof spec, "bond:%s;%s;%s", mode, first ? "absent:x" : "ring:am",
		 first ? "ring:am" : "absent:x");
	snprintf(name, sizeof name, "b%u%c", first, mode[0]);
	bond = open_port(name, spec);
	end = open_port("e", "ring:am");
	port_info(bond, &all);
	CU_ASSERT_EQUAL(all.mac[1], 'r');
	CU_ASSERT_TRUE(port_bond_info(bond, &info));
	CU_ASSERT_EQUAL(info.count, 2);
	CU_ASSERT_FALSE(info.member[!first].link_up);
	CU_ASSERT_FALSE(info.member[!first].is_active);
	if (mode[0] == 'a') {
		CU_ASSERT_TRUE(info.member[first].is_active);
		CU_ASSERT_TRUE(arrives_at(bond, end));
	}
	port_close(bond);
	port_close(end);
}

static void
bond_runs_without_cards_that_are_missing(void)
{
	unsigned mbufs = mbufs_in_use();
	struct port *none;
	struct port_info info;

	for (int first = 0; first < 2; first++) {
		bond_runs_without_a_card_that_is_missing("active-backup", first);
		bond_runs_without_a_card_that_is_missing("lacp", first);
	}
	none = open_port("none", "bond:lacp;absent:x;absent:y");
	port_info(none, &info);
	CU_ASSERT_FALSE(info.link_up);
	port_close(none);
	CU_ASSERT_EQUAL(mbufs_in_use(), mbufs);
}

static void
bond_without_a_link_is_down(void)
{
	struct port *bond = open_port("b", "bond:active-backup;ring:ad0;ring:ad1");
	struct port_info info;
	bool down = false;

	set_link("ad0_0", false);
	set_link("ad1_0", false);
	for (unsigned i = 0; i < 2000000 / ROUND_US && !down; i++) {
		port_info(bond, &info);
		down = !info.link_up;
		usleep(ROUND_US);
	}
	CU_ASSERT_TRUE(down);
	port_close(bond);
}

/* ---- LACP ---- */

/* An IPv4 UDP frame from one bond to the other, of a flow of its own. */
static struct rte_mbuf *
flow_frame(struct port *to, uint16_t flow)
{
	struct rte_mbuf *m = frame_numbered(flow, FRAME_BYTES);
	uint8_t *at = rte_pktmbuf_mtod(m, uint8_t *);
	struct port_info info;

	port_info(to, &info);
	memset(at, 0, FRAME_BYTES);
	memcpy(at, info.mac, 6);
	at[6] = 2;
	at[12] = 8; /* IPv4 */
	at[14] = 0x45;
	at[17] = FRAME_BYTES - 14;
	at[22] = 64;
	at[23] = 17;
	memcpy(at + 26, (uint8_t[8]){ 10, 0, 0, 1, 10, 0, 0, 2 }, 8);
	at[34] = (uint8_t)(flow >> 8);
	at[35] = (uint8_t)flow;
	return m;
}

static uint16_t
receive(struct port *port)
{
	struct rte_mbuf *burst[PORT_BURST];
	uint16_t n = port_rx(port, 0, burst, PORT_BURST, 0);

	rte_pktmbuf_free_bulk(burst, n);
	return n;
}

/* Turns both; how many of so many flows came over. */
static unsigned
flows_over(struct port *from, struct port *to)
{
	struct rte_mbuf *frame;
	unsigned came = 0;

	for (uint16_t flow = 0; flow < FLOWS; flow++) {
		frame = flow_frame(to, flow);
		if (port_tx(from, 0, &frame, 1, 0) == 0)
			rte_pktmbuf_free(frame);
		came += receive(to);
	}
	return came;
}

static uint64_t
sent_by(const char *ring_end)
{
	struct rte_eth_stats stats;
	char name[64];
	uint16_t dev;

	snprintf(name, sizeof name, "net_ring_%s", ring_end);
	CU_ASSERT_EQUAL_FATAL(rte_eth_dev_get_port_by_name(name, &dev), 0);
	CU_ASSERT_EQUAL(rte_eth_stats_get(dev, &stats), 0);
	return stats.opackets;
}

/* Idle, as a worker turns its ports: LACP's frames go along. */
static void
turn(struct port *a, struct port *b)
{
	(void)port_tx(a, 0, NULL, 0, 0);
	(void)port_tx(b, 0, NULL, 0, 0);
	(void)receive(a);
	(void)receive(b);
	usleep(ROUND_US);
}

/* All flows of a round come over, the links used so much that each has carried a quarter; how many rounds that took. */
static bool
both_links_carry(struct port *a, struct port *b)
{
	for (unsigned waited = 0; waited < WAIT_US; waited += ROUND_US) {
		uint64_t before[2] = { sent_by("la0_0"), sent_by("la1_0") };

		if (flows_over(a, b) >= FLOWS && sent_by("la0_0") - before[0] >= FLOWS / 4 &&
		    sent_by("la1_0") - before[1] >= FLOWS / 4)
			return true;
		turn(a, b);
	}
	return false;
}

static bool
all_flows_come_over(struct port *a, struct port *b)
{
	for (unsigned waited = 0; waited < WAIT_US; waited += ROUND_US) {
		if (flows_over(a, b) >= FLOWS && flows_over(b, a) >= FLOWS)
			return true;
		turn(a, b);
	}
	return false;
}

static void
lacp_aggregates_and_survives_a_link(void)
{
	unsigned mbufs = mbufs_in_use();
	struct port *a = open_port("a", "bond:lacp;ring:la0;ring:la1");
	struct port *b = open_port("b", "bond:lacp;ring:la0;ring:la1");
	struct port_bond_info info;

	CU_ASSERT_TRUE(port_bond_info(a, &info));
	CU_ASSERT(info.is_lacp && info.count == 2);
	CU_ASSERT_NOT_EQUAL(info.member[0].lacp, PORT_BOND_LACP_AGGREGATED);
	CU_ASSERT_TRUE(both_links_carry(a, b));
	CU_ASSERT_TRUE(all_flows_come_over(a, b));
	CU_ASSERT_TRUE(port_bond_info(a, &info));
	CU_ASSERT_EQUAL(info.member[0].lacp, PORT_BOND_LACP_AGGREGATED);
	CU_ASSERT(info.member[0].is_active && info.member[1].is_active);
	set_link("la0_0", false);
	set_link("la0_1", false);
	CU_ASSERT_TRUE(all_flows_come_over(a, b));
	port_close(a);
	port_close(b);
	CU_ASSERT_EQUAL(mbufs_in_use(), mbufs);
}

/* What the sender's mbufs said stays there: a ring hands over the mbuf itself. */
static void
lacp_frames_claim_nothing(void)
{
	struct port *a = open_port("a", "bond:lacp;ring:lc0;ring:lc1");
	struct port *b = open_port("b", "bond:lacp;ring:lc0;ring:lc1");
	struct rte_mbuf *m, *burst[PORT_BURST];
	bool came = false;

	for (unsigned waited = 0; waited < WAIT_US && !came; waited += ROUND_US) {
		m = flow_frame(b, 1);
		m->ol_flags = RTE_MBUF_F_RX_IP_CKSUM_BAD;
		if (port_tx(a, 0, &m, 1, 0) == 0)
			rte_pktmbuf_free(m);
		for (uint16_t n = port_rx(b, 0, burst, PORT_BURST, 0); n > 0; n--) {
			came = true;
			CU_ASSERT_EQUAL(burst[n - 1]->ol_flags, 0);
			rte_pktmbuf_free(burst[n - 1]);
		}
		turn(a, b);
	}
	CU_ASSERT_TRUE(came);
	port_close(a);
	port_close(b);
}

/* ---- specs ---- */

static void
spec_is(const char *mode, const char *first, const char *second, const char *want)
{
	char spec[PORT_BOND_SPEC_BYTES];

	CU_ASSERT_EQUAL(port_bond_spec(mode, (const char *const[]){ first, second }, 2, spec),
			ERR_ok);
	CU_ASSERT_STRING_EQUAL(spec, want);
}

static void
bond_spec_has_the_smallest_mtu_of_its_members(void)
{
	char spec[PORT_BOND_SPEC_BYTES], large[PORT_BOND_SPEC_BYTES];

	spec_is("lacp", "ring:a", "ring:b", "bond:lacp;ring:a;ring:b");
	spec_is("lacp", "ring:a,mtu=9000", "ring:b,mtu=3000", "bond:lacp;ring:a;ring:b,mtu=3000");
	spec_is("lacp", "ring:a,mtu=9000", "ring:b", "bond:lacp;ring:a;ring:b");
	spec_is("active-backup", "memif:socket=/s,role=client,mtu=9000", "af_xdp:iface=p1",
		"bond:active-backup;memif:socket=/s,role=client;af_xdp:iface=p1,mtu=9000");
	CU_ASSERT_EQUAL(
	    port_bond_spec("lacp", (const char *const[]){ "ring:a,mtu=x", "ring:b" }, 2, spec),
	    ERR_invalid);
	memset(large, 'x', sizeof large - 1);
	large[sizeof large - 1] = '\0';
	CU_ASSERT_EQUAL(port_bond_spec("lacp", (const char *const[]){ "ring:a", large }, 2, spec),
			ERR_too_long);
}

/* ---- refusals ---- */

static void
refused(const char *spec, enum err want, const char *says)
{
	struct port *port;
	enum err err = port_open("b", spec, 2, unit_mbufs(), &port, why, sizeof why);

	CU_ASSERT_EQUAL(err, want);
	if (!strstr(why, says))
		printf("  %s: '%s' does not say '%s'\n", spec, why, says);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, says));
}

static void
bond_of_a_wrong_spec_is_refused_and_leaves_nothing(void)
{
	unsigned mbufs = mbufs_in_use(), devices = rte_eth_dev_count_avail();

	refused("bond:", ERR_invalid, "active-backup or lacp");
	refused("bond:balance;ring:x0;ring:x1", ERR_invalid, "'balance'");
	refused("bond:lacp", ERR_invalid, "2 to 8 members, not 0");
	refused("bond:lacp;ring:x0", ERR_invalid, "2 to 8 members, not 1");
	refused("bond:lacp;ring:x0;bond:lacp", ERR_invalid, "no member of a bond");
	refused("bond:lacp;ring:x0;wire:x1", ERR_invalid, "names no driver");
	refused("bond:lacp;ring:x0;;ring:x1", ERR_invalid, "names no driver");
	refused("bond:active-backup;ring:1;ring:2;ring:3;ring:4;ring:5;ring:6;ring:7;ring:8;ring:9",
		ERR_invalid, "up to 8 members");
	CU_ASSERT_EQUAL(rte_eth_dev_count_avail(), devices);
	CU_ASSERT_EQUAL(mbufs_in_use(), mbufs);
}

CU_TestInfo test_port_bond[] = {
	{ "active_backup_moves_to_the_link_that_is_up",
	  active_backup_moves_to_the_link_that_is_up },
	{ "active_backup_says_how_its_members_are", active_backup_says_how_its_members_are },
	{ "lacp_frames_claim_nothing", lacp_frames_claim_nothing },
	{ "bond_spec_has_the_smallest_mtu_of_its_members",
	  bond_spec_has_the_smallest_mtu_of_its_members },
	{ "bond_runs_without_cards_that_are_missing", bond_runs_without_cards_that_are_missing },
	{ "bond_without_a_link_is_down", bond_without_a_link_is_down },
	{ "lacp_aggregates_and_survives_a_link", lacp_aggregates_and_survives_a_link },
	{ "bond_of_a_wrong_spec_is_refused_and_leaves_nothing",
	  bond_of_a_wrong_spec_is_refused_and_leaves_nothing },
	CU_TEST_INFO_NULL,
};
