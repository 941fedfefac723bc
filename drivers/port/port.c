/*
 * Ports by spec: finds the driver that a spec names, and does what all ports have in common.
 * Control thread only; the path calls through port_rx and port_tx (port.h) straight into a driver.
 */
#include "drivers/port/port.h"

#include <rte_ether.h>
#include <rte_mempool.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "drivers/port/port_impl.h"

#define QUEUES_MAX 64u /* more than any worker count; keeps sizes sane */

static const struct port_driver {
	const char *name;
	enum err (*open)(const struct port_request *request, struct port **out);
} drivers[] = {
	{ "af_xdp", port_ethdev_af_xdp },
	{ "memif", port_ethdev_memif },
	{ "ring", port_ethdev_ring },
	{ "pci", port_ethdev_pci },
	{ "bond", port_bond },
	{ "absent", port_absent },
};

static const struct port_driver *driver_named(struct str name);

enum err
port_open(const char *name, const char *spec, uint16_t queues, struct rte_mempool *mbufs,
	  struct port **out, char *why, unsigned why_bytes)
{
	struct port_request request = { .name = name,
					.args = str_from(spec),
					.queues = queues,
					.mbufs = mbufs,
					.why = why,
					.why_bytes = why_bytes };
	const char *colon = strchr(spec, ':');
	const struct port_driver *driver;

	if (strlen(name) == 0 || strlen(name) >= PORT_NAME_BYTES)
		return port_refuse(&request, ERR_invalid, "a port's name has 1 to %u characters",
				   PORT_NAME_BYTES - 1);
	if (queues < 1 || queues > QUEUES_MAX)
		return port_refuse(&request, ERR_invalid, "%u queues: a port has 1 to %u", queues,
				   QUEUES_MAX);
	driver = colon ? driver_named((struct str){ spec, (size_t)(colon - spec) }) : NULL;
	if (!driver)
		return port_refuse(&request, ERR_invalid,
				   "'%s' names no driver: af_xdp:iface=NAME, "
				   "memif:socket=PATH,role=client|server, "
				   "ring:NAME, pci:ADDRESS or bond:MODE;SPEC;SPEC",
				   spec);
	request.args = str_from(colon + 1);
	if (!port_take_mtu(&request.args, &request.mtu_bytes))
		return port_refuse(&request, ERR_invalid, "'%s': mtu=%u to %u, in bytes", spec,
				   RTE_ETHER_MIN_MTU, PORT_MTU_MAX);
	if (request.mtu_bytes > port_buffer_mtu(mbufs))
		return port_refuse(&request, ERR_invalid,
				   "mtu=%u: the packet buffers hold packets of %u bytes",
				   request.mtu_bytes, port_buffer_mtu(mbufs));
	return driver->open(&request, out);
}

bool
port_take_mtu(struct str *args, uint16_t *mtu_bytes)
{
	static const struct str option = { ",mtu=", 5 };
	size_t at = args->len;
	uint64_t value;

	*mtu_bytes = 0;
	while (at > 0 && args->at[at - 1] != ',')
		at--;
	if (at == 0 || args->len - (at - 1) < option.len ||
	    memcmp(args->at + at - 1, option.at, option.len) != 0)
		return true;
	if (!str_to_u64((struct str){ args->at + at + 4, args->len - at - 4 }, PORT_MTU_MAX,
			&value) ||
	    value < RTE_ETHER_MIN_MTU)
		return false;
	args->len = at - 1;
	*mtu_bytes = (uint16_t)value;
	return true;
}

enum err
port_spec_mtu(const char *spec, uint16_t *mtu_bytes)
{
	struct str args = str_from(spec);

	if (!port_take_mtu(&args, mtu_bytes))
		return ERR_invalid;
	if (*mtu_bytes == 0)
		*mtu_bytes = RTE_ETHER_MTU;
	return ERR_ok;
}

void
port_offloads_text(uint32_t offloads, char out[PORT_OFFLOADS_TEXT_BYTES])
{
	static const struct {
		enum port_offload offload;
		const char *text;
	} table[] = {
		{ PORT_OFFLOAD_RX_CHECKSUM, "rx-checksum" },
		{ PORT_OFFLOAD_TX_CHECKSUM, "tx-checksum" },
		{ PORT_OFFLOAD_TSO, "tso" },
		{ PORT_OFFLOAD_RSS_HASH, "rss-hash" },
		{ PORT_OFFLOAD_VLAN_STRIP, "vlan-strip" },
		{ PORT_OFFLOAD_VLAN_INSERT, "vlan-insert" },
	};
	size_t len = 0;

	snprintf(out, PORT_OFFLOADS_TEXT_BYTES, "-");
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (offloads & table[i].offload)
			len += (size_t)snprintf(out + len, PORT_OFFLOADS_TEXT_BYTES - len, "%s%s",
						len ? "," : "", table[i].text);
	ASSERT(len < PORT_OFFLOADS_TEXT_BYTES);
}

uint16_t
port_buffer_bytes(uint16_t mtu_bytes)
{
	uint32_t bytes = RTE_ALIGN(RTE_PKTMBUF_HEADROOM + mtu_bytes + PORT_FRAME_HEADER_BYTES,
				   RTE_CACHE_LINE_SIZE);

	return (uint16_t)RTE_MAX(bytes, (uint32_t)RTE_MBUF_DEFAULT_BUF_SIZE);
}

void
port_info(struct port *port, struct port_info *info)
{
	memset(info, 0, sizeof *info);
	memcpy(info->name, port->name, sizeof info->name);
	port->ops->info(port, info);
}

void
port_close(struct port *port)
{
	port->ops->close(port);
	free(port);
}

struct port *
port_new(const char *name, const struct port_ops *ops, void *state, struct port *inner)
{
	struct port *port = calloc(1, sizeof *port);

	if (!port)
		return NULL;
	port->ops = ops;
	port->state = state;
	port->inner = inner;
	snprintf(port->name, sizeof port->name, "%s", name);
	return port;
}

enum err
port_refuse(const struct port_request *request, enum err err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(request->why, request->why_bytes, format, args);
	va_end(args);
	return err;
}

static const struct port_driver *
driver_named(struct str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		if (str_equal(name, str_from(drivers[i].name)))
			return &drivers[i];
	return NULL;
}
