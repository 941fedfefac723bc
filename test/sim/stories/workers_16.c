/*
 * As many workers as there may be, in a box whose ports spread flows as we do: nothing is handed over, and each writes to
 * nothing but its own (test/sim/fence.h).
 */
#include "test/sim/stories.h"

#include "test/sim/fence.h"

#define CLIENTS      4u
#define FENCED_TURNS 2000u
#define SOME_OF_MANY 100u

struct crowd {
	struct farm farm;
	struct fence *fence;
	struct http_client *http[CLIENTS];
	struct stream_client *streams[CLIENTS];
};

static void make(struct crowd *crowd, struct world *world);
static void expect_refusals(struct crowd *crowd);
static void start(struct crowd *crowd);
static bool all_done(void *arg);
static void expect_right(const struct crowd *crowd);
static void expect_alone(const struct crowd *crowd);

void
story_workers_16(struct world *world)
{
	struct crowd crowd;

	make(&crowd, world);
	farm_wait_up(&crowd.farm);
	expect_refusals(&crowd);
	start(&crowd);
	world_run(world, 30 * MS, NULL, NULL);
	crowd.farm.spec.number++; /* a commit under way is no exception */
	box_configure(crowd.farm.box, &crowd.farm.spec);
	EXPECT(world, world_run(world, 300 * SEC, all_done, &crowd), "no end");
	expect_right(&crowd);
	expect_alone(&crowd);
	fence_end(crowd.fence);
	farm_settle(&crowd.farm);
	EXPECT(world, box_counter(crowd.farm.box, COUNTER_handoffs_given) == 0, "%llu hand-offs",
	       (unsigned long long)box_counter(crowd.farm.box, COUNTER_handoffs_given));
}

static void
make(struct crowd *crowd, struct world *world)
{
	struct port_sim_claims claims = { .offloads = PORT_OFFLOAD_RSS_HASH,
					  .queues = LIMIT_WORKERS };
	struct farm_setup setup = { .clients = CLIENTS,
				    .box = { .workers = LIMIT_WORKERS,
					     .claims = { claims, claims } } };

	farm_make(&crowd->farm, world, &setup);
	crowd->fence = fence_new(crowd->farm.box);
}

/* The fence holds: what must not be written to can't be, and what may be can. */
static void
expect_refusals(struct crowd *crowd)
{
	struct box *box = crowd->farm.box;
	struct world *world = crowd->farm.world;
	struct stats_worker *column = box->stats->worker;
	struct config_view *view = box->views[box->view_count - 1];

	for (uint32_t w = 0; w < box->worker_count; w++) {
		uint32_t other = (w + 1) % box->worker_count;

		EXPECT(world, !fence_refuses(crowd->fence, w, box->workers[w]), "its own arena");
		EXPECT(world, fence_refuses(crowd->fence, w, box->workers[other]), "an arena");
		EXPECT(world, !fence_refuses(crowd->fence, w, &column[w].counter[0]),
		       "its own column");
		EXPECT(world, fence_refuses(crowd->fence, w, &column[other].counter[0]),
		       "a column");
		EXPECT(world, fence_refuses(crowd->fence, w, view->lb[other]), "a balancer");
		EXPECT(world, fence_refuses(crowd->fence, w, box->places), "places");
		EXPECT(world, fence_refuses(crowd->fence, w, box->neighbours) == (w != 0),
		       "the neighbours");
		EXPECT(world, !fence_refuses(crowd->fence, w, &view->refs[w]),
		       "its own references");
		EXPECT(world, fence_refuses(crowd->fence, other, &view->refs[w]), "references");
	}
}

static void
start(struct crowd *crowd)
{
	static const enum farm_vs web[] = { FARM_VS_WEB, FARM_VS_WEB6 },
				  streams[] = { FARM_VS_STREAMS, FARM_VS_STREAMS6 };
	struct http_plan http = { .mix = HTTP_MIX_POST | HTTP_MIX_CHUNKED,
				  .conns = 80,
				  .parallel = 20,
				  .requests = 4,
				  .down_max = 10000,
				  .up_max = 5000 };
	struct stream_plan stream = {
		.up_bytes = 20 * KB, .down_bytes = 20 * KB, .conns = 8, .parallel = 4
	};

	for (unsigned i = 0; i < CLIENTS; i++) {
		http.to = farm_endpoint(web[i == CLIENTS - 1]);
		stream.to = farm_endpoint(streams[i % 2]);
		crowd->http[i] = http_client_new(crowd->farm.clients[i], &http);
		crowd->streams[i] = stream_client_new(crowd->farm.clients[i], &stream);
	}
}

static bool
all_done(void *arg)
{
	const struct crowd *crowd = arg;

	for (unsigned i = 0; i < CLIENTS; i++)
		if (!http_client_done(crowd->http[i]) || !stream_done(crowd->streams[i]))
			return false;
	return true;
}

static void
expect_right(const struct crowd *crowd)
{
	struct world *world = crowd->farm.world;

	for (unsigned i = 0; i < CLIENTS; i++) {
		const struct http_client_result *http = http_client_result(crowd->http[i]);
		const struct stream_result *streams = stream_result(crowd->streams[i]);

		EXPECT(world, http->right == http->requests, "%llu of %llu requests right",
		       (unsigned long long)http->right, (unsigned long long)http->requests);
		EXPECT(world, streams->finished == streams->started, "%u of %u streams",
		       streams->finished, streams->started);
	}
}

/* Each has had its share, and nobody else's. */
static void
expect_alone(const struct crowd *crowd)
{
	struct world *world = crowd->farm.world;
	const struct box *box = crowd->farm.box;
	struct fence_counts counts = fence_counts(crowd->fence);

	for (uint32_t w = 0; w < box->worker_count; w++)
		EXPECT(world, box->stats->worker[w].vs[FARM_VS_WEB][VS_COUNTER_conns_total] > 0,
		       "worker %u had no client", w);
	EXPECT(world, counts.turns > FENCED_TURNS, "%llu turns", (unsigned long long)counts.turns);
	EXPECT(world, counts.words > SOME_OF_MANY, "%llu shared words were written to",
	       (unsigned long long)counts.words);
	EXPECT(world, counts.lines_shared == 0, "%llu cache lines have several writers",
	       (unsigned long long)counts.lines_shared);
	EXPECT(world, counts.buffers_resolved <= box_counter(box, COUNTER_resolutions_asked),
	       "%llu packet buffers changed hands", (unsigned long long)counts.buffers_resolved);
	EXPECT(world, counts.buffers_taken > FENCED_TURNS && counts.buffers_seen > FENCED_TURNS,
	       "%llu packet buffers taken, %llu looked at",
	       (unsigned long long)counts.buffers_taken, (unsigned long long)counts.buffers_seen);
}
