/*
 * Stories of many times the load that can be served: what is served is nearly as much as at best, what is refused is counted
 * by its reason and the clients know it, and memory stays within bounds. In virtual time the worker's own speed is no limit:
 * members are, or a pool of the box. How a worker that has no time left behaves is shown by `make bench-overload`.
 */
#include "test/sim/stories.h"

#define SERVERS     3u
#define AT_ONCE     6u /* requests that can be served at the same time */
#define CONNS       48u
#define TIMES       10u
#define ANSWER_US   20000u
#define MEASURE_US  (3 * SEC)
#define SETTLE_US   (SEC / 2)
#define GOODPUT_MIN 90u /* percent of the best */

/* What one second brought. */
struct rate {
	uint64_t asked, right, turned_away;
};

/* An answer takes members answer_us and a little. */
static void
make(struct farm *farm, struct world *world, struct box_config box, uint32_t answer_us)
{
	struct farm_setup setup = {
		.clients = 2, .servers = SERVERS, .box = box, .tcp_clients = host_tcp_settings()
	};

	setup.tcp_clients.conns = 4096;
	setup.tcp_clients.time_wait_us = 100 * MS;
	farm_make(farm, world, &setup);
	farm_wait_up(farm);
	for (uint32_t i = 0; i < SERVERS; i++)
		http_server_manners(farm->web[i])->write =
		    (struct stream_pace){ .bytes = 1000, .every_us = answer_us };
}

static struct rate
count(const struct http_client_result *result)
{
	return (struct rate){ .asked = result->conns_started,
			      .right = result->right,
			      .turned_away = result->status[5] + result->broken + result->refused };
}

/* What the client has done in MEASURE_US, once it is under way. No more sessions than at_once use members. */
static struct rate
measure(struct farm *farm, const struct http_client *client, uint32_t at_once)
{
	struct rate before, after;
	uint64_t end_us;

	world_run(farm->world, SETTLE_US, NULL, NULL);
	before = count(http_client_result(client));
	end_us = farm->world->now_us + MEASURE_US;
	while (farm->world->now_us < end_us) {
		uint64_t open = 0;

		world_run(farm->world, min_u64(MS, end_us - farm->world->now_us), NULL, NULL);
		for (uint32_t i = 0; i < SERVERS; i++)
			open += box_member(farm->box, i, MEMBER_COUNTER_sessions_open);
		EXPECT(farm->world, open <= at_once, "%llu sessions use members",
		       (unsigned long long)open);
	}
	after = count(http_client_result(client));
	return (struct rate){ after.asked - before.asked, after.right - before.right,
			      after.turned_away - before.turned_away };
}

static void
finish(struct farm *farm, struct http_client *client)
{
	http_client_stop(client);
	EXPECT(farm->world, world_run(farm->world, 1200 * SEC, http_client_done, client),
	       "the client does not end");
}

static struct http_plan
plan_of(uint32_t conns, uint32_t parallel)
{
	return (struct http_plan){ .to = farm_endpoint(FARM_VS_WEB),
				   .conns = conns,
				   .parallel = parallel,
				   .down_min = 1800,
				   .down_max = 1800,
				   .may_fail = true };
}

/* As many at the same time as can be served, one after the other. */
static struct rate
best(struct farm *farm, uint32_t at_once)
{
	struct http_plan plan = plan_of(1000000, at_once);
	struct http_client *client = http_client_new(farm->clients[0], &plan);
	struct rate rate = measure(farm, client, at_once);

	finish(farm, client);
	EXPECT(farm->world, rate.right > 3 * at_once && rate.turned_away == 0,
	       "%llu served, %llu turned away", (unsigned long long)rate.right,
	       (unsigned long long)rate.turned_away);
	return rate;
}

/* New connections with a request each, TIMES as many a second as are served at best, whatever becomes of those before. */
static struct rate
overload(struct farm *farm, uint32_t at_once, const struct rate *most,
	 struct http_client_result *all)
{
	struct http_plan plan = plan_of(1000000, 4000);
	struct http_client *client;
	struct rate rate;

	plan.gap_us = MEASURE_US / (TIMES * most->right + TIMES);
	client = http_client_new(farm->clients[1], &plan);
	rate = measure(farm, client, at_once);
	finish(farm, client);
	*all = *http_client_result(client);
	EXPECT(farm->world, rate.asked >= TIMES * most->right, "%llu asked, %llu served at best",
	       (unsigned long long)rate.asked, (unsigned long long)most->right);
	EXPECT(farm->world, 100 * rate.right >= GOODPUT_MIN * most->right,
	       "%llu served, %llu at best, %llu turned away", (unsigned long long)rate.right,
	       (unsigned long long)most->right, (unsigned long long)rate.turned_away);
	EXPECT(farm->world,
	       all->right + all->status[5] + all->broken + all->refused == all->conns_started,
	       "%llu right, %llu with 5xx, %llu broken, %llu refused of %u",
	       (unsigned long long)all->right, (unsigned long long)all->status[5],
	       (unsigned long long)all->broken, (unsigned long long)all->refused,
	       all->conns_started);
	return rate;
}

/* Members have limits: what is beyond them is answered with 503. */
void
story_overload_members(struct world *world)
{
	struct http_client_result all;
	struct farm farm;
	struct rate most;
	uint64_t before;

	make(&farm, world, (struct box_config){ 0 }, ANSWER_US);
	for (uint32_t i = 0; i < SERVERS; i++)
		farm.spec.members[i].connection_limit = AT_ONCE / SERVERS;
	farm.spec.number++;
	box_configure(farm.box, &farm.spec);
	world_run(world, 10 * MS, NULL, NULL);
	most = best(&farm, AT_ONCE);
	before = box_counter(farm.box, COUNTER_members_at_limit);
	overload(&farm, AT_ONCE, &most, &all);
	EXPECT(world, box_counter(farm.box, COUNTER_members_at_limit) - before == all.status[5],
	       "%llu counted, %llu answered with 5xx",
	       (unsigned long long)(box_counter(farm.box, COUNTER_members_at_limit) - before),
	       (unsigned long long)all.status[5]);
	EXPECT(world, all.broken == 0 && all.refused == 0, "%llu broken, %llu refused",
	       (unsigned long long)all.broken, (unsigned long long)all.refused);
	EXPECT(world, farm.box->mbufs_used_max < 1000, "%u packet buffers",
	       farm.box->mbufs_used_max);
	farm_settle(&farm);
}

/* The box has no more sessions. */
void
story_overload_sessions(struct world *world)
{
	struct http_client_result all;
	struct farm farm;
	struct rate most;
	uint64_t before, turned_away;

	make(&farm, world, (struct box_config){ .workers = 1, .sessions = AT_ONCE }, ANSWER_US);
	most = best(&farm, AT_ONCE);
	before = box_counter(farm.box, COUNTER_session_pool_empty);
	overload(&farm, AT_ONCE, &most, &all);
	turned_away = all.status[5] + all.broken + all.refused;
	EXPECT(world, box_counter(farm.box, COUNTER_session_pool_empty) - before == turned_away,
	       "%llu counted, %llu turned away",
	       (unsigned long long)(box_counter(farm.box, COUNTER_session_pool_empty) - before),
	       (unsigned long long)turned_away);
	EXPECT(world, farm.box->mbufs_used_max < 1000, "%u packet buffers",
	       farm.box->mbufs_used_max);
	farm_settle(&farm);
}

/*
 * The box has no more connections: SYNs are dropped and come again, or give up. Of CONNS, one is each client's, one its
 * member's, and some are the monitor's.
 */
void
story_overload_conns(struct world *world)
{
	struct http_client_result all;
	struct box_config box = { .workers = 1, .tcp = box_tcp_settings() };
	uint32_t at_once = (CONNS - SERVERS) / 2;
	struct farm farm;
	struct rate most;
	uint64_t before;

	box.tcp.conns = CONNS;
	make(&farm, world, box, 20 * ANSWER_US);
	most = best(&farm, at_once);
	before = box_dropped(farm.box, DROP_tcp_conn_table_full);
	overload(&farm, CONNS, &most, &all);
	EXPECT(world, box_dropped(farm.box, DROP_tcp_conn_table_full) > before + all.refused,
	       "%llu SYNs dropped, %llu gave up",
	       (unsigned long long)(box_dropped(farm.box, DROP_tcp_conn_table_full) - before),
	       (unsigned long long)all.refused);
	farm_settle(&farm);
}
