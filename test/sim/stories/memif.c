/*
 * Two of our stacks with a memif pair of DPDK's between them: the driver, its rings in shared memory and the handshake of
 * its sockets are real, time is the world's. Tagged frames of 9,000 bytes, and each byte of what they carry is compared.
 */
#include <rte_ether.h>
#include <rte_mbuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "test/sim/http_client.h"
#include "test/sim/http_server.h"
#include "test/sim/stories.h"

#define JUMBO_MTU   9000u
#define TAG         100u
#define WIRE_US     20u   /* from one end to the other */
#define CONNECT_MS  10000 /* of the clock on the wall: the handshake is a matter of threads */
#define STREAM_PORT 9000u
#define HTTP_PORT   80u

/* One end: tells when the other one's frames are due, which no device knows. */
struct wire_end {
	struct port port, *device;
	struct wire_end *other;
	uint64_t sent, received; /* frames */
	uint64_t now_us;
	uint32_t largest_bytes; /* of the frames sent */
	uint64_t untagged;      /* of them */
};

static uint16_t
end_rx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	struct wire_end *end = port->state;
	uint16_t got = port_rx(end->device, queue, burst, n, now_us);

	end->now_us = now_us;
	end->received += got;
	return got;
}

static uint16_t
end_tx(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t now_us)
{
	struct wire_end *end = port->state;
	uint32_t bytes[PORT_BURST];
	bool tagged[PORT_BURST];
	uint16_t sent;

	ASSERT(n <= PORT_BURST);
	for (uint16_t i = 0; i < n; i++) {
		bytes[i] = burst[i]->pkt_len;
		tagged[i] = *rte_pktmbuf_mtod_offset(burst[i], const uint16_t *, 12) ==
			    RTE_BE16(RTE_ETHER_TYPE_VLAN);
	}
	sent = port_tx(end->device, queue, burst, n, now_us);
	for (uint16_t i = 0; i < sent; i++) {
		end->largest_bytes = (uint32_t)max_u64(end->largest_bytes, bytes[i]);
		end->untagged += !tagged[i];
	}
	end->now_us = now_us;
	end->sent += sent;
	return sent;
}

/* DPDK draws memif's addresses, the world wants the same ones each time. */
static void
end_info(struct port *port, struct port_info *info)
{
	struct wire_end *end = port->state;

	port_info(end->device, info);
	memcpy(info->mac, (uint8_t[6]){ 2, 0, 0, 'm', 'i', (uint8_t)port->name[0] }, 6);
}

static void
end_close(struct port *port)
{
	struct wire_end *end = port->state;

	port_close(end->device);
}

static uint64_t
end_next_us(struct port *port)
{
	const struct wire_end *end = port->state;

	return end->other->sent > end->received ? end->now_us + WIRE_US : UINT64_MAX;
}

static const struct port_ops end_ops = {
	.rx = end_rx,
	.tx = end_tx,
	.info = end_info,
	.close = end_close,
	.next_us = end_next_us,
};

static struct wire_end *
end_new(struct world *world, const char *name, const char *dir, const char *role)
{
	struct wire_end *end = calloc(1, sizeof *end);
	char spec[128], why[256] = "";

	ASSERT(end && world->closing_count < ARRAY_SIZE(world->closing));
	snprintf(spec, sizeof spec, "memif:socket=%s/m.sock,role=%s,mtu=%u", dir, role, JUMBO_MTU);
	if (port_open(name, spec, 1, world->wire, &end->device, why, sizeof why))
		world_fail(world, "%s: %s", spec, why);
	end->port = (struct port){ .ops = &end_ops, .state = end };
	snprintf(end->port.name, sizeof end->port.name, "%s", name);
	end->now_us = world->now_us;
	world->closing[world->closing_count++] = &end->port;
	return end;
}

static bool
is_up(struct wire_end *end)
{
	struct port_info info;

	port_info(end->device, &info);
	return info.link_up;
}

static void
connect_ends(struct world *world, struct wire_end *end[2])
{
	char dir[] = "/tmp/fairlead-sim-XXXXXX", path[64];

	ASSERT(mkdtemp(dir));
	end[0] = end_new(world, "a", dir, "server");
	end[1] = end_new(world, "b", dir, "client");
	end[0]->other = end[1];
	end[1]->other = end[0];
	for (int ms = 0; ms < CONNECT_MS && !(is_up(end[0]) && is_up(end[1])); ms++)
		usleep(1000);
	EXPECT(world, is_up(end[0]) && is_up(end[1]), "the ends do not find each other");
	snprintf(path, sizeof path, "%s/m.sock", dir);
	unlink(path);
	rmdir(dir);
}

void
story_memif_vlan_jumbo(struct world *world)
{
	struct host_config config[2] = {
		{ .name = "a", .v4 = "10.0.0.1/24", .v6 = "fd00::1/64" },
		{ .name = "b", .v4 = "10.0.0.2/24", .v6 = "fd00::2/64" },
	};
	struct wire_end *end[2];
	struct host *host[2];

	world_mtu(world, JUMBO_MTU);
	connect_ends(world, end);
	for (unsigned i = 0; i < 2; i++) {
		config[i].mtu_bytes = JUMBO_MTU;
		config[i].vlan_tag = TAG;
		host[i] = host_new(world, &config[i], &end[i]->port);
	}
	stream_server_new(host[1], STREAM_PORT);
	http_server_new(host[1], HTTP_PORT, "b");
	for (unsigned v6 = 0; v6 < 2; v6++) {
		struct stream_client *stream = stream_client_new(
		    host[0], &(struct stream_plan){ .to = host_endpoint(host[1], v6, STREAM_PORT),
						    .up_bytes = 3 * MB,
						    .down_bytes = 3 * MB,
						    .conns = 2 });
		struct http_client *http = http_client_new(
		    host[0], &(struct http_plan){ .to = host_endpoint(host[1], v6, HTTP_PORT),
						  .mix = HTTP_MIX_POST,
						  .conns = 2,
						  .parallel = 2,
						  .requests = 3,
						  .down_min = 400 * KB,
						  .down_max = MB,
						  .up_max = MB });

		EXPECT(world,
		       world_run(world, 60 * SEC, stream_done, stream) &&
			   world_run(world, 60 * SEC, http_client_done, http),
		       "transfers do not end");
		EXPECT(world,
		       stream_result(stream)->finished == 2 && http_client_result(http)->right == 6,
		       "%u streams, %llu answers", stream_result(stream)->finished,
		       (unsigned long long)http_client_result(http)->right);
	}
	for (unsigned i = 0; i < 2; i++) {
		EXPECT(world, end[i]->largest_bytes == 14 + 4 + JUMBO_MTU,
		       "the largest has %u bytes", end[i]->largest_bytes);
		EXPECT(world, end[i]->untagged == 0, "%llu frames without a tag",
		       (unsigned long long)end[i]->untagged);
	}
	world_settle(world, 200 * SEC);
}
