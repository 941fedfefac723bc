/*
 * Frames through a whole worker (dataplane/worker.h), built as the simulator builds it: one that was just started, with
 * virtual servers of both types and monitors. Beside frames of any bytes an input may say segments that fit into the
 * conversations that the worker is in (sequence numbers and checksums right, flags, options and text as it likes), so that
 * requests, responses, probes and everything that may go wrong with them are reached; it lets time pass and changes the
 * configuration under way.
 *
 * What goes out is well-formed; the worker's own checks hold after each step; and once everything has been taken out of
 * the configuration, all ends: no connection, no session, no packet buffer is left and all gauges are zero.
 */
#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>
#include <rte_mbuf.h>

#include "dataplane/worker.h"
#include "test/fuzz/box.h"

#define STEPS       100u  /* operations in one input */
#define TURNS       40u   /* in one operation, while there is something to do */
#define QUIET_TURNS 4000u /* for everything to end */
#define FLOWS       16u
#define RX_MAX      16u
#define FRAME_MAX   1514u
#define TEXT_MAX    1400u
#define VIEWS       3u
#define SLOTS       16u /* more than all configurations' members, or virtual servers */

enum kind { ANSWER, SAY, OPEN, TEXT, RAW, TIME, CONFIGURE, SILENCE, KINDS };

/* A TCP conversation as the other end sees it: what would be right to say next. */
struct flow {
	bool used;
	unsigned port;           /* of the box */
	struct addr ours, peers; /* ours: the box's */
	uint16_t our_port, peer_port;
	uint32_t seq, ack;
	bool syn; /* the last segment was a SYN without ACK: to be answered by both */
};

static const char *const texts[VIEWS] = {
	BOX_TEXT
	"monitors = ( { name = \"h\"; type = \"http\"; interval-ms = 1000; timeout-ms = 500; fall "
	"= 2; rise = 1; },\n"
	"             { name = \"t\"; type = \"tcp\"; interval-ms = 2000; timeout-ms = 500; } );\n"
	"pools = ( { name = \"web\"; monitor = \"h\"; members = ( { address = \"10.0.1.11\"; port "
	"= 80; },\n"
	"                                                 { address = \"fd00:1::12\"; port = 80; } "
	"); },\n"
	"          { name = \"raw\"; monitor = \"t\"; members = ( { address = \"10.0.1.13\"; port "
	"= 80; } ); },\n"
	"          { name = \"bare\"; members = ( { address = \"10.0.1.14\"; port "
	"= 80; },\n"
	"                                     { address = \"10.0.1.15\"; port = 80; } ); } );\n"
	"virtual-servers = (\n"
	"  { name = \"a\"; address = \"10.0.0.100\"; port = 80; type = \"http\"; pool = \"bare\"; "
	"idle-timeout-ms = 2000; },\n"
	"  { name = \"b\"; address = \"10.0.0.101\"; port = 80; type = \"tcp\"; pool = \"bare\"; "
	"idle-timeout-ms = 2000; },\n"
	"  { name = \"c\"; address = \"fd00::100\"; port = 80; type = \"http\"; pool = \"web\"; "
	"idle-timeout-ms = 2000; },\n"
	"  { name = \"d\"; address = \"fd00::101\"; port = 80; type = \"tcp\"; pool = \"raw\"; "
	"idle-timeout-ms = 2000; } );\n",

	/* other members, another virtual server, some gone */
	BOX_TEXT
	"monitors = ( { name = \"h\"; type = \"http\"; interval-ms = 1000; timeout-ms = 500; fall "
	"= 2; rise = 1; } );\n"
	"pools = ( { name = \"bare\"; monitor = \"h\"; members = ( { address = \"10.0.1.14\"; port "
	"= 80; } ); },\n"
	"          { name = \"new\"; members = ( { address = \"10.0.1.16\"; port "
	"= 81; } ); } );\n"
	"virtual-servers = (\n"
	"  { name = \"a\"; address = \"10.0.0.100\"; port = 80; type = \"http\"; pool = \"new\"; "
	"idle-timeout-ms = 2000; },\n"
	"  { name = \"e\"; address = \"fd00::100\"; port = 80; type = \"tcp\"; pool = \"bare\"; "
	"idle-timeout-ms = 2000; } );\n",

	/* nothing: lets all come to an end */
	BOX_TEXT,
};

static const struct {
	const char *client, *server;
} servers[] = {
	{ "10.0.0.2", "10.0.0.100" },   { "192.0.2.7", "10.0.0.101" }, { "fd00::2", "fd00::100" },
	{ "2001:db8::7", "fd00::101" }, { "10.0.0.2", "10.0.0.1" },
};

/* What peers often say. */
static const char *const sayings[] = {
	"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
	"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
	"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
	"HTTP/1.1 100 Continue\r\n\r\n",
	"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
	"HEAD /y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
	"HTTP/1.0 200 OK\r\n\r\nuntil the end",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
	"5\r\nhello\r\n",
	"0\r\n\r\n",
	"56789",
	"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
	"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
	"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
};

static struct fuzz_box box;
static struct config_view *views[VIEWS];
static struct worker *worker;
static uint64_t now_us;
static struct flow flows[FLOWS];
static unsigned flow_next, client_ports;
static bool silent; /* nobody answers ARP and neighbour solicitations */
static struct addr clients[ARRAY_SIZE(servers)], vips[ARRAY_SIZE(servers)];
static struct rx {
	uint8_t frame[RX_MAX][FRAME_MAX];
	uint32_t len[RX_MAX];
	unsigned count;
} rx[BOX_PORTS];
static uint64_t rx_frames[BOX_PORTS], tx_frames[BOX_PORTS];

static uint16_t port_receive(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n,
			     uint64_t at_us);
static uint16_t
port_send(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t at_us);
static void sent(unsigned port, const uint8_t *frame, uint32_t len);
static void answer_neighbour(unsigned port, const uint8_t *frame);
static void follow(unsigned port, const struct packet_seen *seen);
static void worker_start(void);
static void worker_end(void);
static void step(struct fuzz_input *in);
static void turns(unsigned count);
static void pass_us(uint64_t us, unsigned count);
static void check(void);
static void frame_raw(struct fuzz_input *in, unsigned how);
static void flow_open(struct fuzz_input *in, unsigned how);
static void
flow_say(struct fuzz_input *in, struct flow *f, unsigned flags, bool exact, const char *text);

static const struct port_ops port_ops = {
	.rx = port_receive,
	.tx = port_send,
	.info = fuzz_box_info,
};

static void
start(void)
{
	fuzz_mbufs();
	fuzz_box_init(&box, &port_ops);
	for (unsigned i = 0; i < VIEWS; i++)
		views[i] = fuzz_box_view(
		    &box, fuzz_compile(texts[i], i ? views[i - 1]->gen : NULL, i + 1));
	for (unsigned i = 0; i < ARRAY_SIZE(servers); i++) {
		clients[i] = fuzz_addr(servers[i].client);
		vips[i] = fuzz_addr(servers[i].server);
	}
}

static void
run(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };

	worker_start();
	for (unsigned i = 0; i < STEPS && in.left; i++) {
		step(&in);
		check();
	}
	worker_end();
	fuzz_mbufs_are_back();
}

/* ---- the worker ---- */

/* All that a run may have touched: the whole has room for many more. */
static void
stats_clear(struct stats_worker *stats)
{
	memset(stats->counter, 0, sizeof stats->counter);
	memset(stats->drop, 0, sizeof stats->drop);
	memset(stats->port, 0, sizeof stats->port);
	memset(stats->vs, 0, sizeof stats->vs[0] * SLOTS);
	memset(stats->member, 0, sizeof stats->member[0] * SLOTS);
}

static void
worker_start(void)
{
	struct worker_setup setup = {
		.workers = 1, .port_count = BOX_PORTS, .sessions = 16, .tap_bytes = 16384
	};

	setup.tcp = tcp_settings_default;
	setup.tcp.conns = 32;
	setup.tcp.half_open_max = 8;
	setup.tcp.segments = 256;
	setup.tcp.time_wait_us = 1000000;
	setup.tcp.profile.syn_retries = 2;
	setup.tcp.profile.data_retries = 3;
	setup.tcp.rto_max_us = 4000000;
	setup.tcp.linger_us = 5000000;
	setup.mbufs = fuzz_mbufs();
	setup.ports = box.ports;
	setup.stats = box.stats;
	setup.health = box.health;
	setup.key = (struct siphash_key){ 1, 2 };
	setup.seed = 3;
	for (unsigned i = 0; i < VIEWS; i++)
		fuzz_box_view_reset(&box, views[i]);
	stats_clear(&box.stats->worker[0]);
	memset(flows, 0, sizeof flows);
	memset(rx_frames, 0, sizeof rx_frames);
	memset(tx_frames, 0, sizeof tx_frames);
	rx[0].count = rx[1].count = flow_next = client_ports = 0;
	silent = false;
	now_us = 1000000000;
	worker = worker_create(&setup, now_us);
	ASSERT(worker);
	worker_offer_view(worker, views[0]);
	turns(TURNS);
}

static void
gauges_are_zero(void)
{
	const struct stats_worker *stats = &box.stats->worker[0];

	ASSERT(stats->counter[COUNTER_sessions_open] == 0);
	ASSERT(stats->counter[COUNTER_tcp_conns_open] == 0);
	ASSERT(stats->counter[COUNTER_http_server_conns_kept] == 0);
	for (unsigned i = 0; i < SLOTS; i++) {
		ASSERT(stats->vs[i][VS_COUNTER_conns_open] == 0);
		ASSERT(stats->member[i][MEMBER_COUNTER_conns_open] == 0);
		ASSERT(stats->member[i][MEMBER_COUNTER_sessions_open] == 0);
	}
}

static bool
is_quiet(void)
{
	return worker_view(worker) == views[VIEWS - 1] && worker_open_sessions(worker) == 0 &&
	       tcp_open_count(worker_tcp(worker)) == 0 &&
	       rte_mempool_in_use_count(fuzz_mbufs()) == 0;
}

/* The peers fall silent. */
static void
worker_end(void)
{
	silent = true;
	worker_offer_view(worker, views[VIEWS - 1]);
	turns(TURNS);
	for (unsigned i = 0; i < QUIET_TURNS && !is_quiet(); i++)
		pass_us(500000, 8);
	ASSERT(is_quiet());
	check();
	gauges_are_zero();
	for (unsigned v = 0; v < VIEWS; v++)
		ASSERT(views[v]->refs[0].sessions == 0);
	worker_destroy(worker);
}

static void
check(void)
{
	const struct stats_worker *stats = &box.stats->worker[0];

	worker_check(worker, now_us);
	ASSERT(stats->drop[DROP_none] == 0);
	for (unsigned i = 0; i < BOX_PORTS; i++) {
		ASSERT(stats->port[i][PORT_COUNTER_rx_packets] == rx_frames[i]);
		ASSERT(stats->port[i][PORT_COUNTER_tx_packets] == tx_frames[i]);
	}
}

/* ---- time ---- */

static void
turn(uint64_t at_us)
{
	if (worker_is_adopting(worker))
		worker_adopt(worker, at_us);
	worker_turn(worker, at_us);
}

/* Turns it while it has something to do now, answers of the peers included. */
static void
turns(unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		turn(++now_us);
		if (!rx[0].count && !rx[1].count && !worker_is_adopting(worker) &&
		    worker_next_us(worker, now_us) > now_us)
			break;
	}
}

static void
pass_us(uint64_t us, unsigned count)
{
	uint64_t until = now_us + us;

	for (unsigned i = 0; i < count && now_us < until; i++) {
		uint64_t next = worker_next_us(worker, now_us);

		if (next > until)
			break;
		now_us = next > now_us ? next : now_us + 1;
		turn(now_us);
	}
	if (now_us < until)
		now_us = until;
	turn(now_us);
}

/* ---- the ports ---- */

static uint16_t
port_receive(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t at_us)
{
	unsigned index = (unsigned)(port->name[1] - '0');
	struct rx *r = &rx[index];
	uint16_t count = (uint16_t)r->count;

	ASSERT(queue == 0 && n >= count);
	for (uint16_t i = 0; i < count; i++)
		burst[i] = fuzz_mbuf(r->frame[i], r->len[i]);
	rx_frames[index] += count;
	r->count = 0;
	return count;
}

static void
arrive(unsigned port, const uint8_t *frame, uint32_t len)
{
	struct rx *r = &rx[port];

	if (r->count == RX_MAX || len > FRAME_MAX)
		return;
	memcpy(r->frame[r->count], frame, len);
	r->len[r->count++] = len;
}

static uint16_t
port_send(struct port *port, uint16_t queue, struct rte_mbuf **burst, uint16_t n, uint64_t at_us)
{
	unsigned index = (unsigned)(port->name[1] - '0');
	uint8_t frame[FRAME_MAX];

	for (uint16_t i = 0; i < n; i++) {
		uint32_t len = burst[i]->pkt_len;
		const uint8_t *at;

		ASSERT(len <= FRAME_MAX);
		at = rte_pktmbuf_read(burst[i], 0, len, frame);
		ASSERT(at);
		sent(index, at, len);
	}
	tx_frames[index] += n;
	rte_pktmbuf_free_bulk(burst, n);
	return n;
}

static bool
is_ours(void *context, const struct addr *a)
{
	for (unsigned v = 0; v < VIEWS; v++) /* connections outlive their virtual server */
		if (fuzz_box_is_ours(views[v], a))
			return true;
	return false;
}

static void
sent(unsigned port, const uint8_t *frame, uint32_t len)
{
	struct packet_rules rules = { .mtu_bytes = BOX_MTU_BYTES, .is_ours = is_ours };
	struct packet_seen seen;

	fuzz_box_mac(port, rules.mac);
	packet_check_frame(frame, len, &rules, &seen);
	if (seen.type == TYPE_ARP || (seen.protocol == IPPROTO_ICMPV6 && seen.l4[0] == 135))
		answer_neighbour(port, frame);
	else if (seen.protocol == IPPROTO_TCP)
		follow(port, &seen);
}

/* Everybody whom it asks for is there, but itself. */
static void
answer_neighbour(unsigned port, const uint8_t *frame)
{
	const uint8_t *l3 = frame + ETH_BYTES;
	uint8_t answer[FRAME_MAX], ours[6], peer[6];
	struct addr target, asker;

	fuzz_box_mac(port, ours);
	fuzz_peer_mac(port, peer);
	if (silent)
		return;
	if (get16(frame + 12) == TYPE_ARP) {
		if (get16(l3 + 6) != 1 || memcmp(l3 + 14, l3 + 24, 4) == 0 || get32(l3 + 14) == 0)
			return; /* the box announces itself, or asks whether nobody has its address */
		packet_eth(answer, ours, peer, TYPE_ARP);
		memcpy(answer + ETH_BYTES, l3, 28);
		put16(answer + ETH_BYTES + 6, 2);
		memcpy(answer + ETH_BYTES + 8, peer, 6);
		memcpy(answer + ETH_BYTES + 14, l3 + 24, 4);
		memcpy(answer + ETH_BYTES + 18, ours, 6);
		memcpy(answer + ETH_BYTES + 24, l3 + 14, 4);
		arrive(port, answer, ETH_BYTES + 28);
		return;
	}
	asker = addr_from_v6(l3 + 8);
	target = addr_from_v6(l3 + IPV6_BYTES + 8);
	if (addr_is_unspecified(&asker))
		return;
	packet_eth(answer, ours, peer, TYPE_IPV6);
	memset(answer + ETH_BYTES + IPV6_BYTES, 0, 32);
	answer[ETH_BYTES + IPV6_BYTES] = 136;
	put32(answer + ETH_BYTES + IPV6_BYTES + 4, 0x60000000);
	memcpy(answer + ETH_BYTES + IPV6_BYTES + 8, target.byte, 16);
	answer[ETH_BYTES + IPV6_BYTES + 24] = 2;
	answer[ETH_BYTES + IPV6_BYTES + 25] = 1;
	memcpy(answer + ETH_BYTES + IPV6_BYTES + 26, peer, 6);
	arrive(port, answer,
	       ETH_BYTES +
		   packet_ip(answer + ETH_BYTES, true, &target, &asker, IPPROTO_ICMPV6, 32));
}

/* ---- conversations ---- */

static struct flow *
flow_of(unsigned port, const struct packet_seen *seen)
{
	uint16_t our_port = (uint16_t)get16(seen->l4), peer_port = (uint16_t)get16(seen->l4 + 2);
	struct flow *f;

	for (unsigned i = 0; i < FLOWS; i++) {
		f = &flows[i];
		if (f->used && f->our_port == our_port && f->peer_port == peer_port &&
		    addr_equal(&f->ours, &seen->src) && addr_equal(&f->peers, &seen->dst))
			return f;
	}
	f = &flows[flow_next++ % FLOWS];
	*f = (struct flow){ .used = true,
			    .port = port,
			    .ours = seen->src,
			    .peers = seen->dst,
			    .our_port = our_port,
			    .peer_port = peer_port,
			    .seq = 0x10000u * flow_next };
	return f;
}

static void
follow(unsigned port, const struct packet_seen *seen)
{
	struct flow *f = flow_of(port, seen);
	unsigned flags = seen->l4[13];
	uint32_t end = get32(seen->l4 + 4) + seen->payload_len + (flags & FLAG_SYN ? 1 : 0) +
		       (flags & FLAG_FIN ? 1 : 0);

	if (flags & FLAG_RST)
		return;
	if (flags & FLAG_SYN || (int32_t)(end - f->ack) > 0)
		f->ack = end;
	f->syn = (flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN;
}

/* What an operator says of a member. */
static void
operate(struct fuzz_input *in)
{
	const struct config_view *view = views[fuzz_below(in, VIEWS - 1)];
	uint32_t member = fuzz_below(in, view->gen->members.count);

	view->member_admin[member]->state = (uint8_t)fuzz_below(in, MEMBER_ADMIN_COUNT);
	worker_look_again(worker);
}

/* As `capture` and `trace packet` do: begins, or reads what there is and ends. */
static void
tap(enum tap_kind kind)
{
	static const struct tap_plan plan = { .frames = UINT64_MAX,
					      .device_mask = UINT32_MAX,
					      .kept_bytes = TAP_TRACE_KEPT };
	static uint8_t records[16384] __attribute__((aligned(8)));
	uint64_t matched = 0, lost = 0;
	uint32_t len;
	size_t at = 0;

	if (!worker_tap_runs(worker, kind)) {
		ASSERT(worker_tap_start(worker, kind, &plan) == ERR_ok);
		turns(1);
		return;
	}
	len = worker_taps_read(&worker, 1, kind, records, sizeof records, &matched, &lost);
	while (tap_record_next(records, len, &at))
		;
	ASSERT(at == len && lost <= matched);
	worker_tap_stop(worker, kind);
	turns(1);
}

/* As `show connections` and `show connection` do. */
static void
ask(void)
{
	static struct mailbox_reply reply;

	ASSERT(worker_ask(worker, MAILBOX_CONNECTIONS, 0));
	turns(1);
	ASSERT(worker_answered(worker, &reply));
	ASSERT(reply.err == ERR_ok && reply.count <= MAILBOX_CONNS_BATCH);
	ASSERT(reply.count <= tcp_open_count(worker_tcp(worker)));
	for (uint32_t i = 0; i < reply.count; i++)
		ASSERT(is_ours(NULL, &reply.conn[i].local.addr) && reply.conn[i].state[0]);
	if (reply.count) {
		uint32_t id = reply.conn[reply.count - 1].id;

		ASSERT(worker_ask(worker, MAILBOX_CONNECTION, id));
		turns(1);
		ASSERT(worker_answered(worker, &reply));
		ASSERT(reply.err == ERR_not_found || reply.connection.conn.id == id);
	}
	tap(TAP_TRACE);
	tap(TAP_CAPTURE);
}

static void
step(struct fuzz_input *in)
{
	static const uint32_t times_us[] = { 1000,    50000,   300000,   1000000,
					     2500000, 6000000, 16000000, 70000000 };
	unsigned mode = fuzz_u8(in), how = mode / KINDS;
	struct flow *f;

	switch ((enum kind)(mode % KINDS)) {
	case ANSWER: /* acknowledges, or completes a handshake */
		f = &flows[how % FLOWS];
		flow_say(in, f, f->syn ? FLAG_SYN | FLAG_ACK : FLAG_ACK, true, NULL);
		break;
	case TEXT:
		f = &flows[how % FLOWS];
		flow_say(in, f, FLAG_ACK | 8, true, sayings[fuzz_below(in, ARRAY_SIZE(sayings))]);
		break;
	case SAY:
		f = &flows[how % FLOWS];
		flow_say(in, f, fuzz_u8(in), false, NULL);
		break;
	case OPEN:
		flow_open(in, how);
		break;
	case RAW:
		frame_raw(in, how);
		break;
	case TIME:
		pass_us(times_us[how % ARRAY_SIZE(times_us)], TURNS * 2);
		break;
	case CONFIGURE:
		if (how & 16)
			operate(in);
		else
			worker_offer_view(worker, views[how % VIEWS]);
		break;
	default:
		silent = how & 1;
		if (how & 2)
			worker_announce(worker, how >> 2 & 1);
		if (how & 16)
			worker_link_up(worker, how >> 2 & 1);
		if (how & 8)
			ask();
	}
	turns(TURNS);
}

/* A new client, or the last one once more. */
static void
flow_open(struct fuzz_input *in, unsigned how)
{
	unsigned which = how % ARRAY_SIZE(servers);
	struct flow f = { .used = true,
			  .ours = vips[which],
			  .peers = clients[which],
			  .our_port = 80,
			  .peer_port =
			      (uint16_t)(5000 + (how & 16 ? client_ports : ++client_ports)) };

	f.seq = 1000u * f.peer_port;
	f.syn = true;
	for (unsigned i = 0; i < FLOWS; i++)
		if (flows[i].used && flows[i].peer_port == f.peer_port)
			flows[i].used = false;
	flows[flow_next % FLOWS] = f;
	flow_say(in, &flows[flow_next++ % FLOWS], FLAG_SYN, true, NULL);
}

/* Options: as many bytes as the input says. */
static uint32_t
options(struct fuzz_input *in, uint8_t *tcp)
{
	size_t got, len = fuzz_below(in, 41) & ~3u;
	const uint8_t *bytes = fuzz_take(in, len, &got);

	memset(tcp + TCP_BYTES, 0, len);
	if (got)
		memcpy(tcp + TCP_BYTES, bytes, got);
	tcp[12] = (uint8_t)((TCP_BYTES + len) / 4 << 4);
	return TCP_BYTES + (uint32_t)len;
}

/*
 * The next segment of a conversation. Exact: numbers are right and there are no options; text as given. Otherwise the
 * input says how far off it is.
 */
static void
flow_say(struct fuzz_input *in, struct flow *f, unsigned flags, bool exact, const char *text)
{
	bool v6 = !addr_is_v4(&f->ours);
	uint8_t frame[FRAME_MAX], ours[6], peer[6];
	uint8_t *ip = frame + ETH_BYTES, *tcp = ip + (v6 ? IPV6_BYTES : IPV4_BYTES);
	uint32_t seq = f->seq, ack = f->ack, header = TCP_BYTES;
	size_t len = text ? strlen(text) : 0;

	if (!f->used)
		return;
	fuzz_box_mac(f->port, ours);
	fuzz_peer_mac(f->port, peer);
	packet_eth(frame, ours, peer, v6 ? TYPE_IPV6 : TYPE_IPV4);
	memset(tcp, 0, TCP_BYTES);
	tcp[12] = 0x50;
	put16(tcp + 14, 0xffff);
	if (!exact) {
		seq += (uint32_t)(int32_t)(int16_t)fuzz_u16(in);
		ack += (uint32_t)(int32_t)(int16_t)fuzz_u16(in);
		put16(tcp + 14, fuzz_u16(in));
		header = options(in, tcp);
		text = (const char *)fuzz_take(in, fuzz_u16(in) % TEXT_MAX, &len);
	}
	put16(tcp, f->peer_port);
	put16(tcp + 2, f->our_port);
	put32(tcp + 4, seq);
	put32(tcp + 8, ack);
	tcp[13] = (uint8_t)flags;
	if (len)
		memcpy(tcp + header, text, len);
	packet_ip(ip, v6, &f->peers, &f->ours, IPPROTO_TCP, header + (uint32_t)len);
	arrive(f->port, frame, (uint32_t)(tcp - frame) + header + (uint32_t)len);
	f->seq = seq + (uint32_t)len + (flags & FLAG_SYN ? 1 : 0) + (flags & FLAG_FIN ? 1 : 0);
	f->syn = false;
}

/* Any bytes; the first bits say whether the addresses of Ethernet and the checksums are made right. */
static void
frame_raw(struct fuzz_input *in, unsigned how)
{
	uint8_t frame[FRAME_MAX] = { 0 };
	unsigned port = how & 1;
	size_t got, len = fuzz_u16(in) % (FRAME_MAX + 1);
	const uint8_t *bytes = fuzz_take(in, len, &got);

	if (got)
		memcpy(frame, bytes, got);
	if (how & 2) {
		fuzz_box_mac(port, frame);
		fuzz_peer_mac(port, frame + 6);
	}
	if (how & 4 && got > ETH_BYTES)
		packet_seal(frame + ETH_BYTES, (uint32_t)got - ETH_BYTES);
	arrive(port, frame, (uint32_t)got);
}

const struct fuzz_target fuzz_frame = { "frame", start, run, NULL };
