/*
 * Whole lives of connections against one worker's TCP (dataplane/tcp): an input is a list of moves of eight bytes by the peers
 * (near.h), the application, time and want. Connections are opened from both sides, in each state anything nearly valid may
 * come, buffers run out, profiles change under way.
 *
 * After each move the invariants hold (tcp_check), what comes out is well-formed and true, what is read is what was sent, events
 * come only to who may have them; when all have let go, nothing is left.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "fw/base/rng.h"
#include "test/fuzz/near.h"
#include "test/fuzz/packets.h"
#include "test/sim/pool_ops.h"

#define PEERS         4u
#define CONNS         6u
#define PROFILES      4u
#define MOVES_MAX     120u
#define BURST         32u
#define BURSTS_MAX    64u /* at one time: more would be an endless loop */
#define TIMERS_MAX    40u /* in one move; then time jumps, as for a worker that was held up */
#define QUIET_MAX     600u
#define QUIET_EXACT   60u /* so often time goes on by timers alone */
#define QUIET_STEP_US 50000u
#define QUIET_MAX_US  300000000u
#define SENT_AT_ONCE  9000u

/* byte 0 of a move; the more of them, the likelier. */
enum what { SAY, SYN, OPEN, SEND, READ, END, TIME, WANT, PROFILE, ICMP, ODD };
static const uint8_t whats[16] = { SAY,  SAY, SAY,  SAY,  SAY,  SYN,     OPEN, SEND,
				   READ, END, TIME, TIME, WANT, PROFILE, ICMP, ODD };

/* A connection as its application sees it; one for each index. */
struct app {
	bool owned, told_closed;
	unsigned who;  /* the peer */
	uint32_t got;  /* bytes read */
	uint32_t sent; /* bytes queued */
	bool has_mark;
	uint64_t mark;
};

static struct tcp *tcp;
static struct tcp_settings settings;
static struct stats_worker *stats;
static void *memory;
static uint64_t now_us;
static struct near peers[PEERS];
static uint32_t ids[PEERS]; /* the connection of the application with each peer */
static struct app apps[CONNS];
static struct near_edges edges[CONNS];
static bool listening, sparing,
    lazy;                /* the host wants connections; can spare some; keeps closed ones */
static uint32_t profile; /* of new connections */
static unsigned hidden, starved_moves; /* packets that are not to be had, for so many moves */

static void set_up(const uint8_t move[NEAR_MOVE_BYTES]);
static void act(const uint8_t move[NEAR_MOVE_BYTES]);
static void settle(unsigned how);
static void watch(void);
static void say(struct near *p, const uint8_t *move);
static void open_one(unsigned who, const uint8_t *move);
static void send_some(uint32_t id, const uint8_t *move);
static void read_some(uint32_t id, uint32_t len);
static void end_one(unsigned who, const uint8_t *move);
static void pass(const uint8_t *move);
static void want(const uint8_t *move);
static void set_profile(const uint8_t *move);
static struct tcp_profile profile_of(const uint8_t *move);
static void icmp(unsigned who, const uint8_t *move);
static void odd(unsigned who, const uint8_t *move);
static void news(void);
static void take_output(uint32_t max);
static void finish(void);

static bool
listens(void *context, const struct endpoint *local)
{
	return listening && local->port == 80;
}

static uint16_t
mss(void *context, const struct addr *remote)
{
	return addr_is_v4(remote) ? 1460 : 1440;
}

static uint32_t
profile_at(void *context, const struct endpoint *local)
{
	return profile;
}

static void
let_go(uint32_t id)
{
	apps[id].owned = false;
	if (ids[apps[id].who] == id)
		ids[apps[id].who] = TCP_NONE;
}

static bool
spare(void *context)
{
	for (uint32_t id = 0; sparing && id < CONNS; id++) {
		struct tcp_info info;

		if (!apps[id].owned || !tcp_info(tcp, id, &info) || info.state != TCP_ESTABLISHED)
			continue;
		let_go(id);
		tcp_abort(tcp, id, now_us);
		return true;
	}
	return false;
}

static const struct tcp_host host = {
	.listens = listens, .mss = mss, .profile = profile_at, .spare = spare
};

static void
start(void)
{
	fuzz_mbufs();
	settings = tcp_settings_default;
	settings.conns = CONNS;
	settings.segments = 64;
	memory = aligned_alloc(64, (tcp_memory_bytes(&settings) + 63) & ~(size_t)63);
	stats = aligned_alloc(4096, sizeof *stats);
	ASSERT(memory && stats);
	memset(stats, 0, sizeof *stats);
}

static void
run(const uint8_t *data, size_t size)
{
	static const uint8_t none[NEAR_MOVE_BYTES];

	set_up(size >= NEAR_MOVE_BYTES ? data : none);
	for (size_t at = NEAR_MOVE_BYTES;
	     at + NEAR_MOVE_BYTES <= size && at <= MOVES_MAX * NEAR_MOVE_BYTES;
	     at += NEAR_MOVE_BYTES)
		act(data + at);
	finish();
	fuzz_mbufs_are_back();
}

static void
hide(unsigned n)
{
	hidden = n;
	pool_hide(fuzz_mbufs(), n);
}

/* move: 0 records, half-open ones, lengths of time; 1 what the host does; 2.. the first profile, as of PROFILE. */
static void
set_up(const uint8_t move[NEAR_MOVE_BYTES])
{
	static const uint32_t segments[4] = { 64, 32, 12, 4 };
	const struct siphash_key key = { 1, 2 };

	settings = tcp_settings_default;
	settings.conns = CONNS;
	settings.segments = segments[move[0] & 3];
	settings.half_open_max = move[0] & 4 ? 1 : 4;
	settings.rto_max_us = move[0] & 8 ? 4000000 : 60000000;
	settings.linger_us = 5000000;
	settings.profile = profile_of(move);
	memset(stats, 0, offsetof(struct stats_worker, port));
	now_us = 1000000000;
	tcp = tcp_init(memory, &settings, &host, fuzz_mbufs(), stats, &key, now_us);
	listening = true;
	sparing = move[1] & 1;
	lazy = false;
	profile = TCP_PROFILE_DEFAULT;
	starved_moves = 0;
	hide(0);
	for (unsigned i = 0; i < PEERS; i++) {
		peers[i] = (struct near){
			.ours = { .addr = fuzz_addr(i % 2 ? "fd00::1" : "10.0.0.1"), .port = 80 },
			.theirs = { .addr = fuzz_addr(i % 2 ? "fd00::2" : "10.0.0.2"),
				    .port = (uint16_t)(5000 + i) },
			.highest = 0xffff0000u + i,
		};
		ids[i] = TCP_NONE;
	}
	memset(apps, 0, sizeof apps);
	memset(edges, 0, sizeof edges);
}

/* Byte 1: 0-1 who; 2-3 what of it happens not at once; 4-5 how often. */
static void
act(const uint8_t move[NEAR_MOVE_BYTES])
{
	unsigned who = move[1] % PEERS;

	for (unsigned times = 1 + (move[1] >> 4 & 3); times; times--) {
		watch();
		switch ((enum what)whats[move[0] & 15]) {
		case SAY:
		case SYN:
			say(&peers[who], move);
			break;
		case OPEN:
			open_one(who, move);
			break;
		case SEND:
			send_some(ids[who], move);
			break;
		case READ:
			if (ids[who] != TCP_NONE)
				read_some(ids[who], move[2] ? (uint32_t)(move[2] << 8 | move[3])
							    : UINT32_MAX);
			break;
		case END:
			end_one(who, move);
			break;
		case TIME:
			pass(move);
			break;
		case WANT:
			want(move);
			break;
		case PROFILE:
			set_profile(move);
			break;
		case ICMP:
			icmp(who, move);
			break;
		case ODD:
			odd(who, move);
			break;
		}
		tcp_check(tcp, now_us);
	}
	settle(move[1] >> 2 & 3);
	if (starved_moves && --starved_moves == 0)
		hide(0);
}

/* how: 1 output waits, 2 news wait. */
static void
settle(unsigned how)
{
	if (!(how & 2))
		news();
	if (!(how & 1))
		take_output(UINT32_MAX);
	tcp_check(tcp, now_us);
}

/*
 * Before each move too: a connection that is gone is forgotten then. The next one may have its place
 * and even its initial numbers, if the peer repeats its own and the clock of ours has not ticked.
 */
static void
watch(void)
{
	for (uint32_t id = 0; id < CONNS; id++) {
		if (pool_is_used(&tcp->conns, id))
			near_watch(&edges[id], conn_at(tcp, id));
		else
			edges[id] = (struct near_edges){ 0 };
	}
}

/* ---- the peers ---- */

static void
say(struct near *p, const uint8_t *move)
{
	struct near_segment s;
	struct rte_mbuf *m;
	enum drop_reason reason;

	if (whats[move[0] & 15] == SYN)
		near_syn(p, tcp, now_us, move, &s);
	else
		near_say(p, tcp, now_us, move, &s);
	pool_hide(fuzz_mbufs(), 0); /* this one is the peer's */
	m = fuzz_mbuf(s.bytes, s.len);
	pool_hide(fuzz_mbufs(), hidden);
	*packet_of(m) = (struct packet){ .src = p->theirs.addr,
					 .dst = p->ours.addr,
					 .protocol = IPPROTO_TCP,
					 .traffic_class = s.traffic_class };
	reason = tcp_input(tcp, m, now_us);
	ASSERT(reason < DROP_COUNT);
	if (reason)
		rte_pktmbuf_free(m);
	near_said(p, tcp, &s);
	watch();
}

/* move: 2 which kind of error; 3 where it is; 4 the MTU. */
static void
icmp(unsigned who, const uint8_t *move)
{
	const struct near *p = &peers[who];
	const struct tcp_conn *c = tcp_table_find(tcp, &p->ours, &p->theirs);
	uint32_t sequence = c ? c->snd_una : p->seen;
	struct rte_mbuf *m;

	if (move[3] & 1)
		sequence = c ? c->snd_nxt - 1 : 0;
	sequence += (uint32_t)(int8_t)move[3] / 2;
	pool_hide(fuzz_mbufs(), 0);
	m = fuzz_mbuf("", 0);
	pool_hide(fuzz_mbufs(), hidden);
	*packet_of(m) = (struct packet){ .src = p->ours.addr,
					 .dst = p->theirs.addr,
					 .src_port = p->ours.port,
					 .dst_port = p->theirs.port,
					 .protocol = IPPROTO_TCP,
					 .icmp_kind = move[2] % (ICMP_KIND_TIME_EXCEEDED + 1),
					 .icmp_mtu = move[4] * 8u,
					 .icmp_sequence = sequence };
	if (move[2] & 0x80)
		tcp_unreachable(tcp, m, now_us);
	else
		ASSERT(tcp_icmp_error(tcp, m, now_us) < DROP_COUNT);
	rte_pktmbuf_free(m);
}

/* ---- the application ---- */

/* move: 2 by which of our ports; 3 to which of the peer's. */
static void
open_one(unsigned who, const uint8_t *move)
{
	struct near *p = &peers[who];
	struct endpoint local = { .addr = p->ours.addr, .port = move[2] & 1 ? 0 : 80 };
	uint32_t id;
	enum err err = tcp_connect(tcp, &local, &p->theirs, profile, who, now_us, &id);

	ASSERT(err == ERR_ok || err == ERR_exists || err == ERR_no_memory || err == ERR_no_port);
	if (err)
		return;
	ASSERT(id < CONNS && !apps[id].owned && tcp_user(tcp, id) == who);
	apps[id] = (struct app){ .owned = true, .who = who };
	ids[who] = id;
	p->ours.port = tcp_local(tcp, id)->port;
	watch();
}

static void
check_read(const struct app *a, uint32_t id, const struct bufq *got)
{
	uint32_t place = conn_at(tcp, id)->irs + 1 + a->got, bytes = 0;

	for (const struct rte_mbuf *m = got->head; m; m = m->next) {
		const uint8_t *at = rte_pktmbuf_mtod(m, const uint8_t *);

		for (uint32_t i = 0; i < m->data_len; i++)
			ASSERT(at[i] ==
			       near_text(peers[a->who].theirs.port, false, place + bytes + i));
		bytes += m->data_len;
	}
	ASSERT(bytes == got->bytes);
}

static void
read_some(uint32_t id, uint32_t len)
{
	struct bufq got = { 0 };
	struct app *a = &apps[id];

	len = min_u32(len, tcp_received(tcp, id)->bytes);
	if (len % 2) {
		check_read(a, id, tcp_received(tcp, id));
		tcp_receive_drop(tcp, id, len, now_us);
	} else {
		len = tcp_receive(tcp, id, &got, len, now_us);
		ASSERT(got.bytes == len);
		check_read(a, id, &got);
	}
	a->got += len;
	bufq_clear(&got);
}

/* move: 2, 3 how much; 4 in buffers, by copy, what was received by another. */
static void
send_some(uint32_t id, const uint8_t *move)
{
	uint32_t len = (uint32_t)(move[2] << 8 | move[3]) % SENT_AT_ONCE, space;
	static uint8_t bytes[SENT_AT_ONCE];
	struct bufq q = { 0 };
	struct app *a;

	if (id == TCP_NONE)
		return;
	a = &apps[id];
	space = tcp_send_space(tcp, id);
	for (uint32_t i = 0; i < len; i++)
		bytes[i] = near_text(peers[a->who].theirs.port, true,
				     conn_at(tcp, id)->iss + 1 + a->sent + i);
	switch (move[4] & 3) {
	case 0:
	case 1:
		len = min_u32(len, space);
		if (tcp_send_bytes(tcp, id, bytes, len, now_us) == ERR_ok)
			a->sent += len;
		break;
	case 2:
		if (bufq_append_bytes(&q, fuzz_mbufs(), bytes, len)) {
			uint32_t sent = tcp_send(tcp, id, &q, len, now_us);

			ASSERT(sent <= space && sent + q.bytes == len);
			a->sent += sent;
		}
		bufq_clear(&q);
		break;
	default:
		space = ids[move[5] % PEERS];
		if (space == TCP_NONE || space == id)
			break;
		peers[a->who].relayed = true;
		len = tcp_relay(tcp, space, id, min_u32(len, tcp_received(tcp, space)->bytes),
				now_us);
		apps[space].got += len;
		a->sent += len;
	}
	if (move[4] & 4)
		tcp_push(tcp, id);
}

/* move: 2 how. */
static void
end_one(unsigned who, const uint8_t *move)
{
	uint32_t id = ids[who];

	if (id == TCP_NONE)
		return;
	switch (move[2] & 3) {
	case 0:
	case 1:
		tcp_shutdown(tcp, id, now_us);
		break;
	case 2:
		let_go(id);
		tcp_release(tcp, id, now_us);
		break;
	default:
		let_go(id);
		tcp_abort(tcp, id, now_us);
	}
}

static void
take_back(uint32_t id)
{
	struct bufq out = { 0 };
	struct app *a = &apps[id];

	if (a->has_mark && tcp_take_unacked(tcp, id, a->mark, &out)) {
		a->has_mark = false;
		ASSERT(tcp_close_reason(tcp, id) == TCP_CLOSE_RESET &&
		       tcp_send_queued(tcp, id) == 0);
	}
	bufq_clear(&out);
}

/* What is asked seldom. move: 2 what. */
static void
odd(unsigned who, const uint8_t *move)
{
	uint32_t id = ids[who];
	struct tcp_info info;

	switch (move[2] & 7) {
	case 0:
		listening = !listening;
		break;
	case 1:
		lazy = !lazy;
		break;
	case 2:
		if (id != TCP_NONE && tcp_info(tcp, id, &info) && info.state >= TCP_ESTABLISHED) {
			apps[id].mark = tcp_send_mark(tcp, id);
			apps[id].has_mark = true;
		}
		break;
	case 3:
		if (id != TCP_NONE)
			take_back(id);
		break;
	case 4:
		profile = move[3] % PROFILES;
		break;
	case 5:
		take_output(move[3]);
		break;
	case 6:
		peers[who].ours.port = 80;
		break;
	default:
		if (id != TCP_NONE)
			tcp_push(tcp, id);
	}
}

/* ---- want, settings ---- */

/* move: 2 which; 3 how much; 4 for how many moves. */
static void
want(const uint8_t *move)
{
	if (move[2] & 1) {
		tcp_set_pressure(tcp, move[3] % 101);
		return;
	}
	starved_moves = 1 + move[4] % 16;
	hide(rte_mempool_avail_count(fuzz_mbufs()) - move[3] % 8);
}

/* move: 7 which number; the others as follows. */
static void
set_profile(const uint8_t *move)
{
	struct tcp_profile changed = profile_of(move);

	tcp_set_profile(tcp, move[7] % PROFILES, &changed);
}

/* move: 2 what is on; 3, 4 lengths of time; 5 buffers; 6 retries. */
static struct tcp_profile
profile_of(const uint8_t *move)
{
	static const uint32_t buffers[8] = { 1u << 16, 1u << 18, 1u << 20, 1u << 22,
					     4096,     8192,     16384,    30000 };
	static const uint32_t times_ms[8] = { 0, 0, 500, 1000, 5000, 20000, 60000, 7200000 };
	static const uint32_t delays_us[4] = { 40000, 1000, 200000, 499000 };

	return (struct tcp_profile){
		.receive_buffer_bytes = buffers[move[5] & 7],
		.send_buffer_bytes = buffers[move[5] >> 3 & 7],
		.delayed_ack_us = delays_us[move[5] >> 6],
		.syn_retries = 1 + (move[6] & 3),
		.data_retries = 1 + (move[6] >> 2 & 7),
		.user_timeout_ms = times_ms[move[3] & 7],
		.keep_alive_idle_ms = times_ms[move[3] >> 3 & 7],
		.keep_alive_interval_ms = move[4] & 1 ? 1000 : 10000,
		.keep_alive_probes = 1 + (move[4] >> 1 & 3),
		.cc = (move[2] & 1) % TCP_CC_COUNT,
		.ecn = move[2] & 2,
		.nagle = move[2] & 4,
		.pacing = move[2] & 8,
		.fast_open = move[2] & 16,
	};
}

/* ---- news ---- */

static unsigned
who_is(const struct endpoint *remote)
{
	ASSERT(remote->port >= 5000 && remote->port < 5000 + PEERS);
	return remote->port - 5000u;
}

static void
news(void)
{
	unsigned events;
	uint32_t id;

	while ((id = tcp_ready_next(tcp, &events)) != TCP_NONE) {
		struct app *a = &apps[id];

		ASSERT(id < CONNS && events);
		if (!a->owned) { /* accepted */
			ASSERT(events & TCP_EVENT_OPEN);
			*a = (struct app){ .owned = true, .who = who_is(tcp_remote(tcp, id)) };
			ids[a->who] = id;
		}
		ASSERT(!a->told_closed);
		if (!(events & TCP_EVENT_CLOSED))
			continue;
		ASSERT(tcp_close_reason(tcp, id) != TCP_CLOSE_NONE);
		a->told_closed = true;
		if (lazy)
			continue;
		read_some(id, UINT32_MAX);
		let_go(id);
		tcp_release(tcp, id, now_us);
	}
	ASSERT(!tcp_has_news(tcp));
}

/* ---- what goes out ---- */

static void
take_output(uint32_t max)
{
	struct rte_mbuf *burst[BURST];
	unsigned bursts = 0;
	uint16_t n;

	watch();
	do {
		n = tcp_output(tcp, burst, (uint16_t)min_u32(max, BURST), now_us);
		for (uint16_t i = 0; i < n; i++) {
			uint8_t *at = rte_pktmbuf_mtod(burst[i], uint8_t *);

			checksum_complete(burst[i]);
			near_judge(
			    &peers[who_is(&(struct endpoint){ .port = (uint16_t)get16(at + 2) })],
			    tcp, edges, burst[i]);
		}
		rte_pktmbuf_free_bulk(burst, n);
		max -= n;
		ASSERT(++bursts < BURSTS_MAX);
	} while (n == BURST);
}

/* ---- time ---- */

static void
pass_us(uint64_t us)
{
	uint64_t until = now_us + us;

	for (unsigned i = 0; i < TIMERS_MAX; i++) {
		uint64_t next = tcp_next_us(tcp);

		if (next > until)
			break;
		now_us = next > now_us ? next : now_us;
		tcp_timers(tcp, 64, now_us);
		tcp_check(tcp, now_us);
		news();
		take_output(UINT32_MAX);
	}
	now_us = until;
	tcp_timers(tcp, 64, now_us);
}

/* move: 2 how long; 3 a length of its own. */
static void
pass(const uint8_t *move)
{
	static const uint32_t times_ms[16] = { 0,     0,     1,       10,
					       25,    40,    100,     200,
					       500,   1000,  3000,    10000,
					       31000, 61000, 7200000, 25 * 24 * 3600 * 1000u };
	uint64_t next = tcp_next_us(tcp);

	switch (move[2] & 15) {
	case 0: /* until something is due, and no further */
		if (next != UINT64_MAX && next > now_us)
			now_us = next;
		tcp_timers(tcp, 64, now_us);
		break;
	case 1:
		if (next != UINT64_MAX && next > now_us + 1)
			now_us = next - 1;
		tcp_timers(tcp, 64, now_us);
		break;
	default:
		pass_us(times_ms[move[2] & 15] * 1000ull + move[3]);
	}
}

/* Everybody lets go, nobody answers: nothing is left. */
static void
finish(void)
{
	uint64_t since_us = now_us;

	hide(0);
	tcp_set_pressure(tcp, 10);
	lazy = false;
	news();
	for (uint32_t id = 0; id < CONNS; id++) {
		if (!apps[id].owned)
			continue;
		let_go(id);
		tcp_release(tcp, id, now_us);
	}
	for (unsigned i = 0; i < QUIET_MAX && tcp_open_count(tcp); i++) {
		take_output(UINT32_MAX);
		now_us +=
		    i < QUIET_EXACT ? 0 : QUIET_STEP_US; /* who waits for a record asks often */
		now_us = tcp_next_us(tcp) > now_us ? tcp_next_us(tcp) : now_us;
		ASSERT(now_us - since_us < QUIET_MAX_US);
		tcp_timers(tcp, 64, now_us);
		tcp_check(tcp, now_us);
		news();
	}
	take_output(UINT32_MAX);
	ASSERT(tcp_open_count(tcp) == 0 && stats->counter[COUNTER_tcp_conns_open] == 0);
	ASSERT(tcp->sent.used == 0 && tcp->flights.used == 0 && tcp->half_open == 0 &&
	       tcp->wheel.armed == 0);
	for (uint32_t i = 0; i < PROFILES; i++)
		ASSERT(tcp_profile_users(tcp, i) == 0);
	tcp_fini(tcp);
}

/* ---- moves that bytes alone would hardly come to ---- */

static void
any_move(uint8_t *move, struct rng *rng)
{
	static const uint8_t likely[] = {
		0, 0, 0, 0, 0, 0, 7, 7, 8, 10, 10, 5, 6, 9, 12, 13, 14, 15
	};

	move[0] = likely[rng_below(rng, ARRAY_SIZE(likely))];
	move[1] = (uint8_t)(rng_below(rng, 3) ? 0 : rng_next(rng));
	for (unsigned i = 2; i < NEAR_MOVE_BYTES; i++)
		move[i] = (uint8_t)(rng_below(rng, 2) ? 0 : rng_next(rng));
}

/* Inserts, leaves out, repeats, exchanges and alters whole moves. */
static size_t
mutate(uint8_t *data, size_t size, size_t max, struct rng *rng)
{
	uint32_t count = (uint32_t)(size / NEAR_MOVE_BYTES),
		 limit = min_u32((uint32_t)(max / NEAR_MOVE_BYTES), MOVES_MAX + 1);
	uint32_t at;

	if (limit < 2)
		return size;
	if (count > limit)
		count = limit;
	if (count == 0) {
		memset(data, 0, NEAR_MOVE_BYTES);
		count = 1;
	}
	for (unsigned rounds = 1 + rng_below(rng, 4); rounds; rounds--) {
		at = rng_below(rng, count);
		uint8_t *move = data + at * NEAR_MOVE_BYTES;

		switch (rng_below(rng, 6)) {
		case 0:
		case 1:
		case 2:
			if (count == limit || at == 0)
				break;
			memmove(move + NEAR_MOVE_BYTES, move, (count - at) * NEAR_MOVE_BYTES);
			count++;
			if (rng_below(rng, 3))
				any_move(move, rng);
			break;
		case 3:
			if (count < 3 || at == 0)
				break;
			count--;
			memmove(move, move + NEAR_MOVE_BYTES, (count - at) * NEAR_MOVE_BYTES);
			break;
		case 4:
			move[rng_below(rng, NEAR_MOVE_BYTES)] = (uint8_t)rng_next(rng);
			break;
		default:
			if (count < limit)
				any_move(data + count++ * NEAR_MOVE_BYTES, rng);
		}
	}
	return count * NEAR_MOVE_BYTES;
}

const struct fuzz_target fuzz_tcp_state = { "tcp_state", start, run, mutate };
