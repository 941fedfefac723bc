/*
 * Stories of members that fail, come back and misbehave.
 */
#include "test/sim/stories.h"

/* A client that asks all the time until it is stopped. */
static struct http_client *
steady(struct farm *farm, bool may_fail)
{
	struct http_plan plan = { .to = farm_endpoint(FARM_VS_WEB),
				  .conns = 4,
				  .parallel = 4,
				  .requests = 1000000,
				  .think_us = 20000,
				  .down_max = 10000,
				  .may_fail = may_fail };

	return http_client_new(farm->clients[0], &plan);
}

static uint64_t
answered_by(const struct http_client *client, unsigned server)
{
	return http_client_result(client)->by_server[server];
}

static void
stop(struct farm *farm, struct http_client *client)
{
	http_client_stop(client);
	EXPECT(farm->world, world_run(farm->world, 120 * SEC, http_client_done, client),
	       "the client does not end");
}

static const uint32_t first_member = 0; /* of pool web: server s1 */

void
story_box_member_refuses(struct world *world)
{
	struct http_client *client;
	struct farm farm;
	uint64_t before, opened, again;

	farm_make(&farm, world, &(struct farm_setup){ 0 });
	farm_wait_up(&farm);
	client = steady(&farm, false); /* not one request may fail: another member is tried */
	world_run(world, 2 * SEC, NULL, NULL);
	http_server_listen(farm.web[0], false);
	http_server_manners(farm.web[0])->close_after = 1;
	opened = box_counter(farm.box, COUNTER_tcp_conns_opened);
	again = box_counter(farm.box, COUNTER_members_tried_again);
	world_run(world, 4 * SEC, NULL, NULL);
	opened = box_counter(farm.box, COUNTER_tcp_conns_opened) - opened;
	again = box_counter(farm.box, COUNTER_members_tried_again) - again;
	EXPECT(world, again > 100 && opened < again / 2,
	       "%llu other tries took %llu new connections, though there are kept ones",
	       (unsigned long long)again, (unsigned long long)opened);
	EXPECT(world, box_health(farm.box, first_member) == HEALTH_DOWN,
	       "not taken out after two probes");
	before = answered_by(client, 1);
	world_run(world, 2 * SEC, NULL, NULL);
	EXPECT(world, answered_by(client, 1) == before, "still asked");
	http_server_manners(farm.web[0])->close_after = 0;
	http_server_listen(farm.web[0], true);
	world_run(world, 4 * SEC, NULL, NULL);
	EXPECT(world, box_health(farm.box, first_member) == HEALTH_UP, "not back after two probes");
	EXPECT(world, answered_by(client, 1) > before, "back, but not asked");
	stop(&farm, client);
	EXPECT(world, http_client_result(client)->right == http_client_result(client)->requests,
	       "some failed");
	farm_settle(&farm);
}

void
story_box_member_vanishes(struct world *world)
{
	const struct http_client_result *result;
	struct http_client *client;
	uint64_t failed, right;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ 0 });
	farm_wait_up(&farm);
	client = steady(&farm, true);
	result = http_client_result(client);
	world_run(world, 2 * SEC, NULL, NULL);
	EXPECT(world, result->broken == 0 && result->status[5] == 0, "failures without a reason");
	host_power_off(farm.servers[0]);
	world_run(world, 6 * SEC, NULL, NULL);
	EXPECT(world, box_health(farm.box, first_member) == HEALTH_DOWN, "not taken out");
	world_run(world, 70 * SEC, NULL,
		  NULL); /* what was under way there has failed or gone elsewhere */
	failed = result->broken + result->status[5];
	right = result->right;
	world_run(world, 10 * SEC, NULL, NULL);
	EXPECT(world, result->broken + result->status[5] == failed, "still failing long after");
	EXPECT(world, result->right > right + 100 || result->conns_ended == 4,
	       "no service from the others: %llu more",
	       (unsigned long long)(result->right - right));
	host_reboot(farm.servers[0]);
	world_run(world, 5 * SEC, NULL, NULL);
	EXPECT(world, box_health(farm.box, first_member) == HEALTH_UP, "not back");
	stop(&farm, client);
	farm_settle(&farm);
}

void
story_box_member_probe_fails(struct world *world)
{
	struct http_client *client;
	struct farm farm;
	uint64_t before;

	farm_make(&farm, world, &(struct farm_setup){ 0 });
	farm_wait_up(&farm);
	client = steady(&farm, false);
	http_server_manners(farm.web[1])->probes_fail = true;
	world_run(world, 4 * SEC, NULL, NULL);
	EXPECT(world, box_health(farm.box, first_member + 1) == HEALTH_DOWN,
	       "a status of 500 is taken for health");
	before = answered_by(client, 2);
	world_run(world, 2 * SEC, NULL, NULL);
	EXPECT(world, answered_by(client, 2) == before, "still asked");
	http_server_manners(farm.web[1])->probes_fail = false;
	world_run(world, 4 * SEC, NULL, NULL);
	EXPECT(world, box_health(farm.box, first_member + 1) == HEALTH_UP, "not back");
	stop(&farm, client);
	farm_settle(&farm);
}

void
story_box_members_all_down(struct world *world)
{
	struct http_plan plan = { .conns = 5, .may_fail = true };
	struct http_client *client;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ 0 });
	farm_wait_up(&farm);
	for (unsigned i = 0; i < 3; i++)
		http_server_listen(farm.web[i], false);
	world_run(world, 4 * SEC, NULL, NULL);
	plan.to = farm_endpoint(FARM_VS_WEB);
	client = http_client_new(farm.clients[0], &plan);
	EXPECT(world, world_run(world, 30 * SEC, http_client_done, client), "no answer");
	EXPECT(world, http_client_result(client)->status[5] == 5, "5xx: %llu of 5",
	       (unsigned long long)http_client_result(client)->status[5]);
	EXPECT(world, box_counter(farm.box, COUNTER_members_none_up) >= 5, "not counted");
	farm_settle(&farm);
}

/* What a server does that is ended with connections in its backlog. */
void
story_box_member_hangs_up(struct world *world)
{
	struct http_client *client;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ 0 });
	farm_wait_up(&farm);
	client = steady(&farm, false);
	world_run(world, 2 * SEC, NULL, NULL);
	http_server_manners(farm.web[0])->hangs_up = true;
	world_run(world, 4 * SEC, NULL, NULL);
	EXPECT(world, box_health(farm.box, first_member) == HEALTH_DOWN,
	       "not taken out after two probes");
	EXPECT(world, box_counter(farm.box, COUNTER_members_tried_again) > 10, "not met");
	http_server_manners(farm.web[0])->hangs_up = false;
	world_run(world, 4 * SEC, NULL, NULL);
	stop(&farm, client);
	EXPECT(world, http_client_result(client)->right == http_client_result(client)->requests,
	       "some failed");
	farm_settle(&farm);
}

void
story_box_member_closes(struct world *world)
{
	struct http_client *client;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ .server_cable = { .delay_us = 2000 } });
	farm_wait_up(&farm);
	/* without a word after three responses, with a word after five, never */
	http_server_manners(farm.web[0])->close_after = 3;
	http_server_manners(farm.web[1])->close_after = 5;
	http_server_manners(farm.web[1])->announces_close = true;
	client = steady(&farm, false);
	world_run(world, 10 * SEC, NULL, NULL);
	stop(&farm, client);
	EXPECT(world, http_client_result(client)->right == http_client_result(client)->requests,
	       "some failed");
	EXPECT(world, http_client_result(client)->right > 500, "only %llu",
	       (unsigned long long)http_client_result(client)->right);
	farm_settle(&farm);
}

void
story_box_member_cuts_short(struct world *world)
{
	struct http_plan plan = { .conns = 12,
				  .parallel = 3,
				  .down_min = 20000,
				  .down_max = 50000,
				  .mix = HTTP_MIX_CHUNKED,
				  .may_fail = true };
	const struct http_client_result *result;
	struct http_client *client;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ .no_monitor = true });
	for (unsigned i = 0; i < 3; i++)
		http_server_manners(farm.web[i])->closes_early = true;
	plan.to = farm_endpoint(FARM_VS_WEB);
	client = http_client_new(farm.clients[0], &plan);
	result = http_client_result(client);
	EXPECT(world, world_run(world, 120 * SEC, http_client_done, client), "no end");
	/* A response that was cut short must not look complete. */
	EXPECT(world, result->right == 0 && result->broken == 12, "right %llu, broken %llu",
	       (unsigned long long)result->right, (unsigned long long)result->broken);
	farm_settle(&farm);
}

void
story_box_member_garbage(struct world *world)
{
	struct http_plan plan = { .conns = 6, .may_fail = true };
	const struct http_client_result *result;
	struct http_client *client;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ .no_monitor = true });
	for (unsigned i = 0; i < 3; i++)
		http_server_manners(farm.web[i])->garbage = true;
	plan.to = farm_endpoint(FARM_VS_WEB);
	client = http_client_new(farm.clients[0], &plan);
	result = http_client_result(client);
	EXPECT(world, world_run(world, 60 * SEC, http_client_done, client), "no end");
	EXPECT(world, result->status[5] == 6, "5xx: %llu of 6",
	       (unsigned long long)result->status[5]);
	EXPECT(world, box_counter(farm.box, COUNTER_http_responses_refused) >= 6, "not counted");
	farm_settle(&farm);
}

void
story_box_member_stalls(struct world *world)
{
	struct http_plan plan = { .conns = 4, .parallel = 4, .may_fail = true };
	const struct http_client_result *result;
	struct http_client *client;
	struct farm farm;

	farm_make(&farm, world,
		  &(struct farm_setup){ .no_monitor = true, .idle_timeout_ms = 10000 });
	for (unsigned i = 0; i < 3; i++)
		http_server_manners(farm.web[i])->stall = true;
	plan.to = farm_endpoint(FARM_VS_WEB);
	client = http_client_new(farm.clients[0], &plan);
	result = http_client_result(client);
	EXPECT(world, world_run(world, 60 * SEC, http_client_done, client),
	       "a member that never answers holds its clients for ever");
	EXPECT(world, result->right == 0, "who answered?");
	farm_settle(&farm);
}

void
story_box_member_answers_early(struct world *world)
{
	struct http_plan plan = { .conns = 8,
				  .parallel = 2,
				  .mix = HTTP_MIX_POST,
				  .up_min = 500000,
				  .up_max = MB,
				  .down_max = 3000,
				  .may_fail = true };
	const struct http_client_result *result;
	struct http_client *client;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ .no_monitor = true });
	for (unsigned i = 0; i < 3; i++)
		http_server_manners(farm.web[i])->answers_early = true;
	plan.to = farm_endpoint(FARM_VS_WEB);
	client = http_client_new(farm.clients[0], &plan);
	result = http_client_result(client);
	EXPECT(world, world_run(world, 120 * SEC, http_client_done, client), "no end");
	EXPECT(world, result->right + result->broken + result->status[5] == 8,
	       "right %llu, broken %llu, 5xx %llu", (unsigned long long)result->right,
	       (unsigned long long)result->broken, (unsigned long long)result->status[5]);
	farm_settle(&farm);
}

void
story_box_client_aborts(struct world *world)
{
	struct http_plan plan = { .conns = 60,
				  .parallel = 6,
				  .requests = 2,
				  .down_min = 50000,
				  .down_max = 300000,
				  .up_max = 100000,
				  .mix = HTTP_MIX_POST | HTTP_MIX_CHUNKED,
				  .abort_ppm = 500000 };
	struct http_client *client;
	struct farm farm;

	farm_make(
	    &farm, world,
	    &(struct farm_setup){ .client_cable = { .delay_us = 3000, .rate_bps = 100000000 } });
	farm_wait_up(&farm);
	plan.to = farm_endpoint(FARM_VS_WEB);
	client = http_client_new(farm.clients[0], &plan);
	EXPECT(world, world_run(world, 120 * SEC, http_client_done, client), "no end");
	EXPECT(world, http_client_result(client)->aborted > 10, "aborted: %llu",
	       (unsigned long long)http_client_result(client)->aborted);
	farm_settle(&farm);
	EXPECT(world, box_counter(farm.box, COUNTER_sessions_aborted) > 0, "not counted");
}

void
story_box_client_vanishes(struct world *world)
{
	struct http_plan plan = {
		.conns = 6, .parallel = 6, .down_min = 5 * MB, .down_max = 5 * MB, .may_fail = true
	};
	struct stream_plan streams = { .down_bytes = 50 * MB,
				       .up_bytes = 50 * MB,
				       .conns = 3,
				       .parallel = 3,
				       .flags = STREAM_MAY_FAIL };
	struct farm farm;

	farm_make(&farm, world,
		  &(struct farm_setup){ .clients = 2,
					.client_cable = { .rate_bps = 10000000 },
					.idle_timeout_ms = 20000 });
	farm_wait_up(&farm);
	plan.to = farm_endpoint(FARM_VS_WEB);
	http_client_new(farm.clients[0], &plan);
	streams.to = farm_endpoint(FARM_VS_STREAMS);
	stream_client_new(farm.clients[0], &streams);
	world_run(world, SEC, NULL, NULL);
	EXPECT(world, box_open_sessions(farm.box) == 9, "%u sessions under way",
	       box_open_sessions(farm.box));
	host_power_off(farm.clients[0]);
	farm_settle(&farm);
}
