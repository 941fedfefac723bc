/*
 * Stories of kept connections to members: when they end, for how long they stay, how many.
 */
#include "test/sim/stories.h"

/* All members end idle connections like this, and enter their requests in one book. */
static struct executions *
let_end(struct farm *farm, uint32_t ends, uint64_t after_us)
{
	struct executions *book = executions_new(farm->world);

	for (unsigned i = 0; i < farm->server_count; i++) {
		struct http_server_manners *manners = http_server_manners(farm->web[i]);

		manners->ends = ends;
		manners->ends_after_us = after_us;
		manners->executions = book;
	}
	return book;
}

static struct http_plan
all_methods(void)
{
	return (struct http_plan){ .to = farm_endpoint(FARM_VS_WEB),
				   .mix = HTTP_MIX_METHODS | HTTP_MIX_POST | HTTP_MIX_POST_CHUNKED |
					  HTTP_MIX_HEAD | HTTP_MIX_CHUNKED,
				   .conns = 8,
				   .parallel = 8,
				   .requests = 200,
				   .think_us = 3000,
				   .down_max = 6000,
				   .up_max = 8000 };
}

static void
run(struct farm *farm, struct http_client *client)
{
	EXPECT(farm->world, world_run(farm->world, 600 * SEC, http_client_done, client),
	       "%llu of %llu right, no end", (unsigned long long)http_client_result(client)->right,
	       (unsigned long long)http_client_result(client)->requests);
}

/* Not one may fail: the client takes anything but a right 200 for the end of the story. */
void
story_box_kept_ends(struct world *world)
{
	struct http_plan plan = all_methods();
	struct http_client *client;
	struct executions *book;
	uint64_t replayed;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ .server_cable = { .delay_us = 1000 } });
	farm_wait_up(&farm);
	book = let_end(&farm, HTTP_END_ALL & ~(uint32_t)HTTP_END_LATER, 8000);
	client = http_client_new(farm.clients[0], &plan);
	run(&farm, client);
	replayed = box_counter(farm.box, COUNTER_http_requests_replayed);
	EXPECT(world, replayed > 50, "only %llu were sent again", (unsigned long long)replayed);
	EXPECT(world, executions_repeated(book) == 0, "%llu were begun twice",
	       (unsigned long long)executions_repeated(book));
	EXPECT(world, box_counter(farm.box, COUNTER_members_tried_again) == 0,
	       "a member is held to have failed");
	farm_settle(&farm);
}

void
story_box_kept_ends_loss(struct world *world)
{
	struct http_plan plan = all_methods();
	const struct http_client_result *result;
	struct http_client *client;
	struct farm farm;

	plan.may_fail = true;
	plan.conns = 60;
	plan.requests = 20;
	farm_make(&farm, world,
		  &(struct farm_setup){
		      .server_cable = { .delay_us = 1000, .fault = "loss=2%,reorder=2%,dir=both" },
		      .no_monitor = true });
	let_end(&farm, HTTP_END_ALL, 8000);
	for (unsigned i = 0; i < farm.server_count; i++) {
		http_server_manners(farm.web[i])->mid_request = true;
		http_server_manners(farm.web[i])->drops_ppm = 100000;
	}
	client = http_client_new(farm.clients[0], &plan);
	result = http_client_result(client);
	run(&farm, client);
	EXPECT(world, result->failed_bare == 0, "%llu failed that could be repeated",
	       (unsigned long long)result->failed_bare);
	EXPECT(world, result->right > 200, "only %llu right", (unsigned long long)result->right);
	farm_settle(&farm);
}

/* Both reach the box while it is busy, so that one turn sees both. */
void
story_box_kept_ends_at_once(struct world *world)
{
	static const enum http_server_end ways[] = { HTTP_END_FIN, HTTP_END_RESET, HTTP_END_408,
						     HTTP_END_HALF };
	static const uint32_t mixes[] = { 0, HTTP_MIX_POST | HTTP_MIX_METHODS };
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ .no_monitor = true });
	let_end(&farm, 0, 0);
	for (unsigned i = 0; i < 24; i++) {
		struct http_plan plan = { .to = farm_endpoint(FARM_VS_WEB),
					  .mix = mixes[i % 2],
					  .conns = 3,
					  .parallel = 3,
					  .requests = 2,
					  .think_us = 50000,
					  .up_max = 3000,
					  .down_max = 3000 };
		struct http_client *client = http_client_new(farm.clients[0], &plan);

		world_run(world, 45 * MS, NULL, NULL);
		EXPECT(world, http_client_result(client)->right == 3, "no first answers");
		world_stall(&farm.box->node, 30 * MS);
		world_run(world, rng_below(&world->rng, 10) * MS, NULL, NULL);
		for (unsigned m = 0; m < farm.server_count; m++)
			http_server_end_idle(farm.web[m], ways[i / 2 % 4]);
		run(&farm, client);
	}
	farm_settle(&farm);
}

static uint64_t
kept(const struct farm *farm)
{
	return box_counter(farm->box, COUNTER_http_server_conns_kept);
}

static uint32_t
servers_open(const struct farm *farm)
{
	uint32_t open = 0;

	for (unsigned i = 0; i < farm->server_count; i++)
		open += http_server_open(farm->web[i]);
	return open;
}

/* So many at the same time, each of one request. */
static void
ask_at_once(struct farm *farm, uint32_t conns)
{
	struct http_plan plan = { .to = farm_endpoint(FARM_VS_WEB),
				  .conns = conns,
				  .parallel = conns,
				  .down_min = 20000,
				  .down_max = 20000 };

	run(farm, http_client_new(farm->clients[0], &plan));
}

void
story_box_kept_limits(struct world *world)
{
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ .no_monitor = true });
	farm.spec.pools[FARM_WEB].keep_idle_max = 2;
	farm.spec.pools[FARM_WEB].keep_idle_timeout_ms = 2500;
	box_configure(farm.box, &farm.spec);
	ask_at_once(&farm, 30);
	EXPECT(world, kept(&farm) == 6, "%llu are kept", (unsigned long long)kept(&farm));
	world_run(world, 2400 * MS, NULL, NULL);
	EXPECT(world, kept(&farm) == 6, "%llu are left too early", (unsigned long long)kept(&farm));
	world_run(world, 200 * MS, NULL, NULL);
	EXPECT(world, kept(&farm) == 0 && servers_open(&farm) == 0, "%llu are kept too long",
	       (unsigned long long)kept(&farm));
	ask_at_once(&farm, 30);
	farm.spec.pools[FARM_WEB].keep_idle_max = 1;
	box_configure(farm.box, &farm.spec);
	world_run(world, 1100 * MS, NULL, NULL);
	EXPECT(world, kept(&farm) == 3, "%llu are kept of now one each",
	       (unsigned long long)kept(&farm));
	farm.spec.pools[FARM_WEB].keep_none = true;
	box_configure(farm.box, &farm.spec);
	ask_at_once(&farm, 30);
	EXPECT(world, kept(&farm) == 0, "%llu are kept though none should",
	       (unsigned long long)kept(&farm));
	farm_settle(&farm);
}

/* A limit that comes when more connections than that are kept: idle or not, they count. */
void
story_box_kept_new_limit(struct world *world)
{
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ .no_monitor = true });
	ask_at_once(&farm, 30);
	EXPECT(world, kept(&farm) == 30, "%llu are kept", (unsigned long long)kept(&farm));
	farm.spec.number++;
	for (uint32_t i = 0; i < farm.server_count; i++)
		farm.spec.members[i].connection_limit = 2;
	box_configure(farm.box, &farm.spec);
	world_run(world, 1100 * MS, NULL, NULL);
	for (uint32_t i = 0; i < farm.server_count; i++)
		EXPECT(world, http_server_open(farm.web[i]) == 2, "member %u has %u connections", i,
		       http_server_open(farm.web[i]));
	farm_settle(&farm);
}

void
story_box_kept_leaves(struct world *world)
{
	struct gen_spec less;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ .no_monitor = true });
	ask_at_once(&farm, 30);
	EXPECT(world, http_server_open(farm.web[0]) > 0 && servers_open(&farm) == kept(&farm),
	       "%llu are kept", (unsigned long long)kept(&farm));
	less = farm.spec;
	less.number++;
	less.pools[FARM_WEB].members--;
	less.member_count--;
	for (uint32_t i = 0; i < less.member_count; i++)
		less.members[i] = farm.spec.members[i + 1];
	box_configure(farm.box, &less);
	world_run(world, 1500 * MS, NULL, NULL);
	EXPECT(world, http_server_open(farm.web[0]) == 0, "%u connections to it are left",
	       http_server_open(farm.web[0]));
	EXPECT(world, servers_open(&farm) == kept(&farm) && kept(&farm) > 0,
	       "%u connections to the others are left", servers_open(&farm));
	farm_settle(&farm);
}

void
story_box_kept_drained(struct world *world)
{
	static const enum member_admin states[] = { MEMBER_DRAINED, MEMBER_DISABLED,
						    MEMBER_FORCED_DOWN };
	struct health_admin *admin;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ .no_monitor = true });
	admin = farm.box->views[0]->member_admin[0];
	for (unsigned i = 0; i < 3; i++) {
		ask_at_once(&farm, 30);
		EXPECT(world, http_server_open(farm.web[0]) > 0, "it has none");
		admin->state = (uint8_t)states[i];
		world_run(world, 1500 * MS, NULL, NULL);
		EXPECT(world, http_server_open(farm.web[0]) == 0, "%u are left",
		       http_server_open(farm.web[0]));
		EXPECT(world, kept(&farm) > 0, "those to the others are gone");
		admin->state = MEMBER_ENABLED;
		world_run(world, 1500 * MS, NULL, NULL);
	}
	farm_settle(&farm);
}

/* A session of type tcp takes no kept connection, so a fresh one has to be opened. */
void
story_box_kept_counts(struct world *world)
{
	struct http_plan plan = { .requests = 3 }, other = { .requests = 3 };
	struct http_client *client;
	struct farm farm;

	farm_make(&farm, world, &(struct farm_setup){ .no_monitor = true });
	for (unsigned i = 0; i < farm.server_count; i++)
		farm.spec.members[i].connection_limit = 1;
	farm.spec.servers[FARM_VS_STREAMS].pool = FARM_WEB;
	box_configure(farm.box, &farm.spec);
	plan.to = farm_endpoint(FARM_VS_WEB);
	run(&farm, http_client_new(farm.clients[0], &plan));
	EXPECT(world, kept(&farm) == 3, "%llu are kept", (unsigned long long)kept(&farm));
	other.to = farm_endpoint(FARM_VS_STREAMS);
	client = http_client_new(farm.clients[0], &other);
	run(&farm, client);
	EXPECT(world, http_client_result(client)->right == 3, "right: %llu",
	       (unsigned long long)http_client_result(client)->right);
	EXPECT(world,
	       kept(&farm) == 2 && box_counter(farm.box, COUNTER_http_server_conns_evicted) == 1,
	       "%llu are kept still", (unsigned long long)kept(&farm));
	farm_settle(&farm);
}
