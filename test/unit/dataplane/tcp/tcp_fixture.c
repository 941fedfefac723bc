/*
 * The hand-written peer: makes segments from templates, takes apart what comes out, and leads a
 * connection into each state.
 */
#include "test/unit/dataplane/tcp/tcp_fixture.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

struct tcp *tcp;
struct tcp_settings settings;
struct stats_worker *stats;
uint64_t now_us;
struct peer peer;
uint32_t id;
bool listening;
uint16_t host_mss;
bool port_cuts;

static struct stats_worker stats_cells;
static void *memory;
static unsigned mbufs_before;
static uint32_t sent_position, read_position;
static struct rte_mbuf *hidden[4096];
static unsigned hidden_count;

static bool
listens(void *context, const struct endpoint *local)
{
	return listening && local->port == 80;
}

static uint16_t
mss(void *context, const struct addr *remote)
{
	return host_mss;
}

static bool
cuts(void *context, const struct addr *remote)
{
	return port_cuts;
}

static const struct tcp_host host = { .listens = listens, .mss = mss, .cuts = cuts };

static struct addr
v4(uint8_t last)
{
	return addr_from_v4(be32_from(0x0a000000u + last));
}

void
start_defaults(void)
{
	settings = tcp_settings_default;
	settings.conns = 64;
	settings.segments = 1024;
}

void
start(void)
{
	const struct siphash_key key = { 1, 2 };

	if (settings.conns == 0)
		start_defaults();
	stats = &stats_cells;
	memset(stats, 0, sizeof *stats);
	now_us = 1000 * SECOND;
	listening = true;
	host_mss = 1460;
	port_cuts = false;
	mbufs_before = rte_mempool_avail_count(unit_mbufs());
	memory = aligned_alloc(64, (tcp_memory_bytes(&settings) + 63) & ~(size_t)63);
	ASSERT(memory);
	memset(memory, 0, tcp_memory_bytes(&settings));
	tcp = tcp_init(memory, &settings, &host, unit_mbufs(), stats, &key, now_us);
	id = TCP_NONE;
	peer = (struct peer){
		.ours = { .addr = v4(1), .port = 80 },
		.theirs = { .addr = v4(2), .port = 5000 },
		.iss = ISS_PEER,
		.window = 65535,
		.mss = 1000,
		.scale = -1,
		.sack = true,
	};
	sent_position = read_position = 1;
}

void
finish_open(void)
{
	tcp_check(tcp, now_us);
	tcp_fini(tcp);
	CU_ASSERT_EQUAL(rte_mempool_avail_count(unit_mbufs()), mbufs_before);
	free(memory);
	memory = NULL;
	settings = (struct tcp_settings){ 0 };
}

void
finish(void)
{
	CU_ASSERT_EQUAL(tcp_open_count(tcp), 0);
	CU_ASSERT_EQUAL(counter(COUNTER_tcp_conns_open), 0);
	CU_ASSERT_EQUAL(tcp->sent.used, 0);
	CU_ASSERT_EQUAL(tcp->half_open, 0);
	CU_ASSERT_EQUAL(tcp->wheel.armed, 0);
	finish_open();
}

uint8_t
pattern(uint32_t position)
{
	return (uint8_t)(position * 31 ^ position >> 8);
}

struct tcp_conn *
conn(void)
{
	ASSERT(id != TCP_NONE);
	return conn_at(tcp, id);
}

enum tcp_state
state(void)
{
	struct tcp_info info;

	return id != TCP_NONE && tcp_info(tcp, id, &info) ? info.state : TCP_CLOSED;
}

uint64_t
counter(enum counter which)
{
	return stats->counter[which];
}

/* ---- in ---- */

static uint8_t *
put32(uint8_t *at, uint32_t value)
{
	be32 wire = be32_from(value);

	memcpy(at, &wire, 4);
	return at + 4;
}

static uint32_t
write_options(const struct seg *s, uint8_t *out)
{
	uint8_t *at = out;
	bool syn = s->flags & SYN;

	if (s->options_len) {
		memcpy(out, s->options, s->options_len);
		return s->options_len;
	}
	if (syn && peer.mss) {
		memcpy(at, (uint8_t[]){ 2, 4, (uint8_t)(peer.mss >> 8), (uint8_t)peer.mss }, 4);
		at += 4;
	}
	if (syn && peer.scale >= 0) {
		memcpy(at, (uint8_t[]){ 1, 3, 3, (uint8_t)peer.scale }, 4);
		at += 4;
	}
	if (syn && peer.sack) {
		memcpy(at, (uint8_t[]){ 1, 1, 4, 2 }, 4);
		at += 4;
	}
	if (s->fast_open_len) {
		memset(at, 1, 12);
		at[0] = 34;
		at[1] = s->fast_open_len;
		memcpy(at + 2, &s->fast_open, s->fast_open_len > 2 ? 8 : 0);
		at += (s->fast_open_len + 3u) & ~3u;
	}
	if (peer.ts && !s->no_ts) {
		uint32_t ts = peer.ts_now ? peer.ts_now : (uint32_t)(now_us / 1000);

		memcpy(at, (uint8_t[]){ 1, 1, 8, 10 }, 4);
		at = put32(at + 4, s->ts ? s->ts : ts);
		at = put32(at, s->ecr ? s->ecr : peer.ts_seen);
	}
	if (s->sack_count) {
		memcpy(at, (uint8_t[]){ 1, 1, 5, (uint8_t)(2 + 8 * s->sack_count) }, 4);
		at += 4;
		for (unsigned i = 0; i < s->sack_count; i++) {
			at = put32(at, peer.irs + s->sack[i].start);
			at = put32(at, peer.irs + s->sack[i].end);
		}
	}
	return (uint32_t)(at - out);
}

static void
fill_defaults(struct seg *s)
{
	if (s->flags == 0)
		s->flags = ACK;
	if (!s->seq)
		s->seq = peer.snd;
	if (!s->ack && (s->flags & ACK))
		s->ack = peer.rcv;
	if (!s->window)
		s->window = peer.window;
	else if (s->window == ZERO_WINDOW)
		s->window = 0;
}

enum drop_reason
rx(struct seg s)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(unit_mbufs());
	uint8_t options[40];
	uint32_t options_len, bytes;
	enum drop_reason reason;
	struct tcp_header *h;
	uint8_t *payload;

	ASSERT(m);
	fill_defaults(&s);
	options_len = write_options(&s, options);
	bytes = TCP_HEADER_BYTES + options_len + s.len;
	h = (struct tcp_header *)rte_pktmbuf_append(m, (uint16_t)bytes);
	*h = (struct tcp_header){
		.src_port = be16_from(s.port == 0xffff ? 0
				      : s.port         ? s.port
						       : peer.theirs.port),
		.dst_port = be16_from(s.to_port ? s.to_port : peer.ours.port),
		.seq = be32_from(peer.iss + s.seq),
		.ack = be32_from(s.flags & ACK ? peer.irs + s.ack : 0),
		.data_offset = (uint8_t)(s.data_offset ? s.data_offset * 16u
						       : (TCP_HEADER_BYTES + options_len) << 2),
		.flags = (s.flags & 0x3f) | s.ecn,
		.window = be16_from((uint16_t)s.window),
	};
	memcpy(h + 1, options, options_len);
	payload = (uint8_t *)(h + 1) + options_len;
	for (uint32_t i = 0; i < s.len; i++)
		payload[i] = pattern(s.seq + (s.flags & SYN ? 1 : 0) + i) ^ (s.junk ? 0xff : 0);
	rte_pktmbuf_trim(m, (uint16_t)s.cut);
	*packet_of(m) = (struct packet){ .src = peer.theirs.addr,
					 .dst = peer.ours.addr,
					 .protocol = IPPROTO_TCP,
					 .traffic_class = s.codepoint };
	h->checksum = checksum_finish(checksum_add(
	    checksum_pseudo(&peer.theirs.addr, &peer.ours.addr, IPPROTO_TCP, m->data_len), h,
	    m->data_len));
	if (s.bad_checksum)
		h->checksum ^= 0x1000;
	reason = tcp_input(tcp, m, now_us);
	if (reason != DROP_none)
		rte_pktmbuf_free(m);
	else if (s.seq == peer.snd)
		peer.snd += s.len + !!(s.flags & SYN) + !!(s.flags & FIN);
	tcp_check(tcp, now_us);
	return reason;
}

/* ---- out ---- */

static uint32_t
get32(const uint8_t *at)
{
	be32 wire;

	memcpy(&wire, at, 4);
	return be32_to(wire);
}

static void
read_options(const uint8_t *at, uint32_t len, struct seg *s)
{
	s->scale = -1;
	for (uint32_t i = 0; i < len && at[i];) {
		if (at[i] == 1) {
			i++;
			continue;
		}
		switch (at[i]) {
		case 2:
			s->mss = (uint16_t)(at[i + 2] << 8 | at[i + 3]);
			break;
		case 3:
			s->scale = at[i + 2];
			break;
		case 4:
			s->sack_ok = true;
			break;
		case 5:
			s->sack_count = (at[i + 1] - 2u) / 8;
			for (uint32_t k = 0; k < s->sack_count; k++)
				s->sack[k] =
				    (struct tcp_range){ get32(&at[i + 2 + k * 8]) - peer.iss,
							get32(&at[i + 6 + k * 8]) - peer.iss };
			break;
		case 8:
			s->has_ts = true;
			s->ts = get32(&at[i + 2]);
			s->ecr = get32(&at[i + 6]);
			break;
		case 34:
			s->fast_open_len = at[i + 1];
			memcpy(&s->fast_open, &at[i + 2], 8);
			CU_ASSERT_EQUAL(at[i + 1], 10);
			break;
		default:
			CU_FAIL("an option that nobody knows");
		}
		CU_ASSERT(at[i + 1] >= 2 && i + at[i + 1] <= len);
		i += at[i + 1];
	}
}

/* What every segment of ours must be: well-formed, checksum right, payload the pattern. */
static struct seg
see(struct rte_mbuf *m)
{
	const struct tcp_header *h = rte_pktmbuf_mtod(m, const struct tcp_header *);
	const struct packet *p = packet_of(m);
	uint32_t header = (h->data_offset >> 4) * 4u;
	struct seg s = { .flags = h->flags & 0x3f,
			 .ecn = h->flags & (SEG_ECE | SEG_CWR),
			 .codepoint = p->traffic_class & ECN_MASK,
			 .window = be16_to(h->window) };
	const uint8_t *payload = (const uint8_t *)h + header;

	checksum_complete(m);
	CU_ASSERT(header >= TCP_HEADER_BYTES && header <= m->data_len);
	CU_ASSERT_EQUAL(
	    checksum_finish(checksum_add(
		checksum_pseudo(&p->src, &p->dst, IPPROTO_TCP, m->data_len), h, m->data_len)),
	    0);
	CU_ASSERT_EQUAL(p->protocol, IPPROTO_TCP);
	CU_ASSERT(addr_equal(&p->src, &peer.ours.addr) && addr_equal(&p->dst, &peer.theirs.addr));
	if (s.flags & SYN) {
		peer.irs = be32_to(h->seq);
		peer.ours.port = be16_to(h->src_port);
	}
	s.seq = be32_to(h->seq) - peer.irs;
	s.ack = s.flags & ACK ? be32_to(h->ack) - peer.iss : 0;
	s.len = m->data_len - header;
	read_options((const uint8_t *)(h + 1), header - TCP_HEADER_BYTES, &s);
	for (uint32_t i = 0; i < s.len; i++)
		if (payload[i] != pattern(s.seq + i)) {
			CU_FAIL("payload is not what was queued");
			break;
		}
	return s;
}

struct seg
tx(void)
{
	struct rte_mbuf *m;
	struct seg s = { 0 };
	uint32_t end;

	if (tcp_output(tcp, &m, 1, now_us) == 0) {
		tcp_check(tcp, now_us);
		return s;
	}
	s = see(m);
	rte_pktmbuf_free(m);
	end = s.seq + s.len + !!(s.flags & SYN) + !!(s.flags & FIN);
	if ((s.flags & SYN) || (!(s.flags & RST) && seq_gt(end, peer.rcv)))
		peer.rcv = end;
	if (s.has_ts)
		peer.ts_seen = s.ts;
	tcp_check(tcp, now_us);
	return s;
}

unsigned
tx_all(void)
{
	unsigned n = 0;

	while (tx().flags)
		n++;
	return n;
}

/* ---- time and the application ---- */

void
pass_us(uint64_t us)
{
	uint64_t until = now_us + us;

	while (tcp_next_us(tcp) <= until) {
		if (tcp_next_us(tcp) > now_us)
			now_us = tcp_next_us(tcp);
		tcp_timers(tcp, 64, now_us);
		tcp_check(tcp, now_us);
	}
	now_us = until;
	tcp_timers(tcp, 64, now_us);
	tcp_check(tcp, now_us);
}

unsigned
events(void)
{
	unsigned all = 0, some;
	uint32_t who;

	while ((who = tcp_ready_next(tcp, &some)) != TCP_NONE) {
		CU_ASSERT_NOT_EQUAL(some, 0);
		if (id == TCP_NONE && (some & TCP_EVENT_OPEN))
			id = who;
		if (who == id)
			all |= some;
	}
	return all;
}

void
app_send(uint32_t len)
{
	uint8_t bytes[1000];

	while (len) {
		uint32_t piece = min_u32(len, sizeof bytes);

		for (uint32_t i = 0; i < piece; i++)
			bytes[i] = pattern(sent_position + i);
		CU_ASSERT_EQUAL(tcp_send_bytes(tcp, id, bytes, piece, now_us), ERR_ok);
		sent_position += piece;
		len -= piece;
	}
	tcp_check(tcp, now_us);
}

uint32_t
got(void)
{
	const struct bufq *q = tcp_received(tcp, id);
	uint32_t bytes = q->bytes;
	uint8_t byte;

	for (uint32_t i = 0; i < bytes; i++) {
		bufq_copy(q, i, 1, &byte);
		if (byte != pattern(read_position + i)) {
			CU_FAIL("received bytes are not what was sent");
			break;
		}
	}
	read_position += bytes;
	tcp_receive_drop(tcp, id, bytes, now_us);
	tcp_check(tcp, now_us);
	return bytes;
}

/* ---- states ---- */

void
syn_sent(void)
{
	struct endpoint local = { .addr = peer.ours.addr };

	CU_ASSERT_EQUAL(tcp_connect(tcp, &local, &peer.theirs, TCP_PROFILE_DEFAULT, 7, now_us, &id),
			ERR_ok);
	CU_ASSERT_EQUAL(tx().flags, SYN);
	TX_NONE();
}

void
connected(void)
{
	syn_sent();
	CU_ASSERT_EQUAL(RX(.flags = SYN | ACK), DROP_none);
	TX(ACK, 1, 0, 1);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN);
}

void
syn_received(void)
{
	CU_ASSERT_EQUAL(RX(.flags = SYN), DROP_none);
	TX(SYN | ACK, 0, 0, 1);
}

void
established(void)
{
	syn_received();
	CU_ASSERT_EQUAL(RX(.flags = ACK), DROP_none);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_OPEN);
	CU_ASSERT_EQUAL(state(), TCP_ESTABLISHED);
	TX_NONE();
}

void
fin_wait_1(void)
{
	established();
	tcp_shutdown(tcp, id, now_us);
	TX(FIN | ACK, 1, 0, 1);
	CU_ASSERT_EQUAL(state(), TCP_FIN_WAIT_1);
}

void
fin_wait_2(void)
{
	fin_wait_1();
	CU_ASSERT_EQUAL(RX(.flags = ACK), DROP_none);
	CU_ASSERT_EQUAL(state(), TCP_FIN_WAIT_2);
}

void
close_wait(void)
{
	established();
	CU_ASSERT_EQUAL(RX(.flags = FIN | ACK), DROP_none);
	TX(ACK, 1, 0, 2);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_EOF);
	CU_ASSERT_EQUAL(state(), TCP_CLOSE_WAIT);
}

void
closing(void)
{
	fin_wait_1();
	CU_ASSERT_EQUAL(RX(.flags = FIN | ACK, .ack = 1), DROP_none);
	TX(ACK, 2, 0, 2);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_EOF);
	CU_ASSERT_EQUAL(state(), TCP_CLOSING);
}

void
last_ack(void)
{
	close_wait();
	tcp_shutdown(tcp, id, now_us);
	TX(FIN | ACK, 1, 0, 2);
	CU_ASSERT_EQUAL(state(), TCP_LAST_ACK);
}

void
time_wait(void)
{
	fin_wait_2();
	CU_ASSERT_EQUAL(RX(.flags = FIN | ACK), DROP_none);
	TX(ACK, 2, 0, 2);
	CU_ASSERT_EQUAL(events(), TCP_EVENT_EOF | TCP_EVENT_CLOSED);
	CU_ASSERT_EQUAL(state(), TCP_TIME_WAIT);
}

/* ---- want ---- */

void
pool_leave(unsigned n)
{
	while (rte_mempool_avail_count(unit_mbufs()) > n) {
		ASSERT(hidden_count < ARRAY_SIZE(hidden));
		hidden[hidden_count] = rte_pktmbuf_alloc(unit_mbufs());
		ASSERT(hidden[hidden_count]);
		hidden_count++;
	}
}

void
pool_refill(void)
{
	while (hidden_count)
		rte_pktmbuf_free(hidden[--hidden_count]);
}
