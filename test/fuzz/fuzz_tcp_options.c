/*
 * TCP segments with any options and flags against one worker's TCP (dataplane/tcp): a listener, and the connections that
 * come of it. Sequence numbers are near what the connection expects, checksums right, content known by its place.
 *
 * Options are read as by a second reader; what goes out is well-formed, uses only options that both sides have offered and
 * reports only bytes that came; each byte is the one that was sent; whatever was said, all comes to an end.
 */
#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>
#include <rte_mbuf.h>

#include "dataplane/tcp/tcp_priv.h"
#include "test/fuzz/fuzz.h"
#include "test/fuzz/packets.h"

#define PEERS       4u
#define STEPS       200u /* operations in one input */
#define HOST_MSS    1460u
#define MSS_MIN     64u /* that TCP goes down to */
#define PAYLOAD_MAX 1400u
#define QUIET_STEPS 400u

enum kind { SYN, SEGMENT, DATA, APP, TIME, PARSE, KINDS };

/* A SYN that was sent and not answered yet. */
struct attempt {
	bool made;
	uint32_t iss;
	uint32_t highest;            /* end of the text that came with it */
	struct options_seen offered; /* by all SYNs with this number together */
};

/* A connection as its peer sees it; one for each source port. */
struct peer {
	uint16_t port;
	bool v6;
	struct attempt attempt;
	bool open;                   /* a SYN,ACK has come; what follows is of that connection */
	uint32_t iss, next, highest; /* the first, what comes next by count, the end of all */
	uint32_t irs, seen;          /* ours: the first, and the end of what came */
	struct options_seen offered, answered;
};

static struct tcp *tcp;
static struct tcp_settings settings;
static struct stats_worker *stats;
static void *memory;
static uint64_t now_us;
static struct peer peers[PEERS];
static struct addr ours4, ours6, theirs4, theirs6;
static struct app {
	uint32_t id;
	uint32_t sent, got; /* bytes */
	bool shut;
} apps[PEERS];

static void step(struct fuzz_input *in);
static void say_syn(struct fuzz_input *in, struct peer *p);
static void say(struct fuzz_input *in, struct peer *p, bool data);
static void send_to(const struct peer *p, uint8_t *segment, uint32_t len);
static void app(struct fuzz_input *in, struct app *a);
static void parse(struct fuzz_input *in);
static void news(void);
static void take_output(void);
static void check_segment(const struct rte_mbuf *m);
static void pass_us(uint64_t us);
static void finish(void);

static bool
listens(void *context, const struct endpoint *local)
{
	return local->port == 80;
}

static uint16_t
mss(void *context, const struct addr *remote)
{
	return HOST_MSS;
}

static const struct tcp_host host = { .listens = listens, .mss = mss };

static void
start(void)
{
	fuzz_mbufs();
	ours4 = fuzz_addr("10.0.0.1");
	ours6 = fuzz_addr("fd00::1");
	theirs4 = fuzz_addr("10.0.0.2");
	theirs6 = fuzz_addr("fd00::2");
	settings = tcp_settings_default;
	settings.conns = 8;
	settings.half_open_max = 4;
	settings.segments = 64;
	settings.profile.receive_buffer_bytes = 1 << 18;
	settings.profile.send_buffer_bytes = 1 << 16;
	settings.profile.syn_retries = 2;
	settings.profile.data_retries = 3;
	settings.rto_max_us = 4000000;
	settings.linger_us = 5000000;
	memory = aligned_alloc(64, (tcp_memory_bytes(&settings) + 63) & ~(size_t)63);
	stats = aligned_alloc(4096, sizeof *stats);
	ASSERT(memory && stats);
}

static void
run(const uint8_t *data, size_t size)
{
	const struct siphash_key key = { 1, 2 };
	struct fuzz_input in = { data, size };

	memset(memory, 0, tcp_memory_bytes(&settings));
	memset(stats, 0, offsetof(struct stats_worker, port));
	now_us = 1000000000;
	tcp = tcp_init(memory, &settings, &host, fuzz_mbufs(), stats, &key, now_us);
	for (unsigned i = 0; i < PEERS; i++) {
		peers[i] = (struct peer){ .port = (uint16_t)(5000 + i), .v6 = i % 2 };
		apps[i] = (struct app){ .id = TCP_NONE };
	}
	for (unsigned i = 0; i < STEPS && in.left; i++)
		step(&in);
	finish();
	fuzz_mbufs_are_back();
}

static void
step(struct fuzz_input *in)
{
	static const uint32_t times_us[] = { 10, 1000, 45000, 250000, 1000000, 3000000, 30000000 };
	unsigned mode = fuzz_u8(in), who = mode / KINDS % PEERS;

	switch ((enum kind)(mode % KINDS)) {
	case SYN:
		say_syn(in, &peers[who]);
		break;
	case SEGMENT:
	case DATA:
		say(in, &peers[who], mode % KINDS == DATA);
		break;
	case APP:
		app(in, &apps[who]);
		break;
	case TIME:
		pass_us(times_us[fuzz_below(in, ARRAY_SIZE(times_us))]);
		break;
	default:
		parse(in);
	}
	news();
	tcp_check(tcp, now_us);
	take_output();
	tcp_check(tcp, now_us);
}

/* ---- the peers ---- */

/* Both directions' content by place: byte n behind the SYN. */
static uint8_t
pattern(uint32_t place)
{
	return (uint8_t)(place * 31 ^ place >> 8);
}

static uint32_t
header(uint8_t *at, const struct peer *p, uint32_t seq, uint32_t ack, unsigned flags,
       uint32_t window)
{
	memset(at, 0, TCP_BYTES);
	put16(at, p->port);
	put16(at + 2, 80);
	put32(at + 4, seq);
	put32(at + 8, ack);
	at[12] = 0x50;
	at[13] = (uint8_t)flags;
	put16(at + 14, window);
	return TCP_BYTES;
}

/* Up to 40 bytes of the input behind the header, made a whole number of words; answers the segment's length. */
static uint32_t
options(struct fuzz_input *in, uint8_t *at)
{
	size_t got, len = fuzz_below(in, 44) & ~3u;
	const uint8_t *bytes;

	if (len > 40)
		len = 40;
	bytes = fuzz_take(in, len, &got);
	memset(at + TCP_BYTES, 0, len);
	if (got)
		memcpy(at + TCP_BYTES, bytes, got);
	at[12] = (uint8_t)((TCP_BYTES + len) / 4 << 4);
	return TCP_BYTES + (uint32_t)len;
}

/* The connection that may come of it may use what any SYN with its number has offered. */
static void
attempt(struct peer *p, const uint8_t *segment, uint32_t len, uint32_t text)
{
	struct options_seen offered = packet_options(segment + TCP_BYTES, len - TCP_BYTES);
	struct options_seen before = { 0 };
	uint32_t iss = get32(segment + 4);

	if (p->attempt.made && p->attempt.iss == iss)
		before = p->attempt.offered;
	else if (p->open && p->iss == iss)
		before = p->offered;
	offered.ts |= before.ts;
	offered.scale |= before.scale;
	offered.sack_permitted |= before.sack_permitted;
	if (!offered.mss)
		offered.mss_bytes = p->v6 ? 1220 : 536;
	if (offered.mss_bytes < before.mss_bytes)
		offered.mss_bytes = before.mss_bytes;
	p->attempt = (struct attempt){
		.made = true, .iss = iss, .highest = iss + 1 + text, .offered = offered
	};
}

static void
say_syn(struct fuzz_input *in, struct peer *p)
{
	uint8_t segment[60];
	uint32_t len, iss = fuzz_u32(in);

	header(segment, p, iss, 0, FLAG_SYN, fuzz_u16(in));
	len = options(in, segment);
	attempt(p, segment, len, 0);
	send_to(p, segment, len);
}

/*
 * Timestamps that a connection wants are put in front unless the input says otherwise: 12 bytes that it would hardly guess.
 */
static uint32_t
timestamps(const struct peer *p, uint8_t *at)
{
	if (!p->open || !p->offered.ts || !p->answered.ts)
		return 0;
	at[0] = at[1] = 1;
	at[2] = 8;
	at[3] = 10;
	put32(at + 4, p->offered.ts_value + (uint32_t)(now_us / 1000 - 1000000));
	put32(at + 8, p->answered.ts_value);
	return 12;
}

static void
say(struct fuzz_input *in, struct peer *p, bool data)
{
	static const uint8_t usual[] = { FLAG_ACK,
					 FLAG_ACK,
					 FLAG_ACK | 8,
					 FLAG_ACK | FLAG_FIN,
					 FLAG_ACK | FLAG_SYN,
					 FLAG_RST,
					 FLAG_RST | FLAG_ACK,
					 FLAG_ACK | FLAG_URG };
	unsigned how = fuzz_u8(in);
	uint32_t seq = p->next, ack = p->seen, place, flags;
	uint8_t segment[60 + PAYLOAD_MAX];
	uint32_t len, text = 0;

	if (how & 0x08)
		seq += (uint32_t)(int32_t)(int16_t)fuzz_u16(in);
	if (how & 0x10)
		ack += (uint32_t)(int32_t)(int16_t)fuzz_u16(in);
	flags = how & 0x20 ? fuzz_u8(in) : usual[how & 7];
	header(segment, p, seq, ack, flags, how & 0x40 ? fuzz_u16(in) : 0xffff);
	if (how & 0x80) {
		len = options(in, segment);
	} else {
		len = TCP_BYTES + timestamps(p, segment + TCP_BYTES);
		segment[12] = (uint8_t)(len / 4 << 4);
	}
	if (data)
		text = fuzz_u16(in) % (PAYLOAD_MAX + 1);
	place = flags & FLAG_SYN ? 0 : seq - p->iss - 1;
	for (uint32_t i = 0; i < text; i++)
		segment[len + i] = pattern(place + i);
	if ((flags & (FLAG_SYN | FLAG_ACK | FLAG_RST | FLAG_FIN)) == FLAG_SYN)
		attempt(p, segment, len, text);
	send_to(p, segment, len + text);
	seq += text + (flags & FLAG_FIN ? 1 : 0);
	if ((int32_t)(seq - p->highest) > 0)
		p->highest = seq;
	if (!(how & 0x08)) /* the next one follows */
		p->next = seq;
}

static void
send_to(const struct peer *p, uint8_t *segment, uint32_t len)
{
	const struct addr *src = p->v6 ? &theirs6 : &theirs4, *dst = p->v6 ? &ours6 : &ours4;
	struct rte_mbuf *m;
	enum drop_reason reason;

	packet_seal_l4(src, dst, IPPROTO_TCP, segment, len);
	m = fuzz_mbuf(segment, len);
	*packet_of(m) = (struct packet){ .src = *src, .dst = *dst, .protocol = IPPROTO_TCP };
	reason = tcp_input(tcp, m, now_us);
	ASSERT(reason < DROP_COUNT);
	if (reason)
		rte_pktmbuf_free(m);
}

/* The parser alone, against the second reader. */
static void
parse(struct fuzz_input *in)
{
	size_t got, len = fuzz_below(in, 41);
	const uint8_t *bytes = fuzz_take(in, len, &got);
	struct options_seen seen = packet_options(bytes, (uint32_t)got);
	uint8_t *copy = fuzz_copy(bytes, got);
	struct tcp_options opt;

	ASSERT(tcp_opt_parse(copy, (uint32_t)got, &opt) == seen.good);
	free(copy);
	if (!seen.good)
		return;
	ASSERT(!(opt.has & OPT_MSS) == !seen.mss && !(opt.has & OPT_SCALE) == !seen.scale);
	ASSERT(!(opt.has & OPT_SACK_PERMITTED) == !seen.sack_permitted);
	ASSERT(!(opt.has & OPT_TIMESTAMPS) == !seen.ts && opt.sack_count == seen.sack_count);
	ASSERT(!seen.mss || opt.mss == seen.mss_bytes);
	ASSERT(!seen.scale || opt.scale == seen.shift);
	ASSERT(!seen.ts || (opt.ts_value == seen.ts_value && opt.ts_echo == seen.ts_echo));
	for (uint32_t i = 0; i < seen.sack_count; i++)
		ASSERT(opt.sack[i].start == seen.sack[i][0] && opt.sack[i].end == seen.sack[i][1]);
}

/* ---- the application ---- */

static void
app_read(struct app *a, uint32_t len)
{
	struct bufq got = { 0 };
	uint8_t bytes[256];

	len = tcp_receive(tcp, a->id, &got, len, now_us);
	ASSERT(got.bytes == len);
	for (uint32_t at = 0; at < len;) {
		uint32_t piece = len - at < sizeof bytes ? len - at : (uint32_t)sizeof bytes;

		bufq_copy(&got, at, piece, bytes);
		for (uint32_t i = 0; i < piece; i++)
			ASSERT(bytes[i] == pattern(a->got + at + i));
		at += piece;
	}
	a->got += len;
	bufq_clear(&got);
}

static void
app_send(struct app *a, uint32_t len)
{
	uint32_t space = tcp_send_space(tcp, a->id);
	uint8_t bytes[2048];

	if (len > space)
		len = space;
	if (len > sizeof bytes)
		len = sizeof bytes;
	for (uint32_t i = 0; i < len; i++)
		bytes[i] = pattern(a->sent + i);
	if (len && tcp_send_bytes(tcp, a->id, bytes, len, now_us) == ERR_ok)
		a->sent += len;
}

static void
app(struct fuzz_input *in, struct app *a)
{
	unsigned what = fuzz_u8(in);

	if (a->id == TCP_NONE)
		return;
	switch (what % 8) {
	case 0:
		app_read(a, tcp_received(tcp, a->id)->bytes);
		break;
	case 1:
		app_read(a, tcp_received(tcp, a->id)->bytes / 2);
		break;
	case 5:
		if (!a->shut)
			tcp_shutdown(tcp, a->id, now_us);
		a->shut = true;
		break;
	case 6:
		tcp_release(tcp, a->id, now_us);
		a->id = TCP_NONE;
		break;
	case 7:
		tcp_set_pressure(tcp, what / 8 * 4);
		break;
	default:
		if (!a->shut)
			app_send(a, fuzz_u16(in));
	}
}

/* False: nobody is left to talk to it. */
static bool
accepted(uint32_t id)
{
	for (unsigned i = 0; i < PEERS; i++)
		if (apps[i].id == id)
			return true;
	for (unsigned i = 0; i < PEERS; i++) {
		if (apps[i].id == TCP_NONE) {
			apps[i] = (struct app){ .id = id };
			return true;
		}
	}
	tcp_abort(tcp, id, now_us);
	return false;
}

static void
closed(uint32_t id)
{
	ASSERT(tcp_close_reason(tcp, id) != TCP_CLOSE_NONE);
	for (unsigned i = 0; i < PEERS; i++) {
		if (apps[i].id == id) {
			app_read(&apps[i], tcp_received(tcp, id)->bytes);
			apps[i].id = TCP_NONE;
		}
	}
	tcp_release(tcp, id, now_us);
}

static void
news(void)
{
	unsigned events;
	uint32_t id;

	while ((id = tcp_ready_next(tcp, &events)) != TCP_NONE) {
		ASSERT(events);
		if ((!(events & TCP_EVENT_OPEN) || accepted(id)) && (events & TCP_EVENT_CLOSED))
			closed(id);
	}
}

/* ---- what goes out ---- */

static void
take_output(void)
{
	struct rte_mbuf *burst[32];
	uint16_t n;

	do {
		n = tcp_output(tcp, burst, 32, now_us);
		for (uint16_t i = 0; i < n; i++) {
			checksum_complete(burst[i]);
			check_segment(burst[i]);
		}
		rte_pktmbuf_free_bulk(burst, n);
	} while (n == 32);
}

/* What may be said depends on what was offered; all that was said before the last SYN is left out. */
static void
check_options(const struct peer *p, const struct packet_seen *seen, unsigned flags)
{
	const struct options_seen *o = &seen->options;

	ASSERT(!o->ts || p->offered.ts);
	ASSERT(!o->sack_count || (p->offered.sack_permitted && !(flags & FLAG_SYN)));
	ASSERT(!o->scale || p->offered.scale);
	ASSERT(!o->sack_permitted || p->offered.sack_permitted);
	ASSERT(!(flags & FLAG_SYN) || (o->mss && o->mss_bytes == HOST_MSS));
	for (uint32_t i = 0; i < o->sack_count; i++) {
		ASSERT((int32_t)(o->sack[i][1] - o->sack[i][0]) > 0);
		ASSERT((int32_t)(p->highest - o->sack[i][1]) >= 0);
	}
}

static void
check_text(const struct peer *p, const struct packet_seen *seen, uint32_t seq)
{
	uint32_t offered = p->offered.mss_bytes;
	uint32_t limit = offered < MSS_MIN ? MSS_MIN : offered < HOST_MSS ? offered : HOST_MSS;

	ASSERT(seen->payload_len <= limit);
	for (uint32_t i = 0; i < seen->payload_len; i++)
		ASSERT(seen->payload[i] == pattern(seq - p->irs - 1 + i));
}

static void
check_segment(const struct rte_mbuf *m)
{
	const struct packet *packet = packet_of((struct rte_mbuf *)(uintptr_t)m);
	const uint8_t *at = rte_pktmbuf_mtod(m, const uint8_t *);
	struct packet_seen seen = { .l4 = at, .l4_len = m->data_len };
	uint32_t seq, end, flags;
	struct peer *p;

	ASSERT(m->nb_segs == 1 && packet->protocol == IPPROTO_TCP);
	ASSERT(rte_pktmbuf_headroom(m) >= ETH_BYTES + IPV6_BYTES);
	packet_check_tcp(at, m->data_len, &packet->src, &packet->dst, &seen);
	ASSERT(get16(at) == 80 && get16(at + 2) >= 5000 && get16(at + 2) < 5000 + PEERS);
	p = &peers[get16(at + 2) - 5000];
	ASSERT(addr_is_v4(&packet->dst) == !p->v6);
	flags = at[13];
	seq = get32(at + 4);
	end = seq + seen.payload_len + (flags & FLAG_FIN ? 1 : 0) + (flags & FLAG_SYN ? 1 : 0);
	if (flags & FLAG_RST)
		return;
	if (flags & FLAG_SYN && p->attempt.made && get32(at + 8) - p->attempt.iss == 1) {
		p->open = true;
		p->iss = p->attempt.iss;
		p->next = p->iss + 1;
		p->highest = p->attempt.highest;
		p->offered = p->attempt.offered;
		p->attempt.made = false;
		p->irs = seq;
		p->seen = end;
		p->answered = seen.options;
	}
	if (!p->open)
		return;
	if ((int32_t)(end - p->seen) > 0)
		p->seen = end;
	check_options(p, &seen, flags);
	check_text(p, &seen, seq);
}

/* ---- time ---- */

static void
pass_us(uint64_t us)
{
	uint64_t until = now_us + us;

	for (unsigned i = 0; i < 64 && now_us < until; i++) {
		uint64_t next = tcp_next_us(tcp);

		now_us = next > until ? until : next > now_us ? next : now_us + 1;
		tcp_timers(tcp, 64, now_us);
		news();
		take_output();
	}
	now_us = until;
	tcp_timers(tcp, 64, now_us);
}

/* Everybody lets go, nobody answers: nothing is left. */
static void
finish(void)
{
	news();
	for (unsigned i = 0; i < PEERS; i++)
		if (apps[i].id != TCP_NONE)
			tcp_release(tcp, apps[i].id, now_us);
	tcp_set_pressure(tcp, 10);
	for (unsigned i = 0; i < QUIET_STEPS && tcp_open_count(tcp); i++) {
		take_output();
		now_us += 500000;
		tcp_timers(tcp, 64, now_us);
		news();
		tcp_check(tcp, now_us);
	}
	take_output();
	ASSERT(tcp_open_count(tcp) == 0 && stats->counter[COUNTER_tcp_conns_open] == 0);
	ASSERT(tcp->sent.used == 0 && tcp->half_open == 0 && tcp->wheel.armed == 0);
	tcp_fini(tcp);
}

const struct fuzz_target fuzz_tcp_options = { "tcp_options", start, run, NULL };
