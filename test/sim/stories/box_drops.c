/*
 * Stories of frames, packets and segments that must be refused: each drop reason that the wire can provoke is provoked by name,
 * is counted exactly once, and disturbs nothing.
 */
#include "test/sim/stories.h"

#include <stdio.h>
#include <string.h>

#include "fw/abi/services.h"
#include "test/sim/raw.h"
#include "test/sim/switch.h"

struct stage {
	struct farm farm;
	struct raw *raw;
	struct addr vs4, vs6; /* virtual servers of type tcp */
};

static void
stage_make_of(struct stage *stage, struct world *world, const struct farm_setup *setup)
{
	struct world_link link = { .sim = {
				       .delay_us = 10, .queue_frames = 1000, .mtu_bytes = 1500 } };
	struct port *end, *other;
	struct port_info info;

	farm_make(&stage->farm, world, setup);
	farm_wait_up(&stage->farm);
	for (uint32_t i = 0; i < stage->farm.server_count; i++)
		stream_server_tolerate(stage->farm.streams[i], 0);
	world_link(world, "raw", "sw-raw", &link, &end, &other);
	switch_attach(stage->farm.client_switch, other);
	port_info(stage->farm.box->ports[0], &info);
	stage->raw = raw_new(world, "raw", end, "10.0.0.50", "fd00::50", info.mac);
	stage->vs4 = farm_endpoint(FARM_VS_STREAMS).addr;
	stage->vs6 = farm_endpoint(FARM_VS_STREAMS6).addr;
}

static void
stage_make(struct stage *stage, struct world *world)
{
	stage_make_of(stage, world, &(struct farm_setup){ .idle_timeout_ms = 5000 });
}

static uint64_t
all_drops(const struct box *box)
{
	uint64_t sum = 0;

	for (unsigned reason = 0; reason < DROP_COUNT; reason++)
		sum += box_dropped(box, reason);
	return sum;
}

/* Sends the frame and expects the box to drop it for this reason and nothing else for any. */
static void
refused(struct stage *stage, const struct frame *frame, enum drop_reason reason)
{
	struct box *box = stage->farm.box;
	struct world *world = stage->farm.world;
	uint64_t before = box_dropped(box, reason), all = all_drops(box);
	char others[200] = "";

	raw_send(stage->raw, frame);
	world_run(world, MS, NULL, NULL);
	if (box_dropped(box, reason) != before + 1)
		for (unsigned i = 0; i < DROP_COUNT; i++)
			if (box_dropped(box, i))
				snprintf(others + strlen(others), sizeof others - strlen(others),
					 " %s %llu", drop_infos[i].name,
					 (unsigned long long)box_dropped(box, i));
	EXPECT(world, box_dropped(box, reason) == before + 1, "%s was not counted; drops so far:%s",
	       drop_infos[reason].name, others);
	EXPECT(world, all_drops(box) == all + 1, "%s: dropped for more than that",
	       drop_infos[reason].name);
}

/* The stage still serves. */
static void
still_serves(struct stage *stage)
{
	struct http_plan plan = { .to = farm_endpoint(FARM_VS_WEB),
				  .requests = 3,
				  .down_max = 5000 };
	struct http_client *client = http_client_new(stage->farm.clients[0], &plan);

	EXPECT(stage->farm.world, world_run(stage->farm.world, 10 * SEC, http_client_done, client),
	       "no service any more");
}

static void kernel_is_full(struct stage *stage);

static struct segment
syn(uint16_t src_port)
{
	return (struct segment){
		.seq = 1000, .src_port = src_port, .dst_port = 80, .window = 30000, .flags = SEG_SYN
	};
}

void
story_box_drops_ethernet(struct world *world)
{
	uint8_t zeros[46] = { 0 };
	struct addr who, own;
	struct stage stage;
	struct frame f;

	stage_make(&stage, world);
	frame_eth(stage.raw, &f, 0x1234, zeros, sizeof zeros);
	refused(&stage, &f, DROP_eth_type_unknown);
	frame_eth(stage.raw, &f, 0x8100, zeros, sizeof zeros);
	f.byte[15] = 7; /* the tag */
	refused(&stage, &f, DROP_eth_vlan_unknown);
	frame_echo(stage.raw, &f, &stage.vs4);
	f.byte[5] ^= 0x40;
	refused(&stage, &f, DROP_eth_not_for_us);
	frame_echo(stage.raw, &f, &stage.vs4);
	f.byte[6] |= 1;
	refused(&stage, &f, DROP_eth_source_invalid);

	ASSERT(addr_parse("10.0.0.250", &who) && addr_parse("10.0.0.100", &own));
	frame_arp(stage.raw, &f, 1, &stage.raw->v4, &own);
	f.byte[14 + 4] = 5;
	refused(&stage, &f, DROP_arp_malformed);
	frame_arp(stage.raw, &f, 1, &stage.raw->v4, &who);
	refused(&stage, &f, DROP_arp_not_for_us);
	frame_arp(stage.raw, &f, 2, &who, &own);
	refused(&stage, &f, DROP_arp_unsolicited);
	world_run(world, 5 * SEC, NULL, NULL); /* our addresses are probed, and held from then on */
	frame_arp(stage.raw, &f, 1, &own, &own);
	refused(&stage, &f, DROP_arp_address_conflict);
	still_serves(&stage);
	farm_settle(&stage.farm);
}

/* Puts an 802.1Q header into the frame. */
static void
tag(struct frame *f, uint16_t tci)
{
	memmove(f->byte + 16, f->byte + 12, f->len - 12);
	f->byte[12] = 0x81;
	f->byte[13] = 0;
	f->byte[14] = (uint8_t)(tci >> 8);
	f->byte[15] = (uint8_t)tci;
	f->len += 4;
}

void
story_box_one_armed(struct world *world)
{
	static const enum farm_vs all[] = { FARM_VS_WEB, FARM_VS_WEB6 };
	const struct http_client_result *result;
	struct http_client *client;
	struct addr member;
	struct stage stage;
	struct frame f;

	stage_make_of(&stage, world,
		      &(struct farm_setup){ .one_armed = true, .idle_timeout_ms = 5000 });
	for (unsigned i = 0; i < ARRAY_SIZE(all); i++) {
		struct http_plan plan = { .to = farm_endpoint(all[i]),
					  .conns = 6,
					  .parallel = 3,
					  .requests = 10,
					  .down_max = 50000 };

		client = http_client_new(stage.farm.clients[0], &plan);
		EXPECT(world, world_run(world, 60 * SEC, http_client_done, client),
		       "requests through one port do not end");
		result = http_client_result(client);
		EXPECT(world, result->right == 60, "right: %llu",
		       (unsigned long long)result->right);
	}
	/* the wrong tag, and the right one in another's clothes */
	frame_echo(stage.raw, &f, &stage.vs4);
	tag(&f, FARM_TAG + 1);
	refused(&stage, &f, DROP_eth_vlan_unknown);
	frame_echo(stage.raw, &f, &stage.vs4);
	tag(&f, FARM_TAG);
	tag(&f, 0);
	refused(&stage, &f, DROP_eth_vlan_unknown);
	/* a VLAN's neighbours are asked for there alone: who answers without a tag is not heard */
	ASSERT(addr_parse("10.0.1.250", &member));
	frame_arp(stage.raw, &f, 1, &member, &member);
	refused(&stage, &f, DROP_arp_unsolicited);
	still_serves(&stage);
	farm_settle(&stage.farm);
}

/* A neighbour solicitation (135) or advertisement (136) about target, to the box's own MAC address. */
static void
frame_nd(struct stage *stage, struct frame *f, uint8_t type, const struct addr *target)
{
	uint8_t nd[32] = { type };

	memcpy(nd + 8, target->byte, 16);
	if (type == 136)
		nd[4] = 0x20;
	nd[24] = type == 135 ? 1 : 2;
	nd[25] = 1;
	memcpy(nd + 26, stage->raw->mac, 6);
	frame_ip(stage->raw, f, &stage->vs6, 58, nd, sizeof nd);
	f->byte[f->l3 + 7] = 255;
}

void
story_box_drops_neighbour(struct world *world)
{
	struct addr who, own;
	struct stage stage;
	struct frame f;

	stage_make(&stage, world);
	ASSERT(addr_parse("fd00::250", &who) && addr_parse("fd00::100", &own));
	frame_nd(&stage, &f, 135, &own);
	f.byte[f.l3 + 7] = 64;
	refused(&stage, &f, DROP_nd_malformed);
	frame_nd(&stage, &f, 135, &who);
	refused(&stage, &f, DROP_nd_not_for_us);
	frame_nd(&stage, &f, 136, &who);
	refused(&stage, &f, DROP_nd_unsolicited);
	world_run(world, 5 * SEC, NULL, NULL); /* as above */
	frame_nd(&stage, &f, 136, &own);
	refused(&stage, &f, DROP_nd_address_conflict);
	still_serves(&stage);
	farm_settle(&stage.farm);
}

void
story_box_drops_ip(struct world *world)
{
	uint8_t payload[8] = { 0 };
	struct segment segment = syn(2000);
	struct addr other;
	struct stage stage;
	struct frame f;

	stage_make(&stage, world);
	frame_tcp(stage.raw, &f, &stage.vs4, &segment);
	f.byte[f.l3 + 3] += 40;
	frame_fix_ip(&f);
	refused(&stage, &f, DROP_ip_truncated);
	frame_tcp(stage.raw, &f, &stage.vs4, &segment);
	f.byte[f.l3] = 0x65;
	refused(&stage, &f, DROP_ip_version);
	frame_tcp(stage.raw, &f, &stage.vs4, &segment);
	f.byte[f.l3] = 0x44;
	refused(&stage, &f, DROP_ip_header_length);
	frame_tcp(stage.raw, &f, &stage.vs4, &segment);
	f.byte[f.l3 + 11] ^= 1;
	refused(&stage, &f, DROP_ip_checksum);
	frame_tcp(stage.raw, &f, &stage.vs4, &segment);
	f.byte[f.l3 + 12] = 127;
	frame_fix_ip(&f);
	refused(&stage, &f, DROP_ip_source_invalid);
	frame_tcp(stage.raw, &f, &stage.vs4, &segment);
	memcpy(f.byte + f.l3 + 12, f.byte + f.l3 + 16, 4);
	frame_fix_ip(&f);
	refused(&stage, &f, DROP_ip_source_own);
	ASSERT(addr_parse("10.9.9.9", &other));
	frame_tcp(stage.raw, &f, &other, &segment);
	refused(&stage, &f, DROP_ip_not_for_us);
	payload[0] = 7; /* record route, without a length */
	frame_ip(stage.raw, &f, &stage.vs4, 6, payload, sizeof payload);
	f.byte[f.l3] = 0x46;
	frame_fix_ip(&f);
	refused(&stage, &f, DROP_ip_options);
	frame_tcp(stage.raw, &f, &stage.vs4, &segment);
	f.byte[f.l3 + 6] = 0x20;
	frame_fix_ip(&f);
	refused(&stage, &f, DROP_ip_fragment_length);
	frame_ip(stage.raw, &f, &stage.vs4, 99, payload, sizeof payload);
	refused(&stage, &f, DROP_ip_protocol_unknown);
	/* IPv6 */
	frame_tcp(stage.raw, &f, &stage.vs6, &segment);
	f.byte[f.l3 + 5] += 40;
	refused(&stage, &f, DROP_ip_truncated);
	frame_tcp(stage.raw, &f, &stage.vs6, &segment);
	f.byte[f.l3] = 0x45;
	refused(&stage, &f, DROP_ip_version);
	payload[0] = 6;
	payload[3] = 1; /* more fragments, but nothing in this one */
	frame_ip(stage.raw, &f, &stage.vs6, 44, payload, sizeof payload);
	refused(&stage, &f, DROP_ip_fragment_tiny);
	frame_ip(stage.raw, &f, &stage.vs6, 43, payload, sizeof payload);
	refused(&stage, &f, DROP_ip_extension_header);
	still_serves(&stage);
	farm_settle(&stage.farm);
}

void
story_box_drops_icmp(struct world *world)
{
	uint8_t quote[8 + 28] = { 3, 1 };
	uint64_t limited;
	struct stage stage;
	struct frame f;

	stage_make(&stage, world);
	frame_echo(stage.raw, &f, &stage.vs4);
	raw_send(stage.raw, &f);
	frame_echo(stage.raw, &f, &stage.vs6);
	raw_send(stage.raw, &f);
	world_run(world, 10 * MS, NULL, NULL);
	EXPECT(world,
	       stage.raw->icmps >= 1 &&
		   box_counter(stage.farm.box, COUNTER_icmp_echoes_answered) == 2,
	       "%u answers, %llu counted", stage.raw->icmps,
	       (unsigned long long)box_counter(stage.farm.box, COUNTER_icmp_echoes_answered));
	frame_ip(stage.raw, &f, &stage.vs4, 1, "\x08\x00\xf7\xff", 4);
	refused(&stage, &f, DROP_icmp_truncated);
	frame_echo(stage.raw, &f, &stage.vs4);
	f.byte[f.l4 + 2] ^= 1;
	refused(&stage, &f, DROP_icmp_checksum);
	frame_echo(stage.raw, &f, &stage.vs4);
	f.byte[f.l4] = 13;
	frame_fix_l4(&f);
	refused(&stage, &f, DROP_icmp_type_unknown);
	/* host unreachable about a connection that does not exist */
	quote[8] = 0x45;
	quote[8 + 3] = 40;
	quote[8 + 9] = 6;
	memcpy(quote + 8 + 12, stage.vs4.byte + 12, 4);
	memcpy(quote + 8 + 16, stage.raw->v4.byte + 12, 4);
	frame_ip(stage.raw, &f, &stage.vs4, 1, quote, sizeof quote);
	refused(&stage, &f, DROP_icmp_error_unmatched);
	limited = box_dropped(stage.farm.box, DROP_icmp_rate_limited);
	for (unsigned i = 0;
	     i < 20000 && box_dropped(stage.farm.box, DROP_icmp_rate_limited) == limited; i++) {
		frame_echo(stage.raw, &f, &stage.vs4);
		raw_send(stage.raw, &f);
		if (i % 50 == 0)
			world_run(world, 20, NULL, NULL);
	}
	EXPECT(world, box_dropped(stage.farm.box, DROP_icmp_rate_limited) > limited,
	       "a flood of echo requests is answered without limit");
	kernel_is_full(&stage);
	still_serves(&stage);
	farm_settle(&stage.farm);
}

/* A box without a kernel: what a service would have is dropped, and not answered by a RST either. */
static void
kernel_is_full(struct stage *stage)
{
	struct box *box = stage->farm.box;
	struct segment segment = syn(2000);
	struct addr own;
	struct frame f;
	uint64_t resets;

	ASSERT(addr_parse("10.0.0.1", &own));
	stage->farm.spec.number = 2;
	stage->farm.spec.ports[0].services = 1u << SERVICE_ssh;
	box_configure(box, &stage->farm.spec);
	world_run(stage->farm.world, 10 * MS, NULL, NULL);
	segment.dst_port = 22;
	frame_tcp(stage->raw, &f, &own, &segment);
	resets = box_counter(box, COUNTER_tcp_resets_sent);
	refused(stage, &f, DROP_punt_full);
	EXPECT(stage->farm.world, box_counter(box, COUNTER_tcp_resets_sent) == resets,
	       "the kernel's connection is reset");
}

void
story_box_drops_tcp(struct world *world)
{
	struct segment segment;
	struct stage stage;
	struct frame f;

	stage_make(&stage, world);
	segment = syn(2000);
	frame_ip(stage.raw, &f, &stage.vs4, 6, f.byte, 12);
	refused(&stage, &f, DROP_tcp_truncated);
	frame_tcp(stage.raw, &f, &stage.vs4, &segment);
	f.byte[f.l4 + 12] = 0xf0; /* a header of 60 bytes in 20 */
	frame_fix_l4(&f);
	refused(&stage, &f, DROP_tcp_truncated);
	frame_tcp(stage.raw, &f, &stage.vs4, &segment);
	f.byte[f.l4 + 17] ^= 1;
	refused(&stage, &f, DROP_tcp_checksum);
	segment.flags = SEG_SYN | SEG_FIN;
	frame_tcp(stage.raw, &f, &stage.vs6, &segment);
	refused(&stage, &f, DROP_tcp_flags);
	segment = syn(2000);
	segment.options_len = 4;
	memcpy(segment.options, "\x02\x00\x05\xb4", 4);
	frame_tcp(stage.raw, &f, &stage.vs4, &segment);
	refused(&stage, &f, DROP_tcp_options);
	segment = syn(0);
	frame_tcp(stage.raw, &f, &stage.vs4, &segment);
	refused(&stage, &f, DROP_tcp_port_zero);
	segment = syn(2000);
	segment.dst_port = 4711;
	frame_tcp(stage.raw, &f, &stage.vs4, &segment);
	refused(&stage, &f, DROP_tcp_no_listener);
	segment = syn(2000);
	segment.flags = SEG_ACK;
	frame_tcp(stage.raw, &f, &stage.vs4, &segment);
	refused(&stage, &f, DROP_tcp_no_connection);
	still_serves(&stage);
	farm_settle(&stage.farm);
}

/* The options of a segment with a timestamp (RFC 7323 3). */
static void
add_timestamp(struct segment *segment, uint32_t value)
{
	uint8_t *at = segment->options + segment->options_len;

	memcpy(at,
	       (uint8_t[12]){ 1, 1, 8, 10, (uint8_t)(value >> 24), (uint8_t)(value >> 16),
			      (uint8_t)(value >> 8), (uint8_t)value },
	       12);
	segment->options_len += 12;
}

/* A complete handshake; gives the segment that acknowledged the SYN, to be varied. */
static struct segment
open_connection(struct stage *stage, uint16_t src_port, bool timestamp)
{
	struct world *world = stage->farm.world;
	struct segment segment = syn(src_port);
	struct frame f;

	if (timestamp)
		add_timestamp(&segment, 1000000);
	frame_tcp(stage->raw, &f, &stage->vs4, &segment);
	raw_send(stage->raw, &f);
	world_run(world, 10 * MS, NULL, NULL);
	EXPECT(world,
	       stage->raw->last.flags == (SEG_SYN | SEG_ACK) &&
		   stage->raw->last.dst_port == src_port && stage->raw->last.ack == 1001,
	       "no answer to SYN");
	segment = syn(src_port);
	segment.seq = 1001;
	segment.ack = stage->raw->last.seq + 1;
	segment.flags = SEG_ACK;
	if (timestamp)
		add_timestamp(&segment, 1000001);
	frame_tcp(stage->raw, &f, &stage->vs4, &segment);
	raw_send(stage->raw, &f);
	world_run(world, 10 * MS, NULL, NULL);
	return segment;
}

/* Sends segment and expects it to be refused for this reason. */
static void
refused_segment(struct stage *stage, const struct segment *segment, enum drop_reason reason)
{
	struct frame f;

	frame_tcp(stage->raw, &f, &stage->vs4, segment);
	refused(stage, &f, reason);
}

static void
send_segment(struct stage *stage, const struct segment *segment)
{
	struct frame f;

	frame_tcp(stage->raw, &f, &stage->vs4, segment);
	raw_send(stage->raw, &f);
	world_run(stage->farm.world, 10 * MS, NULL, NULL);
}

void
story_box_drops_connection(struct world *world)
{
	struct segment base, segment;
	struct stage stage;

	stage_make(&stage, world);
	base = open_connection(&stage, 3000, false);
	segment = base;
	segment.seq += 100000000;
	refused_segment(&stage, &segment, DROP_tcp_sequence);
	segment.payload_len = 10;
	refused_segment(&stage, &segment, DROP_tcp_receive_buffer_full);
	segment = base;
	segment.ack += 100000;
	refused_segment(&stage, &segment, DROP_tcp_ack_unacceptable);
	segment = base;
	segment.flags = SEG_SYN | SEG_ACK;
	refused_segment(&stage, &segment, DROP_tcp_syn_in_window);
	segment = base;
	segment.flags = SEG_RST;
	segment.seq += 100;
	refused_segment(&stage, &segment, DROP_tcp_reset_inexact);
	segment = base;
	segment.payload_len = 10;
	send_segment(&stage, &segment);
	refused_segment(&stage, &segment, DROP_tcp_duplicate);

	base = open_connection(&stage, 3001, true);
	segment = base;
	segment.options_len = 0;
	segment.payload_len = 10;
	refused_segment(&stage, &segment, DROP_tcp_timestamp_missing);
	add_timestamp(&segment, 999000);
	refused_segment(&stage, &segment, DROP_tcp_paws);
	EXPECT(world, stage.raw->resets == 0, "%u resets", stage.raw->resets);
	/* an exact reset ends it */
	base.flags = SEG_RST;
	send_segment(&stage, &base);
	still_serves(&stage);
	farm_settle(&stage.farm);
}

/*
 * "Too big" about a segment of quoted_len bytes with this sequence number, from the virtual server to port src_port of peer; as the
 * router says that is the raw node.
 */
static void
frame_too_big(struct stage *stage, struct frame *f, const struct addr *peer, uint16_t src_port,
	      uint32_t sequence, uint32_t mtu_bytes)
{
	bool v4 = addr_is_v4(peer);
	uint32_t header = v4 ? 20 : 40, len = 8 + header + 8;
	uint8_t icmp[8 + 40 + 8] = { v4 ? 3 : 2, v4 ? 4 : 0 }, *ip = icmp + 8, *tcp = ip + header;
	const struct addr *vs = v4 ? &stage->vs4 : &stage->vs6;

	icmp[4] = (uint8_t)(mtu_bytes >> 24);
	icmp[5] = (uint8_t)(mtu_bytes >> 16);
	icmp[6] = (uint8_t)(mtu_bytes >> 8);
	icmp[7] = (uint8_t)mtu_bytes;
	ip[0] = v4 ? 0x45 : 0x60;
	ip[v4 ? 9 : 6] = 6;
	ip[v4 ? 2 : 4] = 1000 >> 8;
	memcpy(ip + (v4 ? 12 : 8), vs->byte + (v4 ? 12 : 0), v4 ? 4 : 16);
	memcpy(ip + (v4 ? 16 : 24), peer->byte + (v4 ? 12 : 0), v4 ? 4 : 16);
	tcp[1] = 80;
	tcp[2] = (uint8_t)(src_port >> 8);
	tcp[3] = (uint8_t)src_port;
	tcp[4] = (uint8_t)(sequence >> 24);
	tcp[5] = (uint8_t)(sequence >> 16);
	tcp[6] = (uint8_t)(sequence >> 8);
	tcp[7] = (uint8_t)sequence;
	frame_ip(stage->raw, f, vs, v4 ? 1 : 58, icmp, len);
	frame_fix_l4(f);
}

static const char download_request[] = "GET /d/20000/l/abcd HTTP/1.1\r\nHost: example.org\r\n\r\n";
#define DOWNLOAD_REQUEST_LEN ((uint32_t)sizeof download_request - 1)

/* A download of which nothing is acknowledged; answers the sequence number of its first byte. */
static uint32_t
open_download(struct stage *stage, const struct addr *vs, uint16_t src_port)
{
	struct world *world = stage->farm.world;
	struct segment segment = syn(src_port);
	struct frame f;
	uint32_t first;

	segment.options_len = 4;
	memcpy(segment.options, "\x02\x04\x05\xa0", 4); /* 1440 */
	frame_tcp(stage->raw, &f, vs, &segment);
	raw_send(stage->raw, &f);
	world_run(world, 10 * MS, NULL, NULL);
	first = stage->raw->last.seq + 1;
	segment = (struct segment){ .seq = 1001,
				    .ack = first,
				    .src_port = src_port,
				    .dst_port = 80,
				    .window = 30000,
				    .flags = SEG_ACK | SEG_PSH,
				    .payload_len = DOWNLOAD_REQUEST_LEN };
	frame_tcp(stage->raw, &f, vs, &segment);
	memcpy(frame_payload(&f), download_request, DOWNLOAD_REQUEST_LEN);
	frame_fix_l4(&f);
	raw_send(stage->raw, &f);
	world_run(world, 20 * MS, NULL, NULL);
	EXPECT(world, stage->raw->last.payload_len > 1220 || stage->raw->last.seq != first,
	       "no full segments");
	return first;
}

/* Of a client itself, or of who sees its segments: it gets smaller ones, but none that cost much, and nobody else does. */
static void
forge_as_client(struct stage *stage, const struct addr *vs, uint16_t src_port)
{
	const struct addr *own = addr_is_v4(vs) ? &stage->raw->v4 : &stage->raw->v6;
	struct box *box = stage->farm.box;
	uint64_t before = box_counter(box, COUNTER_tcp_mtu_reductions);
	uint32_t first = open_download(stage, vs, src_port);
	struct segment reset = { .src_port = src_port, .dst_port = 80, .flags = SEG_RST };
	struct frame f;

	frame_too_big(stage, &f, own, src_port, first - 1, 1280);
	refused(stage, &f, DROP_icmp_error_unmatched);
	frame_too_big(stage, &f, own, src_port, first + 1000000, 1280);
	refused(stage, &f, DROP_icmp_error_unmatched);
	frame_too_big(stage, &f, own, src_port, first, 1500);
	refused(stage, &f, DROP_icmp_mtu_not_smaller);
	if (!addr_is_v4(vs)) {
		frame_too_big(stage, &f, own, src_port, first, 1279);
		refused(stage, &f, DROP_icmp_mtu_too_small);
	}
	EXPECT(stage->farm.world, box_counter(box, COUNTER_tcp_mtu_reductions) == before,
	       "believed");
	frame_too_big(stage, &f, own, src_port, first, 1280);
	raw_send(stage->raw, &f);
	world_run(stage->farm.world, MS, NULL, NULL);
	EXPECT(stage->farm.world, box_counter(box, COUNTER_tcp_mtu_reductions) == before + 1,
	       "not believed");
	EXPECT(stage->farm.world, stage->raw->last.payload_len <= 1240, "%u bytes came",
	       stage->raw->last.payload_len);
	reset.seq = 1001 + DOWNLOAD_REQUEST_LEN;
	frame_tcp(stage->raw, &f, vs, &reset);
	raw_send(stage->raw, &f);
	world_run(stage->farm.world, 10 * MS, NULL, NULL);
}

/* Of somebody who knows a client's ports, and guesses. */
static void
forge_blindly(struct stage *stage)
{
	struct http_plan plan = { .to = farm_endpoint(FARM_VS_WEB),
				  .requests = 20,
				  .down_max = 200000 };
	struct host *host = stage->farm.clients[0];
	struct box *box = stage->farm.box;
	struct world *world = stage->farm.world;
	struct http_client *client = http_client_new(host, &plan);
	uint64_t believed = box_counter(box, COUNTER_tcp_mtu_reductions), unmatched;
	struct tcp_info info = { 0 };
	struct frame f;

	world_run(world, 3 * MS, NULL, NULL);
	for (uint32_t id = 0; id < tcp_capacity(host->tcp); id++)
		if (tcp_info(host->tcp, id, &info) && info.state == TCP_ESTABLISHED)
			break;
	EXPECT(world, info.state == TCP_ESTABLISHED, "no connection to forge for");
	unmatched = box_dropped(box, DROP_icmp_error_unmatched);
	for (unsigned i = 0; i < 500; i++) {
		frame_too_big(stage, &f, &host->v4, info.local.port,
			      (uint32_t)rng_next(&world->rng), 576);
		raw_send(stage->raw, &f);
		world_run(world, 20, NULL, NULL);
	}
	world_run(world, MS, NULL, NULL);
	EXPECT(world, box_dropped(box, DROP_icmp_error_unmatched) == unmatched + 500,
	       "not each was refused");
	EXPECT(world, box_counter(box, COUNTER_tcp_mtu_reductions) == believed, "one was believed");
	EXPECT(world, world_run(world, 60 * SEC, http_client_done, client), "the client waits");
}

void
story_box_drops_too_big(struct world *world)
{
	struct stage stage;

	stage_make(&stage, world);
	stage.vs4 = farm_endpoint(FARM_VS_WEB).addr;
	stage.vs6 = farm_endpoint(FARM_VS_WEB6).addr;
	forge_as_client(&stage, &stage.vs4, 4000);
	forge_as_client(&stage, &stage.vs6, 4001);
	forge_blindly(&stage);
	still_serves(&stage);
	farm_settle(&stage.farm);
}

void
story_box_drops_late(struct world *world)
{
	struct segment base, segment;
	struct stage stage;
	struct frame f;
	unsigned pieces;

	stage_make(&stage, world);
	/* more pieces with holes between them than anybody sends */
	base = segment = open_connection(&stage, 3002, false);
	segment.payload_len = 1;
	for (pieces = 0; pieces < 1000 && !box_dropped(stage.farm.box, DROP_tcp_reassembly_full);
	     pieces++) {
		segment.seq += 2;
		send_segment(&stage, &segment);
	}
	EXPECT(world, box_dropped(stage.farm.box, DROP_tcp_reassembly_full) == 1,
	       "%u pieces are kept", pieces);
	base.flags = SEG_RST;
	send_segment(&stage, &base);
	/* text behind a FIN */
	base = segment = open_connection(&stage, 3003, false);
	segment.flags = SEG_ACK | SEG_FIN;
	frame_tcp(stage.raw, &f, &stage.vs4, &segment);
	raw_send(stage.raw, &f);
	world_run(world, MS / 2, NULL, NULL);
	segment = base;
	segment.seq++;
	segment.payload_len = 10;
	refused_segment(&stage, &segment, DROP_tcp_after_close);
	/* the box closes first, behind its answer; then something comes again */
	stage.vs4 = farm_endpoint(FARM_VS_WEB).addr;
	base = segment = open_connection(&stage, 3004, false);
	segment.payload_len = 18;
	frame_tcp(stage.raw, &f, &stage.vs4, &segment);
	memcpy(f.byte + f.l4 + 20, "GET / HTTP/1.0\r\n\r\n", 18);
	frame_fix_l4(&f);
	raw_send(stage.raw, &f);
	world_run(world, 20 * MS, NULL, NULL);
	EXPECT(world, stage.raw->last.flags & SEG_FIN, "the box does not close behind its answer");
	segment = base;
	segment.seq += 18;
	segment.ack = stage.raw->last.seq + stage.raw->last.payload_len + 1;
	segment.flags = SEG_ACK | SEG_FIN;
	send_segment(&stage, &segment);
	segment.flags = SEG_ACK;
	segment.seq -= 10;
	segment.payload_len = 10;
	refused_segment(&stage, &segment, DROP_tcp_time_wait);
	still_serves(&stage);
	farm_settle(&stage.farm);
}

void
story_box_port_removed(struct world *world)
{
	struct gen_spec without;
	struct stage stage;
	struct frame f;

	stage_make(&stage, world);
	without = (struct gen_spec){ .number = 2,
				     .ports = { { .name = "p1", .mtu_bytes = 1500 } },
				     .port_count = 1,
				     .addresses = { { "10.0.1.1/24", 0 } },
				     .address_count = 1 };
	box_configure(stage.farm.box, &without);
	world_run(world, 100 * MS, NULL, NULL);
	frame_echo(stage.raw, &f, &stage.vs4);
	refused(&stage, &f, DROP_port_unconfigured);
	stage.farm.spec.number = 3;
	box_configure(stage.farm.box, &stage.farm.spec);
	farm_wait_up(&stage.farm);
	still_serves(&stage);
	farm_settle(&stage.farm);
}

/* A SYN to a closed port from each of count spoofed neighbours, times times: every answer needs an address that nobody has. */
static void
spoof(struct stage *stage, uint32_t first, uint32_t count, uint32_t times)
{
	struct segment segment = syn(2000);
	struct addr real = stage->raw->v6;
	struct frame f;

	segment.dst_port = 4711;
	for (uint32_t i = 0; i < count * times; i++) {
		uint32_t number = first + i / times;

		stage->raw->v6.byte[12] = 0x66;
		stage->raw->v6.byte[13] = (uint8_t)(number >> 16);
		stage->raw->v6.byte[14] = (uint8_t)(number >> 8);
		stage->raw->v6.byte[15] = (uint8_t)number;
		segment.seq += 1000;
		frame_tcp(stage->raw, &f, &stage->vs6, &segment);
		raw_send(stage->raw, &f);
		if (i % 32 == 31)
			world_run(stage->farm.world, 100, NULL, NULL);
	}
	stage->raw->v6 = real;
	world_run(stage->farm.world, MS, NULL, NULL);
}

void
story_box_spoofed_neighbours(struct world *world)
{
	struct http_plan plan = { .to = farm_endpoint(FARM_VS_WEB6),
				  .conns = 2,
				  .parallel = 2,
				  .requests = 200,
				  .think_us = 10000,
				  .down_max = 20000 };
	struct http_client *client;
	struct stage stage;
	struct box *box;

	stage_make(&stage, world);
	box = stage.farm.box;
	client = http_client_new(stage.farm.clients[0], &plan);
	world_run(world, 100 * MS, NULL, NULL);
	spoof(&stage, 1, 1, 40);
	EXPECT(world, box_dropped(box, DROP_neighbour_queue_full) > 0,
	       "any number of packets waits for one neighbour");
	spoof(&stage, 1000, 6000, 1);
	EXPECT(world, box_dropped(box, DROP_neighbour_table_full) > 0,
	       "there is room for any number of neighbours");
	/* who is known already is served meanwhile, who is new soon after */
	EXPECT(world, world_run(world, 60 * SEC, http_client_done, client), "%llu requests right",
	       (unsigned long long)http_client_result(client)->right);
	world_run(world, 10 * SEC, NULL, NULL);
	EXPECT(world, box_dropped(box, DROP_neighbour_unreachable) > 0, "not counted");
	still_serves(&stage);
	farm_settle(&stage.farm);
}
