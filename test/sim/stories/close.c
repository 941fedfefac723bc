/*
 * Stories of how connections end.
 */
#include "test/sim/stories.h"

void
story_close_orders(struct world *world)
{
	static const uint32_t orders[] = { 0, STREAM_CLIENT_FIRST, STREAM_SERVER_FIRST };
	struct duo duo;

	duo_make(&duo, world, &(struct duo_setup){ .cable = { .delay_us = 2000 } });
	for (unsigned i = 0; i < ARRAY_SIZE(orders); i++) {
		duo_transfer(&duo,
			     (struct stream_plan){ .flags = orders[i], .conns = 10, .parallel = 5 },
			     60 * SEC);
		duo_transfer(&duo,
			     (struct stream_plan){ .up_bytes = 10000,
						   .down_bytes = 10000,
						   .flags = orders[i],
						   .conns = 10,
						   .parallel = 5 },
			     60 * SEC);
	}
	world_settle(world, 60 * SEC);
}

void
story_close_half(struct world *world)
{
	struct duo duo;

	duo_make(&duo, world,
		 &(struct duo_setup){ .cable = { .delay_us = 2000, .fault = "loss=2%,dir=both" } });
	duo_transfer(&duo,
		     (struct stream_plan){ .up_bytes = 100 * KB,
					   .down_bytes = MB,
					   .flags = STREAM_SERVER_LATE | STREAM_CLIENT_FIRST },
		     120 * SEC);
	duo_transfer(&duo,
		     (struct stream_plan){ .up_bytes = MB,
					   .down_bytes = 100 * KB,
					   .flags = STREAM_CLIENT_LATE | STREAM_SERVER_FIRST },
		     120 * SEC);
	/* the open half is used only minutes later */
	duo_transfer(
	    &duo,
	    (struct stream_plan){ .up_bytes = 1000,
				  .down_bytes = 3000,
				  .flags = STREAM_SERVER_LATE | STREAM_CLIENT_FIRST,
				  .server_write = { .bytes = 1000, .every_us = 100 * SEC } },
	    600 * SEC);
	world_settle(world, 300 * SEC);
}

void
story_close_abort(struct world *world)
{
	struct duo duo;

	duo_make(&duo, world,
		 &(struct duo_setup){ .cable = { .delay_us = 1000, .fault = "loss=1%,dir=both" } });
	duo_transfer(&duo,
		     (struct stream_plan){ .up_bytes = 200 * KB,
					   .down_bytes = 400 * KB,
					   .flags = STREAM_ABORT,
					   .conns = 30,
					   .parallel = 6 },
		     60 * SEC);
	/* Whoever missed the reset finds out when he sends; one that only waits would stay, so nothing is lost that waits. */
	world_settle(world, 1200 * SEC);
}

void
story_close_refused(struct world *world)
{
	struct duo duo;
	struct stream_plan plan = { .up_bytes = 1, .conns = 5, .flags = STREAM_MAY_FAIL };
	struct stream_client *client;

	duo_make(&duo, world, &(struct duo_setup){ 0 });
	plan.to = host_endpoint(duo.b, false, 9);
	client = stream_client_new(duo.a, &plan);
	EXPECT(world, world_run(world, 10 * SEC, stream_done, client), "the attempts do not end");
	EXPECT(world, stream_result(client)->failed_by[TCP_CLOSE_REFUSED] == 5, "refused: %u",
	       stream_result(client)->failed_by[TCP_CLOSE_REFUSED]);
	EXPECT(world, host_dropped(duo.b, DROP_tcp_no_listener) == 5, "counted: %llu",
	       (unsigned long long)host_dropped(duo.b, DROP_tcp_no_listener));
	world_settle(world, 60 * SEC);
}

void
story_close_peer_vanishes(struct world *world)
{
	struct duo duo;
	struct stream_client *client;
	const struct stream_result *result;

	duo_make(&duo, world,
		 &(struct duo_setup){ .cable = { .delay_us = 1000, .rate_bps = 10000000 } });
	client = duo_start(
	    &duo,
	    (struct stream_plan){
		.up_bytes = 50 * MB, .conns = 3, .parallel = 3, .flags = STREAM_MAY_FAIL },
	    false);
	result = stream_result(client);
	world_run(world, SEC, NULL, NULL);
	EXPECT(world, stream_server_result(duo.server)->bytes_up > 100000, "nothing was under way");
	host_power_off(duo.b);
	EXPECT(world, world_run(world, 3600 * SEC, stream_done, client), "%u of 3 noticed",
	       result->failed);
	EXPECT(world, result->failed_by[TCP_CLOSE_TIMEOUT] == 3, "timed out: %u",
	       result->failed_by[TCP_CLOSE_TIMEOUT]);
	world_settle(world, 60 * SEC);
}

void
story_close_peer_reboots(struct world *world)
{
	struct duo duo;
	struct stream_client *client;
	const struct stream_result *result;

	duo_make(&duo, world,
		 &(struct duo_setup){ .cable = { .delay_us = 1000, .rate_bps = 10000000 } });
	client = duo_start(
	    &duo,
	    (struct stream_plan){
		.up_bytes = 50 * MB, .conns = 3, .parallel = 3, .flags = STREAM_MAY_FAIL },
	    false);
	result = stream_result(client);
	world_run(world, SEC, NULL, NULL);
	host_power_off(duo.b);
	world_run(world, 2 * SEC, NULL, NULL);
	host_reboot(duo.b);
	EXPECT(world, world_run(world, 120 * SEC, stream_done, client), "%u of 3 noticed",
	       result->failed);
	EXPECT(world, result->failed_by[TCP_CLOSE_RESET] == 3, "reset: %u",
	       result->failed_by[TCP_CLOSE_RESET]);
	duo_transfer(&duo, (struct stream_plan){ .up_bytes = MB, .down_bytes = MB }, 60 * SEC);
	world_settle(world, 60 * SEC);
}

void
story_close_unreachable(struct world *world)
{
	struct duo duo;
	struct stream_plan plan = {
		.up_bytes = 1, .conns = 4, .parallel = 4, .flags = STREAM_MAY_FAIL
	};
	struct stream_client *v4, *v6;

	duo_make(&duo, world, &(struct duo_setup){ 0 });
	ASSERT(addr_parse("10.0.0.77", &plan.to.addr));
	plan.to.port = 80;
	v4 = stream_client_new(duo.a, &plan);
	ASSERT(addr_parse("fd00::77", &plan.to.addr));
	v6 = stream_client_new(duo.a, &plan);
	EXPECT(world,
	       world_run(world, 30 * SEC, stream_done, v4) &&
		   world_run(world, 30 * SEC, stream_done, v6),
	       "the attempts do not end");
	EXPECT(world,
	       stream_result(v4)->failed_by[TCP_CLOSE_UNREACHABLE] == 4 &&
		   stream_result(v6)->failed_by[TCP_CLOSE_UNREACHABLE] == 4,
	       "unreachable: %u and %u", stream_result(v4)->failed_by[TCP_CLOSE_UNREACHABLE],
	       stream_result(v6)->failed_by[TCP_CLOSE_UNREACHABLE]);
	EXPECT(world, host_dropped(duo.a, DROP_neighbour_unreachable) > 0, "not counted");
	world_settle(world, 60 * SEC);
}
