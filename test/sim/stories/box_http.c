/*
 * Stories of HTTP through the box when nobody misbehaves: methods, framings, versions, slow and many clients.
 */
#include "test/sim/stories.h"

/* Runs a client to its end and answers what it found. */
static const struct http_client_result *
play(struct farm *farm, uint32_t client, struct http_plan plan, enum farm_vs vs, uint64_t within_us)
{
	struct http_client *http;

	plan.to = farm_endpoint(vs);
	http = http_client_new(farm->clients[client], &plan);
	EXPECT(farm->world, world_run(farm->world, within_us, http_client_done, http),
	       "%llu of %llu requests right", (unsigned long long)http_client_result(http)->right,
	       (unsigned long long)http_client_result(http)->requests);
	return http_client_result(http);
}

void
story_box_get(struct world *world)
{
	const struct http_client_result *result;
	struct farm farm;
	uint64_t reused;

	farm_make(&farm, world, &(struct farm_setup){ .clients = 2 });
	farm_wait_up(&farm);
	result =
	    play(&farm, 0,
		 (struct http_plan){
		     .conns = 6, .parallel = 3, .requests = 50, .down_min = 0, .down_max = 20000 },
		 FARM_VS_WEB, 60 * SEC);
	EXPECT(world, result->right == 300, "right: %llu", (unsigned long long)result->right);
	for (unsigned i = 1; i <= 3; i++)
		EXPECT(world, result->by_server[i] == 100, "server %u answered %llu of 300", i,
		       (unsigned long long)result->by_server[i]);
	EXPECT(world, box_server(farm.box, FARM_VS_WEB, VS_COUNTER_requests) == 300, "counted %llu",
	       (unsigned long long)box_server(farm.box, FARM_VS_WEB, VS_COUNTER_requests));
	EXPECT(world, box_server(farm.box, FARM_VS_WEB, VS_COUNTER_responses_2xx) == 300,
	       "responses: %llu",
	       (unsigned long long)box_server(farm.box, FARM_VS_WEB, VS_COUNTER_responses_2xx));
	EXPECT(world, box_counter(farm.box, COUNTER_http_server_conns_reused) > 250,
	       "connections to members are not kept: %llu reused",
	       (unsigned long long)box_counter(farm.box, COUNTER_http_server_conns_reused));
	/* the client's acknowledgments free the room for the last bytes, the member's news of them is late */
	reused = box_counter(farm.box, COUNTER_http_server_conns_reused);
	play(&farm, 0,
	     (struct http_plan){
		 .conns = 3, .parallel = 3, .requests = 10, .down_min = MB, .down_max = MB },
	     FARM_VS_WEB, 60 * SEC);
	reused = box_counter(farm.box, COUNTER_http_server_conns_reused) - reused;
	EXPECT(world, reused >= 25, "%llu of 30 large responses left a connection to reuse",
	       (unsigned long long)reused);
	result =
	    play(&farm, 1,
		 (struct http_plan){ .conns = 3, .parallel = 3, .requests = 10, .down_max = 5000 },
		 FARM_VS_WEB6, 60 * SEC);
	EXPECT(world, result->right == 30, "IPv6: %llu", (unsigned long long)result->right);
	for (unsigned i = 0; i < 3; i++)
		EXPECT(world, http_server_result(farm.web[i])->forwarded >= 100,
		       "requests without X-Forwarded-For");
	farm_settle(&farm);
}

void
story_box_bodies(struct world *world)
{
	const struct http_client_result *result;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ 0 });
	farm_wait_up(&farm);
	result = play(&farm, 0,
		      (struct http_plan){ .conns = 40,
					  .parallel = 4,
					  .requests = 10,
					  .mix = HTTP_MIX_POST | HTTP_MIX_POST_CHUNKED |
						 HTTP_MIX_CHUNKED | HTTP_MIX_UNTIL_CLOSE |
						 HTTP_MIX_HEAD | HTTP_MIX_CLOSE,
					  .down_max = 60000,
					  .up_max = 60000 },
		      FARM_VS_WEB, 120 * SEC);
	EXPECT(world, result->right == result->requests && result->right >= 100, "%llu of %llu",
	       (unsigned long long)result->right, (unsigned long long)result->requests);
	result = play(&farm, 0,
		      (struct http_plan){ .conns = 2,
					  .parallel = 2,
					  .down_min = 5 * MB,
					  .down_max = 5 * MB,
					  .up_min = 5 * MB,
					  .up_max = 5 * MB,
					  .mix = HTTP_MIX_POST },
		      FARM_VS_WEB6, 60 * SEC);
	EXPECT(world, result->right == 2, "large: %llu", (unsigned long long)result->right);
	farm_settle(&farm);
}

void
story_box_http_10(struct world *world)
{
	const struct http_client_result *result;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ 0 });
	farm_wait_up(&farm);
	result =
	    play(&farm, 0,
		 (struct http_plan){ .conns = 30,
				     .parallel = 3,
				     .mix = HTTP_MIX_10 | HTTP_MIX_CHUNKED | HTTP_MIX_UNTIL_CLOSE |
					    HTTP_MIX_POST | HTTP_MIX_HEAD,
				     .down_max = 50000,
				     .up_max = 5000 },
		 FARM_VS_WEB, 60 * SEC);
	EXPECT(world, result->right == 30, "right: %llu", (unsigned long long)result->right);
	result = play(&farm, 0,
		      (struct http_plan){ .conns = 4,
					  .parallel = 2,
					  .requests = 10,
					  .mix = HTTP_MIX_10 | HTTP_MIX_10_KEEP,
					  .down_max = 5000 },
		      FARM_VS_WEB, 60 * SEC);
	EXPECT(world, result->right == 40, "kept alive: %llu", (unsigned long long)result->right);
	farm_settle(&farm);
}

void
story_box_loss(struct world *world)
{
	const struct http_client_result *result;
	struct farm farm;

	farm_make(
	    &farm, world,
	    &(struct farm_setup){
		.client_cable = { .delay_us = 5000,
				  .rate_bps = 100000000,
				  .fault = "loss=5%,dir=both" },
		.server_cable = { .delay_us = 500, .fault = "loss=5%,reorder=1%,dir=both" } });
	world_run(world, 8 * SEC, NULL, NULL);
	result = play(
	    &farm, 0,
	    (struct http_plan){ .conns = 12,
				.parallel = 6,
				.requests = 6,
				.down_max = 300000,
				.up_max = 300000,
				.may_fail = true,
				.mix = HTTP_MIX_POST | HTTP_MIX_POST_CHUNKED | HTTP_MIX_CHUNKED },
	    FARM_VS_WEB, 600 * SEC);
	/* Monitors that lose their packets may take a member down for a while, even all of them: then 503, never wrong bytes. */
	EXPECT(world, result->right >= result->requests * 8 / 10,
	       "%llu of %llu right, %llu times 5xx, %llu broken", (unsigned long long)result->right,
	       (unsigned long long)result->requests, (unsigned long long)result->status[5],
	       (unsigned long long)result->broken);
	farm_settle(&farm);
}

void
story_box_slow_client(struct world *world)
{
	struct farm_setup setup = { .clients = 2 };
	struct http_plan plan = { .conns = 8,
				  .parallel = 8,
				  .down_min = 4 * MB,
				  .down_max = 4 * MB,
				  .read = { .bytes = 4000, .every_us = 20000 } };
	const struct http_client_result *fast;
	struct http_client *slow;
	struct farm farm;

	farm_make(&farm, world, &setup);
	farm_wait_up(&farm);
	plan.to = farm_endpoint(FARM_VS_WEB);
	slow = http_client_new(farm.clients[0], &plan);
	world_run(world, 5 * SEC, NULL, NULL);
	/* 32 MB were asked for; what waits in the box is bounded by its buffers: 8 times both of them, packets of 1,448 bytes. */
	EXPECT(world,
	       farm.box->mbufs_used_max < 8 * 2 *
					      (box_tcp_settings().profile.receive_buffer_bytes +
					       box_tcp_settings().profile.send_buffer_bytes) /
					      1448,
	       "%u packet buffers", farm.box->mbufs_used_max);
	EXPECT(world, box_server(farm.box, FARM_VS_WEB, VS_COUNTER_bytes_out) < 20 * MB,
	       "the members were not stopped");
	fast =
	    play(&farm, 1,
		 (struct http_plan){ .conns = 2, .parallel = 2, .requests = 50, .down_max = 10000 },
		 FARM_VS_WEB, 30 * SEC);
	EXPECT(world, fast->right == 100, "others suffer: %llu of 100",
	       (unsigned long long)fast->right);
	EXPECT(world, world_run(world, 120 * SEC, http_client_done, slow), "%llu of 8",
	       (unsigned long long)http_client_result(slow)->right);
	EXPECT(world, http_client_result(slow)->right == 8, "%llu of 8",
	       (unsigned long long)http_client_result(slow)->right);
	farm_settle(&farm);
}

void
story_box_slow_server(struct world *world)
{
	const struct http_client_result *result;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ 0 });
	farm_wait_up(&farm);
	for (unsigned i = 0; i < 3; i++) {
		http_server_manners(farm.web[i])->read =
		    (struct stream_pace){ .bytes = 3000, .every_us = 10000 };
		http_server_manners(farm.web[i])->write =
		    (struct stream_pace){ .bytes = 3000, .every_us = 10000 };
	}
	result = play(&farm, 0,
		      (struct http_plan){ .conns = 6,
					  .parallel = 6,
					  .requests = 2,
					  .mix = HTTP_MIX_POST | HTTP_MIX_CHUNKED,
					  .down_max = 500000,
					  .up_min = 500000,
					  .up_max = MB },
		      FARM_VS_WEB, 120 * SEC);
	EXPECT(world, result->right == 12, "right: %llu", (unsigned long long)result->right);
	farm_settle(&farm);
}

void
story_box_tcp(struct world *world)
{
	struct stream_plan plans[] = {
		{ .up_bytes = MB, .down_bytes = MB },
		{ .up_bytes = 300 * KB, .flags = STREAM_ECHO, .conns = 6, .parallel = 3 },
		{ .up_bytes = 100 * KB,
		  .down_bytes = MB,
		  .flags = STREAM_SERVER_LATE | STREAM_CLIENT_FIRST },
		{ .up_bytes = MB,
		  .down_bytes = 100 * KB,
		  .flags = STREAM_CLIENT_LATE | STREAM_SERVER_FIRST },
		{ .up_bytes = 100, .down_bytes = 100, .conns = 60, .parallel = 6 },
	};
	struct farm farm;

	farm_make(&farm, world,
		  &(struct farm_setup){
		      .client_cable = { .delay_us = 2000, .fault = "loss=1%,dir=both" } });
	world_run(world, 100 * MS, NULL, NULL);
	for (unsigned i = 0; i < ARRAY_SIZE(plans); i++) {
		struct stream_client *client;

		plans[i].to = farm_endpoint(i % 2 ? FARM_VS_STREAMS6 : FARM_VS_STREAMS);
		client = stream_client_new(farm.clients[0], &plans[i]);
		EXPECT(world, world_run(world, 120 * SEC, stream_done, client), "plan %u: %u done",
		       i, stream_result(client)->finished);
		EXPECT(world, stream_result(client)->failed == 0, "plan %u: %u failed", i,
		       stream_result(client)->failed);
	}
	farm_settle(&farm);
}

void
story_box_idle(struct world *world)
{
	struct stream_plan silent = { .flags = STREAM_SILENT | STREAM_MAY_FAIL,
				      .conns = 3,
				      .parallel = 3 };
	struct stream_client *clients[2];
	struct farm farm;
	uint64_t from_us;

	farm_make(&farm, world, &(struct farm_setup){ .idle_timeout_ms = 5000 });
	farm_wait_up(&farm);
	from_us = world->now_us;
	silent.to = farm_endpoint(FARM_VS_WEB);
	clients[0] = stream_client_new(farm.clients[0], &silent);
	silent.to = farm_endpoint(FARM_VS_STREAMS);
	clients[1] = stream_client_new(farm.clients[0], &silent);
	for (unsigned i = 0; i < 2; i++)
		EXPECT(world, world_run(world, 100 * SEC, stream_done, clients[i]),
		       "a silent connection lives on (%u)", i);
	EXPECT(world, world->now_us - from_us >= 5 * SEC, "ended too early");
	farm_settle(&farm);
}
