/*
 * Hosts that an adversary drawn at random comes upon, for the soak, while they serve others too.
 */
#include <stdio.h>
#include <string.h>

#include "test/sim/pattern.h"
#include "test/sim/stories/random.h"
#include "test/sim/switch.h"

#define TEXT_BYTES 65536u

struct adversary_plan
draw_foe(struct world *world, bool http)
{
	static const char request[] = "GET /d/100000/l/abcd HTTP/1.1\r\nHost: example.org\r\n\r\n",
			  response[] = "HTTP/1.1 500 No\r\nContent-Length: 5\r\n\r\nhello";
	static uint8_t text[TEXT_BYTES];
	struct stream_plan stream = draw_stream(world);
	const char *words = one_in(world, 2) ? request : response;
	uint64_t key = world_seed(world);
	uint32_t hello;

	for (uint32_t i = 0; http && i < TEXT_BYTES; i++)
		text[i] = (uint8_t)words[i % strlen(words)];
	if (!http) {
		hello = stream_hello(&stream, key, text);
		pattern_fill(key, 0, text + hello, TEXT_BYTES - hello);
	}
	return (struct adversary_plan){
		.listens = http ? 80 : 9000,
		.text = text,
		.text_len = TEXT_BYTES,
		.moves = one_in(world, 2) ? ADVERSARY_ALL : world_seed(world) & ADVERSARY_ALL,
		.conns = (uint32_t)between(world, 10, 200),
		.parallel = (uint32_t)between(world, 1, 8),
		.age_us = draw_magnitude(world, 100 * MS, 600 * SEC),
	};
}

/* A host, a polite one, and one that is not, on a switch. */
void
random_foe(struct world *world)
{
	struct world_link link = { .sim = { .delay_us = (uint32_t)draw_magnitude(world, 1, 20000),
					    .queue_frames = 4000,
					    .mtu_bytes = 1500 } };
	struct host_config server_config = {
		.name = "s", .v4 = "10.0.0.1/24", .v6 = "fd00::1/64", .tcp = draw_tcp(world)
	};
	struct host_config client_config = {
		.name = "c", .v4 = "10.0.0.2/24", .v6 = "fd00::2/64", .tcp = draw_tcp(world)
	};
	struct adversary_plan plan = draw_foe(world, false);
	struct net_switch *sw = switch_new(world, "sw");
	struct stream_client *clients[4];
	uint32_t count = (uint32_t)between(world, 1, ARRAY_SIZE(clients));
	struct port *ends[3], *others[3];
	struct host *server, *client;
	struct stream_server *service;
	struct adversary *foe;
	struct port_info info;

	for (unsigned i = 0; i < 3; i++) {
		world_link(world, (const char *[]){ "s", "c", "adv" }[i],
			   (const char *[]){ "sw-s", "sw-c", "sw-adv" }[i], &link, &ends[i],
			   &others[i]);
		switch_attach(sw, others[i]);
	}
	if (one_in(world, 4))
		server_config.mbufs = (uint32_t)between(world, 300, 1500);
	server = host_new(world, &server_config, ends[0]);
	client = host_new(world, &client_config, ends[1]);
	service = stream_server_new(server, 9000);
	stream_server_tolerate(service, draw_magnitude(world, 600 * SEC, 4 * HOUR));
	plan.to = host_endpoint(server, one_in(world, 2), 9000);
	port_info(server->port, &info);
	foe = adversary_new(world, "adv", ends[2], "10.0.0.66", "fd00::66", info.mac, &plan);
	for (uint32_t i = 0; i < count; i++) {
		struct stream_plan stream = draw_stream(world);

		stream.to = host_endpoint(server, one_in(world, 2), 9000);
		stream.flags |= STREAM_MAY_FAIL;
		clients[i] = stream_client_new(client, &stream);
	}
	for (uint32_t i = 0; i < count; i++)
		EXPECT(world, world_run(world, 24 * HOUR, stream_done, clients[i]),
		       "plan %u of %u: %u started, %u finished", i, count,
		       stream_result(clients[i])->started, stream_result(clients[i])->finished);
	EXPECT(world, world_run(world, 24 * HOUR, adversary_done, foe),
	       "the adversary is not done");
	adversary_stop(foe);
	world_settle(world, 24 * HOUR);
}
