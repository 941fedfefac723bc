/*
 * Stories of ports that do part of the work: whatever the port of one end claims, a plain peer gets the same bytes and never
 * sees a wrong checksum. And of ports that carry long packets.
 */
#include "test/sim/nic.h"
#include "test/sim/stories.h"

#define JUMBO_MTU 9000u
#define JUMBO_MSS 8948u /* beside timestamps */

/* None, each alone (cutting needs the sums), and all. */
static const uint32_t claims[] = {
	0,
	PORT_OFFLOAD_RX_CHECKSUM,
	PORT_OFFLOAD_TX_CHECKSUM,
	PORT_OFFLOAD_TSO | PORT_OFFLOAD_TX_CHECKSUM,
	PORT_OFFLOAD_RSS_HASH,
	PORT_OFFLOAD_VLAN_STRIP,
	PORT_OFFLOAD_VLAN_INSERT,
	PORT_OFFLOADS_ALL,
};

/* A host without claims has looked at every sum itself. */
static void
expect_right_sums(struct world *world, const struct host *plain, uint32_t offloads)
{
	EXPECT(world,
	       host_dropped(plain, DROP_tcp_checksum) == 0 &&
		   host_dropped(plain, DROP_ip_checksum) == 0,
	       "claims %#x: %llu and %llu wrong sums", offloads,
	       (unsigned long long)host_dropped(plain, DROP_tcp_checksum),
	       (unsigned long long)host_dropped(plain, DROP_ip_checksum));
}

/* A bulk transfer goes out in packets of many segments exactly where that is claimed. */
static void
expect_trains(struct world *world, const struct host *a, uint32_t offloads)
{
	uint64_t packets = nic_stats(a->port)->tx_frames,
		 segments = a->stats->counter[COUNTER_tcp_segments_sent];

	if (offloads & PORT_OFFLOAD_TSO)
		EXPECT(world, packets * 3 < segments, "%llu packets of %llu segments",
		       (unsigned long long)packets, (unsigned long long)segments);
	else
		EXPECT(world, packets >= segments, "%llu packets of %llu segments",
		       (unsigned long long)packets, (unsigned long long)segments);
}

void
story_offloads_bulk(struct world *world)
{
	for (size_t i = 0; i < ARRAY_SIZE(claims); i++) {
		struct duo_setup setup = { .claims_a = { .offloads = claims[i] },
					   .mbufs_a = 2047,
					   .mbufs_b = 2047,
					   .cable = { .delay_us = 300, .rate_bps = 1000000000 } };
		struct duo duo;

		duo_make(&duo, world, &setup);
		for (unsigned v6 = 0; v6 < 2; v6++)
			duo_transfer_over(&duo, (struct stream_plan){ .up_bytes = 3 * MB }, v6,
					  10 * SEC);
		expect_trains(world, duo.a, claims[i]);
		for (unsigned v6 = 0; v6 < 2; v6++)
			duo_transfer_over(&duo,
					  (struct stream_plan){ .up_bytes = 100 * KB,
								.down_bytes = 300 * KB,
								.conns = 6,
								.parallel = 3 },
					  v6, 10 * SEC);
		expect_right_sums(world, duo.b, claims[i]);
	}
	world_settle(world, 60 * SEC);
}

/* Retransmissions are never cut, and what is lost of a packet that was is sent again alone. */
void
story_offloads_loss(struct world *world)
{
	for (size_t i = 0; i < ARRAY_SIZE(claims); i++) {
		struct duo_setup setup = { .claims_a = { .offloads = claims[i] },
					   .mbufs_a = 2047,
					   .mbufs_b = 2047,
					   .cable = { .delay_us = 2000,
						      .rate_bps = 200000000,
						      .fault = "loss=2%,reorder=1%,dir=both" } };
		struct duo duo;

		duo_make(&duo, world, &setup);
		duo_transfer(&duo,
			     (struct stream_plan){ .up_bytes = 2 * MB, .down_bytes = 300 * KB },
			     60 * SEC);
		expect_right_sums(world, duo.b, claims[i]);
		EXPECT(world, duo.a->stats->counter[COUNTER_tcp_retransmits] > 5,
		       "nothing was sent again");
	}
	world_settle(world, 120 * SEC);
}

/* What is damaged under way is noticed by the port or by us, and never taken. */
void
story_offloads_corrupt(struct world *world)
{
	for (size_t i = 0; i < ARRAY_SIZE(claims); i++) {
		struct duo_setup setup = { .claims_a = { .offloads = claims[i] },
					   .mbufs_a = 2047,
					   .mbufs_b = 2047,
					   .cable = { .delay_us = 500,
						      .fault = "corrupt=2%,dir=both" } };
		struct duo duo;

		duo_make(&duo, world, &setup);
		duo_transfer(&duo, (struct stream_plan){ .up_bytes = MB, .down_bytes = MB },
			     120 * SEC);
		EXPECT(world,
		       host_dropped(duo.a, DROP_tcp_checksum) > 0 &&
			   host_dropped(duo.b, DROP_tcp_checksum) > 0,
		       "nothing was damaged");
	}
	world_settle(world, 120 * SEC);
}

/* All of it through the box, whose clients and members are plain hosts; the card's buffers are few in the last one. */
static void
play_box(struct world *world, uint32_t offloads, struct farm_setup setup)
{
	const struct http_client_result *result;
	uint64_t packets = 0;
	struct farm farm;

	for (unsigned port = 0; port < 2; port++)
		setup.box.claims[port] =
		    (struct port_sim_claims){ .offloads = offloads,
					      .queues = (uint16_t)setup.box.workers };
	farm_make(&farm, world, &setup);
	farm_wait_up(&farm);
	for (unsigned v6 = 0; v6 < 2; v6++) {
		struct http_client *http = http_client_new(
		    farm.clients[0],
		    &(struct http_plan){ .to = farm_endpoint(v6 ? FARM_VS_WEB6 : FARM_VS_WEB),
					 .mix = HTTP_MIX_POST | HTTP_MIX_CHUNKED,
					 .conns = 6,
					 .parallel = 3,
					 .requests = 6,
					 .down_max = 400 * KB,
					 .up_max = 200 * KB });

		EXPECT(world, world_run(world, 60 * SEC, http_client_done, http),
		       "claims %#x: requests do not end", offloads);
		result = http_client_result(http);
		EXPECT(world, result->right == 36, "claims %#x: %llu right", offloads,
		       (unsigned long long)result->right);
	}
	expect_right_sums(world, farm.clients[0], offloads);
	for (uint32_t i = 0; i < farm.server_count; i++)
		expect_right_sums(world, farm.servers[i], offloads);
	for (uint32_t port = 0; port < farm.box->port_count; port++)
		packets += nic_stats(farm.box->ports[port])->tx_frames;
	if (offloads & PORT_OFFLOAD_TSO)
		EXPECT(world, packets < box_counter(farm.box, COUNTER_tcp_segments_sent),
		       "no packet was cut");
	farm_settle(&farm);
}

void
story_offloads_box(struct world *world)
{
	play_box(world, claims[rng_below(&world->rng, ARRAY_SIZE(claims))],
		 (struct farm_setup){ 0 });
}

void
story_offloads_box_all(struct world *world)
{
	play_box(world, PORT_OFFLOADS_ALL, (struct farm_setup){ 0 });
}

void
story_offloads_box_scarce(struct world *world)
{
	play_box(world, PORT_OFFLOADS_ALL, (struct farm_setup){ .box.mbufs = 700 });
}

/* Clients on the port, members on a VLAN of it: the device takes tags out, writes them, or both, beside all else. */
void
story_offloads_vlan(struct world *world)
{
	static const uint32_t tags[] = { PORT_OFFLOAD_VLAN_STRIP, PORT_OFFLOAD_VLAN_INSERT,
					 PORT_OFFLOAD_VLAN_STRIP | PORT_OFFLOAD_VLAN_INSERT };

	play_box(world,
		 claims[rng_below(&world->rng, ARRAY_SIZE(claims))] |
		     tags[rng_below(&world->rng, ARRAY_SIZE(tags))],
		 (struct farm_setup){ .one_armed = true });
}

void
story_offloads_vlan_workers(struct world *world)
{
	play_box(world, PORT_OFFLOADS_ALL,
		 (struct farm_setup){ .one_armed = true, .box.workers = 2 });
}

/* Of the connections to members that the box has now. */
static uint32_t
largest_mss(struct farm *farm, bool v6)
{
	struct tcp *tcp = worker_tcp(farm->box->workers[0]);
	uint32_t largest = 0;

	for (uint32_t id = 0; id < tcp_capacity(tcp); id++) {
		struct tcp_info info;

		if (tcp_info(tcp, id, &info) && !info.accepted &&
		    addr_is_v4(&info.remote.addr) == !v6)
			largest = (uint32_t)max_u64(largest, info.mss_bytes);
	}
	return largest;
}

/* Members on jumbo frames, clients on others: buffers of long packets pass from one side to the other. */
static void
play_jumbo(struct world *world, uint32_t offloads)
{
	static const enum farm_vs servers[] = { FARM_VS_WEB, FARM_VS_WEB6, FARM_VS_STREAMS,
						FARM_VS_STREAMS6 };
	struct farm_setup setup = { .mtu_servers = JUMBO_MTU,
				    .box = { .claims = { { .offloads = offloads },
							 { .offloads = offloads } } } };
	struct farm farm;

	world_mtu(world, JUMBO_MTU);
	farm_make(&farm, world, &setup);
	farm_wait_up(&farm);
	for (unsigned i = 0; i < 2; i++) {
		struct http_client *http = http_client_new(
		    farm.clients[0], &(struct http_plan){ .to = farm_endpoint(servers[i]),
							  .mix = HTTP_MIX_POST,
							  .conns = 2,
							  .parallel = 2,
							  .requests = 3,
							  .down_min = 400 * KB,
							  .down_max = 2 * MB,
							  .up_max = MB });
		struct stream_client *stream = stream_client_new(
		    farm.clients[0], &(struct stream_plan){ .to = farm_endpoint(servers[i + 2]),
							    .up_bytes = 2 * MB,
							    .down_bytes = 2 * MB });

		EXPECT(world,
		       world_run(world, 60 * SEC, http_client_done, http) &&
			   world_run(world, 60 * SEC, stream_done, stream),
		       "transfers do not end");
		EXPECT(world,
		       http_client_result(http)->right == 6 && stream_result(stream)->finished == 1,
		       "%llu right, %u finished",
		       (unsigned long long)http_client_result(http)->right,
		       stream_result(stream)->finished);
		EXPECT(world, largest_mss(&farm, i) == JUMBO_MSS - (i ? 20 : 0), "MSS %u",
		       largest_mss(&farm, i));
	}
	expect_right_sums(world, farm.clients[0], offloads);
	EXPECT(world, host_dropped(farm.clients[0], DROP_eth_truncated) == 0, "cut frames");
	farm_settle(&farm);
}

void
story_offloads_jumbo(struct world *world)
{
	play_jumbo(world, 0);
}

void
story_offloads_jumbo_all(struct world *world)
{
	play_jumbo(world, PORT_OFFLOADS_ALL);
}
