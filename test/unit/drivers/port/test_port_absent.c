/*
 * The port of a device that is missing.
 */
#include <string.h>

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "drivers/port/port.h"
#include "test/unit/drivers/port/port_test.h"
#include "test/unit/unit.h"

static char why[256];

static void
absent_port_is_down_and_drops(void)
{
	unsigned free_before = rte_mempool_avail_count(unit_mbufs());
	struct rte_mbuf *burst[3];
	struct port_info info;
	struct port *port = NULL;

	CU_ASSERT_EQUAL_FATAL(
	    port_open("p1", "absent:0000:03:00.0", 2, unit_mbufs(), &port, why, sizeof why),
	    ERR_ok);
	port_info(port, &info);
	CU_ASSERT_STRING_EQUAL(info.name, "p1");
	CU_ASSERT_STRING_EQUAL(info.driver, "absent");
	CU_ASSERT_FALSE(info.link_up);
	CU_ASSERT_EQUAL(info.queues, 2);
	CU_ASSERT_EQUAL(info.errors, 0);
	for (uint32_t i = 0; i < 3; i++)
		burst[i] = frame_numbered(i, 60);
	CU_ASSERT_EQUAL(port_tx(port, 0, burst, 2, 0), 2);
	CU_ASSERT_EQUAL(port_tx(port, 1, burst + 2, 1, 0), 1);
	CU_ASSERT_EQUAL(port_rx(port, 1, burst, 3, 0), 0);
	port_info(port, &info);
	CU_ASSERT_EQUAL(info.errors, 3);
	port_close(port);
	CU_ASSERT_EQUAL(rte_mempool_avail_count(unit_mbufs()), free_before);
}

/* Otherwise a configuration with jumbo frames would be refused for a dead card. */
static void
absent_port_has_the_mtu_that_was_asked_for(void)
{
	struct port_info info;
	struct port *port;

	CU_ASSERT_EQUAL_FATAL(port_open("p1", "absent:0000:03:00.0,mtu=1400", 1, unit_mbufs(),
					&port, why, sizeof why),
			      ERR_ok);
	port_info(port, &info);
	CU_ASSERT_EQUAL(info.mtu_bytes, 1400);
	port_close(port);
}

static void
absent_port_says_what_is_missing(void)
{
	struct port *port = NULL;

	CU_ASSERT_EQUAL(port_open("p1", "absent:", 1, unit_mbufs(), &port, why, sizeof why),
			ERR_invalid);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "absent:WHAT"));
}

CU_TestInfo test_port_absent[] = {
	{ "absent_port_is_down_and_drops", absent_port_is_down_and_drops },
	{ "absent_port_has_the_mtu_that_was_asked_for",
	  absent_port_has_the_mtu_that_was_asked_for },
	{ "absent_port_says_what_is_missing", absent_port_says_what_is_missing },
	CU_TEST_INFO_NULL,
};
