/*
 * Stories of flow control and segment sizes.
 */
#include "test/sim/stories.h"

void
story_window_slow_reader(struct world *world)
{
	struct duo duo;
	struct stream_pace slow = { .bytes = 2000, .every_us = 2000 };

	duo_make(&duo, world, &(struct duo_setup){ .cable = { .delay_us = 500 } });
	duo_transfer(&duo, (struct stream_plan){ .down_bytes = 3 * MB, .client_read = slow },
		     60 * SEC);
	duo_transfer(&duo, (struct stream_plan){ .up_bytes = 3 * MB, .server_read = slow },
		     60 * SEC);
	duo_transfer(&duo,
		     (struct stream_plan){ .up_bytes = 20000,
					   .server_read = { .bytes = 1, .every_us = 50 } },
		     60 * SEC);
	world_settle(world, 60 * SEC);
}

void
story_window_stalled_reader(struct world *world)
{
	struct duo duo;
	struct stream_pace rests = { .bytes = 400000, .every_us = 60 * SEC };

	duo_make(&duo, world,
		 &(struct duo_setup){ .cable = { .delay_us = 500, .fault = "loss=10%,dir=both" } });
	duo_transfer(&duo, (struct stream_plan){ .down_bytes = 2 * MB, .client_read = rests },
		     1200 * SEC);
	duo_transfer(&duo, (struct stream_plan){ .up_bytes = 2 * MB, .server_read = rests },
		     1200 * SEC);
	world_settle(world, 600 * SEC);
}

void
story_window_small(struct world *world)
{
	struct duo_setup setup = { .cable = { .delay_us = 500, .fault = "loss=0.5%,dir=both" },
				   .tcp_a = host_tcp_settings(),
				   .tcp_b = host_tcp_settings() };
	struct duo duo;

	setup.tcp_a.profile.receive_buffer_bytes = 4096;
	setup.tcp_b.profile.receive_buffer_bytes = 4096;
	setup.tcp_b.profile.send_buffer_bytes = 4000;
	duo_make(&duo, world, &setup);
	duo_transfer(&duo, (struct stream_plan){ .up_bytes = 300 * KB, .down_bytes = 300 * KB },
		     120 * SEC);
	duo_transfer(&duo,
		     (struct stream_plan){ .down_bytes = 100 * KB,
					   .client_read = { .bytes = 700, .every_us = 3000 } },
		     120 * SEC);
	world_settle(world, 60 * SEC);
}

void
story_window_tiny_mtu(struct world *world)
{
	struct duo duo;

	duo_make(&duo, world,
		 &(struct duo_setup){ .mtu_b = 576, .cable = { .fault = "loss=1%,dir=both" } });
	for (unsigned i = 0; i < 4; i++)
		duo_transfer_over(
		    &duo, (struct stream_plan){ .up_bytes = 300 * KB, .down_bytes = 300 * KB },
		    false, 120 * SEC);
	world_settle(world, 60 * SEC);
}

void
story_window_scaled(struct world *world)
{
	struct duo_setup setup = {
		.cable = { .delay_us = 20000, .rate_bps = 500000000, .queue_frames = 4000 },
		.tcp_a = host_tcp_settings(),
		.tcp_b = host_tcp_settings(),
		.mbufs_a = 16383,
		.mbufs_b = 16383
	};
	struct duo duo;
	uint64_t from_us;

	setup.tcp_a.profile.receive_buffer_bytes = setup.tcp_b.profile.receive_buffer_bytes = 4
											      << 20;
	setup.tcp_a.profile.send_buffer_bytes = setup.tcp_b.profile.send_buffer_bytes = 4 << 20;
	duo_make(&duo, world, &setup);
	from_us = world->now_us;
	duo_transfer(&duo, (struct stream_plan){ .up_bytes = 40 * MB }, 20 * SEC);
	/* 0.65 s at the line's rate; 64 KB windows would need 25 s. */
	EXPECT(world, world->now_us - from_us < 2 * SEC, "took %llu us",
	       (unsigned long long)(world->now_us - from_us));
	world_settle(world, 60 * SEC);
}
