/*
 * Stories of exhausted memory: an empty pool is a normal outcome, and passes.
 */
#include "test/sim/stories.h"

void
story_memory_mbufs(struct world *world)
{
	struct duo duo;
	struct stream_pace slow = { .bytes = 3000, .every_us = 1000 };
	struct stream_client *clients[3];

	/* Buffers for a fifth of what the windows would allow. */
	duo_make(&duo, world,
		 &(struct duo_setup){ .cable = { .delay_us = 1000, .fault = "loss=1%,dir=both" },
				      .mbufs_a = 511,
				      .mbufs_b = 511 });
	clients[0] = duo_start(
	    &duo, (struct stream_plan){ .down_bytes = MB, .conns = 8, .parallel = 4 }, false);
	clients[1] = duo_start(
	    &duo, (struct stream_plan){ .up_bytes = MB, .conns = 8, .parallel = 4 }, true);
	clients[2] = duo_start(&duo,
			       (struct stream_plan){ .up_bytes = 300 * KB,
						     .down_bytes = 300 * KB,
						     .client_read = slow,
						     .server_read = slow,
						     .conns = 4,
						     .parallel = 4 },
			       false);
	for (unsigned i = 0; i < 3; i++)
		EXPECT(world, world_run(world, 600 * SEC, stream_done, clients[i]),
		       "transfer %u: %u done", i, stream_result(clients[i])->finished);
	world_settle(world, 300 * SEC);
}

void
story_memory_conns(struct world *world)
{
	struct duo_setup setup = { .tcp_a = host_tcp_settings(), .tcp_b = host_tcp_settings() };
	struct duo duo;
	struct stream_client *client;
	const struct stream_result *result;

	setup.tcp_b.conns = 16;
	setup.tcp_b.half_open_max = 16;
	duo_make(&duo, world, &setup);
	client =
	    duo_start(&duo,
		      (struct stream_plan){ .up_bytes = 20 * KB,
					    .client_write = { .bytes = 1000, .every_us = 20000 },
					    .conns = 60,
					    .parallel = 40,
					    .flags = STREAM_MAY_FAIL },
		      false);
	result = stream_result(client);
	EXPECT(world, world_run(world, 600 * SEC, stream_done, client), "%u finished, %u failed",
	       result->finished, result->failed);
	EXPECT(world, result->finished >= 40, "%u finished, %u refused, %u timed out",
	       result->finished, result->failed_by[TCP_CLOSE_REFUSED],
	       result->failed_by[TCP_CLOSE_TIMEOUT]);
	EXPECT(world, host_dropped(duo.b, DROP_tcp_conn_table_full) > 0,
	       "the table was never full");
	world_settle(world, 60 * SEC);
}

void
story_memory_half_open(struct world *world)
{
	struct duo_setup setup = { .tcp_a = host_tcp_settings(),
				   .tcp_b = host_tcp_settings(),
				   .cable = { .delay_us = 100000 } };
	struct duo duo;

	setup.tcp_b.half_open_max = 8;
	duo_make(&duo, world, &setup);
	duo_transfer(&duo, (struct stream_plan){ .up_bytes = 1000, .conns = 60, .parallel = 30 },
		     120 * SEC);
	EXPECT(world, duo.b->stats->counter[COUNTER_tcp_cookies_accepted] > 0,
	       "there was room for all");
	world_settle(world, 60 * SEC);
}
