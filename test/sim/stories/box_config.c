/*
 * Stories of new configurations under live traffic, and of the box at its limits.
 */
#include "test/sim/stories.h"

void
story_box_swap(struct world *world)
{
	struct http_plan steady = {
		.conns = 4, .parallel = 4, .requests = 150, .think_us = 10000, .down_max = 30000
	};
	struct http_plan slow = { .conns = 2,
				  .parallel = 2,
				  .down_min = MB,
				  .down_max = MB,
				  .read = { .bytes = 5000, .every_us = 20000 } };
	struct stream_plan stream = { .up_bytes = 500 * KB,
				      .down_bytes = 500 * KB,
				      .client_read = { .bytes = 5000, .every_us = 30000 } };
	struct http_client *clients[2];
	struct stream_client *streams;
	struct farm farm;
	struct gen_spec less;

	farm_make(&farm, world, &(struct farm_setup){ 0 });
	farm_wait_up(&farm);
	steady.to = slow.to = farm_endpoint(FARM_VS_WEB);
	stream.to = farm_endpoint(FARM_VS_STREAMS);
	clients[0] = http_client_new(farm.clients[0], &steady);
	clients[1] = http_client_new(farm.clients[0], &slow);
	streams = stream_client_new(farm.clients[0], &stream);
	world_run(world, 500 * MS, NULL, NULL);
	/* a member less and back: nobody notices, though all indexes move */
	less = farm.spec;
	less.pools[FARM_WEB].members--;
	less.member_count--;
	for (unsigned i = 2; i < less.member_count; i++)
		less.members[i] = farm.spec.members[i + 1];
	for (unsigned i = 0; i < 20; i++) {
		struct gen_spec *spec = i % 2 ? &farm.spec : &less;

		spec->number = 2 + i;
		box_configure(farm.box, spec);
		world_run(world, 100 * MS, NULL, NULL);
	}
	for (unsigned i = 0; i < 2; i++)
		EXPECT(world, world_run(world, 120 * SEC, http_client_done, clients[i]),
		       "client %u does not end", i);
	EXPECT(world, world_run(world, 120 * SEC, stream_done, streams), "the stream does not end");
	EXPECT(world,
	       http_client_result(clients[0])->right == 600 &&
		   http_client_result(clients[1])->right == 2,
	       "right: %llu and %llu", (unsigned long long)http_client_result(clients[0])->right,
	       (unsigned long long)http_client_result(clients[1])->right);
	EXPECT(world, farm.box->views_freed == 20, "%llu of 20 old views freed",
	       (unsigned long long)farm.box->views_freed);
	farm_settle(&farm);
}

/* Slow clients of www, a new generation, more clients of www, until all have ended. */
static void
swap_under(struct farm *farm, struct gen_spec *next, struct http_client *clients[2])
{
	struct http_plan slow = { .to = farm_endpoint(FARM_VS_WEB),
				  .conns = 3,
				  .parallel = 3,
				  .down_min = MB,
				  .down_max = MB,
				  .read = { .bytes = 5000, .every_us = 10000 },
				  .may_fail = true };
	struct http_plan late = { .to = farm_endpoint(FARM_VS_WEB), .conns = 2, .may_fail = true };

	clients[0] = http_client_new(farm->clients[0], &slow);
	world_run(farm->world, 500 * MS, NULL, NULL);
	next->number = 2;
	box_configure(farm->box, next);
	world_run(farm->world, 100 * MS, NULL, NULL);
	clients[1] = http_client_new(farm->clients[0], &late);
	for (unsigned i = 0; i < 2; i++)
		EXPECT(farm->world, world_run(farm->world, 200 * SEC, http_client_done, clients[i]),
		       "client %u has no end", i);
}

void
story_box_swap_moves(struct world *world)
{
	struct http_client *clients[2];
	struct gen_spec next;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ 0 });
	farm_wait_up(&farm);
	next = farm.spec;
	next.servers[0].port = 8080;
	swap_under(&farm, &next, clients);
	EXPECT(world, http_client_result(clients[0])->right == 3, "%llu of 3 finished",
	       (unsigned long long)http_client_result(clients[0])->right);
	EXPECT(world, http_client_result(clients[1])->refused == 2, "%llu of 2 refused",
	       (unsigned long long)http_client_result(clients[1])->refused);
	farm_settle(&farm);
}

/* With its last virtual server an address is not ours any more: who was connected is served to the end. */
void
story_box_swap_removes(struct world *world)
{
	struct http_client *clients[2];
	struct gen_spec next;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ 0 });
	farm_wait_up(&farm);
	next = farm.spec;
	next.servers[0] = next.servers[3];
	next.server_count = 3;
	swap_under(&farm, &next, clients);
	EXPECT(world, http_client_result(clients[0])->right == 3, "%llu of 3 finished",
	       (unsigned long long)http_client_result(clients[0])->right);
	EXPECT(world, http_client_result(clients[1])->right == 0,
	       "a removed virtual server answers");
	farm_settle(&farm);
}

void
story_box_mbufs(struct world *world)
{
	struct http_plan slow = { .conns = 30,
				  .parallel = 30,
				  .down_min = 500000,
				  .down_max = MB,
				  .read = { .bytes = 20000, .every_us = 50000 },
				  .may_fail = true };
	struct http_plan after = { .conns = 10, .parallel = 2, .requests = 5, .down_max = 20000 };
	const struct http_client_result *result;
	struct http_client *client;
	struct farm farm;

	/* Buffers for a small part of what thirty slow clients could make it hold. */
	farm_make(&farm, world,
		  &(struct farm_setup){ .box = { .mbufs = 1023 }, .no_monitor = true });
	slow.to = after.to = farm_endpoint(FARM_VS_WEB);
	client = http_client_new(farm.clients[0], &slow);
	EXPECT(world, world_run(world, 600 * SEC, http_client_done, client),
	       "stuck: %llu right, %llu broken",
	       (unsigned long long)http_client_result(client)->right,
	       (unsigned long long)http_client_result(client)->broken);
	result = http_client_result(client);
	EXPECT(world, result->right >= 20, "%llu of 30 right, %llu broken, %llu 5xx",
	       (unsigned long long)result->right, (unsigned long long)result->broken,
	       (unsigned long long)result->status[5]);
	client = http_client_new(farm.clients[0], &after);
	EXPECT(world, world_run(world, 60 * SEC, http_client_done, client),
	       "no service afterwards");
	EXPECT(world, http_client_result(client)->right == 50, "%llu of 50 afterwards",
	       (unsigned long long)http_client_result(client)->right);
	farm_settle(&farm);
}

void
story_box_sessions(struct world *world)
{
	struct http_plan many = { .conns = 40,
				  .parallel = 40,
				  .down_min = 20000,
				  .down_max = 20000,
				  .read = { .bytes = 1000, .every_us = 20000 },
				  .may_fail = true };
	struct http_plan after = { .conns = 10, .parallel = 2, .requests = 5, .down_max = 20000 };
	const struct http_client_result *result;
	struct http_client *client;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ .box = { .sessions = 10 } });
	farm_wait_up(&farm);
	for (unsigned i = 0; i < 3; i++)
		http_server_manners(farm.web[i])->write =
		    (struct stream_pace){ .bytes = 2000, .every_us = 20000 };
	many.to = after.to = farm_endpoint(FARM_VS_WEB);
	client = http_client_new(farm.clients[0], &many);
	result = http_client_result(client);
	EXPECT(world, world_run(world, 120 * SEC, http_client_done, client), "no end");
	EXPECT(world,
	       result->right >= 10 &&
		   result->right + result->status[5] + result->broken + result->refused == 40,
	       "right %llu, 5xx %llu, broken %llu", (unsigned long long)result->right,
	       (unsigned long long)result->status[5], (unsigned long long)result->broken);
	EXPECT(world, box_counter(farm.box, COUNTER_session_pool_empty) > 0, "not counted");
	client = http_client_new(farm.clients[0], &after);
	EXPECT(world, world_run(world, 60 * SEC, http_client_done, client),
	       "no service afterwards");
	EXPECT(world, http_client_result(client)->right == 50, "%llu of 50 afterwards",
	       (unsigned long long)http_client_result(client)->right);
	farm_settle(&farm);
}

void
story_box_conns(struct world *world)
{
	struct farm_setup setup = { .box = { .tcp = box_tcp_settings() }, .no_monitor = true };
	struct http_plan many = { .conns = 50,
				  .parallel = 50,
				  .requests = 3,
				  .down_min = 20000,
				  .down_max = 20000,
				  .think_us = 100000,
				  .may_fail = true };
	struct http_plan after = { .conns = 4, .parallel = 1, .requests = 5, .down_max = 20000 };
	struct http_client *client;
	struct farm farm;

	setup.box.tcp.conns = 40;         /* both sides of twenty sessions */
	setup.box.tcp.half_open_max = 64; /* no limit */
	farm_make(&farm, world, &setup);
	many.to = after.to = farm_endpoint(FARM_VS_WEB);
	client = http_client_new(farm.clients[0],
				 &after); /* the neighbours know each other afterwards */
	EXPECT(world, world_run(world, 60 * SEC, http_client_done, client), "no service before");
	client = http_client_new(farm.clients[0], &many);
	EXPECT(world, world_run(world, 600 * SEC, http_client_done, client),
	       "no end: %u of 50 ended", http_client_result(client)->conns_ended);
	EXPECT(world, box_dropped(farm.box, DROP_tcp_conn_table_full) > 0,
	       "the table was never full");
	EXPECT(world, box_counter(farm.box, COUNTER_http_server_conns_evicted) > 0,
	       "no idle connection gave way");
	EXPECT(world, http_client_result(client)->right >= 30, "right: %llu",
	       (unsigned long long)http_client_result(client)->right);
	world_run(world, 20 * SEC, NULL, NULL);
	client = http_client_new(farm.clients[0], &after);
	EXPECT(world, world_run(world, 60 * SEC, http_client_done, client),
	       "no service afterwards");
	EXPECT(world, http_client_result(client)->right == 20, "%llu of 20 afterwards",
	       (unsigned long long)http_client_result(client)->right);
	farm_settle(&farm);
}

void
story_box_link_down(struct world *world)
{
	struct http_plan plan = { .conns = 3,
				  .parallel = 3,
				  .requests = 400,
				  .think_us = 20000,
				  .down_max = 30000,
				  .may_fail = true };
	struct http_client *client;
	struct farm farm;
	uint64_t right;

	farm_make(&farm, world, &(struct farm_setup){ .no_monitor = true });
	plan.to = farm_endpoint(FARM_VS_WEB);
	client = http_client_new(farm.clients[0], &plan);
	for (unsigned i = 0; i < 2; i++) {
		world_run(world, SEC, NULL, NULL);
		port_sim_link_set(farm.box_ends[i], false);
		world_run(world, 1500 * MS, NULL, NULL);
		port_sim_link_set(farm.box_ends[i], true);
		right = http_client_result(client)->right;
		world_run(world, 5 * SEC, NULL, NULL);
		EXPECT(world, http_client_result(client)->right > right || http_client_done(client),
		       "no service after p%u was down", i);
	}
	EXPECT(world, world_run(world, 120 * SEC, http_client_done, client), "no end");
	farm_settle(&farm);
}

void
story_box_destroyed(struct world *world)
{
	struct http_plan plan = { .conns = 20,
				  .parallel = 8,
				  .requests = 5,
				  .down_min = MB,
				  .down_max = MB,
				  .up_max = MB,
				  .mix = HTTP_MIX_POST,
				  .may_fail = true };
	struct stream_plan stream = { .up_bytes = 5 * MB,
				      .down_bytes = 5 * MB,
				      .conns = 3,
				      .parallel = 3,
				      .flags = STREAM_MAY_FAIL };
	struct farm farm;

	farm_make(
	    &farm, world,
	    &(struct farm_setup){ .client_cable = { .delay_us = 2000,
						    .rate_bps = 50000000,
						    .fault = "loss=1%,reorder=1%,dir=both" } });
	farm_wait_up(&farm);
	plan.to = farm_endpoint(FARM_VS_WEB);
	stream.to = farm_endpoint(FARM_VS_STREAMS);
	http_client_new(farm.clients[0], &plan);
	stream_client_new(farm.clients[0], &stream);
	world_run(world, 300 * MS, NULL, NULL);
	EXPECT(world, box_open_sessions(farm.box) > 5, "nothing is under way");
	box_destroy(farm.box);
	/* what its peers do about it is other stories' business */
	for (uint32_t i = 0; i < world->node_count; i++)
		world->nodes[i]->always_quiet = true;
	world_settle(world, 600 * SEC);
}
