/*
 * A port whose device is missing: "absent:0000:03:00.0". Nothing comes in, the link is down, and what is sent is dropped
 * and counted. So a box with a dead card runs the configuration that names its port, with the MTU that the port would have.
 */
#include <stdlib.h>
#include <string.h>

#include "drivers/port/port_impl.h"

#define DEFAULT_MTU 1500

struct absent {
	uint16_t queues, mtu_bytes;
	uint64_t refused[]; /* frames, a queue each: its worker writes */
};

static uint16_t
rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);
static uint16_t
tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us);
static void info(struct port *port, struct port_info *out);
static void close_port(struct port *port);

static const struct port_ops ops = { .rx = rx, .tx = tx, .info = info, .close = close_port };

enum err
port_absent(const struct port_request *request, struct port **out)
{
	struct absent *absent;

	if (request->args.len == 0)
		return port_refuse(request, ERR_invalid,
				   "absent:WHAT says what is missing, like absent:0000:03:00.0");
	absent = calloc(1, sizeof *absent + request->queues * sizeof absent->refused[0]);
	if (!absent)
		return port_refuse(request, ERR_no_memory, "out of memory");
	absent->queues = request->queues;
	absent->mtu_bytes = request->mtu_bytes ? request->mtu_bytes : DEFAULT_MTU;
	*out = port_new(request->name, &ops, absent, NULL);
	if (*out)
		return ERR_ok;
	free(absent);
	return port_refuse(request, ERR_no_memory, "out of memory");
}

static uint16_t
rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	return 0;
}

static uint16_t
tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	struct absent *absent = port->state;

	rte_pktmbuf_free_bulk(burst, n);
	__atomic_store_n(&absent->refused[queue], absent->refused[queue] + n, __ATOMIC_RELAXED);
	return n;
}

static void
info(struct port *port, struct port_info *out)
{
	/* of the range that nobody owns; it is never on a wire */
	static const uint8_t mac[6] = { 0x02, 0, 0, 0, 0, 0x01 };
	struct absent *absent = port->state;

	memcpy(out->mac, mac, sizeof mac);
	strcpy(out->driver, "absent");
	out->mtu_bytes = absent->mtu_bytes;
	out->queues = absent->queues;
	out->multi_segment = true;
	for (uint16_t q = 0; q < absent->queues; q++)
		out->errors += __atomic_load_n(&absent->refused[q], __ATOMIC_RELAXED);
}

static void
close_port(struct port *port)
{
	free(port->state);
}
