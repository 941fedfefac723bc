/*
 * Stories of bad links. Content must be right and complete whatever the link does; how long that may take is part of
 * each story.
 */
#include "test/sim/stories.h"

/* Asks a peer that has said nothing for a minute, each ten seconds. */
static struct tcp_settings
keeping_alive(uint32_t probes)
{
	struct tcp_settings settings = host_tcp_settings();

	settings.profile.keep_alive_idle_ms = 60000;
	settings.profile.keep_alive_interval_ms = 10000;
	settings.profile.keep_alive_probes = probes;
	return settings;
}

/* A download, an upload and several of both at once over a link with these faults; over IPv6 only or over both families. */
static void
transfers_over(struct world *world, struct cable cable, uint64_t bytes, bool v6_only,
	       uint64_t within_us)
{
	struct stream_plan plans[] = {
		{ .down_bytes = bytes },
		{ .up_bytes = bytes },
		{ .up_bytes = bytes / 4, .down_bytes = bytes / 4, .conns = 6, .parallel = 6 },
		{ .up_bytes = bytes / 8, .flags = STREAM_ECHO, .conns = 2, .parallel = 2 },
	};
	struct duo duo;

	duo_make(&duo, world, &(struct duo_setup){ .cable = cable });
	for (unsigned i = 0; i < ARRAY_SIZE(plans); i++)
		duo_transfer_over(&duo, plans[i], v6_only || rng_below(&world->rng, 2), within_us);
	world_settle(world, 600 * SEC);
}

static void
transfers(struct world *world, struct cable cable, uint64_t bytes, uint64_t within_us)
{
	transfers_over(world, cable, bytes, false, within_us);
}

void
story_loss_1(struct world *world)
{
	transfers(
	    world,
	    (struct cable){ .delay_us = 5000, .rate_bps = 100000000, .fault = "loss=1%,dir=both" },
	    4 * MB, 60 * SEC);
}

void
story_loss_5(struct world *world)
{
	transfers(
	    world,
	    (struct cable){ .delay_us = 5000, .rate_bps = 100000000, .fault = "loss=5%,dir=both" },
	    2 * MB, 120 * SEC);
}

/* Here a handshake or the search for a neighbour may well fail; what is established may not. */
void
story_loss_20(struct world *world)
{
	struct stream_plan plan = { .up_bytes = 50 * KB,
				    .down_bytes = 50 * KB,
				    .conns = 12,
				    .parallel = 3,
				    .flags = STREAM_MAY_FAIL };
	const struct stream_result *result;
	struct stream_client *client;
	struct tcp_settings patient = host_tcp_settings();
	struct duo duo;

	patient.linger_us = 600 * SEC; /* what is queued at the end takes its time here */
	duo_make(&duo, world,
		 &(struct duo_setup){ .cable = { .delay_us = 5000, .fault = "loss=20%,dir=both" },
				      .tcp_b = patient });
	client = duo_start(&duo, plan, rng_below(&world->rng, 2));
	result = stream_result(client);
	EXPECT(world, world_run(world, 3600 * SEC, stream_done, client), "%u finished, %u failed",
	       result->finished, result->failed);
	EXPECT(world,
	       result->finished + result->failed_by[TCP_CLOSE_UNREACHABLE] == 12 &&
		   result->finished >= 6,
	       "%u finished, %u unreachable", result->finished,
	       result->failed_by[TCP_CLOSE_UNREACHABLE]);
	world_settle(world, 600 * SEC);
}

void
story_loss_burst(struct world *world)
{
	transfers(world,
		  (struct cable){
		      .delay_us = 5000, .rate_bps = 100000000, .fault = "burst=0.5%:30%,dir=both" },
		  2 * MB, 120 * SEC);
}

void
story_loss_reorder(struct world *world)
{
	transfers(world,
		  (struct cable){ .delay_us = 1000,
				  .rate_bps = 100000000,
				  .fault = "reorder=5%,delay=5ms,dir=both" },
		  4 * MB, 60 * SEC);
}

void
story_loss_duplicate(struct world *world)
{
	transfers(world,
		  (struct cable){
		      .delay_us = 1000, .rate_bps = 100000000, .fault = "duplicate=10%,dir=both" },
		  4 * MB, 60 * SEC);
}

/* Over IPv6 only: ARP has no checksum, and the one of Ethernet, which protects it, does not exist here. */
void
story_loss_corrupt(struct world *world)
{
	transfers_over(world,
		       (struct cable){ .delay_us = 1000,
				       .rate_bps = 100000000,
				       .fault = "corrupt=1%,dir=both" },
		       2 * MB, true, 120 * SEC);
}

void
story_loss_all_at_once(struct world *world)
{
	struct cable cable = {
		.delay_us = 2000,
		.rate_bps = 50000000,
		.queue_frames = 100,
		.fault =
		    "loss=1%,duplicate=1%,reorder=1%,corrupt=0.2%,delay=3ms,jitter=2ms,dir=both"
	};

	transfers_over(world, cable, MB, true, 240 * SEC);
}

void
story_loss_syn(struct world *world)
{
	struct duo duo;
	struct stream_client *client;
	const struct stream_result *result;

	duo_make(&duo, world,
		 &(struct duo_setup){ .cable = { .fault = "loss=25%,dir=both" },
				      .tcp_a = keeping_alive(10),
				      .tcp_b = keeping_alive(10) });
	client = duo_start(&duo,
			   (struct stream_plan){ .up_bytes = 1,
						 .down_bytes = 1,
						 .conns = 60,
						 .parallel = 12,
						 .gap_us = 500 * MS,
						 .flags = STREAM_MAY_FAIL },
			   false);
	result = stream_result(client);
	EXPECT(world, world_run(world, 3600 * SEC, stream_done, client), "%u finished, %u failed",
	       result->finished, result->failed);
	EXPECT(world,
	       result->finished + result->failed_by[TCP_CLOSE_UNREACHABLE] >= 58 &&
		   result->finished >= 36, /* ARP has three tries for a dozen of them */
	       "%u finished, %u unreachable, %u timed out", result->finished,
	       result->failed_by[TCP_CLOSE_UNREACHABLE], result->failed_by[TCP_CLOSE_TIMEOUT]);
	world_settle(world, 600 * SEC);
}

void
story_loss_fin(struct world *world)
{
	struct duo duo;

	duo_make(
	    &duo, world,
	    &(struct duo_setup){ .cable = { .delay_us = 1000, .fault = "loss=30%,dir=both" } });
	duo_transfer(
	    &duo,
	    (struct stream_plan){ .up_bytes = 100, .down_bytes = 100, .conns = 40, .parallel = 10 },
	    1200 * SEC);
	duo_transfer(
	    &duo,
	    (struct stream_plan){
		.up_bytes = 100, .conns = 20, .parallel = 10, .flags = STREAM_SERVER_FIRST },
	    1200 * SEC);
	duo_transfer(
	    &duo,
	    (struct stream_plan){
		.down_bytes = 100, .conns = 20, .parallel = 10, .flags = STREAM_CLIENT_FIRST },
	    1200 * SEC);
	world_settle(world, 600 * SEC);
}

void
story_loss_arp(struct world *world)
{
	struct stream_plan plan = { .up_bytes = 1,
				    .conns = 15,
				    .parallel = 15,
				    .gap_us = 200 * SEC,
				    .flags = STREAM_MAY_FAIL };
	struct tcp_settings watchful = keeping_alive(30);
	struct stream_client *v4, *v6;
	struct duo duo;

	/* A FIN that nobody answers for a minute ends by RST; when that is lost too, the peer asks. */
	duo_make(&duo, world,
		 &(struct duo_setup){ .cable = { .fault = "loss=50%,dir=both" },
				      .tcp_a = watchful,
				      .tcp_b = watchful });
	v4 = duo_start(&duo, plan, false);
	v6 = duo_start(&duo, plan, true);
	EXPECT(world, world_run(world, 7200 * SEC, stream_done, v4), "IPv4: %u done",
	       stream_result(v4)->finished);
	EXPECT(world, world_run(world, 7200 * SEC, stream_done, v6), "IPv6: %u done",
	       stream_result(v6)->finished);
	EXPECT(world, stream_result(v4)->finished >= 2 && stream_result(v6)->finished >= 2,
	       "IPv4 %u, IPv6 %u of 15", stream_result(v4)->finished, stream_result(v6)->finished);
	world_settle(world, 1200 * SEC);
}

void
story_loss_outage(struct world *world)
{
	struct duo duo;
	struct stream_client *client;
	static const uint32_t outages_ms[] = { 100, 1000, 3000, 10000 };

	duo_make(&duo, world,
		 &(struct duo_setup){ .cable = { .delay_us = 10000, .rate_bps = 10000000 } });
	client = duo_start(&duo, (struct stream_plan){ .up_bytes = 8 * MB, .down_bytes = 8 * MB },
			   false);
	for (unsigned i = 0; i < ARRAY_SIZE(outages_ms); i++) {
		world_run(world, 500 * MS, NULL, NULL);
		port_sim_link_set(duo.a->port, false);
		world_run(world, outages_ms[i] * MS, NULL, NULL);
		port_sim_link_set(duo.a->port, true);
	}
	EXPECT(world, world_run(world, 120 * SEC, stream_done, client), "%llu bytes down",
	       (unsigned long long)stream_result(client)->bytes_down);
	EXPECT(world, stream_result(client)->finished == 1, "broken");
	world_settle(world, 60 * SEC);
}
