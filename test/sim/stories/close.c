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

/* Asks a peer that has said nothing for a minute, five times, each two seconds. */
static struct tcp_settings
keeping_alive(void)
{
	struct tcp_settings settings = host_tcp_settings();

	settings.profile.keep_alive_idle_ms = 60000;
	settings.profile.keep_alive_interval_ms = 2000;
	settings.profile.keep_alive_probes = 5;
	return settings;
}

/* Connections that have nothing to say, neither way, for hours. */
static struct stream_client *
start_silent(struct duo *duo)
{
	struct stream_plan plan = { .conns = 4,
				    .parallel = 4,
				    .flags = STREAM_SILENT | STREAM_MAY_FAIL };
	struct stream_client *client = duo_start(duo, plan, rng_below(&duo->world->rng, 2));

	world_run(duo->world, SEC, NULL, NULL);
	EXPECT(duo->world, stream_server_open(duo->server) == 4, "not open");
	return client;
}

/* The peer has lost power, and nobody has anything to send: probes find out, in the time that the profile says. */
void
story_close_half_open_gone(struct world *world)
{
	struct duo duo;
	struct stream_client *client;

	duo_make(&duo, world,
		 &(struct duo_setup){ .cable = { .delay_us = 1000 }, .tcp_a = keeping_alive() });
	client = start_silent(&duo);
	world_run(world, 3600 * SEC, NULL, NULL);
	EXPECT(world, stream_result(client)->failed == 0, "ended while the peer still answered");
	host_power_off(duo.b);
	world_run(world, 9 * SEC, NULL, NULL);
	EXPECT(world, stream_result(client)->failed == 0, "ended too early");
	EXPECT(world, world_run(world, 65 * SEC, stream_done, client), "they last for ever");
	EXPECT(world, stream_result(client)->failed_by[TCP_CLOSE_TIMEOUT] == 4,
	       "not by the timeout");
	world_settle(world, 60 * SEC);
}

/* The peer has started anew: the first probe is answered by a reset. Both ends, one after the other. */
void
story_close_half_open_reboot(struct world *world)
{
	struct tcp_settings settings = keeping_alive();
	struct duo duo;
	struct stream_client *client;

	duo_make(&duo, world,
		 &(struct duo_setup){
		     .cable = { .delay_us = 1000 }, .tcp_a = settings, .tcp_b = settings });
	client = start_silent(&duo);
	host_reboot(duo.b);
	EXPECT(world, world_run(world, 62 * SEC, stream_done, client), "they last for ever");
	EXPECT(world, stream_result(client)->failed_by[TCP_CLOSE_RESET] == 4, "not by resets");
	start_silent(&duo);
	host_reboot(duo.a);
	world_run(world, 62 * SEC, NULL, NULL);
	EXPECT(world, stream_server_open(duo.server) == 0, "the server keeps %u connections",
	       stream_server_open(duo.server));
	world_settle(world, 60 * SEC);
}

/* A peer that is there but closes its window for ever ends by the user timeout, and so does one that is gone. */
void
story_close_user_timeout(struct world *world)
{
	struct stream_plan plan = { .up_bytes = MB,
				    .conns = 3,
				    .parallel = 3,
				    .flags = STREAM_MAY_FAIL,
				    .server_read = { .bytes = 1, .every_us = 4000000000u } };
	struct tcp_settings settings = host_tcp_settings();
	struct duo duo;
	struct stream_client *client;

	settings.profile.user_timeout_ms = 30000;
	duo_make(&duo, world,
		 &(struct duo_setup){ .cable = { .delay_us = 1000 }, .tcp_a = settings });
	client = duo_start(&duo, plan, rng_below(&world->rng, 2));
	EXPECT(world, world_run(world, 60 * SEC, stream_done, client), "they last for ever");
	EXPECT(world, stream_result(client)->failed_by[TCP_CLOSE_TIMEOUT] == 3,
	       "not by the timeout");
	plan.server_read = (struct stream_pace){ .bytes = 1000, .every_us = 100000 };
	client = duo_start(&duo, plan, rng_below(&world->rng, 2));
	world_run(world, SEC, NULL, NULL);
	host_power_off(duo.b);
	EXPECT(world, world_run(world, 40 * SEC, stream_done, client), "they last for ever");
	EXPECT(world, stream_result(client)->failed_by[TCP_CLOSE_TIMEOUT] == 3,
	       "not by the timeout");
	world_settle(world, 120 * SEC);
}

/* An end's clock jumps ahead, by milliseconds and by hours, and so does the other's, in the middle of transfers. */
void
story_close_clock_jumps(struct world *world)
{
	static const uint64_t jumps_us[] = { 3 * MS, 300 * MS, 20 * SEC, 3600 * SEC, 86400 * SEC };
	struct stream_plan plan = {
		.up_bytes = 3 * MB, .down_bytes = 3 * MB, .conns = 4, .parallel = 2
	};
	struct tcp_settings settings = keeping_alive();
	struct stream_client *client;
	struct duo duo;

	duo_make(&duo, world,
		 &(struct duo_setup){ .cable = { .delay_us = 10000, .rate_bps = 20000000 },
				      .tcp_a = settings,
				      .tcp_b = settings });
	client = duo_start(&duo, plan, rng_below(&world->rng, 2));
	for (unsigned i = 0; i < 2 * ARRAY_SIZE(jumps_us); i++) {
		world_run(world, 300 * MS, NULL, NULL);
		world_clock_jump(i % 2 ? &duo.a->node : &duo.b->node, jumps_us[i / 2]);
	}
	EXPECT(world, world_run(world, 120 * SEC, stream_done, client), "%u of 4 done",
	       stream_result(client)->finished);
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
