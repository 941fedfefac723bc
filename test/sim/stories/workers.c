/*
 * Stories of a box with several workers: who gets a frame is left to chance, whose flow it is is not. That no worker
 * handles another's segments dataplane/path.c sees to.
 */
#include "test/sim/stories.h"

#include "dataplane/handoff.h"
#include "test/sim/raw.h"
#include "test/sim/switch.h"

/* HTTP and streams, over both families at once. */
struct traffic {
	struct farm farm;
	struct http_client *http[2];
	struct stream_client *streams[2];
};

static void
make(struct traffic *t, struct world *world, uint32_t workers, struct farm_setup setup)
{
	setup.clients = 2;
	setup.box.workers = workers;
	farm_make(&t->farm, world, &setup);
	if (!setup.no_monitor)
		farm_wait_up(&t->farm);
}

static void
start(struct traffic *t, struct http_plan http, struct stream_plan stream)
{
	static const enum farm_vs web[] = { FARM_VS_WEB, FARM_VS_WEB6 },
				  streams[] = { FARM_VS_STREAMS, FARM_VS_STREAMS6 };

	for (unsigned i = 0; i < 2; i++) {
		http.to = farm_endpoint(web[i]);
		stream.to = farm_endpoint(streams[i]);
		t->http[i] = http_client_new(t->farm.clients[i], &http);
		t->streams[i] = stream_client_new(t->farm.clients[i], &stream);
	}
}

static bool
all_done(void *arg)
{
	struct traffic *t = arg;

	for (unsigned i = 0; i < 2; i++)
		if (!http_client_done(t->http[i]) || !stream_done(t->streams[i]))
			return false;
	return true;
}

static void
finish(struct traffic *t)
{
	struct world *world = t->farm.world;

	EXPECT(world, world_run(world, 300 * SEC, all_done, t), "no end");
	for (unsigned i = 0; i < 2; i++) {
		const struct http_client_result *http = http_client_result(t->http[i]);
		const struct stream_result *streams = stream_result(t->streams[i]);

		EXPECT(world, http->right == http->requests, "%llu of %llu requests right",
		       (unsigned long long)http->right, (unsigned long long)http->requests);
		EXPECT(world, streams->finished == streams->started, "%u of %u streams",
		       streams->finished, streams->started);
	}
}

/* Each worker has had clients. */
static void
expect_all_used(const struct traffic *t)
{
	const struct box *box = t->farm.box;

	for (uint32_t w = 0; w < box->worker_count; w++)
		EXPECT(t->farm.world, box->stats->worker[w].vs[FARM_VS_WEB][VS_COUNTER_conns_total],
		       "worker %u had no client", w);
}

static const struct http_plan requests = { .mix = HTTP_MIX_POST | HTTP_MIX_CHUNKED,
					   .conns = 16,
					   .parallel = 8,
					   .requests = 4,
					   .down_max = 10000,
					   .up_max = 5000 };
static const struct stream_plan streams = {
	.up_bytes = 20 * KB, .down_bytes = 20 * KB, .conns = 6, .parallel = 3
};

static void
play(struct world *world, uint32_t workers, struct farm_setup setup)
{
	struct traffic t;
	uint64_t given;

	make(&t, world, workers, setup);
	start(&t, requests, streams);
	finish(&t);
	expect_all_used(&t);
	given = box_counter(t.farm.box, COUNTER_handoffs_given);
	EXPECT(world, given > 100, "only %llu hand-offs", (unsigned long long)given);
	EXPECT(world, box_counter(t.farm.box, COUNTER_resolutions_asked) > 0,
	       "nobody has asked for a neighbour");
	farm_settle(&t.farm);
	EXPECT(world,
	       box_counter(t.farm.box, COUNTER_handoffs_taken) ==
		   box_counter(t.farm.box, COUNTER_handoffs_given),
	       "some were given and not taken");
}

void
story_workers_2(struct world *world)
{
	play(world, 2, (struct farm_setup){ 0 });
}

void
story_workers_4(struct world *world)
{
	play(world, 4, (struct farm_setup){ 0 });
}

void
story_workers_rss(struct world *world)
{
	struct port_sim_claims claims = { .offloads = PORT_OFFLOAD_RSS_HASH, .queues = 2 };
	struct traffic t;

	make(&t, world, 2, (struct farm_setup){ .box.claims = { claims, claims } });
	start(&t, requests, streams);
	finish(&t);
	expect_all_used(&t);
	farm_settle(&t.farm);
	EXPECT(world, box_counter(t.farm.box, COUNTER_handoffs_given) == 0, "%llu hand-offs",
	       (unsigned long long)box_counter(t.farm.box, COUNTER_handoffs_given));
}

/* A card whose hash is not what it says costs a way more, and nothing else. */
void
story_workers_hash_wrong(struct world *world)
{
	struct port_sim_claims claims = { .offloads = PORT_OFFLOAD_RSS_HASH,
					  .queues = 3,
					  .hashes_wrong = true };

	play(world, 3, (struct farm_setup){ .box.claims = { claims, claims } });
}

void
story_workers_loss(struct world *world)
{
	play(world, 3,
	     (struct farm_setup){ .client_cable = { .fault = "loss=3%,reorder=3%,dir=both" },
				  .server_cable = { .fault = "loss=2%,dir=both" },
				  .no_monitor = true });
}

/* More than a ring holds comes for a worker that is busy elsewhere; who asks then gets his answer all the same. */
void
story_workers_ring_full(struct world *world)
{
	struct world_link link = { .sim = {
				       .delay_us = 10, .queue_frames = 8000, .mtu_bytes = 1500 } };
	struct addr to = farm_endpoint(FARM_VS_WEB).addr;
	struct port *end, *other;
	struct port_info info;
	struct traffic t;
	struct raw *raw;

	make(&t, world, 2, (struct farm_setup){ .client_cable = { .queue_frames = 8000 } });
	world_link(world, "raw", "sw-raw", &link, &end, &other);
	switch_attach(t.farm.client_switch, other);
	port_info(t.farm.box->ports[0], &info);
	raw = raw_new(world, "raw", end, "10.0.0.50", "fd00::50", info.mac);
	box_rest(t.farm.box, 1, 100 * MS);
	start(&t, requests, streams);
	for (unsigned i = 0; i < 3000; i++) {
		struct segment segment = { .src_port = (uint16_t)(1024 + i),
					   .dst_port = 80,
					   .flags = SEG_ACK };
		struct frame f;

		frame_tcp(raw, &f, &to, &segment);
		raw_send(raw, &f);
		if (i % 32 == 0)
			world_run(world, 100, NULL, NULL);
	}
	finish(&t);
	EXPECT(world, box_dropped(t.farm.box, DROP_handoff_full) > 100, "only %llu dropped",
	       (unsigned long long)box_dropped(t.farm.box, DROP_handoff_full));
	farm_settle(&t.farm);
}

void
story_workers_member_down(struct world *world)
{
	struct http_plan plan = requests;
	struct traffic t;

	plan.requests = 40;
	plan.think_us = 50 * MS;
	plan.mix = 0;
	make(&t, world, 4, (struct farm_setup){ 0 });
	start(&t, plan, (struct stream_plan){ .conns = 1 });
	world_run(world, 300 * MS, NULL, NULL);
	http_server_listen(t.farm.web[0], false);
	http_server_manners(t.farm.web[0])->close_after = 1;
	world_run(world, 3 * SEC, NULL, NULL);
	EXPECT(world, box_health(t.farm.box, 0) == HEALTH_DOWN, "not found down");
	http_server_manners(t.farm.web[0])->close_after = 0;
	http_server_listen(t.farm.web[0], true);
	finish(&t);
	world_run(world, 3 * SEC, NULL, NULL);
	EXPECT(world, box_health(t.farm.box, 0) == HEALTH_UP, "not found up again");
	farm_settle(&t.farm);
}

void
story_workers_commits(struct world *world)
{
	struct http_plan plan = requests;
	struct traffic t;

	plan.requests = 20;
	plan.think_us = 20 * MS;
	make(&t, world, 4, (struct farm_setup){ 0 });
	start(&t, plan, streams);
	for (unsigned i = 0; i < 10; i++) {
		t.farm.spec.number++;
		/* limits come and go, so that connections are counted and no more */
		for (uint32_t m = 0; m < t.farm.spec.member_count; m++)
			t.farm.spec.members[m].connection_limit = i % 2 ? 100 : 0;
		box_configure(t.farm.box, &t.farm.spec);
		world_run(world, 40 * MS, NULL, NULL);
	}
	finish(&t);
	EXPECT(world, box_counter(t.farm.box, COUNTER_config_adoptions) == 4 * 10, "%llu adoptions",
	       (unsigned long long)box_counter(t.farm.box, COUNTER_config_adoptions));
	farm_settle(&t.farm);
}

/* One member for four workers: never more connections than its limit, and all of them are used. */
void
story_workers_limit(struct world *world)
{
	static const uint32_t limit = 5;
	struct http_plan plan = { .to = farm_endpoint(FARM_VS_WEB),
				  .conns = 60,
				  .parallel = 20,
				  .requests = 4,
				  .down_min = 8000,
				  .down_max = 8000,
				  .think_us = 2000,
				  .may_fail = true };
	const struct http_client_result *result;
	struct http_client *client;
	uint32_t most = 0;
	struct farm farm;

	farm_make(&farm, world,
		  &(struct farm_setup){ .box.workers = 4, .servers = 1, .no_monitor = true });
	farm.spec.number++;
	farm.spec.members[0].connection_limit = limit;
	box_configure(farm.box, &farm.spec);
	world_run(world, 200 * MS, NULL, NULL);
	http_server_manners(farm.web[0])->write =
	    (struct stream_pace){ .bytes = 2000, .every_us = 2000 };
	client = http_client_new(farm.clients[0], &plan);
	result = http_client_result(client);
	while (!world_run(world, 300, http_client_done, client)) {
		uint32_t open = http_server_open(farm.web[0]);

		EXPECT(world, open <= limit, "the member has %u connections", open);
		most = open > most ? open : most;
		EXPECT(world, result->conns_ended < 60, "no end");
	}
	EXPECT(world, most == limit, "the limit is not used up: %u", most);
	EXPECT(world, result->right > 0 && result->status[5] > 0, "%llu right, %llu refused",
	       (unsigned long long)result->right, (unsigned long long)result->status[5]);
	EXPECT(world, result->right + result->status[5] == result->requests, "broken ones");
	farm_settle(&farm);
}

/* As many clients as a member takes: whichever workers they come to, and whoever keeps idle connections, each is served. */
void
story_workers_kept_gives_way(struct world *world)
{
	struct http_plan plan = { .conns = 40, .parallel = 2, .requests = 1, .gap_us = 3000 };
	const struct http_client_result *result;
	struct http_client *client;
	struct farm farm;

	farm_make(&farm, world,
		  &(struct farm_setup){ .box.workers = 4, .servers = 1, .no_monitor = true });
	farm.spec.number++;
	farm.spec.members[0].connection_limit = 2;
	box_configure(farm.box, &farm.spec);
	world_run(world, 200 * MS, NULL, NULL);
	plan.to = farm_endpoint(FARM_VS_WEB);
	client = http_client_new(farm.clients[0], &plan);
	result = http_client_result(client);
	EXPECT(world, world_run(world, 60 * SEC, http_client_done, client), "no end");
	EXPECT(world, result->right == 40, "%llu right", (unsigned long long)result->right);
	EXPECT(world, box_counter(farm.box, COUNTER_member_places_asked) > 5,
	       "hardly anybody was asked to give way");
	EXPECT(world,
	       box_counter(farm.box, COUNTER_http_server_conns_evicted) <=
		   box_counter(farm.box, COUNTER_member_places_asked),
	       "more gave way than were asked");
	farm_settle(&farm);
}

/* What becomes of all workers' connections goes to the one that has the member's health. */
void
story_workers_passive(struct world *world)
{
	struct http_plan plan = {
		.conns = 4, .parallel = 4, .requests = 200, .think_us = 10000, .mix = HTTP_MIX_CLOSE
	};
	const struct health_entry *entry;
	struct http_client *client;
	struct farm farm;
	uint64_t failed;

	farm_make(&farm, world, &(struct farm_setup){ .box.workers = 4, .no_monitor = true });
	farm.spec.number++;
	farm.spec.pools[FARM_WEB].passive_fall = 5;
	farm.spec.pools[FARM_WEB].passive_retry_ms = 60000;
	farm.spec.pools[FARM_WEB].keep_none = true;
	box_configure(farm.box, &farm.spec);
	plan.to = farm_endpoint(FARM_VS_WEB);
	client = http_client_new(farm.clients[0], &plan);
	world_run(world, 300 * MS, NULL, NULL);
	for (unsigned i = 0; i < farm.server_count; i++) {
		entry = box_health_entry(farm.box, i);
		EXPECT(world, entry->transitions == 0 && entry->passive_failures == 0,
		       "member %u, which is well", i);
	}
	http_server_listen(farm.web[1], false);
	world_run(world, SEC, NULL, NULL);
	entry = box_health_entry(farm.box, 1);
	failed = box_member(farm.box, 1, MEMBER_COUNTER_conns_failed);
	EXPECT(world, entry->state == HEALTH_DOWN && entry->transitions == 1, "not taken out");
	EXPECT(world, failed >= 5 && failed < 10, "%llu failed", (unsigned long long)failed);
	http_server_listen(farm.web[1], true);
	EXPECT(world, world_run(world, 60 * SEC, http_client_done, client), "no end");
	EXPECT(world, http_client_result(client)->right == 800, "%llu right",
	       (unsigned long long)http_client_result(client)->right);
	EXPECT(world, box_counter(farm.box, COUNTER_notes_lost) == 0, "notes were lost");
	farm_settle(&farm);
}

/* As many as may wait for a worker, which mean nothing to it. */
static void
fill_with_notes(struct box *box, uint32_t to)
{
	const struct handoff_note note = { .kind = NOTE_RELEASE_KEPT, .index = LIMIT_MEMBERS - 1 };

	for (uint32_t from = 0; from < box->worker_count; from++)
		while (from != to && handoff_tell(box->handoff, from, to, &note))
			;
}

/*
 * Workers share a member that takes one connection, and ask each other for its place; one after the other is busy elsewhere
 * with its rings full, so questions are lost. They are asked again, and nobody is refused.
 */
void
story_workers_notes_lost(struct world *world)
{
	struct http_plan plan = { .conns = 200, .requests = 1, .gap_us = 3000 };
	struct http_client *client;
	struct farm farm;

	farm_make(&farm, world,
		  &(struct farm_setup){ .box.workers = 4, .servers = 1, .no_monitor = true });
	farm.spec.number++;
	farm.spec.members[0].connection_limit = 1;
	box_configure(farm.box, &farm.spec);
	world_run(world, 200 * MS, NULL, NULL);
	plan.to = farm_endpoint(FARM_VS_WEB);
	client = http_client_new(farm.clients[0], &plan);
	for (unsigned i = 0; i < 500 && !http_client_done(client); i++) {
		fill_with_notes(farm.box, i % 4);
		box_rest(farm.box, i % 4, 15 * MS);
		world_run(world, 20 * MS, http_client_done, client);
	}
	EXPECT(world, http_client_result(client)->right == 200, "%llu right",
	       (unsigned long long)http_client_result(client)->right);
	EXPECT(world, box_counter(farm.box, COUNTER_notes_lost) > 0, "no note was lost");
	EXPECT(world, box_counter(farm.box, COUNTER_members_at_limit) == 0, "some were refused");
	farm_settle(&farm);
}
