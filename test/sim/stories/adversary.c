/*
 * Stories of a peer that means harm: against a host, against the box as a client of it, and as one of its members. Whoever else is
 * there is served all the while, and in the end nothing of it is left.
 */
#include "test/sim/adversary.h"

#include <stdio.h>
#include <string.h>

#include "test/sim/pattern.h"
#include "test/sim/stories.h"
#include "test/sim/switch.h"

#define TEXT_BYTES 32768u

static const struct world_link quick = {
	.sim = { .delay_us = 20, .queue_frames = 4000, .mtu_bytes = 1500 }
};

/* A plan of a stream and its first bytes. */
static void
fill_stream(struct world *world, uint8_t text[TEXT_BYTES])
{
	struct stream_plan plan = { .up_bytes = 20000, .down_bytes = 300 * KB };
	uint64_t key = world_seed(world);
	uint32_t len = stream_hello(&plan, key, text);

	pattern_fill(key, 0, text + len, TEXT_BYTES - len);
}

static void
fill_text(uint8_t text[TEXT_BYTES], const char *words)
{
	for (uint32_t i = 0; i < TEXT_BYTES; i++)
		text[i] = (uint8_t)words[i % strlen(words)];
}

/* Each move alone, then all together. */
void
story_adversary_moves(struct world *world)
{
	static uint8_t text[TEXT_BYTES];
	struct adversary_plan plan = {
		.text = text, .text_len = TEXT_BYTES, .conns = 1, .parallel = 4, .age_us = 3 * SEC
	};
	struct host_config config = { .name = "b", .v4 = "10.0.0.2/24", .v6 = "fd00::2/64" };
	struct stream_server *server;
	struct adversary *adversary;
	struct port *ends[2];
	struct port_info info;
	struct host *host;

	world_link(world, "a-b", "b-a", &quick, &ends[0], &ends[1]);
	host = host_new(world, &config, ends[1]);
	server = stream_server_new(host, 9000);
	stream_server_tolerate(server, 20 * SEC);
	fill_stream(world, text);
	port_info(host->port, &info);
	plan.to = host_endpoint(host, rng_below(&world->rng, 2), 9000);
	adversary = adversary_new(world, "a", ends[0], "10.0.0.1", "fd00::1", info.mac, &plan);
	for (unsigned move = 0; move <= MOVE_COUNT; move++) {
		bool all = move == MOVE_COUNT;

		adversary_again(adversary, all ? ADVERSARY_ALL : UINT64_C(1) << move, all ? 20 : 2);
		EXPECT(world, world_run(world, 300 * SEC, adversary_done, adversary),
		       "the adversary is not done");
	}
	adversary_stop(adversary);
	EXPECT(world, stream_server_result(server)->started > 50, "%u connections",
	       stream_server_result(server)->started);
	world_settle(world, 300 * SEC);
}

/* A farm with an adversary on one of its switches. */
static struct adversary *
add_adversary(struct farm *farm, bool member, const struct adversary_plan *plan)
{
	struct port *end, *other;
	struct port_info info;

	world_link(farm->world, "adv", "sw-adv", &quick, &end, &other);
	switch_attach(member ? farm->server_switch : farm->client_switch, other);
	port_info(farm->box->ports[member], &info);
	return adversary_new(farm->world, "adv", end, member ? "10.0.1.66" : "10.0.0.66",
			     member ? "fd00:1::66" : "fd00::66", info.mac, plan);
}

static void
polite(struct farm *farm, struct adversary *adversary)
{
	struct http_plan plan = { .to = farm_endpoint(FARM_VS_WEB),
				  .conns = 10,
				  .requests = 20,
				  .think_us = 20 * MS,
				  .down_max = 20000 };
	struct http_client *client = http_client_new(farm->clients[0], &plan);

	EXPECT(farm->world, world_run(farm->world, 60 * SEC, http_client_done, client),
	       "a polite client waits for ever");
	EXPECT(farm->world, world_run(farm->world, 300 * SEC, adversary_done, adversary),
	       "the adversary is not done");
}

/* As a client of virtual servers of type http and tcp, while others are served. */
void
story_adversary_client(struct world *world)
{
	static const enum farm_vs servers[] = { FARM_VS_WEB, FARM_VS_STREAMS6, FARM_VS_STREAMS,
						FARM_VS_WEB6 };
	static uint8_t text[TEXT_BYTES];
	struct adversary_plan plan = {
		.text = text, .text_len = TEXT_BYTES, .conns = 40, .parallel = 6, .age_us = 2 * SEC
	};
	unsigned which = rng_below(&world->rng, ARRAY_SIZE(servers));
	struct adversary *adversary;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ .idle_timeout_ms = 10000 });
	farm_wait_up(&farm);
	for (uint32_t i = 0; i < farm.server_count; i++)
		stream_server_tolerate(farm.streams[i], 60 * SEC);
	if (which % 3 == 0)
		fill_text(text, "GET /d/100000/l/abcd HTTP/1.1\r\nHost: example.org\r\n\r\n");
	else
		fill_stream(world, text);
	plan.to = farm_endpoint(servers[which]);
	adversary = add_adversary(&farm, false, &plan);
	polite(&farm, adversary);
	adversary_stop(adversary);
	farm_settle(&farm);
}

/* As a member that answers nearly right. */
void
story_adversary_member(struct world *world)
{
	static uint8_t text[TEXT_BYTES];
	struct adversary_plan plan = {
		.text = text, .text_len = TEXT_BYTES, .listens = 80, .age_us = 2 * SEC
	};
	struct http_plan asks = { .to = farm_endpoint(FARM_VS_WEB),
				  .conns = 40,
				  .parallel = 6,
				  .requests = 3,
				  .down_max = 20000,
				  .mix = HTTP_MIX_POST,
				  .up_max = 50000,
				  .may_fail = true };
	struct adversary *adversary;
	struct http_client *client;
	struct farm farm;

	fill_text(text, "HTTP/1.1 500 No\r\nContent-Length: 5\r\n\r\nhello");
	farm_make(
	    &farm, world,
	    &(struct farm_setup){ .idle_timeout_ms = 5000, .servers = 2, .no_monitor = true });
	farm.spec.members[0].address = "10.0.1.66";
	farm.spec.number++;
	box_configure(farm.box, &farm.spec);
	adversary = add_adversary(&farm, true, &plan);
	client = http_client_new(farm.clients[0], &asks);
	EXPECT(world, world_run(world, 600 * SEC, http_client_done, client),
	       "a client waits for ever");
	EXPECT(world, adversary_heard(adversary) > 100, "only %u segments came",
	       adversary_heard(adversary));
	adversary_stop(adversary);
	farm_settle(&farm);
}
