/*
 * Stories without faults: whatever fails here is plainly broken.
 */
#include "test/sim/stories.h"

void
story_clean_bulk(struct world *world)
{
	struct duo duo;
	const struct stream_result *up, *down, *both;
	struct stream_client *clients[3];

	duo_make(&duo, world,
		 &(struct duo_setup){ .cable = { .delay_us = 200, .rate_bps = 1000000000 } });
	clients[0] = duo_start(&duo, (struct stream_plan){ .up_bytes = 8 * MB }, false);
	clients[1] = duo_start(&duo, (struct stream_plan){ .down_bytes = 8 * MB }, true);
	clients[2] =
	    duo_start(&duo,
		      (struct stream_plan){
			  .up_bytes = 3 * MB, .down_bytes = 3 * MB, .conns = 4, .parallel = 4 },
		      false);
	for (unsigned i = 0; i < 3; i++)
		EXPECT(world, world_run(world, 30 * SEC, stream_done, clients[i]),
		       "transfer %u does not end", i);
	up = stream_result(clients[0]);
	down = stream_result(clients[1]);
	both = stream_result(clients[2]);
	EXPECT(world, up->finished == 1 && down->finished == 1 && both->finished == 4,
	       "up %u, down %u, both %u", up->finished, down->finished, both->finished);
	EXPECT(world, down->bytes_down == 8 * MB && both->bytes_down == 12 * MB,
	       "%llu and %llu bytes", (unsigned long long)down->bytes_down,
	       (unsigned long long)both->bytes_down);
	/* 40 MB at 1 Gbit/s both ways take some 200 ms. */
	EXPECT(world, world->now_us - world->status->start_us < SEC, "took %llu us",
	       (unsigned long long)(world->now_us - world->status->start_us));
	world_settle(world, 60 * SEC);
}

void
story_clean_echo(struct world *world)
{
	struct duo duo;

	duo_make(&duo, world, &(struct duo_setup){ 0 });
	duo_transfer(&duo, (struct stream_plan){ .up_bytes = 2 * MB, .flags = STREAM_ECHO },
		     10 * SEC);
	duo_transfer(&duo,
		     (struct stream_plan){
			 .up_bytes = 100 * KB, .flags = STREAM_ECHO, .conns = 40, .parallel = 20 },
		     10 * SEC);
	world_settle(world, 60 * SEC);
}

void
story_clean_slow_link(struct world *world)
{
	struct duo duo;
	uint64_t from_us;

	/* 10 Mbit/s, 20 ms round trip: 17 frames of bandwidth times delay, a queue of as many */
	duo_make(&duo, world,
		 &(struct duo_setup){
		     .cable = { .delay_us = 10000, .rate_bps = 10000000, .queue_frames = 34 } });
	from_us = world->now_us;
	duo_transfer(&duo, (struct stream_plan){ .down_bytes = 5 * MB }, 30 * SEC);
	/* 5 MB take 4.2 s at the line's rate with headers; a good sender keeps it two thirds full. */
	EXPECT(world, world->now_us - from_us < 6300 * MS, "took %llu us",
	       (unsigned long long)(world->now_us - from_us));
	duo_transfer(&duo, (struct stream_plan){ .up_bytes = 500 * KB, .conns = 8, .parallel = 8 },
		     60 * SEC);
	world_settle(world, 60 * SEC);
}

void
story_clean_tiny_writes(struct world *world)
{
	struct duo duo;
	struct stream_pace one = { .bytes = 1, .every_us = 100 };

	duo_make(&duo, world, &(struct duo_setup){ .cable = { .delay_us = 1000 } });
	duo_transfer(
	    &duo,
	    (struct stream_plan){
		.up_bytes = 5000, .down_bytes = 5000, .client_write = one, .server_write = one },
	    60 * SEC);
	duo_transfer(
	    &duo,
	    (struct stream_plan){
		.up_bytes = 2000, .flags = STREAM_ECHO, .client_write = one, .server_read = one },
	    60 * SEC);
	world_settle(world, 60 * SEC);
}

void
story_clean_many_short(struct world *world)
{
	struct duo_setup setup = { .tcp_a = host_tcp_settings(), .tcp_b = host_tcp_settings() };
	struct duo duo;
	struct stream_client *client;

	/* Fewer places than connections: those in TIME_WAIT have to give way or to pass. */
	setup.tcp_a.conns = setup.tcp_b.conns = 128;
	setup.tcp_a.time_wait_us = setup.tcp_b.time_wait_us = SEC;
	duo_make(&duo, world, &setup);
	client = duo_start(
	    &duo,
	    (struct stream_plan){
		.up_bytes = 200, .down_bytes = 3000, .conns = 1500, .parallel = 16, .gap_us = 100 },
	    false);
	EXPECT(world, world_run(world, 120 * SEC, stream_done, client), "%u of 1500 done",
	       stream_result(client)->finished);
	EXPECT(world, stream_result(client)->failed == 0, "%u failed",
	       stream_result(client)->failed);
	world_settle(world, 60 * SEC);
}

void
story_clean_idle(struct world *world)
{
	struct duo duo;

	duo_make(&duo, world, &(struct duo_setup){ .cable = { .delay_us = 5000 } });
	/* Five pieces, one a minute: the neighbours' addresses are forgotten and found again meanwhile. */
	duo_transfer(
	    &duo,
	    (struct stream_plan){ .up_bytes = 50000,
				  .down_bytes = 50000,
				  .client_write = { .bytes = 10000, .every_us = 60 * SEC } },
	    400 * SEC);
	world_settle(world, 60 * SEC);
}
