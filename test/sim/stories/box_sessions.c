/*
 * Stories of how long sessions wait, and of what is still delivered when they end.
 */
#include "test/sim/stories.h"

#include <rte_mbuf.h>
#include <stdio.h>
#include <string.h>

#include "test/sim/pattern.h"
#include "test/sim/talk.h"

static struct http_client *
start(struct farm *farm, struct http_plan plan, enum farm_vs vs)
{
	plan.to = farm_endpoint(vs);
	return http_client_new(farm->clients[0], &plan);
}

static void
run(struct farm *farm, struct http_client *client, uint64_t within_us)
{
	EXPECT(farm->world, world_run(farm->world, within_us, http_client_done, client),
	       "%llu of %llu right, no end", (unsigned long long)http_client_result(client)->right,
	       (unsigned long long)http_client_result(client)->requests);
}

/* Rests between two reads that are longer than what relaying alone would notice. */
void
story_box_slow_reader(struct world *world)
{
	struct http_plan plan = { .conns = 2,
				  .parallel = 2,
				  .down_min = 400000,
				  .down_max = 400000,
				  .read = { .bytes = 3000, .every_us = 500000 } };
	struct farm farm;

	farm_make(&farm, world,
		  &(struct farm_setup){ .no_monitor = true, .idle_timeout_ms = 3000 });
	run(&farm, start(&farm, plan, FARM_VS_WEB), 600 * SEC);
	EXPECT(world, box_counter(farm.box, COUNTER_sessions_aborted) == 0, "aborted");
	farm_settle(&farm);
}

/* The member's trickle would fill the queue for a minute. */
void
story_box_stuck_reader(struct world *world)
{
	struct farm_setup setup = { .no_monitor = true,
				    .idle_timeout_ms = 3000,
				    .tcp_clients = host_tcp_settings() };
	struct http_plan plan = { .down_min = MB,
				  .down_max = MB,
				  .read = { .bytes = 1, .every_us = 1000 * SEC },
				  .may_fail = true };
	struct http_client *client;
	struct farm farm;

	setup.tcp_clients.profile.receive_buffer_bytes = 5000;
	farm_make(&farm, world, &setup);
	for (unsigned i = 0; i < farm.server_count; i++)
		http_server_manners(farm.web[i])->write =
		    (struct stream_pace){ .bytes = 100, .every_us = 100000 };
	client = start(&farm, plan, FARM_VS_WEB);
	world_run(world, 15 * SEC, NULL, NULL); /* five seconds until its window is full */
	EXPECT(world, box_open_sessions(farm.box) == 0, "still waits for it");
	EXPECT(world, box_counter(farm.box, COUNTER_sessions_aborted) == 1, "aborted: %llu",
	       (unsigned long long)box_counter(farm.box, COUNTER_sessions_aborted));
	http_client_stop(client);
	host_reboot(farm.clients[0]);
	farm_settle(&farm);
}

/* Most of the response lies in the box when the reset comes. */
void
story_box_member_resets_behind(struct world *world)
{
	struct http_plan plan = { .conns = 3,
				  .parallel = 3,
				  .down_min = 130000,
				  .down_max = 130000,
				  .mix = HTTP_MIX_CHUNKED };
	struct http_client *client;
	struct farm farm;

	farm_make(
	    &farm, world,
	    &(struct farm_setup){ .no_monitor = true, .client_cable = { .rate_bps = 2000000 } });
	farm.spec.servers[FARM_VS_STREAMS].pool = FARM_WEB;
	box_configure(farm.box, &farm.spec);
	for (unsigned type = 0; type < 2; type++) {
		client = start(&farm, plan, type ? FARM_VS_STREAMS : FARM_VS_WEB);
		world_run(world, 100 * MS, NULL, NULL);
		EXPECT(world, box_open_sessions(farm.box) == 3, "%u sessions",
		       box_open_sessions(farm.box));
		for (unsigned i = 0; i < farm.server_count; i++) {
			EXPECT(world, http_server_open(farm.web[i]) == 1, "not one each");
			http_server_end_idle(farm.web[i], HTTP_END_RESET);
			EXPECT(world, http_server_open(farm.web[i]) == 0, "it still writes");
		}
		run(&farm, client, 60 * SEC);
		EXPECT(world, http_client_result(client)->right == 3, "right: %llu",
		       (unsigned long long)http_client_result(client)->right);
		if (!type)
			EXPECT(world, box_counter(farm.box, COUNTER_sessions_aborted) == 0,
			       "a complete response counts as aborted");
	}
	farm_settle(&farm);
}

void
story_box_server_first(struct world *world)
{
	struct stream_plan plan = { .conns = 3,
				    .parallel = 3,
				    .down_bytes = 1000,
				    .up_bytes = 5 * MB,
				    .flags = STREAM_CLIENT_LATE };
	struct stream_client *client;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ 0 });
	farm_wait_up(&farm);
	plan.to = farm_endpoint(FARM_VS_STREAMS);
	client = stream_client_new(farm.clients[0], &plan);
	EXPECT(world, world_run(world, 120 * SEC, stream_done, client), "no end");
	EXPECT(world, stream_result(client)->finished == 3, "%u finished",
	       stream_result(client)->finished);
	EXPECT(world, box_counter(farm.box, COUNTER_sessions_aborted) == 0, "%llu aborted",
	       (unsigned long long)box_counter(farm.box, COUNTER_sessions_aborted));
	farm_settle(&farm);
}

/* What a client has open speaks HTTP with nobody any more; a new connection reaches a stream server. */
void
story_box_swap_type(struct world *world)
{
	struct http_plan plan = {
		.conns = 3, .parallel = 3, .requests = 2, .think_us = SEC, .may_fail = true
	};
	struct stream_plan streams = { .up_bytes = 5000, .down_bytes = 5000 };
	struct http_client *client;
	struct stream_client *stream;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ 0 });
	farm_wait_up(&farm);
	client = start(&farm, plan, FARM_VS_WEB);
	world_run(world, 500 * MS, NULL, NULL);
	farm.spec.number++;
	farm.spec.servers[FARM_VS_WEB].type = GEN_VS_TCP;
	farm.spec.servers[FARM_VS_WEB].pool = FARM_STREAMS;
	box_configure(farm.box, &farm.spec);
	run(&farm, client, 60 * SEC);
	EXPECT(world,
	       http_client_result(client)->right == 3 && http_client_result(client)->status[5] == 3,
	       "right %llu, 5xx %llu", (unsigned long long)http_client_result(client)->right,
	       (unsigned long long)http_client_result(client)->status[5]);
	streams.to = farm_endpoint(FARM_VS_WEB);
	stream = stream_client_new(farm.clients[0], &streams);
	EXPECT(world, world_run(world, 60 * SEC, stream_done, stream), "no end of the stream");
	EXPECT(world, stream_result(stream)->finished == 1, "no stream");
	farm_settle(&farm);
}

#define SCARCE_MBUFS 127u
#define SCARCE_USED  120u /* 94%: of the 95% that text may have, one buffer is left */

struct scarcity {
	struct farm *farm;
	struct http_client *client;
	struct rte_mbuf *held[SCARCE_MBUFS];
	uint32_t count;
};

/* Whatever the box gives back is taken, and the other way round. */
static bool
keep_scarce(void *arg)
{
	struct scarcity *s = arg;
	struct rte_mempool *mbufs = s->farm->box->mbufs;

	while (s->count > 0 && world_pool_out(mbufs) > SCARCE_USED)
		rte_pktmbuf_free(s->held[--s->count]);
	while (world_pool_out(mbufs) < SCARCE_USED) {
		s->held[s->count] = rte_pktmbuf_alloc(mbufs);
		ASSERT(s->held[s->count++]);
	}
	return http_client_done(s->client);
}

static void
run_scarce(struct scarcity *s, struct http_plan plan)
{
	struct world *world = s->farm->world;

	s->client = start(s->farm, plan, FARM_VS_WEB);
	EXPECT(world, world_run(world, 50 * SEC, keep_scarce, s), "%llu of %llu right, no end",
	       (unsigned long long)http_client_result(s->client)->right,
	       (unsigned long long)http_client_result(s->client)->requests);
	EXPECT(world,
	       http_client_result(s->client)->right == plan.conns * plan.requests &&
		   http_client_result(s->client)->longest_us < 2 * SEC,
	       "right: %llu, longest %llu us",
	       (unsigned long long)http_client_result(s->client)->right,
	       (unsigned long long)http_client_result(s->client)->longest_us);
}

/* Two requests in one segment: the first one's body has to be cut off it, which takes a buffer. */
static void
run_scarce_pipelined(struct scarcity *s)
{
	struct endpoint to = farm_endpoint(FARM_VS_WEB);
	struct world *world = s->farm->world;
	char text[200];
	struct talk *talk;
	uint32_t len;

	len = (uint32_t)snprintf(text, sizeof text,
				 "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12345"
				 "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	pattern_fill(1, 0, strstr(text, "12345"), 5);
	talk = talk_new(s->farm->clients[0], &to, text, len, (struct stream_pace){ 0 }, false);
	for (unsigned ms = 0; ms < 30000 && !talk_done(talk); ms++) {
		world_run(world, MS, NULL, NULL);
		keep_scarce(s);
	}
	EXPECT(world, talk_done(talk) && talk->eof && talk_status(talk) == 200,
	       "%u bytes, status %u", talk->answer_len, talk_status(talk));
}

/* Each head finds the one buffer of its millisecond gone to the segment it came in. */
void
story_box_scarce_mbufs(struct world *world)
{
	struct http_plan plan = { .conns = 4, .requests = 5, .down_max = 400 };
	struct farm farm;
	struct scarcity s = { .farm = &farm };

	farm_make(&farm, world,
		  &(struct farm_setup){ .no_monitor = true, .box = { .mbufs = SCARCE_MBUFS } });
	run(&farm, start(&farm, plan, FARM_VS_WEB), 10 * SEC);
	run_scarce(&s, plan);
	for (unsigned i = 0; i < farm.server_count; i++)
		http_server_manners(farm.web[i])->interim = true;
	run_scarce(&s, plan);
	for (unsigned i = 0; i < farm.server_count; i++)
		http_server_manners(farm.web[i])->interim = false;
	run_scarce_pipelined(&s);
	rte_pktmbuf_free_bulk(s.held, s.count);
	farm_settle(&farm);
}
