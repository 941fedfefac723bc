/* The generator's SYN flood: as many as are due, each one whole and right. */
#include "test/bench/gen/flood.h"

#include <rte_ip.h>
#include <string.h>

#include "test/unit/unit.h"

#define MS 1000000ull

static const uint8_t box_mac[6] = { 2, 0, 0, 0, 0, 1 };
static struct side side;
static struct flood flood;

static void
begin(const struct gen_options *options)
{
	memset(&side, 0, sizeof side);
	side.mbufs = unit_mbufs();
	side.mac[5] = 7;
	memcpy(side.peer_mac, box_mac, sizeof box_mac);
	flood_init(&flood, &side, options);
}

/* Nothing goes out: what was made is freed. */
static void
end(void)
{
	rte_pktmbuf_free_bulk(side.queue, side.queued);
	rte_pktmbuf_free_bulk(side.spare, side.spares);
}

static struct gen_options
asked(uint32_t rate)
{
	return (struct gen_options){ .flood = rate, .flood_target = 0x0a000001, .flood_port = 22 };
}

static const struct flood_syn *
syn_at(uint32_t i)
{
	return rte_pktmbuf_mtod(side.queue[i], const struct flood_syn *);
}

static bool
is_right(const struct flood_syn *syn)
{
	const void *ip = &syn->head.version_ihl;
	uint32_t from = be32_to(syn->head.from);

	return from >> 17 == 0xc6120000u >> 17 && be32_to(syn->head.to) == 0x0a000001 &&
	       be16_to(syn->head.to_port) == 22 && syn->head.flags == TCP_SYN &&
	       rte_raw_cksum(ip, FRAME_IP_BYTES) == 0xffff &&
	       rte_ipv4_udptcp_cksum_verify(ip, &syn->head.from_port) == 0;
}

static void
sends_what_is_due_and_no_more(void)
{
	struct gen_options options = asked(10000);

	begin(&options);
	flood_turn(&flood, 1000 * MS, 0);
	CU_ASSERT_EQUAL(flood.sent, 1);
	for (uint64_t at = 1000 * MS; at <= 1020 * MS; at += MS / 10)
		flood_turn(&flood, at, 0);
	CU_ASSERT_EQUAL(flood.sent, 201);
	CU_ASSERT_FALSE(flood_turn(&flood, 1020 * MS, 0));
	end();
}

static void
held_up_catches_up_a_little_each_turn(void)
{
	struct gen_options options = asked(10000);
	unsigned turns = 0;

	begin(&options);
	flood_turn(&flood, 1000 * MS, 0);
	while (flood_turn(&flood, 1010 * MS, 0))
		turns++;
	CU_ASSERT_EQUAL(flood.sent, 101);
	CU_ASSERT_EQUAL(turns, 4);
	end();
}

static void
syns_are_whole_and_differ(void)
{
	struct gen_options options = asked(1000);

	begin(&options);
	flood_turn(&flood, 1000 * MS, 0);
	flood_turn(&flood, 1020 * MS, 0);
	CU_ASSERT_EQUAL_FATAL(side.queued, 21);
	for (uint32_t i = 0; i < side.queued; i++) {
		CU_ASSERT_EQUAL(side.queue[i]->pkt_len, sizeof(struct flood_syn));
		CU_ASSERT(is_right(syn_at(i)));
		CU_ASSERT_EQUAL(memcmp(syn_at(i)->head.ether.to, box_mac, 6), 0);
		for (uint32_t j = 0; j < i; j++)
			CU_ASSERT(be32_to(syn_at(i)->head.seq) != be32_to(syn_at(j)->head.seq));
	}
	end();
}

static void
to_nobody_if_so_told(void)
{
	struct gen_options options = asked(1000);

	CU_ASSERT_TRUE(options_mac("02:00:00:00:00:99", options.flood_mac));
	options.flood_has_mac = true;
	begin(&options);
	flood_turn(&flood, 1000 * MS, 0);
	CU_ASSERT_EQUAL_FATAL(side.queued, 1);
	CU_ASSERT_EQUAL(syn_at(0)->head.ether.to[5], 0x99);
	end();
}

static void
without_a_rate_is_silent(void)
{
	struct gen_options options = asked(0);

	begin(&options);
	CU_ASSERT_FALSE(flood_turn(&flood, 1000 * MS, 0));
	CU_ASSERT_EQUAL(side.queued, 0);
	end();
}

/* Ten milliseconds off, ten on; a request each millisecond. */
static void
with_a_beat_is_off_and_on(void)
{
	struct gen_options options = asked(1000);

	options.flood_beat_ms = 10;
	begin(&options);
	for (uint64_t ms = 0; ms < 40; ms++) {
		flood_turn(&flood, (1000 + ms) * MS, ms);
		CU_ASSERT_EQUAL(flood.on, ms / 10 % 2 == 1);
	}
	CU_ASSERT_EQUAL(flood.sent, 20);
	CU_ASSERT_EQUAL(flood.answered[0],
			20); /* what was answered before a turn belongs to the last one */
	CU_ASSERT_EQUAL(flood.answered[1], 19);
	end();
}

static void
without_room_waits(void)
{
	struct gen_options options = asked(1000);

	begin(&options);
	flood_turn(&flood, 1000 * MS, 0);
	side.queued = SIDE_QUEUE;
	CU_ASSERT_FALSE(flood_turn(&flood, 1001 * MS, 0));
	side.queued = 1;
	CU_ASSERT_TRUE(flood_turn(&flood, 1001 * MS, 0));
	CU_ASSERT_EQUAL(flood.sent, 2);
	end();
}

CU_TestInfo test_flood[] = {
	{ "flood_sends_what_is_due_and_no_more", sends_what_is_due_and_no_more },
	{ "flood_held_up_catches_up_a_little_each_turn", held_up_catches_up_a_little_each_turn },
	{ "flood_syns_are_whole_and_differ", syns_are_whole_and_differ },
	{ "flood_to_nobody_if_so_told", to_nobody_if_so_told },
	{ "flood_without_a_rate_is_silent", without_a_rate_is_silent },
	{ "flood_with_a_beat_is_off_and_on", with_a_beat_is_off_and_on },
	{ "flood_without_room_waits", without_room_waits },
	CU_TEST_INFO_NULL,
};
