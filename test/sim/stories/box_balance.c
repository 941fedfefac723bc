/*
 * Stories of who is picked, through the whole worker: methods, limits, backup members, what an operator says.
 */
#include "test/sim/stories.h"

#define LIMIT 3u

/* A farm whose pools have this method; its spec may be changed before farm_adopt. */
static void
make(struct farm *farm, struct world *world, uint32_t clients, enum gen_method method)
{
	farm_make(farm, world, &(struct farm_setup){ .clients = clients });
	farm_wait_up(farm);
	farm->spec.pools[FARM_WEB].method = method;
}

static void
adopt(struct farm *farm)
{
	farm->spec.number++;
	box_configure(farm->box, &farm->spec);
	world_run(farm->world, 10 * MS, NULL, NULL);
}

static struct http_client *
start(struct farm *farm, uint32_t client, struct http_plan plan)
{
	plan.to = farm_endpoint(FARM_VS_WEB);
	return http_client_new(farm->clients[client], &plan);
}

static const struct http_client_result *
finish(struct farm *farm, struct http_client *client)
{
	const struct http_client_result *result = http_client_result(client);

	EXPECT(farm->world, world_run(farm->world, 300 * SEC, http_client_done, client),
	       "%llu of %llu requests right", (unsigned long long)result->right,
	       (unsigned long long)result->requests);
	return result;
}

void
story_box_least_connections(struct world *world)
{
	struct http_plan plan = {
		.conns = 12, .parallel = 12, .requests = 40, .down_min = 20000, .down_max = 20000
	};
	const struct http_client_result *result;
	struct farm farm;

	make(&farm, world, 1, GEN_METHOD_LEAST_CONNECTIONS);
	adopt(&farm);
	http_server_manners(farm.web[2])->write =
	    (struct stream_pace){ .bytes = 2000, .every_us = 5000 };
	result = finish(&farm, start(&farm, 0, plan));
	EXPECT(world, result->right == 480, "right: %llu", (unsigned long long)result->right);
	EXPECT(world, result->by_server[3] > 0 && result->by_server[3] * 4 < result->by_server[1],
	       "the slow member answered %llu, the others %llu and %llu",
	       (unsigned long long)result->by_server[3], (unsigned long long)result->by_server[1],
	       (unsigned long long)result->by_server[2]);
	EXPECT(world,
	       result->by_server[1] < result->by_server[2] + 30 &&
		   result->by_server[2] < result->by_server[1] + 30,
	       "equal members answered %llu and %llu", (unsigned long long)result->by_server[1],
	       (unsigned long long)result->by_server[2]);
	farm_settle(&farm);
}

void
story_box_limits(struct world *world)
{
	struct http_plan plan = { .conns = 30,
				  .parallel = 30,
				  .requests = 10,
				  .down_min = 10000,
				  .down_max = 10000,
				  .think_us = 3000,
				  .may_fail = true };
	const struct http_client_result *result;
	struct http_client *client;
	uint64_t most = 0, refused;
	struct farm farm;

	make(&farm, world, 1, GEN_METHOD_ROUND_ROBIN);
	for (uint32_t i = 0; i < farm.server_count; i++)
		farm.spec.members[i].connection_limit = LIMIT;
	adopt(&farm);
	for (uint32_t i = 0; i < farm.server_count; i++)
		http_server_manners(farm.web[i])->write =
		    (struct stream_pace){ .bytes = 2000, .every_us = 5000 };
	client = start(&farm, 0, plan);
	while (!world_run(world, 500, http_client_done, client)) {
		for (uint32_t i = 0; i < farm.server_count; i++) {
			uint64_t open = box_member(farm.box, i, MEMBER_COUNTER_sessions_open);

			EXPECT(world, open <= LIMIT, "%llu sessions use member %u",
			       (unsigned long long)open, i);
			/* and the monitor's */
			EXPECT(world, http_server_open(farm.web[i]) <= LIMIT + 1,
			       "member %u has %u connections", i, http_server_open(farm.web[i]));
			most = max_u64(most, open);
		}
	}
	result = finish(&farm, client);
	refused = box_counter(farm.box, COUNTER_members_at_limit);
	EXPECT(world, most == LIMIT, "the limit is not used up: %llu", (unsigned long long)most);
	EXPECT(world, refused > 0 && refused == result->status[5],
	       "%llu refused, the clients know of %llu", (unsigned long long)refused,
	       (unsigned long long)result->status[5]);
	EXPECT(world, result->right > 0 && result->right + refused == result->requests,
	       "%llu right and %llu refused of %llu", (unsigned long long)result->right,
	       (unsigned long long)refused, (unsigned long long)result->requests);
	EXPECT(world, box_counter(farm.box, COUNTER_members_none_up) == 0, "counted as down");
	farm_settle(&farm);
}

/* Which server answers this client, by a few requests on connections of their own. */
static unsigned
server_of(struct farm *farm, uint32_t client)
{
	const struct http_client_result *result;
	unsigned server = 0;

	result =
	    finish(farm, start(farm, client,
			       (struct http_plan){ .conns = 3, .requests = 3, .parallel = 3 }));
	for (unsigned i = 1; i <= farm->server_count; i++) {
		if (result->by_server[i] == 0)
			continue;
		EXPECT(farm->world, server == 0, "servers %u and %u answer one client", server, i);
		server = i;
	}
	EXPECT(farm->world, result->right == 9, "%llu of 9 right",
	       (unsigned long long)result->right);
	return server;
}

static void
stays(struct world *world, enum gen_method method)
{
	struct farm farm;
	unsigned at[3];

	make(&farm, world, 3, method);
	adopt(&farm);
	for (uint32_t c = 0; c < 3; c++)
		at[c] = server_of(&farm, c);
	adopt(&farm);
	for (uint32_t c = 0; c < 3; c++)
		EXPECT(world, server_of(&farm, c) == at[c], "a commit moved client %u", c);
	farm.box->views[farm.box->view_count - 1]->member_admin[at[0] - 1]->state = MEMBER_DRAINED;
	for (uint32_t c = 0; c < 3; c++)
		EXPECT(world, (server_of(&farm, c) == at[c]) == (at[c] != at[0]),
		       "client %u is not where it should be while %u is drained", c, at[0]);
	farm.box->views[farm.box->view_count - 1]->member_admin[at[0] - 1]->state = MEMBER_ENABLED;
	world_run(world, 10 * MS, NULL, NULL);
	for (uint32_t c = 0; c < 3; c++)
		EXPECT(world, server_of(&farm, c) == at[c], "client %u did not come back", c);
	farm_settle(&farm);
}

void
story_box_source_hash(struct world *world)
{
	stays(world, GEN_METHOD_SOURCE_HASH);
}

void
story_box_maglev(struct world *world)
{
	stays(world, GEN_METHOD_MAGLEV);
}

void
story_box_backup(struct world *world)
{
	const struct http_client_result *result;
	struct http_client *client;
	uint64_t before;
	struct farm farm;

	make(&farm, world, 1, GEN_METHOD_RANDOM_OF_TWO);
	farm.spec.members[2].backup = 1;
	adopt(&farm);
	client = start(&farm, 0,
		       (struct http_plan){
			   .conns = 4, .parallel = 4, .requests = 1000000, .think_us = 20000 });
	result = http_client_result(client);
	world_run(world, 2 * SEC, NULL, NULL);
	EXPECT(world, result->by_server[1] > 50 && result->by_server[2] > 50, "not both are used");
	EXPECT(world, result->by_server[3] == 0, "the backup is used");
	http_server_manners(farm.web[0])->probes_fail = true;
	http_server_manners(farm.web[1])->probes_fail = true;
	world_run(world, 4 * SEC, NULL, NULL);
	before = result->by_server[3];
	EXPECT(world, before > 50, "the backup is not used");
	http_server_manners(farm.web[1])->probes_fail = false;
	world_run(world, 4 * SEC, NULL, NULL);
	before = result->by_server[3];
	world_run(world, 1 * SEC, NULL, NULL);
	EXPECT(world, result->by_server[3] == before, "the backup is still used");
	http_client_stop(client);
	result = finish(&farm, client);
	EXPECT(world, result->right == result->requests, "some failed");
	farm_settle(&farm);
}
